"""A log from anywhere: the signs in it, also those that a live pip is watched for."""

from __future__ import annotations

import pytest

from safepip.logs.reader import LogReader
from safepip.model.triggers import Sighting, TriggerName
from tests.reading.test_sightings import LINE, MANAGED, MSG, QUIET_EVERYWHERE, WALLS, case, path_of


def watch(text: str | bytes) -> Sighting | None:
    reader = LogReader()
    reader.feed(text.encode() if isinstance(text, str) else text)
    return reader.finish().sighting


@pytest.mark.parametrize(("text", "trigger"), WALLS)
def test_sees_the_walls_that_a_live_pip_meets(text: str, trigger: TriggerName) -> None:
    sighting = watch(text)
    assert sighting is not None
    assert sighting.trigger is trigger
    assert "\x1b" not in sighting.line


@pytest.mark.parametrize("text", QUIET_EVERYWHERE)
def test_leaves_alone_what_is_none_in_a_live_pip(text: str | bytes) -> None:
    assert watch(text) is None


PLAIN = f"{MSG}[Errno 13] Permission denied: '/usr/lib/python3/dist-packages/x'"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        case(
            name,
            f"{MSG}[{number}] …: '{path}'\n",
            path.replace("\\\\", "\\"),
        )
        for name, number, path in [
            ("Debian's packages", "Errno 13", "/usr/lib/python3/dist-packages/x"),
            ("a script", "Errno 13", "/usr/local/bin/isort"),
            ("data files", "Errno 13", "/usr/local/share/jupyter"),
            ("Homebrew", "Errno 13", "/opt/homebrew/lib/python3.11/site-packages/x"),
            ("pyenv", "Errno 13", "/home/you/.pyenv/versions/3.8.1/lib/python3.8/site-packages/x"),
            ("macOS' own Python", "Errno 13", "/Library/Python/2.7/site-packages/x"),
            ("SIP", "Errno 1", "/System/Library/Frameworks/Python.framework/Versions/2.7/share"),
            ("a framework", "Errno 13", "/Library/Frameworks/Python.framework/Versions/3.9/bin/x"),
            ("the user base", "Errno 13", "/home/you/.local/lib"),
            (
                "pip's own files",
                "Errno 13",
                "/usr/lib/python3/dist-packages/pip-20.0.2.dist-info/R",
            ),
            ("Program Files", "WinError 5", "c:\\\\program files\\\\python39\\\\scripts\\\\x.exe"),
            ("C:\\Python39", "Errno 13", "C:\\\\Python39\\\\Lib\\\\site-packages\\\\six.py"),
            (
                "Anaconda",
                "WinError 5",
                "c:\\\\programdata\\\\anaconda3\\\\lib\\\\site-packages\\\\n",
            ),
            ("one's own", "WinError 5", "C:\\\\Users\\\\me\\\\Python\\\\Lib\\\\site-packages\\\\x"),
        ]
    ],
)
def test_judges_the_paths_of_a_log_by_their_shape(text: str, path: str) -> None:
    assert path_of(watch(text)) == path


