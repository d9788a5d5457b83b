"""Applications go to pipx, whichever there is; libraries never do."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import Told, install, site_of
from tests.support.long import long
from tests.support.missing import lacking
from tests.support.pythons import MARKED
from tests.support.wheels import APPLICATION, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.index import Index
    from tests.support.lab import Lab, LabMaker
    from tests.support.pythons import Field


def _home(lab: Lab) -> Path:
    return lab.home / ".local/share/pipx"


@pytest.fixture
def lab(make_lab: LabMaker) -> Lab:
    """A lab whose safepip was installed as `safepip[pipx]`."""
    return make_lab(pipx=True)


def _pipx_of_the_users(lab: Lab) -> Path:
    """A pipx to be put on the lab's PATH, which was used before."""
    lab.env["PIPX_SHARED_LIBS"] = str(lab.field.pipx_pip())
    return lab.field.safepip(pipx=True).environment / "bin/pipx"


def _is_application(told: Told, lab: Lab, name: str) -> None:
    assert told.result.returncode == 0, told
    assert told.where == ("diverted", "application", str(_home(lab)))
    environment = _home(lab) / "venvs" / name
    assert told.report["landed"][0]["location"] == str(site_of(environment))
    assert told.report["decision"]["strategy"] == "pipx"
    # Neither the environment's Python nor the place is safepip's own.
    config = (environment / "pyvenv.cfg").read_text()
    assert f"home = {lab.python.bin}\n" in config
    assert not lab.user_site.exists()
    assert not list(lab.cwd.iterdir())


@pytest.mark.cold
def test_an_application_in_an_empty_folder_goes_to_pipx(lab: Lab) -> None:
    told = install(lab, "httpie")
    _is_application(told, lab, "httpie")
    assert told.landed == {"httpie": "3.2.4", "requests": "2.32.3", "idna": "3.10"}
    assert told.scripts == dict.fromkeys(["http", "https", "httpie"], "off-path")
    assert {s["path"] for s in told.report["landed"][0]["scripts"]} == {
        str(lab.home / ".local/bin" / name) for name in ("http", "https", "httpie")
    }
    command = told.report["next_command"]
    assert lab.run(["bash", "-c", f"{command}; http"]).out == "httpie 3.2.4\n"
    # Asked for once more, with its folder on PATH now: nothing is new, and nothing is wrong.
    lab.env["PATH"] += f":{lab.home}/.local/bin"
    told = install(lab, "httpie")
    assert told.where[:2] == ("diverted", "application"), told
    assert (told.result.returncode, told.landed) == (0, {})
    assert any("already" in word.lower() for word in told.words), told
    # And once more as an upgrade with another wish.
    told = install(lab, "-U", "httpie<4")
    assert told.result.returncode == 0, told
    assert told.scripts == dict.fromkeys(["http", "https", "httpie"], "visible")
    assert told.report["next_command"] is None


def test_a_pipx_on_path_is_the_users_and_comes_first(make_lab: LabMaker) -> None:
    lab = make_lab(pipx=False)
    pipx = _pipx_of_the_users(lab)
    own = lab.write(
        lab.home / "bin/pipx", f'#!/bin/sh\necho "$@" >>"$HOME/calls"\nexec {pipx} "$@"\n'
    )
    own.chmod(0o755)
    lab.env["PATH"] += f":{own.parent}"
    # What would spoil it is left out of this run; where pipx keeps things is the user's choice.
    lab.env |= {"PIP_USER": "1", "PIP_REQUIRE_VIRTUALENV": "1", "PIPX_HOME": f"{lab.home}/px"}
    told = install(lab, "labapp", own=["--strategy", "pipx"])
    assert told.result.returncode == 0, told
    assert told.where == ("diverted", "application", f"{lab.home}/px")
    assert told.landed == {"labapp": "1.0"}
    calls = (lab.home / "calls").read_text()
    assert f"install --python {lab.python.executable}" in calls
    assert lab.run([lab.home / ".local/bin/labapp"]).out == "labapp 1.0\n"


def test_pipx_is_started_once(make_lab: LabMaker) -> None:
    lab = make_lab(pipx=False)
    pipx = _pipx_of_the_users(lab)
    own = lab.write(
        lab.home / "bin/pipx", f'#!/bin/sh\necho "$@" >>"$HOME/calls"\nexec {pipx} "$@"\n'
    )
    own.chmod(0o755)
    lab.env["PATH"] += f":{own.parent}"
    assert install(lab, "labapp").landed == {"labapp": "1.0"}
    assert (lab.home / "calls").read_text().count("\n") == 1


