"""Folders and texts by somebody who means harm: none of theirs is run, all they get is words."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment, install, site_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.lab import Lab

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="no git on this machine")


def planted(lab: Lab, environment: Path) -> Path:
    """Put code into *environment* that its Python or its pip would run; the file that it makes."""
    canary = lab.tmp / "theirs-was-run"
    code = f"open({str(canary)!r}, 'w').close()"
    site = site_of(environment)
    lab.write(site / "theirs.pth", f"import os; {code}\n")
    lab.write(site / "sitecustomize.py", f"{code}\n")
    for name in ("pip", "pip3"):
        lab.write(environment / "bin" / name, f"#!/bin/sh\ntouch {canary}\n").chmod(0o755)
    return canary


@needs_git
@pytest.mark.parametrize("words", [["plan", "install", "labone"], ["install", "labone"]])
def test_an_environment_that_came_with_a_clone_is_not_run(words: list[str], lab: Lab) -> None:
    lab.write("pyproject.toml")
    canary = planted(lab, lab.venv())
    for git in (["init", "-q"], ["add", "-f", "."]):
        assert lab.run(["git", *git]).returncode == 0
    done = lab.run(["safepip", *words])
    assert "git tracks it" in (done.err + done.out)
    assert done.returncode == (77 if words[0] == "install" else 0), done
    assert not canary.exists()
    assert in_environment(lab, lab.cwd / ".venv") == {}


@pytest.mark.parametrize("how", ["--copies", "--symlinks"])
def test_ones_own_is_used(how: str, lab: Lab) -> None:
    lab.write("pyproject.toml")
    # A copy looks for its library beside itself.
    lab.env["LD_LIBRARY_PATH"] = str(lab.python.bin.parent / "lib")
    lab.run([lab.python.executable, "-m", "venv", "--without-pip", how, ".venv"])
    told = install(lab, "labone")
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv")), told
    assert in_environment(lab, lab.cwd / ".venv") == {"labone": "2.0"}


def test_an_interpreter_of_another_user_is_not_run(lab: Lab) -> None:
    if not lab.user.dropped:
        pytest.skip("only root gives files away")
    lab.write("pyproject.toml")
    theirs = lab.folder / "theirs"
    shutil.copytree(lab.cwd, theirs)
    lab.write(theirs / "python3", "#!/bin/sh\ntouch $TMPDIR/theirs-was-run\n").chmod(0o755)
    subprocess.run(["chown", "-R", "4242", theirs], check=True)
    python = lab.cwd / ".venv/bin/python"
    lab.write(".venv/pyvenv.cfg", f"home = {theirs}\n")
    lab.write(python).unlink()
    python.symlink_to(theirs / "python3")
    told = install(lab, "labone")
    assert told.result.returncode == 77, told
    assert "belongs to 4242" in told.result.err
    assert not (lab.tmp / "theirs-was-run").exists()


def test_nothing_is_written_through_a_link_out_of_the_project(lab: Lab) -> None:
    lab.write("pyproject.toml")
    elsewhere = lab.home / "elsewhere"
    elsewhere.mkdir()
    lab.give(elsewhere)
    (lab.cwd / ".venv").symlink_to(elsewhere)
    for _ in range(2):
        told = install(lab, "labone")
        assert told.result.returncode == 73, told
        assert "because it is a link to the empty ~/elsewhere" in told.result.err
        assert list(elsewhere.iterdir()) == []
    # The words say what helps, and that does.
    (lab.cwd / ".venv").unlink()
    assert install(lab, "labone").result.returncode == 0


@pytest.mark.parametrize("tty", [False, True])
def test_a_name_does_not_act_on_the_terminal(tty: bool, lab: Lab) -> None:
    hostile = lab.cwd / "a\x1b]0;pwned\x07\x9b2J\u202eb"
    lab.write(hostile / "pyproject.toml")
    done = lab.run(["safepip", "install", "labone"], cwd=hostile, tty=tty, size=(40, 400))
    assert done.returncode == 0, done
    said = done.out if tty else done.err
    for raw in ("\x1b]0", "\x07", "\x9b", "\u202e"):
        assert raw not in said
    # The command may be coloured; the tips behind it are safepip's own words.
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said.replace("\r", ""))
    command = next(one.strip() for one in plain.splitlines() if "PATH=" in one)
    assert command.isprintable()
    used = lab.run(["bash", "-c", f"{command}; python -c 'import labone, sys; print(sys.prefix)'"])
    assert used.out == f"{hostile}/.venv\n", used
