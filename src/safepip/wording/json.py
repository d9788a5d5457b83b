"""The JSON of reports and verbs."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING

from safepip import __version__
from safepip.model.decisions import Divert, Refuse, RunAsGiven
from safepip.model.outcome import ShellWord
from safepip.model.reasons import Reason, Why
from safepip.reading import secrets
from safepip.wording.reasons import words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from safepip.model.decisions import Decision
    from safepip.model.interpreter import Interpreter
    from safepip.model.outcome import LandedScript, Landing, Outcome
    from safepip.wording.plan import Plan


SCHEMA = 1


def plain(value: object) -> Any:
    """*value* as JSON has it: reasons in words, paths and choices as text, credentials masked."""
    if isinstance(value, Why):
        value = words(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (str, PurePath)):
        return secrets.redact(str(value))
    if isinstance(value, frozenset):
        value = sorted(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def answer(command: str, data: dict[str, object], errors: Sequence[str] = ()) -> str:
    """What ``--json`` of every verb prints.

    Credentials are masked before quotes and backslashes are escaped.
    """
    told = {
        "schema": SCHEMA,
        "safepip": __version__,
        "command": command,
        "data": data,
        "errors": errors,
    }
    return json.dumps(plain(told), indent=1)


_UNINSTALLS = {Reason.REMOVED_THERE: "divert", Reason.IN_SEVERAL_PLACES: "refuse"}


def plan_json(plan: Plan) -> dict[str, object]:
    """The plan, for ``plain``."""
    actions: dict[type, str] = {Divert: "divert", Refuse: "refuse", RunAsGiven: "run"}
    why = plan.decision.reason
    there = why.facts.get("places") if why.reason is Reason.REMOVED_THERE else None
    told = _decision(plan.decision)
    if isinstance(there, tuple) and len(there) == 1:
        told["destination"] = there[0]
    return {
        "action": _UNINSTALLS.get(why.reason) or actions[type(plan.decision)],
        "trigger": None if plan.trigger is None else plan.trigger.name,
        **told,
        "interpreter": _interpreter(plan.interpreter),
        "commands": plan.commands,
        "applications": [
            {"name": one.name, "kind": one.kind, "why": one.why} for one in plan.applications
        ],
    }


def report_json(outcome: Outcome) -> Any:
    """The report of contract §7 as JSON-ready values."""
    trigger, decision = outcome.trigger, outcome.decision
    told = {
        "schema": SCHEMA,
        "safepip": __version__,
        "outcome": outcome.kind,
        # As a shell shows a death by signal.
        "exit_code": outcome.exit_code if outcome.exit_code >= 0 else 128 - outcome.exit_code,
        "trigger": trigger
        and {
            "name": trigger.name,
            "line": trigger.line,
            "path": trigger.path,
            "owner": trigger.owner,
        },
        "decision": {**_decision(decision), "asked": decision.asked}
        if isinstance(decision, (Divert, Refuse))
        else None,
        "interpreter": _interpreter(outcome.interpreter),
        "landed": [_landing(landing) for landing in outcome.landed],
        "next_command": outcome.next_command,
        "leftovers": outcome.leftovers,
    }
    return plain(told)


def _interpreter(interpreter: Interpreter | None) -> dict[str, object] | None:
    if interpreter is None:
        return None
    pip = interpreter.pip_version
    return {
        "executable": interpreter.executable,
        "version": interpreter.version_text,
        "pip": None if pip is None else ".".join(map(str, pip)),
    }


def _decision(decision: Decision) -> dict[str, object]:
    told: dict[str, object] = {"strategy": None, "rule": None, "reason": decision.reason}
    told |= {"destination": None, "rejected": ()}
    if isinstance(decision, Divert):
        told |= {"strategy": decision.destination, "destination": decision.path}
    elif isinstance(decision, Refuse):
        told["strategy"] = "refuse"
    if isinstance(decision, (Divert, Refuse)):
        rejected = [{"rule": one.rule, "why": one.why} for one in decision.rejected]
        told |= {"rule": decision.rule, "rejected": rejected}
    return told


def _landing(landing: Landing) -> dict[str, object]:
    return {
        "name": landing.name,
        "version": landing.version,
        "location": landing.location,
        "scripts": [
            {
                "name": script.name,
                "path": script.path,
                "visibility": script.visibility,
                "shadowed_by": _shadow(script),
                "visible_after_login": script.visible_after_login,
            }
            for script in landing.scripts
        ],
    }


def _shadow(script: LandedScript) -> object:
    by = script.shadowed_by
    return f"{by.value} {script.name}" if isinstance(by, ShellWord) else by
