"""Is a requirement something to run, or something to import? The judgement, without looking.

Sending a library to pipx is the one error that cannot be made good, for then it can be imported
nowhere. So every rule here needs a positive sign, and what is not known is no application. The
signs were chosen on a set of well-known names with labels by others (Debian, Homebrew, Repology):
none of its libraries has one, though half of them ship a command.
"""

from __future__ import annotations

import configparser
import json
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from packaging.metadata import parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from safepip.model.applications import Application, ApplicationKind
from safepip.model.reasons import Reason, because
from safepip.model.requests import RequirementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from packaging.metadata import RawMetadata

    from safepip.model.reasons import Why
    from safepip.model.requests import RequestedRequirement


class WheelFacts(NamedTuple):
    """What the wheel that pip would choose says about itself."""

    name: str
    """Normalized (PEP 503)."""
    version: str
    commands: tuple[str, ...] = ()
    """Console scripts, GUI scripts, files in ``.data/scripts``; the one of its own name first."""
    classifiers: tuple[str, ...] = ()
    description: str = ""
    """The README, as far as it is in METADATA."""
    summary: str = ""
    urls: tuple[str, ...] = ()
    """Homepage, repository and whatever else METADATA names."""
    holds_only_programs: bool = False
    """Nothing of it lands where Python looks for modules, nor is a command of it Python's."""


class KnownName(NamedTuple):
    """One entry of the bundled list."""

    commands: tuple[str, ...] = ()
    include_deps: bool = False
    """Its commands live in a dependency."""


class KnownNames(NamedTuple):
    """The bundled list; names are normalized."""

    applications: Mapping[str, KnownName] = {}
    metapackages: Mapping[str, KnownName] = {}
    """Not taken for applications by themselves; where they are to be one, commands come from their
    dependencies."""
    program_home: Callable[[str], str | None] | None = None
    """Gives the homepage that Debian names of a program it ships, by the name; asked late, since
    that list is long."""
    is_module: Callable[[str], bool] = lambda _: False
    """Tells whether others need it, in Debian or on the index; asked late, likewise."""


# ---------------------------------------------------------------------------------------------
# The judgement


def judge(
    requirement: RequestedRequirement,
    *,
    overrides_applications: Collection[str] = (),
    overrides_libraries: Collection[str] = (),
    known: KnownNames | None = None,
    wheel: WheelFacts | None = None,
    problem: Why | None = None,
) -> Application:
    """Tell whether *requirement* is an application, a library, or unknown, and why.

    *wheel* is None where nothing could be read; *problem* says then why.
    The first rule that answers decides: the user's own lists, a wheel without a command, the
    bundled list, a wheel with nothing to import, the maintainers' word in the README (m1), the
    classifiers (m2), the summary (m4), Debian's list. Neither README, classifiers nor summary
    speak for what is also offered to import, or what others need.
    """
    if requirement.name is None or requirement.kind is not RequirementKind.NAMED:
        return Application(
            name=requirement.name or requirement.text,
            kind=ApplicationKind.UNKNOWN,
            why=because(Reason.ONLY_NAMED),
        )
    name = canonicalize_name(requirement.name)
    known = known or KnownNames()
    listed = known.applications.get(name)
    described = _Described(
        name=name,
        commands=_merge(wheel.commands if wheel else (), listed.commands if listed else ()),
        include_deps=bool(listed and listed.include_deps) or name in known.metapackages,
    )
    if name in _normalized(overrides_libraries):
        return described.as_library(because(Reason.CALLED_LIBRARY))
    if name in _normalized(overrides_applications):
        # An application by the user's word whose wheel brings no command: they can only come
        # from its dependencies.
        deps = described.include_deps or (wheel is not None and not wheel.commands)
        why = because(Reason.CALLED_APPLICATION)
        return described.as_application(why, include_deps=deps)
    if wheel is not None and not wheel.commands and not (listed and listed.include_deps):
        return described.as_library(because(Reason.NO_COMMAND))
    if listed is not None:
        return described.as_application(because(Reason.WELL_KNOWN))
    if wheel is None:
        why = because(Reason.UNKNOWN, problem=problem or because(Reason.NEVER_ASKED))
        return described.as_unknown(why)
    sign = native_sign(wheel)
    if sign is None and not (is_offered_for_import(wheel) or known.is_module(name)):
        sign = (
            readme_sign(wheel, extras=_extras(requirement.text))
            or classifier_sign(wheel)
            or summary_sign(wheel)
        )
    if sign is None and known.program_home is not None:
        sign = program_sign(wheel, known.program_home(name))
    if sign is not None:
        return described.as_application(sign)
    return described.as_library(because(Reason.ALSO_A_COMMAND, commands=wheel.commands, name=name))


