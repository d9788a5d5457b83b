"""What is a sign that pip may not write, and what only looks like one."""

from __future__ import annotations

import itertools
import tracemalloc
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from safepip.model.triggers import Sighting, Stream, TriggerName
from safepip.reading.sightings import Places, Watcher

OUT, ERR, BOTH = Stream.OUT, Stream.ERR, Stream.BOTH
DENIED = TriggerName.PERMISSION_DENIED
LINE = "Defaulting to user installation because normal site-packages is not writeable"
MSG = "ERROR: Could not install packages due to an OSError: "
OLD_MSG = "ERROR: Could not install packages due to an EnvironmentError: "
MANAGED = "\N{MULTIPLICATION SIGN} This environment is externally managed"
SITE = "/usr/local/lib/python3.11/dist-packages"

DEBIAN = Places(
    site=(PurePosixPath(SITE),),
    others=(
        PurePosixPath("/usr/local/bin"),
        PurePosixPath("/usr/local/share"),
        PurePosixPath("/home/you/.local"),
    ),
)
WINDOWS = Places(
    site=(PureWindowsPath(r"C:\Program Files\Python311\Lib\site-packages"),),
    others=(PureWindowsPath(r"C:\Program Files\Python311\Scripts"),),
)


def case(name: str, *values: object) -> object:
    return pytest.param(*values, id=name)


def watch(
    places: Places, text: str | bytes, exit_code: int | None = 1, stream: Stream = BOTH
) -> Sighting | None:
    watcher = Watcher(places)
    watcher.feed(stream, text.encode() if isinstance(text, str) else text)
    return watcher.verdict(exit_code)


def path_of(sighting: Sighting | None) -> str | None:
    assert sighting is not None
    assert sighting.trigger is DENIED
    return sighting.path


# A run watched live


