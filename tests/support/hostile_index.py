"""A package index that means harm, by the name of the project that is asked for."""

from __future__ import annotations

import contextlib
import gzip
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.support.index import Loopback, Server


class HostileIndex(Loopback):
    """It serves on 127.0.0.1.

    Args:
        endless: After so many bytes even an endless answer breaks off.
        packed: A page that bursts has so many bytes.
    """

    def __init__(self, *, endless: int = 1 << 30, packed: int = 256 << 20) -> None:
        self.endless = endless
        self.packed = packed
        self.sent = 0  # bytes of endless answers, over all requests
        self.secret = Path("/dev/zero")  # a file of this machine
        self.dripped = 0  # answers of which something has come
        _packed(packed)  # which takes longer than an index may
        super().__init__(_Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def index(self) -> HostileIndex:
        assert isinstance(self.server, Server)
        assert isinstance(self.server.index, HostileIndex)
        return self.server.index

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        project = self.path.strip("/").rpartition("/")[2]
        with contextlib.suppress(OSError):  # who asked has heard enough
            getattr(self, f"_{project.replace('-', '_')}", self._missing)()

    do_HEAD = do_GET  # noqa: N815 - the library's name

    def _missing(self) -> None:
        self.send_error(404)

    def _begin(self, status: int = 200, **headers: str) -> None:
        self.close_connection = True
        self.send_response(status)
        if "Content_Type" not in headers:
            self.send_header("Content-Type", "text/html")
        self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def _endless_body(self) -> None:
        piece = b"<p>" + b"x" * 65533
        while self.index.sent < self.index.endless:
            self.wfile.write(piece)
            self.index.sent += len(piece)

    def _endless(self) -> None:
        self._begin()
        self._endless_body()

    def _endless_redirect(self) -> None:
        self._begin(302, Location="/simple/endless/")
        self._endless_body()

    def _drips(self) -> None:
        self._begin()
        self.wfile.write(b" ")
        self.index.dripped += 1
        while not self.index.stopped.wait(0.05):
            self.wfile.write(b" ")

    def _circular(self) -> None:
        self._begin(302, Location="/simple/circular/")

    def _redirects_to_each_other(self) -> None:
        self._begin(302, Location="/simple/and-back/")

    def _and_back(self) -> None:
        self._begin(302, Location="/simple/redirects-to-each-other/")

    def _bomb(self) -> None:
        self._begin(Content_Encoding="gzip")
        self.wfile.write(_packed(self.index.packed))

    def _double_bomb(self) -> None:
        packed = gzip.compress(_packed(self.index.packed), 1)
        self._begin(Content_Encoding="gzip, gzip")
        self.wfile.write(packed)

    def _nested(self) -> None:
        self._begin(Content_Type="application/vnd.pypi.simple.v1+json")
        self.wfile.write(b'{"files": ' + b"[" * 5_000_000)

    def _links_to_itself(self) -> None:
        self._begin()
        self.wfile.write(b"<a href='.'>links_to_itself-1.0-py3-none-any.whl</a>")
        self.wfile.write(b"<a href='/simple/links-to-itself/'>x</a><base href='.'>")

    def _to_a_file(self) -> None:
        self._begin(302, Location=f"file://{self.index.secret}")

    def _links_a_file(self) -> None:
        self._begin()
        self.wfile.write(f"<a href='file://{self.index.secret}'>x</a>".encode())

    def _acts(self) -> None:
        harm = "\x1b]0;pwned\x07\x1b[2J\x9b2J\u202egnp\u2066"
        self._begin(Content_Type="text/html; charset=utf-8")
        for name in (f"acts-1.0{harm}.tar.gz", f"acts-{harm}-py3-none-any.whl"):
            self.wfile.write(f"<a data-yanked='{harm}' href='{name}'>{name}</a>".encode())


@cache
def _packed(size: int) -> bytes:
    return gzip.compress(bytes(size), 1)
