"""Cuts a log's lines into pip's sentences, whatever the log has put around and between them.

Pure. A logger's prefix, a comment mark, a quote in front of pip's words belongs to no sentence; a
text that was flowed into one line has several in it; one in a JSON string has its line breaks
escaped; a terminal or a mail has broken a sentence over several lines.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from safepip.logs.needles import any_of
from safepip.reading import sentences
from safepip.reading.text import LINE_LIMIT, indent_of, without_escapes, without_prefixes
from safepip.reading.triggers import LAST_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

_WRAPPED = 8
"""Over how many lines one sentence can be broken."""

_SENTENCES = 200
"""So many sentences of one line are looked at."""

_TROUBLE = re.compile(
    rb"rror|ERROR: |rrno|ould not|an ?not |efaulting|xternally|Consider using|WARNING"
    rb"|omplete output|lines of output|Collecting |Installing coll|Requirement alr|Looking in "
    rb"|Successfully |Running setup|Obtaining |Would inst"
)
"""One of these is in every line that may need cutting."""

_STARTS = (
    *(b"could not install packages due to", b"this environment is externally managed"),
    *(b"error: ", b"warning: ", b"deprecation: ", b"critical: "),
    *(b"defaulting to user installation because", b"could not find an activated virtualenv"),
    *(b"can not perform a", b"cannot perform a", b"\xe2\x95\xb0\xe2\x94\x80> ["),
    *(b"permissionerror: [", b"oserror: [", b"ioerror: [", b"environmenterror: ["),
    *(b"windowserror: [", b"shutil.error: [", b"consider using the `--user`"),
    *(b"consider using the --user", b"collecting ", b"looking in ", b"obtaining "),
    *(b"running setup.py ", b"would install ", b"installing collected packages:"),
    *(b"successfully installed ", b"requirement already ", b"you are using pip version"),
    *(b"you should consider upgrading", b"[notice] ", b"traceback (most recent"),
    *(b"during handling of the above", b"the above exception was"),
)
"""Where one of pip's sentences begins, in small letters: as a line, or behind something else."""
_ANY_START = any_of(_STARTS)
_LEVELS = frozenset({b"error: ", b"warning: ", b"deprecation: ", b"critical: "})
_COMMON = (b"collecting ", b"looking in ", b"obtaining ", b"running setup.py ", b"would install ")
_PROGRESS = re.compile(
    rb"Collecting [\w.\"'-]+|Looking in (?:indexes|links):|Obtaining (?:file|git|http)"
    rb"|Running setup\.py (?:install|develop)|Would install \w"
)
"""What a sentence about something else could begin like is looked at in whole."""
_SMALL_ERROR = re.compile(
    rb"error:\s+(?:externally[- ]managed|could not |can't create|\[(?:Errno|WinError|Error) "
    rb"|(?:/|[a-z]:[\\/])[^:'\"]+: [Pp]ermission denied"
    rb"|(?:subprocess-exited|metadata-generation|legacy-install|failed-wheel)-)"
)
_WORD_BEFORE = re.compile(rb"[\w./\\=-]\Z")
_LEVEL = re.compile(rb"(?:ERROR|WARNING|DEPRECATION|CRITICAL|error):\s+")
_NO_LEVEL = re.compile(
    rb"(?:ERROR|error): |Default|Collect|Looking|Installing|Success|Require|Trace|Would"
    rb"|Running|Obtaining|\w+Error: \["
)
"""Before one of these a level is a logger's, before the others pip's own."""
_CAUSE = re.compile(rb"install packages due to(?: an?)?\s+\Z")
_QUOTING = re.compile(
    rb"ummary\"?: ?\"?$|^E {3,}$"
    rb"|(?:\bassert\w*[ (]|[=!]= |\breturn |\b(?:let|const|var|val) (?:mut )?\w+(?:: \S+)? = "
    rb"|^\W*(?:el)?if (?:not )?|^ *(?!out|std|msg|log)[\w.]+ :?= \(?|\b(?:raise|throw new) \w+\("
    rb"|\bgrep (?:-\w+ )*|^@?echo [^\"]*"
    rb"|\b(?:expect|print|match|search|includes|contains?|startswith|endswith)\((?:\w+\()*)"
    rb"[bfru]{0,2}[\"'`]{1,3}[^\"]{0,80}$"
)
"""What stands before words of pip's that are somebody's: pip show's, pytest's, program code's."""
_ARGUMENT = re.compile(rb"\w+=[bfru]?[\"'].*[\"'],\Z")
"""A program's argument that has a name, alone in its line."""
_MARKS = re.compile(rb"[#>*|/+-]{1,3} +|\xe2\x94\x82 *")
"""What a comment, a quotation or a list puts before each of its lines."""
_EMPHASIS = re.compile(
    rb"(?<![\w*/])(?:(\*\*\*?)(\S[^*]*)\1|\*([A-Za-z][\w.\[\]<>=!~-]*)\*)(?![\w*])"
)
"""Markdown's stars around a name, or a line."""
_BR = re.compile(rb"<br ?/?>")
_TEAMCITY = re.compile(rb"\|([|'\[\]])")
_RECORD = re.compile(
    rb"(?!.*\"(?:stdout|stderr|cmd)\": )"
    rb"(?:\{.*?\"(?:line|log|message|msg|textPayload)\": ?|[^\"]*\bmsg=)\"((?:[^\"\\]|\\.)*)\""
)
"""A logger's record of one line: docker's, logrus', a cloud's."""
_ESCAPED_BREAK = re.compile(rb"(?<!\\)(?:\\\\)*(?:\\r)?\\n")
_IN_STRING = re.compile(
    rb"\"[^\"]*(?<!\\)(?:\\\\)*\\n|\bb?'[^']*(?<!\\)(?:\\\\)*\\n|[^'\"]\\r\\n(?!')"
)

