"""The main job for real: ``safepip install django`` where pip may not write: ``./scripts/try``.

A throw-away project, a throw-away HOME, and a Python whose site-packages the one who asks cannot
write: as root that one is the user nobody, otherwise it is you, with the write bits taken away.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
from typing import TYPE_CHECKING

from scripts.environments import SetupError
from scripts.stage import find_person, folder_for, set_the_stage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import FrameType

    from scripts.stage import Stage

USAGE = """\
usage: ./scripts/try

Shows safepip on your machine, in a throw-away project with a throw-away HOME, against a Python that
may not be written: what plain pip does there, what safepip does, where the package is afterwards,
and how it is taken back. Everything stays in .try/ (or in a temporary folder that is removed). As
root it runs as "nobody".
"""
REQUIREMENT = "django"
SCRIPT = "django-admin"


def play(stage: Stage) -> list[str]:
    """Type the commands that a user would; give what is wrong afterwards, one sentence each."""
    locked = stage.locked.parent.parent
    _say(f"\nYou are {stage.person.name}, in the project {stage.project}.")
    owner = locked.owner()
    taken = (
        "you own it, but its write permissions are taken away"
        if owner == stage.person.name
        else (f"{owner} owns it, and you may not write there")
    )
    _say(f"Your Python is {stage.locked}; {taken}.")
    bare(stage)
    _title("2. The same with safepip")
    report_file = stage.play / "report.json"
    words = ["safepip", "--report-json", str(report_file), "install", REQUIREMENT]
    _say(f"$ safepip install {REQUIREMENT}")
    status = stage.person.attend([stage.safepip, *words[1:]], cwd=stage.project, env=stage.env)
    if status:
        for log in stage.home.rglob("last-error.log"):
            _say(log.read_text(encoding="utf-8", errors="replace"))
        return [f"safepip ended with status {status}"]
    try:
        report = json.loads(report_file.read_text(encoding="utf-8"))
        outcome, following = report["outcome"], report["next_command"]
        landed = [str(each["location"]) for each in report["landed"] if each["name"] == REQUIREMENT]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [f"the report cannot be used ({type(error).__name__}: {error})"]
    wrong = [] if outcome == "diverted" else [f'the report says "{outcome}", not "diverted"']
    wrong += look_around(stage, landed)
    _title("3. The command that it printed, and then the program")
    wrong += use_it(stage, following)
    if not wrong:
        _title("4. Where it is, and how to take it back")
        wrong += take_back(stage)
    return wrong


def bare(stage: Stage) -> None:
    """Show what plain pip does here, with a HOME of its own, so that nothing of it stays."""
    _title("1. What plain pip does here")
    home = stage.play / "bare"
    stage.person.owns(home)
    env = stage.env | {"HOME": str(home)}
    _say(f"$ pip install {REQUIREMENT}")
    pip: list[str | Path] = [stage.locked, "-m", "pip", "install", REQUIREMENT]
    stage.person.attend(pip, cwd=stage.project, env=env)
    line = f"{SCRIPT} --version"
    _say(f"$ {line}")
    shell = [stage.env["SHELL"], "-c", line]
    stage.person.attend(shell, cwd=stage.project, env=env)
    packages = sorted(home.glob(".local/lib/python3*/site-packages/django"))
    if packages:
        _say(f"(pip put it into {packages[0].parent}, for every project, and off your PATH.)")


def take_back(stage: Stage) -> list[str]:
    """Show where the package is and take it back; give what is wrong, one sentence each."""
    wrong = []
    for words in (["where", REQUIREMENT], ["undo", "--yes"]):
        _say(f"$ {shlex.join(['safepip', *words])}")
        status = stage.person.attend([stage.safepip, *words], cwd=stage.project, env=stage.env)
        if status:
            wrong.append(f"safepip {words[0]} ended with status {status}")
    if any((stage.project / ".venv").glob("lib/python3*/site-packages/django")):
        wrong.append(f"safepip undo left {REQUIREMENT} behind")
    return wrong


def look_around(stage: Stage, landed: list[str]) -> list[str]:
    """Compare the report with the disk; give what is wrong, one sentence each."""
    wrong = []
    made = stage.project / ".venv"
    on_disk = sorted(made.glob("lib/python3*/site-packages/django/__init__.py"))
    if not on_disk:
        wrong.append(f"{REQUIREMENT} is not in {made}")
    if landed != [str(each.parent.parent) for each in on_disk]:
        wrong.append(f"the report says that {REQUIREMENT} landed in {landed}")
    if any((stage.home / ".local").glob("lib/python3*/site-packages/*")):
        wrong.append("something went into the user site")
    python = made / "bin" / "python"
    if stage.person.ask([python, "-m", "pip", "--version"], env=stage.env)[0] != 0:
        wrong.append(f"{python} -m pip does not work")
    changed = stage.person.ask(["git", "status", "--porcelain"], cwd=stage.project, env=stage.env)
    if changed[0] == 0 and changed[1]:
        wrong.append(f"git sees new files: {changed[1].split()[1:]}")
    return wrong


def use_it(stage: Stage, following: str | None) -> list[str]:
    """Paste the command that the report gave, then run the installed script by its name."""
    lines = [*([following] if following else []), f"{SCRIPT} --version"]
    for line in lines:
        _say(f"$ {line}")
    shell = [stage.env["SHELL"], "-c", "\n".join(lines)]
    status, printed = stage.person.ask(shell, cwd=stage.project, env=stage.env)
    _say(printed.rstrip())
    if status:
        return [f"{SCRIPT} --version ended with status {status}"]
    return []


def _title(text: str) -> None:
    _say(f"\n--- {text} ---")


def _say(text: str) -> None:
    # At once, so that it stands before what the programs print themselves.
    print(text, flush=True)


def _stop(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main(arguments: Sequence[str]) -> int:
    """Set up, play, and say in one line whether it works; 0 only if it does."""
    if arguments:
        _say(USAGE)
        return 0 if arguments == ["--help"] else 64
    # Whatever root's umask is, nobody has to be able to read what is made here.
    os.umask(0o022)
    signal.signal(signal.SIGTERM, _stop)
    try:
        person = find_person()
        with folder_for(person) as folder:
            _say(f"Setting up in {folder}. This takes half a minute the first time.")
            wrong = play(set_the_stage(folder, person, tell=_say))
            left = f"{size_of(folder)} MB in {folder}"
            is_kept = folder.name == ".try"
    except SetupError as error:
        print(f"scripts/try: {error}.", file=sys.stderr)
        return 1
    if wrong:
        print(f"\nscripts/try: it does not work: {'; '.join(wrong)}.", file=sys.stderr)
        return 1
    _say(f"\nIt works: {REQUIREMENT} went to the project's own .venv and ran, and is gone again.")
    if is_kept:
        _say(f"This left {left}, so that the next time is faster. To remove it:\n    rm -r .try")
    else:
        _say("Nothing is left of it.")
    _say("To use safepip yourself:\n    pipx install .\n    safepip init --install")
    return 0


def size_of(folder: Path) -> int:
    """Give the size of what is in *folder*, in megabytes."""
    sizes = (path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
    return round(sum(sizes) / 1e6)


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nscripts/try: interrupted.", file=sys.stderr)
        raise SystemExit(130) from None
