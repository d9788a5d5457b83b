"""``init``: the shell integration, printed or kept in the user's profile."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import sys
import sysconfig
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from safepip import console, locate, messages, rcfile, settings, shellcode, surroundings
from safepip.errors import CannotCreateError, UnavailableError, UsageError
from safepip.ledger import Ledger, sweep, write_atomically
from safepip.shells import Shell, shell_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TAG = "init"

_FLAGS = ("--activate", "--python-m-pip", "--install", "--uninstall", "--dry-run")
_VERSIONED = re.compile(r"pip3\.\d+", re.ASCII)
_FILE_MODE = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What was asked for on the command line."""

    shell: Shell
    flags: frozenset[str]

    @property
    def command(self) -> str:
        """The command that prints the same integration."""
        kept = [flag for flag in _FLAGS[:2] if flag in self.flags]
        return shlex.join(["safepip", "init", self.shell.value, *kept])


def run(words: Sequence[str], options: Mapping[str, str], env: Mapping[str, str]) -> int:
    """Print the integration for a shell, or put it into its profile or take it out.

    Raises:
        UsageError: *words* make no sense.
        UnavailableError: safepip itself is not where a shell could start it.
        CannotCreateError: the profile or safepip's own file cannot be written.
        ConfigError: a settings file or variable is wrong.
    """
    request = _read(words, env)
    if request.flags & {"--install", "--uninstall", "--dry-run"}:
        return _profile(request, options, env)
    console.show(_code(request, options, env).rstrip("\n"))
    if console.is_terminal(1):
        load = shellcode.load_command(request.shell, request.command)
        console.Console(env).say(messages.how_to_load(load))
    return 0


def _read(words: Sequence[str], env: Mapping[str, str]) -> _Request:
    names = [word for word in words if not word.startswith("-")]
    flags = frozenset(words) - set(names)
    unknown = sorted(flags - set(_FLAGS)) + names[1:]
    if unknown:
        what = f"init: '{unknown[0]}' is not possible"
        raise UsageError(what, why=f"allowed are one shell, {', '.join(_FLAGS)}")
    if {"--install", "--uninstall"} <= flags:
        what = "init: --install and --uninstall exclude each other"
        raise UsageError(what)
    shell = shell_named(names[0]) if names else surroundings.user_shell(env)
    if shell is None or shell not in shellcode.SHELLS:
        what = f"init: there is no integration for '{names[0] if names else 'cmd'}'"
        allowed = ", ".join(shell.value for shell in shellcode.SHELLS)
        raise UsageError(what, why=f"allowed are {allowed}")
    return _Request(shell=shell, flags=flags)


def _code(request: _Request, options: Mapping[str, str], env: Mapping[str, str]) -> str:
    wanted = "--activate" in request.flags
    # The settings count when pip is called; only tcsh must know beforehand.
    if request.shell in shellcode.CSHELLS and not wanted:
        wanted = settings.merge(options, env).activate
    return shellcode.code(
        request.shell,
        shellcode.Integration(
            program=_program(env),
            pips=("pip", "pip3", *_versioned_pips(env)),
            pythons=("python", "python3") if "--python-m-pip" in request.flags else (),
            activate=wanted,
        ),
    )


def _program(env: Mapping[str, str]) -> Path:
    """safepip as a shell can start it: by its name on PATH, so that a link stays what is named."""
    folders = [sysconfig.get_path("scripts"), os.path.dirname(sys.executable)]  # noqa: PTH120
    folders.append(sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user")))
    own = [
        Path(folder, "safepip" + suffix)
        for folder in folders
        for suffix in locate.SUFFIXES
        if locate.is_executable(str(Path(folder, "safepip" + suffix)))
    ]
    for found in locate.on_path("safepip", env):
        if any(surroundings.is_same_file(Path(found), one) for one in own):
            return Path(found)
    if not own:
        what = "the command safepip lies in no scripts directory of its Python"
        raise UnavailableError(what, why="so no shell function could run it")
    return own[0]


def _versioned_pips(env: Mapping[str, str]) -> list[str]:
    found = set()
    for folder in surroundings.search_path(env):
        with contextlib.suppress(OSError):
            names = [name.removesuffix(".exe") for name in os.listdir(folder)]  # noqa: PTH208
            found |= {name for name in names if _VERSIONED.fullmatch(name)}
    return sorted(
        (name for name in found if next(locate.on_path(name, env), None) is not None),
        key=lambda name: int(name.rpartition(".")[2]),
    )


def _profile(request: _Request, options: Mapping[str, str], env: Mapping[str, str]) -> int:
    shell, say = request.shell, console.Console(env).say
    profile = rcfile.profile_of(shell, env)
    file = settings.data_dir() / "shell" / shellcode.file_name(shell)
    line = shellcode.source_line(shell, file)
    if "--uninstall" in request.flags:
        change = _taken_out
    else:
        change = partial(rcfile.added, line=line, tag=TAG)
    if "--dry-run" in request.flags:
        try:
            before = rcfile.read(profile)
        except OSError as error:
            what = f"{profile} cannot be read"
            raise CannotCreateError(what, why=error.strerror or str(error)) from error
        text = rcfile.difference(profile, before, change(before))
        if text:
            console.show(text)
        else:
            say(messages.profile_as_it_is(profile))
        return 0
    ledger = Ledger(settings.state_dir())
    if "--uninstall" in request.flags:
        tagged = rcfile.edit(profile, change, ledger, paste=f"grep -v '>>> safepip {TAG}'")
        _remove_own(file, ledger)
        say(messages.profile_given_back(profile) if tagged else messages.profile_as_it_is(profile))
        return 0
    _write_own(file, _code(request, options, env), ledger, request)
    changed = rcfile.edit(profile, change, ledger, paste=line)
    load = shellcode.load_command(shell, request.command)
    say(messages.profile_edited(profile, file, load, changed=changed))
    return 0


def _taken_out(content: bytes | None) -> bytes | None:
    return None if content is None else rcfile.removed(content, TAG)


def _remove_own(file: Path, ledger: Ledger) -> None:
    with ledger.lock(file) as alone, contextlib.suppress(OSError):
        if alone:
            sweep(file)
        file.unlink(missing_ok=True)
        file.parent.rmdir()


def _write_own(file: Path, text: str, ledger: Ledger, request: _Request) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with ledger.lock(file) as alone:
            if alone:
                sweep(file)
            write_atomically(file, os.fsencode(text), mode=_FILE_MODE)
    except OSError as error:
        what = f"{file} cannot be written"
        load = shellcode.load_command(request.shell, request.command)
        raise CannotCreateError(
            what, why=f"{error.strerror or error}; a line for your profile instead", do=load
        ) from error
