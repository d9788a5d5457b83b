"""The chapters of the guide as a terminal shows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from safepip.wording.lines import INDENT

if TYPE_CHECKING:
    from collections.abc import Mapping

ORDER = (
    *("places", "shells", "path", "settings", "teams", "causes", "explain", "safety", "json"),
    "leaving",
)

_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def contents(chapters: Mapping[str, str]) -> tuple[str, ...]:
    """Which chapters there are: the name and the heading of each."""
    width = max(map(len, chapters))
    headings = {
        name: text.partition("\n")[0].removeprefix("# ").replace("`", "")
        for name, text in chapters.items()
    }
    lines = [f"{INDENT}{name.ljust(width)}  {headings[name]}" for name in chapters]
    return ("The chapters of the guide:", *lines, "To read one: safepip guide NAME")


def for_terminal(text: str, *, color: bool) -> str:
    """A chapter as plain text: commands indented, tables in columns, headings perhaps bold."""
    lines: list[str] = []
    table: list[list[str]] = []
    in_code = False
    for line in [*text.splitlines(), ""]:
        if line.startswith("|") and not in_code:
            table.append([cell.replace("\\|", "|") for cell in _cells(line)])
            continue
        if table:
            lines += _columns(table)
            table = []
        if line.startswith("```"):
            in_code = not in_code
        elif in_code:
            lines.append(INDENT + line)
        elif line.startswith("#"):
            heading = _plain(line.lstrip("# "))
            lines.append(f"{_BOLD}{heading}{_PLAIN}" if color else heading)
        else:
            lines.append(_plain(line))
    return "\n".join(lines).rstrip("\n") + "\n"


def _cells(row: str) -> list[str]:
    return [_plain(cell.strip()) for cell in re.split(r"(?<!\\)\|", row)[1:-1]]


def _columns(table: list[list[str]]) -> list[str]:
    rows = [row for row in table if not all(set(cell) <= set("-: ") for cell in row)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    return [
        INDENT
        + "  ".join(
            [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]
        )
        for row in rows
    ]


def _plain(text: str) -> str:
    """Without Markdown's marks: emphasis, and the target of a link behind its words."""
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    return text.replace("**", "").replace("``", "")
