"""What safepip costs beside what a user would do without it: ``python -m scripts.bench``.

Each row has two commands that take turns, so that a machine that is busy for a while slows both;
what counts is the median of the ratios of the pairs. They run as an ordinary user (root becomes
"nobody") with a Python that this user cannot write. Nothing is fetched. The first pair of each row
only fills caches and is not counted.

Ends with 1 where a figure that does not hang on the machine's mood (CPU, bytes, memory) misses its
goal; a goal for the wall clock that is missed is only shown.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.bench_ground import Ground, MissingError
from scripts.bench_rows import ROWS, Measure
from scripts.bench_runs import Samples, starter
from scripts.environments import SetupError, remove_tree
from scripts.stage import find_person

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scripts.bench_rows import Row
    from scripts.bench_runs import Starter

ROOT = Path(__file__).resolve().parent.parent


class _Arguments(argparse.Namespace):
    runs: int
    rows: str
    source: Path
    json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the runs of one row came to."""

    row: Row
    bare: Samples
    ours: Samples

    @property
    def ratios(self) -> list[float]:
        """Of each pair, in order: how many times as much safepip took."""
        kind = self.row.measure.value
        pairs = zip(self.bare.all(kind), self.ours.all(kind), strict=True)
        return [ours / bare for bare, ours in pairs]

    @property
    def ratio(self) -> float:
        """The median of the pairs."""
        return statistics.median(self.ratios)

    @property
    def reached(self) -> bool:
        """Whether the goals are reached."""
        return self.ratio <= self.row.goal and self._fits

    @property
    def fails(self) -> bool:
        """Whether a goal is missed that a busy machine is no excuse for."""
        counted = self.row.measure in {Measure.CPU, Measure.BYTES}
        return not self._fits or (counted and self.ratio > self.row.goal)

    @property
    def _fits(self) -> bool:
        return self.row.memory_mb is None or self.ours.median("peak_mb") <= self.row.memory_mb

    def as_json(self) -> dict[str, object]:
        """Give all of it as JSON has it."""

        def told(samples: Samples) -> dict[str, object]:
            kinds = ("wall_s", "cpu_s", "flow_s", "peak_mb", "fetched")
            return {
                kind: {"median": samples.median(kind), "runs": samples.all(kind)} for kind in kinds
            }

        return {
            "name": self.row.name,
            "what": self.row.what,
            "against": self.row.against,
            "measure": self.row.measure.name.lower(),
            "goal": self.row.goal,
            "memory_goal_mb": self.row.memory_mb,
            "ratio": self.ratio,
            "ratios": self.ratios,
            "reached": self.reached,
            "bare": told(self.bare),
            "safepip": told(self.ours),
        }


def measure(row: Row, ground: Ground, start: Starter, runs: int) -> Result:
    """Run both commands of *row* in turn, *runs* times (or a multiple) and once more."""
    result = Result(row=row, bare=Samples(), ours=Samples())
    with row.setting(ground) as pair:
        for number in range(runs * row.times + 1):
            for command, samples, who in (
                (pair.bare, result.bare, row.against),
                (pair.ours, result.ours, "safepip"),
            ):
                pair.reset()
                before = pair.index.bytes if pair.index else 0
                sample = start.run(command, what=f"{row.name} ({who})")
                fetched = pair.index.bytes - before if pair.index else 0
                if number:
                    samples.runs.append(replace(sample, fetched=fetched))
    return result


_HEAD = ("row", "measure", "against", "bare", "safepip", "ratio", "spread", "goal", "CPU", "peak")


def render(results: Sequence[Result]) -> str:
    """Give the table for people."""
    lines = [_HEAD, *map(_cells, results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cells(result: Result) -> tuple[str, ...]:
    kind = result.row.measure.value
    shown = "{:.0f} kB" if result.row.measure is Measure.BYTES else "{:.3f} s"
    scale = 1e-3 if result.row.measure is Measure.BYTES else 1.0
    goal = f"≤ {result.row.goal:.2f}"
    if result.row.memory_mb is not None:
        goal += f", ≤ {result.row.memory_mb:.0f} MB"
    return (
        result.row.name,
        result.row.measure.name.lower(),
        result.row.against,
        shown.format(result.bare.median(kind) * scale),
        shown.format(result.ours.median(kind) * scale),
        f"{result.ratio:.2f}",
        f"{min(result.ratios):.2f}-{max(result.ratios):.2f}",
        goal if result.reached else f"{goal} missed",
        f"{result.bare.median('cpu_s'):.2f}/{result.ours.median('cpu_s'):.2f} s",
        f"{result.bare.median('peak_mb'):.0f}/{result.ours.median('peak_mb'):.0f} MB",
    )


def chosen(names: str) -> list[Row]:
    """Give the rows called *names* (a list with commas), all if it is empty.

    Raises:
        SetupError: There is no row of such a name.
    """
    wanted = [name for name in names.split(",") if name]
    known = {row.name: row for row in ROWS}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        message = f"there is no row {unknown[0]}; there are {', '.join(known)}"
        raise SetupError(message)
    return [known[name] for name in wanted] or list(ROWS)


@contextlib.contextmanager
def _ground(source: Path) -> Iterator[tuple[Ground, Starter]]:
    person = find_person()
    with tempfile.TemporaryDirectory(prefix="safepip-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        ground = Ground(folder, person, source)
        try:
            env = ground.variables()
            with starter(person, env, [str(ground.base.executable)]) as start:
                yield ground, start
        finally:
            remove_tree(folder)


def _try(row: Row, ground: Ground, start: Starter, runs: int) -> Result | MissingError | None:
    """Measure *row*; what is missing for it, or None if it went wrong, after a line about that."""
    try:
        return measure(row, ground, start, runs)
    except SetupError as error:
        print(f"scripts.bench: {row.name} is left out: {error}.", file=sys.stderr)
        return error if isinstance(error, MissingError) else None


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say by the status whether what is counted is good enough."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", default="", help="only these: " + ",".join(r.name for r in ROWS))
    parser.add_argument("--runs", type=int, default=5, help="pairs of each row that count (5)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--source", type=Path, default=ROOT / "src", help="another safepip: the folder it lies in"
    )
    given = parser.parse_args(arguments, namespace=_Arguments())
    results: list[Result] = []
    wanted = chosen(given.rows)
    wrong = False
    with _ground(given.source.resolve()) as (ground, start):
        for row in wanted:
            result = _try(row, ground, start, max(1, given.runs))
            wrong = wrong or result is None
            results += [result] if isinstance(result, Result) else []
    if given.json:
        rows = [result.as_json() for result in results]
        print(json.dumps({"schema": 1, "runs": given.runs, "rows": rows}, indent=1))
    elif results:
        print(render(results))
    return 1 if wrong or any(result.fails for result in results) else 0


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except SetupError as error:
        print(f"scripts.bench: {error}.", file=sys.stderr)
        raise SystemExit(1) from None
