"""What a log of pip's means, as facts: what happened, what safepip would have done, what helps.

Pure: the evidence goes in (a sighting, the clues beside it, the command), an ``Explanation`` comes
out. ``wording/explanation.py`` says it.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from safepip.logs.advice import Mender
from safepip.logs.evidence import WhyNot
from safepip.logs.failures import NO_HELP
from safepip.model.triggers import TriggerName
from safepip.reading import paths
from safepip.reading.text import readable

if TYPE_CHECKING:
    from safepip.logs.evidence import Evidence
    from safepip.logs.failures import Failure
    from safepip.logs.remedies import Advice
    from safepip.model.triggers import Sighting


class Happened(Enum):
    """What a log shows, in one word."""

    TRIGGER = auto()
    """See ``trigger``."""
    USER_REFUSED = auto()
    """--user was typed where it cannot work."""
    FAILED = auto()
    """See ``failure``."""
    TOOL_FAILED = auto()
    """Another tool than pip may not write."""
    NO_COMMAND = auto()
    """What was installed cannot be run by name."""
    NO_MODULE = auto()
    """What is to be imported is not there for the Python that runs."""
    SUCCEEDED = auto()
    SATISFIED = auto()
    NOT_UPGRADED = auto()
    QUIET = auto()
    OTHER_COMMAND = auto()
    NOTHING = auto()
    OWN = auto()
    """safepip's own words alone say how it ended."""
    EMPTY = auto()


class Verdict(Enum):
    """What safepip would have done."""

    DIVERTS = auto()
    DIVERTS_BEFORE = auto()
    DIVERTS_UNLESS_TYPED = auto()
    DIVERTS_IF_CLOSED = auto()
    """Windows says the same of a file in use."""
    LEAVES = auto()
    """See ``why_not``."""
    LEAVES_NO_HELP = auto()
    """Another place would not have helped."""
    LEAVES_UNKNOWN = auto()
    """What it is that failed does not show whether another place would have helped."""
    NOT_PIPS = auto()
    NOTHING_TO_DO = auto()
    AS_FAR_AS_SEEN = auto()
    STEPPED_IN = auto()
    """safepip's own words are in it."""
    UNKNOWN = auto()


class Place(Enum):
    """What kind of place pip was denied."""

    UNNAMED = auto()
    BARE = auto()
    """A file of an installed version."""
    USER_SITE = auto()
    ENVIRONMENT = auto()
    PYTHON = auto()
    PREFIX = auto()
    HOME = auto()
    NAMED = auto()


class Explanation(NamedTuple):
    """What a log of pip's means."""

    happened: Happened
    verdict: Verdict
    trigger: TriggerName | None = None
    line: str | None = None
    path: str | None = None
    would_divert: bool = False
    place: Place = Place.UNNAMED
    removing: bool = False
    """pip was to remove, not to write."""
    dry_run: bool = False
    why_not: WhyNot | None = None
    command_name: str | None = None
    option: str = ""
    """The option that names the place, where one does."""
    failure: str | None = None
    """Name of a row of ``FAILURES``."""
    groups: tuple[str, ...] = ()
    """Its pattern's groups; for the others what ``happened`` is about."""
    inside: str | None = None
    """What a build itself may not write to."""
    harmless: str | None = None
    """Name of a harmless failure beside it."""
    harmless_groups: tuple[str, ...] = ()
    tool: str | None = None
    """The tool that ran pip, or failed in its stead."""
    advice: tuple[Advice, ...] = ()


def explain(evidence: Evidence) -> Explanation:
    """Explain what the log shows."""
    explained, own = _explain(evidence), evidence.clues.own
    if own is None or evidence.is_empty:
        return explained
    explained = explained._replace(verdict=Verdict.STEPPED_IN, would_divert=False)
    if explained.happened in {Happened.NOTHING, Happened.QUIET, Happened.OTHER_COMMAND}:
        explained = explained._replace(happened=Happened.OWN, line=own, advice=())
    return explained


