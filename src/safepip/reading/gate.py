"""Decides, as pip's bytes stream by, which of them may be shown now.

Everything passes at once and unchanged, but for three things: the sentence by which pip says that
it defaults to the user site, with what follows it on the same stream until the first sign that pip
is about to install something; and pip's last words when it cannot write, which are held to the end
of the run. What is held is given back in pip's order; only ``resume`` drops that one sentence, if
it was not shown before: a slow index, or a question, shows it with what follows it.

Nothing here reads a clock: the caller says when nothing came for a while.
"""

from __future__ import annotations

import functools
import re
from enum import Enum, auto

from safepip.model.triggers import Stream
from safepip.reading.held import CSI, At, Held, Kind, Lane, is_sentence_head
from safepip.reading.sentences import DEFAULTING, FIRST_BYTES, begins_nothing
from safepip.reading.triggers import LAST_WORDS

_SIGNS = (
    b"Collecting ",
    b"Processing ",
    b"Obtaining ",
    b"Installing collected packages",
    b"Running setup.py install",
)
"""Heads of the stdout lines that say: something will be installed."""

_LIMIT = 1_000_000
"""How many bytes are held at most."""

_HEAD_LIMIT = 256
"""No head is longer, colours included: what is still undecided then is an ordinary line."""

_UNFINISHED_CSI = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*)?\Z")
_LEADING_CSI = re.compile(rb"(?:\x1b\[[0-?]*[ -/]*[@-~])*")
_NEWLINE = re.compile(rb"\n")


class _Phase(Enum):
    """What stdout is watched for, and whether it passes meanwhile."""

    BEFORE = auto()
    """Passes; watched for the sentence."""
    HOLDING = auto()
    """Held; watched for a sign (and for the sentence, if held from the start)."""
    LOOSE = auto()
    """Passes again, since holding took too long; still watched for a sign."""
    PAUSED = auto()
    """Held; a sign stands, the caller has to decide."""
    FREE = auto()
    """Passes; nothing more is watched for."""


class _Is(Enum):
    """What the beginning of a line shows."""

    UNDECIDED = auto()
    ORDINARY = auto()
    SENTENCE = auto()
    SIGN = auto()
    ERROR = auto()


