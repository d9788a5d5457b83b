"""Where safepip itself is wrong or ended, pip runs all the same, and nothing is left behind."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.support.lab import LabMaker
from tests.support.patience import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.index import Index
    from tests.support.lab import Lab, Result
    from tests.support.pythons import Field

INTERNAL = "this is a bug in safepip"


# A pip that only leads back

CIRCLES = {
    "by exec": '#!/bin/sh\nexec "$HOME/bin/another-name" "$@"\n',
    "by a script that waits": '#!/bin/sh\n"$HOME/bin/another-name" "$@"\nexit $?\n',
}


@pytest.mark.parametrize("words", [["--version"], ["install", "labone"]])
@pytest.mark.parametrize("how", CIRCLES)
def test_a_pip_that_leads_back_to_safepip_ends_with_one_line(
    how: str, words: list[str], lab: Lab
) -> None:
    other = lab.write("../bin/another-name")
    other.unlink()
    other.symlink_to(lab.safepip.folder / "safepip")
    script = lab.write("../bin/pip", CIRCLES[how])
    script.chmod(0o755)
    done = lab.run(["safepip", *words], env={"PATH": f"{script.parent}:{lab.env['PATH']}"})
    assert done.returncode == 69, done
    lines = [line for line in done.err.splitlines() if line.startswith("safepip: ")]
    assert "only runs safepip again" in " ".join(lines), done
    assert done.err.count("only runs safepip again") == 1, done


def test_a_pip_of_its_own_gets_no_mark_of_that(lab: Lab) -> None:
    script = lab.write("../bin/pip", "#!/bin/sh\n# pip._internal\nenv\n")
    script.chmod(0o755)
    done = lab.run(["safepip", "list"], env={"PATH": f"{script.parent}:{lab.env['PATH']}"})
    assert "SAFEPIP" not in done.out


def test_a_wrapper_within_a_wrapper_is_none(lab: Lab) -> None:
    inner = f'#!/bin/sh\nexec {lab.python.bin / "pip"} "$@"\n'
    lab.write("../inner/pip", inner).chmod(0o755)
    outer = lab.write("../outer/pip", f'#!/bin/sh\nPATH="{lab.home}/inner:$PATH" safepip "$@"\n')
    outer.chmod(0o755)
    done = lab.run([outer, "--version"])
    assert done.out.startswith("pip "), done


# Bugs of ours: each of these broke it once, or would


def _digits(lab: Lab) -> None:
    lab.env["PIP_TIMEOUT"] = "9" * 5000


def _brackets(lab: Lab) -> None:
    state = lab.home / ".local/state/safepip"
    lab.write(state / "history.jsonl", "[" * 100_000 + "\n")
    for one in ("environments", "locks"):
        lab.write(state / one / "x", "[" * 100_000)
    lab.write("pyproject.toml")
    lab.run(["safepip", "install", "labnoscript"])
    for record in (state / "environments").iterdir():
        record.write_text("[" * 100_000)


def _pip_conf(lab: Lab) -> None:
    lab.write("../.config/pip/pip.conf", "[install]\n" + "x" * 100_000 + " = \\\n" * 3)


def _python(lab: Lab) -> None:
    """An interpreter that answers with brackets whatever it is asked."""
    text = (
        f"#!/bin/sh\nhead -c 200000 /dev/zero | tr '\\0' '['\nexec {lab.python.executable} \"$@\"\n"
    )
    lab.write("../odd/python", text).chmod(0o755)
    script = f"#!{lab.home}/odd/python\n" + (lab.python.bin / "pip").read_text().partition("\n")[2]
    lab.write("../odd/pip", script).chmod(0o755)
    lab.env["PATH"] = f"{lab.home}/odd:{lab.env['PATH']}"


ODD = {"python": _python, "digits": _digits, "brackets": _brackets, "pip.conf": _pip_conf}


@pytest.mark.parametrize("case", ODD)
def test_odd_data_is_no_bug(case: str, lab: Lab) -> None:
    ODD[case](lab)
    bare = lab.bare(["install", "--dry-run", "labone"])
    done = lab.run(["safepip", "install", "labone"])
    assert INTERNAL not in done.err, done
    assert (done.returncode == 0) == (bare.returncode == 0), done


def broken(lab: Lab, module: str, code: str) -> dict[str, str | None]:
    """Have *module* of safepip's fail as *code* says, by a hook at the start of its Python."""
    lab.write(
        "../hook/sitecustomize.py",
        "import sys\n"
        "class Break:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}:\n"
        f"            {code}\n"
        "sys.meta_path.insert(0, Break())\n",
    )
    return {"PYTHONPATH": str(lab.home / "hook")}


