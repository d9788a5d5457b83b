"""The line in real profiles, read by real shells, and the file that teams copy."""

from __future__ import annotations

import os
import re
import shutil
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.test_shells import REAL, WHERE, project
from tests.support.long import long
from tests.support.missing import lacking
from tests.support.patience import PATIENCE_S

if TYPE_CHECKING:
    from tests.support.lab import Lab

PROFILE_D = Path(__file__).parents[2] / "scripts/profile.d/safepip.sh"


# The profile.


def test_a_link_stays_a_link_and_mode_and_owner_stay(lab: Lab) -> None:
    target = lab.write(lab.home / "dotfiles/bashrc", "# mine\r\nalias a=b")
    target.chmod(0o640)
    link = lab.home / ".bashrc"
    link.symlink_to("dotfiles/bashrc")
    before = (target.read_bytes(), stat.S_IMODE(target.stat().st_mode), target.stat().st_uid)
    assert lab.run(["safepip", "init", "bash", "--install"]).returncode == 0
    assert link.is_symlink()
    assert before[0] + b"\n" in target.read_bytes()
    once = target.read_bytes()
    assert lab.run(["safepip", "init", "bash", "--install"]).returncode == 0
    assert target.read_bytes() == once
    assert lab.run(["safepip", "init", "bash", "--uninstall"]).returncode == 0
    assert link.is_symlink()
    after = (target.read_bytes(), stat.S_IMODE(target.stat().st_mode), target.stat().st_uid)
    assert after == before
    assert sorted(one.name for one in target.parent.iterdir()) == ["bashrc"]


def test_a_group_that_is_not_the_users_hinders_nothing(lab: Lab) -> None:
    if not lab.user.dropped:
        lacking("ordinary user of the tests' own")
    profile = lab.write(lab.home / ".bashrc", "alias a=b\n")
    os.chown(profile, -1, 0)
    profile.chmod(0o664)
    installed = lab.run(["safepip", "init", "bash", "--install"])
    assert installed.returncode == 0, installed.err
    assert b"safepip" in profile.read_bytes()
    # What root's group might do, the user's own may not for that.
    after = profile.stat()
    assert (after.st_uid, stat.S_IMODE(after.st_mode)) == (lab.user.uid, 0o644)
    assert lab.run(["safepip", "init", "bash", "--uninstall"]).returncode == 0
    assert profile.read_bytes() == b"alias a=b\n"


def test_leaving_names_the_other_shells_that_have_it(lab: Lab) -> None:
    for name in ("bash", "zsh", "dash", "tcsh"):
        assert lab.run(["safepip", "init", name, "--install"]).returncode == 0
    told = lab.run(["safepip", "init", "bash", "--uninstall"]).err.splitlines()
    assert told[1] == (
        "safepip: Still set up in ~/.profile, ~/.zshrc and ~/.tcshrc. To remove that, too:"
    )
    for line in told[2:]:
        assert lab.run(["sh", "-c", line]).returncode == 0, line
    told = lab.run(["safepip", "init", "bash", "--uninstall"]).err.splitlines()
    assert told == ["safepip: Nothing to change in ~/.bashrc and ~/.profile."]
    assert not [file for file in lab.home.glob(".*") if file.is_file()]


def test_a_profile_that_was_not_there_goes_again(lab: Lab) -> None:
    profile = lab.home / ".zshrc"
    assert lab.run(["safepip", "init", "zsh", "--install"]).returncode == 0
    assert profile.is_file()
    assert lab.run(["safepip", "init", "zsh", "--uninstall"]).returncode == 0
    assert not profile.exists()
    assert not (lab.home / ".local/share/safepip/shell").exists()
    # One that was there and empty stays, and so does what came in meanwhile.
    lab.write(profile, "")
    lab.run(["safepip", "init", "zsh", "--install"])
    lab.run(["safepip", "init", "zsh", "--uninstall"])
    assert profile.read_bytes() == b""


