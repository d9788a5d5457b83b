"""What keeps the user from writing somewhere, and the command that mends it; never run by us."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from safepip.model.interpreter import Barrier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safepip.model.interpreter import Denied
    from safepip.shells.kinds import Shell


class Row(NamedTuple):
    """The words about one barrier."""

    what: str
    mend: tuple[str, ...] = ()
    """The words of the command that mends it."""


ROWS: Mapping[Barrier, Row] = {
    Barrier.OWNER: Row("{place} is not writable{owner}"),  # its command is made elsewhere
    Barrier.MODE: Row(
        "{place} is not writable (it is yours, but its mode is read-only)",
        ("chmod", "u+rwx", "{mend}"),
    ),
    Barrier.ACL: Row(
        "{place} is not writable (it is yours, but an access list forbids it)",
        ("setfacl", "-b", "{mend}"),
    ),
    Barrier.SUDO: Row("root's files would be left in {place}{owner}"),
    Barrier.READ_ONLY: Row("{place} is read-only"),
    Barrier.IMMUTABLE: Row(
        "{place} is not writable (it is marked immutable)", ("sudo", "chattr", "-i", "{mend}")
    ),
    Barrier.NO_DIRECTORY: Row("{place} is no directory", ("mv", "{mend}", "{mend}.old")),
    Barrier.UNKNOWN: Row("{place} is not writable"),
}


def not_writable(denied: Denied) -> str:
    """Why *denied* cannot be written, as the first half of a sentence."""
    owner = f" (owner: {denied.owner})" if denied.owner else ""
    return ROWS[denied.barrier].what.format(place=denied.place, owner=owner)


def mending(denied: Denied | None, shell: Shell, user: str = "") -> str | None:
    """The command by which *user* gets *denied* back; None where it is not theirs to mend.

    It is for *shell*; an empty *user* is who is logged in.
    """
    if denied is None or denied.mend is None:
        return None
    from safepip.shells.commands import chown_command, quote

    if denied.barrier is Barrier.OWNER:
        return chown_command(shell, user, denied.mend)
    words = (word.format(mend=denied.mend) for word in ROWS[denied.barrier].mend)
    return " ".join(quote(shell, word) for word in words) or None
