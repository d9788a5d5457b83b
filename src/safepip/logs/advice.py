"""How to mend what a log of pip's shows, in commands for the system that the log comes from.

Pure. No advice ever needs the administrator's rights to be carried out; where only they help, it
says so.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from safepip.logs.clues import system_in
from safepip.model.requests import RequirementKind
from safepip.model.triggers import TriggerName
from safepip.reading import paths
from safepip.reading.paths import System

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safepip.logs.evidence import Asked, Evidence
    from safepip.logs.failures import Failure


class Advice(NamedTuple):
    """One thing to do."""

    what: str
    command: str | None = None
    """To paste into the shell of the system that the log comes from."""
    permanent: bool = False
    """It mends the cause; otherwise it helps this once."""


def filled_in(sentence: str, groups: Sequence[str]) -> str:
    """*sentence* with the groups of a pattern; those that match nothing are left out."""
    told = [group for group in groups if group]
    for number, group in enumerate(groups, start=1):
        sentence = sentence.replace(f"{{{number}}}", group or (told[0] if told else "?"))
    return sentence


class Mender:
    """Writes commands for the system that the log comes from."""

    def __init__(self, evidence: Evidence, path: str | None) -> None:
        self._asked = evidence.asked
        self._evidence = evidence
        self._path = path
        clues = evidence.clues
        self._system = system_in(path, clues)
        windows = self._system is System.WINDOWS
        self._python = _python(evidence.asked, windows=windows)
        command = None if evidence.asked is None else evidence.asked.command
        if (
            evidence.asked is not None
            and command is not None
            and command.name in {"install", "download", "wheel"}
        ):
            self._words = evidence.asked.words
        else:
            self._words = ("install", *(clues.requested or ("NAME",)))

    # Commands

    def _line(self, *words: str) -> str:
        if self._system is not System.WINDOWS:
            return shlex.join(words)
        return " ".join(
            f'"{word}"' if set(word) & set(" &|<>()^;,@{}") and '"' not in word else word
            for word in words
        )

    @property
    def pip(self) -> str:
        """How pip is run."""
        return self._line(self._python, "-m", "pip")

    @property
    def words(self) -> str:
        """The install, without the program."""
        return self._line(*self._words)

    def venv(self, *words: str) -> str:
        """Make a virtual environment and install into it."""
        words = words or self._words
        make = self._line(self._python, "-m", "venv", ".venv")
        if self._system is System.WINDOWS:
            # cmd knows no semicolon, PowerShell before 7 no &&.
            then = " && " if self._evidence.clues.cmd else "; "
            return make + then + self._line(r".venv\Scripts\python", "-m", "pip", *words)
        return f"{make} && {self._line('.venv/bin/python', '-m', 'pip', *words)}"

    def _pipx(self) -> str | None:
        """The install by pipx, if what was asked for may be an application."""
        asked = self._asked
        if asked is None or asked.command.name != "install":
            return None
        plain = {"--user", "--upgrade", "--break-system-packages", "--quiet", "--verbose"}
        requirements = asked.command.requirements
        if not requirements or any(o.name not in plain for o in asked.command.options):
            return None
        if any(r.kind is not RequirementKind.NAMED for r in requirements):
            return None
        return self._line("pipx", "install", *(r.text for r in requirements))

    # Advice

    def advise(self, trigger: TriggerName) -> tuple[Advice, ...]:
        """What helps against *trigger*."""
        asked = self._asked
        name = None if asked is None else asked.command.name
        environment = Advice(
            what="install into a virtual environment, which is yours", command=self.venv()
        )
        if trigger is TriggerName.VIRTUALENV_REQUIRED and name != "uninstall":
            if asked is not None and asked.command.has("--require-virtualenv"):
                return (environment,)
            return (environment, self._unset("require-virtualenv", "PIP_REQUIRE_VIRTUALENV"))
        if name not in {"install", None}:
            return self._other_command(str(name))
        if asked is not None and asked.chosen_place is not None:
            return self.without_place()
        if asked is not None and asked.pip_alone:
            return (
                Advice(
                    what="an environment of yours has a pip that you may upgrade",
                    command=self.venv(),
                ),
                Advice(
                    what="this Python's own pip is the administrator's, or the package manager's, "
                    "to upgrade",
                    permanent=True,
                ),
            )
        if self._evidence.is_dry_run:
            return (
                Advice(
                    what="see where safepip would put it, and why; it writes nothing either",
                    command=self._line("safepip", "plan", *self._words),
                ),
            )
        if trigger is TriggerName.USER_SITE_UNAVAILABLE:
            return (
                Advice(
                    what="overrule the setting this once",
                    command=self._line(
                        self._python, "-m", "pip", *_behind_install(self._words, "--no-user")
                    ),
                ),
                self._unset("user", "PIP_USER"),
            )
        return self._denied(trigger, environment)

    def _denied(self, trigger: TriggerName, environment: Advice) -> tuple[Advice, ...]:
        path = self._path
        pipx = self._pipx()
        second = Advice(
            what="or let safepip find the place", command=self._line("safepip", *self._words)
        )
        if trigger is TriggerName.EXTERNALLY_MANAGED and pipx is not None:
            second = Advice(what="if it is an application, let pipx keep it apart", command=pipx)
        if path is not None and paths.is_user_place(path):
            last = Advice(
                what="ask the administrator to make you the owner of that directory again; most "
                "likely a pip with the administrator's rights left it",
                permanent=True,
            )
        elif self._evidence.why_not is not None:
            last = Advice(
                what="see which setting names that place, and take it out",
                command=f"{self.pip} config list",
                permanent=True,
            )
        else:
            last = Advice(
                what="let safepip stand in for pip in your shell",
                command=self._init(),
                permanent=True,
            )
        return (environment, second, last)

    def _init(self) -> str:
        shells = {System.WINDOWS: "powershell", System.MACOS: "zsh", System.POSIX: "bash"}
        return f"safepip init {shells[self._system]} --install"

    def _unset(self, key: str, variable: str) -> Advice:
        return Advice(
            what=f"if the rule is not wanted, take it out of pip's settings (or unset {variable})",
            command=f"{self.pip} config unset global.{key}",
            permanent=True,
        )

    def without_place(self) -> tuple[Advice, ...]:
        """What helps where the command itself names the place."""
        chosen = "--user" if self._asked is None else self._asked.chosen_place
        advice = [
            Advice(
                what=f"leave {chosen} out and let safepip find a place",
                command=self._line("safepip", *self._words),
            ),
            Advice(
                what="or install into a virtual environment, which is yours", command=self.venv()
            ),
        ]
        if chosen in {"--target", "--prefix", "--root"}:
            advice.append(Advice(what=f"or name a directory of yours behind {chosen}"))
        return tuple(advice)

    def _other_command(self, name: str) -> tuple[Advice, ...]:
        if name == "uninstall":
            return (
                Advice(
                    what="see which copy lies where, and what installed it", command="pip list -v"
                ),
                Advice(
                    what="what the administrator or the package manager installed is theirs to "
                    "remove; a virtual environment need not see it",
                    permanent=True,
                ),
            )
        if name in {"download", "wheel"}:
            option = "--dest" if name == "download" else "--wheel-dir"
            return (Advice(what=f"name a directory of yours behind {option}"),)
        return ()

    def mend(self, failure: Failure, groups: tuple[str, ...]) -> tuple[Advice, ...]:
        """What helps against a failure that is no trigger."""
        if self._evidence.command_name in {"download", "wheel"} and failure.name == "not-ours":
            return self._other_command(str(self._evidence.command_name))
        name = next((g for g in groups if g), "NAME")
        filled = {
            "pip": self.pip,
            "words": self.words,
            "venv": self.venv(),
            "newer": self.venv("install", "--upgrade", "pip"),
            "name": self._line(name.partition("=")[0].rstrip("<>!~")),
        }
        return tuple(
            Advice(
                what=filled_in(what, groups),
                command=None if command is None else _substitute(command, filled),
                permanent=permanent,
            )
            for what, command, permanent in failure.mend
        )


def _substitute(command: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        command = command.replace(f"{{{name}}}", value)
    return command


def _behind_install(words: tuple[str, ...], option: str) -> tuple[str, ...]:
    at = words.index("install") + 1 if "install" in words else len(words)
    return (*words[:at], option, *words[at:])


def _python(asked: Asked | None, *, windows: bool) -> str:
    if asked is not None and asked.python is not None:
        return asked.python
    return "py" if windows else "python3"
