"""Whether what was installed runs by name: as reported, after a login, and by ``safepip path``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.diversions import install
from tests.support.lab import Lab, Result, changes
from tests.support.long import only
from tests.support.missing import lacking

if TYPE_CHECKING:
    from collections.abc import Sequence

DEBIAN = b'if [ -d "$HOME/.local/bin" ] ; then\n    PATH="$HOME/.local/bin:$PATH"\nfi\n'
FRESH = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
"""What a login has before any profile."""

OTHER = ("~/.cache", "~/.local", "$TMPDIR", "~/.config/fish/fish_variables")
"""What installs write, and fish at its first start."""

SHELLS = ("bash", "zsh", "fish", "dash", "ksh", "tcsh")
each_shell = pytest.mark.parametrize("shell", only(SHELLS, "bash", "zsh", "fish", "tcsh"))


def of(lab: Lab, shell: str) -> str:
    """The program of *shell*, from now on the lab user's login shell."""
    found = shutil.which(shell, path="/usr/bin:/bin:/usr/local/bin")
    if found is None:
        lacking(shell)
    lab.env["SHELL"] = found
    return found


def at_login(lab: Lab, program: str, text: str) -> Result:
    """Run *text* in a login shell, as a terminal or ssh starts it."""
    begin = ["env", "-i", f"HOME={lab.home}", f"PATH={FRESH['PATH']}", "TERM=dumb", "HISTFILE="]
    # The dash before its name makes it a login shell; sh cannot set that, so python does.
    code = "import os, sys; os.execv(sys.argv[1], ['-' + sys.argv[2], '-ic', sys.argv[3]])"
    name = program.rpartition("/")[2]
    return lab.run([*begin, lab.python.executable, "-c", code, program, name, text])


def tool(lab: Lab) -> None:
    lab.write(lab.home / ".local/bin/mytool", "#!/bin/sh\necho it\n").chmod(0o755)


def path(lab: Lab, *words: str, expected: int = 0) -> Result:
    done = lab.run(["safepip", "path", *words])
    assert done.returncode == expected, done
    return done


def state(lab: Lab) -> dict[str, Any]:
    answer = json.loads(path(lab, "--json").out)
    assert answer["command"] == "path"
    (one,) = [d for d in answer["data"]["dirs"] if "user" in d["kinds"]]
    assert isinstance(one, dict)
    return one


def scripts(report: dict[str, Any]) -> Sequence[tuple[str, bool | None]]:
    return [
        (one["visibility"], one["visible_after_login"])
        for landed in report["landed"]
        for one in landed["scripts"]
    ]


# What the report says


def test_debians_profile_finds_it_after_the_next_login(lab: Lab) -> None:
    shell = of(lab, "bash")
    lab.write(lab.home / ".profile", DEBIAN)
    told = install(lab, "labone")
    assert scripts(told.report) == [("off-path", True)], told
    assert "labone will be on your PATH after your next login." in told.words
    command = told.report["next_command"]
    assert lab.run(["bash", "-c", f"{command}; labone"]).out == "labone 2.0\n"
    assert at_login(lab, shell, "labone").out == "labone 2.0\n"


def test_a_bare_profile_does_not(lab: Lab) -> None:
    shell = of(lab, "bash")
    told = install(lab, "labone")
    assert scripts(told.report) == [("off-path", False)], told
    assert told.words[-2:] == [
        "To run labone in this shell:",
        "In every new shell:",
    ]
    assert at_login(lab, shell, "labone").returncode == 127


def test_the_command_for_every_new_shell_names_a_safepip_that_path_does_not_find(
    lab: Lab,
) -> None:
    of(lab, "bash")
    entries = lab.env["PATH"].split(":")
    kept = [one for one in entries if one != str(lab.safepip.path.parent)]
    path_without = ":".join(kept)
    assert shutil.which("safepip", path=path_without) is None
    told = install(lab, "labone", program=(lab.safepip.path,), env={"PATH": path_without})
    command = told.result.err.splitlines()[-1].strip()
    program, _, words = command.partition(" ")
    assert (lab.safepip.path.resolve(), words) == (Path(program), "path --install")
    assert lab.run(["bash", "-c", command], env={"PATH": path_without}).returncode == 0
    assert at_login(lab, lab.env["SHELL"], "labone").out == "labone 2.0\n"


