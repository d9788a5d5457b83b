"""Looks at pipx's own affairs: where it keeps what, and whether its pip can do the work here."""

from __future__ import annotations

import filecmp
import json
import os
import re
import sys
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.machine import distributions, paths
from safepip.model.reasons import Reason, because
from safepip.reading.names import normalized

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from safepip.model.interpreter import Interpreter
    from safepip.model.reasons import Why


def _named(env: Mapping[str, str], variable: str) -> Path | None:
    """The directory that pipx's own *variable* names, absolute; None for none.

    Source: pipx, ``src/pipx/paths.py``, which resolves it from the working directory.
    """
    return paths.expanded(env[variable]).absolute() if env.get(variable) else None


def settled(env: Mapping[str, str]) -> dict[str, str]:
    """Those variables as every pipx reads them alike: older ones follow no ``~``."""
    names = ("PIPX_HOME", "PIPX_BIN_DIR", "PIPX_MAN_DIR", "PIPX_SHARED_LIBS")
    found = {name: _named(env, name) for name in names}
    return {name: str(path) for name, path in found.items() if path is not None}


def _xdg(env: Mapping[str, str], variable: str, default: str) -> Path:
    """The base directory of *variable*; *default* is below the home."""
    value = env.get(variable, "")
    return Path(value) if value.strip() else paths.expanded(default)


def home(env: Mapping[str, str], *, system: str = sys.platform) -> Path:
    """Where pipx keeps its environments, without asking it.

    Source: pipx, ``src/pipx/paths.py``: the older ``~/.local/pipx`` is used on where it is.
    """
    named = _named(env, "PIPX_HOME")
    if named is not None:
        return named
    older = ("~/.local/pipx", "~/pipx") if system == "win32" else ("~/.local/pipx",)
    found = next((one for one in map(paths.expanded, older) if paths.is_dir(one)), None)
    return found or _defaults(env, system)[0]


def own_places(env: Mapping[str, str], *, system: str = sys.platform) -> tuple[Path, ...]:
    """The directories that are pipx's alone: its environments, its log, its cache."""
    if env.get("PIPX_HOME"):
        return (home(env),)
    return (home(env, system=system), *_defaults(env, system)[1:])


def _defaults(env: Mapping[str, str], system: str) -> tuple[Path, Path, Path]:
    """The home, the folder of the logs and the cache where nothing else is said.

    Source: platformdirs, ``windows.py`` (the author is the application), ``macos.py``, ``unix.py``.
    """
    if system == "win32":
        local = env.get("LOCALAPPDATA") or paths.expanded("~/AppData/Local")
        own = Path(local, "pipx", "pipx")
        return own, own / "Logs", own / "Cache"
    if system == "darwin":
        library = paths.expanded("~/Library")
        kinds = ("Application Support", "Logs", "Caches")
        support, logs, caches = (library / kind / "pipx" for kind in kinds)
        return support, logs, caches
    return (
        _xdg(env, "XDG_DATA_HOME", "~/.local/share") / "pipx",
        _xdg(env, "XDG_STATE_HOME", "~/.local/state") / "pipx",
        _xdg(env, "XDG_CACHE_HOME", "~/.cache") / "pipx",
    )


def _shared(env: Mapping[str, str]) -> Path:
    """The environment that holds the pip with which pipx installs."""
    return _named(env, "PIPX_SHARED_LIBS") or home(env) / "shared"


def shared_places(env: Mapping[str, str]) -> tuple[Path, ...]:
    """The directories that pipx puts commands and man pages into, beside those of others.

    The sections of man pages count where they are there: an application may bring some.
    """
    man = _named(env, "PIPX_MAN_DIR") or paths.expanded("~/.local/share/man")
    sections = (one for one in paths.matching(man, "man*") if paths.is_dir(one))
    return (bin_dir(env), man, *sections)


def bin_dir(env: Mapping[str, str]) -> Path:
    """The directory that pipx puts commands into."""
    return _named(env, "PIPX_BIN_DIR") or paths.expanded("~/.local/bin")


def places(env: Mapping[str, str]) -> tuple[Path, ...]:
    """Every directory that pipx makes or writes to before it is done with an install.

    Source: pipx, ``src/pipx/paths.py`` and ``main.py`` (``setup``, ``setup_log_file``).
    """
    inner = (home(env) / "venvs", home(env) / "py", home(env) / "logs", _shared(env))
    own = own_places(env)
    return (own[0], *inner, *(one / "log" for one in own[1:2]), *own[2:], *shared_places(env))


