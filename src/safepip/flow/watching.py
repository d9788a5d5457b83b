"""Runs the user's pip under watch: which bytes are held, which signs looked for, and where."""

from __future__ import annotations

import contextlib
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple, Protocol

from safepip import runner, userpip
from safepip.machine import home
from safepip.machine import paths as machine_paths
from safepip.model.triggers import Stream, TriggerName
from safepip.reading.gate import Gate
from safepip.reading.sightings import Places, Watcher
from safepip.reading.triggers import Met, met

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safepip.flow.downloads import Downloads
    from safepip.flow.situation import Situation

# Known before pip has written anything, and pip can still be stopped then.
_EARLY = met(Met.BEFORE_WRITING)


class OnSign(Protocol):
    """Decides while pip stands still before its first install; True lets it go on."""

    def __call__(self, *, seen_line: bool) -> bool:
        """*seen_line*: pip said that it defaults to the user site."""
        ...


class Watched(NamedTuple):
    """How it ended, and what was seen."""

    finished: runner.Finished
    watcher: Watcher
    gate: Gate
    errors: bytes = b""
    """Of a hidden run: what its stderr would have said with the user's quiet options."""

    def show_held(self) -> None:
        """Show what was held back to the end: pip's words stand after all."""
        for stream, data in self.gate.held():
            _write(stream, data)


def run_pip(here: Situation, on_sign: OnSign, downloads: Downloads) -> Watched:
    """Run pip; *on_sign* is asked once, at the first sign of an install that will be denied.

    Raises:
        UnavailableError: pip cannot be started.
    """
    if here.quiet and here.foreseen in _EARLY and here.may_act:
        watched = run_hidden(here, on_sign)
        if not watched.finished.stopped:
            _write(Stream.ERR, watched.errors)
        return watched
    gate = Gate(
        watch_line=here.may_act,
        hold_errors=here.may_act,
        hold_from_start=here.may_act and here.foreseen is TriggerName.PERMISSION_DENIED,
    )
    watcher = Watcher(watch_places(here))

    def watch(stream: Stream, data: bytes) -> None:
        watcher.feed(stream, data)
        if here.may_act:
            downloads.feed(stream, data)

    with _room_to_stop(here) as env:
        finished = runner.run_watched(
            [*here.target.argv, *here.command.argv],
            env=env,
            gate=gate,
            on_pause=lambda: on_sign(seen_line=gate.seen_line),
            watch=watch,
        )
    return Watched(finished=finished, watcher=watcher, gate=gate)


def run_hidden(here: Situation, on_sign: OnSign) -> Watched:
    """With ``-q`` pip hides its sentence and installs in silence: so look with louder words.

    pip runs without its quiet options and unseen, up to the first sign of an install, and no
    further. Without one, ``errors`` is what the quiet options would have let through.
    """
    from safepip.reading import requests

    gate = Gate(hold_from_start=True)
    hidden = _Hidden(gate)
    watcher = Watcher(watch_places(here))

    def on_pause() -> bool:
        on_sign(seen_line=gate.seen_line)
        return False

    with _room_to_stop(here) as env:
        finished = runner.run_watched(
            [*here.target.argv, *requests.without(here.command, "--quiet")],
            env={**env, "PIP_QUIET": "0"},
            gate=hidden,
            on_pause=on_pause,
            watch=watcher.feed,
            pipes_only=True,
        )
    gate.held()
    errors = hidden.errors(here.quiet)
    return Watched(finished=finished, watcher=watcher, gate=gate, errors=errors)


@contextlib.contextmanager
def _room_to_stop(here: Situation) -> Iterator[dict[str, str]]:
    """The environment for a run that is likely to be stopped: with a temporary folder of its own.

    Ended at the wrong moment pip leaves folders there, even by SIGINT. Where nothing is foreseen,
    pip's environment is the user's, to the letter.
    """
    env = userpip.child_environment(here.env)
    if not (here.may_act and here.foreseen in _EARLY):
        yield env
        return
    with contextlib.ExitStack() as stack:
        # Without a usable temporary folder pip has its own words for that.
        with contextlib.suppress(OSError):
            name = stack.enter_context(runner.temporary_folder())
            env = {**env, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), name)}
        yield env


class _Hidden:
    """A gate that shows nothing but a question, and keeps what stderr said."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._errors = bytearray()
        self._line = bytearray()

    @property
    def wants_pause(self) -> bool:
        """As of the gate."""
        return self._gate.wants_pause

    def feed(self, stream: Stream, data: bytes) -> bytes:
        """Take what pip wrote; nothing of it may be shown."""
        if stream is Stream.OUT:
            self._line = bytearray((self._line + data).rpartition(b"\n")[2][-4096:])
        else:
            self._errors += data
            del self._errors[:-1_000_000]
        self._gate.feed(stream, data)
        return b""

    def idle(self) -> tuple[tuple[Stream, bytes], ...]:
        """Give the question that pip may be waiting with."""
        # pip waits for an answer; hidden, its question would look like a hang.
        question, self._line = bytes(self._line), bytearray()
        return ((Stream.OUT, question),) if question.rstrip().endswith((b":", b"?")) else ()

    def overdue(self) -> tuple[tuple[Stream, bytes], ...]:
        """However long it takes, nothing is shown."""
        return ()

    def resume(self) -> tuple[tuple[Stream, bytes], ...]:
        """Go on in silence."""
        self._gate.resume()
        return ()

    def errors(self, quiet: int) -> bytes:
        """What stderr would have shown with *quiet* times ``-q``."""
        lines = bytes(self._errors).splitlines(keepends=True)
        if quiet >= 3:
            # Only what pip calls critical is left, which its denials are not.
            denial = b"ERROR: Could not install packages due to"
            lines = [line for line in lines if line.startswith(b"ERROR: ")]
            lines = [line for line in lines if not line.startswith(denial)]
        if quiet == 2:
            lines = [line for line in lines if not line.startswith((b"WARNING", b"DEPRECATION"))]
        return b"".join(lines)


def _write(stream: Stream, data: bytes) -> None:
    try:
        runner.write(stream, data)
    except BrokenPipeError:
        # The reader is gone; what pip had to say about that it has said.
        return


def watch_places(here: Situation) -> Places:
    """Where this install writes, also as links resolve: pip names either."""
    interpreter = here.interpreter
    others = [interpreter.scripts.path, interpreter.data.path]
    for option in ("--target", "--prefix", "--root"):
        others += [Path(value).absolute() for value in here.command.values(option)]
    # As pip does: a ~ that means nobody stays as it is.
    others += [machine_paths.expanded(value).absolute() for value in here.pip_settings.places]
    if interpreter.user_site is not None:
        others.append(interpreter.user_site.path)
    if interpreter.user_base is not None:
        others.append(interpreter.user_base)
    # Everything lies below these two.
    others = [path for path in others if path not in {PurePath("/"), home.home_of(here.env)}]
    return Places(
        site=_with_resolved((interpreter.purelib.path, interpreter.platlib.path)),
        others=_with_resolved(others),
    )


def _with_resolved(paths: Iterable[PurePath]) -> tuple[PurePath, ...]:
    return tuple(
        dict.fromkeys(q for path in paths for q in (path, PurePath(machine_paths.resolved(path))))
    )
