"""The process runner, with real programs, terminals and signals.

A *driver* is a small program that stands where safepip stands: it calls ``run_watched`` and dies
like the child. Where job control matters, a *job* runs it in the foreground of a terminal.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from safepip import runner
from safepip.model.errors import UnavailableError
from safepip.model.triggers import Stream
from safepip.reading.gate import Gate
from safepip.runner import channel as runner_channel
from safepip.runner import child as runner_child
from safepip.runner import windows
from safepip.runner.channel import Channel, poll
from safepip.runner.peeking import Peek
from safepip.wording.reasons import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from typing_extensions import Self

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX processes and signals")

TIMEOUT_S = 150
ENV = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
ENV["HOME"] = os.devnull

DRIVER = """
import json, os, signal, sys, time
from pathlib import Path
from safepip import runner
from safepip.model.triggers import Stream

folder, how, code = Path(sys.argv[1]), set(sys.argv[2].split()), sys.argv[3]


class Filter:
    # Holds stdout from MARK on, and wants a pause then.
    wants_pause = False

    def __init__(self):
        self.held = b""
        self.decided = "pause" not in how

    def feed(self, stream, data):
        if stream is Stream.ERR or self.decided:
            return data
        data, self.held = self.held + data, b""
        if b"MARK\\n" not in data:
            return data
        self.wants_pause = True
        shown, mark, rest = data.partition(b"MARK\\n")
        self.held = mark + rest
        return shown

    def idle(self):
        with open(folder / "idle", "a") as file:
            file.write("idle ")
        return ()

    overdue = idle

    def resume(self):
        self.wants_pause, self.decided = False, True
        return ((Stream.OUT, self.held.replace(b"MARK\\n", b"")),)


def on_pause():
    (folder / "asking").write_text(str(os.getpid()))
    if "raise" in how:
        raise RuntimeError("no decision")
    if "answer" in how:
        return input("which? ") == "go"
    while "wait" in how and not (folder / "decide").exists():
        time.sleep(0.01)
    return "go" in how


def watch(stream, data):
    with open(folder / stream.value, "ab") as file:
        file.write(data)


argv = [sys.executable, "-c", code]
if "unhurried" in how:
    from safepip.runner import child
    child._STOP_DELAYS_S = (3600.0, 3600.0)  # what waits for the second signal waits for ever
try:
    if "inherited" in how:
        finished = runner.run_inherited(argv, env=os.environ)
    else:
        finished = runner.run_watched(
            argv,
            env=os.environ,
            gate=Filter(),
            on_pause=on_pause,
            watch=watch if "watch" in how else None,
            pipes_only="pipes" in how,
        )
except BaseException as error:
    (folder / "raised").write_text(type(error).__name__)
    raise
new = folder / "finished.new"
new.write_text(json.dumps([finished.returncode, finished.stopped, finished.interrupted]))
new.rename(folder / "finished")
sys.exit(runner.exit_like(finished.returncode))
"""

SHELL = """
import os, signal, sys

tty, orders, reports, *argv = sys.argv[1:]
fd = os.open(tty, os.O_RDWR)  # as a session's leader: it becomes the controlling terminal
for stream in range(3):
    os.dup2(fd, stream)
