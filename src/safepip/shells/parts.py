"""What the shells' texts have in common: their head, a small sh."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from safepip.shells.kinds import Shell


def head(comment: str, shell: Shell, *, bare: str = "SAFEPIP=off pip, or command pip") -> str:
    """The lines that say what the text is; *comment* begins one, *bare* is how to pass us over."""
    return (
        f"{comment}safepip's shell integration for {shell.value}, written by `safepip init`.\n"
        f"{comment}Bare pip for once: {bare}.\n"
    )


RUNS = r"""__safepip_runs() {
    case $- in *r*) return 1 ;; esac
    [ -z "${PYTHONHOME-}${PYTHONPLATLIBDIR-}${PYTHONEXECUTABLE-}" ] || return 1
    [ -f "$__safepip_program" ] && [ -x "$__safepip_program" ] || return 1
    [ -r "$__safepip_program" ] || return 0
    { IFS= read -r __safepip_line; IFS= read -r __safepip_next; } <"$__safepip_program" || :
    case $__safepip_line in
    '#'?/bin/sh)
        __safepip_line=${__safepip_next#"'''exec' "}
        [ "$__safepip_line" != "$__safepip_next" ] || return 0
        __safepip_line=${__safepip_line%' "$0" "$@"'}
        __safepip_line=${__safepip_line#[\"\']}
        __safepip_line=${__safepip_line%[\"\']}
        ;;
    '#'?/*)
        __safepip_line=${__safepip_line#??}
        __safepip_line=${__safepip_line%% *}
        ;;
    *) return 0 ;;
    esac
    [ -x "$__safepip_line" ]
}
"""
"""Whether safepip is there, and the Python too that its first line names; a POSIX function.

Installers write that Python into the second line, for sh to start, where its path is long or has
blanks (source: distlib, ``scripts.py``). A PYTHONHOME is another Python's, and keeps that of
safepip from starting at all. A restricted shell (``r``) starts nothing by its path.
No exclamation mark: it means something to tcsh.
"""


def _in_one_line(text: str) -> str:
    """The POSIX shell's *text* without line ends, which tcsh's aliases cannot hold."""
    line = ""
    for part in map(str.strip, text.splitlines()):
        line += part + (" " if part.endswith(("{", " in", ";;", ")")) else "; ")
    return line


FORGET = (
    "unset SAFEPIP_AS SAFEPIP_SHELL SAFEPIP_SHELL_FILE SAFEPIP_SHELL_PID SAFEPIP_SHELL_ACTIVATE"
    " SAFEPIP_SHELL_WORDS"
)

_OR_THE_REAL_ONE = f'n=$SAFEPIP_AS; {FORGET}; exec "$n" "$@"'

OPEN_FILE = (
    'case " $* " in *" install "*) (umask 077; set -C; : > "$SAFEPIP_SHELL_FILE") 2>/dev/null ;; '
    "*) unset SAFEPIP_SHELL_FILE ;; esac; "
)
"""What makes the private file for an install, where the shell itself only thought of a name."""

SMALL_SH = (
    f"__safepip_program=$0; {_in_one_line(RUNS)}"
    'case ${SAFEPIP-} in off) ;; *) __safepip_runs && exec "$0" "$@" ;; esac; ' + _OR_THE_REAL_ONE
)
"""Run safepip ($0) or, without it, the real pip; the words are the arguments."""

SMALL_SH_PYTHON = (
    f"__safepip_program=$0; {_in_one_line(RUNS)}"
    'case ${SAFEPIP-}:"${1-}":"${2-}" in off:*) ;; '
    '*:-m:pip) __safepip_runs && shift 2 && exec "$0" "$@" ;; esac; ' + _OR_THE_REAL_ONE
)
"""Likewise for a Python: its ``-m pip`` alone is safepip's."""
