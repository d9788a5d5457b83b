"""What a decision would have run: for ``plan``, and to start it before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip import ahead
from safepip.destinations import way_to
from safepip.destinations.job import Job, neutral_variables
from safepip.machine import interpreter
from safepip.model.decisions import DestinationKind

if TYPE_CHECKING:
    from safepip.flow.situation import Situation
    from safepip.model.decisions import Divert


def job_of(here: Situation) -> Job:
    """What a destination needs to carry a decision out."""
    return Job(
        command=here.command,
        target=here.target,
        interpreter=here.interpreter,
        pip_settings=here.pip_settings,
        env=here.env,
        ledger=here.ledger,
        settings=here.settings,
        console=here.console,
    )


def commands(here: Situation, decision: Divert) -> tuple[tuple[str, ...], ...]:
    """The commands that ``carry_out`` would run; nothing is run."""
    way = way_to(decision.destination)
    return way.commands(job_of(here)._replace(sees=decision.sees), decision)


def start_ahead(here: Situation, decision: Divert) -> None:
    """Start the Python that *decision* would have run, if it is but one."""
    planned = commands(here, decision)
    if len(planned) != 1:
        return
    (argv,) = planned
    env = neutral_variables(here.env)
    if decision.destination is DestinationKind.PIPX:
        env.setdefault("PIPX_DEFAULT_BACKEND", "pip")
    elif decision.destination is DestinationKind.VENV:
        env["PYTHONNOUSERSITE"] = "1"
    name = "pipx" if decision.destination is DestinationKind.PIPX else "pip"
    if "-m" in argv[1:3]:
        ahead.start(argv[: argv.index("-m")], None, env, name)
    else:
        python = interpreter.shebang(argv[0], env)
        if python is not None:
            ahead.start(python, argv[0], env, name)