@pytest.fixture(scope="module")
def bare(field: Field) -> Iterator[Result]:
    """What bare pip makes of ``install labone``; no path of the lab is in what it says."""
    maker = LabMaker(field, f"failures-{os.getpid()}")
    yield maker().bare(["install", "labone"])
    maker.close()


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("safepip.flow.situation", "1 / 0"),
        ("safepip.settings", "raise RecursionError('x' * 10)"),
        ("safepip.state", "raise OSError(24, 'Too many open files')"),
        pytest.param("safepip.settings", "1 / 0", marks=pytest.mark.long),
        pytest.param("safepip.state", "1 / 0", marks=pytest.mark.long),
        pytest.param("safepip.flow.situation", "raise MemoryError", marks=pytest.mark.long),
    ],
)
def test_where_safepip_breaks_pip_runs(module: str, code: str, lab: Lab, bare: Result) -> None:
    env = broken(lab, module, code)
    done = lab.run(["safepip", "install", "labone"], env=env)
    assert (done.returncode, done.out) == (bare.returncode, bare.out), done
    assert done.err.count("safepip: ") == 1, done
    assert lab.installed(lab.user_site) == {"labone": "2.0"}


@pytest.mark.parametrize("module", ["safepip.runner.relay", "safepip.flow.comparing"])
def test_a_pip_that_was_begun_when_safepip_breaks_does_nothing_twice(
    module: str, lab: Lab, index: Index
) -> None:
    environment = lab.venv()
    lab.use_index(index)
    env = broken(lab, module, "1 / 0")
    env["PATH"] = f"{environment}/bin:{lab.env['PATH']}"
    done = lab.run(["safepip", "install", "labone"], env=env)
    assert (done.returncode == 0) == (module == "safepip.runner.relay"), done
    assert done.err.count(INTERNAL) == 1, done
    assert done.out.count("Collecting labone") == (done.returncode == 0), done
    assert not lab.processes()


def test_the_log_is_private_and_holds_no_secret(lab: Lab) -> None:
    secret = "https://user:hunter2@index.example.org/simple"
    env = broken(lab, "safepip.flow.situation", f"raise KeyError({secret!r}, 'tok-123456789')")
    lab.write("../.local/state/safepip/last-error.log").unlink()
    log = lab.home / ".local/state/safepip/last-error.log"
    os.mkfifo(log)  # nobody reads it
    lab.give(log)
    done = lab.run(["safepip", "list"], env=env)
    assert INTERNAL not in done.err, "list needs none of it"
    done = lab.run(["safepip", "install", "labone"], env={**env, "MY_TOKEN": "tok-123456789"})
    assert INTERNAL in done.err
    assert "~/.local/state/safepip/last-error.log" in done.err
    assert done.returncode == 0, done
    text = log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600
    assert "KeyError" in text
    for one in ("hunter2", "tok-123456789"):
        assert one not in text + done.err


def test_who_asked_to_be_refused_gets_no_bare_pip(lab: Lab) -> None:
    env = broken(lab, "safepip.flow.situation", "1 / 0")
    done = lab.run(["safepip", "--strategy", "refuse", "install", "labone"], env=env)
    assert done.returncode == 70, done
    assert not lab.user_site.exists()


# Signals, at each stage the same end


@pytest.mark.parametrize("words", [["install", "labone"], ["plan", "install", "labone"]])
def test_what_waits_for_its_end_ends_with_it(words: list[str], lab: Lab) -> None:
    assert lab.run(["safepip", *words]).returncode == 0
    lab.wait_for(lambda: not lab.processes(watchdogs=True), "the end of the watchdog")


def test_ended_under_pipx_it_dies_of_the_signal(make_lab: LabMaker, index: Index) -> None:
    """While pipx's pip downloads; the moments before it are in ``test_faults``."""
    lab = make_lab(pipx=True)
    lab.write("../.config/safepip/config.toml", 'applications = ["labbig"]\n')
    lab.use_index(index)
    hold = index.hold("labbig")
    process = lab.start(["safepip", "install", "labbig"])
    hold.wait()
    process.terminate()
    assert process.wait(PATIENCE_S) == -signal.SIGTERM
    lab.wait_for(lambda: not lab.processes(), "the end of all processes")
