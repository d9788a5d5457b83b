"""Finds the Python that the user's pip belongs to, and asks it what it is and where it installs.

It answers by a small program that is run with it.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from safepip import runner, userpip
from safepip.machine import paths, scripts
from safepip.machine.ownership import look_at_place
from safepip.model.errors import UnavailableError
from safepip.model.interpreter import Interpreter
from safepip.model.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safepip.userpip import PipTarget


PROBE_TIMEOUT_S = 30.0
_HEAD_BYTES = 4096

# Runs under any Python from 2.7 on. ``-c`` puts the working directory first on sys.path, where a
# file called json.py would be run; nothing is imported before that entry is gone.
# Where pip installs: before Python 3.10 as distutils says, which a distributor's patches and
# setup.cfg have a say in. Source: pip, ``_internal/locations/__init__.py``.
# It leaves by os._exit: nobody is to wait for what Python puts away at its end.
_PROGRAM = r"""
import sys
if sys.path and sys.path[0] == "":
    del sys.path[0]
import json, os, site, sysconfig
def scheme():
    if sys.version_info < (3, 10):
        try:
            from distutils.dist import Distribution
            command = Distribution().get_command_obj("install", create=True)
            command.finalize_options()
            return {"purelib": command.install_purelib, "platlib": command.install_platlib,
                    "scripts": command.install_scripts, "data": command.install_data}
        except Exception:
            pass
    return sysconfig.get_paths()
def find_pip():
    for entry in sys.path:
        init = os.path.join(entry, "pip", "__init__.py")
        if os.path.isfile(init):
            with open(init, "rb") as file:
                text = file.read(1048576).decode("utf-8", "replace")
            for line in text.splitlines():
                if line.startswith("__version__"):
                    return line.split("=", 1)[1].strip().strip("\"'")
    return None
def has(name):
    return any(os.path.exists(os.path.join(entry, name)) for entry in sys.path)
paths, own = scheme(), sysconfig.get_paths()
base = getattr(sys, "real_prefix", None) or getattr(sys, "base_prefix", sys.prefix)
framework = getattr(sys, "_framework", "")
user_scheme = "nt_user" if os.name == "nt" else "posix_user"
if framework and sys.platform == "darwin":
    user_scheme = "osx_framework_user"
try:
    user_site, user_base = site.getusersitepackages(), site.getuserbase()
    user_scripts = sysconfig.get_path("scripts", user_scheme)
except Exception:
    user_site = user_base = user_scripts = None
marker = os.path.join(own["stdlib"], "EXTERNALLY-MANAGED")
try:
    implementation = sys.implementation.name
except AttributeError:
    implementation = "cpython"
