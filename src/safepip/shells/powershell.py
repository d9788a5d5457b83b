"""PowerShell, the newer one and that of Windows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from safepip.reading import printable
from safepip.shells.integration import powershell as text
from safepip.shells.quoting import activates_badly, is_windows

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.shells.kinds import Shell, Text

TEXT: Text | None = text
PROFILE = ".config/powershell/Microsoft.PowerShell_profile.ps1"


def quote(shell: Shell, word: str) -> str:
    """See ``Family.quote``. It runs a bare word that it meets where a value belongs."""
    if printable.acts(word):
        # "`u{1b}" is for newer ones only.
        parts = (
            f"[char]::ConvertFromUtf32({ord(c)})" if printable.acts(c) else quote(shell, c)
            for c in word
        )
        return f"({' + '.join(parts).replace(chr(39) + ' + ' + chr(39), '')})"
    # The typographic ones end a string there as well.
    return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", word) + "'"


def activate(shell: Shell, environment: PurePath) -> str:
    """See ``Family.activate``."""
    if activates_badly(environment):
        return prepend_path(shell, environment / "bin")
    scripts = environment / ("Scripts" if is_windows(environment) else "bin")
    return f"& {quote(shell, str(scripts / 'Activate.ps1'))}"


def run(shell: Shell, program: PurePath) -> str:
    """See ``Family.run``."""
    return f"& {quote(shell, str(program))}"


def prepend_path(shell: Shell, directory: PurePath) -> str:
    """See ``Family.prepend_path``."""
    separator = _separator(directory)
    return f'$env:PATH = {quote(shell, str(directory))} + "{separator}" + $env:PATH'


def path_line(shell: Shell, directory: PurePath) -> str:
    """See ``Family.path_line``."""
    parts = f"($env:PATH -split '{_separator(directory)}')"
    word = quote(shell, str(directory))
    return f"if ({parts} -notcontains {word}) {{ {prepend_path(shell, directory)} }}"


def _separator(directory: PurePath) -> str:
    return ";" if is_windows(directory) else ":"


def set_variable(shell: Shell, name: str, value: str) -> str:
    """See ``Family.set_variable``."""
    return f"$env:{name} = {quote(shell, value)}"


def unset(_shell: Shell, name: str) -> str:
    """See ``Family.unset``."""
    return f"Remove-Item Env:{name}"


def forget(_shell: Shell) -> None:
    """See ``Family.forget``."""


def question(_first: str, _second: str, *, login: bool) -> None:
    """See ``Family.question``."""
