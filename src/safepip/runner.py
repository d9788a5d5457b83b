"""Runs other programs; above all pip, in such a way that nobody can tell it is watched.

pip inherits stdin, the controlling terminal, the process group, the environment and every open
file that it would have had without us. Only stdout and stderr pass through here: each through a
pseudo-terminal where ours is a terminal, else through a pipe, and both through the same one where
ours are the same, so that their order is kept.

Signals that reach us are pip's affair: they are passed on, and its end is waited for.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import stat
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from safepip.errors import UnavailableError
from safepip.model import Stream

if sys.platform != "win32":
    import fcntl
    import resource
    import termios

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

    from typing_extensions import Self

IDLE_S = 0.15
"""After so much silence an unfinished line may be a prompt."""

OVERDUE_S = 2.0
"""Nothing is held back for longer than this without asking the gate again."""

_READ_SIZE = 65536
_DRAIN_LIMIT = 1 << 20
"""What is read at most after pip's end; more than any pipe or terminal holds by itself."""

_STOP_DELAYS_S = (3.0, 4.0)
"""How long after the polite signal SIGTERM, and then SIGKILL, follow."""

_KILL_DELAY_S = 5.0
"""How long pip may live on after a signal that should have ended it."""

_FORWARD_DELAY_S = 0.25
_FORWARD_DELAY_IN_FOREGROUND_S = 2.0
_FORWARD_DELAY_UNSEEN_S = 10.0
"""How long pip may take to show that an interrupt reached it before we pass ours on.

A second one disturbs the cleaning up after the first. In the foreground ours came most likely from
the terminal, hence to pip too; and where its output is not ours to see, only its end shows that.
"""

_INTERRUPTED = b"Operation cancelled by user"
"""pip's answer to SIGINT. Source: pip, ``_internal/cli/base_command.py``."""

_NEVER = 1e12

if sys.platform != "win32":
    _PASSED_ON = (
        signal.SIGTERM,
        signal.SIGHUP,
        signal.SIGQUIT,
        signal.SIGUSR1,
        signal.SIGUSR2,
        signal.SIGALRM,  # outlives an exec: `perl -e 'alarm 60; exec "pip", …'`
    )
    _DEADLY = frozenset({signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT})
    """What leaves no pip behind, whatever pip makes of it."""


