"""Where installs go that pip cannot do: rules, strategies, options, and what stays pip's own."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import REPORT, in_environment, install, site_of
from tests.support.lab import DEFAULTING, changes
from tests.support.long import long
from tests.support.pythons import MARKED
from tests.support.wheels import source_tree

if TYPE_CHECKING:
    from tests.support.index import Index
    from tests.support.lab import Lab, LabMaker
    from tests.support.pythons import Field

DJANGO = {"django": "5.2.1", "asgiref": "3.8.1", "sqlparse": "0.5.3"}


# The rules.


def test_django_in_a_project_goes_to_its_environment(lab: Lab) -> None:
    lab.run(["git", "init", "-q"])
    lab.write("pyproject.toml", "[project]\nname = 'site'\nversion = '1'\n")
    lab.run(["git", "add", "pyproject.toml"])
    unchanged = lab.run(["git", "status", "--porcelain"]).out
    told = install(lab, "django")
    environment = lab.cwd / ".venv"
    assert told.result.returncode == 0, told
    assert told.where == ("diverted", "project", str(environment))
    assert in_environment(lab, environment) == told.landed == DJANGO
    assert not lab.user_site.exists()
    assert told.scripts == {"django-admin": "off-path", "sqlformat": "off-path"}
    # In words: where, why, and the command that makes it run when pasted.
    why, reach = told.words[-2:]
    assert why == (
        "Installed django 5.2.1, asgiref 3.8.1 and sqlparse 0.5.3 into this project's .venv,"
        f" because {lab.whose(lab.python.site)}."
    )
    assert reach == "To run django-admin and sqlformat in this shell:"
    command = told.report["next_command"]
    assert told.result.err.endswith(f"\n    {command}\n"), told
    assert lab.run(["bash", "-c", f"{command}; django-admin"]).out == "django 5.2.1\n"
    assert lab.run([environment / "bin/python", "-m", "pip", "--version"]).returncode == 0
    assert lab.run(["git", "status", "--porcelain"]).out == unchanged
    # It was decided before pip could say a word; stdout is what pip said there.
    assert told.report["trigger"] == {
        "name": "default-to-user",
        "line": None,
        "path": str(lab.python.site),
        "owner": lab.python.owner,
    }
    assert told.report["interpreter"] == {
        "executable": str(lab.python.executable),
        "version": lab.python.full_version,
        "pip": lab.python.pip_version,
    }
    assert b"Successfully installed asgiref-3.8.1 django-5.2.1" in told.result.stdout
    assert DEFAULTING.strip() not in told.result.stdout + told.result.stderr
    assert b"safepip: " not in told.result.stdout


def test_a_subdirectory_belongs_to_its_project(lab: Lab) -> None:
    lab.write("requirements-dev.txt")
    environment = lab.venv("venv")
    lab.write("src/deep/x.py")
    told = install(lab, "labone", cwd=lab.cwd / "src/deep")
    assert told.where == ("diverted", "project", str(environment)), told
    assert in_environment(lab, environment) == {"labone": "2.0"}
    assert not (lab.cwd / ".venv").exists()
    assert told.report["decision"]["reason"] == f"requirements-dev.txt is in {lab.cwd}"


def test_a_library_in_an_empty_folder_goes_to_the_user_site(lab: Lab) -> None:
    bare = lab.bare(["install", "requests"])
    lab.reset()
    told = install(lab, "requests")
    assert told.result.returncode == 0, told
    assert told.where == ("diverted", "user-site", str(lab.user_site))
    assert lab.installed(lab.user_site) == told.landed == {"requests": "2.32.3", "idna": "3.10"}
    assert told.result.stdout == bare.stdout.removeprefix(DEFAULTING)
    assert told.report["next_command"] is None
    assert told.rejected.keys() == {
        "active-environment", "kernel", "project", "local-request", "application",
    }  # fmt: skip
    assert not list(lab.cwd.iterdir())


def test_a_folder_above_the_home_is_no_project_of_the_user(lab: Lab) -> None:
    lab.write(lab.home / "pyproject.toml")
    told = install(lab, "labone")
    assert told.where == ("diverted", "user-site", str(lab.user_site)), told


@pytest.mark.parametrize("words", [["-r", "deps.in"], ["./lib"], ["-e", "./lib"]], ids=" ".join)
def test_what_is_local_goes_to_an_environment_beside_it(words: list[str], lab: Lab) -> None:
    lab.write("deps.in", "labsource\n")
    lab.tree(source_tree("labsource", scripts=["labsource"]), "lib")
    lab.run(["mkdir", "here"])
    words = [words[0].replace("./", "../"), *(one.replace("./", "../") for one in words[1:])]
    if words[0] == "-r":
        words[1] = "../deps.in"
    told = install(lab, *words, cwd=lab.cwd / "here")
    environment = lab.cwd / "here/.venv"
    assert told.result.returncode == 0, told
    assert told.where == ("diverted", "local-request", str(environment))
    assert told.landed == {"labsource": "1.0"}
    said = lab.run([environment / "bin/labsource"])
    assert said.out == "labsource 1.0\n", said


def test_a_python_not_to_be_written_yields_to_the_active_environment(lab: Lab) -> None:
    environment = lab.venv("mine")
    lab.write("pyproject.toml")
    lab.env["VIRTUAL_ENV"] = str(environment)
    for name in (f"pip{lab.python.version}", str(lab.python.pip)):
        told = install(lab, "labone", env={"SAFEPIP_AS": name})
        assert told.where == ("diverted", "active-environment", str(environment)), told
        assert in_environment(lab, environment) == told.landed == {"labone": "2.0"}
        lab.run([environment / "bin/pip", "uninstall", "-y", "labone"])


def test_as_a_module_the_python_that_runs_it_is_meant(lab: Lab) -> None:
    environment = lab.venv("mine")
    lab.activate(environment)
    told = install(lab, "labone", program=[lab.safepip.python, "-m", "safepip"])
    assert told.report["trigger"]["name"] == "permission-denied", told
    assert told.report["trigger"]["path"] == str(site_of(lab.safepip.environment))
    assert told.where == ("diverted", "active-environment", str(environment))
    # The command that came is on this shell's PATH already.
    assert told.scripts == {"labone": "visible"}
    assert told.report["next_command"] is None


def test_an_active_environment_of_roots_yields_to_the_personal_one(lab: Lab) -> None:
    environment = lab.venv("env", locked=True)
    lab.activate(environment)
    told = install(lab, "labone")
    assert told.result.returncode == 0, told
    personal = lab.home / f".local/share/safepip/envs/python{lab.python.version}"
    assert told.where == ("diverted", "personal", str(personal))
    assert told.report["trigger"]["name"] == "permission-denied"
    assert told.report["trigger"]["path"] == str(site_of(environment))
    assert in_environment(lab, personal) == {"labone": "2.0"}
    assert not (lab.home / ".local/lib").exists()
    command = told.report["next_command"]
    assert lab.run(["bash", "-c", f"{command}; labone"]).out == "labone 2.0\n"


def test_a_home_that_cannot_be_written_leaves_no_place(lab: Lab) -> None:
    lab.lock(lab.home)
    before = lab.snapshot()
    told = install(lab, "labone")
    assert told.result.returncode == 77, told
    assert told.report["outcome"] == "refused"
    assert told.rejected.keys() >= {"user-site", "personal"}
    assert [one for one in changes(before, lab.snapshot()).added if one != REPORT] == []
    lab.give(lab.home)


# Strategies.


def test_refuse_stops_before_anything_is_written(field: Field, make_lab: LabMaker) -> None:
    for python, trigger in ((field.python("", "24.0"), "default-to-user"),):
        lab = make_lab(python)
        lab.write("pyproject.toml")
        before = lab.snapshot(ignore=())
        told = install(lab, "labone", own=["--strategy", "refuse"])
        assert told.result.returncode == told.report["exit_code"] == 77, told
        assert told.report["outcome"] == "refused"
        assert told.report["trigger"]["name"] == trigger
        assert told.result.stdout == b""
        assert changes(before, lab.snapshot(ignore=())).added == (REPORT,)
        assert "Nothing was installed" in told.words[0]


def test_refuse_does_not_stand_in_pips_way_where_it_can_write(lab: Lab) -> None:
    lab.activate(lab.venv())
    told = install(lab, "labone", own=["--strategy=refuse"])
    assert told.result.returncode == 0, told
    assert told.where == ("as-given", None, None)
    assert told.report["trigger"] is None
    assert told.landed == {"labone": "2.0"}


def test_off_is_pip_as_it_is(lab: Lab) -> None:
    bare, ours = lab.both(
        ["install", "labone"], own=["--strategy", "off"], prepare=lambda lab: lab.write("setup.py")
    )
    assert ours.stdout == bare.stdout
    assert ours.stdout.startswith(DEFAULTING)
    assert ours.err.startswith(bare.err)
    assert lab.shown(lab.user_site) in ours.err.removeprefix(bare.err)
    assert lab.installed(lab.user_site) == {"labone": "2.0"}


@pytest.mark.parametrize(
    ("strategy", "rule"), [("user", "user-site"), ("venv", "personal"), ("ask", "user-site")]
)
def test_a_fixed_strategy_knows_one_kind_of_place(strategy: str, rule: str, lab: Lab) -> None:
    told = install(lab, "labone", env={"SAFEPIP_STRATEGY": strategy})
    assert told.result.returncode == 0, told
    assert told.where[:2] == ("diverted", rule)
    assert (rule == "user-site") == lab.user_site.exists()


def test_the_option_outranks_the_variable(lab: Lab) -> None:
    lab.write("pyproject.toml")
    told = install(lab, "labone", own=["--strategy=user"], env={"SAFEPIP_STRATEGY": "venv"})
    assert told.where == ("diverted", "user-site", str(lab.user_site)), told
    assert not (lab.cwd / ".venv").exists()


def test_a_strategy_that_is_none_is_named(lab: Lab) -> None:
    before = lab.snapshot(ignore=())
    for command in (["install", "labone"], ["list"]):
        done = lab.run(["safepip", "--strategy", "nonsense", *command])
        assert done.returncode == 64, done
        for allowed in ("auto", "venv", "user", "pipx", "ask", "refuse", "off"):
            assert allowed in done.err
        assert done.stdout == b""
    done = lab.run(["safepip", "install", "labone"], env={"SAFEPIP_STRATEGY": "nonsense"})
    assert done.returncode == 78, done
    assert "SAFEPIP_STRATEGY" in done.err
    assert not changes(before, lab.snapshot(ignore=()))


def test_ask_offers_the_places_on_a_terminal(lab: Lab) -> None:
    environment = lab.venv()
    with lab.terminal(["safepip", "--strategy", "ask", "install", "labone"]) as screen:
        screen.expect("Where to install instead")
        screen.expect("venv: this project's .venv")
        screen.expect("user: your user site")
        screen.send("user\n")
        assert screen.wait() == 0, screen.picture
    assert lab.installed(lab.user_site) == {"labone": "2.0"}
    assert in_environment(lab, environment) == {}


def test_ask_takes_no_for_an_answer(lab: Lab) -> None:
    before = lab.snapshot()
    with lab.terminal(["safepip", "--strategy", "ask", "install", "labone"]) as screen:
        screen.expect("Where to install instead")
        screen.send("refuse\n")
        assert screen.wait() == 77, screen.picture
    assert not changes(before, lab.snapshot())


# What the user asked for goes along.


def _project(lab: Lab) -> None:
    lab.write("pyproject.toml")
    lab.venv()


@pytest.mark.parametrize(
    ("words", "landed"),
    [
        ("-r req/base.txt -c req/c.txt --no-deps", {"labdeps": "1.0", "labone": "1.0"}),
        ("-rreq/base.txt -creq/c.txt", {"labdeps": "1.0", "labone": "1.0", "labnoscript": "1.0"}),
        ("labextra[x,y]", {"labextra": "1.0", "labnoscript": "1.0", "labmany": "1.0"}),
        ("--pre labpre", {"labpre": "2.0rc1"}),
        ("labone<2", {"labone": "1.0"}),
        ("--require-hashes -r req/hashes.txt", {"labmany": "1.0"}),
        ("-- labone", {"labone": "2.0"}),
    ],
)
def test_all_that_was_asked_for_goes_along(words: str, landed: dict[str, str], lab: Lab) -> None:
    _project(lab)
    lab.write("req/base.txt", "labdeps\nlabone\n")
    lab.write("req/c.txt", "labone==1.0\n")
    wheel = next(lab.field.links.glob("labmany-*.whl")).read_bytes()
    lab.write("req/hashes.txt", f"labmany==1.0 --hash=sha256:{hashlib.sha256(wheel).hexdigest()}\n")
    told = install(lab, *words.split())
    assert told.result.returncode == 0, told
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv"))
    assert in_environment(lab, lab.cwd / ".venv") == told.landed == landed


def test_a_wrong_hash_is_refused_there_too(lab: Lab) -> None:
    _project(lab)
    lab.write("req.txt", f"labmany==1.0 --hash=sha256:{'0' * 64}\n")
    told = install(lab, "-r", "req.txt")
    assert told.result.returncode == 1, told
    assert b"HASHES" in told.result.stderr
    assert in_environment(lab, lab.cwd / ".venv") == told.landed == {}


def test_an_index_on_the_command_line_goes_along(lab: Lab, index: Index) -> None:
    _project(lab)
    index.auth = ("me", "s3cret")
    del lab.env["PIP_NO_INDEX"], lab.env["PIP_FIND_LINKS"]
    told = install(lab, "--index-url", index.url_as("me", "s3cret"), "labdeps")
    assert told.result.returncode == 0, told
    assert told.where[1] == "project"
    assert told.landed == {"labdeps": "1.0", "labone": "2.0", "labnoscript": "1.0"}
    refused = install(lab, "-i", index.url_as("me", "s3cret"), "labone", own=["--strategy=refuse"])
    assert refused.result.returncode == 77, refused
    assert b"s3cret" not in refused.result.stderr
    assert "s3cret" not in str(refused.report)
    # Its credentials are in no report.
    assert "s3cret" not in str(told.report)
    assert all("s3cret" not in line for line in told.words)
    state = lab.home / ".local/state/safepip"
    assert not [f for f in state.rglob("*") if f.is_file() and b"s3cret" in f.read_bytes()]


def test_a_relative_folder_of_wheels_keeps_its_meaning(lab: Lab) -> None:
    _project(lab)
    wheel = next(lab.field.links.glob("labmany-*.whl"))
    lab.write(f"sub/wheels/{wheel.name}", wheel.read_bytes())
    del lab.env["PIP_FIND_LINKS"]
    told = install(lab, "--find-links", "wheels", "labmany", cwd=lab.cwd / "sub")
    assert told.landed == {"labmany": "1.0"}, told
    told = install(lab, "--force-reinstall", f"wheels/{wheel.name}", cwd=lab.cwd / "sub")
    assert told.landed == {"labmany": "1.0"}, told


def test_several_wishes_at_once(lab: Lab) -> None:
    _project(lab)
    told = install(lab, "labmany", "labone==1.0", "requests")
    assert list(told.landed) == ["labmany", "labone", "requests", "idna"], told
    assert in_environment(lab, lab.cwd / ".venv") == told.landed


# What is never diverted.


@pytest.mark.parametrize(
    "words",
    [
        ["--user"],
        ["--target", "there"],
        *long(["--dry-run"], ["--prefix=there"], ["--root", "there"]),
    ],
    ids=" ".join,
)
def test_a_named_place_is_pips_own_business(words: list[str], lab: Lab) -> None:
    bare, ours = lab.both(
        ["install", *words, "labone"], prepare=lambda lab: lab.write("pyproject.toml")
    )
    assert bare.returncode == 0, bare
    assert ours.same == bare.same
    assert not (lab.cwd / ".venv").exists()


def test_a_dry_run_by_pips_settings_is_one_too(lab: Lab) -> None:
    def prepare(lab: Lab) -> None:
        lab.write("pyproject.toml")
        lab.write(lab.home / ".config/pip/pip.conf", "[install]\ndry-run = true\n")

    bare, ours = lab.both(["install", "labone"], prepare=prepare)
    assert bare.returncode == 0, bare
    assert ours.same == bare.same
    assert not (lab.cwd / ".venv").exists()
    assert "a dry run installs nothing" in lab.run(["safepip", "plan", "install", "labone"]).out


def test_a_dry_run_that_is_denied_is_explained(field: Field, make_lab: LabMaker) -> None:
    lab = make_lab(field.pair(MARKED))
    words = ["install", "--dry-run", "labone"]
    bare, ours = lab.both(words, prepare=lambda lab: lab.write("pyproject.toml"))
    assert bare.returncode == ours.returncode != 0
    assert ours.stdout == bare.stdout
    assert "even for a dry run. `safepip plan install` shows" in ours.err.splitlines()[-1]
    assert not (lab.cwd / ".venv").exists()


@pytest.mark.parametrize("option", ["--target", *long("--prefix", "--root")])
def test_a_named_place_that_is_denied_is_explained(option: str, lab: Lab) -> None:
    words = ["install", option, str(lab.locked / "there"), "labone"]
    bare, ours = lab.both(words, prepare=lambda lab: lab.write("pyproject.toml"))
    assert bare.returncode == ours.returncode != 0
    assert ours.stdout == bare.stdout
    assert b"[Errno 13]" in ours.stderr
    word = [one for one in ours.err.splitlines() if one.startswith("safepip: ")]
    assert word, ours
    assert lab.whose(lab.locked) in word[0]
    assert f"You chose that place with {option}." in word[0]
    assert not (lab.cwd / ".venv").exists()


@pytest.mark.parametrize("how", ["the same", "another", *long("by variable")])
def test_a_marked_python_that_the_command_names_is_explained(
    how: str, field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.pair(MARKED))
    python = str(lab.python.executable)
    named = ["--python", python]
    if how == "by variable":
        lab.env["PIP_PYTHON"], named = python, []

    def prepare(lab: Lab) -> None:
        if how != "the same":
            lab.activate(lab.venv())

    words = [*named, "install", "labone"]
    bare, ours = lab.both(words, prepare=prepare)
    if how != "the same":
        lab.activate(lab.cwd / ".venv")
    assert bare.returncode == ours.returncode == 1
    assert ours.stdout == bare.stdout
    assert ours.err.startswith(bare.err)
    lead, again = ours.err.removeprefix(bare.err).splitlines()
    assert lead.startswith(f"safepip: pip failed because your OS manages {python}."), ours
    assert lab.run(["safepip", "plan", *words]).returncode == 0
    if how == "the same":
        assert again.split() == ["safepip", "install", "labone"]
    assert lab.run(["sh", "-c", again]).returncode == 0


@pytest.mark.parametrize(
    "words", [["--user"], ["--break-system-packages"], *long(["--target", "there"])]
)
def test_a_named_place_on_a_marked_python(
    words: list[str], field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.pair(MARKED))
    bare, ours = lab.both(["install", *words, "labone"])
    assert ours.returncode == bare.returncode == (1 if words == ["--user"] else 0), ours
    assert ours.stdout == bare.stdout
    assert ours.err.startswith(bare.err)
    assert not (lab.home / ".local/share/safepip").exists()


@pytest.mark.parametrize("words", [*long(["labone"]), ["-q", "labone"], ["-r", "requirements.txt"]])
def test_what_is_there_already_diverts_nothing(
    words: list[str], field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.python("", "24.0", installed=["labone==1.0"]))
    bare, ours = lab.both(
        ["install", *words], prepare=lambda lab: lab.write("requirements.txt", "labone\n")
    )
    assert bare.returncode == 0, bare
    assert ours.same == bare.same
    assert not (lab.cwd / ".venv").exists()
    told = install(lab, *words)
    assert told.where == ("as-given", None, None), told
    assert told.report["trigger"] is None
    # Its twin: one thing more, and all is diverted.
    if words == ["labone"]:
        told = install(lab, "labone", "labnoscript")
        assert told.where[:2] == ("diverted", "project"), told


def test_an_upgrade_of_pip_alone_stays_with_pip_and_is_explained(lab: Lab) -> None:
    bare, ours = lab.both(
        ["install", "--upgrade", "pip"], prepare=lambda lab: lab.write("pyproject.toml")
    )
    assert bare.returncode == ours.returncode == 0, bare
    assert ours.stdout == bare.stdout
    assert ours.err.startswith(bare.err)
    said = ours.err.removeprefix(bare.err)
    assert "so the new pip is in your user site" in said
    assert "would not help" not in said
    assert str(lab.user_site) in lab.bare(["--version"]).out
    assert not (lab.cwd / ".venv").exists()


def test_an_upgrade_of_pip_alone_is_explained_where_pip_refuses_it_too(lab: Lab) -> None:
    environment = lab.venv("shared", system_site_packages=True, locked=True)
    lab.env["PATH"] = f"{environment}/bin:{lab.env['PATH']}"
    lab.env["PIP_FIND_LINKS"] = str(lab.field.wheel("pip").parent)
    bare = lab.bare(["install", "--upgrade", "pip"])
    assert bare.returncode == 1, bare
    assert "Will not install to the user site" in bare.err
    ours = lab.run(["safepip", "install", "--upgrade", "pip"])
    assert (ours.returncode, ours.stdout) == (1, bare.stdout)
    assert ours.err.startswith(bare.err)
    assert "a new pip elsewhere would not help this Python" in ours.err


@pytest.mark.parametrize(
    "words",
    [["-r", "missing.txt"], *long(["--no-such-option"], [])],
    ids=" ".join,
)
def test_a_failure_that_is_no_denial_is_pips_own(words: list[str], lab: Lab) -> None:
    bare, ours = lab.both(["install", *words], prepare=lambda lab: lab.write("pyproject.toml"))
    assert bare.returncode != 0
    assert ours.same == bare.same
    assert not (lab.cwd / ".venv").exists()


@pytest.mark.parametrize("quiet", [[], *long(["-q"]), ["-qqq"]], ids=["loud", "-q", "-qqq"])
def test_what_is_nowhere_to_be_had_ends_as_with_pip_and_leaves_nothing(
    quiet: list[str], lab: Lab
) -> None:
    words = ["install", *quiet, "lab-no-such-thing"]
    bare, ours = lab.both(words, prepare=lambda lab: lab.write("pyproject.toml"))
    assert ours.returncode == bare.returncode == 1
    assert bare.stderr in ours.stderr
    assert ours.stdout == bare.stdout.removeprefix(DEFAULTING)
    assert not (lab.cwd / ".venv").exists()


def test_a_failure_in_the_new_place_is_told_as_one(lab: Lab) -> None:
    _project(lab)
    told = install(lab, "labone", "labmissing")
    assert told.result.returncode == told.report["exit_code"] == 1, told
    assert told.where == ("failed", "project", str(lab.cwd / ".venv"))
    assert told.landed == in_environment(lab, lab.cwd / ".venv") == {}
    assert b"lab-there-is-no-such-thing" in told.result.stderr
    assert "failed; see the error above." in " ".join(told.words)


def test_a_build_that_quotes_a_denial_is_a_broken_build(lab: Lab) -> None:
    bare, ours = lab.both(["install", "labquote"])
    assert bare.returncode == ours.returncode == 1, ours
    assert b"[Errno 13]" in bare.stderr + bare.stdout
    assert ours.stdout == bare.stdout.removeprefix(DEFAULTING)
    assert not (lab.home / ".local/share/safepip").exists()


# Quiet.


@pytest.mark.parametrize("quiet", [*long("-q"), "-qqq", "PIP_QUIET"])
def test_quiet_leaves_one_line_and_more_of_it_none(quiet: str, lab: Lab) -> None:
    _project(lab)
    words = ["labone"] if quiet == "PIP_QUIET" else [quiet, "labone"]
    told = install(lab, *words, env={"PIP_QUIET": "1" if quiet == "PIP_QUIET" else None})
    assert (told.result.returncode, told.result.stdout) == (0, b""), told
    said = [line.partition(", because ")[0] for line in told.words]
    one = [] if quiet == "-qqq" else ["Installed labone 2.0 into this project's .venv"]
    assert (said, len(told.result.err.splitlines())) == (one, len(one)), told
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv"))
    assert told.landed == in_environment(lab, lab.cwd / ".venv") == {"labone": "2.0"}
    assert not lab.user_site.exists()


def test_quiet_into_the_user_site_says_what_pip_says(lab: Lab) -> None:
    bare, ours = lab.both(["install", "-q", "labone"])
    assert (ours.returncode, ours.stdout) == (bare.returncode, bare.stdout)
    line = ours.err.removeprefix(bare.err)
    assert line.startswith("safepip: Installed labone 2.0 into your user site, because "), ours
    assert line.count("\n") == 1
    assert lab.installed(lab.user_site) == {"labone": "2.0"}


@pytest.mark.parametrize("quiet", [*long("-q"), "-qqq"])
def test_quiet_failures_are_pips_own(quiet: str, lab: Lab) -> None:
    bare, ours = lab.both(
        ["install", quiet, "-r", "missing.txt"], prepare=lambda lab: lab.write("pyproject.toml")
    )
    assert bare.returncode != 0
    assert ours.same == bare.same


# A denial that comes late.


def test_the_half_that_a_late_denial_left_is_taken_away(field: Field, make_lab: LabMaker) -> None:
    python = field.python("", "24.0", private="late")
    python.wants_usual_places()
    lab = make_lab(python)
    lab.give(python.site)
    told = install(lab, "labone", "labnoscript")
    assert told.result.returncode == 0, told
    assert told.report["trigger"]["name"] == "permission-denied"
    assert told.report["trigger"]["path"] == str(python.bin)
    assert told.where[:2] == ("diverted", "user-site")
    assert lab.installed(lab.user_site) == {"labone": "2.0", "labnoscript": "1.0"}
    # Left there, the next pip would take it for installed.
    assert "labone" not in lab.installed(python.site)
    assert not (python.site / "labone").exists()
    assert told.report["leftovers"] == []
    # pip's own words about the denial are not shown beside ours, which tell it worked.
    assert b"ERROR: Could not install" not in told.result.stderr


# What lies where, and whether typing its name runs it.


def test_a_command_on_path_needs_no_further_command(lab: Lab) -> None:
    lab.env["PATH"] += f":{lab.home}/.local/bin"
    told = install(lab, "labone")
    assert told.scripts == {"labone": "visible"}, told
    assert told.report["next_command"] is None
    assert "PATH" not in " ".join(told.words)
    assert lab.run(["labone"]).out == "labone 2.0\n"


def test_a_command_behind_another_of_its_name_is_shadowed(lab: Lab) -> None:
    other = lab.write(lab.home / "bin/labone", "#!/bin/sh\necho other\n")
    other.chmod(0o755)
    lab.env["PATH"] = f"{other.parent}:{lab.env['PATH']}:{lab.home}/.local/bin"
    told = install(lab, "labone")
    script = told.report["landed"][0]["scripts"][0]
    assert (script["visibility"], script["shadowed_by"]) == ("shadowed", str(other)), told
    assert any(f"`labone` still runs {lab.shown(other)}" in line for line in told.words)
    command = told.report["next_command"]
    assert lab.run(["bash", "-c", f"labone; {command}; labone"]).out == "other\nlabone 2.0\n"


@pytest.mark.parametrize("name", ["two words", "it's ünï"])
def test_the_next_command_can_be_pasted_whatever_the_folder_is_called(name: str, lab: Lab) -> None:
    lab.write(f"{name}/pyproject.toml")
    told = install(lab, "labone", cwd=lab.cwd / name)
    assert told.where == ("diverted", "project", str(lab.cwd / name / ".venv")), told
    command = told.report["next_command"]
    done = lab.run(["bash", "-c", f"{command}; labone"])
    assert done.out == "labone 2.0\n", (command, done)


def test_the_report_may_be_asked_for_by_a_variable(lab: Lab) -> None:
    done = lab.run(["safepip", "install", "labone"], env={"SAFEPIP_REPORT_JSON": "report.json"})
    assert done.returncode == 0, done
    assert '"outcome": "diverted"' in (lab.cwd / "report.json").read_text()


@pytest.mark.parametrize("name", ["missing/report.json", "."])
def test_a_report_that_cannot_be_written_stops_all(name: str, lab: Lab) -> None:
    before = lab.snapshot(ignore=())
    done = lab.run(["safepip", "--report-json", name, "install", "labone"])
    assert done.returncode == 73, done
    assert name in done.err
    assert not changes(before, lab.snapshot(ignore=()))


def test_a_writable_environment_is_reported_as_given(lab: Lab) -> None:
    environment = lab.venv()
    lab.activate(environment)
    bare, ours = lab.both(["install", "labdeps"], prepare=lambda lab: lab.venv())
    assert ours.same == bare.same
    told = install(lab, "--force-reinstall", "labdeps")
    assert told.where == ("as-given", None, None)
    assert told.report["decision"] is None
    assert told.landed == {"labdeps": "1.0", "labone": "2.0", "labnoscript": "1.0"}
    assert told.scripts == {"labone": "visible"}
