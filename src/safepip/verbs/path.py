"""``path``: are the scripts dirs on PATH, now and after the next login; and putting them there."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from safepip import console, settings, state, userpip
from safepip.machine import interpreter, paths, search
from safepip.machine import shell as machine_shell
from safepip.model.errors import CannotCreateError, UnavailableError, UsageError
from safepip.model.problems import Problem
from safepip.model.reasons import Reason, because
from safepip.profiles import files as profiles_files
from safepip.profiles import line as profiles_line
from safepip.profiles import login, registry
from safepip.reading import flags
from safepip.shells import commands
from safepip.shells.kinds import Shell, shell_named
from safepip.wording import errors, reasons
from safepip.wording import json as wording_json
from safepip.wording import shell as wording_shell
from safepip.wording.shell import ScriptsDir

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.settings import Settings
    from safepip.userpip import PipTarget

TAG = "path"
"""By which the line in a profile is known for this verb's."""

# The user waits for this answer; an install would not.
_TIMEOUT_S = 10.0
OPTIONS = ("--install", "--uninstall", "--dry-run", "--json")


def run(
    words: Sequence[str],
    options: Mapping[str, str],
    env: Mapping[str, str],
    target: PipTarget | None,
) -> int:
    """Show the state of the scripts dirs, or change it, and return the exit status.

    *target*: the user's pip, whose Python has a scripts dir for the user.

    Raises:
        UsageError: *words* are not possible.
        ConfigError: a settings file or variable is wrong.
        CannotCreateError: a profile cannot be written, or writing it did not help.
    """
    flags.check("path", words, *OPTIONS)
    if {"--install", "--uninstall"} <= set(words):
        both = {"one": "--install", "other": "--uninstall"}
        raise UsageError(Problem.EXCLUSIVE_OPTIONS, verb="path", **both)
    verb = _Path(settings.merge(options, env), env, target)
    changed: tuple[Path, ...] = ()
    if "--uninstall" in words:
        changed = verb.uninstall(dry="--dry-run" in words, quiet="--json" in words)
    elif "--install" in words or "--dry-run" in words:
        changed = verb.install(dry="--dry-run" in words, quiet="--json" in words)
    elif "--json" not in words:
        verb.console.show(wording_shell.paths(verb.dirs(), verb.problem))
    if "--json" in words:
        data = {**verb.json(), "changed": [str(file) for file in changed]}
        console.show(wording_json.answer("path", data, verb.errors))
    return 0


class _Place(NamedTuple):
    path: PurePath
    kinds: tuple[str, ...]

    @property
    def may_be_added(self) -> bool:
        """An environment's would put its Python and pip before the user's."""
        return self.kinds != ("personal",)


