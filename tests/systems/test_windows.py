"""What is different on Windows, a row a fact: the platform is a value here, and any system will do.

The source of each is beside it. What of this has run on a Windows is said in the README.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pip._vendor import distlib
from pip._vendor.distlib.scripts import ScriptMaker

from safepip import state, userpip
from safepip.machine import (
    interpreter,
    ownership,
    scripts,
    search,
)
from safepip.model.errors import UnavailableError
from safepip.runner import windows
from safepip.shells.kinds import Shell
from safepip.userpip import PipTarget
from tests.support.windows import put

if TYPE_CHECKING:
    from collections.abc import Callable


# Names on PATH. Source: cmd /? (PATHEXT); subprocess: CreateProcess starts no file without ending.

ENDINGS = {
    "as delivered": (".COM;.EXE;.BAT;.CMD;.VBS;.JS;.MSC", (".com", ".exe", ".bat", ".cmd")),
    "in the user's order": (".CMD;.exe", (".cmd", ".exe")),
    "Python scripts among them": (".EXE;.PY;.PYW", (".exe",)),
    "none said": ("", (".com", ".exe", ".bat", ".cmd")),
    "nothing that starts": (".PY", (".com", ".exe", ".bat", ".cmd")),
}


@pytest.mark.usefixtures("on_windows")
@pytest.mark.parametrize("fact", ENDINGS)
def test_a_name_is_found_by_the_endings_of_pathext(fact: str) -> None:
    told, expected = ENDINGS[fact]
    assert userpip.endings({"PATHEXT": told}) == expected


@pytest.mark.usefixtures("on_windows")
def test_what_has_no_ending_is_no_program(tmp_path: Path) -> None:
    env = {"PATH": str(put(tmp_path / "shims", "pip", "pip.bat"))}
    assert list(userpip.on_path("pip", env)) == [str(tmp_path / "shims/pip.bat")]


@pytest.mark.usefixtures("on_windows")
def test_an_entry_of_path_may_stand_in_quotes(tmp_path: Path) -> None:
    env = {"PATH": f'"{put(tmp_path / "my tools", "pip.exe")}"'}
    assert list(userpip.on_path("pip", env)) == [str(tmp_path / "my tools/pip.exe")]


# What each shell runs for a name. Sources: cmd /?; about_Command_Precedence.
RUNS = [
    (Shell.CMD, ("tool.bat", "tool.exe"), "tool.exe"),
    (Shell.CMD, ("tool", "tool.cmd"), "tool.cmd"),
    (Shell.CMD, ("tool.ps1",), None),
    (Shell.POWERSHELL, ("tool.ps1", "tool.exe"), "tool.ps1"),
    (Shell.POWERSHELL, ("tool", "tool.exe"), "tool.exe"),
    (Shell.BASH, ("tool", "tool.cmd"), "tool"),
    (Shell.BASH, ("tool.exe",), "tool.exe"),
    (Shell.CMD, ("tool-script.py", "tool.exe"), "tool.exe"),
]


@pytest.mark.usefixtures("on_windows")
@pytest.mark.parametrize(("typed_into", "there", "runs"), RUNS, ids=str)
def test_each_shell_has_its_order(
    typed_into: Shell, there: tuple[str, ...], runs: str | None, tmp_path: Path
) -> None:
    env = {"PATH": str(put(tmp_path / "bin", *there))}
    found = search.found_on_path("tool", env, typed_into, anywhere=True)
    assert (None if found is None else found.name) == runs


# The shop's names. Sources: docs.python.org/3/using/windows.html; python/pymanager#294.
WINDOWS_APPS = {
    "nothing is installed": (("python.exe", "python3.exe"), None),
    "Python from the shop": (("python.exe", "python3.exe", "pip.exe"), "python3.exe"),
    "the install manager": (("python.exe", "py.exe", "pymanager.exe"), "python.exe"),
}


@pytest.mark.parametrize("fact", WINDOWS_APPS)
def test_a_name_that_only_opens_the_shop_is_no_python(fact: str, tmp_path: Path) -> None:
    there, expected = WINDOWS_APPS[fact]
    folder = put(tmp_path / "Microsoft/WindowsApps", *there, data=b"")
    names = [str(folder / name) for name in ("python3.exe", "python.exe") if name in there]
    real = [one for one in names if not userpip.is_placeholder(one, system="win32")]
    assert [Path(one).name for one in real[:1]] == ([expected] if expected else [])
    assert not any(userpip.is_placeholder(one, system="linux") for one in names)


@pytest.mark.usefixtures("on_windows")
def test_where_only_the_launcher_is_on_path_it_is_the_python(tmp_path: Path) -> None:
    env = {"PATH": str(put(tmp_path / "Windows", "py.exe"))}
    target = userpip.find_pip(env, as_module=False)
    assert target is not None
    assert target.python == (str(tmp_path / "Windows/py.exe"),)
    assert target.own_pip


@pytest.mark.usefixtures("on_windows")
def test_a_batch_file_that_leads_back_is_not_the_users_pip(tmp_path: Path) -> None:
    put(tmp_path / "a", "pip.bat", data=b"@safepip %*\r\n")
    put(tmp_path / "b", "pip.exe")
    env = {"PATH": os.pathsep.join((str(tmp_path / "a"), str(tmp_path / "b")))}
    target = userpip.find_pip(env, as_module=False)
    assert target is not None
    assert target.argv == (str(tmp_path / "b/pip.exe"),)


# Who may write. Source: CPython, gh-66305: tempfile tries on for hours where nothing may be made.


@pytest.mark.usefixtures("on_windows")
def test_a_folder_is_tried_once_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ownership.is_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []
    tried: list[object] = []

    def denied(path: object, *_: object) -> int:
        tried.append(path)
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(os, "open", denied)
    assert not ownership.is_writable(tmp_path)
    with pytest.raises(PermissionError):
        state.write_atomically(tmp_path / "profile", b"text")
    assert len(tried) == 2


# How a program ends. Source: ntstatus.h; Python's exit takes a C long, which has 32 bits there.
@pytest.mark.parametrize(
    ("status", "given"),
    [
        (0, 0),
        (1, 1),
        (0xC000013A, -1073741510),  # STATUS_CONTROL_C_EXIT
        (0xC0000005, -1073741819),  # STATUS_ACCESS_VIOLATION
        (9009, 9009),  # cmd: no such program
    ],
)
def test_any_status_can_be_passed_on(status: int, given: int) -> None:
    assert userpip.as_signed(status) == given
    assert given & 0xFFFFFFFF == status


# Launchers. Source: distlib, scripts.py, which makes these; setuptools, easy_install.py.


def launcher(folder: Path, python: str, *options: str) -> Path:
    """What pip writes for itself there."""
    folder.mkdir(parents=True, exist_ok=True)
    maker: Any = ScriptMaker(None, str(folder), add_launchers=True)  # type: ignore[no-untyped-call]
    maker._is_nt, maker.variants, maker.executable = True, {""}, python
    # What distlib takes there: its module has them for Windows only.
    program = Path(distlib.__file__).with_name("t64.exe").read_bytes()
    maker._get_launcher = lambda kind: program
    maker._build_shebang = lambda python, flags: b"#!" + python + flags + b"\r\n"
    maker.make("pip = pip._internal.cli.main:main", {"interpreter_args": list(options)})
    return folder / "pip.exe"


def _of_pip(folder: Path) -> Path:
    return launcher(folder, sys.executable)


def _with_flags(folder: Path) -> Path:
    return launcher(folder, sys.executable, "-sE")


def _with_blanks(folder: Path) -> Path:
    return launcher(put(folder, "python 3.exe"), f'"{folder / "python 3.exe"}"')


def _of_setuptools(folder: Path) -> Path:
    put(folder, "pip.exe", data=b"MZ, and no archive")
    text = f"#!{sys.executable}\n__requires__ = 'pip==9'\n"
    (folder / "pip-script.py").write_text(text)
    return folder / "pip.exe"


LAUNCHERS: dict[str, tuple[Callable[[Path], Path], str, tuple[str, ...]]] = {
    "pip's own": (_of_pip, sys.executable, ()),
    "with flags": (_with_flags, sys.executable, ("-sE",)),
    "a path with blanks": (_with_blanks, "{folder}{sep}python 3.exe", ()),
    "setuptools'": (_of_setuptools, sys.executable, ()),
}


@pytest.mark.usefixtures("on_windows")
@pytest.mark.parametrize("fact", LAUNCHERS)
def test_a_launcher_tells_its_python(fact: str, tmp_path: Path) -> None:
    """As in the user site, where no Python lies beside it."""
    make, python, flags = LAUNCHERS[fact]
    folder = tmp_path / "Roaming/Python/Python312/Scripts"
    target = PipTarget([str(make(folder))])
    words, is_pip = interpreter.find_python(target, {"PATH": ""})
    assert words == (python.format(folder=folder, sep=os.sep), *flags)
    assert is_pip


@pytest.mark.usefixtures("on_windows")
@pytest.mark.parametrize(
    ("pip", "beside", "python"),
    [
        ("WindowsApps/pip3.11.exe", "WindowsApps/python3.11.exe", "WindowsApps/python3.11.exe"),
        ("WindowsApps/pip.exe", "WindowsApps/python.exe", "WindowsApps/python.exe"),
        (".venv/Scripts/pip.exe", ".venv/Scripts/python.exe", ".venv/Scripts/python.exe"),
        ("Python312/Scripts/pip.exe", "Python312/python.exe", "Python312/python.exe"),
    ],
)
def test_one_that_cannot_be_read_has_its_python_beside_it(
    pip: str, beside: str, python: str, tmp_path: Path
) -> None:
    for name in (pip, beside, "WindowsApps/python.exe"):
        put((tmp_path / name).parent, Path(name).name, data=b"")
    target = PipTarget([str(tmp_path / pip)])
    assert interpreter.find_python(target, {"PATH": ""})[0] == (str(tmp_path / python),)


def test_a_launcher_that_is_odd_is_no_reason_to_fail(tmp_path: Path) -> None:
    whole = launcher(tmp_path / "whole", sys.executable).read_bytes()
    for at in range(0, len(whole), 4099):
        file = put(tmp_path, "pip.exe", data=whole[:at]) / "pip.exe"
        assert scripts.words_of(scripts.text_of(file)) == []


# Batch files (pyenv-win's pip.bat). Source: Rust, library/std/src/sys/args/windows.rs.
BATCH = {
    "foo>=1": '"foo>=1"',
    "a&b|c": '"a&b|c"',
    "two words": '"two words"',
    'a; python_version<"3.8"': '"a; python_version<""3.8"""',
    "C:\\a b\\": '"C:\\a b\\\\"',
    "100%PATH%": '"100%%cd:~,%PATH%%cd:~,%"',
    "": '""',
}


