"""What stands still, and what ends, with pip: all that it started, and when safepip is killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safepip import runner
from safepip.runner import tree
from safepip.wording.reasons import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX processes and signals")

ENV = dict(os.environ)
SLEEP = "sleep 300"


def wait_for(condition: Callable[[], object], what: str = "") -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def numbers(folder: Path, count: int) -> list[int]:
    """The processes that said their number there."""

    def found() -> list[int]:
        return [int(one.name) for one in folder.iterdir() if one.name.isdecimal()]

    wait_for(lambda: len(found()) == count, f"{count} numbers in {folder}")
    return sorted(found())


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


# A script that starts a script that starts the one that counts.
NESTED = ": > $$; sh -c ': > $$; sh -c \": > \\$\\$; sleep 300; :\"; :'; :"


@pytest.fixture
def nested(tmp_path: Path) -> Iterator[tuple[int, list[int]]]:
    process = subprocess.Popen(["sh", "-c", NESTED], cwd=tmp_path)
    pids = numbers(tmp_path, 3)
    wait_for(lambda: len(tree.members(process.pid)) == 4)
    yield process.pid, pids
    tree.kill(process.pid)
    process.wait()


def test_all_below_a_process_are_its_members(nested: tuple[int, list[int]]) -> None:
    root, pids = nested
    found = tree.members(root)
    assert found[0] == root
    assert set(pids) < set(found)
    assert len(found) == len(set(found)) == 4
    assert os.getpid() not in found


def test_the_list_of_all_processes_says_the_same(
    nested: tuple[int, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, _ = nested
    expected = tree.members(root)
    monkeypatch.setattr(tree, "_children", lambda _: None)
    assert tree.members(root) == expected


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to see it in")
def test_all_stand_still_and_go_on_together(nested: tuple[int, list[int]]) -> None:
    root, _ = nested
    still = tree.freeze(root)
    assert set(still) == set(tree.members(root))
    # D: it waits for a child that stands still before its exec.
    wait_for(lambda: {state(pid) for pid in still} <= {"T", "D"})
    tree.send(still, signal.SIGCONT)
    wait_for(lambda: "T" not in {state(pid) for pid in still})


def test_all_end_together(nested: tuple[int, list[int]]) -> None:
    root, _ = nested
    found = tree.members(root)
    tree.kill(root)
    wait_for(lambda: not any(map(tree.is_alive, found)))


def test_of_what_is_gone_nothing_is_asked() -> None:
    process = subprocess.Popen(["true"])
    wait_for(lambda: not tree.is_alive(process.pid), "a process that was not waited for")
    process.wait()
    assert tree.members(process.pid) == (process.pid,)
    assert not tree.is_alive(process.pid)


# Killed

STARTS = {
    "asked for what it says": "runner.capture({argv}, env=env, timeout_s=300)",
    "on our own streams": "runner.run_inherited({argv}, env=env)",
    "watched": "runner.run_watched({argv}, env=env, gate=Gate(), on_pause=bool)",
    "a shell that is asked": (
        "runner.ask({argv}, env=env, cwd='.', program='/bin/sh', end=b'!', timeout_s=300)"
    ),
}


@pytest.mark.parametrize("group", [False, True], ids=["safepip", "its group"])
@pytest.mark.parametrize("how", STARTS)
def test_where_safepip_is_killed_nothing_goes_on(how: str, group: bool, tmp_path: Path) -> None:
    call = STARTS[how].format(argv=["sh", "-c", NESTED])
    code = f"""
import os
from pathlib import Path
from safepip import runner
from safepip.reading.gate import Gate
from safepip.runner import watchdog
env, told = dict(os.environ), watchdog.guard
watchdog.guard = lambda pid: (told(pid), Path("guarded").touch())
{call}
"""
    driver = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for((tmp_path / "guarded").exists)
    pids = numbers(tmp_path, 3)
    if group:
        os.killpg(driver.pid, signal.SIGKILL)
    else:
        driver.kill()
    driver.wait()
    wait_for(lambda: not any(map(tree.is_alive, pids)), "the end of all that it started")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to see it in")
def test_where_safepip_is_killed_while_pip_stands_still_it_does_not_stay(tmp_path: Path) -> None:
    code = f"""
