"""The guide as a terminal shows it, and what doctor says of places and ways."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from safepip.model.health import Location, Way, WayName
from safepip.model.interpreter import Barrier, Denied
from safepip.shells.kinds import Shell
from safepip.wording import doctor, guide, permissions
from tests.wording.test_where import PYTHON

HOME = PurePosixPath("/home/you")
CHAPTER = """\
# One `chapter`

Some **words** with a [link](https://example.org).

```sh
safepip doctor
# no heading
```

| a | longer |
| --- | --- |
| `x` | 1 \\| 2 |
"""


def test_a_chapter_is_shown_as_plain_text() -> None:
    lines = guide.for_terminal(CHAPTER, color=False).splitlines()
    assert lines[0].replace("`", "") == "One chapter"
    assert "Some words with a link." in lines
    assert "    safepip doctor" in lines
    assert "    # no heading" in lines
    assert [line.replace("`", "").split() for line in lines[-2:]] == [
        ["a", "longer"], ["x", "1", "|", "2"],
    ]  # fmt: skip
    assert guide.for_terminal(CHAPTER, color=True).startswith("\x1b[1mOne")


def test_the_chapters_are_listed_with_their_headings() -> None:
    _, first, second, last = guide.contents({"one": CHAPTER, "second": "# Two\n"})
    assert first.split() == ["one", "One", "chapter"]
    assert second.split() == ["second", "Two"]
    assert last.endswith("safepip guide NAME")


def test_doctor_tells_which_pip_and_why() -> None:
    lines = doctor.head("1.0", "/usr/bin/pip", PYTHON, "apt")
    assert lines[0] == "safepip 1.0"
    assert "/usr/bin/pip" in lines[1]
    assert "3.12.3, /usr/bin/python3, managed by apt" in lines[2]
    marked = PYTHON._replace(marker=PurePosixPath("/usr/lib/EXTERNALLY-MANAGED"))
    assert "PEP 668" in doctor.head("1.0", "pip", marked, "")[2]
    assert len(doctor.head("1.0", "pip", None, "")) == 2


def test_doctor_tells_of_places_tools_and_ways() -> None:
    mine = doctor.location(Location("user site", HOME / ".local", "you", writable=True), HOME)
    assert mine == "user site: ~/.local (writable, owner you)"
    for why in doctor.WHY_NOT:
        place = Location("purelib", PurePosixPath("/usr"), None, writable=False, why=why)
        assert doctor.WHY_NOT[why] in doctor.location(place, HOME)
    assert doctor.tool("uv", HOME / "bin/uv", HOME) == "uv: ~/bin/uv"
    assert "not on your PATH" in doctor.tool("uv", None, HOME)
    profile = HOME / ".bashrc"
    (told,) = doctor.functions(profile, "bash", "safepip", HOME, active=True)
    assert told == "functions for bash: installed in ~/.bashrc, active in this shell"
    told, unseen = doctor.functions(None, "bash", "safepip", HOME, active=False)
    assert "safepip init --install" in told
    assert "only visible where safepip's functions are active" in unseen
    (told,) = doctor.functions(None, "cmd", "safepip", HOME, active=False)
    assert "init" not in told
    assert doctor.way(Way(WayName.PYENV, ("curl",)))[1].strip() == "curl"


@pytest.mark.parametrize(
    ("problems", "notes", "told"),
    [(0, 3, doctor.SOUND), (1, 0, "Found 1 problem."), (2, 1, "Found 2 problems, 1 note."),
     (1, 2, "Found 1 problem, 2 notes.")],
)  # fmt: skip
def test_doctor_counts(problems: int, notes: int, told: str) -> None:
    assert doctor.summary(problems, notes) == told


@pytest.mark.parametrize("barrier", Barrier, ids=lambda barrier: barrier.name)
def test_each_barrier_has_words_and_perhaps_a_mend(barrier: Barrier) -> None:
    place = PurePosixPath("/home/you/two words")
    denied = Denied(place=place, barrier=barrier, owner="root", mend=place)
    assert str(place) in permissions.not_writable(denied)
    mending = permissions.mending(denied, Shell.BASH)
    assert (mending is None) == (barrier in {Barrier.READ_ONLY, Barrier.SUDO, Barrier.UNKNOWN})
    if mending is not None:
        assert "'/home/you/two words'" in mending
    assert permissions.mending(None, Shell.BASH) is None
