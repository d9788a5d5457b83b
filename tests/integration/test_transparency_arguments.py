"""Arguments, surroundings and places: safepip against bare pip (points 6 to 9 and 16 to 20)."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.comparison import (
    PROGRAMS,
    activated,
    anew,
    assert_alike,
    masked,
    noisy_tree,
    pair,
)
from tests.support.lab import LabMaker, changes
from tests.support.long import long

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.lab import Lab, Snapshot
    from tests.support.pythons import Field


@pytest.fixture(scope="module")
def plain(field: Field) -> Iterator[Lab]:
    """A lab with a Python of root's, for commands that leave everything as it is."""
    maker = LabMaker(field, f"plain-{os.getpid()}")
    yield maker()
    maker.close()


@pytest.fixture(scope="module")
def steady(field: Field) -> Iterator[Lab]:
    """A lab with an active environment of the user's, for commands that leave it as it is."""
    maker = LabMaker(field, f"args-{os.getpid()}")
    lab = maker()
    activated(lab)
    yield lab
    maker.close()


@pytest.fixture(scope="module")
def alike(field: Field) -> Iterator[Lab]:
    """As `steady`, with a Python of the version that safepip itself runs on."""
    maker = LabMaker(field, f"alike-{os.getpid()}")
    lab = maker(field.python(field.own_version(), "24.0"))
    activated(lab)
    yield lab
    maker.close()


# 6. pip's own options and abbreviations.


@pytest.mark.parametrize(
    "line",
    [
        "-vv list",
        "instal labone",
        "install --help",
        "--python .venv list",
        "install --us labone",  # ambiguous
        *long("-V", "list --form json", "nonsense", "install", "--no-colo list", "-- list"),
        *long("--version", "-q list", "freeze", "show pip", "help install", "install -h labone"),
        *long("list -- extra"),
    ],
)
def test_a_command_is_handed_over(line: str, plain: Lab) -> None:
    if ".venv" in line:
        plain.venv()
    bare, ours = pair(plain, line.split())
    assert_alike(bare, ours)


@pytest.mark.parametrize("line", ["", *long("help", "-h"), "--help"])
def test_help_is_pips_and_then_ours(line: str, plain: Lab) -> None:
    """Deliberate: safepip's own part follows pip's, on the same stream."""
    bare, ours = pair(plain, line.split())
    assert (ours.returncode, ours.stderr) == (bare.returncode, bare.stderr)
    assert ours.stdout.startswith(bare.stdout)
    assert b"--strategy" in ours.stdout[len(bare.stdout) :]


def test_a_log_file_is_written(plain: Lab) -> None:
    logs = []
    for program in PROGRAMS:
        plain.run([program, "--log", "x.log", "list"])
        logs.append([line[24:] for line in (plain.cwd / "x.log").read_text().splitlines()])
        (plain.cwd / "x.log").unlink()
    assert logs[0]
    assert logs[1] == logs[0]


@pytest.mark.parametrize(
    "line",
    [
        "install -qUt target labone",
        "--python .venv install labone",
        "install --pref prefix labone",  # to 24.0 also --prefer-binary
        *long("install -rreq.txt", "install --targ target labone", "-v install --no-dep labdeps"),
    ],
)
def test_an_install_is_read_as_pip_reads_it(line: str, lab: Lab) -> None:
    runs, disks = [], []
    for program in PROGRAMS:
        lab.reset()
        lab.env = lab._environment()
        if "--python" in line:
            lab.venv()
        elif "targ" not in line:
            activated(lab)
        lab.write("req.txt", "labone==1.0\n")
        runs.append(lab.run([program, *line.split()]))
        disks.append(lasting(lab.snapshot(ignore=())))
    assert_alike(*runs)
    assert disks[1] == disks[0]


# 7. The program's name.


