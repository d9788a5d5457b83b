"""Homes that are none, or somebody else's: what was asked for is installed, and can be used."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment, install
from tests.support.long import long, only
from tests.support.missing import lacking
from tests.support.pythons import MARKED

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.diversions import Told
    from tests.support.lab import Lab, LabMaker
    from tests.support.pythons import Field

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")


def usable(lab: Lab, told: Told, name: str = "labone") -> None:
    """What landed can be imported, at once or after the one command that is printed."""
    assert told.result.returncode == 0, told
    command = told.report["next_command"] or ":"
    done = lab.run(["bash", "-c", f"{command}; python3 -c 'import {name}'"])
    assert done.returncode == 0, (told, done)


def planned(lab: Lab, *words: str) -> tuple[str, str]:
    """What `plan` says of the same install: its rule and destination."""
    done = lab.run(["safepip", "plan", "install", *words, "--json"])
    assert done.returncode == 0, done
    data = json.loads(done.out)["data"]
    return data["rule"], data["destination"]


# HOME itself.

HOMES = {"root": "/", "empty": "", "missing": "/nonexistent/home", "unset": None}


@pytest.fixture
def stranger(lab: Lab) -> Lab:
    """A lab of a user id that has no name, as container engines make it up."""
    if os.geteuid() != 0:
        pytest.skip("only root can be another user")
    lab.user = replace(lab.user, uid=1234567, gid=0)
    lab.reset()
    lab.forget_machine()
    for name in ("USER", "LOGNAME"):
        del lab.env[name]
    return lab


@pytest.mark.parametrize("home", only(HOMES, "root", "unset"))
def test_a_user_without_a_name_gets_an_environment_here(home: str, stranger: Lab) -> None:
    lab = stranger
    if HOMES[home] is None:
        del lab.env["HOME"]
    else:
        lab.env["HOME"] = HOMES[home] or ""
    plan = planned(lab, "labone")
    told = install(lab, "labone")
    assert told.where == ("diverted", "here", str(lab.cwd / ".venv")), told
    assert plan == ("here", str(lab.cwd / ".venv"))
    assert in_environment(lab, lab.cwd / ".venv") == {"labone": "2.0"}
    usable(lab, told)
    assert [one.name for one in lab.cwd.iterdir()] == [".venv"]
    # Once more it is the environment of this directory.
    told = install(lab, "labnoscript")
    assert told.report["decision"]["destination"] == str(lab.cwd / ".venv"), told
    usable(lab, told, "labnoscript")


@needs_root
def test_root_s_directory_that_the_group_may_write_is_good_enough(stranger: Lab) -> None:
    lab = stranger
    lab.env["HOME"] = "/"
    os.chown(lab.cwd, 0, 0)
    lab.cwd.chmod(0o775)
    told = install(lab, "labone")
    assert told.where == ("diverted", "here", str(lab.cwd / ".venv")), told


@needs_root
@pytest.mark.parametrize("mode", [0o777, 0o1777])
def test_a_directory_of_everybody_s_is_not(mode: int, stranger: Lab) -> None:
    lab = stranger
    lab.env["HOME"] = "/"
    os.chown(lab.cwd, 0, 0)
    lab.cwd.chmod(mode)
    bare = lab.bare(["install", "labone"])
    assert bare.returncode != 0
    told = install(lab, "labone")
    assert told.result.returncode == 77, told
    assert len(told.words) <= 3, told
    assert "HOME is /, which is not yours to write" in told.words[0]
    assert 'export HOME="$(mktemp -d)"' in told.result.err
    assert not list(lab.cwd.iterdir())


@needs_root
@pytest.mark.parametrize("told_home", ["/", "/nonexistent/home"])
def test_who_has_a_home_of_their_own_is_told_of_that(told_home: str, lab: Lab) -> None:
    """As after ``su`` or ``sudo`` that keep the variables of somebody else."""
    users = (one for one in pwd.getpwall() if one.pw_uid >= 1000 and Path(one.pw_dir).is_dir())
    entry = next((one for one in users if Path(one.pw_dir).stat().st_uid == one.pw_uid), None)
    if entry is None:
        lacking("ordinary user")
    lab.user = replace(lab.user, uid=entry.pw_uid, gid=entry.pw_gid)
    lab.reset()
    lab.forget_machine()
    lab.env["HOME"] = told_home
    os.chown(lab.cwd, 0, 0)
    told = install(lab, "labone")
    assert told.result.returncode == 77, told
    assert f"    export HOME={entry.pw_dir}\n" in told.result.err
    said = lab.run(["safepip", "doctor"]).out
    assert f"    source {entry.pw_dir}/.venvs/main/bin/activate\n" in said


@pytest.mark.parametrize("verb", ["plan", "path", "settings", "list", "init"])
@pytest.mark.parametrize("home", [*long("root", "empty", "missing"), "unset", "relative"])
def test_no_verb_stumbles_over_it(verb: str, home: str, stranger: Lab) -> None:
    lab = stranger
    wanted = {**HOMES, "relative": "somewhere"}[home]
    words = {
        "plan": ["plan", "install", "labone"],
        "path": ["path", "--json"],
        "settings": ["settings"],
        "list": ["list"],
        "init": ["init", "bash"],
    }[verb]
    done = lab.run(["safepip", *words], env={"HOME": wanted})
    assert done.returncode == 0, done
    assert "Traceback" not in done.err, done
    assert "internal error" not in done.err, done
    assert not list(lab.cwd.iterdir())


@pytest.mark.parametrize("home", only(HOMES, "unset"))
def test_doctor_s_ways_go_through_the_home_that_it_tells(home: str, stranger: Lab) -> None:
    lines = stranger.run(["safepip", "doctor"], env={"HOME": HOMES[home]}).out.splitlines()
    (told,) = (one.partition("=")[2] for one in lines if "export HOME=" in one)
    (activates,) = {one.split()[-1] for one in lines if one.endswith("bin/activate")}
    assert activates == f"{told}/.venvs/main/bin/activate", lines


def test_a_relative_home_is_no_home(lab: Lab) -> None:
    lab.env["HOME"] = "somewhere"
    lab.env["XDG_STATE_HOME"] = str(lab.tmp / "state")  # else the one that the system knows of
    plan = planned(lab, "labnoscript")
    told = install(lab, "labnoscript")
    assert told.where == ("diverted", "here", str(lab.cwd / ".venv")), told
    assert plan == ("here", str(lab.cwd / ".venv"))
    usable(lab, told, "labnoscript")
    assert [one.name for one in lab.cwd.iterdir()] == [".venv"]


def test_a_home_of_root_s_is_not_given_away(lab: Lab) -> None:
    """As of `sudo -u you` that kept HOME: nobody wants that chown."""
    lab.env["HOME"] = str(lab.locked)
    told = install(lab, "labnoscript")
    assert told.where == ("diverted", "here", str(lab.cwd / ".venv")), told
    usable(lab, told, "labnoscript")
    assert "chown" not in told.result.err


@needs_root
def test_a_home_of_another_user_s_names_the_own_one(lab: Lab) -> None:
    """As after `su` that keeps HOME, in a directory that is nobody's project."""
    lab.env["HOME"] = str(lab.locked)
    os.chown(lab.cwd, 0, 0)
    told = install(lab, "labnoscript")
    assert told.result.returncode == 77, told
    assert "the directory that HOME names belongs to another user." in told.words[0]
    assert "    export HOME=" in told.result.err
    assert "safepip doctor" not in told.result.err


