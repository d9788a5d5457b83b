"""``settings``: every setting, its value, and where that came from."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from safepip import console, settings
from safepip.model.errors import UsageError
from safepip.model.problems import Problem
from safepip.wording import json as wording_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def run(words: Sequence[str], options: Mapping[str, str], env: Mapping[str, str]) -> int:
    """Print the settings that hold here and return the exit status.

    Raises:
        UsageError: *words* are more than ``--json``.
        ConfigError: a settings file or variable is wrong.
    """
    if set(words) - {"--json"}:
        allowed = ("--json",)
        raise UsageError(Problem.UNKNOWN_WORD, verb="settings", word=words[0], allowed=allowed)
    chosen = settings.merge(options, env)
    rows = {
        key: {
            "value": _plain(getattr(chosen, key.replace("-", "_"))),
            "source": origin.source.name.lower(),
            "where": origin.where,
            "locked": origin.locked_by is not None,
        }
        for key, origin in chosen.origins.items()
    }
    if words:
        files = {"system": str(settings.system_file()), "user": str(settings.user_file())}
        data: dict[str, object] = {"settings": rows, "files": files}
        console.show(json.dumps(wording_json.envelope("settings", data, chosen.notices), indent=1))
        return 0
    for key, row in rows.items():
        lock = " (locked)" if row["locked"] else ""
        console.show(f"{key} = {json.dumps(row['value'])}    # {row['where']}{lock}")
    for notice in chosen.notices:
        console.show(f"# {notice}")
    console.show(f"# system file: {settings.system_file()}")
    console.show(f"# user file:   {settings.user_file()}")
    return 0


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    return sorted(value) if isinstance(value, frozenset) else value
