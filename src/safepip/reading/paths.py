"""What a path of an unknown machine tells by its looks: system, place of an install, cache.

Pure text: nothing is looked up.
"""

from __future__ import annotations

import re
from enum import Enum

_UNINSTALL = re.compile(
    r"(?:^|.*[\\/])pip-(?:[^\\/]+-uninstall|uninstall-[^\\/]+)[\\/]*(.*)$", re.DOTALL
)
_ARCHIVE = re.compile(r"\.(?:whl|zip|tar|tar\.\w+|tgz|egg)$", re.IGNORECASE)
_PROGRAM = re.compile(r"\.(?:exe|pyd|dll)$", re.IGNORECASE)
_READ_NAMES = frozenset({"METADATA", "PKG-INFO", "RECORD", "INSTALLER", "entry_points.txt"})


class System(Enum):
    """The kind of system that a path or a log comes from."""

    POSIX = "posix"
    MACOS = "macos"
    WINDOWS = "windows"


def system_of(path: str) -> System | None:
    """The system that the looks of *path* tell; None for a relative path or a bare name."""
    if re.match(r"[A-Za-z]:[\\/]|\\\\", path):
        return System.WINDOWS
    if re.match(
        r"/(?:Users|Library|System|Applications|Volumes|private|opt/homebrew)(?:/|$)", path
    ):
        return System.MACOS
    return System.POSIX if path.startswith("/") else None


def descriptor_of(path: str) -> int | None:
    """The number of the open file that *path* stands for (``/dev/fd/63``); None for a real path."""
    if path == "/dev/stdin":
        return 0
    found = re.fullmatch(r"/(?:dev|proc/self)/fd/(\d{1,7})", path)
    return int(found[1]) if found else None


