"""What runs of the tests leave behind, and share."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.environments import remove_tree
from tests.support.store import HOUR_S, KEPT_S, Store, UnavailableError, is_ours

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).resolve().parents[1]

# A run of the tests: makes its field, and ends when it is told to.
RUN = """
import sys
from tests.support.ground import Ground

ground = Ground()
(ground.path / "labs").mkdir()
(ground.path / "labs/locked").mkdir(mode=0o500)
print(ground.path, ground.store, flush=True)
word = sys.stdin.readline()
if word == "keep\\n":
    ground.keep()
elif word:
    ground.remove()
"""

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")


class Run:
    """A run, and its folders."""

    def __init__(self, temporary: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN],
            cwd=REPOSITORY,
            env={**os.environ, "TMPDIR": str(temporary)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.field, self.store = map(Path, self.process.stdout.readline().split())

    def end(self, word: str) -> None:
        self.process.communicate(f"{word}\n")

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A temporary folder that the lab user can enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    remove_tree(folder)


@posix
def test_what_a_killed_run_left_goes_with_the_next(temporary: Path) -> None:
    killed, running, kept = Run(temporary), Run(temporary), Run(temporary)
    home = f"{killed.field}/labs/one/home"
    left = subprocess.Popen(["sleep", "3000"], env={"HOME": home, "PATH": "/usr/bin:/bin"})
    kept.end("keep")
    killed.kill()
    # Killed once more, while it tidied up.
    (killed.field / "alive").unlink()
    os.utime(killed.field, (0, 0))
    last = Run(temporary)
    assert left.wait() == -signal.SIGKILL
    assert not killed.field.exists()
    assert running.field.exists()
    assert kept.field.exists()
    running.end("remove")
    last.end("remove")
    assert sorted(temporary.iterdir()) == sorted([kept.field, last.store])
    assert killed.store == last.store
    assert is_ours(last.store)


@posix
def test_a_store_that_somebody_else_could_fill_is_not_used(temporary: Path) -> None:
    first = Run(temporary)
    first.end("remove")
    first.store.chmod(0o777)
    other = Run(temporary)
    assert other.store != first.store
    other.end("remove")


class Built:
    """Counts how often it builds, and can fail."""

    def __init__(self, error: Exception | None = None) -> None:
        self.count = 0
        self.error = error

    def build(self, folder: Path) -> dict[str, str]:
        self.count += 1
        if self.error:
            raise self.error
        (folder / "file").write_text("x")
        return {"count": str(self.count)}


def store(root: Path, run: str = "run") -> Store:
    for folder in (root / "store", root / run):
        folder.mkdir(exist_ok=True)
    return Store(root / "store", root / run)


def once(of: Store, built: Built, *made_of: str) -> dict[str, str]:
    return of.once("thing", made_of, built.build)


def test_a_thing_is_built_once_for_all_runs(tmp_path: Path) -> None:
    built = Built()
    answers = [once(store(tmp_path, run), built, "a") for run in ("one", "two")]
    assert answers[0] == answers[1]
    assert Path(answers[0]["folder"], "file").read_text() == "x"
    assert once(store(tmp_path), built, "b")["folder"] != answers[0]["folder"]
    assert built.count == 2


def test_what_a_killed_run_has_half_built_is_built_anew(tmp_path: Path) -> None:
    folder = Path(once(store(tmp_path), Built())["folder"])
    folder.with_name(f"{folder.name}.json").unlink()
    (folder / "rubbish").touch()
    once(store(tmp_path), Built())
    assert [one.name for one in folder.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("error", "told"),
    [(UnavailableError("no such Python"), UnavailableError), (OSError("broken"), AssertionError)],
    ids=["missing", "broken"],
)
def test_a_failure_is_told_by_all_who_ask_in_this_run_alone(
    error: Exception, told: type[Exception], tmp_path: Path
) -> None:
    built = Built(error)
    for _ in range(2):
        with pytest.raises(told, match=str(error)):
            once(store(tmp_path), built)
    assert built.count == 1
    built.error = None
    assert once(store(tmp_path, "later"), built)["count"] == "2"


def test_what_nobody_used_for_long_is_swept(tmp_path: Path) -> None:
    old, new = (Path(once(store(tmp_path), Built(), name)["folder"]) for name in ("old", "new"))
    for folder, age_s in ((old, KEPT_S + HOUR_S), (new, KEPT_S - HOUR_S)):
        used = time.time() - age_s
        os.utime(folder.with_name(f"{folder.name}.json"), (used, used))
    store(tmp_path).sweep()
    assert not old.exists()
    assert new.exists()
