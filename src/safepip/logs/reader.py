"""Reads a log of any size and finds in it the run of pip that has most to explain.

Pure: bytes in, ``Evidence`` out. A log can show several runs, one behind each command line; what is
kept of them does not grow with the log. What a line costs is bounded, too: lines that may matter
are looked at one by one at the beginning and at the end of a log, and in between as many of them as
its length allows; beyond that only what stands around the words of a failure or a denial.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from heapq import heapify, heappop, heapreplace
from typing import TYPE_CHECKING

from safepip.logs.clues import Clues
from safepip.logs.commands import WRITING, failed_commands, quoted_commands, shown_commands
from safepip.logs.evidence import Asked, Evidence
from safepip.logs.lines import Cutter, Sentence
from safepip.logs.signs import Signs
from safepip.logs.tools import BY_HAND
from safepip.model.requests import EXPLICIT_DESTINATIONS
from safepip.model.triggers import TriggerName
from safepip.policy import foresight
from safepip.reading import paths, requests
from safepip.reading.text import BREAK, Recoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safepip.logs.commands import ShownCommand
    from safepip.model.triggers import Sighting

_LONGEST = 1 << 16
"""A line that is still longer is passed on in pieces."""

_COMMANDS = 8
"""How many command lines before one run are remembered."""

_SHORT = 200
"""So long is what somebody pastes of an error, where nothing else is there."""

_LINES = 100
"""How many lines are looked at, however dense they stand, before there is need to save."""
_A_LINE = 0.25
"""What a line costs beside the sentences in it."""
_A_FULL_LINE = 4
"""What a sentence costs where denials enough were seen."""
_BYTES_A_LINE = 3000
"""For so many bytes one more."""
_BEFORE, _BEHIND = 1500, 1000
"""How many bytes around a failure's words are looked at where there is need to save."""
_END = 8000
"""How many bytes at the end are looked at all the same."""

_PIP_COMMAND = re.compile(
    rb"pip[\w.]{0,10}[\"']?,? +(?:-\S+ +)*[\"']?(?:-|cache|check|completion|config|debug|download"
    rb"|freeze|hash|help|index|inspect|install|list|lock|search|show|uninstall|wheel|to install)"
    rb"|nstall\w* (?:\S+ ){0,4}(?:by|through|using|via|with) `?pip"
)
"""How a command of pip's begins, or somebody tells of one."""

_TOLD = re.compile(rb"\[(?:Errno|WinError) \d|ermission denied")
"""What stands in no command, but in a sentence about one."""

_PIPS_SETUP = (b"--single-version-ext", b"install-record.txt", b" develop --no-deps")
_BY_HAND = re.compile(b"|".join(BY_HAND.needles))

_PIP = re.compile(
    rb"(?<![\w./\\-])(?:pip|Pip|PIP)[\d.]*(?![\w-])|(?:bin|packages|[Ss]cripts)[/\\]+pip[\d.]*(?![\w-])"
)

PROGRESS = (
    *(b"Collecting ", b"Requirement", b"Processing ", b"Obtaining ", b"Looking in", b"/unpacking"),
    b"Building wheel",
)
"""Of no more interest when pip's own words have been found and enough names been seen."""
DENIALS = (
    *(b"nstall packages", b"xternally", b"efaulting", b"activated virtualenv", b"Consider using"),
    b"heck the perm",
    *(b"ser site", b"PEP 668", b"system-wide", b"a mistake"),
)
"""Words of pip's own about the triggers."""
FAILURES = (
    *(b" found for ", b"o module named", b"ou must give", b"HASHES", b"hashes mode", b"Retrying ("),
    *(b"nvalid ", b"BadZip", b"Double requ", b"he directory '", b"requires Python", b"such option"),
    *(b"gnoring an", b"Killed", b"KeyboardI", b"celled by", b"rrno", b"WinError", b"nied", b"EACC"),
)
"""Words of pip's other failures, and what any program can say of a denial."""
GENERAL = (
    # Nearly all that pip complains of stands behind a level, says "not", or names an error.
    *(b"rror", b"RROR", b"ARNING", b"not ", b"an't ", b"ailed", b"nstall", b"Running setup"),
    *(b" output", b"Arguments:", b"Logged from", b"Traceback", b"xception", b"-------"),
    *(b'File "', b'File \\"', b"File &quot;"),
    # Commands, and the tools that run them.
    *(
        b"pip",
        b"Pip",
        b"PIP",
        b"setup.py",
        b"make ",
        b"poetry",
        b"tox",
        b"FAILED!",
        b"TASK [",
        b"non-zero",
    ),
    *(b"RUN ", b"nknown command", b"o command '", b"User for ", b"ead-only"),
    *(b'"""', b"'''", b"(\n", b"[\n"),  # a program's texts begin
)
NEEDLES = (*DENIALS, *FAILURES, *GENERAL)
"""Every line that may matter holds one of these, or of ``PROGRESS``."""
_ALL = (*NEEDLES, *PROGRESS)
_RESERVES = {**dict.fromkeys(FAILURES, 200), **dict.fromkeys(DENIALS, 1000)}
"""How many more lines may be looked at for the sake of a needle; for the others none."""
_NO_PLACE = (*sorted(EXPLICIT_DESTINATIONS), "--no-user", "--dry-run", "--download", "--system")


