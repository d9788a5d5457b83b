"""Installs into the user site, where pip did not go by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from safepip import runner
from safepip.destinations.job import Carried, neutral_environment, turn
from safepip.machine import distributions
from safepip.policy import landing
from safepip.reading import requests

if TYPE_CHECKING:
    from safepip.destinations.job import Job
    from safepip.model.decisions import Divert


def commands(job: Job, _decision: Divert) -> tuple[tuple[str, ...], ...]:
    """The command that ``carry_out`` would run; nothing is run."""
    words = requests.insert_after_command(job.command, ("--user", *_anew(job)))
    return ((*job.target.argv, *words),)


def carry_out(job: Job, decision: Divert) -> Carried:
    """Run the user's own pip once more, with ``--user``."""
    place = Path(decision.path)
    (argv,) = commands(job, decision)
    with turn(place, job.ledger, job.console):
        before = distributions.contents((place,))
        done = runner.run_inherited(argv, env=neutral_environment(job, user=True))
        after = distributions.contents((place,))
    scripts = job.interpreter.user_scripts
    return Carried(
        returncode=done.returncode,
        interpreter=job.interpreter,
        landed=landing.compare(before.installed, after.installed),
        scripts_dirs=() if scripts is None else (scripts,),
        unfinished=distributions.unfinished(before, after) if done.broken_off else None,
    )


def _anew(job: Job) -> tuple[str, ...]:
    """What keeps a half that pip left in the denied place from counting as installed."""
    if not job.leftovers:
        return ()
    # Before pip 10 --force-reinstall is heard only together with --upgrade.
    old = (job.interpreter.pip_version or ()) < (10,)
    return ("--ignore-installed",) if old else ("--force-reinstall",)
