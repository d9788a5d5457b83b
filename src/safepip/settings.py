"""The settings that hold for one command, each with where it came from.

The only door to ``platformdirs``. Layers, weakest first: default, system file, user file, the
project's ``[tool.safepip]``, variable, option. The system file may lock keys against the rest.
"""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import contextmanager, suppress
from enum import Enum, IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import platformdirs

from safepip.machine import home, ownership, paths, project
from safepip.model.decisions import Installer, Strategy, SystemSite
from safepip.model.errors import ConfigError, UsageError
from safepip.model.problems import Kind, Overruled, Problem
from safepip.reading import names

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

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


# ---------------------------------------------------------------------------------------------
# The keys, and how a value of each is read


class _BadValueError(ValueError):
    """Holds what is expected instead: words to choose from, or a kind of value."""

    def __init__(self, expected: tuple[str, ...] | Kind, detail: str = "") -> None:
        super().__init__(expected)
        self.expected = expected
        self.detail = detail


def _choice(choices: type[Enum]) -> Callable[[object], object]:
    def read(value: object) -> object:
        for member in choices:
            if member.value == value:
                return member
        raise _BadValueError(tuple(str(member.value) for member in choices))

    return read


def _flag(value: object) -> object:
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if isinstance(value, str):
        value = words.get(value.strip().lower(), value)
    if not isinstance(value, bool):
        raise _BadValueError(Kind.FLAG)
    return value


def _system_site(value: object) -> object:
    if value != SystemSite.AUTO.value:
        try:
            return SystemSite.TRUE if _flag(value) else SystemSite.FALSE
        except _BadValueError:
            allowed = tuple(str(member.value) for member in SystemSite)
            raise _BadValueError(allowed) from None
    return SystemSite.AUTO


def _directory_name(value: object) -> object:
    bad = not isinstance(value, str) or value in {"", ".", ".."}
    if bad or not isinstance(value, str) or any(c in value for c in "/\\:\0\n"):
        raise _BadValueError(Kind.DIRECTORY_NAME)
    return value


def _path(value: object) -> object:
    if not isinstance(value, str) or not value or "\0" in value:
        raise _BadValueError(Kind.PATH)
    try:
        path = Path(value).expanduser()
    except RuntimeError:
        raise _BadValueError(Kind.HOME, value.partition("/")[0]) from None
    if not path.is_absolute():
        raise _BadValueError(Kind.PATH)
    return path


def _names(value: object) -> object:
    if isinstance(value, str):
        value = [word.strip() for word in value.split(",") if word.strip()]
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _BadValueError(Kind.NAMES)
    if not all(map(names.is_plain, value)):
        raise _BadValueError(Kind.NAMES)
    return frozenset(map(names.normalized, value))


KEYS: Mapping[str, Callable[[object], object]] = {
    "strategy": _choice(Strategy),
    "installer": _choice(Installer),
    "venv-name": _directory_name,
    "create-venv": _flag,
    "system-site-packages": _system_site,
    "personal-venv": _path,
    "applications": _names,
    "libraries": _names,
    "activate": _flag,
    "history": _flag,
}

# A project's author is not always the user: nothing here names a place outside the project, or
# reaches beyond its own installs.
PROJECT_KEYS = frozenset(
    {
        "strategy",
        "installer",
        "venv-name",
        "create-venv",
        "system-site-packages",
        "applications",
        "libraries",
    }
)


def variable_of(key: str) -> str:
    """The variable that sets *key*."""
    return "SAFEPIP_" + key.upper().replace("-", "_")


# ---------------------------------------------------------------------------------------------
# Reading and merging


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


def cache_dir() -> Path:
    """Where safepip keeps what it can make anew at any time."""
    return _below_home(platformdirs.user_cache_path)


def state_dir() -> Path:
    """Where locks, records and the log of the last bug lie; absolute, perhaps missing."""
    return _below_home(platformdirs.user_state_path)


