"""Looks at the distributions installed on disk: metadata directories, RECORD, entry points."""

from __future__ import annotations

import errno
import io
import os
import re
from contextlib import suppress
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from safepip import userpip
from safepip.machine import paths
from safepip.model.outcome import Distribution
from safepip.policy import landing
from safepip.reading.names import normalized

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Contents(NamedTuple):
    """What site directories hold."""

    installed: Mapping[PurePath, Distribution]
    """By metadata path."""
    entries: frozenset[PurePath]
    """All that lies right in them."""


class Unfinished(NamedTuple):
    """What an install that was broken off left undone."""

    partly: tuple[Distribution, ...] = ()
    """Their metadata is there, but not all of it."""
    gone: tuple[Distribution, ...] = ()
    """Removed to be replaced, and nothing has replaced them."""
    strays: tuple[PurePath, ...] = ()
    """Files and folders that belong to no distribution."""


def contents(places: Iterable[PurePath]) -> Contents:
    """What *places* (site directories) hold now, to be compared with later."""
    sites = tuple(places)
    entries: set[PurePath] = set()
    for place in dict.fromkeys(sites):
        entries.update(PurePath(place, name) for name in paths.names_in(place))
    return Contents(installed=installed(sites), entries=frozenset(entries))


def unfinished(before: Contents, after: Contents) -> Unfinished:
    """What is undone of an install that was broken off between the two."""
    landed = landing.compare(before.installed, after.installed)
    claimed = {distribution.metadata for distribution in landed}
    for distribution in landed:
        claimed |= {
            distribution.location / part
            for row in recorded(distribution)
            for part in PurePath(row).parts[:1]
        }
    # Python's own, as soon as anything right there is imported or compiled (PEP 3147).
    claimed |= {path for path in after.entries if path.name == "__pycache__"}
    names = {distribution.name for distribution in after.installed.values()}
    return Unfinished(
        partly=tuple(distribution for distribution in landed if not distribution.complete),
        gone=tuple(d for d in before.installed.values() if d.name not in names),
        strays=tuple(sorted(after.entries - before.entries - claimed)),
    )


def installed(places: Iterable[PurePath]) -> dict[PurePath, Distribution]:
    """Every distribution whose metadata lies in *places* (site directories), by metadata path."""
    found: dict[PurePath, Distribution] = {}
    for place in dict.fromkeys(places):
        for name in paths.names_in(place):
            if name.endswith((".dist-info", ".egg-info", ".egg-link")):
                distribution = distribution_at(PurePath(place), name)
                if distribution is not None:
                    found[distribution.metadata] = distribution
    return found


def named(name: str, places: Iterable[PurePath]) -> Distribution | None:
    """The distribution called *name* (normalized) in *places*, if there is one."""
    return next((one for one in installed(places).values() if one.name == name), None)


def versions(places: Iterable[PurePath]) -> dict[str, frozenset[str]] | None:
    """The versions of all that *places*, entries of ``sys.path``, hold, by normalized name.

    ``""`` stands for a version that no file name tells. None where something cannot be listed, or
    is an archive: then only Python itself knows what is there.
    """
    found: dict[str, set[str]] = {}
    for place in map(Path, dict.fromkeys(places)):
        try:
            names = [place.name] if place.suffix == ".egg" else os.listdir(place)
        except FileNotFoundError:
            continue
        except OSError:
            return None
        for entry in names:
            stem, _, kind = entry.rpartition(".")
            # ``~`` is what pip moves aside. Source: pip, utils/temp_dir.py, AdjacentTempDirectory.
            if kind in _METADATA and not stem.startswith("~"):
                name, version = _told_by(stem, kind)
                found.setdefault(normalized(name), set()).add(version)
    return {name: frozenset(told) for name, told in found.items()}


_METADATA = frozenset({"dist-info", "egg-info", "egg-link", "egg"})


def _told_by(stem: str, kind: str) -> tuple[str, str]:
    """Name and version as the name of a metadata directory tells them."""
    name, _, version = stem.partition("-")
    if kind != "dist-info":
        # Also ``name-1.0-py3.11.egg-info``, a file or a directory.
        version = version.split("-py", 1)[0]
    return name, version


def site_dirs(environment: PurePath) -> tuple[Path, ...]:
    """The site directories of a virtual environment, without asking its Python.

    Nor by glob, which takes ten times as long: there may be hundreds of environments.
    """
    library = Path(environment, "Lib" if userpip.WINDOWS else "lib")
    inner = [name for name in paths.names_in(library) if name.startswith(("python", "pypy"))]
    sites = [library / name / "site-packages" for name in ([""] if userpip.WINDOWS else inner)]
    return tuple(site for site in sites if paths.is_dir(site))


