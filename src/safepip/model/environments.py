"""Virtual environments, projects and the user's surroundings."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import PurePath


class EnvironmentState(Enum):
    """What stands where a virtual environment is looked for."""

    MISSING = "missing"
    USABLE = "usable"
    UNFINISHED = "unfinished"
    """safepip began to make it and was interrupted: it may be made anew."""
    BROKEN = "broken"
    UNTRUSTED = "untrusted"
    """Its interpreter lies inside the project, or it is somebody else's; safepip made it not."""
    OCCUPIED = "occupied"
    """Something that is no virtual environment stands there."""


class Environment(NamedTuple):
    """A virtual environment, there or to be made."""

    path: PurePath
    state: EnvironmentState
    writable: bool
    """May be written, or where missing: may be created."""
    detail: str = ""
    """Why it is BROKEN or UNTRUSTED, in plain words."""


class Project(NamedTuple):
    """The project that the working directory lies in."""

    root: PurePath
    sign: str
    """The file or directory that shows it: ``pyproject.toml``, ``.venv``."""
    environment: Environment
    writable: bool


class Host(NamedTuple):
    """The user's surroundings at the moment of the command."""

    cwd: PurePath
    active: Environment | None
    """The environment of ``VIRTUAL_ENV`` or ``CONDA_PREFIX``."""
    project: Project | None
    personal: Environment
    local: Environment
    """``.venv`` in the working directory."""
    pipx: bool
    """pipx can be had: on PATH, beside safepip, or fetched."""
    pipx_home: PurePath
    """Where pipx keeps its environments."""
    terminal: bool
    """stdin and stderr are terminals: questions can be asked."""
