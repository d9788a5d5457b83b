"""A place that turns out impossible gives way to the next; what the package lacks does not."""

from __future__ import annotations

import contextlib
import json
import shutil
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment, install
from tests.support.long import long
from tests.support.missing import lacking
from tests.support.wheels import APPLICATION, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.diversions import Told
    from tests.support.lab import Lab, LabMaker
    from tests.support.pythons import Field


def only(lab: Lab, *patterns: str) -> Path:
    """A folder with just these of the lab's wheels, which pip looks into by `lab.env`."""
    folder = lab.write("../wheels/x").parent
    (folder / "x").unlink()
    for pattern in patterns:
        for wheel in lab.field.links.glob(pattern):
            shutil.copy(wheel, folder)
    lab.give(folder)
    lab.env["PIP_FIND_LINKS"] = str(folder)
    return folder


def agreed(lab: Lab, told: Told, *words: str) -> None:
    """`plan`, asked in the same place, says what `install` did."""

    done = lab.run(["safepip", "plan", "install", *words, "--json"])
    data = json.loads(done.out)["data"]
    assert (data["rule"], data["destination"]) == told.where[1:], (done, told)


def no_trace(lab: Lab) -> None:
    """Nothing of pipx's is left, and nothing of an attempt."""
    left = [one for one in lab.snapshot(ignore=("~/.cache/pip", "$TMPDIR")) if "pipx" in one]
    assert not left, left


@pytest.mark.cold
def test_a_wheelhouse_without_pip_is_no_place_for_pipx(make_lab: LabMaker) -> None:
    lab = make_lab(pipx=True)
    only(lab, "labapp-*")
    assert lab.bare(["install", "labapp"]).returncode == 0
    lab.run(["rm", "-rf", str(lab.home / ".local")])
    told = install(lab, "labapp")
    assert told.result.returncode == 0, told
    assert told.where[1] == "user-site"
    assert "ERROR" not in told.result.err
    assert "--no-index" in told.rejected["application"]
    no_trace(lab)
    lab.run(["rm", "-rf", str(lab.home / ".local/lib"), str(lab.home / ".local/bin")])
    agreed(lab, told, "labapp")


@pytest.mark.cold
def test_a_pipx_that_fails_for_its_own_sake_gives_way(make_lab: LabMaker) -> None:
    """As above, but by an index, which nobody can see through beforehand."""
    lab = make_lab(pipx=True)
    folder = only(lab, "labapp-*")
    lab.env["PIP_FIND_LINKS"] = folder.as_uri()
    told = install(lab, "labapp")
    assert told.result.returncode == 0, told
    assert told.where[1] == "user-site"
    assert "ERROR" not in told.result.err
    assert "pipx failed" in told.rejected["application"]
    no_trace(lab)


@pytest.mark.parametrize(("version", "pip"), [("3.8", "20.3.4"), ("3.9", "21.3.1")])
def test_an_old_python_that_pipx_s_pip_does_not_serve(
    version: str, pip: str, field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.python(version, pip), pipx=True)
    told = install(lab, "labapp")
    assert told.result.returncode == 0, told
    assert told.where[1] == "user-site"
    assert version in told.rejected["application"]
    no_trace(lab)
    lab.run(["rm", "-rf", str(lab.home / ".local/lib"), str(lab.home / ".local/bin")])
    agreed(lab, told, "labapp")


def test_a_library_among_applications_takes_them_all_along(make_lab: LabMaker) -> None:
    """What slipped through as an application, by the user's word, is found out by pipx."""
    lab = make_lab(pipx=True)
    told = install(lab, "labapp", "labnoscript", env={"SAFEPIP_APPLICATIONS": "labnoscript"})
    assert told.result.returncode == 0, told
    assert told.where[1] == "user-site"
    assert lab.installed(lab.user_site) == {"labapp": "1.0", "labnoscript": "1.0"}
    no_trace(lab)


@pytest.mark.parametrize("name", ["labappmissing", "labappbroken"])
def test_what_the_package_lacks_is_not_tried_twice(name: str, make_lab: LabMaker) -> None:
    lab = make_lab(pipx=True)
    folder = only(lab, "pip-*", "setuptools-*")
    make_wheel(
        folder,
        "labappmissing",
        scripts=["labappmissing"],
        classifiers=APPLICATION,
        requires=["lab-nothing"],
    )
    make_wheel(
        folder,
        "labappbroken",
        scripts=["labappbroken"],
        classifiers=APPLICATION,
        requires=["labbroken"],
    )
    shutil.copy(next(lab.field.links.glob("labbroken*")), folder)
    told = install(lab, name)
    assert told.result.returncode == 1, told
    assert told.where[:2] == ("failed", "application")
    assert told.result.err.count("Fatal error from pip") == 1
    assert not lab.user_site.exists()


