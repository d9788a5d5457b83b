"""Whether pip will have something to install, by what lies where it looks."""

from __future__ import annotations

import pytest

from safepip.policy.wanted import Standing, overall
from safepip.reading import requests

INSTALLED = {
    "django": frozenset({"5.2.1"}),
    "ruamel-yaml": frozenset({"0.18"}),
    "pre": frozenset({"2.0rc1"}),
    "twice": frozenset({"1.0", "2.0"}),
    "developed": frozenset({""}),
    "ancient": frozenset({"2004d-final"}),
}

MISSING = [
    "requests",
    "Requests[socks]",
    "requests>=2,<3",
    "django==5.2.2",
    "Django>6",
    "ruamel_yaml<0.18",
    "twice>2",
    "-e ./project",
    "./project",
    "https://127.0.0.1/requests-2.0.tar.gz",
    "requests @ https://127.0.0.1/r.zip",
    "git+https://127.0.0.1/requests",
    "./requests-2.0-py3-none-any.whl",
    "django requests",
    "-U requests",
]
PRESENT = [
    "django",
    "Django",
    "DJANGO==5.2.1",
    "django[argon2]",
    "Ruamel_yaml",
    "ruamel.yaml>=0.17",
    "pre",
    "pre>=2.0rc1",
    "twice<2",
    "developed",
    "developed==3",
    "ancient>1",
    "requests; python_version < '3'",  # perhaps not meant for this Python
    "django @ https://127.0.0.1/d.zip",
    "https://127.0.0.1/Django-5.2.1.tar.gz",
    "./Django-5.2.1-py3-none-any.whl",
    "-U django",
]
UNCLEAR = ["requests==", "re quests", "-r list.txt", "django requests==", ""]


def told(words: str, *, anew: bool = False) -> Standing:
    command = requests.parse(["install", *_words(words)])
    return overall(command.requirements, INSTALLED, anew=anew)


def _words(words: str) -> list[str]:
    whole = ";" in words or "@" in words or words == "re quests"
    return [words] if whole else words.split()


@pytest.mark.parametrize("words", MISSING)
def test_what_is_not_there_will_be_installed(words: str) -> None:
    assert told(words) is Standing.MISSING


@pytest.mark.parametrize("words", PRESENT)
def test_what_may_be_satisfied_is_left_to_pip(words: str) -> None:
    assert told(words) is Standing.PRESENT
    assert told(words, anew=True) is Standing.MISSING


@pytest.mark.parametrize("words", UNCLEAR)
def test_what_pip_may_refuse_is_left_to_pip(words: str) -> None:
    assert told(words) is Standing.UNCLEAR
    assert told(words, anew=True) is Standing.UNCLEAR
