"""Names of projects, spelled as one compares them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from packaging.utils import NormalizedName


def normalized(name: str) -> NormalizedName:
    """Give *name* as PEP 503 spells it: ``Ruamel_yaml`` is ``ruamel-yaml``.

    What ``packaging.utils.canonicalize_name`` gives, whose import costs more than the whole start.
    """
    return cast("NormalizedName", re.sub(r"[-_.]+", "-", name).lower())


def is_plain(text: str) -> bool:
    """Whether *text* is a name and nothing else. Source: PEP 508."""
    return re.fullmatch(r"(?i:[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])", text) is not None
