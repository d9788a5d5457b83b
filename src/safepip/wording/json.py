"""The JSON of reports and verbs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from safepip import __version__
from safepip.model.decisions import Divert, Refuse
from safepip.model.outcome import ShellWord
from safepip.reading import secrets
from safepip.wording.reasons import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safepip.model.decisions import Decision
    from safepip.model.interpreter import Interpreter
    from safepip.model.outcome import LandedScript, Landing, Outcome
    from safepip.wording.plan import Plan


SCHEMA = 1


# ---------------------------------------------------------------------------------------------
# JSON


def _shadow_json(script: LandedScript) -> str | None:
    by = script.shadowed_by
    if by is None:
        return None
    return f"{by.value} {script.name}" if isinstance(by, ShellWord) else str(by)


def answer(command: str, data: dict[str, object], errors: Sequence[str] = ()) -> str:
    """What ``--json`` of every verb prints.

    Credentials are masked before quotes and backslashes are escaped.
    """
    told = {
        "schema": SCHEMA,
        "safepip": __version__,
        "command": command,
        "data": _masked(data),
        "errors": [secrets.redact(error) for error in errors],
    }
    return json.dumps(told, indent=1)


def _masked(value: object) -> object:
    if isinstance(value, str):
        return secrets.redact(value)
    if isinstance(value, (list, tuple)):
        return [_masked(item) for item in value]
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    return value


def plan_json(plan: Plan) -> dict[str, object]:
    """The plan as JSON-ready values."""
    decision = plan.decision
    told: dict[str, object] = _decision_json(decision) or {
        "strategy": None,
        "rule": None,
        "reason": words(decision.reason),
        "destination": None,
        "rejected": [],
    }
    python = plan.interpreter
    return {
        "action": "divert"
        if isinstance(decision, Divert)
        else ("refuse" if isinstance(decision, Refuse) else "run"),
        "trigger": None if plan.trigger is None else plan.trigger.name.value,
        **told,
        "interpreter": None if python is None else _interpreter_json(python),
        "commands": [list(command) for command in plan.commands],
        "applications": [
            {"name": a.name, "kind": a.kind.value, "why": words(a.why)} for a in plan.applications
        ],
    }


def _interpreter_json(interpreter: Interpreter) -> dict[str, object]:
    pip = interpreter.pip_version
    return {
        "executable": str(interpreter.executable),
        "version": interpreter.version_text,
        "pip": None if pip is None else ".".join(map(str, pip)),
    }


def report_json(outcome: Outcome) -> dict[str, object]:
    """The report of contract §7 as JSON-ready values."""
    trigger, decision = outcome.trigger, outcome.decision
    return {
        "schema": SCHEMA,
        "safepip": __version__,
        "outcome": outcome.kind.value,
        "exit_code": shell_status(outcome.exit_code),
        "trigger": None
        if trigger is None
        else {
            "name": trigger.name.value,
            "line": trigger.line,
            "path": None if trigger.path is None else str(trigger.path),
            "owner": trigger.owner,
        },
        "decision": _report_decision_json(decision),
        "interpreter": None
        if outcome.interpreter is None
        else _interpreter_json(outcome.interpreter),
        "landed": [_landing_json(landing) for landing in outcome.landed],
        "next_command": outcome.next_command,
        "leftovers": list(outcome.leftovers),
    }


def shell_status(returncode: int) -> int:
    """The status as a shell shows it: 128 and the number of the signal for a death by signal."""
    return returncode if returncode >= 0 else 128 - returncode


def _report_decision_json(decision: Decision | None) -> dict[str, object] | None:
    """The decision beside what was asked for."""
    told = _decision_json(decision)
    if told is None or not isinstance(decision, (Divert, Refuse)):
        return None
    return {**told, "asked": decision.asked.value}


def _decision_json(decision: Decision | None) -> dict[str, object] | None:
    if isinstance(decision, Divert):
        return {
            "strategy": decision.destination.value,
            "rule": decision.rule,
            "reason": words(decision.reason),
            "destination": str(decision.path),
            "rejected": [{"rule": r.rule, "why": words(r.why)} for r in decision.rejected],
        }
    if isinstance(decision, Refuse):
        return {
            "strategy": "refuse",
            "rule": decision.rule,
            "reason": words(decision.reason),
            "destination": None,
            "rejected": [{"rule": r.rule, "why": words(r.why)} for r in decision.rejected],
        }
    return None


def _landing_json(landing: Landing) -> dict[str, object]:
    return {
        "name": landing.name,
        "version": landing.version,
        "location": str(landing.location),
        "scripts": [
            {
                "name": script.name,
                "path": str(script.path),
                "visibility": script.visibility.value,
                "shadowed_by": _shadow_json(script),
                "visible_after_login": script.visible_after_login,
            }
            for script in landing.scripts
        ],
    }