sys.stdout.write(json.dumps({
    "executable": os.path.abspath(sys.executable), "version": list(sys.version_info[:3]),
    "implementation": implementation, "prefix": sys.prefix, "base_prefix": base,
    "purelib": paths["purelib"], "platlib": paths["platlib"], "scripts": paths["scripts"],
    "data": paths["data"], "user_site": user_site, "user_base": user_base,
    "user_scripts": user_scripts, "user_site_enabled": bool(site.ENABLE_USER_SITE)
    if hasattr(site, "ENABLE_USER_SITE") else False,
    "marker": marker if os.path.isfile(marker) and base == sys.prefix else None,
    "is_conda": os.path.isdir(os.path.join(sys.prefix, "conda-meta")),
    "pip_version": find_pip(), "has_venv": has("venv"),
    "search": [os.path.abspath(entry) for entry in sys.path],
    "stdlib": own["stdlib"], "framework": framework,
    "has_ensurepip": has(os.path.join("ensurepip", "__init__.py")),
}))
sys.stdout.flush()
os._exit(0)
"""


def python_of(target: PipTarget, env: Mapping[str, str]) -> tuple[str, ...]:
    """How to start the Python that *target* runs on, flags included.

    A pip script names it in its first line; a shim (pyenv, asdf, mise) is asked through its
    manager, and what remains through ``pip --version``.

    Raises:
        UnavailableError: nothing of that led to a Python.
    """
    return find_python(target, env)[0]


def find_python(target: PipTarget, env: Mapping[str, str]) -> tuple[tuple[str, ...], bool]:
    """As ``python_of``, and whether *target* is pip itself: no wrapper that may do more.

    Raises:
        UnavailableError: nothing led to a Python.
    """
    if target.python is not None:
        return target.python, True
    script = target.argv[0]
    for candidate in (script, _behind_shim(script, env)):
        python = shebang(candidate, env) if candidate is not None else None
        if candidate is not None and python is not None:
            return python, _is_pip(candidate)
    beside = _beside(script)
    python = beside or _python_by_version(target, env)
    if python is None:
        raise UnavailableError(Problem.WHICH_PYTHON, script=script)
    return python, beside is not None


def named_python(word: str) -> str:
    """The Python that ``pip --python`` takes *word* for, absolute: a file, or an environment.

    Source: pip, ``_internal/cli/main_parser.py``, ``identify_python_interpreter``.
    """
    path = os.path.abspath(word)
    return userpip.environment_python(path) or path if os.path.isdir(path) else path


_ENTRY = rb"^\s*from pip[. ]|load_entry_point\('pip|__requires__ = 'pip"


def _is_pip(script: str) -> bool:
    """Whether *script* is as installers write them for pip.

    Source: distlib, ``scripts.py``; setuptools, ``command/easy_install.py``.
    """
    return re.search(_ENTRY, scripts.text_of(Path(script)), re.MULTILINE) is not None


class Answer(NamedTuple):
    """What a Python said of itself, by the names that ``_PROGRAM`` gives it."""

    python: str
    said: Mapping[str, object]

    def path(self, key: str) -> PurePath | None:
        """The path *key*, if there is one."""
        return PurePath(value) if (value := self.text(key)) else None

    def needed(self, key: str) -> PurePath:
        """The path *key*.

        Raises:
            UnavailableError: there is none.
        """
        found = self.path(key)
        if found is None:
            raise UnavailableError(Problem.PYTHON_TELLS_NOT, python=self.python, key=key)
        return found

    def text(self, key: str) -> str | None:
        """The text *key*, if it is one."""
        value = self.said.get(key)
        return value if isinstance(value, str) else None

    def holds(self, key: str) -> bool:
        """Whether *key* is true."""
        return self.said.get(key) is True

    @property
    def version(self) -> tuple[int, int, int]:
        """Its version."""
        version = self.said.get("version")
        numbers = [int(part) for part in version] if isinstance(version, list) else [0, 0, 0]
        return numbers[0], numbers[1], numbers[2]

    @property
    def search(self) -> tuple[PurePath, ...]:
        """Its ``sys.path``."""
        search = self.said.get("search")
        return tuple(map(PurePath, search)) if isinstance(search, list) else ()


def ask(
    argv: tuple[str, ...], env: Mapping[str, str], timeout_s: float = PROBE_TIMEOUT_S
) -> Answer:
    """Ask the Python started by *argv* what it is.

    Raises:
        UnavailableError: it does not start or does not answer.
    """
    env = userpip.child_environment(env)
    done = runner.capture([*argv, "-c", _PROGRAM], env=env, timeout_s=timeout_s)
    try:
        return Answer(python=argv[0], said=dict(json.loads(done.stdout.decode("utf-8"))))
    except (ValueError, TypeError, RecursionError) as error:
        raise UnavailableError(Problem.PYTHON_FAILS, python=argv[0], why=done.why) from error


def look_at_interpreter(argv: tuple[str, ...], env: Mapping[str, str]) -> Interpreter:
    """The Python started by *argv*, and who may write where it installs.

    Raises:
        UnavailableError: it does not start or does not answer.
    """
    answer = ask(argv, env)
    pip_version, user_site = answer.text("pip_version"), answer.path("user_site")
    return Interpreter(
        argv=argv,
        executable=answer.needed("executable"),
        version=answer.version,
        implementation=str(answer.text("implementation")),
        prefix=answer.needed("prefix"),
        base_prefix=answer.needed("base_prefix"),
        purelib=look_at_place(answer.needed("purelib")),
        platlib=look_at_place(answer.needed("platlib")),
        scripts=look_at_place(answer.needed("scripts")),
        data=look_at_place(answer.needed("data")),
        user_site=None if user_site is None else look_at_place(user_site),
        user_base=answer.path("user_base"),
        user_scripts=answer.path("user_scripts"),
        user_site_enabled=answer.holds("user_site_enabled"),
        marker=answer.path("marker"),
        is_conda=answer.holds("is_conda"),
        pip_version=None if pip_version is None else version_tuple(pip_version),
        has_venv=answer.holds("has_venv"),
        search=answer.search,
    )


def version_tuple(text: str) -> tuple[int, ...]:
    """The leading numbers of a version: ``26.3.dev0`` is (26, 3)."""
    match = re.match(r"\d+(\.\d+)*", text)
    return tuple(int(part) for part in match.group().split(".")) if match else ()


def own_pip_version() -> tuple[int, ...] | None:
    """The version of the pip that safepip depends on, read without importing it."""
    directory = userpip.own_pip_dir()
    if directory is None:
        return None
    text = paths.text(Path(directory, "__init__.py"), errors="replace")
    match = re.search(r"""^__version__ = ["']([^"']+)""", text, re.MULTILINE)
    return version_tuple(match.group(1)) if match else None


def shebang(script: str, env: Mapping[str, str]) -> tuple[str, ...] | None:
    """The Python in the first line of *script*, with its flags; None for anything else."""
    words = _first_words(script, env)
    return words if words and userpip.is_executable(words[0]) else None


def is_stranded(script: PurePath, env: Mapping[str, str]) -> bool:
    """Whether the Python that *script* names is gone, as after its environment was moved."""
    words = _first_words(str(script), env)
    return bool(words) and not userpip.is_executable(words[0])


def _first_words(script: str, env: Mapping[str, str]) -> tuple[str, ...]:
    text = scripts.text_of(Path(script))
    words = scripts.words_of(text)
    lines = paths.in_words(text).splitlines()
    if words and os.path.basename(words[0]) in {"sh", "bash"}:
        # The form for paths too long for the kernel: '''exec' "/long/path/python" "$0" "$@"
        match = re.match(r"""'''exec'\s+"?([^"\s][^"]*?)"?\s+"\$0\"""", "".join(lines[1:2]))
        words = [match.group(1)] if match else []
    elif words and os.path.basename(words[0]) == "env":
        words = [word for word in words[1:] if word != "-S"]
        found = next(userpip.on_path(words[0], env), None) if words else None
        words = [found, *words[1:]] if found else []
    is_python = words and re.match(r"(python|pypy)", os.path.basename(words[0]))
    return tuple(words) if is_python else ()


def _behind_shim(script: str, env: Mapping[str, str]) -> str | None:
    """The real pip behind a version manager's shim, asked of that manager."""
    # mise's shims are links to itself; those of the others are scripts that exec it.
    # Source: mise, ``src/shims.rs``; pyenv, ``libexec/pyenv-rehash``.
    manager: str | None = os.path.realpath(script)
    if os.path.basename(manager or "") != "mise":
        head = os.fsdecode(paths.beginning(script, _HEAD_BYTES))
        match = re.search(r"""exec\s+["']?((?:/[^"'\s]+/)?(?:pyenv|asdf|mise))["']?\s""", head)
        manager = match[1] if head.startswith("#!") and match else None
    if manager is not None and not os.path.isabs(manager):
        manager = next(userpip.on_path(manager, env), None)
    if manager is None:
        return None
    argv = [manager, "which", os.path.basename(script)]
    child = userpip.child_environment(env)
    done = runner.capture(argv, env=child, timeout_s=PROBE_TIMEOUT_S)
    answer = os.fsdecode(done.stdout).strip()
    return answer if done.returncode == 0 and userpip.is_executable(answer) else None


def _beside(script: str) -> tuple[str, ...] | None:
    """For launchers that cannot be read (Windows): the Python of the same environment.

    Those of the Microsoft Store are empty files, ``pip3.11.exe`` beside ``python3.11.exe``.
    """
    if not userpip.WINDOWS:
        return None
    directory = Path(script).parent
    own = "python" + Path(script).stem.removeprefix("pip") + ".exe"
    names = (directory / own, directory / "python.exe", directory.parent / "python.exe")
    for candidate in names:
        if paths.is_file(candidate):
            return (str(candidate),)
    return None


def _python_by_version(target: PipTarget, env: Mapping[str, str]) -> tuple[str, ...] | None:
    """The Python next to the library that ``pip --version`` says pip is loaded from."""
    done = runner.capture(
        [*target.argv, "--version"],
        env=userpip.child_environment(env),
        timeout_s=PROBE_TIMEOUT_S,
    )
    text = done.stdout.decode("utf-8", "surrogateescape")
    # Source: pip, ``_internal/utils/misc.py``, ``get_pip_version``.
    match = re.search(r" from (.+) \(python (\d+\.\d+)\)", text)
    if not match:
        return None
    version = match.group(2)
    for parent in Path(match.group(1)).parents:
        for name in (f"bin/python{version}", "bin/python3", "python.exe"):
            candidate = parent / name
            if userpip.is_executable(str(candidate)):
                return (str(candidate),)
    return None
