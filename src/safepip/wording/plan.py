"""The words of ``plan`` and of the strategy ``ask``."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from safepip.model.decisions import Divert, Refuse, RunAsGiven

if TYPE_CHECKING:
    from safepip.model.applications import Application
    from safepip.model.decisions import Decision
    from safepip.model.interpreter import Interpreter
    from safepip.model.triggers import Trigger

from safepip.wording.lines import INDENT
from safepip.wording.report import PLACE_BY_RULE, describe_trigger


def question(trigger: Trigger | None, interpreter: Interpreter) -> str:
    """What the strategy ``ask`` asks."""
    because = describe_trigger(trigger, interpreter) if trigger is not None else "pip is denied"
    return f"{because}; where to install instead?"


def choice(decision: Decision) -> str:
    """One of the places that the strategy ``ask`` offers."""
    if isinstance(decision, Divert):
        return f"{PLACE_BY_RULE.get(decision.rule, 'into')} ({decision.path})"
    return "nowhere: install nothing"


class Plan(NamedTuple):
    """What the verb ``plan`` found out."""

    decision: Decision
    commands: tuple[tuple[str, ...], ...]
    """What would be run, in order; empty if nothing would."""
    trigger: Trigger | None = None
    interpreter: Interpreter | None = None
    """The Python that the user's pip belongs to; None where nobody looked."""
    applications: tuple[Application, ...] = ()


def plan(plan: Plan) -> tuple[str, ...]:
    """The plan for a reader."""
    decision, lines = plan.decision, []
    if plan.interpreter is not None:
        python = plan.interpreter
        lines.append(f"your pip belongs to {python.executable} (Python {python.version_text})")
    if plan.trigger is not None:
        lines.append(
            f"it would not get through: {describe_trigger(plan.trigger, plan.interpreter)}"
        )
    if isinstance(decision, RunAsGiven):
        lines.append(f"pip would run as given: {decision.reason}")
    elif isinstance(decision, Divert):
        place = PLACE_BY_RULE.get(decision.rule, "")
        lines.append(f"it would go to {place}: {decision.path}")
        lines.append(f"rule: {decision.rule} ({decision.reason})")
    else:
        lines.append(f"nothing would be installed: {decision.reason} (rule: {decision.rule})")
    if isinstance(decision, (Divert, Refuse)):
        lines += [f"  not {r.rule}: {r.why}" for r in decision.rejected]
    lines += [f"{a.name}: {a.kind.value} ({a.why})" for a in plan.applications]
    if plan.commands:
        lines.append("what would be run:")
        lines += [INDENT + shlex.join(command) for command in plan.commands]
    return tuple(lines)
