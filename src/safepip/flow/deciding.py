"""Decides where an install goes: gathers the facts, and looks up what the requirements are."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from safepip import runner, userpip
from safepip.flow import host
from safepip.flow.ask import choose
from safepip.index import lookup
from safepip.machine import ownership, paths
from safepip.model.applications import Application, ApplicationKind
from safepip.model.decisions import Divert, Facts, Strategy
from safepip.model.errors import BrokenOffError
from safepip.model.problems import Problem
from safepip.model.triggers import Trigger, TriggerName
from safepip.policy import rules
from safepip.reading import secrets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path, PurePath

    from safepip.flow.situation import Situation
    from safepip.model.decisions import Decision
    from safepip.model.requests import RequestedRequirement


class Decided(NamedTuple):
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
    return asked(here, settle(here, facts(here, met)))


def decide_again(here: Situation, tried: Decided, rule: str) -> Decided:
    """Decide once more after *rule*, by which *tried* went, has turned out impossible."""
    return asked(here, settle(here, tried.facts, tried.excluded | {rule}))


def asked(here: Situation, decided: Decided) -> Decided:
    """What the user chooses in place of *decided*, where the settings let them."""
    asks = here.settings.strategy is Strategy.ASK and decided.facts.host.terminal
    if not asks or not isinstance(decided.decision, Divert):
        return decided
    return decided._replace(decision=choose(here.command, decided.facts, decided.decision))


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
    excluded: frozenset[str] = frozenset(),
    *,
    look_up: bool = True,
) -> Decided:
    """Decide without a question; look up what the requirements are, if that counts.

    Without *look_up* they are taken for libraries.
    """
    strategy = here.settings.strategy
    if not look_up:
        excluded |= {"application"}
    if rules.needs_applications(here.command, known, strategy, excluded=excluded):
        known = known._replace(applications=applications(here))
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


def not_looked_up(here: Situation) -> tuple[Application, ...]:
    """What each requirement is by the settings, where the decision does not hang on more."""

    def told(one: RequestedRequirement) -> Application:
        for names, kind in (
            (here.settings.libraries, ApplicationKind.LIBRARY),
            (here.settings.applications, ApplicationKind.APPLICATION),
        ):
            if one.name is not None and one.name in names:
                article = "a" if kind is ApplicationKind.LIBRARY else "an"
                why = f"your settings call it {article} {kind.value}"
                return Application(name=one.name, kind=kind, why=why)
        why = "not looked up, since where it goes does not depend on that"
        return Application(name=one.name or one.text, kind=ApplicationKind.UNKNOWN, why=why)

    return tuple(map(told, here.command.requirements))