def check_options(options: Mapping[str, str]) -> None:
    """Refuse bad values of safepip's own *options*, whatever the command is.

    Raises:
        UsageError: a bad value.
    """
    if "--strategy" in options:
        _read_option("strategy", options["--strategy"])
    _report_file(options, {})


def _report_file(options: Mapping[str, str], env: Mapping[str, str]) -> str | None:
    name = options.get("--report-json") or env.get("SAFEPIP_REPORT_JSON")
    if name == "-":
        raise UsageError(Problem.STDOUT_IS_PIPS)
    return name or None


def _read_option(key: str, word: str) -> object:
    try:
        return KEYS[key](word)
    except _BadValueError as error:
        allowed = error.expected
        raise UsageError(Problem.UNKNOWN_STRATEGY, value=word, allowed=allowed) from None


class _Problems:
    """What is wrong in the layers: raised at once, or kept for who wants to see the rest."""

    def __init__(self, kept: list[ConfigError] | None) -> None:
        self._kept = kept

    @contextmanager
    def caught(self) -> Iterator[None]:
        try:
            yield
        except ConfigError as error:
            if self._kept is None:
                raise
            self._kept.append(error)


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
    wrong = _Problems(problems)
    system, locked = _system_layer(wrong)
    layers: list[tuple[Source, str, Mapping[str, object]]] = [
        (Source.SYSTEM, str(system_file()), system),
        (Source.USER, str(user_file()), _layer(_table, user_file(), KEYS.keys(), wrong)),
    ]
    project = _project_file(cwd, env)
    if project is not None:
        layer = _layer(_project_table, project, PROJECT_KEYS, wrong, prefix="tool.safepip.")
        layers.append((Source.PROJECT, str(project), layer))
    for key in KEYS:
        word = env.get(variable_of(key))
        if word:
            with wrong.caught():
                value = _checked(key, word, variable_of(key))
                layers.append((Source.VARIABLE, variable_of(key), {key: value}))
    if "--strategy" in options:
        value = _read_option("strategy", options["--strategy"])
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
        cache_dir=cache_dir(),
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
    return _system_layer(_Problems(None))[1]


def _system_layer(wrong: _Problems) -> tuple[Mapping[str, object], frozenset[str]]:
    file = system_file()
    table: dict[str, object] = {}
    locked: object = []
    with wrong.caught():
        table = _table(file)
        locked = table.pop("locked", [])
        _check_lock(file, locked)
    names = locked if isinstance(locked, list) else []
    return _checked_table(table, file, KEYS.keys(), wrong), frozenset(names) & KEYS.keys()


def _check_lock(file: Path, locked: object) -> None:
    if not isinstance(locked, list) or not all(key in list(KEYS) for key in locked):
        raise ConfigError(Problem.BAD_LOCK, file=file, value=repr(locked), allowed=tuple(KEYS))


def _layer(
    read: Callable[[Path], dict[str, object]],
    file: Path,
    allowed: Collection[str],
    wrong: _Problems,
    *,
    prefix: str = "",
) -> Mapping[str, object]:
    table: dict[str, object] = {}
    with wrong.caught():
        table = read(file)
    return _checked_table(table, file, allowed, wrong, prefix=prefix)


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
        tool = loads(text).get("tool") if "safepip" in text else None
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


def loads(text: str) -> dict[str, object]:
    """Read TOML, which most users have none of."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    return tomllib.loads(text)


def _table(file: Path) -> dict[str, object]:
    """The table in *file*; empty if it is missing or somebody else's."""
    if not paths.is_file(file) or not ownership.is_ours(file):
        return {}
    try:
        return loads(paths.text(file))
    except OSError as error:
        raise ConfigError(Problem.NOT_READABLE, file=file, why=error) from error
    # Also of a number with too many digits, and of brackets without end.
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
    wrong: _Problems,
    *,
    prefix: str = "",
) -> Mapping[str, object]:
    checked = {}
    for key, value in table.items():
        with wrong.caught():
            _check_key(key, file, allowed, prefix)
            checked[key] = _checked(key, value, f"{file}: {prefix}{key}")
    return checked


