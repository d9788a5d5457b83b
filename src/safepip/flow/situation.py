"""Looks at what an install meets here: the command, the user's pip and Python, the settings.

What ``install`` does and what ``plan`` foretells both begin here, so that they agree.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from safepip.console import Console
from safepip.machine import interpreter as machine_interpreter
from safepip.machine import pip_settings, wanted
from safepip.model.decisions import Strategy
from safepip.model.requests import PipOption
from safepip.policy import foresight
from safepip.reading import requests

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.model.interpreter import Interpreter, PipSettings
    from safepip.model.requests import PipCommand
    from safepip.model.triggers import TriggerName
    from safepip.settings import Settings
    from safepip.state import Ledger
    from safepip.userpip import PipTarget

_DRY_RUNS = (22, 2)
"""The first pip that has ``--dry-run``; others pass over the setting."""


_OTHER_PYTHONS = (22, 3)
"""The first pip that has ``--python``."""

ANOTHER_PYTHON = "--python"
"""With it pip works in a grandchild, on the Python that is named there."""


class Situation(NamedTuple):
    """All that is known about one ``install`` before pip is started."""

    command: PipCommand
    target: PipTarget
    interpreter: Interpreter
    pip_settings: PipSettings
    settings: Settings
    env: Mapping[str, str]
    console: Console
    foreseen: TriggerName | None
    """What pip will meet if it has something to install."""
    certain: bool
    """That can be relied on: it is pip itself that runs, and it will not refuse to begin."""

    @property
    def ledger(self) -> Ledger:
        """What safepip remembers, and the locks."""
        from safepip.state import Ledger

        return Ledger(self.settings.state_dir)

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
    command = requests.parse(words, env)
    interpreter = machine_interpreter.look_at_interpreter(python, env)
    if target.own_pip:
        own = machine_interpreter.own_pip_version()
        interpreter = interpreter._replace(pip_version=own)
    isolated = "--isolated" in words
    said = pip_settings.pip_settings(interpreter, env, isolated=isolated)
    version = interpreter.pip_version
    # Settings too, which --isolated does not take away, but pips that have no such option pass
    # over. Source: pip, ``_internal/cli/main_parser.py``.
    by_settings = [said.python or ""] if (version or ()) >= _OTHER_PYTHONS else [""]
    named = (*command.values(ANOTHER_PYTHON), *by_settings)[0]
    if named:
        command = _with(command, ANOTHER_PYTHON)
        other = (machine_interpreter.named_python(named),)
        interpreter = machine_interpreter.look_at_interpreter(other, env)
        interpreter = interpreter._replace(pip_version=version)
        said = pip_settings.pip_settings(interpreter, env, isolated=isolated)
    if said.dry_run and (interpreter.pip_version or ()) >= _DRY_RUNS:
        command = _with(command, foresight.DRY_RUN)
    foreseen = foresight.foresee(command, interpreter, said)
    quiet = command.quiet or said.quiet
    return Situation(
        command=command,
        target=target,
        interpreter=interpreter,
        pip_settings=said,
        settings=chosen,
        env=env,
        console=Console(env, quiet=bool(quiet), color=not command.has("--no-color")),
        foreseen=foreseen,
        certain=is_pip and said.readable and wanted.is_understood(command),
    )


def _with(command: PipCommand, option: str) -> PipCommand:
    """*command* as it is with an *option* that a variable or a settings file adds."""
    added = PipOption(name=option, value=None, start=0, stop=0)
    return command if command.has(option) else command._replace(options=(*command.options, added))
