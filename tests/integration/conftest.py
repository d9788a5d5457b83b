"""Fixtures of the scenario tests: the field, and labs in it."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if sys.platform == "win32":
    pytest.skip("the test field is made for POSIX", allow_module_level=True)

from tests.support.guard import REAL_ENV
from tests.support.index import Index
from tests.support.lab import Lab, LabMaker
from tests.support.pythons import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def field(field_folders: tuple[Path, Path]) -> Field:
    """Real Pythons, pips and the installed safepip, shared by all tests."""
    return Field(*field_folders, REAL_ENV)


@pytest.fixture
def make_lab(field: Field, request: pytest.FixtureRequest) -> Iterator[LabMaker]:
    """Make labs with the Python that the test wants: `make_lab(field.pair(pair))`."""
    # Short: a path in a first line `#!/…` may have 127 characters.
    words = re.sub(r"\W+", "-", request.node.name.removeprefix("test_"))[:20].strip("-")
    unique = hashlib.sha1(request.node.nodeid.encode(), usedforsecurity=False).hexdigest()[:6]
    cold = request.node.get_closest_marker("cold") is not None
    maker = LabMaker(field, f"{words}-{unique}", cold=cold)
    yield maker
    maker.close()


@pytest.fixture
def lab(make_lab: LabMaker) -> Lab:
    """A lab with a modern Python (3.12 if there is one) and pip 24.0."""
    return make_lab()


@pytest.fixture
def index(field: Field) -> Iterator[Index]:
    """A package index on the loopback, of the lab's wheels; give it to a lab with `use_index`."""
    with Index(field.links) as served:
        yield served


@pytest.fixture
def mount() -> Iterator[Callable[[Path, str], None]]:
    """Put a file system with such options on a folder."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system")
    mounted: list[Path] = []

    def do(folder: Path, options: str) -> None:
        argv = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        made = subprocess.run(argv, check=False, capture_output=True, text=True)
        if made.returncode != 0:
            pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
        mounted.append(folder)

    yield do
    for folder in mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)
