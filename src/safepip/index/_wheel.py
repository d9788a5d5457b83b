"""Reads what a wheel says of itself, here or far away: in parts, and within bounds.

For ``_helper.py``: *link* and *session* are pip's.
"""

from __future__ import annotations

import contextlib
import os
import re
import zipfile
from typing import TYPE_CHECKING, Any

from safepip.policy.wheels import SCRIPT, read_wheel

if TYPE_CHECKING:
    from collections.abc import Sequence

TAIL_BYTES = 64 * 1024
"""What is asked for first: the list of files, entry points and METADATA of most wheels."""
PIECE_BYTES = 16 * 1024
WHOLE_BYTES = 1024 * 1024
"""Up to this size it is taken whole where the server gives no parts of a file."""
BUDGET_BYTES = 1024 * 1024
"""All that is read of one wheel in parts."""
TEXT_BYTES = 2 * 1024 * 1024
"""The largest METADATA, unpacked."""


class UnreadableError(Exception):
    """There are no facts to be had; *problem* says why, without any address."""

    def __init__(self, *, problem: str, **facts: str) -> None:
        super().__init__(problem)
        self.told = {"problem": problem, **facts}


def read(link: Any, session: Any) -> dict[str, object]:
    """The facts of the wheel at *link*: the fields of ``WheelFacts``."""
    if link.is_file:
        with zipfile.ZipFile(link.file_path) as archive:
            return _facts(archive)
    remote = RemoteFile(session, link.url_without_fragment)
    with zipfile.ZipFile(remote) as archive:
        remote.expect([i for i in archive.infolist() if _TEXTS.fullmatch(i.filename)])
        return _facts(archive)


def _facts(archive: zipfile.ZipFile) -> dict[str, object]:
    names = archive.namelist()
    info = next((n for n in names if _TEXTS.fullmatch(n) and n.endswith("/METADATA")), None)
    if info is None:
        raise UnreadableError(problem="DAMAGED")
    points = info.removesuffix("METADATA") + "entry_points.txt"
    facts = read_wheel(
        metadata=_text(archive, info),
        entry_points=_text(archive, points) if points in names else "",
        files=_telling(names),
    )
    return facts._asdict()


def _telling(names: Sequence[str]) -> list[str]:
    """Of a wheel's files the scripts, and one of each directory or module at its top."""
    tops = {
        name.partition("/")[0] if ".data/" not in name else name.rpartition("/")[0]: name
        for name in names
        if ".dist-info/" not in name
    }
    return [*filter(SCRIPT.fullmatch, names), *tops.values()]


_TEXTS = re.compile(r"[^/]+\.dist-info/(?:METADATA|entry_points\.txt)")


