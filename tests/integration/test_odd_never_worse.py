"""On odd machines, beside bare pip: where that ends with 0, so does safepip, and imports work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import install

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.lab import Lab, LabMaker

pytestmark = pytest.mark.long


def _leftover(name: str) -> Callable[[Lab], None]:
    def prepare(lab: Lab) -> None:
        place = lab.home / name
        lab.write(place / "x").unlink()
        lab.lock(place)

    return prepare


def _closed_home(lab: Lab) -> None:
    lab.lock(lab.home)
    lab.give(lab.cwd)


def _project(lab: Lab) -> None:
    lab.write("pyproject.toml")


def _locked_environment(lab: Lab) -> None:
    lab.venv(locked=False)
    lab.lock(lab.cwd / ".venv")


def _half_locked(lab: Lab) -> None:
    lab.venv()
    lab.lock(lab.cwd / ".venv/bin")


def _stale(lab: Lab) -> None:
    lab.env["VIRTUAL_ENV"] = str(lab.home / "gone")


def _home(value: str | None) -> Callable[[Lab], None]:
    def prepare(lab: Lab) -> None:
        lab.env.pop("HOME")
        if value is not None:
            lab.env["HOME"] = value

    return prepare


MACHINES: dict[str, Callable[[Lab], None]] = {
    "a home of root's": _closed_home,
    "HOME is /": _home("/"),
    "no HOME": _home(None),
    "HOME is empty": _home(""),
    "HOME is relative": _home("somewhere"),
    "HOME is missing": _home("/nonexistent"),
    "root's ~/.local": _leftover(".local"),
    "root's ~/.local/bin": _leftover(".local/bin"),
    "root's ~/.local/lib": _leftover(".local/lib"),
    "root's ~/.local/share": _leftover(".local/share"),
    "root's man pages": _leftover(".local/share/man/man1"),
    "root's ~/.cache": _leftover(".cache"),
    "a project": _project,
    "a locked environment in a project": _locked_environment,
    "an environment whose scripts dir is root's": _half_locked,
    "a stale VIRTUAL_ENV": _stale,
}


@pytest.mark.parametrize("name", ["labapp", "labnoscript"])
@pytest.mark.parametrize("machine", MACHINES)
def test_it_is_never_worse_than_bare_pip(machine: str, name: str, make_lab: LabMaker) -> None:
    lab = make_lab(pipx=True)
    env = dict(lab.env)

    def fresh() -> None:
        lab.reset()
        lab.env = dict(env)
        MACHINES[machine](lab)

    def imports(command: str) -> bool:
        done = lab.run(["bash", "-c", f"{command}; python3 -c 'import {name}' || {name}"])
        return done.returncode == 0

    fresh()
    bare = lab.bare(["install", name])
    could = bare.returncode == 0 and imports(":")
    fresh()
    planned = json.loads(lab.run(["safepip", "plan", "install", name, "--json"]).out)["data"]
    fresh()
    told = install(lab, name)
    if bare.returncode == 0:
        assert told.result.returncode == 0, (bare, told)
    if could:
        assert imports(told.report["next_command"] or ":"), (bare, told)
    if told.report["decision"]:
        assert (planned["rule"], planned["destination"]) == told.where[1:], (planned, told)
    assert "Traceback" not in told.result.err, told
    assert "internal error" not in told.result.err, told


def test_a_folder_for_the_data_of_a_distribution_is_root_s(make_lab: LabMaker) -> None:
    """Its modules can be written, its data cannot: no half stays, and the next place has all."""
    lab = make_lab()
    place: Path = lab.home / ".local/share/labdata"
    lab.write(place / "x").unlink()
    lab.lock(place)
    told = install(lab, "labdata")
    assert told.result.returncode == 0, told
    assert told.where[1] == "personal", told
    assert (told.destination / "share/labdata/x.txt").read_text() == "x\n"
    assert lab.installed(lab.user_site) == {}
