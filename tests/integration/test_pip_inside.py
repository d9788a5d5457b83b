"""The pip inside an environment that safepip makes: ordinary, from a cache that is not trusted."""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment, install, site_of
from tests.support.long import long
from tests.support.patience import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.lab import Lab, LabMaker
    from tests.support.pythons import Field


cold = pytest.mark.cold


@pytest.fixture
def alike(field: Field, make_lab: LabMaker) -> Lab:
    """A lab with a Python like safepip's own, for which no pip has to be compiled."""
    return make_lab(field.modern(version=field.own_version()))


def _cache(lab: Lab) -> Path:
    return lab.home / ".cache/safepip/pip"


def _entry(lab: Lab) -> Path:
    (entry,) = _cache(lab).iterdir()
    return entry


def _make(lab: Lab, name: str = "one", **more: str) -> Path:
    """Have safepip make an environment in a project of its own; give it, with a pip that works."""
    folder = lab.cwd / name
    lab.write(folder / "pyproject.toml")
    done = lab.run(["safepip", "install", "labone"], cwd=folder, env=more)
    assert done.returncode == 0, done
    environment = folder / ".venv"
    assert in_environment(lab, environment) == {"labone": "2.0"}
    told = lab.run([environment / "bin/pip", "freeze", "--all"])
    assert told.returncode == 0, told
    assert sorted(told.out.splitlines()) == ["labone==2.0", f"pip=={_version(environment)}"]
    return environment


def _version(environment: Path) -> str:
    (info,) = site_of(environment).glob("pip-*.dist-info")
    return info.name.split("-")[1].removesuffix(".dist")


def _wrong_rows(environment: Path) -> list[str]:
    """What RECORD says of the pip inside and the disk does not."""
    return _wrong_in(site_of(environment))


def _wrong_in(site: Path) -> list[str]:
    (info,) = site.glob("pip-*.dist-info")
    wrong = []
    with (info / "RECORD").open(newline="") as file:
        for path, digest, size in csv.reader(file):
            data = (site / path).read_bytes()
            real = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            if digest and (digest, size) != (f"sha256={real}", str(len(data))):
                wrong.append(path)
    return wrong


@cold
def test_it_is_an_ordinary_one(lab: Lab) -> None:
    environment = _make(lab)
    site = site_of(environment)
    (info,) = site.glob("pip-*.dist-info")
    assert (info / "INSTALLER").read_text() == "pip\n"
    assert not (info / "direct_url.json").exists()
    assert _wrong_rows(environment) == []
    names = {"pip", "pip3", f"pip{lab.python.version}"}
    assert {one.name for one in (environment / "bin").glob("pip*")} == names
    by_module = lab.run([environment / "bin/python", "-m", "pip", "freeze", "--all"])
    assert by_module.out == lab.run([environment / "bin/pip", "freeze", "--all"]).out
    assert lab.run([environment / "bin/pip", "check"]).returncode == 0
    # It can be replaced by another, as by its own hand, and taken out without a trace.
    other = lab.field.wheel("pip==24.0") if _version(environment) != "24.0" else None
    if other is not None:
        done = lab.run([environment / "bin/python", "-m", "pip", "install", other])
        assert done.returncode == 0, done
        assert _version(environment) == "24.0"
    done = lab.run([environment / "bin/python", "-m", "pip", "uninstall", "-y", "pip"])
    assert done.returncode == 0, done
    assert not list(site.glob("pip*"))
    assert not list((environment / "bin").glob("pip*"))
    # What is done in one environment does not reach the next.
    assert _wrong_rows(_make(lab, "two")) == []


@cold
def test_it_is_unpacked_and_compiled_once(lab: Lab) -> None:
    first, second = _make(lab, "one"), _make(lab, "two")
    entry = _entry(lab)
    for relative in ("pip/__init__.py", "pip/_internal/cli/main.py"):
        files = [one / relative for one in (entry, site_of(first), site_of(second))]
        assert len({one.stat().st_ino for one in files}) == 1
    compiled = list(site_of(second).glob("pip/__pycache__/__init__.*.pyc"))
    assert compiled
    assert compiled[0].stat().st_nlink == 3
    assert _cache(lab).stat().st_mode & 0o777 == 0o700


def _changed(entry: Path) -> None:
    file = entry / "pip/_internal/cli/main.py"
    file.write_bytes(b"#" + file.read_bytes()[1:])


def _cut(entry: Path) -> None:
    (entry / "pip/_internal/cli/main.py").write_bytes(b"")


def _compiled_wrongly(entry: Path) -> None:
    next(entry.glob("pip/__pycache__/__init__.*.pyc")).write_bytes(b"nonsense")


def _in_part(entry: Path) -> None:
    shutil.rmtree(entry / "pip/_vendor")


def _without_record(entry: Path) -> None:
    next(entry.glob("*.dist-info/RECORD")).unlink()


def _empty(entry: Path) -> None:
    shutil.rmtree(entry)
    entry.mkdir()