def test_nobody_is_asked_where_nothing_is_off_path(lab: Lab) -> None:
    of(lab, "bash")
    lab.write(lab.home / ".profile", b"touch $HOME/asked\n" + DEBIAN)
    lab.env["PATH"] += f":{lab.home}/.local/bin"
    told = install(lab, "labone")
    assert scripts(told.report) == [("visible", None)], told
    assert not (lab.home / "asked").exists()


def test_an_install_that_has_nothing_to_say_asks_nobody(lab: Lab) -> None:
    of(lab, "bash")
    lab.write(lab.home / ".profile", "touch $HOME/asked\n")
    done = lab.run(["safepip", "install", "--user", "labone"])
    assert done.returncode == 0, done
    assert not (lab.home / "asked").exists()


@pytest.mark.parametrize(
    "more", ["sleep 3000", "kill -INT $PPID; sleep 3000"], ids=["hangs", "ends"]
)
def test_a_profile_that_talks_and_hangs_disturbs_nothing(more: str, lab: Lab) -> None:
    of(lab, "bash")
    lab.write(lab.home / ".profile", f"echo to the screen; echo and here >&2\n{more}\n")
    told = install(lab, "labone")
    assert told.result.returncode == 0, told
    assert scripts(told.report) == [("off-path", None)], told
    assert "to the screen" not in told.result.out
    assert "and here" not in told.result.err
    assert told.words[-1] == "To run labone in this shell:"
    # Killed is killed, but on a busy machine a process needs a moment to be gone.
    lab.wait_for(lambda: not lab.processes(), "the end of the profile's processes")


def test_a_literal_tilde_is_seen_by_bash_alone(lab: Lab) -> None:
    of(lab, "bash")
    lab.env["PATH"] += ":~/.local/bin"
    assert scripts(install(lab, "labone").report) == [("visible", None)]
    assert lab.run(["bash", "-c", "labone"]).out == "labone 2.0\n"
    assert state(lab)["remark"] == "only by a literal ~ in PATH, which few shells follow"
    of(lab, "zsh")
    assert state(lab)["on_path"] is False


# `safepip path`


@each_shell
def test_putting_it_on_path_helps_and_can_be_undone(shell: str, lab: Lab) -> None:
    program = of(lab, shell)
    lab.write(lab.home / ".profile", "# mine, without a last line end")
    tool(lab)
    lab.write(lab.home / ".config/fish/conf.d/mine.fish")  # fish would make the folders, too
    before = lab.snapshot(ignore=OTHER)
    now = state(lab)
    assert (now["on_path"], now["on_path_after_login"]) == (False, False)
    assert now["mend"] == "safepip path --install"
    assert f"{lab.home}/.local/bin" in path(lab, "--dry-run").out
    assert not changes(before, lab.snapshot(ignore=OTHER))

    path(lab, "--install")
    assert at_login(lab, program, "mytool").out == "it\n"
    nested = at_login(lab, program, f"{shell} -ic '{shell} -ic env'")
    (line,) = [one for one in nested.out.splitlines() if one.startswith("PATH=")]
    assert line.count(f"{lab.home}/.local/bin") == 1, nested
    after = lab.snapshot(ignore=OTHER)
    assert changes(before, after)
    assert "Nothing to do" in path(lab, "--install").err
    now = state(lab)
    assert (now["on_path"], now["on_path_after_login"]) == (False, True)
    assert lab.run([shell, "-c", f"{now['mend']}; mytool"]).out == "it\n"
    assert not changes(after, lab.snapshot(ignore=OTHER))

    path(lab, "--uninstall")
    assert not changes(before, lab.snapshot(ignore=OTHER))


