"""A pip that is not well, watched or not: its bytes and its end are what the user gets."""

from __future__ import annotations

import hashlib
import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment
from tests.support.long import long

if TYPE_CHECKING:
    from tests.support.lab import Lab

# What it does instead of an install, in sh; `{pip}` is the real one.
PIPS = {
    "prints binary": "head -c 300000 {pip} | gzip -c; printf '\\377\\376\\0\\033['; exit 3",
    "prints one line without end": "head -c 30000000 /dev/zero | tr '\\0' x; exit 1",
    "prints 10 MB of errors": "yes 'ERROR: no [Errno 13] here' | head -c 10000000; exit 1",
    "closes its stdout": "exec >&-; echo on >&2; exit 5",
    "closes all that it has": "exec <&- >&- 2>&-; sleep 0.2; exit 6",
    "is ended by a signal": "echo begun; kill -SEGV $$",
    "is ended as if it were killed": "echo begun; kill -KILL $$",
    "leaves somebody behind": "sleep 600 <&- >/dev/null 2>&1 & echo done; exit 4",
    "says that it is another": "echo 'pip 99 from /nowhere (python 3.99)'; exit 2",
    "ends at once": "exit 0",
    "speaks in the wrong order": "echo Successfully installed labone-2.0; exit 1",
}
LONG = {"prints one line without end", "prints 10 MB of errors", "is ended as if it were killed"}


@pytest.mark.parametrize(
    ("kind", "tty"),
    [
        # Each by one of the two ways, in turn.
        pytest.param(
            n, tty, marks=pytest.mark.long if n in LONG or number % 2 != tty else [],
            id=f"{n}-{'a terminal' if tty else 'pipes'}",
        )
        for number, n in enumerate(PIPS)
        for tty in (False, True)
    ],
)  # fmt: skip
def test_what_a_sick_pip_says_and_how_it_ends_is_what_one_gets(
    kind: str, tty: bool, lab: Lab
) -> None:
    if tty and kind in LONG:
        pytest.skip("a terminal takes its time for that")
    script = PIPS[kind].format(pip=lab.python.pip)
    # What is asked of it beforehand is answered by the real one.
    real = f'case "$1" in install) ;; *) exec {lab.python.pip} "$@";; esac'
    sick = lab.write("../sick/pip", f"#!/bin/sh\n{real}\n{script}\n")
    sick.chmod(0o755)
    lab.env["PATH"] = f"{sick.parent}:{lab.env['PATH']}"
    lab.write("pyproject.toml")
    ends = []
    for program in ("pip", "safepip"):
        done = lab.run([program, "install", "labone"], tty=tty)
        for pid, words in lab.processes().items():
            if words == "sleep 600":
                os.kill(pid, signal.SIGKILL)
        ends.append((done.returncode, hashlib.sha256(done.stdout).hexdigest()))
        assert "bug in safepip" not in done.err, done
    assert ends[1] == ends[0]
    lab.wait_for(lambda: not lab.processes(watchdogs=True), "the end of all processes")


def test_one_that_hangs_is_ended_by_ctrl_c(lab: Lab) -> None:
    # Without a child before: a shell that waits for one goes on where that has ended well.
    sick = lab.write("../sick/pip", "#!/bin/sh\n: >~/hangs\nexec sleep 600\n")
    sick.chmod(0o755)
    lab.env["PATH"] = f"{sick.parent}:{lab.env['PATH']}"
    ends = []
    for program in ("pip", "safepip"):
        with lab.terminal([program, "install", "labone"]) as screen:
            lab.wait_for((lab.home / "hangs").exists, "its silence")
            screen.send(b"\x03")
            ends.append(screen.wait())
        (lab.home / "hangs").unlink()
    assert ends == [-signal.SIGINT, -signal.SIGINT]
    lab.wait_for(lambda: not lab.processes(watchdogs=True), "the end of all processes")


# What is asked for

WORDS = [
    "$(touch pwned)", "`touch pwned`", "; touch pwned", "lab\x1b]0;pwned\x07one", "\u202eenobal",
    "labone @ file:///dev/zero", "labone[\x1b[2J]", "./\x1b[2J", "--\x1b[2J", "labone;" * 2000,
    "labone" * 5000, "labone==" + "9" * 5000, "\n", " ", "../../../../etc/passwd", "-r/dev/null",
    "(" * 3000,
]  # fmt: skip


RAW = ("\x1b", "\x07", "\u202e")


@pytest.mark.parametrize("words", [WORDS[::3], *long([*WORDS[1::3], *WORDS[2::3]])], ids=len)
def test_odd_requirements_are_pips_to_judge(words: list[str], lab: Lab) -> None:
    lab.write("pyproject.toml")
    for word in words:
        plan = lab.run(["safepip", "plan", "--json", "install", word])
        assert plan.returncode in {0, 64}, plan
        assert not any(one in plan.out + plan.err for one in RAW), plan
        assert "bug in safepip" not in plan.err, plan
    for word in set(WORDS[:5]) & {*words}:  # the sixth is read by pip until there is no memory left
        done = lab.run(["safepip", "install", word])
        assert done.returncode != 0, done
        own = [line for line in done.err.splitlines() if line.startswith(("safepip:", "    "))]
        assert not any(one in line for one in RAW for line in own), done
        assert "bug in safepip" not in done.err, done
    assert not list(lab.home.rglob("pwned"))
    assert not (lab.cwd / ".venv").exists() or in_environment(lab, lab.cwd / ".venv") == {}