@pytest.mark.parametrize("end", ["", "\n"], ids=["no newline", "newline"])
@pytest.mark.parametrize("name", ["bash", "zsh", "fish", "ksh", "tcsh"])
def test_a_line_of_theirs_that_goes_on_does_not_swallow_ours(lab: Lab, name: str, end: str) -> None:
    real = REAL[name]
    assert real.program
    lab.env["ENV"] = str(lab.home / ".shrc")
    theirs = f"echo theirs \\{end}"
    profile = lab.write(lab.home / real.profile, theirs)
    assert lab.run(["safepip", "init", name, "--install"]).returncode == 0
    shows = {"fish": "functions pip", "tcsh": "alias pip"}.get(name, "type pip")
    done = lab.run([real.program, *real.reading, "-c", shows])
    theirs_said, _, ours = done.out.partition("\n")
    assert theirs_said.rstrip() == "theirs", done
    assert re.search("pip is a (shell )?function|__safepip|SAFEPIP_AS=pip", ours), done
    assert lab.run(["safepip", "init", name, "--uninstall"]).returncode == 0
    assert profile.read_bytes() == theirs.encode()


DEBIAN = """\
if [ -n "$BASH_VERSION" ]; then
    # include .bashrc if it exists
    if [ -f "$HOME/.bashrc" ]; then
\t. "$HOME/.bashrc"
    fi
fi
"""
ALONE = "export MINE=1 # unlike ~/.bashrc"


@pytest.mark.parametrize(
    ("files", "changed"),
    [
        ({}, {".bashrc", ".profile"}),
        ({".bashrc": "# mine", ".profile": DEBIAN}, {".bashrc"}),
        ({".profile": ALONE}, {".bashrc", ".profile"}),
        ({".bash_profile": ALONE, ".profile": DEBIAN}, {".bashrc", ".bash_profile"}),
        ({".bash_login": ". ~/.bashrc", ".profile": ALONE}, {".bashrc"}),
        ({".bash_profile": "false || \\", ".bashrc": "true && \\"}, {".bashrc", ".bash_profile"}),
    ],
    ids=["none", "Debian", "profile", "bash_profile", "bash_login", "going on"],
)
def test_bash_has_the_functions_at_a_login_too(
    lab: Lab, files: dict[str, str], changed: set[str]
) -> None:
    for name, text in files.items():
        lab.write(lab.home / name, text)
    before = lab.snapshot(ignore=("~/.cache", "~/.local"))
    done = lab.run(["safepip", "init", "bash", "--install"])
    assert done.returncode == 0, done
    for name in (".bashrc", ".bash_profile", ".bash_login", ".profile"):
        file = lab.home / name
        assert (file.exists() and ">>> safepip" in file.read_text()) == (name in changed)
        told = re.search(rf"~/{re.escape(name)}(?![\w/])", done.err)
        assert bool(told) == (name in changed), done
    after = lab.snapshot(ignore=("~/.cache", "~/.local"))
    again = lab.run(["safepip", "init", "bash", "--install"])
    assert ("read" in again.err, again.returncode) == (True, 0), again
    assert lab.snapshot(ignore=("~/.cache", "~/.local")) == after
    for options in (("-l", "-i"), ("-i",)):
        shown = lab.run(["bash", *options, "-c", "type pip"])
        assert "pip is a function" in shown.out, shown
    # A login of another shell reads ~/.profile, too.
    for program in ("dash", "ksh", "mksh"):
        path = shutil.which(program, path=WHERE)
        if path is not None:
            # Without ENV: what ksh reads besides is not the matter.
            silent = lab.run([path, "-l", "-c", "type pip; echo end"], env={"ENV": None})
            assert (silent.returncode, silent.err) == (0, ""), silent
            assert silent.out.endswith("end\n")
            assert "function" not in silent.out
            assert "safepip/" not in silent.out
    gone = lab.run(["safepip", "init", "bash", "--uninstall"])
    assert gone.returncode == 0, gone
    assert all(f"~/{name}" in done.err for name in changed), done
    assert lab.snapshot(ignore=("~/.cache", "~/.local")) == before


