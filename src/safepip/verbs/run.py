"""``run``: one command with the environment on PATH that an install here would go to.

It looks and does not make: where there is no environment yet, the command runs as it is.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from safepip import console, runner, settings, state, userpip
from safepip.flow import host
from safepip.machine import environments, ownership, paths
from safepip.machine import interpreter as machine_interpreter
from safepip.machine import shell as machine_shell
from safepip.model.environments import EnvironmentState
from safepip.model.errors import SafepipError, UnavailableError, UsageError
from safepip.model.problems import Problem
from safepip.shells.commands import quoted
from safepip.wording import shell as wording_shell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.model.environments import Environment
    from safepip.userpip import PipTarget


def run(
    words: Sequence[str],
    options: Mapping[str, str],
    env: Mapping[str, str],
    target: PipTarget | None,
) -> int:
    """Run *words* with the environment of this directory on PATH; never returns on POSIX.

    Raises:
        UsageError: there is no command.
        UnavailableError: there is no such command.
        ConfigError: a settings file or variable is wrong.
    """
    command = list(words[1:] if words[:1] == ["--"] else words)
    if not command:
        raise UsageError(Problem.NO_COMMAND)
    chosen = settings.merge(options, env)
    environment = _environment(chosen, env, target)
    place = None
    if environment is None:
        console.Console(env).say((wording_shell.NO_ENVIRONMENT,))
    elif environment.state is EnvironmentState.USABLE:
        place = Path(environment.path)
    else:
        console.Console(env).say((wording_shell.no_use(environment),))
    child = userpip.child_environment(env)
    if place is not None:
        child = environments.activated(place, child)
    program = _unstartable(command[0], place, child) or _program(command[0], child)
    if program and (userpip.WINDOWS or _may_run(program[0])):
        return _become([*program, *command[1:]], child)
    name = Path(command[0])
    if name.suffix == ".py" and paths.is_file(name):
        python = "python" if _program("python", child) else "python3"
        words = " ".join(quoted(machine_shell.user_shell(env), command))
        line = f"safepip run {python} {words}"
        raise UnavailableError(Problem.PYTHON_SCRIPT, command=name, line=line)
    problem = Problem.NOT_EXECUTABLE if program else Problem.NO_SUCH_COMMAND
    raise UnavailableError(problem, command=command[0], place=place)


def _environment(
    chosen: settings.Settings, env: Mapping[str, str], target: PipTarget | None
) -> Environment | None:
    """The environment that an install here goes to, if there is one already, whatever its state."""
    if target is None:
        return None
    try:
        python = machine_interpreter.look_at_interpreter(
            machine_interpreter.python_of(target, env), env
        )
        around = host.look_around(python, env, chosen, state.Ledger(chosen.state_dir))
    except (SafepipError, OSError):
        return None
    project = None if around.project is None else around.project.environment
    possible = project is not None and (
        not project.is_to_be_made or (project.writable and chosen.create_venv)
    )
    elsewhere = () if possible else (around.personal,)
    # What is active and cannot be written gets no install: it serves where nothing else is there.
    places = (project, *elsewhere, around.active)
    if around.active is not None and around.active.writable:
        places = (around.active, *places)
    candidates = [one for one in places if one is not None]
    there = [one for one in candidates if not one.is_to_be_made]
    usable = (one for one in there if one.state is EnvironmentState.USABLE)
    return next(usable, there[0] if there else None)


def _program(name: str, env: Mapping[str, str]) -> tuple[str, ...]:
    """The file that *name* runs; a path as it stands."""
    if os.sep in name:
        return (name,) if paths.exists(Path(name)) else ()
    return tuple(userpip.on_path(name, env))[:1]


def _may_run(program: str) -> bool:
    return paths.is_file(Path(program)) and os.access(program, os.X_OK)


def _unstartable(name: str, place: Path | None, env: Mapping[str, str]) -> tuple[str, ...]:
    """What runs the script *name* of *place* where that cannot be run by itself.

    The file system lets no file be run, or the environment was moved since.
    """
    if place is None or os.sep in name:
        return ()
    script = place / userpip.SCRIPTS / name
    if machine_interpreter.is_stranded(script, env):
        return (str(userpip.environment_python(str(place))), str(script))
    if not ownership.is_no_exec(place):
        return ()
    python = machine_interpreter.shebang(str(script), env) if paths.is_file(script) else None
    return (*python, str(script)) if python else ()


def _become(argv: list[str], env: Mapping[str, str]) -> int:
    if userpip.WINDOWS:
        return runner.exit_like(runner.run_inherited(argv, env=env).returncode)
    userpip.restore_signals()
    try:
        os.execve(argv[0], argv, env)  # noqa: S606 - this is what the user typed, word by word
    except OSError as error:
        raise UnavailableError(Problem.CANNOT_START, program=argv[0], why=error) from error
