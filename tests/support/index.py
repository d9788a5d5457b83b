"""A package index on the loopback: counts what is asked of it, and can be slow, shy or absent."""

from __future__ import annotations

import base64
import hashlib
import html
import threading
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name

from tests.support.patience import PATIENCE_S

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

CHUNK = 64 * 1024


@dataclass(frozen=True)
class Request:
    """One request that the index got."""

    method: str
    path: str
    range: str | None
    user: str | None  # of basic authentication


@dataclass
class Hold:
    """A file that is held back halfway: wait for `reached`, then `release` it."""

    reached: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> None:
        """Wait until the first half of the file is gone."""
        assert self.reached.wait(PATIENCE_S), "nobody asked for the file"

    def release(self) -> None:
        """Let the rest of the file go."""
        self.released.set()


class Loopback:
    """An index on 127.0.0.1, which answers with *handler* while it is entered."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self.stopped = threading.Event()
        self._server = Server(("127.0.0.1", 0), handler)
        self._server.index = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    @property
    def host(self) -> str:
        """Address and port."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        """For `--index-url`, without credentials."""
        return f"http://{self.host}/simple/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stopped.set()
        self.let_go()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def let_go(self) -> None:
        """Release whoever waits for an answer that is held back."""


class Server(ThreadingHTTPServer):
    """What its handlers know as ``server``."""

    index: Loopback
    daemon_threads = True


class Index(Loopback):
    """A simple index (PEP 503) over a folder of wheels and sdists, on 127.0.0.1.

    Args:
        folder: Whose files are served.
        ranges: Whether byte ranges are served.
        auth: User and password that every request must bring.
        pause: Seconds between pieces of 64 kB.
    """

    def __init__(
        self,
        folder: Path,
        *,
        ranges: bool = True,
        auth: tuple[str, str] | None = None,
        pause: float = 0,
    ) -> None:
        self.folder = folder
        self.ranges = ranges
        self.auth = auth
        self.pause = pause
        self.missing: set[str] = set()  # projects or file names that are answered with 404
        self.requests: list[Request] = []
        self.holds: dict[str, Hold] = {}
        super().__init__(_Handler)

    def url_as(self, user: str, password: str) -> str:
        """For `--index-url`, with credentials in it."""
        return f"http://{user}:{password}@{self.host}/simple/"

    @property
    def counts(self) -> Counter[str]:
        """How often each file was asked for, whole or in part; HEAD does not count."""
        return Counter(
            one.path.rpartition("/")[2]
            for one in self.requests
            if one.method == "GET" and one.path.startswith("/files/")
        )

    def hold(self, start: str) -> Hold:
        """Hold back files whose names start so, or the page `simple/NAME`, after the first half."""
        self.holds[start] = Hold()
        return self.holds[start]

    def let_go(self) -> None:
        for hold in self.holds.values():
            hold.release()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def index(self) -> Index:
        """The index that is served."""
        assert isinstance(self.server, Server)
        assert isinstance(self.server.index, Index)
        return self.server.index

    def log_message(self, *_: object) -> None:
        """Be silent: the requests are kept in a list."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        index = self.index
        # To a proxy, which this is as well, the whole address is said.
        path = unquote(urlsplit(self.path).path)
        told = self.headers.get("Authorization") or self.headers.get("Proxy-Authorization") or ""
        given = told.removeprefix("Basic ")
        user, _, password = base64.b64decode(given).decode().partition(":")
        index.requests.append(Request(self.command, path, self.headers.get("Range"), user or None))
        try:
            if path.startswith("/none/"):  # an index that anybody may ask, and that holds nothing
                self._answer(HTTPStatus.NOT_FOUND, b"")
            elif index.auth and index.auth != (user, password):
                self._answer(
                    HTTPStatus.UNAUTHORIZED, b"", {"WWW-Authenticate": 'Basic realm="lab"'}
                )
            elif path == "/simple/":
                names = sorted({_project(one.name) for one in index.folder.iterdir()})
                self._page([(f"/simple/{name}/", name) for name in names])
            elif path.startswith("/simple/"):
                self._project_page(path.removeprefix("/simple/").strip("/"))
            elif path.startswith("/files/"):
                self._file(path.removeprefix("/files/"))
            else:
                self._answer(HTTPStatus.NOT_FOUND, b"")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # pip was stopped: that is what some tests are about

    def _project_page(self, name: str) -> None:
        index = self.index
        files = [one for one in sorted(index.folder.iterdir()) if _project(one.name) == name]
        hold = index.holds.get(f"simple/{name}")
        if not files or name in index.missing:
            self._answer(HTTPStatus.NOT_FOUND, b"", hold=hold)
            return
        links = []
        for one in files:
            digest = hashlib.sha256(one.read_bytes()).hexdigest()
            links.append((f"/files/{one.name}#sha256={digest}", one.name))
        self._page(links, hold)

    def _page(self, links: list[tuple[str, str]], hold: Hold | None = None) -> None:
        body = "".join(f'<a href="{html.escape(url)}">{text}</a><br>\n' for url, text in links)
        page = f"<!DOCTYPE html>\n<html><body>\n{body}</body></html>\n".encode()
        self._answer(HTTPStatus.OK, page, {"Content-Type": "text/html; charset=utf-8"}, hold)

    def _file(self, name: str) -> None:
        index = self.index
        target = index.folder / name
        if "/" in name or name in index.missing or not target.is_file():
            self._answer(HTTPStatus.NOT_FOUND, b"")
            return
        content = target.read_bytes()
        headers = {"Content-Type": "application/octet-stream"}
        # As PyPI says of its files; without it pip keeps nothing in its cache.
        headers["Cache-Control"] = "max-age=365000000, immutable, public"
        status = HTTPStatus.OK
        wanted = self.headers.get("Range") if index.ranges else None
        if index.ranges:
            headers["Accept-Ranges"] = "bytes"
        if wanted:
            first, last = _span(wanted, len(content))
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            content = content[first : last + 1]
            status = HTTPStatus.PARTIAL_CONTENT
        hold = next((hold for start, hold in index.holds.items() if name.startswith(start)), None)
        self._answer(status, content, headers, hold)

    def _answer(
        self,
        status: HTTPStatus,
        body: bytes,
        headers: dict[str, str] | None = None,
        hold: Hold | None = None,
    ) -> None:
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        middle = len(body) // 2
        self._pieces(body[:middle])
        if hold is not None:
            self.wfile.flush()
            hold.reached.set()
            hold.released.wait(2 * PATIENCE_S)
        self._pieces(body[middle:])

    def _pieces(self, body: bytes) -> None:
        for start in range(0, len(body), CHUNK):
            self.wfile.write(body[start : start + CHUNK])
            if self.index.pause:
                self.index.stopped.wait(self.index.pause)


def _project(name: str) -> str:
    stem = name.split("-", maxsplit=1)[0] if name.endswith(".whl") else name.rpartition("-")[0]
    return canonicalize_name(stem)


def _span(wanted: str, size: int) -> tuple[int, int]:
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last) if last else size - 1, size - 1)