@pytest.mark.parametrize(
    ("text", "path"),
    [
        case("a file in site", f"{MSG}[Errno 13] Permission denied: '{SITE}/x'\n", f"{SITE}/x"),
        case("no line end", f"{MSG}[Errno 13] Permission denied: '{SITE}/x'", f"{SITE}/x"),
        case("an old pip", f"{OLD_MSG}[Errno 13] Permission denied: '{SITE}'\n", SITE),
        case(
            "a pip before 19.2 on Python 2",
            f"{OLD_MSG.removeprefix('ERROR: ')}[Errno 13] Permission denied: u'{SITE}'\n",
            SITE,
        ),
        case("German", f"{MSG}[Errno 13] Keine Berechtigung: '{SITE}/x'\n", f"{SITE}/x"),
        case(
            "French in Latin-1",
            f"{MSG}[Errno 13] Permission non accordée: '{SITE}/x'\n".encode("latin-1"),
            f"{SITE}/x",
        ),
        case("Errno 1", f"{MSG}[Errno 1] Operation not permitted: '{SITE}/x'\n", f"{SITE}/x"),
        case("a script", f"{MSG}[Errno 13] …: '/usr/local/bin/x'\n", "/usr/local/bin/x"),
        case("a parent to be made", f"{MSG}[Errno 13] …: '/home/you'\n", "/home/you"),
        case("a bare name", f"{MSG}[Errno 13] Permission denied: 'RECORD'\n", "RECORD"),
        case("no path", f"{MSG}[Errno 13] Permission denied\n", None),
        case("an empty path", f"{MSG}[Errno 13] Permission denied: ''\n", None),
        case("red", f"\x1b[31m{MSG}[Errno 13] …: '{SITE}'\x1b[0m\x1b[31m\r\n\x1b[0m\n", SITE),
        case("after a bar", f"\r  |##| 61 kB\r{MSG}[Errno 13] …: '{SITE}'\r\n", SITE),
        case("a quote in the path", f'{MSG}[Errno 13] …: "{SITE}/it\'s"\n', f"{SITE}/it's"),
        case("an escape in the path", f"{MSG}[Errno 13] …: '{SITE}/\\xe9'\n", f"{SITE}/é"),
        case(
            "a traceback of pip 9",
            "Exception:\nTraceback (most recent call last):\n  File 'x'\n"
            f"PermissionError: [Errno 13] Permission denied: '{SITE}/x'\n",
            f"{SITE}/x",
        ),
        case("IOError of Python 2", f"IOError: [Errno 13] …: '{SITE}/x'\n", f"{SITE}/x"),
        case(
            "-v, a bare name",
            "ERROR: Could not install packages due to an OSError.\nTraceback (most recent …):\n"
            "PermissionError: [Errno 13] Permission denied: 'RECORD'\n",
            "RECORD",
        ),
        case(
            "a move, reported as a list",
            f"{OLD_MSG}[('/tmp/pip-uninstall-1/a', '{SITE}/a', \"[Errno 13] …: '{SITE}/a'\")]\n",
            f"{SITE}/a",
        ),
        case(
            "two paths", f"{MSG}[Errno 13] …: '/tmp/pip-uninstall-a/x' -> '{SITE}/x'\n", f"{SITE}/x"
        ),
        case(
            "moved aside to uninstall, with its old path",
            f"OSError: [Errno 1] …: '/tmp/pip-Zrk6-uninstall{SITE}/x'\n",
            f"{SITE}/x",
        ),
        case(
            "a folder not moved aside, on macOS",
            f"{MSG}Cannot move the non-empty directory '{SITE}/x/': Lacking write permission to "
            f"'{SITE}/x/'.\n",
            f"{SITE}/x",
        ),
        case(
            "moved aside to uninstall",
            f"{MSG}[Errno 13] …: '/tmp/pip-uninstall-x1/six.py'\n",
            "/tmp/pip-uninstall-x1/six.py",
        ),
        case(
            "setup.py's own words",
            f"    error: could not create '{SITE}/x': Permission denied\n",
            f"{SITE}/x",
        ),
        case(
            "setup.py develop",
            f"        [Errno 13] Permission denied: '{SITE}/test-easy-install-1.write-test'\n",
            f"{SITE}/test-easy-install-1.write-test",
        ),
        case(
            "setup.py's traceback", f"    PermissionError: [Errno 13] …: '{SITE}/x'\n", f"{SITE}/x"
        ),
    ],
)
def test_sees_that_pip_may_not_write(text: str | bytes, path: str | None) -> None:
    assert path_of(watch(DEBIAN, text)) == path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        case(
            "WinError 5",
            r"[WinError 5] Access is denied: 'c:\\program files\\python311\\lib\\site-packages\\x'",
            r"c:\program files\python311\lib\site-packages\x",
        ),
        case(
            "WinError 5 in Italian",
            r"[WinError 5] Accesso negato: 'C:\\Program Files\\Python311\\Scripts\\x.exe'",
            r"C:\Program Files\Python311\Scripts\x.exe",
        ),
        case(
            "Errno 13 on Windows",
            r"[Errno 13] Permission denied: 'C:\\Program Files\\Python311\\Lib\\site-packages\\x'",
            r"C:\Program Files\Python311\Lib\site-packages\x",
        ),
    ],
)
def test_sees_it_on_windows(text: str, path: str) -> None:
    assert path_of(watch(WINDOWS, f"{MSG}{text}\r\n")) == path


WALLS = [
    case(
        "a read-only site",
        f"{MSG}[Errno 30] Read-only file system: '{SITE}/x'\n",
        TriggerName.READ_ONLY,
    ),
    case(
        "a read-only site by setup.py",
        f"    error: could not create '{SITE}/x': Read-only file system\n",
        TriggerName.READ_ONLY,
    ),
    case(
        "a read-only site by setup.py on z/OS",
        f"    error: could not create '{SITE}/x': EDC5141I Read-only file system.\n",
        TriggerName.READ_ONLY,
    ),
    case("PEP 668", "error: externally-managed-environment\n\n", TriggerName.EXTERNALLY_MANAGED),
    case(
        "PEP 668 in colour",
        "\x1b[1;31merror\x1b[0m: \x1b[1mexternally-managed-environment\x1b[0m\r\n",
        TriggerName.EXTERNALLY_MANAGED,
    ),
    case(
        "a virtualenv is required",
        "ERROR: Could not find an activated virtualenv (required).\n",
        TriggerName.VIRTUALENV_REQUIRED,
    ),
    case(
        "a virtualenv is required, pip 9",
        "Could not find an activated virtualenv (required).\n",
        TriggerName.VIRTUALENV_REQUIRED,
    ),
    case(
        "--user in a virtualenv",
        "ERROR: Can not perform a '--user' install. "
        "User site-packages are not visible in this virtualenv.\n",
        TriggerName.USER_SITE_UNAVAILABLE,
    ),
    case(
        "--user while it is off",
        "ERROR: Can not perform a '--user' install. "
        "User site-packages are disabled for this Python.\n",
        TriggerName.USER_SITE_UNAVAILABLE,
    ),
]


