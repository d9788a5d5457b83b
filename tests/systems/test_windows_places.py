"""Where Windows keeps things, what its paths and shells are like: the rest of ``test_windows``."""

from __future__ import annotations

import os
import sys
from pathlib import Path, PureWindowsPath

import pytest

from safepip import userpip
from safepip.logs.commands import read_commands
from safepip.machine import (
    copies,
    distributions,
    environments,
    pip_settings,
    pipx,
    places,
    pythons,
    shell,
    trust,
)
from safepip.model.copies import KnownPlace, PlaceKind
from safepip.model.triggers import Stream, TriggerName
from safepip.reading import paths as reading_paths
from safepip.reading.sightings import Places, Watcher
from safepip.shells import commands
from safepip.shells.kinds import Shell
from safepip.wording import where
from tests.support.facts import debian, python_at
from tests.support.windows import YOU, put

# Where things are. Sources: site.py (nt_user), pip's appdirs, pipx's paths.py, uv-dirs.


def test_the_user_sites_are_below_appdata(tmp_path: Path) -> None:
    site = tmp_path / "Roaming/Python/Python312/site-packages"
    site.mkdir(parents=True)
    found = list(places.user_sites({"APPDATA": str(tmp_path / "Roaming")}, system="win32"))
    assert [(one.path, one.python) for one in found] == [(site, "3.12")]


@pytest.mark.usefixtures("on_windows")
@pytest.mark.parametrize(
    ("kind", "site"),
    [
        (PlaceKind.USER, "Roaming/Python/Python312/site-packages"),
        (PlaceKind.SYSTEM, "Python312/Lib/site-packages"),
    ],
)
def test_commands_lie_beside_the_site(kind: PlaceKind, site: str, tmp_path: Path) -> None:
    place = KnownPlace(kind=kind, path=tmp_path / site, sites=())
    scripts = next(one for one in (tmp_path / site).parents if one.name == "Python312") / "Scripts"
    assert next(iter(copies.scripts_dirs(place))) == scripts


def test_pipx_and_uv_keep_theirs_below_appdata(tmp_path: Path) -> None:
    env = {"LOCALAPPDATA": "/local", "APPDATA": str(tmp_path)}
    assert pipx.home(env, system="win32") == Path("/local/pipx/pipx")
    tool = put(tmp_path / "uv/tools/ruff", "pyvenv.cfg")
    assert [one.path for one in places.of_tools(env, system="win32")] == [tool]


def test_pips_files_are_called_otherwise() -> None:
    env = {"PROGRAMDATA": "/ProgramData", "APPDATA": "/Roaming", "HOME": "/h", "USERPROFILE": "/p"}
    found = [Path(one).as_posix() for one in pip_settings.files(debian(), env, system="win32")]
    assert found[0] == "/ProgramData/pip/pip.ini"
    assert found[1].endswith("/pip/pip.ini")
    assert not found[1].startswith("/h/")
    assert found[2:] == ["/Roaming/pip/pip.ini", "/usr/pip.ini"]


# Whose Python it is. Sources: docs.python.org/3/using/windows.html; pyenv-win; uv-dirs.
MANAGERS = {
    f"{YOU}\\AppData\\Local\\Programs\\Python\\Python312": "python.org",
    "C:\\Program Files\\Python312": "program-files",
    "C:\\Program Files\\WindowsApps\\PythonSoftwareFoundation.Python.3.12_x64": "microsoft-store",
    f"{YOU}\\.pyenv\\pyenv-win\\versions\\3.12.1": "pyenv",
    f"{YOU}\\AppData\\Roaming\\uv\\python\\cpython-3.12-windows-x86_64-none": "uv",
}


@pytest.mark.parametrize("prefix", MANAGERS)
def test_a_python_is_known_by_its_place(prefix: str) -> None:
    python = python_at(PureWindowsPath(prefix))
    assert pythons.managed_by(python) == MANAGERS[prefix]


# Paths by their looks. Sources: site.py (nt_user); PEP 514; pip's own folders.
PATHS = {
    "C:\\Program Files\\Python312\\Lib\\site-packages\\x": "install administered",
    "C:\\Program Files\\Python312\\Scripts\\x.exe": "install administered",
    "\\\\?\\C:\\Program Files\\Python312\\Lib\\site-packages\\x": "install administered",
    "c:\\PROGRAMDATA\\Miniconda3\\lib\\site-packages\\x": "install administered",
    "\\\\server\\share\\Python312\\Lib\\site-packages\\x": "install",
    f"{YOU}\\AppData\\Roaming\\Python\\Python312\\Scripts\\x.exe": "install user",
    f"{YOU}\\AppData\\Local\\Packages\\PythonSoftwareFoundation.Python.3.12_q\\LocalCache"
    "\\local-packages\\Python312\\site-packages\\x": "install user",
    f"{YOU}\\site\\.venv\\Scripts\\x.exe": "install environment",
    f"{YOU}\\AppData\\Local\\Temp\\pip-uninstall-a\\x.exe": "none",
    f"{YOU}\\AppData\\Local\\pip\\cache\\http-v2\\a": "none",
}


