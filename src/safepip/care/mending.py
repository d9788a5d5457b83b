"""The mend of each ailment, in commands for the user's shell: one row a kind.

Nothing here is ever run by safepip. ``sudo`` stands only where the files are another user's or
locked by the administrator, and never for what belongs to the system.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from safepip.model.health import Ailment, Finding, Mend, Sign
from safepip.shells.commands import (
    prepend_path_command,
    quote,
    run_command,
    set_command,
    unset_command,
)
from safepip.shells.kinds import Shell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import PurePath


class Means(NamedTuple):
    """What the commands are made with."""

    shell: Shell
    own: str
    """What runs safepip in this shell."""
    python: PurePath | None
    """A Python that works here."""
    pip: tuple[str, ...] = ()
    temporary: PurePath | None = None
    home: PurePath | None = None
    user_variable: bool = True
    """``USER`` is set."""
    user: str = ""
    writable: frozenset[PurePath] = frozenset()
    """Of the files that are to be edited, those that the user may write."""

    def words(self, *words: object) -> str:
        """*words* as a command; the first is a program's name or plain word."""
        return " ".join(quote(self.shell, str(word)) for word in words)

    def run(self, program: PurePath, *words: object) -> str:
        """The command that runs *program*, wherever it lies, with *words*."""
        line = run_command(self.shell, program)
        return " ".join([line, *(quote(self.shell, str(word)) for word in words)])

    def pip_of(self, python: PurePath | None, *words: object) -> str:
        """The command that runs the pip of *python*."""
        program = python or self.python
        if program is None:
            return self.words("pip", *words)
        return self.run(program, "-m", "pip", *words)


def findings(signs: tuple[Sign, ...], means: Means) -> tuple[Finding, ...]:
    """*signs* with their mends; what needs action comes first."""
    found = [
        Finding(
            sign=sign,
            mend=_MENDS[sign.ailment](sign, means),
            needs_action=sign.ailment not in NOTES,
        )
        for sign in signs
    ]
    return tuple(sorted(found, key=lambda one: not one.needs_action))


NOTES = frozenset(
    {
        Ailment.STRICT_SETTING,
        Ailment.SHADOWED_COMMAND,
        Ailment.NO_USER,
        Ailment.TMP_LIMITED,
        Ailment.PIP_ALIAS,
        Ailment.HELD_NAME,
        Ailment.OTHER_FUNCTIONS,
        Ailment.TRACKED_ENVIRONMENT,
    }
)
"""They may be as somebody wants them; the status of ``doctor`` does not count them."""


def _give(sign: Sign, means: Means) -> Mend:
    user = '"$USER"' if means.user_variable else quote(means.shell, means.user)
    if means.shell in {Shell.POWERSHELL, Shell.NUSHELL, Shell.XONSH}:
        user = quote(means.shell, means.user)
    places = means.words(*sign.paths)
    return Mend(commands=(f"sudo chown -R {user} {places}",))


def _leave(_sign: Sign, means: Means) -> Mend:
    return Mend(commands=(unset_command(means.shell, "VIRTUAL_ENV"),), permanent=False)


def _open(sign: Sign, means: Means) -> Mend:
    return Mend(commands=(means.words("chmod", "-R", "u+rwX", *sign.paths),))


def _unlock(sign: Sign, means: Means) -> Mend:
    return Mend(commands=(means.words("sudo", "chattr", "-R", "-i", *sign.paths),))


def _nothing(_sign: Sign, _means: Means) -> Mend:
    return Mend(permanent=False)


def _purge(_sign: Sign, means: Means) -> Mend:
    return Mend(commands=(means.pip_of(None, "cache", "purge"),), permanent=False)


def _remove(sign: Sign, means: Means) -> Mend:
    return Mend(commands=(means.words("rm", "-rf", *sign.paths),))


def _install_anew(sign: Sign, means: Means) -> Mend:
    pin = f"{sign.name}=={sign.version}"
    words = ("install", "--ignore-installed", "--no-deps", pin)
    return Mend(commands=(means.pip_of(sign.python, *words),))


def _keep_one(sign: Sign, means: Means) -> Mend:
    pin = f"{sign.name}=={sign.version}"
    words = ("install", "--force-reinstall", "--no-deps", pin)
    return Mend(commands=(means.words("rm", "-rf", *sign.paths), means.pip_of(sign.python, *words)))


