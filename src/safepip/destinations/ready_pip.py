"""A pip for new environments, unpacked and compiled once for each version of pip and of Python.

It lies in safepip's cache, private to the user, and is put into an environment by hard links, else
by copies that share their blocks (reflinks), else by plain ones. What lies there is believed by its
RECORD only: a file of another size or hash has the whole of it made anew. The cache may be deleted
at any time; without one, a pip is unpacked into the environment itself.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import stat
import sys
import tempfile
import time
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from safepip import runner, userpip
from safepip.machine import distributions, paths
from safepip.model.reasons import Reason, because

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from safepip.model.interpreter import Interpreter
    from safepip.model.outcome import Distribution
    from safepip.model.reasons import Why

    _Unpack = Callable[[Path], None]
    """Puts a pip, compiled, into a folder."""

_COMPILE_TIMEOUT_S = 300.0
_STALE_S = 24 * 3600.0
_UNUSED_S = 60 * 24 * 3600.0
# Of a pip that came from an index; a distributor's may be patched, or in pieces.
_ORDINARY = frozenset({"pip", "uv"})
# Not the pip's own, but of how it came to where it is.
_OF_THE_INSTALL = frozenset({"INSTALLER", "REQUESTED", "RECORD", "direct_url.json"})


class _Row(NamedTuple):
    """One line of a RECORD."""

    path: str
    digest: str = ""
    """``sha256=…``; empty where it is not told."""
    size: str = ""


class _DamagedError(Exception):
    """A file of the cache is not what RECORD says of it."""


def give(
    environment: Path,
    python: str,
    interpreter: Interpreter,
    *,
    cache_dir: Path,
    env: Mapping[str, str],
) -> Why | None:
    """Put a pip into *environment*, whose interpreter is *python* and was made by *interpreter*.

    The newest at hand that its Python can run: safepip's own, else the one of *interpreter*.
    Returns why that did not work, and then nothing of it is there; None if it did.
    """
    if userpip.WINDOWS:
        return because(Reason.PROGRAMS_THERE)
    origin = _origin(interpreter)
    if origin is None:
        return because(Reason.NO_PIP_RUNS)
    site = next(iter(distributions.site_dirs(environment)), None)
    if site is None:
        return because(Reason.NO_SITE)
    key = f"{origin.name}-{origin.version}-{interpreter.implementation}-{interpreter.version_text}"
    try:
        unpack = partial(_unpack, origin, interpreter, env)
        _by_cache(unpack, origin.metadata.name, site, cache_dir / "pip" / key)
        _finish(site, site / origin.metadata.name, environment / userpip.SCRIPTS, python)
    except OSError as error:
        # Half of one would count as installed.
        for name in ("pip", origin.metadata.name):
            shutil.rmtree(site / name, ignore_errors=True)
        return because(Reason.SAID, words=error)
    return None


def own_serves(version: str) -> bool:
    """Whether the pip that safepip depends on runs on Python *version*: ``3.12``, or ``3.12.1``."""
    own = userpip.own_pip_dir()
    found = None if own is None else _pip_in(Path(own).parent)
    return found is not None and bool(version) and _fits(found, version)


# Where one can be had


def _origin(interpreter: Interpreter) -> Distribution | None:
    """The newest pip at hand that the Python of *interpreter* can run, whole and unpatched."""
    own = userpip.own_pip_dir()
    sites = [*([] if own is None else [Path(own).parent]), Path(interpreter.purelib.path)]
    for found in map(_pip_in, sites):
        if found is not None and found.complete and _fits(found, interpreter.version_text):
            with suppress(OSError):
                who = paths.text(found.metadata / "INSTALLER").strip()
                if who in _ORDINARY:
                    return found
    return None


def _pip_in(site: Path) -> Distribution | None:
    installed = distributions.installed((site,)).values()
    return next((found for found in installed if found.name == "pip"), None)


def _fits(pip: Distribution, version: str) -> bool:
    """Whether *pip* says that it runs on Python *version*."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(distributions.header(pip, "Requires-Python")).contains(
            version, prereleases=True
        )
    except InvalidSpecifier:
        return False


# The cache


def _by_cache(unpack: _Unpack, info: str, site: Path, entry: Path) -> None:
    """Put into *site* what *unpack* gives, by *entry* of the cache if that can be."""
    if _is_private(entry.parent):
        # The second time for one that was damaged, or deleted under our hands.
        for _ in range(2):
            if _put(unpack, info, site, entry):
                return
    unpack(site)


