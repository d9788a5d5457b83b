"""On odd machines, beside bare pip: where that ends with 0, so does safepip, and imports work."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import install, site_of
from tests.support.missing import lacking

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.lab import Lab, LabMaker

    Mount = Callable[[Path, str], None]

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
        if value is None:
            lab.wants_another_home()
        else:
            lab.env["HOME"] = value

    return prepare


def _renamed(lab: Lab) -> None:
    lab.write("pyproject.toml")
    lab.venv("old/.venv")
    (lab.cwd / "old/.venv").rename(lab.cwd / ".venv")


def _named_by_a_file(named: str) -> Callable[[Lab], None]:
    def prepare(lab: Lab) -> None:
        lab.write("pyproject.toml")
        lab.venv("../envs/mine")
        lab.write(".venv", named.format(home=lab.home))

    return prepare


def _copies(lab: Lab) -> None:
    lab.write("pyproject.toml")
    # The lab's own Python finds its library beside itself, which a copy elsewhere does not.
    lab.env["LD_LIBRARY_PATH"] = str(lab.python.prefix / "lib")
    lab.run([lab.python.executable, "-m", "venv", "--copies", ".venv"])


def _wrapped(lab: Lab) -> None:
    wrapper = lab.write("../wrapped/pip", f'#!/bin/sh\n{lab.python.pip} "$@"\nexit $?\n')
    wrapper.chmod(0o755)
    lab.env["PATH"] = f"{wrapper.parent}:{lab.env['PATH']}"
    lab.write("pyproject.toml")


def _wheelhouse(lab: Lab) -> None:
    """Without a pip in it, which pipx would want."""
    lab.write("../wheels/x").unlink()
    for wheel in lab.field.links.glob("lab*.whl"):
        (lab.home / "wheels" / wheel.name).symlink_to(wheel)
    lab.env["PIP_FIND_LINKS"] = str(lab.home / "wheels")


def _user_base(lab: Lab) -> None:
    """As in a container whose image says where `--user` goes, and has no home."""
    lab.env |= {"HOME": "/", "PYTHONUSERBASE": str(lab.write("base/x").parent)}


def _without_a_name(lab: Lab) -> None:
    if not lab.user.dropped:
        lacking("root")
    lab.user = replace(lab.user, uid=1234567, gid=0)
    lab.give(lab.home)
    lab.give(lab.tmp)
    for name in ("USER", "LOGNAME"):
        lab.env.pop(name)
    lab.env["HOME"] = "/"


def _by_an_access_list(lab: Lab) -> None:
    """An environment of root's, to which an access list lets this user write: nothing is odd."""
    environment = lab.venv(locked=True)
    acl = ["setfacl", "-R", "-m", f"u:{lab.user.uid}:rwX", str(environment)]
    if shutil.which("setfacl") is None or subprocess.run(acl, check=False).returncode:
        lacking("setfacl")
    lab.activate(environment)


def _but_for_an_access_list(lab: Lab) -> None:
    """All may write to its site directory by the mode; of this user an access list says no."""
    environment = lab.venv()
    lab.lock(site_of(environment)).chmod(0o777)
    acl = ["setfacl", "-m", f"u:{lab.user.uid}:r-x", str(site_of(environment))]
    if shutil.which("setfacl") is None or subprocess.run(acl, check=False).returncode:
        lacking("setfacl")
    lab.activate(environment)


def _headers(lab: Lab) -> None:
    """The user base can be written, but for where headers go."""
    lab.write("../.local/include/x").unlink()
    lab.lock(lab.home / ".local/include")


def _read_only(lab: Lab, mount: Mount) -> None:
    """A project's environment on a disk that is mounted read-only."""
    disk = lab.folder / "disk"
    if not disk.exists():
        disk.mkdir()
        mount(disk, f"mode=755,uid={lab.user.uid},gid={lab.user.gid}")
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    lab.run(["rm", "-rf", disk / "env"])
    lab.activate(lab.venv(disk / "env"))
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)


def _no_exec(lab: Lab, mount: Mount) -> None:
    """A personal data directory on a disk from which nothing may be run."""
    disk = lab.folder / "disk"
    if not disk.exists():
        disk.mkdir()
        mount(disk, f"noexec,mode=755,uid={lab.user.uid},gid={lab.user.gid}")
    lab.env["XDG_DATA_HOME"] = str(disk)


MOUNTED: dict[str, Callable[[Lab, Mount], None]] = {
    "an environment on a read-only disk": _read_only,
    "a data directory without exec": _no_exec,
}
MACHINES: dict[str, Callable[[Lab], None]] = {
    "a home of root's": _closed_home,
    "HOME is /": _home("/"),
    "HOME is / and PYTHONUSERBASE is not": _user_base,
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
    "a renamed project": _renamed,
    "a .venv file with a relative name": _named_by_a_file("../envs/mine"),
    "a .venv file with an absolute name": _named_by_a_file("{home}/envs/mine"),
    "an environment of copies": _copies,
    "a wrapper that does not become pip": _wrapped,
    "an offline wheelhouse": _wheelhouse,
    "a user without a name": _without_a_name,
    "an environment opened by an access list": _by_an_access_list,
    "an environment closed by an access list": _but_for_an_access_list,
    "root's headers": _headers,
}


@pytest.mark.parametrize("name", ["labapp", "labnoscript"])
@pytest.mark.parametrize("machine", [*MACHINES, *MOUNTED])
def test_it_is_never_worse_than_bare_pip(
    machine: str, name: str, make_lab: LabMaker, mount: Mount
) -> None:
    lab = make_lab(pipx=True)
    env, user = dict(lab.env), lab.user

    def fresh() -> None:
        lab.reset()
        lab.env, lab.user = dict(env), user
        if machine in MOUNTED:
            MOUNTED[machine](lab, mount)
        else:
            MACHINES[machine](lab)

    def imports(command: str) -> bool:
        done = lab.run(["bash", "-c", f"{command}; python3 -c 'import {name}' || {name}"])
        # Where nothing may be run by its name, what is printed runs it.
        return done.returncode == 0 or done.out == f"{name} 1.0\n"

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
