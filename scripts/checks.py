"""Lint, types and all tests, in an environment set up when it has to be: ``./scripts/test``."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from scripts import coverage
from scripts.environments import (
    WORKERS,
    SetupError,
    attend,
    create_environment,
    run_quietly,
    runs,
    tool_variables,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
USAGE = """\
usage: ./scripts/test [--set-up] [--long] [--coverage] [--bench] [pytest's arguments]

Sets up .venv (or $SAFEPIP_DEV_ENV), then runs ruff, mypy and pytest, all even if one fails.
  --set-up     set up, and no more
  --long       run the long tests, too: every pip of the row, not only the oldest and the newest
  --coverage   measure branch coverage; a pure folder below 90 % fails
  --bench      measure what safepip adds to pip afterwards
  -k WORD …    and all else goes to pytest: ./scripts/test -k gate
"""
OWN = ("--bench", "--coverage")


def set_up(where: Path) -> Path:
    """Make the environment at *where* hold safepip and its tools; give its Python.

    Nothing is done when it was set up by the same pyproject.toml for the same folder before.

    Raises:
        SetupError: It could not be made, or something else stands there.
    """
    env = tool_variables(os.environ)
    python = where / "bin" / "python"
    stamp = where / ".safepip-dev"
    works = runs(python, "import pip", env=env)
    wanted = _fingerprint()
    if works and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    if where.exists() and any(where.iterdir()) and not (where / "pyvenv.cfg").is_file():
        message = f"{where} is no virtual environment; move it away or set SAFEPIP_DEV_ENV"
        raise SetupError(message)
    _say(f"setting up {where} (Python {sys.version.split()[0]}; a minute or two)")
    if not works:
        create_environment(where, sys.executable, env=env)
    pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet"]
    # --group came with pip 25.1.
    run_quietly([*pip, "--upgrade", "pip>=25.1"], what="upgrading pip", env=env)
    # What of it is imported is compiled then; all of it would take as long as the download.
    tools = [*pip, "--no-compile", "--editable", ROOT, "--group", f"{ROOT / 'pyproject.toml'}:dev"]
    run_quietly(tools, what="installing safepip and its tools", env=env)
    stamp.write_text(wanted, encoding="utf-8")
    return python


def _fingerprint() -> str:
    # An editable install knows the folder, so a moved repository is set up again.
    settings = (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(os.fsencode(ROOT) + b"\0" + settings).hexdigest()


def run_steps(steps: dict[str, Sequence[str | Path]]) -> dict[str, str]:
    """Run every step, one after the other; give for each ``ok``, or how it ended."""
    results: dict[str, str] = {}
    # pytest rewrites every module of the tests; what it made of them halves the next start.
    env = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for name, argv in steps.items():
        _say(f"== {name}")
        words = [str(word) for word in argv]
        status = attend(subprocess.Popen(words, cwd=ROOT, env=env, text=True))
        results[name] = "ok" if status == 0 else f"FAILED ({_how(status)})"
    return results


def _how(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else str(status)


def _say(text: str) -> None:
    # At once, so that it stands before what the step itself prints.
    print(text, flush=True)


def plan_steps(python: Path, arguments: Sequence[str]) -> dict[str, Sequence[str | Path]]:
    """Give what is to be run, in order; tests that were chosen come first."""
    chosen = [word for word in arguments if word not in OWN]
    # A debugger wants the terminal for itself. Workers take over what is left of the other's share:
    # the long tests would otherwise be left to one of them at the end.
    # Each collects all tests, so that a part begins sooner with one less.
    part = set(chosen) - {"--long"}
    workers = str(WORKERS - 1 if part else WORKERS)
    spread = [] if "--pdb" in chosen else ["-n", workers, "--dist", "worksteal"]
    measured = "--coverage" in arguments
    left = coverage.LEFT_OUT if measured else ()
    tests: dict[str, Sequence[str | Path]] = {
        "tests": [python, "-m", "pytest", *spread, *left, *chosen]
    }
    rest: dict[str, Sequence[str | Path]] = {
        "lint": [python, "-m", "ruff", "check", "."],
        "format": [python, "-m", "ruff", "format", "--check", "."],
        "types": [python, "-m", "mypy"],
    }
    steps = {**tests, **rest} if part else {**rest, **tests}
    if measured:
        steps["coverage"] = [python, "-m", "scripts.coverage"]
    if "--bench" in arguments:
        steps["bench"] = [python, "-m", "scripts.bench"]
    return steps


def main(arguments: Sequence[str]) -> int:
    """Set up, run all steps, say in one line how it went; 0 only if every step did well."""
    if "--help" in arguments:
        _say(USAGE)
        return 0
    where = Path(os.environ.get("SAFEPIP_DEV_ENV") or ROOT / ".venv").absolute()
    started = time.monotonic()
    try:
        python = set_up(where)
    except SetupError as error:
        print(f"scripts/test: {error}.", file=sys.stderr)
        return 1
    if "--set-up" in arguments:
        return 0
    results = run_steps(plan_steps(python, arguments))
    told = ", ".join(f"{name} {result}" for name, result in results.items())
    _say(f"scripts/test: {told} ({time.monotonic() - started:.0f} s)")
    return 0 if all(result == "ok" for result in results.values()) else 1


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("scripts/test: interrupted.", file=sys.stderr)
        raise SystemExit(130) from None