def environment_of(site: PurePath) -> PurePath:
    """The environment that *site* is the directory of: ``lib/pythonX.Y/…``, or ``Lib/…``."""
    return site.parents[1 if userpip.WINDOWS else 2]


def distribution_at(place: PurePath, entry: str) -> Distribution | None:
    """The distribution whose metadata is called *entry* in *place*; None if it is none."""
    path = Path(place, entry)
    stem, _, kind = entry.rpartition(".")
    if stem.startswith("~"):
        return None
    name, version = _told_by(stem, kind)
    record = path / "RECORD"
    stamped = record if kind == "dist-info" and paths.is_file(record) else path
    try:
        info = stamped.stat()
    except OSError:
        return None
    # The wheel's own RECORD is unpacked with the rest; INSTALLER is written when all of that is in
    # place. Source: pip, ``_internal/operations/install/wheel.py``, ``_install_wheel``.
    complete = kind != "dist-info" or (paths.is_file(record) and paths.is_file(path / "INSTALLER"))
    return Distribution(
        name=normalized(name),
        version=version,
        location=place,
        metadata=path,
        stamp=(info.st_ino, info.st_mtime_ns),
        complete=complete,
        requested=os.access(path / "REQUESTED", os.F_OK),
    )


def scripts_of(
    distribution: Distribution, scripts_dirs: Iterable[PurePath]
) -> tuple[PurePath, ...]:
    """The commands that *distribution* put on disk: absolute paths, each existing.

    RECORD tells; where it is missing, the entry points do. *scripts_dirs* are where the
    interpreter's scripts go: only files right in one of those are commands.
    """
    wanted = {os.path.normpath(directory) for directory in scripts_dirs}
    same = set(map(os.path.normcase, wanted))
    found: dict[PurePath, None] = {}
    for relative in recorded(distribution):
        path = Path(os.path.normpath(Path(distribution.location, relative)))
        if os.path.normcase(path.parent) in same and paths.is_file(path):
            found[path] = None
    if userpip.WINDOWS:
        # Older setuptools put what the launcher starts beside it.
        found = {one: None for one in found if not one.name.endswith(_BEHIND_LAUNCHERS)}
    if not found:
        for name in _commands(distribution):
            for directory in wanted:
                for suffix in (".exe", "") if userpip.WINDOWS else ("",):
                    path = Path(directory, name + suffix)
                    if paths.is_file(path):
                        found[path] = None
    return tuple(sorted(found))


_BEHIND_LAUNCHERS = ("-script.py", "-script.pyw", ".exe.manifest")


_RECORD_BYTES = 32 << 20
_RECORD_ROWS = 500_000
"""The largest known RECORD has a tenth of both."""


def record_rows(record: PurePath) -> list[list[str]]:
    """The rows of the file *record*, written as RECORD is: a path, its hash, its size, if told.

    Raises:
        OSError: it cannot be read, is no such file, or is beyond reason.
    """
    import csv

    data = paths.content(record, _RECORD_BYTES)
    if data.count(b"\n") > _RECORD_ROWS:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(record))
    text = io.StringIO(data.decode("utf-8", "surrogateescape"), newline="")
    try:
        # No file has a name with a NUL in it.
        return [row for row in csv.reader(text) if row and "\0" not in row[0]]
    except csv.Error as error:
        raise OSError(errno.EINVAL, str(error), str(record)) from error


def recorded(distribution: Distribution) -> list[str]:
    """The files of *distribution* by RECORD, relative to its location; empty without one."""
    for name in ("RECORD", "installed-files.txt"):
        try:
            rows = [row[0] for row in record_rows(distribution.metadata / name)]
        except OSError:
            continue
        if name == "RECORD":
            return rows
        # Relative to the metadata directory, not to its parent.
        return [str(PurePath(distribution.metadata.name, row)) for row in rows]
    return []


def modules_of(distribution: Distribution) -> tuple[str, ...]:
    """The names by which *distribution* is imported, by RECORD: its own name alone if it is one.

    At most two, since more help nobody; private ones are left out.
    """
    found: dict[str, None] = {}
    for row in recorded(distribution):
        first, *rest = PurePath(row).parts or (".",)
        name = first.split(".", 1)[0]
        is_module = bool(rest) or first.endswith((".py", ".so", ".pyd"))
        if is_module and name.isidentifier() and not name.startswith("_") and "-" not in first:
            found[name] = None
    named = [name for name in found if normalized(name) == distribution.name]
    return tuple(named[:1] or [*found][:2])


