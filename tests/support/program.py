"""The program under test, installed for the lab user from a wheel of this checkout."""

from __future__ import annotations

import hashlib
import re
import shutil
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import building
from tests.support.store import SHORT_LIVED, UnavailableError

if TYPE_CHECKING:
    from tests.support.pythons import Field

REPOSITORY = Path(__file__).resolve().parents[2]
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


def install_program(field: Field, *, pipx: bool) -> Program:
    """safepip in an environment of its own, alone in a folder for PATH.

    Raises:
        UnavailableError: The machine lacks what it takes.
    """
    measured = field.index_env.get("SAFEPIP_COVERAGE")
    python = field.python(field.own_version())

    def build(folder: Path) -> dict[str, str]:
        environment, link = folder / "env", folder / "path" / "safepip"
        building.run([python.executable, "-m", "venv", "--without-pip", environment])
        try:
            _install_wheel(field, environment, pipx=pipx)
        except UnavailableError:
            _copy_installed(environment, pipx=pipx)
        if measured:
            _measure(field, environment)
        building.compile_all(environment / "bin" / "python", environment / "lib")
        # Its pip also serves the lab's Python.
        for pip in (environment / "lib").glob("python3*/site-packages/pip"):
            building.compile_all(field.python(field.any_version()).executable, pip)
        link.parent.mkdir()
        link.symlink_to(environment / "bin" / "safepip")
        building.make_readable(folder)
        if not field.user.dropped:
            field.user.lock(environment)
        return {}

    made_of = (python.prefix, *_checkout(), *([field.base] if measured else []))
    key = f"{SHORT_LIVED}-pipx" if pipx else SHORT_LIVED
    folder = Path(field.store.once(key, made_of, build)["folder"])
    return Program(path=folder / "path" / "safepip", environment=folder / "env")


def _install_wheel(field: Field, environment: Path, *, pipx: bool) -> None:
    wheel = _wheel(field) + ("[pipx]" if pipx else "")
    field.own_pip(
        ["--python", str(environment / "bin/python"), "install", "--no-compile", wheel],
        missing="package index",
    )


def _wheel(field: Field) -> str:
    """The wheel of this checkout."""

    def fetch(folder: Path) -> dict[str, str]:
        missing = "package index"
        field.own_pip(["install", "--target", str(folder), backend], missing=missing)
        return {}

    def build(folder: Path) -> dict[str, str]:
        library = field.store.once("backend", [backend], fetch)["folder"]
        command = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
        missing = "package index"
        field.own_pip([*command, str(REPOSITORY)], missing=missing, PYTHONPATH=library)
        return {"path": str(next(folder.glob("safepip-*.whl")))}

    settings = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'^requires = \["(.+)"\]$', settings, re.MULTILINE)
    assert found is not None
    backend = found[1]
    return field.store.once(f"{SHORT_LIVED}-wheel", _checkout(), build)["path"]


def _checkout() -> list[str]:
    """What a wheel of this checkout is made of."""
    files = [REPOSITORY / name for name in ("pyproject.toml", "README.md", "LICENSE")]
    source = sorted(one for one in (REPOSITORY / "src").rglob("*") if one.is_file())
    # Not what others compile meanwhile: that comes and goes.
    files += [file for file in source if file.parent.name != "__pycache__"]
    made_of = hashlib.sha256()
    for file in files:
        made_of.update(str(file.relative_to(REPOSITORY)).encode() + b"\0" + file.read_bytes())
    return [made_of.hexdigest()]


def _copy_installed(environment: Path, *, pipx: bool) -> None:
    """Without an index: copy from the test environment, which holds all that is needed."""
    site = Path(building.ask(environment / "bin" / "python")["purelib"])
    mine = Path(sysconfig.get_paths()["purelib"])
    names = ["pip", "packaging", "platformdirs", "filelock", "colorama", "safepip"]
    names += ["pipx", "argcomplete", "click", "userpath"] if pipx else []
    for name in names:
        for path in (*mine.glob(name), *mine.glob(f"{name}-*.dist-info")):
            shutil.copytree(path, site / path.name)
    ignore = shutil.ignore_patterns("__pycache__")
    source = REPOSITORY / "src" / "safepip"
    shutil.copytree(source, site / "safepip", dirs_exist_ok=True, ignore=ignore)
    for name, called in (("safepip", "safepip.cli:main"), ("pipx", "pipx.main:cli")):
        if name in names:
            building.write_script(
                environment / "bin" / name, environment / "bin" / "python", called
            )


def _measure(field: Field, environment: Path) -> None:
    """Have every process of this safepip write coverage data into the field."""
    field.own_pip(
        ["--python", str(environment / "bin/python"), "install", "coverage"],
        missing="package index",
    )
    site = Path(building.ask(environment / "bin" / "python")["purelib"])
    settings = environment / "coverage.ini"
    settings.write_text(
        "[run]\nbranch = true\nparallel = true\nsource_pkgs = safepip\n"
        f"data_file = {field.base / 'coverage' / '.coverage'}\n"
    )
    (site / "lab_coverage.py").write_text(_COVERAGE.format(settings=str(settings)))
    (site / "lab_coverage.pth").write_text("import lab_coverage\n")