def _put(unpack: _Unpack, info: str, site: Path, entry: Path) -> bool:
    try:
        if not paths.is_dir(entry):
            _make_entry(unpack, entry)
        _link(entry, info, site)
    except (OSError, _DamagedError):
        _discard(entry)
        for name in ("pip", info):
            shutil.rmtree(site / name, ignore_errors=True)
        return False
    return True


def _is_private(folder: Path) -> bool:
    """Whether *folder*, made if need be, is a directory that nobody else can write."""
    if sys.platform == "win32":
        return False
    try:
        for one in (folder.parent, folder):
            one.mkdir(mode=0o700, parents=True, exist_ok=True)
        infos = [one.lstat() for one in (folder.parent, folder)]
    except OSError:
        return False
    return all(
        stat.S_ISDIR(info.st_mode) and info.st_uid == os.geteuid() and not info.st_mode & 0o022
        for info in infos
    )


def _make_entry(unpack: _Unpack, entry: Path) -> None:
    """Make *entry* of what *unpack* gives; it is there whole or not at all."""
    _sweep(entry)
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=entry.parent))
    try:
        unpack(folder)
        with suppress(OSError):  # another safepip was faster; its own is as good
            folder.rename(entry)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _discard(entry: Path) -> None:
    """Take *entry* out of the cache at once; others may be reading it."""
    with suppress(OSError):
        aside = Path(tempfile.mkdtemp(prefix=".old-", dir=entry.parent))
        with suppress(OSError):
            entry.rename(aside / "entry")
        shutil.rmtree(aside, ignore_errors=True)


def _sweep(entry: Path) -> None:
    """Remove what killed runs left, and pips that nothing was made of for long."""
    now = time.time()
    for one in paths.matching(entry.parent, "*"):
        passing = one.name.startswith((".new-", ".old-"))
        with suppress(OSError):
            if now - one.stat().st_mtime > (_STALE_S if passing else _UNUSED_S):
                shutil.rmtree(one, ignore_errors=True)


def _unpack(
    origin: Distribution, interpreter: Interpreter, env: Mapping[str, str], site: Path
) -> None:
    """Copy the files of *origin* to *site*, compile them there, and write their RECORD.

    Raises:
        OSError: it cannot be read or written.
    """
    info = origin.metadata.name
    tag = f"{interpreter.implementation}-{interpreter.version[0]}{interpreter.version[1]}"
    source = Path(origin.location)
    rows = []
    compiled = False
    for row in _rows(source / info / "RECORD"):
        relative = PurePath(row.path)
        own = relative.parts[:1] in {("pip",), (info,)} and relative.suffix != ".pyc"
        if not own or (relative.parts[0] == info and relative.name in _OF_THE_INSTALL):
            continue
        if relative.is_absolute() or ".." in relative.parts:
            continue
        # As it is, not as its RECORD has it: many a company's cacert.pem is not the original one.
        data = paths.content(source / relative)
        # With its time, which the compiled file names: else it would not count (PEP 552).
        rows.append(_write(site, row.path, data, stamp=(source / relative).stat().st_mtime_ns))
        if relative.suffix == ".py":
            cached = relative.parent / "__pycache__" / f"{relative.stem}.{tag}.pyc"
            with suppress(OSError):
                rows.append(_write(site, str(cached), paths.content(source / cached)))
                compiled = True
    if not compiled:
        # Its status does not matter: some files there are not for every Python.
        words = ("-I", "-m", "compileall", "-q", str(site / "pip"))
        runner.capture([*interpreter.argv[:1], *words], env=env, timeout_s=_COMPILE_TIMEOUT_S)
        rows += [
            _row(path.relative_to(site).as_posix(), paths.content(path))
            for path in sorted((site / "pip").rglob("*.pyc"))
        ]
    _write_record(site / info / "RECORD", rows)


def _link(entry: Path, info: str, site: Path) -> None:
    """Put what the RECORD of *entry* lists into *site*, each file once it was checked."""
    made: set[str] = set()
    here, there = str(site), str(entry)
    for row in _rows(entry / info / "RECORD"):
        source, target = os.path.join(there, row.path), os.path.join(here, row.path)
        _check(row, paths.content(Path(source)))
        folder = os.path.dirname(target)
        if folder not in made:
            os.makedirs(folder, exist_ok=True)
            made.add(folder)
        _share(source, target)
    shutil.copyfile(entry / info / "RECORD", site / info / "RECORD")