def test_a_login_file_that_bash_cannot_read_is_passed_over(lab: Lab) -> None:
    lab.write(lab.home / ".profile", "# mine\n")
    closed = lab.lock(lab.write(lab.home / ".bash_profile", "# root's\n"))
    closed.chmod(0o600 if lab.user.dropped else 0)
    done = lab.run(["safepip", "init", "bash", "--install"])
    assert done.returncode == 0, done
    assert "safepip" in (lab.home / ".profile").read_text()
    assert closed.stat().st_size == len("# root's\n")


@pytest.mark.parametrize("program", ["ksh", "mksh", "dash", "zsh"])
def test_the_functions_are_there_when_it_says(lab: Lab, program: str) -> None:
    path = shutil.which(program, path=WHERE)
    if path is None:
        lacking(program)
    lab.env.pop("ENV", None)
    env = {"SHELL": path, "PATH": f"{lab.env['PATH']}:{WHERE}"}
    before = lab.snapshot(ignore=("~/.cache", "~/.local", "~/.sh_history"))
    done = lab.run([path, "-i", "-c", f"safepip init {program} --install; true"], env=env)
    every = ". pip runs safepip in every new shell. To use it in this shell now:" in done.err
    login = ". pip runs safepip from your next login on. To use it in this shell now:" in done.err
    assert (every, login) == (program != "dash", program == "dash"), done
    now = lab.run([path, "-i", "-c", "type pip"])
    assert ("function" in now.out) == every, now
    after = lab.run([path, "-l", "-i", "-c", "type pip"])
    assert "function" in after.out, after
    assert lab.run(["safepip", "init", program, "--uninstall"]).returncode == 0
    assert lab.snapshot(ignore=("~/.cache", "~/.local", "~/.sh_history")) == before


def test_off_path_the_command_to_paste_names_safepip_in_full(lab: Lab) -> None:
    off = os.pathsep.join(
        one for one in lab.env["PATH"].split(os.pathsep) if Path(one) != lab.safepip.path.parent
    )
    for command in ("safepip", str(lab.safepip.path)):
        env = {"PATH": lab.env["PATH"] if command == "safepip" else off}
        done = lab.run([command, "init", "bash", "--install"], env=env)
        paste = done.err.splitlines()[-1].strip()
        named = re.fullmatch(r'eval "\$\((\S+) init bash\)"', paste)
        assert named is not None, done
        assert (named[1] == "safepip") == (command == "safepip")
        shown = lab.run(["bash", "-c", f"{paste}; type pip"], env=env)
        assert "pip is a function" in shown.out, shown


@pytest.mark.parametrize("has_init", [False, True], ids=["without it", "with init"])
def test_init_is_told_of_once_and_not_to_who_has_it(has_init: bool, lab: Lab) -> None:
    if has_init:
        assert lab.run(["safepip", "init", "bash", "--install"]).returncode == 0
    project(lab)
    for wanted in (not has_init, False):
        with lab.terminal(["safepip", "install", "--force-reinstall", "labone"]) as screen:
            assert screen.wait() == 0, screen.picture
        assert b"activate" in screen.raw
        assert (b"init --install" in screen.raw) == wanted


def test_bash_and_sh_keep_their_own_lines_in_one_profile(lab: Lab) -> None:
    profile = lab.write(lab.home / ".profile", "# mine")
    assert lab.run(["safepip", "init", "sh", "--install"]).returncode == 0
    of_sh = profile.read_bytes()
    assert lab.run(["safepip", "init", "bash", "--install"]).returncode == 0
    assert profile.read_bytes().startswith(of_sh)
    for command in (["bash", "-l", "-i"], ["dash", "-l", "-i"]):
        shown = lab.run([*command, "-c", "type pip"])
        assert "function" in shown.out, shown
    assert lab.run(["safepip", "init", "sh", "--uninstall"]).returncode == 0
    assert "safepip.bash" in profile.read_text()
    assert "safepip.sh" not in profile.read_text()
    assert lab.run(["safepip", "init", "bash", "--uninstall"]).returncode == 0
    assert profile.read_bytes() == b"# mine"


