"""Virtual environments: made whole or mended, nobody's taken, none spoilt by settings."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment, install, site_of
from tests.support.lab import changes
from tests.support.long import long, only
from tests.support.missing import lacking
from tests.support.patience import PATIENCE_S
from tests.support.pythons import MARKED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.diversions import Told
    from tests.support.index import Index
    from tests.support.lab import Lab, LabMaker
    from tests.support.pythons import Field


def _works(lab: Lab, environment: Path, *names: str) -> None:
    """Whether it is a whole environment, with a pip, and holds *names*."""
    assert in_environment(lab, environment).keys() == set(names)
    for command in (["bin/python", "-m", "pip"], ["bin/pip"]):
        done = lab.run([environment / command[0], *command[1:], "check"])
        assert done.returncode == 0, done
    for name in names:
        if (environment / "bin" / name).exists():
            assert lab.run([environment / "bin" / name]).returncode == 0
    left = [one.name for one in environment.iterdir() if one.name.startswith(".")]
    assert left in ([".gitignore"], [])


# Making one.


def test_an_environment_is_made_where_ensurepip_is_missing(
    field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.python(pip="24.0", ensurepip=False))
    lab.run(["git", "init", "-q"])
    lab.write("setup.py")
    told = install(lab, "labone")
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv")), told
    _works(lab, lab.cwd / ".venv", "labone")
    assert lab.run(["git", "status", "--porcelain"]).out == "?? setup.py\n"
    lab.tmp.joinpath("report.json").unlink()
    assert not list(lab.tmp.iterdir())


def test_a_double_quote_in_the_path_is_no_hindrance(lab: Lab) -> None:
    lab.cwd = lab.cwd / "a \"quoted' name"
    lab.write("setup.py")
    told = install(lab, "labone")
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv")), told
    # The installers' scripts do not run in such a place, not even their pip.
    assert in_environment(lab, lab.cwd / ".venv").keys() == {"labone"}
    again = install(lab, "labpre")
    assert again.where == told.where, again
    active = lab.run(["safepip", "install", "labmany"], env={"VIRTUAL_ENV": str(lab.cwd / ".venv")})
    assert active.returncode == 0, active
    assert in_environment(lab, lab.cwd / ".venv").keys() == {"labone", "labpre", "labmany"}


def test_debians_own_python_is_served(field: Field, make_lab: LabMaker) -> None:
    lab = make_lab(field.debian())
    lab.write("pyproject.toml")
    told = install(lab, "labone")
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv")), told
    _works(lab, lab.cwd / ".venv", "labone")


def test_a_python_without_venv_cannot_make_one(field: Field, make_lab: LabMaker) -> None:
    python = field.python(pip="24.0", private="novenv")
    lab = make_lab(python)
    python.stdlib.chmod(0o755)
    shutil.rmtree(lab.give(python.stdlib / "venv"))
    python.stdlib.chmod(0o555)
    lab.write("pyproject.toml")
    told = install(lab, "labone")
    assert told.where == ("diverted", "user-site", str(lab.user_site)), told
    assert "no venv module" in told.rejected["project"]
    assert not (lab.cwd / ".venv").exists()


def test_where_none_can_be_made_the_next_rule_is_used(lab: Lab) -> None:
    lab.write("pyproject.toml")
    lab.lock(lab.cwd)
    told = install(lab, "labone")
    # The project is another's then, and theirs is not ours to follow.
    assert told.where == ("diverted", "user-site", str(lab.user_site)), told
    lab.give(lab.cwd)
    lab.write("sub/pyproject.toml")
    lab.cwd.joinpath("sub").chmod(0o555)
    told = install(lab, "labmany", cwd=lab.cwd / "sub")
    assert told.where[:2] == ("diverted", "user-site"), told
    assert "not writable" in told.rejected["project"]


def test_a_state_folder_that_cannot_be_written_is_no_hindrance(lab: Lab) -> None:
    lab.write("pyproject.toml")
    told = install(lab, "labone", env={"XDG_STATE_HOME": str(lab.locked)})
    assert told.where[:2] == ("diverted", "project"), told
    _works(lab, lab.cwd / ".venv", "labone")


# Killed.

STAGES: dict[str, Callable[[Path], Path]] = {
    "the marker is there": lambda e: e / ".safepip-unfinished",
    "venv has begun": lambda e: e / "pyvenv.cfg",
    "its python is there": lambda e: e / "bin/python",
    "pip is being unpacked": lambda e: next(
        iter(e.glob("lib/python3*/site-packages/pip")), e / "-"
    ),
    "pip is there": lambda e: e / "bin/pip",
    # pip writes this one when the commands are there; one file before its last.
    "the install is done": lambda e: next(
        iter(e.glob("lib/*/site-packages/labmany-*.dist-info/INSTALLER")), e / "-"
    ),
}


def _kill(lab: Lab, first: int, number: int, *, all_of_them: bool) -> None:
    for pid in [first, *(lab.processes() if all_of_them else ())]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


@pytest.mark.parametrize(
    "stage", only(STAGES, "venv has begun", "pip is being unpacked", "the install is done")
)
def test_killed_at_any_moment_the_next_run_mends_it(stage: str, lab: Lab) -> None:
    lab.write("pyproject.toml")
    environment = lab.cwd / ".venv"
    file = STAGES[stage]
    running = lab.start(["safepip", "install", "labmany"])
    lab.wait_for(lambda: file(environment).exists() or running.poll() is not None, stage)
    _kill(lab, running.pid, signal.SIGKILL, all_of_them=True)
    running.wait()
    lab.wait_for(lambda: not lab.processes(), "their end")
    told = install(lab, "labone", "labmany")
    assert told.result.returncode == 0, told
    assert told.where == ("diverted", "project", str(environment))
    _works(lab, environment, "labone", "labmany")


def test_killed_alone_its_children_do_not_spoil_the_next_run(lab: Lab) -> None:
    lab.write("pyproject.toml")
    environment = lab.cwd / ".venv"
    running = lab.start(["safepip", "install", "labmany"])
    pip = STAGES["pip is being unpacked"]
    lab.wait_for(lambda: pip(environment).exists() or running.poll() is not None, "pip")
    _kill(lab, running.pid, signal.SIGKILL, all_of_them=False)
    running.wait()
    told = install(lab, "labone")
    assert told.result.returncode == 0, told
    lab.wait_for(lambda: not lab.processes(), "the orphans' end")
    _works(lab, environment, "labone")


@pytest.mark.parametrize("number", [signal.SIGTERM, *long(signal.SIGINT)])
def test_a_signal_while_making_ends_all_and_the_next_run_mends_it(
    number: signal.Signals, lab: Lab
) -> None:
    lab.write("pyproject.toml")
    environment = lab.cwd / ".venv"
    running = lab.start(["safepip", "install", "labone"])
    python = environment / "bin/python"
    lab.wait_for(lambda: python.exists() or running.poll() is not None, "a python")
    assert running.poll() is None
    os.kill(running.pid, number)
    stdout, stderr = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == -number, (stdout, stderr)
    assert b"Traceback" not in stderr, stderr
    lab.wait_for(lambda: not lab.processes(), "the end of all")
    told = install(lab, "labone")
    assert told.result.returncode == 0, told
    _works(lab, environment, "labone")


def test_ctrl_c_while_making_is_a_death_by_it(lab: Lab) -> None:
    lab.write("pyproject.toml")
    with lab.terminal(["safepip", "install", "labone"]) as screen:
        screen.expect("Making a virtual environment")
        lab.wait_for((lab.cwd / ".venv/bin/python").exists, "a python")
        screen.send("\x03")
        assert screen.wait() == -signal.SIGINT, screen.picture
        assert "Traceback" not in screen.picture
    told = install(lab, "labone")
    _works(lab, lab.cwd / ".venv", *told.landed)
    assert told.landed == {"labone": "2.0"}


def test_a_pip_that_was_faster_than_safepip_changes_nothing(
    field: Field, make_lab: LabMaker
) -> None:
    # As on a busy machine: pip is done before safepip has read its first words. It is asked at all
    # since it alone can tell whether there is something newer.
    lab = make_lab(field.modern(installed=["labone==1.0"]))
    lab.write("pyproject.toml")
    environment = lab.cwd / ".venv"
    report = lab.tmp / "report.json"
    running = lab.start(["safepip", "--report-json", report, "install", "-U", "labone"])
    words = f"{lab.python.bin}/pip install -U labone"
    lab.wait_for(lambda: [p for p in lab.processes().values() if words in p], "pip")
    os.kill(running.pid, signal.SIGSTOP)
    lab.wait_for(lambda: not [p for p in lab.processes().values() if words in p], "pip's end")
    os.kill(running.pid, signal.SIGCONT)
    stdout, stderr = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 0, (stdout, stderr)
    told = json.loads(report.read_text())
    assert told["outcome"] == "diverted", told
    assert told["decision"]["destination"] == str(environment)
    assert in_environment(lab, environment) == {"labone": "2.0"}
    assert lab.installed(lab.user_site) == {} or "labone" in " ".join(told["leftovers"])


# What others made.


def _occupied(lab: Lab) -> None:
    lab.write(".venv/notes.txt", "mine")


def _a_file(lab: Lab) -> None:
    lab.write(".venv", "mine")


def _dangling(lab: Lab) -> None:
    lab.run(["ln", "-s", "/nowhere/at/all", ".venv"])


def _half_made(lab: Lab) -> None:
    lab.write(".venv/pyvenv.cfg", f"home = {lab.python.bin}\n")


def _moved_away(lab: Lab) -> None:
    environment = lab.venv()
    for name in ("python", "python3", f"python{lab.python.version}"):
        (environment / "bin" / name).unlink()
        (environment / "bin" / name).symlink_to("/nowhere/bin/python3")


def _not_starting(lab: Lab) -> None:
    environment = lab.venv()
    broken = lab.write("../broken/python3", "#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    for one in (environment / "bin").glob("python*"):
        one.unlink()
        one.symlink_to(broken)
    (environment / "pyvenv.cfg").write_text(f"home = {broken.parent}\n")


def _foreign_marker(lab: Lab) -> None:
    lab.write(".venv/.safepip-unfinished", "0" * 32)
    lab.write(".venv/thesis.txt", "years of work")


@pytest.mark.parametrize(
    "make",
    [_occupied, _a_file, _dangling, _half_made, _moved_away, _not_starting, _foreign_marker],
    ids=lambda make: make.__name__.strip("_").replace("_", " "),
)
def test_what_another_made_is_never_deleted(make: Callable[[Lab], None], lab: Lab) -> None:
    lab.cwd /= "two words"
    lab.write("pyproject.toml")
    make(lab)
    before = lab.snapshot()
    done = lab.run(["safepip", "install", "labone"])
    assert done.returncode == 73, done
    seen = changes(before, lab.snapshot(ignore=("~/.cache", "~/.local/state")))
    assert [one for one in seen.added if not one.startswith("~/.local")] == []
    assert not seen.changed
    assert not seen.removed
    assert not lab.user_site.exists()
    # It says what helps, and that does help.
    assert str(lab.cwd / ".venv") in done.err
    helps = done.err.splitlines()[-1].strip()
    assert helps.startswith("mv "), done
    assert lab.run(["bash", "-c", helps]).returncode == 0
    if make in {_occupied, _moved_away}:
        assert install(lab, "labone").landed == {"labone": "2.0"}


def test_a_program_of_the_project_is_not_run_as_its_python(lab: Lab) -> None:
    lab.write("pyproject.toml")
    environment = lab.venv()
    for name in ("python", "python3", f"python{lab.python.version}"):
        (environment / "bin" / name).unlink()
    trap = lab.write(".venv/bin/python", '#!/bin/sh\ntouch ~/owned\nexec python3 "$@"\n')
    trap.chmod(0o755)
    told = install(lab, "labone")
    assert not (lab.home / "owned").exists()
    assert told.result.returncode == 77, told
    assert told.report["outcome"] == "refused"
    assert "inside the project" in " ".join(told.words)
    assert not lab.user_site.exists()
    assert in_environment(lab, environment) == {}


def test_an_environment_of_another_user_is_not_used(lab: Lab) -> None:
    if not lab.user.dropped:
        lacking("root")
    lab.write("pyproject.toml")
    environment = lab.venv()
    lab.hand_to(environment, 4242)
    told = install(lab, "labone")
    assert told.result.returncode == 77, told
    assert "4242" in " ".join(told.words)
    assert in_environment(lab, environment) == {}


def test_an_environment_of_roots_yields_to_the_next_rule(lab: Lab) -> None:
    lab.write("pyproject.toml")
    environment = lab.venv()
    lab.lock(environment)
    told = install(lab, "labone")
    assert told.where == ("diverted", "user-site", str(lab.user_site)), told
    assert "not writable" in told.rejected["project"]


# Taking turns.


@pytest.mark.parametrize("there", [False, True], ids=["to be made", "there already"])
def test_two_at_once_take_turns(there: bool, lab: Lab) -> None:
    lab.write("pyproject.toml")
    if there:
        lab.venv()
    names = ("labone", "labmany")
    running = [lab.start(["safepip", "install", name]) for name in names]
    ended = [one.communicate(timeout=PATIENCE_S) for one in running]
    assert [one.returncode for one in running] == [0, 0], ended
    _works(lab, lab.cwd / ".venv", *names)
    made = [b"Making a virtual environment" in stderr for _, stderr in ended]
    assert sum(made) == (0 if there else 1), ended
    for name, (_, stderr) in zip(names, ended, strict=True):
        assert f"{name} ".encode() in stderr
        assert stderr.count(b"Installed ") == 1


# Active without a pip.


def test_an_active_environment_without_pip_takes_the_install(lab: Lab) -> None:
    environment = lab.venv("bare", pip=False)
    lab.env["VIRTUAL_ENV"] = str(environment)
    lab.env["PATH"] = f"{environment}/bin:{lab.env['PATH']}"
    told = install(lab, "labdeps")
    assert told.result.returncode == 0, told
    assert told.where == ("as-given", None, None)
    landed = {"labdeps": "1.0", "labone": "2.0", "labnoscript": "1.0"}
    assert in_environment(lab, environment) == told.landed == landed
    assert not lab.user_site.exists()
    assert told.report["interpreter"]["executable"].startswith(f"{environment}/bin/python")
    # It is not given a pip that nobody asked for; it can be asked for everything else, too.
    assert not list(site_of(environment).glob("pip*"))
    assert lab.run(["safepip", "list", "--format", "freeze"]).out.splitlines() == [
        f"{name}=={version}" for name, version in sorted(landed.items())
    ]


def test_an_active_environment_that_is_gone_counts_as_none(lab: Lab) -> None:
    lab.env["VIRTUAL_ENV"] = str(lab.home / "gone")
    told = install(lab, "labone")
    assert told.where == ("diverted", "user-site", str(lab.user_site)), told


# Settings of pip that would send it elsewhere.


def _settings(lab: Lab, kind: str, name: str, value: str) -> None:
    if kind == "variable":
        lab.env["PIP_" + name.upper().replace("-", "_")] = value
    else:
        lab.write(lab.home / ".config/pip/pip.conf", f"[{kind}]\n{name} = {value}\n")


def _into_the_project(lab: Lab, told: Told) -> None:
    assert told.result.returncode == 0, told
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv"))
    assert in_environment(lab, lab.cwd / ".venv") == told.landed == {"labone": "2.0"}
    assert not (lab.home / ".local/lib").exists()


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("user", "1", "variable"),
        ("require-virtualenv", "true", "global"),
        pytest.param("user", "1", "global", marks=pytest.mark.long),
        pytest.param("require-virtualenv", "true", "variable", marks=pytest.mark.long),
    ],
)
def test_settings_about_where_do_not_spoil_a_diversion(
    kind: str, name: str, value: str, field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.pair(MARKED))
    lab.write("pyproject.toml")
    lab.venv()
    _settings(lab, kind, name, value)
    told = install(lab, "labone")
    _into_the_project(lab, told)
    expected = "externally-managed" if name == "user" else "virtualenv-required"
    assert told.report["trigger"]["name"] == expected


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("variable", "target"),
        ("install", "prefix"),
        # Each kind of setting stands above.
        pytest.param("variable", "root", marks=pytest.mark.long),
        pytest.param("install", "target", marks=pytest.mark.long),
        pytest.param("variable", "prefix", marks=pytest.mark.long),
        pytest.param("install", "root", marks=pytest.mark.long),
    ],
)
def test_a_place_in_the_settings_that_is_denied_does_not_spoil_a_diversion(
    kind: str, name: str, lab: Lab
) -> None:
    lab.write("pyproject.toml")
    lab.venv()
    _settings(lab, kind, name, str(lab.locked / "there"))
    # What else the file says still holds.
    if kind != "variable":
        file = lab.home / ".config/pip/pip.conf"
        file.write_text(file.read_text() + f"find-links = {lab.field.links}\n")
        del lab.env["PIP_FIND_LINKS"]
    told = install(lab, "labone")
    _into_the_project(lab, told)
    assert told.report["trigger"]["name"] in {"permission-denied", "default-to-user"}


@pytest.mark.parametrize("name", ["target", *long("prefix", "user")])
def test_settings_that_pip_can_follow_are_its_own_business(name: str, lab: Lab) -> None:
    value = "1" if name == "user" else str(lab.home / "there")
    lab.env[f"PIP_{name.upper()}"] = value
    bare, ours = lab.both(["install", "labone"], prepare=lambda lab: lab.write("pyproject.toml"))
    assert bare.returncode == 0, bare
    assert ours.same == bare.same
    assert not (lab.cwd / ".venv").exists()


def test_a_wish_for_the_user_site_that_an_environment_cannot_grant(lab: Lab) -> None:
    environment = lab.venv("mine")
    lab.activate(environment)
    lab.env["PIP_USER"] = "1"
    lab.write("pyproject.toml")
    told = install(lab, "labone")
    assert told.result.returncode == 0, told
    assert told.report["trigger"]["name"] == "user-site-unavailable"
    assert told.report["outcome"] == "diverted"
    assert not lab.user_site.exists()


def test_pythonhome_and_pythonpath_do_not_spoil_the_making(lab: Lab) -> None:
    lab.write("pyproject.toml")
    lab.write("lib/venv.py", "raise SystemExit('not this one')\n")
    lab.write("venv.py", "raise SystemExit('nor this one')\n")
    told = install(lab, "labone", env={"PYTHONPATH": str(lab.cwd / "lib")})
    _into_the_project(lab, told)


# Downloads.


def test_nothing_is_downloaded_twice(lab: Lab, index: Index) -> None:
    lab.use_index(index)
    lab.env["PIP_TRUSTED_HOST"] = "127.0.0.1"  # else pip's cache keeps nothing that came by http
    lab.write("pyproject.toml")
    told = install(lab, "labdeps", "labbig")
    assert told.where[:2] == ("diverted", "project"), told
    wanted = ("labdeps-1.0", "labone-2.0", "labnoscript-1.0", "labbig-1.0")
    counts = {one: index.counts[f"{one}-py2.py3-none-any.whl"] for one in wanted}
    # On a busy machine pip may have asked for the first before it was made to stand still.
    assert counts.pop("labdeps-1.0") <= 2
    assert set(counts.values()) == {1}


def test_after_a_late_denial_nothing_is_downloaded_twice(
    field: Field, make_lab: LabMaker, index: Index
) -> None:
    python = field.python(pip="24.0", private="late-twice")
    lab = make_lab(python)
    lab.give(python.site)
    lab.use_index(index)
    lab.env["PIP_TRUSTED_HOST"] = "127.0.0.1"  # else pip's cache keeps nothing that came by http
    lab.write("pyproject.toml")
    lab.venv()
    told = install(lab, "labbig", "labone")
    assert told.where[:2] == ("diverted", "project"), told
    assert told.report["trigger"]["name"] == "permission-denied"
    wanted = {"labone-2.0", "labbig-1.0"}
    assert index.counts == dict.fromkeys((f"{one}-py2.py3-none-any.whl" for one in wanted), 1)


@pytest.mark.parametrize("isolated", [True, False])
def test_nor_without_a_cache(
    field: Field, make_lab: LabMaker, index: Index, *, isolated: bool
) -> None:
    lab = make_lab(field.python(pip="24.0", private=f"late-uncached-{isolated}"))
    lab.give(lab.python.site)
    held = lab.write(lab.python.site / "sqlparse-0.1.dist-info/METADATA")
    held.write_text("Metadata-Version: 2.1\nName: sqlparse\nVersion: 0.1\n", encoding="ascii")
    # pip reads it just before it installs the first: it waits there until safepip has seen that.
    record = held.with_name("RECORD")
    os.mkfifo(record)
    lab.give(record)
    lab.use_index(index)
    lab.write("pyproject.toml")
    lab.venv()
    temporary = lab.tmp / "a folder"
    temporary.mkdir()
    lab.give(temporary)
    lab.env["TMPDIR"] = str(temporary)

    def let_go() -> None:
        lab.wait_for(lambda: [*temporary.glob("safepip-temporary-*/labsource-1.0-9*")])
        record.write_text("sqlparse-0.1.dist-info/METADATA,,\n", encoding="ascii")

    words = ("--isolated", f"--index-url={index.url}") if isolated else ()
    with ThreadPoolExecutor() as pool:
        released = pool.submit(let_go)
        # Of the last there is no wheel: it is not built once more, either.
        told = install(lab, "--no-cache-dir", *words, "sqlparse>0.1", "labone", "labsource")
        released.result()
    assert told.where[:2] == ("diverted", "project"), told
    assert told.landed == {"sqlparse": "0.5.3", "labone": "2.0", "labsource": "1.0"}
    assert told.report["trigger"]["name"] == "permission-denied"
    assert told.result.out.count("Building wheel for labsource") == 1 + told.result.out.count(
        "Building wheel for labsource (pyproject.toml): finished"
    )
    wheels = ("labone-2.0", "sqlparse-0.5.3")
    files = ("labsource-1.0.tar.gz", *(f"{one}-py2.py3-none-any.whl" for one in wheels))
    assert index.counts == dict.fromkeys(files, 1)
    lab.tmp.joinpath("report.json").unlink()
    assert not list(temporary.iterdir())
    temporary.rmdir()
    assert not list(lab.tmp.iterdir())


def test_run_passes_an_active_environment_over_as_an_install_does(lab: Lab) -> None:
    lab.activate(lab.venv("shared", locked=True))
    lab.write("pyproject.toml")
    prefix = ["safepip", "run", "python", "-c", "import sys; print(sys.prefix)"]
    assert lab.run(prefix).out == f"{lab.env['VIRTUAL_ENV']}\n"  # there is no other yet
    told = install(lab, "labone")
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv")), told
    assert lab.run(prefix).out == f"{lab.cwd}/.venv\n"
    assert lab.run(["safepip", "run", "labone"]).same == (0, b"labone 2.0\n", b"")


def test_run_uses_what_an_install_gave_way_to(lab: Lab) -> None:
    project = lab.cwd / "project"
    project.mkdir()
    lab.write("project/pyproject.toml")
    project.chmod(0o555)
    told = install(lab, "labone", cwd=project, own=["--strategy", "venv"])
    assert told.where[1] == "personal", told
    assert lab.run(["safepip", "run", "labone"], cwd=project).same == (0, b"labone 2.0\n", b"")


@pytest.mark.parametrize("state", ["missing", "usable", "broken", "occupied"])
def test_run_says_whether_it_uses_what_is_here(state: str, lab: Lab) -> None:
    lab.write("pyproject.toml")
    environment = lab.cwd / ".venv"
    if state == "occupied":
        lab.write(environment / "notes.txt")
    elif state != "missing":
        lab.venv(pip=False)
    if state == "broken":
        for python in (environment / "bin").glob("python*"):
            python.unlink()
    done = lab.run(["safepip", "run", "python3", "-c", "import sys; print(sys.prefix)"])
    assert done.returncode == 0, done
    assert (done.out.strip() == str(environment)) is (state == "usable")
    said = {
        "missing": "safepip: There is no environment here yet, so your command runs without one.\n",
        "usable": "",
    }
    if state in said:
        assert done.err == said[state]
    else:
        assert done.err.startswith("safepip: .venv cannot be used: "), done
        assert done.err.endswith(". So your command runs without it.\n")


def test_run_tells_how_to_run_what_is_no_program(lab: Lab) -> None:
    lab.write("my app.py", "print('ran', 1)\n")
    lab.write("notes.txt")
    for name in ("my app.py", "./my app.py"):
        done = lab.run(["safepip", "run", name, "-v"])
        assert done.returncode == 69, done
        told = done.err.splitlines()
        assert told[-2].endswith(f"{name.removeprefix('./')} is a Python script. To run it:"), done
        assert lab.run(["sh", "-c", told[-1].strip()]).out == "ran 1\n", done
    for name in ("./notes.txt", "."):
        done = lab.run(["safepip", "run", f"{lab.cwd}/notes.txt" if name == "." else name])
        assert (done.returncode, "doctor" in done.err) == (69, False), done
    assert "Cannot find the command nowhere.py." in lab.run(["safepip", "run", "nowhere.py"]).err
