"""``settings``: every setting, its value, and where that came from; and changing one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip import console, settings
from safepip.machine import paths
from safepip.model.errors import CannotCreateError, ConfigError, ExitCode, RefusedError, UsageError
from safepip.model.problems import Problem
from safepip.settings import toml
from safepip.state import Ledger, make_folder, write_atomically
from safepip.wording import errors
from safepip.wording import settings as wording_settings
from safepip.wording.json import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.settings import Settings
    from safepip.wording.settings import Row

_FILE_MODE = 0o644
OPTIONS = ("--json", "--unset")


def run(words: Sequence[str], options: Mapping[str, str], env: Mapping[str, str]) -> int:
    """Print the settings that hold here, or change one in the user's file; the exit status.

    Raises:
        UsageError: *words* are no known setting, or make no sense together.
        ConfigError: the value is wrong, or the file that is to be changed.
        RefusedError: the setting is locked.
        CannotCreateError: the file cannot be written.
    """
    flags = [word for word in words if word in OPTIONS]
    rest = [word for word in words if word not in OPTIONS]
    if rest and rest[0].startswith("-"):
        raise UsageError(Problem.UNKNOWN_WORD, verb="settings", word=rest[0], allowed=OPTIONS)
    if rest and rest[0] not in settings.KEYS:
        allowed = tuple(settings.KEYS)
        raise UsageError(Problem.NO_SUCH_SETTING, key=rest[0], allowed=allowed)
    if "--unset" in flags or len(rest) > 1:
        if not rest or ("--unset" in flags and len(rest) > 1):
            raise UsageError(Problem.UNSET_WHAT)
        _change(rest[0], None if "--unset" in flags else rest[1:])
    problems: list[ConfigError] = []
    chosen = settings.merge(options, env, problems=problems)
    rows = [_row(chosen, key) for key in chosen.origins if not rest or key == rest[0]]
    if "--json" in flags:
        _show_json(rows, chosen, problems)
    else:
        files = {str(f): paths.exists(f) for f in (settings.system_file(), settings.user_file())}
        lines = wording_settings.settings(rows, chosen.notices, {} if rest else files)
        console.show_lines(lines, env)
        for problem in problems:
            console.Console(env).complain(errors.error(problem))
    return int(ExitCode.CONFIG) if problems else 0


def _row(chosen: Settings, key: str) -> Row:
    origin = chosen.origins[key]
    return wording_settings.Row(
        key=key,
        value=plain(getattr(chosen, key.replace("-", "_"))),
        source=origin.source.name.lower(),
        where=origin.where,
        locked=origin.locked_by is not None,
    )


def _show_json(rows: Sequence[Row], chosen: Settings, problems: Sequence[ConfigError]) -> None:
    files = {"system": settings.system_file(), "user": settings.user_file()}
    told = {
        row.key: {n: getattr(row, n) for n in ("value", "source", "where", "locked")}
        for row in rows
    }
    data: dict[str, object] = {"settings": told, "files": files}
    wrong = [*map(wording_settings.overruled, chosen.notices), *map(errors.sentence, problems)]
    console.answer("settings", data, wrong)


def _change(key: str, words: Sequence[str] | None) -> None:
    """Set *key* in the user's file to what *words* say; None takes it out."""
    if key in settings.locked_keys():
        raise RefusedError(Problem.LOCKED, key=key, file=settings.system_file())
    value = None if words is None else settings.toml_value(key, words)
    # A link stays one: the file that it names is changed.
    file = paths.resolved(settings.user_file())
    try:
        with Ledger(settings.state_dir()).lock(file):
            before = settings.user_text()
            after = toml.edited(before, key, value)
            if after == before:
                return
            make_folder(file.parent, mode=0o700)
            mode = file.stat().st_mode & 0o777 if paths.exists(file) else _FILE_MODE
            write_atomically(file, after.encode("utf-8"), mode=mode)
    except OSError as error:
        raise CannotCreateError(Problem.NOT_WRITABLE, file=file, why=error) from error
