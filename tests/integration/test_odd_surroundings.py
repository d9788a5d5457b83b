"""Requirements out of a pipe, a report that cannot be written, a ~ that means nobody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment

if TYPE_CHECKING:
    from tests.support.lab import Lab, LabMaker, Result


def shell(lab: Lab, script: str) -> Result:
    return lab.run(["bash", "-c", script])


# What pip has read from a pipe is gone: the second run needs it again.


@pytest.mark.parametrize(
    "script",
    [
        "safepip install -r <(echo labone==1.0)",
        "echo labone==1.0 | safepip install -r /dev/stdin",
        "echo labone==1.0 | PIP_REQUIREMENT=/dev/stdin safepip install labnoscript",
        "echo labone==1.0 | safepip install -q -r /dev/stdin",
        "safepip install labone -c <(echo labone==1.0)",
        "safepip install -r <(echo labone) -c <(sleep 0.5; echo labone==1.0)",
        "PIP_CONSTRAINT=/dev/fd/7 safepip install labone 7< <(echo labone==1.0)",
    ],
)
def test_what_a_pipe_brings_is_installed_elsewhere_too(script: str, lab: Lab) -> None:
    lab.write("pyproject.toml")
    done = shell(lab, script)
    assert done.returncode == 0, done
    found = in_environment(lab, lab.cwd / ".venv")
    found.pop("labnoscript", None)
    assert found == {"labone": "1.0"}, done
    assert "labone 1.0" in done.err or "-q" in script


def test_a_constraint_out_of_a_pipe_is_nothing_for_pipx(make_lab: LabMaker) -> None:
    """It closes the open files of others, so that its pip would not find this one."""
    lab = make_lab(pipx=True)
    done = shell(lab, "safepip install labapp -c <(echo labapp==1.0)")
    assert done.returncode == 0, done
    assert lab.installed(lab.user_site) == {"labapp": "1.0"}
    assert "(rule: user-site" in done.err


def test_a_pipe_for_another_purpose_is_left_alone(lab: Lab) -> None:
    lab.write("pyproject.toml")
    done = shell(lab, "echo mine | { safepip -q install labone 2>&1; cat; }")
    assert done.out == "mine\n", done


# The report's own troubles are not the install's.


@pytest.mark.parametrize(("name", "status"), [("labone", 0), ("labmissing", 1)])
def test_a_report_that_does_not_fit_on_the_disk(name: str, status: int, lab: Lab) -> None:
    lab.write("pyproject.toml")
    done = lab.run(["safepip", "--report-json", "/dev/full", "install", name])
    assert done.returncode == status, done
    assert "--report-json: cannot write /dev/full: No space left on device" in done.err
    assert ("labone" in in_environment(lab, lab.cwd / ".venv")) == (not status)


def test_one_that_cannot_be_written_at_all_is_told_before(lab: Lab) -> None:
    lab.write("pyproject.toml")
    done = lab.run(["safepip", "--report-json", "no/such/folder/x", "install", "labone"])
    assert done.returncode == 73, done
    assert not (lab.cwd / ".venv").exists()


# To pip a ~ that means nobody is a name like any other.


@pytest.mark.parametrize("how", ["variable", "file"])
def test_a_target_in_the_home_of_nobody(how: str, lab: Lab) -> None:
    if how == "variable":
        lab.env["PIP_TARGET"] = "~there-is-no-such-user/lib"
    else:
        lab.write("../.config/pip/pip.conf", "[install]\ntarget = ~there-is-no-such-user/lib\n")
    bare = lab.bare(["install", "labnoscript"])
    lab.run(["rm", "-r", "~there-is-no-such-user"])
    report = lab.tmp / "report.json"
    done = lab.run(["safepip", "--report-json", report, "install", "labnoscript"])
    assert done.same == bare.same
    assert json.loads(report.read_text())["outcome"] == "as-given"
    assert (lab.cwd / "~there-is-no-such-user/lib/labnoscript").is_dir()
