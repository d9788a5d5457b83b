"""Finds what diversions put elsewhere, for pip's ``show`` and ``uninstall``."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from safepip import history
from safepip.destinations import taking_back
from safepip.machine import copies, distributions, ownership, paths, places, pythons, search
from safepip.machine import interpreter as machine_interpreter
from safepip.model.decisions import DestinationKind, RunAsGiven, Strategy
from safepip.model.errors import UnavailableError
from safepip.model.reasons import Reason, because
from safepip.reading import arguments, requirement_files
from safepip.reading.names import normalized
from safepip.wording.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from safepip.model.copies import Python
    from safepip.model.history import Diversion
    from safepip.settings import Settings
    from safepip.userpip import PipTarget


class Found(NamedTuple):
    """A distribution that a diversion put somewhere, and that is there still."""

    name: str
    version: str
    diversion: Diversion
    place: PurePath
    """The environment, or the user site."""
    leads: bool
    """This directory, or this shell, leads there: an install here could go there, too."""


def names_of(words: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """The names that a ``show`` or ``uninstall`` line asks for, each with where it stands."""
    return tuple((words[at], at) for name, _, at, _, _ in _scanned(words) if name is None)


def _scanned(words: Sequence[str]) -> Iterator[tuple[str | None, str | None, int, int, str]]:
    index = arguments.command_index(words)
    if index is None:
        return iter(())
    dropped = list(words).index(words[index])
    positions = [at for at in range(len(words)) if at != dropped]
    table = arguments.INSTALL_OPTIONS if words[index] == "uninstall" else arguments.MAIN_OPTIONS
    return arguments.scan_words(words, positions, table)


def only(words: Sequence[str], names: Sequence[str]) -> list[str]:
    """The *words* of the command with no other names than *names*."""
    drop = {at for name, at in names_of(words) if name not in names}
    return [word for at, word in enumerate(words) if at not in drop]


def wanted(words: Sequence[str], env: Mapping[str, str]) -> tuple[str, ...] | None:
    """All that an ``uninstall`` is to remove, what its files list too; None: only pip can tell."""
    names = [name for name, _ in names_of(words)]
    for file in _files(words):
        try:
            text = paths.text(Path(file), encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None
        listed = requirement_files.read(text, env)
        if listed is None or any(one.name is None for one in listed):
            return None
        names += [one.name for one in listed if one.name is not None]
    return tuple(dict.fromkeys(names))


def _files(words: Sequence[str]) -> list[str]:
    """The files that list what to remove."""
    return [value for name, value, *_ in _scanned(words) if name == "--requirement" and value]


def find(
    name: str,
    remembered: Sequence[Diversion],
    chosen: Settings,
    env: Mapping[str, str],
    target: PipTarget,
) -> tuple[Found, ...]:
    """Where *name* is, of what the diversions in *remembered* put somewhere; the newest first."""
    wanted = normalized(name)
    here = [place.path for place in places.environments_here(env, chosen.venv_name)]
    here += chosen.personal_environments
    found: dict[PurePath, Found] = {}
    for entry in reversed(remembered):
        for one in entry.moved:
            if entry.undone or one.name != wanted or one.location in found:
                continue
            if not ownership.is_mine(one.location):
                continue
            there = distributions.named(wanted, (one.location,))
            place, of_pipx = entry.destination, entry.kind is DestinationKind.PIPX
            if of_pipx:
                place = distributions.environment_of(one.location)
            # Of pipx's environments only the application is there for its own sake.
            if there is None or (of_pipx and normalized(place.name) != wanted):
                continue
            found[one.location] = Found(
                name=wanted,
                version=distributions.proper_version(there),
                diversion=entry,
                place=place,
                leads=_leads(entry, here, target),
            )
    return tuple(found.values())


def _leads(entry: Diversion, here: Sequence[PurePath], target: PipTarget) -> bool:
    match entry.kind:
        case DestinationKind.PIPX:
            return True
        case DestinationKind.USER:
            return entry.pip == target.argv
        case DestinationKind.VENV:
            return any(search.is_same_file(entry.destination, path) for path in here)


def has_pip(environment: PurePath) -> bool:
    """Whether the Python of *environment* imports a pip; pipx lends one to its environments."""
    return any(
        paths.is_dir(site / "pip") or paths.is_file(site / "pipx_shared.pth")
        for site in distributions.site_dirs(environment)
    )


class Reach(NamedTuple):
    """How pip itself stands to a distribution."""

    location: PurePath | None
    """Where pip finds it; None if nowhere."""
    metadata: PurePath | None
    may_touch: bool


def python_of(target: PipTarget, env: Mapping[str, str]) -> Python | None:
    """The Python of *target*; None if it does not tell."""
    argv = machine_interpreter.python_of(target, env)
    return pythons.look("python", PurePath(argv[0]), env)


def reach(name: str, python: Python) -> Reach:
    """Whether the pip of *python* finds *name*, and may remove it."""
    wanted = normalized(name)
    for entry in python.path:
        if not any(copies.is_named(one, wanted) for one in copies.metadata_names(entry)):
            continue
        found = distributions.named(wanted, (entry,))
        if found is None:
            continue
        # pip leaves alone what lies outside of its environment.
        inside = not python.is_virtual or entry.is_relative_to(python.prefix)
        writable = ownership.is_writable(Path(entry))
        return Reach(
            location=entry,
            metadata=found.metadata,
            may_touch=inside and writable and python.marker is None,
        )
    return Reach(location=None, metadata=None, may_touch=False)


def led(
    reach: Mapping[str, Reach],
    python: Python,
    remembered: Sequence[Diversion],
    chosen: Settings,
    env: Mapping[str, str],
    target: PipTarget,
) -> dict[str, tuple[Found, ...]]:
    """Where this directory leads to, of what the pip of *python* has not or may not touch."""
    if python.marker is None and ownership.is_writable(Path(python.purelib)):
        return {}  # What this pip installs goes nowhere else.
    found = {
        name: find(name, remembered, chosen, env, target)
        for name, how in reach.items()
        if not how.may_touch
    }
    there = {name: tuple(one for one in some if one.leads) for name, some in found.items()}
    return {name: some for name, some in there.items() if some}


class Share(NamedTuple):
    """What is removed in one place, and the words for its pip."""

    found: tuple[Found, ...]
    words: list[str]


def shares(
    words: Sequence[str], reach: Mapping[str, Reach], found: Mapping[str, tuple[Found, ...]]
) -> tuple[tuple[Share, ...], list[str] | None]:
    """Who removes what: each place of *found*, and with which words the user's pip; None: not.

    What is nowhere goes along to a place whose pip passes it over, as that of a managed Python
    does not. What a file lists cannot be told apart: it goes to one place, or is left to pip.
    """
    places: dict[PurePath, list[str]] = {}
    for name, (one,) in found.items():
        places.setdefault(one.place, []).append(name)
    by_pipx = {one.place for (one,) in found.values() if one.diversion.kind is DestinationKind.PIPX}
    others = [name for name in reach if name not in found]
    for place in [one for one in places if one not in by_pipx][:1]:
        places[place] += [name for name in others if reach[name].location is None]
        others = [name for name in others if reach[name].location is not None]
    if _files(words) and (others or by_pipx or len(places) != 1):
        return (), list(words)
    shared = tuple(
        Share(
            found=tuple(found[name][0] for name in names if name in found),
            words=only(words, names),
        )
        for names in places.values()
    )
    return shared, only(words, others) if others or not found else None


def foretell(
    words: Sequence[str], chosen: Settings, env: Mapping[str, str], target: PipTarget
) -> Plan | None:
    """What an ``uninstall`` would do beside pip, and all that it would run; None for nothing."""
    if chosen.strategy is Strategy.OFF:
        return None
    names = wanted(words, env)
    try:
        python = None if names is None else python_of(target, env)
    except UnavailableError:
        python = None
    if python is None or names is None:
        return None
    how = {name: reach(name, python) for name in names}
    found = led(how, python, history.read(chosen.state_dir), chosen, env, target)
    several = tuple(name for name, some in found.items() if len(some) > 1)
    if several:
        why = because(Reason.IN_SEVERAL_PLACES, names=several)
        return Plan(decision=RunAsGiven(reason=why), commands=())
    shared, by_pip = shares(words, how, found)
    if not shared:
        return None
    places = tuple(share.found[0].place for share in shared)
    why = because(Reason.REMOVED_THERE, names=tuple(found), places=places)
    plan = Plan(decision=RunAsGiven(reason=why), commands=())
    commands = [] if by_pip is None else [(*target.argv, *by_pip)]
    for share in shared:
        one = share.found[0]
        if one.diversion.kind is DestinationKind.PIPX:
            commands.append(taking_back.pipx_uninstall(env, chosen.data_dir, one.place.name))
        else:
            try:
                pip = taking_back.pip_of(one.diversion)
            except UnavailableError as error:
                return plan._replace(obstacle=error)
            commands.append((*pip, *share.words))
    return plan._replace(commands=tuple(commands))
