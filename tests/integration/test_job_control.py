"""Ctrl-Z in a real shell, ``fg`` and ``bg``, at each stage of an install that goes elsewhere."""

from __future__ import annotations

import itertools
import re
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from safepip.index.lookup import TIMEOUT_S
from tests.support import faults
from tests.support.diversions import site_of
from tests.support.missing import lacking
from tests.support.terminal import CTRL_Z

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.index import Index
    from tests.support.lab import Lab, LabMaker


@dataclass(frozen=True)
class Moment:
    """Where an install stands when Ctrl-Z is pressed, and stays until it is let go."""

    words: str
    prepare: Callable[[Lab, Index], Callable[[], object]]
    """Gives what is true from that moment on."""
    lands: Callable[[Lab], Path]
    shown: str = ""
    """What stands on the terminal then."""
    answer: str = ""
    """What is typed to let it go."""
    pipx: bool = False


_MAKING = """#!/bin/sh
case " $* " in
    *" -m venv "*) touch ~/slow/asked; while [ ! -e ~/go ]; do sleep 0.1; done
esac
exec {python} "$@"
"""


def _making(lab: Lab, _: Index) -> Callable[[], object]:
    """The user's Python makes no environment until there is a file `go`."""
    python = lab.write("../slow/python3", _MAKING.format(python=lab.python.executable))
    text = (lab.python.bin / "pip").read_text().partition("\n")[2]
    lab.write("../slow/pip", f"#!{python}\n{text}").chmod(0o755)
    python.chmod(0o755)
    lab.env["PATH"] = f"{python.parent}:{lab.env['PATH']}"
    lab.write("pyproject.toml")
    return (python.parent / "asked").exists


def _by_pipx(lab: Lab, index: Index) -> Callable[[], object]:
    lab.use_index(index)
    hold = index.hold("labapp")
    place = lab.home / ".local/share/pipx/venvs/labapp"
    return lambda: hold.reached.is_set() and list(place.glob("lib/*/site-packages"))


def _turn(lab: Lab, index: Index) -> Callable[[], object]:
    """Another one has the turn, and downloads."""
    lab.use_index(index)
    hold = index.hold("labbig")
    lab.start(["safepip", "--strategy", "user", "install", "labbig"])
    hold.wait()
    return lambda: True


def _nothing(_: Lab, __: Index) -> Callable[[], object]:
    return lambda: True


def _environment(lab: Lab) -> Path:
    return site_of(lab.cwd / ".venv")


def _user_site(lab: Lab) -> Path:
    return lab.user_site


def _pipx_site(lab: Lab) -> Path:
    return site_of(lab.home / ".local/share/pipx/venvs/labapp")


_of = faults.STAGES
MOMENTS = {
    "the Python is asked": Moment("labone", _of["safepip asks the Python"].prepare, _environment),
    "the index is asked": Moment("labapp", _of["safepip looks for a place"].prepare, _user_site),
    "an environment is made": Moment("labone", _making, _environment),
    "pip fills an environment": Moment(
        "labbig", _of["pip downloads for an environment"].prepare, _environment
    ),
    "pip fills the user site": Moment(
        "--strategy user labbig", _of["pip downloads for the user site"].prepare, _user_site
    ),
    "pipx is at work": Moment("--strategy pipx labapp", _by_pipx, _pipx_site, pipx=True),
    "another one has its turn": Moment(
        "--strategy user labone", _turn, _user_site, shown="Another safepip is installing into"
    ),
    "the user is asked": Moment(
        "--strategy ask labone",
        _nothing,
        _user_site,
        shown="Where to install instead",
        answer="user\n",
    ),
}
SHORT = {
    ("bash", "an environment is made", "fg"),
    ("bash", "pip fills an environment", "bg"),
    ("zsh", "the user is asked", "fg"),
    ("bash", "another one has its turn", "fg"),
}
CELLS = [
    pytest.param(*cell, id=" / ".join(cell), marks=[] if cell in SHORT else pytest.mark.long)
    for cell in itertools.product(("bash", "zsh"), MOMENTS, ("fg", "bg"))
]


