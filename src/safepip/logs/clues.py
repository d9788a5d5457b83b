"""What a log of pip's shows besides the triggers: failures, progress, names, the system.

Pure. ``Clues`` takes the lines one by one and keeps what ``explanation.py`` needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from safepip.logs.failures import FAILURES, Failure
from safepip.reading.paths import System, system_of, unescape
from safepip.reading.text import decode, readable

_OTHER = next(failure for failure in FAILURES if failure.name == "other")
_BY_SIGN = tuple(failure for failure in FAILURES if failure is not _OTHER)

_LEVEL = re.compile(
    rb"(?:ERROR|WARNING|CRITICAL|error|note|DEPRECATION|fatal|\xc3\x97|x|ERROR: Exception): "
    rb"|\xc3\x97 "
)
_INNER = re.compile(
    rb".*?(?:\[(?:Errno (?:13|1|30)|WinError 5)\].*?['\"](.+?)['\"]"
    rb"|could not (?:create|write to|open|delete|copy) ['\"](.+?)['\"]: )"
)
_COLLECTING = re.compile(
    rb"Collecting ([A-Za-z0-9][\w.\-\[\],]*[^\s(]*)(?: \(from (-[re] \S+) .*)?$"
)
_SUCCEEDED = (b"Successfully installed", b"Successfully uninstalled", b"Successfully downloaded")
_SATISFIED = b"Requirement already satisfied"
_WOULD = b"Would install"
_SYSTEMS = (
    (System.WINDOWS, re.compile(rb"(?<![A-Za-z])[A-Za-z]:\\|win_amd64|WinError")),
    (System.MACOS, re.compile(rb"/Users/|/opt/homebrew/|brew install|macosx_\d|/Library/")),
)
_CMD_PROMPT = re.compile(rb"(?:\([^)]{1,60}\) )?[A-Za-z]:\\[^<>|\"]{0,120}>")
_NAMES = 6
"""More requirements than these are not listed again."""

INTERESTING = re.compile(
    rb"rror[: ]|rrno|ERROR|ould not|Could|annot|Can't|ailed|not found|No |WARNING|uccessfully"
    rb"|Requirement|Would|Collecting|HASHES|option|must give|modify pip|HTTP|HINT|Killed|cancelled"
    rb"|brew|Users|:\\|Logging|Directory|upported|not recognized|BadZip|Exception:|Arguments:"
    rb"|Logged from|Retrying|Ignor|Errno"
)


@dataclass(slots=True)
class Clues:
    """What the lines of one run of pip show besides the triggers; does not grow with the log."""

    found: dict[str, tuple[Failure, bytes, re.Match[bytes]]] = field(default_factory=dict)
    denied_inside: str | None = None
    """The path that a build was not allowed to write to."""
    succeeded: bool = False
    satisfied: bool = False
    would_install: bool = False
    names: list[str] = field(default_factory=list)
    """What pip collected first, as far as it was asked for by name or by ``-r``."""
    system: System | None = None
    cmd: bool = False
    """A prompt of Windows' cmd was seen."""
    _logging_error: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether not one line was pip's."""
        return not (self.found or self.succeeded or self.satisfied or self.names)

    def take(self, text: bytes, indent: int) -> None:
        """Look at one line without prefixes and colours that stood *indent* behind the margin."""
        self.note_system(text)
        level = _LEVEL.match(text)
        if indent > 2 or (indent and level is None):
            if b"rrno" not in text and b"could not" not in text and b"WinError" not in text:
                return
            if (inner := _INNER.match(text)) is not None:
                self.denied_inside = _path(inner[1] or inner[2])
            return
        self._progress(text)
        rest = text[level.end() :] if level else text
        if self._in_logging_error(text):
            return
        severe = level is not None and level[0].startswith(b"ERROR")
        for failure in (*_BY_SIGN, *((_OTHER,) if severe else ())):
            found = failure.pattern.match(rest)
            if found is not None:
                self.found[failure.name] = (failure, text, found)
                return

    def _in_logging_error(self, text: bytes) -> bool:
        """Whether *text* lies inside the traceback of a log that could not be written."""
        if self._logging_error:
            self._logging_error = not text.startswith((b"Arguments:", b"Logged from file"))
            return True
        self._logging_error = text == b"--- Logging error ---"
        return False

    def note_system(self, text: bytes) -> None:
        """Look in *text* for what only one kind of system shows."""
        if self.system is None:
            self.system = next((s for s, pattern in _SYSTEMS if pattern.search(text)), None)
        self.cmd = self.cmd or (b":\\" in text and _CMD_PROMPT.match(text) is not None)

    def _progress(self, text: bytes) -> None:
        if text.startswith(_SUCCEEDED):
            self.succeeded = True
            self.found = {n: found for n, found in self.found.items() if not found[0].overcome}
        elif text.startswith(_SATISFIED):
            self.satisfied = True
        elif text.startswith(_WOULD):
            self.would_install = True
        elif (found := _COLLECTING.match(text)) is not None and len(self.names) <= _NAMES:
            name = decode(found[2] or found[1])
            if name not in self.names:
                self.names.append(name)

    def forget(self) -> None:
        """Take back what was taken for pip's own words: it stood inside something."""
        self.found.clear()
        self.succeeded = self.satisfied = self.would_install = False

    @property
    def requested(self) -> tuple[str, ...]:
        """Arguments of the install, as far as what pip collected tells them."""
        if not self.names or len(self.names) > _NAMES:
            return ()
        return tuple(word for name in self.names for word in name.split(" "))

    def worst(self, *, harmless: bool = False) -> tuple[Failure, str, tuple[str, ...]] | None:
        """The failure that says most, its line and the groups of its pattern."""
        for failure in FAILURES:
            if failure.harmless is harmless and failure.name in self.found:
                _, line, match = self.found[failure.name]
                groups = tuple("" if g is None else _path(g) for g in match.groups())
                return failure, readable(decode(line)), groups
        return None


def _path(raw: bytes) -> str:
    return readable(unescape(decode(raw)))


def system_in(path: str | None, clues: Clues) -> System:
    """The system that a log comes from, by the path it is about, else by what else it shows."""
    told = system_of(path) if path else None
    if told in {System.WINDOWS, System.MACOS}:
        return told
    return clues.system or System.POSIX if told is None else told
