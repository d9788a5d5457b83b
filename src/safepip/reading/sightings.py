"""Recognises, in a stream cut anywhere, the signs by which pip says that it may not write.

Lines are collected as bytes, since pip's texts come in the locale's encoding, and only what stands
at column 0 is taken for pip's own words: builds print the same ones, indented. Whether a path is a
place that an install writes to is asked of ``Places`` (the interpreter's own scheme). What is kept
does not grow with the stream. A log from another machine is read by ``logs/signs.py``.

Nothing is decided while lines come in: two pipes have no common order. ``verdict`` weighs it all.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from safepip.model.triggers import Sighting, Stream, TriggerName
from safepip.reading import sentences
from safepip.reading.paths import (
    before_uninstall,
    is_absolute,
    is_program,
    is_read_by_pip,
    unescape,
)
from safepip.reading.text import BREAK, LINE_LIMIT, decode, indent_of, without_escapes

if TYPE_CHECKING:
    from pathlib import PurePath

_CANDIDATES = 16
"""How many possible signs are remembered."""


class Places(NamedTuple):
    """Where the watched install writes; absolute paths of the system it runs on."""

    site: tuple[PurePath, ...]
    """purelib and platlib."""
    others: tuple[PurePath, ...] = ()
    """Scripts, the data prefix' share, include, man and etc, the user base and user site, an
    explicit target: whatever else is written to. Never the root directory or a home."""


class _Form(Enum):
    """In what words a possible sign came."""

    MESSAGE = auto()
    """``Could not install packages due to an OSError: …`` at column 0."""
    EXCEPTION = auto()
    """The last line of a traceback, at column 0."""
    SETUP = auto()
    """setup.py's own words, indented: ``error: could not create '…'``, ``[Errno 13] …``."""
    SETUP_EXCEPTION = auto()
    """The last line of a traceback, indented."""


class _Candidate(NamedTuple):
    form: _Form
    trigger: TriggerName
    line: str
    paths: tuple[str, ...]
    windows: bool
    """A WinError: it can also mean that a file is in use."""


class _Lane:
    """One stream's unfinished line.

    Attributes:
        logging_error: Between ``--- Logging error ---`` and ``Arguments:``: a traceback that ends
            nothing.
    """

    __slots__ = ("logging_error", "tail")

    def __init__(self) -> None:
        self.tail = b""
        self.logging_error = False

    def ended(self) -> _Lane:
        """A copy that has no unfinished line."""
        twin = _Lane()
        twin.logging_error = self.logging_error
        return twin


class _Seen:
    """What the lines so far show, as far as a verdict rests on it.

    Attributes:
        names: What pip said it is about to put in place.
        plain: The first sign that needs no path.
        verbose_head: ``Could not install packages due to an OSError.``: the errno follows in a
            traceback.
    """

    __slots__ = (
        "candidates",
        "collecting",
        "failed",
        "installing",
        "names",
        "plain",
        "sentence",
        "succeeded",
        "verbose_head",
    )

    def __init__(self) -> None:
        self.sentence: str | None = None
        self.plain: Sighting | None = None
        self.candidates: list[_Candidate] = []
        self.collecting = False
        self.installing = False
        self.names: tuple[str, ...] = ()
        self.verbose_head = False
        self.succeeded = False
        self.failed = False

    def copied(self) -> _Seen:
        """A copy that may change by itself."""
        twin = _Seen()
        for name in self.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.candidates = list(self.candidates)
        return twin


