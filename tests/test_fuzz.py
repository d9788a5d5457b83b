"""A few seconds of ``scripts/fuzz.py``, with hypothesis choosing; hours are for the script."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scripts import fuzz

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("target", fuzz.TARGETS)
@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_broken_data_gets_an_answer(
    target: str, data: st.DataObject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz, "_GROUND", tmp_path)
    sample = data.draw(st.sampled_from(fuzz.TARGETS[target][1]))
    number = data.draw(st.integers(0, 2**32))
    case = data.draw(st.one_of(st.just(fuzz.mutated(sample, random.Random(number))), st.binary()))
    problem = fuzz.broken_by(target, case)
    assert problem is None, f"{case!r}\n{problem}"


FOUND = {
    "a name without end where a log quotes a command": (
        "log",
        b"$ pip install x\nTry: pip install " + b"a" * 5000 + b"\n",
    ),
    "a setting's name inside a text of several lines": (
        "setting",
        b'a = """\n[b]\nstrategy = 2\n"""\n"strategy" = \'a\'\n',
    ),
}
"""What ``scripts/fuzz.py`` has found: each hung or broke its target once."""


@pytest.mark.parametrize("case", FOUND)
def test_what_was_found_once_is_answered(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz, "_GROUND", tmp_path)
    assert fuzz.broken_by(*FOUND[case]) is None


def test_a_target_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(data: bytes) -> None:
        raise KeyError(data)

    monkeypatch.setitem(fuzz.TARGETS, "fails", (fails, (b"x",)))
    found = fuzz.run(0.1, 0, ["fails"])
    assert len(found["fails"][1]) == 5
