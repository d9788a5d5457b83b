"""What a shell holds itself under a name, before it looks at PATH, as its integration tells.

Pure. The text is ``SAFEPIP_SHELL_WORDS``, filled on an install:
names below the lines ``functions:`` and ``builtins:``, then below ``aliases:`` what the shell's
``alias`` prints. What makes no sense there is passed over: it must never stop an install.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from safepip.model.outcome import ShellWord

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECTIONS = ("functions:", "builtins:", "aliases:")

# Ours, or an alias for us: what these run is what was just installed, where it counts.
_PIP = re.compile(r"pip(?:3(?:\.\d+)?)?", re.ASCII)

# `alias ll='ls -l'` (bash, zsh), `ll='ls -l'` (sh), `ll\tls -l` (tcsh), `alias ll 'ls -l'` (fish).
_ALIAS = re.compile(
    r"(?:alias\s+)?(?:-(?P<flag>[gs])\s+|--\s+)?(?P<name>'[^']*'|[^\s='\"]+)(?:=|\t|\s)(?P<value>.*)"
)

# Words before the command that do not change which one is run.
_BEFORE_THE_COMMAND = frozenset({"builtin", "command", "exec", "nocorrect", "noglob"})


class Held(NamedTuple):
    """What a shell runs for a name that it does not look for on PATH."""

    word: ShellWord
    what: str
    """The command of an alias; empty for a function."""
    is_ours: bool


def read_held(text: str) -> Mapping[str, Held]:
    """What the shell holds under the names of pip and Python, by ``SAFEPIP_SHELL_HOLDS``.

    Below each name and a colon stands what the shell says that the name is (``command -V`` and the
    function's text, fish's ``type``).
    """
    found = {}
    for name, said in re.findall(r"^(\w+):\n((?:(?!\w+:\n).*\n?)*)", text, re.MULTILINE):
        first, _, body = said.partition("\n")
        alias = re.search(
            r"(?<!tracked )alias(?:ed to|\s+for|\s+[\w.]+=)\s*(.*)", first + "\n" + body
        )
        if alias is not None:
            what = alias[1].strip().strip("`'\"")
            found[name] = Held(ShellWord.ALIAS, what, "safepip" in what)
        elif "function" in first:
            # dash shows no function's text; ours are there, where this was asked.
            ours = "__safepip" in body or not body.strip()
            found[name] = Held(ShellWord.FUNCTION, "", ours)
    return found


class ShellNames(NamedTuple):
    """The names that a shell knows without PATH."""

    aliases: Mapping[str, str] = {}
    """To the command that each begins with."""
    functions: frozenset[str] = frozenset()
    builtins: frozenset[str] = frozenset()

    def held(self, name: str) -> ShellWord | None:
        """What typing *name* finds before PATH is asked; None: PATH decides.

        An alias for *name* with options (``alias black='black -q'``) still runs what PATH finds.
        """
        if name in self.aliases:
            return None if self.aliases[name] == name else ShellWord.ALIAS
        if name in self.functions:
            return ShellWord.FUNCTION
        return ShellWord.BUILTIN if name in self.builtins else None


def read(text: str) -> ShellNames:
    """The names in *text*, as an integration hands them over; empty: none."""
    found: dict[str, list[str]] = {section: [] for section in _SECTIONS}
    section = ""
    # tcsh's words cannot hold a line end; it sends another blank instead.
    for line in re.split(r"[\n\v]", text):
        if line in found:
            section = line
        elif section:
            found[section].append(line)
    functions = {line.strip().removesuffix("()") for line in found["functions:"]}
    return ShellNames(
        aliases=_aliases(found["aliases:"]),
        functions=frozenset(name for name in functions if name and not _PIP.fullmatch(name)),
        builtins=frozenset(line.strip() for line in found["builtins:"]),
    )


def _aliases(lines: list[str]) -> dict[str, str]:
    aliases = {}
    for line in lines:
        match = _ALIAS.match(line)
        # zsh's suffix aliases (-s) stand for files' endings.
        if match is None or match["flag"] == "s":
            continue
        name = match["name"].strip("'")
        if not _PIP.fullmatch(name):
            aliases[name] = _command(match["value"])
    return aliases


def _command(value: str) -> str:
    """The command that an alias's *value* begins with, as far as a look from outside tells."""
    for part in value.lstrip("$'\"(\\^").split():
        word = part.strip("\\'\");")
        if word not in _BEFORE_THE_COMMAND and not re.match(r"\w+=", word):
            return word
    return ""
