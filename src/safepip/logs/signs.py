"""The signs in somebody's log by which pip says that it may not write.

Pure. What pip itself is watched for while it runs stands in ``reading/sightings.py``, which knows
the places that the install writes to; here nothing is known but the text, from any machine. So a
sentence counts wherever it stands, unless it stands deeper than pip's own words do (a build's
words) or in another program's traceback; and where pip says that it could not install, the path is
a place it installs to unless it looks like something else. What is kept does not grow with the log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from safepip.logs.tracebacks import Tracebacks
from safepip.model.triggers import Sighting, TriggerName
from safepip.reading import paths, sentences
from safepip.reading.text import decode
from safepip.reading.triggers import TRIGGERS

if TYPE_CHECKING:
    from safepip.logs.lines import Sentence
    from safepip.logs.tracebacks import Chain

_CANDIDATES = 16
"""How many possible signs are remembered."""
_SEEN = 200
"""After so many of them, equal ones included, there is nothing new to learn from more."""
_DEEPER = 2
"""What is indented by so much more than pip's own words is not pip's own."""

_INSIDE = 4
"""How deep a build's words are taken to stand where the log has lost the indentation."""

# How pip's sentences read in a log: with or without level and full stop, in any capitals.


def _pattern(text: bytes) -> re.Pattern[bytes]:
    return re.compile(text, re.IGNORECASE | re.DOTALL)


_MESSAGE = _pattern(
    rb"(?:error:\s+)?could not install packages due to(?: an?)? ?\w*[.:]?\s*(.*)",
)
_PLAIN = tuple(
    (name, _pattern(traits.in_log))
    for name, traits in TRIGGERS.items()
    if traits.in_log is not None and name is not TriggerName.DEFAULT_TO_USER
)
_DEFAULTING = _pattern(TRIGGERS[TriggerName.DEFAULT_TO_USER].in_log or b"")
_HINT = _pattern(rb"consider using the `--user` option or check the permissions")
_COULD_NOT = _pattern(
    rb"(?:error: )could not (?:create|delete|remove|write to|open|copy|move) (['\"])(.*?)\1"
    rb"(?: to ['\"].*?['\"])?: (.+)"
)
_OLD_COULD_NOT = _pattern(
    # distutils of Python 2
    rb"error: ((?:/|[a-z]:[\\/])[^:'\"]+): (permission denied|read-only file system)"
)
_ERRNO = _pattern(
    rb"(?:\[\(.*?['\"])?\[(?P<system>errno|winerror|error) (?P<number>\d+)\]",
)
_ENDS = re.compile(
    rb"\s+(?:Consider using|Check the perm|WARNING:|You are using|note:|hint:|HINT:|\[notice)"
)
_UNQUOTED = re.compile(rb"\][^'\"]*?: ((?:[A-Za-z]:[\\/]|/)[^\s'\"]+)")
_DENIED_IN_WORDS = re.compile(rb"(?:Permission denied|Access is denied|Operation not permitted)\b")

_OWN_PROGRESS = re.compile(
    rb"Collecting [A-Za-z0-9.\"']|Processing (?:[./~]|[A-Za-z]:\\|\S+\.(?:whl|zip|tar))"
    rb"|Obtaining (?:file|git|http)|Downloading/unpacking |Installing collected packages"
    rb"|Successfully (?:un)?installed |Would install |Requirement already |Looking in (?:ind|lin)"
    rb"|Using pip \d|Building wheels? for |error: subprocess-exited|note: This error originates"
    rb"|ERROR: (?:Failed (?:building|to build) |Command errored out|Could not (?:build |find a ver)"
    rb"|No matching distr)"
)
"""Lines that nobody but pip writes: they show where its own words stand."""
_COLLECTING = (b"Collecting ", b"Processing ", b"Obtaining ", b"Downloading/unpacking ")
_SUCCEEDED = (b"Successfully installed", b"Would install")

