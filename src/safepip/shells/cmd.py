"""cmd, the command prompt of Windows, which has no functions that a profile could define."""

from __future__ import annotations

import re

from safepip.shells.kinds import Family, Shell


def _quote(_shell: Shell, word: str) -> str:
    # No path of Windows holds a control character.
    return f'"{word}"' if re.search(r"[\s&()^]", word) else word


FAMILY = Family(
    quote=_quote,
    activate="{script}",
    script="activate.bat",
    prepend_path='set "PATH={text};%PATH%"',
    set_variable="set {name}={text}",
    unset="set {name}=",
)
