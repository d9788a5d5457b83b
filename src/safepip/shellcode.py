"""The text of the shell integration: what stands where ``pip`` stood, for each shell.

Pure. The texts start no process when a shell reads them. On a call they run safepip where it is
still there, else the real pip; ``SAFEPIP=off`` asks for the latter.

What they tell the program, by variables that pip never sees (``locate.child_environment``):
``SAFEPIP_AS``, the word that was typed; ``SAFEPIP_SHELL``, the shell; ``SAFEPIP_SHELL_FILE``, a
private file for what the shell is to run afterwards, and ``SAFEPIP_SHELL_PID``, the process that
will do so: in a subshell or a pipeline that is not our parent, and nothing would come of it.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from safepip.shells import Shell, activate_command, quote

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

POSIX = frozenset({Shell.SH, Shell.DASH, Shell.KSH})
CSHELLS = frozenset({Shell.TCSH, Shell.CSH})

SHELLS = (
    Shell.BASH,
    Shell.ZSH,
    Shell.FISH,
    Shell.SH,
    Shell.DASH,
    Shell.KSH,
    Shell.TCSH,
    Shell.CSH,
    Shell.POWERSHELL,
    Shell.XONSH,
    Shell.NUSHELL,
)
"""Those that can be served; ``cmd`` has no functions that a profile could define."""

_ENDINGS = {
    Shell.BASH: "bash",
    Shell.ZSH: "zsh",
    Shell.FISH: "fish",
    Shell.TCSH: "csh",
    Shell.CSH: "csh",
    Shell.POWERSHELL: "ps1",
    Shell.XONSH: "xsh",
    Shell.NUSHELL: "nu",
}


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


def code(shell: Shell, what: Integration) -> str:
    """The integration *what* as text for *shell* to run.

    Raises:
        ValueError: *shell* is none of ``SHELLS``.
    """
    if shell in POSIX or shell in {Shell.BASH, Shell.ZSH}:
        return _posix(shell, what)
    if shell is Shell.FISH:
        return _fish(what)
    if shell in CSHELLS:
        return _csh(what)
    if shell is Shell.POWERSHELL:
        return _powershell(what)
    if shell is Shell.XONSH:
        return _xonsh(what)
    if shell is Shell.NUSHELL:
        return _nushell(what)
    raise ValueError(shell)


def file_name(shell: Shell) -> str:
    """What safepip's own file for *shell* is called; the POSIX shells share one, and a profile."""
    return f"safepip.{_ENDINGS.get(shell, 'sh')}"


def source_line(shell: Shell, file: PurePath) -> str:
    """The line of a profile that reads *file* if it is there, and is silent if not."""
    word = quote(shell, str(file))
    if shell is Shell.FISH:
        return f"if test -r {word}; source {word}; end"
    if shell in CSHELLS:
        return f"if ( -r {word} ) source {word}"
    if shell is Shell.POWERSHELL:
        return f"if (Test-Path -LiteralPath {word}) {{ . {word} }}"
    if shell is Shell.XONSH:
        name = repr(str(file))
        return f"if __import__('os').path.isfile({name}): exec(open({name}).read())"
    if shell is Shell.NUSHELL:
        name = _json(str(file))
        return f"source (if ({name} | path exists) {{ {name} }} else {{ null }})"
    return f"if [ -r {word} ]; then . {word}; fi"


def load_command(shell: Shell, command: str) -> str:
    """How the running *shell* loads what *command* (``safepip init …``) prints."""
    if shell is Shell.FISH:
        return f"{command} | source"
    if shell in CSHELLS:
        return f'eval "`{command}`"'
    if shell is Shell.POWERSHELL:
        return f"{command} | Out-String | Invoke-Expression"
    if shell is Shell.XONSH:
        return f"exec($({command}))"
    if shell is Shell.NUSHELL:
        return f"{command} | save --force safepip.nu; source safepip.nu"
    return f'eval "$({command})"'


def activation(shell: Shell, environment: PurePath) -> str:
    """What the function is told, by its private file, to have *environment* (absolute) active."""
    if shell is Shell.NUSHELL:
        # It cannot run a file whose name it learns late; the function sets PATH by itself.
        return f"{environment}\n"
    return activate_command(shell, environment) + "\n"


# bash, zsh, sh, dash, ksh

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


def _posix(shell: Shell, what: Integration) -> str:
    named = shell in {Shell.BASH, Shell.ZSH}
    program = quote(shell, str(what.program))
    text = _head("# ", shell)
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


# fish

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


