"""The functions for fish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.shells.integration.parts import head

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.shells.kinds import Family, Integration, Shell

_FISH = r"""function __safepip
    if test "$SAFEPIP" = off; or not __safepip_runs
        command $argv
        return
    end
    set -lx SAFEPIP_AS $argv[1]
    set -lx SAFEPIP_SHELL fish
    if string match -q 'python*' -- $argv[1]
        set argv $argv[4..-1]
    else
        set argv $argv[2..-1]
    end
    if set -q PIP_AUTO_COMPLETE; or not contains -- install $argv
        {program} $argv
        return
    end
    set -lx SAFEPIP_SHELL_PID $fish_pid
    # A line end would make a list of it.
    set -lx SAFEPIP_SHELL_WORDS (string join \v functions: (functions -n) builtins: (builtin -n))
    # A word of the environment holds 128 KiB at most, and a character may take four bytes.
    if test (string length -- "$SAFEPIP_SHELL_WORDS") -gt 32000
        set -e SAFEPIP_SHELL_WORDS
    end
    # A name alone: after Ctrl-C fish may come back to nothing of what follows.
    set -lx SAFEPIP_SHELL_FILE (command mktemp -u 2>/dev/null){activate}
    {program} $argv
    set -l __safepip_status $status
    if test -n "$SAFEPIP_SHELL_FILE"
        if test -s "$SAFEPIP_SHELL_FILE"; and test -O "$SAFEPIP_SHELL_FILE"
            source $SAFEPIP_SHELL_FILE
        end
        command rm -f $SAFEPIP_SHELL_FILE
    end
    return $__safepip_status
end
function safepip --wraps safepip --description 'safepip, with what doctor asks of this shell'
    if test "$argv[1]" = doctor
        set -lx SAFEPIP_SHELL_HOLDS
        for name in pip pip3 python python3
            set -l said (type $name 2>/dev/null | string collect)
            set SAFEPIP_SHELL_HOLDS "$SAFEPIP_SHELL_HOLDS"$name:\n$said\n
        end
        command safepip $argv
    else
        command safepip $argv
    end
end
function __safepip_runs
    test -z "$PYTHONHOME$PYTHONPLATLIBDIR"; or return 1
    test -f {program}; and test -x {program}; or return 1
    test -r {program}; or return 0
    set -l first
    set -l second
    begin
        read first
        read second
    end <{program}
    # Installers write a Python whose path is long or has blanks into the second line.
    if test "$first" = '#!/bin/sh'
        set first (string replace -rf '^.{{3}}exec. [\'"](.*)[\'"] "\$0".*' '$1' -- $second)
        or return 0
    else
        set first (string replace -rf '^#! ?(/[^ ]*).*' '$1' -- $first)
        or return 0
    end
    test -x "$first"
end
"""


def integration(shell: Shell, what: Integration, own: Family) -> str:
    """See ``Text.integration``."""
    text = head("# ", shell)
    text += _FISH.format(
        program=own.quote(shell, str(what.program)),
        activate=_activate(what),
    )
    for name in what.pips:
        text += (
            f"function {name} --description 'pip, by safepip'\n    __safepip {name} $argv\nend\n"
        )
    for name in what.pythons:
        text += (
            f"function {name} --description 'python; its -m pip by safepip'\n"
            '    if test "$argv[1]" = -m; and test "$argv[2]" = pip\n'
            f"        __safepip {name} $argv\n"
            "    else\n"
            f"        command {name} $argv\n"
            "    end\n"
            "end\n"
        )
    return text


def _activate(what: Integration) -> str:
    if what.always:
        return "\n    set -lx SAFEPIP_SHELL_ACTIVATE 1"
    on = "\n    status is-interactive; and set -lx SAFEPIP_SHELL_ACTIVATE 1"
    return on if what.activate else ""


def ending(_shell: Shell) -> str:
    """See ``Text.ending``."""
    return "fish"


def source_line(shell: Shell, file: PurePath, own: Family) -> str:
    """See ``Text.source_line``."""
    word = own.quote(shell, str(file))
    return f"if test -r {word}; source {word}; end"


def load_command(command: str) -> str:
    """See ``Text.load_command``."""
    return f"{command} | source"


def activation(shell: Shell, environment: PurePath, own: Family) -> str:
    """See ``Text.activation``."""
    return own.activate(shell, environment) + "\n"
