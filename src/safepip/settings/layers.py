"""The settings that hold for one command, each with where it came from.

The only door to ``platformdirs``. Layers, weakest first: default, system file, user file, the
project's ``[tool.safepip]``, variable, option. The system file may lock keys against the rest.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager, suppress
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import platformdirs

from safepip.machine import home, ownership, paths, project
from safepip.model.decisions import Installer, Strategy, SystemSite
from safepip.model.errors import ConfigError, UsageError
from safepip.model.problems import Overruled, Problem
from safepip.reading import arguments
from safepip.settings import toml
from safepip.settings.values import KEYS, PROJECT_KEYS, checked, strategy_of, variable_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

FILE_NAME = "config.toml"


class Source(IntEnum):
    """Where a value came from; a greater one wins."""

    DEFAULT = 0
    SYSTEM = 1
    USER = 2
    PROJECT = 3
    VARIABLE = 4
    OPTION = 5


class Origin(NamedTuple):
    """Where one setting's value came from."""

    source: Source
    where: str
    """The file, the variable or the option; ``default``."""
    locked_by: str | None = None
    """The system file that locks it."""


class Settings(NamedTuple):
    """What was decided, by the user or for them, or the defaults."""

    data_dir: Path
    state_dir: Path
    cache_dir: Path
    strategy: Strategy = Strategy.AUTO
    installer: Installer = Installer.PIP
    venv_name: str = ".venv"
    create_venv: bool = True
    system_site_packages: SystemSite = SystemSite.AUTO
    personal_venv: Path | None = None
    """Absolute; None for one per Python version in the user data dir."""
    applications: frozenset[str] = frozenset()
    """Normalized names that are declared applications."""
    libraries: frozenset[str] = frozenset()
    activate: bool = True
    """What the shell's functions ask for is done; set, it is done for all of them."""
    history: bool = True
    report_json: str | None = None
    """Path of the file for the JSON report, as given; relative to the working directory."""
    origins: Mapping[str, Origin] = {}
    """By key."""
    notices: tuple[Overruled, ...] = ()
    """What the user must be told: values that a lock kept from counting."""

    @property
    def personal_environments(self) -> tuple[Path, ...]:
        """Those that installs may have gone to, whichever counts today; there or not."""
        chosen = () if self.personal_venv is None else (self.personal_venv,)
        return (*chosen, *paths.matching(self.data_dir / "envs", "*"))


def system_file() -> Path:
    """The administrator's settings file, perhaps missing.

    Desktops put directories of their own before ``/etc/xdg`` in XDG_CONFIG_DIRS (Ubuntu:
    ``/etc/xdg/xdg-ubuntu``), where nobody looks for it. So the first that is there counts, and
    ``/etc/xdg`` is never left out: its locks are not to be got rid of by a variable.
    """
    dirs = platformdirs.PlatformDirs("safepip", appauthor=False, multipath=True)
    listed = [Path(one) for one in dirs.site_config_dir.split(os.pathsep)]
    if os.name == "posix" and sys.platform != "darwin":
        listed.append(Path("/etc/xdg/safepip"))
    files = [directory / FILE_NAME for directory in listed]
    return next((file for file in files if paths.is_file(file)), files[0])


def _below_home(ask: Callable[..., Path]) -> Path:
    """The directory that *ask* (of ``platformdirs``) gives; one that can never be made if none.

    It knows none where HOME is relative, or unset for a user without a name.
    """
    with suppress(RuntimeError):
        path = ask("safepip", appauthor=False)
        if path.is_absolute():
            return path
    return Path(os.devnull, "no-home", "safepip")


def user_file() -> Path:
    """The user's settings file, perhaps missing."""
    return _below_home(platformdirs.user_config_path) / FILE_NAME


def data_dir() -> Path:
    """Where the user's personal environments lie; absolute, perhaps missing."""
    return _below_home(platformdirs.user_data_path)


def state_dir() -> Path:
    """Where locks, records and the log of the last bug lie; absolute, perhaps missing."""
    return _below_home(platformdirs.user_state_path)


def check_options(options: Mapping[str, str]) -> None:
    """Refuse bad values of safepip's own *options*, whatever the command is.

    Raises:
        UsageError: a bad value.
    """
    if "--strategy" in options:
        strategy_of(options["--strategy"])
    _report_file(options, {})


def _report_file(options: Mapping[str, str], env: Mapping[str, str]) -> str | None:
    name = arguments.report_asked(options, env)
    if name == "-":
        raise UsageError(Problem.STDOUT_IS_PIPS)
    return name or None


@contextmanager
def _caught(kept: list[ConfigError] | None) -> Iterator[None]:
    """Add what is wrong to *kept*, if somebody wants to see the rest as well."""
    try:
        yield
    except ConfigError as error:
        if kept is None:
            raise
        kept.append(error)


