"""What takes longer than a moment shows a live line on a terminal, and leaves no trace of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.patience import PATIENCE_S

if TYPE_CHECKING:
    from tests.support.index import Hold, Index
    from tests.support.lab import Lab


@pytest.fixture
def lab(lab: Lab, index: Index) -> Lab:
    """A lab where it depends on the index where an install goes."""
    lab.use_index(index)
    return lab


def test_a_look_up_shows_how_long_it_takes(lab: Lab, index: Index) -> None:
    hold = index.hold("labapp")
    with lab.terminal(["safepip", "--strategy", "auto", "install", "labapp"]) as screen:
        lab.wait_for(hold.reached.is_set, "the look-up")
        screen.expect("looking up labapp …")
        screen.expect(r"looking up labapp \(2 s\)", timeout=PATIENCE_S)
        hold.release()
        assert screen.wait() == 0, screen.picture
        assert "looking up" not in screen.picture


def _long_enough(lab: Lab, hold: Hold) -> None:
    """Wait until one on a terminal, begun later, shows its line; then let both go on."""
    lab.wait_for(hold.reached.is_set, "the look-up")
    with lab.terminal(["safepip", "install", "labapp"], cwd=lab.home) as screen:
        screen.expect(r"looking up labapp \(1 s\)", timeout=PATIENCE_S)
        hold.release()
        assert screen.wait() == 0, screen.picture


def test_none_where_it_is_not_wanted(lab: Lab, index: Index) -> None:
    hold = index.hold("labapp")
    command = ["safepip", "install", "labapp"]
    piped = lab.start(command)
    with (
        lab.terminal([*command, "-q"]) as quiet,
        lab.terminal(command, env={"TERM": "dumb"}) as dumb,
    ):
        _long_enough(lab, hold)
        for screen in (quiet, dumb):
            assert screen.wait() == 0, screen.picture
            assert b"looking up" not in screen.raw
    stdout, stderr = piped.communicate(timeout=PATIENCE_S)
    assert piped.returncode == 0, (stdout, stderr)
    assert b"looking up" not in stdout + stderr
