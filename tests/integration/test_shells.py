"""The shell integration in real, interactive shells; skips by name those that are not here."""

from __future__ import annotations

import os
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safepip.shells import texts
from safepip.shells.kinds import Shell
from tests.support.lab import LabMaker
from tests.support.long import only
from tests.support.missing import lacking
from tests.support.patience import PATIENCE_S
from tests.support.terminal import CTRL_Z

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.support.lab import Lab, Result
    from tests.support.pythons import Field
    from tests.support.terminal import Terminal

WHERE = "/usr/bin:/bin:/usr/local/bin"


@dataclass(frozen=True)
class Real:
    """A shell as it is started for these tests, with no profile but what the test gives it."""

    shell: Shell
    bare: tuple[str, ...]
    """Without a profile."""
    reading: tuple[str, ...]
    """As users start it: with their profile, to talk."""
    profile: str
    """Below the home."""

    @property
    def name(self) -> str:
        return self.shell.value

    @property
    def program(self) -> str:
        found = shutil.which(self.name, path=WHERE)
        if found is None:
            lacking(self.name)
        return found


REAL = {
    one.name: one
    for one in (
        Real(Shell.BASH, ("--norc", "--noprofile"), ("-i",), ".bashrc"),
        Real(Shell.ZSH, ("-f",), ("-i",), ".zshrc"),
        Real(Shell.FISH, ("--no-config",), ("-i",), ".config/fish/conf.d/safepip.fish"),
        Real(Shell.DASH, (), ("-i",), ".shrc"),
        Real(Shell.KSH, (), ("-i",), ".shrc"),
        Real(Shell.TCSH, ("-f",), (), ".tcshrc"),
        Real(Shell.XONSH, ("--no-rc",), ("-i",), ".config/xonsh/rc.xsh"),
        Real(Shell.NUSHELL, ("--no-config-file",), ("-i",), ".config/nushell/config.nu"),
    )
}
NAMES = tuple(REAL)
# Those whose text a test can run without a terminal.
SCRIPTED = tuple(name for name in NAMES if name != "xonsh")


@pytest.fixture(params=only(NAMES, *(set(NAMES) - {"ksh"})))
def real(request: pytest.FixtureRequest) -> Real:
    one = REAL[request.param]
    assert one.program
    return one


@pytest.fixture(params=only(SCRIPTED, "bash", "zsh", "fish", "tcsh", "nu"))
def scripted(request: pytest.FixtureRequest) -> Real:
    one = REAL[request.param]
    assert one.program
    return one


class Talk:
    """A conversation with an interactive shell."""

    def __init__(self, lab: Lab, real: Real, words: Sequence[str], **env: str) -> None:
        told = {"SHELL": real.program}
        if real.shell is Shell.XONSH:
            # Else it asks the terminal where the cursor is, and takes what is typed for the answer.
            told |= {"SHELL_TYPE": "readline", "SSH_TTY": "yes"}
        self.terminal: Terminal = lab.terminal(
            [real.program, *words], env={**told, **env}, size=(50, 400)
        )
        self._nu = real.shell is Shell.NUSHELL
        self.terminal.tells_position = self._nu
        self._count = 0
        self.run("")  # wait until it listens

    def run(self, line: str, timeout: float = PATIENCE_S) -> str:
        """Type *line*, and return what was painted until it was done."""
        self._count += 1
        self._wait_for_prompt()
        start = len(self.terminal.raw)
        if line:
            self._type(line)
            self._wait_for_prompt()
        # What is typed never matches what it prints.
        self._type(f"printf 'end-%d-of\\n' {self._count}")
        found = self.terminal.expect(rf"end-{self._count}-of\r?\n", timeout)
        painted = self.terminal.raw[start : found.end()].decode("utf-8", "replace")
        return re.sub(r"\x1b\[(?:[01]|3[1-6])m", "", painted)  # safepip's colours

    def _type(self, line: str) -> None:
        self.terminal.send(line + ("\r" if self._nu else "\n"))
        if self._nu:
            self.terminal.expect(r"\x1b\]133;C")

    def _wait_for_prompt(self) -> None:
        """nushell alone forgets what is typed before; it marks its prompts (OSC 133)."""
        if self._nu:
            self.terminal.expect(r"(?s)\x1b\]133;D.*\x1b\]133;B" if self._count > 1 else "133;B")

    def close(self) -> None:
        self.terminal.close()


