"""How a program is watched on Windows: by pipes and threads; Ctrl-C reaches it by itself.

There are no pseudo-terminals here: a watched pip shows neither colours nor
a progress bar. And nothing can be frozen: pip goes on while a decision is made.
"""

from __future__ import annotations

import locale
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from typing import IO, TYPE_CHECKING

from safepip.model.errors import UnavailableError
from safepip.model.problems import Problem
from safepip.model.triggers import Stream
from safepip.runner.interface import IDLE_S, OVERDUE_S, Finished
from safepip.runner.streams import write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

    from safepip.runner.interface import Filter

_READ_SIZE = 65536
_STOP_S = 3.0


def run_watched(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    gate: Filter,
    on_pause: Callable[[], bool],
    watch: Callable[[Stream, bytes], None] | None,
) -> Finished:
    """Do what ``runner.run_watched`` does, as far as it can be done here."""
    both = os.isatty(1) and os.isatty(2)
    with _interrupts() as interrupts:
        process = _start(
            argv,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if both else subprocess.PIPE,
        )
        arrivals = _read(process, both=both)
        with ExitStack() as undo:
            undo.callback(_end, process)
            stopped = _relay(process, arrivals, gate, on_pause, watch)
            undo.pop_all()
        process.wait()
    return Finished(
        returncode=process.returncode,
        stopped=stopped,
        interrupted=interrupts[0] if interrupts else None,
    )


def run_inherited(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | os.PathLike[str] | None,
    stdout: int | None,
) -> Finished:
    """Do what ``runner.run_inherited`` does."""
    with _interrupts() as interrupts:
        process = _start(argv, env=env, cwd=cwd, stdout=stdout)
        process.wait()
    return Finished(
        returncode=process.returncode, interrupted=interrupts[0] if interrupts else None
    )


def _start(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | os.PathLike[str] | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
) -> subprocess.Popen[bytes]:
    line: str | Sequence[str] = argv
    try:
        if argv[0].lower().endswith((".bat", ".cmd")):
            line = batch_line(argv, env.get("COMSPEC") or "cmd.exe")
        return subprocess.Popen(line, env=env, cwd=cwd, stdout=stdout, stderr=stderr)
    except (OSError, ValueError) as error:
        raise UnavailableError(Problem.CANNOT_START, program=argv[0], why=error) from error


def batch_line(argv: Sequence[str], cmd: str) -> str:
    """The command line by which *cmd* runs the batch file *argv* and nothing else.

    Batch files (pyenv-win's shims) are run by cmd, which would take ``>`` and ``&`` in a word for
    its own. In quotes only a percent sign means something to it: an empty variable is put behind.
    Source: Rust, ``library/std/src/sys/args/windows.rs``, ``make_bat_command_line``
    (CVE-2024-24576).

    Raises:
        ValueError: a word holds a line end, which cmd cannot be given.
    """
    for word in argv:
        if re.search(r"[\r\n\0]", word):
            raise ValueError(word)
    quoted = " ".join(map(_for_batch, argv))
    return f'{subprocess.list2cmdline([cmd])} /e:ON /v:OFF /d /c "{quoted}"'


def _for_batch(word: str) -> str:
    # As the C runtime reads it: backslashes count double before a quote.
    doubled = re.sub(r'(\\*)("|\Z)', r"\1\1\2", word).replace('"', '""')
    return f'"{doubled}"'.replace("%", "%%cd:~,%")


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Survive Ctrl-C, which the console sends to the program too; give those that came."""
    came: list[int] = []

    def note(signum: int, _: FrameType | None) -> None:
        came.append(signum)

    previous = signal.signal(signal.SIGINT, note)
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, previous)


def _read(
    process: subprocess.Popen[bytes], *, both: bool
) -> queue.SimpleQueue[tuple[Stream, bytes]]:
    """Start to read; an empty piece is a stream's end, and one of BOTH the program's."""
    arrivals: queue.SimpleQueue[tuple[Stream, bytes]] = queue.SimpleQueue()

    def copy(stream: Stream, pipe: IO[bytes]) -> None:
        with pipe:
            while data := os.read(pipe.fileno(), _READ_SIZE):
                arrivals.put((stream, data))

    def wait(readers: Sequence[threading.Thread]) -> None:
        process.wait()
        for reader in readers:  # a grandchild may keep them open
            reader.join(0.5)
        arrivals.put((Stream.BOTH, b""))

    pipes = {Stream.BOTH if both else Stream.OUT: process.stdout, Stream.ERR: process.stderr}
    readers = [
        threading.Thread(target=copy, args=(stream, pipe), daemon=True)
        for stream, pipe in pipes.items()
        if pipe is not None
    ]
    for reader in readers:
        reader.start()
    threading.Thread(target=wait, args=(readers,), daemon=True).start()
    return arrivals


def _relay(
    process: subprocess.Popen[bytes],
    arrivals: queue.SimpleQueue[tuple[Stream, bytes]],
    gate: Filter,
    on_pause: Callable[[], bool],
    watch: Callable[[Stream, bytes], None] | None,
) -> bool:
    """Pass on what arrives until the program ends; True if it was ended on purpose."""
    silences = 0
    while True:
        try:
            stream, data = arrivals.get(timeout=None if silences > 1 else _SILENCES_S[silences])
        except queue.Empty:
            _show(gate.overdue() if silences else gate.idle())
            silences += 1
        else:
            if not data:
                return False
            silences = 0
            _show(((stream, gate.feed(stream, data)),))
            if watch is not None:
                watch(stream, in_utf8(data, locale.getpreferredencoding(do_setlocale=False)))
        if gate.wants_pause and process.poll() is None:
            if not on_pause():
                _end(process)
                return True
            _show(gate.resume())


_SILENCES_S = (IDLE_S, OVERDUE_S)


def in_utf8(data: bytes, code_page: str) -> bytes:
    """*data* in UTF-8: to a pipe, Python writes in the *code_page* of Windows unless told else.

    Source: Python's ``sys.stdout``; from 3.15 on it is UTF-8 (PEP 686).
    """
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode(code_page, "replace").encode()
    return data


def _show(given: tuple[tuple[Stream, bytes], ...]) -> None:
    for stream, data in given:
        console = sys.stderr if stream is Stream.ERR else sys.stdout
        if data.isascii() or console is None or not console.isatty():
            write(stream, data)
        else:
            # A console takes bytes in a code page of its own; Python's stream knows better.
            text = in_utf8(data, locale.getpreferredencoding(do_setlocale=False)).decode()
            console.buffer.write(text.encode(console.encoding, "replace"))
            console.buffer.flush()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
