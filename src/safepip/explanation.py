"""What a log of pip's means: what happened, what safepip would have done, how to mend it.

Pure: a sighting, the clues beside it and the command go in, an ``Explanation`` comes out. No
advice ever needs the administrator's rights to be carried out; where only they help, it says so.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from safepip import pathshapes
from safepip.failures import Clues, system_in
from safepip.logtext import readable
from safepip.model import RequirementKind, TriggerName
from safepip.pathshapes import System

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safepip.failures import Failure
    from safepip.model import PipCommand, Sighting

_INDENT = "    "


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One thing to do."""

    what: str
    command: str | None = None
    """To paste into the shell of the system that the log comes from."""
    permanent: bool = False
    """It mends the cause; otherwise it helps this once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a log of pip's means."""

    trigger: TriggerName | None
    line: str | None
    path: str | None
    would_divert: bool
    what: str
    """What happened."""
    verdict: str
    """Why safepip would have diverted the install, or would not."""
    advice: tuple[Advice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The command that the log is about."""

    command: PipCommand
    chosen_place: str | None
    """The option by which it names the place itself (``policy.chosen_place``)."""
    pip_alone: bool
    """It is to bring nothing but pip (``policy.is_pip_alone``)."""
    words: tuple[str, ...]
    """The same without what names a place and without ``--dry-run``."""
    python: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything a log shows."""

    sighting: Sighting | None
    clues: Clues = field(default_factory=Clues)
    said_default: bool = False
    """pip said that it defaults to the user site."""
    asked: Asked | None = None


def explain(evidence: Evidence) -> Explanation:
    """Explain what the log shows."""
    sighting, asked = evidence.sighting, evidence.asked
    if sighting is None:
        return _without_trigger(evidence)
    path = None if sighting.path is None else readable(sighting.path)
    why_not = _why_not(evidence)
    if (
        sighting.trigger is TriggerName.USER_SITE_UNAVAILABLE
        and asked is not None
        and asked.command.has("--user")
    ):
        # The trigger is a --user that nobody typed.
        return Explanation(
            trigger=None,
            line=readable(sighting.line),
            path=None,
            would_divert=False,
            what="pip refused --user: there is no user site that this Python would look into",
            verdict="safepip would not have diverted it: --user on the command line names the "
            "place",
            advice=_Mender(evidence, None).without_place(),
        )
    return Explanation(
        trigger=sighting.trigger,
        line=readable(sighting.line),
        path=path,
        would_divert=why_not is None,
        what=_what(sighting.trigger, path, evidence),
        verdict=f"safepip would not have diverted it: {why_not}"
        if why_not is not None
        else _verdict(sighting),
        advice=_Mender(evidence, path).advise(sighting.trigger),
    )


def as_json(explanation: Explanation) -> dict[str, object]:
    """The explanation as the ``data`` of ``--json``."""
    trigger = explanation.trigger
    return {
        "trigger": None if trigger is None else trigger.value,
        "line": explanation.line,
        "path": explanation.path,
        "would_divert": explanation.would_divert,
        "why": f"{explanation.what}; {explanation.verdict}",
        "advice": [
            {"what": a.what, "command": a.command, "permanent": a.permanent}
            for a in explanation.advice
        ],
    }


def as_lines(explanation: Explanation) -> tuple[str, ...]:
    """The explanation for a reader."""
    lines = [explanation.what, explanation.verdict]
    if explanation.trigger is None and explanation.line:
        lines.insert(1, f"the line that says so: {explanation.line[:300]}")
    for advice in explanation.advice:
        what = f"{'for good' if advice.permanent else 'for now'}: {advice.what}"
        lines += [f"{what}:", _INDENT + advice.command] if advice.command else [what]
    return tuple(lines)


# What happened


def _what(trigger: TriggerName, path: str | None, evidence: Evidence) -> str:
    place = path or "the place it installs to"
    if trigger is TriggerName.DEFAULT_TO_USER:
        if _is_dry_run(evidence):
            return (
                "pip may not write to this Python's own packages and would install into the user "
                "site instead; this was a dry run, so nothing was written"
            )
        return (
            "pip may not write to this Python's own packages, so it installed into the user site "
            "(below your home) by itself"
        )
    if trigger is TriggerName.EXTERNALLY_MANAGED:
        return (
            "this Python belongs to the operating system's package manager (PEP 668, externally "
            "managed), so pip refused to change it"
        )
    if trigger is TriggerName.VIRTUALENV_REQUIRED:
        return (
            "pip's settings require a virtual environment (require-virtualenv, "
            "PIP_REQUIRE_VIRTUALENV) and none was active"
        )
    if trigger is TriggerName.USER_SITE_UNAVAILABLE:
        return (
            "pip was told to use --user (by its settings or PIP_USER), which is not possible for "
            "this Python"
        )
    verb = "remove" if _command_name(evidence) == "uninstall" else "write"
    if trigger is TriggerName.READ_ONLY:
        return f"pip could not {verb} {place}: it is on a file system mounted read-only"
    if path is not None and not pathshapes.is_absolute(path):
        verb = "remove"  # a bare name: it went in to delete an old version, file by file
    return f"pip was not allowed to {verb} {place}{_kind_of_place(path, evidence)}"


def _kind_of_place(path: str | None, evidence: Evidence) -> str:
    if path is None:
        return ""
    if not pathshapes.is_absolute(path):
        return ", a file of an installed version that belongs to somebody else"
    if pathshapes.is_user_place(path):
        return ", part of your own user site, which belongs to somebody else"
    if pathshapes.is_in_virtual_environment(path):
        return ", part of a virtual environment that is not yours to change"
    if pathshapes.is_site(path):
        return ", part of a Python that is not yours to change"
    if pathshapes.is_install_place(path):
        return ", which belongs to somebody else"
    if evidence.said_default:
        return ", where it went to install into your user site"
    return ", the place it was told to install to"


def _verdict(sighting: Sighting) -> str:
    trigger = sighting.trigger
    if trigger is TriggerName.DEFAULT_TO_USER:
        return (
            "safepip would have stepped in before that: your project's environment, pipx for an "
            "application, else the user site, and you are told which"
        )
    if trigger is TriggerName.USER_SITE_UNAVAILABLE:
        return (
            "safepip would have diverted it to a place that works, unless --user was typed on the "
            "command line"
        )
    if "[WinError 5]" in sighting.line:
        return (
            "safepip would have diverted it, once it had seen that the place really is closed: "
            "Windows says the same of a file that is in use"
        )
    return (
        "safepip would have diverted it: your project's environment, pipx for an application, or "
        "another place of yours"
    )


def _command_name(evidence: Evidence) -> str | None:
    return None if evidence.asked is None else evidence.asked.command.name


def _is_dry_run(evidence: Evidence) -> bool:
    if evidence.asked is not None and evidence.asked.command.has("--dry-run"):
        return True
    return evidence.clues.would_install


def _why_not(evidence: Evidence) -> str | None:
    """Why safepip would have left pip to it; None if it would have diverted."""
    asked, sighting = evidence.asked, evidence.sighting
    if asked is not None and asked.command.name not in {"install", None}:
        return f"only an install is ever diverted, and this was `pip {asked.command.name}`"
    if asked is not None and asked.chosen_place is not None:
        return f"{asked.chosen_place} on the command line names the place"
    if _is_dry_run(evidence):
        return "a dry run installs nothing"
    if asked is not None and asked.command.has("--download"):
        return "with --download nothing is installed"
    if asked is not None and asked.pip_alone:
        return "an upgrade of pip alone stays where it is: a new pip elsewhere would not serve it"
    path = None if sighting is None else sighting.path
    # Where pip defaulted to the user site, the place follows from HOME and can look like anything.
    if path is not None and not evidence.said_default and not _is_of_a_scheme(path):
        return (
            "that place is none of Python's own, so an option or setting (--target, --prefix, "
            "--root) named it"
        )
    return None


def _is_of_a_scheme(path: str) -> bool:
    """Whether *path* may be one that a Python installs to by itself."""
    if not pathshapes.is_absolute(path):
        return True
    inner, uninstalled = pathshapes.before_uninstall(path)
    return uninstalled or pathshapes.is_in_prefix(inner or path)


# No trigger


def _without_trigger(evidence: Evidence) -> Explanation:
    clues, asked = evidence.clues, evidence.asked
    worst = clues.worst()
    if worst is not None:
        return _failed(evidence, *worst)
    harmless = clues.worst(harmless=True)
    line = None
    advice: tuple[Advice, ...] = ()
    if clues.succeeded or clues.would_install:
        what = "pip did what it was asked"
        verdict = "there was nothing to divert"
    elif clues.satisfied:
        what = "everything asked for was installed already"
        if evidence.said_default:
            what += "; pip would have used the user site, had anything been missing"
        verdict = "there was nothing to divert"
    elif asked is not None and asked.command.quiet:
        what = (
            "no denied install was found, but -q hides most of what pip says, also that it goes to "
            "the user site"
        )
        verdict = "whether safepip would have diverted it, this log does not tell"
        advice = (Advice(what="run it again without -q, or give safepip the command itself"),)
    elif asked is not None and asked.command.name not in {"install", None}:
        what = f"no denied install was found: this was `pip {asked.command.name}`"
        verdict = "safepip would not have diverted it: only an install is ever diverted"
    else:
        what = "no denied install was found in this log"
        verdict = "safepip would have left pip to it, as far as this log tells"
        advice = (
            Advice(
                what="if it does end in an error, explain the whole output, stderr included",
                command="pip install NAME 2>&1 | safepip explain",
            ),
        )
    if harmless is not None:
        failure, line, groups = harmless
        what += f"; {_filled(failure.says, groups)}"
        if clues.succeeded or clues.satisfied or failure.mend:
            advice = _Mender(evidence, None).mend(failure, groups)
    return Explanation(
        trigger=None,
        line=line,
        path=None,
        would_divert=False,
        what=what,
        verdict=verdict,
        advice=advice or (Advice(what="there is nothing to mend"),),
    )


def _failed(
    evidence: Evidence, failure: Failure, line: str, groups: tuple[str, ...]
) -> Explanation:
    what = _filled(failure.says, groups)
    path = None
    if failure.path is not None:
        path = groups[failure.path - 1] or None
    inside = evidence.clues.denied_inside
    if failure.name == "build" and inside is not None:
        what += f"; the build itself may not write to {inside}"
        path = inside
    verdict = "safepip would not have diverted it: installing elsewhere would not have helped"
    if failure.name in {"not-ours", "settings-not-written"} and _command_name(evidence) not in {
        None,
        "install",
    }:
        verdict = f"safepip would not have diverted it: {_why_not(evidence)}"
    return Explanation(
        trigger=None,
        line=line,
        path=path,
        would_divert=False,
        what=what if what.startswith("pip ") else f"pip failed: {what}",
        verdict=verdict,
        advice=_Mender(evidence, path).mend(failure, groups),
    )


def _filled(sentence: str, groups: Sequence[str]) -> str:
    """*sentence* with the groups of a pattern; those that match nothing are left out."""
    told = [group for group in groups if group]
    for number, group in enumerate(groups, start=1):
        sentence = sentence.replace(f"{{{number}}}", group or (told[0] if told else "?"))
    return sentence


# How to mend it


class _Mender:
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
        if _is_dry_run(self._evidence):
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
        if path is not None and pathshapes.is_user_place(path):
            last = Advice(
                what="ask the administrator to make you the owner of that directory again; most "
                "likely a pip with the administrator's rights left it",
                permanent=True,
            )
        elif _why_not(self._evidence) is not None:
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
        if _command_name(self._evidence) in {"download", "wheel"} and failure.name == "not-ours":
            return self._other_command(str(_command_name(self._evidence)))
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
                what=_filled(what, groups),
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
