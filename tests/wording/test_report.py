"""What the user reads: a few renderings as they stand, and the report's JSON."""

from __future__ import annotations

import json
from pathlib import PurePath, PurePosixPath

import pytest

from safepip import __version__
from safepip.model.decisions import DestinationKind, Divert, Refuse, Rejection, Remedy, Strategy
from safepip.model.errors import CannotCreateError, UsageError
from safepip.model.outcome import LandedScript, Landing, Outcome, OutcomeKind, Visibility
from safepip.model.problems import Problem
from safepip.model.reasons import Reason, because
from safepip.model.triggers import TriggerName
from safepip.wording import errors, report, triggers
from safepip.wording import json as wording_json
from tests.support.facts import PIPX, READER, SITE, USER_SITE, debian, marked, trigger, virtual

VENV = PurePosixPath("/home/you/site/.venv")


def script(
    name: str, folder: str = f"{VENV}/bin", shadowed_by: str | None = None, *, visible: bool = False
) -> LandedScript:
    visibility = Visibility.VISIBLE if visible else Visibility.OFF_PATH
    return LandedScript(
        name=name,
        path=PurePosixPath(folder, name),
        visibility=Visibility.SHADOWED if shadowed_by else visibility,
        shadowed_by=None if shadowed_by is None else PurePosixPath(shadowed_by),
    )


def landed(
    name: str, version: str, *scripts: LandedScript, location: PurePath | None = None
) -> Landing:
    site = location or VENV / "lib/python3.12/site-packages"
    return Landing(name=name, version=version, location=site, scripts=scripts)


REFUSED = because(Reason.STRATEGY, strategy=Strategy.REFUSE)
PROJECT = Divert(
    destination=DestinationKind.VENV,
    rule="project",
    reason=because(Reason.SIGN_HERE, sign="pyproject.toml"),
    path=VENV,
    rejected=(Rejection(rule="active-environment", why=because(Reason.NONE_ACTIVE)),),
)
DJANGO = Outcome(
    kind=OutcomeKind.DIVERTED,
    exit_code=0,
    trigger=trigger(),
    decision=PROJECT,
    interpreter=virtual(),
    landed=(
        landed("django", "5.2.1", script("django-admin")),
        landed("asgiref", "3.8.1"),
        landed("sqlparse", "0.5.3"),
    ),
    next_command=f"source {VENV}/bin/activate",
)


def rendered(outcome: Outcome) -> str:
    return "\n".join(report.report(outcome, cause=debian(), reader=READER))


def test_the_report_of_the_contract() -> None:
    assert rendered(DJANGO) == (
        "Installed django 5.2.1, asgiref 3.8.1 and sqlparse 0.5.3 into this project's"
        " /home/you/site/.venv, because /usr/local/lib/python3.12/dist-packages is not writable"
        " (owner: root).\n"
        "To run django-admin in this shell:\n"
        "    source /home/you/site/.venv/bin/activate"
    )


def test_a_library_in_the_user_site() -> None:
    decision = Divert(
        destination=DestinationKind.USER,
        rule="user-site",
        reason=because(Reason.LOOKS_LIBRARY),
        path=USER_SITE,
    )
    outcome = Outcome(
        kind=OutcomeKind.DIVERTED,
        exit_code=0,
        trigger=trigger(),
        decision=decision,
        interpreter=debian(),
        landed=(landed("requests", "2.32.3", location=USER_SITE),),
    )
    assert rendered(outcome) == (
        "Installed requests 2.32.3 into your user site,"
        f" because {SITE} is not writable (owner: root)."
    )


def test_an_application_whose_command_is_shadowed() -> None:
    decision = Divert(
        destination=DestinationKind.PIPX,
        rule="application",
        reason=because(Reason.WELL_KNOWN),
        path=PIPX,
    )
    commands = (
        script("http", "/home/you/.local/bin", shadowed_by="/usr/bin/http"),
        script("https", "/home/you/.local/bin"),
        script("httpie", "/home/you/.local/bin"),
    )
    place = PIPX / "venvs/httpie/lib/python3.12/site-packages"
    outcome = Outcome(
        kind=OutcomeKind.DIVERTED,
        exit_code=0,
        trigger=trigger(TriggerName.EXTERNALLY_MANAGED),
        decision=decision,
        interpreter=marked(),
        landed=(landed("httpie", "3.2.4", *commands, location=place),),
        next_command='export PATH=/home/you/.local/bin:"$PATH"',
    )
    assert rendered(outcome).splitlines()[0] == (
        f"Installed httpie 3.2.4 into {PIPX}/venvs/httpie, by pipx,"
        " because your OS manages /usr/bin/python3."
    )
    assert rendered(outcome).splitlines()[1:] == [
        "`http` still runs /usr/bin/http, which comes first on your PATH.",
        "To run https and httpie in this shell:",
        '    export PATH=/home/you/.local/bin:"$PATH"',
    ]


