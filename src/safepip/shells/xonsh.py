"""xonsh."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.reading import printable
from safepip.shells.integration import xonsh as text
from safepip.shells.quoting import is_plain

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.shells.kinds import Shell, Text

TEXT: Text | None = text
PROFILE = ".config/xonsh/rc.xsh"


def quote(_shell: Shell, word: str) -> str:
    """See ``Family.quote``."""
    if printable.acts(word):
        return f"@({word!a})"
    # In a plain string $HOME is expanded, and one that comes first is no command.
    return word if is_plain(word) else f"@({word!r})"


def activate(shell: Shell, environment: PurePath) -> str:
    """See ``Family.activate``. xonsh would have to start a bash to read venv's script."""
    first = prepend_path(shell, environment / "bin")
    return f"$VIRTUAL_ENV = {str(environment)!a}; {first}"


def run(shell: Shell, program: PurePath) -> str:
    """See ``Family.run``."""
    return quote(shell, str(program))


def prepend_path(_shell: Shell, directory: PurePath) -> str:
    """See ``Family.prepend_path``."""
    return f"$PATH.insert(0, {str(directory)!a})"


def path_line(_shell: Shell, directory: PurePath) -> str:
    """See ``Family.path_line``."""
    text = str(directory)
    return f"{text!a} in $PATH or $PATH.insert(0, {text!a})"


def set_variable(_shell: Shell, name: str, value: str) -> str:
    """See ``Family.set_variable``."""
    return f"${name} = {value!r}"


def unset(_shell: Shell, name: str) -> str:
    """See ``Family.unset``."""
    return f"del ${name}"


def forget(_shell: Shell) -> None:
    """See ``Family.forget``."""


def question(_first: str, _second: str, *, login: bool) -> None:
    """See ``Family.question``."""
