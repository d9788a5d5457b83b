"""What keeps the user from writing somewhere, and the command that mends it; never run by us."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from safepip.model.interpreter import Barrier

if TYPE_CHECKING:
    from safepip.model.interpreter import Denied


def not_writable(denied: Denied) -> str:
    """Why *denied* cannot be written, as the first half of a sentence."""
    place = denied.place
    match denied.barrier:
        case Barrier.OWNER:
            owner = f" (owner: {denied.owner})" if denied.owner else ""
            return f"{place} is not writable{owner}"
        case Barrier.MODE:
            return f"{place} is not writable (it is yours, but its mode is read-only)"
        case Barrier.ACL:
            return f"{place} is not writable (it is yours, but an access list forbids it)"
        case Barrier.READ_ONLY:
            return f"{place} is read-only"
        case Barrier.IMMUTABLE:
            return f"{place} is not writable (it is marked immutable)"
        case Barrier.NO_DIRECTORY:
            return f"{place} is no directory"
        case Barrier.UNKNOWN:
            return f"{place} is not writable"


def mending(denied: Denied | None) -> str | None:
    """The command by which the user gets *denied* back; None where it is not theirs to mend."""
    if denied is None or denied.mend is None:
        return None
    place = shlex.quote(str(denied.mend))
    match denied.barrier:
        case Barrier.OWNER:
            return f'sudo chown -R "$USER" {place}'
        case Barrier.MODE:
            return f"chmod -R u+rwX {place}"
        case Barrier.IMMUTABLE:
            return f"sudo chattr -i {place}"
        case Barrier.NO_DIRECTORY:
            return f"mv {place} {place}.old"
        case Barrier.ACL:
            return f"setfacl -R -b {place}"
        case Barrier.READ_ONLY | Barrier.UNKNOWN:
            return None
