"""Who may import whom, read from the sources; and what a start costs.

The one table to change when a room is added: a row a room, below all that it may import.
"""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import safepip
from safepip import cli
from safepip.reading import arguments

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(safepip.__file__).parent
_TEXT = "model reading policy shells"
_HANDS = "runner machine index console state history settings profiles destinations userpip"

# Room: its kind, and the rooms that it may import. A row names only rooms above it, so no circle
# can be between rooms. "late" are imports inside functions that the row does not allow otherwise.
ROOMS: dict[str, tuple[str, str]] = {
    "__init__": ("pure", ""),
    "model": ("pure", "__init__"),
    "reading": ("pure", "model"),
    "policy": ("pure", "model reading"),
    "shells": ("pure", "model reading"),
    "care": ("pure", "model shells"),
    "logs": ("pure", _TEXT),
    "wording": ("pure", f"{_TEXT} logs __init__"),
    "userpip": ("door", ""),
    "outputs": ("door", ""),
    "started": ("door", "outputs"),
    "ahead": ("door", "outputs started"),
    "runner": ("acts", "model reading userpip outputs started ahead"),
    "machine": ("looks", f"{_TEXT} userpip runner"),
    "index": ("looks", f"{_TEXT} userpip runner machine"),
    "console": ("acts", "model reading wording machine"),
    "state": ("acts", "model machine"),
    "history": ("acts", "model reading machine state"),
    "moved": ("door", ""),
    "settings": ("acts", "model reading machine"),
    "profiles": ("acts", f"{_TEXT} userpip runner machine state"),
    "destinations": (
        "acts",
        f"{_TEXT} wording userpip runner machine index console state settings",
    ),
    "flow": ("acts", f"{_TEXT} wording {_HANDS} outputs ahead"),
    "verbs": ("acts", f"{_TEXT} wording logs {_HANDS} flow care moved __init__"),
    "bugs": ("acts", "reading wording console state moved __init__"),
    "cli": ("door", f"{_TEXT} wording {_HANDS} flow verbs moved ahead bugs __init__"),
    "__main__": ("door", "cli"),
}
LATE = {("userpip", "runner"), ("userpip", "model")}  # where there is no exec, or it fails

NOT_PURE = {
    "io", "logging", "os", "pathlib.Path", "platform", "pwd", "shutil", "signal", "site", "socket",
    "subprocess", "sys", "sysconfig", "tempfile", "threading", "urllib.request",
}  # fmt: skip

# One door to each.
DOORS = {
    "colorama": {"console"},
    "filelock": {"state"},
    "platformdirs": {"settings.layers"},
    "pip": {"index._helper"},
    "subprocess": {"runner.answers", "runner.child", "runner.tree", "runner.windows"},
    "pty": {"runner.channel"},
    "termios": {"outputs"},
}


def _name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


MODULES = {_name(path): path for path in sorted(SOURCE.rglob("*.py"))}


