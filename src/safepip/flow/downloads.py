"""Keeps what pip has downloaded, in case that it is denied after all: nothing is fetched twice.

pip removes its downloads when it ends, and its cache has them only where there is one, and where
the index allows that. So what it is about to install gets a second name, in a folder of ours beside
pip's own; a diverted install looks there, too. That costs no byte, and pip does not notice.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from safepip import runner

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from typing_extensions import Self

    from safepip.model.triggers import Stream

_DOWNLOADING = b"Downloading "
_BUILT = b"Created wheel for "
_INSTALLING = b"Installing collected packages"
# pip says each of its own lines by itself; more at once is a build's.
_PIECE_BYTES = 1 << 14
_BUILD = "999999999"
# What pip says of its downloads, at most: of more the rest is not kept.
_SAID_BYTES = 1 << 18
_FILES = {"pip-unpack": "*", "pip-ephem-wheel-cache": "wheels/*/*/*/*/*.whl"}


class Downloads:
    """What one run of pip, with the environment *env*, has downloaded."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.folder: Path | None = None
        """Holds them; None if there are none."""
        self._env = env
        self._stack = ExitStack()
        self._said = bytearray()
        self._over = sys.platform == "win32"

    def __enter__(self) -> Self:
        """Keep them until the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove them."""
        self._stack.close()

    def feed(self, _: Stream, data: bytes) -> None:
        """See what pip wrote."""
        if self._over or len(data) > _PIECE_BYTES:
            return
        room = len(self._said) < _SAID_BYTES
        said = data if room and (_DOWNLOADING in data or _BUILT in data) else b""
        self._over = _INSTALLING in data
        # A pip that is denied at once has removed them before we get there: so not only at the end.
        # One that was only just begun is left for then, though, since it may be begun anew.
        if self._over:
            self._said += said
        if self._said and (said or self._over):
            with suppress(OSError):
                self._keep()
        if not self._over:
            self._said += said

    def _keep(self) -> None:
        for file in self._unpacked():
            # Another pip may be at work in the same place.
            if os.fsencode(file.name) in self._said:
                if self.folder is None:
                    folder = runner.temporary_folder(self._tmp())
                    self.folder = Path(self._stack.enter_context(folder))
                with suppress(OSError):  # gone already, or no such thing as a hard link here
                    os.link(file, self.folder / _preferred(file.name))

    def _unpacked(self) -> Iterator[Path]:
        """The files in pip's temporary folders: what it fetched, and what it built of that.

        Of the same version pip prefers a wheel to the source that it was built of.
        Source: pip, ``operations/prepare.py`` and ``cache.py``.
        """
        mine = os.geteuid()
        for entry in os.scandir(self._tmp()):
            name, _, _ = entry.name.rpartition("-")
            # Another's may be gone in the next moment, and a link need not lead anywhere.
            with suppress(OSError):
                if name not in _FILES or entry.stat().st_uid != mine:
                    continue
                found = Path(entry.path).glob(_FILES[name])
                yield from (one for one in found if one.is_file() and not one.is_symlink())

    def _tmp(self) -> str:
        named = (self._env.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
        found = next((one for one in named if one and os.access(one, os.W_OK | os.X_OK)), None)
        if found is None:
            import tempfile

            found = tempfile.gettempdir()
        return found


def _preferred(name: str) -> str:
    """*name* with a build number, if it is a wheel's: of two with the same version pip takes that.

    Without, it would take the one of the index. Source: PEP 427; pip, ``package_finder.py``.
    """
    parts = name.split("-")
    if not name.endswith(".whl") or len(parts) not in {5, 6}:
        return name
    return "-".join([*parts[:2], _BUILD, *parts[-3:]])
