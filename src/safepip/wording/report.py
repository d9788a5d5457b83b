"""Every sentence the user reads, made of facts: the report, the errors, the JSON of both.

Pure. A line that begins with a space continues the one before (commands stand alone like that).
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from safepip import __version__
from safepip.model.decisions import (
    DestinationKind,
    Divert,
    OutcomeKind,
    Refuse,
    RunAsGiven,
    ShellWord,
    TriggerName,
    Visibility,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safepip.model.decisions import (
        Application,
        Decision,
        Interpreter,
        LandedScript,
        Landing,
        Outcome,
        Trigger,
    )
    from safepip.model.errors import SafepipError

SCHEMA = 1
_INDENT = "    "

_PLACE_BY_RULE = {
    "active-environment": "the active environment",
    "project": "the project's virtual environment",
    "local-request": "this directory's virtual environment",
    "personal": "your personal environment",
    "user-site": "your user site",
    "application": "pipx, into an environment of its own",
}


def error(problem: SafepipError) -> tuple[str, ...]:
    """What went wrong, why, and the command that helps."""
    first = problem.what + (f": {problem.why}" if problem.why else "")
    if not problem.do:
        return (first,)
    return (f"{first}; {problem.lead}:", _INDENT + problem.do)


def internal_error(kind: str, log: str | None) -> tuple[str, ...]:
    """The one line about a bug of ours."""
    where = f"; the details are in {log}" if log else ""
    return (f"internal error ({kind}): this is a bug of safepip, not yours{where}",)


def waiting(path: object) -> tuple[str, ...]:
    """Another safepip has its turn."""
    return (f"another safepip is installing into {path}; waiting for it to finish",)


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
            lines += ["to go on all the same:", _INDENT + decision.do]
    elif outcome.landed and outcome.notes:  # without a word of ours to say, pip has said it all
        lines += _landed(outcome, own)
    lines += outcome.leftovers
    lines += outcome.notes
    return tuple(lines)


def _diverted(outcome: Outcome, decision: Divert, because: str, own: str) -> list[str]:
    place = _PLACE_BY_RULE.get(decision.rule, str(decision.path))
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
    lines.append(_INDENT + outcome.next_command)
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


def question(trigger: Trigger | None, interpreter: Interpreter) -> str:
    """What the strategy ``ask`` asks."""
    because = describe_trigger(trigger, interpreter) if trigger is not None else "pip is denied"
    return f"{because}; where to install instead?"


def choice(decision: Decision) -> str:
    """One of the places that the strategy ``ask`` offers."""
    if isinstance(decision, Divert):
        return f"{_PLACE_BY_RULE.get(decision.rule, 'into')} ({decision.path})"
    return "nowhere: install nothing"


def moved_aside(path: object) -> str:
    """A folder of an old version that pip could not remove."""
    return f"pip left {path} behind, a moved-aside old version; it may be deleted"


def held_by_shell(word: ShellWord, name: str, command: str) -> tuple[str, ...]:
    """The shell itself holds *name*; *command* runs what was installed."""
    what = f"{'an' if word is ShellWord.ALIAS else 'a'} {word.value}"
    why = f"{name} is {what} in your shell, which comes before PATH"
    return (f"{why}; to run what was installed:", _INDENT + command)


def activated(path: object) -> str:
    """The shell's function activates what was installed into, since that was asked for."""
    return f"{path} is activated in this shell; to leave it, type deactivate"


def how_to_load(command: str) -> tuple[str, ...]:
    """What to do with the integration that was just printed."""
    return ("to use it in this shell (--install keeps it in your profile):", _INDENT + command)


def profiles_edited(
    changed: Sequence[object],
    unchanged: Sequence[object],
    file: object,
    load: str,
    *,
    at_login: bool = False,
) -> tuple[str, ...]:
    """The integration is in the user's profiles, which are perhaps read *at_login* only."""
    reads = "reads" if len(unchanged) == 1 else "read"
    each = "" if len(changed) == 1 else " each"
    first = f"one line{each} in {_and(changed)} now reads {file}"
    if changed and unchanged:
        first += f", which {_and(unchanged)} {reads} already"
    elif not changed:
        first = f"{_and(unchanged)} {reads} {file} already, which was written anew"
    when = "from your next login on" if at_login else "in every new shell"
    return (f"{first}: pip runs safepip {when}; in this shell after:", _INDENT + load)


