"""The user's shells: which there are, and what there is to know of a family."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
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


_ALIASES = {
    "powershell": Shell.POWERSHELL, "nushell": Shell.NUSHELL, "mksh": Shell.KSH,
    "ksh93": Shell.KSH, "bsh": Shell.SH,
}  # fmt: skip


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


class Family(NamedTuple):
    """How the shells of one family are spoken to.

    The texts are templates. ``{word}`` is what each is about, quoted, ``{text}`` the same as it
    is; a path is absolute, ``{name}`` a variable's. ``commands`` fills them in.
    """

    quote: Callable[[Shell, str], str]
    """Write a word so that the shell reads it as one word, unchanged.

    Characters that act on a terminal are written by printing ones.
    """
    activate: str
    """Activate the environment ``{word}`` by its ``{script}``, or by putting ``{scripts}`` first
    on PATH, which is what ``{prepend_path}`` does."""
    prepend_path: str
    """Put a directory first on PATH; ``{separator}`` stands between two of them there."""
    set_variable: str
    unset: str
    user: str = '"$USER"'
    """Who is logged in, as one word, where the variable is set."""
    new_home: str = 'export HOME="$(mktemp -d)"'
    """Take an empty folder that is the user's alone for the home directory."""
    windows_on_path: str = "{word}"
    """How a path of Windows is written for PATH: a colon may be what stands between two there."""
    run: str = "{word}"
    """Run a program, wherever it lies."""
    script: str = ""
    """The name of venv's script for it, empty for none."""
    path_line: str = ""
    """The line of a profile that does ``{prepend_path}`` unless it is there; empty for none.
    ``{pattern}`` finds it in a PATH between colons."""
    forget: str = ""
    """Forget where commands were; empty where the shell remembers none."""
    question: tuple[str, ...] = ()
    """The arguments that have it print PATH between ``{first}{second}`` twice; empty: it cannot be
    asked. Each mark is written in two halves: a profile that shows commands (in a window's title,
    say) does not show the mark."""
    question_at_login: tuple[str, ...] = ()
    """Those for a login, where they are others."""
    profile: str = ""
    """The file below the home that each start reads which talks to the user, unless
    ``profiles.files`` knows better. What is below ``.config`` follows ``XDG_CONFIG_HOME``."""

    # What only those have whose functions a profile can define.
    integration: Callable[[Shell, Integration], str] | None = None
    """Write the functions or aliases."""
    ending: str = ""
    """The ending of the name of safepip's own file, without the dot; empty: the shell's name."""
    source_line: str = ""
    """The line of a profile that reads a file if it is there, and is silent if not; ``{string}``
    is its name in quotes, needed or not."""
    load_command: str = ""
    """How the running shell loads what ``{command}`` (``safepip init …``) prints."""
    activation: str = "{activate}\n"
    """What the function is told, by its private file, to ``{activate}`` an environment."""
