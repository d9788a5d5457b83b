"""What safepip remembers between runs: which environments it made or is making; and its locks.

The only door to ``filelock``. Everything lies in the state directory, private to the user. A state
directory that cannot be written never stops an install: then nothing is remembered.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shlex
import stat
import sys
import time
from typing import TYPE_CHECKING

from safepip.machine import paths
from safepip.model.errors import BrokenOffError, CannotCreateError
from safepip.model.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOCK_TIMEOUT_S = 900.0
_SAY_AFTER_S = 2.0

MARKER = ".safepip-unfinished"
"""File in an environment that is being made; holds the token of the record about it."""

_RECORD_BYTES = 1 << 20
_READER_TIMEOUT_S = 10.0
_READER_PAUSE_S = 0.01

HINT_ON_INIT = "init"
"""What ``first_time`` is asked of a report's words on ``init``."""

_MAKING = "making"
_MADE = "made"


class Ledger:
    """The records and locks below one state directory."""

    def __init__(self, state_dir: Path) -> None:
        self._dir = state_dir

    @contextlib.contextmanager
    def lock(self, path: Path, *, on_wait: Callable[[], None] | None = None) -> Iterator[bool]:
        """Hold the turn for the destination *path*; calls *on_wait* once if that takes long.

        The lock lies in the state directory, beside nothing of the user's, and survives the
        environment's being made anew. Gives whether it is held: some places have no locks.

        Raises:
            CannotCreateError: another safepip kept it for a quarter of an hour.
            BrokenOffError: the user interrupted the wait.
        """
        release = self.take(path) or self._wait_for(path, on_wait)
        with contextlib.ExitStack() as held:
            held.callback(release)
            yield release is not _nothing

    def take(self, path: Path) -> Callable[[], None] | None:
        """Take the turn for *path* if it is free; gives what ends it, None if another has it.

        Where there are no locks it counts as taken, as with ``lock``.
        """
        file = self._file("locks", path, ".lock")
        return _nothing if file is None else _lock_at_once(file) or _lock(file, timeout_s=0)

    def _wait_for(self, path: Path, on_wait: Callable[[], None] | None) -> Callable[[], None]:
        """Take the turn for *path* from the one that has it."""
        file = self._file("locks", path, ".lock")
        if file is None:
            return _nothing
        try:
            release = _lock(file, timeout_s=_SAY_AFTER_S)
            if release is None and on_wait is not None:
                on_wait()
            release = release or _lock(file, timeout_s=LOCK_TIMEOUT_S)
        except KeyboardInterrupt:
            raise BrokenOffError(Problem.INTERRUPTED_WAITING, path=path) from None
        if release is None:
            quoted = shlex.quote(str(file))
            raise CannotCreateError(Problem.WAITED_TOO_LONG, path=path, lock=quoted)
        return release

    def begin_making(self, path: Path, token: str) -> None:
        """Remember that the environment at *path* is being made; *token* also lies inside it."""
        self._write(path, {"state": _MAKING, "path": str(path), "token": token})

    def finish_making(self, path: Path) -> None:
        """Remember that safepip made the environment now at *path*."""
        self._write(path, {"state": _MADE, "path": str(path), "identity": _identity(path)})

    def forget(self, path: Path) -> None:
        """Remember nothing of *path* any more: what was made there has been taken away."""
        with contextlib.suppress(OSError):
            (self._dir / "environments" / (_key(path) + ".json")).unlink()

    def made(self, path: Path) -> bool:
        """Whether safepip made the very environment that stands at *path*."""
        record, identity = self._read(path), _identity(path)
        return bool(identity) and (record.get("state"), record.get("identity")) == (_MADE, identity)

    def is_unfinished(self, path: Path) -> bool:
        """Whether safepip began to make the environment at *path* and was interrupted.

        The token must stand here and in the marker inside it: a foreign directory that holds a
        file of the marker's name is nobody's to delete. One that was interrupted while the marker
        was written holds part of the token, and nothing else yet.
        """
        record = self._read(path)
        token = record.get("token")
        if record.get("state") != _MAKING or not isinstance(token, str):
            return False
        try:
            found = paths.head(path / MARKER, _RECORD_BYTES).decode("utf-8")
            alone = os.listdir(path) == [MARKER]  # noqa: PTH208
        except (OSError, UnicodeDecodeError):
            return False
        return found == token or (alone and token.startswith(found))

    def _write(self, path: Path, record: dict[str, object]) -> None:
        file = self._file("environments", path, ".json")
        if file is None:
            return
        with contextlib.suppress(OSError):
            write_atomically(file, json.dumps(record).encode())

    def _read(self, path: Path) -> dict[str, object]:
        file = self._dir / "environments" / (_key(path) + ".json")
        try:
            record = json.loads(paths.head(file, _RECORD_BYTES))
        except (OSError, ValueError, RecursionError):
            return {}
        return record if isinstance(record, dict) else {}

    def first_time(self, name: str) -> bool:
        """Tell whether *name* was never asked about before; False where nothing can be kept."""
        try:
            make_folder(self._dir / "told", mode=0o700)
            file = self._dir / "told" / name
            file.touch(mode=0o600, exist_ok=False)
            _as_above(file)
        except OSError:
            return False
        return True

    def _file(self, kind: str, path: Path, suffix: str) -> Path | None:
        directory = self._dir / kind
        try:
            make_folder(directory, mode=0o700)
        except OSError:
            return None
        return directory / (_key(path) + suffix) if os.access(directory, os.W_OK) else None


