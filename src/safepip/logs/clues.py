"""What a log of pip's shows besides the triggers: failures, progress, names, tools, the system.

Pure. ``Clues`` takes the sentences one by one and keeps what ``explanation.py`` needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from safepip.logs.commands import mentioned_words
from safepip.logs.failures import FAILURES, Failure
from safepip.logs.needles import Needles
from safepip.logs.tools import TOOLS, Tool
from safepip.reading.paths import System, system_of, unescape
from safepip.reading.text import decode, readable

if TYPE_CHECKING:
    from safepip.logs.lines import Sentence
    from safepip.logs.signs import Signs

_OTHER = next(failure for failure in FAILURES if failure.name == "other")
_SHOWING = Needles(failure for failure in FAILURES if failure is not _OTHER)
_OF_TOOLS = Needles(TOOLS)
_LEVEL = re.compile(
    rb"(?:ERROR|WARNING|CRITICAL|error|note|DEPRECATION|fatal|\xc3\x97|x|ERROR: Exception): "
    rb"|\xc3\x97 "
)
_INNER = re.compile(
    rb".*?(?:\[(?:Errno (?:13|1|30)|WinError 5)\].*?['\"]([^'\"]*[\\/.][^'\"]*)['\"]"
    rb"|could not (?:create|write to|open|delete|copy) ['\"](.+?)['\"]: "
    rb"|error: (/[^:]+): Permission denied$)"
)
_NAME = rb"[A-Za-z0-9][\w.\-\[\],]*"
_COLLECTING = re.compile(
    rb"(?:Collecting|Downloading/unpacking) ("
    + _NAME
    + rb"[^\s(]*)(?: from \S+)?(?: \(from (?:\S+->)?(-[re] \S+) .*)?(?:$|\s+(?=[^a-z(\s]))"
)
_SATISFIED = re.compile(
    rb"Requirement already (?:satisfied|up-to-date)(?: \([^)]*\))?: ("
    + _NAME
    + rb")[^\s(]*(?: in (\S.*?))?(?: \(from .*?\))?(?: \((?!from)(\S+)\))?$"
)
_FROM_FILE = re.compile(rb"\(from (-[re] \S+)")
_ORDER = re.compile(rb"Installing collected packages: (?:.*, )?(" + _NAME + rb")\s*$")
_OF_OTHERS = re.compile(
    rb"(?:Unable to install package|Running setup\.py install for) (" + _NAME + rb"[^\s:]*)"
)
_SUCCEEDED = re.compile(rb"Successfully (?:un)?installed (.+)|Successfully downloaded ")
_WOULD = b"Would install"
_OWN = re.compile(
    rb"safepip: (?:Installed |Already installed |Nothing was |The (?:install|virtual) |pip failed "
    rb"|Interrupted while |Cannot |No (?:pip|python)|\S+ is in )"
)
_DRIVE = re.compile(rb"(?<![A-Za-z])[A-Za-z]:\\")
_MACOS = re.compile(rb"/Users/|/opt/homebrew/|brew install|macosx_|/Library/")
_CMD_PROMPT = re.compile(rb"(?:\([^)]{1,60}\) )?[A-Za-z]:\\[^<>|\"]{0,120}>")
_BUILD_FAILED = b"ERROR: Command errored out"
"""pip indents it, whatever it was that failed."""
_SLIGHTLY = 2
"""pip indents some of its own errors by so much, before 7.0 its own tracebacks."""
_NAMES = 6
"""More requirements than these are not listed again."""
_LOOKED_AT = 64
"""After so many lines about single distributions there is nothing new to learn from more."""


class Satisfied(NamedTuple):
    """What pip said was there already."""

    name: str
    place: str | None
    version: str | None


@dataclass(slots=True)
class Clues:
    """What the lines of one run of pip show besides the triggers; does not grow with the log."""

    found: dict[str, tuple[Failure, bytes, re.Match[bytes]]] = field(default_factory=dict)
    denied_inside: str | None = None
    """The path that a build was not allowed to write to."""
    own: str | None = None
    """safepip's words of how it ended."""
    succeeded: bool = False
    satisfied: Satisfied | None = None
    would_install: bool = False
    names: list[str] = field(default_factory=list)
    """What pip collected first, as far as it was asked for by name or by ``-r``."""
    landed: list[str] = field(default_factory=list)
    """Names of what was installed."""
    tool: Tool | None = None
    tool_denied: str | None = None
    """The tool's own words that it may not write, or will not."""
    tool_place: str | None = None
    system: System | None = None
    cmd: bool = False
    """A prompt of Windows' cmd was seen."""
    _near: bytes | None = None
    """The place that the line before spoke of."""
    _spare_name: str | None = None
    _mentioned: tuple[str, ...] = ()
    _looked_at: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether not one line was pip's."""
        return not (self.found or self.succeeded or self.satisfied or self.names)

    @property
    def is_full(self) -> bool:
        """Whether more of pip's progress would tell nothing new."""
        return self._looked_at >= _LOOKED_AT

    def take(self, sentence: Sentence, signs: Signs) -> None:
        """Look at one sentence, which *signs* has seen already."""
        text = sentence.text.lstrip(b"> ")
        self.note_system(text)
        if _OWN.match(text) is not None:
            self.own = readable(decode(text))
            return
        self._note_tool(text)
        level, depth = _LEVEL.match(text), signs.depth(sentence.indent)
        if depth > _SLIGHTLY:
            if (found := _INNER.match(text)) is not None:
                self.denied_inside = _path(found[1] or found[2] or found[3])
            if not text.startswith(_BUILD_FAILED):
                return
        self._progress(text)
        if signs.in_logging_error:
            return
        rest = text[level.end() :] if level else text
        severe = level is not None and level[0].startswith(b"ERROR")
        for failure in _SHOWING.rows(text):  # the most particular first
            if signs.is_others and failure.of_pip:
                continue
            if (found := failure.pattern.match(rest)) is not None:
                self._note_failure(failure, text, found)
                return
        if severe and (found := _OTHER.pattern.match(rest)) is not None:
            self.found[_OTHER.name] = (_OTHER, text, found)

    def _note_failure(self, failure: Failure, text: bytes, found: re.Match[bytes]) -> None:
        before = self.found.get(failure.name)
        if before is None or any(found.groups()) or not any(before[2].groups()):
            self.found[failure.name] = (failure, text, found)

    def note_system(self, text: bytes) -> None:
        """Look in *text* for what only one kind of system shows."""
        has_drive = b":\\" in text
        if self.system is None:
            if (has_drive and _DRIVE.search(text)) or b"win_amd64" in text or b"WinError" in text:
                self.system = System.WINDOWS
            elif _MACOS.search(text):
                self.system = System.MACOS
        if not self.cmd and has_drive:
            self.cmd = _CMD_PROMPT.match(text) is not None

    def _note_tool(self, text: bytes) -> None:
        for tool in _OF_TOOLS.rows(text):
            if tool is self.tool:
                break  # what comes behind it in the table is less particular
            if tool.pattern.search(text):
                self.tool, self.tool_denied, self.tool_place = tool, None, None
                break
        if self.tool is None or self.tool.denied is None or self.tool_place is not None:
            return
        near = self.tool.near.search(text) if self.tool.near is not None else None
        if (found := self.tool.denied.search(text)) is not None:
            self.tool_denied = self.tool_denied or readable(decode(text))
            place = next((group for group in found.groups() if group), self._near)
            self.tool_place = None if place is None else _path(place)
        self._near = None if near is None else near[1]

    def _progress(self, text: bytes) -> None:
        if (done := _SUCCEEDED.match(text)) is not None:
            self.succeeded = True
            self.found = {n: found for n, found in self.found.items() if not found[0].overcome}
            self._note_landed(done[1] or b"")
        elif text.startswith(_WOULD):
            self.would_install = True
        elif text.startswith((b"Collecting ", b"Requirement already ", b"Downloading/unpacking ")):
            if not self.is_full:
                self._looked_at += 1
                self._note_name(text)
        elif found := _ORDER.match(text) or (None if self._mentioned else _OF_OTHERS.search(text)):
            self._spare_name = decode(found[1])
        elif not self._mentioned:
            self._mentioned = mentioned_words(text)

    def _note_name(self, text: bytes) -> None:
        name: str | None = None
        if (found := _COLLECTING.match(text)) is not None:
            name = decode(found[2] or found[1])
        elif text.startswith(b"Req") and (b"(from " not in text or b"(from -" in text):
            name = self._note_satisfied(text)
        if name is not None and name not in self.names and len(self.names) <= _NAMES:
            self.names.append(name)

    def _note_satisfied(self, text: bytes) -> str | None:
        found = _SATISFIED.match(text)
        if found is None:
            self.satisfied = self.satisfied or Satisfied(name="", place=None, version=None)
            return None
        name, place, version = (None if g is None else readable(decode(g)) for g in found.groups())
        if self.satisfied is None:
            self.satisfied = Satisfied(name=name or "", place=place, version=version)
        file = _FROM_FILE.search(text)
        return name if file is None else decode(file[1])

    def _note_landed(self, listed: bytes) -> None:
        """Keep the names of ``a-1.0 b-2.0``; a name can hold dashes, a version none."""
        names = [word.rpartition(b"-")[0] for word in listed.split()]
        self.landed = [readable(decode(name)) for name in names if name][-_LOOKED_AT:]

    @property
    def requested(self) -> tuple[str, ...]:
        """Arguments of the install, as far as what pip did tells them."""
        if len(self.names) == 1 and self._is_dependency(self.names[0]):
            return (str(self._spare_name),)
        if self.names and len(self.names) <= _NAMES:
            return tuple(word for name in self.names for word in name.split(" "))
        if self.names:
            return ()
        if self._spare_name is not None:
            return (self._spare_name,)
        return self._mentioned

    def _is_dependency(self, name: str) -> bool:
        """Whether *name* was collected for another, which pip installs last."""
        last = self._spare_name
        return last is not None and not name.startswith(("-", f"{last}[")) and last != _bare(name)

    def worst(self, *, harmless: bool = False) -> tuple[Failure, str, tuple[str, ...]] | None:
        """The failure that says most, its line and the groups of its pattern."""
        for failure in FAILURES:
            if failure.harmless is harmless and not failure.after and failure.name in self.found:
                return self._told(failure.name)
        return None

    def after(self, name: str) -> tuple[Failure, str, tuple[str, ...]] | None:
        """What the log shows of the failure *name*, one that comes after an install."""
        return self._told(name) if name in self.found else None

    def _told(self, name: str) -> tuple[Failure, str, tuple[str, ...]]:
        failure, line, match = self.found[name]
        groups = tuple("" if g is None else _path(g).strip("`*") for g in match.groups())
        return failure, readable(decode(line)), groups


def _bare(name: str) -> str:
    """*name* without what follows it in a requirement."""
    return re.split(r"[^\w.-]", name, maxsplit=1)[0]


def _path(raw: bytes) -> str:
    return readable(unescape(decode(raw)))


def system_in(path: str | None, clues: Clues) -> System:
    """The system that a log comes from, by the path it is about, else by what else it shows."""
    told = system_of(path) if path else None
    if told in {System.WINDOWS, System.MACOS}:
        return told
    return clues.system or System.POSIX if told is None else told
