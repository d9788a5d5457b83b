"""What pip's files say, as pip heeds it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from safepip.machine.pip_settings import pip_settings
from tests.support.facts import debian

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="files of POSIX systems")

each_age = pytest.mark.parametrize("version", [(9, 0, 3), (24, 0)], ids=["old", "new"])


def _files(folder: Path, version: tuple[int, ...]) -> dict[str, str]:
    env = {"HOME": str(folder / "home"), "XDG_CONFIG_DIRS": str(folder / "etc")}
    return dict(pip_settings(debian(pip_version=version), env).file_values)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@each_age
def test_an_empty_value_is_as_good_as_none(version: tuple[int, ...], tmp_path: Path) -> None:
    _write(tmp_path / "etc/pip/pip.conf", "[global]\ntrusted-host = theirs\nproxy = p\n")
    _write(tmp_path / "home/.pip/pip.conf", "[global]\ntrusted-host =\n[install]\nproxy =\n")
    told = _files(tmp_path, version)
    assert "trusted-host" not in told
    # An empty one in a narrower section takes nothing back.
    assert told["proxy"] == "p"


@each_age
def test_a_value_holds_where_nothing_takes_it_back(
    version: tuple[int, ...], tmp_path: Path
) -> None:
    _write(tmp_path / "etc/pip/pip.conf", "[global]\ntrusted-host = theirs\nproxy = p\n")
    _write(tmp_path / "home/.config/pip/pip.conf", "[install]\nproxy = mine\n")
    told = _files(tmp_path, version)
    assert (told["trusted-host"], told["proxy"]) == ("theirs", "mine")