def _lock_at_once(file: Path) -> Callable[[], None] | None:
    """Lock *file* by the same means as filelock, which takes 30 ms of CPU to import.

    Gives what ends that; None where it is locked already, or is anything but a plain matter.
    Source: filelock, ``_native/_unix.py``.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(file, flags, 0o600)
    except OSError:
        return None
    with contextlib.ExitStack() as undo:
        undo.callback(os.close, descriptor)
        as_above(file, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Since it was opened another file may have come into its place, and with that the turn.
            if not os.path.samestat(os.fstat(descriptor), os.lstat(file)):
                return None
        except OSError:
            return None
        undo.pop_all()

    def release() -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)

    return release


def _lock(file: Path, *, timeout_s: float) -> Callable[[], None] | None:
    """Lock *file*; gives what ends that, None where another has it for longer than *timeout_s*."""
    import filelock

    # Its file stays, empty: who removes one that another waits for gives the turn to two.
    lock = filelock.FileLock(file, mode=0o600)
    try:
        lock.acquire(timeout=timeout_s)
    except filelock.Timeout:
        return None
    except (OSError, NotImplementedError):
        # Some network file systems have no locks; an install is worth more than a turn.
        return _nothing
    return lock.release


def _nothing() -> None:
    """End a turn that needed no lock."""


def write_atomically(
    file: Path, data: bytes, *, mode: int = 0o600, owner: tuple[int, int] | None = None
) -> None:
    """Replace *file* by *data*; a reader sees the old or the new, never a half.

    *owner*: the user and group that it is to belong to, if they matter. A group that is not the
    user's cannot be given: then ours may do no more than everybody, as vim has it.

    Raises:
        OSError: it could not be written; the old one is as it was.
    """
    # In the same directory: rename(2) does not cross file systems (EXDEV). Not by tempfile: where
    # Windows lets nothing be made, it tries on for hours (CPython, gh-66305).
    temporary = file.parent / f"{_unfinished(file)}{os.urandom(4).hex()}"
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(temporary, flags, 0o600)
    with contextlib.ExitStack() as undo:
        undo.callback(temporary.unlink, missing_ok=True)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            as_above(file, descriptor)
        now = temporary.stat()
        if owner is not None and owner != (now.st_uid, now.st_gid):
            try:
                os.chown(temporary, *owner)
            except PermissionError:
                if owner[0] != now.st_uid:
                    raise
                mode = mode & ~stat.S_IRWXG | (mode & stat.S_IRWXO) << 3
        # After the owner: chown(2) may take bits of the mode away.
        temporary.chmod(mode)
        temporary.replace(file)
        undo.pop_all()


def make_folder(folder: Path, *, mode: int = 0o777) -> None:
    """Make *folder*, if it is not there, and its parents.

    Raises:
        OSError: it cannot be made.
    """
    if paths.is_dir(folder):
        return
    if folder != folder.parent:
        make_folder(folder.parent)
    folder.mkdir(mode=mode, exist_ok=True)
    _as_above(folder)


def _as_above(path: Path) -> None:
    """The same of *path*, to be opened for it."""
    with contextlib.suppress(OSError):
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(path, flags)
        try:
            as_above(path, descriptor)
        finally:
            os.close(descriptor)


def as_above(path: Path, descriptor: int) -> None:
    """Give what was made at *path* to whom the directory above belongs, where we are root.

    By sudo that kept HOME it would be in the user's way for good. As npm does ("infer-owner").
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        return
    with contextlib.suppress(OSError):
        above = path.parent.stat()
        if above.st_uid != 0:
            os.fchown(descriptor, above.st_uid, above.st_gid)


def write_whole(file: Path, data: bytes) -> None:
    """Write *data* to what stands at *file*: a plain file, a device, or a pipe that is being read.

    Raises:
        OSError: it cannot be written, or its reader does not read on.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    descriptor = os.open(file, flags | getattr(os, "O_NONBLOCK", 0), 0o666)
    with os.fdopen(descriptor, "wb", buffering=0) as stream:
        rest = memoryview(data)
        deadline = time.monotonic() + _READER_TIMEOUT_S
        while rest:
            written = stream.write(rest)  # None: there is no room in the pipe now
            if written is None and time.monotonic() > deadline:
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN), str(file))
            if written is None:
                time.sleep(_READER_PAUSE_S)
            rest = rest[written or 0 :]


def sweep(file: Path) -> None:
    """Remove what a ``write_atomically`` of *file* that was killed left beside it.

    Only while the turn for *file* is held: another's may be at work else. What is no plain file, or
    another user's, is not ours.
    """
    begin = _unfinished(file)
    with contextlib.suppress(OSError), os.scandir(file.parent) as entries:
        for entry in entries:
            rest = entry.name.removeprefix(begin)
            # As tempfile made them once.
            if rest == entry.name or not re.fullmatch(r"[a-z0-9_]{8}", rest):
                continue
            with contextlib.suppress(OSError):
                info = entry.stat(follow_symlinks=False)
                mine = sys.platform == "win32" or info.st_uid == os.getuid()
                if stat.S_ISREG(info.st_mode) and mine:
                    os.unlink(entry.path)  # noqa: PTH108


def _unfinished(file: Path) -> str:
    return f".{file.name}.safepip-"


def _key(path: Path) -> str:
    real = os.path.normcase(paths.resolved(path))
    return hashlib.sha256(os.fsencode(real)).hexdigest()[:32]


def _identity(path: Path) -> list[int]:
    """What is equal for the very same environment only.

    Its folder's number alone may be given again, to one that took its place (a ``git checkout``).
    """
    try:
        info, config = path.stat(), (path / "pyvenv.cfg").stat()
    except OSError:
        return []
    return [info.st_dev, info.st_ino, config.st_ino, config.st_mtime_ns]
