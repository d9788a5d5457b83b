"""One try of a place, whose last words are held back: the next place may do better."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from safepip import runner
from safepip.machine import distributions
from safepip.policy.wanted import Standing, overall
from safepip.reading import sentences
from safepip.reading.gate import Gate
from safepip.reading.requests import read_requirement
from safepip.reading.sentences import LACKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.destinations.job import Job
    from safepip.model.triggers import Stream
    from safepip.runner import Finished

_TAIL_BYTES = 16_384


class Attempt(NamedTuple):
    """How it ended, and what it said last."""

    finished: Finished
    said: bytes = b""
    """The end of all that was written."""
    held: tuple[tuple[Stream, bytes], ...] = ()
    """What has not been shown yet."""
    watched: bool = True
    """What it said is known."""


def attempt(
    job: Job,
    argv: Sequence[str],
    env: Mapping[str, str],
    last_words: tuple[bytes, ...] = LACKING,
) -> Attempt:
    """Run *argv* in the user's sight, but for what follows a line that begins like *last_words*.

    Raises:
        UnavailableError: it cannot be started.
        EndedError: a deadly signal came, whatever *argv* made of it: no other place is tried then.
    """
    if not runner.can_watch():
        return Attempt(finished=runner.run_inherited(argv, env=env), watched=False)
    tail = bytearray()

    def watch(_stream: Stream, data: bytes) -> None:
        tail.extend(data)
        del tail[:-_TAIL_BYTES]

    gate = Gate(watch_line=False, last_words=last_words)
    done = runner.run_watched(
        argv,
        env=env,
        gate=gate,
        on_pause=lambda: True,
        watch=watch,
        meanwhile=job.meanwhile,
    )
    held = gate.held()
    if done.interrupted in runner.DEADLY:
        show(held)
        runner.follow(done)
    return Attempt(finished=done, said=bytes(tail), held=held)


def lacking(job: Job, done: Attempt) -> tuple[str, ...]:
    """What was not to be had for an isolated environment, and the user's Python has."""
    missing = [read_requirement(text) for text in sentences.not_found(done.said)]
    if not missing:
        return ()
    interpreter = job.interpreter
    sites = list(interpreter.sites)
    if interpreter.user_site is not None and interpreter.user_site_enabled:
        sites.append(interpreter.user_site.path)
    there = {one.name: frozenset((one.version,)) for one in distributions.installed(sites).values()}
    has = [one.name for one in missing if overall([one], there, anew=False) is Standing.PRESENT]
    return tuple(sorted(filter(None, has)))


def show(held: tuple[tuple[Stream, bytes], ...]) -> None:
    """Show what was held back: it stands after all."""
    # The reader may be gone, and has seen as much as it wanted.
    with contextlib.suppress(BrokenPipeError):
        for stream, data in held:
            runner.write(stream, data)
