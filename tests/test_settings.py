"""The layers of settings: which value counts, where it came from, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from safepip import settings as safepip_settings
from safepip.model.decisions import Installer, Strategy
from safepip.model.errors import ConfigError, ExitCode, UsageError
from safepip.settings import Source
from safepip.wording import errors


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of its own: system and user file, and a project, below one folder."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    monkeypatch.setattr(safepip_settings, "system_file", lambda: tmp_path / "system.toml")
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
    assert "config.toml does not count" in chosen.notices[0]
    assert "SAFEPIP_STRATEGY does not count" in chosen.notices[1]


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
