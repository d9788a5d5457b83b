"""What a log of pip's means: what happened, what safepip would have done, how to mend it.

Pure: the evidence goes in (a sighting, the clues beside it, the command), an ``Explanation`` comes
out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from safepip.logs.advice import Advice, Mender, filled_in
from safepip.model.triggers import TriggerName
from safepip.reading import paths
from safepip.reading.text import readable

if TYPE_CHECKING:
    from safepip.logs.evidence import Evidence
    from safepip.logs.failures import Failure
    from safepip.model.triggers import Sighting

_INDENT = "    "


class Explanation(NamedTuple):
    """What a log of pip's means."""

    trigger: TriggerName | None
    line: str | None
    path: str | None
    would_divert: bool
    what: str
    """What happened."""
    verdict: str
    """Why safepip would have diverted the install, or would not."""
    advice: tuple[Advice, ...] = ()


def explain(evidence: Evidence) -> Explanation:
    """Explain what the log shows."""
    sighting, asked = evidence.sighting, evidence.asked
    if sighting is None:
        return _without_trigger(evidence)
    path = None if sighting.path is None else readable(sighting.path)
    why_not = evidence.why_not
    if (
        sighting.trigger is TriggerName.USER_SITE_UNAVAILABLE
        and asked is not None
        and asked.command.has("--user")
    ):
        # The trigger is a --user that nobody typed.
        return Explanation(
            trigger=None,
            line=readable(sighting.line),
            path=None,
            would_divert=False,
            what="pip refused --user: there is no user site that this Python would look into",
            verdict="safepip would not have diverted it: --user on the command line names the "
            "place",
            advice=Mender(evidence, None).without_place(),
        )
    return Explanation(
        trigger=sighting.trigger,
        line=readable(sighting.line),
        path=path,
        would_divert=why_not is None,
        what=_what(sighting.trigger, path, evidence),
        verdict=f"safepip would not have diverted it: {why_not}"
        if why_not is not None
        else _verdict(sighting),
        advice=Mender(evidence, path).advise(sighting.trigger),
    )


def as_json(explanation: Explanation) -> dict[str, object]:
    """The explanation as the ``data`` of ``--json``."""
    trigger = explanation.trigger
    return {
        "trigger": None if trigger is None else trigger.value,
        "line": explanation.line,
        "path": explanation.path,
        "would_divert": explanation.would_divert,
        "why": f"{explanation.what}; {explanation.verdict}",
        "advice": [
            {"what": a.what, "command": a.command, "permanent": a.permanent}
            for a in explanation.advice
        ],
    }


def as_lines(explanation: Explanation) -> tuple[str, ...]:
    """The explanation for a reader."""
    lines = [explanation.what, explanation.verdict]
    if explanation.trigger is None and explanation.line:
        lines.insert(1, f"the line that says so: {explanation.line[:300]}")
    for advice in explanation.advice:
        what = f"{'for good' if advice.permanent else 'for now'}: {advice.what}"
        lines += [f"{what}:", _INDENT + advice.command] if advice.command else [what]
    return tuple(lines)


# What happened


def _what(trigger: TriggerName, path: str | None, evidence: Evidence) -> str:
    place = path or "the place it installs to"
    if trigger is TriggerName.DEFAULT_TO_USER:
        if evidence.is_dry_run:
            return (
                "pip may not write to this Python's own packages and would install into the user "
                "site instead; this was a dry run, so nothing was written"
            )
        return (
            "pip may not write to this Python's own packages, so it installed into the user site "
            "(below your home) by itself"
        )
    if trigger is TriggerName.EXTERNALLY_MANAGED:
        return (
            "this Python belongs to the operating system's package manager (PEP 668, externally "
            "managed), so pip refused to change it"
        )
    if trigger is TriggerName.VIRTUALENV_REQUIRED:
        return (
            "pip's settings require a virtual environment (require-virtualenv, "
            "PIP_REQUIRE_VIRTUALENV) and none was active"
        )
    if trigger is TriggerName.USER_SITE_UNAVAILABLE:
        return (
            "pip was told to use --user (by its settings or PIP_USER), which is not possible for "
            "this Python"
        )
    verb = "remove" if evidence.command_name == "uninstall" else "write"
    if trigger is TriggerName.READ_ONLY:
        return f"pip could not {verb} {place}: it is on a file system mounted read-only"
    if path is not None and not paths.is_absolute(path):
        verb = "remove"  # a bare name: it went in to delete an old version, file by file
    return f"pip was not allowed to {verb} {place}{_kind_of_place(path, evidence)}"


