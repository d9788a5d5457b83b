"""Reads TOML, and changes one value in a text of it."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def loads(text: str) -> dict[str, object]:
    """Read TOML with line ends of any kind.

    Raises:
        ValueError: it is none, or holds a number with too many digits.
        RecursionError: it holds brackets without end.
    """
    # Imported here: most users have none to read.
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    return tomllib.loads(re.sub("\r\n?", "\n", text))


def edited(text: str, key: str, value: str | None) -> str:
    """The TOML *text* with *key* set to *value*, or without it; all else stays as it is.

    Comments and order are kept, and so is a comment behind the old value. *text* is valid TOML.
    """
    lines = text.splitlines(keepends=True)
    end = "\r\n" if "\r\n" in text else "\n"
    # What stands before a line of the table itself is a whole table; in a text over several lines
    # it is not.
    own = (
        n
        for n, line in enumerate(lines)
        if (line.lstrip().startswith("[") or _sets(key, line)) and _is_toml("".join(lines[:n]))
    )
    start = next(own, None)
    if start is not None:
        is_set = _sets(key, lines[start])
        stop = _end_of_value(lines, start) if is_set else start
        comment = _comment(lines, start, stop) if is_set else ""
        new = [] if value is None else [f"{key} = {value}{comment}{end}"]
        return "".join([*lines[:start], *new, *lines[stop:]])
    if value is None:
        return text
    gap = end if lines and not lines[-1].endswith("\n") else ""
    return f"{text}{gap}{key} = {value}{end}"


def _sets(key: str, line: str) -> bool:
    return re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line) is not None


def _end_of_value(lines: Sequence[str], start: int) -> int:
    """The line behind the assignment that begins at *start*; a value may go over several."""
    stops = range(start + 1, len(lines) + 1)
    return next((stop for stop in stops if _is_toml("".join(lines[start:stop]))), start + 1)


def _comment(lines: Sequence[str], start: int, stop: int) -> str:
    """What stands behind the value on its last line: white space and a comment, if any."""
    last = lines[stop - 1].rstrip("\r\n")
    before = "".join(lines[start : stop - 1])
    for at, letter in enumerate(last):
        if letter == "#" and _is_toml(before + last[:at]):
            return last[len(last[:at].rstrip()) :]
    return ""


def _is_toml(text: str) -> bool:
    try:
        loads(text)
    except (ValueError, RecursionError):
        return False
    return True
