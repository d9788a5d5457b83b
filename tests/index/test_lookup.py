"""What can be learnt from an index, and how little it costs: against an index of our own."""

from __future__ import annotations

import hashlib
import io
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import textwrap
import threading
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import pip
import pytest

from safepip.index import lookup
from safepip.index.known import are_applications
from safepip.index.lookup import (
    Answer,
    Index,
    find_applications,
    index_options,
    known_names,
    look_up,
)
from safepip.model.applications import ApplicationKind
from safepip.model.interpreter import Interpreter, Place
from safepip.model.reasons import Reason, because
from safepip.model.requests import PipCommand, PipOption, RequestedRequirement, RequirementKind
from safepip.runner import Captured, capture
from safepip.wording.reasons import shown
from tests.support.hostile_index import HostileIndex
from tests.support.long import first_and_last
from tests.support.missing import lacking

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def wheel(
    name: str,
    version: str = "1.0",
    *,
    commands: Sequence[str] = (),
    programs: Sequence[str] = (),
    metadata: str = "",
    size: int = 0,
    many_files: int = 0,
) -> bytes:
    """A wheel with *size* bytes of noise in it, and *many_files* empty files.

    One with *programs*, files in its scripts, holds no module.
    """
    stem = name.replace("-", "_")
    info = f"{stem}-{version}.dist-info"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for program in programs:
            archive.writestr(f"{stem}-{version}.data/scripts/{program}", "")
        if not programs:
            archive.writestr(f"{stem}/__init__.py", "")
            archive.writestr(f"{stem}/noise", random.Random(size).randbytes(size))
        archive.writestr(
            f"{info}/METADATA",
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}",
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        if commands:
            points = "".join(f"{command} = {stem}:main\n" for command in commands)
            archive.writestr(f"{info}/entry_points.txt", f"[console_scripts]\n{points}")
        for number in range(many_files):
            archive.writestr(f"{stem}/a-rather-long-name-of-a-file-{number:06}", "")
        archive.writestr(f"{info}/RECORD", "")
    return content.getvalue()


def source(name: str, *, commands: Sequence[str] = (), info: str = "", noise: int = 0) -> bytes:
    """A source distribution, as setuptools makes it; its egg-info has the name *info*."""
    points = "[console_scripts]\n" + "".join(f"{command} = lab:main\n" for command in commands)
    texts = {
        "noise": random.Random(noise).randbytes(noise),
        f"src/{info or name}.egg-info/PKG-INFO": f"Name: {name}\nVersion: 1.0\n".encode(),
        f"src/{info or name}.egg-info/entry_points.txt": points.encode(),
        f"src/{info or name}.egg-info/requires.txt": b"idna>=2\n\n[old]\nsix\n",
        f"src/{info or name}.egg-info/top_level.txt": b"lab_module\n",
    }
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for path, text in texts.items():
            member = tarfile.TarInfo(f"{name}-1.0/{path}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    return content.getvalue()


@dataclass
class Site:
    """What the server has, how it behaves, and what was asked of it."""

    files: dict[str, bytes] = field(default_factory=dict)
    ranges: str = "all"
    """``all``, ``explicit`` (no "last n bytes"), ``none``."""
    status: int = 0
    """Answer everything with it."""
    hangs: str | None = None
    """No answer to what has this in its path."""
    hashes: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    sent: int = 0
    port: int = 0
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/simple/"

    def page(self, path: str) -> bytes | None:
        """The file, or the index page of a project."""
        name = path.rpartition("/")[2]
        if name:
            return self.files.get(name)
        project = path.strip("/").rpartition("/")[2]
        links = [
            f'<a href="/files/{file}#sha256={self.hashes.get(file, _sha256(content))}">{file}</a>'
            for file, content in self.files.items()
            if re.sub(r"[-_.]+", "-", re.split(r"-\d", file)[0]) == project
        ]
        return ("<!DOCTYPE html><html><body>" + "\n".join(links)).encode() if links else None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        site = self.site
        site.requests.append(f"{self.command} {self.path}")
        if site.hangs is not None and site.hangs in self.path:
            site.done.wait(600)
        content = site.page(self.path)
        status = site.status or (200 if content is not None else 404)
        body = content if content is not None and status == 200 else b""
        part = self._part(len(body)) if status == 200 else None
        self.send_response(status if part is None else 206)
        if part is not None:
            start, stop = part
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(body)}")
            body = body[start:stop]
        kind = "text/html" if self.path.endswith("/") else "application/octet-stream"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 401:
            self.send_header("WWW-Authenticate", "Basic")
        self.end_headers()
        if self.command == "GET":
            self._send(body)

    def _part(self, length: int) -> tuple[int, int] | None:
        found = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if found is None or self.site.ranges == "none":
            return None
        first, last = found.groups()
        if first:
            return int(first), min(int(last) + 1, length)
        return None if self.site.ranges == "explicit" else (max(0, length - int(last)), length)

    def _send(self, body: bytes) -> None:
        for start in range(0, len(body), 16384):
            piece = body[start : start + 16384]
            try:
                self.wfile.write(piece)
            except OSError:  # the other side has enough
                self.close_connection = True
                return
            self.site.sent += len(piece)


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"site": site}))
    server.daemon_threads = True
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        site.done.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as site:
        yield site


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    kept = ("SYSTEMROOT", "TEMP", "TMP")  # no PATH: pip would ask a rustc on it for its version
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "HOME": str(home),
        "USERPROFILE": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "PIP_CONFIG_FILE": os.devnull,
        "NO_PROXY": "*",
    }


