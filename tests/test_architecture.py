"""Who may import whom: the table of layers, read from the sources; and what a start costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import safepip

SOURCE = Path(safepip.__file__).parent

WORDS = {"errors", "model"}
# The core has three storeys: how texts and shells are read, on which the rest may build; the rest,
# whose modules do not know each other; and what is made of those: the reading of captured output,
# the code of shell functions.
TEXTS = {"logtext", "pathshapes", "pipwords", "shells"}
CORE = {
    "applications", "gate", "landing", "messages", "pipargs", "policy", "shellnames",
    "sightings", "usage",
}  # fmt: skip
SHELLCODE = {
    "shellcode", "shellcode.csh", "shellcode.fish", "shellcode.nushell", "shellcode.parts",
    "shellcode.posix", "shellcode.powershell", "shellcode.xonsh",
}  # fmt: skip
UPPER = {
    "advice", "clues", "evidence", "explanation", "failures", "logcommands", "logreading",
} | SHELLCODE  # fmt: skip
PURE = WORDS | TEXTS | CORE | UPPER
HANDS = {
    "_lookup_helper", "console", "distributions", "heldnames", "ledger", "locate", "looks",
    "lookup", "nextlogin", "openfiles", "probe", "profiles", "rcfile", "registry", "reporting",
    "settings", "situation", "surroundings", "watching",
    "destinations", "destinations.job", "destinations.pipx", "destinations.user",
    "destinations.uv", "destinations.venv",
    "runner", "runner.answers", "runner.channel", "runner.child", "runner.interface",
    "runner.relay", "runner.streams", "runner.windows",
}  # fmt: skip
DOOR = {"__init__", "__main__", "cli"}

NEVER_IN_THE_CORE = {
    "io", "logging", "os", "os.path", "pathlib.Path", "platform", "pwd", "shutil", "signal",
    "site", "socket", "subprocess", "sys", "sysconfig", "tempfile", "threading", "urllib.request",
}  # fmt: skip

# One door to each.
DOORS = {
    "colorama": {"console"},
    "filelock": {"ledger"},
    "platformdirs": {"settings"},
    "pip": {"_lookup_helper"},
    "subprocess": {"runner.answers", "runner.child", "runner.windows"},
    "pty": {"runner.channel"},
    "termios": {"runner.channel"},
}


def _name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


MODULES = {_name(path): path for path in sorted(SOURCE.rglob("*.py"))}
every = pytest.mark.parametrize("module", MODULES)


def _layer(module: str) -> int:
    if module in DOOR:
        return 4
    if module == "verbs" or module.startswith("verbs."):
        return 3
    if module in HANDS:
        return 2
    return 0 if module in WORDS else 1


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
        if name.split(".")[0] == "safepip" and inner != "__version__":
            found.add(inner if inner in MODULES else inner.rpartition(".")[0])
    return found - {"", "safepip"}


def test_every_module_has_its_place_in_the_table() -> None:
    known = PURE | HANDS | DOOR
    unknown = {m for m in MODULES if m not in known and not m.startswith("verbs")}
    assert not unknown, f"add {sorted(unknown)} to the table, in the layer that they belong to"
    assert known <= set(MODULES), f"gone: {sorted(known - set(MODULES))}"


@every
def test_imports_go_down(module: str) -> None:
    layer = _layer(module)
    above = {one for one in _own(module) if _layer(one) > layer}
    if module == "locate":
        above.discard("runner")  # Windows has no exec
    assert not above, f"{module} imports {sorted(above)} from above"


@pytest.mark.parametrize("module", sorted(WORDS))
def test_the_words_build_on_nothing(module: str) -> None:
    assert _own(module) <= (WORDS if module == "errors" else set())


@pytest.mark.parametrize(
    ("storey", "below"),
    [(TEXTS, WORDS | TEXTS), (CORE, WORDS | TEXTS), (UPPER, PURE)],
    ids=["texts", "core", "upper"],
)
def test_each_storey_of_the_core_builds_on_those_below(storey: set[str], below: set[str]) -> None:
    for module in storey:
        others = _own(module, typing=False) - below
        assert not others, f"{module} imports {sorted(others)}"


@pytest.mark.parametrize("module", sorted(PURE))
def test_the_core_looks_at_nothing(module: str) -> None:
    found = _imports(module, typing=False)
    seen = {one for one in found if one in NEVER_IN_THE_CORE or one.split(".")[0] in
            {"io", "os", "subprocess", "shutil", "tempfile", "socket", "sys"}}  # fmt: skip
    assert not seen, f"{module} imports {sorted(seen)}"


def test_verbs_do_not_import_each_other_but_for_install() -> None:
    for module in MODULES:
        if module.startswith("verbs."):
            verbs = {one for one in _own(module) if one.startswith("verbs")} - {"verbs"}
            assert verbs <= {"verbs.install", "verbs.choice"}, module


@pytest.mark.parametrize("door", DOORS)
def test_each_dependency_has_one_door(door: str) -> None:
    users = {m for m in MODULES if any(one.split(".")[0] == door for one in _imports(m))}
    assert users <= DOORS[door], f"{door} is imported by {sorted(users - DOORS[door])}"


def test_others_need_not_know_the_parts_of_the_runner() -> None:
    for module in MODULES:
        if module.partition(".")[0] != "runner":
            parts = {one for one in _own(module) if one.startswith("runner.")}
            assert not parts, (
                f"{module} imports {sorted(parts)}; safepip.runner offers all there is"
            )


def test_the_door_is_the_only_way_in() -> None:
    assert _own("__main__") <= {"cli", "locate"}


def test_there_is_no_circle() -> None:
    # Inside a function there is one, for Windows, which has no exec.
    graph = {module: _own(module, typing=False, late=False) for module in MODULES}
    done: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"a circle: {' > '.join((*path, module))}"
        if module in done:
            return
        for other in graph[module]:
            walk(other, (*path, module))
        done.add(module)

    for module in graph:
        walk(module, ())


def _started(program: str) -> set[str]:
    """The modules that *program* imports, as Python itself tells."""
    argv = [sys.executable, "-I", "-X", "importtime", "-c", program]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines[1:]}


def test_the_start_imports_next_to_nothing() -> None:
    more = _started("import safepip.cli") - _started("pass")
    own = {one for one in more if one.split(".")[0] == "safepip"}
    assert own == {"safepip", "safepip.cli", "safepip.locate", "safepip.pipargs"}
    assert len(more - own) <= 4, sorted(more - own)


def test_what_needs_no_watching_is_known_without_more() -> None:
    start = "from safepip import cli, pipargs; "
    ask = "pipargs.is_install_to_watch(['list', '--format', 'json'], {}); cli._take_own_options([])"
    assert _started(start + ask) == _started(start)
