"""Removes what tests leave while the next ones run: for that one waits for the disk alone."""

from __future__ import annotations

import itertools
import os
import shutil
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Bin:
    """A folder on the same file system; what is still in it at the end goes with the field."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        self._thrown: SimpleQueue[Path] = SimpleQueue()
        self._thread: Thread | None = None

    def throw(self, folder: Path) -> None:
        """Take *folder* out of its place at once, and off the disk when there is time."""
        target = self._folder / f"{os.getpid()}-{next(self._numbers)}"
        folder.rename(target)
        self._thrown.put(target)
        if self._thread is None:
            self._thread = Thread(target=self._empty, daemon=True)
            self._thread.start()

    def _empty(self) -> None:
        while True:
            shutil.rmtree(self._thrown.get(), ignore_errors=True)
