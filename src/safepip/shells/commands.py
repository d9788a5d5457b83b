"""How each shell quotes, and its commands that reach what landed.

``family`` is the one table of the modules; all that differs between shells is asked of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.shells.kinds import Shell

if TYPE_CHECKING:
    from pathlib import PurePath

    from safepip.shells.kinds import Family


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
