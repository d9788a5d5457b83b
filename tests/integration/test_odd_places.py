"""Places that are denied in part, or odd in themselves: what is there, what runs, what is told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment, install, site_of
from tests.support.long import long
from tests.support.pythons import MARKED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.lab import Lab, LabMaker
    from tests.support.pythons import Field


# Half installs.


def test_a_half_install_is_taken_away_and_the_second_time_is_as_the_first(
    make_lab: LabMaker,
) -> None:
    """An environment of the user's own whose scripts dir is root's."""
    lab = make_lab(pipx=True)
    environment = lab.venv()
    lab.activate(environment)
    lab.lock(environment / "bin")
    for again in (False, True):
        told = install(lab, "labapp")
        assert told.result.returncode == 0, told
        assert told.where[1] == "application", told
        assert told.report["trigger"]["path"] == str(environment / "bin")
        whose = "owner: root" if lab.user.dropped else "it is yours, but its mode is read-only"
        why = "Already installed" if again else f".venv/bin is not writable ({whose})"
        assert why in told.result.err
        assert in_environment(lab, environment) == {}
        assert not (site_of(environment) / "labapp").exists()


def test_what_was_there_before_stays(lab: Lab) -> None:
    """The twin: what pip had finished, and what it is not asked for."""
    environment = lab.venv()
    lab.activate(environment)
    assert lab.bare(["install", "labnoscript"]).returncode == 0
    lab.lock(environment / "bin")
    told = install(lab, "labone", "labdata")
    assert told.result.returncode == 0, told
    assert "labnoscript" in in_environment(lab, environment)
    assert "labone" not in in_environment(lab, environment)


def test_a_path_that_the_locale_has_no_letters_for(lab: Lab) -> None:
    """What a file says of it is in UTF-8, and Python reads paths as ASCII here."""
    place = lab.write("日本/pyproject.toml").parent
    environment = lab.venv("日本/.venv")
    lab.env.update(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    told = install(lab, "labnoscript", cwd=place)  # pip itself writes no commands there
    assert told.where[:2] == ("diverted", "project"), told
    assert in_environment(lab, environment) == {"labnoscript": "1.0"}
    assert lab.run(["safepip", "doctor"], cwd=place).returncode in {0, 1}
    # The same by a file that names it.
    named = lab.write("日本/named/pyproject.toml").parent
    lab.write(named / ".venv", f"{environment}\n")
    told = install(lab, "labnoscript", cwd=named)
    assert told.where[1] == "project", told
    assert "Already installed" in told.result.err


# Metadata that may not be read.


def test_metadata_that_may_not_be_read_sends_it_where_nobody_reads_it(
    field: Field, make_lab: LabMaker
) -> None:
    python = field.python("", "24.0", installed=["labone==1.0"], private="umask")
    lab = make_lab(python)
    info = next(python.site.glob("labone-*.dist-info"))
    if not lab.user.dropped:
        pytest.skip("only root can keep the lab user from reading")
    info.chmod(0o700)
    try:
        bare = lab.bare(["install", "-U", "labone"])
        assert bare.returncode != 0
        plan = lab.run(["safepip", "plan", "install", "-U", "labone"])
        told = install(lab, "-U", "labone")
    finally:
        info.chmod(0o755)
    assert told.result.returncode == 0, told
    assert told.where[1] == "personal", told
    assert "personal" in plan.out
    assert f"{info} cannot be read (owner: root)" in told.result.err
    assert in_environment(lab, told.destination) == {"labone": "2.0"}


# Whose script runs what.


def test_the_old_script_of_the_same_python_runs_the_new_module(
    field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.python("", "24.0", installed=["labone==1.0"]))
    lab.env["PATH"] += f":{lab.python.prefix}/local/bin"  # where a copy of Debian's has them
    told = install(lab, "-U", "labone", own=["--strategy", "user"])
    assert told.result.returncode == 0, told
    assert told.scripts == {"labone": "visible"}, told
    assert "still runs" not in told.result.err
    assert lab.run(["labone"]).out == "labone 2.0\n"


# What the reason is.


@pytest.mark.parametrize("how", ["mode", "immutable"])
def test_a_folder_of_one_s_own_says_why_it_cannot_be_written(how: str, lab: Lab) -> None:
    environment = lab.venv()
    lab.activate(environment)
    site = site_of(environment)
    if how == "mode":
        site.chmod(0o555)
    else:
        done = subprocess.run(["chattr", "+i", str(site)], check=False, capture_output=True)
        if done.returncode != 0:
            pytest.skip("nothing can be made immutable here")
    try:
        told = install(lab, "labone")
    finally:
        subprocess.run(["chattr", "-i", str(site)], check=False, capture_output=True)
        site.chmod(0o755)
    assert told.result.returncode == 0, told
    words = {"mode": "it is yours, but its mode", "immutable": "it is marked immutable"}[how]
    assert f"{site.relative_to(lab.cwd)} is not writable ({words}" in told.result.err, told


def test_the_second_time_says_why_it_is_elsewhere_too(field: Field, make_lab: LabMaker) -> None:
    lab = make_lab(field.pair(MARKED))
    lab.write("pyproject.toml")
    environment = lab.venv()
    environment.chmod(0o555)
    try:
        told = [install(lab, "labone") for _ in range(2)]
    finally:
        environment.chmod(0o755)
    assert [one.landed for one in told] == [{"labone": "2.0"}, {}], told
    assert told[1].words[0].startswith("Already installed in your personal environment"), told
    for one in told:
        assert "This project's environment could not be used: .venv is not" in one.result.err, one
        assert f"chmod u+rwx {environment}" in one.result.err, one


# A file system that runs nothing.


def test_a_file_system_without_exec_gets_a_command_that_runs(
    lab: Lab, mount: Callable[[Path, str], None]
) -> None:
    project = lab.cwd / "project"
    project.mkdir()
    mount(project, f"noexec,mode=755,uid={lab.user.uid},gid={lab.user.gid}")
    lab.write("project/pyproject.toml")
    told = install(lab, "labone", cwd=project)
    assert told.result.returncode == 0, told
    assert told.where[1] == "project", told
    command = told.report["next_command"]
    assert lab.run(["bash", "-c", command], cwd=project).out == "labone 2.0\n", told
    assert lab.run(["safepip", "run", "labone"], cwd=project).out == "labone 2.0\n"
    told = install(lab, "labnoscript", cwd=project)
    command = told.report["next_command"]
    done = lab.run(["bash", "-c", f"{command}; python -c 'import labnoscript'"], cwd=project)
    assert done.returncode == 0, (told, done)


def test_no_path_is_offered_for_what_may_not_be_run(
    make_lab: LabMaker, mount: Callable[[Path, str], None]
) -> None:
    lab = make_lab(pipx=True)
    home = lab.cwd / "home"
    home.mkdir()
    mount(home, f"noexec,mode=755,uid={lab.user.uid},gid={lab.user.gid}")
    lab.env["HOME"] = str(home)
    told = install(lab, "labapp")
    assert told.result.returncode == 0, told
    assert lab.run(["bash", "-c", told.report["next_command"]]).out == "labapp 1.0\n", told
    assert "path --install" not in told.result.err
    lab.write(home / "work/pyproject.toml")
    assert install(lab, "labone", cwd=home / "work").where[1] == "project"
    done = lab.run(["safepip", "doctor", "--json"], cwd=home / "work")
    (found,) = (f for f in json.loads(done.out)["data"]["findings"] if "no-exec" in f["id"])
    assert found["commands"] == []


# .venv files (PEP 832).


@pytest.mark.parametrize("how", ["relative", *long("absolute"), "newline"])
def test_a_file_names_the_environment(how: str, lab: Lab) -> None:
    environment = lab.venv("../envs/mine")
    named = {"relative": "../envs/mine", "absolute": str(lab.home / "envs/mine")}
    lab.write("pyproject.toml")
    lab.write(".venv", named.get(how, "../envs/mine\r\n"))
    told = install(lab, "labone")
    assert told.where == ("diverted", "project", str(lab.home / "envs/mine")), told
    assert in_environment(lab, environment) == {"labone": "2.0"}


@pytest.mark.parametrize("how", ["dangling", "no environment"])
def test_a_file_that_names_nothing_is_in_the_way(how: str, lab: Lab) -> None:
    lab.write("pyproject.toml")
    if how != "dangling":
        lab.write("elsewhere/x")
    lab.write(".venv", "elsewhere\n")
    told = install(lab, "labone")
    assert told.result.returncode == 73, told
    assert "it names elsewhere, where no virtual environment is" in told.result.err
    assert (lab.cwd / ".venv").read_text() == "elsewhere\n"


def test_a_file_that_names_somebody_else_s_environment_is_refused(lab: Lab) -> None:
    environment = lab.venv("theirs", locked=True)
    if not lab.user.dropped:
        pytest.skip("only root can make it somebody else's")
    lab.hand_to(environment, 4321)
    lab.write("pyproject.toml")
    lab.write(".venv", str(environment))
    told = install(lab, "labone")
    assert told.result.returncode == 77, told
    assert "belongs to 4321" in told.result.err


# Environments that came about in other ways.


def test_an_environment_of_copies_is_used(lab: Lab) -> None:
    lab.write("pyproject.toml")
    # The lab's own Python finds its library beside itself, which a copy elsewhere does not.
    lab.env["LD_LIBRARY_PATH"] = str(lab.python.prefix / "lib")
    done = lab.run([lab.python.executable, "-m", "venv", "--copies", "--without-pip", ".venv"])
    assert done.returncode == 0, done
    told = install(lab, "labone")
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv")), told


def test_a_renamed_project_goes_on(lab: Lab) -> None:
    lab.write("a/pyproject.toml")
    assert install(lab, "labone", cwd=lab.cwd / "a").result.returncode == 0
    (lab.cwd / "a").rename(lab.cwd / "b")
    told = install(lab, "labnoscript", cwd=lab.cwd / "b")
    assert told.where == ("diverted", "project", str(lab.cwd / "b/.venv")), told
    assert set(in_environment(lab, lab.cwd / "b/.venv")) == {"labone", "labnoscript"}
    # Its activate script leads to where it was: the function of a shell leaves it alone.
    script = 'eval "$(safepip init bash --activate)"; pip install labmany; echo "($VIRTUAL_ENV)"'
    done = lab.run(["bash", "-c", script], cwd=lab.cwd / "b")
    assert done.out.endswith("()\n"), done
    assert f'export PATH={lab.cwd}/b/.venv/bin:"$PATH"' in done.err


@pytest.mark.parametrize("name", ["a", "a a"])
def test_a_command_of_a_renamed_project_is_run_by_its_python(name: str, lab: Lab) -> None:
    lab.write(f"{name}/pyproject.toml")
    assert install(lab, "labone", "labmany", cwd=lab.cwd / name).result.returncode == 0
    (lab.cwd / name).rename(lab.cwd / "b")
    told = install(lab, "labone", cwd=lab.cwd / "b")
    assert told.words[-1] == "To run labone in this shell:", told
    assert lab.run(["sh", "-c", told.report["next_command"]]).out == "labone 2.0\n", told
    assert lab.run(["safepip", "run", "labone"], cwd=lab.cwd / "b").out == "labone 2.0\n"


@pytest.mark.parametrize("name", ["old", "o l d"])
@pytest.mark.parametrize("alias", ["", "pip3"])
def test_a_moved_environment_on_path_is_what_pip_runs_in(name: str, alias: str, lab: Lab) -> None:
    lab.venv(name)
    (lab.cwd / name).rename(lab.cwd / "new")
    lab.env["PATH"] = f"{lab.cwd}/new/bin:{lab.env['PATH']}"
    lab.env["SAFEPIP_AS"] = alias
    done = lab.run(["safepip", "install", "labone"])
    assert done.returncode == 0, done
    assert in_environment(lab, lab.cwd / "new") == {"labone": "2.0"}
    lab.env["SAFEPIP_AS"] = ""
    for words in ("plan install labnoscript", "where labone", "--version", "doctor"):
        told = lab.run(["safepip", *words.split()])
        assert told.returncode == int(words == "doctor"), told
        assert f"{lab.cwd}/new" in told.out.replace("~", str(lab.home)), told


def test_an_environment_whose_library_is_deleted_is_filled_again(lab: Lab) -> None:
    lab.write("pyproject.toml")
    assert install(lab, "labone").landed == {"labone": "2.0"}
    shutil.rmtree(lab.cwd / ".venv/lib")
    told = install(lab, "labone")
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv")), told
    assert told.landed == {"labone": "2.0"}, told
    assert lab.run([lab.cwd / ".venv/bin/python", "-c", "import labone"]).returncode == 0


def test_an_environment_of_another_version_is_not_what_pip3_n_installs_into(lab: Lab) -> None:
    other = lab.field.python("3.11" if lab.python.version != "3.11" else "3.12")
    made = lab.run([other.executable, "-m", "venv", "--without-pip", "env"])
    assert made.returncode == 0, made
    lab.activate(lab.cwd / "env")
    line = ["safepip", "install", "labone"]
    done = lab.run(line, env={"SAFEPIP_AS": f"pip{lab.python.version}"})
    assert done.returncode == 0, done
    assert lab.installed(lab.user_site) == {"labone": "2.0"}
    assert lab.run([lab.python.executable, "-c", "import labone"]).returncode == 0
    # Without a name it is the active one that is meant.
    assert lab.run(line).returncode == 0
    assert in_environment(lab, lab.cwd / "env") == {"labone": "2.0"}


@pytest.mark.parametrize("words", ["labone", "-r requirements.txt"])
def test_a_projects_environment_of_another_version_is_not_either(lab: Lab, words: str) -> None:
    other = lab.field.python("3.11" if lab.python.version != "3.11" else "3.12")
    made = lab.run([other.executable, "-m", "venv", "--without-pip", ".venv"])
    assert made.returncode == 0, made
    lab.write("requirements.txt", "labone\n")
    line, named = ["install", *words.split()], {"SAFEPIP_AS": f"pip{lab.python.version}"}
    done = lab.run(["safepip", *line], env=named)
    assert done.returncode == 0, done
    assert lab.installed(lab.user_site) == {"labone": "2.0"}
    assert in_environment(lab, lab.cwd / ".venv") == {}
    # Without a name it is the project's that is meant.
    assert lab.run(["safepip", *line]).returncode == 0
    assert in_environment(lab, lab.cwd / ".venv") == {"labone": "2.0"}


def test_an_active_environment_of_condas_takes_what_another_pip_was_denied(lab: Lab) -> None:
    """It has no ``pyvenv.cfg``, and no ``pip3.12``: the system's is the first on PATH."""
    lab.python.wants_usual_places()
    place = lab.home / "conda"
    shutil.copytree(lab.python.prefix, place, symlinks=True)
    lab.give(place)
    lab.write(place / "conda-meta/history")
    lab.env["CONDA_PREFIX"] = str(place)
    told = install(lab, "labone", env={"SAFEPIP_AS": str(lab.python.executable)})
    assert told.where == ("diverted", "active-environment", str(place)), told
    assert (lab.run([place / "bin/labone"]).out, told.landed) == ("labone 2.0\n", {"labone": "2.0"})