def _share(source: str, target: str) -> None:
    """Make *target* the same file as *source*, or else a copy of it."""
    try:
        os.link(source, target)
    except OSError:
        # Another file system, or one without hard links.
        with open(source, "rb") as old, open(target, "wb") as new:
            if not _reflink(old.fileno(), new.fileno()):
                shutil.copyfileobj(old, new)
        shutil.copystat(source, target)  # what is compiled goes by the time of its source


_FICLONE = 0x40049409
"""Source: ``linux/fs.h``; Python's ``fcntl`` has no name for it."""


def _reflink(source: int, target: int) -> bool:
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True


# In the environment


def _finish(site: Path, info: Path, scripts: Path, python: str) -> None:
    """Write what is different in each environment: commands, who installed it, RECORD."""
    rows = [
        # As pip writes it: what is compiled may be compiled anew at any time.
        _Row(path=row.path) if row.path.endswith(".pyc") else row
        for row in _rows(info / "RECORD")
    ]
    for name, text in (("INSTALLER", b"pip\n"), ("REQUESTED", b"")):
        rows.append(_write(site, f"{info.name}/{name}", text))
    called = _entry_point(info)
    version = re.search(r"python(\d+)\.(\d+)$", str(site.parent))
    names = ["pip", "pip3", *([f"pip3.{version[2]}"] if version else [])]
    for name in names:
        data = _script(python, called).encode(errors="surrogateescape")
        row = _write(site, os.path.relpath(scripts / name, site), data)
        (scripts / name).chmod(0o755)
        rows.append(row)
    _write_record(info / "RECORD", rows)


def _entry_point(info: Path) -> str:
    """What pip's command calls: ``pip._internal.cli.main:main``."""
    text = paths.text(info / "entry_points.txt")
    found = re.search(r"^pip *= *([\w.]+:\w+)\s*$", text, re.MULTILINE)
    return found[1] if found else "pip._internal.cli.main:main"


def _script(python: str, called: str) -> str:
    """The text of a command as pip writes them, for the entry point *called*.

    Where the kernel cannot take *python* from the first line, sh starts it, and it is looked for
    beside the command: no character of the path is interpreted.
    Source: distlib, ``scripts.py`` (127 bytes, blanks); uv, which looks beside it, too.
    """
    module, _, function = called.partition(":")
    first = f"#!{python}\n"
    if len(os.fsencode(first)) > 127 or re.search(r"\s", python):
        name = os.path.basename(python)
        first = (
            "#!/bin/sh\n"
            f"""'''exec' "$(dirname -- "$(realpath -- "$0")")"/'{name}' "$0" "$@"\n"""
            "' '''\n"
        )
    return (
        f"{first}# -*- coding: utf-8 -*-\n"
        "import re\nimport sys\n"
        f"from {module} import {function}\n"
        "if __name__ == '__main__':\n"
        "    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])\n"
        f"    sys.exit({function}())\n"
    )


# RECORD


def _rows(record: Path) -> Iterator[_Row]:
    for words in distributions.record_rows(record):
        if len(words) == 3 and not words[0].endswith("/RECORD"):
            yield _Row(path=words[0], digest=words[1], size=words[2])


def _row(path: str, data: bytes) -> _Row:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return _Row(path=path, digest=f"sha256={digest}", size=str(len(data)))


def _check(row: _Row, data: bytes) -> None:
    if row != _row(row.path, data):
        raise _DamagedError


def _write(site: Path, path: str, data: bytes, *, stamp: int | None = None) -> _Row:
    """Write *data* to *path* below *site*; its line for RECORD. *stamp*: its time in ns."""
    target = site / path
    target.parent.mkdir(parents=True, exist_ok=True)
    # Not into one that is there: it may be a link to the cache.
    target.unlink(missing_ok=True)
    target.write_bytes(data)
    if stamp is not None:
        os.utime(target, ns=(stamp, stamp))
    return _row(path, data)


def _write_record(record: Path, rows: Iterable[_Row]) -> None:
    import csv

    record.unlink(missing_ok=True)
    with record.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows((row.path, row.digest, row.size) for row in rows)
        writer.writerow((f"{record.parent.name}/{record.name}", "", ""))
