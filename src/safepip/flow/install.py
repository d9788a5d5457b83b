"""One install, from the look at the machine to the report."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from safepip import runner
from safepip.model.outcome import Outcome
from safepip.runner import pipes

if TYPE_CHECKING:
    from safepip.flow.comparing import Before
    from safepip.flow.deciding import Decided
    from safepip.flow.downloads import Downloads
    from safepip.flow.meeting import PassedOn
    from safepip.flow.situation import Situation


def install(here: Situation) -> int:
    """Run pip under watch, unless it is certain to be denied; carry out what is decided; report.

    Each step is imported when its moment comes: most installs need two of them.

    Raises:
        SafepipError: safepip's own part cannot go on; no pip is left running.
    """
    kept = pipes.keep(here.command, here.env) if here.may_act else ()
    decided = _foreknown(here)
    if decided is not None:
        from safepip.flow import carrying

        return _finish(here, carrying.carry_out(here, decided, kept=kept))
    from safepip.flow import comparing, meeting
    from safepip.flow.downloads import Downloads

    before = comparing.snapshot(here)
    with Downloads(here.env) as downloads:
        with contextlib.ExitStack() as turn:
            met = meeting.meet(here, before, turn, downloads)
        return end(here, met, before, downloads, kept)


def _foreknown(here: Situation) -> Decided | None:
    """What is decided before pip is started, if the disk alone tells that it would be denied."""
    if here.foreseen is None:
        return None
    from safepip.flow import deciding, ending

    trigger = deciding.trigger(here, here.foreseen, None, None)
    with ending.failure_told(here, trigger), deciding.broken_off():
        decided = deciding.foreknown(here, trigger)
        return None if decided is None else deciding.asked(here, decided)


def end(
    here: Situation,
    met: PassedOn | Outcome | Decided,
    before: Before,
    downloads: Downloads,
    kept: tuple[int, ...],
) -> int:
    """Carry out what is decided, if pip was denied, and report."""
    from safepip.flow import meeting

    if isinstance(met, meeting.PassedOn):
        return runner.exit_like(met.returncode)
    if isinstance(met, Outcome):
        return _finish(here, met)
    from safepip.flow import carrying, comparing, judging

    # pip that goes on by itself was not refused: what came meanwhile is another safepip's.
    by_pip = judging.goes_by_itself_to(met) is not None
    leftovers = () if by_pip else comparing.leftovers_since(before)
    fetched = downloads.folder
    outcome = carrying.carry_out(here, met, leftovers=leftovers, kept=kept, downloads=fetched)
    return _finish(here, outcome)


def _finish(here: Situation, outcome: Outcome) -> int:
    if not (outcome.decision or outcome.notes or here.settings.report_json is not None):
        return runner.exit_like(outcome.exit_code)
    from safepip.flow import remembering, reporting

    remembering.remember(here, outcome)
    return reporting.finish(here, outcome)
