"""Each ailment has its words and its mend, in every shell."""

from __future__ import annotations

import re
from pathlib import PurePosixPath as P
from typing import Any

import pytest

from safepip.care import mending, ways
from safepip.model.health import Ailment, Sign, WayName
from safepip.shells.kinds import Shell
from safepip.wording import ailments as wording

HOME = P("/home/you")


def _means(shell: Shell = Shell.BASH) -> mending.Means:
    return mending.Means(
        shell=shell,
        own="safepip",
        python=P("/usr/bin/python3"),
        temporary=P("/tmp"),
        home=HOME,
        user="you",
    )


def _sign(ailment: Ailment) -> Sign:
    return Sign(
        ailment=ailment,
        paths=(HOME / "a b/$(touch x)", HOME / "other"),
        name="PIP_USER",
        version="1.0",
        detail="why",
        python=P("/usr/bin"),
        line=3,
    )


@pytest.mark.parametrize("ailment", Ailment)
def test_each_ailment_has_words_and_a_mend_in_each_shell(ailment: Ailment) -> None:
    for shell in Shell:
        (found,) = mending.findings((_sign(ailment),), _means(shell))
        lines = wording.finding(found, HOME)
        assert "{" not in lines[0].partition("[")[0]
        assert lines[0].endswith(f"[{ailment.value}]")
        assert lines[0].partition(" [")[0].endswith((".", "?"))
        for command in found.mend.commands:
            assert "\n" not in command, shell
            if shell is Shell.BASH:
                assert "$(touch" not in re.sub(r"'[^']*'", "", command)


VENV = P("/home/you/site/.venv")


@pytest.mark.parametrize(
    ("ailment", "sign", "means", "commands"),
    [
        pytest.param(
            Ailment.NO_HOME,
            {"paths": ()},
            {},
            ("mkdir -p -m 700 /tmp/home-you", "export HOME=/tmp/home-you"),
            id="no home: a private one for now",
        ),
        pytest.param(Ailment.NO_HOME, {"paths": ()}, {"temporary": None}, (), id="nowhere at all"),
        pytest.param(Ailment.TMP_LIMITED, {}, {"home": None}, (), id="no home for a TMPDIR"),
        pytest.param(Ailment.DISK_FULL, {}, {"python": None}, ("pip cache purge",), id="no Python"),
        pytest.param(
            Ailment.USER_SITE_SHADOWS,
            {"name": "six idna", "python": None},
            {},
            ("/usr/bin/python3 -m pip uninstall --yes six idna",),
            id="the pip that doctor looked at",
        ),
        pytest.param(Ailment.PIP_ALIAS, {"line": 0}, {}, (), id="no line to cut"),
        pytest.param(
            Ailment.PIP_ALIAS,
            {},
            {},
            ("sudo sed -i.bak 3d /home/you/site/.venv",),
            id="a file that the user may not write",
        ),
        pytest.param(
            Ailment.NO_EXEC,
            {"detail": ""},
            {},
            (
                "mv /home/you/site/.venv /home/you/site/.venv.no-exec",
                "/usr/bin -m venv /home/you/.venvs/site",
            ),
            id="a disk where nothing may be run",
        ),
        pytest.param(Ailment.NO_EXEC, {"detail": "home"}, {}, (), id="at home, too"),
        pytest.param(
            Ailment.PIP_ALIAS,
            {},
            {"writable": frozenset({VENV})},
            ("sed -i.bak 3d /home/you/site/.venv",),
            id="a file of the user's own",
        ),
        pytest.param(
            Ailment.CACHE_UNUSABLE,
            {"name": ""},
            {},
            ("chmod -R u+rwX /home/you/site/.venv",),
            id="the usual cache",
        ),
        pytest.param(Ailment.OTHER_PYTHON, {"python": None}, {}, (), id="no Python of that pip"),
        *(
            pytest.param(one, {"python": None}, {"python": None}, (), id=f"no Python: {one.value}")
            for one in (Ailment.BROKEN_ENVIRONMENT, Ailment.MOVED_ENVIRONMENT, Ailment.NO_EXEC)
        ),
        pytest.param(
            Ailment.BROKEN_PIPX,
            {"name": "black pgcli", "python": None},
            {},
            ("safepip --strategy pipx install black", "safepip --strategy pipx install pgcli"),
            id="pipx is not on PATH",
        ),
        pytest.param(
            Ailment.BROKEN_UV_TOOL,
            {"python": None},
            {},
            ("rm -rf /home/you/site/.venv",),
            id="uv is gone",
        ),
        pytest.param(
            Ailment.BROKEN_PIPX,
            {"name": "black", "python": P("/usr/bin/pipx")},
            {"python": None},
            ("/usr/bin/pipx reinstall black",),
            id="pipx's own Python",
        ),
        pytest.param(
            Ailment.HELD_NAME,
            {"name": "pip", "version": "function"},
            {},
            ("unset -f pip",),
            id="a function",
        ),
        pytest.param(
            Ailment.HELD_NAME,
            {"name": "pip"},
            {"shell": Shell.FISH},
            ("functions --erase pip",),
            id="fish",
        ),
    ],
)
def test_a_mend_takes_what_there_is(
    ailment: Ailment,
    sign: dict[str, Any],
    means: dict[str, Any],
    commands: tuple[str, ...],
) -> None:
    met = _sign(ailment)._replace(**{"paths": (VENV,), **sign})
    (found,) = mending.findings((met,), _means()._replace(**means))
    assert found.mend.commands == commands


