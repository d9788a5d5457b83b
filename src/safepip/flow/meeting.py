"""Runs the user's pip under watch, and tells what it met: nothing, or a denial to act on.

What the most common end needs is imported here, all else with ``judging`` when there is something
to judge.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, NamedTuple

from safepip.flow import ending, watching
from safepip.model.errors import UnavailableError

if TYPE_CHECKING:
    from contextlib import ExitStack

    from safepip.flow.comparing import Before
    from safepip.flow.deciding import Decided
    from safepip.flow.downloads import Downloads
    from safepip.flow.situation import Situation
    from safepip.flow.watching import Watched
    from safepip.model.outcome import Outcome


class PassedOn(NamedTuple):
    """A signal ended it: whoever sent that is to see the same end as of bare pip."""

    returncode: int


def meet(
    here: Situation, before: Before, turn: ExitStack, downloads: Downloads
) -> PassedOn | Outcome | Decided:
    """Run pip under watch, and decide as soon as it shows that it cannot write.

    ``Decided``: it was denied, and this is to be done instead. *turn*: holds the turn for the user
    site while pip goes on there by itself. *downloads*: keeps what pip downloads.

    Raises:
        SafepipError: pip cannot be started, or the user broke off the decision.
    """
    decided: Decided | None = None

    def on_sign(*, seen_line: bool) -> bool:
        """Decide while pip stands still; whether it may go on."""
        nonlocal decided
        from safepip.flow import judging

        decided = judging.decide_early(here, seen_line=seen_line)
        return judging.may_go_on(here, decided, before, turn)

    with ending.failure_told(here, of=UnavailableError):
        watched = watching.run_pip(here, on_sign, downloads)
    return conclude(here, before, watched, decided)


def conclude(
    here: Situation, before: Before, watched: Watched, decided: Decided | None
) -> PassedOn | Outcome | Decided:
    """What came of running pip, if it was *decided* already what to do instead, or not."""
    finished = watched.finished
    ended_us = finished.interrupted if finished.interrupted != signal.SIGINT else None
    if ended_us is not None or (finished.returncode < 0 and not finished.stopped):
        watched.show_held()
        return PassedOn(returncode=finished.returncode if ended_us is None else -ended_us)
    if decided is None and _is_plain(here, watched):
        watched.show_held()
        return ending.as_given(finished.returncode)
    from safepip.flow import judging

    if finished.stopped and decided is not None:
        judging.take_back(here, before, watched)
        return decided
    return judging.weigh(here, before, watched, decided)


def _is_plain(here: Situation, watched: Watched) -> bool:
    """Whether pip ended in a way of which nothing is to be told, and nobody wants a report."""
    if here.settings.report_json is not None or watched.watcher.defaulted_to_user:
        return False
    if watched.finished.returncode == 0:
        return True
    return here.foreseen is None and watched.watcher.verdict(watched.finished.returncode) is None
