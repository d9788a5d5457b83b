"""Each command of the README and of the guide, run as it stands."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import safepip
from safepip import settings
from scripts.stage import index_variables
from tests.support.guard import REAL_ENV
from tests.support.missing import lacking

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from tests.support.lab import Lab

ROOT = Path(__file__).parents[2]
GUIDE = Path(safepip.__file__).parent / "guide"
PAGES = [ROOT / "README.md", *sorted(GUIDE.glob("*.md"))]
ELSEWHERE = {
    "python -m scripts.matrix          # about two minutes": "what runs tests of its own",
    "python -m scripts.matrix --long   # every cell": "what runs tests of its own",
    "pipx install .": "in a clone, by test_it_installs_from_a_clone",
    "./scripts/test              # lint, types and all tests": "what runs this test",
    "./scripts/test -k settings  # some of them": "what runs this test",
    "./scripts/test --long       # also the pips between the oldest and the newest": "the same",
}
"""Commands of those blocks that are not run here, and why."""


def commands(page: Path) -> list[str]:
    """The lines of the blocks that are marked ``sh``."""
    blocks = re.findall(r"(?ms)^```sh\n(.*?)^```", page.read_text(encoding="utf-8"))
    lines = [line for block in blocks for line in block.splitlines() if line.strip()]
    return [line for line in lines if line not in ELSEWHERE]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_command_works_as_it_stands(page: Path, lab: Lab) -> None:
    if not page.is_file():
        pytest.skip("there is no README beside an installed safepip")
    lab.write("requirements.txt", "django\n")
    lab.write("app.py", "import django\nprint('it runs')\n")
    lab.write(
        "build.log", "ERROR: Could not install packages: [Errno 13] Permission denied: '/x'\n"
    )
    lab.write(lab.home / ".bashrc", "# mine\n")
    lines = commands(page)
    if lines:
        assert lab.run(["safepip", "install", "django"]).returncode == 0
    assert all("safepip" in line or line.startswith("type ") for line in lines), lines
    for line in lines:
        done = lab.run(["bash", "-c", line])
        # doctor and where tell by their status what they found.
        allowed = {0, 1} if re.match(r"safepip (doctor|where)\b", line) else {0}
        assert done.returncode in allowed, done
        assert "internal error" not in done.err, done


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_its_links_lead_somewhere(page: Path) -> None:
    if not page.is_file():
        pytest.skip("there is no README beside an installed safepip")
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), target
    for chapter in re.findall(r"`safepip guide (\w+)`", text):
        assert (GUIDE / f"{chapter}.md").is_file(), chapter


def test_the_guide_is_read_in_the_terminal(lab: Lab) -> None:
    names = [page.stem for page in GUIDE.glob("*.md")]
    contents = lab.run(["safepip", "guide"])
    assert all(f"    {name} " in contents.out for name in names), contents
    raw = lab.run(["safepip", "guide", "places"])
    assert raw.out == (GUIDE / "places.md").read_text(encoding="utf-8")
    shown = lab.run(["safepip", "guide", "places"], tty=True, env={"PAGER": "cat"})
    assert "What goes where, and why" in shown.out
    assert "```" not in shown.out
    assert "| ---" not in shown.out
    wrong = lab.run(["safepip", "guide", "place"])
    assert (wrong.returncode, 'Did you mean "places"?' in wrong.err) == (64, True), wrong


@pytest.mark.parametrize(
    ("policy", "status", "made"),
    [
        ('strategy = "venv"\nlocked = ["strategy"]\n', 0, True),
        ('strategy = "refuse"\nlocked = ["strategy"]\n', 77, False),
    ],
    ids=["venv", "refuse"],
)
def test_a_policy_of_the_guide_holds(policy: str, status: int, made: bool, lab: Lab) -> None:
    assert policy in (GUIDE / "teams.md").read_text(encoding="utf-8")
    lab.write(lab.tmp / "xdg/safepip/config.toml", policy)
    lab.env["XDG_CONFIG_DIRS"] = str(lab.tmp / "xdg")
    told = lab.run(["safepip", "settings", "strategy"])
    if "locked" not in told.out:
        pytest.skip("the system's settings are read from a fixed place here")
    done = lab.run(["safepip", "install", "-r", lab.write("requirements.txt", "labone\n")])
    assert (done.returncode, (lab.cwd / ".venv").is_dir()) == (status, made), done
    assert not lab.user_site.exists()
    if status:  # Only what works is advised.
        assert "--strategy" not in done.err, done
        see = done.err.splitlines()[-1].split()
        assert "# " + str(lab.tmp / "xdg/safepip/config.toml, locked") in lab.run(see).out
    refused = lab.run(["safepip", "settings", "strategy", "user"])
    assert refused.returncode == 77, refused
    assert "is locked by" in refused.err


@pytest.mark.network
def test_it_installs_from_a_clone(tmp_path: Path) -> None:
    pipx = shutil.which("pipx", path=REAL_ENV.get("PATH"))
    if pipx is None or not (ROOT / "README.md").is_file():
        lacking("pipx")
    clone = tmp_path / "clone"
    ignored = shutil.ignore_patterns(".git", ".venv", ".try", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, clone, ignore=ignored)
    env = index_variables(REAL_ENV) | {
        "HOME": str(tmp_path / "home"),
        "PATH": REAL_ENV.get("PATH", ""),
        "PIPX_HOME": str(tmp_path / "pipx"),
        "PIPX_BIN_DIR": str(tmp_path / "bin"),
    }

    def run(*words: str | Path) -> str:
        done = subprocess.run(
            words, cwd=clone, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run(pipx, "install", ".")
    program = tmp_path / "bin/safepip"
    assert run(program, "--safepip-version").startswith(f"safepip {safepip.__version__}")
    assert "places" in run(program, "guide")


def test_the_teams_sample_changes_nothing_until_edited() -> None:
    sample = (ROOT / "scripts/config.toml.sample").read_text(encoding="utf-8")
    assert tomllib.loads(sample) == {}
    edited = tomllib.loads(re.sub(r"(?m)^# (?=[\w-]+ = )", "", sample))
    assert set(edited) <= {*settings.KEYS, "locked"}
