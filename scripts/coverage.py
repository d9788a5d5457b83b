"""Branch coverage by folder: a pure one below 90 % fails.

Measured are the tests that run safepip's code in their own process, and the Pythons that these
start; ``./scripts/test --coverage`` runs the others apart. Those start an installed safepip a
thousand times: if each imported coverage first, they would take half as long again, and it would
stand in the way of what they look at: how many modules are loaded, what a child inherits, what is
left when a process is killed. To measure that safepip as well: ``SAFEPIP_COVERAGE=1``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from scripts.environments import WORKERS

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "safepip"
LEAST = 90
LEFT_OUT = ("tests/integration", "tests/runner")
"""The tests that are run apart."""


def measure() -> tuple[int, dict[str, tuple[int, int]]]:
    """Run the tests; give their status, and for each folder how much there is and how much was run.

    Lines and branches are counted alike. What lies in no folder is counted under ".".
    """
    tool = [sys.executable, "-m", "coverage"]
    tests = ["-m", "pytest", "-q", "-n", str(WORKERS), "-p", "no:cacheprovider", "tests"]
    left_out = [f"--ignore={one}" for one in LEFT_OUT]
    status = subprocess.run([*tool, "run", *tests, *left_out], cwd=ROOT, check=False).returncode
    subprocess.run([*tool, "combine", "--quiet"], cwd=ROOT, check=True)
    told = subprocess.run(
        [*tool, "json", "--quiet", "-o", "-"], cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    counted: defaultdict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for name, file in json.loads(told.stdout)["files"].items():
        summary = file["summary"]
        there, run = counted[folder_of(name)]
        counted[folder_of(name)] = (
            there + summary["num_statements"] + summary["num_branches"],
            run + summary["covered_lines"] + summary["covered_branches"],
        )
    return status, dict(counted)


def folder_of(name: str) -> str:
    """Give the folder of safepip's that the file *name* lies in."""
    inside = (ROOT / name).relative_to(SOURCE).parts
    return inside[0] if len(inside) > 1 else "."


def is_pure(folder: str) -> bool:
    """Tell whether *folder* says of itself that it is pure: the first word of its docstring."""
    return (SOURCE / folder / "__init__.py").read_text(encoding="utf-8").startswith('"""Pure:')


def main() -> int:
    """Show all folders; 0 if no pure one has less than it should."""
    try:
        status, counted = measure()
    except subprocess.CalledProcessError as error:
        print(f"coverage: {error}", file=sys.stderr)
        return 1
    too_little = 0
    for folder, (there, run) in sorted(counted.items()):
        share = 100 * run / there if there else 100.0
        lacks = is_pure(folder) and share < LEAST
        too_little += lacks
        kind = "pure" if is_pure(folder) else ""
        print(f"{folder:<14} {share:5.1f} %  {kind}{f', wants {LEAST} %' if lacks else ''}")
    return 1 if status or too_little else 0


if __name__ == "__main__":
    raise SystemExit(main())
