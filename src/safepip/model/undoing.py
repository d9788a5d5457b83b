"""What undoing a diversion would do, as a value."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.model.history import Diversion, Moved


class Kept(Enum):
    """Why a distribution is left as it is; the values are public."""

    GONE = "gone"
    """It is not there any more."""
    CHANGED = "changed"
    """Another version is there now."""
    EDITED = "edited"
    """A file of it was changed by hand."""
    NEEDED = "needed"
    """Another distribution there needs it."""
    SAME = "same"
    """The same version was there before."""
    BESIDE = "beside"
    """Its environment of pipx's holds other things, which would go with it."""
    FOREIGN = "foreign"
    """The place belongs to another user now."""


class There(NamedTuple):
    """One distribution of a diversion, as the disk has it now."""

    moved: Moved
    version: str | None
    """None if it is gone."""
    edited: PurePath | None = None
    """A file of it that is not what was installed."""
    is_foreign: bool = False


class Left(NamedTuple):
    """A distribution that is left as it is, and why."""

    name: str
    why: Kept
    detail: str = ""
    """The version that is there, the file that was edited, the one that needs it."""


class Undoing(NamedTuple):
    """What is to be done to undo *diversion*."""

    diversion: Diversion
    remove: tuple[Moved, ...] = ()
    restore: tuple[Moved, ...] = ()
    """To be had again in the version that was there before."""
    left: tuple[Left, ...] = ()

    @property
    def does_something(self) -> bool:
        """Whether anything would be changed."""
        return bool(self.remove or self.restore)

    @property
    def is_over(self) -> bool:
        """Whether nothing of the diversion is there any more."""
        return not self.does_something and all(
            one.why in {Kept.GONE, Kept.SAME} for one in self.left
        )
