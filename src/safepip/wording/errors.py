"""The words for what ends a command early."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from safepip.model.errors import SafepipError

from safepip.wording.lines import INDENT


def error(problem: SafepipError) -> tuple[str, ...]:
    """What went wrong, why, and the command that helps."""
    first = problem.what + (f": {problem.why}" if problem.why else "")
    if not problem.do:
        return (first,)
    return (f"{first}; {problem.lead}:", INDENT + problem.do)


def internal_error(kind: str, log: str | None) -> tuple[str, ...]:
    """The one line about a bug of ours."""
    where = f"; the details are in {log}" if log else ""
    return (f"internal error ({kind}): this is a bug of safepip, not yours{where}",)
