"""What all sentences share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


INDENT = "    "


def joined(things: Sequence[object]) -> str:
    """Join *things* by ``and``."""
    return " and ".join(map(str, things))
