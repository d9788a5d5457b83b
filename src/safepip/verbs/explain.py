"""``explain``: reads captured pip output, says what went wrong and how to fix it for good.

``safepip explain [FILE|-] [--command "pip …"] [--json]``. Nothing is looked at but the log, which
may come from any machine; it is read in pieces, so its size does not matter. Where it shows several
pip commands, each is judged by itself and the one with the most to explain is explained.

Exit status: 0 when the log was read, whatever it shows, also when it is empty; 64 when there is no
text to read: wrong options, FILE missing, unreadable, a directory or binary. On a terminal without
FILE it reads what is pasted. With ``--json`` the envelope is printed all the same, with the reason
in ``errors``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from safepip import console
from safepip.logs import commands as logs_commands
from safepip.logs import explanation
from safepip.logs.reader import LogReader
from safepip.model.errors import UsageError
from safepip.model.problems import Problem
from safepip.reading import text
from safepip.wording import errors as wording_errors
from safepip.wording import explanation as wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from io import BufferedReader

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


def run(words: Sequence[str], env: Mapping[str, str] | None = None) -> int:
    """Explain the log that *words* name and return the exit status.

    Raises:
        UsageError: *words* are wrong, or there is no text to read.
    """
    try:
        options = _read_options(words)
        if options.file is None and console.is_terminal(0):
            key = "Ctrl-Z and Enter" if os.name == "nt" else "Ctrl-D"
            console.Console(env or {}).say((wording.PASTE.format(key=key),))
        explained = _read(options)
    except UsageError as error:
        if "--json" in words:
            why = (wording_errors.sentence(error),)
            console.answer("explain", wording.NO_LOG, why)
        raise
    if not options.json:
        console.show_lines(wording.as_lines(explained))
        return 0
    is_empty = explained.happened is explanation.Happened.EMPTY
    errors = (wording.EMPTY.format(file=_name(options.file)),) if is_empty else ()
    console.answer("explain", wording.as_json(explained), errors)
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


def _read_command(text: str) -> ShownCommand | None:
    """Read what ``--command`` gives; None for a command that is not pip's."""
    if not text.strip():
        raise UsageError(Problem.NO_COMMAND_GIVEN)
    return logs_commands.given_command(text)


def _name(file: str | None) -> str:
    return wording.INPUT if file in {None, "-"} else str(file)


def _read(options: _Options) -> Explanation:
    reader = LogReader()
    with _open(options.file) as log:
        # A paste ends with one Ctrl-D, which only a single read can see.
        read = log.read1 if options.file is None and console.is_terminal(0) else log.read
        try:
            data = read(_BEGINNING)
            if text.is_binary(data):
                raise UsageError(Problem.NOT_TEXT, file=_name(options.file))
            while data:
                reader.feed(data)
                data = read(_CHUNK)
        except OSError as error:
            raise UsageError(Problem.NOT_READABLE, file=_name(options.file), why=error) from error
    return explanation.explain(reader.finish(options.command))


def _open(file: str | None) -> BufferedReader:
    source: int | Path = 0 if file in {None, "-"} else Path(str(file))
    try:
        if isinstance(source, Path) and source.is_dir():
            raise UsageError(Problem.IS_DIRECTORY, file=file)
        return open(source, "rb", closefd=bool(source))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise UsageError(Problem.NOT_READABLE, file=_name(file), why=error) from error
