"""Acts: remembers the diversions, a private line each, and which names they moved.

``history.jsonl`` in the state directory holds a JSON object a line: a diversion, or that one was
undone. It is appended to under a lock, in one write, so that a reader sees whole lines; a line that
a crash cut, or that is no record of ours, is moved to ``history.rejected`` by the next writer.

``moved`` beside it holds the names of all that is remembered as moved. It is what the hand-over
looks at (``safepip.moved``), so it is small, and made anew with each change.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, TypeVar

from safepip.model.decisions import DestinationKind
from safepip.model.errors import SafepipError
from safepip.model.history import Diversion, Moved
from safepip.reading import secrets
from safepip.state import Ledger, as_above, make_folder, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

FILE = "history.jsonl"
REJECTED = "history.rejected"
NAMES = "moved"
LIMIT = 1000
"""How many diversions are kept; the oldest go first."""

_LIMIT_BYTES = 4 << 20
_NEITHER_LINK_NOR_WAIT = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_REJECTED_BYTES = 1 << 20
_Kind = TypeVar("_Kind")


def record(state_dir: Path, diversion: Diversion) -> Diversion | None:
    """Remember *diversion*; gives it with its number, None where nothing can be remembered.

    Never a reason to fail: the install is done.
    """
    return _append(state_dir, lambda known: diversion._replace(number=max(known, default=0) + 1))


def mark_undone(state_dir: Path, number: int) -> bool:
    """Remember that the diversion *number* was undone; whether that could be written."""
    return _append(state_dir, lambda known: known[number]._replace(undone=True)) is not None


def read(state_dir: Path) -> tuple[Diversion, ...]:
    """All that is remembered, oldest first; what cannot be read is left out."""
    known, _ = _parsed(_content(state_dir / FILE))
    return tuple(known.values())


def _append(
    state_dir: Path, make: Callable[[Mapping[int, Diversion]], Diversion]
) -> Diversion | None:
    file = state_dir / FILE
    try:
        make_folder(state_dir, mode=0o700)
        with Ledger(state_dir).lock(file):
            content = _content(file)
            known, bad = _parsed(content)
            made = make(known)
            known[made.number] = made
            line = _line(made)
            if bad or len(known) > LIMIT or len(content) + len(line) > _LIMIT_BYTES:
                _set_aside(state_dir, bad)
                known = _bounded(known)
                write_atomically(file, b"".join(map(_line, known.values())))
            else:
                # Two lines about one number: the later one counts.
                cut = content and not content.endswith(b"\n")
                _write_line(file, b"\n" + line if cut else line)
            _write_names(state_dir, known.values())
    except (OSError, SafepipError, KeyError):
        return None
    return made


def _content(file: Path) -> bytes:
    """What *file* holds; nothing if it is missing, or no plain file."""
    with contextlib.suppress(OSError):
        descriptor = os.open(file, os.O_RDONLY | _NEITHER_LINK_NOR_WAIT)
        with os.fdopen(descriptor, "rb") as stream:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return stream.read(2 * _LIMIT_BYTES)
    return b""


def _write_line(file: Path, line: bytes) -> None:
    # Two that append, each in one write, do not mix (POSIX, write: O_APPEND).
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    descriptor = os.open(file, flags | _NEITHER_LINK_NOR_WAIT, 0o600)
    try:
        as_above(file, descriptor)
        # A full disk is the other case: the next writer sets the half of a line aside.
        if not stat.S_ISREG(os.fstat(descriptor).st_mode) or os.write(descriptor, line) < len(line):
            raise OSError
    finally:
        os.close(descriptor)


def _set_aside(state_dir: Path, bad: Iterable[bytes]) -> None:
    """Keep what is no line of ours for whoever wants to look, within bounds."""
    lines = b"".join(line + b"\n" for line in bad)
    if lines:
        kept = (_content(state_dir / REJECTED) + lines)[-_REJECTED_BYTES:]
        with contextlib.suppress(OSError):
            write_atomically(state_dir / REJECTED, kept)


def _write_names(state_dir: Path, known: Iterable[Diversion]) -> None:
    names = sorted({one.name for entry in known if not entry.undone for one in entry.moved})
    data = "".join(f"\n{name}" for name in [*names, ""]).encode()
    if _content(state_dir / NAMES) != data:
        write_atomically(state_dir / NAMES, data)


def _bounded(known: Mapping[int, Diversion]) -> dict[int, Diversion]:
    """The newest of *known* that fit; what was undone is worth less than what was not."""
    keep = sorted(known, key=lambda number: (not known[number].undone, number))[-LIMIT * 9 // 10 :]
    size = 0
    kept = set()
    for number in reversed(keep):
        size += len(_line(known[number]))
        if size > _LIMIT_BYTES * 9 // 10:
            break
        kept.add(number)
    return {number: entry for number, entry in known.items() if number in kept}


# One line


def _parsed(content: bytes) -> tuple[dict[int, Diversion], list[bytes]]:
    """The diversions in *content* by number, and the lines that are none."""
    known: dict[int, Diversion] = {}
    bad = []
    for line in content.split(b"\n"):
        if not line.strip():
            continue
        try:
            entry = _entry(json.loads(line))
        except (ValueError, TypeError, KeyError, RecursionError):
            bad.append(line)
            continue
        known[entry.number] = entry
    return known, bad


def _line(entry: Diversion) -> bytes:
    told = {
        "id": entry.number,
        "time": entry.time,
        "command": [secrets.redact(word) for word in entry.command],
        "cwd": str(entry.cwd),
        "trigger": entry.trigger,
        "rule": entry.rule,
        "strategy": entry.kind.value,
        "destination": str(entry.destination),
        "python": str(entry.python),
        "pip": list(entry.pip),
        "undone": entry.undone,
        "moved": [
            {
                "name": one.name,
                "version": one.version,
                "location": str(one.location),
                "scripts": [str(path) for path in one.scripts],
                "before": one.before,
                "before_requested": one.before_requested,
                "requested": one.requested,
            }
            for one in entry.moved
        ],
    }
    # ASCII: surrogates of undecodable paths survive, and no byte can look like a line's end.
    return json.dumps(told, separators=(",", ":")).encode("ascii") + b"\n"


def _entry(told: object) -> Diversion:
    table = _only(told, dict)
    number = _only(table["id"], int)
    if number < 1:
        raise ValueError
    return Diversion(
        number=number,
        time=_text(table["time"]),
        command=_texts(table["command"]),
        cwd=PurePath(_text(table["cwd"])),
        trigger=_text(table["trigger"]),
        rule=_text(table["rule"]),
        kind=DestinationKind(table["strategy"]),
        destination=PurePath(_text(table["destination"])),
        python=PurePath(_text(table["python"])),
        pip=_texts(table["pip"]),
        undone=table["undone"] is True,
        moved=tuple(_moved(one) for one in _only(table["moved"], list)),
    )


def _moved(told: object) -> Moved:
    table = _only(told, dict)
    before = table["before"]
    return Moved(
        name=_text(table["name"]),
        version=_text(table["version"]),
        location=PurePath(_text(table["location"])),
        scripts=tuple(PurePath(path) for path in _texts(table["scripts"])),
        before=None if before is None else _text(before),
        # Not in the lines of earlier versions, which leave what they restore as asked for.
        before_requested=table.get("before_requested", True) is True,
        requested=table["requested"] is True,
    )


def _only(value: object, kind: type[_Kind]) -> _Kind:
    if not isinstance(value, kind):
        raise TypeError
    return value


def _text(value: object) -> str:
    text = _only(value, str)
    if "\0" in text:
        raise ValueError
    return text


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(one) for one in _only(value, list))
