"""Each diversion leaves one line; nothing else does."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.diversions import install, site_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.lab import Lab


def state(lab: Lab) -> Path:
    return lab.home / ".local/state/safepip"


def lines(lab: Lab) -> list[dict[str, Any]]:
    file = state(lab) / "history.jsonl"
    return [json.loads(line) for line in file.read_bytes().splitlines()] if file.exists() else []


def test_a_diversion_is_remembered_with_what_was_there_before(lab: Lab) -> None:
    lab.write("pyproject.toml")
    install(lab, "labone==1.0")
    install(lab, "-U", "labdeps", own=["--strategy", "venv"])
    first, second = lines(lab)
    assert first["command"][-2:] == ["install", "labone==1.0"]
    assert (first["id"], first["trigger"], first["rule"]) == (1, "default-to-user", "project")
    assert first["destination"] == str(lab.cwd / ".venv")
    assert first["moved"] == [
        {
            "name": "labone",
            "version": "1.0",
            "location": str(site_of(lab.cwd / ".venv")),
            "scripts": [str(lab.cwd / ".venv/bin/labone")],
            "before": None,
            "before_requested": False,
            "requested": True,
        }
    ]
    told = {one["name"]: (one["before"], one["requested"]) for one in second["moved"]}
    assert told["labdeps"] == (None, True)
    assert told["labnoscript"] == (None, False)
    assert stat.S_IMODE((state(lab) / "history.jsonl").stat().st_mode) == 0o600
    assert (state(lab) / "moved").read_text().split() == ["labdeps", "labnoscript", "labone"]


def test_an_upgrade_tells_what_it_replaced(lab: Lab) -> None:
    lab.write("pyproject.toml")
    install(lab, "labone==1.0")
    install(lab, "-U", "labone")
    assert [one["before"] for one in lines(lab)[1]["moved"]] == ["1.0"]
    told = lab.run(["safepip", "history"]).out.splitlines()
    assert told[1].endswith("  labone 1.0 (now 2.0)"), told
    assert told[2].endswith("  labone 2.0 (was 1.0)"), told


@pytest.mark.parametrize("strategy", ["user", "venv"])
def test_the_place_is_told(strategy: str, lab: Lab) -> None:
    told = install(lab, "labone", own=["--strategy", strategy])
    assert [(one["strategy"], one["destination"]) for one in lines(lab)] == [
        (strategy, str(told.destination))
    ]


def test_nothing_is_remembered_of_what_pip_did_as_given(lab: Lab) -> None:
    lab.activate(lab.venv())
    install(lab, "labone")
    assert not lines(lab)


def test_nothing_is_remembered_where_nothing_landed(lab: Lab) -> None:
    lab.write("pyproject.toml")
    install(lab, "no-such-thing")
    install(lab, "labone")
    install(lab, "labone")
    assert len(lines(lab)) == 1


def test_history_false_keeps_none(lab: Lab) -> None:
    lab.write("pyproject.toml")
    install(lab, "labone", env={"SAFEPIP_HISTORY": "false"})
    assert not lines(lab)
    assert not (state(lab) / "moved").exists()


def test_a_history_that_cannot_be_written_changes_nothing(lab: Lab) -> None:
    lab.write("pyproject.toml")
    install(lab, "labone")
    (state(lab) / "history.jsonl").unlink()
    (state(lab) / "history.jsonl").mkdir()
    assert install(lab, "labdeps").result.returncode == 0


def test_where_no_history_can_be_kept_it_is_said(lab: Lab) -> None:
    lab.env["HOME"] = "/"
    assert install(lab, "labone").where[1] == "here"
    told = "safepip cannot keep a history here, because / is not writable (owner: root)."
    assert lab.run(["safepip", "history"]).out == f"{told}\n"
    done = lab.run(["safepip", "undo"])
    assert (done.returncode, done.err) == (77, f"safepip: There is no install to undo: {told}\n")


def test_what_is_there_already_is_told_with_its_commands(lab: Lab) -> None:
    lab.write("pyproject.toml")
    install(lab, "labone")
    again = install(lab, "labone")
    assert again.landed == {}
    assert again.words[:2] == [
        "Already installed in this project's .venv.",
        "To run labone in this shell:",
    ]
    again = install(lab, "labone", env={"PATH": f"{lab.env['PATH']}:{lab.cwd}/.venv/bin"})
    told = "Already installed in this project's .venv. labone is on your PATH."
    assert again.words[0] == told
