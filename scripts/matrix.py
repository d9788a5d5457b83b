"""The matrix of faults, made and held: ``python -m scripts.matrix [--long] [pytest's arguments]``.

Its tables stand below the tests, as at the end of ``./scripts/test``. Ends with 1 where a cell that
was made did not hold.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.matrix import TESTS

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Make the matrix; its tables are printed by ``tests/conftest.py``."""
    return pytest.main(["-q", "-n", "0", "--rootdir", str(ROOT), str(ROOT / TESTS), *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