def unreadable(names: Iterable[str], places: Iterable[PurePath]) -> Path | None:
    """The metadata of one of *names* in *places* that the user may not read; None if all may be.

    pip reads what it has installed of a requirement, and ends where it may not.
    """
    from safepip.machine import ownership

    wanted = {normalized(name) for name in names}
    for place in places:
        for info in paths.matching(place, "*.dist-info"):
            if normalized(info.name.partition("-")[0]) in wanted and (
                ownership.is_unreadable(info) or ownership.is_unreadable(info / "METADATA")
            ):
                return info
    return None


def remove_halves(
    before: Mapping[PurePath, Distribution],
    after: Mapping[PurePath, Distribution],
    names: Iterable[str],
) -> None:
    """Remove what pip had begun to put in place and was denied to finish, of *names* alone.

    Left there it counts as installed: the next pip would find it satisfied.
    """
    wanted = {normalized(name) for name in names}
    for metadata, one in after.items():
        if metadata not in before and not one.complete and one.name in wanted:
            remove_half(one)


def remove_half(distribution: Distribution) -> None:
    """Remove what a failed install put in place of *distribution*, whose metadata is incomplete.

    Only files of its RECORD that lie in its location go; the wheel's own RECORD is there from the
    beginning.
    """
    location = Path(os.path.normpath(distribution.location))
    folders = {Path(distribution.metadata)}
    for relative in recorded(distribution):
        file = Path(os.path.normpath(location / relative))
        if location not in file.parents:
            continue
        folders |= {one for one in file.parents if location in one.parents}
        compiled = file.parent / "__pycache__"
        folders.add(compiled)
        for one in (file, *paths.matching(compiled, f"{file.stem}.*.pyc")):
            with suppress(OSError):
                one.unlink()
    for name in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json"):
        with suppress(OSError):
            Path(distribution.metadata, name).unlink()
    for folder in sorted(folders, key=lambda one: len(one.parts), reverse=True):
        with suppress(OSError):
            folder.rmdir()


def extended_by(distribution: Distribution) -> tuple[str, ...]:
    """The distributions that *distribution* is a plugin of: it needs them, and registers somewhere.

    Only "somewhere", since no group of entry points has to have the name of who looks it up.
    """
    if _SCRIPTS.issuperset(_entry_points(distribution)):
        return ()
    needs = (one.partition(";") for one in headers(distribution, "Requires-Dist"))
    named = (re.match(r"[\w.-]+", one) for one, _, marker in needs if "extra" not in marker)
    return tuple(normalized(one[0]) for one in named if one is not None)


_SCRIPTS = frozenset({"console_scripts", "gui_scripts"})


def _commands(distribution: Distribution) -> list[str]:
    points = _entry_points(distribution)
    names = [name for group in sorted(_SCRIPTS) for name in points.get(group, ())]
    # Of one that leads elsewhere, that place would count as one of commands, and go on PATH.
    return [name for name in names if name == os.path.basename(name)]


def _entry_points(distribution: Distribution) -> Mapping[str, list[str]]:
    """The names of each group."""
    import configparser

    # A colon may stand in a name there. Source: PyPA, "Entry points specification", File format.
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    try:
        parser.read_string(paths.text(distribution.metadata / "entry_points.txt"))
    except (OSError, configparser.Error, UnicodeDecodeError):
        return {}
    return {group: list(parser[group]) for group in parser.sections()}


def proper_version(distribution: Distribution) -> str:
    """The version as METADATA spells it; the directory's name may have it escaped."""
    return header(distribution, "Version") or distribution.version


def header(distribution: Distribution, name: str) -> str:
    """What METADATA says of *name* first, in one line; empty if nothing."""
    return next(iter(headers(distribution, name)), "")


def headers(distribution: Distribution, name: str) -> list[str]:
    """All that METADATA says of *name*, each in one line.

    Not by ``email.parser``, whose import takes longer than all else in here.
    """
    for file in ("METADATA", "PKG-INFO"):
        try:
            text = paths.text(distribution.metadata / file, errors="replace")
        except OSError:
            continue
        found = re.findall(
            # A line that begins with a blank goes on with the one before (RFC 5322, 2.2.3).
            rf"^{name}:(.*(?:\n[ \t].*)*)",
            text.partition("\n\n")[0],
            re.MULTILINE | re.IGNORECASE,
        )
        return [" ".join(one.split()) for one in found]
    return []


def remains(places: Iterable[PurePath]) -> frozenset[PurePath]:
    """Folders that pip moved aside and did not remove (``~name``), in *places*."""
    found: set[PurePath] = set()
    for place in places:
        found.update(paths.matching(place, "~*"))
    return frozenset(found)
