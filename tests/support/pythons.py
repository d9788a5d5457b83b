"""Real Pythons with real pips, copied to where an unprivileged user can read but not write them."""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tests.support import building, wheels
from tests.support.missing import lacking
from tests.support.program import REPOSITORY, install_program
from tests.support.removal import Bin
from tests.support.sources import find_pythons, natural
from tests.support.store import Store, UnavailableError
from tests.support.users import lab_user, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.support.program import Program
    from tests.support.sources import Source

T = TypeVar("T")

READY_PIP = REPOSITORY / "src/safepip/destinations/ready_pip.py"


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
    asked: str = ""  # the pip that was asked for; empty of the system's own Python
    bin: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "bin", self.executable.parent)

    def wants_usual_places(self) -> None:
        """Skip the test for a copy of Debian's, which installs into ``local/`` below itself."""
        if self.site.parent != self.stdlib:
            lacking("Python that is not Debian's")


class Field:
    """The test field: everything that scenario tests share, made when first asked for.

    What a run leaves behind lies in *base*, shared by all workers of the run; what later runs can
    use as well, in *store*.
    """

    def __init__(self, base: Path, store: Path, index_env: Mapping[str, str]) -> None:
        self.base = base
        self.index_env = dict(index_env)  # how this machine reaches its package index
        self.user = lab_user()
        for folder in ("", "failed", "labs", "own", "coverage", "gone"):
            (base / folder).mkdir(exist_ok=True)
            (base / folder).chmod(0o755)
        (base / "coverage").chmod(0o777)
        self.store = Store(store, base / "failed")
        self.bin = Bin(base / "gone")
        self._own = Store(base / "own", base / "failed")

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
        version = version or self.any_version()
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

        def build(prefix: Path) -> dict[str, str]:
            facts = self._plain(version, pip)
            building.copy_built(Path(facts["folder"]), prefix, private=bool(private))
            executable = prefix / "bin" / "python3"
            asked = building.ask(executable)
            stdlib = Path(asked["stdlib"])
            if marked:
                (stdlib / "EXTERNALLY-MANAGED").write_text(building.MARKER)
            if not user_site:
                building.disable_user_site(stdlib)
                building.compile_all(executable, stdlib / "sitecustomize.py")
            if not ensurepip:
                shutil.rmtree(stdlib / "ensurepip", ignore_errors=True)
            if installed:
                self._install(executable, installed)
            self._lock(prefix, stdlib)
            return {**asked, "pip": facts["pip"]}

        facts = or_skip(
            lambda: (self._own if private else self.store).once(
                key, self._made_of(version, pip, *([str(self.links)] if installed else [])), build
            )
        )
        prefix = Path(facts["folder"])
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
            owner=name_of(prefix.stat().st_uid),
            asked=pip,
        )

    def _made_of(self, version: str, pip: str, *more: str) -> Iterable[object]:
        """What a Python is known by; raises what `_plain` does where it cannot be had."""
        if version not in self.found:
            msg = f"Python {version}"
            raise UnavailableError(msg)
        source = self.found[version]
        status = source.executable.stat()
        return (source.prefix, status.st_mtime_ns, status.st_size, self._pip(pip), *more)

    def _plain(self, version: str, pip: str) -> dict[str, str]:
        """A copy of a Python of this machine, with a pip that is compiled."""

        def build(prefix: Path) -> dict[str, str]:
            wheel = self._pip(pip)
            building.copy_python(self.found[version], prefix)
            executable = prefix / "bin" / "python3"
            site = Path(building.ask(executable)["purelib"])
            building.unpack_pip(wheel, site, prefix / "bin", executable)
            if building.number(version) < (3, 12):
                building.unpack_setuptools(self.found[version], site)
            building.compile_all(executable, site)
            self._lock(prefix, Path(building.ask(executable)["stdlib"]))
            return {"pip": wheel.name.split("-")[1]}

        key = f"plain{version}-pip{pip}"
        return self.store.once(key, self._made_of(version, pip), build)

    def _lock(self, prefix: Path, stdlib: Path) -> None:
        """Take a Python from the lab user, where it is not root's anyway."""
        if not self.user.dropped:
            self.user.lock(prefix)
            # Of these venv copies the mode, too, and could not write them a second time.
            for template in stdlib.glob("venv/scripts/*/*"):
                template.chmod(0o644)

    def _pip(self, version: str) -> Path:
        return self._wheel("pip" if version == "newest" else f"pip=={version}")

    def users_pip(self, source: LabPython) -> Path:
        """The pip of *source* as the lab user's own files, to be linked into environments."""

        def build(folder: Path) -> dict[str, str]:
            building.copy_pip(source.site, folder)
            for part in folder.iterdir():
                self.user.give(part)
            return {}

        return Path(self.store.once("users-pip", [source.site], build)["folder"])

    def ready_pips(self, python: LabPython) -> list[Path]:
        """What safepip's cache holds once it has made an environment of *python*, if it can."""
        from tests.support.lab import Lab

        def build(folder: Path) -> dict[str, str]:
            # Not of one that a test may have changed.
            plain = self.python(python.version, python.asked) if python.asked else python
            lab = Lab(self, plain, folder / "lab", cold=True)
            lab.write("pyproject.toml")
            done = lab.run(["safepip", "install", "labone"])
            assert done.returncode == 0, done
            for entry in (lab.home / ".cache/safepip/pip").iterdir():
                entry.rename(folder / entry.name)
            lab.close()
            return {}

        if not all(
            (python.stdlib / name / "__init__.py").exists() for name in ("venv", "ensurepip")
        ):
            return []
        made_of = (python.full_version, python.pip_version, self._own_pip(), _digest(READY_PIP))
        key = f"ready{python.version}-pip{python.pip_version}"
        return list(Path(self.store.once(key, made_of, build)["folder"]).iterdir())

    def pipx_pip(self) -> Path:
        """The environment with a pip that pipx makes before it is first used."""
        from tests.support.lab import Lab

        def build(folder: Path) -> dict[str, str]:
            lab = Lab(self, self.modern(), folder / "lab", pipx=True, cold=True)
            pipx = lab.safepip.environment / "bin/pipx"
            (folder / "own").mkdir()
            self.user.give(folder / "own")
            shared = folder / "own/shared"
            done = lab.run([pipx, "upgrade-shared"], env={"PIPX_SHARED_LIBS": str(shared)})
            assert done.returncode == 0, done
            lab.close()
            return {"path": str(shared)}

        made_of = (self.python(self.own_version()).prefix, self.links)
        return Path(self.store.once("pipx-pip", made_of, build)["path"])

    def _own_pip(self) -> str:
        """The name and version of the pip that safepip brings along."""
        library = self.safepip().environment / "lib"
        return next(library.glob("python3*/site-packages/pip-*.dist-info")).name

    def debian(self) -> LabPython:
        """The system's own /usr/bin/python3 and its pip, where they are Debian's."""
        python, pip = Path("/usr/bin/python3"), Path("/usr/bin/pip")
        if not (python.exists() and pip.exists() and Path("/etc/debian_version").exists()):
            lacking("Debian Python with a pip")
        facts = building.ask(python)
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

    def modern(self, **kinds: Any) -> LabPython:
        """A Python for tests that do not care: 3.12 and pip 24.0, or what there is."""
        try:
            self._wheel("pip==24.0")
        except UnavailableError:
            return self.python(**kinds)
        return self.python(pip="24.0", **kinds)

    def wheel(self, requirement: str) -> Path:
        """The wheel of `requirement` from the machine's index, got once."""
        return or_skip(lambda: self._wheel(requirement))

    @cached_property
    def links(self) -> Path:
        """A folder for `--find-links`: the lab's wheels, and pip, setuptools and wheel."""
        tools = []
        for name in ("pip", "setuptools", "wheel"):
            with contextlib.suppress(UnavailableError):  # missed by tests that build or pipx
                tools.append(self._wheel(name))

        def build(folder: Path) -> dict[str, str]:
            wheels.standard_wheels(folder)
            for tool in tools:
                shutil.copy(tool, folder)
            return {}

        made_of = (_digest(Path(wheels.__file__)), *tools)
        return Path(self.store.once("links", made_of, build)["folder"])

    def safepip(self, *, pipx: bool = False) -> Program:
        """The program under test, built as a wheel and installed for the lab user.

        Args:
            pipx: Whether pipx is installed beside it, as `safepip[pipx]` does.
        """
        return or_skip(lambda: install_program(self, pipx=pipx))

    def own_version(self) -> str:
        """The Python that safepip itself runs on."""
        mine = "{}.{}".format(*sys.version_info)
        if mine in self.found:
            return mine
        fit = [version for version in self.found if building.number(version) >= (3, 10)]
        if not fit:
            lacking("Python 3.10 that can be copied")
        return max(fit, key=building.number)

    def any_version(self) -> str:
        """A Python that this machine has, for tests that do not care."""
        versions = ("3.12", "3.11", "3.13", "3.10", "3.14")
        found = next((version for version in versions if version in self.found), None)
        return found or lacking("Python 3.12 that can be copied")

    def _wheel(self, requirement: str) -> Path:
        """The wheel of `requirement`: one that a Python bundles, or got from the index."""
        name, _, version = requirement.partition("==")
        if version and (bundled := self._bundled(f"{name}-{version}-*.whl")):
            return bundled

        def build(folder: Path) -> dict[str, str]:
            command = ["download", "--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
            self.own_pip([*command, requirement], missing="package index")
            return {"path": str(next(folder.glob("*.whl")))}

        key = re.sub(r"[^A-Za-z0-9.]+", "-", requirement)
        try:
            return Path(self.store.once(f"wheel-{key}", (), build)["path"])
        except UnavailableError:
            if not version and (bundled := self._bundled(f"{name}-*.whl")):
                return bundled  # without an index, the newest there is
            raise

    def _bundled(self, pattern: str) -> Path | None:
        """The newest such wheel among those that this machine's Pythons bring along."""
        found: list[Path] = []
        for source in self.found.values():
            library = source.prefix / "lib" / f"python{source.version}"
            found += library.glob(f"ensurepip/_bundled/{pattern}")
        return max(found, key=natural, default=None)

    def own_pip(self, arguments: list[str], *, missing: str, **more: str) -> None:
        """Run the pip of the test environment itself, with this machine's index settings."""
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=self.index_env | more
        )
        if done.returncode:
            raise UnavailableError(missing)

    def _install(self, executable: Path, requirements: Iterable[str]) -> None:
        options = ["--quiet", "--no-cache-dir", "--disable-pip-version-check", "--no-index"]
        links = ["--find-links", self.links]
        building.run([executable, "-m", "pip", "install", *options, *links, *requirements])


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def or_skip(get: Callable[[], T]) -> T:
    """What `get` gives; where the machine lacks it, the test is skipped by name."""
    try:
        return get()
    except UnavailableError as error:
        lacking(str(error))
