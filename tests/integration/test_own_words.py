"""The words that are safepip's own, by the name it is run by (contract, section 2)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safepip import __version__
from tests.support.lab import LabMaker
from tests.support.long import long

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.lab import Lab
    from tests.support.pythons import Field


@pytest.fixture(scope="module")
def plain(field: Field) -> Iterator[Lab]:
    """A lab with a Python of root's, for commands that leave everything as it is."""
    maker = LabMaker(field, f"words-{os.getpid()}")
    yield maker()
    maker.close()


def linked(lab: Lab, name: str) -> Path:
    """A link called *name* to safepip, in a folder of the user's."""
    link = lab.home / "bin" / name
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(lab.safepip.folder / "safepip")
    return link


def test_its_own_version_is_told(plain: Lab) -> None:
    done = plain.run(["safepip", "--safepip-version"])
    assert (done.returncode, done.err) == (0, ""), done
    assert done.out.startswith(f"safepip {__version__} from /")


@pytest.mark.parametrize("line", ["--strategy venv plan --json", "plan --strategy venv --json"])
def test_own_options_may_stand_on_either_side_of_plan(line: str, plain: Lab) -> None:
    done = plain.run(["safepip", *line.split(), "install", "labone"])
    assert json.loads(done.out)["data"]["strategy"] == "venv", done


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("settings --bogus", "settings --help"),
        ("undo nothing", "history"),
    ],
)
def test_a_command_to_paste_starts_safepip_also_off_path(line: str, told: str, plain: Lab) -> None:
    own = plain.safepip.folder / "safepip"
    folders = [one for one in plain.env["PATH"].split(":") if one != str(own.parent)]
    done = plain.run([own, *line.split()], env={"PATH": ":".join(folders)})
    program, *words = done.err.splitlines()[-1].split()
    assert Path(program).resolve() == own.resolve(), done
    assert words == told.split()


def test_help_on_a_verb(plain: Lab) -> None:
    assert plain.run(["safepip", "help", "plan"]).out.startswith("usage: safepip plan ")


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("plna install x", "did you mean safepip plan?"),
        pytest.param("setings", "did you mean safepip settings?", marks=pytest.mark.long),
        (
            "install --strategy venv labone",
            "--strategy goes before pip's command:\n    safepip --strategy venv install labone",
        ),
        pytest.param(
            "install labone --strategy=venv",
            "--strategy goes before pip's command:\n    safepip --strategy=venv install labone",
            marks=pytest.mark.long,
        ),
        (
            "--stratgy venv install",
            "did you mean --strategy?\n    safepip --strategy venv install",
        ),
        (
            "install --report-jsn x.json y",
            "did you mean --report-json?\n    safepip --report-json",
        ),
    ],
    ids=lambda value: value if " " not in value else value.split()[0],
)
def test_a_near_miss_gets_a_hint_below_pips_error(line: str, hint: str, plain: Lab) -> None:
    bare, ours = (plain.run([program, *line.split()]) for program in ("pip", "safepip"))
    assert (ours.returncode, ours.stdout) == (bare.returncode, bare.stdout)
    assert ours.err.startswith(bare.err), ours
    assert f"safepip: {hint}" in ours.err


@pytest.mark.parametrize(
    "line", ["instal x", *long("nonsense", "list --strategy", "install --usr x")]
)
def test_what_is_near_none_of_ours_is_left_to_pip(line: str, plain: Lab) -> None:
    bare, ours = (plain.run([program, *line.split()]) for program in ("pip", "safepip"))
    assert ours.same == bare.same


@pytest.mark.parametrize(
    "words",
    [
        "pip --help",
        "pip plan",
        "pip3 --strategy venv list",
        *long("pip", "pip3 help", "pip3 plna", "pip --safepip-version"),
    ],
)
def test_by_pips_name_all_words_are_pips(words: str, plain: Lab) -> None:
    name, *line = words.split()
    link = linked(plain, name)
    bare, ours = (plain.run([program, *line]) for program in (name, link))
    assert ours.same == bare.same


def test_by_pips_name_an_install_is_diverted_all_the_same(lab: Lab) -> None:
    (lab.cwd / "requirements.txt").touch()
    done = lab.run([linked(lab, "pip"), "install", "labone"])
    assert done.returncode == 0, done
    assert (lab.cwd / ".venv").is_dir(), done


def test_the_name_says_which_pip(field: Field, make_lab: LabMaker) -> None:
    """Odd machine 11: another Python's pip comes first on PATH."""
    lab = make_lab()
    version = lab.python.version
    other = lab.write("first/pip", "#!/bin/sh\necho another\n")
    other.chmod(0o755)
    lab.env["PATH"] = f"{other.parent}:{lab.env['PATH']}"
    done = lab.run([linked(lab, f"pip{version}"), "--version"])
    assert f"(python {version})" in done.out, done


def test_a_name_whose_python_has_no_pip_script(lab: Lab) -> None:
    """Only its Python is on PATH: safepip's own pip serves it, as it serves python3."""
    folder = lab.home / "only"
    folder.mkdir()
    (folder / "python3.77").symlink_to(lab.python.executable)
    lab.env["PATH"] = f"{folder}:{lab.env['PATH']}"
    done = lab.run([linked(lab, "pip3.77"), "--version"])
    assert f"(python {lab.python.version})" in done.out, done
    done = lab.run([linked(lab, "pip3.78"), "--version"])
    assert done.returncode == 69, done


@pytest.mark.parametrize("where", ["option", "variable"])
def test_the_report_needs_a_file(where: str, plain: Lab) -> None:
    own = ["--report-json", "-"] if where == "option" else []
    env = {"SAFEPIP_REPORT_JSON": "-"} if where == "variable" else {}
    done = plain.run(["safepip", *own, "install", "labone"], env=env)
    assert (done.returncode, done.out) == (64, ""), done
    assert not (plain.cwd / "-").exists()


@pytest.mark.parametrize(
    "line",
    ["undo x", "settings nokey", "doctor x", "where", "history", "plan install x", "explain a b"],
)
def test_who_asked_for_json_gets_some_of_a_failure_too(line: str, plain: Lab) -> None:
    strategy = "vnv" if line in {"where", "history", "plan install x"} else "auto"
    env = {"SAFEPIP_STRATEGY": strategy}
    done = plain.run(["safepip", *line.split(), "--json"], env=env)
    assert done.returncode in {64, 78}, done
    told = json.loads(done.out)
    assert told["command"] == line.split(maxsplit=1)[0]
    (error,) = told["errors"]
    assert done.err.startswith(f"safepip: {error}"), done


def test_a_wrong_option_before_the_verb_is_told_in_json_too(plain: Lab) -> None:
    done = plain.run(["safepip", "--strategy", "vnv", "where", "--json"])
    assert done.returncode == 64, done
    (error,) = json.loads(done.out)["errors"]
    assert done.err.startswith(f"safepip: {error}"), done
