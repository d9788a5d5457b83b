"""The question that the strategy ``ask`` puts on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip import console, messages, policy
from safepip.model import Divert, Refuse, Strategy

if TYPE_CHECKING:
    from safepip.model import Decision, Facts, PipCommand


def choose(command: PipCommand, facts: Facts, automatic: Divert) -> Decision:
    """Offer the places that are possible; *automatic* is what ``auto`` would do, and Enter's."""
    offered: dict[str, Decision] = {automatic.destination.value: automatic}
    for strategy in (Strategy.VENV, Strategy.USER, Strategy.PIPX):
        decision = policy.decide(command, facts, strategy)
        if isinstance(decision, Divert):
            offered.setdefault(strategy.value, decision)
    offered["refuse"] = Refuse(rule="ask", reason="you said so")
    question = messages.question(facts.trigger, facts.interpreter)
    choices = {word: messages.choice(decision) for word, decision in offered.items()}
    return offered[console.ask(question, choices, automatic.destination.value)]
