"""pip's ``show`` and ``uninstall`` of what safepip put elsewhere, or what pip may not remove."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from safepip import console, history, settings, state, userpip
from safepip.destinations import taking_back
from safepip.flow import finding_again
from safepip.machine import home, ownership, package_managers, remembered
from safepip.machine import shell as machine_shell
from safepip.model.decisions import DestinationKind, Strategy
from safepip.model.errors import ConfigError, ExitCode, UnavailableError
from safepip.policy import undoing
from safepip.reading import arguments
from safepip.shells.commands import command_line
from safepip.wording import found_again as wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.flow.finding_again import Found, Reach, Share
    from safepip.model.copies import Python
    from safepip.settings import Settings
    from safepip.userpip import PipTarget


def run(
    words: Sequence[str], options: Mapping[str, str], env: Mapping[str, str], target: PipTarget
) -> int:
    """Run ``show`` or ``uninstall`` as *words* say and return the exit status.

    Raises:
        SafepipError: the place that holds it cannot be used.
    """
    try:
        chosen = settings.merge(options, env)
    except ConfigError:
        # Nothing of ours is needed for what pip was asked.
        return userpip.run(target, words, env)
    index = arguments.command_index(words)
    verb = _Again(words, chosen, env, target)
    if chosen.strategy is Strategy.OFF or index is None:
        return verb.by_pip(words)
    return verb.show() if words[index] == "show" else verb.uninstall()


class _Again:
    """One such command."""

    def __init__(
        self, words: Sequence[str], chosen: Settings, env: Mapping[str, str], target: PipTarget
    ) -> None:
        self.words = words
        self.chosen = chosen
        self.env = env
        self.target = target
        self.console = console.Console(env)
        self.home = home.home_of(env)
        self.shell = machine_shell.user_shell(env)
        self.history = history.read(chosen.state_dir)
        self.names = finding_again.names_of(words)
        self.hands = taking_back.Hands(
            env=env,
            ledger=state.Ledger(chosen.state_dir),
            data_dir=chosen.data_dir,
            console=self.console,
        )

    def by_pip(self, words: Sequence[str]) -> int:
        """Run the user's pip; its status."""
        return userpip.run(self.target, words, self.env)

    def find(self, name: str) -> tuple[Found, ...]:
        """Where diversions put *name*."""
        return finding_again.find(name, self.history, self.chosen, self.env, self.target)

    def python(self) -> Python | None:
        """The Python of the user's pip."""
        try:
            return finding_again.python_of(self.target, self.env)
        except UnavailableError:
            return None

    # show

    def show(self) -> int:
        """Run pip; of what it does not find say where it is."""
        status = self.by_pip(self.words)
        for name in self._missing(status):
            found = self.find(name)
            best = next((one for one in found if one.leads), next(iter(found), None))
            if best is not None:
                line = self._line(best, ("show", best.name))
                entry, place = best.diversion, best.place
                told = wording.is_elsewhere(best.name, entry, place, line, self.home)
                self.console.say((told,))
        return status

    def _missing(self, status: int) -> list[str]:
        names = [name for name, _ in self.names]
        if status == 1:  # none was found
            return names
        python = self.python() if status == 0 and len(names) > 1 else None
        if python is None:
            return []
        return [name for name in names if finding_again.reach(name, python).location is None]

    def _line(self, found: Found, words: Sequence[str]) -> str:
        """The command that runs *words* with the pip of the place that *found* is in."""
        entry = found.diversion
        if entry.kind is DestinationKind.USER:
            return command_line(self.shell, PurePath(entry.pip[0]), (*entry.pip[1:], *words))
        if entry.kind is DestinationKind.PIPX and words[0] == "uninstall":
            # By its pip alone the environment would stay, and links that lead nowhere.
            argv = taking_back.pipx_uninstall(self.env, self.chosen.data_dir, found.place.name)
            return command_line(self.shell, PurePath(argv[0]), argv[1:])
        python = found.place / userpip.SCRIPTS / "python"
        if finding_again.has_pip(found.place):
            return command_line(self.shell, python, ("-m", "pip", *words))
        pip = self.target.argv
        more = (*pip[1:], "--python", str(python), *words)
        return command_line(self.shell, PurePath(pip[0]), more)

    # uninstall

    def uninstall(self) -> int:
        """Remove what is asked for: by pip, what pip has, and where safepip put it, the rest."""
        wanted = finding_again.wanted(self.words, self.env)
        python = None if wanted is None else self.python()
        if python is None or wanted is None:
            return self.by_pip(self.words)
        reach = {name: finding_again.reach(name, python) for name in wanted}
        found = finding_again.led(reach, python, self.history, self.chosen, self.env, self.target)
        several = {name: some for name, some in found.items() if len(some) > 1}
        if several:
            return self._refuse(several)
        shares, by_pip = finding_again.shares(self.words, reach, found)
        status = 0
        if by_pip is not None:
            status = self.by_pip(by_pip)
            if status > 0:
                names = [name for name, _ in finding_again.names_of(by_pip)]
                self._explain({name: reach[name] for name in names}, python)
        for share in shares:
            if status == 0:
                status = self._uninstall_there(share)
        return status

    def _refuse(self, several: Mapping[str, Sequence[Found]]) -> int:
        for name, some in several.items():
            listed = [
                (one.diversion, one.place, self._line(one, ("uninstall", one.name))) for one in some
            ]
            self.console.complain(wording.several(name, listed, self.home))
        return int(ExitCode.REFUSED)

    def _uninstall_there(self, share: Share) -> int:
        first = share.found[0]
        entry, place = first.diversion, first.place
        names = tuple(dict.fromkeys(one.name for one in share.found))
        self.console.say((wording.removing(names, entry, place, self.home),))
        if entry.kind is DestinationKind.PIPX:
            status = self._by_pipx(first)
        else:
            with self.hands.ledger.lock(Path(place)):
                status = self.hands.run([*taking_back.pip_of(entry), *share.words])
        # Undone is what nothing is left of, however it went.
        for one in {found.diversion.number: found.diversion for found in share.found}.values():
            if status == 0 and undoing.plan(one, *remembered.look(one)).is_over:
                history.mark_undone(self.chosen.state_dir, one.number)
        return status

    def _by_pipx(self, found: Found) -> int:
        agreed = {"-y", "--yes"} & set(self.words) or self.env.get("PIP_YES")
        if not agreed:
            lines = wording.would_remove(found.name, found.version, found.place, self.home)
            self.console.complain(lines)
            if not console.agreed("Proceed", default=True):
                return 0  # as pip
        return taking_back.uninstall_by_pipx(found.place.name, self.hands)

    def _explain(self, reach: Mapping[str, Reach], python: Python) -> None:
        """Say whose it is what pip was not allowed to remove."""
        for name, how in reach.items():
            if how.may_touch or how.location is None or how.metadata is None:
                continue
            package = package_managers.owner_package(how.metadata, self.env)
            owner = ownership.owner_of(how.location)
            if package is not None:
                by = (package.manager, package.name)
                line = " ".join(package.remove)
                lines = wording.not_ours(name, how.location, owner, by, line)
            elif python.marker is not None:
                # Whoever put it there overrode the protection; to advise that would be wrong.
                line = command_line(self.shell, python.executable, ("-m", "venv", ".venv"))
                lines = wording.protected(name, how.location, owner, line)
            else:
                words = ("-m", "pip", "uninstall", name)
                line = f"sudo {command_line(self.shell, python.executable, words)}"
                lines = wording.not_ours(name, how.location, owner, None, line)
            self.console.complain(lines)