_BUILD_BEGINS = re.compile(rb"(?:\[(?=\d+ lines? of output)|Complete output )\(?(\d+)?")
_BUILD_ENDS = re.compile(rb"\s*(?:\[end of output\]|-{10,}$)")


class _Form(Enum):
    """In what words a possible sign came."""

    MESSAGE = auto()
    """``Could not install packages due to an OSError: …``."""
    EXCEPTION = auto()
    """The last line of a traceback."""
    SETUP = auto()
    """setup.py's own words: ``error: could not create '…'``, ``[Errno 13] …``."""
    SETUP_EXCEPTION = auto()
    """The last line of a traceback inside a build's output."""


class _Candidate(NamedTuple):
    form: _Form
    trigger: TriggerName
    line: str
    paths: tuple[str, ...]
    windows: bool
    """A WinError: it can also mean that a file is in use."""
    indent: int
    chain: Chain | None = None


@dataclass(slots=True)
class _Plain:
    sighting: Sighting
    indent: int


@dataclass(slots=True)
class Signs:
    """What the sentences of one run of pip show of the triggers."""

    margin: int | None = None
    """How far pip's own words are indented in this log; None before the first that is surely so."""
    installing: bool = False
    tracebacks: Tracebacks = field(default_factory=Tracebacks)
    _looking: bool = False
    """pip looked for what was asked for: it had begun, and read before it wrote."""
    _collecting: bool = False
    _setup_py: bool = False
    _verbose_head: bool = False
    """The message came without its errno, which follows in a traceback."""
    _succeeded: bool = False
    _failed: bool = False
    _by_hand: bool = False
    """A setup.py was run by another than pip."""
    _said_default: _Plain | None = None
    _plain: _Plain | None = None
    _hint: _Plain | None = None
    _candidates: list[_Candidate] = field(default_factory=list)
    _seen: int = 0
    in_logging_error: bool = False
    """The last sentence lay in the traceback of a log file that could not be written."""
    _logging_error: bool = False
    is_others: bool = False
    """The last sentence was an error that pip, as far as the log shows, did not raise."""
    build_lines: int = 0
    """How many lines of a build's output are still to come (logs that lost their indentation)."""

    @property
    def said_default(self) -> bool:
        """Whether pip said that it defaults to the user site."""
        return self._said_default is not None

    @property
    def collecting(self) -> bool:
        """Whether pip began to collect what was asked for."""
        return self._collecting

    @property
    def is_full(self) -> bool:
        """Whether no more possible signs would be remembered."""
        return len(self._candidates) >= _CANDIDATES or self._seen >= _SEEN

    @property
    def _has_begun(self) -> bool:
        """Whether the log shows that pip was at work."""
        return self._collecting or self._looking or self.installing or self._verbose_head

    def depth(self, indent: int) -> int:
        """How much deeper than pip's own words stands what is indented so far."""
        if self.build_lines:
            return _INSIDE
        return 0 if self.margin is None else indent - self.margin

    def is_inner(self, indent: int) -> bool:
        """Whether words so far in are a build's, not pip's own."""
        return self.depth(indent) >= _DEEPER

    def pass_over(self, block: bytes, start: int, end: int) -> None:
        """The lines of *block* between *start* and *end* do not matter, but for their number."""
        if self.build_lines and end > start:
            self.build_lines = max(0, self.build_lines - block.count(b"\n", start, end))

    def note_other_installer(self) -> None:
        """A ``setup.py install`` by hand, or by make: what it says is not pip's."""
        self._by_hand = not (self._collecting or self.installing)

    def take(self, sentence: Sentence) -> None:
        """Look at one sentence."""
        text, indent = sentence.text, sentence.indent
        self.is_others = False
        inner = bool(self.build_lines)
        if inner and sentence.is_first:
            self.build_lines = 0 if _BUILD_ENDS.match(text) else self.build_lines - 1
        if (found := _BUILD_BEGINS.search(text)) is not None:
            self.build_lines = min(int(found[1] or 10_000), 10_000)
        in_traceback = self.tracebacks.take(text)
        if self._note_logging_error(text) or in_traceback:
            return
        if not inner and _OWN_PROGRESS.match(text):
            self._note_margin(indent)
        if inner or self.is_inner(indent):
            self._judge_inner(text, indent)
        else:
            self._judge_own(text, indent)

    def verdict(self) -> Sighting | None:
        """Which trigger the log shows; None for none."""
        denied = self._weigh()
        if denied is not None:
            return denied
        if self._plain is not None:
            return self._plain.sighting
        if self._said_default is None:
            return None
        if not (self._collecting or self.installing or self._is_alone):
            return None
        if self._failed and not self._succeeded:
            return None
        return self._said_default.sighting

    @property
    def _is_alone(self) -> bool:
        """Whether the log has kept nothing but the sentence by which pip defaults to the user."""
        return self.margin is None and not self._failed

    @property
    def hint(self) -> Sighting | None:
        """pip's advice against a denial, where the log has kept nothing else of the error."""
        return None if self._hint is None else self._hint.sighting

    # Where pip's own words stand

    def _note_margin(self, indent: int) -> None:
        if self.margin is not None and indent >= self.margin:
            return
        self.margin = indent
        self._candidates = [
            c for c in self._candidates if not self.is_inner(c.indent) or _is_setups(c)
        ]
        if self._plain is not None and self.is_inner(self._plain.indent):
            self._plain = None
        if self._said_default is not None and self.is_inner(self._said_default.indent):
            self._said_default = None
        if self._hint is not None and self.is_inner(self._hint.indent):
            self._hint = None

    def _note_logging_error(self, text: bytes) -> bool:
        """Whether *text* belongs to the traceback of a log file that could not be written."""
        self.in_logging_error = self._logging_error
        if self._logging_error:
            self._logging_error = not text.startswith((b"Arguments:", b"Logged from file"))
            return True
        self._logging_error = text == b"--- Logging error ---"
        return self._logging_error

    # Sentences

    def _judge_own(self, text: bytes, indent: int) -> None:
        self._judge_progress(text, indent)
        for trigger, pattern in _PLAIN:
            if pattern.match(text):
                self._plain = self._plain or _Plain(
                    Sighting(trigger=trigger, line=decode(text)), indent
                )
                self._failed = True
                return
        if (found := _MESSAGE.match(text)) is not None:
            self._failed = True
            self._seen += 1
            rest = _ENDS.split(found[1], maxsplit=1)[0]
            if rest:
                self._add(_Form.MESSAGE, text, rest, indent)
            else:
                self._verbose_head = True
        elif (found := sentences.EXCEPTION.match(text)) is not None:
            self._failed = True
            self._add(_Form.EXCEPTION, text, _ENDS.split(found[1], maxsplit=1)[0], indent)
            self.is_others = self._is_raised_by_others()
            self.tracebacks.end()
        elif _HINT.match(text):
            self._hint = self._hint or _Plain(
                Sighting(trigger=TriggerName.PERMISSION_DENIED, line=decode(text)), indent
            )
        else:
            self._judge_setup(text, indent)
            self._failed = self._failed or sentences.FAILED.match(text) is not None

    def _is_raised_by_others(self) -> bool:
        """Whether nothing shows that the error is pip's: its own frames, or what it did before."""
        chain = self.tracebacks.open
        if chain is not None and (chain.is_pips or chain.is_foreign):
            return chain.is_foreign
        return not self._has_begun

    def _judge_progress(self, text: bytes, indent: int) -> None:
        if text.startswith(_COLLECTING):
            self._collecting = self._collecting or _OWN_PROGRESS.match(text) is not None
        elif text.startswith(b"Looking in "):
            self._looking = True
        elif text.startswith(sentences.INSTALLING):
            self.installing = True
            self._setup_py = self._setup_py or text.startswith(b"Running setup.py ")
        elif text.startswith(_SUCCEEDED):
            self._succeeded = True
        elif self._said_default is None and _DEFAULTING.match(text):
            line = sentences.DEFAULTING.decode()
            self._said_default = _Plain(
                Sighting(trigger=TriggerName.DEFAULT_TO_USER, line=line), indent
            )

    def _judge_inner(self, text: bytes, indent: int) -> None:
        """Indented words: a build's, a setup.py's that installs by itself, an old pip's."""
        if text.startswith(b"Running setup.py "):
            self._setup_py = True
        elif (found := sentences.EXCEPTION.match(text)) is not None:
            # Before 7.0 pip indented its own tracebacks by two.
            own = self.margin is not None and indent - self.margin <= _DEEPER
            chain = self.tracebacks.open
            pips = own and chain is not None and chain.is_pips
            form = _Form.EXCEPTION if pips else _Form.SETUP_EXCEPTION
            self._add(form, text, found[1], indent)
            self.tracebacks.end()
        else:
            self._judge_setup(text, indent)

    def _judge_setup(self, text: bytes, indent: int) -> None:
        found = _COULD_NOT.match(text) or _OLD_COULD_NOT.match(text)
        if found is not None:
            path, words = found.groups()[-2:]
            trigger = sentences.trigger_of_words(words)
            if trigger is not None:
                self._append(
                    _Candidate(
                        form=_Form.SETUP,
                        trigger=trigger,
                        line=decode(text),
                        paths=(paths.unescape(decode(path)),),
                        windows=False,
                        indent=indent,
                    )
                )
        elif (found := sentences.BARE_ERRNO.match(text)) is not None:
            self._add(_Form.SETUP, text, found[1], indent)

    def _add(self, form: _Form, text: bytes, rest: bytes, indent: int) -> None:
        trigger, windows = _trigger_of(rest, form)
        if trigger is None:
            return
        self._append(
            _Candidate(
                form=form,
                trigger=trigger,
                line=decode(text),
                paths=_paths_in(rest),
                windows=windows,
                indent=indent,
                chain=self.tracebacks.open if form is _Form.EXCEPTION else None,
            )
        )

    def _append(self, candidate: _Candidate) -> None:
        if len(self._candidates) >= _CANDIDATES:
            self._candidates = [c for c in self._candidates if not self._is_foreign(c)]
        self._seen += not self._is_foreign(candidate)
        if len(self._candidates) < _CANDIDATES and candidate not in self._candidates:
            self._candidates.append(candidate)

    def _is_foreign(self, candidate: _Candidate) -> bool:
        """Whether another program raised it, and its traceback is over."""
        chain = candidate.chain
        return chain is not None and self.tracebacks.is_done(chain) and chain.is_foreign

    # Weighing

    def _weigh(self) -> Sighting | None:
        """The first possible sign that is about a place pip installs to; best with a full path."""
        best: Sighting | None = None
        for candidate in self._candidates:
            sighting = self._accept(candidate)
            if sighting is None:
                continue
            if sighting.path is not None and paths.is_absolute(sighting.path):
                return sighting
            best = best or sighting
        return best

    def _accept(self, candidate: _Candidate) -> Sighting | None:
        if candidate.chain is not None and candidate.chain.is_foreign:
            return None
        # Of two paths the one that pip did not move aside says more.
        for path in sorted(candidate.paths, key=lambda path: paths.before_uninstall(path)[1]):
            absolute = paths.is_absolute(path)
            if self._fits(path, candidate) if absolute else self._fits_bare(path, candidate):
                place = paths.before_uninstall(path)[0] or path
                return Sighting(trigger=candidate.trigger, line=candidate.line, path=place)
        if not candidate.paths and self._fits_nameless(candidate):
            return Sighting(trigger=candidate.trigger, line=candidate.line)
        return None

    def _fits(self, path: str, candidate: _Candidate) -> bool:
        """Whether *path*, of an unknown machine, is a place that an install writes to."""
        reading = (self._collecting or self._looking) and not self.installing
        if reading and paths.is_read_by_pip(path):
            return False
        inner, uninstalled = paths.before_uninstall(path)
        shape = inner or path
        if candidate.windows and _may_be_in_use(shape, moved=uninstalled):
            return False
        if uninstalled and inner is None:
            return True
        if _is_setups(candidate):
            return self._fits_setup(shape, candidate)
        if paths.is_pip_temporary(shape):
            return False
        if not self._is_shown_as_pips(candidate) and not paths.is_site(shape):
            return paths.is_install_place(shape) and not paths.is_no_place(shape)
        # Where pip says itself that it could not install, anything may be the place.
        message = candidate.form is _Form.MESSAGE and not reading
        return paths.is_install_place(shape) or (
            (message or self.installing) and not paths.is_no_place(shape)
        )

    def _is_shown_as_pips(self, candidate: _Candidate) -> bool:
        """Whether more than the path shows that pip said it."""
        chain = candidate.chain
        if candidate.form is _Form.MESSAGE or (chain is not None and chain.is_pips):
            return True
        return self._has_begun

    def _fits_setup(self, path: str, candidate: _Candidate) -> bool:
        """Whether a setup.py that pip ran was to install to *path*."""
        if candidate.form is _Form.SETUP_EXCEPTION:
            return self._setup_py and paths.is_site(path)
        if self._by_hand:
            return False
        if candidate.line.startswith("error: "):
            return paths.is_site(path) or paths.is_data_of_a_prefix(path)
        # A bare errno can be any program's: setuptools tries the place with a file of its own.
        shown = self._collecting or self.installing or self._setup_py or "write-test" in path
        return shown and paths.is_site(path)

    def _fits_bare(self, path: str, candidate: _Candidate) -> bool:
        """Whether a bare name can be of what was installed: then pip was removing it."""
        if _is_setups(candidate) or "/" in path.rstrip("/") or "\\" in path:
            return False
        if self.installing or self._verbose_head:
            return True
        if candidate.form is not _Form.MESSAGE or self._collecting:
            return False
        return not paths.is_no_place(path)

    def _fits_nameless(self, candidate: _Candidate) -> bool:
        """Whether an error without any path came while pip installed."""
        match candidate.form:
            case _Form.MESSAGE:
                return self.installing or not self._collecting
            case _Form.EXCEPTION:
                chain = candidate.chain
                return self._verbose_head or (
                    self.installing and chain is not None and chain.is_pips
                )
            case _Form.SETUP | _Form.SETUP_EXCEPTION:
                return False


