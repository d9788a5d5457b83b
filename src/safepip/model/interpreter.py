"""A Python, its install locations and its pip's settings."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import PurePath


class Barrier(Enum):
    """What keeps the user from writing somewhere."""

    OWNER = "owner"
    """It belongs to somebody else."""
    MODE = "mode"
    """It is the user's own, and its permission bits say no."""
    ACL = "acl"
    """It is the user's own, and an access control list says no."""
    READ_ONLY = "read-only"
    """The file system takes no writes."""
    IMMUTABLE = "immutable"
    """It carries the immutable flag (``chattr +i``)."""
    SUDO = "sudo"
    """It belongs to who called sudo, and what root makes there is in that user's way."""
    NO_DIRECTORY = "no-directory"
    """A file is where a directory would have to be."""
    UNKNOWN = "unknown"


class Denied(NamedTuple):
    """A place that the user may not write, and why."""

    place: PurePath
    """The directory that says no, absolute; it exists."""
    owner: str | None
    """Its owner's name, the number where there is no name."""
    barrier: Barrier
    mend: PurePath | None = None
    """What to hand back to the user, where that lies in a home of their own: the topmost directory
    that is not theirs."""


class Place(NamedTuple):
    """One directory of an interpreter's install scheme."""

    path: PurePath
    writable: bool
    """The user may create files in it (a missing one counts as its nearest parent)."""
    owner: str | None
    """Owner of it, or of its nearest existing parent."""


class Interpreter(NamedTuple):
    """A Python, as the Python itself describes it; all paths absolute."""

    argv: tuple[str, ...]
    """How to start it: the executable and the flags (``-s``) that pip runs it with."""
    executable: PurePath
    version: tuple[int, int, int]
    implementation: str
    """``cpython``, ``pypy``."""
    prefix: PurePath
    base_prefix: PurePath
    purelib: Place
    platlib: Place
    scripts: Place
    data: Place
    user_site: Place | None
    """None where this Python has no notion of one."""
    user_base: PurePath | None
    user_scripts: PurePath | None
    user_site_enabled: bool
    marker: PurePath | None
    """The EXTERNALLY-MANAGED file that binds it (PEP 668); None for none and in environments."""
    is_conda: bool
    pip_version: tuple[int, ...] | None
    """None when no pip is importable."""
    has_venv: bool
    """The module ``venv`` is importable."""
    search: tuple[PurePath, ...] = ()
    """``sys.path``: where its pip looks for what is installed; empty if unknown."""

    @property
    def sites(self) -> tuple[PurePath, ...]:
        """Where it finds what is installed for everybody: not the user's own site."""
        own = None if self.user_site is None else self.user_site.path
        names = {"site-packages", "dist-packages"}
        return tuple(one for one in self.search if one.name in names and one != own)

    @property
    def is_virtual(self) -> bool:
        """Whether it belongs to a virtual environment."""
        return self.prefix != self.base_prefix

    @property
    def site_writable(self) -> bool:
        """What pip asks before it defaults to the user site.

        Source: pip, ``_internal/commands/install.py``, ``site_packages_writable``.
        """
        return self.purelib.writable and self.platlib.writable

    @property
    def version_text(self) -> str:
        """``3.12.3``."""
        return ".".join(map(str, self.version))

    @property
    def short_version(self) -> str:
        """``3.12``."""
        return ".".join(map(str, self.version[:2]))


class PipSettings(NamedTuple):
    """What pip's own configuration files and variables say, as far as it bears on where things go.

    None means: not set.
    """

    user: bool | None = None
    target: str | None = None
    prefix: str | None = None
    root: str | None = None
    python: str | None = None
    """Another Python to work on."""
    require_virtualenv: bool = False
    break_system_packages: bool = False
    dry_run: bool = False
    quiet: int = 0
    file_values: tuple[tuple[str, str], ...] = ()
    """What the files (not the variables) set, by long option name without dashes."""
    readable: bool = True
    """False where pip ends with an error over one of its files or values."""

    @property
    def places(self) -> tuple[str, ...]:
        """``target``, ``prefix`` and ``root``, those that are set."""
        return tuple(place for place in (self.target, self.prefix, self.root) if place)
