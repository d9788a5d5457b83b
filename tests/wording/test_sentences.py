"""Every sentence of safepip's, once, in a file that a writer can read through: sentences.txt.

After a change of words: ``.venv/bin/python -m tests.wording.test_sentences`` writes it anew.
"""

from __future__ import annotations

import inspect
import string
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest

from safepip.model.copies import CopiedScript, Rank
from safepip.model.decisions import DestinationKind, Divert, Refuse, Remedy, RunAsGiven, Strategy
from safepip.model.environments import EnvironmentState, HomeTrouble
from safepip.model.errors import SafepipError
from safepip.model.health import Way, WayName
from safepip.model.interpreter import Barrier, Denied
from safepip.model.outcome import (
    LandedScript,
    Landing,
    Outcome,
    OutcomeKind,
    ShellWord,
    Visibility,
)
from safepip.model.problems import Kind, Overruled, Problem
from safepip.model.reasons import Reason, because
from safepip.model.triggers import TriggerName
from safepip.model.undoing import Kept, Left, Undoing
from safepip.policy.rules import RULES
from safepip.shells.commands import new_home_command
from safepip.shells.kinds import Shell
from safepip.wording import (
    ailments,
    doctor,
    errors,
    explanation,
    failures,
    found_again,
    history,
    lines,
    plan,
    reasons,
    report,
    settings,
    shell,
    triggers,
    where,
)
from safepip.wording import help as help_texts
from tests.logs.test_explanation import told as explained
from tests.support.facts import (
    HOME,
    PIPX,
    READER,
    SITE,
    USER_SITE,
    debian,
    environment,
    marked,
    trigger,
    virtual,
)
from tests.wording.test_history import ENTRY, ENVIRONMENT, PLAN, THERE
from tests.wording.test_where import COPY, OTHER, PROJECT, PYTHON, SYSTEM

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

HERE = because(Reason.SIGN_HERE, sign="pyproject.toml")
REFUSED = because(Reason.STRATEGY, strategy=Strategy.REFUSE)
FILE = Path(__file__).with_name("sentences.txt")
CWD = HOME / "site"
VENV = CWD / ".venv"
NEXT = f"source {VENV}/bin/activate"

# Facts that the words of errors are made of, by name.
FACTS: dict[str, Any] = {
    "option": "--strategy", "word": "--instal", "verb": "init", "one": "--install",
    "other": "--uninstall", "value": "vnv", "name": "pip", "file": HOME / "x.toml",
    "program": "/usr/bin/pip", "script": "/usr/bin/pip", "python": "/usr/bin/python3",
    "key": "stratgy", "path": VENV, "version": "3.7.1", "detail": "it is a file",
    "move": f"mv {VENV} {VENV}.old", "lock": f"{HOME}/.local/state/safepip/locks/1",
    "files": (HOME / ".bashrc", HOME / ".profile"), "line": "the line", "shell": "cmd",
    "where": "SAFEPIP_STRATEGY", "command": "flask", "number": "7",
}  # fmt: skip
ALLOWED: dict[Problem, object] = {
    Problem.UNKNOWN_WORD: ("--install", "--dry-run"),
    Problem.NO_SUCH_CHAPTER: ("places", "shells"),
    Problem.BAD_VALUE: ("auto", "venv"),
}


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return f"<{key}>"


WITH_A_CAUSE = {
    Problem.CANNOT_MAKE, Problem.CANNOT_START, Problem.LINE_NOT_ADDED, Problem.LINE_NOT_REMOVED,
    Problem.NOT_READABLE, Problem.NOT_WRITABLE, Problem.NO_CWD, Problem.NO_PIPX,
    Problem.NO_PIP_INSIDE, Problem.PYTHON_FAILS, Problem.REGISTRY_DENIED,
    Problem.REGISTRY_UNREADABLE, Problem.REPORT_FILE, Problem.STDOUT,
}  # fmt: skip
"""Those that are raised with a reason of the system's behind them."""


