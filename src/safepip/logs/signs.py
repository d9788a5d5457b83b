"""The signs in somebody's log by which pip says that it may not write.

Pure. ``Signs`` takes the sentences one by one: a sentence counts wherever it stands, unless it
stands deeper than pip's own words do (a build's words) or in another program's traceback.
``denials.py`` judges them. What is kept does not grow with the log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from safepip.logs import denials
from safepip.logs.denials import Form, Stage
from safepip.logs.tracebacks import Tracebacks
from safepip.model.triggers import Sighting, TriggerName
from safepip.reading import sentences
from safepip.reading.text import decode
from safepip.reading.triggers import TRIGGERS

if TYPE_CHECKING:
    from safepip.logs.denials import Denial
    from safepip.logs.lines import Sentence

_KEPT = 16
"""How many possible denials are remembered."""
_SEEN = 200
"""After so many of them, equal ones included, there is nothing new to learn from more."""
_DEEPER = 2
"""What is indented by so much more than pip's own words is not pip's own."""
_INSIDE = 4
"""How deep a build's words are taken to stand where the log has lost the indentation."""

_PLAIN = tuple(
    (name, re.compile(traits.in_log, re.IGNORECASE))
    for name, traits in TRIGGERS.items()
    if traits.in_log is not None
)
_ANY_PLAIN = re.compile(
    b"|".join((b"permissions", *(t.needles for t in TRIGGERS.values() if t.in_log))), re.IGNORECASE
)
_HINT = re.compile(
    rb"consider using the `?--user`? option or check the permissions|check the permissions\.?$",
    re.IGNORECASE,
)

_LOGGED = re.compile(rb"\W*(?:Arguments:|Logged from file)")
_OWN_PROGRESS = re.compile(
    rb"Collecting [A-Za-z0-9.\"'][^\s(]*(?:$|\s+[^a-z\s]|\s+from \S*/)"
    rb"|Processing (?:[./~]|[A-Za-z]:\\|\S+\.(?:whl|zip|tar))"
    rb"|Obtaining (?:file|git|http)|Downloading/unpacking |Installing collected packages"
    rb"|Successfully (?:un)?installed |Would install |Requirement already |Looking in (?:ind|lin)"
    rb"|Using pip \d|Building wheels? for |error: subprocess-exited|note: This error originates"
    rb"|ERROR: (?:Failed (?:building|to build) |Command errored out|Could not (?:build |find a ver)"
    rb"|No matching distr)"
)
"""Lines that nobody but pip writes: they show where its own words stand."""
_COLLECTING = (b"Collecting ", b"Processing ", b"Obtaining ", b"Downloading/unpacking ")
_BEGINS = (*_COLLECTING, *sentences.INSTALLING, b"Looking in ")
_SUCCEEDED = (b"Successfully installed", b"Would install")
_BUILD_FAILED = b"ERROR: Command errored out"
_BUILD_BEGINS = re.compile(
    # virtualenv quotes in the same way what pip said.
    rb"(?:\[(?=\d+ lines? of output)|Complete output )\(?(\d+)?(?!.*\bimport sys, pip\b)"
)
_BUILD_ENDS = re.compile(rb".*\[end of output\]|\s*-{10,}$")
_RAISED = re.compile(rb"[A-Za-z_][\w.]*(?:Error|Exception)\b")
"""The last line of any traceback."""


class _Plain(NamedTuple):
    sighting: Sighting
    indent: int


