"""What ``scripts.bench`` measures on: a Python that may not be written, wheels, an index, a person.

Nothing is fetched: the Python, pip, pipx, uv and safepip's dependencies are copied from where this
runs, and the wheels are made here.
"""

from __future__ import annotations

import contextlib
import html
import importlib.metadata
import os
import random
import shutil
import subprocess
import sys
import threading
import zipfile
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from scripts.environments import SetupError, remove_tree, run_quietly

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from typing_extensions import Self

    from scripts.stage import Person

LIBRARY = "benchlib"
APPLICATION = "benchapp"
KNOWN_APPLICATION = "httpie"
"""By name, that is: a wheel made here; ``policy/known_applications.json`` has it."""
MANY = tuple(f"benchmany{number:02}" for number in range(20))
_NOT_COPIED = shutil.ignore_patterns(
    "site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "turtledemo",
    "config-*", "*.a", "EXTERNALLY-MANAGED",
)  # fmt: skip
_OF_AN_INSTALL = frozenset({"INSTALLER", "REQUESTED", "RECORD", "direct_url.json"})
_SCRIPT = "#!{python}\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n"


class MissingError(SetupError):
    """A row cannot be measured, since this machine lacks a program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Python:
    """A Python with a pip, its prefix and its site directory."""

    prefix: Path
    site: Path

    @property
    def bin(self) -> Path:
        """Where its commands are."""
        return self.prefix / "bin"

    @property
    def executable(self) -> Path:
        """What starts it."""
        return self.bin / "python3"


class Ground:
    """Everything below one folder; each thing is made when it is first asked for."""

    def __init__(self, folder: Path, person: Person, source: Path) -> None:
        self.folder = folder
        self.person = person
        self.source = source
        """The ``src`` of the safepip to be measured."""
        for name in ("home", "tmp", "project", "apart"):
            self.owned(folder / name)

    @property
    def home(self) -> Path:
        """The person's HOME."""
        return self.folder / "home"

    @property
    def project(self) -> Path:
        """Where a project is."""
        project = self.folder / "project"
        (project / "pyproject.toml").write_text('[project]\nname = "site"\nversion = "1"\n')
        self.give(project)
        return project

    @cached_property
    def base(self) -> Python:
        """A Python that the person can start and not write."""
        where = self.folder / "python"
        library = f"python3.{sys.version_info.minor}"
        origin = Path(sys.base_prefix)
        (where / "bin").mkdir(parents=True)
        shutil.copytree(origin / "lib" / library, where / "lib" / library, ignore=_NOT_COPIED)
        for shared in (origin / "lib").glob("libpython3*"):
            shutil.copy2(shared, where / "lib", follow_symlinks=False)
        shutil.copy2(Path(origin, "bin", library).resolve(), where / "bin" / library)
        for name in ("python3", "python"):
            (where / "bin" / name).symlink_to(library)
        python = Python(prefix=where, site=where / "lib" / library / "site-packages")
        python.site.mkdir(exist_ok=True)
        self._fill(python, "pip")
        self._lock(where)
        return python

    @cached_property
    def safepip(self) -> Python:
        """The environment of safepip's own, with a pipx beside it."""
        python = self.environment(self.folder / "own")
        self._fill(python, "safepip", "pipx")
        shutil.rmtree(python.site / "safepip", ignore_errors=True)
        skip = shutil.ignore_patterns("__pycache__")
        shutil.copytree(self.source / "safepip", python.site / "safepip", ignore=skip)
        for path in python.site.glob("*editable*"):  # as a checkout's has it, and no user's
            path.unlink()
        for name in ("safepip", "pipx"):
            (self.folder / "path" / name).mkdir(parents=True)
            (self.folder / "path" / name / name).symlink_to(python.bin / name)
        self._compile(python)
        self._lock(python.prefix)
        return python

    def environment(self, where: Path, *, pip: bool = True) -> Python:
        """Make a virtual environment of the base Python at *where*, root's as yet."""
        remove_tree(where)
        make: list[str | Path] = [self.base.executable, "-I", "-m", "venv", "--without-pip", where]
        run_quietly(make, what=f"making {where}", env=self.variables())
        (site,) = where.glob("lib/python3*/site-packages")
        python = Python(prefix=where, site=site)
        if pip:
            self._fill(python, "pip")
        return python

    def variables(
        self, *path: Path, more: Mapping[str, str] | None = None, user_site: bool = True
    ) -> dict[str, str]:
        """Give what the person's commands get as their environment, *path* first on PATH."""
        env = {
            "HOME": str(self.home),
            "TMPDIR": str(self.folder / "tmp"),
            "PATH": ":".join(map(str, (*path, "/usr/bin", "/bin"))),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "LD_LIBRARY_PATH": str(self.folder / "python/lib"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.links),
        }
        if not user_site:
            env["PYTHONNOUSERSITE"] = "1"
        return env | dict(more or {})

    @contextlib.contextmanager
    def marked(self) -> Iterator[None]:
        """Have the base Python be externally managed (PEP 668) for a while."""
        stdlib = self.base.site.parent
        mode = stdlib.stat().st_mode
        stdlib.chmod(0o755)
        marker = stdlib / "EXTERNALLY-MANAGED"
        marker.write_text("[externally-managed]\nError=Use apt.\n")
        try:
            yield
        finally:
            marker.unlink()
            stdlib.chmod(mode)

    @cached_property
    def links(self) -> Path:
        """A folder of wheels, as for ``--find-links``."""
        folder = self.folder / "links"
        folder.mkdir()
        write_wheel(folder, LIBRARY, scripts=[LIBRARY])
        for name in (APPLICATION, KNOWN_APPLICATION):
            write_wheel(folder, name, scripts=[name], application=True)
        # pipx gives its shared environment one.
        _pack(_installed("pip"), folder)
        return folder

    @cached_property
    def big_links(self) -> Path:
        """Twenty wheels with something in them, for an index."""
        folder = self.folder / "index"
        folder.mkdir()
        for number, name in enumerate(MANY):
            noise = random.Random(number).randbytes(400_000)  # noqa: S311 - not for secrets
            write_wheel(folder, name, scripts=[name], noise=noise)
        return folder

    def tool(self, name: str) -> Path:
        """Give a folder for PATH that holds *name* alone, from beside this Python.

        Raises:
            MissingError: It is not there.
        """
        found = Path(sys.executable).with_name(name)
        if not found.is_file():
            message = f"there is no {name} beside {sys.executable}"
            raise MissingError(message)
        folder = self.folder / "path" / name
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / name).exists():
            shutil.copy2(found, folder / name)
        return folder

    def owned(self, folder: Path) -> Path:
        """Make *folder* new, and the person's."""
        remove_tree(folder)
        folder.mkdir()
        return self.give(folder)

    def give(self, path: Path) -> Path:
        """Make *path* and all below it the person's."""
        if self.person.uid is not None and self.person.gid is not None:
            for one in (path, *path.rglob("*")):
                os.chown(one, self.person.uid, self.person.gid, follow_symlinks=False)
        return path

    def _lock(self, where: Path) -> None:
        if self.person.uid is None:
            for each, _, _ in os.walk(where):
                Path(each).chmod(0o555)

    def _fill(self, python: Python, *names: str) -> None:
        """Copy the distributions *names* and what they need from where this runs."""
        for distribution in _closure(names):
            home = Path(str(distribution.locate_file("")))
            for file in distribution.files or ():
                source = Path(str(distribution.locate_file(file)))
                target = python.site / file
                inside = ".." not in file.parts and file.name != "direct_url.json"
                if inside and source.is_file() and source.is_relative_to(home):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(source, target)
            for point in distribution.entry_points.select(group="console_scripts"):
                function = point.attr.partition(".")[0]
                write_script(python.bin / point.name, python.bin / "python", point.module, function)
        self._compile(python)

    def _compile(self, python: Python) -> None:
        command: list[str | Path] = [python.executable, "-m", "compileall", "-q", python.site]
        # Templates among the files are no Python; that is nothing to us.
        subprocess.run(command, env=self._bare(), capture_output=True, check=False)

    def _bare(self) -> dict[str, str]:
        return {"PATH": os.defpath, "LD_LIBRARY_PATH": str(self.folder / "python/lib")}