def _errors() -> Iterator[tuple[str, Sequence[str]]]:
    for problem in Problem:
        row = errors.ROWS[problem]
        facts = _Facts(FACTS)
        facts["allowed"] = ALLOWED.get(problem, ("strategy", "installer"))
        told = {name: facts[name] for name in (*_fields(row.what + row.do), "allowed", "line")}
        if problem is Problem.NO_ROOM:
            told["detail"] = "No space left on device"
        if problem in WITH_A_CAUSE:
            told["why"] = "Permission denied"
        yield f"error: {problem.value}", errors.error(SafepipError(problem, **told))
    for kind in Kind:
        bad = SafepipError(
            Problem.BAD_VALUE, where="x", value="7", word="7", allowed=kind, detail="~nobody"
        )
        yield f"error: bad-value, {kind.value}", errors.error(bad)
    bare = SafepipError(Problem.NOT_TOML, file="x.toml", line="strategy = venv", detail="line 1")
    yield "error: not-toml, quotes", errors.error(bare)
    yield "error: internal", errors.internal_error("KeyError", f"{HOME}/last-error.log")
    yield "error: no memory", errors.internal_error("MemoryError", None, pip_goes_on=True)


def _fields(template: str) -> set[str]:
    fields = {name for _, name, _, _ in string.Formatter().parse(template) if name}
    return fields - {"near", "hint", "expected"}


def _script(name: str, *, login: bool | None = None, shadowed: str | None = None) -> LandedScript:
    return LandedScript(
        name=name,
        path=VENV / "bin" / name,
        visibility=Visibility.SHADOWED if shadowed else Visibility.OFF_PATH,
        shadowed_by=None if shadowed is None else PurePosixPath(shadowed),
        visible_after_login=login,
    )


def _landed(name: str, *scripts: LandedScript, location: Any = SITE, **more: Any) -> Landing:
    return Landing(name=name, version="1.0", location=location, scripts=scripts, **more)


def _divert(rule: str, path: Any = VENV, kind: DestinationKind = DestinationKind.VENV) -> Divert:
    return Divert(destination=kind, rule=rule, reason=HERE, path=path)


DONE = Outcome(
    kind=OutcomeKind.DIVERTED,
    exit_code=0,
    trigger=trigger(),
    decision=_divert("project"),
    interpreter=virtual(),
    landed=(_landed("django", _script("django-admin")),),
    next_command=NEXT,
)
USER = DONE._replace(
    decision=_divert("user-site", USER_SITE, DestinationKind.USER),
    landed=(_landed("black", _script("black", login=False), location=USER_SITE),),
    next_command="export PATH=/home/you/.local/bin:$PATH",
)


def _new_pip() -> Iterator[tuple[str, Sequence[str]]]:
    yield "pip_stays", report.pip_stays(debian())
    yield "pip_stays marked", report.pip_stays(marked())
    yield "new_pip_in_user_site", report.new_pip_in_user_site(debian())


