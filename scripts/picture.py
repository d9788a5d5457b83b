"""Draws the picture of the README from a real run on a terminal: ``python -m scripts.picture``.

The same scene as ``./scripts/try``. The places of this machine are given plain names; nothing else
is changed. A test fails when safepip's words are no longer those in the picture.
"""

from __future__ import annotations

import html
import json
import os
import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.stage import find_person, folder_for, set_the_stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.stage import Stage

FILE = Path(__file__).parent.parent / ".github" / "first-install.svg"
COLUMNS = 96
_HEIGHT, _WIDTH = 19, 8.4
_SGR = re.compile(r"\x1b\[([\d;]*)m")
_OTHER_ESCAPES = re.compile(r"\x1b(?:\[[\d;?]*[A-Za-ln-z]|\][^\x07]*\x07|[=>])")
_COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#d29922", "34": "#79c0ff", "36": "#76e3ea"}
# What pip does on its way is left out of the picture, and shown as one line.
_ON_ITS_WAY = re.compile(r"Collecting|\s*Downloading|\s*Using cached|Installing|\s*[━╸╺]")
_OF_THIS_MACHINE = re.compile(r"Looking in |WARNING: Location |Requirement already|\[notice\]|$")


def run(stage: Stage, line: str, env: dict[str, str] | None = None) -> list[str]:
    """Run *line* by the person's shell on a terminal of its own; the lines that stay, in colour."""
    reader, writer = os.openpty()
    pid = os.fork()
    if pid == 0:  # the child becomes the shell
        os.setsid()
        os.close(reader)
        for descriptor in (0, 1, 2):
            os.dup2(writer, descriptor)
        if stage.person.uid is not None and stage.person.gid is not None:
            os.setgroups([])
            os.setgid(stage.person.gid)
            os.setuid(stage.person.uid)
        os.chdir(stage.project)
        terminal = {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
        os.execve("/bin/bash", ["bash", "-c", line], stage.env | terminal | (env or {}))  # noqa: S606
    os.close(writer)
    data = b""
    while True:
        try:
            part = os.read(reader, 65536)
        except OSError:  # Linux: the last one has closed the terminal
            break
        if not part:
            break
        data += part
    os.close(reader)
    os.waitpid(pid, 0)
    return _painted(data.decode("utf-8", "replace"))


def _painted(text: str) -> list[str]:
    """What is left on the lines of the terminal: the last that was written over each."""
    lines = []
    for raw in text.replace("\r\n", "\n").split("\n"):
        last = [part for part in raw.split("\r") if _OTHER_ESCAPES.sub("", part).strip()]
        lines.append(_OTHER_ESCAPES.sub("", last[-1] if last else ""))
    return lines


def plainly_named(stage: Stage, text: str) -> str:
    """*text* with names for this machine's places as a reader's machine has them."""
    locked = stage.locked.parent.parent
    for place, name in (
        (str(stage.project), "/home/you/site"),
        (str(stage.home), "/home/you"),
        (str(stage.play / "tmp"), "/home/you"),
        (str(locked), "/usr"),
        (str(stage.play), "/tmp"),  # noqa: S108 - a name in a picture
        (f"(owner: {locked.owner()})", "(owner: root)"),
    ):
        text = text.replace(place, name)
    return text


def without_the_way(lines: Sequence[str]) -> list[str]:
    """*lines* with those that pip writes on its way told as one."""
    kept: list[str] = []
    for line in lines:
        text = _SGR.sub("", line)
        told = "…" if _ON_ITS_WAY.match(text) else line
        if not _OF_THIS_MACHINE.match(text) and kept[-1:] != [told]:
            kept.append(told)
    return kept


def scene(stage: Stage) -> tuple[list[str], dict[str, object]]:
    """The lines of the picture, and safepip's own report of the install in it."""
    report_file = stage.play / "report.json"
    bare = {"HOME": str(stage.play / "tmp")}
    lines = ["$ pip install django", *without_the_way(run(stage, "pip install django", bare))]
    lines += ["$ django-admin --version", *run(stage, "django-admin --version", bare)]
    install = f"safepip --report-json {report_file} install django"
    lines += ["", "$ safepip install django", *without_the_way(run(stage, install))]
    report = json.loads(report_file.read_text(encoding="utf-8"))
    follow = str(report["next_command"])
    after = run(stage, f"{follow}; django-admin --version")
    lines += [f"$ {follow}", "(.venv) $ django-admin --version", *after]
    named = [plainly_named(stage, line) for line in lines]
    told = json.loads(plainly_named(stage, json.dumps(report)))
    return named, {"landed": told["landed"], "next_command": told["next_command"]}


def draw(lines: Sequence[str], told: dict[str, object]) -> str:
    """The SVG: the lines of a terminal, wrapped, in their colours; *told* is kept inside."""
    rows: list[str] = []
    for line in lines:
        wrapped = textwrap.wrap(
            line, COLUMNS, drop_whitespace=False, break_long_words=True, break_on_hyphens=False
        )
        rows += wrapped or [""]
    width, height = round(COLUMNS * _WIDTH) + 32, len(rows) * _HEIGHT + 32
    words = html.escape(json.dumps(told), quote=False)
    size = f'viewBox="0 0 {width} {height}" font-size="14"'
    font = 'font-family="ui-monospace,Menlo,Consolas,monospace"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>',
        "<title>pip is denied; safepip installs the same package into .venv</title>",
        f"<desc>{words}</desc>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>',
    ]
    for number, row in enumerate(rows):
        at = f'x="16" y="{28 + number * _HEIGHT}"'
        parts.append(f'<text {at} xml:space="preserve" fill="#c9d1d9">{_spans(row)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _spans(row: str) -> str:
    """The coloured parts of one row."""
    if row.startswith(("$ ", "(.venv) $ ")):
        return f'<tspan fill="#ffffff" font-weight="bold">{html.escape(row, quote=False)}</tspan>'
    pieces = _SGR.split(row)
    text = html.escape(pieces[0], quote=False)
    for code, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        colour = next((_COLOURS[one] for one in code.split(";") if one in _COLOURS), "")
        bold = ' font-weight="bold"' if "1" in code.split(";") else ""
        fill = f' fill="{colour}"' if colour else ""
        shown = html.escape(piece, quote=False)
        text += f"<tspan{fill}{bold}>{shown}</tspan>" if (fill or bold) and piece else shown
    return text


def main() -> int:
    """Play the scene and write the picture."""
    os.umask(0o022)
    person = find_person()
    with folder_for(person) as folder:
        lines, told = scene(set_the_stage(folder, person))
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(draw(lines, told), encoding="utf-8")
    sys.stdout.write("\n".join(_SGR.sub("", line) for line in lines) + f"\n\nwritten: {FILE}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