# A file system without links, such as that of a USB stick: venv makes one, lib64.

_NO_LINKS = """
import os
def symlink(source, target, *more, links=os.symlink, **other):
    if "/stick" in os.fspath(target) or os.environ.get("NO_LINKS"):
        raise OSError(38, "Function not implemented", source, None, target)
    links(source, target, *more, **other)
os.symlink = symlink
"""


@pytest.fixture
def no_links(field: Field, make_lab: LabMaker) -> Lab:
    python = field.python("", "24.0", private="no-links")
    lab = make_lab(python)
    main = python.stdlib / "venv/__main__.py"
    text = main.read_text()
    if _NO_LINKS not in text:
        lab.give(main.parent)
        main.unlink()
        main.write_text(_NO_LINKS + text)
        lab.lock(main.parent)
    return lab


@pytest.mark.parametrize("strategy", ["auto", "venv"])
def test_where_no_environment_can_be_made_it_gives_way(strategy: str, no_links: Lab) -> None:
    lab = no_links
    project = lab.cwd / "stick"
    lab.write(project / "pyproject.toml")
    told = install(lab, "labnoscript", cwd=project, own=["--strategy", strategy])
    assert told.result.returncode == 0, told
    assert told.where[1] == {"auto": "user-site", "venv": "personal"}[strategy], told
    assert "could not go into .venv, which cannot be made there (" in told.result.err
    assert [one.name for one in project.iterdir()] == ["pyproject.toml"]
    imports(lab, told, "labnoscript")


def test_where_none_can_be_made_at_all_that_is_the_error(no_links: Lab) -> None:
    lab = no_links
    lab.write("pyproject.toml")
    lab.env["NO_LINKS"] = "1"
    told = install(lab, "labnoscript", own=["--strategy", "venv"])
    assert told.result.returncode == 73, told
    assert told.report["outcome"] == "failed"
    assert "Cannot make a virtual environment in ~/.local/share/safepip" in told.result.err


# What only the base Python has.


@pytest.fixture
def base_only(field: Field, make_lab: LabMaker) -> Lab:
    """A lab whose Python has a labbase that no index offers."""
    folder = field.base / "base-only"
    folder.mkdir(exist_ok=True)
    make_wheel(folder, "labbase")
    python = field.python("", "24.0", private="base-only")
    lab = make_lab(python)
    lab.give(python.site)
    for wheel in folder.glob("*.whl"):
        shutil.unpack_archive(wheel, python.site, "zip")
        info = next(python.site.glob("labbase-*.dist-info"))
        (info / "INSTALLER").write_text("pip\n")
    lab.lock(python.site)
    return lab


def imports(lab: Lab, told: Told, *names: str) -> None:
    command = told.report["next_command"] or ":"
    code = "; ".join(f"import {name}" for name in names)
    done = lab.run(["bash", "-c", f"{command}; python3 -c '{code}'"])
    assert done.returncode == 0, (told, done)


def test_a_project_that_needs_what_only_the_base_has(base_only: Lab) -> None:
    lab = base_only
    lab.write("pyproject.toml")
    lab.write("requirements.txt", "labbase\nlabone\n")
    bare = lab.bare(["install", "-r", "requirements.txt"])
    assert bare.returncode == 0, bare
    lab.run(["rm", "-rf", str(lab.home / ".local")])
    told = install(lab, "-r", "requirements.txt")
    assert told.result.returncode == 0, told
    assert told.where[1] == "user-site", told
    assert "labbase" in told.rejected["project"]
    assert "No matching distribution" not in told.result.err
    assert "into .venv, where pip finds no labbase; your Python has it." in told.result.err
    imports(lab, told, "labbase", "labone")
    assert not (lab.cwd / ".venv").exists()


def test_in_an_environment_of_the_user_s_own_it_gives_way_too(base_only: Lab) -> None:
    lab = base_only
    environment = lab.venv()
    lab.write("requirements.txt", "labbase\nlabone\n")
    told = install(lab, "-r", "requirements.txt")
    assert told.result.returncode == 0, told
    assert told.where[1] == "user-site", told
    assert in_environment(lab, environment) == {}
    imports(lab, told, "labbase", "labone")


