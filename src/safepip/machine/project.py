"""Looks at where the user stands: the project, its environment, PATH; changes nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from safepip.machine import ownership
from safepip.model.environments import Environment, Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


from safepip.machine.environments import is_environment

# What shows that a directory is a project's, in the order in which a reader would look.
_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile")
_LOCK_FILES = ("poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock", "pylock.toml")
ENVIRONMENT_NAMES = (".venv", "venv")


def find_project(
    cwd: Path, home: Path | None, look: Callable[[Path, Path], Environment], name: str = ".venv"
) -> Project | None:
    """The project that *cwd* lies in: the nearest directory upwards that shows a sign of one.

    The search stops below *home*, and at a directory of another owner, whose files are not ours
    to follow. *look* tells the state of an environment (given its path and the project's root);
    *name* is where one would be made.
    """
    root = project_root(cwd, home)
    sign = None if root is None else _project_sign(root)
    if root is None or sign is None:
        return None
    names = dict.fromkeys((name, *ENVIRONMENT_NAMES))
    there = [n for n in names if is_environment(root / n)]
    return Project(
        root=root,
        sign=sign,
        environment=look(root / (there[0] if there else name), root),
        writable=ownership.is_writable(root),
    )


def project_root(cwd: Path, home: Path | None) -> Path | None:
    """The nearest directory upwards from *cwd* that shows a sign of a project of the user's."""
    for directory in (cwd, *cwd.parents):
        if (home is not None and directory == home) or not ownership.is_mine(directory):
            return None
        if _project_sign(directory) is not None:
            return directory
    return None


def _project_sign(directory: Path) -> str | None:
    try:
        names = {entry.name for entry in os.scandir(directory)}
    except OSError:
        return None
    for name in (*_PROJECT_FILES, *_LOCK_FILES):
        if name in names and ownership.is_ours(directory / name):
            return name
    for name in sorted(names):
        if (
            name.startswith("requirements")
            and name.endswith(".txt")
            and ownership.is_ours(directory / name)
        ):
            return name
    for name in ENVIRONMENT_NAMES:
        if (
            name in names
            and is_environment(directory / name)
            and ownership.is_ours(directory / name)
        ):
            return name
    return None
