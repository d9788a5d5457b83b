"""The words of ``plan`` and of the strategy ``ask``."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from safepip.model.decisions import Divert, Refuse, RunAsGiven
from safepip.model.reasons import Reason
from safepip.shells.commands import command_line, quoted
from safepip.wording import errors, triggers
from safepip.wording.lines import INDENT
from safepip.wording.reasons import words
from safepip.wording.report import place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safepip.model.applications import Application
    from safepip.model.decisions import Decision
    from safepip.model.errors import SafepipError
    from safepip.model.interpreter import Interpreter
    from safepip.model.triggers import Trigger
    from safepip.shells.kinds import Shell


def question(trigger: Trigger | None, interpreter: Interpreter) -> str:
    """What the strategy ``ask`` asks."""
    because = triggers.because(trigger, interpreter) if trigger is not None else "pip was denied"
    return f"pip cannot install here, because {because}. Where to install instead?"


def choice(decision: Decision) -> str:
    """One of the places that the strategy ``ask`` offers."""
    if isinstance(decision, Divert):
        return place_of(decision)
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
    obstacle: SafepipError | None = None
    """What the install would end with, before anything is run."""


_AS_GIVEN = "would not change this command"
_UNINSTALLS = {Reason.REMOVED_THERE, Reason.IN_SEVERAL_PLACES}


def plan(plan: Plan, shell: Shell) -> tuple[str, ...]:
    """The plan for a reader who types into *shell*."""
    decision, lines = plan.decision, []
    if plan.interpreter is not None:
        python = plan.interpreter
        lines.append(f"Your pip belongs to {python.executable} (Python {python.version_text}).")
    if plan.trigger is not None:
        because = triggers.because(plan.trigger, plan.interpreter)
        lines.append(f"pip cannot install here, because {because}.")
    if isinstance(decision, RunAsGiven):
        kept = "would step in" if decision.reason.reason in _UNINSTALLS else _AS_GIVEN
        lines.append(f"safepip {kept}: {words(decision.reason)}.")
    elif isinstance(decision, Divert):
        lines.append(f"safepip would install into {place_of(decision)}.")
        lines.append(f"Rule: {decision.rule} ({words(decision.reason)})")
    else:
        lines.append(f"Nothing would be installed: {words(decision.reason)}.")
        lines.append(f"Rule: {decision.rule}")
    if isinstance(decision, (Divert, Refuse)):
        lines += [f"  not {r.rule}: {words(r.why)}" for r in decision.rejected]
    lines += [f"{a.name}: {a.kind.value} ({words(a.why)})" for a in plan.applications]
    if plan.obstacle is not None:
        lines += ["It would stop there:", *errors.error(plan.obstacle)]
    if plan.commands:
        lines.append("It would run:")
        lines += [
            INDENT + command_line(shell, PurePath(program), words)
            for program, *words in plan.commands
        ]
    return tuple(lines)


def no_command(words: Sequence[str], command: int, shell: Shell) -> tuple[str, ...]:
    """Say that no pip knows the *command*, an index into *words*, and what may be meant."""
    meant = ("safepip", "plan", *words[:command], "install", *words[command:])
    line = INDENT + " ".join(quoted(shell, meant))
    return (f'pip has no command "{words[command]}". Did you mean:', line)
