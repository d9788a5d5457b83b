"""What the shells' texts have in common: what they are made of, their head, a small sh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

    from safepip.shells import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """What the text is made of."""

    program: PurePath
    """safepip itself, absolute."""
    pips: tuple[str, ...] = ("pip", "pip3")
    """The words that shall run it."""
    pythons: tuple[str, ...] = ()
    """The words whose ``-m pip`` shall run it; plain, they are the Python."""
    activate: bool = False
    """Ask for activation, whatever the settings' default is."""


def head(comment: str, shell: Shell) -> str:
    """The lines that say what the text is; *comment* begins one there."""
    lines: Iterable[str] = (
        f"safepip's shell integration for {shell.value}, written by `safepip init`.",
        "Bare pip for once: SAFEPIP=off pip, or command pip.",
    )
    return "".join(f"{comment}{line}\n" for line in lines)


FORGET = (
    "unset SAFEPIP_AS SAFEPIP_SHELL SAFEPIP_SHELL_FILE SAFEPIP_SHELL_PID SAFEPIP_SHELL_ACTIVATE"
)

SMALL_SH = (
    (
        "case ${SAFEPIP-} in off) ;; *) [ -x $0 ] && exec $0 $@ ;; esac; "
        "n=$SAFEPIP_AS; " + FORGET + "; exec $n $@"
    )
    .replace("$0", '"$0"')
    .replace("$@", '"$@"')
    .replace("$n", '"$n"')
)
"""Run safepip ($0) or, without it, the real pip; the words are the arguments."""

SMALL_SH_PYTHON = (
    'case ${SAFEPIP-}:"${1-}":"${2-}" in off:*) ;; '
    '*:-m:pip) [ -x "$0" ] && shift 2 && exec "$0" "$@" ;; esac; '
    "n=$SAFEPIP_AS; " + FORGET + '; exec "$n" "$@"'
)
