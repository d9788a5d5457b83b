"""What is different on macOS, a row a fact: the platform is a value here, and any system will do.

The source of each is beside it. What of this has run on a macOS is said in the README.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from safepip import userpip
from safepip.machine import copies, pip_settings, pipx, places, pythons
from safepip.model.triggers import Stream, TriggerName
from safepip.profiles import login
from safepip.reading.paths import (
    System,
    is_in_virtual_environment,
    is_install_place,
    is_no_place,
    is_user_place,
    system_of,
)
from safepip.reading.sightings import Places, Watcher
from tests.support.facts import debian, python_at

CLT = "/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/3.9"
XCODE = (
    "/Applications/Xcode.app/Contents/Developer/Library/Frameworks/Python3.framework/Versions/3.9"
)
BREW = "/opt/homebrew/Cellar/python@3.12/3.12.7/Frameworks/Python.framework/Versions/3.12"


# Paths by their looks. Sources: site.py (osx_framework_user); docs.brew.sh/Homebrew-and-Python;
# xcode-select(1); confstr(3), _CS_DARWIN_USER_TEMP_DIR, which lies below /private.
PATHS = {
    f"{CLT}/lib/python3.9/site-packages/x": "install",
    f"{XCODE}/bin/x": "install",
    "/opt/homebrew/lib/python3.12/site-packages/x": "install",
    "/usr/local/lib/python3.12/site-packages/x": "install",
    "/Library/Python/3.9/site-packages/x": "install",
    "/System/Library/Frameworks/Python.framework/Versions/2.7/Extras/lib/python/x": "install",
    "/Users/you/Library/Python/3.9/bin/x": "install user",
    "/Users/you/Library/Python/3.9/lib/python/site-packages/x": "install user",
    "/Users/you/site/.venv/bin/x": "install environment",
    "/private/var/folders/zz/abc/T/pip-install-1/x/setup.py": "none",
    "/var/folders/zz/abc/T/pip-req-build-1/x.egg-info": "none",
    "/Users/you/Library/Caches/pip/http-v2/a": "none",
    "/Users/you/site/.DS_Store": "",
}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_shows_what_it_is(path: str) -> None:
    kinds = {
        "install": is_install_place(path),
        "user": is_user_place(path),
        "environment": is_in_virtual_environment(path),
        "none": is_no_place(path),
    }
    assert " ".join(kind for kind, it_is in kinds.items() if it_is) == PATHS[path]
    assert system_of(path) is (System.POSIX if path[:5] in {"/usr/", "/var/"} else System.MACOS)


# The system's protection answers with Errno 1. Source: csrutil(8); pip 9 to 26 print OSError.
@pytest.mark.parametrize("site", [f"{CLT}/lib/python3.9/site-packages", "/Library/Python/2.7/x"])
def test_operation_not_permitted_is_a_denial(site: str) -> None:
    watcher = Watcher(Places(site=(PurePosixPath(site),)))
    line = "ERROR: Could not install packages due to an OSError: [Errno 1] Operation not permitted"
    watcher.feed(Stream.BOTH, f"{line}: '{site}/x'\n".encode())
    seen = watcher.verdict(1)
    assert seen is not None
    assert seen.trigger is TriggerName.PERMISSION_DENIED


# Whose Python it is. Sources: as of the paths; pyenv, bin/pyenv; mise and asdf, installs.
MANAGERS = {
    BREW: "homebrew",
    "/usr/local/Cellar/python@3.12/3.12.7/Frameworks/Python.framework/Versions/3.12": "homebrew",
    CLT: "xcode",
    XCODE: "xcode",
    "/Library/Frameworks/Python.framework/Versions/3.12": "python.org",
    "/System/Library/Frameworks/Python.framework/Versions/2.7": "macos",
    "/Users/you/.pyenv/versions/3.12.1": "pyenv",
}


@pytest.mark.parametrize("prefix", MANAGERS)
def test_a_python_is_known_by_its_place(prefix: str) -> None:
    python = python_at(PurePosixPath(prefix))
    assert pythons.managed_by(python) == MANAGERS[prefix]


# /usr/bin/python3 is a stub until the tools are there. Source: xcode-select(1), its "note: No
# developer tools were found, requesting install".
@pytest.mark.parametrize("there", [(), ("clt",), ("link",), ("app",)], ids=str)
def test_the_stub_that_opens_a_dialog_is_no_python(
    there: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signs = {name: tmp_path / name for name in ("clt", "link", "app")}
    monkeypatch.setattr(userpip, "_XCODE", tuple(map(str, signs.values())))
    for name in there:
        signs[name].mkdir()
    for name in ("python3", "pip3"):
        assert userpip.is_placeholder(f"/usr/bin/{name}", system="darwin") is (not there)
        assert not userpip.is_placeholder(f"/usr/bin/{name}", system="linux")
        assert not userpip.is_placeholder(f"/opt/homebrew/bin/{name}", system="darwin")


# Where things are. Sources: site.py; pip, utils/appdirs.py; platformdirs, macos.py.


def test_the_user_sites_of_framework_builds_are_in_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    framework = tmp_path / "Library/Python/3.12/lib/python/site-packages"
    plain = tmp_path / ".local/lib/python3.11/site-packages"
    for site in (framework, plain):
        site.mkdir(parents=True)
    found = {one.path: one.python for one in places.user_sites({}, system="darwin")}
    assert found[framework] == "3.12"
    assert found.get(plain, "3.11") == "3.11"
    assert framework not in {one.path for one in places.user_sites({}, system="linux")}
    last = [*places.user_sites({}, system="darwin")][-1]
    assert [*copies.scripts_dirs(last)] == [tmp_path / "Library/Python/3.12/bin"]


def test_pip_has_its_files_in_library(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path)}
    found = [Path(one) for one in pip_settings.files(debian(), env, system="darwin")]
    assert found[:3] == [
        Path("/Library/Application Support/pip/pip.conf"),
        tmp_path / ".pip/pip.conf",
        tmp_path / ".config/pip/pip.conf",
    ]
    own = tmp_path / "Library/Application Support/pip"
    own.mkdir(parents=True)
    assert Path([*pip_settings.files(debian(), env, system="darwin")][2]) == own / "pip.conf"


def test_pipx_has_its_environments_in_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    library = tmp_path / "Library"
    assert pipx.home({}, system="darwin") == library / "Application Support/pipx"
    assert pipx.own_places({}, system="darwin")[1:] == (
        library / "Logs/pipx",
        library / "Caches/pipx",
    )
    (tmp_path / ".local/pipx").mkdir(parents=True)
    assert pipx.home({}, system="darwin") == tmp_path / ".local/pipx"


def test_a_login_begins_with_the_path_of_launchd() -> None:
    """``/etc/paths`` is added by path_helper, which the profiles in ``/etc`` run: they are run."""
    assert login._start_path(system="darwin") == "/usr/bin:/bin:/usr/sbin:/sbin"