def _installed(name: str) -> importlib.metadata.Distribution:
    try:
        return importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError as error:
        message = f"{name} is not installed where this runs (./scripts/test sets that up)"
        raise SetupError(message) from error


def _pack(distribution: importlib.metadata.Distribution, folder: Path) -> None:
    """Make a wheel again of what is installed; its commands are in its entry points."""
    name, version = distribution.name, distribution.version
    members = [
        (str(file), Path(str(distribution.locate_file(file))).read_bytes())
        for file in distribution.files or ()
        if ".." not in file.parts and file.suffix != ".pyc" and file.name not in _OF_AN_INSTALL
    ]
    record = f"{name}-{version}.dist-info/RECORD"
    rows = "".join(f"{member},,\n" for member in (*(m for m, _ in members), record))
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for member, content in (*members, (record, rows.encode())):
            archive.writestr(member, content)


def _closure(names: Sequence[str]) -> list[importlib.metadata.Distribution]:
    waiting, found = list(names), dict[str, importlib.metadata.Distribution]()
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = _installed(name)
        for text in found[name].requires or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.append(needed.name)
    return list(found.values())


def write_script(path: Path, python: Path, module: str, function: str) -> None:
    """Write a command as an installer does."""
    path.write_text(_SCRIPT.format(python=python, module=module, function=function))
    path.chmod(0o755)


