"""What landed where, and how an install went."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.model.decisions import Decision
    from safepip.model.interpreter import Interpreter
    from safepip.model.triggers import Trigger


class Visibility(Enum):
    """Whether typing a script's name runs it; the values are public."""

    VISIBLE = "visible"
    SHADOWED = "shadowed"
    OFF_PATH = "off-path"


class Distribution(NamedTuple):
    """One distribution as its metadata directory on disk shows it."""

    name: str
    """Normalized (PEP 503)."""
    version: str
    location: PurePath
    """The directory that holds its ``*.dist-info``."""
    metadata: PurePath
    stamp: tuple[int, int]
    """Inode and modification time (ns) of its RECORD, or of the metadata itself: changes when
    the same version is installed again."""
    complete: bool
    """Its RECORD and INSTALLER are there; False for what a failed install left behind."""
    requested: bool = False
    """It was asked for by name (PEP 376, REQUESTED)."""
    before: Distribution | None = None
    """What it replaced there, where two moments are compared."""


class ShellWord(Enum):
    """What a shell finds under a name before it looks at PATH; the values are public."""

    ALIAS = "alias"
    FUNCTION = "function"
    BUILTIN = "builtin"


class LandedScript(NamedTuple):
    """A command that came with a distribution."""

    name: str
    path: PurePath
    visibility: Visibility
    shadowed_by: PurePath | ShellWord | None = None
    """The other file that its name runs, or what the shell itself holds under that name."""
    visible_after_login: bool | None = None
    """Whether it will be found by name after the next login; None: not asked, or no answer."""


class Landing(NamedTuple):
    """Where one distribution ended up."""

    name: str
    version: str
    location: PurePath
    scripts: tuple[LandedScript, ...]
    modules: tuple[str, ...] = ()
    """What ``import`` finds of it, one or two names; looked up for the first one alone."""
    before: Distribution | None = None
    """What it replaced there."""


class OutcomeKind(Enum):
    """How it went; the values are public."""

    AS_GIVEN = "as-given"
    DIVERTED = "diverted"
    REFUSED = "refused"
    FAILED = "failed"


class Outcome(NamedTuple):
    """Everything that a report says."""

    kind: OutcomeKind
    exit_code: int
    trigger: Trigger | None = None
    decision: Decision | None = None
    interpreter: Interpreter | None = None
    """The one whose environment was to be changed in the end."""
    landed: tuple[Landing, ...] = ()
    present: tuple[Landing, ...] = ()
    """What was asked for and is there already, where nothing landed."""
    next_command: str | None = None
    leftovers: tuple[str, ...] = ()
    """What a first, failed attempt left in the denied place, or an interrupted one where it went:
    plain sentences."""
    interrupted: bool = False
    """It failed after a Ctrl-C, or another SIGINT."""
    notes: tuple[str, ...] = ()
