"""What ``doctor`` finds: signs that something is wrong, and the mend of each."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.model.reasons import Why


class Ailment(Enum):
    """What can be wrong; the values are the public ids of findings."""

    OTHER_PYTHON = "pip-of-another-python"
    PIP_ALIAS = "pip-alias"
    FOREIGN_FILES = "files-of-another-user"
    FOREIGN_ENVIRONMENT = "environment-of-another-user"
    NOT_WRITABLE = "not-writable"
    IMMUTABLE = "immutable"
    READ_ONLY = "read-only"
    DISK_FULL = "disk-full"
    HALF_REMOVED = "half-removed"
    NO_RECORD = "no-record"
    NO_METADATA = "no-metadata"
    TWICE = "installed-twice"
    USER_SITE_SHADOWS = "user-site-shadows"
    MODULE_SHADOWS = "module-shadows"
    NO_HOME = "no-home"
    NO_USER = "no-user"
    TMP_UNUSABLE = "tmp-unusable"
    TMP_LIMITED = "tmp-limited"
    CACHE_UNUSABLE = "cache-unusable"
    SPOILING_VARIABLE = "spoiling-variable"
    SPOILING_SETTING = "spoiling-setting"
    STRICT_SETTING = "strict-setting"
    OFF_PATH = "scripts-off-path"
    SHADOWED_COMMAND = "command-shadowed"
    TILDE_IN_PATH = "tilde-in-path"
    OLD_FUNCTIONS = "functions-out-of-date"
    OTHER_FUNCTIONS = "functions-of-another-version"
    HELD_NAME = "name-held-by-shell"
    BROKEN_ENVIRONMENT = "environment-broken"
    MOVED_ENVIRONMENT = "environment-moved"
    NO_EXEC = "environment-no-exec"
    OTHER_MACHINE = "environment-of-another-machine"
    TRACKED_ENVIRONMENT = "environment-tracked"
    BROKEN_PIPX = "pipx-broken"
    BROKEN_UV_TOOL = "uv-tool-broken"
    STALE_ENVIRONMENT = "environment-stale"


class Sign(NamedTuple):
    """One thing that was seen."""

    ailment: Ailment
    paths: tuple[PurePath, ...] = ()
    name: str = ""
    """Of the distribution, the variable, the setting, the command."""
    version: str = ""
    detail: str = ""
    why: Why | None = None
    """In place of ``detail``."""
    python: PurePath | None = None
    """The interpreter that the mend is run with."""
    line: int = 0
    """In ``paths[0]``, from 1."""


class Mend(NamedTuple):
    """What helps."""

    commands: tuple[str, ...] = ()
    """To be pasted into the user's shell, in order."""
    permanent: bool = True
    """The cause is gone then; otherwise it helps in this shell."""


class Finding(NamedTuple):
    """A sign with its mend."""

    sign: Sign
    mend: Mend
    needs_action: bool


class Location(NamedTuple):
    """A place that installs may go to, as ``doctor`` shows it."""

    what: str
    path: PurePath
    owner: str | None
    writable: bool
    why: str = ""
    """What keeps it from being written, where that is not plainly its owner."""


WayName = Enum(
    "WayName",
    "CONDA UV PYENV PACKAGE COMPILED ENVIRONMENT HOMEBREW MACOS WINGET WINDOWS",
)


class Way(NamedTuple):
    """A way to a Python of one's own: commands in order."""

    name: WayName
    commands: tuple[str, ...]
