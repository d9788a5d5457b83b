"""Starts what a denied install comes to, before that is decided: a guess, by a look at the disk."""

from __future__ import annotations

import os
import sys

from safepip import ahead, userpip
from safepip.flow import early
from safepip.reading import arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.userpip import PipTarget


def guess(
    words: Sequence[str], options: Mapping[str, str], env: Mapping[str, str], target: PipTarget
) -> None:
    """Start what an install that pip is going to be denied most likely comes to.

    That is decided later, and by all the rules; only the time hangs on this.
    """
    ahead.allowed = True
    try:
        _guess(words, options, env, target)
    except OSError:  # whatever is odd here, others have the words for
        return


def _guess(
    words: Sequence[str], options: Mapping[str, str], env: Mapping[str, str], target: PipTarget
) -> None:
    strategy = options.get("--strategy") or env.get("SAFEPIP_STRATEGY") or "auto"
    if strategy not in {"auto", "user", "venv"} or not early.is_usual(words, env):
        return
    if _ELSEWHERE & env.keys() or early.has_settings(env, but="SAFEPIP_STRATEGY"):
        return
    pip = early.script_of(target)
    if pip is None and not _is_the_systems(target):
        return
    if pip is not None and os.access(pip.site, os.W_OK) and not pip.marked:
        return
    to_user = strategy == "user"
    environment = None if to_user else _environment_here()
    if environment:
        python = userpip.environment_python(environment)
        if python is not None and _may_be_run(environment):
            env = {**userpip.child_environment(env), "PYTHONNOUSERSITE": "1"}
            ahead.start((python,), None, env)
        return
    if pip is None or (not pip.marked and _may_be_there(words, pip.site)):
        return
    if to_user and not pip.marked:
        ahead.start((pip.python,), target.argv[0], userpip.child_environment(env))
    local = {"-r", "-e", "--requirement", "--editable"}.intersection(words)
    if strategy == "auto" and environment is None and not local:
        _guess_what_it_is(words, userpip.child_environment(env))


def _guess_what_it_is(words: Sequence[str], env: Mapping[str, str]) -> None:
    """Start what looks up what the *words* name; where it goes hangs on that. Or pipx, if known."""
    from safepip.index import known

    own = userpip.own_pip_dir()
    if own is None:
        return
    if known.are_applications(_named(words)):
        _start_pipx(env, own)
        return
    ahead.start_asked(known.program(os.path.dirname(own)), env)


def _start_pipx(env: Mapping[str, str], own: str) -> None:
    """Start the pipx on PATH, else that beside safepip, whose pip lies in *own*."""
    env = {"PIPX_DEFAULT_BACKEND": "pip", **env}
    pipx = next(userpip.on_path("pipx", env), None)
    if pipx is None and os.path.isdir(os.path.join(os.path.dirname(own), "pipx")):
        ahead.start((sys.executable, "-I"), None, env, "pipx")
    elif pipx is not None:
        python = _first_line(pipx)[2:].strip()
        if os.path.basename(python).startswith("python") and userpip.is_executable(python):
            ahead.start((python,), pipx, env, "pipx")


_ELSEWHERE = frozenset(
    {"CONDA_PREFIX", "PYTHONNOUSERSITE", "PYTHONWARNINGS", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"}
)


def _is_the_systems(target: PipTarget) -> bool:
    """Whether *target* is a Python below ``/usr``, whose folders are Debian's, and not the user's.

    Only an environment is guessed there: what else an install may come to hangs on more.
    """
    python = target.argv[0] if target.own_pip else _first_line(target.argv[0])[2:]
    return python.startswith("/usr/bin/python") and not os.access("/usr/bin", os.W_OK)


def _first_line(script: str) -> str:
    try:
        with open(script, "rb") as file:
            return os.fsdecode(file.readline(4096))
    except OSError:
        return ""


def _environment_here() -> str | None:
    """The environment of the project that the working directory seems to lie in.

    Empty if that has none; None if there is no project.
    """
    from safepip.model import projects

    folder, home = os.getcwd(), os.path.expanduser("~")
    while folder not in {home, os.path.dirname(folder)}:
        for name in projects.ENVIRONMENT_NAMES:
            if os.path.isfile(f"{folder}/{name}/pyvenv.cfg"):
                return f"{folder}/{name}"
        if any(projects.signs_among(os.listdir(folder))):
            return ""
        folder = os.path.dirname(folder)
    return None


def _may_be_run(environment: str) -> bool:
    """Whether nothing in *environment* is anybody else's; to start its Python is to run it."""
    from pathlib import Path

    from safepip.machine import trust

    path = Path(environment)
    return trust.problem_of(path, inside=path.parent) is None


def _may_be_there(words: Sequence[str], site: str) -> bool:
    """Whether *site* may hold all that *words* name, so that pip has nothing to do."""
    try:
        there = {name.partition("-")[0].lower() for name in os.listdir(site)}
    except OSError:
        return True
    names = (name.lower().replace("-", "_").replace(".", "_") for name in _named(words))
    return all(name in there for name in names)


def _named(words: Sequence[str]) -> list[str]:
    """What *words* ask for, as it is spelled there."""
    positions = arguments.install_positions(words)
    scanned = arguments.scan_words(words, positions, arguments.INSTALL_OPTIONS)
    return [words[at] for name, _, at, *_ in scanned if name is None]
