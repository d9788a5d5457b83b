"""The report: what an install did that pip could not do where it wanted to, and what comes next.

A line that begins with a space continues the one before (commands stand alone like that).
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from safepip.model.decisions import DestinationKind, Divert, Refuse, Remedy
from safepip.model.outcome import OutcomeKind, Visibility
from safepip.model.reasons import Reason
from safepip.model.triggers import TriggerName
from safepip.wording import triggers
from safepip.wording.lines import INDENT, joined, some
from safepip.wording.permissions import mending, not_writable
from safepip.wording.reasons import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safepip.model.decisions import Rejection
    from safepip.model.interpreter import Interpreter
    from safepip.model.outcome import LandedScript, Landing, Outcome
    from safepip.model.reasons import Why
    from safepip.model.triggers import Trigger
    from safepip.shells.kinds import Shell

PLACE_BY_RULE = {
    "active-environment": "the active environment {path}",
    "kernel": "your user site, which this notebook can import from",
    "project": "this project's {path}",
    "local-request": "this directory's {path}",
    "application": "its own environment in {path} (by pipx)",
    "user-site": "your user site",
    "personal": "your personal environment {path}",
    "here": "this directory's {path}",
}
"""What the place of each rule is called; ``{path}`` is the environment, or the directory."""


def place_of(decision: Divert) -> str:
    """What the place of *decision* is called."""
    return PLACE_BY_RULE.get(decision.rule, "{path}").format(path=decision.path)


def waiting(path: object) -> tuple[str, ...]:
    """Another safepip has its turn."""
    return (f"Another safepip is installing into {path}. Waiting for it to finish.",)


# What is shown while it takes long.
BUSY_WAITING = "waiting for another safepip to finish with {path}"
BUSY_MAKING = "making {path}"
BUSY_FETCHING = "fetching pipx"
BUSY_LOOKING_UP = "looking up {names}"
BUSY_ASKING_PIP = "asking pip what is missing"
BUSY_ASKING_SHELL = "asking your shell for its commands"


def pip_for_uv(why: Why) -> tuple[str, ...]:
    """The user wants uv, which cannot do this one."""
    return (f"pip does this install instead of uv: {words(why)}",)


def making(path: object) -> tuple[str, ...]:
    """An environment is about to be made, which takes a moment."""
    return (f"Making a virtual environment in {path}",)


def fetching_pipx(path: object) -> tuple[str, ...]:
    """pipx is about to be installed, which takes a moment."""
    return (f"Installing pipx into {path}",)


class Reader(NamedTuple):
    """For whom commands are written."""

    shell: Shell
    own: str = "safepip"
    """What runs safepip in it."""
    user: str = ""
    """Who is logged in, where no variable says so."""


def report(outcome: Outcome, *, cause: Interpreter | None, reader: Reader) -> tuple[str, ...]:
    """The lines after a diverted, refused or failed install.

    *cause*: the Python pip aimed at.
    """
    lines: list[str] = []
    decision, trigger = outcome.decision, outcome.trigger
    because = triggers.because(trigger, cause) if trigger is not None else ""
    if isinstance(decision, Divert):
        lines += _diverted(outcome, decision, because, reader)
    elif isinstance(decision, Refuse):
        lines += _refused(decision, because, reader)
    elif outcome.landed and outcome.notes:  # without a word of ours to say, pip has said it all
        lines += [f"Installed {_versions(outcome.landed)}.", *_reach(outcome, reader.own)]
    lines += outcome.leftovers
    lines += outcome.notes
    return tuple(lines)


def _refused(decision: Refuse, because: str, reader: Reader) -> list[str]:
    why = f", because {because}, and" if because else ":"
    denied = decision.denied
    cause = words(decision.reason) if denied is None else not_writable(denied)
    if because and decision.reason.reason is Reason.EXTERNALLY_MANAGED:
        cause = "that closes your user site, too"
    lines = [f"Nothing was installed{why} {cause}."]
    mend = mending(decision.denied, reader.shell, reader.user)
    if mend is not None:
        return [*lines, "To fix that, then run it once more:", INDENT + mend]
    if decision.activate is not None:
        again = "If you trust it, activate it and run the same command again:"
        return [*lines, again, INDENT + decision.do]
    if decision.remedy is not None:
        return [*lines, _REMEDIES[decision.remedy], INDENT + decision.do]
    return [*lines, "To see what is wrong and how to fix it:", f"{INDENT}safepip doctor"]


_REMEDIES = {
    Remedy.AUTO: "To go on all the same:",
    Remedy.LOCKED: "Your administrator has locked that. To see where:",
    Remedy.NO_SUDO: "Run it as yourself, not as root:",
    Remedy.NEW_HOME: "Take another home directory, then run it once more:",
}


_TOOLS = {
    "application": "pipx",
    "project": "This project's environment",
    "personal": "Your personal environment",
}


def _could_be_mended(rejected: Sequence[Rejection], reader: Reader) -> list[str]:
    """What kept a better place from being used, where that is the user's own to mend."""
    for one in rejected:
        if one.why.reason is Reason.PIPX_NOT_FETCHED:
            return [f"It is a program, but {words(one.why)}."]
        mend = mending(one.denied, reader.shell, reader.user)
        if one.denied is not None and mend is not None:
            what = _TOOLS.get(one.rule, "A better place")
            why = f"{what} could not be used: {not_writable(one.denied)}. To fix that:"
            return [why, INDENT + mend]
    return []


