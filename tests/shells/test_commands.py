"""The commands for the user's shell: as text for all, and run by the shells of this machine."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from safepip.reading import printable
from safepip.shells.commands import (
    activate_command,
    chown_command,
    family,
    new_home_command,
    prepend_path_command,
    quote,
)
from safepip.shells.kinds import Family, Shell, shell_named
from tests.support.missing import lacking

HARD = ["/plain/path", "/two words", "/it's", '/a"b', "/a$HOME", "/a`b`", "/ünï", "/a;b", "/a!b"]

# How each says a word, its arguments before the program text.
_ECHO = {
    Shell.SH: ("sh", "-c", "printf %s {}"),
    Shell.DASH: ("dash", "-c", "printf %s {}"),
    Shell.KSH: ("ksh", "-c", "printf %s {}"),
    Shell.BASH: ("bash", "--norc", "-c", "printf %s {}"),
    Shell.ZSH: ("zsh", "-f", "-c", "printf %s {}"),
    Shell.FISH: ("fish", "--no-config", "-c", "printf %s {}"),
    Shell.TCSH: ("tcsh", "-f", "-c", "printf %s {}"),
    Shell.NUSHELL: ("nu", "--no-config-file", "-c", "^printf %s {}"),
    Shell.XONSH: ("xonsh", "--no-rc", "-c", "printf %s {}"),
}
posix = pytest.mark.skipif(sys.platform == "win32", reason="shells of POSIX systems")


def _run(shell: Shell, program: str, **more: str) -> str:
    name, *words, _ = _ECHO[shell]
    found = shutil.which(name, path="/usr/bin:/bin:/usr/local/bin")
    if found is None:
        lacking(name)
    done = subprocess.run(
        [found, *words, program],
        capture_output=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "HOME": os.environ["HOME"], "LANG": "C.UTF-8", **more},
    )
    return done.stdout.decode()


@pytest.mark.parametrize("shell", Shell, ids=lambda shell: shell.value)
def test_each_shell_has_a_family(shell: Shell) -> None:
    assert isinstance(family(shell), Family)


@posix
@pytest.mark.parametrize("shell", _ECHO, ids=lambda shell: shell.value)
def test_a_quoted_word_reaches_the_shell_unchanged(shell: Shell) -> None:
    for word in HARD:
        assert _run(shell, _ECHO[shell][-1].format(quote(shell, word))) == word


ACTING = [
    "/a\x1b]0;title\x07b",
    '/it\'s\n"two" lines',
    "/100%d\x1b[31m\\x",
    "/\u202egnp.exe $HOME `x` !y",
    "/a\x7f\u009bb é",
]


@posix
@pytest.mark.parametrize("shell", _ECHO, ids=lambda shell: shell.value)
def test_what_would_act_on_the_terminal_is_quoted_by_printing_characters(shell: Shell) -> None:
    for word in ACTING:
        quoted = quote(shell, word)
        assert not printable.acts(quoted)
        # tcsh has no way to write a line end that is printed.
        meant = word.replace("\n", "") if shell is Shell.TCSH else word
        assert _run(shell, _ECHO[shell][-1].format(quoted)) == meant


def test_powershell_makes_them_by_number() -> None:
    assert quote(Shell.POWERSHELL, "/a\x1bb'c") == "('/a' + [char]::ConvertFromUtf32(27) + 'b''c')"


@posix
@pytest.mark.parametrize("shell", _ECHO, ids=lambda shell: shell.value)
@pytest.mark.parametrize("name", ["plain", "two words", "it's", "a\x1b[2Jb"])
def test_a_folder_put_first_on_path_is_searched_first(
    shell: Shell, name: str, tmp_path: Path
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    mine = folder / "mine"
    mine.write_text("#!/bin/sh\necho found\n")
    mine.chmod(0o755)
    command = prepend_path_command(shell, PurePosixPath(folder))
    # Within a line, older xonshes take a bare name for Python's.
    end = "\n" if shell is Shell.XONSH else "; "
    assert _run(shell, f"{command}{end}mine") == "found\n"


@posix
@pytest.mark.parametrize("shell", _ECHO, ids=lambda shell: shell.value)
def test_a_place_is_given_to_who_is_logged_in(shell: Shell, tmp_path: Path) -> None:
    sudo = tmp_path / "sudo"
    sudo.write_text("#!/bin/sh\nprintf '<%s>' \"$@\"\n")
    sudo.chmod(0o755)
    place, me = PurePosixPath("/it's 1"), getpass.getuser()  # fish looks that up by itself
    for user in ("", "o'neil"):
        command = chown_command(shell, user, place)
        said = _run(shell, command, PATH=f"{tmp_path}:/usr/bin:/bin", USER=me)
        assert said == f"<chown><-R><{user or me}><{place}>"


@posix
@pytest.mark.parametrize("shell", _ECHO, ids=lambda shell: shell.value)
def test_an_empty_home_is_made(shell: Shell, tmp_path: Path) -> None:
    # Within a line, older xonshes take a bare name for Python's.
    end = "\n" if shell is Shell.XONSH else "; "
    command = new_home_command(shell)
    said = _run(shell, f"{command}{end}sh -c 'ls -A $HOME; echo $HOME'", TMPDIR=str(tmp_path))
    (made,) = tmp_path.iterdir()
    assert said == f"{made}\n"


V = PurePosixPath("/home/you/my site/.venv")


@pytest.mark.parametrize(
    ("shell", "activates"),
    [
        (Shell.BASH, "source '/home/you/my site/.venv/bin/activate'"),
        (Shell.ZSH, "source '/home/you/my site/.venv/bin/activate'"),
        (Shell.SH, ". '/home/you/my site/.venv/bin/activate'"),
        (Shell.DASH, ". '/home/you/my site/.venv/bin/activate'"),
        (Shell.KSH, ". '/home/you/my site/.venv/bin/activate'"),
        (Shell.FISH, "source '/home/you/my site/.venv/bin/activate.fish'"),
        (Shell.TCSH, "source '/home/you/my site/.venv/bin/activate.csh'"),
        (Shell.POWERSHELL, "& '/home/you/my site/.venv/bin/Activate.ps1'"),
        (
            Shell.NUSHELL,
            (
                "load-env {VIRTUAL_ENV: '/home/you/my site/.venv', "
                "PATH: ($env.PATH | prepend '/home/you/my site/.venv/bin')}"
            ),
        ),
        (
            Shell.XONSH,
            (
                "$VIRTUAL_ENV = '/home/you/my site/.venv'; "
                "$PATH.insert(0, '/home/you/my site/.venv/bin')"
            ),
        ),
    ],
)
def test_each_shell_has_its_word_for_activating(shell: Shell, activates: str) -> None:
    assert activate_command(shell, V) == activates


@pytest.mark.parametrize(
    ("shell", "activates", "prepends"),
    [
        (
            Shell.POWERSHELL,
            r"& 'C:\my site\.venv\Scripts\Activate.ps1'",
            r"""$env:PATH = 'C:\my site\.venv\Scripts' + ";" + $env:PATH""",
        ),
        (
            Shell.CMD,
            r'"C:\my site\.venv\Scripts\activate.bat"',
            r'set "PATH=C:\my site\.venv\Scripts;%PATH%"',
        ),
        (  # Git Bash: a colon in the path would end it on PATH (cpython gh-103088)
            Shell.BASH,
            r"source 'C:\my site\.venv\Scripts\activate'",
            r'''export PATH="$(cygpath -u 'C:\my site\.venv\Scripts')":"$PATH"''',
        ),
        (  # of MSYS2
            Shell.FISH,
            r"source 'C:\\my site\\.venv\\Scripts\\activate.fish'",
            r"set -gx PATH (cygpath -u 'C:\\my site\\.venv\\Scripts') $PATH",
        ),
    ],
)
def test_windows_has_other_words(shell: Shell, activates: str, prepends: str) -> None:
    environment = PureWindowsPath(r"C:\my site\.venv")
    assert activate_command(shell, environment) == activates
    assert prepend_path_command(shell, environment / "Scripts") == prepends


@pytest.mark.parametrize(
    ("program", "shell"),
    [
        ("bash", Shell.BASH),
        ("-zsh", Shell.ZSH),
        ("/usr/bin/fish", Shell.FISH),
        (r"C:\Windows\System32\cmd.exe", Shell.CMD),
        ("powershell.exe", Shell.POWERSHELL),
        ("pwsh", Shell.POWERSHELL),
        ("mksh", Shell.KSH),
        ("nu", Shell.NUSHELL),
        ("nushell", Shell.NUSHELL),
        ("python3", None),
        ("", None),
        ("bashful", None),
    ],
)
def test_a_shell_is_known_by_its_program(program: str, shell: Shell | None) -> None:
    assert shell_named(program) is shell
