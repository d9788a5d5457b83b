"""``doctor``: what is wrong with pip and Python on this machine, and the mend; changes nothing."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from safepip import __version__, console, history, settings, userpip
from safepip.care import mending, ways
from safepip.machine import home, ownership, places, pythons
from safepip.machine import interpreter as machine_interpreter
from safepip.machine import shell as machine_shell
from safepip.machine.health import (
    environments,
    sites,
    surroundings,
    tools,
    variables,
)
from safepip.machine.health import ownership as health_ownership
from safepip.machine.health.ground import Ground
from safepip.model.errors import SafepipError, UnavailableError
from safepip.model.health import Location
from safepip.profiles import files as profiles_files
from safepip.profiles import line as profiles_line
from safepip.reading import flags
from safepip.shells import names as shells_names
from safepip.shells import texts
from safepip.shells.commands import activate_command
from safepip.wording import ailments
from safepip.wording import doctor as wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from safepip.model.copies import Python
    from safepip.model.health import Finding, Sign, Way
    from safepip.settings import Settings
    from safepip.userpip import PipTarget

# What leads to the rest comes first.
_CHECKS = (
    surroundings.signs,
    health_ownership.signs,
    variables.signs,
    tools.signs,
    environments.signs,
    sites.signs,
)


def run(
    words: Sequence[str],
    options: Mapping[str, str],
    env: Mapping[str, str],
    target: PipTarget | None,
) -> int:
    """Print what is wrong here and how it is mended; status 1 if something needs action.

    Raises:
        UsageError: *words* are more than ``--json``.
        ConfigError: a settings file or variable is wrong.
    """
    as_json, _ = flags.split("doctor", words, "--json")
    chosen = settings.merge(options, env)
    ground = _look(chosen, env, target)
    examined = _Examined(
        ground=ground,
        target=target,
        tools={name: next(userpip.on_path(name, env), None) for name in ("pipx", "uv")},
        profile=_profile(ground),
        locations=tuple(_locations(ground)),
        findings=mending.findings(tuple(_signs(ground)), _means(ground, target)),
        ways=_ways(ground),
    )
    if as_json:
        console.answer("doctor", _json(examined))
    else:
        console.show_lines(_lines(examined), env)
    return int(any(finding.needs_action for finding in examined.findings))


class _Examined(NamedTuple):
    ground: Ground
    target: PipTarget | None
    tools: Mapping[str, str | None]
    profile: Path | None
    locations: tuple[Location, ...]
    findings: tuple[Finding, ...]
    ways: tuple[Way, ...]


def _look(chosen: Settings, env: Mapping[str, str], target: PipTarget | None) -> Ground:
    programs = pythons.named(env)
    if target is not None:
        with contextlib.suppress(UnavailableError):
            programs["pip"] = PurePath(machine_interpreter.python_of(target, env)[0])
    asked = pythons.look_all(programs, env)
    held = env.get("SAFEPIP_SHELL_HOLDS", "")
    return Ground(
        env=env,
        shell=machine_shell.user_shell(env),
        home=home.home_of(env),
        pythons=asked,
        places=places.known(
            asked.values(),
            env,
            venv_name=chosen.venv_name,
            personal=chosen.personal_environments,
            remembered=[entry.destination for entry in history.read(chosen.state_dir)],
        ),
        held=shells_names.read_held(held) if held else None,
    )


def _signs(ground: Ground) -> Iterator[Sign]:
    for check in _CHECKS:
        yield from check(ground)
    yield from tools.functions(
        settings.data_dir() / "shell" / texts.file_name(ground.shell), ground
    )


def _means(ground: Ground, target: PipTarget | None) -> mending.Means:
    python = ground.pip_python or next(iter(ground.pythons.values()), None)
    files = variables.profiles(ground)
    return mending.Means(
        shell=ground.shell,
        own=machine_shell.own_word(ground.env, ground.shell),
        python=None if python is None else python.executable,
        pip=() if target is None else target.argv,
        temporary=surroundings.temporary_dir(),
        home=ground.home,
        user_variable=bool(ground.env.get("USER")),
        user=ownership.own_name(),
        writable=frozenset(
            file
            for file in (*files, *variables.config_files(ground))
            if os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)
        ),
    )


# What is told beside the findings


def _locations(ground: Ground) -> Iterator[Location]:
    python = ground.pip_python
    if python is None:
        return
    named = [(wording.INSTALLS, python.purelib), (wording.COMMANDS, python.scripts)]
    if python.user_site is not None and not python.is_virtual:
        named.append((wording.USER_SITE, python.user_site))
    for what, path in named:
        place = ownership.look_at_place(path)
        why = health_ownership.why_not(path)
        yield Location(what=what, path=path, owner=place.owner, writable=place.writable, why=why)


def _ways(ground: Ground) -> tuple[Way, ...]:
    """What would help for good, where the user's pip acts on somebody else's Python."""
    python = ground.pip_python
    if python is None or python.is_virtual or ownership.look_at_place(python.purelib).writable:
        return ()
    return ways.ways(
        ways.Machine(
            system="linux" if sys.platform.startswith("linux") else sys.platform,
            manager=pythons.managed_by(python),
            programs=frozenset(
                name for name in ways.PROGRAMS if next(userpip.on_path(name, ground.env), None)
            ),
            has_venv=python.has_ensurepip,
            is_conda=python.is_conda,
            activate=activate_command(ground.shell, _home(ground) / ".venvs/main"),
        )
    )


def _home(ground: Ground) -> Path:
    """Where ``~`` leads when what is wrong with it is mended."""
    if ground.home is not None and home.is_usable(ground.home):
        return ground.home
    own = home.of_account()
    if own is not None and home.is_usable(own):
        return own
    return Path(mending.new_home(surroundings.temporary_dir(), ownership.own_name()) or "~")


def _profile(ground: Ground) -> Path | None:
    """The profile that loads safepip's functions; None if none does."""
    try:
        candidates = profiles_files.with_functions(ground.shell, ground.env)
    except SafepipError:
        return None
    mark = profiles_line.mark("").encode()
    for one in candidates:
        try:
            content = profiles_line.read(one.file) or b""
        except OSError:
            continue
        if mark in content:
            return one.file
    return None


