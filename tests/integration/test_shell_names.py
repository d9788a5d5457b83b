"""What the running shell holds under a script's name, and a safepip that cannot be started."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from typing import TYPE_CHECKING

import pytest

from safepip.shells import posix, texts
from tests.integration.test_profiles import PROFILE_D
from tests.integration.test_shells import (
    REAL,
    WHERE,
    Real,
    Talk,
    printed,
    project,
    script,
)
from tests.support.long import only
from tests.support.missing import lacking

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.lab import Lab

LISTED = ("bash", "zsh", "fish", "ksh")
"""Those that can list their functions."""
ALIASED = ("bash", "zsh", "dash", "ksh", "tcsh")


def shell(name: str) -> Real:
    assert REAL[name].program
    return REAL[name]


class Session:
    """An interactive shell with the integration, and the report of each of its installs."""

    def __init__(self, lab: Lab, name: str, *flags: str, **env: str) -> None:
        real = shell(name)
        self.file = lab.tmp / "report.json"
        env["SAFEPIP_REPORT_JSON"] = str(self.file)
        self.talk = Talk(lab, real, (*real.bare, "-i"), **env)
        self.run = self.talk.run
        init = shlex.join(["safepip", "init", name, *flags])
        self.run(texts.load_command(real.shell, init))

    def install(self, name: str) -> tuple[str, dict[str, tuple[str, str | None]]]:
        """What is said, and for each script its visibility and what shadows it."""
        said = self.run(f"pip install {name}")
        scripts = json.loads(self.file.read_text())["landed"][0]["scripts"]
        return said, {one["name"]: (one["visibility"], one["shadowed_by"]) for one in scripts}


@pytest.mark.parametrize("name", only(ALIASED, "bash", "ksh", "tcsh"))
def test_an_alias_before_it_is_told_with_what_runs_it(lab: Lab, name: str) -> None:
    session = Session(lab, name)
    word = " " if name == "tcsh" else "="
    session.run(f"alias labmany{word}'echo mine'; alias labmany-a{word}'labmany-a --quick'")
    said, scripts = session.install("labmany")
    assert scripts == {
        "labmany": ("shadowed", "alias labmany"),
        "labmany-a": ("off-path", None),  # an alias for itself is in nobody's way
        "labmany-b": ("off-path", None),
    }, said
    assert "`labmany` is an alias in your shell, which comes before your PATH" in said
    assert "To run labmany-a and labmany-b in this shell:" in said
    command = re.search(r"To run what was installed:\r?\n    (.*?)\r?\n", said)
    assert command is not None
    assert command[1] == str(lab.home / ".local/bin/labmany")
    assert "labmany 1.0" in session.run(command[1])
    assert "mine" in session.run("labmany")


@pytest.mark.parametrize("name", ["xonsh", "nu"])
def test_other_shells_tell_their_aliases_too(lab: Lab, name: str) -> None:
    session = Session(lab, name)
    if name == "nu":
        session.run("alias labmany = ^echo mine")
        session.run("alias labmany-a = ^labmany-a --quick")
    else:
        session.run("aliases['labmany'] = 'echo mine'")
        session.run("aliases['labmany-a'] = ['labmany-a', '--quick']")
    said, scripts = session.install("labmany")
    assert scripts == {
        "labmany": ("shadowed", "alias labmany"),
        "labmany-a": ("off-path", None),
        "labmany-b": ("off-path", None),
    }, said
    command = re.search(r"To run what was installed:\r?\n    (.*?)\r?\n", said)
    assert command is not None
    assert "labmany 1.0" in session.run(command[1])


def test_nushells_own_commands_are_told(lab: Lab) -> None:
    session = Session(lab, "nu", PATH=f"{lab.home}/.local/bin:{lab.env['PATH']}")
    said, scripts = session.install("labhttp")
    assert scripts == {"http": ("shadowed", "builtin http")}, said
    assert f"    ^{lab.home}/.local/bin/http" in said
    assert session.install("labone")[1] == {"labone": ("visible", None)}


@pytest.mark.parametrize("name", only(LISTED, "zsh", "fish"))
def test_a_function_before_it_is_told(lab: Lab, name: str) -> None:
    session = Session(lab, name)
    one = "function labone; echo mine; end" if name == "fish" else "labone() { echo mine; }"
    session.run(one)
    said, scripts = session.install("labone")
    assert scripts == {"labone": ("shadowed", "function labone")}, said
    assert "`labone` is a function in your shell, which comes before your PATH" in said
    said, scripts = session.install("labpre")
    assert scripts == {"labpre": ("off-path", None)}, said
    assert "in your shell" not in said


def test_an_alias_for_the_very_file_hides_nothing(lab: Lab) -> None:
    session = Session(lab, "bash")
    session.run("alias labone='~/.local/bin/labone -v'")
    assert session.install("labone")[1] == {"labone": ("off-path", None)}


def test_a_builtin_before_it_is_told(lab: Lab) -> None:
    # No package of the lab has a script of such a name: the shell gets a builtin of the script's.
    session = Session(lab, "bash")
    session.run("__safepip_words() { echo functions:; echo builtins:; echo labone; }")
    said, scripts = session.install("labone")
    assert scripts == {"labone": ("shadowed", "builtin labone")}
    assert "`labone` is a builtin in your shell" in said


@pytest.mark.parametrize("name", only(("bash", "zsh", "fish"), "bash", "fish"))
def test_more_names_than_the_environment_holds_do_no_harm(lab: Lab, name: str) -> None:
    word = "é" * 30
    loop = f'for i in $(seq 5000); do eval "f{word}$i() {{ :; }}"; done'
    if name == "fish":
        loop = f"for i in (seq 5000); function f{word}$i; end; end"
    done = script(lab, shell(name), f"{loop}\npip install labone")
    assert "Successfully installed labone-2.0" in done.out, done
    assert "Installed labone 2.0 into " in done.err


def test_the_lists_hold_what_the_shell_has(lab: Lab) -> None:
    listed = {}
    for name in ("bash", "zsh", "ksh"):
        text = "mine() { :; }\n__safepip_shell=" + name + "\n__safepip_words"
        listed[name] = script(lab, shell(name), text).out.split()
    for name, words in listed.items():
        assert "functions:" in words, name
        assert {"mine", "mine()"} & set(words), name
    # A bash that runs a script follows no aliases.
    assert ["aliases:" in words for words in listed.values()] == [False, True, True]
    for name in ("bash", "zsh"):
        assert {"test", "if", "builtins:"} <= set(listed[name])


@pytest.mark.parametrize("name", only(["bash", "zsh", "dash", "ksh", "tcsh"], "zsh", "tcsh"))
def test_a_remembered_place_is_forgotten(lab: Lab, name: str) -> None:
    own, other = lab.home / ".local/bin", lab.home / "bin"
    lab.write(other / "labone", "#!/bin/sh\necho old\n").chmod(0o755)
    lab.write(own / "other", "")
    # tcsh has the private file with --activate only.
    session = Session(lab, name, "--activate", PATH=f"{own}:{other}:{lab.env['PATH']}")
    session.run("rehash" if name == "tcsh" else "hash -r")  # with -f tcsh remembers nothing before
    assert "old" in session.run("labone")
    said, scripts = session.install("labone")
    assert scripts == {"labone": ("visible", None)}, said
    assert "labone 2.0" in session.run("labone")


def test_tcsh_looks_again_by_itself(lab: Lab) -> None:
    lab.write(lab.home / ".local/bin/other", "")
    path = f"{lab.home}/.local/bin:{lab.env['PATH']}"
    session = Session(lab, "tcsh", PATH=path)
    session.run("rehash")  # with -f it remembers nothing before
    assert "not found" in session.run("labone")
    said, scripts = session.install("labone")
    assert scripts == {"labone": ("visible", None)}
    assert "rehash" not in said
    assert "labone 2.0" in session.run("labone")


GONE = {
    "gone": "#!/gone/bin/python\n",
    "gone, long": "#!/bin/sh\n'''exec' \"/gone and away/bin/python\" \"$0\" \"$@\"\n' '''\n",
    "gone, by uv": "#!/bin/sh\n'''exec' '/gone and away/bin/python' \"$0\" \"$@\"\n' '''\n",
}
THERE = {
    "there": "#!{python}\n",
    "there, long": "#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\n",
    "by env": "#!/usr/bin/env python3\n",
    "a script": "#!/bin/sh\necho safepip $*\nexit 0\n",
}


def other_program(lab: Lab, real: Real, head: str) -> Path:
    """An integration whose safepip begins with *head* and says what it is."""
    fake = lab.write(lab.home / "fake/safepip", head + "import sys\nprint('safepip', *sys.argv)\n")
    fake.chmod(0o755)
    code = printed(lab, real.name, "--python-m-pip")
    return lab.write(code, code.read_text().replace(str(lab.safepip.path), str(fake)))


SCRIPTED = ("bash", "zsh", "fish", "dash", "ksh", "tcsh")


@pytest.mark.parametrize("name", only(SCRIPTED, "bash", "fish", "tcsh"))
def test_a_safepip_whose_python_is_gone_is_passed_over(lab: Lab, name: str) -> None:
    for kind, head in GONE.items():
        code = other_program(lab, shell(name), head)
        words = ["pip --version", "python3 -m pip --version"] if kind == "gone" else ["pip -V"]
        done = script(lab, shell(name), "; ".join(words), file=code)
        found = done.out.count(f"pip {lab.python.pip_version} from")
        assert found == len(words), (kind, done)
        assert done.err == "", kind


@pytest.mark.parametrize("name", SCRIPTED)
def test_one_whose_python_is_there_runs(lab: Lab, name: str) -> None:
    for kind, head in THERE.items():
        text = head.replace("{python}", str(lab.python.executable))
        done = script(lab, shell(name), "pip --version", file=other_program(lab, shell(name), text))
        assert (done.out[:7], done.err) == ("safepip", ""), (kind, done)


def test_ksh_is_not_told_active_in_its_own_kind_of_subshell(lab: Lab) -> None:
    project(lab)
    code = printed(lab, "ksh", "--activate")
    done = script(lab, shell("ksh"), "(pip install labone); command -v labone", file=code)
    assert "activated" not in done.err, done
    assert done.out.rstrip().endswith("labone 2.0") is False
    assert "To run labone in this shell:" in done.err
    again = script(lab, shell("ksh"), "pip install labpre; labpre", file=code)
    assert "is active in this shell" in again.err
    assert "labpre 1.0" in again.out


@pytest.mark.parametrize("name", ["mksh", "yash", "busybox"])
def test_other_posix_shells_run_it_too(lab: Lab, name: str) -> None:
    program = shutil.which(name, path=WHERE)
    if program is None:
        lacking(name)
    project(lab)
    code = printed(lab, "sh", "--activate")
    text = f"set -eu\n. {code}\n. {code}\npip --version\npip install labone\nlabone\n"
    words = [program, "sh"] if name == "busybox" else [program]
    done = lab.run([*words, lab.write(lab.tmp / "script", text)])
    assert "Installed labone 2.0 into " in done.err, done
    assert "is active in this shell" in done.err
    assert done.out.endswith("labone 2.0\n")


def test_the_teams_file_holds_the_same_functions() -> None:
    assert posix.FUNCTIONS in PROFILE_D.read_text()
