"""On a terminal: safepip against bare pip (points 10 to 12).

A watched install in an environment that the user can write: bar, colours, prompts, keys.
"""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.comparison import (
    PROGRAMS,
    activated,
    anew,
    both_halfway,
    masked,
    noisy_tree,
    without_bar,
    without_speed,
)
from tests.support.lab import LabMaker
from tests.support.long import first_and_last
from tests.support.pythons import OLD, Pair
from tests.support.terminal import CTRL_BACKSLASH, CTRL_C, CTRL_Z, Terminal, picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.index import Hold, Index
    from tests.support.lab import Lab
    from tests.support.pythons import Field

NEWEST = Pair("newest", "3.13")
HALF = r"1\.\d/3\.0 MB"
FULL = 40
"""The cells of pip's bar where the window has room for it."""
REDIRECTED = ["sh", "-c", 'exec "$@" </dev/null', "sh"]


@pytest.fixture(scope="module")
def steady(field: Field) -> Iterator[Lab]:
    """A lab with an active environment of the user's, for commands that leave it as it is."""
    maker = LabMaker(field, f"terminal-{os.getpid()}")
    lab = maker()
    activated(lab)
    yield lab
    maker.close()


def fresh(lab: Lab, index: Index) -> Hold:
    """Begin anew, in an active environment, with a download that will stand still halfway."""
    anew(lab)
    lab.use_index(index)
    return index.hold("labbig")


# 11. Colours, bar, width.


@pytest.mark.parametrize("arguments", ["install labbroken", "install labmissing", "install pip"])
def test_the_same_bytes_are_painted(arguments: str, steady: Lab) -> None:
    """Colours too; no bar, so that no clock has a say in it."""
    bare, ours = (
        masked(steady.run([program, *arguments.split()], tty=True).stdout) for program in PROGRAMS
    )
    assert b"\x1b[" in bare or "install pip" in arguments
    assert ours == bare


@pytest.mark.parametrize("version", first_and_last([OLD[1], None, NEWEST]), ids=str)
def test_the_same_picture_is_painted(
    version: Pair | None, field: Field, make_lab: LabMaker, index: Index
) -> None:
    lab = make_lab(field.pair(version) if version else None)
    pictures, colours = [], []
    for program in PROGRAMS:
        fresh(lab, index).release()
        done = lab.run([program, "install", "labbig"], tty=True, size=(24, 100))
        assert done.returncode == 0, done
        pictures.append(without_speed(picture(done.stdout, columns=100)))
        colours.append(set(re.findall(rb"\x1b\[[\d;]*m", done.stdout)))
    assert "Successfully installed labbig-1.0" in pictures[0]
    assert pictures[1] == pictures[0]
    if version is not OLD[1]:  # its bar is plain
        # Whether the bar was seen in motion is luck; what it looks like at rest is not.
        assert colours[0]
        assert b"\x1b[32m" in colours[1]


@pytest.mark.parametrize("way", ["a terminal", "with stdin elsewhere"])
def test_the_bar_lives_and_follows_the_window(way: str, lab: Lab, index: Index) -> None:
    """With stdin elsewhere pip asks its stdout for the width: the pseudo-terminal of safepip's."""
    seen = []
    for program in PROGRAMS:
        hold = fresh(lab, index)
        redirect = REDIRECTED if way != "a terminal" else []
        command = [*redirect, program, "install", "labbig"]
        with lab.terminal(command, size=(24, 64)) as screen:
            screen.expect(HALF)
            narrow = max(bars(screen.raw))
            hold.wait()
            screen.resize(24, 100)
            begin = len(screen.raw)
            lab.wait_for(lambda: longest(screen, begin) >= FULL, "a bar of full width")  # noqa: B023
            wide = longest(screen, begin)
            hold.release()
            screen.expect("Successfully installed labbig-1.0")
            assert screen.wait() == 0
        seen.append(wide)
        # How much less depends on how fast pip thinks that it is.
        assert 0 < narrow < FULL
    assert seen[1] == seen[0]


def bars(raw: bytes) -> list[int]:
    """How long the bars are, each painted whole: with what stands behind it."""
    return [len(one) for one in re.findall(rf"([━╸╺]+)\s+{HALF}", plain(raw))]


def longest(screen: Terminal, begin: int) -> int:
    """The longest bar painted since then."""
    screen._read(0)
    return max(bars(screen.raw[begin:]), default=0)


def plain(raw: bytes) -> str:
    """The text without the colours."""
    return re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", raw.decode("utf-8", "replace"))


def test_the_width_is_told_to_builds(lab: Lab) -> None:
    """pip's stdout is a terminal of the same size, and so is its stdin."""
    code = """\
import fcntl, os, struct, termios
parent = os.getppid()
for fd in range(3):
    with open("/proc/%d/fd/%d" % (parent, fd)) as file:
        size = struct.unpack("HHHH", fcntl.ioctl(file, termios.TIOCGWINSZ, bytes(8)))[:2]
        with open("/dev/tty", "w") as tty:
            tty.write("fd %d: %s\\n" % (fd, size))
"""
    painted = []
    for program in PROGRAMS:
        anew(lab)
        lab.tree(noisy_tree(code), "sized")
        done = lab.run([program, "install", "./sized"], tty=True, size=(33, 111))
        painted.append(re.findall(r"fd \d: \(\d+, \d+\)", done.out))
    assert painted[0] == [f"fd {fd}: (33, 111)" for fd in range(3)]
    assert painted[1] == painted[0]


# 10. Prompts.