def interpreter(
    version: tuple[int, int, int] = (3, 11, 4),
    implementation: str = "cpython",
    prefix: PurePath | None = None,
) -> Interpreter:
    place = Place(path=PurePath("/usr/lib"), writable=False, owner="root")
    return Interpreter(
        argv=("/usr/bin/python3",),
        executable=PurePath("/usr/bin/python3"),
        version=version,
        implementation=implementation,
        prefix=prefix or PurePath("/usr"),
        base_prefix=PurePath("/usr"),
        purelib=place,
        platlib=place,
        scripts=place,
        data=place,
        user_site=None,
        user_base=None,
        user_scripts=None,
        user_site_enabled=True,
        marker=None,
        is_conda=False,
        pip_version=None,
        has_venv=True,
    )


def ask(
    *requirements: str,
    env: Mapping[str, str],
    url: str | None = None,
    options: Sequence[str] = (),
    python: Interpreter | None = None,
    pip_dir: Path | None = None,
    timeout_s: float = 150,
) -> tuple[Answer, ...]:
    index = Index(
        interpreter=python or interpreter(),
        options=(*((f"--index-url={url}",) if url else ()), *options),
        env=env,
        pip_dir=pip_dir,
    )
    return look_up(requirements, index, run=capture, timeout_s=timeout_s)


def of(answer: Answer) -> tuple[str, str, tuple[str, ...]]:
    assert answer.facts is not None, answer.problem
    return answer.facts.name, answer.facts.version, answer.facts.commands


CONSOLE = "Classifier: Environment :: Console\n\nThe *README*.\n"


