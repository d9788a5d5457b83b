"""The one line in a profile: added once, taken out byte for byte."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepip import rcfile
from safepip.errors import CannotCreateError
from safepip.ledger import Ledger
from safepip.shells import Shell

LINE = "if [ -r '/home/you/my file' ]; then . '/home/you/my file'; fi"
OLDER = "if [ -r /home/you/older ]; then . /home/you/older; fi"
TAG = "init"
posix = pytest.mark.skipif(
    sys.platform == "win32", reason="modes, owners and links of POSIX systems"
)

pieces = st.sampled_from(
    [b"", b"\n", b"\r\n", b"\r", b"\\", b"\\\n", b"# mine", b"alias a='b'\n", b"\0", b"\xff\xfe",
     b"  \n", b"# >>> conda initialize >>>\n", b"# >>> safepip", b"# >>> safepip init",
     b" (new file) <<<"]
)  # fmt: skip
contents = st.lists(pieces | st.binary(max_size=20), max_size=12).map(b"".join)


def is_free(content: bytes) -> bool:
    return b"# >>> safepip init" not in content or b"<<<" not in content


@given(contents.filter(is_free))
def test_taking_out_gives_the_bytes_back(content: bytes) -> None:
    once = rcfile.added(content, LINE, TAG)
    assert once.startswith(content)
    assert LINE.encode() in once
    assert rcfile.removed(once, TAG) == content


@given(contents.filter(is_free))
def test_adding_twice_is_adding_once(content: bytes) -> None:
    once = rcfile.added(content, LINE, TAG)
    assert rcfile.added(once, LINE, TAG) == once


@given(contents.filter(is_free))
def test_an_older_line_is_replaced_where_it_stands(content: bytes) -> None:
    older = rcfile.added(content, OLDER, TAG)
    newer = rcfile.added(older, LINE, TAG)
    assert newer == rcfile.added(content, LINE, TAG)
    assert rcfile.removed(newer, TAG) == content


@given(contents.filter(is_free), contents.filter(is_free).filter(bool))
def test_what_was_added_below_stays(content: bytes, below: bytes) -> None:
    end = b"" if not content or content.endswith(b"\n") else b"\n"
    once = rcfile.added(content, LINE, TAG) + below
    assert rcfile.removed(once, TAG) == content + end + below
    assert rcfile.removed(content + below, TAG) == content + below


@given(contents.filter(is_free))
def test_two_tags_do_not_meet(content: bytes) -> None:
    both = rcfile.added(rcfile.added(content, LINE, TAG), OLDER, "path")
    assert rcfile.removed(both, "path") == rcfile.added(content, LINE, TAG)


@given(contents.filter(is_free), st.booleans())
def test_two_lines_taken_out_in_any_order_give_the_bytes_back(
    content: bytes, first_goes_first: bool
) -> None:
    both = rcfile.added(rcfile.added(content, LINE, TAG), OLDER, "path")
    first, last = (TAG, "path") if first_goes_first else ("path", TAG)
    one = rcfile.removed(both, first)
    assert one is not None
    assert rcfile.removed(one, last) == content


def test_a_file_made_for_it_may_go_and_one_with_more_stays() -> None:
    made = rcfile.added(None, LINE, TAG)
    assert rcfile.removed(made, TAG) is None
    assert rcfile.added(made, LINE, TAG) == made
    assert rcfile.removed(made + b"mine\n", TAG) == b"mine\n"
    assert rcfile.removed(rcfile.added(b"", LINE, TAG), TAG) == b""


def test_a_file_made_for_two_lines_goes_with_the_last() -> None:
    both = rcfile.added(rcfile.added(None, LINE, TAG), OLDER, "path")
    for first, last in ((TAG, "path"), ("path", TAG)):
        one = rcfile.removed(both, first)
        assert one
        assert rcfile.removed(one, last) is None


def test_windows_line_ends_are_kept() -> None:
    once = rcfile.added(b"a\r\n", LINE, TAG)
    assert once.endswith(b" <<<\r\n")
    assert rcfile.removed(once, TAG) == b"a\r\n"


def test_lines_put_in_twice_by_hand_go_both() -> None:
    line = rcfile.added(b"", LINE, TAG)
    twice = b"a\n" + line + b"b\n" + line
    assert rcfile.removed(twice, TAG) == b"a\nb\n"
    assert rcfile.added(twice, LINE, TAG) == b"a\n" + line + b"b\n"


def test_a_line_that_only_talks_of_it_stays() -> None:
    talk = b"# >>> safepip init <<< is what safepip writes\n"
    assert rcfile.removed(talk, TAG) == talk


def test_the_difference_is_a_diff() -> None:
    after = rcfile.added(b"mine", LINE, TAG)
    text = rcfile.difference(Path("/home/you/.bashrc"), b"mine", after)
    assert text.splitlines()[:3] == [
        "--- /home/you/.bashrc",
        "+++ /home/you/.bashrc",
        "@@ -1 +1,2 @@",
    ]
    assert rcfile.difference(Path("/x"), b"mine", b"mine") == ""


# On the disk.


def edit(profile: Path, tmp_path: Path, line: str = LINE) -> bool:
    ledger = Ledger(tmp_path / "state")
    return rcfile.edit(profile, lambda old: rcfile.added(old, line, TAG), ledger, paste=line)


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
        assert (caught.value.do, int(caught.value.exit_code)) == (LINE, 73)
    assert readonly.read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("shell", "variables", "expected"),
    [
        (Shell.BASH, {}, ".bashrc"),
        (Shell.ZSH, {}, ".zshrc"),
        (Shell.ZSH, {"ZDOTDIR": "/z"}, "/z/.zshrc"),
        (Shell.ZSH, {"ZDOTDIR": "relative"}, ".zshrc"),
        (Shell.FISH, {}, ".config/fish/conf.d/safepip.fish"),
        (Shell.FISH, {"XDG_CONFIG_HOME": "/x"}, "/x/fish/conf.d/safepip.fish"),
        (Shell.SH, {}, ".profile"),
        (Shell.KSH, {"ENV": "/home/you/.kshrc"}, "/home/you/.kshrc"),
        (Shell.TCSH, {}, ".tcshrc"),
        (Shell.CSH, {}, ".cshrc"),
        (Shell.XONSH, {}, ".config/xonsh/rc.xsh"),
        (Shell.NUSHELL, {"XDG_CONFIG_HOME": "/x"}, "/x/nushell/config.nu"),
    ],
    ids=str,
)
@posix
def test_each_shell_has_its_profile(
    shell: Shell, variables: dict[str, str], expected: str, tmp_path: Path
) -> None:
    assert rcfile.profile_of(shell, {"HOME": str(tmp_path), **variables}) == tmp_path / expected


@posix
def test_nushell_has_its_profile_where_it_says_itself(tmp_path: Path) -> None:
    nu = shutil.which("nu", path="/usr/local/bin:/usr/bin:/bin")
    if nu is None:
        pytest.skip("no nu on this machine")
    for variables in ({}, {"XDG_CONFIG_HOME": str(tmp_path / "x")}):
        env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", **variables}
        said = subprocess.run(
            [nu, "-c", "$nu.config-path"], env=env, capture_output=True, text=True, check=True
        )
        assert rcfile.profile_of(Shell.NUSHELL, env) == Path(said.stdout.strip())


def test_older_names_of_a_profile_go_first(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path)}
    (tmp_path / ".cshrc").touch()
    (tmp_path / ".xonshrc").touch()
    assert rcfile.profile_of(Shell.TCSH, env) == tmp_path / ".cshrc"
    assert rcfile.profile_of(Shell.XONSH, env) == tmp_path / ".xonshrc"
    (tmp_path / ".tcshrc").touch()
    assert rcfile.profile_of(Shell.TCSH, env) == tmp_path / ".tcshrc"
