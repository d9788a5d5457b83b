"""The functions for fish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.shellcode.parts import head
from safepip.shells import Shell, activate_command, quote

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.shellcode.parts import Integration

_FISH = """\
function __safepip
    if test "$SAFEPIP" = off; or not test -x {program}
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
    set -lx SAFEPIP_SHELL_FILE (command mktemp 2>/dev/null){activate}
    {program} $argv
    set -l __safepip_status $status
    if test -n "$SAFEPIP_SHELL_FILE"
        if test -s "$SAFEPIP_SHELL_FILE"
            source $SAFEPIP_SHELL_FILE
        end
        command rm -f $SAFEPIP_SHELL_FILE
    end
    return $__safepip_status
end
"""


def integration(shell: Shell, what: Integration) -> str:
    """See ``shellcode.code``."""
    text = head("# ", shell)
    text += _FISH.format(
        program=quote(shell, str(what.program)),
        activate="\n    set -lx SAFEPIP_SHELL_ACTIVATE 1" if what.activate else "",
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


def source_line(shell: Shell, file: PurePath) -> str:
    """See ``shellcode.source_line``."""
    word = quote(shell, str(file))
    return f"if test -r {word}; source {word}; end"


def load_command(command: str) -> str:
    """See ``shellcode.load_command``."""
    return f"{command} | source"


def activation(shell: Shell, environment: PurePath) -> str:
    """See ``shellcode.activation``."""
    return activate_command(shell, environment) + "\n"