@pytest.mark.parametrize(
    "text",
    [
        case("as it is", f"{PLAIN}\n"),
        case("a time stamp", f"2023-05-01T10:00:00.1234567Z {PLAIN}\n"),
        case("pip's own log file", f"2026-11-20T21:07:07,454 {PLAIN}\n"),
        case("a time", f"[10:00:00] {PLAIN}\n"),
        case("syslog", f"Nov 20 10:00:00 host ci[12]: {PLAIN}\n"),
        case("docker compose", f"web_1  | {PLAIN}\n"),
        case("docker build", f"#8 12.34 {PLAIN}\n#8 12.35 Consider using\n"),
        case("a tag", f"[ERROR] {PLAIN}\n"),
        case("GitLab", f"2024-01-01T00:00:00.000000Z 01E {PLAIN}\n"),
        case("GitHub's downloaded log", f"build\tInstall\t2023-05-01T10:00:00.1234567Z {PLAIN}\n"),
        case("an error mark", f"##[error]{PLAIN}\n"),
        case("indented as a whole", f"    Collecting x\n    {PLAIN}\n    Consider using\n"),
        case("wrapped at a space", PLAIN.replace(" an ", "\nan ").replace(": '", ":\n'") + "\n"),
        case("wrapped in words", PLAIN.replace("OSError", "OSE\nrror").replace("/dist", "/\ndist")),
        case("cut off", PLAIN[:-2]),
        case("UTF-16", PLAIN.encode("utf-16")),
        case("UTF-8 with a mark", PLAIN.encode("utf-8-sig")),
        case("Windows line ends", f"x\r\n{PLAIN}\r\n"),
        case("a target", f"Installing collected packages: x\n{MSG}[Errno 13] …: '/opt/locked/t'\n"),
    ],
)
def test_sees_it_in_a_log_from_anywhere(text: str | bytes) -> None:
    assert path_of(watch(text)) in {
        "/usr/lib/python3/dist-packages/x",
        "/usr/lib/python3/dist-packages/",
        "/usr/lib/python3/dist-packages",
        "/opt/locked/t",
    }


@pytest.mark.parametrize(
    "text",
    [
        case(
            "a build's block without its indentation", f"[2 lines of output]\nx\n{PLAIN}\n[end of o"
        ),
        case(
            "a program of one's own",
            f"{MSG}[WinError 5] …: 'D:\\\\p\\\\venv\\\\Lib\\\\site-packages\\\\x.pyd'\n",
        ),
        case("an indented beginning", f"    {PLAIN}\nERROR: Failed building wheel for x\n"),
        case("any other program's error", "PermissionError: [Errno 13] …: '/var/log/app.log'\n"),
        case("a program in /usr/src", "PermissionError: [Errno 13] …: '/usr/src/app/debug.log'\n"),
    ],
)
def test_leaves_alone_in_a_log(text: str) -> None:
    assert watch(text) is None


def test_sees_the_wrapped_sentence_in_a_log() -> None:
    text = LINE.replace("not ", "not \n") + "\nCollecting x\nSuccessfully installed x-1\n"
    sighting = watch(text)
    assert sighting == Sighting(trigger=TriggerName.DEFAULT_TO_USER, line=LINE)


def test_sees_the_second_line_of_pep_668_in_a_log() -> None:
    sighting = watch(f"{MANAGED}\n╰─> To install\n")
    assert sighting is not None
    assert sighting.trigger is TriggerName.EXTERNALLY_MANAGED


DENSE = {
    "errors": "ERROR: job {n} failed\n",
    "a compiler's": "src/{n}.c:7: error: expected ';' (warning: x)\n",
    "retries": "WARNING: Retrying (Retry(total={n})) after connection broken\n",
    "another program's denials": (
        "Traceback (most recent call last):\n"
        '  File "/srv/app/{n}.py", line 3, in <module>\n'
        "PermissionError: [Errno 13] Permission denied: '/usr/local/lib/python3.9/site-packages'\n"
    ),
    "commands": "+ pip list {n}\n",
    "one line": "ERROR: {n} could not ",
}


@pytest.mark.parametrize("kind", DENSE)
def test_a_log_dense_with_errors_hides_no_denial(kind: str) -> None:
    noise = "".join(DENSE[kind].format(n=number) for number in range(6000))
    run = f"Collecting x\nInstalling collected packages: x\n{PLAIN}\nCheck the permissions.\n"
    for text in (f"{run}\n{noise}", f"{noise}\n{run}\n{noise}", f"{noise}\n{run}"):
        assert path_of(watch(text)) == "/usr/lib/python3/dist-packages/x"
    assert watch(noise) is None


def test_a_log_dense_with_errors_keeps_its_last_words() -> None:
    noise = "".join(DENSE["errors"].format(n=number) for number in range(6000))
    reader = LogReader()
    for piece in (noise, "ERROR: No matching distribution", " found for lab-x\n", noise[:4000]):
        reader.feed(piece.encode())
    worst = reader.finish().clues.worst()
    assert worst is not None
    assert (worst[0].name, "".join(worst[2])) == ("no-match", "lab-x")
