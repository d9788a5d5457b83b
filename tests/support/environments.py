"""Virtual environments for labs: made once, then copied."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.store import Store
    from tests.support.users import User

READY = "ready-environment"


def ready(
    store: Store, made_of: tuple[object, ...], user: User, make: Callable[[Path], None]
) -> Path:
    """One that `make` has made as *user*, to be copied: Python takes ten times as long."""

    def build(folder: Path) -> dict[str, str]:
        user.give(folder)
        make(folder / READY)
        return {}

    return Path(store.once("venv", made_of, build)["folder"]) / READY


def copy(source: Path, target: Path, user: User) -> None:
    """Make *target* of *source*: its pip is the same files, and all that names the place is new."""

    def put(file: str, new: str) -> None:
        if Path(file).parent in {source, source / "bin"}:
            text = Path(file).read_bytes().replace(os.fsencode(source), os.fsencode(target))
            # Its name alone is the prompt.
            Path(new).write_bytes(text.replace(READY.encode(), os.fsencode(target.name)))
            shutil.copymode(file, new)
            return
        try:
            os.link(file, new)
        except OSError:  # on another file system
            shutil.copy2(file, new)

    made = [one for one in target.parents if not one.exists()]
    shutil.copytree(source, target, symlinks=True, copy_function=put)
    if user.dropped:
        for at, folders, files in os.walk(target):
            made += [Path(at), *(Path(at, name) for name in (*folders, *files))]
        for one in made:
            os.chown(one, user.uid, user.gid, follow_symlinks=False)