class TestOverHttp:
    def test_what_holds_only_programs_is_told_from_a_module(
        self, site: Site, env: dict[str, str]
    ) -> None:
        site.files["lab-1.0-py3-none-any.whl"] = wheel("lab", programs=["lab"])
        site.files["lob-1.0-py3-none-any.whl"] = wheel("lob", commands=["lob"])
        first, second = ask("lab", "lob", url=site.url, env=env)
        assert (of(first), of(second)) == (("lab", "1.0", ("lab",)), ("lob", "1.0", ("lob",)))
        assert first.facts is not None
        assert first.facts.holds_only_programs
        assert second.facts is not None
        assert not second.facts.holds_only_programs

    def test_a_small_wheel_takes_two_requests(self, site: Site, env: dict[str, str]) -> None:
        content = wheel("lab-tool", commands=["lab", "lab-tool"], metadata=CONSOLE)
        site.files["lab_tool-1.0-py3-none-any.whl"] = content
        (answer,) = ask("Lab.Tool", url=site.url, env=env)
        assert of(answer) == ("lab-tool", "1.0", ("lab-tool", "lab"))
        assert answer.facts is not None
        assert answer.facts.classifiers == ("Environment :: Console",)
        assert answer.facts.description == "The *README*.\n"
        assert site.requests == [
            "GET /simple/lab-tool/",
            "GET /files/lab_tool-1.0-py3-none-any.whl",
        ]

    def test_a_big_wheel_is_not_fetched_whole(self, site: Site, env: dict[str, str]) -> None:
        site.files["lab-1.0-py3-none-any.whl"] = wheel("lab", commands=["lab"], size=8_000_000)
        (answer,) = ask("lab", url=site.url, env=env)
        assert of(answer) == ("lab", "1.0", ("lab",))
        assert len(site.requests) == 2
        assert site.sent < 100_000

    @pytest.mark.parametrize("ranges", ["all", "explicit"])
    def test_a_long_list_of_files_takes_a_few_requests_more(
        self, ranges: str, site: Site, env: dict[str, str]
    ) -> None:
        site.ranges = ranges
        site.files["lab-1.0-py3-none-any.whl"] = wheel(
            "lab", commands=["lab"], size=3_000_000, many_files=4000
        )
        (answer,) = ask("lab", url=site.url, env=env)
        assert of(answer) == ("lab", "1.0", ("lab",))
        assert len(site.requests) <= 5
        # A body that is not read may still go out as far as buffers reach.
        assert site.sent < (1_000_000 if ranges == "all" else 8_000_000)

    def test_an_endless_list_of_files_is_too_much(self, site: Site, env: dict[str, str]) -> None:
        site.files["lab-1.0-py3-none-any.whl"] = wheel("lab", commands=["lab"], many_files=15_000)
        (answer,) = ask("lab", url=site.url, env=env)
        assert shown(answer.problem) == "reading its wheel takes too much"
        assert site.sent < 2_000_000

    def test_without_ranges_a_small_wheel_is_fetched(self, site: Site, env: dict[str, str]) -> None:
        site.ranges = "none"
        site.files["lab-1.0-py3-none-any.whl"] = wheel("lab", commands=["lab"], size=300_000)
        (answer,) = ask("lab", url=site.url, env=env)
        assert of(answer) == ("lab", "1.0", ("lab",))
        assert len(site.requests) == 2

    def test_without_ranges_a_big_wheel_stays_unknown(
        self, site: Site, env: dict[str, str]
    ) -> None:
        site.ranges = "none"
        site.files["lab-1.0-py3-none-any.whl"] = wheel("lab", commands=["lab"], size=30_000_000)
        (answer,) = ask("lab", url=site.url, env=env)
        assert "the server gives no parts" in shown(answer.problem)
        assert site.sent < 20_000_000

    def test_what_pip_would_choose_is_looked_at(self, site: Site, env: dict[str, str]) -> None:
        tags = {
            "1.0": "py3-none-any",
            "2.0": "cp38-cp38-win32",
            "3.0rc1": "py3-none-any",
            "1.1": "cp27-none-any",
        }
        for version, tag in tags.items():
            site.files[f"lab-{version}-{tag}.whl"] = wheel("lab", version, commands=["lab"])
        asked = ["lab", "lab==3.0rc1", "lab<1"]
        first, second, third = ask(*asked, url=site.url, env=env)
        assert of(first)[1] == "1.0"
        assert of(second)[1] == "3.0rc1"
        assert shown(third.problem) == "no index offers such a version"
        (pre,) = ask("lab", url=site.url, env=env, options=["--pre"])
        assert of(pre)[1] == "3.0rc1"

    def test_it_is_the_users_python_that_counts(self, site: Site, env: dict[str, str]) -> None:
        site.files["lab-1.0-py3-none-any.whl"] = wheel("lab", "1.0", commands=["old"])
        site.files["lab-2.0-py39-none-any.whl"] = wheel("lab", "2.0", commands=["new"])
        (old,) = ask("lab", url=site.url, env=env, python=interpreter((3, 8, 1)))
        (new,) = ask("lab", url=site.url, env=env, python=interpreter((3, 9, 1)))
        (other,) = ask("lab", url=site.url, env=env, python=interpreter((3, 9, 1), "pypy"))
        assert [of(a)[1] for a in (old, new, other)] == ["1.0", "2.0", "2.0"]

    def test_constraints_hold(self, site: Site, env: dict[str, str], tmp_path: Path) -> None:
        for version in ("1.0", "2.0"):
            content = wheel("lab-tool", version, commands=["lab"])
            site.files[f"lab_tool-{version}-py3-none-any.whl"] = content
        file = tmp_path / "constraints.txt"
        file.write_text("Lab_Tool<2\nother==1\n")
        (answer,) = ask("lab-tool", url=site.url, env=env, options=[f"--constraint={file}"])
        assert of(answer)[1] == "1.0"

    def test_an_extra_and_a_marker_do_not_matter(self, site: Site, env: dict[str, str]) -> None:
        site.files["lab-1.0-py3-none-any.whl"] = wheel("lab", commands=["lab"])
        (answer,) = ask("lab[x]>=1; python_version > '3'", url=site.url, env=env)
        assert of(answer)[0] == "lab"

    def test_nothing_is_written_into_the_home(self, site: Site, env: dict[str, str]) -> None:
        site.files["lab-1.0-py3-none-any.whl"] = wheel("lab", commands=["lab"])
        ask("lab", url=site.url, env=env)
        assert not list(Path(env["HOME"]).iterdir())

    def test_no_program_is_started(
        self, site: Site, env: dict[str, str], tmp_path: Path
    ) -> None:  # as pip does to tell an index of the system; rustup's may even fetch a compiler
        site.files["lab-1.0-py3-none-any.whl"] = wheel("lab", commands=["lab"])
        programs = tmp_path / "programs"
        programs.mkdir()
        for name in ("lsb_release", "uname", "rustc"):
            (programs / name).write_text(f'#!/bin/sh\n: >"{tmp_path}/{name}.was-started"\n')
            (programs / name).chmod(0o755)
        (answer,) = ask("lab", url=site.url, env={**env, "PATH": str(programs)})
        assert of(answer)[0] == "lab"
        assert not list(tmp_path.glob("*.was-started"))


