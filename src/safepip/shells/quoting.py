"""What the families of shells share when they quote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from safepip.reading.printable import acts

if TYPE_CHECKING:
    from pathlib import PurePath


def is_plain(word: str) -> bool:
    """Tell whether every shell reads *word* as one word, unchanged, without quotes."""
    return re.fullmatch(r"[\w./+:@%=-]+", word, re.ASCII) is not None


def by_byte(word: str, form: str) -> str:
    """Write the bytes of *word* in *form*, but for those that no shell takes for anything else."""
    return "".join(
        chr(byte) if re.match(rb"[\w./+:@]", bytes((byte,))) else form.format(byte)
        for byte in word.encode("utf-8", "surrogateescape")
    )


def is_windows(path: PurePath) -> bool:
    """Tell whether *path* is one of Windows."""
    return bool(path.drive)


def activates_badly(environment: PurePath) -> bool:
    """Tell whether venv's own script may break, or run what stands in the path.

    Until 2024 venv wrote such a name into its scripts as it stands (CVE-2024-9287).
    """
    return not is_windows(environment) and (
        re.search(r'["$`\\!]', str(environment)) is not None or acts(str(environment))
    )
