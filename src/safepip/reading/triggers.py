"""The table of triggers: how pip's last words begin with each, and when it is met.

A new one gets a row here; what reads the table are the gate, the foresight, the watching and the
reader of logs. Its sentences are the ``match`` statements of ``wording/triggers.py``, which the
type checker has complete.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple

from safepip.model.triggers import TriggerName


class Met(Enum):
    """When pip meets it."""

    BEFORE_ALL = auto()
    """Before pip does anything, whatever it is asked to install."""
    BEFORE_WRITING = auto()
    """When there is something to install: pip can still be stopped then."""


class Traits(NamedTuple):
    """What is known of one trigger."""

    met: Met
    heads: tuple[bytes, ...] = ()
    """Beginnings of the stderr lines after which pip only cleans up and ends, as of pip before
    19.2; later ones put ``ERROR:`` before them."""
    line: re.Pattern[bytes] | None = None
    """A line of pip's that says it without a path; None where only a path tells."""
    in_log: bytes | None = None
    """A pattern of the same in somebody's log: of another version, in other capitals, without level
    or full stop. Whoever reads logs compiles it: a watched install needs none."""
    needles: bytes = b""
    """Another, quickly searched for: every line that ``in_log`` is about holds it."""


_NOT_WRITTEN = (b"Could not install packages due to an ",)

TRIGGERS = {
    TriggerName.DEFAULT_TO_USER: Traits(
        met=Met.BEFORE_WRITING,  # says it before, and goes on
        in_log=(
            rb"defaulting\s*to\s*user\s*installation\s*because\s*normal\s*site-?\s*packages"
            rb"\s*is\s*not\s*write?able"
        ),
        needles=b"efaulting",
    ),
    TriggerName.PERMISSION_DENIED: Traits(met=Met.BEFORE_WRITING, heads=_NOT_WRITTEN),
    TriggerName.READ_ONLY: Traits(met=Met.BEFORE_WRITING, heads=_NOT_WRITTEN),
    TriggerName.EXTERNALLY_MANAGED: Traits(
        met=Met.BEFORE_ALL,
        heads=(b"error: externally-managed-environment",),
        line=re.compile(rb"error: externally-managed-environment\Z"),
        in_log=(
            rb"error:?\s+externally[- ]managed[- ]environment\b"
            rb"|(?:(?:\xc3\x97|\xd7|x|\?) )?this environment is externally managed\b"
            rb"|\S*> ?to install python packages system-wide, try "
            rb"|hint: see pep 668 for the detailed specification"
            rb"|note: if you believe this is a mistake, please contact your python installation"
        ),
        needles=rb"xternally|pep 668|system-wide|a mistake",
    ),
    TriggerName.VIRTUALENV_REQUIRED: Traits(
        met=Met.BEFORE_ALL,
        heads=(b"Could not find an activated virtualenv (required)",),
        line=re.compile(rb"(?:ERROR: )?Could not find an activated virtualenv \(required\)\.$"),
        in_log=rb"(?:error:\s+)?could not find an activated virtualenv \(required\)",
        needles=b"activated",
    ),
    TriggerName.USER_SITE_UNAVAILABLE: Traits(
        met=Met.BEFORE_ALL,
        heads=(b"Can not perform a '--user' install",),
        line=re.compile(
            rb"(?:ERROR: )?Can ?not perform a '--user' install\. User site-packages are "
            rb"(?:not visible in this virtualenv|disabled for this Python)"
        ),
        in_log=rb"(?:error:\s+)?can ?not perform a ['\"]?-- ?user['\"]? install\b",
        needles=b"user",
    ),
}


def met(when: Met) -> frozenset[TriggerName]:
    """The triggers that pip meets at that time."""
    return frozenset(name for name, traits in TRIGGERS.items() if traits.met is when)


PLAIN = tuple((name, traits.line) for name, traits in TRIGGERS.items() if traits.line is not None)
"""The triggers that a line tells without a path."""

LAST_WORDS = tuple(
    prefix + head
    for head in dict.fromkeys(head for traits in TRIGGERS.values() for head in traits.heads)
    for prefix in (b"ERROR: ", b"")
)
"""Every way in which pip's last words can begin when it is denied."""
