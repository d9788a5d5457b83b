"""Every sentence the user reads, made of facts: the report, the errors, the JSON of both.

Pure. A line that begins with a space continues the one before (commands stand alone like that).
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from safepip.model.decisions import DestinationKind, Divert, Refuse
from safepip.model.outcome import OutcomeKind, Visibility
from safepip.model.triggers import TriggerName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safepip.model.decisions import Decision
    from safepip.model.interpreter import Interpreter
    from safepip.model.outcome import LandedScript, Landing, Outcome
    from safepip.model.triggers import Trigger

from safepip.wording.lines import INDENT

PLACE_BY_RULE = {
    "active-environment": "the active environment",
    "project": "the project's virtual environment",
    "local-request": "this directory's virtual environment",
    "personal": "your personal environment",
    "user-site": "your user site",
    "application": "pipx, into an environment of its own",
}


def waiting(path: object) -> tuple[str, ...]:
    """Another safepip has its turn."""
    return (f"another safepip is installing into {path}; waiting for it to finish",)


def busy_waiting(path: object) -> str:
    """While another safepip has its turn."""
    return f"waiting for another safepip to finish with {path}"


def busy_making(path: object) -> str:
    """While an environment is being made."""
    return f"making {path}"


def busy_fetching() -> str:
    """While pipx is being fetched."""
    return "fetching pipx"


def busy_looking_up(names: Sequence[str]) -> str:
    """While the index is asked what the requirements are."""
    return f"looking up {', '.join(names)}"


def busy_asking_pip() -> str:
    """While pip is asked, unseen, whether there is anything to install."""
    return "asking pip what is missing"


def busy_asking_shell() -> str:
    """While the user's shell is asked what it finds."""
    return "asking your shell for its commands"


def pip_for_uv(why: str) -> tuple[str, ...]:
    """The user wants uv, which cannot do this one."""
    return (f"pip does this install instead of uv: {why}",)


def making(path: object) -> tuple[str, ...]:
    """An environment is about to be made, which takes a moment."""
    return (f"making a virtual environment in {path}",)


def describe_trigger(trigger: Trigger, interpreter: Interpreter | None) -> str:
    """Why pip could not do it, as the first half of a sentence."""
    owner = f" (owner: {trigger.owner})" if trigger.owner else ""
    if trigger.name is TriggerName.EXTERNALLY_MANAGED:
        python = interpreter.executable if interpreter is not None else "this Python"
        return f"{python} is externally managed (PEP 668)"
    if trigger.name is TriggerName.VIRTUALENV_REQUIRED:
        return "your pip settings require a virtual environment"
    if trigger.name is TriggerName.USER_SITE_UNAVAILABLE:
        return "your pip settings ask for --user, which is not possible here"
    place = trigger.path if trigger.path is not None else "the install location"
    if trigger.name is TriggerName.READ_ONLY:
        return f"{place} is on a read-only file system"
    return f"{place} is not writable{owner}"


def report(outcome: Outcome, *, cause: Interpreter | None, own: str = "safepip") -> tuple[str, ...]:
    """The lines after a diverted, refused or failed install.

    *cause*: the Python pip aimed at. *own*: what the user types to run safepip.
    """
    lines: list[str] = []
    decision, trigger = outcome.decision, outcome.trigger
    because = describe_trigger(trigger, cause) if trigger is not None else ""
    if isinstance(decision, Divert):
        lines += _diverted(outcome, decision, because, own)
    elif isinstance(decision, Refuse):
        lines.append(f"{because}; nothing was installed: {decision.reason} (rule: {decision.rule})")
        if decision.do:
            lines += ["to go on all the same:", INDENT + decision.do]
    elif outcome.landed and outcome.notes:  # without a word of ours to say, pip has said it all
        lines += _landed(outcome, own)
    lines += outcome.leftovers
    lines += outcome.notes
    return tuple(lines)


def _diverted(outcome: Outcome, decision: Divert, because: str, own: str) -> list[str]:
    place = PLACE_BY_RULE.get(decision.rule, str(decision.path))
    if outcome.kind is OutcomeKind.FAILED:
        end = f"but it failed there with exit status {outcome.exit_code}; the words above say why"
        if outcome.interrupted:
            names = ", ".join(f"{one.name} {one.version}" for one in outcome.landed)
            before = f"before that {names} landed there" if names else "no package was installed"
            end = f"but it was interrupted; {before}"
        elif outcome.exit_code < 0:
            end = f"but it was ended there by signal {-outcome.exit_code}"
        return [
            f"{because}, so this was to go to {place} (rule: {decision.rule}; {decision.reason})",
            end,
        ]
    lines = [f"{because}, so this went to {place} (rule: {decision.rule}; {decision.reason})"]
    if not outcome.landed:
        lines.append(f"nothing new was needed: what you asked for is in {decision.path} already")
    return lines + _landed(outcome, own)


