"""pip's own words, from pip 9 to today: what a line says, and whether it is whole.

Pure. Bytes, since pip's texts come in the locale's encoding. ``sightings.py`` weighs them.
"""

from __future__ import annotations

import re

from safepip.model.triggers import TriggerName
from safepip.reading.triggers import PLAIN

DEFAULTING = b"Defaulting to user installation because normal site-packages is not writeable"
"""pip's sentence, the same from 20.0 to 26.3: a whole line of stdout at column 0, never wrapped."""

DENIED = (
    b"ERROR: Could not install packages due to an ",
    b"Could not install packages due to an ",
    b"ERROR: Exception:",
    b"Exception:",
)
"""How the last words of an install begin that is denied, or fails by its disk."""

SATISFIED = (
    b"Requirement already ",
    b" is already installed with the same version as the provided wheel.",
)
"""Of the line that tells of a distribution that is there, from pip 9 to today."""

LACKING = (
    b"ERROR: Could not find a version that satisfies ",
    b"ERROR: No matching distribution found for ",
    b"Could not find a version that satisfies ",
    b"No matching distribution found for ",
)
"""Likewise, of an install that lacks a distribution."""

PIPX_FAILS = (
    *LACKING,
    b"Fatal error from pip ",
    b"Failed to upgrade shared libraries",
    b"No apps associated with package ",
    b"Traceback (most recent call last)",
    b"PermissionError: ",
)
"""Likewise, of pipx."""

WORDS = re.compile(
    rb"rrno|rror|Defaulting|externally|ould not|an not|Collecting|Processing|Obtaining|Installing"
    rb"|Running setup|Arguments:|Logged from|Successfully|Would inst|of output|omplete output|ERROR"
)
"""One of these is in every line that matters: the others are skipped in one search."""

# The same of a whole piece, and twenty times as fast: patterns that begin with one certain byte are
# searched for at the speed of the memory, alternatives are not. A live pip's own words stand at
# column 0, but for errors and setup.py's; and each of these has a colon or a bracket in it.
_INNER = re.compile(rb"rr(?:no|or)[ :\].\x1b]")
FIRST_BYTES = b"ACDEFILNOPRSTWex?\x1b\xc3\xd7-"
"""What pip's own lines may begin with, and those of pipx."""

_AFTER_NEWLINE = re.compile(rb"\n(?=[" + FIRST_BYTES + rb"])")
_OUTDENTED = re.compile(rb"\n[^ ]")
"""Found faster; a build's lines stand further in, and end the search."""
_AFTER_RETURN = re.compile(rb"\r(?=[" + FIRST_BYTES + rb"])")

_looked_at: tuple[bytes, bool] = (b"", True)


def begins_nothing(data: bytes) -> bool:
    """Whether none of the lines that begin within *data* begins as one of a live pip's own.

    Everybody who looks at what pip writes asks it of the same piece, so the last answer is kept.
    """
    global _looked_at  # noqa: PLW0603 - see above
    if _looked_at[0] is not data:
        begins = _OUTDENTED.search(data) is not None and _AFTER_NEWLINE.search(data) is not None
        _looked_at = (data, not begins)
    return _looked_at[1]


def is_dull(data: bytes) -> bool:
    """Whether no line that ends or begins within *data* can matter to a verdict; in doubt it can.

    The line that goes on from before is another matter.
    """
    return (
        begins_nothing(data)
        and ((b":" not in data and b"[" not in data) or _INNER.search(data) is None)
        and (b"\r" not in data or _AFTER_RETURN.search(data) is None)
    )


COLLECTING = (b"Collecting ", b"Processing ", b"Obtaining ")
INSTALLING = (b"Installing collected packages", b"Running setup.py install")

MESSAGE = re.compile(
    rb"(?:ERROR: )?Could not install packages due to an? \w+(?:\.$|: (.*))", re.DOTALL
)
EXCEPTION = re.compile(
    rb"(?:PermissionError|OSError|IOError|EnvironmentError|WindowsError|shutil\.Error): (.*)",
    re.DOTALL,
)
BARE_ERRNO = re.compile(rb"(?:error: )?(\[(?:Errno|WinError|Error) \d+\].*)", re.DOTALL)
COULD_NOT = re.compile(
    rb"error: could not (?:create|delete|remove|write to|open|copy|move) (['\"])(.*?)\1"
    rb"(?: to ['\"].*?['\"])?: (.+)"
)
ERRNO = re.compile(
    # Errors of the network carry an errno too, but never at the beginning.
    rb"(?:\[\(.*?['\"])?\[(?P<system>Errno|WinError|Error) (?P<number>\d+)\]",
    re.DOTALL,
)
NOT_MOVED = re.compile(rb"Cannot move the non-empty directory '(.+?)/*': Lacking write permission")
"""shutil's own words where pip moves aside a folder of another's: on macOS, or an immutable one."""
QUOTED = re.compile(
    rb"(?:(?<=[:>,] )|(?<=\())[ub]?(['\"])((?:[^\\'\"]+|\\.|(?!\1).)*)(?:\1|\Z)", re.DOTALL
)
FAILED = re.compile(rb"ERROR: (?!pip's dependency resolver)|error: |\w*(?:Error|Exception): ")

TRIGGERS = {
    (False, 1): TriggerName.PERMISSION_DENIED,
    (False, 13): TriggerName.PERMISSION_DENIED,
    (False, 30): TriggerName.READ_ONLY,
    (True, 5): TriggerName.PERMISSION_DENIED,
}
"""By (Windows' own number, number). Not WinError 32: a file in use."""

_OTHER_WORDS = (
    b"No space left",
    b"No such file",
    b"File exists",
    b"Is a directory",
    b"Not a directory",
    b"Disk quota",
    b"Input/output",
    b"File name too long",
    b"Text file busy",
)


def trigger_of_words(words: bytes) -> TriggerName | None:
    """The trigger behind an error text that came without its number; it may be translated.

    Systems of IBM's put a number of their own before it.
    """
    if any(other in words for other in _OTHER_WORDS):
        return None
    if b"Read-" in words:
        return TriggerName.READ_ONLY
    return TriggerName.PERMISSION_DENIED


def plain_trigger(text: bytes) -> TriggerName | None:
    """The trigger of a line that needs no path."""
    return next((name for name, pattern in PLAIN if pattern.match(text)), None)


def names_to_install(text: bytes) -> tuple[str, ...]:
    """The names in pip's ``Installing collected packages: a, b``."""
    _, _, names = text.partition(b"packages: ")
    return tuple(name.strip().decode("utf-8", "replace") for name in names.split(b",") if name)


_DENIED = re.compile(
    rb"^(?:\x1b\[[\d;]*m)*(?:(?:ERROR: )?Could not install packages due to an? \w+"
    rb"|(?:Permission|OS|IO)Error): "  # a traceback's end: pip 9
    rb"\[Errno (?:1|13|30)\] [^\n]*: '([^'\n]+)'",
    re.MULTILINE,
)


def denied_path(text: bytes) -> str | None:
    """The path that pip says it was denied, None if it does not say so."""
    found = _DENIED.search(text)
    return None if found is None else found[1].decode("utf-8", "surrogateescape")


_NOT_FOUND = re.compile(
    rb"No matching distribution found for ([A-Za-z0-9][^\n\x1b]*?)\s*(?:\(from |\x1b|$)",
    re.MULTILINE,
)


def not_found(text: bytes) -> tuple[str, ...]:
    """The requirements that pip says it found no distribution for, as it spells them."""
    return tuple(dict.fromkeys(one.decode("utf-8", "replace") for one in _NOT_FOUND.findall(text)))
