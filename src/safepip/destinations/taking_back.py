"""Takes a diversion back, by the tool that carried it out; what it replaced is installed again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from safepip import runner, state, userpip
from safepip.destinations import installers, pipx
from safepip.destinations.job import neutral_variables, turn
from safepip.machine import distributions, ownership, paths, remembered
from safepip.machine import pipx as machine_pipx
from safepip.model.decisions import DestinationKind
from safepip.model.errors import UnavailableError
from safepip.model.options import having
from safepip.model.problems import Problem
from safepip.policy import undoing as policy
from safepip.reading import requests

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import PurePath

    from safepip.console import Console
    from safepip.model.history import Diversion, Moved
    from safepip.model.undoing import Undoing
    from safepip.state import Ledger

_INDEX_OPTIONS = having("restores")


class Taken(NamedTuple):
    """How it went."""

    returncode: int
    environment_removed: bool = False
    stranger: PurePath | None = None
    """What keeps the environment, which holds no distributions any more."""


class Hands(NamedTuple):
    """What carrying it out needs."""

    env: Mapping[str, str]
    ledger: Ledger
    data_dir: Path
    console: Console
    stdout: int | None = None
    """2 where our stdout is JSON's."""

    def run(self, argv: Sequence[str], diversion: Diversion | None = None, **more: str) -> int:
        """Run a tool in the user's sight, here or where the command of *diversion* was typed."""
        env = {**neutral_variables(self.env), **machine_pipx.settled(self.env), **more}
        cwd = diversion.cwd if diversion is not None and paths.is_dir(diversion.cwd) else None
        return runner.run_inherited(argv, env=env, cwd=cwd, stdout=self.stdout).returncode


def carry_out(undoing: Undoing, hands: Hands) -> Taken:
    """Remove and restore what *undoing* says; the first tool that fails ends it.

    Raises:
        SafepipError: the place cannot be used, or another safepip kept it for too long.
    """
    path = Path(undoing.diversion.destination)
    if undoing.diversion.kind is DestinationKind.PIPX:
        return Taken(returncode=_by_pipx(undoing, hands))
    with turn(path, hands.ledger, hands.console):
        status = _by_pip(undoing, hands)
        if status != 0 or undoing.diversion.kind is not DestinationKind.VENV:
            return Taken(returncode=status)
        return _without_environment(path, hands.ledger)


def _by_pip(undoing: Undoing, hands: Hands) -> int:
    diversion = undoing.diversion
    pip = pip_of(diversion)
    status = 0
    if undoing.remove:
        names = [one.name for one in undoing.remove]
        status = hands.run([*pip, "uninstall", "--yes", *names], diversion)
    if status == 0 and undoing.restore:
        user = {"PIP_USER": "1"} if diversion.kind is DestinationKind.USER else {}
        # What they need is pinned with them, or was there before and is so still.
        words = ["install", "--no-deps", *_index_words(diversion), *_pins(undoing.restore)]
        status = hands.run([*pip, *words], diversion, **user)
        _not_asked_for(undoing.restore)
    return status


def _not_asked_for(moved: Sequence[Moved]) -> None:
    """Take back that *moved*, which came with others, were asked for by name (PEP 376).

    pip marks all that its command line names; there is no option against it.
    """
    for one in moved:
        if one.before_requested:
            continue
        for distribution in distributions.installed((one.location,)).values():
            marker = Path(distribution.metadata, "REQUESTED")
            if distribution.name != one.name or not paths.exists(marker):
                continue
            record = marker.with_name("RECORD")
            rows = paths.content(record).splitlines(keepends=True)
            mine = os.fsencode(f"{distribution.metadata.name}/REQUESTED,")
            kept = b"".join(row for row in rows if not row.startswith(mine))
            state.write_atomically(record, kept, mode=record.stat().st_mode & 0o777)
            marker.unlink()


def _pins(moved: Sequence[Moved]) -> list[str]:
    return [f"{one.name}=={one.before}" for one in moved]


