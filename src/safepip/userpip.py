"""Finds the user's pip and hands commands to it: the fast path of every plain pip command.

This module may import nothing that a started Python does not hold already (``os``, ``sys``): a
hand-over must cost no more than the interpreter's own start.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, MutableMapping, Sequence
    from typing import NoReturn

WINDOWS = os.name == "nt"
SCRIPTS = "Scripts" if WINDOWS else "bin"
SUFFIXES = (".exe", ".bat", ".cmd") if WINDOWS else ("",)
"""The endings of what can be started; Windows starts nothing without one."""

# Enough of a file to hold a launcher script, never enough of a binary to matter.
_HEAD_BYTES = 4096

_ENOEXEC = 8
"""As everywhere; the module ``errno`` would have to be loaded."""

MARK = "SAFEPIP_TURN"
"""How often a pip that may be no pip has led back here, and which."""

_TURNS = 8
"""More than any real nesting, such as a build that runs pip that builds."""


class PipTarget:
    """The user's pip: how to start it, and the Python it belongs to as far as known.

    Attributes:
        argv: The words before pip's own arguments; the first is absolute.
        python: The interpreter with its flags where the way here told it, else None.
        own_pip: pip's code is the copy that safepip depends on, not the interpreter's.
        why: The step of the search that found it, a row of ``wording.doctor.WHY_THIS_PIP``.
    """

    __slots__ = ("argv", "own_pip", "python", "why")

    def __init__(
        self,
        argv: "Sequence[str]",
        why: str = "path",
        *,
        python: "Sequence[str] | None" = None,
        own_pip: bool = False,
    ) -> None:
        self.argv = tuple(argv)
        self.python = None if python is None else tuple(python)
        self.own_pip = own_pip
        self.why = why


def find_pip(env: "Mapping[str, str]", *, as_module: bool) -> "PipTarget | None":
    """Return the pip that the user means here, None if the machine has none.

    *as_module*: started as ``python -m safepip``, so that Python's pip is meant. The order is
    contract §2's. An unversioned ``SAFEPIP_AS`` (``pip``, ``pip3``) only says that a shell
    function called; it must not hide an active environment that holds no pip.
    """
    alias = env.get("SAFEPIP_AS", "")
    if alias not in {"", "pip", "pip3"}:
        # Another Python's pip in its stead would install where nobody asked.
        return _stands_for(alias, env)
    if as_module:
        python = [sys.executable, *_interpreter_flags(env)]
        argv = _as_module(python, safe=hasattr(sys.flags, "safe_path"))
        return PipTarget(argv, "module", python=python)
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        target = _environment_pip(env.get(variable, ""))
        if target is not None:
            return target
    pip = _first_on_path(env, *(("pip3", "pip") if alias == "pip3" else ("pip", "pip3")))
    if pip is not None:
        return _by_script(pip, "path")
    # On Windows, Python's own installer puts nothing but its launcher on PATH unless asked.
    found = _first_on_path(env, "python3", "python", *(("py",) if WINDOWS else ()))
    return None if found is None else served_by_own_pip([found])


def served_by_own_pip(python: "Sequence[str]", why: str = "lent") -> "PipTarget | None":
    """The interpreter *python*, worked on by the pip that safepip depends on.

    The same file is what pip's own ``--python`` option starts; starting it directly keeps pip
    our child, so that signals and exit statuses are pip's.
    """
    own = own_pip_dir()
    if own is None:
        return None
    # Not ``python -m pip`` by PYTHONPATH: that would reach the programs that pip runs, too.
    argv = [*python, os.path.join(own, "__pip-runner__.py")]
    return PipTarget(argv, why, python=python, own_pip=True)


def own_pip_dir() -> str | None:
    """The package directory of the pip that safepip depends on; pip itself is not imported."""
    beside = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for entry in (beside, *sys.path):
        candidate = os.path.join(os.path.abspath(entry), "pip")
        if entry and os.path.isfile(os.path.join(candidate, "__pip-runner__.py")):
            return candidate
    return None


def hand_over(target: "PipTarget", args: "Sequence[str]", env: "Mapping[str, str]") -> "NoReturn":
    """Become pip. Where that is impossible (Windows) run it and end with its status.

    Raises:
        UnavailableError: pip could not be started at all.
    """
    try:
        _become(target, args, env)
    except OSError as error:
        from safepip.model.errors import UnavailableError
        from safepip.model.problems import Problem

        raise UnavailableError(Problem.CANNOT_START, program=target.argv[0], why=error) from error


def _become(target: "PipTarget", args: "Sequence[str]", env: "Mapping[str, str]") -> "NoReturn":
    if WINDOWS:
        from safepip import runner

        sys.exit(as_signed(runner.exit_like(run(target, args, env))))
    argv, child = [*target.argv, *args], child_environment(env)
    restore_signals()
    try:
        os.execve(argv[0], argv, child)
    except OSError as error:
        if error.errno != _ENOEXEC:
            raise
        # A script without a first line: every shell runs it by sh. Source: exec(3), execlp.
        os.execve("/bin/sh", ["/bin/sh", *argv], child)
    raise AssertionError


def run(target: "PipTarget", args: "Sequence[str]", env: "Mapping[str, str]") -> int:
    """Run pip on our own streams; its status, below zero for a death by signal."""
    from safepip import runner

    argv = [*target.argv, *args]
    return runner.run_inherited(argv, env=child_environment(env)).returncode


def as_signed(status: int) -> int:
    """*status* as a program can end with it: Windows tells those of 32 bits without a sign.

    Ctrl-C is 0xC000013A there, which neither ``sys.exit`` nor ``os._exit`` can pass on.
    """
    return status - (1 << 32) if status >= 1 << 31 else status


def goes_in_a_circle(target: "PipTarget", env: "MutableMapping[str, str]") -> bool:
    """Whether *target* has led back here too often; leaves a mark in *env* for the next time.

    A script may reach safepip under any name, and would be run again and again, by exec or not.
    A script of pip's own is known by its text, and gets no mark.
    """
    mark = env.pop(MARK, "").split(":", 1)
    head = _head(target.argv[0])
    if len(target.argv) > 1 or b"pip._internal" in head or b"from pip import main" in head:
        return False
    turns = int(mark[0]) if len(mark[0]) < 3 and mark[0].isdecimal() else 0
    turns = turns + 1 if mark[1:] == [target.argv[0]] else 1
    env[MARK] = f"{turns}:{target.argv[0]}"
    return turns > _TURNS


def child_environment(env: "Mapping[str, str]") -> dict[str, str]:
    """The environment that pip gets: ours, without what only our shell function sets."""
    return {
        name: value
        for name, value in env.items()
        if name != "SAFEPIP_AS" and not name.startswith("SAFEPIP_SHELL")
    }


def restore_signals() -> None:
    """Undo what starting Python did to signals that a shell would have left at their default.

    ``_signal`` is the built-in beneath ``signal``, which would import ``enum``.
    Source: ``subprocess.Popen(restore_signals=True)`` does the same.
    """
    import _signal  # type: ignore[import-not-found]  # typeshed knows only signal

    for name in ("SIGPIPE", "SIGXFSZ"):
        number = getattr(_signal, name, None)
        if number is not None:
            _signal.signal(number, _signal.SIG_DFL)


def is_executable(path: str) -> bool:
    """Whether *path* is a file that may be run."""
    return os.path.isfile(path) and os.access(path, os.X_OK)


def path_folders(env: "Mapping[str, str]") -> "Iterator[str]":
    """The folders of PATH, in order, absolute.

    Relative entries are left out: what lies in the working directory is not run by chance.
    """
    for entry in env.get("PATH", os.defpath).split(os.pathsep):
        # Shells differ about a literal ~ in PATH; bash expands it, so it counts.
        directory = os.path.expanduser(entry) if entry.startswith("~") else entry
        if WINDOWS:
            directory = os.path.expandvars(directory.strip('"'))
        if os.path.isabs(directory):
            yield directory


def on_path(name: str, env: "Mapping[str, str]") -> "Iterator[str]":
    """Every executable called *name* on PATH, in order, absolute."""
    suffixes = endings(env)
    for directory in path_folders(env):
        for suffix in suffixes:
            candidate = os.path.join(directory, name + suffix)
            if is_executable(candidate) and not is_placeholder(candidate):
                yield candidate
                break


def endings(env: "Mapping[str, str]") -> "tuple[str, ...]":
    """The endings by which a name is found on PATH, in order; only those that can be started.

    Source: Windows, ``PATHEXT``; without it cmd has ``.COM;.EXE;.BAT;.CMD`` and more.
    """
    if not WINDOWS:
        return SUFFIXES
    told = [one.strip().lower() for one in env.get("PATHEXT", "").split(";")]
    return tuple(one for one in told if one in {".com", *SUFFIXES}) or (".com", *SUFFIXES)


def is_placeholder(path: str, *, system: str = sys.platform) -> bool:
    """Whether *path* is no Python, but what a system has in its place to offer one.

    Started, Windows' opens its shop (or ends with 9009), and that of macOS a dialog.
    """
    folder, name = os.path.split(path)
    if system == "darwin" and folder == "/usr/bin" and name.startswith(("python", "pip")):
        # Where xcode-select(1) finds the tools that stand behind it.
        return not any(map(os.path.exists, _XCODE))
    if system != "win32" or os.path.basename(folder).lower() != "windowsapps":
        return False
    # With a Python from the shop comes its pip, with the install manager its launcher.
    real = ("pip.exe", "py.exe", "pymanager.exe")
    return name.lower() in {"python.exe", "python3.exe"} and not any(
        os.path.exists(os.path.join(folder, one)) for one in real
    )


_XCODE = (
    "/Library/Developer/CommandLineTools",
    "/var/db/xcode_select_link",
    "/Applications/Xcode.app",
)


def environment_python(prefix: str) -> str | None:
    """The interpreter of the environment at *prefix* (Windows: conda's root, MSYS2's ``bin``)."""
    for parts in ((SCRIPTS, "python"), ("bin", "python"), ("python",)):
        for suffix in SUFFIXES:
            candidate = os.path.join(prefix, *parts) + suffix
            if is_executable(candidate):
                return candidate
    return None


def environment_script(prefix: str, name: str) -> str | None:
    """The script *name* of the environment at *prefix*, None if it has none that could run."""
    if '"' in prefix and SCRIPTS == "bin":
        # Where its Python cannot stand in the first line, installers quote it for sh like this
        # and escape nothing (source: distlib, ``scripts.py``).
        return None
    for suffix in SUFFIXES:
        candidate = os.path.join(prefix, SCRIPTS, name + suffix)
        if is_executable(candidate):
            return candidate
    return None


def _stands_for(alias: str, env: "Mapping[str, str]") -> "PipTarget | None":
    """The pip called *alias* (``pip3.12``, or a path), looked for as the shell would.

    A Python (``python3``, or a path) stands for ``python3 -m pip``.
    """
    if os.path.basename(alias).startswith("python"):
        # Not skipped if it is safepip's own: whoever names a Python means that one.
        python = alias if os.path.isabs(alias) else next(on_path(alias, env), "")
        if not is_executable(python):
            return None
        return PipTarget(_as_module([python]), "alias", python=[python])
    if os.path.isabs(alias):
        return _by_script(alias, "alias") if is_executable(alias) else None
    found = _first_on_path(env, alias)
    if found is not None:
        return _by_script(found, "alias")
    # A link pip3.12 to safepip can be the only file of that name; its Python can still be served.
    served = _first_on_path(env, "python" + alias.removeprefix("pip"))
    return None if served is None else served_by_own_pip([served], "alias")


def _environment_pip(prefix: str) -> "PipTarget | None":
    """The pip of the active environment at *prefix*, which need not hold one."""
    python = environment_python(prefix) if prefix else None
    if python is None:
        return None
    for name in ("pip", "pip3"):
        script = environment_script(prefix, name)
        if script is not None and not _is_safepip(script):
            return _by_script(script, "active")
    return served_by_own_pip([python], "active")


def _by_script(pip: str, why: str) -> "PipTarget":
    """The script *pip*, or where what its first line starts is gone (moved, copied), its Python."""
    first, _, second = _head(pip).partition(b"\n")
    starts = first[2:].split()[0] if first[:3] == b"#!/" else b""
    if second.startswith(b"'''exec' "):  # a path too long for the kernel, or with a blank
        starts = second[8:].partition(b' "$0"')[0].strip(b' "')
    python = os.path.join(os.path.dirname(pip), "python")
    if starts and not is_executable(os.fsdecode(starts)) and is_executable(python):
        return PipTarget(_as_module([python]), why, python=[python])
    return PipTarget([pip], why)


def _as_module(python: "Sequence[str]", *, safe: bool = False) -> list[str]:
    """The words for ``python -m pip``; *safe*: *python* knows -P (3.11 or newer)."""
    if not any(os.path.exists(os.path.join(os.getcwd(), name)) for name in ("pip", "pip.py")):
        return [*python, "-m", "pip"]
    # ``-m`` would run the file of that name in the working directory, whoever put it there.
    if safe:
        return [*python, "-P", "-m", "pip"]
    code = "import runpy, sys; del sys.path[0]; runpy.run_module('pip', None, '__main__', True)"
    return [*python, "-c", code]


def _interpreter_flags(env: "Mapping[str, str]") -> list[str]:
    """The flags of this Python that decide where pip looks and writes."""
    flags = sys.flags
    if flags.isolated:
        return ["-I"]
    given = []
    if flags.ignore_environment:
        given.append("-E")
    if flags.no_user_site and "PYTHONNOUSERSITE" not in env:
        given.append("-s")
    if getattr(flags, "safe_path", False):
        given.append("-P")
    return given


def _first_on_path(env: "Mapping[str, str]", *names: str) -> str | None:
    own = _own_scripts_dir(env)
    for candidate in (one for name in names for one in on_path(name, env)):
        real = os.path.realpath(candidate)
        directory = os.path.realpath(os.path.dirname(candidate))
        if own is not None and own in {directory, os.path.dirname(real)}:
            continue
        if not _is_safepip(candidate):
            return candidate
    return None


def _own_scripts_dir(env: "Mapping[str, str]") -> str | None:
    """The scripts dir of safepip's own environment; None without one, or if the user is there."""
    if sys.prefix == sys.base_prefix:
        return None
    own = os.path.realpath(sys.prefix)
    if any(os.path.realpath(env[v]) == own for v in ("VIRTUAL_ENV", "CONDA_PREFIX") if env.get(v)):
        return None
    return os.path.join(own, SCRIPTS)


def _is_safepip(path: str) -> bool:
    """Whether running *path* would only bring us back here (a link or a small wrapper script)."""
    if os.path.basename(os.path.realpath(path)).startswith("safepip"):
        return True
    head = _head(path)
    # The first line may hold any path, also one through a folder called safepip.
    body = head.partition(b"\n")[2]
    if WINDOWS and path.lower().endswith((".bat", ".cmd")):
        return _names_us(head)
    return head[:2] == b"#!" and _names_us(body) and b"pip._internal" not in body


def _names_us(text: bytes) -> bool:
    """Whether ``safepip`` stands in *text* as a word, and is no part of a longer name or path."""
    at = text.find(b"safepip")
    while at >= 0:
        before, after = text[at - 1 : at], text[at + 7 : at + 8]
        if not (before.isalnum() or (before and before in b"_.-")) and not (
            after.isalnum() or (after and after in b"_-/")
        ):
            return True
        at = text.find(b"safepip", at + 1)
    return False


def _head(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError:
        return b""
