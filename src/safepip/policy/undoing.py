"""What undoing a diversion may take away: only what it brought, and what nobody else needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.model.decisions import DestinationKind
from safepip.model.undoing import Kept, Left, There, Undoing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import PurePath

    from safepip.model.history import Diversion


def plan(
    diversion: Diversion,
    there: Sequence[There],
    needs: Mapping[PurePath, Mapping[str, frozenset[str]]],
) -> Undoing:
    """Plan how *diversion* is undone.

    *needs*: for each site directory, what each distribution there requires by name.
    """
    left = [reason for one in there if (reason := _untouched(one)) is not None]
    names = {one.name for one in left}
    rest = [one for one in there if one.moved.name not in names]
    new = [one for one in rest if one.moved.before is None]
    if diversion.kind is DestinationKind.PIPX:
        # An environment that was there before stays, whatever else is in it.
        older = {one.location for one in diversion.moved if one.before is not None}
        left += _beside([one for one in rest if one.moved.location not in older], left, needs)
        new = [one for one in new if one.moved.location in older]
    left += _needed(new, needs)
    names = {one.name for one in left}
    free = [one.moved for one in rest if one.moved.name not in names]
    return Undoing(
        diversion=diversion,
        remove=tuple(one for one in free if one.before is None),
        restore=tuple(one for one in free if one.before is not None),
        left=tuple(left),
    )


def _untouched(one: There) -> Left | None:
    """Why *one* is not looked at any further."""
    moved = one.moved
    if one.version is None:
        return Left(name=moved.name, why=Kept.GONE)
    if one.is_foreign:
        return Left(name=moved.name, why=Kept.FOREIGN)
    if one.version != moved.version:
        return Left(name=moved.name, why=Kept.CHANGED, detail=one.version)
    if one.edited is not None:
        return Left(name=moved.name, why=Kept.EDITED, detail=str(one.edited))
    if moved.before == moved.version:
        return Left(name=moved.name, why=Kept.SAME)
    return None


def _needed(
    rest: Sequence[There], needs: Mapping[PurePath, Mapping[str, frozenset[str]]]
) -> list[Left]:
    """What of *rest* somebody else needs, or one that is needed does, and so on."""
    going = {(one.moved.location, one.moved.name) for one in rest}
    left: list[Left] = []
    before = -1
    while before != len(left):
        before = len(left)
        for location, name in sorted(going):
            by = (
                other
                for other, required in sorted(needs.get(location, {}).items())
                if name in required and other != name and (location, other) not in going
            )
            if (first := next(by, None)) is not None:
                going.discard((location, name))
                left.append(Left(name=name, why=Kept.NEEDED, detail=first))
    return left


def _beside(
    rest: Sequence[There],
    left: Sequence[Left],
    needs: Mapping[PurePath, Mapping[str, frozenset[str]]],
) -> list[Left]:
    """What of *rest* shares its environment of pipx's with what has to stay.

    pipx removes an environment as a whole: with the application all goes, without it nothing does.
    """
    ours = {(one.moved.location, one.moved.name) for one in rest}
    same = {one.name for one in left if one.why is Kept.SAME}
    staying: dict[PurePath, str] = {}
    for location in {one.moved.location for one in rest}:
        others = needs.get(location, {}).keys() - _SEEDS - same
        foreign = sorted(other for other in others if (location, other) not in ours)
        if foreign:
            staying[location] = foreign[0]
    return [
        Left(name=one.moved.name, why=Kept.BESIDE, detail=staying[one.moved.location])
        for one in rest
        if one.moved.location in staying
    ]


_SEEDS = frozenset({"pip", "setuptools", "wheel"})
"""What a new environment may hold before anything is installed into it."""


def is_bare(names: Sequence[str]) -> bool:
    """Whether an environment with the distributions *names* holds nothing of the user's."""
    return set(names) <= _SEEDS
