"""Tells whose plugin it is that went to a place of its own, where its application does not look."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.machine import distributions, paths, pipx
from safepip.machine import shell as machine_shell
from safepip.shells import commands
from safepip.wording import report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from safepip.flow.situation import Situation
    from safepip.model.decisions import Divert
    from safepip.model.outcome import Distribution

_OF_NO_PROJECT = frozenset({"user-site", "personal", "here"})
"""The rules by which an install goes where nobody works on code that may want the plugin itself."""


def notes(here: Situation, decision: Divert, landed: Iterable[Distribution]) -> tuple[str, ...]:
    """What to say of those of *landed* that were asked for and extend an application of pipx'."""
    if decision.rule not in _OF_NO_PROJECT:
        return ()
    venvs = pipx.home(here.env) / "venvs"
    applications = {name for name in paths.names_in(venvs) if paths.is_dir(venvs / name)}
    if not applications:
        return ()
    from safepip.destinations.pipx import find_pipx

    asked = {requirement.name for requirement in here.command.requirements}
    shell, program = machine_shell.user_shell(here.env), find_pipx(here.env)
    if program is None:
        return ()
    lines: list[str] = []
    for one in landed:
        hosts = applications.intersection(distributions.extended_by(one))
        for host in sorted(hosts) if one.name in asked else ():
            words = (*program[1:], "inject", host, one.name)
            line = commands.command_line(shell, PurePath(program[0]), words)
            if program[0] == next(userpip.on_path("pipx", here.env), None):
                line = " ".join(("pipx", *commands.quoted(shell, words)))
            lines += report.of_an_application(one.name, host, line)
    return tuple(lines)