def project(lab: Lab) -> Path:
    """A project and its environment, without a pip of its own: making that takes its time."""
    lab.write("pyproject.toml", "[project]\nname = 'site'\nversion = '1'\n")
    return lab.venv(pip=False)


_PRINTED: dict[tuple[str, ...], bytes] = {}


def printed(lab: Lab, shell: str, *flags: str) -> Path:
    """A file with what `safepip init` prints: it is asked once for the same words and PATH."""
    asked = (shell, *flags, lab.env["PATH"])
    if asked not in _PRINTED:
        done = lab.run(["safepip", "init", shell, *flags])
        assert (done.returncode, done.err) == (0, ""), done
        _PRINTED[asked] = done.stdout
    return lab.write(lab.tmp / f"code.{shell}", _PRINTED[asked])


def script(lab: Lab, real: Real, text: str, *, file: Path | None = None, **env: str) -> Result:
    """Run *text* by the shell, not interactive, after its integration."""
    code = file or printed(lab, real.name)
    word = "." if real.shell in texts.POSIX else "source"
    if real.shell is Shell.NUSHELL:
        # A command that fails ends a script there, and what a block gives back may fail later.
        text = "\n".join(f"try {{ {line}; null }}" for line in text.splitlines())
    path = lab.write(lab.tmp / "script", f"{word} {code}\n{text}\n")
    return lab.run([real.program, *real.bare, path], env=env)


# In a real interactive session.


def test_what_was_installed_runs_by_name_after_pasting(lab: Lab, real: Real) -> None:
    project(lab)
    talk = Talk(lab, real, (*real.bare, "-i"))
    talk.run(texts.load_command(real.shell, f"safepip init {real.name} --no-activate"))
    said = talk.run("pip install labone")
    assert "Installed labone 2.0 into " in said
    assert "To run labone in this shell:" in said
    told = re.search(r"in this shell:\r?\n    (.*?)\r?\n", said)
    assert told is not None, said
    assert "labone 2.0" not in talk.run("labone")
    talk.run(told[1])
    assert "labone 2.0" in talk.run("labone")


def test_the_profile_line_is_enough_and_with_activation_it_runs_without_pasting(
    lab: Lab, real: Real
) -> None:
    environment = project(lab)
    lab.env["ENV"] = str(lab.home / ".shrc")
    done = lab.run(["safepip", "init", real.name, "--install"])
    assert done.returncode == 0, done
    assert (lab.home / real.profile).is_file(), done
    talk = Talk(lab, real, real.reading)
    # The others activate at the next prompt.
    in_one_line = real.shell not in {Shell.TCSH, Shell.XONSH, Shell.NUSHELL}
    said = talk.run("pip install labone" + ("; labone" if in_one_line else ""))
    assert "is active in this shell now." in said
    assert "To run labone" not in said
    assert "not on PATH" not in said
    assert "labone 2.0" in (said.partition("deactivate")[2] if in_one_line else talk.run("labone"))
    variable = "$env.VIRTUAL_ENV?" if real.shell is Shell.NUSHELL else "$VIRTUAL_ENV"
    assert f"{environment}" in talk.run(f"printf '[%s]' {variable}")
    talk.run("deactivate")
    assert "labone 2.0" not in talk.run("labone")
    assert f"{environment}" not in talk.run(f"printf '[%s]' {variable}")
    assert not list(lab.tmp.glob("tmp.*")) + list(lab.tmp.glob("safepip-*"))


