"""What was seen of pip, and why it could not write."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.model.interpreter import Denied


class Stream(Enum):
    """Which of pip's streams bytes came from."""

    OUT = "stdout"
    ERR = "stderr"
    BOTH = "both"
    """One terminal or file that serves as both: they cannot be told apart."""


class TriggerName(Enum):
    """Why pip could not write where it wanted to; the names are public."""

    DEFAULT_TO_USER = "default-to-user"
    PERMISSION_DENIED = "permission-denied"
    READ_ONLY = "read-only"
    EXTERNALLY_MANAGED = "externally-managed"
    VIRTUALENV_REQUIRED = "virtualenv-required"
    USER_SITE_UNAVAILABLE = "user-site-unavailable"


class Sighting(NamedTuple):
    """A trigger recognised in pip's output."""

    trigger: TriggerName
    line: str
    """The line that showed it, without colours and line end."""
    path: str | None = None
    """The place that pip named; None if it named none, a bare name (``RECORD``) as it stands."""


class Trigger(NamedTuple):
    """A sighting together with what the disk says about the place."""

    name: TriggerName
    line: str | None
    """pip's words; None when safepip acted before pip could say them."""
    path: PurePath | None
    """The place that is not writable, absolute."""
    owner: str | None
    """Its owner's name (or number); None if unknown."""
    denied: Denied | None = None
    """What keeps the user from writing there; None where nobody knows, or where it is read that
    is denied."""
    unreadable: bool = False
    """pip was kept from reading *path*, a file of something installed, not from writing."""
    real: PurePath | None = None
    """The path without links, where that is another one."""