class _Path:
    """The scripts dirs that matter here, and what the user's shell knows of them."""

    def __init__(self, chosen: Settings, env: Mapping[str, str], target: PipTarget | None) -> None:
        self.env = env
        self.shell = machine_shell.user_shell(env)
        self.errors: list[str] = []
        self.console = console.Console(env)
        self.ledger = state.Ledger(chosen.state_dir)
        self.places = _distinct(
            [
                *self._user_scripts(target),
                *(("pipx", path) for path in _pipx_bin(env)),
                *(("uv", path) for path in _uv_bin(env)),
                *(("personal", path) for path in _personal(chosen)),
            ]
        )
        answer = login.look(env, self.shell, timeout_s=_TIMEOUT_S)
        self.path_after, self.problem = answer.path, answer.problem

    def _user_scripts(self, target: PipTarget | None) -> list[tuple[str, PurePath]]:
        if target is None:
            self.errors.append(reasons.words(because(Reason.SCRIPTS_UNKNOWN)))
            return []
        try:
            python = interpreter.look_at_interpreter(
                interpreter.python_of(target, self.env), self.env
            )
        except UnavailableError as error:
            self.errors.append(errors.sentence(error))
            return []
        return [] if python.user_scripts is None else [("user", python.user_scripts)]

    # The state

    def dirs(self) -> tuple[ScriptsDir, ...]:
        """The state of each scripts dir."""
        return tuple(map(self._state, self.places))

    def _state(self, place: _Place) -> ScriptsDir:
        on_path = partial(search.directory_on_path, place.path)
        now = on_path(self.env, self.shell, anywhere=True)
        remark = None
        if not now and on_path(self.env, self.shell):
            remark = because(Reason.RELATIVE_ENTRY)
        elif now and not on_path(self.env, Shell.SH, anywhere=True):
            remark = because(Reason.LITERAL_TILDE)
        after = self._after(place)
        mend = None
        if not place.may_be_added:
            if not now:
                mend = commands.activate_command(self.shell, place.path.parent)
        elif not after:
            mend = f"{machine_shell.own_word(self.env, self.shell)} path --install"
        elif not now:
            mend = commands.prepend_path_command(self.shell, place.path)
        return ScriptsDir(
            path=place.path,
            kinds=place.kinds,
            exists=paths.is_dir(place.path),
            now=now,
            after_login=after,
            mend=mend,
            remark=remark,
        )

    def _after(self, place: _Place) -> bool | None:
        if self.path_after is None:
            return None
        later = {**self.env, "PATH": self.path_after}
        return search.directory_on_path(place.path, later, self.shell, anywhere=True)

    def json(self) -> dict[str, object]:
        """The state as JSON-ready values."""
        return {
            "shell": self.shell.value,
            "problem": reasons.shown(self.problem) or None,
            "dirs": [
                {
                    "path": str(one.path),
                    "kinds": list(one.kinds),
                    "exists": one.exists,
                    "on_path": one.now,
                    "on_path_after_login": one.after_login,
                    "mend": one.mend,
                    "remark": reasons.shown(one.remark) or None,
                }
                for one in self.dirs()
            ],
        }

    # Changing it

    def install(self, *, dry: bool, quiet: bool) -> tuple[Path, ...]:
        """Put on PATH what is missing after the next login; the files that were changed."""
        missing = [p for p in self.places if p.may_be_added and not self._after(p)]
        if not missing:
            self._say(wording_shell.path_not_added(), quiet=quiet)
            return ()
        if userpip.WINDOWS:
            return self._install_in_registry(missing, dry=dry, quiet=quiet)
        files = profiles_files.for_path(self.shell, self.env)
        line = self._line(missing, files)
        if dry:
            for file in files:
                before = _read(file, line)
                self._show(file, before, profiles_line.added(before, line, TAG), quiet=quiet)
            return ()
        changed = [
            file
            for file in files
            if profiles_line.edit(
                file, lambda old: profiles_line.added(old, line, TAG), self.ledger, paste=line
            )
        ]
        self._check(missing, files, line, quiet=quiet)
        now = "; ".join(commands.prepend_path_command(self.shell, p.path) for p in missing)
        told = wording_shell.path_added([p.path for p in missing], changed or files, now)
        self._say(told, quiet=quiet)
        return tuple(changed)

    def _line(self, missing: Sequence[_Place], files: Sequence[Path]) -> str:
        """The line for the profile: what is missing, and what an earlier line of ours added."""
        there = b"".join(_content(file) for file in files)
        lines = []
        for place in self.places:
            line = commands.path_line(self.shell, place.path)
            if line and (place in missing or os.fsencode(line) in there):
                lines.append(line)
        text = "; ".join(lines)
        if not files or not text or "\n" in text or ":" in "".join(str(p.path) for p in missing):
            paste = [commands.prepend_path_command(self.shell, p.path) for p in missing]
            raise CannotCreateError(
                Problem.NO_PROFILE, shell=self.shell.value, line="; ".join(paste)
            )
        return text

    def _check(
        self, missing: Sequence[_Place], files: Sequence[Path], line: str, *, quiet: bool
    ) -> None:
        """Ask the shell whether it helped: a profile may end before our line, or undo it."""
        answers = [login.look(self.env, self.shell, timeout_s=_TIMEOUT_S)]
        program = login.login_program(self.env)
        if self.shell is Shell.BASH and program and shell_named(program) is Shell.BASH:
            answers.append(login.start(program, self.env, login=False, timeout_s=_TIMEOUT_S))
        for answer in answers:
            self.path_after, self.problem = answer.path, answer.problem
            if answer.path is None:
                self._say(wording_shell.path_unchecked(answer.problem), quiet=quiet)
            elif not all(map(self._after, missing)):
                raise CannotCreateError(Problem.LINE_OVERRIDDEN, files=tuple(files), line=line)

    def uninstall(self, *, dry: bool, quiet: bool) -> tuple[Path, ...]:
        """Take our lines out of the profiles of all shells; the files that were changed."""
        if userpip.WINDOWS:
            registry.uninstall(registry.user_store(), write=not dry)
            return ()
        changed = []
        mark = profiles_line.mark(TAG)
        for file in dict.fromkeys(
            f for shell in Shell for f in profiles_files.for_path(shell, self.env, old=True)
        ):
            before = _content(file)
            after = profiles_line.removed(before, TAG)
            if after == before:
                continue
            if dry:
                self._show(file, before, after, quiet=quiet)
            elif profiles_line.edit(
                file, _without, self.ledger, paste=mark, otherwise=Problem.LINE_NOT_REMOVED
            ):
                changed.append(file)
        if not dry:
            answer = login.look(self.env, self.shell, timeout_s=_TIMEOUT_S)
            self.path_after, self.problem = answer.path, answer.problem
            self._say(wording_shell.path_removed(changed), quiet=quiet)
        return tuple(changed)

    def _install_in_registry(
        self, missing: Sequence[_Place], *, dry: bool, quiet: bool
    ) -> tuple[Path, ...]:
        dirs = tuple(place.path for place in missing)
        value = registry.install(registry.user_store(), dirs, write=not dry)
        if dry and not quiet:
            console.show("" if value is None else value.text)
        elif not dry:
            now = "; ".join(commands.prepend_path_command(self.shell, path) for path in dirs)
            self._say(wording_shell.path_added(dirs, [wording_shell.REGISTRY], now), quiet=quiet)
            answer = login.look(self.env, self.shell)
            self.path_after, self.problem = answer.path, answer.problem
        return ()

    def _show(self, file: Path, before: bytes | None, after: bytes | None, *, quiet: bool) -> None:
        text = profiles_line.difference(file, before, after)
        if text and not quiet:
            console.show(text)

    def _say(self, lines: Sequence[str], *, quiet: bool) -> None:
        if not quiet:
            self.console.say(lines)


