"""The words of reasons: each is the part of a sentence behind "because" or a colon."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from safepip.model.environments import HomeTrouble
from safepip.model.reasons import Reason, Why

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WORDS: Mapping[Reason, str] = {
    # Of decisions.
    Reason.NAMES_PLACE: "{option} names the place",
    Reason.DRY_RUN: "a dry run installs nothing",
    Reason.NEW_PIP: "a new pip elsewhere would not help this Python",
    Reason.STRATEGY: 'your strategy is "{strategy}"',
    Reason.YOU_SAID_SO: "you said so",
    Reason.NO_PLACE: "no place is left",
    Reason.TRIED: "safepip tried, and it did not work",
    Reason.NO_INSTALL: "safepip only redirects installs that pip cannot do itself",
    Reason.CAN_WRITE: "pip can write where it wants to",
    Reason.ALL_INSTALLED: "all of it is installed already",
    Reason.PIP_FAILS_FIRST: "pip ends with an error before it would install anything",
    Reason.PIP_REFUSES: "pip refuses it, because your OS manages that Python",
    Reason.ACTIVE: "{path} is the active environment",
    Reason.NOTEBOOK: "this notebook can import it from there",
    Reason.SIGN_HERE: "{sign} is here",
    Reason.SIGN_ABOVE: "{sign} is in {root}",
    Reason.ASKED_FOR: "you asked for {text}",
    Reason.LOOKS_LIBRARY: "it looks like a library",
    Reason.NO_OTHER: "no other place fits",
    Reason.HOME_NOT_WRITABLE: "nothing in your home directory can be written",
    Reason.REMOVED_THERE: "it would remove {names} from {places}, where it put that",
    Reason.IN_SEVERAL_PLACES: "it put {names} into several places, and would only list those",
    Reason.HOME_WRITABLE: "your home directory can be written",
    Reason.ALL: "{all}",
    # Of rules that do not hold.
    Reason.AIMED_AT_ACTIVE: "pip aimed at the active environment {path} itself",
    Reason.STALE: "{variable} names {path}, which holds no Python",
    Reason.OTHER_PYTHON: "{path} is active, but made of Python {version}",
    Reason.NAMED_ANOTHER: "{path} is made of Python {version}, and you named another",
    Reason.NONE_ACTIVE: "no environment is active",
    Reason.NO_NOTEBOOK: "you are not in a notebook of this Python",
    Reason.NO_PROJECT: "there is no project of yours in this directory or above it",
    Reason.NOTHING_LOCAL: "you asked for nothing local (-r, -e or a directory)",
    Reason.NOT_LOOKED_UP: "nobody has looked up what the requirements are",
    Reason.JUDGED: "{name}: {why}",
    Reason.PIPX_NOT_WRITABLE: "pipx writes to {place}, which is not writable",
    Reason.PIPX_NO_OPTION: "pipx cannot carry {option}",
    Reason.PIPX_NO_OPEN_FILE: "pipx does not hand the open file {file} on",
    Reason.PIPX_OLD: "pipx's pip does not run on Python {version}",
    Reason.PIPX_NO_INDEX: "pipx needs a pip of its own first, and --no-index keeps it from one",
    Reason.NO_PLAIN_NAME: "{text} is not a plain name",
    Reason.HAS_MARKER: "pipx ignores the marker in {text}",
    Reason.NOTHING_NAMED: "no requirement is named",
    Reason.NO_USER_SITE: "this Python has no user site",
    Reason.EXTERNALLY_MANAGED: "this Python is externally managed",
    Reason.CONDA: "this Python is conda's",
    Reason.USER_SITE_DISABLED: "the user site is disabled for this Python",
    Reason.VIRTUALENV_REQUIRED: "your pip settings require a virtual environment",
    Reason.NO_USER_BY_SETTINGS: "your pip settings say no to user installs",
    Reason.NOT_READABLE: "pip reads {path} for that, too, and may not",
    Reason.DENIED_THERE: "{path} was itself the place denied",
    Reason.NOT_WRITABLE: "{path} is not writable",
    Reason.NO_USER_SCRIPTS: "the directory for the commands of your user site is not writable",
    Reason.NO_PRECEDENCE: "what {path} has comes before what is in your user site",
    Reason.NOT_YOURS: "{path} is not your own directory",
    Reason.HOME: "{trouble}",
    Reason.CANNOT_BE_MADE: "{path} cannot be made: {place} is not writable",
    Reason.CANNOT_BE_MADE_THERE: "{path} cannot be made there: the directory is not writable",
    Reason.NOT_TO_BE_MADE: "there is no {path}, and settings say not to make one",
    Reason.NO_VENV: "{python} has no venv module to make one with",
    Reason.BY_SUDO: "root's files would be left in {place}",
    Reason.UNUSABLE: "{path} cannot be used: {detail}",
    # Of verdicts on requirements.
    Reason.ONLY_NAMED: "only what is asked for by name is looked up",
    Reason.CALLED_LIBRARY: "your settings call it a library",
    Reason.CALLED_APPLICATION: "your settings call it an application",
    Reason.NO_COMMAND: "it provides no command",
    Reason.WELL_KNOWN: "it is a well-known application",
    Reason.UNKNOWN: "it could not be looked up ({problem})",
    Reason.ALSO_A_COMMAND: "it also provides the command {commands}; "
    "to have it as an application: pipx install {name}",
    Reason.README: "its description says: {words}",
    Reason.CLASSIFIER: 'it provides the command {commands} and says "{classifier}"',
    Reason.NATIVE: "it holds the program {commands} and nothing to import",
    Reason.CALLS_ITSELF: 'it provides the command {commands} and calls itself "{said}"',
    Reason.SHOWS_COMMAND: "its description shows how to run {command}, and nothing to import",
    Reason.SHIPPED: "{by} ships it as a program ({home})",
    Reason.HOOK: "pre-commit runs it in an environment of its own ({repository})",
    Reason.BOTH: "{sign}, but {against}; to have it as an application: pipx install {name}",
    Reason.NEEDED: "others import it",
    Reason.OFFERED: "it is offered for import, too",
    Reason.PLUGIN: "it belongs beside {host}",
    Reason.BESIDE_CODE: "it belongs into the environment of the code that it works on",
    Reason.NEVER_ASKED: "nothing was asked",
    Reason.DOES_NOT_MATTER: "not looked up, since where it goes does not depend on that",
    # Of places that turn out impossible.
    Reason.NOT_MADE: "{path}, which cannot be made there ({why})",
    Reason.NO_PIP_GIVEN: "{path} could not be given a pip ({why})",
    Reason.LACKS: "{path}, where pip finds no {names}; your Python has it",
    Reason.ISOLATED_LACKS: "its own environment, where pip finds no {names}; your Python has it",
    Reason.PIPX_NOT_FETCHED: "pipx could not be fetched ({why})",
    Reason.NO_APPS: "{name} has no commands, pipx says",
    Reason.PIPX_OWN: "pipx failed for a reason of its own",
    Reason.NO_UV: "uv is not on PATH",
    Reason.UV_NO_WORD: "uv has no word for {where}",
    Reason.PIP_SETTING: "{name} in pip's settings",
    Reason.PROGRAMS_THERE: "its commands are programs there, which only pip can write",
    Reason.NO_PIP_RUNS: "no pip here can run on that Python",
    Reason.NO_SITE: "it has no site-packages",
    Reason.OWN_PIP_IN_PIECES: "safepip's own pip cannot be copied",
    Reason.OWN_PIP_GONE: "safepip's own pip is gone",
    Reason.ENSUREPIP: "ensurepip: {why}",
    # Of environments that cannot be used, or must not be.
    Reason.DANGLING: "it is a dangling link",
    Reason.NO_DIRECTORY: "it is no directory",
    Reason.NAMES_NOTHING: "it names {path}, where no virtual environment is",
    Reason.EMPTY_LINK: "it is a link to the empty {path}",
    Reason.NO_CONFIG: "it is a directory without pyvenv.cfg",
    Reason.INTERPRETER_GONE: "its interpreter {path} is gone",
    Reason.NO_INTERPRETER: "it holds no interpreter",
    Reason.DOES_NOT_START: "it does not start",
    Reason.BELONGS: "{what} belongs to {owner}",
    Reason.TRACKED: "{tracker} tracks {what}, so it may be anybody's code",
    Reason.ODD_NAME: "its interpreter {path} is no Python by its name",
    Reason.INSIDE_NO_COPY: "its interpreter {path} lies inside the project, and is no copy of one"
    " in {home}",
    Reason.NOT_THE_NAMED: "its interpreter {path} is not the one in {home} that it names",
    Reason.INSIDE: "its interpreter {path} lies inside the project",
    Reason.INTERPRETER_BELONGS: "its interpreter {path} belongs to {owner}",
    Reason.CONFIG_UNREADABLE: "its pyvenv.cfg cannot be read",
    Reason.NO_HOME_NAMED: "its pyvenv.cfg names no absolute home",
    Reason.HOME_INSIDE: "its interpreter in {path} lies inside the project",
    # Of programs, files and shells.
    Reason.SAID: "{words}",
    Reason.EXIT_STATUS: "exit status {status}",
    Reason.TOO_MUCH: "it said more than {megabytes} MB",
    Reason.NO_ANSWER: "no answer within {seconds} seconds",
    Reason.IS_DIRECTORY: "it is a directory",
    Reason.READ_ONLY_REPORT: "it is not writable",
    Reason.NO_FOLDER: "there is no directory {path}",
    Reason.UTF16: "its text is UTF-16",
    Reason.READ_ONLY_PROFILE: "the file is read-only",
    Reason.REGISTRY_UNREADABLE: "the registry cannot be read",
    Reason.ASKED_ALREADY: "a profile that is being asked cannot ask again",
    Reason.NO_LOGIN_SHELL: "there is no telling which shell a login starts",
    Reason.CANNOT_BE_ASKED: "{name} cannot be asked",
    Reason.SHELL_SILENT: "{name} gave no answer within {seconds} seconds",
    Reason.RELATIVE_ENTRY: "found from here alone, by a relative entry of PATH",
    Reason.LITERAL_TILDE: "only by a literal ~ in PATH, which few shells follow",
    Reason.SCRIPTS_UNKNOWN: "there is no pip, so there is no telling where user scripts go",
    Reason.TMP_GONE: "is not there",
    Reason.TMP_UNWRITABLE: "cannot be written",
    Reason.TMP_FULL: "has no room for {more}",
    Reason.TMP_NOEXEC: "is mounted so that no program in it may be run",
    # Of look-ups.
    Reason.LOOK_UP_FAILED: "the look-up failed",
    Reason.PIP_MISSING: "safepip's own pip is missing",
    Reason.PIP_LOST: "pip could not say ({error})",
    Reason.PIP_OPTIONS: "pip did not understand its options or settings",
    Reason.DAMAGED: "its wheel is damaged",
    Reason.INDEX_SILENT: "the index did not answer",
    Reason.INDEX_REFUSED: "the index refused",
    Reason.NO_VERSION: "no index offers such a version",
    Reason.ONLY_SOURCE: "version {version} comes as source only",
    Reason.LOCAL_FILE: "the index names a file of this machine",
    Reason.NO_INDEX: "the index leads to something that is no index",
    Reason.PACKED_TWICE: "the index packs its pages more than once",
    Reason.PAGE_TOO_BIG: "the index's page is too big",
    Reason.NOT_BY_NAME: "it is not asked for by name",
    Reason.CONSTRAINED: "a constraint says where it comes from",
    Reason.WHEEL_REFUSED: "its wheel was refused",
    Reason.WHEEL_UNREADABLE: "its wheel could not be read",
    Reason.TOO_MUCH_TO_READ: "reading its wheel takes too much",
    Reason.NO_PARTS: "its wheel is big, and the server gives no parts of it",
}

_HOME: Mapping[HomeTrouble, str] = {
    HomeTrouble.UNKNOWN: "HOME is not set, and your user has no home directory",
    HomeTrouble.RELATIVE: "HOME is not an absolute path",
    HomeTrouble.ROOT: "HOME is /, which is not yours to write",
    HomeTrouble.MISSING: "the directory that HOME names does not exist",
    HomeTrouble.READ_ONLY: "your home directory is on a read-only file system",
    HomeTrouble.OTHERS: "the directory that HOME names belongs to another user",
}

_SHOWN_COMMANDS = 3


def words(why: Why) -> str:
    """Put *why* in words, without a full stop."""
    told = {name: shown(fact) for name, fact in why.facts.items()}
    told["what"] = told.get("what") or "it"
    commands = why.facts.get("commands")
    if isinstance(commands, tuple):
        told["commands"] = _listed(commands)
    return WORDS[why.reason].format_map(told)


def shown(fact: object) -> str:
    """Show *fact* as a reader is to see it: another reason, several things, the system's words."""
    if isinstance(fact, Why):
        return words(fact)
    if isinstance(fact, tuple):
        several = any(isinstance(one, Why) for one in fact)
        return ("; " if several else ", ").join(map(shown, fact))
    if isinstance(fact, HomeTrouble):
        return _HOME[fact]
    if isinstance(fact, Enum):
        return str(fact.value)
    if isinstance(fact, OSError) and fact.strerror:
        return fact.strerror
    return "" if fact is None else str(fact)


def _listed(commands: Sequence[str]) -> str:
    told = ", ".join(commands[:_SHOWN_COMMANDS])
    more = len(commands) - _SHOWN_COMMANDS
    return f"{told} and {more} more" if more > 0 else told
