"""What ends safepip by a signal, so that what was begun is put away first.

Python's own answer to SIGTERM is to be gone at once: a temporary folder stays, and a child goes on.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

    from safepip.runner.interface import Finished

    Handler = signal.Handlers | Callable[..., object] | int

DEADLY = (
    frozenset()
    if sys.platform == "win32"
    else frozenset({signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT})
)
"""What leaves no pip behind, whatever pip makes of it."""


class EndedError(BaseException):
    """A deadly signal came; what is left is to put things away and to die of it."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum


@contextmanager
def put_away_first() -> Iterator[None]:
    """Have a deadly signal raise ``EndedError`` meanwhile, and the second one be the end.

    Those that whoever started us has switched off (``nohup``) stay so.
    """
    ours = [signum for signum in DEADLY if signal.getsignal(signum) is signal.SIG_DFL]
    for signum in ours:
        signal.signal(signum, _end)
    try:
        yield
    finally:
        give_back(dict.fromkeys(ours, signal.SIG_DFL))


def give_back(handlers: Mapping[int, Handler]) -> None:
    """Set the *handlers* by signal, as they were before.

    One that arrives meanwhile waits. Else Python may note it for a handler that is gone by then,
    and say "Signal 17 ignored due to race condition". Source: bpo-43406.
    """
    before = None if sys.platform == "win32" else signal.pthread_sigmask(signal.SIG_BLOCK, handlers)
    try:
        for signum, handler in handlers.items():
            signal.signal(signum, handler)
    finally:
        if sys.platform != "win32" and before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def held_back() -> Iterator[None]:
    """Answer what ends us behind this: what is begun in it would be known to nobody."""
    came: list[int] = []

    def note(signum: int, _: FrameType | None) -> None:
        came.append(signum)

    known: dict[int, Callable[[int, FrameType | None], object]] = dict.fromkeys(DEADLY, _end)
    known[signal.SIGINT] = signal.default_int_handler
    ours = {one: handler for one, handler in known.items() if signal.getsignal(one) is handler}
    try:
        for signum in ours:
            signal.signal(signum, note)
    except ValueError:  # not the main thread: handlers run there alone, and it waits for this one
        ours = {}
    try:
        yield
    finally:
        give_back(ours)
        if came:
            ours[came[0]](came[0], None)


def follow(finished: Finished) -> Finished:
    """*finished*, unless a deadly signal came meanwhile: it was meant for us, too."""
    signum = finished.interrupted
    if signum is not None and signum in DEADLY and signal.getsignal(signum) is _end:
        _end(signum, None)
    return finished


def _end(signum: int, _: FrameType | None) -> None:
    for one in DEADLY:
        if signal.getsignal(one) is _end:
            signal.signal(one, signal.SIG_DFL)
    raise EndedError(signum)


def exit_like(returncode: int) -> int:
    """Give the status to exit with; for a negative *returncode* die of that signal instead.

    Whoever called us sees what bare pip would have shown. Buffers must be flushed before.
    """
    if returncode >= 0:
        return returncode
    signum = -returncode
    if sys.platform != "win32":
        _die_of(signum)
    return 128 + signum  # only where the signal does not end a process


def _die_of(signum: int) -> None:
    # The program has left its core dump; ours would only replace it.
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with suppress(OSError, ValueError):  # SIGKILL has no action to restore
        signal.signal(signum, signal.SIG_DFL)
    with suppress(OSError, ValueError):
        os.kill(os.getpid(), signum)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signum})
