"""``guide``: the chapters that lie in the package, in the terminal."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from safepip import console, runner, userpip
from safepip.model.errors import UsageError
from safepip.model.problems import Problem
from safepip.wording import guide as wording_guide

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def run(words: Sequence[str], env: Mapping[str, str]) -> int:
    """Show the chapter that *words* name, or which ones there are; the exit status.

    Raises:
        UsageError: there is no such chapter.
    """
    chapters = _chapters()
    if not words:
        console.show_lines(wording_guide.contents(chapters), env)
        return 0
    if len(words) > 1 or words[0] not in chapters:
        word = words[1] if len(words) > 1 else words[0]
        raise UsageError(Problem.NO_SUCH_CHAPTER, word=word, allowed=tuple(chapters))
    text = chapters[words[0]]
    if console.is_terminal(1):
        text = wording_guide.for_terminal(text, color=console.wants_color(env, terminal=True))
        _page(text, env)
    else:
        console.show(text.rstrip("\n"))
    return 0


def _page(text: str, env: Mapping[str, str]) -> None:
    """Show *text* on the terminal, by the user's pager where it is longer than the screen."""
    pager = (env.get("PAGER") or "less").split()
    program = next(userpip.on_path(pager[0], env), None) if pager else None
    fits = text.count("\n") < shutil.get_terminal_size().lines
    if fits or program is None or env.get("TERM") == "dumb":
        console.write(text)
        return
    with runner.temporary_folder() as folder:
        file = Path(folder, "guide")
        file.write_text(text, encoding="utf-8")
        # As git sets it: colours pass, and what fits is left on the screen.
        runner.run_inherited([program, *pager[1:], str(file)], env={"LESS": "FRX", **env})


def _chapters() -> dict[str, str]:
    """The text of each chapter by its name, in the order in which they are listed."""
    folder = resources.files("safepip") / "guide"
    found = {
        file.name.removesuffix(".md"): file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".md")
    }
    order = {name: number for number, name in enumerate(wording_guide.ORDER)}
    return dict(sorted(found.items(), key=lambda one: (order.get(one[0], len(order)), one[0])))
