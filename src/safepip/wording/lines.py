"""What all sentences share."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


INDENT = "    "
CHOOSE = "number or word [{default}]: "


def nearby(line: str, *, home: str, cwd: str) -> str:
    """Write the paths in *line*, words for a reader, as short as a person would.

    Below *cwd* relative, below *home* with ``~``; both absolute or empty. A line that is indented
    is a command to paste and stays as it is, and so does a quoted path: there no shell knows ``~``.
    """
    if line.startswith(" "):
        return line
    if cwd not in {"", "/", home}:
        here = _BEFORE + re.escape(cwd) + r"(?:(/)(?=[^\s/])|" + _END + ")"
        line = re.sub(here, lambda found: "" if found[1] else ".", line)
    if home not in {"", "/"}:
        line = re.sub(_BEFORE + re.escape(home) + "(?:(?=/)|" + _END + ")", "~", line)
    return line


_BEFORE = r"(?<![\w./~'\"-])"
"""Where a path in a sentence begins: it is not the end of a longer one, nor quoted for a shell."""
_END = r"(?=[\s,;:)'\"]|\.?$|\.\s)"
"""Where it ends."""


_SAFEPIP = re.compile(rf"(^{INDENT}|`)safepip(?= )")
"""Where it stands as the first word of a command to paste."""


def names_safepip(line: str) -> bool:
    """Whether *line* is, or holds, a command that begins with ``safepip``."""
    return _SAFEPIP.search(line) is not None


def with_safepip_as(own: str, line: str) -> str:
    """*line* with *own* for safepip's name in commands."""
    return _SAFEPIP.sub(lambda found: found[1] + own, line)


def elapsed(doing: str, seconds: float) -> str:
    """What is being done, and for how long."""
    return f"{doing} ({seconds:.0f} s)" if seconds >= 1 else f"{doing} …"


def joined(things: Sequence[object]) -> str:
    """Join *things* by commas and, before the last, ``and``."""
    words = list(map(str, things))
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """*rows* in columns, the last one ragged."""
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
    return ["  ".join([*map(str.ljust, row, widths), row[-1]]).rstrip() for row in rows]


def some(things: Sequence[object]) -> str:
    """Join *things*, or the first few and how many more there are."""
    if len(things) <= _MOST_NAMED:
        return joined(things)
    return joined([*things[: _MOST_NAMED - 1], f"{len(things) - _MOST_NAMED + 1} more"])


_MOST_NAMED = 8


def near(word: str, known: Sequence[str]) -> str:
    """Return the one of *known* that *word* is most likely a misspelling of; empty for none."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.7)
    return found[0] if found else ""
