"""What ``runner`` wants from its callers and gives them, and what all its parts hold to."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from safepip.model.triggers import Stream

IDLE_S = 0.15
"""After so much silence an unfinished line may be a prompt."""

OVERDUE_S = 2.0
"""Nothing is held back for longer than this without asking the gate again."""


class Filter(Protocol):
    """What stands between pip's output and the user; ``safepip.reading.gate.Gate`` is one."""

    @property
    def wants_pause(self) -> bool:
        """Whether pip has to stand still until a decision is made."""

    def feed(self, stream: Stream, data: bytes) -> bytes:
        """Take what pip wrote, give what of it may be shown."""

    def idle(self) -> tuple[tuple[Stream, bytes], ...]:
        """Nothing came for ``IDLE_S``: give what may be shown for that."""

    def overdue(self) -> tuple[tuple[Stream, bytes], ...]:
        """Something is held for ``OVERDUE_S``: give what may be shown for that."""

    def resume(self) -> tuple[tuple[Stream, bytes], ...]:
        """After a pause pip goes on: give what may be shown now."""


class Finished(NamedTuple):
    """How a program ended."""

    returncode: int
    """Its exit status; negative: the signal that it died of."""
    stopped: bool = False
    """We ended it on purpose, since ``on_pause`` said so."""
    interrupted: int | None = None
    """The signal that reached us meanwhile and was passed on. Nothing is left to do then but
    ``exit_like(returncode)``, which tells what bare pip would have told."""

    @property
    def broken_off(self) -> bool:
        """Whether it failed after a Ctrl-C, or another SIGINT."""
        return self.interrupted == signal.SIGINT and self.returncode != 0
