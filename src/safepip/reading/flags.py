"""Splits the words that follow one of safepip's own verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.model.errors import UsageError
from safepip.model.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

_EXCLUSIVE = (("--activate", "--no-activate"), ("--install", "--uninstall"))


def split(
    verb: str, words: Sequence[str], *allowed: str, names: int | None = 0
) -> tuple[frozenset[str], list[str]]:
    """The flags among *words* and the other words, of which there may be *names*; None: any number.

    Raises:
        UsageError: a flag is not *allowed*, two exclude each other, or there is a word too many.
    """
    flags = frozenset(word for word in words if word.startswith("-"))
    rest = [word for word in words if word not in flags]
    extra = [] if names is None else rest[names:]
    wrong = next((word for word in words if word in {*flags, *extra} - {*allowed}), None)
    if wrong is not None:
        problem = Problem.UNKNOWN_WORD if wrong in flags else Problem.EXTRA_WORD
        raise UsageError(problem, verb=verb, word=wrong, allowed=allowed)
    for one, other in _EXCLUSIVE:
        if {one, other} <= flags:
            raise UsageError(Problem.EXCLUSIVE_OPTIONS, verb=verb, one=one, other=other)
    return flags, rest
