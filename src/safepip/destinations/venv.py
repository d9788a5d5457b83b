"""Installs into a virtual environment, and makes it first where there is none.

Making one may be interrupted at any moment. A marker inside it and a record in the ledger, both
with the same token, say that it is ours and unfinished; the next run then makes it anew. One that
safepip did not make is never deleted or made anew.
"""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip import runner, userpip
from safepip.destinations import uv
from safepip.destinations.job import Carried, neutral_environment
from safepip.machine import distributions, interpreter
from safepip.machine.environments import look_at_environment
from safepip.model.environments import EnvironmentState
from safepip.model.errors import CannotCreateError
from safepip.model.problems import Problem
from safepip.policy import landing
from safepip.wording import report

if TYPE_CHECKING:
    from safepip.destinations.job import Job
    from safepip.model.decisions import Divert
    from safepip.model.environments import Environment
    from safepip.model.interpreter import Interpreter
    from safepip.state import Ledger

from safepip.destinations.making import by_python, create

_CREATABLE = frozenset({EnvironmentState.MISSING, EnvironmentState.UNFINISHED})


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


def _making(job: Job, path: Path) -> tuple[str, ...]:
    found = uv.find_uv(job, path)
    if found is not None:
        return uv.making(found, job.interpreter.argv, path)
    return by_python(job.interpreter.argv[0], path)


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
        version = interpreter.version_text
        raise CannotCreateError(Problem.PIP_TOO_NEW, path=path, version=version)
    return target.argv


def _broken(environment: Environment, *, why: str = "") -> CannotCreateError:
    path, detail = environment.path, why or environment.detail
    if environment.state is EnvironmentState.OCCUPIED:
        move = _moved(path, "old")
        return CannotCreateError(Problem.IN_THE_WAY, path=path, detail=detail, move=move)
    move = _moved(path, "broken")
    return CannotCreateError(Problem.BROKEN, path=path, detail=detail, move=move)


def _moved(path: PurePath, how: str) -> str:
    return shlex.join(("mv", str(path), f"{path}.{how}"))
