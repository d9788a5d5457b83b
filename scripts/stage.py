"""Where and with what ``./scripts/try`` plays: a folder, a person, a Python not to be written."""

from __future__ import annotations

import ast
import contextlib
import fcntl
import hashlib
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.environments import (
    IMPORT_ENSUREPIP,
    SetupError,
    attend,
    create_environment,
    remove_tree,
    run_quietly,
    runs,
    tool_variables,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
INDEX_SETTINGS = frozenset(
    {
        *("index-url", "extra-index-url", "no-index", "find-links", "trusted-host", "proxy"),
        *("cert", "client-cert", "default-timeout", "timeout", "retries"),
    }
)
PASSED_ON = ("LANG", "LC_ALL", "TERM", "NO_COLOR", "FORCE_COLOR", "SSL_CERT_FILE", "COLUMNS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who types the command: *uid* and *gid* are None for the one who started this."""

    name: str
    uid: int | None = None
    gid: int | None = None

    def start(
        self, argv: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], quiet: bool = False
    ) -> subprocess.Popen[str]:
        """Start *argv* as this person; *quiet* keeps what it prints for the caller."""
        return subprocess.Popen(
            [str(word) for word in argv],
            cwd=cwd,
            env=dict(env),
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
            stdin=subprocess.DEVNULL if quiet else None,
            stdout=subprocess.PIPE if quiet else None,
            stderr=subprocess.STDOUT if quiet else None,
            text=True,
            errors="replace",
        )

    def ask(
        self,
        argv: Sequence[str | Path],
        *,
        cwd: Path = Path("/"),
        env: Mapping[str, str] | None = None,
    ) -> tuple[int, str]:
        """Run *argv* as this person; give its status (127: cannot be started) and its output."""
        try:
            with self.start(argv, cwd=cwd, env=env or {"PATH": os.defpath}, quiet=True) as process:
                output, _ = process.communicate()
        except OSError:
            return 127, ""
        return process.returncode, output

    def attend(self, argv: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str]) -> int:
        """Run *argv* before the person's eyes; give its status. Ctrl-C lets it end by itself."""
        return attend(self.start(argv, cwd=cwd, env=env))

    def reaches(self, path: Path) -> bool:
        """Tell whether this person can enter the directory *path*."""
        return self.ask(["/bin/sh", "-c", 'cd -- "$1"', "sh", path])[0] == 0

    def owns(self, path: Path) -> None:
        """Make *path* a new directory of this person's, closed to others."""
        path.mkdir(mode=0o700)
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Everything that the play needs, set up."""

    person: Person
    play: Path
    """Holds home, tmp and the project; made anew each time."""
    safepip: Path
    locked: Path
    """The Python that the person cannot write."""
    env: dict[str, str]

    @property
    def project(self) -> Path:
        """The person's project."""
        return self.play / "project"

    @property
    def home(self) -> Path:
        """The person's HOME."""
        return self.play / "home"


