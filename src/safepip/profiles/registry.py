"""The registry of Windows: the user's PATH, changed with care, and where the Documents are.

The machine's PATH is never mixed into it, its type is kept, and what cannot be read is not written.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING, NamedTuple, Protocol

from safepip.model.errors import CannotCreateError
from safepip.model.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import PurePath

REG_SZ = 1
REG_EXPAND_SZ = 2
_LIMIT = 32767
"""The longest value that programs can still be started with.

Source: Microsoft, "Environment Variables" (Win32).
"""

_VALUE = "Path"
_OURS = r"Software\safepip"
_ADDED = "PathEntries"


class Value(NamedTuple):
    """A value of the registry, as it stands there."""

    text: str
    kind: int


class Store(Protocol):
    """Where the user's PATH is kept."""

    def read(self) -> Value | None:
        """The user's PATH; None if there is none.

        Raises:
            OSError: it is there and cannot be read.
        """

    def write(self, value: Value | None) -> None:
        """Replace it; None removes it.

        Raises:
            OSError: it cannot be written.
        """

    def added(self) -> tuple[str, ...]:
        """The entries that safepip added."""

    def remember(self, entries: tuple[str, ...]) -> None:
        """Keep what ``added`` tells from now on."""

    def broadcast(self) -> None:
        """Tell the running programs that the settings changed."""


def install(store: Store, directories: tuple[PurePath, ...], *, write: bool = True) -> Value | None:
    """Put those of *directories* that are missing first on the user's PATH; the new value.

    Raises:
        CannotCreateError: it could not be read, or not be written; nothing is changed then.
    """
    before = _read(store)
    text = "" if before is None else before.text
    there = {_folded(entry) for entry in text.split(";")}
    new = tuple(str(one) for one in directories if _folded(str(one)) not in there)
    if not new:
        return before
    joined = ";".join((*new, text) if text else new)
    after = Value(text=joined, kind=REG_EXPAND_SZ if before is None else before.kind)
    if len(joined) > _LIMIT or any(";" in one for one in new):
        raise CannotCreateError(Problem.REGISTRY_FULL)
    if write:
        _change(store, before, after)
        store.remember((*store.added(), *new))
        store.broadcast()
    return after


def uninstall(store: Store, *, write: bool = True) -> Value | None:
    """Take out what ``install`` put in, and nothing else; the new value.

    Raises:
        CannotCreateError: it could not be read, or not be written; nothing is changed then.
    """
    before = _read(store)
    ours = store.added()
    if before is None or not ours:
        return before
    text = before.text
    for entry in ours:
        parts = text.split(";")
        if entry in parts:
            parts.remove(entry)
            text = ";".join(parts)
    # One that safepip made from nothing goes again.
    after = Value(text=text, kind=before.kind) if text else None
    if write:
        if after != before:
            _change(store, before, after)
            store.broadcast()
        store.remember(())
    return after


def documents(read: Callable[[], Value | None], env: Mapping[str, str]) -> PureWindowsPath | None:
    """The user's Documents, which OneDrive or an administrator may have moved; None if not known.

    *read* gives the value ``Personal`` of the user's ``User Shell Folders``, perhaps an OSError.
    """
    try:
        value = read()
    except OSError:
        return None
    if value is None or value.kind not in {REG_SZ, REG_EXPAND_SZ}:
        return None
    text = value.text
    if value.kind == REG_EXPAND_SZ:
        known = {name.upper(): word for name, word in env.items()}
        text = re.sub(r"%([^%]+)%", lambda found: known.get(found[1].upper(), found[0]), text)
    path = PureWindowsPath(text)
    return path if path.is_absolute() and "%" not in text else None


def _read(store: Store) -> Value | None:
    try:
        value = store.read()
    except OSError as error:
        raise CannotCreateError(Problem.REGISTRY_UNREADABLE, why=error) from error
    if value is not None and (value.kind not in {REG_SZ, REG_EXPAND_SZ} or not value.text.strip()):
        # An empty text where there is a value is more often a failed read than the truth.
        raise CannotCreateError(Problem.REGISTRY_EMPTY)
    return value


def _change(store: Store, before: Value | None, after: Value | None) -> None:
    if _read(store) != before:
        raise CannotCreateError(Problem.REGISTRY_BUSY)
    try:
        store.write(after)
    except OSError as error:
        raise CannotCreateError(Problem.REGISTRY_DENIED, why=error) from error
    if _read(store) != after:
        raise CannotCreateError(Problem.REGISTRY_DIFFERS)


def _folded(entry: str) -> str:
    return entry.strip('"').rstrip("\\/").replace("/", "\\").lower()


if sys.platform == "win32":
    import ctypes
    import winreg

    def path_of_next_login() -> str | None:
        """The machine's PATH and the user's, variables expanded; None if they cannot be read."""
        machine = r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
        texts = []
        for root, key in (
            (winreg.HKEY_LOCAL_MACHINE, machine),
            (winreg.HKEY_CURRENT_USER, "Environment"),
        ):
            try:
                with winreg.OpenKey(root, key) as opened:
                    text, _ = winreg.QueryValueEx(opened, _VALUE)
            except FileNotFoundError:
                continue
            except OSError:
                return None
            texts.append(os.path.expandvars(str(text)))
        return ";".join(texts)

    def personal_folder() -> Value | None:
        """What the user's settings say of Documents; None if nothing.

        Raises:
            OSError: it is there and cannot be read.
        """
        folders = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, folders) as key:
                text, kind = winreg.QueryValueEx(key, "Personal")
        except FileNotFoundError:
            return None
        return Value(text=text, kind=kind) if isinstance(text, str) else None

    def user_store() -> Store:
        """The registry of this machine."""
        return _Registry()

    class _Registry:
        """The user's ``Environment`` key; what safepip added is noted in a key of its own."""

        def read(self) -> Value | None:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, "Environment") as key:
                try:
                    text, kind = winreg.QueryValueEx(key, _VALUE)
                except FileNotFoundError:
                    return None
            return Value(text=text if isinstance(text, str) else "", kind=kind)

        def write(self, value: Value | None) -> None:
            access = winreg.KEY_SET_VALUE
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, "Environment", 0, access) as key:
                if value is None:
                    winreg.DeleteValue(key, _VALUE)
                else:
                    winreg.SetValueEx(key, _VALUE, 0, value.kind, value.text)

        def added(self) -> tuple[str, ...]:
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _OURS) as key:
                    entries, _ = winreg.QueryValueEx(key, _ADDED)
            except OSError:
                return ()
            return tuple(entries) if isinstance(entries, list) else ()

        def remember(self, entries: tuple[str, ...]) -> None:
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, _OURS) as key:
                winreg.SetValueEx(key, _ADDED, 0, winreg.REG_MULTI_SZ, list(entries))

        def broadcast(self) -> None:
            # HWND_BROADCAST, WM_SETTINGCHANGE, SMTO_ABORTIFHUNG, one second per window: without it
            # Explorer, and all that it starts, keeps the old PATH until the next login.
            # Source: Microsoft, "WM_SETTINGCHANGE message".
            ctypes.windll.user32.SendMessageTimeoutW(
                0xFFFF, 0x001A, 0, "Environment", 0x0002, 1000, None
            )

else:

    def path_of_next_login() -> str | None:
        """Nothing: there is no registry here."""
        return None

    def personal_folder() -> Value | None:
        """Nothing: there is no registry here."""
        return None

    def user_store() -> Store:
        """Nothing: there is no registry here.

        Raises:
            CannotCreateError: always.
        """
        raise CannotCreateError(Problem.NO_REGISTRY)
