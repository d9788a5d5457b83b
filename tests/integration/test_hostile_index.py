"""An index that means harm, through a whole install that goes elsewhere: it ends as with pip."""

from __future__ import annotations

import os
import re
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.hostile_index import HostileIndex
from tests.support.lab import changes
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from subprocess import Popen

    from tests.support.lab import Changes, Lab

OWN_MEMORY_KB = 100_000
"""What safepip itself may hold, whatever an index sends."""

OURS = ("~/.cache", "~/.local")

SHORT = {
    ("endless", "a project"),
    ("bomb", "a project"),
    ("circular", "no project"),
    ("acts", "a project"),
}
KINDS = ("endless", "endless-redirect", "circular", "redirects-to-each-other", "links-to-itself",
         "bomb", "double-bomb", "nested", "to-a-file", "acts")  # fmt: skip
CELLS = [
    pytest.param(kind, place, marks=[] if (kind, place) in SHORT else pytest.mark.long)
    for kind in KINDS
    for place in ("a project", "no project")
]


@pytest.fixture
def hostile() -> Iterator[HostileIndex]:
    # Of more than that pip itself makes gigabytes.
    with HostileIndex(endless=16 << 20, packed=64 << 20) as served:
        yield served


def most_memory_kb(lab: Lab, process: Popen[bytes]) -> int:
    """The most that *process* itself ever held; waits for its end."""
    most = 0

    def has_ended() -> bool:
        nonlocal most
        held = Path(f"/proc/{process.pid}/status").read_text()
        most = max([most, *map(int, re.findall(r"VmHWM:\s+(\d+)", held))])
        return process.poll() is not None

    lab.wait_for(has_ended, "the end of it")
    return most


@pytest.mark.parametrize(("kind", "place"), CELLS)
def test_an_install_ends_as_with_pip(
    kind: str, place: str, lab: Lab, hostile: HostileIndex
) -> None:
    lab.env.pop("PIP_NO_INDEX")
    lab.env.pop("PIP_FIND_LINKS")
    lab.env |= {"PIP_INDEX_URL": hostile.url, "PIP_RETRIES": "0"}
    hostile.secret = lab.write("../secret", "s3cret")
    if place == "a project":
        lab.write("pyproject.toml")
    before = lab.snapshot(ignore=OURS)
    bare = lab.run(["pip", "install", kind])
    pips = changes(before, lab.snapshot(ignore=OURS))
    for one in lab.tmp.iterdir():
        shutil.rmtree(one)  # what pip leaves when it dies of it
    hostile.sent = 0
    said = {name: lab.folder / f"{name}.log" for name in ("out", "err")}
    with said["out"].open("wb") as out, said["err"].open("wb") as err:
        process = lab.start(["safepip", "install", kind], stdout=out, stderr=err)
        memory_kb = most_memory_kb(lab, process)
    words = {name: file.read_text(errors="surrogateescape") for name, file in said.items()}
    assert bare.returncode != 0
    if kind != "to-a-file":  # pip 24.0 crashes on that, and a new environment has a newer one
        assert process.returncode == bare.returncode, words
        # The last of pip's errors is pip's own.
        errors = [line for line in bare.err.splitlines() if line.startswith("ERROR")]
        assert errors[-1] == [one for one in words["err"].splitlines() if one in errors][-1], words
    assert "s3cret" not in words["out"] + words["err"]
    own = [line for line in words["err"].splitlines() if line.startswith("safepip:")]
    assert all(line.isprintable() for line in own), own
    assert 0 < memory_kb < OWN_MEMORY_KB
    lab.wait_for(lambda: not lab.processes(watchdogs=True), "the end of all processes")
    ours = changes(before, lab.snapshot(ignore=OURS))
    assert _kinds(ours) == _kinds(pips)


def _kinds(left: Changes) -> set[str]:
    """What was changed, but for the random names of pip's temporary folders."""
    return {
        re.sub(r"-[a-z0-9_]{8}(?=/|$)", "", one)
        for one in (*left.added, *left.removed, *left.changed)
    }


def test_one_that_drips_can_be_left(lab: Lab, hostile: HostileIndex) -> None:
    lab.env.pop("PIP_NO_INDEX")
    lab.env.pop("PIP_FIND_LINKS")
    lab.env["PIP_INDEX_URL"] = hostile.url
    lab.write("pyproject.toml")
    ends = []
    for program in ("pip", "safepip"):
        before = hostile.dripped  # what pip has left may drip on for a moment
        process = lab.start([program, "install", "drips"])
        lab.wait_for(lambda: hostile.dripped > before, "the first drops")  # noqa: B023
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=100)
        ends.append(process.returncode)
        lab.wait_for(lambda: not lab.processes(watchdogs=True), "the end of all processes")
    assert ends[0] == ends[1]
    assert list(lab.tmp.iterdir()) == []
    assert [one.name for one in lab.cwd.iterdir()] == ["pyproject.toml"]


def test_a_wheel_that_climbs_lands_nowhere(lab: Lab) -> None:
    lab.write("pyproject.toml")
    folder = lab.folder / "evil"
    folder.mkdir()
    files = {"../../../../../climbed": "x", "labevil.py": ""}
    make_wheel(folder, "labevil", files=files)
    lab.env["PIP_FIND_LINKS"] = str(folder)
    bare, ours = (lab.run([program, "install", "labevil"]) for program in ("pip", "safepip"))
    assert ours.returncode == bare.returncode != 0, (bare, ours)
    assert not list(lab.home.rglob("climbed"))
    assert not (lab.cwd / ".venv").exists()
    assert list(lab.tmp.iterdir()) == []