@pytest.mark.parametrize("name", only(NAMES, "bash", "xonsh", "nu"))
def test_after_a_refusal_what_goes_on_all_the_same_can_be_pasted(lab: Lab, name: str) -> None:
    project(lab)
    lab.env["SAFEPIP_STRATEGY"] = "refuse"
    real = REAL[name]
    talk = Talk(lab, real, (*real.bare, "-i"))
    talk.run(texts.load_command(real.shell, f"safepip init {name} --no-activate"))
    told = re.search(r"all the same:\r?\n    (.*?)\r?\n", talk.run("pip install labone"))
    assert told is not None
    assert "Installed labone 2.0 into " in talk.run(told[1]), told[1]


def test_nushells_prompt_shows_what_is_active(lab: Lab) -> None:
    project(lab)
    nu = REAL["nu"]
    lab.write(lab.home / nu.profile, "$env.PROMPT_COMMAND = {|| 'h' + 'ere'}\n")
    assert lab.run(["safepip", "init", "nu", "--install"]).returncode == 0
    talk = Talk(lab, nu, nu.reading)
    assert ") here" not in talk.run("pip install labone").partition("is active")[0]
    assert "(.venv) here" in talk.run("")
    talk.run("deactivate")
    said = talk.run("")
    assert "here" in said
    assert "(.venv)" not in said


def test_without_safepip_every_shell_is_quiet_and_pip_works(lab: Lab, real: Real) -> None:
    profile = lab.home / real.profile
    lab.env["ENV"] = str(lab.home / ".shrc")
    lab.write(profile, "")
    assert lab.run(["safepip", "init", real.name, "--install"]).returncode == 0
    own = next((lab.home / ".local/share/safepip/shell").iterdir())
    gone = lab.write(own, own.read_text().replace(str(lab.safepip.path), "/gone/safepip"))
    talk = Talk(lab, real, real.reading)
    assert "gone" not in talk.terminal.raw.decode()
    assert "No such file" not in talk.terminal.raw.decode()
    assert f"pip {lab.python.pip_version} from" in talk.run("pip --version")
    talk.close()
    gone.unlink()  # and with its file gone as well
    talk = Talk(lab, real, real.reading)
    assert "No such file" not in talk.terminal.raw.decode()
    assert f"pip {lab.python.pip_version} from" in talk.run("pip --version")


# Scripts.


@pytest.fixture(scope="module")
def frozen(field: Field) -> Iterator[tuple[Lab, bytes]]:
    """A lab with something installed, and what bare pip says of it."""
    maker = LabMaker(field, f"frozen-{os.getpid()}")
    lab = maker()
    lab.run(["pip", "install", "--user", "labone"])
    yield lab, lab.bare(["freeze"]).stdout
    maker.close()


def test_freeze_into_a_file_holds_only_pips_bytes(
    frozen: tuple[Lab, bytes], scripted: Real
) -> None:
    lab, bare = frozen
    file = lab.tmp / f"frozen.{scripted.name}"
    into = "o>" if scripted.shell is Shell.NUSHELL else ">"
    done = script(lab, scripted, f"pip freeze {into} {file}")
    assert done.same == (0, b"", b""), done
    assert file.read_bytes() == bare
    assert b"labone==2.0" in bare


def test_it_is_read_twice_under_strict_options(lab: Lab, scripted: Real) -> None:
    if scripted.shell in {Shell.FISH, Shell.TCSH, Shell.NUSHELL}:
        strict = ""
    elif scripted.shell is Shell.DASH:
        strict = "set -euC"
    else:
        strict = "set -euC -o pipefail"
    code = printed(lab, scripted.name, "--python-m-pip")
    text = f"{strict}\n. {code}\n. {code}\npip --version\npip3 --version\nSAFEPIP=off pip --version"
    if scripted.shell in {Shell.FISH, Shell.TCSH}:
        text = f"source {code}\npip --version\npip3 --version\nenv SAFEPIP=off pip --version"
    elif scripted.shell is Shell.NUSHELL:
        text = text.replace("\n. ", "\nsource ")
    done = script(
        lab, scripted, text + "\npython3 -m pip --version\npython3 -c 'print(5)'", file=code
    )
    assert done.returncode == 0, done
    assert done.err == ""
    *versions, five = done.out.splitlines()
    assert five == "5"
    told = f"pip {lab.python.pip_version} from {lab.python.site}/pip (python {lab.python.version})"
    assert versions == [told] * 4


