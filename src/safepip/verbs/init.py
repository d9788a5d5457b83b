"""``init``: the shell integration, printed or kept in the user's profile."""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING, NamedTuple

from safepip import console, settings, userpip
from safepip.machine import paths
from safepip.machine import shell as machine_shell
from safepip.model.decisions import Strategy
from safepip.model.errors import CannotCreateError, UnavailableError, UsageError
from safepip.model.problems import Problem
from safepip.profiles import files
from safepip.profiles import line as profiles_line
from safepip.profiles.edits import carry_out
from safepip.reading import flags
from safepip.shells import texts
from safepip.shells.kinds import Integration, Shell, shell_named
from safepip.state import HINT_ON_INIT, Ledger, make_folder, sweep, write_atomically
from safepip.wording import guide as wording_guide
from safepip.wording import help as help_texts
from safepip.wording import shell as wording_shell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from safepip.profiles.files import Profile
    from safepip.profiles.line import Edit

TAG = "init"
LOGIN_TAG = "login"
"""In a file that is read at a login, which has a line for ``sh`` perhaps; that one is not ours."""

_KEPT = ("--activate", "--no-activate", "--python-m-pip")
FLAGS = (*_KEPT, "--install", "--uninstall", "--dry-run")
_VERSIONED = re.compile(r"pip3\.\d+", re.ASCII)
_FILE_MODE = 0o644


class _Request(NamedTuple):
    """What was asked for on the command line."""

    shell: Shell
    flags: frozenset[str]

    def command(self, env: Mapping[str, str]) -> str:
        """The command that prints the same integration, from where the user stands."""
        kept = [flag for flag in _KEPT if flag in self.flags]
        return " ".join([machine_shell.own_word(env, self.shell), "init", self.shell.value, *kept])


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
    console.show(_code(request, options, env).rstrip("\n"), exact=True)
    if console.is_terminal(1):
        load = texts.load_command(request.shell, request.command(env))
        console.Console(env).say(wording_shell.how_to_load(load))
    return 0


def _read(words: Sequence[str], env: Mapping[str, str]) -> _Request:
    given, names = flags.split("init", words, *FLAGS, names=1)
    shell = shell_named(names[0]) if names else machine_shell.user_shell(env)
    if shell is None or shell not in texts.SHELLS:
        allowed = tuple(shell.value for shell in texts.SHELLS)
        name = names[0] if names else "cmd"
        raise UsageError(Problem.UNKNOWN_SHELL, name=name, allowed=allowed)
    return _Request(shell=shell, flags=given)


def _code(request: _Request, options: Mapping[str, str], env: Mapping[str, str]) -> str:
    always, wanted = "--activate" in request.flags, "--no-activate" not in request.flags
    # The settings count when pip is called; only tcsh must know beforehand.
    if request.shell in texts.CSHELLS and wanted and not always:
        wanted = settings.merge(options, env).activate
    program = machine_shell.own_program(env)
    if program is None:
        raise UnavailableError(Problem.NO_SAFEPIP)
    return texts.code(
        request.shell,
        Integration(
            program=program,
            pips=("pip", "pip3", *_versioned_pips(env)),
            pythons=("python", "python3") if "--python-m-pip" in request.flags else (),
            activate=wanted,
            always=always,
        ),
        _completed(),
    )


def _completed() -> dict[str, tuple[str, ...]]:
    """What may be typed behind each verb, for completion."""
    found = {
        verb: tuple(re.findall(r"^  (--[a-z-]+)", text, re.MULTILINE))
        for verb, text in help_texts.VERBS.items()
    }
    found["init"] += tuple(shell.value for shell in texts.SHELLS)
    found["settings"] += tuple(settings.KEYS)
    found["guide"] += wording_guide.ORDER
    found["plan"] += ("install",)
    found["--strategy"] = tuple(strategy.value for strategy in Strategy)
    found[""] = tuple(re.findall(r"^  (--[a-z-]+)", help_texts.OWN, re.MULTILINE))
    return found