def _reports() -> Iterator[tuple[str, Sequence[str]]]:
    def told(outcome: Outcome) -> Sequence[str]:
        return report.report(outcome, cause=debian(), reader=READER)

    yield "report: into a project", told(DONE)
    for name in TriggerName:
        yield f"because: {name.value}", [f"… {triggers.because(trigger(name), debian())}"]
    for rule in report.PLACE_BY_RULE:
        yield f"into: {rule}", [f"… {report.place_of(_divert(rule))}"]
    library = (_landed("rich", modules=("rich",)),)
    yield "report: a library", told(DONE._replace(landed=library))
    yield "report: into the user site", told(USER)
    soon = (_landed("black", _script("black", login=True), location=USER_SITE),)
    yield "report: on PATH after a login", told(USER._replace(landed=soon))
    other = (_landed("black", _script("black", shadowed="/usr/bin/black"), location=USER_SITE),)
    yield "report: another one first", told(USER._replace(landed=other))
    yield "report: off PATH", told(USER._replace(next_command=None))
    pipx = _divert("application", PIPX, DestinationKind.PIPX)
    at = PIPX / "venvs/black/lib/python3.12/site-packages"
    app = (_landed("black", _script("black"), location=at),)
    yield "report: by pipx", told(DONE._replace(decision=pipx, landed=app))
    yield "report: there already", told(DONE._replace(landed=()))
    failed = DONE._replace(kind=OutcomeKind.FAILED, exit_code=1, landed=())
    yield "report: failed", told(failed)
    yield "report: killed", told(failed._replace(exit_code=-9))
    yield "report: interrupted", told(failed._replace(interrupted=True))
    part = failed._replace(interrupted=True, landed=(_landed("black"),))
    yield "report: interrupted halfway", told(part)
    again = "safepip install x"
    refusal = Refuse(rule="refuse", reason=REFUSED, do=again, remedy=Remedy.AUTO)
    refused = DONE._replace(decision=refusal, kind=OutcomeKind.REFUSED)
    yield "report: refused", told(refused)
    for remedy, do in (
        (Remedy.NEW_HOME, new_home_command(Shell.BASH)),
        (Remedy.NO_SUDO, again),
        (Remedy.LOCKED, "safepip settings strategy"),
    ):
        helped = refusal._replace(remedy=remedy, do=do)
        yield f"report: refused ({remedy.value})", told(refused._replace(decision=helped))
    for barrier in Barrier:
        closed = Denied(place=HOME / ".local", barrier=barrier, owner="root", mend=HOME / ".local")
        barred = refusal._replace(denied=closed)
        yield f"report: refused ({barrier.name})", told(refused._replace(decision=barred))
    yield "pip_for_uv", report.pip_for_uv(because(Reason.UV_NO_WORD, where="--src"))
    yield "waiting", report.waiting(VENV)
    yield "making", report.making(VENV)
    yield from _busy()
    yield "fetching_pipx", report.fetching_pipx(PIPX)
    for option in ("--user", "--target"):
        yield f"explicit_place_denied {option}", report.explicit_place_denied(option, trigger())
        vain = report.explicit_place_denied(option, trigger(), works=False)
        yield f"explicit_place_denied {option} no other", vain
    yield (
        "nothing_to_install",
        [
            *report.nothing_to_install("/home/you/site/.venv", removed=True),
            *report.nothing_to_install("/home/you/site/.venv", removed=False),
        ],
    )
    yield from _new_pip()
    for complete in (True, False):
        yield "left_behind", [report.left_behind("black 1.0", SITE, complete=complete)]
    yield "taken_away", [report.taken_away("black 1.0", SITE)]
    yield "installed_in_part", [report.installed_in_part("black 1.0", SITE)]
    yield "removed_only", [report.removed_only("black 1.0", SITE)]
    yield "unfinished", [report.unfinished([SITE / "black"])]
    yield "landed_in_user_site", report.landed_in_user_site(USER)
    yield "moved_aside", [report.moved_aside(SITE / "~lack")]


def _busy() -> Iterator[tuple[str, Sequence[str]]]:
    doing = (
        report.BUSY_WAITING.format(path=VENV),
        report.BUSY_MAKING.format(path=VENV),
        report.BUSY_FETCHING,
        report.BUSY_LOOKING_UP.format(names="black, httpie"),
        report.BUSY_ASKING_PIP,
        report.BUSY_ASKING_SHELL,
    )
    for number, one in enumerate(doing):
        yield f"busy: {one}", [lines.elapsed(one, number)]


