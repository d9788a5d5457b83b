"""tcsh and csh."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from safepip.reading import printable
from safepip.shells.integration import csh as text
from safepip.shells.quoting import activates_badly, by_byte, is_plain

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.shells.kinds import Shell, Text

TEXT: Text | None = text
PROFILE = ".cshrc"


def quote(_shell: Shell, word: str) -> str:
    """See ``Family.quote``."""
    if printable.acts(word):
        return f"\"`printf '{by_byte(word, chr(92) + '{:03o}')}'`\""
    # History expansion happens even inside single quotes there.
    return word if is_plain(word) else shlex.quote(word).replace("!", "\\!")


def activate(shell: Shell, environment: PurePath) -> str:
    """See ``Family.activate``."""
    if activates_badly(environment):
        return prepend_path(shell, environment / "bin")
    return f"source {quote(shell, str(environment / 'bin' / 'activate.csh'))}"


def run(shell: Shell, program: PurePath) -> str:
    """See ``Family.run``."""
    return quote(shell, str(program))


def prepend_path(shell: Shell, directory: PurePath) -> str:
    """See ``Family.prepend_path``."""
    return f"set path = ( {quote(shell, str(directory))} $path:q )"


def path_line(shell: Shell, directory: PurePath) -> str:
    """See ``Family.path_line``."""
    # A pattern is a pattern there even inside quotes.
    pattern = quote(shell, ":" + re.sub(r"[^\w ./+@%=:,-]", "?", str(directory)) + ":")
    return f'if ( ":${{PATH}}:" !~ *{pattern}* ) {prepend_path(shell, directory)}'


def set_variable(shell: Shell, name: str, value: str) -> str:
    """See ``Family.set_variable``."""
    return f"setenv {name} {quote(shell, value)}"


def unset(_shell: Shell, name: str) -> str:
    """See ``Family.unset``."""
    return f"unsetenv {name}"


def forget(_shell: Shell) -> str:
    """See ``Family.forget``."""
    return "rehash"


def question(first: str, second: str, *, login: bool) -> tuple[str, ...]:
    """See ``Family.question``."""
    return "-ic", f"echo '{first}''{second}'\"$PATH\"'{second}''{first}'"