def _lacking(rejected: Sequence[Rejection]) -> list[str]:
    """Which better place could not be made, or would not have what the base Python has."""
    lacking = {Reason.LACKS, Reason.ISOLATED_LACKS, Reason.NOT_MADE}
    found = (words(one.why) for one in rejected if one.why.reason in lacking)
    return [f"It could not go into {why}." for why in found][:1]


def _passed_over(decision: Divert, reader: Reader) -> list[str]:
    """Why it did not go where the user might look for it."""
    stale = (one.why for one in decision.rejected if one.why.reason is Reason.STALE)
    return [
        *(_lacking(decision.rejected) or _could_be_mended(decision.rejected, reader)),
        # An environment that was deleted while active, and is made again by this install, is none.
        *(f"{words(why)}." for why in stale if why.facts["path"] != decision.path),
    ]


def _diverted(outcome: Outcome, decision: Divert, because: str, reader: Reader) -> list[str]:
    place = place_of(decision)
    if outcome.kind is OutcomeKind.FAILED:
        python = outcome.interpreter
        own_pip = decision.destination is DestinationKind.USER
        if own_pip and python is not None and python.pip_version is None and outcome.exit_code > 0:
            return [
                "Your pip cannot start, because its own module is missing; see the error above."
            ]
        return [_broken_off(outcome, place)]
    if not outcome.landed:
        scripts = [script for one in outcome.present for script in one.scripts]
        visible = [s for s in scripts if s.visibility is Visibility.VISIBLE]
        line = f"Already installed in {place}."
        if visible:
            verb = "is" if len(visible) == 1 else "are"
            line += f" {_names(visible)} {verb} on your PATH."
        return [line, *_passed_over(decision, reader), *_reach(outcome, reader.own)]
    because = f", because {because}" if because else ""
    lines = []
    homes = dict.fromkeys(_home(landing, decision) for landing in outcome.landed)
    for number, home in enumerate(homes):
        names = _versions([one for one in outcome.landed if _home(one, decision) == home])
        if decision.destination is DestinationKind.PIPX:
            place = f"{home}, by pipx"
        lines.append(f"Installed {names} into {place}{'' if number else because}.")
    if decision.restart:
        lines.append(
            "Restart the kernel once: your user site is new, and it does not look there yet."
        )
    lines += _passed_over(decision, reader)
    if decision.sees is not None:
        lines.append(f"The new environment also sees the packages of {decision.sees.whose}.")
    return lines + _reach(outcome, reader.own)


