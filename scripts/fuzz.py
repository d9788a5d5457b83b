"""Throw broken data at what reads data from outside: ``python -m scripts.fuzz [--minutes 60]``.

Each target gets mutations of samples of its own. It must give an answer in bounded time, and raise
nothing but what its callers expect. A case that breaks one is printed as a literal, to be kept as a
test. Where atheris is installed, ``--atheris TARGET`` lets its coverage lead the way.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import random
import shlex
import sys
import tempfile
import time
import traceback
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from safepip import history, settings
from safepip.logs import explanation
from safepip.logs.reader import LogReader
from safepip.machine import distributions, environments, trust, version_control
from safepip.model.errors import ConfigError
from safepip.model.triggers import Stream
from safepip.profiles import line
from safepip.reading import printable, requests, secrets
from safepip.reading.gate import Gate
from safepip.reading.sightings import Places, Watcher
from safepip.settings import toml
from safepip.shells.commands import quote
from safepip.shells.kinds import Shell
from safepip.state import MARKER, Ledger
from safepip.wording import explanation as wording

if TYPE_CHECKING:
    from collections.abc import Callable

BOUND_S = 5.0
"""No answer to a piece of this size may take longer, on a busy machine either."""

LARGEST_BYTES = 20_000
_GROUND = Path(tempfile.gettempdir())
_SITE = PurePosixPath("/usr/lib/python3/dist-packages")


def _must(holds: bool, what: str) -> None:  # noqa: FBT001 - reads well
    if not holds:
        raise ValueError(what)


def _words(data: bytes) -> None:
    words = data.decode("utf-8", "surrogateescape").split("\0")
    command = requests.parse(["install", *words], {"PIP_QUIET": words[0]})
    requests.without(command, "--quiet")


def _output(data: bytes) -> None:
    watcher, gate = Watcher(Places(site=(_SITE,), others=())), Gate(hold_errors=True)
    for at in range(0, len(data), 997):
        for stream in (Stream.OUT, Stream.ERR, Stream.BOTH):
            watcher.feed(stream, data[at : at + 997])
            gate.feed(stream, data[at : at + 997])
            gate.idle()
    gate.held()
    watcher.verdict(1)


def _text(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    _must(not printable.acts(printable.escape(text)), "what is escaped acts")
    secrets.redact(text)
    word = text.replace("\0", "")
    for shell in Shell:
        quote(shell, word)
    _must(printable.acts(word) or shlex.split(quote(Shell.SH, word)) == [word], "not one word")


def _in_file(name: str, use: Callable[[Path], object]) -> Callable[[bytes], None]:
    """A target that reads *name* below a directory that *use* is given."""

    def target(data: bytes) -> None:
        file = _GROUND / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        use(_GROUND)

    return target


def _record(folder: Path) -> None:
    info = folder / "x-1.0.dist-info"
    one = distributions.distribution_at(folder, info.name)
    if one is None:
        return
    distributions.recorded(one)
    distributions.scripts_of(one, (folder / "bin",))
    distributions.header(one, "Name")


def _ledger(folder: Path) -> None:
    ledger = Ledger(folder / "state")
    ledger.begin_making(folder, "token")
    for record in (folder / "state/environments").iterdir():
        record.write_bytes((folder / MARKER).read_bytes())
    ledger.is_unfinished(folder)
    ledger.made(folder)


def _log(data: bytes) -> None:
    reader = LogReader()
    for at in range(0, len(data), 997):
        reader.feed(data[at : at + 997])
    explained = explanation.explain(reader.finish(None))
    wording.as_lines(explained)
    wording.as_json(explained)


def _project(folder: Path) -> None:
    with contextlib.suppress(ConfigError):
        settings.merge({}, {"HOME": str(folder.parent)}, folder)


def _setting(data: bytes) -> None:
    """Set a key in a text that is TOML, and take it out again: nothing else may change."""
    text = data.decode("utf-8", "replace")
    was = _toml(text)
    if was is None or not isinstance(was.get("strategy", ""), str):
        return
    now = _toml(toml.edited(text, "strategy", '"user"'))
    _must(now == {**was, "strategy": "user"}, "not set, or more than that")
    gone = _toml(toml.edited(text, "strategy", None))
    _must(gone == {key: was[key] for key in was if key != "strategy"}, "not unset, or more")


def _toml(text: str) -> dict[str, object] | None:
    try:
        return toml.loads(text)
    except (ValueError, RecursionError):
        return None


def _profile(data: bytes) -> None:
    added = line.added(data, "x", "# t")
    _must(line.removed(added, "# t") == data or b"# t" in data, "not as it was")


TARGETS: dict[str, tuple[Callable[[bytes], None], tuple[bytes, ...]]] = {
    "words": (
        _words,
        (b"-r\0x.txt\0a[b]>=1;os_name=='x'\0--opt=v\0-qqU\0--\0./d\0git+https://x@y#z",),
    ),
    "output": (
        _output,
        (
            b"Defaulting to user installation because normal site-packages is not writeable\n",
            (
                b"ERROR: Could not install packages due to an OSError: [Errno 13] Permission"
                b" denied: '/usr/lib/python3/dist-packages/x'\nConsider using the `--user`"
                b" option\r\n\x1b[31m"
            ),
            b"error: externally-managed-environment\n\xc3\x97 This\n Collecting x\r |##| 3 kB\r",
        ),
    ),
    "text": (_text, (b"https://u:p@h/x?token=1 \x1b]0;a\x07 '\"$`!\n\xe2\x80\xae\xff",)),
    "pyvenv.cfg": (
        _in_file("pyvenv.cfg", trust.environment_config),
        (b"home = /usr/bin\nversion = 3.11.2\r\n",),
    ),
    "git index": (
        _in_file(".git/index", lambda folder: version_control.tracker_of(folder / ".venv")),
        (b"DIRC\0\0\0\2\0\0\0\1" + bytes(60) + b"\0\5.venv\0", b"DIRC\0\0\0\4\0\0\0\1" + bytes(62)),
    ),
    "RECORD": (_in_file("x-1.0.dist-info/RECORD", _record), (b'../../x,,\n"a,b",sha256=x,1\n',)),
    "entry points": (
        _in_file("x-1.0.dist-info/entry_points.txt", _record),
        (b"[console_scripts]\nx = a:b\n../../y = c\n$(id) = d\n",),
    ),
    "METADATA": (_in_file("x-1.0.dist-info/METADATA", _record), (b"Name: x\n y\nVersion: 1\n\nz",)),
    "history": (_in_file("history.jsonl", history.read), (b'{"id": 1, "moved": [{}]}\n[[[\n',)),
    "log": (
        _log,
        (
            (
                b"$ pip install -U x 2>&1\nERROR: Could not install packages due to an OSError:"
                b" [Errno 13] Permission denied: '/usr/lib/x'\nTraceback (most recent call last):\n"
            ),
            b"#12 0.3 error: externally-managed-environment\r\n##[error] exit code 1\n",
        ),
    ),
    "project": (
        _in_file("p/pyproject.toml", lambda folder: _project(folder / "p")),
        (b'[tool.safepip]\nstrategy = "venv"\nvenv-name = "x"\nlibraries = ["a"]\n',),
    ),
    "setting": (
        _setting,
        (
            b'strategy = "venv" # why\nlibraries = [\n  "a", # b\n]\n[a]\nstrategy = 1\n',
            b'a = """\nstrategy = 2\n"""\r\n"strategy" = \'a\'\n',
        ),
    ),
    ".venv": (
        _in_file(".venv", lambda folder: environments.environment_at(folder / ".venv")),
        (b"../x/venv\n", b"/a b/c\r\n"),
    ),
    "records": (_in_file(MARKER, _ledger), (b'{"state": "made", "identity": [1, 2]}',)),
    "profile": (_profile, (b"export A=1\n# t\nx \\\n", b"\xef\xbb\xbfa\r\n")),
}


def mutated(sample: bytes, chance: random.Random) -> bytes:
    """*sample* with some of it doubled, cut, swapped or replaced."""
    data = bytearray(sample)
    for _ in range(chance.randint(0, 8)):
        at, to = sorted(chance.randint(0, len(data)) for _ in range(2))
        match chance.randint(0, 4):
            case 0:
                data[at:to] = b""
            case 1:
                data[at:at] = data[at:to] * chance.choice((1, 2, 300))
            case 2:
                data[at : at + 1] = bytes((chance.randint(0, 255),))
            case 3:
                data[at:at] = chance.choice((b"\0", b"\n", b"[" * 2000, b"9" * 5000, b"\xff\xfe"))
            case _:
                data[at:to] = chance.randbytes(chance.randint(0, 40))
        del data[LARGEST_BYTES:]
    return bytes(data)


def broken_by(name: str, data: bytes) -> str | None:
    """What is wrong with the target *name*'s way with *data*; None if nothing."""
    begun = time.monotonic()
    try:
        TARGETS[name][0](data)
    except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
        return traceback.format_exc()
    took = time.monotonic() - begun
    return f"took {took:.1f} s" if took > BOUND_S else None


