"""Installs into a virtual environment, and makes it first where there is none.

Making one may be interrupted at any moment. A marker inside it and a record in the ledger, both
with the same token, say that it is ours and unfinished; the next run then makes it anew. One that
safepip did not make is never deleted or made anew.
"""

from __future__ import annotations

import contextlib
import secrets
import shlex
import shutil
import tempfile
import zipfile
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip import runner, userpip
from safepip.destinations import uv
from safepip.destinations.job import Carried, neutral_environment
from safepip.machine import distributions, interpreter, paths
from safepip.machine.project import look_at_environment
from safepip.model.decisions import EnvironmentState
from safepip.model.errors import BrokenOffError, CannotCreateError
from safepip.policy import landing
from safepip.state import MARKER
from safepip.wording import report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.destinations.job import Job
    from safepip.model.decisions import Divert, Environment, Interpreter
    from safepip.state import Ledger

_CREATABLE = frozenset({EnvironmentState.MISSING, EnvironmentState.UNFINISHED})
_MAKE_TIMEOUT_S = 600.0


def carry_out(job: Job, decision: Divert) -> Carried:
    """Make the environment if need be, and run its pip with the user's own arguments.

    Raises:
        CannotCreateError: it cannot be made, or is there and broken.
    """
    path = Path(decision.path)
    with job.ledger.lock(path, on_wait=partial(job.console.say, report.waiting(path))):
        interpreter = ready(job, path)
        env = neutral_environment(job)
        argv = _filling(job, interpreter, path)
        places = (interpreter.purelib.path, interpreter.platlib.path)
        before = distributions.contents(places)
        done = runner.run_inherited(argv, env=env)
        after = distributions.contents(places)
    return Carried(
        returncode=done.returncode,
        interpreter=interpreter,
        landed=landing.compare(before.installed, after.installed),
        scripts_dirs=(interpreter.scripts.path,),
        unfinished=distributions.unfinished(before, after) if done.broken_off else None,
    )


def _filling(job: Job, interpreter: Interpreter, path: Path) -> tuple[str, ...]:
    """The command that installs into the environment at *path*."""
    found = uv.find_uv(job, path)
    if found is not None:
        by_uv = uv.filling(found, job, str(interpreter.executable))
        if by_uv is not None:
            return by_uv
    return (*pip_of(interpreter, path), *job.command.argv)


def commands(job: Job, decision: Divert) -> tuple[tuple[str, ...], ...]:
    """The commands that ``carry_out`` would run, in order; nothing is run."""
    path = Path(decision.path)
    scripts = path / userpip.SCRIPTS
    python = userpip.environment_python(str(path)) or str(scripts / "python")
    found = uv.find_uv(job, path)
    filling = None if found is None else uv.filling(found, job, python)
    if look(path, job.ledger).state in _CREATABLE:
        pip = (str(scripts / "pip"), *job.command.argv)
        return (_making(job, path), filling or pip)
    if filling is not None:
        return (filling,)
    script = userpip.environment_script(str(path), "pip")
    if script is not None:
        return ((script, *job.command.argv),)
    served = userpip.served_by_own_pip([python])
    return ((*served.argv, *job.command.argv),) if served is not None else ()


def ready(job: Job, path: Path) -> Interpreter:
    """The interpreter of the environment at *path*, which is made where it is missing.

    To be called with the turn for *path* held.

    Raises:
        CannotCreateError: it cannot be made, or is there and broken.
    """
    # Somebody may have made it, or begun to, since the decision.
    environment = look(path, job.ledger)
    if environment.state in _CREATABLE:
        job.console.say(report.making(path))
        create(path, _making(job, path), env=neutral_environment(job), ledger=job.ledger)
    elif environment.state is not EnvironmentState.USABLE:
        raise _broken(environment)
    python = userpip.environment_python(str(path))
    env = neutral_environment(job)
    done = runner.capture([str(python), "-c", ""], env=env, timeout_s=interpreter.PROBE_TIMEOUT_S)
    if python is None or done.returncode != 0:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _broken(
            environment, why=done.problem or (words[-1] if words else "it does not start")
        )
    return interpreter.look_at_interpreter((python,), env)


