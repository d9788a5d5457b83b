"""Looks at virtual environments without running anything in them."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.machine import distributions, ownership, paths, trust
from safepip.model.environments import Environment, EnvironmentState
from safepip.model.reasons import Reason, because

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safepip.model.reasons import Why

_LONGEST_PATH = 4096
_LONGEST_SCRIPT = 1 << 16


def is_environment(path: Path) -> bool:
    """Tell whether *path* is a virtual environment, by its ``pyvenv.cfg`` (PEP 405)."""
    return paths.is_file(path / "pyvenv.cfg")


def environment_at(path: Path) -> Path:
    """The environment that *path* stands for: itself, or what a file there names (PEP 832).

    The file holds one line, in UTF-8: a path, absolute or relative to the file. What it names need
    not be there.
    """
    if not paths.is_file(path) or not ownership.is_ours(path):
        return path
    try:
        text = paths.in_words(paths.head(path, _LONGEST_PATH))
    except OSError:
        return path
    line = text.removesuffix("\n").removesuffix("\r")
    if not line or "\n" in line or "\0" in line:
        return path
    return Path(os.path.normpath(path.parent / line))


def made_as(path: Path) -> PurePath | None:
    """Where the environment at *path* was made, if that is another place: its activate tells.

    Activated by that script, a shell would look there.
    """
    text = paths.beginning(path / userpip.SCRIPTS / "activate", _LONGEST_SCRIPT)
    named = named_by_activate(paths.in_words(text))
    if named is None:
        return None
    try:
        same = path.samefile(named)
    except OSError:
        same = False
    return None if same else PurePath(named)


def named_by_activate(text: str) -> str | None:
    """The environment that an ``activate`` of that *text* activates, if it is plain to see.

    On Windows it is no more than a word that may go through ``cygpath``.
    """
    place = r"/.*?|[A-Za-z]:[\\/].*?|\\\\.*?"
    word = rf"\$\(cygpath (?:-u )?(['\"])({place})\1\)|(['\"]?)({place})\3"
    found = re.search(rf"^\s*(?:export )?VIRTUAL_ENV=(?:{word})\s*$", text, re.MULTILINE)
    named = None if found is None else found[2] or found[4]
    return None if named is None or "$" in named else named


def look_at_environment(
    path: Path,
    *,
    inside: Path | None,
    made_by_us: bool,
    unfinished: bool,
    named_by: Path | None = None,
    home: Path | None = None,
) -> Environment:
    """The state of the virtual environment at *path*, without running anything in it.

    *inside*: the project's root; an interpreter in there may be anybody's program. *named_by*: the
    file of the project that names *path* (PEP 832), if one does.
    """
    state, detail = _state_of(path, unfinished=unfinished)
    if state is EnvironmentState.USABLE and not made_by_us:
        problem = trust.problem_of(path, inside=inside, named_by=named_by)
        if problem is not None:
            state, detail = EnvironmentState.UNTRUSTED, problem
    denied = ownership.denied(*environment_places(path), home=home)
    return Environment(
        path=path,
        state=state,
        writable=denied is None,
        detail=detail,
        denied=denied,
        real=paths.resolved(path),
    )


def made_of(path: Path) -> Path | None:
    """The directory of the Python that the environment at *path* was made of, by its own word."""
    home = (trust.environment_config(path) or {}).get("home")
    return Path(home) if home else None


def python_version(path: Path) -> str:
    """``3.12`` of the Python of the environment at *path*, by its files; empty if none says it."""
    config = trust.environment_config(path) or {}
    names = [site.parent.name for site in distributions.site_dirs(path)]
    told = [*names, config.get("version", ""), config.get("version_info", "")]
    # conda's ``python3.1`` is a link to ``python3.12``.
    return max(re.findall(r"\d+\.\d+", " ".join(told)), key=len, default="")


def activated(path: PurePath, env: Mapping[str, str]) -> dict[str, str]:
    """*env* as the activate script of the environment at *path* would leave it.

    Source: CPython, ``Lib/venv/scripts/common/activate``.
    """
    changed = {name: value for name, value in env.items() if name != "PYTHONHOME"}
    changed["VIRTUAL_ENV"] = str(path)
    changed["PATH"] = f"{path / userpip.SCRIPTS}{os.pathsep}{env.get('PATH', os.defpath)}"
    return changed


def environment_places(path: Path) -> tuple[Path, ...]:
    """The directories that an install into the environment at *path* writes to."""
    sites = (
        site
        # Source: CPython, sysconfig, the schemes posix_venv and nt_venv.
        for pattern in ("lib/*/site-packages", "Lib/site-packages")
        for site in paths.matching(path, pattern)
    )
    return (path, *sites, path / userpip.SCRIPTS)


def _state_of(path: Path, *, unfinished: bool) -> tuple[EnvironmentState, Why | None]:
    if not os.path.lexists(path):
        return EnvironmentState.MISSING, None
    if unfinished:
        return EnvironmentState.UNFINISHED, None
    if not paths.is_dir(path):
        return EnvironmentState.OCCUPIED, _why_no_folder(path)
    if not is_environment(path):
        why = _why_not_filled(path)
        return EnvironmentState.MISSING if why is None else EnvironmentState.OCCUPIED, why
    if userpip.environment_python(str(path)) is None:
        return EnvironmentState.BROKEN, _why_no_python(path)
    return EnvironmentState.USABLE, None


def _why_not_filled(path: Path) -> Why | None:
    """Why no environment can be made in the directory *path*; None if one can."""
    if not ownership.is_safe_ground(path):
        # Whoever owns it may change what is put into it.
        return because(Reason.BELONGS, what=None, owner=ownership.owner_of(path))
    if not os.access(path, os.R_OK) or any(path.iterdir()):
        return because(Reason.NO_CONFIG)
    if paths.is_link(path):
        # One that ends in the middle could not be taken away again, nor be told from what else is
        # kept at the other end.
        return because(Reason.EMPTY_LINK, path=paths.resolved(path))
    return None


def _why_no_folder(path: Path) -> Why:
    named = environment_at(path)
    if named != path:
        return because(Reason.NAMES_NOTHING, path=named)
    return because(Reason.DANGLING if paths.is_link(path) else Reason.NO_DIRECTORY)


def _why_no_python(path: Path) -> Why:
    link = path / userpip.SCRIPTS / "python"
    if paths.is_link(link):
        return because(Reason.INTERPRETER_GONE, path=link.readlink())
    return because(Reason.NO_INTERPRETER)
