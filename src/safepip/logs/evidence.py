"""What a log of pip's shows, with the command behind it; would safepip have diverted that?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from safepip.logs.clues import Clues
from safepip.reading import paths

if TYPE_CHECKING:
    from safepip.model.requests import PipCommand
    from safepip.model.triggers import Sighting


class Asked(NamedTuple):
    """The command that the log is about."""

    command: PipCommand
    chosen_place: str | None
    """The option by which it names the place itself (``policy.chosen_place``)."""
    pip_alone: bool
    """It is to bring nothing but pip (``policy.is_pip_alone``)."""
    words: tuple[str, ...]
    """The same without what names a place and without ``--dry-run``."""
    python: str | None = None


class Evidence(NamedTuple):
    """Everything a log shows."""

    sighting: Sighting | None
    clues: Clues = Clues()
    said_default: bool = False
    """pip said that it defaults to the user site."""
    asked: Asked | None = None

    @property
    def command_name(self) -> str | None:
        """Which of pip's commands it was; None if unknown."""
        return None if self.asked is None else self.asked.command.name

    @property
    def is_dry_run(self) -> bool:
        """Whether nothing was to be installed."""
        if self.asked is not None and self.asked.command.has("--dry-run"):
            return True
        return self.clues.would_install

    @property
    def why_not(self) -> str | None:
        """Why safepip would have left pip to it; None if it would have diverted."""
        asked = self.asked
        if asked is not None and asked.command.name not in {"install", None}:
            return f"only an install is ever diverted, and this was `pip {asked.command.name}`"
        if asked is not None and asked.chosen_place is not None:
            return f"{asked.chosen_place} on the command line names the place"
        if self.is_dry_run:
            return "a dry run installs nothing"
        if asked is not None and asked.command.has("--download"):
            return "with --download nothing is installed"
        if asked is not None and asked.pip_alone:
            return (
                "an upgrade of pip alone stays where it is: a new pip elsewhere would not serve it"
            )
        path = None if self.sighting is None else self.sighting.path
        # After defaulting to the user site the place follows from HOME: it can look like anything.
        if path is not None and not self.said_default and not _is_of_a_scheme(path):
            return (
                "that place is none of Python's own, so an option or setting (--target, --prefix, "
                "--root) named it"
            )
        return None


def _is_of_a_scheme(path: str) -> bool:
    """Whether *path* may be one that a Python installs to by itself."""
    if not paths.is_absolute(path):
        return True
    inner, uninstalled = paths.before_uninstall(path)
    return uninstalled or paths.is_in_prefix(inner or path)
