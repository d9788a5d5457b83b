"""Our own stdout and stderr: what they lead to, whether they are one, and how they are written."""

from __future__ import annotations

import os
import select
import sys

from safepip.ahead import are_same
from safepip.model.triggers import Stream

if sys.platform != "win32":
    import fcntl


def can_watch() -> bool:
    """Tell whether stdout and stderr can be passed through here at all.

    Not if one of them is closed or cannot be written (bare pip has an error to tell then), and not
    if it is a terminal while no pseudo-terminal is to be had. pip is handed over by exec then.
    """
    if sys.platform == "win32":
        return _is_open(1) and _is_open(2)
    return all(map(_is_writable, (1, 2))) and (
        not any(map(os.isatty, (1, 2))) or _has_pseudo_terminals()
    )


def write(stream: Stream, data: bytes) -> None:
    """Write all of *data* to our stdout (OUT, BOTH) or stderr (ERR), past all buffers.

    Raises:
        BrokenPipeError: Nobody reads it.
    """
    fd = 2 if stream is Stream.ERR else 1
    rest = memoryview(data)
    while rest:
        rest = rest[_write_some(fd, rest) :]


def in_use() -> dict[Stream, int]:
    """The streams that can be told apart, and where they lead."""
    return {Stream.BOTH: 1} if are_same(1, 2) else {Stream.OUT: 1, Stream.ERR: 2}


def _write_some(fd: int, data: memoryview) -> int:
    try:
        return os.write(fd, data)
    except BlockingIOError:  # somebody who shares it with us asked for that
        select.select([], [fd], [])
        return 0


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def _is_writable(fd: int) -> bool:
    try:
        # A file that is only read, as by ``<file >&0``.
        return (fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE) != os.O_RDONLY
    except OSError:
        return False


def _has_pseudo_terminals() -> bool:
    try:
        ends = os.openpty()
    except OSError:
        return False
    for end in ends:
        os.close(end)
    return True