def _without(content: bytes | None) -> bytes | None:
    return None if content is None else profiles_line.removed(content, TAG)


def _read(file: Path, line: str) -> bytes | None:
    try:
        return profiles_line.read(file)
    except OSError as error:
        raise CannotCreateError(
            Problem.LINE_NOT_ADDED, files=(file,), why=error, line=line
        ) from error


def _content(file: Path) -> bytes:
    try:
        return profiles_line.read(file) or b""
    except OSError:
        return b""


def _distinct(found: Sequence[tuple[str, PurePath]]) -> tuple[_Place, ...]:
    """One place for each directory, whatever it is called there."""
    places: list[_Place] = []
    for kind, path in found:
        for number, place in enumerate(places):
            if place.path == path or search.is_same_file(place.path, path):
                places[number] = _Place(path=place.path, kinds=(*place.kinds, kind))
                break
        else:
            places.append(_Place(path=path, kinds=(kind,)))
    return tuple(places)


def _pipx_bin(env: Mapping[str, str]) -> tuple[Path, ...]:
    return _somewhere(env.get("PIPX_BIN_DIR") or "~/.local/bin")


def _uv_bin(env: Mapping[str, str]) -> tuple[Path, ...]:
    """Where uv puts the commands of tools, if uv is in use.

    Source: uv, ``crates/uv-dirs/src/lib.rs``, ``user_executable_directory``.
    """
    data = env.get("XDG_DATA_HOME")
    tools = paths.expanded(env.get("UV_TOOL_DIR") or f"{data or '~/.local/share'}/uv/tools")
    if next(userpip.on_path("uv", env), None) is None and not paths.is_dir(tools):
        return ()
    chosen = env.get("UV_TOOL_BIN_DIR") or env.get("XDG_BIN_HOME")
    if not chosen:
        chosen = str(Path(data).parent / "bin") if data else "~/.local/bin"
    return _somewhere(chosen)


def _somewhere(word: str) -> tuple[Path, ...]:
    """The directory that *word* names; none for ``~nobody/bin`` and the like."""
    path = paths.expanded(word)
    return (path,) if path.is_absolute() else ()


def _personal(chosen: Settings) -> tuple[Path, ...]:
    environments = [chosen.personal_venv] if chosen.personal_venv is not None else []
    environments += paths.matching(chosen.data_dir / "envs", "*")
    return tuple(
        path / userpip.SCRIPTS
        for path in environments
        if userpip.environment_python(str(path)) is not None
    )
