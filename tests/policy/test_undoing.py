"""What undoing a diversion takes away, and what it leaves alone."""

from __future__ import annotations

from pathlib import PurePath, PurePosixPath

import pytest

from safepip.model.decisions import DestinationKind
from safepip.model.history import Diversion, Moved
from safepip.model.undoing import Kept, There
from safepip.policy.undoing import is_bare, plan

SITE: PurePath = PurePosixPath("/home/you/site/.venv/lib/python3.12/site-packages")
ONE = Moved(name="one", version="1.0", location=SITE, requested=True)
TWO = Moved(name="two", version="2.0", location=SITE)
NEWER = Moved(name="three", version="3.0", location=SITE, before="2.9")


def diversion(*moved: Moved, kind: DestinationKind = DestinationKind.VENV) -> Diversion:
    return Diversion(
        number=1,
        time="2026-11-26T21:00:00Z",
        command=("install", "one"),
        cwd=PurePosixPath("/home/you/site"),
        trigger="default-to-user",
        rule="project",
        kind=kind,
        destination=PurePosixPath("/home/you/site/.venv"),
        python=PurePosixPath("/usr/bin/python3"),
        moved=moved,
    )


def there(*moved: Moved) -> list[There]:
    return [There(one, one.version) for one in moved]


def test_what_it_brought_goes_and_what_it_replaced_comes_back() -> None:
    undoing = plan(diversion(ONE, TWO, NEWER), there(ONE, TWO, NEWER), {})
    assert undoing.remove == (ONE, TWO)
    assert undoing.restore == (NEWER,)
    assert undoing.left == ()
    assert undoing.does_something
    assert not undoing.is_over


@pytest.mark.parametrize(
    ("found", "why", "detail", "over"),
    [
        (There(ONE, None), Kept.GONE, "", True),
        (There(ONE, "1.1"), Kept.CHANGED, "1.1", False),
        (There(ONE, "1.0", edited=SITE / "one.py"), Kept.EDITED, str(SITE / "one.py"), False),
        (There(ONE, "1.0", is_foreign=True), Kept.FOREIGN, "", False),
        (There(ONE._replace(before="1.0"), "1.0"), Kept.SAME, "", True),
    ],
    ids=lambda value: value.value if isinstance(value, Kept) else "",
)
def test_what_is_not_as_it_was_put_there_is_left_alone(
    found: There, why: Kept, detail: str, over: bool
) -> None:
    undoing = plan(diversion(found.moved), [found], {})
    assert (undoing.remove, undoing.restore) == ((), ())
    assert [(one.name, one.why, one.detail) for one in undoing.left] == [("one", why, detail)]
    assert undoing.is_over == over


def test_what_others_need_is_left_alone_and_what_that_needs_as_well() -> None:
    needs = {SITE: {"mine": frozenset({"one"}), "one": frozenset({"two"}), "two": frozenset[str]()}}
    undoing = plan(diversion(ONE, TWO), there(ONE, TWO), needs)
    assert undoing.remove == ()
    assert {(one.name, one.why, one.detail) for one in undoing.left} == {
        ("one", Kept.NEEDED, "mine"),
        ("two", Kept.NEEDED, "one"),
    }


def test_what_only_goes_together_goes() -> None:
    needs = {SITE: {"one": frozenset({"two"}), "two": frozenset({"one", "two"})}}
    assert plan(diversion(ONE, TWO), there(ONE, TWO), needs).remove == (ONE, TWO)


def test_of_pipx_all_goes_or_nothing() -> None:
    pipx = diversion(ONE, TWO, kind=DestinationKind.PIPX)
    alone = {SITE: {name: frozenset[str]() for name in ("one", "two", "pip")}}
    assert plan(pipx, there(ONE, TWO), alone).remove == (ONE, TWO)
    injected = {SITE: {**alone[SITE], "mine": frozenset[str]()}}
    undoing = plan(pipx, there(ONE, TWO), injected)
    assert undoing.remove == ()
    assert [(one.why, one.detail) for one in undoing.left] == [(Kept.BESIDE, "mine")] * 2


def test_of_an_environment_of_pipx_that_was_there_before_the_rest_stays() -> None:
    pipx = diversion(NEWER, TWO, kind=DestinationKind.PIPX)
    needs = {SITE: {name: frozenset[str]() for name in ("three", "two", "mine")}}
    undoing = plan(pipx, there(NEWER, TWO), needs)
    assert (undoing.remove, undoing.restore, undoing.left) == ((TWO,), (NEWER,), ())


def test_an_environment_of_seeds_is_bare() -> None:
    assert is_bare(["pip", "setuptools", "wheel"])
    assert is_bare([])
    assert not is_bare(["pip", "mine"])