def _uninstall(sign: Sign, means: Means) -> Mend:
    names = sign.name.split()
    return Mend(commands=(means.pip_of(sign.python, "uninstall", "--yes", *names),))


def _rename(sign: Sign, means: Means) -> Mend:
    file = sign.paths[0]
    return Mend(commands=(means.words("mv", file, file.with_name(f"my_{file.name}")),))


def _set_home(sign: Sign, means: Means) -> Mend:
    if sign.paths:
        return Mend(
            commands=(set_command(means.shell, "HOME", str(sign.paths[0])),), permanent=False
        )
    if means.temporary is None:
        return Mend(permanent=False)
    home = means.temporary / f"home-{means.user}"
    return Mend(
        commands=(
            means.words("mkdir", "-p", "-m", "700", home),
            set_command(means.shell, "HOME", str(home)),
        ),
        permanent=False,
    )


def _own_temporary(_sign: Sign, means: Means) -> Mend:
    if means.home is None:
        return Mend(permanent=False)
    folder = means.home / ".cache" / "tmp"
    return Mend(
        commands=(
            means.words("mkdir", "-p", folder),
            set_command(means.shell, "TMPDIR", str(folder)),
        ),
        permanent=False,
    )


def _unset(sign: Sign, means: Means) -> Mend:
    return Mend(
        commands=(unset_command(means.shell, sign.name), *_cut(sign, means)),
        permanent=bool(sign.line),
    )


def _cut(sign: Sign, means: Means) -> tuple[str, ...]:
    """Take the line of *sign* out of its file, and keep a copy of that."""
    if not sign.line:
        return ()
    file = sign.paths[0]
    sudo = () if file in means.writable else ("sudo",)
    return (means.words(*sudo, "sed", "-i.bak", f"{sign.line}d", file),)


def _edit(sign: Sign, means: Means) -> Mend:
    return Mend(commands=_cut(sign, means))


def _open_cache(sign: Sign, means: Means) -> Mend:
    if sign.name:
        return Mend(commands=(unset_command(means.shell, sign.name),), permanent=False)
    return _open(sign, means)


def _put_on_path(sign: Sign, means: Means) -> Mend:
    now = prepend_path_command(means.shell, sign.paths[0])
    return Mend(commands=(now, f"{means.own} path --install"))


def _first_on_path(sign: Sign, means: Means) -> Mend:
    folder = sign.paths[0].parent
    return Mend(commands=(prepend_path_command(means.shell, folder),), permanent=False)


def _other_python(sign: Sign, means: Means) -> Mend:
    if sign.python is None:
        return Mend(permanent=False)
    return Mend(commands=(prepend_path_command(means.shell, sign.python),), permanent=False)


def _spell_path_out(sign: Sign, means: Means) -> Mend:
    return Mend(commands=(set_command(means.shell, "PATH", sign.detail),), permanent=False)


def _renew_functions(_sign: Sign, means: Means) -> Mend:
    return Mend(commands=(f"{means.own} init --install",))


def _make_anew(sign: Sign, means: Means) -> Mend:
    path = sign.paths[0]
    python = sign.python or means.python
    if python is None:
        return Mend()
    aside = path.with_name(f"{path.name}.broken")
    return Mend(commands=(means.words("mv", path, aside), means.run(python, "-m", "venv", path)))


def _move_in(sign: Sign, means: Means) -> Mend:
    """Make the scripts of a moved environment anew; what is installed stays."""
    path = sign.paths[0]
    python = sign.python or means.python
    if python is None:
        return Mend()
    inside = path / "bin" / "python"
    # The activate scripts are written anew only where there are none.
    scripts = [path / "bin" / f"activate{end}" for end in ("", ".csh", ".fish")]
    words = ("install", "--force-reinstall", "--no-deps", "pip")
    return Mend(
        commands=(
            means.words("rm", "-f", *scripts),
            means.run(python, "-m", "venv", "--without-pip", path),
            means.pip_of(inside, *words),
        )
    )


