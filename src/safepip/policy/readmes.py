"""What a README says, in the words that the voters ask for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from safepip.reading.names import normalized

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def find_install(text: str, name: str, extras: Collection[str]) -> str | None:
    """Find where *text* says to install *name* (normalized) as a tool: "pipx install NAME".

    Or "uvx NAME", or the package manager of a system where a library would have another name
    (Homebrew has none, Arch and Guix call it python-NAME, Alpine py3-NAME, MacPorts py-NAME); so
    Debian's and Fedora's do not count. A package among others ("brew install NAME pkg-config") is
    a native library that has to be there, not this distribution. What is named with more than
    *extras* does not count.
    """
    wanted = {normalized(extra) for extra in extras}
    for match in _INSTALLS.finditer(text):
        if normalized(match["name"].removesuffix(".git")) != name:
            continue
        named = {normalized(e) for e in (match["extras"] or "").split(",") if e.strip()}
        if not named <= wanted:
            continue
        if _WARNING.search(text[max(0, match.start() - 60) : match.start()]):
            continue  # "do not pipx install NAME"
        if match["system"] and _FURTHER_WORD.match(text, match.end()):
            continue
        return f"{' '.join(match['tool'].split())} {name}"
    for match in _PLACES.finditer(text):
        if normalized(match["server"] or match["page"]) == name:
            return f"uvx {name}" if match["server"] else match[0]
    return None


def hooks(text: str) -> Iterator[str]:
    """Give the repositories of pre-commit's hooks. Source: pre-commit.com, "repos: - repo: URL"."""
    return (match["repository"] for match in _HOOKS.finditer(text))


def lead(text: str) -> str:
    """Give the first paragraph of prose, without markup; "" if none is near the top."""
    for paragraph in re.split(r"\n\s*\n", _MARKUP.sub(" ", text[:_REACH])):
        prose = " ".join(_NO_PROSE.sub("", paragraph).split())
        if _SENTENCE.match(prose):
            return prose
    return ""


class Run(NamedTuple):
    """Where a README shows a command."""

    command: str
    arguments: str = ""

    @property
    def names_object(self) -> bool:
        """Whether it is given an object of one's own code: ``project.asgi:app``."""
        return bool(_OBJECT.search(self.arguments))


def runs(text: str, commands: Collection[str]) -> Iterator[Run]:
    """Give the lines of code in *text* that run one of *commands*.

    Code is what is fenced, but not as another language's, is indented, or has a prompt; in a line
    of prose it is what stands between backticks and has an argument.
    """
    if not commands:
        return
    names = "|".join(sorted(map(re.escape, commands), key=len, reverse=True))
    line_of_code = re.compile(_LINE_OF_CODE.format(names=names), re.VERBOSE)
    in_prose = re.compile(_IN_PROSE.format(names=names), re.VERBOSE)
    language: str | None = None
    for line in text.splitlines():
        line = line[:_LONGEST_COMMAND]  # noqa: PLW2901 - what a line may cost is its length squared
        fence = _FENCE.match(line)
        if fence:
            language = None if language is not None else fence["language"].lower()
        elif language in _OTHER_LANGUAGES:
            continue
        else:
            found = line_of_code.match(line)
            if found is None or not _is_shown(found, language):
                found = None if language is not None else in_prose.search(line)
            if found is not None:
                yield Run(found["name"], found["arguments"] or "")


def shows_module(text: str, modules: Collection[str]) -> bool:
    """Whether *text* runs one of *modules* by ``python -m``, from the environment that it is in."""
    names = "|".join(map(re.escape, modules))
    return bool(names and re.search(rf"\bpython[\d.#]* -m (?:{names})\b", text))


def shows_page(text: str, page: str) -> bool:
    """Whether *text* has the address *page* (bare), or one below it."""
    return bool(re.search(rf"(?<![\w.-]){re.escape(page)}(?![\w-])", text, re.IGNORECASE))


def _is_shown(found: re.Match[str], language: str | None) -> bool:
    arguments = found["arguments"] or ""
    if _WORDS_OF_PROSE.match(arguments):
        return False
    if found["prompt"] or (language is not None and (arguments or language)):
        return True
    is_indented = "\t" in found["indent"] or "  " in found["indent"]
    return is_indented and bool(arguments) and arguments[-1] not in ".,:"


_LONGEST_COMMAND = 300
_LINE_OF_CODE = r"""
    (?P<indent> [ \t>]* )
    (?P<prompt> (?: (?: \(\w+\)[ \t]* )? [\w.@~:/-]* [$%\u276f\u279c\u00bb] | [Uu]sage: ) [ \t]* )?
    (?: [^|`]* \| [ \t]* )? (?: (?:sudo|poetry[ ]run|uv[ ]run|uvx) [ \t]+ )?
    (?: python3?[ ] (?=\S+\.py\b) )? (?: \./ )? (?P<name>{names}) (?:\.py)? (?![\w.:/=-])
    (?: [ \t]+ (?P<arguments> \S.* ) )? $"""
