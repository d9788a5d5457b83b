"""``plan`` foretells what ``install`` then does, and changes nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.diversions import install
from tests.support.lab import Lab, LabMaker, changes
from tests.support.long import long, only
from tests.support.pythons import MARKED, MODERN, OLD, Field, Pair

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def plan(lab: Lab, *words: str, own: Sequence[str] = ()) -> dict[str, Any]:
    done = lab.run(["safepip", *own, "plan", "--json", *words])
    assert done.returncode == 0, done
    assert done.stderr == b"", done
    answer = json.loads(done.out)
    assert answer["schema"] == 1
    assert answer["command"] == "plan"
    data = answer["data"]
    assert isinstance(data, dict)
    return data


@dataclass(frozen=True)
class Scene:
    """Surroundings, a command, and what is to come of it."""

    words: tuple[str, ...]
    action: str
    rule: str | None
    prepare: Callable[[Lab], object] = lambda lab: None
    own: tuple[str, ...] = ()
    marked: bool = False
    outcome: str = ""
    """Of a diversion that does not end well."""


def no_user_site(lab: Lab) -> None:
    lab.env["PYTHONNOUSERSITE"] = "1"


def project(lab: Lab) -> None:
    lab.write("pyproject.toml")


def requirements_elsewhere(lab: Lab) -> None:
    lab.write("../lists/base.txt", "labone\n")


def venv_active(lab: Lab) -> None:
    lab.activate(lab.venv())


def satisfied(lab: Lab) -> None:
    assert lab.bare(["install", "labone"]).returncode == 0


def closed_prefix(lab: Lab) -> None:
    lab.write("../.config/pip/pip.conf", f"[install]\nprefix = {lab.locked}\n")


def satisfied_beside_closed_prefix(lab: Lab) -> None:
    satisfied(lab)
    closed_prefix(lab)


SCENES = {
    "a project gets its environment": Scene(("install", "labone"), "divert", "project", project),
    "a file of requirements makes one here": Scene(
        ("install", "-r", "../lists/base.txt"), "divert", "local-request", requirements_elsewhere
    ),
    "a library goes to the user site": Scene(("install", "labone"), "divert", "user-site"),
    "an application goes to pipx": Scene(("install", "httpie"), "divert", "application"),
    "without a user site it is the personal environment": Scene(
        ("install", "labone"), "divert", "personal", no_user_site
    ),
    "an externally managed Python has no user site for us": Scene(
        ("install", "requests"), "divert", "personal", marked=True
    ),
    "quiet words are foretold as well": Scene(
        ("install", "-qq", "labone"), "divert", "project", project
    ),
    "refuse refuses": Scene(
        ("install", "labone"), "refuse", "refuse", own=("--strategy", "refuse")
    ),
    "a writable environment is pip's own affair": Scene(
        ("install", "labone"), "run", None, venv_active
    ),
    "what is satisfied is left alone": Scene(("install", "labone"), "run", None, satisfied),
    "a prefix of the settings is closed": Scene(
        ("install", "labone"), "divert", "user-site", closed_prefix
    ),
    "what is satisfied needs no prefix": Scene(
        ("install", "labone"), "run", None, satisfied_beside_closed_prefix
    ),
    "an upgrade needs it": Scene(
        ("install", "--upgrade", "--force-reinstall", "labone"),
        "divert",
        "user-site",
        satisfied_beside_closed_prefix,
    ),
    "what pip does not know stays pip's error": Scene(
        ("install", "--bogus", "labone"), "run", None, marked=True
    ),
    "an explicit place is left alone": Scene(("install", "--user", "labone"), "run", None, project),
    "what cannot be found is looked for where it would go": Scene(
        ("install", "nosuchlab"), "divert", "project", project, outcome="failed"
    ),
}


@pytest.mark.parametrize(
    "name",
    only(
        SCENES,
        "a file of requirements makes one here",
        "an application goes to pipx",
        "without a user site it is the personal environment",
        "an externally managed Python has no user site for us",
        "refuse refuses",
        "what is satisfied is left alone",
        "what is satisfied needs no prefix",
        "what pip does not know stays pip's error",
        "an explicit place is left alone",
        "what cannot be found is looked for where it would go",
    ),
)
def test_install_does_what_plan_says(make_lab: LabMaker, field: Field, name: str) -> None:
    scene = SCENES[name]
    if scene.rule == "application":
        lab = make_lab(pipx=True)
    else:
        lab = make_lab(field.pair(MARKED)) if scene.marked else make_lab()
    scene.prepare(lab)
    before = lab.snapshot()
    foretold = plan(lab, *scene.words, own=scene.own)
    assert not changes(before, lab.snapshot())
    assert (foretold["action"], foretold["rule"]) == (scene.action, scene.rule)

    told = install(lab, *scene.words[1:], own=scene.own).report
    if scene.action == "run":
        assert told["decision"] is None
        assert foretold["commands"] == [[str(_pip(lab)), *scene.words]]
        return
    well = "diverted" if scene.action == "divert" else "refused"
    assert told["outcome"] == (scene.outcome or well)
    assert told["trigger"]["name"] == foretold["trigger"]
    for key in ("rule", "reason", "rejected", "destination", "strategy"):
        assert told["decision"][key] == foretold[key]


@pytest.mark.parametrize("strategy", ["auto", *long("user")])
def test_what_an_old_pip_does_not_know_is_foretold_as_its_error(
    strategy: str, make_lab: LabMaker, field: Field
) -> None:
    lab = make_lab(field.pair(OLD[0]))
    project(lab)
    own = ("--strategy", strategy)
    told = plan(lab, "install", "--report", "x.json", "labone", own=own)
    assert told["reason"] == "pip ends with an error before it would install anything"
    assert lab.run(["safepip", *own, "install", "--report", "x.json", "labone"]).returncode == 2
    assert plan(lab, "install", "--no-deps", "labone", own=own)["action"] == "divert"


@pytest.mark.parametrize(
    "words",
    [
        "install --user labone",
        "--python {python} install labone",
        "install --target there labone",
        *long(
            "install --no-user labone",
            "install --dry-run labone",
            "install --dry-run --report r.json labone",
            "install --break-system-packages --target there labone",
            "install --prefix there labone",
        ),
    ],
)
def test_a_managed_python_s_refusal_is_foretold(
    words: str, make_lab: LabMaker, field: Field
) -> None:
    lab = make_lab(field.pair(MARKED))
    command = words.format(python=lab.python.executable).split()
    told = plan(lab, *command)
    assert told["action"] == "run"
    status = lab.run(["safepip", *command]).returncode
    assert (status == 1) == told["reason"].startswith("pip refuses it"), told


@pytest.mark.parametrize("pair", [OLD[0], *long(*OLD[1:], *MODERN)], ids=str)
def test_every_pip_tells_whether_there_is_anything_to_install(
    pair: Pair, make_lab: LabMaker, field: Field
) -> None:
    lab = make_lab(field.pair(pair))
    assert lab.bare(["install", "--user", "labone"]).returncode == 0
    assert plan(lab, "install", "labone")["reason"] == "all of it is installed already"
    assert plan(lab, "install", "-U", "labone", "labnoscript")["action"] == "divert"


def _pip(lab: Lab) -> object:
    active = lab.env.get("VIRTUAL_ENV")
    return f"{active}/bin/pip" if active else lab.python.bin / "pip"


def test_plan_says_for_each_requirement_what_it_is(lab: Lab) -> None:
    told = plan(lab, "install", "labone", "httpie", "labnoscript")
    kinds = {one["name"]: one["kind"] for one in told["applications"]}
    assert kinds["httpie"] == "application"
    assert kinds["labnoscript"] == "library"
    assert all(one["why"] for one in told["applications"])


def test_an_environment_that_cannot_be_used_is_told_as_install_does(lab: Lab) -> None:
    lab.write("pyproject.toml")
    for python in (lab.venv() / "bin").glob("python*"):
        python.unlink()
        python.symlink_to("/nowhere/python")
    answer = json.loads(lab.run(["safepip", "plan", "--json", "install", "labone"]).out)
    assert answer["data"]["commands"] == []
    assert ".venv is broken (its interpreter /nowhere/python is gone)" in answer["errors"][0]
    shown = lab.run(["safepip", "plan", "install", "labone"]).out.splitlines()
    told = lab.run(["safepip", "install", "labone"])
    assert told.returncode == 73, told
    assert shown[-2:] == [line.removeprefix("safepip: ") for line in told.err.splitlines()]


def test_plan_of_another_command_says_that_pip_gets_it(lab: Lab) -> None:
    told = plan(lab, "list", "--format", "json")
    assert told["action"] == "run"
    assert told["commands"] == [[str(lab.python.bin / "pip"), "list", "--format", "json"]]


def test_plan_of_a_name_alone_says_how_to_ask_for_its_install(lab: Lab) -> None:
    done = lab.run(["safepip", "plan", "-q", "labone"])
    assert done.out.splitlines()[-1].strip() == "safepip plan -q install labone"
    assert "Did you mean" not in lab.run(["safepip", "plan", "list"]).out


def test_plan_is_readable(lab: Lab) -> None:
    lab.write("pyproject.toml")
    done = lab.run(["safepip", "plan", "install", "labone"])
    assert done.returncode == 0, done
    assert "is not writable" in done.out
    assert "Rule: project (pyproject.toml is here)" in done.out
    assert "not active-environment: no environment is active" in done.out
    assert f"    {lab.cwd}/.venv/bin/" in done.out
    assert "pip install labone\n" in done.out


def test_behind_two_dashes_plan_is_pips_word(lab: Lab) -> None:
    bare = lab.bare(["plan", "install", "labone"])
    assert lab.run(["safepip", "--", "plan", "install", "labone"]).same == bare.same
