"""What tests were skipped for want of, and how to get it: one table at the end of a run."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

APT = "apt-get install {}"
HOW = {
    **{name: APT.format(name) for name in ("zsh", "fish", "tcsh", "ksh", "mksh", "yash", "dash")},
    **{name: APT.format(name) for name in ("xonsh", "tmux", "strace", "busybox")},
    "nu": "npm install nushell@0.108.0, as .ci/run does",
    "nu that is no script": "copy the program out of npm's folder, as .ci/run does",
    "pwsh": "https://learn.microsoft.com/powershell/scripting/install",
    "sshd": APT.format("openssh-server"),
    "sftp-server": APT.format("openssh-sftp-server"),
    "libnss_wrapper.so": APT.format("libnss-wrapper"),
    "uv": "./scripts/test installs it",
    "patchelf": "./scripts/test installs it",
    "labelled set": "it is no part of the repository",
    "direnv": APT.format("direnv"),
    "pyenv": "https://github.com/pyenv/pyenv",
    "setfacl": APT.format("acl"),
    "root": "run the tests as root",
    "ordinary user": "run the tests as one",
    "ordinary user of the tests' own": "run the tests as root",
    "Python that is not Debian's": "pyenv install 3.12, or uv python install 3.12",
    "package index": "see `pip config list`",
    "file system that can be mounted": "run the tests as root, outside of a container",
    "strace that can trace": "allow ptrace",
    "Debian Python with a pip": APT.format("python3-pip"),
}
"""How to get what is named in "no … on this machine"."""


POSIX_ONLY = {
    "integration": "users, terminals and shells of POSIX systems",
    "runner": "processes and signals of POSIX systems",
}
"""The folders of tests that Windows does not even import, and what they are about."""


def left_out(platform: str) -> list[str]:
    """The lines that name the folders that *platform* leaves out."""
    folders = POSIX_ONLY if platform == "win32" else {}
    return [f"tests/{folder}: not collected ({what})" for folder, what in folders.items()]


def lacking(*what: str) -> NoReturn:
    """Skip the test for want of each of *what*, as `HOW` or a reader knows it."""
    pytest.skip(f"no {' and no '.join(what)} on this machine")


def table(reasons: Iterable[str]) -> list[str]:
    """The lines of the table: what is missing, how many tests want it, how to get it."""
    counted = Counter(tuple(_wanted(reason)) for reason in reasons)
    rows = [("missing", "tests", "to run them")]
    for wanted, count in sorted(counted.items()):
        ways = dict.fromkeys(filter(None, (_way(one) for one in wanted)))
        rows.append((", ".join(wanted), str(count), "; ".join(ways)))
    wide = max(len(first) for first, _, _ in rows)
    return [f"{first:<{wide}}  {count:>5}  {how}".rstrip() for first, count, how in rows]


def _wanted(reason: str) -> list[str]:
    """What a reason names; of one in other words, the words."""
    reason = reason.removeprefix("Skipped: ")
    found = re.fullmatch(r"no (.+) on this machine(?:: .*)?", reason, re.DOTALL)
    return found[1].split(" and no ") if found else [reason]


def _way(wanted: str) -> str:
    version = re.fullmatch(r"Python (3\.\d+).*", wanted)
    if version:
        return f"pyenv install {version[1]}, or uv python install {version[1]}"
    return HOW.get(wanted, "")
