"""What shows that a directory is a project's; imports nothing, for a guess may need it early."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ENVIRONMENT_NAMES = (".venv", "venv")
"""The directories of a project that may be its virtual environment, in order."""

_FILES = ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile")
_LOCK_FILES = ("poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock", "pylock.toml")


def signs_among(names: Iterable[str]) -> Iterator[str]:
    """Those of the file *names* in a directory that are a sign, in the order of a reader's eye."""
    there = set(names)
    yield from (name for name in (*_FILES, *_LOCK_FILES) if name in there)
    yield from sorted(
        name for name in there if name.startswith("requirements") and name.endswith(".txt")
    )
