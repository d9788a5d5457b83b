"""Diversions with the pips of nine years: those that say so in time, and those that just fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment, install
from tests.support.lab import DEFAULTING, changes
from tests.support.long import first_and_last, long
from tests.support.pythons import MARKED, MODERN, OLD, PAIRS, Pair

if TYPE_CHECKING:
    from tests.support.lab import LabMaker
    from tests.support.pythons import Field

pairs = pytest.mark.parametrize("pair", first_and_last(PAIRS), ids=str)
few = pytest.mark.parametrize("pair", first_and_last([*OLD, MODERN[0], MODERN[-1]]), ids=str)
old = pytest.mark.parametrize("pair", OLD, ids=str)


@pairs
def test_every_pip_is_diverted_to_the_projects_environment(
    pair: Pair, field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.pair(pair))
    lab.write("pyproject.toml")
    told = install(lab, "labdeps")
    environment = lab.cwd / ".venv"
    assert told.result.returncode == 0, told
    assert told.where == ("diverted", "project", str(environment))
    expected = "default-to-user" if pair.defaults_to_user else "permission-denied"
    assert told.report["trigger"]["name"] == expected
    assert told.report["trigger"]["path"] == str(lab.python.site)
    assert told.report["leftovers"] == []
    landed = {"labdeps": "1.0", "labone": "2.0", "labnoscript": "1.0"}
    assert in_environment(lab, environment) == told.landed == landed
    assert not lab.user_site.exists()
    # The environment is of the same Python, and has a pip that works.
    version = lab.run([environment / "bin/python", "-m", "pip", "--version"])
    assert version.returncode == 0, version
    assert f"(python {pair.python})" in version.out
    assert lab.run([environment / "bin/labone"]).out == "labone 2.0\n"
    # And pip is not asked to fail first where that can be known.
    assert b"[Errno 13]" not in told.result.stderr
    again = install(lab, "labone")
    assert (again.where, again.landed) == (told.where, {}), again


@few
def test_every_pip_ends_in_the_user_site_where_there_is_no_better_place(
    pair: Pair, field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.pair(pair))
    told = install(lab, "labdeps")
    assert told.result.returncode == 0, told
    assert told.where == ("diverted", "user-site", str(lab.user_site))
    landed = {"labdeps": "1.0", "labone": "2.0", "labnoscript": "1.0"}
    assert lab.installed(lab.user_site) == told.landed == landed
    assert told.scripts == {"labone": "off-path"}
    assert DEFAULTING.strip() not in told.result.stdout
    command = told.report["next_command"]
    assert lab.run(["bash", "-c", f"{command}; labone"]).out == "labone 2.0\n"


@old
def test_an_old_pips_upgrade_is_diverted_before_it_harms_anything(
    pair: Pair, field: Field, make_lab: LabMaker
) -> None:
    python = field.pair(pair, installed=["labone==1.0"])
    lab = make_lab(python)
    told = install(lab, "-U", "labone")
    assert told.result.returncode == 0, told
    assert told.where[:2] == ("diverted", "user-site")
    assert lab.installed(lab.user_site) == {"labone": "2.0"}
    assert lab.installed(python.site)["labone"] == "1.0"
    assert lab.run([python.bin / "labone"]).out == "labone 2.0\n"  # the user's module comes first


@few
def test_where_the_scripts_folder_alone_is_denied_the_half_done_is_told(
    pair: Pair, field: Field, make_lab: LabMaker
) -> None:
    python = field.pair(pair, private="half")
    lab = make_lab(python)
    lab.give(python.site)
    lab.write("pyproject.toml")
    lab.venv()
    bare = lab.bare(["install", "labnoscript", "labone"])
    assert b"[Errno 13]" in bare.stderr, bare
    lab.bare(["uninstall", "-y", "labone", "labnoscript"])
    lab.run(["sh", "-c", f"rm -rf '{python.site}'/lab*"])
    told = install(lab, "labone")
    assert told.result.returncode == 0, told
    assert told.where[:2] == ("diverted", "project")
    assert told.report["trigger"]["name"] == "permission-denied"
    assert told.report["trigger"]["path"] == str(python.bin)
    assert "[Errno 13]" in told.report["trigger"]["line"]
    left = [one.name for one in python.site.glob("labone*")]
    words = " ".join(told.report["leftovers"])
    if any(one.endswith("-info") for one in left):
        assert "labone 2.0" in words
        assert str(python.site) in words
    assert all(one in told.words for one in told.report["leftovers"])
    assert in_environment(lab, lab.cwd / ".venv") == told.landed == {"labone": "2.0"}


@pytest.mark.parametrize("pair", [MODERN[1], *long(MODERN[3])], ids=str)
def test_an_old_version_that_pip_could_not_remove_is_told(
    pair: Pair, field: Field, make_lab: LabMaker
) -> None:
    python = field.pair(pair, installed=["labone==1.0"], private="aside")
    lab = make_lab(python)
    lab.give(python.site)
    lab.give(python.bin)
    lab.lock(python.site / "labone")  # alone: pip tries for three seconds to remove each folder
    told = install(lab, "-U", "labone")
    assert told.result.returncode == 0, told
    assert lab.installed(python.site)["labone"] == "2.0"
    if pair.pip == "24.0":
        # It only warns, and is content.
        assert told.where == ("as-given", None, None)
        return
    assert told.where[:2] == ("diverted", "user-site")
    assert lab.installed(lab.user_site) == {"labone": "2.0"}
    words = " ".join(told.report["leftovers"])
    assert f"had installed labone 2.0 in {python.site}" in words
    assert f"{python.site}/~abone" in words


def test_what_pip_9_was_denied_in_the_user_site_goes_to_the_next_place(
    field: Field, make_lab: LabMaker
) -> None:
    """It says so by a traceback; one in the way is not looked for beforehand."""
    lab = make_lab(field.pair(OLD[0]))
    lab.write(lab.user_site / "labone/old")
    lab.lock(lab.user_site / "labone")
    told = install(lab, "labone")
    assert told.where[:2] == ("diverted", "personal"), told
    assert in_environment(lab, told.destination) == {"labone": "2.0"}
    assert "Traceback" not in told.result.err, told


@few
def test_without_a_user_site_the_personal_environment_takes_it(
    pair: Pair, field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.pair(pair))
    personal = lab.home / f".local/share/safepip/envs/python{pair.python}"
    told = install(lab, "requests", env={"PYTHONNOUSERSITE": "1"})
    assert told.result.returncode == 0, told
    assert told.where == ("diverted", "personal", str(personal))
    assert told.report["trigger"]["name"] == "permission-denied"
    assert "disabled" in told.rejected["user-site"]
    assert in_environment(lab, personal) == {"requests": "2.32.3", "idna": "3.10"}
    assert not (lab.home / ".local/lib").exists()


@pytest.mark.parametrize("words", [[], *long(["-q"]), ["-qqq"]], ids=["loud", "-q", "-qqq"])
def test_an_externally_managed_python_never_gets_the_user_site(
    words: list[str], field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.pair(MARKED))
    told = install(lab, *words, "requests")
    personal = lab.home / f".local/share/safepip/envs/python{lab.python.version}"
    assert told.result.returncode == 0, told
    assert told.where == ("diverted", "personal", str(personal))
    assert told.report["trigger"]["name"] == "externally-managed"
    assert "externally managed" in told.rejected["user-site"]
    assert in_environment(lab, personal) == told.landed == {"requests": "2.32.3", "idna": "3.10"}
    assert not (lab.home / ".local/lib").exists()
    assert b"externally-managed-environment" not in told.result.stderr
    if words:
        # Contract §2: one line with -q, errors alone with more.
        lines = told.result.err.splitlines()
        assert (told.result.stdout, len(lines)) == (b"", 1 if words == ["-q"] else 0), lines


def test_on_an_externally_managed_python_a_project_still_comes_first(
    field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.pair(MARKED))
    lab.write("setup.cfg")
    told = install(lab, "labone")
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv")), told
    assert in_environment(lab, lab.cwd / ".venv") == {"labone": "2.0"}


def test_refuse_on_an_externally_managed_python(field: Field, make_lab: LabMaker) -> None:
    lab = make_lab(field.pair(MARKED))
    before = lab.snapshot()
    told = install(lab, "labone", own=["--strategy", "refuse"])
    assert told.result.returncode == 77, told
    assert told.report["trigger"]["name"] == "externally-managed"
    assert changes(before, lab.snapshot()).added == ("$TMPDIR/report.json",)


@pytest.mark.parametrize("strategy", ["off", "user"])
def test_strategies_that_leave_an_externally_managed_python_alone(
    strategy: str, field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.pair(MARKED))
    before = lab.snapshot()
    bare = lab.bare(["install", "labone"])
    told = install(lab, "labone", own=["--strategy", strategy])
    assert told.result.returncode == (bare.returncode if strategy == "off" else 77), told
    if strategy == "off":
        assert told.result.same == bare.same
    assert changes(before, lab.snapshot()).added == ("$TMPDIR/report.json",)


def test_a_pip_that_does_not_know_the_marker_is_served_as_its_own_words_say(
    field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.python("3.10", "22.3.1", marked=True))
    told = install(lab, "labone")
    assert told.report["trigger"]["name"] == "default-to-user", told
    # That it does not know the marker is no reason to break what the marker protects.
    assert told.where[:2] == ("diverted", "personal")
    assert not (lab.home / ".local/lib").exists()
