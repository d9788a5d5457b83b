"""What PATH truly finds: in each shell, from where the user stands, now and after a login."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path, PurePath, PureWindowsPath
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safepip.flow import reporting
from safepip.machine import search
from safepip.model.decisions import DestinationKind, Divert
from safepip.model.errors import CannotCreateError
from safepip.model.outcome import LandedScript, Landing, Outcome, OutcomeKind, Visibility
from safepip.model.reasons import Reason, because
from safepip.profiles import login, registry
from safepip.shells import texts
from safepip.shells.commands import (
    activate_command,
    path_line,
    prepend_path_command,
    run_command,
)
from safepip.shells.kinds import Shell
from safepip.wording.reasons import shown
from tests.support.missing import lacking

if TYPE_CHECKING:
    from collections.abc import Sequence

posix = pytest.mark.skipif(sys.platform == "win32", reason="shells of POSIX systems")
pytestmark = posix

# How each runs a text, without any profile.
RUN = {
    Shell.BASH: ("bash", "--norc", "--noprofile", "-c"),
    Shell.ZSH: ("zsh", "-f", "-c"),
    Shell.FISH: ("fish", "--no-config", "-c"),
    Shell.DASH: ("dash", "-c"),
    Shell.KSH: ("ksh", "-c"),
    Shell.TCSH: ("tcsh", "-f", "-c"),
    Shell.NUSHELL: ("nu", "--no-config-file", "-c"),
    Shell.XONSH: ("xonsh", "--no-rc", "-c"),
}
each_shell = pytest.mark.parametrize("shell", RUN, ids=lambda shell: shell.value)


def program(name: str) -> str:
    found = shutil.which(name, path="/usr/local/bin:/usr/bin:/bin")
    if found is None:
        lacking(name)
    return found


def says(shell: Shell, text: str, *, path: str, home: Path, cwd: Path) -> str:
    """What *shell* prints for *text*, and nothing where it fails."""
    name, *words = RUN[shell]
    env = {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8"}
    done = subprocess.run(
        [program(name), *words, text], capture_output=True, env=env, cwd=cwd, check=False
    )
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else ""


def tool(folder: Path, name: str = "mytool", mode: int = 0o755) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\necho {shlex.quote(str(file))}\n")
    file.chmod(mode)
    return file


# PATH now

FORMS = {
    "a folder by its name": "{home}/bin",
    "with a slash at its end": "{home}/bin/",
    "with a way through it": "{home}/other/../bin",
    "through a link": "{home}/link",
    "by a literal ~": "~/bin",
    "relative": "bin",
    "relative from here": "./bin",
    "the working directory by a dot": ".",
    "the working directory by nothing": "",
    "missing": "{home}/gone",
    "a file instead of a folder": "{home}/bin/mytool",
    "behind a folder that holds a file of this name that cannot be run": "{home}/dull:{home}/bin",
    "behind a folder that holds a folder of this name": "{home}/nest:{home}/bin",
    "behind another of this name": "{home}/other:{home}/bin",
    "only as a file that cannot be run": "{home}/dull",
}


@each_shell
@pytest.mark.parametrize("form", FORMS)
def test_what_we_find_is_what_the_shell_runs(
    shell: Shell, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, cwd = tmp_path / "home", tmp_path / "work"
    for folder in (home / "bin", home / "other", cwd, cwd / "bin"):
        tool(folder)
    tool(home / "dull", mode=0o644)
    (home / "nest/mytool").mkdir(parents=True)
    (home / "link").symlink_to(home / "bin")
    monkeypatch.chdir(cwd)
    path = f"{FORMS[form].format(home=home)}:/usr/bin:/bin"
    found = search.found_on_path("mytool", {"PATH": path, "HOME": str(home)}, shell)
    ran = says(shell, "mytool", path=path, home=home, cwd=cwd).strip()
    assert (found is None) == (ran == ""), (found, ran)
    assert found is None or Path(found).samefile(ran)


def test_few_shells_follow_a_literal_tilde(tmp_path: Path) -> None:
    tool(tmp_path / "bin")
    env = {"PATH": "~/bin", "HOME": str(tmp_path)}
    seen = {s for s in Shell if search.found_on_path("mytool", env, s) is not None}
    assert seen == {Shell.BASH, Shell.XONSH, Shell.NUSHELL}
    env["POSIXLY_CORRECT"] = "1"
    assert search.found_on_path("mytool", env, Shell.BASH) is None


def test_relative_entries_do_not_count_for_other_directories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool(tmp_path / "bin")
    monkeypatch.chdir(tmp_path)
    for entry in ("bin", "", "."):
        env = {"PATH": entry, "HOME": "/nonexistent"}
        here = search.directory_on_path(tmp_path / "bin", env, Shell.ZSH)
        assert here == (entry == "bin")
        assert not search.directory_on_path(tmp_path / "bin", env, Shell.ZSH, anywhere=True)


def test_a_folder_is_known_by_its_identity(tmp_path: Path) -> None:
    tool(tmp_path / "bin")
    (tmp_path / "link").symlink_to(tmp_path / "bin")
    for spelled in ("bin", "bin/", "link", "./link/", "x/../bin"):
        env = {"PATH": f"/usr/bin:{tmp_path}/{spelled}"}
        (tmp_path / "x").mkdir(exist_ok=True)
        assert search.directory_on_path(tmp_path / "bin", env, Shell.SH), spelled
    missing = {"PATH": f"{tmp_path}/gone/"}
    assert search.directory_on_path(tmp_path / "gone", missing, Shell.SH)


def test_a_folder_that_cannot_be_searched_shows_nothing(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        lacking("ordinary user")
    file = tool(tmp_path / "bin")
    file.parent.chmod(0o600)
    try:
        found = search.found_on_path("mytool", {"PATH": str(file.parent)}, Shell.SH)
    finally:
        file.parent.chmod(0o755)
    assert found is None


# PATH after the next login

DEBIAN = 'if [ -d "$HOME/.local/bin" ] ; then\n    PATH="$HOME/.local/bin:$PATH"\nfi\n'


def look(home: Path, shell: str = "bash", **more: str) -> login.Answer:
    env = {"HOME": str(home), "SHELL": program(shell), **more}
    return login.look(env, Shell(shell))


def test_debians_profile_shows_the_folder_once_it_is_there(tmp_path: Path) -> None:
    (tmp_path / ".profile").write_text(DEBIAN)
    before = look(tmp_path).path
    assert before is not None
    assert "/.local/bin" not in before
    (tmp_path / ".local/bin").mkdir(parents=True)
    after = look(tmp_path).path
    assert after is not None
    assert after.split(":")[0] == f"{tmp_path}/.local/bin"
    assert {one.name for one in tmp_path.iterdir()} == {".local", ".profile"}


PROFILES = {
    "bash": (".bash_profile", 'PATH="/from it:$PATH"'),
    "zsh": (".zshrc", 'path=("/from it" $path)'),
    "fish": (".config/fish/config.fish", 'set -gx PATH "/from it" $PATH'),
    "dash": (".profile", 'PATH="/from it:$PATH"'),
    "ksh": (".profile", 'PATH="/from it:$PATH"'),
    "tcsh": (".login", "set path = ( '/from it' $path:q )"),
    "nu": (".config/nushell/config.nu", "$env.PATH = ($env.PATH | prepend '/from it')"),
}


@pytest.mark.parametrize("shell", PROFILES)
def test_each_shell_is_asked_as_a_login_starts_it(shell: str, tmp_path: Path) -> None:
    name, text = PROFILES[shell]
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + "\n")
    if Path(program(shell)).read_bytes()[:2] == b"#!":
        # npm's nu: a script hands its own name on, not that of a login shell.
        lacking(f"{shell} that is no script")
    told = look(tmp_path, shell).path
    assert told is not None
    assert "/from it" in told.split(":")


def test_fish_knows_its_own_list(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    text = f"set -U fish_user_paths {tmp_path}/mine"
    subprocess.run([program("fish"), "-c", text], env=env, check=True)
    told = look(tmp_path, "fish").path
    assert told is not None
    assert f"{tmp_path}/mine" in told.split(":")


@pytest.mark.parametrize(
    ("shell", "profile", "text"),
    [
        (Shell.ZSH, ".zshrc", "PATH=/of/it:$PATH\n"),
        (Shell.NUSHELL, ".config/nushell/config.nu", "$env.PATH = [/of/it, ...$env.PATH]\n"),
    ],
)
def test_a_shell_within_the_login_shell_adds_its_own(
    tmp_path: Path, shell: Shell, profile: str, text: str
) -> None:
    (tmp_path / ".profile").write_text("PATH=/of/login:$PATH; export PATH\n")
    (tmp_path / profile).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / profile).write_text(text)
    env = {"HOME": str(tmp_path), "SHELL": program("bash")}
    env["PATH"] = str(Path(program(shell.value)).parent)
    told = login.look(env, shell).path
    assert told is not None
    assert told.startswith("/of/it:/of/login:")
    assert not list(tmp_path.rglob("history*"))


def test_zdotdir_counts_unless_the_profile_sets_it(tmp_path: Path) -> None:
    dots = tmp_path / "dots"
    dots.mkdir()
    (dots / ".zshrc").write_text("PATH=/from/dots:$PATH\n")
    told = look(tmp_path, "zsh", ZDOTDIR=str(dots)).path
    assert told is not None
    assert told.startswith("/from/dots:")
    (tmp_path / ".zshenv").write_text("ZDOTDIR=$HOME/elsewhere\n")
    told = look(tmp_path, "zsh", ZDOTDIR=str(dots)).path
    assert told is not None
    assert "/from/dots" not in told


NOISE = {
    "words before": "echo hello; echo there >&2",
    "what it is asked, echoed": "trap 'echo \"$BASH_COMMAND\"' DEBUG",
    "each step, shown": "set -xv",
    "unset variables are errors": "set -u",
    "errors are the end": "set -e",
    "a background process that holds the output": "sleep 30 &",
    "a terminal is expected": "stty -echo; tput cols; read -r x; read -r y </dev/tty",
}


@pytest.mark.parametrize("noise", NOISE)
def test_an_answer_comes_through(
    noise: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".bash_profile").write_text(f"PATH=/from/it:/usr/bin:/bin\n{NOISE[noise]}\n")
    assert look(tmp_path).path == "/from/it:/usr/bin:/bin"
    assert capfd.readouterr() == ("", "")


SILENCE = {
    "it never ends": "sleep 3000",
    "it ends before": "exit 0",
    "it becomes another program": "exec cat",
    "it says no end of words": "yes",
    "it stops itself": "kill -STOP $$",
}


@pytest.mark.parametrize("silence", SILENCE)
def test_no_answer_is_told_in_time_and_nothing_is_left(silence: str, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    (tmp_path / ".bash_profile").write_text(
        f"echo $$ >{pids}\nset -m\nsleep 3001 & echo $! >>{pids}\n{SILENCE[silence]}\n"
    )
    env = {"HOME": str(tmp_path), "SHELL": program("bash")}
    for timeout_s in (0.5, 2.5, 12.5, 62.5):  # the last for a busy machine
        answer = login.look(env, Shell.BASH, timeout_s=timeout_s)
        assert answer.path is None
        assert "bash gave no answer" in shown(answer.problem)
        if pids.exists() and len(pids.read_text().split()) == 2:
            break
    for pid in pids.read_text().split():
        while _runs(pid):
            time.sleep(0.01)


def _runs(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_profile_that_asks_is_not_asked_again(tmp_path: Path) -> None:
    (tmp_path / ".profile").write_text(f"echo $$ >>{tmp_path}/asked\n")
    assert look(tmp_path, SAFEPIP_ASKS_PATH="1").path is None
    assert not (tmp_path / "asked").exists()


def test_a_shell_that_is_not_there_is_no_failure(tmp_path: Path) -> None:
    for shell in ("/nonexistent/bash", "bash", "/bin/false", ""):
        env = {"HOME": str(tmp_path), "SHELL": shell, "PATH": "/usr/bin:/bin"}
        # What the accounts say is asked instead, if anything.
        assert login.login_program(env) != shell
        login.look(env, Shell.BASH)
    odd = tool(tmp_path, "xonsh")
    assert shown(login.start(str(odd), {"HOME": str(tmp_path)}, login=True).problem) == (
        "xonsh cannot be asked"
    )


# What the report makes of it


def landed(*scripts: LandedScript) -> Outcome:
    decision = Divert(
        destination=DestinationKind.USER,
        rule="user-site",
        reason=because(Reason.NO_OTHER),
        path=PurePath("/site"),
    )
    one = Landing(name="x", version="1", location=PurePath("/site"), scripts=scripts)
    return Outcome(
        kind=OutcomeKind.DIVERTED,
        exit_code=0,
        trigger=None,
        decision=decision,
        interpreter=None,
        landed=(one,),
    )


def ahead(outcome: Outcome, env: dict[str, str]) -> list[bool | None]:
    (one,) = reporting.look_ahead(outcome, env).landed
    return [script.visible_after_login for script in one.scripts]


def test_the_shell_is_asked_only_where_a_command_is_off_path(tmp_path: Path) -> None:
    file = tool(tmp_path / ".local/bin")
    (tmp_path / ".profile").write_text(f"echo asked >>{tmp_path}/asked\n{DEBIAN}")
    env = {"HOME": str(tmp_path), "SHELL": program("bash"), "PATH": "/usr/bin:/bin"}
    script = LandedScript(name="mytool", path=file, visibility=Visibility.VISIBLE)
    off = script._replace(visibility=Visibility.OFF_PATH)
    assert ahead(landed(script), env) == [None]
    in_venv = Divert(
        destination=DestinationKind.VENV,
        rule="project",
        reason=because(Reason.NO_OTHER),
        path=PurePath("/v"),
    )
    assert ahead(landed(off)._replace(decision=in_venv), env) == [None]
    assert ahead(landed(), env) == []
    assert not (tmp_path / "asked").exists()
    assert ahead(landed(off), env) == [True]
    elsewhere = off._replace(name="other", path=tool(tmp_path / "far", "other"))
    assert ahead(landed(off, elsewhere), env) == [True, False]
    assert (tmp_path / "asked").read_text() == "asked\nasked\n"


# The command that makes it run

NAMES = st.text(
    st.characters(exclude_characters="/:\0\n\r", exclude_categories=("Cs", "Cc")),
    min_size=1,
    max_size=12,
).filter(lambda name: name not in {".", ".."})
HARD = [
    "two words", "it's", 'a"b', "a$HOME", "a`b`", "!", "a\\!b", "\\", "'\\''", "a!'!\"", "~", "-n",
    "%s", "*?[x]", "{a,b}", "a\\", "#", "=x", "^", "(a)", "ü",
]  # fmt: skip


def names_for(shell: Shell, names: Sequence[str] = HARD) -> list[str]:
    """Those that *shell* can take: xonsh expands variables in PATH itself, whatever is written."""
    return [name for name in names if not (shell is Shell.XONSH and "$" in name)]


@each_shell
def test_the_command_given_puts_any_folder_on_path(shell: Shell, tmp_path: Path) -> None:
    program(RUN[shell][0])

    def all_run(names: list[str]) -> None:
        """One shell for all: what a command does to it, the next ones meet."""
        lines, said = [], ""
        for number, name in enumerate(names_for(shell, names)):
            folder = tmp_path / f"d{name}d" / name
            file = tool(folder, f"tool{number}")
            file.write_text(f"#!/bin/sh\necho it {number}\n")
            lines += [prepend_path_command(shell, folder), file.name, run_command(shell, file)]
            said += f"it {number}\n" * 2
        text = ("; " if shell is Shell.TCSH else "\n").join(lines)
        assert says(shell, text, path="/usr/bin:/bin", home=tmp_path, cwd=tmp_path) == said, text

    all_run(HARD)
    check = given(st.lists(NAMES, min_size=25, max_size=25))(
        settings(max_examples=1, suppress_health_check=list(HealthCheck), database=None)(all_run)
    )
    check()


# fish reads prompts from terminals alone, and these have no such expansion.
AT_A_PROMPT = [shell for shell in RUN if shell not in {Shell.FISH, Shell.NUSHELL, Shell.XONSH}]


@pytest.mark.parametrize("shell", AT_A_PROMPT, ids=lambda shell: shell.value)
def test_the_command_given_can_be_typed_at_a_prompt(shell: Shell, tmp_path: Path) -> None:
    """At a prompt ``!`` calls up history, which it never does in a text that is run."""
    found = program(RUN[shell][0])
    lines = ["echo begun"]
    for number, name in enumerate(HARD):
        tool(tmp_path / name, f"tool{number}").write_text(f"#!/bin/sh\necho it {number}\n")
        lines += [prepend_path_command(shell, tmp_path / name), f"tool{number}"]
    words = {Shell.BASH: ["--norc"], Shell.ZSH: ["-f"], Shell.TCSH: ["-f"]}.get(shell, [])
    done = subprocess.run(
        [found, *words, "-i"],
        input="\n".join([*lines, "exit", ""]),
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8", "TERM": "dumb"},
        start_new_session=True,
        check=False,
    )
    for number, name in enumerate(HARD):
        assert f"it {number}\n" in done.stdout, (name, done)


@each_shell
def test_the_line_for_a_profile_adds_a_folder_once(shell: Shell, tmp_path: Path) -> None:
    # In tcsh's pattern one odd character stands for any: `/a/!` on PATH is taken for `/a/#`.
    together = [names_for(shell)] if shell is not Shell.TCSH else [[name] for name in HARD]
    read = {"sh": ".", "dash": ".", "ksh": "."}.get(shell.value, "source")
    profile = tmp_path / f"profile.{texts.file_name(shell).rpartition('.')[2]}"
    for names in together:
        lines = [path_line(shell, tmp_path / name) for name in names]
        profile.write_text("".join(f"{line}\n{line}  # safepip path\n{line}\n" for line in lines))
        path = ":".join([*(str(tmp_path / name) for name in reversed(names)), "/usr/bin:/bin"])
        text = f"{read} {profile}; {read} {profile}; {'^' if shell is Shell.NUSHELL else ''}env"
        said = says(shell, text, path="/usr/bin:/bin", home=tmp_path, cwd=tmp_path)
        assert f"PATH={path}\n" in said, said


ACTIVATED = ["two words", "it's", "ünï", 'a"b', "a$HOME", "`id`", "a!b", "\\"]


@pytest.mark.parametrize(
    ("shell", "name"),
    [(shell, name) for shell in RUN for name in names_for(shell, ACTIVATED)],
    ids=lambda one: one.value if isinstance(one, Shell) else one,
)
def test_the_command_given_activates(shell: Shell, name: str, tmp_path: Path) -> None:
    program(RUN[shell][0])
    environment = tmp_path / name / ".venv"
    venv.create(environment)
    tool(environment / "bin")
    ran = "mytool" if shell is Shell.NUSHELL else "mytool >/dev/null && echo it"
    (environment / "bin/mytool").write_text("#!/bin/sh\necho it\n")
    text = f"{activate_command(shell, environment)}; {ran}"
    assert says(shell, text, path="/usr/bin:/bin", home=tmp_path, cwd=tmp_path) == "it\n"


def test_a_folder_that_no_path_can_hold_gets_the_whole_way(tmp_path: Path) -> None:
    file = tool(tmp_path / "a:b")
    script = LandedScript(name="mytool", path=file, visibility=Visibility.OFF_PATH)
    env = {"PATH": "/usr/bin", "SHELL": "/bin/sh"}
    command = reporting.next_command(None, landed(script).landed, env)
    assert command == str(file)


# The registry of Windows, by a fake


class Registry:
    """One value, and the ways in which it can fail."""

    def __init__(self, text: str | None, kind: int = registry.REG_EXPAND_SZ) -> None:
        self.value = None if text is None else registry.Value(text=text, kind=kind)
        self.ours: tuple[str, ...] = ()
        self.written = 0
        self.told = 0
        self.unreadable = self.unwritable = False
        self.changes_behind_us = False

    def read(self) -> registry.Value | None:
        if self.unreadable:
            raise PermissionError(5, "Access is denied")
        value = self.value
        if self.changes_behind_us and value is not None:
            self.value = value._replace(text=value.text + r";C:\New")
        return value

    def write(self, value: registry.Value | None) -> None:
        if self.unwritable:
            raise PermissionError(5, "Access is denied")
        self.value = value
        self.written += 1

    def added(self) -> tuple[str, ...]:
        return self.ours

    def remember(self, entries: tuple[str, ...]) -> None:
        self.ours = entries

    def broadcast(self) -> None:
        self.told += 1


SCRIPTS_DIR = PureWindowsPath(r"C:\Users\You\AppData\Roaming\Python\Python312\Scripts")


@pytest.mark.parametrize("kind", [registry.REG_SZ, registry.REG_EXPAND_SZ])
@pytest.mark.parametrize(
    "text", [r"%USERPROFILE%\bin;C:\Tools", r"C:\Tools;", r";;C:\Odd;;", None], ids=str
)
def test_the_users_path_gets_an_entry_and_loses_it_again(text: str | None, kind: int) -> None:
    store = Registry(text, kind)
    before = store.value
    registry.install(store, (SCRIPTS_DIR,))
    expected = f"{SCRIPTS_DIR};{text}" if text else str(SCRIPTS_DIR)
    assert store.value is not None
    assert store.value.text == expected
    assert store.value.kind == (kind if text else registry.REG_EXPAND_SZ)
    registry.install(store, (SCRIPTS_DIR,))
    assert (store.written, store.told) == (1, 1)
    registry.uninstall(store)
    assert store.value == before
    assert (store.written, store.told) == (2, 2)
    registry.uninstall(store)
    assert store.written == 2


def test_an_entry_that_is_there_is_the_users(tmp_path: Path) -> None:
    store = Registry(str(SCRIPTS_DIR).upper() + "\\;C:\\Tools")
    registry.install(store, (SCRIPTS_DIR,))
    registry.uninstall(store)
    assert store.written == store.told == 0


@pytest.mark.parametrize(
    "store",
    [Registry(""), Registry("  "), Registry("x", kind=3), Registry("C:\\" + "x" * 32760)],
    ids=["empty", "blank", "no text", "too long"],
)
def test_a_path_that_looks_wrong_is_not_written(store: Registry) -> None:
    with pytest.raises(CannotCreateError, match="registry"):
        registry.install(store, (SCRIPTS_DIR,))
    assert store.written == store.told == 0
    assert store.ours == ()


@pytest.mark.parametrize("how", ["unreadable", "unwritable", "changes_behind_us"])
def test_a_path_that_cannot_be_had_is_not_written(how: str) -> None:
    store = Registry(r"C:\Tools")
    setattr(store, how, True)
    with pytest.raises(CannotCreateError, match="registry"):
        registry.install(store, (SCRIPTS_DIR,))
    assert store.written == store.told == 0
    assert store.ours == ()


def test_a_dry_run_writes_nothing() -> None:
    store = Registry(r"C:\Tools")
    value = registry.install(store, (SCRIPTS_DIR,), write=False)
    assert value is not None
    assert value.text == rf"{SCRIPTS_DIR};C:\Tools"
    assert store.written == 0
