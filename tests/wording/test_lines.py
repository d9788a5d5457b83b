"""Paths as a reader would say them, and the rest of what all sentences share."""

from __future__ import annotations

import pytest

from safepip.model.problems import Kind, Problem
from safepip.wording import errors, lines

HOME, CWD = "/home/you", "/home/you/site"


@pytest.mark.parametrize(
    ("line", "shorter"),
    [
        ("Installed into /home/you/site/.venv.", "Installed into .venv."),
        ("/home/you/.bashrc cannot be written", "~/.bashrc cannot be written"),
        ("in /home/you/site, or (/home/you/x)", "in ., or (~/x)"),
        ("your home is /home/you", "your home is ~"),
        ("/home/you/a and /home/you/b", "~/a and ~/b"),
        ("see (/home/you/site/x y)", "see (x y)"),
    ],
)
def test_paths_of_the_users_are_short_in_words(line: str, shorter: str) -> None:
    assert lines.nearby(line, home=HOME, cwd=CWD) == shorter


@pytest.mark.parametrize(
    "line",
    [
        "    source /home/you/site/.venv/bin/activate",
        "/home/yours/x and /mnt/home/you/x",
        "/home/you.old/x",
        "/home/you-and-me",
        "/usr/lib/python3",
        "to see it: '/home/you/my site/.venv/bin/python' -m pip show six",
    ],
)
def test_commands_and_other_places_stay_as_they_are(line: str) -> None:
    assert lines.nearby(line, home=HOME, cwd="/home/you") == line


@pytest.mark.parametrize(("home", "cwd"), [("/", "/"), ("", ""), ("/", "/srv/x")])
def test_a_home_that_is_no_home_shortens_nothing(home: str, cwd: str) -> None:
    assert lines.nearby("/etc/profile", home=home, cwd=cwd) == "/etc/profile"


def test_every_problem_has_its_words() -> None:
    assert set(errors.ROWS) == set(Problem)
    assert set(errors.EXPECTED) == set(Kind)


def test_lists_are_read_as_a_person_says_them() -> None:
    assert [lines.joined("abc"[:n]) for n in (1, 2, 3)] == ["a", "a and b", "a, b and c"]
