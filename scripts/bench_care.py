"""Measures `where` and `doctor` with many environments: `python scripts/bench_care.py`.

Each environment holds 200 distributions, as metadata on disk; safepip knows of them by its history
and from pipx. The median of five runs each, CPU and wall clock, with what is asked of the disk in
memory. Ends with 1 where 100 environments take a second of CPU or more.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DISTRIBUTIONS = 200
RUNS = 5
LIMIT_S = 1.0


def _environment(path: Path) -> None:
    site = path / "lib/python3.12/site-packages"
    site.mkdir(parents=True)
    (path / "bin").mkdir()
    (path / "bin/python").symlink_to(sys.executable)
    (path / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).parent}\nversion = 3.12.1\n")
    for number in range(DISTRIBUTIONS):
        name = f"package_{number}"
        (site / name).mkdir()
        info = site / f"{name}-1.{number}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.{number}\n"
        )
        (info / "INSTALLER").write_text("pip\n")
        (info / "RECORD").write_text(f"{info.name}/METADATA,,\n")


def _line(number: int, path: Path) -> str:
    return json.dumps(
        {
            "id": number,
            "time": "2026-01-01T00:00:00Z",
            "command": ["install", "x"],
            "cwd": "/",
            "trigger": "externally-managed",
            "rule": "project",
            "strategy": "venv",
            "destination": str(path),
            "python": sys.executable,
            "pip": [],
            "created": True,
            "undone": False,
            "moved": [],
        }
    )


def _home(folder: Path, number: int) -> dict[str, str]:
    """A home with *number* environments; the variables that make it the user's."""
    state = folder / ".local/state/safepip"
    state.mkdir(parents=True)
    lines = []
    for at in range(number):
        kind = "projects" if at % 2 else ".local/share/pipx/venvs"
        path = folder / kind / f"env{at}"
        _environment(path)
        lines.append(_line(at + 1, path))
    (state / "history.jsonl").write_text("\n".join(lines) + "\n")
    programs = f"{sys.base_prefix}/bin:/usr/bin:/bin"
    return {"HOME": str(folder), "PATH": programs, "LANG": "C.UTF-8"}


def _median(words: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Seconds of CPU and of the clock."""
    command = [sys.executable, "-c", "import sys; from safepip import cli; sys.exit(cli.main())"]
    cpu, wall = [], []
    for _ in range(RUNS + 1):
        begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*command, *words], env=env, cwd="/", check=False, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall.append(time.perf_counter() - begun)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(cpu[1:]), statistics.median(wall[1:])


def main() -> int:
    """Print the table."""
    slow = False
    verbs = (["where"], ["where", "package-7"], ["doctor"])
    print("environments  " + "  ".join(f"{' '.join(words):>20}" for words in verbs))
    for number in (1, 25, 50, 100):
        with tempfile.TemporaryDirectory() as folder:
            env = _home(Path(folder), number)
            times = [_median(words, env) for words in verbs]
        slow |= number == 100 and max(cpu for cpu, _ in times) >= LIMIT_S
        shown = (f"{cpu:.2f} s ({wall:.2f} s)" for cpu, wall in times)
        print(f"{number:>12}  " + "  ".join(f"{one:>20}" for one in shown), flush=True)
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