def test_a_stale_variable_is_named(lab: Lab) -> None:
    lab.env["VIRTUAL_ENV"] = str(lab.home / "gone")
    done = lab.run(["safepip", "plan", "install", "labone"])
    assert f"VIRTUAL_ENV names {lab.home}/gone, which holds no Python" in done.out, done
    told = install(lab, "labone")
    assert told.where[1] == "user-site", told
    assert "VIRTUAL_ENV names ~/gone, which holds no Python." in told.words


def test_an_environment_deleted_while_active_and_made_again_is_not_called_stale(lab: Lab) -> None:
    lab.write("pyproject.toml")
    lab.env["VIRTUAL_ENV"] = str(lab.cwd / ".venv")
    told = install(lab, "labone")
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv")), told
    assert set(in_environment(lab, lab.cwd / ".venv")) == {"labone"}
    assert "holds no Python" not in told.words, told


def test_a_variable_behind_a_link_is_the_environment_that_was_denied(lab: Lab) -> None:
    environment = lab.venv("env", locked=True)
    link = lab.home / "link"
    link.symlink_to(environment)
    lab.activate(link)
    told = install(lab, "labone")
    assert told.where[1] != "active-environment", told
    assert told.result.returncode == 0, told


def test_one_folder_has_one_answer(lab: Lab) -> None:
    """A project of another user's, which this one may write: `-r` made `.venv`, which is used."""
    if not lab.user.dropped:
        pytest.skip("only root can make it somebody else's")
    lab.write("requirements.txt", "labone\n")
    os.chown(lab.cwd, 4321, lab.user.gid)
    lab.cwd.chmod(0o775)
    told = install(lab, "-r", "requirements.txt")
    assert told.where == ("diverted", "local-request", str(lab.cwd / ".venv")), told
    told = install(lab, "labnoscript")
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv")), told


