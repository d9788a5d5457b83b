"""One line of safepip's in a shell's profile: found by its tag, added and removed byte for byte.

The tag says what removing the line must undo besides: a line end that the file lacked before, or
the file itself. All else in the file stays as it is, whatever its bytes are.
"""

from __future__ import annotations

import difflib
import os
import re
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from safepip import locate, surroundings
from safepip.errors import CannotCreateError
from safepip.ledger import write_atomically
from safepip.shells import Shell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from safepip.ledger import Ledger

_NO_NEWLINE = " (no newline before)"
_NEW_FILE = " (new file)"

_PROFILE_MODE = 0o644


# Pure: bytes in, bytes out


def added(content: bytes | None, line: str, tag: str) -> bytes:
    """*content* with *line* in it, once, at its end or where it was; None: there is no file."""
    old = content or b""
    there = _lines(tag).findall(old)
    if there:
        return _replaced(old, line, tag)
    if content is None or (_NEW_FILE.encode() in old and not _lines().sub(b"", old)):
        # Made for it, or for another line of ours: whichever goes last takes the file along.
        return old + _tagged(line, tag, _NEW_FILE) + b"\n"
    if old and not old.endswith(b"\n"):
        return old + b"\n" + _tagged(line, tag, _NO_NEWLINE) + b"\n"
    end = b"\r\n" if old.endswith(b"\r\n") else b"\n"
    return old + _tagged(line, tag, "") + end


def removed(content: bytes, tag: str) -> bytes | None:
    """*content* without the lines tagged *tag*; None: the file was made for it and may go."""
    content = _handed_on(content, tag)
    last_joined = re.compile(
        rb"\n[^\n]*" + re.escape(_mark(tag, _NO_NEWLINE)) + rb"[ \t\r]*\n?\Z"
    ).search(content)
    was_new = any(_NEW_FILE.encode() in found[0] for found in _lines(tag).finditer(content))
    if last_joined is not None:
        content = content[: last_joined.start()]
    rest = _lines(tag).sub(b"", content)
    return None if was_new and not rest else rest


def _handed_on(content: bytes, tag: str) -> bytes:
    """*content* with the mark of the line that goes handed on to the line of ours behind it.

    Whichever goes last takes back the line end that the first one needed.
    """
    first = rb"^[^\n]*" + re.escape(_mark(tag, _NO_NEWLINE)) + rb"[ \t]*\r?\n"
    behind = rb"(?P<head>[^\n]*# >>> safepip [a-z]+) <<<"
    mark = rb"\g<head>" + _NO_NEWLINE.encode() + rb" <<<"
    return re.sub(first + behind, mark, content, count=1, flags=re.MULTILINE)


def _replaced(content: bytes, line: str, tag: str) -> bytes:
    seen = False

    def new(found: re.Match[bytes]) -> bytes:
        nonlocal seen
        if seen:
            return b""
        seen = True
        end = found[0][len(found[0].rstrip(b"\r\n")) :]
        return _tagged(line, tag, found["how"].decode()) + end

    return _lines(tag).sub(new, content)


def _lines(tag: str | None = None) -> re.Pattern[bytes]:
    """The lines tagged *tag*, or any line of ours."""
    hows = b"|".join(re.escape(how.encode()) for how in (_NO_NEWLINE, _NEW_FILE, ""))
    start, end = (re.escape(part) for part in _mark(tag or "\1", "\0").split(b"\0"))
    start = start.replace(re.escape(b"\1"), rb"[a-z]+")
    return re.compile(
        rb"^[^\n]*" + start + rb"(?P<how>" + hows + rb")" + end
        # An editor may have left blanks behind it.
        + rb"[ \t]*\r?(?:\n|\Z)",
        re.MULTILINE,
    )  # fmt: skip


def _mark(tag: str, how: str) -> bytes:
    return f"# >>> safepip {tag}{how} <<<".encode()


def _tagged(line: str, tag: str, how: str) -> bytes:
    return os.fsencode(line) + b"  " + _mark(tag, how)


