"""``install``: run the user's pip, and where it cannot write, take the install elsewhere.

The steps: look at the Python, run pip under watch, decide when a trigger comes, carry the decision
out, compare the disk with what it was, report.
"""

from __future__ import annotations

import contextlib
import signal
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip import console, runner, settings, userpip
from safepip.destinations import pipx, user, venv
from safepip.destinations.job import Carried
from safepip.flow import reporting, shell_side, watching
from safepip.flow.ask import choose
from safepip.flow.situation import Situation, denying
from safepip.machine import distributions, held, ownership
from safepip.machine import shell as machine_shell
from safepip.model.decisions import DestinationKind, Divert, RunAsGiven, Strategy
from safepip.model.errors import (
    BrokenOffError,
    CannotCreateError,
    ExitCode,
    SafepipError,
    UnavailableError,
)
from safepip.model.outcome import Outcome, OutcomeKind
from safepip.model.triggers import Trigger, TriggerName
from safepip.policy import foresight, landing
from safepip.reading.sentences import DEFAULTING
from safepip.runner import pipes
from safepip.shells.names import ShellNames
from safepip.wording import errors, report
from safepip.wording import shell as wording_shell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

    from safepip.model.decisions import Decision
    from safepip.model.interpreter import Interpreter
    from safepip.model.outcome import Distribution
    from safepip.model.requests import PipCommand
    from safepip.model.triggers import Sighting
    from safepip.userpip import PipTarget

# Met before pip does anything, whatever it is asked to install.
_BEFORE_ALL = frozenset(
    {
        TriggerName.EXTERNALLY_MANAGED,
        TriggerName.USER_SITE_UNAVAILABLE,
        TriggerName.VIRTUALENV_REQUIRED,
    }
)

_CARRIERS = {
    DestinationKind.VENV: venv.carry_out,
    DestinationKind.USER: user.carry_out,
    DestinationKind.PIPX: pipx.carry_out,
}


def run(
    words: Sequence[str], options: Mapping[str, str], env: Mapping[str, str], target: PipTarget
) -> int:
    """Run ``install`` as *words* say and return the exit status.

    Raises:
        SafepipError: safepip's own part cannot go on; no pip is left running.
    """
    chosen = settings.merge(options, env)
    if chosen.report_json is not None:
        reporting.check_report_file(chosen.report_json)
    try:
        if not runner.can_watch():
            userpip.hand_over(target, words, env)
        here = Situation(words, chosen, env, target)
    except (UnavailableError, OSError):
        # What we cannot look at, pip may still work with, and has the better words if not.
        _hand_over(target, words, env)
    return _Install(here).run()


def _hand_over(target: PipTarget, words: Sequence[str], env: Mapping[str, str]) -> NoReturn:
    try:
        userpip.hand_over(target, words, env)
    except OSError as error:
        what = f"{target.argv[0]} cannot be started"
        raise UnavailableError(what, why=error.strerror or str(error)) from error


