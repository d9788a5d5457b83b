"""What is in pipx's environments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from safepip.machine import pipx

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("spec", ["", " ", "a b", "==1", "lab-"])
def test_what_is_no_requirement_is_nowhere(tmp_path: Path, spec: str) -> None:
    assert not pipx.satisfies(tmp_path, spec)
