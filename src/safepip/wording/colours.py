"""The colours of what safepip says on a terminal that wants some."""

from __future__ import annotations

import re

BOLD, GREEN, CYAN, PLAIN = "\x1b[1m", "\x1b[32m", "\x1b[36m", "\x1b[0m"

_PLACE = re.compile(r"(?<![\w`'\"=])(?:(?:~|\.\.?)?/|\.venv\b)(?:[^\s,;:()'\"`]*[^\s,;:.()'\"`])?")
_INSTALLED = re.compile(r"^((?:Already )?[Ii]nstalled )(.+?)( into )")


def painted(line: str) -> str:
    """*line* with its command, names and places coloured; one without any of these as it is."""
    if line.startswith(" "):
        indent = line[: len(line) - len(line.lstrip())]
        return f"{indent}{BOLD}{line.lstrip()}{PLAIN}"
    head, names, rest = "", "", line
    found = _INSTALLED.match(line)
    if found:
        head, names, rest = found[1], f"{GREEN}{found[2]}{PLAIN}", found[3] + line[found.end() :]
    parts = re.split(r"(`[^`]+`)", rest)
    rest = "".join(
        f"{BOLD}{part}{PLAIN}" if part.startswith("`") and len(part) > 2 else _places(part)
        for part in parts
    )
    return head + names + rest


def _places(text: str) -> str:
    return _PLACE.sub(lambda place: f"{CYAN}{place[0]}{PLAIN}", text)
