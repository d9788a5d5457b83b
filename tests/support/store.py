"""What tests build once and use again, also in later runs: known by what it is made of."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import stat
import sys
import time
import traceback
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from scripts.environments import remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

HOUR_S = 3600
WEEK_S = 7 * 24 * HOUR_S
KEPT_S = WEEK_S + 24 * HOUR_S
"""Longer than the period that is part of each name: what is swept is asked for by nobody."""
SHORT_LIVED = "safepip"
"""What is built of this checkout: each edit makes another one."""
SHORT_LIVED_S = 6 * HOUR_S


class UnavailableError(Exception):
    """The machine lacks what a test asked for; the words say what."""


class Store:
    """A folder of things that take long to build, each in a folder of its own.

    A thing is built under a lock, once for all workers and runs, and its name tells what it was
    made of and in which week: so nothing outdated is found, and the newest pip is asked for again
    at times (before those who tidy up temporary folders take what they think is forgotten). What
    failed is remembered for one run only, in *failures*.
    """

    def __init__(self, root: Path, failures: Path) -> None:
        self.root = root
        self._failures = failures
        self._known: dict[str, dict[str, str]] = {}

    def once(
        self, key: str, made_of: Iterable[object], build: Callable[[Path], dict[str, str]]
    ) -> dict[str, str]:
        """The answer of `build`, and its "folder"; built if nobody has done so yet.

        Raises:
            UnavailableError: The machine lacks what it takes.
        """
        period = int(time.time() // WEEK_S)
        recipe = _recipe(build.__code__.co_filename)
        told = "\0".join(map(str, (key, recipe, period, *made_of)))
        name = f"{key}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"
        if name not in self._known:
            self._known[name] = self._kept(key, name, build)
        return self._known[name]

    def _kept(self, key: str, name: str, build: Callable[[Path], dict[str, str]]) -> dict[str, str]:
        ready, failed = self.root / f"{name}.json", self._failures / f"{name}.json"
        with contextlib.suppress(OSError):
            os.utime(ready)  # it is in use: not to be swept
        if not ready.exists() and not failed.exists():
            with FileLock(self.root / f"{key}.lock", timeout=150):
                if not ready.exists() and not failed.exists():
                    self._build(name, build)
        if ready.exists():
            answer: dict[str, str] = json.loads(ready.read_text())
            return answer
        failure: dict[str, str] = json.loads(failed.read_text())
        if "lacking" in failure:
            raise UnavailableError(failure["lacking"])
        raise AssertionError(failure["broken"])

    def _build(self, name: str, build: Callable[[Path], dict[str, str]]) -> None:
        folder = self.root / name
        remove_tree(folder)  # what a killed run has left
        folder.mkdir()
        folder.chmod(0o755)
        target = self._failures / f"{name}.json"
        try:
            answer = {**build(folder), "folder": str(folder)}
            target = self.root / f"{name}.json"
        except UnavailableError as error:
            answer = {"lacking": str(error)}
        except Exception:  # noqa: BLE001 - whatever it is, it is told by all who ask
            answer = {"broken": traceback.format_exc()}
        part = target.with_suffix(".part")
        part.write_text(json.dumps(answer))
        part.replace(target)

    def sweep(self) -> None:
        """Remove what nobody used for long, and what a killed run did not finish."""
        for name in {one.name.removesuffix(".json") for one in self.root.iterdir()}:
            if not re.fullmatch(r".+-[0-9a-f]{8}", name):
                continue  # a lock
            kept_s = SHORT_LIVED_S if name.startswith(SHORT_LIVED) else KEPT_S
            ready, folder = self.root / f"{name}.json", self.root / name
            with contextlib.suppress(OSError, Timeout):  # gone, or being built
                used = (ready if ready.exists() else folder).stat().st_mtime
                if time.time() - used > kept_s:
                    with FileLock(self.root / f"{name[:-9]}.lock", timeout=0):
                        ready.unlink(missing_ok=True)
                        remove_tree(folder)


def is_ours(folder: Path) -> bool:
    """Tell whether *folder* is a directory that nobody else can put things into."""
    with contextlib.suppress(OSError):
        found = folder.lstat()
        if sys.platform == "win32":  # the temporary folder there is the user's own
            return stat.S_ISDIR(found.st_mode)
        mine = found.st_uid == os.geteuid() and not found.st_mode & 0o022
        return stat.S_ISDIR(found.st_mode) and mine
    return False


@cache
def _recipe(builder: str) -> str:
    """How things are built: with another recipe, another thing comes out."""
    files = (Path(builder), Path(__file__).with_name("building.py"))
    return hashlib.sha256(b"\0".join(one.read_bytes() for one in files)).hexdigest()
