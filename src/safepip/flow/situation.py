"""Looks at what an install meets here: the command, the user's pip and Python, the settings.

What ``install`` does and what ``plan`` foretells both begin here, so that they agree.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from safepip.console import Console
from safepip.destinations.job import Job
from safepip.machine import interpreter as machine_interpreter
from safepip.machine import pip_settings, wanted
from safepip.model.decisions import Strategy
from safepip.policy import foresight
from safepip.reading import requests
from safepip.state import Ledger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.model.interpreter import Interpreter, PipSettings
    from safepip.model.requests import PipCommand
    from safepip.model.triggers import TriggerName
    from safepip.settings import Settings
    from safepip.userpip import PipTarget


class Situation(NamedTuple):
    """All that is known about one ``install`` before pip is started."""

    command: PipCommand
    target: PipTarget
    interpreter: Interpreter
    pip_settings: PipSettings
    settings: Settings
    env: Mapping[str, str]
    ledger: Ledger
    console: Console
    foreseen: TriggerName | None
    """What pip will meet if it has something to install."""
    certain: bool
    """That can be relied on: it is pip itself that runs, and it will not refuse to begin."""

    @property
    def quiet(self) -> int:
        """How often ``-q`` was asked for, on the command line or in pip's settings."""
        return self.command.quiet or self.pip_settings.quiet

    @property
    def may_act(self) -> bool:
        """Whether anything but watching is open to us here."""
        if self.settings.strategy is Strategy.OFF or foresight.is_pip_alone(self.command):
            return False
        return foresight.chosen_place(self.command) is None


def look(
    words: Sequence[str], chosen: Settings, env: Mapping[str, str], target: PipTarget
) -> Situation:
    """Look at everything that costs little; nothing is changed.

    Raises:
        UnavailableError: the Python of *target* cannot be found or does not work.
        OSError: there is no working directory.
    """
    Path.cwd()
    python, is_pip = machine_interpreter.find_python(target, env)
    interpreter = machine_interpreter.look_at_interpreter(python, env)
    if target.own_pip:
        interpreter = interpreter._replace(pip_version=machine_interpreter.own_pip_version())
    command = requests.parse(words, env)
    said = pip_settings.pip_settings(interpreter, env, isolated="--isolated" in words)
    foreseen = foresight.foresee(command, interpreter, said)
    quiet = command.quiet or said.quiet
    return Situation(
        command=command,
        target=target,
        interpreter=interpreter,
        pip_settings=said,
        settings=chosen,
        env=env,
        ledger=Ledger(chosen.state_dir),
        console=Console(env, quiet=bool(quiet), color=not command.has("--no-color")),
        foreseen=foreseen,
        certain=is_pip and said.readable and wanted.is_understood(command),
    )


def job(here: Situation, *, leftovers: bool = False, downloads: Path | None = None) -> Job:
    """What a destination needs to carry a decision out.

    *leftovers*: the denied attempt left distributions in the denied place. *downloads*: a folder
    that holds what it had fetched.
    """
    return Job(
        command=here.command,
        target=here.target,
        interpreter=here.interpreter,
        pip_settings=here.pip_settings,
        env=here.env,
        ledger=here.ledger,
        settings=here.settings,
        console=here.console,
        leftovers=leftovers,
        downloads=downloads,
    )
