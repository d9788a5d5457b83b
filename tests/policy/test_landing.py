"""What landed: the comparison of two looks at the disk, and what typing a name runs."""

from __future__ import annotations

from pathlib import PurePath, PurePosixPath

import pytest

from safepip.model.outcome import Distribution, Visibility
from safepip.policy import landing

SITE = PurePosixPath("/site")


def distribution(name: str, version: str = "1.0", stamp: tuple[int, int] = (1, 1)) -> Distribution:
    return Distribution(
        name=name,
        version=version,
        location=SITE,
        metadata=SITE / f"{name}-{version}.dist-info",
        stamp=stamp,
        complete=True,
    )


def seen(*found: Distribution) -> dict[PurePath, Distribution]:
    return {one.metadata: one for one in found}


A, B = distribution("a"), distribution("b")
AGAIN = A._replace(stamp=(1, 2))
NEWER = distribution("a", "2.0")


@pytest.mark.parametrize(
    ("before", "after", "landed"),
    [
        pytest.param([], [B, A], (A, B), id="what is new landed, by name"),
        pytest.param([A], [A, B], (B,), id="what was there did not land"),
        pytest.param(
            [A], [AGAIN], (AGAIN._replace(before=A),), id="the same version written anew landed"
        ),
        pytest.param([A], [NEWER], (NEWER._replace(before=A),), id="another version landed"),
        pytest.param([A, B], [A], (), id="what went did not land"),
        pytest.param([], [], (), id="nothing is nothing"),
    ],
)
def test_what_landed_is_the_difference(
    before: list[Distribution], after: list[Distribution], landed: tuple[Distribution, ...]
) -> None:
    assert landing.compare(seen(*before), seen(*after)) == landed


def test_what_was_asked_for_is_told_first() -> None:
    ordered = landing.requested_first((A, B, distribution("c")), ["c", "b"])
    assert [one.name for one in ordered] == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("held", "found", "is_same", "expected"),
    [
        (False, None, False, Visibility.OFF_PATH),
        (False, PurePosixPath("/bin/x"), True, Visibility.VISIBLE),
        (False, PurePosixPath("/bin/x"), False, Visibility.SHADOWED),
        (True, None, False, Visibility.SHADOWED),
        (True, PurePosixPath("/bin/x"), True, Visibility.SHADOWED),
    ],
)
def test_visibility(
    held: bool, found: PurePosixPath | None, is_same: bool, expected: Visibility
) -> None:
    assert landing.visibility(held=held, found=found, is_same=is_same) is expected
