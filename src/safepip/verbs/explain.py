"""``explain``: reads captured pip output, says what went wrong and how to mend it for good.

``safepip explain [FILE|-] [--command "pip …"] [--json]``. Nothing is looked at but the log, which
may come from any machine; it is read in pieces, so its size does not matter. Where it shows several
pip commands, each is judged by itself and the one with the most to explain is explained.

Exit status: 0 when the log was read, whatever it shows, also when it is empty; 64 when there is no
text to read: wrong options, FILE missing, unreadable, a directory or binary, nothing on a terminal.
With ``--json`` the envelope is printed all the same, with the reason in ``errors``.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from safepip import console
from safepip.logs import commands as logs_commands
from safepip.logs import explanation
from safepip.logs.evidence import Evidence
from safepip.logs.reader import LogReader
from safepip.model.errors import UsageError
from safepip.model.problems import Problem
from safepip.reading import secrets, text
from safepip.wording import errors as wording_errors
from safepip.wording import json as wording_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from safepip.logs.commands import ShownCommand
    from safepip.logs.explanation import Explanation

_CHUNK = 1 << 16
_BEGINNING = 8000
"""How many bytes decide whether a file is text."""


class _Options(NamedTuple):
    file: str | None = None
    """None: whatever comes on stdin."""
    command: ShownCommand | None = None
    json: bool = False


def run(words: Sequence[str]) -> int:
    """Explain the log that *words* name and return the exit status.

    Raises:
        UsageError: *words* are wrong, or there is no text to read.
    """
    options = _read_options(words)
    errors: tuple[str, ...] = ()
    try:
        told, is_empty = _read(options)
    except UsageError as error:
        if options.json:
            nothing = explanation.explain(Evidence(sighting=None))
            nothing = nothing._replace(
                what="there is no log to explain",
                verdict="there is nothing to judge",
                advice=(),
            )
            _show_json(nothing, (wording_errors.sentence(error),))
        raise
    if is_empty:
        errors = (f"{_name(options.file)} is empty",)
    if options.json:
        _show_json(told, errors)
    else:
        console.show("\n".join(map(secrets.redact, explanation.as_lines(told))))
    return 0


def _read_options(words: Sequence[str]) -> _Options:
    options = _Options()
    left = list(words)
    while left:
        word = left.pop(0)
        name, equals, value = word.partition("=")
        if word == "--json":
            options = options._replace(json=True)
        elif name == "--command":
            if not equals:
                value = left.pop(0) if left else ""
            options = options._replace(command=_read_command(value))
        elif word.startswith("-") and word != "-":
            allowed = ("--json", "--command")
            raise UsageError(Problem.UNKNOWN_WORD, verb="explain", word=word, allowed=allowed)
        elif options.file is not None:
            raise UsageError(Problem.SECOND_FILE, word=word)
        else:
            options = options._replace(file=word)
    return options


def _read_command(text: str) -> ShownCommand:
    """Read what ``--command`` gives; the word ``pip`` in front may be missing."""
    commands = logs_commands.read_commands(text) or logs_commands.read_commands(f"pip {text}")
    if not commands:
        raise UsageError(Problem.NOT_A_PIP_COMMAND, word=text)
    return commands[-1]


def _name(file: str | None) -> str:
    return "the input" if file in {None, "-"} else str(file)


def _read(options: _Options) -> tuple[Explanation, bool]:
    """Explain the log, and tell whether it is empty."""
    reader = LogReader()
    with _opened(options.file) as log:
        try:
            data = log.read(_BEGINNING)
            if text.is_binary(data):
                raise UsageError(Problem.NOT_TEXT, file=_name(options.file))
            while data:
                reader.feed(data)
                data = log.read(_CHUNK)
        except OSError as error:
            why = error.strerror or str(error)
            raise UsageError(Problem.NOT_READABLE, file=_name(options.file), why=why) from error
    told = explanation.explain(reader.finish(options.command))
    if reader.is_empty:
        told = told._replace(
            what="the log is empty: pip said nothing, as it does with -qqq",
            verdict="whether safepip would have diverted it, this log does not tell",
        )
    return told, reader.is_empty


@contextmanager
def _opened(file: str | None) -> Iterator[BinaryIO]:
    if file is None and console.is_terminal(0):
        raise UsageError(Problem.NO_LOG)
    source: int | Path = 0 if file in {None, "-"} else Path(str(file))
    try:
        if isinstance(source, Path) and source.is_dir():
            raise UsageError(Problem.IS_DIRECTORY, file=file)
        log = open(source, "rb", closefd=bool(source))  # noqa: SIM115 - closed below
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(Problem.NOT_READABLE, file=_name(file), why=why) from error
    with log:
        yield log


def _show_json(told: Explanation, errors: Sequence[str]) -> None:
    data = _redacted(explanation.as_json(told))
    told_errors = [secrets.redact(error) for error in errors]
    console.show(json.dumps(wording_json.envelope("explain", data, told_errors), indent=1))


def _redacted(data: dict[str, object]) -> dict[str, object]:
    """*data* without credentials: masked before quotes and backslashes are escaped."""
    return {key: _masked(value) for key, value in data.items()}


def _masked(value: object) -> object:
    if isinstance(value, str):
        return secrets.redact(value)
    if isinstance(value, list):
        return [_masked(item) for item in value]
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    return value
