"""What in a log may be a denial: the table of the sentences, and whether one is pip's own.

Pure. What pip itself is watched for while it runs stands in ``reading/sightings.py``, which knows
the places that the install writes to; here nothing is known but the text, from any machine. Where
pip says that it could not install, the path is a place it installs to unless it looks like
something else; anywhere else it has to look like one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from safepip.model.triggers import Sighting, TriggerName
from safepip.reading import paths, sentences
from safepip.reading.text import decode

if TYPE_CHECKING:
    from safepip.logs.tracebacks import Chain


class Form(Enum):
    """In what words a possible denial came."""

    MESSAGE = auto()
    """``Could not install packages due to an OSError: …``."""
    EXCEPTION = auto()
    """The last line of a traceback."""
    SETUP = auto()
    """setup.py's own words: ``error: could not create '…'``, ``[Errno 13] …``."""
    SETUP_EXCEPTION = auto()
    """The last line of a traceback inside a build's output."""
    RETOLD = auto()
    """What is left of any of these behind other words: ``pip fails with [Errno 13] …``."""


@dataclass(slots=True)
class Stage:
    """How far pip had come, as far as the log has shown it."""

    named: bool = False
    """Somebody spoke of pip."""
    asked: bool = False
    """Somebody wrote a command of pip's, or quoted one."""
    succeeded: bool = False
    is_done: bool = False
    """It succeeded, and has not begun anew."""
    is_long: bool = False
    """There is more than somebody pastes of an error."""
    looking: bool = False
    """It looked for what was asked for: it read before it wrote."""
    collecting: bool = False
    installing: bool = False
    started_nothing: bool = False
    """It could not start a program that was to fetch or to build something."""
    setup_py: bool = False
    """A setup.py was installing by itself."""
    by_hand: bool = False
    """A setup.py was run by another than pip."""
    own_setup: bool = False
    """A setup.py's own progress was seen, and none of pip's before it."""
    verbose_head: bool = False
    """The message came without its errno, which follows in a traceback."""

    def note_command(self) -> None:
        """A command of pip's: what follows is its output, whoever ran a setup.py before."""
        self.named, self.asked, self.by_hand = True, True, False

    @property
    def has_begun(self) -> bool:
        """Whether the log shows that pip was at work."""
        return self.collecting or self.looking or self.installing or self.verbose_head

    @property
    def is_reading(self) -> bool:
        """Whether pip had not begun to write."""
        return (self.collecting or self.looking) and not self.installing


class Denial(NamedTuple):
    """A sentence that may be pip's, saying that it may not write."""

    form: Form
    trigger: TriggerName
    line: str
    paths: tuple[str, ...]
    windows: bool
    """A WinError: it can also mean that a file is in use."""
    indent: int
    chain: Chain | None = None
    is_early: bool = False
    """pip had not begun: a title, with what it did behind it."""

    @property
    def is_surely_pips(self) -> bool:
        """Whether pip says so itself, or its code raised it."""
        return self.form is Form.MESSAGE or (self.chain is not None and self.chain.is_pips)

    @property
    def is_setups(self) -> bool:
        """Whether a setup.py said so."""
        return self.form in {Form.SETUP, Form.SETUP_EXCEPTION}


# The sentences


def _pattern(text: bytes) -> re.Pattern[bytes]:
    """A sentence of pip's in a log: with or without level and full stop, in any capitals."""
    return re.compile(text, re.IGNORECASE | re.DOTALL)


