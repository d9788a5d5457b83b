"""Which copy a Python imports."""

from __future__ import annotations

from pathlib import PurePath
from pathlib import PurePosixPath as P

import pytest

from safepip.model.copies import Copy, KnownPlace, PlaceKind, Rank
from safepip.policy.copies import ranks

USER, SYSTEM, VENV = P("/home/you/.local/s"), P("/usr/lib/s"), P("/home/you/p/.venv/s")


def _copy(location: P) -> Copy:
    place = KnownPlace(kind=PlaceKind.SYSTEM, path=location, sites=(location,))
    return Copy(
        name="x",
        version="1.0",
        place=place,
        location=location,
        metadata=location / "x-1.0.dist-info",
        installer="pip",
        owner="you",
    )


WINS, LATER, UNSEEN = Rank.IMPORTED, Rank.SHADOWED, Rank.UNSEEN


@pytest.mark.parametrize(
    ("locations", "path", "expected"),
    [
        pytest.param(
            [SYSTEM, USER], [USER, SYSTEM], [LATER, WINS], id="the first on the path wins"
        ),
        pytest.param(
            [VENV, SYSTEM], [SYSTEM], [UNSEEN, WINS], id="an environment that it does not see"
        ),
        pytest.param([VENV], [SYSTEM], [UNSEEN], id="none is seen"),
        pytest.param(
            [SYSTEM, SYSTEM], [SYSTEM], [WINS, WINS], id="two in one place cannot be told"
        ),
        pytest.param([P("/lib64/s")], [P("/lib/s")], [WINS], id="by links they are one"),
        pytest.param([SYSTEM], [USER, SYSTEM, SYSTEM], [WINS], id="a place that is named twice"),
        pytest.param([], [SYSTEM], [], id="no copy"),
    ],
)
def test_rank(locations: list[P], path: list[P], expected: list[Rank]) -> None:
    real: dict[PurePath, PurePath] = {P("/lib64/s"): P("/usr/l"), P("/lib/s"): P("/usr/l")}
    assert list(ranks([_copy(one) for one in locations], path, real)) == expected