@pytest.mark.parametrize(
    "arguments", ["install --bogus", *long("list --bogus", "install -h"), "help install"]
)
def test_usage_says_pip(arguments: str, plain: Lab) -> None:
    bare, ours = pair(plain, arguments.split())
    said = ours.stdout + ours.stderr
    assert b"pip " in said
    assert b"safepip" not in said.replace(os.fsencode(plain.field.base), b""), ours
    assert_alike(bare, ours)


@pytest.mark.parametrize("shell", ["bash", *long("zsh", "fish")])
def test_completion_is_for_pip(shell: str, plain: Lab) -> None:
    bare, ours = pair(plain, ["completion", f"--{shell}"])
    assert b"safepip" not in ours.stdout
    assert_alike(bare, ours)


# 8. The environment.


SURROUNDINGS: list[dict[str, str | None]] = [
    {"PATH": ""},
    {"PATH": None},
    {"PYTHONHOME": "base"},
    {"PYTHONPATH": "old"},
    {"PYTHONUTF8": "0", "LC_ALL": "C"},
    {"PYTHONUTF8": "1", "LC_ALL": "C"},
    {"PYTHONWARNDEFAULTENCODING": "1", "PYTHONWARNINGS": "error"},
    {"PYTHONWARNDEFAULTENCODING": "1", "PYTHONWARNINGS": "always"},
]


@pytest.mark.parametrize(
    ("command", "env"),
    [
        *(
            pytest.param(
                "install lab-there-is-none", env, marks=pytest.mark.long if number % 4 == 1 else ()
            )
            for number, env in enumerate(SURROUNDINGS)
        ),
        *(  # handed over
            pytest.param("list", env, marks=() if number % 2 else pytest.mark.long)
            for number, env in enumerate(SURROUNDINGS[:4])
        ),
    ],
    ids=lambda value: (
        " ".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else value
    ),
)
def test_a_variable_changes_nothing_more(
    command: str, env: dict[str, str | None], steady: Lab, request: pytest.FixtureRequest
) -> None:
    """PYTHONPATH: a folder with modules that safepip imports, old ones that do not work.

    PYTHONHOME: the Python that the environment was made of. (With another version's PYTHONHOME no
    program of another Python starts, safepip included; nothing of ours runs before that.)
    """
    if "PYTHONHOME" in env:
        steady = request.getfixturevalue("alike")
        env = {"PYTHONHOME": str(steady.python.prefix)}
    if "PYTHONPATH" in env:
        for name in ("packaging", "filelock", "platformdirs", "colorama", "tomli", "pipx"):
            steady.write(f"old/{name}.py", "raise ImportError('too old')\n")
        env = {"PYTHONPATH": str(steady.cwd / "old")}
    # By their paths: neither has to be found on PATH.
    programs = (steady.env["VIRTUAL_ENV"] + "/bin/pip", steady.safepip.path)
    bare, ours = (steady.run([program, *command.split()], env=env) for program in programs)
    assert_alike(bare, ours)


def test_a_python_path_that_breaks_every_python_breaks_safepip_alike(steady: Lab) -> None:
    steady.write("hostile/enum.py", "raise RuntimeError('hostile')\n")
    env = {"PYTHONPATH": str(steady.cwd / "hostile")}
    bare, ours = pair(steady, ["install", "labone"], env=env)
    assert bare.returncode == 1, bare
    assert ours.returncode == bare.returncode
    assert ours.err.splitlines()[-1] == bare.err.splitlines()[-1] == "RuntimeError: hostile"