@dataclass(slots=True)
class _Run:
    """One run of pip, as far as the log has shown it."""

    signs: Signs = field(default_factory=Signs)
    clues: Clues = field(default_factory=Clues)
    commands: list[ShownCommand] = field(default_factory=list)

    @property
    def is_title(self) -> bool:
        """Whether it is an error without any command and progress, as in a report's title."""
        return self.is_bare and self.signs.verdict() is not None

    @property
    def is_bare(self) -> bool:
        """Whether it shows no command and no progress."""
        return not (self.commands or self.signs.stage.has_begun)

    def adopt(self, other: _Run) -> None:
        """Take what is known of *other*, if that is the run of which this is the title."""
        if self.is_bare:
            other.signs.end_with(self.signs)
        if not self.is_title or other.signs.verdict() is not None or not other.commands:
            return
        if (told := self.signs.verdict()) and told.path and paths.is_pips_own(told.path):
            return  # pip was to be upgraded: what is quoted behind it is another install
        idle = other.clues.satisfied and not other.signs.stage.collecting
        if other.clues.worst() is not None or other.clues.succeeded or idle:
            return
        if not other.signs.stage.installing and not other.clues.names:
            # Nothing but a command: it may be how somebody got around the error.
            named = (_asked(command) for command in other.commands)
            if any(asked.chosen_place is not None for asked in named):
                return
        self.commands = other.commands
        self.clues.names = self.clues.names or other.clues.names

    def quoted(self, text: bytes) -> tuple[ShownCommand, ...]:
        """The commands that *text* quotes, but for one by which somebody got around the error."""
        told = quoted_commands(text)
        places = any(_asked(command).chosen_place for command in told)
        return () if places and self.signs.verdict() is not None else told

    @property
    def spoke(self) -> bool:
        """Whether pip has said anything in it."""
        signs = self.signs
        return not self.clues.is_empty or signs.said_default or signs.verdict() is not None

    def evidence(self, command: ShownCommand | None) -> Evidence:
        """What it shows; *command* is what was run, if that is known from elsewhere."""
        sighting = self.signs.verdict()
        if sighting is None and self.clues.worst() is None:
            sighting = self.signs.hint
        return Evidence(
            sighting=sighting,
            clues=self.clues,
            said_default=self.signs.said_default,
            to_target=self.signs.tracebacks.to_target,
            traced_command=self.signs.tracebacks.command,
            asked=_asked(command) if command is not None else _likeliest(self.commands, sighting),
        )


