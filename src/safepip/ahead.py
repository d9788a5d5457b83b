"""Starts the Pythons that an install will most likely need before that is decided.

To import pip is more than half of what a small install takes. So they import it while safepip
makes up its mind, and then wait for the word. What to run comes with that; without it they end and
have done nothing. A guess that was wrong costs no more than that.

Nothing is imported here that a started Python does not hold already: early is all that counts.
"""

import os
import sys

from safepip import outputs, started

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.started import Asked, Started

_PATIENCE_S = 5.0

# Its words: the file to listen to, one to close when its imports are done, those that others close
# likewise, ``-m`` or the path of a script, and what to import, which is what every install does;
# what goes wrong there goes wrong once more, in pip's own words. A second guess waits for all
# others, and a moment more, since they may have ended because all is known: one of the two is
# wrong, and is to take no time from what everybody waits for.
# The word: the number of words, these, and the variables that changed; each ends with a NUL. Where
# another one has installed something meanwhile, what was imported is out of date: it starts anew.
# What was imported is never garbage: not to look for it there saves pip a tenth of its time.
_PROGRAM = r"""
import os, select, sys
go, done = map(int, sys.argv[1:3])
others = set(map(int, sys.argv[3].split()))
way, name, said = sys.argv[4], sys.argv[5].partition(".")[0], None
if sys.path and sys.path[0] == "":
    del sys.path[0]
if way != "-m" and not sys.flags.isolated and not getattr(sys.flags, "safe_path", False):
    sys.path.insert(0, os.path.dirname(os.path.realpath(way)))
import gc, site
gc.disable()
watched, user = list(sys.path), None
try:
    user = site.getusersitepackages()
    watched += [user] + site.getsitepackages()
except Exception:
    pass
def look():
    for one in watched:
        try:
            stat = os.stat(one)
            yield stat.st_ino, getattr(stat, "st_mtime_ns", stat.st_mtime)
        except OSError:
            yield None
first = list(look())
def listen():
    global said
    said, piece = b"", b"-"
    while piece:
        piece = os.read(go, 65536)
        said += piece
    os.close(go)
    if not said:
        os._exit(0)
while others and said is None:
    for one in select.select([go] + list(others), [], [])[0]:
        if one == go:
            listen()
        else:
            others.discard(one)
            os.close(one)
for one in others:
    os.close(one)
if sys.argv[3] and said is None and select.select([go], [], [], 0.02)[0]:
    listen()
try:
    for one in sys.argv[5:]:
        if said is None and select.select([go], [], [], 0)[0]:
            listen()
        __import__(one)
    if way == "-m":
        import runpy
except Exception:
    pass
os.close(done)
if hasattr(gc, "freeze"):
    gc.freeze()
gc.enable()
if said is None:
    listen()
fields = [getattr(os, "fsdecode", str)(one) for one in said.split(b"\0")[:-1]]
count = int(fields[0])
for field in fields[1 + count:]:
    variable, equals, value = field.partition("=")
    if equals:
        os.environ[variable] = value
    else:
        os.environ.pop(variable, None)
words = fields[1:1 + count]
unseen = user and site.ENABLE_USER_SITE and os.path.isdir(user) and user not in sys.path
if list(look()) != first or unseen:
    import signal
    for one in ("SIGPIPE", "SIGXFSZ"):
        if hasattr(signal, one):
            signal.signal(getattr(signal, one), signal.SIG_DFL)
    os.execv(words[0], words)
sys.argv = [way] + words[words.index("-m") + 2 if way == "-m" else 1:]
if way == "-m":
    import runpy
    runpy.run_module(name, None, "__main__", True)
else:
    with open(way, "rb") as file:
        text = file.read()
    __file__ = way
    exec(compile(text, way, "exec"))
"""

