"""Says how an install went: gathers what the report needs from the disk, prints it, writes JSON."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from safepip import console, runner, state, userpip
from safepip.flow import shell_side
from safepip.machine import distributions, environments, ownership, paths, pipx, scripts, search
from safepip.machine import interpreter as machine_interpreter
from safepip.machine import shell as machine_shell
from safepip.model.decisions import DestinationKind, Divert
from safepip.model.errors import CannotCreateError
from safepip.model.outcome import (
    LandedScript,
    Landing,
    Outcome,
    OutcomeKind,
    ShellWord,
    Visibility,
)
from safepip.model.problems import Problem
from safepip.model.reasons import Reason, because
from safepip.policy import landing
from safepip.reading import secrets
from safepip.shells import commands
from safepip.shells.names import ShellNames
from safepip.wording import errors, report
from safepip.wording import settings as wording_settings
from safepip.wording import shell as wording_shell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from safepip.flow.situation import Situation
    from safepip.model.decisions import Decision
    from safepip.model.interpreter import Interpreter
    from safepip.model.outcome import Distribution
    from safepip.shells.kinds import Shell


def check_report_file(name: str) -> None:
    """Make sure that the JSON report can be written, before anything else is done.

    Raises:
        CannotCreateError: it cannot.
    """
    file = Path(name)
    why = None
    if paths.is_dir(file):
        why = because(Reason.IS_DIRECTORY)
    elif paths.exists(file):
        why = None if os.access(file, os.W_OK) else because(Reason.READ_ONLY_REPORT)
    elif not os.access(file.parent, os.W_OK) or not paths.is_dir(file.parent):
        reason = Reason.NOT_WRITABLE if paths.is_dir(file.parent) else Reason.NO_FOLDER
        why = because(reason, path=file.parent)
    if why is not None:
        raise CannotCreateError(Problem.REPORT_FILE, file=name, why=why)


def write_report(name: str, outcome: Outcome) -> None:
    """Write the JSON report of *outcome*.

    Raises:
        CannotCreateError: it cannot be written after all.
    """
    import json

    from safepip.wording import json as wording_json

    text = json.dumps(wording_json.report_json(outcome), indent=1)
    try:
        state.write_whole(Path(name), (secrets.redact(text) + "\n").encode())
    except OSError as error:
        raise CannotCreateError(Problem.REPORT_FILE, file=name, why=error) from error


def get_ready(here: Situation) -> None:
    """Import what a report needs, while nobody waits for us."""
    import csv  # noqa: F401 - of RECORD

    from safepip.flow import remembering  # noqa: F401
    from safepip.machine import held  # noqa: F401

    shell = machine_shell.user_shell(here.env)
    commands.family(shell)
    machine_shell.own_word(here.env, shell)


def finish(here: Situation, outcome: Outcome) -> int:
    """Tell how it went, on the terminal, in the JSON report and to the shell; give the status."""
    if outcome.decision is not None:
        outcome = outcome._replace(
            notes=(*outcome.notes, *map(wording_settings.overruled, here.settings.notices))
        )
    told = outcome.notes or outcome.decision or here.settings.report_json is not None
    if told and not outcome.interrupted:  # nobody waits for another shell then
        with here.console.busy(report.BUSY_ASKING_SHELL):
            outcome = look_ahead(outcome, here.env)
    shell = machine_shell.user_shell(here.env)
    own = machine_shell.own_word(here.env, shell) if told else "safepip"
    user = "" if here.env.get("USER") else ownership.own_name()
    reader = report.Reader(shell, own, user)
    lines = report.report(outcome, cause=here.interpreter, reader=reader)
    if outcome.kind in {OutcomeKind.REFUSED, OutcomeKind.FAILED}:
        if not (here.quiet and _said_by_pip(outcome)):
            here.console.complain(lines)
    else:
        here.console.say([*lines, *_told_once(here, outcome, own)])
        if here.quiet == 1 and outcome.kind is OutcomeKind.DIVERTED:
            # One line stays: what went where. A second -q leaves errors alone.
            here.console.say(lines[:1], always=True)
    tell_file(here, outcome)
    shell_side.forget_places(outcome, here.env)
    return runner.exit_like(outcome.exit_code)


def _said_by_pip(outcome: Outcome) -> bool:
    """Whether pip's own error is all that there is to say of a failure."""
    ours = outcome.leftovers or outcome.notes or outcome.landed or outcome.interrupted
    return outcome.kind is OutcomeKind.FAILED and outcome.exit_code > 0 and not ours


