"""Looks at where the user stands: the project, its environment, PATH; changes nothing."""

from __future__ import annotations

import configparser
import contextlib
import os
import sys
import sysconfig
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip import console, userpip
from safepip.machine import interpreter, paths
from safepip.model.decisions import Environment, EnvironmentState, Host, Project
from safepip.shells.commands import Shell, run_command, shell_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from safepip.model.decisions import Interpreter
    from safepip.settings import Settings
    from safepip.state import Ledger

# What shows that a directory is a project's, in the order in which a reader would look.
_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile")
_LOCK_FILES = ("poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock", "pylock.toml")
ENVIRONMENT_NAMES = (".venv", "venv")


def look_around(
    interpreter: Interpreter, env: Mapping[str, str], settings: Settings, records: Ledger
) -> Host:
    """The user's surroundings at this moment, as far as a decision needs them."""
    cwd = Path.cwd()
    home = home_of(env)

    def look(path: Path, inside: Path | None) -> Environment:
        return look_at_environment(
            path,
            inside=inside,
            made_by_us=records.made(path),
            unfinished=records.is_unfinished(path),
        )

    name = "python" if interpreter.implementation == "cpython" else interpreter.implementation
    personal = settings.personal_venv or (
        settings.data_dir / "envs" / f"{name}{interpreter.short_version}"
    )
    return Host(
        cwd=cwd,
        home=home,
        path=search_path(env),
        active=_active(env),
        project=find_project(cwd, home, look, settings.venv_name),
        personal=look(personal, None),
        local=look(cwd / settings.venv_name, cwd),
        pipx=True,
        pipx_home=pipx_home(env),
        terminal=console.is_terminal(0) and console.is_terminal(2),
    )


def home_of(env: Mapping[str, str]) -> Path | None:
    """The user's home; None if nothing tells it."""
    try:
        return Path(env.get("HOME") or "~").expanduser()
    except RuntimeError:
        return None


def _active(env: Mapping[str, str]) -> Environment | None:
    """The environment that is active in this shell; a stale variable counts as none."""
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        path = Path(env.get(variable) or "/")
        if not env.get(variable) or userpip.environment_python(str(path)) is None:
            continue
        return Environment(
            path=path,
            state=EnvironmentState.USABLE,
            writable=interpreter.look_at_place(path).writable,
        )
    return None


def pipx_home(env: Mapping[str, str]) -> Path:
    """Where pipx keeps its environments, without asking it.

    Source: pipx, ``src/pipx/paths.py``: the older ``~/.local/pipx`` is used on where it is.
    """
    if env.get("PIPX_HOME"):
        return Path(env["PIPX_HOME"])
    older = paths.expanded("~/.local/pipx")
    return older if paths.is_dir(older) else paths.expanded("~/.local/share/pipx")


def find_project(
    cwd: Path, home: Path | None, look: Callable[[Path, Path], Environment], name: str = ".venv"
) -> Project | None:
    """The project that *cwd* lies in: the nearest directory upwards that shows a sign of one.

    The search stops below *home*, and at a directory of another owner, whose files are not ours
    to follow. *look* tells the state of an environment (given its path and the project's root);
    *name* is where one would be made.
    """
    root = project_root(cwd, home)
    sign = None if root is None else _project_sign(root)
    if root is None or sign is None:
        return None
    names = dict.fromkeys((name, *ENVIRONMENT_NAMES))
    there = [n for n in names if _is_environment(root / n)]
    return Project(
        root=root,
        sign=sign,
        environment=look(root / (there[0] if there else name), root),
        writable=interpreter.is_writable(root),
    )


def project_root(cwd: Path, home: Path | None) -> Path | None:
    """The nearest directory upwards from *cwd* that shows a sign of a project of the user's."""
    for directory in (cwd, *cwd.parents):
        if (home is not None and directory == home) or not interpreter.is_mine(directory):
            return None
        if _project_sign(directory) is not None:
            return directory
    return None


