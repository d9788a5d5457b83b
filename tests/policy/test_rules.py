"""Where an install goes that pip cannot do: the table of rules, each with what it leaves alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest

from safepip.model.decisions import (
    DestinationKind,
    Divert,
    Refuse,
    Remedy,
    RunAsGiven,
    Sees,
    Strategy,
    SystemSite,
)
from safepip.model.environments import Environment, EnvironmentState, HomeTrouble, Stale
from safepip.model.interpreter import Barrier, Denied, PipSettings
from safepip.model.reasons import Reason, because
from safepip.model.triggers import TriggerName
from safepip.policy import foresight, rules
from safepip.wording.reasons import shown
from tests.support.facts import (
    PERSONAL,
    PIPX,
    SITE,
    USER_SITE,
    application,
    command,
    debian,
    environment,
    facts,
    host,
    library,
    marked,
    mine,
    missing,
    place,
    project,
    read_only,
    trigger,
    unknown,
    virtual,
)

if TYPE_CHECKING:
    from safepip.model.decisions import Facts
    from safepip.model.interpreter import Interpreter

VENV = PurePosixPath("/home/you/site/.venv")
OTHER = PurePosixPath("/home/you/other")


@dataclass(frozen=True)
class Case:
    """One row: a sentence, facts, and what follows."""

    says: str
    facts: Facts
    rule: str
    path: PurePosixPath | None = None
    words: str = "install requests"
    strategy: Strategy = Strategy.AUTO
    rejects: str = ""  # words in a reason why an earlier rule did not hold


def table(*cases: Case) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case.says for case in cases])


def decide(case: Case) -> Any:
    return rules.decide(command(case.words), case.facts, case.strategy)


HTTPIE = (application("httpie"),)
NO_HOME = debian(user_site=place(USER_SITE))
ROOTS = Denied(
    place=PurePosixPath("/home/you/.local/state"),
    owner="root",
    barrier=Barrier.OWNER,
    mend=PurePosixPath("/home/you/.local"),
)
DENIED = TriggerName.PERMISSION_DENIED


@table(
    Case("an active environment that pip did not aim at takes it",
         facts(host=host(active=environment(OTHER), project=project())),
         "active-environment", OTHER),
    Case("a project's environment is used where it is there",
         facts(host=host(project=project(environment("/home/you/site/venv")))),
         "project", PurePosixPath("/home/you/site/venv")),
    Case("a project's environment is made where there is none",
         facts(host=host(project=project())), "project", VENV),
    Case("a project's environment that was half made is made anew",
         facts(host=host(project=project(environment(VENV, EnvironmentState.UNFINISHED)))),
         "project", VENV),
    Case("a broken environment is carried to the clear error",
         facts(host=host(project=project(environment(VENV, EnvironmentState.BROKEN)))),
         "project", VENV),
    Case("a project comes before an application",
         facts(host=host(project=project()), applications=HTTPIE),
         "project", VENV, "install httpie"),
    Case("a requirements file goes to an environment beside it",
         facts(), "local-request", VENV, "install -r deps.in"),
    Case("an editable install goes to an environment beside it",
         facts(), "local-request", VENV, "install -e ./lib"),
    Case("a directory goes to an environment beside it",
         facts(), "local-request", VENV, "install ./lib"),
    Case("an application goes to pipx",
         facts(applications=HTTPIE), "application", PIPX, "install httpie"),
    Case("two applications go to pipx",
         facts(applications=(*HTTPIE, application("black"))),
         "application", PIPX, "install httpie black"),
    Case("an application of an externally managed Python goes to pipx",
         facts(marked(), applications=HTTPIE), "application", PIPX, "install httpie"),
    Case("without a venv module pipx can make no environment",
         facts(debian(has_venv=False), applications=HTTPIE), "user-site", USER_SITE,
         "install httpie", rejects="no venv module"),
    Case("a library goes to the user site", facts(), "user-site", USER_SITE),
    Case("what could not be looked up goes to the user site",
         facts(applications=(unknown(),)), "user-site", USER_SITE, "install thing"),
    Case("without a user site the personal environment takes it",
         facts(read_only(), trigger=trigger(DENIED)), "personal", PERSONAL, rejects="disabled"),
    Case("on an externally managed Python the personal environment takes it",
         facts(marked()), "personal", PERSONAL, rejects="externally managed"),
    Case("in a locked environment the personal one takes it",
         facts(virtual(owner="root"), host=host(active=environment(VENV, writable=False))),
         "personal", PERSONAL, rejects="itself"),
    Case("in a notebook it goes where its kernel looks",
         facts(host=host(kernel=True, project=project())), "kernel", USER_SITE),
    Case("in a notebook of conda's, too",
         facts(debian(is_conda=True), host=host(kernel=True, project=project())),
         "kernel", USER_SITE),
    Case("where nothing of the home can be written, an environment here takes it",
         facts(NO_HOME, host=host(personal=missing(PERSONAL, writable=False))),
         "here", VENV, rejects="not writable"),
    Case("without a home an environment here takes it",
         facts(NO_HOME, host=host(home_trouble=HomeTrouble.UNKNOWN)),
         "here", VENV, rejects="HOME is not set"),
    Case("with a relative home an environment here takes it",
         facts(debian(user_site=place("home/.local/lib", "you")),
               host=host(home_trouble=HomeTrouble.RELATIVE)),
         "here", VENV, rejects="not an absolute path"),
)  # fmt: skip
def test_the_first_rule_that_holds_decides(case: Case) -> None:
    decision = decide(case)
    assert isinstance(decision, Divert)
    assert (decision.rule, decision.path) == (case.rule, case.path)
    names = [rule.name for rule in rules.RULES]
    assert [one.rule for one in decision.rejected] == names[: names.index(case.rule)]
    assert all(one.why for one in decision.rejected)
    assert case.rejects in " ".join(shown(one.why) for one in decision.rejected)
    assert decision.reason
    kind = {
        "application": DestinationKind.PIPX,
        "kernel": DestinationKind.USER,
        "user-site": DestinationKind.USER,
    }
    assert decision.destination is kind.get(case.rule, DestinationKind.VENV)
    assert (decision.environment is None) == (case.rule in kind)


def test_by_sudo_nothing_goes_where_it_would_be_in_the_user_s_way() -> None:
    theirs = Denied(place=PurePosixPath("/home/you"), owner="you", barrier=Barrier.SUDO)

    def shut(path: PurePosixPath) -> Environment:
        missing = environment(path, EnvironmentState.MISSING)
        return missing._replace(writable=False, denied=theirs)

    around = host(
        local=shut(VENV),
        personal=shut(PERSONAL),
        pipx_denied=theirs,
        own_cwd=False,
    )
    known = facts(marked(), host=around, applications=HTTPIE)
    for words in ("install requests", "install httpie", "install -r deps.in"):
        decision = rules.decide(command(words), known, Strategy.AUTO)
        assert isinstance(decision, Refuse)
        assert decision.remedy is Remedy.NO_SUDO
        assert decision.denied == theirs
        assert "root's files would be left in /home/you" in shown(decision.reason)


# The twin: what a rule leaves to the next.


@table(
    Case("an active environment that pip aimed at is no way out",
         facts(virtual(str(OTHER), owner="root"), host=host(active=environment(OTHER))),
         "personal", PERSONAL, rejects="itself"),
    Case("an active environment that is locked takes nothing",
         facts(host=host(active=environment(OTHER, writable=False))),
         "user-site", USER_SITE, rejects="not writable"),
    Case("a project that cannot be written gets no environment",
         facts(host=host(project=project(writable=False))),
         "user-site", USER_SITE, rejects="not writable"),
    Case("a project's locked environment takes nothing",
         facts(host=host(project=project(environment(VENV, writable=False)))),
         "user-site", USER_SITE, rejects="not writable"),
    Case("a project's environment that was itself denied takes nothing",
         facts(host=host(project=project(environment(VENV))),
               trigger=trigger(DENIED, VENV / "lib/python3.12/site-packages")),
         "user-site", USER_SITE, rejects="itself the place denied"),
    Case("no environment is made where settings forbid it",
         facts(host=host(project=project()), create_venv=False),
         "user-site", USER_SITE, rejects="settings"),
    Case("no environment is made by a Python without venv",
         facts(debian(has_venv=False), host=host(project=project())),
         "user-site", USER_SITE, rejects="no venv module"),
    Case("an address is nothing local",
         facts(), "user-site", USER_SITE, "install https://example.org/x-1.whl"),
    Case("a wheel by its path is nothing local",
         facts(), "user-site", USER_SITE, "install ./x-1-py3-none-any.whl"),
    Case("a library among applications keeps all from pipx",
         facts(applications=(*HTTPIE, library())), "user-site", USER_SITE,
         "install httpie requests", rejects="requests: it provides no command"),
    Case("an unknown one among applications keeps all from pipx",
         facts(applications=(*HTTPIE, unknown())), "user-site", USER_SITE, "install httpie thing"),
    Case("what pipx cannot carry is not for pipx",
         facts(applications=HTTPIE), "user-site", USER_SITE, "install --no-deps httpie",
         rejects="--no-deps"),
    Case("an application by its address is not for pipx",
         facts(applications=HTTPIE), "user-site", USER_SITE,
         "install git+https://example.org/httpie", rejects="plain name"),
    Case("an application that is not for every Python is not for pipx",
         facts(applications=HTTPIE), "user-site", USER_SITE,
         "install httpie;python_version>'3'", rejects="marker"),
    Case("constraints in an open file are not for pipx, which would not have it",
         facts(applications=HTTPIE), "user-site", USER_SITE,
         "install -c /dev/fd/63 httpie", rejects="/dev/fd/63"),
    Case("with a relative home pipx has no place",
         facts(debian(user_site=place("home/.local/lib", "you")), applications=HTTPIE,
               host=host(home_trouble=HomeTrouble.RELATIVE)),
         "here", VENV, "install httpie", rejects="not an absolute path"),
    Case("an environment whose settings ask for a user site, and that is locked, takes nothing",
         facts(virtual(owner="root", user_site_enabled=False),
               trigger=trigger(TriggerName.USER_SITE_UNAVAILABLE)),
         "personal", PERSONAL, rejects="not writable"),
    Case("what an environment has is not upgraded in a user site behind it",
         facts(virtual(owner="root", user_site_enabled=True,
                       user_site=place(USER_SITE, "you"))),
         "personal", PERSONAL, "install --upgrade requests", rejects="comes before"),
    Case("what pipx may not write keeps an application from it",
         facts(host=host(pipx_denied=ROOTS), applications=HTTPIE), "user-site", USER_SITE,
         "install httpie", rejects="/home/you/.local/state"),
    Case("a command that could not be put beside the others keeps all from the user site",
         facts(host=host(user_scripts_writable=False, pipx_denied=ROOTS),
               applications=(application(commands=("http",)),)),
         "personal", PERSONAL, "install httpie", rejects="commands"),
    Case("a library without a command does not need that",
         facts(host=host(user_scripts_writable=False)), "user-site", USER_SITE),
    Case("where something installed cannot be read, its Python's sites are not used",
         facts(trigger=trigger(DENIED)._replace(unreadable=True)), "personal", PERSONAL,
         rejects="reads"),
    Case("a marked Python gets nothing from a notebook, either",
         facts(marked(), host=host(kernel=True)), "personal", PERSONAL),
    Case("an environment by another way is the same one that was denied",
         facts(host=host(project=project(environment("/link/.venv")._replace(real=PurePosixPath("/home/you/site/.venv")))),
               trigger=trigger(DENIED, VENV / "bin")),
         "user-site", USER_SITE, rejects="itself the place denied"),
    Case("a stale variable is named",
         facts(host=host(stale=Stale(variable="VIRTUAL_ENV", path=OTHER))),
         "user-site", USER_SITE, rejects="VIRTUAL_ENV names /home/you/other"),
    Case("conda's Python gets no user site", facts(debian(is_conda=True)), "personal", PERSONAL),
    Case("a user site that was itself denied takes nothing",
         facts(trigger=trigger(DENIED, USER_SITE.parent)), "personal", PERSONAL),
    Case("a user site that cannot be written takes nothing",
         facts(debian(user_site=place(USER_SITE))), "personal", PERSONAL),
    Case("who requires virtual environments gets no user site",
         facts(pip_settings=PipSettings(require_virtualenv=True)), "personal", PERSONAL),
    Case("who said no to user installs gets none",
         facts(pip_settings=PipSettings(user=False)), "personal", PERSONAL),
)  # fmt: skip
def test_a_rule_that_does_not_hold_leaves_it_to_the_next(case: Case) -> None:
    test_the_first_rule_that_holds_decides(case)


@table(
    Case("venv knows only environments", facts(applications=HTTPIE), "personal", PERSONAL,
         "install httpie", Strategy.VENV),
    Case("venv prefers the project's", facts(host=host(project=project())), "project", VENV,
         strategy=Strategy.VENV),
    Case("user knows only the user site", facts(host=host(project=project())),
         "user-site", USER_SITE, strategy=Strategy.USER),
    Case("user means it for an upgrade from an environment, too",
         facts(virtual(owner="root", user_site_enabled=True,
                       user_site=place(USER_SITE, "you"))),
         "user-site", USER_SITE, "install --upgrade requests", Strategy.USER),
    Case("pipx takes the user's word for an application",
         facts(host=host(project=project()), applications=(unknown("requests"),)),
         "application", PIPX, strategy=Strategy.PIPX),
    Case("ask starts from what auto would do", facts(), "user-site", USER_SITE,
         strategy=Strategy.ASK),
)  # fmt: skip
def test_a_strategy_narrows_the_table(case: Case) -> None:
    decision = decide(case)
    assert isinstance(decision, Divert)
    assert (decision.rule, decision.path) == (case.rule, case.path)


@table(
    Case("refuse stops whatever there is", facts(host=host(project=project())), "refuse",
         strategy=Strategy.REFUSE),
    Case("user never breaks a marked Python", facts(marked()), "none", strategy=Strategy.USER),
    Case("user has nothing without a user site", facts(read_only()), "none",
         strategy=Strategy.USER),
    Case("pipx has nothing for a requirements file", facts(), "none",
         words="install -r x.txt", strategy=Strategy.PIPX),
    Case("venv has nothing where none can be made", facts(create_venv=False), "none",
         strategy=Strategy.VENV),
    Case("auto has nothing where the home cannot be written",
         facts(debian(user_site=place(USER_SITE)),
               host=host(personal=missing(PERSONAL, writable=False), own_cwd=False)), "none"),
    Case("an untrusted environment of the project stops all",
         facts(host=host(project=project(
             environment(VENV, EnvironmentState.UNTRUSTED,
                         detail=because(Reason.BELONGS, owner="eve"))))),
         "project"),
)  # fmt: skip
def test_refused(case: Case) -> None:
    decision = decide(case)
    assert isinstance(decision, Refuse)
    assert decision.rule == case.rule
    assert decision.reason


def test_a_refusal_has_one_cause_and_what_mends_it() -> None:
    personal = missing(PERSONAL, writable=False)._replace(denied=ROOTS)
    nowhere = host(personal=personal, own_cwd=False)
    decision = rules.decide(command(), facts(NO_HOME, host=nowhere), Strategy.AUTO)
    assert isinstance(decision, Refuse)
    assert decision.denied == ROOTS
    assert "/home/you/.local/state is not writable" in shown(decision.reason)
    assert [one.rule for one in decision.rejected][-2:] == ["personal", "here"]
    # What is wrong with HOME itself is told instead of a directory that nobody knows.
    root = nowhere._replace(home_trouble=HomeTrouble.ROOT)
    decision = rules.decide(command(), facts(NO_HOME, host=root), Strategy.AUTO)
    assert isinstance(decision, Refuse)
    assert decision.denied is None
    assert shown(decision.reason) == "HOME is /, which is not yours to write"
    assert decision.remedy is Remedy.NEW_HOME


def test_a_home_is_not_the_cause_of_what_settings_forbid() -> None:
    known = facts(host=host(home_trouble=HomeTrouble.ROOT), create_venv=False)
    decision = rules.decide(command(), known, Strategy.VENV)
    assert isinstance(decision, Refuse)
    assert decision.reason.reason is Reason.NOT_TO_BE_MADE


@pytest.mark.parametrize("above", [False, True])
def test_a_project_is_told_by_its_sign_and_where_that_is(above: bool) -> None:
    root = PurePosixPath("/home/you/site")
    around = host(project=project(), cwd=root / "src" if above else root)
    decision = rules.decide(command(), facts(host=around), Strategy.AUTO)
    assert isinstance(decision, Divert)
    told = {"sign": "pyproject.toml", **({"root": root} if above else {})}
    assert decision.reason == because(Reason.SIGN_ABOVE if above else Reason.SIGN_HERE, **told)


def test_what_is_wrong_with_the_home_is_the_cause_of_an_environment_in_it_too() -> None:
    shut = environment(PERSONAL, writable=False)._replace(denied=ROOTS)
    around = host(personal=shut, own_cwd=False, home_trouble=HomeTrouble.READ_ONLY)
    decision = rules.decide(command(), facts(marked(), host=around), Strategy.AUTO)
    assert isinstance(decision, Refuse)
    assert shown(decision.reason) == "your home directory is on a read-only file system"
    assert (decision.remedy, decision.denied) == (Remedy.NEW_HOME, None)


WHOSE = "Raspberry Pi OS"


@pytest.mark.parametrize(
    ("told", "whose"),
    [
        pytest.param({}, None, id="an ordinary Python's packages are hidden"),
        pytest.param({"host": host(shared=WHOSE)}, WHOSE, id="what cannot be had otherwise is not"),
        pytest.param({"host": host(shared=WHOSE), "system_site": SystemSite.FALSE}, None,
                     id="unless settings say so"),
        pytest.param({"system_site": SystemSite.TRUE}, "/usr/bin/python3",
                     id="settings may say so of any"),
        pytest.param({"lacking": ("gpio",)}, "/usr/bin/python3",
                     id="what was found lacking is shown"),
        pytest.param({"lacking": ("gpio",), "system_site": SystemSite.FALSE}, None,
                     id="not against the settings"),
        pytest.param({"host": host(shared=WHOSE),
                      "trigger": trigger(DENIED)._replace(unreadable=True)}, None,
                     id="what cannot be read is not looked at"),
    ],
)  # fmt: skip
def test_what_a_new_environment_sees_of_its_base(told: dict[str, Any], whose: str | None) -> None:
    decision = rules.decide(command("install -r x.txt"), facts(**told), Strategy.AUTO)
    assert isinstance(decision, Divert)
    assert decision.rule == "local-request"
    assert (decision.sees.whose if decision.sees else None) == whose


def test_an_environment_of_an_environment_is_told_where_the_other_one_is() -> None:
    site = PurePosixPath("/app/lib/python3.12/site-packages")
    python = virtual("/app", owner="root", search=(site,))
    decision = rules.decide(
        command("install -r x.txt"), facts(python, host=host(shared="/app")), Strategy.AUTO
    )
    assert isinstance(decision, Divert)
    assert decision.sees == Sees(whose="/app", sites=(site,))


@pytest.mark.parametrize("new", [True, False])
def test_a_kernel_does_not_look_into_a_user_site_that_is_new(new: bool) -> None:
    """As in ipython/ipython#12613: it looked for the directory when it started."""
    known = facts(host=host(kernel=True, new_user_site=new))
    decision = rules.decide(command(), known, Strategy.AUTO)
    assert isinstance(decision, Divert)
    assert (decision.rule, decision.restart) == ("kernel", new)
    other = rules.decide(command(), facts(host=host(new_user_site=new)), Strategy.AUTO)
    assert isinstance(other, Divert)
    assert not other.restart


