"""What ``settings`` prints: TOML, with comments for a reader."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Row(NamedTuple):
    """One setting."""

    key: str
    value: object
    """As JSON has it; None where it is not set and has no default."""
    source: str
    where: str
    """The file, the variable or the option; ``default``."""
    locked: bool


def settings(
    rows: Sequence[Row], notices: Sequence[str], files: Sequence[object]
) -> tuple[str, ...]:
    """The settings as TOML; *files*: the system's and the user's, if they are to be named."""
    lines = []
    for row in rows:
        origin = f"{row.where}, locked" if row.locked else row.where
        if row.value is None:
            lines.append(f"# {row.key} is not set    # {origin}")
        else:
            # Strings, lists and truth values are spelled alike in JSON and in TOML.
            lines.append(f"{row.key} = {json.dumps(row.value)}    # {origin}")
    lines += [f"# {notice}" for notice in notices]
    for name, file in zip(("the administrator's file:", "your file:"), files, strict=False):
        lines.append(f"# {name} {file}")
    return tuple(lines)