_PLAIN = {
    **dict.fromkeys((b"\xe2\x80\x98", b"\xe2\x80\x99", b"&#39;", b"&#x27;", b"&apos;"), b"'"),
    **dict.fromkeys((b"\xe2\x80\x9c", b"\xe2\x80\x9d", b"&quot;"), b'"'),
    b"\xe3\x80\x90": b"[",
    b"\xe3\x80\x91": b"]",
}
"""Quotes and brackets as word processors, Chinese keyboards and web pages have them."""
_TYPOGRAPHIC = re.compile(b"|".join(_PLAIN))

_OPEN = re.compile(rb"\[(?:Errno|WinError) \d+\] [^'\"]*: (['\"])(?:/|[A-Za-z]:)(?:(?!\1).)*\Z")
"""A path that begins in a line, and does not end in it."""
_NUMBERED = re.compile(rb"\[(?:Errno|WinError|Error) \d+\] \S")
"""An error that has its number and words: what followed was no path."""

_LITERAL = re.compile(
    rb"[=(] ?[bfru]{0,2}(\"{3}|'{3})(?:(?!\1).)*$|^ *[\w.]+ = \([bfru]{0,2}([\"'])(?:(?!\2).)*\2$"
    rb"|(?:\(|(?:\bin|[=(&!]) ?\[)$"
)
"""Where the text of a program, or its list of texts, begins that goes on in the next line."""


class Sentence(NamedTuple):
    """One piece of a line, alone: a sentence of pip's, or whatever stands before the first."""

    text: bytes
    indent: int
    """How far it is indented in its log, prefixes taken off."""
    is_first: bool = True
    """Nothing stands before it in its line."""