def find_person() -> Person:
    """Give who is to type the command: not root.

    Raises:
        SetupError: We are root and cannot become anybody else.
    """
    if os.geteuid() != 0:
        try:
            return Person(name=pwd.getpwuid(os.geteuid()).pw_name)
        except KeyError:
            return Person(name=str(os.geteuid()))
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError as error:
        message = 'root can write everything, and there is no user "nobody" to become'
        raise SetupError(message) from error
    person = Person(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
    if person.ask(["/bin/sh", "-c", ":"])[0] != 0:
        message = 'root may not become the user "nobody" here; start this as an ordinary user'
        raise SetupError(message)
    return person


@contextlib.contextmanager
def folder_for(person: Person) -> Iterator[Path]:
    """Give the folder that everything goes to: .try, kept; or a temporary one, removed.

    Raises:
        SetupError: There is none that the person can enter.
    """
    kept = ROOT / ".try"
    with contextlib.ExitStack() as stack:
        if _take(kept, stack) and person.reaches(kept):
            yield kept
            return
        with contextlib.suppress(OSError):
            kept.rmdir()
        for parent in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 - made by mkdtemp
            try:
                folder = Path(tempfile.mkdtemp(prefix="safepip-try-", dir=parent))
            except OSError:
                continue
            stack.callback(remove_tree, folder)
            folder.chmod(0o755)
            if person.reaches(folder):
                yield folder
                return
        message = f"there is no folder that the user {person.name} can enter, not even in /tmp"
        raise SetupError(message)


def _take(folder: Path, stack: contextlib.ExitStack) -> bool:
    """Make *folder* ours alone until *stack* ends; False if it cannot be."""
    if folder.is_symlink():
        return False
    try:
        folder.mkdir(exist_ok=True)
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        stack.callback(os.close, lock)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return folder.stat().st_uid == os.geteuid() and os.access(folder, os.W_OK)


def find_python(person: Person) -> Path:
    """Give a Python >= 3.10 that *person* can start, and that can make environments if possible.

    Raises:
        SetupError: There is none.
    """
    ours = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
    named = ["python3", *(f"python3.{minor}" for minor in range(16, 9, -1))]
    places = [*os.environ.get("PATH", "").split(":"), "/usr/bin", "/usr/local/bin"]
    candidates = [ours, *(Path(place, name) for place in places if place for name in named)]
    found: list[Path] = []
    for candidate in dict.fromkeys(candidates):
        check = "import sys, venv; assert sys.version_info >= (3, 10); print(sys._base_executable)"
        status, printed = (
            person.ask([candidate, "-I", "-c", check]) if candidate.exists() else (1, "")
        )
        if status == 0:
            found.append(Path(printed.strip()))
            if person.ask([candidate, "-I", "-c", IMPORT_ENSUREPIP])[0] == 0:
                return found[-1]
    if not found:
        message = f"the user {person.name} can start no Python 3.10 or newer on this machine"
        raise SetupError(message)
    return found[0]


def install_safepip(folder: Path, python: Path, env: Mapping[str, str]) -> Path:
    """Install this repository's safepip as a user would, alone in a folder on PATH; give it."""
    where = folder / "safepip"
    stamp = where / "stamp"
    command = folder / "bin" / "safepip"
    sources = [ROOT / "pyproject.toml", *sorted((ROOT / "src").rglob("*.py"))]
    digest = hashlib.sha256(str(python).encode())
    for source in sources:
        digest.update(str(source).encode() + b"\0" + source.read_bytes())
    made = where / "bin" / "python"
    current = stamp.is_file() and stamp.read_text() == digest.hexdigest() and command.exists()
    if not current or not runs(made, "import safepip", env=env):
        remove_tree(where)
        create_environment(where, python, env=env)
        install: list[str | Path] = [made, "-m", "pip", "install", "--quiet", ROOT]
        run_quietly(install, what="installing safepip from this repository", env=env)
        command.parent.mkdir(exist_ok=True)
        command.unlink(missing_ok=True)
        # As pipx does it: the command is on PATH, the pip and python beside it are not.
        command.symlink_to(where / "bin" / "safepip")
        stamp.write_text(digest.hexdigest())
    return command


def lock_python(folder: Path, python: Path, person: Person, env: Mapping[str, str]) -> Path:
    """Make a Python that *person* cannot write, but that defaults to the user site; give it."""
    where = folder / "locked"
    made = where / "bin" / "python"
    if not (where / "stamp").is_file() or not runs(made, "import pip", env=env):
        remove_tree(where)
        create_environment(where, python, env=env, options=["--system-site-packages"])
        (where / "stamp").touch()
        if person.uid is None:
            for each, _, _ in os.walk(where):
                Path(each).chmod(0o555)
    ask = "import os, sysconfig; print(os.access(sysconfig.get_path('purelib'), os.W_OK))"
    if person.ask([made, "-I", "-c", ask], env=env)[1].strip() != "False":
        message = f"the user {person.name} can write even what is write-protected ({where})"
        raise SetupError(message)
    return made


def index_variables(env: Mapping[str, str]) -> dict[str, str]:
    """Give the machine's settings for reaching an index as PIP_ variables.

    Asked of pip, since the user nobody cannot read root's files.
    """
    listed, values = "", {}
    with contextlib.suppress(SetupError):  # there need not be a pip
        listed = run_quietly([sys.executable, "-m", "pip", "config", "list"], what="", env=env)
    for section in ("global", "install", ":env:"):  # what comes later counts
        for name, shown in re.findall(rf"^{section}\.(\S+?)=(.*)$", listed, re.MULTILINE):
            if name in INDEX_SETTINGS:
                variable = f"PIP_{name.upper().replace('-', '_')}"
                values[variable] = str(ast.literal_eval(shown))
    return values | {name: text for name, text in env.items() if name.lower().endswith("_proxy")}


def set_the_stage(
    folder: Path, person: Person, *, tell: Callable[[str], None] = lambda _: None
) -> Stage:
    """Make everything that the play needs in *folder*, or use what an earlier run made.

    *tell* is told each step as it begins.

    Raises:
        SetupError: Something is missing on this machine.
    """
    scratch = folder / "tmp"
    remove_tree(scratch)
    scratch.mkdir()
    env = tool_variables(os.environ) | {
        "TMPDIR": str(scratch),
        "PIP_CACHE_DIR": str(folder / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    python = find_python(person)
    tell("- installing safepip from this clone")
    command = install_safepip(folder, python, env)
    tell(f"- making a Python that {person.name} may not write")
    locked = lock_python(folder, python, person, env)

    tell("- making a project and an empty home")
    play = folder / "play"
    remove_tree(play)
    person.owns(play)
    for name in ("home", "tmp", "project"):
        person.owns(play / name)
    shell = shutil.which("bash", path="/bin:/usr/bin:/usr/local/bin") or "/bin/sh"
    path = [command.parent, locked.parent, "/usr/bin", "/bin"]
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    variables = passed_on | index_variables(env)
    variables |= {
        "HOME": str(play / "home"),
        "TMPDIR": str(play / "tmp"),
        "PATH": ":".join(map(str, path)),
        "SHELL": shell,
        "USER": person.name,
        "LOGNAME": person.name,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    stage = Stage(person=person, play=play, safepip=command, locked=locked, env=variables)
    fill_project(stage)
    return stage


def fill_project(stage: Stage) -> None:
    """Write a pyproject.toml, and put it under git if there is one."""
    text = '[project]\nname = "site"\nversion = "1"\n'
    write = 'printf "%s" "$1" > pyproject.toml'
    stage.person.ask(["/bin/sh", "-c", write, "sh", text], cwd=stage.project, env=stage.env)
    names = ["-c", "user.name=safepip", "-c", "user.email=safepip@example.org"]
    for words in (["init", "--quiet"], ["add", "."], [*names, "commit", "--quiet", "-m", "Begin"]):
        stage.person.ask(["git", *words], cwd=stage.project, env=stage.env)
