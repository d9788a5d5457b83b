"""Two safepips at once on one destination take turns; on two, neither waits for the other."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment
from tests.support.patience import PATIENCE_S
from tests.support.terminal import CTRL_C
from tests.support.wheels import APPLICATION, make_wheel

if TYPE_CHECKING:
    from tests.support.index import Hold, Index
    from tests.support.lab import Lab, LabMaker

WAITING = "Another safepip is installing into"
QUIET = pytest.mark.parametrize("quiet", [(), ("-q",)], ids=["pip goes on", "pip is run once more"])


class Running:
    """A safepip that was started, what it says and reports."""

    def __init__(self, lab: Lab, name: str, *words: str) -> None:
        self._said = lab.tmp / f"{name}.err"
        self._report = lab.tmp / f"{name}.json"
        argv: list[str | Path] = ["safepip", "--report-json", self._report, "install", *words]
        with self._said.open("wb") as said:
            self.process = lab.start(argv, stdout=subprocess.DEVNULL, stderr=said)

    @property
    def words(self) -> str:
        return self._said.read_text()

    def waits(self, lab: Lab) -> None:
        lab.wait_for(lambda: WAITING in self.words, "the word that it waits")
        assert self.process.poll() is None

    def landed(self) -> dict[str, str]:
        """Its end, which is a good one, and what landed by its own report."""
        assert self.process.wait(PATIENCE_S) == 0, self.words
        report = json.loads(self._report.read_text())
        assert report["leftovers"] == [], self.words
        return {one["name"]: one["version"] for one in report["landed"]}


def stopped(lab: Lab) -> list[str]:
    """The processes of the lab that stand still."""
    found = []
    for pid, command in lab.processes().items():
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] in "Tt":
                found.append(command)
    return found


def in_user_site(lab: Lab) -> list[str]:
    """Every distribution there, also a second one of the same name."""
    return sorted(one.name.rpartition(".")[0] for one in lab.user_site.glob("*.dist-info"))


@pytest.fixture
def hold(lab: Lab, index: Index) -> Hold:
    """What stops the install of `labbig` halfway; all goes to the user site."""
    lab.use_index(index)
    lab.env["SAFEPIP_STRATEGY"] = "user"
    return index.hold("labbig")


def first(lab: Lab, hold: Hold, *words: str) -> Running:
    """An install of `labbig` into the user site, which has its turn and is not done."""
    running = Running(lab, "first", "labbig", *words)
    hold.wait()
    lab.wait_for(lambda: list(lab.home.rglob("safepip/locks/*.lock")), "its turn")
    lab.wait_for(lambda: not stopped(lab), "its pip to go on")
    return running


@QUIET
def test_the_user_site_is_one_safepips_at_a_time(
    quiet: tuple[str, ...], lab: Lab, hold: Hold
) -> None:
    one = first(lab, hold, "labone==2.0", *quiet)
    other = Running(lab, "other", "labone==1.0", "labmany")
    other.waits(lab)
    assert WAITING + f" {lab.shown(lab.user_site)}. Waiting for it to finish." in other.words
    assert stopped(lab) == []
    assert in_user_site(lab) == []
    hold.release()
    assert one.landed() == {"labbig": "1.0", "labone": "2.0"}
    # It saw what the first had put there: one version of each is left.
    assert other.landed() == {"labmany": "1.0", "labone": "1.0"}
    assert in_user_site(lab) == ["labbig-1.0", "labmany-1.0", "labone-1.0"]
    assert WAITING not in one.words


def test_a_quiet_one_waits_in_silence(lab: Lab, hold: Hold) -> None:
    one = first(lab, hold)
    other = Running(lab, "other", "-q", "labone")
    # One that came later says that it waits: the quiet one had its chance to.
    Running(lab, "loud", "labmany").waits(lab)
    assert other.process.poll() is None
    assert in_user_site(lab) == []
    hold.release()
    assert (one.landed(), other.landed()) == ({"labbig": "1.0"}, {"labone": "2.0"})
    assert WAITING not in other.words


def test_another_destination_does_not_wait(lab: Lab, hold: Hold) -> None:
    one = first(lab, hold)
    lab.write("pyproject.toml")
    lab.env["SAFEPIP_STRATEGY"] = "venv"
    other = Running(lab, "other", "labone")
    assert other.landed() == {"labone": "2.0"}
    assert in_environment(lab, lab.cwd / ".venv") == {"labone": "2.0"}
    assert WAITING not in other.words
    assert one.process.poll() is None
    hold.release()
    assert one.landed() == {"labbig": "1.0"}


@QUIET
def test_the_turn_ends_with_the_install(quiet: tuple[str, ...], lab: Lab, index: Index) -> None:
    lab.use_index(index)
    lab.env["SAFEPIP_STRATEGY"] = "user"
    for name in ("labmissing", "labone"):  # one that fails, and one that does not
        running = Running(lab, name, name, *quiet)
        assert running.process.wait(PATIENCE_S) == (name == "labmissing")
        assert WAITING not in running.words
    assert in_user_site(lab) == ["labone-2.0"]


def test_a_killed_one_has_no_turn(lab: Lab, hold: Hold) -> None:
    one = first(lab, hold)
    one.process.kill()
    other = Running(lab, "other", "labone")
    assert other.landed()["labone"] == "2.0"
    assert WAITING not in other.words


def test_ctrl_c_ends_the_wait(lab: Lab, hold: Hold) -> None:
    one = first(lab, hold)
    before = lab.processes().keys()
    report = lab.tmp / "report.json"
    argv: list[str | Path] = ["safepip", "--report-json", report, "install", "labone"]
    with lab.terminal(argv, size=(40, 400)) as screen:
        screen.expect(WAITING)
        screen.send(CTRL_C)
        assert screen.wait() == -signal.SIGINT, screen.picture
        assert "Interrupted while another safepip was installing into ~/.local" in screen.picture
    assert lab.processes().keys() == before
    told = json.loads(report.read_text())
    assert (told["outcome"], told["exit_code"], told["landed"]) == ("failed", 130, [])
    hold.release()
    assert one.landed() == {"labbig": "1.0"}
    assert in_user_site(lab) == ["labbig-1.0"]


def test_a_signal_ends_the_wait_and_is_what_it_dies_of(lab: Lab, hold: Hold) -> None:
    one = first(lab, hold)
    before = lab.processes().keys()
    signums = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
    others = [Running(lab, signum.name, "labone") for signum in signums]
    for signum, other in zip(signums, others, strict=True):
        other.waits(lab)
        other.process.send_signal(signum)
        assert other.process.wait(PATIENCE_S) == -signum
    assert lab.processes().keys() == before
    hold.release()
    assert one.landed() == {"labbig": "1.0"}


def test_what_came_while_safepip_looked_for_a_place_is_seen(
    make_lab: LabMaker, index: Index
) -> None:
    lab = make_lab(pipx=True)
    there = {key: lab.env[key] for key in ("PIP_NO_INDEX", "PIP_FIND_LINKS")}
    lab.use_index(index)
    hold = index.hold("labapp")
    # Its pip has looked at the user site, and stands still while labapp's metadata are asked for.
    one = Running(lab, "one", "labapp", "labone==1.0")
    hold.wait()
    done = lab.run(["safepip", "--strategy", "user", "install", "labone==2.0"], env=there)
    assert done.returncode == 0, done
    assert in_user_site(lab) == ["labone-2.0"]
    hold.release()
    assert one.landed() == {"labapp": "1.0", "labone": "1.0"}
    assert in_user_site(lab) == ["labapp-1.0", "labone-1.0"]


def test_one_application_is_one_safepips_at_a_time(make_lab: LabMaker) -> None:
    lab = make_lab(pipx=True)
    folder = lab.folder / "wheels"
    folder.mkdir()
    files = {f"labhuge/m{n}.py": f"x = {n}\n" for n in range(1000)}
    make_wheel(folder, "labhuge", files=files, scripts=["labhuge"], classifiers=APPLICATION)
    lab.env["PIP_FIND_LINKS"] += f" {folder}"
    venvs = lab.home / ".local/share/pipx/venvs"
    one = Running(lab, "one", "labhuge")
    lab.wait_for(lambda: list(venvs.glob("labhuge/lib/*/site-packages/labhuge")), "its files")
    other = Running(lab, "other", "labhuge")
    another = Running(lab, "another", "labapp")
    assert one.landed() == {"labhuge": "1.0"}
    assert other.landed() == {}
    assert another.landed() == {"labapp": "1.0"}
    assert lab.run([lab.home / ".local/bin/labhuge"]).out == "labhuge 1.0\n"
    assert WAITING not in one.words + another.words
