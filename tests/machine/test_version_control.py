"""What version control tracks is known from its own files, as git itself writes them."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safepip.machine.version_control import tracker_of

if TYPE_CHECKING:
    from pathlib import Path

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="no git on this machine")

LAYOUTS = {
    "plain": [],
    "names shortened (version 4)": ["update-index --index-version 4"],
    "intent to add (version 3)": ["add -N -f later"],
    "split in two": ["update-index --split-index"],
    "committed": ["commit -qm x"],
}


def git(folder: Path, *words: str) -> None:
    env = {
        "PATH": os.defpath + ":/usr/local/bin",
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER")
           for what in ("NAME", "EMAIL")},
    }  # fmt: skip
    subprocess.run(["git", *words], cwd=folder, env=env, check=True, capture_output=True)


def repository(folder: Path, *files: str, hashes: str = "sha1") -> Path:
    folder.mkdir()
    git(folder, "init", "-q", f"--object-format={hashes}")
    for name in (*files, ".gitignore", ".venvs/x", "a/.venv/x", "x.venv/x", "zz", "later"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
        if name != "later":
            git(folder, "add", "-f", name)
    return folder


@needs_git
@pytest.mark.parametrize("hashes", ["sha1", "sha256"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "inner", [".venv/pyvenv.cfg", ".venv/lib/" + "x" * 60, ".VENV/" + "y" * 5000 + "/z", ".venv"]
)
def test_tracked_by_git(inner: str, layout: str, hashes: str, tmp_path: Path) -> None:
    if len(inner) > 1000:
        inner = "/".join([".VENV", *["y" * 200] * 15, "z"])
    root = repository(tmp_path / "r", inner, hashes=hashes)
    for words in LAYOUTS[layout]:
        git(root, *words.split())
    assert tracker_of(root / ".venv") == "git"
    assert tracker_of(root / "x.venv") == "git"
    assert tracker_of(root / "a/.venv") == "git"
    assert tracker_of(root / "later") == ("git" if layout.startswith("intent") else None)


@needs_git
@pytest.mark.parametrize("hashes", ["sha1", "sha256"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_not_tracked_by_git(layout: str, hashes: str, tmp_path: Path) -> None:
    root = repository(tmp_path / "r", hashes=hashes)
    for words in LAYOUTS[layout]:
        git(root, *words.split())
    for name in (".venv", "venv", "a/venv", "z", "b/.venv"):
        assert tracker_of(root / name) is None, name


@needs_git
def test_a_work_tree_and_a_submodule_have_their_index_elsewhere(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", ".venv/pyvenv.cfg")
    git(root, "commit", "-qm", "x")
    git(root, "worktree", "add", "-q", str(tmp_path / "other"))
    assert (tmp_path / "other/.git").is_file()
    assert tracker_of(tmp_path / "other/.venv") == "git"
    assert tracker_of(tmp_path / "other/venv") is None


def test_a_repository_further_up_counts(tmp_path: Path) -> None:
    (tmp_path / ".hg").mkdir()
    (tmp_path / ".hg/dirstate").write_bytes(b"\0\0n\0\0sub/.venv/pyvenv.cfg\0\0")
    assert tracker_of(tmp_path / "sub/.venv") == "hg"
    assert tracker_of(tmp_path / "other/.venv") is None
    (tmp_path / "sub/.svn").mkdir(parents=True)
    (tmp_path / "sub/.svn/wc.db").write_bytes(b"SQLite\0.venv/bin/python\0")
    assert tracker_of(tmp_path / "sub/.venv") == "svn"


@given(content=st.binary(max_size=300).map(lambda more: b"DIRC\0\0\0" + more))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_there_does_no_harm(content: bytes, tmp_path: Path) -> None:
    folder = tmp_path / ".git"
    folder.mkdir(exist_ok=True)
    (folder / "index").write_bytes(content)
    assert tracker_of(tmp_path / ".venv") in {None, "git"}
