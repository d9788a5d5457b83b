"""With ``installer = "uv"`` environments are made and filled by uv, with what pip would heed."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import install
from tests.support.missing import lacking

if TYPE_CHECKING:
    from tests.support.lab import Lab


@pytest.fixture
def uv(lab: Lab) -> Path:
    """uv on the lab's PATH, in a folder of its own."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if found is None:
        lacking("uv")
    program = lab.write("../tools/uv", Path(found).read_bytes())
    program.chmod(0o755)
    lab.env["PATH"] = f"{program.parent}:{lab.env['PATH']}"
    lab.write("pyproject.toml")
    return program


def installer_of(lab: Lab, name: str) -> str:
    site = lab.cwd / f".venv/lib/python{lab.python.version}/site-packages"
    (info,) = site.glob(f"{name}-*.dist-info")
    return (info / "INSTALLER").read_text(encoding="utf-8").strip()


def test_uv_makes_and_fills_the_environment(lab: Lab, uv: Path) -> None:
    lab.env["SAFEPIP_INSTALLER"] = "uv"
    told = install(lab, "labdeps")
    assert told.landed.keys() == {"labdeps", "labone", "labnoscript"}, told
    assert installer_of(lab, "labone") == "uv"
    assert "uv =" in (lab.cwd / ".venv" / "pyvenv.cfg").read_text(encoding="utf-8")
    pip = lab.run([lab.cwd / ".venv/bin/python", "-m", "pip", "--version"])
    assert pip.returncode == 0, pip


def test_by_default_uv_is_left_alone(lab: Lab, uv: Path) -> None:
    assert install(lab, "labone").result.returncode == 0
    assert installer_of(lab, "labone") == "pip"


@pytest.mark.parametrize(("locked", "installer"), [(True, "uv"), (False, "pip")])
def test_auto_means_uv_where_uv_manages_the_project(
    lab: Lab, uv: Path, locked: bool, installer: str
) -> None:
    lab.env["SAFEPIP_INSTALLER"] = "auto"
    if locked:
        lab.write("uv.lock", "version = 1\n")
    assert install(lab, "labone").result.returncode == 0
    assert installer_of(lab, "labone") == installer


def test_what_uv_cannot_say_is_done_by_pip(lab: Lab, uv: Path) -> None:
    lab.env["SAFEPIP_INSTALLER"] = "uv"
    assert install(lab, "--no-compile", "labone").result.returncode == 0
    assert installer_of(lab, "labone") == "pip"


def test_requirements_constraints_and_options_go_along(lab: Lab, uv: Path) -> None:
    lab.env["SAFEPIP_INSTALLER"] = "uv"
    lab.write("req/base.txt", "labone\n")
    lab.write("req/c.txt", "labone<2\n")
    told = install(lab, "-r", "req/base.txt", "-creq/c.txt", "--no-deps", "labdeps")
    assert told.landed == {"labone": "1.0", "labdeps": "1.0"}, told
    assert installer_of(lab, "labone") == "uv"


def test_plan_names_uvs_commands(lab: Lab, uv: Path) -> None:
    lab.env["SAFEPIP_INSTALLER"] = "uv"
    done = lab.run(["safepip", "plan", "--json", "install", "labone"])
    commands = json.loads(done.out)["data"]["commands"]
    assert [command[:2] for command in commands] == [[str(uv), "venv"], [str(uv), "pip"]]
