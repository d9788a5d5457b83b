"""Tells whether pip will have something to install, by what lies where pip looks.

Pure. What is not certain is left to pip: it alone knows what its resolver makes of a request.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from safepip.model.requests import RequirementKind
from safepip.reading.names import is_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from safepip.model.requests import RequestedRequirement


class Standing(Enum):
    """How a request stands before pip has looked at it."""

    MISSING = auto()
    """pip will install something for it, or try to."""
    PRESENT = auto()
    """Something of its name is there: pip may be content with that, or not."""
    UNCLEAR = auto()
    """Only pip can tell, be it with an error."""


def overall(
    requirements: Iterable[RequestedRequirement],
    installed: Mapping[str, frozenset[str]],
    *,
    anew: bool,
) -> Standing:
    """How a command stands that asks for all of *requirements*.

    *installed*: versions by normalized name, ``""`` for one that does not show. *anew*: what is
    there is installed once more.
    """
    found = {_standing(one, installed) for one in requirements}
    if Standing.UNCLEAR in found or not found:
        return Standing.UNCLEAR
    return Standing.MISSING if anew or Standing.MISSING in found else Standing.PRESENT


def _standing(one: RequestedRequirement, installed: Mapping[str, frozenset[str]]) -> Standing:
    match one.kind:
        case RequirementKind.NAMED:
            return _named(one, installed)
        case RequirementKind.LOCAL_DIR | RequirementKind.EDITABLE:
            return Standing.MISSING  # pip builds it each time
        case RequirementKind.URL | RequirementKind.LOCAL_FILE:
            return Standing.PRESENT if one.name in installed else Standing.MISSING
        case RequirementKind.FILE:
            return Standing.UNCLEAR


def _named(one: RequestedRequirement, installed: Mapping[str, frozenset[str]]) -> Standing:
    """Source: pip, ``req/req_install.py``, ``match_markers`` and ``is_satisfied``."""
    if one.name is None:
        return Standing.UNCLEAR
    if is_plain(one.text):
        return Standing.PRESENT if one.name in installed else Standing.MISSING
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.version import InvalidVersion, Version

    try:
        wanted = Requirement(one.text)
    except InvalidRequirement:
        return Standing.UNCLEAR
    if wanted.marker is not None:
        return Standing.PRESENT  # perhaps not meant for this Python
    try:
        versions = list(map(Version, installed.get(one.name, ())))
    except InvalidVersion:
        return Standing.PRESENT
    fits = any(wanted.specifier.contains(version, prereleases=True) for version in versions)
    return Standing.PRESENT if fits else Standing.MISSING
