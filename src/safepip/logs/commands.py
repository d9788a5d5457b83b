"""The pip commands that a log shows, behind whatever prompt or mark stands before them.

Pure text. A log can come from any shell: POSIX quoting is read where the line does not look like
Windows', and what cannot be read as quoted words is split at white space.
"""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple

from safepip.reading.arguments import INSTALL_FLAGS, command_index
from safepip.reading.paths import unescape
from safepip.reading.text import decode


class ShownCommand(NamedTuple):
    """One pip command as somebody typed it."""

    words: tuple[str, ...]
    """What follows ``pip``."""
    variables: tuple[tuple[str, str], ...] = ()
    """Assignments before it: ``PIP_USER=1 pip …``."""
    python: str | None = None
    """The Python it named: ``python3.11`` of ``python3.11 -m pip`` or ``pip3.11``."""


_COMMANDS = frozenset(
    {
        *("cache", "check", "completion", "config", "debug", "download", "freeze", "hash", "help"),
        *("index", "inspect", "install", "list", "lock", "search", "show", "uninstall", "wheel"),
        *("--version", "-V", "--help", "-h"),
    }
)

_MARK = re.compile(
    # Docker's and CI's own marks, and the prompts of shells, notebooks and test runners.
    rb"(?:\d{1,2}[.)] |[-*] )?`?"
    rb"(?:(?:=> )?(?:ERROR )?(?:>+ )?(?:\[[^\]]{1,30}\] )?(?:Step \d+/\d+ : )?RUN (?:--\S+ )*"
    rb"|(?:=> )?(?:> )?\[[^\]]{1,30}\] RUN "
    rb"|Run |\[command\]|\$ |[+]+ |[!%]|(?:Running|Executing)(?: command)?: "
    rb"|(?:PS )?[A-Z]:\\[^<>|\"]{0,120}> ?"
    rb"|PS [^<>|\"]{1,120}> ?"
    rb"|(?:\S{1,60} +){0,4}(?:\S{0,80}[$%#>\]|] |\S{0,80}[$%#>] ?!?|In \[\d*\]: [!%]"
    rb"|\S{0,80}(?:\xe2\x9d\xaf|\xe2\x9e\x9c|\xe2\x9c\x97|\xce\xbb) ))"
)
_NAME = re.compile(r"(?:safe)?pip(\d(?:\.\d+)?)?(?:\.exe|\.pyz|\.__main__)?", re.IGNORECASE)
_PYTHON = re.compile(r"(?:python|pypy|py)[\d.]*t?(?:\.exe)?", re.IGNORECASE)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_COMMENT = re.compile(r"\s#| {9}")  # or what zsh writes at the right margin
_OPERATOR = re.compile(r"[;&|]+|\d?[<>]+&?\d?.*")
_FORERUNNERS = frozenset(
    {
        *("sudo", "doas", "exec", "time", "timeout", "env", "command", "nohup", "then", "do", "if"),
        *("bash", "sh", "ssh", "docker", "podman", "poetry", "pipenv", "pdm", "hatch", "conda"),
        *("uv", "nice", "ionice", "setsid", "stdbuf", "unbuffer"),
        *("mamba", "micromamba", "winpty", "call", "cmd", "xargs", "Run", "RUN"),
    }
)
"""Programs that run the command behind them."""
_OF_OTHERS = re.compile(
    rb"\"cmd\": \"(.+?)\"(?:,|\}|\Z)"
    rb"|process \"(?:/bin/(?:ba)?sh (?:-\w+ )*-c )?(.*?)\" did not complete"
    rb"|The command '(?:/bin/(?:ba)?sh (?:-\w+ )*-c )?(.*?)' returned a non-zero code"
    rb"|InvocationError for command (.*?) \(exited with code"
)
_LISTED = re.compile(
    rb"Command:? '?[\[(](['\"].*?['\"])[\])]'?(?: returned non-zero| errored |\Z)"
    rb"|(?:\"cmd\": |(?:CMD|RUN) )\[ *(\".*?\") *\]"
)


def shown_commands(line: bytes) -> tuple[ShownCommand, ...]:
    """Give the pip commands that *line*, without time stamps, is the echo of."""
    mark = _MARK.match(line)
    found = read_commands(decode(line[mark.end() :]).rstrip(":`")) if mark else ()
    if b"&& uv pip " in line:  # behind what installs uv itself
        return read_commands(decode(line[mark.end() if mark else 0 :]), uv=True)
    # Without a mark only what is a command from its beginning, and no sentence about one.
    found = found or (() if _SENTENCE_ENDS.search(line) else read_commands(decode(line)))
    return tuple(command for command in found if not _is_prose(command.words))


