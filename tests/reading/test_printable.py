"""What comes from outside is shown, and does nothing."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepip.reading.printable import acts, escape


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m", id="a colour"),
        pytest.param("\x1b]0;title\x07", r"\x1b]0;title\x07", id="a title"),
        pytest.param("a\x9b2Jb", r"a\u009b2Jb", id="the same by one byte"),
        pytest.param("a\rb", r"a\x0db", id="back to the beginning of the line"),
        pytest.param("a\nsafepip: b", r"a\x0asafepip: b", id="a line of its own"),
        pytest.param("a\x7f", r"a\u007f", id="delete"),
        pytest.param("\u202egnp.exe", r"\u202egnp.exe", id="right to left"),
        pytest.param("a\u2067b\u2069", r"a\u2067b\u2069", id="an isolate"),
        pytest.param("a\u2028b", r"a\u2028b", id="a line separator"),
        pytest.param("a\udcffb", r"a\xffb", id="a byte that is no text"),
        pytest.param("a\U000e0041", r"a\U000e0041", id="an invisible tag"),
    ],
)
def test_escapes(text: str, shown: str) -> None:
    assert acts(text)
    assert escape(text) == shown
    assert not acts(shown)


@pytest.mark.parametrize(
    "text", ["plain", "ünï → 日本", "שלום", "a\\b", "two words", "👩\u200d💻", "a\u200cb"]
)
def test_leaves_alone(text: str) -> None:
    assert escape(text) == text


def test_what_is_the_writers_own_stays() -> None:
    assert escape("a\n\tb\r", keep="\n\t") == "a\n\tb\\x0d"


@given(st.text())
def test_nothing_that_acts_is_left(text: str) -> None:
    shown = escape(text)
    assert escape(shown) == shown
    for character in shown:
        assert unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}
        assert unicodedata.bidirectional(character) not in {
            "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI",
        }  # fmt: skip


@given(st.text())
def test_json_stays_json(text: str) -> None:
    for ascii_only in (True, False):
        written = json.dumps([text], ensure_ascii=ascii_only)
        assert json.loads(escape(written, keep="\n")) == json.loads(written)
