"""What ``explain`` says: what happened, what safepip would have done, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from safepip.logs.evidence import WhyNot
from safepip.logs.explanation import Happened, Place, Verdict
from safepip.logs.remedies import Remedy
from safepip.wording import failures, triggers
from safepip.wording.lines import INDENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from safepip.logs.explanation import Explanation

INPUT, EMPTY = "the input", "{file} is empty"
PASTE = "Paste the output of pip here, then press {key}."
"""Before a log is read from the terminal."""


class Told(NamedTuple):
    """An explanation in words."""

    what: str
    verdict: str
    advice: tuple[tuple[str, str | None, bool], ...]
    """What to do, the command, whether it helps for good."""


def tell(explained: Explanation) -> Told:
    """Say what *explained* means."""
    advice = (
        (ADVICE[one.remedy].replace("{detail}", one.detail), one.command, one.permanent)
        for one in explained.advice
    )
    return Told(_WHAT[explained.happened](explained), _verdict(explained), tuple(advice))


def as_lines(explained: Explanation) -> tuple[str, ...]:
    """The explanation for a reader."""
    told = tell(explained)
    lines = [told.what]
    if explained.trigger is None and explained.line:
        lines.append(f"The line that says so: {explained.line[:300]}")
    lines.append(told.verdict)
    for what, command, permanent in told.advice:
        sentence = f"{'For good' if permanent else 'For now'}: {what}"
        if what.startswith("or "):
            sentence = what.capitalize()
        lines += [f"{sentence}:", INDENT + command] if command else [f"{sentence}."]
    return tuple(lines)


def as_json(explained: Explanation) -> dict[str, object]:
    """The explanation as the ``data`` of ``--json``."""
    told, trigger = tell(explained), explained.trigger
    return {
        "trigger": None if trigger is None else trigger.value,
        "line": explained.line,
        "path": explained.path,
        "would_divert": explained.would_divert,
        "why": f"{told.what} {told.verdict}",
        "advice": [
            {"what": what, "command": command, "permanent": permanent}
            for what, command, permanent in told.advice
        ],
    }


NO_LOG: dict[str, object] = {
    "trigger": None,
    "line": None,
    "path": None,
    "would_divert": False,
    "why": "There is no log to explain.",
    "advice": [],
}
"""The ``data`` of ``--json`` where nothing could be read."""


# What happened


def _of_tool(explained: Explanation) -> str:
    place = f" to {explained.path}" if explained.path else ""
    return f"This error is {explained.tool}'s, not pip's: it may not write{place}."


def _harmless(explained: Explanation) -> str:
    if explained.harmless is None:
        return ""
    return " " + failures.say(explained.harmless, explained.harmless_groups)


def _by_tool(tool: str | None) -> str:
    return "" if tool is None else f" The error is pip's, in a log of {tool}."


def _beside_tool(explained: Explanation) -> str:
    tool = explained.tool
    if tool is not None and explained.failure == "other":  # nobody knows whose it is
        return f" This is a log of {tool}{', which runs no pip' if tool == 'uv' else ''}."
    return " This is a log of uv, which runs no pip." if tool == "uv" else _by_tool(tool)


def _by_own(explained: Explanation) -> str:
    if explained.why_not is WhyNot.OWN_PIP:
        return f" This was {explained.tool}, which was to install pip itself."
    return _by_tool(explained.tool)


def _of_trigger(explained: Explanation) -> str:
    place = explained.path or "the place that it installs to"
    doing = f"remove {place}" if explained.removing else f"write to {place}"
    kind, dry_run = KINDS[explained.place], explained.dry_run
    return triggers.happened(explained.trigger, doing=doing, kind=kind, dry_run=dry_run)


KINDS = {
    Place.UNNAMED: "",
    Place.BARE: ", a file of an installed version that belongs to another user",
    Place.USER_SITE: ", part of a user site that belongs to another user",
    Place.ENVIRONMENT: ", part of a virtual environment that is not yours to change",
    Place.PYTHON: ", part of a Python that is not yours to change",
    Place.PREFIX: ", which belongs to another user",
    Place.HOME: ", the home that it wanted to make a user site in",
    Place.NAMED: ", the place that it was to install to",
}


def _of_failure(explained: Explanation) -> str:
    what = failures.say(explained.failure or "other", explained.groups)
    if explained.inside is not None:
        what += f" The build may not write to {explained.inside}."
    return what


def _of_command(explained: Explanation) -> str:
    name, directory = explained.groups
    if explained.verdict is Verdict.UNKNOWN:
        return f"The shell does not find {name}: it is not installed, or its folder not on PATH."
    if directory:
        return f"{name} is installed, but its folder {directory} is not on PATH."
    return f"The install worked, but the shell does not find {name}: its folder is not on PATH."


def _of_module(explained: Explanation) -> str:
    module, name = explained.groups
    if name:
        return (
            f"{name} is installed for one Python, but the Python that ran has no module {module}: "
            "it is another Python, or the module belongs to another package."
        )
    return f"The Python that ran has no module {module}."


def _of_satisfied(explained: Explanation) -> str:
    name, version, place = explained.groups
    what = "Everything you asked for was already installed."
    if name:
        where = f" in {place}" if place else ""
        what = f"Already installed: {name}{' ' + version if version else ''}{where}."
    if explained.dry_run:
        what += " Had anything been missing, pip would have used your user site."
    return what


def _of_upgrade(explained: Explanation) -> str:
    name, version, place = explained.groups
    if not name:
        return "Nothing was upgraded: pip found nothing newer that fits."
    where = f" in {place}" if place else ""
    told = f"{name} {version}" if version else name
    return (
        f"Nothing was upgraded: pip found {told}{where} and nothing newer that fits this Python "
        "and your other requirements."
    )


_WHAT: dict[Happened, Callable[[Explanation], str]] = {
    Happened.TRIGGER: lambda e: _of_trigger(e) + _by_own(e),
    Happened.USER_REFUSED: lambda _: (
        "pip refused --user: this Python has no user site that it would look into."
    ),
    Happened.FAILED: lambda e: _of_failure(e) + _harmless(e) + _beside_tool(e),
    Happened.TOOL_FAILED: _of_tool,
    Happened.NO_COMMAND: _of_command,
    Happened.NO_MODULE: _of_module,
    Happened.SUCCEEDED: lambda e: "pip did what it was asked." + _harmless(e),
    Happened.SATISFIED: lambda e: _of_satisfied(e) + _harmless(e),
    Happened.NOT_UPGRADED: lambda e: _of_upgrade(e) + _harmless(e),
    Happened.QUIET: lambda e: (
        "No permission problem found, but -q hides most of what pip says, "
        "even that it installs into the user site." + _harmless(e)
    ),
    Happened.OTHER_COMMAND: lambda e: (
        f"No permission problem found: this was `pip {e.command_name}`." + _harmless(e)
    ),
    Happened.NOTHING: lambda e: "No permission problem found in this log." + _harmless(e),
    Happened.OWN: lambda _: "safepip says itself how this ended.",
    Happened.EMPTY: lambda _: "The log is empty: pip said nothing, as it does with -qqq.",
}


# What safepip would have done

_SAFEPIP = "safepip would not have redirected this: "


_VERDICTS = {
    Verdict.DIVERTS: "safepip would have installed into your project's .venv, with pipx (an "
    "application), or into another place of yours.",
    Verdict.DIVERTS_BEFORE: "safepip would have chosen before that: your project's .venv, pipx for "
    "an application, else the user site; and it says which.",
    Verdict.DIVERTS_UNLESS_TYPED: "safepip would have installed into a place that works, unless "
    "--user was typed on the command line.",
    Verdict.DIVERTS_IF_CLOSED: "safepip would have checked first whether the place really is "
    "closed to you: Windows says the same when a file is in use. If so, it would have installed "
    "into a place of yours.",
    Verdict.LEAVES_NO_HELP: _SAFEPIP + "another place to install to would not have helped.",
    Verdict.LEAVES_UNKNOWN: "safepip would not have stepped in: this log shows no denied install.",
    Verdict.NOT_PIPS: "safepip only steps in where pip itself is denied.",
    Verdict.NOTHING_TO_DO: "There was nothing for safepip to redirect.",
    Verdict.AS_FAR_AS_SEEN: "As far as this log shows, safepip would have left everything to pip.",
    Verdict.STEPPED_IN: "safepip stepped in: its own lines in this log say what it did.",
    Verdict.UNKNOWN: "This log does not show whether safepip would have stepped in.",
}


WHY_NOT = {
    WhyNot.OTHER_COMMAND: "it only redirects installs, and this was `pip {e.command_name}`",
    WhyNot.NAMES_PLACE: "{e.option} on the command line names the place",
    WhyNot.DRY_RUN: "a dry run installs nothing",
    WhyNot.DOWNLOAD: "--download installs nothing",
    WhyNot.PIP_ALONE: "a new pip in another place would be no use to the old one",
    WhyNot.OWN_PIP: "it stands in for pip, and {e.tool} runs without it",
    WhyNot.UNKNOWN_PLACE: "no Python installs there by itself, so an option or a setting "
    "(--target, --prefix, --root) named it",
    None: "pip can do it",
}


def _verdict(explained: Explanation) -> str:
    if explained.verdict is Verdict.LEAVES:
        return f"{_SAFEPIP}{WHY_NOT[explained.why_not].format(e=explained)}."
    return _VERDICTS[explained.verdict]


# What to do

ADVICE = {
    Remedy.VENV: "install into a virtual environment of your own",
    Remedy.VENV_TOO: "or install into a virtual environment of your own",
    Remedy.SAFEPIP: "or let safepip choose the place",
    Remedy.SAFEPIP_PLAN: "see where safepip would install it, and why (this writes nothing either)",
    Remedy.PIPX: "if it is an application, let pipx install it",
    Remedy.STAND_IN: "let safepip stand in for pip in your shell",
    Remedy.WITHOUT_OPTION: "leave {detail} out and let safepip choose the place",
    Remedy.DIRECTORY_FOR_OPTION: "name a directory of yours after {detail}",
    Remedy.OVERRULE_USER: "override the setting this once",
    Remedy.UNSET: "if you do not want this rule, remove it from your pip settings (or unset "
    "{detail})",
    Remedy.OWNER_AGAIN: "ask the administrator to make you the owner of that directory again; "
    "most likely a pip with the administrator's rights left it there",
    Remedy.SET_HOME: "set HOME to a folder of yours; this user has none, so pip takes another for "
    "its home",
    Remedy.OWNER_IF_YOURS: "if that home is yours, ask the administrator to make you the owner of "
    "that directory again; if it is not, set HOME to yours",
    Remedy.SEE_SETTINGS: "see which setting names that place, and remove it",
    Remedy.PIP_IN_VENV: "a virtual environment has a pip of its own, which you may upgrade",
    Remedy.PIP_IS_OTHERS: "this Python's own pip is the administrator's or the package manager's "
    "to install and to upgrade",
    Remedy.SEE_COPIES: "see where each copy is and what installed it",
    Remedy.OTHERS_TO_REMOVE: "what the administrator or the package manager installed is theirs "
    "to remove; a virtual environment need not see it",
    Remedy.SEND_MORE: "to know more, explain the whole output, including stderr and without -q",
    Remedy.IN_DOCKERFILE: "in the Dockerfile, install into a virtual environment",
    Remedy.IN_TOX: "make tox's environments again, as yourself",
    Remedy.IN_PIPENV: "let pipenv use an environment of its own, without --system",
    Remedy.IN_POETRY: "let Poetry use an environment of its own",
    Remedy.IN_ANSIBLE: "in the pip task, name a virtual environment (virtualenv: /path/to/venv)",
    Remedy.IN_CONDA: "use a conda environment of your own",
    Remedy.IN_UV: "let uv make an environment of your own",
    Remedy.OWN_PIP_IN_VENV: "a virtual environment comes with a pip of its own",
    Remedy.OWN_PIP_FOR_USER: "or install pip for yourself alone",
    Remedy.PIP_INSTEAD_OF_SETUP_PY: "let pip install it instead of running setup.py, so that "
    "safepip can choose the place",
    Remedy.SEE_PATH: "put your scripts folders on PATH",
    Remedy.ADD_TO_PATH: "put the folder on PATH in this shell",
    Remedy.INSTALL_FOR_SAME_PYTHON: "install it with the Python that is to import it",
    Remedy.OTHER_NAME: "{detail} is the name of a module; the package may have another name",
    Remedy.WHERE: "see every copy, and which one this shell uses",
    Remedy.UPGRADE: "to get a newer version",
    Remedy.EMPTY_CACHE: "make room, for example by emptying pip's cache",
    Remedy.TEMPORARY_ELSEWHERE: "set TMPDIR to a folder on another disk",
    Remedy.LARGER_QUOTA: "ask the administrator for a larger quota",
    Remedy.CLOSE_PROGRAMS: "close the programs of that environment and try again",
    Remedy.PYTHON_RUNS_PIP: "let Python run pip",
    Remedy.CHECK_FILE: "check its name and the directory that pip runs in",
    Remedy.MAKE_READABLE: "make it readable for yourself, or ask its owner to",
    Remedy.TEMPORARY_FOLDER: "set TMPDIR to a folder of yours",
    Remedy.CHECK_HASHES: "find out why before you change them: the file may not be the one you "
    "expect",
    Remedy.WITHOUT_BUILD: "use a release that needs no build, if there is one",
    Remedy.READ_BUILD: "read the build's own output: often a compiler or headers are missing",
    Remedy.LOOSEN: "loosen one of the versions you ask for",
    Remedy.KEEP_APART: "use a separate environment for what does not have to be together",
    Remedy.OTHER_BUILD: "activate its environment, or use a Python that was built with OpenSSL",
    Remedy.CERTIFICATES: "tell pip about your company's certificates",
    Remedy.CHECK_INDEX: "check the index's address and your access to it",
    Remedy.SEE_NETWORK: "see which index and proxy pip is set to use",
    Remedy.AGAIN: "then run the same again",
    Remedy.OTHER_PYTHON: "use a Python that it supports, or a version of it that supports yours",
    Remedy.SEE_VERSIONS: "see which versions there are",
    Remedy.NEWER_PIP: "a virtual environment can have a newer pip, without touching this one",
    Remedy.NAME_SOMETHING: "name what to install",
    Remedy.QUOTE: "put it in quotes, for example",
    Remedy.CHECK_DIRECTORY: "check the path, and that you may read what is in it",
    Remedy.FETCH_ANEW: "download it again",
    Remedy.NAME_DIRECTORY: "name a directory of yours",
    Remedy.GET_PROGRAM: "have that program installed, or install a release instead of the source",
    Remedy.OWN_SETTINGS: "write your own settings instead",
    Remedy.SHORTER_PATH: "install into an environment with a shorter path",
    Remedy.LONG_PATHS: "ask the administrator to turn on Windows' long paths",
    Remedy.OWN_SCRIPTS: "a virtual environment has a Scripts folder of its own",
    Remedy.CHECK_OWNER: "see who owns that path, and what names it",
    Remedy.OWN_LOG: "name a log file of yours, or none",
    Remedy.OWN_CACHE: "use a cache folder of yours",
}
