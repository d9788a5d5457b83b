"""Looks that always have an answer: also where pathlib's raise."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from safepip.machine import paths

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX systems")


@pytest.fixture
def circle(tmp_path: Path) -> Path:
    path = tmp_path / "circle"
    path.symlink_to(path)
    return path


def test_what_is_there_is_seen_by_links_too(tmp_path: Path) -> None:
    file, folder = tmp_path / "file", tmp_path / "folder"
    file.touch()
    folder.mkdir()
    for one, other in ((file, "to-file"), (folder, "to-folder")):
        link = tmp_path / other
        link.symlink_to(one)
        for path in (one, link):
            assert paths.exists(path)
            assert paths.is_file(path) == (one == file)
            assert paths.is_dir(path) == (one == folder)
            assert paths.is_link(path) == (path == link)
            assert paths.resolved(path) == one.resolve()
    assert paths.matching(tmp_path, "to-*") == (tmp_path / "to-file", tmp_path / "to-folder")


def test_what_cannot_be_there_is_not(circle: Path) -> None:
    for path in (circle, circle / "below", circle.with_name("x" * 300), circle.with_name("a\0b")):
        assert not paths.exists(path)
        assert not paths.is_file(path)
        assert not paths.is_dir(path)
        assert paths.is_link(path) == (path == circle)
        assert paths.matching(path, "*") == ()
    assert paths.resolved(circle).name == "circle"


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="no ordinary user on this machine"
)
def test_what_may_not_be_looked_into_is_not_there(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    (folder / "file").touch()
    folder.chmod(0)
    try:
        assert not paths.exists(folder / "file")
        assert paths.matching(folder, "*") == paths.matching(folder / "more", "*") == ()
        assert paths.resolved(folder / "file") == folder.resolve() / "file"
    finally:
        folder.chmod(0o700)


def test_a_tilde_is_followed_where_it_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert str(paths.expanded("~/x")) == "/home/me/x"
    assert str(paths.expanded("~there-is-no-such-user/x")) == "~there-is-no-such-user/x"
    assert str(paths.expanded("a/~")) == "a/~"


def test_reads_plain_files_up_to_a_bound(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"one\r\ntwo\n")
    assert paths.head(file, 2) == b"on"
    assert paths.content(file) == b"one\r\ntwo\n"
    assert paths.text(file) == "one\ntwo\n"
    os.truncate(file, paths.LARGEST_BYTES + 1)
    assert paths.head(file, 3) == b"one"
    with pytest.raises(OSError, match="File too large"):
        paths.content(file)


def test_waits_for_no_pipe_and_no_device(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "zero").symlink_to("/dev/zero")
    for path in (pipe, tmp_path / "zero"):
        with pytest.raises(OSError, match="Invalid argument"):
            paths.head(path, 1)
