"""Ends what safepip has started where safepip itself is killed in a way that it cannot notice.

A pip that is killed is gone. Behind a safepip that is killed it would go on, or stand still for
ever. So a process that only waits for our end (1 ms of CPU) then kills what we had begun, and
removes our temporary folders. It lies in a session of its own: what is sent to our process group
does not reach it.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from safepip.runner import tree

if TYPE_CHECKING:
    from collections.abc import Iterator

_FEW = 4096
_TRIES = 40
_PAUSE_S = 0.05

_PREFIX = "safepip-temporary-"
"""Nobody calls a folder of theirs so: one that nobody holds is removed."""
_NEW_S = 3600.0
_LOOKED_AT = 20_000
"""Entries of a directory for temporary files; some are never swept by anybody."""

_line: int | None = None
"""Our end of what it listens to; it is told of a process by ``+pid``, of its end by ``-pid``, of a
folder by ``*name``, of its removal by ``/name``, as hexadecimal numbers."""

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


@contextmanager
def temporary_folder(parent: str | None = None) -> Iterator[str]:
    """A new folder of our own in *parent*, or where such things go; gone when we end, even killed.

    Killed together with our watchdog (a container's end), it is left to the next of us.

    Raises:
        OSError: it cannot be made.
    """
    import shutil
    import tempfile

    _sweep(parent or tempfile.gettempdir())
    folder = tempfile.mkdtemp(prefix=_PREFIX, dir=parent)
    name = os.fsencode(folder).hex()
    lock = _lock(folder)
    try:
        _tell(f"*{name}\n")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _tell(f"/{name}\n")
        if lock is not None:
            os.close(lock)


def _sweep(parent: str) -> None:
    """Remove folders of ours in *parent* that nobody holds any more."""
    import re
    import shutil
    import time
    from itertools import islice

    if sys.platform == "win32":
        return
    with suppress(OSError), os.scandir(parent) as entries:
        for entry in islice(entries, _LOOKED_AT):
            if not re.fullmatch(rf"{_PREFIX}[a-z0-9_]{{8}}", entry.name):
                continue
            with suppress(OSError):
                info = entry.stat(follow_symlinks=False)
                # One that is new may not be held yet.
                if info.st_uid != os.geteuid() or time.time() - info.st_mtime < _NEW_S:
                    continue
                lock = _lock(entry.path)
                if lock is not None:
                    shutil.rmtree(entry.path, ignore_errors=True)
                    os.close(lock)


def _lock(folder: str) -> int | None:
    """Hold *folder* as long as the file that this gives is open; None where that is impossible."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


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
    guarded: dict[bytes, None] = {}
    folders: dict[bytes, None] = {}
    rest = b""
    while data := os.read(source, _FEW):
        *words, rest = (rest + data).split(b"\n")
        for word in words:
            kind = folders if word[:1] in {b"*", b"/"} else guarded
            if word[:1] in {b"*", b"+"}:
                kind[word[1:]] = None
            else:
                kind.pop(word[1:], None)
    for pid in guarded:
        tree.kill(int(pid))
    for name in folders:
        _remove(os.fsdecode(bytes.fromhex(name.decode())))


def _remove(folder: str) -> None:
    """Remove *folder*, in which those that were killed may write for a moment still."""
    import shutil
    import time

    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.lexists(folder):
            return
        time.sleep(_PAUSE_S)
