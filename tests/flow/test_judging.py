"""What is made of how pip ended: by its words and the disk, with no install run."""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest

from safepip.console import Console
from safepip.flow import comparing, judging
from safepip.flow.situation import Situation
from safepip.flow.watching import Watched
from safepip.model.interpreter import PipSettings, Place
from safepip.model.triggers import Stream, TriggerName
from safepip.reading import requests
from safepip.reading.gate import Gate
from safepip.reading.sightings import Places, Watcher
from safepip.runner import Finished
from safepip.settings import Settings
from safepip.userpip import PipTarget
from tests.support.facts import SITE, debian, marked

if TYPE_CHECKING:
    from safepip.model.interpreter import Interpreter

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing stands still there")

# In pip's place: it says what it was told.
PIP = f"""#!{sys.executable}
import json, sys
with open(sys.argv[0] + ".told", "w") as file:
    json.dump(sys.argv[1:], file)
"""


def situation(
    tmp_path: Path,
    words: str = "install labone",
    *,
    python: Interpreter | None = None,
    foreseen: TriggerName | None = None,
) -> Situation:
    return Situation(
        command=requests.parse(words.split()),
        target=PipTarget(["/usr/bin/pip"]),
        interpreter=python or debian(),
        pip_settings=PipSettings(),
        settings=Settings(
            data_dir=tmp_path / "data", state_dir=tmp_path / "state", cache_dir=tmp_path / "cache"
        ),
        env={"PATH": os.defpath, "HOME": str(tmp_path)},
        console=Console({}),
        foreseen=foreseen,
        certain=True,
    )


def installed(site: Path, name: str) -> None:
    info = site / f"{name}.dist-info"
    info.mkdir(parents=True)
    for file in ("RECORD", "INSTALLER"):
        (info / file).touch()


def watched(said: str, status: int = 1, *, site: PurePosixPath = SITE) -> Watched:
    watcher = Watcher(Places(site=(site,)))
    watcher.feed(Stream.BOTH, said.encode())
    return Watched(finished=Finished(returncode=status), watcher=watcher, gate=Gate())


def is_free(here: Situation, place: Path) -> bool:
    release = here.ledger.take(place)
    if release is not None:
        release()
    return release is not None


def test_the_turn_for_a_user_site_is_held_while_pip_goes_on_there(tmp_path: Path) -> None:
    here, site = situation(tmp_path), tmp_path / "site"
    installed(site, "labtwo-1.0")
    before = comparing.snapshot_of((site,))
    with ExitStack() as turn:
        assert judging._takes_turn(here, site, before, turn)
        assert not is_free(here, site)
        with ExitStack() as other:
            assert not judging._takes_turn(here, site, before, other)
    assert is_free(here, site)


def test_a_user_site_that_has_changed_since_pip_began_is_none_to_go_on_in(tmp_path: Path) -> None:
    here, site = situation(tmp_path), tmp_path / "site"
    before = comparing.snapshot_of((site,))
    installed(site, "labone-1.0")  # by another safepip
    with ExitStack() as turn:
        assert not judging._takes_turn(here, site, before, turn)
        assert is_free(here, site)


def test_only_what_was_not_there_is_taken_back(tmp_path: Path) -> None:
    site, pip = tmp_path / "site", tmp_path / "python"
    pip.write_text(PIP)
    pip.chmod(0o755)
    user_site = Place(path=site, writable=True, owner="you")
    here = situation(tmp_path, python=debian(argv=(str(pip),), user_site=user_site))
    installed(site, "labold-1.0")
    before = comparing.snapshot_of((site,))
    installed(site, "labold-2.0")  # an upgrade: to remove it would leave neither
    installed(site, "labnew-1.0")
    installed(site, "labother-1.0")  # another one's, which this pip never named
    named = "Installing collected packages: labold, labnew\n"
    judging.take_back(here, before, watched(named))
    told = pip.with_name("python.told")
    assert json.loads(told.read_text()) == ["-m", "pip", "uninstall", "--yes", "labnew"]
    told.unlink()
    judging.take_back(here, before, watched("Installing collected packages: labold\n"))
    assert not told.exists()


@pytest.mark.parametrize("quiet", [2, 3])
def test_where_pip_says_nothing_at_all_the_disk_knows_why(quiet: int, tmp_path: Path) -> None:
    here = situation(
        tmp_path,
        f"install {'-q ' * quiet}labone",
        python=marked(),
        foreseen=TriggerName.EXTERNALLY_MANAGED,
    )
    met = judging.late_trigger(here, watched(""))
    assert (met and met.name) == (TriggerName.EXTERNALLY_MANAGED if quiet == 3 else None)


def test_a_file_in_use_is_no_denial(tmp_path: Path) -> None:
    """Windows says the same of both; what can be written was not denied."""
    site = tmp_path / "site-packages"
    site.mkdir()
    line = "ERROR: Could not install packages due to an OSError: "
    place = PurePosixPath(site)
    denied = watched(f"{line}[WinError 5] …: '{site}/x.pyd'\n", site=place)
    assert denied.watcher.verdict(1) is not None
    assert judging.late_trigger(situation(tmp_path), denied) is None
    met = judging.late_trigger(
        situation(tmp_path), watched(f"{line}[Errno 13] …: '{site}/x.so'\n", site=place)
    )
    assert met is not None
    assert (met.name, met.path) == (TriggerName.PERMISSION_DENIED, site)
