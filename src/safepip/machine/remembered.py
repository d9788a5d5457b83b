"""Looks at what is left of a diversion: is all that it put there still there, and unchanged."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import PurePath
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from safepip.machine import distributions, ownership, paths
from safepip.model.undoing import There
from safepip.reading.names import normalized
from safepip.userpip import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from safepip.model.history import Diversion
    from safepip.model.outcome import Distribution


def look(
    diversion: Diversion,
) -> tuple[tuple[There, ...], Mapping[PurePath, Mapping[str, frozenset[str]]]]:
    """What is there of *diversion*, and what each distribution beside it requires."""
    locations = {one.location for one in diversion.moved}
    found = {location: distributions.installed((location,)) for location in locations}
    there = []
    for one in diversion.moved:
        same = [d for d in found[one.location].values() if d.name == one.name]
        now = next((d for d in same if distributions.proper_version(d) == one.version), None)
        now = now or next(iter(same), None)
        there.append(
            There(
                moved=one,
                version=None if now is None else distributions.proper_version(now),
                edited=None if now is None else edited(now),
                is_foreign=not ownership.is_mine(one.location),
            )
        )
    needs = {
        location: {d.name: required(d) for d in some.values()} for location, some in found.items()
    }
    return tuple(there), needs


def now_there(diversions: Iterable[Diversion]) -> dict[tuple[PurePath, str], frozenset[str]]:
    """The versions that are there now of all that *diversions* put somewhere, by place and name."""
    moved = {(one.location, one.name) for entry in diversions for one in entry.moved}
    found: dict[tuple[PurePath, str], frozenset[str]] = {}
    for place in {location for location, _ in moved}:
        for one in distributions.installed((place,)).values():
            if (place, one.name) in moved:
                versions = found.get((place, one.name), frozenset())
                found[place, one.name] = versions | {distributions.proper_version(one)}
    return found


def required(distribution: Distribution) -> frozenset[str]:
    """What *distribution* requires by name, as far as it holds without extras."""
    names = set()
    for line in distributions.headers(distribution, "Requires-Dist"):
        try:
            requirement = Requirement(line)
            holds = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        except (InvalidRequirement, ValueError, RecursionError):
            continue
        if holds:
            names.add(str(normalized(requirement.name)))
    return frozenset(names)


def edited(distribution: Distribution) -> PurePath | None:
    """A file of *distribution* that is not what RECORD says was installed; None if all are.

    Compiled files have no hash there; a script may have been written anew by another installer.
    """
    left = _HASHED_BYTES
    for path, wanted, told in _hashes(distribution):
        if not wanted.startswith("sha256=") or path.parent.name == SCRIPTS:
            continue
        try:
            with paths.opened(path) as file:
                size = os.fstat(file.fileno()).st_size
                if told.isdigit() and told != str(size):
                    return path
                if size > min(left, _HASHED_OF_ONE):
                    continue
                left -= size
                digest = hashlib.sha256()
                # What grows meanwhile is not followed.
                while size > 0 and (piece := file.read(min(size, _PIECE_BYTES))):
                    digest.update(piece)
                    size -= len(piece)
        except OSError:
            continue  # gone, or no plain file: no work of the user's that could be lost
        if base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode() != wanted[7:]:
            return path
    return None


_HASHED_OF_ONE = 256 << 20
"""Above that, the size alone tells: nobody edits such a file by hand."""
_HASHED_BYTES = 4 << 30
"""All that is read of one distribution, whatever its RECORD names."""
_PIECE_BYTES = 1 << 20


def _hashes(distribution: Distribution) -> Iterator[tuple[PurePath, str, str]]:
    """Each file that RECORD names, its hash and its size as told there."""
    try:
        rows = distributions.record_rows(distribution.metadata / "RECORD")
    except OSError:
        return
    for row in rows:
        if len(row) > 1:
            path = os.path.normpath(os.path.join(distribution.location, row[0]))
            yield PurePath(path), row[1], row[2] if len(row) > 2 else ""


def strangers(environment: Path, remaining: Iterable[Distribution]) -> PurePath | None:
    """A file in the virtual *environment* that no installer put there; None if there is none.

    *remaining*: the distributions in it.
    """
    known = {
        os.path.normpath(os.path.join(d.location, row))
        for d in remaining
        for row in distributions.recorded(d)
    }
    for folder, folders, files in os.walk(environment):
        folders[:] = [name for name in folders if name != "__pycache__"]
        inside = os.path.relpath(folder, environment)
        for name in files:
            path = os.path.join(folder, name)
            if path not in known and not _is_skeleton(inside, name):
                return PurePath(path)
    return None


def _is_skeleton(folder: str, name: str) -> bool:
    """Whether a new virtual environment holds the file *name* in *folder*.

    Sources: ``venv``, ``Lib/venv``; virtualenv, ``activation``; uv, ``crates/uv-virtualenv``.
    """
    if folder == ".":
        return name in {"pyvenv.cfg", ".gitignore", "CACHEDIR.TAG", ".lock", ".safepip-unfinished"}
    if folder == SCRIPTS:
        beginnings = ("activate", "Activate", "deactivate", "python", "pypy", "pydoc.bat")
        # The commands of pip's own have names of their own, which a RECORD need not list.
        return name.startswith((*beginnings, "pip")) or "𝜋thon" in name
    return name.startswith(("_virtualenv.", "distutils-precedence.", "_safepip_base."))
