"""Makes and fills virtual environments with uv, where settings say so and uv can do the same.

uv reads none of pip's settings and has other defaults, so what pip would heed is handed on in uv's
words: on its command line, and in its variables what may hold a password, since anybody on the
machine can read a command line. What cannot be said in uv's words is said by name, and pip does it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from safepip import userpip
from safepip.destinations.job import neutral_environment
from safepip.machine import paths
from safepip.model.decisions import Installer
from safepip.model.reasons import Reason, because
from safepip.model.requests import RequirementKind
from safepip.reading.arguments import FALSE, TRUE
from safepip.reading.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from safepip.destinations.job import Job
    from safepip.model.reasons import Why

# pip's options, by the name that files and variables have for them, with uv's word for each. All
# that is in none of these tables is pip's alone.
# Source: uv, docs/pip/compatibility.md and `uv pip install --help`.
_FLAGS = {
    "compile": "--compile-bytecode",
    "force-reinstall": "--reinstall",
    "no-build-isolation": "--no-build-isolation",
    "no-cache-dir": "--no-cache",
    "no-deps": "--no-deps",
    "no-index": "--no-index",
    "pre": "--prerelease=allow",
    "quiet": "--quiet",
    "require-hashes": "--require-hashes",
    "verbose": "--verbose",
}
_VALUES = {
    "build-constraint": "--build-constraint",
    "config-settings": "--config-setting",
    "constraint": "--constraint",
    "editable": "--editable",
    "extra-index-url": "--extra-index-url",
    "find-links": "--find-links",
    "group": "--group",
    "index-url": "--index-url",
    "no-binary": "--no-binary",
    "only-binary": "--only-binary",
    "requirement": "--requirement",
    "trusted-host": "--allow-insecure-host",
}
_VARIABLES = {
    "cert": ("SSL_CERT_FILE",),
    "client-cert": ("SSL_CLIENT_CERT",),
    "proxy": ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"),
    "retries": ("UV_HTTP_RETRIES",),
    "timeout": ("UV_HTTP_TIMEOUT",),
}
# What may hold a password: the variable for it, and what stands between several there.
_ADDRESSES = {
    "extra-index-url": ("UV_EXTRA_INDEX_URL", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "index-url": ("UV_INDEX_URL", " "),
}

# Of no weight for what gets installed, or undone for a diverted run anyway. uv compiles only when
# it is told to.
_WEIGHTLESS = frozenset({
    "cache-dir", "config-file", "disable-pip-version-check", "no-color", "no-compile", "no-input",
    "no-python-version-warning", "no-user", "no-warn-conflicts", "no-warn-script-location",
    "prefix", "progress-bar", "require-venv", "require-virtualenv", "root", "root-user-action",
    "target", "user",
})  # fmt: skip

_OTHER_NAMES = {"default-timeout": "timeout", "config-setting": "config-settings"}

# The user's uv would go elsewhere by these, or do nothing.
_PLACES = (
    "UV_BREAK_SYSTEM_PACKAGES", "UV_PREFIX", "UV_PROJECT_ENVIRONMENT", "UV_PYTHON",
    "UV_SYSTEM_PYTHON", "UV_TARGET",
)  # fmt: skip


class ByUv(NamedTuple):
    """uv makes it, and uv fills it."""

    uv: str
    python: str
    """What it is made of."""
    words: tuple[str, ...]
    """What to install, and how."""
    env: Mapping[str, str]
    system_site: bool = False
    """What it makes sees the packages of the Python that it is made of."""

    def make(self, path: Path) -> tuple[str, ...]:
        """In a directory where safepip's marker lies already."""
        words = ("--no-project", "--no-config", "--allow-existing", "--no-python-downloads")
        system = ("--system-site-packages",) if self.system_site else ()
        return (self.uv, "venv", "--quiet", *words, *system, "--python", self.python, str(path))

    def fill(self, path: Path) -> tuple[str, ...]:
        """As pip would, from all indexes alike."""
        python = userpip.environment_python(str(path)) or str(path / userpip.SCRIPTS / "python")
        # pip takes the best version of all indexes; uv by itself the first index that has the name.
        words = ("--no-config", "--index-strategy=unsafe-best-match")
        return (self.uv, "pip", "install", *words, "--python", python, *self.words)


