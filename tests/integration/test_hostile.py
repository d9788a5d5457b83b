"""Folders and texts by somebody who means harm: none of theirs is run, all they get is words."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment, install, site_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.lab import Lab

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="no git on this machine")


def planted(lab: Lab, environment: Path) -> Path:
    """Put code into *environment* that its Python or its pip would run; the file that it makes."""
    canary = lab.tmp / "theirs-was-run"
    code = f"open({str(canary)!r}, 'w').close()"
    site = site_of(environment)
    lab.write(site / "theirs.pth", f"import os; {code}\n")
    lab.write(site / "sitecustomize.py", f"{code}\n")
    for name in ("pip", "pip3"):
        lab.write(environment / "bin" / name, f"#!/bin/sh\ntouch {canary}\n").chmod(0o755)
    return canary


@needs_git
@pytest.mark.parametrize("words", [["plan", "install", "labone"], ["install", "labone"]])
def test_an_environment_that_came_with_a_clone_is_not_run(words: list[str], lab: Lab) -> None:
    lab.write("pyproject.toml")
    canary = planted(lab, lab.venv())
    for git in (["init", "-q"], ["add", "-f", "."]):
        assert lab.run(["git", *git]).returncode == 0
    done = lab.run(["safepip", *words])
    assert "git tracks it" in (done.err + done.out)
    assert done.returncode == (77 if words[0] == "install" else 0), done
    assert not canary.exists()
    assert in_environment(lab, lab.cwd / ".venv") == {}


@pytest.mark.parametrize("how", ["--copies", "--symlinks"])
def test_ones_own_is_used(how: str, lab: Lab) -> None:
    lab.write("pyproject.toml")
    # A copy looks for its library beside itself.
    lab.env["LD_LIBRARY_PATH"] = str(lab.python.bin.parent / "lib")
    lab.run([lab.python.executable, "-m", "venv", "--without-pip", how, ".venv"])
    told = install(lab, "labone")
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv")), told
    assert in_environment(lab, lab.cwd / ".venv") == {"labone": "2.0"}


def test_an_interpreter_of_another_user_is_not_run(lab: Lab) -> None:
    if not lab.user.dropped:
        pytest.skip("only root gives files away")
    lab.write("pyproject.toml")
    theirs = lab.folder / "theirs"
    shutil.copytree(lab.cwd, theirs)
    lab.write(theirs / "python3", "#!/bin/sh\ntouch $TMPDIR/theirs-was-run\n").chmod(0o755)
    subprocess.run(["chown", "-R", "4242", theirs], check=True)
    python = lab.cwd / ".venv/bin/python"
    lab.write(".venv/pyvenv.cfg", f"home = {theirs}\n")
    lab.write(python).unlink()
    python.symlink_to(theirs / "python3")
    told = install(lab, "labone")
    assert told.result.returncode == 77, told
    assert "belongs to 4242" in told.result.err
    assert not (lab.tmp / "theirs-was-run").exists()


@needs_git
def test_no_word_of_safepip_runs_what_came_with_a_clone(lab: Lab) -> None:
    lab.write("pyproject.toml")
    canary = planted(lab, lab.venv())
    for git in (["init", "-q"], ["add", "-f", "."]):
        assert lab.run(["git", *git]).returncode == 0
    lines = ("run true", "run pip --version", "where", "where labone", "doctor", "show labone",
             "uninstall -y labone", "path", "undo", "history", "settings", "init bash", "list",
             "-- install labone", "install -e .", "install --dry-run labone")  # fmt: skip
    for line in lines:
        done = lab.run(["safepip", *line.split()])
        assert not canary.exists(), done
        assert "bug in safepip" not in done.err, done


THEIRS: dict[str, tuple[str, str]] = {
    "a file that Python runs at its start": ("lib/{python}/site-packages/theirs.pth", "import os"),
    "a module that does": ("lib/{python}/site-packages/sitecustomize.py", ""),
    "the pip": ("lib/{python}/site-packages/pip/__main__.py", ""),
}


@pytest.mark.parametrize("kind", THEIRS)
def test_another_user_s_file_in_ones_own_environment_is_not_run(kind: str, lab: Lab) -> None:
    if not lab.user.dropped:
        pytest.skip("only root gives files away")
    lab.write("pyproject.toml")
    environment = lab.venv()
    file, text = THEIRS[kind]
    code = f"{text}; open({str(lab.tmp / 'theirs-was-run')!r}, 'w')".lstrip("; ")
    python = f"python{lab.python.version}"
    os.chown(lab.write(environment / file.format(python=python), code), 4242, 4242)
    told = install(lab, "labone")
    assert told.result.returncode == 77, told
    assert "belongs to 4242" in told.result.err
    assert not (lab.tmp / "theirs-was-run").exists()


def test_another_user_s_empty_folder_is_not_filled(lab: Lab) -> None:
    if not lab.user.dropped:
        pytest.skip("only root gives files away")
    lab.write("pyproject.toml")
    theirs = lab.cwd / ".venv"
    theirs.mkdir()
    theirs.chmod(0o777)
    os.chown(theirs, 4242, 4242)
    told = install(lab, "labone")
    assert told.result.returncode == 73, told
    assert "because it belongs to 4242" in told.result.err
    assert list(theirs.iterdir()) == []


def test_settings_of_another_user_s_file_do_not_count(lab: Lab) -> None:
    if not lab.user.dropped:
        pytest.skip("only root gives files away")
    lab.write("setup.cfg")
    theirs = lab.write("pyproject.toml", '[tool.safepip]\nstrategy = "refuse"\n')
    os.chown(theirs, 4242, 4242)
    assert install(lab, "labone").result.returncode == 0


def test_nothing_is_written_through_a_link_out_of_the_project(lab: Lab) -> None:
    lab.write("pyproject.toml")
    elsewhere = lab.home / "elsewhere"
    elsewhere.mkdir()
    lab.give(elsewhere)
    (lab.cwd / ".venv").symlink_to(elsewhere)
    for _ in range(2):
        told = install(lab, "labone")
        assert told.result.returncode == 73, told
        assert "because it is a link to the empty ~/elsewhere" in told.result.err
        assert list(elsewhere.iterdir()) == []
    # The words say what helps, and that does.
    (lab.cwd / ".venv").unlink()
    assert install(lab, "labone").result.returncode == 0


@pytest.mark.parametrize("tty", [False, True])
def test_a_name_does_not_act_on_the_terminal(tty: bool, lab: Lab) -> None:
    hostile = lab.cwd / "a\x1b]0;pwned\x07\x9b2J\u202eb"
    lab.write(hostile / "pyproject.toml")
    done = lab.run(["safepip", "install", "labone"], cwd=hostile, tty=tty, size=(40, 400))
    assert done.returncode == 0, done
    said = done.out if tty else done.err
    for raw in ("\x1b]0", "\x07", "\x9b", "\u202e"):
        assert raw not in said
    # The command may be coloured; the tips behind it are safepip's own words.
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said.replace("\r", ""))
    command = next(one.strip() for one in plain.splitlines() if "PATH=" in one)
    assert command.isprintable()
    used = lab.run(["bash", "-c", f"{command}; python -c 'import labone, sys; print(sys.prefix)'"])
    assert used.out == f"{hostile}/.venv\n", used
    # From elsewhere the folder is called by its name, of which each character is seen.
    for verb in (["history"], ["where", "labone"], ["doctor"]):
        done = lab.run(["safepip", *verb], tty=tty, size=(40, 400))
        told = done.out + done.err
        assert r"a\x1b]0;pwned\x07\u009b2J\u202eb" in told or verb == ["doctor"], done
        assert not any(raw in told for raw in ("\x1b]0", "\x07", "\x9b", "\u202e")), done


# Files that are no files, or beyond reason

HUGE = 3 << 30


def _pipe(lab: Lab, path: Path) -> None:
    lab.write(path).unlink()
    os.mkfifo(path)
    lab.give(path)


def _huge(lab: Lab, path: Path) -> None:
    os.truncate(lab.write(path), HUGE)


def _device(lab: Lab, path: Path) -> None:
    lab.write(path).unlink()
    path.symlink_to("/dev/zero")


def _link(lab: Lab, path: Path) -> None:
    """A link to a file that must not be written by way of it."""
    lab.write(path).unlink()
    path.symlink_to(lab.write(lab.home / "precious", "# mine\n"))


KINDS: dict[str, Callable[[Lab, Path], None]] = {
    "a pipe": _pipe,
    "huge": _huge,
    "a device": _device,
    "a link": _link,
}
FILES = {
    "settings of the project": "work/pyproject.toml",
    "settings of the user": ".config/safepip/config.toml",
    "the history": ".local/state/safepip/history.jsonl",
    "the names in the history": ".local/state/safepip/moved",
    "the locks": ".local/state/safepip/locks",
    "the login profile": ".bash_profile",
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_not_read_whole_waited_for_or_written_through(
    kind: str, lab: Lab
) -> None:
    lab.write("setup.cfg")
    for name, file in FILES.items():
        # `path` would give a shell ten seconds for it; test_path_truth.py has one that hangs.
        if (kind, name) != ("a pipe", "the login profile"):
            KINDS[kind](lab, lab.home / file)
    # An unbounded read would need more memory than this leaves.
    script = 'ulimit -v 2000000; exec safepip "$@"'
    done = lab.run(["bash", "-c", script, "x", "install", "labone"])
    assert "bug in safepip" not in done.err, done
    if kind == "huge":  # of one's own settings that is an error, told by the file's name
        assert (done.returncode, done.err.count("config.toml")) == (78, 1), done
        (lab.home / FILES["settings of the user"]).unlink()
        done = lab.run(["bash", "-c", script, "x", "install", "labone"])
    assert done.returncode == 0, done
    assert in_environment(lab, lab.cwd / ".venv") == {"labone": "2.0"}
    with ThreadPoolExecutor() as pool:
        verbs = ("history", "doctor", "path", "undo", "show labone")
        for done in pool.map(
            lambda verb: lab.run(["bash", "-c", script, "x", *verb.split()]), verbs
        ):
            assert "bug in safepip" not in done.err, done
    if kind == "a link":
        assert (lab.home / "precious").read_text() == "# mine\n"


def test_a_configuration_out_of_a_pipe_is_there_for_every_run(lab: Lab) -> None:
    lab.write("pyproject.toml")
    asked = """PIP_CONFIG_FILE=<(printf '[install]\\nno-deps = true\\n') safepip install labdeps"""
    done = lab.run(["bash", "-c", asked])
    assert done.returncode == 0, done
    assert in_environment(lab, lab.cwd / ".venv").keys() == {"labdeps"}