@pytest.mark.parametrize(("text", "trigger"), WALLS)
@pytest.mark.parametrize("stream", [ERR, BOTH])
def test_sees_the_other_walls(text: str, trigger: TriggerName, stream: Stream) -> None:
    sighting = watch(DEBIAN, text, 1, stream)
    assert sighting is not None
    assert sighting.trigger is trigger
    assert "\x1b" not in sighting.line
    assert watch(DEBIAN, text, 0, stream) is None


QUIET_EVERYWHERE = [
    case("nothing", ""),
    case("a binary file", bytes(range(256)) * 20),
    case("a build's traceback", "  x\n      PermissionError: [Errno 13] …: '/root/secret'\ny\n"),
    case("a build's folder", "x\n    error: could not create 'x.egg-info': Permission denied\n"),
    case("a nested pip", f"Collecting x\n      {MSG}[Errno 13] …: '/usr/lib/python3/y'\nx\n"),
    case("no space", f"{MSG}[Errno 28] No space left on device: '{SITE}/x'\n"),
    case("no space for setup.py", f"  error: could not create '{SITE}/x': No space left on d\n"),
    case("quota", f"{MSG}[Errno 122] Disk quota exceeded: '{SITE}/x'\n"),
    case(
        "a file in use",
        f"{MSG}[WinError 32] …: 'C:\\\\Program Files\\\\Python311\\\\Lib\\\\site-packages\\\\x'\n",
    ),
    case(
        "pip.exe itself",
        f"{MSG}[WinError 5] …: 'C:\\\\Users\\\\me\\\\AppData\\\\Local\\\\Temp\\\\pip-uninstall-a"
        "\\\\pip.exe'\n",
    ),
    case(
        "an errno of the network",
        f"{MSG}HTTPSConnectionPool(host='x'): (Caused by Error('…: [Errno 13] Permission denied'))",
    ),
    case("a requirement file", "ERROR: Could not open requirements file: [Errno 13] …: 'r.txt'\n"),
    case("a report", f"Collecting x\n{MSG}[Errno 13] …: 'report.json'\n"),
    case("a wheel file", f"Processing ./x.whl\n{MSG}[Errno 13] …: '/home/you/work/x.whl'\n"),
    case("a folder of links", f"Looking in links: /l\n{MSG}[Errno 13] …: '/opt/links'\n"),
    case(
        "metadata that pip reads", f"Collecting x\n{MSG}[Errno 13] …: '{SITE}/x.dist-info/METADATA'"
    ),
    case("a build's environment", f"{MSG}[Errno 13] …: '/tmp/pip-build-env-1/lib/python3/x'\n"),
    case("a download folder", "PermissionError: [Errno 13] …: '/opt/locked/x.whl'\n"),
    case("pip's settings", "PermissionError: [Errno 13] …: '/etc/pip.conf'\n"),
    case(
        "an unwritable log",
        "--- Logging error ---\nTraceback (most recent call last):\n"
        f"PermissionError: [Errno 13] …: '{SITE}/pip.log'\nCall stack:\nArguments: ()\n",
    ),
    case("the cache", "WARNING: The directory '/x/.cache/pip' … is not writable … permissions\n"),
    case(
        "a leftover", "WARNING: Failed to remove a temporary file 'x' due to [WinError 5] …: 'y'\n"
    ),
    case("an option's name", "error: option --single-version-externally-managed not recognized\n"),
    case("git", "ERROR: Error [Errno 13] Permission denied: 'git' while executing command git\n"),
    case("a server", "ERROR: HTTP error 403 while getting http://x\n"),
    case("another sentence in a summary", f"Name: x\nSummary: {LINE}\nCollecting x\n"),
    case("the sentence, indented", f"Collecting x\n  {LINE}\n"),
    case("the sentence in JSON", f'{{\n    "summary": "{LINE}"\n}}\nCollecting x\n'),
    case("the sentence while all is satisfied", f"{LINE}\nRequirement already satisfied: x\n"),
    case("the sentence before a failure", f"{LINE}\nCollecting x\nERROR: No matching dist\n"),
]


