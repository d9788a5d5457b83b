"""`./scripts/test`: all is run, and what failed is told and is the status."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scripts import checks

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

STEPS = {
    "one": [sys.executable, "-c", "raise SystemExit(3)"],
    "two": [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"],
    "three": [sys.executable, "-c", ""],
}


def test_a_step_that_fails_keeps_none_from_running_and_is_told(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(checks, "set_up", lambda _: tmp_path)
    monkeypatch.setattr(checks, "plan_steps", lambda *_: STEPS)
    assert checks.main([]) == 1
    assert "one FAILED (3), two FAILED (SIGKILL), three ok (" in capfd.readouterr().out
    monkeypatch.setattr(checks, "plan_steps", lambda *_: {"three": STEPS["three"]})
    assert checks.main([]) == 0


def test_tests_that_were_chosen_come_first(tmp_path: Path) -> None:
    assert next(iter(checks.plan_steps(tmp_path, ["-k", "gate"]))) == "tests"
    assert list(checks.plan_steps(tmp_path, ["--coverage"]))[-2:] == ["tests", "coverage"]
