"""Every fault at every stage: no process stays, the status is true, the next run mends it.

The tables are in ``tests/support/faults.py``; ``python -m scripts.matrix`` shows what they come to.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.faults import (
    CONDITIONS,
    ENDS,
    PLACES,
    SHORT_CONDITIONS,
    SHORT_ENDS,
    STAGES,
)
from tests.support.terminal import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.support.index import Index
    from tests.support.lab import Lab

INTERNAL = "this is a bug in safepip"

pytestmark = pytest.mark.cold


def cells(rows: Iterable[str], columns: Iterable[str], short: frozenset[str]) -> list[Any]:
    """A cell for each, those outside of *short* only with ``--long``."""
    columns = list(columns)
    return [
        pytest.param(
            row, column, id=f"{row} / {column}", marks=[] if column in short else pytest.mark.long
        )
        for row in rows
        for column in columns
    ]


@pytest.mark.parametrize(("stage", "end"), cells(STAGES, ENDS, SHORT_ENDS))
def test_an_install_that_is_ended(stage: str, end: str, lab: Lab, index: Index) -> None:
    here = STAGES[stage]
    reached = here.prepare(lab, index)
    own = here.words[:2] if here.words[0].startswith("-") else ()
    command = ["safepip", *own, "install", *here.words[len(own) :]]
    process = lab.start(command)
    lab.wait_for(lambda: reached() or process.poll() is not None, stage)
    assert process.poll() is None, process.communicate()
    signum, who = ENDS[end]
    if signum is None:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stderr.close()
        for hold in index.holds.values():
            hold.release()
        process.wait(PATIENCE_S)
    else:
        if who == "safepip":
            process.send_signal(signum)
        else:
            import os

            os.killpg(process.pid, signum)
        process.communicate(timeout=PATIENCE_S)
        allowed = {1, -signum} if signum == signal.SIGINT else {-signum}
        assert process.returncode in allowed
    lab.wait_for(lambda: not lab.processes(watchdogs=True), "the end of all processes")
    if signum != signal.SIGKILL:
        # Ended by another signal than SIGINT, pip leaves its own there, also without safepip.
        left = [one.name for one in lab.tmp.iterdir()]
        assert [n for n in left if signum in {None, signal.SIGINT} or n[:4] != "pip-"] == []
    for hold in index.holds.values():
        hold.release()
    index.holds.clear()
    done = lab.run(command)
    assert done.returncode == 0, done
    assert here.words[-1] in lab.installed(here.lands(lab)), done
    assert not list(lab.cwd.glob(".venv/.safepip-unfinished"))


@pytest.mark.parametrize(("place", "condition"), cells(PLACES, CONDITIONS, SHORT_CONDITIONS))
def test_an_install_in_odd_conditions_is_no_worse_than_bare_pip(
    place: str, condition: str, lab: Lab
) -> None:
    _, prepare = PLACES[place]
    ends = {}
    for program in ("pip", "safepip"):
        lab.reset()
        script = f'{prepare}\n{CONDITIONS[condition]}\nexec {program} install labnoscript "$@"'
        ends[program] = lab.run(["sh", "-c", script], timeout=PATIENCE_S)
    bare, ours = ends["pip"], ends["safepip"]
    assert INTERNAL not in ours.err, ours
    assert b"Traceback" not in ours.stderr or b"Traceback" in bare.stderr, ours
    if bare.returncode == 0:
        assert ours.returncode == 0, f"{bare}\n{ours}"
    assert not (lab.cwd / "theirs").exists() or "safepip" not in ours.command
    lab.wait_for(lambda: not lab.processes(watchdogs=True), "the end of all processes")