def write_wheel(
    folder: Path,
    name: str,
    *,
    scripts: Sequence[str] = (),
    application: bool = False,
    noise: bytes = b"",
) -> Path:
    """Write a small wheel that pip installs; *noise* makes it larger."""
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    metadata += "Classifier: Environment :: Console\n" if application else ""
    members: dict[str, str | bytes] = {
        f"{name}/__init__.py": f'def main():\n    print("{name}")\n',
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\n"
        + "".join(f"{script} = {name}:main\n" for script in scripts),
    }
    if noise:
        members[f"{name}/noise.bin"] = noise
    record = "".join(f"{member},,\n" for member in (*members, f"{info}/RECORD"))
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for member, content in (members | {f"{info}/RECORD": record}).items():
            archive.writestr(member, content)
    return wheel


class Index:
    """A package index on the loopback over one folder, which counts the bytes of files it gave."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bytes = 0
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.index = self
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def variables(self) -> dict[str, str]:
        """What makes pip ask this index and nothing else."""
        url = f"http://127.0.0.1:{self._server.server_port}/"
        return {"PIP_INDEX_URL": url, "PIP_NO_INDEX": "0", "PIP_FIND_LINKS": ""}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    index: Index
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Give a file, or the page of a project."""
        assert isinstance(self.server, _Server)  # noqa: S101 - it is ours
        index = self.server.index
        name = self.path.partition("?")[0].strip("/")
        if name.endswith(".whl"):
            body = (index.folder / Path(name).name).read_bytes()
            index.bytes += len(body)
            self._answer(body, "application/octet-stream")
            return
        files = sorted(index.folder.glob(f"{Path(name).name}-*.whl"))
        links = "".join(f'<a href="/{html.escape(f.name)}">{f.name}</a>\n' for f in files)
        page = f"<!DOCTYPE html><html><body>{links}</body></html>"
        self._answer(page.encode(), "text/html; charset=utf-8")

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # pip was stopped
            self.wfile.write(body)
