"""The test field itself: its pips behave as pips were measured to, and its harness sees right."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.support.lab import DEFAULTING, changes
from tests.support.long import first_and_last, only
from tests.support.program import REPOSITORY
from tests.support.pythons import MARKED, MODERN, OLD, PAIRS, Pair
from tests.support.terminal import CTRL_C, CTRL_Z, picture

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.index import Index
    from tests.support.lab import Lab, LabMaker
    from tests.support.pythons import Field

# Of the oldest these are seen again by test_old_pips.py, through safepip.
pairs = pytest.mark.parametrize("pair", only(PAIRS, PAIRS[-1]), ids=str)
modern = pytest.mark.parametrize("pair", first_and_last(MODERN), ids=str)
old = pytest.mark.parametrize("pair", OLD, ids=str)


@modern
def test_a_pip_since_20_defaults_to_the_user_site(
    pair: Pair, field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.pair(pair))
    done = lab.bare(["install", "labone"])
    assert done.returncode == 0, done
    assert done.stdout.startswith(DEFAULTING), done
    assert lab.installed(lab.user_site) == {"labone": "2.0"}
    assert (lab.home / ".local/bin/labone").exists()


@old
def test_a_pip_before_20_is_denied(pair: Pair, field: Field, make_lab: LabMaker) -> None:
    lab = make_lab(field.pair(pair))
    done = lab.bare(["install", "labone"])
    assert done.returncode == (2 if pair.pip == "9.0.3" else 1), done
    assert b"[Errno 13]" in done.stderr, done
    assert DEFAULTING not in done.stdout
    assert not lab.user_site.exists()


@pairs
def test_every_pip_is_denied_where_the_user_site_is_off(
    pair: Pair, field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.pair(pair))
    done = lab.bare(["install", "labone"], env={"PYTHONNOUSERSITE": "1"})
    assert done.returncode in {1, 2}, done
    assert f"[Errno 13] Permission denied: '{lab.python.prefix}" in done.err, done
    assert lab.installed(lab.python.site).keys() <= {"pip", "setuptools"}


@pairs
def test_every_pip_is_denied_in_a_venv_of_roots(
    pair: Pair, field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.pair(pair))
    environment = lab.venv("env", locked=True)
    done = lab.run([environment / "bin/pip", "install", "labone"])
    assert done.returncode in {1, 2}, done
    assert b"[Errno 13]" in done.stderr, done
    assert DEFAULTING not in done.stdout


@modern
def test_a_venv_of_roots_with_system_packages_defaults_to_the_user_site(
    pair: Pair, field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.pair(pair))
    environment = lab.venv("env", locked=True, system_site_packages=True)
    done = lab.run([environment / "bin/pip", "install", "labone"])
    assert done.returncode == 0, done
    assert done.stdout.startswith(DEFAULTING), done


@pairs
def test_a_venv_of_the_users_takes_the_install(
    pair: Pair, field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.pair(pair))
    lab.activate(lab.venv())
    done = lab.bare(["install", "labdeps"])
    assert done.returncode == 0, done
    site = next((lab.cwd / ".venv/lib").glob("python3*")) / "site-packages"
    assert lab.installed(site).keys() >= {"labdeps", "labone", "labnoscript"}


def test_a_marked_python_refuses(field: Field, make_lab: LabMaker) -> None:
    lab = make_lab(field.pair(MARKED))
    before = lab.snapshot()
    done = lab.bare(["install", "labone"])
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: externally-managed-environment\n"), done
    assert not changes(before, lab.snapshot())


def test_debians_own_python_defaults_or_refuses(field: Field, make_lab: LabMaker) -> None:
    lab = make_lab(field.debian())
    done = lab.bare(["install", "labone"])
    if lab.python.marked:
        assert done.stderr.startswith(b"error: externally-managed-environment\n"), done
    else:
        assert done.stdout.startswith(DEFAULTING), done


def test_a_python_without_user_site_is_denied(field: Field, make_lab: LabMaker) -> None:
    lab = make_lab(field.modern(user_site=False))
    done = lab.bare(["install", "labone"])
    assert done.returncode == 1
    assert b"[Errno 13]" in done.stderr, done


def test_a_python_without_ensurepip_cannot_make_a_venv_with_pip(
    field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.modern(ensurepip=False))
    assert lab.run(["python3", "-m", "venv", ".venv"]).returncode == 1
    assert lab.run(["python3", "-m", "venv", "--without-pip", "bare"]).returncode == 0


def test_a_python_comes_with_what_was_asked_for(field: Field, make_lab: LabMaker) -> None:
    python = field.modern(installed=["labone==1.0"])
    lab = make_lab(python)
    assert lab.installed(python.site)["labone"] == "1.0"
    done = lab.bare(["install", "labone"])
    assert done.stdout.startswith(DEFAULTING + b"Looking in links"), done
    assert b"Requirement already satisfied: labone" in done.stdout


def test_a_python_is_not_the_lab_users(lab: Lab) -> None:
    test = (
        "import os, sys, sysconfig\n"
        "paths = sysconfig.get_paths()\n"
        "print(os.getuid(), [p for p in paths.values() if os.access(p, os.W_OK)], sys.prefix)"
    )
    done = lab.run(["python3", "-c", test])
    assert done.out == f"{lab.user.uid} [] {lab.python.prefix}\n", done
    assert lab.user.uid != 0


def test_the_lab_users_surroundings_are_clean(lab: Lab) -> None:
    seen = dict(line.split("=", 1) for line in lab.run(["env"]).out.splitlines())
    assert seen == {**lab.env, "PWD": str(lab.cwd)}
    assert not [
        name
        for name in seen
        if name.startswith(("PYTHON", "XDG_", "VIRTUAL")) and name != "XDG_CONFIG_DIRS"
    ]
    assert lab.run(["pwd"]).out == f"{lab.cwd}\n"


@pytest.mark.parametrize("pair", first_and_last([OLD[1], *MODERN]), ids=str)  # pip 9 cannot
def test_the_machines_own_settings_are_not_seen(
    pair: Pair, field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.pair(pair))
    listed = lab.bare(["config", "list"]).out.splitlines()
    values = dict(line.split("=", 1) for line in listed)  # the last counts
    assert {key for key, value in values.items() if value != "''"} <= {
        ":env:.disable-pip-version-check", ":env:.find-links", ":env:.no-index"
    }, listed  # fmt: skip


def test_safepip_is_installed_for_the_lab_user(lab: Lab) -> None:
    done = lab.run([lab.safepip.python, "-c", "import safepip; print(safepip.__file__)"])
    assert done.out.startswith(f"{lab.safepip.environment}/"), done
    found = lab.run(["sh", "-c", "command -v safepip"])
    assert found.out == f"{lab.safepip.path}\n"
    assert [one.name for one in lab.safepip.folder.iterdir()] == ["safepip"]


def test_pipx_stands_beside_safepip_where_asked_for(make_lab: LabMaker) -> None:
    for pipx in (False, True):
        lab = make_lab(pipx=pipx)
        assert (lab.safepip.environment / "bin/pipx").exists() == pipx
        assert lab.run(["sh", "-c", "command -v pipx"]).out in {"", "/usr/bin/pipx\n"}


def test_both_run_at_the_same_paths(lab: Lab) -> None:
    def prepare(fresh: Lab) -> None:
        fresh.activate(fresh.venv())
        fresh.write("requirements.txt", "labone==1.0\n")

    bare, again = [
        lab.both(["install", "-r", "requirements.txt"], prepare=prepare)[0] for _ in range(2)
    ]
    assert bare.returncode == 0, bare
    assert bare.same == again.same


def test_a_snapshot_tells_what_was_written(lab: Lab) -> None:
    lab.write("a/b.txt", "1")
    before = lab.snapshot()
    lab.write("a/b.txt", "2")
    lab.run(["sh", "-c", "echo >$TMPDIR/x; echo >~/y; mkdir ~/.cache; echo >~/.cache/z"])
    seen = changes(before, lab.snapshot())
    assert seen.added == ("$TMPDIR/x", "~/y")
    assert seen.changed == ("~/work/a/b.txt",)
    assert lab.cwd.joinpath("a").stat().st_uid == lab.user.uid


def test_a_locked_place_cannot_be_written(lab: Lab) -> None:
    lab.write("own/file")
    lab.lock(lab.cwd / "own")
    assert lab.run(["touch", "own/x"]).returncode == 1
    assert lab.run(["touch", lab.locked / "x"]).returncode == 1
    lab.give(lab.cwd / "own")
    assert lab.run(["touch", "own/x"]).returncode == 0


def test_processes_are_known_and_ended(lab: Lab) -> None:
    lab.start(["sh", "-c", "sleep 1000 & sleep 1001; true"])
    lab.wait_for(lambda: len(lab.processes()) == 3, "the shell and its two children")
    lab.reset()
    lab.wait_for(lambda: not lab.processes(), "their end")


# The terminal.


def test_pips_progress_bar_is_painted(lab: Lab, index: Index) -> None:
    lab.use_index(index)
    done = lab.run(["pip", "install", "labbig"], tty=True, size=(24, 100))
    assert done.returncode == 0, done
    assert b"\x1b[" in done.stdout
    assert b"\r" in done.stdout.replace(b"\r\n", b"")
    painted = picture(done.stdout, columns=100)
    assert "3.0/3.0 MB" in painted
    assert painted.count("3.0 MB") == 2  # the name's line, and one bar


def test_the_bar_stands_still_while_the_index_holds(lab: Lab, index: Index) -> None:
    lab.use_index(index)
    hold = index.hold("labbig")
    with lab.terminal(["pip", "install", "labbig"]) as screen:
        screen.expect("Downloading")
        hold.wait()
        screen.expect(r"1\.\d/3\.0 MB")
        hold.release()
        screen.expect("Successfully installed labbig-1.0")
        assert screen.wait() == 0


def test_keys_reach_a_command_on_a_terminal(lab: Lab, index: Index) -> None:
    lab.use_index(index)
    hold = index.hold("labbig")
    with lab.terminal(["pip", "install", "labbig"]) as screen:
        screen.expect("Downloading")
        hold.wait()
        screen.send(CTRL_C)
        screen.expect("Operation cancelled by user")
        assert screen.wait() == 1


def test_the_size_of_a_terminal_is_told_and_changed(lab: Lab) -> None:
    program = "trap 'stty size; exit' WINCH; stty size; while :; do sleep 0.02; done"
    with lab.terminal(["sh", "-c", program], size=(20, 70)) as screen:
        screen.expect("20 70")
        screen.resize(30, 110)
        screen.expect("30 110")
        assert screen.wait() == 0


def test_a_password_is_asked_for_on_the_terminal(lab: Lab) -> None:
    program = "import getpass; print(len(getpass.getpass('Secret: ')))"
    with lab.terminal(["python3", "-c", program]) as screen:
        screen.expect("Secret: ")
        assert not screen.echoes()
        screen.send("three\n")
        screen.expect("5")
        assert screen.wait() == 0
        assert b"three" not in screen.raw


def test_death_by_a_signal_is_told(lab: Lab) -> None:
    with lab.terminal(["sleep", "1000"]) as screen:
        lab.wait_for(lambda: "sleep 1000" in lab.processes().values())
        screen.kill(signal.SIGTERM)
        assert screen.wait() == -signal.SIGTERM
    assert lab.run(["sh", "-c", "kill -KILL $$"]).returncode == -signal.SIGKILL


def test_a_shell_stops_and_goes_on(lab: Lab) -> None:
    shell = lab.shell()
    shell.type("sleep 1000")
    lab.wait_for(lambda: "sleep 1000" in lab.processes().values())
    shell.send(CTRL_Z)
    shell.expect("Stopped")
    shell.expect(shell.PROMPT)
    assert b"sleep 1000" in shell.command("jobs")
    shell.type("fg")
    lab.wait_for(lambda: lab.processes().get(shell.foreground()) == "sleep 1000")
    shell.send(CTRL_C)
    shell.expect(shell.PROMPT)
    assert shell.status() == 130


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"one\r\ntwo\r\n", "one\ntwo"),
        (b"old text\rnew", "new text"),
        (b"old text\r\x1b[Knew", "new"),
        (b"\x1b[31mred\x1b[0m\x1b[?25l", "red"),
        (b"one\r\ntwo\x1b[1A\x1b[2K\rup", "up\ntwo"),
        ("━━╸ ünï".encode(), "━━╸ ünï"),
        (b"abc\bX", "abX"),
        (b"12345678901", "1234567890\n1"),
        (b"\x1b]0;title\x07text", "text"),
        (b"one\r\ntwo\x1b[2J\x1b[Hnew", "new"),
    ],
    ids=[
        "lines", "overwritten", "erased", "colours and modes left out", "moved up", "unicode",
        "backspace", "wrapped", "titles left out", "cleared",
    ],
)  # fmt: skip
def test_a_picture_is_what_a_terminal_shows(raw: bytes, shown: str) -> None:
    assert picture(raw, columns=10) == shown


# The index.


def test_an_index_counts_what_is_fetched(lab: Lab, index: Index) -> None:
    lab.use_index(index)
    lab.activate(lab.venv())
    assert lab.bare(["install", "labdeps"]).returncode == 0
    fetched = {"labdeps-1.0", "labone-2.0", "labnoscript-1.0"}
    assert index.counts == dict.fromkeys((f"{one}-py2.py3-none-any.whl" for one in fetched), 1)


def test_an_index_can_want_a_password(lab: Lab, index: Index) -> None:
    index.auth = ("me", "secret")
    lab.use_index(index)
    lab.activate(lab.venv())
    assert lab.bare(["install", "--no-input", "labone"]).returncode == 1
    lab.use_index(index, url=index.url_as("me", "secret"))
    done = lab.bare(["install", "labone"])
    assert done.returncode == 0, done
    assert {one.user for one in index.requests} == {None, "me"}


def test_an_index_serves_ranges_or_not(index: Index) -> None:
    url = f"http://{index.host}/files/labone-1.0-py2.py3-none-any.whl"
    asked = urllib.request.Request(url, headers={"Range": "bytes=-10"})
    with urllib.request.urlopen(asked) as answer:
        assert (answer.status, len(answer.read())) == (206, 10)
    index.ranges = False
    with urllib.request.urlopen(asked) as answer:
        assert (answer.status, len(answer.read()) > 10) == (200, True)


def test_an_index_can_lack_a_file(index: Index) -> None:
    index.missing.add("labone")
    with pytest.raises(urllib.error.HTTPError, match="404") as told:
        urllib.request.urlopen(f"{index.url}labone/")
    told.value.close()


# The distributions.


@pytest.mark.parametrize("pair", first_and_last([OLD[0], MODERN[0], MODERN[-1]]), ids=str)
def test_a_source_distribution_is_built_without_a_network(
    pair: Pair, field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.pair(pair))
    lab.activate(lab.venv(system_site_packages=True))
    done = lab.bare(["install", "labsource"])
    assert done.returncode == 0, done
    assert lab.run(["labsource"]).out == "labsource 1.0\n"


@pytest.mark.parametrize(
    ("requirement", "command", "says"),
    [
        ("labextra[x,y]", "labmany-a", "labmany 1.0\n"),
        ("--pre labpre", "labpre", "labpre 2.0rc1\n"),
        *(
            pytest.param(*cell, marks=pytest.mark.long)
            for cell in (
                ("labshell", "labshell", "labshell 1.0\n"),
                ("httpie", "http", "httpie 3.2.4\n"),
                ("django", "django-admin", "django 5.2.1\n"),
                ("labpre", "labpre", "labpre 1.0\n"),
            )
        ),
    ],
)
def test_the_commands_of_the_distributions_run(
    requirement: str, command: str, says: str, lab: Lab
) -> None:
    environment = lab.venv()
    lab.activate(environment)
    done = lab.bare(["install", *requirement.split()])
    assert done.returncode == 0, done
    assert lab.run([command]).out == says


def test_a_broken_one_breaks(lab: Lab) -> None:
    done = lab.bare(["install", "labbroken"])
    assert done.returncode == 1
    assert b"this build was made to fail" in done.stdout + done.stderr


# The guards.


def test_the_environment_of_the_tests_is_guarded(lab: Lab) -> None:
    hidden = [name for name in os.environ if name.startswith(("PIP_", "SAFEPIP_", "XDG_"))]
    assert hidden == []
    assert "VIRTUAL_ENV" not in os.environ


def test_touching_the_real_home_is_noticed(tmp_path: Path) -> None:
    program = """
import pathlib, subprocess
from tests.support.guard import Guard
guard, home = Guard(), pathlib.Path.home()
guard.start()
(home / "elsewhere").write_text("allowed: a checkout may lie there")
try:
    (home / ".bashrc").write_text("x")
except PermissionError as error:
    print(error)
subprocess.run(["sh", "-c", "echo x >>~/.profile"], check=True)
print(guard.stop())
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    told, touched = done.stdout.splitlines()
    assert told == f"a test touches the real home: open {tmp_path}/.bashrc"
    assert touched == str([f"{tmp_path}/.bashrc", f"{tmp_path}/.profile"])