import os, time
from pathlib import Path
from safepip import runner
class Filter:
    wants_pause = False
    def feed(self, stream, data):
        self.wants_pause = True
        return data
    def idle(self): return ()
    overdue = resume = idle
def pause():
    Path("paused").touch()
    time.sleep(300)
argv = ["sh", "-c", {NESTED.replace("sleep", "echo said; sleep")!r}]
runner.run_watched(argv, env=dict(os.environ), gate=Filter(), on_pause=pause)
"""
    driver = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    pids = numbers(tmp_path, 3)
    wait_for((tmp_path / "paused").exists)
    wait_for(lambda: {state(pid) for pid in pids} <= {"T", "D"})
    driver.kill()
    driver.wait()
    wait_for(lambda: not any(map(tree.is_alive, pids)), "the end of all that stood still")


def test_where_safepip_is_killed_its_temporary_folders_go(tmp_path: Path) -> None:
    temporary = tmp_path / "a\nfolder"
    temporary.mkdir()
    code = f"""
import os
from pathlib import Path
from safepip import runner
with runner.temporary_folder({str(temporary)!r}) as gone:
    Path(gone, "file").touch()
with runner.temporary_folder({str(temporary)!r}) as name:
    assert not os.path.exists(gone)
    more = f"mkdir -p '{{name}}/a/b'; touch made; while :; do : > '{{name}}'/a/b/$((n += 1)); done"
    runner.capture(["sh", "-c", more], env=dict(os.environ), timeout_s=300)
"""
    driver = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path)
    wait_for((tmp_path / "made").exists)
    assert len(list(temporary.glob("safepip-*"))) == 1
    driver.kill()
    driver.wait()
    wait_for(lambda: not list(temporary.iterdir()), "the end of the folder")


def test_what_was_not_ours_to_end_goes_on(tmp_path: Path) -> None:
    code = """
import os
from safepip import runner
runner.capture(["sh", "-c", "(touch first; sleep 300 >&- 2>&-) & sleep 0.1; echo $!"],
    env=dict(os.environ), timeout_s=60)
"""
    done = subprocess.run([sys.executable, "-c", code + "print('done')"], cwd=tmp_path, check=True,
        capture_output=True)  # fmt: skip
    assert done.stdout == b"done\n"


# Bounds


def test_a_program_that_does_not_stop_talking_is_ended(tmp_path: Path) -> None:
    said = runner.capture(["sh", "-c", "touch $$; yes"], env=ENV, cwd=tmp_path, timeout_s=300)
    assert shown(said.problem) == "it said more than 16 MB"
    assert len(said.stdout) < 17 << 20
    wait_for(lambda: not any(map(tree.is_alive, numbers(tmp_path, 1))))


@pytest.mark.parametrize("stream", ["", ">&2"])
def test_much_is_kept_whole(stream: str) -> None:
    said = runner.capture(
        ["sh", "-c", f"head -c 3000000 /dev/zero {stream}; cat"],
        env=ENV,
        timeout_s=300,
        input=b"x" * 1_000_000,
    )
    assert said.problem is None
    assert len(said.stdout + said.stderr) == 4_000_000


def test_what_is_left_of_a_program_that_is_late_ends_too(tmp_path: Path) -> None:
    said = runner.capture(["sh", "-c", NESTED], env=ENV, cwd=tmp_path, timeout_s=1)
    assert shown(said.problem) == "no answer within 1 seconds"
    pids = numbers(tmp_path, 3)
    wait_for(lambda: not any(map(tree.is_alive, pids)))


def test_a_grandchild_that_keeps_the_streams_open_is_not_waited_for() -> None:
    begun = time.monotonic()
    said = runner.capture(["sh", "-c", "sleep 300 & echo $!"], env=ENV, timeout_s=200)
    try:
        assert said.problem is None
        assert said.returncode == 0
        assert time.monotonic() - begun < 100
    finally:
        with contextlib.suppress(OSError):
            os.kill(int(said.stdout), signal.SIGKILL)


def test_one_that_does_not_read_what_it_is_told_is_no_error() -> None:
    said = runner.capture(["true"], env=ENV, timeout_s=60, input=b"x" * 1_000_000)
    assert (said.returncode, said.problem) == (0, None)
