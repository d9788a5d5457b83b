"""Which parts of a line are coloured on a terminal that wants colours."""

from __future__ import annotations

import pytest

from safepip.wording import colours
from safepip.wording.colours import BOLD, CYAN, GREEN, PLAIN


@pytest.mark.parametrize(
    ("line", "painted"),
    [
        ("    source .venv/bin/activate", f"    {BOLD}source .venv/bin/activate{PLAIN}"),
        (
            "Installed django 5.2 into this project's .venv, because /usr/lib is not writable.",
            (
                f"Installed {GREEN}django 5.2{PLAIN} into this project's {CYAN}.venv{PLAIN},"
                f" because {CYAN}/usr/lib{PLAIN} is not writable."
            ),
        ),
        ("`ls` is an alias", f"{BOLD}`ls`{PLAIN} is an alias"),
        ("Added a line to ~/.bashrc.", f"Added a line to {CYAN}~/.bashrc{PLAIN}."),
        ("Nothing to do: and/or 1/2.", "Nothing to do: and/or 1/2."),
    ],
)
def test_names_places_and_commands_are_coloured(line: str, painted: str) -> None:
    assert colours.painted(line) == painted
