"""Looks at the Pythons that names run in this shell."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath
from typing import TYPE_CHECKING

from safepip import runner, userpip
from safepip.machine import ownership
from safepip.model.copies import Python

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIMEOUT_S = 10.0
NAMES = ("python", "python3")

# Any Python from 2.7 on; what the working directory holds is not imported.
_PROGRAM = r"""
import sys
if sys.path and sys.path[0] == "":
    del sys.path[0]
import json, os, site, sysconfig
def at(name):
    for entry in sys.path:
        if os.path.isfile(os.path.join(entry, name, "__init__.py")):
            return os.path.join(entry, name, "__init__.py")
pip, version = at("pip"), None
if pip:
    with open(pip, "rb") as file:
        for line in file.read(1048576).decode("utf-8", "replace").splitlines():
            if line.startswith("__version__"):
                version = line.split("=", 1)[1].strip().strip("\"'")
framework = getattr(sys, "_framework", "")
scheme = "nt_user" if os.name == "nt" else "posix_user"
if framework and sys.platform == "darwin":
    scheme = "osx_framework_user"
try:
    user = [site.getusersitepackages(), site.getuserbase(), sysconfig.get_path("scripts", scheme)]
except Exception:
    user = [None, None, None]
base = getattr(sys, "real_prefix", None) or getattr(sys, "base_prefix", sys.prefix)
paths = sysconfig.get_paths()
marker = os.path.join(paths["stdlib"], "EXTERNALLY-MANAGED")
sys.stdout.write(json.dumps({
    "version": list(sys.version_info[:3]), "prefix": sys.prefix, "base_prefix": base,
    "path": [os.path.abspath(entry) for entry in sys.path], "stdlib": paths["stdlib"],
    "purelib": paths["purelib"], "scripts": paths["scripts"],
    "user_site": user[0], "user_base": user[1], "user_scripts": user[2],
    "user_site_enabled": bool(getattr(site, "ENABLE_USER_SITE", False)),
    "marker": marker if os.path.isfile(marker) and base == sys.prefix else None,
    "is_conda": os.path.isdir(os.path.join(sys.prefix, "conda-meta")),
    "framework": framework, "pip": version, "has_ensurepip": at("ensurepip") is not None,
}))
"""


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
    done = runner.capture(
        [str(program), "-c", _PROGRAM], env=userpip.child_environment(env), timeout_s=TIMEOUT_S
    )
    try:
        answer = json.loads(done.stdout)
        return _python(name, program, answer)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _python(name: str, program: PurePath, answer: Mapping[str, object]) -> Python:
    def path(key: str) -> PurePath | None:
        value = answer[key]
        return PurePath(value) if isinstance(value, str) and value else None

    def needed(key: str) -> PurePath:
        found = path(key)
        if found is None:
            raise KeyError(key)
        return found

    version, entries, pip = answer["version"], answer["path"], answer["pip"]
    if not isinstance(version, list) or not isinstance(entries, list):
        raise TypeError
    return Python(
        name=name,
        executable=program,
        version=(int(version[0]), int(version[1]), int(version[2])),
        prefix=needed("prefix"),
        base_prefix=needed("base_prefix"),
        path=tuple(PurePath(str(entry)) for entry in entries),
        stdlib=needed("stdlib"),
        purelib=needed("purelib"),
        scripts=needed("scripts"),
        user_site=path("user_site"),
        user_base=path("user_base"),
        user_scripts=path("user_scripts"),
        user_site_enabled=answer["user_site_enabled"] is True,
        marker=path("marker"),
        is_conda=answer["is_conda"] is True,
        framework=str(answer["framework"]),
        pip=pip if isinstance(pip, str) else None,
        has_ensurepip=answer["has_ensurepip"] is True,
    )


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
