"""A disk that gets full on the way: nothing half-made stays, and once there is room it works."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment, install
from tests.support.long import long
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
        # A later size counts; without any, it may take half of the memory.
        options = f"{again}size=256m,{size},mode=755,uid={lab.user.uid},gid={lab.user.gid}"
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


@pytest.mark.parametrize("sizes", [SIZES[1::2], *long(SIZES[::2])], ids=str)
def test_an_environment_that_does_not_fit_is_not_left(
    sizes: tuple[int, ...], lab: Lab, small: Small
) -> None:
    project = lab.cwd / "project"
    project.mkdir()
    for files in sizes:
        small(project, f"nr_inodes={files}")
        lab.write("project/pyproject.toml")
        told = install(lab, "labone", cwd=project)
        assert told.result.returncode == 73, (files, told)
        assert told.report["outcome"] == "failed"
        assert told.words[-1].endswith(
            "No space left on device. Make room, then run the same command again."
        ), told
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


def test_what_came_by_a_pipe_is_whole_where_there_is_no_room_to_keep_it(
    lab: Lab, small: Small
) -> None:
    """Cut, it would name what the user did not: the end of a comment, say."""
    lab.write("pyproject.toml")
    small(lab.tmp, LIMITS["no bytes"])
    lab.write("all.txt", "# not labmany, never\n" * 9000 + "labone\n")
    done = lab.run(["bash", "-c", "cat all.txt | safepip install -r /dev/stdin"])
    assert done.returncode == 0, done
    assert in_environment(lab, lab.cwd / ".venv") == {"labone": "2.0"}


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


MINE = b"# mine, and of some length\n" * 200
"""A profile of two pages, which is how a file system counts."""
VERBS = {"init": (["init", "bash"], ">>> safepip init"), "path": (["path"], ">>> safepip path")}
SIZES_OF_HOME = {
    "bytes": [f"size={kilobytes}k" for kilobytes in (16, 20, 24, 28, 32, 40, 60)],
    "files": [f"size=1m,nr_inodes={files}" for files in (3, 4, 7, 10, 12, 13, 14, 15, 20)],
}
NAMES = (".bashrc", ".profile")


def _whole(home: Path, mark: str) -> bool:
    """Whether all profiles have our line behind the old bytes; each has that or those alone."""
    contents = [(home / name).read_bytes() for name in NAMES]
    for content in contents:
        assert content.startswith(MINE)
        rest = content.removeprefix(MINE).decode()
        assert not rest or (rest.count("\n") == 1 and rest.endswith("\n"))
        assert not rest or ">>> safepip" in rest
    assert not [one for one in home.rglob(".*") if ".safepip-" in one.name]
    return all(mark in content.decode() or "login" in content.decode() for content in contents)


@pytest.mark.parametrize("limit", SIZES_OF_HOME)
@pytest.mark.parametrize("verb", VERBS)
def test_a_profile_is_whole_however_little_room_there_is(
    verb: str, limit: str, lab: Lab, small: Small
) -> None:
    words, mark = VERBS[verb]
    home = lab.home / "tiny"
    home.mkdir()
    lab.env["HOME"] = str(home)
    small(home, SIZES_OF_HOME[limit][0])
    for name in NAMES:
        lab.write(home / name, MINE)
    ends = []
    for options in SIZES_OF_HOME[limit]:
        small(home, options)
        done = lab.run(["safepip", *words, "--install"])
        ends.append(done.returncode)
        assert "bug in safepip" not in done.err, done
        assert _whole(home, mark) or done.returncode != 0, done
        if done.returncode == 0:
            break
        assert done.returncode == 73, done
        assert "No space left on device" in done.err, done
        assert "Put this line into your profile instead:" in done.err, done
    assert ends[0] == 73
    assert ends[-1] == 0
    # No room to take it out again: it stays, or goes, and all else does stay.
    with suppress(OSError), (home / "filler").open("wb", buffering=0) as filler:
        while filler.write(bytes(512)):
            pass
    with suppress(OSError):
        for number in range(100):
            (home / f"filler-{number}").touch()
    done = lab.run(["safepip", *words, "--uninstall"])
    if done.returncode != 0:
        assert done.returncode == 73, done
        assert "No space left on device" in done.err, done
        assert "Take the line with this comment out of it yourself:" in done.err, done
        assert _whole(home, mark)
    for filler_file in home.glob("filler*"):
        filler_file.unlink()
    small(home, SIZES_OF_HOME[limit][-1])  # what we remember may have taken the last of it
    done = lab.run(["safepip", *words, "--uninstall"])
    assert done.returncode == 0, done
    assert [(home / name).read_bytes() for name in NAMES] == [MINE, MINE]


@pytest.mark.parametrize("limit", LIMITS)
def test_settings_are_whole_where_there_is_no_room(limit: str, lab: Lab, small: Small) -> None:
    folder = lab.home / ".config/safepip"
    folder.mkdir(parents=True)
    lab.give(lab.home / ".config")
    small(folder, "nr_inodes=2" if limit == "no files" else LIMITS[limit])
    text = '# mine\nstrategy = "auto"\n' + "# more\n" * 500
    file = lab.write(folder / "config.toml", text)
    done = lab.run(["safepip", "settings", "strategy", "venv"])
    assert done.returncode == 73, done
    assert "No space left on device" in done.err, done
    assert file.read_text() == text
    assert list(folder.iterdir()) == [file]
