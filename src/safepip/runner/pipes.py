"""Open files that the command line names, as of ``-r <(…)`` and ``-r /dev/stdin``.

What pip has read from a pipe is gone, and a diverted install asks for it once more. So a file with
the same content takes the pipe's place, under the same number, and every run finds it whole.
"""

from __future__ import annotations

import errno
import os
import select
import stat
import sys
import tempfile
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.model.errors import CannotCreateError
from safepip.model.options import having
from safepip.model.problems import Problem
from safepip.reading.arguments import variable_of
from safepip.reading.paths import descriptor_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import IO

    from safepip.model.requests import PipCommand

_NAMING = sorted(having("file"))


def keep(command: PipCommand, env: Mapping[str, str]) -> tuple[int, ...]:
    """Read the pipes that *command* or pip's variables name to their end, and keep that.

    Returns the numbers of the files that stand in their places now.
    """
    if userpip.WINDOWS:
        return ()
    named = {env.get("PIP_CONFIG_FILE", "")}
    for option in _NAMING:
        named |= {*command.values(option), *env.get(variable_of(option), "").split()}
    numbers = sorted({n for n in map(descriptor_of, named) if n is not None})
    kept = tuple(number for number in numbers if _replace(number))
    rewind(kept)
    return kept


def rewind(numbers: Iterable[int]) -> None:
    """Have the next run read from the beginning.

    On Linux ``/dev/fd/63`` is opened anew, from its beginning. There the file itself stays at its
    end, as the pipe would: stdin has no more answers to questions. Elsewhere opening it shares it.
    """
    for number in () if sys.platform == "linux" else numbers:
        os.lseek(number, 0, os.SEEK_SET)


def _replace(number: int) -> bool:
    with suppress(OSError):
        mode = os.fstat(number).st_mode
        if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
            # Not in memory: a file of this kind can be opened by its number, as the pipe could.
            with tempfile.TemporaryFile(prefix="safepip-") as copy, ExitStack() as more:
                target = copy.fileno()
                rest = _drain(number, target)
                if rest:
                    target = _in_memory(copy, rest)
                    more.callback(os.close, target)
                    _drain(number, target)
                os.dup2(target, number, inheritable=os.get_inheritable(number))
            return True
    return False


def _in_memory(begun: IO[bytes], rest: bytes) -> int:
    """A file as good as *begun*, which has no room for the *rest* of what is read.

    What was read is in the pipe no more, and a pip with the end of it would install what the user
    never named: half a word, a comment's end.

    Raises:
        CannotCreateError: there is no such file on this system.
    """
    try:
        target = os.memfd_create("safepip")
    except (AttributeError, OSError) as error:
        why = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        raise CannotCreateError(
            Problem.NOT_WRITABLE, file=tempfile.gettempdir(), why=why
        ) from error
    begun.seek(0)
    while data := begun.read(65536):
        os.write(target, data)
    os.write(target, rest)
    return target


def _drain(source: int, target: int) -> bytes:
    """Copy *source* to its end; what was read of it when *target* had no room any more."""
    while True:
        try:
            data = os.read(source, 65536)
        except BlockingIOError:  # somebody who shares it with us asked for that
            select.select([source], [], [])
            continue
        if not data:
            return b""
        data = _put(target, data)
        if data:
            return data


def _put(target: int, data: bytes) -> bytes:
    """Write *data*, and give what there is no room for."""
    with suppress(OSError):
        while data:
            data = data[os.write(target, data) :]
    return data
