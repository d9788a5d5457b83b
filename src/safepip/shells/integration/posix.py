"""The functions for bash, zsh, and the plain POSIX shells: sh, dash, ksh."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from safepip.shells.integration.parts import RUNS, head
from safepip.shells.kinds import Shell

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.shells.kinds import Family, Integration

FUNCTIONS = (
    """\
__safepip() {
    if [ "${SAFEPIP-}" = off ] || ! __safepip_runs; then
        command "$@"
        return
    fi
    __safepip_as=$1
    case $1 in
    python*) shift 3 ;;
    *) shift ;;
    esac
    case ${BASH_VERSION+b}${ZSH_VERSION+z}${KSH_VERSION+k} in
    b*) __safepip_shell=bash ;;
    z*) __safepip_shell=zsh ;;
    k*) __safepip_shell=ksh ;;
    *) __safepip_shell=sh ;;
    esac
    case "${PIP_AUTO_COMPLETE-}: $* " in
    :*" install "*) ;;
    *)
        SAFEPIP_AS=$__safepip_as SAFEPIP_SHELL=$__safepip_shell "$__safepip_program" "$@"
        return
        ;;
    esac
    __safepip_pid=$$
    case ${KSH_VERSION-} in
    *93*) eval '[ "${.sh.subshell}" = 0 ]' || __safepip_pid= ;;
    esac
    __safepip_words=$(__safepip_words 2>/dev/null) || :
    # A word of the environment holds 128 KiB at most, and a character may take four bytes.
    [ "${#__safepip_words}" -lt 32000 ] || __safepip_words=
    # A name alone: after Ctrl-C a shell may come back to nothing of what follows.
    __safepip_file=$(command mktemp -u 2>/dev/null) || __safepip_file=
    SAFEPIP_AS=$__safepip_as SAFEPIP_SHELL=$__safepip_shell SAFEPIP_SHELL_PID=$__safepip_pid \\
        SAFEPIP_SHELL_FILE=$__safepip_file SAFEPIP_SHELL_WORDS=$__safepip_words \\
        SAFEPIP_SHELL_ACTIVATE=${__safepip_activate-} \\
        "$__safepip_program" "$@" && __safepip_status=0 || __safepip_status=$?
    if [ -n "$__safepip_file" ]; then
        if [ -s "$__safepip_file" ] && [ -O "$__safepip_file" ]; then
            . "$__safepip_file"
        fi
        command rm -f "$__safepip_file"
    fi
    return "$__safepip_status"
}
"""
    + RUNS
    + """\
__safepip_words() {
    case $__safepip_shell in
    bash)
        echo functions:
        compgen -A function || :
        echo builtins:
        compgen -A enabled || :
        compgen -A keyword || :
        shopt -q expand_aliases || return 0
        ;;
    zsh)
        eval 'print -rl -- functions: ${(k)functions:#_*} builtins: ${(k)builtins} ${(k)reswords}'
        echo aliases:
        alias -L
        return
        ;;
    ksh)
        echo functions:
        typeset +f
        ;;
    esac
    echo aliases:
    alias
}
__safepip_own() {
    case ${1-} in
    doctor) SAFEPIP_SHELL_HOLDS="$(__safepip_holds 2>/dev/null)" command safepip "$@" ;;
    *) command safepip "$@" ;;
    esac
}
__safepip_holds() {
    for __safepip_as in pip pip3 python python3; do
        echo "$__safepip_as:"
        command -V "$__safepip_as"
        typeset -f "$__safepip_as" || :
        echo
    done
}
alias safepip >/dev/null 2>&1 || eval 'safepip() { __safepip_own "$@"; }'
"""
)
"""The functions for all of them, which read ``__safepip_program`` and ``__safepip_activate``."""


def integration(shell: Shell, what: Integration, own: Family) -> str:
    """See ``Text.integration``."""
    text = head("# ", shell)
    text += f"__safepip_program={own.quote(shell, str(what.program))}\n"
    text += _activate(what)
    text += FUNCTIONS
    # Where `function` is no word, an alias of that name would be read in its place: it goes first.
    for name in (*what.pips, *what.pythons):
        text += f"unalias {name} 2>/dev/null || :\n"
    for name in what.pips:
        text += _posix_function(shell, name, f'__safepip {name} "$@"')
    for name in what.pythons:
        text += _posix_python(shell, name)
    return text


def _activate(what: Integration) -> str:
    if what.always:
        return "__safepip_activate=1\n"
    return INTERACTIVE if what.activate else "__safepip_activate=\n"


INTERACTIVE = "case $- in *i*) __safepip_activate=1 ;; *) __safepip_activate= ;; esac\n"


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


def ending(shell: Shell) -> str:
    """See ``Text.ending``. The plain shells share one file, as they share a profile."""
    return shell.value if shell in {Shell.BASH, Shell.ZSH} else "sh"


def source_line(shell: Shell, file: PurePath, own: Family) -> str:
    """See ``Text.source_line``."""
    word = own.quote(shell, str(file))
    return f"if [ -r {word} ]; then . {word}; fi"


def load_command(command: str) -> str:
    """See ``Text.load_command``."""
    return f'eval "$({command})"'


def activation(shell: Shell, environment: PurePath, own: Family) -> str:
    """See ``Text.activation``."""
    command = own.activate(shell, environment)
    # venv's script asks for variables that not every shell has; that must not end the user's.
    return f"case $- in *u*) set +u; {command}; set -u ;; *) {command} ;; esac\n"
