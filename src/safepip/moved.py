"""The one look of the hand-over at what safepip remembers: was this name moved by it?

On the way of every ``show`` and ``uninstall``, so nothing is imported that a started Python does
not hold already.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LIMIT_BYTES = 1 << 20


def is_moved(names: "Sequence[str]", env: "Mapping[str, str]") -> bool:
    """Whether one of *names*, as typed, is a distribution that a diversion put somewhere."""
    wanted = ["\n" + normalized(name) + "\n" for name in names if name[:1] != "-"]
    if not wanted:
        return False
    file = os.path.join(state_dir(env), "moved")
    try:
        # A pipe in its place is not waited for.
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            text = os.read(descriptor, _LIMIT_BYTES).decode("ascii")
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        return False
    return any(name in text for name in wanted)


def normalized(name: str) -> str:
    """*name* as PEP 503 writes it; ``packaging`` needs ``re`` for that."""
    return "-".join(
        part for part in name.lower().replace("_", "-").replace(".", "-").split("-") if part
    )


def state_dir(env: "Mapping[str, str]") -> str:
    """safepip's state directory, as ``platformdirs`` tells it, which is too heavy here.

    Where the two differ nothing is watched that could be; a test compares them.
    """
    base = env.get("XDG_STATE_HOME", "").strip()
    if sys.platform == "win32":
        base = env.get("LOCALAPPDATA", "")
    elif not os.path.isabs(base):
        home = "~/Library/Application Support" if sys.platform == "darwin" else "~/.local/state"
        base = os.path.expanduser(home)
    return os.path.join(base, "safepip")