def _explain(evidence: Evidence) -> Explanation:
    if evidence.is_empty:
        return Explanation(happened=Happened.EMPTY, verdict=Verdict.UNKNOWN)
    sighting = evidence.sighting
    if sighting is None:
        return _without_trigger(evidence)
    trigger, asked = sighting.trigger, evidence.asked
    if trigger is TriggerName.USER_SITE_UNAVAILABLE and asked and asked.command.has("--user"):
        # The trigger is a --user that nobody typed.
        return Explanation(
            happened=Happened.USER_REFUSED,
            verdict=Verdict.LEAVES,
            line=readable(sighting.line),
            why_not=WhyNot.NAMES_PLACE,
            option="--user",
            advice=Mender(evidence, None).without_place(),
        )
    path = None if sighting.path is None else readable(sighting.path)
    path = None if path and evidence.is_cut_off and not paths.is_in_prefix(path) else path
    why_not = evidence.why_not
    return Explanation(
        happened=Happened.TRIGGER,
        verdict=_verdict(sighting) if why_not is None else Verdict.LEAVES,
        trigger=trigger,
        line=readable(sighting.line),
        path=path,
        would_divert=why_not is None,
        place=_place(path),
        # A bare name: it went in to delete an old version, file by file.
        removing=evidence.command_name == "uninstall" or (path is not None and paths.is_bare(path)),
        dry_run=evidence.is_dry_run,
        why_not=why_not,
        command_name=evidence.command_name,
        option=evidence.chosen_place or "",
        tool=_tool(evidence),
        advice=Mender(evidence, path).advise(trigger),
    )


def _tool(evidence: Evidence) -> str | None:
    return None if evidence.tool is None else evidence.tool.name


def _place(path: str | None) -> Place:
    if path is None:
        return Place.UNNAMED
    if paths.is_bare(path):
        return Place.BARE
    if paths.is_user_place(path):
        return Place.USER_SITE
    if paths.is_in_virtual_environment(path):
        return Place.ENVIRONMENT
    if paths.is_site(path):
        return Place.PYTHON
    if paths.is_home(path):
        return Place.HOME
    return Place.PREFIX if paths.is_install_place(path) else Place.NAMED


def _verdict(sighting: Sighting) -> Verdict:
    if sighting.trigger is TriggerName.DEFAULT_TO_USER:
        return Verdict.DIVERTS_BEFORE
    if sighting.trigger is TriggerName.USER_SITE_UNAVAILABLE:
        return Verdict.DIVERTS_UNLESS_TYPED
    return Verdict.DIVERTS_IF_CLOSED if "[WinError 5]" in sighting.line else Verdict.DIVERTS


# No trigger


def _without_trigger(evidence: Evidence) -> Explanation:
    clues = evidence.clues
    worst = clues.worst()
    if clues.tool_denied is not None and (
        worst is None or worst[0].name in {"other", "not-ours", "not-pips"}
    ):
        return Explanation(
            happened=Happened.TOOL_FAILED,
            verdict=Verdict.NOT_PIPS,
            line=clues.tool_denied,
            path=clues.tool_place,
            tool=_tool(evidence),
            advice=Mender(evidence, clues.tool_place).in_tool(),
        )
    if worst is not None and not (worst[0].of_any and (clues.succeeded or clues.satisfied)):
        return _failed(evidence, *worst)
    return _after_install(evidence) or _nothing_failed(evidence)


def _after_install(evidence: Evidence) -> Explanation | None:
    """What goes wrong when pip is done: nothing runs, nothing can be imported."""
    clues, mender = evidence.clues, Mender(evidence, None)
    command = clues.after("no-command")
    named = "" if command is None else next((group for group in command[2] if group), "")
    there = bool(clues.landed or clues.satisfied or clues.after("off-path"))
    there = there or named == mender.known_name
    more = clues.found.keys() - {"no-command"} or clues.succeeded or clues.names or clues.tool
    if command is not None and (there or not more):
        _, line, _ = command
        off_path = clues.after("off-path")
        directory = "" if off_path is None else off_path[2][1]
        name = named
        return Explanation(
            happened=Happened.NO_COMMAND,
            verdict=Verdict.NOTHING_TO_DO if there else Verdict.UNKNOWN,
            line=line,
            path=directory or None,
            groups=(name, directory),
            advice=mender.find_command(name, directory),
        )
    module = clues.after("no-module")
    if module is not None:
        _, line, groups = module
        return Explanation(
            happened=Happened.NO_MODULE,
            verdict=Verdict.NOTHING_TO_DO,
            line=line,
            groups=(groups[0], mender.landed_for(groups[0]) or mender.known_name or ""),
            advice=mender.find_module(groups[0]),
        )
    return None


