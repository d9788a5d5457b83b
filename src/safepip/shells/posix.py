"""bash, zsh, and the plain POSIX shells: sh, dash, ksh."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from safepip.reading import printable
from safepip.shells.integration import posix as text
from safepip.shells.kinds import Shell
from safepip.shells.quoting import activates_badly, by_byte, is_plain

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.shells.kinds import Text

TEXT: Text | None = text
PROFILE = ".profile"


def quote(shell: Shell, word: str) -> str:
    """See ``Family.quote``. Only bash, zsh and ksh know ``$'…'``."""
    if printable.acts(word):
        octal = by_byte(word, "\\{:03o}")
        ansi = shell in {Shell.BASH, Shell.ZSH, Shell.KSH}
        return f"$'{octal}'" if ansi else f"\"$(printf '{octal}')\""
    return word if is_plain(word) else shlex.quote(word)


def activate(shell: Shell, environment: PurePath) -> str:
    """See ``Family.activate``."""
    if activates_badly(environment):
        return prepend_path(shell, environment / "bin")
    word = "source" if shell in {Shell.BASH, Shell.ZSH} else "."
    return f"{word} {quote(shell, str(environment / 'bin' / 'activate'))}"


def run(shell: Shell, program: PurePath) -> str:
    """See ``Family.run``."""
    return quote(shell, str(program))


def prepend_path(shell: Shell, directory: PurePath) -> str:
    """See ``Family.prepend_path``."""
    return f'export PATH={quote(shell, str(directory))}:"$PATH"'


def path_line(shell: Shell, directory: PurePath) -> str:
    """See ``Family.path_line``."""
    word = quote(shell, str(directory))
    return f'case ":$PATH:" in *:{word}:*) ;; *) {prepend_path(shell, directory)} ;; esac'


def set_variable(shell: Shell, name: str, value: str) -> str:
    """See ``Family.set_variable``."""
    return f"export {name}={quote(shell, value)}"


def unset(_shell: Shell, name: str) -> str:
    """See ``Family.unset``."""
    return f"unset {name}"


def forget(_shell: Shell) -> str:
    """See ``Family.forget``. Silent also where the user has switched remembering off."""
    return "hash -r 2>/dev/null || :"


def question(first: str, second: str, *, login: bool) -> tuple[str, ...]:
    """See ``Family.question``."""
    return "-ic", f"printf %s '{first}''{second}'\"$PATH\"'{second}''{first}'"