@pytest.mark.parametrize("variable", ["PYTHONHOME", "PYTHONEXECUTABLE"])
def test_where_pythonhome_is_the_users_pythons_pip_runs_bare(
    variable: str, lab: Lab, scripted: Real
) -> None:
    if scripted.shell is Shell.XONSH:
        pytest.skip("a Python itself")
    lab.write("pyproject.toml")
    home = str(lab.python.bin.parent if variable == "PYTHONHOME" else lab.python.executable)
    words = {
        Shell.FISH: f"set -gx {variable} {home}",
        Shell.TCSH: f"setenv {variable} {home}",
        Shell.NUSHELL: f"$env.{variable} = '{home}'",
    }
    code = printed(lab, scripted.name)
    read = "." if scripted.shell not in words else "source"
    text = f"{read} {code}\n{words.get(scripted.shell, f'export {variable}={home}')}"
    done = script(lab, scripted, f"{text}\npip install labone", file=code)
    assert done.returncode == 0, done
    assert "Fatal Python error" not in done.err
    assert lab.installed(lab.user_site) == {"labone": "2.0"}


def test_the_status_is_pips(lab: Lab, scripted: Real) -> None:
    last = "$status" if scripted.shell in {Shell.FISH, Shell.TCSH} else "$?"
    say = f"echo status {last}"
    if scripted.shell is Shell.NUSHELL:
        say = 'print $"status ($env.LAST_EXIT_CODE)"'
    done = script(lab, scripted, f"pip install labone-missing\n{say}")
    assert "status 1" in done.out, done


def test_words_reach_pip_as_they_would_without_it(lab: Lab, scripted: Real) -> None:
    for name in ("pip", "plain"):
        text = "#!/bin/sh\nprintf '[%s]' \"$@\"\nexec cat\n"
        lab.write(lab.home / "bin" / name, text).chmod(0o755)
    lab.write("one.txt")
    lab.write("two.txt")
    words = "list *.txt '*.txt' ~/x '~' 'a  b' --x=1 --y='c d' 007 1.0 -h --help -- -q true @ ./z"
    path = f"{lab.home}/bin:{lab.env['PATH']}"
    say = "'in'" if scripted.shell is Shell.NUSHELL else "echo in"
    plain, ours = (
        script(lab, scripted, f"{say} | {name} {words} | cat", PATH=path).out.strip()
        for name in ("plain", "pip")
    )
    assert ours == plain
    assert "[one.txt][two.txt][*.txt]" in plain
    assert plain.endswith("in")


@pytest.mark.parametrize("name", ["bash", "zsh", "dash", "ksh"])
def test_an_alias_in_the_way_breaks_nothing(lab: Lab, name: str) -> None:
    real = REAL[name]
    assert real.program
    code = printed(lab, name, "--python-m-pip")
    path = lab.write(
        lab.tmp / "script",
        "alias pip='echo ( before' python='ls ('\n"
        f'eval "$(cat {code})"\n. {code}\npip --version\n',
    )
    for options in ((), ("-i",)):
        done = lab.run([real.program, *real.bare, *options, path])
        assert "before" not in done.out + done.err, done
        assert f"pip {lab.python.pip_version} from" in done.out, done


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_completion_is_pips_own(lab: Lab, name: str) -> None:
    real = REAL[name]
    assert real.program
    code = printed(lab, name, "--activate")
    ask = {
        "bash": 'eval "$(pip completion --bash)"; COMP_WORDS=(pip install --up) COMP_CWORD=2; '
        "_pip_completion pip; printf '%s\\n' \"${COMPREPLY[@]}\"",
        "zsh": "words=(pip install --up); COMP_WORDS='pip install --up' COMP_CWORD=2 "
        "PIP_AUTO_COMPLETE=1 $words[1]",
        "fish": "pip completion --fish | source; complete -C'pip install --up'",
    }[name]
    bare = lab.write(lab.tmp / "bare", ask)
    expected = lab.run([real.program, *real.bare, bare]).out
    assert "--upgrade" in expected
    done = script(lab, real, ask, file=code)
    assert (done.out, done.err) == (expected, "")