def find(job: Job, environment: Path) -> ByUv | Why | None:
    """uv, if settings want it for *environment*; why it is not used then; None if they do not."""
    wanted = job.settings.installer
    if wanted is Installer.PIP:
        return None
    if wanted is Installer.AUTO and not paths.is_file(environment.parent / "uv.lock"):
        return None
    found = next(userpip.on_path("uv", job.env), None)
    if found is None:
        return because(Reason.NO_UV)
    neutral = neutral_environment(job)
    said = _Said(env={name: value for name, value in neutral.items() if name not in _PLACES})
    for name, value, where in _wishes(job):
        if not said.take(name, value):
            return because(Reason.UV_NO_WORD, where=where)
    if job.downloads is not None:
        said.take("find-links", str(job.downloads))
    said.close()
    words = [*said.words, *_requirements(job)]
    system = job.sees is not None and not job.sees.sites
    return ByUv(found, job.interpreter.argv[0], tuple(words), said.env, system)


def _wishes(job: Job) -> Iterable[tuple[str, str | None, str | Why]]:
    """What settings and options say, weakest first: name, value, and how to call it.

    A value of a setting may be several, with blanks between them, as pip has it.
    """
    settings: dict[str, tuple[str, str | Why]] = {
        name: (value, because(Reason.PIP_SETTING, name=name))
        for name, value in job.pip_settings.file_values
    }
    if not job.command.has("--isolated"):
        for variable, value in job.env.items():
            if variable.startswith("PIP_") and value:
                settings[variable[4:].lower().replace("_", "-")] = (value, variable)
    given = {option.name.removeprefix("--") for option in job.command.options}
    for name, (value, where) in settings.items():
        if name in {"index-url", "proxy", "cert", "client-cert", "timeout"} & given:
            continue  # there is but one, and the command line names it
        for one in value.split() if name in _VALUES else [value]:
            yield name, one, where
    for option in job.command.options:
        yield option.name.removeprefix("--"), option.value, option.name


def _requirements(job: Job) -> list[str]:
    """The requirements as uv is to get them; and how far an upgrade of theirs goes."""
    listed = {option.value for option in job.command.options if option.value is not None}
    typed = [one for one in job.command.requirements if one.text not in listed]
    words = [one.text for one in typed]
    if job.command.has("--upgrade"):
        # pip upgrades what is named and leaves alone what that needs; uv's word is for all of it.
        named = all(one.kind is RequirementKind.NAMED for one in job.command.requirements)
        names = [one.name for one in typed if one.name is not None]
        words += [f"--upgrade-package={name}" for name in names] if named else ["--upgrade"]
    return words


class _Said:
    """What was put into uv's words so far."""

    __slots__ = ("addresses", "env", "words")

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env
        self.words: list[str] = []
        self.addresses: dict[str, list[str]] = {}

    def take(self, name: str, value: str | None) -> bool:
        """Put pip's option *name* into uv's words; False if there are none for it.

        *value*: None for a flag that was given.
        """
        name = _OTHER_NAMES.get(name, name)
        if name in _WEIGHTLESS or name == "upgrade" or value == "":
            return True
        if name in _FLAGS:
            return self._flag(name, value)
        if value is None:
            return False
        if name == "upgrade-strategy":
            return value == "only-if-needed"
        if name in _VARIABLES:
            if name == "proxy" and "://" not in value:
                value = f"http://{value}"
            self.env.update(dict.fromkeys(_VARIABLES[name], value))
            return True
        if name not in _VALUES:
            return False
        self._value(name, value)
        return True

    def _flag(self, name: str, value: str | None) -> bool:
        if value is not None and value.isdigit() and name in {"quiet", "verbose"}:
            self.words += [_FLAGS[name]] * int(value)
        elif value is None or value.lower() in TRUE:
            # uv takes a flag once only; a setting and an option may both say it.
            if _FLAGS[name] not in self.words:
                self.words.append(_FLAGS[name])
        else:
            return value.lower() in FALSE
        return True

    def _value(self, name: str, value: str) -> None:
        if name == "index-url":
            self.addresses[name] = [value]
        elif name in _ADDRESSES:
            address = str(paths.expanded(value)) if value.startswith("~") else value
            self.addresses.setdefault(name, []).append(address)
        else:
            parts = value.split(",") if name in {"no-binary", "only-binary"} else [value]
            self.words += [f"{_VALUES[name]}={part}" for part in parts]

    def close(self) -> None:
        """Put the addresses where they are safe: all of a kind go one way, since one way wins."""
        for name, addresses in self.addresses.items():
            variable, between = _ADDRESSES[name]
            if any(redact(address) != address for address in addresses):
                self.env[variable] = between.join(addresses)
            else:
                self.words += [f"{_VALUES[name]}={address}" for address in addresses]
