"""What safepip itself prints is text, whatever is in it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

NASTY = "a\x1b]0;pwned\x07\u202eb\udcff\nsafepip: c"


def says(code: str, *, encoding: str = "utf-8", stdin: str = "") -> tuple[bytes, bytes]:
    done = subprocess.run(
        [sys.executable, "-c", f"from safepip import console\nN = {NASTY!r}\n{code}"],
        check=True,
        capture_output=True,
        input=stdin.encode(),
        env={"PYTHONIOENCODING": encoding, "PYTHONWARNDEFAULTENCODING": "0"},
    )
    return done.stdout, done.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
@pytest.mark.parametrize(
    "code",
    [
        "console.Console({}).say((N, '    ' + N))",
        "console.Console({}).complain((N, '    ' + N))",
        "console.show(N)",
        "console.ask(N, {N: N, 'x': '→'}, N)",
    ],
)
def test_nothing_from_outside_acts_on_the_terminal(code: str, encoding: str) -> None:
    out = b"".join(says(code, encoding=encoding))
    text = out.decode(encoding).replace("\n", "")
    assert "a\\x1b]0;pwned\\x07\\u202eb\\xff" in text
    assert text.isprintable()


def test_a_name_does_not_begin_a_line_of_ours() -> None:
    _, err = says("console.Console({}).say((N,))")
    assert err.count(b"\n") == 1


def test_json_and_code_stay_what_they_are() -> None:
    out, _ = says("import json; console.show(json.dumps([N, '\\x7f'], ensure_ascii=False))")
    assert json.loads(out.replace(b"\\xff", b"")) == [
        "a\x1b]0;pwned\x07\u202eb\nsafepip: c",
        "\x7f",
    ]
    out, _ = says("console.show('a\\x1bb', exact=True)")
    assert out == b"a\x1bb\n"


@pytest.mark.parametrize("answer", ["²", "9" * 5000, "0", "-1", "3"])
def test_a_number_that_is_not_offered_is_asked_for_again(answer: str) -> None:
    code = "print(console.ask('q', {'a': '', 'b': ''}, 'a'))"
    out, err = says(code, stdin=f"{answer}\n2\n")
    assert (out, err.count(b"number or word")) == (b"b\n", 2)


def test_the_beginning_of_a_word_is_an_answer() -> None:
    code = "print(console.ask('q', {'venv': '', 'user': '', 'undo': ''}, 'venv'))"
    out, err = says(code, stdin="u\nUS\n")
    assert (out, err.count(b"number or word")) == (b"user\n", 2)
