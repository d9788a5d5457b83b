"""What every check is given."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from safepip import userpip
from safepip.machine import ownership, paths

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path, PurePath

    from safepip.model.copies import KnownPlace, Python
    from safepip.shells.kinds import Shell
    from safepip.shells.names import Held

_LIMIT_BYTES = 1 << 20


class Ground(NamedTuple):
    """This user, this shell, its Pythons, and the places that safepip knows of."""

    env: Mapping[str, str]
    shell: Shell
    home: Path | None
    pythons: Mapping[str, Python]
    """By name; ``pip`` is the one that the user's pip belongs to."""
    places: tuple[KnownPlace, ...]
    held: Mapping[str, Held] | None
    """What this shell runs for the names of pip and Python; None if it did not say."""

    @property
    def pip_python(self) -> Python | None:
        """The Python that an install acts on."""
        return self.pythons.get("pip")

    @property
    def is_root(self) -> bool:
        """Whether nothing is denied to the user."""
        return not userpip.WINDOWS and os.geteuid() == 0

    def is_in_home(self, path: PurePath) -> bool:
        """Whether *path* lies below a home that is really the user's."""
        home = self.home
        return home is not None and home != home.parent and path.is_relative_to(home)


def owner_differs(path: PurePath) -> bool:
    """Whether *path* itself is there and belongs to another user."""
    return not userpip.WINDOWS and ownership.uid_of(path, link=True) not in {None, os.geteuid()}


def listed(folder: PurePath) -> list[os.DirEntry[str]]:
    """What lies in *folder*; nothing where that cannot be known."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def text_of(file: PurePath) -> str:
    """What the plain *file* says, up to a bound; empty where it cannot be read."""
    return paths.beginning(file, _LIMIT_BYTES).decode("utf-8", "replace")
