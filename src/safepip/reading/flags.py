"""Checks the words that follow one of safepip's own verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.model.errors import UsageError
from safepip.model.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable


def check(verb: str, words: Iterable[str], *allowed: str) -> None:
    """Pass if *words* hold nothing but what is *allowed*.

    Raises:
        UsageError: one is something else; it names the first.
    """
    wrong = next((word for word in words if word not in allowed), None)
    if wrong is not None:
        raise UsageError(Problem.UNKNOWN_WORD, verb=verb, word=wrong, allowed=allowed)
