"""The question that the strategy ``ask`` puts on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip import console
from safepip.model.decisions import Divert, Refuse, Strategy
from safepip.model.reasons import Reason, because
from safepip.policy import rules
from safepip.wording import plan

if TYPE_CHECKING:
    from safepip.model.decisions import Decision, Facts
    from safepip.model.requests import PipCommand


def choose(command: PipCommand, facts: Facts, automatic: Divert) -> Decision:
    """Offer the places that are possible; *automatic* is what ``auto`` would do, and Enter's."""
    offered: dict[str, Decision] = {automatic.destination.value: automatic}
    for strategy in (Strategy.VENV, Strategy.USER, Strategy.PIPX):
        decision = rules.decide(command, facts, strategy)
        if isinstance(decision, Divert):
            offered.setdefault(strategy.value, decision)
    offered["refuse"] = Refuse(rule="ask", reason=because(Reason.YOU_SAID_SO))
    question = plan.question(facts.trigger, facts.interpreter)
    choices = {word: plan.choice(decision) for word, decision in offered.items()}
    return offered[console.ask(question, choices, automatic.destination.value)]
