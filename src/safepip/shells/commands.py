"""The user's shells: which there are, how each quotes, and the commands that reach what landed.

Pure: which shell it is comes in as a name. ``family`` is the one table of them; all that differs
between shells is asked of the module that it names.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.shells.integration.parts import Text


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


Question = tuple[str, ...]


def family(shell: Shell) -> Family:
    """The module that knows *shell*; loaded only when it is needed."""
    match shell:
        case Shell.SH | Shell.DASH | Shell.KSH | Shell.BASH | Shell.ZSH:
            from safepip.shells import posix

            return posix
        case Shell.FISH:
            from safepip.shells import fish

            return fish
        case Shell.TCSH | Shell.CSH:
            from safepip.shells import csh

            return csh
        case Shell.POWERSHELL:
            from safepip.shells import powershell

            return powershell
        case Shell.CMD:
            from safepip.shells import cmd

            return cmd
        case Shell.NUSHELL:
            from safepip.shells import nushell

            return nushell
        case Shell.XONSH:
            from safepip.shells import xonsh

            return xonsh


def shell_named(program: str) -> Shell | None:
    """The shell whose program is *program* (a name or path, a login dash allowed), if known."""
    name = re.split(r"[/\\]", program)[-1].lstrip("-").lower().removesuffix(".exe")
    if name in _ALIASES:
        return _ALIASES[name]
    return next((shell for shell in Shell if shell.value == name), None)


def quote(shell: Shell, word: str) -> str:
    """*word* so that *shell* reads it as one word, unchanged."""
    return family(shell).quote(shell, word)


def activate_command(shell: Shell, environment: PurePath) -> str:
    """The command that activates the virtual environment at *environment* (absolute)."""
    return family(shell).activate(shell, environment)


def run_command(shell: Shell, program: PurePath) -> str:
    """The command that runs *program* (absolute), wherever it lies."""
    return family(shell).run(shell, program)


def prepend_path_command(shell: Shell, directory: PurePath) -> str:
    """The command that puts *directory* (absolute) first on PATH in the running shell."""
    return family(shell).prepend_path(shell, directory)


def set_command(shell: Shell, name: str, value: str) -> str:
    """The command that sets the variable *name* in the running *shell*."""
    return family(shell).set_variable(shell, name, value)


def unset_command(shell: Shell, name: str) -> str:
    """The command that takes the variable *name* out of the running *shell*."""
    return family(shell).unset(shell, name)


def forget_command(shell: Shell) -> str | None:
    """The command by which *shell* forgets where it found commands; None if it remembers none."""
    return family(shell).forget(shell)


def path_line(shell: Shell, directory: PurePath) -> str | None:
    """The line for a profile that puts *directory* (absolute) first on PATH, unless it is there.

    Started within each other, shells read their profiles again: PATH must not grow. None where
    safepip knows no such line.
    """
    return family(shell).path_line(shell, directory)


BLIND_TO_NEW_FILES = frozenset({Shell.TCSH, Shell.CSH})
"""Those that find no command which came onto PATH after they had listed PATH's files."""
