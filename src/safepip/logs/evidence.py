"""What a log of pip's shows, with the command behind it; would safepip have diverted that?"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from safepip.logs.tools import BY_HAND
from safepip.reading import paths

if TYPE_CHECKING:
    from safepip.logs.clues import Clues
    from safepip.logs.tools import Tool
    from safepip.model.requests import PipCommand
    from safepip.model.triggers import Sighting


class WhyNot(Enum):
    """Why safepip leaves a denied command to pip."""

    OTHER_COMMAND = auto()
    NAMES_PLACE = auto()
    DRY_RUN = auto()
    DOWNLOAD = auto()
    PIP_ALONE = auto()
    OWN_PIP = auto()
    """No command of pip's, but another tool was to install pip itself."""
    UNKNOWN_PLACE = auto()
    """By its looks no Python installs there by itself: an option or a setting named it."""


class Asked(NamedTuple):
    """The command that the log is about."""

    command: PipCommand
    chosen_place: str | None
    """The option by which it names the place itself (``policy.foresight``)."""
    pip_alone: bool
    """It is to bring nothing but pip (likewise)."""
    words: tuple[str, ...]
    """The same without what names a place and without ``--dry-run``."""
    given: tuple[str, ...] = ()
    """The same as it was."""
    python: str | None = None


class Evidence(NamedTuple):
    """Everything a log shows."""

    sighting: Sighting | None
    clues: Clues
    said_default: bool = False
    """pip said that it defaults to the user site."""
    asked: Asked | None = None
    to_target: bool = False
    """A traceback of the log shows that ``--target`` was given."""
    traced_command: str | None = None
    """The command of pip's whose code stands in a traceback of the log."""
    is_empty: bool = False
    """There was nothing in the log."""

    @property
    def command_name(self) -> str | None:
        """Which of pip's commands it was; None if unknown."""
        return self.traced_command if self.asked is None else self.asked.command.name

    @property
    def chosen_place(self) -> str | None:
        """The option by which the command named the place itself."""
        if self.asked is not None and self.asked.chosen_place is not None:
            return self.asked.chosen_place
        return "--target" if self.to_target else None

    @property
    def is_pip_alone(self) -> bool:
        """Whether nothing but pip was to be installed."""
        if self.asked is not None:
            return self.asked.pip_alone
        if self.clues.requested:
            return set(self.clues.requested) <= {"pip", "--upgrade", "-U"}
        path = None if self.sighting is None else self.sighting.path
        return path is not None and paths.is_pips_own(path)

    @property
    def tool(self) -> Tool | None:
        """The tool whose log it is; a setup.py beside a denied pip was pip's, or make ran both."""
        tool = self.clues.tool
        return None if tool is BY_HAND and self.sighting is not None else tool

    @property
    def is_own_pip(self) -> bool:
        """Whether get-pip.py or ensurepip was to install pip itself."""
        if self.asked is not None or self.tool is None or self.tool.for_user is None:
            return False
        return all(name.startswith(("pip", "setuptools", "wheel")) for name in self.clues.names)

    @property
    def is_dry_run(self) -> bool:
        """Whether nothing was to be installed."""
        if self.asked is not None and self.asked.command.has("--dry-run"):
            return True
        return self.clues.would_install

    @property
    def why_not(self) -> WhyNot | None:
        """Why safepip would have left pip to it; None if it would have diverted."""
        asked, sighting = self.asked, self.sighting
        path = None if sighting is None or self.is_cut_off else sighting.path
        reasons = (
            (self.command_name not in {"install", None}, WhyNot.OTHER_COMMAND),
            (self.chosen_place is not None, WhyNot.NAMES_PLACE),
            (self.is_dry_run, WhyNot.DRY_RUN),
            (asked is not None and asked.command.has("--download"), WhyNot.DOWNLOAD),
            (self.is_own_pip, WhyNot.OWN_PIP),
            (self.is_pip_alone, WhyNot.PIP_ALONE),
            # After defaulting to the user site the place follows from HOME: it can look like any.
            (
                not (path is None or self.said_default or _is_of_a_scheme(path)),
                WhyNot.UNKNOWN_PLACE,
            ),
        )
        return next((why_not for holds, why_not in reasons if holds), None)

    @property
    def is_cut_off(self) -> bool:
        """Whether the log ends within the path."""
        sighting = self.sighting
        return sighting is not None and sighting.line.endswith(f"'{sighting.path}")


def _is_of_a_scheme(path: str) -> bool:
    """Whether *path* may be one that a Python installs to by itself."""
    if not paths.is_absolute(path):
        return True
    inner, uninstalled = paths.before_uninstall(path)
    return uninstalled or paths.is_in_prefix(inner or path) or paths.is_home(inner or path)
