"""The keys of the settings, and how a value of each is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from safepip.model.decisions import Installer, Strategy, SystemSite
from safepip.model.errors import ConfigError, UsageError
from safepip.model.problems import Kind, Problem
from safepip.reading import names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from enum import Enum


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
    if not isinstance(value, str) or value in {"", ".", ".."} or set("/\\:\0\n") & set(value):
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
    if not isinstance(value, list) or not all(
        isinstance(n, str) and names.is_plain(n) for n in value
    ):
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
PROJECT_KEYS = frozenset({
    "strategy", "installer", "venv-name", "create-venv", "system-site-packages", "applications",
    "libraries",
})  # fmt: skip


def variable_of(key: str) -> str:
    """The variable that sets *key*."""
    return "SAFEPIP_" + key.upper().replace("-", "_")


def strategy_of(word: str) -> object:
    """The strategy that *word* of the command line names.

    Raises:
        UsageError: there is none of that name.
    """
    try:
        return KEYS["strategy"](word)
    except _BadValueError as error:
        allowed = error.expected
        raise UsageError(Problem.UNKNOWN_STRATEGY, value=word, allowed=allowed) from None


def checked(key: str, value: object, where: str) -> object:
    """*value* as *key* has it, which stands at *where*.

    Raises:
        ConfigError: *key* takes no such value.
    """
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


def toml_value(key: str, words: Sequence[str]) -> str:
    """The value of *key* that *words* of a command line give, as TOML.

    Raises:
        ConfigError: *words* are no value of *key*.
    """
    text = ",".join(words) if KEYS[key] is _names else " ".join(words)
    value = checked(key, text, key)
    if isinstance(value, bool):
        return "true" if value else "false"
    if KEYS[key] is _names:
        names = [word.strip() for word in text.split(",") if word.strip()]
        return json.dumps(names, ensure_ascii=False)
    return json.dumps(text, ensure_ascii=False)
