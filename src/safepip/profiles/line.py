"""One line of safepip's in a shell's profile: found by its tag, added and removed byte for byte.

The tag says what removing the line must undo besides: a line end that the file lacked before, an
empty line without which ours would have continued theirs, or the file itself. All else in the file
stays as it is, whatever its bytes are.
"""

from __future__ import annotations

import difflib
import os
import re
import stat
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from safepip.machine import paths
from safepip.model.errors import CannotCreateError
from safepip.model.problems import Problem
from safepip.model.reasons import Reason, because
from safepip.state import make_folder, sweep, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from safepip.state import Ledger

_NO_NEWLINE = " (no newline before)"
_EMPTY_LINE = " (empty line before)"
_BOTH = " (no newline, empty line before)"
_NEW_FILE = " (new file)"
_HOWS = (_NO_NEWLINE, _EMPTY_LINE, _BOTH, _NEW_FILE, "")

# A backslash continues a line in most shells, in PowerShell a backtick does, before CR LF as well.
# Source: POSIX, XCU 2.2.1; about_Special_Characters.
_CONTINUED = re.compile(rb"[\\`]\r*\n?\Z")

_UTF16 = (b"\xff\xfe", b"\xfe\xff")

_PROFILE_MODE = 0o644


# Pure: bytes in, bytes out


def added(content: bytes | None, line: str, tag: str) -> bytes:
    """*content* with *line* in it, once, at its end or where it was; None: there is no file."""
    old = content or b""
    ours = _lines(tag)
    if first := ours.search(old):
        end = first[0][len(first[0].rstrip(b"\r\n")) :]
        new = _tagged(line, tag, first["how"].decode()) + end
        return old[: first.start()] + new + ours.sub(b"", old[first.end() :])
    if content is None or (_NEW_FILE.encode() in old and not _lines().sub(b"", old)):
        # Made for it, or for another line of ours: whichever goes last takes the file along.
        return old + _tagged(line, tag, _NEW_FILE) + b"\n"
    end = b"\r\n" if old.endswith(b"\r\n") else b"\n"
    continued = _CONTINUED.search(old) is not None
    if old and not old.endswith(b"\n"):
        how, before = (_BOTH, b"\n\n") if continued else (_NO_NEWLINE, b"\n")
    else:
        how, before = (_EMPTY_LINE, end) if continued else ("", b"")
    return old + before + _tagged(line, tag, how) + end


def removed(content: bytes, tag: str) -> bytes | None:
    """*content* without the lines tagged *tag*; None: the file was made for it and may go."""
    content = _handed_on(content, tag)
    found = list(_lines(tag).finditer(content))
    was_new = any(_NEW_FILE.encode() in one[0] for one in found)
    if found and found[-1].end() == len(content):
        # With nothing below it, what was put before it goes as well.
        last = found[-1]
        content = _without_end(content[: last.start()], last["how"].decode())
    rest = _lines(tag).sub(b"", content)
    return None if was_new and not rest else rest


def _without_end(content: bytes, how: str) -> bytes:
    """*content*, which ended above a line marked *how*, without what that line needed there."""
    if how == _BOTH:
        content = content.removesuffix(b"\n\n")
    elif how == _NO_NEWLINE:
        content = content.removesuffix(b"\n")
    elif how == _EMPTY_LINE:
        content = re.sub(rb"(\n)\r?\n\Z", rb"\1", content)
    return content


def _handed_on(content: bytes, tag: str) -> bytes:
    """*content* with the mark of the line that goes handed on to the line of ours behind it.

    Whichever goes last takes back what the first one needed.
    """
    hows = b"|".join(re.escape(how.encode()) for how in (_NO_NEWLINE, _EMPTY_LINE, _BOTH))
    start, end = (re.escape(part) for part in _mark(tag, "\0").split(b"\0"))
    first = rb"^[^\n]*" + start + rb"(?P<how>" + hows + rb")" + end + rb"[ \t]*\r?\n"
    behind = rb"(?P<head>[^\n]*# >>> safepip [a-z]+) <<<"
    mark = rb"\g<head>\g<how> <<<"
    return re.sub(first + behind, mark, content, count=1, flags=re.MULTILINE)


