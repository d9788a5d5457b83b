"""Looks into the scripts that installers make: which Python they start, and what they import."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from safepip.machine import paths

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.model.interpreter import Interpreter

_HEAD_BYTES = 4096
_IMPORT = re.compile(rb"^\s*(?:from ([\w.]+) import (\w+)|import ([\w.]+))\s*$", re.MULTILINE)
_USUAL = {b"re", b"sys"}


def runs_the_same(found: PurePath, script: PurePath, python: Interpreter) -> bool:
    """Whether *found* runs what *script*, new in the user site of *python*, would run.

    A script of the same Python's own scripts dir imports the new module: the user site comes first
    on its import path. Flags that leave that out are looked for.
    """
    if not python.user_site_enabled or python.user_scripts != script.parent:
        return False
    old, new = _head(found), _head(script)
    words = old.partition(b"\n")[0][2:].split() if old.startswith(b"#!") else []
    if not words or any(re.fullmatch(rb"-\w*[sIE]\w*", word) for word in words[1:]):
        return False
    started = paths.resolved(Path(words[0].decode("utf-8", "surrogateescape")))
    if started != paths.resolved(python.executable):
        return False
    return bool(_imports(new)) and _imports(old) == _imports(new)


def _imports(text: bytes) -> set[tuple[bytes, ...]]:
    return {found for found in _IMPORT.findall(text) if found[2] not in _USUAL}


def _head(path: PurePath) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError:
        return b""
