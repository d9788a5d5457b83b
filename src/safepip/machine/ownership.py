"""Tells who owns a path and who may write there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path, PurePath

from safepip import userpip
from safepip.model.interpreter import Place


def is_trusted(program: str) -> bool:
    """Whether *program* is the user's or the system's, and nobody else's to run as the user."""
    return is_ours(PurePath(os.path.realpath(program)))


def look_at_place(path: PurePath) -> Place:
    """What may be done at *path*; a missing one counts as its nearest existing parent.

    Source: pip, ``_internal/utils/filesystem.py``, ``test_writable_dir``.
    """
    existing = Path(path)
    while not os.path.exists(existing) and existing.parent != existing:  # noqa: PTH110 - never fails
        existing = existing.parent
    return Place(path=path, writable=is_writable(existing), owner=owner_of(existing))


def is_writable(directory: Path) -> bool:
    """Whether the user may create files in *directory*, which exists."""
    if not userpip.WINDOWS:
        return os.access(directory, os.W_OK)
    # The access bits of Windows say nothing about access lists: only trying tells.
    try:
        with tempfile.TemporaryFile(dir=directory, prefix="safepip-access-"):
            return True
    except OSError:
        return False


def is_read_only(path: PurePath) -> bool:
    """Whether the file system of *path*, or of its nearest existing parent, takes no writes."""
    if userpip.WINDOWS:
        return False
    existing = Path(path)
    while not os.path.exists(existing) and existing.parent != existing:  # noqa: PTH110 - never fails
        existing = existing.parent
    try:
        return bool(os.statvfs(existing).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def owner_of(path: PurePath) -> str | None:
    """The name of *path*'s owner, its number where it has no name, None if unknown."""
    try:
        uid = Path(path).stat().st_uid
    except OSError:
        return None
    if userpip.WINDOWS:
        return None
    import pwd  # noqa: PLC0415 - Windows has no such module

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def own_name() -> str:
    """The name of the user who runs this, or the number where there is none."""
    if userpip.WINDOWS:
        return ""
    import pwd  # noqa: PLC0415 - Windows has no such module

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def is_ours(path: PurePath) -> bool:
    """Whether *path* (not what a link there points to) belongs to the user or to root."""
    if userpip.WINDOWS:
        return True
    try:
        owner = Path(path).lstat().st_uid
    except OSError:
        return False
    return owner in {os.geteuid(), 0}


def is_mine(path: PurePath) -> bool:
    """Whether *path* belongs to the user."""
    if userpip.WINDOWS:
        return True
    try:
        return Path(path).stat().st_uid == os.geteuid()
    except OSError:
        return False
