"""nushell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.reading import printable
from safepip.shells.integration import nushell as text
from safepip.shells.quoting import is_plain

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.shells.kinds import Shell, Text

TEXT: Text | None = text
PROFILE = ".config/nushell/config.nu"


def quote(_shell: Shell, word: str) -> str:
    """See ``Family.quote``."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    if printable.acts(word):
        shown = (f"\\u{{{ord(c):x}}}" if printable.acts(c) else c for c in escaped)
        return '"' + "".join(shown) + '"'
    if is_plain(word):
        return word
    return f"'{word}'" if "'" not in word else f'"{escaped}"'


def activate(shell: Shell, environment: PurePath) -> str:
    """See ``Family.activate``. venv writes no script for nushell."""
    path = f"($env.PATH | prepend {quote(shell, str(environment / 'bin'))})"
    return f"load-env {{VIRTUAL_ENV: {quote(shell, str(environment))}, PATH: {path}}}"


def run(shell: Shell, program: PurePath) -> str:
    """See ``Family.run``."""
    return f"^{quote(shell, str(program))}"


def prepend_path(shell: Shell, directory: PurePath) -> str:
    """See ``Family.prepend_path``."""
    return f"$env.PATH = ($env.PATH | prepend {quote(shell, str(directory))})"


def path_line(shell: Shell, directory: PurePath) -> str:
    """See ``Family.path_line``."""
    return f"$env.PATH = ($env.PATH | prepend {quote(shell, str(directory))} | uniq)"


def set_variable(shell: Shell, name: str, value: str) -> str:
    """See ``Family.set_variable``."""
    return f"$env.{name} = {quote(shell, value)}"


def unset(_shell: Shell, name: str) -> str:
    """See ``Family.unset``."""
    return f"hide-env {name}"


def forget(_shell: Shell) -> None:
    """See ``Family.forget``."""


def question(first: str, second: str, *, login: bool) -> tuple[str, ...]:
    """See ``Family.question``. It reads the profile for a command only if it is a login."""
    path = "$env.PATH | split row (char esep) | str join (char esep)"
    say = f"print (['{first}' '{second}' ({path}) '{second}' '{first}'] | str join)"
    return ("-c", say) if login else ("--no-history", "-e", f"{say}; exit")
