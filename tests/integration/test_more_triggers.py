"""The walls besides a place that root owns: pip's own settings, and read-only file systems."""

from __future__ import annotations

import itertools
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import install
from tests.support.long import only
from tests.support.missing import lacking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.lab import Lab, LabMaker
    from tests.support.pythons import Field


CELLS = list(itertools.product(("variable", "file", "option"), ("", "-q", "-qqq")))


@pytest.mark.parametrize(
    "cell", only(CELLS, ("variable", ""), ("file", "-qqq"), ("option", "-q")), ids=" ".join
)
def test_a_required_environment_is_made(lab: Lab, cell: tuple[str, str]) -> None:
    how, quiet = cell
    lab.write("pyproject.toml")
    words = [*([quiet] if quiet else []), "labone"]
    if how == "variable":
        lab.env["PIP_REQUIRE_VIRTUALENV"] = "1"
    elif how == "file":
        lab.write("../.config/pip/pip.conf", "[global]\nrequire-virtualenv = true\n")
    else:
        words.insert(0, "--require-virtualenv")
    assert lab.bare(["install", *words]).returncode == 3
    told = install(lab, *words)
    assert told.result.returncode == 0, told
    assert told.report["trigger"]["name"] == "virtualenv-required"
    assert told.report["decision"]["rule"] == "project"
    assert "labone" in lab.installed(
        lab.cwd / f".venv/lib/python{lab.python.version}/site-packages"
    )
    assert not lab.user_site.exists()


def test_a_required_environment_is_never_the_user_site(lab: Lab) -> None:
    lab.env["PIP_REQUIRE_VIRTUALENV"] = "1"
    told = install(lab, "labone")
    assert told.result.returncode == 0, told
    assert told.report["decision"]["rule"] == "personal"
    assert not lab.user_site.exists()


def test_an_active_environment_satisfies_the_requirement(lab: Lab) -> None:
    lab.env["PIP_REQUIRE_VIRTUALENV"] = "1"
    lab.activate(lab.venv())
    bare = lab.bare(["install", "labnoscript"])
    lab.bare(["uninstall", "-y", "labnoscript"])
    assert lab.run(["safepip", "install", "labnoscript"]).same == bare.same


@pytest.mark.parametrize("active", [True, False], ids=["active", "only first on PATH"])
def test_user_from_settings_does_not_spoil_an_environment(lab: Lab, active: bool) -> None:
    environment = lab.venv()
    lab.env["PIP_USER"] = "1"
    lab.activate(environment)
    if not active:
        del lab.env["VIRTUAL_ENV"]
    assert lab.bare(["install", "labone"]).returncode == 1
    told = install(lab, "labone")
    assert told.result.returncode == 0, told
    assert told.report["trigger"]["name"] == "user-site-unavailable"
    assert told.report["decision"]["rule"] == "active-environment"
    assert told.report["decision"]["destination"] == str(environment)
    assert (environment / "bin" / "labone").is_file()
    assert not lab.user_site.exists()


def test_user_on_the_command_line_is_left_alone(lab: Lab) -> None:
    lab.activate(lab.venv())
    done = lab.run(["safepip", "install", "--user", "labone"])
    assert done.returncode == 1, done
    assert "Can not perform a '--user' install" in done.err
    assert not (lab.cwd / ".venv" / "bin" / "labone").exists()


@pytest.fixture
def read_only(lab: Lab) -> Iterator[Path]:
    """A root-owned folder of its own file system, which `remount` makes read-only."""
    if os.geteuid() != 0:
        lacking("root")
    folder = lab.locked / "mounted"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m,mode=755", "tmpfs", folder],
        check=False,
        capture_output=True,
        text=True,
    )
    if made.returncode != 0:
        lacking("file system that can be mounted")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_read_only_file_system_is_named_as_such(lab: Lab, read_only: Path) -> None:
    environment = lab.venv("mounted/venv", locked=True)
    lab.user.give(environment)
    subprocess.run(["mount", "-o", "remount,ro", read_only], check=True)
    lab.env["PATH"] = f"{environment}/bin:{lab.env['PATH']}"
    bare = lab.bare(["install", "labone"])
    assert b"[Errno 30]" in bare.stderr, bare
    told = install(lab, "labone")
    assert told.result.returncode == 0, told
    assert told.report["trigger"]["name"] == "read-only"
    assert told.report["decision"]["rule"] == "personal"


def test_a_read_only_environment_that_is_active_is_left(lab: Lab, read_only: Path) -> None:
    environment = lab.venv("mounted/venv", locked=True)
    lab.user.give(environment)
    subprocess.run(["mount", "-o", "remount,ro", read_only], check=True)
    lab.activate(environment)
    lab.write("pyproject.toml")
    told = install(lab, "labone")
    assert told.result.returncode == 0, told
    assert told.report["trigger"]["name"] == "read-only"
    assert told.report["decision"]["rule"] == "project"


def test_explicit_words_in_a_locked_place_are_explained(make_lab: LabMaker, field: Field) -> None:
    lab = make_lab()
    done = lab.run(["safepip", "install", "--prefix", lab.locked / "p", "labone"])
    assert done.returncode == 1, done
    assert f"{lab.locked} is not writable" in done.err
    assert "You chose that place with --prefix" in done.err