orders, reports = os.fdopen(int(orders)), os.fdopen(int(reports), "w", buffering=1)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
pid = os.fork()
if not pid:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpgrp())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(argv[0], argv)
while True:
    _, status = os.waitpid(pid, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        print("ended", os.waitstatus_to_exitcode(status), file=reports)
        break
    os.tcsetpgrp(0, os.getpgrp())
    print("stopped", pid, file=reports)
    if orders.readline() == "fg\\n":
        os.tcsetpgrp(0, pid)
    os.kill(-pid, signal.SIGCONT)
"""

CANCELLED = """
import sys, time
count = 0
try:
    print("ready", flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    print("ERROR: Operation cancelled by user", file=sys.stderr, flush=True)
    try:
        time.sleep(0.6)
    except KeyboardInterrupt:
        sys.exit(99)
    sys.exit(1)
"""
"""Answers an interrupt as pip does, and takes a second one amiss."""

SLEEPS = "import os, time; print('pid', os.getpid(), flush=True); time.sleep(600)"


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.005)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def state(pid: int) -> str:
    """``T``: stopped; ``S``: sleeping."""
    out = subprocess.run(
        ["ps", "-o", "state=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return out.stdout.strip()[:1]


class Driver:
    """A driver that runs a child; by default all its streams are pipes of ours."""

    running: ClassVar[list[Driver]] = []

    def __init__(self, folder: Path, code: str, how: str = "", **popen: object) -> None:
        self.folder = folder
        options: dict[str, object] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "start_new_session": True,
            "env": ENV,
            "bufsize": 0,
        }
        self.process: subprocess.Popen[bytes] = subprocess.Popen(  # type: ignore[call-overload]
            driver(folder, code, how), **{**options, **popen}
        )
        self.running.append(self)

    def communicate(self) -> tuple[int, bytes, bytes]:
        out, err = self.process.communicate(timeout=TIMEOUT_S)
        return self.process.returncode, out, err

    def read_pid(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline().split()[1])

    def finished(self) -> list[object]:
        return finished(self.folder)

    def clear_away(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for file in (self.process.stdin, self.process.stdout, self.process.stderr):
            if file is not None:
                file.close()


def driver(folder: Path, code: str, how: str = "") -> list[str]:
    return [sys.executable, "-c", DRIVER, str(folder), how, code]


def finished(folder: Path) -> list[object]:
    result: list[object] = json.loads((folder / "finished").read_text())
    return result


class Job:
    """A program in the foreground of a terminal, under a shell with job control."""

    def __init__(self, argv: Sequence[str]) -> None:
        self.master, self._slave = os.openpty()
        self.resize(30, 100)
        attributes = termios.tcgetattr(self._slave)
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(self._slave, termios.TCSANOW, attributes)
        orders, self._orders = os.pipe()
        self._reports, reports = os.pipe()
        self.shell = subprocess.Popen(
            [
                sys.executable,
                "-c",
                SHELL,
                os.ttyname(self._slave),
                str(orders),
                str(reports),
                *argv,
            ],
            start_new_session=True,
            pass_fds=(orders, reports),
            env=ENV,
        )
        os.close(orders)
        os.close(reports)
        self.output = b""
        self._told = b""

    def resize(self, lines: int, columns: int) -> None:
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, size)

    def type(self, data: bytes) -> None:
        os.write(self.master, data)

    def order(self, word: str) -> None:
        os.write(self._orders, word.encode() + b"\n")

    def expect(self, text: bytes) -> None:
        """Read until *text* shows."""
        deadline = time.monotonic() + TIMEOUT_S
        while text not in self.output:
            assert time.monotonic() < deadline, f"never: {text!r} in {self.output!r}"
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.output += os.read(self.master, 65536)
                except OSError as error:
                    pytest.fail(f"ended ({error}): no {text!r} in {self.output!r}")

    def report(self) -> tuple[str, int]:
        """What the shell says next: the job stopped (its pid) or ended (its status)."""
        deadline = time.monotonic() + TIMEOUT_S
        while b"\n" not in self._told:
            assert time.monotonic() < deadline, f"no report; output {self.output!r}"
            ready = select.select([self.master, self._reports], [], [], 0.1)[0]
            if self._reports in ready:
                self._told += os.read(self._reports, 1)
            elif ready:
                with suppress(OSError):
                    self.output += os.read(self.master, 65536)
        line, self._told = self._told, b""
        word, number = line.split()
        return word.decode(), int(number)

    def ended(self) -> int:
        word, status = self.report()
        assert word == "ended"
        with suppress(OSError):
            while select.select([self.master], [], [], 0)[0]:
                self.output += os.read(self.master, 65536)
        return status

    def close(self) -> None:
        self.shell.kill()
        self.shell.wait()
        for fd in (self.master, self._slave, self._orders, self._reports):
            os.close(fd)


@pytest.fixture(autouse=True)
def _clear_away() -> Iterator[None]:
    yield
    while Driver.running:
        Driver.running.pop().clear_away()


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Callable[..., Job]]:
    jobs: list[Job] = []

    def start(code: str, how: str = "", *, redirect: str = "") -> Job:
        argv = driver(tmp_path, code, how)
        if redirect:
            argv = ["/bin/sh", "-c", f'exec "$@" {redirect}', "sh", *argv]
        jobs.append(Job(argv))
        return jobs[-1]

    yield start
    for each in jobs:
        each.close()


# Bytes


def test_bytes_and_status_are_the_childs(tmp_path: Path) -> None:
    code = (
        "import sys; sys.stdout.buffer.write(b'\\xff\\x00 a\\r\\nb\\r'); sys.stdout.flush();"
        "sys.stderr.buffer.write(b'\\xe9'); sys.exit(23)"
    )
    assert Driver(tmp_path, code).communicate() == (23, b"\xff\x00 a\r\nb\r", b"\xe9")
    assert finished(tmp_path) == [23, False, None]


def test_watcher_gets_a_copy_of_each_stream(tmp_path: Path) -> None:
    code = "import sys; print('one'); print('two', file=sys.stderr)"
    Driver(tmp_path, code, "watch").communicate()
    assert (tmp_path / "stdout").read_bytes() == b"one\n"
    assert (tmp_path / "stderr").read_bytes() == b"two\n"


def test_both_streams_are_read_at_once(tmp_path: Path) -> None:
    code = (
        "import sys\nfor _ in range(50):\n"
        "  sys.stderr.buffer.write(b'e' * 99999); sys.stdout.buffer.write(b'o' * 99999)"
    )
    status, out, err = Driver(tmp_path, code).communicate()
    assert (status, len(out), len(err)) == (0, 50 * 99999, 50 * 99999)


def test_a_hundred_megabytes_pass_in_little_memory(tmp_path: Path) -> None:
    code = "import os\nfor i in range(1600): os.write(1, bytes([i % 256]) * 65536)"
    started = Driver(tmp_path, code)
    assert started.process.stdout is not None
    size = peak_kib = 0
    # Not by rusage: a child that was forked begins with the peak of its parent, which is pytest's.
    memory = Path(f"/proc/{started.process.pid}/status")
    while data := started.process.stdout.read(1 << 20):
        size += len(data)
        with suppress(OSError):
            found = re.search(r"VmHWM:\s*(\d+) kB", memory.read_text(encoding="ascii"))
            peak_kib = int(found.group(1)) if found else peak_kib
    assert started.communicate()[0] == 0
    assert size == 1600 * 65536
    assert 1_000 < peak_kib < 80_000


def test_a_line_of_megabytes_passes_through_a_terminal(job: Callable[..., Job]) -> None:
    started = job("print('x' * 3_000_000 + 'end')")
    started.expect(b"end\r\n")
    assert started.ended() == 0
    assert started.output == b"x" * 3_000_000 + b"end\r\n"


def test_output_waits_for_a_slow_reader(tmp_path: Path) -> None:
    code = (
        "import os\nfor i in range(64): os.write(1, b'x' * 65536);"
        "os.write(2, b'.')\nos.write(2, b'done')"
    )
    started = Driver(tmp_path, code)
    assert started.process.stdout is not None
    assert started.process.stderr is not None
    assert started.process.stdout.read(1) == b"x"
    status, out, err = started.communicate()
    assert (status, len(out), err) == (0, 64 * 65536 - 1, b"." * 64 + b"done")


@pytest.mark.skipif(sys.platform != "linux", reason="where a pipe's size can be asked")
@pytest.mark.parametrize(("lines", "grows"), [(60_000, False), (4_000_000, True)])
def test_only_a_flood_gets_more_room_in_the_readers_pipe(
    tmp_path: Path, lines: int, grows: bool
) -> None:
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb") as file:
        usual = fcntl.fcntl(ours, fcntl.F_GETPIPE_SZ)
        started = Driver(tmp_path, f"print('x' * 99 + '\\n' * {lines})", stdout=theirs)
        os.close(theirs)
        if grows:  # it is full, and nobody reads
            until(lambda: fcntl.fcntl(ours, fcntl.F_GETPIPE_SZ) > usual, "more room")
        assert len(file.read()) == 100 + lines
        assert (fcntl.fcntl(ours, fcntl.F_GETPIPE_SZ) > usual) is grows
    started.communicate()


def test_a_reader_without_blocking_gets_everything(tmp_path: Path) -> None:
    # Somebody who shares our stdout made it non-blocking.
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    with os.fdopen(ours, "rb") as file:
        started = Driver(tmp_path, "print('x' * 1_000_000)", stdout=theirs)
        os.close(theirs)
        assert file.read() == b"x" * 1_000_000 + b"\n"
    started.communicate()


def test_a_socket_serves_as_stdout(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    with ours, ours.makefile("rb") as file:
        started = Driver(tmp_path, "print('x' * 1_000_000)", stdout=theirs)
        theirs.close()
        assert file.read() == b"x" * 1_000_000 + b"\n"
        started.communicate()


@pytest.mark.parametrize("no_wait", [True, False])
def test_a_pipe_that_cannot_be_opened_once_more_is_never_waited_for(
    monkeypatch: pytest.MonkeyPatch, *, no_wait: bool
) -> None:
    # As of a shell of root's, whose pipe a command run as somebody else may not open.
    def refused(*_: object) -> int:
        raise PermissionError(errno.EACCES, "not yours")

    source, sink = os.pipe()
    with monkeypatch.context() as refusing:
        refusing.setattr(os, "open", refused)
        channel = Channel(Stream.OUT, sink, terminal=False)
    if not no_wait:  # as on a Linux before 6.4
        monkeypatch.setattr(channel, "_no_wait", False)
    data = os.urandom(300_000)
    channel.put(data)
    got = b""
    while channel.pending:
        if channel.sink in poll(source, [channel], None, reading=False):
            channel.flush()
        else:
            got += os.read(source, 50_000)
    channel.close()
    os.close(sink)
    while more := os.read(source, 1 << 20):
        got += more
    os.close(source)
    assert got == data


@pytest.mark.parametrize("refused", [False, True])
def test_a_flood_goes_on_whole_whether_its_pages_can_be_given_on_or_not(
    monkeypatch: pytest.MonkeyPatch, *, refused: bool
) -> None:
    looks = 0
    look = Peek.look

    def counted(peek: Peek, size: int) -> bytes:
        nonlocal looks
        looks += 1
        if refused and looks > 3:  # as where a sandbox filters system calls
            raise PermissionError(errno.EPERM, "not in here")
        return look(peek, size)

    monkeypatch.setattr(Peek, "look", counted)
    monkeypatch.setattr(runner_channel, "_FLOOD_READS", 1)
    data = os.urandom(1 << 20) * 24
    with Flood(data) as flood, ThreadPoolExecutor() as threads:
        reader = threads.submit(_read, flood.reader, len(data) + 1)
        channel, held, turn = flood.channel, b"", 0
        while channel.open or channel.pending:
            events = poll(flood.reader, [channel], None, reading=True)
            if channel.sink in events:
                channel.flush()
            elif channel.source in events:
                piece = channel.read()
                turn += 1
                if turn % 5 == 0:  # as the gate does with what must not be shown yet
                    held, piece = held + piece, b""
                elif held:
                    held, piece = b"", held + piece
                channel.put(piece)
        channel.put(held)
        while channel.pending:
            channel.flush()
        channel.close()
        assert reader.result() == data
    assert looks == 4 if refused else looks > 4


def test_a_flood_is_broken_off_when_its_reader_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_channel, "_FLOOD_READS", 1)
    with Flood(b"x" * (1 << 25)) as flood, ThreadPoolExecutor() as threads:
        reader = threads.submit(_read, flood.reader, 1 << 24)
        while flood.channel.open:
            flood.channel.put(flood.channel.read())
            flood.channel.flush()
        assert len(reader.result()) == 1 << 24
        assert isinstance(flood.writer.exception(), BrokenPipeError)


@pytest.mark.parametrize("reads", [1, 2])
def test_a_flood_is_read_to_its_end_though_nobody_wants_to_see_it_any_more(
    monkeypatch: pytest.MonkeyPatch, reads: int
) -> None:
    monkeypatch.setattr(runner_channel, "_FLOOD_READS", reads)
    data = b"x" * (1 << 22)
    with Flood(data) as flood:
        got = len(shown := flood.channel.read())
        flood.channel.put(shown)
        flood.wait()
        flood.channel.discard()
        while flood.channel.open and got <= len(data):
            got += len(flood.channel.read())
        assert got == len(data)
        flood.writer.result()
    os.close(flood.reader)


class Flood:
    """*data* on its way through a channel, by pieces as a Python program writes them."""

    def __init__(self, data: bytes) -> None:
        self.reader, sink = os.pipe()
        self.channel = Channel(Stream.OUT, sink, terminal=False)
        os.close(sink)
        self._threads = ThreadPoolExecutor()
        self.writer = self._threads.submit(_write, os.dup(self.channel.end), data)
        self.channel.started()

    def __enter__(self) -> Self:
        self.wait()
        return self

    def wait(self) -> None:
        """Until more has come than one read takes."""
        waiting = 0
        while waiting < runner_channel.READ_SIZE:
            answer = fcntl.ioctl(self.channel.source, termios.FIONREAD, bytes(4))
            waiting = int.from_bytes(answer, sys.byteorder)
            select.select([], [], [], 0.01)

    def __exit__(self, *_: object) -> None:
        self.channel.close()
        self._threads.shutdown()


def _write(fd: int, data: bytes) -> None:
    with open(fd, "wb", buffering=0) as file:
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest[:8192]) or 0 :]


def _read(fd: int, size: int) -> bytes:
    with open(fd, "rb") as file:
        return file.read(size)


def test_what_comes_while_the_reader_is_slow_goes_behind_what_waits() -> None:
    source, end = os.pipe()
    channel = Channel(Stream.OUT, end, terminal=False)
    waits, seen = b"a" * (1 << 21), b""
    channel.put(waits)
    assert channel.pending
    channel.put(b"b")
    while len(seen) < len(waits) + 1:
        seen += os.read(source, 1 << 16)
        channel.flush()
    assert seen == waits + b"b"
    channel.close()
    os.close(source)
    os.close(end)


def test_a_stream_without_end_is_left_after_the_programs_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner_channel, "_DRAIN_LIMIT", 10)
    source, end = os.pipe()
    channel = Channel(Stream.OUT, end, terminal=False)
    os.write(channel.end, b"more than ten")
    assert channel.drain() == b"more than ten"
    assert not channel.open  # whoever still has the other end finds out
    channel.close()
    os.close(source)
    os.close(end)


def test_order_is_kept_where_both_go_into_one_pipe(tmp_path: Path) -> None:
    code = "import os\nfor i in range(500): os.write(1 + i % 2, b'%d\\n' % i)"
    started = Driver(tmp_path, code, "watch", stderr=subprocess.STDOUT)
    status, out, _ = started.communicate()
    assert (0, "".join(f"{i}\n" for i in range(500)).encode()) == (status, out)
    assert (tmp_path / "both").read_bytes() == out


def test_order_is_kept_where_both_go_into_one_file(tmp_path: Path) -> None:
    code = "import os\nfor i in range(500): os.write(1 + i % 2, b'%d\\n' % i)"
    with (tmp_path / "log").open("wb") as log:
        log.write(b"before\n")
        log.flush()
        Driver(tmp_path, code, stdout=log, stderr=log).communicate()
    assert (tmp_path / "log").read_text() == "before\n" + "".join(f"{i}\n" for i in range(500))


def test_order_is_kept_on_one_terminal(job: Callable[..., Job]) -> None:
    started = job("import os\nfor i in range(500): os.write(1 + i % 2, b'%d\\n' % i)")
    started.expect(b"\n499\r\n")
    assert started.ended() == 0
    assert started.output == "".join(f"{i}\r\n" for i in range(500)).encode()


def test_a_grandchild_that_keeps_the_pipe_is_not_waited_for(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys; print('pid', subprocess.Popen("
        "[sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True)"
    )
    started = Driver(tmp_path, code)
    grandchild = started.read_pid()
    assert started.process.wait(TIMEOUT_S) == 0
    assert is_alive(grandchild)
    os.kill(grandchild, signal.SIGKILL)
    started.communicate()


def test_a_grandchild_that_goes_on_writing_is_not_waited_for(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c',"
        "'import os, time\\nwhile True: os.write(1, b\"x\" * 4096)']); print('y')"
    )
    started = Driver(tmp_path, code)
    status, out, _ = started.communicate()
    assert status == 0
    assert b"y\n" in out


def test_a_grandchild_that_keeps_the_terminal_is_not_waited_for(job: Callable[..., Job]) -> None:
    started = job(
        "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c',"
        "'import time; time.sleep(600)'], stdin=subprocess.DEVNULL, start_new_session=True).pid)"
    )
    assert started.ended() == 0
    os.kill(int(started.output), signal.SIGKILL)


def test_all_is_shown_that_was_written_last(tmp_path: Path) -> None:
    for _ in range(10):
        code = "import os; os.write(1, b'x' * 60000); os.write(2, b'y' * 60000); os._exit(3)"
        status, out, err = Driver(tmp_path, code).communicate()
        assert (status, len(out), len(err)) == (3, 60000, 60000)


# Broken and closed streams


def test_the_child_finds_out_that_nobody_reads(tmp_path: Path) -> None:
    code = (
        "import os, sys, time\nos.write(1, b'first\\n')\n"
        f"while not os.path.exists({str(tmp_path / 'closed')!r}): time.sleep(0.01)\n"
        "try:\n  while True: os.write(1, b'x' * 100); time.sleep(0.01)\n"
        "except BrokenPipeError: os.write(2, b'broken'); os._exit(120)"
    )
    started = Driver(tmp_path, code)
    assert started.process.stdout is not None
    assert started.process.stderr is not None
    assert started.process.stdout.readline() == b"first\n"
    started.process.stdout.close()
    (tmp_path / "closed").touch()
    assert started.process.wait(TIMEOUT_S) == 120
    assert started.process.stderr.read() == b"broken"
    started.process.stderr.close()


def test_a_lost_reader_is_noticed_before_the_next_write(tmp_path: Path) -> None:
    # One write only: if it were taken from the child first, the child would never know.
    code = (
        "import os, select, sys\nos.write(1, b'first\\n')\n"
        "poll = select.poll(); poll.register(1, 0); poll.poll(20000)\n"
        "try: os.write(1, b'last')\nexcept BrokenPipeError: os._exit(120)"
    )
    started = Driver(tmp_path, code)
    assert started.process.stdout is not None
    started.process.stdout.readline()
    started.process.stdout.close()
    assert started.process.wait(TIMEOUT_S) == 120
    assert started.process.stderr is not None
    started.process.stderr.close()


def test_the_other_stream_goes_on_when_one_is_broken(tmp_path: Path) -> None:
    code = (
        "import os, select\npoll = select.poll(); poll.register(1, 0); poll.poll(20000)\n"
        "os.write(2, b'y' * 500000)"
    )
    started = Driver(tmp_path, code)
    assert started.process.stdout is not None
    assert started.process.stderr is not None
    started.process.stdout.close()
    assert len(started.process.stderr.read()) == 500000
    assert started.process.wait(TIMEOUT_S) == 0
    started.process.stderr.close()


@pytest.mark.parametrize("redirect", [">&-", "2>&-", "1</dev/null"])
def test_a_stream_that_cannot_be_written_cannot_be_watched(redirect: str) -> None:
    code = "import os; from safepip import runner; os._exit(runner.can_watch())"
    argv = ["/bin/sh", "-c", f'exec "$@" {redirect}', "sh", sys.executable, "-c", code]
    assert subprocess.run(argv, env=ENV, timeout=TIMEOUT_S, check=False).returncode == 0


def test_pipes_files_and_terminals_can_be_watched(tmp_path: Path, job: Callable[..., Job]) -> None:
    code = "import os; from safepip import runner; os._exit(10 + runner.can_watch())"
    done = subprocess.run([sys.executable, "-c", code], env=ENV, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 11
    assert job(code, "inherited").ended() == 11


# What the child has


def test_open_files_reach_the_child(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    os.write(theirs, b"requirement")
    os.close(theirs)
    code = f"print(open('/dev/fd/{ours}').read())"
    started = Driver(tmp_path, code, pass_fds=[ours])
    os.close(ours)
    assert started.communicate()[:2] == (0, b"requirement\n")


@pytest.mark.parametrize("how", ["", "inherited"])
def test_the_child_has_no_open_files_of_ours(tmp_path: Path, how: str) -> None:
    code = "import os; print(sorted(map(int, os.listdir('/dev/fd')))[:-1])"
    assert Driver(tmp_path, code, how).communicate()[:2] == (0, b"[0, 1, 2]\n")


def test_stdin_is_the_childs(tmp_path: Path) -> None:
    started = Driver(tmp_path, "print(input() + input())", stdin=subprocess.PIPE)
    out, _ = started.process.communicate(b"a\nb\n", timeout=TIMEOUT_S)
    assert out == b"ab\n"


def test_a_closed_stdin_stays_closed(tmp_path: Path) -> None:
    argv = [
        "/bin/sh",
        "-c",
        'exec "$@" <&-',
        "sh",
        *driver(tmp_path, "import sys;print(sys.stdin)"),
    ]
    out = subprocess.run(argv, env=ENV, stdout=subprocess.PIPE, timeout=TIMEOUT_S, check=True)
    assert out.stdout == b"None\n"


def test_environment_and_group_are_the_same(tmp_path: Path) -> None:
    code = "import os; print(os.environ['MARK'], os.getpgrp() == os.getpgid(os.getppid()))"
    assert Driver(tmp_path, code, env={**ENV, "MARK": "1"}).communicate()[1] == b"1 True\n"


def test_signal_actions_are_those_of_an_exec(tmp_path: Path) -> None:
    code = (
        "import signal as s; print(*[s.getsignal(n).name if n != s.SIGINT else 'py' for n in"
        "(s.SIGINT, s.SIGTERM, s.SIGHUP, s.SIGCHLD, s.SIGWINCH, s.SIGCONT)],"
        "s.pthread_sigmask(s.SIG_BLOCK, ()))"
    )
    bare = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    assert Driver(tmp_path, code).communicate()[1] == bare.stdout


SEES = "import os; print([os.isatty(n) for n in range(3)])"


@pytest.mark.parametrize(
    ("redirect", "expected"),
    [
        ("", [True, True, True]),
        ("2>{}/err", [True, True, False]),
        (">{}/out", [True, False, True]),
        (">{}/out 2>&1", [True, False, False]),
        ("2>/dev/tty", [True, True, True]),
    ],
)
def test_each_stream_is_a_terminal_where_ours_is(
    tmp_path: Path, job: Callable[..., Job], redirect: str, expected: list[bool]
) -> None:
    started = job(SEES, redirect=redirect.format(tmp_path))
    assert started.ended() == 0
    file = tmp_path / "out"
    shown = file.read_text() if file.exists() else started.output.decode()
    assert shown.strip() == str(expected)


def test_the_controlling_terminal_by_two_names_is_one(job: Callable[..., Job]) -> None:
    code = "import os\nfor i in range(300): os.write(1 + i % 2, b'%d\\n' % i)"
    started = job(code, redirect="2>/dev/tty")
    assert started.ended() == 0
    assert started.output == "".join(f"{i}\r\n" for i in range(300)).encode()


def test_no_terminal_where_only_pipes_are_asked_for(job: Callable[..., Job]) -> None:
    started = job(SEES, "pipes")
    assert started.ended() == 0
    assert started.output.strip() == b"[True, False, False]"


def test_output_passes_the_pseudo_terminal_unchanged(
    tmp_path: Path, job: Callable[..., Job]
) -> None:
    job("print('a\\tb\\nc', end='\\r\\n')", "watch").ended()
    assert (tmp_path / "both").read_bytes() == b"a\tb\nc\r\n"


def test_window_size_is_the_terminals_and_follows_it(job: Callable[..., Job]) -> None:
    started = job(
        "import os\nprint(os.get_terminal_size(1).columns)\n"
        "while os.get_terminal_size(1).columns != 71: input('?')\nprint('resized')"
    )
    started.expect(b"100\r\n")
    started.expect(b"?")
    started.resize(20, 71)
    while b"resized" not in started.output:
        started.output = b""
        started.type(b"\n")
        until(lambda: select.select([started.master], [], [], 0)[0], "an answer")
        started.expect(b"d" if b"resi" in started.output else b"")
        started.output += os.read(started.master, 999)
    assert started.ended() == 0


def test_prompts_work(job: Callable[..., Job]) -> None:
    started = job(
        "import getpass; name = input('User: ');"
        "word = getpass.getpass('Password: '); print(name, word)"
    )
    started.expect(b"User: ")
    started.type(b"me\n")
    started.expect(b"Password: ")
    started.type(b"secret\n")
    assert started.ended() == 0
    assert started.output.endswith(b"me secret\r\n")


# Signals


def test_ctrl_c_reaches_the_child_once(tmp_path: Path, job: Callable[..., Job]) -> None:
    started = job(CANCELLED)
    started.expect(b"ready")
    started.type(b"\x03")
    assert started.ended() == 1
    assert b"Operation cancelled" in started.output
    assert finished(tmp_path) == [1, False, signal.SIGINT]


@pytest.mark.parametrize("how", ["", "inherited"])
def test_an_interrupt_for_us_alone_reaches_the_child(tmp_path: Path, how: str) -> None:
    started = Driver(tmp_path, CANCELLED, how)
    assert started.process.stdout is not None
    started.process.stdout.readline()
    started.process.send_signal(signal.SIGINT)
    expected = {"": 1, "inherited": 1}[how]
    assert started.communicate()[0] == expected
    assert started.finished() == [1, False, signal.SIGINT]


def test_an_interrupt_for_us_alone_in_the_foreground_reaches_the_child(
    job: Callable[..., Job], tmp_path: Path
) -> None:
    started = job("import os; print(os.getppid(), flush=True)\n" + CANCELLED)
    started.expect(b"ready")
    os.kill(int(started.output.split()[0]), signal.SIGINT)
    assert started.ended() == 1


def test_an_interrupt_for_the_group_is_not_doubled(tmp_path: Path) -> None:
    started = Driver(tmp_path, CANCELLED)
    assert started.process.stdout is not None
    started.process.stdout.readline()
    os.killpg(started.process.pid, signal.SIGINT)
    assert started.communicate()[0] == 1


@pytest.mark.parametrize("how", ["", "inherited"])
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM"])
def test_a_signal_for_us_ends_the_child_and_us(tmp_path: Path, name: str, how: str) -> None:
    signum = signal.Signals[name]
    started = Driver(tmp_path, SLEEPS, how)
    child = started.read_pid()
    started.process.send_signal(signum)
    assert started.communicate()[0] == -signum
    assert started.finished() == [-signum, False, signum]
    assert not is_alive(child)


def test_a_child_that_dies_of_a_signal_is_imitated(tmp_path: Path) -> None:
    for signum in (signal.SIGKILL, signal.SIGSEGV, signal.SIGINT, signal.SIGPIPE):
        code = (
            f"import os, signal\nif {signum} != 9: signal.signal({signum}, signal.SIG_DFL)\n"
            f"os.kill(os.getpid(), {signum})"
        )
        assert Driver(tmp_path, code).communicate()[0] == -signum
        assert finished(tmp_path) == [-signum, False, None]


def test_a_termination_does_not_wait_for_a_reader_that_stands_still(tmp_path: Path) -> None:
    code = "import os; os.write(2, b'x'); os.write(1, b'x' * 9_000_000)"
    started = Driver(tmp_path, code)
    assert started.process.stdout is not None
    assert started.process.stderr is not None
    started.process.stderr.read(1)
    until(lambda: full(started.process.stdout.fileno()), "a full pipe")  # type: ignore[union-attr]
    started.process.send_signal(signal.SIGTERM)
    assert started.process.wait(TIMEOUT_S) == -signal.SIGTERM
    started.communicate()


def full(fd: int) -> bool:
    return int.from_bytes(fcntl.ioctl(fd, termios.FIONREAD, bytes(4)), sys.byteorder) >= 60000


def test_an_ignored_interrupt_stays_ignored(tmp_path: Path) -> None:
    code = (
        "import os, signal, time; print(signal.getsignal(2).name, flush=True)\n"
        f"while not os.path.exists({str(tmp_path / 'go')!r}): time.sleep(0.01)\nprint('lived')"
    )
    argv = ["/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh", *driver(tmp_path, code)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=ENV, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"SIG_IGN\n"
        os.killpg(process.pid, signal.SIGINT)
        (tmp_path / "go").touch()
        assert process.stdout.read() == b"lived\n"
    assert finished(tmp_path) == [0, False, None]


def test_a_hangup_ends_both(tmp_path: Path, job: Callable[..., Job]) -> None:
    started = job(SLEEPS)
    started.expect(b"\n")
    child = int(started.output.split()[1])
    os.close(started.master)
    started.master = os.open(os.devnull, os.O_RDONLY)
    until(lambda: not is_alive(child), "the child's end")


def test_ctrl_z_stops_both_and_fg_goes_on(tmp_path: Path, job: Callable[..., Job]) -> None:
    started = job(
        "import os; print('pid', os.getpid(), flush=True); input();"
        "print(os.get_terminal_size(1).columns)"
    )
    started.expect(b"\n")
    child = int(started.output.split()[1])
    started.type(b"\x1a")
    word, parent = started.report()
    assert word == "stopped"
    until(lambda: state(child) == state(parent) == "T", "both stopped")
    started.resize(20, 63)
    started.order("fg")
    until(lambda: state(child) == "S" and state(parent) == "S", "both going on")
    started.type(b"\n")
    assert started.ended() == 0
    assert started.output.endswith(b"63\r\n")


def test_a_background_job_goes_on(job: Callable[..., Job], tmp_path: Path) -> None:
    started = job(
        "import os, sys, time; print('pid', os.getpid(), flush=True)\n"
        f"while not os.path.exists({str(tmp_path / 'go')!r}): time.sleep(0.01)\nprint('done')"
    )
    started.expect(b"\n")
    started.type(b"\x1a")
    assert started.report()[0] == "stopped"
    started.order("bg")
    (tmp_path / "go").touch()
    assert started.ended() == 0
    assert started.output.endswith(b"done\r\n")


def test_sigcont_wakes_a_child_that_was_stopped_alone(tmp_path: Path) -> None:
    started = Driver(
        tmp_path, "import os; print('pid', os.getpid(), flush=True); input()", stdin=-1
    )
    child = started.read_pid()
    os.kill(child, signal.SIGSTOP)
    until(lambda: state(child) == "T", "a stop")
    started.process.send_signal(signal.SIGCONT)
    until(lambda: state(child) == "S", "going on")
    started.process.communicate(b"\n", timeout=TIMEOUT_S)
    assert started.finished() == [0, False, None]


# Pauses

WORKS = """
import os, sys, time
print("pid", os.getpid(), flush=True)
try:
    print("MARK", flush=True)
    for _ in range(6000 if os.environ["FOREVER"] else 50):
        print("work", flush=True)
        time.sleep(0.02)
    print("done", flush=True)
except KeyboardInterrupt:
    with open(os.environ["CLEANED"], "w") as file:
        file.write("cleaned up")
    print("Operation cancelled by user", file=sys.stderr)
    sys.exit(1)
"""


def pausing(tmp_path: Path, how: str, *, forever: bool = False, **popen: object) -> Driver:
    env = {**ENV, "CLEANED": str(tmp_path / "cleaned"), "FOREVER": "1" if forever else ""}
    return Driver(tmp_path, WORKS, f"pause {how}", env=env, **popen)


def test_the_child_stands_still_during_a_pause(tmp_path: Path) -> None:
    started = pausing(tmp_path, "wait go")
    child = started.read_pid()
    until((tmp_path / "asking").exists, "the question")
    until(lambda: state(child) == "T", "a stop")
    (tmp_path / "decide").touch()
    status, out, _ = started.communicate()
    assert (status, out) == (0, b"work\n" * 50 + b"done\n")
    assert started.finished() == [0, False, None]


def test_a_stopped_child_cleans_up_and_is_not_heard(tmp_path: Path) -> None:
    started = pausing(tmp_path, "stop", forever=True)
    child = started.read_pid()
    status, out, err = started.communicate()
    assert (status, out, err) == (1, b"", b"")
    assert started.finished() == [1, True, None]
    assert (tmp_path / "cleaned").exists()
    assert not is_alive(child)


def test_a_child_that_writes_much_can_be_stopped(tmp_path: Path) -> None:
    code = (
        "import os\ntry:\n  print('MARK', flush=True)\n"
        "  while True: os.write(1, b'x' * 99999)\n"
        "except KeyboardInterrupt: os.write(1, b'x' * 9_000_000); os._exit(5)"
    )
    started = Driver(tmp_path, code, "pause stop")
    assert started.communicate() == (5, b"", b"")


def test_a_child_deaf_to_interrupts_is_stopped(tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(2, signal.SIG_IGN); print('MARK', flush=True);"
        "time.sleep(600)"
    )
    started = Driver(tmp_path, code, "pause stop")
    assert started.communicate()[0] == -signal.SIGTERM
    assert started.finished() == [-signal.SIGTERM, True, None]


def test_a_child_deaf_to_all_is_killed(tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(2, signal.SIG_IGN); signal.signal(15, signal.SIG_IGN);"
        "print('MARK', flush=True); time.sleep(600)"
    )
    started = Driver(tmp_path, code, "pause stop")
    assert started.communicate()[0] == -signal.SIGKILL


def test_where_interrupts_are_ignored_a_child_is_stopped_at_once(tmp_path: Path) -> None:
    code = "import time; print('MARK', flush=True); time.sleep(600)"
    command = driver(tmp_path, code, "pause unhurried")
    argv = ["/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh", *command]
    subprocess.run(argv, env=ENV, timeout=TIMEOUT_S, check=False)
    assert finished(tmp_path) == [-signal.SIGTERM, True, None]


def test_an_error_during_a_pause_ends_the_child(tmp_path: Path) -> None:
    started = pausing(tmp_path, "raise", forever=True)
    child = started.read_pid()
    status, _, err = started.communicate()
    assert status == 1
    assert err.endswith(b"RuntimeError: no decision\n")
    assert not is_alive(child)
    assert (tmp_path / "cleaned").exists()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGUSR1"])
def test_a_signal_during_a_pause_ends_the_child_and_us(tmp_path: Path, name: str) -> None:
    signum = signal.Signals[name]
    started = pausing(tmp_path, "wait", forever=True)
    child = started.read_pid()
    until((tmp_path / "asking").exists, "the question")
    started.process.send_signal(signum)
    assert started.communicate()[0] == -signum
    assert started.finished() == [-signum, False, signum]
    assert not is_alive(child)


def test_an_interrupt_during_a_pause_leaves_it(tmp_path: Path) -> None:
    started = pausing(tmp_path, "wait", forever=True)
    child = started.read_pid()
    until((tmp_path / "asking").exists, "the question")
    started.process.send_signal(signal.SIGINT)
    assert started.communicate()[0] == -signal.SIGINT
    assert (tmp_path / "raised").read_text() == "KeyboardInterrupt"
    assert not is_alive(child)
    assert (tmp_path / "cleaned").exists()


def test_a_question_can_be_asked_and_left_with_ctrl_z(
    tmp_path: Path, job: Callable[..., Job]
) -> None:
    code = (
        "import os, time; print('pid', os.getpid(), flush=True); print('MARK', flush=True)\n"
        "for _ in range(9): time.sleep(0.05)\nprint('done')"
    )
    started = job(code, "pause answer")
    started.expect(b"which? ")
    child = int(started.output.split()[1])
    parent = int((tmp_path / "asking").read_text())
    until(lambda: state(parent) == "S", "waiting for the answer")
    started.type(b"\x1a")
    assert started.report() == ("stopped", parent)
    until(lambda: state(parent) == "T", "the stop")
    started.order("fg")
    until(lambda: state(parent) == "S", "the question again")
    until(lambda: state(child) == "T", "pip frozen again")
    started.type(b"go\n")
    assert started.ended() == 0
    assert b"done" in started.output


def test_a_child_that_ended_by_itself_is_not_asked_about(tmp_path: Path) -> None:
    # Nobody reads, so the mark is seen only after its end.
    code = (
        "import fcntl, os, termios; os.write(1, b'x' * 1_500_000)\n"
        "while any(fcntl.ioctl(1, termios.FIONREAD, bytes(4))): pass\n"
        "os.write(1, b'MARK\\n'); os._exit(0)"
    )
    started = Driver(
        tmp_path, "import os; os.write(2, b'pid %d\\n' % os.getpid())\n" + code, "pause"
    )
    assert started.process.stderr is not None
    child = int(started.process.stderr.readline().split()[1])
    until(lambda: not is_alive(child), "the child's end")
    started.communicate()
    assert started.finished() == [0, False, None]
    assert not (tmp_path / "asking").exists()


# Silence


def test_silence_is_told_once(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; print('x', flush=True)\n"
        f"while not os.path.exists({str(tmp_path / 'idle')!r}): time.sleep(0.01)\ntime.sleep(0.6)"
    )
    started = Driver(tmp_path, code)
    started.communicate()
    assert (tmp_path / "idle").read_text() == "idle "


def test_no_time_is_burnt_while_the_child_is_silent(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    Driver(tmp_path, "import time; time.sleep(1)").communicate()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_nvcsw - before.ru_nvcsw < 200


# run_watched in this process


class Open:
    """Lets everything pass."""

    wants_pause = False

    def feed(self, stream: Stream, data: bytes) -> bytes:
        return data

    def idle(self) -> tuple[tuple[Stream, bytes], ...]:
        return ()

    overdue = resume = idle


def test_the_gate_is_a_filter() -> None:
    gate: runner.Filter = Gate()
    assert not gate.wants_pause


def open_files() -> list[str]:
    return sorted(each.name for each in Path("/dev/fd").iterdir())


def test_handlers_and_files_are_given_back(capfd: pytest.CaptureFixture[str]) -> None:
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGWINCH, signal.SIGCONT)
    runner.capture(["true"], env=ENV, timeout_s=60)  # the line to the watchdog stays open
    before = [signal.getsignal(each) for each in signals], open_files()
    argv = [sys.executable, "-c", "print('hello')"]
    done = runner.run_watched(argv, env=ENV, gate=Open(), on_pause=bool)
    after = [signal.getsignal(each) for each in signals], open_files()
    assert done == runner.Finished(returncode=0)
    assert before == after
    assert capfd.readouterr().out == "hello\n"


@pytest.mark.parametrize("argv", [["/nowhere/pip"], ["/"], ["/bin/sh", "\0"]])
def test_what_cannot_be_started_is_unavailable(argv: list[str]) -> None:
    with pytest.raises(UnavailableError, match="cannot-start"):
        runner.run_watched(argv, env=ENV, gate=Open(), on_pause=bool)
    with pytest.raises(UnavailableError, match="cannot-start"):
        runner.run_inherited(argv, env=ENV)
    assert runner.capture(argv, env=ENV, timeout_s=9).problem


def test_an_error_of_the_watcher_ends_the_child() -> None:
    def watch(stream: Stream, data: bytes) -> None:
        raise ZeroDivisionError(data)

    with pytest.raises(ZeroDivisionError, match="pid") as caught:
        runner.run_watched(
            [sys.executable, "-c", SLEEPS], env=ENV, gate=Open(), on_pause=bool, watch=watch
        )
    assert not is_alive(int(caught.value.args[0].split()[1]))


def test_a_termination_that_the_program_does_not_mind_is_ours_all_the_same() -> None:
    """Nothing else is to be started then."""
    code = (
        "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "os.kill(os.getppid(), signal.SIGTERM)"
    )
    argv = [sys.executable, "-c", code]
    with runner.put_away_first(), pytest.raises(runner.EndedError) as ended:
        runner.run_inherited(argv, env=ENV)
    assert ended.value.signum == signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "signal.signal(signal.SIGUSR1, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"
)


def test_a_child_deaf_to_a_termination_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what ended it is told as the first signal that was meant to, whatever came behind."""
    monkeypatch.setattr(runner_child, "_KILL_DELAY_S", 0.0)
    source, end = os.pipe()
    with runner_child.Keeper(0.0) as keeper:
        process = keeper.start([sys.executable, "-c", DEAF], env=ENV, stdout=end)
        os.close(end)
        assert os.read(source, 100) == b"ready\n"
        for signum in (signal.SIGTERM, signal.SIGUSR1):
            os.kill(os.getpid(), signum)
        while process.returncode is None:
            select.select([keeper.wakeup], [], [], keeper.patience())
            keeper.attend()
        done = keeper.finished()
    os.close(source)
    assert (done.returncode, done.interrupted) == (-signal.SIGKILL, signal.SIGTERM)


# temporary_folder


def test_a_folder_that_nobody_holds_any_more_goes_with_the_next(tmp_path: Path) -> None:
    """As where a container ends: there is no watchdog either."""
    left, new, other = (
        tmp_path / f"safepip-{name}"
        for name in ("temporary-leftover", "temporary-fresh_01", "projects")
    )
    for one in (left, new, other, tmp_path / "kept"):
        one.mkdir()
        (one / "file").touch()
    (tmp_path / "safepip-temporary-a_link_1").symlink_to(tmp_path / "kept")
    (tmp_path / "safepip-temporary-a_file_1").touch()
    with runner.temporary_folder(str(tmp_path)) as held:
        for one in tmp_path.iterdir():
            if one != new:
                os.utime(one, (1, 1), follow_symlinks=False)
        code = f"from safepip import runner\nwith runner.temporary_folder({str(tmp_path)!r}): pass"
        subprocess.run([sys.executable, "-c", code], check=True, env={"PATH": os.defpath})
        assert not left.exists()
        assert {one.name for one in tmp_path.iterdir()} == {
            *(one.name for one in (new, other, Path(held))),
            *("kept", "safepip-temporary-a_link_1", "safepip-temporary-a_file_1"),
        }
        assert (tmp_path / "kept/file").exists()


# run_inherited


def test_stdout_can_go_to_stderr(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code = "import os; print(os.getcwd())"
    done = runner.run_inherited([sys.executable, "-c", code], env=ENV, cwd=tmp_path, stdout=2)
    assert done == runner.Finished(returncode=0)
    assert capfd.readouterr() == ("", f"{tmp_path}\n")


# capture


def test_capture_keeps_both_streams_and_the_status(tmp_path: Path) -> None:
    code = "import os, sys; print(os.getcwd()); print(input(), file=sys.stderr); sys.exit(3)"
    said = runner.capture(
        [sys.executable, "-c", code], env=ENV, cwd=tmp_path, timeout_s=TIMEOUT_S, input=b"in\n"
    )
    assert said == runner.Captured(returncode=3, stdout=f"{tmp_path}\n".encode(), stderr=b"in\n")


def test_capture_serves_any_thread() -> None:
    with runner.put_away_first(), ThreadPoolExecutor() as pool:
        asked = pool.submit(runner.capture, ["echo", "here"], env=ENV, timeout_s=TIMEOUT_S)
        assert asked.result().stdout == b"here\n"


def test_capture_has_an_empty_stdin() -> None:
    code = "import sys; print(repr(sys.stdin.read()))"
    said = runner.capture([sys.executable, "-c", code], env=ENV, timeout_s=TIMEOUT_S)
    assert said.stdout == b"''\n"


def test_capture_ends_what_takes_too_long() -> None:
    for timeout_s in (0.5, 2.5, 12.5, 62.5):  # the last for a busy machine
        said = runner.capture([sys.executable, "-c", SLEEPS], env=ENV, timeout_s=timeout_s)
        assert shown(said.problem) == f"no answer within {timeout_s} seconds"
        assert said.returncode == -signal.SIGKILL
        if said.stdout.endswith(b"\n"):
            assert not is_alive(int(said.stdout.split()[1]))
            return
    pytest.fail("it did not begin")


def test_signals_wait_while_they_are_given_back() -> None:
    waiting: list[set[int]] = []

    def look(_: object, event: str, what: object) -> None:
        if event == "c_call" and repr(what) == "<built-in function signal>":
            waiting.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))

    with runner.put_away_first():
        sys.setprofile(look)
    sys.setprofile(None)
    assert len(waiting) == 3
    assert all(one >= {signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT} for one in waiting)
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ()) & waiting[0]


