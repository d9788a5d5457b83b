"""The judgement of safepip: what pip will meet, and where an install goes that pip cannot do.

Pure: facts in, decision out. ``RULES`` is the table of contract §5; ``decide`` walks it and keeps,
for every rule that did not hold, the reason why.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from safepip.model.applications import ApplicationKind
from safepip.model.decisions import DestinationKind, Divert, Refuse, Rejection, RunAsGiven, Strategy
from safepip.model.environments import Environment, EnvironmentState, Project
from safepip.model.requests import RequirementKind
from safepip.model.triggers import TriggerName
from safepip.reading.paths import descriptor_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from safepip.model.decisions import Decision, Facts
    from safepip.model.requests import PipCommand

from safepip.policy.foresight import chosen_place, is_pip_alone

_LOCAL_KINDS = frozenset(
    {RequirementKind.FILE, RequirementKind.EDITABLE, RequirementKind.LOCAL_DIR}
)
_CREATABLE = frozenset({EnvironmentState.MISSING, EnvironmentState.UNFINISHED})

# Without these pipx would install something else than what was asked for.
PIPX_CANNOT_CARRY = frozenset(
    {
        "--editable",
        "--group",
        "--no-deps",
        "--report",
        "--requirement",
        "--requirements-from-script",
        "--src",
    }
)


def decide(
    command: PipCommand,
    facts: Facts,
    strategy: Strategy,
    *,
    excluded: frozenset[str] = frozenset(),
) -> Decision:
    """Decide where the install of *command* goes, given that ``facts.trigger`` came.

    *excluded*: rules that were tried and turned out impossible.
    """
    chosen = chosen_place(command)
    if chosen is not None:
        return RunAsGiven(reason=f"{chosen} names the place")
    if is_pip_alone(command):
        return RunAsGiven(reason="pip itself is to be upgraded, which belongs where it is")
    if strategy is Strategy.OFF:
        return RunAsGiven(reason="the strategy is off")
    if strategy is Strategy.REFUSE:
        return Refuse(
            rule="refuse",
            reason="the strategy is refuse",
            do=shlex.join(("safepip", "--strategy", "auto", *command.argv)),
        )
    asked = _Asked(command=command, facts=facts, strategy=strategy)
    rejected: list[Rejection] = []
    for rule in RULES:
        if strategy not in rule.strategies:
            continue
        answer = "it was tried and is not possible" if rule.name in excluded else rule.holds(asked)
        if isinstance(answer, str):
            rejected.append(Rejection(rule=rule.name, why=answer))
            continue
        return answer._replace(rejected=tuple(rejected))
    why = "; ".join(f"{r.rule}: {r.why}" for r in rejected)
    return Refuse(rule="none", reason=f"no place is left ({why})", rejected=tuple(rejected))


def needs_applications(
    command: PipCommand,
    facts: Facts,
    strategy: Strategy,
    *,
    excluded: frozenset[str] = frozenset(),
) -> bool:
    """Whether deciding hangs on what the requirements are, which nobody has looked up yet."""
    if facts.applications is not None or "application" in excluded:
        return False
    if strategy is Strategy.PIPX:
        # The verdict does not count then, but how to install an application does.
        return isinstance(decide(command, facts, strategy, excluded=excluded), Divert)
    decision = decide(command, facts, strategy, excluded=excluded)
    rejected = decision.rejected if isinstance(decision, (Divert, Refuse)) else ()
    return any(r.rule == "application" and r.why == _NOT_LOOKED_UP for r in rejected)


# ---------------------------------------------------------------------------------------------
# The rules. Each gives the diversion it stands for, or why it does not hold.


class _Asked(NamedTuple):
    command: PipCommand
    facts: Facts
    strategy: Strategy


class Rule(NamedTuple):
    """One row of the table: its public name, the strategies it serves, its test."""

    name: str
    strategies: frozenset[Strategy]
    holds: Callable[[_Asked], Divert | Refuse | str]


_NOT_LOOKED_UP = "nobody has looked up what the requirements are"


def _active_environment(asked: _Asked) -> Divert | Refuse | str:
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
        return f"pip aimed at the active environment {active.path} itself"
    if active is None:
        return "no environment is active"
    why_not = _unusable(active, asked.facts)
    if why_not is not None:
        return why_not
    return Divert(
        destination=DestinationKind.VENV,
        rule="active-environment",
        reason=f"{active.path} is the active environment",
        path=active.path,
        environment=active,
    )


def _project(asked: _Asked) -> Divert | Refuse | str:
    project = asked.facts.host.project
    if project is None:
        return "the working directory lies in no project of yours"
    return _environment_for(
        asked,
        project.environment,
        rule="project",
        reason=f"{project.sign} is {_where(project, asked)}",
        creatable=project.writable,
    )


def _where(project: Project, asked: _Asked) -> str:
    return "here" if project.root == asked.facts.host.cwd else f"in {project.root}"


def _local_request(asked: _Asked) -> Divert | Refuse | str:
    local = next((r for r in asked.command.requirements if r.kind in _LOCAL_KINDS), None)
    if local is None:
        return "nothing local (-r, -e, a directory) is asked for"
    environment = asked.facts.host.local
    return _environment_for(
        asked,
        environment,
        rule="local-request",
        reason=f"{local.text} belongs to this directory",
        creatable=environment.writable,
    )


def _application(asked: _Asked) -> Divert | Refuse | str:
    command, facts = asked.command, asked.facts
    for option in command.options:
        if option.name in PIPX_CANNOT_CARRY:
            return f"pipx cannot carry {option.name}"
        if option.value is not None and descriptor_of(option.value) is not None:
            return f"pipx does not hand the open file {option.value} on"
    other = [r.text for r in command.requirements if r.kind is not RequirementKind.NAMED]
    if other or not command.requirements:
        return f"{other[0]} is not a plain name" if other else "no requirement is named"
    if not facts.host.pipx:
        return "pipx is not to be had"
    by_wish = asked.strategy is Strategy.PIPX
    if facts.applications is None and not by_wish:
        return _NOT_LOOKED_UP
    applications = facts.applications or ()
    library = next((a for a in applications if a.kind is not ApplicationKind.APPLICATION), None)
    if library is not None and not by_wish:
        return f"{library.name}: {library.why}"
    why = "; ".join(f"{a.name}: {a.why}" for a in applications)
    return Divert(
        destination=DestinationKind.PIPX,
        rule="application",
        reason="the strategy is pipx" if by_wish else why,
        path=facts.host.pipx_home,
        applications=applications,
    )


def _user_site(asked: _Asked) -> Divert | Refuse | str:
    facts = asked.facts
    interpreter = facts.interpreter
    why_not = _no_user_site(facts)
    if why_not is not None:
        return why_not
    user_site = interpreter.user_site
    if user_site is None:
        return "this Python has no user site"
    return Divert(
        destination=DestinationKind.USER,
        rule="user-site",
        reason="it is a library, or not known to be an application, and your user site is enabled",
        path=user_site.path,
    )


def _no_user_site(facts: Facts) -> str | None:
    interpreter, trigger = facts.interpreter, facts.trigger
    denied = None if trigger is None else trigger.path
    user_base = interpreter.user_base
    reasons = (
        (interpreter.marker is not None, "this Python is externally managed"),
        (interpreter.is_conda, "this Python is conda's"),
        (not interpreter.user_site_enabled, "the user site is disabled for this Python"),
        (
            facts.pip_settings.require_virtualenv,
            "your pip settings require a virtual environment",
        ),
        (facts.pip_settings.user is False, "your pip settings say no to user installs"),
        (
            denied is not None and user_base is not None and denied.is_relative_to(user_base),
            f"{denied} was itself the place denied",
        ),
        (
            interpreter.user_site is not None and not interpreter.user_site.writable,
            f"{interpreter.user_site.path if interpreter.user_site else ''} is not writable",
        ),
    )
    return next((why for holds, why in reasons if holds), None)


def _personal(asked: _Asked) -> Divert | Refuse | str:
    return _environment_for(
        asked,
        asked.facts.host.personal,
        rule="personal",
        reason="no other place fits",
        creatable=asked.facts.host.personal.writable,
    )


_VENV = frozenset({Strategy.AUTO, Strategy.ASK, Strategy.VENV})
_AUTO = frozenset({Strategy.AUTO, Strategy.ASK})

RULES: tuple[Rule, ...] = (
    Rule(name="active-environment", strategies=_VENV, holds=_active_environment),
    Rule(name="project", strategies=_VENV, holds=_project),
    Rule(name="local-request", strategies=_VENV, holds=_local_request),
    Rule(name="application", strategies=_AUTO | {Strategy.PIPX}, holds=_application),
    Rule(name="user-site", strategies=_AUTO | {Strategy.USER}, holds=_user_site),
    Rule(name="personal", strategies=_VENV, holds=_personal),
)


# ---------------------------------------------------------------------------------------------
# What the rules share


def _environment_for(
    asked: _Asked, environment: Environment, *, rule: str, reason: str, creatable: bool
) -> Divert | Refuse | str:
    """The diversion to *environment*, or why it cannot be (yet usable or creatable)."""
    if environment.state in _CREATABLE:
        if not creatable:
            return f"{environment.path} cannot be made there: the directory is not writable"
        if not asked.facts.create_venv:
            return f"there is no {environment.path}, and settings say not to make one"
        if not asked.facts.interpreter.has_venv:
            return f"{asked.facts.interpreter.executable} has no venv module to make one with"
    elif environment.state in {EnvironmentState.BROKEN, EnvironmentState.OCCUPIED}:
        pass  # carried as far as the destination, which ends with a clear error and status 73
    else:
        why_not = _unusable(environment, asked.facts)
        activate = shlex.quote(f"{environment.path}/bin/activate")
        if why_not is not None and environment.state is EnvironmentState.UNTRUSTED:
            return Refuse(
                rule=rule,
                reason=why_not,
                do=f"source {activate}   # if you trust it; then once more",
            )
        if why_not is not None:
            return why_not
    return Divert(
        destination=DestinationKind.VENV,
        rule=rule,
        reason=reason,
        path=environment.path,
        environment=environment,
    )


def _unusable(environment: Environment, facts: Facts) -> str | None:
    path = environment.path
    if environment.state is not EnvironmentState.USABLE:
        return f"{path} cannot be used: {environment.detail or environment.state.value}"
    if not environment.writable:
        return f"{path} is not writable"
    denied = facts.trigger.path if facts.trigger is not None else None
    if denied is not None and denied.is_relative_to(path):
        return f"{path} was itself the place denied"
    return None
