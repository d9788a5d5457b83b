"""What the running shell holds under a script's name, and a safepip that cannot be started."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from safepip import shellcode
from safepip.shells import Shell
from tests.integration.test_shells import (
    PROFILE_D,
    REAL,
    WHERE,
    Real,
    Talk,
    printed,
    project,
    script,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.lab import Lab

LISTED = ("bash", "zsh", "fish", "ksh")
"""Those that can list their functions."""
ALIASED = ("bash", "zsh", "dash", "ksh", "tcsh")


def shell(name: str) -> Real:
    assert REAL[name].program
    return REAL[name]


def asked(lab: Lab, real: Real, before: str) -> tuple[Talk, str, dict[str, Any]]:
    """An interactive shell after *before* and an install: it, its words, and the JSON's script."""
    file = lab.tmp / "report.json"
    talk = Talk(lab, real, (*real.bare, "-i"), SAFEPIP_REPORT_JSON=str(file))
    talk.run(shellcode.load_command(real.shell, f"safepip init {real.name}"))
    if before:
        talk.run(before)
    said = talk.run("pip install labone")
    (told,) = json.loads(file.read_text())["landed"][0]["scripts"]
    return talk, said, told


def alias(real: Real, value: str) -> str:
    word = " " if real.shell in {Shell.TCSH, Shell.FISH} else "="
    return f"alias labone{word}'{value}'"


@pytest.mark.parametrize("name", ALIASED)
def test_an_alias_before_it_is_told_with_what_runs_it(lab: Lab, name: str) -> None:
    environment = project(lab)
    talk, said, told = asked(lab, shell(name), alias(shell(name), "echo mine"))
    assert (told["visibility"], told["shadowed_by"]) == ("shadowed", "alias labone"), said
    assert "labone is an alias in your shell, which comes before PATH" in said
    command = re.search(r"to run what was installed:\r?\n    (.*?)\r?\n", said)
    assert command is not None
    assert command[1] == str(environment / "bin/labone")
    assert "labone 2.0" in talk.run(command[1])
    assert "not on PATH" not in said
    # The environment's command is told all the same, for what is no script.
    assert f"    source {environment}/bin/activate" in said.replace("    . /", "    source /")


@pytest.mark.parametrize("name", LISTED)
def test_a_function_before_it_is_told(lab: Lab, name: str) -> None:
    project(lab)
    one = "function labone; echo mine; end" if name == "fish" else "labone() { echo mine; }"
    _, said, told = asked(lab, shell(name), one)
    assert (told["visibility"], told["shadowed_by"]) == ("shadowed", "function labone"), said
    assert "labone is a function in your shell, which comes before PATH" in said


@pytest.mark.parametrize("name", [*ALIASED, "fish"])
def test_other_names_and_an_alias_for_itself_hide_nothing(lab: Lab, name: str) -> None:
    project(lab)
    real = shell(name)
    before = "alias lab 'echo mine'" if name in {"fish", "tcsh"} else "alias lab='echo mine'"
    if name != "fish":  # there it is a function
        before += f"; {alias(real, 'labone --quick')}"
    _, said, told = asked(lab, real, before)
    assert told["visibility"] == "off-path", said
    assert "in your shell" not in said


def test_an_alias_for_the_very_file_hides_nothing(lab: Lab) -> None:
    environment = project(lab)
    bash = shell("bash")
    _, _, told = asked(lab, bash, alias(bash, f"{environment}/bin/labone -v"))
    assert told["visibility"] == "off-path"


@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_a_builtin_before_it_is_told(lab: Lab, name: str) -> None:
    project(lab)
    # No package of the lab has a script of such a name: the shell gets a builtin of the script's.
    lines = {"bash": "functions:\nbuiltins:\nlabone\naliases:", "zsh": "builtins:\nlabone"}
    lister = f"__safepip_words() {{ echo '{lines[name]}'; }}"
    _, said, told = asked(lab, shell(name), lister)
    assert told["shadowed_by"] == "builtin labone"
    assert "labone is a builtin in your shell" in said


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


@pytest.mark.parametrize("name", ["bash", "zsh", "dash", "ksh", "tcsh"])
def test_a_remembered_place_is_forgotten(lab: Lab, name: str) -> None:
    own, other = lab.home / ".local/bin", lab.home / "bin"
    lab.write(other / "labone", "#!/bin/sh\necho old\n").chmod(0o755)
    lab.write(own / "other", "")
    real = shell(name)
    path = f"{own}:{other}:{lab.env['PATH']}"
    talk = Talk(lab, real, (*real.bare, "-i"), PATH=path)
    # tcsh has the private file with --activate only.
    talk.run(shellcode.load_command(real.shell, f"safepip init {real.name} --activate"))
    assert "old" in talk.run("labone")
    said = talk.run("pip install labone")
    assert f"labone 2.0 → {lab.home}/.local" in said
    assert "not on PATH" not in said
    assert "labone 2.0" in talk.run("labone")


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


@pytest.mark.parametrize("head", GONE.values(), ids=GONE)
@pytest.mark.parametrize("name", ["bash", "zsh", "fish", "dash", "ksh", "tcsh"])
def test_a_safepip_whose_python_is_gone_is_passed_over(lab: Lab, name: str, head: str) -> None:
    real = shell(name)
    code = other_program(lab, real, head)
    text = "pip --version; pip install --no-such-option; python3 -m pip --version"
    done = script(lab, real, text, file=code)
    assert done.out.count(f"pip {lab.python.pip_version} from") == 2, done
    assert "no such option" in done.err
    assert "gone" not in done.out + done.err


@pytest.mark.parametrize("head", THERE.values(), ids=THERE)
@pytest.mark.parametrize("name", ["bash", "zsh", "fish", "dash", "ksh", "tcsh"])
def test_one_whose_python_is_there_runs(lab: Lab, name: str, head: str) -> None:
    real = shell(name)
    code = other_program(lab, real, head.replace("{python}", str(lab.python.executable)))
    done = script(lab, real, "pip --version", file=code)
    assert (done.out[:7], done.err) == ("safepip", ""), done


def test_ksh_is_not_told_active_in_its_own_kind_of_subshell(lab: Lab) -> None:
    project(lab)
    code = printed(lab, "ksh", "--activate")
    done = script(lab, shell("ksh"), "(pip install labone); command -v labone", file=code)
    assert "activated" not in done.err, done
    assert done.out.rstrip().endswith("labone 2.0") is False
    assert "to use it:" in done.err
    again = script(lab, shell("ksh"), "pip install labpre; labpre", file=code)
    assert "is activated in this shell" in again.err
    assert "labpre 1.0" in again.out


@pytest.mark.parametrize("name", ["mksh", "yash", "busybox"])
def test_other_posix_shells_run_it_too(lab: Lab, name: str) -> None:
    program = shutil.which(name, path=WHERE)
    if program is None:
        pytest.skip(f"no {name} on this machine")
    environment = project(lab)
    code = printed(lab, "sh", "--activate")
    text = f"set -eu\n. {code}\n. {code}\npip --version\npip install labone\nlabone\n"
    words = [program, "sh"] if name == "busybox" else [program]
    done = lab.run([*words, lab.write(lab.tmp / "script", text)])
    assert f"labone 2.0 → {environment}" in done.err, done
    assert "is activated in this shell" in done.err
    assert done.out.endswith("labone 2.0\n")


def test_the_teams_file_holds_the_same_functions() -> None:
    assert shellcode.posix.FUNCTIONS in PROFILE_D.read_text()