def _is_setups(candidate: _Candidate) -> bool:
    return candidate.form in {_Form.SETUP, _Form.SETUP_EXCEPTION}


def _trigger_of(rest: bytes, form: _Form) -> tuple[TriggerName | None, bool]:
    """The trigger in an error's text, and whether it is one of Windows' own errors."""
    found = _ERRNO.match(rest)
    if found is not None:
        windows = found["system"].lower() != b"errno"
        return sentences.TRIGGERS.get((windows, int(found["number"]))), windows
    if form is _Form.MESSAGE and _DENIED_IN_WORDS.match(rest):
        return TriggerName.PERMISSION_DENIED, False
    if form is _Form.MESSAGE and rest.startswith(b"Read-only file system"):
        return TriggerName.READ_ONLY, False
    return None, False


def _paths_in(rest: bytes) -> tuple[str, ...]:
    quoted = [paths.unescape(decode(q[2])) for q in sentences.QUOTED.finditer(rest)]
    quoted = [path.rstrip("`") for path in quoted]  # Markdown's, where pip's quote is missing
    told = tuple(path for path in quoted if path and not path.startswith("["))
    if not told and (found := _UNQUOTED.search(rest)) is not None:
        return (paths.unescape(decode(found[1])),)
    return told


def _may_be_in_use(path: str, *, moved: bool) -> bool:
    """Whether Windows may deny *path* because it runs, not because it is another's."""
    if not paths.is_program(path) or paths.is_administered(path):
        return False
    return moved or paths.is_loaded(path)
