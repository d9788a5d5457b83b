"""The words of ``where``: which copies there are, and which one counts."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from safepip.model.copies import PlaceKind, Rank
from safepip.reading.printable import escape
from safepip.wording.lines import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from safepip.model.copies import CopiedScript, Copy, KnownPlace, Python

PLACES = {
    PlaceKind.ACTIVE: "active environment",
    PlaceKind.PROJECT: "this project",
    PlaceKind.PERSONAL: "personal environment",
    PlaceKind.ENVIRONMENT: "environment",
    PlaceKind.PIPX: "pipx",
    PlaceKind.UV_TOOL: "uv tool",
    PlaceKind.USER: "user site",
    PlaceKind.SYSTEM: "system",
}


def shown(path: PurePath, home: PurePath | None) -> str:
    """*path* for a reader: below HOME with a ``~``, but for Windows, whose cmd knows none."""
    below = home is not None and home not in {path, PurePath("/")} and path.is_relative_to(home)
    if home is not None and below and not path.drive:
        return escape(f"~/{path.relative_to(home)}")
    return escape(str(path))


NOWHERE = "{name} is in no known place"


def summary(
    counted: Iterable[tuple[KnownPlace, int]], python: Python | None, home: PurePath | None
) -> list[str]:
    """How many distributions lie where."""
    rows = [
        (PLACES[place.kind], place.python or "?", str(number), shown(place.path, home))
        for place, number in counted
    ]
    heading = ("PLACE", "PYTHON", "PACKAGES", "PATH")
    return [*_this_python(python, home), *table([heading, *rows])]


def _this_python(python: Python | None, home: PurePath | None) -> list[str]:
    if python is None:
        return ["There is no python or python3 on your PATH.", ""]
    where = shown(python.executable, home)
    return [f"`{python.name}` in this shell is {where} (Python {python.version_text}).", ""]


def copies(
    name: str,
    found: Sequence[tuple[Copy, Rank]],
    python: Python | None,
    home: PurePath | None,
) -> list[str]:
    """Every copy of *name*, which one is imported, and what its commands run."""
    if not found:
        return [f"{escape(name)} is in no place that safepip knows of."]
    rows = [
        (
            "*" if rank is Rank.IMPORTED else " ",
            copy.version,
            PLACES[copy.place.kind],
            shown(_path(copy), home),
            _by(copy),
        )
        for copy, rank in found
    ]
    number = f"{len(found)} copies" if len(found) > 1 else "1 copy"
    lines = [f"{escape(found[0][0].name)}: {number}", *table(rows)]
    lines += _imported(found, python, home)
    scripts: dict[str, list[CopiedScript]] = {}
    for copy, _ in found:
        for script in copy.scripts:
            scripts.setdefault(script.name, []).append(script)
    lines += [_runs(script, same, home) for script, same in scripts.items()]
    return lines


def _path(copy: Copy) -> PurePath:
    if copy.editable is not None:
        return PurePath(copy.editable)
    return copy.place.path if copy.place.is_environment else copy.location


def _by(copy: Copy) -> str:
    by = f"by {escape(copy.installer)}" if copy.installer else "by an unknown installer"
    if copy.editable is not None:
        by += ", editable"
    if copy.owner:
        by += f", owner {escape(copy.owner)}"
    if copy.diversion is not None:
        by += f" (safepip put it there, {copy.diversion.time[:10]}, number {copy.diversion.number})"
    return by


def _imported(
    found: Sequence[tuple[Copy, Rank]], python: Python | None, home: PurePath | None
) -> list[str]:
    if python is None:
        return ["There is no python or python3 on your PATH to import it."]
    first = next((copy for copy, rank in found if rank is Rank.IMPORTED), None)
    if first is None:
        return [f"`{python.name}` imports none of them: it looks in none of these places."]
    line = f"* `{python.name}` imports this one"
    second = next((copy for copy, rank in found if rank is Rank.SHADOWED), None)
    if second is not None:
        line += f": it looks there before {shown(second.location, home)}"
    return [line + "."]


def _runs(name: str, same: Sequence[CopiedScript], home: PurePath | None) -> str:
    runs = same[0].runs
    if runs is None:
        return f"`{escape(name)}` is not on your PATH: {shown(same[0].path, home)}"
    if any(script.mine for script in same):
        return f"`{escape(name)}` runs {shown(runs, home)}"
    if runs.parent.name == "shims":
        return f"`{escape(name)}` runs {shown(runs, home)}, a shim that chooses a Python."
    return f"`{escape(name)}` runs {shown(runs, home)}, which is none of these."


def copy_json(copy: Copy, rank: Rank | None) -> Mapping[str, object]:
    """One copy, for ``--json``."""
    return {
        "version": copy.version,
        "kind": copy.place.kind,
        "place": copy.place.path,
        "location": copy.location,
        "installer": copy.installer,
        "owner": copy.owner,
        "editable": copy.editable,
        "diversion": copy.diversion and copy.diversion.number,
        "python": rank,
        "scripts": [
            {"name": one.name, "path": one.path, "runs": one.runs, "mine": one.mine}
            for one in copy.scripts
        ],
    }


def place_json(place: KnownPlace, number: int) -> Mapping[str, object]:
    """One place, for ``--json``."""
    return {
        "kind": place.kind,
        "path": place.path,
        "python": place.python,
        "distributions": number,
    }
