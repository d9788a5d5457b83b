"""Acts: runs other programs; above all pip, in such a way that nobody can tell it is watched.

pip inherits stdin, the controlling terminal, the process group, the environment and every open
file that it would have had without us. Only stdout and stderr pass through here: each through a
pseudo-terminal where ours is a terminal, else through a pipe, and both through the same one where
ours are the same, so that their order is kept.

Signals that reach us are pip's affair: they are passed on, and its end is waited for.

Each part has a module: ``child`` the process and its signals, ``channel`` and ``relay`` the way of
its output, ``streams`` our own ends of it, ``answers`` the programs that are only asked something,
``windows`` all that is different there.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from safepip.model.triggers import Stream
from safepip.runner.answers import Captured, ask, capture
from safepip.runner.ends import EndedError, follow, put_away_first
from safepip.runner.interface import IDLE_S, OVERDUE_S, Filter, Finished
from safepip.runner.streams import can_watch, in_use, write

if sys.platform == "win32":
    from safepip.runner import windows
else:
    import resource

    from safepip.runner.channel import Channel
    from safepip.runner.child import FORWARD_DELAY_IN_FOREGROUND_S, FORWARD_DELAY_UNSEEN_S, Keeper
    from safepip.runner.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = [
    "IDLE_S",
    "OVERDUE_S",
    "Captured",
    "EndedError",
    "Filter",
    "Finished",
    "ask",
    "can_watch",
    "capture",
    "exit_like",
    "put_away_first",
    "run_inherited",
    "run_watched",
    "write",
]


begun = False
"""A program was started that the user sees."""


def run_watched(  # noqa: PLR0913 - each is given by its name
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    gate: Filter,
    on_pause: Callable[[], bool],
    watch: Callable[[Stream, bytes], None] | None = None,
    pipes_only: bool = False,
    meanwhile: Callable[[], None] | None = None,
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
        meanwhile: Called once, as soon as the program runs, before anything of it is read.

    Raises:
        UnavailableError: *argv* cannot be started.
    """
    _begin()
    if sys.platform == "win32":
        if meanwhile is not None:
            meanwhile()
        return windows.run_watched(argv, env=env, gate=gate, on_pause=on_pause, watch=watch)
    with ExitStack() as stack:
        channels: list[Channel] = []
        keeper = stack.enter_context(Keeper(FORWARD_DELAY_IN_FOREGROUND_S))
        streams = {Stream.OUT: 1, Stream.ERR: 2} if pipes_only else in_use()
        for stream, fd in streams.items():
            channel = Channel(stream, fd, terminal=os.isatty(fd) and not pipes_only)
            stack.callback(channel.close)
            channels.append(channel)
        keeper.start(argv, env=env, stdout=channels[0].end, stderr=channels[-1].end)
        for channel in channels:
            channel.started()
        if meanwhile is not None:
            meanwhile()
        return Relay(keeper, channels, gate, on_pause, watch).run()


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
        EndedError: a deadly signal came, within ``put_away_first``.
    """
    _begin()
    if sys.platform == "win32":
        return windows.run_inherited(argv, env=env, cwd=cwd, stdout=stdout)
    with Keeper(FORWARD_DELAY_UNSEEN_S) as keeper:
        process = keeper.start(argv, env=env, cwd=cwd, stdout=stdout)
        while process.returncode is None:
            select.select([keeper.wakeup], [], [], keeper.patience())
            keeper.attend()
        finished = keeper.finished()
    return follow(finished)


def _begin() -> None:
    global begun  # noqa: PLW0603 - it is asked where all else has gone wrong
    begun = True


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
