"""What only some systems have is asked of no other: by the sources, and by importing them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.missing import POSIX_ONLY, left_out
from tests.test_architecture import MODULES

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).parents[1]

# What Windows' Python lacks. Source: "Availability" in the documentation of os, signal, select.
_LACKING = """
os: chown execve fork forkpty getegid geteuid getgid getgroups getpgid getpgrp getsid getuid killpg
os: lchown listxattr mkfifo openpty set_blocking setpgid setsid statvfs sysconf tcgetpgrp tcsetpgrp
os: ttyname uname wait4 O_NOFOLLOW O_NONBLOCK ST_NOEXEC ST_RDONLY WNOHANG
signal: SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGUSR1
signal: SIGWINCH SIGXFSZ SIG_BLOCK SIG_SETMASK SIG_UNBLOCK alarm pthread_kill pthread_sigmask
signal: setitimer siginterrupt sigwait
select: POLLHUP POLLIN poll
"""
LACKING: dict[str, set[str]] = {}
for _line in _LACKING.split("\n")[1:-1]:
    _module, _, _names = _line.partition(":")
    LACKING.setdefault(_module, set()).update(_names.split())
POSIX_MODULES = frozenset(("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"))

# No part of these runs there: `runner.programs` and `runner.answers` ask for the system first.
NEVER_THERE = {"ahead", "runner.channel", "runner.child", "runner.relay", "runner.tree", "started"}
# Functions that are called behind a question for the system, or whose callers catch its absence.
ASKED_BEFORE = {
    ("flow.downloads", "_unpacked"),  # `_over` from the beginning
    ("index._helper", "_limit_memory"),  # ImportError
    ("machine.ownership", "_name_of"),  # `owner_of`, `own_name`
    ("machine.ownership", "has_acl"),  # AttributeError
    ("machine.ownership", "is_no_exec"),  # AttributeError
    ("profiles.login", "_from_accounts"),  # `look`; `verbs.path`
    ("runner.answers", "__enter__"),  # `capture`
    ("runner.answers", "_kill_session"),  # `ask`
    ("runner.answers", "_members"),
    ("runner.ends", "_die_of"),  # `exit_like`
    ("outputs", "_has_pseudo_terminals"),  # `can_watch`
    ("outputs", "_is_controlling"),  # there is no terminal there that has not this
    ("outputs", "open_ends"),  # as it is asked by `runner.channel` and `ahead`
    ("state", "write_atomically"),  # given an owner, by `profiles.line`
    ("userpip", "_become"),  # ends before, by `sys.exit`
}


def _asks(test: ast.AST) -> bool:
    text = ast.unparse(test)
    return any(word in text for word in ("sys.platform", "WINDOWS", "os.name", "hasattr"))


def _used(node: ast.AST, function: str, *, asked: bool) -> Iterator[tuple[str, str]]:
    """What *node* uses of what Windows lacks, with the function, where nobody *asked* before."""
    if isinstance(node, ast.FunctionDef):
        function = node.name
    if not asked:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in LACKING.get(node.value.id, set()):
                yield function, f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Import):
            yield from ((function, one.name) for one in node.names if one.name in POSIX_MODULES)
    here = asked or (isinstance(node, (ast.BoolOp, ast.IfExp)) and _asks(node))
    for _, value in ast.iter_fields(node):
        below = here
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST):
                continue
            is_question = isinstance(child, ast.If) and _asks(child.test)
            yield from _used(child, function, asked=below or is_question)
            # What follows an early end has been asked for.
            if is_question and isinstance(child.body[-1], (ast.Return, ast.Raise)):  # type: ignore[attr-defined]
                below = True


@pytest.mark.parametrize("module", [one for one in MODULES if one not in NEVER_THERE])
def test_what_windows_lacks_is_used_behind_a_question(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    used = {
        (function, what)
        for function, what in _used(tree, "", asked=False)
        if (module, function) not in ASKED_BEFORE
    }
    assert not used


def test_the_exceptions_are_still_needed() -> None:
    for module, function in ASKED_BEFORE:
        tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
        assert function in {name for name, _ in _used(tree, "", asked=False)}, (module, function)


def _needs_posix() -> set[str]:
    """The modules of tests that import at their start what Windows lacks, by others too."""
    found = set(POSIX_MODULES)
    modules = {
        ".".join(("tests", *path.relative_to(TESTS).with_suffix("").parts)): ast.parse(
            path.read_text(encoding="utf-8")
        ).body
        for path in TESTS.rglob("*.py")
    }
    before = None
    while before != found:
        before = set(found)
        for name, body in modules.items():
            for node in body:
                if isinstance(node, ast.Import):
                    used = {one.name for one in node.names}
                elif isinstance(node, ast.ImportFrom):
                    used = {str(node.module), *(f"{node.module}.{one.name}" for one in node.names)}
                else:
                    continue
                found |= {name} if used & found else set()
    return found - POSIX_MODULES


def test_what_windows_collects_it_can_import() -> None:
    needs = {one.removeprefix("tests.").split(".")[0] for one in _needs_posix()}
    assert needs - {"support"} == set(POSIX_ONLY)
    assert all(Path(TESTS, folder).is_dir() for folder in POSIX_ONLY)
    assert [line.split(":")[0] for line in left_out("win32")] == [
        "tests/integration",
        "tests/runner",
    ]
    assert left_out("linux") == []


# All that is of the standard library comes first: it may ask the system for what it is. Then what
# Windows lacks is taken away, and each module of ours is imported as there.
IMPORTS = r"""
import importlib, os, pathlib, select, signal, sys, types
for name in {standard}:
    importlib.import_module(name)
import colorama, filelock, packaging.requirements, packaging.specifiers, packaging.version
import platformdirs, platformdirs.windows
for name in {posix}:
    sys.modules[name] = None
lacking = {lacking}
for name in lacking:
    for one in lacking[name]:
        if hasattr(sys.modules[name], one):
            delattr(sys.modules[name], one)
sys.modules["winreg"] = types.ModuleType("winreg")
sys.platform = "win32"
os.name = "nt"
pathlib.WindowsPath = pathlib.PosixPath  # the true one refuses to be made here
for name in {modules}:
    importlib.import_module(name)
print(*sorted(one for one in sys.modules if one.startswith("safepip.runner")))
"""


def _standard_modules() -> set[str]:
    found = set()
    for path in MODULES.values():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
    usual = {one for one in found if one.split(".")[0] in sys.stdlib_module_names}
    return usual - POSIX_MODULES - {"winreg", "msvcrt", "_typeshed"}


@pytest.mark.skipif(sys.platform == "win32", reason="takes away what is not there")
def test_every_module_can_be_imported_without_what_windows_lacks() -> None:
    ours = {
        f"safepip.{one}" for one in MODULES if one not in {*NEVER_THERE, "__init__", "__main__"}
    }
    program = IMPORTS.format(
        standard=sorted(_standard_modules() - {"tomli"}),
        posix=sorted(POSIX_MODULES),
        lacking={name: sorted(lacking) for name, lacking in LACKING.items()},
        modules=sorted(ours - {"safepip.index._helper"}),  # a program of its own
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "safepip.runner.windows" in loaded
    assert not {"safepip.runner.channel", "safepip.runner.child", "safepip.runner.relay"} & loaded