@pytest.mark.parametrize("how", ["relative", *long("tilde")])
def test_what_is_told_of_pipx_s_places_holds_everywhere(how: str, make_lab: LabMaker) -> None:
    lab = make_lab(pipx=True)
    base = {"relative": "", "tilde": "~/"}[how]
    lab.env |= {"PIPX_HOME": f"{base}px", "PIPX_BIN_DIR": f"{base}px bin"}
    root = lab.cwd if how == "relative" else lab.home
    told = install(lab, "labapp")
    assert told.where == ("diverted", "application", str(root / "px")), told
    command = told.report["next_command"]
    done = lab.run(["bash", "-c", f"cd /; {command}; labapp"])
    assert done.out == "labapp 1.0\n", (told, done)
    assert lab.run(["safepip", "undo", "--yes"]).returncode == 0
    assert not (root / "px bin/labapp").exists()


def test_a_pipx_that_keeps_its_things_elsewhere_is_asked(make_lab: LabMaker) -> None:
    lab = make_lab(pipx=False)
    pipx = _pipx_of_the_users(lab)
    own = lab.write(
        lab.home / "bin/pipx",
        f'#!/bin/sh\nPIPX_HOME="$HOME/.local/pipx" exec {pipx} "$@"\n',  # as before 1.2
    )
    own.chmod(0o755)
    lab.env["PATH"] += f":{own.parent}"
    told = install(lab, "labapp", own=["--strategy", "pipx"])
    assert told.landed == {"labapp": "1.0"}, told
    assert told.report["landed"][0]["location"].startswith(f"{lab.home}/.local/pipx/")
    assert told.scripts == {"labapp": "off-path"}


def test_an_application_on_an_externally_managed_python(field: Field, make_lab: LabMaker) -> None:
    lab = make_lab(field.pair(MARKED), pipx=True)
    told = install(lab, "-q", "labapp==1.0")
    _is_application(told, lab, "labapp")
    assert told.report["trigger"]["name"] == "externally-managed"
    assert told.result.stdout == b"", told
    assert [line[:27] for line in told.words] == ["Installed labapp 1.0 into ~"], told


@pytest.mark.parametrize("name", ["labapp", "labreadme"])
def test_what_says_of_itself_that_it_is_an_application(name: str, lab: Lab) -> None:
    told = install(lab, name)
    _is_application(told, lab, name)
    assert told.scripts == {name: "off-path"}


@pytest.mark.parametrize(
    "words",
    [
        ["lablib-with-command"],
        ["httpie", "requests"],
        ["--no-deps", "httpie"],
        *long(["requests"], ["django"]),
    ],
    ids=" ".join,
)
def test_what_is_a_library_never_goes_to_pipx(words: list[str], lab: Lab) -> None:
    told = install(lab, *words)
    assert told.result.returncode == 0, told
    assert told.where == ("diverted", "user-site", str(lab.user_site))
    assert lab.installed(lab.user_site).keys() >= {one for one in words if one.isalpha()}
    assert not _home(lab).exists()


def test_an_application_in_a_project_stays_in_the_project(lab: Lab) -> None:
    lab.write("pyproject.toml")
    environment = lab.venv()
    told = install(lab, "httpie")
    assert told.where == ("diverted", "project", str(environment)), told
    assert not _home(lab).exists()


def test_a_library_that_slipped_through_is_cleaned_up(lab: Lab) -> None:
    lab.write(lab.home / ".config/safepip/config.toml", 'applications = ["labnoscript"]\n')
    bare = lab.run(["safepip", "--strategy", "pipx", "install", "labnoscript"])
    assert bare.returncode == 77, bare
    assert not list((_home(lab) / "venvs").glob("[!.]*"))
    told = install(lab, "labnoscript", own=["--strategy", "pipx"])
    assert told.where[:2] == ("refused", "none"), told
    assert not list((_home(lab) / "venvs").glob("[!.]*"))


def test_a_known_application_that_brings_no_command_is_cleaned_up_too(lab: Lab) -> None:
    links = lab.home / "links"
    links.mkdir()
    make_wheel(links, "asciinema")
    told = install(lab, f"--find-links={links}", "asciinema")
    assert told.where[0] == "diverted", told
    assert told.where[1] != "application", told
    assert told.landed == {"asciinema": "1.0"}, told
    assert not list((_home(lab) / "venvs").glob("[!.]*"))


LOSSES = (
    "rm -r {site}/labtwo*",
    "rm -r {place}/*",
    "rm {place}/bin/python*",
    "for one in {place}/bin/python*; do ln -sfn /nowhere/python $one; done",
    "rm {place}/pyvenv.cfg",
    "rm ~/.local/bin/labtwo",
)
"""What a killed run left is no installation, whatever pipx makes of it; nor is one whose Python
went with an upgrade of the system, or whose command is gone."""