def difference(profile: Path, before: bytes | None, after: bytes | None) -> str:
    """What changes in *profile*, as a unified diff without a final line end; empty for nothing."""
    old, new = (
        (content or b"").decode("utf-8", "replace").splitlines(keepends=True)
        for content in (before, after)
    )

    def name(content: bytes | None) -> str:
        return os.devnull if content is None else str(profile)

    text = ""
    for line in difflib.unified_diff(old, new, name(before), name(after)):
        text += line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
    return text.rstrip("\n")


# Hands


def profile_of(shell: Shell, env: Mapping[str, str]) -> Path:
    """The file that *shell* reads whenever it begins to talk to the user; perhaps missing.

    Raises:
        CannotCreateError: the user has no home.
    """
    home = surroundings.home_of(env)
    if home is None:
        what = "your home directory is not known"
        raise CannotCreateError(what, why="HOME is not set")
    config = _absolute(env.get("XDG_CONFIG_HOME")) or home / ".config"
    if shell is Shell.ZSH:
        return (_absolute(env.get("ZDOTDIR")) or home) / ".zshrc"
    if shell is Shell.FISH:
        return config / "fish" / "conf.d" / "safepip.fish"
    if shell in {Shell.TCSH, Shell.CSH}:
        # With a .tcshrc, tcsh does not read .cshrc: a new one would hide what the user has.
        names = (".tcshrc", ".cshrc") if shell is Shell.TCSH else (".cshrc",)
        return next((home / name for name in names if (home / name).exists()), home / names[0])
    if shell is Shell.XONSH:
        older = home / ".xonshrc"
        return older if older.exists() else config / "xonsh" / "rc.xsh"
    if shell is Shell.NUSHELL:
        return _nushell_config(env, home) / "nushell" / "config.nu"
    if shell is Shell.POWERSHELL:
        base = home / "Documents" / "PowerShell" if locate.WINDOWS else config / "powershell"
        return base / "Microsoft.PowerShell_profile.ps1"
    if shell is Shell.BASH:
        return home / ".bashrc"
    return _absolute(env.get("ENV")) or home / ".profile"


def _nushell_config(env: Mapping[str, str], home: Path) -> Path:
    """The folder of its own folder: the system's, where XDG_CONFIG_HOME names none."""
    system = home / ".config"
    if locate.WINDOWS:
        system = _absolute(env.get("APPDATA")) or system
    elif sys.platform == "darwin":
        system = home / "Library" / "Application Support"
    return _absolute(env.get("XDG_CONFIG_HOME")) or system


def _absolute(word: str | None) -> Path | None:
    return Path(word) if word and Path(word).is_absolute() else None


def read(profile: Path) -> bytes | None:
    """The bytes of *profile*, None if there is none.

    Raises:
        OSError: it is there and cannot be read.
    """
    try:
        return profile.read_bytes()
    except FileNotFoundError:
        return None


def edit(
    profile: Path, change: Callable[[bytes | None], bytes | None], ledger: Ledger, *, paste: str
) -> bool:
    """Replace what is in *profile* by what *change* makes of it; whether that was another thing.

    A link stays one: the file that it names is changed. Mode and owner stay; whoever reads it
    meanwhile, or kills us, sees the old bytes or the new. *paste* is the line to be told to the
    user where that is impossible.

    Raises:
        CannotCreateError: it cannot be written; it is as it was.
    """
    try:
        real = profile.resolve()
        with ledger.lock(real):
            before = read(real)
            after = change(before)
            if after == before:
                return False
            if after is None:
                real.unlink()
            else:
                _write(real, after)
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        what = f"{profile} cannot be written"
        raise CannotCreateError(what, why=f"{why}; edit it yourself", do=paste) from error
    return True


def _write(real: Path, data: bytes) -> None:
    try:
        info = real.stat()
    except FileNotFoundError:
        real.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(real, data, mode=_PROFILE_MODE)
        return
    if not os.access(real, os.W_OK) or not info.st_mode & stat.S_IWUSR:
        # Renaming over it would work, but whoever took the right to write away meant it.
        raise PermissionError(None, "the file is read-only")
    write_atomically(real, data, mode=stat.S_IMODE(info.st_mode), owner=(info.st_uid, info.st_gid))