def pip_of(diversion: Diversion) -> tuple[str, ...]:
    """How to start the pip of the place that *diversion* went to.

    Raises:
        UnavailableError: neither it nor its Python is there any more.
    """
    if diversion.kind is DestinationKind.VENV:
        path = Path(diversion.destination)
        python = userpip.environment_python(str(path))
        if python is None:
            raise UnavailableError(Problem.PYTHON_GONE, python=path / userpip.SCRIPTS / "python")
        return installers.pip_of(path, python)
    program = diversion.pip[0] if diversion.pip else ""
    if userpip.is_executable(program) and ownership.is_trusted(program):
        return diversion.pip
    python = str(diversion.python)
    if not (userpip.is_executable(python) and ownership.is_trusted(python)):
        raise UnavailableError(Problem.PYTHON_GONE, python=python)
    return (python, "-m", "pip")


def _index_words(diversion: Diversion) -> list[str]:
    """The options of the diverted command that say where to install from.

    One with a secret in it was not kept whole: the user's own settings serve in its stead.
    """
    command = requests.parse(diversion.command)
    return [
        option.spelled
        for option in command.options
        if option.name in _INDEX_OPTIONS and "****" not in (option.value or "")
    ]


def _without_environment(path: Path, ledger: Ledger) -> Taken:
    """Remove the environment at *path* if safepip made it and nothing is left in it."""
    if not ledger.made(path) or paths.is_link(path):
        return Taken(returncode=0)
    remaining = distributions.installed(distributions.site_dirs(path)).values()
    if not policy.is_bare([one.name for one in remaining]):
        return Taken(returncode=0)
    stranger = remembered.strangers(path, remaining)
    if stranger is not None:
        return Taken(returncode=0, stranger=stranger)
    shutil.rmtree(path, ignore_errors=True)
    return Taken(returncode=0, environment_removed=not paths.exists(path))


def uninstall_by_pipx(name: str, hands: Hands) -> int:
    """Have pipx remove the application *name* with its environment; pipx's status.

    Raises:
        UnavailableError: there is no pipx.
    """
    return hands.run([*_pipx(hands), "uninstall", name])


def _pipx(hands: Hands) -> tuple[str, ...]:
    found = find_pipx(hands.env, hands.data_dir)
    if found is None:
        raise UnavailableError(Problem.PIPX_GONE)
    return found


def _by_pipx(undoing: Undoing, hands: Hands) -> int:
    diversion = undoing.diversion
    found = _pipx(hands)
    for location in dict.fromkeys(one.location for one in diversion.moved):
        place = distributions.environment_of(location)
        here = [one for one in (*undoing.remove, *undoing.restore) if one.location == location]
        main = next((one for one in here if one.name == place.name), None)
        if not here:
            continue
        if main is not None and main.before is None:
            status = hands.run([*found, "uninstall", place.name], diversion)
        else:
            status = _restore_by_pipx(found, place.name, here, undoing, hands)
        if status != 0:
            return status
    return 0


def find_pipx(env: Mapping[str, str], data_dir: Path) -> tuple[str, ...] | None:
    """The pipx that diversions use: the user's, the one beside safepip, or the one fetched."""
    fetched = userpip.environment_script(str(data_dir / "pipx"), "pipx")
    return pipx.find_pipx(env) or (None if fetched is None else (fetched,))


def pipx_uninstall(env: Mapping[str, str], data_dir: Path, name: str) -> tuple[str, ...]:
    """The command that takes *name* from pipx, its environment and its links."""
    return (*(find_pipx(env, data_dir) or ("pipx",)), "uninstall", name)


def _restore_by_pipx(
    pipx_argv: Sequence[str],
    name: str,
    here: Sequence[Moved],
    undoing: Undoing,
    hands: Hands,
) -> int:
    diversion = undoing.diversion
    old = [one for one in here if one.before is not None]
    new = [one for one in here if one.before is None]
    main = next((one for one in old if one.name == name), None)
    index = _index_words(diversion)
    status = 0
    if main is not None:
        words = ["install", "--force", "--python", str(diversion.python)]
        words += [*pipx.for_its_pip(index), *_pins([main])]
        status = hands.run([*pipx_argv, *words], diversion, PIPX_DEFAULT_BACKEND="pip")
    rest = [one for one in old if one is not main]
    if status == 0 and new and main is None:
        names = [one.name for one in new]
        words = ["runpip", name, "uninstall", "--yes", *names]
        status = hands.run([*pipx_argv, *words], diversion)
    if status == 0 and rest:
        words = ["runpip", name, "install", "--no-deps", *index, *_pins(rest)]
        status = hands.run([*pipx_argv, *words], diversion)
        _not_asked_for(rest)
    return status
