"""Looks into a pipe without taking anything out, so that a flood goes on without being copied.

Linux only: there ``tee`` doubles what is in a pipe, and ``splice`` gives it to another one, page by
page. Source: tee(2), splice(2).
"""

from __future__ import annotations

import os
import stat
import sys


class Peek:
    """Looks at what the pipe *source*, which nobody else reads, has for the pipe *sink*."""

    def __init__(self, source: int, sink: int) -> None:
        """Raise OSError if there is no such thing here."""
        if sys.platform != "linux" or not stat.S_ISFIFO(os.fstat(sink).st_mode):
            raise OSError
        try:
            import ctypes  # only for a flood: it takes as long as a megabyte

            self._tee = ctypes.CDLL(None, use_errno=True).tee
        except (ImportError, AttributeError) as error:
            raise OSError from error
        self._errno = ctypes.get_errno
        self._source = source
        self._copy, self.end = os.pipe()
        """What is looked at, and the other end, which may be made wider."""

    def look(self, size: int) -> bytes:
        """What comes next, at most *size* bytes; nothing at the pipe's end.

        Raises:
            BlockingIOError: there is nothing now.
            OSError: this kernel, or what it runs in, has no ``tee``.
        """
        seen = self._tee(self._source, self.end, size, os.SPLICE_F_NONBLOCK)
        if seen < 0:
            number = self._errno()
            raise OSError(number, os.strerror(number))
        return os.read(self._copy, seen)

    def pass_on(self, sink: int, size: int) -> int:
        """Give *size* bytes of what was seen to *sink*; how many there was room for.

        Raises:
            OSError: nobody reads *sink*.
        """
        passed = 0
        try:
            while passed < size:
                passed += os.splice(self._source, sink, size - passed, flags=os.SPLICE_F_NONBLOCK)
        except BlockingIOError:
            pass
        return passed

    def close(self) -> None:
        """Look no more."""
        os.close(self._copy)
        os.close(self.end)
