"""Looks at all that a command asks for: the files it names are read, the directories looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from safepip.machine import distributions, paths
from safepip.machine.paths import is_file
from safepip.model.options import having
from safepip.model.requests import RequirementKind
from safepip.policy.wanted import Standing, overall
from safepip.reading.arguments import INSTALL_OPTIONS, install_variables, variable_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from safepip.model.interpreter import Interpreter
    from safepip.model.requests import PipCommand, RequestedRequirement

_FILE_LIMIT = 1_000_000
_DEEPEST = 8
"""How many files may name one another."""

_UNCLEAR = having("unclear")


class _UnclearError(Exception):
    """Only pip can tell."""


def is_understood(command: PipCommand) -> bool:
    """Whether every option of *command* is one that pip has, with a value where it needs one."""
    return all(
        option.name in INSTALL_OPTIONS
        and (option.value is not None or not INSTALL_OPTIONS[option.name])
        for option in command.options
    )


def standing(command: PipCommand, interpreter: Interpreter, env: Mapping[str, str]) -> Standing:
    """How *command* stands before the pip of *interpreter*: whether it has something to install."""
    variables = install_variables(command.argv, env)
    if command.has(*_UNCLEAR) or any(variables.get(variable_of(name)) for name in _UNCLEAR):
        return Standing.UNCLEAR
    anew = command.has("--ignore-installed") or (
        command.has("--force-reinstall") and (interpreter.pip_version or ()) >= (10,)
    )
    installed = distributions.versions(interpreter.search) if interpreter.search else None
    try:
        for file in command.values("--constraint"):
            _text(Path(file))
        wanted = tuple(_expanded(command.requirements, env, Path(), _DEEPEST))
    except _UnclearError:
        return Standing.UNCLEAR
    return Standing.UNCLEAR if installed is None else overall(wanted, installed, anew=anew)


def _expanded(
    requirements: tuple[RequestedRequirement, ...], env: Mapping[str, str], base: Path, depth: int
) -> Iterator[RequestedRequirement]:
    """*requirements* with those of the files among them; *base*: where these lie."""
    for one in requirements:
        if one.kind is RequirementKind.FILE:
            from safepip.reading import requirement_files

            file = base / one.text
            text = _text(file) if depth else None
            found = None if text is None else requirement_files.read(text, env)
            if found is None or text is None:
                raise _UnclearError
            for constraint in requirement_files.constraints(text, env):
                _text(file.parent / constraint)
            yield from _expanded(found, env, file.parent, depth - 1)
        elif _is_there(one):
            yield one
        else:
            raise _UnclearError


def _is_there(one: RequestedRequirement) -> bool:
    """Whether what *one* names by its path is there and can be built, as far as looks tell."""
    path = Path(one.text.partition(";")[0].strip().partition("[")[0])
    match one.kind:
        case RequirementKind.LOCAL_FILE:
            return is_file(path)
        case RequirementKind.EDITABLE if "://" in one.text or one.name is not None:
            return True
        case RequirementKind.LOCAL_DIR | RequirementKind.EDITABLE:
            return any(is_file(path / name) for name in ("pyproject.toml", "setup.py"))
        case RequirementKind.NAMED | RequirementKind.URL:
            # A word that is a directory's path as well is that to pip, with a separator only.
            return True
        case RequirementKind.FILE:
            return False


def _text(file: Path) -> str:
    """What *file* holds; a pipe is left to pip, since it can be read only once."""
    try:
        return paths.text(file, encoding="utf-8-sig", limit=_FILE_LIMIT)
    except (OSError, UnicodeDecodeError):
        raise _UnclearError from None
