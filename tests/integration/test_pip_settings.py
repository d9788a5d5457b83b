"""What safepip reads of pip's configuration files is what ``pip config list`` of real pips says."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from safepip.machine import interpreter, pip_settings
from tests.support.diversions import in_environment, install
from tests.support.long import first_and_last, long
from tests.support.pythons import PAIRS, Pair

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.lab import Lab, LabMaker
    from tests.support.pythons import Field


def conf(lab: Lab, path: str, **values: str) -> None:
    """Write one of pip's files, below the home; what each sets says where it stood."""
    lines = "".join(f"{name} = {value}\n" for name, value in values.items())
    lab.write(lab.home / path, f"[global]\nindex-url = http://127.0.0.1/{len(path)}\n{lines}")


def every_place(lab: Lab) -> None:
    conf(lab, ".pip/pip.conf", timeout="1", retries="1", proxy="legacy")
    conf(lab, ".config/pip/pip.conf", timeout="2", retries="2")
    conf(lab, "xdg/pip/pip.conf", timeout="3", cert="c")
    conf(lab, "venv/pip.conf", retries="4")
    lab.env["XDG_CONFIG_DIRS"] = f"{lab.home}/none:{lab.home}/xdg"


def own_file(lab: Lab) -> None:
    every_place(lab)
    conf(lab, "own.conf", timeout="5")
    lab.env["PIP_CONFIG_FILE"] = f"{lab.home}/own.conf"


def own_file_is_gone(lab: Lab) -> None:
    every_place(lab)
    lab.env["PIP_CONFIG_FILE"] = f"{lab.home}/gone.conf"


def own_file_is_none(lab: Lab) -> None:
    every_place(lab)
    lab.env["PIP_CONFIG_FILE"] = "/dev/null"


def elsewhere(lab: Lab) -> None:
    every_place(lab)
    conf(lab, "mine/pip/pip.conf", timeout="6")
    lab.env["XDG_CONFIG_HOME"] = f"{lab.home}/mine"


def empty_variables(lab: Lab) -> None:
    every_place(lab)
    conf(lab, "pip/pip.conf", timeout="7")
    lab.env |= {"XDG_CONFIG_HOME": "", "XDG_CONFIG_DIRS": "", "PIP_CONFIG_FILE": ""}


def odd_spellings(lab: Lab) -> None:
    lab.write(
        lab.home / ".config/pip/pip.conf",
        "[global]\nIndex_URL: one\n--trusted-host = a\n  b\nno-deps = yes\nempty =\n"
        "[install]\nindex-url = %(two)s ; not a comment\ntarget='t'\n[list]\nformat = json\n",
    )


def nothing(lab: Lab) -> None:
    """No file at all."""


PARSER = """
import sys
from pip._internal.cli.parser import ConfigOptionParser
parser = ConfigOptionParser(name="install", isolated="--isolated" in sys.argv)
parser.config.load()
print(list(parser._get_ordered_configuration_items()))
"""
"""What the options of ``pip install`` get from the files, in pip's own order."""

SCENES: tuple[Callable[[Lab], None], ...] = (
    every_place,
    own_file,
    own_file_is_gone,
    own_file_is_none,
    elsewhere,
    empty_variables,
    odd_spellings,
    nothing,
)


@pytest.mark.parametrize("isolated", [False, *long(True)], ids=["", "isolated"])
@pytest.mark.parametrize("pair", first_and_last(PAIRS[1:]), ids=str)  # pip 9 has no such parser
def test_files_are_read_as_this_pip_reads_them(
    pair: Pair, field: Field, make_lab: LabMaker, isolated: bool
) -> None:
    lab = make_lab(field.pair(pair))
    venv = lab.venv(lab.home / "venv")
    python = str(venv / "bin/python")
    looked = interpreter.look_at_interpreter((python,), lab.env)
    for name in [name for name in lab.env if name.startswith("PIP_")]:
        del lab.env[name]
    env = dict(lab.env)
    words = ["--isolated"] if isolated else []
    for scene in SCENES:
        scene(lab)
        said = lab.run([python, "-c", PARSER, *words], cwd=lab.home)
        assert said.returncode == 0, said
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(lab.home)
            read = pip_settings.pip_settings(looked, lab.env, isolated=isolated)
        expected = dict(ast.literal_eval(said.out))
        expected.pop("config-file", None)  # of the variable PIP_CONFIG_FILE
        assert dict(read.file_values) == expected, scene
        assert read.readable
        listed = lab.run([python, "-m", "pip", *words, "config", "list"], cwd=lab.home).out
        values = [line.partition("=")[2] for line in listed.splitlines()]
        assert {repr(value) for _, value in read.file_values} <= set(values), scene
        lab.env = dict(env)
        for file in lab.home.rglob("*.conf"):
            file.unlink()


@pytest.mark.parametrize("text", ["no section\n", "[global]\nx = 1\nx = 2\n"])
def test_a_file_that_pip_cannot_read_is_told(lab: Lab, text: str) -> None:
    lab.write(lab.home / ".config/pip/pip.conf", text)
    looked = interpreter.look_at_interpreter((str(lab.python.executable),), lab.env)
    assert not pip_settings.pip_settings(looked, lab.env).readable
    assert lab.bare(["config", "list"]).returncode != 0


def test_another_python_named_by_a_file_is_where_it_goes(make_lab: LabMaker, field: Field) -> None:
    """Nothing is diverted then, as with ``PIP_PYTHON``; pips before 22.3 know no such setting."""
    lab = make_lab(field.python(pip="24.0"))
    mine = lab.venv("../mine")
    lab.write("pyproject.toml")
    lab.write(lab.home / ".config/pip/pip.conf", f"[global]\npython = {mine}/bin/python\n")
    told = install(lab, "labone")
    assert (told.where[0], told.landed) == ("as-given", {"labone": "2.0"}), told
    assert in_environment(lab, mine) == {"labone": "2.0"}
    assert not (lab.cwd / ".venv").exists()


def test_what_a_file_names_is_not_taken_back_by_a_command(make_lab: LabMaker, field: Field) -> None:
    lab = make_lab(field.python(pip="24.0"))
    closed = lab.venv("closed", locked=True)
    lab.write(lab.home / ".config/pip/pip.conf", f"[global]\npython = {closed}/bin/python\n")
    told = install(lab, "labone")
    assert told.where[0] == "failed", told
    assert told.words[-1].endswith("Name an environment of yours with --python."), told
