"""Speaks to the shell's own function: what to activate and what to forget."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.machine import environments, home, ownership, paths
from safepip.machine import shell as machine_shell
from safepip.model.decisions import DestinationKind, Divert
from safepip.model.outcome import OutcomeKind
from safepip.settings import Source
from safepip.shells import commands, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safepip.model.decisions import Decision
    from safepip.model.outcome import Outcome
    from safepip.settings import Settings


def activate(decision: Divert, env: Mapping[str, str], settings: Settings) -> bool:
    """Tell the shell's function to activate where *decision* sent the install; whether it will.

    It names a private file for that. In a subshell or a pipeline it would activate nothing that
    lasts: then the process that it speaks for is not our parent.
    """
    file = env.get("SAFEPIP_SHELL_FILE")
    is_set = settings.origins["activate"].source is not Source.DEFAULT
    wanted = settings.activate and (is_set or bool(env.get("SAFEPIP_SHELL_ACTIVATE")))
    if not (wanted and file and shell_waits(env)):
        return False
    # conda's environments hold no such script, and that of one that was moved leads astray.
    script = decision.path / userpip.SCRIPTS / "activate"
    if decision.destination is not DestinationKind.VENV or not paths.is_file(script):
        return False
    if environments.made_as(Path(decision.path)) is not None:
        return False
    text = texts.activation(machine_shell.user_shell(env), decision.path)
    return _fill(file, os.fsencode(text))


def tell_job(decision: Divert, env: Mapping[str, str], settings: Settings) -> bool:
    """Have the next steps of a job on GitHub Actions use where *decision* went; whether they will.

    Source: GitHub's documentation of workflow commands, "environment files".
    """
    path = str(decision.path)
    to_environment = decision.destination is DestinationKind.VENV and not {"\n", "\r"} & set(path)
    if not (settings.activate and env.get("GITHUB_ACTIONS") == "true" and to_environment):
        return False
    scripts = f"{decision.path / userpip.SCRIPTS}"
    lines = {"GITHUB_PATH": scripts, "GITHUB_ENV": f"VIRTUAL_ENV={path}"}
    return all(_add_line(env.get(name, ""), line) for name, line in lines.items())


def _add_line(name: str, line: str) -> bool:
    """Add *line* to the job's file *name*, if it is not there; whether it is in it then."""
    if not name or not paths.is_file(Path(name)):
        return False
    try:
        text = paths.text(Path(name), errors="surrogateescape")
        if line not in text.splitlines():
            between = "" if not text or text.endswith("\n") else "\n"
            with open(name, "ab") as file:  # noqa: PTH123
                file.write(os.fsencode(between + line + "\n"))
    except OSError:
        return False
    return True


def shell_waits(env: Mapping[str, str]) -> bool:
    """Whether the shell that the user types into runs our private file as soon as we are done."""
    return userpip.WINDOWS or env.get("SAFEPIP_SHELL_PID") == str(os.getppid())


def forget_places(outcome: Outcome, env: Mapping[str, str]) -> None:
    """Have the shell's function forget where commands were, so that new ones of a name are found.

    Nothing is told to a shell that activates an environment: that forgets by itself.
    """
    file = env.get("SAFEPIP_SHELL_FILE")
    text = commands.forget_command(machine_shell.user_shell(env))
    new = any(one.scripts for one in outcome.landed)
    if outcome.kind is OutcomeKind.DIVERTED and new and file and text and shell_waits(env):
        _fill(file, os.fsencode(text + "\n"))


def _fill(name: str, data: bytes) -> bool:
    """Write *data* into the file *name* if that is new, or empty, private and ours."""
    # Whoever knows the name may have put a link there, or a file to read along in: what the shell
    # is about to run must come from us alone.
    write = os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0)
    try:
        try:
            descriptor = os.open(name, write | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            descriptor = os.open(name, write)
        with os.fdopen(descriptor, "wb", buffering=0) as stream:
            info = os.fstat(descriptor)
            ours = userpip.WINDOWS or (info.st_uid == os.geteuid() and not info.st_mode & 0o077)
            if not ours or not stat.S_ISREG(info.st_mode) or info.st_nlink != 1 or info.st_size:
                return False
            return stream.write(data) == len(data)
    except OSError:
        return False


def is_for_root_alone(decision: Decision | None, env: Mapping[str, str]) -> bool:
    """Whether it is in root's home now, closed to the user who called us by sudo."""
    if not ownership.is_root_by_sudo(env) or machine_shell.parent_program() != "sudo":
        return False
    own = home.home_of(env)
    if not isinstance(decision, Divert) or own is None or own not in decision.path.parents:
        return False
    return ownership.is_mine(own) and not own.stat().st_mode & stat.S_IXOTH
