"""Installs applications with pipx: the user's own, the one beside safepip, or one fetched once."""

from __future__ import annotations

import contextlib
import importlib.util
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from safepip import runner, userpip
from safepip.destinations import attempt, installers, making
from safepip.destinations.job import Carried, neutral_environment, turn
from safepip.machine import distributions, interpreter
from safepip.machine import paths as machine_paths
from safepip.machine import pipx as machine_pipx
from safepip.model.errors import CannotCreateError
from safepip.model.options import having
from safepip.model.problems import Problem
from safepip.model.reasons import Reason, because
from safepip.policy import landing
from safepip.reading.arguments import variable_of
from safepip.reading.names import normalized
from safepip.reading.secrets import redact
from safepip.reading.sentences import PIPX_FAILS
from safepip.wording import report

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from safepip.destinations.attempt import Attempt
    from safepip.destinations.job import Job
    from safepip.machine.distributions import Contents, Unfinished
    from safepip.model.applications import Application
    from safepip.model.decisions import Divert
    from safepip.model.outcome import Distribution
    from safepip.model.requests import PipCommand, PipOption

_NOT_FOR_PIP = having("pipx_own", "not_pipx")
_AGAIN = ("--upgrade", "--force-reinstall", "--ignore-installed")
_NO_APPS = b"No apps associated with package"
_FETCH_TIMEOUT_S = 600.0


def carry_out(job: Job, decision: Divert) -> Carried:
    """Install each requirement as an application of its own."""
    env = _environment(job)
    try:
        pipx = find_pipx(env) or _fetch(job)
    except CannotCreateError as error:
        why = because(Reason.PIPX_NOT_FETCHED, why=error.facts.get("why"))
        return Carried(impossible=why)
    fresh = _missing(env)
    venvs, bin_dir = _where(env) if sys.platform == "linux" else _asked(pipx, env)
    applications = {normalized(a.name): a for a in decision.applications}
    tries: list[_Try] = []
    for requirement in job.command.requirements:
        name = normalized(requirement.name or requirement.text)
        place = venvs / name
        with turn(place, job.ledger, job.console):
            steps = _steps(job, requirement.text, applications.get(name), place, bin_dir)
            tries.append(
                _found(pipx, _try(job, [(*pipx, *words) for words in steps], env, place), env)
            )
        last = tries[-1]
        if last.status != 0:
            fault = _fault(job, last, name)
            if fault.impossible is not None:
                _leave_nothing(pipx, tries, fresh, env)
                return fault
            attempt.show(last.done.held)
            break
    return Carried(
        returncode=tries[-1].status,
        interpreter=job.interpreter,
        landed=tuple(one for t in tries for one in t.landed),
        scripts_dirs=(bin_dir,),
        commands={k: v for t in tries for k, v in machine_pipx.exposed(t.place, bin_dir).items()},
        unfinished=tries[-1].unfinished,
    )


class _Try(NamedTuple):
    """One run of pipx."""

    place: Path
    """The environment that it is about."""
    existed: bool
    done: Attempt
    landed: tuple[Distribution, ...]
    unfinished: Unfinished | None

    @property
    def status(self) -> int:
        return self.done.finished.returncode


def _try(job: Job, steps: Sequence[Sequence[str]], env: Mapping[str, str], place: Path) -> _Try:
    existed = machine_paths.is_dir(place)
    before = distributions.contents(distributions.site_dirs(place))
    done = attempt.attempt(job, steps[0], env, PIPX_FAILS)
    for argv in steps[1:]:
        if done.finished.returncode == 0:
            done = attempt.attempt(job, argv, env, PIPX_FAILS)
    after = distributions.contents(distributions.site_dirs(place))
    broken_off = done.finished.broken_off
    return _Try(
        place=place,
        existed=existed,
        done=done,
        landed=landing.compare(before.installed, after.installed),
        unfinished=_unfinished(place, before, after, existed=existed) if broken_off else None,
    )


def _fault(job: Job, failed: _Try, name: str) -> Carried:
    """Whether another place may do better than this failed try: then it is ``impossible``."""
    said = b" ".join(failed.done.said.split())
    if failed.unfinished is not None or failed.status < 0:
        return Carried()
    if _NO_APPS in said and not failed.existed:
        return Carried(impossible=because(Reason.NO_APPS, name=name))
    status, held = failed.status, failed.done.held
    if _is_pipx_own(failed.done.said):
        why = because(Reason.PIPX_OWN)
        return Carried(returncode=status, impossible=why, held=held)
    lacking = attempt.lacking(job, failed.done)
    if lacking:
        why = because(Reason.ISOLATED_LACKS, names=lacking)
        return Carried(returncode=status, impossible=why, lacking=lacking, held=held)
    return Carried()


