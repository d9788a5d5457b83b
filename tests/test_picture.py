"""The picture of the README shows safepip's words as they are today.

``.venv/bin/python -m scripts.picture`` draws it anew, from a real run.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET

import pytest

from safepip.model.decisions import DestinationKind, Divert
from safepip.model.outcome import LandedScript, Landing, Outcome, OutcomeKind, Visibility
from safepip.model.reasons import Reason, because
from safepip.wording import lines, report
from tests.support.facts import READER, trigger, virtual

FILE = Path(__file__).parents[1] / ".github" / "first-install.svg"
SITE = PurePosixPath("/home/you/site")

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="there is no picture here")


def painted() -> str:
    """The text of the picture, its wrapped lines joined again."""
    text = html.unescape(re.sub(r"<[^>]+>", "", FILE.read_text(encoding="utf-8")))
    return re.sub(r"\s+", "", text)


def test_it_is_a_picture() -> None:
    root = ET.fromstring(FILE.read_text(encoding="utf-8"))  # ours
    assert root.tag.endswith("svg")
    assert max(map(len, FILE.read_text(encoding="utf-8").splitlines())) < 4000


def test_its_words_are_those_of_today() -> None:
    found = re.search(r"<desc>(.*?)</desc>", FILE.read_text(encoding="utf-8"))
    assert found is not None
    told = json.loads(html.unescape(found[1]))
    landed = tuple(
        Landing(
            name=one["name"],
            version=one["version"],
            location=PurePosixPath(one["location"]),
            scripts=tuple(
                LandedScript(
                    name=each["name"],
                    path=PurePosixPath(each["path"]),
                    visibility=Visibility(each["visibility"]),
                )
                for each in one["scripts"]
            ),
        )
        for one in told["landed"]
    )
    outcome = Outcome(
        kind=OutcomeKind.DIVERTED,
        exit_code=0,
        trigger=trigger(path=None),
        decision=Divert(
            destination=DestinationKind.VENV,
            rule="project",
            reason=because(Reason.NO_OTHER),
            path=SITE / ".venv",
        ),
        interpreter=virtual(),
        landed=landed,
        next_command=told["next_command"],
    )
    for line in report.report(outcome, cause=virtual(), reader=READER):
        said = lines.nearby(line, home="/home/you", cwd=str(SITE))
        # Where pip may not write is another place there.
        for part in said.split("the install location"):
            assert re.sub(r"\s+", "", part) in painted(), part
