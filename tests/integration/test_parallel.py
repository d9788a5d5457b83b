"""Many installs at once: all end well or say why, nothing is lost, none waits for ever."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment
from tests.support.wheels import APPLICATION, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.lab import Lab, LabMaker

NUMBERS = [3, pytest.param(20, marks=pytest.mark.long)]


def wheels(lab: Lab, number: int) -> list[str]:
    folder = lab.folder / "wheels"
    folder.mkdir()
    names = [f"labmany{n}" for n in range(number)]
    for name in names:
        make_wheel(
            folder, name, files={f"{name}/__init__.py": ""}, scripts=[name], classifiers=APPLICATION
        )
    lab.env["PIP_FIND_LINKS"] += f" {folder}"
    return names


def at_once(lab: Lab, names: list[str], cwds: list[Path], *own: str) -> None:
    """Install each of *names* from its directory, all at the same time."""
    running = [
        lab.start(["safepip", *own, "install", name], cwd=cwd)
        for name, cwd in zip(names, cwds, strict=True)
    ]
    for process in running:
        _, err = process.communicate(timeout=500)
        assert process.returncode == 0, err
        assert b"bug in safepip" not in err
    lab.wait_for(lambda: not lab.processes(watchdogs=True), "the end of all processes")
    assert list(lab.tmp.iterdir()) == []


@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("made", [False, True], ids=["made by one of them", "there already"])
def test_into_one_project(made: bool, number: int, lab: Lab) -> None:
    lab.write("pyproject.toml")
    if made:
        lab.venv()
    names = wheels(lab, number)
    at_once(lab, names, [lab.cwd] * number)
    assert in_environment(lab, lab.cwd / ".venv") == dict.fromkeys(names, "1.0")
    told = json.loads(lab.run(["safepip", "history", "--json"]).out)["data"]
    assert all(f'"{name}"' in json.dumps(told) for name in names)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", [3, pytest.param(50, marks=pytest.mark.long)])
def test_into_as_many_projects(number: int, lab: Lab) -> None:
    names = wheels(lab, number)
    for name in names:
        lab.write(f"{name}/pyproject.toml")
    at_once(lab, names, [lab.cwd / name for name in names])
    for name in names:
        assert in_environment(lab, lab.cwd / name / ".venv") == {name: "1.0"}
    # Each left one whole line in the history, and nothing had to be set aside.
    state = lab.home / ".local/state/safepip"
    lines = [json.loads(line) for line in (state / "history.jsonl").read_text().splitlines()]
    assert sorted(line["id"] for line in lines) == list(range(1, number + 1))
    assert sorted(one["name"] for line in lines for one in line["moved"]) == sorted(names)
    assert not (state / "history.rejected").exists()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", NUMBERS)
def test_into_the_user_site(number: int, lab: Lab) -> None:
    names = wheels(lab, number)
    at_once(lab, names, [lab.cwd] * number, "--strategy", "user")
    assert lab.installed(lab.user_site) == dict.fromkeys(names, "1.0")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", NUMBERS)
def test_by_pipx(number: int, make_lab: LabMaker) -> None:
    lab = make_lab(pipx=True)
    names = wheels(lab, number)
    at_once(lab, names, [lab.cwd] * number, "--strategy", "pipx")
    assert {one.name for one in (lab.home / ".local/bin").iterdir()} == set(names)


def test_one_that_is_killed_gives_its_turn_up(lab: Lab) -> None:
    lab.write("pyproject.toml")
    first = lab.start(["safepip", "install", "labone"])
    lab.wait_for((lab.cwd / ".venv/bin/python").exists, "a python")
    second = lab.start(["safepip", "install", "labnoscript"])
    first.send_signal(signal.SIGKILL)
    _, err = second.communicate(timeout=300)
    assert second.returncode == 0, err
    assert set(in_environment(lab, lab.cwd / ".venv")) == {"labnoscript"}