def test_no_path_is_shown_with_a_tilde() -> None:
    assert where.shown(PureWindowsPath(YOU, "x.exe"), PureWindowsPath(YOU)) == f"{YOU}\\x.exe"


@pytest.mark.parametrize("path", PATHS)
def test_a_path_shows_what_it_is(path: str) -> None:
    kinds = {
        "install": reading_paths.is_install_place(path),
        "administered": reading_paths.is_administered(path),
        "user": reading_paths.is_user_place(path),
        "environment": reading_paths.is_in_virtual_environment(path),
        "none": reading_paths.is_no_place(path),
    }
    assert " ".join(kind for kind, it_is in kinds.items() if it_is) == PATHS[path]
    assert reading_paths.system_of(path) is reading_paths.System.WINDOWS
    assert reading_paths.is_absolute(path)


# Denials. Source: winerror.h; pip prints OSError with WinError, in the language of the system.
ERRORS = {
    "[WinError 5] Access is denied": TriggerName.PERMISSION_DENIED,
    "[WinError 5] Zugriff verweigert": TriggerName.PERMISSION_DENIED,
    "[Errno 13] Permission denied": TriggerName.PERMISSION_DENIED,
    "[WinError 32] The process cannot access the file": None,
    "[WinError 206] The filename or extension is too long": None,
    "[WinError 112] There is not enough space on the disk": None,
    "[WinError 123] The filename, directory name is incorrect": None,
}


@pytest.mark.parametrize("error", ERRORS)
def test_only_a_denial_is_one(error: str) -> None:
    site = PureWindowsPath("C:\\Program Files\\Python312\\Lib\\site-packages")
    watcher = Watcher(Places(site=(site,)))
    # As pip shows a path, whose letters may be of either case.
    shown = repr(str(site / "x.py").lower())
    start = "ERROR: Could not install packages due to an OSError: "
    watcher.feed(Stream.BOTH, f"{start}{error}: {shown}\r\n".encode())
    seen = watcher.verdict(1)
    assert (None if seen is None else seen.trigger) is ERRORS[error]


# Environments. Source: CPython, Lib/venv/__init__.py and scripts/common/activate.


