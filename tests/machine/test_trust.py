"""Which environments of a project may be run, and which are somebody else's code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safepip.machine import trust
from safepip.machine.environments import look_at_environment
from safepip.model.environments import EnvironmentState
from safepip.wording.reasons import shown

if TYPE_CHECKING:
    from collections.abc import Callable

posix = pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX systems")
as_root = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root gives files away"
)
pytestmark = posix
BASE = Path(getattr(sys, "_base_executable", sys.executable)).resolve()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    return root


def make(path: Path, *options: str) -> Path:
    """A virtual environment as a user makes one."""
    words = [str(BASE), "-m", "venv", "--without-pip", *options, str(path)]
    subprocess.run(words, check=True, capture_output=True, cwd="/")
    return path


def by_hand(path: Path, python: str | Path = BASE, config: str | None = None) -> Path:
    """One as an attacker writes it."""
    (path / "bin").mkdir(parents=True)
    (path / "bin/python").symlink_to(python)
    text = f"home = {BASE.parent}\n" if config is None else config
    (path / "pyvenv.cfg").write_text(text)
    return path


def program(path: Path, text: str = "#!/bin/sh\ntouch /tmp/run\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


# Used


@pytest.mark.parametrize("options", [(), ("--copies",), ("--system-site-packages",)])
def test_a_venv_of_the_users_is_used(options: tuple[str, ...], project: Path) -> None:
    path = make(project / ".venv", *options)
    assert trust.problem_of(path, inside=project) is None


def test_one_that_is_kept_elsewhere_is_used(project: Path, tmp_path: Path) -> None:
    path = make(tmp_path / "envs/one")
    (project / ".venv").symlink_to(path)
    assert trust.problem_of(project / ".venv", inside=project) is None


@pytest.mark.parametrize(
    "config",
    [
        "home = {home}\n",
        "home={home}\r\nversion = 3.11.7\r\n",
        "include-system-site-packages = false\n  HOME   =  {home}  \n",
        "home = {home}\nhome = {home}\n",
        "home = {home}\nexecutable = x\ncommand = x -m venv a=b\nversion_info = 3.12.0.final.0",
    ],
)
def test_a_config_is_read_as_python_reads_it(config: str, project: Path) -> None:
    path = by_hand(project / ".venv", config=config.format(home=BASE.parent))
    assert trust.problem_of(path, inside=project) is None


# Not used


def _inside(project: Path) -> Path:
    evil = program(project / "tools/python3")
    return by_hand(project / ".venv", evil, f"home = {evil.parent}\n")


def _own_program(project: Path) -> Path:
    path = by_hand(project / ".venv")
    (path / "bin/python").unlink()
    program(path / "bin/python")
    return path


def _elsewhere(project: Path) -> Path:
    other = program(project.parent / "other/python3")
    return by_hand(project / ".venv", other)


def _no_python(project: Path) -> Path:
    return by_hand(project / ".venv", "/bin/sh", "home = /bin\n")


def _no_python_by_a_hop(project: Path) -> Path:
    path = by_hand(project / ".venv", "/bin/sh", "home = /bin\n")
    (path / "bin/python").rename(path / "bin/python3")
    (path / "bin/python").symlink_to("python3")
    return path


def _changed_copy(project: Path) -> Path:
    path = make(project / ".venv", "--copies")
    with (path / "bin/python").open("ab") as file:
        file.write(b"more")
    return path


def _config(text: str) -> Callable[[Path], Path]:
    return lambda project: by_hand(project / ".venv", config=text.format(home=BASE.parent))


def _linked_home(project: Path) -> Path:
    (project.parent / "home").symlink_to(project / "tools")
    program(project / "tools/python3")
    return by_hand(
        project / ".venv", project / "tools/python3", f"home = {project.parent / 'home'}\n"
    )


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "an interpreter in the project": (_inside, "lies inside the project"),
    "one in the project by a link": (_linked_home, "lies inside the project"),
    "a program of its own in place of it": (
        _own_program,
        "lies inside the project, and is no copy",
    ),
    "one that home does not name": (_elsewhere, "is not the one in"),
    "a copy that was changed": (_changed_copy, "lies inside the project, and is no copy"),
    "no Python at all": (_no_python, "is no Python by its name"),
    "no Python, by a hop": (_no_python_by_a_hop, "is no Python by its name"),
    "no home": (_config("version = 3.11\n"), "names no absolute home"),
    "a relative home": (_config("home = .\n"), "names no absolute home"),
    "two homes": (_config("home = {home}\nhome = /tmp\n"), "cannot be read"),
    "two homes, one in a comment's place": (
        _config("#\r home = /tmp\nhome = {home}\n"),
        "cannot be read",
    ),
    "a second home behind a long line": (
        _config("home = {home}\n" + "x" * 4096 + "home = /tmp\n"),
        "cannot be read",
    ),
    "a config without end": (_config("home = {home}\n" + "x\n" * 40000), "cannot be read"),
    "a config with a NUL": (_config("home = {home}\n\0"), "cannot be read"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_somebody_elses_code_is_not_run(case: str, project: Path) -> None:
    prepare, why = REFUSED[case]
    path = prepare(project)
    problem = trust.problem_of(path, inside=project)
    assert problem is not None
    assert why in shown(problem)


@pytest.mark.skipif(shutil.which("git") is None, reason="no git on this machine")
@pytest.mark.parametrize("how", ["its files", "the link to it", "the file that names it"])
def test_one_that_came_with_a_clone_is_not_run(how: str, project: Path, tmp_path: Path) -> None:
    named_by = None
    if how == "its files":
        path = make(project / ".venv")
        tracked = ".venv/pyvenv.cfg"
    else:
        path = make(tmp_path / "other")
        tracked = ".venv"
        if how == "the link to it":
            (project / ".venv").symlink_to(path)
            path = project / ".venv"
        else:
            named_by = project / ".venv"
            named_by.write_text(str(path))
    assert trust.problem_of(path, inside=project, named_by=named_by) is None
    for words in (["init", "-q"], ["add", "-f", tracked]):
        subprocess.run(["git", *words], cwd=project, check=True)
    problem = trust.problem_of(path, inside=project, named_by=named_by)
    assert problem is not None
    assert "git tracks" in shown(problem)


@as_root
@pytest.mark.parametrize(
    "whose", [".venv", ".venv/pyvenv.cfg", ".venv/bin", "site-packages", "python"]
)
def test_what_belongs_to_another_user_is_not_run(whose: str, project: Path, tmp_path: Path) -> None:
    path = make(project / ".venv")
    if whose == "site-packages":
        one = next(path.glob("lib/*/site-packages"))
    elif whose == "python":
        one = tmp_path / "theirs/python3"
        one.parent.mkdir()
        shutil.copy(BASE, one)
        shutil.rmtree(path)
        by_hand(path, one, f"home = {one.parent}\n")
    else:
        one = project / whose
    assert trust.problem_of(path, inside=project) is None
    os.chown(one, 4242, 4242)
    problem = trust.problem_of(path, inside=project)
    assert problem is not None
    assert "belongs to 4242" in shown(problem)


# Windows, where an environment's python.exe is always a copy


@pytest.mark.parametrize("copied", ["python.exe", "Lib/venv/scripts/nt/venvlauncher.exe"])
def test_a_venv_of_windows_is_used(copied: str, project: Path, tmp_path: Path) -> None:
    base = tmp_path / "Python312"
    program(base / "python.exe", "python")
    program(base / "Lib/venv/scripts/nt/venvlauncher.exe", "launcher")
    path = project / ".venv"
    program(path / "Scripts/python.exe", (base / copied).read_text())
    (path / "pyvenv.cfg").write_text(f"home = {base}\nversion = 3.12.1\n")
    assert trust.problem_of(path, inside=project, windows=True) is None
    program(path / "Scripts/python.exe", "something else")
    problem = trust.problem_of(path, inside=project, windows=True)
    assert problem is not None
    assert "is no copy of one in" in shown(problem)


# What else stands in an environment's place


def test_a_link_to_an_empty_folder_is_not_filled(project: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (project / ".venv").symlink_to(tmp_path / "empty")
    seen = look_at_environment(
        project / ".venv", inside=project, made_by_us=False, unfinished=False
    )
    assert seen.state is EnvironmentState.OCCUPIED
    assert str(tmp_path / "empty") in shown(seen.detail)
    (project / "venv").mkdir()
    seen = look_at_environment(project / "venv", inside=project, made_by_us=False, unfinished=False)
    assert seen.state is EnvironmentState.MISSING


@given(
    data=st.one_of(
        st.binary(max_size=2000), st.text("home = /\r\nx\0é", max_size=200).map(str.encode)
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_config_says_there_is_an_answer(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "pyvenv.cfg").write_bytes(data)
    said = trust.environment_config(tmp_path)
    assert said is None or all(key == key.strip().lower() for key in said)
