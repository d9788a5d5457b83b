"""Programs that run pip themselves, with safepip as their pip, each beside bare pip."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment, install
from tests.support.guard import REAL_HOME
from tests.support.missing import lacking
from tests.support.pythons import or_skip

if TYPE_CHECKING:
    from tests.support.index import Index
    from tests.support.lab import Lab, LabMaker, Result
    from tests.support.pythons import Field

long = pytest.mark.long


def program(lab: Lab, name: str, *more: str) -> Path:
    """The scripts dir of an environment that holds the program, out of the machine's index."""
    field, python = lab.field, lab.python

    def build(folder: Path) -> dict[str, str]:
        argv = [str(python.executable), "-m", "venv", "--without-pip", str(folder)]
        subprocess.run(argv, check=True)
        into = ["--python", str(folder / "bin/python"), "install", "-q", name, *more]
        field.own_pip(into, missing=f"{name} in a package index")
        return {}

    made_of = (python.prefix, *more)
    made = or_skip(lambda: field.store.once(f"program-{name}", made_of, build))
    return Path(made["folder"], "bin")


@pytest.fixture
def as_pip(lab: Lab) -> Lab:
    """A lab in which `pip` is safepip, by a link, for every program."""
    return with_links(lab)


def with_links(lab: Lab) -> Lab:
    link = lab.folder / "links"
    link.mkdir()
    (link / "pip").symlink_to(lab.safepip.path)
    lab.env["PATH"] = f"{link}:{lab.env['PATH']}"
    return lab


def test_make_goes_on_after_its_pip(as_pip: Lab) -> None:
    lab = as_pip
    lab.write("requirements.txt", "labone\n")
    lab.write("Makefile", "all:\n\tpip install -r requirements.txt\n\t.venv/bin/labone\n")
    done = lab.run(["make", "--no-print-directory"])
    assert done.returncode == 0, done
    assert done.out.endswith("labone 2.0\n")


def test_a_script_that_stops_at_the_first_error(as_pip: Lab) -> None:
    lab = as_pip
    script = "set -eu; pip --version; pip install labnoscript; pip list; pip check"
    done = lab.run(["bash", "-c", script])
    assert done.returncode == 0, done


# Each program once with bare pip and once with ours first on PATH, in the same surroundings: it
# ends alike, what it leaves is the same files, and what it then runs says the same.

SETUP = (
    '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
    '[project]\nname = "mine"\nversion = "1"\n[tool.setuptools]\npy-modules = ["mine"]\n'
)
NOX = """\
import nox

@nox.session(venv_backend="venv")
def tests(session):
    session.install("labone")
    session.run("pip", "install", "labnoscript")
    session.run("python", "-c", "import labone, labnoscript; print('both')")
"""
TOX = """\
[tox]
skipsdist = true
[testenv]
package = skip
deps = labone
pass_env = PIP_*
commands =
    pip install labnoscript
    python -c "import labone, labnoscript; print('both')"
"""
HOOK = """\
repos:
- repo: local
  hooks:
  - {id: one, name: one, language: python, entry: labone, additional_dependencies: [labone],
     always_run: true, pass_filenames: false, verbose: true}
"""
HATCH = SETUP + (
    '[tool.hatch.envs.default]\nskip-install = true\ndependencies = ["labone"]\n'
    '[tool.hatch.build.targets.wheel]\nonly-include = ["mine.py"]\n'
)
POETRY = """\
[project]
name = "mine"
version = "1"
requires-python = ">=3.10,<4"
dependencies = ["labone"]
[tool.poetry]
package-mode = false
[[tool.poetry.source]]
name = "lab"
url = "URL"
"""
PIPFILE = """\
[[source]]
url = "URL"
verify_ssl = false
name = "lab"
[packages]
labone = "*"
"""

