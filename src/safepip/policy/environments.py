"""Whether an install can go to a virtual environment, one that is there or one yet to be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.model.decisions import (
    DestinationKind,
    Divert,
    Refuse,
    Rejection,
    Sees,
    SystemSite,
)
from safepip.model.environments import Environment, EnvironmentState, HomeTrouble
from safepip.model.interpreter import Barrier
from safepip.model.reasons import Reason, Why, because

if TYPE_CHECKING:
    from safepip.model.decisions import Facts
    from safepip.model.interpreter import Denied

Answer = Divert | Refuse | Rejection | Why
"""What a rule comes to. Why it does not hold is a reason; with the place to be mended, if any."""


def environment_for(
    facts: Facts,
    environment: Environment,
    reason: Why,
    *,
    creatable: bool | None = None,
    home: bool = False,
) -> Answer:
    """The diversion to *environment*, or why it cannot be (yet usable or creatable).

    *creatable*: where that hangs on more than the place itself. *home*: it lies in the user's home,
    so what is wrong with that is the cause.
    """
    sees = None
    if environment.is_to_be_made:
        creatable = environment.writable if creatable is None else creatable
        why_not = _cannot_be_made(facts, environment, creatable=creatable, home=home)
        if why_not is not None:
            return why_not
        sees = _sees(facts)
    elif environment.state in {EnvironmentState.BROKEN, EnvironmentState.OCCUPIED}:
        pass  # carried as far as the destination, which ends with a clear error and status 73
    else:
        why = unusable(environment, facts)
        if why is not None and environment.state is EnvironmentState.UNTRUSTED:
            return Refuse(reason=why, activate=environment.path)
        if why is not None:
            return Rejection(why=why, denied=environment.denied)
        if environment.version:
            version = environment.version
            return because(Reason.NAMED_ANOTHER, path=environment.path, version=version)
    return Divert(
        destination=DestinationKind.VENV,
        reason=reason,
        path=environment.path,
        environment=environment,
        sees=sees,
    )


def _cannot_be_made(
    facts: Facts, environment: Environment, *, creatable: bool, home: bool
) -> Rejection | Why | None:
    trouble = facts.host.home_trouble if home else None
    if trouble in {HomeTrouble.UNKNOWN, HomeTrouble.RELATIVE}:
        return because(Reason.HOME, trouble=trouble)
    if not creatable:
        denied = environment.denied
        if trouble is not None:
            why = because(Reason.HOME, trouble=trouble)
        elif denied is not None:
            why = closed(denied, Reason.CANNOT_BE_MADE, path=environment.path)
        else:
            why = because(Reason.CANNOT_BE_MADE_THERE, path=environment.path)
        return Rejection(why=why, denied=denied)
    if not facts.create_venv:
        return because(Reason.NOT_TO_BE_MADE, path=environment.path)
    if not facts.interpreter.has_venv:
        return because(Reason.NO_VENV, python=facts.interpreter.executable)
    return None


def closed(denied: Denied, reason: Reason, **facts: object) -> Why:
    """*reason*, with the place that is *denied*; another one where root could write, and must not.

    That is root by way of sudo: its files would be in the way of whoever called it.
    """
    if denied.barrier is Barrier.SUDO:
        reason = Reason.BY_SUDO
    return because(reason, **facts, place=denied.place)


def _sees(facts: Facts) -> Sees | None:
    """What of the base Python a new environment is to see (contract §6)."""
    interpreter, whose = facts.interpreter, facts.host.shared
    if facts.system_site is SystemSite.FALSE or (facts.trigger and facts.trigger.unreadable):
        return None
    if whose is None and (facts.system_site is SystemSite.TRUE or facts.lacking):
        whose = str(interpreter.executable)
    if whose is None:
        return None
    return Sees(whose=whose, sites=interpreter.sites if interpreter.is_virtual else ())


def unusable(environment: Environment, facts: Facts) -> Why | None:
    """Why nothing can be installed into *environment*, which is there; None if that can be."""
    path = environment.path
    if environment.state is not EnvironmentState.USABLE:
        return because(Reason.UNUSABLE, path=path, detail=environment.detail or environment.state)
    if not environment.writable:
        denied = environment.denied
        if denied is None:
            return because(Reason.NOT_WRITABLE, path=path)
        return closed(denied, Reason.NOT_WRITABLE, path=denied.place)
    trigger = facts.trigger
    if trigger is None or trigger.path is None:
        return None
    ways = {trigger.path, trigger.real or trigger.path}
    if any(one.is_relative_to(place) for one in ways for place in (path, environment.real or path)):
        return because(Reason.DENIED_THERE, path=path)
    return None