def test_no_warning_of_ours_when_something_is_diverted(lab: Lab) -> None:
    lab.write("pyproject.toml")
    env = {"PYTHONWARNDEFAULTENCODING": "1", "PYTHONWARNINGS": "always"}
    done = lab.run(["safepip", "install", "labone"], env=env)
    assert done.returncode == 0, done
    assert str(lab.safepip.environment) not in done.err, done
    assert lab.installed(next((lab.cwd / ".venv/lib").glob("python3*")) / "site-packages")
    # Only what the pip in there warns of by itself; and warnings are on.
    own = lab.run([".venv/bin/pip", "install", "--force-reinstall", "labone"], env=env)
    seen, theirs = ({n for n in one.err.splitlines() if "Warning" in n} for one in (done, own))
    assert seen <= theirs, (done, own)
    warned = lab.run(
        [lab.python.executable, "-c", "import sys; sys.exit(open('x', 'w').close())"],
        env={"PYTHONWARNINGS": "always", "PYTHONDEVMODE": "1", **env},
    )
    assert ("EncodingWarning" in warned.err) == (lab.python.version >= "3.10"), warned


DUMP = """\
import json, os, signal
parent = os.getppid()
with open({out!r}, "w") as file:
    json.dump({{
        "environment": dict(os.environ),
        "directory": os.getcwd(),
        "ignored": [n for n in range(1, 32) if signal.getsignal(n) is signal.SIG_IGN],
        "blocked": sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))),
        "umask": os.umask(0o77),
        "leader": os.getpgrp() == os.getsid(0),
        "pip's files": sorted(os.listdir("/proc/%d/fd" % parent)),
        "pip's words": open("/proc/%d/cmdline" % parent).read().split("\\0"),
        "pip's environment": sorted(open("/proc/%d/environ" % parent).read().split("\\0")),
        # Without the two that glibc uses: posix_spawn has them ignored.
        "pip's signals": [(line[:6], int(line[8:], 16) & ~(3 << 31))
                          for line in open("/proc/%d/status" % parent)
                          if line.startswith(("SigBlk", "SigIgn", "SigCgt"))],
    }}, file)
"""


@pytest.mark.parametrize("tty", [False, True], ids=["pipes", "a terminal"])
def test_the_child_finds_the_same_surroundings(tty: bool, lab: Lab) -> None:
    """Environment, open files, signals and words of pip and of what it starts."""
    out = lab.tmp / "dump.json"
    dumps = []
    for program in PROGRAMS:
        anew(lab)
        lab.tree(noisy_tree(DUMP.format(out=str(out))), "dumps")
        done = lab.run([program, "install", "./dumps"], tty=tty)
        assert done.returncode == 0, done
        dumps.append(json.loads(masked(out.read_bytes())))
    assert dumps[0]["environment"]
    assert dumps[1] == dumps[0]


# 9. Nothing is left.


def lasting(snapshot: Snapshot) -> Snapshot:
    """Bytecode has the time in it at which its source was installed."""
    return {path: "" if path.endswith(".pyc") else what for path, what in snapshot.items()}


@pytest.mark.parametrize("line", ["install labdeps", "install labbroken"])
def test_nothing_is_left_but_what_pip_leaves(line: str, lab: Lab) -> None:
    disks = []
    for program in PROGRAMS:
        anew(lab)
        lab.run([program, *line.split()])
        disks.append(lasting(lab.snapshot(ignore=())))
    assert not changes(*disks)


HOSTILE = "open({mark!r}, 'w').close()\nraise SystemExit('hostile')\n"


@pytest.mark.parametrize("command", ["list", *long("install lab-there-is-none"), "install labone"])
@pytest.mark.parametrize("how", ["module", "command"])
def test_modules_in_the_working_directory_are_not_run(how: str, command: str, lab: Lab) -> None:
    """Bare `python -m pip` would run them; here it is run elsewhere, to compare with."""
    program: list[Any] = ["safepip"]
    bare: list[Any] = ["pip"]
    if how == "module":
        program = [lab.safepip.python, "-m", "safepip"]
        bare = [lab.safepip.python, "-m", "pip"]
    marks = lab.tmp / "marks"
    lab.write(marks / "none")
    for name in ("pip", "signal", "json", "enum", "re", "subprocess", "packaging", "tempfile"):
        lab.write(f"{name}.py", HOSTILE.format(mark=str(marks / name)))
    done = lab.run([*program, *command.split()])
    assert [one.name for one in marks.iterdir()] == ["none"], done
    assert b"hostile" not in done.stdout + done.stderr
    told = lab.run([*bare, *command.split()], cwd=lab.home)
    if not command.startswith("install "):  # these are diverted, also what is nowhere to be had
        assert_alike(told, done)
    # safepip's own environment is not writable: there bare pip cannot do it.
    assert done.returncode == (0 if command == "install labone" else told.returncode)