def _fish(what: Integration) -> str:
    text = _head("# ", Shell.FISH)
    text += _FISH.format(
        program=quote(Shell.FISH, str(what.program)),
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


# tcsh, and others that run their words through a small sh

_FORGET = (
    "unset SAFEPIP_AS SAFEPIP_SHELL SAFEPIP_SHELL_FILE SAFEPIP_SHELL_PID SAFEPIP_SHELL_ACTIVATE"
)

_SMALL_SH = (
    (
        "case ${SAFEPIP-} in off) ;; *) [ -x $0 ] && exec $0 $@ ;; esac; "
        "n=$SAFEPIP_AS; " + _FORGET + "; exec $n $@"
    )
    .replace("$0", '"$0"')
    .replace("$@", '"$@"')
    .replace("$n", '"$n"')
)
"""Run safepip ($0) or, without it, the real pip; the words are the arguments."""

_SMALL_SH_PYTHON = (
    'case ${SAFEPIP-}:"${1-}":"${2-}" in off:*) ;; '
    '*:-m:pip) [ -x "$0" ] && shift 2 && exec "$0" "$@" ;; esac; '
    "n=$SAFEPIP_AS; " + _FORGET + '; exec "$n" "$@"'
)


def _csh(what: Integration) -> str:
    # eval takes the lines as words of one line: no comments, a semicolon behind each.
    lines = []
    prefix = ""
    extra = ""
    if what.activate:
        # What follows a command within an alias would break pipelines; precmd runs in its stead.
        prefix = (
            'if ( $?prompt && "$__safepip_file" == "" ) set __safepip_file = "`mktemp`"; '
            "setenv SAFEPIP_SHELL_FILE $__safepip_file:q; "
        )
        extra = " SAFEPIP_SHELL_ACTIVATE=1 SAFEPIP_SHELL_PID=$$"
    program = quote(Shell.TCSH, str(what.program))
    for name in what.pips:
        told = f"env SAFEPIP_AS={name} SAFEPIP_SHELL=tcsh{extra}"
        command = f"{prefix}{told} sh -c {shlex.quote(_SMALL_SH)} {program}"
        lines.append(f"alias {name} {_csh_alias(command)}\\!*';")
    for name in what.pythons:
        told = f"env SAFEPIP_AS={name} SAFEPIP_SHELL=tcsh"
        command = f"{told} sh -c {shlex.quote(_SMALL_SH_PYTHON)} {program}"
        lines.append(f"alias {name} {_csh_alias(command)}\\!*';")
    if what.activate:
        lines.insert(0, 'set __safepip_file = "";')
        after = (
            'if ( "$__safepip_file" != "" ) unsetenv SAFEPIP_SHELL_FILE; '
            'if ( -s "$__safepip_file" ) source "$__safepip_file"; '
            'if ( "$__safepip_file" != "" ) \\rm -f "$__safepip_file"; '
            'set __safepip_file = ""'
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


# PowerShell

_POWERSHELL = """\
function global:__safepip {{
    $words = @($args)
    $name = [string]$words[0]
    $rest = @()
    if ($words.Count -gt 1) {{ $rest = @($words[1..($words.Count - 1)]) }}
    $program = {program}
    if ($env:SAFEPIP -eq 'off' -or -not (Test-Path -LiteralPath $program -PathType Leaf)) {{
        $real = Get-Command -Name $name -CommandType Application -ErrorAction Stop |
            Select-Object -First 1
        & $real.Path @rest
        return
    }}
    if ($name -like 'python*') {{ $rest = @($rest | Select-Object -Skip 2) }}
    $file = $null
    try {{
        $env:SAFEPIP_AS = $name
        $env:SAFEPIP_SHELL = 'pwsh'
        if ($rest -ccontains 'install' -and -not $env:PIP_AUTO_COMPLETE) {{
            $file = [System.IO.Path]::GetTempFileName()
            $env:SAFEPIP_SHELL_FILE = $file
            $env:SAFEPIP_SHELL_PID = [string]$PID{activate}
        }}
        & $program @rest
    }} finally {{
        Remove-Item -Path Env:SAFEPIP_AS, Env:SAFEPIP_SHELL* -ErrorAction SilentlyContinue
        if ($file) {{
            $todo = Get-Content -LiteralPath $file -Raw
            Remove-Item -LiteralPath $file -Force
            if ($todo) {{ . ([scriptblock]::Create($todo)) }}
        }}
    }}
}}
"""


def _powershell(what: Integration) -> str:
    text = _head("# ", Shell.POWERSHELL)
    text += _POWERSHELL.format(
        program=quote(Shell.POWERSHELL, str(what.program)),
        activate="\n            $env:SAFEPIP_SHELL_ACTIVATE = '1'" if what.activate else "",
    )
    for name in (*what.pips, *what.pythons):
        text += f"Remove-Item -Path Alias:{name} -Force -ErrorAction SilentlyContinue\n"
    for name in what.pips:
        text += f"function global:{name} {{ __safepip '{name}' @args }}\n"
    for name in what.pythons:
        text += (
            f"function global:{name} {{\n"
            "    if ($args.Count -ge 2 -and $args[0] -ceq '-m' -and $args[1] -ceq 'pip') {\n"
            f"        __safepip '{name}' @args\n"
            "    } else {\n"
            f"        & (Get-Command -Name '{name}' -CommandType Application"
            " | Select-Object -First 1).Path @args\n"
            "    }\n"
            "}\n"
        )
    return text


# xonsh

_XONSH = """\
def __safepip_load():
    import os, secrets, tempfile
    from xonsh.built_ins import XSH
    from xonsh.events import events

    file = os.path.join(tempfile.gettempdir(), "safepip-" + secrets.token_hex(16))
    small_sh = {open} + {small_sh}
    for name in {pips}:
        XSH.aliases[name] = ["env", "SAFEPIP_AS=" + name, "SAFEPIP_SHELL=xonsh",
                             "SAFEPIP_SHELL_FILE=" + file,
                             "SAFEPIP_SHELL_PID=" + str(os.getpid()),{activate}
                             "sh", "-c", small_sh, {program}]
    for name in {pythons}:
        XSH.aliases[name] = ["env", "SAFEPIP_AS=" + name, "SAFEPIP_SHELL=xonsh",
                             "sh", "-c", {small_sh_python}, {program}]

    def __safepip_after(**_):
        if os.path.isfile(file):
            with open(file) as stream:
                todo = stream.read()
            os.remove(file)
            if todo:
                XSH.builtins.execx(todo, "exec", XSH.ctx)

    old = getattr(XSH, "safepip_after", None)
    if old is not None:
        events.on_postcommand.discard(old)
    XSH.safepip_after = __safepip_after
    events.on_postcommand(__safepip_after)


__safepip_load()
del __safepip_load
"""

_OPEN_FILE = (
    'case " $* " in *" install "*) (umask 077; set -C; : > "$SAFEPIP_SHELL_FILE") 2>/dev/null ;; '
    "*) unset SAFEPIP_SHELL_FILE ;; esac; "
)


def _xonsh(what: Integration) -> str:
    return _head("# ", Shell.XONSH) + _XONSH.format(
        open=repr(_OPEN_FILE),
        small_sh=repr(_SMALL_SH),
        small_sh_python=repr(_SMALL_SH_PYTHON),
        pips=repr(list(what.pips)),
        pythons=repr(list(what.pythons)),
        program=repr(str(what.program)),
        activate=' "SAFEPIP_SHELL_ACTIVATE=1",' if what.activate else "",
    )


# nushell

_NUSHELL = """\
def --env --wrapped __safepip [name: string, ...rest] {{
    let program = {program}
    if ($env.SAFEPIP? == "off") or not ($program | path exists) {{
        run-external $name ...$rest
        return
    }}
    let words = if ($name | str starts-with "python") {{ $rest | skip 2 }} else {{ $rest }}
    if not ("install" in $words) {{
        with-env {{ SAFEPIP_AS: $name, SAFEPIP_SHELL: nu }} {{ run-external $program ...$words }}
        return
    }}
    let file = (mktemp --tmpdir safepip.XXXXXXXX)
    let told = {{
        SAFEPIP_AS: $name, SAFEPIP_SHELL: nu, SAFEPIP_SHELL_FILE: $file,
        SAFEPIP_SHELL_PID: ($nu.pid | into string){activate}
    }}
    try {{ with-env $told {{ run-external $program ...$words }} }}
    let environment = (open --raw $file | str trim)
    rm --force $file
    if ($environment | is-not-empty) {{
        $env.VIRTUAL_ENV = $environment
        $env.PATH = ($env.PATH | prepend ($environment | path join bin))
    }}
}}
"""


def _nushell(what: Integration) -> str:
    text = _head("# ", Shell.NUSHELL)
    text += _NUSHELL.format(
        program=_json(str(what.program)),
        activate=', SAFEPIP_SHELL_ACTIVATE: "1"' if what.activate else "",
    )
    for name in what.pips:
        text += f'def --env --wrapped "{name}" [...rest] {{ __safepip {name} ...$rest }}\n'
    for name in what.pythons:
        text += (
            f'def --env --wrapped "{name}" [...rest] {{\n'
            '    if ($rest | first 2) == ["-m", "pip"] {\n'
            f"        __safepip {name} ...$rest\n"
            "    } else {\n"
            f"        run-external {name} ...$rest\n"
            "    }\n"
            "}\n"
        )
    return text


def _json(word: str) -> str:
    return json.dumps(word, ensure_ascii=False)


def _head(comment: str, shell: Shell) -> str:
    lines: Iterable[str] = (
        f"safepip's shell integration for {shell.value}, written by `safepip init`.",
        "Bare pip for once: SAFEPIP=off pip, or command pip.",
    )
    return "".join(f"{comment}{line}\n" for line in lines)
