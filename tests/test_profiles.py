"""Which files each shell reads, and which of them get a line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from safepip import profiles
from safepip.profiles import Profile
from safepip.shells import Shell

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(sys.platform == "win32", reason="profiles of POSIX systems")


@pytest.mark.parametrize(
    ("shell", "variables", "expected"),
    [
        (Shell.BASH, {}, ".bashrc"),
        (Shell.ZSH, {}, ".zshrc"),
        (Shell.ZSH, {"ZDOTDIR": "/z"}, "/z/.zshrc"),
        (Shell.ZSH, {"ZDOTDIR": "relative"}, ".zshrc"),
        (Shell.FISH, {}, ".config/fish/conf.d/safepip.fish"),
        (Shell.FISH, {"XDG_CONFIG_HOME": "/x"}, "/x/fish/conf.d/safepip.fish"),
        (Shell.SH, {}, ".profile"),
        (Shell.KSH, {"ENV": "/home/you/.kshrc"}, "/home/you/.kshrc"),
        (Shell.TCSH, {}, ".tcshrc"),
        (Shell.CSH, {}, ".cshrc"),
        (Shell.XONSH, {}, ".config/xonsh/rc.xsh"),
    ],
    ids=str,
)
@posix
def test_each_shell_has_its_profile(
    shell: Shell, variables: dict[str, str], expected: str, tmp_path: Path
) -> None:
    first, *more = profiles.for_functions(shell, {"HOME": str(tmp_path), **variables})
    assert first == Profile(file=tmp_path / expected)
    assert [one.file for one in more] == ([tmp_path / ".profile"] if shell is Shell.BASH else [])


def test_older_names_of_a_profile_go_first(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path)}

    def file(shell: Shell) -> Path:
        (one,) = profiles.for_functions(shell, env)
        return one.file

    (tmp_path / ".cshrc").touch()
    (tmp_path / ".xonshrc").touch()
    assert file(Shell.TCSH) == tmp_path / ".cshrc"
    assert file(Shell.XONSH) == tmp_path / ".xonshrc"
    (tmp_path / ".tcshrc").touch()
    assert file(Shell.TCSH) == tmp_path / ".tcshrc"
    # Where a line may be from the days before .tcshrc, it is looked for as well.
    assert {one.file.name for one in profiles.with_functions(Shell.TCSH, env)} == {
        ".tcshrc",
        ".cshrc",
    }


READING = [
    b"if [ -f ~/.bashrc ]; then . ~/.bashrc; fi\n",
    b"# mine\r\n\t[[ -r $HOME/.bashrc ]] && source $HOME/.bashrc\r\n",
    b". ~/.bashrc # the rest",
    b"echo a#b; . ~/.bashrc",
    b"cd /etc; . /home/you/etc/.bashrc",
]
NOT_READING = [
    b"",
    b"# . ~/.bashrc\n",
    b"export A=1  # see ~/.bashrc\nPATH=~/bin:$PATH\n",
    b"export A=1;# see ~/.bashrc\n",
    b". /etc/bashrc\n. /etc/bash.bashrc\n",
    b". ~/.profile\n",
]


@posix
@pytest.mark.parametrize("content", READING)
def test_a_login_file_that_reads_bashrc_needs_no_line(content: bytes, tmp_path: Path) -> None:
    (tmp_path / ".bash_login").write_bytes(content)
    (tmp_path / ".profile").write_bytes(b"")
    env = {"HOME": str(tmp_path)}
    assert profiles.for_functions(Shell.BASH, env) == (Profile(file=tmp_path / ".bashrc"),)
    # Yet one from before is taken out of all.
    assert [one.file.name for one in profiles.with_functions(Shell.BASH, env)] == [
        ".bashrc",
        ".bash_login",
        ".profile",
    ]


@posix
@pytest.mark.parametrize("content", NOT_READING)
def test_a_login_file_that_does_not_needs_one(content: bytes, tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path)}
    for name in (".profile", ".bash_login", ".bash_profile"):
        (tmp_path / name).write_bytes(content)
        assert profiles.for_functions(Shell.BASH, env) == (
            Profile(file=tmp_path / ".bashrc"),
            Profile(file=tmp_path / name, at_login=True),
        )


@posix
def test_without_a_login_file_none_is_made_that_would_hide_another(tmp_path: Path) -> None:
    (tmp_path / ".bash_profile").symlink_to("nowhere")
    _, login = profiles.for_functions(Shell.BASH, {"HOME": str(tmp_path)})
    assert login == Profile(file=tmp_path / ".profile", at_login=True)