class TestSource:
    """What has no wheel says as much, if setuptools made it, and it is small."""

    def test_from_an_index(self, site: Site, env: dict[str, str]) -> None:
        site.files["lab_tool-1.0.tar.gz"] = source("Lab.Tool", commands=["lab"], info="Lab_Tool")
        (answer,) = ask("lab-tool", url=site.url, env=env)
        assert of(answer) == ("lab-tool", "1.0", ("lab",))
        assert answer.facts is not None
        assert (answer.facts.modules, answer.facts.needs) == (("lab_module",), ("idna",))

    def test_from_a_folder(self, env: dict[str, str], tmp_path: Path) -> None:
        (tmp_path / "lab-1.0.tar.gz").write_bytes(source("lab", commands=["lab"]))
        (answer,) = ask("lab", env=env, options=["--no-index", f"--find-links={tmp_path}"])
        assert of(answer) == ("lab", "1.0", ("lab",))


class TestProblems:
    @pytest.mark.parametrize(
        "content",
        [
            b"no archive",
            source("lab"),
            source("lab", commands=["lab"])[:200],
            source("lab", commands=["lab"], info="vendored"),
            source("lab", commands=["lab"], noise=12_000_000),
        ],
    )
    def test_source_only(self, site: Site, env: dict[str, str], content: bytes) -> None:
        site.files["lab-1.0.tar.gz"] = content
        (answer,) = ask("lab", url=site.url, env=env)
        assert shown(answer.problem) == "version 1.0 comes as source only"
        assert len(site.requests) == 2
        assert site.sent < 6_000_000

    def test_source_packed_otherwise_is_not_fetched(self, site: Site, env: dict[str, str]) -> None:
        site.files["lab-1.0.zip"] = b"never looked at"
        (answer,) = ask("lab", url=site.url, env=env)
        assert shown(answer.problem) == "version 1.0 comes as source only"
        assert len(site.requests) == 1

    def test_newest_version_as_source_only(self, site: Site, env: dict[str, str]) -> None:
        site.files["lab-1.0-py3-none-any.whl"] = wheel("lab", commands=["lab"])
        site.files["lab-2.0.tar.gz"] = b"never looked at"
        (plain,) = ask("lab", url=site.url, env=env)
        (binary,) = ask("lab", url=site.url, env=env, options=["--only-binary=:all:"])
        assert shown(plain.problem) == "version 2.0 comes as source only"
        assert of(binary)[1] == "1.0"

    def test_unknown_name(self, site: Site, env: dict[str, str]) -> None:
        (answer,) = ask("lab", url=site.url, env=env)
        assert answer == Answer(problem=because(Reason.NO_VERSION))

    def test_index_that_is_down(self, env: dict[str, str]) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{taken.getsockname()[1]}/simple/"
            (answer,) = ask("lab", url=url, env=env)
        assert shown(answer.problem) == "the index did not answer"

    def test_index_that_hangs_takes_no_longer_than_allowed(
        self, site: Site, env: dict[str, str]
    ) -> None:
        site.hangs = "/"
        first, second = ask("lab", "lob", url=site.url, env=env, timeout_s=1.5)
        assert shown(first.problem) == shown(second.problem) == "no answer within 1.5 seconds"

    def test_what_was_found_in_time_is_not_lost(
        self, site: Site, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lookup, "CONNECT_TIMEOUT_S", 600)  # it is the limit that is to end it
        site.files["lab-1.0-py3-none-any.whl"] = wheel("lab", commands=["lab"])
        site.hangs = "/lob/"
        for timeout_s in (3, 15, 75):  # the last for a busy machine
            first, second = ask("lab", "lob", url=site.url, env=env, timeout_s=timeout_s)
            assert shown(second.problem) == f"no answer within {timeout_s} seconds"
            if first.facts is not None:
                return
        pytest.fail("it was not found in time")

    @pytest.mark.parametrize("status", [401, 403, 500])
    def test_index_that_refuses_is_a_problem_and_nobody_is_asked_for_a_password(
        self, status: int, site: Site, env: dict[str, str]
    ) -> None:
        site.status = status
        (answer,) = ask("lab", url=site.url, env=env)
        refused = status in {401, 403}
        assert shown(answer.problem) == f"the index {'refused' if refused else 'did not answer'}"

    def test_wheel_that_is_no_wheel(self, site: Site, env: dict[str, str]) -> None:
        site.files["lab-1.0-py3-none-any.whl"] = b"x" * 1000
        (answer,) = ask("lab", url=site.url, env=env)
        assert shown(answer.problem) == "its wheel is damaged"

    @pytest.mark.parametrize(
        "text", ["lab @ http://127.0.0.1:9/lab-1.0-py3-none-any.whl", "==", ""]
    )
    def test_what_is_no_name(self, text: str, site: Site, env: dict[str, str]) -> None:
        (answer,) = ask(text, url=site.url, env=env)
        assert answer.problem
        assert not site.requests

    def test_options_that_our_pip_does_not_know(self, site: Site, env: dict[str, str]) -> None:
        (answer,) = ask("lab", url=site.url, env=env, options=["--there-is-no-such-option"])
        assert shown(answer.problem) == "pip did not understand its options or settings"

    def test_helper_that_does_not_start(self, env: dict[str, str]) -> None:
        def run(argv: object, **_: object) -> Captured:
            return Captured(returncode=127, problem=because(Reason.SAID, words="no such file"))

        index = Index(interpreter=interpreter(), options=(), env=env)
        (answer,) = look_up(["lab"], index, run=run)
        assert answer.facts is None
        assert answer.problem

    def test_pip_that_is_none(self, env: dict[str, str], tmp_path: Path) -> None:
        (answer,) = ask("lab", env=env, pip_dir=tmp_path)
        assert shown(answer.problem) == "pip could not say (ModuleNotFoundError)"

    @pytest.mark.parametrize(
        ("module", "code"),
        [
            ("_internal/commands/install.py", "1 // Console(width=1).width"),
            (
                "_internal/index/package_finder.py",
                """
                def find(self, *args, found=PackageFinder.find_best_candidate):
                    1 // Console(width=1).width
                    return found(self, *args)
                PackageFinder.find_best_candidate = find
                """,
            ),
        ],
    )
    def test_pip_that_reckons_with_what_it_draws(
        self, module: str, code: str, site: Site, env: dict[str, str], tmp_path: Path
    ) -> None:
        # The look-up gives a pip blank modules for rich; none can do without it for ever.
        shutil.copytree(Path(pip.__file__).parent, tmp_path / "pip")
        with (tmp_path / "pip" / module).open("a") as file:
            file.write(f"\nfrom pip._vendor.rich.console import Console\n{textwrap.dedent(code)}\n")
        site.files["lab-1.0-py3-none-any.whl"] = wheel("lab", commands=["lab"])
        site.files["other-1.0-py3-none-any.whl"] = wheel("other", commands=["other"])
        answers = ask("lab", "other", url=site.url, env=env, pip_dir=tmp_path)
        assert [of(one) for one in answers] == [
            ("lab", "1.0", ("lab",)),
            ("other", "1.0", ("other",)),
        ]

    @pytest.mark.parametrize("status", [0, 401, 500])
    def test_credentials_stay_out_of_all_that_is_said(
        self, status: int, site: Site, env: dict[str, str]
    ) -> None:
        site.status = status
        said: list[bytes] = []
        argvs: list[str] = []

        def run(argv: Sequence[str], **options: object) -> Captured:
            done = capture(argv, **options)  # type: ignore[arg-type] # handed through
            said.extend((done.stdout, done.stderr))
            argvs.extend(argv)
            return done

        url = site.url.replace("http://", "http://me:s3cret@")
        index = Index(interpreter=interpreter(), options=(f"--index-url={url}",), env=env)
        (answer,) = look_up(["lab"], index, run=run)
        assert "s3cret" not in shown(answer.problem)
        assert b"s3cret" not in b"".join(said)
        assert "s3cret" not in " ".join(argvs)