def _text(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as member:
        return member.read(TEXT_BYTES).decode("utf-8", errors="replace")


def get_whole(session: Any, url: str) -> bytes:
    """The file at *url*; empty if it is not to be had, or too long to be taken whole."""
    with contextlib.closing(session.get(url, headers=_HEADERS, stream=True)) as response:
        length = _length_of(response)
        if response.status_code != 200 or length is None or length > WHOLE_BYTES:
            return b""
        return RemoteFile.content(response, length)


class RemoteFile:
    """A file on a server, read in parts where the server can give them, for ``zipfile``.

    Its end comes first, in one request: that is where wheels keep what we want.
    """

    def __init__(self, session: Any, url: str) -> None:
        self._session = session
        self._url = url
        self._position = 0
        self._spent = 0
        self._parts: list[tuple[int, bytes]] = []
        self._length = self._open()

    def _open(self) -> int:
        response = self._get(f"bytes=-{TAIL_BYTES}")
        with contextlib.closing(response):
            if response.status_code == 206:
                return self._take(response)
            length = _length_of(response)
            if response.status_code == 200 and (length is None or length <= WHOLE_BYTES):
                self._parts.append((0, self.content(response, WHOLE_BYTES)))
                return len(self._parts[0][1])
        if response.status_code in {401, 403, 404, 407, 410}:
            raise UnreadableError(problem="WHEEL_REFUSED")
        # Some servers know ranges, but not "the last n bytes", and any may pass over a range.
        # Source: RFC 9110, 14.1.2 and 14.2.
        if length is None or response.status_code != 200:
            with contextlib.closing(self._session.head(self._url, headers=_HEADERS)) as head:
                length = _length_of(head) if head.status_code == 200 else None
        if length is None:
            raise UnreadableError(problem="WHEEL_UNREADABLE")
        self._request(max(0, length - TAIL_BYTES), length)
        return length

    def _get(self, wanted: str) -> Any:
        # pip's cache does not know parts. Source: pip, ``_internal/network/lazy_wheel.py``.
        headers = {**_HEADERS, "Range": wanted, "Cache-Control": "no-cache"}
        return self._session.get(self._url, headers=headers, stream=True)

    def _request(self, start: int, stop: int) -> None:
        with contextlib.closing(self._get(f"bytes={start}-{stop - 1}")) as response:
            if response.status_code != 206:
                raise UnreadableError(problem="NO_PARTS")
            self._take(response)

    def _take(self, response: Any) -> int:
        found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", response.headers.get("Content-Range", ""))
        if found is None:
            raise UnreadableError(problem="WHEEL_UNREADABLE")
        start, last, length = map(int, found.groups())
        self._spent += last + 1 - start
        if self._spent > BUDGET_BYTES:
            raise UnreadableError(problem="TOO_MUCH_TO_READ")
        content = self.content(response, BUDGET_BYTES)
        if len(content) != last + 1 - start:
            raise UnreadableError(problem="INDEX_SILENT")
        self._parts.append((start, content))
        return length

    @staticmethod
    def content(response: Any, limit: int) -> bytes:
        """The body of *response*; an error if it is longer than *limit*."""
        content = b""
        for chunk in response.iter_content(PIECE_BYTES):
            content += chunk
            if len(content) > limit:
                raise UnreadableError(problem="NO_PARTS")
        return content

    def expect(self, members: Sequence[zipfile.ZipInfo]) -> None:
        """Fetch *members* in one request if they lie side by side, as they do in most wheels."""
        if not members:
            return
        start = min(m.header_offset for m in members)
        # A header in the file is 30 bytes and the name; it may hold some more.
        # Source: PKWARE's APPNOTE.TXT, 4.3.7.
        stop = max(m.header_offset + m.compress_size + len(m.filename) + 256 for m in members)
        if stop - start <= sum(m.compress_size for m in members) + 2 * PIECE_BYTES:
            self._fill(start, min(stop, self._length))

    def _fill(self, start: int, stop: int) -> None:
        """Fetch what is missing between *start* and *stop*, in as few requests as possible."""
        for begin, part in [*sorted(self._parts), (self._length, b"")]:
            if start >= stop:
                return
            if start < begin:
                self._request(start, min(begin, max(stop, start + PIECE_BYTES)))
            start = max(start, begin + len(part))

    def read(self, size: int = -1) -> bytes:
        """Read from the position on; fetches what is not here."""
        start = self._position
        stop = self._length if size < 0 else min(start + size, self._length)
        self._fill(start, stop)
        content = b""
        for begin, part in sorted(self._parts):
            if begin <= start < begin + len(part):
                content += part[start - begin : stop - begin]
                start = self._position + len(content)
        self._position = start
        return content

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move the position."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._length}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        """Give the position."""
        return self._position

    def seekable(self) -> bool:
        """Whether the position can be moved: always."""
        return True


# As pip asks for wheels: a compressed answer would have other offsets.
# Source: pip, ``_internal/network/utils.py``, ``HEADERS``.
_HEADERS = {"Accept-Encoding": "identity"}


def _length_of(response: Any) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isdigit() else None