SIGNAL_AT_THE_START = """
import os, signal, subprocess, sys
from safepip import runner
from safepip.runner import answers, ends

def look(frame, event, _):
    if event == "return" and frame.f_code is subprocess.Popen.__init__.__code__:
        sys.setprofile(None)
        print(frame.f_locals["self"].pid)
        os.kill(os.getpid(), int(sys.argv[2]))

argv, env = ["/bin/sh", "-c", "exec sleep 600"], dict(os.environ)
try:
    with runner.put_away_first():
        sys.setprofile(look)
        if sys.argv[1] == "capture":
            runner.capture(argv, env=env, timeout_s=600)
        else:
            answers.ask(argv, env=env, cwd="/", program=argv[0], end=b"-", timeout_s=600)
except ends.EndedError as error:
    print(error.signum)
except KeyboardInterrupt:
    print(int(signal.SIGINT))
"""


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
@pytest.mark.parametrize("how", ["capture", "ask"])
def test_a_signal_before_the_program_is_known_leaves_none_of_it(
    how: str, sent: signal.Signals
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SIGNAL_AT_THE_START, how, str(int(sent))],
        env=ENV,
        capture_output=True,
        text=True,
        check=True,
        timeout=TIMEOUT_S,
    )
    pid, signum = map(int, done.stdout.split())
    assert signum == sent
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_capture_does_not_count_the_time_it_was_stopped_for(tmp_path: Path) -> None:
    # Ctrl-Z stops both, and the clock goes on: here by an hour at once.
    slow = "import os, time; open('begun', 'w')\nwhile not os.path.exists('go'): time.sleep(0.01)"
    code = f"""
import os, sys, time
from safepip import runner
real = time.monotonic
def later():
    if os.path.exists('begun'):
        open('looked', 'a').write('x')
    return real() + 3600 * os.path.exists('begun')
time.monotonic = later
print(runner.capture([sys.executable, '-c', {slow!r}], env={{}}, timeout_s=600).returncode)
"""
    argv = [sys.executable, "-W", "ignore", "-c", code]
    with subprocess.Popen(argv, cwd=tmp_path, stdout=subprocess.PIPE) as process:
        looked = tmp_path / "looked"
        until(lambda: looked.exists() and looked.stat().st_size > 9, "looks at the clock")
        (tmp_path / "go").touch()
        assert process.communicate(timeout=TIMEOUT_S)[0] == b"0\n"