PLAY = """\
- hosts: all
  connection: local
  gather_facts: false
  vars: {ansible_python_interpreter: "{{ ansible_playbook_python }}"}
  tasks:
  - pip: {name: labone, virtualenv: "{{ playbook_dir }}/env"}
"""
BY_VIRTUALENV = {"tox", "pre-commit", "pipenv", "hatch", "poetry"}
PROGRAMS: dict[str, tuple[dict[str, str], str]] = {
    "build": (
        {"pyproject.toml": SETUP, "mine.py": ""},
        "pyproject-build -w . >log 2>&1 || { cat log; exit 1; }; ls dist",
    ),
    "nox": ({"noxfile.py": NOX}, "nox -s tests"),
    "tox": ({"tox.ini": TOX}, "tox -q | grep -v seconds"),
    "pre-commit": (
        {".pre-commit-config.yaml": HOOK},
        "git init -q . && git add . && pre-commit run -a | grep -v -e duration -e INFO",
    ),
    "pipenv": ({"Pipfile": PIPFILE}, "pipenv -q install && pipenv -q run labone"),
    "hatch": ({"pyproject.toml": HATCH, "mine.py": ""}, "hatch -q run labone"),
    "poetry": ({"pyproject.toml": POETRY}, "poetry -q install && poetry run labone"),
    "pip-tools": (
        {"requirements.in": "labdeps\n"},
        "pip-compile -q --no-emit-find-links --strip-extras && cat requirements.txt",
    ),
    "ansible-core": (
        {"play.yml": PLAY},
        "python3 -m venv env; ansible-playbook -i localhost, play.yml >log; env/bin/labone",
    ),
}


@long
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_does_as_with_bare_pip(
    name: str, make_lab: LabMaker, field: Field, index: Index
) -> None:
    files, script = PROGRAMS[name]
    # virtualenv looks at what the lab's own Pythons are copies of, and may not.
    lab = make_lab(field.debian() if name in BY_VIRTUALENV else field.modern())
    lab.env["PATH"] += f":{program(lab, name)}"
    lab.env |= {"PIPENV_VENV_IN_PROJECT": "1", "PIPENV_NOSPIN": "1"}
    lab.env |= {
        f"ANSIBLE_{one}_TEMP": str(lab.home / ".ansible/tmp") for one in ("LOCAL", "REMOTE")
    }
    if name in {"poetry", "pipenv"}:
        lab.use_index(index)
    plain = lab.env["PATH"]
    linked = with_links(lab).env["PATH"]

    def tried(path: str) -> tuple[Result, set[str]]:
        lab.reset()
        lab.env["PATH"] = path
        for file, text in files.items():
            lab.write(file, text.replace("URL", index.url))
        done = lab.run(["bash", "-c", script], timeout=600)
        return done, {one for one in lab.snapshot(ignore=("~/.cache", "$TMPDIR")) if _is_near(one)}

    bare, before = tried(plain)
    ours, after = tried(linked)
    assert bare.returncode == 0, bare
    assert ours.returncode == 0, (bare, ours)
    assert ours.out == bare.out, (bare, ours)
    assert after == before, (bare, ours)


def _is_near(path: str) -> bool:
    """Not so deep that names are made up anew each time."""
    return path.count("/") < 3 and "/.ansible" not in path


NOTEBOOK = """\
import sys
from jupyter_client.manager import start_new_kernel

manager, client = start_new_kernel(kernel_name="python3")

def show(message):
    content = message["content"]
    print(content.get("text") or content.get("evalue") or "", end="", flush=True)

try:
    for cell in sys.argv[1:]:
        done = client.execute_interactive(cell, output_hook=show, timeout=300)
        print(">", done["content"]["status"])
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
"""


@long
def test_a_real_notebook_imports_at_once_what_it_installs(field: Field, make_lab: LabMaker) -> None:
    """In a project, by `!pip` and by `%pip`; where the user site is new, after a restart."""
    lab = with_links(make_lab(field.modern(private="notebook")))
    into = ["--python", str(lab.python.executable), "install", "-q", "ipykernel", "jupyter-client"]
    or_skip(lambda: field.own_pip(into, missing="ipykernel in a package index"))
    lab.write("pyproject.toml")
    lab.write("notebook.py", NOTEBOOK)
    cells = ["!pip install labone", "import labone", "%pip install labnoscript"]
    run = [str(lab.python.executable), "notebook.py", *cells, "import labnoscript; print('both')"]
    first = lab.run(run, timeout=600)
    assert "Restart the kernel once" in first.out, first
    lab.run(["rm", "-r", *lab.user_site.iterdir()])
    done = lab.run(run, timeout=600)
    assert done.out.endswith("both\n> ok\n"), done
    assert done.out.count("> ok\n") == len(run) - 2
    assert "which this notebook can import from" in done.out
    assert lab.installed(lab.user_site) == {"labone": "2.0", "labnoscript": "1.0"}
    assert not (lab.cwd / ".venv").exists()


@long
@pytest.mark.parametrize("how", ["link", "functions"])
def test_direnv_s_environment_is_the_active_one(how: str, lab: Lab) -> None:
    if shutil.which("direnv") is None:
        lacking("direnv")
    lab.write(".envrc", "layout python3\n")
    script = "pip install -q labone && labone"
    if how == "functions":
        script = f'eval "$(safepip init bash)"; {script}'
    else:
        with_links(lab)
    done = lab.run(["bash", "-c", f"direnv allow . && direnv exec . bash -c '{script}'"])
    assert (done.returncode, done.out) == (0, "labone 2.0\n"), done
    (environment,) = (lab.cwd / ".direnv").glob("python-*")
    assert in_environment(lab, environment) == {"labone": "2.0"}
    assert not lab.user_site.exists()


