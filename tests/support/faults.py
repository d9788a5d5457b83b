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
    """safepip has a pipx."""
    runs_pip: bool = False
    """A pip runs then that the install is the work of."""
    cold: bool = False
    """It is over at once where a pip lies ready."""


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
    files = {f"labbig/m{n}.py": f"x = {n}\n" for n in range(1000)}
    make_wheel(folder, "labbig", "9.0", files=files)
    lab.env["PIP_FIND_LINKS"] += f" {folder}"
    return (_environment(lab) / "labbig").exists


def _pipx_site(lab: Lab) -> Path:
    return site_of(lab.home / ".local/share/pipx/venvs/labapp")


def _by_pipx(lab: Lab, _: Index) -> Callable[[], object]:
    return (lab.home / ".local/share/pipx/venvs/labapp").exists


def _asking(lab: Lab, _: Index) -> Callable[[], object]:
    """The user's Python does not answer until there is a file `go`."""
    python = lab.write("../slow/python3", _SLOW.format(python=lab.python.executable))
    script = f"#!{python}\n{(lab.python.bin / 'pip').read_text().partition(chr(10))[2]}"
    lab.write("../slow/pip", script).chmod(0o755)
    python.chmod(0o755)
    lab.env["PATH"] = f"{python.parent}:{lab.env['PATH']}"
    lab.write("pyproject.toml")
    return (python.parent / "asked").exists


_SLOW = """#!/bin/sh
touch ~/slow/asked
while [ ! -e ~/go ]; do sleep 0.1; done
exec {python} "$@"
"""

STAGES = {
    "safepip asks the Python": Stage(("labone",), _asking, _environment),
    "safepip looks for a place": Stage(("labapp",), _held("labapp"), _user_site),
    "an environment is begun": Stage(
        ("labone",), _making(".safepip-unfinished"), _environment, cold=True
    ),
    "an environment is made": Stage(("labone",), _making("bin/python"), _environment, cold=True),
    "it is given a pip": Stage(
        ("labone",), _making("lib/*/site-packages/pip"), _environment, cold=True
    ),
    "pip downloads for an environment": Stage(
        ("labbig",), _in_project, _environment, runs_pip=True
    ),
    "pip unpacks into an environment": Stage(("labbig",), _unpacking, _environment, runs_pip=True),
    "pip downloads for the user site": Stage(
        ("--strategy", "user", "labbig"), _held("labbig"), _user_site, runs_pip=True
    ),
    "pipx makes an environment": Stage(("labapp",), _by_pipx, _pipx_site, pipx=True),
}

SIGNALS = {
    name: getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGKILL")
    if hasattr(signal, name)
}
RECEIVERS = ("safepip", "its group", "pip")
ENDS = {
    **{f"{name} to {who}": (signum, who) for name, signum in SIGNALS.items() for who in RECEIVERS},
    "nobody reads on": (None, "output"),
    "the terminal closes": (None, "terminal"),
    "it is stopped, and goes on": (None, "stopped"),
}
"""What ends it: the signal, and who gets it."""

SHORT_CELLS = frozenset(
    {
        ("safepip asks the Python", "SIGTERM to safepip"),
        ("safepip looks for a place", "SIGKILL to safepip"),
        ("an environment is begun", "SIGKILL to safepip"),
        ("an environment is made", "SIGHUP to safepip"),
        ("it is given a pip", "SIGKILL to safepip"),
        ("pip downloads for an environment", "SIGTERM to safepip"),
        ("pip unpacks into an environment", "SIGKILL to safepip"),
        ("pip downloads for the user site", "SIGKILL to safepip"),
        ("pipx makes an environment", "SIGQUIT to safepip"),
    }
)
"""Each stage once; each end that safepip answers."""

# What is wrong from the beginning: a piece of sh before the command.
# A system that refuses what a network file system without a lock daemon refuses: flock(2).
_REFUSE = """cat >$TMPDIR/refuse.py <<'END'
import ctypes, os, struct, sys
at, call = {"x86_64": (0xC000003E, 73), "aarch64": (0xC00000B7, 32)}[os.uname().machine]
steps = [(0x20, 0, 0, 4), (0x15, 0, 3, at), (0x20, 0, 0, 0), (0x15, 0, 1, call),
         (0x06, 0, 0, 0x00050000 | 37), (0x06, 0, 0, 0x7FFF0000)]
program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
whole = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(program)))
prctl = ctypes.CDLL(None).prctl
if prctl(38, 1, 0, 0, 0) or prctl(22, 2, whole, 0, 0):
    sys.exit(99)
os.execvp(sys.argv[1], sys.argv[1:])
END
LAUNCH="python3 $TMPDIR/refuse.py"
"""
# Each start of Python is told an earlier time than the one before, and so is each look.
_CLOCK = """mkdir $TMPDIR/clock; cat >$TMPDIR/clock/sitecustomize.py <<'END'
import time
real, looks = time.time, iter(range(10**9))
time.time = lambda: real() - 3600 * next(looks) - real() % 1000 * 1e4
time.time_ns = lambda: int(time.time() * 1e9)
END
export PYTHONPATH=$TMPDIR/clock
"""
# The command moves another of the same text into its own place as soon as it runs.
_REPLACED = """mkdir -p ~/new; REAL=$(dirname $(command -v pip))/{name}
printf '#!/bin/sh\\ncp ~/new/{name} ~/new/.x; mv ~/new/.x ~/new/{name}; exec %s "$@"\\n' $REAL \\
    >~/new/{name}; chmod +x ~/new/{name}
{more}PATH=$HOME/new:$PATH
"""
_OWN_PIP = """printf '#!%s\\n' ~/new/python3 | cat - $(command -v pip) >~/new/pip
sed -i 2d ~/new/pip; chmod +x ~/new/pip
"""

CONDITIONS = {
    "no further process": "ulimit -u 1 2>/dev/null || ulimit -p 1",
    "locks are refused": _REFUSE,
    "the clock goes back": _CLOCK,
    "pip is replaced": _REPLACED.format(name="pip", more=""),
    "python is replaced": _REPLACED.format(name="python3", more=_OWN_PIP),
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
PLACES = {"a project": ("--", "touch pyproject.toml"), "no project": ("--", ":")}
SHORT_CONDITIONS = frozenset(
    {
        ("a project", "locks are refused"),
        ("a project", "state cannot be written"),
        ("a project", "8 open files"),
        ("a project", "signals are ignored"),
        ("no project", "no HOME"),
        ("no project", "no further process"),
        ("no project", "modules in the working directory"),
    }
)