def profiles_given_back(changed: Sequence[object]) -> tuple[str, ...]:
    """The integration is out of the user's profiles."""
    return (f"safepip's line is out of {_and(changed)}; shells that run keep their functions",)


def profiles_as_they_are(profiles: Sequence[object]) -> tuple[str, ...]:
    """Nothing had to be changed in the user's profiles."""
    return (f"there is nothing to change in {_and(profiles)}",)


def _and(things: Sequence[object]) -> str:
    return " and ".join(map(str, things))


def line_is_in(changed: Sequence[object], unchanged: Sequence[object]) -> str:
    """That some profiles have our line, where others could not be given it."""
    have = (*changed, *unchanged)
    return f"{_and(have)} {'has' if len(have) == 1 else 'have'} its line" if have else ""


def line_is_out(changed: Sequence[object], _unchanged: Sequence[object]) -> str:
    """That some profiles are rid of our line, where others could not be."""
    return f"safepip's line is out of {_and(changed)}" if changed else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the verb ``plan`` found out."""

    decision: Decision
    commands: tuple[tuple[str, ...], ...]
    """What would be run, in order; empty if nothing would."""
    trigger: Trigger | None = None
    interpreter: Interpreter | None = None
    """The Python that the user's pip belongs to; None where nobody looked."""
    applications: tuple[Application, ...] = ()


