"""Makes new virtual environments, whole or not at all, and takes them away again."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from safepip import runner, userpip
from safepip.destinations import ready_pip
from safepip.machine import distributions, ownership, paths
from safepip.model.errors import BrokenOffError, CannotCreateError
from safepip.model.problems import Problem
from safepip.model.reasons import Reason, because
from safepip.state import MARKER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.model.decisions import Sees
    from safepip.model.interpreter import Interpreter
    from safepip.model.reasons import Why
    from safepip.state import Ledger

_MAKE_TIMEOUT_S = 600.0


class Making(NamedTuple):
    """What it takes to make an environment."""

    argv: tuple[str, ...]
    """The command that makes one without pip."""
    python: Interpreter
    """The Python that it is made of."""
    env: Mapping[str, str]
    cache_dir: Path
    ledger: Ledger
    sees: Sees | None = None
    """What it is to see of that Python, besides what *argv* lets it see."""


def create(path: Path, making: Making) -> None:
    """Make a virtual environment with a working pip at *path*, ignored by git.

    Raises:
        CannotCreateError: it cannot be made; nothing of it is left then, and what somebody else
            has put there since it was looked at is as it was.
        BrokenOffError: the user interrupted it; the next run mends what is left.
    """
    ledger = making.ledger
    if ledger.is_unfinished(path):
        _clear(path)
    try:
        _claim(path)
        _mark(path, ledger)
        # As Python's own venv does since 3.13 (cpython gh-108125).
        (path / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as error:
        if not isinstance(error, FileExistsError):
            _clear(path)
        raise _cannot(Problem.CANNOT_MAKE, path, error) from error
    try:
        _fill(path, making)
        # Killed between the two, it is whole and counts as nobody's, which is safe; the other way
        # round the marker would stay in it for good.
        (path / MARKER).unlink()
        ledger.finish_making(path)
    except CannotCreateError:
        _clear(path)
        raise
    except KeyboardInterrupt:
        raise BrokenOffError(Problem.INTERRUPTED_MAKING, path=path) from None


def take_away(path: Path, ledger: Ledger) -> None:
    """Remove the environment at *path*, just made and good for nothing after all.

    Interrupted in the middle, it is one that was not finished, which the next run mends.
    """
    with contextlib.suppress(OSError):
        _mark(path, ledger)
    _clear(path)
    if not paths.exists(path / MARKER):
        ledger.forget(path)


def _clear(path: Path) -> None:
    """Remove all that is at *path*; the marker last, and with it the proof that it is nobody's."""
    entries = sorted(paths.matching(path, "*"), key=lambda one: one.name == MARKER)
    for one in entries:
        with contextlib.suppress(OSError):
            if paths.is_dir(one) and not paths.is_link(one):
                shutil.rmtree(one)
            else:
                one.unlink()
    if not paths.is_link(path):  # else it is the user's own, to a directory that was empty
        with contextlib.suppress(OSError):
            path.rmdir()


