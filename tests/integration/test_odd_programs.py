"""Programs that run pip themselves, with safepip as their pip, each beside bare pip."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment, install

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.lab import Lab
    from tests.support.pythons import Field

pytestmark = pytest.mark.long


def program(field: Field, *names: str) -> Path:
    """The scripts dir of an environment that holds the program, out of the machine's index."""
    environment = field.base / f"program-{names[0]}"
    if not environment.exists():
        python = str(field.modern().executable)
        subprocess.run([python, "-m", "venv", "--without-pip", environment], check=True)
        inner = str(environment / "bin/python")
        argv = [sys.executable, "-m", "pip", "--python", inner, "install", "-q", *names]
        done = subprocess.run(argv, check=False, env=field.index_env, capture_output=True)
        if done.returncode != 0:
            pytest.skip(f"no index for {names[0]}")
    return environment / "bin"


@pytest.fixture
def as_pip(lab: Lab) -> Lab:
    """A lab in which `pip` is safepip, by a link, for every program."""
    link = lab.home / "links"
    link.mkdir()
    (link / "pip").symlink_to(lab.safepip.path)
    lab.give(link)
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


def test_nox_installs_into_its_own_environment(as_pip: Lab, field: Field) -> None:
    lab = as_pip
    lab.env["PATH"] += f":{program(field, 'nox')}"
    lab.write(
        "noxfile.py",
        "import nox\n\n@nox.session(venv_backend='venv')\ndef tests(session):\n"
        "    session.install('labone')\n    session.run('pip', 'install', 'labnoscript')\n"
        "    session.run('python', '-c', 'import labone, labnoscript')\n",
    )
    done = lab.run(["nox", "-s", "tests"], timeout=300)
    assert done.returncode == 0, done
    assert not lab.user_site.exists()
    assert not (lab.cwd / ".venv").exists()


def test_tox_installs_into_its_own_environment(as_pip: Lab, field: Field) -> None:
    lab = as_pip
    lab.env["PATH"] += f":{program(field, 'tox')}"
    lab.write(
        "tox.ini",
        "[tox]\nskipsdist = true\n[testenv]\npackage = skip\ndeps = labone\npass_env = PIP_*\n"
        "commands =\n    pip install labnoscript\n    python -c 'import labone, labnoscript'\n",
    )
    bare = lab.run(["tox", "-q"], timeout=300, env={"PATH": lab.env["PATH"].partition(":")[2]})
    if bare.returncode != 0:
        pytest.skip("tox cannot look at the lab's Python, with bare pip either")
    lab.run(["rm", "-rf", ".tox"])
    done = lab.run(["tox", "-q"], timeout=300)
    assert done.returncode == 0, done
    assert not lab.user_site.exists()
    assert not (lab.cwd / ".venv").exists()


def test_pip_sync_leaves_a_made_environment_its_pip(lab: Lab, field: Field) -> None:
    told = install(lab, "labone", "labnoscript", own=["--strategy", "venv"])
    assert told.result.returncode == 0, told
    python = told.destination / "bin/python"
    lab.env["PATH"] += f":{program(field, 'pip-tools')}"
    lab.write("requirements.txt", "labone==2.0\n")
    words = ["pip-sync", "--python-executable", str(python), "requirements.txt"]
    done = lab.run(words, timeout=300)
    assert done.returncode == 0, done
    assert in_environment(lab, told.destination) == {"labone": "2.0"}
    assert lab.run([python, "-m", "pip", "--version"]).returncode == 0
    frozen = lab.run([python, "-m", "pip", "freeze", "--all"]).out
    assert "pip==" in frozen
    assert "file:" not in frozen


def test_pipdeptree_sees_a_made_environment(lab: Lab, field: Field) -> None:
    told = install(lab, "labdeps", own=["--strategy", "venv"])
    assert told.result.returncode == 0, told
    lab.env["PATH"] += f":{program(field, 'pipdeptree')}"
    done = lab.run(["pipdeptree", "--python", told.destination / "bin/python", "-p", "labdeps"])
    assert done.returncode == 0, done
    assert "labone" in done.out