def test_two_pythons_of_one_version_keep_apart(field: Field, make_lab: LabMaker) -> None:
    lab = make_lab(field.modern())
    told = install(lab, "labone", own=["--strategy", "venv"])
    assert told.where[1] == "personal", told
    other = field.python(lab.python.version, "24.0", private="other")
    lab.env["PATH"] = lab.env["PATH"].replace(str(lab.python.bin), str(other.bin))
    again = install(lab, "labnoscript", own=["--strategy", "venv"])
    assert again.where[1] == "personal", again
    assert again.destination != told.destination
    assert f"home = {other.bin}" in (again.destination / "pyvenv.cfg").read_text()


# Notebooks and jobs.


def test_a_notebook_imports_it_at_once(lab: Lab) -> None:
    lab.write("pyproject.toml")
    lab.write(
        "lib/ipykernel_launcher.py", "import os, sys\nos.system(sys.argv[1])\nimport labone\n"
    )
    lab.write(lab.user_site / "x").unlink()  # the kernel looks there only if it is there
    kernel = [str(lab.python.executable), "-m", "ipykernel_launcher", "safepip install labone"]
    env = {"PYTHONPATH": str(lab.cwd / "lib"), "JPY_PARENT_PID": "1"}
    done = lab.run(kernel, env=env)
    assert done.returncode == 0, done
    assert "labone" in lab.installed(lab.user_site)
    assert not (lab.cwd / ".venv").exists()
    assert "Restart the kernel" not in done.err
    assert f"in a cell, behind a !:\n    {lab.home}/.local/bin/labone\n" in done.err
    # The twin: a terminal that a notebook's server started.
    told = install(lab, "labnoscript", env={"JPY_PARENT_PID": "1"})
    assert told.where[1] == "project", told