def _elsewhere(sign: Sign, means: Means) -> Mend:
    """An environment for this project where programs may be run."""
    path = sign.paths[0]
    python = sign.python or means.python
    if python is None or means.home is None:
        return Mend()
    other = means.home / ".venvs" / path.parent.name
    return Mend(
        commands=(
            means.words("mv", path, path.with_name(f"{path.name}.no-exec")),
            means.run(python, "-m", "venv", other),
        )
    )


def _untrack(sign: Sign, means: Means) -> Mend:
    path = sign.paths[0]
    ignore = quote(means.shell, str(path.parent / ".gitignore"))
    return Mend(
        commands=(
            means.words("git", "-C", path.parent, "rm", "-r", "-q", "--cached", path.name),
            f"echo {quote(means.shell, path.name + '/')} >> {ignore}",
        )
    )


def _reinstall_by_pipx(sign: Sign, means: Means) -> Mend:
    names = sign.name.split()
    pipx = sign.python
    if pipx is None:
        return Mend(commands=(means.words("rm", "-rf", *sign.paths),))
    python = () if means.python is None else ("--python", means.python)
    return Mend(commands=tuple(means.run(pipx, "reinstall", *python, name) for name in names))


def _reinstall_by_uv(sign: Sign, means: Means) -> Mend:
    if sign.python is None:
        return Mend(commands=(means.words("rm", "-rf", *sign.paths),))
    more = [word for name in sign.detail.split() for word in ("--with", name)]
    words = ("tool", "install", "--reinstall", sign.name, *more)
    return Mend(commands=(means.run(sign.python, *words),))


def _let_go_of_name(sign: Sign, means: Means) -> Mend:
    if means.shell is Shell.FISH:
        return Mend(commands=(f"functions --erase {sign.name}",), permanent=False)
    word = "unalias" if sign.version == "alias" else "unset -f"
    return Mend(commands=(f"{word} {sign.name}",), permanent=False)


def _forget_environment(sign: Sign, means: Means) -> Mend:
    return Mend(commands=(unset_command(means.shell, sign.name),), permanent=False)


_MENDS: Mapping[Ailment, Callable[[Sign, Means], Mend]] = {
    Ailment.OTHER_PYTHON: _other_python,
    Ailment.PIP_ALIAS: _edit,
    Ailment.FOREIGN_FILES: _give,
    Ailment.FOREIGN_ENVIRONMENT: _leave,
    Ailment.NOT_WRITABLE: _open,
    Ailment.IMMUTABLE: _unlock,
    Ailment.READ_ONLY: _nothing,
    Ailment.DISK_FULL: _purge,
    Ailment.HALF_REMOVED: _remove,
    Ailment.NO_RECORD: _install_anew,
    Ailment.NO_METADATA: _remove,
    Ailment.TWICE: _keep_one,
    Ailment.USER_SITE_SHADOWS: _uninstall,
    Ailment.MODULE_SHADOWS: _rename,
    Ailment.NO_HOME: _set_home,
    Ailment.NO_USER: _nothing,
    Ailment.TMP_UNUSABLE: _unset,
    Ailment.TMP_LIMITED: _own_temporary,
    Ailment.CACHE_UNUSABLE: _open_cache,
    Ailment.SPOILING_VARIABLE: _unset,
    Ailment.SPOILING_SETTING: _edit,
    Ailment.STRICT_SETTING: _nothing,
    Ailment.OFF_PATH: _put_on_path,
    Ailment.SHADOWED_COMMAND: _first_on_path,
    Ailment.TILDE_IN_PATH: _spell_path_out,
    Ailment.OLD_FUNCTIONS: _renew_functions,
    Ailment.OTHER_FUNCTIONS: _renew_functions,
    Ailment.HELD_NAME: _let_go_of_name,
    Ailment.BROKEN_ENVIRONMENT: _make_anew,
    Ailment.MOVED_ENVIRONMENT: _move_in,
    Ailment.NO_EXEC: _elsewhere,
    Ailment.OTHER_MACHINE: _make_anew,
    Ailment.TRACKED_ENVIRONMENT: _untrack,
    Ailment.BROKEN_PIPX: _reinstall_by_pipx,
    Ailment.BROKEN_UV_TOOL: _reinstall_by_uv,
    Ailment.STALE_ENVIRONMENT: _forget_environment,
}
"""One row an ailment; a test holds that none is missing."""
