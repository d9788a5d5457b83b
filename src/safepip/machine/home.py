"""Finds the user's home and pipx's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from safepip.machine import paths

if TYPE_CHECKING:
    from collections.abc import Mapping


def home_of(env: Mapping[str, str]) -> Path | None:
    """The user's home; None if nothing tells it."""
    try:
        return Path(env.get("HOME") or "~").expanduser()
    except RuntimeError:
        return None


def pipx_home(env: Mapping[str, str]) -> Path:
    """Where pipx keeps its environments, without asking it.

    Source: pipx, ``src/pipx/paths.py``: the older ``~/.local/pipx`` is used on where it is.
    """
    if env.get("PIPX_HOME"):
        return Path(env["PIPX_HOME"])
    older = paths.expanded("~/.local/pipx")
    return older if paths.is_dir(older) else paths.expanded("~/.local/share/pipx")
