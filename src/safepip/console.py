"""The user's streams: where safepip's own words go, in which colour, and what may be asked.

The only door to ``colorama`` and to ``sys.stdout`` and its kin. All words go to stderr.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from typing import TYPE_CHECKING

from safepip.machine import ownership
from safepip.reading import printable, secrets
from safepip.wording import colours
from safepip.wording import lines as wording_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import TextIO

PREFIX = "safepip: "

_MOMENT_S = 0.5
"""What takes no longer than that needs no word."""
_TICK_S = 0.25


class Console:
    """Says safepip's words; silent when the user asked for quiet, but for errors."""

    def __init__(self, env: Mapping[str, str], *, quiet: bool = False, color: bool = True) -> None:
        self._env = env
        self._quiet = quiet
        # Whoever called us by sudo or its kin has another one.
        self._home = env.get("HOME", "") if ownership.caller(env) == "0" else ""
        self._color = color and wants_color(env, is_terminal(2))
        capable = os.name != "nt" and env.get("TERM", "dumb") != "dumb"
        self._live = not quiet and capable and is_terminal(2)

    def say(self, lines: Sequence[str], *, always: bool = False) -> None:
        """Say *lines*; one that begins with a space stands without the prefix.

        *always*: whatever the user asked for.
        """
        if always or not self._quiet:
            self._write(lines, "\x1b[36m")

    def complain(self, lines: Sequence[str]) -> None:
        """Say *lines* whatever the user asked for: something went wrong."""
        self._write(lines, "\x1b[31m")

    @contextlib.contextmanager
    def busy(self, doing: str) -> Iterator[None]:
        """On a terminal show *doing* and for how long, while something takes more than a moment.

        Only while nothing else writes there. It leaves no trace.
        """
        if not self._live:
            yield
            return
        done = threading.Event()
        line = threading.Thread(target=_tick, args=(_safe(doing), done), daemon=True)
        line.start()
        try:
            yield
        finally:
            done.set()
            line.join()

    def _write(self, lines: Sequence[str], color: str) -> None:
        if not lines:
            return
        if self._color and os.name == "nt":
            import colorama

            colorama.just_fix_windows_console()
        prefix = f"{color}{PREFIX.rstrip()}\x1b[0m " if self._color else PREFIX
        safe = [_safe(line) for line in self.nearby(lines)]
        text = ""
        for line in safe:
            text += "" if line.startswith(" ") else prefix
            text += (colours.painted(line) if self._color else line) + "\n"
        # A stderr that nobody reads must not change how the install ends.
        with contextlib.suppress(OSError, ValueError):
            _emit(sys.stderr, text)

    def show(self, lines: Sequence[str]) -> None:
        """Print *lines*, the answer of a verb of safepip's own, on stdout.

        Raises:
            BrokenPipeError: nobody reads it.
        """
        show("\n".join(_safe(line) for line in self.nearby(lines)))

    def nearby(self, lines: Sequence[str]) -> list[str]:
        """*lines* with their paths as short, and safepip as long, as this user has to type it."""
        try:
            cwd = os.getcwd()  # noqa: PTH109 - no Path is needed for a text
        except OSError:
            cwd = ""
        near = [wording_lines.nearby(line, home=self._home, cwd=cwd) for line in lines]
        return typed(near, self._env)


def typed(lines: Iterable[str], env: Mapping[str, str]) -> list[str]:
    """*lines* with what starts safepip in the user's shell, where its name alone does not."""
    lines = list(lines)
    if not any(map(wording_lines.names_safepip, lines)):
        return lines
    from safepip.machine import shell

    own = shell.own_word(env, shell.user_shell(env))
    return [wording_lines.with_safepip_as(own, line) for line in lines]


def _tick(doing: str, done: threading.Event) -> None:
    """Write *doing* with the seconds since then over and over into one line, until *done*."""
    began = time.monotonic()
    shown = False
    while not done.wait(_TICK_S if shown else _MOMENT_S):
        shown = True
        text = wording_lines.elapsed(doing, time.monotonic() - began)
        # Wrapped into a second line it could not be taken back.
        with contextlib.suppress(OSError, ValueError):
            text = text[: max(10, os.get_terminal_size(2).columns - len(PREFIX) - 1)]
        with contextlib.suppress(OSError):
            os.write(2, f"\r{PREFIX}{text}\x1b[K".encode(errors="replace"))
    if shown:
        with contextlib.suppress(OSError):
            os.write(2, b"\r\x1b[K")


def _safe(line: str) -> str:
    """*line* without secrets, and so that it stays one line and only text on a terminal."""
    return printable.escape(secrets.redact(line))


