"""Reads a log of any size and finds in it the run of pip that has most to explain.

Pure: bytes in, ``Evidence`` out. A log can show several runs, one behind each command line; what is
kept of them does not grow with the log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from safepip.logs.clues import INTERESTING, Clues
from safepip.logs.commands import failed_commands, shown_commands
from safepip.logs.evidence import Asked, Evidence
from safepip.model.requests import EXPLICIT_DESTINATIONS
from safepip.model.triggers import Stream, TriggerName
from safepip.policy import foresight
from safepip.reading import requests
from safepip.reading.sightings import Watcher
from safepip.reading.text import (
    BREAK,
    LINE_LIMIT,
    Recoder,
    indent_of,
    without_escapes,
    without_prefixes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safepip.logs.commands import ShownCommand

_LONGEST = 1 << 16
"""A line that is still longer is passed on in pieces."""

_COMMANDS = 8
"""How many command lines before one run are remembered."""

_WORTH_A_LOOK = re.compile(INTERESTING.pattern + rb"|pip|pip\d")
_NO_PLACE = (*sorted(EXPLICIT_DESTINATIONS), "--no-user", "--dry-run", "--download")


@dataclass(slots=True)
class _Run:
    """One run of pip, as far as the log has shown it."""

    watcher: Watcher = field(default_factory=lambda: Watcher(None))
    clues: Clues = field(default_factory=Clues)
    commands: list[ShownCommand] = field(default_factory=list)
    margin: int | None = None

    @property
    def spoke(self) -> bool:
        """Whether pip has said anything in it."""
        return (
            not self.clues.is_empty
            or self.watcher.defaulted_to_user
            or self.watcher.verdict(None) is not None
        )

    def evidence(self, command: ShownCommand | None) -> Evidence:
        """What it shows; *command* is what was run, if that is known from elsewhere."""
        return Evidence(
            sighting=self.watcher.verdict(None),
            clues=self.clues,
            said_default=self.watcher.defaulted_to_user,
            asked=_asked(command) if command is not None else _likeliest(self.commands),
        )


class LogReader:
    """Takes a log in pieces, cut anywhere."""

    def __init__(self) -> None:
        self._recoder = Recoder()
        self._tail = b""
        self._amid = False
        """The beginning of the unfinished line was passed on already."""
        self._run = _Run()
        self._best: _Run | None = None
        self.is_empty = True
        """Whether nothing but white space came."""

    def feed(self, data: bytes) -> None:
        """Take some more of the log."""
        self._take(self._recoder.feed(data))

    def finish(self, command: ShownCommand | None = None) -> Evidence:
        """The log ends here: tell what it shows.

        Args:
            command: what was run; None to go by what the log shows.
        """
        self._take(self._recoder.finish())
        self._take_lines(self._tail)
        self._tail = b""
        self._close()
        return (self._best or _Run()).evidence(command)

    def _take(self, data: bytes) -> None:
        if self.is_empty and data.strip():
            self.is_empty = False
        block = self._tail + data
        last = max(block.rfind(b"\n"), block.rfind(b"\r"))
        self._tail = block[last + 1 :]
        if last >= 0:
            self._take_lines(block[: last + 1])
        if len(self._tail) > _LONGEST:
            self._take_lines(self._tail)
            self._tail, self._amid = b"", True

    def _take_lines(self, block: bytes) -> None:
        """Take whole lines, but for the first, whose beginning may have come before."""
        passed = 0
        for start, line in self._lines_of_interest(block):
            text = without_prefixes(without_escapes(line[:LINE_LIMIT]).rstrip())
            indent = self._indent(text)
            text = text.lstrip()
            commands = shown_commands(text) if indent <= 1 and b"pip" in text else ()
            if commands:
                self._run.watcher.feed(Stream.BOTH, block[passed:start])
                passed = start
                self._begin(commands)
                self._run.clues.note_system(text)
                continue
            if not self._run.commands and b"pip" in text:
                self._run.commands += failed_commands(text)
            self._run.clues.take(text, indent)
        self._run.watcher.feed(Stream.BOTH, block[passed:])

    def _lines_of_interest(self, block: bytes) -> Iterator[tuple[int, bytes]]:
        """The lines that may matter; all of them until one stands at the very left."""
        at = 0
        if self._amid:
            found = BREAK.search(block)
            at = found.end() if found else len(block)
            self._amid = found is None
        while at < len(block):
            start = spot = at
            if self._run.margin == 0:
                hit = _WORTH_A_LOOK.search(block, at)
                if hit is None:
                    return
                spot = hit.start()
                start = max(block.rfind(b"\n", at, spot), block.rfind(b"\r", at, spot), at - 1) + 1
            found = BREAK.search(block, spot)
            end = found.start() if found else len(block)
            yield start, block[start:end]
            at = end + 1

    def _indent(self, text: bytes) -> int:
        """How far *text* stands behind the least indented line so far."""
        indent = indent_of(text)
        if indent == len(text):
            return 0
        run = self._run
        if run.margin is None or indent < run.margin:
            if run.margin is not None:
                run.clues.forget()
            run.margin = indent
        return indent - run.margin

    def _begin(self, commands: tuple[ShownCommand, ...]) -> None:
        """A command line: what follows is another run, if pip has said anything yet."""
        if self._run.spoke:
            margin, clues = self._run.margin, self._run.clues
            self._close()
            self._run = _Run(margin=margin)
            self._run.clues.system, self._run.clues.cmd = clues.system, clues.cmd
        self._run.commands = [*self._run.commands, *commands][-_COMMANDS:]

    def _close(self) -> None:
        if self._best is None or _weight(self._run) >= _weight(self._best):
            self._best = self._run


def _weight(run: _Run) -> int:
    """How much there is to explain."""
    sighting = run.watcher.verdict(None)
    if sighting is not None:
        return 2 if sighting.trigger is TriggerName.DEFAULT_TO_USER else 4
    if run.clues.worst() is not None:
        return 3
    return 1 if run.spoke or run.commands else 0


def _likeliest(commands: list[ShownCommand]) -> Asked | None:
    """Of the commands in front of one output the one that it is about.

    A script's text is shown as a whole, and an upgrade of pip alone often stands in its first line.
    """
    asked = [_asked(command) for command in commands]
    installs = [a for a in asked if a.command.name == "install" and not a.pip_alone]
    likely = installs or asked
    return likely[-1] if likely else None


def _asked(shown: ShownCommand) -> Asked:
    command = requests.parse(shown.words, dict(shown.variables))
    is_install = command.name == "install"
    return Asked(
        command=command,
        chosen_place=foresight.chosen_place(command) if is_install else None,
        pip_alone=is_install and foresight.is_pip_alone(command),
        words=requests.without(command, *_NO_PLACE) if is_install else shown.words,
        python=shown.python,
    )
