"""The sentences of each trigger: as a reason of ours, and as what a log tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.model.triggers import TriggerName
from safepip.wording.permissions import not_writable

if TYPE_CHECKING:
    from safepip.model.interpreter import Interpreter
    from safepip.model.triggers import Trigger


def because(trigger: Trigger, interpreter: Interpreter | None) -> str:
    """Why pip could not do it: the part of a sentence behind "because"."""
    owner = f" (owner: {trigger.owner})" if trigger.owner else ""
    if trigger.unreadable and trigger.name is not TriggerName.EXTERNALLY_MANAGED:
        return f"{trigger.path} cannot be read{owner}"
    match trigger.name:
        case TriggerName.EXTERNALLY_MANAGED:
            python = interpreter.executable if interpreter is not None else "this Python"
            return f"your OS manages {python}"
        case TriggerName.VIRTUALENV_REQUIRED:
            return "your pip settings require a virtual environment"
        case TriggerName.USER_SITE_UNAVAILABLE:
            return "your pip settings ask for --user, which does not work here"
        case TriggerName.READ_ONLY:
            return f"{trigger.path or 'the install location'} is read-only"
        case TriggerName.DEFAULT_TO_USER | TriggerName.PERMISSION_DENIED:
            if trigger.denied is not None:
                return not_writable(trigger.denied)
            return f"{trigger.path or 'the install location'} is not writable{owner}"


_HAPPENED = {
    TriggerName.DEFAULT_TO_USER: "pip may not write to this Python's packages, so it turned "
    "to your user site (below your home) instead.",
    TriggerName.EXTERNALLY_MANAGED: "pip refused to change this Python, because the operating "
    "system's package manager looks after it (PEP 668, externally managed).",
    TriggerName.VIRTUALENV_REQUIRED: "Your pip settings require a virtual environment "
    "(require-virtualenv, PIP_REQUIRE_VIRTUALENV), and none was active.",
    TriggerName.USER_SITE_UNAVAILABLE: "pip was told to use --user (by its settings or PIP_USER), "
    "which this Python does not allow.",
    TriggerName.READ_ONLY: "pip could not {doing}: it is on a read-only file system.",
    TriggerName.PERMISSION_DENIED: "pip was not allowed to {doing}{kind}.",
}
_DRY_RUN = (
    "pip may not write to this Python's packages and would install into your user site instead; "
    "this was a dry run, so nothing was written."
)


def happened(name: TriggerName | None, *, doing: str, kind: str, dry_run: bool) -> str:
    """What happened, by a log: pip was at *doing* something to a place of some *kind*."""
    if name is TriggerName.DEFAULT_TO_USER and dry_run:
        return _DRY_RUN
    return _HAPPENED[name or TriggerName.PERMISSION_DENIED].format(doing=doing, kind=kind)
