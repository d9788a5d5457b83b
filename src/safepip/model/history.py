"""The diversions that were made: what each put where, and what was there before."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.model.decisions import DestinationKind


class Moved(NamedTuple):
    """One distribution that a diversion put in place."""

    name: str
    """Normalized (PEP 503)."""
    version: str
    location: PurePath
    """The directory that holds its ``*.dist-info``."""
    scripts: tuple[PurePath, ...] = ()
    before: str | None = None
    """The version that it replaced there; None for none."""
    before_requested: bool = False
    """And that one was asked for by name."""
    requested: bool = False
    """It was asked for by name; the others came with it."""


class Diversion(NamedTuple):
    """One install that safepip took elsewhere."""

    number: int
    """What ``undo`` is told; 0 until it is recorded."""
    time: str
    """UTC, ISO 8601, to the second."""
    command: tuple[str, ...]
    """pip's arguments, secrets masked."""
    cwd: PurePath
    trigger: str
    rule: str
    kind: DestinationKind
    destination: PurePath
    """The environment, the user site, or pipx's directory."""
    python: PurePath
    """The interpreter whose pip was denied."""
    pip: tuple[str, ...] = ()
    """How that pip is started."""
    moved: tuple[Moved, ...] = ()
    undone: bool = False
