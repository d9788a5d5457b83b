"""fish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.reading import printable
from safepip.shells.integration import fish as text
from safepip.shells.quoting import activates_badly, by_byte, is_plain

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.shells.kinds import Shell, Text

TEXT: Text | None = text
PROFILE = ".config/fish/conf.d/safepip.fish"


def quote(_shell: Shell, word: str) -> str:
    """See ``Family.quote``."""
    if printable.acts(word):
        return "''" + by_byte(word, "\\X{:02x}")
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return word if is_plain(word) else f"'{escaped}'"


def activate(shell: Shell, environment: PurePath) -> str:
    """See ``Family.activate``."""
    if activates_badly(environment):
        return prepend_path(shell, environment / "bin")
    return f"source {quote(shell, str(environment / 'bin' / 'activate.fish'))}"


def run(shell: Shell, program: PurePath) -> str:
    """See ``Family.run``."""
    return quote(shell, str(program))


def prepend_path(shell: Shell, directory: PurePath) -> str:
    """See ``Family.prepend_path``."""
    return f"set -gx PATH {quote(shell, str(directory))} $PATH"


def path_line(shell: Shell, directory: PurePath) -> str:
    """See ``Family.path_line``."""
    word = quote(shell, str(directory))
    return f"contains -- {word} $PATH; or {prepend_path(shell, directory)}"


def set_variable(shell: Shell, name: str, value: str) -> str:
    """See ``Family.set_variable``."""
    return f"set -gx {name} {quote(shell, value)}"


def unset(_shell: Shell, name: str) -> str:
    """See ``Family.unset``."""
    return f"set -e {name}"


def forget(_shell: Shell) -> None:
    """See ``Family.forget``."""


def question(first: str, second: str, *, login: bool) -> tuple[str, ...]:
    """See ``Family.question``."""
    return "-ic", f"printf %s '{first}''{second}'\"$PATH\"'{second}''{first}'"
