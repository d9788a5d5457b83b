"""pip is not started only to fail: where the disk tells so, safepip decides at once.

That shows by the trigger's line: it is null where pip could not say it yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.integration.test_plan import plan
from tests.support.diversions import in_environment, install
from tests.support.long import only
from tests.support.wheels import make_wheel, source_tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.lab import Lab, LabMaker
    from tests.support.pythons import Field

INSTALLED = ("labone==1.0", "labextra==1.0", "labpre==2.0rc1", "Ruamel_Yaml==1.0")
"""What the locked Python holds already."""


STRATEGY = ("--strategy", "user")
"""Spares the look-ups and the new environments, which are not at stake here."""


def nothing(lab: Lab) -> None:
    """As it is."""


def listed(lab: Lab) -> None:
    lab.write("lists/all.txt", "# ours\n-r more.txt\nlabone\n")
    lab.write("lists/more.txt", "labnoscript  # new\n")


def listed_and_there(lab: Lab) -> None:
    lab.write("list.txt", "labone>=1\nlabextra[z] ; python_version > '3'\n")


def source(lab: Lab) -> None:
    lab.tree(source_tree("labtree"), "tree")


def edited(lab: Lab) -> None:
    source(lab)
    assert lab.bare(["install", "-e", "./tree"]).returncode == 0


@dataclass(frozen=True)
class Scene:
    """A command that is diverted without asking pip, or is not."""

    words: tuple[str, ...]
    prepare: Callable[[Lab], object] = nothing
    env: tuple[tuple[str, str], ...] = ()


DOOMED = {
    "a plain name": Scene(("labnoscript",)),
    "one of two names": Scene(("labone", "labnoscript")),
    "a version that is not there": Scene(("labone>=2",)),
    "a name with extras": Scene(("labnoscript[all]",)),
    "a list of lists": Scene(("-r", "lists/all.txt"), listed),
    "a directory": Scene(("./tree",), source),
    "a directory to be edited": Scene(("-e", "./tree"), source),
    "what is there, anew": Scene(("--force-reinstall", "labone")),
    "an upgrade of what is not there": Scene(("-U", "labnoscript")),
    "quietly": Scene(("-qq", "labnoscript")),
    "a list by a variable": Scene((), listed, (("PIP_REQUIREMENT", "lists/all.txt"),)),
}
LEFT_ALONE = {
    "a plain name": Scene(("labone",)),
    "another spelling": Scene(("ruamel.yaml", "LabOne")),
    "a fitting version": Scene(("labone<2",)),
    "an extra that brings nothing": Scene(("labextra[z]",)),
    "a pre-release": Scene(("labpre",)),
    "a marker of another Python": Scene(("labnoscript; python_version < '3'",)),
    "a list": Scene(("-r", "list.txt"), listed_and_there),
    "the user's own": Scene(("labnoscript",), lambda lab: lab.bare(["install", "labnoscript"])),
    "the user's own, edited": Scene(("labtree",), edited),
}
ASKED = {
    "a dependency of it is missing": Scene(
        ("requests",),
        lambda lab: (lab.bare(["install", "requests"]), lab.bare(["uninstall", "-y", "idna"])),
    ),
    "an extra of it is missing": Scene(("labextra[x]",)),
    "a newer one may be there": Scene(("-U", "labone")),
}
WRONG = {
    "no such option": Scene(("--no-such-option", "labnoscript")),
    "no such list": Scene(("-r", "none.txt", "labnoscript")),
    "no such constraints": Scene(("-c", "none.txt", "labnoscript")),
    "no such directory": Scene(("./none", "labnoscript")),
    "no requirement": Scene(("labnoscript", "lab one")),
    "no such value": Scene(("--platform", "any", "labnoscript")),
}


@pytest.fixture
def lab(field: Field, make_lab: LabMaker) -> Lab:
    """A lab whose locked Python holds something already."""
    return make_lab(field.modern(installed=INSTALLED[:3]))


def begin(lab: Lab, scene: Scene) -> None:
    scene.prepare(lab)
    lab.env |= dict(scene.env)


@pytest.mark.parametrize(
    "name",
    only(
        DOOMED,
        "one of two names",
        "a name with extras",
        "a list of lists",
        "a directory to be edited",
        "what is there, anew",
        "a list by a variable",
    ),
)
def test_what_is_certain_to_be_denied_goes_straight_to_its_place(lab: Lab, name: str) -> None:
    scene = DOOMED[name]
    begin(lab, scene)
    foretold = plan(lab, "install", *scene.words, own=STRATEGY)
    told = install(lab, *scene.words, own=STRATEGY)
    assert told.result.returncode == 0, told
    assert told.report["outcome"] == "diverted"
    assert foretold["action"] == "divert"
    assert told.report["decision"]["rule"] == foretold["rule"]
    assert told.report["trigger"]["name"] == "default-to-user"
    assert told.report["trigger"]["line"] is None
    assert told.report["trigger"]["path"] == str(lab.python.site)


@pytest.mark.parametrize(
    "name",
    only(
        LEFT_ALONE, "another spelling", "an extra that brings nothing", "a list", "the user's own"
    ),
)
def test_what_is_satisfied_is_left_alone(lab: Lab, name: str) -> None:
    scene = LEFT_ALONE[name]
    if "ruamel.yaml" in scene.words:
        lab.write("wheels/none")
        make_wheel(lab.cwd / "wheels", "Ruamel_Yaml")
        lab.bare(["install", "--find-links", "wheels", "Ruamel_Yaml"])
    begin(lab, scene)
    bare = lab.bare(["install", *scene.words])
    assert b"Successfully" not in bare.stdout
    assert plan(lab, "install", *scene.words)["action"] == "run"
    told = install(lab, *scene.words)
    assert told.result.same == bare.same
    assert told.where == ("as-given", None, None)


@pytest.mark.parametrize(
    "name", only(ASKED, "an extra of it is missing", "a newer one may be there")
)
def test_what_only_pip_can_tell_pip_is_asked(lab: Lab, name: str) -> None:
    scene = ASKED[name]
    lab.write("pyproject.toml")
    begin(lab, scene)
    foretold = plan(lab, "install", *scene.words)
    told = install(lab, *scene.words)
    assert told.result.returncode == 0, told
    assert told.where[:2] == ("diverted", "project")
    assert (foretold["action"], foretold["rule"]) == ("divert", "project")
    assert told.report["trigger"]["line"] is not None


@pytest.mark.parametrize("name", only(WRONG, "no such list", "no such directory", "no requirement"))
def test_what_pip_refuses_ends_with_its_own_words(lab: Lab, name: str) -> None:
    scene = WRONG[name]
    lab.write("pyproject.toml")
    begin(lab, scene)
    bare = lab.bare(["install", *scene.words])
    assert bare.returncode != 0
    told = install(lab, *scene.words)
    assert told.result.same == bare.same
    assert not (lab.cwd / ".venv").exists()


def test_an_environment_that_is_there_gets_its_own(lab: Lab) -> None:
    lab.write("pyproject.toml")
    environment = lab.venv()
    assert plan(lab, "install", "labone")["destination"] == str(environment)
    told = install(lab, "labone<2")
    assert told.where == ("diverted", "project", str(environment))
    assert told.report["trigger"]["line"] is None
    assert in_environment(lab, environment) == told.landed == {"labone": "1.0"}
    again = install(lab, "labone<2")
    assert (again.where, again.landed) == (told.where, {})


def test_a_project_without_one_is_left_alone_where_all_is_satisfied(lab: Lab) -> None:
    lab.write("pyproject.toml")
    assert install(lab, "labone").where == ("as-given", None, None)
    assert not (lab.cwd / ".venv").exists()


@pytest.mark.parametrize("strategy", ["venv", "user", "auto"])
def test_what_is_started_ahead_is_what_installs(strategy: str, lab: Lab) -> None:
    lab.python.wants_usual_places()
    if strategy == "venv":
        lab.write("pyproject.toml")
        lab.venv()
    elif strategy != "auto":
        lab.env["SAFEPIP_STRATEGY"] = strategy
    log = lab.tmp / "started"
    lab.write(
        "more/sitecustomize.py",
        f"import sys\nwith open({str(log)!r}, 'a') as file:\n"
        "    print(*(word for word in sys.orig_argv if len(word) < 500), file=file)\n",
    )
    done = lab.run(["safepip", "install", "labbig"], env={"PYTHONPATH": str(lab.cwd / "more")})
    assert done.returncode == 0, done
    # Told what to do by other means, it was started without these words.
    started = log.read_text(encoding="utf-8").splitlines()
    assert [line.split()[-2:] for line in started if "install" in line.split()] == [
        ["install", "labbig"]
    ]
    assert any("pip._internal.commands.install" in line.split() for line in started)


def test_a_pip_that_is_a_script_of_somebody_elses_is_asked_first(lab: Lab) -> None:
    lab.write("pyproject.toml")
    script = lab.write("bin/pip", f'#!/bin/sh\nexec {lab.python.pip} "$@"\n')
    script.chmod(0o755)
    lab.env["PATH"] = f"{script.parent}:{lab.env['PATH']}"
    told = install(lab, "labnoscript")
    assert told.where[:2] == ("diverted", "project"), told
    assert told.report["trigger"]["line"] is not None