def _pip_text(python: Python | None, target: PipTarget | None) -> str:
    if target is None:
        return wording.NO_PIP
    version = "" if python is None or python.pip is None or target.own_pip else f"{python.pip}, "
    shim = wording.SHIM if PurePath(target.argv[0]).parent.name == "shims" else ""
    return f"{version}{' '.join(target.argv)}{shim} ({wording.WHY_THIS_PIP[target.why]})"


def _lines(examined: _Examined) -> list[str]:
    ground, target = examined.ground, examined.target
    python = ground.pip_python
    manager = "" if python is None else pythons.managed_by(python) or ""
    lines = wording.head(__version__, _pip_text(python, target), python, manager)
    lines += [wording.location(place, ground.home) for place in examined.locations]
    for name, found in examined.tools.items():
        lines.append(wording.tool(name, None if found is None else PurePath(found), ground.home))
    own = machine_shell.own_word(ground.env, ground.shell)
    active, shell = ground.held is not None, ground.shell.value
    lines += wording.functions(examined.profile, shell, own, ground.home, active=active)
    for finding in examined.findings:
        lines += ["", *ailments.finding(finding, ground.home)]
    problems = sum(finding.needs_action for finding in examined.findings)
    lines += ["", wording.summary(problems, len(examined.findings) - problems)]
    if examined.ways:
        lines += ["", wording.CHOWN_NOT, wording.WAYS]
    return [*lines, *(line for one in examined.ways for line in wording.way(one))]


def _json(examined: _Examined) -> dict[str, object]:
    ground, target = examined.ground, examined.target
    python = ground.pip_python
    return {
        "pip": target
        and {
            "command": target.argv,
            "version": None if python is None else python.pip,
            "why": wording.WHY_THIS_PIP[target.why],
        },
        "pythons": [
            {
                "name": name,
                "executable": one.executable,
                "version": one.version_text,
                "prefix": one.prefix,
                "managed_by": pythons.managed_by(one),
                "externally_managed": one.marker is not None,
            }
            for name, one in ground.pythons.items()
        ],
        "locations": [
            {
                "what": place.what,
                "path": place.path,
                "owner": place.owner,
                "writable": place.writable,
                "why_not": place.why or None,
            }
            for place in examined.locations
        ],
        "tools": examined.tools,
        "shell": {
            "name": ground.shell,
            "functions": examined.profile,
            "active": ground.held is not None,
        },
        "findings": [ailments.finding_json(finding) for finding in examined.findings],
        "ways": [wording.way_json(one) for one in examined.ways],
    }
