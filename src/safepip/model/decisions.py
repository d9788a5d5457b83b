"""Strategies, facts and the decision made of them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.model.applications import Application
    from safepip.model.environments import Environment, Host
    from safepip.model.triggers import Trigger

from safepip.model.interpreter import Interpreter, PipSettings


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


class Rejection(NamedTuple):
    """A rule that did not hold, and why."""

    rule: str
    why: str


class RunAsGiven(NamedTuple):
    """pip is left to it."""

    reason: str


class Divert(NamedTuple):
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


class Refuse(NamedTuple):
    """Do nothing, say why, exit 77."""

    rule: str
    reason: str
    do: str = ""
    rejected: tuple[Rejection, ...] = ()


Decision = RunAsGiven | Divert | Refuse
