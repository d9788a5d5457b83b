"""What every destination is given and gives back."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, NamedTuple

from safepip import userpip
from safepip.machine import home
from safepip.reading.arguments import variable_of
from safepip.wording import report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path, PurePath

    from safepip.console import Console
    from safepip.machine.distributions import Unfinished
    from safepip.model.decisions import Sees
    from safepip.model.errors import CannotCreateError
    from safepip.model.interpreter import Interpreter, PipSettings
    from safepip.model.outcome import Distribution
    from safepip.model.reasons import Why
    from safepip.model.requests import PipCommand
    from safepip.model.triggers import Stream
    from safepip.settings import Settings
    from safepip.state import Ledger
    from safepip.userpip import PipTarget


class Job(NamedTuple):
    """One install that is to be carried out somewhere else than pip wanted."""

    command: PipCommand
    target: PipTarget
    interpreter: Interpreter
    """The Python that the user's pip belongs to."""
    pip_settings: PipSettings
    env: Mapping[str, str]
    ledger: Ledger
    settings: Settings
    console: Console
    sees: Sees | None = None
    """What a new environment is to see of the base Python."""
    leftovers: bool = False
    """The denied attempt left distributions in the denied place, which would count as installed."""
    downloads: Path | None = None
    """A folder with what the denied attempt had fetched: it need not be fetched again."""
    meanwhile: Callable[[], None] | None = None
    """To be called as soon as the install runs, which has the user wait anyway."""


class Carried(NamedTuple):
    """How it went there.

    Either ``impossible`` says why this destination cannot do it and nothing was changed (the next
    rule is to be used), or the rest tells what happened.
    """

    returncode: int = 0
    interpreter: Interpreter | None = None
    landed: tuple[Distribution, ...] = ()
    scripts_dirs: tuple[PurePath, ...] = ()
    """Where commands of what landed can be; the first is the one to put on PATH."""
    commands: Mapping[str, tuple[PurePath, ...]] | None = None
    """For pipx: the exposed commands of each distribution, which lie elsewhere than its own."""
    unfinished: Unfinished | None = None
    """It failed after an interrupt: what that left undone, by the disk."""
    withdrawn: bool = False
    """The place was made for this, nothing landed there, and it is gone again."""
    idle: bool = False
    """pip found nothing there that was asked for, and nothing to install."""
    impossible: Why | None = None
    error: CannotCreateError | None = None
    """What ends it if no other place is left: with ``impossible``."""
    lacking: tuple[str, ...] = ()
    """What the isolated environment had not, and the base Python has: with ``impossible``."""
    held: tuple[tuple[Stream, bytes], ...] = ()
    """The last words of an impossible one, which are to be shown if no other place is left;
    ``returncode`` is its status then."""


@contextlib.contextmanager
def turn(path: Path, ledger: Ledger, console: Console) -> Iterator[None]:
    """Hold the turn for the destination *path*; tell the user who has it, and for how long.

    Raises:
        SafepipError: another safepip kept it for too long, or the user broke off.
    """
    with contextlib.ExitStack() as waiting:

        def on_wait() -> None:
            console.say(report.waiting(path))
            waiting.enter_context(console.busy(report.BUSY_WAITING.format(path=path)))

        with ledger.lock(path, on_wait=on_wait):
            waiting.close()
            yield


# pip's settings that would send a diverted install somewhere else, or forbid it; the value that
# undoes each for one run, None to remove the variable. Source: contract §6; pipx, util.py.
# The first two are set to 0, not removed: files may hold them as well, which a variable outranks.
# The third is another name of the second, and might have the last word.
# Source: pip, ``_internal/configuration.py`` (OVERRIDE_ORDER), ``cli/cmdoptions.py``.
_NEUTRAL: Mapping[str, str | None] = {
    "PIP_USER": "0",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PIP_REQUIRE_VENV": None,
    "PIP_TARGET": None,
    "PIP_PREFIX": None,
    "PIP_ROOT": None,
    "PIP_PYTHON": None,
    "PIP_DRY_RUN": None,
    # Points an environment's Python at another standard library; activate unsets it too.
    "PYTHONHOME": None,
    "__PYVENV_LAUNCHER__": None,
}


def neutral_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """The user's *variables* without those that would send an install elsewhere, or forbid it."""
    env = home.with_home(userpip.child_environment(variables))
    for name, value in _NEUTRAL.items():
        env.pop(name, None)
        if value is not None:
            env[name] = value
    return env


def fetched(job: Job) -> tuple[str, ...]:
    """The option that shows pip what was fetched already, where it heeds no variables.

    Where it reports the source of each file, the folder would be named as such.
    """
    if job.downloads is None or job.command.has("--report") or not job.command.has("--isolated"):
        return ()
    return (f"--find-links={job.downloads}",)


def neutral_environment(job: Job, *, user: bool = False) -> dict[str, str]:
    """The user's environment without what would spoil a diverted run; the rest goes along."""
    env = neutral_variables(job.env)
    if user:
        env["PIP_USER"] = "1"
    if any(name in {"target", "prefix", "root"} for name, _ in job.pip_settings.file_values):
        # A file's value cannot be unset by a variable: an empty one counts as none. So the files
        # are left out and all else they say is handed on as variables.
        env["PIP_CONFIG_FILE"] = os.devnull
        for name, value in job.pip_settings.file_values:
            variable = variable_of(f"--{name}")
            if variable not in _NEUTRAL and variable not in env:
                env[variable] = value
    if job.downloads is not None and not job.command.has("--report"):  # which names each source
        links = env.get("PIP_FIND_LINKS") or dict(job.pip_settings.file_values).get("find-links")
        # As an address, since a blank in a path would stand between two.
        env["PIP_FIND_LINKS"] = f"{links or ''} {job.downloads.as_uri()}".strip()
    return env
