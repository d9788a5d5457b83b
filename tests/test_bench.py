"""The bench's verdicts: what ends it with 1, and what a busy machine excuses."""

from __future__ import annotations

import json

import pytest

from scripts.bench import Result, chosen, render
from scripts.bench_rows import ROWS, Measure, Row
from scripts.bench_runs import Sample, Samples
from scripts.environments import SetupError


def _result(measure: Measure, *, ours: float, peak_mb: float = 20) -> Result:
    row = Row(
        name="row",
        what="what",
        against="bare",
        measure=measure,
        goal=1.1,
        setting=ROWS[0].setting,
        memory_mb=25,
    )

    def sample(figure: float) -> Sample:
        return Sample(wall_s=figure, cpu_s=figure, flow_s=figure, peak_mb=peak_mb, fetched=1)

    bare = Samples(runs=[sample(1.0)] * 3)
    # One slow run in three changes no median.
    return Result(row=row, bare=bare, ours=Samples(runs=[sample(ours), sample(9), sample(ours)]))


@pytest.mark.parametrize(
    ("result", "reached", "fails"),
    [
        (_result(Measure.CPU, ours=1.0), True, False),
        (_result(Measure.CPU, ours=1.2), False, True),
        (_result(Measure.WALL, ours=1.2), False, False),
        (_result(Measure.FLOW, ours=1.2), False, False),
        (_result(Measure.WALL, ours=1.0, peak_mb=26), False, True),
    ],
    ids=["good", "too much CPU", "too long", "too slow a flow", "too large"],
)
def test_what_is_counted_fails_and_what_is_timed_does_not(
    result: Result, reached: bool, fails: bool
) -> None:
    assert (result.reached, result.fails) == (reached, fails)
    assert ("missed" in render([result])) == (not reached)
    assert json.loads(json.dumps(result.as_json()))["ratio"] == result.ratio


def test_rows_are_chosen_by_name() -> None:
    assert [row.name for row in chosen("made,watched")] == ["made", "watched"]
    assert chosen("") == list(ROWS)
    with pytest.raises(SetupError, match="there is no row fast"):
        chosen("fast")
