"""Every message, help text and chapter is plain to read: short sentences, common words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import safepip
from safepip.wording import ailments, errors
from safepip.wording import help as help_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
LONGEST = 30
AVOID = (
    r"mend(s|ed)?", r"divert(s|ing)?", r"whilst", r"thus", r"hence", r"utili[sz]e",
    r"in order to", r"leverage", r"upon", r"byte for byte", r"simply", r"obviously", r"please",
    r"and kin", r"aforementioned", r"via", r"e\\.g\\.", r"i\\.e\\.", r"is possible",
    r"anew", r"of pip's", r"as well as", r"with regard to", r"functionality", r"performant",
)  # fmt: skip
"""Rare, vague or foreign to a reader; most have a common word that says the same."""


def _texts() -> Iterator[tuple[str, str]]:
    """Everything that a user reads, by where it stands."""
    yield "sentences.txt", Path(__file__).with_name("sentences.txt").read_text(encoding="utf-8")
    yield "safepip --help", help_texts.OWN
    for verb, text in help_texts.VERBS.items():
        yield f"safepip {verb} --help", text
    for problem, row in errors.ROWS.items():
        yield f"error {problem.value}", f"{row.what}. {row.lead}."
    for ailment, told in ailments.ROWS.items():
        yield f"doctor {ailment.value}", f"{told.what} {told.why} {told.lead}."
    for chapter in sorted((Path(safepip.__file__).parent / "guide").glob("*.md")):
        yield chapter.name, chapter.read_text(encoding="utf-8")
    if (ROOT / "README.md").is_file():
        yield "README.md", (ROOT / "README.md").read_text(encoding="utf-8")


def _prose(text: str) -> str:
    """Without code, tables and the marks of Markdown; what stands apart ends a sentence."""
    text = re.sub(r"(?ms)^```.*?^```", "\n", text)
    lines = []
    for line in text.splitlines():
        if line.startswith(("    ", "|", "#", "[", "usage:")) or re.match(r"  \S", line):
            lines.append("")
        elif re.match(r"\s*([-*]|\d+\.) ", line):
            lines += ["", re.sub(r"^\s*([-*]|\d+\.) ", "", line)]
        else:
            lines.append(line)
    return "\n".join(lines)


def sentences(text: str) -> list[str]:
    """The sentences of *text*, each on one line."""
    found = []
    for paragraph in re.split(r"\n\s*\n", _prose(text)):
        whole = " ".join(paragraph.split())
        found += [one for one in re.split(r"(?<=[.!?:;])\s+", whole) if one]
    return found


every = pytest.mark.parametrize(("name", "text"), list(_texts()), ids=[n for n, _ in _texts()])


@every
def test_no_sentence_is_long(name: str, text: str) -> None:
    long = [one for one in sentences(text) if len(one.split()) > LONGEST]
    assert not long


@every
def test_common_words_are_used(name: str, text: str) -> None:
    found = [
        (word, line)
        for word in AVOID
        for line in _prose(text).splitlines()
        if re.search(rf"\b{word}\b", line, re.IGNORECASE)
    ]
    assert not found


def test_the_reading_sees_what_it_is_to_find() -> None:
    long = " ".join(["word"] * 31) + "."
    text = f"One. Two\nlines: three.\n\n```sh\n{long}\n```\n| {long} |\n\n{long}\n"
    assert sentences(text) == ["One.", "Two lines:", "three.", long]
