"""What runs with `--long` only: the rest of a row of which each change is tried on the ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def first_and_last(row: Sequence[object]) -> list[object]:
    """Parametrize over *row*, oldest first: its two ends always, what lies between with `--long`.

    `@pytest.mark.parametrize("pair", first_and_last(PAIRS), ids=str)`
    """
    ends = {0, len(row) - 1}
    marks = [() if place in ends else (pytest.mark.long,) for place in range(len(row))]
    return [pytest.param(value, marks=those) for value, those in zip(row, marks, strict=True)]


def long(*values: object) -> list[object]:
    """Cells of a list that wait for `--long`: `["freeze", *long("list", "show pip")]`."""
    return [pytest.param(one, marks=pytest.mark.long) for one in values]


def only(row: Iterable[object], *guards: object) -> list[object]:
    """Parametrize over *row*: the *guards* always, the rest of it with `--long`."""
    row = list(row)
    assert all(one in row for one in guards), guards
    return [one if one in guards else long(one)[0] for one in row]


def leave_out_long(config: pytest.Config, items: list[pytest.Item]) -> int:
    """Take the tests marked `long` out of *items*, unless `--long` asks for them; count them."""
    if config.getoption("--long"):
        return 0
    long = [item for item in items if item.get_closest_marker("long")]
    items[:] = [item for item in items if not item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)
    return len(long)
