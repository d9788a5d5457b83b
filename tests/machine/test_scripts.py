"""Whose new module an old script of the same Python runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from safepip.machine import scripts
from tests.support.facts import debian

if TYPE_CHECKING:
    from pathlib import Path

NEW = "#!/usr/bin/python3\nimport sys\nfrom lab.cli import new\nsys.exit(new())\n"


@pytest.mark.parametrize(
    ("old", "same"),
    [
        (NEW, True),
        (NEW.replace("new", "main"), True),  # as pip's own did from version to version
        (NEW.replace("lab.cli", "lab.main"), False),
        (NEW.replace("python3", "python3 -sE"), False),
        (NEW.replace("#!/usr/bin/python3", "#!/bin/sh"), False),
    ],
)
def test_an_old_script_runs_the_new_module(tmp_path: Path, old: str, same: bool) -> None:
    found, script = tmp_path / "old", tmp_path / "bin/lab"
    script.parent.mkdir()
    found.write_text(old)
    script.write_text(NEW)
    python = debian(user_scripts=script.parent)
    assert scripts.runs_the_same(found, script, python) is same
