"""Tells which shell the user types into, and what starts safepip there."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.machine.search import is_same_file
from safepip.shells.commands import run_command
from safepip.shells.kinds import Shell, shell_named

if TYPE_CHECKING:
    from collections.abc import Mapping


def own_program(env: Mapping[str, str]) -> Path | None:
    """safepip as a shell can start it: by its name on PATH, so that a link stays what is named.

    None where it lies in no scripts directory of its Python.
    """
    folders = [sysconfig.get_path("scripts"), os.path.dirname(sys.executable)]
    folders.append(sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user")))
    own = [
        Path(folder, "safepip" + suffix)
        for folder in folders
        for suffix in userpip.SUFFIXES
        if userpip.is_executable(str(Path(folder, "safepip" + suffix)))
    ]
    for found in userpip.on_path("safepip", env):
        if any(is_same_file(Path(found), one) for one in own):
            return Path(found)
    return own[0] if own else None


def own_word(env: Mapping[str, str], shell: Shell) -> str:
    """What to type into *shell* to run this safepip: its name, where PATH finds it by that."""
    program = own_program(env)
    if program is None:
        return f"{run_command(shell, PurePath(sys.executable))} -m safepip"
    if str(program) == next(userpip.on_path("safepip", env), None):
        return "safepip"
    return run_command(shell, program)


def user_shell(env: Mapping[str, str]) -> Shell:
    """The shell that the user types into: as its integration says, our parent, ``SHELL``, or sh.

    ``SHELL`` alone names the login shell, which need not be the one that runs.
    """
    for program in (env.get("SAFEPIP_SHELL", ""), parent_program(), env.get("SHELL", "")):
        shell = shell_named(program) if program else None
        if shell is not None:
            return shell
    if userpip.WINDOWS:
        # PowerShell puts its own folders into this variable; cmd inherits the machine's, two.
        in_powershell = env.get("PSModulePath", "").count(os.pathsep) >= 2
        return Shell.POWERSHELL if in_powershell else Shell.CMD
    return Shell.SH


def parent_program() -> str | None:
    """The name of the program that started us; None where nothing tells it."""
    if userpip.WINDOWS:
        return None
    try:
        # At most 15 letters, enough for every shell. Source: proc_pid_comm(5).
        return Path(f"/proc/{os.getppid()}/comm").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
