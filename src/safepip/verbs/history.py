"""``history``: the installs that were taken elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip import console, history, settings
from safepip.machine import home, ownership, remembered
from safepip.reading import flags
from safepip.wording import history as wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def run(words: Sequence[str], options: Mapping[str, str], env: Mapping[str, str]) -> int:
    """Print the diversions that are remembered and return the exit status.

    Raises:
        UsageError: *words* are more than ``--json``.
        ConfigError: a settings file or variable is wrong.
    """
    as_json, _ = flags.split("history", words, "--json")
    chosen = settings.merge(options, env)
    entries = history.read(chosen.state_dir)
    there = remembered.now_there(entries)
    if as_json:
        told = [wording.diversion_json(entry, there) for entry in entries]
        console.answer("history", {"diversions": told, "file": chosen.state_dir / history.FILE})
        return 0
    lines = wording.history(entries, there, home.home_of(env)) if entries else []
    denied = ownership.denied(chosen.state_dir)
    if denied is not None:
        lines.append(f"{wording.not_kept(denied)}.")
    elif not entries:
        lines.append(wording.EMPTY)
    if not chosen.history:
        lines.append(wording.OFF)
    console.show_lines(lines, env)
    return 0
