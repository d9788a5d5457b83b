"""The words of ``history`` and ``undo``, and their JSON."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING

from safepip.model.decisions import DestinationKind
from safepip.model.undoing import Kept
from safepip.reading.printable import escape
from safepip.wording.lines import INDENT, joined, some, table
from safepip.wording.permissions import not_writable
from safepip.wording.where import shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import PurePath

    from safepip.model.history import Diversion, Moved
    from safepip.model.interpreter import Denied
    from safepip.model.undoing import Left, Undoing

EMPTY = "No install was taken elsewhere yet."
OFF = "Nothing new is remembered: history = false."


def not_kept(denied: Denied) -> str:
    """Nothing can be remembered, for want of a place."""
    return f"safepip cannot keep a history here, because {not_writable(denied)}"


def place(entry: Diversion, home: PurePath | None) -> str:
    """Where *entry* went, for a reader."""
    if entry.kind is DestinationKind.PIPX:
        return "pipx"
    if entry.kind is DestinationKind.USER:
        return f"user site {shown(entry.destination, home)}"
    return shown(entry.destination, home)


There = Mapping[tuple["PurePath", str], frozenset[str]]
"""The versions that are at a place now, by place and name."""


def history(entries: Sequence[Diversion], there: There, home: PurePath | None) -> list[str]:
    """All *entries*, the newest last, with what is *there* by now."""
    rows = [("ID", "WHEN (UTC)", "COMMAND", "WENT TO", "WHAT")]
    for entry in entries:
        requested_first = sorted(entry.moved, key=lambda one: not one.requested)
        now = None if entry.undone else there
        what = some([_changed(one, now) for one in requested_first])
        rows.append(
            (
                str(entry.number),
                entry.time[:16].replace("T", " "),
                escape("pip " + shlex.join(entry.command)),
                place(entry, home),
                escape(what) + (" (undone)" if entry.undone else ""),
            )
        )
    return [*table(rows), "", "Take one back with:", "    safepip undo ID"]


def _changed(one: Moved, there: There | None) -> str:
    told = [f"was {one.before}"] if one.before not in {None, one.version} else []
    now = {one.version} if there is None else there.get((one.location, one.name), frozenset())
    if one.version not in now:
        told.append(f"now {joined(sorted(now))}" if now else "gone")
    return f"{one.name} {one.version}" + f" ({', '.join(told)})" * bool(told)


def diversion_json(entry: Diversion, there: There) -> dict[str, object]:
    """One diversion, for ``--json``."""
    return {
        "id": entry.number,
        "time": entry.time,
        "command": entry.command,
        "cwd": entry.cwd,
        "trigger": entry.trigger,
        "rule": entry.rule,
        "strategy": entry.kind,
        "destination": entry.destination,
        "undone": entry.undone,
        "landed": [
            {
                "name": one.name,
                "version": one.version,
                "location": one.location,
                "before": one.before,
                "requested": one.requested,
                "now": sorted(there.get((one.location, one.name), ())),
            }
            for one in entry.moved
        ],
    }


def undoing(plan: Undoing, home: PurePath | None) -> list[str]:
    """What undoing would do, before it is done."""
    entry = plan.diversion
    lines = [f"Undo {entry.number}: {escape('pip ' + shlex.join(entry.command))}"]
    lines.append(f"in {place(entry, home)}:")
    lines += [f"    remove {escape(one.name)} {one.version}" for one in plan.remove]
    lines += [
        f"    put {escape(one.name)} back from {one.version} to {one.before}"
        for one in plan.restore
    ]
    return [*lines, *left(plan.left)]


def left(kept: Sequence[Left]) -> list[str]:
    """What is left as it is, and why."""
    return [f"    leave {line}" for line in _grouped(kept)]


# Of one or of many.
KEPT = {
    Kept.GONE: "not there any more",
    Kept.CHANGED: "version {detail} is there now",
    Kept.EDITED: "you changed {detail}",
    Kept.NEEDED: "needed by {detail}",
    Kept.SAME: "the same version was there before",
    Kept.BESIDE: "in one environment with {detail}",
    Kept.FOREIGN: "in a place of another user's",
}


def _grouped(kept: Sequence[Left]) -> list[str]:
    """What is left, together where the reason is the same, as for all that came with one."""
    names: dict[str, list[str]] = {}
    for one in kept:
        why = KEPT[one.why].format(detail=escape(one.detail))
        names.setdefault(why, []).append(escape(one.name))
    return [f"{some(those)}: {why}" for why, those in names.items()]


def undo_json(
    plan: Undoing | None, still: Undoing | None = None, *, environment_removed: bool = False
) -> dict[str, object]:
    """What was undone, for ``--json``; *still*: what of *plan* is yet to be done, if it failed."""
    remove = () if plan is None else plan.remove
    restore = () if plan is None else plan.restore
    if still is not None:
        remove = tuple(one for one in remove if one not in still.remove)
        restore = tuple(one for one in restore if one not in still.restore)
    return {
        "id": None if plan is None else plan.diversion.number,
        "undone": plan is not None and still is None,
        "removed": [{"name": one.name, "version": one.version} for one in remove],
        "restored": [{"name": one.name, "version": one.before} for one in restore],
        "left": [
            {"name": one.name, "why": one.why, "detail": one.detail}
            for one in (() if plan is None else plan.left)
        ],
        "environment_removed": environment_removed,
    }


def done(plan: Undoing) -> list[str]:
    """It is undone, or was already."""
    if not plan.does_something:
        gone = all(one.why is Kept.GONE for one in plan.left)
        why = "none of it is there any more" if gone else reasons(plan.left)
        return [f"Nothing was left to undo: {why}."]
    return [f"Undone: {_names(plan)}."]


def _names(plan: Undoing) -> str:
    told = [f"{one.name} {one.version} removed" for one in plan.remove]
    told += [f"{one.name} is {one.before} again" for one in plan.restore]
    return escape(", ".join(told))


def environment_removed(path: PurePath, home: PurePath | None, *, active: bool) -> list[str]:
    """The environment went, too; *active*: this shell still counts on it."""
    line = f"Removed {shown(path, home)} too: safepip made it, and nothing was left in it."
    if not active:
        return [line]
    return [line, "This shell still has it active. To leave it:", f"{INDENT}deactivate"]


def environment_kept(path: PurePath, stranger: PurePath, home: PurePath | None) -> str:
    """The environment stays for what somebody put there."""
    what = shown(stranger, home)
    return f"Kept {shown(path, home)}: it holds {what}, which belongs to no package."


def reasons(kept: Sequence[Left]) -> str:
    """Why nothing of it can be undone."""
    return "; ".join(_grouped(kept))


QUESTION = "Undo this"
