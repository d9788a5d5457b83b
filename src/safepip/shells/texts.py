"""The text of the shell integration: what stands where ``pip`` stood, for each shell.

The texts start no process when a shell reads them. On a call they run safepip where it is
still there, else the real pip; ``SAFEPIP=off`` asks for the latter.

What they tell the program, by variables that pip never sees (``userpip.child_environment``):
``SAFEPIP_AS``, the word that was typed; ``SAFEPIP_SHELL``, the shell; ``SAFEPIP_SHELL_FILE``, a
private file for what the shell is to run afterwards (perhaps a name alone, that nobody can guess,
for us to make it), and ``SAFEPIP_SHELL_PID``, the process that
will do so: in a subshell or a pipeline that is not our parent, and nothing would come of it;
``SAFEPIP_SHELL_WORDS``, the names that the shell holds itself (``shells.names``);
``SAFEPIP_SHELL_HOLDS``, what it holds under the names of pip and Python, for ``doctor`` alone;
``SAFEPIP_SHELL_ACTIVATE``, if activation is asked for, as it is where the shell is interactive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.shells import commands
from safepip.shells.completion import completion
from safepip.shells.kinds import Shell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import PurePath

    from safepip.shells.kinds import Integration

POSIX = frozenset({Shell.SH, Shell.DASH, Shell.KSH})
CSHELLS = frozenset({Shell.TCSH, Shell.CSH})

SHELLS = tuple(shell for shell in Shell if shell is not Shell.CMD)
"""Those that can be served; ``cmd`` has no functions that a profile could define."""


def code(
    shell: Shell, what: Integration, words: Mapping[str, tuple[str, ...]] | None = None
) -> str:
    """The integration *what* as text for *shell* (one of ``SHELLS``) to run.

    *words*: see ``completion``; without them ``safepip`` itself is not completed.
    """
    write = commands.family(shell).integration
    text = "" if write is None else write(shell, what)
    return text if words is None else text + completion(shell, words)


def file_name(shell: Shell) -> str:
    """What safepip's own file for *shell* is called; the POSIX shells share one, and a profile."""
    return f"safepip.{commands.family(shell).ending or shell.value}"


def source_line(shell: Shell, file: PurePath) -> str:
    """The line of a profile that reads *file* if it is there, and is silent if not."""
    return commands.filled(shell, commands.family(shell).source_line, file)


def load_command(shell: Shell, command: str) -> str:
    """How the running *shell* loads what *command* (``safepip init …``) prints."""
    return commands.family(shell).load_command.format(command=command)


def activation(shell: Shell, environment: PurePath) -> str:
    """What the function is told, by its private file, to have *environment* (absolute) active."""
    activate = commands.activate_command(shell, environment)
    template = commands.family(shell).activation
    return commands.filled(shell, template, environment, activate=activate)
