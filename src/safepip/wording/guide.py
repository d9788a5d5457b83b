"""The chapters of the guide as a terminal shows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from safepip.wording.colours import BOLD, PLAIN
from safepip.wording.lines import INDENT, table

if TYPE_CHECKING:
    from collections.abc import Mapping

ORDER = (
    *("places", "shells", "path", "settings", "teams", "causes", "explain", "safety", "json"),
    "leaving",
)


def contents(chapters: Mapping[str, str]) -> tuple[str, ...]:
    """Which chapters there are: the name and the heading of each."""
    rows = [
        (INDENT + name, text.partition("\n")[0].removeprefix("# ").replace("`", ""))
        for name, text in chapters.items()
    ]
    return ("The chapters of the guide:", *table(rows), "To read one: safepip guide NAME")


def for_terminal(text: str, *, color: bool) -> str:
    """A chapter as plain text: commands indented, tables in columns, headings perhaps bold."""
    lines: list[str] = []
    rows: list[list[str]] = []
    in_code = False
    for line in [*text.splitlines(), ""]:
        if line.startswith("|") and not in_code:
            rows.append([cell.replace("\\|", "|") for cell in _cells(line)])
            continue
        if rows:
            lines += _columns(rows)
            rows = []
        if line.startswith("```"):
            in_code = not in_code
        elif in_code:
            lines.append(INDENT + line)
        elif line.startswith("#"):
            heading = _plain(line.lstrip("# "))
            lines.append(f"{BOLD}{heading}{PLAIN}" if color else heading)
        else:
            lines.append(_plain(line))
    return "\n".join(lines).rstrip("\n") + "\n"


def _cells(row: str) -> list[str]:
    return [_plain(cell.strip()) for cell in re.split(r"(?<!\\)\|", row)[1:-1]]


def _columns(rows: list[list[str]]) -> list[str]:
    told = [row for row in rows if not all(set(cell) <= set("-: ") for cell in row)]
    return [INDENT + line for line in table(told)]


def _plain(text: str) -> str:
    """Without Markdown's marks: emphasis, and the target of a link behind its words."""
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    return text.replace("**", "").replace("``", "")