class Watcher:
    """Watches one run of pip.

    Args:
        places: where this install writes.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._lanes = {stream: _Lane() for stream in Stream}
        self._seen = _Seen()

    def judge_by(self, places: Places) -> None:
        """Judge paths by *places* from now on, where more is known than in the beginning."""
        self._places = places

    @property
    def defaulted_to_user(self) -> bool:
        """Whether pip said that it defaults to the user site."""
        return self._finished().sentence is not None

    @property
    def names(self) -> tuple[str, ...]:
        """What pip said it is about to put in place, as it spells it."""
        return self._finished().names

    def feed(self, stream: Stream, data: bytes) -> None:
        """Take what pip wrote on *stream*, cut anywhere."""
        lane = self._lanes[stream]
        first = BREAK.search(data)
        if first is None:
            lane.tail += data[: LINE_LIMIT - len(lane.tail)]
            return
        self._take(stream, lane.tail + data[: first.start()][:LINE_LIMIT])
        last = max(data.rfind(b"\n"), data.rfind(b"\r"))
        lane.tail = data[last + 1 :][:LINE_LIMIT]
        if not lane.logging_error and sentences.is_dull(data):
            return
        block = data[first.end() : last]
        if not lane.logging_error and not sentences.WORDS.search(block):
            return
        for line in BREAK.split(block):
            self._take(stream, line)

    def verdict(self, exit_code: int | None) -> Sighting | None:
        """Tell which trigger pip's output shows; None for none. The stream may go on afterwards.

        Args:
            exit_code: pip's exit status; None if it is not known yet. On 0 only the sentence by
                which pip defaults to the user site counts, and only if something was installed.
        """
        seen = self._finished()
        if exit_code != 0:
            denied = self._weigh(seen)
            if denied is not None:
                return denied
            if seen.plain is not None:
                return seen.plain
        if seen.sentence is None or not (seen.collecting or seen.installing) or exit_code:
            return None
        if exit_code is None and seen.failed and not seen.succeeded:
            return None
        return Sighting(trigger=TriggerName.DEFAULT_TO_USER, line=seen.sentence)

    # Lines

    def _finished(self) -> _Seen:
        """What would have been seen if the streams ended here."""
        rest = [(stream, lane) for stream, lane in self._lanes.items() if lane.tail]
        if not rest:
            return self._seen
        twin = Watcher(self._places)
        twin._seen = self._seen.copied()
        for stream, lane in rest:
            twin._lanes[stream] = lane.ended()
            twin._take(stream, lane.tail)
        return twin._seen

    def _take(self, stream: Stream, raw: bytes) -> None:
        """Look at one line, without its colours."""
        text = without_escapes(raw[:LINE_LIMIT]).rstrip()
        if text:
            indent = indent_of(text)
            self._judge(stream, self._lanes[stream], text[indent:], indent)

    def _judge(self, stream: Stream, lane: _Lane, text: bytes, indent: int) -> None:
        if not sentences.WORDS.search(text):
            return
        if lane.logging_error:
            lane.logging_error = not text.startswith((b"Arguments:", b"Logged from file"))
        elif text == b"--- Logging error ---" and indent == 0:
            lane.logging_error = True
        elif indent == 0 and stream is not Stream.OUT:
            self._judge_error(text)
            if stream is Stream.BOTH:
                self._judge_progress(text)
        elif indent == 0:
            self._judge_progress(text)
            self._judge_setup(text)
        else:
            self._judge_inner(text)

    def _judge_progress(self, text: bytes) -> None:
        """pip's own words on stdout."""
        seen = self._seen
        if text.startswith(sentences.COLLECTING):
            seen.collecting = True
        elif text.startswith(sentences.INSTALLING):
            seen.installing = True
            seen.names = sentences.names_to_install(text) or seen.names
        elif text.startswith((b"Successfully installed", b"Would install")):
            seen.succeeded = True
        elif (
            text == sentences.DEFAULTING
            and seen.sentence is None
            and not seen.collecting  # pip says it before
        ):
            seen.sentence = sentences.DEFAULTING.decode()

    def _judge_error(self, text: bytes) -> None:
        """pip's own words on stderr."""
        seen = self._seen
        plain = sentences.plain_trigger(text)
        if plain is not None:
            seen.plain = seen.plain or Sighting(trigger=plain, line=decode(text))
        elif (found := sentences.MESSAGE.match(text)) is not None:
            if found[1] is None:
                seen.verbose_head = True
            else:
                self._add(_Form.MESSAGE, text, found[1])
        elif (found := sentences.EXCEPTION.match(text)) is not None:
            self._add(_Form.EXCEPTION, text, found[1])
        else:
            self._judge_setup(text)
        if sentences.FAILED.match(text):
            seen.failed = True

    def _judge_inner(self, text: bytes) -> None:
        """Indented words: a build's, or of a setup.py that installs by itself."""
        if (found := sentences.EXCEPTION.match(text)) is not None:
            self._add(_Form.SETUP_EXCEPTION, text, found[1])
        else:
            self._judge_setup(text)

    def _judge_setup(self, text: bytes) -> None:
        if (found := sentences.COULD_NOT.match(text)) is not None:
            trigger = sentences.trigger_of_words(found[3])
            if trigger is not None:
                path = unescape(decode(found[2]))
                self._append(_Candidate(_Form.SETUP, trigger, decode(text), (path,), windows=False))
        elif (found := sentences.BARE_ERRNO.match(text)) is not None:
            self._add(_Form.SETUP, text, found[1])

    def _add(self, form: _Form, text: bytes, rest: bytes) -> None:
        if (moved := sentences.NOT_MOVED.match(rest)) is not None:
            denied, path = TriggerName.PERMISSION_DENIED, unescape(decode(moved[1]))
            self._append(_Candidate(form, denied, decode(text), (path,), windows=False))
            return
        found = sentences.ERRNO.match(rest)
        if found is None:
            return
        system, number = found["system"], int(found["number"])
        trigger = sentences.TRIGGERS.get((system != b"Errno", number))
        if trigger is None:
            return
        paths = tuple(unescape(decode(quoted[2])) for quoted in sentences.QUOTED.finditer(rest))
        paths = tuple(path for path in paths if path and not path.startswith("["))
        self._append(
            _Candidate(form, trigger, decode(text), paths, windows=system != b"Errno"),
        )

    def _append(self, candidate: _Candidate) -> None:
        if len(self._seen.candidates) < _CANDIDATES and candidate not in self._seen.candidates:
            self._seen.candidates.append(candidate)

    # Weighing

    def _weigh(self, seen: _Seen) -> Sighting | None:
        """The first possible sign that is about a place pip installs to; best with a full path."""
        best: Sighting | None = None
        for candidate in seen.candidates:
            sighting = self._accept(candidate, seen)
            if sighting is None:
                continue
            if sighting.path is not None and is_absolute(sighting.path):
                return sighting
            best = best or sighting
        return best

    def _accept(self, candidate: _Candidate, seen: _Seen) -> Sighting | None:
        own = candidate.form in {_Form.MESSAGE, _Form.EXCEPTION}
        # Of two paths the one that pip did not move aside says more.
        for path in sorted(candidate.paths, key=lambda path: before_uninstall(path)[1]):
            if is_absolute(path):
                fits = self._fits(path, candidate, seen)
            else:
                fits = own and self._fits_bare(path, candidate, seen)
            if fits:
                place = before_uninstall(path)[0] or path
                return Sighting(trigger=candidate.trigger, line=candidate.line, path=place)
        if not candidate.paths and own and self._fits_nameless(candidate, seen):
            return Sighting(trigger=candidate.trigger, line=candidate.line)
        return None

    def _fits(self, path: str, candidate: _Candidate, seen: _Seen) -> bool:
        """Whether *path* lies in one of the places, or above one that had to be made."""
        places = self._places
        only_read = seen.collecting and not seen.installing and is_read_by_pip(path)
        if not places.site or only_read:
            return False
        flavour = type(places.site[0])
        inner, uninstalled = before_uninstall(path)
        if uninstalled and inner is None:
            return not is_program(path)
        real = flavour(inner or path)
        if candidate.form in {_Form.SETUP, _Form.SETUP_EXCEPTION}:
            return any(real.is_relative_to(site) for site in places.site) or (
                candidate.form is _Form.SETUP
                and any(real.is_relative_to(place) for place in places.others)
            )
        every = (*places.site, *places.others)
        if any(real.is_relative_to(place) for place in every):
            return True
        above = any(place.is_relative_to(real) for place in every) and real != real.parent
        return above and (seen.installing or not seen.collecting)

    @staticmethod
    def _fits_bare(path: str, candidate: _Candidate, seen: _Seen) -> bool:
        """Whether a bare name can be of what was installed: then pip was removing it."""
        if "/" in path.rstrip("/") or "\\" in path:
            return False
        if seen.installing or seen.verbose_head:
            return True
        return candidate.form is _Form.MESSAGE and not seen.collecting

    @staticmethod
    def _fits_nameless(candidate: _Candidate, seen: _Seen) -> bool:
        """Whether an error without any path came while pip installed."""
        if candidate.form is _Form.EXCEPTION:
            return seen.verbose_head
        return seen.installing or not seen.collecting
