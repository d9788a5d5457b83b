"""fish."""

from __future__ import annotations

from safepip.reading import printable
from safepip.shells.kinds import Family, Integration, Shell
from safepip.shells.parts import head
from safepip.shells.quoting import by_byte, is_plain

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
    set -l safepip safepip
    if not command -q safepip; and __safepip_runs
        set safepip {program}
    end
    if test "$argv[1]" = doctor
        set -lx SAFEPIP_SHELL_HOLDS
        for name in pip pip3 python python3
            set -l said (type $name 2>/dev/null | string collect)
            set SAFEPIP_SHELL_HOLDS "$SAFEPIP_SHELL_HOLDS"$name:\n$said\n
        end
        command $safepip $argv
    else
        command $safepip $argv
    end
end
function __safepip_runs
    test -z "$PYTHONHOME$PYTHONPLATLIBDIR$PYTHONEXECUTABLE"; or return 1
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

_PIP = """\
function {name} --description 'pip, by safepip'
    __safepip {name} $argv
end
"""

_PYTHON = """\
function {name} --description 'python; its -m pip by safepip'
    if test "$argv[1]" = -m; and test "$argv[2]" = pip
        __safepip {name} $argv
    else
        command {name} $argv
    end
end
"""


def _quote(_shell: Shell, word: str) -> str:
    if printable.acts(word):
        return "''" + by_byte(word, "\\X{:02x}")
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return word if is_plain(word) else f"'{escaped}'"


def _integration(shell: Shell, what: Integration) -> str:
    activate = "set -lx SAFEPIP_SHELL_ACTIVATE 1"
    if not what.always:
        activate = f"status is-interactive; and {activate}" if what.activate else ""
    text = head("# ", shell) + _FISH.format(
        program=_quote(shell, str(what.program)), activate=activate and f"\n    {activate}"
    )
    for name in what.pips:
        text += _PIP.replace("{name}", name)
    for name in what.pythons:
        text += _PYTHON.replace("{name}", name)
    return text


FAMILY = Family(
    quote=_quote,
    activate="source {script}",
    script="activate.fish",
    prepend_path="set -gx PATH {word} $PATH",
    path_line="contains -- {word} $PATH; or {prepend_path}",
    set_variable="set -gx {name} {word}",
    new_home="set -gx HOME (mktemp -d)",
    windows_on_path="(cygpath -u {word})",
    unset="set -e {name}",
    question=("-ic", """printf %s '{first}''{second}'"$PATH"'{second}''{first}'"""),
    # Each file there is read at every start. Source: fish's manual, "Configuration files".
    profile=".config/fish/conf.d/safepip.fish",
    integration=_integration,
    source_line="if test -r {word}; source {word}; end",
    load_command="{command} | source",
)
