"""Streams, statuses and signals: safepip against bare pip (points 1 to 5, 13 to 15).

Most of it happens in an environment that the user can write: there nothing may show that pip is
watched.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer

import pytest

from tests.support.comparison import (
    PROGRAMS,
    activated,
    anew,
    assert_alike,
    both_halfway,
    halfway,
    masked,
    noisy_tree,
    pair,
)
from tests.support.lab import LabMaker
from tests.support.long import first_and_last, long
from tests.support.patience import PATIENCE_S
from tests.support.pythons import OLD, Pair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.index import Index
    from tests.support.lab import Lab, Result
    from tests.support.pythons import Field

NEWEST = Pair("newest", "3.13")
BROKEN = b"ERROR: Pipe to stdout was broken"


@pytest.fixture(scope="module")
def steady(field: Field) -> Iterator[Lab]:
    """A lab with an active environment of the user's, for commands that leave it as it is."""
    maker = LabMaker(field, f"streams-{os.getpid()}")
    lab = maker()
    activated(lab)
    yield lab
    maker.close()


# A writable environment: the same bytes (issue 2).


@pytest.mark.parametrize("version", first_and_last([OLD[0], None, NEWEST]), ids=str)
def test_an_install_is_the_same(version: Pair | None, field: Field, make_lab: LabMaker) -> None:
    lab = make_lab(field.pair(version) if version else None)
    env = {"PYTHONHASHSEED": "0"}  # by which old pips order what they install
    bare, ours = lab.both(["install", "labdeps"], prepare=activated, env=env)
    assert bare.returncode == 0, bare
    assert b"Successfully installed labdeps-1.0" in bare.stdout
    assert_alike(bare, ours)
    site = next((lab.cwd / ".venv/lib").glob("python3*")) / "site-packages"
    assert lab.installed(site).keys() >= {"labdeps", "labone", "labnoscript"}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["labbroken"], 1),
        pytest.param(["lab-there-is-no-such-thing"], 1, marks=pytest.mark.long),
        (["labone", "--bogus"], 2),
        pytest.param([], 1, marks=pytest.mark.long),
        (["pip"], 0),  # all satisfied
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_an_install_that_changes_nothing_is_the_same(
    arguments: list[str], status: int, steady: Lab
) -> None:
    bare, ours = pair(steady, ["install", *arguments])
    assert bare.returncode == status, bare
    assert_alike(bare, ours)


def test_nothing_to_divert_where_all_is_satisfied(field: Field, make_lab: LabMaker) -> None:
    """pip prints its sentence there too, and installs nothing: bytes as they are."""
    lab = make_lab(field.python(pip="24.0", installed=["labone==1.0"]))
    before = lab.snapshot()
    bare, ours = pair(lab, ["install", "labone"])
    assert bare.stdout.startswith(b"Defaulting to user installation"), bare
    assert_alike(bare, ours)
    assert lab.snapshot() == before


# 1. A broken stdout.


def piped(lab: Lab, program: str, arguments: str) -> Result:
    """Run in a pipe to a reader that leaves after one line."""
    return lab.run(["bash", "-c", f"{program} {arguments} | head -1; exit ${{PIPESTATUS[0]}}"])


def test_a_list_that_nobody_reads_to_its_end(lab: Lab) -> None:
    # More than a pipe holds: what is written after the reader left cannot be a matter of luck.
    for number in range(1000):
        name = f"lab_{number}_{'x' * 80}"
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n"
        lab.write(lab.user_site / f"{name}-1.dist-info/METADATA", text)
    bare, ours = (piped(lab, program, "list") for program in PROGRAMS)
    assert bare.returncode == 120, bare
    assert bare.stderr.startswith(BROKEN), bare
    assert_alike(bare, ours)


def test_an_install_that_nobody_reads_to_its_end(lab: Lab) -> None:
    activated(lab)
    lab.tree(noisy_tree("pass"), "built")  # by its end the reader has left
    bare, ours = (piped(lab, program, "install ./built") for program in PROGRAMS)
    assert bare.returncode == 120, bare
    assert bare.stderr.startswith(BROKEN), bare
    assert (ours.returncode, ours.stdout) == (bare.returncode, bare.stdout), ours
    assert masked(ours.stderr) == masked(bare.stderr)


@pytest.mark.parametrize("arguments", [["list"], ["install", "labmissing"]], ids=" ".join)
def test_a_reader_that_left_before(arguments: list[str], steady: Lab) -> None:
    ends = []
    for program in PROGRAMS:
        reading, writing = os.pipe()
        os.close(reading)
        process = steady.start([program, *arguments], stdout=writing)
        os.close(writing)
        ends.append((process.communicate(timeout=PATIENCE_S)[1], process.returncode))
    assert ends[0][0].startswith(BROKEN), ends
    assert ends[1] == ends[0]


def test_a_stderr_that_nobody_reads(steady: Lab) -> None:
    ends = []
    for program in PROGRAMS:
        reading, writing = os.pipe()
        os.close(reading)
        process = steady.start([program, "install", "labmissing"], stderr=writing)
        os.close(writing)
        ends.append((process.communicate(timeout=PATIENCE_S)[0], process.returncode))
    assert ends[1] == ends[0]