QUIET_LIVE = [
    *QUIET_EVERYWHERE,
    case("the words in prose", "Then error: externally-managed-environment is what pip says.\n"),
    case("the hint alone", "Consider using the `--user` option or check the permissions.\n"),
]


@pytest.mark.parametrize("text", QUIET_LIVE)
@pytest.mark.parametrize("exit_code", [1, None])
@pytest.mark.parametrize("places", [DEBIAN, WINDOWS], ids=["live", "windows"])
def test_leaves_alone(text: str | bytes, exit_code: int | None, places: Places) -> None:
    assert watch(places, text, exit_code) is None


@pytest.mark.parametrize(
    "text",
    [
        case("a path elsewhere", f"{MSG}[Errno 13] …: '/opt/links/x'\n"),
        case("another Python's site", f"{MSG}[Errno 13] …: '/opt/lib/python3/site-packages/x'\n"),
        case(
            "an indented one elsewhere", "    PermissionError: [Errno 13] …: '/usr/local/bin/x'\n"
        ),
        case("pip's error on stdout", f"    {MSG}[Errno 13] …: '/usr/lib/x'\n"),
        case("a relative path", f"{MSG}[Errno 13] …: 'build/x'\n"),
        case("what is above, while pip only reads", f"Collecting x\n{MSG}[Errno 13] …: '/home'\n"),
        case("the root of all", f"Installing collected packages: x\n{MSG}[Errno 13] …: '/'\n"),
        case("a traceback without a path", "PermissionError: [Errno 13] Permission denied\n"),
        case("the second line of PEP 668", f"{MANAGED}\n"),
    ],
)
def test_leaves_alone_what_is_not_in_the_places(text: str) -> None:
    assert watch(DEBIAN, text) is None


@pytest.mark.parametrize("stream", [OUT])
def test_takes_no_error_from_stdout(stream: Stream) -> None:
    assert watch(DEBIAN, f"{MSG}[Errno 13] …: '{SITE}/x'\n", 1, stream) is None
    assert watch(DEBIAN, "error: externally-managed-environment\n", 1, stream) is None


def test_takes_no_error_from_a_success() -> None:
    assert watch(DEBIAN, f"{MSG}[Errno 13] …: '{SITE}/x'\n", 0) is None


# The sentence


@pytest.mark.parametrize(
    ("text", "exit_code", "said", "found"),
    [
        case("installs", f"{LINE}\nCollecting x\n", 0, True, True),
        case("installs, on a terminal", f"{LINE}\r\nProcessing ./x.whl\r\n", 0, True, True),
        case("after -v", f"Using pip 26\n{LINE}\nObtaining file:///x\n", 0, True, True),
        case("a half line", f"{LINE}\nCollecting x", 0, True, True),
        case("after a colour", f"\x1b[0m{LINE}\nCollecting x\n", 0, True, True),
        case("all satisfied", f"{LINE}\nRequirement already satisfied: x\n", 0, True, False),
        case(
            "an error that pip got over",
            f"{LINE}\nCollecting x\nERROR: y is broken\nSuccessfully installed x-1\n",
            None,
            True,
            True,
        ),
        case("fails", f"{LINE}\nCollecting x\n", 1, True, False),
        case("not said", "Collecting x\n", 0, False, False),
        case("said too late", f"Collecting x\n{LINE}\n", 0, False, False),
    ],
)
@pytest.mark.parametrize("stream", [OUT, BOTH])
def test_the_sentence_counts_if_something_was_installed(
    text: str, exit_code: int | None, said: bool, found: bool, stream: Stream
) -> None:
    watcher = Watcher(DEBIAN)
    watcher.feed(stream, text.encode())
    sighting = watcher.verdict(exit_code)
    assert watcher.defaulted_to_user is said
    assert (sighting is not None) is found
    if sighting is not None:
        assert sighting.trigger is TriggerName.DEFAULT_TO_USER
        assert sighting.line == LINE


