"""The table of what a run lacked."""

from __future__ import annotations

import pytest

from tests.support.missing import lacking, table


def _reason(*what: str) -> str:
    with pytest.raises(pytest.skip.Exception) as told:
        lacking(*what)
    return f"Skipped: {told.value}"


def test_what_is_missing_is_told_once_with_how_to_get_it() -> None:
    reasons = [
        _reason("mksh"),
        _reason("zsh", "uv"),
        _reason("mksh"),
        _reason("Python 3.6"),
    ]
    assert table(reasons) == [
        "missing     tests  to run them",
        "Python 3.6      1  pyenv install 3.6, or uv python install 3.6",
        "mksh            2  apt-get install mksh",
        "zsh, uv         1  apt-get install zsh; ./scripts/test installs it",
    ]


def test_a_reason_in_other_words_is_told_as_it_is() -> None:
    assert (
        table(["Skipped: scripts of POSIX systems"])[1].split("  ")[0] == "scripts of POSIX systems"
    )
