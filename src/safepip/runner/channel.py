"""The way of one stream of pip's to ours, through a pseudo-terminal or a pipe."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from safepip import outputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safepip.model.triggers import Stream
    from safepip.runner.peeking import Peek

READ_SIZE = 1 << 19
_PIPE_SIZE = 2 * READ_SIZE
"""So that a build that prints much need not wait for each look at it, nor we for each read of who
shows it: two that hand each other 64 kB at a time are soon kept on one processor."""

_FLOOD_READS = 16
"""After so many that were full it pays to have a look only, and to let the pages go on uncopied."""

_DRAIN_LIMIT = 1 << 21
"""What is read at most after pip's end; more than any pipe or terminal holds by itself."""


class Channel:
    """The way of one stream of pip's to ours."""

    def __init__(
        self, stream: Stream, fd: int, *, terminal: bool, ends: tuple[int, int] | None = None
    ) -> None:
        """*ends*: where we read and what pip gets, if somebody has opened these already."""
        self.stream = stream
        self._fd = fd
        self._terminal = terminal
        self.source, self.end = ends or outputs.open_ends(fd, terminal=terminal)
        """Where we read, and what pip gets; -1 when closed."""
        if terminal:
            self.resize()  # it may have changed since they were opened
        else:
            _widen(self.source)
        os.set_blocking(self.source, False)
        self.sink, self._may_block = _open_sink(fd)
        """Where we write; -1 when nobody reads it."""
        self._no_wait = self._may_block and sys.platform == "linux"
        self.pending = memoryview(b"")
        """Read and not written yet: then nothing more is read."""
        self._drained = 0
        self._widened = False
        self._reads_before_peek = _FLOOD_READS
        """Full ones that are still to come; 0 where it is decided."""
        self._peek: Peek | None = None
        self._seen = b""
        """Looked at only: it is in the pipe still."""

    @property
    def open(self) -> bool:
        """Whether there may be more to read."""
        return self.source >= 0

    def started(self) -> None:
        """Say that pip has its end now.

        Of a pseudo-terminal we keep it nevertheless: some systems throw away what nobody has
        read yet when the last one closes it.
        """
        if not self._terminal:
            os.close(self.end)
            self.end = -1

    def resize(self) -> None:
        """Give the pseudo-terminal the size of the terminal."""
        if self._terminal and self.open:
            outputs.give_size(self.source, self._fd)

    def read(self) -> bytes:
        """Take what is there; nothing if there is nothing now, or nothing any more."""
        try:
            data = self._look(self._peek) if self._peek else os.read(self.source, READ_SIZE)
        except BlockingIOError:
            return b""
        except OSError as error:
            # A pseudo-terminal's way to say: end of file (cpython gh-49630).
            if error.errno != errno.EIO:
                raise
            data = b""
        if not data:
            self.close_source()
        elif len(data) == READ_SIZE and self._reads_before_peek:
            self._reads_before_peek -= 1
            if not self._reads_before_peek and not self._may_block:
                self._begin_to_peek()
        return data

    def _begin_to_peek(self) -> None:
        from safepip.runner.peeking import Peek

        with suppress(OSError):
            self._peek = Peek(self.source, self.sink)
            _widen(self._peek.end)

    def _look(self, peek: Peek) -> bytes:
        try:
            self._seen = peek.look(READ_SIZE)
        except BlockingIOError:
            raise
        except OSError:
            self._stop_peeking()
            return os.read(self.source, READ_SIZE)
        return self._seen

    def _stop_peeking(self) -> None:
        if self._peek is not None:
            self._peek.close()
        self._peek, self._seen = None, b""

    def drain(self) -> bytes:
        """Take what is there after pip's end; closed when that was all.

        A grandchild may keep the other end open, and may even go on writing.
        """
        data = self.read()
        self._drained += len(data)
        if not data or self._drained > _DRAIN_LIMIT:
            self.close_source()
        return data

    def put(self, data: bytes) -> None:
        """Show *data* to the user, now or when there is room for it."""
        if self._seen:
            data = self._take_seen(data)
        if self.sink < 0 or not data:
            return
        self.pending = memoryview(bytes(self.pending) + data if self.pending else data)
        if not self._may_block or self._no_wait:
            self.flush()

    def _take_seen(self, data: bytes) -> bytes:
        """Take out of the pipe what was looked at; what of *data* is to be written then."""
        seen, self._seen = self._seen, b""
        passed = 0
        if data is seen and not self.pending and self._peek is not None:
            try:
                passed = self._peek.pass_on(self.sink, len(seen))
            except OSError:
                self.break_off()
                return b""
        if passed < len(seen):
            os.read(self.source, len(seen) - passed)
        return data[passed:]

    def flush(self) -> None:
        """Write as much as there is room for; a small piece only where writing may block."""
        try:
            while self.pending:
                if self._no_wait:
                    written = self._write_no_wait()
                elif self._may_block:
                    self.pending = self.pending[
                        os.write(self.sink, self.pending[: select.PIPE_BUF]) :
                    ]
                    return
                else:
                    written = os.write(self.sink, self.pending)
                self.pending = self.pending[written:]
        except BlockingIOError:
            if not self._widened:
                self._widened = True
                _widen(self.sink)
        except OSError:
            self.break_off()

    def _write_no_wait(self) -> int:
        """Write what there is room for, also to a pipe that cannot be opened once more.

        Source: Linux, pwritev2(2); it knows that of pipes since 6.4.
        """
        try:
            return os.pwritev(self.sink, (self.pending,), -1, os.RWF_NOWAIT)
        except BlockingIOError:
            raise
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
        self._no_wait = False
        raise BlockingIOError  # it is tried again when there is room

    def discard(self) -> None:
        """Throw away what was not shown yet; what is read from now on nobody wants to see."""
        self._stop_peeking()
        self._reads_before_peek = 0
        self.pending = memoryview(b"")

    def break_off(self) -> None:
        """Nobody reads our stream any more: let pip find out by itself."""
        self.discard()
        self._close_sink()
        self.close_source()

    def close_source(self) -> None:
        """Read no more; pip gets an error when it writes."""
        self._stop_peeking()
        for fd in (self.source, self.end):
            if fd >= 0:
                os.close(fd)
        self.source = self.end = -1

    def close(self) -> None:
        """Close what was opened here."""
        self.close_source()
        self._close_sink()

    def _close_sink(self) -> None:
        if self.sink >= 0 and self.sink != self._fd:
            os.close(self.sink)
        self.sink = -1