def test_an_environment_that_is_there_stays_as_it_is() -> None:
    there = host(shared=WHOSE, project=project(environment(VENV)))
    decision = rules.decide(command(), facts(host=there), Strategy.AUTO)
    assert isinstance(decision, Divert)
    assert decision.sees is None


@pytest.mark.parametrize("strategy", Strategy, ids=str)
@pytest.mark.parametrize(
    "words",
    [
        "install --user requests",
        "install --target there requests",
        "install -tthere requests",
        "install --prefix=there requests",
        "install --root there requests",
        "install --break-system-packages requests",
        "install --no-user requests",
        "install --upgrade pip",
        "install pip==26.0",
    ],
)
def test_a_chosen_place_and_pip_itself_are_never_diverted(words: str, strategy: Strategy) -> None:
    decision = rules.decide(command(words), facts(host=host(project=project())), strategy)
    assert isinstance(decision, RunAsGiven)


def test_off_leaves_all_to_pip() -> None:
    decision = rules.decide(command(), facts(host=host(project=project())), Strategy.OFF)
    assert decision == RunAsGiven(because(Reason.STRATEGY, strategy=Strategy.OFF))


def test_pip_beside_others_is_a_requirement_like_others() -> None:
    decision = rules.decide(command("install pip requests"), facts(), Strategy.AUTO)
    assert isinstance(decision, Divert)


