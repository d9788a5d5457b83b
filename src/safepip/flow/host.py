"""Gathers the user's surroundings for a decision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from safepip import console, userpip
from safepip.machine import ownership
from safepip.model.environments import Environment, EnvironmentState, Host

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safepip.model.interpreter import Interpreter
    from safepip.settings import Settings
    from safepip.state import Ledger

from safepip.machine.environments import look_at_environment
from safepip.machine.home import home_of, pipx_home
from safepip.machine.project import find_project


def look_around(
    interpreter: Interpreter, env: Mapping[str, str], settings: Settings, records: Ledger
) -> Host:
    """The user's surroundings at this moment, as far as a decision needs them."""
    cwd = Path.cwd()
    home = home_of(env)

    def look(path: Path, inside: Path | None) -> Environment:
        return look_at_environment(
            path,
            inside=inside,
            made_by_us=records.made(path),
            unfinished=records.is_unfinished(path),
        )

    name = "python" if interpreter.implementation == "cpython" else interpreter.implementation
    personal = settings.personal_venv or (
        settings.data_dir / "envs" / f"{name}{interpreter.short_version}"
    )
    return Host(
        cwd=cwd,
        active=_active(env),
        project=find_project(cwd, home, look, settings.venv_name),
        personal=look(personal, None),
        local=look(cwd / settings.venv_name, cwd),
        pipx=True,
        pipx_home=pipx_home(env),
        terminal=console.is_terminal(0) and console.is_terminal(2),
    )


def _active(env: Mapping[str, str]) -> Environment | None:
    """The environment that is active in this shell; a stale variable counts as none."""
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        path = Path(env.get(variable) or "/")
        if not env.get(variable) or userpip.environment_python(str(path)) is None:
            continue
        return Environment(
            path=path,
            state=EnvironmentState.USABLE,
            writable=ownership.look_at_place(path).writable,
        )
    return None