@pytest.mark.parametrize("closed", [".bashrc", ".bash_profile"])
def test_one_of_two_that_cannot_be_written_is_told_with_the_other(lab: Lab, closed: str) -> None:
    files = [lab.write(lab.home / name, "# mine\n") for name in (".bashrc", ".bash_profile")]
    shut = lab.home / closed
    (other,) = set(files) - {shut}
    shut.chmod(0o444)
    done = lab.run(["safepip", "init", "bash", "--install"])
    assert done.returncode == 73, done
    first, paste = done.err.splitlines()
    assert first == (
        f"safepip: Cannot write ~/{shut.name}: the file is read-only; ~/{other.name} has its line."
        " Put this line into your profile instead:"
    )
    assert ">>> safepip" in other.read_text()
    assert shut.read_text() == "# mine\n"
    shut.chmod(0o644)
    lab.write(shut, f"# mine\n{paste.strip()}\n")
    for options in (("-l", "-i"), ("-i",)):
        assert "pip is a function" in lab.run(["bash", *options, "-c", "type pip"]).out
    # The same when it goes.
    lab.run(["safepip", "init", "bash", "--install"])
    shut.chmod(0o444)
    done = lab.run(["safepip", "init", "bash", "--uninstall"])
    assert done.returncode == 73, done
    first, tag = done.err.splitlines()
    assert f"it is removed from ~/{other.name}. Take the line with this comment" in first
    assert [tag.strip() in line for line in shut.read_text().splitlines()] == [False, False, True]
    assert other.read_text() == "# mine\n"
    shut.chmod(0o644)
    assert lab.run(["safepip", "init", "bash", "--uninstall"]).returncode == 0
    assert ">>> safepip" not in shut.read_text()


def test_a_dry_run_shows_the_difference_of_each(lab: Lab) -> None:
    lab.write(lab.home / ".bashrc", "# mine\n")
    lab.write(lab.home / ".bash_login", "# mine too\n")
    before = lab.snapshot()
    done = lab.run(["safepip", "init", "bash", "--dry-run"])
    assert (done.returncode, done.err) == (0, ""), done
    assert lab.snapshot() == before
    for name in (".bashrc", ".bash_login"):
        assert f"+++ {lab.home}/{name}\n" in done.out
    assert done.out.count("\n+if [ -") == 2
    lab.run(["safepip", "init", "bash", "--install"])
    done = lab.run(["safepip", "init", "bash", "--uninstall", "--dry-run"])
    assert done.out.count("\n-if [ -") == 2


def test_zdotdir_and_xdg_say_where(lab: Lab) -> None:
    z = lab.write(lab.home / "z/keep", "").parent
    lab.run(["safepip", "init", "zsh", "--install"], env={"ZDOTDIR": str(z)})
    assert (z / ".zshrc").is_file()
    x = lab.write(lab.home / "x/keep", "").parent
    lab.run(["safepip", "init", "fish", "--install"], env={"XDG_CONFIG_HOME": str(x)})
    assert (x / "fish/conf.d/safepip.fish").is_file()
    lab.write(lab.home / ".cshrc", "# mine\n")
    lab.run(["safepip", "init", "tcsh", "--install"])
    assert "safepip" in (lab.home / ".cshrc").read_text()
    assert not (lab.home / ".tcshrc").exists()


