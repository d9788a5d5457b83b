"""A process and all that it started: what has to stand still, or to end, together.

The user's pip may be a script that starts the real one and waits for it (a company's wrapper,
pyenv's shim before a rehash). To stop the script alone would let pip go on.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_ROUNDS = 100
"""How often new ones are looked for at most: what forks without end may win."""

_LIST_TIMEOUT_S = 5.0
_PS = "/bin/ps"


def members(root: int) -> tuple[int, ...]:
    """*root* and the processes below it, those that started others first."""
    found = [root]
    listed: dict[int, list[int]] | None = None
    for pid in found:
        more = _children(pid)
        if more is None:
            if listed is None:
                listed = {}
                for one, parent in _pairs():
                    listed.setdefault(parent, []).append(one)
            more = listed.get(pid, [])
        found += [child for child in more if child not in found]
    return tuple(found)


def send(pids: tuple[int, ...], signum: int) -> None:
    """Send *signum* to each of *pids*, as far as it is there and ours to tell."""
    for pid in pids:
        with suppress(OSError):
            os.kill(pid, signum)


def freeze(root: int) -> tuple[int, ...]:
    """Make *root* and all below it stand still, also those that are begun meanwhile."""
    return _reach_all(root, signal.SIGSTOP)


def kill(root: int) -> None:
    """End *root* and all below it."""
    _reach_all(root, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether *pid* still does something; one that ended and was not waited for does not."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    from pathlib import Path  # what is watched starts before it is loaded

    with suppress(OSError):
        state = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[:1]
        return state not in ([b"Z"], [b"X"])
    return True


def _reach_all(root: int, signum: int) -> tuple[int, ...]:
    reached: tuple[int, ...] = ()
    for _ in range(_ROUNDS):
        fresh = tuple(pid for pid in (*reached, *members(root)) if pid not in reached)
        if not fresh:
            break
        send(fresh, signum)
        reached += fresh
    return reached


def _children(pid: int) -> list[int] | None:
    """The children of *pid*; None where the system does not tell them by process.

    Source: proc(5), ``/proc/pid/task/tid/children``.
    """
    if sys.platform != "linux":
        return None
    from pathlib import Path

    try:
        tasks = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 - their names are wanted
    except OSError:
        return []
    found: list[int] = []
    for task in tasks:
        with suppress(ProcessLookupError):
            try:
                found += map(int, Path(f"/proc/{pid}/task/{task}/children").read_bytes().split())
            except FileNotFoundError:
                if Path(f"/proc/{pid}/task/{task}").exists():
                    return None
    return found


def _pairs() -> list[tuple[int, int]]:
    """Every process and the one that started it, from one look at all."""
    from pathlib import Path

    if Path("/proc/self/stat").exists():
        return [pair for pair in map(_pair, Path("/proc").iterdir()) if pair is not None]
    import subprocess

    try:
        listed = subprocess.run(
            [_PS, "-A", "-o", "pid=,ppid="],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_LIST_TIMEOUT_S,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    words = [line.split() for line in listed.splitlines()]
    return [(int(one[0]), int(one[1])) for one in words if len(one) == 2]


def _pair(folder: Path) -> tuple[int, int] | None:
    if not folder.name.isdecimal():
        return None
    try:
        fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
        return int(folder.name), int(fields[1])
    except (OSError, IndexError, ValueError):
        return None
