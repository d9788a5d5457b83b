"""tcsh and csh: they have no functions, so pip is an alias."""

from __future__ import annotations

import shlex

from safepip.reading import printable
from safepip.shells.kinds import Family, Integration, Shell
from safepip.shells.parts import OPEN_FILE, SMALL_SH, SMALL_SH_PYTHON
from safepip.shells.quoting import by_byte, is_plain


def _quote(_shell: Shell, word: str) -> str:
    if printable.acts(word):
        return f"\"`printf '{by_byte(word, chr(92) + '{:03o}')}'`\""
    # History expansion happens even inside single quotes. Source: tcsh(1), History substitution.
    return word if is_plain(word) else shlex.quote(word).replace("!", "\\!")


def _integration(_shell: Shell, what: Integration) -> str:
    # eval takes the lines as words of one line: no comments, a semicolon behind each.
    lines = []
    extra, small_sh = "", SMALL_SH
    if what.activate:
        # More than one command within an alias would break pipelines; precmd does the rest: it runs
        # before each prompt. Source: tcsh(1), Special aliases.
        extra = (
            ' SAFEPIP_SHELL_ACTIVATE=1 SAFEPIP_SHELL_PID=$$ "SAFEPIP_SHELL_FILE=$__safepip_file"'
        )
        small_sh = OPEN_FILE + SMALL_SH
    program = _quote(Shell.TCSH, str(what.program))
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


FAMILY = Family(
    quote=_quote,
    activate="source {script}",
    script="activate.csh",
    prepend_path="set path = ( {word} $path:q )",
    path_line='if ( ":${{PATH}}:" !~ *{pattern}* ) {prepend_path}',
    set_variable="setenv {name} {word}",
    new_home="setenv HOME `mktemp -d`",
    unset="unsetenv {name}",
    forget="rehash",
    question=("-ic", """echo '{first}''{second}'"$PATH"'{second}''{first}'"""),
    profile=".cshrc",
    integration=_integration,
    ending="csh",
    source_line="if ( -r {word} ) source {word}",
    load_command='eval "`{command}`"',
)