_SENTENCES = (
    (
        Form.MESSAGE,
        _pattern(
            rb"(?:error:\s+)?could not install packages due to(?: an?)?\s*"
            rb"(?:(?:\w+ )?\w*(?:error|exception))?\s*[.:]?\s*(?P<rest>.*)"
        ),
    ),
    (
        Form.EXCEPTION,
        re.compile(
            rb"(?:PermissionError|OSError|IOError|EnvironmentError|WindowsError|shutil\.Error): "
            rb"(?P<rest>.*)",
            re.DOTALL,
        ),
    ),
    (
        Form.SETUP,
        _pattern(
            rb"error: could not (?:create|delete|remove|write to|open|copy|move) (?P<quote>['\"])"
            rb"(?P<path>.*?)(?P=quote)(?: to ['\"].*?['\"])?: (?P<words>.+)"
        ),
    ),
    (  # distutils of Python 2
        Form.SETUP,
        _pattern(
            rb"error: (?P<path>(?:/|[a-z]:[\\/])[^:'\"]+): "
            rb"(?P<words>permission denied|read-only file system)"
        ),
    ),
    (
        Form.SETUP,
        re.compile(rb"(?:error: )?(?P<rest>\[(?:Errno|WinError|Error) \d+\].*)", re.DOTALL),
    ),
    (
        Form.RETOLD,
        re.compile(
            rb".*?(?P<rest>\[(?:Errno|WinError|Error) \d+\].*|(?:Permission denied"
            rb"|Access is denied|Operation not permitted):? ['\"].*)",
            re.DOTALL,
        ),
    ),
)
"""One of these is in every line that may be a denial, at its beginning."""
_ANY = re.compile(rb"rr[no]|RR|nstall packages|denied|permitted")
_ERRNO = _pattern(rb"(?:\[\(.*?['\"])?\[(?P<system>errno|winerror|error) (?P<number>\d+)\]")
_LOOSE = _pattern(rb"\W{0,2}(?:(?P<system>errno|winerror|error)\s?)?(?P<number>\d+)\b")
"""The same, as somebody wrote it down behind words that are surely pip's."""
_ENDS = re.compile(
    rb"\s+(?:Consider using|Check the perm|WARNING:|You are using|note:|hint:|HINT:|\[notice)"
)
_UNCLOSED = re.compile(r"`(?:[\s.,:;)*]|\Z)")
"""Markdown's quote, where pip's own is missing."""
_UNQUOTED = re.compile(rb"\s(?:(['\"])(?=/|[A-Za-z]:[\\/])(.+?)\1|((?:[A-Za-z]:[\\/]|/)[^\s'\"]+))")
"""A path without the quotes, or the colon before them, that pip puts there."""
_IN_WORDS = re.compile(
    rb"(?:Permission denied|Access is denied|Operation not permitted|Cannot move .+Lacking write)\b"
    rb"|(?P<read_only>Read-only file system)"
)


def find_sentence(text: bytes) -> tuple[Form, re.Match[bytes]] | None:
    """The form that *text* has of those in the table, if it has one."""
    if _ANY.search(text) is not None:
        for form, pattern in _SENTENCES:
            if (found := pattern.match(text)) is not None:
                return form, found
    return None


def read(
    form: Form, found: re.Match[bytes], indent: int, chain: Chain | None = None
) -> Denial | None:
    """The denial that a sentence of the table is; None if something else was wrong."""
    line, windows = decode(found.string), False
    if "path" in found.re.groupindex:
        trigger = sentences.trigger_of_words(found["words"])
        places: tuple[str, ...] = (paths.unescape(decode(found["path"])),)
    else:
        rest = _ENDS.split(found["rest"], maxsplit=1)[0]
        trigger, windows = _trigger_of(rest, form)
        places = _paths_in(rest)
    if trigger is None:
        return None
    retold = form is Form.RETOLD and not (chain is not None and chain.is_pips)
    if retold and not any(paths.is_top_of_site(p) or paths.before_uninstall(p)[1] for p in places):
        return None
    return Denial(form, trigger, line, places, windows, indent, chain)


def _trigger_of(rest: bytes, form: Form) -> tuple[TriggerName | None, bool]:
    """The trigger in an error's text, and whether it is one of Windows' own errors."""
    found = _ERRNO.match(rest) or (_LOOSE.match(rest) if form is Form.MESSAGE else None)
    if found is not None:
        windows = (found["system"] or b"errno").lower() != b"errno"
        return sentences.TRIGGERS.get((windows, int(found["number"]))), windows
    if form in {Form.MESSAGE, Form.RETOLD} and (found := _IN_WORDS.match(rest)) is not None:
        read_only = found["read_only"] is not None
        return TriggerName.READ_ONLY if read_only else TriggerName.PERMISSION_DENIED, False
    return None, False


def _paths_in(rest: bytes) -> tuple[str, ...]:
    quoted = [paths.unescape(decode(q[2])) for q in sentences.QUOTED.finditer(rest)]
    quoted = [_UNCLOSED.split(path, maxsplit=1)[0].strip() for path in quoted]
    told = tuple(path for path in quoted if path and not path.startswith(("[", "Permission ")))
    if not told and (found := _UNQUOTED.search(rest)) is not None:
        return (paths.unescape(decode(found[2] or found[3])),)
    return told


# Weighing


def first(denials: list[Denial], stage: Stage) -> Sighting | None:
    """The first denial of a place that pip installs to; best one with a full path."""
    best: Sighting | None = None
    for denial in denials:
        sighting = _accept(denial, stage)
        if sighting is None:
            continue
        if sighting.path is not None and paths.is_absolute(sighting.path):
            return sighting
        best = best or sighting
    return best


