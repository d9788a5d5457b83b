"""What is remembered of diversions: whole lines, whoever else writes, whatever crashes."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path, PurePath

import pytest

from safepip import history, moved, settings
from safepip.model.decisions import DestinationKind
from safepip.model.history import Diversion, Moved


def _diversion(name: str = "httpie", **more: object) -> Diversion:
    entry = Diversion(
        number=0,
        time="2026-11-26T21:00:00Z",
        command=("install", name),
        cwd=PurePath("/home/you/site"),
        trigger="externally-managed",
        rule="project",
        kind=DestinationKind.VENV,
        destination=PurePath("/home/you/site/.venv"),
        python=PurePath("/usr/bin/python3"),
        pip=("/usr/bin/pip",),
        moved=(
            Moved(
                name=name,
                version="3.2.4",
                location=PurePath("/home/you/site/.venv/lib/python3.12/site-packages"),
                scripts=(PurePath("/home/you/site/.venv/bin/http"),),
                before="3.0",
                before_requested=True,
                requested=True,
            ),
        ),
    )
    return entry._replace(**more)  # type: ignore[arg-type]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state/safepip"


def test_what_was_recorded_is_read_again_with_its_number(state: Path) -> None:
    first = history.record(state, _diversion("one"))
    second = history.record(state, _diversion("two"))
    assert first == _diversion("one", number=1)
    assert history.read(state) == (first, second)


def test_the_file_is_private(state: Path) -> None:
    history.record(state, _diversion())
    for name in (history.FILE, history.NAMES):
        assert stat.S_IMODE((state / name).stat().st_mode) == 0o600


def test_nothing_was_recorded_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert history.record(tmp_path / "file/state", _diversion()) is None
    assert history.read(tmp_path / "file/state") == ()


def test_secrets_of_the_command_are_masked(state: Path) -> None:
    history.record(
        state, _diversion(command=("install", "-i", "https://me:hunter2@host/simple", "x"))
    )
    assert "hunter2" not in (state / history.FILE).read_text()


def test_any_path_comes_back_as_it_was(state: Path) -> None:
    odd = PurePath(os.fsdecode(b"/home/you/\xff a\nb \xe2\x80\xae"))
    history.record(state, _diversion(cwd=odd, destination=odd))
    (entry,) = history.read(state)
    assert (entry.cwd, entry.destination) == (odd, odd)
    assert (state / history.FILE).read_bytes().count(b"\n") == 1


@pytest.mark.parametrize(
    "rubbish",
    [
        b"{",
        b"\xff\x00\xfe rubbish",
        b"[" * 5000,
        b'{"id": 1}',
        b'{"id": "1", "time": 3}',
        b"[]",
        b'{"id": ' + b"9" * 5000 + b"}",
    ],
    ids=["cut", "binary", "nested", "a part", "wrong types", "a list", "a number without end"],
)
def test_rubbish_costs_its_own_line_and_is_set_aside(rubbish: bytes, state: Path) -> None:
    history.record(state, _diversion("one"))
    with (state / history.FILE).open("ab") as file:
        file.write(rubbish)
    assert [entry.moved[0].name for entry in history.read(state)] == ["one"]
    history.record(state, _diversion("two"))
    assert [entry.moved[0].name for entry in history.read(state)] == ["one", "two"]
    assert rubbish in (state / history.REJECTED).read_bytes()
    for line in (state / history.FILE).read_bytes().splitlines():
        json.loads(line)


@pytest.mark.parametrize("end", range(1, 60, 7))
def test_a_file_that_was_cut_costs_at_most_the_last_line(end: int, state: Path) -> None:
    for name in ("one", "two", "three"):
        history.record(state, _diversion(name))
    content = (state / history.FILE).read_bytes()
    (state / history.FILE).write_bytes(content[:-end])
    expected = ["one", "two"] if end > 1 else ["one", "two", "three"]
    assert [entry.moved[0].name for entry in history.read(state)] == expected
    history.record(state, _diversion("four"))
    assert [entry.moved[0].name for entry in history.read(state)] == [*expected, "four"]


@pytest.mark.skipif(sys.platform == "win32", reason="no links and pipes there")
def test_what_is_no_plain_file_is_not_read(state: Path, tmp_path: Path) -> None:
    state.mkdir(parents=True)
    os.mkfifo(state / history.FILE)
    assert history.read(state) == ()
    (state / history.FILE).unlink()
    (state / history.FILE).symlink_to(tmp_path / "elsewhere")
    assert history.record(state, _diversion()) is None
    assert not (tmp_path / "elsewhere").exists()


def test_it_is_bounded_and_the_oldest_go(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "LIMIT", 10)
    for number in range(12):
        history.record(state, _diversion(f"p{number}"))
    names = [entry.moved[0].name for entry in history.read(state)]
    assert len(names) <= 10
    assert names[-1] == "p11"
    assert "p0" not in names
    numbers = [entry.number for entry in history.read(state)]
    assert numbers == sorted(set(numbers))


def test_undone_is_remembered_and_its_names_are_forgotten(state: Path) -> None:
    history.record(state, _diversion("one"))
    history.record(state, _diversion("two"))
    assert history.mark_undone(state, 1)
    assert [entry.undone for entry in history.read(state)] == [True, False]
    assert (state / history.NAMES).read_text() == "\ntwo\n"


def test_undone_of_a_number_that_is_unknown_writes_nothing(state: Path) -> None:
    assert not history.mark_undone(state, 7)
    assert history.read(state) == ()


@pytest.mark.skipif(sys.platform == "win32", reason="no fork there")
def test_fifty_writers_at_once_leave_fifty_whole_lines(state: Path) -> None:
    program = """if True:
        import os, sys
        from pathlib import Path
        from safepip import history
        from tests.test_history import _diversion

        ready, go = os.pipe()
        for number in range(50):
            if not os.fork():
                os.close(go)
                os.read(ready, 1)  # until all are there
                done = history.record(Path(sys.argv[1]), _diversion(f"p{number}"))
                os._exit(0 if done else 1)
        os.close(go)
        sys.exit(sum(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(50)))
    """
    argv = [sys.executable, "-c", program, str(state)]
    assert subprocess.run(argv, cwd=Path(__file__).parents[1], check=False).returncode == 0
    lines = (state / history.FILE).read_bytes().splitlines()
    assert len(lines) == 50
    assert sorted(json.loads(line)["id"] for line in lines) == list(range(1, 51))
    assert (state / history.NAMES).read_text().split() == sorted(f"p{n}" for n in range(50))


# What the hand-over looks at


@pytest.mark.parametrize("typed", ["Ruamel_YAML", "ruamel.yaml", "ruamel-yaml", "ruamel-._yaml"])
def test_a_moved_name_is_known_however_it_is_spelled(
    typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    env = {"XDG_STATE_HOME": str(tmp_path)}
    assert not moved.is_moved([typed], env)
    history.record(settings.state_dir(), _diversion("ruamel-yaml"))
    assert moved.is_moved(["-v", typed], env)
    assert not moved.is_moved(["ruamel"], env)
    assert not moved.is_moved(["-ruamel-yaml"], env)


@pytest.mark.parametrize("value", [None, "", "relative", "/srv/state"])
def test_the_hand_over_looks_where_the_history_is(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is None:
        monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_STATE_HOME", value)
    assert Path(moved.state_dir(os.environ)) == settings.state_dir()