_BLAMES_PIP = re.compile(rb"^\s*(?:\x1b\[[\d;]*m)*(?:ERROR|error): ", re.MULTILINE)


def _is_pipx_own(said: bytes) -> bool:
    """Whether pipx failed before its pip came to the package, or its pip does not run at all.

    pip's errors begin with the word ``ERROR``; without one what is quoted is a traceback.
    Source: pipx, ``venv.py`` and ``util.py`` (``analyze_pip_output``).
    """
    _, fatal, words = said.partition(b"Fatal error from pip ")
    return not fatal or _BLAMES_PIP.search(words) is None


def _leave_nothing(
    pipx: Sequence[str], tries: Sequence[_Try], fresh: Sequence[Path], env: Mapping[str, str]
) -> None:
    """Take away what *tries* made; old pipx leaves the environment of a library, too.

    *fresh*: directories that were not there before.
    """
    for one in tries:
        if not one.existed and machine_paths.is_dir(one.place):
            argv = [*pipx, "uninstall", one.place.name]
            runner.capture(argv, env=env, timeout_s=_FETCH_TIMEOUT_S)
    for directory in machine_pipx.own_places(env):
        # Only lock files stand beside environments, which may be another pipx's by now.
        others = map(machine_paths.is_dir, machine_paths.matching(directory / "venvs", "*"))
        if directory in fresh and not any(others):
            shutil.rmtree(directory, ignore_errors=True)
    for directory in fresh:  # the deepest first; what others have put something into stays
        with contextlib.suppress(OSError):
            directory.rmdir()


def _missing(env: Mapping[str, str]) -> tuple[Path, ...]:
    """The directories that pipx would have to make, the deepest first."""
    places = (*machine_pipx.own_places(env), *machine_pipx.shared_places(env))
    found = {one for place in places for one in (place, *place.parents)}
    missing = (one for one in found if not machine_paths.exists(one))
    return tuple(sorted(missing, key=lambda one: len(one.parts), reverse=True))


def commands(job: Job, decision: Divert) -> tuple[tuple[str, ...], ...]:
    """The commands that ``carry_out`` would run, in order; nothing is run or fetched."""
    env = _environment(job)
    pipx = find_pipx(env) or (str(job.settings.data_dir / "pipx" / userpip.SCRIPTS / "pipx"),)
    applications = {normalized(a.name): a for a in decision.applications}
    venvs, bin_dir = _where(env)
    planned = []
    for requirement in job.command.requirements:
        name = normalized(requirement.name or requirement.text)
        steps = _steps(job, requirement.text, applications.get(name), venvs / name, bin_dir)
        planned += [(*pipx, *words) for words in steps]
    return tuple(planned)


def find_pipx(env: Mapping[str, str]) -> tuple[str, ...] | None:
    """The pipx on PATH, else the one installed beside safepip; None if there is neither."""
    found = next(userpip.on_path("pipx", env), None)
    if found is not None:
        return (found,)
    if importlib.util.find_spec("pipx") is not None:
        return (sys.executable, "-I", "-m", "pipx")
    return None


def _environment(job: Job) -> dict[str, str]:
    env = neutral_environment(job)
    # uv, which pipx would take by itself where it is there, reads neither pip's settings nor its
    # indexes: then something else than the user asked for could be installed.
    env.setdefault("PIPX_DEFAULT_BACKEND", "pip")
    return env | machine_pipx.settled(env) | _secrets(job, env)


def _secrets(job: Job, env: Mapping[str, str]) -> dict[str, str]:
    """The user's options with a password in them, as variables.

    pipx keeps what it is given for pip on its command line, in the clear, for its next upgrade.
    """
    files = dict(job.pip_settings.file_values)
    found: dict[str, str] = {}
    for option in filter(_is_secret, job.command.options):
        name = option.name.removeprefix("--")
        variable = variable_of(option.name)
        before = found.get(variable) or env.get(variable) or files.get(name) or ""
        several = name in {"extra-index-url", "find-links"}
        found[variable] = f"{before} {option.value}".strip() if several else str(option.value)
    return found


def _is_secret(option: PipOption) -> bool:
    kept = option.name in _INDEX_OPTIONS and option.value is not None
    return kept and redact(str(option.value)) != option.value


