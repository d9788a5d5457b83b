"""Who the tests act as."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.building import walk

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class User:
    """Who the tests act as: nobody when root runs them, else the one who runs them."""

    name: str
    uid: int
    gid: int
    dropped: bool  # root stepped down to this user

    @property
    def spawn(self) -> dict[str, Any]:
        """Arguments that make `subprocess` start a process as this user."""
        if not self.dropped:
            return {"umask": 0o022}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "umask": 0o022}

    def give(self, path: Path) -> Path:
        """Make `path` and all below it this user's own, writable."""
        for one in walk(path):
            add = 0o700 if one.is_dir() and not one.is_symlink() else 0o200
            _alter(one, (self.uid, self.gid) if self.dropped else None, add=add)
        return path

    def lock(self, path: Path) -> Path:
        """Take `path` and all below it from this user: readable, not writable."""
        for one in reversed(list(walk(path))):  # in a closed folder nothing can be parted
            if self.dropped:
                _alter(one, (0, 0))
            else:
                _alter(one, None, take=0o222)
        return path

    @staticmethod
    def hand_to(path: Path, uid: int) -> Path:
        """Make `path` and all below it somebody else's; only root can."""
        for one in walk(path):
            _alter(one, (uid, uid))
        return path


def _alter(path: Path, owner: tuple[int, int] | None, *, add: int = 0, take: int = 0) -> None:
    """Change owner and mode of *path* alone: other links to the same file stay as they are."""
    found = path.lstat()
    mode = stat.S_IMODE(found.st_mode)
    wanted = mode if stat.S_ISLNK(found.st_mode) else (mode | add) & ~take
    if owner in {None, (found.st_uid, found.st_gid)} and wanted == mode:
        return
    part(path)
    if owner is not None:
        os.chown(path, *owner, follow_symlinks=False)
    if not stat.S_ISLNK(found.st_mode):
        path.chmod(wanted)


def part(path: Path) -> None:
    """Make a regular file with several names one of its own."""
    found = path.lstat()
    if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
        copy = path.with_name(f".{path.name}.part")
        shutil.copy2(path, copy)
        if not os.geteuid():
            os.chown(copy, found.st_uid, found.st_gid)
        copy.replace(path)


def lab_user() -> User:
    """Nobody for root, else the one who runs the tests."""
    if os.getuid():
        return User(name_of(os.getuid()), os.getuid(), os.getgid(), dropped=False)
    entry = pwd.getpwnam("nobody")
    return User(entry.pw_name, entry.pw_uid, entry.pw_gid, dropped=True)


def name_of(uid: int) -> str:
    """The user's name; the number where it has none, as in containers that were given a number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
