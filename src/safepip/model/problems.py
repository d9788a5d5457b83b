"""What can end a command early, by its reference; ``wording.errors`` has the words."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Problem(Enum):
    """What went wrong; the facts that each one carries are the fields of its row in the table."""

    # How safepip was called.
    OPTION_NEEDS_VALUE = "option-needs-value"
    UNKNOWN_WORD = "unknown-word"
    EXTRA_WORD = "extra-word"
    EXCLUSIVE_OPTIONS = "exclusive-options"
    STDOUT_IS_PIPS = "stdout-is-pips"
    UNKNOWN_STRATEGY = "unknown-strategy"
    UNKNOWN_SHELL = "unknown-shell"
    NO_SUCH_CHAPTER = "no-such-chapter"
    NO_COMMAND = "no-command"
    NO_SUCH_COMMAND = "no-such-command"
    PYTHON_SCRIPT = "python-script"
    NOT_EXECUTABLE = "not-executable"
    # Logs to explain.
    SECOND_FILE = "second-file"
    NO_COMMAND_GIVEN = "no-command-given"
    NOT_TEXT = "not-text"
    NOT_READABLE = "not-readable"
    IS_DIRECTORY = "is-directory"
    # Programs.
    NO_PIP = "no-pip"
    CIRCLE = "circle"
    CANNOT_START = "cannot-start"
    WHICH_PYTHON = "which-python"
    PYTHON_FAILS = "python-fails"
    PYTHON_TELLS_NOT = "python-tells-not"
    NO_SAFEPIP = "no-safepip"
    NO_CWD = "no-cwd"
    # Environments and files.
    REPORT_FILE = "report-file"
    STDOUT = "stdout"
    CANNOT_MAKE = "cannot-make"
    MADE_NOTHING = "made-nothing"
    NO_PIP_INSIDE = "no-pip-inside"
    NO_ROOM = "no-room"
    PIP_TOO_NEW = "pip-too-new"
    IN_THE_WAY = "in-the-way"
    BROKEN = "broken"
    NO_PIPX = "no-pipx"
    WAITED_TOO_LONG = "waited-too-long"
    NO_HOME = "no-home"
    # What was moved.
    NOT_AN_ID = "not-an-id"
    UNKNOWN_ID = "unknown-id"
    NOTHING_TO_UNDO = "nothing-to-undo"
    LEFT_ALONE = "left-alone"
    NOBODY_TO_ASK = "nobody-to-ask"
    YOU_SAID_NO = "you-said-no"
    PYTHON_GONE = "python-gone"
    PIPX_GONE = "pipx-gone"
    # Profiles.
    LINE_NOT_ADDED = "line-not-added"
    LINE_NOT_REMOVED = "line-not-removed"
    NO_PROFILE = "no-profile"
    LINE_OVERRIDDEN = "line-overridden"
    REGISTRY_FULL = "registry-full"
    REGISTRY_UNREADABLE = "registry-unreadable"
    REGISTRY_EMPTY = "registry-empty"
    REGISTRY_BUSY = "registry-busy"
    REGISTRY_DENIED = "registry-denied"
    REGISTRY_DIFFERS = "registry-differs"
    NO_REGISTRY = "no-registry"
    # Settings.
    NOT_TOML = "not-toml"
    UNKNOWN_SETTING = "unknown-setting"
    BAD_VALUE = "bad-value"
    BAD_LOCK = "bad-lock"
    NOT_A_TABLE = "not-a-table"
    NO_SUCH_SETTING = "no-such-setting"
    UNSET_WHAT = "unset-what"
    LOCKED = "locked"
    NOT_WRITABLE = "not-writable"
    NOT_FOR_PROJECTS = "not-for-projects"
    # Interrupted.
    INTERRUPTED_BEFORE = "interrupted-before"
    INTERRUPTED_WAITING = "interrupted-waiting"
    INTERRUPTED_MAKING = "interrupted-making"


class Kind(Enum):
    """What a setting wants where a choice of words is not enough."""

    FLAG = "flag"
    DIRECTORY_NAME = "directory-name"
    PATH = "path"
    HOME = "home"
    """A path below a home that exists."""
    NAMES = "names"


class Overruled(NamedTuple):
    """A value that does not count, since the administrator has locked its setting."""

    key: str
    file: str
    """The administrator's."""
    where: str
    """The file, the variable or the option that the value stands in."""