def _nothing_failed(evidence: Evidence) -> Explanation:
    clues, asked = evidence.clues, evidence.asked
    mender = Mender(evidence, None)
    harmless = clues.worst(harmless=True)
    happened, verdict = Happened.NOTHING, Verdict.AS_FAR_AS_SEEN
    groups: tuple[str, ...] = ()
    advice: tuple[Advice, ...] = ()
    if clues.succeeded or clues.would_install:
        happened, verdict = Happened.SUCCEEDED, Verdict.NOTHING_TO_DO
    elif clues.satisfied is not None:
        happened, verdict = Happened.SATISFIED, Verdict.NOTHING_TO_DO
        there = clues.satisfied
        groups = (there.name, there.version or "", there.place or "")
        if asked is not None and asked.command.has("--upgrade"):
            happened = Happened.NOT_UPGRADED
            advice = mender.see_versions(there.name)
        elif there.name and asked is not None and asked.command.name == "install":
            advice = mender.upgrade()
    elif asked is not None and asked.command.quiet:
        happened, verdict = Happened.QUIET, Verdict.UNKNOWN
        advice = mender.send_more()
    elif evidence.command_name not in {"install", None}:
        happened, verdict = Happened.OTHER_COMMAND, Verdict.LEAVES
    else:
        if asked is None and clues.is_empty:
            verdict = Verdict.UNKNOWN  # nothing in it is surely pip's
        advice = mender.send_more()
    if harmless is not None and (clues.succeeded or clues.satisfied or harmless[0].remedies):
        advice = mender.mend(harmless[0], harmless[2]) or advice
    if harmless is not None and harmless[0].name == "off-path":
        advice = mender.find_command(*harmless[2])
    return Explanation(
        happened=happened,
        verdict=verdict,
        line=None if harmless is None else harmless[1],
        would_divert=False,
        why_not=WhyNot.OTHER_COMMAND if happened is Happened.OTHER_COMMAND else None,
        command_name=evidence.command_name,
        dry_run=evidence.said_default,
        groups=groups,
        harmless=None if harmless is None else harmless[0].name,
        harmless_groups=() if harmless is None else harmless[2],
        advice=advice,
    )


def _failed(
    evidence: Evidence, failure: Failure, line: str, groups: tuple[str, ...]
) -> Explanation:
    path = None
    if failure.path is not None:
        path = next((group for group in groups[failure.path - 1 :] if group), None)
    inside = evidence.clues.denied_inside if failure.name == "build" else None
    verdict = Verdict.LEAVES_NO_HELP if failure.name in NO_HELP else Verdict.LEAVES_UNKNOWN
    if failure.name == "not-pips":
        verdict = Verdict.NOT_PIPS
    harmless = evidence.clues.worst(harmless=True) if failure.name == "other" else None
    why_not = None
    other = evidence.command_name not in {None, "install"}
    if other and failure.name in {"not-ours", "settings-not-written"}:
        verdict, why_not = Verdict.LEAVES, WhyNot.OTHER_COMMAND
    return Explanation(
        happened=Happened.FAILED,
        verdict=verdict,
        line=line,
        path=inside or path,
        why_not=why_not,
        command_name=evidence.command_name,
        failure=failure.name,
        groups=groups,
        inside=inside,
        harmless=None if harmless is None else harmless[0].name,
        harmless_groups=() if harmless is None else harmless[2],
        tool=None if failure.name == "not-pips" else _tool(evidence),
        advice=Mender(evidence, inside or path).mend(failure, groups),
    )
