"""The text of the integration: for each shell here, that it parses; for the others, what it says.

PowerShell is on no machine of ours: its text is only read by these tests, until ``pwsh`` is found,
which then parses it. What the texts do is in ``integration/test_shells.py``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest
import tree_sitter
import tree_sitter_powershell

from safepip import userpip
from safepip.shells import commands, parts, posix, texts
from safepip.shells.kinds import Integration, Shell
from tests.support.missing import lacking

HARD = PurePosixPath('/home/it\'s me/a "b" $c/safepip')
FULL = Integration(
    program=HARD, pips=("pip", "pip3", "pip3.12"), pythons=("python", "python3"), activate=True
)
every = pytest.mark.parametrize("shell", texts.SHELLS, ids=lambda shell: shell.value)

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
    behind = {"": ("--strategy",), "--strategy": ("auto", "venv"), "plan": ("install",)}
    text = texts.code(shell, FULL, behind)
    if shell is Shell.XONSH:
        compile(text, "safepip.xsh", "exec")  # it is plain Python
        return
    name, *words = _PARSE[shell]
    program = shutil.which(name, path="/usr/bin:/bin:/usr/local/bin")
    if program is None:
        lacking(name)
    file = tmp_path / "code"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run([program, *words, file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@every
def test_it_names_every_word_and_the_program(shell: Shell) -> None:
    text = texts.code(shell, FULL)
    for word in (*FULL.pips, *FULL.pythons):
        assert word in text
    plain = texts.code(shell, Integration(program=PurePosixPath("/opt/safepip")))
    assert "/opt/safepip" in plain
    # But for the question that `safepip doctor` puts to the shell.
    assert "python3" not in plain.replace("pip pip3 python python3", "")
    if posix.FUNCTIONS in text:
        assert posix.INTERACTIVE in text
        assert "\n__safepip_activate=\n" in plain
    else:
        assert "SHELL_ACTIVATE" in text
        assert "SHELL_ACTIVATE" not in plain.replace(parts.FORGET, "")
    assert text.endswith("\n")


@every
def test_its_way_out_is_there(shell: Shell) -> None:
    text = texts.code(shell, FULL)
    assert "SAFEPIP" in text.replace("SAFEPIP_", "")
    assert "off" in text


def test_powershell_is_that_of_windows_too() -> None:
    text = texts.code(Shell.POWERSHELL, FULL)
    for name in FULL.pips:
        assert f"function global:{name} {{ if" in text
        assert f"__safepip '{name}' @args" in text
    for newer in ("??", "&&", "||", " ? "):  # version 5.1 does not know them
        assert newer not in text
    assert text.count("{") == text.count("}")
    assert text.count("(") == text.count(")")


def _errors(text: str) -> list[str]:
    """What tree-sitter's grammar of PowerShell finds wrong in *text*."""
    language = tree_sitter.Language(tree_sitter_powershell.language())
    waiting = [tree_sitter.Parser(language).parse(text.encode()).root_node]
    found = []
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            found.append(f"{node.start_point}: {(node.text or b'').decode()}")
        waiting += node.children
    return found


AWKWARD = [
    PurePosixPath("/", name)
    for name in (
        "plain",
        "two words",
        "it's",
        'a"b',
        "a$HOME",
        "`b`",
        "ünï",
        "\u2018a\u2019 \u201ab\u201b \u201cc\u201d",
        "a;#(b){c}@&!",
    )
] + [PureWindowsPath(r"C:\Users\it's me\x"), PureWindowsPath(r"C:\plain")]


