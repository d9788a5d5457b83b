"""All that is known about one ``install`` here, and the decision that follows from it.

What ``install`` does and what ``plan`` foretells both come from here, so that they agree.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from safepip import runner, state, userpip
from safepip.destinations.job import Job
from safepip.flow import host, watching
from safepip.index import lookup
from safepip.machine import interpreter as machine_interpreter
from safepip.machine import ownership, paths, pip_settings
from safepip.model.decisions import Facts, Strategy
from safepip.model.triggers import Trigger, TriggerName
from safepip.policy import foresight, rules
from safepip.reading import requests, secrets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import PurePath

    from safepip.console import Console
    from safepip.model.applications import Application
    from safepip.model.decisions import Decision
    from safepip.model.environments import Host
    from safepip.settings import Settings
    from safepip.userpip import PipTarget


class Situation:
    """The command, the user's pip and Python, the settings, and what pip will meet."""

    def __init__(
        self, words: Sequence[str], chosen: Settings, env: Mapping[str, str], target: PipTarget
    ) -> None:
        """Look at everything that costs little; nothing is changed.

        Raises:
            UnavailableError: the Python of *target* cannot be found or does not work.
            OSError: there is no working directory.
        """
        Path.cwd()
        interpreter = machine_interpreter.look_at_interpreter(
            machine_interpreter.python_of(target, env), env
        )
        if target.own_pip:
            interpreter = replace(interpreter, pip_version=machine_interpreter.own_pip_version())
        self.settings = chosen
        self.env = env
        self.target = target
        self.interpreter = interpreter
        self.command = requests.parse(words, env)
        self.pip_settings = pip_settings.pip_variables(env)
        foreseen = foresight.foresee(self.command, interpreter, self.pip_settings)
        if foreseen is not None:
            # Asking pip costs as much as starting it, so only where it may change the answer.
            self.pip_settings = pip_settings.pip_settings(
                target, interpreter, env, isolated=self.command.has("--isolated")
            )
            foreseen = foresight.foresee(self.command, interpreter, self.pip_settings)
        self.foreseen = foreseen
        self.quiet = self.command.quiet or self.pip_settings.quiet
        self.ledger = state.Ledger(chosen.state_dir)
        self._applications: tuple[Application, ...] | None = None

    @property
    def may_act(self) -> bool:
        """Whether anything but watching is open to us here."""
        if self.settings.strategy is Strategy.OFF or foresight.is_pip_alone(self.command):
            return False
        return foresight.chosen_place(self.command) is None

    @functools.cached_property
    def host(self) -> Host:
        """The user's surroundings."""
        return host.look_around(self.interpreter, self.env, self.settings, self.ledger)

    def trigger(self, name: TriggerName, line: str | None, seen: Path | None) -> Trigger:
        """The trigger *name* with the place that is not writable, and its owner.

        *seen*: the place that pip named, absolute, if it did.
        """
        if name in {TriggerName.USER_SITE_UNAVAILABLE, TriggerName.VIRTUALENV_REQUIRED}:
            return Trigger(name=name, line=_redacted(line), path=None, owner=None)
        interpreter = self.interpreter
        place: PurePath = interpreter.purelib.path
        if name is not TriggerName.EXTERNALLY_MANAGED and seen is not None:
            place = denying(seen)
        elif not interpreter.platlib.writable and interpreter.purelib.writable:
            place = interpreter.platlib.path
        if name is TriggerName.PERMISSION_DENIED and ownership.is_read_only(place):
            name = TriggerName.READ_ONLY
        return Trigger(
            name=name,
            line=_redacted(line),
            path=place,
            owner=ownership.look_at_place(place).owner,
        )

    def facts(self, trigger: Trigger | None) -> Facts:
        """The facts for a decision on *trigger*."""
        return Facts(
            interpreter=self.interpreter,
            host=self.host,
            pip_settings=self.pip_settings,
            trigger=trigger,
            applications=self._applications,
            create_venv=self.settings.create_venv,
        )

    def decide(self, trigger: Trigger | None, excluded: frozenset[str] = frozenset()) -> Decision:
        """Decide on *trigger*, and look up what the requirements are if it hangs on that."""
        strategy, facts = self.settings.strategy, self.facts(trigger)
        if rules.needs_applications(self.command, facts, strategy, excluded=excluded):
            facts = replace(facts, applications=self.applications())
        return rules.decide(self.command, facts, strategy, excluded=excluded)

    def watched_run(self) -> watching.Run:
        """What running the user's pip under watch needs."""
        return watching.Run(
            target=self.target,
            command=self.command,
            interpreter=self.interpreter,
            env=self.env,
            quiet=self.quiet,
            may_act=self.may_act,
            foreseen=self.foreseen,
            places=self.pip_settings.places,
        )

    def job(self, say: Console) -> Job:
        """What a destination needs to carry a decision out."""
        return Job(
            command=self.command,
            target=self.target,
            interpreter=self.interpreter,
            pip_settings=self.pip_settings,
            env=self.env,
            ledger=self.ledger,
            settings=self.settings,
            console=say,
        )

    def applications(self) -> tuple[Application, ...]:
        """What each requirement is; asked of the index once."""
        if self._applications is None:
            index = lookup.Index(
                interpreter=self.interpreter,
                options=lookup.index_options(self.command),
                env=userpip.child_environment(self.env),
            )
            self._applications = lookup.find_applications(
                self.command.requirements,
                index,
                run=runner.capture,
                applications=self.settings.applications,
                libraries=self.settings.libraries,
            )
        return self._applications


def _redacted(line: str | None) -> str | None:
    return None if line is None else secrets.redact(line)


def denying(path: Path) -> Path:
    """The directory that denies: *path* itself or its nearest parent that is there."""
    while not paths.is_dir(path) and path.parent != path:
        path = path.parent
    return path
