"""What --help says, for the whole and for each verb, and that it keeps up with the code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from safepip import cli
from safepip.model.decisions import Strategy
from safepip.shells import texts
from safepip.verbs import init, path
from safepip.wording import help as help_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

every = pytest.mark.parametrize("verb", cli.OWN_VERBS)


def test_the_whole_names_every_verb_option_and_strategy() -> None:
    for word in (*cli.OWN_VERBS, *cli.OWN_OPTIONS, *(one.value for one in Strategy)):
        assert re.search(rf"^  +{re.escape(word)}\b", help_texts.OWN, re.MULTILINE), word


@every
@pytest.mark.parametrize("words", [["--help"], ["-h"]], ids=" ".join)
def test_each_verb_has_its_own(
    verb: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([verb, *words]) == 0
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == (help_texts.VERBS[verb], "")
    assert re.match(rf"usage: safepip {verb}\b", shown.out)
    assert max(map(len, shown.out.splitlines())) <= 100


@every
def test_it_explains_each_option_that_its_usage_names(verb: str) -> None:
    usage, _, rest = help_texts.VERBS[verb].partition("\n\n")
    for option in re.findall(r"--[a-z-]+", usage):
        assert re.search(rf"^  {option}\b", rest, re.MULTILINE), option


@pytest.mark.parametrize(
    ("verb", "options"), [("init", init.FLAGS), ("path", path.OPTIONS)], ids=["init", "path"]
)
def test_it_names_what_the_verb_takes(verb: str, options: Sequence[str]) -> None:
    text = help_texts.VERBS[verb]
    assert set(re.findall(r"^  (--[a-z-]+) ", text, re.MULTILINE)) == set(options)
    assert set(options) <= set(re.findall(r"--[a-z-]+", text.partition("\n\n")[0]))


def test_init_names_every_shell() -> None:
    words = re.findall(r"\w+", help_texts.VERBS["init"])
    assert {shell.value for shell in texts.SHELLS} <= set(words)


@pytest.mark.parametrize("line", ["init --nonsense", "path --nonsense", "settings --nonsense"])
def test_a_wrong_word_leads_there(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    verb, _, word = line.partition(" ")
    assert cli.main([verb, word]) == 64
    said = capsys.readouterr().err
    assert f"Unknown option {word}" in said
    assert f"safepip {verb} --help" in said


def test_behind_plan_help_may_be_pips(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["plan", "install", "--help"]) == 0
    assert "usage:" not in capsys.readouterr().out
