"""How the names that shells print are read; real shells print them in the integration tests."""

from __future__ import annotations

import pytest

from safepip.model.outcome import ShellWord
from safepip.shells import names as shells_names

ALIAS, FUNCTION, BUILTIN = ShellWord.ALIAS, ShellWord.FUNCTION, ShellWord.BUILTIN


def held(text: str, *names: str) -> list[ShellWord | None]:
    found = shells_names.read(text)
    return [found.held(name) for name in names]


@pytest.mark.parametrize(
    "line",
    [
        "alias ll='ls -l'",  # bash, zsh
        "ll='ls -l'",  # sh, dash, ksh, zsh
        "alias -g ll='ls -l'",  # zsh's global ones
        "ll=$'ls \\'-l\\''",  # ksh, where it holds quotes
        "ll=ls",  # zsh, where it needs none
        "ll\tls -l",  # tcsh
        "ll\t(ls -l)",  # tcsh, where it is a list
        "alias ll 'ls -l'",  # fish
        "alias -- ll='ls -l'",  # mksh, busybox
        "ll='FOO=1 command ls'",
    ],
)
def test_each_shells_way_to_print_an_alias(line: str) -> None:
    assert held(f"aliases:\n{line}", "ll", "ls") == [ALIAS, None]


@pytest.mark.parametrize(
    "value",
    [
        "'black -q'",
        "'command black'",
        "'BLACK_CACHE_DIR=/x noglob black --fast'",
        r"'\black'",
        "black",
        "^black --fast",
        '"black -q"',
    ],
)
def test_an_alias_that_runs_the_same_name_hides_nothing(value: str) -> None:
    assert held(f"aliases:\nalias black={value}", "black") == [None]


def test_functions_and_builtins() -> None:
    text = "functions:\nfoo\nbar()\n_baz\nbuiltins:\ntest\n[\naliases:\nalias test='[ x'\n"
    assert held(text, "foo", "bar", "test", "[", "other") == [
        FUNCTION, FUNCTION, ALIAS, BUILTIN, None,
    ]  # fmt: skip


def test_tcsh_sends_another_blank_for_a_line_end() -> None:
    assert held("aliases:\vll\tls\vfoo\t(bar x)\v", "ll", "foo", "bar") == [ALIAS, ALIAS, None]


def test_our_own_functions_hide_nothing() -> None:
    text = "functions:\npip\npip3\npip3.12\npipx\naliases:\nalias pip='safepip'\n"
    assert held(text, "pip", "pip3", "pip3.12", "pipx") == [None, None, None, FUNCTION]


def test_zshs_suffix_aliases_are_no_commands() -> None:
    assert held("aliases:\nalias -s txt=vim\n", "txt", "vim") == [None, None]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "foo\n",
        "\n\n",
        "aliases:\n=\n'\nalias\nalias x\n",
        "functions:\n()\n",
        "aliases:\nx='\n'",
    ],
)
def test_what_makes_no_sense_is_passed_over(text: str) -> None:
    assert held(text, "foo", "", "()") == [None, None, None]


def test_an_aliass_path_is_kept_for_a_look_at_the_disk() -> None:
    assert shells_names.read("aliases:\nx='~/venv/bin/x -v'").aliases == {"x": "~/venv/bin/x"}


def test_a_name_in_quotes_is_one() -> None:
    assert shells_names.read("aliases:\n'black'='echo mine'\n").held("black") is ShellWord.ALIAS