# 16, 17. Never a diversion.


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("download -d {}/x labone", 2),
        pytest.param("wheel -w {}/x labone", 2, marks=pytest.mark.long),
        ("--log {}/x.log list", 0),
    ],
)
def test_another_command_is_never_diverted(line: str, status: int, plain: Lab) -> None:
    before = plain.snapshot()
    bare, ours = pair(plain, line.format(plain.locked).split())
    assert bare.returncode == status, bare
    assert b"ermission denied" in bare.stderr
    assert_alike(bare, ours)
    assert plain.snapshot() == before


def test_an_uninstall_that_is_denied_is_explained_behind_pips_words(plain: Lab) -> None:
    bare, ours = pair(plain, ["uninstall", "-y", "pip"])
    assert bare.returncode == 2, bare
    assert (ours.returncode, ours.stdout) == (bare.returncode, bare.stdout), ours
    words, _, more = ours.err.partition("safepip: ")
    assert masked(words.encode()) == masked(bare.stderr)
    assert more.startswith("pip is in ")


@pytest.mark.parametrize("option", ["--log", "--report"])
def test_a_file_of_the_users_is_never_a_reason(option: str, lab: Lab) -> None:
    bare, ours = lab.both(["install", option, lab.locked / "x", "labnoscript"], prepare=activated)
    assert bare.returncode == (0 if option == "--log" else 1), bare
    assert b"ermission denied" in bare.stderr
    assert b"safepip:" not in ours.stderr
    assert (ours.returncode, ours.stdout) == (bare.returncode, bare.stdout), ours
    if option == "--report":
        assert_alike(bare, ours)
    else:  # tracebacks with the addresses of what was logged
        assert ours.stderr.count(b"--- Logging error ---") == bare.stderr.count(
            b"--- Logging error ---"
        )


@pytest.mark.parametrize(
    "line",
    [
        "install -t {}/x labone",
        "install -t {} labone",  # after "Successfully installed"
        "install --root {}/x labone",
        "install --no-user -q labone",
        *long("install --prefix {}/x labone", "install --no-user labone"),
    ],
)
def test_a_chosen_place_is_never_left_but_explained(line: str, plain: Lab) -> None:
    """stdout and status are pip's; what we have to say follows pip's words on stderr."""
    status = 2 if " -t " in line else 1
    before = plain.snapshot()
    bare, ours = pair(plain, line.format(plain.locked).split())
    assert bare.returncode == status, bare
    assert (ours.returncode, ours.stdout) == (bare.returncode, bare.stdout), ours
    pips, ours_said = masked(bare.stderr), masked(ours.stderr)
    assert ours_said.startswith(pips), ours
    said = ours_said[len(pips) :]
    assert said.startswith(b"safepip: "), ours
    assert b"(owner: root)" in said or not plain.user.dropped
    assert line.split()[1].replace("-t", "--target").encode() in said
    assert plain.snapshot() == before


# 18. The sentence is on stdout, and -q hides it.


@pytest.mark.parametrize("option", ["-q", "-qqq"])
def test_quiet_does_not_hide_it_from_us(option: str, lab: Lab) -> None:
    lab.write("pyproject.toml")
    done = lab.run(["safepip", "install", option, "labone"])
    assert (done.returncode, done.stdout) == (0, b""), done
    # Contract §2: one line that says what went where, and none for who wants errors alone.
    words = done.err.splitlines()
    assert len(words) == (1 if option == "-q" else 0), done
    assert all(line.startswith("safepip: Installed labone 2.0 into") for line in words), done
    assert not lab.user_site.exists()
    site = next((lab.cwd / ".venv/lib").glob("python3*")) / "site-packages"
    assert lab.installed(site)["labone"] == "2.0"