@pytest.fixture
def hostile() -> Iterator[HostileIndex]:
    with HostileIndex() as served:
        yield served


@pytest.mark.parametrize(
    ("project", "problem"),
    [
        ("endless", "the index's page is too big"),
        ("endless-redirect", "the index's page is too big"),
        ("circular", "the index did not answer"),
        ("redirects-to-each-other", "the index did not answer"),
        ("links-to-itself", "no index offers such a version"),
        ("nested", None),  # each pip in words of its own
        ("bomb", "the index's page is too big"),
        ("double-bomb", "the index packs its pages more than once"),
        ("to-a-file", None),  # newer pips refuse it themselves, in words of their own
        ("links-a-file", "the index names a file of this machine"),
    ],
)
def test_a_hostile_index_gets_no_further_than_its_bounds(
    project: str,
    problem: str | None,
    hostile: HostileIndex,
    env: dict[str, str],
    tmp_path: Path,
) -> None:
    hostile.secret = tmp_path / "links_a_file-1.0-py3-none-any.whl"
    hostile.secret.write_bytes(wheel("links-a-file", commands=["x"]))
    options = (f"--index-url={hostile.url}",)
    index = Index(interpreter=interpreter(), options=options, env=env)
    (answer,) = look_up([project], index, run=capture, timeout_s=60)
    assert answer.facts is None
    assert shown(answer.problem) == (problem or shown(answer.problem))
    assert hostile.sent < 64 << 20


