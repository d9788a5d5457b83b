"""Passes pip's output on until pip has ended, and pauses it when the gate asks for it."""

from __future__ import annotations

import select
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from safepip.model.triggers import Stream
from safepip.runner.channel import READ_SIZE, poll
from safepip.runner.child import SignalledError
from safepip.runner.interface import IDLE_S, OVERDUE_S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from safepip.runner.channel import Channel
    from safepip.runner.child import Keeper
    from safepip.runner.interface import Filter, Finished

_INTERRUPTED = b"Operation cancelled by user"
"""pip's answer to SIGINT. Source: pip, ``_internal/cli/base_command.py``."""

_NEVER = 1e12

_FLOOD_BYTES_PER_S = 20e6
_GATHER_S = 0.0005
"""So long a flood is left to grow before the next look, which costs the same for much as for
little: whoever writes by small pieces would wake us for each, and lose the processor to us."""


class Relay:
    """Passes pip's output on until pip has ended, and pauses it when the gate asks for it."""

    def __init__(
        self,
        keeper: Keeper,
        channels: Sequence[Channel],
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
        self._came_at = 0.0
        self._tail = b""
        self._discarding = False

    def run(self) -> Finished:
        """Do it, to pip's end."""
        self._keeper.resized = self._resize
        try:
            with ExitStack() as undo:
                undo.callback(self._end)
                self._loop()
                undo.pop_all()
        finally:
            self._keeper.resized = None
        return self._keeper.finished()

    def _end(self) -> None:
        self._stop()
        self._loop()

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
            return bool(poll(self._keeper.wakeup, self._channels, 0.0, reading=False))
        return left

    def _turn(self) -> None:
        """Wait for something to happen, and deal with it."""
        keeper = self._keeper
        events = poll(keeper.wakeup, self._channels, self._patience(), reading=not keeper.frozen)
        if not events or keeper.wakeup in events or keeper.patience() is not None:
            keeper.attend()
        for channel in self._channels:
            if channel.pending and channel.sink in events:
                channel.flush()
            elif channel.sink in events:
                channel.break_off()
            elif channel.source in events and not keeper.frozen:
                data = channel.read()
                self._take(channel, data)
                self._gather(len(data))
        self._look_at_clock()

    def _gather(self, came: int) -> None:
        """Wait a moment if that much *came* at once that the next look would find little."""
        now = time.monotonic()
        flood = came > (now - self._came_at) * _FLOOD_BYTES_PER_S
        # No terminal gives more at once, nor has it room for more.
        if flood and select.PIPE_BUF < came < READ_SIZE // 8 and not self._held:
            time.sleep(_GATHER_S)
            now = time.monotonic()
        self._came_at = now

    def _patience(self) -> float | None:
        at = min(self._idle_at, self._overdue_at)
        waits = [self._keeper.patience()]
        if at < _NEVER and not self._keeper.frozen:
            waits.append(max(0.0, at - time.monotonic()))
        return min((wait for wait in waits if wait is not None), default=None)

    def _take(self, channel: Channel, data: bytes) -> None:
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
        except SignalledError:  # the handler did what there is to do
            return
        finally:
            keeper.asking = False  # a signal may have come before the other line
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