COMPLETED = {
    "safepip pl": "plan",
    "safepip inst": "install",
    "safepip --strategy ve": "venv",
    "safepip settings crea": "create-venv",
    "safepip guide sh": "shells",
    "safepip install --up": "--upgrade",
}
"""What is typed, and one of the words that are offered."""


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_safepip_itself_is_completed(lab: Lab, name: str) -> None:
    asked = []
    for line in COMPLETED:
        count = len(line.split())
        ask = {
            "bash": f"COMP_WORDS=({line}); COMP_CWORD={count - 1}; __safepip_complete safepip;"
            " printf '%s\\n' \"${COMPREPLY[@]}\"",
            # What compadd would offer, without a terminal.
            "zsh": f"words=({line}); CURRENT={count}; _files() {{ :; }}; compadd() {{ shift;"
            ' print -rl -- "${@:#^${words[CURRENT]}*}"; }; __safepip_complete',
            "fish": f"complete -C'{line}'",
        }[name]
        asked.append(f"{ask}\necho next")
    done = script(lab, REAL[name], "\n".join(asked))
    offered = done.out.split("next\n")[:-1]
    assert len(offered) == len(COMPLETED), done
    for words, (line, expected) in zip(offered, COMPLETED.items(), strict=True):
        assert expected in [word.split("\t")[0] for word in words.split("\n")], (line, done)


def test_command_pip_reaches_pip(lab: Lab, scripted: Real) -> None:
    project(lab)
    word = {Shell.TCSH: "\\pip", Shell.NUSHELL: "^pip"}.get(scripted.shell, "command pip")
    done = script(lab, scripted, f"{word} install labone")
    assert "Defaulting to user installation" in done.out, done
    assert "safepip: " not in done.err
    if scripted.shell is Shell.BASH:  # a program's own affair
        off = script(lab, scripted, "env SAFEPIP=off safepip install labone")
        assert "safepip: " not in off.err, off


def test_a_subshell_is_not_told_to_be_active(lab: Lab) -> None:
    project(lab)
    code = printed(lab, "bash", "--activate")
    done = script(lab, REAL["bash"], "pip install labone | cat; command -v labone", file=code)
    assert "activated" not in done.err, done
    assert "To run labone in this shell:" in done.err
    assert not list(lab.tmp.glob("tmp.*"))


def test_what_was_there_is_on_path_once_it_is_active(lab: Lab) -> None:
    project(lab)
    code = printed(lab, "bash", "--activate")
    line = "pip install -q labone; deactivate; pip install labone; labone"
    done = script(lab, REAL["bash"], line, file=code)
    assert "Already installed in this project's .venv. labone is on your PATH." in done.err, done
    assert "not on your PATH" not in done.err
    assert "labone 2.0" in done.out


@pytest.mark.parametrize("name", ["bash", "zsh", "ksh", "dash"])
@pytest.mark.parametrize("variable", ["PATH", "VIRTUAL_ENV"])
def test_what_is_read_only_is_not_told_to_be_active(lab: Lab, name: str, variable: str) -> None:
    project(lab)
    assert REAL[name].program
    code = printed(lab, name, "--activate")
    line = f"readonly {variable}; pip install labone; echo ended"
    done = script(lab, REAL[name], line, file=code)
    assert "active in this shell" not in done.err, done
    assert "To run labone in this shell:" in done.err
    assert done.out.endswith("ended\n"), done