def unfit(
    interpreter: Interpreter, env: Mapping[str, str], *, no_index: bool, find_links: Iterable[str]
) -> Why | None:
    """Why pipx's pip cannot do the work here, as far as that shows beforehand; None if it can.

    It is one pip for all Pythons, and the newest that its own Python can run. Before its first use
    pipx upgrades it, from where the user's pip looks.
    """
    site = next(iter(distributions.site_dirs(_shared(env))), None)
    own = userpip.own_pip_dir()
    if site is None and own is not None:
        site = Path(own).parent
    if site is not None and not _serves(site, interpreter):
        return because(Reason.PIPX_OLD, version=interpreter.short_version)
    made = paths.is_dir(_shared(env))
    if no_index and not made and not any(_may_hold_pip(one) for one in find_links):
        return because(Reason.PIPX_NO_INDEX)
    return None


def _may_hold_pip(place: str) -> bool:
    if "://" in place:
        return True
    folder = paths.expanded(place)
    return not os.path.isdir(folder) or bool(paths.matching(folder, "pip-*"))


def _serves(site: Path, interpreter: Interpreter) -> bool:
    """Whether the pip in *site* runs on the Python of *interpreter*, by its own metadata."""
    pip = distributions.named("pip", (site,))
    said = "" if pip is None else distributions.header(pip, "Requires-Python")
    plain = re.fullmatch(r">=\s*(\d+)\.(\d+)", said)
    if plain or not said:  # as every pip says it
        return not plain or interpreter.version >= (int(plain[1]), int(plain[2]))
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(said).contains(interpreter.version_text, prereleases=True)
    except InvalidSpecifier:
        return True


# pipx itself is content with any environment of that name: of another version, what a killed run
# left, and one whose Python went with an upgrade of the system.


def is_whole(place: Path, bin_dir: Path) -> bool:
    """Whether the environment at *place* is done, and its commands are in *bin_dir*."""
    files = (place / "pyvenv.cfg", place / "pipx_metadata.json")
    apps = (bin_dir / app for apps in _apps(place).values() for app in apps)
    return all(map(paths.is_file, (*files, *apps)))


def satisfies(place: Path, spec: str) -> bool:
    """Whether the environment at *place* holds what *spec* asks for."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        wanted = Requirement(spec)
    except InvalidRequirement:  # pip will say so
        return False
    name = normalized(wanted.name)
    return wanted.extras <= _extras(place) and any(
        distribution.name == name
        and distribution.complete
        and wanted.specifier.contains(distribution.version, prereleases=True)
        for distribution in distributions.installed(distributions.site_dirs(place)).values()
    )


def _extras(place: Path) -> set[str]:
    """The extras that pipx was asked for when it filled the environment at *place*."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        metadata = json.loads(paths.text(place / "pipx_metadata.json"))
        return Requirement(metadata["main_package"]["package_or_url"]).extras
    except (OSError, ValueError, KeyError, TypeError, RecursionError, InvalidRequirement):
        return set()


def exposed(place: Path, bin_dir: Path) -> dict[str, tuple[PurePath, ...]]:
    """The commands that pipx put into *bin_dir* for the environment at *place*, by distribution.

    Where a file of the user's has the name there, pipx leaves it: the command is *place*'s only.
    """
    return {
        normalized(name): tuple(
            link if _is_of(place, link) else place / userpip.SCRIPTS / app
            for app in apps
            for link in (bin_dir / app,)
            if paths.is_file(link)
        )
        for name, apps in _apps(place).items()
    }


def _is_of(place: Path, link: Path) -> bool:
    """Whether *link* is the command of the environment at *place*: a link, or else a copy."""
    own = place / userpip.SCRIPTS / link.name
    try:
        return link.samefile(own) or filecmp.cmp(link, own, shallow=False)
    except OSError:
        return False


def _apps(place: Path) -> dict[str, list[str]]:
    """The names of the commands of the environment at *place*, by distribution."""
    try:
        metadata = json.loads(paths.text(place / "pipx_metadata.json"))
        if metadata.get("exposure_enabled") is False:  # as the user wants it: pipx unexpose
            return {}
        main = metadata["main_package"]
        by_name = {main["package"]: main["apps"]}
        if main["include_dependencies"]:
            for name, files in main["app_paths_of_dependencies"].items():
                by_name[name] = [PurePath(file["__Path__"]).name for file in files]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return {
        str(name): [app for app in apps if isinstance(app, str)]
        for name, apps in by_name.items()
        if isinstance(apps, list)
    }