def _lines(tag: str | None = None) -> re.Pattern[bytes]:
    """The lines tagged *tag*, or any line of ours."""
    hows = b"|".join(re.escape(how.encode()) for how in _HOWS)
    start, end = (re.escape(part) for part in _mark(tag or "\1", "\0").split(b"\0"))
    start = start.replace(re.escape(b"\1"), rb"[a-z]+")
    return re.compile(
        rb"^[^\n]*" + start + rb"(?P<how>" + hows + rb")" + end
        # An editor may have left blanks behind it.
        + rb"[ \t]*\r?(?:\n|\Z)",
        re.MULTILINE,
    )  # fmt: skip


def mark(tag: str) -> str:
    """What the tagged lines of *tag* hold, for a user who looks for them."""
    return f">>> safepip {tag}"


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


class Edit(NamedTuple):
    """What is to become of one profile."""

    file: Path
    change: Callable[[bytes | None], bytes | None]
    paste: str
    """The line that the user can put in, or look for, where safepip cannot."""
    otherwise: Problem = Problem.LINE_NOT_ADDED
    """What says so."""


def putting_in(file: Path, line: str, tag: str) -> Edit:
    """*file* is to have *line*, once."""
    return Edit(file, partial(added, line=line, tag=tag), line)


def taking_out(file: Path, tag: str) -> Edit:
    """*file* is to be rid of the lines tagged *tag*."""

    def change(content: bytes | None) -> bytes | None:
        return None if content is None else removed(content, tag)

    return Edit(file, change, mark(tag), Problem.LINE_NOT_REMOVED)


# Hands


def read(profile: Path) -> bytes | None:
    """The bytes of *profile*, None if there is none.

    Raises:
        OSError: it is there and cannot be read.
    """
    try:
        return paths.content(profile)
    except FileNotFoundError:
        return None


def preview(edit: Edit) -> str:
    """What *edit* would change, as ``difference`` shows it.

    Raises:
        CannotCreateError: the profile is there and cannot be read.
    """
    try:
        before = read(edit.file)
    except OSError as error:
        raise CannotCreateError(Problem.NOT_READABLE, file=edit.file, why=error) from error
    return difference(edit.file, before, edit.change(before))


class _UnfitError(Exception):
    """The profile is none that may be edited; it holds the reason."""


def carry_out(edit: Edit, ledger: Ledger) -> bool:
    """Write what *edit* makes of its profile; whether that was another thing.

    A link stays one: the file that it names is changed. Mode and owner stay; whoever reads it
    meanwhile, or kills us, sees the old bytes or the new; what one who was killed left beside it
    goes.

    Raises:
        CannotCreateError: it cannot be written; it is as it was.
    """
    try:
        real = edit.file.resolve()
        with ledger.lock(real) as alone:
            if alone:
                sweep(real)
            before = read(real)
            after = edit.change(before)
            if after == before:
                return False
            if before is not None and before.startswith(_UTF16):
                # As PowerShell 5.1 writes it: our bytes would be no text there.
                raise _UnfitError(because(Reason.UTF16))  # noqa: TRY301
            if after is None:
                real.unlink()
            else:
                _write(real, after)
    except (OSError, RuntimeError, _UnfitError) as error:
        why = error.args[0] if isinstance(error, _UnfitError) else error
        told = {"files": (edit.file,), "why": why, "line": edit.paste}
        raise CannotCreateError(edit.otherwise, **told) from error
    return True


def _write(real: Path, data: bytes) -> None:
    try:
        info = real.stat()
    except FileNotFoundError:
        make_folder(real.parent)
        write_atomically(real, data, mode=_PROFILE_MODE)
        return
    if not os.access(real, os.W_OK) or not info.st_mode & stat.S_IWUSR:
        # Renaming over it would work, but whoever took the right to write away meant it.
        raise _UnfitError(because(Reason.READ_ONLY_PROFILE))
    write_atomically(real, data, mode=stat.S_IMODE(info.st_mode), owner=(info.st_uid, info.st_gid))
