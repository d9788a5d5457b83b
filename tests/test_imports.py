"""What each path through safepip imports: a start is most of what a user waits for.

The hand-over has its test in ``test_architecture``. Times are the bench's (``scripts/bench.py``).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="environments of POSIX systems")

PIP = """#!{python}
import sys
if "--version" in sys.argv:
    from pip import __version__
print("Requirement already satisfied: x")
"""

WATCHED = """
    ahead cli flow flow.comparing flow.downloads flow.early flow.watching machine
    machine.distributions machine.home machine.paths model model.environments
    model.options model.outcome model.triggers outputs policy policy.landing reading
    reading.arguments reading.gate reading.held reading.names reading.paths reading.sentences
    reading.sightings reading.text reading.triggers runner runner.answers runner.channel
    runner.child runner.ends runner.interface runner.programs runner.relay runner.streams
    runner.tree runner.watchdog started userpip
"""

COSTLY = {
    "argparse", "asyncio", "ast", "concurrent", "configparser", "csv", "dataclasses", "decimal",
    "email", "filelock", "http", "importlib.metadata", "importlib.resources", "inspect", "json",
    "logging", "packaging", "pip", "platformdirs", "socket", "ssl", "tomllib", "unittest",
    "urllib.request", "zipfile",
}  # fmt: skip
"""Of the standard library and others': nothing that a watched install may have to wait for."""


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A virtual environment with a pip that finds all satisfied."""
    environment = tmp_path / "env"
    python = environment / "bin/python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    base = Path(sys.executable).resolve().parent
    (environment / "pyvenv.cfg").write_text(
        f"home = {base}\ninclude-system-site-packages = false\n"
    )
    site = environment / "lib/python{}.{}/site-packages".format(*sys.version_info)
    (site / "pip").mkdir(parents=True)
    (site / "pip/__main__.py").write_text('print("Requirement already satisfied: x")\n')
    (site / "pip/__init__.py").write_text('__version__ = "24.0"\n')
    (python.parent / "pip").write_text(PIP.format(python=python))
    (python.parent / "pip").chmod(0o755)
    (tmp_path / "home").mkdir()
    return environment


def imported(environment: Path, *words: str, **variables: str) -> set[str]:
    """The modules that ``safepip WORDS`` imports, beyond those of a bare start."""
    home = environment.parent / "home"
    env = {"HOME": str(home), "XDG_CONFIG_DIRS": str(home), "PATH": f"{environment}/bin:/usr/bin"}
    if variables:  # the machine's own pip settings would have to be read
        env["PIP_CONFIG_FILE"] = os.devnull
    bare = _imported("pass", env, home)
    start = f"import sys; from safepip.cli import main; sys.exit(main({list(words)!r}))"
    return _imported(start, env | variables, home) - bare


def _imported(program: str, env: dict[str, str], cwd: Path) -> set[str]:
    argv = [sys.executable, "-I", "-X", "importtime", "-c", program]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=env, cwd=cwd)
    assert done.returncode == 0, done
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines[1:]}


def costly(modules: set[str]) -> set[str]:
    return {
        one for one in COSTLY if one in modules or any(m.startswith(f"{one}.") for m in modules)
    }


def test_a_watched_install_that_is_left_alone_imports_only_this(environment: Path) -> None:
    modules = imported(environment, "install", "x")
    own = {name.removeprefix("safepip.") for name in modules if name.startswith("safepip.")}
    known = set(WATCHED.split())
    # Python does not tell of what importlib imports: the verb itself.
    assert sorted(own - known - {"verbs", "verbs.install"}) == []
    assert sorted(known - own) == []
    assert not costly(modules)
    assert not modules & {"subprocess", "tempfile"}  # a fifth of all that is imported


def test_a_watched_install_that_has_to_be_looked_at_imports_little_more(environment: Path) -> None:
    modules = imported(
        environment, "install", "x", SAFEPIP_STRATEGY="venv", PIP_CONFIG_FILE=os.devnull
    )
    assert costly(modules) <= {"json", "platformdirs"}
    rooms = {name.split(".")[1] for name in modules if name.startswith("safepip.")}
    assert not rooms & {"destinations", "index", "logs", "profiles", "shells", "history", "state"}


def test_a_diverted_install_imports_no_costly_library(environment: Path) -> None:
    modules = imported(environment, "install", "x", PIP_USER="1")
    assert "safepip.destinations.venv" in modules
    # csv is loaded while pip is at work.
    assert costly(modules) <= {"json", "platformdirs", "csv"}
    rooms = {name.split(".")[1] for name in modules if name.startswith("safepip.")}
    assert not rooms & {"index", "logs", "profiles"}


def test_a_plan_without_a_look_up_imports_no_costly_library(environment: Path) -> None:
    modules = imported(
        environment, "plan", "install", "x", PIP_USER="1", PIP_CONFIG_FILE=os.devnull
    )
    assert "safepip.flow.foretelling" in modules
    assert costly(modules) <= {"json", "platformdirs"}
    rooms = {name.split(".")[1] for name in modules if name.startswith("safepip.")}
    assert not rooms & {"index", "logs", "profiles"}
