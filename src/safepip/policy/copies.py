"""Which of several copies a Python imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.model.copies import Rank

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import PurePath

    from safepip.model.copies import Copy


def ranks(
    copies: Sequence[Copy], search_path: Sequence[PurePath], real: Mapping[PurePath, PurePath]
) -> tuple[Rank, ...]:
    """How each of *copies*, all of one distribution, stands with a Python of that *search_path*.

    *real*: what is behind the links of a directory, for those that have any.
    Source: the import system takes the first entry of ``sys.path`` that has the module.
    """
    order = {real.get(path, path): number for number, path in reversed([*enumerate(search_path)])}
    found = [order.get(real.get(copy.location, copy.location)) for copy in copies]
    first = min((place for place in found if place is not None), default=None)
    ranks = {first: Rank.IMPORTED, None: Rank.UNSEEN}
    return tuple(ranks.get(place, Rank.SHADOWED) for place in found)
