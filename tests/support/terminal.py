"""A real pseudo-terminal for a command, and the picture that its bytes paint."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import select
import shlex
import signal
import struct
import subprocess
import termios
import time
from typing import TYPE_CHECKING, Any

from tests.support.patience import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

    from tests.support.users import User

# Opening a terminal makes it the controlling one of a session leader that has none.
LAUNCHER = 'exec 0<>"$0" 1>&0 2>&0; exec "$@"'

CTRL_C, CTRL_D, CTRL_Z, CTRL_BACKSLASH = b"\x03", b"\x04", b"\x1a", b"\x1c"


class Terminal:
    """A command on a terminal of its own: what it painted, what is typed, how it ended.

    Nothing is read while nobody waits: `expect`, `wait` and `wait_stopped` read.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        user: User,
        env: Mapping[str, str],
        cwd: Path,
        size: tuple[int, int] = (24, 80),
    ) -> None:
        self.raw = b""
        self.returncode: int | None = None
        self._seen = 0
        self._open = True
        self.tells_position = False
        """Whether it answers where the cursor is, which line editors may wait for."""
        self.columns = size[1]
        self.rows = size[0]
        self._master, slave = os.openpty()
        try:
            self.resize(*size)
            if user.dropped:
                os.fchown(slave, user.uid, user.gid)
            os.set_blocking(self._master, False)
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", LAUNCHER, os.ttyname(slave), *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=slave,  # so that the launcher's own complaint is seen
                env=dict(env),
                cwd=cwd,
                start_new_session=True,
                **user.spawn,
            )
        except BaseException:
            os.close(self._master)
            raise
        finally:
            os.close(slave)
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def send(self, text: str | bytes) -> None:
        """Type `text`; "\\n" is the return key, `CTRL_C` and kin are keys too."""
        left = text.encode() if isinstance(text, str) else text
        while left:
            select.select([], [self._master], [], PATIENCE_S)
            left = left[os.write(self._master, left) :]

    def expect(self, pattern: str | bytes, timeout: float = PATIENCE_S) -> re.Match[bytes]:
        """Read until the regular expression is seen after what was last expected."""
        wanted = re.compile(pattern.encode() if isinstance(pattern, str) else pattern)
        deadline = time.monotonic() + timeout
        while True:
            found = wanted.search(self.raw, self._seen)
            if found:
                self._seen = found.end()
                return found
            if not self._open or time.monotonic() > deadline:
                why = "in time" if self._open else "before the end"
                tail = self.raw[self._seen :][-3000:]
                msg = f"{wanted.pattern!r} was not seen {why}; after the last match came {tail!r}"
                raise AssertionError(msg)
            self._read(deadline)

    def resize(self, rows: int, columns: int) -> None:
        """Change the window's size; the foreground processes get SIGWINCH."""
        self.rows, self.columns = rows, columns
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    def kill(self, number: int) -> None:
        """Send a signal to the command alone, as `kill PID` does."""
        os.kill(self.pid, number)

    def wait(self, timeout: float = PATIENCE_S) -> int:
        """Read to the end; the exit status, negative if it was ended by that signal."""
        deadline = time.monotonic() + timeout
        while self.returncode is None:
            self._look(0)
            self._read(min(deadline, time.monotonic() + 0.05))
            if time.monotonic() > deadline:
                msg = f"the command did not end; it last said {self.raw[-3000:]!r}"
                raise AssertionError(msg)
        while self._read(time.monotonic() + 0.05):
            pass  # what is still in the pipe; a grandchild may hold the terminal open
        return self.returncode

    def wait_stopped(self, timeout: float = PATIENCE_S) -> int:
        """Wait until the command is stopped (not under `shell`: it sees to that itself)."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            stopped = self._look(os.WUNTRACED)
            if stopped is not None:
                return stopped
            self._read(min(deadline, time.monotonic() + 0.05))
        msg = f"the command was not stopped; it last said {self.raw[-3000:]!r}"
        raise AssertionError(msg)

    def foreground(self) -> int:
        """The process group that the terminal's keys reach."""
        return struct.unpack("i", fcntl.ioctl(self._master, termios.TIOCGPGRP, b"\0" * 4))[0]  # type: ignore[no-any-return]  # as unpack is typed

    def echoes(self) -> bool:
        """Whether typed characters are shown: not so while a password is asked for."""
        flags: int = termios.tcgetattr(self._master)[3]
        return bool(flags & termios.ECHO)

    @property
    def picture(self) -> str:
        """What stands on the screen, with what scrolled out above it."""
        return picture(self.raw, rows=self.rows, columns=self.columns)

    def close(self) -> None:
        """Hang up, and end what is left of the session."""
        if self._master < 0:
            return
        os.close(self._master)
        self._master = -1
        self._open = False
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self._process.returncode = self.returncode

    def _look(self, flags: int) -> int | None:
        """Ask for the command's state: sets the exit status, or returns the stopping signal."""
        if self.returncode is not None:
            return None
        pid, status = os.waitpid(self.pid, os.WNOHANG | flags)
        if not pid:
            return None
        if os.WIFSTOPPED(status):
            return os.WSTOPSIG(status)
        self.returncode = self._process.returncode = os.waitstatus_to_exitcode(status)
        return None

    def _read(self, deadline: float) -> bool:
        """Read what there is, waiting until `deadline` for the first of it."""
        if not self._open:
            time.sleep(0.005)  # the command closed its terminal and goes on
            return False
        readable, _, _ = select.select([self._master], [], [], max(0, deadline - time.monotonic()))
        if not readable:
            return False
        try:
            chunk = os.read(self._master, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            chunk = b""  # all others have closed the terminal
        self._open = bool(chunk)
        self.raw += chunk
        if self.tells_position and b"\x1b[6n" in chunk:
            self.send(f"\x1b[{self.rows};1R")
        return bool(chunk)


_PLAINLY = {
    "bash": ("--norc", "--noprofile", "--noediting"),
    "zsh": ("-f", "+Z", "+o", "promptcr", "+o", "promptsp"),
}
"""Without the user's files, and without a line editor."""


class Shell(Terminal):
    """An interactive bash or zsh on a terminal: job control as users have it."""

    PROMPT = "lab-prompt> "
    STOPPED = r"Stopped|suspended"
    """How they say that a job was stopped."""

    def __init__(self, program: str = "bash", **more: Any) -> None:
        env = {**more.pop("env"), "PS1": self.PROMPT, "PS2": "more> ", "HISTFILE": ""}
        env |= {"BASH_SILENCE_DEPRECATION_WARNING": "1", "INPUTRC": "/dev/null"}
        command = [program, *_PLAINLY[program], "-i"]
        super().__init__(command, env=env, **more)
        self.expect(self.PROMPT)

    def type(self, command: str | Sequence[str | Path]) -> None:
        """Type a command and the return key, and step over its echo."""
        line = command if isinstance(command, str) else shlex.join(map(str, command))
        self.send(line + "\n")
        self.expect(r"\r\n")

    def command(self, command: str | Sequence[str | Path], timeout: float = PATIENCE_S) -> bytes:
        """Run a command to the next prompt; the bytes that it painted."""
        self.type(command)
        start = self._seen
        found = self.expect(re.escape(self.PROMPT), timeout)
        return self.raw[start : found.start()]

    def status(self) -> int:
        """The exit status of the last command, as `$?` has it."""
        return int(self.command("echo $?").strip())


_TOKEN = re.compile(
    r"\x1b\[(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # titles, links
    r"|\x1b[@-_]"
    r"|(?P<control>[\x00-\x1f\x7f])"
    r"|(?P<text>[^\x00-\x1f\x7f]+)"
)


def picture(raw: bytes, *, rows: int = 24, columns: int = 80) -> str:
    """The text that a terminal shows after `raw`: colours left out, lines overwritten."""
    screen = _Screen(rows, columns)
    for token in _TOKEN.finditer(raw.decode("utf-8", "replace")):
        if token["text"]:
            screen.put(token["text"])
        elif token["control"]:
            screen.control(token["control"])
        elif token["final"]:
            screen.sequence(token["final"], token["parameters"])
    return screen.text()


class _Screen:
    """As much of a terminal as pip, pipx and safepip use."""

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns = rows, columns
        self.lines: list[list[str]] = [[]]
        self.row = self.column = 0

    def put(self, text: str) -> None:
        for character in text:
            if self.column >= self.columns:
                self.row, self.column = self.row + 1, 0
            line = self._line()
            line.extend(" " * (self.column + 1 - len(line)))
            line[self.column] = character
            self.column += 1

    def control(self, character: str) -> None:
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.row += 1
            self._line()
        elif character == "\b":
            self.column = max(0, min(self.column, self.columns - 1) - 1)
        elif character == "\t":
            self.column = min(self.columns - 1, self.column // 8 * 8 + 8)

    def sequence(self, final: str, parameters: str) -> None:
        numbers = [int(one) for one in parameters.split(";") if one.isdigit()]
        count = max(1, numbers[0] if numbers else 1)
        top = max(0, len(self.lines) - self.rows)
        moves = {"A": (-count, 0), "B": (count, 0), "C": (0, count), "D": (0, -count)}
        if final in moves:
            down, right = moves[final]
            self.row = max(top, min(top + self.rows - 1, self.row + down))
            self.column = max(0, min(self.columns - 1, self.column + right))
        elif final == "G":
            self.column = min(self.columns, count) - 1
        elif final in "Hf":
            self.row = top + count - 1
            self.column = (numbers[1] if len(numbers) > 1 else 1) - 1
        elif final == "K":
            self._erase_line(numbers[0] if numbers else 0)
        elif final == "J":
            self._erase_screen(numbers[0] if numbers else 0, top)

    def text(self) -> str:
        return "\n".join("".join(line).rstrip() for line in self.lines).rstrip("\n")

    def _line(self) -> list[str]:
        while len(self.lines) <= self.row:
            self.lines.append([])
        return self.lines[self.row]

    def _erase_line(self, kind: int) -> None:
        line = self._line()
        if kind == 0:
            del line[self.column :]
        elif kind == 1:
            line[: self.column + 1] = " " * min(len(line), self.column + 1)
        else:
            line.clear()

    def _erase_screen(self, kind: int, top: int) -> None:
        if kind == 0:
            self._erase_line(0)
            del self.lines[self.row + 1 :]
        elif kind == 2:
            del self.lines[top:]
            self._line()
