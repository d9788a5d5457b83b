"""The one line in a profile: added once, taken out byte for byte."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepip.model.errors import CannotCreateError
from safepip.model.problems import Problem
from safepip.model.reasons import Reason, because
from safepip.profiles import line as profiles_line
from safepip.profiles.line import Edit
from safepip.state import Ledger

LINE = "if [ -r '/home/you/my file' ]; then . '/home/you/my file'; fi"
OLDER = "if [ -r /home/you/older ]; then . /home/you/older; fi"
TAG = "init"
posix = pytest.mark.skipif(
    sys.platform == "win32", reason="modes, owners and links of POSIX systems"
)

pieces = st.sampled_from(
    [b"", b"\n", b"\r\n", b"\r", b"\\", b"\\\n", b"\\\r\n", b"`", b"`\r\n", b"# mine",
     b"alias a='b'\n", b"\0", b"\xff\xfe", b"  \n", b"# >>> conda initialize >>>\n",
     b"# >>> safepip", b"# >>> safepip init", b" (new file) <<<"]
)  # fmt: skip
ends = st.sampled_from([b"", b"\n", b"\r\n", b"\\", b"\\\n", b"\\\r\n", b"`", b"`\n", b"`\r\n"])
contents = st.tuples(st.lists(pieces | st.binary(max_size=20), max_size=12), ends).map(
    lambda parts: b"".join(parts[0]) + parts[1]
)


def is_free(content: bytes) -> bool:
    return b"# >>> safepip init" not in content or b"<<<" not in content


@given(contents.filter(is_free))
def test_taking_out_gives_the_bytes_back(content: bytes) -> None:
    once = profiles_line.added(content, LINE, TAG)
    assert once.startswith(content)
    assert LINE.encode() in once
    assert profiles_line.removed(once, TAG) == content


@given(contents.filter(is_free))
def test_adding_twice_is_adding_once(content: bytes) -> None:
    once = profiles_line.added(content, LINE, TAG)
    assert profiles_line.added(once, LINE, TAG) == once


@given(contents.filter(is_free))
def test_an_older_line_is_replaced_where_it_stands(content: bytes) -> None:
    older = profiles_line.added(content, OLDER, TAG)
    newer = profiles_line.added(older, LINE, TAG)
    assert newer == profiles_line.added(content, LINE, TAG)
    assert profiles_line.removed(newer, TAG) == content


@given(contents.filter(is_free), contents.filter(is_free).filter(bool))
def test_what_was_added_below_stays(content: bytes, below: bytes) -> None:
    alone = profiles_line.added(content, LINE, TAG)
    # What the line needed above it stays for what came below: a line end, perhaps an empty line.
    end = alone.removeprefix(content).partition(LINE.encode())[0]
    assert end in {b"", b"\n", b"\r\n", b"\n\n"}
    assert profiles_line.removed(alone + below, TAG) == content + end + below
    assert profiles_line.removed(content + below, TAG) == content + below


@given(contents.filter(is_free))
def test_two_tags_do_not_meet(content: bytes) -> None:
    both = profiles_line.added(profiles_line.added(content, LINE, TAG), OLDER, "path")
    assert profiles_line.removed(both, "path") == profiles_line.added(content, LINE, TAG)


@given(contents.filter(is_free), st.booleans())
def test_two_lines_taken_out_in_any_order_give_the_bytes_back(
    content: bytes, first_goes_first: bool
) -> None:
    both = profiles_line.added(profiles_line.added(content, LINE, TAG), OLDER, "path")
    first, last = (TAG, "path") if first_goes_first else ("path", TAG)
    one = profiles_line.removed(both, first)
    assert one is not None
    assert profiles_line.removed(one, last) == content


@given(contents.filter(is_free))
def test_no_line_of_theirs_is_continued_by_ours(content: bytes) -> None:
    for first, second in ((TAG, "path"), ("path", TAG)):
        both = profiles_line.added(profiles_line.added(content, LINE, first), OLDER, second)
        before, _, _ = both.partition(LINE.encode())
        assert before == b"" or before.endswith(b"\n")
        above = before.removesuffix(b"\n").rstrip(b"\r")
        assert not above.endswith((b"\\", b"`"))
        assert both.partition(LINE.encode())[2].count(b"\n") == 2


@pytest.mark.parametrize(
    ("content", "between"),
    [
        (b"a \\\n", b"\n"),
        (b"a \\", b"\n\n"),
        (b"a `\r\n", b"\r\n"),
        (b"a\n", b""),
        (b"a \\\n\n", b""),
        (b"a", b"\n"),
    ],
)
def test_an_empty_line_goes_between_where_theirs_goes_on(content: bytes, between: bytes) -> None:
    once = profiles_line.added(content, LINE, TAG)
    assert once.startswith(content + between + LINE.encode())
    assert profiles_line.removed(once, TAG) == content


def test_an_empty_line_taken_out_by_hand_costs_no_byte_of_theirs() -> None:
    once = profiles_line.added(b"a \\\n", LINE, TAG)
    by_hand = once.replace(b"\n\n", b"\n")
    assert by_hand != once
    assert profiles_line.removed(by_hand, TAG) == b"a \\\n"


def test_a_file_made_for_it_may_go_and_one_with_more_stays() -> None:
    made = profiles_line.added(None, LINE, TAG)
    assert profiles_line.removed(made, TAG) is None
    assert profiles_line.added(made, LINE, TAG) == made
    assert profiles_line.removed(made + b"mine\n", TAG) == b"mine\n"
    assert profiles_line.removed(profiles_line.added(b"", LINE, TAG), TAG) == b""


def test_a_file_made_for_two_lines_goes_with_the_last() -> None:
    both = profiles_line.added(profiles_line.added(None, LINE, TAG), OLDER, "path")
    for first, last in ((TAG, "path"), ("path", TAG)):
        one = profiles_line.removed(both, first)
        assert one
        assert profiles_line.removed(one, last) is None


def test_windows_line_ends_are_kept() -> None:
    once = profiles_line.added(b"a\r\n", LINE, TAG)
    assert once.endswith(b" <<<\r\n")
    assert profiles_line.removed(once, TAG) == b"a\r\n"


def test_lines_put_in_twice_by_hand_go_both() -> None:
    line = profiles_line.added(b"", LINE, TAG)
    twice = b"a\n" + line + b"b\n" + line
    assert profiles_line.removed(twice, TAG) == b"a\nb\n"
    assert profiles_line.added(twice, LINE, TAG) == b"a\n" + line + b"b\n"


def test_a_line_that_only_talks_of_it_stays() -> None:
    talk = b"# >>> safepip init <<< is what safepip writes\n"
    assert profiles_line.removed(talk, TAG) == talk


def test_the_difference_is_a_diff() -> None:
    after = profiles_line.added(b"mine", LINE, TAG)
    text = profiles_line.difference(Path("/home/you/.bashrc"), b"mine", after)
    assert text.splitlines()[:3] == [
        "--- /home/you/.bashrc",
        "+++ /home/you/.bashrc",
        "@@ -1 +1,2 @@",
    ]
    assert profiles_line.difference(Path("/x"), b"mine", b"mine") == ""


# On the disk.


def edit(profile: Path, tmp_path: Path, line: str = LINE) -> bool:
    putting_in = profiles_line.putting_in(profile, line, TAG)
    return profiles_line.carry_out(putting_in, Ledger(tmp_path / "state"))


def becomes(profile: Path, content: bytes, state: Path) -> bool:
    return profiles_line.carry_out(Edit(profile, lambda _: content, paste=""), Ledger(state))


@posix
def test_through_links_with_mode_kept_and_nothing_left_beside(tmp_path: Path) -> None:
    target = tmp_path / "dotfiles" / "zshrc"
    target.parent.mkdir()
    target.write_bytes(b"mine\n")
    target.chmod(0o604)
    (tmp_path / "middle").symlink_to(target)
    link = tmp_path / ".zshrc"
    link.symlink_to("middle")
    assert edit(link, tmp_path)
    assert not edit(link, tmp_path)
    assert link.is_symlink()
    assert b"mine\n" in target.read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == 0o604
    assert [one.name for one in target.parent.iterdir()] == ["zshrc"]


@posix
def test_a_dangling_link_gets_its_file(tmp_path: Path) -> None:
    link = tmp_path / ".zshrc"
    link.symlink_to("dotfiles/zshrc")
    assert edit(link, tmp_path)
    assert link.is_symlink()
    assert (tmp_path / "dotfiles/zshrc").is_file()


@posix
def test_what_cannot_be_written_is_said_with_what_to_paste(tmp_path: Path) -> None:
    readonly = tmp_path / ".bashrc"
    readonly.write_bytes(b"mine")
    readonly.chmod(0o444)
    circle = tmp_path / ".zshrc"
    circle.symlink_to(".zshrc")
    folder = tmp_path / ".profile"
    folder.mkdir()
    for profile in (readonly, circle, folder):
        with pytest.raises(CannotCreateError) as caught:
            edit(profile, tmp_path)
        assert (caught.value.facts["line"], int(caught.value.exit_code)) == (LINE, 73)
    assert readonly.read_bytes() == b"mine"


def test_utf16_is_left_as_it_is(tmp_path: Path) -> None:
    profile = tmp_path / "profile.ps1"
    for codec in ("utf-16-le", "utf-16-be"):
        content = "\ufeff# mine\r\n".encode(codec)
        profile.write_bytes(content)
        with pytest.raises(CannotCreateError) as caught:
            edit(profile, tmp_path)
        assert caught.value.facts["why"] == because(Reason.UTF16)
        assert caught.value.problem is Problem.LINE_NOT_ADDED
        assert profile.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"mine\n", b"mine"])
def test_blanks_that_an_editor_left_behind_it_go_too(content: bytes) -> None:
    once = profiles_line.added(content, LINE, TAG)
    assert profiles_line.removed(once.removesuffix(b"\n") + b" \t\n", TAG) == content
    assert profiles_line.added(once.removesuffix(b"\n") + b" \t\n", LINE, TAG) == once


@posix
def test_folders_that_are_missing_are_made(tmp_path: Path) -> None:
    profile = tmp_path / "a/b/c/profile"
    assert becomes(profile, b"x", tmp_path / "state")
    assert profile.read_bytes() == b"x"


@posix
def test_without_a_turn_nothing_is_swept(tmp_path: Path) -> None:
    """It may be what another one is writing at this moment."""
    profile = tmp_path / ".bashrc"
    begun = tmp_path / "..bashrc.safepip-abcd_123"
    begun.touch()
    (tmp_path / "file").touch()
    assert becomes(profile, b"x", tmp_path / "file")
    assert begun.exists()
    assert becomes(profile, b"y", tmp_path / "state")
    assert not begun.exists()


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="no root on this machine")
def test_the_owner_stays(tmp_path: Path) -> None:
    profile = tmp_path / ".bashrc"
    profile.touch()
    os.chown(profile, 12345, 54321)
    assert becomes(profile, b"x", tmp_path / "state")
    assert (profile.stat().st_uid, profile.stat().st_gid) == (12345, 54321)
