"""Ends what safepip has started where safepip itself is killed in a way that it cannot notice.

A pip that is killed is gone. Behind a safepip that is killed it would go on, or stand still for
ever. So a process that only waits for our end (1 ms of CPU) then kills what we had begun. It lies
in a session of its own: what is sent to our process group does not reach it.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from contextlib import suppress

from safepip.runner import tree

_FEW = 4096

_line: int | None = None
"""Our end of what it listens to; it is told of a process by ``+pid``, of its end by ``-pid``."""

_owner = -1
"""The process that the line belongs to: a fork of ours has none."""


def prepare() -> None:
    """Be ready to guard: what is started next must not run for long before."""
    _tell("")


def guard(pid: int) -> None:
    """Have *pid*, a child of ours, ended with us."""
    _tell(f"+{pid}\n")


def release(pid: int) -> None:
    """Say that *pid* has ended."""
    _tell(f"-{pid}\n")


def _tell(word: str) -> None:
    if sys.platform == "win32":  # which has no fork
        return
    # Without one nothing is worse than it was: a machine may have no process or file left.
    with suppress(OSError):
        if _owner != os.getpid():
            _begin()
        if _line is not None:
            os.write(_line, word.encode())


def _begin() -> None:
    if sys.platform == "win32":
        return
    global _line, _owner  # noqa: PLW0603 - one for a process, and every caller's
    _line, _owner = None, os.getpid()
    source, target = os.pipe()
    # A handler of ours must not run in there, not even once.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        with warnings.catch_warnings():
            # It warns of threads: the fork does nothing that could need one.
            warnings.simplefilter("ignore", DeprecationWarning)
            first = os.fork()
        if first == 0:
            _part(source, target)
    except OSError:
        os.close(target)
        raise
    finally:
        os.close(source)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    with suppress(ChildProcessError):  # whoever started us ignores SIGCHLD
        os.waitpid(first, 0)
    _line = target


def _part(source: int, target: int) -> None:
    """Become a process that is nobody's child to wait for, and watch. Never returns."""
    if sys.platform == "win32":
        return
    try:
        if os.fork() == 0:
            os.setsid()
            # Files of ours, and the user's, must not stay open by this.
            os.close(target)
            os.closerange(0, source)
            os.closerange(source + 1, _FEW)
            with suppress(OSError):
                os.chdir("/")
            _watch(source)
    finally:
        os._exit(0)


def _watch(source: int) -> None:
    guarded: dict[int, None] = {}
    rest = b""
    while data := os.read(source, _FEW):
        *words, rest = (rest + data).split(b"\n")
        for word in words:
            if word[:1] == b"+":
                guarded[int(word[1:])] = None
            else:
                guarded.pop(int(word[1:]), None)
    for pid in guarded:
        tree.kill(pid)
