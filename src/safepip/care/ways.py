"""The ways to a Python of one's own that fit a machine, the best first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from safepip.model.health import Way

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


PROGRAMS = ("uv", "pyenv", "brew", "conda", "cc", "make", "winget")

# The package that brings venv whole, by package manager.
_VENV_PACKAGES = {"apt": "sudo apt install python3-venv", "apk": "sudo apk add python3"}


def ways(machine: Machine) -> tuple[Way, ...]:
    """All that fit *machine*; never empty."""
    return tuple(_ways(machine))


def _ways(machine: Machine) -> Iterator[Way]:
    if machine.is_conda or "conda" in machine.programs:
        yield Way(
            what="a conda environment",
            commands=("conda create --name work python pip", "conda activate work"),
            changes="a new environment in conda's folder; your base environment stays as it is",
        )
    if "uv" in machine.programs:
        yield Way(
            what="a Python from uv",
            commands=("uv python install", "uv venv --seed ~/.venvs/main"),
            changes="a Python and an environment below your home",
        )
    if "pyenv" in machine.programs:
        yield Way(
            what="a Python from pyenv",
            commands=("pyenv install 3", "pyenv global 3"),
            changes="a Python below ~/.pyenv, first on your PATH",
        )
    if machine.system == "win32":
        yield from _windows(machine)
        return
    if machine.system == "darwin":
        yield from _macos(machine)
    elif machine.has_venv:
        yield _environment()
    elif machine.manager in _VENV_PACKAGES:
        yield Way(
            what="your system's own venv",
            commands=(_VENV_PACKAGES[machine.manager], "python3 -m venv ~/.venvs/main"),
            changes="one system package, which needs sudo, and an environment below your home",
        )
    if machine.system == "linux" and {"cc", "make"} <= machine.programs:
        yield Way(
            what="a Python compiled below your home",
            commands=(
                "./configure --prefix=$HOME/.local/python",
                "make -j 2",
                "make install",
            ),
            changes="run these in the unpacked source from python.org; only your home changes",
        )


def _environment() -> Way:
    return Way(
        what="an environment of your own",
        commands=("python3 -m venv ~/.venvs/main", ". ~/.venvs/main/bin/activate"),
        changes="one folder below your home; the system's Python stays as it is",
    )


def _macos(machine: Machine) -> Iterator[Way]:
    if "brew" in machine.programs:
        yield Way(
            what="a Python from Homebrew, with an environment of your own",
            commands=("brew install python", "python3 -m venv ~/.venvs/main"),
            changes="a Python in Homebrew's folder, and an environment below your home",
        )
    else:
        yield Way(
            what="the installer from python.org, then an environment of your own",
            commands=("python3 -m venv ~/.venvs/main",),
            changes="a Python in /Library/Frameworks; Apple's own stays as it is",
        )


def _windows(machine: Machine) -> Iterator[Way]:
    if "winget" in machine.programs:
        yield Way(
            what="a Python for you alone",
            commands=("winget install --scope user Python.Python.3.13",),
            changes='a Python below your profile; "Add python.exe to PATH" is ticked for you',
        )
    else:
        yield Way(
            what='the installer from python.org, for you alone, with "Add python.exe to PATH"',
            commands=("py -m venv %USERPROFILE%\\.venvs\\main",),
            changes="a Python below your profile; the one in Program Files stays",
        )
