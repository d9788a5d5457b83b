"""One child and its job control: signals passed on, freezing and thawing, its end."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from safepip.runner import ends, tree, watchdog
from safepip.runner.interface import Finished

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

    from typing_extensions import Self

    from safepip.started import Started

FORWARD_DELAY_IN_FOREGROUND_S = 2.0
FORWARD_DELAY_UNSEEN_S = 10.0
_FORWARD_DELAY_S = 0.25
"""How long pip may take to show that an interrupt reached it before we pass ours on.

A second one disturbs the cleaning up after the first. In the foreground ours came most likely from
the terminal, hence to pip too; and where its output is not ours to see, only its end shows that.
"""

_STOP_DELAYS_S = (3.0, 4.0)
"""How long after the polite signal SIGTERM, and then SIGKILL, follow."""

_KILL_DELAY_S = 5.0
"""How long pip may live on after a signal that should have ended it."""

_LINGER_S = 1.0
"""How long what a wrapper left behind is waited for after the last signal."""

_LOOK_AGAIN_S = 0.02
"""How often: nothing tells of the end of a process that is not a child of ours."""

_PASSED_ON = (
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGALRM,  # outlives an exec: `perl -e 'alarm 60; exec "pip", …'`
)


class SignalledError(BaseException):
    """A signal that ends us came while ``on_pause`` was running; pip has been told already."""


class Keeper:
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
        self._process: subprocess.Popen[bytes] | Started | None = None
        self._interrupted: int | None = None
        self._stopped = False
        self._frozen = False
        self._still: tuple[int, ...] = ()
        """What stands still, or did when it was ended: pip may lie behind a script."""
        self._give_up_at = 0.0
        self._early: list[int] = []
        self._due: list[tuple[float, int]] = []
        self._previous: dict[int, ends.Handler] = {}

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
                self._previous[signum] = previous or signal.SIG_DFL
        return self

    def __exit__(self, *_: object) -> None:
        """Give the signals back; a child that is still there is killed."""
        if self._process is not None:
            if self._process.returncode is None:
                tree.kill(self._process.pid)
                self._process.wait()
            watchdog.release(self._process.pid)
        ends.give_back(self._previous)
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
        import subprocess

        watchdog.prepare()
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
            from safepip.model.errors import UnavailableError
            from safepip.model.problems import Problem

            raise UnavailableError(Problem.CANNOT_START, program=argv[0], why=error) from error
        self.take_over(process)
        return process

    def take_over(self, process: subprocess.Popen[bytes] | Started) -> None:
        """Answer for *process*, a child of ours that somebody else has started."""
        self._process = process
        watchdog.guard(process.pid)
        # Whoever started us may have blocked it, and then nothing would tell of pip's end.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        while self._early:
            self._pass_on(self._early.pop(0))
        process.poll()

    @property
    def exited(self) -> bool:
        """Whether the child has ended; if we ended it, all that stood still with it has, too."""
        if self._process is None:
            return True
        return self._process.returncode is not None and not self._lingers()

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
        status = None if self._process is None else self._process.returncode
        assert status is not None  # noqa: S101 - it was started and has ended
        return Finished(
            returncode=status,
            stopped=self._stopped,
            interrupted=self._interrupted,
        )

    def freeze(self) -> None:
        """Make the child stand still, and all that it started: one of them is pip."""
        self._frozen = True
        if self._process is not None and self._process.returncode is None:
            self._still = tree.freeze(self._process.pid)

    def thaw(self) -> None:
        """Let the child go on."""
        self._frozen = False
        tree.send(self._still, signal.SIGCONT)

    def stop(self) -> None:
        """End the child: politely, so that it cleans up behind itself, then less so."""
        if self.exited:
            return
        self._stopped = True
        polite = signal.SIGINT
        if signal.getsignal(polite) is signal.SIG_IGN:  # then it ignores it as well
            polite = signal.SIGTERM
        if self._process is not None:
            self._still = tree.members(self._process.pid)
        # As Ctrl-C on a terminal does.
        tree.send(self._still, polite)
        self.thaw()
        for delay_s, signum in zip(_STOP_DELAYS_S, (signal.SIGTERM, signal.SIGKILL), strict=True):
            self._later(delay_s, signum)
        self._give_up_at = time.monotonic() + _STOP_DELAYS_S[-1] + _LINGER_S

    def patience(self) -> float | None:
        """How many seconds there are until something has to be done; None: nothing has."""
        if self._process is not None and self._process.returncode is not None and self._lingers():
            return _LOOK_AGAIN_S
        return max(0.0, self._due[0][0] - time.monotonic()) if self._due else None

    def attend(self) -> None:
        """Do what the signals and the clock ask for; to be called after each wait."""
        with suppress(BlockingIOError):
            while os.read(self.wakeup, 4096):
                pass
        if self._process is not None:
            self._process.poll()
        while self._due and self._due[0][0] <= time.monotonic():
            signum = self._due.pop(0)[1]
            if self._stopped:
                tree.send(self._still, signum)
            elif signum == signal.SIGKILL and not self.exited and self._process is not None:
                tree.kill(self._process.pid)
            else:
                self._send(signum)

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
        if signum == signal.SIGCONT and self._frozen:
            # The shell wakes the whole job: pip must not, in the middle of a question.
            self.freeze()
        elif signum == signal.SIGCONT:
            self._send(signal.SIGCONT)
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
        if self._frozen:
            tree.send(self._still, signum)
            self.thaw()
        else:
            self._send(signum)
        if signum in ends.DEADLY:
            self._later(_KILL_DELAY_S, signal.SIGKILL)
        if self.asking:
            raise SignalledError

    def _later(self, delay_s: float, signum: int) -> None:
        self._due = sorted([*self._due, (time.monotonic() + delay_s, signum)])

    def _lingers(self) -> bool:
        """Whether a script that we ended has left the real pip behind, for now."""
        return (
            self._stopped
            and time.monotonic() < self._give_up_at
            and any(map(tree.is_alive, self._still))
        )

    def _send(self, signum: int) -> None:
        if self._process is not None:
            with suppress(PermissionError):  # it has become somebody else (sudo)
                self._process.send_signal(signum)


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
