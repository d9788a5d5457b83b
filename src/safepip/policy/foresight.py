"""Foresees what pip will meet, by the same questions that pip asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.model.reasons import Reason, because
from safepip.model.triggers import TriggerName
from safepip.reading.triggers import Met, met

if TYPE_CHECKING:
    from safepip.model.interpreter import Interpreter, PipSettings
    from safepip.model.reasons import Why
    from safepip.model.requests import PipCommand

DRY_RUN = "--dry-run"
BEFORE_ALL = met(Met.BEFORE_ALL)
"""Met before pip does anything, whatever it is asked to install."""


def foresee(
    command: PipCommand, interpreter: Interpreter, settings: PipSettings
) -> TriggerName | None:
    """Tell what pip will meet if it has something to install here, None if nothing is in its way.

    The same questions in the same order as pip asks them. What lies inside the site directory is
    not looked at, so a ``permission-denied`` can still come late.
    Source: pip, ``_internal/commands/install.py``, ``run`` and ``decide_user_install``.
    """
    if chosen_place(command) is not None:
        return None
    version = interpreter.pip_version or ()
    required = settings.require_virtualenv or command.has("--require-virtualenv")
    if required and not interpreter.is_virtual:
        return TriggerName.VIRTUALENV_REQUIRED
    if (
        interpreter.marker is not None
        and version >= (23,)
        and not settings.break_system_packages
        and not settings.places
    ):
        return TriggerName.EXTERNALLY_MANAGED
    user = False if command.has("--no-user") else settings.user
    if user is True:
        refused = interpreter.is_virtual and not interpreter.user_site_enabled
        return TriggerName.USER_SITE_UNAVAILABLE if refused and version >= (20,) else None
    if settings.places or interpreter.site_writable:
        return None
    if user is None and interpreter.user_site_enabled and version >= (20,):
        return TriggerName.DEFAULT_TO_USER
    return TriggerName.PERMISSION_DENIED


def refuses_all_the_same(
    command: PipCommand, interpreter: Interpreter, settings: PipSettings
) -> bool:
    """Whether pip refuses a managed Python though *command* chooses a place, which is inside it.

    Source: pip, ``_internal/commands/install.py``, ``installing_into_current_environment``.
    """
    outside = ("--target", "--prefix", "--root", "--break-system-packages")
    elsewhere = command.has(*outside) or (command.has(DRY_RUN) and command.has("--report"))
    places = ("--user", "--no-user", "--python", DRY_RUN)
    without = command._replace(options=tuple(o for o in command.options if o.name not in places))
    managed = TriggerName.EXTERNALLY_MANAGED
    return not elsewhere and foresee(without, interpreter, settings) is managed


def chosen_place(command: PipCommand) -> str | None:
    """The option by which the user chose the place, so that nothing is diverted; None if none did.

    ``--no-user`` names no place, but says: this Python's own or nothing; a dry run has none.
    """
    others = (name for name in ("--no-user", DRY_RUN) if command.has(name))
    return command.explicit_destination or next(others, None)


def as_given(option: str) -> Why:
    """Why *option*, as ``chosen_place`` tells it, leaves the command to pip."""
    return (
        because(Reason.DRY_RUN) if option == DRY_RUN else because(Reason.NAMES_PLACE, option=option)
    )


def is_pip_alone(command: PipCommand) -> bool:
    """``install --upgrade pip`` alone: a diverted pip would help nobody."""
    return [r.name for r in command.requirements] == ["pip"]