def test_the_sentence_on_stderr_is_somebody_elses() -> None:
    watcher = Watcher(DEBIAN)
    watcher.feed(ERR, f"{LINE}\nCollecting x\n".encode())
    assert not watcher.defaulted_to_user


def test_a_wall_behind_the_sentence_is_what_matters() -> None:
    watcher = Watcher(DEBIAN)
    watcher.feed(OUT, f"{LINE}\nCollecting x\nInstalling collected packages: x\n".encode())
    watcher.feed(ERR, f"{MSG}[Errno 13] …: '/home/you/.local/lib'\n".encode())
    assert path_of(watcher.verdict(1)) == "/home/you/.local/lib"


def test_the_order_of_two_pipes_does_not_matter() -> None:
    watcher = Watcher(DEBIAN)
    watcher.feed(ERR, f"{MSG}[Errno 13] …: 'RECORD'\n".encode())
    watcher.feed(OUT, b"Collecting x\nInstalling collected packages: x\n")
    assert path_of(watcher.verdict(1)) == "RECORD"


# Cuts and costs

PIECES = st.sampled_from(
    [
        f"{LINE}\n",
        f"  {LINE}\r\n",
        "Collecting x\n",
        "Installing collected packages: x\n",
        f"{MSG}[Errno 13] Permission denied: '{SITE}/x'\n",
        f"{MSG}\n[Errno 13] Permission denied: '{SITE}/\nx'\n",
        f"\x1b[31m{MSG}[Errno 30] é: 'RECORD'\r\n",
        f"    error: could not create '{SITE}/x': Permission denied\n",
        "      ",
        "\r",
        "\n",
        "é",
        "--- Logging error ---\n",
        "Arguments: ()\n",
        "[3 lines of output]\n",
        "error: externally-managed-environment\n",
        "ERROR: x\n",
        "2023-05-01T10:00:00Z ",
        "y" * 5000,
    ]
)


@given(st.lists(PIECES, max_size=10).map("".join), st.data())
@example(f"{LINE}\nCollecting", None)
def test_the_verdict_does_not_depend_on_the_cut(text: str, data: st.DataObject | None) -> None:
    raw = text.encode()
    numbers = st.lists(st.integers(0, len(raw)), max_size=20)
    at = [0, *sorted(data.draw(numbers)), len(raw)] if data else range(len(raw) + 1)
    for stream, exit_code in itertools.product((OUT, ERR, BOTH), (0, 1, None)):
        whole, cut = (Watcher(DEBIAN) for _ in range(2))
        whole.feed(stream, raw)
        for start, end in itertools.pairwise(at):
            cut.feed(stream, raw[start:end])
        assert whole.verdict(exit_code) == cut.verdict(exit_code)
        assert whole.defaulted_to_user == cut.defaulted_to_user


@given(st.lists(PIECES, max_size=10).map("".join))
def test_asking_changes_nothing(text: str) -> None:
    asked, silent = (Watcher(DEBIAN) for _ in range(2))
    for start in range(0, len(text), 50):
        for watcher in (asked, silent):
            watcher.feed(BOTH, text[start : start + 50].encode())
        asked.verdict(None)
    assert asked.verdict(1) == silent.verdict(1)


@pytest.mark.parametrize(
    "block",
    [
        case("one endless line", b"x" * 1_000_000),
        case("many signs", f"{MSG}[Errno 13] …: '/nowhere/x'\n".encode() * 10_000),
        case("wrapped without end", MSG.encode() + b"x\n" * 100_000),
    ],
)
def test_keeps_little_of_a_long_stream(block: bytes) -> None:
    watcher = Watcher(DEBIAN)
    watcher.feed(BOTH, block)
    tracemalloc.start()
    for _ in range(3):
        watcher.feed(BOTH, block)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 100_000
