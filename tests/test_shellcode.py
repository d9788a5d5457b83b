"""The text of the integration: for each shell here, that it parses; for the others, what it says.

PowerShell is on no machine of ours: its text is only read by these tests, until ``pwsh`` is found,
which then parses it. What the texts do is in ``integration/test_shells.py``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from safepip import locate, shellcode
from safepip.shellcode import parts
from safepip.shells import Shell

HARD = PurePosixPath('/home/it\'s me/a "b" $c/safepip')
FULL = shellcode.Integration(
    program=HARD, pips=("pip", "pip3", "pip3.12"), pythons=("python", "python3"), activate=True
)
every = pytest.mark.parametrize("shell", shellcode.SHELLS, ids=lambda shell: shell.value)

_PARSE = {
    Shell.BASH: ("bash", "-n"),
    Shell.ZSH: ("zsh", "-fn"),
    Shell.FISH: ("fish", "--no-config", "-n"),
    Shell.SH: ("sh", "-n"),
    Shell.DASH: ("dash", "-n"),
    Shell.KSH: ("ksh", "-n"),
    Shell.TCSH: ("tcsh", "-fn"),
    Shell.CSH: ("csh", "-fn"),
    Shell.POWERSHELL: ("pwsh", "-NoProfile", "-File"),
    Shell.NUSHELL: ("nu", "--no-config-file"),
}


@every
def test_the_shell_can_read_it(shell: Shell, tmp_path: Path) -> None:
    text = shellcode.code(shell, FULL)
    if shell is Shell.XONSH:
        compile(text, "safepip.xsh", "exec")  # it is plain Python
        return
    name, *words = _PARSE[shell]
    program = shutil.which(name, path="/usr/bin:/bin:/usr/local/bin")
    if program is None:
        pytest.skip(f"no {name} on this machine: its text is checked as text only")
    file = tmp_path / "code"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run([program, *words, file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@every
def test_it_names_every_word_and_the_program(shell: Shell) -> None:
    text = shellcode.code(shell, FULL)
    for word in (*FULL.pips, *FULL.pythons):
        assert word in text
    plain = shellcode.code(shell, shellcode.Integration(program=PurePosixPath("/opt/safepip")))
    assert "/opt/safepip" in plain
    assert "python3" not in plain
    assert "SHELL_ACTIVATE" in text
    assert "SHELL_ACTIVATE" not in plain.replace(parts.FORGET, "")
    assert text.endswith("\n")


@every
def test_its_way_out_is_there(shell: Shell) -> None:
    text = shellcode.code(shell, FULL)
    assert "SAFEPIP" in text.replace("SAFEPIP_", "")
    assert "off" in text


def test_powershell_is_that_of_windows_too() -> None:
    text = shellcode.code(Shell.POWERSHELL, FULL)
    assert "function global:pip { __safepip 'pip' @args }" in text
    assert "function global:pip3.12 { __safepip 'pip3.12' @args }" in text
    for newer in ("??", "&&", "||", " ? "):  # version 5.1 does not know them
        assert newer not in text
    assert text.count("{") == text.count("}")
    assert text.count("(") == text.count(")")


def test_nushell_looks_at_prompts_alone_for_what_to_activate() -> None:
    # A private file in a script would be nobody's to remove.
    text = shellcode.code(Shell.NUSHELL, FULL)
    assert "let __safepip_file = if $nu.is-interactive {" in text
    assert '"/home/it\'s me/a \\"b\\" $c/safepip"' in text


def test_tcsh_gets_one_line_for_each_statement() -> None:
    # Its eval joins the lines, so none may be a comment or lack its end.
    for line in shellcode.code(Shell.TCSH, FULL).splitlines():
        assert line.endswith(";")
        assert not line.startswith("#")


def test_the_posix_shells_share_a_file() -> None:
    assert {shellcode.file_name(one) for one in shellcode.POSIX} == {"safepip.sh"}
    names = [shellcode.file_name(one) for one in shellcode.SHELLS]
    assert len(set(names)) == len(shellcode.SHELLS) - 3  # sh, dash and ksh; tcsh and csh


@every
def test_the_line_is_one_line(shell: Shell) -> None:
    line = shellcode.source_line(shell, PurePosixPath("/home/it's me/safepip.x"))
    assert "\n" not in line
    assert "#" not in line


def test_nushell_is_told_the_environment_and_others_the_command() -> None:
    environment = PurePosixPath("/home/you/.venv")
    assert shellcode.activation(Shell.NUSHELL, environment) == "/home/you/.venv\n"
    assert shellcode.activation(Shell.BASH, environment) == "source /home/you/.venv/bin/activate\n"


def test_cmd_has_none() -> None:
    assert set(Shell) - set(shellcode.SHELLS) == {Shell.CMD}


def test_pip_gets_none_of_the_variables() -> None:
    env = {
        "SAFEPIP_AS": "pip",
        "SAFEPIP_SHELL": "bash",
        "SAFEPIP_SHELL_FILE": "/tmp/x",
        "SAFEPIP_SHELL_PID": "1",
        "SAFEPIP_SHELL_ACTIVATE": "1",
        "SAFEPIP_STRATEGY": "venv",
        "SHELL": "/bin/bash",
    }
    assert locate.child_environment(env) == {"SAFEPIP_STRATEGY": "venv", "SHELL": "/bin/bash"}


@pytest.mark.skipif(sys.platform == "win32", reason="a program of POSIX systems")
def test_a_python_stands_for_its_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    env = {"PATH": str(tmp_path)}
    for word in ("python3", str(python)):
        target = locate.find_pip({**env, "SAFEPIP_AS": word}, as_module=False)
        assert target is not None
        assert target.argv == (str(python), "-m", "pip")
        assert target.python == (str(python),)
    assert locate.find_pip({**env, "SAFEPIP_AS": "python3.9"}, as_module=False) is None
    (tmp_path / "pip.py").touch()  # somebody's, and not to be run
    target = locate.find_pip({**env, "SAFEPIP_AS": "python3"}, as_module=False)
    assert target is not None
    assert target.argv[1] == "-c"
