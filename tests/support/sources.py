"""The Pythons of this machine that can be copied."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Source:
    """A Python found on this machine, to be copied."""

    prefix: Path
    version: str
    executable: Path


def find_pythons(env: Mapping[str, str]) -> dict[str, Source]:
    """The Pythons of this machine that can be copied, by version: "3.12"; the newest of each."""
    found: dict[str, Source] = {}
    for prefix in _prefixes(env):
        for executable in sorted((prefix / "bin").glob("python3.*")):
            version = executable.name.removeprefix("python")
            usable = (
                re.fullmatch(r"3\.\d+", version) and (prefix / "lib" / executable.name).is_dir()
            )
            if usable and version not in found:
                found[version] = Source(prefix, version, executable)
    return found


def _prefixes(env: Mapping[str, str]) -> Iterator[Path]:
    home = Path(env.get("HOME") or "~").expanduser()
    pyenv = Path(env.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    uv = Path(env.get("XDG_DATA_HOME") or home / ".local/share") / "uv/python"
    for folder in (pyenv, uv):
        with contextlib.suppress(OSError):
            yield from sorted(folder.iterdir(), key=natural, reverse=True)
    yield Path(sys.base_prefix)
    yield Path("/usr/local")
    for entry in env.get("PATH", "").split(os.pathsep):
        inside = entry.startswith(str(Path(sys.prefix)))
        if entry.endswith("/bin") and not inside and os.access(entry, os.R_OK | os.X_OK):
            yield Path(entry).resolve().parent
    yield Path("/usr")  # Debian's, changed by Debian: only where there is no other


def natural(path: Path) -> list[int]:
    """To sort 3.9 before 3.10."""
    return [int(number) for number in re.findall(r"\d+", path.name)]