class Gate:
    """Holds back the few bytes that must not be shown before a decision is made.

    Feed it what pip writes, in the order of arrival and cut anywhere; what ``feed`` returns may be
    shown. While ``wants_pause`` holds, pip should stand still until the caller either calls
    ``resume`` or ends pip and throws the gate away.
    """

    def __init__(
        self,
        *,
        hold_from_start: bool = False,
        watch_line: bool = True,
        hold_errors: bool = True,
        last_words: tuple[bytes, ...] = LAST_WORDS,
    ) -> None:
        """Args say what is held.

        Args:
            hold_from_start: stdout is held, and a sign watched for, from the first byte on: it is
                known beforehand that pip cannot write.
            watch_line: pip's sentence starts the holding.
            hold_errors: pip's last words are held to the end of the run.
            last_words: The heads of the lines with which these begin.
        """
        self._phase = _Phase.BEFORE if watch_line else _Phase.FREE
        if hold_from_start:
            self._phase = _Phase.HOLDING
        self._watch_line = watch_line
        self._hold_errors = hold_errors
        self._last_words = last_words
        self._before_last = _heads_of(last_words)
        self._before_any = _heads_of((*last_words, *_SIGNS, DEFAULTING))
        self._held = Held()
        self.seen_line = False
        """pip's sentence was seen."""

    @property
    def wants_pause(self) -> bool:
        """Whether a sign of an install to come stands and nothing was decided on it yet."""
        return self._phase is _Phase.PAUSED

    def feed(self, stream: Stream, data: bytes) -> bytes:
        """Take what pip wrote on *stream*; return what of that stream may be shown now."""
        lane = self._held.lanes[stream]
        if self._passes(stream, lane, data):
            return data
        out = bytearray()
        rest = memoryview(data)
        while rest:
            if lane.failing:
                self._held.hold(stream, Kind.ERROR, rest)
                break
            if lane.at is At.HEAD:
                taken = self._take_head(stream, lane, bytes(rest[: _line_end(rest)]), out)
            elif lane.at is At.SIGN:
                taken = self._take_sign(stream, lane, bytes(rest[: _line_end(rest)]))
            else:
                taken = self._take_body(stream, lane, rest, out)
            rest = rest[taken:]
        if self._held.size > _LIMIT:
            # Too much is held: give up on what this stream held.
            lane.failing = False
            if self._phase is _Phase.HOLDING:
                self._phase = _Phase.LOOSE
            lane.shown = len(lane.head) if lane.at is At.HEAD else 0
            out += self._held.give_up(stream)
        return bytes(out)

    def _passes(self, stream: Stream, lane: Lane, data: bytes) -> bool:
        """Whether *data* passes as it is: in the middle of a build's output, which may be long.

        Then *lane* stands at its end.
        """
        heads = self._heads(stream)
        if not data or lane.failing or lane.head or lane.at is At.SIGN or self._held.size > _LIMIT:
            return False
        if stream is not Stream.ERR and self._phase in {_Phase.HOLDING, _Phase.PAUSED}:
            return False
        if heads is None:
            return lane.at is At.BODY
        if lane.at is At.HEAD and data[0] in heads.first:
            return False
        dull = heads.usual and begins_nothing(data)
        if not dull and heads.inside.search(data) is not None:
            return False
        lane.at = At.HEAD if data.endswith(b"\n") else At.BODY
        return True

    def resume(self) -> tuple[tuple[Stream, bytes], ...]:
        """Let pip go on: give what stdout held, in order, without the sentence.

        From now on stdout passes. pip's last words on stderr are kept.
        """
        self._phase = _Phase.FREE
        for lane in self._held.lanes.values():
            if lane.at is At.SIGN:
                self._end_head(lane, At.BODY)
        given = self._held.release(Kind.TEXT, Kind.HEAD)
        self._held.release(Kind.SENTENCE)
        return given

    def idle(self) -> tuple[tuple[Stream, bytes], ...]:
        """Say that nothing came for a moment: an unfinished line may be a prompt.

        Give what is held if its last line is unfinished; stdout then passes, while the sign is
        still watched for.
        """
        if self._phase is _Phase.HOLDING and self._stdout_is_unfinished():
            return self.overdue()
        return self._held.release(Kind.HEAD)

    def overdue(self) -> tuple[tuple[Stream, bytes], ...]:
        """Say that something has been held for long: give it, the sentence first if it is among it.

        stdout then passes, while the sign is still watched for. An unfinished sign counts as a
        sign: it asks for the pause. The sentence alone can wait.
        """
        if self._phase is not _Phase.HOLDING:
            return self._held.release(Kind.HEAD)
        for lane in self._held.lanes.values():
            if lane.at is At.SIGN:
                self._ask(lane, At.BODY)
                return ()
        if all(entry.kind is Kind.SENTENCE for entry in self._held.pieces):
            return ()
        self._phase = _Phase.LOOSE
        return self._held.release(Kind.TEXT, Kind.HEAD, Kind.SENTENCE)

    def held(self) -> tuple[tuple[Stream, bytes], ...]:
        """Give all that is still held, in order, at the end of the run.

        The sentence is among it if it was never decided on: bytes then equal bare pip's.
        """
        self._phase = _Phase.FREE
        given = self._held.release(*Kind, keep_sentence_head=False)
        for lane in self._held.lanes.values():
            lane.failing = False
            self._end_head(lane, At.BODY)
        return given

    # One line's parts

    def _take_head(self, stream: Stream, lane: Lane, piece: bytes, out: bytearray) -> int:
        lane.head += piece
        text = bytes(lane.head)
        verdict = self._judge(stream, text)
        if verdict is _Is.UNDECIDED:
            self._held.hold(stream, Kind.HEAD, piece)
            return len(piece)
        self._held.forget_head(stream)
        fresh = text[lane.shown :]
        match verdict:
            case _Is.SENTENCE:
                self._found_sentence(stream, fresh, out)
            case _Is.SIGN:
                self._held.hold(stream, Kind.TEXT, fresh)
                lane.at = At.SIGN
                if text.endswith(b"\n"):
                    self._ask(lane, At.HEAD)
                return len(piece)
            case _Is.ERROR:
                lane.failing = True
                self._held.hold(stream, Kind.ERROR, fresh)
            case _Is.ORDINARY:
                if self._phase is _Phase.BEFORE and CSI.sub(b"", text).startswith(_SIGNS):
                    self._phase = _Phase.FREE  # pip's sentence never comes after a sign
                # The line's end is left to the body, which finds the next head fast.
                end = text.endswith(b"\n")
                self._put(stream, fresh[: len(fresh) - end], out)
                self._end_head(lane, At.BODY)
                return len(piece) - end
        self._end_head(lane, At.HEAD if text.endswith(b"\n") else At.BODY)
        return len(piece)

    def _take_sign(self, stream: Stream, lane: Lane, piece: bytes) -> int:
        self._held.hold(stream, Kind.TEXT, piece)
        if piece.endswith(b"\n"):
            self._ask(lane, At.HEAD)
        return len(piece)

    def _take_body(self, stream: Stream, lane: Lane, rest: memoryview, out: bytearray) -> int:
        """Skip to the next line that could be of interest, without looking at each."""
        heads = self._heads(stream)
        found = None if heads is None else heads.before.search(rest)
        if found is None:
            self._put(stream, rest, out)
            return len(rest)
        self._put(stream, rest[: found.end()], out)
        lane.at = At.HEAD
        return found.end()

    def _heads(self, stream: Stream) -> _Heads | None:
        """What a line of interest may begin with; None: none can."""
        errors = self._hold_errors and stream is not Stream.OUT
        if stream is Stream.ERR or self._phase in {_Phase.PAUSED, _Phase.FREE}:
            return self._before_last if errors else None
        return self._before_any

    def _judge(self, stream: Stream, head: bytes) -> _Is:
        head = head[:_HEAD_LIMIT]
        # In this order: what stands before a sequence that is taken out does not begin one.
        unfinished = _UNFINISHED_CSI.search(head)
        text = CSI.sub(b"", head if unfinished is None else head[: unfinished.start()])
        verdicts = []
        if stream is not Stream.ERR:
            verdicts += [self._judge_sentence(text), self._judge_sign(text)]
        if stream is not Stream.OUT and self._hold_errors:
            verdicts.append(_judge_heads(text, self._last_words, _Is.ERROR))
        for verdict in verdicts:
            if verdict not in {_Is.ORDINARY, _Is.UNDECIDED}:
                return verdict
        if _Is.UNDECIDED in verdicts and len(head) < _HEAD_LIMIT:
            return _Is.UNDECIDED
        return _Is.ORDINARY

    def _judge_sentence(self, text: bytes) -> _Is:
        watched = self._phase is _Phase.BEFORE or (
            self._phase in {_Phase.HOLDING, _Phase.LOOSE}
            and self._watch_line
            and not self.seen_line
        )
        if not watched:
            return _Is.ORDINARY
        if text.endswith(b"\n"):
            return _Is.SENTENCE if text.rstrip(b"\r\n") == DEFAULTING else _Is.ORDINARY
        if DEFAULTING.startswith(text.rstrip(b"\r") if len(text) > len(DEFAULTING) else text):
            return _Is.UNDECIDED
        return _Is.ORDINARY

    def _judge_sign(self, text: bytes) -> _Is:
        if self._phase is _Phase.BEFORE:
            # A sign ends the watching, but is shown: only whether it is one must be known.
            unfinished = any(sign.startswith(text) for sign in _SIGNS if sign != text)
            return _Is.UNDECIDED if unfinished else _Is.ORDINARY
        if self._phase not in {_Phase.HOLDING, _Phase.LOOSE}:
            return _Is.ORDINARY
        return _judge_heads(text, _SIGNS, _Is.SIGN)

    def _found_sentence(self, stream: Stream, fresh: bytes, out: bytearray) -> None:
        self.seen_line = True
        escapes = _LEADING_CSI.match(fresh)
        start = 0 if escapes is None else escapes.end()
        self._put(stream, fresh[:start], out)
        if self._phase in {_Phase.BEFORE, _Phase.LOOSE}:
            self._phase = _Phase.HOLDING
        if fresh[start:].rstrip(b"\r\n") == DEFAULTING:
            self._held.hold(stream, Kind.SENTENCE, fresh[start:])
        else:  # its beginning was shown, so the end has to follow
            self._put(stream, fresh[start:], out)

    def _ask(self, lane: Lane, at: At) -> None:
        self._phase = _Phase.PAUSED
        self._end_head(lane, at)

    @staticmethod
    def _end_head(lane: Lane, at: At) -> None:
        lane.at = at
        lane.head = bytearray()
        lane.shown = 0

    def _put(self, stream: Stream, data: bytes | memoryview, out: bytearray) -> None:
        """Show *data*, or hold it where its stream is held."""
        if stream is not Stream.ERR and self._phase in {_Phase.HOLDING, _Phase.PAUSED}:
            self._held.hold(stream, Kind.TEXT, data)
        else:
            out += data

    def _stdout_is_unfinished(self) -> bool:
        for stream in (Stream.OUT, Stream.BOTH):
            lane = self._held.lanes[stream]
            if lane.at is not At.HEAD or (lane.head and not is_sentence_head(lane.head)):
                return not lane.failing
        return False