def look(path: Path, ledger: Ledger) -> Environment:
    """The state of the environment at *path*, as far as the ledger knows it."""
    return look_at_environment(
        path, inside=None, made_by_us=ledger.made(path), unfinished=ledger.is_unfinished(path)
    )


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
        what = f"cannot make a virtual environment in {path}"
        raise CannotCreateError(what, why=error.strerror or str(error)) from error
    try:
        _fill(path, making, env)
        ledger.finish_making(path)
        (path / MARKER).unlink()
    except CannotCreateError:
        shutil.rmtree(path, ignore_errors=True)
        raise
    except KeyboardInterrupt:
        what = f"making the virtual environment in {path} was interrupted"
        why = "no package was installed; the next install there makes it anew"
        raise BrokenOffError(what, why=why) from None


def _fill(path: Path, making: Sequence[str], env: Mapping[str, str]) -> None:
    made = runner.capture(making, env=env, timeout_s=_MAKE_TIMEOUT_S)
    if made.returncode != 0:
        what = f"{making[0]} cannot make a virtual environment in {path}"
        raise CannotCreateError(what, why=made.why)
    inner = userpip.environment_python(str(path))
    if inner is None:
        what = f"{making[0]} made no working virtual environment in {path}"
        raise CannotCreateError(what)
    problem = _give_own_pip(inner, env)
    if problem is not None:
        other = _give_bundled_pip(inner, env)
        # On a full disk half of the first may be there, and ensurepip be content with that.
        problem = None if other is None and _holds_pip(path) else f"{problem}; ensurepip: {other}"
    if problem is not None:
        what = f"{path} could not be given a pip"
        raise CannotCreateError(what, why=problem)


def by_python(python: str, path: Path) -> tuple[str, ...]:
    """The command by which *python* makes an environment without pip at *path*.

    ``-I``: neither the working directory nor PYTHONPATH may stand in for the standard library.
    Without pip, since ensurepip is missing on Debian unless python3-venv is installed.
    """
    return (python, "-I", "-m", "venv", "--without-pip", str(path))


def _making(job: Job, path: Path) -> tuple[str, ...]:
    found = uv.find_uv(job, path)
    if found is not None:
        return uv.making(found, job.interpreter.argv, path)
    return by_python(job.interpreter.argv[0], path)


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


def pip_of(interpreter: Interpreter, path: Path) -> tuple[str, ...]:
    """How to start pip in the environment at *path*, which need not hold one.

    Raises:
        CannotCreateError: it holds none, and safepip's own does not serve its Python.
    """
    if interpreter.pip_version is not None:
        script = userpip.environment_script(str(path), "pip")
        if script is not None:
            return (script,)
        return (*interpreter.argv, "-m", "pip")
    target = userpip.served_by_own_pip(interpreter.argv)
    if target is None or interpreter.version < (3, 8):
        what = f"{path} holds no pip, and safepip's own does not serve its Python"
        raise CannotCreateError(what, why=f"Python {interpreter.version_text}")
    return target.argv


def _broken(environment: Environment, *, why: str = "") -> CannotCreateError:
    path = environment.path
    if environment.state is EnvironmentState.OCCUPIED:
        what = f"{path} is in the way: {environment.detail}, so no virtual environment can be there"
        return CannotCreateError(what, do=f"{_moved(path, 'old')}   # then once more")
    what = f"the virtual environment {path} is broken ({why or environment.detail})"
    return CannotCreateError(
        what, do=f"{_moved(path, 'broken')}   # then once more: a new one is made"
    )


def _moved(path: PurePath, how: str) -> str:
    return shlex.join(("mv", str(path), f"{path}.{how}"))
