"""`safepip doctor` against real conditions: each is found, and the printed commands end it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.diversions import install, site_of
from tests.support.long import only
from tests.support.missing import lacking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.lab import Lab, LabMaker
    from tests.support.pythons import Field


def doctor(lab: Lab, before: str = "", **more: Any) -> tuple[int, dict[str, Any]]:
    """Its status, and the findings by id; *before* is pasted into the same shell first."""
    line = f"{before}\nsafepip doctor --json"
    done = lab.run(["bash", "-c", line], **more)
    found = done.out[done.out.index('{\n "schema"') :]
    told = json.loads(found)["data"]
    return done.returncode, {one["id"]: one for one in told["findings"]}


def mended(lab: Lab, found: dict[str, Any], before: str = "", **more: Any) -> dict[str, Any]:
    """The findings after the commands of *found*, as root where they say sudo."""
    assert found["commands"], found
    for command in found["commands"]:
        if command.startswith("sudo "):
            as_root(lab, command.removeprefix("sudo "))
    rest = [command for command in found["commands"] if not command.startswith("sudo ")]
    return doctor(lab, "\n".join([before, *rest]), **more)[1]


def as_root(lab: Lab, command: str) -> None:
    if os.getuid():
        lacking("root")
    env = {"PATH": os.environ["PATH"], "USER": lab.user.name, "HOME": str(lab.home)}
    subprocess.run(["bash", "-c", command], check=True, env=env, cwd="/")


def given_to_root(lab: Lab, path: Path) -> None:
    if not lab.user.dropped:
        lacking("root")
    lab.lock(path)


# A sound machine


def test_a_sound_machine_has_no_findings(lab: Lab) -> None:
    lab.write("pyproject.toml")
    lab.write("app.py", "import labone\n")
    lab.venv()
    install(lab, "labone")
    install(lab, "labmany", own=["--strategy", "user"])
    lab.env["PATH"] += f":{lab.home}/.local/bin"
    before = lab.snapshot()
    done = lab.run(["safepip", "doctor"])
    assert done.returncode == 0, done
    assert "No problems found." in done.out
    assert doctor(lab) == (0, {})
    assert lab.snapshot() == before


def test_the_first_lines_say_what_it_acts_on_and_why(lab: Lab) -> None:
    lines = lab.run(["safepip", "doctor"]).out.splitlines()
    assert re.fullmatch(r"safepip \d\S*", lines[0])
    pip = f"pip: {lab.python.pip_version}, {lab.python.pip} (it comes first on your PATH)"
    assert lines[1] == pip
    assert lines[2].startswith(f"Python: {lab.python.full_version}, {lab.python.prefix}")
    lab.activate(lab.venv())
    assert "is active in this shell" in lab.run(["safepip", "doctor"]).out


def test_of_a_system_python_it_names_ways_and_warns_of_chown(lab: Lab) -> None:
    words = lab.run(["safepip", "doctor"]).out
    assert "Do not chown it" in words
    told = json.loads(lab.run(["safepip", "doctor", "--json"]).out)["data"]["ways"]
    (commands,) = [one["commands"] for one in told if one["what"] == "an environment of your own"]
    for command in commands:
        assert f"\n    {command}\n" in words
    after = "; ".join([*commands, "safepip doctor", "pip install -q labone && labone"])
    done = lab.run(["bash", "-ec", after])
    assert "Do not chown it" not in done.out
    assert f"installs go to: ~/.venvs/main/lib/python{lab.python.version}" in done.out
    assert done.out.endswith("labone 2.0\n"), done


@pytest.mark.parametrize("shell", ["bash", "zsh", "ksh", "dash", "fish"])
def test_where_our_functions_are_active_the_shell_tells_what_it_holds(shell: str, lab: Lab) -> None:
    if shutil.which(shell) is None:
        lacking(shell)
    code = lab.run(["safepip", "init", shell]).out
    rc = lab.write("rc", code + "alias python='python3.9 -q'\n")
    if shell == "bash":
        rc.write_text("shopt -s expand_aliases\n" + rc.read_text())
    script = f". {rc}\nsafepip doctor\nsafepip doctor --json"
    done = lab.run([shell, "-c", script])
    words, _, told = done.out.partition('{\n "schema"')
    data = json.loads('{\n "schema"' + told)["data"]
    assert data["shell"]["active"] is True, done
    assert [one["id"] for one in data["findings"]] == ["name-held-by-shell"], done
    assert "In this shell `python` is an alias for `python3.9 -q`." in words
    assert "active in this shell" in words
    bare = lab.run([shell, "-c", "safepip doctor"]).out
    assert "only visible where safepip's functions are active" in bare


def test_an_unknown_option_is_refused(lab: Lab) -> None:
    assert lab.run(["safepip", "doctor", "--mend"]).returncode == 64


# Conditions: each makes what its id says, and gives what was to be in the shell before.


def roots_leftovers(lab: Lab) -> str:
    lab.write(lab.home / ".local/share/man/man1/x.1")
    lab.write(lab.home / ".cache/pip/http/a/b")
    lab.write(lab.home / ".local/bin/mine")
    lab.write(lab.home / ".local/bin/roots")
    given_to_root(lab, lab.home / ".local/share/man")
    given_to_root(lab, lab.home / ".cache/pip")
    given_to_root(lab, lab.home / ".local/bin/roots")
    return ""


def roots_environment(lab: Lab) -> str:
    if not lab.user.dropped:
        lacking("root")
    environment = lab.venv(locked=True)
    return f'export VIRTUAL_ENV={environment}; PATH={environment}/bin:"$PATH"'


def closed_by_mode(lab: Lab) -> str:
    site = site_of(lab.venv())
    site.chmod(0o555)
    return ""


def half_removed(lab: Lab) -> str:
    lab.write(site_of(lab.venv()) / "~abone/__init__.py")
    return ""


def without_record(lab: Lab) -> str:
    site = site_of(lab.venv())
    lab.run([".venv/bin/pip", "install", "-q", "labone"])
    (site / "labone-2.0.dist-info/RECORD").unlink()
    return ""


def without_metadata(lab: Lab) -> str:
    lab.write(site_of(lab.venv()) / "labone-2.0.dist-info/INSTALLER", "pip\n")
    return ""


def twice(lab: Lab) -> str:
    site = site_of(lab.venv())
    lab.run([".venv/bin/pip", "install", "-q", "labone==1.0"])
    shutil.copytree(site / "labone-1.0.dist-info", lab.tmp / "kept")
    lab.run([".venv/bin/pip", "install", "-q", "labone==2.0"])
    shutil.copytree(lab.tmp / "kept", site / "labone-1.0.dist-info")
    lab.give(site)
    return ""


def module_in_the_way(lab: Lab) -> str:
    lab.run([lab.venv() / "bin/pip", "install", "-q", "labone"])
    lab.write("labone.py")
    return ""


def no_home(_lab: Lab) -> str:
    return "export HOME=/"


def roots_home(lab: Lab) -> str:
    given_to_root(lab, lab.locked)
    return f"export HOME={lab.locked}"


def tmp_missing(_lab: Lab) -> str:
    return "export TMPDIR=/nowhere/tmp"


def cache_closed(lab: Lab) -> str:
    lab.write(lab.home / ".cache/pip/x")
    (lab.home / ".cache/pip").chmod(0o555)
    return ""


def cache_of_a_variable_closed(lab: Lab) -> str:
    lab.write("cache/x").unlink()
    (lab.cwd / "cache").chmod(0o555)
    return f"export PIP_CACHE_DIR={lab.cwd}/cache"


def alias_in_a_profile(lab: Lab) -> str:
    lab.write(lab.home / ".bashrc", "# mine\nalias pip='python2 -m pip'\n")
    return ""


def pip_user(lab: Lab) -> str:
    lab.write(lab.home / ".bashrc", "# mine\nexport PIP_USER=1\nalias ll='ls -l'\n")
    return ". ~/.bashrc"


def pip_target(_lab: Lab) -> str:
    return "export PIP_TARGET=/srv/x"


def pythonhome(lab: Lab) -> str:
    # Of safepip's own version: with another one no Python starts at all, safepip's included.
    own = lab.run([lab.safepip.python, "-c", "import sys; print(sys.base_prefix)"]).out
    return f"export PYTHONHOME={own.strip()}"


def pythonpath(_lab: Lab) -> str:
    return "export PYTHONPATH=/nowhere/site-packages"


def user_is_true(lab: Lab) -> str:
    lab.write(lab.home / ".config/pip/pip.conf", "[global]\ntimeout = 9\n[install]\nuser = true\n")
    return ""


def off_path(lab: Lab) -> str:
    lab.bare(["install", "-q", "--user", "labone"])
    return ""


def tilde(lab: Lab) -> str:
    lab.bare(["install", "-q", "--user", "labone"])
    return 'export PATH="$PATH:~/.local/bin"'


def broken(lab: Lab) -> str:
    environment = lab.venv()
    for link in (environment / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/nowhere/python3")
    return ""


def moved(lab: Lab) -> str:
    lab.venv("old/.venv")
    (lab.cwd / "old/.venv").rename(lab.cwd / ".venv")
    return ""


def of_another_machine(lab: Lab) -> str:
    environment = lab.venv()
    python = environment / "bin/python"
    content = bytearray(python.resolve().read_bytes()[:64])
    content[18:20] = (0xF7).to_bytes(2, "little")
    python.unlink()
    python.write_bytes(content)
    python.chmod(0o755)
    lab.give(environment)
    return ""


def tracked(lab: Lab) -> str:
    if shutil.which("git") is None:
        lacking("git")
    lab.venv()
    quiet = "git init -q . && git add -f .venv/pyvenv.cfg"
    assert lab.run(["sh", "-c", quiet]).returncode == 0
    return ""


def stale(lab: Lab) -> str:
    return f"export VIRTUAL_ENV={lab.home}/gone"


def functions_of_another_version(lab: Lab) -> str:
    lab.run(["safepip", "init", "bash", "--install"])
    file = lab.home / ".local/share/safepip/shell/safepip.bash"
    lab.write(file, file.read_text().replace("SAFEPIP_SHELL_WORDS", "SAFEPIP_WORDS"))
    return ""


def alias_of_the_shell(lab: Lab) -> str:
    lab.run(["safepip", "init", "bash", "--install"])
    return "shopt -s expand_aliases; . ~/.bashrc; alias python3='python3.9 -q'"


def function_of_the_shell(lab: Lab) -> str:
    lab.run(["safepip", "init", "bash", "--install"])
    return ". ~/.bashrc; pip() { echo mine; }"


def old_functions(lab: Lab) -> str:
    lab.run(["safepip", "init", "bash", "--install"])
    file = lab.home / ".local/share/safepip/shell/safepip.bash"
    lab.write(file, file.read_text().replace(str(lab.safepip.path), "/nowhere/safepip"))
    return ""


CONDITIONS: dict[str, tuple[str, Callable[[Lab], str]]] = {
    "root's files in the home": ("files-of-another-user", roots_leftovers),
    "an environment of root's is active": ("environment-of-another-user", roots_environment),
    "a site directory closed by its mode": ("not-writable", closed_by_mode),
    "what pip moved aside": ("half-removed", half_removed),
    "a dist-info without RECORD": ("no-record", without_record),
    "a dist-info without METADATA": ("no-metadata", without_metadata),
    "two versions at once": ("installed-twice", twice),
    "a module of this directory": ("module-shadows", module_in_the_way),
    "HOME is the root directory": ("no-home", no_home),
    "HOME is root's": ("no-home", roots_home),
    "TMPDIR is missing": ("tmp-unusable", tmp_missing),
    "a cache closed by its mode": ("not-writable", cache_closed),
    "a closed cache of a variable": ("cache-unusable", cache_of_a_variable_closed),
    "an alias in a profile": ("pip-alias", alias_in_a_profile),
    "PIP_USER of a profile": ("spoiling-variable", pip_user),
    "PIP_TARGET": ("spoiling-variable", pip_target),
    "PYTHONHOME": ("spoiling-variable", pythonhome),
    "PYTHONPATH of another Python": ("spoiling-variable", pythonpath),
    "user = true in pip.conf": ("spoiling-setting", user_is_true),
    "commands off PATH": ("scripts-off-path", off_path),
    "a literal ~ in PATH": ("tilde-in-path", tilde),
    "an environment whose Python is gone": ("environment-broken", broken),
    "an environment that was moved": ("environment-moved", moved),
    "an environment of another machine": ("environment-of-another-machine", of_another_machine),
    "an environment in git": ("environment-tracked", tracked),
    "an active environment that is gone": ("environment-stale", stale),
    "functions of another safepip": (
        "functions-of-another-version",
        functions_of_another_version,
    ),
    "an alias of this shell": ("name-held-by-shell", alias_of_the_shell),
    "a function of this shell": ("name-held-by-shell", function_of_the_shell),
    "functions of a safepip that is gone": ("functions-out-of-date", old_functions),
}
NOTES = {
    "pip-alias",
    "environment-tracked",
    "command-shadowed",
    "functions-of-another-version",
    "name-held-by-shell",
}


LATER = (
    "a site directory closed by its mode", "a dist-info without METADATA", "HOME is root's",
    "a cache closed by its mode", "PIP_TARGET", "PYTHONPATH of another Python", "commands off PATH",
    "an environment of another machine", "an alias of this shell",
)  # fmt: skip
"""Those whose mend is made like that of another row, or by the same tool."""


@pytest.mark.parametrize("condition", only(CONDITIONS, *(CONDITIONS.keys() - LATER)))
def test_it_is_found_and_the_printed_commands_end_it(condition: str, lab: Lab) -> None:
    expected, make = CONDITIONS[condition]
    lab.write("pyproject.toml")
    before = make(lab)
    snapshot = lab.snapshot()
    status, found = doctor(lab, before)
    assert expected in found, found
    assert status == int(not found.keys() <= NOTES)
    new = lab.snapshot().keys() - snapshot.keys()
    assert not {one for one in new if "__pycache__" not in one}
    words = lab.run(["bash", "-c", f"{before}\nsafepip doctor"])
    assert f"[{expected}]" in words.out, words
    for command in found[expected]["commands"]:
        assert f"\n    {command}\n" in words.out, words
    assert expected not in mended(lab, found[expected], before)


# What the table has no room for


def test_places_of_roots_are_named_each_for_itself(lab: Lab) -> None:
    roots_leftovers(lab)
    _, found = doctor(lab)
    (command,) = found["files-of-another-user"]["commands"]
    places = (".cache/pip", ".local/bin/roots", ".local/share/man")
    expected = shlex.join(str(lab.home / place) for place in places)
    assert command == f'sudo chown -R "$USER" {expected}'


def test_a_home_that_is_all_of_roots_is_one_place(lab: Lab) -> None:
    lab.write(lab.home / ".local/lib/x")
    given_to_root(lab, lab.home / ".local")
    _, found = doctor(lab)
    assert found["files-of-another-user"]["paths"] == [str(lab.home / ".local")]


@pytest.mark.parametrize("whose", ["conda", "own"])
def test_user_copies_that_shadow_those_of_a_python(
    whose: str, field: Field, make_lab: LabMaker
) -> None:
    lab = make_lab(field.modern(installed=["labone==1.0"], private=f"shadow-{whose}"))
    if not lab.user.dropped:
        lacking("root")
    if whose == "conda":
        (lab.python.prefix / "conda-meta").mkdir(exist_ok=True)
    else:
        lab.give(lab.python.site)
    lab.bare(["install", "-q", "--user", "--ignore-installed", "labnoscript", "labone==2.0"])
    _, found = doctor(lab)
    assert found["user-site-shadows"]["name"] == "labone"
    assert "user-site-shadows" not in mended(lab, found["user-site-shadows"])


def test_a_pip_of_another_python_is_found(field: Field, make_lab: LabMaker) -> None:
    lab = make_lab()
    other = field.python("3.11" if lab.python.version != "3.11" else "3.12")
    folder = lab.home / "first"
    folder.mkdir()
    (folder / "pip").symlink_to(other.pip)
    lab.env["PATH"] = f"{folder}:{lab.env['PATH']}"
    status, found = doctor(lab)
    assert status == 1
    assert found["pip-of-another-python"]["name"] == "python3"
    assert "pip-of-another-python" not in mended(lab, found["pip-of-another-python"])


def test_a_command_that_another_one_shadows_is_a_note(lab: Lab) -> None:
    lab.bare(["install", "-q", "--user", "labone"])
    lab.write("first/labone", "#!/bin/sh\n").chmod(0o755)
    lab.env["PATH"] = f"{lab.cwd}/first:{lab.env['PATH']}:{lab.home}/.local/bin"
    status, found = doctor(lab)
    assert (status, set(found)) == (0, {"command-shadowed"})
    assert not mended(lab, found["command-shadowed"])


@pytest.mark.parametrize("its_own", [True, False], ids=["pipx on PATH", "pipx beside safepip"])
def test_an_application_of_pipx_whose_python_is_gone(make_lab: LabMaker, its_own: bool) -> None:
    lab = make_lab(pipx=True)
    install(lab, "httpie")
    lab.env["PATH"] += f":{lab.home}/.local/bin"
    if its_own:
        lab.env["PATH"] += f":{lab.safepip.environment}/bin"
    assert doctor(lab) == (0, {})
    for link in (lab.home / ".local/share/pipx/venvs/httpie/bin").glob("python*"):
        link.unlink()
        link.symlink_to("/nowhere/python3")
    _, found = doctor(lab)
    assert "pipx-broken" in found
    assert "pipx-broken" not in mended(lab, found["pipx-broken"])
    assert lab.run([lab.home / ".local/bin/http", "--version"]).returncode == 0


def test_a_tool_of_uv_whose_python_is_gone(lab: Lab) -> None:
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if uv is None:
        lacking("uv")
    lab.write("bin/uv", Path(uv).read_bytes()).chmod(0o755)
    lab.env["PATH"] += f":{lab.cwd}/bin:{lab.home}/.local/bin"
    lab.env |= {"UV_PYTHON_DOWNLOADS": "never", "UV_OFFLINE": "1"}
    text = f'no-index = true\nfind-links = ["{lab.field.links}"]\n'
    lab.write(lab.system / "uv/uv.toml", text)
    made = lab.run(["uv", "tool", "install", "labone", "--with", "labnoscript"])
    assert made.returncode == 0, made
    assert doctor(lab) == (0, {})
    environment = lab.home / ".local/share/uv/tools/labone"
    for link in (environment / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/nowhere/python3")
    lab.give(environment)
    _, found = doctor(lab)
    assert set(found) == {"uv-tool-broken"}
    assert mended(lab, found["uv-tool-broken"]) == {}
    assert lab.installed(site_of(environment)).keys() == {"labone", "labnoscript"}
    assert lab.run(["labone"]).out == "labone 2.0\n"


@contextlib.contextmanager
def mounted(lab: Lab, folder: Path, options: str) -> Iterator[None]:
    """A file system of its own at *folder*, if that is possible here."""
    lab.write(folder / "x")
    argv = ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)]
    if subprocess.run(argv, check=False, capture_output=True).returncode:
        lacking("rights to mount")
    try:
        lab.give(folder)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_an_environment_where_nothing_may_be_run(lab: Lab) -> None:
    project = lab.home / "stick"
    with mounted(lab, project, "noexec,size=40m"):
        lab.write(project / "pyproject.toml")
        lab.venv(project / ".venv")
        status, found = doctor(lab, cwd=project)
        assert (status, set(found)) == (1, {"environment-no-exec"})
        after = mended(lab, found["environment-no-exec"], cwd=project)
        assert "environment-no-exec" not in after
        assert (lab.home / ".venvs/stick/bin/python").exists()


def test_a_user_site_that_is_read_only(lab: Lab) -> None:
    with mounted(lab, lab.home / ".local", "size=1m"):
        remount = ["mount", "-o", "remount,ro", str(lab.home / ".local")]
        subprocess.run(remount, check=True)
        status, found = doctor(lab)
        told = lab.run(["safepip", "doctor"]).out
    assert (status, set(found)) == (1, {"read-only"})
    assert found["read-only"]["commands"] == []
    assert told.count("[read-only]") == 1  # however many places lie on it


def test_a_cache_that_is_read_only_is_not_to_be_changed(lab: Lab) -> None:
    lab.write(lab.home / ".cache/pip/x")
    with mounted(lab, lab.home / ".cache", "size=1m"):
        lab.write(lab.home / ".cache/pip/x")
        remount = ["mount", "-o", "remount,ro", str(lab.home / ".cache")]
        subprocess.run(remount, check=True)
        assert set(doctor(lab)[1]) == {"read-only"}


def test_a_disk_that_is_full(lab: Lab) -> None:
    with mounted(lab, lab.home / ".cache", "size=2m"):
        lab.write(lab.home / ".cache/pip/wheels/x-1.0-py3-none-any.whl", b"x" * 1_500_000)
        status, found = doctor(lab)
        assert (status, set(found)) == (1, {"disk-full"})
        # One disk is one finding, however many places lie on it.
        assert lab.run(["safepip", "doctor"]).out.count("[disk-full]") == 1
        assert "disk-full" not in mended(lab, found["disk-full"])


@pytest.mark.parametrize("options", ["noexec,size=40m", "size=2m"], ids=["no-exec", "full"])
def test_a_temporary_directory_that_stops_builds_is_a_note(options: str, lab: Lab) -> None:
    with mounted(lab, lab.tmp / "mine", options):
        lab.write(lab.tmp / "mine/big", b"x" * 1_500_000)
        before = f"export TMPDIR={lab.tmp}/mine"
        status, found = doctor(lab, before)
        assert (status, set(found)) == (0, {"tmp-limited"})
        assert not mended(lab, found["tmp-limited"], before)


def test_an_access_list_is_named(lab: Lab) -> None:
    environment = lab.venv(locked=True)
    acl = ["setfacl", "-m", f"u:{lab.user.uid}:r-x", str(site_of(environment))]
    if shutil.which("setfacl") is None or subprocess.run(acl, check=False).returncode:
        lacking("setfacl")
    lab.activate(environment)
    assert "an access list (ACL) forbids it" in lab.run(["safepip", "doctor"]).out


def test_a_folder_that_is_immutable(lab: Lab) -> None:
    site = site_of(lab.venv())
    argv = ["chattr", "+i", str(site)]
    if (
        shutil.which("chattr") is None
        or subprocess.run(argv, check=False, capture_output=True).returncode
    ):
        lacking("chattr +i")
    try:
        lab.write("pyproject.toml")
        status, found = doctor(lab)
        assert (status, set(found)) == (1, {"immutable"})
        assert "immutable" not in mended(lab, found["immutable"])
    finally:
        subprocess.run(["chattr", "-i", str(site)], check=True)


def test_a_user_without_a_name_is_a_note(lab: Lab) -> None:
    if not lab.user.dropped:
        lacking("root")
    lab.user = replace(lab.user, uid=1234567, gid=0)
    lab.give(lab.home)
    lab.give(lab.tmp)
    status, found = doctor(lab)
    assert (status, found["no-user"]["name"]) == (0, "1234567")
    assert found["no-user"]["commands"] == []


def test_strict_settings_are_notes(lab: Lab) -> None:
    status, found = doctor(lab, "export PIP_REQUIRE_VIRTUALENV=1 PYTHONNOUSERSITE=1")
    assert (status, set(found)) == (0, {"strict-setting"})


@pytest.mark.parametrize("value", ["0", "false", ""])
def test_a_variable_that_says_no_spoils_nothing(value: str, lab: Lab) -> None:
    assert doctor(lab, f"export PIP_USER={value} PIP_BREAK_SYSTEM_PACKAGES={value}") == (0, {})


def test_secrets_do_not_show(lab: Lab) -> None:
    done = lab.run(["safepip", "doctor"], env={"PIP_TARGET": "https://me:hunter2@host/x"})
    assert "spoiling-variable" in done.out
    assert "hunter2" not in done.out
