"""Acts: how a decision is carried out; one file per destination, one interface, one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from safepip.model.decisions import DestinationKind

if TYPE_CHECKING:
    from safepip.destinations.job import Carried, Job
    from safepip.model.decisions import Divert


class Way(Protocol):
    """How an install gets to one kind of destination."""

    def commands(self, job: Job, decision: Divert, /) -> tuple[tuple[str, ...], ...]:
        """The commands that ``carry_out`` would run, in order; nothing is run."""
        ...

    def carry_out(self, job: Job, decision: Divert, /) -> Carried:
        """Install there.

        Raises:
            SafepipError: the place cannot be used.
        """
        ...


def way_to(kind: DestinationKind) -> Way:
    """The way to a destination of *kind*, imported now: most installs need one of them or none."""
    match kind:
        case DestinationKind.VENV:
            from safepip.destinations import venv

            return venv
        case DestinationKind.USER:
            from safepip.destinations import user

            return user
        case DestinationKind.PIPX:
            from safepip.destinations import pipx

            return pipx
