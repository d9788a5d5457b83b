"""The words of ``doctor`` besides its findings: which pip and Python, where things go, ways out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.model.health import WayName
from safepip.reading.printable import escape
from safepip.shells.kinds import Shell
from safepip.wording.lines import INDENT
from safepip.wording.where import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import PurePath

    from safepip.model.copies import Python
    from safepip.model.health import Location, Way


WHY_THIS_PIP = {
    "alias": "the name that you typed says so",
    "module": "you run safepip with that Python",
    "active": "its environment is active in this shell",
    "path": "it comes first on your PATH",
    "lent": "there is no pip on your PATH, so safepip lends its own to your Python",
}


def head(version: str, pip: str, python: Python | None, manager: str) -> list[str]:
    """Which safepip, pip and Python these are, and why those."""
    lines = [f"safepip {version}", f"pip: {pip}"]
    if python is not None:
        by = f", managed by {manager}" if manager else ""
        marked = ", externally managed (PEP 668)" if python.marker is not None else ""
        lines.append(f"Python: {python.version_text}, {python.executable}{by}{marked}")
    return lines


INSTALLS, COMMANDS, USER_SITE = "installs go to", "its commands to", "your user site"
SHIM = ", a shim"
NO_PIP = "none"
SOUND = "No problems found."


WHY_NOT = {
    "read-only": ": its file system is read-only",
    "immutable": ": it is marked immutable",
    "acl": ": an access list (ACL) forbids it",
    "mode": ": its mode forbids it",
}


def location(place: Location, home: PurePath | None) -> str:
    """One place that installs may go to."""
    can = "writable" if place.writable else f"not writable{WHY_NOT.get(place.why, '')}"
    owner = f", owner {escape(place.owner)}" if place.owner else ""
    return f"{place.what}: {shown(place.path, home)} ({can}{owner})"


CHOWN_NOT = (
    "Your system's own directory is not writable, and that is right. Do not chown it: you could"
    " then break files that the package manager needs."
)


def tool(name: str, path: PurePath | None, home: PurePath | None) -> str:
    """Where a tool is."""
    if path is not None:
        return f"{name}: {shown(path, home)}"
    instead = " (safepip uses its own)" if name == "pipx" else ""
    return f"{name}: not on your PATH{instead}"


def functions(
    profile: PurePath | None, shell: str, own: str, home: PurePath | None, *, active: bool
) -> list[str]:
    """Whether the shell has safepip's functions; without them it does not say what it holds."""
    if shell == Shell.CMD.value:
        return ["functions for cmd: none, since it has no profile; PowerShell can have them"]
    if profile is not None:
        told = f"installed in {shown(profile, home)}"
    else:
        told = "not installed" if active else f"not installed (`{own} init --install` does)"
    if active:
        return [f"functions for {shell}: {told}, active in this shell"]
    return [
        f"functions for {shell}: {told}",
        f"aliases and functions of this {shell}: only visible where safepip's functions are active",
    ]


_WAYS: Mapping[WayName, tuple[str, str]] = {
    WayName.CONDA: (
        "a conda environment",
        "a new environment in conda's folder; your base environment stays as it is",
    ),
    WayName.UV: ("a Python from uv", "a Python and an environment below your home"),
    WayName.PYENV: ("a Python from pyenv", "a Python below ~/.pyenv, first on your PATH"),
    WayName.PACKAGE: (
        "your system's own venv",
        "one system package, which needs sudo, and an environment below your home",
    ),
    WayName.COMPILED: (
        "a Python compiled below your home",
        "run these in the unpacked source from python.org; only your home changes",
    ),
    WayName.ENVIRONMENT: (
        "an environment of your own",
        "one folder below your home; the system's Python stays as it is",
    ),
    WayName.HOMEBREW: (
        "a Python from Homebrew, with an environment of your own",
        "a Python in Homebrew's folder, and an environment below your home",
    ),
    WayName.MACOS: (
        "the installer from python.org, then an environment of your own",
        "a Python in /Library/Frameworks; Apple's own stays as it is",
    ),
    WayName.WINGET: (
        "a Python for you alone",
        'a Python below your profile; "Add python.exe to PATH" is ticked for you',
    ),
    WayName.WINDOWS: (
        'the installer from python.org, for you alone, with "Add python.exe to PATH"',
        "a Python below your profile; the one in Program Files stays",
    ),
}
"""What each way is, and what it changes."""


def way(one: Way) -> list[str]:
    """One way to a Python of one's own."""
    is_what, changes = _WAYS[one.name]
    return [f"- {is_what}: {changes}", *(INDENT + command for command in one.commands)]


WAYS = "For good, get a Python that is yours:"


def summary(problems: int, notes: int) -> str:
    """How many there are."""
    if not problems:
        return SOUND
    told = "1 problem" if problems == 1 else f"{problems} problems"
    more = "" if not notes else (", 1 note" if notes == 1 else f", {notes} notes")
    return f"Found {told}{more}."


def way_json(one: Way) -> dict[str, object]:
    """One way, for ``--json``."""
    is_what, changes = _WAYS[one.name]
    return {"what": is_what, "commands": one.commands, "changes": changes}