class Filter(Protocol):
    """What stands between pip's output and the user; ``safepip.gate.Gate`` is one."""

    @property
    def wants_pause(self) -> bool:
        """Whether pip has to stand still until a decision is made."""

    def feed(self, stream: Stream, data: bytes) -> bytes:
        """Take what pip wrote, give what of it may be shown."""

    def idle(self) -> tuple[tuple[Stream, bytes], ...]:
        """Nothing came for ``IDLE_S``: give what may be shown for that."""

    def overdue(self) -> tuple[tuple[Stream, bytes], ...]:
        """Something is held for ``OVERDUE_S``: give what may be shown for that."""

    def resume(self) -> tuple[tuple[Stream, bytes], ...]:
        """After a pause pip goes on: give what may be shown now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a program ended."""

    returncode: int
    """Its exit status; negative: the signal that it died of."""
    stopped: bool = False
    """We ended it on purpose, since ``on_pause`` said so."""
    interrupted: int | None = None
    """The signal that reached us meanwhile and was passed on. Nothing is left to do then but
    ``exit_like(returncode)``, which tells what bare pip would have told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """What a program said."""

    returncode: int
    """Its exit status; negative: the signal that it died of; 127 if it did not start."""
    stdout: bytes = b""
    stderr: bytes = b""
    problem: str | None = None
    """Why there is no answer: it did not start, or took too long. None if it ended by itself."""


class _SignalledError(BaseException):
    """A signal that ends us came while ``on_pause`` was running; pip has been told already."""


def can_watch() -> bool:
    """Tell whether stdout and stderr can be passed through here at all.

    Not if one of them is closed or cannot be written (bare pip has an error to tell then), and not
    if it is a terminal while no pseudo-terminal is to be had. pip is handed over by exec then.
    """
    if sys.platform == "win32":
        return _is_open(1) and _is_open(2)
    return all(map(_is_writable, (1, 2))) and (
        not any(map(os.isatty, (1, 2))) or _has_pseudo_terminals()
    )


def run_watched(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    gate: Filter,
    on_pause: Callable[[], bool],
    watch: Callable[[Stream, bytes], None] | None = None,
    pipes_only: bool = False,
) -> Finished:
    """Run *argv*, pass its output through *gate* to the user, and show *watch* a copy.

    To be called from the main thread. What *gate* still holds in the end is the caller's.

    Args:
        argv: The program's path and its arguments.
        env: Its whole environment.
        gate: When it wants a pause, the program is frozen and *on_pause* called.
        on_pause: True lets the program go on; False ends it, and its output is thrown away. If it
            raises, the program is ended too. It is not called for a program that has ended by
            itself meanwhile, or that a signal is about to end.
        watch: Gets what the program wrote, after the user did.
        pipes_only: No pseudo-terminal, even where ours is a terminal, and the streams stay apart,
            even where ours are one.

    Raises:
        UnavailableError: *argv* cannot be started.
    """
    if sys.platform == "win32":
        from safepip import _windows  # noqa: PLC0415 - needs this module

        return _windows.run_watched(argv, env=env, gate=gate, on_pause=on_pause, watch=watch)
    with ExitStack() as stack:
        channels: list[_Channel] = []
        keeper = stack.enter_context(_Keeper(_FORWARD_DELAY_IN_FOREGROUND_S))
        streams = {Stream.OUT: 1, Stream.ERR: 2} if pipes_only else _streams()
        for stream, fd in streams.items():
            channel = _Channel(stream, fd, terminal=os.isatty(fd) and not pipes_only)
            stack.callback(channel.close)
            channels.append(channel)
        keeper.start(argv, env=env, stdout=channels[0].end, stderr=channels[-1].end)
        for channel in channels:
            channel.started()
        return _Relay(keeper, channels, gate, on_pause, watch).run()


def run_inherited(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | os.PathLike[str] | None = None,
    stdout: int | None = None,
) -> Finished:
    """Run *argv* on our own streams, unwatched; signals are passed on as in ``run_watched``.

    With *stdout* 2 its stdout goes to our stderr. To be called from the main thread.

    Raises:
        UnavailableError: *argv* cannot be started.
    """
    if sys.platform == "win32":
        from safepip import _windows  # noqa: PLC0415 - needs this module

        return _windows.run_inherited(argv, env=env, cwd=cwd, stdout=stdout)
    with _Keeper(_FORWARD_DELAY_UNSEEN_S) as keeper:
        process = keeper.start(argv, env=env, cwd=cwd, stdout=stdout)
        while process.returncode is None:
            select.select([keeper.wakeup], [], [], keeper.patience())
            keeper.attend()
        return keeper.finished()


def capture(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | os.PathLike[str] | None = None,
    timeout_s: float,
    input: bytes | None = None,  # noqa: A002 - subprocess's word
) -> Captured:
    """Run *argv* and keep what it says; its stdin is empty unless *input* is given.

    A program that does not start or does not end in time is a value with a ``problem``, too.
    """
    try:
        process = subprocess.Popen(
            argv,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except (OSError, ValueError) as error:
        return Captured(returncode=127, problem=_reason(error))
    with process:
        try:
            stdout, stderr = process.communicate(input, timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            return _late(process, error)
        except BaseException:
            process.kill()
            raise
    return Captured(returncode=process.returncode, stdout=stdout, stderr=stderr)


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
    try:
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
    except (OSError, ValueError):
        return None
    deadline = time.monotonic() + timeout_s
    answer = None
    try:
        answer = _read_to(process, end, deadline)
        if answer is not None:
            # What it does on leaving (saving a history) is not to be cut short.
            with suppress(subprocess.TimeoutExpired):
                process.wait(min(_LEAVING_S, max(0.0, deadline - time.monotonic())))
    finally:
        if process.returncode is None:
            _kill_session(process.pid)
            # One that hangs in the kernel (a dead network disk) outlives even that for a while.
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LEAVING_S)
        if process.stdout is not None:
            process.stdout.close()
    return answer


_LEAVING_S = 0.5
_ANSWER_BYTES = 1 << 20


def _read_to(process: subprocess.Popen[bytes], end: bytes, deadline: float) -> bytes | None:
    if process.stdout is None:
        return None
    fd, said = process.stdout.fileno(), b""
    while end not in said and len(said) < _ANSWER_BYTES:
        if not _poll_one(fd, deadline - time.monotonic()):
            return None
        chunk = os.read(fd, 65536)
        if not chunk:
            return None
        said += chunk
    return said.partition(end)[0] if end in said else None


def _poll_one(fd: int, timeout_s: float) -> bool:
    """Whether *fd* has something to read within the time (``select`` knows few descriptors)."""
    if timeout_s <= 0:
        return False
    poll = select.poll()
    poll.register(fd, select.POLLIN | select.POLLHUP)
    return bool(poll.poll(timeout_s * 1000))


def _kill_session(leader: int) -> None:
    """Kill the group of *leader*, not yet waited for, and where /proc shows it the session.

    A shell with job control gives each of its children a group of their own.
    """
    members = [leader]
    with suppress(OSError):
        members += [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]
    with suppress(OSError):
        os.killpg(leader, signal.SIGKILL)
    for pid in members:
        with suppress(OSError):
            if os.getsid(pid) == leader:
                os.kill(pid, signal.SIGKILL)


def write(stream: Stream, data: bytes) -> None:
    """Write all of *data* to our stdout (OUT, BOTH) or stderr (ERR), past all buffers.

    Raises:
        BrokenPipeError: Nobody reads it.
    """
    fd = 2 if stream is Stream.ERR else 1
    rest = memoryview(data)
    while rest:
        rest = rest[_write_some(fd, rest) :]


def exit_like(returncode: int) -> int:
    """Give the status to exit with; for a negative *returncode* die of that signal instead.

    Whoever called us sees what bare pip would have shown. Buffers must be flushed before.
    """
    if returncode >= 0 or sys.platform == "win32":
        return returncode
    signum = -returncode
    # The program has left its core dump; ours would only replace it.
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with suppress(OSError, ValueError):  # SIGKILL has no action to restore
        signal.signal(signum, signal.SIG_DFL)
    with suppress(OSError, ValueError):
        os.kill(os.getpid(), signum)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signum})
    return 128 + signum  # only for a signal that does not end a process


def _write_some(fd: int, data: memoryview) -> int:
    try:
        return os.write(fd, data)
    except BlockingIOError:  # somebody who shares it with us asked for that
        select.select([], [fd], [])
        return 0


def _reason(error: OSError | ValueError) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _late(process: subprocess.Popen[bytes], error: subprocess.TimeoutExpired) -> Captured:
    """What there is when the streams stayed open for too long."""
    stdout, stderr = error.output or b"", error.stderr or b""
    if process.poll() is not None:  # only a child of its own keeps them open
        return Captured(returncode=process.returncode, stdout=stdout, stderr=stderr)
    process.kill()
    process.wait()
    problem = f"no answer within {error.timeout:g} seconds"
    return Captured(returncode=process.returncode, stdout=stdout, stderr=stderr, problem=problem)


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


class _Keeper:
    """Answers for one child: starts it, passes signals on to it, freezes it, ends it.

    Everything may happen inside a signal handler, hence between any two steps of the rest.
    """

    def __init__(self, foreground_delay_s: float) -> None:
        self._foreground_delay_s = foreground_delay_s
        self.wakeup = -1
        """Readable when a signal came."""
        self.resized: Callable[[], None] | None = None
        """Called when the terminal may have got another size."""
        self.asking = False
        """``on_pause`` is running: a signal has to get it off its chair."""
        self._process: subprocess.Popen[bytes] | None = None
        self._interrupted: int | None = None
        self._stopped = False
        self._frozen = False
        self._early: list[int] = []
        self._due: list[tuple[float, int]] = []
        self._previous: list[tuple[int, signal.Handlers | Callable[..., object] | int]] = []

    def __enter__(self) -> Self:
        """Take the signals over, but for those that pip would ignore."""
        self.wakeup, self._alarm = os.pipe()
        os.set_blocking(self.wakeup, False)
        os.set_blocking(self._alarm, False)
        self._previous_alarm = signal.set_wakeup_fd(self._alarm, warn_on_full_buffer=False)
        for signum in (
            signal.SIGCHLD,
            signal.SIGWINCH,
            signal.SIGCONT,
            signal.SIGINT,
            *_PASSED_ON,
        ):
            previous = signal.getsignal(signum)
            if previous is not signal.SIG_IGN or signum == signal.SIGCHLD:
                signal.signal(signum, self._arrived)
                # None: set by somebody else's C code, which Python cannot restore
                self._previous.append((signum, previous or signal.SIG_DFL))
        return self

    def __exit__(self, *_: object) -> None:
        """Give the signals back; a child that is still there is killed."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            self._process.wait()
        for signum, previous in self._previous:
            signal.signal(signum, previous)
        signal.set_wakeup_fd(self._previous_alarm)
        os.close(self.wakeup)
        os.close(self._alarm)

    def start(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: str | os.PathLike[str] | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start the child with the open files that an exec would have left it."""
        try:
            process = subprocess.Popen(
                argv,
                env=env,
                cwd=cwd,
                stdout=stdout,
                stderr=stderr,
                close_fds=False,  # `-r <(…)` is /dev/fd/63; ours are not inheritable (PEP 446)
            )
        except (OSError, ValueError) as error:
            what = f"{argv[0]} cannot be started"
            raise UnavailableError(what, why=_reason(error)) from error
        self._process = process
        # Whoever started us may have blocked it, and then nothing would tell of pip's end.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        while self._early:
            self._pass_on(self._early.pop(0))
        process.poll()
        return process

    @property
    def exited(self) -> bool:
        """Whether the child has ended."""
        return self._process is None or self._process.returncode is not None

    @property
    def interrupted(self) -> bool:
        """Whether a signal came that was meant for the child."""
        return self._interrupted is not None

    @property
    def doomed(self) -> bool:
        """Whether such a signal was the child's end, hence ours."""
        died = self._process is not None and (self._process.returncode or 0) < 0
        return died and self._interrupted not in {None, signal.SIGINT}

    @property
    def frozen(self) -> bool:
        """Whether the child stands still because we want it to."""
        return self._frozen

    def finished(self) -> Finished:
        """How the child ended."""
        assert self._process is not None  # noqa: S101 - it was started and has ended
        return Finished(
            returncode=self._process.returncode,
            stopped=self._stopped,
            interrupted=self._interrupted,
        )

    def freeze(self) -> None:
        """Make the child stand still."""
        self._frozen = True
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the child go on."""
        self._frozen = False
        self._send(signal.SIGCONT)

    def stop(self) -> None:
        """End the child: politely, so that it cleans up behind itself, then less so."""
        if self.exited:
            return
        self._stopped = True
        polite = signal.SIGINT
        if signal.getsignal(polite) is signal.SIG_IGN:  # then it ignores it as well
            polite = signal.SIGTERM
        self._send(polite)
        self.thaw()
        for delay_s, signum in zip(_STOP_DELAYS_S, (signal.SIGTERM, signal.SIGKILL), strict=True):
            self._later(delay_s, signum)

    def patience(self) -> float | None:
        """How many seconds there are until something has to be sent; None: nothing has."""
        return max(0.0, self._due[0][0] - time.monotonic()) if self._due else None

    def attend(self) -> None:
        """Do what the signals and the clock ask for; to be called after each wait."""
        with suppress(BlockingIOError):
            while os.read(self.wakeup, 4096):
                pass
        if self._process is not None:
            self._process.poll()
        while self._due and self._due[0][0] <= time.monotonic():
            self._send(self._due.pop(0)[1])

    def has_reacted(self) -> None:
        """Say that the interrupt has reached the child: it need not be passed on."""
        self._due = [entry for entry in self._due if entry[1] != signal.SIGINT]

    @property
    def awaits_reaction(self) -> bool:
        """Whether it is not known yet that an interrupt reached the child."""
        return any(signum == signal.SIGINT for _, signum in self._due)

    def _arrived(self, signum: int, _: FrameType | None) -> None:
        """The signal handler."""
        if signum in {signal.SIGWINCH, signal.SIGCONT} and self.resized is not None:
            self.resized()
        if signum == signal.SIGCONT:
            # The shell wakes the whole job: pip must not, in the middle of a question.
            self._send(signal.SIGSTOP if self._frozen else signal.SIGCONT)
        elif signum == signal.SIGINT:
            self._interrupt()
        elif signum in _PASSED_ON:
            self._pass_on(signum)

    def _interrupt(self) -> None:
        """Wait and see: from the terminal SIGINT goes to pip as well."""
        if self._interrupted is None:
            self._interrupted = signal.SIGINT
        if self.asking:
            raise KeyboardInterrupt
        if not self._stopped and not self.awaits_reaction:
            self._later(
                self._foreground_delay_s if _is_in_foreground() else _FORWARD_DELAY_S,
                signal.SIGINT,
            )

    def _pass_on(self, signum: int) -> None:
        if self._interrupted in {None, signal.SIGINT}:
            self._interrupted = signum
        if self._process is None:
            self._early.append(signum)
            return
        self._send(signum)
        if self._frozen:
            self.thaw()
        if signum in _DEADLY:
            self._later(_KILL_DELAY_S, signal.SIGKILL)
        if self.asking:
            raise _SignalledError

    def _later(self, delay_s: float, signum: int) -> None:
        self._due = sorted([*self._due, (time.monotonic() + delay_s, signum)])

    def _send(self, signum: int) -> None:
        if self._process is not None:
            with suppress(PermissionError):  # it has become somebody else (sudo)
                self._process.send_signal(signum)


class _Channel:
    """The way of one stream of pip's to ours."""

    def __init__(self, stream: Stream, fd: int, *, terminal: bool) -> None:
        self.stream = stream
        self._fd = fd
        self._terminal = terminal
        self.source, self.end = os.openpty() if terminal else os.pipe()
        """Where we read, and what pip gets; -1 when closed."""
        if terminal:
            _make_alike(self.end, fd)
            self.resize()
        os.set_blocking(self.source, False)
        self.sink, self._may_block = _open_sink(fd)
        """Where we write; -1 when nobody reads it."""
        self.pending = memoryview(b"")
        """Read and not written yet: then nothing more is read."""
        self._drained = 0

    @property
    def open(self) -> bool:
        """Whether there may be more to read."""
        return self.source >= 0

    def started(self) -> None:
        """Say that pip has its end now.

        Of a pseudo-terminal we keep it nevertheless: some systems throw away what nobody has
        read yet when the last one closes it.
        """
        if not self._terminal:
            os.close(self.end)
            self.end = -1

    def resize(self) -> None:
        """Give the pseudo-terminal the size of the terminal."""
        if self._terminal and self.open:
            with suppress(OSError):
                size = fcntl.ioctl(self._fd, termios.TIOCGWINSZ, bytes(8))
                fcntl.ioctl(self.source, termios.TIOCSWINSZ, size)

    def read(self) -> bytes:
        """Take what is there; nothing if there is nothing now, or nothing any more."""
        try:
            data = os.read(self.source, _READ_SIZE)
        except BlockingIOError:
            return b""
        except OSError as error:
            if error.errno != errno.EIO:  # a pseudo-terminal's way to say: end of file
                raise
            data = b""
        if not data:
            self.close_source()
        return data

    def drain(self) -> bytes:
        """Take what is there after pip's end; closed when that was all.

        A grandchild may keep the other end open, and may even go on writing.
        """
        data = self.read()
        self._drained += len(data)
        if not data or self._drained > _DRAIN_LIMIT:
            self.close_source()
        return data

    def put(self, data: bytes) -> None:
        """Show *data* to the user, now or when there is room for it."""
        if self.sink < 0 or not data:
            return
        self.pending = memoryview(bytes(self.pending) + data if self.pending else data)
        if not self._may_block:
            self.flush()

    def flush(self) -> None:
        """Write as much as there is room for; a small piece only where writing may block."""
        try:
            if self._may_block:
                self.pending = self.pending[os.write(self.sink, self.pending[: select.PIPE_BUF]) :]
                return
            while self.pending:
                self.pending = self.pending[os.write(self.sink, self.pending) :]
        except BlockingIOError:
            pass
        except OSError:
            self.break_off()

    def discard(self) -> None:
        """Throw away what was not shown yet."""
        self.pending = memoryview(b"")

    def break_off(self) -> None:
        """Nobody reads our stream any more: let pip find out by itself."""
        self.discard()
        self._close_sink()
        self.close_source()

    def close_source(self) -> None:
        """Read no more; pip gets an error when it writes."""
        for fd in (self.source, self.end):
            if fd >= 0:
                os.close(fd)
        self.source = self.end = -1

    def close(self) -> None:
        """Close what was opened here."""
        self.close_source()
        self._close_sink()

    def _close_sink(self) -> None:
        if self.sink >= 0 and self.sink != self._fd:
            os.close(self.sink)
        self.sink = -1


class _Relay:
    """Passes pip's output on until pip has ended, and pauses it when the gate asks for it."""

    def __init__(
        self,
        keeper: _Keeper,
        channels: Sequence[_Channel],
        gate: Filter,
        on_pause: Callable[[], bool],
        watch: Callable[[Stream, bytes], None] | None,
    ) -> None:
        self._keeper = keeper
        self._channels = channels
        self._gate = gate
        self._on_pause = on_pause
        self._watch = watch
        self._idle_at = self._overdue_at = _NEVER
        self._held = 0
        self._tail = b""
        self._discarding = False

    def run(self) -> Finished:
        """Do it, to pip's end."""
        self._keeper.resized = self._resize
        try:
            self._loop()
        except BaseException:
            self._stop()
            self._loop()
            raise
        finally:
            self._keeper.resized = None
        return self._keeper.finished()

    def _loop(self) -> None:
        keeper = self._keeper
        while not keeper.exited or self._is_unfinished():
            self._turn()
            if keeper.frozen and not any(channel.pending for channel in self._channels):
                self._pause()

    def _is_unfinished(self) -> bool:
        """Whether there is something left to do after pip's end."""
        for channel in self._channels:
            while channel.open and not channel.pending:
                self._take(channel, channel.drain())
        left = any(channel.open or channel.pending for channel in self._channels)
        if left and self._keeper.doomed:
            # Whoever reads our output has stopped doing so: pip would not be there any more.
            return bool(_poll(self._keeper.wakeup, self._channels, 0.0, reading=False))
        return left

    def _turn(self) -> None:
        """Wait for something to happen, and deal with it."""
        keeper = self._keeper
        events = _poll(keeper.wakeup, self._channels, self._patience(), reading=not keeper.frozen)
        keeper.attend()
        for channel in self._channels:
            if channel.pending and channel.sink in events:
                channel.flush()
            elif channel.sink in events:
                channel.break_off()
            elif channel.source in events and not keeper.frozen:
                self._take(channel, channel.read())
        self._look_at_clock()

    def _patience(self) -> float | None:
        at = min(self._idle_at, self._overdue_at)
        waits = [self._keeper.patience()]
        if at < _NEVER and not self._keeper.frozen:
            waits.append(max(0.0, at - time.monotonic()))
        return min((wait for wait in waits if wait is not None), default=None)

    def _take(self, channel: _Channel, data: bytes) -> None:
        """Deal with what pip wrote."""
        if not data or self._discarding:
            return
        shown = self._gate.feed(channel.stream, data)
        channel.put(shown)
        self._count_held(len(data) - len(shown))
        self._idle_at = time.monotonic() + IDLE_S
        if self._watch is not None:
            self._watch(channel.stream, data)
        if self._keeper.awaits_reaction:
            self._look_for_reaction(data)
        self._consider_pause()

    def _look_for_reaction(self, data: bytes) -> None:
        self._tail += data
        if _INTERRUPTED in self._tail:
            self._keeper.has_reacted()
        self._tail = self._tail[-len(_INTERRUPTED) :]

    def _consider_pause(self) -> None:
        if self._gate.wants_pause and not self._keeper.exited and not self._keeper.interrupted:
            self._keeper.freeze()

    def _count_held(self, more: int) -> None:
        """Keep in mind since when the gate has held something."""
        self._held = max(0, self._held + more)
        if not self._held:
            self._overdue_at = _NEVER
        elif self._overdue_at == _NEVER:
            self._overdue_at = time.monotonic() + OVERDUE_S

    def _look_at_clock(self) -> None:
        if self._discarding or self._keeper.frozen:
            return
        now = time.monotonic()
        if self._idle_at <= now:
            self._idle_at = _NEVER
            self._show(self._gate.idle())
            self._consider_pause()
        if self._overdue_at <= now:
            self._overdue_at = _NEVER
            self._show(self._gate.overdue())
            self._held = 0
            self._consider_pause()

    def _show(self, given: tuple[tuple[Stream, bytes], ...]) -> None:
        for stream, data in given:
            for channel in self._channels:
                if channel.stream in {stream, Stream.BOTH}:
                    channel.put(data)
            self._count_held(-len(data))

    def _pause(self) -> None:
        """Let the caller decide; pip stands still meanwhile."""
        keeper = self._keeper
        if keeper.interrupted or keeper.exited:
            keeper.thaw()
            return
        try:
            try:
                keeper.asking = True
                go_on = self._on_pause()
            finally:
                keeper.asking = False
        except _SignalledError:  # the handler did what there is to do
            keeper.asking = False
            return
        except BaseException:
            keeper.asking = False
            raise
        if not go_on:
            self._stop()
            return
        self._show(self._gate.resume())
        self._held = 0
        self._overdue_at = _NEVER
        keeper.thaw()

    def _stop(self) -> None:
        """End pip; it must not block on what nobody wants to see any more."""
        self._discarding = True
        for channel in self._channels:
            channel.discard()
        self._keeper.stop()

    def _resize(self) -> None:
        for channel in self._channels:
            channel.resize()


def _is_writable(fd: int) -> bool:
    try:
        return (fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE) != os.O_RDONLY
    except OSError:
        return False


def _has_pseudo_terminals() -> bool:
    try:
        ends = os.openpty()
    except OSError:
        return False
    for end in ends:
        os.close(end)
    return True


def _streams() -> dict[Stream, int]:
    """The streams that can be told apart, and where they lead."""
    return {Stream.BOTH: 1} if _are_same(1, 2) else {Stream.OUT: 1, Stream.ERR: 2}


def _are_same(first: int, second: int) -> bool:
    """Whether two open files are the same terminal, pipe or file."""
    one, other = os.fstat(first), os.fstat(second)
    if os.isatty(first) and os.isatty(second):
        # /dev/tty has a number of its own, but only one terminal can be the controlling one.
        return one.st_rdev == other.st_rdev or all(map(_is_controlling, (first, second)))
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


def _is_controlling(fd: int) -> bool:
    try:
        os.tcgetpgrp(fd)
    except OSError:
        return False
    return True


def _is_in_foreground() -> bool:
    """Whether the terminal sends us, and hence pip, its interrupts."""
    try:
        fd = os.open(os.ctermid(), os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(fd)


def _make_alike(pseudo: int, terminal: int) -> None:
    """Give *pseudo* the attributes of *terminal*, but let bytes pass unchanged.

    What a terminal does to output (a CR before each LF) the real one does later.
    """
    try:
        attributes = termios.tcgetattr(terminal)
    except termios.error:
        attributes = termios.tcgetattr(pseudo)
    attributes[1] &= ~termios.OPOST
    termios.tcsetattr(pseudo, termios.TCSANOW, attributes)


def _open_sink(fd: int) -> tuple[int, bool]:
    """What to write to instead of *fd*, and whether a large piece can get stuck there.

    A signal must find us waiting, not writing. O_NONBLOCK set on *fd* would be set for the
    user's shell, too, hence a second opening of the same pipe or terminal. Where there is
    none, a piece of PIPE_BUF bytes does not block once there is room.
    """
    mode = os.fstat(fd).st_mode
    if stat.S_ISFIFO(mode) or os.isatty(fd):
        with suppress(OSError):
            path = f"/proc/self/fd/{fd}" if sys.platform == "linux" else os.ttyname(fd)
            return os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY), False
        return fd, True
    return fd, not (stat.S_ISREG(mode) or stat.S_ISCHR(mode))


def _poll(
    wakeup: int, channels: Sequence[_Channel], timeout_s: float | None, *, reading: bool
) -> frozenset[int]:
    """Wait until something can be read or written, or until nobody reads a stream of ours."""
    sources = {
        channel.source for channel in channels if channel.open and reading and not channel.pending
    }
    full = {channel.sink for channel in channels if channel.pending}
    if sys.platform == "darwin":  # whose poll() does not know terminals
        return frozenset().union(*select.select([wakeup, *sources], full, [], timeout_s))
    poller = select.poll()
    for fd in (wakeup, *sources):
        poller.register(fd, select.POLLIN)
    for channel in channels:
        if channel.sink >= 0 and (channel.pending or channel.open):
            poller.register(channel.sink, select.POLLOUT if channel.pending else 0)
    timeout_ms = None if timeout_s is None else timeout_s * 1000
    return frozenset(fd for fd, _ in poller.poll(timeout_ms))
