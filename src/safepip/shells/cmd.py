"""cmd, the command prompt of Windows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from safepip.shells.quoting import activates_badly, is_windows

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.shells.kinds import Shell, Text

TEXT: Text | None = None
PROFILE = ""


def quote(_shell: Shell, word: str) -> str:
    """See ``Family.quote``. No path of Windows holds a control character."""
    return f'"{word}"' if re.search(r"[\s&()^]", word) else word


def activate(shell: Shell, environment: PurePath) -> str:
    """See ``Family.activate``."""
    if activates_badly(environment):
        return prepend_path(shell, environment / "bin")
    scripts = environment / ("Scripts" if is_windows(environment) else "bin")
    return quote(shell, str(scripts / "activate.bat"))


def run(shell: Shell, program: PurePath) -> str:
    """See ``Family.run``."""
    return quote(shell, str(program))


def prepend_path(_shell: Shell, directory: PurePath) -> str:
    """See ``Family.prepend_path``."""
    return f'set "PATH={directory};%PATH%"'


def path_line(_shell: Shell, _directory: PurePath) -> None:
    """See ``Family.path_line``."""


def set_variable(_shell: Shell, name: str, value: str) -> str:
    """See ``Family.set_variable``."""
    return f"set {name}={value}"


def unset(_shell: Shell, name: str) -> str:
    """See ``Family.unset``."""
    return f"set {name}="


def forget(_shell: Shell) -> None:
    """See ``Family.forget``."""


def question(_first: str, _second: str, *, login: bool) -> None:
    """See ``Family.question``."""
