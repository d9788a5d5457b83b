"""Runs the programs that the user sees: pip, watched, and what is run in its place."""

from __future__ import annotations

import gc
import os
import select
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from safepip import ahead
from safepip.model.triggers import Stream
from safepip.runner.ends import follow
from safepip.runner.streams import in_use

if sys.platform == "win32":
    from safepip.runner import windows
else:
    from safepip.runner.channel import Channel
    from safepip.runner.child import FORWARD_DELAY_IN_FOREGROUND_S, FORWARD_DELAY_UNSEEN_S, Keeper
    from safepip.runner.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from safepip.runner.interface import Filter, Finished

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
        started = ahead.take(() if pipes_only else argv, env)
        for stream, fd in streams.items():
            terminal = os.isatty(fd) and not pipes_only
            ends = None if started is None else started.ends[fd]
            channel = Channel(stream, fd, terminal=terminal, ends=ends)
            stack.callback(channel.close)
            channels.append(channel)
        if started is None:
            keeper.start(argv, env=env, stdout=channels[0].end, stderr=channels[-1].end)
        else:
            keeper.take_over(started)
            started.go(argv, env)
        for channel in channels:
            channel.started()
        if meanwhile is not None:
            meanwhile()
        gc.freeze()
        gc.enable()
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
