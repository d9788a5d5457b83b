"""One install, from the look at the machine to the report."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from safepip import runner
from safepip.flow import (
    carrying,
    comparing,
    deciding,
    foreseeing,
    meeting,
    remembering,
    reporting,
)
from safepip.flow.downloads import Downloads
from safepip.runner import pipes

if TYPE_CHECKING:
    from safepip.flow.deciding import Decided
    from safepip.flow.situation import Situation
    from safepip.model.outcome import Outcome


def install(here: Situation) -> int:
    """Run pip under watch, unless it is certain to be denied; carry out what is decided; report.

    Raises:
        SafepipError: safepip's own part cannot go on; no pip is left running.
    """
    kept = pipes.keep(here.command, here.env) if here.may_act else ()
    foreknown = _foreknown(here)
    if foreknown is not None:
        return _finish(here, carrying.carry_out(here, foreknown, kept=kept))
    with Downloads(here.env) as downloads:
        came = _watched(here, downloads, kept)
    if isinstance(came, meeting.PassedOn):
        return runner.exit_like(came.returncode)
    return _finish(here, came)


def _watched(
    here: Situation, downloads: Downloads, kept: tuple[int, ...]
) -> meeting.PassedOn | Outcome:
    """Run pip under watch, and carry out what is decided if it is denied."""
    before = comparing.snapshot(here)
    with contextlib.ExitStack() as turn:
        met = meeting.meet(here, before, turn, downloads)
    if not isinstance(met, deciding.Decided):
        return met
    # pip that goes on by itself was not refused: what came meanwhile is another safepip's.
    by_pip = meeting.goes_by_itself_to(met) is not None
    leftovers = () if by_pip else comparing.leftovers_since(before)
    return carrying.carry_out(here, met, leftovers=leftovers, kept=kept, downloads=downloads.folder)


def _finish(here: Situation, outcome: Outcome) -> int:
    remembering.remember(here, outcome)
    return reporting.finish(here, outcome)


def _foreknown(here: Situation) -> Decided | None:
    if here.foreseen is None:
        return None
    trigger = deciding.trigger(here, here.foreseen, None, None)
    with reporting.failure_told(here, trigger), deciding.broken_off():
        decided = foreseeing.foreknown(here, trigger)
        return None if decided is None else deciding.asked(here, decided)
