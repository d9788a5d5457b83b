"""One install, from the look at the machine to the report."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from safepip import runner
from safepip.flow import carrying, comparing, meeting, remembering, reporting
from safepip.flow.deciding import Decided
from safepip.runner import pipes

if TYPE_CHECKING:
    from safepip.flow.comparing import Before
    from safepip.flow.situation import Situation


def install(here: Situation) -> int:
    """Run pip under watch; where it is denied carry out what is decided; report.

    Raises:
        SafepipError: safepip's own part cannot go on; no pip is left running.
    """
    before = comparing.snapshot(here)
    kept = pipes.keep(here.command, here.env) if here.may_act else ()
    with contextlib.ExitStack() as turn:
        met = meeting.meet(here, before, turn)
    if isinstance(met, meeting.PassedOn):
        return runner.exit_like(met.returncode)
    if isinstance(met, Decided):
        leftovers = _leftovers(before, met)
        met = carrying.carry_out(here, met, leftovers=leftovers, kept=kept)
    remembering.remember(here, met)
    return reporting.finish(here, met)


def _leftovers(before: Before, denied: Decided) -> tuple[str, ...]:
    if meeting.goes_by_itself_to(denied) is not None:
        # It was not refused, and stood still before it wrote; this is another safepip's.
        return ()
    return comparing.leftovers_since(before)
