"""Looks for distributions that are there by halves, twice, or in the way of others."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from safepip import userpip
from safepip.machine import copies, paths
from safepip.machine.health.ground import listed, text_of
from safepip.model.copies import PlaceKind
from safepip.model.health import Ailment, Sign

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from safepip.machine.health.ground import Ground
    from safepip.model.copies import KnownPlace

# Of the working directory: tools import these by their names on purpose.
_NOT_MODULES = frozenset(
    {"setup", "conftest", "noxfile", "tasks", "manage", "wsgi", "asgi", "test"}
)


def signs(ground: Ground) -> Iterator[Sign]:
    """What is wrong in the site directories that the user may write to, and here."""
    for place in ground.places:
        for site in place.sites:
            if os.access(site, os.W_OK):
                yield from _in_site(ground, place, site)
    yield from _user_site_shadows(ground)
    yield from _module_shadows(ground)


def _python_of(ground: Ground, place: KnownPlace) -> PurePath | None:
    if place.is_environment:
        found = userpip.environment_python(str(place.path))
        return None if found is None else PurePath(found)
    for python in ground.pythons.values():
        if place.path in python.path:
            return python.executable
    return None


def _in_site(ground: Ground, place: KnownPlace, site: PurePath) -> Iterator[Sign]:
    python, names = _python_of(ground, place), paths.names_in(site)
    aside = tuple(PurePath(site, name) for name in names if name.startswith("~"))
    if aside:
        yield Sign(ailment=Ailment.HALF_REMOVED, paths=aside)
    infos: dict[str, list[str]] = {}
    for name in names:
        if name.endswith(".dist-info") and not name.startswith("~"):
            infos.setdefault(canonicalize_name(name.partition("-")[0]), []).append(name)
    for name, some in infos.items():
        if len(some) > 1:
            yield _twice(site, name, some, python)
            continue
        yield from _incomplete(site, name, some[0], python)


def _twice(site: PurePath, name: str, some: Sequence[str], python: PurePath | None) -> Sign:
    ordered = sorted(some, key=lambda entry: _written(site, entry))
    newest = ordered[-1]
    return Sign(
        ailment=Ailment.TWICE,
        name=name,
        version=_version(newest),
        paths=tuple(PurePath(site, entry) for entry in ordered[:-1]),
        python=python,
        detail=", ".join(_version(entry) for entry in ordered),
    )


def _written(site: PurePath, entry: str) -> tuple[int, Version]:
    """When *entry* was written, and its version where that tells nothing."""
    try:
        number = Version(_version(entry))
    except InvalidVersion:
        number = Version("0")
    try:
        return os.stat(os.path.join(site, entry, "RECORD")).st_mtime_ns, number
    except OSError:
        return 0, number


def _version(entry: str) -> str:
    return entry.removesuffix(".dist-info").partition("-")[2]


def _incomplete(site: PurePath, name: str, entry: str, python: PurePath | None) -> Iterator[Sign]:
    """One without RECORD, which pip can neither upgrade nor remove.

    What the system's package manager installed has none either, and is its own business.
    """
    # In text: there may be tens of thousands.
    if os.access(f"{site}{os.sep}{entry}{os.sep}RECORD", os.F_OK):
        return
    path = site / entry
    by = text_of(path / "INSTALLER").strip()
    if by not in {"", "pip", "uv"}:
        return
    has_metadata = bool(text_of(path / "METADATA"))
    yield Sign(
        ailment=Ailment.NO_RECORD if has_metadata else Ailment.NO_METADATA,
        name=name,
        version=_version(entry),
        paths=(path,),
        python=python,
    )


def _user_site_shadows(ground: Ground) -> Iterator[Sign]:
    """Copies in the user site that a Python of the user's own imports instead of its own.

    There ``pip install`` puts a newer one where it is not imported. Of the system's Python that is
    what ``--user`` is for. Source: conda/conda#7173. In a virtual environment its own come first.
    """
    for python in dict.fromkeys(ground.pythons.values()):
        if python.is_virtual or not (python.user_site_enabled and python.user_site):
            continue
        if not python.is_conda and not os.access(python.purelib, os.W_OK):
            continue
        mine = _names(python.purelib)
        shadowing = sorted(mine & _names(python.user_site))
        if shadowing:
            yield Sign(
                ailment=Ailment.USER_SITE_SHADOWS,
                name=" ".join(shadowing),
                paths=(python.user_site, python.prefix),
                python=python.executable,
            )


def _names(site: PurePath) -> set[str]:
    return {canonicalize_name(name.partition("-")[0]) for name in copies.metadata_names(site)}


def _module_shadows(ground: Ground) -> Iterator[Sign]:
    """A file here that is imported in the stead of a distribution."""
    python = ground.pythons.get("python") or ground.pythons.get("python3") or ground.pip_python
    try:
        here = Path.cwd()
    except OSError:
        return
    sites = [place.path for place in ground.places if place.kind is PlaceKind.SYSTEM]
    sites += [
        site
        for place in ground.places
        if place.kind in {PlaceKind.ACTIVE, PlaceKind.PROJECT, PlaceKind.USER}
        for site in place.sites
    ]
    if python is None or here in sites:
        return
    for entry in listed(here):
        name = entry.name.removesuffix(".py")
        if name == entry.name or not name.isidentifier() or name in _NOT_MODULES:
            continue
        for site in sites:
            if paths.is_dir(site / name) or paths.is_file(site / entry.name):
                yield Sign(
                    ailment=Ailment.MODULE_SHADOWS, name=name, paths=(here / entry.name, site)
                )
                break
