"""Decides before pip is started, where the disk alone tells that pip would be denied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.flow import deciding
from safepip.machine import wanted
from safepip.model.decisions import Divert
from safepip.model.environments import EnvironmentState
from safepip.policy import foresight
from safepip.policy.wanted import Standing

if TYPE_CHECKING:
    from safepip.flow.deciding import Decided
    from safepip.flow.situation import Situation
    from safepip.model.triggers import Trigger


def foreknown(here: Situation, met: Trigger) -> Decided | None:
    """What is decided on *met*, if that is certain to come; None where pip has to be asked.

    The disk is looked at each time. A request that may be satisfied is left to pip, unless the
    place that it would go to is an environment that is there: then what that one holds counts.
    """
    if not (here.certain and here.may_act):
        return None
    facts = deciding.facts(here, met)
    if met.name in foresight.BEFORE_ALL:
        return deciding.settle(here, facts)
    standing = wanted.standing(here.command, here.interpreter, here.env)
    if standing is Standing.MISSING:
        return deciding.settle(here, facts)
    if standing is Standing.UNCLEAR or not _is_present(deciding.settle(here, facts, look_up=False)):
        return None
    decided = deciding.settle(here, facts)
    return decided if _is_present(decided) else None


def _is_present(decided: Decided) -> bool:
    """Whether it would go to an environment that is there."""
    decision = decided.decision
    environment = decision.environment if isinstance(decision, Divert) else None
    return environment is not None and environment.state is EnvironmentState.USABLE
