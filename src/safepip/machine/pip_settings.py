"""Reads what pip's own configuration files and variables say, without starting pip.

Source: pip, ``_internal/configuration.py`` and ``_internal/utils/appdirs.py``; before pip 10
``baseparser.py`` and ``locations.py``. The tests compare with ``pip config list`` of many pips.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from safepip.machine import paths
from safepip.model.interpreter import PipSettings
from safepip.reading.arguments import FALSE, TRUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from safepip.model.interpreter import Interpreter

_IGNORED_VARIABLES = frozenset({"PIP_VERSION", "PIP_HELP"})

_Sections = dict[str, dict[str, str]]


def pip_settings(
    interpreter: Interpreter, env: Mapping[str, str], *, isolated: bool = False
) -> PipSettings:
    """What pip's files and variables say to the pip of *interpreter*.

    *isolated*: ``--isolated`` was given, by which pip heeds neither variables nor user files.
    """
    sections: _Sections = {"global": {}, "install": {}}
    readable = all(_read(file, sections) for file in files(interpreter, env, isolated=isolated))
    # An empty value is as good as none.
    from_files = {n: v for s in sections.values() for n, v in s.items() if v}
    variables = {
        _long_name(name[4:]): value
        for name, value in ({} if isolated else env).items()
        if name.startswith("PIP_") and value and name not in _IGNORED_VARIABLES
    }
    # An option of pip's own, not of install's.
    python = env.get("PIP_PYTHON") or sections["global"].get("python")
    return _pip_settings({**from_files, **variables}, from_files, python, readable=readable)


class Pip(NamedTuple):
    """What of a pip and its Python tells where its settings are."""

    pip_version: tuple[int, ...] | None
    prefix: PurePath | None
    is_virtual: bool


def files(
    pip: Interpreter | Pip,
    env: Mapping[str, str],
    *,
    isolated: bool = False,
    system: str = sys.platform,
) -> Iterator[str]:
    """The files that *pip* reads, perhaps missing; a later one wins."""
    version, prefix = pip.pip_version or (), pip.prefix
    name = "pip.ini" if system == "win32" else "pip.conf"
    own = env.get("PIP_CONFIG_FILE")
    if own == os.devnull:
        return
    for folder in _global_folders(env, version, system):
        yield os.path.join(folder, name)
    of_environment = [] if prefix is None else [os.path.join(prefix, name)]
    replaced = bool(own) and os.path.exists(own or "")
    if not isolated and not replaced:
        for folder in _user_folders(env, version, system):
            yield os.path.join(folder, name)
    if version >= (10,):  # before, the environment's came last, and a virtual one's alone
        yield from of_environment
        yield from [own] if own else []
        return
    if not isolated and replaced:
        yield own or ""
    if pip.is_virtual:
        yield from of_environment


def _global_folders(env: Mapping[str, str], version: tuple[int, ...], system: str) -> list[str]:
    if system == "win32":
        return [os.path.join(env.get("PROGRAMDATA", r"C:\ProgramData"), "pip")]
    if system == "darwin":
        return ["/Library/Application Support/pip"]
    named = env.get("XDG_CONFIG_DIRS", "/etc/xdg")
    if version >= (20,) and not named.strip():
        named = "/etc/xdg"
    folders = [
        os.path.join(paths.of_user(one, env), "pip") for one in named.split(os.pathsep) if one
    ]
    return [*folders, "/etc"]


def _user_folders(env: Mapping[str, str], version: tuple[int, ...], system: str) -> Iterator[str]:
    # Windows' Python, and so pip, asks nothing of HOME.
    home = os.path.expanduser("~") if system == "win32" else paths.of_user("~", env)
    legacy = "pip" if system == "win32" else ".pip"
    yield os.path.join(home, legacy)
    if system == "win32":
        folder = env.get("APPDATA") or os.path.join(home, "AppData", "Roaming")
    elif system == "darwin":
        folder = os.path.join(home, "Library", "Application Support")
        if not os.path.isdir(os.path.join(folder, "pip")):
            folder = os.path.join(home, ".config")
    else:
        folder = env.get("XDG_CONFIG_HOME", os.path.join(home, ".config"))
        # From then on by platformdirs, to which an empty variable is none.
        if version >= (21, 3) and not folder.strip():
            folder = os.path.join(home, ".config")
    yield os.path.join(folder, "pip")


def _locale_encoding() -> str:
    """The encoding in which pip reads its files (pip, ``_internal/configuration.py``).

    ``getpreferredencoding`` may warn (PEP 597), and pip's own warnings are the only ones to show.
    """
    import locale

    if sys.flags.utf8_mode:
        return "utf-8"
    if hasattr(locale, "getencoding"):  # 3.11
        return locale.getencoding()
    return locale.getpreferredencoding(do_setlocale=False)


def _read(file: str, sections: _Sections) -> bool:
    """Take over what *file* says; whether pip could read it, if it is there.

    A pipe (``PIP_CONFIG_FILE=<(…)``) is pip's to read, since that can be done only once.
    """
    if not os.path.exists(file):
        return True
    import configparser

    parser = configparser.RawConfigParser()
    try:
        parser.read_string(paths.text(PurePath(file), encoding=_locale_encoding()), file)
    except (configparser.Error, UnicodeDecodeError):
        return False
    except OSError as error:  # pip passes over what it may not read
        return error.errno not in {errno.EINVAL, errno.EFBIG}
    for name, values in sections.items():
        if parser.has_section(name):
            values.update((_long_name(key), value) for key, value in parser.items(name))
    return True


def _long_name(key: str) -> str:
    return key.lower().replace("_", "-").removeprefix("--")


def _pip_settings(
    values: Mapping[str, str],
    from_files: Mapping[str, str],
    python: str | None,
    *,
    readable: bool,
) -> PipSettings:
    def flag(name: str) -> bool | None:
        value = values.get(name, "").strip().lower()
        return (value in TRUE) if value in TRUE | FALSE else None

    quiet = _count(values.get("quiet", ""))
    odd = [name for name in _FLAGS if values.get(name, "").strip() and flag(name) is None]
    if quiet is not None and "quiet" in odd:
        odd.remove("quiet")
    return PipSettings(
        user=flag("user"),
        target=values.get("target") or None,
        prefix=values.get("prefix") or None,
        root=values.get("root") or None,
        python=python,
        require_virtualenv=flag("require-virtualenv") is True or flag("require-venv") is True,
        break_system_packages=flag("break-system-packages") is True,
        dry_run=flag("dry-run") is True,
        quiet=int(flag("quiet") is True) if quiet is None else quiet,
        file_values=tuple(from_files.items()),
        readable=readable and not odd,
    )


# A value of these that is none ends every pip before it does anything.
_FLAGS = (
    "user", "require-virtualenv", "require-venv", "break-system-packages", "quiet",
)  # fmt: skip


def _count(word: str) -> int | None:
    """*word* as a number; None for what is none, and what pip has its own words for."""
    try:
        number = int(word)
    except ValueError:  # also of too many digits
        return None
    return number if number >= 0 else None