def test_taking_it_out_shows_first_what_goes(lab: Lab) -> None:
    of(lab, "bash")
    path(lab, "--install")
    before = lab.snapshot()
    shown = path(lab, "--uninstall", "--dry-run").out
    assert f"--- {lab.home}/.bashrc" in shown
    assert f'-case ":$PATH:" in *:{lab.home}/.local/bin:*)' in shown
    assert not changes(before, lab.snapshot())
    of(lab, "zsh")  # lines are found whatever shell is used now
    path(lab, "--uninstall")
    assert not (lab.home / ".bashrc").exists()
    assert "Nothing to do" in path(lab, "--uninstall").err


def test_a_new_terminal_has_it_too(lab: Lab) -> None:
    of(lab, "bash")
    lab.write(lab.home / ".bash_profile", "# reads no .bashrc\n")
    tool(lab)
    path(lab, "--install")
    for words in (["bash", "--login"], ["bash"]):
        with lab.terminal(words, env={**FRESH, "PS1": "ready> "}) as screen:
            screen.send("mytool\n")
            screen.expect(r"[\r\n]it\r\n")


def test_zdotdir_is_where_it_goes(lab: Lab) -> None:
    of(lab, "zsh")
    lab.write(lab.home / "dots/.zshrc", "# here\n")
    lab.env["ZDOTDIR"] = str(lab.home / "dots")
    path(lab, "--install")
    assert state(lab)["on_path_after_login"] is True
    assert "safepip path" in (lab.home / "dots/.zshrc").read_text()
    assert not (lab.home / ".zshrc").exists()


def test_what_does_not_help_is_no_success(lab: Lab) -> None:
    of(lab, "bash")
    lab.write(lab.home / ".bash_profile", "PATH=/usr/bin:/bin\nreturn\n")
    done = path(lab, "--install", expected=73)
    assert "it has no effect" in done.err
    assert "on PATH in" not in done.err


def test_what_cannot_be_checked_is_said(lab: Lab) -> None:
    of(lab, "bash")
    lab.write(lab.home / ".bash_profile", "exit 0\n")
    done = path(lab, "--install")
    assert "Could not check whether new shells have it now: bash gave no answer" in done.err


def test_a_profile_that_cannot_be_written_gives_what_to_paste(lab: Lab) -> None:
    of(lab, "zsh")
    lab.lock(lab.write(lab.home / ".zshrc", "# root's\n"))
    before = lab.snapshot()
    done = path(lab, "--install", expected=73)
    line = done.err.splitlines()[-1].strip()
    assert not changes(before, lab.snapshot(ignore=OTHER))
    tool(lab)
    assert lab.run(["zsh", "-fc", f"{line}; mytool"]).out == "it\n"


def test_an_unknown_shell_gets_what_to_paste(lab: Lab) -> None:
    lab.env["SHELL"] = str(_copy(lab, "cmd"))
    done = path(lab, "--install", expected=73)
    assert "cannot add this to a profile of cmd" in done.err


def _copy(lab: Lab, name: str) -> Path:
    file = lab.write(lab.home / name, "#!/bin/sh\n")
    file.chmod(0o755)
    return file


def test_an_environment_is_never_put_on_path(lab: Lab) -> None:
    of(lab, "bash")
    lab.env["PYTHONNOUSERSITE"] = "1"
    told = install(lab, "labone")
    assert told.where[1] == "personal", told
    assert scripts(told.report) == [("off-path", False)], told
    path(lab, "--install")
    answer = json.loads(path(lab, "--json").out)["data"]
    (one,) = [d for d in answer["dirs"] if d["kinds"] == ["personal"]]
    assert (one["on_path"], one["on_path_after_login"]) == (False, False)
    assert one["mend"] == f"source {told.destination}/bin/activate"
    assert str(told.destination) not in (lab.home / ".bashrc").read_text()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--what", "Unknown option --what. See:"),
        ("--instal", 'Unknown option --instal. Did you mean "--install"? See:'),
        ("--install --uninstall", "--install and --uninstall cannot be used together. See:"),
        ("x", "'x' is one word too many. See:"),
    ],
)
def test_other_words_are_refused(line: str, said: str, lab: Lab) -> None:
    err = path(lab, *line.split(), expected=64).err
    assert err == f"safepip: {said}\n    safepip path --help\n"
