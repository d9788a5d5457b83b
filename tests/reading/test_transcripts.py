"""Recorded outputs of real pips, 9.0.3 to 26.3, get the verdict of what really happened.

All of them are read where ``../shared/transcripts`` stands beside the repository, else the sample
in ``data/transcripts``. Each is seen as two pipes and as a terminal's picture, with the places
that the run wrote to. As logs from elsewhere they are read in ``tests/logs``.
"""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest

from safepip.model.triggers import Stream, TriggerName
from safepip.reading.gate import Gate
from safepip.reading.sightings import Places, Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parents[1]
SHARED = HERE.parent.parent / "shared" / "transcripts"
SAMPLE = HERE / "data" / "transcripts"

EXPECTED: dict[str, set[TriggerName | None]] = {
    "would-default-to-user": {TriggerName.DEFAULT_TO_USER},
    "permission-denied": {TriggerName.PERMISSION_DENIED, TriggerName.READ_ONLY},
    "externally-managed": {TriggerName.EXTERNALLY_MANAGED},
    "success": {None},
    # The labels know no other walls: pip refuses in these rows, and the disk has no part in it.
    "unrelated-failure": {
        None,
        TriggerName.VIRTUALENV_REQUIRED,
        TriggerName.USER_SITE_UNAVAILABLE,
    },
}

EXCEPTIONS = {
    "e-dry/22.3.1-py310": (
        "a dry run labelled success, though l-dry/22.3.1-py310, which prints the same, "
        "is labelled would-default-to-user"
    ),
}


every_file = pytest.mark.parametrize(
    "file",
    # One test a file, read in it: a test a row would cost every run, of whatever tests, a second.
    sorted((SHARED if SHARED.is_dir() else SAMPLE).glob("*.jsonl")),
    ids=lambda file: file.stem,
)


def in_each_row(file: Path, check: Callable[[Any], None]) -> None:
    """Have *check* look at each row of *file*; fail by the names of all rows that it rejects."""
    wrong = []
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        try:
            check(row)
        except AssertionError as error:
            wrong.append(f"{row['id']}: {error}")
    assert not wrong, "\n".join(wrong)


def is_mute(row: Any) -> bool:
    """Whether pip said nothing that a verdict could rest on: -q hides the sentence, -qqq all."""
    if row["label"] == "would-default-to-user":
        return not row["says_line"]
    return "-qqq" in row["argv"]


def places(row: Any) -> Places:
    """The places that this run wrote to, from its interpreter, its home and its options."""
    prefix = PurePosixPath(row["argv"][0]).parent.parent
    number = re.search(r"py(\d)(\d+)", row["lab"])
    site = prefix / "lib" / f"python{number[1]}.{number[2]}" / "site-packages" if number else prefix
    if str(prefix) == "/usr":  # Debian's
        prefix = PurePosixPath("/usr/local")
        site = prefix / "lib" / "python3.11" / "dist-packages"
    elif number is None:  # a virtual environment of Debian's
        site = prefix / "lib" / "python3.11" / "site-packages"
    env, argv = row["env"], row["argv"]
    home = PurePosixPath(env.get("HOME", "/root" if row["user"] == "root" else "/home/lab"))
    base = PurePosixPath(env.get("PYTHONUSERBASE", home / ".local"))
    asked = [
        value
        for option, value in itertools.pairwise(argv)
        if option in {"--target", "--prefix", "--root"}
    ]
    asked += [value for name, value in env.items() if name in {"PIP_TARGET", "PIP_PREFIX"}]
    return Places(
        site=(site,),
        others=(
            *(prefix / name for name in ("bin", "share", "include", "man", "etc")),
            base,
            *map(PurePosixPath, asked),
        ),
    )


def piped(row: Any) -> Iterator[tuple[Stream, bytes]]:
    at = {"o": 0, "e": 0}
    for _, letter, length in row["events"]:
        text = row["stdout" if letter == "o" else "stderr"]
        chunk = text[at[letter] : at[letter] + length]
        at[letter] += length
        yield Stream.OUT if letter == "o" else Stream.ERR, raw(chunk)


def terminal(row: Any) -> Iterator[tuple[Stream, bytes]]:
    picture = raw(row["pty"])
    for start in range(0, len(picture), 37):
        yield Stream.BOTH, picture[start : start + 37]


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def verdict(
    watcher: Watcher, chunks: Iterator[tuple[Stream, bytes]], exit_code: int | None
) -> TriggerName | None:
    for stream, chunk in chunks:
        watcher.feed(stream, chunk)
    sighting = watcher.verdict(exit_code)
    return None if sighting is None else sighting.trigger


@every_file
def test_verdict(file: Path) -> None:
    in_each_row(file, _verdict_is_right)


def _verdict_is_right(row: Any) -> None:
    expected = EXPECTED[row["label"]]
    if is_mute(row):
        expected = {None}
    if row["id"] in EXCEPTIONS:
        expected = {TriggerName.DEFAULT_TO_USER}
    scheme = places(row)
    assert verdict(Watcher(scheme), piped(row), row["rc"]) in expected
    assert verdict(Watcher(scheme), terminal(row), row["pty_rc"]) in expected


@every_file
def test_gate(file: Path) -> None:
    """Nothing is lost or changed, and a pause is asked for where pip defaults and installs."""
    in_each_row(file, _gate_is_right)


def _gate_is_right(row: Any) -> None:
    for chunks in (list(piped(row)), list(terminal(row))):
        gate = Gate()
        shown = [(stream, gate.feed(stream, chunk)) for stream, chunk in chunks]
        pause = gate.wants_pause
        said = gate.seen_line
        shown += gate.held()
        for stream in Stream:
            fed = b"".join(chunk for which, chunk in chunks if which is stream)
            assert b"".join(data for which, data in shown if which is stream) == fed
        assert said is _says_line(chunks)
        if row["label"] == "would-default-to-user" and not is_mute(row):
            assert pause
        if row["label"] == "success" and row["id"] not in EXCEPTIONS:
            assert not pause


def _says_line(chunks: list[tuple[Stream, bytes]]) -> bool:
    out = b"".join(chunk for stream, chunk in chunks if stream is not Stream.ERR)
    plain = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", out)
    sentence = (
        rb"^Defaulting to user installation because normal site-packages is not writeable\r?$"
    )
    return re.search(sentence, plain, re.MULTILINE) is not None


def test_the_sample_is_there() -> None:
    files = list(SAMPLE.glob("*.jsonl"))
    assert sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files) >= 40
