"""Modules that have whatever is asked of them, in the place of some that are not needed.

For ``_helper.py``, which asks pip what it would choose, and installs nothing. Where that shows, by
an error of any kind, it imports all and asks once more.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import types
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableSequence, Sequence


NOT_NEEDED = (
    "pip._vendor.cachecontrol",
    "pip._vendor.msgpack",
    "pip._vendor.packaging.direct_url",
    "pip._vendor.packaging.pylock",
    "pip._vendor.pyproject_hooks",
    "pip._vendor.rich",
    "pip._internal.build_env",
    "pip._internal.cache",
    "pip._internal.distributions",
    "pip._internal.operations",
    "pip._internal.pyproject",
    "pip._internal.req.req_uninstall",
    "pip._internal.resolution",
    "pip._internal.self_outdated_check",
    "pip._internal.utils.pylock",
    "pip._internal.wheel_builder",
)
"""What of pip only draws, installs or remembers: a fifth of what it imports."""


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
    """Finds a blank module for each of *names*, and for all below them."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names)
        self._below = tuple(f"{name}." for name in names)

    def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        if name in self._names or name.startswith(self._below):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _BlankModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing in it."""
