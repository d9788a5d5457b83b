"""Requirements out of a pipe, reports that cannot be written, homes of nobody, closed folders."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment
from tests.support.long import long

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.lab import Lab, LabMaker, Result


def shell(lab: Lab, script: str) -> Result:
    return lab.run(["bash", "-c", script])


# What pip has read from a pipe is gone: the second run needs it again.


@pytest.mark.parametrize(
    "script",
    [
        "safepip install -r <(echo labone==1.0)",
        "touch x; echo labone==1.0 | PIP_REQUIREMENT='x /dev/stdin' safepip install labnoscript",
        "echo labone==1.0 | safepip install -q -r /dev/stdin",
        "safepip install -r <(echo labone) -c <(sleep 0.5; echo labone==1.0)",
        "PIP_CONSTRAINT=/dev/fd/7 safepip install labone 7< <(echo labone==1.0)",
        *long(
            "safepip install labone -c <(echo labone==1.0)",
            "echo labone==1.0 | safepip install -r /dev/stdin",
            "echo labone==1.0 | PIP_REQUIREMENT=/dev/stdin safepip install labnoscript",
        ),
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
    assert "into your user site" in done.err


def test_a_pipe_for_another_purpose_is_left_alone(lab: Lab) -> None:
    lab.write("pyproject.toml")
    done = shell(lab, "echo mine | { safepip -q install labone; cat; }")
    assert done.out == "mine\n", done


@pytest.mark.parametrize("words", ["history", "doctor", "where --json", "help", "init bash"])
def test_an_answer_that_does_not_fit_on_the_disk(words: str, lab: Lab) -> None:
    done = shell(lab, f"safepip {words} >/dev/full")
    if words != "help":  # where pip's part comes first
        assert done.returncode == 73, done
        assert done.err == "safepip: Cannot write the output: No space left on device.\n"
    assert "internal error" not in done.err, done


def test_an_environment_is_not_called_broken_for_want_of_open_files(lab: Lab) -> None:
    lab.write("pyproject.toml")
    lab.venv()
    for limit in range(14, 22):
        done = shell(lab, f"ulimit -n {limit}; safepip install labone")
        assert "broken" not in done.err, (limit, done)


# The report's own troubles are not the install's.


@pytest.mark.parametrize(("name", "status"), [("labone", 0), ("labmissing", 1)])
def test_a_report_that_does_not_fit_on_the_disk(name: str, status: int, lab: Lab) -> None:
    lab.write("pyproject.toml")
    done = lab.run(["safepip", "--report-json", "/dev/full", "install", name])
    assert done.returncode == status, done
    assert "--report-json: cannot write /dev/full: No space left on device" in done.err
    if status:  # an environment of which nothing landed is taken away again
        assert not (lab.cwd / ".venv").exists()
    else:
        assert "labone" in in_environment(lab, lab.cwd / ".venv")


def test_a_report_into_a_pipe_that_nobody_reads_is_not_waited_for(lab: Lab) -> None:
    lab.write("pyproject.toml")
    pipe = lab.tmp / "pipe"
    os.mkfifo(pipe)
    lab.give(pipe)
    done = lab.run(["safepip", "--report-json", pipe, "install", "labone"])
    assert done.returncode == 0, done
    assert f"--report-json: cannot write {pipe}" in done.err
    assert in_environment(lab, lab.cwd / ".venv") == {"labone": "2.0"}


def test_a_report_into_a_pipe_that_is_read_arrives(lab: Lab) -> None:
    done = shell(
        lab, "safepip --report-json >(cat > report) install labone; wait; sleep 0; cat report"
    )
    assert '"labone"' in done.out, done


@pytest.mark.parametrize(
    "words",
    [
        ["install", "--dry-run", "labnoscript"],
        ["install", "--no-such-option", "labnoscript"],
        *long(["--python", ".venv", "install", "labnoscript"]),
    ],
    ids=lambda words: words[-2],
)
def test_an_install_that_is_pips_alone_is_reported_too(words: list[str], lab: Lab) -> None:
    lab.venv()
    report = lab.tmp / "report.json"
    bare = lab.bare(words)
    done = lab.run(["safepip", "--report-json", report, *words])
    assert done.returncode == bare.returncode, (bare, done)
    told = json.loads(report.read_text())
    outcome = "as-given" if bare.returncode == 0 else "failed"
    assert (told["outcome"], told["exit_code"]) == (outcome, bare.returncode)
    done = lab.run(["safepip", "--report-json", "no/such/folder/x", *words])
    assert done.returncode == 73, done


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


# What cannot be looked at is not there; nothing of that is a bug of safepip's to be told.


@contextlib.contextmanager
def closed(lab: Lab, path: Path) -> Iterator[None]:
    """The user may not look into *path*."""
    lab.lock(path)
    path.chmod(0o700 if lab.user.dropped else 0)
    try:
        yield
    finally:
        path.chmod(0o755)
        lab.give(path)


def circle(lab: Lab, path: str) -> Path:
    lab.write(path).unlink()
    link = lab.cwd / path
    link.symlink_to(link)
    return link


def no_bug(lab: Lab, *words: str | Path, expected: int = 0) -> Result:
    done = lab.run(["safepip", *words])
    assert "internal error" not in done.err, done
    assert done.returncode == expected, done
    return done


@pytest.mark.parametrize("folder", ["home", "dots"])
def test_a_home_that_may_not_be_looked_into(folder: str, lab: Lab) -> None:
    lab.write("../.local/share/x")
    where = lab.home if folder == "home" else lab.home / ".local"
    cwd = ["sh", "-c", 'cd /; exec "$@"', "sh"]
    with closed(lab, where):
        for words, expected in (
            (["path", "--json"], 0),
            (["plan", "install", "labone", "--json"], 0),
            (["install", "labone"], 77),
        ):
            done = lab.run([*cwd, "safepip", *words], cwd=lab.tmp)
            assert "internal error" not in done.err, done
            assert done.returncode == expected, done


def test_an_environment_that_may_not_be_looked_into_is_in_the_way(lab: Lab) -> None:
    lab.write("pyproject.toml")
    environment = lab.venv()
    with closed(lab, environment):
        done = no_bug(lab, "install", "labone", expected=73)
        assert "Cannot make a virtual environment in .venv, because " in done.err
        no_bug(lab, "plan", "install", "labone")
    assert in_environment(lab, environment) == {}


def test_a_circle_of_links_is_in_the_way(lab: Lab) -> None:
    lab.write("pyproject.toml")
    link = circle(lab, ".venv")
    done = no_bug(lab, "install", "labone", expected=73)
    assert "Cannot make a virtual environment in .venv, because " in done.err
    assert link.is_symlink()


def test_circles_of_links_in_a_home_are_pips_to_complain_of(lab: Lab) -> None:
    for name in (".local", ".config", ".bashrc", ".profile"):
        circle(lab, f"../{name}")
    no_bug(lab, "plan", "install", "labone")
    no_bug(lab, "install", "labone", expected=1)
    no_bug(lab, "path", "--json")


@pytest.mark.parametrize("name", ["PIPX_BIN_DIR", "UV_TOOL_BIN_DIR", "XDG_DATA_HOME", "HOME"])
def test_scripts_in_the_home_of_nobody_are_nowhere(name: str, lab: Lab) -> None:
    lab.env |= {name: "~there-is-no-such-user/bin", "UV_TOOL_DIR": str(lab.home)}
    answer = json.loads(no_bug(lab, "path", "--json").out)
    kinds = {kind for one in answer["data"]["dirs"] for kind in one["kinds"]}
    missing = {"PIPX_BIN_DIR": {"pipx"}, "UV_TOOL_BIN_DIR": {"uv"}, "XDG_DATA_HOME": {"uv"}}
    assert kinds == {"user", "pipx", "uv"} - missing.get(name, {"pipx", "uv"})
    no_bug(lab, "plan", "install", "labone")


@pytest.mark.parametrize("how", ["variable", "file"])
def test_a_setting_in_the_home_of_nobody_is_a_bad_one(how: str, lab: Lab) -> None:
    value = "~there-is-no-such-user/envs"
    where = "SAFEPIP_PERSONAL_VENV"
    if how == "variable":
        lab.env[where] = value
    else:
        file = lab.write(lab.home / ".config/safepip/config.toml", f'personal-venv = "{value}"\n')
        where = f"~/{file.relative_to(lab.home)}: personal-venv"
    for words in (["install", "labone"], ["settings"], ["path"], ["plan", "install", "labone"]):
        done = no_bug(lab, *words, expected=78)
        assert done.err == (
            f"safepip: {where} = '{value}' does not work."
            " There is no home directory for ~there-is-no-such-user.\n"
        )
    lab.env.pop("SAFEPIP_PERSONAL_VENV", None)
    lab.write("../.config/safepip/config.toml", 'personal-venv = "~/envs"\n')
    no_bug(lab, "settings")


@pytest.mark.parametrize("value", ["9" * 5000, "\u00b2", *long("-1", "x")])
def test_a_number_that_is_none_is_pips_to_complain_of(value: str, lab: Lab) -> None:
    lab.env["PIP_QUIET"] = value
    bare, ours = lab.both(["install", "labone"])
    assert bare.returncode != 0
    assert ours.same == bare.same


def test_a_working_directory_that_is_gone(lab: Lab) -> None:
    gone = 'mkdir gone; cd gone; rmdir ../gone; exec "$@"'
    told = lab.run(["sh", "-c", gone, "sh", "safepip", "plan", "install", "labone"])
    assert told.returncode == 69, told
    assert "The current directory is gone" in told.err
    bare, ours = (
        lab.run(["sh", "-c", gone, "sh", program, "install", "labone"])
        for program in ("pip", "safepip")
    )
    assert ours.same == bare.same


def test_a_report_where_nobody_may_look(lab: Lab) -> None:
    folder = lab.write("closed/report.json").parent
    with closed(lab, folder):
        done = no_bug(
            lab, "--report-json", folder / "report.json", "install", "labone", expected=73
        )
    assert "--report-json: cannot write" in done.err
    assert not lab.user_site.exists()
