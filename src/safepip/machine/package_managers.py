"""Asks the system's package managers whose a file is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from safepip import runner, userpip
from safepip.machine import ownership

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import PurePath

_TIMEOUT_S = 5.0


class Package(NamedTuple):
    """The package of the system's that a file came with."""

    manager: str
    name: str
    remove: tuple[str, ...]
    """The command that removes it."""


# How each is asked, what its answer begins with, and how a package is removed.
_MANAGERS: tuple[tuple[str, tuple[str, ...], str, tuple[str, ...]], ...] = (
    ("apt", ("dpkg-query", "--search"), r"([^\s:,]+)(?::\w+)?[:,]", ("sudo", "apt", "remove")),
    ("dnf", ("rpm", "-qf", "--qf", "%{NAME}\n"), r"(\S+)\n", ("sudo", "dnf", "remove")),
    ("pacman", ("pacman", "-Qoq"), r"(\S+)\n", ("sudo", "pacman", "-R")),
    # Source: apk-info(8), ``--who-owns``.
    ("apk", ("apk", "info", "--who-owns"), r".* owned by (\S+?)-\d", ("sudo", "apk", "del")),
)


def owner_package(path: PurePath, env: Mapping[str, str]) -> Package | None:
    """The package that *path* came with; None if no package manager of the system knows it."""
    for manager, question, answer, remove in _MANAGERS:
        program = next(userpip.on_path(question[0], env), None)
        if program is None or not ownership.is_trusted(program):
            continue
        done = runner.capture(
            [program, *question[1:], str(path)],
            env={**env, "LC_ALL": "C"},
            timeout_s=_TIMEOUT_S,
        )
        found = re.match(answer, done.stdout.decode("utf-8", "replace"))
        if done.returncode == 0 and found is not None:
            return Package(manager=manager, name=found[1], remove=(*remove, found[1]))
    return None
