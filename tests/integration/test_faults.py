"""Every fault at every stage: no process stays, the status is true, the next run mends it.

The tables are in ``tests/support/faults.py``; ``python -m scripts.matrix`` shows what they come to.
"""

from __future__ import annotations

import os
import re
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.faults import (
    CONDITIONS,
    ENDS,
    PLACES,
    SHORT_CELLS,
    SHORT_CONDITIONS,
    SIGNALS,
    STAGES,
)
from tests.support.patience import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.support.index import Index
    from tests.support.lab import Lab, LabMaker

INTERNAL = "this is a bug in safepip"


def cells(
    rows: Iterable[str], columns: Iterable[str], short: frozenset[tuple[str, str]]
) -> list[Any]:
    """A cell for each, those outside of *short* only with ``--long``."""
    columns = list(columns)
    return [
        pytest.param(
            row,
            column,
            id=f"{row} / {column}",
            marks=[
                *([] if (row, column) in short else [pytest.mark.long]),
                *([pytest.mark.cold] if row in PLACES or STAGES[row].cold else []),
            ],
        )
        for row in rows
        for column in columns
        # A signal to a pip needs one.
        if not column.endswith(" to pip") or STAGES[row].runs_pip
    ]


@pytest.mark.parametrize(("stage", "end"), cells(STAGES, ENDS, SHORT_CELLS))
def test_an_install_that_is_ended(stage: str, end: str, make_lab: LabMaker, index: Index) -> None:
    here = STAGES[stage]
    lab = make_lab(pipx=here.pipx)
    reached = here.prepare(lab, index)
    own = here.words[:2] if here.words[0].startswith("-") else ()
    command = ["safepip", *own, "install", *here.words[len(own) :]]
    signum, who = ENDS[end]
    if who == "terminal":
        _closed(lab, command, reached)
    else:
        _ended(lab, command, reached, end, index)
    lab.wait_for(lambda: not lab.processes(watchdogs=True), "the end of all processes")
    # Ended by another signal than SIGINT, pip leaves its own there, also without safepip.
    left = [one.name for one in lab.tmp.iterdir()]
    assert [name for name in left if not name.startswith("pip-")] == []
    if signum != signal.SIGKILL or who == "pip":
        own_work = signum in {None, signal.SIGINT} and who != "terminal"
        assert [name for name in left if own_work or not name.startswith("pip-")] == []
    _let_go(lab, index)
    done = lab.run(command)
    assert done.returncode == 0, done
    assert here.words[-1] in lab.installed(here.lands(lab)), done
    assert not list(lab.cwd.glob(".venv/.safepip-unfinished"))


def _ended(
    lab: Lab, command: list[str], reached: Callable[[], object], end: str, index: Index
) -> None:
    """Begin *command*, end it at its stage, and hold the status against the one that is due."""
    signum, who = ENDS[end]
    process = lab.start(command)
    lab.wait_for(lambda: reached() or process.poll() is not None, "the stage")
    assert process.poll() is None, process.communicate()
    if signum is not None:
        if who == "its group":
            os.killpg(process.pid, signum)
        else:
            os.kill(process.pid if who == "safepip" else _pip(lab), signum)
        process.communicate(timeout=100)
        assert process.returncode in due(signum), process.returncode
        return
    for stream in (process.stdout, process.stderr) if who == "output" else ():
        assert stream is not None
        stream.close()
    if who == "stopped":
        os.killpg(process.pid, signal.SIGSTOP)
        os.killpg(process.pid, signal.SIGCONT)
    _let_go(lab, index)
    if who == "stopped":
        _, err = process.communicate(timeout=100)
        assert process.returncode == 0, err
    process.wait(100)


def _let_go(lab: Lab, index: Index) -> None:
    """End what holds the stages up."""
    for hold in index.holds.values():
        hold.release()
    index.holds.clear()
    lab.write("../go")


def due(signum: int) -> set[int]:
    """The statuses that an end by *signum* may have: pip answers SIGINT with 1 once it runs."""
    return {1, -signum} if signum == signal.SIGINT else {-signum}


def _closed(lab: Lab, command: list[str], reached: Callable[[], object]) -> None:
    screen = lab.terminal(command)
    lab.wait_for(reached, "the stage")
    screen.close()


def _pip(lab: Lab) -> int:
    """The pip that installs: the youngest process that is not safepip itself."""
    own = re.compile(r"/safepip( .*)? install ")
    pips = [pid for pid, words in lab.processes().items() if own.search(words) is None]
    return max(pips)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[] if n == "SIGTERM" else pytest.mark.long) for n in SIGNALS]
)
def test_bare_pip_ends_alike(name: str, lab: Lab, index: Index) -> None:
    """What is due above is what pip itself does."""
    lab.use_index(index)
    hold = index.hold("labbig")
    process = lab.start(["pip", "install", "labbig"])
    hold.wait()
    process.send_signal(SIGNALS[name])
    process.communicate(timeout=100)
    assert process.returncode in due(SIGNALS[name])


@pytest.mark.parametrize(("place", "condition"), cells(PLACES, CONDITIONS, SHORT_CONDITIONS))
def test_an_install_in_odd_conditions_is_no_worse_than_bare_pip(
    place: str, condition: str, lab: Lab
) -> None:
    _, prepare = PLACES[place]
    if condition == "no HOME":
        lab.wants_another_home()
    ends = {}
    for program in ("pip", "safepip"):
        lab.reset()
        script = f"{prepare}\n{CONDITIONS[condition]}\nexec $LAUNCH {program} install labnoscript"
        ends[program] = lab.run(["sh", "-c", script], timeout=PATIENCE_S)
    bare, ours = ends["pip"], ends["safepip"]
    if bare.returncode == 99:
        pytest.skip("this system cannot refuse locks")
    assert INTERNAL not in ours.err, ours
    assert b"Traceback" not in ours.stderr or b"Traceback" in bare.stderr, ours
    if bare.returncode == 0:
        assert ours.returncode == 0, f"{bare}\n{ours}"
    assert not (lab.cwd / "theirs").exists() or "safepip" not in ours.command
    lab.wait_for(lambda: not lab.processes(watchdogs=True), "the end of all processes")