def readme_sign(wheel: WheelFacts, *, extras: Collection[str] = ()) -> Why | None:
    """Give the maintainers' own word that this is to be installed as a tool (rule m1).

    "pipx install NAME", "uv tool install NAME", "uvx NAME" or "brew install NAME" in the README.
    With extras (``NAME[proxy]``) it only speaks of a request that has them too, for a library can
    have an extra that makes it an application. A formula among others ("brew install NAME
    pkg-config") is a native library that has to be there, not this distribution.
    """
    if not wheel.commands:
        return None
    wanted = {canonicalize_name(extra) for extra in extras}
    for match in _INSTALLS.finditer(wheel.description):
        if canonicalize_name(match["name"]) != wheel.name:
            continue
        named = {canonicalize_name(e) for e in (match["extras"] or "").split(",") if e.strip()}
        if not named <= wanted:
            continue
        before = wheel.description[max(0, match.start() - 60) : match.start()]
        if _WARNING.search(before):  # "do not pipx install NAME"
            continue
        tool = " ".join(match["tool"].split())
        if tool.startswith("brew") and _FURTHER_WORD.match(wheel.description, match.end()):
            continue
        return because(Reason.README, words=f"{tool} {wheel.name}")
    return None


def classifier_sign(wheel: WheelFacts) -> Why | None:
    """Give the classifier that shows a program for a terminal or a desktop (rule m2).

    Such an Environment counts only beside no other Environment that a library would name, no
    Framework and no topic below Software Development.
    """
    if not wheel.commands:
        return None
    if any(classifier.startswith(_LIBRARY_SIGNS) for classifier in wheel.classifiers):
        return None
    if _TWO_THINGS.search(wheel.summary):
        return None
    for classifier in wheel.classifiers:
        if any(classifier == s or classifier.startswith(f"{s} ::") for s in _APPLICATION_SIGNS):
            return because(Reason.CLASSIFIER, commands=wheel.commands, classifier=classifier)
    return None


def native_sign(wheel: WheelFacts) -> Why | None:
    """Give the sign that the wheel holds programs and nothing that could be imported."""
    if not (wheel.holds_only_programs and wheel.commands):
        return None
    return because(Reason.NATIVE, commands=wheel.commands)


def summary_sign(wheel: WheelFacts) -> Why | None:
    """Give the project's own word that it is a program (rule m4).

    A summary such as "a command-line tool for …", "linter", "language server" says so by itself;
    "tool" does where no classifier speaks of libraries. Whoever says "API and command line" is
    both. That a README runs the command of the project's own name is no sign: libraries that
    have a command show it, too.
    """
    if not wheel.commands or _TWO_THINGS.search(wheel.summary):
        return None
    said = _PROGRAM.search(wheel.summary)
    if said is None and not _is_classified_as_library(wheel):
        said = _TOOL.search(wheel.summary)
    return said and because(Reason.CALLS_ITSELF, commands=wheel.commands, said=said[0])


def _is_classified_as_library(wheel: WheelFacts) -> bool:
    return any("Libraries" in c or c.startswith("Framework ::") for c in wheel.classifiers)


def program_sign(wheel: WheelFacts, home: str | None) -> Why | None:
    """Give the sign that Debian ships this very project as a program.

    *home* is the homepage that Debian names, None if it ships none of that name. A name alone is
    no sign, for another project can have it: its own metadata has to name the same homepage or
    repository. What calls itself a library is one, whatever commands come with it.
    """
    if home is None or not wheel.commands or calls_itself_library(wheel):
        return None
    if not any(_is_same_page(url, home) for url in wheel.urls):
        return None
    return because(Reason.DEBIAN, home=home)


def calls_itself_library(wheel: WheelFacts) -> bool:
    """Whether its metadata offers it to import: by topic, by its name or in a word, by an example.

    Applications show an import, too, now and then; but whoever imports what pipx keeps apart finds
    nothing, and whoever has an application in an environment can still run it.
    """
    return _is_classified_as_library(wheel) or is_offered_for_import(wheel)


def is_offered_for_import(wheel: WheelFacts) -> bool:
    """Whether its name, its summary or an example in its README says that it is to be imported."""
    if wheel.name.startswith(("py-", "python-")) or _LIBRARY_WORDS.search(wheel.summary):
        return True
    names = {wheel.name, wheel.name.partition("-")[0], wheel.name.removeprefix("py")}
    modules = "|".join(re.escape(n).replace("\\-", "[-_.]") for n in sorted(names) if n)
    own = (
        rf"^[ \t>`$.*-]*(?:from (?:{modules})\b[\w.]* import |import (?:[\w.]+, )?(?:{modules})\b"
        rf"(?![-\w]))"
    )
    return bool(re.search(own, wheel.description, re.MULTILINE | re.IGNORECASE))