def test_a_prompt_without_a_newline_and_a_password(lab: Lab, index: Index) -> None:
    index.auth = ("me", "secret")
    pictures = []
    for program in PROGRAMS:
        anew(lab)
        lab.use_index(index)
        with lab.terminal([program, "install", "labone"]) as screen:
            screen.expect(f"User for {re.escape(index.host)}: ")
            assert screen.echoes()
            screen.send("me\n")
            screen.expect("Password: ")
            assert not screen.echoes()
            screen.send("secret\n")
            screen.expect("Successfully installed labone-2.0")
            assert screen.wait() == 0
            assert screen.echoes()
            assert b"secret" not in screen.raw
            pictures.append(without_speed(screen.picture))
    assert pictures[1] == pictures[0]


def test_a_question_of_another_command(lab: Lab) -> None:
    pictures = []
    for program in PROGRAMS:
        anew(lab)
        with lab.terminal([program, "uninstall", "pip"]) as screen:
            screen.expect(r"Proceed \(Y/n\)\? ")
            screen.send("n\n")
            assert screen.wait() == 0
            pictures.append(screen.picture)
    assert pictures[1] == pictures[0]


# 12. Keys, signals, job control.


def keyed(lab: Lab, index: Index, program: str, keys: bytes) -> tuple[int, str]:
    """Press a key halfway through a download; the status and the picture."""
    lab.use_index(index)
    hold = index.hold("labbig")
    with lab.terminal([program, "install", "labbig"]) as screen:
        screen.expect(HALF)
        hold.wait()
        screen.send(keys)
        status = screen.wait()
        hold.release()
        lab.wait_for(lambda: not lab.processes(), "the end of all processes")
        return status, without_bar(screen.picture)


@pytest.mark.parametrize("keys", [CTRL_C, CTRL_BACKSLASH], ids=["Ctrl-C", "Ctrl-backslash"])
def test_a_key_ends_it(keys: bytes, steady: Lab, index: Index) -> None:
    bare, ours = (keyed(steady, index, program, keys) for program in PROGRAMS)
    assert bare[0] == (1 if keys == CTRL_C else -signal.SIGQUIT), bare
    assert ("Operation cancelled by user" in bare[1]) == (keys == CTRL_C)
    assert ours == bare


def test_nothing_is_left_after_ctrl_c(lab: Lab, index: Index) -> None:
    disks = []
    for program in PROGRAMS:
        fresh(lab, index)
        before = lab.snapshot(ignore=())
        status, _ = keyed(lab, index, program, CTRL_C)
        assert status == 1
        after = lab.snapshot(ignore=())
        # The index was asked anew by each, so that dates in the cache differ.
        disks.append({path for path in after.keys() - before.keys() if ".cache/pip" not in path})
    assert not {path for path in disks[1] if "safepip" in path}
    assert disks[1] == disks[0]


def test_an_interrupt_for_the_wrapper_alone(steady: Lab, index: Index) -> None:
    ends = []
    for run in both_halfway(steady, index):
        run.process.send_signal(signal.SIGINT)
        status, stdout, stderr = run.end()
        ends.append((status, without_bar(stdout.decode()), stderr))
        run.go_on()
    assert ends[0][0] == 1
    assert b"Operation cancelled by user" in ends[0][2]
    assert ends[1] == ends[0]
    assert not steady.processes()


def test_sigterm_on_a_terminal_leaves_no_pip_behind(steady: Lab, index: Index) -> None:
    steady.use_index(index)
    ends = []
    for program in PROGRAMS:
        hold = index.hold("labbig")
        with steady.terminal([program, "install", "labbig"]) as screen:
            screen.expect(HALF)
            hold.wait()
            screen.kill(signal.SIGTERM)
            ends.append(screen.wait())
            steady.wait_for(lambda: not steady.processes(), "the end of all processes")
            hold.release()
    assert ends == [-signal.SIGTERM, -signal.SIGTERM]


def test_a_hangup_ends_all(steady: Lab, index: Index) -> None:
    steady.use_index(index)
    hold = index.hold("labbig")
    screen = steady.terminal(["safepip", "install", "labbig"])
    screen.expect(HALF)
    hold.wait()
    os.close(screen._master)  # the window is closed
    screen._master, screen._open = -1, False
    assert screen.wait() == -signal.SIGHUP
    steady.wait_for(lambda: not steady.processes(), "the end of all processes")
    hold.release()


def test_ctrl_z_and_fg(lab: Lab, index: Index) -> None:
    tails = []
    for program in PROGRAMS:
        hold = fresh(lab, index)
        shell = lab.shell()
        shell.type(f"{program} install labbig")
        shell.expect(HALF)
        hold.wait()
        shell.send(CTRL_Z)
        shell.expect("Stopped")
        shell.expect(shell.PROMPT)
        working = [pid for pid, words in lab.processes().items() if "install labbig" in words]
        assert working
        # The shell only looks at its own child; the other may need its turn to stop.
        lab.wait_for(lambda: all(state(pid) == "T" for pid in working), "all to stand still")  # noqa: B023
        assert f"{program} install labbig".encode() in shell.command("jobs")
        hold.release()
        shell.type("fg")
        shell.expect("Successfully installed labbig-1.0")
        shell.expect(re.escape(shell.PROMPT))
        assert shell.status() == 0
        tails.append(shell.echoes())
        shell.close()
    assert tails[1] == tails[0]


def test_in_the_background(lab: Lab, index: Index) -> None:
    for program in PROGRAMS:
        hold = fresh(lab, index)
        shell = lab.shell()
        shell.type(f"{program} install labbig &")
        shell.expect(HALF)
        hold.wait()
        shell.send("echo the shell is $((40 + 2)) free\n")
        shell.expect("the shell is 42 free")
        hold.release()
        shell.expect("Successfully installed labbig-1.0")
        shell.send("wait %1; echo status $((0 + $?)).\n")
        shell.expect(r"status 0\.")
        shell.close()


def state(pid: int) -> str:
    """One letter: T is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
