"""What was moved is found again by pip's own `show` and `uninstall` (contract, section 12)."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import install, site_of
from tests.support.lab import LabMaker
from tests.support.long import long
from tests.support.pythons import MARKED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.lab import Lab
    from tests.support.pythons import Field


@pytest.fixture
def marked(field: Field, make_lab: LabMaker) -> Lab:
    """A lab on an externally managed Python, with a pipx beside safepip and none on PATH."""
    return make_lab(field.pair(MARKED), pipx=True)


@pytest.fixture
def project(lab: Lab) -> Lab:
    """A lab whose working directory is a project."""
    lab.write("pyproject.toml")
    return lab


def files(folder: Path) -> set[str]:
    return {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()}


def test_an_application_is_installed_shown_and_removed(marked: Lab) -> None:
    before = files(marked.home)
    install(marked, "httpie")
    bare = marked.bare(["show", "httpie"])
    shown = marked.run(["safepip", "show", "httpie"])
    assert (shown.returncode, shown.stdout) == (bare.returncode, bare.stdout)
    assert shown.err.startswith(bare.err)
    (line,) = shown.err.removeprefix(bare.err).splitlines()
    assert line.startswith("safepip: httpie is in pipx's environment ~/.local/share/pipx/venvs/")
    told = marked.run(["bash", "-c", line.partition("to see it: ")[2]])
    assert "Version: 3.2.4" in told.out, told

    where = marked.run(["safepip", "where", "httpie"]).out
    assert "`http` is not on your PATH: ~/.local/bin/http\n" in where
    done = marked.run(["safepip", "uninstall", "-y", "httpie"])
    assert done.returncode == 0, done
    assert "where safepip put it; removing it there" in done.err
    left = {one for one in files(marked.home) - before if "__pycache__" not in one}
    # What pipx shares between all environments, its locks and logs; what safepip remembers.
    pipx = tuple(f".local/share/pipx/{one}" for one in ("shared/", "py/", ".", "venvs/."))
    assert not [one for one in left if not one.startswith((".cache/", ".local/state/", *pipx))]


def test_in_an_environment_that_pip_may_write_nothing_elsewhere_is_removed(marked: Lab) -> None:
    install(marked, "httpie")
    install(marked, "labnoscript")
    marked.activate(marked.venv("env"))
    before = files(marked.home / ".local/share")
    line = ["uninstall", "-y", "httpie", "labnoscript"]
    bare, done = marked.bare(line), marked.run(["safepip", *line])
    assert done.same == bare.same, done
    assert b"Skipping httpie" in done.stderr
    planned = marked.run(["safepip", "plan", *line])
    assert "safepip would not change this command" in planned.out, planned
    assert files(marked.home / ".local/share") == before


def test_the_shell_function_does_the_same(marked: Lab) -> None:
    install(marked, "httpie")
    script = 'eval "$(safepip init bash)"; pip show httpie; pip uninstall -y httpie; echo $?'
    done = marked.run(["bash", "-c", script])
    assert done.out.endswith("\n0\n"), done
    assert "to see it: " in done.err
    assert not (marked.home / ".local/bin/http").exists()


def test_the_question_of_pip_is_asked(marked: Lab) -> None:
    install(marked, "httpie")
    for answer, stays in (("n\n", True), ("", True), ("y\n", False)):
        done = marked.run(["safepip", "uninstall", "httpie"], input=answer)
        assert "Proceed (Y/n)? " in done.err
        assert done.returncode == 0
        assert (marked.home / ".local/bin/http").exists() is stays, answer


def test_from_a_project_it_is_removed_from_its_environment(project: Lab) -> None:
    install(project, "labdeps")
    site = site_of(project.cwd / ".venv")
    shown = project.run(["safepip", "show", "labdeps"])
    assert ".venv/bin/python -m pip show labdeps" in shown.err, shown
    done = project.run(["safepip", "uninstall", "LabDeps"], input="y\n")
    assert done.returncode == 0, done
    assert "Proceed (Y/n)?" in done.out + done.err
    assert project.installed(site).keys() - {"pip", "setuptools"} == {"labone", "labnoscript"}
    # It is undone by halves: the rest is still to be found, and to be undone.
    assert project.run(["safepip", "undo", "--yes"]).returncode == 0
    assert not (project.cwd / ".venv").exists()


def test_plan_foretells_what_uninstall_does(project: Lab) -> None:
    def planned(*names: str) -> str:
        return project.run(["safepip", "plan", "uninstall", *names]).out

    left = "safepip would not change this command: "
    assert planned("labone").startswith(left)
    install(project, "labone")
    said = planned("labone")
    there = "safepip would step in: it would remove labone from .venv, where it put that"
    assert said.startswith(there), said
    pip = str(project.cwd / ".venv/bin/python"), "-m", "pip", "uninstall", "labone"
    assert "It would run:\n" in said
    told = json.loads(planned("labone", "--json"))["data"]
    assert (told["action"], told["destination"]) == ("divert", str(project.cwd / ".venv")), told
    assert told["commands"] == [list(pip)]
    assert (project.cwd / ".venv/bin/labone").exists()
    project.run(["safepip", "uninstall", "-y", "labone"])
    assert planned("labone").startswith(left)
    install(project, "labone")
    for python in (project.cwd / ".venv/bin").glob("python*"):
        python.unlink()
    assert "It would stop there:\nThe Python .venv/bin/python is gone" in planned("labone")


def test_from_elsewhere_it_is_shown_and_not_removed(project: Lab) -> None:
    install(project, "labone")
    elsewhere = project.home / "elsewhere"
    project.write(elsewhere / "note")
    shown = project.run(["safepip", "show", "labone"], cwd=elsewhere)
    assert "labone is in ~/work/.venv; to see it: " in shown.err
    bare = project.bare(["uninstall", "-y", "labone"], cwd=elsewhere)
    done = project.run(["safepip", "uninstall", "-y", "labone"], cwd=elsewhere)
    assert done.same == bare.same
    assert (project.cwd / ".venv/bin/labone").exists()


def test_of_two_names_each_is_removed_where_it_is(project: Lab) -> None:
    install(project, "labone")
    project.bare(["install", "-q", "--user", "labmany"])
    done = project.run(["safepip", "uninstall", "-y", "labmany", "labone"])
    assert done.returncode == 0, done
    assert "labmany" not in project.installed(project.user_site)
    assert "labone" not in project.installed(site_of(project.cwd / ".venv"))


def test_what_is_nowhere_stops_no_uninstall_in_a_managed_python(
    field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.pair(MARKED))
    lab.write("pyproject.toml")
    lab.write("all.txt", "labone>=1 # first\nnowhere\nlabmany\n")
    for line in ("labone nowhere labmany", "-r all.txt"):
        install(lab, "labone", "labmany")
        site = site_of(lab.cwd / ".venv")
        words = ["uninstall", "-y", *line.split()]
        planned = lab.run(["safepip", "plan", *words]).out
        assert planned.splitlines()[-1].endswith(f".venv/bin/python -m pip {' '.join(words)}")
        done = lab.run(["safepip", *words])
        assert done.returncode == 0, done
        assert "are in ~/work/.venv, where safepip put them; removing them there." in done.err, done
        assert "Skipping nowhere as it is not installed" in done.err, done
        assert not {"labone", "labmany"} & lab.installed(site).keys()
        assert "(undone)" in lab.run(["safepip", "history"]).out
    # What is in two places, or listed in a way that only pip can read, stays pip's.
    install(lab, "labone")
    site = site_of(lab.cwd / ".venv")
    lab.write("all.txt", "labone\n./folder\n")
    for line in ("-r all.txt", "-r missing.txt", "nowhere"):
        words = ["uninstall", "-y", *line.split()]
        assert lab.run(["safepip", *words]).same == lab.bare(words).same
    assert "labone" in lab.installed(site)


def test_of_two_places_none_is_chosen(marked: Lab) -> None:
    install(marked, "labapp", own=["--strategy", "pipx"])
    marked.write("pyproject.toml")
    install(marked, "labapp")
    before = marked.snapshot()
    done = marked.run(["safepip", "uninstall", "-y", "labapp"])
    assert done.returncode == 77
    assert "labapp is in 2 places, so nothing was removed. Choose one:" in done.err, done
    assert done.err.count("-m pip uninstall labapp") == 1
    assert re.search(r"^    /\S+.*\bpipx uninstall labapp$", done.err, re.MULTILINE), done
    told = json.loads(marked.run(["safepip", "plan", "uninstall", "labapp", "--json"]).out)["data"]
    assert (told["action"], told["commands"]) == ("refuse", []), told
    assert marked.snapshot() == before


def test_what_is_not_ours_is_told_with_its_owner(field: Field, make_lab: LabMaker) -> None:
    lab = make_lab(field.modern(installed=["labone==1.0"]))
    bare = lab.bare(["uninstall", "-y", "labone"])
    done = lab.run(["safepip", "uninstall", "-y", "labone"])
    assert (done.returncode, done.stdout) == (bare.returncode, bare.stdout)
    assert f"which belongs to {lab.python.owner}; no package manager of the system" in done.err
    assert done.err.endswith(f"    sudo {lab.python.executable} -m pip uninstall labone\n"), done


def test_debian_is_asked_whose_it_is(field: Field, make_lab: LabMaker) -> None:
    lab = make_lab(field.debian())
    done = lab.run(["safepip", "uninstall", "-y", "pip"])
    assert done.returncode != 0
    assert "apt installed it as python3-pip." in done.err, done
    assert done.err.endswith("    sudo apt remove python3-pip\n"), done


def test_nobody_is_told_to_break_a_managed_python(marked: Lab) -> None:
    done = marked.run(["safepip", "uninstall", "-y", "pip"])
    bare = marked.bare(["uninstall", "-y", "pip"])
    assert (done.returncode, done.stdout) == (bare.returncode, bare.stdout)
    told = done.err.removeprefix(bare.err)
    assert "your OS manages that Python. Leave it there" in told, done
    assert "sudo" not in told
    assert told.endswith(" -m venv .venv\n"), done


# Everything else stays pip's


@pytest.fixture(scope="module")
def settled(field: Field) -> Iterator[Lab]:
    """A project in which something was put, for commands that leave all as it is."""
    maker = LabMaker(field, f"settled-{os.getpid()}")
    lab = maker()
    lab.write("pyproject.toml")
    install(lab, "labone")
    yield lab
    maker.close()


@pytest.mark.parametrize(
    "line",
    [
        "freeze",
        "show labone pip",
        "show",
        "uninstall -y no-such-thing",
        "uninstall -y -r missing.txt",
        *long("list", "show pip", "uninstall --help"),
        *long("list --format json", "show --files pip", "uninstall"),
    ],
)
def test_stdout_and_status_are_pips(line: str, settled: Lab) -> None:
    words = line.split()
    bare = settled.bare(words)
    done = settled.run(["safepip", *words])
    assert (done.returncode, done.stdout) == (bare.returncode, bare.stdout)
    assert done.err.startswith(bare.err)


def test_what_pip_has_itself_is_pips_to_remove(project: Lab) -> None:
    install(project, "labone")
    project.activate(project.cwd / ".venv")
    done = project.run(["safepip", "uninstall", "-y", "labone"])
    assert done.returncode == 0
    assert not done.stderr
    assert not (project.cwd / ".venv/bin/labone").exists()


def test_settings_that_are_wrong_stop_no_uninstall(project: Lab) -> None:
    project.bare(["install", "-q", "--user", "labone"])
    project.write(project.home / ".config/safepip/config.toml", "nonsense = 1\n")
    done = project.run(["safepip", "uninstall", "-y", "labone"])
    assert done.returncode == 0, done
    assert not project.installed(project.user_site)
