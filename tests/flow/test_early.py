"""When pip is started at once, and when more is looked at first."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from safepip import ahead, settings
from safepip.flow import early, guessing
from safepip.userpip import PipTarget

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="looks at POSIX folders")

SCRIPT = "#!{python}\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n"


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A virtual environment by its looks, and a home without settings; we stand outside both."""
    prefix = tmp_path / "env"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "lib/python3.12/site-packages/pip").mkdir(parents=True)
    (prefix / "pyvenv.cfg").touch()
    (prefix / "bin/python").symlink_to(sys.executable)
    _write_script(prefix, f"{prefix}/bin/python")
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "etc"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.chdir(tmp_path / "home")
    return prefix


def _write_script(prefix: Path, python: str) -> None:
    (prefix / "bin/pip").write_text(SCRIPT.format(python=python))
    (prefix / "bin/pip").chmod(0o755)


def place(prefix: Path, *words: str, **variables: str) -> str | None:
    env = {"HOME": os.environ["HOME"], "XDG_CONFIG_DIRS": os.environ["XDG_CONFIG_DIRS"]}
    target = PipTarget([str(prefix / "bin/pip")])
    return early.place(["install", *(words or ("x",))], env | variables, target)


def test_a_plain_writable_environment_needs_no_look(prefix: Path) -> None:
    site = str(prefix / "lib/python3.12/site-packages")
    assert place(prefix) == site
    assert place(prefix, "-r", "list.txt", "-U", PIP_INDEX_URL="x", SAFEPIP_AS="pip") == site
    assert place(prefix, SAFEPIP_SHELL="/bin/bash", SAFEPIP_SHELL_WORDS="x") == site


def test_a_plain_base_python_needs_none_either(prefix: Path) -> None:
    (prefix / "pyvenv.cfg").unlink()
    assert place(prefix) is not None
    (prefix / "lib/python3.12/EXTERNALLY-MANAGED").touch()
    assert place(prefix) is None


@pytest.mark.parametrize(
    "words",
    ["-q x", "--user x", "--target t x", "--prefix p x", "--root r x", "--no-user x", "-U pip",
     "--require-virtualenv x", "--break-system-packages x", "-r /dev/fd/63", "-r /dev/stdin"],
)  # fmt: skip
def test_words_that_more_must_be_known_for(prefix: Path, words: str) -> None:
    assert place(prefix, *words.split()) is None


@pytest.mark.parametrize(
    "variables",
    [{"PIP_USER": "1"}, {"PIP_TARGET": "t"}, {"PIP_QUIET": "1"}, {"SAFEPIP_STRATEGY": "off"},
     {"SAFEPIP_REPORT_JSON": "x"}, {"PIP_REQUIREMENT": "/dev/fd/63"}, {"PYTHONHOME": "/usr"},
     {"PIP_CONFIG_FILE": "x"}],
)  # fmt: skip
def test_variables_that_more_must_be_known_for(prefix: Path, variables: dict[str, str]) -> None:
    assert place(prefix, **variables) is None


def test_any_settings_are_read_first(prefix: Path) -> None:
    assert place(prefix) is not None
    for file in (settings.user_file(), settings.system_file()):
        file.parent.mkdir(parents=True)
        file.touch()
        assert place(prefix) is None, file
        file.unlink()
        file.parent.rmdir()
    project = Path("pyproject.toml")
    project.write_text("[tool.other]\n")
    assert place(prefix) is not None
    project.write_text('[tool.safepip]\nstrategy = "off"\n')
    assert place(prefix) is None


@pytest.mark.parametrize("python", ["/usr/bin/env python", "{0}/bin/python -s", "/usr/bin/python3"])
def test_a_script_of_another_python_is_looked_at(prefix: Path, python: str) -> None:
    _write_script(prefix, python.format(prefix))
    assert place(prefix) is None


def test_a_script_that_is_not_pip_is_looked_at(prefix: Path) -> None:
    (prefix / "bin/pip").write_text(f"#!{prefix}/bin/python\nimport company_pip\n")
    assert place(prefix) is None


def test_two_pythons_below_one_prefix_are_looked_at(prefix: Path) -> None:
    (prefix / "lib/python3.13/site-packages/pip").mkdir(parents=True)
    assert place(prefix) is None


@pytest.mark.skipif(not sys.platform.startswith("win") and os.geteuid() == 0, reason="root may all")
def test_what_cannot_be_written_is_looked_at(prefix: Path) -> None:
    (prefix / "lib/python3.12/site-packages").chmod(0o555)
    assert place(prefix) is None


@pytest.mark.parametrize(("word", "pipx"), [("httpie", True), ("Black>=24", True), ("x", False)])
def test_pipx_is_started_for_an_application_that_is_known(
    word: str, pipx: bool, prefix: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "allowed", False)  # as it is afterwards
    (prefix / "pyvenv.cfg").unlink()
    (prefix / "lib/python3.12/EXTERNALLY-MANAGED").touch()
    script = tmp_path / "path/pipx"
    script.parent.mkdir()
    script.write_text(f"#!{sys.executable}\n")
    script.chmod(0o755)
    env = {**os.environ, "PATH": str(script.parent)}
    guessing.guess(["install", word], {}, env, PipTarget([str(prefix / "bin/pip")]))
    try:
        assert [one.head for one in ahead._waiting] == ([(str(script),)] if pipx else [])
        assert len(ahead._asked) == (not pipx)
    finally:
        ahead.end()