def _project_sign(directory: Path) -> str | None:
    try:
        names = {entry.name for entry in os.scandir(directory)}
    except OSError:
        return None
    for name in (*_PROJECT_FILES, *_LOCK_FILES):
        if name in names and interpreter.is_ours(directory / name):
            return name
    for name in sorted(names):
        if (
            name.startswith("requirements")
            and name.endswith(".txt")
            and interpreter.is_ours(directory / name)
        ):
            return name
    for name in ENVIRONMENT_NAMES:
        if (
            name in names
            and _is_environment(directory / name)
            and interpreter.is_ours(directory / name)
        ):
            return name
    return None


def _is_environment(path: Path) -> bool:
    return paths.is_file(path / "pyvenv.cfg")


def look_at_environment(
    path: Path, *, inside: Path | None, made_by_us: bool, unfinished: bool
) -> Environment:
    """The state of the virtual environment at *path*, without running anything in it.

    *inside*: the project's root; an interpreter that resolves to a file in there may be anybody's
    program and is not run unless safepip made it.
    """
    state, detail = _state_of(path, unfinished=unfinished)
    if state is EnvironmentState.USABLE and not made_by_us:
        state, detail = _trust(path, inside)
    writable = interpreter.look_at_place(path).writable
    return Environment(path=path, state=state, writable=writable, detail=detail)


def _state_of(path: Path, *, unfinished: bool) -> tuple[EnvironmentState, str]:
    if not os.path.lexists(path):
        return EnvironmentState.MISSING, ""
    if unfinished:
        return EnvironmentState.UNFINISHED, ""
    if not paths.is_dir(path):
        what = "a dangling link" if paths.is_link(path) else "no directory"
        return EnvironmentState.OCCUPIED, what
    if not _is_environment(path):
        if os.access(path, os.R_OK) and not any(path.iterdir()):
            return EnvironmentState.MISSING, ""
        return EnvironmentState.OCCUPIED, "a directory without pyvenv.cfg"
    if userpip.environment_python(str(path)) is None:
        return EnvironmentState.BROKEN, _why_no_python(path)
    return EnvironmentState.USABLE, ""


def _trust(path: Path, inside: Path | None) -> tuple[EnvironmentState, str]:
    """Whether the Python of the environment at *path* may be run, judged by whose program it is.

    pyvenv.cfg is no witness: whoever wrote the project wrote that file too.
    """
    if not interpreter.is_ours(path):
        return EnvironmentState.UNTRUSTED, f"it belongs to {interpreter.owner_of(path)}"
    python = userpip.environment_python(str(path))
    real = None if python is None else paths.resolved(Path(python))
    if inside is not None and real is not None and real.is_relative_to(paths.resolved(inside)):
        return EnvironmentState.UNTRUSTED, f"its interpreter {real} lies inside the project"
    return EnvironmentState.USABLE, ""


def _why_no_python(path: Path) -> str:
    link = path / userpip.SCRIPTS / "python"
    if paths.is_link(link):
        return f"its interpreter {link.readlink()} is gone"
    return "it holds no interpreter"


def environment_home(path: PurePath) -> dict[str, str]:
    """The keys of *path*'s ``pyvenv.cfg``; empty if there is none."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        text = Path(path, "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
        parser.read_string("[venv]\n" + text)
    except (OSError, configparser.Error):
        return {}
    return dict(parser["venv"])


def search_path(env: Mapping[str, str]) -> tuple[PurePath, ...]:
    """PATH's absolute entries in order, ``~`` expanded."""
    entries = env.get("PATH", os.defpath).split(os.pathsep)
    return tuple(
        PurePath(os.path.expanduser(entry))  # noqa: PTH111 - a string of the environment
        for entry in entries
        if entry and os.path.isabs(os.path.expanduser(entry))  # noqa: PTH111, PTH117
    )


def found_on_path(
    name: str, env: Mapping[str, str], shell: Shell, *, anywhere: bool = False
) -> PurePath | None:
    """The file that typing *name* into *shell* runs, symlinks not resolved; None if none.

    Unlike ``locate.on_path`` this follows relative entries, as the shell does; *anywhere* leaves
    them out: what is found then is found from every directory. What the shell holds itself
    (aliases, functions, a hash of earlier finds) does not show from outside it.
    """
    for directory in _directories(env, shell, anywhere=anywhere):
        for suffix in userpip.SUFFIXES:
            candidate = os.path.join(directory, name + suffix)  # noqa: PTH118 - keeps ./ and ..
            if userpip.is_executable(candidate):
                return PurePath(candidate)
    return None