def _landed(outcome: Outcome, own: str) -> list[str]:
    lines = []
    python = f" (Python {outcome.interpreter.short_version})" if outcome.interpreter else ""
    for location in dict.fromkeys(_home(landing, outcome.decision) for landing in outcome.landed):
        names = ", ".join(
            f"{landing.name} {landing.version}"
            for landing in outcome.landed
            if _home(landing, outcome.decision) == location
        )
        lines.append(f"{names} → {location}{python}")
    return lines + _reach(outcome, own)


def _home(landing: Landing, decision: Decision | None) -> str:
    """What to call a landing's place: the environment, where it is one, not its site directory."""
    if isinstance(decision, Divert) and decision.destination is DestinationKind.VENV:
        return str(decision.path)
    return str(landing.location)


def _reach(outcome: Outcome, own: str) -> list[str]:
    """How the commands that came can be run."""
    scripts = [script for landing in outcome.landed for script in landing.scripts]
    off = [s for s in scripts if s.visibility is Visibility.OFF_PATH]
    shadowed = [s for s in scripts if isinstance(s.shadowed_by, PurePath)]
    lines = [f"typing {s.name} runs {s.shadowed_by}, not what was just installed" for s in shadowed]
    soon = [s for s in off if s.visible_after_login]
    never = [s for s in off if not s.visible_after_login]
    if never:
        verb = "is" if len(never) == 1 else "are"
        lines.append(f"{_names(never)} {verb} not on PATH")
    if soon:
        lines.append(f"{_names(soon)} will be on PATH after your next login")
    if outcome.next_command is None:
        return lines
    it = "them" if (len(off) + len(shadowed) or len(scripts)) > 1 else "it"
    if soon:
        lines[-1] += "; for now:"
    elif lines:
        lines[-1] += f"; to use {it}:"
    else:
        lines.append(f"to use {it}:")
    lines.append(INDENT + outcome.next_command)
    known = [s for s in never if s.visible_after_login is False]
    decision = outcome.decision
    in_venv = isinstance(decision, Divert) and decision.destination is DestinationKind.VENV
    if known and not in_venv:
        lines.append(f"for every new shell: {own} path --install")
    return lines


_SHOWN_NAMES = 8


def _names(scripts: Sequence[LandedScript]) -> str:
    names = [script.name for script in scripts]
    if len(names) > _SHOWN_NAMES:
        names = [*names[: _SHOWN_NAMES - 1], f"{len(names) - _SHOWN_NAMES + 1} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def explicit_place_denied(option: str, trigger: Trigger) -> tuple[str, ...]:
    """A place that the command line named is not writable: nothing is diverted, but explained."""
    what = describe_trigger(trigger, None)
    if option in {"--user", "--break-system-packages"}:
        do = "the same command without it lets safepip find a place that works"
    else:
        do = f"name a directory of yours, or leave {option} out and safepip finds a place"
    return (f"{what}; {option} names the place, so nothing was diverted; {do}",)


def pip_stays(interpreter: Interpreter) -> tuple[str, ...]:
    """Why an upgrade of pip alone is not diverted."""
    place = interpreter.purelib
    owner = f" (owner: {place.owner})" if place.owner else ""
    why = "a new pip elsewhere would not serve this Python"
    return (
        f"{place.path} is not writable{owner}; an upgrade of pip alone is not diverted: {why}",
        "every environment that safepip makes holds a new pip of its own",
    )


def left_behind(what: str, place: object, *, complete: bool) -> str:
    """What the first, denied attempt of pip left where it had no right to finish."""
    state = "completely" if complete else "only in part (without a complete dist-info)"
    return f"before pip was stopped it had installed {what} {state} in {place}"


def taken_away(what: str, place: object) -> str:
    """An old version that pip removed before it was refused, with nothing in its place."""
    return f"before pip was refused it had removed {what} from {place}; nothing replaced it"


def installed_in_part(what: str, place: object) -> str:
    """An interrupted install had begun to write the metadata, which pip takes for installed."""
    again = "once more with --ignore-installed mends it"
    return f"{what} is installed only in part in {place}; {again}"


def removed_only(what: str, place: object) -> str:
    """An interrupted upgrade had removed the old version already."""
    return f"{what} was removed from {place} to make room, and nothing has replaced it yet"


def unfinished(paths: Sequence[object]) -> str:
    """What an interrupted install left that belongs to no distribution."""
    some = [str(path) for path in paths[:_SHOWN_NAMES]]
    if len(paths) > len(some):
        some.append(f"{len(paths) - len(some)} more")
    return f"unfinished and left behind: {', '.join(some)}"


def landed_in_user_site(outcome: Outcome) -> tuple[str, ...]:
    """With the strategy off: pip went to the user site by itself; said, not changed."""
    location = outcome.landed[0].location
    return (f"pip put this into your user site {location}, since it cannot write to its own",)


def moved_aside(path: object) -> str:
    """A folder of an old version that pip could not remove."""
    return f"pip left {path} behind, a moved-aside old version; it may be deleted"
