"""Makes new virtual environments, whole or not at all."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from safepip import runner, userpip
from safepip.machine import distributions, paths
from safepip.model.errors import BrokenOffError, CannotCreateError
from safepip.model.problems import Problem
from safepip.state import MARKER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.state import Ledger

_MAKE_TIMEOUT_S = 600.0


def create(path: Path, making: Sequence[str], *, env: Mapping[str, str], ledger: Ledger) -> None:
    """Make a virtual environment with a working pip at *path*, ignored by git.

    *making*: the command that makes one without pip (``by_python``).

    Raises:
        CannotCreateError: it cannot be made; nothing is left then.
        BrokenOffError: the user interrupted it; the next run mends what is left.
    """
    token = secrets.token_hex(16)
    unfinished = ledger.is_unfinished(path)
    ours = unfinished or not paths.is_dir(path)
    try:
        if unfinished:
            shutil.rmtree(path)
        ledger.begin_making(path, token)
        path.mkdir(parents=True, exist_ok=True)
        # Before anything else: from here on an interruption leaves what the next run mends, and
        # what git does not show.
        (path / MARKER).write_text(token, encoding="utf-8")
        (path / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as error:
        if ours:
            shutil.rmtree(path, ignore_errors=True)
        why = error.strerror or str(error)
        raise CannotCreateError(Problem.CANNOT_MAKE, path=path, why=why) from error
    try:
        _fill(path, making, env)
        ledger.finish_making(path)
        (path / MARKER).unlink()
    except CannotCreateError:
        shutil.rmtree(path, ignore_errors=True)
        raise
    except KeyboardInterrupt:
        raise BrokenOffError(Problem.INTERRUPTED_MAKING, path=path) from None


def _fill(path: Path, making: Sequence[str], env: Mapping[str, str]) -> None:
    made = runner.capture(making, env=env, timeout_s=_MAKE_TIMEOUT_S)
    if made.returncode != 0:
        raise CannotCreateError(Problem.CANNOT_MAKE, path=path, why=made.why)
    inner = userpip.environment_python(str(path))
    if inner is None:
        raise CannotCreateError(Problem.MADE_NOTHING, path=path, program=making[0])
    problem = _give_own_pip(inner, env)
    if problem is not None:
        other = _give_bundled_pip(inner, env)
        # On a full disk half of the first may be there, and ensurepip be content with that.
        problem = None if other is None and _holds_pip(path) else f"{problem}; ensurepip: {other}"
    if problem is not None:
        raise CannotCreateError(Problem.NO_PIP_INSIDE, path=path, why=problem)


def by_python(python: str, path: Path) -> tuple[str, ...]:
    """The command by which *python* makes an environment without pip at *path*.

    ``-I``: neither the working directory nor PYTHONPATH may stand in for the standard library.
    Without pip, since ensurepip is missing on Debian unless python3-venv is installed.
    """
    return (python, "-I", "-m", "venv", "--without-pip", str(path))


def _holds_pip(path: Path) -> bool:
    """Whether there is a pip in the environment at *path*, and all of it."""
    found = distributions.installed(distributions.site_dirs(path)).values()
    return any(one.name == "pip" and one.complete for one in found)


def _give_own_pip(inner: str, env: Mapping[str, str]) -> str | None:
    """Install the pip that safepip depends on into the environment of *inner*, without network.

    Returns why that did not work; None if it did.
    """
    with contextlib.ExitStack() as stack:
        try:
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="safepip-"))
        except OSError as error:
            return error.strerror or str(error)
        wheel = own_pip_wheel(Path(directory))
        if wheel is None:
            return "safepip's own pip cannot be copied"
        # Not from the wheel itself, as ensurepip does it: nothing in there is compiled.
        served = userpip.served_by_own_pip([inner, "-I"])
        if served is None:
            return "safepip's own pip is gone"
        words = ["--isolated", "--disable-pip-version-check", "install", "--no-index", "--no-deps"]
        done = runner.capture(
            [*served.argv, *words, "--no-cache-dir", "--no-compile", str(wheel)],
            env=env,
            timeout_s=_MAKE_TIMEOUT_S,
        )
    return None if done.returncode == 0 else done.why


def _give_bundled_pip(inner: str, env: Mapping[str, str]) -> str | None:
    """For Pythons that today's pip no longer serves: the pip that came with them."""
    done = runner.capture(
        [inner, "-I", "-m", "ensurepip", "--upgrade", "--default-pip"],
        env=env,
        timeout_s=_MAKE_TIMEOUT_S,
    )
    return None if done.returncode == 0 else done.why


def own_pip_wheel(directory: Path) -> Path | None:
    """A wheel in *directory*, packed again from the installed pip that safepip depends on.

    None where that pip is no ordinary installation (a distribution's may be in pieces).
    """
    own = userpip.own_pip_dir()
    if own is None:
        return None
    site = Path(own).parent
    installed = distributions.installed((site,)).values()
    pip = next((d for d in installed if d.name == "pip" and d.complete), None)
    if pip is None:
        return None
    info = pip.metadata.name
    left_out = {
        f"{info}/{name}" for name in ("INSTALLER", "REQUESTED", "direct_url.json", "RECORD")
    }
    files = [
        relative
        for relative in distributions.recorded(pip)
        if relative.startswith(("pip/", f"{info}/"))
        and not relative.endswith(".pyc")
        and relative not in left_out
    ]
    wheel = directory / f"pip-{pip.version}-py3-none-any.whl"
    try:
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_STORED) as archive:
            for relative in files:
                archive.writestr(relative, (site / relative).read_bytes())
            archive.writestr(
                f"{info}/RECORD", "".join(f"{f},,\n" for f in (*files, f"{info}/RECORD"))
            )
    except OSError:
        return None
    return wheel
