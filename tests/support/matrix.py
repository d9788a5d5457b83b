"""The matrix of faults as a run made it: what a row and a column came to, and how many held.

``+`` held, ``!`` did not, ``.`` was not made; most cells are made with ``--long`` only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.faults import CONDITIONS, ENDS, PLACES, STAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pytest

TESTS = "tests/integration/test_faults.py"


def lines(reports: Iterable[pytest.TestReport]) -> list[str]:
    """Both tables and the count; nothing where no cell was made."""
    held: dict[str, bool] = {}
    for report in reports:
        file, _, name = report.nodeid.partition("::")
        if file == TESTS and (report.failed or report.when == "call"):
            cell = name.partition("[")[2].rpartition("]")[0]
            held[cell] = held.get(cell, True) and report.passed
    if not held:
        return []
    return [
        *_table("ended at a stage", list(STAGES), list(ENDS), held),
        "",
        *_table("odd from the beginning", list(PLACES), list(CONDITIONS), held),
        "",
        f"made {len(held)}, held {sum(held.values())}",
    ]


def _table(
    title: str, rows: Sequence[str], columns: Sequence[str], held: dict[str, bool]
) -> list[str]:
    names = [f"{chr(97 + n % 26)}{n // 26 or ''}" for n in range(len(columns))]
    made = [any(f"{row} / {column}" in held for row in rows) for column in columns]
    if not any(made):
        return [f"{title}: not made in this run"]
    width = max(map(len, rows))
    result = [f"{title}; not made in this run: {made.count(False)} of {len(columns)} columns"]
    result += [
        f"  {name} {column}"
        for name, column, here in zip(names, columns, made, strict=True)
        if here
    ]
    shown = [name for name, here in zip(names, made, strict=True) if here]
    result.append(f"{'':{width}}  " + " ".join(name.ljust(2) for name in shown).rstrip())
    for row in rows:
        marks = [
            {True: "+", False: "!", None: "."}[held.get(f"{row} / {column}")].ljust(2)
            for column, here in zip(columns, made, strict=True)
            if here
        ]
        result.append(f"{row:{width}}  " + " ".join(marks).rstrip())
    return result
