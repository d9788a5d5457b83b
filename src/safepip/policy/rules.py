"""The judgement of safepip: where an install goes that pip cannot do.

Pure: facts in, decision out. ``RULES`` is the table of contract §5; ``decide`` walks it and keeps,
for every rule that did not hold, the reason why.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from safepip.model.applications import ApplicationKind
from safepip.model.decisions import (
    DestinationKind,
    Divert,
    Refuse,
    Rejection,
    Remedy,
    RunAsGiven,
    Strategy,
)
from safepip.model.environments import Environment, EnvironmentState, HomeTrouble
from safepip.model.interpreter import Barrier
from safepip.model.options import having
from safepip.model.reasons import Reason, Why, because
from safepip.model.requests import RequirementKind
from safepip.model.triggers import TriggerName
from safepip.policy.environments import closed, environment_for, unusable
from safepip.policy.foresight import as_given, chosen_place, is_pip_alone
from safepip.reading.paths import descriptor_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from safepip.model.applications import Application
    from safepip.model.decisions import Decision, Facts
    from safepip.model.interpreter import Denied
    from safepip.model.requests import PipCommand
    from safepip.policy.environments import Answer

_LOCAL_KINDS = frozenset(
    {RequirementKind.FILE, RequirementKind.EDITABLE, RequirementKind.LOCAL_DIR}
)
_PIPX_CANNOT_CARRY = having("not_pipx")


def decide(
    command: PipCommand,
    facts: Facts,
    strategy: Strategy,
    *,
    excluded: Mapping[str, Why] = MappingProxyType({}),
) -> Decision:
    """Decide where the install of *command* goes, given that ``facts.trigger`` came.

    *excluded*: rules that were tried and turned out impossible, and why.
    """
    chosen = chosen_place(command)
    if chosen is not None:
        return RunAsGiven(reason=as_given(chosen))
    if is_pip_alone(command):
        return RunAsGiven(reason=because(Reason.NEW_PIP))
    if strategy is Strategy.OFF:
        return RunAsGiven(reason=because(Reason.STRATEGY, strategy=strategy))
    if strategy is Strategy.REFUSE:
        why = because(Reason.STRATEGY, strategy=strategy)
        return Refuse(rule="refuse", asked=strategy, reason=why, remedy=Remedy.AUTO)
    asked = _Asked(command=command, facts=facts, strategy=strategy)
    rejected: list[Rejection] = []
    for rule in RULES:
        if strategy not in rule.strategies:
            continue
        answer = excluded.get(rule.name) or rule.holds(asked)
        match answer:
            case Why():
                rejected.append(Rejection(rule=rule.name, why=answer))
            case Rejection():
                rejected.append(answer._replace(rule=rule.name))
            case Divert() | Refuse():
                rest = tuple(rejected)
                return answer._replace(rule=rule.name, rejected=rest, asked=strategy)
    return _no_place(asked, tuple(rejected))


def _no_place(asked: _Asked, rejected: tuple[Rejection, ...]) -> Refuse:
    """The refusal, with the one cause that counts: of the last place that was left to try.

    What is said of it is said of HOME, mostly, where all of the last places lie.
    """
    by_rule = {one.rule: one for one in rejected}
    names = _DECISIVE if asked.strategy in _VENV else tuple(by_rule)[-1:]
    cause = next((by_rule[name] for name in names if name in by_rule), None)
    trouble = asked.facts.host.home_trouble
    denied = None if cause is None else cause.denied
    reason = because(Reason.NO_PLACE) if cause is None else cause.why
    if trouble is not None and denied is not None:
        reason, denied = because(Reason.HOME, trouble=trouble), None
    return Refuse(
        rule="none",
        reason=reason,
        remedy=_remedy(asked, trouble, denied),
        denied=denied,
        rejected=rejected,
        asked=asked.strategy,
    )


def _remedy(asked: _Asked, trouble: HomeTrouble | None, denied: Denied | None) -> Remedy | None:
    if denied is not None and denied.barrier is Barrier.SUDO:
        return Remedy.NO_SUDO
    if asked.strategy not in _AUTO:
        return Remedy.AUTO
    return None if trouble is None else Remedy.NEW_HOME


def needs_applications(
    command: PipCommand,
    facts: Facts,
    strategy: Strategy,
    *,
    excluded: Mapping[str, Why] = MappingProxyType({}),
) -> bool:
    """Whether deciding hangs on what the requirements are, which nobody has looked up yet."""
    if facts.applications is not None or "application" in excluded:
        return False
    decision = decide(command, facts, strategy, excluded=excluded)
    if strategy is Strategy.PIPX:
        # The verdict does not count then, but how to install an application does.
        return isinstance(decision, Divert)
    rejected = decision.rejected if isinstance(decision, (Divert, Refuse)) else ()
    return any(r.rule == "application" and r.why.reason is Reason.NOT_LOOKED_UP for r in rejected)


# The rules. Each gives the diversion it stands for, or why it does not hold.


class _Asked(NamedTuple):
    command: PipCommand
    facts: Facts
    strategy: Strategy


class Rule(NamedTuple):
    """One row of the table: its public name, the strategies it serves, its test."""

    name: str
    strategies: frozenset[Strategy]
    holds: Callable[[_Asked], Answer]


def _active_environment(asked: _Asked) -> Answer:
    interpreter, trigger = asked.facts.interpreter, asked.facts.trigger
    active = asked.facts.host.active
    if trigger is not None and trigger.name is TriggerName.USER_SITE_UNAVAILABLE:
        # Settings sent pip from its own environment to a user site that this one cannot see.
        active = active or Environment(
            path=interpreter.prefix,
            state=EnvironmentState.USABLE,
            writable=interpreter.site_writable,
        )
    elif active is not None and active.path == interpreter.prefix:
        return because(Reason.AIMED_AT_ACTIVE, path=active.path)
    if active is None:
        stale = asked.facts.host.stale
        if stale is not None and stale.version:
            return because(Reason.OTHER_PYTHON, path=stale.path, version=stale.version)
        if stale is not None:
            return because(Reason.STALE, variable=stale.variable, path=stale.path)
        return because(Reason.NONE_ACTIVE)
    why_not = unusable(active, asked.facts)
    if why_not is not None:
        return why_not
    return Divert(
        destination=DestinationKind.VENV,
        reason=because(Reason.ACTIVE, path=active.path),
        path=active.path,
        environment=active,
    )


def _kernel(asked: _Asked) -> Answer:
    facts = asked.facts
    if not facts.host.kernel:
        return because(Reason.NO_NOTEBOOK)
    # conda's Python, too: only what its own import path shows can be imported in its kernel.
    answer = _to_user_site(facts, because(Reason.NOTEBOOK), conda=True)
    restart = facts.host.new_user_site
    return answer._replace(restart=restart) if isinstance(answer, Divert) else answer


def _project(asked: _Asked) -> Answer:
    project = asked.facts.host.project
    if project is None:
        return because(Reason.NO_PROJECT)
    why = because(Reason.SIGN_HERE, sign=project.sign)
    if project.root != asked.facts.host.cwd:
        why = because(Reason.SIGN_ABOVE, sign=project.sign, root=project.root)
    return environment_for(asked.facts, project.environment, why, creatable=project.writable)


def _local_request(asked: _Asked) -> Answer:
    local = next((r for r in asked.command.requirements if r.kind in _LOCAL_KINDS), None)
    if local is None:
        return because(Reason.NOTHING_LOCAL)
    why = because(Reason.ASKED_FOR, text=local.text)
    return environment_for(asked.facts, asked.facts.host.local, why)


def _application(asked: _Asked) -> Answer:
    command, facts = asked.command, asked.facts
    why_not = _not_for_pipx(command)
    if why_not is not None:
        return why_not
    by_wish = asked.strategy is Strategy.PIPX
    if facts.applications is None and not by_wish:
        return because(Reason.NOT_LOOKED_UP)
    applications = facts.applications or ()
    library = next((a for a in applications if a.kind is not ApplicationKind.APPLICATION), None)
    if library is not None and not by_wish:
        return _judged(library)
    trouble = facts.host.home_trouble
    if trouble in {HomeTrouble.UNKNOWN, HomeTrouble.RELATIVE}:
        return because(Reason.HOME, trouble=trouble)
    if not facts.interpreter.has_venv:
        return because(Reason.NO_VENV, python=facts.interpreter.executable)
    if facts.host.pipx_unfit is not None:
        return facts.host.pipx_unfit
    denied = facts.host.pipx_denied
    if denied is not None:
        return Rejection(why=closed(denied, Reason.PIPX_NOT_WRITABLE), denied=denied)
    if by_wish:
        why = because(Reason.STRATEGY, strategy=asked.strategy)
    else:
        why = because(Reason.ALL, all=tuple(map(_judged, applications)))
    return Divert(
        destination=DestinationKind.PIPX,
        reason=why,
        path=facts.host.pipx_home,
        applications=applications,
    )


def _judged(application: Application) -> Why:
    return because(Reason.JUDGED, name=application.name, why=application.why)


def _not_for_pipx(command: PipCommand) -> Why | None:
    """Why pipx cannot do what *command* asks for, whatever is to be installed."""
    for option in command.options:
        if option.name in _PIPX_CANNOT_CARRY:
            return because(Reason.PIPX_NO_OPTION, option=option.name)
        if option.value is not None and descriptor_of(option.value) is not None:
            return because(Reason.PIPX_NO_OPEN_FILE, file=option.value)
    other = [r.text for r in command.requirements if r.kind is not RequirementKind.NAMED]
    if other:
        return because(Reason.NO_PLAIN_NAME, text=other[0])
    marked = [r.text for r in command.requirements if ";" in r.text]
    if marked:
        return because(Reason.HAS_MARKER, text=marked[0])
    return None if command.requirements else because(Reason.NOTHING_NAMED)


def _user_site(asked: _Asked) -> Answer:
    interpreter = asked.facts.interpreter
    sees = interpreter.is_virtual and interpreter.user_site_enabled
    if sees and asked.command.has("--upgrade") and asked.strategy in _AUTO:
        # pip refuses to: there what the environment has would be imported all the same. Source:
        # pip, ``_internal/req/req_install.py``, "will lack sys.path precedence".
        return because(Reason.NO_PRECEDENCE, path=interpreter.prefix)
    return _to_user_site(asked.facts, because(Reason.LOOKS_LIBRARY))


def _to_user_site(facts: Facts, reason: Why, *, conda: bool = False) -> Answer:
    why_not = _no_user_site(facts, conda=conda)
    if why_not is not None:
        return why_not
    user_site = facts.interpreter.user_site
    if user_site is None:
        return because(Reason.NO_USER_SITE)
    return Divert(destination=DestinationKind.USER, reason=reason, path=user_site.path)


def _no_user_site(facts: Facts, *, conda: bool) -> Why | None:
    interpreter, trigger = facts.interpreter, facts.trigger
    denied = None if trigger is None else trigger.path
    user_base, user_site = interpreter.user_base, interpreter.user_site
    reasons = (
        (interpreter.marker is not None, because(Reason.EXTERNALLY_MANAGED)),
        (interpreter.is_conda and not conda, because(Reason.CONDA)),
        (not interpreter.user_site_enabled, because(Reason.USER_SITE_DISABLED)),
        (facts.pip_settings.require_virtualenv, because(Reason.VIRTUALENV_REQUIRED)),
        (facts.pip_settings.user is False, because(Reason.NO_USER_BY_SETTINGS)),
        (
            user_site is not None and not user_site.path.is_absolute(),
            because(Reason.HOME, trouble=HomeTrouble.RELATIVE),
        ),
        (
            trigger is not None and trigger.unreadable,
            because(Reason.NOT_READABLE, path=denied),
        ),
        (
            denied is not None and user_base is not None and denied.is_relative_to(user_base),
            because(Reason.DENIED_THERE, path=denied),
        ),
        (
            user_site is not None and not user_site.writable,
            because(Reason.NOT_WRITABLE, path=user_site.path if user_site else ""),
        ),
        (
            any(one.commands for one in facts.applications or ())
            and not facts.host.user_scripts_writable,
            because(Reason.NO_USER_SCRIPTS),
        ),
    )
    return next((why for holds, why in reasons if holds), None)


def _personal(asked: _Asked) -> Answer:
    personal = asked.facts.host.personal
    return environment_for(asked.facts, personal, because(Reason.NO_OTHER), home=True)


def _here(asked: _Asked) -> Answer:
    host = asked.facts.host
    if not host.own_cwd:
        return because(Reason.NOT_YOURS, path=host.cwd)
    if isinstance(_personal(asked), Divert):  # and it was not, for a reason of its own
        return because(Reason.HOME_WRITABLE)
    return environment_for(asked.facts, host.local, because(Reason.HOME_NOT_WRITABLE))


_VENV = frozenset({Strategy.AUTO, Strategy.ASK, Strategy.VENV})
_AUTO = frozenset({Strategy.AUTO, Strategy.ASK})

RULES: tuple[Rule, ...] = (
    Rule(name="active-environment", strategies=_VENV, holds=_active_environment),
    Rule(name="kernel", strategies=_AUTO, holds=_kernel),
    Rule(name="project", strategies=_VENV, holds=_project),
    Rule(name="local-request", strategies=_VENV, holds=_local_request),
    Rule(name="application", strategies=_AUTO | {Strategy.PIPX}, holds=_application),
    Rule(name="user-site", strategies=_AUTO | {Strategy.USER}, holds=_user_site),
    Rule(name="personal", strategies=_VENV, holds=_personal),
    Rule(name="here", strategies=_VENV, holds=_here),
)

# Whose reason is told where no rule holds: mending it lets that rule hold.
_DECISIVE = ("personal", "here")
