"""Is a requirement something to run, or something to import? The judgement, without looking.

Sending a library to pipx is the one error that cannot be made good, for then it can be imported
nowhere. So every rule here needs a positive sign, and what is not known is no application.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from safepip.model.applications import Application, ApplicationKind
from safepip.model.reasons import Reason, because
from safepip.model.requests import RequirementKind
from safepip.reading.names import normalized

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from safepip.model.reasons import Why
    from safepip.model.requests import RequestedRequirement
    from safepip.policy.voters import Shipped
    from safepip.policy.wheels import WheelFacts


class KnownName(NamedTuple):
    """One entry of the bundled list."""

    commands: tuple[str, ...] = ()
    include_deps: bool = False
    """Its commands live in a dependency."""


class KnownNames(NamedTuple):
    """What the package brings along of names; all are normalized."""

    applications: Mapping[str, KnownName] = {}
    metapackages: Mapping[str, KnownName] = {}
    """Not taken for applications by themselves; where they are to be one, commands come from their
    dependencies."""
    shipped: Callable[[str], Shipped | None] = lambda _: None
    """See ``voters.Case``, for this and the next."""
    is_module: Callable[[str], bool] = lambda _: False


def judge(
    requirement: RequestedRequirement,
    *,
    overrides_applications: Collection[str] = (),
    overrides_libraries: Collection[str] = (),
    known: KnownNames | None = None,
    wheel: WheelFacts | None = None,
    problem: Why | None = None,
) -> Application:
    """Tell whether *requirement* is an application, a library, or unknown, and why.

    *wheel* is None where nothing could be read; *problem* says then why.
    The first that answers decides: the user's own lists, a wheel without a command, the bundled
    list, the table of voters.
    """
    if requirement.name is None or requirement.kind is not RequirementKind.NAMED:
        return Application(
            name=requirement.name or requirement.text,
            kind=ApplicationKind.UNKNOWN,
            why=because(Reason.ONLY_NAMED),
        )
    name = normalized(requirement.name)
    known = known or KnownNames()
    listed = known.applications.get(name)
    include_deps = bool(listed and listed.include_deps) or name in known.metapackages
    verdict = partial(
        Application,
        name=name,
        commands=_merge(wheel.commands if wheel else (), listed.commands if listed else ()),
        include_deps=include_deps,
    )
    if name in map(normalized, overrides_libraries):
        return verdict(kind=ApplicationKind.LIBRARY, why=because(Reason.CALLED_LIBRARY))
    if name in map(normalized, overrides_applications):
        # An application by the user's word whose wheel brings no command: they can only come
        # from its dependencies.
        deps = include_deps or (wheel is not None and not wheel.commands)
        why = because(Reason.CALLED_APPLICATION)
        return verdict(kind=ApplicationKind.APPLICATION, why=why, include_deps=deps)
    if wheel is not None and not wheel.commands and not (listed and listed.include_deps):
        return verdict(kind=ApplicationKind.LIBRARY, why=because(Reason.NO_COMMAND))
    if listed is not None or (wheel is None and _is_known_unread(name, known, problem)):
        return verdict(kind=ApplicationKind.APPLICATION, why=because(Reason.WELL_KNOWN))
    if wheel is None:
        why = because(Reason.UNKNOWN, problem=problem or because(Reason.NEVER_ASKED))
        return verdict(kind=ApplicationKind.UNKNOWN, why=why)
    from safepip.policy.voters import Case, vote  # what is known needs none of it

    extras = _extras(requirement.text)
    voted = vote(Case(wheel, extras, shipped=known.shipped, is_module=known.is_module))
    if voted.sign is None:
        why = because(Reason.ALSO_A_COMMAND, commands=wheel.commands, name=name)
    elif voted.against is None:
        return verdict(kind=ApplicationKind.APPLICATION, why=voted.sign)
    else:
        why = because(Reason.BOTH, sign=voted.sign, against=voted.against, name=name)
    return verdict(kind=ApplicationKind.LIBRARY, why=why)


def _is_known_unread(name: str, known: KnownNames, problem: Why | None) -> bool:
    """Whether its name has to do: it is there, and in our list, but its wheel cannot be read."""
    unread = {Reason.ONLY_SOURCE, Reason.TOO_MUCH_TO_READ}
    row = known.shipped(name) if problem is not None and problem.reason in unread else None
    return row is not None and row.is_ours and not known.is_module(name)


def _merge(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _extras(text: str) -> Collection[str]:
    if "[" not in text:
        return ()
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return Requirement(text).extras
    except InvalidRequirement:
        return ()


# ---------------------------------------------------------------------------------------------
# Reading the bundled lists


def parse_known(text: str) -> KnownNames:
    """Read the bundled list, ``known_applications.json``."""
    document = json.loads(text)
    return KnownNames(
        applications=_known_section(document["applications"]),
        metapackages=_known_section(document["metapackages"]),
    )


def _known_section(entries: Mapping[str, Mapping[str, Collection[str]]]) -> dict[str, KnownName]:
    return {
        name: KnownName(tuple(entry["commands"]), "include_deps" in entry)
        for name, entry in entries.items()
    }


def find_program(text: str, name: str) -> Shipped | None:
    """Find who ships the program *name*, in ``programs.tsv``; None if nobody does.

    Nothing is built of the list: it is searched once or twice in a process.
    """
    start = text.find(f"\n{name}\t")
    if start < 0:
        return None
    from safepip.policy.voters import Shipped

    home, _, by = text[start + len(name) + 2 :].partition("\n")[0].partition("\t")
    return Shipped(home=home, by=by or "Debian")