def _plans() -> Iterator[tuple[str, Sequence[str]]]:
    one = plan.Plan(
        decision=_divert("project"),
        commands=(("python3", "-m", "venv", ".venv"),),
        trigger=trigger(),
        interpreter=debian(),
    )
    yield "plan: elsewhere", plan.plan(one, Shell.BASH)
    as_given = RunAsGiven(reason=because(Reason.CAN_WRITE))
    yield "plan: as given", plan.plan(one._replace(decision=as_given, trigger=None), Shell.BASH)
    broken = one._replace(
        commands=(),
        obstacle=SafepipError(
            Problem.BROKEN,
            path=".venv",
            detail=because(Reason.DOES_NOT_START),
            move="mv .venv .venv.broken",
        ),
    )
    yield "plan: elsewhere, where it cannot be used", plan.plan(broken, Shell.BASH)
    refusal = Refuse(rule="refuse", reason=REFUSED)
    yield "plan: refused", plan.plan(one._replace(decision=refusal, commands=()), Shell.BASH)
    yield "plan: no command", plan.no_command(["-q", "requests"], 1, Shell.BASH)
    yield "question", [plan.question(trigger(), debian())]
    yield "choice", [plan.choice(_divert("project")), plan.choice(refusal)]


def _shells() -> Iterator[tuple[str, Sequence[str]]]:
    profile, login = HOME / ".bashrc", HOME / ".profile"
    for word in ShellWord:
        yield f"held_by_shell {word.value}", shell.held_by_shell(word, "ls", "/opt/bin/ls")
    yield "activated", shell.activated(VENV)
    yield "next_steps", shell.next_steps(VENV)
    yield "each_step", shell.each_step()
    yield "how_to_load", shell.how_to_load('eval "$(safepip init bash)"')
    yield "tell_of_init", shell.tell_of_init("safepip")
    yield "profiles_edited", shell.profiles_edited([profile, login], [], "exec bash")
    yield "profiles_edited again", shell.profiles_edited([], [profile], "exec bash")
    yield "profiles_edited at login", shell.profiles_edited([login], [], ". x", at_login=True)
    yield "profiles_given_back", shell.profiles_given_back([profile])
    zshrc, command = HOME / ".zshrc", "safepip init zsh --uninstall"
    yield "profiles_of_other_shells", shell.profiles_of_other_shells([zshrc], [command])
    yield "profiles_as_they_are", shell.profiles_as_they_are([profile])
    yield "line_is_in", [shell.line_is_in([profile], [login])]
    yield "line_is_out", [shell.line_is_out([profile], [])]
    states = [
        shell.ScriptsDir(
            path=HOME / ".local/bin", kinds=("user", "pipx"), exists=exists, now=now,
            after_login=later, mend=None if now else "safepip path --install",
        )
        for exists, now, later in (
            (True, True, True), (True, True, False), (True, False, True), (False, False, False),
            (True, True, None), (True, False, None),
        )
    ]  # fmt: skip
    yield "paths", shell.paths(states, because(Reason.SHELL_SILENT, name="fish", seconds="2"))
    yield "path_not_added", shell.path_not_added()
    yield "path_added", shell.path_added([HOME / ".local/bin"], [profile], "export PATH=x")
    yield "path_unchecked", shell.path_unchecked(because(Reason.CANNOT_BE_ASKED, name="fish"))
    yield "path_removed", [*shell.path_removed([profile]), *shell.path_removed([])]


def _others() -> Iterator[tuple[str, Sequence[str]]]:
    managed = trigger(TriggerName.EXTERNALLY_MANAGED)
    yield "explicit_place_denied --dry-run", report.explicit_place_denied("--dry-run", managed)
    yield "for_root_alone", report.for_root_alone("/opt/safepip/bin/safepip install django")
    inject = "pipx inject poetry poetry-plugin-export"
    yield "of_an_application", report.of_an_application("poetry-plugin-export", "poetry", inject)
    yield "lacks", report.lacks(["gpio"], "/usr/bin/python3", VENV, "the command")
    for again in ("safepip install django", ""):
        denied = report.other_python_denied(managed, marked(), again)
        yield f"other_python_denied {again}".strip(), denied
    yield "no_environment", [shell.NO_ENVIRONMENT]
    why = because(Reason.NO_INTERPRETER)
    broken = environment(state=EnvironmentState.BROKEN, detail=why)
    yield "no_use", [shell.no_use(broken)]
    notice = Overruled("strategy", "/etc/x.toml", "SAFEPIP_STRATEGY")
    rows = [
        settings.Row(key="strategy", value="venv", source="user", where="x.toml", locked=True),
        settings.Row(key="activate", value=None, source="default", where="default", locked=False),
    ]
    yield (
        "settings",
        settings.settings(rows, [notice], {"/etc/x.toml": True, "/home/you/x.toml": False}),
    )
    for words in (["plna"], ["install", "--strategy", "venv", "x"], ["--stratgy", "venv", "x"]):
        yield f"did_you_mean {words[0]}", help_texts.did_you_mean(words, ["plan"], ["--strategy"])
    for ailment, row in ailments.ROWS.items():
        yield f"doctor: {ailment.value}", [part for part in (row.what, row.why, row.lead) if part]