@long
@pytest.mark.parametrize("project", [True, False])
def test_a_real_pyenv_s_shim_is_looked_through(project: bool, lab: Lab) -> None:
    """Its shim for pip does not become pip: it waits, to make new shims afterwards."""
    pyenv = REAL_HOME / ".pyenv"
    if not (pyenv / "libexec/pyenv").exists():
        lacking("pyenv")
    root = lab.write("../.pyenv/versions/x").parents[1]
    (root / "versions/x").unlink()
    for name in ("bin", "libexec", "pyenv.d", "completions"):
        shutil.copytree(pyenv / name, root / name, symlinks=True)
    (root / "versions" / lab.python.full_version).symlink_to(lab.python.prefix)
    lab.give(root)
    lab.env |= {"PYENV_ROOT": str(root), "PYENV_VERSION": lab.python.full_version}
    # As a profile has it: the shims, and pyenv itself.
    folder = f"{lab.safepip.folder}:{root}/shims:{root}/bin"
    lab.env["PATH"] = f"{folder}:/usr/bin:/bin"
    assert lab.run(["pyenv", "rehash"]).returncode == 0
    assert lab.run(["safepip", "--version"]).same == lab.run(["pip", "--version"]).same
    if project:
        lab.write("pyproject.toml")
    told = install(lab, "labone")
    assert told.result.returncode == 0, told
    assert told.where[1] == ("project" if project else "user-site"), told
    assert lab.user_site.exists() is not project
    command = told.report["next_command"] or ":"
    done = lab.run(["bash", "-c", f"{command}; labone; python -c 'import labone'"])
    assert done.out == "labone 2.0\n", (told, done)


@pytest.mark.parametrize("own", [True, False])
def test_conda_s_layout(own: bool, field: Field, make_lab: LabMaker) -> None:
    """An environment of the user's own is pip's to fill; root's base is seen by the new one."""
    lab = make_lab(field.modern(private=f"conda-layout-{own}", installed=["labnoscript"]))
    if not lab.user.dropped:
        lacking("root")
    (lab.python.prefix / "conda-meta").mkdir(exist_ok=True)
    (lab.python.prefix / "conda-meta/history").touch()
    lab.env |= {"CONDA_PREFIX": str(lab.python.prefix), "CONDA_DEFAULT_ENV": "base"}
    if own:
        lab.give(lab.python.prefix)
        bare = lab.bare(["install", "labone"])
        assert lab.bare(["uninstall", "-qy", "labone"]).returncode == 0
        done = lab.run(["safepip", "install", "labone"])
        assert done.same == bare.same
        return
    told = install(lab, "labone")
    assert told.where[1] == "personal", told
    command = told.report["next_command"]
    script = f"{command}; python3 -c 'import labone, labnoscript' && echo both"
    assert lab.run(["bash", "-c", script]).out == "both\n", told
    assert not lab.user_site.exists()


@long
def test_pip_sync_leaves_a_made_environment_its_pip(lab: Lab) -> None:
    told = install(lab, "labone", "labnoscript", own=["--strategy", "venv"])
    assert told.result.returncode == 0, told
    python = told.destination / "bin/python"
    lab.env["PATH"] += f":{program(lab, 'pip-tools')}"
    lab.write("requirements.txt", "labone==2.0\n")
    words = ["pip-sync", "--python-executable", str(python), "requirements.txt"]
    done = lab.run(words, timeout=300)
    assert done.returncode == 0, done
    assert in_environment(lab, told.destination) == {"labone": "2.0"}
    assert lab.run([python, "-m", "pip", "--version"]).returncode == 0
    frozen = lab.run([python, "-m", "pip", "freeze", "--all"]).out
    assert "pip==" in frozen
    assert "file:" not in frozen


@long
def test_pipdeptree_sees_a_made_environment(lab: Lab) -> None:
    told = install(lab, "labdeps", own=["--strategy", "venv"])
    assert told.result.returncode == 0, told
    lab.env["PATH"] += f":{program(lab, 'pipdeptree')}"
    done = lab.run(["pipdeptree", "--python", told.destination / "bin/python", "-p", "labdeps"])
    assert done.returncode == 0, done
    assert "labone" in done.out
