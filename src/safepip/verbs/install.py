"""``install``: run the user's pip, and where it cannot write, take the install elsewhere."""

from __future__ import annotations

from safepip import runner, userpip
from safepip.flow import early
from safepip.reading import arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

    from safepip.userpip import PipTarget


def run(
    words: Sequence[str], options: Mapping[str, str], env: Mapping[str, str], target: PipTarget
) -> int:
    """Run ``install`` as *words* say and return the exit status.

    Raises:
        SafepipError: safepip's own part cannot go on; no pip is left running.
    """
    site = None if options else early.place(words, env, target)
    if site is not None and runner.can_watch():
        return early.run(words, env, target, site)
    from safepip import settings
    from safepip.flow import install, situation
    from safepip.model.errors import UnavailableError

    chosen = settings.merge(options, env)
    if chosen.report_json is not None:
        from safepip.flow import reporting

        reporting.check_report_file(chosen.report_json)
        if not arguments.is_install_to_watch(words, env):
            return _reported(target, words, env, chosen.report_json)
    try:
        if not runner.can_watch():
            userpip.hand_over(target, words, env)
        here = situation.look(words, chosen, env, target)
    except (UnavailableError, OSError):
        # What we cannot look at, pip may still work with, and has the better words if not.
        _hand_over(target, words, env)
    return install.install(here)


def _reported(target: PipTarget, words: Sequence[str], env: Mapping[str, str], file: str) -> int:
    """Let pip do what is its own business (``--dry-run``, ``--python``), and report its status."""
    from safepip.flow import ending, reporting

    status = userpip.run(target, words, env)
    reporting.write_report(file, ending.as_given(status))
    return runner.exit_like(status)


def _hand_over(target: PipTarget, words: Sequence[str], env: Mapping[str, str]) -> NoReturn:
    try:
        userpip.hand_over(target, words, env)
    except OSError as error:
        from safepip.model.errors import UnavailableError
        from safepip.model.problems import Problem

        raise UnavailableError(Problem.CANNOT_START, program=target.argv[0], why=error) from error