# 2. A closed stdout.


@pytest.mark.parametrize(
    "command",
    [
        "list >&-",
        "install labmissing >&-",
        "install labmissing >&- 2>&-",
        "install pip <&-",
        *long("list 2>&-", "install labmissing 2>&-"),
    ],
)
def test_a_closed_stream(command: str, steady: Lab) -> None:
    """Whatever bare pip makes of it: 26.3 ends with 1 for `list >&-`, 24.0 with 0."""
    bare, ours = (steady.run(["bash", "-c", f"{program} {command}"]) for program in PROGRAMS)
    assert_alike(bare, ours)


def test_an_install_with_a_closed_stdout_ends_as_pips(lab: Lab) -> None:
    def run(program: str) -> Result:
        lab.reset()
        lab.venv()  # found by its folder on PATH
        return lab.run(["bash", "-c", f"PATH=$PWD/.venv/bin:$PATH; {program} install labone >&-"])

    bare, ours = map(run, PROGRAMS)
    assert_alike(bare, ours)


# 3. stdout stays parseable, stderr empty.


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "--format", "json"],
        ["inspect"],
        ["install", "--quiet", "--dry-run", "--report", "-", "labdeps"],
    ],
    ids=" ".join,
)
def test_json_stays_json(arguments: list[str], steady: Lab) -> None:
    bare, ours = pair(steady, arguments)
    assert json.loads(ours.stdout)
    assert ours.stderr == b"", ours
    assert_alike(bare, ours)


def test_the_report_of_a_watched_install_stays_json(lab: Lab) -> None:
    arguments = ["install", "--quiet", "--report", "-", "labdeps"]
    bare, ours = lab.both(arguments, prepare=activated)
    assert len(json.loads(ours.stdout)["install"]) == 3
    assert ours.stderr == b"", ours
    assert_alike(bare, ours)


