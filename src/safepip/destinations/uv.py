"""Makes and fills virtual environments with uv, where settings say so and uv can do the same.

uv reads none of pip's settings and has other defaults, so what pip would heed is put on its command
line; where something cannot be said in uv's words, pip does it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip import userpip
from safepip.machine import paths
from safepip.model.decisions import Installer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from safepip.destinations.job import Job

# pip's options with uv's word for each; all others are pip's alone.
# Source: uv, docs/pip/compatibility.md and `uv pip install --help`.
_OPTIONS = {
    "--constraint": "--constraint",
    "--editable": "--editable",
    "--extra-index-url": "--extra-index-url",
    "--find-links": "--find-links",
    "--force-reinstall": "--reinstall",
    "--index-url": "--index-url",
    "--no-build-isolation": "--no-build-isolation",
    "--no-deps": "--no-deps",
    "--no-index": "--no-index",
    "--pre": "--prerelease=allow",
    "--quiet": "--quiet",
    "--require-hashes": "--require-hashes",
    "--requirement": "--requirement",
    "--trusted-host": "--allow-insecure-host",
    "--upgrade": "--upgrade",
    "--verbose": "--verbose",
}

# What pip's files and variables may hold: put on uv's command line ...
_CARRIED = {
    "extra-index-url": "--extra-index-url",
    "find-links": "--find-links",
    "index-url": "--index-url",
    "trusted-host": "--allow-insecure-host",
}

# ... or of no weight for what gets installed, or undone for a diverted run anyway.
_WEIGHTLESS = frozenset(
    {
        "cache-dir",
        "cert",
        "default-timeout",
        "disable-pip-version-check",
        "no-color",
        "no-input",
        "no-python-version-warning",
        "no-warn-script-location",
        "prefix",
        "progress-bar",
        "quiet",
        "require-venv",
        "require-virtualenv",
        "retries",
        "root",
        "root-user-action",
        "target",
        "timeout",
        "user",
    }
)


def find_uv(job: Job, environment: Path) -> str | None:
    """uv, if it is on PATH and settings want it for *environment*."""
    wanted = job.settings.installer
    if wanted is Installer.PIP:
        return None
    if wanted is Installer.AUTO and not paths.is_file(environment.parent / "uv.lock"):
        return None
    return next(userpip.on_path("uv", job.env), None)


def making(uv: str, python: Sequence[str], path: Path) -> tuple[str, ...]:
    """The command that makes the environment at *path*, where safepip's marker lies already."""
    words = (
        "venv",
        "--quiet",
        "--no-project",
        "--no-config",
        "--allow-existing",
        "--no-python-downloads",
    )
    return (uv, *words, "--python", python[0], str(path))


def filling(uv: str, job: Job, python: str) -> tuple[str, ...] | None:
    """The command that does what pip's would, in the environment of *python*; None if uv cannot."""
    words = _settings_words(job)
    if words is None:
        return None
    for option in job.command.options:
        name = _OPTIONS.get(option.name)
        if name is None:
            return None
        words.append(name if option.value is None else f"{name}={option.value}")
    listed = {option.value for option in job.command.options if option.value is not None}
    words += [r.text for r in job.command.requirements if r.text not in listed]
    # pip takes the best version of all indexes; uv by itself the first index that has the name.
    strategy = "--index-strategy=unsafe-best-match"
    return (uv, "pip", "install", "--no-config", strategy, "--python", python, *words)


def _settings_words(job: Job) -> list[str] | None:
    values = {
        **dict(job.pip_settings.file_values),
        **{
            name[4:].lower().replace("_", "-"): value
            for name, value in job.env.items()
            if name.startswith("PIP_") and value and name != "PIP_CONFIG_FILE"
        },
    }
    words = []
    for name, value in values.items():
        if name in _CARRIED:
            words += [f"{_CARRIED[name]}={one}" for one in value.split()]
        elif name == "no-index" and value.lower() in {"1", "true", "yes", "on"}:
            words.append("--no-index")
        elif name not in _WEIGHTLESS:
            return None
    return words
