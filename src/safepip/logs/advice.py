"""What helps against what a log of pip's shows, in commands for the system that it comes from.

Pure. No advice ever needs the administrator's rights to be carried out; where only they help, it
says so. ``wording/explanation.py`` puts it into words.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, TypeGuard

from safepip.logs.clues import system_in
from safepip.logs.evidence import WhyNot
from safepip.logs.remedies import Advice, Remedy
from safepip.model.requests import RequirementKind
from safepip.model.triggers import TriggerName
from safepip.reading import paths
from safepip.reading.paths import System

if TYPE_CHECKING:
    from safepip.logs.evidence import Evidence
    from safepip.logs.failures import Failure


_DISTRIBUTIONS: dict[str, str] = dict(
    re.findall(
        r"(\S+)=(\S+)",
        "bs4=beautifulsoup4 Crypto=pycryptodome cv2=opencv-python dateutil=python-dateutil "
        "discord=discord.py docx=python-docx dotenv=python-dotenv git=GitPython gi=PyGObject "
        "jwt=PyJWT MySQLdb=mysqlclient OpenSSL=pyOpenSSL PIL=Pillow pkg_resources=setuptools "
        "psycopg2=psycopg2-binary serial=pyserial skimage=scikit-image sklearn=scikit-learn "
        "telegram=python-telegram-bot usb=pyusb yaml=PyYAML zmq=pyzmq",
    )
)
"""Modules that are imported by another name than they are installed by."""


class Mender:
    """Writes commands for the system that the log comes from."""

    def __init__(self, evidence: Evidence, path: str | None) -> None:
        self._evidence, self._path = evidence, path
        self._asked = asked = evidence.asked
        clues = evidence.clues
        self._system = system_in(path, clues)
        python = "py" if self._system is System.WINDOWS else "python3"
        self._python = (asked and asked.python) or python
        self._words = self._given = ("install", *(clues.requested or ("NAME",)))
        if asked is not None and (
            asked.command.requirements or asked.command.name in {"download", "wheel"}
        ):
            self._words, self._given = asked.words, asked.given

    # Commands

    def _line(self, *words: str) -> str:
        if self._system is not System.WINDOWS:
            return " ".join(map(_for_sh, words))
        quoted = [
            f'"{word}"' if set(word) & set(" &|<>()^;,@{}") and '"' not in word else word
            for word in words
        ]
        # PowerShell takes a quoted word alone for a text, no program.
        call = "" if self._evidence.clues.cmd or not quoted[0].startswith('"') else "& "
        return call + " ".join(quoted)

    def _pip(self, *words: str) -> str:
        return self._line(self._python, "-m", "pip", *words)

    def _venv(self, *words: str) -> str:
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

    @property
    def known_name(self) -> str | None:
        """The one distribution that the log is about."""
        names = self._evidence.clues.requested
        if self._asked is not None and self._asked.command.name == "install":
            names = tuple(r.name for r in self._asked.command.requirements if r.name is not None)
        return names[0] if len(names) == 1 and not names[0].startswith("-") else None

    def _filled(self, command: str, name: str) -> str:
        values = {
            "pip": self._pip(),
            "words": self._line(*self._words),
            "given": self._line(*self._given),
            "here": self._line(*(w if w != "NAME" else "." for w in self._words)),
            "python": self._line(self._python),
            "venv": self._venv(),
            "newer": self._venv("install", "--upgrade", "pip"),
            "name": self._line(name),
        }
        for key, value in values.items():
            command = command.replace(f"{{{key}}}", value)
        return command

    # Advice

    def advise(self, trigger: TriggerName) -> tuple[Advice, ...]:
        """What helps against *trigger*."""
        asked, name = self._asked, self._evidence.command_name
        environment = Advice(remedy=Remedy.VENV, command=self._venv())
        if trigger is TriggerName.VIRTUALENV_REQUIRED and name != "uninstall":
            if asked is not None and asked.command.has("--require-virtualenv"):
                return (environment,)
            return (environment, self._unset("require-virtualenv", "PIP_REQUIRE_VIRTUALENV"))
        if name not in {"install", None}:
            return self._other_command(str(name))
        if self._evidence.chosen_place is not None:
            return self.without_place()
        if self._evidence.is_own_pip or self._evidence.is_pip_alone:
            return (*self._for_pip(trigger), Advice(remedy=Remedy.PIP_IS_OTHERS, permanent=True))
        if self._evidence.is_dry_run:
            plan = self._line("safepip", "plan", *self._words)
            return (Advice(remedy=Remedy.SAFEPIP_PLAN, command=plan),)
        if trigger is TriggerName.USER_SITE_UNAVAILABLE:
            overruled = self._pip(*_behind_install(self._words, "--no-user"))
            once = Advice(remedy=Remedy.OVERRULE_USER, command=overruled)
            return (once, self._unset("user", "PIP_USER"))
        return (*self.in_tool(), *self._denied(trigger, environment))

    def _for_pip(self, trigger: TriggerName) -> tuple[Advice, ...]:
        """Where pip itself was to be installed, or upgraded."""
        tool = self._evidence.tool
        if tool is None or tool.for_user is None or not self._evidence.is_own_pip:
            newer = self._venv("install", "--upgrade", "pip")
            return (Advice(remedy=Remedy.PIP_IN_VENV, command=newer),)
        denied = {TriggerName.PERMISSION_DENIED, TriggerName.READ_ONLY}
        if trigger not in denied or self._evidence.said_default:
            return self.in_tool()
        user = Advice(remedy=Remedy.OWN_PIP_FOR_USER, command=self._filled(tool.for_user, ""))
        return (*self.in_tool(), user)

    def in_tool(self) -> tuple[Advice, ...]:
        """What helps in the tool that ran pip."""
        tool, place = self._evidence.tool, self._evidence.clues.tool_place
        if tool is None:
            return ()
        is_site = place is None or paths.is_site(place) or not paths.is_user_place(place)
        if not (is_site and (place is None or paths.is_in_prefix(place))):
            return (Advice(remedy=Remedy.CHECK_OWNER, permanent=True),)
        command = None if tool.command is None else self._filled(tool.command, "")
        return (Advice(remedy=tool.remedy, command=command, detail=tool.name),)

    def _denied(self, trigger: TriggerName, environment: Advice) -> tuple[Advice, ...]:
        path, pipx = self._path, self._pipx()
        second = Advice(remedy=Remedy.SAFEPIP, command=self._line("safepip", *self._words))
        if trigger is TriggerName.EXTERNALLY_MANAGED and pipx is not None:
            second = Advice(remedy=Remedy.PIPX, command=pipx)
        if path is not None and paths.is_of_no_home(path):
            last = Advice(remedy=Remedy.SET_HOME, permanent=True)
        elif trigger is not TriggerName.READ_ONLY and path and paths.is_user_place(path):
            sure = self._evidence.said_default
            owner = Remedy.OWNER_AGAIN if sure else Remedy.OWNER_IF_YOURS
            last = Advice(remedy=owner, permanent=True)
        elif self._evidence.why_not is WhyNot.UNKNOWN_PLACE:
            see = self._pip("config", "list")
            last = Advice(remedy=Remedy.SEE_SETTINGS, command=see, permanent=True)
        else:
            last = Advice(remedy=Remedy.STAND_IN, command=self._init(), permanent=True)
        return (environment, second, last)

    def _init(self) -> str:
        shells = {System.WINDOWS: "powershell", System.MACOS: "zsh", System.POSIX: "bash"}
        return f"safepip init {shells[self._system]} --install"

    def _unset(self, key: str, variable: str) -> Advice:
        command = self._pip("config", "unset", f"global.{key}")
        return Advice(remedy=Remedy.UNSET, command=command, permanent=True, detail=variable)

    def without_place(self) -> tuple[Advice, ...]:
        """What helps where the command itself names the place."""
        chosen = self._evidence.chosen_place or "--user"
        safepip = self._line("safepip", *self._words)
        advice = [
            Advice(remedy=Remedy.WITHOUT_OPTION, command=safepip, detail=chosen),
            Advice(remedy=Remedy.VENV_TOO, command=self._venv()),
        ]
        if chosen in {"--target", "--prefix", "--root"}:
            advice.append(Advice(remedy=Remedy.DIRECTORY_FOR_OPTION, detail=chosen))
        return tuple(advice)

    def _other_command(self, name: str) -> tuple[Advice, ...]:
        if name == "uninstall":
            return (
                Advice(remedy=Remedy.SEE_COPIES, command="pip list -v"),
                Advice(remedy=Remedy.OTHERS_TO_REMOVE, permanent=True),
            )
        if name in {"download", "wheel"}:
            option = "--dest" if name == "download" else "--wheel-dir"
            return (Advice(remedy=Remedy.DIRECTORY_FOR_OPTION, detail=option),)
        return ()

    def mend(self, failure: Failure, groups: tuple[str, ...]) -> tuple[Advice, ...]:
        """What helps against a failure that is no trigger."""
        if self._evidence.command_name in {"download", "wheel"} and failure.name == "not-ours":
            return self._other_command(str(self._evidence.command_name))
        nameless = failure.name == "not-pips" and not any(groups)
        if failure.name == "other" or nameless:
            return self.send_more()
        if failure.name == "build" and self._path is not None:  # its own path, which it was denied
            return (Advice(remedy=Remedy.CHECK_OWNER),)
        told = next((group for group in groups if group), None)
        name = (told or self.known_name or "NAME").partition("=")[0].rstrip("<>!~")
        return tuple(
            Advice(
                remedy=remedy,
                command=self._filled(command, name) if self._can_fill(command) else None,
                permanent=permanent,
            )
            for remedy, command, permanent in failure.remedies
            if remedy is not Remedy.WITHOUT_BUILD or not self._is_local
        )

    def _can_fill(self, command: str | None) -> TypeGuard[str]:
        """Whether the log tells what *command* needs."""
        return command is not None and ("{given}" not in command or "NAME" not in self._given)

    @property
    def _is_local(self) -> bool:
        """Whether nothing is asked for by name: a directory or an address has to be built."""
        if self._asked is None:
            return self._evidence.clues.requested == ()
        kinds = {r.kind for r in self._asked.command.requirements}
        return bool(kinds) and RequirementKind.NAMED not in kinds

    # After an install

    def find_command(self, name: str, directory: str) -> tuple[Advice, ...]:
        """What helps when *name* was installed, and cannot be run."""
        if directory and self._system is not System.WINDOWS:
            line = f'export PATH="{directory}:$PATH"'
            safe = not set(directory) & set('"$`\\!')
            first = Advice(remedy=Remedy.ADD_TO_PATH, command=line if safe else None)
        else:
            where = self._line("safepip", "where", self.known_name or name)
            first = Advice(remedy=Remedy.WHERE, command=where)
        last = Advice(remedy=Remedy.SEE_PATH, command="safepip path --install", permanent=True)
        return (first, last)

    def landed_for(self, module: str) -> str:
        """What was installed that may hold *module*, else what was installed last."""
        landed = self._evidence.clues.landed
        told = next((name for name in landed if _alike(name, module.partition(".")[0])), None)
        return told or ", ".join(landed[-1:])

    def find_module(self, module: str) -> tuple[Advice, ...]:
        """What helps when *module* cannot be imported."""
        top = module.partition(".")[0]
        names = [*self._evidence.clues.landed, self.known_name or ""]
        told = next((n for n in names if _alike(n, top)), None) or _DISTRIBUTIONS.get(top)
        name = told or (self.known_name if self.known_name in _DISTRIBUTIONS.values() else None)
        same = self._pip("install", name or top)
        advice = [Advice(remedy=Remedy.INSTALL_FOR_SAME_PYTHON, command=same)]
        if name is None:
            advice.append(Advice(remedy=Remedy.OTHER_NAME, detail=top))
        where = self._line("safepip", "where", name or top)
        advice.append(Advice(remedy=Remedy.WHERE, command=where, permanent=True))
        return tuple(advice)

    def see_versions(self, name: str) -> tuple[Advice, ...]:
        """What shows which versions there are."""
        name = self.known_name or name
        if not name:
            return ()
        return (
            Advice(remedy=Remedy.SEE_VERSIONS, command=self._pip("index", "versions", name)),
            Advice(remedy=Remedy.WHERE, command=self._line("safepip", "where", name)),
        )

    def upgrade(self) -> tuple[Advice, ...]:
        """How to get a newer version of what is there."""
        words = _behind_install(self._words, "--upgrade")
        return (Advice(remedy=Remedy.UPGRADE, command=self._pip(*words)),)

    def send_more(self) -> tuple[Advice, ...]:
        """How to get a log that tells more."""
        words = tuple(word for word in self._given if word not in {"-q", "-qq", "-qqq", "--quiet"})
        command = f"{self._pip(*words)} 2>&1 | safepip explain"
        known = words != ("install", "NAME")
        return (Advice(remedy=Remedy.SEND_MORE, command=command if known else None),)


_EXPANDED = re.compile(r"(~/)?((?:[\w./@:+=,%-]|\$\w+|\$\{\w+\})*)")


def _for_sh(word: str) -> str:
    """*word* as it is typed in a POSIX shell, which is to expand a home or a variable in it."""
    found = _EXPANDED.fullmatch(word) if word else None
    if found is None:
        return shlex.quote(word)
    return (found[1] or "") + (f'"{found[2]}"' if "$" in word else found[2])


def _alike(name: str, module: str) -> bool:
    return bool(name) and name.lower().replace("-", "_").replace(".", "_") == module.lower()


def _behind_install(words: tuple[str, ...], option: str) -> tuple[str, ...]:
    at = words.index("install") + 1 if "install" in words else len(words)
    return (*words[:at], option, *words[at:])
