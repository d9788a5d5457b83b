"""Looks at paths that have an answer for every path; pathlib's raise where something is in the way.

What may not be looked into, or lies in a circle of links, counts as not there. What is read is read
up to a bound, and never from a pipe or a device: a reader would hang there, or hold all of it.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import PurePath
    from typing import BinaryIO

LARGEST_BYTES = 8 << 20
"""No text that is read whole has a tenth of it, settings, metadata and profiles alike."""


def is_dir(path: PurePath) -> bool:
    """Whether *path* is a directory, by links too."""
    return os.path.isdir(path)


def is_file(path: PurePath) -> bool:
    """Whether *path* is a plain file, by links too."""
    return os.path.isfile(path)


def is_link(path: PurePath) -> bool:
    """Whether *path* is a link, wherever that leads."""
    return os.path.islink(path)


def exists(path: PurePath) -> bool:
    """Whether there is something at *path*, by links too."""
    return os.path.exists(path)


def names_in(folder: PurePath) -> list[str]:
    """The names of what lies in *folder*, sorted; none where that cannot be known."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def matching(folder: PurePath, pattern: str) -> tuple[Path, ...]:
    """What in *folder* is called as *pattern* says, sorted."""
    try:
        return tuple(sorted(Path(folder).glob(pattern)))
    except OSError:
        return ()


def resolved(path: PurePath) -> Path:
    """*path*, absolute and without links, as far as that is to be known."""
    # Path.resolve raises RuntimeError for a circle of links, before Python 3.13.
    return Path(os.path.realpath(path))


def expanded(word: str) -> Path:
    """*word* with its ``~`` followed; one that means nobody's home stays as it is."""
    return Path(os.path.expanduser(word))


def opened(path: PurePath | str) -> BinaryIO:
    """The plain file *path*, open to be read in pieces; to be closed by the caller.

    Raises:
        OSError: it cannot be read, or is a pipe or a device.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    # Before as well: to open some devices is to act on them, and a pipe's writer would notice.
    mode = os.stat(path).st_mode
    if stat.S_ISREG(mode):
        stream = os.fdopen(os.open(path, flags), "rb")
        if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            return stream
        stream.close()
    why = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
    raise OSError(why, os.strerror(why), str(path))


def of_user(word: str, env: Mapping[str, str]) -> str:
    """*word* with its ``~`` followed as a program does that is started with *env*."""
    if word == "~" or word.startswith("~/"):
        return (env.get("HOME") or os.path.expanduser("~")) + word[1:]
    return os.path.expanduser(word)


def in_words(data: bytes) -> str:
    """*data*, out of a file that names paths, so that those lead where the bytes say.

    Files keep them in UTF-8; Python takes paths apart by the locale, which may be another.
    """
    return data.decode(sys.getfilesystemencoding(), "surrogateescape")


def beginning(path: PurePath | str, size: int) -> bytes:
    """What ``head`` gives; nothing where it raises."""
    try:
        return head(path, size)
    except OSError:
        return b""


def head(path: PurePath | str, size: int) -> bytes:
    """The first *size* bytes of the plain file *path*, or all of it.

    Raises:
        OSError: it cannot be read, or is a pipe or a device.
    """
    with opened(path) as stream:
        return stream.read(size)


def content(path: PurePath, limit: int = LARGEST_BYTES) -> bytes:
    """All that is in the plain file *path*.

    Raises:
        OSError: it cannot be read, is a pipe or a device, or holds more than *limit*.
    """
    with opened(path) as stream:
        if os.fstat(stream.fileno()).st_size <= limit:
            data = stream.read(limit + 1)  # /proc tells no size
            if len(data) <= limit:
                return data
    raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))


def text(
    path: PurePath, *, encoding: str = "utf-8", errors: str = "strict", limit: int = LARGEST_BYTES
) -> str:
    """The same as text, with plain line ends.

    Raises:
        OSError: as of ``content``.
        UnicodeDecodeError: it is no such text.
    """
    return io.TextIOWrapper(io.BytesIO(content(path, limit)), encoding, errors).read()