_IMPORTED = {
    "pip": (
        "pip._internal.cli.main",
        "pip._internal.network.session",
        "pip._internal.commands.install",
        "pip._internal.resolution.resolvelib.resolver",
    ),
    "pipx": (
        "pipx.main",
        "pipx.commands.install",
        "packaging.requirements",
        "filelock",
        "pipx.venv_inspect",
    ),
}


allowed = False
"""Whether this is an install at all, and not a look at what one would do."""
_waiting: "list[Started]" = []
_busy: list[int] = []
"""Each ends when what was started waits for others."""
_leaving: "list[Started]" = []
_asked: "list[tuple[tuple[str, ...], dict[str, str], Asked]]" = []


def start(
    python: "Sequence[str]", script: str | None, env: "Mapping[str, str]", name: str = "pip"
) -> None:
    """Start *python* to become *name*, by its *script* or as a module, if it can be watched at all.

    *name*: ``pip`` or ``pipx``.
    """
    head = (*python, "-m", name) if script is None else (script,)
    if sys.platform == "win32" or not allowed or any(one.head == head for one in _waiting):
        return
    opened: list[int] = []
    try:
        outputs.need_all()
        ends = outputs.open_all(opened)
        (listen, go), (busy, done) = os.pipe(), os.pipe()
        opened += [listen, go, busy, done]
        others = _busy if _waiting else []
        for one in (listen, done, *others):
            os.set_inheritable(one, True)  # noqa: FBT003 - os's own
        words = [str(listen), str(done), " ".join(map(str, others))]
        argv = [*python, "-c", _PROGRAM, *words, script or "-m", *_IMPORTED[name]]
        files = {fd: pair[1] for fd, pair in ends.items()}
        pid = started.spawn(argv, env, files, started.mask())
    except OSError:
        for one in opened:
            os.close(one)
        return
    os.close(listen)
    os.close(done)
    _busy.append(busy)
    _waiting.append(started.Started(pid, go, head, env, ends))


def begin(argv: "Sequence[str]", env: "Mapping[str, str]") -> None:
    """Start pip itself as *argv* with *env*, which is what is going to be watched.

    What watches it takes as long to import as Python to start, and none of it is needed before pip
    says its first word. Where that is impossible, whoever watches it starts it and has the words.
    """
    try:
        _waiting.append(started.begin(argv, env))
    except OSError:
        return


def take(argv: "Sequence[str]", env: "Mapping[str, str]") -> "Started | None":
    """Give what was started if it can become *argv* with *env*; let the others end."""
    found = None
    while _busy:
        os.close(_busy.pop())
    while _waiting:
        one = _waiting.pop()
        if found is None and one.fits(argv, env):
            found = one
        else:
            one.leave()
            _leaving.append(one)
    return found


def start_asked(argv: "Sequence[str]", env: "Mapping[str, str]") -> None:
    """Start a program that is going to be asked something by its stdin, and ends without that.

    It gets one more word: the file to close when it has nothing to do but to wait.
    """
    if allowed:
        busy, done = os.pipe()
        _busy.append(busy)
        try:
            process = started.ask([*argv, str(done)], env, done)
        except OSError:
            return
        finally:
            os.close(done)
        _asked.append((tuple(argv), dict(env), process))


def take_asked(argv: "Sequence[str]", env: "Mapping[str, str]") -> "Asked | None":
    """Give the program that was started as *argv* with *env*, to be asked; None if none was."""
    for one in _asked:
        if one[:2] == (tuple(argv), env):
            _asked.remove(one)
            return one[2]
    return None


def end() -> None:
    """Leave nothing behind: let what was not needed end, and wait for that."""
    take((), {})
    for *_, process in _asked:
        with process:
            process.kill()
    _asked.clear()
    if not _leaving:
        return
    import time

    by = time.monotonic() + _PATIENCE_S
    while _leaving:
        one = _leaving.pop()
        if one.wait(max(0.0, by - time.monotonic())) is None:
            one.send_signal(9)
            one.wait()
