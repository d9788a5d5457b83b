"""Ctrl-C in an install that was taken elsewhere: what is said of it is what the disk shows."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.diversions import in_environment, install, site_of
from tests.support.long import long
from tests.support.terminal import CTRL_C, Terminal
from tests.support.wheels import APPLICATION, make_wheel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.support.index import Index
    from tests.support.lab import Lab, LabMaker

HALF = r"1\.\d/3\.0 MB"


def start(lab: Lab, *words: str | Path, own: Sequence[str] = ()) -> Terminal:
    """Begin an install on a terminal wide enough for the report's lines."""
    report = lab.tmp / "report.json"
    return lab.terminal(
        ["safepip", *own, "--report-json", report, "install", *words], size=(40, 400)
    )


def end(lab: Lab, screen: Terminal, status: int = 1) -> tuple[list[str], dict[str, Any]]:
    """Press Ctrl-C; safepip's own lines after that, and its JSON."""
    screen.send(CTRL_C)
    assert screen.wait() == status, screen.picture
    lab.wait_for(lambda: not lab.processes(), "the end of all processes")
    lines = [one.partition("safepip: ") for one in screen.picture.splitlines()]  # ^C may precede
    report = json.loads((lab.tmp / "report.json").read_text())
    return [words for _, sign, words in lines if sign], report


def wheels(lab: Lab, **more: Any) -> Path:
    """A folder with a wheel that takes pip a while to unpack."""
    folder = lab.folder / "wheels"
    folder.mkdir()
    files = {f"labhuge/m{n}.py": f"x = {n}\n" for n in range(3000)}
    make_wheel(folder, "labhuge", files=files, **more)
    lab.env["PIP_FIND_LINKS"] += f" {folder}"
    return folder


def test_in_the_download_nothing_was_installed(lab: Lab, index: Index) -> None:
    lab.write("pyproject.toml")
    lab.use_index(index)
    environment = lab.venv()
    hold = index.hold("labbig")
    with start(lab, "labbig") as screen:
        screen.expect(HALF)
        hold.wait()
        words, report = end(lab, screen)
        assert "Operation cancelled by user" in screen.picture
    assert words[-1].startswith("Interrupted while installing into this project's .venv. ")
    assert words[-1].endswith("Nothing was installed.")
    assert in_environment(lab, environment) == {}
    assert (report["outcome"], report["exit_code"]) == ("failed", 1)
    assert report["decision"]["rule"] == "project"
    assert report["landed"] == report["leftovers"] == []


def test_without_ctrl_c_a_failure_is_one(lab: Lab) -> None:
    lab.write("pyproject.toml")
    told = install(lab, "labmissing")
    assert told.result.returncode == 1, told
    assert told.words[-1].endswith("failed; see the error above.")
    assert told.where == ("failed", "project", str(lab.cwd / ".venv"))
    assert "nterrupted" not in told.result.err


def test_of_an_environment_that_is_taken_away_again_nothing_is_left(lab: Lab) -> None:
    lab.write("pyproject.toml")
    wheels(lab)
    with start(lab, "labhuge") as screen:
        found = lab.cwd / ".venv/lib"
        lab.wait_for(lambda: [*found.glob("*/site-packages/labhuge")], "the package's first files")
        words, report = end(lab, screen)
    assert words[-1].endswith("Nothing was installed."), words
    assert report["leftovers"] == []
    assert not (lab.cwd / ".venv").exists()


@pytest.mark.parametrize("strategy", ["venv", *long("user")])
def test_halfway_what_landed_and_what_did_not_is_told_apart(strategy: str, lab: Lab) -> None:
    lab.write("pyproject.toml")
    site = lab.user_site if strategy == "user" else site_of(lab.venv())
    wheels(lab)
    with start(lab, "labone", "labhuge", own=["--strategy", strategy]) as screen:
        lab.wait_for((site / "labhuge").exists, "the second package's first files")
        words, report = end(lab, screen)
    assert words[-2].endswith("Only labone 2.0 landed there.")
    assert words[-1] == f"Unfinished and left behind: {lab.shown(site / 'labhuge')}"
    left = {name: version for name, version in lab.installed(site).items() if name != "pip"}
    assert left == {"labone": "2.0"}
    assert [one["name"] for one in report["landed"]] == ["labone"]
    assert report["leftovers"] == [f"Unfinished and left behind: {site / 'labhuge'}"]
    # It says what mends it, and that does.
    again = install(lab, "labone", "labhuge", own=["--strategy", strategy])
    assert again.result.returncode == 0, again
    assert lab.installed(site)["labhuge"] == "1.0"


def test_a_version_that_had_to_make_room_is_told(lab: Lab) -> None:
    lab.write("pyproject.toml")
    environment = lab.venv()
    make_wheel(wheels(lab), "labhuge", "0.1", files={"labhuge/old.py": ""})
    lab.run([environment / "bin/pip", "install", "labhuge==0.1"])
    site = site_of(environment)
    with start(lab, "--upgrade", "labhuge") as screen:
        lab.wait_for((site / "labhuge/m1.py").exists, "the first files of the new version")
        words, report = end(lab, screen)
    assert any(line.endswith("Nothing was installed.") for line in words)
    gone = f"labhuge 0.1 was removed from {site} to make room. Nothing has replaced it yet."
    assert gone.replace(str(site), lab.shown(site)) in words
    assert gone in report["leftovers"]
    assert "labhuge" not in in_environment(lab, environment)


def test_with_pipx_too(make_lab: LabMaker) -> None:
    lab = make_lab(pipx=True)
    wheels(lab, scripts=["labhuge"], classifiers=APPLICATION)
    place = lab.home / ".local/share/pipx/venvs/labhuge"
    with start(lab, "labhuge") as screen:
        lab.wait_for(lambda: list(place.glob("lib/*/site-packages/labhuge")), "its first files")
        words, report = end(lab, screen)
    assert "Interrupted while installing into its own environment" in words[-1], words
    assert words[-1].endswith("Nothing was installed.")
    assert (report["outcome"], report["landed"]) == ("failed", [])
    assert not place.exists()


def test_before_the_install_has_begun(lab: Lab) -> None:
    lab.write("pyproject.toml")
    environment = lab.cwd / ".venv"
    with start(lab, "labone") as screen:
        lab.wait_for((environment / "bin/python").exists, "a python")
        words, report = end(lab, screen, status=-signal.SIGINT)
    assert words[-1] == (
        "Interrupted while making .venv."
        " Nothing was installed; your next install there starts over."
    )
    assert (report["outcome"], report["exit_code"]) == ("failed", 130)


def test_while_safepip_still_looks_for_a_place(make_lab: LabMaker, index: Index) -> None:
    lab = make_lab(pipx=True)
    lab.use_index(index)
    hold = index.hold("labapp")
    with start(lab, "labapp") as screen:
        hold.wait()  # its metadata are asked for, while pip stands still
        words, report = end(lab, screen, status=-signal.SIGINT)
    assert words == ["Interrupted before anything was installed."]
    assert (report["outcome"], report["exit_code"]) == ("failed", 130)
    assert report["trigger"]["name"] == "default-to-user"
    assert not lab.user_site.exists()
