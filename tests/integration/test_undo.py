"""`safepip undo` gives the destination back as it was, and touches nothing that is not its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.diversions import install, site_of
from tests.support.pythons import MARKED

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.lab import Lab, LabMaker, Result
    from tests.support.pythons import Field


@pytest.fixture
def project(lab: Lab) -> Lab:
    """A lab whose working directory is a project."""
    lab.write("pyproject.toml")
    return lab


def undo(lab: Lab, *words: str, status: int = 0) -> dict[str, Any]:
    done = lab.run(["safepip", "undo", *words, "--json"])
    assert done.returncode == status, done
    told: dict[str, Any] = json.loads(done.out)["data"]
    return told


def left(told: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["why"] for one in told["left"]}


def files(folder: Path) -> dict[str, bytes | str]:
    """What lies below *folder*, but for what Python compiles as it runs."""
    return {
        str(path.relative_to(folder)): str(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if "__pycache__" not in path.parts and (path.is_symlink() or path.is_file())
    }


# It is as it was


def test_an_environment_is_as_it_was(project: Lab) -> None:
    environment = project.venv()
    before = files(environment)
    install(project, "django", own=["--strategy", "venv"])
    assert files(environment) != before
    told = undo(project, "--yes")
    assert {one["name"] for one in told["removed"]} == {"django", "asgiref", "sqlparse"}
    assert files(environment) == before


def test_an_environment_that_was_made_for_it_goes(project: Lab) -> None:
    before = set(project.cwd.iterdir())
    install(project, "labdeps")
    assert undo(project, "--yes")["environment_removed"]
    assert set(project.cwd.iterdir()) == before


def test_it_goes_with_the_last_that_is_undone(project: Lab) -> None:
    install(project, "labone")
    install(project, "labmany")
    assert not undo(project, "--yes")["environment_removed"]
    assert undo(project, "--yes")["environment_removed"]
    assert not (project.cwd / ".venv").exists()


@pytest.mark.parametrize("words", [["labone==1.0"], ["labdeps", "-c", "old.txt"]])
def test_an_upgrade_is_taken_back(words: list[str], project: Lab) -> None:
    """Also of what had come along with something else, and was not asked for (REQUESTED)."""
    project.write("old.txt", "labone==1.0\n")
    install(project, *words)
    before = files(project.cwd / ".venv")
    install(project, "-U", "labone")
    assert project.installed(site_of(project.cwd / ".venv"))["labone"] == "2.0"
    told = undo(project, "--yes")
    assert told["restored"] == [{"name": "labone", "version": "1.0"}]
    assert files(project.cwd / ".venv") == before


def test_the_user_site_is_as_it_was(lab: Lab) -> None:
    install(lab, "labone==1.0", own=["--strategy", "user"])
    before = files(lab.home / ".local/lib"), files(lab.home / ".local/bin")
    install(lab, "-U", "labone", "labdeps", own=["--strategy", "user"])
    undo(lab, "--yes")
    assert (files(lab.home / ".local/lib"), files(lab.home / ".local/bin")) == before
    undo(lab, "--yes")
    assert not lab.installed(lab.user_site)
    assert not files(lab.home / ".local/bin")


def test_the_personal_environment_goes(field: Field, make_lab: LabMaker) -> None:
    lab = make_lab(field.pair(MARKED))
    told = install(lab, "labone==1.0")
    assert told.report["decision"]["rule"] == "personal"
    before = files(told.destination)
    install(lab, "-U", "labone", "labnoscript")
    assert not undo(lab, "--yes")["environment_removed"]
    assert files(told.destination) == before
    assert undo(lab, "--yes")["environment_removed"]
    assert not told.destination.exists()


def test_pipx_removes_what_it_installed(make_lab: LabMaker) -> None:
    lab = make_lab(pipx=True)
    install(lab, "httpie")
    assert (lab.home / ".local/bin/http").exists()
    undo(lab, "--yes")
    # Its lock of the name stays, as ever.
    assert not list((lab.home / ".local/share/pipx/venvs").glob("[!.]*"))
    assert not files(lab.home / ".local/bin")


def test_pipx_puts_an_older_version_back(make_lab: LabMaker) -> None:
    lab = make_lab(pipx=True)
    pipx = ["--strategy", "pipx"]
    install(lab, "labone==1.0", own=pipx)
    # What the user put beside it is no hindrance, and stays.
    argv = [str(lab.safepip.environment / "bin/pipx"), "inject", "labone", "labnoscript"]
    assert lab.run(argv).returncode == 0
    site = site_of(lab.home / ".local/share/pipx/venvs/labone")
    before = files(site)
    install(lab, "-U", "labone", own=pipx)
    assert lab.installed(site)["labone"] == "2.0"
    undo(lab, "--yes")
    assert lab.installed(site)["labnoscript"] == "1.0"
    assert files(site) == before
    assert lab.run([lab.home / ".local/bin/labone"]).out == "labone 1.0\n"


# What is not its own stays


def test_what_something_else_needs_stays(project: Lab) -> None:
    install(project, "labone==1.0")
    install(project, "labdeps")
    told = undo(project, "1", status=77)
    assert left(told) == {"labone": "needed"}
    assert project.installed(site_of(project.cwd / ".venv"))["labone"] == "1.0"


def test_what_was_there_before_stays(project: Lab) -> None:
    install(project, "labone==1.0")
    install(project, "labdeps")
    undo(project, "--yes")
    site = site_of(project.cwd / ".venv")
    assert project.installed(site).keys() - {"pip", "setuptools"} == {"labone"}


def test_what_the_user_changed_stays(project: Lab) -> None:
    install(project, "labdeps")
    site = site_of(project.cwd / ".venv")
    project.write(site / "labone/__init__.py", "# mine\n")
    told = undo(project, "--yes")
    assert left(told) == {"labone": "edited"}
    assert {one["name"] for one in told["removed"]} == {"labdeps", "labnoscript"}
    assert (site / "labone/__init__.py").read_text() == "# mine\n"
    words = project.run(["safepip", "history"]).out
    assert "(undone)" in words


def test_a_file_that_somebody_put_into_the_environment_keeps_it(project: Lab) -> None:
    install(project, "labone")
    note = project.write(".venv/share/note.txt", "mine")
    done = project.run(["safepip", "undo", "--yes"])
    assert done.returncode == 0, done
    assert note.read_text() == "mine"
    assert "Kept" in done.out
    assert "note.txt, which belongs to no package" in done.out


def test_an_environment_of_the_users_never_goes(project: Lab) -> None:
    environment = project.venv()
    install(project, "labone", own=["--strategy", "venv"])
    undo(project, "--yes")
    assert (environment / "bin/python").exists()


def test_another_version_is_left_alone(project: Lab) -> None:
    install(project, "labone==1.0")
    project.run([".venv/bin/python", "-m", "pip", "install", "-qU", "labone"])
    told = undo(project, "--yes", status=77)
    assert left(told) == {"labone": "changed"}
    done = project.run(["safepip", "undo", "--yes"])
    assert "labone: version 2.0 is there now" in done.err
    assert project.installed(site_of(project.cwd / ".venv"))["labone"] == "2.0"


def test_a_destination_that_is_gone_is_nothing_to_undo(project: Lab) -> None:
    install(project, "labone")
    project.run(["rm", "-r", ".venv"])
    done = project.run(["safepip", "undo"])
    assert (done.returncode, done.out) == (
        0,
        "Nothing was left to undo: none of it is there any more.\n",
    ), done
    assert undo(project, status=77)["id"] is None


def test_what_was_put_beside_it_keeps_an_environment_of_pipx(make_lab: LabMaker) -> None:
    lab = make_lab(pipx=True)
    install(lab, "httpie")
    environment = lab.home / ".local/share/pipx/venvs/httpie"
    into = ["--python", str(environment / "bin/python")]
    assert lab.bare([*into, "install", "-q", "labnoscript"]).returncode == 0
    assert set(left(undo(lab, "--yes", status=77)).values()) == {"beside"}
    assert environment.exists()


# Asked first


def test_without_a_terminal_it_says_what_it_would_do_and_does_nothing(project: Lab) -> None:
    install(project, "labdeps")
    before = project.snapshot()
    done = project.run(["safepip", "undo"])
    assert done.returncode == 77
    assert "remove labdeps 1.0" in done.out
    assert done.err.endswith("    safepip undo 1 --yes\n"), done
    assert project.snapshot() == before


@pytest.mark.parametrize(
    ("answer", "status"),
    [("yes\n", 0), ("\n", 77), pytest.param("no\n", 77, marks=pytest.mark.long)],
)
def test_on_a_terminal_it_asks(answer: str, status: int, project: Lab) -> None:
    install(project, "labone")
    done = project.run(["safepip", "undo"], tty=True, input=answer)
    assert done.returncode == status, done
    assert (project.cwd / ".venv").exists() is (status != 0)


@pytest.mark.parametrize(
    ("words", "status"),
    [(["7"], 77), ([], 77), (["x"], 64), (["1", "2"], 64), (["--al"], 64), (["²"], 64)],
)
def test_what_cannot_be_undone(words: list[str], status: int, lab: Lab) -> None:
    done = lab.run(["safepip", "undo", *words])
    assert done.returncode == status, done
    assert done.err.startswith("safepip: "), done
    assert "'2' is not an ID" not in done.err


def test_the_history_is_shown(project: Lab) -> None:
    def show(*words: str) -> Result:
        return project.run(["safepip", "history", *words])

    assert show().out == "No install was taken elsewhere yet.\n"
    install(project, "labone==1.0")
    install(project, "-U", "labone")
    shown = show().out
    assert "labone 2.0 (was 1.0)" in shown
    assert shown.endswith("    safepip undo ID\n")
    told = json.loads(show("--json").out)["data"]["diversions"]
    assert [one["id"] for one in told] == [1, 2]
    assert told[1]["landed"][0]["before"] == "1.0"
    assert show("all").returncode == 64


# The question


@pytest.mark.parametrize(("answer", "status"), [("y", 0), ("n", 77), ("", 77), ("\x04", 77)])
def test_it_is_asked_as_pip_asks(project: Lab, answer: str, status: int) -> None:
    install(project, "labone")
    active = {"VIRTUAL_ENV": str(project.cwd / ".venv")}
    with project.terminal(["safepip", "undo"], env=active) as screen:
        screen.expect(r"Undo this \(y/N\)\? ")
        screen.send("what\r")
        screen.expect(r"Undo this \(y/N\)\? ")
        screen.send(answer if answer == "\x04" else answer + "\r")
        assert screen.wait() == status
        assert (b"    deactivate" in screen.raw) == (status == 0)
    assert (project.cwd / ".venv").exists() == (status == 77)  # it was made for that alone