class _Install:
    """One ``install``, from the command line to the report."""

    def __init__(self, here: Situation) -> None:
        self.here = here
        self.interpreter = here.interpreter
        self.command = here.command
        self.console = console.Console(
            here.env, quiet=bool(here.quiet), color=not here.command.has("--no-color")
        )
        self.places = _site_places(self.command, self.interpreter)
        self.before = distributions.contents(self.places)
        self.aside_before = distributions.remains(self.places)
        self.trigger: Trigger | None = None
        self.decision: Decision | None = None
        self.kept = pipes.keep(here.command, here.env) if here.may_act else ()
        self.turn = contextlib.ExitStack()
        """Holds the turn for the user site while pip goes on there by itself."""

    def run(self) -> int:
        with self.turn:
            return self._run()

    def _run(self) -> int:
        try:
            watched = watching.run_pip(self.here.watched_run(), self._on_sign)
        except SafepipError as error:
            self._write_report(self._failed(error.exit_code))
            raise
        self.watcher = watched.watcher
        finished = watched.finished
        status = finished.returncode
        ended_us = finished.interrupted if finished.interrupted != signal.SIGINT else None
        if ended_us is not None or (status < 0 and not finished.stopped):
            # Whoever ended us, or pip, sees the same end as of bare pip.
            watched.show_held()
            return runner.exit_like(status if ended_us is None else -ended_us)
        if finished.interrupted is not None and not finished.stopped:
            watched.show_held()
            return self._finish(self._interrupted(status))
        return self._after(watched, status)

    def _on_sign(self, *, seen_line: bool) -> bool:
        """Decide while pip stands still; whether it may go on."""
        by_line = seen_line or self.here.foreseen is TriggerName.DEFAULT_TO_USER
        name = TriggerName.DEFAULT_TO_USER if by_line else TriggerName.PERMISSION_DENIED
        self.trigger = self.here.trigger(name, DEFAULTING.decode() if seen_line else None, None)
        try:
            self.decision = self._decide()
            place = self._goes_by_itself_to()
            return isinstance(self.decision, RunAsGiven) or (
                place is not None and self._takes_turn(place)
            )
        except KeyboardInterrupt:
            what = "interrupted while safepip looked for a place to install to"
            raise BrokenOffError(what, why="no package was installed") from None

    def _goes_by_itself_to(self) -> Path | None:
        """The user site, where that is decided and pip is on its way there."""
        decision = self.decision
        if self.trigger is None or self.trigger.name is not TriggerName.DEFAULT_TO_USER:
            return None
        if not isinstance(decision, Divert) or decision.destination is not DestinationKind.USER:
            return None
        return Path(decision.path)

    def _takes_turn(self, place: Path) -> bool:
        """Whether the user site at *place* is ours now, and still what pip took it for.

        Else pip must look anew: it would install over what another has put there since it began.
        """
        release = self.here.ledger.take(place)
        if release is None:
            return False
        self.turn.callback(release)
        return distributions.installed(self.places) == self.before.installed

    # After pip

    def _after(self, watched: watching.Watched, status: int) -> int:
        if watched.finished.stopped:
            return self._act()
        if status == 0:
            if self._came_too_late():
                return self._act()
            watched.show_held()
            return self._finish(self._done_by_pip(status))
        denied = self._late_trigger(status)
        if denied is None:
            watched.show_held()
            if self.decision is not None:
                return self._finish(self._failed(status))
            outcome = _as_given(status)
            if foresight.is_pip_alone(self.command) and self.here.foreseen is not None:
                outcome = replace(outcome, notes=report.pip_stays(self.interpreter))
            return self._finish(outcome)
        self.trigger = denied
        self.decision = self._decide()
        if isinstance(self.decision, RunAsGiven):
            watched.show_held()
            notes = self._explanation(denied)
            return self._finish(replace(self._failed(status), decision=None, notes=notes))
        return self._act()

    def _came_too_late(self) -> bool:
        """Whether pip was done in the user site before it could be made to stand still.

        That takes a very busy machine. Then the install is carried out where it belongs all the
        same, and what pip put into the user site is told.
        """
        if self.decision is not None or not self.here.may_act:
            return False
        after = distributions.installed(self.places)
        if not (self.watcher.defaulted_to_user and landing.compare(self.before.installed, after)):
            return False
        self.trigger = self.here.trigger(
            TriggerName.DEFAULT_TO_USER, DEFAULTING.decode().strip(), None
        )
        self.decision = self._decide()
        if isinstance(self.decision, Divert):
            return self.decision.destination is not DestinationKind.USER
        # It cannot be refused any more.
        self.trigger = self.decision = None
        return False

    def _late_trigger(self, status: int) -> Trigger | None:
        """The trigger by which pip ended, as the disk confirms it."""
        sighting = self.watcher.verdict(status)
        if sighting is None and self.here.quiet >= 3 and self.here.foreseen in _BEFORE_ALL:
            # Nothing at all is printed then; the disk knows why.
            return self.here.trigger(self.here.foreseen, None, None)
        if sighting is None or sighting.trigger is TriggerName.DEFAULT_TO_USER:
            return None
        seen = _absolute(sighting)
        if "[WinError 5]" in sighting.line and (
            seen is None or ownership.look_at_place(denying(seen)).writable
        ):
            # Windows says the same of a file that is in use; no other place would help then.
            return None
        return self.here.trigger(sighting.trigger, sighting.line, seen)

    def _decide(self, excluded: frozenset[str] = frozenset()) -> Decision:
        decision = self.here.decide(self.trigger, excluded)
        asks = self.here.settings.strategy is Strategy.ASK and self.here.host.terminal
        if asks and isinstance(decision, Divert):
            return choose(self.command, self.here.facts(self.trigger), decision)
        return decision

    # Acting

    def _act(self) -> int:
        self.turn.close()
        leftovers = self._leftovers()
        job = replace(self.here.job(self.console), leftovers=bool(leftovers))
        excluded: frozenset[str] = frozenset()
        while isinstance(self.decision, Divert):
            pipes.rewind(self.kept)
            try:
                carried = _CARRIERS[self.decision.destination](job, self.decision)
            except SafepipError as error:
                self._write_report(replace(self._failed(error.exit_code), leftovers=leftovers))
                raise
            if carried.impossible is None:
                return self._finish(self._outcome(carried, leftovers))
            excluded |= {self.decision.rule}
            self.decision = self._decide(excluded)
        return self._finish(
            Outcome(
                kind=OutcomeKind.REFUSED,
                exit_code=int(ExitCode.REFUSED),
                trigger=self.trigger,
                decision=self.decision,
                interpreter=self.interpreter,
                leftovers=leftovers,
            )
        )

    def _outcome(self, carried: Carried, leftovers: tuple[str, ...] = ()) -> Outcome:
        undone = carried.unfinished
        return self._landed(
            [one for one in carried.landed if undone is None or one not in undone.partly],
            carried.scripts_dirs,
            Outcome(
                kind=OutcomeKind.DIVERTED if carried.returncode == 0 else OutcomeKind.FAILED,
                exit_code=carried.returncode,
                trigger=self.trigger,
                decision=self.decision,
                interpreter=carried.interpreter,
                leftovers=leftovers if undone is None else (*leftovers, *_undone(undone)),
                interrupted=undone is not None,
            ),
            carried.commands,
        )

    def _done_by_pip(self, status: int) -> Outcome:
        """pip did it itself: as it was asked to, or into the user site as decided."""
        after = distributions.installed(self.places)
        landed = landing.compare(self.before.installed, after)
        by_user = isinstance(self.decision, Divert)
        if by_user and not landed:
            self.trigger = self.decision = None
            by_user = False
        outcome = Outcome(
            kind=OutcomeKind.DIVERTED if by_user else OutcomeKind.AS_GIVEN,
            exit_code=status,
            trigger=self.trigger if by_user else None,
            decision=self.decision if by_user else None,
            interpreter=self.interpreter,
        )
        dirs = _scripts_dirs(self.command, self.interpreter)
        outcome = self._landed(landed, dirs, outcome)
        if self.watcher.defaulted_to_user and landed and not by_user:
            if foresight.is_pip_alone(self.command):
                return replace(outcome, notes=report.pip_stays(self.interpreter))
            return replace(outcome, notes=report.landed_in_user_site(outcome))
        return outcome

    def _interrupted(self, status: int) -> Outcome:
        """Ctrl-C came while pip ran on, as it was asked to or into the user site as decided."""
        if status == 0:  # it came too late
            return self._done_by_pip(status)
        if not isinstance(self.decision, Divert):
            return _as_given(status)
        after = distributions.contents(self.places)
        return self._outcome(
            Carried(
                returncode=status,
                interpreter=self.interpreter,
                landed=landing.compare(self.before.installed, after.installed),
                scripts_dirs=_scripts_dirs(self.command, self.interpreter),
                unfinished=distributions.unfinished(self.before, after),
            )
        )

    def _failed(self, status: int) -> Outcome:
        return Outcome(
            kind=OutcomeKind.FAILED,
            exit_code=status,
            trigger=self.trigger,
            decision=self.decision,
            interpreter=self.interpreter,
        )

    def _landed(
        self,
        landed: Sequence[Distribution],
        scripts_dirs: Sequence[PurePath],
        outcome: Outcome,
        commands: Mapping[str, tuple[PurePath, ...]] | None = None,
    ) -> Outcome:
        requested = [r.name for r in self.command.requirements if r.name is not None]
        ordered = landing.requested_first(landed, requested)
        names = self._held_names(outcome) if landed else ShellNames()
        found = reporting.landings(ordered, scripts_dirs, commands, self.here.env, names)
        command = reporting.next_command(outcome.decision, found, self.here.env)
        notes = outcome.notes
        if outcome.decision is not None:
            notes = (*notes, *reporting.held_notes(found, self.here.env))
        outcome = replace(outcome, landed=found, next_command=command, notes=notes)
        if command is None:
            return outcome
        return self._activated(outcome, ordered, scripts_dirs, names)

    def _held_names(self, outcome: Outcome) -> ShellNames:
        """What the user's shell holds, where somebody is going to be told; asking takes time."""
        if outcome.decision is None and self.here.settings.report_json is None:
            return ShellNames()
        return held.look(self.here.env, machine_shell.user_shell(self.here.env))

    def _activated(
        self,
        outcome: Outcome,
        ordered: Sequence[Distribution],
        scripts_dirs: Sequence[PurePath],
        names: ShellNames,
    ) -> Outcome:
        """*outcome* as it is after the shell's function has activated the place, if it will."""
        decision = outcome.decision
        if outcome.kind is not OutcomeKind.DIVERTED or not isinstance(decision, Divert):
            return outcome
        if not shell_side.activate(decision, self.here.env, self.here.settings):
            return outcome
        env = shell_side.activated_environment(decision, self.here.env)
        found = reporting.landings(ordered, scripts_dirs, None, env, names)
        notes = (*outcome.notes, wording_shell.activated(decision.path))
        return replace(outcome, landed=found, next_command=None, notes=notes)

    def _leftovers(self) -> tuple[str, ...]:
        """What pip had written before it was refused, by the disk."""
        if self._goes_by_itself_to() is not None:
            # It was not refused, and stood still before it wrote; this is another safepip's.
            return ()
        after = distributions.installed(self.places)
        told = [
            report.left_behind(f"{d.name} {d.version}", d.location, complete=d.complete)
            for d in landing.compare(self.before.installed, after)
        ]
        gone = [d for path, d in self.before.installed.items() if path not in after]
        told += [
            report.taken_away(f"{d.name} {d.version}", d.location)
            for d in gone
            if all(other.name != d.name for other in after.values())
        ]
        aside = distributions.remains(self.places) - self.aside_before
        return (*told, *(report.moved_aside(path) for path in sorted(aside)))

    def _explanation(self, trigger: Trigger) -> tuple[str, ...]:
        option = foresight.chosen_place(self.command)
        if option is not None:
            return report.explicit_place_denied(option, trigger)
        if foresight.is_pip_alone(self.command):
            return report.pip_stays(self.interpreter)
        return ()

    # Ending

    def _finish(self, outcome: Outcome) -> int:
        self.turn.close()
        if outcome.decision is not None:
            outcome = replace(outcome, notes=(*outcome.notes, *self.here.settings.notices))
        told = outcome.notes or outcome.decision or self.here.settings.report_json is not None
        if told and not outcome.interrupted:  # nobody waits for another shell then
            outcome = reporting.look_ahead(outcome, self.here.env)
        own = "safepip"
        if told:
            own = machine_shell.own_word(self.here.env, machine_shell.user_shell(self.here.env))
        lines = report.report(outcome, cause=self.interpreter, own=own)
        if outcome.kind in {OutcomeKind.REFUSED, OutcomeKind.FAILED}:
            self.console.complain(lines)
        else:
            self.console.say(lines)
        self._write_report(outcome)
        shell_side.forget_places(outcome, self.here.env)
        return runner.exit_like(outcome.exit_code)

    def _write_report(self, outcome: Outcome) -> None:
        if self.here.settings.report_json is None:
            return
        # The user's own Python and pip, as they are asked about; where it went is told apart.
        told = replace(outcome, interpreter=self.interpreter)
        try:
            reporting.write_report(self.here.settings.report_json, told)
        except CannotCreateError as error:
            # A full disk, mostly. The status stays that of the install.
            self.console.complain(errors.error(error))