def _check_key(key: str, file: Path, allowed: Collection[str], prefix: str) -> None:
    if key not in allowed:
        known = tuple(k for k in KEYS if k in allowed)
        raise ConfigError(
            Problem.UNKNOWN_SETTING, file=file, key=key, name=prefix + key, allowed=known
        )


def _checked(key: str, value: object, where: str) -> object:
    try:
        return KEYS[key](value)
    except _BadValueError as error:
        shown = f"'{value}'" if isinstance(value, str) else repr(value)
        raise ConfigError(
            Problem.BAD_VALUE,
            where=where,
            value=shown,
            word=str(value),
            allowed=error.expected,
            detail=error.detail,
        ) from None


# ---------------------------------------------------------------------------------------------
# Changing the user's file


def toml_value(key: str, words: Sequence[str]) -> str:
    """The value of *key* that *words* of a command line give, as TOML.

    Raises:
        ConfigError: *words* are no value of *key*.
    """
    text = ",".join(words) if KEYS[key] is _names else " ".join(words)
    value = _checked(key, text, key)
    if isinstance(value, bool):
        return "true" if value else "false"
    if KEYS[key] is _names:
        names = [word.strip() for word in text.split(",") if word.strip()]
        return json.dumps(names, ensure_ascii=False)
    return json.dumps(text, ensure_ascii=False)


def edited(text: str, key: str, value: str | None) -> str:
    """The TOML *text* with *key* set to *value*, or without it; all else stays as it is.

    Comments and order are kept, and so is a comment behind the old value. *text* is valid TOML.
    """
    lines = text.splitlines(keepends=True)
    end = "\r\n" if "\r\n" in text else "\n"
    # What stands before a line of the table itself is a whole table; in a text over several lines
    # it is not.
    own = (
        n
        for n, line in enumerate(lines)
        if (line.lstrip().startswith("[") or _sets(key, line)) and _is_toml("".join(lines[:n]))
    )
    for start in own:
        if not _sets(key, lines[start]):
            new = [] if value is None else [f"{key} = {value}{end}"]
            return "".join([*lines[:start], *new, *lines[start:]])
        stop = _end_of_value(lines, start)
        new = [] if value is None else [f"{key} = {value}{_comment(lines, start, stop)}{end}"]
        return "".join([*lines[:start], *new, *lines[stop:]])
    if value is None:
        return text
    gap = end if lines and not lines[-1].endswith("\n") else ""
    return f"{text}{gap}{key} = {value}{end}"


def _sets(key: str, line: str) -> bool:
    return re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line) is not None


def _end_of_value(lines: Sequence[str], start: int) -> int:
    """The line behind the assignment that begins at *start*; a value may go over several."""
    for stop in range(start + 1, len(lines) + 1):
        if _is_toml("".join(lines[start:stop])):
            return stop
    return start + 1


def _comment(lines: Sequence[str], start: int, stop: int) -> str:
    """What stands behind the value on its last line: white space and a comment, if any."""
    last = lines[stop - 1].rstrip("\r\n")
    before = "".join(lines[start : stop - 1])
    for at, letter in enumerate(last):
        if letter == "#" and _is_toml(before + last[:at]):
            return last[len(last[:at].rstrip()) :]
    return ""


def _is_toml(text: str) -> bool:
    try:
        loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def user_text() -> str:
    """The text of the user's file, empty where there is none.

    Raises:
        ConfigError: it cannot be read, or is no TOML.
    """
    file = user_file()
    if not paths.exists(file):
        return ""
    try:
        text = paths.content(file).decode("utf-8")
        loads(text)
    except OSError as error:
        raise ConfigError(Problem.NOT_READABLE, file=file, why=error) from error
    except (ValueError, RecursionError) as error:
        raise _not_toml(file, error) from error
    return text
