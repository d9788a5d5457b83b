"""Tells well-known applications by their names alone, for those who have no time to read more."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def are_applications(texts: Sequence[str]) -> bool:
    """Whether all *texts*, requirements by name, are in the bundled list: none has to be asked of.

    False if there are none.
    """
    folder = os.path.dirname(os.path.dirname(__file__))
    with open(os.path.join(folder, "policy", "known_applications.json"), encoding="utf-8") as file:
        listed = file.read().partition('"applications": {')[2].partition("\n  }")[0]
    return bool(texts) and all(f'\n    "{_name_of(text)}": {{' in listed for text in texts)


def _name_of(text: str) -> str:
    for sign in "[<>=!~;@ ":
        text = text.partition(sign)[0]
    return text.lower().replace("_", "-").replace(".", "-")
