"""What a README says, in the words that the voters ask for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

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
    wanted = {canonicalize_name(extra) for extra in extras}
    for match in _INSTALLS.finditer(text):
        if canonicalize_name(match["name"].removesuffix(".git")) != name:
            continue
        named = {canonicalize_name(e) for e in (match["extras"] or "").split(",") if e.strip()}
        if not named <= wanted:
            continue
        if _WARNING.search(text[max(0, match.start() - 60) : match.start()]):
            continue  # "do not pipx install NAME"
        if match["system"] and _FURTHER_WORD.match(text, match.end()):
            continue
        return f"{' '.join(match['tool'].split())} {name}"
    for match in _PLACES.finditer(text):
        if canonicalize_name(match["server"] or match["page"]) == name:
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