def test_activation_can_be_a_setting_and_is_off_in_scripts(lab: Lab) -> None:
    project(lab)
    bash = REAL["bash"]
    off = script(lab, bash, "pip install labone; echo [${VIRTUAL_ENV-}]")
    assert "[]" in off.out, off
    assert "To run labone in this shell:" in off.err
    on = script(lab, bash, "pip install labpre; labpre", SAFEPIP_ACTIVATE="1")
    assert "labpre 1.0" in on.out, on
    assert "is active in this shell" in on.err
    # Who asked for it in the profile can still say no.
    code = printed(lab, "bash", "--activate")
    no = script(lab, bash, "pip install labmany; labmany", file=code, SAFEPIP_ACTIVATE="0")
    assert "activated" not in no.err, no


@pytest.mark.parametrize(
    ("name", "habit"),
    [
        ("bash", "IFS=,"),
        ("dash", "IFS="),
        ("zsh", "IFS=$'\\n'"),
        ("zsh", "setopt ksh_arrays"),
        ("zsh", "setopt warn_create_global warn_nested_var"),
    ],
)
def test_what_a_user_is_used_to_set_changes_nothing(lab: Lab, name: str, habit: str) -> None:
    project(lab)
    assert REAL[name].program
    code = printed(lab, name, "--activate")
    text = f"{habit}\n. {code}\npip install labone\nlabone"
    done = script(lab, REAL[name], text, file=code)
    assert "labone 2.0" in done.out, done
    strange = [line for line in done.err.splitlines() if not line.startswith(("safepip: ", "  "))]
    assert strange == []


@pytest.mark.parametrize("name", ["bash", "zsh", "ksh"])
def test_a_restricted_shell_has_its_bare_pip(lab: Lab, name: str) -> None:
    assert REAL[name].program
    lab.write("pyproject.toml")
    restrict = "setopt restricted" if name == "zsh" else "set -r"
    done = script(lab, REAL[name], f"{restrict}\npip install labone")
    assert (done.returncode, "restricted: " in done.err) == (0, False), done
    assert lab.installed(lab.user_site) == {"labone": "2.0"}


@pytest.mark.parametrize("name", ["bash", "zsh", "dash", "ksh", "fish"])
def test_safepip_runs_by_name_where_it_is_not_on_path(lab: Lab, name: str) -> None:
    """Its functions know where it is, and what it prints to be pasted says ``safepip``."""
    assert REAL[name].program
    code = printed(lab, name)
    text = "set PATH /usr/bin:/bin\n" if name == "fish" else "PATH=/usr/bin:/bin\n"
    for words in ("--safepip-version", "history", "doctor"):
        done = script(lab, REAL[name], f"{text}safepip {words}", file=code)
        assert done.returncode in {0, 1}, done
        assert "not found" not in done.err.lower(), done
        assert done.out != ""


def test_only_a_private_empty_file_of_ours_is_filled(lab: Lab) -> None:
    project(lab)
    shared = lab.write(lab.tmp / "shared")
    shared.chmod(0o666)
    full = lab.write(lab.tmp / "full", "mine")
    full.chmod(0o600)
    link = lab.tmp / "link"
    link.symlink_to(lab.write(lab.tmp / "target"))
    (lab.tmp / "target").chmod(0o600)
    for file in (shared, full, link, lab.tmp / "missing" / "file"):
        env = {"SAFEPIP_SHELL_FILE": str(file), "SAFEPIP_ACTIVATE": "1", "SAFEPIP_SHELL": "bash"}
        line = "SAFEPIP_SHELL_PID=$$ safepip install labone; :"
        done = lab.run(["sh", "-c", line], env=env)
        assert done.returncode == 0, done
        assert "activated" not in done.err, done
    assert (shared.read_text(), full.read_text(), link.read_text()) == ("", "mine", "")
    new = lab.tmp / "new"
    env = {"SAFEPIP_SHELL_FILE": str(new), "SAFEPIP_ACTIVATE": "1", "SAFEPIP_SHELL": "bash"}
    lab.run(["sh", "-c", "umask 0; SAFEPIP_SHELL_PID=$$ safepip install labone; :"], env=env)
    assert new.read_text() != ""
    assert stat.S_IMODE(new.stat().st_mode) == 0o600


