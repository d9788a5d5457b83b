"""Looks into the scripts that installers make: which Python they start, and what they import."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip.machine import paths

if TYPE_CHECKING:
    from safepip.model.interpreter import Interpreter

_HEAD_BYTES = 4096
_LAUNCHER_BYTES = 1 << 20
_IMPORT = re.compile(rb"^\s*(?:from ([\w.]+) import \w+|import ([\w.]+))\s*$", re.MULTILINE)
_USUAL = {b"re", b"sys"}


def runs_the_same(found: PurePath, script: PurePath, python: Interpreter) -> bool:
    """Whether *found* runs what *script*, new in the user site of *python*, would run.

    A script of the same Python's own scripts dir imports the new module: the user site comes first
    on its import path. Flags that leave that out are looked for.
    """
    if not python.user_site_enabled or python.user_scripts != script.parent:
        return False
    old, new = text_of(found), text_of(script)
    words = words_of(old)
    if not words or any(re.fullmatch(r"-\w*[sIE]\w*", word) for word in words[1:]):
        return False
    started = paths.resolved(Path(words[0]))
    if started != paths.resolved(python.executable):
        return False
    return bool(_imports(new)) and _imports(old) == _imports(new)


def words_of(text: bytes) -> list[str]:
    """The words of the first line of the script *text*; none if it names no program.

    Only on Windows a program stands in quotes there.
    """
    if text[:2] != b"#!":
        return []
    line = paths.in_words(text.splitlines()[0][2:])
    quoted = re.match(r'\s*"([^"]+)"(.*)', line)
    return [quoted[1], *quoted[2].split()] if quoted else line.split()


def python_of(script: PurePath) -> PurePath:
    """The Python that the first line of *script* names."""
    words = words_of(text_of(script))
    return PurePath(words[0] if words else "python3")


def text_of(script: PurePath) -> bytes:
    """The beginning of *script*; of a launcher of Windows, of the script that it starts.

    pip's launchers end with the first line and an archive that holds the rest; older ones have
    ``NAME-script.py`` beside them. Source: distlib, ``scripts.py``, ``_write_script``; setuptools,
    ``command/easy_install.py``, ``WindowsScriptWriter``.
    """
    head = paths.beginning(script, _HEAD_BYTES)
    if not head.startswith(b"MZ"):
        return head
    import io
    import zipfile
    import zlib

    try:
        data = paths.content(script, _LAUNCHER_BYTES)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            end = min((one.header_offset for one in archive.infolist()), default=0)
            body = archive.open("__main__.py").read(_HEAD_BYTES)
    except (OSError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error):
        return paths.beginning(script.with_name(f"{script.stem}-script.py"), _HEAD_BYTES)
    line = data[data.rfind(b"#!", 0, end) : end] if b"#!" in data[:end] else b""
    return line.replace(b"<launcher_dir>", os.fsencode(script.parent)) + body


def _imports(text: bytes) -> set[bytes]:
    """The modules that a script imports, whose functions may have other names by now."""
    return {module or plain for module, plain in _IMPORT.findall(text)} - _USUAL
