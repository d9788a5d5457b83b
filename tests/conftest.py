"""For all tests: nothing of the user who runs them is seen or touched."""

from __future__ import annotations

import gc
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support.ground import Ground
from tests.support.guard import REAL_ENV, Guard, hidden_variables
from tests.support.long import leave_out_long
from tests.support.missing import POSIX_ONLY, left_out, table

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

# A test that is slow because the machine is busy is no failure.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

collect_ignore = list(POSIX_ONLY) if sys.platform == "win32" else []

_guard = Guard()
_ground = pytest.StashKey[Ground]()


@pytest.fixture(autouse=True)
def _home_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Give each test an empty home, and fail it by name if it touches the real one."""
    home = tmp_path_factory.mktemp("home")
    for name in hidden_variables(os.environ):
        monkeypatch.delenv(name)
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        if name == "HOME" or name in os.environ:
            monkeypatch.setenv(name, str(home))
    _guard.start()
    yield
    touched = _guard.stop()
    assert not touched, f"the test touched the real home: {touched}"


@pytest.fixture(scope="session")
def field_folders(pytestconfig: pytest.Config) -> tuple[Path, Path]:
    """Where the test field lies, for all workers of this run, and the store of all runs."""
    told = getattr(pytestconfig, "workerinput", {}).get("field_folders")
    if told:
        return Path(told[0]), Path(told[1])
    return pytestconfig.stash[_ground].folders


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the long tests be asked for."""
    parser.addoption("--long", action="store_true", help="run what is marked `long`, too")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without looking for garbage: there is none, and looking takes a fifth of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tests out, unless they were asked for."""
    leave_out_long(config, items)


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of the test field, in the process that was started."""
    os.umask(0o022)  # another user reads what is built here
    if hasattr(signal, "SIGHUP"):
        # Under nohup, what the tests start would ignore a hangup as well, and rightly so.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    # As they are in the background of a shell without job control: likewise.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGQUIT") and signal.getsignal(signal.SIGQUIT) is signal.SIG_IGN:
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    if not hasattr(config, "workerinput"):
        config.stash[_ground] = Ground()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the test field is."""
    node.workerinput["field_folders"] = [str(one) for one in node.config.stash[_ground].folders]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show the matrix of faults; say in one table what was missing, not in a line a place."""
    from tests.support import matrix

    stats = terminalreporter.stats
    made = matrix.lines(
        [one for kind in ("passed", "failed", "error") for one in stats.get(kind, [])]
    )
    if made:
        terminalreporter.section("matrix of faults")
        for line in made:
            terminalreporter.line(line)
    skipped = terminalreporter.stats.get("skipped", [])
    for line in left_out(sys.platform):
        terminalreporter.line(line)
    if skipped:
        terminalreporter.section(f"skipped: {len(skipped)} tests")
        for line in table(one.longrepr[2] for one in skipped):
            terminalreporter.line(line)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the test field; with SAFEPIP_KEEP_FIELD it is left to be looked at."""
    ground = config.stash.get(_ground, None)
    if ground is None:
        return
    ground.save_coverage(config.rootpath)
    if REAL_ENV.get("SAFEPIP_KEEP_FIELD"):
        sys.stderr.write(f"the test field is left in {ground.keep()}\n")
    else:
        ground.remove()