def merge(
    options: Mapping[str, str],
    env: Mapping[str, str],
    cwd: Path | None = None,
    *,
    problems: list[ConfigError] | None = None,
) -> Settings:
    """The settings that hold in *cwd* (default: the working directory).

    *problems* is filled with what is wrong in files and variables, which then counts as not set.

    Raises:
        UsageError: a bad value on the command line.
        ConfigError: an unknown key or a bad value in a file or a variable, without *problems*.
    """
    system, locked = _system_layer(problems)
    layers: list[tuple[Source, str, Mapping[str, object]]] = [
        (Source.SYSTEM, str(system_file()), system),
        (Source.USER, str(user_file()), _layer(_table, user_file(), KEYS.keys(), problems)),
    ]
    project = _project_file(cwd, env)
    if project is not None:
        layer = _layer(_project_table, project, PROJECT_KEYS, problems, "tool.safepip.")
        layers.append((Source.PROJECT, str(project), layer))
    for key in KEYS:
        word = env.get(variable_of(key))
        if word:
            with _caught(problems):
                value = checked(key, word, variable_of(key))
                layers.append((Source.VARIABLE, variable_of(key), {key: value}))
    if "--strategy" in options:
        value = strategy_of(options["--strategy"])
        layers.append((Source.OPTION, "--strategy", {"strategy": value}))

    values: dict[str, Any] = {}  # each by its reader in KEYS, so of its field's type
    origins = {key: Origin(source=Source.DEFAULT, where="default") for key in KEYS}
    notices = []
    for source, where, layer in layers:
        for key, value in layer.items():
            if source is not Source.SYSTEM and key in locked:
                if value != values.get(key):
                    notices.append(Overruled(key, str(system_file()), where))
                continue
            values[key] = value
            origins[key] = Origin(source=source, where=where)
    for key in locked:
        origins[key] = origins[key]._replace(locked_by=str(system_file()))
    return Settings(
        data_dir=data_dir(),
        state_dir=state_dir(),
        cache_dir=_below_home(platformdirs.user_cache_path),
        report_json=_report_file(options, env),
        origins=origins,
        notices=tuple(notices),
        **{key.replace("-", "_"): value for key, value in values.items()},
    )


def locked_keys() -> frozenset[str]:
    """The keys that the administrator has locked.

    Raises:
        ConfigError: the system file is wrong.
    """
    return _system_layer(None)[1]


def _system_layer(
    wrong: list[ConfigError] | None,
) -> tuple[Mapping[str, object], frozenset[str]]:
    file = system_file()
    table: dict[str, object] = {}
    locked: frozenset[str] = frozenset()
    with _caught(wrong):
        table = _table(file)
        named = table.pop("locked", [])
        locked = frozenset(key for key in KEYS if isinstance(named, list) and key in named)
        if not isinstance(named, list) or any(key not in list(KEYS) for key in named):
            raise ConfigError(Problem.BAD_LOCK, file=file, value=repr(named), allowed=tuple(KEYS))
    return _checked_table(table, file, KEYS.keys(), wrong), locked


def _layer(
    read: Callable[[Path], dict[str, object]],
    file: Path,
    allowed: Collection[str],
    wrong: list[ConfigError] | None,
    prefix: str = "",
) -> Mapping[str, object]:
    table: dict[str, object] = {}
    with _caught(wrong):
        table = read(file)
    return _checked_table(table, file, allowed, wrong, prefix)


def _project_file(cwd: Path | None, env: Mapping[str, str]) -> Path | None:
    """The user's own project's ``pyproject.toml``, if there is one."""
    try:
        here = cwd or Path.cwd()
    except OSError:
        return None
    root = project.project_root(here, home.home_of(env))
    if root is None or not ownership.is_mine(root):
        return None
    file = root / "pyproject.toml"
    return file if paths.is_file(file) and ownership.is_mine(file) else None


def _project_table(file: Path) -> dict[str, object]:
    try:
        text = paths.text(file)
        tool = toml.loads(text).get("tool") if "safepip" in text else None
    except (OSError, UnicodeDecodeError):
        return {}
    except (ValueError, RecursionError) as error:
        raise _not_toml(file, error) from error
    table = tool.get("safepip", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ConfigError(Problem.NOT_A_TABLE, file=file)
    foreign = [key for key in table if key in KEYS and key not in PROJECT_KEYS]
    if foreign:
        allowed = tuple(sorted(PROJECT_KEYS))
        raise ConfigError(Problem.NOT_FOR_PROJECTS, file=file, key=foreign[0], allowed=allowed)
    return table


def _table(file: Path) -> dict[str, object]:
    """The table in *file*; empty if it is missing or somebody else's."""
    there = paths.is_file(file) and ownership.is_ours(file)
    return _read_toml(file)[1] if there else {}


def _read_toml(file: Path) -> tuple[str, dict[str, object]]:
    """The text of *file*, and what it says."""
    try:
        text = paths.content(file).decode("utf-8")
        return text, toml.loads(text)
    except OSError as error:
        raise ConfigError(Problem.NOT_READABLE, file=file, why=error) from error
    except (ValueError, RecursionError) as error:
        raise _not_toml(file, error) from error


def _not_toml(file: Path, error: Exception) -> ConfigError:
    text = paths.text(file, errors="replace")
    number = re.search(r"at line (\d+)", str(error))
    line = text.splitlines()[int(number[1]) - 1] if number else ""
    return ConfigError(Problem.NOT_TOML, file=file, detail=str(error), line=line.strip())


def _checked_table(
    table: Mapping[str, object],
    file: Path,
    allowed: Collection[str],
    wrong: list[ConfigError] | None,
    prefix: str = "",
) -> Mapping[str, object]:
    good = {}
    known = tuple(key for key in KEYS if key in allowed)
    for key, value in table.items():
        with _caught(wrong):
            if key not in known:
                name = prefix + key
                raise ConfigError(
                    Problem.UNKNOWN_SETTING, file=file, key=key, name=name, allowed=known
                )
            good[key] = checked(key, value, f"{file}: {prefix}{key}")
    return good


def user_text() -> str:
    """The text of the user's file, empty where there is none.

    Raises:
        ConfigError: it cannot be read, or is no TOML.
    """
    return _read_toml(user_file())[0] if paths.exists(user_file()) else ""