def _broken_off(outcome: Outcome, place: str) -> str:
    if outcome.interrupted:
        names = _versions(outcome.landed)
        landed = f"Only {names} landed there" if names else "Nothing was installed"
        return f"Interrupted while installing into {place}. {landed}."
    if outcome.exit_code < 0:
        return f"The install into {place} was ended by signal {-outcome.exit_code}."
    return f"The install into {place} failed; see the error above."


def _versions(landed: Sequence[Landing]) -> str:
    return some([f"{one.name} {one.version}" for one in landed])


def _home(landing: Landing, decision: Divert) -> PurePath:
    """Where a landing is, as a reader would say: the environment, not its site directory."""
    if decision.destination is DestinationKind.VENV:
        return decision.path
    site = landing.location
    is_pipx = decision.destination is DestinationKind.PIPX and len(site.parents) > 2
    return site.parents[2] if is_pipx else site


def _reach(outcome: Outcome, own: str) -> list[str]:
    """How what came can be used: the command, and what it is for."""
    came = outcome.landed or outcome.present
    scripts = [script for landing in came for script in landing.scripts]
    off = [s for s in scripts if s.visibility is Visibility.OFF_PATH]
    shadowed = [s for s in scripts if isinstance(s.shadowed_by, PurePath)]
    lines = [
        f"`{s.name}` still runs {s.shadowed_by}, which comes first on your PATH." for s in shadowed
    ]
    soon = [s for s in off if s.visible_after_login]
    never = [s for s in off if not s.visible_after_login]
    if soon:
        lines.append(f"{_names(soon)} will be on your PATH after your next login.")
    decision = outcome.decision
    in_venv = isinstance(decision, Divert) and decision.destination is DestinationKind.VENV
    if outcome.next_command is None:
        if never:
            lines.append(f"{_names(never)} {'is' if len(never) == 1 else 'are'} not on your PATH.")
        return lines
    lines += [_lead(outcome, off or shadowed or scripts), INDENT + outcome.next_command]
    if not (in_venv or _in_cell(outcome)) and any(s.visible_after_login is False for s in never):
        lines += ["In every new shell:", f"{INDENT}{own} path --install"]
    return lines


def _lead(outcome: Outcome, scripts: Sequence[LandedScript]) -> str:
    """What the command below is for."""
    if scripts and _in_cell(outcome):
        return f"To run {scripts[0].name} in a cell, behind a !:"
    if scripts:
        command = str(outcome.next_command).rstrip("'\"")
        one = [s for s in scripts if command.endswith(str(s.path))]  # which has to be started so
        return f"To run {_names(one or scripts)} in this shell:"
    modules = [module for landing in outcome.landed[:1] for module in landing.modules]
    if modules and isinstance(outcome.decision, Divert):
        python = outcome.decision.path / ("Scripts" if outcome.decision.path.drive else "bin")
        with_python = f"use {python / 'python'}, or activate its environment in this shell"
        return f"To import {joined(modules)}, {with_python}:"
    return "To use it in this shell:"


def _in_cell(outcome: Outcome) -> bool:
    """Whether it was typed into a notebook, whose shells end with each line."""
    return isinstance(outcome.decision, Divert) and outcome.decision.rule == "kernel"


def _names(scripts: Sequence[LandedScript]) -> str:
    return some([script.name for script in scripts])


def explicit_place_denied(option: str, trigger: Trigger, *, works: bool = True) -> tuple[str, ...]:
    """A place that the command line named is not writable: nothing is diverted, but explained.

    *works*: without *option* there is a place.
    """
    what = triggers.because(trigger, None)
    if option == "--user" and trigger.name is TriggerName.USER_SITE_UNAVAILABLE:
        what = "--user does not work in a virtual environment"
    if option == "--dry-run":
        instead = "`safepip plan install` shows what an install would do here"
        return (f"pip failed because {what}, even for a dry run. {instead}.",)
    if option in {"--user", "--break-system-packages"}:
        do = f"Leave {option} out, and safepip finds a place that works"
        if not works:
            do = "No other place can be written here, either"
    elif not works:
        do = "Name a directory of yours"
    else:
        do = f"Name a directory of yours, or leave {option} out"
    return (f"pip failed because {what}. You chose that place with {option}. {do}.",)


