"""Installs into the user site, where pip did not go by itself."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip.destinations import attempt
from safepip.destinations.job import Carried, fetched, neutral_environment, turn
from safepip.machine import distributions
from safepip.model.reasons import Reason, because
from safepip.policy import landing
from safepip.reading import requests, sentences
from safepip.reading.sentences import DENIED

if TYPE_CHECKING:
    from safepip.destinations.attempt import Attempt
    from safepip.destinations.job import Job
    from safepip.model.decisions import Divert


def commands(job: Job, _decision: Divert) -> tuple[tuple[str, ...], ...]:
    """The command that ``carry_out`` would run; nothing is run."""
    anew: tuple[str, ...] = ()
    if job.leftovers:  # a half that pip left in the denied place must not count as installed
        # Before pip 10 --force-reinstall is heard only together with --upgrade.
        old = (job.interpreter.pip_version or ()) < (10,)
        anew = ("--ignore-installed",) if old else ("--force-reinstall",)
    words = requests.insert_after_command(job.command, ("--user", *anew, *fetched(job)))
    return ((*job.target.argv, *words),)


def carry_out(job: Job, decision: Divert) -> Carried:
    """Run the user's own pip, with ``--user``; denied there, it gives way to the next place."""
    place = Path(decision.path)
    (argv,) = commands(job, decision)
    with turn(place, job.ledger, job.console):
        before = distributions.contents((place,))
        # The report says what is off PATH, and how to change that: pip need not.
        env = {**neutral_environment(job, user=True), "PIP_NO_WARN_SCRIPT_LOCATION": "1"}
        tried = attempt.attempt(job, argv, env, DENIED)
        done = tried.finished
        after = distributions.contents((place,))
        denied = _denied(job, tried)
        if denied is not None:
            names = _to_be_installed(tried)
            distributions.remove_halves(before.installed, after.installed, names)
            why = because(Reason.NOT_WRITABLE, path=denied)
            return Carried(returncode=done.returncode, impossible=why, held=tried.held)
    attempt.show(tried.held)
    scripts = job.interpreter.user_scripts
    return Carried(
        returncode=done.returncode,
        interpreter=job.interpreter,
        landed=landing.compare(before.installed, after.installed),
        scripts_dirs=() if scripts is None else (scripts,),
        unfinished=distributions.unfinished(before, after) if done.broken_off else None,
    )


def _denied(job: Job, tried: Attempt) -> str | None:
    """The place below the user base that pip was denied; None if it was not that."""
    base = job.interpreter.user_base
    if tried.finished.returncode <= 0 or tried.finished.broken_off or base is None:
        return None
    path = sentences.denied_path(tried.said)
    return path if path is not None and PurePath(path).is_relative_to(base) else None


def _to_be_installed(tried: Attempt) -> list[str]:
    """What this pip said it would install."""
    lines = [one for one in tried.said.splitlines() if one.startswith(sentences.INSTALLING)]
    return [name for line in lines for name in sentences.names_to_install(line)]
