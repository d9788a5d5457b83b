"""The matrix of faults: at which stage of an install what goes wrong, and what must hold after.

``tests/integration/test_faults.py`` makes each cell, ``matrix.py`` shows and counts them.
Stages are found by what they leave on the disk or ask of the index, never by time.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.diversions import site_of
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.index import Index
    from tests.support.lab import Lab


@dataclass(frozen=True)
class Stage:
    """A moment of an install: how to come there, and how to know."""

    words: tuple[str, ...]
    prepare: Callable[[Lab, Index], Callable[[], object]]
    """Gives what is true from that moment on."""
    lands: Callable[[Lab], Path]
    """The site-packages that it goes to in the end."""
    pipx: bool = False


def _environment(lab: Lab) -> Path:
    return site_of(lab.cwd / ".venv")


def _user_site(lab: Lab) -> Path:
    return lab.user_site


def _held(name: str) -> Callable[[Lab, Index], Callable[[], object]]:
    """The moment in which half of *name* is downloaded."""

    def prepare(lab: Lab, index: Index) -> Callable[[], object]:
        lab.use_index(index)
        return index.hold(name).reached.is_set

    return prepare


def _in_project(lab: Lab, index: Index) -> Callable[[], object]:
    lab.write("pyproject.toml")
    lab.venv()
    return _held("labbig")(lab, index)


def _making(what: str) -> Callable[[Lab, Index], Callable[[], object]]:
    def prepare(lab: Lab, _: Index) -> Callable[[], object]:
        lab.write("pyproject.toml")
        return lambda: list((lab.cwd / ".venv").glob(what))

    return prepare


def _unpacking(lab: Lab, _: Index) -> Callable[[], object]:
    lab.write("pyproject.toml")
    lab.venv()
    folder = lab.folder / "wheels"
    folder.mkdir()
    files = {f"labbig/m{n}.py": f"x = {n}\n" for n in range(3000)}
    make_wheel(folder, "labbig", "9.0", files=files)
    lab.env["PIP_FIND_LINKS"] += f" {folder}"
    return (_environment(lab) / "labbig").exists


STAGES = {
    "safepip looks for a place": Stage(("labapp",), _held("labapp"), _user_site),
    "an environment is begun": Stage(("labone",), _making(".safepip-unfinished"), _environment),
    "an environment is made": Stage(("labone",), _making("bin/python"), _environment),
    "it is given a pip": Stage(("labone",), _making("lib/*/site-packages/pip"), _environment),
    "pip downloads for an environment": Stage(("labbig",), _in_project, _environment),
    "pip unpacks into an environment": Stage(("labbig",), _unpacking, _environment),
    "pip downloads for the user site": Stage(
        ("--strategy", "user", "labbig"), _held("labbig"), _user_site
    ),
}

SIGNALS = {
    name: getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGKILL")
    if hasattr(signal, name)
}
RECEIVERS = ("safepip", "its group")
ENDS = {
    **{f"{name} to {who}": (signum, who) for name, signum in SIGNALS.items() for who in RECEIVERS},
    "nobody reads on": (None, "output"),
}
"""What ends it: the signal, and who gets it."""

SHORT_ENDS = frozenset({"SIGTERM to safepip", "SIGKILL to safepip"})

# What is wrong from the beginning: a piece of sh before the command.
CONDITIONS = {
    "no HOME": "unset HOME",
    "HOME=/": "export HOME=/",
    "HOME is missing": "export HOME=/nowhere/at/all",
    "HOME is a file": "touch $TMPDIR/file; export HOME=$TMPDIR/file",
    "HOME cannot be written": "mkdir $TMPDIR/h; chmod 555 $TMPDIR/h; export HOME=$TMPDIR/h",
    "TMPDIR is missing": "export TMPDIR=/nowhere/at/all",
    "TMPDIR cannot be written": "mkdir $TMPDIR/t; chmod 555 $TMPDIR/t; export TMPDIR=$TMPDIR/t",
    "state cannot be written": "mkdir -p ~/.local; touch ~/.local/state",
    "data cannot be written": "mkdir -p ~/.local/share; touch ~/.local/share/safepip",
    "cache cannot be written": "touch ~/.cache",
    "16 open files": "ulimit -n 16",
    "12 open files": "ulimit -n 12",
    "8 open files": "ulimit -n 8",
    "files of 1 MB at most": "ulimit -f 1024",
    "no core, no stack to speak of": "ulimit -c 0; ulimit -s 512",
    "600 MB of memory": "ulimit -v 600000",
    "stdin is closed": "exec <&-",
    "stdout is closed": "exec >&-",
    "stderr is closed": "exec 2>&-",
    "stdout is full": "exec >/dev/full",
    "umask 077": "umask 077",
    "umask 000": "umask 000",
    "signals are ignored": "trap '' HUP INT TERM PIPE",
    "no locale": "unset LANG; export LC_ALL=C",
    "another encoding": "export PYTHONIOENCODING=ascii LC_ALL=POSIX",
    "warnings are errors": "export PYTHONWARNINGS=error",
    "development mode": "export PYTHONDEVMODE=1",
    "optimised": "export PYTHONOPTIMIZE=2",
    "no PATH to speak of": "PATH=$(dirname $(command -v safepip)):$(dirname $(command -v pip))",
    "modules in the working directory": (
        "for m in pip safepip packaging json enum filelock platformdirs sitecustomize; do"
        ' echo \'open("theirs", "w"); raise SystemExit(3)\' > $m.py; done'
    ),
}
SHORT_CONDITIONS = frozenset(
    {"no HOME", "TMPDIR is missing", "state cannot be written", "8 open files",
     "modules in the working directory", "signals are ignored"}
)  # fmt: skip
PLACES = {"a project": ("--", "touch pyproject.toml"), "no project": ("--", ":")}
