"""Which pip is the user's: small stand-ins in folders of the test, found as contract §2 says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safepip import userpip
from safepip.machine import interpreter
from safepip.model.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts of POSIX systems")

# What pip writes, and what pipx, uv and hand-made wrappers write for safepip.
PIP = "#!{python}\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n"
SAFEPIP = "#!{python}\nimport sys\nfrom safepip.cli import main\nsys.exit(main())\n"
PYENV_SHIM = (
    '#!/usr/bin/env bash\nset -e\nprogram="${{0##*/}}"\nexec "/opt/pyenv" exec "$program" "$@"\n'
)


class Shelf:
    """Folders for PATH, with programs in them."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.path: list[Path] = []
        self.env: dict[str, str] = {}

    def put(self, where: str, text: str = PIP) -> Path:
        """A program; its folder goes to the end of PATH if it is not there."""
        file = self.base / where
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.format(python=sys.executable))
        file.chmod(0o755)
        if file.parent not in self.path and "env" not in file.parts:
            self.path.append(file.parent)
        return file

    def environment(self, where: str, *, pip: bool = True) -> Path:
        """A virtual environment: no more of it than looking needs."""
        prefix = self.base / where
        (prefix / "bin").mkdir(parents=True)
        (prefix / "pyvenv.cfg").write_text("home = /usr/bin\n")
        (prefix / "bin/python").symlink_to(sys.executable)
        if pip:
            self.put(f"{where}/bin/pip")
            self.path = [one for one in self.path if one != prefix / "bin"]
        return prefix

    def find(self, *, as_module: bool = False, **env: str) -> userpip.PipTarget | None:
        """What `find_pip` finds."""
        path = os.pathsep.join(map(str, self.path))
        return userpip.find_pip({"PATH": path, **self.env, **env}, as_module=as_module)

    def found(self, **env: str) -> str:
        """The program that it finds, which must be one word."""
        path = os.pathsep.join(map(str, self.path))
        target = userpip.find_pip({"PATH": path, **self.env, **env}, as_module=False)
        assert target is not None
        (word,) = target.argv
        return word


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_the_first_pip_on_path_is_the_users(shelf: Shelf) -> None:
    first, _ = shelf.put("one/pip"), shelf.put("two/pip")
    assert shelf.found() == str(first)


def test_it_tells_by_which_step_it_was_found(shelf: Shelf) -> None:
    def why(*, as_module: bool = False, **env: str) -> str:
        target = shelf.find(as_module=as_module, **env)
        assert target is not None
        return target.why

    shelf.put("one/python3")
    assert why() == "lent"
    pip = shelf.put("one/pip")
    assert why(SAFEPIP_AS="pip3") == "path"
    assert why(as_module=True) == "module"
    assert why(SAFEPIP_AS=str(pip)) == "alias"
    for holds in (True, False):
        inside = shelf.environment(f"env{holds}", pip=holds)
        assert why(VIRTUAL_ENV=str(inside)) == "active"


def test_pip_comes_before_pip3_wherever_they_are(shelf: Shelf) -> None:
    shelf.put("one/pip3")
    pip = shelf.put("two/pip")
    assert shelf.found() == str(pip)


def test_pip3_serves_where_there_is_no_pip(shelf: Shelf) -> None:
    shelf.put("one/unrelated")
    pip3 = shelf.put("two/pip3")
    assert shelf.found() == str(pip3)


def test_what_cannot_be_run_is_passed_over(shelf: Shelf) -> None:
    shelf.put("one/pip").chmod(0o644)
    (shelf.base / "folder/pip").mkdir(parents=True)
    shelf.path.append(shelf.base / "folder")
    pip = shelf.put("two/pip")
    assert shelf.found() == str(pip)


