"""With ``installer = "uv"`` environments are made and filled by uv, with what pip would heed."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import install
from tests.support.pythons import MARKED
from tests.support.wheels import source_tree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.index import Index
    from tests.support.lab import Lab, LabMaker
    from tests.support.pythons import Field


@pytest.fixture
def uv(lab: Lab) -> Path:
    """uv on the lab's PATH, in a folder of its own."""
    return lab.with_uv()


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


@pytest.mark.parametrize(
    ("words", "setting", "why"),
    [
        (["--prefer-binary"], "", "--prefer-binary"),
        ([], "[install]\nprefer-binary = true\n", "prefer-binary in pip's settings"),
    ],
    ids=["an option", "a setting"],
)
def test_what_uv_cannot_say_is_done_by_pip_and_told(
    lab: Lab, uv: Path, words: list[str], setting: str, why: str
) -> None:
    lab.env["SAFEPIP_INSTALLER"] = "uv"
    lab.write(lab.home / ".config/pip/pip.conf", setting)
    told = install(lab, *words, "labone")
    assert told.result.returncode == 0, told
    assert installer_of(lab, "labone") == "pip"
    assert f"pip does this install instead of uv: uv has no word for {why}" in told.words
    assert "uv =" not in (lab.cwd / ".venv" / "pyvenv.cfg").read_text(encoding="utf-8")


def test_a_uv_that_is_wanted_and_missing_is_told(lab: Lab) -> None:
    if lab.run(["sh", "-c", "command -v uv"]).out:
        pytest.skip("the system brings a uv along")
    lab.env["SAFEPIP_INSTALLER"] = "uv"
    lab.write("pyproject.toml")
    told = install(lab, "labone")
    assert told.landed == {"labone": "2.0"}, told
    assert "pip does this install instead of uv: uv is not on PATH" in told.words


@pytest.mark.parametrize("kind", ["a file", "a variable"])
def test_what_pips_settings_say_goes_along(lab: Lab, uv: Path, kind: str) -> None:
    lab.env["SAFEPIP_INSTALLER"] = "uv"
    file = lab.write("c.txt", "labone<2\n")
    values = {"constraint": str(file), "pre": "true", "timeout": "7", "no-compile": "true"}
    if kind == "a file":
        lines = "".join(f"{name} = {value}\n" for name, value in values.items())
        lab.write(lab.home / ".config/pip/pip.conf", f"[install]\n{lines}")
    else:
        lab.env |= {f"PIP_{n.upper().replace('-', '_')}": v for n, v in values.items()}
    told = install(lab, "labone", "labpre", "labextra[x]")
    assert told.landed.keys() == {"labone", "labpre", "labextra", "labnoscript"}, told
    assert (told.landed["labone"], told.landed["labpre"]) == ("1.0", "2.0rc1")
    assert installer_of(lab, "labone") == "uv"


def test_editable_groups_and_hashes_go_along(field: Field, make_lab: LabMaker) -> None:
    lab = make_lab(field.pair(MARKED))  # a pip that knows groups
    lab.with_uv()
    lab.env["SAFEPIP_INSTALLER"] = "uv"
    lab.tree(source_tree("labtree"), "tree")
    lab.write("pyproject.toml", '[dependency-groups]\ntest = ["labmany"]\n')
    told = install(lab, "-e", "./tree", "--group", "test")
    assert told.landed.keys() == {"labtree", "labmany"}, told
    (wheel,) = lab.field.links.glob("labone-2.0-*.whl")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lab.write("wrong.txt", f"labone==2.0 --hash=sha256:{digest[::-1]}\n")
    lab.write("right.txt", f"labone==2.0 --hash=sha256:{digest}\n")
    assert install(lab, "--require-hashes", "-r", "wrong.txt").result.returncode != 0
    told = install(lab, "--require-hashes", "-r", "right.txt")
    assert told.landed == {"labone": "2.0"}, told
    assert installer_of(lab, "labone") == "uv"


def test_an_upgrade_leaves_alone_what_is_not_named(lab: Lab, uv: Path) -> None:
    lab.env["SAFEPIP_INSTALLER"] = "uv"
    assert install(lab, "labone==1.0", "labpre==1.0", "labdeps").result.returncode == 0
    told = install(lab, "-U", "labdeps", "--pre", "labpre")
    assert told.landed == {"labpre": "2.0rc1"}, told


@pytest.mark.parametrize("kind", ["an option", "a variable", "a file"])
def test_a_password_stands_on_no_command_line(lab: Lab, uv: Path, index: Index, kind: str) -> None:
    lab.env["SAFEPIP_INSTALLER"] = "uv"
    real = uv.rename(uv.with_name("real-uv"))
    lab.write(uv, f'#!/bin/sh\necho "$@" >>"$HOME/calls"\nexec {real} "$@"\n').chmod(0o755)
    index.auth = ("me", "s3cret")
    url = index.url_as("me", "s3cret")
    lab.use_index(index, url=url)
    words = []
    if kind != "a variable":
        del lab.env["PIP_INDEX_URL"]
    if kind == "an option":
        words = ["--index-url", url]
    if kind == "a file":
        lab.write(lab.home / ".config/pip/pip.conf", f"[global]\nindex-url = {url}\n")
    told = install(lab, *words, "labone")
    assert told.landed == {"labone": "2.0"}, told
    assert installer_of(lab, "labone") == "uv"
    assert {one.user for one in index.requests} >= {"me"}
    calls = (lab.home / "calls").read_text()
    assert "pip install" in calls
    assert "s3cret" not in calls


def test_requirements_constraints_and_options_go_along(lab: Lab, uv: Path) -> None:
    lab.env["SAFEPIP_INSTALLER"] = "uv"
    lab.write("req/base.txt", "labone\n")
    lab.write("req/c.txt", "labone<2\n")
    told = install(lab, "-r", "req/base.txt", "-creq/c.txt", "--no-deps", "labdeps")
    assert told.landed == {"labone": "1.0", "labdeps": "1.0"}, told
    assert installer_of(lab, "labone") == "uv"


def test_what_a_setting_and_an_option_say_is_told_once(lab: Lab, uv: Path) -> None:
    lab.env |= {"SAFEPIP_INSTALLER": "uv", "PIP_NO_DEPS": "1", "PIP_PRE": "true"}
    links = str(lab.field.links)
    told = install(lab, "--no-index", "--find-links", links, "--no-deps", "--pre", "-qq", "labone")
    assert told.landed == {"labone": "2.0"}, told
    assert installer_of(lab, "labone") == "uv"


def test_plan_names_uvs_commands(lab: Lab, uv: Path) -> None:
    lab.env["SAFEPIP_INSTALLER"] = "uv"
    done = lab.run(["safepip", "plan", "--json", "install", "labone"])
    commands = json.loads(done.out)["data"]["commands"]
    assert [command[:2] for command in commands] == [[str(uv), "venv"], [str(uv), "pip"]]
