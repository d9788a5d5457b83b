"""The shells' profiles: which files a shell reads, and which of them are given a line of ours.

Only looks. What is done with a file is in ``line``.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from safepip import userpip
from safepip.machine import home as machine_home
from safepip.machine import paths, search, shell
from safepip.model.errors import CannotCreateError
from safepip.model.problems import Problem
from safepip.profiles import registry
from safepip.shells.commands import family
from safepip.shells.kinds import Shell, shell_named
from safepip.shells.texts import POSIX

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_BASH_LOGIN = (".bash_profile", ".bash_login", ".profile")
"""At a login bash reads the first of these that it can, and nothing else of the user's.

Source: bash(1), INVOCATION.
"""

# What each reads where ENV names no file. Source: ksh(1), Invocation; mksh(1), Startup files.
_KSHRC = {"ksh93": ".kshrc", "mksh": ".mkshrc", "lksh": ".mkshrc"}

# Outside a comment, which begins with a word; /etc has files of the name that are another matter.
_READS_BASHRC = re.compile(
    rb"^(?:[^#\n]|(?<=[^\s;])#)*?(?:^|[\s;&|({])(?:\.|source)[ \t]"
    rb"[^#\n;&|]*?(?<!/etc/)(?<!/etc/bash\.)bashrc",
    re.MULTILINE,
)


_POWERSHELLS = {"pwsh": "PowerShell", "powershell": "WindowsPowerShell"}
"""The newer one and that of Windows (5.1), with what holds their profiles below Documents.

Source: about_Profiles.
"""
_POWERSHELL_PROFILE = "Microsoft.PowerShell_profile.ps1"


class Profile(NamedTuple):
    """A file that a shell reads at its start, perhaps missing."""

    file: Path
    at_login: bool = False
    """Read at a login only, and perhaps by other shells: what stands there must not harm them."""


def for_functions(shell: Shell, env: Mapping[str, str]) -> tuple[Profile, ...]:
    """The files that must be told so that *shell* knows our functions wherever the user types.

    Raises:
        CannotCreateError: the user has no home.
    """
    home = _home(env)
    if shell is Shell.BASH:
        bashrc = Profile(file=home / ".bashrc")
        login = _bash_login_file(home)
        if search.is_same_file(login, bashrc.file) or _reads_bashrc(login):
            return (bashrc,)
        return (bashrc, Profile(file=login, at_login=True))
    if shell is Shell.POWERSHELL and userpip.WINDOWS:
        there = {name for name in _POWERSHELLS if next(userpip.on_path(name, env), None)}
        return tuple(Profile(file=file) for file in of_powershell(_documents(home, env), there))
    return (Profile(file=_always_read(shell, home, env)),)


def only_at_login(shell: Shell, env: Mapping[str, str]) -> bool:
    """Whether *shell* reads the file that it is told by at a login only.

    Raises:
        CannotCreateError: the user has no home.
    """
    plain = shell in POSIX and _absolute(env.get("ENV")) is None
    return plain and _always_read(shell, _home(env), env).name == ".profile"


def with_functions(shell: Shell, env: Mapping[str, str]) -> tuple[Profile, ...]:
    """The files that may have been told for *shell* once, whichever is read today.

    Raises:
        CannotCreateError: the user has no home.
    """
    home = _home(env)
    chosen = for_functions(shell, env)
    if shell is Shell.BASH:
        others = [Profile(file=home / name, at_login=True) for name in _BASH_LOGIN]
    elif shell is Shell.POWERSHELL and userpip.WINDOWS:
        # Documents may have been moved since.
        folders = (_documents(home, env), home / "Documents")
        files = [file for folder in folders for file in of_powershell(folder, _POWERSHELLS)]
        others = [Profile(file=file) for file in files]
    else:
        others = [Profile(file=file) for file in _one_of(shell, home, env)]
    return tuple(dict.fromkeys((*chosen, *(one for one in others if paths.exists(one.file)))))


def for_path(shell: Shell, env: Mapping[str, str], *, old: bool = False) -> tuple[Path, ...]:
    """The files in which *shell* is told its PATH: all that it may read at a start.

    *old*: also those that are not taken now and were perhaps taken before.
    """
    home = machine_home.home_of(env)
    if home is None or shell is Shell.CMD:
        return ()
    if shell is Shell.BASH:
        login = [home / name for name in _BASH_LOGIN] if old else [_bash_login_file(home)]
        return (home / ".bashrc", *login)
    if shell in POSIX:
        return (home / ".profile",)
    if shell in {Shell.TCSH, Shell.CSH} and old:
        return (home / ".tcshrc", home / ".cshrc")
    return (_always_read(shell, home, env),)


def of_powershell(documents: Path, programs: Collection[str]) -> tuple[Path, ...]:
    """The profiles of those PowerShells of Windows that are among *programs*, else the newer's."""
    chosen = [name for name in _POWERSHELLS if name in programs] or ["pwsh"]
    return tuple(documents / _POWERSHELLS[name] / _POWERSHELL_PROFILE for name in chosen)


