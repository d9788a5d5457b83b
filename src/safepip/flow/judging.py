"""Judges what pip met, by its words and the disk, and what is to be told of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from safepip import runner
from safepip.destinations.job import Carried, neutral_variables
from safepip.flow import carrying, comparing, deciding, ending, reporting
from safepip.flow.situation import ANOTHER_PYTHON
from safepip.machine import ownership
from safepip.model.decisions import DestinationKind, Divert, RunAsGiven
from safepip.model.outcome import Outcome, OutcomeKind
from safepip.model.triggers import TriggerName
from safepip.policy import foresight
from safepip.reading import requests
from safepip.reading.names import normalized
from safepip.reading.sentences import DEFAULTING
from safepip.wording import report

if TYPE_CHECKING:
    from contextlib import ExitStack

    from safepip.flow.comparing import Before
    from safepip.flow.deciding import Decided
    from safepip.flow.situation import Situation
    from safepip.flow.watching import Watched
    from safepip.model.triggers import Trigger

_TAKING_BACK_S = 60.0


def decide_early(here: Situation, *, seen_line: bool) -> Decided:
    """Decide while pip stands still before its first install.

    Raises:
        SafepipError: the user broke it off.
    """
    by_line = seen_line or here.foreseen is TriggerName.DEFAULT_TO_USER
    name = TriggerName.DEFAULT_TO_USER if by_line else TriggerName.PERMISSION_DENIED
    met = deciding.trigger(here, name, DEFAULTING.decode() if seen_line else None, None)
    with ending.failure_told(here, met), deciding.broken_off():
        return deciding.decide(here, met)


def may_go_on(here: Situation, decided: Decided, before: Before, turn: ExitStack) -> bool:
    """Whether pip, which stands still, goes on by itself to where *decided* sends it."""
    place = goes_by_itself_to(decided)
    return isinstance(decided.decision, RunAsGiven) or (
        place is not None and _takes_turn(here, place, before, turn)
    )


def goes_by_itself_to(decided: Decided | None) -> Path | None:
    """The user site, where that is decided and pip is on its way there."""
    if decided is None or decided.trigger is None:
        return None
    decision = decided.decision
    if not isinstance(decision, Divert) or decision.destination is not DestinationKind.USER:
        return None
    by_itself = decided.trigger.name is TriggerName.DEFAULT_TO_USER
    return Path(decision.path) if by_itself else None


def _takes_turn(here: Situation, place: Path, before: Before, turn: ExitStack) -> bool:
    """Whether the user site at *place* is ours now, and still what pip took it for.

    Else pip must look anew: it would install over what another has put there since it began.
    """
    release = here.ledger.take(place)
    if release is None:
        return False
    if comparing.is_unchanged(before):
        turn.callback(release)
        return True
    release()
    return False


def take_back(here: Situation, before: Before, watched: Watched) -> None:
    """Have pip remove from the user site what it put there before it could be stopped.

    That takes a very busy machine, or a pip behind another program. Only what pip named and what
    was not there in any version goes, and only while no other safepip is at work there.
    ``leftovers_since`` tells the rest.
    """
    site = here.interpreter.user_site
    known = {one.name for one in before.contents.installed.values()}
    wanted = {normalized(name) for name in watched.watcher.names} - known
    if site is None or not wanted:
        return  # as nearly always: it was stopped in time
    landed = [one for one in comparing.landed_since(before) if one.location == site.path]
    there = [one.name for one in landed if one.complete and one.name in wanted]
    release = here.ledger.take(Path(site.path)) if there else None
    if release is None:
        return
    argv = [*here.interpreter.argv, "-m", "pip", "uninstall", "--yes", *there]
    try:
        runner.capture(argv, env=neutral_variables(here.env), timeout_s=_TAKING_BACK_S)
    finally:
        release()


def weigh(
    here: Situation, before: Before, watched: Watched, decided: Decided | None
) -> Outcome | Decided:
    """Weigh how pip ended, by its status, its words and the disk."""
    late = None
    if watched.finished.interrupted is None:
        late = _decided_late(here, before, watched, decided)
        if late is not None and not isinstance(late.decision, RunAsGiven):
            return late
    watched.show_held()
    status = watched.finished.returncode
    if late is not None:
        return _explained(here, late, status)
    if status == 0:
        return _done_by_pip(here, before, watched, decided)
    if watched.finished.interrupted is not None:
        return _interrupted(here, before, decided, status)
    return _ended_by_itself(here, decided, status)


def _decided_late(
    here: Situation, before: Before, watched: Watched, decided: Decided | None
) -> Decided | None:
    """What is decided on a denial that showed only when pip had ended; None if none did."""
    if watched.finished.returncode == 0:
        return None if decided is not None else _came_too_late(here, before, watched)
    denied = late_trigger(here, watched)
    if denied is None:
        return None
    if here.may_act:
        comparing.take_away_halves(before, watched.watcher.names)
    return deciding.decide(here, denied)


def _came_too_late(here: Situation, before: Before, watched: Watched) -> Decided | None:
    """What is decided if pip was done in the user site before it could be made to stand still.

    Then the install is carried out where it belongs all the same.
    """
    if not (here.may_act and watched.watcher.defaulted_to_user and comparing.landed_since(before)):
        return None
    met = deciding.trigger(here, TriggerName.DEFAULT_TO_USER, DEFAULTING.decode().strip(), None)
    decided = deciding.decide(here, met)
    decision = decided.decision
    if isinstance(decision, Divert) and decision.destination is not DestinationKind.USER:
        take_back(here, before, watched)
        return decided
    return None  # it is there already, or cannot be refused any more


def late_trigger(here: Situation, watched: Watched) -> Trigger | None:
    """The trigger by which pip ended, as the disk confirms it."""
    sighting = watched.watcher.verdict(watched.finished.returncode)
    if sighting is None and here.quiet >= 3 and here.foreseen in foresight.BEFORE_ALL:
        # Nothing at all is printed then; the disk knows why.
        return deciding.trigger(here, here.foreseen, None, None)
    if sighting is None or sighting.trigger is TriggerName.DEFAULT_TO_USER:
        return None
    seen = None if sighting.path is None else Path(sighting.path)
    seen = seen if seen is not None and seen.is_absolute() else None
    if "[WinError 5]" in sighting.line and (
        seen is None or ownership.look_at_place(deciding.denying(seen)).writable
    ):
        # Windows says the same of a file that is in use; no other place would help then.
        return None
    return deciding.trigger(here, sighting.trigger, sighting.line, seen)


# What pip did itself


def _done_by_pip(
    here: Situation, before: Before, watched: Watched, decided: Decided | None
) -> Outcome:
    """pip did it itself: as it was asked to, or into the user site as decided."""
    landed = comparing.landed_since(before)
    outcome = ending.as_given(0)._replace(interpreter=here.interpreter)
    diverted = landed and decided is not None and isinstance(decided.decision, Divert)
    if diverted and decided is not None:
        outcome = outcome._replace(
            kind=OutcomeKind.DIVERTED, trigger=decided.trigger, decision=decided.decision
        )
    outcome = reporting.with_landed(here, outcome, landed, comparing.scripts_dirs(here))
    if not watched.watcher.defaulted_to_user or not landed or diverted:
        return outcome
    if foresight.is_pip_alone(here.command):
        return outcome._replace(notes=report.new_pip_in_user_site(here.interpreter))
    return outcome._replace(notes=report.landed_in_user_site(outcome))


def _interrupted(here: Situation, before: Before, decided: Decided | None, status: int) -> Outcome:
    """Ctrl-C came while pip ran on, as it was asked to or into the user site as decided."""
    if decided is None or not isinstance(decided.decision, Divert):
        return ending.as_given(status)
    carried = Carried(
        returncode=status,
        interpreter=here.interpreter,
        landed=comparing.landed_since(before),
        scripts_dirs=comparing.scripts_dirs(here),
        unfinished=comparing.unfinished_since(before),
    )
    return carrying.landed(here, decided, carried)


def _ended_by_itself(here: Situation, decided: Decided | None, status: int) -> Outcome:
    """pip failed for a reason of its own."""
    if decided is not None:
        return ending.failed(here, status, decided.trigger, decided.decision)
    if foresight.is_pip_alone(here.command) and here.foreseen is not None:
        return ending.as_given(status)._replace(notes=report.pip_stays(here.interpreter))
    return ending.as_given(status)


def _explained(here: Situation, denied: Decided, status: int) -> Outcome:
    """pip was denied and is left to that, with what would have worked."""
    outcome = ending.failed(here, status, denied.trigger)
    option = foresight.chosen_place(here.command)
    if option is not None and denied.trigger is not None:
        works = _works_without(here, denied, option)
        if option == ANOTHER_PYTHON:
            from safepip.flow import going_on

            again = going_on.for_another_python(here) if works else ""
            notes = report.other_python_denied(denied.trigger, here.interpreter, again)
        else:
            notes = report.explicit_place_denied(option, denied.trigger, works=works)
        return outcome._replace(notes=notes)
    if foresight.is_pip_alone(here.command):
        return outcome._replace(notes=report.pip_stays(here.interpreter))
    return outcome


def _works_without(here: Situation, denied: Decided, option: str) -> bool:
    """Whether the same command without *option* would find a place."""
    words = requests.without(here.command, option)
    other = here._replace(command=requests.parse(words, here.env))
    return isinstance(deciding.settle(other, denied.facts, look_up=False).decision, Divert)
