"""What ``where`` says, and ``show`` and ``uninstall`` of what lies elsewhere: all facts."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from safepip.model.copies import CopiedScript, Copy, KnownPlace, PlaceKind, Python, Rank
from safepip.model.decisions import DestinationKind
from safepip.shells.commands import command_line
from safepip.shells.kinds import Shell
from safepip.wording import found_again, where
from safepip.wording.json import plain
from tests.wording.test_history import ENTRY, ENVIRONMENT, HOME, SITE

PYTHON = Python(
    name="python3",
    executable=PurePosixPath("/usr/bin/python3"),
    version=(3, 12, 3),
    prefix=PurePosixPath("/usr"),
    base_prefix=PurePosixPath("/usr"),
    path=(),
    stdlib=PurePosixPath("/usr/lib/python3.12"),
    purelib=PurePosixPath("/usr/lib/python3/dist-packages"),
    scripts=PurePosixPath("/usr/local/bin"),
    user_site=None,
    user_base=None,
    user_scripts=None,
    user_site_enabled=True,
    marker=None,
    is_conda=False,
    framework="",
    pip=None,
    has_ensurepip=True,
)
PROJECT = KnownPlace(PlaceKind.PROJECT, ENVIRONMENT, (SITE,), "3.12")
SYSTEM = KnownPlace(PlaceKind.SYSTEM, PYTHON.purelib, (PYTHON.purelib,))
COPY = Copy(
    name="flask",
    version="3.1",
    place=PROJECT,
    location=SITE,
    metadata=SITE / "flask-3.1.dist-info",
    installer="pip",
    owner="you",
    diversion=ENTRY,
)
OTHER = COPY._replace(
    version="2.0", place=SYSTEM, location=PYTHON.purelib, installer=None, owner=None, diversion=None
)


def test_every_place_is_counted() -> None:
    this, _, heading, *rows = where.summary([(PROJECT, 3), (SYSTEM, 40)], PYTHON, HOME)
    assert "/usr/bin/python3 (Python 3.12.3)" in this
    assert heading.split() == ["PLACE", "PYTHON", "PACKAGES", "PATH"]
    assert rows[0].split() == ["this", "project", "3.12", "3", "~/site/.venv"]
    assert rows[1].split() == ["system", "?", "40", "/usr/lib/python3/dist-packages"]
    assert "no python" in where.summary([], None, HOME)[0]
    assert set(where.PLACES) == set(PlaceKind)


def test_the_copy_that_is_imported_is_marked_and_why() -> None:
    found = [(COPY, Rank.IMPORTED), (OTHER, Rank.SHADOWED)]
    heading, first, second, why = where.copies("flask", found, PYTHON, HOME)
    assert heading == "flask: 2 copies"
    assert first.split()[:5] == ["*", "3.1", "this", "project", "~/site/.venv"]
    assert "by pip, owner you" in first
    assert "number 7" in first
    assert second.split()[:2] == ["2.0", "system"]
    assert "/usr/lib/python3/dist-packages" in why


def test_none_one_and_none_that_is_imported() -> None:
    assert "flask" in where.copies("flask", [], PYTHON, HOME)[0]
    assert where.copies("flask", [(COPY, Rank.IMPORTED)], PYTHON, HOME)[0] == "flask: 1 copy"
    assert "none" in where.copies("flask", [(COPY, Rank.UNSEEN)], PYTHON, HOME)[-1]
    assert "no python" in where.copies("flask", [(COPY, Rank.UNSEEN)], None, HOME)[-1]


def test_an_editable_install_is_where_its_project_is() -> None:
    copy = COPY._replace(editable="/home/you/flask")
    line = where.copies("flask", [(copy, Rank.IMPORTED)], PYTHON, HOME)[1]
    assert "~/flask" in line
    assert "editable" in line


FILE = ENVIRONMENT / "bin/flask"


@pytest.mark.parametrize(
    ("runs", "mine", "told"),
    [
        (None, False, "not on your PATH: ~/site/.venv/bin/flask"),
        (FILE, True, "runs ~/site/.venv/bin/flask"),
        (PurePosixPath("/usr/bin/flask"), False, "runs /usr/bin/flask, which is none of these."),
        (HOME / ".pyenv/shims/flask", False, "~/.pyenv/shims/flask, a shim"),
    ],
    ids=["off path", "itself", "another", "a shim"],
)
def test_what_typing_its_command_runs(runs: PurePosixPath | None, mine: bool, told: str) -> None:
    copy = COPY._replace(scripts=(CopiedScript("flask", FILE, runs, mine),))
    assert told in where.copies("flask", [(copy, Rank.IMPORTED)], PYTHON, HOME)[-1]
    as_json = plain(where.copy_json(copy, Rank.IMPORTED))["scripts"]
    assert as_json == [
        {
            "name": "flask",
            "path": str(FILE),
            "runs": None if runs is None else str(runs),
            "mine": mine,
        }
    ]


def test_as_json_each_fact_has_its_key() -> None:
    told = plain(where.copy_json(COPY, Rank.IMPORTED))
    assert (told["kind"], told["diversion"], told["python"]) == ("project", 7, "imported")
    assert where.copy_json(OTHER, None)["python"] is None
    assert plain(where.place_json(PROJECT, 3)) == {
        "kind": "project", "path": str(ENVIRONMENT), "python": "3.12", "distributions": 3,
    }  # fmt: skip


def test_what_lies_elsewhere_is_told_with_its_place() -> None:
    line = command_line(Shell.BASH, FILE, ["uninstall", "two words"])
    assert line == f"{FILE} uninstall 'two words'"
    assert line in found_again.is_elsewhere("flask", ENTRY, ENVIRONMENT, line, HOME)
    assert "~/site/.venv" in found_again.removing("flask", ENTRY, ENVIRONMENT, HOME)
    pipx = ENTRY._replace(kind=DestinationKind.PIPX)
    assert "pipx" in found_again.removing("flask", pipx, ENVIRONMENT, HOME)
    assert "flask 3.1" in found_again.would_remove("flask", "3.1", ENVIRONMENT, HOME)[0]
    first, *choices = found_again.several("flask", [(ENTRY, ENVIRONMENT, line)] * 2, HOME)
    assert "2 places" in first
    assert [choice.strip() for choice in choices[1::2]] == [line, line]


@pytest.mark.parametrize(
    ("owner", "package", "told"),
    [
        ("root", ("apt", "python3-flask"), ["belongs to root", "apt", "python3-flask"]),
        (None, None, ["no package manager"]),
    ],
    ids=["apt's", "nobody's"],
)
def test_what_is_not_ours_is_told_with_who_may_remove_it(
    owner: str | None, package: tuple[str, str] | None, told: list[str]
) -> None:
    line, command = found_again.not_ours("flask", PYTHON.purelib, owner, package, "sudo x")
    assert all(one in line for one in told)
    assert command.strip() == "sudo x"