def test_a_read_only_home(lab: Lab, mount: Callable[[Path, str], None]) -> None:
    home = lab.folder / "read-only"
    home.mkdir()
    mount(home, "ro")
    lab.env["HOME"] = str(home)
    bare = lab.bare(["install", "labone"])
    assert bare.returncode != 0
    told = install(lab, "labone")
    assert told.where == ("diverted", "here", str(lab.cwd / ".venv")), told
    usable(lab, told)


@pytest.mark.parametrize("how", ["mode", "mount"])
def test_a_home_that_takes_no_writes_is_told_with_what_helps(
    how: str, field: Field, make_lab: LabMaker, mount: Callable[[Path, str], None]
) -> None:
    lab = make_lab(field.pair(MARKED))
    home = lab.folder / "read-only"
    home.mkdir()
    if how == "mount":
        mount(home, "ro")
    else:
        lab.user.give(home).chmod(0o555)
    lab.env["HOME"] = str(home)
    told = install(lab, "labnoscript", cwd=Path("/"))
    assert told.result.returncode == 77, told
    *_, lead, command = told.result.err.splitlines()
    assert lead.endswith("run it once more:"), told
    again = "safepip install labnoscript"
    done = lab.run(["bash", "-c", f"{command}; {again}"], cwd=Path("/"))
    assert done.returncode == 0, done


