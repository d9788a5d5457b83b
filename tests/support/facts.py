"""Factories of facts, for the tests of what is pure: Pythons, surroundings, triggers."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from safepip.model.applications import Application, ApplicationKind
from safepip.model.copies import Python
from safepip.model.decisions import Facts
from safepip.model.environments import Environment, EnvironmentState, Host, Project
from safepip.model.interpreter import Interpreter, Place
from safepip.model.reasons import Reason, Why, because
from safepip.model.triggers import Trigger, TriggerName
from safepip.reading import requests
from safepip.shells.kinds import Shell
from safepip.wording.report import Reader

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.model.requests import PipCommand

HOME = PurePosixPath("/home/you")
SITE = PurePosixPath("/usr/local/lib/python3.12/dist-packages")
USER_SITE = HOME / ".local/lib/python3.12/site-packages"
PERSONAL = HOME / ".local/share/safepip/envs/python3.12"
PIPX = HOME / ".local/share/pipx"
READER = Reader(Shell.BASH)


def place(path: str | PurePosixPath, owner: str = "root") -> Place:
    """A directory; writable if it is the user's."""
    return Place(path=PurePosixPath(path), writable=owner == "you", owner=owner)


def debian(**more: Any) -> Interpreter:
    """Debian's Python before PEP 668: all root's, the user site enabled."""
    facts: dict[str, Any] = {
        "argv": ("/usr/bin/python3",),
        "executable": PurePosixPath("/usr/bin/python3"),
        "version": (3, 12, 3),
        "implementation": "cpython",
        "prefix": PurePosixPath("/usr"),
        "base_prefix": PurePosixPath("/usr"),
        "purelib": place(SITE),
        "platlib": place(SITE),
        "scripts": place("/usr/local/bin"),
        "data": place("/usr/local"),
        "user_site": place(USER_SITE, "you"),
        "user_base": HOME / ".local",
        "user_scripts": HOME / ".local/bin",
        "user_site_enabled": True,
        "marker": None,
        "is_conda": False,
        "pip_version": (24, 0),
        "has_venv": True,
    }
    return Interpreter(**{**facts, **more})


def python_at(prefix: PurePath) -> Python:
    """A Python as ``where`` and ``doctor`` see it, with its prefix."""
    return Python(
        name="python3",
        executable=prefix / "bin/python3",
        version=(3, 12, 1),
        prefix=prefix,
        base_prefix=prefix,
        path=(),
        stdlib=prefix / "lib",
        purelib=prefix / "lib/site-packages",
        scripts=prefix / "bin",
        user_site=None,
        user_base=None,
        user_scripts=None,
        user_site_enabled=True,
        marker=None,
        is_conda=False,
        framework="",
        pip=None,
        has_ensurepip=True,
    )


def marked(**more: Any) -> Interpreter:
    """Debian's Python since PEP 668."""
    marker = PurePosixPath("/usr/lib/python3.12/EXTERNALLY-MANAGED")
    return debian(marker=marker, **more)


def virtual(path: str = "/home/you/site/.venv", *, owner: str = "you", **more: Any) -> Interpreter:
    """The Python of a virtual environment."""
    site = place(f"{path}/lib/python3.12/site-packages", owner)
    facts: dict[str, Any] = {
        "argv": (f"{path}/bin/python",),
        "executable": PurePosixPath(path, "bin/python"),
        "prefix": PurePosixPath(path),
        "purelib": site,
        "platlib": site,
        "scripts": place(f"{path}/bin", owner),
        "data": place(path, owner),
        "user_site_enabled": False,
    }
    return debian(**{**facts, **more})


def read_only(**more: Any) -> Interpreter:
    """A Python whose user has no user site: a service account, `python -s`."""
    return debian(user_site_enabled=False, **more)


def mine(**more: Any) -> Interpreter:
    """A Python that the user can write (pyenv's)."""
    return debian(purelib=place(SITE, "you"), platlib=place(SITE, "you"), **more)


def environment(
    path: str | PurePosixPath = "/home/you/site/.venv",
    state: EnvironmentState = EnvironmentState.USABLE,
    *,
    writable: bool = True,
    detail: Why | None = None,
) -> Environment:
    """An environment; of the user's, unless told otherwise."""
    return Environment(path=PurePosixPath(path), state=state, writable=writable, detail=detail)


def missing(path: str | PurePosixPath, *, writable: bool = True) -> Environment:
    """An environment that is not there."""
    return environment(path, EnvironmentState.MISSING, writable=writable)


def project(found: Environment | None = None, **more: Any) -> Project:
    """The project in /home/you/site."""
    facts: dict[str, Any] = {
        "root": PurePosixPath("/home/you/site"),
        "sign": "pyproject.toml",
        "environment": found or missing("/home/you/site/.venv"),
        "writable": True,
    }
    return Project(**{**facts, **more})


def host(**more: Any) -> Host:
    """An empty folder of the user's."""
    facts: dict[str, Any] = {
        "cwd": PurePosixPath("/home/you/site"),
        "active": None,
        "project": None,
        "personal": missing(PERSONAL),
        "local": missing("/home/you/site/.venv"),
        "pipx_home": PIPX,
        "terminal": False,
    }
    return Host(**{**facts, **more})


def trigger(
    name: TriggerName = TriggerName.DEFAULT_TO_USER,
    path: PurePosixPath | None = SITE,
    owner: str | None = "root",
) -> Trigger:
    """What came: pip's sentence about Debian's site-packages, unless told otherwise."""
    return Trigger(name=name, line=None, path=path, owner=owner)


def facts(interpreter: Interpreter | None = None, **more: Any) -> Facts:
    """What a decision rests on: Debian's Python in an empty folder, unless told otherwise."""
    told: dict[str, Any] = {
        "interpreter": interpreter or debian(),
        "host": host(),
        "trigger": trigger(),
        "applications": (library("requests"),),
    }
    return Facts(interpreter=told["interpreter"], host=told["host"])._replace(**{**told, **more})


def application(name: str = "httpie", **more: Any) -> Application:
    """Something to run."""
    return Application(
        name=name, kind=ApplicationKind.APPLICATION, why=because(Reason.WELL_KNOWN), **more
    )


def library(name: str = "requests") -> Application:
    """Something to import."""
    return Application(name=name, kind=ApplicationKind.LIBRARY, why=because(Reason.NO_COMMAND))


def unknown(name: str = "thing") -> Application:
    """Something that could not be looked up."""
    return Application(
        name=name,
        kind=ApplicationKind.UNKNOWN,
        why=because(Reason.UNKNOWN, problem=because(Reason.NEVER_ASKED)),
    )


def command(words: str = "install requests") -> PipCommand:
    """pip's command line."""
    return requests.parse(words.split(), {})