def test_a_relative_entry_of_path_is_not_searched(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.put("here/pip")
    monkeypatch.chdir(shelf.base / "here")
    pip = shelf.put("two/pip")
    for entry in (".", "", "./here"):
        shelf.env["PATH"] = f"{entry}{os.pathsep}{pip.parent}"
        assert shelf.found() == str(pip)


# Safepip itself.


@pytest.mark.parametrize(
    "text",
    [
        SAFEPIP,
        '#!/bin/sh\nexec safepip "$@"\n',
        '#!/usr/bin/env bash\nexec /opt/safepip/bin/python -m safepip "$@"\n',
    ],
    ids=["console script", "wrapper", "wrapper of python -m"],
)
def test_a_pip_that_is_safepip_is_passed_over(text: str, shelf: Shelf) -> None:
    shelf.put("one/pip", text)
    pip = shelf.put("two/pip")
    assert shelf.found() == str(pip)


def test_a_pip_that_is_a_link_to_safepip_is_passed_over(shelf: Shelf) -> None:
    target = shelf.put("tools/safepip", SAFEPIP)
    shelf.path.remove(target.parent)
    link = shelf.put("one/pip")
    link.unlink()
    link.symlink_to(target)
    assert shelf.find() is None
    pip = shelf.put("two/pip")
    assert shelf.found() == str(pip)


def test_a_real_pip_in_a_folder_called_safepip_is_a_pip(shelf: Shelf) -> None:
    python = shelf.base / "safepip/env/bin/python"
    text = PIP.replace("{python}", str(python))
    pip = shelf.put("one/pip", text)
    assert shelf.found() == str(pip)


@pytest.mark.parametrize("home", ["/home/safepip", "/srv/safepip-tools", "/opt/my.safepip"])
def test_a_shim_in_a_folder_of_that_name_is_a_pip(home: str, shelf: Shelf) -> None:
    shim = shelf.put("one/pip", PYENV_SHIM.replace("/opt/pyenv", f"{home}/.pyenv/bin/pyenv"))
    assert shelf.found() == str(shim)


def test_a_shim_is_the_users_pip(shelf: Shelf) -> None:
    shim = shelf.put("shims/pip", PYENV_SHIM)
    shelf.put("two/pip")
    assert shelf.found() == str(shim)


def test_a_link_to_a_pip_is_a_pip(shelf: Shelf) -> None:
    pip = shelf.put("real/pip")
    shelf.path.clear()
    link = shelf.put("one/pip")
    link.unlink()
    link.symlink_to(pip)
    assert shelf.found() == str(link)


def test_where_only_safepip_is_called_pip_python_is_served(shelf: Shelf) -> None:
    shelf.put("one/pip", SAFEPIP)
    shelf.put("one/python3", "#!/bin/sh\n")
    target = shelf.find()
    assert target is not None
    assert target.own_pip
    assert target.argv[0] == str(shelf.base / "one/python3")
    assert target.python == target.argv[:1]
    assert Path(target.argv[1]).name == "__pip-runner__.py"


def test_where_there_is_nothing_nothing_is_found(shelf: Shelf) -> None:
    shelf.put("one/unrelated")
    assert shelf.find() is None


# The active environment.


@pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_the_active_environments_pip_comes_before_path(variable: str, shelf: Shelf) -> None:
    shelf.put("one/pip")
    prefix = shelf.environment("env")
    assert shelf.found(**{variable: str(prefix)}) == str(prefix / "bin/pip")


def test_a_virtual_environment_comes_before_condas(shelf: Shelf) -> None:
    one, two = shelf.environment("env"), shelf.environment("conda/env")
    found = shelf.found(VIRTUAL_ENV=str(one), CONDA_PREFIX=str(two))
    assert found == str(one / "bin/pip")


def test_an_active_environment_without_pip_is_served_by_safepips(shelf: Shelf) -> None:
    shelf.put("one/pip")
    prefix = shelf.environment("env", pip=False)
    for alias in ("", "pip", "pip3"):
        target = shelf.find(VIRTUAL_ENV=str(prefix), SAFEPIP_AS=alias)
        assert target is not None
        assert target.own_pip
        assert target.argv[0] == str(prefix / "bin/python")


def test_an_active_environment_whose_pip_is_safepip_is_served_by_safepips(shelf: Shelf) -> None:
    prefix = shelf.environment("env", pip=False)
    shelf.put("env/bin/pip", SAFEPIP)
    target = shelf.find(VIRTUAL_ENV=str(prefix))
    assert target is not None
    assert target.own_pip


@pytest.mark.parametrize("prefix", ["gone", ""])
def test_a_stale_environment_counts_as_none(prefix: str, shelf: Shelf) -> None:
    pip = shelf.put("one/pip")
    assert shelf.found(VIRTUAL_ENV=prefix and str(shelf.base / prefix)) == str(pip)


# What a shell function stands for.


def test_a_version_that_is_stood_for_comes_before_the_active_environment(shelf: Shelf) -> None:
    prefix = shelf.environment("env")
    shelf.put("one/pip")
    versioned = shelf.put("two/pip3.12")
    assert shelf.found(VIRTUAL_ENV=str(prefix), SAFEPIP_AS="pip3.12") == str(versioned)
    assert shelf.found(SAFEPIP_AS=str(versioned)) == str(versioned)


def test_another_pip_is_no_stand_in_for_one_that_is_not_there(shelf: Shelf) -> None:
    shelf.put("one/pip")
    assert shelf.find(SAFEPIP_AS="pip3.9") is None
    assert shelf.find(SAFEPIP_AS=str(shelf.base / "pip3.9")) is None


def test_pip3_that_is_stood_for_is_looked_for_first(shelf: Shelf) -> None:
    pip, pip3 = shelf.put("one/pip"), shelf.put("two/pip3")
    assert shelf.found(SAFEPIP_AS="pip3") == str(pip3)
    assert shelf.found(SAFEPIP_AS="pip") == str(pip)


# As a module.


def test_as_a_module_its_own_python_is_meant(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shelf.base)
    shelf.put("one/pip")
    prefix = shelf.environment("env")
    target = shelf.find(as_module=True, VIRTUAL_ENV=str(prefix))
    assert target is not None
    assert target.argv == (sys.executable, "-m", "pip")
    assert not target.own_pip


@pytest.mark.parametrize("name", ["pip.py", "pip/__init__.py"])
def test_as_a_module_no_pip_of_the_working_directory_is_run(
    name: str, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = shelf.base / name
    trap.parent.mkdir(exist_ok=True)
    trap.write_text("print('trapped')\n")
    monkeypatch.chdir(shelf.base)
    target = shelf.find(as_module=True)
    assert target is not None
    done = subprocess.run([*target.argv, "--version"], capture_output=True, check=True)
    assert done.stdout.startswith(b"pip ")


# Safepip's own environment.

_ASK = """\
import json, os, sys
from safepip import userpip
target = userpip.find_pip(os.environ, as_module=False)
print(json.dumps(None if target is None else target.argv))
"""


def _own_environment(base: Path) -> Path:
    """A virtual environment that runs this very safepip, with a pip in it."""
    prefix = base / "own"
    argv = [sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(prefix)]
    subprocess.run(argv, check=True)
    site = next((prefix / "lib").glob("python3*")) / "site-packages"
    (site / "safepip.pth").write_text(f"{Path(userpip.__file__).parents[1]}\n")
    for name in ("pip", "pip3"):
        (prefix / "bin" / name).write_text(PIP.format(python=prefix / "bin/python"))
        (prefix / "bin" / name).chmod(0o755)
    return prefix


def _ask(prefix: Path, env: Mapping[str, str]) -> list[str] | None:
    argv = [str(prefix / "bin/python"), "-c", _ASK]
    done = subprocess.run(argv, env=dict(env), capture_output=True, check=True)
    answer: list[str] | None = json.loads(done.stdout)
    return answer


def test_safepips_own_environment_is_never_the_users(shelf: Shelf) -> None:
    own = _own_environment(shelf.base)
    pip = shelf.put("two/pip")
    path = f"{own}/bin{os.pathsep}{pip.parent}"
    assert _ask(own, {"PATH": path}) == [str(pip)]
    # Nor by a link to its pip, nor by its python.
    (shelf.base / "links").mkdir()
    (shelf.base / "links/pip").symlink_to(own / "bin/pip")
    assert _ask(own, {"PATH": f"{shelf.base}/links{os.pathsep}{path}"}) == [str(pip)]
    assert _ask(own, {"PATH": f"{own}/bin"}) is None
    # Unless that is where the user stands.
    assert _ask(own, {"PATH": path, "VIRTUAL_ENV": str(own)}) == [str(own / "bin/pip")]


# Which Python a pip belongs to.


def _python_of(script: Path, env: Mapping[str, str] | None = None) -> tuple[str, ...]:
    return interpreter.python_of(userpip.PipTarget([str(script)]), env or {"PATH": "/usr/bin:/bin"})


def test_the_python_of_a_pip_is_in_its_first_line(shelf: Shelf) -> None:
    assert _python_of(shelf.put("one/pip")) == (sys.executable,)


def test_the_flags_in_the_first_line_belong_to_it(shelf: Shelf) -> None:
    text = PIP.replace("{python}", f"{sys.executable} -sE")
    assert _python_of(shelf.put("one/pip", text)) == (sys.executable, "-sE")


def test_a_long_first_line_is_written_over_two(shelf: Shelf) -> None:
    text = f"#!/bin/sh\n'''exec' \"{sys.executable}\" \"$0\" \"$@\"\n' '''\n"
    assert _python_of(shelf.put("one/pip", text)) == (sys.executable,)


def test_env_in_the_first_line_is_followed(shelf: Shelf) -> None:
    python = shelf.put("one/python3", "#!/bin/sh\n")
    script = shelf.put("one/pip", "#!/usr/bin/env python3\n")
    env = {"PATH": f"{python.parent}:/usr/bin:/bin"}
    assert _python_of(script, env) == (str(python),)


def test_the_python_behind_a_pyenv_shim_is_found(shelf: Shelf) -> None:
    real = shelf.put("versions/bin/pip")
    pyenv = shelf.put("tools/pyenv", f'#!/bin/sh\n[ "$1" = which ] && echo "{real}"\n')
    shim = shelf.put("shims/pip", PYENV_SHIM.replace("/opt/pyenv", str(pyenv)))
    env = {"PATH": f"{shim.parent}:{shelf.base}/tools:/usr/bin:/bin"}
    assert _python_of(shim, env) == (sys.executable,)


def test_a_wrapper_of_another_language_is_asked(shelf: Shelf) -> None:
    script = shelf.put("one/pip", f'#!/bin/sh\nexec "{sys.executable}" -m pip "$@"\n')
    (python,) = _python_of(script)
    assert Path(python).samefile(sys.executable)


def test_what_leads_to_no_python_is_said_to(shelf: Shelf) -> None:
    script = shelf.put("one/pip", "#!/bin/sh\nexit 1\n")
    with pytest.raises(UnavailableError, match="which-python"):
        _python_of(script)
