"""Passwords stay where the user put them: looked for in all that is printed and written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import install

if TYPE_CHECKING:
    from tests.support.index import Index
    from tests.support.lab import Lab

SECRET = "hunter2-s3cr3t"


def found_in(lab: Lab, *roots: Path) -> list[str]:
    """The files below *roots* that hold the secret."""
    found = []
    for root in roots:
        for folder, _, names in os.walk(root):
            for name in names:
                file = Path(folder, name)
                if file.is_file() and SECRET.encode() in file.read_bytes():
                    found.append(str(file.relative_to(lab.folder)))
    return found


def address(index: Index) -> str:
    return index.url.replace("://", f"://user:{SECRET}@")


def _variable(lab: Lab, url: str) -> list[str]:
    lab.env["PIP_INDEX_URL"] = url
    return []


def _option(lab: Lab, url: str) -> list[str]:
    return ["--index-url", url]


def _extra(lab: Lab, url: str) -> list[str]:
    return [f"--extra-index-url={url}"]


def _file(lab: Lab, url: str) -> list[str]:
    lab.write("../.config/pip/pip.conf", f"[global]\nindex-url = {url}\n")
    del lab.env["PIP_INDEX_URL"]
    return []


def _requirements(lab: Lab, url: str) -> list[str]:
    lab.write("requirements.txt", f"--index-url {url}\nlabnoscript\n")
    return ["-r", "requirements.txt"]


PLACES = {
    "a variable": (_variable, []),
    "an option": (_option, []),
    "an option with its value": (_extra, []),
    "pip.conf": (_file, ["home/.config/pip/pip.conf"]),
    "a requirements file": (_requirements, ["home/work/requirements.txt"]),
}


@pytest.mark.parametrize("end", ["it works", "it fails"])
@pytest.mark.parametrize("place", PLACES)
def test_a_password_in_an_index_address(place: str, end: str, lab: Lab, index: Index) -> None:
    prepare, own = PLACES[place]
    lab.write("pyproject.toml")
    lab.use_index(index)
    words = prepare(lab, address(index))
    name = "labone" if end == "it works" else "labmissing"
    told = install(lab, name, *words)
    assert (told.result.returncode == 0) == (end == "it works"), told
    said = told.result.out + told.result.err
    for verb in (["history"], ["history", "--json"], ["plan", "install", "x", *words], ["doctor"]):
        done = lab.run(["safepip", *verb])
        said += done.out + done.err
    assert SECRET not in said
    assert found_in(lab, lab.home, lab.tmp) == own