def _accept(denial: Denial, stage: Stage) -> Sighting | None:
    if denial.is_early and denial.form is Form.MESSAGE:
        stage = Stage(named=True)
    copied = (paths.is_pip_temporary(p) and "pip-target-" not in p for p in denial.paths)
    chain = denial.chain
    if any(copied) or (chain is not None and (chain.is_foreign or chain.is_reading)):
        return None  # copied was a source, to where it is built
    # Of two paths the one that pip did not move aside says more.
    for path in sorted(denial.paths, key=lambda path: paths.before_uninstall(path)[1]):
        fits = _fits_bare if paths.is_bare(path) else _fits
        if fits(path, denial, stage):
            place = paths.before_uninstall(path)[0] or path
            return Sighting(trigger=denial.trigger, line=denial.line, path=place)
    if not denial.paths and _fits_nameless(denial, stage):
        return Sighting(trigger=denial.trigger, line=denial.line)
    return None


def _fits(path: str, denial: Denial, stage: Stage) -> bool:
    """Whether *path*, of an unknown machine, is a place that an install writes to."""
    if stage.is_reading and paths.is_read_by_pip(path):
        return False
    inner, uninstalled = paths.before_uninstall(path)
    if denial.windows and _may_be_in_use(inner or path, moved=uninstalled):
        return False
    if uninstalled:
        return True  # nobody else moves it there
    if denial.form is Form.RETOLD and denial.chain is None:
        return _fits_retold(path, stage)
    if denial.is_setups:
        return _fits_setup(path, denial, stage)
    if paths.is_pip_temporary(path):
        return False
    chain = denial.chain
    is_message = denial.form is Form.MESSAGE
    from_target = any("pip-target-" in p for p in denial.paths)
    is_pips = is_message or stage.has_begun or from_target or (chain is not None and chain.is_pips)
    if not is_pips:
        is_site = paths.is_site(path) or paths.is_library(path)
        is_told = (is_site and not stage.is_long) or paths.is_metadata(path)
        # What is an egg's is read by every program that asks what is installed.
        is_told = is_told and not path.endswith(".egg-info")
        named = stage.named or is_told
        is_apps = paths.is_no_place(path) or paths.is_app_data(path)
        return named and paths.is_install_place(path) and not is_apps
    # Where pip says itself that it could not install, anything may be the place.
    was_writing = (
        stage.installing
        or (is_message and not stage.is_reading)
        or (chain is not None and chain.is_writing)
        or from_target
    )
    return paths.is_install_place(path) or (was_writing and not paths.is_no_place(path))


def _fits_setup(path: str, denial: Denial, stage: Stage) -> bool:
    """Whether a setup.py that pip ran was to install to *path*."""
    if denial.form is Form.SETUP_EXCEPTION:
        return stage.setup_py and paths.is_site(path)
    if (
        stage.by_hand or (stage.own_setup and not (stage.asked or stage.setup_py))
    ) and not stage.has_begun:
        return False
    if denial.line.startswith("error: "):
        if paths.is_site(path) or paths.is_library(path):
            return True
        ran = stage.asked or stage.has_begun or stage.setup_py
        installs = stage.setup_py or (ran and not stage.is_reading)  # else it is built
        if installs and denial.line.startswith("could", 7) and paths.is_absolute(path):
            return not paths.is_no_place(path)
        return (stage.named or ran) and paths.is_data_of_a_prefix(path)
    # A bare errno can be any program's.
    at_work = stage.collecting or stage.installing or stage.setup_py
    return (at_work and paths.is_site(path)) or _fits_retold(path, stage)


def _fits_retold(path: str, stage: Stage) -> bool:
    """Whether *path* is such that hardly anybody but pip, of which the log speaks, writes there."""
    return (
        stage.named
        and not (stage.by_hand or stage.succeeded)
        and paths.is_top_of_site(path)
        and not paths.is_no_place(path)
    )


def _fits_bare(path: str, denial: Denial, stage: Stage) -> bool:
    """Whether a bare name can be of what was installed: then pip was removing it."""
    if denial.is_setups or denial.form is Form.RETOLD:
        return False
    if stage.installing or stage.verbose_head:
        return True
    return denial.form is Form.MESSAGE and not stage.collecting and not paths.is_no_place(path)


def _fits_nameless(denial: Denial, stage: Stage) -> bool:
    """Whether an error without any path came while pip installed."""
    if denial.form is Form.MESSAGE:
        return stage.installing or not stage.started_nothing
    chain = denial.chain
    pips = chain is not None and chain.is_pips and (stage.installing or chain.is_writing)
    return denial.form is Form.EXCEPTION and (stage.verbose_head or pips)


def _may_be_in_use(path: str, *, moved: bool) -> bool:
    """Whether Windows may deny *path* because it runs, not because it is another's."""
    if moved:
        return paths.is_program(path)
    return paths.is_loaded(path) and not paths.is_administered(path)