def _is_same_page(url: str, home: str) -> bool:
    url, home = bare_url(url), bare_url(home)
    return url == home or url.startswith(home + "/")


def bare_url(url: str) -> str:
    """Bring *url* into the form in which addresses are compared: no scheme, no www, no ending.

    The pages that a forge or Read the Docs makes of a repository count as the repository, in every
    language and version.
    """
    url = re.sub(r"^[a-z+]*://(?:[^/@]*@)?(?:www\.)?", "", url.strip().lower())
    url = re.sub(r"(?:\.git)?(?:[#?].*)?$", "", url).rstrip("/").removesuffix(".git")
    url = re.sub(r"^([\w-]+)\.(github|gitlab)\.io/([^/]+)", r"\2.com/\1/\3", url)
    return re.sub(r"\.readthedocs\.(?:org|io)(?:/[a-z-]+/(?:latest|stable))?$", ".rtfd", url)


_LIBRARY_WORDS = re.compile(
    # What is for a framework, or uses an SDK, is none itself.
    r"\A(?:(?!\b(?:for|using|with|in|from)\b).)*\b(?:bindings?|SDK|framework)(?!\w)"
    r"|\b(?:librar(?:y|ies) (?:for|to|that|which|and|with|written|of)|[\w-]+ library\Z"
    r"|module (?:to|for|that)|API (?:client|wrapper)"
    r"|(?:Python|pure[- ]Python) (?:librar(?:y|ies)|module|API|implementation|wrapper|interface"
    r"|package(?! (?:and|manag|ind|inst))))(?!\w)",
    re.IGNORECASE,
)

