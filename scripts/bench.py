"""What safepip adds to pip, measured in one run: ``python -m scripts.bench [--json]``.

Bare pip and safepip take turns, so that a machine that is busy for a while slows both; what counts
is the ratio. Nothing is fetched: the wheel to install is made here.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.environments import SetupError, create_environment, run_quietly, tool_variables

if TYPE_CHECKING:
    from collections.abc import Sequence

DIST_INFO = "safepip_bench_sample-1.dist-info"


class _Arguments(argparse.Namespace):
    rounds: int
    json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One command by bare pip and by safepip; medians in seconds."""

    command: str
    pip_s: float
    safepip_s: float

    @property
    def ratio(self) -> float:
        """How many times as long safepip takes."""
        return self.safepip_s / self.pip_s

    @property
    def added_ms(self) -> float:
        """How many milliseconds safepip adds."""
        return (self.safepip_s - self.pip_s) * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Imports:
    """How many modules Python loads before pip has the word."""

    python: int
    """By a program that does nothing."""
    safepip: int
    """By safepip on its way to ``list``."""
    own: tuple[str, ...]
    """Those of them that are safepip's."""


def measure(
    command: Sequence[str], *, programs: Sequence[Sequence[str]], env: dict[str, str], rounds: int
) -> Measurement:
    """Run *command* by both *programs* (bare pip, safepip) in turns."""
    times: tuple[list[float], list[float]] = ([], [])
    # One round more than is counted: the first one fills caches.
    for number in range(rounds + 1):
        for program, taken in zip(programs, times, strict=True):
            started = time.perf_counter()
            run_quietly([*program, *command], what=f"{program[0]} {command[0]}", env=env)
            if number:
                taken.append(time.perf_counter() - started)
    pip_s, safepip_s = map(statistics.median, times)
    shown = "install (watched)" if command[0] == "install" else " ".join(command)
    return Measurement(command=shown, pip_s=pip_s, safepip_s=safepip_s)


def count_imports(safepip: Path, env: dict[str, str]) -> Imports:
    """Count the modules loaded until pip takes over; exec starts a Python that reports nothing."""
    plain = _imported([sys.executable, "-X", "importtime", "-c", "pass"], env)
    loaded = _imported([sys.executable, "-X", "importtime", str(safepip), "list"], env)
    own = sorted(name for name in loaded if name.split(".")[0] == "safepip")
    return Imports(python=len(plain), safepip=len(loaded), own=tuple(own))


def _imported(argv: Sequence[str], env: dict[str, str]) -> list[str]:
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return [line.rpartition("|")[2].strip() for line in lines[1:]]


def write_wheel(folder: Path) -> Path:
    """Write the smallest wheel that pip installs."""
    wheel = folder / "safepip_bench_sample-1-py3-none-any.whl"
    members = {
        "safepip_bench_sample.py": "",
        f"{DIST_INFO}/METADATA": "Metadata-Version: 2.1\nName: safepip-bench-sample\nVersion: 1\n",
        f"{DIST_INFO}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in (*members, f"{DIST_INFO}/RECORD"))
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in (members | {f"{DIST_INFO}/RECORD": record}).items():
            archive.writestr(name, text)
    return wheel


def render(measurements: Sequence[Measurement], imports: Imports, rounds: int) -> str:
    """Give the table for people."""
    lines = [f"{'median of ' + str(rounds):<22}{'pip':>9}{'safepip':>9}{'ratio':>8}{'added':>9}"]
    lines += [
        f"{each.command:<22}{each.pip_s:>7.3f} s{each.safepip_s:>7.3f} s"
        f"{each.ratio:>8.2f}{each.added_ms:>6.0f} ms"
        for each in measurements
    ]
    lines.append(
        f"modules before pip: {imports.safepip} (Python alone: {imports.python};"
        f" safepip's own: {', '.join(imports.own)})"
    )
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="counted runs of each (7)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    given = parser.parse_args(arguments, namespace=_Arguments())
    safepip = Path(sys.executable).parent / "safepip"
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "env"
        create_environment(where, sys.executable, env=tool_variables(os.environ))
        wheel = write_wheel(Path(folder))
        pip = where / "bin" / "pip"
        env = {
            "HOME": folder,
            "TMPDIR": folder,
            "PATH": f"{where / 'bin'}:/usr/bin:/bin",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        install = ["install", "--no-index", "--no-deps", "--force-reinstall", str(wheel)]
        measurements = [
            measure(command, programs=[[str(pip)], [str(safepip)]], env=env, rounds=given.rounds)
            for command in (["--version"], ["list"], install)
        ]
        imports = count_imports(safepip, env)
    if given.json:
        rows = [asdict(m) | {"ratio": m.ratio, "added_ms": m.added_ms} for m in measurements]
        told = {"schema": 1, "rounds": given.rounds, "runs": rows, "imports": asdict(imports)}
        print(json.dumps(told, indent=2))
    else:
        print(render(measurements, imports, given.rounds))
    return 0


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except SetupError as error:
        print(f"scripts.bench: {error}.", file=sys.stderr)
        raise SystemExit(1) from None