@pytest.mark.parametrize("word", BATCH)
def test_a_batch_file_gets_each_word_as_it_is(word: str) -> None:
    line = windows.batch_line(["C:\\s\\pip.bat", word], "C:\\Windows\\System32\\cmd.exe")
    start = "C:\\Windows\\System32\\cmd.exe /e:ON /v:OFF /d /c"
    assert line == f'{start} ""C:\\s\\pip.bat" {BATCH[word]}"'


def test_a_line_end_is_not_given_to_a_batch_file() -> None:
    with pytest.raises(ValueError, match="calc"):
        windows.batch_line(["pip.bat", "a\ncalc"], "cmd.exe")
    with pytest.raises(UnavailableError):  # told as any other that does not start, and no bug
        windows.run_inherited(["pip.bat", "a\ncalc"], env={}, cwd=None, stdout=None)


# Output. Source: Python's sys.stdout on a pipe: the code page; PEP 686: UTF-8.
@pytest.mark.parametrize(
    ("written", "code_page"),
    [
        (b"C:\\Users\\J\xfcrgen", "cp1252"),
        (b"C:\\Users\\J\x81rgen", "cp850"),
        (b"C:\\Users\\J\xc3\xbcrgen", "cp1252"),
    ],
)
def test_what_pip_writes_is_read_in_the_code_page(written: bytes, code_page: str) -> None:
    assert windows.in_utf8(written, code_page) == "C:\\Users\\Jürgen".encode()
