"""``history``: the installs that were taken elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip import console, history, settings
from safepip.machine import home, ownership
from safepip.reading import flags, secrets
from safepip.wording import history as wording
from safepip.wording import json as wording_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def run(words: Sequence[str], options: Mapping[str, str], env: Mapping[str, str]) -> int:
    """Print the diversions that are remembered and return the exit status.

    Raises:
        UsageError: *words* are more than ``--json``.
        ConfigError: a settings file or variable is wrong.
    """
    flags.check("history", words, "--json")
    chosen = settings.merge(options, env)
    entries = history.read(chosen.state_dir)
    if words:
        data: dict[str, object] = {
            "diversions": [wording.diversion_json(entry) for entry in entries],
            "file": str(chosen.state_dir / history.FILE),
        }
        console.show(wording_json.answer("history", data))
        return 0
    lines = wording.history(entries, home.home_of(env)) if entries else []
    denied = ownership.denied(chosen.state_dir)
    if denied is not None:
        lines.append(f"{wording.not_kept(denied)}.")
    elif not entries:
        lines.append(wording.EMPTY)
    if not chosen.history:
        lines.append(wording.OFF)
    console.show(secrets.redact("\n".join(lines)))
    return 0
