"""Programs that are run for what they say, unseen by the user: ``capture`` and ``ask``."""

from __future__ import annotations

import os
import selectors
import signal
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from safepip import ahead
from safepip.runner import ends, tree, watchdog

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import IO

    from typing_extensions import Self

    from safepip.model.reasons import Why
    from safepip.started import Asked

_LEAVING_S = 0.5
_ANSWER_BYTES = 1 << 20
_CAPTURED_BYTES = 16 << 20
"""What is kept of a program's words at most; nothing that is asked needs a tenth of it."""

_LOOK_S = 0.1
"""How often it is looked whether a program has ended whose streams stay open."""
_STALL_S = 1.0
"""What one look counts for at most: we were stopped together (Ctrl-Z), or the machine was."""

_WORDS = 300
_ROUNDS = 100
"""How often the rest of a session is looked for at most: one that forks without end may win."""


class Captured(NamedTuple):
    """What a program said."""

    returncode: int
    """Its exit status; negative: the signal that it died of; 127 if it did not start."""
    stdout: bytes = b""
    stderr: bytes = b""
    problem: Why | None = None
    """Why there is no answer: it did not start, or took too long. None if it ended by itself."""

    @property
    def why(self) -> Why:
        """Why it failed, in one line: the problem, else its last words, else its exit status."""
        words = (self.stderr.strip() or self.stdout).decode("utf-8", "replace").strip()
        if self.problem is None and words:
            return _why("SAID", words=words.splitlines()[-1][:_WORDS])
        return self.problem or _why("EXIT_STATUS", status=self.returncode)


def capture(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | os.PathLike[str] | None = None,
    timeout_s: float,
    input: bytes | None = None,  # noqa: A002 - subprocess's word
    meanwhile: Callable[[], None] = lambda: None,
) -> Captured:
    """Run *argv* and keep what it says; its stdin is empty unless *input* is given.

    *meanwhile*: what to do while it works.

    A program that does not start, does not end in time or does not stop talking is a value with a
    ``problem``, too; of what it started nothing goes on then.
    """
    import subprocess

    watchdog.prepare()
    with ExitStack() as running:
        try:
            with ends.held_back():
                process = ahead.take_asked(argv, env) or subprocess.Popen(
                    argv,
                    env=env,
                    cwd=cwd,
                    stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                )
                running.enter_context(process)
                running.enter_context(_guarded(process))
        except (OSError, ValueError) as error:
            return Captured(returncode=127, problem=_why("SAID", words=error))
        if sys.platform == "win32":
            return _communicate(process, input, timeout_s)
        with _Talk(process, input) as talk:
            talk.begin()
            meanwhile()
            problem = talk.hold(timeout_s)
        if problem is not None:
            tree.kill(process.pid)
        process.wait()
        return Captured(
            returncode=process.returncode or 0,
            stdout=bytes(talk.stdout),
            stderr=bytes(talk.stderr),
            problem=problem,
        )


@contextmanager
def _guarded(process: subprocess.Popen[bytes] | Asked) -> Iterator[None]:
    """Have *process* end with us, and with what goes wrong here."""
    watchdog.guard(process.pid)
    with ExitStack() as undo:
        undo.callback(watchdog.release, process.pid)
        with ExitStack() as wrong:
            if sys.platform == "win32":
                wrong.callback(process.kill)
            else:
                wrong.callback(tree.kill, process.pid)
            yield
            wrong.pop_all()


def _why(reason: str, **facts: object) -> Why:
    """Name what went wrong; a watched install need not wait for the import."""
    from safepip.model.reasons import Reason, because

    return because(Reason[reason], **facts)


class _Talk:
    """What is said to a program, and what it says, up to a bound."""

    def __init__(self, process: subprocess.Popen[bytes] | Asked, data: bytes | None) -> None:
        self.stdout, self.stderr = bytearray(), bytearray()
        self._process = process
        self._data = memoryview(data or b"")

    def __enter__(self) -> Self:
        self._selector = selectors.DefaultSelector()
        read, write = selectors.EVENT_READ, selectors.EVENT_WRITE
        pipes = {self._process.stdout: read, self._process.stderr: read, self._process.stdin: write}
        for stream, event in pipes.items():
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
                self._selector.register(stream, event)
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._close(self._process.stdin)

    def begin(self) -> None:
        """Say what there is to say, as far as it is taken at once."""
        self._serve(self._process.stdin)

    def hold(self, timeout_s: float) -> Why | None:
        """Talk until the program has ended; why it must be ended, if it must."""
        import subprocess

        left_s = timeout_s
        while True:
            began = time.monotonic()
            ended = self._process.poll() is not None
            wait_s = 0 if ended else min(_LOOK_S, left_s)
            if ended or self._selector.get_map():
                # Only a child of its own keeps the streams open then: take what is there.
                ready = self._selector.select(wait_s)
            else:
                # All is said, and no stream will tell of its end.
                ready = []
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(wait_s)
            for key, _ in ready:
                self._serve(key.fileobj)
            if len(self.stdout) + len(self.stderr) > _CAPTURED_BYTES:
                return _why("TOO_MUCH", megabytes=_CAPTURED_BYTES >> 20)
            if ended and not ready:
                return None
            if not ended and not left_s:
                return _why("NO_ANSWER", seconds=f"{timeout_s:g}")
            left_s = max(0.0, left_s - min(time.monotonic() - began, _STALL_S))

    def _serve(self, stream: object) -> None:
        process = self._process
        if stream is process.stdin and process.stdin is not None:
            try:
                self._data = self._data[os.write(process.stdin.fileno(), self._data[:65536]) :]
            except OSError:  # it does not want to hear more
                self._data = memoryview(b"")
            if not self._data:
                self._selector.unregister(process.stdin)
                self._close(process.stdin)
            return
        for one, said in ((process.stdout, self.stdout), (process.stderr, self.stderr)):
            if one is stream and one is not None:
                data = os.read(one.fileno(), 65536)
                said.extend(data)
                if not data:
                    self._selector.unregister(one)

    def _close(self, stream: IO[bytes]) -> None:
        with suppress(OSError):
            stream.close()


