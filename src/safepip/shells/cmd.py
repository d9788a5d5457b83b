"""cmd, the command prompt of Windows."""

from __future__ import annotations

import re

from safepip.shells.kinds import Family, Shell


def _quote(_shell: Shell, word: str) -> str:
    """*word* for cmd; no path of Windows holds a control character or a quote.

    In quotes cmd still puts variables in for ``%NAME%``. Outside them a caret before the percent
    sign makes the name between two of them one that no variable has. Backslashes before a quote
    are the program's, which reads them twice (``CommandLineToArgvW``).
    """
    if re.fullmatch(r"[\w.:@/\\+\[\]#$*?{}~-]+", word):
        return word
    escaped = re.sub(r'(\\*)("|(?=%)|\Z)', r"\1\1\2", word).replace('"', '""')
    return f'"{escaped}"'.replace("%", '"^%"')


FAMILY = Family(
    quote=_quote,
    activate="{script}",
    script="activate.bat",
    prepend_path='set "PATH={text};%PATH%"',
    set_variable='set "{name}={text}"',
    unset="set {name}=",
)