def test_capture_waits_for_the_end_behind_closed_streams() -> None:
    quiet = "import os, sys, time; print(1, flush=True); os.close(1); os.close(2); "
    said = runner.capture(
        [sys.executable, "-c", f"{quiet} time.sleep(0.2); os._exit(3)"], env=ENV, timeout_s=60
    )
    assert said == runner.Captured(returncode=3, stdout=b"1\n")
    late = runner.capture(
        [sys.executable, "-c", f"{quiet} time.sleep(600)"], env=ENV, timeout_s=0.5
    )
    assert shown(late.problem) == "no answer within 0.5 seconds"
    assert late.returncode == -signal.SIGKILL


def test_capture_does_not_mind_a_grandchild() -> None:
    code = (
        "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c',"
        "'import time; time.sleep(600)']).pid)"
    )
    for timeout_s in (0.5, 2.5, 12.5, 62.5):  # the last for a busy machine
        said = runner.capture([sys.executable, "-c", code], env=ENV, timeout_s=timeout_s)
        if said.stdout:
            os.kill(int(said.stdout), signal.SIGKILL)
        if said.problem is None:
            assert said.returncode == 0
            return
    pytest.fail("it was not at its end")


# write


def test_write_is_complete(capfd: pytest.CaptureFixture[str]) -> None:
    runner.write(Stream.OUT, b"one ")
    runner.write(Stream.BOTH, b"two")
    runner.write(Stream.ERR, b"three")
    assert capfd.readouterr() == ("one two", "three")