def _told_once(here: Situation, outcome: Outcome, own: str) -> tuple[str, ...]:
    """What a person at a terminal, without the shell's functions, is told the first time."""
    decision = outcome.decision
    to_venv = isinstance(decision, Divert) and decision.destination is DestinationKind.VENV
    if not to_venv or outcome.next_command is None or here.env.get("SAFEPIP_AS"):
        return ()
    if not console.is_terminal(2) or not here.ledger.first_time(state.HINT_ON_INIT):
        return ()
    return wording_shell.tell_of_init(own)


def tell_file(here: Situation, outcome: Outcome) -> None:
    """Write the JSON report, if one is wanted."""
    if here.settings.report_json is None:
        return
    # The user's own Python and pip, as they are asked about; where it went is told apart.
    told = outcome._replace(interpreter=here.interpreter)
    try:
        write_report(here.settings.report_json, told)
    except CannotCreateError as error:
        # A full disk, mostly. The status stays that of the install.
        here.console.complain(errors.error(error))


def with_landed(
    here: Situation,
    outcome: Outcome,
    landed: Sequence[Distribution],
    scripts_dirs: Sequence[PurePath],
    commands: Mapping[str, tuple[PurePath, ...]] | None = None,
) -> Outcome:
    """*outcome* with what *landed*, its commands, and the one command that is left to type."""
    requested = [r.name for r in here.command.requirements if r.name is not None]
    ordered = landing.requested_first(landed, requested)
    names = _held_names(here, outcome) if landed else ShellNames()
    look = _Look(here.env, names, outcome.interpreter, tuple(scripts_dirs), commands)
    found = look.landings(ordered)
    there = [] if landed else _present(outcome.decision, requested, here.env)
    outcome = outcome._replace(present=look.landings(there))
    # After a failure that left nothing, there may be nothing to activate.
    useful = found or outcome.kind is not OutcomeKind.FAILED
    command = next_command(outcome.decision, found or outcome.present, here.env) if useful else None
    notes = outcome.notes
    if useful and shell_side.is_for_root_alone(outcome.decision, here.env):
        from safepip.flow import going_on

        command, again = None, going_on.again(here, machine_shell.user_shell(here.env))
        notes = (*notes, *report.for_root_alone(again))
    if outcome.decision is not None:
        notes = (*notes, *held_notes(found, here.env))
    outcome = outcome._replace(landed=found, next_command=command, notes=notes)
    if command is None:
        return outcome
    outcome = outcome._replace(notes=(*outcome.notes, *_for_the_job(here, outcome)))
    return _activated(here, outcome, ordered, there, look)


def _for_the_job(here: Situation, outcome: Outcome) -> tuple[str, ...]:
    """What the next steps of a job need; on GitHub Actions they get it."""
    decision = outcome.decision
    if outcome.kind is not OutcomeKind.DIVERTED or not isinstance(decision, Divert):
        return ()
    if shell_side.tell_job(decision, here.env, here.settings):
        return wording_shell.next_steps(decision.path)
    return wording_shell.each_step() if here.env.get("CI") else ()


def _present(
    decision: Decision | None, requested: Sequence[str], env: Mapping[str, str]
) -> list[Distribution]:
    """Those of *requested* that are there already, where *decision* sent the install."""
    if not isinstance(decision, Divert):
        return []
    installed = distributions.installed(_sites(decision, requested, env)).values()
    return [one for name in requested for one in installed if one.name == name]