class Cutter:
    """Makes sentences of lines; keeps the one that has not come to its end."""

    def __init__(self) -> None:
        self._held = b""
        self._indent = 0
        self._joined: list[tuple[Sentence, bytes]] = []
        """The lines that are held, as they came, and what was held with each."""
        self._literal = b""
        """The quote of a program's text that goes on: a triple one, or those before each line."""

    @property
    def is_amid(self) -> bool:
        """Whether a sentence goes on in the next line."""
        return bool(self._held)

    def cut(self, line: bytes) -> Iterator[Sentence]:
        """The sentences of one more line, up to the one that seems to go on."""
        line = without_escapes(line).rstrip()
        if self._is_literal(line):
            return
        if b"*" in line:
            line = _EMPHASIS.sub(rb"\2\3", line)
        for text in _unescaped(line):
            stripped = without_prefixes(_straight(text))
            if stripped.strip(b" \t`~"):
                yield from self._join(stripped)
            elif stripped.strip():  # Markdown's fence
                yield from self.finish()

    def _is_literal(self, line: bytes) -> bool:
        """Whether *line* lies in a text of a program's that began before it."""
        quote = self._literal
        triple = len(quote) > 2
        if quote and (triple or line.lstrip(b" \tbfru")[:1] in (b'"', b"'")):
            is_over = quote in line if triple else line.endswith((b")", b";"))
            self._literal = b"" if is_over else quote
            return True
        may_begin = b'"""' in line or b"'''" in line or b"= (" in line
        found = _LITERAL.search(line) if may_begin or line.endswith((b"(", b"[")) else None
        self._literal = found[1] or b"\"'" if found else b""
        return False

    def finish(self) -> Iterator[Sentence]:
        """What was kept, as it stands."""
        held, self._held = self._held, b""
        if not held:
            return
        # A quote was never closed: what was joined to the path is no part of it.
        last = len(self._joined) - 1
        for begun in (_NUMBERED, _OPEN):
            opened = (at for at, (_, so_far) in enumerate(self._joined) if begun.search(so_far))
            last = next(opened, last)
        yield Sentence(self._joined[last][1], self._indent)
        for line, _ in self._joined[last + 1 :]:
            yield from _pieces(line.text, line.indent)

    def _join(self, text: bytes) -> Iterator[Sentence]:
        indent = indent_of(text)
        text = text.strip()
        if self._held:
            rest = _MARKS.sub(b"", text, count=1) if _MARKS.match(text) else text
            goes_on = not _STARTS_ANEW.match(rest) and (
                not _is_head(rest) or self._held.endswith((b"due to an", b"due to", b"Error:"))
            )
            for glue in (b"", b" ") if goes_on else ():
                whole = self._held + glue + rest
                if _is_whole(_own(whole)):
                    self._held = b""
                    yield from self._pieces(whole, self._indent)
                    return
            if len(self._joined) < _WRAPPED and goes_on:
                glue = _glue_of(self._held, rest)
                self._held = (self._held + glue + rest)[:LINE_LIMIT]
                self._joined.append((Sentence(text, indent), self._held))
                return
            yield from self.finish()
        yield from self._pieces(text, indent)

    def _pieces(self, text: bytes, indent: int) -> Iterator[Sentence]:
        pieces = _pieces(text, indent)
        last = pieces[-1]
        own = _own(last.text)
        closed = text.endswith(b"`") and not last.text.endswith(b"`")  # as Markdown does it
        if _is_head(own) and not _is_whole(own) and not closed:
            pieces.pop()
            self._held, self._indent = last.text, last.indent
            self._joined = [(last, last.text)]
        yield from pieces


def _straight(text: bytes) -> bytes:
    """*text* with the quotes and brackets that pip writes."""
    if b"\xe2\x80" in text or b"\xe3\x80" in text or b"&" in text:
        return _TYPOGRAPHIC.sub(lambda found: _PLAIN[found[0]], text)
    return text


def _own(text: bytes) -> bytes:
    """*text* without the quotes that somebody put around it."""
    return text.strip(b'`*"')


_OWN_INDENTED = re.compile(rb"(?:Successfully uninst|Uninstalling|Found exist|Attempting uninst)")


def _pieces(text: bytes, indent: int) -> list[Sentence]:
    """Cut *text*, a line without its prefixes, before each of pip's sentences in it."""
    starts = _starts(text) if _TROUBLE.search(text) else []
    if starts and (_QUOTING.search(text, 0, starts[0]) or _ARGUMENT.match(text)):
        return [Sentence(text[: starts[0]], indent)]
    if not starts:
        return [Sentence(text[:LINE_LIMIT], indent)]
    pieces = []
    before = text[: starts[0]]
    if before.strip(b" \t`'\"*#>|/+-"):
        pieces.append(Sentence(before.rstrip()[:LINE_LIMIT], indent))
    # Behind an unknown prefix a build's words stand as deep as they did before it; what pip says
    # of its progress stands deeper than the error that was glued to it.
    inner = indent + len(before) - len(before.rstrip())
    if _OWN_INDENTED.match(before):
        inner = 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        piece = text[start : min(end, start + LINE_LIMIT)].rstrip()
        if piece.endswith(b"`") and piece.count(b"`") % 2:  # Markdown's, opened before it
            piece = piece[:-1]
        pieces.append(Sentence(piece, inner, is_first=not pieces))
    return pieces


def _starts(text: bytes) -> list[int]:
    """Where pip's sentences begin in *text*."""
    hits = _ANY_START.finditer(text.lower())
    found = (hit.start() for hit in hits if _is_start(text, hit.start(), hit[0]))
    starts: list[int] = []
    for at in islice(found, _SENTENCES):
        if starts and _LEVEL.fullmatch(text, starts[-1], at):
            if _NO_LEVEL.match(text, at):
                starts[-1] = at
        elif not (starts and _CAUSE.search(text, starts[-1], at)):
            starts.append(at)
    return starts


def _is_start(text: bytes, at: int, start: bytes) -> bool:
    if at and _WORD_BEFORE.match(text, at - 1, at):
        return False
    if start in _COMMON:
        return _PROGRESS.match(text, at) is not None
    if start not in _LEVELS:
        return True
    return text[at : at + 5].isupper() or bool(_SMALL_ERROR.match(text, at))


