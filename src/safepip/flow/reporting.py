"""Says how an install went: gathers what the report needs from the disk, prints it, writes JSON."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from safepip.machine import distributions, paths, search
from safepip.machine import shell as machine_shell
from safepip.model.decisions import DestinationKind, Divert
from safepip.model.errors import CannotCreateError
from safepip.model.outcome import LandedScript, Landing, ShellWord, Visibility
from safepip.policy import landing
from safepip.profiles import login
from safepip.reading import secrets
from safepip.shells import commands
from safepip.wording import json as wording_json
from safepip.wording import shell as wording_shell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import PurePath

    from safepip.model.decisions import Decision
    from safepip.model.outcome import Distribution, Outcome
    from safepip.shells.commands import Shell
    from safepip.shells.names import ShellNames

from safepip.flow.shell_side import shell_waits


def check_report_file(name: str) -> None:
    """Make sure that the JSON report can be written, before anything else is done.

    Raises:
        CannotCreateError: it cannot.
    """
    file = Path(name)
    problem = ""
    if paths.is_dir(file):
        problem = "it is a directory"
    elif paths.exists(file):
        problem = "" if os.access(file, os.W_OK) else "it is not writable"
    elif not paths.is_dir(file.parent):
        problem = f"there is no directory {file.parent}"
    elif not os.access(file.parent, os.W_OK):
        problem = f"{file.parent} is not writable"
    if problem:
        what = f"--report-json: cannot write {name}"
        raise CannotCreateError(what, why=problem)


def write_report(name: str, outcome: Outcome) -> None:
    """Write the JSON report of *outcome*.

    Raises:
        CannotCreateError: it cannot be written after all.
    """
    text = json.dumps(wording_json.report_json(outcome), indent=1)
    try:
        Path(name).write_text(secrets.redact(text) + "\n", encoding="utf-8")
    except OSError as error:
        what = f"--report-json: cannot write {name}"
        raise CannotCreateError(what, why=error.strerror or str(error)) from error


def landings(
    landed: Iterable[Distribution],
    scripts_dirs: Iterable[PurePath],
    commands: Mapping[str, tuple[PurePath, ...]] | None,
    env: Mapping[str, str],
    names: ShellNames,
) -> tuple[Landing, ...]:
    """Where each of *landed* is, and whether typing its commands' names runs them.

    *commands*: for pipx, whose commands lie elsewhere than the distribution. *names*: what the
    user's shell holds.
    """
    dirs = tuple(scripts_dirs)
    shell = machine_shell.user_shell(env)
    found = []
    for distribution in landed:
        if commands is None:
            paths = distributions.scripts_of(distribution, dirs)
        else:
            paths = commands.get(distribution.name, ())
        found.append(
            Landing(
                name=distribution.name,
                version=distributions.proper_version(distribution),
                location=distribution.location,
                scripts=tuple(_script(path, env, shell, names) for path in paths),
            )
        )
    return tuple(found)


def _script(
    path: PurePath, env: Mapping[str, str], shell: Shell, names: ShellNames
) -> LandedScript:
    name = path.name.removesuffix(".exe")
    held = names.held(name)
    if held is ShellWord.ALIAS and _is_for(names.aliases[name], path):
        held = None
    found = search.found_on_path(name, env, shell)
    is_same = found is not None and search.is_same_file(found, path)
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


def _is_for(command: str, path: PurePath) -> bool:
    """Whether an alias's *command*, as the user wrote it, is the file *path*."""
    return search.is_same_file(paths.expanded(command), path)


def look_ahead(outcome: Outcome, env: Mapping[str, str]) -> Outcome:
    """*outcome* with what its commands will be after the next login, where one is off PATH now.

    Costs a start of the user's shell, so it is asked only then; and not about an environment
    that is activated when needed, which no profile puts on PATH.
    """
    decision = outcome.decision
    scripts = [script for one in outcome.landed for script in one.scripts]
    if all(script.visibility is not Visibility.OFF_PATH for script in scripts) or (
        isinstance(decision, Divert)
        and decision.destination is DestinationKind.VENV
        and decision.rule != "personal"
    ):
        return outcome
    shell = machine_shell.user_shell(env)
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
        return replace(script, visible_after_login=is_same)

    landed = tuple(replace(one, scripts=tuple(map(ahead, one.scripts))) for one in outcome.landed)
    return replace(outcome, landed=landed)


def next_command(
    decision: Decision | None, landed: Iterable[Landing], env: Mapping[str, str]
) -> str | None:
    """The one command that makes what landed usable in the user's shell; None if it is."""
    shell = machine_shell.user_shell(env)
    scripts = [script for one in landed for script in one.scripts]
    # No PATH helps against what the shell itself holds under a name.
    hidden = [
        s
        for s in scripts
        if s.visibility is not Visibility.VISIBLE and not isinstance(s.shadowed_by, ShellWord)
    ]
    if isinstance(decision, Divert) and decision.destination is DestinationKind.VENV:
        active = env.get("VIRTUAL_ENV") or env.get("CONDA_PREFIX")
        is_active = active is not None and search.is_same_file(Path(active), decision.path)
        if hidden or not is_active:
            return commands.activate_command(shell, decision.path)
    elif hidden:
        directory = hidden[0].path.parent
        if os.pathsep in str(directory):  # no PATH can hold it
            return commands.run_command(shell, hidden[0].path)
        return commands.prepend_path_command(shell, directory)
    visible = any(script.visibility is Visibility.VISIBLE for script in scripts)
    forgets = bool(env.get("SAFEPIP_SHELL_FILE")) and shell_waits(env)
    if visible and shell in commands.BLIND_TO_NEW_FILES and not forgets:
        return commands.forget_command(shell)
    return None
