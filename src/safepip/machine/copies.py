"""Looks for copies of distributions in known places.

There may be a hundred environments of hundreds of distributions: the names of the metadata are
read in one go, and only of what was asked for is anything opened.
"""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.machine import distributions, ownership, paths, pipx, search
from safepip.model.copies import CopiedScript, Copy, PlaceKind
from safepip.reading.names import normalized

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from safepip.model.copies import KnownPlace
    from safepip.model.history import Diversion
    from safepip.model.outcome import Distribution
    from safepip.shells.kinds import Shell

# PEP 376; setuptools' own, and what its ``develop`` left in the stead of a project's.
_ENDS = (".dist-info", ".egg-info", ".egg-link")


def metadata_names(site: PurePath) -> list[str]:
    """The names of all metadata in *site*; empty where it cannot be read."""
    names = paths.names_in(site)
    return [name for name in names if name.endswith(_ENDS) and not name.startswith("~")]


def count(place: KnownPlace) -> int:
    """How many distributions *place* holds."""
    return sum(len(metadata_names(site)) for site in place.sites)


def find(
    name: str,
    places: Sequence[KnownPlace],
    history: Sequence[Diversion],
    env: Mapping[str, str],
    shell: Shell,
) -> tuple[Copy, ...]:
    """Every copy of *name* in *places*, in their order."""
    wanted = normalized(name)
    found = []
    for place in places:
        for site in place.sites:
            there = [
                distributions.distribution_at(site, entry)
                for entry in metadata_names(site)
                if is_named(entry, wanted)
            ]
            found += [_copy(one, place, history, env, shell) for one in there if one is not None]
    return tuple(found)


def is_named(entry: str, wanted: str) -> bool:
    """Whether *entry* is the name of metadata of the distribution *wanted* (normalized)."""
    stem = entry.rpartition(".")[0].partition("-")[0]
    return stem.lower().replace("_", "-").replace(".", "-") == wanted or (
        normalized(stem) == wanted
    )


def _copy(
    distribution: Distribution,
    place: KnownPlace,
    history: Sequence[Diversion],
    env: Mapping[str, str],
    shell: Shell,
) -> Copy:
    return Copy(
        name=distribution.name,
        version=distributions.proper_version(distribution),
        place=place,
        location=distribution.location,
        metadata=distribution.metadata,
        installer=_text(distribution.metadata / "INSTALLER").strip().partition("\n")[0] or None,
        owner=ownership.owner_of(distribution.metadata),
        editable=_editable(distribution),
        diversion=diversion_of(distribution, history),
        scripts=tuple(_scripts(distribution, place, env, shell)),
    )


def _text(file: PurePath) -> str:
    """What *file* says; empty where it cannot be read, or is no text."""
    try:
        return paths.text(file)
    except (OSError, UnicodeDecodeError):
        return ""


def _editable(distribution: Distribution) -> str | None:
    """The project's directory of an editable install (PEP 610; setuptools' ``.egg-link``)."""
    if distribution.metadata.suffix == ".egg-link":
        return _text(distribution.metadata).partition("\n")[0] or None
    try:
        told = json.loads(_text(distribution.metadata / "direct_url.json"))
        return str(told["url"]).removeprefix("file://") if told["dir_info"]["editable"] else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def diversion_of(distribution: Distribution, history: Sequence[Diversion]) -> Diversion | None:
    """The last diversion in *history* that put *distribution* there, in that version."""
    for entry in reversed(history):
        for one in entry.moved:
            if (
                not entry.undone
                and one.name == distribution.name
                and one.version == distributions.proper_version(distribution)
                and search.is_same_file(one.location, distribution.location)
            ):
                return entry
    return None


def _scripts(
    distribution: Distribution, place: KnownPlace, env: Mapping[str, str], shell: Shell
) -> Iterator[CopiedScript]:
    for path in distributions.scripts_of(distribution, scripts_dirs(place)):
        name = path.name.removesuffix(".exe")
        runs = search.found_on_path(name, env, shell)
        mine = runs is not None and search.is_same_file(runs, path)
        yield CopiedScript(name=name, path=_typed(path, place, env), runs=runs, mine=mine)


def _typed(path: PurePath, place: KnownPlace, env: Mapping[str, str]) -> PurePath:
    """The file that is run by the name of the command *path*: pipx and uv link to it."""
    if place.kind is PlaceKind.PIPX:
        folder = pipx.shared_places(env)[0]
    elif place.kind is PlaceKind.UV_TOOL:
        chosen = env.get("UV_TOOL_BIN_DIR") or env.get("XDG_BIN_HOME")
        folder = paths.expanded(chosen or "~/.local/bin")
    else:
        return path
    link = folder / path.name
    return link if search.is_same_file(link, path) else path


def scripts_dirs(place: KnownPlace) -> Iterable[PurePath]:
    """Where commands of what *place* holds can be."""
    if place.is_environment:
        return (place.path / userpip.SCRIPTS,)
    if place.kind is PlaceKind.USER:
        # Source: CPython, sysconfig, the schemes posix_user, osx_framework_user and nt_user.
        base = place.path.parents[:1] if userpip.WINDOWS else place.path.parents[2:3]
        return tuple(one / userpip.SCRIPTS for one in base)
    libraries = (one for one in place.path.parents if one.name in {"lib", "Lib"})
    prefix = next((library.parent for library in libraries), None)
    near = () if prefix is None else (prefix / userpip.SCRIPTS, prefix / "local" / "bin")
    return (*near, PurePath("/usr/bin"), PurePath("/usr/local/bin"))
