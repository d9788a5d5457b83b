"""The ways to a Python of one's own that fit a machine, the best first."""

from __future__ import annotations

from typing import NamedTuple

from safepip.model.health import Way, WayName


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
    """All that fit *machine*; none where there is nothing to make one with."""
    programs = machine.programs
    windows, macos = machine.system == "win32", machine.system == "darwin"
    winget, brew = "winget" in programs, "brew" in programs
    other, has_venv = not (windows or macos), machine.has_venv
    compiler = machine.system == "linux" and {"cc", "make"} <= programs
    package = _VENV_PACKAGES.get(machine.manager or "", "")
    make = ("python3 -m venv ~/.venvs/main", machine.activate)
    seed = ("uv venv --seed ~/.venvs/main", machine.activate)
    # In words of its own, where every shell follows it, and a blank in it breaks nothing.
    configure = "./configure --prefix ~/.local/python"
    conda = ("conda create --name work python pip", "conda activate work")
    rows: tuple[tuple[object, WayName, tuple[str, ...]], ...] = (
        (machine.is_conda or "conda" in programs, WayName.CONDA, conda),
        ("uv" in programs, WayName.UV, ("uv python install", *seed)),
        ("pyenv" in programs, WayName.PYENV, ("pyenv install 3", "pyenv global 3")),
        (windows and winget, WayName.WINGET, ("winget install --scope user Python.Python.3.13",)),
        (windows and not winget, WayName.WINDOWS, (r"py -m venv %USERPROFILE%\.venvs\main",)),
        (macos and brew, WayName.HOMEBREW, ("brew install python", *make)),
        (macos and not brew, WayName.MACOS, make),
        (other and has_venv, WayName.ENVIRONMENT, make),
        (other and not has_venv and package, WayName.PACKAGE, (package, *make)),
        (compiler, WayName.COMPILED, (configure, "make -j 2", "make install")),
    )
    return tuple(Way(name, commands) for fits, name, commands in rows if fits)