def test_write_waits_for_a_reader_without_blocking() -> None:
    code = (
        "from safepip import runner\nfrom safepip.model.triggers import Stream\n"
        "runner.write(Stream.OUT, b'x' * 1_000_000)"
    )
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    with (
        os.fdopen(ours, "rb") as file,
        subprocess.Popen([sys.executable, "-c", code], stdout=theirs),
    ):
        os.close(theirs)
        assert len(file.read()) == 1_000_000


def test_write_tells_of_a_lost_reader() -> None:
    code = (
        "from safepip import runner\nfrom safepip.model.triggers import Stream\n"
        "try: runner.write(Stream.OUT, b'x')\nexcept BrokenPipeError: raise SystemExit(9)"
    )
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=theirs, timeout=TIMEOUT_S, check=False
    )
    os.close(theirs)
    assert done.returncode == 9


# What a program that is asked leaves behind


def _running(*words: str) -> list[int]:
    """The live processes with this command line."""
    found = []
    wanted = "".join(f"{word}\0" for word in words).encode()
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and (entry / "cmdline").read_bytes() == wanted:
                found.append(int(entry.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="sessions show in /proc alone")
def test_nobody_is_left_of_a_shell_that_is_cut_short() -> None:
    # Each of them has a group of its own, and the shell goes on starting more to its end.
    seconds = f"40.{os.getpid()}"
    script = f"set -m; for n in {{1..300}}; do sleep {seconds} & done; sleep {seconds}"
    for more in range(12):
        said = runner.ask(
            ["bash", "-c", script],
            program="/bin/bash",
            env=ENV,
            cwd="/",
            end=b"never",
            timeout_s=0.05 + 0.01 * more,
        )
        assert said is None
    until(lambda: not _running("sleep", seconds), "the end of all")


# Windows' way, which works here too


def test_the_way_of_windows_passes_everything_on(capfd: pytest.CaptureFixture[str]) -> None:
    seen = []
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(4)"
    done = windows.run_watched(
        [sys.executable, "-c", code],
        env=ENV,
        gate=Open(),
        on_pause=bool,
        watch=lambda stream, data: seen.append((stream, data)),
    )
    assert done == runner.Finished(returncode=4)
    assert capfd.readouterr() == ("out\n", "err\n")
    assert sorted(seen, key=str) == [(Stream.ERR, b"err\n"), (Stream.OUT, b"out\n")]


def test_the_way_of_windows_stops_a_child() -> None:
    class Pausing(Open):
        wants_pause = True

    code = "import time; print('MARK', flush=True); time.sleep(600)"
    done = windows.run_watched(
        [sys.executable, "-c", code], env=ENV, gate=Pausing(), on_pause=bool, watch=None
    )
    assert done.stopped