def _care() -> Iterator[tuple[str, Sequence[str]]]:
    both = [(COPY, Rank.IMPORTED), (OTHER, Rank.SHADOWED)]
    yield "where", where.copies("flask", both, PYTHON, HOME)
    yield "where: unseen", where.copies("flask", [(COPY, Rank.UNSEEN)], PYTHON, HOME)
    yield "where: none", where.copies("flask", [], PYTHON, HOME)
    for label, runs, mine in (
        ("off path", None, False),
        ("itself", ENVIRONMENT / "bin/flask", True),
        ("another", PurePosixPath("/usr/bin/flask"), False),
        ("a shim", HOME / ".pyenv/shims/flask", False),
    ):
        script = CopiedScript("flask", ENVIRONMENT / "bin/flask", runs, mine)
        copy = COPY._replace(scripts=(script,))
        yield f"where: {label}", where.copies("flask", [(copy, Rank.IMPORTED)], PYTHON, HOME)[-1:]
    yield "where: summary", where.summary([(PROJECT, 3), (SYSTEM, 40)], PYTHON, HOME)
    yield "where: no python", where.summary([], None, HOME)
    yield "history", history.history([ENTRY._replace(moved=ENTRY.moved[:1])], THERE, HOME)
    yield "history: gone", history.history([ENTRY], {}, HOME)
    yield "history: none", history.history([], {}, HOME)
    yield "undo: before", history.undoing(PLAN, HOME)
    yield "undo: after", history.done(PLAN)
    yield "undo: nothing", history.done(Undoing(diversion=ENTRY))
    for why in Kept:
        yield f"undo: {why.value}", history.left([Left("two", why, "the detail")])
    yield "environment_removed", history.environment_removed(ENVIRONMENT, HOME, active=True)
    kept = history.environment_kept(ENVIRONMENT, ENVIRONMENT / "notes.txt", HOME)
    yield "environment_kept", [kept]
    again = f"{ENVIRONMENT}/bin/python -m pip uninstall flask"
    yield "is_elsewhere", [found_again.is_elsewhere("flask", ENTRY, ENVIRONMENT, again, HOME)]
    yield "removing", [found_again.removing(["flask"], ENTRY, ENVIRONMENT, HOME)]
    yield "would_remove", found_again.would_remove("flask", "3.1", ENVIRONMENT, HOME)
    yield "several", found_again.several("flask", [(ENTRY, ENVIRONMENT, again)] * 2, HOME)
    for package in (("apt", "python3-flask"), None):
        told = found_again.not_ours("flask", SITE, "root", package, "sudo apt remove python3-flask")
        yield f"not_ours {package and package[0]}", told
    yield "protected", found_again.protected("flask", SITE, "root", "safepip doctor")