def _fetch(job: Job) -> tuple[str, ...]:
    """pipx in a private environment of safepip's, installed on first use.

    Raises:
        CannotCreateError: that did not work; nothing half-made is left.
    """
    path = job.settings.data_dir / "pipx"
    with turn(path, job.ledger, job.console):
        script = userpip.environment_script(str(path), "pipx")
        if script is not None:
            return (script,)
        job.console.say(report.fetching_pipx(path))
        env = _environment(job)
        if not userpip.environment_python(str(path)) or job.ledger.is_unfinished(path):
            own = interpreter.look_at_interpreter((sys.executable, "-I"), env)
            # Made of a Python that is gone, say.
            shutil.rmtree(path, ignore_errors=True)
            making.create(
                path,
                making.Making(
                    argv=installers.by_python(sys.executable, path),
                    python=own,
                    env=env,
                    cache_dir=job.settings.cache_dir,
                    ledger=job.ledger,
                ),
            )
        python = str(userpip.environment_python(str(path)))
        with job.console.busy(report.BUSY_FETCHING):
            done = runner.capture(
                [python, "-I", "-m", "pip", "install", "-q", *_index_words(job.command), "pipx"],
                env=env,
                timeout_s=_FETCH_TIMEOUT_S,
            )
        script = userpip.environment_script(str(path), "pipx")
        if done.returncode != 0 or script is None:
            # Half of it would count as installed the next time.
            shutil.rmtree(path, ignore_errors=True)
            raise CannotCreateError(Problem.NO_PIPX, path=path, why=done.why)
    return (script,)


_INDEX_OPTIONS = having("reaches")


def _index_words(command: PipCommand) -> list[str]:
    return [
        option.spelled
        for option in command.options
        if option.name in _INDEX_OPTIONS and not _is_secret(option)
    ]


def _steps(
    job: Job, spec: str, application: Application | None, place: Path, bin_dir: Path
) -> tuple[tuple[str, ...], ...]:
    """What pipx is told, one after the other."""
    command = job.command
    how = ("--python", str(job.interpreter.executable), *("--quiet",) * min(command.quiet, 2))
    words = ("install", *how, *_options(job, application))
    install, force = (*words, spec), (*words, "--force", spec)
    if not machine_paths.is_dir(place):
        return (install,)
    content = not command.has(*_AGAIN) and machine_pipx.satisfies(place, spec)
    if userpip.environment_python(str(place)) is not None:
        return (install if content and machine_pipx.is_whole(place, bin_dir) else force,)
    # An install, even by force, does not get over links to a Python that is gone (pipx 1.18).
    if not machine_paths.is_file(place / "pipx_metadata.json"):
        return (("uninstall", place.name), install)
    anew = ("reinstall", *how, place.name)
    return (anew,) if content else (anew, force)


def _options(job: Job, application: Application | None) -> list[str]:
    """What of the user's words goes along."""
    words = ["--include-deps"] if application is not None and application.include_deps else []
    for_pip = [
        option.spelled
        for option in job.command.options
        if option.name not in _NOT_FOR_PIP and not _is_secret(option)
    ]
    return [*words, *for_its_pip(for_pip)]


def for_its_pip(options: Iterable[str]) -> list[str]:
    """The word that has pipx hand *options* to its pip; none for none.

    Only values are quoted: quotes around a single option pipx takes away. Source: pipx 1.18,
    ``main.py``, ``_split_pip_args``.
    """
    split = (one.partition("=") for one in options)
    quoted = " ".join(f"{name}{sign}{value and shlex.quote(value)}" for name, sign, value in split)
    return [f"--pip-args={quoted}"] if quoted else []


def _unfinished(place: Path, before: Contents, after: Contents, *, existed: bool) -> Unfinished:
    """What an interrupted pipx left: of an environment that is not done, the whole of it."""
    if (
        not existed
        and machine_paths.is_dir(place)
        and not machine_paths.is_file(place / "pipx_metadata.json")
    ):
        return distributions.Unfinished(strays=(place,))
    return distributions.unfinished(before, after)


def _where(env: Mapping[str, str]) -> tuple[Path, Path]:
    """pipx's environments and its scripts dir, by its rules: each question is a start of it."""
    return machine_pipx.home(env) / "venvs", machine_pipx.bin_dir(env)


def _asked(pipx: Sequence[str], env: Mapping[str, str]) -> tuple[Path, Path]:
    """The same, as it says itself."""
    answers = []
    values = ("PIPX_LOCAL_VENVS", "PIPX_BIN_DIR")
    for value, default in zip(values, _where(env), strict=True):
        done = runner.capture(
            [*pipx, "environment", "--value", value], env=env, timeout_s=interpreter.PROBE_TIMEOUT_S
        )
        answer = done.stdout.decode("utf-8", "surrogateescape").strip()
        answers.append(Path(answer) if done.returncode == 0 and answer else default)
    return answers[0], answers[1]


def _found(pipx: Sequence[str], done: _Try, env: Mapping[str, str]) -> _Try:
    """*done*, where pipx really has it: before 1.2 the first went to ``~/.local/pipx``."""
    if done.status != 0 or machine_paths.is_file(done.place / "pipx_metadata.json"):
        return done
    place = _asked(pipx, env)[0] / done.place.name
    landed = distributions.installed(distributions.site_dirs(place)).values()
    return done._replace(place=place, landed=tuple(landed))
