"""Puts a diverted install into the history, from which it is found again and undone."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from safepip import history
from safepip.machine import ownership
from safepip.model.decisions import Divert
from safepip.model.history import Diversion, Moved

if TYPE_CHECKING:
    from safepip.flow.situation import Situation
    from safepip.model.outcome import Outcome


def remember(here: Situation, outcome: Outcome) -> None:
    """Record *outcome* if something was taken elsewhere, also by an install that failed then."""
    decision = outcome.decision
    if not here.settings.history or not isinstance(decision, Divert) or not outcome.landed:
        return
    if ownership.by_sudo(here.settings.state_dir, here.env) is not None:
        return  # root's files there would keep the user from their own history
    asked = {requirement.name for requirement in here.command.requirements}
    history.record(
        here.settings.state_dir,
        Diversion(
            number=0,
            time=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            command=here.command.argv,
            cwd=Path.cwd(),
            trigger=outcome.trigger.name.value if outcome.trigger is not None else "",
            rule=decision.rule,
            kind=decision.destination,
            destination=decision.path,
            python=here.interpreter.executable,
            pip=here.target.argv,
            moved=tuple(
                Moved(
                    name=landing.name,
                    version=landing.version,
                    location=landing.location,
                    scripts=tuple(script.path for script in landing.scripts),
                    before=None if landing.before is None else landing.before.version,
                    before_requested=landing.before is not None and landing.before.requested,
                    requested=landing.name in asked,
                )
                for landing in outcome.landed
            ),
        ),
    )
