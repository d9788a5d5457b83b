"""What is remembered of environments, and the turns that are taken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock, Timeout

from safepip.state import MARKER, Ledger, sweep, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "state")


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    path = tmp_path / "site/.venv"
    path.mkdir(parents=True)
    return path


def test_one_that_is_being_made_is_known_by_the_token_in_it(
    ledger: Ledger, environment: Path
) -> None:
    ledger.begin_making(environment, "token")
    assert not ledger.is_unfinished(environment)
    (environment / MARKER).write_text("token")
    assert ledger.is_unfinished(environment)
    assert not ledger.made(environment)


@pytest.mark.parametrize("marker", ["token and more", "another"])
def test_a_marker_of_somebody_else_is_nobodys_to_delete(
    marker: str, ledger: Ledger, environment: Path
) -> None:
    ledger.begin_making(environment, "token")
    (environment / MARKER).write_text(marker)
    assert not ledger.is_unfinished(environment)


def test_a_marker_without_a_record_says_nothing(ledger: Ledger, environment: Path) -> None:
    (environment / MARKER).write_text("token")
    assert not ledger.is_unfinished(environment)


def test_one_that_was_made_is_remembered_until_another_stands_there(
    ledger: Ledger, environment: Path
) -> None:
    ledger.begin_making(environment, "token")
    (environment / "pyvenv.cfg").write_text("home = /usr/bin\n")
    ledger.finish_making(environment)
    assert ledger.made(environment)
    assert Ledger(ledger._dir).made(environment)
    environment.rename(environment.with_name("moved"))
    assert not ledger.made(environment)
    environment.mkdir()
    assert not ledger.made(environment)
    environment.rmdir()
    environment.with_name("moved").rename(environment)
    assert ledger.made(environment)
    # The folder's number is the same; what a checkout puts there is not.
    (environment / "pyvenv.cfg").unlink()
    assert not ledger.made(environment)
    (environment / "pyvenv.cfg").write_text("home = /usr/bin\n")
    assert not ledger.made(environment)


@pytest.mark.parametrize("part", ["", "tok"])
def test_one_killed_while_the_marker_was_written_is_unfinished(
    part: str, ledger: Ledger, environment: Path
) -> None:
    ledger.begin_making(environment, "token")
    (environment / MARKER).write_text(part)
    assert ledger.is_unfinished(environment)
    (environment / "theirs").touch()
    assert not ledger.is_unfinished(environment)
    (environment / "theirs").unlink()
    (environment / MARKER).write_text("other")
    assert not ledger.is_unfinished(environment)


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"state": 7}', "\0\0", "[" * 10**5])
def test_a_corrupt_record_is_as_good_as_none(text: str, ledger: Ledger, environment: Path) -> None:
    ledger.begin_making(environment, "token")
    (environment / MARKER).write_text("token")
    (record,) = (ledger._dir / "environments").iterdir()
    record.write_text(text)
    assert not ledger.is_unfinished(environment)
    assert not ledger.made(environment)
    (environment / "pyvenv.cfg").write_text("home = /usr/bin\n")
    ledger.finish_making(environment)
    assert ledger.made(environment)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX systems")
@pytest.mark.parametrize("name", [MARKER, "record"])
def test_what_would_make_a_reader_wait_is_not_read(
    name: str, ledger: Ledger, environment: Path
) -> None:
    ledger.begin_making(environment, "token")
    (environment / MARKER).write_text("token")
    (record,) = (ledger._dir / "environments").iterdir()
    file = record if name == "record" else environment / MARKER
    file.unlink()
    os.mkfifo(file)
    assert not ledger.is_unfinished(environment)
    file.unlink()
    file.symlink_to("/dev/zero")
    assert not ledger.is_unfinished(environment)


def test_records_are_private(ledger: Ledger, environment: Path) -> None:
    ledger.begin_making(environment, "token")
    with ledger.lock(environment):
        pass
    for path in ledger._dir.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    (record,) = (ledger._dir / "environments").iterdir()
    assert json.loads(record.read_text())["path"] == str(environment)


def test_without_a_place_to_remember_nothing_fails(tmp_path: Path, environment: Path) -> None:
    (tmp_path / "file").write_text("")
    ledger = Ledger(tmp_path / "file/state")
    ledger.begin_making(environment, "token")
    with ledger.lock(environment):
        assert not ledger.made(environment)


def test_the_second_waits_for_its_turn(ledger: Ledger, environment: Path) -> None:
    held = threading.Event()
    order = []

    def second() -> None:
        held.wait(10)
        with Ledger(ledger._dir).lock(environment):
            order.append("second")

    other = threading.Thread(target=second)
    other.start()
    with ledger.lock(environment):
        held.set()
        other.join(0.3)
        order.append("first")
    other.join(10)
    assert order == ["first", "second"]


def test_places_do_not_wait_for_each_other(ledger: Ledger, environment: Path) -> None:
    waited: list[str] = []
    note: Callable[[], None] = lambda: waited.append("x")  # noqa: E731 - the shape of a hook
    with ledger.lock(environment), ledger.lock(environment.with_name("venv"), on_wait=note):
        pass
    assert waited == []


def test_a_killed_holder_holds_nothing(ledger: Ledger, environment: Path) -> None:
    program = (
        "import os, sys, pathlib; from safepip.state import Ledger\n"
        "with Ledger(pathlib.Path(sys.argv[1])).lock(pathlib.Path(sys.argv[2])): os._exit(9)"
    )
    argv = [sys.executable, "-c", program, str(ledger._dir), str(environment)]
    assert subprocess.run(argv, check=False).returncode == 9
    waited: list[str] = []
    with ledger.lock(environment, on_wait=lambda: waited.append("x")):
        pass
    assert waited == []


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "record"
    write_atomically(file, b"old")
    write_atomically(file, b"new")
    assert file.read_bytes() == b"new"
    assert [one.name for one in tmp_path.iterdir()] == ["record"]
    with pytest.raises(OSError, match="missing"):
        write_atomically(tmp_path / "missing/record", b"x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_atomically(tmp_path / "folder", b"x")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["folder", "record"]


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="no root on this machine")
def test_a_file_can_be_anothers(tmp_path: Path) -> None:
    write_atomically(tmp_path / "record", b"x", owner=(12345, 54321))
    info = (tmp_path / "record").stat()
    assert (info.st_uid, info.st_gid) == (12345, 54321)


@pytest.mark.skipif(sys.platform == "win32", reason="links and owners of POSIX systems")
def test_only_what_is_surely_ours_is_swept(tmp_path: Path) -> None:
    begin = "..bashrc.safepip-"
    for name in (
        begin + "abcd_123",
        ".bashrc-abcd_123",
        begin + "abcd",
        begin + "ABCD-123",
        ".bashrc",
    ):
        (tmp_path / name).write_text("x")
    (tmp_path / f"{begin}linklink").symlink_to(tmp_path / ".bashrc")
    (tmp_path / f"{begin}folder_f").mkdir()
    (tmp_path / f"..zshrc{begin[8:]}abcd_123").write_text("x")
    theirs = tmp_path / f"{begin}theirs_t"
    theirs.write_text("x")
    before = {one.name for one in tmp_path.iterdir()} - {begin + "abcd_123"}
    if os.getuid() == 0:
        os.chown(theirs, 12345, -1)
    else:
        before.discard(theirs.name)
    sweep(tmp_path / ".bashrc")
    assert {one.name for one in tmp_path.iterdir()} == before
    sweep(tmp_path / "missing/.bashrc")


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX systems")
def test_the_turn_says_whether_it_is_held(tmp_path: Path) -> None:
    with Ledger(tmp_path / "state").lock(tmp_path) as held:
        assert held
    (tmp_path / "file").touch()
    with Ledger(tmp_path / "file").lock(tmp_path) as held:
        assert not held


def test_a_turn_that_is_free_is_taken_without_waiting(ledger: Ledger, environment: Path) -> None:
    end = ledger.take(environment)
    assert end is not None
    assert Ledger(ledger._dir).take(environment) is None
    assert Ledger(ledger._dir).take(environment.with_name("venv")) is not None
    end()
    waited: list[str] = []
    with ledger.lock(environment, on_wait=lambda: waited.append("x")) as held:
        assert held
        assert Ledger(ledger._dir).take(environment) is None
    assert waited == []


def test_a_turn_is_known_to_whoever_uses_filelock(ledger: Ledger, environment: Path) -> None:
    # As do the safepips of before, and this one where it has to wait.
    with ledger.lock(environment):
        (file,) = (ledger._dir / "locks").iterdir()
        with pytest.raises(Timeout):
            FileLock(file).acquire(blocking=False)
    with FileLock(file):
        assert ledger.take(environment) is None
    release = ledger.take(environment)
    assert release is not None
    assert ledger.take(environment) is None
    release()


def test_where_there_are_no_locks_nobody_waits(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ends = [Ledger(tmp_path / "file").take(tmp_path) for _ in range(2)]
    assert None not in ends
