"""The words after a ``show`` or ``uninstall`` of what safepip put elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.model.decisions import DestinationKind
from safepip.wording.lines import INDENT, some
from safepip.wording.where import shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import PurePath

    from safepip.model.history import Diversion


def _in(entry: Diversion, place: PurePath, home: PurePath | None) -> str:
    if entry.kind is DestinationKind.PIPX:
        return f"pipx's environment {shown(place, home)}"
    return shown(place, home)


def is_elsewhere(
    name: str, entry: Diversion, place: PurePath, line: str, home: PurePath | None
) -> str:
    """pip did not find it; this is where it is, and how it is shown there."""
    return f"{name} is in {_in(entry, place, home)}; to see it: {line}"


def removing(names: Sequence[str], entry: Diversion, place: PurePath, home: PurePath | None) -> str:
    """It is removed where safepip had put it."""
    verb, it = ("is", "it") if len(names) == 1 else ("are", "them")
    there = f"{some(names)} {verb} in {_in(entry, place, home)}, where safepip put {it}"
    return f"{there}; removing {it} there."


def would_remove(name: str, version: str, place: PurePath, home: PurePath | None) -> list[str]:
    """What pipx would remove, as pip says it."""
    return [f"This removes {name} {version} and its environment {shown(place, home)}."]


def several(
    name: str, found: Sequence[tuple[Diversion, PurePath, str]], home: PurePath | None
) -> list[str]:
    """It is in several places, so none was chosen."""
    lines = [f"{name} is in {len(found)} places, so nothing was removed. Choose one:"]
    for entry, place, line in found:
        lines += [f"{INDENT}# {_in(entry, place, home)}", INDENT + line]
    return lines


def not_ours(
    name: str,
    place: PurePath,
    owner: str | None,
    package: tuple[str, str] | None,
    line: str,
) -> list[str]:
    """pip may not remove it, and safepip did not put it there."""
    belongs = f", which belongs to {owner}" if owner else ""
    if package is not None:
        manager, system_name = package
        by = f"{manager} installed it as {system_name}"
    else:
        by = "no package manager of the system knows it"
    return [
        f"{name} is in {place}{belongs}; {by}. Who may change that place removes it with:",
        INDENT + line,
    ]


def protected(name: str, place: PurePath, owner: str | None, line: str) -> list[str]:
    """It is in an externally managed Python, and no package of the system's."""
    belongs = f", which belongs to {owner}" if owner else ""
    where = f"{name} is in {place}{belongs}, and your OS manages that Python."
    return [f"{where} Leave it there. Your own environment does not see it:", INDENT + line]