def test_a_rule_that_was_tried_is_not_tried_again() -> None:
    decision = rules.decide(
        command("install httpie"),
        facts(applications=HTTPIE),
        Strategy.AUTO,
        excluded={"application": because(Reason.PIPX_OWN)},
    )
    assert isinstance(decision, Divert)
    assert decision.rule == "user-site"
    assert decision.rejected[-1].why == because(Reason.PIPX_OWN)


def test_an_environment_here_is_not_for_those_whose_home_can_be_written() -> None:
    lacks = because(Reason.LACKS, path=PERSONAL, names=("gpio",))
    decision = rules.decide(command(), facts(marked()), Strategy.AUTO, excluded={"personal": lacks})
    assert isinstance(decision, Refuse)
    assert decision.rejected[-1].why == because(Reason.HOME_WRITABLE)


def test_who_is_refused_by_a_strategy_is_told_of_auto() -> None:
    decision = rules.decide(command("install requests<3"), facts(), Strategy.REFUSE)
    assert isinstance(decision, Refuse)
    assert decision.remedy is Remedy.AUTO


@table(
    Case("a name in an empty folder is looked up", facts(applications=None), "yes"),
    Case("the strategy pipx looks up how, not whether", facts(applications=None), "yes",
         strategy=Strategy.PIPX),
    Case("in a project nothing is looked up",
         facts(host=host(project=project()), applications=None), ""),
    Case("a requirements file is not looked up", facts(applications=None), "",
         words="install -r x.txt"),
    Case("what pipx cannot carry is not looked up", facts(applications=None), "",
         words="install --no-deps x"),
    Case("nothing is looked up twice", facts(), ""),
    Case("the strategy venv does not ask", facts(applications=None), "", strategy=Strategy.VENV),
    Case("the strategy refuse does not ask", facts(applications=None), "",
         strategy=Strategy.REFUSE),
)  # fmt: skip
def test_only_what_the_decision_hangs_on_is_looked_up(case: Case) -> None:
    asks = rules.needs_applications(command(case.words), case.facts, case.strategy)
    assert asks == bool(case.rule)


