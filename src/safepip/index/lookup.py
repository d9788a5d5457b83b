"""Asks the index what requirements are: one small look-up each, and never longer than allowed.

The work is done by ``_helper.py`` in a process of its own, for it needs pip's machinery.
What cannot be found out is no application, so nothing here raises: there is a problem instead.
What judges the answer is imported when it is there: the question is to be asked early.
"""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from safepip import userpip
from safepip.index.known import are_applications, program
from safepip.model.options import having
from safepip.model.reasons import Reason, because
from safepip.model.requests import RequirementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from safepip.model.applications import Application
    from safepip.model.interpreter import Interpreter
    from safepip.model.reasons import Why
    from safepip.model.requests import PipCommand, RequestedRequirement
    from safepip.policy.applications import KnownNames
    from safepip.policy.voters import Shipped
    from safepip.policy.wheels import WheelFacts
    from safepip.runner import Captured

    Run = Callable[..., Captured]
    """Starts a program and keeps what it says: ``runner.capture``."""

TIMEOUT_S = 10.0
"""What a look-up may cost in all."""
CONNECT_TIMEOUT_S = 4
"""How long one answer of an index may take; shorter than all, so that a second one gets asked."""

INDEX_OPTIONS = having("chooses")

# Read by pip as options of an install, but no business of a look-up: what they name would be asked
# for as well, would be checked again, or would be written.
_FOREIGN_VARIABLES = frozenset(
    {"PIP_EDITABLE", "PIP_GROUP", "PIP_LOG", "PIP_REPORT", "PIP_REQUIREMENT", "PIP_USE_FEATURE"}
)


class Answer(NamedTuple):
    """What could be found out about one requirement."""

    facts: WheelFacts | None = None
    problem: Why | None = None
    """Why there are no facts, without any address."""


class Index(NamedTuple):
    """How to ask: for which Python, with which of the user's options and variables."""

    interpreter: Interpreter
    options: tuple[str, ...]
    """See ``index_options``; relative paths are the working directory's."""
    env: Mapping[str, str]
    pip_dir: Path | None = None
    """The directory that holds the pip to ask with; None for safepip's own."""


def index_options(command: PipCommand) -> tuple[str, ...]:
    """Give those options of *command* that a look-up needs, spelled out."""
    return tuple(
        option.name if option.value is None else f"{option.name}={option.value}"
        for option in command.options
        if option.name in INDEX_OPTIONS
    )


def known_names() -> KnownNames:
    """Read the bundled list of well-known applications; the longer ones only when asked."""
    from safepip.policy.applications import parse_known

    known = parse_known(_bundled("known_applications.json"))
    return known._replace(shipped=shipped, is_module=is_module)


def shipped(name: str) -> Shipped | None:
    """Find who ships a program *name*; read only when it is asked."""
    from safepip.policy.applications import find_program

    return find_program(_bundled("programs.tsv"), name)


def is_module(name: str) -> bool:
    """Whether others need *name*, in Debian or on the index; read only when it is asked."""
    return f"\n{name}\n" in _bundled("modules.txt")


@functools.cache
def _bundled(name: str) -> str:
    return Path(__file__).parent.with_name("policy").joinpath(name).read_text("utf-8")


def find_applications(
    requirements: Sequence[RequestedRequirement],
    index: Index,
    *,
    run: Run,
    applications: Collection[str] = (),
    libraries: Collection[str] = (),
    timeout_s: float = TIMEOUT_S,
) -> tuple[Application, ...]:
    """Judge each of *requirements*; *applications* and *libraries* are the user's own lists.

    All are looked up in one go, within *timeout_s* seconds; the user's libraries not at all, and
    neither what the bundled list has: pipx itself says if that brings no command after all.
    """
    named = [
        requirement.text
        for requirement in requirements
        if requirement.kind is RequirementKind.NAMED
        and requirement.name not in libraries
        and not are_applications([requirement.text])
    ]
    answers = dict(zip(named, look_up(named, index, run=run, timeout_s=timeout_s), strict=True))
    from safepip.policy.applications import judge

    known = known_names()
    verdicts = []
    for requirement in requirements:
        answer = answers.get(requirement.text, Answer())
        verdicts.append(
            judge(
                requirement,
                overrides_applications=applications,
                overrides_libraries=libraries,
                known=known,
                wheel=answer.facts,
                problem=answer.problem,
            )
        )
    return tuple(verdicts)


def look_up(
    requirements: Sequence[str], index: Index, *, run: Run, timeout_s: float = TIMEOUT_S
) -> tuple[Answer, ...]:
    """Read of each requirement the wheel that pip would choose, without fetching big ones.

    One answer for each, in order. It takes no longer than *timeout_s* seconds: what is not known by
    then is a problem.
    """
    if not requirements:
        return ()
    own = userpip.own_pip_dir()
    pip_dir = index.pip_dir or (None if own is None else Path(own).parent)
    if pip_dir is None or not sys.executable:
        return tuple(Answer(problem=because(Reason.PIP_MISSING)) for _ in requirements)
    interpreter = index.interpreter
    question = {
        "prefix": str(interpreter.prefix),
        "version": interpreter.version,
        "implementation": _TAGS.get(interpreter.implementation),
        "options": [
            *index.options,
            "--no-cache-dir",
            f"--timeout={CONNECT_TIMEOUT_S}",
            "--retries=0",
            "--no-input",
        ],
        "requirements": list(requirements),
        "seconds": timeout_s,
    }
    done = run(
        program(str(pip_dir)),
        env={name: value for name, value in index.env.items() if name not in _FOREIGN_VARIABLES},
        timeout_s=timeout_s + 1,
        input=json.dumps(question).encode("ascii"),
    )
    found = dict(filter(None, map(_read_line, done.stdout.splitlines())))
    late = done.problem is not None or done.returncode == 0
    missing = Answer(
        problem=because(Reason.NO_ANSWER, seconds=f"{timeout_s:g}")
        if late
        else because(Reason.LOOK_UP_FAILED)
    )
    return tuple(found.get(number, missing) for number in range(len(requirements)))


# As wheel tags name implementations; others are left to pip.
_TAGS = {"cpython": "cp", "pypy": "pp"}


def _read_line(line: bytes) -> tuple[int, Answer] | None:
    """Read one answer of the helper; None where it is cut off."""
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or not isinstance(number := content.get("index"), int):
        return None
    problem = content.get("problem")
    if isinstance(problem, str) and problem in Reason.__members__:
        told = {name: content[name] for name in ("version", "error") if name in content}
        return number, Answer(problem=because(Reason[problem], **told))
    from safepip.policy.wheels import WheelFacts

    del content["index"]
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in content.items()
    }
    return number, Answer(facts=WheelFacts(**fields))