def _unescaped(text: bytes) -> list[bytes]:
    """The lines in *text*: more than one where it has them in a string, escaped."""
    if text.startswith(b"##teamcity["):
        return [_TEAMCITY.sub(rb"\1", line) for line in text.split(b"|n")]
    if b"<br" in text and len(parts := _BR.split(text)) > 1:
        return [line for part in parts for line in _unescaped(part)]
    found = _RECORD.match(text) if text.startswith(b"{") or b' msg="' in text else None
    if found is not None:
        return [_plain(line) for line in _ESCAPED_BREAK.split(found[1])]
    if b"\\n" not in text or _TROUBLE.search(text) is None:
        return [text]
    if _ESCAPED_BREAK.search(text) is None:  # a string in a string
        text = _plain(text)
    if not _IN_STRING.search(text):
        return [text]
    return [_plain(line) for line in _ESCAPED_BREAK.split(without_prefixes(text).lstrip())]


_ESCAPE = re.compile(rb"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)


def _plain(text: bytes) -> bytes:
    """*text*, part of a JSON string or of a Python one, without one layer of escapes."""

    def one(found: re.Match[bytes]) -> bytes:
        escape = found[1]
        if len(escape) > 1:
            number = int(escape[1:], 16)
            return chr(number).encode("utf-8", "replace") if escape[:1] == b"u" else bytes([number])
        return {b"t": b"\t", b"r": b"", b"n": b" "}.get(escape, escape)

    return _ESCAPE.sub(one, text)


# Sentences over several lines

_COULD_NOT = (b"error: could not create '", b"error: could not delete '")
_HEADS = (
    *LAST_WORDS,
    *(b"PermissionError: [", b"OSError: [", b"IOError: [", b"WindowsError: ["),
    *(b"[Errno 13] Permission", b"[Errno 1] Operation", b"[Errno 30] Read-only"),
    *(*_COULD_NOT, b"error: [Errno 13", b"error: [Errno 30", b"error: [Errno 1]"),
    *(b"ERROR: Could not open requirements file: [", b"Could not open requirements file: ["),
    sentences.DEFAULTING,
)
_READING = re.compile(
    rb"(?:(?:ERROR: )?Could not open \w+ file: |(?:error: )?(?=\[))(.*)", re.DOTALL
)
_ERRNO_GLUED = re.compile(rb"\[(?:Errno|WinError|Error)(?:\d| \d+ \d)")
_SQUEEZED = len(b"".join(sentences.DEFAULTING.split()))
_SHORTEST_HEAD = 16
"""A shorter beginning of a head is not taken for a wrapped line."""
_BY_BEGINNING = {
    beginning: tuple(head for head in _HEADS if head.startswith(beginning))
    for beginning in {head[:_SHORTEST_HEAD] for head in _HEADS}
}

_STARTS_ANEW = re.compile(
    rb"(?:Consider using|Check the perm|Traceback|WARNING|ERROR|note:|hint:|\[notice|Collecting "
    rb"|Requirement |Looking in|Successfully|Installing |</?\w|(?:\S+ )?\S*[$#%] )"
)


def _is_head(text: bytes) -> bool:
    """Whether *text* begins one of pip's lines that matter, or is a beginning of such a line."""
    if len(text) < _SHORTEST_HEAD:
        return False
    heads = _BY_BEGINNING.get(text[:_SHORTEST_HEAD], ())
    return text.startswith(_HEADS) or any(head.startswith(text) for head in heads)


def _glue_of(joined: bytes, text: bytes) -> bytes:
    """What a wrap took away between *joined* and *text*: a space, or nothing inside a word."""
    spaced = joined.endswith((b":", b">", b",", b"Errno", b"WinError")) or not _is_head(
        joined + text
    )
    return b" " if spaced else b""


def _is_whole(text: bytes) -> bool:
    """Whether a line of pip's that matters is complete: all quotes of its paths are closed."""
    if text.startswith(sentences.DEFAULTING[:_SHORTEST_HEAD]):
        return len(b"".join(text.split())) >= _SQUEEZED
    if text.startswith(_COULD_NOT):
        return sentences.COULD_NOT.match(text) is not None
    found = sentences.MESSAGE.match(text) or sentences.EXCEPTION.match(text)
    found = found or _READING.match(text)
    if found is None:
        return sentences.plain_trigger(text) is not None
    rest = found[1]
    if rest is None:
        return True
    if sentences.ERRNO.match(rest) is None:
        return not rest.startswith(b"[") or (len(rest) > 15 and not _ERRNO_GLUED.match(rest))
    quoted = list(sentences.QUOTED.finditer(rest))
    return bool(quoted) and quoted[-1][0].endswith(quoted[-1][1]) and len(quoted[-1][0]) > 1
