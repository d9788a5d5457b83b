"""What scenario tests act through: a user with a home, a Python they cannot write, and safepip."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safepip.wording import lines
from tests.support import building, environments, machine
from tests.support.missing import lacking
from tests.support.patience import PATIENCE_S
from tests.support.terminal import Shell, Terminal
from tests.support.users import part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tests.support.index import Index
    from tests.support.program import Program
    from tests.support.pythons import Field, LabPython

Argument = str | Path

DEFAULTING = b"Defaulting to user installation because normal site-packages is not writeable\n"


@dataclass(frozen=True)
class Result:
    """How a command ended and what it said."""

    command: tuple[str, ...]
    returncode: int  # negative: ended by that signal
    stdout: bytes  # on a terminal: all that was painted
    stderr: bytes
    seconds: float

    @property
    def out(self) -> str:
        """Standard output as text."""
        return self.stdout.decode("utf-8", "surrogateescape")

    @property
    def err(self) -> str:
        """Standard error as text."""
        return self.stderr.decode("utf-8", "surrogateescape")

    @property
    def same(self) -> tuple[int, bytes, bytes]:
        """What must be equal between pip and a safepip that had nothing to do."""
        return self.returncode, self.stdout, self.stderr

    def __str__(self) -> str:
        """Readable in a failed assertion: `assert result.returncode == 0, result`."""
        text = (
            f"{' '.join(self.command)} -> {self.returncode} in {self.seconds:.1f} s\n"
            f"--- stdout\n{self.out}\n--- stderr\n{self.err}"
        )
        return text.encode("utf-8", "backslashreplace").decode()  # pytest-xdist sends it on


Snapshot = dict[str, str]


@dataclass(frozen=True)
class Changes:
    """What is different between two snapshots."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether there is any difference."""
        return bool(self.added or self.removed or self.changed)


def changes(before: Snapshot, after: Snapshot) -> Changes:
    """Compare two snapshots, by path."""
    return Changes(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(sorted(p for p in before.keys() & after.keys() if before[p] != after[p])),
    )


