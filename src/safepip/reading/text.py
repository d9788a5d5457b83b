"""What a log puts around pip's own words: encodings, colours, time stamps and tags.

Pure. Lines are bytes: a log from elsewhere can be in any encoding, even in several.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

LINE_LIMIT = 4096
"""How much of a line is looked at: pip's own are far shorter."""

BREAK = re.compile(rb"[\r\n]")
_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-Za-z])")


class Recoder:
    """Turns a log in UTF-16, as PowerShell writes them, into UTF-8; leaves others alone."""

    def __init__(self) -> None:
        self._begin: bytes | None = b""
        self._decoder: codecs.IncrementalDecoder | None = None

    def feed(self, data: bytes) -> bytes:
        """Take some more of the log, cut anywhere."""
        if self._begin is not None:
            data = self._begin + data
            if len(data) < len(codecs.BOM_UTF8):
                self._begin = data
                return b""
            self._begin = None
            if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                self._decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
            data = data.removeprefix(codecs.BOM_UTF8)
        if self._decoder is None:
            return data
        return self._decoder.decode(data).encode("utf-8", "replace")

    def finish(self) -> bytes:
        """Give what was kept back of a log of a few bytes."""
        rest, self._begin = self._begin or b"", None
        return rest


_PREFIX = re.compile(
    b"|".join(
        (
            # A time stamp; GitLab puts a mark behind its own.
            (
                rb"\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?"
                rb"(?: ?(?:Z|[+-]\d\d:?\d\d))?\]?(?: \d\d[OE]\+?)?:?(?: |$)"
            ),
            rb"\[?\d\d?:\d\d(?::\d\d)?(?:[.,]\d+)?\]? (?!\d)",
            (  # syslog, in any language
                rb"[^\W\d][\w.\x80-\xff]{2,6} [ \d]\d \d\d:\d\d:\d\d \S+ [\w./-]+"
                rb"(?:\[\d+\])?: "
            ),
            rb"#\d+ (?:\[[^\]\n]{1,40}\] )?(?:\d+\.\d+ )?",  # docker build
            rb"\d{1,5}\.\d{1,4} ",  # docker build's summary of the step that failed
            rb"##\[\w+\]",
            rb"(?:[\w.-]+ - |\{[\w.]+:\d+\} )?(?:DEBUG|INFO|WARNING|ERROR|CRITICAL) - ",
            rb"[\w./-]{1,60} *\| ?",  # docker compose
            rb"\|[\w./ -]{1,40}\| ",
            # vagrant, packer
            (
                rb"(?:==> |    )(?!error|ERROR|WARNING|note|hint|\w*(?:Error|xception)|Summary)"
                rb"[\w.-]{1,40}: ?(?![\\/])"
            ),
            rb"(?:stdout|stderr) [FP] ",  # kubernetes
            rb"[^\t]{1,80}\t[^\t]{1,80}\t(?:\xef\xbb\xbf)?",  # gh run view --log
            rb"\[(?!Errno|WinError|Error )[\w :.,/+#-]{1,40}\] ",  # [stage 2/5], [INFO]
            rb"(?:stdout|stderr|STDOUT|STDERR|remote) ?[:|>] ",
        )
    )
)


def without_escapes(line: bytes) -> bytes:
    """*line* without colours and other sequences for a terminal."""
    return _ESCAPES.sub(b"", line) if b"\x1b" in line else line


def without_prefixes(text: bytes) -> bytes:
    """*text* without the time stamps and tags that a log puts before each line."""
    for _ in range(4):
        found = _PREFIX.match(text)
        if found is None or not found.end():
            break
        text = text[found.end() :]
    return text


def indent_of(text: bytes) -> int:
    """How far *text* is indented."""
    return len(text) - len(text.lstrip(b" \t"))


def decode(text: bytes) -> str:
    """*text* as a string from which the bytes can be had back."""
    return text.decode("utf-8", "surrogateescape")


_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
_MISLEADING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def readable(text: str) -> str:
    """*text*, as ``decode`` gives it, for a reader: in its encoding, nothing invisible in it.

    What is no UTF-8 is taken for GBK where all its bytes come in pairs, else for Latin-1.
    """
    if text.isascii() and text.isprintable():
        return text
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raw = text.encode("utf-8", "surrogateescape" if _gives_back_bytes(text) else "replace")
        text = _guess(raw)
    return "".join(
        letter.encode("unicode_escape").decode()
        if unicodedata.category(letter) == "Cc" or _MISLEADING.match(letter)
        else letter
        for letter in text
    )


def _gives_back_bytes(text: str) -> bool:
    return not any("\ud800" <= x <= "\udfff" and not "\udc80" <= x <= "\udcff" for x in text)


def _guess(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pairs = all(len(run) % 2 == 0 for run in _HIGH_BYTES.findall(raw))
    if pairs:
        try:
            return raw.decode("gbk")
        except UnicodeDecodeError:
            pass
    return raw.decode("latin-1")


_BINARY_BYTES = bytes(b for b in range(32) if b not in b"\t\n\r\x0b\x0c\x08\x07\x1b") + b"\x7f"
_ARCHIVES = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"\x7fELF")


def is_binary(beginning: bytes) -> bool:
    """Whether a file that begins like this is no text; UTF-16 without its mark counts as none."""
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    if beginning.startswith(_ARCHIVES) or b"\0" in beginning:
        return True
    controls = len(beginning) - len(beginning.translate(None, _BINARY_BYTES))
    return controls > len(beginning) // 10