def plan(plan: Plan) -> tuple[str, ...]:
    """The plan for a reader."""
    decision, lines = plan.decision, []
    if plan.interpreter is not None:
        python = plan.interpreter
        lines.append(f"your pip belongs to {python.executable} (Python {python.version_text})")
    if plan.trigger is not None:
        lines.append(
            f"it would not get through: {describe_trigger(plan.trigger, plan.interpreter)}"
        )
    if isinstance(decision, RunAsGiven):
        lines.append(f"pip would run as given: {decision.reason}")
    elif isinstance(decision, Divert):
        place = _PLACE_BY_RULE.get(decision.rule, "")
        lines.append(f"it would go to {place}: {decision.path}")
        lines.append(f"rule: {decision.rule} ({decision.reason})")
    else:
        lines.append(f"nothing would be installed: {decision.reason} (rule: {decision.rule})")
    if isinstance(decision, (Divert, Refuse)):
        lines += [f"  not {r.rule}: {r.why}" for r in decision.rejected]
    lines += [f"{a.name}: {a.kind.value} ({a.why})" for a in plan.applications]
    if plan.commands:
        lines.append("what would be run:")
        lines += [_INDENT + shlex.join(command) for command in plan.commands]
    return tuple(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptsDir:
    """A directory that commands are put into, and whether the shell looks there."""

    path: PurePath
    kinds: tuple[str, ...]
    """What puts them there: ``user``, ``pipx``, ``uv``, ``personal``."""
    exists: bool
    now: bool
    """On PATH in the shell that asks."""
    after_login: bool | None
    """On PATH after the next login; None where the shell gave no answer."""
    mend: str | None
    """The command that makes it so; None where nothing is amiss."""
    remark: str | None = None


_KINDS = {
    "user": "your user scripts",
    "pipx": "pipx",
    "uv": "uv tools",
    "personal": "a personal environment",
}


def paths(dirs: Sequence[ScriptsDir], problem: str) -> tuple[str, ...]:
    """The state of each scripts dir for a reader; *problem*: why nobody knows about the next login.

    An environment is activated when it is needed: that it is not on PATH is no fault.
    """
    lines = []
    for one in dirs:
        state = _path_state(one)
        if not one.exists:
            state += "; not there yet"
        if one.remark is not None:
            state += f"; {one.remark}"
        lines.append(f"{one.path} ({', '.join(_KINDS[kind] for kind in one.kinds)}): {state}")
        if one.mend is not None:
            lines.append(_INDENT + one.mend)
    if problem:
        lines.append(f"the next login could not be asked about: {problem}")
    return tuple(lines)


def _path_state(one: ScriptsDir) -> str:
    later = {
        True: "on PATH after your next login",
        False: "not on PATH after your next login",
        None: "not known for your next login",
    }[one.after_login]
    if one.now and one.after_login:
        return "on PATH, now and after your next login"
    if one.now:
        return f"on PATH now, but {later}"
    if one.after_login:
        return f"not on PATH now, but {later}"
    return "not on PATH" if one.after_login is False else f"not on PATH now, {later}"


def path_not_added() -> tuple[str, ...]:
    """Nothing was missing."""
    return ("nothing to do: your next login finds every scripts dir",)


def path_added(dirs: Sequence[PurePath], files: Sequence[object], command: str) -> tuple[str, ...]:
    """Directories were put on PATH in *files*; *command* does it for the running shell."""
    names, where = " and ".join(map(str, dirs)), " and ".join(map(str, files))
    first = f"{names} put on PATH in {where}: every new shell has it; for this one:"
    return (first, _INDENT + command)


def path_unchecked(why: str) -> tuple[str, ...]:
    """It was written, and nobody could be asked whether it helps."""
    return (f"whether new shells have it now could not be checked: {why}",)


def path_removed(files: Sequence[object]) -> tuple[str, ...]:
    """What was taken out again."""
    if not files:
        return ("nothing to do: no profile holds a line of `safepip path`",)
    return (f"taken out of {' and '.join(map(str, files))}",)


# ---------------------------------------------------------------------------------------------
# JSON


def _shadow_json(script: LandedScript) -> str | None:
    by = script.shadowed_by
    if by is None:
        return None
    return f"{by.value} {script.name}" if isinstance(by, ShellWord) else str(by)


def envelope(
    command: str, data: dict[str, object], errors: Sequence[str] = ()
) -> dict[str, object]:
    """What ``--json`` of every verb prints."""
    return {
        "schema": SCHEMA,
        "safepip": __version__,
        "command": command,
        "data": data,
        "errors": list(errors),
    }


def plan_json(plan: Plan) -> dict[str, object]:
    """The plan as JSON-ready values."""
    decision = plan.decision
    told: dict[str, object] = _decision_json(decision) or {
        "strategy": None,
        "rule": None,
        "reason": decision.reason,
        "destination": None,
        "rejected": [],
    }
    python = plan.interpreter
    return {
        "action": "divert"
        if isinstance(decision, Divert)
        else ("refuse" if isinstance(decision, Refuse) else "run"),
        "trigger": None if plan.trigger is None else plan.trigger.name.value,
        **told,
        "interpreter": None if python is None else _interpreter_json(python),
        "commands": [list(command) for command in plan.commands],
        "applications": [
            {"name": a.name, "kind": a.kind.value, "why": a.why} for a in plan.applications
        ],
    }


def _interpreter_json(interpreter: Interpreter) -> dict[str, object]:
    pip = interpreter.pip_version
    return {
        "executable": str(interpreter.executable),
        "version": interpreter.version_text,
        "pip": None if pip is None else ".".join(map(str, pip)),
    }


def report_json(outcome: Outcome) -> dict[str, object]:
    """The report of contract §7 as JSON-ready values."""
    trigger, decision = outcome.trigger, outcome.decision
    return {
        "schema": SCHEMA,
        "safepip": __version__,
        "outcome": outcome.kind.value,
        "exit_code": shell_status(outcome.exit_code),
        "trigger": None
        if trigger is None
        else {
            "name": trigger.name.value,
            "line": trigger.line,
            "path": None if trigger.path is None else str(trigger.path),
            "owner": trigger.owner,
        },
        "decision": _decision_json(decision),
        "interpreter": None
        if outcome.interpreter is None
        else _interpreter_json(outcome.interpreter),
        "landed": [_landing_json(landing) for landing in outcome.landed],
        "next_command": outcome.next_command,
        "leftovers": list(outcome.leftovers),
    }


def shell_status(returncode: int) -> int:
    """The status as a shell shows it: 128 and the number of the signal for a death by signal."""
    return returncode if returncode >= 0 else 128 - returncode


def _decision_json(decision: Decision | None) -> dict[str, object] | None:
    if isinstance(decision, Divert):
        return {
            "strategy": decision.destination.value,
            "rule": decision.rule,
            "reason": decision.reason,
            "destination": str(decision.path),
            "rejected": [{"rule": r.rule, "why": r.why} for r in decision.rejected],
        }
    if isinstance(decision, Refuse):
        return {
            "strategy": "refuse",
            "rule": decision.rule,
            "reason": decision.reason,
            "destination": None,
            "rejected": [{"rule": r.rule, "why": r.why} for r in decision.rejected],
        }
    return None


def _landing_json(landing: Landing) -> dict[str, object]:
    return {
        "name": landing.name,
        "version": landing.version,
        "location": str(landing.location),
        "scripts": [
            {
                "name": script.name,
                "path": str(script.path),
                "visibility": script.visibility.value,
                "shadowed_by": _shadow_json(script),
                "visible_after_login": script.visible_after_login,
            }
            for script in landing.scripts
        ],
    }
