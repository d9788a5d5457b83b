"""Processes that were started before there is a ``runner``, by as little as that takes."""

import _signal  # type: ignore[import-not-found]  # typeshed knows only signal
import os

from safepip import outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from typing_extensions import Self

_LOOK_AGAIN_S = 0.002


class Child:
    """A process of ours; to whoever takes it over, it is one as any other."""

    __slots__ = ("pid", "returncode")

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Give its exit status, None while it runs."""
        return self._waited(os.WNOHANG)

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end, *timeout* seconds at most, and give its exit status."""
        if timeout is None:
            return self._waited(0)
        import time

        by = time.monotonic() + timeout
        while self.poll() is None and time.monotonic() < by:
            time.sleep(_LOOK_AGAIN_S)
        return self.returncode

    def _waited(self, how: int) -> int | None:
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, how)
            except ChildProcessError:
                # Whoever started us ignores SIGCHLD; or a signal's handler has just waited for it.
                if self.returncode is None:
                    self.returncode = 0
            else:
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def send_signal(self, signum: int) -> None:
        """Send it *signum*, if it is still there."""
        if self.poll() is None:
            os.kill(self.pid, signum)


class Started(Child):
    """A Python that waits for the word; to whoever gives it, it is a process as any other.

    Attributes:
        ends: By the number of ours, where its output comes from and where it goes to.
        head: The words that it stands for.
    """

    __slots__ = ("_env", "_go", "ends", "head")

    def __init__(
        self,
        pid: int,
        go: int,
        head: "tuple[str, ...]",
        env: "Mapping[str, str]",
        ends: "dict[int, tuple[int, int]]",
    ) -> None:
        super().__init__(pid)
        self.ends = ends
        self._go = go
        self.head = head
        self._env = env

    def fits(self, argv: "Sequence[str]", env: "Mapping[str, str]") -> bool:
        """Whether it can still become *argv* with *env*: of that, only what pip alone reads."""
        changed = self._changed(env)
        return tuple(argv[: len(self.head)]) == self.head and all(
            name.startswith("PIP_") for name in changed
        )

    def _changed(self, env: "Mapping[str, str]") -> list[str]:
        names = {*env, *self._env}
        return [name for name in names if env.get(name) != self._env.get(name)]

    def go(self, argv: "Sequence[str]", env: "Mapping[str, str]") -> None:
        """Give the word: become *argv* with *env*."""
        told = [
            f"{name}={env[name]}" if name in env else name for name in sorted(self._changed(env))
        ]
        data = b"".join(os.fsencode(one) + b"\0" for one in (str(len(argv)), *argv, *told))
        try:
            while data:
                data = data[os.write(self._go, data) :]
        except OSError:  # it has ended by itself, and says how
            pass
        os.close(self._go)

    def leave(self) -> None:
        """Let it end: it is not needed."""
        os.close(self._go)
        self._close_ends()

    def _close_ends(self) -> None:
        for end in {one for pair in self.ends.values() for one in pair}:
            os.close(end)


class Begun(Started):
    """pip itself, at work already. What signals us waits until somebody answers for it."""

    __slots__ = ("_mask",)

    def __init__(
        self,
        pid: int,
        mask: "set[int]",
        argv: "Sequence[str]",
        env: "Mapping[str, str]",
        ends: "dict[int, tuple[int, int]]",
    ) -> None:
        """*mask*: the signals that were blocked before."""
        super().__init__(pid, -1, tuple(argv), env, ends)
        self._mask = mask

    def fits(self, argv: "Sequence[str]", env: "Mapping[str, str]") -> bool:
        """Whether it is *argv* with *env*."""
        return tuple(argv) == self.head and not self._changed(env)

    def go(self, argv: "Sequence[str]", env: "Mapping[str, str]") -> None:
        """Let signals come: somebody answers for it now."""
        del argv, env
        # Whoever started us may have blocked SIGCHLD, and then nothing would tell of pip's end.
        set_mask(self._mask - {_signal.SIGCHLD})

    def leave(self) -> None:
        """End it: something broke before it could do more than import itself."""
        self.send_signal(9)
        set_mask(self._mask)
        self._close_ends()


class Asked(Child):
    """A program that is asked something by its stdin, as ``subprocess.Popen`` has it."""

    __slots__ = ("stderr", "stdin", "stdout")

    def __init__(self, pid: int, ends: "Sequence[int]") -> None:
        super().__init__(pid)
        self.stdin = os.fdopen(ends[0], "wb", buffering=0)
        self.stdout, self.stderr = (os.fdopen(end, "rb", buffering=0) for end in ends[1:])

    def __enter__(self) -> "Self":
        return self

    def __exit__(self, *_: object) -> None:
        """Close the pipes, and wait for its end."""
        for stream in (self.stdin, self.stdout, self.stderr):
            stream.close()
        self.wait()

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(9)


def begin(argv: "Sequence[str]", env: "Mapping[str, str]") -> Begun:
    """Start pip itself as *argv* with *env*.

    Raises:
        OSError: That is impossible.
    """
    opened: list[int] = []
    mask = set_mask(_signal.valid_signals())
    try:
        ends = outputs.open_all(opened)
        pid = spawn(argv, env, {fd: pair[1] for fd, pair in ends.items()}, mask)
    except BaseException:
        _close(opened)
        set_mask(mask)
        raise
    return Begun(pid, mask, argv, env, ends)


def ask(argv: "Sequence[str]", env: "Mapping[str, str]", kept: int) -> Asked:
    """Start *argv* with *env*, to be asked something; the file *kept* stays open in it.

    Raises:
        OSError: That is impossible.
    """
    opened: list[int] = []
    try:
        outputs.need_all()
        for _ in range(3):
            opened += os.pipe()
        stdin, ours, out, stdout, err, stderr = opened
        os.set_inheritable(kept, True)  # noqa: FBT003 - os's own
        pid = spawn(argv, env, {0: stdin, 1: stdout, 2: stderr}, mask())
    except OSError:
        _close(opened)
        raise
    _close((stdin, stdout, stderr))
    return Asked(pid, (ours, out, err))


def spawn(
    argv: "Sequence[str]", env: "Mapping[str, str]", files: "Mapping[int, int]", mask: "set[int]"
) -> int:
    """Start *argv* with *env*, files of ours by its numbers, and the signals of *mask* blocked.

    Raises:
        OSError: That is impossible.
    """
    return os.posix_spawn(
        argv[0],
        list(argv),
        env,
        file_actions=[(os.POSIX_SPAWN_DUP2, ours, its) for its, ours in files.items()],
        setsigdef=_ignored_by_python(),
        setsigmask=mask,
    )


def mask() -> "set[int]":
    """Give the signals that are blocked."""
    return set(_signal.pthread_sigmask(_signal.SIG_BLOCK, ()))


def set_mask(signals: "Iterable[int]") -> "set[int]":
    """Block *signals* and no others; give those that were blocked before."""
    return set(_signal.pthread_sigmask(_signal.SIG_SETMASK, signals))


def _ignored_by_python() -> list[int]:
    """The signals that Python ignores, and that a shell would have left at their default.

    Source: CPython, ``Python/pylifecycle.c``; ``subprocess.Popen(restore_signals=True)``.
    """
    return [getattr(_signal, n) for n in ("SIGPIPE", "SIGXFSZ", "SIGXFZ") if hasattr(_signal, n)]


def _close(files: "Iterable[int]") -> None:
    for one in files:
        os.close(one)