_IN_PROSE = r"""
    (?: ` (?: [^|`]* \| [ \t]* | \$[ \t]* )? (?:sudo[ \t]+)? (?= [^ `]+ [ \t] )
      | \b (?: run | type | execute | launch ) (?:n?ing)? [ \t]+ `+ )
    (?P<name>{names}) (?: [ \t]+ (?P<arguments> [^`]+ ) )? `(?!(?<=>`)_)"""
_FENCE = re.compile(r"[ \t>]*(?:```+|~~~+)[ \t]*\{?[.#]?(?P<language>\w*)[^`]*$")
_OTHER_LANGUAGES = frozenset({
    "c", "cfg", "cpp", "diff", "html", "ini", "ipython", "java", "js", "json", "lua", "makefile",
    "py", "pycon", "python", "python3", "rust", "sql", "toml", "vim", "xml", "yaml", "yml",
})  # fmt: skip
_WORDS_OF_PROSE = re.compile(
    r"(?:(?:an?|and|are|as|at|be|by|can|does|for|from|has|have|in|is|it|its|may|must|of|on|or"
    r"|provides|should|supports|that|the|this|to|was|were|which|will|with)\b|[=:+(,](?!/)|\{$)"
)
_OBJECT = re.compile(r"(?:^|[ \t])[A-Za-z_][\w.]*:[A-Za-z_]\w*(?:\(\))?(?=[ \t`]|$)")

_REACH = 6000
_MARKUP = re.compile(
    r"<!--.*?-->|<[^<>]*>|!\[[^\]\n]*\](?:\([^()\n]*\)|\[[^\]\n]*\])?|\]\([^()\n]*\)|[][`*_]+"
    r"|\|[^|\n]*\|",
    re.DOTALL,
)
# Headings of Markdown and reStructuredText, directives and fields.
_NO_PROSE = re.compile(
    r"^[ \t]*#.*|^.*\n[ \t]*([=~^\"+-])\1{2,}[ \t]*$|^\.\. .*(?:\n[ \t]+.*)*|^[ \t]*:[\w ]+:.*",
    re.MULTILINE,
)
# Four words and one of the language's small ones: no row of links or badges.
_SENTENCE = re.compile(
    r"(?=.*\b(?:an?|and|for|is|of|the|to|with|your)\b)(?:[^\W\d_][\w'/.-]*\W+){4}", re.IGNORECASE
)

# Options may stand between ("pipx install --force NAME"), and the name may be quoted. "install" and
# the name are on one line: a sentence that ends in "pipx install" names nothing.
_INSTALLS = re.compile(
    r"""(?<![\w-])
    (?P<tool> pipx[ \t]+(?:install|run|upgrade|inject) | uv[ \t]+tool[ \t]+(?:install|run|upgrade)
      | uvx
      | (?P<system> (?:brew|choco|guix|port|scoop|snap|winget)[ \t]+install
        | apk[ \t]+add | (?:pacman|yay|paru)[ \t]+-S[yu]* | nix-shell[ \t]+-p
        | nix[ \t]+(?:run|profile[ \t]+(?:add|install))[ \t]+nixpkgs\# ))
    (?: (?<=\#) | [ \t]+ )
    (?: --?(?:p|python|with)[ \t]+\S+[ \t]+ | -(?!-cask\b)[\w-]+ (?: =\S+ )? [ \t]+ )*
    ["'`]?
    (?: (?<=brew[ ]install[ ]) [\w-]+/[\w-]+/ | git\+https://[\w.-]+/(?:[\w.~-]+/)+ )?
    (?P<name> [A-Za-z0-9] (?: [A-Za-z0-9._-]* [A-Za-z0-9] )? )
    (?: \[ (?P<extras> [\w., \t-]* ) \] )?
    (?! [\w/:[-] | \.\w )""",
    re.VERBOSE,
)
_FURTHER_WORD = re.compile(r"""["']?[ \t]+[A-Za-z0-9]""")
_WARNING = re.compile(r"\b(?:not|never|avoid|instead of|\w+n.t)\b[^.,;:\n]*$", re.IGNORECASE)

# In the settings of what starts MCP servers; pages of distributors that have no libraries, or have
# them under another name.
_PLACES = re.compile(
    r"""
    ["'](?:command|path)["']\s*:\s*["']uvx["']\s*,\s*["']args["']\s*:\s*\[\s*
        (?: ["']-[\w-]+["']\s*,\s* )* ["'](?P<server>[A-Za-z0-9][\w.-]*)(?:@latest)?["']
    | (?: formulae\.brew\.sh/formula | aur\.archlinux\.org/packages | (?<![\w.])snapcraft\.io
        | chocolatey\.org/packages ) / (?P<page>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)
    """,
    re.VERBOSE,
)
_HOOKS = re.compile(
    r"""^[ \t]*-[ \t]+repo:[ \t]*["']?(?P<repository>https?://[\w.-]+/[\w./~-]+)""", re.MULTILINE
)