@pytest.mark.parametrize(("program", "moment", "how"), CELLS)
def test_stopped_at_any_stage_it_goes_on(
    program: str, moment: str, how: str, make_lab: LabMaker, index: Index
) -> None:
    if shutil.which(program) is None:
        lacking(program)
    here = MOMENTS[moment]
    lab = make_lab(pipx=here.pipx)
    reached = here.prepare(lab, index)
    shell = lab.shell(program, size=(40, 200))
    modes = shell.command("stty -g")
    strategy, _, requirement = here.words.rpartition(" ")
    shell.type(f"safepip {strategy} install {requirement}")
    if here.shown:
        shell.expect(here.shown)
    lab.wait_for(reached, "the moment")
    shell.send(CTRL_Z)
    shell.expect(shell.STOPPED)
    shell.expect(shell.PROMPT)
    _wait_for_standstill(lab, shell.pid)
    assert modes.strip() == shell.command("stty -g").strip()
    assert b"safepip" in shell.command("jobs")
    if how == "bg":
        shell.command("bg")
    if how == "bg" and here.answer:
        # Who asks in the background is stopped by the terminal, and goes on in the foreground.
        _wait_for_standstill(lab, shell.pid)
    if how == "fg" or here.answer:
        shell.type("fg")
    for hold in index.holds.values():
        hold.release()
    lab.write("../go")
    shell.send(here.answer)
    if how == "bg" and not here.answer:
        shell.type("wait")
    shell.expect(r"Installed|already")
    shell.expect(re.escape(shell.PROMPT))
    if how == "fg":
        assert shell.status() == 0, shell.picture
    assert requirement in lab.installed(here.lands(lab)), shell.picture
    assert modes.strip() == shell.command("stty -g").strip()
    lab.wait_for(lambda: not _states(shell.pid), "the end of all processes")
    assert b"\x07" not in shell.raw


@pytest.mark.long
def test_a_stop_is_no_silence_of_the_index(make_lab: LabMaker, index: Index) -> None:
    lab = make_lab(pipx=True)
    lab.use_index(index)
    hold = index.hold("labapp")
    shell = lab.shell("bash", size=(40, 200))
    shell.type("safepip install labapp")
    hold.wait()
    shell.send(CTRL_Z)
    shell.expect(shell.STOPPED)
    _wait_for_standstill(lab, shell.pid)
    over = time.monotonic() + TIMEOUT_S + 2
    lab.wait_for(lambda: time.monotonic() > over, "the end of what a look-up may take")
    hold.release()
    shell.type("fg")
    shell.expect(r"Installed")
    # It was told to be an application.
    assert "labapp" in lab.installed(_pipx_site(lab)), shell.picture


def _wait_for_standstill(lab: Lab, session: int) -> None:
    try:
        lab.wait_for(lambda: _stand_still(session), "all to stand still")
    except AssertionError:
        raise AssertionError(_states(session), lab.processes()) from None


def _stand_still(session: int) -> bool:
    """Whether all processes in the session of the shell *session* are stopped.

    Whoever is in the middle of vfork(2), as dash may be, is not stopped before its child goes on.
    """
    found = _states(session)
    parents = {parent for state, parent in found.values() if state == "T"}
    return bool(parents) and all(
        state == "T" or (state == "D" and pid in parents) for pid, (state, _) in found.items()
    )


def _states(session: int) -> dict[int, tuple[str, int]]:
    """State and parent of each process in the session of the shell *session*, but for itself."""
    found = {}
    for process in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid = int(process.parent.name)
            fields: Any = process.read_text().rpartition(") ")[2].split()
            if int(fields[3]) == session and pid != session and fields[0] != "Z":
                found[pid] = (fields[0], int(fields[1]))
    return found
