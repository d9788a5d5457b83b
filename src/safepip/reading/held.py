"""What is held back of pip's bytes, in the order in which they came."""

from __future__ import annotations

import re
from enum import Enum, auto

from safepip.model.triggers import Stream
from safepip.reading.sentences import DEFAULTING

_NO_PROMPT = len(b"Defaulting to user")
"""From so many bytes on, a beginning of the sentence cannot be a prompt's."""

CSI = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]")


class Kind(Enum):
    """What a held piece is."""

    TEXT = auto()
    HEAD = auto()
    """The beginning of a line that can still become anything."""
    SENTENCE = auto()
    ERROR = auto()


class At(Enum):
    """Where in its line a stream stands."""

    HEAD = auto()
    """At its beginning; what the line is, is not known yet."""
    BODY = auto()
    """In a line without interest."""
    SIGN = auto()
    """In a line that begins with a sign; its end is waited for."""


class _Piece:
    """A piece that is held."""

    __slots__ = ("data", "kind", "stream")

    def __init__(self, stream: Stream, kind: Kind, data: bytearray) -> None:
        self.stream = stream
        self.kind = kind
        self.data = data


class Lane:
    """One stream's place in its line.

    Attributes:
        head: The line so far, while it is undecided or a sign.
        shown: How much of ``head`` was let out by ``idle`` already.
        failing: pip's last words began: all that follows is held.
    """

    __slots__ = ("at", "failing", "head", "shown")

    def __init__(self) -> None:
        self.at = At.HEAD
        self.head = bytearray()
        self.shown = 0
        self.failing = False


class Held:
    """The pieces that are held, and where in its line each stream stands."""

    def __init__(self) -> None:
        self.lanes = {stream: Lane() for stream in Stream}
        self.pieces: list[_Piece] = []
        self.size = 0

    def hold(self, stream: Stream, kind: Kind, data: bytes | memoryview) -> None:
        """Hold *data*, which *stream* brought."""
        if not data:
            return
        self.size += len(data)
        if self.pieces and self.pieces[-1].stream is stream and self.pieces[-1].kind is kind:
            self.pieces[-1].data += data
        elif kind is Kind.HEAD and (entry := self._head_of(stream)) is not None:
            entry.data += data
        else:
            self.pieces.append(_Piece(stream, kind, bytearray(data)))

    def _head_of(self, stream: Stream) -> _Piece | None:
        heads = (entry for entry in self.pieces if entry.kind is Kind.HEAD)
        return next((entry for entry in heads if entry.stream is stream), None)

    def forget_head(self, stream: Stream) -> None:
        """Take a line's beginning out of the queue: it is decided on now."""
        entry = self._head_of(stream)
        if entry is not None:
            self.size -= len(entry.data)
            self.pieces.remove(entry)

    def release(
        self, *kinds: Kind, keep_sentence_head: bool = True
    ) -> tuple[tuple[Stream, bytes], ...]:
        """Give what is held of *kinds*, in order.

        *keep_sentence_head*: not what can still become pip's sentence.
        """
        given: list[tuple[Stream, bytes]] = []
        kept: list[_Piece] = []
        for entry in self.pieces:
            lane = self.lanes[entry.stream]
            if entry.kind not in kinds or (
                keep_sentence_head and entry.kind is Kind.HEAD and is_sentence_head(lane.head)
            ):
                kept.append(entry)
                continue
            if entry.kind is Kind.HEAD:
                if any(one.stream is entry.stream for one in kept):
                    kept.append(entry)  # what came before it stays, as a sign does in a pause
                    continue
                lane.shown = len(lane.head)
            self.size -= len(entry.data)
            if given and given[-1][0] is entry.stream:
                given[-1] = (entry.stream, given[-1][1] + bytes(entry.data))
            else:
                given.append((entry.stream, bytes(entry.data)))
        self.pieces = kept
        return tuple(given)

    def give_up(self, stream: Stream) -> bytes:
        """Give all that *stream* held."""
        given = b"".join(bytes(one.data) for one in self.pieces if one.stream is stream)
        self.pieces = [one for one in self.pieces if one.stream is not stream]
        self.size -= len(given)
        return given


def is_sentence_head(head: bytes | bytearray) -> bool:
    """Whether *head* is a beginning of pip's sentence, and no prompt."""
    text = CSI.sub(b"", bytes(head)).rstrip(b"\r")
    return len(text) >= _NO_PROMPT and DEFAULTING.startswith(text)
