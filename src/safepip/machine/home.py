"""Finds the user's home, and tells what is wrong with it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.machine import paths
from safepip.model.environments import HomeTrouble

if TYPE_CHECKING:
    from collections.abc import Mapping


def home_of(env: Mapping[str, str]) -> Path | None:
    """The user's home, absolute; None if nothing tells it."""
    home = paths.expanded(env.get("HOME") or "~")
    return home if home.is_absolute() else None


def of_account() -> Path | None:
    """What the password database has for the home of this user; None without an entry."""
    if userpip.WINDOWS:
        return None
    import pwd

    try:
        return Path(pwd.getpwuid(os.geteuid()).pw_dir)
    except KeyError:
        return None


def is_usable(folder: Path) -> bool:
    """Whether *folder* can be the home of somebody who installs something."""
    return folder != folder.parent and paths.is_dir(folder) and os.access(folder, os.W_OK)


def home_trouble(env: Mapping[str, str]) -> HomeTrouble | None:
    """What is wrong with the user's home before any permission is asked about."""
    home = home_of(env)
    if home is None:
        return HomeTrouble.RELATIVE if env.get("HOME") else HomeTrouble.UNKNOWN
    if home == home.parent:
        return HomeTrouble.ROOT
    if not paths.exists(home):
        return HomeTrouble.MISSING
    from safepip.machine import ownership

    if ownership.is_read_only(home):
        return HomeTrouble.READ_ONLY
    return HomeTrouble.OTHERS if is_others(home) else None


def is_others(folder: Path) -> bool:
    """Whether *folder* belongs to another user who lets this one write nothing."""
    from safepip.machine import ownership

    return not ownership.is_mine(folder) and not os.access(folder, os.W_OK)


def is_home(directory: Path, home: Path | None) -> bool:
    """Whether *directory* is *home*, by identity: the way there may lead through links."""
    if home is None:
        return False
    try:
        return directory == home or directory.samefile(home)
    except OSError:
        return False


def with_home(env: Mapping[str, str]) -> dict[str, str]:
    """*env* with a HOME, where there is none or a relative one: today's pip ends without.

    It is what container engines set for a user without a name.
    """
    told = env.get("HOME")
    usable = home_of(env) is not None if told is None else told.startswith(("/", "~"))
    # expanduser asks the password database where HOME is unset (pwd.getpwuid).
    return dict(env) if usable or userpip.WINDOWS else {**env, "HOME": "/"}
