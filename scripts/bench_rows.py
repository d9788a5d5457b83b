"""The rows of ``scripts.bench``: for each what safepip does, and what it is compared with."""

from __future__ import annotations

import contextlib
import shlex
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING

from scripts.bench_ground import APPLICATION, KNOWN_APPLICATION, LIBRARY, MANY, Ground, Index
from scripts.bench_runs import Command
from scripts.environments import remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

PUMPED_MB = 500


class Measure(Enum):
    """What is compared: the field of a Sample, and how the table calls it."""

    WALL = "wall_s"
    CPU = "cpu_s"
    FLOW = "flow_s"
    BYTES = "fetched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The two commands of a row, and what is undone before each."""

    bare: Command
    ours: Command
    reset: Callable[[], object]
    index: Index | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    name: str
    what: str
    against: str
    measure: Measure
    goal: float
    """The greatest ratio that is good enough."""
    setting: Callable[[Ground], AbstractContextManager[Pair]]
    memory_mb: float | None = None
    """The most that safepip's largest process may take."""
    times: int = 1
    """How many times as many pairs it needs for a median that holds still."""


# The rows


def _words(*words: str | Path) -> tuple[str, ...]:
    return tuple(map(str, words))


def _shell(*lines: str) -> tuple[str, ...]:
    return ("/bin/sh", "-c", "; ".join(lines))


def _always() -> bool:
    return True


def _holds(site: Path, name: str) -> Callable[[], bool]:
    return lambda: next(site.glob(f"{name}-*.dist-info/RECORD"), None) is not None


def _remove(site: Path, *names: str) -> None:
    for name in names:
        for path in (*site.glob(f"{name}*"), *site.glob(f"../../../bin/{name}")):
            remove_tree(path) if path.is_dir() else path.unlink()


def _safepip(ground: Ground) -> str:
    return str(ground.safepip.bin / "safepip")


@contextlib.contextmanager
def _hand_over(ground: Ground) -> Iterator[Pair]:
    env = ground.variables(ground.base.bin)
    bare = Command(
        argv=_words(ground.base.bin / "pip", "--version"), cwd=ground.home, env=env, done=_always
    )
    ours = replace(bare, argv=(_safepip(ground), "--version"))
    yield Pair(bare=bare, ours=ours, reset=_always)


@contextlib.contextmanager
def _watched(ground: Ground) -> Iterator[Pair]:
    writable = ground.environment(ground.folder / "writable")
    ground.give(writable.prefix)
    words = ("install", LIBRARY)
    bare = Command(
        argv=_words(writable.bin / "pip", *words),
        cwd=ground.home,
        env=ground.variables(writable.bin),
        done=_holds(writable.site, LIBRARY),
    )
    ours = replace(bare, argv=(_safepip(ground), *words))
    yield Pair(bare=bare, ours=ours, reset=lambda: _remove(writable.site, LIBRARY))


@contextlib.contextmanager
def _twenty(ground: Ground) -> Iterator[Pair]:
    writable = ground.environment(ground.folder / "writable")
    ground.give(writable.prefix)
    words = ("install", "--no-cache-dir", *MANY)
    with Index(ground.big_links) as index:
        bare = Command(
            argv=_words(writable.bin / "pip", *words),
            cwd=ground.home,
            env=ground.variables(writable.bin, more=index.variables),
            done=_holds(writable.site, MANY[-1]),
            terminal=True,
        )
        ours = replace(bare, argv=(_safepip(ground), *words))
        yield Pair(bare=bare, ours=ours, reset=lambda: _remove(writable.site, *MANY), index=index)


@contextlib.contextmanager
def _into_venv(ground: Ground) -> Iterator[Pair]:
    venv = ground.environment(ground.project / ".venv")
    ground.give(venv.prefix)
    bare = Command(
        argv=_words(venv.bin / "pip", "install", LIBRARY),
        cwd=ground.project,
        env=ground.variables(ground.base.bin),
        done=_holds(venv.site, LIBRARY),
    )
    ours = replace(bare, argv=(_safepip(ground), "install", LIBRARY))
    yield Pair(bare=bare, ours=ours, reset=lambda: _remove(venv.site, LIBRARY))
    remove_tree(venv.prefix)


def _new_venv(ground: Ground, env: Mapping[str, str]) -> Pair:
    venv = ground.project / ".venv"
    site = venv / "lib" / ground.base.site.parent.name / "site-packages"
    base = ground.base.bin
    by_hand = _shell(
        f"{base / 'pip'} install {LIBRARY}",
        f"{base / 'python3'} -m venv .venv",
        f".venv/bin/pip install {LIBRARY}",
    )
    bare = Command(argv=by_hand, cwd=ground.project, env=env, done=_holds(site, LIBRARY))
    ours = replace(bare, argv=(_safepip(ground), "install", LIBRARY))
    return Pair(bare=bare, ours=ours, reset=lambda: remove_tree(venv))


