"""PowerShell, the newer one and that of Windows."""

from __future__ import annotations

import re

from safepip.reading import printable
from safepip.shells.kinds import Family, Integration, Shell
from safepip.shells.parts import head

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


def _quote(shell: Shell, word: str) -> str:
    # It runs a bare word that it meets where a value belongs.
    if printable.acts(word):
        # "`u{1b}" is for newer ones only. Source: about_Special_Characters (PowerShell 6).
        parts = (
            f"[char]::ConvertFromUtf32({ord(c)})" if printable.acts(c) else _quote(shell, c)
            for c in word
        )
        return f"({' + '.join(parts).replace(chr(39) + ' + ' + chr(39), '')})"
    # The typographic ones end a string as well. Source: PowerShell, ``parser/CharTraits.cs``.
    return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", word) + "'"


def _integration(shell: Shell, what: Integration) -> str:
    text = head("# ", shell, bare="& (Get-Command pip -CommandType Application)[0]")
    text += _POWERSHELL.format(
        program=_quote(shell, str(what.program)),
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


FAMILY = Family(
    quote=_quote,
    activate="& {script}",
    script="Activate.ps1",
    run="& {word}",
    prepend_path='$env:PATH = {word} + "{separator}" + $env:PATH',
    path_line="if (($env:PATH -split '{separator}') -notcontains {word}) {{ {prepend_path} }}",
    set_variable="$env:{name} = {word}",
    user="$env:USER",
    new_home="$env:HOME = (mktemp -d)",
    unset="Remove-Item Env:{name}",
    profile=".config/powershell/Microsoft.PowerShell_profile.ps1",
    integration=_integration,
    ending="ps1",
    source_line="if (Test-Path -LiteralPath {word}) {{ . {word} }}",
    load_command="{command} | Out-String | Invoke-Expression",
)