def _is_prose(words: tuple[str, ...]) -> bool:
    """Whether *words*, of an install, go on as a sentence does: a title about it, behind a mark."""
    told = [bool(_PROSE.fullmatch(word)) for word in words[1:]]
    return words[:1] == ("install",) and (sum(told) > 1 or all(told) or told[-1])


_SENTENCE_ENDS = re.compile(rb"(?:[:,]|[^ ./]\.)$")  # ``pip install .`` is none
WRITING = frozenset({"install", "uninstall", "download", "wheel"})
_QUOTED = re.compile(rb"[`*\"]([^`*\"]{0,40}\bpip[\d.]* [^`*\"]{4,300})[`*\"]")
_MENTIONED = re.compile(
    rb"\b(?:pip[\d.]*(?:\.exe)?[\"']? install|easy_install[\d.-]*) +([^`*\"()|;&]{1,200})"
)
_REQUIREMENT = re.compile(
    r"(?:git\+|https?:)\S+|[A-Za-z0-9][\w.-]*(?:\[[\w.,-]+\])?(?:[<>=!~]=?\S+)?"
)
_ADVICE = re.compile(rb"pgrading via|o update, run|onsider ")
"""Lines of pip's own that tell what to run."""
_PROSE = re.compile(
    r"a|after|again|all|an|and|any|as|at|because|before|but|can(?:not)?|causes?|command|denied|do(?:es)?"
    r"|errors?|fail(?:s|ed|ing|ures?)?|for|from|g(?:ave|ets?|ives|ot)|has|have|i|if|in(?:side|stead|to)?|is|issues?"
    r"|it|my|needs?|no|not|occur(?:s|red)?|of|on|or|(?:some-?)?packages?|package-?names?|permissions?|problems?|r(?:aises|eturns)"
    r"|sa(?:id|ys)|see|should|so|some|step|still|that|the(?:n|re)?|this|throws?|to|under|us(?:e[ds]?|ing)|via|was|when|which"
    r"|while|will|with|without|works|xyz|my-?package|you|\[.*\]|\{.*\}|[^\x00-\x7f]+",
    re.IGNORECASE,
)
"""Words that follow ``pip install`` in a sentence about it."""


def mentioned_words(line: bytes) -> tuple[str, ...]:
    """Give the arguments of an install that *line*, a sentence, speaks of."""
    found = _MENTIONED.search(line) if b"install" in line else None
    if found is None or _ADVICE.search(line):
        return ()
    words = [word.strip("'") for word in decode(found[1]).split()]
    words = [word.rstrip(".,:;?!" if "[" in word else ".,:;?!]") or word for word in words]
    told: list[str] = []
    for word in words:
        if word in {"--user", "--system", "--break-system-packages"}:
            continue
        if told[-1:] in (["-r"], ["-e"], ["-c"], ["--requirement"]) or word.startswith("-"):
            told.append(word)
        elif _PROSE.fullmatch(word) or not _REQUIREMENT.fullmatch(word):
            # A sentence goes on behind the first name.
            named = [at for at, word in enumerate(told) if not word.startswith("-")]
            all_named = not word.isascii()  # another language tells where the names end
            return tuple(told if all_named else told[: named[0] + 1]) if named else ()
        else:
            told.append(word)
    return tuple(told) if any(not word.startswith("-") for word in told) else ()


def quoted_commands(line: bytes) -> tuple[ShownCommand, ...]:
    """Give the pip commands that somebody quotes in *line*, a sentence about them."""
    found = None if _ADVICE.search(line) else _QUOTED.search(line)
    commands = () if found is None else read_commands(decode(found[1]))
    # Of ``pip install <package>`` nothing is left that somebody could have typed.
    return tuple(c for c in commands if WRITING & set(c.words) and not _is_prose(c.words))


def failed_commands(line: bytes) -> tuple[ShownCommand, ...]:
    """Give the pip commands that a program says, in *line*, to have run in vain."""
    if (found := _OF_OTHERS.search(line)) is not None:
        return read_commands(decode(next(group for group in found.groups() if group)))
    if (found := _LISTED.search(line)) is not None:
        quoted = re.findall(r"'([^']*)'|\"([^\"]*)\"", decode(found[1] or found[2]))
        words = [unescape(a or b) for a, b in quoted]
        return tuple(_in_words(words))
    return ()