def test_an_index_that_takes_its_time_for_ever_is_left(
    hostile: HostileIndex, env: dict[str, str]
) -> None:
    """Each byte comes in time, the last one never."""
    options = (f"--index-url={hostile.url}",)
    index = Index(interpreter=interpreter(), options=options, env=env)
    (answer,) = look_up(["drips"], index, run=capture, timeout_s=3)
    assert answer.facts is None
    assert shown(answer.problem) == "no answer within 3 seconds"


class TestWithoutAnIndex:
    def test_folder_of_wheels(self, tmp_path: Path, env: dict[str, str]) -> None:
        (tmp_path / "lab-1.0-py3-none-any.whl").write_bytes(wheel("lab", commands=["lab"]))
        options = ["--no-index", f"--find-links={tmp_path}"]
        found, missing = ask("lab", "lob", env=env, options=options)
        assert of(found) == ("lab", "1.0", ("lab",))
        assert shown(missing.problem) == "no index offers such a version"

    def test_index_on_the_disk(self, tmp_path: Path, env: dict[str, str]) -> None:
        project = tmp_path / "simple" / "lab"
        project.mkdir(parents=True)
        (project / "lab-1.0-py3-none-any.whl").write_bytes(wheel("lab", commands=["lab"]))
        (project / "index.html").write_text(
            '<!DOCTYPE html><a href="lab-1.0-py3-none-any.whl">lab-1.0-py3-none-any.whl</a>'
        )
        (answer,) = ask("lab", env=env, url=(tmp_path / "simple").as_uri())
        assert of(answer) == ("lab", "1.0", ("lab",))

    def test_users_settings_are_read(self, tmp_path: Path, env: dict[str, str]) -> None:
        (tmp_path / "lab-1.0-py3-none-any.whl").write_bytes(wheel("lab", commands=["lab"]))
        file = tmp_path / "pip.conf"
        file.write_text(f"[global]\nno-index = true\nfind-links = {tmp_path}\n")
        (answer,) = ask("lab", env={**env, "PIP_CONFIG_FILE": str(file)})
        assert of(answer)[0] == "lab"

    def test_settings_of_the_users_environment_are_read(
        self, tmp_path: Path, env: dict[str, str]
    ) -> None:
        (tmp_path / "lab-1.0-py3-none-any.whl").write_bytes(wheel("lab", commands=["lab"]))
        file = tmp_path / ("pip.ini" if sys.platform == "win32" else "pip.conf")
        file.write_text(f"[global]\nno-index = true\nfind-links = {tmp_path}\n")
        del env["PIP_CONFIG_FILE"]
        (answer,) = ask("lab", env=env, python=interpreter(prefix=tmp_path))
        assert of(answer)[0] == "lab"

    def test_variables_for_an_install_do_no_harm(self, tmp_path: Path, env: dict[str, str]) -> None:
        (tmp_path / "lab-1.0-py3-none-any.whl").write_bytes(wheel("lab", commands=["lab"]))
        hostile = {
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(tmp_path),
            "PIP_REQUIREMENT": str(tmp_path / "missing.txt"),
            "PIP_REQUIRE_VIRTUALENV": "1",
            "PIP_REQUIRE_HASHES": "1",
            "PIP_USER": "1",
            "PIP_TARGET": str(tmp_path / "target"),
            "PIP_LOG": str(tmp_path / "log"),
            "PIP_REPORT": str(tmp_path / "report"),
            "PIP_VERBOSE": "3",
            "PYTHONPATH": str(tmp_path),
        }
        (tmp_path / "pip").mkdir()
        (tmp_path / "pip" / "__init__.py").write_text("raise SystemExit('the wrong pip')")
        (answer,) = ask("lab", env={**env, **hostile})
        assert of(answer)[0] == "lab"
        assert {"log", "report", "target"}.isdisjoint(p.name for p in tmp_path.iterdir())


