"""Fixtures of the facts about systems."""

from __future__ import annotations

import pytest

from safepip import userpip


@pytest.fixture
def on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have safepip find what it would find there, in folders of this system."""
    monkeypatch.setattr(userpip, "WINDOWS", True)
    monkeypatch.setattr(userpip, "SCRIPTS", "Scripts")
    monkeypatch.setattr(userpip, "SUFFIXES", (".exe", ".bat", ".cmd"))
