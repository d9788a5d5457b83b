"""Foretells one install: what pip would meet, and what would be done about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from safepip import runner, userpip
from safepip.destinations import ready_pip
from safepip.flow import deciding, jobs
from safepip.machine import ownership, paths, wanted
from safepip.model.decisions import DestinationKind, Divert, Refuse, RunAsGiven
from safepip.model.errors import CannotCreateError
from safepip.model.reasons import Reason, Why, because
from safepip.model.triggers import TriggerName
from safepip.policy import foresight
from safepip.policy.wanted import Standing
from safepip.reading import arguments
from safepip.wording import report
from safepip.wording.plan import Plan

if TYPE_CHECKING:
    from safepip.flow.situation import Situation
    from safepip.model.decisions import Decision
    from safepip.model.triggers import Trigger

_HELP_TIMEOUT_S = 60.0
_USAGE_ERROR = 2


def foretell(here: Situation) -> Plan:
    """What ``install`` would do; nothing is changed."""
    as_given = ((*here.target.argv, *here.command.argv),)
    given = RunAsGiven(reason=because(Reason.PIP_FAILS_FIRST))
    refused = Plan(decision=given, interpreter=here.interpreter, commands=as_given)
    unknown = arguments.has_unknown_word(here.command.argv)
    if unknown and _is_refused(here):
        return refused
    decided, by_pip = None, False
    if here.foreseen is not None:
        met = deciding.trigger(here, here.foreseen, None, None)
        decided = deciding.foreknown(here, met)
    if decided is None:
        meets = _meet(here)
        if isinstance(meets, Why):
            given = RunAsGiven(reason=meets)
            return Plan(decision=given, interpreter=here.interpreter, commands=as_given)
        decided = deciding.settle(here, deciding.facts(here, meets))
        from safepip.flow import judging

        by_pip = judging.goes_by_itself_to(decided) is not None
    asked = unknown or not here.command.options
    if not asked and _by_their_pip(here, decided.decision) and _is_refused(here):
        return refused
    plan = Plan(
        decision=decided.decision,
        trigger=decided.trigger,
        interpreter=here.interpreter,
        commands=as_given,
        applications=decided.facts.applications or deciding.not_looked_up(here),
    )
    return plan if by_pip else _with_commands(here, plan)


def _with_commands(here: Situation, plan: Plan) -> Plan:
    match plan.decision:
        case RunAsGiven():
            return plan
        case Refuse():
            return plan._replace(commands=())
        case Divert() as decision:
            try:
                return plan._replace(commands=jobs.commands(here, decision))
            except CannotCreateError as error:
                return plan._replace(commands=(), obstacle=error)


def _is_refused(here: Situation) -> bool:
    """Whether the user's pip does not know an option, which only it can tell.

    Asked for help, pip reads the line up to there. Source: optparse, whose errors end with 2.
    """
    words = here.command.argv
    if "--" in words:
        return False
    argv = (*here.target.argv, *words, "--help")
    env = userpip.child_environment(here.env)
    return runner.capture(argv, env=env, timeout_s=_HELP_TIMEOUT_S).returncode == _USAGE_ERROR


def _by_their_pip(here: Situation, decision: Decision) -> bool:
    """Whether the user's pip, of whatever age, carries *decision* out, or a copy of it."""
    if not isinstance(decision, Divert) or decision.destination is DestinationKind.PIPX:
        return False
    to_user = decision.destination is DestinationKind.USER
    return to_user or not ready_pip.own_serves(here.interpreter.version_text)


def _meet(here: Situation) -> Trigger | Why:
    """What pip will meet; else why nothing.

    Whether there is anything to install at all only pip can tell: it is run, unseen, up to the
    first sign of an install and no further.
    """
    name, place = here.foreseen, None
    if name is None:
        chosen = foresight.chosen_place(here.command)
        if chosen is not None:  # whether it can be written, pip is the one to say
            refused = foresight.refuses_all_the_same(
                here.command, here.interpreter, here.pip_settings
            )
            return because(Reason.PIP_REFUSES) if refused else foresight.as_given(chosen)
        # A place of pip's settings, which pip finds closed only when all is downloaded.
        named = [paths.expanded(one).absolute() for one in here.pip_settings.places]
        closed = ownership.denied(*named)
        if closed is None:
            return because(Reason.CAN_WRITE)
        name, place = TriggerName.PERMISSION_DENIED, Path(closed.place)
        if wanted.standing(here.command, here.interpreter, here.env) is Standing.MISSING:
            return deciding.trigger(here, name, None, place)
    if name in foresight.BEFORE_ALL:
        return deciding.trigger(here, name, None, None)
    from safepip.flow import watching
    from safepip.reading.sentences import DEFAULTING

    line = None

    def on_sign(*, seen_line: bool) -> bool:
        nonlocal line
        line = DEFAULTING.decode() if seen_line else None
        return False

    # What pip fetches on its way is not kept: a plan writes nothing. The value 0 means that to all
    # pips; of 1 those before 19.0 die. Source: pip, ``_internal/cli/cmdoptions.py``.
    silent = {**here.env, "PIP_NO_CACHE_DIR": "0"}
    with here.console.busy(report.BUSY_ASKING_PIP):
        watched = watching.run_hidden(here._replace(env=silent, foreseen=name), on_sign)
    if watched.finished.stopped:
        return deciding.trigger(here, name, line, place)
    if watched.finished.returncode == 0:
        return because(Reason.ALL_INSTALLED)
    from safepip.flow import judging

    return judging.late_trigger(here, watched) or because(Reason.PIP_FAILS_FIRST)
