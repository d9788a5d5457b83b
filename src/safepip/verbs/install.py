"""``install``: run the user's pip, and where it cannot write, take the install elsewhere."""

from __future__ import annotations

from safepip import runner, userpip
from safepip.flow import early

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.userpip import PipTarget


def run(
    words: Sequence[str], options: Mapping[str, str], env: Mapping[str, str], target: PipTarget
) -> int:
    """Run ``install`` as *words* say and return the exit status.

    Raises:
        SafepipError: safepip's own part cannot go on; no pip is left running.
    """
    if early.begun_at is not None:
        return early.run(words, env, target, early.begun_at)
    from safepip import settings
    from safepip.flow import install, situation
    from safepip.model.errors import UnavailableError

    chosen = settings.merge(options, env)
    if chosen.report_json is not None:
        from safepip.flow import reporting

        reporting.check_report_file(chosen.report_json)
    if not runner.can_watch():
        userpip.hand_over(target, words, env)
    try:
        here = situation.look(words, chosen, env, target)
    except (UnavailableError, OSError):
        # What we cannot look at, pip may still work with, and has the better words if not.
        userpip.hand_over(target, words, env)
    return install.install(here)
