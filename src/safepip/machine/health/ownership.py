"""Looks for what a pip with other rights left: files of another user's in the user's own places."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.machine import environments, ownership, paths
from safepip.machine.health.ground import listed, owner_differs
from safepip.model.copies import PlaceKind
from safepip.model.health import Ailment, Sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safepip.machine.health.ground import Ground

_MANY = 8
"""So many files of another user's in one directory are told as the directory."""

# Below HOME: what pip, pipx and uv write to, parents first, and how deep it is looked at.
_PLACES = (
    (".local", 0), (".local/bin", 1), (".local/lib", 1), (".local/include", 1), (".local/share", 0),
    (".local/share/man", 2), (".local/share/pipx", 2), (".local/share/uv", 1),
    (".local/share/safepip", 1), (".local/pipx", 2), (".local/state", 0), (".local/state/pipx", 1),
    (".local/state/safepip", 1), (".cache", 0), (".cache/pip", 2), (".cache/pipx", 1),
    (".cache/uv", 1), (".config", 0), (".config/pip", 1), (".config/safepip", 1), (".pip", 1),
)  # fmt: skip


def signs(ground: Ground) -> Iterator[Sign]:
    """What belongs to another user, is locked against its owner, or lies where nothing is written.

    Root's own HOME is root's.
    """
    if ground.is_root or userpip.WINDOWS:
        return
    found = list(_foreign(ground))
    at_home = _topmost(path for path in found if ground.is_in_home(path))
    if at_home:
        owners = {ownership.owner_of(path) or "another user" for path in at_home}
        yield Sign(ailment=Ailment.FOREIGN_FILES, paths=at_home, detail=", ".join(sorted(owners)))
    for place in ground.places:
        elsewhere = not ground.is_in_home(place.path)
        there = environments.is_environment(Path(place.path))
        if place.kind is PlaceKind.ACTIVE and there and elsewhere and owner_differs(place.path):
            owner = ownership.owner_of(place.path) or "another user"
            yield Sign(ailment=Ailment.FOREIGN_ENVIRONMENT, paths=(place.path,), detail=owner)
    yield from _locked(ground)


def _foreign(ground: Ground) -> Iterator[PurePath]:
    home = ground.home
    if home is not None:
        for name, depth in _PLACES:
            yield from _below(home / name, depth)
    for place in ground.places:
        if place.is_environment:
            yield from _below(place.path, 0)
            yield from _below(place.path / "bin", 1)
            yield from _below(place.path / "lib", 1)
        if place.is_environment or place.kind is PlaceKind.USER:
            for site in place.sites:
                yield from _below(site, 1)


def _below(path: PurePath, depth: int) -> Iterator[PurePath]:
    if owner_differs(path):
        yield path
    elif depth and not paths.is_link(path):
        entries = listed(path)
        foreign = [PurePath(one.path) for one in entries if owner_differs(PurePath(one.path))]
        yield from [path] if len(foreign) > _MANY else foreign
        if depth > 1:
            for one in entries:
                if one.is_dir(follow_symlinks=False) and PurePath(one.path) not in foreign:
                    yield from _below(PurePath(one.path), depth - 1)


def _topmost(found: Iterable[PurePath]) -> tuple[PurePath, ...]:
    kept: list[PurePath] = []
    for path in sorted(set(found), key=lambda one: len(one.parts)):
        if not any(path.is_relative_to(parent) for parent in kept):
            kept.append(path)
    return tuple(sorted(kept))


def _locked(ground: Ground) -> Iterator[Sign]:
    """Own places that cannot be written all the same."""
    closed: list[PurePath] = []
    told: set[int] = set()  # file systems: each place on one is as bad
    for path in dict.fromkeys(_own_places(ground)):
        if not paths.is_dir(path) or owner_differs(path):
            continue
        disk = os.stat(path).st_dev
        if ownership.is_read_only(path):
            if disk not in told:
                yield Sign(ailment=Ailment.READ_ONLY, paths=(path,))
            told.add(disk)
        elif ownership.is_immutable(Path(path)):
            yield Sign(ailment=Ailment.IMMUTABLE, paths=(path,))
        elif not os.access(path, os.W_OK | os.X_OK):
            closed.append(path)
        elif disk not in told and (what := out_of(path)):
            told.add(disk)
            yield Sign(ailment=Ailment.DISK_FULL, paths=(path,), detail=what)
    if closed:
        yield Sign(ailment=Ailment.NOT_WRITABLE, paths=_topmost(closed))


def _own_places(ground: Ground) -> Iterator[PurePath]:
    if ground.home is not None:
        yield ground.home
        yield from (ground.home / name for name, _ in _PLACES)
    for place in ground.places:
        if place.kind in {PlaceKind.ACTIVE, PlaceKind.PROJECT, PlaceKind.PERSONAL, PlaceKind.USER}:
            yield from place.sites
            if place.is_environment and environments.is_environment(Path(place.path)):
                yield place.path / userpip.SCRIPTS


def out_of(path: PurePath) -> str:
    """What the disk of *path* has no more of: ``bytes`` or ``files``; empty if there is room.

    A quota of the user's own does not show by this; only writing would tell.
    """
    if userpip.WINDOWS:
        return _of_windows(path)
    try:
        info = os.statvfs(path)
    except OSError:
        return ""
    if info.f_blocks and info.f_bavail * info.f_frsize < _LITTLE_BYTES:
        return "bytes"
    return "files" if info.f_files and info.f_favail == 0 else ""


def _of_windows(path: PurePath) -> str:
    import shutil

    try:
        return "bytes" if shutil.disk_usage(path).free < _LITTLE_BYTES else ""
    except OSError:
        return ""


def why_not(path: PurePath) -> str:
    """What keeps *path*, or its nearest parent that is there, from being written, in a word."""
    existing = ownership.nearest(path)
    if ownership.is_writable(existing):
        return ""
    if ownership.is_read_only(existing):
        return "read-only"
    if ownership.is_immutable(existing):
        return "immutable"
    if ownership.has_acl(existing):
        return "acl"
    return "mode" if not owner_differs(existing) else "owner"


_LITTLE_BYTES = 1 << 20