def poll(
    wakeup: int, channels: Sequence[Channel], timeout_s: float | None, *, reading: bool
) -> frozenset[int]:
    """Wait until something can be read or written, or until nobody reads a stream of ours."""
    sources = {
        channel.source for channel in channels if channel.open and reading and not channel.pending
    }
    full = {channel.sink for channel in channels if channel.pending}
    if sys.platform == "darwin":  # whose poll() does not know terminals
        return frozenset().union(*select.select([wakeup, *sources], full, [], timeout_s))
    poller = select.poll()
    for fd in (wakeup, *sources):
        poller.register(fd, select.POLLIN)
    for channel in channels:
        if channel.sink >= 0 and (channel.pending or channel.open):
            poller.register(channel.sink, select.POLLOUT if channel.pending else 0)
    timeout_ms = None if timeout_s is None else timeout_s * 1000
    return frozenset(fd for fd, _ in poller.poll(timeout_ms))


def _widen(pipe: int) -> None:
    """Give *pipe* room for a flood, if it is one and the system has such a thing."""
    if sys.platform == "linux":
        with suppress(OSError):  # a user may have only so many
            if fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ) < _PIPE_SIZE:
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)


def _open_sink(fd: int) -> tuple[int, bool]:
    """What to write to instead of *fd*, and whether a large piece can get stuck there.

    A signal must find us waiting, not writing. O_NONBLOCK set on *fd* would be set for the
    user's shell, too, hence a second opening of the same pipe or terminal. Where there is
    none, a piece of PIPE_BUF bytes does not block once there is room.
    """
    mode = os.fstat(fd).st_mode
    if stat.S_ISFIFO(mode) or os.isatty(fd):
        with suppress(OSError):
            path = f"/proc/self/fd/{fd}" if sys.platform == "linux" else os.ttyname(fd)
            return os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY), False
        return fd, True
    return fd, not (stat.S_ISREG(mode) or stat.S_ISCHR(mode))