@pytest.mark.parametrize("losses", [LOSSES[1::2], *long(LOSSES[::2])], ids=["", "the others"])
def test_what_pipx_holds_already_is_brought_to_what_is_asked(
    losses: tuple[str, ...], lab: Lab
) -> None:
    folder = lab.home / "wheels"
    folder.mkdir()
    for version in ("1.0", "2.0"):
        make_wheel(folder, "labtwo", version, scripts=["labtwo"], classifiers=APPLICATION)
    lab.give(folder)
    lab.env["PIP_FIND_LINKS"] += f" {folder}"
    told = install(lab, "labtwo==1.0")
    assert told.landed == {"labtwo": "1.0"}, told
    told = install(lab, "labtwo==2.0")
    assert told.result.returncode == 0, told
    assert told.landed == {"labtwo": "2.0"}
    assert lab.run([lab.home / ".local/bin/labtwo"]).out == "labtwo 2.0\n"
    place = _home(lab) / "venvs/labtwo"
    for loss in losses:
        lab.run(["sh", "-c", loss.format(place=place, site=site_of(place))])
        told = install(lab, "labtwo")
        assert told.landed == {"labtwo": "2.0"}, told
        assert lab.run([lab.home / ".local/bin/labtwo"]).out == "labtwo 2.0\n", loss
    assert install(lab, "labtwo").landed == {}


def test_extras_that_pipx_has_installed_are_there_the_next_time(lab: Lab) -> None:
    folder = lab.home / "wheels"
    folder.mkdir()
    more = {"more": ["labone"], "other": []}
    make_wheel(folder, "labtwo", scripts=["labtwo"], classifiers=APPLICATION, extras=more)
    lab.give(folder)
    lab.env["PIP_FIND_LINKS"] += f" {folder}"
    assert install(lab, "labtwo").landed == {"labtwo": "1.0"}
    assert install(lab, "labtwo[more]").landed == {"labtwo": "1.0", "labone": "2.0"}
    told = install(lab, "labtwo[more]")
    assert (told.where[1], told.landed) == ("application", {}), told
    assert install(lab, "labtwo").landed == {}
    assert install(lab, "labtwo[other]").landed["labtwo"] == "1.0"


def test_a_plugin_of_what_pipx_keeps_apart_is_told_where_it_has_to_be(lab: Lab) -> None:
    folder = lab.home / "wheels"
    folder.mkdir()
    make_wheel(folder, "labplug", requires=["labapp"], plugins={"labapp": {"plug": "labplug"}})
    make_wheel(folder, "labuser", requires=["labapp"])
    lab.give(folder)
    lab.env["PIP_FIND_LINKS"] += f" {folder}"
    assert install(lab, "labapp").landed == {"labapp": "1.0"}
    # A project's environment has it for the code there.
    lab.write("pyproject.toml")
    told = install(lab, "labplug")
    assert told.where[1] == "project", told
    assert "extends" not in told.result.err
    lab.run(["rm", "-r", "pyproject.toml", ".venv"])
    told = install(lab, "labplug", "labuser")
    assert told.where[1] == "user-site", told
    said = told.result.err.splitlines()
    (at,) = (at for at, line in enumerate(said) if "extends" in line)
    assert "labplug extends labapp" in said[at]
    command = said[at + 1]
    assert lab.run(["bash", "-c", command]).returncode == 0
    assert (site_of(_home(lab) / "venvs/labapp") / "labplug").is_dir()


def test_a_file_of_one_s_own_is_not_taken_for_the_command(lab: Lab) -> None:
    own = lab.write(lab.home / ".local/bin/http", "#!/bin/sh\necho mine\n")
    own.chmod(0o755)
    lab.env["PATH"] = f"{own.parent}:{lab.env['PATH']}"
    told = install(lab, "httpie")
    assert told.where[1] == "application", told
    assert lab.run(["http"]).out == "mine\n"
    assert told.scripts == {"http": "shadowed", "https": "visible", "httpie": "visible"}, told
    assert "`http` still runs ~/.local/bin/http, which comes first on your PATH." in told.words
    command = told.report["next_command"]
    assert lab.run(["bash", "-c", f"{command}; http"]).out == "httpie 3.2.4\n"
    told = install(lab, "httpie")
    assert (told.landed, lab.run(["http"]).out) == ({}, "mine\n"), told
    assert "httpie and https are on your PATH." in told.result.err, told


def test_a_marker_is_left_to_pip(field: Field, make_lab: LabMaker) -> None:
    lab = make_lab(field.pair(MARKED), pipx=True)
    told = install(lab, "httpie; python_version < '3'")
    assert (told.result.returncode, told.landed) == (0, {}), told
    assert not (_home(lab) / "venvs/httpie").exists()
    assert "There was nothing to install" in told.result.err, told
    told = install(lab, "httpie; python_version > '3'")
    assert (told.where[1], told.landed["httpie"]) == ("personal", "3.2.4"), told


