"""A disk that gets full on the way: nothing half-made stays, and once there is room it works."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment, install
from tests.support.missing import lacking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.lab import Lab

    Small = Callable[[Path, str], None]


@pytest.fixture
def small(lab: Lab) -> Iterator[Small]:
    """Put a folder of the user's on a file system of its own, of that size."""
    if os.geteuid() != 0:
        lacking("root")
    mounted = []

    def mount(folder: Path, size: str) -> None:
        again = "remount," if folder in mounted else ""
        options = f"{again}{size},mode=755,uid={lab.user.uid},gid={lab.user.gid}"
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder],
            check=False,
            capture_output=True,
            text=True,
        )
        if made.returncode != 0:
            lacking("file system that can be mounted")
        if not again:
            mounted.append(folder)

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "-l", folder], check=True)


# The files that fit: none but the folder, its marker, a part of the environment, half of its pip.
SIZES = (3, 4, 30, 500)


def test_an_environment_that_does_not_fit_is_not_left(lab: Lab, small: Small) -> None:
    project = lab.cwd / "project"
    project.mkdir()
    for files in SIZES:
        small(project, f"nr_inodes={files}")
        lab.write("project/pyproject.toml")
        told = install(lab, "labone", cwd=project)
        assert told.result.returncode == 73, (files, told)
        assert told.report["outcome"] == "failed"
        assert "No space left on device" in told.words[-1]
        assert [one.name for one in project.iterdir()] == ["pyproject.toml"], files
    small(project, "nr_inodes=100000")
    told = install(lab, "labone", cwd=project)
    assert told.result.returncode == 0, told
    assert in_environment(lab, project / ".venv") == {"labone": "2.0"}
    assert lab.run([project / ".venv/bin/pip", "--version"]).returncode == 0


def test_one_that_fits_is_made(lab: Lab, small: Small) -> None:
    project = lab.cwd / "project"
    project.mkdir()
    small(project, "nr_inodes=100000")
    lab.write("project/pyproject.toml")
    assert install(lab, "labone", cwd=project).result.returncode == 0


LIMITS = {"no bytes": "size=4k", "no files": "nr_inodes=1"}


@pytest.mark.parametrize("limit", LIMITS)
def test_no_room_for_what_lies_beside_an_install_does_not_stop_it(
    limit: str, lab: Lab, small: Small
) -> None:
    lab.write("pyproject.toml")
    for name in (".local/state", ".local/share", ".cache", "reports"):
        (lab.home / name).mkdir(parents=True, exist_ok=True)
    lab.give(lab.home)
    for folder in (*(lab.home.glob(".local/*")), lab.home / ".cache", lab.home / "reports"):
        small(folder, LIMITS[limit])
    small(lab.tmp, LIMITS[limit])
    done = lab.run(["safepip", "--report-json", lab.home / "reports/r.json", "install", "labone"])
    assert done.returncode == 0, done
    assert "bug in safepip" not in done.err, done
    assert ("cannot write ~/reports/r.json" in done.err) == (limit == "no files"), done
    assert in_environment(lab, lab.cwd / ".venv") == {"labone": "2.0"}
    assert list(lab.tmp.iterdir()) == []


@pytest.mark.parametrize("limit", LIMITS)
def test_no_room_in_the_user_site_ends_as_with_pip(limit: str, lab: Lab, small: Small) -> None:
    base = lab.home / ".local"
    base.mkdir()
    small(base, LIMITS[limit])
    bare, ours = (lab.run([program, "install", "labone"]) for program in ("pip", "safepip"))
    assert ours.returncode == bare.returncode == 1, (bare, ours)
    assert "No space left on device" in ours.err, ours
    assert "bug in safepip" not in ours.err, ours
    lab.wait_for(lambda: not lab.processes(watchdogs=True), "the end of all processes")
