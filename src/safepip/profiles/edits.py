"""Edits several profiles: each that can be edited, whatever becomes of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.model.errors import CannotCreateError
from safepip.model.reasons import Reason, because
from safepip.profiles import line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from safepip.profiles.line import Edit
    from safepip.state import Ledger


def carry_out(
    edits: Sequence[Edit],
    ledger: Ledger,
    done: Callable[[Sequence[object], Sequence[object]], str],
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Edit all that can be edited; the files that were changed, and those that were so already.

    *done* says what was done to the changed and the unchanged ones, for where others failed.

    Raises:
        CannotCreateError: one of them could not be written, whatever was done to the others.
    """
    results = [(edit, _attempt(edit, ledger)) for edit in edits]
    changed = tuple(edit.file for edit, result in results if result is True)
    unchanged = tuple(edit.file for edit, result in results if result is False)
    failed = [(edit, error) for edit, error in results if isinstance(error, CannotCreateError)]
    if failed:
        # What is for a file that is read at a login, the last, does no harm in the others.
        edit, error = failed[-1]
        files = tuple(edit.file for edit, _ in failed)
        why = _whys([error for _, error in failed], done(changed, unchanged))
        raise CannotCreateError(edit.otherwise, files=files, why=why, line=edit.paste) from error
    return changed, unchanged


def _attempt(edit: Edit, ledger: Ledger) -> bool | CannotCreateError:
    try:
        return line.carry_out(edit, ledger)
    except CannotCreateError as error:
        return error


def _whys(errors: Sequence[CannotCreateError], done: str) -> tuple[object, ...]:
    """Each cause once, and behind them what was *done* all the same."""
    whys: list[object] = []
    for error in errors:
        why = error.facts["why"]
        if isinstance(why, OSError) and why.strerror:
            why = because(Reason.SAID, words=why.strerror)
        if why not in whys:
            whys.append(why)
    return (*whys, *([because(Reason.SAID, words=done)] if done else []))
