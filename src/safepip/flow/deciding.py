"""Decides where an install goes: gathers the facts, and looks up what the requirements are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from safepip import runner, userpip
from safepip.flow import host
from safepip.flow.ask import choose
from safepip.index import lookup
from safepip.machine import ownership, paths
from safepip.model.decisions import Divert, Facts, Strategy
from safepip.model.triggers import Trigger, TriggerName
from safepip.policy import rules
from safepip.reading import secrets

if TYPE_CHECKING:
    from pathlib import Path, PurePath

    from safepip.flow.situation import Situation
    from safepip.model.applications import Application
    from safepip.model.decisions import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision with all that it rests on."""

    facts: Facts
    decision: Decision
    excluded: frozenset[str] = frozenset()
    """Rules that were tried and turned out impossible."""

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
    if name is TriggerName.PERMISSION_DENIED and ownership.is_read_only(place):
        name = TriggerName.READ_ONLY
    owner = ownership.look_at_place(place).owner
    return Trigger(name=name, line=line, path=place, owner=owner)


def denying(path: Path) -> Path:
    """The directory that denies: *path* itself or its nearest parent that is there."""
    while not paths.is_dir(path) and path.parent != path:
        path = path.parent
    return path


def facts(here: Situation, met: Trigger) -> Facts:
    """The facts for a decision on *met*, as far as they cost little."""
    return Facts(
        interpreter=here.interpreter,
        host=host.look_around(here.interpreter, here.env, here.settings, here.ledger),
        pip_settings=here.pip_settings,
        trigger=met,
        create_venv=here.settings.create_venv,
    )


def decide(here: Situation, met: Trigger) -> Decided:
    """Decide on *met*, and let the user choose where the settings say so."""
    return _asked(here, _decide(here, facts(here, met), frozenset()))


def decide_again(here: Situation, tried: Decided, rule: str) -> Decided:
    """Decide once more after *rule*, by which *tried* went, has turned out impossible."""
    return _asked(here, _decide(here, tried.facts, tried.excluded | {rule}))


def _asked(here: Situation, decided: Decided) -> Decided:
    asks = here.settings.strategy is Strategy.ASK and decided.facts.host.terminal
    if not asks or not isinstance(decided.decision, Divert):
        return decided
    return replace(decided, decision=choose(here.command, decided.facts, decided.decision))


def foretell(here: Situation, met: Trigger) -> Decided:
    """Decide on *met* without a question, and look up what the requirements are in any case."""
    decided = _decide(here, facts(here, met), frozenset())
    if decided.facts.applications is not None:
        return decided
    return replace(decided, facts=replace(decided.facts, applications=applications(here)))


def _decide(here: Situation, known: Facts, excluded: frozenset[str]) -> Decided:
    """Look up what the requirements are, if the decision hangs on that, and decide."""
    strategy = here.settings.strategy
    if rules.needs_applications(here.command, known, strategy, excluded=excluded):
        known = replace(known, applications=applications(here))
    decision = rules.decide(here.command, known, strategy, excluded=excluded)
    return Decided(facts=known, decision=decision, excluded=excluded)


def applications(here: Situation) -> tuple[Application, ...]:
    """What each requirement is, asked of the index."""
    index = lookup.Index(
        interpreter=here.interpreter,
        options=lookup.index_options(here.command),
        env=userpip.child_environment(here.env),
    )
    return lookup.find_applications(
        here.command.requirements,
        index,
        run=runner.capture,
        applications=here.settings.applications,
        libraries=here.settings.libraries,
    )
