"""Virtual environments for working on safepip, made on machines that lack half of what it takes."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MISSING_ENSUREPIP = (
    "this Python ({python}) has neither ensurepip nor pip, so it cannot make a working environment;"
    " install its venv package (Debian, Ubuntu: python3-venv) and run this again"
)


WORKERS = min(4, (os.cpu_count() or 2) + 1)
"""How many tests are run at a time: one more than processors, since one of them often waits."""

PATIENCE_S = 10
"""How long a program may take to end by itself."""

# An emptied directory can be imported as well, so ask for something in it.
IMPORT_ENSUREPIP = "from ensurepip import version"


class SetupError(Exception):
    """Setting up cannot go on; the text is one sentence for the person who started it."""


def tool_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Give the variables for our own pip runs: the machine's index settings stay, places go.

    ``user = true`` or a target directory in somebody's settings would send what belongs into
    our environment elsewhere.
    """
    places = {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"}
    kept = {name: value for name, value in environ.items() if name not in places}
    return kept | {
        "PIP_USER": "0",
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def run_quietly(argv: Sequence[str | Path], *, what: str, env: Mapping[str, str]) -> str:
    """Run *argv* and give its output; *what* names it in the sentence that tells of a failure.

    Raises:
        SetupError: It did not end with status 0.
    """
    command = [str(word) for word in argv]
    try:
        done = subprocess.run(
            command,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        message = f"{what} failed: {command[0]} cannot be started ({error.strerror})"
        raise SetupError(message) from error
    if done.returncode:
        raise SetupError(describe_failure(what, done.stdout, done.returncode))
    return done.stdout


def attend(process: subprocess.Popen[str]) -> int:
    """Wait for *process*, which has the terminal; give its status. On Ctrl-C it ends by itself."""
    try:
        return process.wait()
    except BaseException as stop:
        # The terminal told it, too, on Ctrl-C; nobody else did on SIGTERM.
        if not isinstance(stop, KeyboardInterrupt):
            process.terminate()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise


def describe_failure(what: str, output: str, status: int) -> str:
    """Say in one sentence why *what* failed: in the last error that pip or venv printed."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(?i)(error|fatal)\b", line)]
    told = (errors or lines or [f"status {status}"])[-1]
    without_passwords = re.sub(r"//[^/@\s]+@", "//", told)
    return f"{what} failed: {without_passwords.rstrip('.')}"


def runs(python: str | Path, statement: str, *, env: Mapping[str, str]) -> bool:
    """Tell whether *python* starts and carries out *statement*."""
    try:
        done = subprocess.run(
            [str(python), "-c", statement],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def create_environment(
    where: Path, python: str | Path, *, env: Mapping[str, str], options: Sequence[str] = ()
) -> Path:
    """Make a virtual environment with a working pip at *where*; give its Python.

    What stands there is emptied first. *options* go to ``python -m venv``. Debian's Python has
    venv but no ensurepip until python3-venv is installed: then any pip at hand brings one in.

    Raises:
        SetupError: There is no venv, or no pip to be had.
    """
    what = f"making the environment {where}"
    made = where / "bin" / "python"
    if not runs(python, "import venv", env=env):
        raise SetupError(MISSING_ENSUREPIP.format(python=python))
    bare = not runs(python, IMPORT_ENSUREPIP, env=env)
    words = [python, "-m", "venv", "--clear", *options, *(["--without-pip"] if bare else []), where]
    run_quietly(words, what=what, env=env)
    if bare:
        _bring_pip(made, python, env=env)
    # Not for git, nor for ruff; newer Pythons write this themselves.
    (where / ".gitignore").write_text("*\n", encoding="utf-8")
    return made


def _bring_pip(target: Path, python: str | Path, *, env: Mapping[str, str]) -> None:
    helpers = [str(python), sys.executable, shutil.which("python3") or sys.executable]
    helper = next((each for each in helpers if runs(each, "import pip", env=env)), None)
    if helper is None:
        raise SetupError(MISSING_ENSUREPIP.format(python=python))
    what = f"fetching pip for {target.parent.parent}"
    with tempfile.TemporaryDirectory() as folder:
        # A wheel of pip can be run where it lies, so this works with every helper's version.
        fetch = [helper, "-m", "pip", "download", "--no-deps", "--dest", folder, "pip"]
        run_quietly(fetch, what=what, env=env)
        wheel = next(Path(folder).glob("pip-*.whl"))
        install: list[str | Path] = [target, wheel / "pip", "install", "--no-index", wheel]
        run_quietly(install, what=what, env=env)


def remove_tree(path: Path) -> None:
    """Remove *path* and all below it, write-protected directories too; fine if it is not there."""
    folders = [path] if path.is_dir() and not path.is_symlink() else []
    while folders:
        folder = folders.pop()
        with contextlib.suppress(OSError):  # gone meanwhile, or somebody else's
            if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                folder.chmod(0o700)
            folders += [
                Path(one) for one in os.scandir(folder) if one.is_dir(follow_symlinks=False)
            ]
    shutil.rmtree(path, ignore_errors=True)
