"""What is started ahead: it becomes pip when it is told to, and is gone without a trace else."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from safepip import ahead, runner
from safepip.runner.tree import is_alive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows starts nothing ahead")
ENV = {
    "PATH": os.defpath,
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_CACHE_DIR": "1",  # else a user who is not root is warned that it cannot be written
    "HOME": "/nonexistent",
}


@pytest.fixture(autouse=True)
def _ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ahead, "allowed", True)
    yield
    ahead.end()


def _started() -> ahead.Started:
    (started,) = ahead._waiting
    return started


def _run(argv: list[str], env: dict[str, str]) -> tuple[int, list[bytes]]:
    said: list[bytes] = []

    def watch(_: object, data: bytes) -> None:
        said.append(data)

    from safepip.reading.gate import Gate

    done = runner.run_watched(argv, env=env, gate=Gate(), on_pause=lambda: True, watch=watch)
    return done.returncode, b"".join(said).splitlines()


def _pips_script(folder: Path) -> str:
    script = folder / "pip"
    script.write_text(
        f"#!{sys.executable}\nimport sys\nfrom pip._internal.cli.main import main\n"
        "if __name__ == '__main__':\n    print(sys.orig_argv[1])\n    sys.exit(main())\n"
    )
    script.chmod(0o755)
    return str(script)


@pytest.mark.parametrize("by_script", [True, False])
def test_it_becomes_the_pip_that_it_was_started_for(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], *, by_script: bool
) -> None:
    script = _pips_script(tmp_path) if by_script else None
    ahead.start([sys.executable], script, ENV)
    started = _started()
    head = [script] if script else [sys.executable, "-m", "pip"]
    more = {**ENV, "PIP_INDEX_URL": "http://new.test/ü"}
    del more["PIP_DISABLE_PIP_VERSION_CHECK"]
    status, lines = _run([*head, "config", "debug"], more)
    assert (status, started.returncode) == (0, 0)
    assert not is_alive(started.pid)
    text = b"\n".join(lines).decode()
    assert "PIP_INDEX_URL='http://new.test/ü'" in text
    assert "VERSION_CHECK" not in text
    assert lines[0] == (b"-c" if script else b"env_var:")
    assert capfd.readouterr().out == text + "\n"  # what was seen is what was shown
    assert _run([*head, "no-such-command"], ENV)[0] == 1  # by then there is none ahead


def test_after_another_install_it_starts_anew(tmp_path: Path) -> None:
    # A user site that was not there at the start is not on its path, and pip may be another one.
    script, (begun, more) = _pips_script(tmp_path), _slow_programs(tmp_path)
    env = {**ENV, "PYTHONPATH": str(more)}
    ahead.start([sys.executable], script, env)
    while not begun.exists():
        os.sched_yield()
    (more / "labone-1.0.dist-info").mkdir()
    assert _run([script, "x"], env) == (7, [os.fsencode(script)])


def _slow_programs(folder: Path) -> tuple[Path, Path]:
    """A pip that tells by a file that its import has begun, and a pipx whose import waits."""
    begun, more = folder / "begun", folder / "more"
    main, pipx = more / "pip/_internal/cli/main.py", more / "pipx/main.py"
    for package in ("pipx", "pip", "pip/_internal", "pip/_internal/cli"):
        (more / package).mkdir(parents=True, exist_ok=True)
        (more / package / "__init__.py").touch()
    main.write_text(f"open({str(begun)!r}, 'w').close()\ndef main():\n    return 7\n")
    os.mkfifo(folder / "fifo")
    pipx.write_text(f"open({str(folder / 'fifo')!r}).close()\n")
    return begun, more


@pytest.mark.parametrize("needed", ["the first", "the second", "none"])
def test_of_two_the_second_waits_for_all_others_at_work(tmp_path: Path, needed: str) -> None:
    script, (begun, more) = _pips_script(tmp_path), _slow_programs(tmp_path)
    env = {**ENV, "PYTHONPATH": str(more)}
    wait = "import os, sys; input(); os.close(int(sys.argv[1])); sys.stdin.read()"
    ahead.start_asked([sys.executable, "-c", wait], ENV)
    ahead.start([sys.executable], None, env, "pipx")
    ahead.start([sys.executable], script, env)
    first, second = ahead._waiting
    if needed == "the first":
        (tmp_path / "fifo").open("w").close()
        asked = ahead.take_asked([sys.executable, "-c", wait], ENV)
        assert asked is not None
        asked.communicate(b"go on\n")
        while not begun.exists():
            os.sched_yield()
        assert _run([sys.executable, "-m", "pipx"], env)[0] == 1  # it has no __main__
    elif needed == "the second":
        assert _run([script, "x"], env)[0] == 7
    else:
        assert ahead.take((), {}) is None
        assert (second.wait(), begun.exists()) == (0, False)
    both = os.open(tmp_path / "fifo", os.O_RDWR)  # if it has come to that import at all
    ahead.end()
    os.close(both)
    assert not is_alive(first.pid)
    assert not is_alive(second.pid)


@pytest.mark.parametrize(
    ("argv", "env"),
    [
        ([sys.executable, "-c", "print(1)"], ENV),
        ([sys.executable, "-m", "pip", "--version"], {**ENV, "PYTHONNOUSERSITE": "1"}),
    ],
)
def test_a_wrong_guess_is_gone_and_has_done_nothing(argv: list[str], env: dict[str, str]) -> None:
    ahead.start([sys.executable], None, ENV)
    started = _started()
    status, lines = _run(argv, env)
    assert (status, len(lines)) == (0, 1)
    ahead.end()
    assert started.returncode == 0
    assert not is_alive(started.pid)


def test_it_ends_with_whoever_started_it(tmp_path: Path) -> None:
    code = (
        "import os, sys; from safepip import ahead; ahead.allowed = True;"
        "ahead.start([sys.executable], None, os.environ);"
        "os.write(1, b'%d' % ahead._waiting[0].pid); os.kill(os.getpid(), 9)"
    )
    done = runner.capture([sys.executable, "-c", code], env=ENV, cwd=tmp_path, timeout_s=60)
    assert done.returncode == -9
    while is_alive(int(done.stdout)):
        os.sched_yield()


def test_without_a_python_nothing_is_started(tmp_path: Path) -> None:
    files = os.listdir("/dev/fd")  # noqa: PTH208 - numbers
    ahead.start([str(tmp_path / "python")], None, ENV)
    assert not ahead._waiting
    assert os.listdir("/dev/fd") == files  # noqa: PTH208
