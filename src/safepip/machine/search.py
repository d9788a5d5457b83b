"""Searches PATH as the user's shell does."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.machine import paths
from safepip.shells.kinds import Shell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def found_on_path(
    name: str, env: Mapping[str, str], shell: Shell, *, anywhere: bool = False
) -> PurePath | None:
    """The file that typing *name* into *shell* runs, symlinks not resolved; None if none.

    Unlike ``userpip.on_path`` this follows relative entries, as the shell does; *anywhere* leaves
    them out: what is found then is found from every directory. What the shell holds itself
    (aliases, functions, a hash of earlier finds) does not show from outside it.
    """
    endings = _endings(env, shell)
    for directory in _directories(env, shell, anywhere=anywhere):
        for suffix in endings:
            candidate = os.path.join(directory, name + suffix)  # pathlib would drop ./ and ..
            if userpip.is_executable(candidate):
                return PurePath(candidate)
    return None


def _endings(env: Mapping[str, str], shell: Shell) -> tuple[str, ...]:
    """What *shell* adds to a name, in order.

    Source: Windows, ``PATHEXT``; PowerShell, about_Command_Precedence (its own scripts come first).
    """
    if not userpip.WINDOWS:
        return ("",)
    told = [one.strip().lower() for one in env.get("PATHEXT", "").split(";") if one.strip()]
    endings = tuple(told) or (".com", *userpip.SUFFIXES)
    if shell is Shell.POWERSHELL:
        return (".ps1", *endings)
    return endings if shell in {Shell.CMD, Shell.NUSHELL, Shell.XONSH} else ("", ".exe")


def directory_on_path(
    directory: PurePath, env: Mapping[str, str], shell: Shell, *, anywhere: bool = False
) -> bool:
    """Whether *shell* looks for commands in *directory*; a missing one is compared by its name."""
    wanted = os.path.normcase(os.path.normpath(directory))
    return any(
        is_same_file(PurePath(entry), directory)
        or os.path.normcase(os.path.normpath(entry)) == wanted
        for entry in _directories(env, shell, anywhere=anywhere)
    )


def _directories(env: Mapping[str, str], shell: Shell, *, anywhere: bool) -> Iterator[str]:
    """The directories that *shell* searches, absolute, in order.

    bash (not in its POSIX mode), xonsh and nushell expand a literal ``~`` in PATH; to all others
    that is a relative entry, of which nushell follows none. An empty entry is the working
    directory (not on Windows).
    """
    # Without a PATH, execvp(3) has a default one, as Python does (os.defpath).
    entries = env.get("PATH", os.defpath).split(os.pathsep)
    # cmd looks in the working directory first. Source: Microsoft, "Command search sequence".
    if shell is Shell.CMD and not anywhere:
        entries.insert(0, ".")
    for text in entries:
        entry = text
        if userpip.WINDOWS:
            entry = os.path.expandvars(entry.strip('"'))
            if not entry:
                continue
        elif entry.startswith("~") and _expands_tilde(shell, env):
            entry = paths.of_user(entry, env)
        if os.path.isabs(entry):
            yield entry
        # An empty entry counts, too. Source: POSIX, XBD 8.3, PATH ("zero-length prefix").
        elif not anywhere and shell is not Shell.NUSHELL:
            with contextlib.suppress(OSError):
                yield os.path.join(Path.cwd(), entry)  # "" is the directory itself (POSIX)


def _expands_tilde(shell: Shell, env: Mapping[str, str]) -> bool:
    if shell is Shell.BASH:
        return "POSIXLY_CORRECT" not in env
    return shell in {Shell.XONSH, Shell.NUSHELL}


def is_same_file(one: PurePath, other: PurePath) -> bool:
    """Whether both name one file: identity, not spelling."""
    try:
        return Path(one).samefile(other)
    except OSError:
        return False
