"""The layers of settings: which value counts, where it came from, what is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safepip import settings as safepip_settings
from safepip.model.decisions import Installer, Strategy
from safepip.model.errors import ConfigError, ExitCode, RefusedError, UsageError
from safepip.settings import Source, layers, toml
from safepip.wording import errors

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of its own: system and user file, and a project, below one folder."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    for module in (safepip_settings, layers):
        monkeypatch.setattr(module, "system_file", lambda: tmp_path / "system.toml")
    (tmp_path / "user" / "safepip").mkdir(parents=True)
    (tmp_path / "project").mkdir()
    return tmp_path


def write_user(files: Path, text: str) -> Path:
    file = files / "user" / "safepip" / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def write_system(files: Path, text: str) -> None:
    (files / "system.toml").write_text(text, encoding="utf-8")


def write_project(files: Path, text: str) -> Path:
    file = files / "project" / "pyproject.toml"
    file.write_text(text, encoding="utf-8")
    return file


def merged(
    files: Path, env: dict[str, str] | None = None, options: dict[str, str] | None = None
) -> safepip_settings.Settings:
    return safepip_settings.merge(
        options or {}, {"HOME": str(files), **(env or {})}, files / "project"
    )


def test_defaults_hold_where_nothing_is_set(files: Path) -> None:
    chosen = merged(files)
    assert chosen.strategy is Strategy.AUTO
    assert {origin.source for origin in chosen.origins.values()} == {Source.DEFAULT}
    assert set(chosen.origins) == set(safepip_settings.KEYS)


def test_each_layer_wins_over_the_weaker_ones(files: Path) -> None:
    write_system(files, 'strategy = "venv"\n')
    seen = [merged(files)]
    write_user(files, 'strategy = "user"\n')
    seen.append(merged(files))
    write_project(files, '[tool.safepip]\nstrategy = "pipx"\n')
    seen.append(merged(files))
    env = {"SAFEPIP_STRATEGY": "refuse"}
    seen.append(merged(files, env))
    seen.append(merged(files, env, {"--strategy": "off"}))
    assert [(one.strategy.value, one.origins["strategy"].source) for one in seen] == [
        ("venv", Source.SYSTEM),
        ("user", Source.USER),
        ("pipx", Source.PROJECT),
        ("refuse", Source.VARIABLE),
        ("off", Source.OPTION),
    ]
    assert seen[2].origins["strategy"].where == str(files / "project" / "pyproject.toml")


def test_values_of_every_key_are_read(files: Path) -> None:
    write_user(
        files,
        'strategy = "venv"\ninstaller = "uv"\nvenv-name = "env"\ncreate-venv = false\n'
        'personal-venv = "~/mine"\napplications = ["My.App"]\nlibraries = ["a_b"]\n'
        "activate = true\nhistory = false\n",
    )
    chosen = merged(files)
    assert chosen.installer is Installer.UV
    assert chosen.venv_name == "env"
    assert not chosen.create_venv
    assert chosen.personal_venv == Path("~/mine").expanduser()
    assert chosen.applications == {"my-app"}
    assert chosen.libraries == {"a-b"}
    assert chosen.activate
    assert not chosen.history


def test_variables_take_lists_and_truth_values(files: Path) -> None:
    chosen = merged(files, {"SAFEPIP_APPLICATIONS": "one, Two", "SAFEPIP_CREATE_VENV": "no"})
    assert chosen.applications == {"one", "two"}
    assert not chosen.create_venv


def test_an_empty_variable_counts_as_none(files: Path) -> None:
    assert merged(files, {"SAFEPIP_STRATEGY": ""}).strategy is Strategy.AUTO


@pytest.mark.parametrize(
    ("text", "named", "allowed"),
    [
        pytest.param('stratgy = "venv"', '"stratgy"', 'Did you mean "strategy"?', id="a typo"),
        pytest.param('strategy = "vnv"', "'vnv'", 'Did you mean "venv"?', id="a near miss"),
        pytest.param("strategy = venv", "TOML", 'quotes around it: strategy = "venv"', id="bare"),
        pytest.param('strategy = "best"', "strategy", "refuse", id="an unknown strategy"),
        pytest.param("create-venv = 3", "create-venv", "true", id="a number for a truth value"),
        pytest.param(
            'venv-name = "../x"', "venv-name", "name of a directory", id="a path for a name"
        ),
        pytest.param(
            'venv-name = ".."', "venv-name", "name of a directory", id="the parent for a name"
        ),
        pytest.param('personal-venv = "x"', "personal-venv", "absolute", id="a relative path"),
        pytest.param('personal-venv = ""', "personal-venv", "absolute", id="an empty path"),
        pytest.param('personal-venv = "/a\\u0000b"', "personal-venv", "absolute", id="a NUL"),
        pytest.param(
            'personal-venv = "~there-is-no-such-user/x"',
            "personal-venv",
            "no home directory for ~there-is-no-such-user",
            id="nobody's home",
        ),
        pytest.param('libraries = "?"', "libraries", "list", id="no project name"),
        pytest.param("libraries = [1]", "libraries", "list", id="a number for a name"),
        pytest.param("strategy = ", "config.toml", "TOML", id="a broken file"),
        pytest.param("strategy = " + "9" * 5000, "config.toml", "TOML", id="a number too long"),
        pytest.param("strategy = " + "[" * 9000, "config.toml", "TOML", id="too many brackets"),
    ],
)
def test_bad_input_names_file_key_and_what_is_allowed(
    files: Path, text: str, named: str, allowed: str
) -> None:
    file = write_user(files, text)
    with pytest.raises(ConfigError) as caught:
        merged(files)
    assert caught.value.exit_code is ExitCode.CONFIG
    said = errors.sentence(caught.value)
    assert str(file) in said
    assert named in said
    assert allowed in said


def test_a_bad_variable_names_the_variable(files: Path) -> None:
    with pytest.raises(ConfigError, match="SAFEPIP_INSTALLER"):
        merged(files, {"SAFEPIP_INSTALLER": "conda"})


def test_a_bad_option_is_a_usage_error(files: Path) -> None:
    with pytest.raises(UsageError) as caught:
        safepip_settings.check_options({"--strategy": "nonsense"})
    assert caught.value.exit_code is ExitCode.USAGE
    for strategy in Strategy:
        assert strategy.value in errors.sentence(caught.value)


@pytest.mark.parametrize(
    "key", sorted(safepip_settings.KEYS.keys() - safepip_settings.PROJECT_KEYS)
)
def test_a_project_cannot_set_what_reaches_beyond_it(files: Path, key: str) -> None:
    value = '"/tmp/x"' if key == "personal-venv" else "true"
    write_project(files, f"[tool.safepip]\n{key} = {value}\n")
    with pytest.raises(ConfigError, match=f"not-for-projects.*{key}"):
        merged(files)


def test_a_project_may_not_name_a_place_outside(files: Path) -> None:
    write_project(files, '[tool.safepip]\nvenv-name = "/tmp/venv"\n')
    with pytest.raises(ConfigError, match="venv-name"):
        merged(files)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[tool.other]\nstrategy = 3\n", id="another tool's table"),
        pytest.param("[broken\n", id="broken, and not about safepip"),
        pytest.param("\xff", id="no UTF-8"),
    ],
)
def test_a_project_file_that_is_not_about_safepip_is_left_alone(files: Path, text: str) -> None:
    (files / "project" / "pyproject.toml").write_bytes(text.encode("latin-1"))
    assert merged(files).strategy is Strategy.AUTO


def test_a_locked_key_cannot_be_changed_and_that_is_told(files: Path) -> None:
    write_system(files, 'strategy = "venv"\nlocked = ["strategy"]\n')
    write_user(files, 'strategy = "user"\ninstaller = "uv"\n')
    chosen = merged(files, {"SAFEPIP_STRATEGY": "off"}, {"--strategy": "venv"})
    assert chosen.strategy is Strategy.VENV
    assert chosen.installer is Installer.UV
    assert chosen.origins["strategy"].locked_by == str(files / "system.toml")
    # The option asks for what is locked in anyway.
    assert len(chosen.notices) == 2
    assert [Path(one.where).name for one in chosen.notices] == ["config.toml", "SAFEPIP_STRATEGY"]


def test_a_locked_default_stays_the_default(files: Path) -> None:
    write_system(files, 'locked = ["personal-venv"]\n')
    write_user(files, 'personal-venv = "/tmp/x"\n')
    assert merged(files).personal_venv is None


def test_only_the_system_file_may_lock(files: Path) -> None:
    write_user(files, 'locked = ["strategy"]\n')
    with pytest.raises(ConfigError, match=r"unknown-setting.*locked"):
        merged(files)


@pytest.mark.parametrize("value", ['["strategie"]', '[["strategy"]]', '"strategy"'])
def test_locked_must_name_keys(value: str, files: Path) -> None:
    write_system(files, f"locked = {value}\n")
    with pytest.raises(ConfigError, match="locked"):
        merged(files)


def test_the_verb_prints_origin_and_value(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from safepip.verbs import settings as verb

    write_system(files, 'strategy = "venv"\nlocked = ["strategy"]\n')
    monkeypatch.chdir(files / "project")
    env = {"HOME": str(files), "SAFEPIP_INSTALLER": "auto"}
    assert verb.run(["--json"], {}, env) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["command"] == "settings"
    assert answer["data"]["settings"]["strategy"] == {
        "value": "venv",
        "source": "system",
        "where": str(files / "system.toml"),
        "locked": True,
    }
    assert answer["data"]["settings"]["installer"]["where"] == "SAFEPIP_INSTALLER"
    assert verb.run([], {}, env) == 0
    assert 'strategy = "venv"' in capsys.readouterr().out


def test_the_verb_takes_nothing_else(files: Path) -> None:
    from safepip.verbs import settings as verb

    with pytest.raises(UsageError):
        verb.run(["--jsn"], {}, {"HOME": str(files)})


# Changing the user's file.


@pytest.mark.parametrize(
    ("before", "key", "value", "after"),
    [
        ("", "strategy", '"venv"', 'strategy = "venv"\n'),
        ("# mine", "strategy", '"venv"', '# mine\nstrategy = "venv"\n'),
        ('a = 1\nstrategy = "user"  # why\nb = 2\n', "strategy", '"venv"',
         'a = 1\nstrategy = "venv"  # why\nb = 2\n'),
        ('strategy = "a # b"   # c\n', "strategy", '"venv"', 'strategy = "venv"   # c\n'),
        ('libraries = [\n  "a", # one\n  "b",\n] # all\nx = 1\n', "libraries", '["c"]',
         'libraries = ["c"] # all\nx = 1\n'),
        ('libraries = [\n  "a",\n]\nx = 1\n', "libraries", None, "x = 1\n"),
        ("activate = true\r\n", "activate", "false", "activate = false\r\n"),
        ('"activate" = true\n', "activate", "false", "activate = false\n"),
        ("# strategy = 1\n", "strategy", None, "# strategy = 1\n"),
        ("x = 1\n\n[other]\nstrategy = 2\n", "strategy", '"venv"',
         'x = 1\n\nstrategy = "venv"\n[other]\nstrategy = 2\n'),
    ],
    ids=["new file", "behind a comment", "in its place", "a number sign inside", "over lines",
         "taken out", "Windows' line ends", "a quoted key", "only a comment", "before a table"],
)  # fmt: skip
def test_a_change_keeps_all_else(before: str, key: str, value: str | None, after: str) -> None:
    assert toml.edited(before, key, value) == after


@pytest.mark.parametrize(
    ("key", "words", "expected"),
    [
        ("strategy", ["venv"], '"venv"'),
        ("create-venv", ["no"], "false"),
        ("libraries", ["flask", "Rich"], '["flask", "Rich"]'),
        ("libraries", ["flask,rich"], '["flask", "rich"]'),
        ("personal-venv", ["~/my envs"], '"~/my envs"'),
    ],
)
def test_what_is_typed_becomes_toml(key: str, words: list[str], expected: str) -> None:
    assert safepip_settings.toml_value(key, words) == expected


@pytest.fixture
def verb(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    from safepip.verbs import settings as verbs_settings

    monkeypatch.chdir(files / "project")

    def run(*words: str) -> tuple[int, str]:
        status = verbs_settings.run(words, {}, {"HOME": str(files)})
        return status, capsys.readouterr().out

    return run


def test_the_verb_sets_and_takes_out_and_shows(
    files: Path, verb: Callable[..., tuple[int, str]]
) -> None:
    file = write_user(files, "# mine\ninstaller = 'uv'\n")
    status, said = verb("strategy", "venv")
    assert (status, said.split("#")[0].strip()) == (0, 'strategy = "venv"')
    assert file.read_text() == "# mine\ninstaller = 'uv'\nstrategy = \"venv\"\n"
    assert verb("--unset", "strategy")[1].startswith('strategy = "auto"')
    assert file.read_text() == "# mine\ninstaller = 'uv'\n"
    assert verb("installer")[1].startswith('installer = "uv"')


def test_all_that_it_prints_is_toml(files: Path, verb: Callable[..., tuple[int, str]]) -> None:
    write_user(files, 'applications = ["a", "b"]\n')
    told = tomllib.loads(verb()[1])
    assert told["applications"] == ["a", "b"]
    assert set(told) == set(safepip_settings.KEYS) - {"personal-venv"}


def test_a_broken_part_does_not_hide_the_rest(
    files: Path, verb: Callable[..., tuple[int, str]]
) -> None:
    write_user(files, 'stratgy = "venv"\ninstaller = "uv"\nactivate = 7\n')
    write_system(files, "strategy = venv\n")
    status, said = verb()
    assert status == 78
    assert 'installer = "uv"' in said


@pytest.mark.parametrize("words", [["strategy", "venv"], ["--unset", "strategy"]])
def test_what_is_locked_is_not_changed(
    words: list[str], files: Path, verb: Callable[..., tuple[int, str]]
) -> None:
    write_system(files, 'locked = ["strategy"]\n')
    file = write_user(files, "# mine\n")
    with pytest.raises(RefusedError, match="locked"):
        verb(*words)
    assert file.read_text() == "# mine\n"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["stratgy", "venv"], UsageError),
        (["--unset"], UsageError),
        (["--unset", "strategy", "venv"], UsageError),
        (["strategy", "vnv"], ConfigError),
        (["libraries", "a b"], ConfigError),
    ],
)
def test_what_makes_no_sense_changes_nothing(
    words: list[str],
    error: type[Exception],
    files: Path,
    verb: Callable[..., tuple[int, str]],
) -> None:
    file = write_user(files, "# mine\n")
    with pytest.raises(error):
        verb(*words)
    assert file.read_text() == "# mine\n"


def test_a_broken_file_is_not_written(files: Path, verb: Callable[..., tuple[int, str]]) -> None:
    file = write_user(files, "strategy = venv\n")
    with pytest.raises(ConfigError, match="not-toml"):
        verb("strategy", "venv")
    assert file.read_text() == "strategy = venv\n"


def test_a_link_to_itself_gives_way(files: Path, verb: Callable[..., tuple[int, str]]) -> None:
    file = files / "user/safepip/config.toml"
    file.symlink_to(file)
    verb("strategy", "venv")
    assert file.read_text() == 'strategy = "venv"\n'


def test_a_link_stays_a_link(files: Path, verb: Callable[..., tuple[int, str]]) -> None:
    real = files / "dotfiles.toml"
    real.write_text("# mine\n")
    real.chmod(0o600)
    link = files / "user/safepip/config.toml"
    link.symlink_to(real)
    verb("strategy", "venv")
    assert link.is_symlink()
    assert (real.read_text(), real.stat().st_mode & 0o777) == (
        '# mine\nstrategy = "venv"\n', 0o600
    )  # fmt: skip
