"""Tells whether version control tracks a directory, from its own files; no git is run.

What is tracked came with a clone, so it is somebody else's. A ``.git`` of a stranger's may name
programs to run (``core.fsmonitor``), hence none is started here.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from safepip.machine import paths

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LARGEST_BYTES = 1 << 28
_HEAD_BYTES = 4096


def tracker_of(path: Path) -> str | None:
    """The version control (``git``, ``hg``, ``svn``) that tracks something at or below *path*.

    *path*: absolute; not what a link there leads to. None if there is none.
    """
    for root in path.parents:
        name = os.fsencode(path.relative_to(root).as_posix()).lower()
        if any(_git_index_has(index, name) for index in _git_indexes(root)):
            return "git"
        # Source: mercurial, help internals.dirstate-v2; names stand there as they are.
        if _mentions(root / ".hg" / "dirstate", name):
            return "hg"
        # SQLite keeps texts unpacked. Source: subversion, wc-metadata.sql.
        if _mentions(root / ".svn" / "wc.db", name):
            return "svn"
    return None


def _git_indexes(root: Path) -> Iterator[Path]:
    """The index files of the work tree at *root*, if it is one.

    Source: git, gitrepository-layout (a ``.git`` that is a file; ``sharedindex.*``).
    """
    folder = root / ".git"
    if paths.is_file(folder):
        head = paths.beginning(folder, _HEAD_BYTES)
        if not head.startswith(b"gitdir:"):
            return
        folder = root / os.fsdecode(head[7:].strip())
    if paths.is_dir(folder):
        yield folder / "index"
        yield from paths.matching(folder, "sharedindex.*")


def _git_index_has(index: Path, name: bytes) -> bool:
    """Whether the git *index* has an entry *name* or one below it, in letters of any size.

    Where a file system does not tell them apart, a clone's ``.VENV`` is ``.venv``.
    Source: git, gitformat-index.
    """
    data = _content(index)
    if data[:4] != b"DIRC":
        return False
    if int.from_bytes(data[4:8], "big") == 4:
        # Names are shortened there. Which hash a repository has stands elsewhere: 20 bytes long,
        # or 32; the wrong one runs out of the file.
        return any(_shortened_has(data, name, size) for size in (20, 32))
    return _whole_has(data, name)


def _whole_has(data: bytes, name: bytes) -> bool:
    """Look for *name* among whole names, each behind flags that end in its length."""
    small = data.lower()
    at = small.find(name, 12)
    while at >= 0:
        whole = data[at : data.find(b"\0", at)]
        length = min(len(whole), 0xFFF)
        flags, before = (int.from_bytes(data[i : i + 2], "big") for i in (at - 2, at - 4))
        known = flags & 0xFFF == length or (before & 0x4000 and before & 0xFFF == length)
        if known and whole[len(name) : len(name) + 1] in {b"", b"/"}:
            return True
        at = small.find(name, at + 1)
    return False


def _shortened_has(data: bytes, name: bytes, hash_bytes: int) -> bool:
    at, entry = 12, b""
    for _ in range(int.from_bytes(data[8:12], "big")):
        at += 40 + hash_bytes
        flags = int.from_bytes(data[at : at + 2], "big")
        at += 4 if flags & 0x4000 else 2
        less, at = _offset(data, at)
        end = data.find(b"\0", at)
        if end < 0 or less > len(entry):
            return False
        entry = entry[: len(entry) - less] + data[at:end]
        at = end + 1
        if entry[: len(name)].lower() == name and entry[len(name) : len(name) + 1] in {b"", b"/"}:
            return True
    return False


def _offset(data: bytes, at: int) -> tuple[int, int]:
    """The number written at *at*, and where it ends. Source: git, ``varint.c``."""
    value = -1
    while at < len(data):
        byte = data[at]
        at += 1
        value = ((value + 1) << 7) | (byte & 0x7F)
        if not byte & 0x80 or value > len(data):
            break
    return max(value, 0), at


def _mentions(file: Path, name: bytes) -> bool:
    """Whether *file*, which holds the tracked names as they are, has one below *name*."""
    data = _content(file).lower()
    return any(name + b"/" + inner in data for inner in (b"pyvenv.cfg", b"bin/", b"lib"))


def _content(file: Path) -> bytes:
    """What is in the plain *file*; nothing if it is missing or beyond reason."""
    try:
        return paths.content(file, _LARGEST_BYTES)
    except OSError:
        return b""
