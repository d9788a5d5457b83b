"""What is started ahead: it becomes pip when it is told to, and is gone without a trace else."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safepip import ahead, runner, started
from safepip.runner.tree import is_alive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safepip.started import Started

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


def _started() -> Started:
    (one,) = ahead._waiting
    return one


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
        with asked:
            asked.stdin.write(b"go on\n")
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


SAYS_ITS_MASK = (
    "import signal, sys; print(sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, ()))))"
)


@pytest.mark.parametrize("blocked", [set(), {signal.SIGCHLD, signal.SIGUSR1}])
def test_pip_is_begun_with_the_signals_that_we_were_started_with(
    blocked: set[signal.Signals],
) -> None:
    argv = [sys.executable, "-S", "-c", SAYS_ITS_MASK]
    before = signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    try:
        ahead.begin(argv, ENV)
        assert signal.SIGTERM in signal.pthread_sigmask(signal.SIG_BLOCK, ())
        assert _run(argv, ENV) == (0, [str(sorted(map(int, blocked))).encode()])
        after = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        assert after == blocked - {signal.SIGCHLD}  # as of whatever is watched
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def test_a_signal_that_came_before_anybody_answered_for_pip_is_passed_on() -> None:
    ready = "print('ready', flush=True)"
    argv = [sys.executable, "-S", "-c", f"import time; {ready}; time.sleep(600)"]
    ahead.begin(argv, ENV)
    pid = _started().pid
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)  # other threads of a test block none
    assert _run(argv, ENV) == (-signal.SIGTERM, [])
    assert not is_alive(pid)


@pytest.mark.parametrize("ask", ["nothing", "another environment"])
def test_a_pip_that_was_begun_and_nobody_answers_for_is_ended(ask: str) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    argv = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
    ahead.begin(argv, ENV)
    pid = _started().pid
    if ask == "another environment":
        assert ahead.take(argv, {**ENV, "PIP_NO_INDEX": "1"}) is None
    ahead.end()
    assert not is_alive(pid)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


@pytest.mark.parametrize("gone", [False, True])
def test_an_end_that_a_signal_s_handler_has_seen_first_keeps_its_status(
    monkeypatch: pytest.MonkeyPatch, *, gone: bool
) -> None:
    """Python runs a handler between any two steps: here while the end is being asked for."""
    argv = [sys.executable, "-S", "-c", "raise SystemExit(7)"]
    child = started.Child(os.posix_spawn(argv[0], argv, ENV))
    ask = os.waitpid

    def by_a_handler(_pid: int, _how: int) -> tuple[int, int]:
        monkeypatch.setattr(os, "waitpid", ask)
        assert child.wait() == 7
        if gone:
            raise ChildProcessError
        return 0, 0

    monkeypatch.setattr(os, "waitpid", by_a_handler)
    assert child.poll() == 7
    assert child.poll() == 7


def _next_file() -> int:
    with Path(os.devnull).open() as file:
        return file.fileno()


@pytest.mark.parametrize("how", ["begin", "start"])
def test_a_pseudo_terminal_that_takes_no_attributes_is_none(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import termios

    def deny(*_: object) -> None:
        raise termios.error(5, "Input/output error")

    monkeypatch.setattr(os, "isatty", lambda _: True)
    monkeypatch.setattr(termios, "tcsetattr", deny)
    files = os.listdir("/dev/fd")  # noqa: PTH208 - numbers
    if how == "begin":
        ahead.begin([sys.executable, "-c", ""], ENV)
    else:
        ahead.start([sys.executable], None, ENV)
    assert ahead._waiting == []
    assert os.listdir("/dev/fd") == files  # noqa: PTH208


def test_what_cannot_be_begun_is_left_to_whoever_watches_it(tmp_path: Path) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    files = _next_file()
    ahead.begin([str(tmp_path / "pip"), "install", "x"], ENV)
    assert ahead._waiting == []
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
    assert _next_file() == files
