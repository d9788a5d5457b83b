"""What to type to go on: the same install, as another than the one that was refused."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.flow.situation import ANOTHER_PYTHON
from safepip.machine import distributions, home, paths
from safepip.machine import interpreter as machine_interpreter
from safepip.machine import shell as machine_shell
from safepip.model.decisions import DestinationKind, Remedy, Strategy
from safepip.reading import requests
from safepip.shells import commands
from safepip.shells.kinds import Shell
from safepip.wording import report

if TYPE_CHECKING:
    from safepip.destinations.job import Carried
    from safepip.flow.situation import Situation
    from safepip.model.decisions import Divert, Refuse


def with_advice(here: Situation, refused: Refuse) -> Refuse:
    """*refused*, with the command that helps."""
    if refused.remedy is Remedy.AUTO and here.settings.origins["strategy"].locked_by:
        refused = refused._replace(remedy=Remedy.LOCKED)
    return refused._replace(do=_advice(here, refused))


def _advice(here: Situation, refused: Refuse) -> str:
    """What to type instead, in the user's shell; empty if there is nothing."""
    shell = machine_shell.user_shell(here.env)
    if refused.activate is not None:
        return commands.activate_command(shell, refused.activate)
    match refused.remedy:
        case Remedy.AUTO:
            return again(here, shell, Strategy.AUTO)
        case Remedy.LOCKED:
            return f"{machine_shell.own_word(here.env, shell)} settings strategy"
        case Remedy.NO_SUDO:
            return again(here, shell)
        case Remedy.NEW_HOME:
            own = home.of_account()
            if own is not None and home.is_usable(own):
                return commands.set_command(shell, "HOME", str(own))
            return commands.new_home_command(shell)
        case None:
            return ""


def again(here: Situation, shell: Shell, strategy: Strategy | None = None) -> str:
    """The same install, by *strategy* if there is one, so that the same pip is meant."""
    own = () if strategy is None else ("--strategy", strategy.value)
    words = " ".join(commands.quoted(shell, (*own, *here.command.argv)))
    alias = here.env.get("SAFEPIP_AS", "")
    # In these no word before a command sets a variable for it, or not for an alias (xonsh).
    odd = {Shell.TCSH, Shell.CMD, Shell.POWERSHELL, Shell.NUSHELL, Shell.XONSH}
    if alias and (not own or shell not in odd):
        typed = " ".join(commands.quoted(shell, here.command.argv))
        return f"SAFEPIP_STRATEGY={own[1]} {alias} {typed}" if own else f"{alias} {typed}"
    if here.target.python is not None and "pip" in here.target.argv:  # python -m safepip
        python, *flags = here.target.python
        line = commands.command_line(shell, PurePath(python), (*flags, "-m", "safepip"))
        return f"{line} {words}"
    return f"{machine_shell.own_word(here.env, shell)} {words}"


def for_what_lacks(here: Situation, tried: Divert, carried: Carried) -> tuple[str, ...]:
    """What lets the environment that was *tried* see what it lacks, and its base Python has."""
    python, inner = here.interpreter, carried.interpreter
    in_venv = tried.destination is DestinationKind.VENV
    if not (carried.lacking and in_venv) or inner is None or inner.base_prefix != python.prefix:
        return ()
    is_there = paths.is_dir(tried.path)
    how = ("--system-site-packages", "--without-pip", *["--upgrade"] * is_there)
    words = ("-m", "venv", *how, str(tried.path))
    line = commands.command_line(machine_shell.user_shell(here.env), python.executable, words)
    return report.lacks(carried.lacking, python.executable, tried.path, line)


def for_another_python(here: Situation) -> str:
    """The command without ``--python`` but for the same Python; empty if there is none."""
    shell, python = machine_shell.user_shell(here.env), str(here.interpreter.executable)
    words = commands.quoted(shell, requests.without(here.command, ANOTHER_PYTHON))
    unset = ["-u PIP_PYTHON"] if here.env.get("PIP_PYTHON") else []
    if here.pip_settings.python and not unset and not here.command.values(ANOTHER_PYTHON):
        return ""  # no command takes back what a file of pip's says
    if not unset and machine_interpreter.python_of(here.target, here.env) == (python,):
        return " ".join((machine_shell.own_word(here.env, shell), *words))
    if userpip.WINDOWS or distributions.named("pip", here.interpreter.sites) is None:
        return ""
    # Not every shell sets a variable for one command.
    meant = "SAFEPIP_AS=" + commands.quote(shell, python)
    return " ".join(("env", *unset, meant, machine_shell.own_word(here.env, Shell.SH), *words))