def test_the_next_step_of_a_job_has_it(lab: Lab) -> None:
    lab.write("requirements.txt", "labone\n")
    env: dict[str, str | None] = {"GITHUB_ACTIONS": "true", "CI": "true"}
    for name in ("GITHUB_PATH", "GITHUB_ENV"):
        env[name] = str(lab.write(lab.tmp / name, "ONE=1\n" if name == "GITHUB_ENV" else ""))
    for _ in range(2):
        told = install(lab, "-r", "requirements.txt", env=env)
        assert told.result.returncode == 0, told
    added = (lab.tmp / "GITHUB_PATH").read_text()
    assert added == f"{lab.cwd}/.venv/bin\n"
    assert (lab.tmp / "GITHUB_ENV").read_text() == f"ONE=1\nVIRTUAL_ENV={lab.cwd}/.venv\n"
    path = f"{added.strip()}:{lab.env['PATH']}"
    assert lab.run(["python3", "-c", "import labone"], env={"PATH": path}).returncode == 0
    # Not against the settings, and elsewhere it is told.
    lab.write(lab.tmp / "GITHUB_PATH", "")
    told = install(lab, "labnoscript", env={**env, "SAFEPIP_ACTIVATE": "false"})
    assert (lab.tmp / "GITHUB_PATH").read_text() == ""
    assert "Each later step of this job" in told.result.err
    told = install(lab, "labmany", env={"CI": "true"})
    assert "Each later step of this job" in told.result.err


