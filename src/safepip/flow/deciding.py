"""Decides where an install goes: gathers the facts, and looks up what the requirements are.

Before pip is started, too, where the disk alone tells that it would be denied.
"""

from __future__ import annotations

import contextlib
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from safepip import ahead, runner, userpip
from safepip.flow import host
from safepip.machine import distributions, home, ownership, paths, pipx, wanted
from safepip.model.applications import Application, ApplicationKind
from safepip.model.decisions import Divert, Facts, Refuse, Strategy
from safepip.model.environments import EnvironmentState
from safepip.model.errors import BrokenOffError, SafepipError
from safepip.model.problems import Problem
from safepip.model.reasons import Reason, because
from safepip.model.triggers import Trigger, TriggerName
from safepip.policy import foresight, rules
from safepip.policy.wanted import Standing
from safepip.reading import secrets
from safepip.reading.arguments import TRUE
from safepip.wording import report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path, PurePath

    from safepip.destinations.job import Carried
    from safepip.flow.situation import Situation
    from safepip.model.decisions import Decision
    from safepip.model.reasons import Why
    from safepip.model.requests import RequestedRequirement


class Decided(NamedTuple):
    """A decision with all that it rests on."""

    facts: Facts
    decision: Decision
    excluded: Mapping[str, Why] = MappingProxyType({})
    """Rules that were tried and turned out impossible, and why."""

    @property
    def trigger(self) -> Trigger | None:
        """What pip met."""
        return self.facts.trigger


def trigger(here: Situation, name: TriggerName, line: str | None, seen: Path | None) -> Trigger:
    """The trigger *name* with the place that is not writable, and its owner.

    *seen*: the place that pip named, absolute, if it did.
    """
    line = None if line is None else secrets.redact(line)
    if name in {TriggerName.USER_SITE_UNAVAILABLE, TriggerName.VIRTUALENV_REQUIRED}:
        return Trigger(name=name, line=line, path=None, owner=None)
    interpreter = here.interpreter
    place: PurePath = interpreter.purelib.path
    if name is not TriggerName.EXTERNALLY_MANAGED and seen is not None:
        place = denying(seen)
    elif not interpreter.platlib.writable and interpreter.purelib.writable:
        place = interpreter.platlib.path
    unreadable = _unreadable(here, seen)
    if unreadable is not None:
        place = unreadable
    elif name is TriggerName.PERMISSION_DENIED and ownership.is_read_only(place):
        name = TriggerName.READ_ONLY
    return Trigger(
        name=name,
        line=line,
        path=place,
        owner=ownership.look_at_place(place).owner,
        denied=None if unreadable is not None else ownership.denied(place),
        unreadable=unreadable is not None,
        real=paths.resolved(place),
    )


def _unreadable(here: Situation, seen: Path | None) -> Path | None:
    """What of the Python's installed distributions pip has to read here and may not."""
    if seen is not None:
        return denying(seen) if ownership.is_unreadable(seen) else None
    names = [one.name for one in here.command.requirements if one.name is not None]
    return distributions.unreadable(names, here.interpreter.sites)


def denying(path: Path) -> Path:
    """The directory that denies: *path* itself or its nearest parent that is there."""
    while not paths.is_dir(path) and path.parent != path:
        path = path.parent
    return path


def facts(here: Situation, met: Trigger) -> Facts:
    """The facts for a decision on *met*, as far as they cost little."""
    around = host.look_around(here.interpreter, here.env, here.settings, here.ledger)
    return Facts(
        interpreter=here.interpreter,
        host=around._replace(pipx_unfit=_pipx_unfit(here)),
        pip_settings=here.pip_settings,
        trigger=met,
        create_venv=here.settings.create_venv,
        system_site=here.settings.system_site_packages,
    )


def _pipx_unfit(here: Situation) -> Why | None:
    said = dict(here.pip_settings.file_values)
    index = here.env.get("PIP_NO_INDEX") or said.get("no-index", "")
    links = here.env.get("PIP_FIND_LINKS") or said.get("find-links", "")
    return pipx.unfit(
        here.interpreter,
        here.env,
        no_index=here.command.has("--no-index") or index.lower() in TRUE,
        find_links=(*here.command.values("--find-links"), *links.split()),
    )


def decide(here: Situation, met: Trigger) -> Decided:
    """Decide on *met*, and let the user choose where the settings say so."""
    return asked(here, settle(here, facts(here, met)))


def decide_again(here: Situation, tried: Decided, carried: Carried) -> Decided:
    """Decide once more after the rule by which *tried* went has turned out impossible.

    The same place by another rule is as impossible.
    """
    why = carried.impossible or because(Reason.TRIED)
    known = tried.facts._replace(lacking=carried.lacking or tried.facts.lacking)
    decided = tried
    while (
        isinstance(decided.decision, Divert)
        and isinstance(tried.decision, Divert)
        and decided.decision.path == tried.decision.path
    ):
        excluded = {**decided.excluded, decided.decision.rule: why}
        decided = settle(here, known, excluded)
    return asked(here, decided)


