"""Which names the user's shell holds itself, before PATH: as its integration tells, or nushell."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from safepip import runner, userpip
from safepip.machine import ownership
from safepip.shells import names as shells_names
from safepip.shells.kinds import Shell, shell_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safepip.shells.names import ShellNames

_TIMEOUT_S = 5.0


def look(env: Mapping[str, str], shell: Shell) -> ShellNames:
    """The names that *shell* holds; none where nothing tells.

    nushell is built with hundreds (``http`` is one, and a command of httpie's), too many to be
    listed at each call of its integration: a nushell without the user's settings is asked.
    """
    names = shells_names.read(env.get("SAFEPIP_SHELL_WORDS", ""))
    if shell is Shell.NUSHELL and not userpip.WINDOWS:
        return names._replace(builtins=names.builtins | _of_nushell(env))
    return names


def _of_nushell(env: Mapping[str, str]) -> frozenset[str]:
    program = env.get("SHELL", "")
    if shell_named(program) is not Shell.NUSHELL or not userpip.is_executable(program):
        program = next(userpip.on_path(Shell.NUSHELL.value, env), "")
    if not program or not ownership.is_trusted(program):
        return frozenset()
    import secrets

    end = secrets.token_hex(16)
    listed = "scope commands | where type in [built-in keyword] | get name"
    said = runner.ask(
        # In quotes: a bare one may read as a number or a file's size (``…0b``).
        ["nu", "--no-config-file", "-c", f"print ({listed} | str join (char newline)) '{end}'"],
        program=program,
        env=userpip.child_environment(env),
        cwd="/",
        end=end.encode(),
        timeout_s=_TIMEOUT_S,
    )
    return frozenset() if said is None else frozenset(os.fsdecode(said).split("\n")) - {"", end}
