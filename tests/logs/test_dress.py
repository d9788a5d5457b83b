"""What a log puts around pip's words changes no verdict: prefixes, strings, web pages, wraps."""

from __future__ import annotations

import html
import json
import textwrap
from typing import TYPE_CHECKING

import pytest

from safepip.model.triggers import TriggerName
from tests.logs.test_signs import DEFAULT, DENIED, HEAD, HINT, MANAGED, PIPS, SITE, case, explain

if TYPE_CHECKING:
    from collections.abc import Callable

COLLECTING = "Looking in indexes: http://example.invalid/simple\nCollecting six\n"
INSTALLING = "Installing collected packages: six\n"
SETUP = f"{COLLECTING}  Running setup.py install\n"
LOCKED = "PermissionError: [Errno 13] Permission denied: '/opt/lab/locked'\n"
TARGET = f"{HEAD}{PIPS.replace('in run', 'in _handle_target_dir')}{LOCKED}"
CHAINED = (
    f'{HEAD}  File "/usr/lib/python3.9/shutil.py", line 1, in move\n'
    "OSError: [Errno 18] …: '/x'\n\n"
    f"During handling of the above exception, another exception occurred:\n\n{HEAD}{PIPS}"
    f"PermissionError: [Errno 13] Permission denied: '{SITE}'\n"
)
EDITABLE = (
    "Obtaining file:///x\n  Running setup.py develop for x\n    Complete output (3 lines):\n"
    f"    running develop\n        [Errno 13] Permission denied: '{SITE}'\n    ----------\n"
)

PERMISSION = TriggerName.PERMISSION_DENIED
LOGS = (
    (f"{COLLECTING}{INSTALLING}{DENIED}\n{HINT}\n", PERMISSION),
    (f"{COLLECTING}{INSTALLING}ERROR: Exception:\n{TARGET}", PERMISSION),
    (f"{COLLECTING}{INSTALLING}ERROR: Exception:\n{CHAINED}", PERMISSION),
    (f"{SETUP}    error: could not create '{SITE}': …\n", PERMISSION),
    (f"{SETUP}    error: [Errno 13] Permission denied: '{SITE}'\n", PERMISSION),
    (f"{MANAGED}\n\nhint: See PEP 668\n", TriggerName.EXTERNALLY_MANAGED),
    (f"{DEFAULT}\nCollecting x\n      {LOCKED}error: metadata-generation-failed\n", None),
    (f"{DEFAULT}\nCollecting x\nWould install x-1\n", TriggerName.DEFAULT_TO_USER),
    (EDITABLE, PERMISSION),
    (f"{DEFAULT}\n{COLLECTING}{INSTALLING}", TriggerName.DEFAULT_TO_USER),
    (f"{DEFAULT}\nRequirement already satisfied: six in /usr/lib (1.0)\n", None),
    (f"{COLLECTING}  Running command pip\n  {DEFAULT}\n  {DENIED}\n{INSTALLING}", None),
    (f"Looking in links: /x\n{HEAD}{PIPS}{LOCKED}", None),
)


def before(prefix: str) -> Callable[[str], str]:
    return lambda text: "".join(f"{prefix}{line}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    "dress",
    [
        case("Python's logging", before("2024-05-01 10:11:12,13: DEBUG - ")),
        case("its other form", before("2024-05-01 10:11:12,13 - root - INFO - ")),
        case("Airflow", before("[2024-05-01, 10:11:12 UTC] {subprocess.py:93} INFO - ")),
        case("loguru", before("2024-05-01 10:11:12.123 | ERROR    | app.main:run:42 - ")),
        case("Python's logging", before("ERROR:root:")),
        case("Go's log", before("2024/05/01 10:11:12 ")),
        case("glog", before("E0501 10:11:12.123456   12345 install.go:42] ")),
        case("Bazel", before("(10:11:12) ERROR: ")),
        case("Cloud Foundry", before("   2024-05-01T10:11:12.12+0200 [STG/0] OUT ")),
        case("Ant", before("     [exec] ")),
        case("Nix", before("       > ")),
        case("a quotation", before("> ")),
        case("a comment", before("# ")),
        case("CSV", lambda t: before('12,"')(t.replace('"', '""').replace("\n", '"\n'))),
        case(
            "logfmt", lambda t: "".join(f"level=info msg={json.dumps(x)}\n" for x in t.split("\n"))
        ),
        case(
            "JSON lines",
            lambda t: "".join(json.dumps({"log": f"{x}\n"}) + "\n" for x in t.split("\n")),
        ),
        case("JSON, indented", lambda t: json.dumps({"rc": 1, "stderr": t}, indent=2)),
        case("JSON in JSON", lambda t: json.dumps({"body": json.dumps({"stderr": t})})),
        case("JSON's list", lambda t: json.dumps({"stderr_lines": t.split("\n")}, indent=4)),
        case("a web page", lambda t: before('<span class="l">')(html.escape(t))),
        case("line breaks of a web page", lambda t: t.replace("\n", "<br/>") + "\n"),
    ],
)
@pytest.mark.parametrize(("log", "trigger"), LOGS)
def test_no_dress_hides_or_makes_a_denial(
    log: str, trigger: TriggerName | None, dress: Callable[[str], str]
) -> None:
    assert explain(log).trigger is trigger
    assert explain(dress(log)).trigger is trigger


def test_what_only_looks_like_a_line_break_is_none() -> None:
    assert explain(f"<branch> <br\n<brx/>{DENIED}\n").trigger is PERMISSION


@pytest.mark.parametrize("width", [60, 72, 80])
@pytest.mark.parametrize(("log", "trigger"), [LOGS[0], LOGS[3], LOGS[5]])
def test_no_width_hides_a_denial(log: str, trigger: TriggerName | None, width: int) -> None:
    lines = (textwrap.wrap(x, width, subsequent_indent="") or [""] for x in log.split("\n"))
    cut = (x[at : at + width] for x in log.split("\n") for at in range(0, len(x) or 1, width))
    assert explain("\n".join("\n".join(part) for part in lines)).trigger is trigger
    assert explain("\n".join(cut)).trigger is trigger


@pytest.mark.parametrize(("log", "trigger"), LOGS[:6])
def test_one_line_is_enough(log: str, trigger: TriggerName | None) -> None:
    assert explain(" ".join(log.split())).trigger is trigger
