"""Tells who owns a path and who may write there."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.model.interpreter import Barrier, Denied, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

# Source: Linux, ``include/uapi/linux/fs.h`` (``FS_IOC_GETFLAGS``, ``FS_IMMUTABLE_FL``).
_GET_FLAGS = 0x80086601
_IMMUTABLE = 0x10


def is_trusted(program: str) -> bool:
    """Whether *program* is the user's or the system's, and nobody else's to run as the user."""
    return is_ours(PurePath(os.path.realpath(program)))


def look_at_place(path: PurePath) -> Place:
    """What may be done at *path*; a missing one counts as its nearest existing parent.

    Source: pip, ``_internal/utils/filesystem.py``, ``test_writable_dir``.
    """
    existing = nearest(path)
    return Place(path=path, writable=is_writable(existing), owner=owner_of(existing))


def nearest(path: PurePath) -> Path:
    """*path* itself, or its nearest parent that is there."""
    existing = Path(path)
    while not os.path.exists(existing) and existing.parent != existing:
        existing = existing.parent
    return existing


def denied(*places: PurePath, home: Path | None = None) -> Denied | None:
    """The first of *places* that cannot be written or made, with what stands in the way.

    What lies in *home*, if that is the user's own, is theirs to mend.
    """
    for place in places:
        existing = nearest(place)
        if not is_writable(existing):
            return Denied(
                place=existing,
                owner=owner_of(existing),
                barrier=_barrier_of(existing),
                mend=_to_mend(existing, home),
            )
    return None


def by_sudo(path: PurePath, env: Mapping[str, str]) -> Denied | None:
    """*path*, where we are root and it belongs to the user who called us by sudo; else None."""
    existing = nearest(path)
    if not is_root_by_sudo(env) or caller(env) != str(uid_of(existing)):
        return None
    return Denied(place=existing, owner=owner_of(existing), barrier=Barrier.SUDO)


def is_root_by_sudo(env: Mapping[str, str]) -> bool:
    """Whether another user became root by sudo or its kin."""
    return not userpip.WINDOWS and os.geteuid() == 0 and caller(env) != "0"


def caller(env: Mapping[str, str]) -> str:
    """The user id of whoever became another user by sudo or its kin, ``0`` if nobody did.

    Source: sudo(8), and run0(1) likewise; pkexec(1); doas(1).
    """
    told, name = env.get("SUDO_UID") or env.get("PKEXEC_UID"), env.get("DOAS_USER")
    if told or not name or userpip.WINDOWS:
        return told or "0"
    import pwd

    with suppress(KeyError):
        return str(pwd.getpwnam(name).pw_uid)
    return "0"


def _to_mend(place: Path, home: Path | None) -> Path | None:
    if home is None or home == home.parent or not is_mine(home):
        return None
    above = [one for one in (place, *place.parents) if home in one.parents]
    foreign = [one for one in above if not is_mine(one)]
    # The last is the topmost.
    return foreign[-1] if foreign else next(iter(above), home if place == home else None)


def _barrier_of(existing: Path) -> Barrier:
    if not os.path.isdir(existing):
        return Barrier.NO_DIRECTORY
    if is_read_only(existing):
        return Barrier.READ_ONLY
    if is_immutable(existing):
        return Barrier.IMMUTABLE
    if not is_mine(existing):
        return Barrier.OWNER
    try:
        mode = existing.stat().st_mode
    except OSError:
        return Barrier.UNKNOWN
    # To create a file in a directory takes both w and x (path_resolution(7)).
    if mode & 0o300 != 0o300:
        return Barrier.MODE
    return Barrier.ACL if has_acl(existing) else Barrier.UNKNOWN


def is_immutable(path: Path) -> bool:
    """Whether *path* carries the flag of ``chattr +i`` (Linux) or ``chflags uchg`` (macOS)."""
    try:
        # Only BSD's stat has them. Source: chflags(2); on Linux ioctl_iflags(2).
        flags = getattr(path.stat(), "st_flags", None)
        if flags is not None:
            return bool(flags & (stat.UF_IMMUTABLE | stat.SF_IMMUTABLE))
        if not sys.platform.startswith("linux"):
            return False
        import fcntl

        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ImportError):
        return False
    try:
        answer = fcntl.ioctl(descriptor, _GET_FLAGS, bytes(8))
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return bool(int.from_bytes(answer[:4], sys.byteorder) & _IMMUTABLE)


def has_acl(path: Path) -> bool:
    """Whether an access list says more of *path* than its mode (Linux)."""
    try:
        # Linux keeps an access list in this attribute. Source: acl(5), xattr(7).
        return "system.posix_acl_access" in os.listxattr(path)
    except (OSError, AttributeError):
        return False


def is_writable(directory: Path) -> bool:
    """Whether the user may create files in *directory*, which exists."""
    if not os.path.isdir(directory):
        return False
    if not userpip.WINDOWS:
        # For the real user, lists and read-only mounts included. Source: access(2).
        return os.access(directory, os.W_OK)
    # The access bits of Windows say nothing about access lists: only trying tells. Not by tempfile,
    # which tries on for hours where nothing may be made (CPython, gh-66305).
    file = os.path.join(directory, f"safepip-access-{os.urandom(8).hex()}")
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR))
    except OSError:
        return False
    with suppress(OSError):
        os.unlink(file)
    return True


def is_read_only(path: PurePath) -> bool:
    """Whether the file system of *path*, or of its nearest existing parent, takes no writes."""
    if userpip.WINDOWS:
        return False
    try:
        return bool(os.statvfs(nearest(path)).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def is_unreadable(path: PurePath) -> bool:
    """Whether it is *path*, or what leads to it, that the user may not read."""
    existing = nearest(path)
    if os.path.isdir(existing):
        return not os.access(existing, os.R_OK | os.X_OK)
    return not os.access(existing, os.R_OK)


def is_no_exec(path: PurePath) -> bool:
    """Whether the file system of *path* lets no file be run (``mount -o noexec``)."""
    try:
        return bool(os.statvfs(nearest(path)).f_flag & os.ST_NOEXEC)
    except (OSError, AttributeError):
        return False


def owner_of(path: PurePath) -> str | None:
    """The name of *path*'s owner, its number where it has no name, None if unknown."""
    uid = uid_of(path)
    return None if uid is None or userpip.WINDOWS else _name_of(uid)


def own_name() -> str:
    """The name of the user who runs this, or the number where there is none."""
    return "" if userpip.WINDOWS else _name_of(os.geteuid())


def _name_of(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def uid_of(path: PurePath, *, link: bool = False) -> int | None:
    """The number of *path*'s owner; None if unknown. *link*: of a link itself."""
    try:
        return os.stat(path, follow_symlinks=not link).st_uid
    except OSError:
        return None


def is_ours(path: PurePath) -> bool:
    """Whether *path* (not what a link there points to) belongs to the user or to root."""
    return userpip.WINDOWS or uid_of(path, link=True) in {os.geteuid(), 0}


def is_mine(path: PurePath) -> bool:
    """Whether *path* belongs to the user."""
    return userpip.WINDOWS or uid_of(path) == os.geteuid()


def is_safe_ground(directory: Path) -> bool:
    """Whether what the user makes in *directory* stays the user's: nobody but root can swap it.

    The user's own directory, or one of root's that not everybody may write; a random user of a
    container works in such a one, by the group.
    """
    if userpip.WINDOWS or is_mine(directory):
        return True
    try:
        info = directory.stat()
    except OSError:
        return False
    return info.st_uid == 0 and not info.st_mode & stat.S_IWOTH