# 4. Statuses.


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["show", "labone"], 1),
        (["nonsense"], 1),
        (["list", "--bogus"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_status_is_passed_on(arguments: list[str], status: int, steady: Lab) -> None:
    bare, ours = pair(steady, arguments)
    assert bare.returncode == status, bare
    assert_alike(bare, ours)


@pytest.mark.parametrize("arguments", [["download", "labone"], ["install", "labone"]], ids=" ".join)
def test_the_status_of_a_required_environment(arguments: list[str], lab: Lab) -> None:
    """Status 3 is passed on. (An install is diverted then, unless safepip only watches.)"""
    env = {"PIP_REQUIRE_VIRTUALENV": "1", "SAFEPIP_STRATEGY": "off"}
    bare, ours = pair(lab, arguments, env=env)
    assert bare.returncode == 3, bare
    assert_alike(bare, ours)


def test_the_status_of_a_search_without_a_match(lab: Lab) -> None:
    class Quiet(SimpleXMLRPCRequestHandler):
        def log_message(self, *_: object) -> None:
            """Be silent."""

    with SimpleXMLRPCServer(("127.0.0.1", 0), requestHandler=Quiet) as server:
        server.register_function(lambda *_: [], "search")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        bare, ours = pair(lab, ["search", "--index", url, "lab"])
        server.shutdown()
        thread.join()
    assert bare.returncode == 23, bare
    assert_alike(bare, ours)


@pytest.mark.parametrize("words", ["pip inst", "pip install --upg"])
def test_a_request_for_completion_is_passed_on(words: str, steady: Lab) -> None:
    env = {
        "PIP_AUTO_COMPLETE": "1",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    bare, ours = pair(steady, words.split()[1:], env=env)
    assert (bare.returncode, bare.stderr) == (1, b""), bare
    assert_alike(bare, ours)


# 5. Death by a signal.


@pytest.mark.parametrize("name", ["SIGTERM", *long("SIGHUP", "SIGQUIT")])
def test_death_by_a_signal_is_death_by_that_signal(name: str, steady: Lab, index: Index) -> None:
    number = signal.Signals[name]
    ends = []
    for run in both_halfway(steady, index):
        run.process.send_signal(number)
        ends.append(run.end())
        run.go_on()
    assert ends[0][0] == -number
    assert ends[1] == ends[0]
    assert not steady.processes()


def test_a_killed_pip_is_a_killed_safepip(steady: Lab, index: Index) -> None:
    bare, ours = both_halfway_killed(steady, index)
    assert bare[0] == -signal.SIGKILL
    assert ours == bare
    assert not steady.processes()


def both_halfway_killed(lab: Lab, index: Index) -> list[tuple[int, bytes, bytes]]:
    """Kill the pip that does the work, whoever started it."""
    ends = []
    for run in both_halfway(lab, index):
        pids = run.pips() or {run.process.pid: ""}
        assert len(pids) == 1, pids
        os.kill(next(iter(pids)), signal.SIGKILL)
        ends.append(run.end())
        run.go_on()
    return ends


def test_a_killed_safepip_leaves_a_pip_that_installs_nothing(steady: Lab, index: Index) -> None:
    """Nobody can pass SIGKILL on: pip lives to its next word, which nobody reads, and ends.

    A deviation that cannot be helped: bare pip would be dead at once.
    """
    run = halfway(steady, index, ["safepip", "install", "labbig"])
    run.process.kill()
    assert run.end()[0] == -signal.SIGKILL
    run.go_on()
    steady.wait_for(lambda: not steady.processes(), "the end of the pip left alone")
    assert not list((steady.cwd / ".venv/lib").glob("python3*/site-packages/labbig*"))


# 13. A grandchild that outlives pip.

KEYRING = """\
#!/bin/sh
# A credential helper that leaves a daemon behind, which keeps stderr open.
(trap "" HUP; exec sleep 1000 >/dev/null </dev/null) &
echo secret
"""


@pytest.mark.parametrize("tty", [False, True], ids=["files", "a terminal"])
def test_a_grandchild_that_outlives_pip_is_not_waited_for(
    tty: bool, lab: Lab, index: Index
) -> None:
    activated(lab)
    index.auth = ("me", "secret")
    lab.use_index(index, url=index.url.replace("//", "//me@"))
    # Not beside pip: what lies there pip passes over.
    lab.env["PATH"] = f"{lab.write('helpers/keyring', KEYRING).parent}:{lab.env['PATH']}"
    (lab.cwd / "helpers/keyring").chmod(0o755)
    command = ["safepip", "--keyring-provider", "subprocess", "install", "labone"]
    if tty:
        with lab.terminal(command) as screen:
            assert screen.wait(PATIENCE_S) == 0, screen.raw
            said = screen.raw
    else:
        # Into files: of a pipe the end would be waited for by this test itself.
        with (lab.folder / "out").open("wb") as out, (lab.folder / "err").open("wb") as err:
            assert lab.start(command, stdout=out, stderr=err).wait(PATIENCE_S) == 0
        said = (lab.folder / "out").read_bytes()
    assert b"Successfully installed labone-2.0" in said
    assert "sleep 1000" in lab.processes().values()


# 14. stdin is pip's.


@pytest.mark.parametrize(
    "script",
    ["echo labone==1.0 | {} install -r /dev/stdin", "{} install -r <(echo labone==1.0)"],
    ids=["stdin", "a substituted process"],
)
def test_requirements_from(script: str, lab: Lab) -> None:
    runs = []
    for program in PROGRAMS:
        lab.reset()
        lab.venv()
        runs.append(lab.run(["bash", "-c", f"PATH=$PWD/.venv/bin:$PATH; {script.format(program)}"]))
    assert b"Successfully installed labone-1.0" in runs[0].stdout, runs[0]
    assert_alike(*runs)


# 15. Strange and large output.


def test_output_that_is_not_utf_8(lab: Lab) -> None:
    """With an encoding of the user's own pip writes other bytes; they pass unchanged."""

    def prepare(fresh: Lab) -> None:
        activated(fresh)
        fresh.tree(noisy_tree("print(repr('noise'))"), "caf\u00e9")

    env = {"PYTHONIOENCODING": "latin-1"}
    bare, ours = lab.both(["install", "-v", "./caf\u00e9"], prepare=prepare, env=env)
    assert bare.returncode == 0, bare
    assert b"caf\xe9" in bare.stdout, bare
    assert_alike(bare, ours)


LOUD = """\
import sys
sys.stdout.buffer.write(b"\\xff\\xfe\\x00 no text \\x80\\n")
sys.stdout.write("L" * 3_000_000 + "\\n")
for number in range(1000): sys.stdout.write(str(number) + "x" * 40_000 + "\\n")
sys.stdout.flush()
open({there!r}, "w").close()
open({gate!r}).close()
"""


def test_a_loud_build_passes_unchanged_and_memory_stays_flat(lab: Lab) -> None:
    """More than 40 MB of build log with lines of 40 kB, and one of 3 MB."""
    there, gate = lab.tmp / "there", lab.tmp / "gate"
    digests, peak = [], 0
    for program in PROGRAMS:
        anew(lab)
        os.mkfifo(gate, 0o666)
        gate.chmod(0o666)
        lab.tree(noisy_tree(LOUD.format(there=str(there), gate=str(gate))), "loud")
        process = lab.start([program, "install", "-v", "./loud"], stderr=subprocess.STDOUT)
        assert process.stdout is not None
        digest, size, opened = hashlib.sha1(usedforsecurity=False), 0, False
        tail = b""
        while chunk := os.read(process.stdout.fileno(), 1 << 20):
            block = tail + chunk
            cut = block.rfind(b"\n") + 1
            digest.update(masked(block[:cut]))
            tail = block[cut:]
            size += len(chunk)
            if not opened and b"999xxx" in block and there.exists():
                peak = peak_memory(process.pid)  # of safepip, the second time
                gate.write_text("")
                opened = True
        digest.update(masked(tail))
        assert process.wait(PATIENCE_S) == 0
        assert size > 40_000_000
        digests.append(digest.hexdigest())
    assert digests[1] == digests[0]
    assert peak < 60_000, f"{peak} kB"


def peak_memory(pid: int) -> int:
    """The most memory that a process ever had, in kB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1])