def asked(here: Situation, decided: Decided) -> Decided:
    """What the user chooses in place of *decided*, where the settings let them."""
    asks = here.settings.strategy is Strategy.ASK and decided.facts.host.terminal
    if not asks or not isinstance(decided.decision, Divert):
        return decided
    from safepip import console
    from safepip.wording import plan

    facts, automatic = decided.facts, decided.decision
    offered: dict[str, Decision] = {automatic.destination.value: automatic}  # what Enter takes
    for strategy in (Strategy.VENV, Strategy.USER, Strategy.PIPX):
        decision = rules.decide(here.command, facts, strategy)
        if isinstance(decision, Divert):
            offered.setdefault(strategy.value, decision)
    offered["refuse"] = Refuse(rule="ask", reason=because(Reason.YOU_SAID_SO))
    lines = [plan.question(facts.trigger, facts.interpreter), *map(plan.choice, offered.values())]
    question, *places = here.console.nearby(lines)
    choices = dict(zip(offered, places, strict=True))
    return decided._replace(
        decision=offered[console.ask(question, choices, automatic.destination.value)]
    )


def foreknown(here: Situation, met: Trigger) -> Decided | None:
    """What is decided on *met*, if that is certain to come; None where pip has to be asked.

    The disk is looked at each time. A request that may be satisfied is left to pip, unless the
    place that it would go to is an environment that is there: then what that one holds counts.
    """
    if not (here.certain and here.may_act):
        return None
    known = facts(here, met)
    if met.name in foresight.BEFORE_ALL:
        return settle(here, known)
    standing = wanted.standing(here.command, here.interpreter, here.env)
    if standing is Standing.MISSING:
        return settle(here, known)
    if standing is Standing.UNCLEAR or not _is_present(settle(here, known, look_up=False)):
        return None
    decided = settle(here, known)
    return decided if _is_present(decided) else None


def _is_present(decided: Decided) -> bool:
    """Whether it would go to an environment that is there."""
    decision = decided.decision
    environment = decision.environment if isinstance(decision, Divert) else None
    return environment is not None and environment.state is EnvironmentState.USABLE


@contextlib.contextmanager
def broken_off() -> Iterator[None]:
    """Turn a Ctrl-C into the end of a command that has not installed anything."""
    try:
        yield
    except KeyboardInterrupt:
        raise BrokenOffError(Problem.INTERRUPTED_BEFORE) from None


def settle(
    here: Situation,
    known: Facts,
    excluded: Mapping[str, Why] = MappingProxyType({}),
    *,
    look_up: bool = True,
) -> Decided:
    """Decide without a question; look up what the requirements are, if that counts.

    Without *look_up* they are taken for libraries.
    """
    strategy = here.settings.strategy
    if not look_up:
        excluded = {**excluded, "application": because(Reason.NOT_LOOKED_UP)}
    if rules.needs_applications(here.command, known, strategy, excluded=excluded):
        known = known._replace(applications=applications(here, known, excluded))
    decision = rules.decide(here.command, known, strategy, excluded=excluded)
    if isinstance(decision, Refuse):
        from safepip.flow import going_on

        decision = going_on.with_advice(here, decision)
    return Decided(facts=known, decision=decision, excluded=excluded)


def _get_ready(here: Situation, known: Facts, excluded: Mapping[str, Why]) -> None:
    """Start ahead what it comes to if all are applications, and what if none is.

    While the index is asked, nothing else is to be done; what comes next is imported.
    """
    if not ahead.allowed:
        return
    from safepip.flow import jobs

    names = [one.name or one.text for one in here.command.requirements]
    for kind in ApplicationKind.APPLICATION, ApplicationKind.LIBRARY:
        told = tuple(
            Application(name=name, kind=kind, why=because(Reason.NOT_LOOKED_UP)) for name in names
        )
        decision = rules.decide(
            here.command,
            known._replace(applications=told),
            here.settings.strategy,
            excluded=excluded,
        )
        if isinstance(decision, Divert):
            with contextlib.suppress(SafepipError, OSError):  # of a guess
                jobs.start_ahead(here, decision)
    from safepip.flow import reporting  # noqa: F401
    from safepip.policy import applications, voters, wheels  # noqa: F401


def applications(
    here: Situation, known: Facts, excluded: Mapping[str, Why]
) -> tuple[Application, ...]:
    """What each requirement is, asked of the index."""
    from safepip.index import lookup

    index = lookup.Index(
        interpreter=here.interpreter,
        options=lookup.index_options(here.command),
        env=home.with_home(userpip.child_environment(here.env)),
    )
    names = [one.name or one.text for one in here.command.requirements]
    with here.console.busy(report.BUSY_LOOKING_UP.format(names=", ".join(names))):
        return lookup.find_applications(
            here.command.requirements,
            index,
            run=partial(runner.capture, meanwhile=partial(_get_ready, here, known, excluded)),
            applications=here.settings.applications,
            libraries=here.settings.libraries,
        )


def not_looked_up(here: Situation) -> tuple[Application, ...]:
    """What each requirement is by the settings, where the decision does not hang on more."""

    def told(one: RequestedRequirement) -> Application:
        for names, kind, reason in (
            (here.settings.libraries, ApplicationKind.LIBRARY, Reason.CALLED_LIBRARY),
            (here.settings.applications, ApplicationKind.APPLICATION, Reason.CALLED_APPLICATION),
        ):
            if one.name is not None and one.name in names:
                return Application(name=one.name, kind=kind, why=because(reason))
        why = because(Reason.DOES_NOT_MATTER)
        return Application(name=one.name or one.text, kind=ApplicationKind.UNKNOWN, why=why)

    return tuple(map(told, here.command.requirements))
