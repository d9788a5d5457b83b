"""An index slower than anything may be held back: pip's words come in pip's order all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.comparison import masked
from tests.support.lab import DEFAULTING
from tests.support.pythons import MODERN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.index import Index
    from tests.support.lab import Lab, LabMaker
    from tests.support.pythons import Field, Pair

    Shown = Callable[[bytes], tuple[int, bytes]]
    """Waits until a line begins with that, or for the end; the status, and all of stdout."""

# The marker hides from safepip whether it is there, so that pip itself has to look.
INSTALLS = {
    "nowhere": ["--retries", "0", "lab-no-such-thing; python_version > '3'"],
    "satisfied": ["--retries", "0", "-U", "pip", "labone; python_version < '3'"],
    "user": ["--retries", "0", "labone; python_version > '3'"],
}
SLOW = ("lab-no-such-thing", "pip", "labone")


CELLS = [
    pytest.param(
        pair,
        tty,
        id=f"{pair}, {'a terminal' if tty else 'pipes'}",
        marks=() if (pair, tty) in {(MODERN[0], False), (MODERN[-1], True)} else pytest.mark.long,
    )
    for pair in MODERN
    for tty in (False, True)
]


@pytest.mark.parametrize(("pair", "tty"), CELLS)
def test_the_sentence_stays_first(
    pair: Pair, tty: bool, field: Field, make_lab: LabMaker, index: Index
) -> None:
    lab = make_lab(field.pair(pair))
    lab.use_index(index)
    index.missing.add("pip")  # then the one that is there will do
    bare = {name: lab.bare(["install", *words], tty=tty) for name, words in INSTALLS.items()}
    lab.reset()
    holds = [index.hold(f"simple/{name}") for name in SLOW]
    run = _on_a_terminal if tty else _on_pipes
    # All at once: each waits until what came first was shown for the clock's sake.
    ends = {name: run(lab, ["safepip", *_own(name), "install", *INSTALLS[name]]) for name in bare}
    ends["diverted"] = run(lab, ["safepip", "install", *INSTALLS["user"]], project=True)
    for shown in ends.values():
        shown(b"Looking in indexes: ")
    for hold in holds:
        hold.release()
    for name, shown in ends.items():
        status, out = shown(b"")
        like = bare["user" if name == "diverted" else name]
        assert masked(like.stdout).startswith(DEFAULTING.rstrip()), like
        assert status == like.returncode, (name, out)
        until = {"user": b"\nSuccessfully", "diverted": b"\nCollecting"}.get(name)
        expected = masked(like.stdout).partition(until)[0] if until else masked(like.stdout)
        if name in {"satisfied", "nowhere"}:
            assert masked(out) == expected
        else:
            assert masked(out).startswith(expected), (out, expected)
            assert out.count(DEFAULTING.rstrip()) == 1


def _own(name: str) -> list[str]:
    return ["--strategy", "user"] if name == "user" else []


def _on_pipes(lab: Lab, command: list[str], *, project: bool = False) -> Shown:
    process = lab.start(command, cwd=_folder(lab, project))
    source = process.stdout
    assert source is not None
    seen = b""

    def shown(text: bytes) -> tuple[int, bytes]:
        nonlocal seen
        if text:
            while (line := source.readline()) and not line.startswith(text):
                seen += line
            assert line, seen
            seen += line
        else:
            seen += source.read()
            process.wait()
        return process.returncode or 0, seen

    return shown


def _on_a_terminal(lab: Lab, command: list[str], *, project: bool = False) -> Shown:
    screen = lab.terminal(command, cwd=_folder(lab, project))

    def shown(text: bytes) -> tuple[int, bytes]:
        if text:
            screen.expect(text)
            return 0, screen.raw
        return screen.wait(), screen.raw

    return shown


def _folder(lab: Lab, project: bool) -> Path:
    return lab.write("project/pyproject.toml").parent if project else lab.cwd