def test_applications_are_found_in_one_go(site: Site, env: dict[str, str]) -> None:
    site.files["labapp-1.0-py3-none-any.whl"] = wheel(
        "labapp", commands=["labapp"], metadata=CONSOLE
    )
    site.files["lablib-1.0-py3-none-any.whl"] = wheel("lablib")
    texts = ["labapp>=1", "lablib", "labmine", "httpie", "labgone"]
    requirements = [
        RequestedRequirement(text=text, kind=RequirementKind.NAMED, name=text.partition(">")[0])
        for text in texts
    ] + [RequestedRequirement(text=".", kind=RequirementKind.LOCAL_DIR)]
    index = Index(interpreter=interpreter(), options=(f"--index-url={site.url}",), env=env)
    runs: list[object] = []

    def run(argv: Sequence[str], **options: object) -> Captured:
        runs.append(argv)
        return capture(argv, **options)  # type: ignore[arg-type] # handed through

    verdicts = find_applications(requirements, index, run=run, libraries={"labmine"})
    kinds = [verdict.kind.value for verdict in verdicts]
    assert kinds == ["application", "library", "library", "application", "unknown", "unknown"]
    assert len(runs) == 1
    assert not any("labmine" in request or "httpie" in request for request in site.requests)


def test_no_name_of_the_list_is_passed_over() -> None:
    known = known_names()
    assert known.applications
    assert are_applications(list(known.applications))
    assert not any(are_applications([name]) for name in known.metapackages)


