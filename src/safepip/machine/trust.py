"""Judges whether an environment that safepip did not make may be run, without running it.

Its interpreter must be one that is known from outside, its files the user's own, and nothing of it
must have come with a clone. Contract §11.
"""

from __future__ import annotations

import filecmp
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.machine import ownership, paths, version_control
from safepip.model.reasons import Reason, Why, because

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONFIG_BYTES = 1 << 16
_LINE_BYTES = 1000
_HOPS = 40
_PYTHON = re.compile(r"(platform-)?(python|pypy|graalpy)[\d.]*[a-z]?(\.exe)?", re.IGNORECASE)
_LAUNCHERS = ("python.exe", "venvlauncher.exe", "venvlaunchert.exe")
"""What Windows' venv copies as ``python.exe``: it starts the one that ``home`` names.

Source: CPython, ``Lib/venv/__init__.py``, ``setup_python`` and ``symlink_or_copy``.
"""


def problem_of(
    path: Path,
    *,
    inside: Path | None,
    named_by: Path | None = None,
    windows: bool = userpip.WINDOWS,
) -> Why | None:
    """Why the environment at *path* must not be run; None if it may.

    *inside*: the project's root. *named_by*: the file in it that names *path*, if one does.
    """
    return (
        _not_own(path, named_by)
        or _tracked(path, named_by)
        or _odd_interpreter(path, inside, windows=windows)
    )


def _not_own(path: Path, named_by: Path | None) -> Why | None:
    """Whose it is, if it or what Python reads of it at its start is somebody else's."""
    sites = paths.matching(path, "lib/*/site-packages")
    inner = [path / "bin", *(one for site in sites for one in _run_at_once(site))]
    for one in filter(None, (named_by, path, paths.resolved(path), path / "pyvenv.cfg", *inner)):
        if os.path.lexists(one) and not ownership.is_ours(one):
            what, owner = None if one == path else one, ownership.owner_of(one)
            return because(Reason.BELONGS, what=what, owner=owner)
    return None


def _run_at_once(site: Path) -> Iterator[Path]:
    """The directory *site*, what in it Python runs at its start, and the pip there."""
    yield site
    with suppress(OSError):
        for name in os.listdir(site):
            if name.endswith(".pth") or name.startswith(("sitecustomize", "usercustomize")):
                yield site / name
    for name in ("pip", "pip/__init__.py", "pip/__main__.py"):
        yield site / name


def _tracked(path: Path, named_by: Path | None) -> Why | None:
    for one in dict.fromkeys(filter(None, (path, paths.resolved(path), named_by))):
        tracker = version_control.tracker_of(one)
        if tracker is not None:
            what = None if one == path else one
            return because(Reason.TRACKED, tracker=tracker, what=what)
    return None


def _odd_interpreter(path: Path, inside: Path | None, *, windows: bool) -> Why | None:
    python = _python_of(path, windows=windows)
    if python is None:
        return because(Reason.NO_INTERPRETER)
    home = _home_of(path, inside)
    if isinstance(home, Why):
        return home
    names, real = _follow(python)
    if not all(_PYTHON.fullmatch(name) for name in names):
        return because(Reason.ODD_NAME, path=real)
    usual = (*versioned_names(path), *_USUAL_NAMES)
    known = [home / name for name in dict.fromkeys((*names, *usual))]
    if windows:
        # The home of a Python from the Microsoft Store holds only names for it, and no launcher;
        # ours of the same version is the same program.
        for one in (home, Path(sys.base_prefix)):
            known += [one / "Lib" / "venv" / "scripts" / "nt" / name for name in _LAUNCHERS]
    known = [one for one in known if paths.is_file(one)]
    original = next((one for one in known if _is_same(one, real)), None)
    if original is None and _is_in(inside, real):
        return because(Reason.INSIDE_NO_COPY, path=real, home=home)
    if original is None:
        return because(Reason.NOT_THE_NAMED, path=real, home=home)
    original = paths.resolved(original)
    if _is_in(inside, original):
        return because(Reason.INSIDE, path=original)
    if not ownership.is_ours(original):
        owner = ownership.owner_of(original)
        return because(Reason.INTERPRETER_BELONGS, path=original, owner=owner)
    return None


def _python_of(path: Path, *, windows: bool) -> Path | None:
    names = (
        ("Scripts/python.exe", "bin/python.exe", "python.exe")
        if windows
        else ("bin/python", "python")
    )
    return next((path / name for name in names if paths.is_file(path / name)), None)


def _home_of(path: Path, inside: Path | None) -> Path | Why:
    """The directory that ``home`` of *path*'s pyvenv.cfg names; or what is wrong with that."""
    config = environment_config(path)
    if config is None:
        return because(Reason.CONFIG_UNREADABLE)
    home = Path(config.get("home", ""))
    if not home.is_absolute():
        return because(Reason.NO_HOME_NAMED)
    if _is_in(inside, home):
        return because(Reason.HOME_INSIDE, path=home)
    return home


def environment_config(path: Path) -> dict[str, str] | None:
    """The keys of *path*'s ``pyvenv.cfg``, read as Python does; None where it would be in doubt.

    A file that says one thing to us and another to Python could name two homes: one that names it
    twice, or by lines longer than those that Python reads at once.
    Source: CPython, ``Modules/getpath.py`` and ``getpath.c``.
    """
    try:
        data = paths.head(path / "pyvenv.cfg", _CONFIG_BYTES + 1).replace(b"\r\n", b"\n")
    except OSError:
        return None
    lines = data.split(b"\n")
    if len(data) > _CONFIG_BYTES or b"\0" in data or b"\r" in data:
        return None
    config: dict[str, str] = {}
    for line in lines:
        key, equals, value = paths.in_words(line).partition("=")
        key, value = key.strip().lower(), value.strip()
        if len(line) > _LINE_BYTES or (key == "home" and config.get(key, value) != value):
            return None
        if equals:
            config.setdefault(key, value)
    return config


def _is_in(folder: Path | None, path: Path) -> bool:
    return folder is not None and paths.resolved(path).is_relative_to(paths.resolved(folder))


def _follow(python: Path) -> tuple[list[str], Path]:
    """The name of *python* and of each link on its way, and where that ends."""
    names = [python.name]
    here = python
    # As many links as Linux follows (path_resolution(7)).
    for _ in range(_HOPS):
        if not paths.is_link(here):
            break
        here = here.parent / os.readlink(here)  # a name that may be relative
        names.append(here.name)
    return list(dict.fromkeys(names)), paths.resolved(python)


_USUAL_NAMES = ("python", "python3", "pypy3", "pypy", "python.exe", "pypy3.exe", "pypy.exe")


def versioned_names(path: Path) -> list[str]:
    """``python3.12``, if the environment at *path* says that it was made of a 3.12."""
    config = environment_config(path) or {}
    version = re.match(r"\d+\.\d+", config.get("version") or config.get("version_info", ""))
    return [] if version is None else [f"python{version[0]}"]


def _is_same(known: Path, real: Path) -> bool:
    """Whether *real* is the file *known*, or a copy of it (``--copies``, Windows)."""
    try:
        return known.samefile(real) or filecmp.cmp(known, real, shallow=False)
    except OSError:
        return False
