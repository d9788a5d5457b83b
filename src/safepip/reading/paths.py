"""What a path of an unknown machine tells by its looks: system, place of an install, cache.

Pure text: nothing is looked up.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_UNINSTALL = re.compile(
    r"(?:^|.*[\\/])pip-(?:[^\\/]+-uninstall|uninstall-[^\\/]+)[\\/]*(.*)$", re.DOTALL
)
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


def is_bare(path: str) -> bool:
    """Whether *path* is a name without any directory."""
    return not re.search(r"[\\/].", path)


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


def is_read_by_pip(path: str) -> bool:
    """Whether *path* is of a kind that pip reads before it installs."""
    name = re.split(r"[\\/]", path)[-1]
    return name in _READ_NAMES or _is_archive(name)


# What a path looks like


def _looks(pattern: str) -> Callable[[str], bool]:
    """Make the question whether a path has a part like *pattern*.

    Its slashes are made alike, and the mark of Windows' long paths is left out. It is compiled when
    it is first asked: most are asked of a log alone.
    """

    def answer(path: str) -> bool:
        path = path.replace("\\", "/").removeprefix("//?/")
        return re.search(pattern, path, re.IGNORECASE) is not None

    return answer


_is_archive = _looks(r"\.(?:whl|zip|tar|tar\.\w+|tgz|egg)$")

is_program = _looks(r"\.(?:exe|pyd|dll)$")
"""Whether it is a file that Windows locks while it runs."""

is_loaded = _looks(r"\.(?:pyd|dll)$|/(?:pip[\d.]*|easy_install[^/]*|python[\d.]*w?)\.exe$")
"""Whether Windows has a file of this kind locked while pip itself, or any Python, runs."""

is_administered = _looks(r"^[a-z]:/(?!.*/~)(?:program\ files|programdata|windows)")
"""Whether it lies where Windows lets only administrators write, and pip did not rename it."""

is_data_of_a_prefix = _looks(
    r"^/(?:usr|usr/local|opt/[^/]+)/(?:share|man|etc|include)(?:/|$)|/share/man(?:/|$)"
    r"|^/usr/(?:local/)?[^/]+$"
)
"""Whether it lies where data files of packages go: in a prefix, or below its share, man or etc."""

is_install_place = _looks(
    r"""(?x)
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
    """
)
"""Whether an interpreter's install scheme writes to places like it."""

_is_of_prefix = _looks(
    r"^/usr/local/[^/]|/(?:share|include|man|etc|bin|lib|lib64|scripts|doc)(?:/|$)"
)

is_site = _looks(
    r"/(?:site|dist)-packages(?:/|$)|^/library/python/|^/system/library/|/python\.framework/"
    r"|/lib(?:64)?/python\d[^/]*/|/(?:bin|scripts)/[^/]+$"
)
"""Whether it lies in a site directory or is a script: places that only installs write."""

is_top_of_site = _looks(
    r"/(?:site|dist)-packages(?:/[^/]+(?:\.(?:dist|egg)-info/.*)?)?/?$|^/\.local/?$"
    r"|^/library/python/[\d.]+/?$|/lib(?:64)?/python\d[\d.x]*(?:/\.\.\.)?/?$"
)
"""Whether it is a site directory, or what pip writes first in one: hardly anybody else does."""

is_app_data = _looks(
    r"/\.local/share/(?!man/|jupyter/|doc/)[^/]+/"
    r"|/(?:site|dist)-packages/(?![^/]+-info/)[^/]+/(?:.*/)?[^/]+\.(?!py[cdi]?$|so$|dll$)\w+$"
)
"""Whether it lies where programs keep what is theirs: in a home, or beside their own code."""

is_metadata = _looks(r"/(?:site|dist)-packages/[^/]+\.(?:dist|egg)-info(?:/|$)")
"""Whether it describes an installed distribution: nobody but an installer writes it."""

is_pip_temporary = _looks(
    r"/pip-(?:[^/]+-(?:build|unpack|record|wheel)|(?:build|install|req|unpack|ephem|target|wheel"
    r"|download|standalone|modern|metadata|record|egg-info|tmp)[^/]*)(?:/|$)"
)
"""Whether it lies in a folder that pip makes for a while."""

is_pips_own = _looks(
    r"/(?:site|dist)-packages/pip(?:-[\d.]+\.(?:dist|egg)-info)?(?:/|$)"
    r"|/(?:bin/pip[\d.]*|scripts/pip[\d.]*\.exe)$"
)
"""Whether it belongs to an installed pip."""

is_library = _looks(r"/lib(?:64)?/python\d")
"""Whether it is the library of a Python, or lies in one."""

_is_no_place = _looks(
    r"^/(?:var/)?tmp/|^/(?:private/)?var/folders/|/temp/|/\.cache/|/caches/|/pip/cache(?:/|$)"
    r"|\.(?:whl|zip|tar|tar\.\w+|tgz|egg)$"
    r"|/(?:build|dist|src|logs?|\.git|\.tox|wheelhouse|wheels)(?:/|$)"
    r"|/(?:temporary|tmp|temp|\.?caches?|wheels?_cache)(?:/|$)"
    r"|/pkgs/[^/]+-[^/]+-[^/]+/|\.egg-info/pkg-info$"  # conda's cache; what pip reads
    r"|(?:^|/)(?:[^/]*requirements?[^/]*|[^/]*constraints?[^/]*)\.(?:txt|in)$"
    r"|(?:^|/)(?:setup\.(?:py|cfg)|pyproject\.toml|pip\.(?:conf|ini)|pipfile(?:\.lock)?"
    r"|poetry\.lock|[^/]*report[^/]*\.json|[^/]+\.(?:log|toml|lock|ya?ml|cfg|ini))$"
)
is_user_place = _looks(
    r"^/(?:home/[^/]+|users/[^/]+|root)/(?:\.local|library/python)(?:/|$)|^/\.local(?:/|$)"
    r"|/appdata/(?:roaming|local)/(?:python|packages)/"
)
"""Whether it lies where ``--user`` installs to."""

is_home = _looks(r"^(?:/|(?:/home|/users|[a-z]:/users)/[^/]+/?|/root/?|/nonexistent/?)$")
"""Whether it is a home, or the root directory that stands for one in a container."""

is_in_virtual_environment = _looks(
    r"/(?:\.?v?env|\.?venvs?/[^/]+|\.?virtualenvs?/[^/]+|envs/[^/]+|[^/]*venv[^/]*)"
    r"/(?:lib|lib64|bin|scripts|share|include)(?:/|$)"
)
"""Whether it seems to lie in a virtual environment."""


def is_no_place(path: str) -> bool:
    """Whether *path* looks like something that pip uses, but never installs to.

    A cache, a temporary or a build's folder, a log, a file with requirements or settings, a report,
    an archive.
    """
    return _is_no_place(path) or (path.endswith(".egg-info") and not is_site(path))


def is_in_prefix(path: str) -> bool:
    """Whether *path* may lie in the prefix of a Python; more is let through than by the others."""
    return is_install_place(path) or _is_of_prefix(path)


def is_of_no_home(path: str) -> bool:
    """Whether *path* is a home, or lies in one, that stands for none: ``/`` or ``/nonexistent``."""
    return bool(re.match(r"(?:/|/nonexistent(?:/.*)?|/\.local(?:/.*)?)\Z", path))
