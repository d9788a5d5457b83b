"""Passwords stay where the user put them: looked for in all that is printed and written."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.diversions import install

if TYPE_CHECKING:
    from typing_extensions import Self

    from tests.support.index import Index
    from tests.support.lab import Lab, LabMaker

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
    return index.url_as("user", SECRET)


def empty(index: Index) -> str:
    """An index that asks for no password, and holds nothing."""
    return f"http://{index.host}/none/"


# Where pip reads one from: what is to be typed then, and the files that it was put into.


def _variable(lab: Lab, index: Index) -> list[str]:
    lab.env["PIP_INDEX_URL"] = address(index)
    return []


def _extra_variable(lab: Lab, index: Index) -> list[str]:
    lab.env |= {"PIP_INDEX_URL": empty(index), "PIP_EXTRA_INDEX_URL": address(index)}
    return []


def _option(_: Lab, index: Index) -> list[str]:
    return ["--index-url", address(index)]


def _extra(lab: Lab, index: Index) -> list[str]:
    lab.env["PIP_INDEX_URL"] = empty(index)
    return [f"--extra-index-url={address(index)}"]


def _links(_: Lab, index: Index) -> list[str]:
    return ["--no-index", "-f", address(index) + "labapp/"]


def _links_variable(lab: Lab, index: Index) -> list[str]:
    lab.env |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": address(index) + "labapp/"}
    return []


def _url(lab: Lab, index: Index) -> list[str]:
    """In place of the name."""
    wheel = next(index.folder.glob("labapp-*.whl")).name
    return [f"labapp @ http://user:{SECRET}@{index.host}/files/{wheel}"]


def _file(lab: Lab, index: Index) -> list[str]:
    lab.write("../.config/pip/pip.conf", f"[global]\nindex-url = {address(index)}\n")
    del lab.env["PIP_INDEX_URL"]
    return []


def _system_file(lab: Lab, index: Index) -> list[str]:
    lab.env["PIP_INDEX_URL"] = empty(index)
    lab.write(lab.system / "pip/pip.conf", f"[install]\nextra-index-url = {address(index)}\n")
    return []


def _named_file(lab: Lab, index: Index) -> list[str]:
    file = lab.write("../mine.conf", f"[global]\nindex-url = {address(index)}\n")
    lab.env["PIP_CONFIG_FILE"] = str(file)
    del lab.env["PIP_INDEX_URL"]
    return []


def _requirements(lab: Lab, index: Index) -> list[str]:
    lab.write("requirements.txt", f"--index-url {address(index)}\nlabapp\n")
    return ["-r", "requirements.txt"]


def _netrc(lab: Lab, index: Index) -> list[str]:
    lab.write("../.netrc", f"machine 127.0.0.1\nlogin user\npassword {SECRET}\n").chmod(0o600)
    return []


KEYRING = """#!/bin/sh
case $1 in
get) echo {secret};;
--mode=creds) echo '{{"username": "user", "password": "{secret}"}}';;
esac
"""


def _keyring(lab: Lab, index: Index) -> list[str]:
    script = lab.write("../tools/keyring", KEYRING.format(secret=SECRET))
    script.chmod(0o755)
    lab.env |= {
        "PATH": f"{script.parent}:{lab.env['PATH']}",
        "PIP_KEYRING_PROVIDER": "subprocess",
        "PIP_INDEX_URL": index.url.replace("://", "://user@"),
    }
    return []


def _through_a_proxy(lab: Lab) -> None:
    lab.env["PIP_INDEX_URL"] = "http://index.invalid/simple/"
    lab.env["PIP_TRUSTED_HOST"] = "index.invalid"


def _proxy(lab: Lab, index: Index) -> list[str]:
    _through_a_proxy(lab)
    return ["--proxy", f"http://user:{SECRET}@{index.host}"]


def _proxy_variable(lab: Lab, index: Index) -> list[str]:
    _through_a_proxy(lab)
    lab.env["PIP_PROXY"] = f"http://user:{SECRET}@{index.host}"
    return []


def _proxy_of_all(lab: Lab, index: Index) -> list[str]:
    _through_a_proxy(lab)
    lab.env["http_proxy"] = f"http://user:{SECRET}@{index.host}"
    return []


PLACES = {
    "a variable": (_variable, []),
    "another variable": (_extra_variable, []),
    "an option": (_option, []),
    "an option with its value": (_extra, []),
    "links": (_links, []),
    "links by a variable": (_links_variable, []),
    "a direct address": (_url, []),
    "pip.conf": (_file, ["home/.config/pip/pip.conf"]),
    "the system's pip.conf": (_system_file, []),
    "a pip.conf of another name": (_named_file, ["home/mine.conf"]),
    "a requirements file": (_requirements, ["home/work/requirements.txt"]),
    "netrc": (_netrc, ["home/.netrc"]),
    "a keyring": (_keyring, ["home/tools/keyring"]),
    "a proxy": (_proxy, []),
    "a proxy by a variable": (_proxy_variable, []),
    "a proxy for all programs": (_proxy_of_all, []),
}
NOT_FOR_PIPX = {"a direct address", "a requirements file"}
"""It cannot carry these, and is not tried."""
DESTINATIONS = ("venv", "uv", "user", "pipx")
OUTCOMES = ("it works", "it fails", "it is refused")


class Watch:
    """Looks again and again at the command lines of all that a lab has started."""

    def __init__(self, lab: Lab) -> None:
        self.seen: set[str] = set()
        self._lab = lab
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._end.wait(0.02):
            self.seen.update(self._lab.processes().values())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


def _cells() -> list[Any]:
    """Each place at least once, each destination and each end with some of them."""
    cells = []
    for number, place in enumerate(PLACES):
        for way, destination in enumerate(DESTINATIONS):
            for end, outcome in enumerate(OUTCOMES):
                if destination == "pipx" and place in NOT_FOR_PIPX:
                    continue
                short = way == number % 4 and end == number // 4 % 3
                mark = () if short else pytest.mark.long
                cells.append(pytest.param(place, destination, outcome, marks=mark))
    return cells


@pytest.mark.parametrize(("place", "destination", "outcome"), _cells())
def test_a_password_stays_where_it_was_put(
    place: str, destination: str, outcome: str, make_lab: LabMaker, index: Index
) -> None:
    lab = make_lab(pipx=True)
    index.auth = ("user", SECRET)
    lab.use_index(index)
    lab.env["PIP_RETRIES"] = "0"
    prepare, own = PLACES[place]
    words = prepare(lab, index)
    if destination == "uv":
        lab.with_uv()
        lab.env["SAFEPIP_INSTALLER"] = "uv"
    elif destination == "venv":
        lab.write("pyproject.toml")
    strategy = {"uv": "venv"}.get(destination, destination)
    strategy = "refuse" if outcome == "it is refused" else strategy
    name = [] if place in {"a direct address", "a requirements file"} else ["labapp"]
    more = ["lab-there-is-no-such-thing"] if outcome == "it fails" else []
    with Watch(lab) as watch:
        told = install(lab, *words, *name, *more, own=["--strategy", strategy])
    assert (told.result.returncode == 0) == (outcome == "it works"), told
    said = told.result.out + told.result.err
    # What these tell hangs on the place, little on the way that it went.
    more_verbs = [["history"], ["plan", "install", "x", *words], ["doctor"]]
    for verb in (["history", "--json"], *(more_verbs if destination == "venv" else ())):
        done = lab.run(["safepip", *verb])
        said += done.out + done.err
    explained = lab.run(["safepip", "explain"], input=f"$ pip install {' '.join(words)}\n" + said)
    assert SECRET not in said + explained.out + explained.err
    assert found_in(lab, lab.home, lab.tmp) == own
    typed = any(SECRET in word for word in words)
    shown = [line for line in watch.seen if SECRET in line]
    # What the user typed is on safepip's command line, and on that of the pip that they typed.
    assert not [line for line in shown if not typed or " install " not in line], shown
    # Not on a command line of another program, unless as a part of what is to be installed.
    if place != "a direct address":
        assert not [line for line in shown if re.search(r"/uv | -m pipx |/pipx ", line)], shown
