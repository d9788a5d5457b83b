"""Starts pip at once where a look at the disk shows that it can write, and gets ready meanwhile.

Only what is certain enough by the pip script's first line and its folders; all else is looked at
by ``situation`` first. A look that was wrong costs nothing: pip's words are watched all the same.
Before pip is started this may import next to nothing, for that is what the user waits for.
"""

from __future__ import annotations

import os
import sys

from safepip import ahead, outputs, userpip
from safepip.model.options import having
from safepip.reading import arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.flow.comparing import Before
    from safepip.flow.deciding import Decided
    from safepip.flow.downloads import Downloads
    from safepip.flow.situation import Situation
    from safepip.model.triggers import Stream
    from safepip.reading.gate import Gate
    from safepip.reading.sightings import Watcher
    from safepip.userpip import PipTarget

_LEFT_TO_A_LOOK = having("look")
_VARIABLES_LEFT_TO_A_LOOK = {
    "PIP_CONFIG_FILE",
    "PIP_REQUIRE_VENV",
    "PYTHONHOME",
    *map(arguments.variable_of, _LEFT_TO_A_LOOK),
}

_LARGEST_BYTES = 1 << 20


def place(words: Sequence[str], env: Mapping[str, str], target: PipTarget) -> str | None:
    """The site directory that pip is going to write to, where nothing more has to be known."""
    if not is_usual(words, env) or has_settings(env):
        return None
    pip = script_of(target)
    if pip is None or pip.marked:
        return None
    scripts, prefix, site = pip.scripts, pip.prefix, pip.site
    twin = site.replace(f"{prefix}/lib/", f"{prefix}/lib64/", 1)
    places = [site, scripts, *([twin] if os.path.isdir(twin) else [])]
    return site if all(os.access(place, os.W_OK) for place in places) else None


begun_at: str | None = None
"""Where the pip that was begun writes to: the site directory."""


def begin(
    words: Sequence[str], options: Mapping[str, str], env: Mapping[str, str], target: PipTarget
) -> bool:
    """Start pip, if it is certain enough that it can write; tell whether it is."""
    global begun_at  # noqa: PLW0603 - there is one install in a process
    begun_at = None if options or not outputs.can_watch() else place(words, env, target)
    if begun_at is not None:
        ahead.begin([*target.argv, *words], userpip.child_environment(env))
    return begun_at is not None


def is_usual(words: Sequence[str], env: Mapping[str, str]) -> bool:
    """Whether *words* and pip's variables leave it to the Python where pip writes."""
    if sys.platform == "win32" or _VARIABLES_LEFT_TO_A_LOOK & env.keys():
        return False
    if any(name.startswith("PIP_") and value.startswith("/dev/") for name, value in env.items()):
        return False
    positions = arguments.install_positions(words)
    for name, value, *_ in arguments.scan_words(words, positions, arguments.INSTALL_OPTIONS):
        # A pipe has to be kept for a second run; pip alone stays what it is.
        if name in _LEFT_TO_A_LOOK or value == "pip" or (value or "").startswith("/dev/"):
            return False
    return True


def has_settings(env: Mapping[str, str], but: str = "") -> bool:
    """Whether settings, *but* for one variable, may say anything but their defaults."""
    known = {"SAFEPIP_AS", userpip.MARK, but}
    own = [name for name in env if name.startswith("SAFEPIP_") and name not in known]
    if not all(name.startswith("SAFEPIP_SHELL") for name in own):
        return True
    home = os.path.expanduser("~")
    folders = [
        env.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"),
        *(env.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep),
    ]
    if sys.platform == "darwin":
        folders += [home + "/Library/Application Support", "/Library/Application Support"]
    if any(os.path.exists(os.path.join(folder, "safepip")) for folder in folders):
        return True
    return _project_has_settings()


def _project_has_settings() -> bool:
    try:
        folder = os.getcwd()
        while True:
            file = os.path.join(folder, "pyproject.toml")
            if os.path.isfile(file):
                with open(file, "rb") as stream:
                    text = stream.read(_LARGEST_BYTES)
                if b"safepip" in text or len(text) == _LARGEST_BYTES:
                    return True
            if folder == os.path.dirname(folder):
                return False
            folder = os.path.dirname(folder)
    except OSError:
        return True  # to be looked at with care


class _Pip:
    """What the first line of pip's script and the folders beside it tell.

    Attributes:
        marked: Externally managed.
    """

    __slots__ = ("marked", "prefix", "python", "scripts", "site")

    def __init__(self, python: str, site: str) -> None:
        self.python = python
        self.scripts = os.path.dirname(python)
        self.prefix = os.path.dirname(self.scripts)
        self.site = site
        virtual = os.path.exists(f"{self.prefix}/pyvenv.cfg")
        marker = f"{os.path.dirname(site)}/EXTERNALLY-MANAGED"
        self.marked = not virtual and os.path.exists(marker)


