"""Who the tests act as."""

from __future__ import annotations

import os
import pwd
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
            if self.dropped:
                os.chown(one, self.uid, self.gid, follow_symlinks=False)
            if not one.is_symlink():
                one.chmod(one.stat().st_mode | 0o200)
        return path

    def lock(self, path: Path) -> Path:
        """Take `path` and all below it from this user: readable, not writable."""
        for one in walk(path):
            if self.dropped:
                os.chown(one, 0, 0, follow_symlinks=False)
            elif not one.is_symlink():
                one.chmod(one.stat().st_mode & ~0o222)
        return path


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