_LOGS = {
    "denied": "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: "
    "'/usr/local/lib/python3.11/dist-packages/flask'\nConsider using the `--user` option or "
    "check the permissions.\n",
    "read-only": "ERROR: Could not install packages due to an OSError: [Errno 30] Read-only file "
    "system: '/usr/lib/python3/dist-packages/flask'\n",
    "defaulting": "Defaulting to user installation because normal site-packages is not writeable\n"
    "Collecting flask\nSuccessfully installed flask-3.1\n",
    "managed": "error: externally-managed-environment\n",
    "required": "ERROR: Could not find an activated virtualenv (required).\n",
    "user-site": "ERROR: Can not perform a '--user' install. User site-packages are not visible "
    "in this virtualenv.\n",
    "no-version": "ERROR: Could not find a version that satisfies the requirement flsk (from "
    "versions: none)\nERROR: No matching distribution found for flsk\n",
    "disk-full": "ERROR: Could not install packages due to an OSError: [Errno 28] No space left "
    "on device\n",
    "not-found": "Successfully installed flask-3.1\nbash: flask: command not found\n",
    "no-module": "Successfully installed flask-3.1\nModuleNotFoundError: No module named 'flask'\n",
    "satisfied": "Requirement already satisfied: flask in ./lib (3.1)\n",
    "nothing": "Collecting flask\nSuccessfully installed flask-3.1\n",
}


def _explanations() -> Iterator[tuple[str, Sequence[str]]]:
    for label, log in _LOGS.items():
        found = explained("$ pip install flask\n" + log)
        yield f"explain: {label}", explanation.as_lines(found)


def _tables() -> Iterator[tuple[str, Sequence[str]]]:
    """The tables of which only a row is shown above."""
    for name in sorted(failures.SAYS):
        yield f"failure: {name}", [failures.say(name, ["FIRST", "SECOND"])]
    for remedy, words in explanation.ADVICE.items():
        yield f"remedy: {remedy.name}", [words]
    for reason, words in doctor.WHY_THIS_PIP.items():
        yield f"doctor: pip, {reason}", [f"… {words}"]
    for way in WayName:
        yield f"doctor: way {way.name.lower()}", doctor.way(Way(way, ()))
    for verdict, words in explanation._VERDICTS.items():
        yield f"verdict: {verdict.name}", [words]
    yield "doctor: summary", [doctor.summary(n, m) for n, m in ((0, 0), (1, 0), (2, 1))]


def _reasons() -> Iterator[tuple[str, Sequence[str]]]:
    facts = _Facts(FACTS, commands=("flask", "a", "b", "c", "d"), what=None, names=("numpy", "x"))
    for reason in Reason:
        told = {name: facts[name] for name in _fields(reasons.WORDS[reason])}
        yield f"reason: {reason.name}", [f"… {reasons.words(because(reason, **told))}"]
    for trouble in HomeTrouble:
        why = because(Reason.HOME, trouble=trouble)
        yield f"reason: HOME {trouble.value}", [f"… {reasons.words(why)}"]


def rendered() -> str:
    """All of them, as sentences.txt has them."""
    text = ""
    for found in (
        _reports(),
        _plans(),
        _shells(),
        _others(),
        _errors(),
        _care(),
        _explanations(),
        _reasons(),
        _tables(),
    ):
        for label, said in found:
            near = [lines.nearby(line, home=str(HOME), cwd=str(CWD)) for line in said]
            text += f"[{label}]\n" + "".join(f"{line}\n" for line in near) + "\n"
    return text


def test_the_sentences_are_those_of_the_file() -> None:
    assert rendered() == FILE.read_text(encoding="utf-8"), "see how to renew it in this module"


@pytest.mark.parametrize("module", [report, plan, shell, found_again], ids=lambda one: one.__name__)
def test_no_sentence_is_missing_there(module: ModuleType) -> None:
    names = {
        name
        for name, made in inspect.getmembers(module, inspect.isfunction)
        if made.__module__ == module.__name__ and not name.startswith("_")
    }
    names.discard("command")  # of found_again: no sentence
    source = Path(__file__).read_text(encoding="utf-8")
    short = module.__name__.rpartition(".")[2]
    missing = [name for name in names if f"{short}.{name}(" not in source]
    assert not missing, f"show them in {Path(__file__).name}: {missing}"


def test_the_place_of_every_rule_has_a_name() -> None:
    assert set(report.PLACE_BY_RULE) == {rule.name for rule in RULES}


if __name__ == "__main__":
    FILE.write_text(rendered(), encoding="utf-8")
