"""The words of safepip: frozen values that the core computes with and the hands fill in.

Nothing here looks at a file, a variable or a process. Paths are ``PurePath``: whether one exists
is a fact, and facts are gathered by ``machine``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import PurePath

# ---------------------------------------------------------------------------------------------
# What the user asked for


class RequirementKind(Enum):
    """How one thing to install was named on pip's command line."""

    NAMED = "named"
    """PEP 508: a name with optional extras, specifier and marker, no URL."""
    URL = "url"
    """``name @ https://…``, a bare URL, or a version control address."""
    LOCAL_DIR = "local-dir"
    """A directory (``.``, ``./lib``)."""
    LOCAL_FILE = "local-file"
    """A wheel or an archive by path."""
    EDITABLE = "editable"
    """``-e`` of anything."""
    FILE = "requirements-file"
    """``-r FILE``, ``--group``, ``--requirements-from-script``: requirements listed elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedRequirement:
    """One requirement of the command line, as typed."""

    text: str
    kind: RequirementKind
    name: str | None = None
    """Normalized name (PEP 503) where the text tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipOption:
    """One option of pip's command line, spelled out."""

    name: str
    """The long name with dashes: ``--requirement``; unknown options as typed."""
    value: str | None
    start: int
    """Index of its first word in ``PipCommand.argv``."""
    stop: int
    """One behind the index of its last word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipCommand:
    """pip's command line, read without running pip.

    ``argv`` is everything after the program's name, unchanged.
    """

    argv: tuple[str, ...]
    name: str | None
    """``install``, ``list``, …; None when there is no command word."""
    index: int | None
    """Where in ``argv`` the command word stands."""
    options: tuple[PipOption, ...] = ()
    requirements: tuple[RequestedRequirement, ...] = ()

    def has(self, *names: str) -> bool:
        """Whether one of the options called *names* (long form) was given."""
        return any(option.name in names for option in self.options)

    def values(self, name: str) -> tuple[str, ...]:
        """All values given to the option *name*, in order."""
        return tuple(o.value for o in self.options if o.name == name and o.value is not None)

    @property
    def explicit_destination(self) -> str | None:
        """The option by which the command line itself names the place, None if it does not.

        Such an install is never diverted.
        """
        for option in self.options:
            if option.name in EXPLICIT_DESTINATIONS:
                return option.name
        return None

    @property
    def quiet(self) -> int:
        """How often ``-q`` was given on the command line."""
        return sum(option.name == "--quiet" for option in self.options)


EXPLICIT_DESTINATIONS = frozenset(
    {"--user", "--target", "--prefix", "--root", "--python", "--break-system-packages"}
)


# ---------------------------------------------------------------------------------------------
# What was seen


class Stream(Enum):
    """Which of pip's streams bytes came from."""

    OUT = "stdout"
    ERR = "stderr"
    BOTH = "both"
    """One terminal or file that serves as both: they cannot be told apart."""


class TriggerName(Enum):
    """Why pip could not write where it wanted to; the names are public."""

    DEFAULT_TO_USER = "default-to-user"
    PERMISSION_DENIED = "permission-denied"
    READ_ONLY = "read-only"
    EXTERNALLY_MANAGED = "externally-managed"
    VIRTUALENV_REQUIRED = "virtualenv-required"
    USER_SITE_UNAVAILABLE = "user-site-unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A trigger recognised in pip's output."""

    trigger: TriggerName
    line: str
    """The line that showed it, without colours and line end."""
    path: str | None = None
    """The place that pip named; None if it named none, a bare name (``RECORD``) as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A sighting together with what the disk says about the place."""

    name: TriggerName
    line: str | None
    """pip's words; None when safepip acted before pip could say them."""
    path: PurePath | None
    """The place that is not writable, absolute."""
    owner: str | None
    """Its owner's name (or number); None if unknown."""


