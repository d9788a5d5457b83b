"""Looks at virtual environments without running anything in them."""

from __future__ import annotations

import os
from pathlib import Path

from safepip import userpip
from safepip.machine import ownership, paths
from safepip.model.environments import Environment, EnvironmentState


def is_environment(path: Path) -> bool:
    """Tell whether *path* is a virtual environment, by its ``pyvenv.cfg`` (PEP 405)."""
    return paths.is_file(path / "pyvenv.cfg")


def look_at_environment(
    path: Path, *, inside: Path | None, made_by_us: bool, unfinished: bool
) -> Environment:
    """The state of the virtual environment at *path*, without running anything in it.

    *inside*: the project's root; an interpreter that resolves to a file in there may be anybody's
    program and is not run unless safepip made it.
    """
    state, detail = _state_of(path, unfinished=unfinished)
    if state is EnvironmentState.USABLE and not made_by_us:
        state, detail = _trust(path, inside)
    writable = ownership.look_at_place(path).writable
    return Environment(path=path, state=state, writable=writable, detail=detail)


def _state_of(path: Path, *, unfinished: bool) -> tuple[EnvironmentState, str]:
    if not os.path.lexists(path):
        return EnvironmentState.MISSING, ""
    if unfinished:
        return EnvironmentState.UNFINISHED, ""
    if not paths.is_dir(path):
        what = "a dangling link" if paths.is_link(path) else "no directory"
        return EnvironmentState.OCCUPIED, what
    if not is_environment(path):
        if os.access(path, os.R_OK) and not any(path.iterdir()):
            return EnvironmentState.MISSING, ""
        return EnvironmentState.OCCUPIED, "a directory without pyvenv.cfg"
    if userpip.environment_python(str(path)) is None:
        return EnvironmentState.BROKEN, _why_no_python(path)
    return EnvironmentState.USABLE, ""


def _trust(path: Path, inside: Path | None) -> tuple[EnvironmentState, str]:
    """Whether the Python of the environment at *path* may be run, judged by whose program it is.

    pyvenv.cfg is no witness: whoever wrote the project wrote that file too.
    """
    if not ownership.is_ours(path):
        return EnvironmentState.UNTRUSTED, f"it belongs to {ownership.owner_of(path)}"
    python = userpip.environment_python(str(path))
    real = None if python is None else paths.resolved(Path(python))
    if inside is not None and real is not None and real.is_relative_to(paths.resolved(inside)):
        return EnvironmentState.UNTRUSTED, f"its interpreter {real} lies inside the project"
    return EnvironmentState.USABLE, ""


def _why_no_python(path: Path) -> str:
    link = path / userpip.SCRIPTS / "python"
    if paths.is_link(link):
        return f"its interpreter {link.readlink()} is gone"
    return "it holds no interpreter"