def test_a_function_that_is_broken_off_leaves_no_file(lab: Lab, scripted: Real) -> None:
    if scripted.shell in {Shell.TCSH, Shell.XONSH, Shell.NUSHELL}:
        pytest.skip("its file goes at the next prompt")
    code = printed(lab, scripted.name)
    told = lab.tmp / "told"
    dying = lab.write(
        lab.home / "dying", f'#!/bin/sh\necho "$SAFEPIP_SHELL_FILE" >{told}\nkill -9 $PPID\n'
    )
    dying.chmod(0o755)
    code.write_text(code.read_text().replace(str(lab.safepip.path), str(dying)))
    script(lab, scripted, "pip install labone", file=code)
    name = Path(told.read_text().strip())
    assert name.is_absolute()
    assert not name.exists()


def test_pip_sees_none_of_the_functions_variables(lab: Lab) -> None:
    fake = lab.write(
        lab.home / "bin/pip", "#!/bin/sh\n# pip._internal\nenv | grep ^SAFEPIP\nexit 0\n"
    )
    fake.chmod(0o755)
    code = printed(lab, "bash", "--activate")
    path = f"{fake.parent}:{lab.env['PATH']}"
    done = script(lab, REAL["bash"], "pip list; pip install labone", file=code, PATH=path)
    assert done.out == "", done


def test_python_m_pip_goes_the_same_way(lab: Lab, scripted: Real) -> None:
    project(lab)
    code = printed(lab, scripted.name, "--python-m-pip")
    done = script(lab, scripted, "python3 -m pip install labone", file=code)
    assert done.returncode == 0, done
    assert "Installed labone 2.0 into " in done.err
    # Off, and all else, is the Python's own.
    if scripted.shell is not Shell.TCSH:
        off = script(lab, scripted, "SAFEPIP=off python3 -m pip --version", file=code)
        assert f"pip {lab.python.pip_version} from" in off.out, off
    other = script(
        lab, scripted, "python3 -c 'import sys; print(sys.argv)' -m pip 'a  b'", file=code
    )
    assert other.out == "['-c', '-m', 'pip', 'a  b']\n", other


def test_versioned_names_are_those_on_path(lab: Lab, scripted: Real) -> None:
    name = f"pip{lab.python.version}"
    text = printed(lab, scripted.name).read_text()
    assert name in text
    if scripted.shell in {Shell.DASH, Shell.KSH, Shell.TCSH}:
        pytest.skip(f"{scripted.name} has an alias for it, which scripts do not expand alike")
    done = script(lab, scripted, f"{name} --version")
    assert f"pip {lab.python.pip_version} from" in done.out, done


def test_a_suspended_install_comes_back(lab: Lab) -> None:
    project(lab)
    bash = REAL["bash"]
    talk = Talk(lab, bash, (*bash.bare, "-i"))
    talk.run('eval "$(safepip init bash --activate)"')
    talk.terminal.send("pip install labone\n")
    lab.wait_for(lambda: any("pip install" in one for one in lab.processes().values()), "a pip")
    talk.terminal.send(CTRL_Z)
    talk.terminal.expect("Stopped|activated in this shell")
    said = talk.run("fg")
    assert "labone 2.0" in said + talk.terminal.raw.decode()


# What a start of the shell costs.


def test_reading_it_starts_no_process(lab: Lab, scripted: Real) -> None:
    strace = shutil.which("strace", path=WHERE)
    if strace is None:
        lacking("strace")
    code = printed(lab, scripted.name, "--activate", "--python-m-pip")
    empty = lab.write(lab.tmp / "empty", "")
    counts = []
    for file in (empty, code):
        word = "." if scripted.shell in texts.POSIX else "source"
        command = [scripted.program, *scripted.bare, "-c", f"{word} {file}"]
        done = lab.run([strace, "-f", "-qq", "-e", "trace=execve,fork,vfork,clone", *command])
        if done.returncode != 0:
            lacking("strace that can trace")
        counts.append(sum("execve(" in line for line in done.err.splitlines()))
    # nushell itself asks `tput` how large the terminal is.
    assert counts[1] == counts[0] if scripted.shell is Shell.NUSHELL else counts == [1, 1]
