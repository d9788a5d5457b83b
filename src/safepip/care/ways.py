"""The ways to a Python of one's own that fit a machine, the best first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from safepip.model.health import Way, WayName

if TYPE_CHECKING:
    from collections.abc import Iterator


class Machine(NamedTuple):
    """What a way hangs on."""

    system: str
    """``linux``, ``darwin``, ``win32``."""
    manager: str | None
    """Who looks after the Python: ``apt``, ``homebrew``, …"""
    programs: frozenset[str]
    """Of those that matter, the ones on PATH."""
    has_venv: bool
    """A virtual environment with a pip can be made with what is there."""
    is_conda: bool = False
    activate: str = ". ~/.venvs/main/bin/activate"
    """What activates the new environment in the user's shell."""


PROGRAMS = ("uv", "pyenv", "brew", "conda", "cc", "make", "winget")

# The package that brings venv whole, by package manager.
_VENV_PACKAGES = {"apt": "sudo apt install python3-venv", "apk": "sudo apk add python3"}


def ways(machine: Machine) -> tuple[Way, ...]:
    """All that fit *machine*; never empty."""
    return tuple(_ways(machine))


def _ways(machine: Machine) -> Iterator[Way]:
    if machine.is_conda or "conda" in machine.programs:
        yield Way(
            name=WayName.CONDA,
            commands=("conda create --name work python pip", "conda activate work"),
        )
    if "uv" in machine.programs:
        yield Way(
            name=WayName.UV,
            commands=("uv python install", "uv venv --seed ~/.venvs/main", machine.activate),
        )
    if "pyenv" in machine.programs:
        yield Way(
            name=WayName.PYENV,
            commands=("pyenv install 3", "pyenv global 3"),
        )
    if machine.system == "win32":
        yield from _windows(machine)
        return
    if machine.system == "darwin":
        yield from _macos(machine)
    elif machine.has_venv:
        yield _environment(machine)
    elif machine.manager in _VENV_PACKAGES:
        yield Way(
            name=WayName.PACKAGE,
            commands=(
                _VENV_PACKAGES[machine.manager],
                "python3 -m venv ~/.venvs/main",
                machine.activate,
            ),
        )
    if machine.system == "linux" and {"cc", "make"} <= machine.programs:
        yield Way(
            name=WayName.COMPILED,
            commands=(
                "./configure --prefix=$HOME/.local/python",
                "make -j 2",
                "make install",
            ),
        )


def _environment(machine: Machine) -> Way:
    return Way(
        name=WayName.ENVIRONMENT,
        commands=("python3 -m venv ~/.venvs/main", machine.activate),
    )


def _macos(machine: Machine) -> Iterator[Way]:
    if "brew" in machine.programs:
        yield Way(
            name=WayName.HOMEBREW,
            commands=("brew install python", "python3 -m venv ~/.venvs/main", machine.activate),
        )
    else:
        yield Way(
            name=WayName.MACOS,
            commands=("python3 -m venv ~/.venvs/main", machine.activate),
        )


def _windows(machine: Machine) -> Iterator[Way]:
    if "winget" in machine.programs:
        yield Way(
            name=WayName.WINGET,
            commands=("winget install --scope user Python.Python.3.13",),
        )
    else:
        yield Way(
            name=WayName.WINDOWS,
            commands=("py -m venv %USERPROFILE%\\.venvs\\main",),
        )