def _documents(home: Path, env: Mapping[str, str]) -> Path:
    found = registry.documents(registry.personal_folder, env)
    return home / "Documents" if found is None else Path(found)


def _home(env: Mapping[str, str]) -> Path:
    home = machine_home.home_of(env)
    if home is None:
        raise CannotCreateError(Problem.NO_HOME)
    return home


def _always_read(shell: Shell, home: Path, env: Mapping[str, str]) -> Path:
    """The file that *shell* reads whenever it begins to talk to the user; perhaps missing."""
    if shell is Shell.BASH:
        return home / ".bashrc"
    if shell is Shell.ZSH:  # Source: zsh(1), STARTUP/SHUTDOWN FILES
        return (_absolute(env.get("ZDOTDIR")) or home) / ".zshrc"
    if shell is Shell.NUSHELL:
        return _nushell_config(home, env) / "nushell" / "config.nu"
    if shell is Shell.POWERSHELL and userpip.WINDOWS:
        return of_powershell(_documents(home, env), ())[0]
    if shell in {Shell.TCSH, Shell.CSH, Shell.XONSH}:
        # With a .tcshrc, tcsh does not read .cshrc: a new one would hide what the user has.
        # Source: tcsh(1), Startup and shutdown.
        choice = _one_of(shell, home, env)
        return next((file for file in choice if paths.exists(file)), choice[-1])
    if shell in POSIX and (told := _absolute(env.get("ENV"))):
        return told
    # Without ENV some ksh have a file of their own; the others then read one at a login only.
    own = _KSHRC.get(_ksh(env)) if shell is Shell.KSH else None
    name = own or family(shell).profile
    below = name.removeprefix(".config/")
    return home / name if below == name else _config(home, env) / below


def _ksh(env: Mapping[str, str]) -> str:
    """The name of the Korn shell that the user types into, links followed; perhaps empty."""
    for word in (shell.parent_program() or "", env.get("SHELL", ""), "ksh", "mksh"):
        name = Path(word.lstrip("-")).name
        found = next(userpip.on_path(name, env), None) if shell_named(name) is Shell.KSH else None
        if found is not None:
            return Path(found).resolve().name
    return ""


def _one_of(shell: Shell, home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """The files of which the first that is there is taken, else the last."""
    if shell is Shell.TCSH:
        return (home / ".tcshrc", home / ".cshrc", home / ".tcshrc")
    if shell is Shell.CSH:
        return (home / ".cshrc",)
    if shell is Shell.XONSH:
        return (home / ".xonshrc", _config(home, env) / "xonsh" / "rc.xsh")
    if shell in POSIX:
        # They share the file that the lines read, too.
        return tuple(home / name for name in (".profile", *dict.fromkeys(_KSHRC.values())))
    return ()


def _config(home: Path, env: Mapping[str, str]) -> Path:
    return _absolute(env.get("XDG_CONFIG_HOME")) or home / ".config"


def _nushell_config(home: Path, env: Mapping[str, str]) -> Path:
    """The folder of its own folder: the system's, where XDG_CONFIG_HOME names none.

    Source: nushell's book, "Configuration"; its ``nu-path``, ``nu_config_dir``.
    """
    system = home / ".config"
    if userpip.WINDOWS:
        system = _absolute(env.get("APPDATA")) or system
    elif sys.platform == "darwin":
        system = home / "Library" / "Application Support"
    return _absolute(env.get("XDG_CONFIG_HOME")) or system


def _absolute(word: str | None) -> Path | None:
    # A relative one counts as unset. Source: XDG Base Directory Specification, "Basics".
    return Path(word) if word and Path(word).is_absolute() else None


def _bash_login_file(home: Path) -> Path:
    """The file that bash reads at a login.

    Where there is none it is ``.profile``: a new ``.bash_profile`` would hide one that comes later.
    """
    files = [home / name for name in _BASH_LOGIN]
    return next((file for file in files if os.access(file, os.R_OK)), files[-1])


def _reads_bashrc(file: Path) -> bool:
    """Whether *file* seems to have bash read ``.bashrc`` as well.

    A wrong no costs a line that reads the same functions again.
    """
    try:
        return _READS_BASHRC.search(paths.content(file)) is not None
    except OSError:
        return False