@pytest.mark.usefixtures("on_windows")
def test_a_venv_of_the_shops_python_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its home holds but names; the launcher in it is the one of our own Python."""
    base = put(tmp_path / "Python312/Lib/venv/scripts/nt", "venvlauncher.exe", data=b"MZ 3.12")
    monkeypatch.setattr(sys, "base_prefix", str(base.parents[3]))
    home = put(tmp_path / "WindowsApps", "python.exe", data=b"")
    environment = tmp_path / "project/.venv"
    put(environment / "Scripts", "python.exe", data=b"MZ 3.12")
    (environment / "pyvenv.cfg").write_text(f"home = {home}\nversion = 3.12.10\n")
    inside = tmp_path / "project"
    assert trust.problem_of(environment, inside=inside, windows=True) is None
    put(environment / "Scripts", "python.exe", data=b"MZ of somebody else's")
    assert trust.problem_of(environment, inside=inside, windows=True) is not None


# Where an environment's Python lies. Sources: venv (nt_venv); msys2-contrib/cpython-mingw, issue
# 169 (bin, as on POSIX); conda's root.
PYTHONS_OF = ("Scripts/python.exe", "bin/python.exe", "python.exe")


@pytest.mark.usefixtures("on_windows")
@pytest.mark.parametrize("name", PYTHONS_OF)
def test_the_python_of_an_environment_is_found(name: str, tmp_path: Path) -> None:
    put((tmp_path / name).parent, "python.exe")
    found = userpip.environment_python(str(tmp_path))
    assert found is not None
    assert Path(found) == tmp_path / name


ACTIVATE = {
    "VIRTUAL_ENV='C:\\a b\\.venv'": "C:\\a b\\.venv",
    '    VIRTUAL_ENV="D:\\p\\.venv"': "D:\\p\\.venv",
    "    export VIRTUAL_ENV=$(cygpath 'C:\\p\\.venv')": "C:\\p\\.venv",
    "export VIRTUAL_ENV='\\\\server\\share\\.venv'": "\\\\server\\share\\.venv",
    "VIRTUAL_ENV='/home/you/.venv'": "/home/you/.venv",
    'VIRTUAL_ENV="$(dirname "$0")"': None,
}


@pytest.mark.parametrize("line", ACTIVATE)
def test_where_an_environment_was_made_is_read_of_its_activate(line: str) -> None:
    assert environments.named_by_activate(f"# a comment\n{line}\nexport x\n") == ACTIVATE[line]


@pytest.mark.usefixtures("on_windows")
def test_only_the_launcher_is_a_command(tmp_path: Path) -> None:
    """RECORD names both; ``../../Scripts`` in whatever case."""
    site = tmp_path / "Lib/site-packages"
    info = put(site / "tool-1.0.dist-info", "INSTALLER")
    rows = ("tool.exe", "tool-script.py", "tool.exe.manifest")
    put(tmp_path / "Scripts", *rows)
    (info / "RECORD").write_text("".join(f"../../Scripts/{name},,\n" for name in rows))
    tool = distributions.distribution_at(site, info.name)
    assert tool is not None
    found = distributions.scripts_of(tool, (tmp_path / "Scripts",))
    assert [one.name for one in found] == ["tool.exe"]


# Shells. Sources: cmd /?, CommandLineToArgvW; about_Quoting_Rules.
QUOTED = {
    "plain": ("plain", "plain"),
    "two words": ('"two words"', "'two words'"),
    "a&b": ('"a&b"', "'a&b'"),
    "foo>=1,<2": ('"foo>=1,<2"', "'foo>=1,<2'"),
    "a^b": ('"a^b"', "'a^b'"),
    "a!b": ('"a!b"', "'a!b'"),
    "it's": ('"it\'s"', "'it''s'"),
    "a`b": ('"a`b"', "'a`b'"),
    "it\u2019s": ('"it\u2019s"', "'it\u2019\u2019s'"),  # ends a string, too: parser/CharTraits.cs
    "50% off": ('"50"^%" off"', "'50% off'"),
    "a^%b%": ('"a^"^%"b"^%""', "'a^%b%'"),
    "$HOME": ("$HOME", "'$HOME'"),
    "100%PATH%": ('"100"^%"PATH"^%""', "'100%PATH%'"),
    'a"b': ('"a""b"', "'a\"b'"),
    "C:\\a b\\": ('"C:\\a b\\\\"', "'C:\\a b\\'"),
    "": ('""', "''"),
}


@pytest.mark.parametrize("word", QUOTED)
def test_words_can_be_pasted_into_cmd_and_powershell(word: str) -> None:
    in_cmd, in_powershell = QUOTED[word]
    assert commands.quoted(Shell.CMD, (word,)) == (in_cmd,)
    bare = word if word == "plain" else in_powershell
    assert commands.quoted(Shell.POWERSHELL, (word,)) == (bare,)


PIP = PureWindowsPath("C:\\Program Files\\Python312\\Scripts\\pip.exe")


@pytest.mark.parametrize(
    ("typed_into", "line"),
    [
        (Shell.CMD, f'"{PIP}" install -r "my file.txt" "foo>=1"'),
        (Shell.POWERSHELL, f"& '{PIP}' install -r 'my file.txt' 'foo>=1'"),
    ],
)
def test_a_command_line_can_be_pasted(typed_into: Shell, line: str) -> None:
    words = ("install", "-r", "my file.txt", "foo>=1")
    assert commands.command_line(typed_into, PIP, words) == line


@pytest.mark.usefixtures("on_windows")
@pytest.mark.parametrize(
    ("modules", "expected"), [("one:two", Shell.CMD), ("one:two:mine", Shell.POWERSHELL)]
)
def test_powershell_is_known_by_its_own_folders(modules: str, expected: Shell) -> None:
    """No process is asked for its parent there: that takes a look at all of them."""
    env = {"PSModulePath": modules.replace(":", os.pathsep)}
    assert shell.user_shell(env) is expected
    assert shell.parent_program() is None


@pytest.mark.parametrize(
    "line",
    [
        "py -m pip install x",
        "py -3.12 -m pip install x",
        "C:\\Windows\\py.exe -3 -m pip install x",
        '"C:\\Program Files\\Python312\\python.exe" -m pip install x',
    ],
)
def test_the_launcher_py_runs_pip(line: str) -> None:
    (found,) = read_commands(line)
    assert found.words == ("install", "x")