def _undone(undone: distributions.Unfinished) -> tuple[str, ...]:
    """What an interrupted install left undone, in words."""
    told = [report.installed_in_part(f"{d.name} {d.version}", d.location) for d in undone.partly]
    told += [report.removed_only(f"{d.name} {d.version}", d.location) for d in undone.gone]
    if undone.strays:
        told.append(report.unfinished(undone.strays))
    return tuple(told)


def _as_given(status: int) -> Outcome:
    kind = OutcomeKind.AS_GIVEN if status == 0 else OutcomeKind.FAILED
    return Outcome(kind=kind, exit_code=status, trigger=None, decision=None, interpreter=None)


def _site_places(command: PipCommand, interpreter: Interpreter) -> tuple[PurePath, ...]:
    """The site directories that this install may write to."""
    places = [interpreter.purelib.path, interpreter.platlib.path]
    if interpreter.user_site is not None:
        places.append(interpreter.user_site.path)
    places += [PurePath(Path(value).absolute()) for value in command.values("--target")]
    for prefix in command.values("--prefix"):
        base = interpreter.data.path
        places += [
            Path(prefix).absolute() / place.relative_to(base)
            for place in places[:2]
            if place.is_relative_to(base)
        ]
    return tuple(dict.fromkeys(places))


def _scripts_dirs(command: PipCommand, interpreter: Interpreter) -> tuple[PurePath, ...]:
    dirs = [interpreter.scripts.path]
    if interpreter.user_scripts is not None:
        dirs.append(interpreter.user_scripts)
    for option in ("--target", "--prefix"):
        name = interpreter.scripts.path.name
        dirs += [Path(value).absolute() / name for value in command.values(option)]
    return tuple(dirs)


def _absolute(sighting: Sighting) -> Path | None:
    if sighting.path is None:
        return None
    path = Path(sighting.path)
    return path if path.is_absolute() else None
