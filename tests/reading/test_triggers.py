"""The table of triggers."""

from __future__ import annotations

import re

from safepip.logs.signs import _ANY_PLAIN
from safepip.model.triggers import TriggerName
from safepip.reading.sentences import DEFAULTING
from safepip.reading.triggers import LAST_WORDS, TRIGGERS


def test_every_trigger_has_a_row() -> None:
    assert set(TRIGGERS) == set(TriggerName)


def test_pips_last_words_come_with_and_without_their_prefix() -> None:
    assert b"ERROR: Could not install packages due to an " in LAST_WORDS
    assert b"Could not install packages due to an " in LAST_WORDS
    assert b"error: externally-managed-environment" in LAST_WORDS
    assert len(LAST_WORDS) == len(set(LAST_WORDS))


def test_what_begins_a_line_of_pips_is_found_in_a_log() -> None:
    in_logs = [traits for traits in TRIGGERS.values() if traits.in_log]
    assert len(in_logs) > 3
    for traits in in_logs:
        assert traits.needles, "or every line of every log is looked at"
        for head in traits.heads or (DEFAULTING,):
            assert re.search(traits.in_log or b"", head, re.IGNORECASE), head
            assert _ANY_PLAIN.search(head), head