def directory_on_path(
    directory: PurePath, env: Mapping[str, str], shell: Shell, *, anywhere: bool = False
) -> bool:
    """Whether *shell* looks for commands in *directory*; a missing one is compared by its name."""
    wanted = os.path.normcase(os.path.normpath(directory))
    return any(
        is_same_file(PurePath(entry), directory)
        or os.path.normcase(os.path.normpath(entry)) == wanted
        for entry in _directories(env, shell, anywhere=anywhere)
    )


def _directories(env: Mapping[str, str], shell: Shell, *, anywhere: bool) -> Iterator[str]:
    """The directories that *shell* searches, absolute, in order.

    bash (not in its POSIX mode), xonsh and nushell expand a literal ``~`` in PATH; to all others
    that is a relative entry, of which nushell follows none. An empty entry is the working
    directory (not on Windows).
    """
    entries = env.get("PATH", os.defpath).split(os.pathsep)
    if shell is Shell.CMD and not anywhere:
        entries.insert(0, ".")
    for text in entries:
        entry = text
        if userpip.WINDOWS:
            entry = os.path.expandvars(entry.strip('"'))
            if not entry:
                continue
        elif entry.startswith("~") and _expands_tilde(shell, env):
            entry = _tilde_expanded(entry, env)
        if os.path.isabs(entry):  # noqa: PTH117 - a string of the environment
            yield entry
        elif not anywhere and shell is not Shell.NUSHELL:
            with contextlib.suppress(OSError):
                yield os.path.join(Path.cwd(), entry)  # noqa: PTH118 - "" is the directory itself


def _expands_tilde(shell: Shell, env: Mapping[str, str]) -> bool:
    if shell is Shell.BASH:
        return "POSIXLY_CORRECT" not in env
    return shell in {Shell.XONSH, Shell.NUSHELL}


def _tilde_expanded(entry: str, env: Mapping[str, str]) -> str:
    if entry == "~" or entry.startswith("~/"):
        return env.get("HOME", "~") + entry[1:]
    return os.path.expanduser(entry)  # noqa: PTH111 - a string of the environment


def is_same_file(one: PurePath, other: PurePath) -> bool:
    """Whether both name one file: identity, not spelling."""
    try:
        return Path(one).samefile(other)
    except OSError:
        return False


def own_program(env: Mapping[str, str]) -> Path | None:
    """safepip as a shell can start it: by its name on PATH, so that a link stays what is named.

    None where it lies in no scripts directory of its Python.
    """
    folders = [sysconfig.get_path("scripts"), os.path.dirname(sys.executable)]  # noqa: PTH120
    folders.append(sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user")))
    own = [
        Path(folder, "safepip" + suffix)
        for folder in folders
        for suffix in userpip.SUFFIXES
        if userpip.is_executable(str(Path(folder, "safepip" + suffix)))
    ]
    for found in userpip.on_path("safepip", env):
        if any(is_same_file(Path(found), one) for one in own):
            return Path(found)
    return own[0] if own else None


def own_word(env: Mapping[str, str], shell: Shell) -> str:
    """What to type into *shell* to run this safepip: its name, where PATH finds it by that."""
    program = own_program(env)
    if program is None:
        return f"{run_command(shell, PurePath(sys.executable))} -m safepip"
    if str(program) == next(userpip.on_path("safepip", env), None):
        return "safepip"
    return run_command(shell, program)


def user_shell(env: Mapping[str, str]) -> Shell:
    """The shell that the user types into: as its integration says, our parent, ``SHELL``, or sh.

    ``SHELL`` alone names the login shell, which need not be the one that runs.
    """
    for program in (env.get("SAFEPIP_SHELL", ""), parent_program(), env.get("SHELL", "")):
        shell = shell_named(program) if program else None
        if shell is not None:
            return shell
    if userpip.WINDOWS:
        # PowerShell puts its own folders into this variable; cmd inherits the machine's, two.
        in_powershell = env.get("PSModulePath", "").count(os.pathsep) >= 2
        return Shell.POWERSHELL if in_powershell else Shell.CMD
    return Shell.SH


def parent_program() -> str | None:
    """The name of the program that started us; None where nothing tells it."""
    try:
        return Path(f"/proc/{os.getppid()}/comm").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
