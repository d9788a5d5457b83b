"""Reads what a requirements file asks for.

Source: pip, ``_internal/req/req_file.py``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from safepip.model.options import having
from safepip.reading import requests
from safepip.reading.arguments import INSTALL_OPTIONS, REQUIREMENT_OPTIONS, scan_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from safepip.model.requests import RequestedRequirement

_COMMENT = re.compile(r"(^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_OF_ONE_LINE = having("in_line") | {"--hash"}
"""Options that stand behind a requirement and belong to it."""
_OF_THE_FILE = having("in_file")


def read(text: str, env: Mapping[str, str]) -> tuple[RequestedRequirement, ...] | None:
    """Give what a file of that *text* asks for, files that it names unread; None: unclear.

    Names of files are as they stand: relative to the file; those of directories to the user's.
    """
    wanted: list[RequestedRequirement] = []
    for line in _lines(text, env):
        found = _read_line(line)
        if found is None:
            return None
        wanted += found
    return tuple(wanted)


def constraints(text: str, env: Mapping[str, str]) -> tuple[str, ...]:
    """Give the constraint files that a file of that *text* names."""
    words = [line.split() for line in _lines(text, env) if line.startswith("-")]
    return tuple(
        value
        for line in words
        for name, value, *_ in scan_words(line, range(len(line)), INSTALL_OPTIONS)
        if name == "--constraint" and value
    )


def _lines(text: str, env: Mapping[str, str]) -> Iterator[str]:
    """Give the lines that count: joined where a backslash ends one, without comments."""
    joined = ""
    for raw in text.splitlines():
        comment = _COMMENT.match(raw)
        if raw.endswith("\\") and not comment:
            joined += raw.strip("\\")
            continue
        whole, joined = joined + (" " + raw if comment else raw), ""
        yield from _clean(whole, env)
    yield from _clean(joined, env)


def _clean(line: str, env: Mapping[str, str]) -> Iterator[str]:
    line = _COMMENT.sub("", line).strip()
    if line:
        # One that is not set stays as it is.
        yield _VARIABLE.sub(lambda found: env.get(found[1]) or found[0], line)


def _read_line(line: str) -> tuple[RequestedRequirement, ...] | None:
    if not line.startswith("-"):
        text, _, options = line.partition(" -")
        names = [word.partition("=")[0] for word in ("-" + options).split() if word[:1] == "-"]
        if options and not set(names) <= _OF_ONE_LINE:
            return None
        return (requests.read_requirement(text.strip()),)
    words = line.split()
    # A value with spaces would be torn apart.
    found = list(scan_words(words, range(len(words)), INSTALL_OPTIONS))
    if len(found) != 1 or found[0][0] is None:
        return None
    name, value, *_ = found[0]
    if name in REQUIREMENT_OPTIONS and value:
        return (requests.read_option(name, value),)
    return () if name in _OF_THE_FILE else None
