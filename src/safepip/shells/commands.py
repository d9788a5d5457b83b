"""The user's shells: how a path is quoted there, and the commands that reach what was installed.

Pure: which shell it is comes in as a name.
"""

from __future__ import annotations

import re
import shlex
from enum import Enum
from typing import TYPE_CHECKING

from safepip.reading import printable

if TYPE_CHECKING:
    from pathlib import PurePath


class Shell(Enum):
    """A shell whose commands safepip can write; the values are the programs' names."""

    SH = "sh"
    DASH = "dash"
    KSH = "ksh"
    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    TCSH = "tcsh"
    CSH = "csh"
    POWERSHELL = "pwsh"
    CMD = "cmd"
    NUSHELL = "nu"
    XONSH = "xonsh"


_ALIASES = {"powershell": Shell.POWERSHELL, "mksh": Shell.KSH, "ksh93": Shell.KSH, "bsh": Shell.SH}


def shell_named(program: str) -> Shell | None:
    """The shell whose program is *program* (a name or path, a login dash allowed), if known."""
    name = re.split(r"[/\\]", program)[-1].lstrip("-").lower().removesuffix(".exe")
    if name in _ALIASES:
        return _ALIASES[name]
    return next((shell for shell in Shell if shell.value == name), None)


def quote(shell: Shell, word: str) -> str:  # noqa: PLR0911 - one for each way
    """*word* so that *shell* reads it as one word, unchanged."""
    if printable.acts(word) and shell is not Shell.CMD:  # no path of Windows holds a control
        return _quote_acting(shell, word)
    plain = re.fullmatch(r"[\w./+:@%=-]+", word, re.ASCII) is not None
    # PowerShell runs a bare word that it meets where a value belongs.
    if plain and shell not in {Shell.CMD, Shell.POWERSHELL}:
        return word
    if shell is Shell.FISH:
        return "'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if shell is Shell.POWERSHELL:
        # The typographic ones end a string there as well.
        return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", word) + "'"
    if shell is Shell.CMD:
        return f'"{word}"' if re.search(r"[\s&()^]", word) else word
    if shell is Shell.XONSH:
        # In a plain string $HOME is expanded, and one that comes first is no command.
        return f"@({word!r})"
    if shell is Shell.NUSHELL:
        escaped = word.replace("\\", "\\\\").replace('"', '\\"')
        return f"'{word}'" if "'" not in word else f'"{escaped}"'
    if shell in {Shell.TCSH, Shell.CSH}:
        # History expansion happens even inside single quotes there.
        return shlex.quote(word).replace("!", "\\!")
    return shlex.quote(word)


def _quote_acting(shell: Shell, word: str) -> str:
    """*word* by the printing characters that *shell* reads as the others in it.

    As they are, they would paint on the terminal, and change what a reader believes to paste.
    """
    if shell is Shell.XONSH:
        return f"@({word!a})"
    if shell is Shell.NUSHELL:
        escaped = word.replace("\\", "\\\\").replace('"', '\\"')
        return (
            '"' + "".join(f"\\u{{{ord(c):x}}}" if printable.acts(c) else c for c in escaped) + '"'
        )
    if shell is Shell.POWERSHELL:
        # "`u{1b}" is for newer ones only.
        parts = (
            f"[char]::ConvertFromUtf32({ord(c)})" if printable.acts(c) else quote(shell, c)
            for c in word
        )
        return f"({' + '.join(parts).replace(chr(39) + ' + ' + chr(39), '')})"
    if shell is Shell.FISH:
        return "''" + _by_byte(word, "\\X{:02x}")
    octal = _by_byte(word, "\\{:03o}")
    if shell in {Shell.BASH, Shell.ZSH, Shell.KSH}:
        return f"$'{octal}'"
    if shell in {Shell.TCSH, Shell.CSH}:
        return f"\"`printf '{octal}'`\""
    return f"\"$(printf '{octal}')\""


def _by_byte(word: str, form: str) -> str:
    """The bytes of *word* in *form*, but for those that no shell takes for more than themselves."""
    return "".join(
        chr(byte) if re.match(rb"[\w./+:@]", bytes((byte,))) else form.format(byte)
        for byte in word.encode("utf-8", "surrogateescape")
    )