def _emit(stream: TextIO | None, text: str) -> None:
    if stream is None:
        return
    encoding = stream.encoding or "ascii"
    try:
        data = text.encode(encoding)
    except UnicodeEncodeError:
        data = text.replace("→", "->").encode(encoding, "backslashreplace")
    stream.flush()
    stream.buffer.write(data)
    stream.buffer.flush()


def show(text: str, *, exact: bool = False) -> None:
    """Print *text*, the product of one of safepip's own verbs, on stdout.

    What would act on a terminal is shown escaped, but for line ends and tabs; JSON stays JSON.
    *exact*: it is code for a shell to read, where every character counts.

    Raises:
        BrokenPipeError: nobody reads it; what is left is thrown away.
        CannotCreateError: there is no room for it, likewise.
    """
    if exact:
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    else:
        text = printable.escape(text, keep="\n\t")
    try:
        _emit(sys.stdout, text + "\n")
    except OSError as error:
        # Or Python complains once more when it closes the stream at its end.
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device, not a path of ours
            os.dup2(nowhere.fileno(), 1)
        if isinstance(error, BrokenPipeError):
            raise
        from safepip.model.errors import CannotCreateError
        from safepip.model.problems import Problem

        raise CannotCreateError(Problem.STDOUT, why=error) from error


def show_lines(lines: Iterable[str], env: Mapping[str, str] | None = None) -> None:
    """Print *lines*, without secrets, as ``show`` does.

    *env*: of who is going to type the commands in it, if that is known.
    """
    show(secrets.redact("\n".join(lines if env is None else typed(lines, env))))


def answer(verb: str, data: dict[str, object], errors: Sequence[str] = ()) -> None:
    """Print what ``--json`` of *verb* asks for."""
    from safepip.wording import json as wording_json

    show(wording_json.answer(verb, data, errors))


_WITHOUT_JSON = {"guide", "init", "run", "explain"}
"""Verbs that have none, or say it themselves."""


def answer_failed(verb: str, error: Exception) -> None:
    """Tell a program that asked for JSON what is wrong, too."""
    from safepip.model.errors import SafepipError
    from safepip.wording import errors

    if isinstance(error, SafepipError) and verb not in _WITHOUT_JSON:
        answer(verb, {}, [errors.sentence(error)])


def write(text: str) -> None:
    """Write *text*, ours from the first character to the last, on stdout."""
    _emit(sys.stdout, text)


def is_terminal(descriptor: int) -> bool:
    """Whether the file descriptor is a terminal; a closed one is not."""
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def wants_color(env: Mapping[str, str], terminal: bool) -> bool:  # noqa: FBT001 - reads well
    """Whether to colour: no with NO_COLOR, yes with FORCE_COLOR, else on a capable terminal.

    Source: no-color.org and force-color.org; an empty value is none.
    """
    if env.get("NO_COLOR"):
        return False
    if env.get("FORCE_COLOR"):
        return True
    return terminal and env.get("TERM") != "dumb"


def ask(question: str, choices: Mapping[str, str], default: str) -> str:
    """Ask on the terminal for one of *choices* (word: description); Enter takes *default*.

    Ctrl-D, the end of all answers, takes the last of them, which is to do nothing.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    words = list(choices)
    numbered = enumerate(choices.items(), start=1)
    offered = [f"    {number}) {word}: {what}" for number, (word, what) in numbered]
    _ask((PREFIX + question, *offered))
    while True:
        _ask((PREFIX + wording_lines.CHOOSE.format(default=default),), end="")
        answer = sys.stdin.readline()
        word = answer.strip().lower()
        if not answer:
            _ask(("",))
            return words[-1]
        if not word:
            return default
        meant = [word] if word in choices else [one for one in words if one.startswith(word)]
        if len(meant) == 1:
            return meant[0]
        if word.isdecimal() and len(word) < 3 and 0 < int(word) <= len(words):
            return words[int(word) - 1]


def agreed(question: str, *, default: bool) -> bool:
    """Ask as pip asks, and read the answer as pip does: from stdin, a terminal or not.

    Enter takes *default*; the end of all answers is a no.
    Source: pip, ``_internal/utils/misc.py``, ``ask``.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    while True:
        _ask((f"{question} ({'Y/n' if default else 'y/N'})? ",), end="")
        answer = sys.stdin.readline() if sys.stdin is not None else ""
        word = answer.strip().lower()
        if word in {"y", "yes", "n", "no"} or not answer:
            return word.startswith("y")
        if not word:
            return default


def _ask(lines: Sequence[str], end: str = "\n") -> None:
    _emit(sys.stderr, "\n".join(map(_safe, lines)) + end)
