"""The matrix of faults as it stands at the end of a run."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import safepip
from tests.integration import (
    test_faults,
    test_hostile_projects,
    test_job_control,
    test_odd_pips,
    test_secrets,
)
from tests.machine import test_bounds
from tests.support import matrix
from tests.support.faults import CONDITIONS, ENDS, PLACES, STAGES

if TYPE_CHECKING:
    import pytest


def report(cell: str, outcome: str = "passed", when: str = "call") -> pytest.TestReport:
    made: Any = SimpleNamespace(
        nodeid=f"{matrix.TESTS}::test_an_install_that_is_ended[{cell}]",
        when=when,
        passed=outcome == "passed",
        failed=outcome == "failed",
    )
    found: pytest.TestReport = made
    return found


def test_it_shows_what_was_made_and_what_held() -> None:
    one, other = list(STAGES)[:2]
    kill, term = "SIGKILL to safepip", "SIGTERM to safepip"
    shown = matrix.lines(
        [
            report(f"{one} / {kill}"),
            report(f"{one} / {term}", "failed"),
            report(f"{other} / {kill}"),
            report(f"{other} / {kill}", "failed", "teardown"),
        ]
    )
    columns = [line.strip() for line in shown if line.startswith("  ")]
    assert sorted(column.partition(" ")[2] for column in columns[:2]) == [kill, term]
    first, second = (next(line for line in shown if line.startswith(row)) for row in (one, other))
    in_order = [name for name in ENDS if name in {kill, term}]
    assert first.removeprefix(one).split() == [{kill: "+", term: "!"}[name] for name in in_order]
    assert second.removeprefix(other).split() == [{kill: "!", term: "."}[name] for name in in_order]
    assert shown[-1] == "made 3, held 1"


def test_without_a_cell_there_is_nothing_to_show() -> None:
    assert matrix.lines([]) == []


GUIDE = Path(safepip.__file__).parent / "guide/safety.md"


def test_the_guide_has_the_true_counts() -> None:
    text = " ".join(GUIDE.read_text(encoding="utf-8").split())
    ends = len(test_faults.cells(STAGES, ENDS, frozenset()))
    assert f"{ends} ways to end an install, in nine stages" in text
    assert len(STAGES) == 9
    odd = (
        f"{len(PLACES) * len(CONDITIONS)} odd machines: {len(CONDITIONS)} conditions in two places"
    )
    assert odd in text
    assert f"at {_NUMBERS[len(test_job_control.MOMENTS)]} moments" in text
    assert f"{len(test_odd_pips.PIPS)} pips that are not well" in text
    assert f"{_NUMBERS[len(test_hostile_projects.TEXTS)]} texts of an externally managed" in text
    assert f"{len(test_bounds.FILES)} files that are a pipe" in text
    assert f"planted in {len(test_secrets.PLACES)} places" in text


_NUMBERS = {8: "eight", 9: "nine", 10: "ten"}