@pytest.mark.parametrize("path", AWKWARD, ids=str)
@pytest.mark.parametrize("activate", [False, True])
def test_all_text_for_powershell_parses(path: PurePath, activate: bool) -> None:
    """A parse by somebody else's grammar and no run: there is no PowerShell on our machines."""
    shell = Shell.POWERSHELL
    what = Integration(
        program=path / "safepip", pips=FULL.pips, pythons=FULL.pythons, activate=activate
    )
    told = [
        texts.code(shell, what),
        texts.source_line(shell, path),
        texts.load_command(shell, "safepip init pwsh"),
        texts.activation(shell, path),
        commands.activate_command(shell, path),
        commands.run_command(shell, path / "tool"),
        commands.prepend_path_command(shell, path),
        commands.path_line(shell, path) or "",
    ]
    for text in told:
        assert _errors(text) == [], text
        # And it would see what is wrong.
        head, quote, tail = text.rpartition("'")
        for broken in (f"{text} }}", f"if ({text}", *([head + tail] if quote else [])):
            assert _errors(broken) != [], broken
    # A bare word would be run where a value belongs.
    value = commands.quote(shell, str(path))
    assert f"$program = {commands.quote(shell, str(path / 'safepip'))}\n" in told[0]
    assert value[0] == value[-1] == "'"


def test_powershell_hands_on_what_is_piped_in() -> None:
    text = texts.code(Shell.POWERSHELL, FULL)
    for call in (
        "& $program @rest",
        "& $real.Path @rest",
        "& $real.Path @args",
        "__safepip 'pip' @args",
    ):
        assert f"if ($MyInvocation.ExpectingInput) {{ $input | {call} }} else {{ {call} }}" in text


def test_powershell_keeps_pips_status_over_the_activation() -> None:
    text = texts.code(Shell.POWERSHELL, FULL)
    before, _, after = text.partition(". ([scriptblock]::Create($todo))")
    assert before.rstrip().endswith("$status = $global:LASTEXITCODE")
    assert after.lstrip().startswith("$global:LASTEXITCODE = $status")


def test_nushell_looks_at_prompts_alone_for_what_to_activate() -> None:
    # A private file in a script would be nobody's to remove.
    text = texts.code(Shell.NUSHELL, FULL)
    assert "let __safepip_file = if $nu.is-interactive {" in text
    assert '"/home/it\'s me/a \\"b\\" $c/safepip"' in text


def test_tcsh_gets_one_line_for_each_statement() -> None:
    # Its eval joins the lines, so none may be a comment or lack its end.
    for line in texts.code(Shell.TCSH, FULL).splitlines():
        assert line.endswith(";")
        assert not line.startswith("#")


def test_the_posix_shells_share_a_file() -> None:
    assert {texts.file_name(one) for one in texts.POSIX} == {"safepip.sh"}
    names = [texts.file_name(one) for one in texts.SHELLS]
    assert len(set(names)) == len(texts.SHELLS) - 3  # sh, dash and ksh; tcsh and csh


@every
def test_the_line_is_one_line(shell: Shell) -> None:
    line = texts.source_line(shell, PurePosixPath("/home/it's me/safepip.x"))
    assert "\n" not in line
    assert "#" not in line


def test_nushell_is_told_the_environment_and_others_the_command() -> None:
    environment = PurePosixPath("/home/you/.venv")
    assert texts.activation(Shell.NUSHELL, environment) == "/home/you/.venv\n"
    told = texts.activation(Shell.BASH, environment)
    command = "source /home/you/.venv/bin/activate"
    assert told == f"case $- in *u*) set +u; {command}; set -u ;; *) {command} ;; esac\n"


def test_cmd_has_none() -> None:
    assert set(Shell) - set(texts.SHELLS) == {Shell.CMD}


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
    assert userpip.child_environment(env) == {"SAFEPIP_STRATEGY": "venv", "SHELL": "/bin/bash"}


@pytest.mark.skipif(sys.platform == "win32", reason="a program of POSIX systems")
def test_a_python_stands_for_its_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    env = {"PATH": str(tmp_path)}
    for word in ("python3", str(python)):
        target = userpip.find_pip({**env, "SAFEPIP_AS": word}, as_module=False)
        assert target is not None
        assert target.argv == (str(python), "-m", "pip")
        assert target.python == (str(python),)
    assert userpip.find_pip({**env, "SAFEPIP_AS": "python3.9"}, as_module=False) is None
    (tmp_path / "pip.py").touch()  # somebody's, and not to be run
    target = userpip.find_pip({**env, "SAFEPIP_AS": "python3"}, as_module=False)
    assert target is not None
    assert target.argv[1] == "-c"
