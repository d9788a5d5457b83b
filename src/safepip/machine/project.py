"""Looks for the project that the user stands in, and for its environment."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from safepip.machine import home as machine_home
from safepip.machine import ownership, paths
from safepip.machine.environments import environment_at, is_environment
from safepip.model.environments import Environment, Project
from safepip.model.projects import ENVIRONMENT_NAMES, signs_among

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def find_project(
    cwd: Path, home: Path | None, look: Callable[[Path, Path], Environment], name: str = ".venv"
) -> Project | None:
    """The project that *cwd* lies in: the nearest directory upwards that shows a sign of one.

    The search stops below *home*, and at a directory of another owner, whose files are not ours
    to follow. *look* tells the state of an environment (given its path and the project's root);
    *name* is where one would be made.
    """
    root = project_root(cwd, home)
    sign = None if root is None else _sign_of(root)
    if root is None or sign is None:
        return None
    names = dict.fromkeys((name, *ENVIRONMENT_NAMES))
    there = [n for n in names if is_environment(environment_at(root / n))]
    first = next((n for n in names if environment_at(root / n) != root / n), name)
    return Project(
        root=root,
        sign=sign,
        environment=look(root / (there[0] if there else first), root),
        writable=ownership.is_writable(root),
    )


def project_root(cwd: Path, home: Path | None) -> Path | None:
    """The nearest directory upwards from *cwd* that shows a sign of a project of the user's.

    In another owner's directory only an environment of the user's own is such a sign.
    """
    for directory in (cwd, *cwd.parents):
        if machine_home.is_home(directory, home):
            return None
        if _sign_of(directory) is not None:
            return directory
        if not ownership.is_mine(directory):
            return None
    return None


def _sign_of(directory: Path) -> str | None:
    """What shows that *directory* is a project's; of another owner's an environment alone."""
    inner = (n for n in ENVIRONMENT_NAMES if is_environment(environment_at(directory / n)))
    if not ownership.is_mine(directory):
        return next((n for n in inner if ownership.is_mine(directory / n)), None)
    signs = itertools.chain(signs_among(paths.names_in(directory)), inner)
    return next((n for n in signs if ownership.is_ours(directory / n)), None)