def unescape(text: str) -> str:
    """*text* without the escapes of Python's ``repr``."""

    def one(found: re.Match[str]) -> str:
        escape = found[1]
        if escape[0] in "xuU" and len(escape) > 1:
            number = int(escape[1:], 16)
            return chr(number) if number <= 0x10FFFF else found[0]
        return escape

    return re.sub(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|['\"\\])", one, text)


def is_absolute(path: str) -> bool:
    """Whether *path* is absolute on some system."""
    return path.startswith(("/", "\\")) or bool(re.match(r"[A-Za-z]:[\\/]", path))


def before_uninstall(path: str) -> tuple[str | None, bool]:
    """Where *path* lay before pip moved it aside to uninstall it, and whether it did."""
    found = _UNINSTALL.match(path)
    if found is None:
        return None, False
    if "-uninstall" not in path[: found.start(1)].rstrip("\\/").rsplit("pip-", 1)[-1]:
        return None, True
    if not found[1]:
        return None, True
    windows = re.match(r"[A-Za-z]:", path)
    return (f"{windows[0]}\\{found[1]}" if windows else f"/{found[1]}"), True


def is_program(path: str) -> bool:
    """Whether *path* is a file that Windows locks while it runs."""
    return bool(_PROGRAM.search(path))


def is_administered(path: str) -> bool:
    """Whether *path* lies where Windows lets only administrators write."""
    return bool(_ADMINISTERED.match(_slashed(path)))


def is_read_by_pip(path: str) -> bool:
    """Whether *path* is of a kind that pip reads before it installs."""
    name = re.split(r"[\\/]", path)[-1]
    return name in _READ_NAMES or bool(_ARCHIVE.search(name))


def is_pips_own(path: str) -> bool:
    """Whether *path* belongs to an installed pip."""
    return bool(_PIPS_OWN.search(_slashed(path)))


def is_loaded(path: str) -> bool:
    """Whether *path* is of a kind that Windows has locked while pip itself, or any Python, runs."""
    return bool(_LOADED.search(_slashed(path)))


def is_data_of_a_prefix(path: str) -> bool:
    """Whether *path* lies where data files of packages go: below share, man or etc of a prefix."""
    return bool(_DATA_SHAPE.search(_slashed(path)))


def is_no_place(path: str) -> bool:
    """Whether *path* looks like something that pip uses, but never installs to.

    A cache, a temporary or a build's folder, a log, a file with requirements or settings, a report,
    an archive.
    """
    path = _slashed(path)
    if path.endswith(".egg-info") and is_site(path):
        return False
    return bool(_TEMPORARY.search(path) or _ARCHIVE.search(path) or _NO_PLACE.search(path))


def is_install_place(path: str) -> bool:
    """Whether an interpreter's install scheme writes to places like *path*."""
    return bool(_SHAPES.search(_slashed(path)))


def is_in_prefix(path: str) -> bool:
    """Whether *path* may lie in the prefix of a Python; more is let through than by the others."""
    return is_install_place(path) or bool(_PREFIX_SHAPE.search(_slashed(path)))


def is_site(path: str) -> bool:
    """Whether *path* lies in a site directory or is a script: places that only installs write."""
    return bool(_SITE_SHAPE.search(_slashed(path)))


def is_library(path: str) -> bool:
    """Whether *path* is the library of a Python, or lies in one."""
    return bool(re.search(r"/lib(?:64)?/python\d", _slashed(path), re.IGNORECASE))


def is_pip_temporary(path: str) -> bool:
    """Whether *path* lies in a folder that pip makes for a while."""
    return bool(_PIP_TEMPORARY.search(_slashed(path)))


def is_user_place(path: str) -> bool:
    """Whether *path* lies where ``--user`` installs to."""
    return bool(_USER_SHAPE.search(_slashed(path)))


def is_home(path: str) -> bool:
    """Whether *path* is a home, or the root directory that stands for one in a container."""
    return bool(_HOME_SHAPE.match(_slashed(path)))


def is_of_no_home(path: str) -> bool:
    """Whether *path* is a home, or lies in one, that stands for none: ``/`` or ``/nonexistent``."""
    return bool(re.match(r"(?:/|/nonexistent(?:/.*)?|/\.local(?:/.*)?)\Z", path))


def is_in_virtual_environment(path: str) -> bool:
    """Whether *path* seems to lie in a virtual environment."""
    return bool(_ENVIRONMENT_SHAPE.search(_slashed(path)))


def _slashed(path: str) -> str:
    """*path* with slashes of one kind, and without the mark of Windows' long paths."""
    path = path.replace("\\", "/")
    return path.removeprefix("//?/") if path.startswith("//?/") else path


_SHAPES = re.compile(
    r"""
      /(?:site|dist)-packages(?:/|$)
      | /bin/[^/]+$ | /bin/?$ | /scripts(?:/|$)
      | /lib(?:64)?/python\d[^/]*(?:/|$)
      | ^/(?:usr|usr/local|opt/[^/]+|opt/homebrew)/(?:lib|lib64|share|include|man|etc|src)(?:/|$)
      | ^/library/(?:python|frameworks/python\.framework)(?:/|$) | ^/system/library/
      | /python\.framework/
      | /\.local(?:/(?:lib|bin|share|include|man|etc)(?:/|$)|$) | ^/(?:usr|usr/local)/?$
      | ^/users/[^/]+/library/python(?:/|$) | /(?:etc|share)/jupyter(?:/|$)
      | ^[a-z]:/(?:program\ files(?:\ \(x86\))?/)?python[\d.-]*(?:/|$)
      | ^[a-z]:/programdata/(?:ana|mini)conda\d?(?:/|$)
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Paths that an install writes to, with slashes of either kind made alike."""

_PREFIX_SHAPE = re.compile(
    r"^/usr/local/[^/]|/(?:share|include|man|etc|bin|lib|lib64|scripts|doc)(?:/|$)", re.IGNORECASE
)
_SITE_SHAPE = re.compile(
    r"/(?:site|dist)-packages(?:/|$)|^/library/python/|^/system/library/|/python\.framework/"
    r"|/lib(?:64)?/python\d[^/]*/|/(?:bin|scripts)/[^/]+$",
    re.IGNORECASE,
)
_PIP_TEMPORARY = re.compile(
    r"/pip-(?:[^/]+-(?:build|unpack|record|wheel)|(?:build|install|req|unpack|ephem|target|wheel"
    r"|download|standalone|modern|metadata|record|egg-info|tmp)[^/]*)(?:/|$)",
    re.IGNORECASE,
)
_TEMPORARY = re.compile(
    r"^/(?:var/)?tmp/|^/(?:private/)?var/folders/|/temp/|/\.cache/|/caches/|/pip/cache(?:/|$)",
    re.IGNORECASE,
)
_NO_PLACE = re.compile(
    r"/(?:build|dist|src|logs?|\.git|\.tox|wheelhouse|wheels)(?:/|$)"
    r"|/(?:temporary|tmp|temp|\.?caches?|wheels?_cache)(?:/|$)"
    r"|(?:^|/)(?:[^/]*requirements?[^/]*|[^/]*constraints?[^/]*)\.(?:txt|in)$"
    r"|(?:^|/)(?:setup\.(?:py|cfg)|pyproject\.toml|pip\.(?:conf|ini)|pipfile(?:\.lock)?"
    r"|poetry\.lock|[^/]*report[^/]*\.json|[^/]+\.(?:egg-info|log|toml|lock|ya?ml|cfg|ini))$",
    re.IGNORECASE,
)
_DATA_SHAPE = re.compile(
    r"^/(?:usr|usr/local|opt/[^/]+)/(?:share|man|etc|include)(?:/|$)|/share/man(?:/|$)",
    re.IGNORECASE,
)
_LOADED = re.compile(
    r"\.(?:pyd|dll)$|/(?:pip[\d.]*|easy_install[^/]*|python[\d.]*w?)\.exe$", re.IGNORECASE
)
_PIPS_OWN = re.compile(
    r"/(?:site|dist)-packages/pip(?:-[\d.]+\.(?:dist|egg)-info)?(?:/|$)"
    r"|/(?:bin/pip[\d.]*|scripts/pip[\d.]*\.exe)$",
    re.IGNORECASE,
)
_ADMINISTERED = re.compile(r"^[a-z]:/(?:program files|programdata|windows)", re.IGNORECASE)
_USER_SHAPE = re.compile(
    r"^/(?:home/[^/]+|users/[^/]+|root)/(?:\.local|library/python)(?:/|$)|^/\.local(?:/|$)"
    r"|/appdata/(?:roaming|local)/(?:python|packages)/",
    re.IGNORECASE,
)
_HOME_SHAPE = re.compile(
    r"(?:/|(?:/home|/users|[a-z]:/users)/[^/]+/?|/root/?|/nonexistent/?)$", re.IGNORECASE
)
_ENVIRONMENT_SHAPE = re.compile(
    r"/(?:\.?v?env|\.?venvs?/[^/]+|\.?virtualenvs?/[^/]+|envs/[^/]+|[^/]*venv[^/]*)"
    r"/(?:lib|lib64|bin|scripts|share|include)(?:/|$)",
    re.IGNORECASE,
)