def _versioned_pips(env: Mapping[str, str]) -> list[str]:
    found = set()
    for folder in userpip.path_folders(env):
        with contextlib.suppress(OSError):
            names = [name.removesuffix(".exe") for name in os.listdir(folder)]  # noqa: PTH208
            found |= {name for name in names if _VERSIONED.fullmatch(name)}
    return sorted(
        (name for name in found if next(userpip.on_path(name, env), None) is not None),
        key=lambda name: int(name.rpartition(".")[2]),
    )


def _profile(request: _Request, options: Mapping[str, str], env: Mapping[str, str]) -> int:
    shell, say = request.shell, console.Console(env).say
    chosen = files.for_functions(shell, env)
    file = settings.data_dir() / "shell" / texts.file_name(shell)
    if "--uninstall" in request.flags:
        edits = [
            profiles_line.taking_out(profile.file, _tag(profile))
            for profile in files.with_functions(shell, env)
        ]
    else:
        edits = [_putting_in(profile, shell, file) for profile in chosen]
    if "--dry-run" in request.flags:
        text = "\n".join(filter(None, map(profiles_line.preview, edits)))
        if text:
            console.show(text)
        else:
            say(wording_shell.profiles_as_they_are([profile.file for profile in chosen]))
        return 0
    ledger = Ledger(settings.state_dir())
    if "--uninstall" in request.flags:
        changed, _ = carry_out(edits, ledger, wording_shell.line_is_out)
        _remove_own(file, ledger)
        if changed:
            say(wording_shell.profiles_given_back(changed))
        else:
            say(wording_shell.profiles_as_they_are([profile.file for profile in chosen]))
        others = _of_other_shells(shell, env)
        if others:
            own = machine_shell.own_word(env, shell)
            commands = [f"{own} init {other.value} --uninstall" for other in others.values()]
            say(wording_shell.profiles_of_other_shells(tuple(others), commands))
        return 0
    _write_own(file, _code(request, options, env), ledger, request, env)
    changed, unchanged = carry_out(edits, ledger, wording_shell.line_is_in)
    load = texts.load_command(shell, request.command(env))
    at_login = files.only_at_login(shell, env)
    say(wording_shell.profiles_edited(changed, unchanged, load, at_login=at_login))
    ledger.first_time(HINT_ON_INIT)  # no report has to tell of it any more
    return 0


def _of_other_shells(shell: Shell, env: Mapping[str, str]) -> dict[Path, Shell]:
    """The profiles that still have our line, each with a shell that it is for."""
    found: dict[Path, Shell] = {}
    for other in texts.SHELLS:
        for profile in files.with_functions(other, env) if other is not shell else ():
            mark = profiles_line.mark(_tag(profile)).encode()
            with contextlib.suppress(OSError):
                if mark in paths.content(profile.file):
                    found.setdefault(profile.file, other)
    return found


def _putting_in(profile: Profile, shell: Shell, file: Path) -> Edit:
    line = texts.source_line(shell, file)
    if profile.at_login:
        # Other shells read ~/.profile, too, and would stumble over bash's functions.
        line = f'if [ -n "${{BASH_VERSION-}}" ]; then {line}; fi'
    return profiles_line.putting_in(profile.file, line, _tag(profile))


def _tag(profile: Profile) -> str:
    return LOGIN_TAG if profile.at_login else TAG


def _remove_own(file: Path, ledger: Ledger) -> None:
    with ledger.lock(file) as alone, contextlib.suppress(OSError):
        if alone:
            sweep(file)
        file.unlink(missing_ok=True)
        file.parent.rmdir()


def _write_own(
    file: Path, text: str, ledger: Ledger, request: _Request, env: Mapping[str, str]
) -> None:
    try:
        make_folder(file.parent)
        with ledger.lock(file) as alone:
            if alone:
                sweep(file)
            write_atomically(file, os.fsencode(text), mode=_FILE_MODE)
    except OSError as error:
        load = texts.load_command(request.shell, request.command(env))
        raise CannotCreateError(
            Problem.LINE_NOT_ADDED, files=(file,), why=error, line=load
        ) from error
