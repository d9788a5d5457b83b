"""Virtual environments, projects and the user's surroundings."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.model.interpreter import Denied
    from safepip.model.reasons import Why


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
    detail: Why | None = None
    """Why it is BROKEN, UNTRUSTED or OCCUPIED."""
    denied: Denied | None = None
    """Which part of it cannot be written (or, where it is missing, what keeps it from being made)
    and why."""
    real: PurePath | None = None
    """The path without links, where that is another one."""
    version: str = ""
    """That of its Python, where the user named another one: ``pip3.12``."""

    @property
    def is_to_be_made(self) -> bool:
        """Whether it is not there yet, or not whole."""
        return self.state in {EnvironmentState.MISSING, EnvironmentState.UNFINISHED}


class Project(NamedTuple):
    """The project that the working directory lies in."""

    root: PurePath
    sign: str
    """The file or directory that shows it: ``pyproject.toml``, ``.venv``."""
    environment: Environment
    writable: bool


class HomeTrouble(Enum):
    """Why there is nothing of a home to use, whatever may be written where."""

    UNKNOWN = "unknown"
    """HOME is unset, and the user has no entry in the password database."""
    RELATIVE = "relative"
    """HOME names no absolute path."""
    ROOT = "root"
    """HOME is ``/``, as container engines set it for a user without a name."""
    MISSING = "missing"
    """The directory is not there."""
    OTHERS = "others"
    """The directory belongs to another user, who lets nobody write: ``su`` without ``-``."""
    READ_ONLY = "read-only"
    """The directory lies on a file system that takes no writes."""


class Stale(NamedTuple):
    """A variable that names an environment which is none any more, or none for this Python."""

    variable: str
    path: PurePath
    version: str = ""
    """That of the other Python which it is for."""


class Host(NamedTuple):
    """The user's surroundings at the moment of the command."""

    cwd: PurePath
    active: Environment | None
    """The environment of ``VIRTUAL_ENV`` or ``CONDA_PREFIX``."""
    project: Project | None
    personal: Environment
    local: Environment
    """``.venv`` in the working directory."""
    pipx_home: PurePath
    """Where pipx keeps its environments."""
    terminal: bool
    """stdin and stderr are terminals: questions can be asked."""
    stale: Stale | None = None
    """What ``VIRTUAL_ENV`` or ``CONDA_PREFIX`` says, where that holds no Python."""
    kernel: bool = False
    """The command comes from a notebook whose kernel runs on the Python that pip belongs to."""
    new_user_site: bool = False
    """The user site is not there yet: what runs now, a kernel say, does not look into it."""
    own_cwd: bool = True
    """The working directory is the user's own, or root's and nobody else's to write."""
    home_trouble: HomeTrouble | None = None
    pipx_unfit: Why | None = None
    """Why pipx's own pip cannot do the work here."""
    pipx_denied: Denied | None = None
    """A directory that pipx has to write and may not."""
    user_scripts_writable: bool = True
    """Commands can be put where the user site's go."""
    shared: str | None = None
    """What the base Python's packages belong to, where they cannot be had otherwise:
    ``Raspberry Pi OS``, ``conda``; None where an isolated environment lacks nothing."""