def activate_command(shell: Shell, environment: PurePath) -> str:
    """The command that activates the virtual environment at *environment* (absolute)."""
    scripts = environment / "bin"
    # venv writes no script for nushell, and xonsh would have to start a bash to read one.
    if shell is Shell.NUSHELL:
        path = f"($env.PATH | prepend {quote(shell, str(scripts))})"
        return f"load-env {{VIRTUAL_ENV: {quote(shell, str(environment))}, PATH: {path}}}"
    if shell is Shell.XONSH:
        first = prepend_path_command(shell, scripts)
        return f"$VIRTUAL_ENV = {str(environment)!a}; {first}"
    text = str(environment)
    if not _is_windows(environment) and (re.search(r'["$`\\!]', text) or printable.acts(text)):
        # Until 2024 venv wrote such a name into its scripts as it stands, where it breaks or runs.
        return prepend_path_command(shell, scripts)
    if shell in {Shell.POWERSHELL, Shell.CMD} and _is_windows(environment):
        scripts = environment / "Scripts"
    if shell is Shell.FISH:
        return f"source {quote(shell, str(scripts / 'activate.fish'))}"
    if shell in {Shell.TCSH, Shell.CSH}:
        return f"source {quote(shell, str(scripts / 'activate.csh'))}"
    if shell is Shell.POWERSHELL:
        return f"& {quote(shell, str(scripts / 'Activate.ps1'))}"
    if shell is Shell.CMD:
        return quote(shell, str(scripts / "activate.bat"))
    word = "source" if shell in {Shell.BASH, Shell.ZSH} else "."
    return f"{word} {quote(shell, str(scripts / 'activate'))}"


def run_command(shell: Shell, program: PurePath) -> str:
    """The command that runs *program* (absolute), wherever it lies."""
    word = quote(shell, str(program))
    if shell is Shell.POWERSHELL:
        return f"& {word}"
    return f"^{word}" if shell is Shell.NUSHELL else word


def prepend_path_command(shell: Shell, directory: PurePath) -> str:
    """The command that puts *directory* (absolute) first on PATH in the running shell."""
    word = quote(shell, str(directory))
    if shell is Shell.FISH:
        return f"set -gx PATH {word} $PATH"
    if shell in {Shell.TCSH, Shell.CSH}:
        return f"set path = ( {word} $path:q )"
    if shell is Shell.POWERSHELL:
        separator = ";" if _is_windows(directory) else ":"
        return f'$env:PATH = {quote(shell, str(directory))} + "{separator}" + $env:PATH'
    if shell is Shell.CMD:
        return f'set "PATH={directory};%PATH%"'
    if shell is Shell.XONSH:
        return f"$PATH.insert(0, {str(directory)!a})"
    if shell is Shell.NUSHELL:
        return f"$env.PATH = ($env.PATH | prepend {word})"
    return f'export PATH={word}:"$PATH"'


def forget_command(shell: Shell) -> str | None:
    """The command by which *shell* forgets where it found commands; None if it remembers none."""
    if shell in _POSIX:
        # Silent also where the user has switched remembering off.
        return "hash -r 2>/dev/null || :"
    return "rehash" if shell in BLIND_TO_NEW_FILES else None


def path_line(shell: Shell, directory: PurePath) -> str | None:
    """The line for a profile that puts *directory* (absolute) first on PATH, unless it is there.

    Started within each other, shells read their profiles again: PATH must not grow. None where
    safepip knows no such line.
    """
    add, text = prepend_path_command(shell, directory), str(directory)
    if shell in _POSIX:
        word = quote(shell, text)
        return f'case ":$PATH:" in *:{word}:*) ;; *) {add} ;; esac'
    if shell is Shell.FISH:
        return f"contains -- {quote(shell, text)} $PATH; or {add}"
    if shell in {Shell.TCSH, Shell.CSH}:
        # A pattern is a pattern there even inside quotes.
        pattern = quote(shell, ":" + re.sub(r"[^\w ./+@%=:,-]", "?", text) + ":")
        return f'if ( ":${{PATH}}:" !~ *{pattern}* ) {add}'
    if shell is Shell.XONSH:
        return f"{text!a} in $PATH or $PATH.insert(0, {text!a})"
    if shell is Shell.NUSHELL:
        return f"$env.PATH = ($env.PATH | prepend {quote(shell, text)} | uniq)"
    if shell is Shell.POWERSHELL:
        separator = ";" if _is_windows(directory) else ":"
        parts = f"($env:PATH -split '{separator}')"
        return f"if ({parts} -notcontains {quote(shell, text)}) {{ {add} }}"
    return None


BLIND_TO_NEW_FILES = frozenset({Shell.TCSH, Shell.CSH})
"""Those that find no command which came onto PATH after they had listed PATH's files."""

_POSIX = frozenset({Shell.SH, Shell.DASH, Shell.KSH, Shell.BASH, Shell.ZSH})


def _is_windows(path: PurePath) -> bool:
    return bool(path.drive)
