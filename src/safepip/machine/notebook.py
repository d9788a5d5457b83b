"""Tells whether a command was typed into a notebook, and which Python its kernel runs on."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip import runner
from safepip.machine import paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Set for what a kernel starts. Source: jupyter_client, ``launcher.py`` (JPY_PARENT_PID) and
# ``session.py``/jupyter_server (JPY_SESSION_NAME).
_VARIABLES = ("JPY_PARENT_PID", "JPY_SESSION_NAME")
_KERNELS = ("ipykernel", "colab_kernel_launcher")
_FURTHEST = 12
_ASK_TIMEOUT_S = 5.0


def is_kernel(executable: PurePath, env: Mapping[str, str]) -> bool:
    """Whether a notebook's kernel on the Python *executable* started this command.

    The kernel is looked for among the processes that led here; where none is found, the variables
    are some other shell's.
    """
    if not any(env.get(variable) for variable in _VARIABLES):
        return False
    for words in _ancestors():
        if any(kernel in word for kernel in _KERNELS for word in words[1:4]):
            started = PurePath(words[0])
            # Environments share a program, but not its directory.
            pairs = ((started, executable), (started.parent, executable.parent))
            return all(paths.resolved(one) == paths.resolved(other) for one, other in pairs)
    return False


def _ancestors() -> Iterator[list[str]]:
    """The command lines of the processes that led to this one, nearest first."""
    pid = os.getppid()
    for _ in range(_FURTHEST):
        if pid <= 1:
            return
        parent, words = _ask_proc(pid) or _ask_ps(pid) or (0, [])
        if words:
            yield words
        pid = parent


def _ask_proc(pid: int) -> tuple[int, list[str]] | None:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        # Behind the name, which may hold blanks and brackets.
        # Source: proc_pid_stat(5), fields 2 (comm) and 4 (ppid).
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return int(fields[1]), [os.fsdecode(word) for word in words]
    except (OSError, ValueError, IndexError):
        return None


def _ask_ps(pid: int) -> tuple[int, list[str]] | None:
    """As macOS tells it; a path with a blank is cut there."""
    argv = ["/bin/ps", "-o", "ppid=,args=", "-p", str(pid)]
    done = runner.capture(argv, env={}, timeout_s=_ASK_TIMEOUT_S)
    words = done.stdout.decode("utf-8", "surrogateescape").split()
    if done.returncode != 0 or not words or not words[0].isdigit():
        return None
    return int(words[0]), words[1:]
