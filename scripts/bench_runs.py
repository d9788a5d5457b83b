"""Runs commands one after the other as an ordinary user, and tells what each took.

A small Python of its own starts them: the peak memory that the kernel counts for a command begins
with that of who started it, and ours is large.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts.environments import SetupError, describe_failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from scripts.stage import Person

# Starts what each line asks for, in a session of its own, reads all that it prints (on a
# pseudo-terminal if it is to have one), and answers by the clock and the kernel's own figures.
_STARTER = """
import json, os, pty, sys, time
for line in sys.stdin:
    ask = json.loads(line)
    out, end = pty.openpty() if ask["terminal"] else os.pipe()
    null = os.open(os.devnull, os.O_RDONLY)
    began = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            os.chdir(ask["cwd"])
            for theirs, ours in ((null, 0), (end, 1), (end, 2)):
                os.dup2(theirs, ours)
            os.closerange(3, 64)
            os.umask(0o022)
            os.execve(ask["argv"][0], ask["argv"], ask["env"])
        finally:
            os._exit(127)
    os.close(end)
    os.close(null)
    tail, first = b"", None
    while True:
        try:
            data = os.read(out, 1 << 20)
        except OSError:
            data = b""
        last = time.perf_counter()
        if not data:
            break
        first = first or last
        tail = (tail + data)[-8000:] if len(data) < 8000 else data[-8000:]
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    os.close(out)
    print(json.dumps({
        "status": os.waitstatus_to_exitcode(status), "wall": wall, "flow": last - (first or last),
        "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss,
        "tail": tail.decode("utf-8", "replace")}), flush=True)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What is typed, where, and how to see that it did what it should."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    done: Callable[[], bool]
    """Whether the disk shows what the command was for."""
    terminal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one run took, its children included."""

    wall_s: float
    cpu_s: float
    flow_s: float
    """From the first byte that it printed to the last."""
    peak_mb: float
    """Of the largest process."""
    fetched: int = 0
    """Bytes got from the index."""


@dataclass(slots=True)
class Samples:
    """All runs of one command."""

    runs: list[Sample] = field(default_factory=list)

    def median(self, kind: str) -> float:
        """Give the median of one kind of figure, which is a field of Sample."""
        return statistics.median(self.all(kind))

    def all(self, kind: str) -> list[float]:
        """Give the figures of one kind, in the order of the runs."""
        return [float(getattr(run, kind)) for run in self.runs]


class Starter:
    """Runs commands as *person*, one at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, command: Command, *, what: str) -> Sample:
        """Run *command* to its end.

        Raises:
            SetupError: It failed, or did not do what it is for: its time would mean nothing.
        """
        ask = {
            "argv": command.argv,
            "cwd": str(command.cwd),
            "env": dict(command.env),
            "terminal": command.terminal,
        }
        sent, got = self._process.stdin, self._process.stdout
        if sent is None or got is None:
            message = "the helper that starts the commands has no pipes"
            raise SetupError(message)
        sent.write(json.dumps(ask) + "\n")
        sent.flush()
        told = json.loads(got.readline() or '{"status": 127, "tail": "the helper is gone"}')
        if told["status"] != 0:
            raise SetupError(describe_failure(what, told["tail"], told["status"]))
        if not command.done():
            message = f"{what} did not do what it is measured for ({told['tail'][-300:]!r})"
            raise SetupError(message)
        return Sample(
            wall_s=told["wall"],
            cpu_s=told["cpu"],
            flow_s=told["flow"],
            peak_mb=told["peak"] / 1024,
        )


@contextlib.contextmanager
def starter(person: Person, env: Mapping[str, str], python: Sequence[str]) -> Iterator[Starter]:
    """Give a Starter whose commands run as *person*; *python* starts the helper."""
    process = subprocess.Popen(
        [*python, "-I", "-S", "-c", _STARTER],
        env=dict(env),
        cwd="/",
        user=person.uid,
        group=person.gid,
        extra_groups=None if person.uid is None else [],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
    )
    try:
        yield Starter(process)
    finally:
        process.communicate()
