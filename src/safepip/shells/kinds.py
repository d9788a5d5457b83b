"""The user's shells: which there are, and what one module tells of its own."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from pathlib import PurePath


class Shell(Enum):
    """A shell whose commands safepip can write; the values are the programs' names."""

    SH = "sh"
    DASH = "dash"
    KSH = "ksh"
    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    TCSH = "tcsh"
    CSH = "csh"
    POWERSHELL = "pwsh"
    CMD = "cmd"
    NUSHELL = "nu"
    XONSH = "xonsh"


_ALIASES = {"powershell": Shell.POWERSHELL, "mksh": Shell.KSH, "ksh93": Shell.KSH, "bsh": Shell.SH}


def shell_named(program: str) -> Shell | None:
    """The shell whose program is *program* (a name or path, a login dash allowed), if known."""
    name = re.split(r"[/\\]", program)[-1].lstrip("-").lower().removesuffix(".exe")
    if name in _ALIASES:
        return _ALIASES[name]
    return next((shell for shell in Shell if shell.value == name), None)


class Integration(NamedTuple):
    """What the text is made of."""

    program: PurePath
    """safepip itself, absolute."""
    pips: tuple[str, ...] = ("pip", "pip3")
    """The words that shall run it."""
    pythons: tuple[str, ...] = ()
    """The words whose ``-m pip`` shall run it; plain, they are the Python."""
    activate: bool = False
    """Ask for activation where the shell is interactive, unless the settings say no."""
    always: bool = False
    """Ask for it also where it is not."""


class Text(Protocol):
    """What one module of ``integration`` writes for its shells; *own* is their family."""

    def ending(self, shell: Shell, /) -> str:
        """Give the ending of the name of safepip's own file, without the dot."""

    def integration(self, shell: Shell, what: Integration, own: Family, /) -> str:
        """Write the functions or aliases."""

    def source_line(self, shell: Shell, file: PurePath, own: Family, /) -> str:
        """Write the line of a profile that reads *file* if it is there, and is silent if not."""

    def load_command(self, command: str, /) -> str:
        """Write how the running shell loads what *command* (``safepip init …``) prints."""

    def activation(self, shell: Shell, environment: PurePath, own: Family, /) -> str:
        """Write what the function is told, by its private file, to activate *environment*."""


Question = tuple[str, ...]


class Family(Protocol):
    """What one module tells of its shells. Paths are absolute."""

    TEXT: Text | None
    """The integration; None where the shell has no functions that a profile could define."""
    PROFILE: str
    """The file below the home that each start reads which talks to the user, unless
    ``profiles.files`` knows better. What is below ``.config`` follows ``XDG_CONFIG_HOME``."""

    def quote(self, shell: Shell, word: str, /) -> str:
        """Write *word* so that *shell* reads it as one word, unchanged.

        Characters that act on a terminal are written by printing ones.
        """

    def activate(self, shell: Shell, environment: PurePath, /) -> str:
        """Write the command that activates the virtual environment."""

    def run(self, shell: Shell, program: PurePath, /) -> str:
        """Write the command that runs *program*, wherever it lies."""

    def prepend_path(self, shell: Shell, directory: PurePath, /) -> str:
        """Write the command that puts *directory* first on PATH in the running shell."""

    def path_line(self, shell: Shell, directory: PurePath, /) -> str | None:
        """Write the line of a profile that puts *directory* first on PATH unless it is there."""

    def set_variable(self, shell: Shell, name: str, value: str, /) -> str:
        """Write the command that sets the variable *name* in the running shell."""

    def unset(self, shell: Shell, name: str, /) -> str:
        """Write the command that takes the variable *name* out of the running shell."""

    def forget(self, shell: Shell, /) -> str | None:
        """Write what makes *shell* forget where commands were; None if it remembers none."""

    def question(self, first: str, second: str, /, *, login: bool) -> Question | None:
        """Give the arguments that have the shell print PATH between ``first+second`` twice.

        Each mark is written in two halves: a profile that shows commands (in a window's title,
        say) does not show the mark. None: it cannot be asked.
        """
