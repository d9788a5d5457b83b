"""Which files each shell reads, and which of them get a line."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path, PureWindowsPath

import pytest

from safepip import userpip
from safepip.profiles import files as profiles_files
from safepip.profiles import registry
from safepip.profiles.files import Profile
from safepip.shells.kinds import Shell
from tests.support.missing import lacking

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
    first, *more = profiles_files.for_functions(shell, {"HOME": str(tmp_path), **variables})
    assert first == Profile(file=tmp_path / expected)
    assert [one.file for one in more] == ([tmp_path / ".profile"] if shell is Shell.BASH else [])


@pytest.mark.parametrize(
    ("program", "expected"),
    [("ksh93", ".kshrc"), ("mksh", ".mkshrc"), ("oksh", ".profile"), (None, ".profile")],
    ids=str,
)
@posix
def test_a_ksh_has_the_file_that_it_reads_without_a_login(
    program: str | None, expected: str, tmp_path: Path
) -> None:
    env = {"HOME": str(tmp_path), "PATH": str(tmp_path), "SHELL": "/bin/sh"}
    if program is not None:
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
        (tmp_path / "ksh").symlink_to(program)
    (one,) = profiles_files.for_functions(Shell.KSH, env)
    assert one == Profile(file=tmp_path / expected)
    assert profiles_files.only_at_login(Shell.KSH, env) == (expected == ".profile")
    # It is looked for wherever it may have been put.
    one.file.touch()
    assert one in profiles_files.with_functions(Shell.KSH, {**env, "ENV": "/home/you/rc"})
    assert not profiles_files.only_at_login(Shell.KSH, {**env, "ENV": "/home/you/rc"})
    # dash and others have no such file.
    assert profiles_files.for_functions(Shell.DASH, env)[0].file.name == ".profile"
    assert profiles_files.only_at_login(Shell.DASH, env)
    assert not profiles_files.only_at_login(Shell.ZSH, env)


def test_older_names_of_a_profile_go_first(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path)}

    def file(shell: Shell) -> Path:
        (one,) = profiles_files.for_functions(shell, env)
        return one.file

    (tmp_path / ".cshrc").touch()
    (tmp_path / ".xonshrc").touch()
    assert file(Shell.TCSH) == tmp_path / ".cshrc"
    assert file(Shell.XONSH) == tmp_path / ".xonshrc"
    (tmp_path / ".tcshrc").touch()
    assert file(Shell.TCSH) == tmp_path / ".tcshrc"
    # Where a line may be from the days before .tcshrc, it is looked for as well.
    assert {one.file.name for one in profiles_files.with_functions(Shell.TCSH, env)} == {
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
    b"alias rc='vim ~/.bashrc'\n",
    b"test -f ~/.bashrc && echo there; . ~/.other\n",
    b"resource ~/.bashrc\n",
    b". ~/.profile\n",
]


@posix
@pytest.mark.parametrize("content", READING)
def test_a_login_file_that_reads_bashrc_needs_no_line(content: bytes, tmp_path: Path) -> None:
    (tmp_path / ".bash_login").write_bytes(content)
    (tmp_path / ".profile").write_bytes(b"")
    env = {"HOME": str(tmp_path)}
    assert profiles_files.for_functions(Shell.BASH, env) == (Profile(file=tmp_path / ".bashrc"),)
    # Yet one from before is taken out of all.
    assert [one.file.name for one in profiles_files.with_functions(Shell.BASH, env)] == [
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
        assert profiles_files.for_functions(Shell.BASH, env) == (
            Profile(file=tmp_path / ".bashrc"),
            Profile(file=tmp_path / name, at_login=True),
        )


@posix
def test_a_login_file_that_is_bashrc_needs_no_line_of_its_own(tmp_path: Path) -> None:
    (tmp_path / ".bashrc").touch()
    (tmp_path / ".bash_profile").symlink_to(".bashrc")
    (one,) = profiles_files.for_functions(Shell.BASH, {"HOME": str(tmp_path)})
    assert one == Profile(file=tmp_path / ".bashrc")


@posix
def test_without_a_login_file_none_is_made_that_would_hide_another(tmp_path: Path) -> None:
    (tmp_path / ".bash_profile").symlink_to("nowhere")
    _, login = profiles_files.for_functions(Shell.BASH, {"HOME": str(tmp_path)})
    assert login == Profile(file=tmp_path / ".profile", at_login=True)


# Windows, by a fake registry: none of this was seen on a real one.

FOLDERS = r"%USERPROFILE%\OneDrive - Firm\Documents"


def value(text: str, kind: int = registry.REG_EXPAND_SZ) -> registry.Value:
    return registry.Value(text=text, kind=kind)


def unreadable() -> registry.Value | None:
    raise PermissionError(5, "Access is denied")


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (value(FOLDERS), r"C:\Users\You\OneDrive - Firm\Documents"),
        (value(r"%UserProfile%\Documents"), r"C:\Users\You\Documents"),
        (value(r"\\server\share\You"), r"\\server\share\You"),
        (value(r"D:\Mine", registry.REG_SZ), r"D:\Mine"),
        (value(FOLDERS, registry.REG_SZ), None),
        (value(r"%NOWHERE%\Documents"), None),
        (value("Documents"), None),
        (value(""), None),
        (value(r"D:\Mine", kind=3), None),
        (None, None),
    ],
    ids=str,
)
def test_documents_are_where_the_registry_says(
    stored: registry.Value | None, expected: str | None
) -> None:
    env = {"USERPROFILE": r"C:\Users\You"}
    found = registry.documents(lambda: stored, env)
    assert found == (None if expected is None else PureWindowsPath(expected))


def test_documents_that_cannot_be_asked_for_are_not_known() -> None:
    assert registry.documents(unreadable, {}) is None


@pytest.mark.parametrize(
    ("programs", "folders"),
    [
        (("powershell",), ["WindowsPowerShell"]),
        (("pwsh",), ["PowerShell"]),
        (("powershell", "pwsh"), ["PowerShell", "WindowsPowerShell"]),
        ((), ["PowerShell"]),
    ],
    ids=str,
)
def test_each_powershell_on_path_has_its_profile(
    programs: tuple[str, ...], folders: list[str]
) -> None:
    files = profiles_files.of_powershell(Path("/d"), programs)
    assert files == tuple(
        Path("/d", folder, "Microsoft.PowerShell_profile.ps1") for folder in folders
    )


@pytest.mark.parametrize("there", [("pwsh",), ("powershell",), ("pwsh", "powershell"), ()], ids=str)
def test_on_windows_they_are_looked_for(
    there: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(userpip, "WINDOWS", True)
    monkeypatch.setattr(userpip, "SUFFIXES", (".exe",))
    for name in there:
        (tmp_path / f"{name}.exe").touch(mode=0o755)
    env = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "PATH": str(tmp_path)}
    chosen = profiles_files.for_functions(Shell.POWERSHELL, env)
    documents = tmp_path / "Documents"
    assert [one.file for one in chosen] == list(profiles_files.of_powershell(documents, there))
    # A line from the days of another is taken out as well.
    other = documents / "WindowsPowerShell/Microsoft.PowerShell_profile.ps1"
    other.parent.mkdir(parents=True)
    other.touch()
    assert other in {one.file for one in profiles_files.with_functions(Shell.POWERSHELL, env)}


@posix
def test_nushell_has_its_profile_where_it_says_itself(tmp_path: Path) -> None:
    nu = shutil.which("nu", path="/usr/local/bin:/usr/bin:/bin")
    if nu is None:
        lacking("nu")
    for variables in ({}, {"XDG_CONFIG_HOME": str(tmp_path / "x")}):
        env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", **variables}
        said = subprocess.run(
            [nu, "-c", "$nu.config-path"], env=env, capture_output=True, text=True, check=True
        )
        assert profiles_files.for_functions(Shell.NUSHELL, env)[0].file == Path(said.stdout.strip())


def test_path_lines_of_older_days_are_looked_for(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path)}
    (tmp_path / ".cshrc").touch()
    for shell in (Shell.TCSH, Shell.CSH):
        assert profiles_files.for_path(shell, env) == (tmp_path / ".cshrc",)
        found = profiles_files.for_path(shell, env, old=True)
        assert found == (tmp_path / ".tcshrc", tmp_path / ".cshrc")
