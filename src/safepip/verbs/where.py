"""``where``: every copy of a distribution, and which one this shell uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip import console, history, settings
from safepip.machine import copies, home, paths, places, pythons
from safepip.machine import shell as machine_shell
from safepip.policy import copies as policy_copies
from safepip.reading import flags
from safepip.reading.names import is_plain
from safepip.reading.requests import read_requirement
from safepip.wording import where as wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.model.copies import Copy, KnownPlace, Python, Rank


def run(words: Sequence[str], options: Mapping[str, str], env: Mapping[str, str]) -> int:
    """Print where the distributions named in *words* are; status 1 if none is anywhere.

    Raises:
        UsageError: *words* hold an option that is unknown.
        ConfigError: a settings file or variable is wrong.
    """
    as_json, names = flags.split("where", words, "--json", names=None)
    chosen = settings.merge(options, env)
    remembered = history.read(chosen.state_dir)
    asked = pythons.look_all(pythons.named(env), env)
    python = next(iter(asked.values()), None)
    known = places.known(
        asked.values(),
        env,
        venv_name=chosen.venv_name,
        personal=chosen.personal_environments,
        remembered=[entry.destination for entry in remembered],
    )
    if not names:
        return _summary(known, python, env, as_json=bool(as_json))
    shell = machine_shell.user_shell(env)
    names = [name if is_plain(name) else read_requirement(name).name or name for name in names]
    found = {name: copies.find(name, known, remembered, env, shell) for name in names}
    ranked = {name: _ranked(some, python) for name, some in found.items()}
    if as_json:
        _show_json(ranked, python)
    else:
        home_dir = home.home_of(env)
        blocks = [wording.copies(name, some, python, home_dir) for name, some in ranked.items()]
        console.show_lines([line for block in blocks for line in ("", *block)][1:], env)
    return 0 if any(found.values()) else 1


def _ranked(found: Sequence[Copy], python: Python | None) -> list[tuple[Copy, Rank]]:
    path = () if python is None else python.path
    real = {entry: paths.resolved(entry) for entry in {*path, *(copy.location for copy in found)}}
    return list(zip(found, policy_copies.ranks(found, path, real), strict=True))


def _python_json(python: Python | None) -> Mapping[str, object] | None:
    return python and {
        "name": python.name,
        "executable": python.executable,
        "version": python.version_text,
    }


def _summary(
    known: Sequence[KnownPlace], python: Python | None, env: Mapping[str, str], *, as_json: bool
) -> int:
    counted = [(place, copies.count(place)) for place in known]
    if as_json:
        told = [wording.place_json(place, number) for place, number in counted]
        console.answer("where", {"python": _python_json(python), "places": told})
    else:
        filled = [one for one in counted if one[1]]
        console.show_lines(wording.summary(filled, python, home.home_of(env)), env)
    return 0


def _show_json(ranked: Mapping[str, Sequence[tuple[Copy, Rank]]], python: Python | None) -> None:
    data: dict[str, object] = {
        "python": _python_json(python),
        "distributions": [
            {"name": name, "copies": [wording.copy_json(copy, rank) for copy, rank in some]}
            for name, some in ranked.items()
        ],
    }
    errors = [wording.NOWHERE.format(name=name) for name, some in ranked.items() if not some]
    console.answer("where", data, errors)
