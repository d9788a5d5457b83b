"""Looks at pip itself, pipx, uv, and safepip's own functions in the shell."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.machine import search
from safepip.machine.health import variables
from safepip.machine.health.ground import text_of
from safepip.model.copies import PlaceKind
from safepip.model.health import Ailment, Sign
from safepip.shells import texts
from safepip.shells.kinds import Integration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safepip.machine.health.ground import Ground
    from safepip.shells.kinds import Shell


def signs(ground: Ground) -> Iterator[Sign]:
    """What is wrong with the tools."""
    yield from _other_python(ground)
    file, line = variables.alias_of_pip(ground)
    if file is not None:
        yield Sign(ailment=Ailment.PIP_ALIAS, paths=(file,), line=line, name="pip")
    yield from _held(ground)
    broken = _broken(ground, PlaceKind.PIPX)
    if broken:
        yield Sign(
            ailment=Ailment.BROKEN_PIPX,
            name=" ".join(path.name for path in broken),
            paths=tuple(broken),
            python=_on_path("pipx", ground),
        )
    for path in _broken(ground, PlaceKind.UV_TOOL):
        yield Sign(
            ailment=Ailment.BROKEN_UV_TOOL,
            name=path.name,
            paths=(path,),
            python=_on_path("uv", ground),
            detail=" ".join(_installed_with(path)),
        )


def _broken(ground: Ground, kind: PlaceKind) -> list[PurePath]:
    """The environments of *kind* whose Python is gone."""
    return [
        place.path
        for place in ground.places
        if place.kind is kind and userpip.environment_python(str(place.path)) is None
    ]


def _on_path(name: str, ground: Ground) -> PurePath | None:
    found = next(userpip.on_path(name, ground.env), None)
    return None if found is None else PurePath(found)


def _installed_with(tool: PurePath) -> list[str]:
    """What else was asked for with the *tool* of uv's (``--with``). Source: uv, ``uv-tool``."""
    receipt = text_of(tool / "uv-receipt.toml")
    wanted = re.search(r"^requirements\s*=\s*\[(.*?)\]\s*$", receipt, re.DOTALL | re.MULTILINE)
    names = re.findall(r'\bname = "([\w.-]+)"', wanted[1] if wanted else "")
    return [name for name in names if name != tool.name]


def _held(ground: Ground) -> Iterator[Sign]:
    """What this shell runs in the stead of the programs on PATH, but for safepip's functions."""
    for name, held in (ground.held or {}).items():
        if not held.is_ours:
            kind = held.word.value
            yield Sign(ailment=Ailment.HELD_NAME, name=name, version=kind, detail=held.what)


def _other_python(ground: Ground) -> Iterator[Sign]:
    """pip installs for another Python than the one that the user would run."""
    pip = ground.pip_python
    for name in ("python3", "python"):
        other = ground.pythons.get(name)
        if pip is None or other is None or search.is_same_file(other.prefix, pip.prefix):
            continue
        if name == "python" and "python3" in ground.pythons:
            continue  # an old python of the system's beside it is nothing to mend
        folder = pip.executable.parent
        yield Sign(
            ailment=Ailment.OTHER_PYTHON,
            name=name,
            paths=(pip.executable, other.executable),
            version=pip.version_text,
            detail=other.version_text,
            # Put first on PATH, it makes *name* the Python in it.
            python=folder if userpip.is_executable(str(folder / name)) else None,
        )


def functions(file: PurePath, ground: Ground) -> Iterator[Sign]:
    """Ours in *file*, where they are another safepip's, or start one that is gone."""
    text = text_of(file)
    named = re.search(r"__safepip_program[= ]+(['\"]?)(/[^'\"\n;]*)\1", text)
    if named is not None and not userpip.is_executable(named[2]):
        yield Sign(
            ailment=Ailment.OLD_FUNCTIONS, paths=(file, PurePath(named[2])), name=ground.shell.value
        )
    elif text and ground.shell in texts.SHELLS and not _is_current(text, ground.shell):
        yield Sign(ailment=Ailment.OTHER_FUNCTIONS, paths=(file,))


def _is_current(text: str, shell: Shell) -> bool:
    """Whether *text* has all that this safepip would write, whatever its options."""
    nowhere = PurePath("/nowhere")
    wanted = texts.code(shell, Integration(program=nowhere, pips=()))
    lines = set(text.splitlines())
    return all(
        line in lines or "activate" in line or str(nowhere) in line for line in wanted.splitlines()
    )
