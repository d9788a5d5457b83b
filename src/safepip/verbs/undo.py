"""``undo``: take back an install that was taken elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from safepip import console, history, runner, settings, state
from safepip.destinations import taking_back
from safepip.machine import home, ownership, remembered
from safepip.model.errors import RefusedError, UsageError
from safepip.model.problems import Problem
from safepip.policy import undoing as policy
from safepip.reading import flags
from safepip.wording import errors
from safepip.wording import history as wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import PurePath

    from safepip.model.history import Diversion
    from safepip.model.undoing import Undoing
    from safepip.settings import Settings

YES = ("--yes", "-y")


class _Asked(NamedTuple):
    number: int | None
    yes: bool
    as_json: bool


def run(words: Sequence[str], options: Mapping[str, str], env: Mapping[str, str]) -> int:
    """Undo the diversion that *words* name, else the last one, and return the exit status.

    Raises:
        UsageError: *words* are not possible.
        SafepipError: its place cannot be used.
    """
    asked = _read(words)
    chosen = settings.merge(options, env)
    entry = _chosen(history.read(chosen.state_dir), asked.number)
    if entry is None and asked.number is None:
        denied = ownership.denied(chosen.state_dir)
        why = "" if denied is None else wording.not_kept(denied)
        return _refuse(asked, None, RefusedError(Problem.NOTHING_TO_UNDO, why=why))
    if entry is None:
        return _refuse(asked, None, RefusedError(Problem.UNKNOWN_ID, number=asked.number))
    plan = policy.plan(entry, *remembered.look(entry))
    if plan.is_over:
        history.mark_undone(chosen.state_dir, entry.number)
        return _tell(asked, plan, wording.done(plan))
    if not plan.does_something:
        name, why = plan.left[0].name, wording.reasons(plan.left)
        return _refuse(asked, plan, RefusedError(Problem.LEFT_ALONE, name=name, why=why))
    if not asked.yes:
        problem = _not_agreed(asked, plan, home.home_of(env))
        if problem is not None:
            return _refuse(asked, plan, RefusedError(problem, number=entry.number))
    return _carry_out(asked, plan, chosen, env)


def _read(words: Sequence[str]) -> _Asked:
    given, rest = flags.split("undo", words, *YES, "--json", names=1)
    if rest and not (rest[0].isascii() and rest[0].isdigit()):
        raise UsageError(Problem.NOT_AN_ID, word=rest[0])
    number = int(rest[0][:9]) if rest else None
    return _Asked(number, yes=not given.isdisjoint(YES), as_json="--json" in given)


def _chosen(entries: Sequence[Diversion], number: int | None) -> Diversion | None:
    """The diversion *number* that is not undone yet, or the last one."""
    there = [entry for entry in entries if not entry.undone and number in {None, entry.number}]
    return there[-1] if there else None


def _not_agreed(asked: _Asked, plan: Undoing, home_dir: PurePath | None) -> Problem | None:
    """Ask the user; why it must not be done, None if it may."""
    if not asked.as_json:
        console.show_lines(wording.undoing(plan, home_dir))
    if asked.as_json or not (console.is_terminal(0) and console.is_terminal(2)):
        return Problem.NOBODY_TO_ASK
    agreed = console.agreed(wording.QUESTION, default=False)
    return None if agreed else Problem.YOU_SAID_NO


def _carry_out(asked: _Asked, plan: Undoing, chosen: Settings, env: Mapping[str, str]) -> int:
    hands = taking_back.Hands(
        env=env,
        ledger=state.Ledger(chosen.state_dir),
        data_dir=chosen.data_dir,
        console=console.Console(env),
        stdout=2 if asked.as_json else None,
    )
    taken = taking_back.carry_out(plan, hands)
    if taken.returncode != 0:
        if asked.as_json:
            still = policy.plan(plan.diversion, *remembered.look(plan.diversion))
            console.answer("undo", wording.undo_json(plan, still))
        return runner.exit_like(taken.returncode)
    history.mark_undone(chosen.state_dir, plan.diversion.number)
    home_dir = home.home_of(env)
    lines = [*wording.done(plan), *wording.left(plan.left)]
    place = plan.diversion.destination
    if taken.environment_removed:
        active = env.get("VIRTUAL_ENV") == str(place)
        lines += wording.environment_removed(place, home_dir, active=active)
    elif taken.stranger is not None:
        lines.append(wording.environment_kept(place, taken.stranger, home_dir))
    return _tell(asked, plan, lines, environment_removed=taken.environment_removed)


def _tell(
    asked: _Asked, plan: Undoing, lines: Sequence[str], *, environment_removed: bool = False
) -> int:
    if asked.as_json:
        told = wording.undo_json(plan, environment_removed=environment_removed)
        console.answer("undo", told)
    else:
        console.show_lines(lines)
    return 0


def _refuse(asked: _Asked, plan: Undoing | None, error: RefusedError) -> int:
    """Say why nothing was undone; the status of a refusal."""
    if not asked.as_json:
        raise error
    console.answer("undo", wording.undo_json(plan, plan), [errors.sentence(error)])
    return int(error.exit_code)