def _kind_of_place(path: str | None, evidence: Evidence) -> str:
    if path is None:
        return ""
    if not paths.is_absolute(path):
        return ", a file of an installed version that belongs to somebody else"
    if paths.is_user_place(path):
        return ", part of your own user site, which belongs to somebody else"
    if paths.is_in_virtual_environment(path):
        return ", part of a virtual environment that is not yours to change"
    if paths.is_site(path):
        return ", part of a Python that is not yours to change"
    if paths.is_install_place(path):
        return ", which belongs to somebody else"
    if evidence.said_default:
        return ", where it went to install into your user site"
    return ", the place it was told to install to"


def _verdict(sighting: Sighting) -> str:
    trigger = sighting.trigger
    if trigger is TriggerName.DEFAULT_TO_USER:
        return (
            "safepip would have stepped in before that: your project's environment, pipx for an "
            "application, else the user site, and you are told which"
        )
    if trigger is TriggerName.USER_SITE_UNAVAILABLE:
        return (
            "safepip would have diverted it to a place that works, unless --user was typed on the "
            "command line"
        )
    if "[WinError 5]" in sighting.line:
        return (
            "safepip would have diverted it, once it had seen that the place really is closed: "
            "Windows says the same of a file that is in use"
        )
    return (
        "safepip would have diverted it: your project's environment, pipx for an application, or "
        "another place of yours"
    )


# No trigger


def _without_trigger(evidence: Evidence) -> Explanation:
    clues, asked = evidence.clues, evidence.asked
    worst = clues.worst()
    if worst is not None:
        return _failed(evidence, *worst)
    harmless = clues.worst(harmless=True)
    line = None
    advice: tuple[Advice, ...] = ()
    if clues.succeeded or clues.would_install:
        what = "pip did what it was asked"
        verdict = "there was nothing to divert"
    elif clues.satisfied:
        what = "everything asked for was installed already"
        if evidence.said_default:
            what += "; pip would have used the user site, had anything been missing"
        verdict = "there was nothing to divert"
    elif asked is not None and asked.command.quiet:
        what = (
            "no denied install was found, but -q hides most of what pip says, also that it goes to "
            "the user site"
        )
        verdict = "whether safepip would have diverted it, this log does not tell"
        advice = (Advice(what="run it again without -q, or give safepip the command itself"),)
    elif asked is not None and asked.command.name not in {"install", None}:
        what = f"no denied install was found: this was `pip {asked.command.name}`"
        verdict = "safepip would not have diverted it: only an install is ever diverted"
    else:
        what = "no denied install was found in this log"
        verdict = "safepip would have left pip to it, as far as this log tells"
        advice = (
            Advice(
                what="if it does end in an error, explain the whole output, stderr included",
                command="pip install NAME 2>&1 | safepip explain",
            ),
        )
    if harmless is not None:
        failure, line, groups = harmless
        what += f"; {filled_in(failure.says, groups)}"
        if clues.succeeded or clues.satisfied or failure.mend:
            advice = Mender(evidence, None).mend(failure, groups)
    return Explanation(
        trigger=None,
        line=line,
        path=None,
        would_divert=False,
        what=what,
        verdict=verdict,
        advice=advice or (Advice(what="there is nothing to mend"),),
    )


def _failed(
    evidence: Evidence, failure: Failure, line: str, groups: tuple[str, ...]
) -> Explanation:
    what = filled_in(failure.says, groups)
    path = None
    if failure.path is not None:
        path = groups[failure.path - 1] or None
    inside = evidence.clues.denied_inside
    if failure.name == "build" and inside is not None:
        what += f"; the build itself may not write to {inside}"
        path = inside
    verdict = "safepip would not have diverted it: installing elsewhere would not have helped"
    if failure.name in {"not-ours", "settings-not-written"} and evidence.command_name not in {
        None,
        "install",
    }:
        verdict = f"safepip would not have diverted it: {evidence.why_not}"
    return Explanation(
        trigger=None,
        line=line,
        path=path,
        would_divert=False,
        what=what if what.startswith("pip ") else f"pip failed: {what}",
        verdict=verdict,
        advice=Mender(evidence, path).mend(failure, groups),
    )
