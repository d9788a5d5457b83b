"""What each destination makes of a command, and with which variables, without an install."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from safepip.console import Console
from safepip.destinations import attempt, installers, making, pipx, ready_pip, user, uv
from safepip.destinations.job import Job, neutral_environment
from safepip.model.decisions import DestinationKind, Divert, Installer
from safepip.model.errors import CannotCreateError
from safepip.model.interpreter import PipSettings, Place
from safepip.model.reasons import Reason, Why, because
from safepip.reading import requests
from safepip.runner import Finished
from safepip.settings import Settings
from safepip.state import Ledger
from safepip.userpip import PipTarget
from tests.support.facts import USER_SITE, debian

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs of POSIX systems")


def job(tmp_path: Path, words: str, env: dict[str, str] | None = None, **more: Any) -> Job:
    data, state, cache = (tmp_path / name for name in ("data", "state", "cache"))
    facts: dict[str, Any] = {
        "command": requests.parse(words.split()),
        "target": PipTarget(["/usr/bin/pip"]),
        "interpreter": debian(),
        "pip_settings": PipSettings(),
        "env": {"HOME": str(tmp_path), "PATH": str(tmp_path / "bin"), **(env or {})},
        "ledger": Ledger(state),
        "settings": Settings(data, state, cache, installer=Installer.UV),
        "console": Console({}),
    }
    return Job(**{**facts, **more})


# Variables


def test_what_would_send_it_elsewhere_is_out_and_all_else_stays(tmp_path: Path) -> None:
    env = {
        "PIP_USER": "1", "PIP_REQUIRE_VENV": "1", "PIP_TARGET": "/t", "PIP_INDEX_URL": "https://i",
        "PYTHONHOME": "/h", "SAFEPIP_AS": "pip", "MINE": "1",
    }  # fmt: skip
    told = neutral_environment(job(tmp_path, "install x", env))
    assert {name: told.get(name) for name in env} == {
        "PIP_USER": "0", "PIP_REQUIRE_VENV": None, "PIP_TARGET": None,
        "PIP_INDEX_URL": "https://i", "PYTHONHOME": None, "SAFEPIP_AS": None, "MINE": "1",
    }  # fmt: skip
    assert told["PIP_REQUIRE_VIRTUALENV"] == "0"


def test_a_file_that_names_a_place_is_left_out_and_its_other_values_are_handed_on(
    tmp_path: Path,
) -> None:
    values = (("target", "/t"), ("index-url", "https://file"), ("retries", "9"))
    said = PipSettings(target="/t", file_values=values)
    env = {"PIP_INDEX_URL": "https://variable"}
    told = neutral_environment(job(tmp_path, "install x", env, pip_settings=said))
    assert told["PIP_CONFIG_FILE"] == os.devnull
    assert told["PIP_INDEX_URL"] == "https://variable"  # which outranks a file
    assert told["PIP_RETRIES"] == "9"
    assert "PIP_TARGET" not in told


# --user


@pytest.mark.parametrize(
    ("pip", "option"), [((9, 0, 3), "--ignore-installed"), ((10, 0), "--force-reinstall")]
)
def test_a_half_that_was_left_does_not_count_as_installed(
    pip: tuple[int, ...], option: str, tmp_path: Path
) -> None:
    decision = Divert(
        destination=DestinationKind.USER, reason=because(Reason.LOOKS_LIBRARY), path=USER_SITE
    )
    half = job(tmp_path, "install x", interpreter=debian(pip_version=pip), leftovers=True)
    assert user.commands(half, decision) == (("/usr/bin/pip", "install", "--user", option, "x"),)
    whole = half._replace(leftovers=False)
    assert user.commands(whole, decision) == (("/usr/bin/pip", "install", "--user", "x"),)


# uv


def by_uv(tmp_path: Path, words: str, **settings: str) -> uv.ByUv | Why | None:
    program = tmp_path / "bin/uv"
    program.parent.mkdir(exist_ok=True)
    program.touch(mode=0o755)
    values = tuple((name.replace("_", "-"), value) for name, value in settings.items())
    given = job(tmp_path, words, pip_settings=PipSettings(file_values=values))
    return uv.find(given, tmp_path / ".venv")


@pytest.mark.parametrize(
    ("words", "settings", "told"),
    [
        pytest.param("install x", {}, "x", id="as it is"),
        pytest.param("install -U x", {}, "x --upgrade-package=x", id="what is named is upgraded"),
        pytest.param("install -U .", {}, ". --upgrade", id="what has no name yet is, too"),
        pytest.param("install --no-deps x", {"no_deps": "true"}, "--no-deps x",
                     id="a flag stands once, whoever says it"),
        pytest.param("install -qq x", {}, "--quiet x", id="however often it is typed"),
        pytest.param("install x", {"no_deps": "false"}, "x", id="a flag may be off"),
        pytest.param("install --upgrade-strategy only-if-needed -U x", {},
                     "x --upgrade-package=x", id="uv's own strategy"),
    ],
)  # fmt: skip
def test_pips_words_are_said_in_uvs(
    words: str, settings: dict[str, str], told: str, tmp_path: Path
) -> None:
    found = by_uv(tmp_path, words, **settings)
    assert isinstance(found, uv.ByUv)
    assert " ".join(found.words) == told
    # pip takes the best of all indexes.
    assert "--index-strategy=unsafe-best-match" in found.fill(tmp_path / ".venv")


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        ("install --upgrade-strategy eager -U x", {}),
        ("install --src there -e git+https://x", {}),
        ("install x", {"no_deps": "perhaps"}),
    ],
)
def test_what_uv_has_no_word_for_is_pips(
    words: str, settings: dict[str, str], tmp_path: Path
) -> None:
    found = by_uv(tmp_path, words, **settings)
    assert isinstance(found, Why)
    assert found.reason is Reason.UV_NO_WORD


# pipx

_FATAL = b"Fatal error from pip prevented installation.\n"


@pytest.mark.parametrize(
    ("said", "own"),
    [
        (b"Failed to upgrade shared libraries\n", True),
        (_FATAL + b"Traceback (most recent call last):\n", True),
        (_FATAL + b"\x1b[31mERROR: no such version\n", False),
        (b"ERROR: of another\n" + _FATAL, True),
    ],
)  # fmt: skip
def test_a_fault_of_pipxs_is_told_from_one_of_the_package(said: bytes, own: bool) -> None:
    assert pipx._is_pipx_own(said) is own


def test_a_password_is_handed_on_where_nobody_keeps_it(tmp_path: Path) -> None:
    address = "https://me:s3cret@index.example/simple"
    words = f"install --no-index --extra-index-url {address} --extra-index-url https://b x"
    asked = job(tmp_path, words, {"PIP_EXTRA_INDEX_URL": "https://a"})
    assert pipx._secrets(asked, asked.env) == {"PIP_EXTRA_INDEX_URL": f"https://a {address}"}
    assert pipx._environment(asked)["PIP_EXTRA_INDEX_URL"] == f"https://a {address}"
    (told,) = pipx._steps(asked, "x", None, tmp_path / "venvs/x", tmp_path / "bin")
    assert "--pip-args=--no-index --extra-index-url=https://b" in told
    assert "s3cret" not in " ".join(told)


# Of a place that is given up


def test_of_pipx_only_what_was_made_for_this_is_taken_away(tmp_path: Path) -> None:
    program, told = tmp_path / "pipx", tmp_path / "told"
    program.write_text(f'#!/bin/sh\necho "$@" >>"{told}"\n')
    program.chmod(0o755)
    done = attempt.Attempt(finished=Finished(returncode=1))
    tries = []
    for name, existed in (("old", True), ("new", False)):
        (tmp_path / "venvs" / name).mkdir(parents=True)
        tries.append(pipx._Try(tmp_path / "venvs" / name, existed, done, (), None))
    env = {"PIPX_HOME": str(tmp_path), "HOME": str(tmp_path)}
    pipx._leave_nothing((str(program),), tries, (), env)
    assert told.read_text() == "uninstall new\n"


def test_what_is_taken_away_halfway_is_mended_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, path = Ledger(tmp_path / "state"), tmp_path / ".venv"
    (path / "bin").mkdir(parents=True)
    (path / "pyvenv.cfg").touch()

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", interrupt)
    with pytest.raises(KeyboardInterrupt):
        making.take_away(path, ledger)
    assert ledger.is_unfinished(path)
    monkeypatch.undo()
    making.take_away(path, ledger)
    assert not path.exists()
    assert not ledger.is_unfinished(path)


def test_what_only_the_users_python_has_is_lacking(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "labone-1.0.dist-info").mkdir(parents=True)
    said = b"".join(
        b"ERROR: No matching distribution found for %b\n" % name for name in (b"labone", b"labtwo")
    )
    done = attempt.Attempt(finished=Finished(returncode=1), said=said)
    mine = Place(path=site, writable=True, owner="you")
    assert attempt.lacking(job(tmp_path, "install x"), done) == ()
    python = debian(user_site=mine)
    assert attempt.lacking(job(tmp_path, "install x", interpreter=python), done) == ("labone",)
    off = python._replace(user_site_enabled=False)
    assert attempt.lacking(job(tmp_path, "install x", interpreter=off), done) == ()


# pip inside


@pytest.mark.parametrize("name", ["queue.py", "pip", "json"])
def test_nothing_of_the_working_directory_stands_in_for_pip(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert installers._as_module("/p") == ("/p", "-m", "pip")
    (tmp_path / name).touch()
    assert installers._as_module("/p")[1] == "-c"


@pytest.mark.parametrize("sees", ["true", "false"])
def test_an_environment_without_pip_may_see_one(
    sees: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of a Python that today's pip no longer serves."""
    monkeypatch.chdir(tmp_path)
    site = tmp_path / ".venv/lib/python3.5/site-packages"
    site.mkdir(parents=True)
    config = site.parents[2] / "pyvenv.cfg"
    config.write_text(f"home = /usr/bin\nversion = 3.5.1\ninclude-system-site-packages = {sees}\n")
    if sees == "true":
        assert installers.pip_of(tmp_path / ".venv", "/p") == ("/p", "-m", "pip")
    else:
        with pytest.raises(CannotCreateError, match="pip-too-new"):
            installers.pip_of(tmp_path / ".venv", "/p")


@pytest.mark.parametrize(("mode", "private"), [(0o700, True), (0o770, False), (0o702, False)])
def test_a_cache_that_others_may_write_is_none(mode: int, private: bool, tmp_path: Path) -> None:
    folder = tmp_path / "cache/pip"
    folder.mkdir(parents=True)
    folder.parent.chmod(0o700)
    folder.chmod(mode)
    assert ready_pip._is_private(folder) is private


def test_a_file_of_the_cache_is_what_its_record_says() -> None:
    row = ready_pip._row("pip/x.py", b"x = 1\n")
    ready_pip._check(row, b"x = 1\n")
    for other in (b"x = 2\n", b"x = 1\n\n"):
        with pytest.raises(ready_pip._DamagedError):
            ready_pip._check(row, other)
