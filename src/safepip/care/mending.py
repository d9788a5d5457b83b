"""The mend of each ailment, in commands for the user's shell: one row a kind.

Nothing here is ever run by safepip. ``sudo`` stands only where the files are another user's or
locked by the administrator, and never for what belongs to the system.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from safepip.model.health import Ailment, Finding, Mend, Sign
from safepip.shells import commands
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
        return " ".join(commands.quote(self.shell, str(word)) for word in words)

    def run(self, program: PurePath, *words: object) -> str:
        """The command that runs *program*, wherever it lies, with *words*."""
        return f"{commands.run_command(self.shell, program)} {self.words(*words)}"

    def pip_of(self, python: PurePath | None, *words: object) -> str:
        """The command that runs the pip of *python*."""
        program = python or self.python
        if program is None:
            return self.words("pip", *words)
        return self.run(program, "-m", "pip", *words)

    def set(self, name: str, value: object) -> str:
        """The command that sets a variable."""
        return commands.set_command(self.shell, name, str(value))

    def unset(self, name: str) -> str:
        """The command that takes a variable out."""
        return commands.unset_command(self.shell, name)

    def put_first(self, folder: PurePath) -> str:
        """The command that puts *folder* first on PATH."""
        return commands.prepend_path_command(self.shell, folder)


def findings(signs: tuple[Sign, ...], means: Means) -> tuple[Finding, ...]:
    """*signs* with their mends; what needs action comes first."""
    found = [
        Finding(one, _MENDS[one.ailment](one, means), one.ailment not in NOTES) for one in signs
    ]
    return tuple(sorted(found, key=lambda one: not one.needs_action))


NOTES = frozenset({
    Ailment.STRICT_SETTING, Ailment.SHADOWED_COMMAND, Ailment.NO_USER, Ailment.TMP_LIMITED,
    Ailment.PIP_ALIAS, Ailment.HELD_NAME, Ailment.OTHER_FUNCTIONS, Ailment.TRACKED_ENVIRONMENT,
})  # fmt: skip
"""They may be as somebody wants them; the status of ``doctor`` does not count them."""


def _for_good(*commands: str) -> Mend:
    return Mend(commands=commands)


def _for_now(*commands: str) -> Mend:
    return Mend(commands=commands, permanent=False)


def _give(sign: Sign, means: Means) -> Mend:
    user = "" if means.user_variable else means.user
    return _for_good(commands.chown_command(means.shell, user, *sign.paths))


def _open(sign: Sign, means: Means) -> Mend:
    return _for_good(means.words("chmod", "-R", "u+rwX", *sign.paths))


def _remove(sign: Sign, means: Means) -> Mend:
    return _for_good(means.words("rm", "-rf", *sign.paths))


def _install_anew(sign: Sign, means: Means, how: str = "--ignore-installed") -> Mend:
    pin = f"{sign.name}=={sign.version}"
    return _for_good(means.pip_of(sign.python, "install", how, "--no-deps", pin))


def _keep_one(sign: Sign, means: Means) -> Mend:
    anew = _install_anew(sign, means, "--force-reinstall")
    return _for_good(*_remove(sign, means).commands, *anew.commands)


def _rename(sign: Sign, means: Means) -> Mend:
    file = sign.paths[0]
    return _for_good(means.words("mv", file, file.with_name(f"my_{file.name}")))


def new_home(temporary: PurePath | None, user: str) -> PurePath | None:
    """What *user*, who has no home, can take for one; None where there is no *temporary* folder."""
    return None if temporary is None else temporary / f"home-{user}"


def _set_home(sign: Sign, means: Means) -> Mend:
    if sign.paths:
        return _for_now(means.set("HOME", sign.paths[0]))
    home = new_home(means.temporary, means.user)
    if home is None:
        return _for_now()
    return _for_now(means.words("mkdir", "-p", "-m", "700", home), means.set("HOME", home))


def _own_temporary(_sign: Sign, means: Means) -> Mend:
    if means.home is None:
        return _for_now()
    folder = means.home / ".cache" / "tmp"
    return _for_now(means.words("mkdir", "-p", folder), means.set("TMPDIR", folder))


def _unset(sign: Sign, means: Means) -> Mend:
    return Mend((means.unset(sign.name), *_cut(sign, means).commands), permanent=bool(sign.line))


def _cut(sign: Sign, means: Means) -> Mend:
    """Take the line of *sign* out of its file, and keep a copy of that."""
    if not sign.line:
        return Mend()
    file = sign.paths[0]
    sudo = () if file in means.writable else ("sudo",)
    # With the ending in the same word, which GNU's sed and BSD's both know.
    return _for_good(means.words(*sudo, "sed", "-i.bak", f"{sign.line}d", file))


def _make_anew(sign: Sign, means: Means) -> Mend:
    path, python = sign.paths[0], sign.python or means.python
    if python is None:
        return Mend()
    aside = path.with_name(f"{path.name}.broken")
    return _for_good(means.words("mv", path, aside), means.run(python, "-m", "venv", path))


def _move_in(sign: Sign, means: Means) -> Mend:
    """Make the scripts of a moved environment anew; what is installed stays."""
    path, python = sign.paths[0], sign.python or means.python
    if python is None:
        return Mend()
    # The activate scripts are written anew only where there are none.
    scripts = [path / "bin" / f"activate{end}" for end in ("", ".csh", ".fish")]
    return _for_good(
        means.words("rm", "-f", *scripts),
        means.run(python, "-m", "venv", "--without-pip", path),
        means.pip_of(path / "bin/python", "install", "--force-reinstall", "--no-deps", "pip"),
    )


def _elsewhere(sign: Sign, means: Means) -> Mend:
    """An environment for this project where programs may be run, if that is so at home."""
    path, python = sign.paths[0], sign.python or means.python
    if python is None or means.home is None or sign.detail == "home":
        return Mend()
    aside = path.with_name(f"{path.name}.no-exec")
    other = means.home / ".venvs" / path.parent.name
    return _for_good(means.words("mv", path, aside), means.run(python, "-m", "venv", other))


def _untrack(sign: Sign, means: Means) -> Mend:
    path = sign.paths[0]
    return _for_good(
        means.words("git", "-C", path.parent, "rm", "-r", "-q", "--cached", path.name),
        f"echo {means.words(path.name + '/')} >> {means.words(path.parent / '.gitignore')}",
    )


def _reinstall_by_pipx(sign: Sign, means: Means) -> Mend:
    pipx = sign.python
    if pipx is None:
        again = (means.words("--strategy", "pipx", "install", one) for one in sign.name.split())
        return _for_good(*(f"{means.own} {words}" for words in again))
    python = () if means.python is None else ("--python", means.python)
    return _for_good(*(means.run(pipx, "reinstall", *python, one) for one in sign.name.split()))


def _reinstall_by_uv(sign: Sign, means: Means) -> Mend:
    if sign.python is None:
        return _remove(sign, means)
    more = [word for name in sign.detail.split() for word in ("--with", name)]
    return _for_good(means.run(sign.python, "tool", "install", "--reinstall", sign.name, *more))


def _let_go_of_name(sign: Sign, means: Means) -> Mend:
    word = "unalias" if sign.version == "alias" else "unset -f"
    if means.shell is Shell.FISH:
        word = "functions --erase"
    return _for_now(f"{word} {sign.name}")


_MENDS: Mapping[Ailment, Callable[[Sign, Means], Mend]] = {
    Ailment.OTHER_PYTHON: lambda sign, means: (
        _for_now() if sign.python is None else _for_now(means.put_first(sign.python))
    ),
    Ailment.PIP_ALIAS: _cut,
    Ailment.FOREIGN_FILES: _give,
    Ailment.FOREIGN_ENVIRONMENT: lambda _, means: _for_now(means.unset("VIRTUAL_ENV")),
    Ailment.NOT_WRITABLE: _open,
    Ailment.IMMUTABLE: lambda sign, means: _for_good(
        means.words("sudo", "chattr", "-R", "-i", *sign.paths)
    ),
    Ailment.READ_ONLY: lambda _, __: _for_now(),
    Ailment.DISK_FULL: lambda _, means: _for_now(means.pip_of(None, "cache", "purge")),
    Ailment.HALF_REMOVED: _remove,
    Ailment.NO_RECORD: _install_anew,
    Ailment.NO_METADATA: _remove,
    Ailment.TWICE: _keep_one,
    Ailment.USER_SITE_SHADOWS: lambda sign, means: _for_good(
        means.pip_of(sign.python, "uninstall", "--yes", *sign.name.split())
    ),
    Ailment.MODULE_SHADOWS: _rename,
    Ailment.NO_HOME: _set_home,
    Ailment.NO_USER: lambda _, __: _for_now(),
    Ailment.TMP_UNUSABLE: _unset,
    Ailment.TMP_LIMITED: _own_temporary,
    Ailment.CACHE_UNUSABLE: lambda sign, means: (
        _for_now(means.unset(sign.name)) if sign.name else _open(sign, means)
    ),
    Ailment.SPOILING_VARIABLE: _unset,
    Ailment.SPOILING_SETTING: _cut,
    Ailment.STRICT_SETTING: lambda _, __: _for_now(),
    Ailment.OFF_PATH: lambda sign, means: _for_good(
        means.put_first(sign.paths[0]), f"{means.own} path --install"
    ),
    Ailment.SHADOWED_COMMAND: lambda sign, means: _for_now(means.put_first(sign.paths[0].parent)),
    Ailment.TILDE_IN_PATH: lambda sign, means: _for_now(means.set("PATH", sign.detail)),
    Ailment.OLD_FUNCTIONS: lambda _, means: _for_good(f"{means.own} init --install"),
    Ailment.OTHER_FUNCTIONS: lambda _, means: _for_good(f"{means.own} init --install"),
    Ailment.HELD_NAME: _let_go_of_name,
    Ailment.BROKEN_ENVIRONMENT: _make_anew,
    Ailment.MOVED_ENVIRONMENT: _move_in,
    Ailment.NO_EXEC: _elsewhere,
    Ailment.OTHER_MACHINE: _make_anew,
    Ailment.TRACKED_ENVIRONMENT: _untrack,
    Ailment.BROKEN_PIPX: _reinstall_by_pipx,
    Ailment.BROKEN_UV_TOOL: _reinstall_by_uv,
    Ailment.STALE_ENVIRONMENT: lambda sign, means: _for_now(means.unset(sign.name)),
}
"""One row an ailment; a test holds that none is missing."""