_PROGRAM = re.compile(
    r"""
    \bcommand[- ]?line\ (?:[\w/-]+\ ){0,2}?
        (?: interface | tools? | utilit(?:y|ies) | client | programs? | app(?:lication)? | wrapper
        | environment | downloader )
        \b (?!\ (?:toolkit|framework|librar|formulation|pars|argument|option))
    | \bCLI\b (?!\ (?:framework|librar|apps|applications|tools\b|toolkit|builder|argument|and\b))
    | \b(?:web|desktop)\ (?:application|GUI)\b | \bis\ a\ program\b
    | \b(?:linter|TUI|language\ server|package\ manager|downloader|MCP\ server)\b
    | \b(?:code|type|style)\ (?:\w+\ )? (?:checker|formatter|analy[sz]er)\b
    | \bstatic\ (?:\w+\ )? (?:checker|analy[sz]er|analysis)\b
    | \bterminal\b (?=.*\b(?:interface|app(?:lication)?|client|recorder|viewer|browser|UI)\b)
    | \bin\ (?:your|the)\ terminal\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TOOL = re.compile(r"\btool\b", re.IGNORECASE)
_IMPORTED = r"(?:API|librar(?:y|ies)|lib|module|SDK|package)"
_TWO_THINGS = re.compile(
    rf"\b{_IMPORTED}\s*(?:and\b|/|&|\+)|(?:\band|/|&|\+)\s*(?:\w+ )?{_IMPORTED}\b"
    r"|\b(?:plugin|extension)\b|\b(?:for building|to build)\b",
    re.IGNORECASE,
)

_APPLICATION_SIGNS = (
    "Environment :: Console",
    "Environment :: MacOS X",
    "Environment :: Win32 (MS Windows)",
    "Environment :: X11 Applications",
)
_LIBRARY_SIGNS = (
    "Environment :: Other Environment",
    "Environment :: Web Environment",
    "Framework ::",
    "Topic :: Software Development ::",
)

# Options may stand between ("pipx install --force NAME"), and the name may be quoted. "install" and
# the name are on one line: a sentence that ends in "pipx install" names nothing.
_INSTALLS = re.compile(
    r"""(?<![\w-])
    (?P<tool> pipx[ \t]+install | uv[ \t]+tool[ \t]+install | uvx | brew[ \t]+install ) [ \t]+
    (?: -[\w-]+ (?: =\S+ )? [ \t]+ )*
    ["'`]?
    (?P<name> [A-Za-z0-9] (?: [A-Za-z0-9._-]* [A-Za-z0-9] )? )
    (?: \[ (?P<extras> [\w., \t-]* ) \] )?
    (?! [\w/:[-] | \.\w )""",
    re.VERBOSE,
)
_FURTHER_WORD = re.compile(r"""["']?[ \t]+[A-Za-z0-9]""")
_WARNING = re.compile(r"\b(?:not|never|avoid|instead of|\w+n.t)\b[^.,;:\n]*$", re.IGNORECASE)


# ---------------------------------------------------------------------------------------------
# Verdicts


class _Described(NamedTuple):
    name: str
    commands: tuple[str, ...]
    include_deps: bool

    def as_application(self, why: Why, *, include_deps: bool | None = None) -> Application:
        deps = self.include_deps if include_deps is None else include_deps
        return self._verdict(ApplicationKind.APPLICATION, why, include_deps=deps)

    def as_library(self, why: Why) -> Application:
        return self._verdict(ApplicationKind.LIBRARY, why, include_deps=self.include_deps)

    def as_unknown(self, why: Why) -> Application:
        return self._verdict(ApplicationKind.UNKNOWN, why, include_deps=self.include_deps)

    def _verdict(self, kind: ApplicationKind, why: Why, *, include_deps: bool) -> Application:
        return Application(
            name=self.name, kind=kind, why=why, commands=self.commands, include_deps=include_deps
        )


def _merge(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _normalized(names: Collection[str]) -> frozenset[str]:
    return frozenset(canonicalize_name(name) for name in names)


def _extras(text: str) -> Collection[str]:
    try:
        return Requirement(text).extras
    except InvalidRequirement:
        return ()


# ---------------------------------------------------------------------------------------------
# Reading a wheel's texts, and the bundled list


def read_wheel(
    *, metadata: str, entry_points: str, files: Iterable[str], name: str = ""
) -> WheelFacts:
    """Make facts of a wheel's METADATA, its entry_points.txt ("" if none) and its file names.

    *name* is used where METADATA has none.
    """
    raw, _ = parse_email(metadata)
    files = tuple(files)
    own_name = canonicalize_name(raw.get("name") or name)
    entries = parse_commands(entry_points)
    commands = {*entries, *script_files(files)}
    return WheelFacts(
        name=own_name,
        version=raw.get("version", ""),
        commands=tuple(sorted(commands, key=lambda c: (canonicalize_name(c) != own_name, c))),
        classifiers=tuple(raw.get("classifiers", ())),
        description=raw.get("description") or "",
        summary=raw.get("summary") or "",
        urls=tuple(
            url
            for url in (raw.get("home_page"), raw.get("download_url"), *_project_urls(raw))
            if url
        ),
        holds_only_programs=not (entries or any(map(_is_importable, files))),
    )


def _project_urls(raw: RawMetadata) -> Iterable[str]:
    return raw.get("project_urls", {}).values()


def parse_commands(entry_points: str) -> tuple[str, ...]:
    """Give the names in the groups ``console_scripts`` and ``gui_scripts`` of entry_points.txt.

    What cannot be read has none: then nothing is taken for an application.
    Source: packaging.python.org, "Entry points specification".
    """
    parser = configparser.ConfigParser(
        delimiters=("=",), interpolation=None, strict=False, default_section=""
    )
    parser.optionxform = str  # type: ignore[assignment,method-assign] # names keep their case
    try:
        parser.read_string(entry_points)
    except configparser.Error:
        return ()
    groups = [g for g in ("console_scripts", "gui_scripts") if parser.has_section(g)]
    return tuple(dict.fromkeys(name for group in groups for name in parser[group]))


def script_files(files: Iterable[str]) -> tuple[str, ...]:
    """Give the names of the files that the wheel installs as scripts.

    Source: PEP 427, ``.data/scripts``.
    """
    found = []
    for path in files:
        parts = PurePosixPath(path).parts
        if len(parts) == 3 and parts[0].endswith(".data") and parts[1] == "scripts":
            found.append(parts[2])
    return tuple(found)


def _is_importable(path: str) -> bool:
    """Whether the wheel installs *path* where Python looks for modules (PEP 427)."""
    parts = PurePosixPath(path).parts
    if not parts or parts[0].endswith((".dist-info", ".libs")):
        return False
    if parts[0].endswith(".data"):
        return len(parts) > 2 and parts[1] in {"purelib", "platlib"}
    return True


def parse_known(text: str) -> KnownNames:
    """Read the bundled list, ``known_applications.json``."""
    document = json.loads(text)
    return KnownNames(
        applications=_known_section(document["applications"]),
        metapackages=_known_section(document["metapackages"]),
    )


def find_program(text: str, name: str) -> str | None:
    """Give the homepage of the program *name* in ``debian_programs.tsv``; None if it has none.

    Nothing is built of the list: it is searched once or twice in a process.
    """
    start = text.find(f"\n{name}\t")
    if start < 0:
        return None
    return text[start + len(name) + 2 :].partition("\n")[0]


def _known_section(
    entries: Mapping[str, Mapping[str, Collection[str]]],
) -> dict[str, KnownName]:
    return {
        name: KnownName(
            commands=tuple(entry["commands"]),
            include_deps="include_deps" in entry,
        )
        for name, entry in entries.items()
    }
