"""``plan``: what an install would meet here, what safepip would do, and why; changes nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from safepip import console, settings
from safepip.destinations import pipx, user, venv
from safepip.flow import watching
from safepip.flow.situation import Situation
from safepip.model.decisions import DestinationKind, Divert, RunAsGiven
from safepip.model.errors import UnavailableError
from safepip.model.triggers import TriggerName
from safepip.reading import arguments, secrets
from safepip.reading.sentences import DEFAULTING
from safepip.wording import json as wording_json
from safepip.wording import plan as wording_plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.model.applications import Application
    from safepip.model.decisions import Decision
    from safepip.model.triggers import Trigger
    from safepip.userpip import PipTarget

_PLANNERS = {
    DestinationKind.VENV: venv.commands,
    DestinationKind.USER: user.commands,
    DestinationKind.PIPX: pipx.commands,
}

# Met late, when pip is about to write; before that it may turn out that nothing is to be done.
_BY_WRITING = frozenset({TriggerName.DEFAULT_TO_USER, TriggerName.PERMISSION_DENIED})


def run(
    words: Sequence[str], options: Mapping[str, str], env: Mapping[str, str], target: PipTarget
) -> int:
    """Print what ``safepip WORDS`` would do and return the exit status.

    Raises:
        SafepipError: the user's Python cannot be looked at, or settings are wrong.
    """
    as_json = "--json" in words
    words = [word for word in words if word != "--json"]
    chosen = settings.merge(options, env)
    if not arguments.is_install_to_watch(words, env):
        plan = wording_plan.Plan(
            decision=RunAsGiven(reason="only an install that pip cannot write is ever diverted"),
            commands=((*target.argv, *words),),
        )
    else:
        try:
            here = Situation(words, chosen, env, target)
        except OSError as error:
            what = "there is no working directory to install from"
            raise UnavailableError(what, why=error.strerror or str(error)) from error
        plan = _plan(here)
    if as_json:
        text = json.dumps(wording_json.envelope("plan", wording_json.plan_json(plan)), indent=1)
    else:
        text = "\n".join(wording_plan.plan(plan))
    console.show(secrets.redact(text))
    return 0


def _plan(here: Situation) -> wording_plan.Plan:
    trigger, reason = _meet(here)
    decision: Decision
    applications: tuple[Application, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ((*here.target.argv, *here.command.argv),)
    if trigger is None:
        decision = RunAsGiven(reason=reason)
    else:
        decision = here.decide(trigger)
        applications = here.facts(trigger).applications or here.applications()
    to_user = isinstance(decision, Divert) and decision.destination is DestinationKind.USER
    if to_user and trigger is not None and trigger.name is TriggerName.DEFAULT_TO_USER:
        pass  # pip goes there by itself
    elif isinstance(decision, Divert):
        job = here.job(console.Console(here.env))
        commands = _PLANNERS[decision.destination](job, decision)
    elif not isinstance(decision, RunAsGiven):
        commands = ()
    return wording_plan.Plan(
        decision=decision,
        trigger=trigger,
        interpreter=here.interpreter,
        commands=commands,
        applications=applications,
    )


def _meet(here: Situation) -> tuple[Trigger | None, str]:
    """What pip will meet, and else why nothing.

    Whether there is anything to install at all only pip can tell: it is run, unseen, up to the
    first sign of an install and no further.
    """
    name = here.foreseen
    if name is None:
        return None, "pip can write where it wants to"
    if name not in _BY_WRITING:
        return here.trigger(name, None, None), ""
    line = None

    def on_sign(*, seen_line: bool) -> bool:
        nonlocal line
        line = DEFAULTING.decode() if seen_line else None
        return False

    # What pip fetches on its way is not kept: a plan writes nothing.
    silent = {**here.env, "PIP_NO_CACHE_DIR": "1"}
    watched = watching.run_hidden(replace(here.watched_run(), env=silent), on_sign)
    if watched.finished.stopped:
        return here.trigger(name, line, None), ""
    if watched.finished.returncode == 0:
        return None, "all of it is installed already"
    return None, "pip ends with an error before it would install anything"
