"""Says how an install went: gathers what the report needs from the disk, prints it, writes JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from safepip import distributions, landing, messages, pipargs, shells, surroundings
from safepip.errors import CannotCreateError
from safepip.model import DestinationKind, Divert, LandedScript, Landing, Visibility

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import PurePath

    from safepip.model import Decision, Distribution, Outcome


def check_report_file(name: str) -> None:
    """Make sure that the JSON report can be written, before anything else is done.

    Raises:
        CannotCreateError: it cannot.
    """
    file = Path(name)
    problem = ""
    if file.is_dir():
        problem = "it is a directory"
    elif file.exists():
        problem = "" if os.access(file, os.W_OK) else "it is not writable"
    elif not file.parent.is_dir():
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
    text = json.dumps(messages.report_json(outcome), indent=1)
    try:
        Path(name).write_text(pipargs.redact(text) + "\n", encoding="utf-8")
    except OSError as error:
        what = f"--report-json: cannot write {name}"
        raise CannotCreateError(what, why=error.strerror or str(error)) from error


def landings(
    landed: Iterable[Distribution],
    scripts_dirs: Iterable[PurePath],
    commands: Mapping[str, tuple[PurePath, ...]] | None,
    env: Mapping[str, str],
) -> tuple[Landing, ...]:
    """Where each of *landed* is, and whether typing its commands' names runs them.

    *commands*: for pipx, whose commands lie elsewhere than the distribution.
    """
    dirs = tuple(scripts_dirs)
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
                scripts=tuple(_script(path, env) for path in paths),
            )
        )
    return tuple(found)


def _script(path: PurePath, env: Mapping[str, str]) -> LandedScript:
    name = path.name.removesuffix(".exe")
    found = surroundings.found_on_path(name, env)
    is_same = found is not None and surroundings.is_same_file(found, path)
    visibility = landing.visibility(found=found, is_same=is_same)
    return LandedScript(
        name=name,
        path=path,
        visibility=visibility,
        shadowed_by=found if visibility is Visibility.SHADOWED else None,
    )


def next_command(
    decision: Decision | None, landed: Iterable[Landing], env: Mapping[str, str]
) -> str | None:
    """The one command that makes what landed usable in the user's shell; None if it is."""
    shell = surroundings.user_shell(env)
    scripts = [script for one in landed for script in one.scripts]
    hidden = [s for s in scripts if s.visibility is not Visibility.VISIBLE]
    if isinstance(decision, Divert) and decision.destination is DestinationKind.VENV:
        active = env.get("VIRTUAL_ENV") or env.get("CONDA_PREFIX")
        is_active = active is not None and surroundings.is_same_file(Path(active), decision.path)
        if is_active and not hidden:
            return None
        return shells.activate_command(shell, decision.path)
    if hidden:
        return shells.prepend_path_command(shell, hidden[0].path.parent)
    return None
