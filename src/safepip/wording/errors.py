"""The words for what ends a command early: one row a problem."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from safepip.model.problems import Kind, Problem
from safepip.wording.lines import INDENT, joined, near
from safepip.wording.reasons import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safepip.model.errors import SafepipError


class Row(NamedTuple):
    """The words of one problem; ``{field}`` is one of its facts."""

    what: str
    """What happened, and why where the same cause is behind it each time. No full stop: the fact
    ``why``, if there is one, follows behind a colon."""
    lead: str = ""
    """What the command is for."""
    do: str = ""
    """The command that helps."""


_DOCTOR = ("To find the cause", "safepip doctor")
_HELP = ("See", "safepip {verb} --help")
_HISTORY = ("See them", "safepip history")
_OTHER_PYTHON = ("Name a Python", "/path/to/python3 -m safepip <the same arguments>")
_PASTE = ("Put this line into your profile instead", "{line}")
_EXPLAIN = ("See", "safepip explain --help")

ROWS: Mapping[Problem, Row] = {
    Problem.OPTION_NEEDS_VALUE: Row("{option} needs a value", "See", "safepip --help"),
    Problem.UNKNOWN_WORD: Row("Unknown option {word}{near}", *_HELP),
    Problem.EXTRA_WORD: Row("'{word}' is one word too many", *_HELP),
    Problem.EXCLUSIVE_OPTIONS: Row("{one} and {other} cannot be used together", *_HELP),
    Problem.STDOUT_IS_PIPS: Row(
        "The report cannot go to stdout, which is pip's",
        "Name a file",
        "safepip --report-json report.json install NAME",
    ),
    Problem.UNKNOWN_STRATEGY: Row("Unknown strategy '{value}'{near} Choose one of: {allowed}"),
    Problem.UNKNOWN_SHELL: Row("safepip has no functions for '{name}'. Choose one of: {allowed}"),
    Problem.NO_SUCH_CHAPTER: Row("The guide has no chapter {word}{near} Choose one of: {allowed}"),
    Problem.NO_COMMAND: Row("Name a command to run", "For example", "safepip run python app.py"),
    Problem.NO_SUCH_COMMAND: Row("Cannot find the command {command}"),
    Problem.PYTHON_SCRIPT: Row("{command} is a Python script", "To run it", "{line}"),
    Problem.NOT_EXECUTABLE: Row("{command} is no program that you may run"),
    Problem.SECOND_FILE: Row("explain reads one file, and '{word}' is a second one", *_EXPLAIN),
    Problem.NO_COMMAND_GIVEN: Row(
        "--command needs the command that was run",
        "For example",
        "safepip explain LOG --command 'pip install NAME'",
    ),
    Problem.NOT_TEXT: Row("{file} is not text, so it is not a pip log"),
    Problem.NOT_READABLE: Row("Cannot read {file}"),
    Problem.IS_DIRECTORY: Row("{file} is a directory, and explain reads a file", *_EXPLAIN),
    Problem.NO_PIP: Row(
        "No {name} is on your PATH, and no python3 that safepip could lend its own pip",
        *_OTHER_PYTHON,
    ),
    Problem.CIRCLE: Row(
        "{program} is no pip of its own: it only runs safepip again. Put a real pip before it on"
        " your PATH, or name one",
        *_OTHER_PYTHON,
    ),
    Problem.CANNOT_START: Row("Cannot start {program}", *_DOCTOR),
    Problem.WHICH_PYTHON: Row(
        "Cannot tell which Python {script} belongs to",
        "Name the Python",
        "python3 -m safepip <the same arguments>",
    ),
    Problem.PYTHON_FAILS: Row("The Python {python} does not work", *_DOCTOR),
    Problem.PYTHON_TELLS_NOT: Row("The Python {python} does not tell its {key}", *_DOCTOR),
    Problem.NO_SAFEPIP: Row(
        "No shell function could start safepip: its Python's scripts directory does not hold it"
    ),
    Problem.NO_CWD: Row(
        "The current directory is gone, so there is nowhere to install from",
        "Go to one that is there",
        "cd",
    ),
    Problem.REPORT_FILE: Row("--report-json: cannot write {file}"),
    Problem.STDOUT: Row("Cannot write the output"),
    Problem.CANNOT_MAKE: Row("Cannot make a virtual environment in {path}", *_DOCTOR),
    Problem.MADE_NOTHING: Row("{program} made no working virtual environment in {path}", *_DOCTOR),
    Problem.NO_ROOM: Row(
        "Cannot make a virtual environment in {path}: {detail}. Make room, then run the same"
        " command again"
    ),
    Problem.NO_PIP_INSIDE: Row("Cannot put pip into {path}", *_DOCTOR),
    Problem.PIP_TOO_NEW: Row(
        "{path} holds no pip, and safepip's own does not run on its Python {version}",
        "To make an environment with a newer Python",
        "safepip guide causes",
    ),
    Problem.IN_THE_WAY: Row(
        "Cannot make a virtual environment in {path}, because {detail}",
        "Move it, then run the same command again",
        "{move}",
    ),
    Problem.BROKEN: Row(
        "The virtual environment {path} is broken ({detail})",
        "Move it, then run the same command again to make a new one",
        "{move}",
    ),
    Problem.NO_PIPX: Row("Cannot install pipx into {path}", *_DOCTOR),
    Problem.WAITED_TOO_LONG: Row(
        "Another safepip has been installing into {path} for too long",
        "It has its turn until it ends. To see which one that is",
        "fuser -v {lock}",
    ),
    Problem.NOT_AN_ID: Row("'{word}' is not an ID of an install", *_HISTORY),
    Problem.UNKNOWN_ID: Row("No install has the ID {number}, or it is undone already", *_HISTORY),
    Problem.NOTHING_TO_UNDO: Row("There is no install to undo"),
    Problem.LEFT_ALONE: Row("Nothing was undone", "See where it is", "safepip where {name}"),
    Problem.NOBODY_TO_ASK: Row(
        "Nothing was undone, because there is no terminal to ask you on",
        "To undo it without a question",
        "safepip undo {number} --yes",
    ),
    Problem.YOU_SAID_NO: Row("Nothing was undone"),
    Problem.PYTHON_GONE: Row(
        "The Python {python} is gone, so its packages cannot be changed", *_DOCTOR
    ),
    Problem.PIPX_GONE: Row(
        "pipx, which installed this, is gone", "Install it again", "safepip install pipx"
    ),
    Problem.NO_HOME: Row("Cannot find your home directory: HOME is not set", *_DOCTOR),
    Problem.LINE_NOT_ADDED: Row("Cannot write {files}", *_PASTE),
    Problem.LINE_NOT_REMOVED: Row(
        "Cannot write {files}", "Take the line with this comment out of it yourself", "{line}"
    ),
    Problem.NO_PROFILE: Row("safepip cannot add this to a profile of {shell}", *_PASTE),
    Problem.LINE_OVERRIDDEN: Row(
        "{files} got a line, but it has no effect: something below it sets PATH again, or the file"
        " ends above it",
        "Move this line there",
        "{line}",
    ),
    Problem.REGISTRY_FULL: Row("Your PATH in the registry has no room for this"),
    Problem.REGISTRY_UNREADABLE: Row("Cannot read your PATH in the registry, so it stays as it is"),
    Problem.REGISTRY_EMPTY: Row(
        "Your PATH in the registry is empty or not text, so it stays as it is"
    ),
    Problem.REGISTRY_BUSY: Row(
        "Another program has just changed your PATH in the registry",
        "Try again",
        "safepip path --install",
    ),
    Problem.REGISTRY_DENIED: Row("Cannot write your PATH in the registry"),
    Problem.REGISTRY_DIFFERS: Row("Your PATH in the registry is not what was written to it"),
    Problem.NO_REGISTRY: Row("There is no registry on this system"),
    Problem.NOT_TOML: Row("{file} is not valid TOML: {detail}{hint}"),
    Problem.UNKNOWN_SETTING: Row('{file}: unknown setting "{key}"{near} Settings here: {allowed}'),
    Problem.BAD_VALUE: Row("{where} = {value} does not work{near} {expected}"),
    Problem.BAD_LOCK: Row("{file}: locked = {value} does not work. Use a list of: {allowed}"),
    Problem.NOT_A_TABLE: Row("{file}: tool.safepip must be a table"),
    Problem.NO_SUCH_SETTING: Row('Unknown setting "{key}"{near} Settings: {allowed}'),
    Problem.UNSET_WHAT: Row(
        "--unset takes one setting, and no value",
        "For example",
        "safepip settings --unset strategy",
    ),
    Problem.LOCKED: Row('"{key}" is locked by {file}'),
    Problem.NOT_WRITABLE: Row("Cannot write {file}", *_DOCTOR),
    Problem.NOT_FOR_PROJECTS: Row(
        '{file}: a project cannot set "{key}". A project can set: {allowed}'
    ),
    Problem.INTERRUPTED_BEFORE: Row("Interrupted before anything was installed"),
    Problem.INTERRUPTED_WAITING: Row(
        "Interrupted while another safepip was installing into {path}. Nothing was installed"
    ),
    Problem.INTERRUPTED_MAKING: Row(
        "Interrupted while making {path}. Nothing was installed; your next install there starts"
        " over"
    ),
}


EXPECTED: Mapping[Kind, str] = {
    Kind.FLAG: "Use true or false",
    Kind.DIRECTORY_NAME: "Use the name of a directory, such as .venv",
    Kind.PATH: "Use an absolute path, or one that starts with ~",
    Kind.HOME: "There is no home directory for {detail}",
    Kind.NAMES: 'Use a list of project names, such as ["httpie"]',
}


def error(problem: SafepipError) -> tuple[str, ...]:
    """What went wrong, why, and the command that helps."""
    row = ROWS[problem.problem]
    if not row.do:
        return (sentence(problem),)
    do = row.do.format_map({name: str(fact) for name, fact in problem.facts.items()})
    return (f"{sentence(problem)} {row.lead}:", INDENT + do)


def sentence(problem: SafepipError) -> str:
    """What went wrong and why, in one line."""
    facts = {name: shown(fact) for name, fact in problem.facts.items()}
    what = ROWS[problem.problem].what.format_map({**facts, **_derived(problem.facts)})
    why = facts.get("why", "")
    whole = f"{what}: {why}" if why else what
    return whole if whole.endswith((".", "?")) else f"{whole}."


def _derived(facts: Mapping[str, object]) -> dict[str, str]:
    """What follows from the facts: the nearest allowed word, lists as a reader says them."""
    derived = {"near": ".", "expected": "", "hint": ""}
    allowed = facts.get("allowed")
    word = facts.get("key") or facts.get("word") or facts.get("value")
    if isinstance(allowed, tuple):
        meant = near(str(word), allowed)
        derived["near"] = f'. Did you mean "{meant}"?' if meant else "."
        derived["expected"] = f"Choose one of: {', '.join(allowed)}"
    elif isinstance(allowed, Kind):
        derived["expected"] = EXPECTED[allowed].format(detail=facts.get("detail", ""))
    if isinstance(files := facts.get("files"), tuple):
        derived["files"] = joined(files)
    unquoted = re.fullmatch(r"([\w-]+)\s*=\s*([\w.~/-]+)", str(facts.get("line", "")))
    if unquoted:
        derived["hint"] = f'. Put quotes around it: {unquoted[1]} = "{unquoted[2]}"'
    return derived


def internal_error(kind: str, log: str | None, *, pip_goes_on: bool = False) -> tuple[str, ...]:
    """The one line about a bug of ours, or a want of memory."""
    where = f" The details are in {log}" if log else ""
    on = " Your pip runs without it." if pip_goes_on else ""
    if kind == MemoryError.__name__:
        return (f"There was not enough memory for safepip.{on}",)
    return (f"internal error ({kind}): this is a bug in safepip, not your mistake.{on}{where}",)
