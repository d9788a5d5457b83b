"""Modules that have whatever is asked of them, in the place of some that are not needed.

For ``_helper.py``: pip imports rich wherever it could draw something.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import types
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableSequence


class _Nothing:
    """Takes and gives everything, and does nothing."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __call__(self, *_: object, **__: object) -> _Nothing:
        return self

    def __getattr__(self, _: str) -> _Nothing:
        return self


class _BlankModule(types.ModuleType):
    __path__: MutableSequence[str] = []  # noqa: RUF012 - of every package

    def __getattr__(self, name: str) -> type[_Nothing]:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing


class Blank(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a blank module for each name that begins with *prefix*."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        if name.startswith(self._prefix):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _BlankModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing in it."""
