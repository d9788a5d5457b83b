"""What makes virtual environments and fills them: pip's way, or uv's, behind one interface.

Both only say what would be run, so that ``plan`` shows what ``install`` runs.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple, Protocol

from safepip import userpip
from safepip.destinations import ready_pip, uv
from safepip.destinations.job import fetched, neutral_environment
from safepip.machine import distributions, environments, paths, trust
from safepip.model.errors import CannotCreateError
from safepip.model.problems import Problem
from safepip.reading import requests

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from safepip.destinations.job import Job
    from safepip.model.decisions import Sees
    from safepip.model.reasons import Why


class Installer(Protocol):
    """Makes environments and fills them."""

    @property
    def env(self) -> Mapping[str, str]:
        """The environment that its commands are to have."""

    def make(self, path: Path) -> tuple[str, ...]:
        """The command that makes an environment without pip at *path*."""

    def fill(self, path: Path) -> tuple[str, ...]:
        """The command that installs what the user asked for into the environment at *path*.

        That need not be there yet; then it will hold a pip.

        Raises:
            CannotCreateError: it cannot be filled.
        """


def choose(job: Job, path: Path) -> tuple[Installer, Why | None]:
    """What makes and fills the environment at *path*; and why that is not uv, if uv was wanted."""
    wanted = uv.find(job, path)
    if wanted is None:
        return ByPip(job), None
    if isinstance(wanted, uv.ByUv):
        return wanted, None
    return ByPip(job), wanted


class ByPip(NamedTuple):
    """Python makes it, and pip fills it."""

    job: Job

    @property
    def env(self) -> dict[str, str]:
        """The user's own, without what would spoil it."""
        return neutral_environment(self.job)

    def make(self, path: Path) -> tuple[str, ...]:
        """As ``by_python``; where *path* is a link, since venv takes none."""
        where = paths.resolved(path) if paths.is_link(path) else path
        return by_python(self.job.interpreter.argv[0], where, self.job.sees)

    def fill(self, path: Path) -> tuple[str, ...]:
        """With the pip in there, else with safepip's own."""
        python = userpip.environment_python(str(path)) or str(path / userpip.SCRIPTS / "python")
        command, more = self.job.command, fetched(self.job)
        words = requests.insert_after_command(command, more) if more else command.argv
        return (*pip_of(path, python), *words)


def by_python(python: str, path: Path, sees: Sees | None = None) -> tuple[str, ...]:
    """The command by which *python* makes an environment without pip at *path*.

    What it *sees* of another environment, Python itself would pass over.

    ``-I``: neither the working directory nor PYTHONPATH may stand in for the standard library.
    Without pip, since ensurepip is missing on Debian unless python3-venv is installed.
    """
    system = ("--system-site-packages",) if sees is not None and not sees.sites else ()
    return (python, "-I", "-m", "venv", "--without-pip", *system, str(path))


def pip_of(path: Path, python: str) -> tuple[str, ...]:
    """How to start pip in the environment at *path*, always by its interpreter *python*.

    Its scripts name a place in their first line that it may have been moved from, and are sh's
    where that is long or has a blank.

    Raises:
        CannotCreateError: it holds none, and safepip's own does not serve its Python.
    """
    sites, config = distributions.site_dirs(path), trust.environment_config(path) or {}
    to_be_made = not sites and not config
    if to_be_made or any(paths.is_file(site / "pip/__init__.py") for site in sites):
        return _as_module(python)
    version = environments.python_version(path)
    if ready_pip.own_serves(version):
        served = userpip.served_by_own_pip([python])
        if served is not None:
            return served.argv
    if config.get("include-system-site-packages", "").lower() == "true":
        # Then that of its base Python is imported.
        return _as_module(python)
    raise CannotCreateError(Problem.PIP_TOO_NEW, path=path, version=version or "?")


def _as_module(python: str) -> tuple[str, ...]:
    """``python -m pip``; ``-m`` also looks in the working directory, first of all."""
    try:
        names = {name.partition(".")[0] for name in os.listdir()}  # noqa: PTH208
    except OSError:
        names = set()
    if names.isdisjoint({"pip", *sys.stdlib_module_names}):
        return (python, "-m", "pip")
    # A project's own ``queue.py`` would be taken for the standard library's.
    return (python, "-c", _WITHOUT_CWD)


_WITHOUT_CWD = (
    "import sys; sys.path[:1] == [''] and sys.path.pop(0);"
    " import runpy; runpy.run_module('pip', None, '__main__', True)"
)