def _line_end(rest: memoryview) -> int:
    found = _NEWLINE.search(rest)
    return len(rest) if found is None else found.end()


class _Heads:
    """How lines of interest begin: with one of some texts, or an escape sequence.

    Attributes:
        first: Their first bytes.
        usual: ``begins_nothing`` looks for these, too.
        inside: The line's end before one.
        before: That, or the end of all, where one may follow.
    """

    __slots__ = ("before", "first", "inside", "usual")

    def __init__(self, texts: tuple[bytes, ...]) -> None:
        self.first = b"".join(sorted({text[:1] for text in texts} | {b"\x1b"}))
        self.usual = set(self.first) <= set(FIRST_BYTES)
        # Whole, or as far as it came: cut short by the end, or by an escape sequence in its middle.
        whole = b"|".join(re.escape(text) for text in (*texts, b"\x1b"))
        longest = max(map(len, texts)) - 1
        begun = rb"[%b][^\n\x1b]{0,%d}(?:\x1b|\Z)" % (re.escape(self.first), longest)
        one = rb"\n(?=" + whole + rb"|" + begun
        self.inside = re.compile(one + rb")")
        self.before = re.compile(one + rb"|\Z)")


@functools.cache
def _heads_of(texts: tuple[bytes, ...]) -> _Heads:
    return _Heads(texts)


def _judge_heads(text: bytes, heads: tuple[bytes, ...], verdict: _Is) -> _Is:
    if text.startswith(heads):
        return verdict
    if any(head.startswith(text) for head in heads):
        return _Is.UNDECIDED
    return _Is.ORDINARY
