"""``path``: are the scripts dirs on PATH, now and after the next login; and putting them there."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from safepip import console, settings, state, userpip
from safepip.machine import interpreter, paths, search
from safepip.machine import shell as machine_shell
from safepip.model.errors import CannotCreateError, UnavailableError
from safepip.model.problems import Problem
from safepip.model.reasons import Reason, because
from safepip.profiles import files as profiles_files
from safepip.profiles import line as profiles_line
from safepip.profiles import login, registry
from safepip.profiles.edits import carry_out
from safepip.reading import flags
from safepip.shells import commands
from safepip.shells.kinds import Shell, shell_named
from safepip.wording import errors, reasons
from safepip.wording import shell as wording_shell
from safepip.wording.shell import ScriptsDir

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from safepip.profiles.line import Edit
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
    asked, _ = flags.split("path", words, *OPTIONS)
    verb = _Path(settings.merge(options, env), env, target, quiet="--json" in asked)
    changed: tuple[Path, ...] = ()
    if "--uninstall" in asked:
        changed = verb.uninstall(dry="--dry-run" in asked)
    elif asked & {"--install", "--dry-run"}:
        changed = verb.install(dry="--dry-run" in asked)
    elif not asked:
        verb.console.show(wording_shell.paths(verb.dirs(), verb.after.problem))
    if "--json" in asked:
        console.answer("path", {**verb.json(), "changed": changed}, verb.errors)
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

    def __init__(
        self, chosen: Settings, env: Mapping[str, str], target: PipTarget | None, *, quiet: bool
    ) -> None:
        self.env = env
        self.shell = machine_shell.user_shell(env)
        self.errors: list[str] = []
        self.quiet = quiet
        self.console = console.Console(env, quiet=quiet)
        self.ledger = state.Ledger(chosen.state_dir)
        self.places = _distinct(
            [
                *(("user", path) for path in self._user_scripts(target)),
                # Source: pipx, ``src/pipx/paths.py``.
                *(("pipx", path) for path in _somewhere(env.get("PIPX_BIN_DIR") or "~/.local/bin")),
                *(("uv", path) for path in _uv_bin(env)),
                *(
                    ("personal", path / userpip.SCRIPTS)
                    for path in chosen.personal_environments
                    if userpip.environment_python(str(path)) is not None
                ),
            ]
        )
        self.ask_shell()

    def ask_shell(self, timeout_s: float = _TIMEOUT_S) -> None:
        """Ask for the PATH of the next login, as the profiles are now."""
        self.after = login.look(self.env, self.shell, timeout_s=timeout_s)

    def _user_scripts(self, target: PipTarget | None) -> tuple[PurePath, ...]:
        if target is None:
            self.errors.append(reasons.words(because(Reason.SCRIPTS_UNKNOWN)))
            return ()
        try:
            python = interpreter.look_at_interpreter(
                interpreter.python_of(target, self.env), self.env
            )
        except UnavailableError as error:
            self.errors.append(errors.sentence(error))
            return ()
        return () if python.user_scripts is None else (python.user_scripts,)

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
        if self.after.path is None:
            return None
        later = {**self.env, "PATH": self.after.path}
        return search.directory_on_path(place.path, later, self.shell, anywhere=True)

    def json(self) -> dict[str, object]:
        """The state, for ``--json``."""
        return {
            "shell": self.shell,
            "problem": self.after.problem,
            "dirs": [
                {
                    "path": one.path,
                    "kinds": one.kinds,
                    "exists": one.exists,
                    "on_path": one.now,
                    "on_path_after_login": one.after_login,
                    "mend": one.mend,
                    "remark": one.remark,
                }
                for one in self.dirs()
            ],
        }

    # Changing it

    def install(self, *, dry: bool) -> tuple[Path, ...]:
        """Put on PATH what is missing after the next login; the files that were changed."""
        missing = [p for p in self.places if p.may_be_added and not self._after(p)]
        if not missing:
            self.console.say(wording_shell.path_not_added())
            return ()
        if userpip.WINDOWS:
            self._install_in_registry(missing, dry=dry)
            return ()
        files = profiles_files.for_path(self.shell, self.env)
        line = self._line(missing, files)
        edits = [profiles_line.putting_in(file, line, TAG) for file in files]
        changed = self._carry_out(edits, wording_shell.line_is_in, dry=dry)
        if not dry:
            self._check(missing, files, line)
            self._tell_added(missing, changed or files)
        return changed

    def _tell_added(self, places: Sequence[_Place], files: Sequence[object]) -> None:
        told = wording_shell.path_added([p.path for p in places], files, self._now(places))
        self.console.say(told)

    def _now(self, places: Sequence[_Place]) -> str:
        """The commands that put *places* on PATH in the running shell."""
        return "; ".join(commands.prepend_path_command(self.shell, p.path) for p in places)

    def _line(self, missing: Sequence[_Place], files: Sequence[Path]) -> str:
        """The line for the profile: what is missing, and what an earlier line of ours added."""
        there = b"".join(_content(file) or b"" for file in files)
        lines = []
        for place in self.places:
            line = commands.path_line(self.shell, place.path)
            if line and (place in missing or os.fsencode(line) in there):
                lines.append(line)
        text = "; ".join(lines)
        if not files or not text or "\n" in text or ":" in "".join(str(p.path) for p in missing):
            paste = self._now(missing)
            raise CannotCreateError(Problem.NO_PROFILE, shell=self.shell.value, line=paste)
        return text

    def _check(self, missing: Sequence[_Place], files: Sequence[Path], line: str) -> None:
        """Ask the shell whether it helped: a profile may end before our line, or undo it."""
        answers = [login.look(self.env, self.shell, timeout_s=_TIMEOUT_S)]
        program = login.login_program(self.env)
        if self.shell is Shell.BASH and program and shell_named(program) is Shell.BASH:
            answers.append(login.start(program, self.env, login=False, timeout_s=_TIMEOUT_S))
        for answer in answers:
            self.after = answer
            if self.after.path is None:
                self.console.say(wording_shell.path_unchecked(self.after.problem))
            elif not all(map(self._after, missing)):
                raise CannotCreateError(Problem.LINE_OVERRIDDEN, files=tuple(files), line=line)

    def uninstall(self, *, dry: bool) -> tuple[Path, ...]:
        """Take our lines out of the profiles of all shells; the files that were changed."""
        if userpip.WINDOWS:
            registry.uninstall(registry.user_store(), write=not dry)
            return ()
        every = [f for one in Shell for f in profiles_files.for_path(one, self.env, old=True)]
        edits = [profiles_line.taking_out(file, TAG) for file in dict.fromkeys(every)]
        # What cannot be read has none of ours, as far as anybody knows.
        ours = [one for one in edits if one.change(_content(one.file)) != _content(one.file)]
        changed = self._carry_out(ours, wording_shell.line_is_out, dry=dry)
        if not dry:
            self.ask_shell()
            self.console.say(wording_shell.path_removed(changed))
        return changed

    def _install_in_registry(self, missing: Sequence[_Place], *, dry: bool) -> None:
        dirs = tuple(place.path for place in missing)
        value = registry.install(registry.user_store(), dirs, write=not dry)
        if not dry:
            self._tell_added(missing, [wording_shell.REGISTRY])
            self.ask_shell()
        elif not self.quiet:
            console.show("" if value is None else value.text)

    def _carry_out(
        self,
        edits: Sequence[Edit],
        done: Callable[[Sequence[object], Sequence[object]], str],
        *,
        dry: bool,
    ) -> tuple[Path, ...]:
        """Edit the profiles and give those that were changed; *dry*: show what would change."""
        if not dry:
            return carry_out(edits, self.ledger, done)[0]
        for text in map(profiles_line.preview, edits):
            if text and not self.quiet:
                console.show(text)
        return ()


def _content(file: Path) -> bytes | None:
    try:
        return profiles_line.read(file)
    except OSError:
        return None


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
