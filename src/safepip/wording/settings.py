"""What ``settings`` prints: TOML, with comments for a reader."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.model.problems import Overruled


class Row(NamedTuple):
    """One setting."""

    key: str
    value: object
    """As JSON has it; None where it is not set and has no default."""
    source: str
    where: str
    """The file, the variable or the option; ``default``."""
    locked: bool


def overruled(notice: Overruled) -> str:
    """A value that a lock keeps from counting."""
    return f'"{notice.key}" is locked by {notice.file}, so {notice.where} does not count.'


def settings(
    rows: Sequence[Row], notices: Sequence[Overruled], files: Mapping[str, bool]
) -> tuple[str, ...]:
    """The settings as TOML.

    *files*: the administrator's and the user's, each with whether it is there; empty if they are
    not to be named.
    """
    lines = []
    for row in rows:
        origin = f"{row.where}, locked" if row.locked else row.where
        if row.value is None:
            lines.append(f"# {row.key} is not set    # {origin}")
        else:
            # Strings, lists and truth values are spelled alike in JSON and in TOML.
            lines.append(f"{row.key} = {json.dumps(row.value)}    # {origin}")
    lines += [f"# {overruled(notice)}" for notice in notices]
    for name, (file, there) in zip(
        ("the administrator's file:", "your file:"), files.items(), strict=False
    ):
        lines.append(f"# {name} {file}{'' if there else ' (not there)'}")
    return tuple(lines)
