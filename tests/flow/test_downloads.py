"""What pip has fetched is kept as it comes: it may be gone before pip says that it installs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from safepip.flow.downloads import Downloads
from safepip.model.triggers import Stream

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="hard links of POSIX systems")

ONE, TWO = "one-1.0-py3-none-any.whl", "two-1.0-py3-none-any.whl"


def kept(downloads: Downloads) -> set[str]:
    if downloads.folder is None:
        return set()
    return {path.name.partition("-")[0] for path in downloads.folder.iterdir()}


def say(downloads: Downloads, line: str) -> None:
    downloads.feed(Stream.OUT, f"{line}\n".encode())


def test_what_is_fetched_is_kept_before_the_install_begins(tmp_path: Path) -> None:
    unpacked = tmp_path / "pip-unpack-x1"
    unpacked.mkdir()
    with Downloads({"TMPDIR": str(tmp_path)}) as downloads:
        say(downloads, f"Downloading {ONE}")
        (unpacked / ONE).write_bytes(b"half")
        (unpacked / "other-1.0-py3-none-any.whl").touch()  # another pip's
        assert kept(downloads) == set()
        (unpacked / ONE).unlink()  # begun anew
        (unpacked / ONE).write_bytes(b"whole")
        (unpacked / TWO).touch()
        say(downloads, f"Downloading {TWO}")
        assert kept(downloads) == {"one"}
        (unpacked / ONE).unlink()
        say(downloads, "Installing collected packages: one, two")
        assert kept(downloads) == {"one", "two"}
        assert downloads.folder is not None
        assert [one.read_bytes() for one in downloads.folder.glob("one-*")] == [b"whole"]
    assert [path.name for path in tmp_path.iterdir()] == [unpacked.name]


def test_what_leads_nowhere_is_in_nobody_s_way(tmp_path: Path) -> None:
    for name in ("pip-unpack-a1", "pip-unpack-z1"):  # in whatever order they are listed
        (tmp_path / name).symlink_to("/nowhere")
    (tmp_path / "pip-unpack-x1").mkdir()
    (tmp_path / "pip-unpack-x1" / ONE).touch()
    with Downloads({"TMPDIR": str(tmp_path)}) as downloads:
        say(downloads, f"Downloading {ONE}\nInstalling collected packages: one")
        assert kept(downloads) == {"one"}


def test_all_said_at_once_is_kept_too(tmp_path: Path) -> None:
    unpacked = tmp_path / "pip-unpack-x1"
    unpacked.mkdir()
    (unpacked / ONE).touch()
    with Downloads({"TMPDIR": str(tmp_path)}) as downloads:
        say(downloads, f"Downloading {ONE}\nInstalling collected packages: one")
        assert kept(downloads) == {"one"}


def test_where_nothing_is_fetched_there_is_nothing(tmp_path: Path) -> None:
    with Downloads({"TMPDIR": str(tmp_path)}) as downloads:
        say(downloads, "Installing collected packages: one")
        assert downloads.folder is None
