"""The functions for bash, zsh, and the plain POSIX shells: sh, dash, ksh."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from safepip.shellcode.parts import head
from safepip.shells import Shell, activate_command, quote

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.shellcode.parts import Integration

_POSIX = """\
__safepip() {{
    if [ "${{SAFEPIP-}}" = off ] || [ ! -x {program} ]; then
        command "$@"
        return
    fi
    __safepip_as=$1
    case $1 in
    python*) shift 3 ;;
    *) shift ;;
    esac
    case "${{PIP_AUTO_COMPLETE-}}: $* " in
    :*" install "*) ;;
    *)
        SAFEPIP_AS=$__safepip_as SAFEPIP_SHELL={shell} {program} "$@"
        return
        ;;
    esac
    __safepip_file=$(command mktemp 2>/dev/null) || __safepip_file=
    SAFEPIP_AS=$__safepip_as SAFEPIP_SHELL={shell} SAFEPIP_SHELL_PID=$$ \\
        SAFEPIP_SHELL_FILE=$__safepip_file{activate} \\
        {program} "$@" && __safepip_status=0 || __safepip_status=$?
    if [ -n "$__safepip_file" ]; then
        if [ -s "$__safepip_file" ]; then
            . "$__safepip_file"
        fi
        command rm -f "$__safepip_file"
    fi
    return "$__safepip_status"
}}
"""


def integration(shell: Shell, what: Integration) -> str:
    """See ``shellcode.code``."""
    named = shell in {Shell.BASH, Shell.ZSH}
    program = quote(shell, str(what.program))
    text = head("# ", shell)
    text += _POSIX.format(
        program=program,
        shell=shell.value if named else "${KSH_VERSION+k}sh",
        activate=" SAFEPIP_SHELL_ACTIVATE=1" if what.activate else "",
    )
    # Where `function` is no word, an alias of that name would be read in its place: it goes first.
    for name in (*what.pips, *what.pythons):
        text += f"unalias {name} 2>/dev/null || :\n"
    for name in what.pips:
        text += _posix_function(shell, name, f'__safepip {name} "$@"')
    for name in what.pythons:
        text += _posix_python(shell, name)
    return text


def _posix_function(shell: Shell, name: str, body: str) -> str:
    # No name with a dot for a function: dash, ksh, and bash as sh, where it would end the shell.
    as_alias = f"alias {name}='__safepip {name}'\n"
    if shell is Shell.ZSH:
        return f"function {name} {{ {body}; }}\n"
    if shell is Shell.BASH:
        function = f"function {name} {{ {body}; }}\n"
        if "." not in name:
            return function
        return f"case $SHELLOPTS in *posix*) {as_alias.strip()} ;; *) {function.strip()} ;; esac\n"
    return as_alias if "." in name else _posix_definition(name, f"{{ {body}; }}")


def _posix_definition(name: str, body: str) -> str:
    """A function for sh; ksh's other kind forgets ``SAFEPIP=off pip`` when the call is over."""
    ksh = shlex.quote(f"function {name} {body}")
    return f'if [ -n "${{KSH_VERSION-}}" ]; then eval {ksh}; else {name}() {body}; fi\n'


def _posix_python(shell: Shell, name: str) -> str:
    body = (
        '{ if [ "${1-}" = -m ] && [ "${2-}" = pip ]; '
        f'then __safepip {name} "$@"; else command {name} "$@"; fi; }}'
    )
    if shell in {Shell.BASH, Shell.ZSH}:
        return f"function {name} {body}\n"
    return _posix_definition(name, body)


def source_line(shell: Shell, file: PurePath) -> str:
    """See ``shellcode.source_line``."""
    word = quote(shell, str(file))
    return f"if [ -r {word} ]; then . {word}; fi"


def load_command(command: str) -> str:
    """See ``shellcode.load_command``."""
    return f'eval "$({command})"'


def activation(shell: Shell, environment: PurePath) -> str:
    """See ``shellcode.activation``."""
    return activate_command(shell, environment) + "\n"
