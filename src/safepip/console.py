"""The user's streams: where safepip's own words go, in which colour, and what may be asked.

The only door to ``colorama`` and to ``sys.stdout`` and its kin. All words go to stderr.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from safepip.reading import secrets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PREFIX = "safepip: "


class Console:
    """Says safepip's words; silent when the user asked for quiet, but for errors."""

    def __init__(self, env: Mapping[str, str], *, quiet: bool = False, color: bool = True) -> None:
        self._quiet = quiet
        self._color = color and wants_color(env, is_terminal(2))

    def say(self, lines: Sequence[str]) -> None:
        """Say *lines*; one that begins with a space stands without the prefix."""
        if not self._quiet:
            self._write(lines, "\x1b[36m")

    def complain(self, lines: Sequence[str]) -> None:
        """Say *lines* whatever the user asked for: something went wrong."""
        self._write(lines, "\x1b[31m")

    def _write(self, lines: Sequence[str], color: str) -> None:
        stream = sys.stderr
        if stream is None or not lines:
            return
        if self._color and os.name == "nt":
            import colorama  # noqa: PLC0415 - only old Windows consoles need it

            colorama.just_fix_windows_console()
        encoding = stream.encoding or "ascii"
        text = ""
        for line in map(secrets.redact, lines):
            if line.startswith(" "):
                text += line + "\n"
            else:
                prefix = f"{color}{PREFIX.rstrip()}\x1b[0m " if self._color else PREFIX
                text += prefix + line + "\n"
        try:
            text.encode(encoding, "surrogateescape")
        except UnicodeEncodeError:
            text = text.replace("→", "->").encode(encoding, "backslashreplace").decode(encoding)
        data = text.encode(encoding, "surrogateescape")
        try:
            stream.flush()
            stream.buffer.write(data)
            stream.buffer.flush()
        except (OSError, ValueError):
            # A stderr that nobody reads must not change how the install ends.
            return


def show(text: str) -> None:
    """Print *text*, the product of one of safepip's own verbs, on stdout.

    Raises:
        BrokenPipeError: nobody reads it; what is left is thrown away.
    """
    stream = sys.stdout
    if stream is None:
        return
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    data = text.encode(stream.encoding or "ascii", "backslashreplace") + b"\n"
    try:
        stream.flush()
        stream.buffer.write(data)
        stream.buffer.flush()
    except BrokenPipeError:
        # Or Python complains once more when it closes the stream at its end.
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device, not a path of ours
            os.dup2(nowhere.fileno(), 1)
        raise


def is_terminal(descriptor: int) -> bool:
    """Whether the file descriptor is a terminal; a closed one is not."""
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def wants_color(env: Mapping[str, str], terminal: bool) -> bool:  # noqa: FBT001 - reads well
    """Whether to colour: no with NO_COLOR, yes with FORCE_COLOR, else on a capable terminal."""
    if env.get("NO_COLOR"):
        return False
    if env.get("FORCE_COLOR"):
        return True
    return terminal and env.get("TERM") != "dumb"


def ask(question: str, choices: Mapping[str, str], default: str) -> str:
    """Ask on the terminal for one of *choices* (word: description); Enter takes *default*.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    words = list(choices)
    sys.stderr.write(f"{PREFIX}{question}\n")
    for number, (word, description) in enumerate(choices.items(), start=1):
        sys.stderr.write(f"    {number}) {word}: {description}\n")
    while True:
        sys.stderr.write(f"{PREFIX}number or word [{default}]: ")
        sys.stderr.flush()
        answer = sys.stdin.readline()
        word = answer.strip().lower()
        if not answer or not word:
            return default
        if word in choices:
            return word
        if word.isdigit() and 0 < int(word) <= len(words):
            return words[int(word) - 1]