@contextlib.contextmanager
def _made(ground: Ground) -> Iterator[Pair]:
    yield _new_venv(ground, ground.variables(ground.base.bin, user_site=False))


@contextlib.contextmanager
def _cold(ground: Ground) -> Iterator[Pair]:
    pair = _new_venv(ground, ground.variables(ground.base.bin, user_site=False))

    def reset() -> None:
        pair.reset()
        for place in (".cache", ".local"):
            remove_tree(ground.home / place)

    yield replace(pair, reset=reset)


@contextlib.contextmanager
def _marked(ground: Ground) -> Iterator[Pair]:
    with ground.marked():
        yield _new_venv(ground, ground.variables(ground.base.bin))


@contextlib.contextmanager
def _by_uv(ground: Ground) -> Iterator[Pair]:
    path = (ground.base.bin, ground.tool("uv"))
    more = {"SAFEPIP_INSTALLER": "uv"}
    yield _new_venv(ground, ground.variables(*path, more=more, user_site=False))


@contextlib.contextmanager
def _uv_alone(ground: Ground) -> Iterator[Pair]:
    uv = ground.tool("uv") / "uv"
    env = ground.variables(ground.base.bin, user_site=False)
    pair = _new_venv(ground, env)
    words = f"--offline --no-index --find-links {ground.links} {LIBRARY}"
    lines = (
        f"{uv} venv -q --python {ground.base.executable} .venv",
        f"{uv} pip install -q --python .venv/bin/python {words}",
    )
    yield replace(pair, ours=replace(pair.ours, argv=_shell(*lines)))


@contextlib.contextmanager
def _to_user(ground: Ground) -> Iterator[Pair]:
    site = ground.home / ".local" / ground.base.site.relative_to(ground.base.prefix)
    bare = Command(
        argv=_words(ground.base.bin / "pip", "install", "--user", LIBRARY),
        cwd=ground.folder / "apart",
        env=ground.variables(ground.base.bin, more={"SAFEPIP_STRATEGY": "user"}),
        done=_holds(site, LIBRARY),
    )
    ours = replace(bare, argv=(_safepip(ground), "install", LIBRARY))
    yield Pair(bare=bare, ours=ours, reset=lambda: _remove(site, LIBRARY))
    _remove(site, LIBRARY)  # or the next row finds it satisfied


@contextlib.contextmanager
def _to_pipx(ground: Ground, *, application: str = APPLICATION) -> Iterator[Pair]:
    place = ground.home / ".local/share/pipx/venvs" / application
    command = ground.home / ".local/bin" / application
    pipx = ground.safepip.prefix.parent / "path/pipx"
    python = str(ground.base.executable)
    more = {"PIPX_DEFAULT_BACKEND": "pip"}
    bare = Command(
        argv=_words(pipx / "pipx", "install", "--python", python, application),
        cwd=ground.folder / "apart",
        env=ground.variables(ground.base.bin, pipx, more=more),
        done=command.exists,
    )
    ours = replace(bare, argv=(_safepip(ground), "install", application))

    def reset() -> None:
        remove_tree(place)
        command.unlink(missing_ok=True)

    yield Pair(bare=bare, ours=ours, reset=reset)


@contextlib.contextmanager
def _plan(ground: Ground) -> Iterator[Pair]:
    bare = Command(
        argv=_words(ground.base.bin / "pip", "--version"),
        cwd=ground.project,
        env=ground.variables(ground.base.bin),
        done=_always,
    )
    ours = replace(bare, argv=(_safepip(ground), "plan", "install", LIBRARY))
    yield Pair(bare=bare, ours=ours, reset=_always)


@contextlib.contextmanager
def _late(ground: Ground) -> Iterator[Pair]:
    # Its site directory can be written, its scripts dir cannot: found out after all downloads.
    half = ground.environment(ground.folder / "half")
    ground.give(half.site)
    venv = ground.environment(ground.project / ".venv")
    ground.give(venv.prefix)
    words = ("install", "--no-cache-dir", *MANY[:3])
    with Index(ground.big_links) as index:
        bare = Command(
            argv=_words(venv.bin / "pip", *words),
            cwd=ground.project,
            env=ground.variables(half.bin, more=index.variables),
            done=_holds(venv.site, MANY[0]),
        )
        ours = replace(bare, argv=(_safepip(ground), *words))

        def reset() -> None:
            _remove(venv.site, *MANY)
            _remove(half.site, *MANY)

        yield Pair(bare=bare, ours=ours, reset=reset, index=index)
    remove_tree(venv.prefix)


