"""Files by somebody who means harm, which pip, uv or Python read, steer nothing of safepip."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.diversions import in_environment, install
from tests.support.lab import changes
from tests.support.long import long
from tests.support.pythons import MARKED
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from tests.support.lab import Lab, LabMaker
    from tests.support.pythons import Field

RAW = ("\x1b", "\x07", "\x9b", "\u202e", "\u2066")
"""What acts on a terminal, or turns its text around."""
HARM = "\x1b]0;pwned\x07\x1b[2J\x9b2J\u202egnp\u2066"


# Settings of tools, in a project of somebody else's making


def steering(lab: Lab) -> Path:
    """Fill the project with what tells tools to go elsewhere; a folder with another labone."""
    evil = lab.folder / "evil"
    evil.mkdir()
    make_wheel(evil, "labone", "9.9")
    nowhere, stolen = "http://127.0.0.1:9/", lab.home / "stolen"
    uv = f'index-url = "{nowhere}"\nfind-links = ["{evil}"]\n'
    pip = f'target = "{stolen}"\nprefix = "{stolen}"\nsystem = true\npython = "/usr/bin/python3"\n'
    index = f'[[{{}}index]]\nname = "x"\nurl = "{nowhere}"\ndefault = true\n'
    lab.write("uv.toml", f"{uv}[pip]\n{pip}{index.format('')}")
    table = f"[tool.uv]\n{uv}[tool.uv.pip]\n{pip}{index.format('tool.uv.')}"
    sources = f'[tool.uv.sources]\nlabone = {{ path = "{evil}/labone-9.9-py2.py3-none-any.whl" }}\n'
    lab.write("pyproject.toml", f'[project]\nname = "p"\nversion = "1"\n{table}{sources}')
    said = f"[global]\nindex-url = {nowhere}\nfind-links = {evil}\ntarget = {stolen}\n"
    for name in ("pip.conf", "pip.ini", ".pip/pip.conf", ".config/pip/pip.conf"):
        lab.write(name, said)
    lab.write("setup.cfg", f"[install]\nprefix = {stolen}\n[easy_install]\nfind_links = {evil}\n")
    lab.write(".pydistutils.cfg", f"[install]\nprefix = {stolen}\n")
    lab.write(".pypirc", f"[distutils]\nindex-servers = x\n[x]\nrepository = {nowhere}\n")
    lab.write(".netrc", "default login me password s3cret\n")
    lab.write(".env", f"UV_INDEX_URL={nowhere}\nPIP_TARGET={stolen}\n")
    lab.write(".python-version", "2.7\n")
    lab.write("uv.lock", "version = 1\n")
    return stolen


@pytest.mark.parametrize("installer", ["pip", *long("auto"), "uv"])
def test_the_files_of_a_project_do_not_steer_an_install(installer: str, lab: Lab) -> None:
    if installer != "pip":
        lab.with_uv()
    lab.env["SAFEPIP_INSTALLER"] = installer
    stolen = steering(lab)
    told = install(lab, "labone")
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv")), told
    assert in_environment(lab, lab.cwd / ".venv") == {"labone": "2.0"}
    assert not stolen.exists()


BEGUN = {
    "pip's settings": {"pip.conf": "[global]\nno-index = false\n"},
    "a marker like safepip's": {".safepip-unfinished": "0" * 32, "pip.conf": "[global]\n"},
    "half an environment": {"pyvenv.cfg": "", "lib/python3/site-packages/sitecustomize.py": "x"},
    "a module": {"lib/python3.12/site-packages/sitecustomize.py": "raise SystemExit('theirs')"},
}


@pytest.mark.parametrize("kind", BEGUN)
def test_what_somebody_began_in_the_environments_place_is_not_filled(kind: str, lab: Lab) -> None:
    lab.write("pyproject.toml")
    for name, text in BEGUN[kind].items():
        lab.write(f".venv/{name}", text)
    before = lab.snapshot(ignore=["~/.cache", "~/.local", "$TMPDIR"])
    told = install(lab, "labone")
    assert told.result.returncode == 73, told
    assert not changes(before, lab.snapshot(ignore=["~/.cache", "~/.local", "$TMPDIR"]))


# Texts of EXTERNALLY-MANAGED (PEP 668), which pip shows and safepip only sees to be there

SPOOF = (
    "Defaulting to user installation because normal site-packages is not writeable\n"
    " ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/x'\n"
    " Successfully installed labone-2.0"
)
SECTION = b"[externally-managed]\nError="
TEXTS = {
    "control characters": SECTION + HARM.encode(),
    "pip's own signs": SECTION + SPOOF.encode(),
    "another language": SECTION + b"x\nError-de=" + HARM.encode() + b"\nError-C=y\n",
    "not UTF-8": SECTION + b"gr\xfc\xdfe \xff\n",
    "binary": bytes(range(256)) * 100,
    "no section": b"hello\n",
    "nothing": b"",
    "two of a name": SECTION + b"a\nError=b\n",
    "placeholders": SECTION + b"%(x)s %d {0} $(id) `id`\n",
    "10 MB": SECTION + b"x" * (10 << 20),
}
SHORT = ("control characters", "not UTF-8", "two of a name")


@pytest.fixture
def marked(field: Field, make_lab: LabMaker) -> tuple[Lab, Path]:
    """A user of an externally managed Python, and its marker, which is not there yet."""
    python = field.pair(MARKED, private=f"marker-{os.getpid()}")  # one for each worker
    marker = python.stdlib / "EXTERNALLY-MANAGED"
    python.stdlib.chmod(0o755)
    if marker.is_dir():
        marker.rmdir()
    marker.unlink(missing_ok=True)
    return make_lab(python), marker


@pytest.mark.parametrize(
    "kind", [pytest.param(n, marks=[] if n in SHORT else pytest.mark.long) for n in TEXTS]
)
def test_a_marker_may_say_what_it_will(kind: str, marked: tuple[Lab, Path]) -> None:
    lab, marker = marked
    marker.write_bytes(TEXTS[kind])
    lab.write("pyproject.toml")
    off, bare = (
        lab.run([*own, "install", "labone"]) for own in (["safepip", "--strategy", "off"], ["pip"])
    )
    assert off.same == bare.same, f"{bare}\n{off}"
    plan = lab.run(["safepip", "plan", "install", "labone"])
    refused = lab.run(["safepip", "--strategy", "refuse", "install", "labone"])
    told = install(lab, "labone")
    assert (plan.returncode, refused.returncode) == (0, 77), refused
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv")), told
    assert told.report["trigger"]["name"] == "externally-managed"
    for done in (plan, refused, told.result):
        assert not any(raw in done.out + done.err for raw in RAW), done
        assert "Defaulting" not in done.err, done


@pytest.mark.parametrize("kind", ["a pipe", *long("a folder", "a device"), "a link to nothing"])
def test_a_marker_that_is_no_file_is_none_as_with_pip(kind: str, marked: tuple[Lab, Path]) -> None:
    lab, marker = marked
    match kind:
        case "a pipe":
            os.mkfifo(marker)
        case "a folder":
            marker.mkdir()
        case "a device":
            marker.symlink_to("/dev/zero")
        case _:
            marker.symlink_to("nothing")
    lab.write("pyproject.toml")
    told = install(lab, "labone")
    bare = lab.run(["pip", "install", "labone"])
    assert bare.returncode == 0, bare
    assert told.where == ("diverted", "project", str(lab.cwd / ".venv")), told
    assert told.report["trigger"]["name"] == "default-to-user"


# What a package says of itself

POINTS = {
    "leads elsewhere": ["{home}/elsewhere", "good"],
    "climbs": ["../../climbs"],
    "is a shell's": ["$(touch pwned)", "`touch pwned`", ";touch pwned;", "-rf", "'quote", "a b"],
    "is another's": ["ls", "sudo", "cd", "pip"],
    "is long": ["x" * 240],
    "is one of many": [f"cmd{number}" for number in range(1000)],
    "acts on a terminal": [HARM],
}


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(n, marks=[] if n in {"leads elsewhere", "is a shell's"} else pytest.mark.long)
        for n in POINTS
    ],
)
def test_a_command_s_name_is_only_a_name(kind: str, lab: Lab) -> None:
    names = [name.format(home=lab.home) for name in POINTS[kind]]
    folder = lab.folder / "evil"
    folder.mkdir()
    make_wheel(folder, "labevil", scripts=names)
    lab.env["PIP_FIND_LINKS"] += f" {folder}"
    told = install(lab, "labevil", own=["--strategy", "user"])
    scripts = [script for one in told.report["landed"] for script in one["scripts"]]
    there = {one.name for one in (lab.home / ".local/bin").glob("*")}
    assert {one["name"] for one in scripts} <= there, told
    for one in scripts:
        assert Path(one["path"]).parent == lab.home / ".local/bin"
        found = lab.run(["sh", "-c", 'command -v -- "$0"', one["name"]]).out.strip()
        assert (found == one["path"]) == (one["visibility"] == "visible"), (found, one)
    own = [line for line in told.result.err.splitlines() if line.startswith(("safepip:", "    "))]
    assert not any(raw in line for raw in RAW for line in own if "distlib" not in line), told
    command = told.report["next_command"]
    assert command in {None, f'export PATH={lab.home}/.local/bin:"$PATH"'}, told
    lab.run(["bash", "-c", command or ":"])
    for verb in (["where", "labevil"], ["history"], ["doctor"], ["path"], ["undo"]):
        done = lab.run(["safepip", *verb])
        said = done.out + "\n".join(w for w in done.err.splitlines() if w.startswith("safepip"))
        assert not any(raw in said for raw in RAW), done
        assert "bug in safepip" not in done.err, done
    assert not list(lab.home.rglob("pwned"))
    # As with bare pip in the same place.
    shutil.rmtree(lab.home / ".local")
    assert lab.run(["pip", "install", "--user", "labevil"]).returncode == told.result.returncode


def test_what_metadata_say_is_only_shown(lab: Lab) -> None:
    told = install(lab, "labone", "labmany", own=["--strategy", "user"])
    assert told.result.returncode == 0, told
    (info,) = lab.user_site.glob("labone-*.dist-info")
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: lab{HARM}one\nVersion: 2.0{HARM}\nSummary: {HARM}\n\n"
    )
    (info / "RECORD").write_text(f"{HARM},,\n/etc/passwd,,\n../../../../bin/sh,,\n.,,\nlabone,,\n")
    (info / "direct_url.json").write_text(f'{{"url": "{HARM}" {"[" * 9000}')
    (info / "entry_points.txt").write_text(f"[console_scripts]\n{HARM} = x:y\n/bin/sh = x:y\n")
    lab.write(lab.user_site / f"{HARM}-1.0.dist-info/METADATA", f"Name: {HARM}\n")
    for verb in (["where"], ["where", "labone"], ["doctor"], ["undo"], ["history"], ["plan", "x"]):
        for how in ([], ["--json"]):
            done = lab.run(["safepip", *verb, *how])
            assert not any(raw in done.out + done.err for raw in RAW), done
            assert "bug in safepip" not in done.err, done
    assert (lab.home / ".local/lib").exists()
    again = install(lab, "labmany", own=["--strategy", "user"])
    words = "\n".join(again.words)
    assert not any(raw in words for raw in RAW), again
