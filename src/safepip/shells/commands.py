"""How each shell quotes, and its commands that reach what landed.

All that differs between shells stands in the modules that ``family`` finds.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING

from safepip.shells.kinds import Shell
from safepip.shells.quoting import activates_badly, is_windows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from safepip.shells.kinds import Family


_SHARED = {
    Shell.SH: ("posix", "PLAIN"),
    Shell.DASH: ("posix", "PLAIN"),
    Shell.KSH: ("posix", "PLAIN"),
    Shell.BASH: ("posix", "FAMILY"),
    Shell.ZSH: ("posix", "FAMILY"),
    Shell.TCSH: ("csh", "FAMILY"),
}
"""The module of those that share one; each other shell has one of its name."""


def family(shell: Shell) -> Family:
    """What there is to know of *shell*; its module is loaded only when it is needed."""
    module, name = _SHARED.get(shell, (shell.name.lower(), "FAMILY"))
    found: Family = getattr(import_module(f"safepip.shells.{module}"), name)
    return found


def filled(shell: Shell, template: str, what: object, *, on_path: bool = False, **more: str) -> str:
    """A *template* of the family of *shell* about *what*, a path or a value.

    *on_path*: it is to stand on PATH.
    """
    text = str(what)
    word = quote(shell, text)
    if on_path and isinstance(what, PurePath) and is_windows(what):
        word = family(shell).windows_on_path.format(word=word)
    return template.format(
        word=word,
        text=text,
        string=f"'{word}'" if word == text else word,
        # What stands for itself in a pattern of csh's, which is one even inside quotes.
        # Source: tcsh(1), Expressions (=~ and !~).
        pattern=quote(shell, ":" + re.sub(r"[^\w ./+@%=:,-]", "?", text) + ":"),
        separator=";" if isinstance(what, PurePath) and is_windows(what) else ":",
        **more,
    )


def quote(shell: Shell, word: str) -> str:
    """*word* so that *shell* reads it as one word, unchanged."""
    return family(shell).quote(shell, word)


def activate_command(shell: Shell, environment: PurePath) -> str:
    """The command that activates the virtual environment at *environment* (absolute)."""
    own = family(shell)
    scripts = environment / ("Scripts" if is_windows(environment) else "bin")
    prepend_path = prepend_path_command(shell, scripts)
    if own.script and activates_badly(environment):
        return prepend_path
    script, folder = quote(shell, str(scripts / own.script)), quote(shell, str(scripts))
    more = {"script": script, "scripts": folder, "prepend_path": prepend_path}
    return filled(shell, own.activate, environment, on_path=False, **more)


def run_command(shell: Shell, program: PurePath) -> str:
    """The command that runs *program* (absolute), wherever it lies."""
    return filled(shell, family(shell).run, program)


def command_line(shell: Shell, program: PurePath, words: Iterable[str]) -> str:
    """The command that runs *program* (absolute) with *words*."""
    return " ".join((run_command(shell, program), *quoted(shell, words)))


def quoted(shell: Shell, words: Iterable[str]) -> tuple[str, ...]:
    """Each of *words* as *shell* reads it behind a command; plain ones need no quotes anywhere."""
    plain = re.compile(r"-*[A-Za-z][\w-]*", re.ASCII)
    return tuple(word if plain.fullmatch(word) else quote(shell, word) for word in words)


def prepend_path_command(shell: Shell, directory: PurePath) -> str:
    """The command that puts *directory* (absolute) first on PATH in the running shell."""
    return filled(shell, family(shell).prepend_path, directory, on_path=True)


def set_command(shell: Shell, name: str, value: str) -> str:
    """The command that sets the variable *name* in the running *shell*."""
    return filled(shell, family(shell).set_variable, value, name=name)


def new_home_command(shell: Shell) -> str:
    """The command that gives the running *shell* an empty home directory."""
    return family(shell).new_home


def chown_command(shell: Shell, user: str, *places: PurePath) -> str:
    """The command that gives *places*, and what is in them, to *user*; empty: who is logged in."""
    whose = quote(shell, user) if user else family(shell).user
    return " ".join(("sudo chown -R", whose, *(quote(shell, str(one)) for one in places)))


def unset_command(shell: Shell, name: str) -> str:
    """The command that takes the variable *name* out of the running *shell*."""
    return family(shell).unset.format(name=name)


def forget_command(shell: Shell) -> str | None:
    """The command by which *shell* forgets where it found commands; None if it remembers none."""
    return family(shell).forget or None


def path_line(shell: Shell, directory: PurePath) -> str:
    """The line for a profile that puts *directory* (absolute) first on PATH, unless it is there.

    Started within each other, shells read their profiles again: PATH must not grow. Empty where
    safepip knows no such line.
    """
    prepend_path = prepend_path_command(shell, directory)
    line = family(shell).path_line
    return filled(shell, line, directory, on_path=True, prepend_path=prepend_path)


def question(shell: Shell, first: str, second: str, *, login: bool) -> tuple[str, ...]:
    """The arguments that have *shell* print PATH between two marks; empty: it cannot be asked.

    The mark before it is *first* and *second*, the one behind it the other way round.
    """
    own = family(shell)
    words = own.question_at_login if login and own.question_at_login else own.question
    return tuple(word.format(first=first, second=second) for word in words)


BLIND_TO_NEW_FILES = frozenset({Shell.TCSH, Shell.CSH})
"""Those that find no command which came onto PATH after they had listed PATH's files."""
