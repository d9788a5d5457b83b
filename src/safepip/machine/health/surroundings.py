"""Looks at HOME, the temporary directory, the cache, and PATH."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.machine import home as machine_home
from safepip.machine import ownership, paths, pipx, search
from safepip.machine.health import ownership as health_ownership
from safepip.machine.health.ground import listed, owner_differs
from safepip.model.health import Ailment, Sign
from safepip.model.reasons import Reason, because

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safepip.machine.health.ground import Ground

_PYTHONS = ("python", "pip", "pydoc", "idle", "2to3", "wheel")


def signs(ground: Ground) -> Iterator[Sign]:
    """What of the user's surroundings would make installs fail."""
    yield from _home(ground)
    yield from _temporary(ground)
    yield from _cache(ground)
    yield from _path(ground)


def _home(ground: Ground) -> Iterator[Sign]:
    if userpip.WINDOWS or ground.is_root:
        return
    entry = machine_home.of_account()
    home = ground.home
    # Of another user's who lets nobody write: to give it away would be wrong.
    is_none = home is None or machine_home.is_others(home)
    if home is None or is_none or home == home.parent or not paths.is_dir(home):
        usable = (entry,) if entry is not None and machine_home.is_usable(entry) else ()
        told = ground.env.get("HOME", "")
        yield Sign(ailment=Ailment.NO_HOME, paths=usable, detail=told)
    elif entry is None:
        yield Sign(ailment=Ailment.NO_USER, name=str(os.geteuid()))


def _temporary(ground: Ground) -> Iterator[Sign]:
    """Python takes the next one where TMPDIR is unusable; programs that pip runs may not.

    Source: ``tempfile._candidate_tempdir_list``.
    """
    for name in ("TMPDIR", "TEMP", "TMP"):
        value = ground.env.get(name)
        if not value:
            continue
        folder = Path(value)
        if not (paths.is_dir(folder) and os.access(folder, os.W_OK | os.X_OK)):
            how = because(Reason.TMP_UNWRITABLE if paths.exists(folder) else Reason.TMP_GONE)
            yield Sign(ailment=Ailment.TMP_UNUSABLE, name=name, paths=(folder,), why=how)
    yield from _limited()


def _limited() -> Iterator[Sign]:
    """A temporary directory in which no build would end."""
    folder = temporary_dir()
    if folder is None or userpip.WINDOWS:
        return
    what = health_ownership.out_of(folder)
    if what:
        full = because(Reason.TMP_FULL, more=what)
        yield Sign(ailment=Ailment.TMP_LIMITED, paths=(folder,), why=full)
    elif ownership.is_no_exec(folder):
        how = because(Reason.TMP_NOEXEC)
        yield Sign(ailment=Ailment.TMP_LIMITED, paths=(folder,), why=how)


def temporary_dir() -> PurePath | None:
    """The directory for temporary files that Python takes; None if there is none."""
    try:
        return PurePath(tempfile.gettempdir())
    except OSError:
        return None


def cache_dir(ground: Ground) -> Path | None:
    """Where pip keeps what it downloaded. Source: pip, ``_internal/utils/appdirs.py``."""
    chosen = ground.env.get("PIP_CACHE_DIR")
    if chosen:
        return paths.expanded(chosen)
    if userpip.WINDOWS or ground.home is None:
        return None
    base = ground.env.get("XDG_CACHE_HOME")
    return (Path(base) if base else ground.home / ".cache") / "pip"


def _cache(ground: Ground) -> Iterator[Sign]:
    """A cache that pip leaves unused for its rights; what is wrong with the home is told there."""
    cache = cache_dir(ground)
    if cache is None or ground.is_root or ground.env.get("PIP_NO_CACHE_DIR"):
        return
    if paths.is_dir(cache) and not os.access(cache, os.W_OK | os.X_OK):
        if ground.is_in_home(cache) and (owner_differs(cache) or ownership.is_read_only(cache)):
            return
        name = "PIP_CACHE_DIR" if ground.env.get("PIP_CACHE_DIR") else ""
        yield Sign(ailment=Ailment.CACHE_UNUSABLE, paths=(cache,), name=name)


def _path(ground: Ground) -> Iterator[Sign]:
    env = ground.env
    entries = env.get("PATH", os.defpath).split(os.pathsep)
    if any(entry == "~" or entry.startswith("~/") for entry in entries):
        yield Sign(ailment=Ailment.TILDE_IN_PATH, detail=_without_tilde(entries, ground))
        env = {**env, "PATH": _without_tilde(entries, ground)}
    for folder in dict.fromkeys(_scripts_dirs(ground)):
        commands = [
            entry.name.removesuffix(".exe")
            for entry in listed(folder)
            if userpip.is_executable(entry.path) and not entry.name.startswith(_PYTHONS)
        ]
        if not commands:
            continue
        if not search.directory_on_path(folder, env, ground.shell, anywhere=True):
            yield Sign(ailment=Ailment.OFF_PATH, paths=(folder,), name=commands[0])
            continue
        for command in commands:
            found = search.found_on_path(command, env, ground.shell, anywhere=True)
            if found is not None and not search.is_same_file(found, folder / command):
                yield Sign(
                    ailment=Ailment.SHADOWED_COMMAND, name=command, paths=(folder / command, found)
                )
                break


def _without_tilde(entries: list[str], ground: Ground) -> str:
    home = str(ground.home or "")
    return os.pathsep.join(
        home + entry[1:] if entry == "~" or entry.startswith("~/") else entry for entry in entries
    )


def _scripts_dirs(ground: Ground) -> Iterator[Path]:
    """Where commands of the user's are put: by ``--user``, pipx and uv."""
    python = ground.pip_python
    if python is not None and python.user_scripts is not None:
        yield Path(python.user_scripts)
    if ground.home is not None:
        yield ground.home / ".local/bin"
    if ground.env.get("PIPX_BIN_DIR"):
        yield pipx.bin_dir(ground.env)
