"""Looks for settings that spoil installs: variables, and lines of pip's own files."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from safepip.machine import paths, pip_settings
from safepip.machine.health.ground import text_of
from safepip.machine.interpreter import version_tuple
from safepip.model.health import Ailment, Sign
from safepip.reading.arguments import FALSE, variable_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safepip.machine.health.ground import Ground

# What each does to an install is told by ``wording.doctor``.
SPOILING = ("user", "target", "prefix", "root", "break-system-packages")
STRICT = ("require-virtualenv",)
_PYTHONS = ("PYTHONHOME", "PYTHONPATH", "PYTHONUSERBASE", "PYTHONNOUSERSITE")
_FLAGS = frozenset({"user", "break-system-packages", "require-virtualenv"})


def signs(ground: Ground) -> Iterator[Sign]:
    """Every such setting that is in force, with where it is set."""
    env = ground.env
    for key in (*SPOILING, *STRICT):
        name = variable_of(f"--{key}")
        value = env.get(name, "")
        if value and not (key in _FLAGS and value.lower() in FALSE):
            ailment = Ailment.STRICT_SETTING if key in STRICT else Ailment.SPOILING_VARIABLE
            yield _variable(ground, ailment, name, value)
    for name in _PYTHONS:
        value = env.get(name, "")
        if value and (name != "PYTHONPATH" or not _is_sound(value)):
            strict = name in {"PYTHONNOUSERSITE", "PYTHONUSERBASE"}
            ailment = Ailment.STRICT_SETTING if strict else Ailment.SPOILING_VARIABLE
            yield _variable(ground, ailment, name, value)
    yield from _of_files(ground)


def _is_sound(search_path: str) -> bool:
    """Whether all of PYTHONPATH is there, and none is the site directory of some Python."""
    entries = [entry for entry in search_path.split(os.pathsep) if entry]
    return all(
        paths.exists(Path(entry)) and Path(entry).name not in {"site-packages", "dist-packages"}
        for entry in entries
    )


def _variable(ground: Ground, ailment: Ailment, name: str, value: str) -> Sign:
    file, line = where_set(ground, name)
    found = () if file is None else (file,)
    return Sign(ailment=ailment, name=name, detail=value, paths=found, line=line)


def where_set(ground: Ground, name: str) -> tuple[Path | None, int]:
    """The profile that sets the variable *name*, with the line; None if none is seen to."""
    wanted = re.compile(
        rf"^\s*(?:(?:export|declare\s+-x|typeset\s+-x|setenv|set(?:\s+-\w+)*)\s+)?{name}(?:=|\s+\S)"
    )
    return _line_like(ground, wanted)


def alias_of_pip(ground: Ground) -> tuple[Path | None, int]:
    """The profile line that makes ``pip`` an alias; None if there is none."""
    return _line_like(ground, re.compile(r"\s*alias\s+(?:--\s+)?pip3?[= ](?!.*safepip)"))


def _line_like(ground: Ground, wanted: re.Pattern[str]) -> tuple[Path | None, int]:
    for file in profiles(ground):
        for number, line in enumerate(text_of(file).splitlines(), start=1):
            if wanted.match(line):
                return file, number
    return None, 0


def profiles(ground: Ground) -> Iterator[Path]:
    """The files that shells read at their start, there or not."""
    home = ground.home
    if home is not None:
        names = (
            ".bashrc", ".bash_profile", ".bash_login", ".profile", ".bash_aliases", ".zshenv",
            ".zprofile", ".zshrc", ".zlogin", ".kshrc", ".mkshrc", ".tcshrc", ".cshrc", ".login",
            ".config/fish/config.fish", ".xonshrc", ".config/nushell/env.nu", ".pam_environment",
            ".config/environment.d/envvars.conf",
        )  # fmt: skip
        yield from (home / name for name in names)
    yield from paths.matching(Path("/etc/profile.d"), "*.sh")
    yield from (Path(name) for name in ("/etc/environment", "/etc/profile", "/etc/bash.bashrc"))


def _of_files(ground: Ground) -> Iterator[Sign]:
    for file in config_files(ground):
        section = ""
        for number, line in enumerate(text_of(file).splitlines(), start=1):
            if heading := re.match(r"\[([\w.-]+)\]", line):
                section = heading[1]
            setting = re.match(r"([\w-]+)\s*[=:]\s*(.*?)\s*$", line)
            if setting is None or section not in {"global", "install"}:
                continue
            key, value = setting[1].lower().replace("_", "-"), setting[2]
            if not value or (key in _FLAGS and value.lower() in FALSE):
                continue
            if key in SPOILING or key in STRICT:
                ailment = Ailment.STRICT_SETTING if key in STRICT else Ailment.SPOILING_SETTING
                yield Sign(ailment=ailment, name=key, detail=value, paths=(file,), line=number)


def config_files(ground: Ground) -> tuple[Path, ...]:
    """pip's configuration files that are there: today's pip's where nobody knows which it is."""
    python = ground.pip_python
    pip = pip_settings.Pip(
        version_tuple((python and python.pip) or "99"),
        python and python.prefix,
        is_virtual=python is not None and python.is_virtual,
    )
    found = pip_settings.files(pip, ground.env)
    return tuple(file for file in dict.fromkeys(map(Path, found)) if paths.is_file(file))
