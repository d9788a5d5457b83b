"""Looks at pip itself, pipx, uv, and safepip's own functions in the shell."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from safepip import userpip
from safepip.machine import places, search
from safepip.machine.health import variables
from safepip.machine.health.ground import text_of
from safepip.model.health import Ailment, Sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safepip.machine.health.ground import Ground


def signs(ground: Ground) -> Iterator[Sign]:
    """What is wrong with the tools."""
    yield from _other_python(ground)
    file, line = variables.alias_of_pip(ground)
    if file is not None:
        yield Sign(ailment=Ailment.PIP_ALIAS, paths=(file,), line=line, name="pip")
    broken = [
        path
        for path in places.folders_in(ground.pipx_venvs)
        if (path / "pyvenv.cfg").is_file() and userpip.environment_python(str(path)) is None
    ]
    if broken:
        pipx = next(userpip.on_path("pipx", ground.env), None)
        yield Sign(
            ailment=Ailment.BROKEN_PIPX,
            name=" ".join(path.name for path in broken),
            paths=tuple(broken),
            python=None if pipx is None else PurePath(pipx),
        )


def _other_python(ground: Ground) -> Iterator[Sign]:
    """pip installs for another Python than the one that the user would run."""
    pip = ground.pip_python
    for name in ("python3", "python"):
        other = ground.pythons.get(name)
        if pip is None or other is None or search.is_same_file(other.prefix, pip.prefix):
            continue
        if name == "python" and "python3" in ground.pythons:
            continue  # an old python of the system's beside it is nothing to mend
        yield Sign(
            ailment=Ailment.OTHER_PYTHON,
            name=name,
            paths=(pip.executable, other.executable),
            version=pip.version_text,
            detail=other.version_text,
            python=_with_python(pip.executable.parent, name),
        )


def _with_python(folder: PurePath, name: str) -> PurePath | None:
    """*folder*, if putting it first on PATH makes *name* the Python in it."""
    return folder if userpip.is_executable(str(folder / name)) else None


def functions(file: PurePath, ground: Ground) -> Iterator[Sign]:
    """safepip's own functions in *file*, where they name a safepip that is gone."""
    named = re.search(r"__safepip_program[= ]+(['\"]?)(/[^'\"\n;]*)\1", text_of(file))
    if named is not None and not userpip.is_executable(named[2]):
        yield Sign(
            ailment=Ailment.OLD_FUNCTIONS, paths=(file, PurePath(named[2])), name=ground.shell.value
        )
