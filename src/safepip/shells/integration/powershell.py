"""The functions for PowerShell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.shells.integration.parts import head

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.shells.kinds import Family, Integration, Shell

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
        {real}
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
            $held = @('functions:') + @(Get-ChildItem Function: | ForEach-Object {{ $_.Name }})
            $held += @('aliases:')
            $held += @(Get-ChildItem Alias: | ForEach-Object {{ "$($_.Name)=$($_.Definition)" }})
            $held = $held -join "`n"
            if ($held.Length -lt 32000) {{ $env:SAFEPIP_SHELL_WORDS = $held }}
        }}
        {run}
    }} finally {{
        Remove-Item -Path 'Env:SAFEPIP_AS', 'Env:SAFEPIP_SHELL*' -ErrorAction SilentlyContinue
        if ($file) {{
            $todo = Get-Content -LiteralPath $file -Raw
            Remove-Item -LiteralPath $file -Force
            if ($todo) {{
                $status = $global:LASTEXITCODE
                . ([scriptblock]::Create($todo))
                $global:LASTEXITCODE = $status
            }}
        }}
    }}
}}
"""


def integration(shell: Shell, what: Integration, own: Family) -> str:
    """See ``Text.integration``."""
    text = head("# ", shell, bare="& (Get-Command pip -CommandType Application)[0]")
    text += _POWERSHELL.format(
        program=own.quote(shell, str(what.program)),
        real=_with_input("& $real.Path @rest"),
        run=_with_input("& $program @rest"),
        activate="\n            $env:SAFEPIP_SHELL_ACTIVATE = '1'" if what.activate else "",
    )
    for name in (*what.pips, *what.pythons):
        text += f"Remove-Item -Path Alias:{name} -Force -ErrorAction SilentlyContinue\n"
    theirs = _with_input("& $real.Path @args")
    for name in what.pips:
        text += f"function global:{name} {{ {_ours(name)} }}\n"
    for name in what.pythons:
        text += (
            f"function global:{name} {{\n"
            "    if ($args.Count -ge 2 -and $args[0] -ceq '-m' -and $args[1] -ceq 'pip') {\n"
            f"        {_ours(name)}\n"
            "    } else {\n"
            f"        $real = Get-Command -Name '{name}' -CommandType Application"
            " -ErrorAction Stop | Select-Object -First 1\n"
            f"        {theirs}\n"
            "    }\n"
            "}\n"
        )
    return text


def _ours(name: str) -> str:
    return _with_input(f"__safepip '{name}' @args")


def _with_input(command: str) -> str:
    """*command*, with what was piped into the function; a plain call leaves stdin as it is."""
    return f"if ($MyInvocation.ExpectingInput) {{ $input | {command} }} else {{ {command} }}"


def ending(_shell: Shell) -> str:
    """See ``Text.ending``."""
    return "ps1"


def source_line(shell: Shell, file: PurePath, own: Family) -> str:
    """See ``Text.source_line``."""
    word = own.quote(shell, str(file))
    return f"if (Test-Path -LiteralPath {word}) {{ . {word} }}"


def load_command(command: str) -> str:
    """See ``Text.load_command``."""
    return f"{command} | Out-String | Invoke-Expression"


def activation(shell: Shell, environment: PurePath, own: Family) -> str:
    """See ``Text.activation``."""
    return own.activate(shell, environment) + "\n"
