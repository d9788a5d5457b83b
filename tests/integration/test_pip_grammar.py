"""Our tables of pip's options against the real parsers of real pips."""

from __future__ import annotations

import json
import random
import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from safepip.reading import arguments as reading_arguments
from safepip.reading import requests
from tests.support.long import first_and_last
from tests.support.missing import lacking

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.pythons import Field

pytestmark = pytest.mark.network

PIPS = {
    "9.0.3": ("3.6", "3.7"),
    "19.3.1": ("3.7", "3.8"),
    "20.3.4": ("3.8", "3.9"),
    "22.3.1": ("3.10", "3.11"),
    "24.0": ("3.12", "3.11"),
    "newest": ("3.13", "3.14", "3.12", "3.11", "3.10"),
}
"""The pips compared, and the Pythons that can run them."""

READ_OTHERWISE = {
    ("--build", "--build-constraint"): "--build",
    ("--python", "--python-version"): "--python",
    ("--g", "--global-option"): "--group",
    ("--no-u", "--no-use-wheel"): "--no-user",
    ("--no-us", "--no-use-wheel"): "--no-user",
    ("--no-use", "--no-use-wheel"): "--no-user",
    ("--no-use-", "--no-use-wheel"): "--no-use-pep517",
    ("--use-", "--use-wheel"): "--use-pep517",
}
"""Abbreviations that mean different things to different pips: typed, meant there; how we read it.

None of them changes how many words are read, and none names a place without our seeing it. (Pips
to which ``--python`` means ``--python-version`` want ``--target`` with it.)
"""

# Runs under a pip of any age: says which options its parsers have and how it reads the lines on
# stdin. The options are recorded instead of obeyed, so that --help or --python do nothing.
SCRIPT = """
import contextlib, json, optparse, os, sys
sys.path.insert(0, sys.argv[1])
try:
    from pip._internal.cli.main_parser import create_main_parser, parse_command
except ImportError:
    from pip import create_main_parser, parseopts as parse_command
try:
    from pip._internal.commands import create_command
    install = create_command("install").parser
except ImportError:
    try:
        from pip._internal.commands import commands_dict
    except ImportError:
        from pip.commands import commands_dict
    install = commands_dict["install"]().parser

def options(parser):
    return [[o._long_opts, o._short_opts, o.takes_value()] for o in parser.option_list_all]

seen = []
def process(self, opt, value, values, parser):
    seen.append([self._long_opts[0], value])
optparse.Option.process = process

def read(line):
    try:
        name, words = parse_command(list(line))
        del seen[:]
        arguments = install.parse_args(words)[1] if name == "install" else []
        return [name, seen[:], arguments]
    except (SystemExit, Exception):
        return None

tables = {"main": options(create_main_parser()), "install": options(install)}
lines = json.load(sys.stdin)
with open(os.devnull, "w") as null:
    with contextlib.redirect_stdout(null), contextlib.redirect_stderr(null):
        readings = [read(line) for line in lines]
json.dump({"tables": tables, "readings": readings}, sys.stdout)
"""


@dataclass(frozen=True)
class RealPip:
    """A pip in its wheel, and a Python that can run it."""

    python: Path
    wheel: Path
    home: Path

    def ask(self, lines: list[list[str]]) -> dict[str, Any]:
        """Have the pip read *lines*; gives its tables and how it read each, None if refused."""
        script = [self.python, "-W", "ignore", "-c", SCRIPT, self.wheel]
        answer: dict[str, Any] = json.loads(self._run(script, json.dumps(lines)))
        return answer

    def help_of_install(self) -> str:
        """What ``pip install --help`` prints."""
        return self._run([self.python, "-W", "ignore", f"{self.wheel}/pip", "install", "--help"])

    def _run(self, command: list[Any], text: str = "") -> str:
        # Neither the user's settings nor a terminal's width may change what pip knows.
        env = {"HOME": str(self.home), "PIP_CONFIG_FILE": "/dev/null", "COLUMNS": "100"}
        done = subprocess.run(
            command,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            env=env,
            cwd=self.home,
        )
        assert not done.returncode, done.stderr
        return done.stdout


