"""Compares what is installed before and after: where each distribution went, and what it brought.

Pure: the lists come from ``machine.distributions``, what PATH finds from ``machine.search``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.model.outcome import Visibility

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import PurePath

    from safepip.model.outcome import Distribution


def compare(
    before: Mapping[PurePath, Distribution], after: Mapping[PurePath, Distribution]
) -> tuple[Distribution, ...]:
    """The distributions that were put in place between the two, sorted by name.

    Each with what it replaced there. One installed anew in the same version counts,
    since its RECORD was written again.
    """
    replaced = {(one.location, one.name): one for one in before.values()}
    changed = [
        distribution._replace(before=replaced.get((distribution.location, distribution.name)))
        for path, distribution in after.items()
        if path not in before or before[path].stamp != distribution.stamp
    ]
    return tuple(sorted(changed, key=lambda d: (d.name, d.version)))


def requested_first(
    landed: Iterable[Distribution], requested: Iterable[str]
) -> tuple[Distribution, ...]:
    """*landed* with those whose names were *requested* in front, in the order of the request."""
    order = {name: number for number, name in enumerate(requested)}
    return tuple(sorted(landed, key=lambda d: (order.get(d.name, len(order)), d.name)))


def visibility(*, held: bool, found: PurePath | None, is_same: bool) -> Visibility:
    """Whether typing a script's name runs it, given what PATH *found* for that name.

    *held*: the shell knows the name by itself, before PATH. *is_same*: what was found is the
    script itself, by identity of files.
    Source: pip, ``_internal/operations/install/wheel.py`` (there: whole directories).
    """
    if held:
        return Visibility.SHADOWED
    if found is None:
        return Visibility.OFF_PATH
    return Visibility.VISIBLE if is_same else Visibility.SHADOWED
