"""The words about shells, profiles and PATH."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from safepip.model.outcome import ShellWord
from safepip.model.reasons import Reason, because
from safepip.wording.lines import INDENT, joined
from safepip.wording.reasons import shown, words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import PurePath

    from safepip.model.environments import Environment
    from safepip.model.reasons import Why


def held_by_shell(word: ShellWord, name: str, command: str) -> tuple[str, ...]:
    """The shell itself holds *name*; *command* runs what was installed."""
    what = f"{'an' if word is ShellWord.ALIAS else 'a'} {word.value}"
    why = f"`{name}` is {what} in your shell, which comes before your PATH."
    return (f"{why} To run what was installed:", INDENT + command)


def activated(path: object) -> tuple[str, ...]:
    """The shell's function activates what was installed into."""
    return (f"{path} is active in this shell now. To leave it:", f"{INDENT}deactivate")


def next_steps(path: object) -> tuple[str, ...]:
    """The next steps of a job use what was installed into."""
    return (f"The next steps of this job use {path}; this step needs the command above.",)


def each_step() -> tuple[str, ...]:
    """No step of a job inherits what another did to its shell."""
    return ("Each later step of this job needs that command, too.",)


def how_to_load(command: str) -> tuple[str, ...]:
    """What to do with the integration that was just printed."""
    return ("To use it in this shell now:", INDENT + command)


def tell_of_init(own: str) -> tuple[str, ...]:
    """That the shell could do it by itself, said once."""
    return (
        "Your shell can use safepip for every pip, and activate the environment itself:",
        f"{INDENT}{own} init --install",
    )


def profiles_edited(
    changed: Sequence[object],
    unchanged: Sequence[object],
    load: str,
    *,
    at_login: bool = False,
) -> tuple[str, ...]:
    """The integration is in the user's profiles, which are perhaps read *at_login* only."""
    if changed:
        first = f"Added a line to {joined(changed)}."
    else:
        first = f"safepip was already set up in {joined(unchanged)}; refreshed."
    when = "from your next login on" if at_login else "in every new shell"
    return (f"{first} pip runs safepip {when}. To use it in this shell now:", INDENT + load)


def profiles_given_back(changed: Sequence[object]) -> tuple[str, ...]:
    """The integration is out of the user's profiles."""
    return (f"Removed from {joined(changed)}. Shells already open keep it until you close them.",)


def profiles_of_other_shells(
    profiles: Sequence[object], commands: Sequence[str]
) -> tuple[str, ...]:
    """Other shells of the user's have the integration still."""
    first = f"Still set up in {joined(profiles)}. To remove that, too:"
    return (first, *(INDENT + command for command in dict.fromkeys(commands)))


def profiles_as_they_are(profiles: Sequence[object]) -> tuple[str, ...]:
    """Nothing had to be changed in the user's profiles."""
    return (f"Nothing to change in {joined(profiles)}.",)


def line_is_in(changed: Sequence[object], unchanged: Sequence[object]) -> str:
    """That some profiles have our line, where others could not be given it."""
    have = (*changed, *unchanged)
    return f"{joined(have)} {'has' if len(have) == 1 else 'have'} its line" if have else ""


def line_is_out(changed: Sequence[object], _unchanged: Sequence[object]) -> str:
    """That some profiles are rid of our line, where others could not be."""
    return f"it is removed from {joined(changed)}" if changed else ""


class ScriptsDir(NamedTuple):
    """A directory that commands are put into, and whether the shell looks there."""

    path: PurePath
    kinds: tuple[str, ...]
    """What puts them there: ``user``, ``pipx``, ``uv``, ``personal``."""
    exists: bool
    now: bool
    """On PATH in the shell that asks."""
    after_login: bool | None
    """On PATH after the next login; None where the shell gave no answer."""
    mend: str | None
    """The command that makes it so; None where nothing is amiss."""
    remark: Why | None = None


_KINDS = {
    "user": "your user scripts",
    "pipx": "pipx",
    "uv": "uv tools",
    "personal": "a personal environment",
}


def paths(dirs: Sequence[ScriptsDir], problem: Why | None) -> tuple[str, ...]:
    """The state of each scripts dir for a reader; *problem*: why nobody knows about the next login.

    An environment is activated when it is needed: that it is not on PATH is no fault.
    """
    lines = []
    for one in dirs:
        state = _PATH_STATES[one.now, one.after_login]
        if not one.exists:
            state += "; not there yet"
        if one.remark is not None:
            state += f"; {words(one.remark)}"
        lines.append(f"{one.path} ({', '.join(_KINDS[kind] for kind in one.kinds)}): {state}")
        if one.mend is not None:
            lines.append(INDENT + one.mend)
    if problem is not None:
        lines.append(f"Could not ask what your next login will find: {words(problem)}.")
    return tuple(lines)


_PATH_STATES = {
    (True, True): "on PATH, now and after your next login",
    (True, False): "on PATH now, but not on PATH after your next login",
    (True, None): "on PATH now, but not known for your next login",
    (False, True): "not on PATH now, but on PATH after your next login",
    (False, False): "not on PATH",
    (False, None): "not on PATH now, not known for your next login",
}
"""By whether it is on PATH now, and after the next login."""


REGISTRY = "the registry"
NO_ENVIRONMENT = "There is no environment here yet, so your command runs without one."


def no_use(environment: Environment) -> str:
    """Likewise, where the environment that is there is not fit to be used."""
    why = because(
        Reason.UNUSABLE, path=environment.path, detail=environment.detail or environment.state
    )
    return f"{words(why)}. So your command runs without it."


def path_not_added() -> tuple[str, ...]:
    """Nothing was missing."""
    return ("Nothing to do: your next login finds all of them.",)


def path_added(dirs: Sequence[PurePath], files: Sequence[object], command: str) -> tuple[str, ...]:
    """Directories were put on PATH in *files*; *command* does it for the running shell."""
    first = f"Put {joined(dirs)} on your PATH in {joined(files)}, for every new shell."
    return (f"{first} For this one:", INDENT + command)


def path_unchecked(why: Why | None) -> tuple[str, ...]:
    """It was written, and nobody could be asked whether it helps."""
    return (f"Could not check whether new shells have it now: {shown(why)}.",)


def path_removed(files: Sequence[object]) -> tuple[str, ...]:
    """What was taken out again."""
    if not files:
        return ("Nothing to do: no profile has a line from `safepip path`.",)
    return (f"Removed from {joined(files)}.",)
