"""What the user asked pip for."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from safepip.model.options import having


class RequirementKind(Enum):
    """How one thing to install was named on pip's command line."""

    NAMED = "named"
    """PEP 508: a name with optional extras, specifier and marker, no URL."""
    URL = "url"
    """``name @ https://…``, a bare URL, or a version control address."""
    LOCAL_DIR = "local-dir"
    """A directory (``.``, ``./lib``)."""
    LOCAL_FILE = "local-file"
    """A wheel or an archive by path."""
    EDITABLE = "editable"
    """``-e`` of anything."""
    FILE = "requirements-file"
    """``-r FILE``, ``--group``, ``--requirements-from-script``: requirements listed elsewhere."""


class RequestedRequirement(NamedTuple):
    """One requirement of the command line, as typed."""

    text: str
    kind: RequirementKind
    name: str | None = None
    """Normalized name (PEP 503) where the text tells it."""


class PipOption(NamedTuple):
    """One option of pip's command line, spelled out."""

    name: str
    """The long name with dashes: ``--requirement``; unknown options as typed."""
    value: str | None
    start: int
    """Index of its first word in ``PipCommand.argv``."""
    stop: int
    """One behind the index of its last word."""

    @property
    def spelled(self) -> str:
        """The option as one word."""
        return self.name if self.value is None else f"{self.name}={self.value}"


class PipCommand(NamedTuple):
    """pip's command line, read without running pip.

    ``argv`` is everything after the program's name, unchanged.
    """

    argv: tuple[str, ...]
    name: str | None
    """``install``, ``list``, …; None when there is no command word."""
    command_at: int | None
    """Where in ``argv`` the command word stands."""
    options: tuple[PipOption, ...] = ()
    requirements: tuple[RequestedRequirement, ...] = ()

    def has(self, *names: str) -> bool:
        """Whether one of the options called *names* (long form) was given."""
        return any(option.name in names for option in self.options)

    def values(self, name: str) -> tuple[str, ...]:
        """All values given to the option *name*, in order."""
        return tuple(o.value for o in self.options if o.name == name and o.value is not None)

    @property
    def explicit_destination(self) -> str | None:
        """The option by which the command line itself names the place, None if it does not.

        Such an install is never diverted. A place inside says more than the Python it is in.
        """
        named = [o.name for o in self.options if o.name in EXPLICIT_DESTINATIONS]
        return min(named, key=lambda name: name == "--python", default=None)

    @property
    def quiet(self) -> int:
        """How often ``-q`` was given on the command line."""
        return sum(option.name == "--quiet" for option in self.options)


EXPLICIT_DESTINATIONS = having("place")
