"""The table of triggers."""

from __future__ import annotations

from safepip.model.triggers import TriggerName
from safepip.reading.triggers import LAST_WORDS, TRIGGERS


def test_every_trigger_has_a_row() -> None:
    assert set(TRIGGERS) == set(TriggerName)


def test_pips_last_words_come_with_and_without_their_prefix() -> None:
    assert b"ERROR: Could not install packages due to an " in LAST_WORDS
    assert b"Could not install packages due to an " in LAST_WORDS
    assert b"error: externally-managed-environment" in LAST_WORDS
    assert len(LAST_WORDS) == len(set(LAST_WORDS))
