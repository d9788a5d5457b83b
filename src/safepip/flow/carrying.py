"""Carries a decision out; where a place turns out impossible, the next rule's place comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.destinations import attempt, way_to
from safepip.flow import comparing, deciding, ending, jobs, reporting
from safepip.model.decisions import Divert
from safepip.model.errors import ExitCode
from safepip.model.outcome import Outcome, OutcomeKind
from safepip.runner import pipes
from safepip.wording import report

if TYPE_CHECKING:
    from pathlib import Path

    from safepip.destinations.job import Carried
    from safepip.flow.deciding import Decided
    from safepip.flow.situation import Situation


def carry_out(
    here: Situation,
    decided: Decided,
    *,
    kept: tuple[int, ...],
    leftovers: tuple[str, ...] = (),
    downloads: Path | None = None,
) -> Outcome:
    """Do what was decided, by the next rule where that is impossible.

    *leftovers*: what the denied attempt left behind. *kept*: the pipes that it may have read.
    *downloads*: a folder that holds what it had fetched.

    Raises:
        SafepipError: the place cannot be used; the JSON report is written then.
    """
    job = jobs.job_of(here)._replace(
        leftovers=bool(leftovers),
        downloads=downloads,
        meanwhile=lambda: reporting.get_ready(here),
    )
    while isinstance(decided.decision, Divert):
        pipes.rewind(kept)
        decision = decided.decision
        with ending.failure_told(here, decided.trigger, decision, leftovers=leftovers):
            way = way_to(decision.destination)
            carried = way.carry_out(job._replace(sees=decision.sees), decision)
        if carried.impossible is None:
            return landed(here, decided, carried, leftovers)
        tried, decided = decided, deciding.decide_again(here, decided, carried)
        if carried.error is not None and not isinstance(decided.decision, Divert):
            with ending.failure_told(here, tried.trigger, decision, leftovers=leftovers):
                raise carried.error
        if carried.returncode != 0 and not isinstance(decided.decision, Divert):
            from safepip.flow import going_on

            attempt.show(carried.held)
            notes = going_on.for_what_lacks(here, decision, carried)
            return landed(here, tried, carried, leftovers)._replace(notes=notes)
    return Outcome(
        kind=OutcomeKind.REFUSED,
        exit_code=int(ExitCode.REFUSED),
        trigger=decided.trigger,
        decision=decided.decision,
        interpreter=here.interpreter,
        leftovers=leftovers,
    )


def landed(
    here: Situation, decided: Decided, carried: Carried, leftovers: tuple[str, ...] = ()
) -> Outcome:
    """The outcome of an install that was diverted, with all that landed."""
    idle = carried.withdrawn or (carried.idle and not here.quiet)
    if idle and carried.returncode == 0 and isinstance(decided.decision, Divert):
        done = ending.as_given(0)._replace(interpreter=here.interpreter)
        notes = report.nothing_to_install(decided.decision.path, removed=carried.withdrawn)
        return done._replace(notes=notes, leftovers=leftovers)
    undone = carried.unfinished
    outcome = Outcome(
        kind=OutcomeKind.DIVERTED if carried.returncode == 0 else OutcomeKind.FAILED,
        exit_code=carried.returncode,
        trigger=decided.trigger,
        decision=decided.decision,
        interpreter=carried.interpreter,
        leftovers=leftovers if undone is None else (*leftovers, *comparing.undone(undone)),
        interrupted=undone is not None,
    )
    whole = [one for one in carried.landed if undone is None or one not in undone.partly]
    if isinstance(decided.decision, Divert) and carried.returncode == 0:
        from safepip.flow import plugins

        outcome = outcome._replace(notes=plugins.notes(here, decided.decision, whole))
    return reporting.with_landed(here, outcome, whole, carried.scripts_dirs, carried.commands)
