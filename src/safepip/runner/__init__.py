"""Acts: runs other programs; above all pip, in such a way that nobody can tell it is watched.

pip inherits stdin, the controlling terminal, the process group, the environment and every open
file that it would have had without us. Only stdout and stderr pass through here: each through a
pseudo-terminal where ours is a terminal, else through a pipe, and both through the same one where
ours are the same, so that their order is kept.

Signals that reach us are pip's affair: they are passed on, and its end is waited for.

Each part has a module: ``programs`` what the user sees run, ``child`` the process and its signals,
``channel`` and ``relay`` the way of its output, ``streams`` our own ends of it, ``answers`` the
programs that are only asked something, ``windows`` all that is different there.
"""

from safepip.outputs import can_watch
from safepip.runner.answers import Captured, ask, capture
from safepip.runner.ends import DEADLY, EndedError, exit_like, follow, put_away_first
from safepip.runner.interface import IDLE_S, OVERDUE_S, Filter, Finished
from safepip.runner.programs import run_inherited, run_watched
from safepip.runner.streams import write
from safepip.runner.watchdog import temporary_folder

__all__ = [
    "DEADLY", "IDLE_S", "OVERDUE_S", "Captured", "EndedError", "Filter", "Finished", "ask",
    "can_watch", "capture", "exit_like", "follow", "put_away_first", "run_inherited",
    "run_watched", "temporary_folder", "write",
]  # fmt: skip
