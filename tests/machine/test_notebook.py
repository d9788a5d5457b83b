"""Whether a command was typed into a notebook: by the processes that led here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path, PurePath

import pytest

from safepip.machine.notebook import is_kernel

ASK = """
import os, sys
from pathlib import PurePath
from safepip.machine.notebook import is_kernel
env = {"JPY_PARENT_PID": "1"} if sys.argv[2] else {}
print(is_kernel(PurePath(sys.argv[1]), env))
"""


@pytest.mark.parametrize(
    ("launcher", "python", "variable", "expected"),
    [
        ("ipykernel_launcher", sys.executable, "1", True),
        ("colab_kernel_launcher", sys.executable, "1", True),
        # By another Python the kernel would not import it.
        ("ipykernel_launcher", "/usr/bin/python-of-another", "1", False),
        # A terminal of a notebook's server, whose variables it has.
        ("jupyter_lab", sys.executable, "1", False),
        ("ipykernel_launcher", sys.executable, "", False),
    ],
)
def test_a_kernel_is_known_by_what_started_the_command(
    launcher: str, python: str, variable: str, expected: bool, tmp_path: Path
) -> None:
    """With a shell in between, as `!` has it."""
    file = tmp_path / f"{launcher}.py"
    argv = [sys.executable, "-c", ASK, python, variable]
    file.write_text(
        "import subprocess\n"
        f"argv = ['sh', '-c', '\"$@\"; :', 'sh', *{json.dumps(argv)}]\n"
        "print(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)\n"
    )
    done = subprocess.run([sys.executable, file], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == str(expected)


def test_without_a_notebook_s_variables_nobody_is_looked_for() -> None:
    assert not is_kernel(PurePath(sys.executable), {})
