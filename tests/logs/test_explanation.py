"""``explain``: what a log from anywhere means, whether safepip would have acted, and the mend."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import subprocess
import sys
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safepip import cli
from safepip.logs import explanation
from safepip.logs.commands import (
    failed_commands,
    given_command,
    read_commands,
    shown_commands,
)
from safepip.logs.reader import LogReader
from safepip.logs.remedies import Remedy
from safepip.model.errors import ExitCode, UsageError
from safepip.model.triggers import TriggerName
from safepip.verbs import explain
from safepip.wording import explanation as wording
from tests.reading import test_transcripts as transcripts
from tests.support.missing import lacking

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from safepip.logs.explanation import Explanation

LINE = "Defaulting to user installation because normal site-packages is not writeable\n"
MSG = "ERROR: Could not install packages due to an OSError: "
SITE = "/usr/lib/python3/dist-packages/six.py"
DENIED = f"Collecting six\n{MSG}[Errno 13] Permission denied: '{SITE}'\n"
WIN = r"c:\\program files\\python311\\lib\\site-packages\\six.py"
MANAGED = "error: externally-managed-environment\n\n"
REQUIRED = "ERROR: Could not find an activated virtualenv (required).\n"
NO_USER = (
    "ERROR: Can not perform a '--user' install. "
    "User site-packages are not visible in this virtualenv.\n"
)


def case(name: str, *values: object) -> object:
    return pytest.param(*values, id=name)


def explain_chunks(chunks: Iterable[bytes], command: str | None = None) -> Explanation:
    reader = LogReader()
    for chunk in chunks:
        reader.feed(chunk)
    shown = read_commands(command)[0] if command else None
    return explanation.explain(reader.finish(shown))


def told(text: str | bytes, command: str | None = None) -> Explanation:
    return explain_chunks([text.encode() if isinstance(text, str) else text], command)


# Recorded outputs of real pips

CONTRACT_NOT_LABEL = {
    # The labels do not count these as naming a place, or know no such trigger.
    "e-break": False,
    "e-break-nouser": False,
    "m-python-root": False,
    "b-no-user": False,
    "f-require": True,
    "f-require-opt": True,
    "f-user-env-in-venv": True,
}


@transcripts.every_file
def test_agrees_with_what_really_happened(file: Path) -> None:
    transcripts.in_each_row(file, _agrees)


def _agrees(row: Any) -> None:
    expected = transcripts.EXPECTED[row["label"]]
    if transcripts.is_mute(row):
        expected = {None}
    if row["id"] in transcripts.EXCEPTIONS:
        expected = {TriggerName.DEFAULT_TO_USER}
    variables = "".join(f"{name}={shlex.quote(value)} " for name, value in row["env"].items())
    command = variables + shlex.join(row["argv"])
    diverts = row["divert"] == "yes" and not transcripts.is_mute(row)
    denied = row["label"] != "success"
    if denied:
        diverts = CONTRACT_NOT_LABEL.get(row["id"].partition("/")[0], diverts)
    pictures = {
        "in order": [chunk for _, chunk in transcripts.piped(row)],
        "stdout, stderr": [transcripts.raw(row["stdout"]), transcripts.raw(row["stderr"])],
        "terminal": [chunk for _, chunk in transcripts.terminal(row)],
    }
    for chunks in pictures.values():
        found = explain_chunks(chunks, command)
        assert found.trigger in expected
        assert found.would_divert is (diverts and found.trigger is not None)
        assert explain_chunks(chunks).trigger in expected
        lines = wording.as_lines(found)
        assert 2 <= len(lines) <= 8
        assert not any(
            re.search(r"\bsudo\b|chown", advice.command or "") for advice in found.advice
        )


# Logs from anywhere


@pytest.mark.parametrize(
    ("text", "trigger", "diverts"),
    [
        case("as it is", DENIED, "permission-denied", True),
        case("a user install", f"{LINE}Collecting x\n", "default-to-user", True),
        case("a dry run", f"{LINE}Collecting x\nWould install x-1\n", "default-to-user", False),
        case("PEP 668", MANAGED, "externally-managed", True),
        case("a virtualenv is required", REQUIRED, "virtualenv-required", True),
        case("--user by a setting", f"$ pip install x\n{NO_USER}", "user-site-unavailable", True),
        case("--user, typed", f"$ pip install --user x\n{NO_USER}", None, False),
        case(
            "read-only",
            f"{MSG}[Errno 30] Read-only file system: '{SITE}'\n",
            "read-only",
            True,
        ),
        case(
            "a named place, by its looks",
            f"Installing collected packages: x\n{MSG}[Errno 13] …: '/opt/locked/x'\n",
            "permission-denied",
            False,
        ),
        case("a target", f"+ pip install -t /usr/lib x\n{DENIED}", "permission-denied", False),
        case("an abbreviation", f"$ pip install --ta /usr/lib x\n{DENIED}", "permission-denied", 0),
        case("pip alone", f"$ pip install -U pip\n{DENIED}", "permission-denied", False),
        case("an uninstall", f"$ pip uninstall x\n{DENIED}", "permission-denied", False),
        case("a download", f"RUN pip download x\n{DENIED}", "permission-denied", False),
        case("GitHub", f"##[group]Run pip install x\n{DENIED}", "permission-denied", True),
        case(
            "GitHub's script, whose first line is another command",
            f"##[group]Run pip install -U pip\n\x1b[36;1mpip install -U pip\x1b[0m\n"
            f"\x1b[36;1mpip install -t /usr/lib x\x1b[0m\n##[endgroup]\n{DENIED}",
            "permission-denied",
            False,
        ),
        case(
            "the command behind its output",
            f'{DENIED}ERROR: process "/bin/sh -c pip install --user x" did not complete\n',
            "permission-denied",
            False,
        ),
        case(
            "several runs, the second is denied",
            f"$ pip install --user a\nCollecting a\nSuccessfully installed a-1\n"
            f"$ pip install six\n{DENIED}$ pip list\nsix 1\n",
            "permission-denied",
            True,
        ),
        case(
            "a success after another run's user install",
            f"$ pip install a\n{LINE}Collecting a\nSuccessfully installed a-1\n"
            "$ pip install b\nCollecting b\nSuccessfully installed b-1\n",
            "default-to-user",
            True,
        ),
        case("UTF-16", ("$ pip install x\r\n" + DENIED).encode("utf-16"), "permission-denied", 1),
        case("a mark", DENIED.encode("utf-8-sig"), "permission-denied", True),
        case(
            "cut in the middle",
            f"Collecting x\nInstalling collected packages: x\n{MSG}[Errno 13] Permission den",
            "permission-denied",
            True,
        ),
        case("cut in the path", DENIED[:-8], "permission-denied", True),
        case("a Windows place", f"{MSG}[WinError 5] …: '{WIN}'\r\n", "permission-denied", True),
        case("a success", "Collecting x\nSuccessfully installed x-1\n", None, False),
        case(
            "prose",
            "I got [Errno 13] Permission denied.\nConsider using the `--user` option",
            None,
            0,
        ),
        case("another program", "PermissionError: [Errno 13] …: '/var/log/app.log'\n", None, False),
        case("a build", f"Collecting x\n      {DENIED.splitlines()[1]}\n", None, False),
    ],
)
def test_tells_the_trigger_and_whether_it_would_be_diverted(
    text: str | bytes, trigger: str | None, diverts: bool
) -> None:
    found = told(text)
    assert (found.trigger.value if found.trigger else None) == trigger
    assert found.would_divert is bool(diverts)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        case("German", "Keine Berechtigung", "utf-8"),
        case("French", "Permission non accordée", "latin-1"),
        case("Chinese", "拒绝访问。", "gbk"),
    ],
)
def test_reads_any_encoding(text: str, encoding: str) -> None:
    found = told(f"{MSG}[Errno 13] {text}: '{SITE}'\n".encode(encoding))
    assert found.path == SITE
    assert found.line is not None
    assert text in found.line


def test_the_command_given_counts_more_than_the_log() -> None:
    log = f"$ pip install x\n{DENIED}"
    assert told(log).would_divert
    assert not told(log, "pip install --prefix=/usr x").would_divert
    assert not told(log, "python3 -m pip --python /usr/bin/python3 install x").would_divert


@pytest.mark.parametrize(
    ("line", "words"),
    [
        case("a prompt", "$ pip install x", "install x"),
        case("a user's prompt", "me@host:~/work$ pip3 install x", "install x"),
        case("root's prompt", "[root@host ~]# pip3.11 install x", "install x"),
        case("zsh", "(venv) me@mac work % python3 -m pip install x", "install x"),
        case("a trace", "++ pip install 'x>=1' y", "install x>=1 y"),
        case("docker", "Step 3/9 : RUN apt-get update && pip install -q x && rm y", "install -q x"),
        case("buildkit", "=> ERROR [2/2] RUN pip install x:", "install x"),
        case("GitHub", "Run python -m pip install -r r.txt", "install -r r.txt"),
        case("PowerShell", r"PS C:\Users\John Smith> pip install x", "install x"),
        case("cmd", r"C:\Users\me>C:\Python39\python.exe -m pip install x", "install x"),
        case("a notebook", "In [3]: !pip install x", "install x"),
        case("tox", "py311: commands[0]> pip install x", "install x"),
        case("no prompt", "python3.11 -m pip install x", "install x"),
        case("administrator", "$ sudo -H pip install x", "install x"),
        case("variables", "$ PIP_USER=1 pip install x", "install x"),
        case("piped on", "$ pip install x 2>&1 | tee log", "install x"),
        case("an open quote", "+ pip install 'x", "install x"),
        case("another tool", "$ uv pip install x", None),
        case("pip's notice", "[notice] To update, run: pip install --upgrade pip", None),
        case("pip's hint", "You should upgrade via the 'pip install -U pip' command.", None),
        case("prose", "Please pip install x first", None),
        case("a sentence", "pip install x gives me this:", None),
    ],
)
def test_finds_the_command_in_a_log(line: str, words: str | None) -> None:
    found = [" ".join(command.words) for command in shown_commands(line.encode())]
    assert found == ([] if words is None else [words])


def test_finds_the_command_in_a_programs_complaint() -> None:
    words = b"['/usr/bin/python3', '-m', 'pip', 'install', 'x']"
    line = b"CalledProcessError: Command '" + words + b"' returned non-zero exit status 1."
    assert [c.words for c in failed_commands(line)] == [("install", "x")]


# Failures that are no triggers


@pytest.mark.parametrize(
    ("text", "words", "path"),
    [
        case(
            "an old pip's network",
            "Could not fetch URL https://example.invalid/: connection error: x - skipping\n"
            "No matching distribution found for x\n",
            "network",
            None,
        ),
        case(
            "network",
            "WARNING: Retrying (Retry(total=4)) after 'NewConnectionError: [Errno -3]'\n"
            "ERROR: No matching distribution found for x\n",
            "network",
            None,
        ),
        case(
            "a certificate",
            "WARNING: Retrying … SSLError(… CERTIFICATE_VERIFY_FAILED …)\n",
            "certificate",
            None,
        ),
        case("a server", "ERROR: HTTP error 403 while getting http://x\n", "HTTP 403", None),
        case(
            "no match",
            "ERROR: No matching distribution found for nosuch\n",
            "nothing that fits nosuch",
            None,
        ),
        case("hashes", "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE R", "hashes", None),
        case("disk full", f"{MSG}[Errno 28] No space left on device\n", "disk was full", None),
        case("quota", f"{MSG}[Errno 122] Disk quota exceeded: '{SITE}'\n", "quota", None),
        case(
            "was in use",
            f"{MSG}[WinError 32] …: 'C:\\\\t\\\\x.whl'\n",
            "was in use",
            "C:\\t\\x.whl",
        ),
        case(
            "a build",
            "  error: subprocess-exited-with-error\n      [Errno 13] …: '/root/x'\n"
            "  note: This error originates from a subprocess\n",
            "/root/x",
            "/root/x",
        ),
        case(
            "an old build",
            'Command "python setup.py egg_info" failed with error code 1 in /tmp/x\n',
            "could not be built",
            None,
        ),
        case("a conflict", "ERROR: ResolutionImpossible: for help visit x\n", "contradict", None),
        case(
            "a requirements file",
            "ERROR: Could not open requirements file: [Errno 13] Permission denied: 'r.txt'\n",
            "r.txt could not be read",
            "r.txt",
        ),
        case(
            "one that is not there",
            "ERROR: Could not open requirements file: [Errno 2] No such file …: 'r.txt'\n",
            "r.txt is not there",
            "r.txt",
        ),
        case(
            "a wheel one cannot read",
            f"Processing ./x.whl\n{MSG}[Errno 13] …: '/home/you/x.whl'\n",
            "does not look like a place that it installs to",
            "/home/you/x.whl",
        ),
        case(
            "an option",
            "no such option: --break-system-packages\n",
            "does not know the option --break",
            None,
        ),
        case("a bad requirement", "ERROR: Invalid requirement: 'x=>1'\n", "'x=>1'", None),
        case(
            "pip.exe",
            "ERROR: To modify pip, please run the following command:\n"
            "C:\\py.exe -m pip install -U pip\n",
            "cannot replace itself",
            None,
        ),
        case("no pip", "/usr/bin/python3: No module named pip\n", "no pip", None),
        case(
            "cancelled",
            "Collecting x\nERROR: Operation cancelled by user\n",
            "stopped before",
            None,
        ),
        case(
            "an unwritable log",
            "--- Logging error ---\nPermissionError: [Errno 13] …: '/x/pip.log'\nArguments: ()\n"
            "Successfully installed x-1\n",
            "did what it was asked",
            None,
        ),
        case(
            "the cache",
            "WARNING: The directory '/x/.cache/pip' or its parent directory is not owned …\n"
            "Successfully installed x-1\n",
            "cache folder",
            None,
        ),
        case(
            "retries that helped",
            "WARNING: Retrying (Retry(total=4)) 'Read timed out'\nSuccessfully installed x-1\n",
            "did what it was asked",
            None,
        ),
        case(
            "satisfied", f"{LINE}Requirement already satisfied: x\n", "Already installed: x", None
        ),
        case(
            "something new",
            "ERROR: nobody has seen this before\n",
            "does not know",
            None,
        ),
        case("nothing", "hello\n", "No permission problem found", None),
    ],
)
def test_names_a_failure_that_is_no_trigger(text: str, words: str, path: str | None) -> None:
    found = told(text)
    assert found.trigger is None
    assert not found.would_divert
    assert words in wording.tell(found).what
    assert found.path == path
    assert "?" not in wording.tell(found).what
    assert 2 <= len(wording.as_lines(found)) <= 8


# The mend


def commands(found: Explanation) -> list[str | None]:
    return [advice.command for advice in found.advice]


def test_the_mend_has_the_words_that_were_asked_for() -> None:
    found = told(f"$ python3.11 -m pip install -t /usr/lib 'a b' x\n{DENIED}")
    assert commands(found) == [
        "safepip install 'a b' x",
        "python3.11 -m venv .venv && .venv/bin/python -m pip install 'a b' x",
        None,
    ]


def test_without_a_command_the_mend_has_what_pip_collected() -> None:
    found = told(DENIED.replace("six\n", "six>=1\nCollecting dep (from six)\n", 1))
    assert commands(found)[1] == "safepip install 'six>=1'"


@pytest.mark.parametrize(
    ("text", "venv", "init"),
    [
        case("POSIX", DENIED, ".venv/bin/python", "bash"),
        case("macOS", DENIED.replace("/usr/lib", "/Library/Python/3.9"), ".venv/bin/", "zsh"),
        case("macOS by a hint", f"{MANAGED}   brew install xyz\n", ".venv/bin/python", "zsh"),
        case("Windows", f"{MSG}[Errno 13] …: '{WIN}'\n", "; .venv\\Scripts\\python", "powershell"),
        case(
            "cmd",
            f"C:\\x>pip install x\r\n{MSG}[Errno 13] …: '{WIN}'\r\n",
            " && .venv\\Scripts\\python",
            "powershell",
        ),
    ],
)
def test_the_mend_fits_the_system_of_the_log(text: str, venv: str, init: str) -> None:
    found = told(text)
    assert venv in str(commands(found)[0])
    assert commands(found)[-1] == f"safepip init {init} --install"
    assert [a.permanent for a in found.advice] == [False, False, True]


def test_the_mend_never_needs_the_administrators_rights() -> None:
    found = told(f"$ sudo -H pip install x\n{DENIED}")
    assert not any("sudo" in str(advice) for advice in found.advice)


def test_an_application_may_go_to_pipx() -> None:
    assert commands(told(MANAGED, "pip install -U black"))[1] == "pipx install black"
    assert commands(told(MANAGED, "pip install -r r.txt"))[1] == "safepip install -r r.txt"


def test_settings_are_mended_in_pips_own_settings() -> None:
    assert commands(told(REQUIRED))[-1] == "python3 -m pip config unset global.require-virtualenv"
    user = told(NO_USER, "pip install x")
    assert commands(user) == [
        "python3 -m pip install --no-user x",
        "python3 -m pip config unset global.user",
    ]


def test_what_only_the_administrator_can_mend_is_the_administrators() -> None:
    found = told(f"{LINE}Collecting x\n{MSG}[Errno 13] …: '/home/you/.local/lib'\n")
    last = found.advice[-1]
    assert last.permanent
    assert last.command is None
    assert last.remedy is Remedy.OWNER_AGAIN


# Untrusted text


def test_masks_credentials(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(
        "$ pip install --index-url https://bob:s3cret@host/simple --proxy u:s3cret@p x\n"
        f"{MSG}[Errno 13] …: '{SITE}' https://bob:s3cret@host/\n"
        "ERROR: HTTP error 403 while getting https://bob:s3cret@host/x\n"
    )
    for words in ([str(log)], [str(log), "--json"]):
        assert explain.run(words) == 0
        shown = capsys.readouterr().out
        assert "s3cret" not in shown
        assert "****@" in shown


def test_shows_nothing_that_works_on_a_terminal() -> None:
    found = told(f"{MSG}[Errno 13] …: '/usr/lib/python3/dist-packages/\x07\u202e\x9b1m'\n")
    assert found.path == "/usr/lib/python3/dist-packages/\\x07\\u202e\\x9b1m"
    for line in wording.as_lines(found):
        assert line.isprintable()


# Any cut, any size

PIECES = st.sampled_from(
    [
        LINE,
        DENIED,
        "$ pip install --user x\n",
        "+ pip install y && pip install -U pip\n",
        "ERROR: No matching distribution found for x\r\n",
        "  ERROR: No matching distribution found for x\n",
        "      [Errno 13] Permission denied: '/root/x'\n",
        "error: subprocess-exited-with-error\n",
        "Successfully installed x-1\n",
        "--- Logging error ---\n",
        "Arguments: ()\n",
        "\x1b[31m",
        "\r",
        "\n",
        "    ",
        "é",
        "y" * 5000,
    ]
)


@settings(max_examples=100)
@given(st.lists(PIECES, max_size=10).map("".join), st.data())
def test_does_not_depend_on_the_cut(text: str, data: st.DataObject) -> None:
    raw = text.encode()
    at = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=20)))
    cuts = [0, *at, len(raw)]
    whole = explain_chunks([raw])
    assert explain_chunks(raw[a:b] for a, b in itertools.pairwise(cuts)) == whole
    if len(raw) < 2000:
        assert explain_chunks(raw[i : i + 1] for i in range(len(raw))) == whole


@given(st.binary(max_size=3000))
def test_takes_whatever_comes(raw: bytes) -> None:
    told = explain_chunks([raw])
    # Hypothesis also draws from the texts in our sources, pip's own sentences among them.
    assert not told.would_divert or (told.line is not None and told.line.encode() in raw)


@pytest.mark.parametrize(
    "block",
    [
        case("one endless line", b"x" * 500_000),
        case("many runs", f"$ pip install x\n{DENIED}".encode() * 500),
        case("many failures", b"ERROR: No matching distribution found for x\n" * 2_000),
        case("many names", b"".join(b"Collecting x%d\n" % n for n in range(5_000))),
    ],
)
def test_keeps_little_of_a_long_log(block: bytes) -> None:
    reader = LogReader()
    reader.feed(block)
    tracemalloc.start()
    for _ in range(3):
        reader.feed(block)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 300_000


# The verb


def safepip(*words: str, stdin: bytes | int = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "safepip", "explain", *words]
    if isinstance(stdin, bytes):
        return subprocess.run(command, capture_output=True, check=False, input=stdin)
    return subprocess.run(command, capture_output=True, check=False, stdin=stdin)


@pytest.mark.parametrize("words", [[], ["-"]])
def test_reads_stdin(words: list[str]) -> None:
    done = safepip(*words, stdin=DENIED.encode())
    assert done.returncode == 0
    assert done.stderr == b""
    assert SITE.encode() in done.stdout.splitlines()[0]


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")
def test_on_a_terminal_it_reads_what_is_pasted_up_to_one_ctrl_d() -> None:
    outer, inner = os.openpty()
    try:
        os.write(outer, DENIED.encode() + b"\x04")
        done = safepip(stdin=inner)
    finally:
        os.close(outer)
        os.close(inner)
    assert done.returncode == ExitCode.OK
    assert done.stderr.startswith(b"safepip: Paste the output of pip here")
    assert b"Ctrl-D" in done.stderr
    assert SITE.encode() in done.stdout.splitlines()[0]


def test_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(DENIED)
    assert explain.run([str(log), "--json", "--command=pip install --user six"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["schema"], shown["command"], shown["errors"]) == (1, "explain", [])
    data = shown["data"]
    assert set(data) == {"trigger", "line", "path", "would_divert", "why", "advice"}
    assert data["trigger"] == "permission-denied"
    assert data["line"] == DENIED.splitlines()[1]
    assert data["path"] == SITE
    assert data["would_divert"] is False
    assert "--user" in data["why"]
    assert all(set(advice) == {"what", "command", "permanent"} for advice in data["advice"])


def _unfit(tmp_path: Path) -> dict[str, str]:
    binary, locked = tmp_path / "binary", tmp_path / "locked"
    binary.write_bytes(bytes(range(256)) * 40)
    locked.write_text(DENIED)
    locked.chmod(0)
    archive = tmp_path / "log.gz"
    archive.write_bytes(b"\x1f\x8b\x08" + b"abc" * 99)
    return {
        "missing": str(tmp_path / "nosuch"),
        "directory": str(tmp_path),
        "binary": str(binary),
        "archive": str(archive),
        "unreadable": str(locked),
        "a name that no file can have": "a\0b",
    }


@pytest.mark.parametrize(
    "kind",
    ["missing", "directory", "binary", "archive", "unreadable", "a name that no file can have"],
)
def test_what_is_no_text_is_an_error_of_use(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _unfit(tmp_path)[kind]
    if kind == "unreadable" and (os.name == "nt" or os.access(file, os.R_OK)):
        lacking("ordinary user")
    with pytest.raises(UsageError):
        explain.run([file])
    assert capsys.readouterr().out == ""
    with pytest.raises(UsageError):
        explain.run([file, "--json"])
    shown = json.loads(capsys.readouterr().out)
    assert shown["data"]["trigger"] is None
    assert len(shown["errors"]) == 1
    assert cli.main(["explain", file]) == ExitCode.USAGE
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("safepip: ")


def test_an_empty_log_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log"
    for content in ("", " \n\n"):
        log.write_text(content)
        assert explain.run([str(log), "--json"]) == 0
        shown = json.loads(capsys.readouterr().out)
        assert shown["data"]["trigger"] is None
        assert "is empty" in shown["errors"][0]


@pytest.mark.parametrize(
    "words",
    [
        case("an unknown option", ["--bla"]),
        case("two files", ["a", "b"]),
        case("no command", ["a", "--command"]),
        case("an empty command", ["a", "--command="]),
    ],
)
def test_wrong_words(words: list[str]) -> None:
    with pytest.raises(UsageError):
        explain.run(words)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("sudo pip3 install x", "install x"),
        ("!pip install x", "install x"),
        ("%pip install x", "install x"),
        ("py -m pip install x", "install x"),
        ("python3 -mpip install x", "install x"),
        ("uv pip install x", "install x"),
        ("./venv/bin/pip install x", "install x"),
        ("$ pip install x", "install x"),
        ("(venv) you@host:~$ pip install x", "install x"),
        ("PS C:\\Users\\you> pip install x", "install x"),
        ("`pip install x`", "install x"),
        ("env PIP_USER=1 nice pip install x", "install x"),
        ('bash -lc "cd y && pip install x"', "install x"),
        ("install --user x", "install --user x"),
        ("make", None),
        ("./setup.sh install", None),
        ("pipenv sync", None),
        ("ls -l", None),
    ],
)
def test_the_command_is_what_people_have(given: str, words: str | None) -> None:
    found = given_command(given)
    assert (None if found is None else " ".join(found.words)) == words


def test_a_command_that_is_not_pips_leaves_the_log_to_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log"
    log.write_text(f"$ pip install --user six\n{DENIED}")
    assert explain.run([str(log), "--command", "make"]) == 0
    assert "--user on the command line" in capsys.readouterr().out


def test_the_word_pip_may_be_left_out_of_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log"
    log.write_text(DENIED)
    assert explain.run([str(log), "--command", "install --user x"]) == 0
    assert "would not have redirected this: --user" in capsys.readouterr().out


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="only POSIX tells a child's memory")
def test_fifty_megabytes_take_flat_memory(tmp_path: Path) -> None:
    def peak(megabytes: int) -> int:
        log = tmp_path / f"log{megabytes}"
        line = b"2026-11-20T21:07:07,454   Downloading x-1.whl (123 kB) and some more words\n"
        block = line * 14_000
        with log.open("wb") as file:
            file.write(b"2026-11-20T21:07:07,454 Collecting x\n")
            for _ in range(megabytes):
                file.write(block)
            file.write(DENIED.encode())
        child = subprocess.Popen(
            [sys.executable, "-m", "safepip", "explain", str(log)], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        assert SITE.encode() in child.stdout.read()
        child.stdout.close()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        log.unlink()
        return usage.ru_maxrss

    assert peak(50) < peak(1) * 1.3


@pytest.mark.parametrize(
    ("log", "what"),
    [
        case("an install that went elsewhere",
             "Collecting six\nSuccessfully installed six-1.17.0\nsafepip: Installed six 1.17.0 "
             "into this project's .venv, because your OS manages /usr/bin/python3.\n",
             "pip did what it was asked."),
        case("one that failed there",
             "ERROR: No matching distribution found for six==99\n"
             "safepip: The install into this project's .venv failed; see the error above.\n",
             "The index has nothing that fits six==99"),
        case("one that found no place",
             "safepip: Nothing was installed, because your OS manages /usr/bin/python3, and HOME "
             "is /, which is not yours to write.\n",
             "safepip says itself how this ended."),
        case("no environment could be made",
             "safepip: Cannot make a virtual environment in .venv: Permission denied. To find the "
             "cause:\n    safepip doctor\n",
             "safepip says itself how this ended."),
        case("what was removed elsewhere",
             "safepip: six is in ~/x/.venv, where safepip put it; removing it there.\n"
             "Found existing installation: six 1.17.0\n  Successfully uninstalled six-1.17.0\n",
             "pip did what it was asked."),
        case("a place that was named",
             f"{MANAGED}safepip: pip failed because your OS manages this Python. You chose that "
             "place with --user. Leave --user out, and safepip finds a place that works.\n",
             "pip refused to change this Python"),
    ],
)  # fmt: skip
def test_what_safepip_did_is_not_denied(log: str, what: str) -> None:
    explained = explain_chunks([log.encode()])
    told = wording.tell(explained)
    assert told.what.startswith(what)
    assert told.verdict == "safepip stepped in: its own lines in this log say what it did."
    assert not explained.would_divert
