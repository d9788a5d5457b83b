"""The folders of a test run: the field, gone when it ends, and the store, which stays."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from filelock import FileLock, Timeout

from scripts.environments import remove_tree
from tests.support.store import Store, is_ours

PREFIX = "safepip-field-"
KEPT = "kept"
STORE = "lab-store"
MOMENT_S = 600
"""Longer than it takes from making a field to holding it."""


class Ground:
    """A new folder in a temporary directory, which any user can look into, and the store beside it.

    The folder is held by a lock as long as this process lives, so that a later run can tell, and
    remove, what a killed one left.
    """

    def __init__(self) -> None:
        parent = _parent()
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        self._lock = FileLock(self.path / "alive")
        self._lock.acquire(timeout=0)
        self.path.chmod(0o755)
        self.store = _store_in(parent) or self.path / "store"
        self.store.mkdir(exist_ok=True)
        self.store.chmod(0o755)
        for other in parent.glob(f"{PREFIX}*"):
            if other != self.path:
                _sweep(other)
        Store(self.store, self.path).sweep()

    @property
    def folders(self) -> tuple[Path, Path]:
        """The field and the store."""
        return self.path, self.store

    def remove(self) -> None:
        """Remove the folder and all in it."""
        remove_tree(self.path)
        self._lock.release()

    def keep(self) -> Path:
        """Leave the folder to be looked at; no later run removes it."""
        (self.path / KEPT).touch()
        self._lock.release()
        return self.path

    def save_coverage(self, repository: Path) -> None:
        """Bring what the installed safepip measured of itself to where `coverage combine` looks."""
        measured = list(self.path.glob("coverage/.coverage.*"))
        if not measured:
            return
        settings = self.path / "combine.ini"
        settings.write_text(
            "[run]\nbranch = true\n"
            f"[paths]\nsafepip =\n    {repository}/src/safepip\n    */site-packages/safepip\n"
        )
        data = repository / f".coverage.{self.path.name}"
        command = ["combine", "--quiet", f"--rcfile={settings}", f"--data-file={data}"]
        subprocess.run(
            [sys.executable, "-m", "coverage", *command, *map(str, measured)], check=False
        )


def _parent() -> Path:
    """The first of the usual temporary directories that the lab user can enter."""
    first = Path(tempfile.gettempdir())
    if os.name != "posix" or os.getuid():
        return first
    from tests.support.users import lab_user

    places = [first, Path("/tmp"), Path("/var/tmp")]
    look = ["/bin/sh", "-c", 'cd -- "$0"']
    return next(
        (one for one in places if not subprocess.call([*look, one], **lab_user().spawn)), first
    )


def _store_in(parent: Path) -> Path | None:
    """The store of this user in *parent*; None if somebody else has put something there."""
    found = parent / f"{STORE}-{os.getuid() if os.name == 'posix' else 'here'}"
    with contextlib.suppress(FileExistsError):
        found.mkdir(mode=0o755)
    return found if is_ours(found) else None


def _sweep(other: Path) -> None:
    """Remove *other*, the field of a run that was killed, and end what still runs in it."""
    with contextlib.suppress(OSError, Timeout):  # somebody else's, or in use
        found = other.lstat()
        held = other / "alive"
        new = not held.exists() and time.time() - found.st_mtime < MOMENT_S
        if new or not is_ours(other) or (other / KEPT).exists():
            return
        with FileLock(held, timeout=0):
            _end_processes(other)
            remove_tree(other)


def _end_processes(field: Path) -> None:
    """Kill what tests started in *field*: known by its HOME."""
    mark = b"HOME=" + os.fsencode(field) + b"/"
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            variables = (process / "environ").read_bytes().split(b"\0")
            if any(one.startswith(mark) for one in variables):
                os.kill(int(process.name), signal.SIGKILL)