# ---------------------------------------------------------------------------------------------
# Interpreters and the machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One directory of an interpreter's install scheme."""

    path: PurePath
    writable: bool
    """The user may create files in it (a missing one counts as its nearest parent)."""
    owner: str | None
    """Owner of it, or of its nearest existing parent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
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
    pip_dir: PurePath | None
    has_venv: bool
    """The module ``venv`` is importable."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class PipSettings:
    """What pip's own configuration files and variables say, as far as it bears on where things go.

    None means: not set. Source: ``pip config list``, never our own guess at the files.
    """

    user: bool | None = None
    target: str | None = None
    prefix: str | None = None
    root: str | None = None
    require_virtualenv: bool = False
    break_system_packages: bool = False
    quiet: int = 0
    no_deps: bool = False
    file_values: tuple[tuple[str, str], ...] = ()
    """What the files (not the variables) set, by long option name without dashes."""

    @property
    def names_a_place(self) -> bool:
        """Whether ``target``, ``prefix`` or ``root`` is set."""
        return bool(self.places)

    @property
    def places(self) -> tuple[str, ...]:
        """``target``, ``prefix`` and ``root``, those that are set."""
        return tuple(place for place in (self.target, self.prefix, self.root) if place)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A virtual environment, there or to be made."""

    path: PurePath
    state: EnvironmentState
    writable: bool
    """May be written, or where missing: may be created."""
    detail: str = ""
    """Why it is BROKEN or UNTRUSTED, in plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The project that the working directory lies in."""

    root: PurePath
    sign: str
    """The file or directory that shows it: ``pyproject.toml``, ``.venv``."""
    environment: Environment
    writable: bool


class ApplicationKind(Enum):
    """What a requirement is: something to run, or something to import."""

    APPLICATION = "application"
    LIBRARY = "library"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The verdict on one requirement, with its reason."""

    name: str
    kind: ApplicationKind
    why: str
    commands: tuple[str, ...] = ()
    """Commands it brings, as far as known."""
    include_deps: bool = False
    """Its commands live in a dependency (pipx: ``--include-deps``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The user's surroundings at the moment of the command."""

    cwd: PurePath
    home: PurePath | None
    path: tuple[PurePath, ...]
    """PATH, entries in order, absolute ones only."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a decision may rest on."""

    interpreter: Interpreter
    host: Host
    pip_settings: PipSettings = PipSettings()
    trigger: Trigger | None = None
    applications: tuple[Application, ...] | None = None
    """One per requirement; None when nobody has looked yet."""
    create_venv: bool = True
    """Settings: environments that are missing may be made."""


# ---------------------------------------------------------------------------------------------
# Decisions


class Strategy(Enum):
    """What the user wants done when pip cannot write; the names are public."""

    AUTO = "auto"
    VENV = "venv"
    USER = "user"
    PIPX = "pipx"
    ASK = "ask"
    REFUSE = "refuse"
    OFF = "off"


class Installer(Enum):
    """What makes and fills virtual environments."""

    PIP = "pip"
    UV = "uv"
    AUTO = "auto"


class DestinationKind(Enum):
    """The three places to divert to; the values are the ``strategy`` of reports."""

    VENV = "venv"
    USER = "user"
    PIPX = "pipx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A rule that did not hold, and why."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAsGiven:
    """pip is left to it."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Divert:
    """Install somewhere else."""

    destination: DestinationKind
    rule: str
    reason: str
    path: PurePath
    """The environment, the user site, or pipx's directory."""
    environment: Environment | None = None
    """For VENV: the one to use or to make."""
    applications: tuple[Application, ...] = ()
    rejected: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """Do nothing, say why, exit 77."""

    rule: str
    reason: str
    do: str = ""
    rejected: tuple[Rejection, ...] = ()


Decision = RunAsGiven | Divert | Refuse


# ---------------------------------------------------------------------------------------------
# Where things are


class Visibility(Enum):
    """Whether typing a script's name runs it; the values are public."""

    VISIBLE = "visible"
    SHADOWED = "shadowed"
    OFF_PATH = "off-path"


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
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
    scripts: tuple[PurePath, ...] = ()
    """Absolute paths of the commands it installed, by RECORD and entry points."""


class ShellWord(Enum):
    """What a shell finds under a name before it looks at PATH; the values are public."""

    ALIAS = "alias"
    FUNCTION = "function"
    BUILTIN = "builtin"


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedScript:
    """A command that came with a distribution."""

    name: str
    path: PurePath
    visibility: Visibility
    shadowed_by: PurePath | ShellWord | None = None
    """The other file that its name runs, or what the shell itself holds under that name."""
    visible_after_login: bool | None = None
    """Whether it will be found by name after the next login; None: not asked, or no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """Where one distribution ended up."""

    name: str
    version: str
    location: PurePath
    scripts: tuple[LandedScript, ...]


class OutcomeKind(Enum):
    """How it went; the values are public."""

    AS_GIVEN = "as-given"
    DIVERTED = "diverted"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything that a report says."""

    kind: OutcomeKind
    exit_code: int
    trigger: Trigger | None
    decision: Decision | None
    interpreter: Interpreter | None
    """The one whose environment was to be changed in the end."""
    landed: tuple[Landing, ...] = ()
    next_command: str | None = None
    leftovers: tuple[str, ...] = ()
    """What a first, failed attempt left in the denied place, or an interrupted one where it went:
    plain sentences."""
    interrupted: bool = False
    """It failed after a Ctrl-C, or another SIGINT."""
    notes: tuple[str, ...] = field(default=())
