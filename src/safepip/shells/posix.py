"""bash, zsh, and the plain POSIX shells: sh, dash, ksh."""

from __future__ import annotations

import shlex

from safepip.reading import printable
from safepip.shells.kinds import Family, Integration, Shell
from safepip.shells.parts import RUNS, head
from safepip.shells.quoting import by_byte, is_plain

# What the environment may hold: execve(2), "Limits on size of arguments and environment".
# The functions call no program by a name that the user may have given to another: `command`.
# What joins the words of ``$*`` is the user's IFS, so a word is not looked for between blanks.
FUNCTIONS = (
    """\
__safepip() {
    [ -z "${ZSH_VERSION-}" ] || setopt local_options no_warn_create_global no_warn_nested_var
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
    case ${PIP_AUTO_COMPLETE-}:$* in
    :*install*) ;;
    *)
        SAFEPIP_AS=$__safepip_as SAFEPIP_SHELL=$__safepip_shell "$__safepip_program" "$@"
        return
        ;;
    esac
    __safepip_pid=$$
    case ${KSH_VERSION-} in
    *93*) eval '[ "${.sh.subshell}" = 0 ]' || __safepip_pid= ;;
    esac
    # What is read-only no activation can change: nothing is to be promised then.
    (PATH=$PATH VIRTUAL_ENV=) 2>/dev/null || __safepip_pid=
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
    [ -z "${ZSH_VERSION-}" ] || setopt local_options no_warn_create_global no_warn_nested_var
    if ! (unset -f safepip && command -v safepip) >/dev/null 2>&1 && __safepip_runs; then
        set -- "$__safepip_program" "$@"
    else
        set -- safepip "$@"
    fi
    case ${2-} in
    doctor) SAFEPIP_SHELL_HOLDS="$(__safepip_holds 2>/dev/null)" command "$@" ;;
    *) command "$@" ;;
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


def _quote(shell: Shell, word: str) -> str:
    # Only bash, zsh and ksh are sure to know ``$'…'``: POSIX has it since 2024 (XCU 2.2.4).
    if printable.acts(word):
        octal = by_byte(word, "\\{:03o}")
        ansi = shell in {Shell.BASH, Shell.ZSH, Shell.KSH}
        return f"$'{octal}'" if ansi else f"\"$(printf '{octal}')\""
    return word if is_plain(word) else shlex.quote(word)


INTERACTIVE = "case $- in *i*) __safepip_activate=1 ;; *) __safepip_activate= ;; esac\n"


def _integration(shell: Shell, what: Integration) -> str:
    text = head("# ", shell)
    text += f"__safepip_program={_quote(shell, str(what.program))}\n"
    if what.activate and not what.always:
        text += INTERACTIVE
    else:
        text += f"__safepip_activate={'1' if what.always else ''}\n"
    text += FUNCTIONS
    # Where `function` is no word, an alias of that name would be read in its place: it goes first.
    for name in (*what.pips, *what.pythons):
        text += f"unalias {name} 2>/dev/null || :\n"
    for name in what.pips:
        function = _function(shell, name, f'{{ __safepip {name} "$@"; }}')
        as_alias = f"alias {name}='__safepip {name}'"
        # No name with a dot for a function: dash, ksh, and bash as sh, where it would end the
        # shell. Source: POSIX, XCU 2.9.5; bash's manual, "Bash POSIX Mode".
        if "." in name and shell is Shell.BASH:
            function = f"case $SHELLOPTS in *posix*) {as_alias} ;; *) {function} ;; esac"
        elif "." in name and shell is not Shell.ZSH:
            function = as_alias
        text += function + "\n"
    for name in what.pythons:
        is_pip = '[ "${1-}" = -m ] && [ "${2-}" = pip ]'
        run = f'then __safepip {name} "$@"; else command {name} "$@"'
        text += _function(shell, name, f"{{ if {is_pip}; {run}; fi; }}") + "\n"
    return text


def _function(shell: Shell, name: str, body: str) -> str:
    """A function; ksh's other kind forgets ``SAFEPIP=off pip`` when the call is over.

    Source: ksh(1), Functions.
    """
    function = f"function {name} {body}"
    if shell in {Shell.BASH, Shell.ZSH}:
        return function
    ksh = shlex.quote(function)
    return f'if [ -n "${{KSH_VERSION-}}" ]; then eval {ksh}; else {name}() {body}; fi'


FAMILY = Family(
    quote=_quote,
    activate="source {script}",
    script="activate",
    prepend_path='export PATH={word}:"$PATH"',
    path_line='case ":$PATH:" in *:{word}:*) ;; *) {prepend_path} ;; esac',
    set_variable="export {name}={word}",
    # Git Bash, MSYS2 and Cygwin each have a place of their own for C:.
    # Source: CPython, ``Lib/venv/scripts/common/activate`` (gh-103088).
    windows_on_path='"$(cygpath -u {word})"',
    unset="unset {name}",
    # Silent also where the user has switched remembering off.
    forget="hash -r 2>/dev/null || :",
    question=("-ic", """printf %s '{first}''{second}'"$PATH"'{second}''{first}'"""),
    profile=".profile",
    integration=_integration,
    source_line="if [ -r {word} ]; then . {word}; fi",
    load_command='eval "$({command})"',
    # venv's script asks for variables that not every shell has; that must not end the user's.
    activation="case $- in *u*) set +u; {activate}; set -u ;; *) {activate} ;; esac\n",
)
# They share safepip's own file, as they share a profile.
PLAIN = FAMILY._replace(activate=". {script}", ending="sh")
