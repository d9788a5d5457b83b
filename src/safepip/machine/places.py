"""Looks for the places that may hold distributions: Pythons, user sites, known environments."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip.machine import distributions, environments, home, paths, pipx, project
from safepip.model.copies import KnownPlace, PlaceKind
from safepip.model.projects import ENVIRONMENT_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from safepip.model.copies import Python


def environment(kind: PlaceKind, path: PurePath) -> KnownPlace:
    """The virtual environment at *path*, which need not be whole."""
    sites = distributions.site_dirs(path)
    versions = [site.parent.name.removeprefix("python") for site in sites]
    python = next((version for version in versions if version[:1].isdigit()), None)
    return KnownPlace(kind=kind, path=path, sites=sites, python=python)


def of_pythons(pythons: Iterable[Python]) -> Iterator[KnownPlace]:
    """The site directories on the path of *pythons*, and every user site of theirs."""
    for python in pythons:
        version = ".".join(map(str, python.version[:2]))
        if python.is_virtual:
            yield environment(PlaceKind.ENVIRONMENT, python.prefix)
        for entry in python.path:
            # The standard library's own three entries hold no distributions.
            # Source: CPython, ``Modules/getpath.py``.
            if entry == python.stdlib or entry.suffix == ".zip" or entry.name == "lib-dynload":
                continue
            kind = PlaceKind.USER if entry == python.user_site else PlaceKind.SYSTEM
            if python.is_virtual and entry.is_relative_to(python.prefix):
                continue
            yield KnownPlace(kind=kind, path=entry, sites=(entry,), python=version)
        # Also those that are off here: what is there can be seen by others.
        if python.user_site is not None:
            site = python.user_site
            yield KnownPlace(kind=PlaceKind.USER, path=site, sites=(site,), python=version)


def user_sites(env: Mapping[str, str], *, system: str = sys.platform) -> Iterator[KnownPlace]:
    """The user sites of all Pythons, by their names in HOME.

    Source: CPython, ``Lib/site.py``, ``_getuserbase`` and ``_get_path``.
    """
    for site in _user_sites(env, system):
        named = re.search(r"(?:[Pp]ython|pypy)/?(\d[\d.]*)", site.as_posix())
        version = None if named is None else named[1]
        if version is not None and "." not in version:  # Python312
            version = f"{version[:1]}.{version[1:]}"
        yield KnownPlace(kind=PlaceKind.USER, path=site, sites=(site,), python=version)


def _user_sites(env: Mapping[str, str], system: str) -> Iterator[PurePath]:
    base = env.get("PYTHONUSERBASE")
    if system == "win32":
        root = Path(base or Path(env.get("APPDATA") or paths.expanded("~"), "Python"))
        yield from paths.matching(root, "Python3*/site-packages")
        return
    yield from distributions.site_dirs(Path(base) if base else paths.expanded("~/.local"))
    if system == "darwin":  # Pythons that are built as frameworks
        root = paths.expanded("~/Library/Python")
        yield from paths.matching(root, "3.*/lib/python/site-packages")


def environments_here(env: Mapping[str, str], venv_name: str) -> Iterator[KnownPlace]:
    """The active environment, and those of the project that the working directory lies in."""
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if env.get(variable) and os.path.isabs(env[variable]):
            yield environment(PlaceKind.ACTIVE, PurePath(env[variable]))
    try:
        here = Path.cwd()
    except OSError:
        return
    root = project.project_root(here, home.home_of(env))
    for folder in dict.fromkeys((root or here, here)):
        for name in dict.fromkeys((venv_name, *ENVIRONMENT_NAMES)):
            if environments.is_environment(folder / name):
                yield environment(PlaceKind.PROJECT, folder / name)


def of_tools(env: Mapping[str, str], *, system: str = sys.platform) -> Iterator[KnownPlace]:
    """The environments that pipx and uv keep for applications.

    Source: pipx, ``src/pipx/paths.py``; uv, ``crates/uv-tool/src/lib.rs``, ``uv-dirs/src/lib.rs``.
    """
    data = env.get("XDG_DATA_HOME") or "~/.local/share"
    if system == "win32":
        data = env.get("APPDATA") or "~/AppData/Roaming"
    uv = paths.expanded(env.get("UV_TOOL_DIR") or f"{data}/uv/tools")
    for kind, folder in ((PlaceKind.PIPX, pipx.home(env) / "venvs"), (PlaceKind.UV_TOOL, uv)):
        for name in paths.names_in(folder):
            if environments.is_environment(folder / name):
                yield environment(kind, folder / name)


def distinct(found: Iterable[KnownPlace]) -> tuple[KnownPlace, ...]:
    """*found* without what is there twice, whatever it is called; the first one counts.

    What is not there at all is left out.
    """
    seen: set[tuple[int, int]] = set()
    kept = []
    for place in found:
        try:
            info = os.stat(place.path)
        except OSError:
            continue
        key = (info.st_dev, info.st_ino)
        if key not in seen:
            seen.add(key)
            kept.append(place)
    return tuple(kept)


def known(
    pythons: Iterable[Python],
    env: Mapping[str, str],
    *,
    venv_name: str,
    personal: Iterable[PurePath],
    remembered: Iterable[PurePath],
) -> tuple[KnownPlace, ...]:
    """Every place that safepip knows of here, those of this directory first.

    *personal*: the personal environments, there or not. *remembered*: environments that diversions
    went to.
    """
    asked = tuple(pythons)
    found = [*environments_here(env, venv_name)]
    found += [environment(PlaceKind.PERSONAL, path) for path in personal]
    found += [
        environment(PlaceKind.ENVIRONMENT, path)
        for path in remembered
        if environments.is_environment(Path(path))
    ]
    found += of_tools(env)
    found += of_pythons(asked)
    found += user_sites(env)
    users = {place.path for place in found if place.kind is PlaceKind.USER}
    ordered = sorted(found, key=lambda place: _ORDER.index(place.kind))
    return distinct(
        place for place in ordered if place.kind is PlaceKind.USER or place.path not in users
    )


_ORDER = tuple(PlaceKind)
