"""The folder that the test field lies in: one for all workers of a run, gone when it ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "safepip-field-"


class Ground:
    """A new folder in the temporary directory, which any user can look into.

    It is held by a lock as long as this process lives, so that a later run can tell, and remove,
    what a killed one left.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock = FileLock(self.path / "alive")
        self._lock.acquire(timeout=0)
        self.path.chmod(0o755)
        self._sweep()

    def remove(self) -> None:
        """Remove the folder and all in it."""
        _remove(self.path)
        self._lock.release()

    def keep(self) -> Path:
        """Leave the folder to be looked at; no later run removes it."""
        self._lock.release()
        (self.path / "alive").unlink(missing_ok=True)
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

    def _sweep(self) -> None:
        for other in self.path.parent.glob(f"{PREFIX}*"):
            with contextlib.suppress(OSError, Timeout):  # somebody else's, or in use
                ours = other.lstat().st_uid == self.path.stat().st_uid
                if other != self.path and ours and (other / "alive").exists():
                    with FileLock(other / "alive", timeout=0):
                        _remove(other)


def _remove(folder: Path) -> None:
    for inner, _, _ in os.walk(folder):
        with contextlib.suppress(OSError):
            Path(inner).chmod(0o755)  # before it is read: what a test locked is ours to unlock
    shutil.rmtree(folder, ignore_errors=True)
