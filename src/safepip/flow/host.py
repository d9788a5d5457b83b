"""Gathers the user's surroundings for a decision."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from safepip import console, userpip
from safepip.machine import home as machine_home
from safepip.machine import notebook, ownership, paths, pipx
from safepip.machine.environments import (
    environment_at,
    environment_places,
    is_environment,
    look_at_environment,
    made_of,
    python_version,
)
from safepip.machine.project import find_project
from safepip.machine.search import is_same_file
from safepip.machine.shared import shared_packages
from safepip.model.environments import Environment, EnvironmentState, Host, Stale

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safepip.model.interpreter import Interpreter
    from safepip.settings import Settings
    from safepip.state import Ledger


def look_around(
    interpreter: Interpreter, env: Mapping[str, str], settings: Settings, records: Ledger
) -> Host:
    """The user's surroundings at this moment, as far as a decision needs them."""
    cwd = Path.cwd()
    home = machine_home.home_of(env)

    by_version = _names_a_version(env)

    def look(place: Path, inside: Path | None) -> Environment:
        named = environment_at(place)
        path = named if is_environment(named) else place
        found = look_at_environment(
            path,
            inside=inside,
            named_by=place if path != place else None,
            made_by_us=records.made(path),
            unfinished=records.is_unfinished(path),
            home=home,
        )
        if by_version and inside is not None and found.state is EnvironmentState.USABLE:
            found = found._replace(version=_other_version(path, interpreter))
        by_sudo = ownership.by_sudo(path, env)
        if by_sudo is None:
            return found
        # Not for root to activate, either.
        untrusted = found.state is EnvironmentState.UNTRUSTED
        state = EnvironmentState.USABLE if untrusted else found.state
        return found._replace(state=state, writable=False, denied=by_sudo)

    name = "python" if interpreter.implementation == "cpython" else interpreter.implementation
    personal = settings.personal_venv or _personal(
        settings.data_dir / "envs" / f"{name}{interpreter.short_version}", interpreter
    )
    active, stale = _active(env, interpreter)
    for_pipx = pipx.places(env)
    by_sudo = next(filter(None, (ownership.by_sudo(place, env) for place in for_pipx)), None)
    return Host(
        cwd=cwd,
        active=active,
        project=find_project(cwd, home, look, settings.venv_name),
        personal=look(personal, None),
        local=look(cwd / settings.venv_name, cwd),
        pipx_home=pipx.home(env),
        terminal=console.is_terminal(0) and console.is_terminal(2),
        stale=stale,
        kernel=notebook.is_kernel(interpreter.executable, env),
        new_user_site=interpreter.user_site is not None
        and not paths.is_dir(interpreter.user_site.path),
        own_cwd=ownership.is_safe_ground(cwd),
        home_trouble=machine_home.home_trouble(env),
        pipx_denied=by_sudo or ownership.denied(*for_pipx, home=home),
        user_scripts_writable=interpreter.user_scripts is None
        or ownership.look_at_place(interpreter.user_scripts).writable,
        shared=shared_packages(interpreter, env),
    )


def _names_a_version(env: Mapping[str, str]) -> bool:
    """Whether the word that was typed names one Python of several: ``pip3.12``, ``python3.12``."""
    alias = env.get("SAFEPIP_AS", "")
    return re.search(r"(^|[/\\])(pip|python)3\.\d+t?(\.exe)?$", alias) is not None


def _other_version(path: Path, interpreter: Interpreter) -> str:
    """The version of the Python of the environment at *path*, where *interpreter* has another."""
    version = python_version(path)
    return "" if version == interpreter.short_version else version


def _personal(path: Path, interpreter: Interpreter) -> Path:
    """*path*, or one beside it where that is another Python's of the same version."""
    origin = made_of(path)
    base = interpreter.base_prefix
    own = (base, base / "bin", *([] if interpreter.is_virtual else [interpreter.executable.parent]))
    if origin is None or any(is_same_file(origin, one) for one in own):
        return path
    if not paths.exists(origin):
        return path  # gone: the error says so
    mark = hashlib.sha256(os.fsencode(base)).hexdigest()[:8]
    return path.with_name(f"{path.name}-{mark}")


def _active(
    env: Mapping[str, str], interpreter: Interpreter
) -> tuple[Environment | None, Stale | None]:
    """The environment that is active in this shell, and a variable that names one in vain."""
    stale = None
    named = [one for one in ("VIRTUAL_ENV", "CONDA_PREFIX") if env.get(one)]
    for variable, path in ((one, Path(env[one])) for one in named):
        if userpip.environment_python(str(path)) is None:
            stale = stale or Stale(variable=variable, path=path)
            continue
        # By whatever links it was activated: pip calls it like that.
        place = Path(interpreter.prefix) if is_same_file(path, interpreter.prefix) else path
        other = not interpreter.is_virtual and place is path
        version = _other_version(place, interpreter) if other else ""
        if version:
            # Who names pip3.12 wants it for that Python, not for the one that is active.
            stale = stale or Stale(variable=variable, path=path, version=version)
            continue
        denied = ownership.denied(*environment_places(place))
        active = Environment(
            path=place,
            state=EnvironmentState.USABLE,
            writable=denied is None,
            denied=denied,
            real=paths.resolved(place),
        )
        return active, stale
    return None, stale
