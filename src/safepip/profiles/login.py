"""Asks the user's shell which PATH its next start will have; changes nothing.

The profiles are programs: only running them tells what they do. So the shell is started as a login
starts it, without a terminal, from an environment as small as a login's, for a limited time. No
answer is an answer, too: nothing that depends on this may fail for want of it.
"""

from __future__ import annotations

import os
import secrets
import sys
import time
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from safepip import runner, userpip
from safepip.machine import paths
from safepip.machine.ownership import is_trusted
from safepip.model.reasons import Reason, because
from safepip.shells import commands
from safepip.shells.kinds import Shell, shell_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safepip.model.reasons import Why


TIMEOUT_S = 2.0

ASKING = "SAFEPIP_ASKS_PATH"
"""Set in the shell that is asked, for profiles that want to leave something out then."""

# What a login has before any profile is read, or what keeps a profile from starting an agent anew.
_KEPT = (
    "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR",
    "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK", "SSH_AGENT_PID",
)  # fmt: skip
_START_PATH = "/usr/local/bin:/usr/bin:/bin"

# Those that read a file at each interactive start, not only at a login.
_READ_AT_EACH_START = (
    Shell.KSH, Shell.BASH, Shell.ZSH, Shell.FISH, Shell.TCSH, Shell.CSH, Shell.NUSHELL,
)  # fmt: skip


class Answer(NamedTuple):
    """The PATH of a start of a shell to come."""

    path: str | None = None
    """As the shell shows it; None if it could not be learnt."""
    problem: Why | None = None
    """Why there is none."""


def look(env: Mapping[str, str], shell: Shell, *, timeout_s: float = TIMEOUT_S) -> Answer:
    """The PATH of *shell* after the user's next login.

    That is the login shell's; where the user types into another shell, that one is started from it.
    """
    if userpip.WINDOWS:
        from safepip.profiles import registry

        path = registry.path_of_next_login()
        return Answer(path, None if path else because(Reason.REGISTRY_UNREADABLE))
    if env.get(ASKING):
        return Answer(problem=because(Reason.ASKED_ALREADY))
    deadline = time.monotonic() + timeout_s
    program = login_program(env)
    if program is None:
        return Answer(problem=because(Reason.NO_LOGIN_SHELL))
    answer = start(program, env, login=True, timeout_s=timeout_s)
    if answer.path is None or shell_named(program) is shell or shell not in _READ_AT_EACH_START:
        return answer
    typed = next(userpip.on_path(shell.value, env), None)
    if typed is None or not is_trusted(typed):
        return answer
    left_s = max(0.0, deadline - time.monotonic())
    return start(typed, env, login=False, timeout_s=left_s, path=answer.path)


def start(
    program: str,
    env: Mapping[str, str],
    *,
    login: bool,
    timeout_s: float = TIMEOUT_S,
    path: str | None = None,
) -> Answer:
    """The PATH of an interactive start of the shell *program* (absolute), a login or not.

    *path*: what it starts with; by default what the system gives a login.
    """
    shell, name = shell_named(program), PurePath(program).name
    first, second = secrets.token_hex(8), secrets.token_hex(8)
    question = () if shell is None else commands.question(shell, first, second, login=login)
    if not question:
        return Answer(problem=because(Reason.CANNOT_BE_ASKED, name=name))
    home = env.get("HOME", "/")
    said = runner.ask(
        # A dash before its name makes it a login shell. Source: bash(1), INVOCATION; login(1).
        [f"-{name}" if login else name, *question],
        program=program,
        env={**_environment(env, program), "PATH": path or _start_path()},
        cwd=home if os.access(home, os.X_OK) else "/",
        end=(second + first).encode(),
        timeout_s=timeout_s,
    )
    if said is None:
        late = because(Reason.SHELL_SILENT, name=name, seconds=f"{timeout_s:.2g}")
        return Answer(problem=late)
    return Answer(path=os.fsdecode(said.rpartition((first + second).encode())[2]))


def login_program(env: Mapping[str, str]) -> str | None:
    """The shell that a login of the user starts, absolute; None if it cannot be told or run."""
    known = _from_accounts()
    for program in (env.get("SHELL"), known):
        if not program or shell_named(program) is None or not PurePath(program).is_absolute():
            continue
        if userpip.is_executable(program) and (program == known or is_trusted(program)):
            return program
    return None


def _from_accounts() -> str | None:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_shell
    except (KeyError, OSError):
        return None


def _environment(env: Mapping[str, str], program: str) -> dict[str, str]:
    small = {name: env[name] for name in _KEPT if name in env}
    # zsh's own variable for the folder of its profiles: set by ~/.zshenv, a login must find it
    # there; set by anything else, a login has it already. Source: zsh(1), STARTUP/SHUTDOWN FILES.
    if "ZDOTDIR" in env and not _mentions(Path(env.get("HOME", "/"), ".zshenv"), b"ZDOTDIR"):
        small["ZDOTDIR"] = env["ZDOTDIR"]
    # The question is none of the user's commands: ksh would keep it as one.
    return {**small, "SHELL": program, "TERM": "dumb", "HISTFILE": "", ASKING: "1"}


def _mentions(file: Path, word: bytes) -> bool:
    try:
        return word in paths.content(file)
    except OSError:
        return False


def _start_path(*, system: str = sys.platform) -> str:
    """The PATH before the profiles: that of /etc/environment (pam_env), else a plain one.

    On macOS it is launchd's; the profiles in /etc then add /etc/paths by path_helper(8).
    Source: ``paths.h``, ``_PATH_STDPATH``.
    """
    if system == "darwin":
        return "/usr/bin:/bin:/usr/sbin:/sbin"
    try:
        lines = paths.text(Path("/etc/environment")).splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    for line in lines:
        name, _, value = line.strip().removeprefix("export ").partition("=")
        if name.strip() == "PATH" and value and "$" not in value:
            return value.strip().strip("\"'")
    return _START_PATH
