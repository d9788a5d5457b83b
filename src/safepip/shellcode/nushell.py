"""The commands for nushell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from safepip.shellcode.parts import head

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.shellcode.parts import Integration
    from safepip.shells import Shell

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


def integration(shell: Shell, what: Integration) -> str:
    """See ``shellcode.code``."""
    text = head("# ", shell)
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


def source_line(_shell: Shell, file: PurePath) -> str:
    """See ``shellcode.source_line``."""
    name = _json(str(file))
    return f"source (if ({name} | path exists) {{ {name} }} else {{ null }})"


def load_command(command: str) -> str:
    """See ``shellcode.load_command``."""
    return f"{command} | save --force safepip.nu; source safepip.nu"


def activation(_shell: Shell, environment: PurePath) -> str:
    """See ``shellcode.activation``.

    nushell cannot run a file whose name it learns late; our function sets PATH by itself.
    """
    return f"{environment}\n"
