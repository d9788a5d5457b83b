"""The matrix of faults, made and held: ``python -m scripts.matrix [--long] [-k WORDS]``.

A row a stage or a place, a column a fault; ``+`` held, ``!`` not, ``.`` only with ``--long``. Ends
with 1 where one that was made did not hold.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pytest

from tests.support.faults import CONDITIONS, ENDS, PLACES, STAGES

ROOT = Path(__file__).resolve().parent.parent
TESTS = "tests/integration/test_faults.py"


class _Arguments(argparse.Namespace):
    long: bool
    keyword: str


class Results:
    """A plugin of pytest's: what became of each cell."""

    def __init__(self) -> None:
        self.held: dict[str, bool] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember a cell; skipped ones were not made."""
        cell = report.nodeid.partition("[")[2].rpartition("]")[0]
        if report.failed:
            self.held[cell] = False
        elif report.when == "call" and report.passed:
            self.held.setdefault(cell, True)


def table(title: str, rows: list[str], columns: list[str], held: dict[str, bool]) -> str:
    """One matrix as text."""
    lines = [
        f"{title}",
        *(f"  {chr(97 + n % 26)}{n // 26 or ''} {c}" for n, c in enumerate(columns)),
    ]
    width = max(map(len, rows))
    heads = " ".join(f"{chr(97 + n % 26)}{n // 26 or ''}".ljust(2) for n in range(len(columns)))
    lines.append(f"{'':{width}}  {heads}")
    for row in rows:
        marks = [{True: "+", False: "!", None: "."}[held.get(f"{row} / {c}")] for c in columns]
        lines.append(f"{row:{width}}  " + " ".join(mark.ljust(2) for mark in marks).rstrip())
    return "\n".join(lines)


def main() -> int:
    """Make the matrix, print it, and say by the status whether all held."""
    parser = argparse.ArgumentParser(prog="python -m scripts.matrix", description=__doc__)
    parser.add_argument("--long", action="store_true", help="every cell, not the quick ones only")
    parser.add_argument("-k", dest="keyword", default="", help="as pytest has it")
    asked = parser.parse_args(namespace=_Arguments())
    results = Results()
    words = ["-q", "-n", "0", "--rootdir", str(ROOT), str(ROOT / TESTS)]
    words += ["--long"] if asked.long else []
    words += ["-k", asked.keyword] if asked.keyword else []
    pytest.main(words, plugins=[results])
    held = results.held
    print()
    print(table("ended at a stage", list(STAGES), list(ENDS), held))
    print()
    print(table("odd from the beginning", list(PLACES), list(CONDITIONS), held))
    good = sum(held.values())
    print(f"\nmade {len(held)}, held {good}")
    return 0 if held and good == len(held) else 1


if __name__ == "__main__":
    sys.exit(main())
