"""What ``history`` and ``undo`` say: each fact is in it, whatever the words."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from safepip.model.decisions import DestinationKind
from safepip.model.history import Diversion, Moved
from safepip.model.undoing import Kept, Left, Undoing
from safepip.wording import history as words
from safepip.wording.json import plain

HOME = PurePosixPath("/home/you")
ENVIRONMENT = HOME / "site/.venv"
SITE = ENVIRONMENT / "lib/python3.12/site-packages"
NEW = Moved(name="flask", version="3.1", location=SITE, requested=True)
NEWER = Moved(name="idna", version="3.10", location=SITE, before="3.9")
ENTRY = Diversion(
    number=7,
    time="2026-11-26T21:05:09Z",
    command=("install", "flask>=3"),
    cwd=HOME / "site",
    trigger="default-to-user",
    rule="project",
    kind=DestinationKind.VENV,
    destination=ENVIRONMENT,
    python=PurePosixPath("/usr/bin/python3"),
    moved=(NEW, NEWER),
)
THERE: words.There = {(SITE, "flask"): frozenset({"3.1"}), (SITE, "idna"): frozenset({"3.10"})}
PLAN = Undoing(
    diversion=ENTRY, remove=(NEW,), restore=(NEWER,), left=(Left("two", Kept.NEEDED, "mine"),)
)


def _all_there(entry: Diversion) -> words.There:
    return {(one.location, one.name): frozenset({one.version}) for one in entry.moved}


def test_each_diversion_is_a_line() -> None:
    heading, first, second, *_ = words.history([ENTRY, ENTRY._replace(undone=True)], THERE, HOME)
    assert heading.split()[0] == "ID"
    row = "7 2026-11-26 21:05 pip install 'flask>=3' ~/site/.venv flask 3.1 and idna 3.10 (was 3.9)"
    assert first.split() == row.split()
    assert second == f"{first} (undone)"


def test_what_is_not_there_any_more_is_told_apart() -> None:
    now: words.There = {(SITE, "idna"): frozenset({"3.11"})}
    row, undone = words.history([ENTRY, ENTRY._replace(undone=True)], now, HOME)[1:3]
    assert row.endswith("flask 3.1 (gone) and idna 3.10 (was 3.9, now 3.11)")
    assert undone.endswith("flask 3.1 and idna 3.10 (was 3.9) (undone)")


def test_what_was_asked_for_comes_first_and_of_the_rest_a_few() -> None:
    many = [NEW._replace(name=f"dep{n}", requested=False) for n in range(12)]
    entry = ENTRY._replace(moved=(*many, NEW._replace(requested=True)))
    row = words.history([entry], _all_there(entry), HOME)[1]
    assert f"~/site/.venv  {NEW.name} {NEW.version}, dep0" in row
    assert row.endswith(" and 6 more")


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (DestinationKind.VENV, "~/site/.venv"),
        (DestinationKind.USER, "user site ~/site/.venv"),
        (DestinationKind.PIPX, "pipx"),
    ],
)
def test_the_place_is_told_as_users_know_it(kind: DestinationKind, told: str) -> None:
    assert words.place(ENTRY._replace(kind=kind), HOME) == told


def test_what_undoing_does_is_told_before_and_after() -> None:
    before = words.undoing(PLAN, HOME)
    assert "7" in before[0]
    assert [line.split()[0] for line in before[2:]] == ["remove", "put", "leave"]
    (after,) = words.done(PLAN)
    assert "flask 3.1" in after
    assert "idna is 3.9" in after
    assert words.done(Undoing(diversion=ENTRY)) != [after]


@pytest.mark.parametrize("why", Kept, ids=lambda why: why.value)
def test_each_reason_to_leave_something_has_words_of_its_own(why: Kept) -> None:
    kept = Left("two", why, "the detail")
    (line,) = words.left([kept])
    assert line.strip().startswith("leave two: ")
    assert words.reasons([kept]) == line.strip().removeprefix("leave ")
    others = {words.reasons([kept._replace(why=other)]) for other in Kept if other is not why}
    assert words.reasons([kept]) not in others
    wants_detail = why in {Kept.CHANGED, Kept.EDITED, Kept.NEEDED, Kept.BESIDE}
    assert ("the detail" in line) == wants_detail


def test_the_environment_is_named_with_what_keeps_it() -> None:
    (gone,) = words.environment_removed(ENVIRONMENT, HOME, active=False)
    assert "~/site/.venv" in gone
    kept = words.environment_kept(ENVIRONMENT, ENVIRONMENT / "notes.txt", HOME)
    assert "~/site/.venv/notes.txt" in kept


def test_as_json_each_fact_has_its_key() -> None:
    entry = plain(words.diversion_json(ENTRY, THERE))
    assert (entry["id"], entry["strategy"], entry["undone"]) == (7, "venv", False)
    assert entry["landed"] == [
        {"name": "flask", "version": "3.1", "location": str(SITE), "before": None,
         "requested": True, "now": ["3.1"]},
        {"name": "idna", "version": "3.10", "location": str(SITE), "before": "3.9",
         "requested": False, "now": ["3.10"]},
    ]  # fmt: skip
    assert plain(words.undo_json(PLAN, environment_removed=True)) == {
        "id": 7,
        "undone": True,
        "removed": [{"name": "flask", "version": "3.1"}],
        "restored": [{"name": "idna", "version": "3.9"}],
        "left": [{"name": "two", "why": "needed", "detail": "mine"}],
        "environment_removed": True,
    }
    nothing: dict[str, object] = {
        "id": None,
        "undone": False,
        "removed": [],
        "restored": [],
        "left": [],
    }
    assert words.undo_json(None) == {**nothing, "environment_removed": False}


def test_as_json_only_what_was_done_is_called_removed() -> None:
    refused = plain(words.undo_json(PLAN, PLAN))
    assert (refused["id"], refused["undone"]) == (7, False)
    assert (refused["removed"], refused["restored"]) == ([], [])
    halfway = plain(words.undo_json(PLAN, PLAN._replace(remove=())))
    assert (halfway["undone"], halfway["restored"]) == (False, [])
    assert halfway["removed"] == [{"name": "flask", "version": "3.1"}]