def read_commands(text: str, *, uv: bool = False) -> tuple[ShownCommand, ...]:
    """Give the pip commands in *text*, a command line of some shell; *uv*: also ``uv pip``."""
    found: list[ShownCommand] = []
    words: list[str] = []
    for word in [*_split(_COMMENT.split(text, maxsplit=1)[0]), ";"]:
        if _OPERATOR.fullmatch(word):
            found += _in_words(words, uv=uv)
            words = []
        else:
            words.append(word)
    return tuple(found)


def given_command(text: str) -> ShownCommand | None:
    """Give the pip command that somebody says was run; the word ``pip`` in front may be missing.

    None for a command of another program.
    """
    text = _TYPED.sub("", _WRAPPED.sub(r"\2", text.strip()))
    commands = read_commands(text, uv=True) or shown_commands(text.encode())
    if not commands:
        words = _split(text)
        first = next((word for word in words if not word.startswith("-")), "")
        commands = read_commands(f"pip {text}") if first in _COMMANDS else ()
    return commands[-1] if commands else None


_WRAPPED = re.compile(r"\A([`'\"])(.*)\1\Z", re.DOTALL)
_TYPED = re.compile(r"\A(?:[$!%>] ?)+")
"""What stands before a command in a notebook or behind a prompt."""


_SPECIAL = re.compile(r"[\"'\\;&|]")


def _split(text: str) -> list[str]:
    """Split *text* into words; operators stand alone."""
    text = re.sub(r"(?<=\s)[\u2013\u2014](?=[a-z])", "--", text)  # a word processor's dash
    if _SPECIAL.search(text) is None:
        return text.split()
    windows = bool(re.search(r"(?:^|[\s\"'])[A-Za-z]:\\|\.exe\b|\w\\\w", text))
    if not windows:
        lexer = shlex.shlex(text, posix=True, punctuation_chars=";&|")
        lexer.whitespace_split = True
        lexer.commenters = ""
        try:
            return list(lexer)
        except ValueError:  # cut off inside a quote
            pass
    pieces = re.findall(r"(?:\"[^\"]*\"|'[^']*'|[^\s;&|\"'])+|[;&|]+", text)
    pieces = [re.sub(r"\"([^\"]*)\"|'([^']*)'", r"\1\2", piece) for piece in pieces]
    return [re.sub(r"(?<=\w|:)\\\\(?=\w)", r"\\", piece) for piece in pieces]


def _in_words(words: list[str], *, uv: bool = False) -> list[ShownCommand]:
    """The pip command in *words*, a simple command; none, or one."""
    if len(words) > 2 and re.fullmatch(r"-[a-z]*c", words[-2]) and " " in words[-1]:  # of a shell
        return list(read_commands(words[-1], uv=uv))
    words = [part for word in words for part in (("-m", "pip") if word == "-mpip" else (word,))]
    others = {"install", "download"} if uv else {"uv", "install", "download"}
    variables: list[tuple[str, str]] = []
    for at, word in enumerate(words):
        assignment = _ASSIGNMENT.fullmatch(word)
        if assignment is not None:
            variables.append((assignment[1], assignment[2]))
            continue
        name = _NAME.fullmatch(_base(word))
        if name is None or (at and words[at - 1] in others):
            continue
        rest = words[at + 1 :]
        before = [word for word in words[:at] if not _ASSIGNMENT.fullmatch(word)]
        is_run = not before or before[0] in _FORERUNNERS or _PYTHON.fullmatch(_base(before[0]))
        if not _COMMANDS & set(rest) or not is_run:  # a word of prose
            return []
        python = f"python{name[1]}" if name[1] else None
        if at > 1 and re.fullmatch(r"-[A-Za-z]*m", words[at - 1]):
            python = next((w for w in reversed(words[:at]) if _PYTHON.fullmatch(_base(w))), None)
        typed = command_index(rest) or 0
        if rest[typed] == "install" and INSTALL_FLAGS & set(rest[:typed]):  # pip takes them behind
            rest.insert(0, rest.pop(typed))
        return [ShownCommand(words=tuple(rest), variables=tuple(variables), python=python)]
    return []


def _base(word: str) -> str:
    return re.split(r"[\\/]", word)[-1]
