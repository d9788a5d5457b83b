"""Somebody puts something where an environment is to be made, at the moment before it is made."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.diversions import in_environment
from tests.support.lab import changes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.lab import Lab

# Python tells of what it is about to do, and waits there until there is a file `go`.
_HOLD = """import os, sys, time
def hold(event, facts):
    if event == "os.mkdir" and os.fspath(facts[0]) == {path!r} and not os.path.exists({go!r}):
        open({reached!r}, "w").close()
        while not os.path.exists({go!r}):
            time.sleep(0.01)
sys.addaudithook(hold)
"""


def overtaken(lab: Lab, put: Callable[[Path], object]) -> tuple[int, str, dict[str, Any]]:
    """Install labone in a project, and *put* something at its environment's place in between."""
    lab.write("pyproject.toml")
    environment = lab.cwd / ".venv"
    go, reached = lab.tmp / "go", lab.tmp / "reached"
    told = {"path": str(environment), "go": str(go), "reached": str(reached)}
    hook = lab.write("../hook/sitecustomize.py", _HOLD.format(**told)).parent
    report = lab.tmp / "report.json"
    argv = ["safepip", "--report-json", str(report), "install", "labone"]
    process = lab.start(argv, env={"PYTHONPATH": str(hook)})
    lab.wait_for(lambda: reached.exists() or process.poll() is not None, "the making")
    assert not environment.exists(), process.communicate()
    put(environment)
    before = lab.snapshot(ignore=OURS)
    lab.write(go)
    _, err = process.communicate(timeout=100)
    if process.returncode:
        assert not changes(before, lab.snapshot(ignore=OURS))
    return process.returncode, err.decode(), json.loads(report.read_text())


OURS = ("~/.cache", "~/.local/state", "$TMPDIR")


def _filled(place: Path) -> None:
    place.mkdir()
    (place / "mine").write_text("mine")
    os.chown(place, place.parent.stat().st_uid, -1)


def _other_user_s(place: Path) -> None:
    place.mkdir()
    place.chmod(0o777)
    os.chown(place, 4242, 4242)


def _linked(place: Path, *, empty: bool) -> None:
    elsewhere = place.parent.parent / "elsewhere"
    _filled(elsewhere)
    if empty:
        (elsewhere / "mine").unlink()
    place.symlink_to(elsewhere)


FOUND: dict[str, tuple[Callable[[Path], object], str]] = {
    "a directory": (_filled, "because it is a directory without pyvenv.cfg"),
    "another user's directory": (_other_user_s, "because it belongs to 4242"),
    "a link": (lambda place: _linked(place, empty=False), "because it is a directory without"),
    "a link to an empty directory": (
        lambda place: _linked(place, empty=True),
        "because it is a link to the empty ~/elsewhere",
    ),
    "a link to nothing": (
        lambda place: place.symlink_to("nothing"),
        "because it is a dangling link",
    ),
    "a file": (lambda place: place.touch(), "because it is no directory"),
}


@pytest.mark.parametrize("kind", FOUND)
def test_what_was_put_there_is_neither_filled_nor_cleared(kind: str, lab: Lab) -> None:
    if not lab.user.dropped and "another user" in kind:
        pytest.skip("only root gives files away")
    put, words = FOUND[kind]
    status, err, report = overtaken(lab, put)
    assert (status, report["outcome"], report["landed"]) == (73, "failed", []), err
    assert words in err
    assert "bug in safepip" not in err


def test_an_empty_directory_of_ones_own_is_filled(lab: Lab) -> None:
    def put(place: Path) -> None:
        place.mkdir()
        lab.give(place)

    assert overtaken(lab, put)[0] == 0
    assert in_environment(lab, lab.cwd / ".venv") == {"labone": "2.0"}


def test_an_environment_that_is_whole_is_used(lab: Lab) -> None:
    def by_another_safepip(_: Path) -> None:
        # From another machine, say: it knows nothing of the first one's turn.
        state = {"XDG_STATE_HOME": str(lab.home / "state")}
        assert lab.run(["safepip", "install", "labmany"], env=state).returncode == 0

    status, err, report = overtaken(lab, by_another_safepip)
    assert (status, report["outcome"]) == (0, "diverted"), err
    assert in_environment(lab, lab.cwd / ".venv") == {"labone": "2.0", "labmany": "1.0"}


def test_an_environment_that_another_one_begins_is_left_to_it(lab: Lab) -> None:
    def put(place: Path) -> None:
        subprocess.run(
            [lab.python.executable, "-m", "venv", "--without-pip", place],
            check=True,
            **lab.user.spawn,
        )
        lab.write(place / ".safepip-unfinished", "0" * 32)
        (place / "pyvenv.cfg").unlink()

    status, err, _ = overtaken(lab, put)
    assert status == 73, err
    assert "because it is a directory without pyvenv.cfg" in err
