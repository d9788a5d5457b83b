"""The copies of distributions that a machine holds, and the Pythons that import them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.model.history import Diversion


class PlaceKind(Enum):
    """What a place is to the user; the values are public."""

    ACTIVE = "active"
    PROJECT = "project"
    PERSONAL = "personal"
    ENVIRONMENT = "environment"
    """Another virtual environment that safepip knows of."""
    PIPX = "pipx"
    UV_TOOL = "uv-tool"
    USER = "user"
    SYSTEM = "system"
    """A Python that is no virtual environment's."""


class KnownPlace(NamedTuple):
    """A place that may hold distributions."""

    kind: PlaceKind
    path: PurePath
    """The environment; of ``USER`` and ``SYSTEM`` the site directory itself."""
    sites: tuple[PurePath, ...]
    python: str | None = None
    """``3.12``, as far as the directories tell."""

    @property
    def is_environment(self) -> bool:
        """Whether *path* is a virtual environment."""
        return self.kind not in {PlaceKind.USER, PlaceKind.SYSTEM}


class Python(NamedTuple):
    """A Python that a name runs in this shell, as it describes itself; paths absolute."""

    name: str
    """What was typed: ``python3``."""
    executable: PurePath
    """The file that the name runs."""
    version: tuple[int, int, int]
    prefix: PurePath
    base_prefix: PurePath
    path: tuple[PurePath, ...]
    """``sys.path``, without the working directory."""
    stdlib: PurePath
    purelib: PurePath
    scripts: PurePath
    user_site: PurePath | None
    user_base: PurePath | None
    user_scripts: PurePath | None
    user_site_enabled: bool
    marker: PurePath | None
    is_conda: bool
    framework: str
    """macOS: the name of the framework that it is, else empty."""
    pip: str | None
    """The version of the pip that it imports."""
    has_ensurepip: bool

    @property
    def is_virtual(self) -> bool:
        """Whether it belongs to a virtual environment."""
        return self.prefix != self.base_prefix

    @property
    def version_text(self) -> str:
        """``3.12.3``."""
        return ".".join(map(str, self.version))


class CopiedScript(NamedTuple):
    """A command that came with a copy."""

    name: str
    path: PurePath
    runs: PurePath | None
    """The file that typing the name runs; None if nothing."""
    mine: bool
    """That file is this command."""


class Copy(NamedTuple):
    """One copy of a distribution."""

    name: str
    version: str
    place: KnownPlace
    location: PurePath
    """The site directory."""
    metadata: PurePath
    installer: str | None
    """What installed it, by its own word (INSTALLER): ``pip``, ``uv``, ``conda``."""
    owner: str | None
    editable: str | None = None
    """The project's directory, where it is an editable install."""
    diversion: Diversion | None = None
    """The diversion of safepip's that put it there."""
    scripts: tuple[CopiedScript, ...] = ()


class Rank(Enum):
    """How a copy stands with a Python; the values are public."""

    IMPORTED = "imported"
    SHADOWED = "shadowed"
    """That Python looks there, but finds another copy before."""
    UNSEEN = "unseen"
    """That Python does not look there."""