# What was asked for, and who is asked.


def test_the_report_tells_what_was_asked_for_and_what_was_done(lab: Lab) -> None:
    told = install(lab, "labone", own=["--strategy", "user"])
    assert told.report["decision"]["asked"] == "user"
    told = install(lab, "labnoscript", own=["--strategy", "refuse"])
    decision = told.report["decision"]
    assert (decision["asked"], decision["strategy"]) == ("refuse", "refuse")


def test_ctrl_d_installs_nothing(lab: Lab) -> None:
    with lab.terminal(["safepip", "--strategy", "ask", "install", "labone"]) as screen:
        screen.expect("Where to install instead")
        screen.send("\x04")
        assert screen.wait() == 77, screen.picture
    assert not lab.user_site.exists()


def test_what_would_work_is_only_promised_where_it_would(lab: Lab) -> None:
    words = ["--user", "labnoscript"]
    told = install(lab, *words, env={"HOME": str(lab.locked)})
    assert told.result.returncode == 1, told
    assert "Leave --user out, and safepip finds a place that works" in told.result.err
    work = lab.locked / "work"
    lab.locked.chmod(0o755)
    work.mkdir()
    lab.lock(lab.locked)
    told = install(lab, *words, env={"HOME": str(lab.locked)}, cwd=work)
    assert told.result.returncode == 1, told
    assert "No other place can be written here, either" in told.result.err