def test_where_it_cannot_write_it_says_what_to_paste(lab: Lab) -> None:
    profile = lab.write(lab.home / ".bashrc", "# mine\n")
    profile.chmod(0o444)
    done = lab.run(["safepip", "init", "bash", "--install"])
    assert done.returncode == 73, done
    first, paste = done.err.splitlines()
    assert first == (
        "safepip: Cannot write ~/.bashrc: the file is read-only; ~/.profile has its line."
        " Put this line into your profile instead:"
    )
    assert profile.read_text() == "# mine\n"
    line = paste.strip()
    pasted = lab.write(lab.tmp / "pasted", f"{line}\npip --version\ntype pip\n")
    assert "pip is a function" in lab.run(["bash", pasted]).out
    # A home that is nobody's to write, and a directory in the way.
    lab.env["HOME"] = str(lab.lock(lab.locked))
    assert lab.run(["safepip", "init", "bash", "--install"]).returncode == 73
    both = lab.run(
        ["safepip", "init", "bash", "--install"], env={"XDG_DATA_HOME": str(lab.home / "data")}
    )
    assert both.returncode == 73, both
    first, paste = both.err.splitlines()
    assert first == (
        "safepip: Cannot write ~/.bashrc and ~/.profile: Permission denied."
        " Put this line into your profile instead:"
    )
    assert "BASH_VERSION" in paste  # so that it fits both
    lab.env["HOME"] = str(lab.home)
    (lab.home / ".zshrc").mkdir()
    assert lab.run(["safepip", "init", "zsh", "--install"]).returncode == 73


def test_a_dry_run_shows_the_difference_and_changes_nothing(lab: Lab) -> None:
    lab.write(lab.home / ".bashrc", "# mine")
    before = lab.snapshot()
    done = lab.run(["safepip", "init", "bash", "--dry-run"])
    assert done.returncode == 0, done
    assert "+if [ -r " in done.out
    assert "\\ No newline at end of file" in done.out
    assert lab.snapshot() == before
    assert lab.run(["safepip", "init", "bash", "--uninstall", "--dry-run"]).out == ""


def test_without_a_name_it_is_the_users_shell(lab: Lab) -> None:
    done = lab.run(["safepip", "init"], env={"SHELL": "/usr/bin/zsh", "SAFEPIP_SHELL": "fish"})
    assert "integration for fish" in done.out, done
    for words in (["cmd"], ["bashful"], ["bash", "zsh"], ["bash", "--frob"]):
        wrong = lab.run(["safepip", "init", *words])
        assert wrong.returncode == 64, wrong
        assert wrong.out == ""
    offered = lab.run(["safepip", "init", "cmd"]).err.partition("Choose one of: ")[2]
    names = set(offered.strip().rstrip(".").split(", "))
    assert names >= {"bash", "zsh", "fish", "sh", "dash", "ksh", "tcsh"}


def test_a_killed_install_leaves_the_old_or_the_new(lab: Lab) -> None:
    old = b"# mine\n" * 1000
    profile = lab.write(lab.home / ".bashrc", old)
    lab.run(["safepip", "init", "bash", "--install"])
    new = profile.read_bytes()
    seen = set()
    for delay in range(0, 400, 80):
        lab.write(profile, old)
        process = lab.start(["safepip", "init", "bash", "--install"])
        time.sleep(delay / 1000)
        process.kill()
        process.wait()
        seen.add(profile.read_bytes())
    assert seen <= {old, new}
    assert lab.run(["safepip", "init", "bash", "--uninstall"]).returncode == 0
    assert not list(lab.home.glob(".*.safepip-*"))