def other_python_denied(trigger: Trigger, interpreter: Interpreter, again: str) -> tuple[str, ...]:
    """The Python that the command line named is not writable.

    *again*: the command with which safepip finds another place; empty for none.
    """
    what = f"pip failed because {triggers.because(trigger, interpreter)}."
    if not again:
        return (f"{what} Name an environment of yours with --python.",)
    return (f"{what} Without --python, safepip finds a place that works:", INDENT + again)


def pip_stays(interpreter: Interpreter) -> tuple[str, ...]:
    """Why an upgrade of pip alone is not diverted."""
    if interpreter.marker is not None:
        return (
            f"Your OS manages {interpreter.executable}: its own package manager upgrades its pip.",
            "Each environment that safepip makes has a new pip of its own.",
        )
    closed = _not_writable(interpreter)
    return (
        f"{closed}, and a new pip elsewhere would not help this Python.",
        "Each environment that safepip makes has a new pip of its own.",
    )


def new_pip_in_user_site(interpreter: Interpreter) -> tuple[str, ...]:
    """pip went on by itself and put a new pip where its Python looks first."""
    there = f"{_not_writable(interpreter)}, so the new pip is in your user site."
    return (f"{there} This Python uses that one when you start it.",)


def _not_writable(interpreter: Interpreter) -> str:
    place = interpreter.purelib
    owner = f" (owner: {place.owner})" if place.owner else ""
    return f"{place.path} is not writable{owner}"


def lacks(names: Sequence[str], python: object, place: object, do: str) -> tuple[str, ...]:
    """pip found no *names* for the environment *place*; its *python* has them."""
    see = f"To let {place} see what that has, then run it once more:"
    return (f"{python} has {joined(names)}. {see}", INDENT + do)


def for_root_alone(again: str) -> tuple[str, ...]:
    """It went to a place of root's, by sudo."""
    only = "sudo ran this as root, so only root can use it. To have it yourself, leave sudo out:"
    return (only, INDENT + again)


def of_an_application(name: str, host: str, command: str) -> tuple[str, ...]:
    """*name* is a plugin of *host*, an application of pipx', and went elsewhere."""
    return (f"{name} extends {host}, which pipx keeps apart. To have it there:", INDENT + command)


def nothing_to_install(place: object, *, removed: bool) -> tuple[str, ...]:
    """pip found nothing to do in *place*; *removed*: that was made for it, and is gone again."""
    return (f"There was nothing to install{f', so {place} was removed again' * removed}.",)


def left_behind(what: str, place: object, *, complete: bool) -> str:
    """What the first, denied attempt of pip left where it had no right to finish."""
    state = "" if complete else " in part (its dist-info is incomplete)"
    return f"Before pip was stopped, it had installed {what}{state} in {place}."


def taken_away(what: str, place: object) -> str:
    """An old version that pip removed before it was refused, with nothing in its place."""
    return f"Before pip was refused, it had removed {what} from {place}. Nothing replaced it."


def installed_in_part(what: str, place: object) -> str:
    """An interrupted install had begun to write the metadata, which pip takes for installed."""
    return (
        f"{what} is installed only in part in {place}."
        " To fix that, run the same command with --ignore-installed."
    )


def removed_only(what: str, place: object) -> str:
    """An interrupted upgrade had removed the old version already."""
    return f"{what} was removed from {place} to make room. Nothing has replaced it yet."


def unfinished(paths: Sequence[object]) -> str:
    """What an interrupted install left that belongs to no distribution."""
    return f"Unfinished and left behind: {some(paths)}"


def landed_in_user_site(outcome: Outcome) -> tuple[str, ...]:
    """With the strategy off: pip went to the user site by itself; said, not changed."""
    location = outcome.landed[0].location
    return (f"pip cannot write to its own site-packages, so it used your user site {location}.",)


def moved_aside(path: object) -> str:
    """A folder of an old version that pip could not remove."""
    return f"pip left an old version behind in {path}. You can delete it."