class Lab:
    """An unprivileged user's surroundings for one test.

    `env` may be changed by the test; `home`, `cwd` (an empty folder in it) and `tmp` (TMPDIR) are
    the user's own, `locked` is a place they can only read, and so is `system`, where the settings
    of all users lie (not in this machine's /etc/xdg).
    """

    def __init__(
        self,
        field: Field,
        python: LabPython,
        folder: Path,
        *,
        pipx: bool = False,
        cold: bool = False,
    ) -> None:
        """Make the folders.

        Args:
            field: Where the rest comes from.
            python: The user's Python.
            folder: Where it all is to lie; not there yet.
            pipx: Whether safepip was installed as `safepip[pipx]`.
            cold: Whether safepip and pipx are used for the first time. Else they find the pips
                that they unpacked then, which takes as long as the rest of an install.
        """
        self.field = field
        self.user = field.user
        self.python = python
        self.folder = folder
        self.pipx = pipx
        self.cold = cold
        self.home = folder / "home"
        self.cwd = self.home / "work"
        self.tmp = folder / "tmp"
        self.locked = folder / "locked"
        self.system = folder / "xdg"
        self._started: list[subprocess.Popen[bytes]] = []
        self._terminals: list[Terminal] = []
        folder.mkdir()
        folder.chmod(0o755)
        self.reset()
        self.env = self._environment()

    @cached_property
    def safepip(self) -> Program:
        """The installed program under test."""
        return self.field.safepip(pipx=self.pipx)

    def run(
        self,
        command: Sequence[Argument],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        tty: bool = False,
        size: tuple[int, int] = (24, 80),
        input: str | bytes = b"",  # noqa: A002 - the word that subprocess has for it
        timeout: float = 2 * PATIENCE_S,
    ) -> Result:
        """Run a command as the lab user, to its end.

        Args:
            command: Found on the lab's PATH: `["safepip", "install", "labone"]`.
            cwd: Where; `self.cwd` if not given.
            env: Variables over `self.env`; None takes one away.
            tty: On a terminal; `stdout` then has all that was painted.
            size: Rows and columns of that terminal.
            input: What stands on standard input, or is typed.
            timeout: Seconds after which the command is killed and the test fails.
        """
        typed = input.encode() if isinstance(input, str) else input
        begun = time.monotonic()
        if tty:
            with self.terminal(command, cwd=cwd, env=env, size=size) as screen:
                screen.send(typed)
                returncode, stdout, stderr = screen.wait(timeout), screen.raw, b""
        else:
            process = self.start(command, cwd=cwd, env=env, stdin=subprocess.PIPE)
            try:
                stdout, stderr = process.communicate(typed, timeout)
            except subprocess.TimeoutExpired as error:
                os.killpg(process.pid, signal.SIGKILL)
                stdout, stderr = process.communicate()
                msg = f"not ended after {timeout} s: {command}\n{stdout!r}\n{stderr!r}"
                raise AssertionError(msg) from error
            returncode = process.returncode
        seconds = time.monotonic() - begun
        return Result(tuple(map(str, command)), returncode, stdout, stderr, seconds)

    def bare(self, arguments: Sequence[Argument], **more: Any) -> Result:
        """Run the bare pip in the same surroundings: `lab.bare(["install", "labone"])`."""
        return self.run(["pip", *arguments], **more)

    def both(
        self,
        arguments: Sequence[Argument],
        *,
        prepare: Callable[[Lab], object] | None = None,
        own: Sequence[str] = (),
        **more: Any,
    ) -> tuple[Result, Result]:
        """Run bare pip, then safepip, each in fresh surroundings at the same paths.

        Args:
            arguments: pip's.
            prepare: Called before each: writes the files, makes the environments.
            own: safepip's own options, before pip's.
            more: As for `run`.
        """
        results = []
        env = dict(self.env)
        for program in (["pip"], ["safepip", *own]):
            self.reset()
            self.env = dict(env)
            if prepare is not None:
                prepare(self)
            results.append(self.run([*program, *arguments], **more))
        self.env = env
        return results[0], results[1]

    def start(
        self,
        command: Sequence[Argument],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        stdin: Any = subprocess.DEVNULL,
        stdout: Any = subprocess.PIPE,
        stderr: Any = subprocess.PIPE,
    ) -> subprocess.Popen[bytes]:
        """Start a command as the lab user, in a session without a terminal, and come back."""
        cwd = cwd or self.cwd
        process = subprocess.Popen(
            [str(one) for one in command],
            cwd=cwd,
            env=self._merged(env, cwd),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            **self.user.spawn,
        )
        self._started.append(process)
        return process

    def terminal(
        self,
        command: Sequence[Argument],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        size: tuple[int, int] = (24, 80),
    ) -> Terminal:
        """Start a command on a terminal of its own; closed at the end of the test at the latest."""
        cwd = cwd or self.cwd
        merged = self._merged({"TERM": "xterm-256color", **(env or {})}, cwd)
        screen = Terminal(command, user=self.user, env=merged, cwd=cwd, size=size)
        self._terminals.append(screen)
        return screen

    def shell(
        self,
        program: str = "bash",
        *,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        size: tuple[int, int] = (24, 80),
    ) -> Shell:
        """Start an interactive bash or zsh on a terminal, for job control."""
        cwd = cwd or self.cwd
        merged = self._merged({"TERM": "xterm-256color", **(env or {})}, cwd)
        shell = Shell(program, user=self.user, env=merged, cwd=cwd, size=size)
        self._terminals.append(shell)
        return shell

    def write(self, path: Argument, text: str | bytes = "") -> Path:
        """Write a file of the lab user's, below `cwd` if the path is relative."""
        target = self.cwd / path
        missing = [one for one in target.parents if not one.exists()]
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_file():
            part(target)  # what is linked there belongs to all labs
        target.write_bytes(text.encode() if isinstance(text, str) else text)
        if self.user.dropped:
            for one in (*missing, target):
                os.chown(one, self.user.uid, self.user.gid)
        return target

    def tree(self, files: Mapping[str, str], folder: Argument = ".") -> Path:
        """Write several files, as of `wheels.source_tree`."""
        for path, text in files.items():
            self.write(self.cwd / folder / path, text)
        return self.cwd / folder

    def venv(
        self,
        path: Argument = ".venv",
        *,
        system_site_packages: bool = False,
        pip: bool = True,
        locked: bool = False,
    ) -> Path:
        """Make a virtual environment of the lab's Python, with the same pip.

        The files of its pip are those of all labs: who changes their owner or mode does so by
        `give`, `lock` or `hand_to`, which part them first.

        Args:
            path: Below `cwd`; with `locked`, below `self.locked`.
            system_site_packages: Whether it sees the Python's packages.
            pip: Whether it holds a pip (uv makes them without).
            locked: Whether it is root's, so that the lab user cannot write it.
        """
        target = (self.locked if locked else self.cwd) / path
        # Else `activate` quotes the path, or has it in other words.
        plain = re.fullmatch(r"[\w./-]+", str(target), re.ASCII)
        if locked or target.exists() or not plain or ".." in target.parts:
            self._make_venv(target, seen=system_site_packages, pip=pip, locked=locked)
            return target

        def make(folder: Path) -> None:
            self._make_venv(folder, seen=system_site_packages, pip=pip, locked=False)

        made_of = (self.python.prefix, self.python.full_version, system_site_packages, pip)
        source = environments.ready(self.field.store, made_of, self.user, make)
        environments.copy(source, target, self.user)
        return target

    def _make_venv(self, target: Path, *, seen: bool, pip: bool, locked: bool) -> None:
        option = ["--system-site-packages"] if seen else []
        maker = {} if locked and self.user.dropped else self.user.spawn
        if locked and not self.user.dropped:
            self.user.give(self.locked)
        subprocess.run(
            [self.python.executable, "-m", "venv", "--without-pip", *option, target],
            check=True,
            cwd="/",
            env=self._merged({"PYTHONDONTWRITEBYTECODE": "1"}, Path("/")),
            **maker,
        )
        if pip:
            self._give_pip(target, locked=locked)
        if locked and not self.user.dropped:
            self.user.lock(self.locked)

    def _give_pip(self, environment: Path, *, locked: bool) -> None:
        """Put the lab's pip into an environment made without one."""
        site = next((environment / "lib").glob("python3*")) / "site-packages"
        if locked and self.user.dropped:
            building.copy_pip(self.python.site, site)
        else:
            building.link_pip(
                self.field.users_pip(self.python), site, self.user if self.user.dropped else None
            )
        commands = building.write_pip_scripts(self.python.bin, environment, self.python.version)
        if not locked:
            for one in commands:
                self.user.give(one)

    def activate(self, environment: Path) -> None:
        """Set `self.env` as its activate script would."""
        self.env["VIRTUAL_ENV"] = str(environment)
        self.env["PATH"] = f"{environment / 'bin'}:{self.env['PATH']}"

    def with_uv(self) -> Path:
        """Put uv on PATH, in a folder of its own, and make `cwd` a project."""
        beside = Path(sys.executable).with_name("uv")
        found = str(beside) if beside.is_file() else shutil.which("uv")
        if found is None:
            lacking("uv")
        program = self.write("../tools/uv", Path(found).read_bytes())
        program.chmod(0o755)
        self.env["PATH"] = f"{program.parent}:{self.env['PATH']}"
        self.write("pyproject.toml")
        return program

    def lock(self, path: Path) -> Path:
        """Make `path` and all below it root's (or without write bits)."""
        return self.user.lock(path)

    def give(self, path: Path) -> Path:
        """Make `path` and all below it the lab user's."""
        return self.user.give(path)

    def wants_another_home(self) -> None:
        """Skip the test where the lab user's home by the system's accounts is yours."""
        if not self.user.dropped:
            lacking("ordinary user of the tests' own")

    def whose(self, path: Path) -> str:
        """What safepip says of *path*, which the lab user cannot write."""
        yours = path.stat().st_uid == self.user.uid
        why = "it is yours, but its mode is read-only" if yours else f"owner: {path.owner()}"
        return f"{path} is not writable ({why})"

    def hand_to(self, path: Path, uid: int) -> Path:
        """Make `path` and all below it somebody else's; only root can."""
        return self.user.hand_to(path, uid)

    def forget_machine(self) -> None:
        """Have pip read no file of the machine's, where the home has none that takes it back."""
        if machine.taken_back():
            self.env["PIP_CONFIG_FILE"] = os.devnull

    def use_index(self, index: Index, *, url: str = "") -> None:
        """Have pip ask this index, and nothing else, instead of the folder of wheels."""
        self.env.pop("PIP_NO_INDEX", None)
        self.env.pop("PIP_FIND_LINKS", None)
        self.env["PIP_INDEX_URL"] = url or index.url
        self.env["PIP_DEFAULT_TIMEOUT"] = str(PATIENCE_S)  # what is held back is not lost

    def shown(self, path: Path, cwd: Path | None = None) -> str:
        """How safepip's words name a path of the user's, from `cwd`."""
        return lines.nearby(str(path), home=str(self.home), cwd=str(cwd or self.cwd))

    @property
    def user_site(self) -> Path:
        """The user's site-packages, whether there or not."""
        return self.home / f".local/lib/python{self.python.version}/site-packages"

    def installed(self, site: Path) -> dict[str, str]:
        """The distributions in a site-packages by name, their versions, as the disk has them."""
        found = {}
        for info in sorted(site.glob("*-info")):
            name, version = info.name.rpartition(".")[0].split("-")[:2]
            found[name] = version
        return found

    def snapshot(self, *, ignore: Iterable[str] = ("~/.cache",)) -> Snapshot:
        """Every file and folder of the user's, with what is in it.

        Paths start with "~" or "$TMPDIR"; those below an `ignore` are left out.
        """
        ignored = tuple(ignore)
        seen: Snapshot = {}
        for name, root in (("~", self.home), ("$TMPDIR", self.tmp)):
            for path in root.rglob("*"):
                shown = f"{name}/{path.relative_to(root)}"
                if not any(shown == one or shown.startswith(f"{one}/") for one in ignored):
                    seen[shown] = _describe(path)
        return seen

    def processes(self, *, watchdogs: bool = False) -> dict[int, str]:
        """The live processes of this lab, by process id: known by their HOME.

        *watchdogs*: also those of safepip, which wait for its end in a session of their own.
        """
        mark = b"HOME=" + os.fsencode(self.home)
        found = {}
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                    if not watchdogs and (entry / "cwd").readlink() == Path("/"):
                        continue
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found[int(entry.name)] = command.strip()
        return found

    def wait_for(
        self, condition: Callable[[], Any], what: str = "", timeout: float = PATIENCE_S
    ) -> Any:
        """Wait until `condition` gives something true, and return that."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            answer = condition()
            if answer:
                return answer
            time.sleep(0.01)
        msg = f"waited {PATIENCE_S} s in vain for {what or condition}"
        raise AssertionError(msg)

    def reset(self) -> None:
        """Begin anew: empty home, cwd, TMPDIR and locked place."""
        self._end_processes()
        for folder in (self.home, self.tmp, self.locked, self.system):
            self._remove(folder)
            folder.mkdir()
            folder.chmod(0o755)
        (self.system / "uv").mkdir()
        (self.system / "uv/uv.toml").touch()  # else uv looks into /etc
        self.cwd.mkdir(parents=True)
        self.cwd.chmod(0o755)
        taken_back = machine.taken_back()
        if taken_back:
            self.write(self.home / ".pip/pip.conf", taken_back)
        if not self.cold:
            self._warm()
        self.user.give(self.home)
        self.user.give(self.tmp)
        if not self.user.dropped:
            self.user.lock(self.locked)

    def _warm(self) -> None:
        cache = self.home / ".cache/safepip/pip"
        for folder in (cache.parent.parent, cache.parent, cache):
            folder.mkdir(mode=0o700)
        for entry in self.field.ready_pips(self.python):
            (cache / entry.name).symlink_to(entry)
        if self.pipx and not (self.folder / "pipx").exists():
            (self.folder / "pipx").mkdir()  # where pipx puts a lock beside its pip
            (self.folder / "pipx/shared").symlink_to(self.field.pipx_pip())
            self.user.give(self.folder / "pipx")

    def close(self) -> None:
        """End what still runs, and remove all."""
        self._end_processes()
        self._remove(self.folder)

    def _environment(self) -> dict[str, str]:
        path = (self.safepip.folder, self.python.bin, "/usr/bin", "/bin")
        warm_pipx = self.pipx and not self.cold
        return {
            "HOME": str(self.home),
            "USER": self.user.name,
            "LOGNAME": self.user.name,
            "SHELL": "/bin/bash",
            "PATH": ":".join(dict.fromkeys(map(str, path))),
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.tmp),
            "XDG_CONFIG_DIRS": str(self.system),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.field.links),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            **({"PIPX_SHARED_LIBS": str(self.folder / "pipx/shared")} if warm_pipx else {}),
        }

    def _merged(self, env: Mapping[str, str | None] | None, cwd: Path) -> dict[str, str]:
        merged: dict[str, str | None] = {**self.env, "PWD": str(cwd), **(env or {})}
        return {key: value for key, value in merged.items() if value is not None}

    def _end_processes(self) -> None:
        for screen in self._terminals:
            screen.close()
        for process in self._started:
            with contextlib.suppress(ProcessLookupError):
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):
                        stream.close()
        if self._terminals or self._started:
            for pid in self.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._terminals, self._started = [], []

    def _remove(self, folder: Path) -> None:
        if folder.exists():
            if not self.user.dropped:
                self.user.give(folder)
            self.field.bin.throw(folder)


def _describe(path: Path) -> str:
    if path.is_symlink():
        return f"link to {path.readlink()}"
    status = path.lstat()
    if path.is_file():
        digest = hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()
        return f"file {status.st_mode:o} {digest}"
    return f"folder {status.st_mode:o}"


@dataclass
class LabMaker:
    """Makes labs for a test, and ends them with it."""

    field: Field
    name: str
    cold: bool = False
    labs: list[Lab] = dataclasses.field(default_factory=list)

    def __call__(self, python: LabPython | None = None, *, pipx: bool = False) -> Lab:
        """A lab whose user has this Python; any modern one of the machine, if none is given."""
        folder = self.field.base / "labs" / f"{self.name}-{len(self.labs)}"
        python = python or self.field.modern()
        lab = Lab(self.field, python, folder, pipx=pipx, cold=self.cold)
        self.labs.append(lab)
        return lab

    def close(self) -> None:
        """End them all."""
        for lab in self.labs:
            lab.close()