def run(minutes: float, seed: int, names: list[str]) -> dict[str, tuple[int, list[bytes]]]:
    """Give each of *names* the same share of *minutes*; how many cases, and which broke it."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    found = {}
    for name in names:
        until = time.monotonic() + minutes * 60 / len(names)
        cases = 0
        broken: list[bytes] = []
        while time.monotonic() < until and len(broken) < 5:
            data = mutated(chance.choice(TARGETS[name][1]), chance)
            cases += 1
            problem = broken_by(name, data)
            if problem is not None:
                broken.append(data)
                print(f"{name}: {data!r}\n{problem}")
        found[name] = cases, broken
    return found


def main() -> int:
    """Fuzz, print what broke, and say by the status whether anything did."""
    global _GROUND  # noqa: PLW0603 - the targets' directory, for this run
    parser = argparse.ArgumentParser(prog="python -m scripts.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--atheris", choices=TARGETS, help="lead by coverage")
    parser.add_argument("targets", nargs="*", help=", ".join(TARGETS))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="safepip-fuzz-") as folder:
        _GROUND = Path(folder)
        if asked.atheris:
            atheris = importlib.import_module("atheris")
            atheris.instrument_all()
            corpus = Path(folder, "corpus")
            corpus.mkdir()
            target, samples = TARGETS[asked.atheris]
            for number, sample in enumerate(samples):
                (corpus / str(number)).write_bytes(sample)
            bounds = [f"-max_total_time={asked.minutes * 60:.0f}", f"-max_len={LARGEST_BYTES}"]
            bounds.append(f"-timeout={BOUND_S:.0f}")
            atheris.Setup([sys.argv[0], *bounds, str(corpus)], target)
            atheris.Fuzz()  # never comes back
        found = run(asked.minutes, asked.seed, asked.targets or list(TARGETS))
    for name, (cases, broken) in found.items():
        print(f"{name:14} {cases:8} cases, {len(broken)} broke it")
    return 1 if any(broken for _, broken in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