def _claim(path: Path) -> None:
    """Make the directory *path*, or take an empty one of the user's, and nothing by a link.

    Raises:
        FileExistsError: it is neither, and nothing of it is ours to fill or to clear.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir()
    except FileExistsError:
        is_own = not paths.is_link(path) and ownership.is_safe_ground(path)
        if not is_own or any(path.iterdir()):
            raise


def _mark(path: Path, ledger: Ledger) -> None:
    """Mark *path* as being made; from here on an interruption leaves what the next run mends."""
    token = secrets.token_hex(16)
    ledger.begin_making(path, token)
    (path / MARKER).touch(exist_ok=False)
    (path / MARKER).write_text(token, encoding="utf-8")


def _fill(path: Path, making: Making) -> None:
    why = _run(making.argv, making.env)
    if why is not None:
        raise _cannot(Problem.CANNOT_MAKE, path, why)
    inner = userpip.environment_python(str(path))
    if inner is None:
        raise CannotCreateError(Problem.MADE_NOTHING, path=path, program=making.argv[0])
    problem = _show_base(path, making.sees) or _give_pip(path, inner, making)
    if problem is not None:
        raise _cannot(Problem.NO_PIP_INSIDE, path, problem)


def _cannot(problem: Problem, path: Path, why: object) -> CannotCreateError:
    """The error *problem*; for want of room, where no other way would have done any better."""
    said = str(why)
    for short in map(os.strerror, (errno.ENOSPC, errno.EDQUOT)):
        if short in said:
            return CannotCreateError(Problem.NO_ROOM, path=path, detail=short)
    return CannotCreateError(problem, path=path, why=why)


def _run(argv: Sequence[str], env: Mapping[str, str]) -> Why | None:
    """Run *argv*, unseen; why it failed, None if it did not."""
    done = runner.capture(argv, env=env, timeout_s=_MAKE_TIMEOUT_S)
    return None if done.returncode == 0 else done.why


def _give_pip(path: Path, inner: str, making: Making) -> Why | None:
    """Put a pip into the environment at *path*; why that is impossible, None if it was done."""
    problem = ready_pip.give(path, inner, making.python, cache_dir=making.cache_dir, env=making.env)
    if problem is None:
        return None
    try:
        # pip and ensurepip, when they are killed, leave theirs where temporary files go.
        with runner.temporary_folder() as folder:
            env = {**making.env, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder)}
            return _give_other_pip(path, inner, Path(folder), problem, env)
    except OSError as error:
        return because(Reason.ALL, all=(problem, because(Reason.SAID, words=error)))


def _give_other_pip(
    path: Path, inner: str, folder: Path, problem: Why, env: Mapping[str, str]
) -> Why | None:
    """Do the same by installing one, after *problem*; *folder* is for what that takes."""
    other = _give_own_pip(inner, folder, env)
    if other is None and _holds_pip(path):
        return None
    # For Pythons that today's pip no longer serves: the pip that came with them.
    words = ("-I", "-m", "ensurepip", "--upgrade", "--default-pip")
    bundled = _run((inner, *words), env)
    # On a full disk half of the first may be there, and ensurepip be content with that.
    if bundled is None and _holds_pip(path):
        return None
    last = None if bundled is None else because(Reason.ENSUREPIP, why=bundled)
    return because(Reason.ALL, all=tuple(filter(None, (problem, other, last))))


_BASE_FILE = "_safepip_base.pth"
"""Names the sites of another environment, in one that is to see them."""


def _show_base(path: Path, sees: Sees | None) -> Why | None:
    """Let the new environment at *path* see the sites of the environment that it is made of.

    ``--system-site-packages`` would show those of the Python below both. Returns why that is
    impossible; None if it was done, or is not wanted.
    Source: Python, ``site`` (``addsitedir`` reads their own ``.pth`` files, too).
    """
    if sees is None or not sees.sites:
        return None
    lines = [f"import site; site.addsitedir({str(one)!r})\n" for one in sees.sites]
    try:
        for site in distributions.site_dirs(path)[:1]:
            (site / _BASE_FILE).write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        return because(Reason.SAID, words=error)
    return None


def _holds_pip(path: Path) -> bool:
    """Whether there is a pip in the environment at *path*, and all of it."""
    pip = distributions.named("pip", distributions.site_dirs(path))
    return pip is not None and pip.complete


def _give_own_pip(inner: str, folder: Path, env: Mapping[str, str]) -> Why | None:
    """Install the pip that safepip depends on into the environment of *inner*, without network.

    Returns why that did not work; None if it did.
    """
    if _own_pip_wheel(folder) is None:
        return because(Reason.OWN_PIP_IN_PIECES)
    # Not from the wheel itself, as ensurepip does it: nothing in there is compiled.
    served = userpip.served_by_own_pip([inner, "-I"])
    if served is None:
        return because(Reason.OWN_PIP_GONE)
    words = ["--isolated", "--disable-pip-version-check", "install", "--no-index", "--no-deps"]
    # By its name: of a wheel that is named itself pip would remember where it was (PEP 610).
    words += ["--no-cache-dir", "--no-compile", "--find-links", str(folder), "pip"]
    return _run([*served.argv, *words], env)


def _own_pip_wheel(directory: Path) -> Path | None:
    """A wheel in *directory*, packed again from the installed pip that safepip depends on.

    None where that pip is no ordinary installation (a distribution's may be in pieces).
    """
    own = userpip.own_pip_dir()
    if own is None:
        return None
    site = Path(own).parent
    pip = distributions.named("pip", (site,))
    if pip is None or not pip.complete:
        return None
    info = pip.metadata.name
    of_the_install = ("INSTALLER", "REQUESTED", "direct_url.json", "RECORD")
    left_out = (".pyc", *(f"{info}/{name}" for name in of_the_install))
    files = [
        relative
        for relative in distributions.recorded(pip)
        if relative.startswith(("pip/", f"{info}/")) and not relative.endswith(left_out)
    ]
    wheel = directory / f"pip-{pip.version}-py3-none-any.whl"
    try:
        import zipfile

        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_STORED) as archive:
            for relative in files:
                archive.writestr(relative, paths.content(site / relative))
            archive.writestr(
                f"{info}/RECORD", "".join(f"{f},,\n" for f in (*files, f"{info}/RECORD"))
            )
    except OSError:
        return None
    return wheel