def test_a_library_is_imported_and_not_run() -> None:
    rich = landed("rich", "14.0")._replace(modules=("rich",))
    outcome = DJANGO._replace(landed=(rich, landed("pygments", "2.19")))
    assert rendered(outcome).splitlines()[1:] == [
        f"To import rich, use {VENV}/bin/python, or activate its environment in this shell:",
        f"    source {VENV}/bin/activate",
    ]


def test_many_commands_are_counted() -> None:
    commands = tuple(script(f"c{number}") for number in range(12))
    outcome = Outcome(
        kind=OutcomeKind.DIVERTED, exit_code=0, trigger=trigger(), decision=PROJECT,
        interpreter=virtual(), landed=(landed("x", "1", *commands),),
    )  # fmt: skip
    assert "c0, c1, c2, c3, c4, c5, c6 and 5 more are not on your PATH" in rendered(outcome)


def test_visible_commands_need_no_words() -> None:
    outcome = Outcome(
        kind=OutcomeKind.DIVERTED, exit_code=0, trigger=trigger(), decision=PROJECT,
        interpreter=virtual(), landed=(landed("x", "1", script("x", visible=True)),),
    )  # fmt: skip
    assert "PATH" not in rendered(outcome)
    assert len(rendered(outcome).splitlines()) == 1


def test_nothing_new_is_said_to_be_nothing_new() -> None:
    outcome = Outcome(
        kind=OutcomeKind.DIVERTED, exit_code=0, trigger=trigger(), decision=PROJECT,
        interpreter=virtual(),
    )  # fmt: skip
    assert rendered(outcome).startswith(f"Already installed in this project's {VENV}.")


def test_a_failure_is_never_called_done() -> None:
    outcome = Outcome(
        kind=OutcomeKind.FAILED, exit_code=1, trigger=trigger(), decision=PROJECT,
        interpreter=virtual(), leftovers=("pip left something",),
    )  # fmt: skip
    text = rendered(outcome)
    assert "Installed" not in text
    assert "failed; see the error above." in text
    assert text.endswith("pip left something")


def test_a_pip_without_its_module_is_told_as_that() -> None:
    decision = PROJECT._replace(destination=DestinationKind.USER, path=USER_SITE)
    outcome = Outcome(
        kind=OutcomeKind.FAILED, exit_code=1, trigger=trigger(), decision=decision,
        interpreter=debian(pip_version=None),
    )  # fmt: skip
    assert "Your pip cannot start, because its own module is missing" in rendered(outcome)
    with_one = outcome._replace(interpreter=debian())
    assert "failed; see the error above." in rendered(with_one)


def test_a_refusal_tells_one_cause_once() -> None:
    managed = trigger(TriggerName.EXTERNALLY_MANAGED)
    decision = Refuse(rule="none", reason=because(Reason.EXTERNALLY_MANAGED))
    outcome = Outcome(
        kind=OutcomeKind.REFUSED, exit_code=77, trigger=managed, decision=decision,
        interpreter=marked(),
    )  # fmt: skip
    first = rendered(outcome).splitlines()[0]
    assert first.endswith("your OS manages /usr/bin/python3, and that closes your user site, too.")


def test_a_refusal_says_why_and_what_goes_on() -> None:
    decision = Refuse(rule="refuse", reason=REFUSED, do="safepip install x", remedy=Remedy.AUTO)
    outcome = Outcome(
        kind=OutcomeKind.REFUSED, exit_code=77, trigger=trigger(), decision=decision,
        interpreter=debian(),
    )  # fmt: skip
    assert rendered(outcome) == (
        f"Nothing was installed, because {SITE} is not writable (owner: root), and"
        ' your strategy is "refuse".\n'
        "To go on all the same:\n"
        "    safepip install x"
    )


