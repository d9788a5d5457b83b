"""Files that are no files, or beyond reason: each reader ends at once, in little memory."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from safepip.machine import distributions, remembered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from safepip.model.outcome import Distribution

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of POSIX")

INFO = "hostile-1.0.dist-info"


def _pipe(file: Path) -> None:
    os.mkfifo(file)


def _device(file: Path) -> None:
    file.symlink_to("/dev/zero")


def _huge(file: Path) -> None:
    file.touch()
    os.truncate(file, 10 << 30)


def _folder(file: Path) -> None:
    file.mkdir()


def _circle(file: Path) -> None:
    file.symlink_to(file)


def _rows(file: Path) -> None:
    file.write_bytes(b"a\n" * 3_000_000)


def _line(file: Path) -> None:
    file.write_bytes(b"x" * 5_000_000)


def _quote(file: Path) -> None:
    file.write_bytes(b'"' + b"x\n" * 100_000)


def _odd(file: Path) -> None:
    file.write_bytes(
        b"\0\n.\n/\n..\n,,,\n" + "\u202e\n".encode() + b"\xff\xfe\r\n[console_scripts\n"
    )


def _deep(file: Path) -> None:
    file.write_text(f"Requires-Dist: x; {'(' * 50_000}\nRequires-Dist: y\n\n")


KINDS = {
    "a pipe": _pipe,
    "a device": _device,
    "10 GB": _huge,
    "a folder": _folder,
    "a circle of links": _circle,
    "rows without end": _rows,
    "one long line": _line,
    "an open quote": _quote,
    "odd bytes": _odd,
    "brackets without end": _deep,
}

READERS = """
import sys
from pathlib import Path
from safepip.machine import distributions, environments, interpreter, remembered, scripts
from safepip.machine import trust, version_control
from safepip.machine.health import environments as health, ground
for here in map(Path, sys.argv[1:]):
    info = here / "hostile-1.0.dist-info"
    one = distributions.distribution_at(here, info.name)
    assert one is not None
    distributions.installed((here,))
    distributions.recorded(one)
    distributions.scripts_of(one, (here / "bin",))
    distributions.modules_of(one)
    distributions.proper_version(one)
    distributions.unreadable(("hostile",), (here,))
    remembered.edited(one)
    remembered.required(one)
    remembered.strangers(here, (one,))
    trust.environment_config(here)
    trust.problem_of(here, inside=here.parent)
    environments.environment_at(here / "named")
    environments.made_as(here)
    version_control.tracker_of(here / "inner")
    interpreter.shebang(str(here / "bin/pip"), {})
    ground.text_of(here / "pyvenv.cfg")
    health.machine_of(here / "bin/pip")
    distributions.remove_half(one)
    print(here.name, flush=True)
"""
FILES = {
    "RECORD": f"{INFO}/RECORD",
    "METADATA": f"{INFO}/METADATA",
    "entry_points.txt": f"{INFO}/entry_points.txt",
    "installed-files.txt": f"{INFO}/installed-files.txt",
    "pyvenv.cfg": "pyvenv.cfg",
    "activate": "bin/activate",
    "a command": "bin/pip",
    "a file that names an environment": "named",
    "git's index": ".git/index",
    "git's file": ".git",
    "mercurial's": ".hg/dirstate",
}


@pytest.mark.parametrize("kind", KINDS)
def test_no_reader_waits_or_holds_all_of_it(kind: str, tmp_path: Path) -> None:
    for name, file in FILES.items():
        here = tmp_path / name
        (here / INFO).mkdir(parents=True)
        path = here / file
        path.parent.mkdir(parents=True, exist_ok=True)
        KINDS[kind](path)
        if kind in {"10 GB", "a pipe"}:
            path.chmod(0o755)
    # Far more than safepip holds; a hang is ended by the time.
    limit = ["sh", "-c", 'ulimit -v 700000; exec "$@"', "x"]
    argv = [*limit, sys.executable, "-I", "-c", READERS, *(str(tmp_path / name) for name in FILES)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout.splitlines() == list(FILES), done.stderr


def distribution(folder: Path, *rows: str) -> Distribution:
    info = folder / INFO
    info.mkdir()
    (info / "RECORD").write_text("".join(f"{row}\n" for row in rows))
    found = distributions.distribution_at(folder, INFO)
    assert found is not None
    return found


def digest(data: bytes) -> str:
    told = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"sha256={told}"


def test_a_file_that_was_edited_is_found(tmp_path: Path) -> None:
    (tmp_path / "same.py").write_bytes(b"same")
    (tmp_path / "edited.py").write_bytes(b"edit")
    same, was = (f"{name},{digest(b'same')},4" for name in ("same.py", "edited.py"))
    found = distribution(tmp_path, same, "missing.py,sha256=x,1", was)
    assert remembered.edited(found) == tmp_path / "edited.py"


@pytest.mark.parametrize("make", [_pipe, _device, _folder, _circle], ids=lambda one: one.__name__)
def test_what_is_no_file_was_not_edited(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "x")
    found = distribution(
        tmp_path, f"x,{digest(b'same')},4", "/dev/zero,sha256=x,", "a\0b,sha256=x,1"
    )
    assert remembered.edited(found) is None


def test_of_a_huge_file_the_size_tells(tmp_path: Path) -> None:
    _huge(tmp_path / "huge.so")
    rows = [f"huge.so,sha256=x,{10 << 30}"] * 1000
    assert remembered.edited(distribution(tmp_path, *rows)) is None
    (tmp_path / INFO / "RECORD").write_text("huge.so,sha256=x,4\n")
    found = distributions.distribution_at(tmp_path, INFO)
    assert found is not None
    assert remembered.edited(found) == tmp_path / "huge.so"


def test_a_name_of_two_lines_stays_one(tmp_path: Path) -> None:
    found = distribution(tmp_path, '"a\r\nb.py",,', "c.py,,")
    (tmp_path / INFO / "RECORD").write_bytes(b'"a\r\nb.py",,\r\nc.py,,\r\n')
    assert distributions.recorded(found) == ["a\r\nb.py", "c.py"]