@contextlib.contextmanager
def _pump(ground: Ground) -> Iterator[Pair]:
    writable = ground.environment(ground.folder / "writable")
    # What the user's pip is does not matter here, but for what it prints.
    pip = writable.bin / "pip"
    pip.write_text(f"#!{writable.bin / 'python'}\n{_CHATTERBOX.format(size=PUMPED_MB * 1_000_000)}")
    bare = Command(
        argv=_shell(f"{shlex.quote(str(pip))} install {LIBRARY} | cat"),
        cwd=ground.home,
        env=ground.variables(writable.bin),
        done=_always,
    )
    ground.give(writable.prefix)
    ours = replace(bare, argv=(_safepip(ground), "install", LIBRARY))
    yield Pair(bare=bare, ours=ours, reset=_always)


# Prints as Python programs do, pip among them: whole lines, through a buffer of 8 kB.
_CHATTERBOX = """
import sys
lines = [
    "  gcc -pthread -Wall -fPIC -I/usr/include/python3.11 -c src/part%05d.c"
    " -o build/temp.linux-x86_64/src/part%05d.o\\n" % (number, number)
    for number in range(10000)
]
for _ in range({size} // len("".join(lines))):
    sys.stdout.writelines(lines)
"""


ROWS = (
    Row(
        name="hand-over",
        what="hand-over of --version",
        against="pip --version",
        measure=Measure.CPU,
        goal=1.10,
        setting=_hand_over,
        times=10,
    ),
    Row(
        name="watched",
        what="install that pip can do, one wheel",
        against="pip",
        measure=Measure.WALL,
        goal=1.10,
        setting=_watched,
        times=3,
    ),
    Row(
        name="twenty",
        what="the same, 20 wheels, live bar on a terminal",
        against="pip",
        measure=Measure.WALL,
        goal=1.05,
        setting=_twenty,
    ),
    Row(
        name="venv",
        what="diverted, the project's .venv is there",
        against=".venv/bin/pip install",
        measure=Measure.WALL,
        goal=1.25,
        setting=_into_venv,
    ),
    Row(
        name="made",
        what="diverted, .venv is made",
        against="by hand: pip, python -m venv, its pip",
        measure=Measure.WALL,
        goal=0.25,
        setting=_made,
    ),
    Row(
        name="marked",
        what="the same, externally managed Python",
        against="by hand, likewise",
        measure=Measure.WALL,
        goal=0.25,
        setting=_marked,
    ),
    Row(
        name="cold",
        what="the same as made, safepip's caches are empty",
        against="by hand, likewise",
        measure=Measure.WALL,
        goal=1.0,
        setting=_cold,
    ),
    Row(
        name="uv",
        what="diverted, .venv is made, installer uv",
        against="by hand, likewise",
        measure=Measure.WALL,
        goal=0.10,
        setting=_by_uv,
    ),
    Row(
        name="uv-alone",
        what="for comparison: uv itself",
        against="by hand, likewise",
        measure=Measure.WALL,
        goal=1.0,
        setting=_uv_alone,
    ),
    Row(
        name="user",
        what="diverted to --user",
        against="pip install --user",
        measure=Measure.WALL,
        goal=1.10,
        setting=_to_user,
    ),
    Row(
        name="pipx",
        what="diverted to pipx, the index is asked what it is",
        against="pipx install",
        measure=Measure.WALL,
        goal=1.20,
        setting=_to_pipx,
        times=5,
    ),
    Row(
        name="pipx-known",
        what="the same, an application that safepip knows",
        against="pipx install",
        measure=Measure.WALL,
        goal=1.20,
        setting=partial(_to_pipx, application=KNOWN_APPLICATION),
    ),
    Row(
        name="plan",
        what="plan of one requirement",
        against="pip --version",
        measure=Measure.WALL,
        goal=1.3,
        setting=_plan,
    ),
    Row(
        name="late",
        what="denied after the download, --no-cache-dir",
        against=".venv/bin/pip install, bytes fetched",
        measure=Measure.BYTES,
        goal=1.02,
        setting=_late,
    ),
    Row(
        name="pump",
        what=f"{PUMPED_MB} MB of build log",
        against="the same through cat",
        measure=Measure.FLOW,
        goal=1.25,  # 0.8 of its throughput
        setting=_pump,
        memory_mb=25,
        times=3,  # whichever of three processes shares a processor decides over one pair
    ),
)
