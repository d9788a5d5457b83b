"""Installs into a virtual environment, and makes it first where there is none.

Making one may be interrupted at any moment. A marker inside it and a record in the ledger, both
with the same token, say that it is ours and unfinished; the next run then makes it anew. One that
safepip did not make is never deleted or made anew.
"""

from __future__ import annotations

import errno
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.destinations import attempt, installers, making
from safepip.destinations.job import Carried, neutral_environment, turn
from safepip.machine import distributions, interpreter
from safepip.machine.environments import look_at_environment
from safepip.machine.search import is_same_file
from safepip.model.environments import EnvironmentState
from safepip.model.errors import CannotCreateError, UnavailableError
from safepip.model.problems import Problem
from safepip.model.reasons import Reason, Why, because
from safepip.policy import landing
from safepip.reading import sentences
from safepip.wording import report

if TYPE_CHECKING:
    from safepip.destinations.installers import Installer
    from safepip.destinations.job import Job
    from safepip.model.decisions import Divert
    from safepip.model.environments import Environment
    from safepip.model.interpreter import Interpreter
    from safepip.state import Ledger


def carry_out(job: Job, decision: Divert) -> Carried:
    """Make the environment if need be, and fill it as the user's own arguments say.

    Raises:
        CannotCreateError: it cannot be made, or is there and broken.
    """
    path = Path(decision.path)
    installer, no_uv = installers.choose(job, path)
    if no_uv is not None:
        job.console.say(report.pip_for_uv(no_uv))
    with turn(path, job.ledger, job.console):
        try:
            inner, made = _ready(job, decision, installer)
        except CannotCreateError as error:
            # What is broken or in the way is for the user to see to, and so is a full disk.
            cause = error.facts.get("why")
            if error.problem is Problem.NO_PIP_INSIDE:
                return Carried(impossible=because(Reason.NO_PIP_GIVEN, path=path, why=cause))
            if error.problem is Problem.CANNOT_MAKE:  # no links on this file system, say
                why = because(Reason.NOT_MADE, path=path, why=cause)
                return Carried(impossible=why, error=error)
            raise
        argv = installer.fill(path)
        places = (inner.purelib.path, inner.platlib.path)
        before = distributions.contents(places)
        # One that sees its Python's packages sees the user site, too: what is there is in no
        # environment, and others who use this one would not have it.
        # Source: CPython, ``Lib/site.py``, ``venv`` (ENABLE_USER_SITE).
        tried = attempt.attempt(job, argv, {**installer.env, "PYTHONNOUSERSITE": "1"})
        done = tried.finished
        after = distributions.contents(places)
        landed = landing.compare(before.installed, after.installed)
        withdrawn = made and not landed
        if withdrawn:
            making.take_away(path, job.ledger)
    lacking = () if done.returncode <= 0 or done.broken_off else attempt.lacking(job, tried)
    if lacking:
        return Carried(
            returncode=done.returncode,
            interpreter=inner,
            impossible=because(Reason.LACKS, path=path, names=lacking),
            lacking=lacking,
            held=tried.held,
        )
    attempt.show(tried.held)
    # With the environment all that was begun in it is gone.
    undone = distributions.Unfinished() if withdrawn else distributions.unfinished(before, after)
    return Carried(
        returncode=done.returncode,
        interpreter=inner,
        landed=landed,
        scripts_dirs=(inner.scripts.path,),
        unfinished=undone if done.broken_off else None,
        withdrawn=withdrawn,
        idle=not landed
        and done.returncode == 0
        and tried.watched
        and isinstance(installer, installers.ByPip)
        and not any(words in tried.said for words in sentences.SATISFIED),
    )


def commands(job: Job, decision: Divert) -> tuple[tuple[str, ...], ...]:
    """The commands that ``carry_out`` would run, in order; nothing is run.

    Raises:
        CannotCreateError: it is there and broken, or something else is.
    """
    path = Path(decision.path)
    installer, _ = installers.choose(job, path)
    environment = look(path, job.ledger)
    if environment.is_to_be_made:
        return (installer.make(path), installer.fill(path))
    if environment.state is not EnvironmentState.USABLE and not _is_active(decision):
        raise _broken(environment)
    return (installer.fill(path),)


def _ready(job: Job, decision: Divert, installer: Installer) -> tuple[Interpreter, bool]:
    """The interpreter of the environment, and whether that had to be made for it.

    To be called with the turn for its path held.

    Raises:
        CannotCreateError: it cannot be made, or is there and broken.
    """
    path = Path(decision.path)
    # Somebody may have made it, or begun to, since the decision.
    environment = look(path, job.ledger)
    missing = environment.is_to_be_made
    if missing:
        job.console.say(report.making(path))
        made_so = making.Making(
            argv=installer.make(path),
            python=job.interpreter,
            env=installer.env,
            cache_dir=job.settings.cache_dir,
            ledger=job.ledger,
            sees=job.sees,
        )
        try:
            with job.console.busy(report.BUSY_MAKING.format(path=path)):
                making.create(path, made_so)
        except CannotCreateError:
            # Somebody who takes no turns may have been faster; then that is what counts.
            environment, missing = look(path, job.ledger), False
            if environment.is_to_be_made:
                raise
    usable = environment.state is EnvironmentState.USABLE
    if not (missing or usable or _is_active(decision)):
        raise _broken(environment)
    python = userpip.environment_python(str(path))
    if python is None:
        raise _broken(environment, why=because(Reason.DOES_NOT_START))
    try:
        inner = interpreter.look_at_interpreter((python,), neutral_environment(job))
    except UnavailableError as error:
        why = error.facts.get("why")
        if isinstance(why, Why) and _is_passing(why.facts.get("words")):
            raise
        raise _broken(environment, why=why) from error
    if not (missing or usable or is_same_file(path, inner.prefix)):
        raise _broken(environment)
    return inner, missing


def _is_active(decision: Divert) -> bool:
    """Whether the user activated it: then it need not be a virtual one (conda's), nor trusted."""
    return decision.reason.reason is Reason.ACTIVE


def _is_passing(failure: object) -> bool:
    """Whether *failure* says that the machine, or the user, has too much open or running now."""
    passing = {errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM}
    return isinstance(failure, OSError) and failure.errno in passing


def look(path: Path, ledger: Ledger) -> Environment:
    """The state of the environment at *path*, as far as the ledger knows it."""
    return look_at_environment(
        path, inside=None, made_by_us=ledger.made(path), unfinished=ledger.is_unfinished(path)
    )


def _broken(environment: Environment, *, why: object = None) -> CannotCreateError:
    problem, name = Problem.BROKEN, f"{environment.path}.broken"
    if environment.state is EnvironmentState.OCCUPIED:
        problem, name = Problem.IN_THE_WAY, f"{environment.path}.old"
    return CannotCreateError(
        problem,
        path=environment.path,
        detail=why or environment.detail,
        move=shlex.join(("mv", str(environment.path), name)),
    )
