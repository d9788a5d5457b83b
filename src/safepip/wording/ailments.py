"""The words of what ``doctor`` finds: what each ailment is, and why it matters; one row a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from safepip.model.health import Ailment
from safepip.reading.printable import escape
from safepip.reading.secrets import redact
from safepip.wording import reasons
from safepip.wording.lines import INDENT
from safepip.wording.where import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import PurePath

    from safepip.model.health import Finding, Sign


class Row(NamedTuple):
    """``{field}`` is a fact of the sign; ``{paths}`` are all of its paths, ``{path}`` the first."""

    what: str
    why: str
    lead: str = "Fix it"


ROWS: Mapping[Ailment, Row] = {
    Ailment.OTHER_PYTHON: Row(
        "`pip` installs for {path} (Python {version}), but `{name}` runs {other} ({detail}).",
        'What you install is not found there: "No module named …".',
        "Make `{name}` the Python that pip installs for, in this shell",
    ),
    Ailment.PIP_ALIAS: Row(
        "{path}, line {line}, makes `pip` an alias.",
        "In that shell `pip` runs what the alias says, whatever PATH says.",
        "Take the line out",
    ),
    Ailment.FOREIGN_FILES: Row(
        "These places in your home belong to {detail}: {paths}.",
        "pip and pipx cannot write there. Mostly a `sudo pip` left them.",
        "Get them back",
    ),
    Ailment.FOREIGN_ENVIRONMENT: Row(
        "The active environment {path} belongs to {detail}.",
        "You can use what is in it, but not install into it.",
        "Leave it in this shell",
    ),
    Ailment.NOT_WRITABLE: Row(
        "You own these places, but may not write to them: {paths}.",
        "Installs fail there with [Errno 13].",
        "Allow it",
    ),
    Ailment.IMMUTABLE: Row(
        "{path} is marked immutable (chattr +i).",
        "Nobody can write there, not even its owner.",
        "An administrator allows it with",
    ),
    Ailment.READ_ONLY: Row(
        "{path} is on a file system that is mounted read-only.",
        "Nothing can be installed there until it is mounted for writing.",
    ),
    Ailment.DISK_FULL: Row(
        "The disk of {path} has no room for more {detail}.",
        "Installs break off half-way.",
        "Empty pip's cache",
    ),
    Ailment.HALF_REMOVED: Row(
        "pip moved these aside and did not remove them: {paths}.",
        'pip warns of an "invalid distribution" at each command.',
        "Remove them",
    ),
    Ailment.NO_RECORD: Row(
        "{name} {version} in {parent} has no RECORD.",
        "pip does not know its files, so it can neither upgrade nor remove it.",
        "Install it again",
    ),
    Ailment.NO_METADATA: Row(
        "{path} is what is left of a broken install of {name}.",
        "pip takes it for installed, or warns at each command.",
        "Remove it",
    ),
    Ailment.TWICE: Row(
        "{name} is installed more than once in {parent}: {detail}.",
        "Which version counts is left to chance.",
        "Keep version {version}",
    ),
    Ailment.USER_SITE_SHADOWS: Row(
        "Your user site {path} holds {name}, which {other} also has.",
        "The copy in your user site is imported, and the other one is not.",
        "Remove the copies in your user site",
    ),
    Ailment.MODULE_SHADOWS: Row(
        "{path} has the same name as the installed module `{name}`.",
        "From this directory, Python imports your file instead.",
        "Rename your file",
    ),
    Ailment.NO_HOME: Row(
        "You have no usable home directory (HOME={detail}).",
        "pip, pipx and safepip have no place of yours to install to.",
        "Name one in this shell",
    ),
    Ailment.NO_USER: Row(
        "Your user ID {name} has no entry in the system's list of users.",
        "Some programs cannot find your home without HOME.",
    ),
    Ailment.TMP_UNUSABLE: Row(
        "{name} names {path}, which {detail}.",
        "Builds need a directory for temporary files.",
        "Use the system's",
    ),
    Ailment.TMP_LIMITED: Row(
        "The directory for temporary files, {path}, {detail}.",
        "Packages that are built from source may fail.",
        "Use one in your home in this shell",
    ),
    Ailment.CACHE_UNUSABLE: Row(
        "You may not write to pip's cache {path}.",
        "pip downloads everything again each time.",
        "Allow it",
    ),
    Ailment.SPOILING_VARIABLE: Row(
        "The variable {name} is set to {detail}{where}.",
        "{effect}",
        "Take it out",
    ),
    Ailment.SPOILING_SETTING: Row(
        "{path}, line {line}, sets {name} = {detail}.",
        "{effect}",
        "Take the line out",
    ),
    Ailment.STRICT_SETTING: Row(
        "{name} is set to {detail}{where}.",
        "{effect}",
    ),
    Ailment.OFF_PATH: Row(
        "{path} is not on your PATH, but holds commands, such as {name}.",
        'Your shell says "command not found" of them.',
        "Use them in this shell, and in every new one",
    ),
    Ailment.SHADOWED_COMMAND: Row(
        "`{name}` runs {other}, not {path}.",
        "The other directory comes first on your PATH.",
        "Put yours first in this shell",
    ),
    Ailment.TILDE_IN_PATH: Row(
        "Your PATH holds a literal ~.",
        "bash follows it, most other programs do not.",
        "Spell it out in this shell",
    ),
    Ailment.OLD_FUNCTIONS: Row(
        "The functions in {path} start {other}, which is gone.",
        "Your shell runs plain pip.",
        "Renew them",
    ),
    Ailment.OTHER_FUNCTIONS: Row(
        "The functions in {path} are those of another version of safepip.",
        "They may lack what this version can do.",
        "Renew them",
    ),
    Ailment.HELD_NAME: Row(
        "In this shell `{name}` is {held}.",
        "It runs that, whatever your PATH says.",
        "Take it out of this shell",
    ),
    Ailment.BROKEN_ENVIRONMENT: Row(
        "The Python of the environment {path} is gone.",
        "Nothing in it runs. It cannot be repaired, only made again.",
        "Move it away and make a new one, then install your requirements again",
    ),
    Ailment.MOVED_ENVIRONMENT: Row(
        "The environment {path} was made as {other}.",
        "Its Python runs, but its commands and its activate script name the old place.",
        "Write them again (other commands: reinstall their packages)",
    ),
    Ailment.NO_EXEC: Row(
        "The environment {path} is on a file system from which no program may be run.",
        "Its commands cannot be started by their names.",
        "Make one in your home instead",
    ),
    Ailment.OTHER_MACHINE: Row(
        "The Python of the environment {path} is for another machine ({detail}).",
        "It cannot be started here.",
        "Move it away and make a new one, then install your requirements again",
    ),
    Ailment.TRACKED_ENVIRONMENT: Row(
        "git tracks the environment {path}.",
        "It works on one machine only, and others would run it unseen.",
        "Take it out of git, and keep your copy",
    ),
    Ailment.BROKEN_PIPX: Row(
        "The Python of these applications of pipx is gone: {name}.",
        "They do not start any more.",
        "Install them again",
    ),
    Ailment.BROKEN_UV_TOOL: Row(
        "The Python of {name}, which uv installed as a tool, is gone.",
        "It does not start any more.",
        "Install it again",
    ),
    Ailment.STALE_ENVIRONMENT: Row(
        "{name} names {path}, which is gone.",
        "Your shell still counts it as active.",
        "Forget it in this shell",
    ),
}

_EFFECTS = {
    "user": "Every install goes to your user site, and fails in a virtual environment.",
    "target": "Every install goes to that directory, where Python does not look.",
    "prefix": "Every install goes below that directory, where Python may not look.",
    "root": "Every install goes below that directory, where Python does not look.",
    "break-system-packages": "pip no longer protects your system's Python.",
    "require-virtualenv": "pip installs into virtual environments only. safepip follows that.",
    "PYTHONHOME": "Other Pythons, also those of environments, take this one's library and break.",
    "PYTHONPATH": "Every Python imports from there first, whatever its version.",
    "PYTHONUSERBASE": "Your user site is there, not in ~/.local.",
    "PYTHONNOUSERSITE": "No Python looks into your user site.",
}


def _facts(sign: Sign, home: PurePath | None) -> dict[str, str]:
    paths = [shown(path, home) for path in sign.paths]
    key = sign.name.removeprefix("PIP_").lower().replace("_", "-")
    where = f" ({paths[0]}, line {sign.line})" if sign.line and paths else ""
    return {
        "path": paths[0] if paths else "",
        "other": paths[1] if len(paths) > 1 else "",
        "paths": ", ".join(paths),
        "parent": shown(sign.paths[0].parent, home) if paths else "",
        "name": escape(sign.name),
        "version": escape(sign.version),
        "detail": escape(redact(reasons.shown(sign.why) or sign.detail)),
        "line": str(sign.line),
        "where": where,
        "held": f"an alias for `{escape(sign.detail)}`" if sign.detail else "a function",
        "effect": _EFFECTS.get(sign.name) or _EFFECTS.get(key, ""),
    }


def what(sign: Sign, home: PurePath | None) -> str:
    """What was found, in one sentence."""
    return ROWS[sign.ailment].what.format_map(_facts(sign, home))


def why(sign: Sign) -> str:
    """Why that matters."""
    return ROWS[sign.ailment].why.format_map(_facts(sign, None))


def finding(found: Finding, home: PurePath | None) -> list[str]:
    """One finding, the commands last."""
    sign = found.sign
    mark = "!" if found.needs_action else "-"
    lines = [f"{mark} {what(sign, home)} [{sign.ailment.value}]", f"  {why(sign)}"]
    if found.mend.commands:
        lead = ROWS[sign.ailment].lead.format_map(_facts(sign, home))
        lines.append(f"  {lead}:")
        lines += [INDENT + command for command in found.mend.commands]
    return lines


def finding_json(found: Finding) -> dict[str, object]:
    """One finding, for ``--json``."""
    sign = found.sign
    return {
        "id": sign.ailment,
        "needs_action": found.needs_action,
        "what": what(sign, None),
        "why": why(sign),
        "paths": sign.paths,
        "name": sign.name or None,
        "commands": found.mend.commands,
        "permanent": found.mend.permanent,
    }
