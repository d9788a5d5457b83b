"""Which rows of a table a line may be about, by short words that it has to hold: in one search."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable


class Row(Protocol):
    """A row of such a table."""

    @property
    def needles(self) -> tuple[bytes, ...]:
        """Every line that may show it holds one of these."""


R = TypeVar("R", bound=Row)


def any_of(texts: Iterable[bytes]) -> re.Pattern[bytes]:
    """A pattern for any of *texts*; those that begin alike stand together: three times as fast."""
    by_first: dict[bytes, list[bytes]] = {}
    for text in sorted(texts, key=len, reverse=True):  # none hides a longer one
        by_first.setdefault(text[:1], []).append(re.escape(text[1:]))
    together = (re.escape(b) + b"(?:" + b"|".join(ends) + b")" for b, ends in by_first.items())
    return re.compile(b"|".join(together))


class Needles(Generic[R]):
    """The needles of all rows of a table."""

    def __init__(self, rows: Iterable[R]) -> None:
        self._rows: dict[bytes, list[tuple[int, R]]] = {}
        for number, row in enumerate(rows):
            for needle in row.needles:
                self._rows.setdefault(needle, []).append((number, row))
        self._search = any_of(self._rows).findall

    def rows(self, text: bytes) -> list[R]:
        """The rows that *text* may be about, in the table's order."""
        found = self._search(text)
        if not found:
            return []
        hits = dict(hit for needle in found for hit in self._rows[needle])
        return [hits[number] for number in sorted(hits)]


_PIECE = re.compile(r"\\(?P<escaped>\W)|\\.|\[(?:\\.|[^\]])+\]|.", re.DOTALL)


def needle_of(sign: str) -> bytes:
    """The longest text that every line holds which *sign*, a pattern, matches."""
    runs, depth = [""], 0
    for piece in _PIECE.finditer(sign):
        text = piece["escaped"] or piece[0]
        depth += (piece[0] == "(") - (piece[0] == ")")
        if piece[0] in {"?", "*"}:
            runs[-1] = runs[-1][:-1]  # what stands before it need not be there
        if len(text) > 1 or depth or piece[0] in set("()?*+.^$"):
            runs.append("")
        else:
            runs[-1] += text
    return max(runs, key=len).encode()
