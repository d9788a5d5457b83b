"""Looks at virtual environments: does their Python run, are they where they were made."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.machine import environments, ownership, paths, trust, version_control
from safepip.machine.health.ground import owner_differs
from safepip.model.copies import PlaceKind
from safepip.model.health import Ailment, Sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safepip.machine.health.ground import Ground

_OWN_PROGRAM = Path("/proc/self/exe")


def signs(ground: Ground) -> Iterator[Sign]:
    """What is wrong with the environments that safepip knows of."""
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        value = ground.env.get(variable)
        if value and not paths.is_dir(Path(value)):
            yield Sign(ailment=Ailment.STALE_ENVIRONMENT, name=variable, paths=(PurePath(value),))
    for place in ground.places:
        # pipx and uv look after theirs.
        if place.is_environment and place.kind not in {PlaceKind.PIPX, PlaceKind.UV_TOOL}:
            yield from _of(Path(place.path), place.kind, ground.home)


def _of(path: Path, kind: PlaceKind, home: PurePath | None) -> Iterator[Sign]:
    if not environments.is_environment(path):
        return
    base = _base_python(path)
    python = path / userpip.SCRIPTS / "python"
    if ownership.is_no_exec(path):
        as_bad = "home" if home is not None and ownership.is_no_exec(home) else ""
        yield Sign(ailment=Ailment.NO_EXEC, paths=(path,), python=base, detail=as_bad)
    elif not paths.is_file(python):
        link = str(python.readlink()) if paths.is_link(python) else ""
        yield Sign(ailment=Ailment.BROKEN_ENVIRONMENT, paths=(path,), detail=link)
    elif (other := machine_of(python)) and (own := machine_of(_OWN_PROGRAM)) and other != own:
        yield Sign(ailment=Ailment.OTHER_MACHINE, paths=(path,), detail=f"{other}, not {own}")
    elif (was := environments.made_as(path)) is not None and not owner_differs(path):
        yield Sign(ailment=Ailment.MOVED_ENVIRONMENT, paths=(path, was), python=base)
    if kind is PlaceKind.PROJECT and version_control.tracker_of(path) == "git":
        yield Sign(ailment=Ailment.TRACKED_ENVIRONMENT, paths=(path,))


def _base_python(path: Path) -> PurePath | None:
    """The Python that the environment at *path* was made with, if it is still there."""
    home = environments.made_of(path)
    names = (*trust.versioned_names(path), "python3", "python")
    found = () if home is None else (home / name for name in names)
    return next((one for one in found if userpip.is_executable(str(one))), None)


def machine_of(program: Path) -> str:
    """The machine that the ELF file *program* is for; empty for what is none.

    Source: ELF, ``e_machine``; System V ABI.
    """
    head = paths.beginning(program, 20)
    if len(head) < 20 or head[:4] != b"\x7fELF":
        return ""
    number = int.from_bytes(head[18:20], "little" if head[5] == 1 else "big")
    return _MACHINES.get(number, f"machine {number}")


_MACHINES = {3: "x86", 8: "mips", 20: "ppc", 21: "ppc64", 22: "s390x", 40: "arm", 62: "x86-64",
             183: "aarch64", 243: "riscv"}  # fmt: skip