def _sites(
    decision: Divert, requested: Sequence[str], env: Mapping[str, str]
) -> tuple[PurePath, ...]:
    """The site directories that *decision* sent the install to."""
    match decision.destination:
        case DestinationKind.VENV:
            return distributions.site_dirs(decision.path)
        case DestinationKind.USER:
            return (decision.path,)
        case DestinationKind.PIPX:
            venvs = pipx.home(env) / "venvs"
            of_each = map(distributions.site_dirs, (venvs / name for name in requested))
            return tuple(site for sites in of_each for site in sites)


def _held_names(here: Situation, outcome: Outcome) -> ShellNames:
    """What the user's shell holds, where somebody is going to be told; asking takes time."""
    if outcome.decision is None and here.settings.report_json is None:
        return ShellNames()
    from safepip.machine import held

    with here.console.busy(report.BUSY_ASKING_SHELL):
        return held.look(here.env, machine_shell.user_shell(here.env))


def _activated(
    here: Situation,
    outcome: Outcome,
    ordered: Sequence[Distribution],
    there: Sequence[Distribution],
    look: _Look,
) -> Outcome:
    """*outcome* as it is after the shell's function has activated the place, if it will."""
    decision = outcome.decision
    if outcome.kind is not OutcomeKind.DIVERTED or not isinstance(decision, Divert):
        return outcome
    if not shell_side.activate(decision, here.env, here.settings):
        return outcome
    look = look._replace(env=environments.activated(decision.path, here.env), commands=None)
    notes = (*outcome.notes, *wording_shell.activated(decision.path))
    landed, present = look.landings(ordered), look.landings(there)
    return outcome._replace(landed=landed, present=present, next_command=None, notes=notes)


class _Look(NamedTuple):
    """Tells where distributions are, and whether typing their commands' names runs them."""

    env: Mapping[str, str]
    names: ShellNames
    """What the user's shell holds."""
    python: Interpreter | None
    scripts_dirs: tuple[PurePath, ...]
    commands: Mapping[str, tuple[PurePath, ...]] | None
    """For pipx, whose commands lie elsewhere than the distribution."""

    def landings(self, landed: Iterable[Distribution]) -> tuple[Landing, ...]:
        """Where each of *landed* is, and its commands."""
        shell = machine_shell.user_shell(self.env)
        found: list[Landing] = []
        for one in landed:
            scripts = (
                distributions.scripts_of(one, self.scripts_dirs)
                if self.commands is None
                else self.commands.get(one.name, ())
            )
            found.append(
                Landing(
                    name=one.name,
                    version=distributions.proper_version(one),
                    location=one.location,
                    scripts=tuple(self._script(path, shell) for path in scripts),
                    modules=() if found else distributions.modules_of(one),
                    before=one.before,
                )
            )
        return tuple(found)

    def _script(self, path: PurePath, shell: Shell) -> LandedScript:
        name = path.name.removesuffix(".exe")
        held = self.names.held(name)
        # An alias for the very file, as the user wrote it, hides nothing.
        if held is ShellWord.ALIAS and search.is_same_file(
            paths.expanded(self.names.aliases[name]), path
        ):
            held = None
        found = search.found_on_path(name, self.env, shell)
        is_same = found is not None and (
            search.is_same_file(found, path)
            or (self.python is not None and scripts.runs_the_same(found, path, self.python))
        )
        visibility = landing.visibility(held=held is not None, found=found, is_same=is_same)
        return LandedScript(
            name=name,
            path=path,
            visibility=visibility,
            shadowed_by=(held or found) if visibility is Visibility.SHADOWED else None,
        )


def held_notes(landed: Iterable[Landing], env: Mapping[str, str]) -> tuple[str, ...]:
    """What to say of the commands whose names the shell itself holds."""
    shell = machine_shell.user_shell(env)
    return tuple(
        line
        for one in landed
        for script in one.scripts
        if isinstance(script.shadowed_by, ShellWord)
        for line in wording_shell.held_by_shell(
            script.shadowed_by, script.name, commands.run_command(shell, script.path)
        )
    )