@pytest.mark.parametrize("line", [0, 3])
def test_a_variable_is_gone_for_good_where_its_line_is_known(line: int) -> None:
    sign = _sign(Ailment.SPOILING_VARIABLE)._replace(line=line)
    (found,) = mending.findings((sign,), _means())
    assert (len(found.mend.commands), found.mend.permanent) == ((2, True) if line else (1, False))


@pytest.mark.parametrize("ailment", Ailment)
def test_sudo_stands_only_where_files_are_anothers(ailment: Ailment) -> None:
    (found,) = mending.findings((_sign(ailment),), _means())
    with_sudo = [one for one in found.mend.commands if one.startswith("sudo ")]
    allowed = {
        Ailment.FOREIGN_FILES,
        Ailment.IMMUTABLE,
        # Of a file of the system's that the user may not write.
        Ailment.SPOILING_VARIABLE,
        Ailment.SPOILING_SETTING,
        Ailment.TMP_UNUSABLE,
        Ailment.PIP_ALIAS,
    }
    assert not with_sudo or ailment in allowed


def test_what_needs_action_comes_first() -> None:
    signs = (_sign(Ailment.STRICT_SETTING), _sign(Ailment.TWICE))
    assert [one.needs_action for one in mending.findings(signs, _means())] == [True, False]


def _machine(system: str = "linux", **more: object) -> ways.Machine:
    facts: dict[str, object] = {
        "system": system,
        "manager": "apt",
        "programs": frozenset(),
        "has_venv": True,
    }
    return ways.Machine(**{**facts, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("machine", "first"),
    [
        pytest.param(_machine(), WayName.ENVIRONMENT, id="Debian with python3-venv"),
        pytest.param(_machine(has_venv=False), WayName.PACKAGE, id="Debian without it"),
        pytest.param(_machine(programs=frozenset({"uv", "pyenv"})), WayName.UV, id="uv is there"),
        pytest.param(_machine(is_conda=True), WayName.CONDA, id="conda"),
        pytest.param(
            _machine("darwin", programs=frozenset({"brew"})),
            WayName.HOMEBREW,
            id="macOS with Homebrew",
        ),
        pytest.param(
            _machine("darwin"),
            WayName.MACOS,
            id="macOS",
        ),
        pytest.param(
            _machine("win32", programs=frozenset({"winget"})), WayName.WINGET, id="winget"
        ),
        pytest.param(
            _machine("win32"),
            WayName.WINDOWS,
            id="Windows",
        ),
        pytest.param(
            _machine(has_venv=False, manager=None, programs=frozenset({"cc", "make"})),
            WayName.COMPILED,
            id="nothing but a compiler",
        ),
    ],
)
def test_the_first_way_fits_the_machine(machine: ways.Machine, first: WayName) -> None:
    found = ways.ways(machine)
    assert found[0].name is first
    assert all(one.commands for one in found)
    # ``~`` at the beginning of a word is all that bash, tcsh, nushell and the others share.
    if machine.system != "win32":
        assert not [line for one in found for line in one.commands if re.search(r"[$=]|\S~", line)]


def test_no_way_is_told_that_leads_nowhere() -> None:
    """Only what can be compiled here, and the package of venv only where that is missing."""
    half = _machine(has_venv=False, manager=None, programs=frozenset({"cc"}))
    assert ways.ways(half) == ()
    assert [one.name for one in ways.ways(_machine())] == [WayName.ENVIRONMENT]