@dataclass(slots=True)
class Signs:
    """What the sentences of one run of pip show of the triggers."""

    margin: int | None = None
    """How far pip's own words are indented in this log; None before the first that is surely so."""
    stage: Stage = field(default_factory=Stage)
    tracebacks: Tracebacks = field(default_factory=Tracebacks)
    _failed: bool = False
    _said_default: _Plain | None = None
    _plain: _Plain | None = None
    _hint: _Plain | None = None
    _denials: list[Denial] = field(default_factory=list)
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
    def is_full(self) -> bool:
        """Whether no more possible denials would be remembered."""
        return len(self._denials) >= _KEPT or self._seen >= _SEEN

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
        stage = self.stage
        told = stage.asked and self._denials  # behind pip's error it is advice
        stage.by_hand = not (stage.collecting or stage.installing or stage.setup_py or told)

    def note_pips_setup(self) -> None:
        """The command by which pip runs a setup.py: whoever ran pip, the install is pip's."""
        self.stage.setup_py, self.stage.by_hand = True, False

    def end_with(self, title: Signs) -> None:
        """A traceback that lacks its last line ends with the error that *title* tells."""
        chain = self.tracebacks.open
        if chain is None or any(d.chain for d in self._denials):
            return
        told = [d for d in title._denials if d.form is Form.EXCEPTION]
        if chain.is_foreign and title is self:
            self._denials = [denial for denial in self._denials if denial not in told]
        elif chain.is_pips:
            self._denials += [denial._replace(chain=chain) for denial in told]

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
            self._judge_progress(text)
            self._judge_own(text, indent)

    def verdict(self) -> Sighting | None:
        """Which trigger the log shows; None for none."""
        self.end_with(self)
        denied = denials.first(self._denials, self.stage)
        if denied is not None:
            return denied
        if self._plain is not None:
            return self._plain.sighting
        if self._said_default is None or (self._failed and not self.stage.succeeded):
            return None
        # Where the log has kept nothing else, the sentence itself is enough.
        alone = self.margin is None and not self._failed
        shown = self.stage.collecting or self.stage.installing or alone
        return self._said_default.sighting if shown else None

    @property
    def hint(self) -> Sighting | None:
        """pip's advice against a denial, where the log has kept nothing else of the error."""
        return None if self._hint is None else self._hint.sighting

    # Where pip's own words stand

    def _note_margin(self, indent: int) -> None:
        if self.margin is not None and indent >= self.margin:
            return
        self.margin = indent
        self._denials = [d for d in self._denials if d.is_setups or not self.is_inner(d.indent)]
        self._plain = self._unless_inner(self._plain)
        self._said_default = self._unless_inner(self._said_default)
        self._hint = self._unless_inner(self._hint)

    def _unless_inner(self, plain: _Plain | None) -> _Plain | None:
        return None if plain is None or self.is_inner(plain.indent) else plain

    def _note_logging_error(self, text: bytes) -> bool:
        """Whether *text* belongs to the traceback of a log file that could not be written."""
        self.in_logging_error = self._logging_error
        if self._logging_error:
            self._logging_error = _LOGGED.match(text) is None
            return True
        self._logging_error = b"--- Logging error ---" in text
        return self._logging_error

    # Sentences

    def _judge_progress(self, text: bytes) -> None:
        stage = self.stage
        stage.is_done = stage.is_done and not text.startswith(_BEGINS)
        if text.startswith(_COLLECTING):
            stage.collecting = stage.collecting or _OWN_PROGRESS.match(text) is not None
        elif b"while executing command" in text:  # of what was to fetch or to build it
            stage.collecting = stage.started_nothing = True
        elif text.startswith(b"Looking in "):
            stage.looking = True
        elif text.startswith(sentences.INSTALLING):
            stage.installing = True
            stage.setup_py = stage.setup_py or text.startswith(b"Running setup.py ")
        elif text.startswith(_SUCCEEDED):
            stage.succeeded = stage.is_done = True

    def _judge_own(self, text: bytes, indent: int) -> None:
        if _ANY_PLAIN.search(text) is not None and self._judge_plain(text, indent):
            return
        form, found = denials.find_sentence(text) or (None, None)
        if form is not None and found is not None:
            self._judge_sentence(form, found, indent)
        if form in {None, Form.RETOLD} and self.tracebacks.open and _RAISED.match(text):
            self.is_others = self.tracebacks.open.is_foreign
            self.tracebacks.end()
        self._failed = self._failed or sentences.FAILED.match(text) is not None

    def _judge_plain(self, text: bytes, indent: int) -> bool:
        """Whether *text* says all without a path."""
        if _HINT.match(text):
            self._hint = self._hint or _plain(TriggerName.PERMISSION_DENIED, text, indent)
            self.stage.named = True
            return True
        for trigger, pattern in _PLAIN:
            if not pattern.match(text):
                continue
            if trigger is TriggerName.DEFAULT_TO_USER:
                default = _plain(trigger, sentences.DEFAULTING, indent)
                self._said_default = self._said_default or default
            else:
                self._plain = self._plain or _plain(trigger, text, indent)
                self._failed = True
            return True
        return False

    def _judge_sentence(self, form: Form, found: re.Match[bytes], indent: int) -> None:
        match form:
            case Form.MESSAGE:
                self._failed = True
                self._seen += 1
                self.stage.verbose_head = self.stage.verbose_head or not found["rest"]
                self._keep(denials.read(form, found, indent))
            case Form.EXCEPTION | Form.SETUP_EXCEPTION:
                self._failed = True
                chain = self.tracebacks.open
                self.is_others = not self.stage.has_begun or self.stage.is_done
                self._keep(denials.read(form, found, indent, chain))
                if chain is not None and (chain.is_pips or chain.is_foreign):
                    self.is_others = chain.is_foreign
                self.tracebacks.end()
            case Form.SETUP:
                self._keep(denials.read(form, found, indent))
            case Form.RETOLD:
                form = Form.SETUP if self.stage.setup_py else form
                self.is_others = not self.stage.has_begun
                self._keep(denials.read(form, found, indent, self.tracebacks.open))

    def _judge_inner(self, text: bytes, indent: int) -> None:
        """Indented words: a build's, a setup.py's that installs by itself, an old pip's."""
        if text.startswith(b"Running setup.py "):
            self.stage.setup_py = True
        elif text.startswith(_BUILD_FAILED):
            self._failed = True
        elif (sentence := denials.find_sentence(text)) is not None:
            form, found = sentence
            # Before 7.0 pip indented its own tracebacks by two; what is copied may begin in a line.
            own = self.margin is not None and indent - self.margin <= _DEEPER
            if form is Form.EXCEPTION:
                chain = self.tracebacks.open
                if not (own and chain is not None and chain.is_pips):
                    form, chain = Form.SETUP_EXCEPTION, None
                self._keep(denials.read(form, found, indent, chain))
                self.tracebacks.end()
            elif own and form is Form.MESSAGE and self.stage.installing:
                self._keep(denials.read(form, found, indent))
            elif form is Form.SETUP or self.stage.setup_py:
                self._keep(denials.read(Form.SETUP, found, indent))

    def _keep(self, denial: Denial | None) -> None:
        if denial is None or (self.stage.is_done and not denial.is_surely_pips):
            return
        if len(self._denials) >= _KEPT:
            self._denials = [d for d in self._denials if not self._is_over(d)]
        self._seen += not self._is_over(denial)
        denial = denial._replace(is_early=not self.stage.has_begun)
        if len(self._denials) < _KEPT and denial not in self._denials:
            self._denials.append(denial)

    def _is_over(self, denial: Denial) -> bool:
        """Whether another program raised it, and its traceback is over."""
        chain = denial.chain
        return chain is not None and self.tracebacks.is_done(chain) and chain.is_foreign


def _plain(trigger: TriggerName, text: bytes, indent: int) -> _Plain:
    return _Plain(Sighting(trigger=trigger, line=decode(text)), indent)
