"""The user's pip is a script that starts the real one: what stands still is that one."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment, install
from tests.support.long import only
from tests.support.terminal import CTRL_C

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.index import Index
    from tests.support.lab import Lab

WRAPPERS = {
    "a company's": '#!/bin/sh\n"{pip}" "$@"\nexit $?\n',
    "a shim with a rehash": "#!/usr/bin/env bash\nset -e\n'{pip}' \"$@\"\ntrue rehash\n",
    "one behind another": '#!/bin/sh\nbash -c \'"$0" "$@"; exit $?\' \'{pip}\' "$@"\nexit $?\n',
    "one that speaks when all is done": '#!/bin/sh\nsaid=$("{pip}" "$@" 2>&1)\necho "$said"\n',
    "with a pipe behind it": "#!/bin/bash\nset -o pipefail\n'{pip}' \"$@\" 2>&1 | cat\n",
}


def wrapped(lab: Lab, how: str = "a company's") -> Path:
    """Put a script first on PATH that stands for the real pip."""
    text = WRAPPERS[how].format(pip=lab.python.bin / "pip")
    script = lab.write("../wrapper/pip", text)
    script.chmod(0o755)
    lab.env["PATH"] = f"{script.parent}:{lab.env['PATH']}"
    return script


@pytest.mark.parametrize(
    "how",
    only(WRAPPERS, "one that speaks when all is done", "with a pipe behind it"),
)
def test_in_a_project_it_lands_in_the_environment_alone(how: str, lab: Lab) -> None:
    wrapped(lab, how)
    lab.write("pyproject.toml")
    told = install(lab, "labone")
    assert told.result.returncode == 0, told
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv"))
    assert in_environment(lab, lab.cwd / ".venv") == {"labone": "2.0"}
    assert lab.installed(lab.user_site) == {}, told
    assert not (lab.home / ".local/bin/labone").exists()
    lab.wait_for(lambda: not lab.processes(), "the end of all processes")


def test_what_was_in_the_user_site_before_stays_there(lab: Lab) -> None:
    wrapped(lab, "one that speaks when all is done")
    assert lab.run(["pip", "install", "labone==1.0"]).returncode == 0
    lab.write("pyproject.toml")
    told = install(lab, "--upgrade", "labone", "labmany")
    assert told.result.returncode == 0, told
    assert in_environment(lab, lab.cwd / ".venv").keys() == {"labone", "labmany"}
    # What replaced something cannot be taken back, so it is told.
    assert lab.installed(lab.user_site) == {"labone": "2.0"}
    left = " ".join(told.report["leftovers"])
    assert "it had installed labone 2.0 in" in left
    assert "labmany" not in left


@pytest.mark.parametrize(
    "how",
    only(WRAPPERS, "a shim with a rehash", "one that speaks when all is done"),
)
def test_outside_of_one_it_runs_once(how: str, lab: Lab) -> None:
    wrapped(lab, how)
    told = install(lab, "labone")
    assert told.result.returncode == 0, told
    assert told.where == ("diverted", "user-site", str(lab.user_site))
    assert told.landed == {"labone": "2.0"}
    assert told.result.out.count("Successfully installed") == 1


def test_ctrl_c_ends_both_as_it_does_without_safepip(lab: Lab, index: Index) -> None:
    wrapped(lab)
    lab.use_index(index)
    statuses = []
    for program in (["pip"], ["safepip", "--strategy", "user"]):
        hold = index.hold("labbig")
        with lab.terminal([*program, "install", "labbig"]) as screen:
            hold.wait()
            screen.send(CTRL_C)
            statuses.append(screen.wait())
        hold.release()
        lab.wait_for(lambda: not lab.processes(), "the end of all processes")
        assert lab.installed(lab.user_site) == {}
    assert statuses == [-signal.SIGINT, -signal.SIGINT]


def test_a_killed_safepip_leaves_none_of_it(lab: Lab, index: Index) -> None:
    wrapped(lab)
    lab.use_index(index)
    hold = index.hold("labbig")
    process = lab.start(["safepip", "install", "labbig"])
    hold.wait()
    process.send_signal(signal.SIGKILL)
    lab.wait_for(lambda: not lab.processes(), "the end of all processes")
