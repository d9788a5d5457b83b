"""Strategies, facts and the decision made of them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from safepip.model.interpreter import Interpreter, PipSettings

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.model.applications import Application
    from safepip.model.environments import Environment, Host
    from safepip.model.interpreter import Denied
    from safepip.model.reasons import Why
    from safepip.model.triggers import Trigger


class SystemSite(Enum):
    """Whether new environments see the packages of the Python they are made of."""

    FALSE = "false"
    TRUE = "true"
    AUTO = "auto"
    """Where these cannot be had otherwise."""


class Facts(NamedTuple):
    """All that a decision may rest on."""

    interpreter: Interpreter
    host: Host
    pip_settings: PipSettings = PipSettings()
    trigger: Trigger | None = None
    applications: tuple[Application, ...] | None = None
    """One per requirement; None when nobody has looked yet."""
    create_venv: bool = True
    """Settings: environments that are missing may be made."""
    system_site: SystemSite = SystemSite.AUTO
    """Settings: whether a new environment sees what the base Python has."""
    lacking: tuple[str, ...] = ()
    """Names that an isolated environment was found to lack, which the base Python has."""


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


class Rejection(NamedTuple):
    """A rule that did not hold, and why."""

    why: Why
    rule: str = ""
    denied: Denied | None = None
    """The place whose permissions alone kept the rule from holding, so that mending it helps."""


class Sees(NamedTuple):
    """A new environment is to see what the base Python has."""

    whose: str
    """What these packages belong to, in plain words."""
    sites: tuple[PurePath, ...] = ()
    """Where they lie, if they are an environment's, which Python itself would pass over."""


class RunAsGiven(NamedTuple):
    """pip is left to it."""

    reason: Why


class Divert(NamedTuple):
    """Install somewhere else."""

    destination: DestinationKind
    reason: Why
    path: PurePath
    """The environment, the user site, or pipx's directory."""
    rule: str = ""
    environment: Environment | None = None
    """For VENV: the one to use or to make."""
    applications: tuple[Application, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    sees: Sees | None = None
    """For VENV, where one is to be made: the base Python's packages that it shall see."""
    asked: Strategy = Strategy.AUTO
    """What was asked for."""
    restart: bool = False
    """What started the command has to be started anew to see what is installed."""


class Remedy(Enum):
    """What the user can do all the same."""

    AUTO = "auto"
    """The same with that strategy."""
    LOCKED = "locked"
    """Nothing: the administrator has locked the strategy; see where."""
    NO_SUDO = "no-sudo"
    """The same as oneself, not as root."""
    NEW_HOME = "new-home"
    """The same with another home directory."""


class Refuse(NamedTuple):
    """Do nothing, say why, exit 77."""

    reason: Why
    rule: str = ""
    remedy: Remedy | None = None
    do: str = ""
    """The command for ``remedy`` or ``activate``, in the user's shell."""
    activate: PurePath | None = None
    """The environment that would be used if the user activated it."""
    denied: Denied | None = None
    """The place whose permissions are the cause."""
    rejected: tuple[Rejection, ...] = ()
    asked: Strategy = Strategy.AUTO
    """What was asked for."""


Decision = RunAsGiven | Divert | Refuse
