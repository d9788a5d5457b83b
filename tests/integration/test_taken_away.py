"""An environment made for an install of which nothing landed is taken away again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment, install
from tests.support.long import long
from tests.support.pythons import MARKED

if TYPE_CHECKING:
    from tests.support.lab import Lab, LabMaker
    from tests.support.pythons import Field

_OWN = ("~/.cache", "~/.local")


@pytest.fixture
def lab(field: Field, make_lab: LabMaker) -> Lab:
    """A lab whose Python diverts before it knows what there is to install."""
    lab = make_lab(field.pair(MARKED))
    lab.write("pyproject.toml")
    return lab


@pytest.mark.parametrize(
    "words",
    [
        ["labone", "labmissing"],
        ["labbroken"],
        *long(["lab-no-such-thing"], ["-r", "missing.txt"]),
    ],
    ids=" ".join,
)
def test_nothing_stays_of_an_install_that_fails(words: list[str], lab: Lab) -> None:
    before = lab.snapshot(ignore=_OWN)
    told = install(lab, *words)
    assert told.result.returncode == 1, told
    assert told.where[:2] == ("failed", "project")
    lab.tmp.joinpath("report.json").unlink()
    assert lab.snapshot(ignore=_OWN) == before
    # Nor is it remembered as if it were there.
    assert not list((lab.home / ".local/state/safepip/environments").glob("*.json"))
    assert install(lab, "labone").landed == {"labone": "2.0"}


def test_nothing_stays_where_there_is_nothing_to_install(lab: Lab) -> None:
    lab.write("none.txt", "labone; python_version < '3'\n")
    before = lab.snapshot(ignore=_OWN)
    told = install(lab, "-r", "none.txt")
    assert told.result.returncode == 0, told
    assert told.report["outcome"] == "as-given"
    assert told.report["decision"] is None
    assert "There was nothing to install, so .venv was removed again." in told.result.err
    lab.tmp.joinpath("report.json").unlink()
    assert lab.snapshot(ignore=_OWN) == before


@pytest.mark.parametrize("words", [["labone; python_version < '3'"], ["-r", "none.txt"], [""]])
def test_what_was_not_asked_for_is_not_called_installed(words: list[str], lab: Lab) -> None:
    lab.write("none.txt", "# nothing\n")
    lab.venv()
    told = install(lab, *words)
    assert told.result.returncode == 0, told
    assert told.result.err.endswith("safepip: There was nothing to install.\n"), told
    assert install(lab, "labone").landed == {"labone": "2.0"}
    assert "Already installed" in install(lab, "labone").result.err
    assert "Already installed" in install(lab, "-q", "labone").result.err


def test_a_wheel_that_is_there_already_is_called_installed(lab: Lab) -> None:
    lab.venv()
    wheel = next(path for path in lab.field.links.glob("labone-2.0-*.whl"))
    assert install(lab, str(wheel)).landed == {"labone": "2.0"}
    told = install(lab, str(wheel))
    assert "Already installed" in told.result.err, told
    assert "activate" in told.result.err, told


def test_what_was_there_before_stays(lab: Lab) -> None:
    environment = lab.venv()
    done = lab.run(["safepip", "install", "lab-no-such-thing"])
    assert done.returncode == 1, done
    assert (environment / "pyvenv.cfg").exists()
    # So does what an earlier install made.
    assert install(lab, "labone").result.returncode == 0
    assert lab.run(["safepip", "install", "lab-no-such-thing"]).returncode == 1
    assert in_environment(lab, environment) == {"labone": "2.0"}


def test_the_users_own_link_stays(lab: Lab) -> None:
    elsewhere = lab.home / "envs/site"
    lab.write(elsewhere / "x").unlink()
    lab.run(["ln", "-s", elsewhere, ".venv"])
    assert lab.run(["safepip", "install", "lab-no-such-thing"]).returncode == 73
    assert (lab.cwd / ".venv").is_symlink()
    assert not list(elsewhere.iterdir())