@pytest.mark.parametrize("next_one", ["--install", "--uninstall"])
def test_what_a_killed_install_left_beside_is_swept(lab: Lab, next_one: str) -> None:
    strace = shutil.which("strace", path=WHERE)
    if strace is None:
        lacking("strace")
    profile = lab.write(lab.home / "dotfiles/bashrc", "# mine\n")
    mine = lab.write(profile.with_name(".bashrc.safepip-my-own-notes"), "mine")
    (lab.home / ".bashrc").symlink_to("dotfiles/bashrc")
    lab.write(lab.home / ".profile", DEBIAN)
    own = lab.home / ".local/share/safepip/shell"
    left = {profile.parent: 0, own: 0}
    for number in range(1, 20):
        # Killed when it asks the system to rename: written, and not in its place.
        kill = f"inject=?rename,?renameat,?renameat2:signal=SIGKILL:when={number}"
        command = ["safepip", "init", "bash", "--install"]
        done = lab.run([strace, "-f", "-qq", "-o", lab.tmp / "log", "-e", kill, *command])
        if done.returncode == 0:
            break
        if not (lab.tmp / "log").exists():
            lacking("strace that can trace")
        for folder in left:
            left[folder] += len(list(folder.glob(".*.safepip-????????")))
        assert profile.read_bytes() == b"# mine\n"
        assert lab.run(["safepip", "init", "bash", next_one]).returncode == 0
        for folder in left:
            assert not list(folder.glob(".*.safepip-????????"))
        assert mine.read_text() == "mine"
        lab.run(["safepip", "init", "bash", "--uninstall"])
    assert all(left.values()), left


def test_two_at_once_add_one_line(lab: Lab) -> None:
    profile = lab.write(lab.home / ".bashrc", "# mine\n")
    started = [lab.start(["safepip", "init", "bash", "--install"]) for _ in range(3)]
    assert [one.wait(PATIENCE_S) for one in started] == [0, 0, 0]
    assert profile.read_text().count(">>> safepip init") == 1


# Teams.


@pytest.fixture
def team_file(lab: Lab) -> Path:
    """The administrator's file, with the lab's safepip for the one below /usr/local."""
    text = PROFILE_D.read_text()
    assert "/usr/local/bin/safepip" in text
    return lab.write(
        lab.tmp / "profile.d.sh", text.replace("/usr/local/bin/safepip", str(lab.safepip.path))
    )


@pytest.mark.parametrize("name", ["zsh", "dash", *long("bash", "ksh")])
def test_the_teams_file_is_safe(lab: Lab, team_file: Path, name: str) -> None:
    options = "set -euC"
    project(lab)
    program = REAL[name].program
    text = f"alias pip='echo ('\n{options}\n. {team_file}\n. {team_file}\n"
    silent = lab.run([program, lab.write(lab.tmp / "script", text)])
    assert silent.same == (0, b"", b""), silent
    # The checkout may be closed to the lab user.
    as_it_is = lab.write(lab.tmp / "as-it-is.sh", PROFILE_D.read_bytes())
    bare = lab.run(
        [program, lab.write(lab.tmp / "script", f"{options}\n. {as_it_is}\npip --version")]
    )
    assert f"pip {lab.python.pip_version} from" in bare.out, bare  # there is no safepip
    assert bare.err == ""
    path = lab.write(lab.tmp / "script", f"{options}\n. {team_file}\npip install labone")
    done = lab.run([program, path])
    assert "Installed labone 2.0 into this project's .venv" in done.err, done


def test_the_teams_file_starts_no_process(lab: Lab, team_file: Path) -> None:
    strace = shutil.which("strace", path=WHERE)
    if strace is None:
        lacking("strace")
    done = lab.run([strace, "-f", "-qq", "-e", "trace=execve", "dash", "-c", f". {team_file}"])
    if done.returncode != 0:
        lacking("strace that can trace")
    assert done.err.count("execve") == 1, done


def test_the_sample_settings_are_valid_and_all_off() -> None:
    import tomllib

    from safepip import settings

    text = (PROFILE_D.parents[1] / "config.toml.sample").read_text()
    table = tomllib.loads(text)
    assert table == {}
    # What is commented out is as valid.
    shown = re.findall(r"^# ([a-z-]+ = .*)$", text, re.MULTILINE)
    for line in shown:
        for key, value in tomllib.loads(line).items():
            assert key == "locked" or settings.KEYS[key](value) is not None
    assert {line.split()[0] for line in shown} == {*settings.KEYS, "locked"}
