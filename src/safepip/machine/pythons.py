"""Looks at the Pythons that names run in this shell."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.machine import interpreter, ownership
from safepip.model.copies import Python
from safepip.model.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIMEOUT_S = 10.0
NAMES = ("python", "python3")


def look_all(programs: Mapping[str, PurePath], env: Mapping[str, str]) -> dict[str, Python]:
    """What each of *programs* (by name) is; those that do not answer are left out.

    Two names of one file are asked once.
    """
    same: dict[tuple[PurePath, str], list[str]] = {}
    for name, program in programs.items():
        # By folder too: the Python of an environment is a link to that of its base.
        key = (program.parent, os.path.realpath(program))
        same.setdefault(key, []).append(name)
    asked = [(names[0], programs[names[0]]) for names in same.values()]
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda one: look(one[0], one[1], env), asked))
    found = {}
    for names, answer in zip(same.values(), answers, strict=True):
        found.update({name: answer for name in names if answer is not None})
    return {name: found[name] for name in programs if name in found}


def named(env: Mapping[str, str], names: Sequence[str] = NAMES) -> dict[str, PurePath]:
    """The file that each of *names* runs, by PATH; what is another user's is left out."""
    found = {}
    for name in names:
        program = next(userpip.on_path(name, env), None)
        if program is not None and ownership.is_trusted(program):
            found[name] = PurePath(program)
    return found


def look(name: str, program: PurePath, env: Mapping[str, str]) -> Python | None:
    """What *program* says of itself; None if it does not answer."""
    try:
        answer = interpreter.ask((str(program),), env, TIMEOUT_S)
        return Python(
            name=name,
            executable=program,
            version=answer.version,
            prefix=answer.needed("prefix"),
            base_prefix=answer.needed("base_prefix"),
            path=answer.search,
            stdlib=answer.needed("stdlib"),
            purelib=answer.needed("purelib"),
            scripts=answer.needed("scripts"),
            user_site=answer.path("user_site"),
            user_base=answer.path("user_base"),
            user_scripts=answer.path("user_scripts"),
            user_site_enabled=answer.holds("user_site_enabled"),
            marker=answer.path("marker"),
            is_conda=answer.holds("is_conda"),
            framework=answer.text("framework") or "",
            pip=answer.text("pip_version"),
            has_ensurepip=answer.holds("has_ensurepip"),
        )
    except UnavailableError:
        return None


def managed_by(python: Python) -> str | None:
    """Who put *python* there and looks after it, by the signs of its place; None if unknown."""
    prefix = os.path.realpath(python.base_prefix).replace("\\", "/")
    for sign, manager in _SIGNS:
        if sign in prefix + "/":
            return manager
    if python.is_conda:
        return "conda"
    if python.framework == "Python3":
        return "xcode"
    if prefix == "/usr":
        for file, manager in _DISTRIBUTIONS:
            if os.path.exists(file):
                return manager
    if prefix == "/usr/local":
        return "self-compiled"
    return None


# Where each puts its Pythons. Sources: pyenv, ``bin/pyenv``; uv, ``crates/uv-dirs``; mise and asdf,
# ``installs``; Homebrew, ``Cellar``; python.org's installers for macOS and Windows.
_SIGNS = (
    ("/.pyenv/versions/", "pyenv"),
    ("/uv/python/", "uv"),
    ("/mise/installs/", "mise"),
    ("/.asdf/installs/", "asdf"),
    ("/Cellar/python", "homebrew"),
    ("/CommandLineTools/", "xcode"),
    ("/Xcode.app/", "xcode"),
    ("/System/Library/", "macos"),
    ("/Library/Frameworks/Python.framework/", "python.org"),
    ("/pyenv-win/versions/", "pyenv"),
    ("/WindowsApps/", "microsoft-store"),
    ("/Program Files", "program-files"),
    ("/Programs/Python/", "python.org"),
    ("/linuxbrew/", "homebrew"),
    ("/nix/store/", "nix"),
)
_DISTRIBUTIONS = (
    ("/usr/bin/dpkg", "apt"),
    ("/usr/bin/dnf", "dnf"),
    ("/usr/bin/yum", "yum"),
    ("/usr/bin/zypper", "zypper"),
    ("/usr/bin/pacman", "pacman"),
    ("/sbin/apk", "apk"),
)