def test_the_users_options_reach_pip_through_pipx(lab: Lab, index: Index) -> None:
    index.auth = ("me", "s3cret")
    url = index.url_as("me", "s3cret")
    lab.write("c.txt", "requests==2.32.3\n")
    told = install(lab, "--index-url", url, "-c", "c.txt", "httpie", env={"PIP_NO_INDEX": None})
    _is_application_with_files(told)
    assert "s3cret" not in str(told.report)
    assert {one.user for one in index.requests} >= {"me"}
    # Nor does pipx keep it for its next upgrade, nor anybody else.
    kept = [one for one in lab.home.rglob("*") if one.is_file() and b"s3cret" in one.read_bytes()]
    assert not kept
    metadata = json.loads((_home(lab) / "venvs/httpie/pipx_metadata.json").read_text())
    assert any("constraint" in one for one in metadata["main_package"]["pip_args"])


def test_a_file_with_a_blank_in_its_name_reaches_pip_through_pipx(lab: Lab) -> None:
    lab.write("my constraints.txt", "requests==2.32.3\n")
    told = install(lab, "-c", "my constraints.txt", "httpie")
    _is_application_with_files(told)


def _is_application_with_files(told: Told) -> None:
    assert told.result.returncode == 0, told
    assert told.where[:2] == ("diverted", "application")
    assert told.landed == {"httpie": "3.2.4", "requests": "2.32.3", "idna": "3.10"}


# Fetched.


@pytest.fixture
def fetched(field: Field, make_lab: LabMaker) -> Lab:
    """A lab without any pipx, whose wheels hold one that can be fetched."""
    lab = make_lab(pipx=False)
    if lab.run(["sh", "-c", "command -v pipx"]).out:
        lacking("system without a pipx")
    folder = lab.folder / "pipx-wheels"
    folder.mkdir()
    lab.env["PIPX_SHARED_LIBS"] = str(lab.field.pipx_pip())
    wanted, had = ["pipx"], set()
    while wanted:
        name = wanted.pop()
        if name in had:
            continue
        had.add(name)
        wheel = field.wheel(name)
        (folder / wheel.name).write_bytes(wheel.read_bytes())
        with zipfile.ZipFile(wheel) as archive:
            metadata = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
            for line in archive.read(metadata).decode().split("\n\n")[0].splitlines():
                found = re.match(r"Requires-Dist: ([\w-]+)(?!.*(extra|win32|<))", line)
                plain = re.match(r"Requires-Dist: ([\w-]+)[^;]*$", line)
                if found and plain:
                    wanted.append(plain[1])
    folder.chmod(0o755)
    lab.env["PIP_FIND_LINKS"] += f" {folder}"
    return lab


def test_a_pipx_is_fetched_once(fetched: Lab) -> None:
    lab = fetched
    told = install(lab, "httpie")
    assert told.result.returncode == 0, told
    assert told.where == ("diverted", "application", str(_home(lab)))
    own = lab.home / ".local/share/safepip/pipx"
    assert (own / "bin/pipx").exists()
    assert any("Installing pipx into" in word for word in told.words)
    stamp = (own / "bin/pipx").stat().st_mtime_ns
    told = install(lab, "labapp==1.0", own=["--strategy", "pipx"])
    assert told.result.returncode == 0, told
    assert (own / "bin/pipx").stat().st_mtime_ns == stamp
    assert not any("Installing pipx" in word for word in told.words)
    # It is private: nobody's PATH shows it.
    assert not (lab.home / ".local/bin/pipx").exists()


def test_where_no_pipx_can_be_had_the_next_rule_is_used(make_lab: LabMaker) -> None:
    lab = make_lab(pipx=False)
    if lab.run(["sh", "-c", "command -v pipx"]).out:
        lacking("system without a pipx")
    told = install(lab, "httpie")
    assert told.result.returncode == 0, told
    assert told.where == ("diverted", "user-site", str(lab.user_site))
    assert "could not be fetched" in told.rejected["application"]
    assert lab.installed(lab.user_site).keys() == {"httpie", "requests", "idna"}
    assert not os.path.lexists(lab.home / ".local/share/safepip/pipx/bin/pipx")


def test_a_fetch_that_was_killed_is_mended(fetched: Lab) -> None:
    lab = fetched
    own = lab.home / ".local/share/safepip/pipx"
    running = lab.start(["safepip", "install", "httpie"])
    lab.wait_for((own / "pyvenv.cfg").exists, "the environment of pipx")
    for pid in [running.pid, *lab.processes()]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    running.wait()
    told = install(lab, "httpie")
    assert told.result.returncode == 0, told
    assert told.where[:2] == ("diverted", "application")
    assert lab.run([lab.home / ".local/bin/http"]).out == "httpie 3.2.4\n"