# By sudo: this is root, and whoever called it is told by a variable.


@pytest.fixture
def by_sudo(field: Field, make_lab: LabMaker) -> Lab:
    if os.geteuid() != 0:
        pytest.skip("only root can be root by sudo")
    lab = make_lab(field.pair(MARKED))
    lab.env["SUDO_UID"] = str(lab.user.uid)
    lab.user = replace(lab.user, uid=0, gid=0)
    lab.write(lab.tmp / "sudo", '#!/bin/sh\n"$@"\nexit $?\n').chmod(0o755)
    lab.env["PATH"] = f"{lab.tmp}:{lab.env['PATH']}"
    return lab


def roots_files(lab: Lab) -> list[Path]:
    written = {lab.cwd / "requirements.txt"}
    return [one for one in lab.home.rglob("*") if one not in written and not one.stat().st_uid]


@pytest.mark.parametrize("words", [["labnoscript"], ["-r", "requirements.txt"]], ids=" ".join)
@pytest.mark.parametrize("by", ["SUDO_UID", "PKEXEC_UID", "DOAS_USER"])
def test_root_leaves_nothing_in_the_home_that_sudo_kept(
    words: list[str], by: str, by_sudo: Lab
) -> None:
    lab = by_sudo
    caller = lab.env.pop("SUDO_UID")
    lab.env[by] = pwd.getpwuid(int(caller)).pw_name if by == "DOAS_USER" else caller
    lab.write("requirements.txt", "labnoscript\n")
    done = lab.run(["sudo", "safepip", "install", *words])
    assert done.returncode == 77, done
    *_, lead, again = done.err.splitlines()
    assert lead == "safepip: Run it as yourself, not as root:"
    assert again.split() == ["safepip", "install", *words]
    assert not roots_files(lab)


@pytest.mark.parametrize(
    "words",
    [
        "init bash --install",
        "settings strategy venv",
        *long("path --install", "install -r app/requirements.txt"),
    ],
)
def test_what_root_writes_of_safepip_s_own_stays_the_user_s(words: str, by_sudo: Lab) -> None:
    lab = by_sudo
    lab.write("app/requirements.txt", "labnoscript\n")
    (lab.cwd / "app").chmod(0o755)
    os.chown(lab.cwd, 0, 0)  # an environment here is root's own affair
    done = lab.run(["sudo", "safepip", *words.split()])
    assert done.returncode == 0, done
    left = [one for one in roots_files(lab) if not one.is_relative_to(lab.cwd)]
    assert not [one for one in left if ".cache" not in one.parts], left


def test_what_is_root_s_alone_by_sudo_is_told(by_sudo: Lab, tmp_path: Path) -> None:
    lab = by_sudo
    lab.env["HOME"] = str(tmp_path)
    tmp_path.chmod(0o700)
    lab.write("requirements.txt", "labnoscript\n")
    words = ["safepip", "install", "-r", "requirements.txt"]
    done = lab.run(["sudo", *words])
    assert done.returncode == 0, done
    *_, lead, again = done.err.splitlines()
    assert "only root can use it" in lead
    assert again.split() == words
    assert f" {tmp_path}/.local/" in done.err  # no ~, which is another one to the reader
    assert not roots_files(lab)
    # In a shell of root's nothing has to be said, nor of a place that is open to all.
    assert "only root" not in lab.run(words).err
    tmp_path.chmod(0o755)
    assert "only root" not in lab.run(["sudo", *words]).err


