"""Is it an application or a library: the judgement, and the bundled list."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from safepip.index.lookup import known_names
from safepip.model.applications import Application, ApplicationKind
from safepip.model.reasons import Reason, because
from safepip.model.requests import RequestedRequirement, RequirementKind
from safepip.policy.applications import KnownName, KnownNames, judge
from safepip.policy.voters import (
    Case,
    Shipped,
    classifier_sign,
    hook_sign,
    is_offered_for_import,
    lead_sign,
    readme_sign,
    usage_sign,
)
from safepip.policy.wheels import (
    WheelFacts,
    bare_url,
    parse_entry_points,
    read_wheel,
    script_files,
)
from safepip.reading.names import normalized
from safepip.wording.reasons import shown

KNOWN_APPLICATIONS = Path(__file__).parents[2] / "src/safepip/policy/known_applications.json"
DISTRIBUTIONS = Path(__file__).parents[1] / "data/distributions.jsonl"
SHARED = Path(__file__).parents[3] / "shared" / "app-or-library.jsonl"
APPLICATION, LIBRARY = ApplicationKind.APPLICATION, ApplicationKind.LIBRARY
UNKNOWN = ApplicationKind.UNKNOWN
CONSOLE = ("Environment :: Console",)
TOPIC = "Topic :: Software Development :: Libraries"


def asked(text: str, kind: RequirementKind = RequirementKind.NAMED) -> RequestedRequirement:
    name = text.partition("[")[0].partition("==")[0]
    return RequestedRequirement(text=text, kind=kind, name=name)


def wheel(
    name: str,
    *commands: str,
    classifiers: tuple[str, ...] = (),
    description: str = "",
    summary: str = "",
) -> WheelFacts:
    return WheelFacts(
        name=name,
        version="1.0",
        commands=commands,
        classifiers=classifiers,
        description=description,
        summary=summary,
    )


# A few lines of the labelled set, for when it is not at hand: name, label, commands, classifiers,
# and whether the README says how to install it as a tool.
SAMPLE: list[dict[str, Any]] = [
    {
        "name": "httpie",
        "label": "application",
        "console_scripts": ["http", "https"],
        "classifiers": ["Environment :: Console", "Topic :: Software Development"],
    },
    {"name": "awscli", "label": "application", "wheel_scripts": ["aws"]},
    {
        "name": "ansible",
        "label": "application",
        "console_scripts": ["ansible-community"],
        "classifiers": ["Environment :: Console", "Framework :: Ansible"],
    },
    {
        "name": "visidata",
        "label": "application",
        "console_scripts": ["vd"],
        "classifiers": ["Environment :: Console :: Curses"],
    },
    {"name": "pipenv", "label": "application", "console_scripts": ["pipenv"], "tool": True},
    {
        "name": "mypy",
        "label": "application",
        "console_scripts": ["mypy"],
        "classifiers": ["Environment :: Console", "Topic :: Software Development"],
    },
    {"name": "uvicorn", "label": "both", "console_scripts": ["uvicorn"]},
    {"name": "pygments", "label": "both", "console_scripts": ["pygmentize"]},
    {"name": "attrs", "label": "library"},
    {"name": "pandas", "label": "library", "classifiers": ["Environment :: Console"]},
    {"name": "rich", "label": "library", "classifiers": ["Environment :: Console"]},
    {
        "name": "coverage",
        "label": "library",
        "console_scripts": ["coverage"],
        "classifiers": [
            "Environment :: Console",
            "Topic :: Software Development :: Quality Assurance",
        ],
    },
    {
        "name": "tqdm",
        "label": "library",
        "console_scripts": ["tqdm"],
        "classifiers": [
            "Environment :: Console",
            "Environment :: Other Environment",
            "Topic :: Utilities",
        ],
    },
    {
        "name": "flask",
        "label": "library",
        "console_scripts": ["flask"],
        "classifiers": ["Environment :: Web Environment", "Framework :: Flask"],
    },
    {"name": "tabulate", "label": "library", "console_scripts": ["tabulate"]},
]


def verdict(entry: dict[str, Any], known: KnownNames | None = None) -> Application:
    """Judge one line of the labelled set by the facts in it."""
    commands = [
        *entry.get("console_scripts", ()),
        *entry.get("gui_scripts", ()),
        *entry.get("wheel_scripts", ()),
    ]
    says = entry.get("readme_says_tool_install", entry.get("tool", False))
    facts = wheel(
        entry["name"],
        *commands,
        classifiers=tuple(entry.get("classifiers", ())),
        description=f"# Install\n\n    pipx install {entry['name']}\n" if says else "",
        summary=entry.get("summary", ""),
    )
    return judge(asked(entry["name"]), known=known or known_names(), wheel=facts)


@pytest.mark.parametrize("entry", SAMPLE, ids=lambda e: e["name"])
def test_sample_goes_where_its_label_says(entry: dict[str, Any]) -> None:
    is_application = verdict(entry).kind is APPLICATION
    assert (entry["label"] == "application") == is_application


@pytest.mark.skipif(not SHARED.exists(), reason="no labelled set on this machine")
class TestLabelledSet:
    @pytest.fixture
    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in SHARED.read_text("utf-8").splitlines()]

    def test_no_library_is_an_application(self, entries: list[dict[str, Any]]) -> None:
        libraries = [e for e in entries if e["label"] == "library"]
        wrong = [e["name"] for e in libraries if verdict(e).kind is APPLICATION]
        assert (wrong, len(libraries)) == ([], 22)

    def test_nearly_all_applications_are_found(self, entries: list[dict[str, Any]]) -> None:
        found = [
            e["name"]
            for e in entries
            if e["label"] == "application" and verdict(e).kind is APPLICATION
        ]
        assert len(found) == 18

    def test_both_go_by_the_maintainers_word_only(self, entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            if entry["label"] == "both" and verdict(entry).kind is APPLICATION:
                assert entry["readme_says_tool_install"]

    def test_without_the_list_the_rules_alone_find_most(
        self, entries: list[dict[str, Any]]
    ) -> None:
        known = known_names()._replace(applications={})
        found = [e["label"] for e in entries if verdict(e, known).kind is APPLICATION]
        assert found == ["application"] * 15

    def test_the_list_holds_no_library_and_no_both(self, entries: list[dict[str, Any]]) -> None:
        listed = known_names().applications
        wrong = {e["name"] for e in entries if e["label"] != "application"} & set(listed)
        assert not wrong


def distributions(part: str) -> list[dict[str, Any]]:
    entries = map(json.loads, DISTRIBUTIONS.read_text("utf-8").splitlines())
    return [entry for entry in entries if entry["part"] == part]


def goes_to_pipx(entry: dict[str, Any]) -> bool:
    facts = wheel(
        entry["name"],
        *entry["commands"],
        classifiers=tuple(entry.get("classifiers", ())),
        description=entry.get("readme", ""),
        summary=entry.get("summary", ""),
    )._replace(urls=tuple(entry.get("urls", ())), modules=tuple(entry.get("modules", ())))
    return judge(asked(entry["name"]), known=known_names(), wheel=facts).kind is APPLICATION


class TestDistributions:
    """Three sets labelled before safepip saw them, and all the libraries of an index at hand.

    Of each, the facts that the judgement reads: the words of summaries that are of no vocabulary
    of its are x, and READMEs are what they say of installing and importing. At the first look 26
    of 34, 8 of 14 and 14 of 18 applications went to pipx; the voters and lists have learnt from
    them since, so these figures keep what is reached and are no estimate. One label was changed
    later: pip-audit looks at the environment that it is in, so it is both.
    """

    @pytest.mark.parametrize(
        ("part", "expected"),
        [
            ("first", {"application": 33, "both": 0, "library": 0}),
            ("second", {"application": 14, "both": 0, "library": 0}),
            ("third", {"application": 18, "both": 0, "library": 0}),
        ],
    )
    def test_applications_go_to_pipx(self, part: str, expected: dict[str, int]) -> None:
        entries = distributions(part)
        found = Counter(entry["label"] for entry in entries if goes_to_pipx(entry))
        assert {label: found[label] for label in expected} == expected

    def test_no_library_with_a_command_does(self) -> None:
        entries = distributions("guard")
        assert ([e["name"] for e in entries if goes_to_pipx(e)], len(entries)) == ([], 171)


HOME = "github.com/you/labtool"
README_WITH_IMPORT = "# labtool\n\n    >>> import labtool\n"


def distributor(name: str) -> Shipped | None:
    return Shipped(HOME, "nixpkgs") if name == "labtool" else None


@pytest.mark.parametrize(
    ("facts", "is_application"),
    [
        pytest.param({"urls": ("https://github.com/you/labtool",)}, True, id="the repository"),
        pytest.param({"urls": ("git+https://www.GitHub.com/You/LabTool.git/",)}, True, id="spelt"),
        pytest.param({"urls": ("https://github.com/you/labtool/issues",)}, True, id="below it"),
        pytest.param({"urls": ("https://labtool.org", f"https://{HOME}#readme")}, True, id="one"),
        pytest.param(
            {"urls": (f"https://{HOME}",), "summary": "Organizes a music library, quickly"},
            True,
            id="about libraries of another kind",
        ),
        pytest.param(
            {"urls": (f"https://{HOME}",), "summary": "A framework to test labs"},
            True,
            id="a framework that is run",
        ),
        pytest.param({}, False, id="no address"),
        pytest.param({"urls": ("https://github.com/me/labtool",)}, False, id="another's project"),
        pytest.param({"urls": (f"https://{HOME}2",)}, False, id="an address that begins alike"),
        pytest.param({"urls": (f"https://{HOME}",), "commands": ()}, False, id="no command"),
        pytest.param(
            {"urls": (f"https://{HOME}",), "summary": "A Python library for labs"},
            False,
            id="a library by its summary",
        ),
        pytest.param(
            {"urls": (f"https://{HOME}",), "description": README_WITH_IMPORT},
            False,
            id="a library by its example",
        ),
        pytest.param(
            {
                "urls": (f"https://{HOME}",),
                "classifiers": ("Topic :: Software Development :: Libraries",),
            },
            False,
            id="a library by its topic",
        ),
        pytest.param({"urls": (f"https://{HOME}",), "name": "other"}, False, id="another name"),
    ],
)
def test_what_a_distributor_ships_as_a_program_is_one_if_it_is_the_same_project(
    facts: dict[str, Any], is_application: object
) -> None:
    told = wheel("labtool", "labtool")._replace(**facts)
    answer = judge(asked(told.name), known=KnownNames(shipped=distributor), wheel=told)
    assert (answer.kind is APPLICATION) is is_application


@pytest.mark.parametrize(
    ("facts", "is_application"),
    [
        pytest.param({}, True, id="nothing against it"),
        pytest.param(
            {"summary": "An extremely fast Python package manager"}, True, id="about packages"
        ),
        pytest.param({"summary": "Labs in a Python package"}, False, id="a package to import"),
        pytest.param({"summary": "The SDK of labs"}, False, id="an SDK"),
        pytest.param({"summary": "A framework for labs"}, False, id="a framework"),
        pytest.param(
            {"description": "pipx install labtool\n\n    from labtool.core import x\n"},
            False,
            id="an example with its module",
        ),
        pytest.param(
            {"description": "pipx install labtool\n\n>>> import os, labtool as lt\n"},
            False,
            id="an example with another one before it",
        ),
        pytest.param(
            {"description": "pipx install labtool\n\n    import labtools\n"},
            True,
            id="an example with another module",
        ),
        pytest.param(
            {"description": "pipx install labtool\n\nIt can be used as a library, too."},
            False,
            id="its word that it is a library, too",
        ),
        pytest.param(
            {"description": "Labtool is a shell and library for labs.\n\npipx install labtool"},
            False,
            id="a README that begins with a library",
        ),
        pytest.param(
            {"description": "Labs.\n\npipx install labtool\n\nThis is a small library for labs."},
            False,
            id="a sentence that says so",
        ),
        pytest.param(
            {"description": "Labtool is a library manager of labs.\n\npipx install labtool"},
            True,
            id="a library of another kind",
        ),
        pytest.param(
            {"description": "pipx install labtool\n\nIt has a CLI and a Python API."},
            False,
            id="its word that it has an API",
        ),
        pytest.param(
            {"description": "pipx install labtool\n\nIt was written as a librarian's tool."},
            True,
            id="a word that begins alike",
        ),
        pytest.param(
            {"description": "You can import labtool data, too.\npipx install labtool"},
            True,
            id="the word in a sentence",
        ),
    ],
)
@pytest.mark.parametrize("sign", ["readme", "classifier"])
def test_what_is_offered_to_import_is_no_application(
    facts: dict[str, Any], is_application: object, sign: str
) -> None:
    told = wheel("labtool", "labtool", description="pipx install labtool")
    if sign == "classifier":
        told = told._replace(description="", classifiers=CONSOLE)
        facts = {
            name: value.replace("pipx install labtool", "") if name == "description" else value
            for name, value in facts.items()
        }
    answer = judge(asked("labtool"), wheel=told._replace(**facts))
    assert (answer.kind is APPLICATION) is is_application


SHOWN = "# labtool\n\n    $ labtool --all\n"
MODULES = ("Topic :: Software Development :: Libraries :: Python Modules",)


@pytest.mark.parametrize(
    ("summary", "description", "classifiers"),
    [
        ("A command-line tool for labs", "", MODULES),
        ("Command line interface for labs", "", ()),
        ("The CLI for labs", "", ()),
        ("A linter for labs, used with the Lab Framework", "", ("Framework :: Lab",)),
        ("Static type checker", "", MODULES),
        ("A language server", "", ()),
        ("Singer.io tap for the lab", "", ()),
        ("Singer target that writes labs", "", ()),
        ("Labs in your terminal", "", ()),
        ("A tool for labs", "", ()),
        ("A web application for labs", "", ()),
        ("A Model Context Protocol (MCP) server for labs", "", MODULES),
        ("Lab CLI tools", "", MODULES),
        ("A terminal based game of labs", "", ()),
        ("A hook manager for labs", "", ()),
        ("A password manager", "", ()),
        ("A licence checker", "", ()),
        ("A simple command-line time tracker", "", MODULES),
        ("A fast app for the UNIX terminal", "", MODULES),
        ("Set any lab from commandline", "", ()),
        ("Utilities for labs on the command line", "", ()),
        ("A Python script to tidy labs", "", ()),
        ("A web UI for labs", "", ()),
        ("GUI front-end for labs", "", ()),
        ("Yet another lab viewer", "", ()),
        ("A daemon that tidies labs", "", ()),
        ("The opinionated lab formatter.", "", ()),
        ("A high performance build system", "", ()),
        ("This application is a manager of labs", "", ()),
        ("Private lab assistant \N{EM DASH} local", "", ()),
        ("CLI-first tools for building labs", "", ()),
    ],
)
def test_what_calls_itself_a_program_is_an_application(
    summary: str, description: str, classifiers: tuple[str, ...]
) -> None:
    told = wheel(
        "labtool", "labtool", summary=summary, description=description, classifiers=classifiers
    )
    assert judge(asked("labtool"), wheel=told).kind is APPLICATION


@pytest.mark.parametrize(
    ("summary", "description", "classifiers"),
    [
        ("", "", ()),
        ("Labs, easily", "", ()),
        ("Labs, easily", SHOWN, MODULES),
        ("A viewer of labs", SHOWN, MODULES),
        ("A tool for labs", SHOWN, MODULES),
        ("A utility for labs", "", ()),
        ("A tool for labs", "", MODULES),
        ("A tool for labs", README_WITH_IMPORT, ()),
        ("A toolkit for command line interfaces", "", ()),
        ("Command line interface framework", "", ()),
        ("Build CLI apps", "", ()),
        ("API and command line interface for labs", SHOWN, ()),
        ("Python SDK and CLI for labs", SHOWN, ()),
        ("Command-line tool and Python library", SHOWN, ()),
        ("Library/CLI for labs", SHOWN, CONSOLE),
        ("Parser, Formatter, Validator of labs", "", ()),
        ("A plugin with a command-line interface", SHOWN, ()),
        ("The lab tool-kit", "", ()),
        ("A Pythonic tool for labs", "", ()),
        ("A migrations tool for the lab", "", ()),
        ("Functions to end a CLI application", "", ()),
        ("A template engine and code generation tool", "", ()),
        ("Turn labs into CLI tools", "", ()),
        ("Find labs from Python or from the command line", "", ()),
        ("Log messages from commandline and python", "", ()),
        ("Labs from the terminal", "", MODULES),
        ("A Singer tap framework", "", ()),
        ("Plots for the terminal", "", ()),
        ("A command-line arguments parser", "", ()),
        ("A terminal embedded in the lab browser", "", ()),
        ("A context manager", "", ()),
        ("A GUI toolkit", "", ()),
        ("A lab viewer", "", MODULES),
        ("Labs for a viewer", "", ()),
        ("A viewer/editor of labs", "Labtool is a library of labs.", ()),
        ("Command line interface for labs", "This has the CLI and the SDK of all labs.", ()),
        ("Command line script and Python class for labs", "", ()),
    ],
)
def test_what_calls_itself_something_else_as_well_is_none(
    summary: str, description: str, classifiers: tuple[str, ...]
) -> None:
    told = wheel(
        "labtool", "labtool", summary=summary, description=description, classifiers=classifiers
    )
    assert judge(asked("labtool"), wheel=told).kind is LIBRARY


@pytest.mark.parametrize(
    "readme",
    [
        SHOWN,
        "Labs.\n\n```sh\nlabtool .\n```\n",
        "Labs.\n\n```\nlabtool init --all\n```\n",
        "Labs.\n\n    labtool --all\n",
        "Labs.\n\n    usage: labtool [-h] LAB\n",
        "Labs.\n\n    zcat labs.gz | labtool --all | gzip\n",
        "Labs.\n\n    sudo labtool --all\n",
        "Labs.\n\n    labtool.py --all labs\n",
        "Labs.\n\n- `labtool --all` shows all.\n",
        "Labs.\n\n- `zcat labs.gz | labtool -a`\n",
        "Labs: just run `labtool`.\nLater, run `labtool` again.",
        "Labs.\n\n(venv) $ labtool\n$ labtool\n",
        "Labs.\n\n$ ./labtool --all\n",
        "Labs.\n\n$ python labtool.py --all\n",
        "Labs.\n\n```sh\npoetry run labtool --all\n```\n",
        "Labs for all of us and you.\n\n" + SHOWN + "\nNeeds the SDK of labs.\n",
        SHOWN + "\nA programmatic view of labs.\n",
        SHOWN + "\nRun `python -c 'import labtool; print(labtool.__file__)'` to find it.\n",
        "Labs.\n\n$ labtool -a\n\n```python\nimport os\n```\n",
    ],
)
def test_a_readme_that_shows_the_command_and_nothing_to_import_is_of_a_program(
    readme: str,
) -> None:
    told = wheel("labtool", "labtool", description=readme, summary="Labs, easily")
    answer = judge(asked("labtool"), wheel=told)
    assert answer.kind is APPLICATION
    assert shown(answer.why) == ("its description shows how to run labtool, and nothing to import")


@pytest.mark.parametrize(
    "readme",
    [
        "Labs.\n\n$ labtool\n",
        "Looking to run `labtool` on labs?",
        "`labtool <https://labs.example>`_ knows labs.",
        "# labtool\n\nlabtool shows labs.\n",
        "- Labs\n\n    labtool is for labs\n",
        "- Labs\n\n    labtool knows all the labs.\n",
        "Labs.\n\n```python\nlabtool --all\n```\n",
        "Labs.\n\n    labtools --all\n    labtool-x --all\n    labtool/x --all\n",
        "Labs.\n\n    labtool = all\n",
        "Labs.\n\n    labtool {\n      all\n    }\n",
        SHOWN + "\n    >>> import labtool\n",
        SHOWN + "\nIn [1]: from labtool import x\n",
        SHOWN + '\n$ python -c "import labtool; labtool.run()"\n',
        SHOWN + "\nUsing it from Python\n--------------------\n",
        SHOWN + "\nThis library reads labs.\n",
        SHOWN + "\nSee the [API reference](x).\n",
        SHOWN + "\nIt can be used programmatically.\n",
        SHOWN + "\nAdd it to INSTALLED_APPS.\n",
        SHOWN + "\nIt has to be in your package dependencies.\n",
        SHOWN + "\n    $ python3 -m labtool --all\n",
        SHOWN + "\n    $ labtool serve project.asgi:app\n",
        SHOWN + "\nThen kill it to load the new extension.\n",
        SHOWN + "\nInstall it into the same Python environment as your project.\n",
        "Labs in a Python package.\n\n" + SHOWN,
        "The framework of all labs, and more.\n\n" + SHOWN,
    ],
)
def test_a_readme_that_shows_less_or_more_is_not(readme: str) -> None:
    told = wheel("labtool", "labtool", description=readme, summary="Labs, easily")
    assert judge(asked("labtool"), wheel=told._replace(modules=("labtool",))).kind is LIBRARY


@pytest.mark.parametrize(
    ("name", "command", "kind"),
    [
        ("lab-netsec", "lab", APPLICATION),
        ("fb-lab", "lab", APPLICATION),
        ("lab-upgrader", "lab-upgrade", APPLICATION),
        ("Lab-Tool", "labTool", APPLICATION),
        ("lab", "lab_cli", LIBRARY),
        ("lab", "other", APPLICATION),
        ("lab", "lab.py", APPLICATION),
        ("lab-core", "lab", LIBRARY),
        ("python-lab", "lab", LIBRARY),
        ("lab-utils", "lab-utils", APPLICATION),
    ],
)
def test_the_command_that_is_shown_is_not_one_that_comes_along(
    name: str, command: str, kind: ApplicationKind
) -> None:
    told = wheel(name.lower(), command, description=f"Labs.\n\n    $ {command} --all\n")
    assert judge(asked(name), wheel=told).kind is kind


def test_what_others_load_is_not_taken_for_a_program_by_its_readme() -> None:
    told = wheel("labtool", "labtool", description=SHOWN)
    for group, kind in (("labtool.parts", APPLICATION), ("hatch", LIBRARY)):
        assert judge(asked("labtool"), wheel=told._replace(groups=(group,))).kind is kind


@pytest.mark.parametrize(
    ("sign", "against", "kind"),
    [
        ({"classifiers": CONSOLE}, {"summary": "Migrations for Lab"}, LIBRARY),
        ({"classifiers": CONSOLE}, {"summary": "Migrations for Labs"}, APPLICATION),
        ({"classifiers": CONSOLE}, {"description": "$ python3.12 -m labtool\n"}, LIBRARY),
        (
            {"classifiers": CONSOLE},
            {"description": "$ labtool -a\n$ python -m labtool -a\n"},
            APPLICATION,
        ),
        ({"summary": "A linter for Lab"}, {}, APPLICATION),
        ({"summary": "A linter"}, {"description": "$ labtool project:app\n"}, LIBRARY),
        ({"summary": "A linter"}, {"groups": ("distutils.commands",)}, LIBRARY),
        ({"description": "pipx run labtool\n"}, {}, APPLICATION),
        ({"description": "pipx run labtool\n$ python -m labtool\n"}, {}, LIBRARY),
        ({"description": "uvx labtool\n$ python -m labtool\n"}, {}, APPLICATION),
        ({"description": "uvx labtool\nRestart to load the extension.\n"}, {}, LIBRARY),
        ({"classifiers": CONSOLE}, {"summary": "Lists packages installed with pip"}, LIBRARY),
    ],
)
def test_what_works_on_the_code_beside_it_belongs_there(
    sign: dict[str, Any], against: dict[str, Any], kind: ApplicationKind
) -> None:
    told = wheel("labtool", "labtool")._replace(needs=("lab",), modules=("labtool",))
    assert judge(asked("labtool"), wheel=told._replace(**{**sign, **against})).kind is kind


@pytest.mark.parametrize(
    "readme",
    [
        "# Labtool\n\nLabtool is a fast command-line tool that tidies labs.\n",
        "Labtool\n=======\n\n.. image:: x.svg\n   :alt: x\n\nA CLI tool for labs.\n",
        "<h1>Labs</h1>\n[![ci](a)](b) ![x](y)\n\nThe [real](https://a.example) **lab CLI**.\n",
        "[Guide](x) | [News](y) | [Chat](z) | [Blog](w)\n\nLabs are fun. It is a TUI for labs.\n",
        "Labtool lets you watch labs in your terminal.",
        "Labtool is a lab library manager and a TUI.",
        "A suite of command-line tools for labs.",
        "Lab is a CLI toolbox: show, sort, Library view.",
        "| a | b |\n\n:Author: You and me and others\n\nA linter for labs. It is fast.\n",
    ],
)
def test_a_readme_that_begins_with_a_program_is_of_one(readme: str) -> None:
    told = wheel("labtool", "lab", description=readme)
    assert judge(asked("labtool"), wheel=told).kind is APPLICATION
    assert "calls itself" in shown(judge(asked("labtool"), wheel=told).why)


@pytest.mark.parametrize(
    "readme",
    [
        "",
        "# Labtool, a command-line tool\n",
        "Labtool tidies labs for you.\n\nIt is a command-line tool.\n",
        "Labtool is for making a command-line tool.",
        "Labtool is a Python library to make a TUI for labs.",
        "Labtool is a library and a command-line tool for labs.",
        "A Python and command-line interface to labs.",
        "A command line tool and Python API of labs.",
        "Labtool is a TUI framework.",
        "Labtool is a web application framework.",
        "Labtool is a TUI library, and more.",
        "Bindings of the lab CLI, written in Rust.",
        "Labtool is used by the lab language server.",
        "A plugin of the lab, a linter.",
        "Labtool is a linter.\n\n    import labtool\n",
    ],
)
def test_a_readme_that_begins_with_something_else_is_not(readme: str) -> None:
    told = wheel("labtool", "lab", description=readme)
    assert judge(asked("labtool"), wheel=told).kind is LIBRARY


def test_a_tool_whose_commands_have_other_names_is_none() -> None:
    for command, kind in (
        ("tool", LIBRARY),
        ("lab-x", LIBRARY),
        ("la", LIBRARY),
        ("lab", APPLICATION),
        ("lab_tool", APPLICATION),
        ("labtool", APPLICATION),
        ("lab-tool-rag", APPLICATION),
    ):
        told = wheel("lab-tool-rag", command, summary="A tool for labs")
        assert judge(asked("lab-tool-rag"), wheel=told).kind is kind


def test_a_readme_that_begins_with_a_tool_is_of_one_if_a_command_has_its_name() -> None:
    told = wheel("labtool", "labtool", description="Labtool is a small tool to tidy labs.")
    assert judge(asked("labtool"), wheel=told).kind is APPLICATION
    assert judge(asked("labtool"), wheel=told._replace(commands=("lab",))).kind is LIBRARY
    assert judge(asked("labtool"), wheel=told._replace(classifiers=MODULES)).kind is LIBRARY
    other = told._replace(description="Labtool is part of a tool to tidy labs.")
    assert judge(asked("labtool"), wheel=other).kind is LIBRARY


def test_a_console_counts_if_a_command_has_the_projects_name() -> None:
    told = wheel("labtool", "lab-ls", "lab-diff", classifiers=CONSOLE)
    assert judge(asked("labtool"), wheel=told).kind is LIBRARY
    assert judge(asked("labtool"), wheel=told._replace(commands=("labtool",))).kind is APPLICATION
    curses = told._replace(classifiers=("Environment :: Console :: Curses",))
    assert judge(asked("labtool"), wheel=curses).kind is APPLICATION


def test_what_holds_nothing_to_import_is_an_application() -> None:
    def read(*files: str, entry_points: str = "") -> Application:
        facts = read_wheel(metadata="Name: lab\n", entry_points=entry_points, files=files)
        return judge(asked("lab"), wheel=facts)

    script = "lab-1.data/scripts/lab"
    assert read(script, "lab-1.dist-info/RECORD").kind is APPLICATION
    assert read(script, "lab/__init__.py").kind is LIBRARY
    assert read(script, "lab.abi3.so").kind is LIBRARY
    assert read(script, "lab-1.data/purelib/lab.py").kind is LIBRARY
    # A command of a dependency's module: that one may be a library.
    assert read(entry_points="[console_scripts]\nlab = other:main\n").kind is LIBRARY


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://you.github.io/labtool/", "http://github.com/you/labtool"),
        ("https://you.gitlab.io/labtool/docs", "gitlab.com/you/labtool/docs"),
        ("https://labtool.readthedocs.io/en/latest/", "labtool.readthedocs.org"),
        ("git+ssh://git@github.com/you/labtool.git", "https://www.github.com/You/LabTool#readme"),
    ],
)
def test_addresses_of_one_project_are_one(url: str, same: str) -> None:
    assert bare_url(url) == bare_url(same)


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://you.github.io/labtool/", "https://github.com/me/labtool"),
        ("https://labtool.readthedocs.io", "https://labtool2.readthedocs.io"),
        ("https://you.github.io", "https://github.com/you"),
    ],
)
def test_addresses_of_two_projects_are_two(url: str, other: str) -> None:
    assert bare_url(url) != bare_url(other)


@pytest.mark.parametrize(
    ("name", "summary", "install", "kind"),
    [
        ("lab-mcp", "Labs", "uvx lab-mcp", APPLICATION),
        ("mcp-server-lab", "Labs", "uvx mcp-server-lab", APPLICATION),
        ("lab", "An MCP server of labs", "uvx lab", APPLICATION),
        ("lab", "A Model Context Protocol (MCP) server", "pipx install lab", APPLICATION),
        ("lab", "An MCP server of labs", "pip install lab", LIBRARY),
        ("lab", "An MCP server framework", "uvx lab", LIBRARY),
        ("lab", "Python library for your MCP server", "uvx lab", LIBRARY),
        ("lab-mcp-sdk", "Labs", "uvx lab-mcp-sdk", LIBRARY),
        ("lab-mcp-parts", "Labs", "uvx lab-mcp-parts", LIBRARY),
        ("lab", "Labs", "uvx lab", LIBRARY),
    ],
)
def test_a_server_of_mcp_may_show_how_it_is_embedded(
    name: str, summary: str, install: str, kind: ApplicationKind
) -> None:
    module = name.replace("-", "_")
    readme = f"$ {install}\n\nAs a Python module:\n\n>>> import {module}\n"
    told = wheel(name, name, summary=summary, description=readme)._replace(modules=(module,))
    assert judge(asked(name), wheel=told).kind is kind
    needed = KnownNames(is_module=lambda _: True)
    assert judge(asked(name), known=needed, wheel=told).kind is LIBRARY


def test_a_command_with_the_name_of_a_module_is_the_projects_own() -> None:
    told = wheel("my-labs", "lab", summary="A tool for labs")
    for modules, kind in ((("lab",), APPLICATION), (("lab", "x"), APPLICATION), (("x",), LIBRARY)):
        assert judge(asked("my-labs"), wheel=told._replace(modules=modules)).kind is kind


def test_what_others_in_debian_need_as_a_module_is_no_application() -> None:
    told = wheel("labtool", "labtool", classifiers=CONSOLE)
    needed = KnownNames(is_module=lambda name: name == "labtool")
    assert judge(asked("labtool"), wheel=told).kind is APPLICATION
    assert judge(asked("labtool"), known=needed, wheel=told).kind is LIBRARY
    assert known_names().is_module("nibabel")  # of Debian's
    assert known_names().is_module("alembic")  # required by others on the index
    assert known_names().is_module("fastapi-cli")  # imports the application that it runs
    assert known_names().is_module("beanquery")  # its package in Debian is python3-beanquery
    assert known_names().is_module("pyinstaller")  # bundles what is installed beside it
    assert not known_names().is_module("mypy")


def test_a_name_that_begins_with_python_is_a_module() -> None:
    told = wheel("py-labtool", "labtool", description="pipx install py-labtool")
    assert judge(asked("py-labtool"), wheel=told).kind is LIBRARY


def test_no_list_is_read_where_another_rule_answers() -> None:
    def never(name: str) -> Shipped | None:
        raise AssertionError(name)

    known = KnownNames(shipped=never)
    by_readme = wheel("labtool", "labtool", description="pipx install labtool")
    assert judge(asked("labtool"), known=known, wheel=by_readme).kind is APPLICATION
    assert judge(asked("labtool"), known=known, wheel=wheel("labtool")).kind is LIBRARY
    assert judge(asked("labtool"), known=known).kind is UNKNOWN


@pytest.mark.parametrize(
    "piece",
    [" ", "\t", "> ", "` ", "$ ", "| ", "run ", "is a ", "terminal ", "lab ", "this ", "-c '"],
)
@pytest.mark.parametrize("field", ["Summary: x {}\n", "\n{}\n", "\n```\n{}\n"])
def test_one_endless_line_is_judged_as_any_other(piece: str, field: str) -> None:
    # By a pattern whose cost is the square of a line's length this would take hours.
    facts = read_wheel(
        metadata="Name: lab\n" + field.format(piece * 200_000),
        entry_points="[console_scripts]\nlab = a:b\n",
        files=["lab/__init__.py"],
    )
    judge(asked("lab"), known=known_names(), wheel=facts)


def test_the_addresses_are_those_of_the_metadata() -> None:
    facts = read_wheel(
        metadata="Name: x\nHome-page: https://a.example\nProject-URL: Source, https://b.example\n"
        "Summary: does things\n",
        entry_points="",
        files=(),
    )
    assert facts.urls == ("https://a.example", "https://b.example")
    assert facts.summary == "does things"


def test_the_list_names_programs_their_homes_and_who_ships_them() -> None:
    find = known_names().shipped
    assert find("borgmatic") == Shipped("torsion.org/borgmatic", "Debian")
    assert find("nvitop") == Shipped("github.com/xuehaipan/nvitop", "nixpkgs")
    assert find("delvewheel") == Shipped("github.com/adang1345/delvewheel", "safepip")
    assert find("numpy") is None
    assert find("no-such-program") is None


def test_why_tells_who_ships_it_and_what_is_against_it() -> None:
    told = wheel("labtool", "labtool")._replace(urls=(f"https://{HOME}",))
    known = KnownNames(shipped=distributor)
    assert shown(judge(asked("labtool"), known=known, wheel=told).why) == (
        f"nixpkgs ships it as a program ({HOME})"
    )
    imported = told._replace(description=README_WITH_IMPORT)
    assert shown(judge(asked("labtool"), known=known, wheel=imported).why) == (
        f"nixpkgs ships it as a program ({HOME}), but it is offered for import, too; "
        "to have it as an application: pipx install labtool"
    )
    hooks = KnownNames(shipped=lambda _: Shipped(HOME, "pre-commit"))
    assert "pre-commit runs it" in shown(judge(asked("labtool"), known=hooks, wheel=told).why)


def test_what_our_list_has_read_of_is_a_program_whatever_its_classifiers_say() -> None:
    ours = KnownNames(shipped=lambda _: Shipped(HOME, "safepip"))
    told = wheel("labtool", "labtool", classifiers=(TOPIC,))._replace(urls=(f"https://{HOME}",))
    assert judge(asked("labtool"), known=ours, wheel=told).kind is APPLICATION
    assert (
        judge(asked("labtool"), known=KnownNames(shipped=distributor), wheel=told).kind is LIBRARY
    )
    elsewhere = told._replace(urls=("https://elsewhere.example",))
    assert judge(asked("labtool"), known=ours, wheel=elsewhere).kind is LIBRARY
    needed = ours._replace(is_module=lambda _: True)
    assert judge(asked("labtool"), known=needed, wheel=told).kind is LIBRARY
    named_as_plugin = told._replace(name="sphinx-labs", commands=("labs",))
    assert judge(asked("sphinx-labs"), known=ours, wheel=named_as_plugin).kind is APPLICATION
    registers = named_as_plugin._replace(groups=("sphinx.html_themes",))
    assert judge(asked("sphinx-labs"), known=ours, wheel=registers).kind is LIBRARY


@pytest.mark.parametrize("pages", ["", HOME, f"labtool.example {HOME}"])
@pytest.mark.parametrize(
    ("facts", "is_application"),
    [
        pytest.param({}, True, id="nothing against it, no address"),
        pytest.param({"urls": ("https://elsewhere.example",)}, True, id="another address"),
        pytest.param({"commands": ("lab",)}, True, id="a command of another name"),
        pytest.param({"commands": ()}, False, id="no command"),
        pytest.param({"name": "labtools"}, False, id="another name"),
        pytest.param({"groups": ("pytest11",), "commands": ("lab",)}, False, id="a plugin"),
        pytest.param({"groups": ("distutils.commands",)}, False, id="a plugin of builds"),
        pytest.param({"summary": "A Python library for labs"}, False, id="a library"),
        pytest.param({"summary": "The SDK of labs"}, False, id="an SDK"),
        pytest.param({"summary": "A framework for labs"}, False, id="a framework"),
        pytest.param({"description": README_WITH_IMPORT}, False, id="an example of an import"),
        pytest.param({"description": "Use it as a library."}, False, id="its word"),
        pytest.param({"classifiers": (TOPIC,)}, False, id="a library's topic"),
        pytest.param({"classifiers": ("Framework :: Django",)}, False, id="in a framework"),
    ],
)
def test_a_name_of_our_list_is_a_program_unless_something_is_against_it(
    pages: str, facts: dict[str, Any], is_application: object
) -> None:
    ours = KnownNames(shipped=lambda name: Shipped(pages, "safepip") if name == "labtool" else None)
    told = wheel("labtool", "labtool", summary="Labs")._replace(**facts)
    assert (judge(asked(told.name), known=ours, wheel=told).kind is APPLICATION) is is_application
    needed = ours._replace(is_module=lambda _: True)
    assert judge(asked(told.name), known=needed, wheel=told).kind is LIBRARY


@pytest.mark.parametrize("by", ["Debian", "nixpkgs", "pre-commit"])
def test_a_name_of_another_list_is_none_by_itself(by: str) -> None:
    told = wheel("labtool", "labtool")._replace(urls=("https://elsewhere.example",))
    for home in ("", HOME):
        known = KnownNames(shipped=lambda _, home=home: Shipped(home, by))  # type: ignore[misc]
        assert judge(asked("labtool"), known=known, wheel=told).kind is LIBRARY


def test_one_of_several_pages_is_enough() -> None:
    pages = KnownNames(
        shipped=lambda _: Shipped("labtool.example github.com/you/labtool", "Debian")
    )
    for url, kind in (
        ("https://labtool.example", APPLICATION),
        ("https://github.com/you/labtool", APPLICATION),
        ("https://github.com/me/labtool", LIBRARY),
    ):
        told = wheel("labtool", "lab")._replace(urls=(url,))
        answer = judge(asked("labtool"), known=pages, wheel=told)
        assert answer.kind is kind
        if kind is APPLICATION:
            assert shown(answer.why).endswith(f"({bare_url(url)})")


@pytest.mark.parametrize(
    ("text", "urls", "is_application"),
    [
        ("[stars](https://img.example/github.com/You/labtool/x.svg)", (), True),
        ("Home-page: http://github.com/you/labtool", (), True),
        ("https://github.com/you/labtool-extras", (), False),
        ("https://my.github.com/you/labtool", (), False),
        ("https://github.com/me/labtool", (), False),
        ("https://github.com/you/labtool", ("https://github.com/me/labtool",), False),
    ],
)
def test_a_page_in_the_readme_is_enough_where_metadata_names_none(
    text: str, urls: tuple[str, ...], is_application: object
) -> None:
    ours = KnownNames(shipped=lambda _: Shipped(HOME, "safepip"))
    told = wheel("labtool", "labtool", summary="A Python library", description=text)
    answer = judge(asked("labtool"), known=ours, wheel=told._replace(urls=urls))
    assert (answer.kind is APPLICATION) is is_application


def rows_of(name: str) -> list[list[str]]:
    text = KNOWN_APPLICATIONS.with_name(name).read_text(encoding="utf-8")
    return [row.split("\t") for row in text.splitlines() if not row.startswith("#")]


def test_no_name_stands_twice_and_rows_of_others_have_a_page() -> None:
    rows = rows_of("programs.tsv")
    names = [row[0] for row in rows]
    assert names == sorted(set(names))
    assert names == [normalized(name) for name in names]
    assert all(len(row) in {2, 3} for row in rows)
    assert all("." in row[1] or row[1:] == ["", "safepip"] for row in rows)
    assert {row[2] for row in rows if len(row) == 3} <= {"nixpkgs", "pre-commit", "safepip"}


def test_what_we_list_as_a_program_is_in_no_other_list() -> None:
    ours = {row[0] for row in rows_of("programs.tsv") if row[2:] == ["safepip"]}
    assert not ours & {row[0] for row in rows_of("modules.txt")}
    assert not ours & known_names().applications.keys()


def test_no_program_is_also_a_module_that_others_need() -> None:
    text = KNOWN_APPLICATIONS.with_name("programs.tsv").read_text(encoding="utf-8")
    names = {row.partition("\t")[0] for row in text.splitlines() if not row.startswith("#")}
    assert [name for name in sorted(names) if known_names().is_module(name)] == []


def test_one_objection_silences_a_voter_and_no_other() -> None:
    told = wheel("labtool", "labtool", classifiers=CONSOLE)._replace(urls=(f"https://{HOME}",))
    known = KnownNames(shipped=distributor, is_module=lambda _: True)
    assert judge(asked("labtool"), known=known, wheel=told).kind is APPLICATION
    assert judge(asked("labtool"), known=known._replace(shipped=lambda _: None), wheel=told) == (
        Application(
            name="labtool",
            kind=LIBRARY,
            why=because(
                Reason.BOTH,
                sign=because(
                    Reason.CLASSIFIER, commands=("labtool",), classifier="Environment :: Console"
                ),
                against=because(Reason.NEEDED),
                name="labtool",
            ),
            commands=("labtool",),
        )
    )


@pytest.mark.parametrize(
    ("name", "command", "groups", "kind"),
    [
        ("labtool", "lt", (), APPLICATION),
        ("labtool", "lt", ("labtool.parts", "pygments.styles"), APPLICATION),
        ("labtool", "lt", ("flake8.extension",), LIBRARY),
        ("labtool", "labtool", ("flake8.extension",), APPLICATION),
        ("pytest-labtool", "pytest-labtool", (), LIBRARY),
    ],
)
def test_a_plugin_belongs_beside_its_program(
    name: str, command: str, groups: tuple[str, ...], kind: ApplicationKind
) -> None:
    told = wheel(name, command, summary="A linter")._replace(groups=groups)
    assert judge(asked(name), wheel=told).kind is kind


@pytest.mark.parametrize(
    ("needs", "classifier", "kind"),
    [
        ((), "Topic :: Utilities", APPLICATION),
        (("ipython",), "Topic :: Utilities", LIBRARY),
        ((), "Framework :: Ansible", APPLICATION),
        ((), "Framework :: Django", LIBRARY),
    ],
)
def test_what_shows_itself_in_a_notebook_or_is_for_a_framework_belongs_beside_it(
    needs: tuple[str, ...], classifier: str, kind: ApplicationKind
) -> None:
    told = wheel("labtool", "labtool", summary="Tool that does x", classifiers=(classifier,))
    assert judge(asked("labtool"), wheel=told._replace(needs=needs)).kind is kind


@pytest.mark.parametrize(
    ("name", "modules", "line"),
    [
        ("lab-tool", (), "import labtool"),
        ("lab-tool", (), "import lab_tool"),
        ("labtool3", (), "from labtool.core import x"),
        ("labtool", ("bench",), "from bench import Probe"),
    ],
)
def test_an_example_imports_what_the_wheel_installs(
    name: str, modules: tuple[str, ...], line: str
) -> None:
    told = wheel(name, "lab", description=f"Use it:\n\n    {line}\n")._replace(modules=modules)
    assert is_offered_for_import(Case(told)) is not None
    other = told._replace(description="Use it:\n\n    import other\n")
    assert is_offered_for_import(Case(other)) is None


@pytest.mark.parametrize(
    ("text", "is_offered"),
    [
        ("repos:\n  - repo: https://github.com/you/labtool\n    rev: v1\n", True),
        ("-   repo: 'https://github.com/another/labtool.git'", True),
        ("- repo: https://github.com/you/other", False),
        ("- repo: local", False),
        ("See https://github.com/you/labtool", False),
    ],
)
def test_a_hook_of_pre_commit_is_a_program(text: str, is_offered: object) -> None:
    told = wheel("labtool", "labtool", description=text)
    assert (judge(asked("labtool"), wheel=told).kind is APPLICATION) is is_offered


@pytest.mark.parametrize(
    ("lead", "is_library"),
    [
        ("lab is a fast Python library for labs.", True),
        ("lab is an in-memory Python module for your labs.", True),
        ("lab is a tool for the labs that you have, and a Python library.", True),
        ("lab is a tool to test if all modules in a Python package are yours.", False),
        ("lab provides an alternative by making labs with the Other library.", False),
        ("lab is a tool for labs, powered by the Other library.", False),
    ],
)
def test_what_a_program_uses_or_looks_at_is_not_what_it_is(lead: str, is_library: object) -> None:
    assert (is_offered_for_import(Case(wheel("lab", "lab", description=lead))) is not None) is (
        is_library
    )


class TestOrderOfTheRules:
    KNOWN = KnownNames(
        applications={
            "labknown": KnownName(commands=("labknown",)),
            "labparts": KnownName(commands=("labpart",), include_deps=True),
        },
        metapackages={"labmeta": KnownName(commands=("labmeta",))},
    )

    def test_the_users_libraries_win_over_everything(self) -> None:
        answer = judge(
            asked("labknown"),
            overrides_applications={"labknown"},
            overrides_libraries={"LabKnown"},
            known=self.KNOWN,
            wheel=wheel("labknown", "labknown", classifiers=CONSOLE),
        )
        assert answer.kind is LIBRARY
        assert "your settings" in shown(answer.why)

    def test_the_users_applications_win_over_the_wheel(self) -> None:
        answer = judge(
            asked("Lab_Lib"),
            overrides_applications={"lab-lib"},
            wheel=wheel("lab-lib", "lab", classifiers=("Framework :: X",)),
        )
        assert (answer.kind, answer.name, answer.include_deps) == (APPLICATION, "lab-lib", False)

    def test_the_users_application_without_a_command_has_them_in_its_dependencies(self) -> None:
        answer = judge(asked("lab"), overrides_applications={"lab"}, wheel=wheel("lab"))
        assert (answer.kind, answer.include_deps) == (APPLICATION, True)

    def test_the_users_application_needs_no_look_up(self) -> None:
        answer = judge(
            asked("lab"), overrides_applications={"lab"}, problem=because(Reason.INDEX_SILENT)
        )
        assert (answer.kind, answer.include_deps) == (APPLICATION, False)

    def test_a_wheel_without_a_command_is_a_library_though_it_is_listed(self) -> None:
        answer = judge(asked("labknown"), known=self.KNOWN, wheel=wheel("labknown"))
        assert (answer.kind, shown(answer.why)) == (LIBRARY, "it provides no command")

    def test_a_wheel_without_a_command_is_a_library_whatever_it_says(self) -> None:
        facts = wheel("lab", classifiers=CONSOLE, description="pipx install lab")
        assert judge(asked("lab"), wheel=facts).kind is LIBRARY

    @pytest.mark.parametrize("facts", [None, wheel("labparts"), wheel("labparts", "labparts-x")])
    def test_commands_of_a_listed_name_may_live_in_its_dependencies(
        self, facts: WheelFacts | None
    ) -> None:
        answer = judge(asked("labparts"), known=self.KNOWN, wheel=facts)
        assert (answer.kind, answer.include_deps) == (APPLICATION, True)
        assert "labpart" in answer.commands

    def test_a_metapackage_is_no_application_but_could_be_made_one(self) -> None:
        by_itself = judge(asked("labmeta"), known=self.KNOWN, wheel=wheel("labmeta"))
        by_wish = judge(
            asked("labmeta"), known=self.KNOWN, wheel=None, overrides_applications={"labmeta"}
        )
        assert (by_itself.kind, by_itself.include_deps) == (LIBRARY, True)
        assert (by_wish.kind, by_wish.include_deps) == (APPLICATION, True)

    def test_the_list_answers_when_nothing_could_be_read(self) -> None:
        answer = judge(asked("labknown"), known=self.KNOWN, problem=because(Reason.INDEX_SILENT))
        assert (answer.kind, answer.commands) == (APPLICATION, ("labknown",))

    def test_what_could_not_be_read_is_unknown_and_says_why(self) -> None:
        answer = judge(asked("lab"), known=self.KNOWN, problem=because(Reason.INDEX_SILENT))
        assert answer.kind is UNKNOWN
        assert "the index did not answer" in shown(answer.why)

    def test_a_library_with_a_command_says_how_to_have_it_as_an_application(self) -> None:
        answer = judge(asked("labtab[x]==1.0"), wheel=wheel("labtab", "labtab"))
        assert answer.kind is LIBRARY
        assert "the command labtab;" in shown(answer.why)
        assert shown(answer.why).endswith("pipx install labtab")

    @pytest.mark.parametrize(
        "kind",
        [RequirementKind.URL, RequirementKind.LOCAL_DIR, RequirementKind.EDITABLE],
    )
    def test_only_names_are_judged(self, kind: RequirementKind) -> None:
        answer = judge(
            RequestedRequirement(text="./labknown", kind=kind, name="labknown"), known=self.KNOWN
        )
        assert answer.kind is UNKNOWN


README_SAYS = [
    "pipx install lab-tool",
    "`pipx install lab_tool`",
    "$ pipx install --force 'lab-tool'",
    "uv tool install lab.tool",
    "uvx lab-tool --help",
    "uvx lab-tool@latest",
    "brew install lab-tool",
    "brew install lab-tool  # macOS",
    "brew install lab-tool && lab",
    "Run ``pipx install Lab-Tool``.",
    "If you do not have it, pipx install lab-tool",
    "pipx run lab-tool",
    "uv tool run lab-tool",
    "brew install you/tap/lab-tool",
    "snap install lab-tool",
    "scoop install lab-tool",
    "pacman -Syu lab-tool",
    "yay -S lab-tool",
    "nix-shell -p lab-tool",
    "nix run nixpkgs#lab-tool",
    '"command": "uvx",\n  "args": ["lab-tool", "--stdio"]',
    '"path": "uvx", "args": ["--from", "lab-tool@latest", "lab"]',
    "[formula](https://formulae.brew.sh/formula/lab-tool)",
    "https://aur.archlinux.org/packages/lab-tool/",
    "apk add lab-tool",
    "sudo port install lab-tool",
    "guix install lab-tool",
    "nix profile install nixpkgs#lab-tool",
    "pipx upgrade lab-tool",
    "pipx inject lab-tool lab-tool-maps",
    "uv tool install --python 3.12 lab-tool",
    "pipx install git+https://example.org/you/lab-tool.git@main",
]
README_SAYS_NOT = [
    "",
    "pip install lab-tool",
    "pipx install\nlab-tool",
    "pipx install other",
    "pipx install lab-tool-extras",
    "pipx install lab-tool.plugins",
    "pipx inject other lab-tool",
    "uvx lab-tool/other",
    "pacman -S python-lab-tool",
    "pacman -S base-devel lab-tool",
    "dnf install lab-tool",
    "brew install lab-tool/other",
    '"command": "uv", "args": ["lab-tool"]',
    "https://aur.archlinux.org/packages/python-lab-tool",
    "apt install lab-tool",
    "apk add py3-lab-tool",
    "port install py312-lab-tool",
    "pipx install 'lab-tool[proxy]'",
    "brew install lab-tool pkg-config",
    "brew install cmake lab-tool",
    "brew install --cask lab-tool",
    "Do not pipx install lab-tool",
    "mypipx install lab-tool",
    "pipx install git+https://example.org/lab-tool-2",
]


@pytest.mark.parametrize("text", README_SAYS)
def test_readme_that_says_so_makes_it_an_application(text: str) -> None:
    sign = readme_sign(Case(wheel("lab-tool", "lab", description=f"# Lab\n{text}\nmore words\n")))
    assert sign is not None
    assert "lab-tool" in shown(sign)


@pytest.mark.parametrize("text", README_SAYS_NOT)
def test_readme_that_says_something_else_does_not(text: str) -> None:
    told = wheel("lab-tool", "lab", description=f"# Lab\n{text}\nmore\n")
    assert readme_sign(Case(told)) is None


def test_readme_with_an_extra_speaks_of_a_request_with_that_extra() -> None:
    facts = wheel("lab", "lab", description="uv tool install 'lab[proxy]'")
    assert judge(asked("lab"), wheel=facts).kind is LIBRARY
    assert judge(asked("lab[proxy]"), wheel=facts).kind is APPLICATION


def test_readme_of_any_size_is_read_in_no_time() -> None:
    text = "pipx install " + "-a " * 50_000 + "uvx " * 50_000 + "a.-" * 50_000
    assert readme_sign(Case(wheel("lab", "lab", description=text))) is None
    assert hook_sign(Case(wheel("lab", "lab", description="- repo: " * 50_000))) is None
    assert lead_sign(Case(wheel("lab", "lab", description="<!-- [![" * 50_000))) is None
    for part in ("a|", "`a|", "run `", "lab: ", "$ ", "```\n", "    lab\n"):
        assert usage_sign(Case(wheel("lab", "lab", description=part * 50_000))) is None


@pytest.mark.parametrize(
    "classifiers",
    [
        ("Environment :: Console",),
        ("Environment :: Console :: Curses",),
        ("Environment :: X11 Applications :: Qt",),
        ("Environment :: MacOS X",),
        ("Environment :: Win32 (MS Windows)",),
        ("Topic :: Software Development", "Environment :: Console"),
    ],
)
def test_classifiers_of_a_program(classifiers: tuple[str, ...]) -> None:
    assert classifier_sign(Case(wheel("lab", "lab", classifiers=classifiers))) is not None


@pytest.mark.parametrize(
    "classifiers",
    [
        (),
        ("Environment :: Consoles",),
        ("Environment :: Web Environment",),
        ("Topic :: Utilities",),
        ("Environment :: Console", "Environment :: Web Environment"),
        ("Environment :: Console", "Environment :: Web Environment :: Mozilla"),
        ("Environment :: Console", "Environment :: Other Environment"),
        ("Environment :: Console", "Framework :: Django"),
        ("Environment :: Console", "Topic :: Software Development :: Libraries"),
        ("Environment :: Console", "Topic :: Software Development :: Testing"),
    ],
)
def test_classifiers_that_show_no_program(classifiers: tuple[str, ...]) -> None:
    assert classifier_sign(Case(wheel("lab", "lab", classifiers=classifiers))) is None


@pytest.mark.parametrize(
    ("name", "command", "kind"),
    [
        ("lab-cli", "lab", APPLICATION),
        ("git-lab", "git-lab", APPLICATION),
        ("git-lab", "lab", LIBRARY),
        ("mcp-lab", "mcp-lab", APPLICATION),
        ("lab-mcp-server", "lab-mcp-server", APPLICATION),
        ("lab-mcp", "lab", APPLICATION),
        ("lab-mcp", "x", LIBRARY),
        ("lab-mcp-server", "x", APPLICATION),
        ("mcp-server-lab", "x", APPLICATION),
        ("lab-mcp-server-sdk", "x", LIBRARY),
        ("lab-client", "lab-client", LIBRARY),
        ("cli-helpers", "cli-helpers", LIBRARY),
    ],
)
def test_a_name_can_say_that_it_is_run(name: str, command: str, kind: ApplicationKind) -> None:
    assert judge(asked(name), wheel=wheel(name, command, summary="Labs")).kind is kind
    for summary in ("A Python library for labs", "Python client of labs", "Turn labs into CLIs"):
        imported = wheel(name, command, summary=summary)
        assert judge(asked(name), wheel=imported).kind is LIBRARY


class TestReadingAWheel:
    METADATA = (
        "Metadata-Version: 2.1\n"
        "Name: Lab_Tool\n"
        "Version: 1.2\n"
        "Classifier: Environment :: Console\n"
        "Classifier: Topic :: Utilities\n"
        "Requires-Dist: idna (>=2)\n"
        "Requires-Dist: six; extra == 'old'\n"
        "\n"
        "# Größe\n\npipx install lab-tool\n"
    )

    def test_all_facts(self) -> None:
        assert read_wheel(
            metadata=self.METADATA,
            entry_points="[console_scripts]\nzz = a:b\nlab-tool = a:b\n",
            files=["lab_tool-1.2.data/scripts/aa", "lab_tool/x.py"],
        ) == WheelFacts(
            name="lab-tool",
            version="1.2",
            commands=("lab-tool", "aa", "zz"),
            classifiers=("Environment :: Console", "Topic :: Utilities"),
            description="# Größe\n\npipx install lab-tool\n",
            needs=("idna",),
            modules=("lab_tool",),
        )

    def test_metadata_that_is_none_has_no_facts(self) -> None:
        facts = read_wheel(metadata="nonsense", entry_points="", files=(), name="lab")
        assert facts.name == "lab"
        assert not facts.commands

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", {}),
            (
                "[console_scripts]\nLab = a:b\nlab3 = a:b [x]\n",
                {"console_scripts": ("Lab", "lab3")},
            ),
            ("[gui_scripts]\nlab = a:b\n", {"gui_scripts": ("lab",)}),
            (
                "# x\n[console_scripts]\nlab=a:b\n[console_scripts]\nlob=a:b\n",
                {"console_scripts": ("lab", "lob")},
            ),
            ("[pytest11]\nlab = a\n", {"pytest11": ("lab",)}),
            ("lab = a:b\n", {}),
            ("[console_scripts\nlab", {}),
            (
                "[DEFAULT]\nlab = a:b\n[console_scripts]\n",
                {"DEFAULT": ("lab",), "console_scripts": ()},
            ),
        ],
    )
    def test_entry_points(self, text: str, expected: dict[str, tuple[str, ...]]) -> None:
        assert expected == parse_entry_points(text)

    def test_groups_are_those_of_no_commands(self) -> None:
        points = "[gui_scripts]\nlab = a:b\n[pytest11]\nlab = a\n"
        facts = read_wheel(metadata="Name: x\n", entry_points=points, files=())
        assert (facts.commands, facts.groups) == (("lab",), ("pytest11",))

    def test_script_files(self) -> None:
        files = [
            "lab-1.0.data/scripts/lab.sh",
            "lab-1.0.data/scripts/",
            "lab-1.0.data/data/scripts/no",
            "lab-1.0.data/data/bin/lob",
            "lab/x.data/scripts/no",
        ]
        assert script_files(files) == ("lab.sh", "lob")


class TestBundledList:
    def test_each_entry_has_two_sources_that_are_explained(self) -> None:
        document = json.loads(KNOWN_APPLICATIONS.read_text("utf-8"))
        for name, entry in document["applications"].items():
            kinds = {source.partition(":")[0] for source in entry["sources"]}
            assert len(kinds) >= 2, name
            assert kinds <= set(document["sources"]), name

    def test_names_are_normalized_and_have_commands(self) -> None:
        for name, entry in known_names().applications.items():
            assert name == name.lower().replace("_", "-").replace(".", "-")
            assert entry.commands, name

    def test_ansible_has_its_commands_in_a_dependency(self) -> None:
        assert known_names().applications["ansible"].include_deps


@pytest.mark.parametrize("reason", [Reason.ONLY_SOURCE, Reason.TOO_MUCH_TO_READ])
@pytest.mark.parametrize("by", ["safepip", "nixpkgs"])
def test_of_a_name_that_our_list_has_no_description_is_needed(reason: Reason, by: str) -> None:
    known = KnownNames(shipped=lambda name: Shipped(HOME, by) if name == "labtool" else None)
    because_of = because(reason, version="1.0")
    expected = APPLICATION if by == "safepip" else UNKNOWN
    assert judge(asked("labtool"), known=known, problem=because_of).kind is expected
    assert judge(asked("lab"), known=known, problem=because_of).kind is UNKNOWN
    silent = because(Reason.INDEX_SILENT)
    assert judge(asked("labtool"), known=known, problem=silent).kind is UNKNOWN
    needed = known._replace(is_module=lambda _: True)
    assert judge(asked("labtool"), known=needed, problem=because_of).kind is UNKNOWN
