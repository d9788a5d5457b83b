"""Compares what site directories held before with what they hold now: the truth of an install."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from safepip.machine import distributions
from safepip.policy import landing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from safepip.flow.situation import Situation
    from safepip.machine.distributions import Contents, Unfinished
    from safepip.model.outcome import Distribution


class Before(NamedTuple):
    """What the places of pip's install held before pip was started."""

    places: tuple[PurePath, ...]
    contents: Contents
    aside: frozenset[PurePath]
    """Folders that an earlier pip moved aside and left."""


def snapshot(here: Situation) -> Before:
    """What the places that pip may write to hold now."""
    return snapshot_of(_site_places(here))


def snapshot_of(places: tuple[PurePath, ...]) -> Before:
    """What *places* hold now."""
    return Before(
        places=places,
        contents=distributions.contents(places),
        aside=distributions.remains(places),
    )


def is_unchanged(before: Before) -> bool:
    """Whether the places hold what they held then."""
    return distributions.installed(before.places) == before.contents.installed


def landed_since(before: Before) -> tuple[Distribution, ...]:
    """What was put in place since then."""
    return landing.compare(before.contents.installed, distributions.installed(before.places))


def unfinished_since(before: Before) -> Unfinished:
    """What an install that was broken off has left undone since then."""
    return distributions.unfinished(before.contents, distributions.contents(before.places))


def take_away_halves(before: Before, names: Iterable[str]) -> None:
    """Remove what pip had begun to put in place and was denied to finish, of *names* alone."""
    now = distributions.installed(before.places)
    distributions.remove_halves(before.contents.installed, now, names)


def leftovers_since(before: Before) -> tuple[str, ...]:
    """What pip had written before it was refused, in words."""
    from safepip.wording import report

    after = distributions.installed(before.places)
    told = [
        report.left_behind(f"{d.name} {d.version}", d.location, complete=d.complete)
        for d in landing.compare(before.contents.installed, after)
    ]
    gone = [d for path, d in before.contents.installed.items() if path not in after]
    told += [
        report.taken_away(f"{d.name} {d.version}", d.location)
        for d in gone
        if all(other.name != d.name for other in after.values())
    ]
    aside = distributions.remains(before.places) - before.aside
    return (*told, *(report.moved_aside(path) for path in sorted(aside)))


def undone(left: Unfinished) -> tuple[str, ...]:
    """What an interrupted install left undone, in words."""
    from safepip.wording import report

    told = [report.installed_in_part(f"{d.name} {d.version}", d.location) for d in left.partly]
    told += [report.removed_only(f"{d.name} {d.version}", d.location) for d in left.gone]
    if left.strays:
        told.append(report.unfinished(left.strays))
    return tuple(told)


def _site_places(here: Situation) -> tuple[PurePath, ...]:
    """The site directories that this install may write to."""
    command, interpreter = here.command, here.interpreter
    places = [interpreter.purelib.path, interpreter.platlib.path]
    if interpreter.user_site is not None:
        places.append(interpreter.user_site.path)
    places += [PurePath(Path(value).absolute()) for value in command.values("--target")]
    for prefix in command.values("--prefix"):
        base = interpreter.data.path
        places += [
            Path(prefix).absolute() / place.relative_to(base)
            for place in places[:2]
            if place.is_relative_to(base)
        ]
    return tuple(dict.fromkeys(places))


def scripts_dirs(here: Situation) -> tuple[PurePath, ...]:
    """Where the commands of what pip installs as it was asked to can be."""
    interpreter = here.interpreter
    dirs = [interpreter.scripts.path]
    if interpreter.user_scripts is not None:
        dirs.append(interpreter.user_scripts)
    for option in ("--target", "--prefix"):
        name = interpreter.scripts.path.name
        dirs += [Path(value).absolute() / name for value in here.command.values(option)]
    return tuple(dirs)