def test_who_becomes_another_user_by_sudo_is_told_nothing_of_root(lab: Lab) -> None:
    lab.env["SUDO_UID"] = "0" if os.geteuid() else "4242"
    lab.write(lab.tmp / "sudo", '#!/bin/sh\n"$@"\nexit $?\n').chmod(0o755)
    done = lab.run([lab.tmp / "sudo", "safepip", "--strategy", "venv", "install", "labnoscript"])
    assert done.returncode == 0, done
    assert "root" not in done.err.splitlines()[-2]
    assert done.err.splitlines()[-1].startswith("    source ")


def test_a_home_behind_a_link_is_no_project(lab: Lab) -> None:
    link = lab.folder / "link"
    link.symlink_to(lab.home)
    lab.write("../requirements.txt", "labone\n")
    lab.env["HOME"] = str(link)
    told = install(lab, "labnoscript")
    assert told.where[1] == "user-site", told
    assert not (lab.home / ".venv").exists()


# Root's leftovers in it, as `sudo pip install --user` and old images leave them.

LEFTOVERS = (
    ".local/state",
    ".local/bin",
    ".local/share",
    ".local/share/man",
    ".local/share/man/man1",
    ".local",
    ".cache",
)


def leftover(lab: Lab, name: str) -> Path:
    place = lab.home / name
    lab.write(place / "x").unlink()
    lab.lock(place)
    return place


@pytest.mark.parametrize("name", only(LEFTOVERS, ".local/bin", ".local"))
def test_root_s_leftovers_keep_an_application_from_pipx_alone(
    name: str, make_lab: LabMaker
) -> None:
    lab = make_lab(pipx=True)
    place = leftover(lab, name)
    before = lab.snapshot(ignore=("~/.cache", "~/.local/lib", "$TMPDIR"))
    bare = lab.bare(["install", "labapp"])
    subprocess.run(
        ["rm", "-rf", lab.home / ".local/lib", lab.home / ".local/bin/labapp"], check=True
    )
    plan = planned(lab, "labapp")
    told = install(lab, "labapp")
    assert told.result.returncode == 0, told
    assert plan == (told.where[1], told.where[2])
    assert told.where[1] == {".local": "here", ".local/bin": "personal"}.get(name, "user-site")
    assert "Traceback" not in told.result.err
    command = told.report["next_command"] or ":"
    assert lab.run(["bash", "-c", f"{command}; labapp"]).out == "labapp 1.0\n", (told, bare)
    if lab.user.dropped:  # else the place is the user's own, and closed
        assert f'sudo chown -R "$USER" {place}' in told.result.err, told
    after = lab.snapshot(ignore=("~/.cache", "~/.local/lib", "$TMPDIR"))
    left = {one for one in after.keys() - before.keys() if "pipx" in one}
    assert not left, left


def test_a_library_is_not_bothered_by_what_only_pipx_needs(lab: Lab) -> None:
    leftover(lab, ".local/state")
    told = install(lab, "labnoscript")
    assert told.where[1] == "user-site", told
    assert "chown" not in told.result.err


def test_the_one_cause_is_told_where_nothing_is_left(field: Field, make_lab: LabMaker) -> None:
    lab = make_lab(field.pair(MARKED))
    leftover(lab, ".local")
    work = lab.locked / "work"
    work.mkdir()
    told = install(lab, "labnoscript", cwd=work)
    assert told.result.returncode == 77, told
    assert [line for line in told.result.err.splitlines() if "chown" in line] == [
        f'    sudo chown -R "$USER" {lab.home}/.local'
    ], told
    assert "personal:" not in told.words[0]
    rejected = told.rejected
    assert list(rejected)[-2:] == ["personal", "here"]
