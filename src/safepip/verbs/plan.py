"""``plan``: what an install would meet here, what safepip would do, and why; changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip import console, settings
from safepip.flow import foretelling, situation
from safepip.machine import shell as machine_shell
from safepip.model.decisions import RunAsGiven
from safepip.model.errors import UnavailableError
from safepip.model.problems import Problem
from safepip.model.reasons import Reason, because
from safepip.reading import arguments
from safepip.wording import errors
from safepip.wording import json as wording_json
from safepip.wording import plan as wording_plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.userpip import PipTarget


def run(
    words: Sequence[str], options: Mapping[str, str], env: Mapping[str, str], target: PipTarget
) -> int:
    """Print what ``safepip WORDS`` would do and return the exit status.

    Raises:
        SafepipError: the user's Python cannot be looked at, or settings are wrong.
    """
    as_json = "--json" in words
    words = [word for word in words if word != "--json"]
    chosen = settings.merge(options, env)
    if not arguments.is_install_to_watch(words, env):
        plan = _uninstalls(words, chosen, env, target) or wording_plan.Plan(
            decision=RunAsGiven(reason=because(Reason.NO_INSTALL)),
            commands=((*target.argv, *words),),
        )
    else:
        try:
            here = situation.look(words, chosen, env, target)
        except OSError as error:
            raise UnavailableError(Problem.NO_CWD, why=error) from error
        plan = foretelling.foretell(here)
    if as_json:
        stop = () if plan.obstacle is None else (errors.sentence(plan.obstacle),)
        console.answer("plan", wording_json.plan_json(plan), stop)
    else:
        shell = machine_shell.user_shell(env)
        lines = wording_plan.plan(plan, shell)
        command = arguments.command_index(words)
        if command is not None and words[command] not in {"install", *arguments.COMMANDS}:
            lines += wording_plan.no_command(words, command, shell)
        console.Console(env).show(lines)
    return 0


def _uninstalls(
    words: Sequence[str], chosen: settings.Settings, env: Mapping[str, str], target: PipTarget
) -> wording_plan.Plan | None:
    """What safepip would do of an ``uninstall``; None where it would leave all to pip."""
    command = arguments.command_index(words)
    if command is None or words[command] != "uninstall":
        return None
    from safepip.flow import finding_again

    return finding_again.foretell(words, chosen, env, target)
