"""What a requirement is: something to run or to import."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from safepip.model.reasons import Why


class ApplicationKind(Enum):
    """What a requirement is: something to run, or something to import."""

    APPLICATION = "application"
    LIBRARY = "library"
    UNKNOWN = "unknown"


class Application(NamedTuple):
    """The verdict on one requirement, with its reason."""

    name: str
    kind: ApplicationKind
    why: Why
    commands: tuple[str, ...] = ()
    """Commands it brings, as far as known."""
    include_deps: bool = False
    """Its commands live in a dependency (pipx: ``--include-deps``)."""
