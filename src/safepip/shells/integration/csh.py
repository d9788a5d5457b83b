"""The aliases for tcsh and csh, which have no functions."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from safepip.shells.integration.parts import OPEN_FILE, SMALL_SH, SMALL_SH_PYTHON
from safepip.shells.kinds import Shell

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.shells.kinds import Family, Integration


def integration(_shell: Shell, what: Integration, own: Family) -> str:
    """See ``Text.integration``."""
    # eval takes the lines as words of one line: no comments, a semicolon behind each.
    lines = []
    extra, small_sh = "", SMALL_SH
    if what.activate:
        # More than one command within an alias would break pipelines; precmd does the rest.
        extra = (
            ' SAFEPIP_SHELL_ACTIVATE=1 SAFEPIP_SHELL_PID=$$ "SAFEPIP_SHELL_FILE=$__safepip_file"'
        )
        small_sh = OPEN_FILE + SMALL_SH
    program = own.quote(Shell.TCSH, str(what.program))
    # What runs in backquotes comes out as one word for each line.
    words = r'"SAFEPIP_SHELL_WORDS=`(echo aliases: ; alias) | tr \\012 \\013`"'
    for name in what.pips:
        told = f"env SAFEPIP_AS={name} SAFEPIP_SHELL=tcsh {words}{extra}"
        command = f"{told} sh -c {shlex.quote(small_sh)} {program}"
        lines.append(f"alias {name} {_csh_alias(command)}\\!*';")
    for name in what.pythons:
        told = f"env SAFEPIP_AS={name} SAFEPIP_SHELL=tcsh"
        command = f"{told} sh -c {shlex.quote(SMALL_SH_PYTHON)} {program}"
        lines.append(f"alias {name} {_csh_alias(command)}\\!*';")
    if what.activate:
        # A name in the user's own HOME costs no process, and nobody else can put a file there.
        name = 'if ( $?prompt && $?HOME ) set __safepip_file = "$HOME/.safepip-shell-$$";'
        lines[:0] = ['set __safepip_file = "";', name]
        after = (
            'if ( -o "$__safepip_file" && -s "$__safepip_file" ) source "$__safepip_file"; '
            'if ( -o "$__safepip_file" ) \\rm -f "$__safepip_file"'
        )
        lines.append(f"alias __safepip_after {shlex.quote(after)};")
        # One line for `if`; twice sourced, it is there once.
        lines.append(
            'if ( "`alias precmd`" !~ *__safepip_after* ) '
            'alias precmd "__safepip_after; `alias precmd`";'
        )
    return "\n".join(lines) + "\n"


def _csh_alias(text: str) -> str:
    """*text* in single quotes that are left open, for the call's own words to follow."""
    return "'" + (text + " ").replace("'", "'\\''")


def ending(_shell: Shell) -> str:
    """See ``Text.ending``."""
    return "csh"


def source_line(shell: Shell, file: PurePath, own: Family) -> str:
    """See ``Text.source_line``."""
    word = own.quote(shell, str(file))
    return f"if ( -r {word} ) source {word}"


def load_command(command: str) -> str:
    """See ``Text.load_command``."""
    return f'eval "`{command}`"'


def activation(shell: Shell, environment: PurePath, own: Family) -> str:
    """See ``Text.activation``."""
    return own.activate(shell, environment) + "\n"
