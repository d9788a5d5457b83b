"""What a wheel says about itself: its texts and file names, read into facts."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from safepip.reading.names import normalized

if TYPE_CHECKING:
    from collections.abc import Iterable
    from email.message import Message


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
    groups: tuple[str, ...] = ()
    """Those of its entry points that are no commands; plugins register in their host's."""
    needs: tuple[str, ...] = ()
    """The names of what it requires, without the extras' own."""
    modules: tuple[str, ...] = ()
    """What it installs to be imported, at the top."""
    holds_only_programs: bool = False
    """Nothing of it lands where Python looks for modules, nor is a command of it Python's."""

    @property
    def has_own_command(self) -> bool:
        """Whether a command has the project's name, or less an ending of it, or a module's name."""
        parts = self.name.split("-")
        names = {"".join(parts[:end]) for end in range(1, len(parts) + 1)} | {*self.modules}
        return not {*map(plain, names)}.isdisjoint(map(plain, self.commands))

    @property
    def is_classified_as_library(self) -> bool:
        """Whether a classifier speaks of libraries, or of a framework that is imported."""
        # What is for Ansible is run by it, or beside it: nobody imports that framework.
        frameworks = (c for c in self.classifiers if c.startswith("Framework ::"))
        return any("Libraries" in c for c in self.classifiers) or any(
            not framework.startswith("Framework :: Ansible") for framework in frameworks
        )

    def owns(self, group: str) -> bool:
        """Whether *group* of entry points bears its name: what registers there is its own."""
        return any(plain(group).startswith(plain(n)) for n in (self.name, *self.modules))

    def names_page(self, page: str) -> bool:
        """Whether its own metadata names *page*, or one below it."""
        page = bare_url(page)
        return any(url == page or url.startswith(page + "/") for url in map(bare_url, self.urls))


def read_wheel(
    *, metadata: str, entry_points: str, files: Iterable[str], name: str = ""
) -> WheelFacts:
    """Make facts of a wheel's METADATA, its entry_points.txt ("" if none) and its file names.

    *name* is used where METADATA has none.
    """
    # For the look-up's own process, which has it; packaging.metadata takes longer than all else.
    from email.parser import HeaderParser

    raw = HeaderParser().parsestr(metadata)
    files = tuple(files)
    own_name = normalized(raw["Name"] or name)
    groups = parse_entry_points(entry_points)
    entries = [name for group in _COMMANDS for name in groups.pop(group, ())]
    commands = {*entries, *script_files(files)}
    modules = sorted(set(filter(None, map(_module, files))))
    return WheelFacts(
        name=own_name,
        version=raw["Version"] or "",
        commands=tuple(sorted(commands, key=lambda c: (normalized(c) != own_name, c))),
        classifiers=tuple(raw.get_all("Classifier", ())),
        description=raw["Description"] or str(raw.get_payload()),
        summary=(raw["Summary"] or "")[:_LONGEST_SUMMARY],
        urls=tuple(_urls(raw)),
        groups=tuple(groups),
        needs=tuple(
            normalized(match[0])
            for text in raw.get_all("Requires-Dist", ())
            if "extra" not in text and (match := re.match(r"[\w.-]+", text))
        ),
        modules=tuple(modules),
        holds_only_programs=not (entries or modules),
    )


_LONGEST_SUMMARY = 512
"""As long as an index takes. Source: Warehouse, the column of a release's summary."""


def _urls(raw: Message) -> Iterable[str]:
    """Source: Core metadata specifications, "Home-page", "Download-URL", "Project-URL"."""
    labelled = (text.partition(",")[2].strip() for text in raw.get_all("Project-URL", ()))
    return filter(None, (raw["Home-page"], raw["Download-URL"], *labelled))


def plain(name: str) -> str:
    """*name* without case and hyphens, as commands are spelt that have it."""
    return normalized(name).replace("-", "")


def bare_url(url: str) -> str:
    """Bring *url* into the form in which addresses are compared: no scheme, no www, no ending.

    The pages that a forge or Read the Docs makes of a repository count as the repository, in every
    language and version.
    """
    url = re.sub(r"^(?:[a-z+]*://)?(?:[^/@]*@)?(?:www\.)?", "", url.strip().lower())
    url = re.sub(r"(?:\.git)?(?:[#?].*)?$", "", url).rstrip("/").removesuffix(".git")
    url = re.sub(r"^([\w-]+)\.(github|gitlab)\.io/([^/]+)", r"\2.com/\1/\3", url)
    return re.sub(r"\.readthedocs\.(?:org|io)(?:/[a-z-]+/(?:latest|stable))?$", ".rtfd", url)


_COMMANDS = ("console_scripts", "gui_scripts")


def parse_entry_points(text: str) -> dict[str, tuple[str, ...]]:
    """Give the names in each group of entry_points.txt.

    What cannot be read has none: then nothing is taken for an application.
    Source: packaging.python.org, "Entry points specification".
    """
    import configparser

    parser = configparser.ConfigParser(
        delimiters=("=",), interpolation=None, strict=False, default_section=""
    )
    parser.optionxform = str  # type: ignore[assignment,method-assign] # names keep their case
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    return {group: tuple(parser[group]) for group in parser.sections()}


def script_files(files: Iterable[str]) -> tuple[str, ...]:
    """Give the names of the files that the wheel installs as scripts.

    Source: PEP 427, ``.data/scripts``; and ``data_files=[("bin", …)]`` of setuptools.
    """
    return tuple(found[1] for found in map(SCRIPT.fullmatch, files) if found)


SCRIPT = re.compile(r"[^/]+\.data/(?:scripts|data/bin)/([^/]+)")


def _module(path: str) -> str | None:
    """Give the module that *path* belongs to; None if it lands elsewhere (PEP 427)."""
    parts = PurePosixPath(path).parts
    if parts and parts[0].endswith(".data"):
        parts = parts[2:] if parts[1:2] in (("purelib",), ("platlib",)) else ()
    if not parts or parts[0].endswith((".dist-info", ".libs")):
        return None
    return parts[0].partition(".")[0]