@pytest.fixture(
    scope="module", params=first_and_last([*PIPS]), ids=lambda version: f"pip {version}"
)
def pip(
    request: pytest.FixtureRequest, field: Field, tmp_path_factory: pytest.TempPathFactory
) -> RealPip:
    """Each pip in turn; skipped by name where it or its Python cannot be had."""
    version = request.param
    for python in PIPS[version]:
        if python in field.found:
            break
    else:
        lacking(f"Python {' or '.join(PIPS[version])}")
    wheel = field.wheel("pip" if version == "newest" else f"pip=={version}")
    return RealPip(field.found[python].executable, wheel, tmp_path_factory.mktemp("pip-home"))


@pytest.fixture(scope="module")
def tables(pip: RealPip) -> dict[str, list[tuple[list[str], list[str], bool]]]:
    """The options of the pip's parsers, main and install: long names, letters, takes a value."""
    answer: dict[str, list[tuple[list[str], list[str], bool]]] = pip.ask([])["tables"]
    return answer


Tables = dict[str, list[tuple[list[str], list[str], bool]]]


def spelled(options: list[tuple[list[str], list[str], bool]], *, value: bool) -> set[str]:
    """All long names of the options that take a value, or of those that do not."""
    return {name for names, _, takes_value in options if takes_value is value for name in names}


def test_knows_every_main_option(tables: Tables) -> None:
    assert spelled(tables["main"], value=True) <= reading_arguments.MAIN_VALUE_OPTIONS
    assert spelled(tables["main"], value=False) <= reading_arguments.MAIN_FLAGS


def test_knows_every_install_option(tables: Tables) -> None:
    values = reading_arguments.MAIN_VALUE_OPTIONS | reading_arguments.INSTALL_VALUE_OPTIONS
    assert spelled(tables["install"], value=True) <= values
    assert (
        spelled(tables["install"], value=False)
        <= reading_arguments.MAIN_FLAGS | reading_arguments.INSTALL_FLAGS
    )


def test_no_main_option_of_ours_is_install_s_alone(tables: Tables) -> None:
    main = spelled(tables["main"], value=True) | spelled(tables["main"], value=False)
    assert not main & (reading_arguments.INSTALL_VALUE_OPTIONS | reading_arguments.INSTALL_FLAGS)


def test_knows_letters_and_second_names(tables: Tables) -> None:
    for names, letters, _ in tables["main"] + tables["install"]:
        assert {reading_arguments.SHORT_OPTIONS.get(letter) for letter in letters} <= {names[0]}
        assert {reading_arguments.ALIASES.get(name, name) for name in names} == {names[0]}


def test_knows_every_option_of_the_help(pip: RealPip) -> None:
    shown = re.findall(r"^  (?:-\w, )?(--[\w-]+)(?:,? (<))?", pip.help_of_install(), re.MULTILINE)
    assert len(shown) > 40
    values = reading_arguments.MAIN_VALUE_OPTIONS | reading_arguments.INSTALL_VALUE_OPTIONS
    assert {name for name, value in shown if value} <= values
    assert {name for name, value in shown if not value} <= (
        reading_arguments.MAIN_FLAGS | reading_arguments.INSTALL_FLAGS
    )


@pytest.mark.parametrize("parser", ["main", "install"])
def test_reads_every_abbreviation_that_this_pip_takes(tables: Tables, parser: str) -> None:
    wrong = {}
    for typed, (meant, takes_value) in abbreviations(tables[parser]).items():
        # A main option is read where the main parser reads it, before the command.
        line = [typed, "value", "list"] if parser == "main" else ["install", typed, "value"]
        read = [(option.name, option.value) for option in requests.parse(line).options]
        expected = READ_OTHERWISE.get((typed, meant), meant)
        if read != [(expected, "value" if takes_value else None)]:
            wrong[typed] = read
    assert not wrong