def test_what_pip_did_itself_needs_no_words() -> None:
    outcome = Outcome(
        kind=OutcomeKind.AS_GIVEN, exit_code=0, trigger=None, decision=None,
        interpreter=virtual(), landed=(landed("x", "1"),),
    )  # fmt: skip
    assert report.report(outcome, cause=virtual(), reader=READER) == ()


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (CannotCreateError(Problem.NO_REGISTRY), ("There is no registry on this system.",)),
        (UsageError(Problem.NOT_READABLE, file="x", why="gone"), ("Cannot read x: gone.",)),
        (
            CannotCreateError(Problem.LINE_NOT_ADDED, files=("a", "b"), why="no", line="x"),
            ("Cannot write a and b: no. Put this line into your profile instead:", "    x"),
        ),
    ],
    ids=["what", "why", "what helps"],
)
def test_an_error_says_what_why_and_what_helps(
    error: UsageError | CannotCreateError, lines: tuple[str, ...]
) -> None:
    assert errors.error(error) == lines


@pytest.mark.parametrize("name", TriggerName, ids=lambda name: name.value)
def test_every_trigger_has_its_words(name: TriggerName) -> None:
    for one in (trigger(name), trigger(name, path=None, owner=None)):
        for interpreter in (debian(), None):
            text = triggers.because(one, interpreter)
            assert text
            assert "None" not in text


# JSON.

KEYS = {
    "schema", "safepip", "outcome", "exit_code", "trigger", "decision", "interpreter", "landed",
    "next_command",
}  # fmt: skip


def test_the_json_has_the_keys_of_the_contract() -> None:
    told = wording_json.report_json(DJANGO._replace(interpreter=debian()))
    # Besides those of contract §7: what a denied attempt left, which old pips make it needful to
    # tell, and why earlier rules did not hold (§5).
    assert told.keys() == KEYS | {"leftovers"}
    told = json.loads(json.dumps(told))
    assert told["trigger"].keys() == {"name", "line", "path", "owner"}
    assert told["decision"].keys() == {
        "strategy",
        "rule",
        "reason",
        "destination",
        "rejected",
        "asked",
    }
    assert told["interpreter"].keys() == {"executable", "version", "pip"}
    assert all(one.keys() == {"name", "version", "location", "scripts"} for one in told["landed"])
    (one,) = told["landed"][0]["scripts"]
    assert one == {
        "name": "django-admin",
        "path": f"{VENV}/bin/django-admin",
        "visibility": "off-path",
        "shadowed_by": None,
        "visible_after_login": None,
    }
    assert (told["schema"], told["safepip"]) == (1, __version__)
    assert (told["outcome"], told["exit_code"]) == ("diverted", 0)
    assert told["trigger"]["name"] == "default-to-user"
    assert told["decision"]["strategy"] == "venv"
    assert told["decision"]["destination"] == str(VENV)
    assert told["decision"]["rejected"] == [
        {"rule": "active-environment", "why": "no environment is active"}
    ]
    assert told["interpreter"] == {
        "executable": "/usr/bin/python3", "version": "3.12.3", "pip": "24.0"
    }  # fmt: skip
    assert told["next_command"] == f"source {VENV}/bin/activate"


@pytest.mark.parametrize("kind", OutcomeKind, ids=lambda kind: kind.value)
def test_the_json_of_an_end_without_a_decision(kind: OutcomeKind) -> None:
    outcome = Outcome(kind=kind, exit_code=1, trigger=None, decision=None, interpreter=None)
    told = wording_json.report_json(outcome)
    assert told.keys() == KEYS | {"leftovers"}
    assert told["outcome"] == kind.value
    assert told["trigger"] is told["decision"] is told["next_command"] is None
    assert told["landed"] == []


def test_the_json_of_a_refusal_names_no_destination() -> None:
    decision = Refuse(rule="refuse", reason=REFUSED)
    outcome = Outcome(
        kind=OutcomeKind.REFUSED, exit_code=77, trigger=trigger(), decision=decision,
        interpreter=debian(),
    )  # fmt: skip
    told = wording_json.report_json(outcome)
    assert told["decision"] == {
        "strategy": "refuse", "rule": "refuse", "reason": "your strategy is \"refuse\"",
        "destination": None, "rejected": [], "asked": "auto",
    }  # fmt: skip