def _communicate(
    process: subprocess.Popen[bytes], data: bytes | None, timeout_s: float
) -> Captured:
    """The same for Windows, whose pipes cannot be waited for."""
    import subprocess

    try:
        stdout, stderr = process.communicate(data, timeout=timeout_s)
    except subprocess.TimeoutExpired as error:
        return _late(process, error)
    return Captured(returncode=process.returncode, stdout=stdout, stderr=stderr)


def _late(process: subprocess.Popen[bytes], error: subprocess.TimeoutExpired) -> Captured:
    """What there is when the streams stayed open for too long."""
    stdout, stderr = error.output or b"", error.stderr or b""
    if process.poll() is not None:  # only a child of its own keeps them open
        return Captured(returncode=process.returncode, stdout=stdout, stderr=stderr)
    process.kill()
    process.wait()
    problem = _why("NO_ANSWER", seconds=f"{error.timeout:g}")
    return Captured(returncode=process.returncode, stdout=stdout, stderr=stderr, problem=problem)


def ask(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | os.PathLike[str],
    program: str,
    end: bytes,
    timeout_s: float,
) -> bytes | None:
    """What *program*, called as *argv*, says up to *end*; None if *end* does not come in time.

    For programs that run code of the user's, such as a shell with its profile: no terminal, empty
    stdin, stderr dropped, a session of its own, which is killed as a whole if time runs out.
    """
    if sys.platform == "win32":
        return None
    import subprocess

    watchdog.prepare()
    with ExitStack() as running:
        try:
            with ends.held_back():
                process = subprocess.Popen(
                    argv,
                    executable=program,
                    env=env,
                    cwd=cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
                running.callback(_end_session, process)
                watchdog.guard(process.pid)
        except (OSError, ValueError):
            return None
        deadline = time.monotonic() + timeout_s
        answer = _read_to(process, end, deadline)
        if answer is not None:
            # What it does on leaving (saving a history) is not to be cut short.
            with suppress(subprocess.TimeoutExpired):
                process.wait(min(_LEAVING_S, max(0.0, deadline - time.monotonic())))
        return answer


def _end_session(process: subprocess.Popen[bytes]) -> None:
    import subprocess

    if process.returncode is None:
        _kill_session(process.pid)
        # One that hangs in the kernel (a dead network disk) outlives even that for a while.
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LEAVING_S)
    watchdog.release(process.pid)
    if process.stdout is not None:
        process.stdout.close()


def _read_to(process: subprocess.Popen[bytes], end: bytes, deadline: float) -> bytes | None:
    """What *process* says up to *end*; not waited for, so that its session can still be found."""
    if process.stdout is None:
        return None
    fd, said = process.stdout.fileno(), b""
    while end not in said and len(said) < _ANSWER_BYTES:
        # Whoever was stopped meanwhile finds the answer there.
        if not _poll_one(fd, max(0.0, deadline - time.monotonic())):
            return None
        chunk = os.read(fd, 65536)
        if not chunk:
            return None
        said += chunk
    return said.partition(end)[0] if end in said else None


def _poll_one(fd: int, timeout_s: float) -> bool:
    """Whether *fd* has something to read within the time, or has been closed."""
    with selectors.DefaultSelector() as selector:
        selector.register(fd, selectors.EVENT_READ)
        return bool(selector.select(timeout_s))


def _kill_session(leader: int) -> None:
    """Kill the group of *leader*, not yet waited for, and where /proc shows it the session.

    A shell with job control gives each of its children a group of their own. Those that it started
    while we looked would live on: so it dies first, and we look until nobody is left.
    """
    with suppress(OSError):
        os.killpg(leader, signal.SIGKILL)
    killed = {leader}
    for _ in range(_ROUNDS):
        found = _members(leader) - killed
        for pid in found:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if not found:
            return
        killed |= found


def _members(leader: int) -> set[int]:
    """The processes of the session of *leader*, as far as /proc shows them."""
    found = set()
    with suppress(OSError):
        for name in os.listdir("/proc"):  # noqa: PTH208 - pathlib is not loaded yet
            with suppress(OSError):
                if name.isdigit() and os.getsid(int(name)) == leader:
                    found.add(int(name))
    return found