def script_of(target: PipTarget) -> _Pip | None:
    """What pip's script *target* is, if there is but one site directory beside it."""
    try:
        with open(target.argv[0], "rb") as file:
            head = file.read(4096)
    except OSError:
        return None
    python = os.fsdecode(head.partition(b"\n")[0])[2:]
    if len(target.argv) > 1 or head[:2] != b"#!" or b"from pip" not in head:
        return None
    scripts = os.path.dirname(target.argv[0])
    # The script's own folder: a link elsewhere has another prefix than it seems.
    if os.path.dirname(python) != scripts or not userpip.is_executable(python):
        return None
    prefix = os.path.dirname(scripts)
    found = [folder for folder in _site_folders(prefix) if os.path.isdir(f"{folder}/pip")]
    return _Pip(python, found[0]) if len(found) == 1 else None


def _site_folders(prefix: str) -> list[str]:
    try:
        names = sorted(os.listdir(f"{prefix}/lib"))
    except OSError:
        return []
    return [f"{prefix}/lib/{one}/site-packages" for one in names if one.startswith("python")]


class _Ready:
    """The gate and all that watches, made while pip starts; passes what the runner asks on."""

    gate: Gate
    watcher: Watcher
    before: Before
    downloads: Downloads

    def __init__(self, site: str, env: Mapping[str, str]) -> None:
        self._site = site
        self._env = env

    def make(self) -> None:
        """Import and make it all; pip needs far longer for its own start."""
        from pathlib import PurePath

        from safepip.flow import comparing, watching  # noqa: F401 - not after pip's end
        from safepip.flow.downloads import Downloads
        from safepip.reading.gate import Gate
        from safepip.reading.sightings import Places, Watcher

        site = PurePath(self._site)
        self.before = comparing.snapshot_of((site,))
        self.gate = Gate()
        self.watcher = Watcher(Places(site=(site,)))
        self.downloads = Downloads(self._env)

    def watch(self, stream: Stream, data: bytes) -> None:
        """See what pip wrote."""
        self.watcher.feed(stream, data)
        self.downloads.feed(stream, data)

    @property
    def wants_pause(self) -> bool:
        """As of the gate."""
        return self.gate.wants_pause

    def feed(self, stream: Stream, data: bytes) -> bytes:
        """As of the gate."""
        return self.gate.feed(stream, data)

    def idle(self) -> tuple[tuple[Stream, bytes], ...]:
        """As of the gate."""
        return self.gate.idle()

    def overdue(self) -> tuple[tuple[Stream, bytes], ...]:
        """As of the gate."""
        return self.gate.overdue()

    def resume(self) -> tuple[tuple[Stream, bytes], ...]:
        """As of the gate."""
        return self.gate.resume()


def run(words: Sequence[str], env: Mapping[str, str], target: PipTarget, site: str) -> int:
    """Run pip, which is going to write to *site*, and give the status.

    Raises:
        SafepipError: pip cannot be started.
    """
    from contextlib import ExitStack

    from safepip import runner

    ready, turn = _Ready(site, env), ExitStack()
    decided: Decided | None = None

    def on_pause() -> bool:
        """Decide after all: pip stands still, since it cannot write."""
        nonlocal decided
        here = _look(words, env, target)
        if here is None:
            return True
        from safepip.flow import judging

        decided = judging.decide_early(here, seen_line=ready.gate.seen_line)
        return judging.may_go_on(here, decided, ready.before, turn)

    with turn:
        finished = runner.run_watched(
            [*target.argv, *words],
            env=userpip.child_environment(env),
            gate=ready,
            on_pause=on_pause,
            watch=ready.watch,
            meanwhile=ready.make,
        )
    with ready.downloads:
        from safepip.flow import watching

        watched = watching.Watched(finished=finished, watcher=ready.watcher, gate=ready.gate)
        done = finished.returncode == 0 and decided is None
        here = None
        if not done or ready.watcher.defaulted_to_user:
            here = _look(words, env, target)
        if here is None:
            watched.show_held()
            return runner.exit_like(finished.returncode)
        from safepip.flow import install, meeting

        ready.watcher.judge_by(watching.watch_places(here))
        met = meeting.conclude(here, ready.before, watched, decided)
        return install.end(here, met, ready.before, ready.downloads, kept=())


def _look(words: Sequence[str], env: Mapping[str, str], target: PipTarget) -> Situation | None:
    """Look at all of it now, since there is something to judge; None where that is impossible."""
    from safepip import settings
    from safepip.flow import situation
    from safepip.model.errors import SafepipError

    try:
        return situation.look(words, settings.merge({}, env), env, target)
    except (SafepipError, OSError):
        return None