def test_what_is_to_be_decided_without_a_look_up_is() -> None:
    unseen = {"application": because(Reason.NOT_LOOKED_UP)}
    known = facts(applications=None)
    assert not rules.needs_applications(command(), known, Strategy.AUTO, excluded=unseen)


# What pip will meet.

EARLY = TriggerName.DEFAULT_TO_USER


@pytest.mark.parametrize(
    ("interpreter", "words", "settings", "foreseen"),
    [
        pytest.param(debian(), "install x", {}, EARLY, id="a modern pip defaults to the user site"),
        pytest.param(debian(pip_version=(19, 3, 1)), "install x", {}, DENIED,
                     id="a pip before 20 is denied"),
        pytest.param(debian(pip_version=(20, 0)), "install x", {}, EARLY, id="20.0 is the first"),
        pytest.param(read_only(), "install x", {}, DENIED, id="without a user site it is denied"),
        pytest.param(debian(), "install x", {"user": False}, DENIED,
                     id="with user = no it is denied"),
        pytest.param(virtual(owner="root"), "install x", {}, DENIED,
                     id="in a locked environment it is denied"),
        pytest.param(marked(), "install x", {}, TriggerName.EXTERNALLY_MANAGED,
                     id="a marked Python refuses"),
        pytest.param(marked(), "install x", {"user": True}, TriggerName.EXTERNALLY_MANAGED,
                     id="a marked Python refuses what settings call --user, too"),
        pytest.param(marked(pip_version=(22, 3)), "install x", {}, EARLY,
                     id="a pip before 23 does not know the marker"),
        pytest.param(marked(pip_version=(23, 0)), "install x", {}, TriggerName.EXTERNALLY_MANAGED,
                     id="23.0 is the first that does"),
        pytest.param(marked(), "install x", {"break_system_packages": True}, EARLY,
                     id="the check may be off"),
        pytest.param(debian(), "install x", {"require_virtualenv": True},
                     TriggerName.VIRTUALENV_REQUIRED, id="an environment may be required"),
        pytest.param(virtual(), "install x", {"user": True}, TriggerName.USER_SITE_UNAVAILABLE,
                     id="settings may ask for a user site that an environment has not"),
    ],
)  # fmt: skip
def test_what_pip_will_meet_is_foreseen(
    interpreter: Interpreter, words: str, settings: dict[str, Any], foreseen: TriggerName
) -> None:
    assert foresight.foresee(command(words), interpreter, PipSettings(**settings)) is foreseen


