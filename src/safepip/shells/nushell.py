"""nushell.

Its integration are aliases of an external command: its words reach pip as they would without us (a
`~` and a `*` are expanded, quotes in the middle of a word go), and so do pipelines, redirections
and the status. A custom command would be handed the words half read, with no telling which of them
were quoted.
"""

from __future__ import annotations

from safepip.reading import printable
from safepip.shells.kinds import Family, Integration, Shell
from safepip.shells.parts import OPEN_FILE, SMALL_SH, SMALL_SH_PYTHON, head
from safepip.shells.quoting import is_plain

# The file's name is nobody's to guess; there is one only where prompts come, which look at it.
_NUSHELL = """\
let __safepip_file = if $nu.is-interactive {
    $env.TMPDIR? | default /tmp | path join $"safepip-(random chars --length 32)"
} else { "" }
"""

# Of an alias the first word is enough; its own commands nushell tells anybody (``machine.held``).
_WORDS = """\
def __safepip_words [] {
    scope aliases | each {|one| $"($one.name)=($one.expansion | split row ' ' | first)" }
        | prepend aliases: | str join (char newline)
}
"""

# The hook is a text: what that defines stays defined, unlike what a closure does.
_AFTER = """\
def --env __safepip_activate [] {
    let environment = open --raw $__safepip_file | str trim --right --char (char newline)
    rm --force --permanent $__safepip_file
    __safepip_deactivate
    let names = [PATH VIRTUAL_ENV VIRTUAL_ENV_PROMPT PYTHONHOME PROMPT_COMMAND]
    let old = $names | reduce --fold {} {|name, all|
        if $name in $env { $all | insert $name ($env | get $name) } else { $all }
    }
    hide-env --ignore-errors PYTHONHOME
    $env.__safepip_old = $old
    $env.PATH = $env.PATH | split row (char esep) | prepend ($environment | path join bin)
    $env.VIRTUAL_ENV = $environment
    $env.VIRTUAL_ENV_PROMPT = $environment | path basename
    if PROMPT_COMMAND in $env and ($env.VIRTUAL_ENV_DISABLE_PROMPT? | is-empty) {
        let prompt = $env.PROMPT_COMMAND
        $env.PROMPT_COMMAND = {||
            let rest = if ($prompt | describe) == closure { do $prompt } else { $prompt }
            $"\\(($env.VIRTUAL_ENV_PROMPT?)) ($rest)"
        }
    }
}
def --env __safepip_deactivate [] {
    if __safepip_old in $env {
        let old = $env.__safepip_old
        hide-env --ignore-errors VIRTUAL_ENV VIRTUAL_ENV_PROMPT PROMPT_COMMAND __safepip_old
        load-env $old
    }
}
$env.config.hooks.pre_prompt = [] | append $env.config.hooks.pre_prompt?
    | where {|one| (try { $one.safepip } catch { false }) != true }
    | append {
        safepip: true
        condition: {||
            if not ($__safepip_file | path exists) { return false }
            let told = open --raw $__safepip_file | is-not-empty
            if not $told { rm --force --permanent $__safepip_file }
            $told
        }
        code: "def --env deactivate [] { __safepip_deactivate }; __safepip_activate"
    }
"""


def _quote(_shell: Shell, word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    if printable.acts(word):
        shown = (f"\\u{{{ord(c):x}}}" if printable.acts(c) else c for c in escaped)
        return '"' + "".join(shown) + '"'
    if is_plain(word):
        return word
    return f"'{word}'" if "'" not in word else f'"{escaped}"'


def _integration(shell: Shell, what: Integration) -> str:
    program = _quote(shell, str(what.program))
    told = (
        '$"SAFEPIP_SHELL_FILE=($__safepip_file)" $"SAFEPIP_SHELL_PID=($nu.pid)"'
        ' $"SAFEPIP_SHELL_WORDS=(__safepip_words)"'
    )
    if what.activate:
        told += " SAFEPIP_SHELL_ACTIVATE=1"
    text = head("# ", shell, bare="SAFEPIP=off pip, or ^pip") + _NUSHELL + _WORDS + _AFTER
    for name in what.pips:
        text += (
            f'alias "{name}" = ^env SAFEPIP_AS={name} SAFEPIP_SHELL=nu {told}'
            f" sh -c {_quote(shell, OPEN_FILE + SMALL_SH)} {program}\n"
        )
    for name in what.pythons:
        text += (
            f'alias "{name}" = ^env SAFEPIP_AS={name} SAFEPIP_SHELL=nu'
            f" sh -c {_quote(shell, SMALL_SH_PYTHON)} {program}\n"
        )
    return text


_SAY_PATH = (
    "print (['{first}' '{second}' ($env.PATH | split row (char esep) | str join (char esep))"
    " '{second}' '{first}'] | str join)"
)

FAMILY = Family(
    quote=_quote,
    # venv writes no script for nushell.
    activate="load-env {{VIRTUAL_ENV: {word}, PATH: ($env.PATH | prepend {scripts})}}",
    run="^{word}",
    prepend_path="$env.PATH = ($env.PATH | prepend {word})",
    path_line="$env.PATH = ($env.PATH | prepend {word} | uniq)",
    set_variable="$env.{name} = {word}",
    user="$env.USER",
    new_home="$env.HOME = (mktemp -d)",
    unset="hide-env {name}",
    # It reads the profile for a command only if it is a login.
    question=("--no-history", "-e", _SAY_PATH + "; exit"),
    question_at_login=("-c", _SAY_PATH),
    profile=".config/nushell/config.nu",
    integration=_integration,
    # A bare word would be a command there. All of it is known before anything runs, as `source`
    # wants it. Source: nushell's book, "How Nushell Code Gets Run".
    source_line="source (if ({string} | path exists) {{ {string} }} else {{ null }})",
    # A file must be there before the line that reads it, a hook's text need not; and our text
    # leaves none of our hooks but its own.
    load_command="$env.config.hooks.pre_prompt ++= [{{safepip: true, code: ({command})}}]",
    # It cannot run a file whose name it learns late; our commands do it by themselves.
    activation="{text}\n",
)