@cold
@pytest.mark.parametrize(
    "damage",
    [
        _changed,
        _in_part,
        # Told from `_changed` and `_in_part` by what was done, not by what is looked at.
        *long(_without_record, _cut, _compiled_wrongly, _empty),
    ],
    ids=lambda one: one.__name__.strip("_").replace("_", " "),
)
def test_a_damaged_cache_is_made_anew(damage: Callable[[Path], None], alike: Lab) -> None:
    _make(alike, "one")
    damage(_entry(alike))
    alike.give(alike.home)
    second = _make(alike, "two")
    assert _wrong_rows(second) == []
    assert _wrong_in(_entry(alike)) == []
    file = "pip/_internal/cli/main.py"
    assert (_entry(alike) / file).stat().st_ino == (site_of(second) / file).stat().st_ino


def _deleted(lab: Lab) -> None:
    shutil.rmtree(lab.home / ".cache")


def _not_private(lab: Lab) -> None:
    _cache(lab).chmod(0o777)


def _anothers(lab: Lab) -> None:
    lab.lock(lab.home / ".cache/safepip")


def _a_file(lab: Lab) -> None:
    shutil.rmtree(lab.home / ".cache/safepip")
    lab.write(lab.home / ".cache/safepip", "mine")


def _a_link(lab: Lab) -> None:
    _cache(lab).rename(lab.home / "elsewhere")
    _cache(lab).symlink_to(lab.home / "elsewhere")


def _of_a_killed_run(lab: Lab) -> None:
    _entry(lab).rename(_cache(lab) / ".new-abcdefgh")


@pytest.mark.parametrize(
    "change",
    [
        _anothers,
        _a_link,
        *long(_not_private, _a_file, _of_a_killed_run),
        *long(_deleted),  # as in all tests before the first install
    ],
    ids=lambda one: one.__name__.strip("_").replace("_", " "),
)
def test_without_a_cache_of_ones_own_it_goes_without(
    change: Callable[[Lab], None], alike: Lab
) -> None:
    if change is _anothers and not alike.user.dropped:
        pytest.skip("only root can make files of another user")
    _make(alike, "one")
    change(alike)
    second = _make(alike, "two")
    assert _wrong_rows(second) == []
    if change in {_not_private, _anothers, _a_link}:
        # Somebody else may have written what lies there.
        inside = site_of(second) / "pip/__init__.py"
        assert inside.stat().st_nlink == 1


@cold
def test_a_cache_on_another_file_system_is_copied_from(lab: Lab) -> None:
    elsewhere = Path("/dev/shm")
    if not os.access(elsewhere, os.W_OK) or elsewhere.stat().st_dev == lab.home.stat().st_dev:
        pytest.skip("no second file system")
    cache = Path(tempfile.mkdtemp(prefix="safepip-field-", dir=elsewhere))
    lab.give(cache)
    try:
        _make(lab, "one", XDG_CACHE_HOME=str(cache))
        environment = _make(lab, "two", XDG_CACHE_HOME=str(cache))
        assert _wrong_rows(environment) == []
        assert list(cache.glob("safepip/pip/*"))
        compiled = next(site_of(environment).glob("pip/__pycache__/__init__.*.pyc"))
        stamp = compiled.stat().st_mtime_ns
        assert lab.run([environment / "bin/pip", "--version"]).returncode == 0
        assert compiled.stat().st_mtime_ns == stamp  # it was still good
    finally:
        shutil.rmtree(cache)


@cold
def test_two_at_once_fill_the_cache(lab: Lab) -> None:
    running = []
    for name in ("one", "two", "three"):
        lab.write(lab.cwd / name / "pyproject.toml")
        running.append(lab.start(["safepip", "install", "labone"], cwd=lab.cwd / name))
    ended = [one.communicate(timeout=PATIENCE_S) for one in running]
    assert [one.returncode for one in running] == [0, 0, 0], ended
    for name in ("one", "two", "three"):
        assert _wrong_rows(lab.cwd / name / ".venv") == []
    assert [one.name.startswith("pip-") for one in _cache(lab).iterdir()] == [True]


@pytest.mark.parametrize("folder", [*long("two words"), "a" * 150, 'it\'s $HOME `x` "q" \\ é'])
def test_its_command_runs_wherever_it_lies(folder: str, lab: Lab) -> None:
    lab.cwd /= folder
    environment = _make(lab)
    assert lab.run([environment / "bin/pip3", "--version"]).returncode == 0


def test_a_python_that_it_is_too_new_for_gets_one_that_fits(
    field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.python("3.8", "20.3.4"))
    lab.write("pyproject.toml")
    told = install(lab, "labone")
    assert told.result.returncode == 0, told
    environment = lab.cwd / ".venv"
    assert _version(environment) == "20.3.4"
    assert _wrong_rows(environment) == []
    assert lab.run([environment / "bin/pip", "--version"]).returncode == 0


@pytest.mark.parametrize(
    "name", ["queue.py", pytest.param("pip.py", marks=[cold, pytest.mark.long])]
)
def test_a_file_of_the_project_is_not_taken_for_a_part_of_pip(name: str, lab: Lab) -> None:
    lab.write("pyproject.toml")
    lab.write(name, "raise SystemExit('not this one')\n")
    for wanted in ("labone", "labmany"):  # once into a new one, once into one that is there
        told = install(lab, wanted)
        assert told.result.returncode == 0, told
    assert in_environment(lab, lab.cwd / ".venv").keys() == {"labone", "labmany"}
