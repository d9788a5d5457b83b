"""Every refusal and failure ends in a next step; what says by itself what to do needs none."""

from __future__ import annotations

import pytest

from safepip.model.decisions import Refuse
from safepip.model.outcome import Outcome, OutcomeKind
from safepip.model.problems import Problem
from safepip.model.reasons import Reason, because
from safepip.wording import report
from safepip.wording.errors import ROWS
from tests.support.facts import READER

# The allowed words follow, the sentence says it itself, or the user broke it off.
BY_ITSELF = {
    "UNKNOWN_STRATEGY", "UNKNOWN_SHELL", "NOT_TEXT", "NOT_READABLE", "NO_SAFEPIP", "REPORT_FILE",
    "STDOUT",
    "NOTHING_TO_UNDO", "YOU_SAID_NO", "REGISTRY_FULL", "REGISTRY_UNREADABLE", "REGISTRY_EMPTY",
    "REGISTRY_DENIED", "REGISTRY_DIFFERS", "NO_REGISTRY", "NOT_TOML", "UNKNOWN_SETTING",
    "BAD_VALUE", "BAD_LOCK", "NOT_A_TABLE", "NOT_FOR_PROJECTS", "NO_SUCH_CHAPTER",
    "NO_SUCH_COMMAND", "NO_SUCH_SETTING", "LOCKED", "NO_ROOM", "NOT_EXECUTABLE",
}  # fmt: skip


@pytest.mark.parametrize("problem", Problem)
def test_a_problem_names_its_next_step(problem: Problem) -> None:
    row = ROWS[problem]
    by_itself = problem.name in BY_ITSELF or problem.name.startswith("INTERRUPTED")
    assert row.do or by_itself


def test_a_refusal_without_a_better_one_names_the_doctor() -> None:
    outcome = Outcome(
        kind=OutcomeKind.REFUSED,
        exit_code=77,
        trigger=None,
        decision=Refuse(rule="none", reason=because(Reason.NO_PLACE)),
        interpreter=None,
    )
    assert report.report(outcome, cause=None, reader=READER)[-1] == "    safepip doctor"
