"""What those need of a look-up who have no time to read more: known names, and its program."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def are_applications(texts: Sequence[str]) -> bool:
    """Whether all *texts*, requirements by name, are in the bundled list: none has to be asked of.

    False if there are none.
    """
    folder = os.path.dirname(os.path.dirname(__file__))
    with open(os.path.join(folder, "policy", "known_applications.json"), encoding="utf-8") as file:
        listed = file.read().partition('"applications": {')[2].partition("\n  }")[0]
    return bool(texts) and all(f'\n    "{_name_of(text)}": {{' in listed for text in texts)


# A module is compiled once, a script each time.
_PROGRAM = (
    "import sys; sys.path.append(sys.argv.pop(1)); from safepip.index._helper import run; "
    "sys.path.pop(); run()"
)


def program(pip_dir: str) -> list[str]:
    """The program that asks the pip in *pip_dir* what a requirement is; all but the question.

    -I: no PYTHONPATH, no working directory; -S: nothing that is installed; -B: nothing is written
    beside pip.
    """
    own = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return [sys.executable, "-I", "-S", "-B", "-c", _PROGRAM, own, pip_dir]


def _name_of(text: str) -> str:
    for sign in "[<>=!~;@ ":
        text = text.partition(sign)[0]
    return text.lower().replace("_", "-").replace(".", "-")