def test_where_nothing_else_is_left_a_new_environment_sees_it(base_only: Lab) -> None:
    lab = base_only
    lab.write("pyproject.toml")
    lab.write("requirements.txt", "labbase\nlabone\n")
    told = install(lab, "-r", "requirements.txt", own=["--strategy", "venv"])
    assert told.result.returncode == 0, told
    assert told.where[1] == "personal", told
    imports(lab, told, "labbase", "labone")
    assert f"also sees the packages of {lab.python.executable}" in told.result.err


def test_where_no_place_has_it_the_command_that_shows_it_is_told(base_only: Lab) -> None:
    lab, words = base_only, ["labbase", "labone"]
    with marked(lab.python.stdlib):
        assert install(lab, "labnoscript").where[1] == "personal"
        told = install(lab, *words)
        assert told.where[:2] == ("failed", "personal"), told
        *_, lead, command = told.result.err.splitlines()
        assert f"{lab.python.executable} has labbase." in lead
        assert lab.run(["sh", "-c", command]).returncode == 0
        again = install(lab, *words)
        assert again.result.returncode == 0, again
        imports(lab, again, *words)


@contextlib.contextmanager
def marked(stdlib: Path) -> Iterator[None]:
    """Have the Python of *stdlib* be externally managed, also where that is ours and closed."""
    mode = stdlib.stat().st_mode
    stdlib.chmod(mode | stat.S_IWUSR)
    marker = stdlib / "EXTERNALLY-MANAGED"
    marker.touch()
    try:
        yield
    finally:
        marker.unlink()
        stdlib.chmod(mode)


def test_what_only_the_user_site_has_is_installed_into_the_project_s(lab: Lab) -> None:
    """An environment on a cluster sees the modules' packages, and Python adds the user site."""
    lab.write("pyproject.toml")
    lab.env["LOADEDMODULES"] = "gcc/13.2:cray-python/3.10"
    assert install(lab, "labnoscript").where[1] == "project"
    assert lab.bare(["install", "--user", "labone==1.0"]).returncode == 0
    told = install(lab, "labone")
    assert told.where[:2] == ("diverted", "project"), told
    assert in_environment(lab, lab.cwd / ".venv") == {"labnoscript": "1.0", "labone": "2.0"}


@pytest.mark.parametrize("value", ["true", "false"])
def test_settings_decide_what_a_new_environment_sees(value: str, base_only: Lab) -> None:
    lab = base_only
    lab.write("pyproject.toml", f"[tool.safepip]\nsystem-site-packages = {value}\n")
    lab.write("requirements.txt", "labbase\nlabone\n")
    told = install(lab, "-r", "requirements.txt")
    assert told.result.returncode == 0, told
    assert told.where[1] == {"true": "project", "false": "user-site"}[value], told
    imports(lab, told, "labbase", "labone")
    if value == "true":
        assert in_environment(lab, lab.cwd / ".venv") == {"labone": "2.0"}


def test_what_nobody_has_fails_once_and_in_pip_s_words(base_only: Lab) -> None:
    lab = base_only
    lab.write("pyproject.toml")
    told = install(lab, "labmissing")
    assert told.result.returncode == 1, told
    assert told.where[:2] == ("failed", "project")
    assert told.result.err.count("No matching distribution found") == 1
    assert not lab.user_site.exists()


def test_a_version_that_the_base_has_not_either_fails_once(base_only: Lab) -> None:
    lab = base_only
    lab.write("pyproject.toml")
    told = install(lab, "labbase==9", "labone")
    assert told.result.returncode == 1, told
    assert told.where[:2] == ("failed", "project")
    assert "The install into this project's .venv failed" in told.result.err
    assert not (lab.cwd / ".venv").exists()


def test_an_upgrade_in_root_s_environment_that_sees_the_system(lab: Lab) -> None:
    """As of `sudo python3 -m venv --system-site-packages`: pip refuses the user site then."""
    environment = lab.venv("../env", system_site_packages=True)
    lab.activate(environment)
    assert lab.bare(["install", "labone==1.0"]).returncode == 0
    lab.lock(environment)
    bare = lab.bare(["install", "-U", "labone"])
    assert "will lack sys.path precedence" in bare.err
    told = install(lab, "-U", "labone")
    assert told.where[:2] == ("diverted", "personal"), told
    imports(lab, told, "labone")
    assert in_environment(lab, told.destination) == {"labone": "2.0"}
    # What is new goes where pip would put it, and can be imported at once.
    told = install(lab, "labnoscript")
    assert told.where[1] == "user-site", told
    assert lab.run(["python", "-c", "import labnoscript"]).returncode == 0