def look_ahead(outcome: Outcome, env: Mapping[str, str]) -> Outcome:
    """*outcome* with what its commands will be after the next login, where one is off PATH now.

    Costs a start of the user's shell, so it is asked only then; and not about an environment
    that is activated when needed, which no profile puts on PATH.
    """
    decision = outcome.decision
    every = [script for one in outcome.landed for script in one.scripts]
    off = (one.path for one in every if one.visibility is Visibility.OFF_PATH)
    if all(map(ownership.is_no_exec, off)) or (  # what may not be run is on no PATH
        isinstance(decision, Divert)
        and decision.destination is DestinationKind.VENV
        and decision.rule != "personal"
    ):
        return outcome
    shell = machine_shell.user_shell(env)
    from safepip.profiles import login

    try:
        path = login.look(env, shell).path
    except KeyboardInterrupt:
        # What was to be done is done, and its report is owed.
        path = None
    if path is None:
        return outcome
    later = {**env, "PATH": path}

    def ahead(script: LandedScript) -> LandedScript:
        found = search.found_on_path(script.name, later, shell, anywhere=True)
        is_same = found is not None and search.is_same_file(found, script.path)
        return script._replace(visible_after_login=is_same)

    landed = tuple(one._replace(scripts=tuple(map(ahead, one.scripts))) for one in outcome.landed)
    return outcome._replace(landed=landed)


def next_command(
    decision: Decision | None, landed: Iterable[Landing], env: Mapping[str, str]
) -> str | None:
    """The one command that makes what landed usable in the user's shell; None if it is."""
    shell = machine_shell.user_shell(env)
    every = [script for one in landed for script in one.scripts]
    # No PATH helps against what the shell itself holds under a name.
    hidden = [
        s
        for s in every
        if s.visibility is not Visibility.VISIBLE and not isinstance(s.shadowed_by, ShellWord)
    ]
    if isinstance(decision, Divert) and decision.destination is DestinationKind.VENV:
        active = env.get("VIRTUAL_ENV") or env.get("CONDA_PREFIX")
        is_active = active is not None and search.is_same_file(Path(active), decision.path)
        if hidden and (
            ownership.is_no_exec(hidden[0].path)
            or machine_interpreter.is_stranded(hidden[0].path, env)
        ):
            python = decision.path / userpip.SCRIPTS / "python"
            return _by_python(shell, python, hidden[0].path)
        if not is_active and environments.made_as(Path(decision.path)) is not None:
            # It was moved: its activate script names the place where it was.
            return commands.prepend_path_command(shell, decision.path / userpip.SCRIPTS)
        if hidden or not is_active:
            return commands.activate_command(shell, decision.path)
    elif hidden and ownership.is_no_exec(hidden[0].path):
        return _by_python(shell, scripts.python_of(hidden[0].path), hidden[0].path)
    elif hidden:
        directory = hidden[0].path.parent
        # No PATH can hold it; and what a notebook's `!` sets is gone with that cell.
        in_cell = isinstance(decision, Divert) and decision.rule == "kernel"
        if os.pathsep in str(directory) or in_cell:
            return commands.run_command(shell, hidden[0].path)
        return commands.prepend_path_command(shell, directory)
    visible = any(script.visibility is Visibility.VISIBLE for script in every)
    forgets = bool(env.get("SAFEPIP_SHELL_FILE")) and shell_side.shell_waits(env)
    if visible and shell in commands.BLIND_TO_NEW_FILES and not forgets:
        return commands.forget_command(shell)
    return None


def _by_python(shell: Shell, python: PurePath, script: PurePath) -> str:
    """The command that runs *script* where that cannot be run by itself."""
    return commands.command_line(shell, python, (str(script),))
