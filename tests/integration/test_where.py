"""`safepip where`: every copy, and which one counts, as the disk and the Python itself have it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.support.diversions import install, site_of

if TYPE_CHECKING:
    from tests.support.lab import Lab, LabMaker
    from tests.support.pythons import Field


def where(lab: Lab, *words: str, status: int = 0) -> dict[str, Any]:
    done = lab.run(["safepip", "where", *words, "--json"])
    assert done.returncode == status, done
    told: dict[str, Any] = json.loads(done.out)
    assert (told["schema"], told["command"]) == (1, "where")
    return told


def copies(lab: Lab, name: str) -> dict[str, tuple[str, str]]:
    """By kind of place: the version, and how it stands with `python`."""
    (one,) = where(lab, name)["data"]["distributions"]
    return {copy["kind"]: (copy["version"], copy["python"]) for copy in one["copies"]}


def test_every_copy_is_found_and_the_imported_one_is_named(
    field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.modern(installed=["labone==1.0"]))
    lab.python.wants_usual_places()
    lab.bare(["install", "-q", "--user", "--ignore-installed", "labone==2.0"])
    lab.run([lab.venv() / "bin/pip", "install", "-q", "labone==2.0"])
    assert copies(lab, "LabOne") == {
        "project": ("2.0", "unseen"),
        "user": ("2.0", "imported"),
        "system": ("1.0", "shadowed"),
    }
    # What it says of the import is what Python does.
    imported = lab.run(["python", "-c", "import labone; print(labone.__file__)"]).out
    assert imported.startswith(str(lab.user_site))
    words = lab.run(["safepip", "where", "labone"])
    assert "labone: 3 copies" in words.out, words
    assert "`python` imports this one: it looks there before" in words.out
    assert f"`labone` runs {lab.python.bin}/labone" in words.out

    lab.activate(lab.cwd / ".venv")
    assert copies(lab, "labone")["active"] == ("2.0", "imported")


def test_a_copy_that_safepip_put_there_is_told_with_its_scripts(lab: Lab) -> None:
    lab.write("pyproject.toml")
    install(lab, "labone")
    (found,) = where(lab, "labone")["data"]["distributions"][0]["copies"]
    assert found["place"] == str(lab.cwd / ".venv")
    assert found["location"] == str(site_of(lab.cwd / ".venv"))
    assert (found["installer"], found["owner"]) == ("pip", lab.user.name)
    (script,) = found["scripts"]
    assert script == {
        "name": "labone",
        "path": str(lab.cwd / ".venv/bin/labone"),
        "runs": None,
        "mine": False,
    }


def test_an_editable_install_is_told_by_its_project(lab: Lab) -> None:
    from tests.support.wheels import source_tree

    lab.tree(source_tree("labedit"), "src")
    lab.run([lab.venv() / "bin/pip", "install", "-q", "-e", "src"])
    (found,) = where(lab, "labedit")["data"]["distributions"][0]["copies"]
    assert found["editable"] == str(lab.cwd / "src")


def test_what_an_install_takes_is_looked_up_by_its_name(lab: Lab) -> None:
    lab.run([lab.venv() / "bin/pip", "install", "-q", "labone"])
    for word in ("labone", "labone==1.0", "LabOne[extra] >= 1"):
        (told,) = where(lab, word)["data"]["distributions"]
        assert (told["name"], len(told["copies"])) == ("labone", 1), word


def test_what_is_nowhere_ends_with_1(lab: Lab) -> None:
    told = where(lab, "no-such-thing", status=1)
    assert told["errors"] == ["no-such-thing is in no known place"]
    done = lab.run(["safepip", "where", "no-such-thing"])
    assert (done.returncode, done.out) == (
        1,
        "no-such-thing is in no place that safepip knows of.\n",
    )


def test_without_a_name_it_counts_by_place(lab: Lab) -> None:
    lab.venv()
    kinds = {one["kind"]: one for one in where(lab)["data"]["places"]}
    assert kinds["project"]["path"] == str(lab.cwd / ".venv")
    assert kinds["project"]["distributions"] == len(lab.installed(site_of(lab.cwd / ".venv")))
    assert kinds["system"]["distributions"] == len(lab.installed(lab.python.site))
    assert "this project" in lab.run(["safepip", "where"]).out


def test_it_changes_nothing_and_reads_what_is_broken(lab: Lab) -> None:
    site = site_of(lab.venv(pip=False))
    lab.write(site / "odd-1.0.dist-info/METADATA", b"\xff\xfe\0")
    lab.write(site / "odd-2.0.dist-info/direct_url.json", "[" * 5000)
    lab.write(site / "odd.egg-link", b"/\xff\n.")
    before = lab.snapshot()
    assert len(where(lab, "odd")["data"]["distributions"][0]["copies"]) == 3
    assert lab.run(["safepip", "where", "odd"]).returncode == 0
    assert lab.snapshot() == before


def test_an_unknown_option_is_refused(lab: Lab) -> None:
    assert lab.run(["safepip", "where", "--all"]).returncode == 64