def test_a_pip_without_a_first_line_runs_as_in_a_shell(lab: Lab) -> None:
    own = lab.write(lab.home / "bin/pip", f'exec {lab.python.pip} "$@"\n')
    own.chmod(0o755)
    lab.env["PATH"] = f"{lab.safepip.folder}:{own.parent}:{lab.env['PATH']}"
    for command in (["--version"], ["install", "labnoscript"]):
        done = lab.run(["safepip", *command])
        assert done.returncode == 0, done


def test_no_pip_for_an_old_python_gives_way(field: Field, make_lab: LabMaker) -> None:
    """Neither safepip's pip runs on it, nor has it one that could be copied, nor ensurepip."""
    python = field.python("3.8", "20.3.4", ensurepip=False, private="old")
    lab = make_lab(python)
    info = next(python.site.glob("pip-*.dist-info"))
    (info / "INSTALLER").chmod(0o644)
    (info / "INSTALLER").write_text("debian\n")  # in pieces, as far as anybody knows
    lab.write("pyproject.toml")
    bare = lab.bare(["install", "labnoscript"])
    assert bare.returncode == 0, bare
    lab.reset()
    lab.write("pyproject.toml")
    told = install(lab, "labnoscript")
    assert told.result.returncode == 0, told
    assert not (lab.cwd / ".venv").exists() or told.where[1] == "project"
