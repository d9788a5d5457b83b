"""How bare pip and safepip are held against each other: what may differ, and what is run."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.patience import PATIENCE_S
from tests.support.wheels import source_tree

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Sequence

    from tests.support.index import Index
    from tests.support.lab import Lab, Result

PROGRAMS = ("pip", "safepip")

_TEMPORARY = re.compile(rb"\bpip-[a-z]+(?:-[a-z]+)*-[a-z0-9_]{8}\b")
_EPHEMERAL_CACHE = re.compile(rb"(?<=pip-ephem-wheel-cache-XXXXXXXX/)[\w/]+")
_DIGEST = re.compile(rb"(?<=sha256=)[0-9a-f]{64}")
_SPEED = re.compile(rb"[\d.?]+ ?[kMG]?B/s|eta [-\d:]+|\d+:\d\d:\d\d|-:--:--")


def masked(data: bytes) -> bytes:
    """`data` without the random names of temporary folders, and the time in a wheel just built."""
    if b"pip-" not in data and b"sha256=" not in data:
        return data  # most of a long log
    data = _TEMPORARY.sub(lambda found: found[0][:-8] + b"XXXXXXXX", data)
    return _DIGEST.sub(b"...", _EPHEMERAL_CACHE.sub(b"...", data))


def without_speed(painted: str) -> str:
    """A picture of a progress bar without what the clock has a say in."""
    return re.sub(r" +", " ", _SPEED.sub(b"*", painted.encode()).decode())


def without_bar(text: str) -> str:
    """A text without the lines of progress bars: how far one came is a matter of time."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if "━" not in line and "eta -:--:--" not in line)


def sight(done: Result) -> tuple[int, bytes, bytes]:
    """What has to be the same of a run."""
    return done.returncode, masked(done.stdout), masked(done.stderr)


def pair(lab: Lab, arguments: Sequence[Any], **more: Any) -> tuple[Result, Result]:
    """Run bare pip and safepip one after the other in the same surroundings, as they are."""
    return lab.run(["pip", *arguments], **more), lab.run(["safepip", *arguments], **more)


def assert_alike(bare: Result, ours: Result) -> None:
    """Fail unless the same bytes came on each stream, and the same status."""
    assert sight(ours) == sight(bare), f"{bare}\n\n{ours}"


def activated(lab: Lab) -> None:
    """Give the lab's user an active environment that they can write (`prepare` of `both`)."""
    lab.activate(lab.venv())


def anew(lab: Lab) -> None:
    """Give the lab's user fresh surroundings with an active environment."""
    lab.reset()
    lab.env = lab._environment()
    activated(lab)


def noisy_tree(code: str, name: str = "labnoisy") -> dict[str, str]:
    """A project whose build runs `code`, one line of Python or several."""
    tree = source_tree(name)
    body = "".join(f"    {line}\n" for line in code.splitlines())
    backend = tree["backend/handmade.py"].replace(
        "    with open(os.path.join(", "    _before()\n    with open(os.path.join(", 1
    )
    tree["backend/handmade.py"] = f"{backend}\n\ndef _before():\n{body}"
    return tree


@dataclass(frozen=True)
class Halfway:
    """An install that stands still in the middle of a download."""

    lab: Lab
    process: subprocess.Popen[bytes]
    said: bytes
    go_on: Callable[[], None]

    def end(self, timeout: float = PATIENCE_S) -> tuple[int, bytes, bytes]:
        """Wait for its end: the status and the streams."""
        stdout, stderr = self.process.communicate(timeout=timeout)
        return self.process.returncode, masked(self.said + stdout), masked(stderr)

    def pips(self) -> dict[int, str]:
        """The processes beside the one that was started: the pip that safepip runs."""
        found = self.lab.processes()
        found.pop(self.process.pid, None)
        return found


def halfway(lab: Lab, index: Index, command: Sequence[Any]) -> Halfway:
    """Start `command`, an install of labbig, and wait until half of it is there."""
    lab.use_index(index)
    hold = index.hold("labbig")
    process = lab.start(command)
    assert process.stdout is not None
    said = b""
    while b" MB)\n" not in said:  # the last that pip says before it downloads
        chunk = os.read(process.stdout.fileno(), 65536)
        assert chunk, process.communicate(timeout=PATIENCE_S)
        said += chunk
    hold.wait()
    return Halfway(lab, process, said, hold.release)


def both_halfway(lab: Lab, index: Index) -> Iterator[Halfway]:
    """An install of labbig by pip, then one by safepip, each standing still."""
    for program in PROGRAMS:
        yield halfway(lab, index, [program, "install", "labbig"])
