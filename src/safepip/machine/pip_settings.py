"""Reads what pip's own configuration files and variables say."""

from __future__ import annotations

import ast
import configparser
from pathlib import Path
from typing import TYPE_CHECKING

from safepip import runner, userpip
from safepip.machine import paths
from safepip.model.interpreter import Interpreter, PipSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safepip.userpip import PipTarget

from safepip.machine.interpreter import PROBE_TIMEOUT_S

# What pip reads from configuration under another name than its long option.
_TRUE = frozenset({"1", "true", "yes", "on", "t", "y"})
_FALSE = frozenset({"0", "false", "no", "off", "f", "n"})


def pip_settings(
    target: PipTarget, interpreter: Interpreter, env: Mapping[str, str], *, isolated: bool = False
) -> PipSettings:
    """What pip's files and variables say; the files are asked of the user's own pip.

    *isolated*: ``--isolated`` was given, by which pip heeds neither variables nor user files.
    """
    if (interpreter.pip_version or ()) < (10,):
        from_files = () if isolated else _files_of_old_pip(interpreter, env)
    else:
        from_files = _files_by_pip(target, env, isolated=isolated)
    return _pip_settings({**dict(from_files), **({} if isolated else _variables(env))}, from_files)


def pip_variables(env: Mapping[str, str]) -> PipSettings:
    """What pip's variables alone say: costs nothing, and is all there is on most machines."""
    return _pip_settings(_variables(env), ())


def _variables(env: Mapping[str, str]) -> dict[str, str]:
    # An empty variable is as good as none.
    return {
        name[4:].lower().replace("_", "-"): value
        for name, value in env.items()
        if name.startswith("PIP_") and value
    }


def _files_by_pip(
    target: PipTarget, env: Mapping[str, str], *, isolated: bool
) -> tuple[tuple[str, str], ...]:
    asked = {**userpip.child_environment(env), "PIP_QUIET": "0", "PIP_NO_COLOR": "1"}
    # With a log file, or made verbose, pip mixes other words into the answer.
    for name in ("PIP_LOG", "PIP_VERBOSE", "PIP_REQUIRE_VIRTUALENV"):
        asked.pop(name, None)
    words = [*target.argv, *(["--isolated"] if isolated else []), "config", "list"]
    done = runner.capture(words, env=asked, timeout_s=PROBE_TIMEOUT_S)
    sections: dict[str, dict[str, str]] = {"global": {}, "install": {}}
    for line in done.stdout.decode("utf-8", "surrogateescape").splitlines():
        key, _, shown = line.partition("=")
        section, _, name = key.rpartition(".")
        if section in sections:
            sections[section][name.replace("_", "-")] = _unquoted(shown)
    return _heeded(sections)


def _files_of_old_pip(
    interpreter: Interpreter, env: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """pip 9 has no ``config`` command, so its files are read here.

    Source: pip 9, ``pip/locations.py`` and ``pip/utils/appdirs.py``.
    """
    home = paths.expanded(env.get("HOME") or "~")
    shared = env.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")
    files = [
        *(paths.expanded(one) / "pip" / "pip.conf" for one in shared if one),
        Path("/etc/pip.conf"),
        home / ".pip" / "pip.conf",
        Path(env.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf",
        Path(interpreter.prefix) / "pip.conf",
    ]
    if env.get("PIP_CONFIG_FILE"):
        files.append(Path(env["PIP_CONFIG_FILE"]))
    sections: dict[str, dict[str, str]] = {"global": {}, "install": {}}
    for file in files:
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue
        for name, values in sections.items():
            if parser.has_section(name):
                values.update((k.replace("_", "-"), v) for k, v in parser[name].items())
    return _heeded(sections)


def _heeded(sections: Mapping[str, Mapping[str, str]]) -> tuple[tuple[str, str], ...]:
    """What pip heeds: an empty value takes back what a file before said, and says nothing itself.

    Source: pip, ``_internal/cli/parser.py``, ``_get_ordered_configuration_items``.
    """
    told = (item for section in ("global", "install") for item in sections[section].items())
    return tuple({name: value for name, value in told if value}.items())


def _pip_settings(
    values: Mapping[str, str], from_files: tuple[tuple[str, str], ...]
) -> PipSettings:
    def flag(name: str) -> bool | None:
        value = values.get(name, "").strip().lower()
        if value in _TRUE:
            return True
        return False if value in _FALSE else None

    quiet = _count(values.get("quiet", ""))
    return PipSettings(
        user=flag("user"),
        target=values.get("target") or None,
        prefix=values.get("prefix") or None,
        root=values.get("root") or None,
        require_virtualenv=flag("require-virtualenv") is True or flag("require-venv") is True,
        break_system_packages=flag("break-system-packages") is True,
        quiet=int(flag("quiet") is True) if quiet is None else quiet,
        file_values=from_files,
    )


def _count(word: str) -> int | None:
    """*word* as a number; None for what is none, and what pip has its own words for."""
    try:
        number = int(word)
    except ValueError:  # also of too many digits
        return None
    return number if number >= 0 else None


def _unquoted(shown: str) -> str:
    try:
        value = ast.literal_eval(shown)
    except (SyntaxError, ValueError):
        return shown
    return value if isinstance(value, str) else shown
