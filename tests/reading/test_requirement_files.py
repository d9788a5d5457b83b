"""What a requirements file asks for, as pip reads it."""

from __future__ import annotations

import pytest

from safepip.model.requests import RequirementKind
from safepip.reading import requirement_files

ENV = {"HOST": "127.0.0.1", "EMPTY": ""}

READ = {
    "": [],
    "# requests\n\n   \n": [],
    "requests\ndjango>=5\n": ["requests", "django>=5"],
    "requests  # the library\n": ["requests"],
    "# nothing \\\nrequests\n": ["requests"],
    "name@https://127.0.0.1/#egg=x\n": ["name@https://127.0.0.1/#egg=x"],
    "requests \\\n  >= 2\n": ["requests   >= 2"],
    "requests==2 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n": ["requests==2"],
    "requests>=2 ; python_version > '3'\n": ["requests>=2 ; python_version > '3'"],
    "https://${HOST}/r.zip\n": ["https://127.0.0.1/r.zip"],
    "https://${UNKNOWN}/r.zip\n": ["https://${UNKNOWN}/r.zip"],
    "--index-url https://127.0.0.1/\n-i https://127.0.0.1\n--pre\nrequests": ["requests"],
    "-r more.txt\n--requirement=more.txt\n": ["more.txt", "more.txt"],
    "-e ./here\n--editable git+https://127.0.0.1/x#egg=x\n": [
        "./here", "git+https://127.0.0.1/x#egg=x",
    ],
    "-c limits.txt\n--constraint limits.txt\n": [],
    "requests --config-settings=a=b\n": ["requests"],
}  # fmt: skip
UNCLEAR = ["--user\n", "-e a b\n", "--no-such-option\n", "requests --no-deps\n", "-r\n"]


@pytest.mark.parametrize("text", READ, ids=repr)
def test_each_line_is_read_as_pip_does(text: str) -> None:
    found = requirement_files.read(text, ENV)
    assert found is not None
    assert [one.text for one in found] == READ[text]


@pytest.mark.parametrize("text", UNCLEAR, ids=repr)
def test_a_line_that_is_none_of_these_leaves_the_file_to_pip(text: str) -> None:
    assert requirement_files.read("requests\n" + text, ENV) is None


def test_kinds_are_told_apart() -> None:
    found = requirement_files.read("requests\n./lib\n-e .\n-r x\n", {})
    assert found is not None
    assert [one.kind for one in found] == [
        RequirementKind.NAMED,
        RequirementKind.LOCAL_DIR,
        RequirementKind.EDITABLE,
        RequirementKind.FILE,
    ]


def test_constraint_files_are_named() -> None:
    text = "-c a.txt\nrequests\n--constraint=b.txt\n# -c c.txt\n"
    assert requirement_files.constraints(text, {}) == ("a.txt", "b.txt")