@pytest.mark.parametrize(
    ("interpreter", "words", "settings"),
    [
        pytest.param(mine(), "install x", {}, id="a Python of the user's own"),
        pytest.param(virtual(), "install x", {}, id="an environment of the user's own"),
        pytest.param(virtual(), "install x", {"require_virtualenv": True},
                     id="an environment where one is required"),
        pytest.param(debian(), "install x", {"user": True}, id="settings that ask for --user"),
        pytest.param(debian(), "install x", {"target": "there"}, id="settings that name a place"),
        pytest.param(marked(), "install x", {"prefix": "there"},
                     id="settings that name a place, on a marked Python"),
        pytest.param(marked(), "install --user x", {}, id="--user on a marked Python"),
        pytest.param(debian(), "install --target=t x", {}, id="a place on the command line"),
        pytest.param(virtual(pip_version=(19, 3)), "install x", {"user": True},
                     id="an old pip that installs to the user site from an environment"),
    ],
)  # fmt: skip
def test_nothing_is_foreseen_where_pip_can_do_it(
    interpreter: Interpreter, words: str, settings: dict[str, Any]
) -> None:
    assert foresight.foresee(command(words), interpreter, PipSettings(**settings)) is None


def test_the_rules_are_those_of_the_contract_in_its_order() -> None:
    assert [rule.name for rule in rules.RULES] == [
        "active-environment", "kernel", "project", "local-request", "application", "user-site",
        "personal", "here",
    ]  # fmt: skip


def test_the_site_of_the_facts_is_not_writable() -> None:
    assert not debian().site_writable
    assert debian().purelib.path == SITE