def test_the_sentence_is_not_shown_when_we_act_on_it(lab: Lab) -> None:
    lab.write("pyproject.toml")
    done = lab.run(["safepip", "install", "labone"])
    assert b"Defaulting to user" not in done.stdout + done.stderr, done
    assert b"safepip:" not in done.stdout, done
    assert b"safepip: " in done.stderr


# 19. The shell's completer.


def test_the_completer_calls_a_function_named_pip(plain: Lab) -> None:
    def complete(function: str) -> list[str]:
        script = f"""
            {function}
            eval "$(pip completion --bash)"
            COMP_WORDS=(pip install --up) COMP_CWORD=2
            _pip_completion pip
            printf '%s\\n' "${{COMPREPLY[@]}}"
            complete -p pip
        """
        return plain.run(["bash", "--norc", "-c", script]).out.splitlines()

    bare = complete("")
    assert "--upgrade" in bare
    assert complete('pip() { SAFEPIP_AS=pip safepip "$@"; }') == bare


# 20. Without a shell around it.


def scant(lab: Lab, program: Path | str, line: str, **env: str) -> list[str]:
    """`env -i` with nothing but `env`, and what keeps the machine's own settings away."""
    lab.forget_machine()
    if "PIP_CONFIG_FILE" in lab.env:
        env["PIP_CONFIG_FILE"] = lab.env.pop("PIP_CONFIG_FILE")
    words = [f"{name}={value}" for name, value in env.items()]
    return ["env", "-i", *words, str(program), *shlex.split(line)]


def test_without_any_variable(plain: Lab) -> None:
    """Without PATH it is the system's pip, if there is one; status 69 says that there is none."""
    ours = plain.run(scant(plain, plain.safepip.path, "list"))
    bare = plain.run(scant(plain, "pip", "list"))
    if bare.returncode == 127:
        assert ours.returncode in {0, 69}, ours
    else:
        assert_alike(bare, ours)


def test_as_cron_would_run_it(lab: Lab) -> None:
    """No HOME, a short PATH: an install into a writable environment is the same."""
    line = f"install --no-index --find-links {lab.field.links} --disable-pip-version-check labone"
    runs = []
    for program in ("pip", lab.safepip.path):
        lab.reset()
        path = f"{lab.venv()}/bin:/usr/bin:/bin"
        runs.append(lab.run(scant(lab, program, line, PATH=path)))
    assert b"Successfully installed labone-2.0" in runs[0].stdout, runs[0]
    assert_alike(*runs)


def test_a_home_that_may_not_be_looked_into(steady: Lab) -> None:
    """As of `sudo -u`, which can keep HOME."""
    steady.locked.chmod(0o755)
    home = steady.locked / "home"
    home.mkdir()
    home.chmod(0o700 if steady.user.dropped else 0)
    steady.lock(steady.locked)
    bare, ours = pair(steady, ["install", "labmissing"], env={"HOME": str(home)})
    assert_alike(bare, ours)


def test_without_a_home_something_denied_is_still_diverted(lab: Lab) -> None:
    lab.wants_another_home()
    lab.write("pyproject.toml")
    line = f"install --no-index --find-links {lab.field.links} --disable-pip-version-check labone"
    path = f"{lab.python.bin}:/usr/bin:/bin"
    done = lab.run(scant(lab, lab.safepip.path, line, PATH=path))
    assert done.returncode == 0, done
    site = next((lab.cwd / ".venv/lib").glob("python3*")) / "site-packages"
    assert lab.installed(site)["labone"] == "2.0"