class LogReader:
    """Takes a log in pieces, cut anywhere."""

    def __init__(self) -> None:
        self._recoder = Recoder()
        self._cutter = Cutter()
        self._tail = b""
        self._is_long = False
        self._amid = False
        """The beginning of the unfinished line was passed on already."""
        self._run = _Run()
        self._best: _Run | None = None
        self._is_new = True
        """What matters has changed, and has to be looked for anew."""
        self._left = float(_LINES)
        """How many more lines may be looked at."""
        self._end = b""
        """The end of what was looked at in parts only."""
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
        # What is kept of the end may begin inside a line.
        end, self._tail = (self._end.partition(b"\n")[2] or self._end) + self._tail, b""
        self._left = float(len(end))
        self._take_lines(end)
        self._look_at_held()
        self._close()
        return (self._best or _Run()).evidence(command)._replace(is_empty=self.is_empty)

    def _take(self, data: bytes) -> None:
        if self.is_empty and data.strip():
            self.is_empty = False
        self._is_long = self._is_long or len(self._tail) + len(data) > _SHORT
        self._run.signs.stage.is_long = self._is_long
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
        for line in self._lines_of_interest(block):
            for sentence in self._cutter.cut(line):
                self._left -= _A_FULL_LINE if self._run.signs.is_full else 1
                self._look(sentence)

    def _look_at_held(self) -> None:
        for sentence in self._cutter.finish():
            self._look(sentence)

    def _look(self, sentence: Sentence) -> None:
        run = self._run
        text, stage = sentence.text, run.signs.stage
        stage.named = stage.named or (b"pip" in text.lower() and _PIP.search(text) is not None)
        if b"pip" in text:
            if _PIP_COMMAND.search(text) is not None:
                stage.asked = True
                if self._is_command(sentence):
                    return
            if not run.commands:
                run.commands += failed_commands(text) or run.quoted(text)
        if any(words in text for words in _PIPS_SETUP):
            run.signs.note_pips_setup()
        elif text.startswith(b"running install") or b"setup.py install is dep" in text:
            if not (sentence.indent or stage.has_begun):
                stage.own_setup, run.clues.tool = True, run.clues.tool or BY_HAND
        elif _BY_HAND.search(text):
            found = BY_HAND.pattern.search(text)
            if found is not None and not (found["probing"] and run.commands):
                run.signs.note_other_installer()
        run.signs.take(sentence)
        run.clues.take(sentence, run.signs)

    def _is_command(self, sentence: Sentence) -> bool:
        """Take *sentence* if it is the echo of a command of pip's."""
        if not sentence.is_first or self._run.signs.is_inner(sentence.indent):
            return False
        commands = () if _TOLD.search(sentence.text) else shown_commands(sentence.text)
        if commands:
            self._begin(commands)
            self._run.clues.take(sentence, Signs())
        return bool(commands)

    def _lines_of_interest(self, block: bytes) -> Iterator[bytes]:
        """The lines that may matter."""
        at = until = 0
        if self._amid:
            found = BREAK.search(block)
            at = found.end() if found else len(block)
            self._amid = found is None
        self._left = min(self._left + len(block) / _BYTES_A_LINE, max(_LINES, self._left))
        hits: list[tuple[int, bytes]] = []
        self._is_new = True
        saved = False
        while at < len(block):
            start = spot = at
            if self._cutter.is_amid and self._left <= 0:
                self._look_at_held()
            if not self._cutter.is_amid and at >= until:
                self._find(hits, block, at)
                saved = saved or self._left <= 0
                if not hits:
                    break
                spot = hits[0][0]
                before = spot
                if self._left <= 0:
                    before, until = max(at, spot - _BEFORE), spot + _BEHIND
                start = (
                    max(block.rfind(b"\n", at, before), block.rfind(b"\r", at, before), at - 1) + 1
                )
                self._run.signs.pass_over(block, at, start)
                spot = max(start, before)
            found = BREAK.search(block, spot)
            end = found.start() if found else len(block)
            self._left -= _A_LINE
            yield block[start:end]
            at = end + 1
        self._run.signs.pass_over(block, at, len(block))
        self._end = (self._end + block[-_END:])[-_END:] if saved else b""

    def _find(self, hits: list[tuple[int, bytes]], block: bytes, at: int) -> None:
        """Make *hits* a heap of the first place, from *at* on, of each needle that matters now."""
        if self._is_new:
            self._is_new = False
            found = ((block.find(needle, at), needle) for needle in self._wanted())
            hits[:] = [hit for hit in found if hit[0] >= 0]
            heapify(hits)
            return
        while hits and hits[0][0] < at:
            needle = hits[0][1]
            next_one = block.find(needle, at) if self._wants(needle) else -1
            if next_one >= 0:
                heapreplace(hits, (next_one, needle))
            else:
                heappop(hits)

    def _wanted(self) -> Iterable[bytes]:
        if self._left > 0 and not self._run.clues.is_full:
            return _ALL
        return (n for n in _ALL if self._wants(n))

    def _wants(self, needle: bytes) -> bool:
        run = self._run
        if self._left <= (0 if run.signs.is_full else -_RESERVES.get(needle, 0)):
            return False
        return needle not in PROGRESS or not (run.clues.is_full and run.signs.margin == 0)

    def _begin(self, commands: tuple[ShownCommand, ...]) -> None:
        """A command line: what follows is another run, if pip has said anything yet."""
        if self._run.spoke:
            margin, clues = self._run.signs.margin, self._run.clues
            self._is_new = self._is_new or clues.is_full  # its progress was left out
            self._close()
            self._run = _Run(signs=Signs(margin=margin))
            self._run.signs.stage.is_long = self._is_long
            self._run.clues.system, self._run.clues.cmd = clues.system, clues.cmd
        self._run.signs.stage.note_command()
        self._run.commands = [*self._run.commands, *commands][-_COMMANDS:]

    def _close(self) -> None:
        if self._best is not None:
            self._best.adopt(self._run)
        if self._best is None or _weight(self._run) >= _weight(self._best):
            self._best = self._run


def _weight(run: _Run) -> int:
    """How much there is to explain."""
    sighting = run.signs.verdict()
    if sighting is not None:
        return 3 if sighting.trigger is TriggerName.DEFAULT_TO_USER else 5
    if run.clues.worst() is not None:
        return 4
    if run.clues.landed and (run.clues.after("no-module") or run.clues.after("no-command")):
        return 2
    return 1 if run.spoke or run.commands else 0


def _likeliest(commands: list[ShownCommand], sighting: Sighting | None) -> Asked | None:
    """Of the commands in front of one output the one that it is about.

    A script's text is shown as a whole, and an upgrade of pip alone often stands in its first line.
    """
    asked = [_asked(command) for command in commands]
    installs = [a for a in asked if a.command.name == "install" and not a.pip_alone]
    if sighting is not None and sighting.trigger is not TriggerName.VIRTUALENV_REQUIRED:
        asked = [a for a in asked if a.command.name in WRITING]
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
        given=shown.words,
        python=shown.python,
    )