def _imports(module: str, *, typing: bool = True, late: bool = True) -> set[str]:
    """Everything that *module* imports, full names.

    *typing*: also what only the type checker sees. *late*: also what functions import.
    """
    found = set()
    waiting: list[ast.AST] = [ast.parse(MODULES[module].read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and not typing and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
            continue
        if isinstance(node, ast.FunctionDef) and not late:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        waiting += ast.iter_child_nodes(node)
    return found


def _own(module: str, *, typing: bool = True, late: bool = True) -> set[str]:
    """The modules of safepip that *module* imports."""
    found = set()
    for name in _imports(module, typing=typing, late=late):
        inner = name.removeprefix("safepip.")
        if name.split(".")[0] == "safepip":
            found.add(inner if inner in MODULES else inner.rpartition(".")[0] or "__init__")
    return found


def _room(module: str) -> str:
    return module.split(".", maxsplit=1)[0]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_what_its_row_allows(room: str) -> None:
    kind, allowed = ROOMS[room]
    above = list(ROOMS)[: list(ROOMS).index(room)]
    assert set(allowed.split()) <= set(above), f"the row of {room} names a room below it"
    modules = [module for module in MODULES if _room(module) == room]
    assert modules, f"{room} is gone: take its row out"
    for module in modules:
        others = {_room(one) for one in _own(module)} - {room} - set(allowed.split())
        others -= {other for here, other in LATE if here == room}
        assert not others, f"{module} imports from {sorted(others)}"
        names = _imports(module, typing=False)
        seen = {n for n in names if n in NOT_PURE or n.split(".")[0] in NOT_PURE}
        assert kind != "pure" or not seen, f"{module} is pure and imports {sorted(seen)}"
        if module == room and MODULES[room].parent != SOURCE:
            tree = ast.parse(MODULES[room].read_text(encoding="utf-8"))
            assert (ast.get_docstring(tree) or "").startswith(f"{kind.capitalize()}: "), room


# What reads like a sentence and is none of safepip's: its file, and a part of it.
NO_SENTENCE = {
    "destinations.installers": "import runpy",  # Python
    "index._helper": "Could not fetch URL",  # pip's log
    "index.known": "import sys",  # Python
    "machine.held": "scope commands",  # nushell
    "machine.package_managers": "owned by",  # apk
    "machine.shared": "",  # what systems call themselves
    "policy.rules": "export HOME",  # a command with its remark
    "profiles.line": "no newline",  # in the line of a profile: how it is taken out again
    "settings.layers": "at line",  # tomllib
}
_SMALL_WORDS = re.compile(
    r"\b(a|an|the|is|are|was|be|by|of|to|in|no|not|and|or|for|your?|its?|with|that|this|than|from|at)\b"
)


def _said(tree: ast.AST) -> Iterator[str]:
    """The texts in *tree* that are made of words: no docstring, pattern or program."""
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
            skipped |= {id(part) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        text = ""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (part.value for part in node.values if isinstance(part, ast.Constant))
            text = "".join(map(str, parts))
        if re.search("[a-z] [a-z]", text) and _SMALL_WORDS.search(text):
            yield text


def test_sentences_are_made_in_wording_alone() -> None:
    for module, path in MODULES.items():
        # logs/failures.py is a table of pip's own words, shells/ holds programs for shells.
        if _room(module) in {"wording", "shells"} or module == "logs.failures":
            continue
        for text in _said(ast.parse(path.read_text(encoding="utf-8"))):
            known = "\n" in text or (module in NO_SENTENCE and NO_SENTENCE[module] in text)
            assert known, f"{module} says {text!r}: words belong into wording/"


def test_every_module_has_a_room() -> None:
    unknown = {_room(module) for module in MODULES} - set(ROOMS)
    assert not unknown, f"add a row for {sorted(unknown)}"


def test_a_room_s_front_holds_no_code() -> None:
    for module, path in MODULES.items():
        if path.name == "__init__.py" and module != "destinations":  # its table, and no more
            tree = ast.parse(path.read_text(encoding="utf-8"))
            code = [
                one for one in ast.walk(tree) if isinstance(one, (ast.FunctionDef, ast.ClassDef))
            ]
            assert not code, f"{module}: {[one.name for one in code]} belong in a module of a name"


def test_there_is_no_circle() -> None:
    graph = {
        module: {one for one in _own(module) if one != module and (module, _room(one)) not in LATE}
        for module in MODULES
    }
    graphlib.TopologicalSorter(graph).prepare()


def test_verbs_do_not_import_each_other() -> None:
    for module in MODULES:
        if module.startswith("verbs."):
            verbs = {one for one in _own(module) if one.startswith("verbs")} - {"verbs"}
            assert verbs <= {"verbs.install"}, module


# Files that are opened otherwise than by machine.paths, which reads plain files alone, and never
# more than its caller allows.
OPENED = {
    "console": "/dev/null",
    "destinations.ready_pip": "to be copied, and written",
    "flow.early": "before paths may be imported",
    "flow.guessing": "before paths may be imported",
    "flow.shell_side": "to be written",
    "history": "its own, never by a link",
    "index._helper": "/dev/null, for what others print",
    "index.known": "its own list, before paths may be imported",
    "index.lookup": "its own lists",
    "machine.notebook": "/proc",
    "machine.ownership": "for its flags",
    "machine.shell": "/proc",
    "moved": "its own, before paths may be imported",
    "runner.channel": "a terminal",
    "runner.child": "a terminal",
    "runner.tree": "/proc",
    "runner.watchdog": "folders, to be locked",
    "state": "locks, and to be written",
    "userpip": "before paths may be imported",
    "verbs.explain": "a log, of any kind and length",
    "verbs.guide": "its own chapters",
}


def test_what_is_read_has_one_bounded_reader() -> None:
    found = set()
    for module, path in MODULES.items():
        calls = [
            ast.unparse(node.func)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call)
        ]
        opening = re.compile(r"(io\.|os\.)?open|.*\.(read_text|read_bytes)|.*[pP]ath.*\.open")
        found |= {module for one in calls if opening.fullmatch(one)}
    assert found == {"machine.paths", *OPENED}
    assert "importlib.metadata" not in {one for name in MODULES for one in _imports(name)}


@pytest.mark.parametrize("door", DOORS)
def test_each_dependency_has_one_door(door: str) -> None:
    users = {m for m in MODULES if any(one.split(".")[0] == door for one in _imports(m))}
    assert users <= DOORS[door], f"{door} is imported by {sorted(users - DOORS[door])}"


def test_others_need_not_know_the_parts_of_the_runner() -> None:
    for module in MODULES:
        if _room(module) != "runner":
            parts = {one for one in _own(module) if one.startswith("runner.")} - {"runner.pipes"}
            assert not parts, (
                f"{module} imports {sorted(parts)}; safepip.runner offers all there is"
            )


def _started(program: str) -> set[str]:
    """The modules that *program* imports, as Python itself tells."""
    argv = [sys.executable, "-I", "-X", "importtime", "-c", program]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines[1:]}


HANDED_OVER = {"safepip", "safepip.cli", "safepip.userpip"}


def test_the_start_imports_next_to_nothing() -> None:
    more = _started("import safepip.cli") - _started("pass")
    assert more == HANDED_OVER


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's script stands for pip")
@pytest.mark.parametrize("word", ["--version", "-V", *sorted(cli.PIPS_ALONE)])
def test_what_is_pips_alone_by_its_first_word_becomes_pip_without_more(
    word: str, tmp_path: Path
) -> None:
    pip = tmp_path / "pip"
    pip.write_text("#!/bin/sh\necho this is pip: $*\n")
    pip.chmod(0o755)
    argv = [sys.executable, "-I", "-X", "importtime", "-c", _BECOME, word]
    env = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(argv, capture_output=True, text=True, check=True, env=env)
    assert done.stdout == f"this is pip: {word}\n"
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert {name for name in loaded if name.startswith("safepip")} == HANDED_OVER


_BECOME = "import sys; sys.argv[0] = 'safepip'; from safepip.cli import main; sys.exit(main())"


def test_pips_alone_are_all_commands_that_nothing_is_done_about() -> None:
    others = {"help", "install", "show", "uninstall"}
    assert arguments.COMMANDS - others == cli.PIPS_ALONE


def test_what_needs_no_watching_is_known_without_more() -> None:
    start = "from safepip import cli; from safepip.reading import arguments; "
    ask = (
        "arguments.is_install_to_watch(['list', '--format', 'json'], {}); cli._take_own_options([])"
    )
    assert _started(start + ask) == _started(start)


def test_every_action_of_the_workflow_is_pinned_by_hash() -> None:
    """A tag can be moved to other code; the version stands behind it, for people."""
    text = Path(__file__, "../../.github/workflows/ci.yml").resolve().read_text(encoding="utf-8")
    used = re.findall(r"uses: (.*)", text)
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", one)] == []


def test_what_is_temporary_is_made_by_who_takes_it_away_after_a_kill() -> None:
    named = re.compile(r"\b(mkdtemp|mkstemp|TemporaryDirectory|NamedTemporaryFile)\(")
    found = {
        module for module, path in MODULES.items() if named.search(path.read_text(encoding="utf-8"))
    }
    # The second keeps a cache, and sweeps that itself.
    assert found == {"runner.watchdog", "destinations.ready_pip"}
