"""The names that nushell holds itself: asked of a nushell that is to be trusted, and no other."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from safepip.machine import held
from safepip.shells.kinds import Shell

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a program of POSIX systems")

NU = """#!/bin/sh
[ "$1" = --no-config-file ] || exit 1
case $3 in *" '"*"'") ;; *) exit 1 ;; esac  # which nushell might read as a number
end=${3##* }
end=${end#?} end=${end%?}
printf 'http\\nls\\n\\n%s\\n' "$end"
"""


@pytest.fixture
def nu(tmp_path: Path) -> Path:
    """A small nushell, which knows two commands and says nothing with the user's settings."""
    program = tmp_path / "nu"
    program.write_text(NU)
    program.chmod(0o755)
    return program


def env(nu: Path) -> dict[str, str]:
    return {
        "SHELL": str(nu),
        "PATH": f"{nu.parent}:/usr/bin:/bin",
        "SAFEPIP_SHELL_WORDS": "builtins:\nmine\naliases:\nll = ls -l\n",
    }


def test_its_own_come_to_those_that_it_tells(nu: Path) -> None:
    names = held.look(env(nu), Shell.NUSHELL)
    assert names.builtins == {"http", "ls", "mine"}


def test_other_shells_are_not_asked(nu: Path) -> None:
    assert held.look(env(nu), Shell.BASH).builtins == {"mine"}


def test_the_one_on_path_is_asked_where_it_is_no_login_shell(nu: Path) -> None:
    names = held.look({**env(nu), "SHELL": "/bin/sh"}, Shell.NUSHELL)
    assert names.builtins == {"http", "ls", "mine"}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="no root on this machine")
def test_somebody_elses_is_not_run(nu: Path) -> None:
    os.chown(nu, 12345, 12345)
    assert held.look(env(nu), Shell.NUSHELL).builtins == {"mine"}


def test_one_that_fails_tells_nothing(nu: Path) -> None:
    nu.write_text("#!/bin/sh\nexit 1\n")
    assert held.look(env(nu), Shell.NUSHELL).builtins == {"mine"}