def test_reads_lines_as_this_pip_does(pip: RealPip, tables: Tables) -> None:
    lines = [list(line) for line in made_up_lines(tables, number=1500)]
    readings = pip.ask(lines)["readings"]
    understood = 0
    for line, reading in zip(lines, readings, strict=True):
        if reading is None:
            continue
        name, options, arguments = reading
        command = requests.parse(line)
        assert command.name == name, line
        if name != "install":
            continue
        understood += 1
        assert [[option.name, option.value] for option in command.options] == options, line
        values = [
            value for option, value in options if option in reading_arguments.REQUIREMENT_OPTIONS
        ]
        texts = [requirement.text for requirement in command.requirements]
        assert Counter(texts) == Counter([*arguments, *values]), line
    assert understood > 500


def test_what_is_made_of_a_line_reads_as_meant(pip: RealPip, tables: Tables) -> None:
    lines = [list(line) for line in made_up_lines(tables, number=700)]
    before = pip.ask(lines)["readings"]
    commands = [requests.parse(line) for line in lines]
    shorter = pip.ask([list(requests.without(one, "--quiet", "--target")) for one in commands])
    longer = pip.ask(
        [
            list(
                one.argv
                if one.command_at is None
                else requests.insert_after_command(one, ["--pre"])
            )
            for one in commands
        ]
    )
    checked = 0
    for line, reading, less, more in zip(
        lines, before, shorter["readings"], longer["readings"], strict=True
    ):
        if reading is None or reading[0] != "install":
            continue
        checked += 1
        name, options, arguments = reading
        kept = [option for option in options if option[0] not in {"--quiet", "--target"}]
        assert less == [name, kept, arguments], line
        assert more[2] == arguments, line
        assert Counter(map(tuple, more[1])) == Counter([*map(tuple, options), ("--pre", None)]), (
            line
        )
    assert checked > 200


def abbreviations(
    options: list[tuple[list[str], list[str], bool]],
) -> dict[str, tuple[str, bool]]:
    """Every unambiguous beginning of a long name: what it means, and whether that takes a value.

    optparse counts names, not options: two names of one option are ambiguous too.
    """
    meanings = {name: (names[0], value) for names, _, value in options for name in names}
    found = dict(meanings)
    for name, meaning in meanings.items():
        for length in range(3, len(name)):
            typed = name[:length]
            if sum(other.startswith(typed) for other in meanings) == 1:
                found.setdefault(typed, meaning)
    return found


def made_up_lines(tables: Tables, *, number: int) -> list[list[str]]:
    """Lines of options, values and arguments, most of which this pip understands."""
    dice = random.Random(1)
    usable = {
        parser: [
            (typed, value)
            for typed, (meant, value) in abbreviations(tables[parser]).items()
            if (typed, meant) not in READ_OTHERWISE
        ]
        for parser in tables
    }
    letters = [(s[1], value) for _, short, value in tables["install"] for s in short]
    values = ["x", "./a", "install", "-q", "--", "-", "", "a=b", "--user"]

    def option(parser: str) -> list[str]:
        typed, takes_value = dice.choice(usable[parser])
        if not takes_value:
            return [typed]
        value = dice.choice(values)
        return [f"{typed}={value}"] if dice.random() < 0.4 else [typed, value]

    def bundle() -> list[str]:
        flags = "".join(dice.choices([one for one, value in letters if not value], k=2))
        if dice.random() < 0.5:
            return [f"-{flags}"]
        last = dice.choice([one for one, value in letters if value])
        value = dice.choice(values)
        return [f"-{flags}{last}{value}"] if dice.random() < 0.5 else [f"-{flags}{last}", value]

    def line() -> list[str]:
        words = [word for _ in range(dice.choice([0, 0, 1, 2])) for word in option("main")]
        words += dice.choice([[], [], [], ["-qv"], ["--"]])
        words += [dice.choice(["install"] * 9 + ["download"])]
        for _ in range(dice.randrange(6)):
            kind = dice.randrange(5)
            words += (
                option("install")
                if kind < 2
                else bundle()
                if kind == 2
                else [dice.choice(["x", ".", "install", "-", "y==1"])]
                if kind == 3
                else [dice.choice(["x", "--"])]
            )
        return words

    return [line() for _ in range(number)]
