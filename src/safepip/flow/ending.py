"""How an install ends of which there is little to tell."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from safepip.model.errors import SafepipError
from safepip.model.outcome import Outcome, OutcomeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safepip.flow.situation import Situation
    from safepip.model.decisions import Decision
    from safepip.model.triggers import Trigger


@contextlib.contextmanager
def failure_told(
    here: Situation,
    trigger: Trigger | None = None,
    decision: Decision | None = None,
    *,
    leftovers: tuple[str, ...] = (),
    of: type[SafepipError] = SafepipError,
) -> Iterator[None]:
    """Write the JSON report if an error, one of *of*, ends what is done inside."""
    try:
        yield
    except of as error:
        from safepip.flow import reporting

        outcome = failed(here, int(error.exit_code), trigger, decision)
        reporting.tell_file(here, outcome._replace(leftovers=leftovers))
        raise


def as_given(status: int) -> Outcome:
    """What pip did as it was asked to, of which nothing is to be told."""
    kind = OutcomeKind.AS_GIVEN if status == 0 else OutcomeKind.FAILED
    return Outcome(kind=kind, exit_code=status)


def failed(
    here: Situation, status: int, trigger: Trigger | None = None, decision: Decision | None = None
) -> Outcome:
    """An outcome that nothing came of."""
    return Outcome(
        kind=OutcomeKind.FAILED,
        exit_code=status,
        trigger=trigger,
        decision=decision,
        interpreter=here.interpreter,
    )
