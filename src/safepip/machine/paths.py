"""Looks at paths that have an answer for every path; pathlib's raise where something is in the way.

What may not be looked into, or lies in a circle of links, counts as not there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import PurePath


def is_dir(path: PurePath) -> bool:
    """Whether *path* is a directory, by links too."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises PermissionError


def is_file(path: PurePath) -> bool:
    """Whether *path* is a plain file, by links too."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises PermissionError


def is_link(path: PurePath) -> bool:
    """Whether *path* is a link, wherever that leads."""
    return os.path.islink(path)  # noqa: PTH114 - Path.is_symlink raises PermissionError


def exists(path: PurePath) -> bool:
    """Whether there is something at *path*, by links too."""
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises PermissionError


def matching(folder: PurePath, pattern: str) -> tuple[Path, ...]:
    """What in *folder* is called as *pattern* says, sorted."""
    try:
        return tuple(sorted(Path(folder).glob(pattern)))
    except OSError:
        return ()


def resolved(path: PurePath) -> Path:
    """*path*, absolute and without links, as far as that is to be known."""
    # Path.resolve raises RuntimeError for a circle of links, before Python 3.13.
    return Path(os.path.realpath(path))


def expanded(word: str) -> Path:
    """*word* with its ``~`` followed; one that means nobody's home stays as it is."""
    return Path(os.path.expanduser(word))  # noqa: PTH111 - Path.expanduser raises RuntimeError