@pytest.mark.parametrize("texts", [["HTTPie"], ["yt_dlp[x]>=1; python_version>'3'", "black~=24.1"]])
def test_a_known_application_is_known_however_it_is_asked_for(texts: list[str]) -> None:
    assert are_applications(texts)


@pytest.mark.parametrize("texts", [[], ["httpie", "requests"], ["."], ["commands"], [""]])
def test_what_is_no_known_application(texts: list[str]) -> None:
    assert not are_applications(texts)


def test_nothing_is_run_for_nothing(env: dict[str, str]) -> None:
    def run(argv: object, **_: object) -> Captured:
        raise AssertionError

    index = Index(interpreter=interpreter(), options=(), env=env)
    (verdict,) = find_applications(
        [RequestedRequirement(text=".", kind=RequirementKind.LOCAL_DIR)], index, run=run
    )
    assert verdict.kind is ApplicationKind.UNKNOWN


def test_options_that_choose_the_file_go_along() -> None:
    def option(name: str, value: str | None = None) -> PipOption:
        return PipOption(name=name, value=value, start=0, stop=1)

    command = PipCommand(
        argv=(),
        name="install",
        command_at=0,
        options=(
            option("--index-url", "https://example.org/simple"),
            option("--upgrade"),
            option("--pre"),
            option("--requirement", "x.txt"),
            option("--constraint", "c.txt"),
        ),
    )
    assert index_options(command) == (
        "--index-url=https://example.org/simple",
        "--pre",
        "--constraint=c.txt",
    )


PIPS = ["24.0", "24.1", "24.2", "24.3.1", "25.0", "25.1", "25.2", "25.3", "26.0", "26.1", "26.2"]


@pytest.mark.network
@pytest.mark.parametrize("version", first_and_last([*PIPS, "26.3"]))
def test_other_pips_serve_as_well(
    version: str, tmp_path: Path, site: Site, env: dict[str, str]
) -> None:
    fetched = subprocess.run(
        [sys.executable, "-m", "pip", "download", "-q", "--no-deps", f"pip=={version}"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    if fetched.returncode != 0:
        lacking("package index")
    with zipfile.ZipFile(next(tmp_path.glob("pip-*.whl"))) as archive:
        archive.extractall(tmp_path / "pip")
    for number in ("1.0", "2.0"):
        content = wheel("lab", number, commands=["lab"], size=2_000_000)
        site.files[f"lab-{number}-py3-none-any.whl"] = content
    site.files["source-1.0.tar.gz"] = b""
    (tmp_path / "c.txt").write_text("lab<2\n")
    found, source, missing = ask(
        "lab",
        "source",
        "missing",
        url=site.url,
        env=env,
        options=[f"--constraint={tmp_path / 'c.txt'}"],
        pip_dir=tmp_path / "pip",
    )
    assert of(found) == ("lab", "1.0", ("lab",))
    assert shown(source.problem) == "version 1.0 comes as source only"
    assert shown(missing.problem) == "no index offers such a version"
    assert site.sent < 200_000
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/simple/"
        (down,) = ask("lab", url=url, env=env, pip_dir=tmp_path / "pip")
    assert shown(down.problem) == "the index did not answer"