def test_an_environment_of_an_app_in_a_container_is_seen_by_the_new_one(
    field: Field, make_lab: LabMaker
) -> None:
    """The app's own environment is root's; `pip` is the one in there."""
    lab = make_lab()
    app = lab.venv("app", locked=True)
    site = next(app.glob("lib/python3*/site-packages"))
    folder = field.base / "base-only"
    folder.mkdir(exist_ok=True)
    make_wheel(folder, "labbase")
    lab.give(site)
    shutil.unpack_archive(next(folder.glob("labbase*")), site, "zip")
    lab.lock(site)
    lab.activate(app)
    lab.write("requirements.txt", "labbase\nlabone\n")
    bare = lab.bare(["install", "-r", "requirements.txt"])
    assert bare.returncode == 1, bare
    told = install(lab, "-r", "requirements.txt")
    assert told.result.returncode == 0, told
    assert told.where[1] == "project", told
    assert in_environment(lab, lab.cwd / ".venv") == {"labone": "2.0"}
    imports(lab, told, "labbase", "labone")
    assert f"also sees the packages of {app}" in told.result.err


WITH_A_SIGN = """\
mount -t tmpfs tmpfs "$1" && mkdir "$1/upper" "$1/work" || exit 99
mount -t overlay -o "lowerdir=/etc,upperdir=$1/upper,workdir=$1/work" overlay /etc || exit 99
touch "/etc/$2"
uid=$3 gid=$4
shift 4
exec setpriv --reuid "$uid" --regid "$gid" --clear-groups "$@"
"""


@pytest.mark.parametrize(
    ("sign", "whose"),
    [
        ("rpi-issue", "Raspberry Pi OS"),
        pytest.param("nv_tegra_release", "the Jetson's software", marks=pytest.mark.long),
    ],
)
def test_on_a_board_a_new_environment_sees_what_apt_installed(
    sign: str, whose: str, field: Field, make_lab: LabMaker
) -> None:
    """Its sign lies in /etc, seen by this command alone (raspberrypi/picamera2#341, #1054)."""
    lab = make_lab(field.debian())
    if not lab.user.dropped:
        lacking("root")
    lab.write("pyproject.toml")
    (lab.folder / "etc").mkdir()
    own = [lab.folder / "etc", sign, lab.user.uid, lab.user.gid]
    argv = ["unshare", "--mount", "sh", "-c", WITH_A_SIGN, "sh", *own, "safepip"]
    done = subprocess.run(
        [*map(str, argv), "install", "labone"],
        check=False,
        capture_output=True,
        text=True,
        env={**lab.env, "PWD": str(lab.cwd)},
        cwd=lab.cwd,
    )
    if done.returncode == 99:
        lacking("rights to mount")
    assert done.returncode == 0, done
    assert f"The new environment also sees the packages of {whose}." in done.stderr
    python = str(lab.cwd / ".venv/bin/python")
    ask = "import sys, labone; print(*sys.path)"
    seen = lab.run([python, "-c", ask]).out.split()
    assert "/usr/lib/python3/dist-packages" in seen


@pytest.mark.parametrize("setting", ["PIP_TARGET", *long("PIP_PREFIX", "PIP_ROOT")])
def test_a_place_of_pips_settings_that_is_closed_gives_way(lab: Lab, setting: str) -> None:
    lab.write("pyproject.toml")
    lab.env[setting] = str(lab.python.site.parent / "mine")
    told = install(lab, "labone")
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv")), told
    lab.run(["rm", "-r", ".venv"])
    agreed(lab, told, "labone")


@pytest.mark.parametrize("option", ["--target", *long("--prefix", "--root")])
def test_of_a_place_on_the_command_line_plan_claims_nothing(lab: Lab, option: str) -> None:
    place = str(lab.python.site.parent / "mine")
    plan = lab.run(["safepip", "plan", "install", option, place, "labone"])
    assert f"safepip would not change this command: {option} names the place." in plan.out
    assert "can write" not in plan.out
