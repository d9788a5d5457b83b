"""Keeps the tests away from the home and the settings of the user who runs them."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# As it was before any test: how this machine reaches its package index, for the test field only.
REAL_ENV: Mapping[str, str] = dict(os.environ)
REAL_HOME = Path(REAL_ENV.get("HOME") or "~").expanduser()

_HIDDEN = ("PIP_", "PIPX_", "SAFEPIP_", "PYTHON", "XDG_", "UV_", "CONDA_")
_HIDDEN_NAMES = {"VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "NO_COLOR", "FORCE_COLOR", "ZDOTDIR"}

_PROFILES = (
    ".bashrc", ".bash_profile", ".bash_login", ".profile", ".zshrc", ".zprofile", ".zshenv",
    ".cshrc", ".tcshrc", ".login", ".xonshrc",
)  # fmt: skip

# Where this process may not write: what programs use without asking. (A checkout, and with it
# bytecode and caches of pytest, may lie elsewhere in the home.)
_GUARDED = tuple(
    str(REAL_HOME / one) for one in (*_PROFILES, ".local", ".config", ".cache/pip", ".pip")
)
# What gets a new time of change if a child process writes there.
_WATCHED = tuple(
    REAL_HOME / one
    for one in (
        *_PROFILES, ".pip", ".local/bin", ".local/lib", ".local/pipx", ".local/share/pipx",
        ".local/share/safepip", ".local/state/safepip", ".config/pip", ".config/safepip",
        ".config/fish/conf.d",
    )
)  # fmt: skip
_WRITES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.symlink", "os.link", "os.chmod"}


def hidden_variables(env: Mapping[str, str]) -> list[str]:
    """The variables that would let the user's own settings into a test."""
    return [name for name in env if name.startswith(_HIDDEN) or name in _HIDDEN_NAMES]


class Guard:
    """Notices what touches the real home while it is on."""

    def __init__(self) -> None:
        self._on = False
        self._touched: list[str] = []
        self._before: dict[Path, int] = {}
        sys.addaudithook(self._audit)  # for good: a hook cannot be taken off again

    def start(self) -> None:
        """Begin to look."""
        self._touched.clear()
        self._before = _times()
        self._on = True

    def stop(self) -> list[str]:
        """Look no more; what was touched."""
        self._on = False
        after = _times()
        changed = [path for path in _WATCHED if self._before.get(path) != after.get(path)]
        return [*self._touched, *map(str, changed)]

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._on:
            return
        if event == "open":
            path, mode, flags = arguments
            wanted = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
            paths = (path,) if wanted or (mode and mode != "r" and set(mode) & set("wax+")) else ()
        elif event in _WRITES:
            paths = arguments[:2]
        else:
            return
        for path in paths:
            if isinstance(path, (str, bytes)) and os.fsdecode(path).startswith(_GUARDED):
                self._touched.append(os.fsdecode(path))
                msg = f"a test touches the real home: {event} {os.fsdecode(path)}"
                raise PermissionError(msg)


def _times() -> dict[Path, int]:
    times = {}
    for path in _WATCHED:
        with contextlib.suppress(OSError):
            times[path] = path.stat().st_mtime_ns
    return times
