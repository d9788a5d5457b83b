"""Logs as people paste them: titles, quotes, sentences about pip, what was left out."""

from __future__ import annotations

import re

import pytest

from safepip.logs import explanation
from safepip.logs.commands import mentioned_words
from safepip.logs.evidence import WhyNot
from safepip.logs.failures import FAILURES
from safepip.logs.needles import needle_of
from safepip.logs.remedies import Remedy
from safepip.model.triggers import TriggerName
from safepip.wording import explanation as wording
from tests.logs.test_signs import (
    DEFAULT,
    DENIED,
    HEAD,
    HINT,
    OS,
    PIPS,
    SITE,
    STDLIB,
    case,
    explain,
)

READ_ONLY = f"ERROR: {OS}'INSTALLER'".replace("[Errno 13]", "[Errno 30]")
FENCE = "```"
MAIN = "/usr/lib/python3/dist-packages/pip/_internal/commands/install.py"


@pytest.mark.parametrize(
    "text",
    [
        case("typographic quotes", f"ERROR: {OS}\u2018{SITE}\u2019\n"),
        case("Markdown behind an open path", f"It says `{OS}'{SITE}` error.\n"),
        case("a fence behind an open path", f"{OS}'{SITE}\n{FENCE}\n$ pip install x\n"),
        case("a prompt behind an open path", f"{OS}'{SITE}\n[you@host x]$ pip install x\n"),
    ],
)
def test_the_path_ends_where_the_log_shows_it(text: str) -> None:
    assert explain(text).path == SITE


def test_a_path_cut_off_is_not_judged_by_what_is_left_of_it() -> None:
    cut = f"$ pip install x\nInstalling collected packages: x\nERROR: {OS}'/u"
    assert explain(cut).would_divert


@pytest.mark.parametrize(
    ("report", "why_not"),
    [
        case("with what pip did", "Installing collected packages: x\n", WhyNot.NAMES_PLACE),
        case("with the command alone: a way around it", "", None),
    ],
)
def test_a_title_belongs_to_the_command_that_follows(report: str, why_not: WhyNot | None) -> None:
    found = explain(f"# `{READ_ONLY}`\n\n{FENCE}\n$ pip install --prefix /x y\n{report}{FENCE}\n")
    assert (found.trigger, found.why_not) == (TriggerName.READ_ONLY, why_not)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        case(
            "a placeholder", "Running `pip install <package>` fails:", "docker run x pip install y"
        ),
        case("one there, one not", "It says:", "$ pip install y\nRequirement already satisfied: z"),
    ],
)
def test_the_command_may_stand_behind_the_error(before: str, after: str) -> None:
    found = explain(f"{before}\n{DENIED}\n{HINT}\n\n{FENCE}\n{after}\nCollecting y\n")
    assert str(found.advice[1].command) == "safepip install y"


def test_a_traceback_shows_that_pip_was_writing() -> None:
    frame = '  File "/usr/lib/python3.9/os.py", line 1, in makedirs\n'
    error = "PermissionError: [Errno 13] Permission denied: '/srv/x'\n"
    for function, option in (("_handle_target_dir", "--target"), ("clobber", "")):
        text = f'{HEAD}  File "{MAIN}", line 455, in {function}\n{frame}{error}'
        found = explain(text)
        assert found.trigger is TriggerName.PERMISSION_DENIED
        assert found.option == option
    assert explain(f'{HEAD}  File "{MAIN}", line 455, in run\n{frame}{error}').trigger is None


def test_an_old_pip_makes_its_target_first() -> None:
    makes = (
        '  File "/usr/lib/python3.6/site-packages/pip/utils/__init__.py", line 83, in ensure_dir\n'
    )
    for command, trigger in (("install", TriggerName.PERMISSION_DENIED), ("download", None)):
        run = f'  File "{MAIN}", line 388, in run\n'.replace("install.py", f"{command}.py")
        error = "PermissionError: [Errno 13] Permission denied: '/var/task/.x'\n"
        assert explain(f"{HEAD}{run}{makes}{error}").trigger is trigger


def test_what_pip_may_not_read_is_no_denied_install() -> None:
    reads = '  File "/x/pip/_vendor/pkg_resources/__init__.py", line 14, in get_metadata\n'
    error = f"PermissionError: [Errno 13] Permission denied: '{SITE}.egg-info/requires.txt'\n"
    assert explain(f"{HEAD}{PIPS}{reads}{error}").trigger is None


def test_what_pip_moves_to_a_target_is_denied_there() -> None:
    moved = "'/tmp/pip-target-x1/lib/python/six.py' -> '/srv/x/six.py'"
    found = explain(f"RUN pip install six -t .\nPermissionError: [Errno 13] …: {moved}\n")
    assert (found.path, found.why_not) == ("/srv/x/six.py", WhyNot.NAMES_PLACE)


def test_what_follows_a_text_in_program_code_is_read() -> None:
    assert explain(f'out = """\nx\n"""\n{DENIED}\n').path == SITE
    assert explain(f'said = ("x"\n"y")\n{DENIED}\n').path == SITE


def test_a_title_is_the_last_line_of_a_traceback_cut_short() -> None:
    error = "IOError: [Errno 13] Permission denied: '/usr/local/NEWS.rst'"
    run = (
        f"$ pip install six\nCollecting six\nInstalling collected packages: six\nException:\n{HEAD}"
    )
    assert explain(f"# {error}\n\n{run}{PIPS}").path == "/usr/local/NEWS.rst"
    assert explain(f"# {error}\n\n{run}{PIPS}{STDLIB}KeyError: 'x'\n").trigger is None
    assert explain(f"# {error}\n\n$ pip list\n{HEAD}{OTHER}").trigger is None


def test_what_pip_did_behind_a_title_says_nothing_of_its_error() -> None:
    for path in ("WHEEL", "/srv/odd"):
        text = f"# fails: ERROR: {OS}'{path}'\n\nCollecting six\n  Using cached six.whl\n"
        assert explain(text).path == path


def test_the_last_line_of_pips_advice_is_a_sign() -> None:
    assert explain("Check the permissions.\n").trigger is TriggerName.PERMISSION_DENIED
    assert explain("Check the permissions of the cache.\n").trigger is None


def test_a_setup_py_without_any_pip_is_nobody_elses() -> None:
    shown = "running install\nrunning install_lib\n"
    failed = f"{shown}error: could not create '{SITE}': Permission denied\n"
    found = explain(f"# pip is broken\n{failed}")
    assert (found.trigger, found.tool) == (None, "setup.py")
    assert explain(f"It fails when I pip install six:\n{failed}").path == SITE
    assert explain(f"Collecting six\n{failed}").path == SITE


def test_an_error_without_a_path_is_told_in_its_own_line() -> None:
    said = OS.replace("[Errno 13] Permission denied: ", "[Errno 28] No space left on device")
    assert explain(f"ERROR: {said}\nNotice: a new release\nnox > failed\n").line == f"ERROR: {said}"


def test_a_build_failed_by_its_first_line_alone() -> None:
    found = explain("  \u00d7 Building wheel for x (pyproject.toml) did not run successfully.\n")
    assert found.failure == "build"


def test_what_virtualenv_quotes_of_pip_is_pips() -> None:
    said = "  Can not perform a '--user' install. User site-packages are not visible"
    command = 'python2.7 -c "import sys, pip; sys..." setuptools'
    text = f"  Complete output from command {command}:\n{said} in this virtualenv.\n-----------\n"
    assert explain(text).trigger is TriggerName.USER_SITE_UNAVAILABLE


def test_a_build_that_failed_is_what_happened() -> None:
    failed = "  ERROR: Command errored out with exit status 1:\n   command: python3 setup.py\n"
    assert explain(f"{DEFAULT}\nCollecting x\n{failed}").trigger is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("I tried to pip install lab-x on a server, and got", "lab-x"),
        ("# Error when running pip install -r requirements.txt", "-r requirements.txt"),
        ("Used the command python3 -m pip install 'lab-x[all]' from shell", "lab-x[all]"),
        ("When trying: python -m pip install lab-x lab.y lab-z", "lab-x lab.y lab-z"),
        ("### Description: sudo pip install -U lab-x", "-U lab-x"),
        ("it says (pip install lab-x) whilst", "lab-x"),
        ("then pip3 install lab-x or other", "lab-x"),
        ("`pip install --user lab-x`", "lab-x"),
        ("pip install fails for me", ""),
        ('using " pip install       " I get', ""),
        ("You should consider upgrading via the 'pip install --upgrade pip' command.", ""),
        ("[notice] To update, run: pip install --upgrade pip", ""),
        ("the pip installer", ""),
        ("# Odd: pip3 install causes an error (externally managed)", ""),
        ("it fails at: easy_install lab-x", "lab-x"),
    ],
)
def test_a_sentence_about_pip_tells_the_name(line: str, words: str) -> None:
    assert " ".join(mentioned_words(line.encode())) == words


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ('CMD [ "pip3", "install", "six==1.0" ]', "six==1.0"),
        ("Command: ['/usr/bin/python3', '-m', 'pip', 'install', 'six']", "six"),
        (
            'FAILED! => {"cmd": ["/usr/bin/python3", "-m", "pip.__main__", "install", "six"]',
            "six",
        ),
        ("1. terminal\n2. pip3 install six\n", "six"),
        (r"InvocationError for command 'C:\t\pip.EXE' install six (exited with code 1)", "six"),
        ("Collecting dep (from x->-r r.txt (line 1))", "-r r.txt"),
        ("# pip install error using container 0.12\nIt is `pip install six`.", "six"),
        ("`$ pip3 install six`\n...", "six"),
        ("It is `pip install -e.` that fails.", "-e."),
        ("Keep `pip freeze > r.txt` up to date.\n\nHow I pip install six:", "six"),
        ("pip install [name]\n\nHow I pip install six:", "six"),
        ("$ pip install ~/six.whl", "~/six.whl"),
        ("$ pip install -e $SIX ${ODD}/x 'a b'", '-e "$SIX" "${ODD}/x" \'a b\''),
        ("$ pip install 'six$(id)'", "'six$(id)'"),
    ],
)
def test_commands_are_found_in_every_dress(command: str, name: str) -> None:
    found = explain(f"{command}\n{DENIED}\n")
    assert any(str(a.command).endswith(f"safepip install {name}") for a in found.advice)


def test_a_path_in_a_list_of_words_is_shown_as_it_is() -> None:
    listed = r"Command '['C:\\x y\\python.exe', '-m', 'pip', 'install', 'six']' returned non-zero"
    found = explain(
        f"{listed}\n{DENIED}\n".replace(SITE, r"C:\\Program Files\\x\\Lib\\site-packages")
    )
    assert str(found.advice[0].command).startswith(r'& "C:\x y\python.exe" -m venv')


def test_an_upgrade_of_pip_shows_by_the_path() -> None:
    for path in ("/usr/local/bin/pip3", "/usr/lib/python3/dist-packages/pip-9.0.dist-info/RECORD"):
        found = explain(f"ERROR: {OS}'{path}'\n{HINT}\n")
        assert found.why_not is WhyNot.PIP_ALONE
        assert str(found.advice[0].command).endswith("pip install --upgrade pip")


BARE = "PermissionError: [Errno 13] Permission denied: '/opt/odd/bin'\n"


def test_a_path_alone_is_pips_where_somebody_speaks_of_pip() -> None:
    assert explain(f"pkg install pipx, then tox:\n{BARE}").trigger is None
    assert explain(f"pip stops working:\n{BARE}").trigger is TriggerName.PERMISSION_DENIED


# What is no denial

ERROR = "PermissionError: [Errno 13] …: '/usr/lib/python3.6/site-packages/x1'\n"
OTHER = '  File "/usr/lib/python3.6/site-packages/x1/__main__.py", line 3, in run\n'
IN_USE = r"ERROR: Could not install packages due to an OSError: [WinError 5] …: 'D:\\x\\{}'"


@pytest.mark.parametrize("name", ["pip.exe", "a.pyd", "b.dll"])
def test_what_windows_has_in_use_is_called_so(name: str) -> None:
    found = explain(f"D:\\x>pip install --target D:\\y six\n{IN_USE.format(name)}\n")
    assert found.failure == "file-in-use"
    assert found.advice[0].command == "py -m pip install --target D:\\y six"


def test_powershell_calls_a_quoted_program() -> None:
    found = explain(f'& "C:\\A B\\python.exe" -m pip install six\n{IN_USE.format("a.pyd")}\n')
    assert found.advice[0].command == '& "C:\\A B\\python.exe" -m pip install six'


OTHERS = HEAD + '  File "docker/transport/unixconn.py", line 43, in connect\n'


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        case(
            "a socket", f"{OTHERS}urllib3.exceptions.ProtocolError: ('Connection aborted.'\n", None
        ),
        case("a file", f"{OTHERS}FileNotFoundError: [WinError 2] …\n", None),
        case(
            "pip's", f"{HEAD}{PIPS}pip._vendor.urllib3.exceptions.ReadTimeoutError: x\n", "network"
        ),
    ],
)
def test_another_programs_failure_is_not_pips(text: str, failure: str | None) -> None:
    assert explain(text).failure == failure


@pytest.mark.parametrize(
    "said",
    [
        "I installed it, but I get pip-review: command not found.  It is odd.",
        '# It says "pip-review: command not found"',
        "Command 'pip-review' not found, did you mean:",
        "No command 'pip-review' found, did you mean:",
    ],
)
def test_a_command_that_is_not_found_is_told_without_its_install(said: str) -> None:
    found = explain(f"{said}\n")
    assert found.happened is explanation.Happened.NO_COMMAND
    assert "is not installed, or its folder not on PATH" in wording.tell(found).what


def test_uvs_own_folder_is_no_place_for_an_environment() -> None:
    denied = (
        "error: failed to create directory `/home/you/.local/share/uv/tools`: Permission denied"
    )
    found = explain(f"{denied} (os error 13)\n")
    assert [advice.remedy for advice in found.advice] == [Remedy.CHECK_OWNER]


def test_no_name_is_made_up_for_what_is_to_be_run_again() -> None:
    in_use = IN_USE.replace("WinError 5", "WinError 32").format("x.whl")
    assert [advice.command for advice in explain(in_use).advice] == [None]


def test_a_harmless_warning_is_told_beside_an_unknown_error() -> None:
    cache = "WARNING: The directory '/x' or its parent directory is not owned by you. The cache …\n"
    assert "cache folder" in wording.tell(explain(f"{cache}ERROR: odd\n")).what


@pytest.mark.parametrize(
    "text",
    [
        case(
            "behind pip's progress",
            "      Collecting pip\n      Installing collected packages: pip\n"
            f"              Successfully uninstalled pip-9 ERROR: {OS}'base.pyc'\n",
        ),
        case("Chinese brackets", f"ERROR: {OS}".replace("[", "\u3010").replace("]", "\u3011")),
        case(
            "a pip that moved an egg away",
            "OSError: [Errno 1] …: '/tmp/pip-x1-uninstall/System/Library/x/six.egg-info'\n",
        ),
    ],
)
def test_finds_it_all_the_same(text: str) -> None:
    assert explain(text).trigger is TriggerName.PERMISSION_DENIED


DAY = "n\u00f3v 16 11:35:51 host[...].net env[21198]: "


@pytest.mark.parametrize(
    "text",
    [
        case("a logger's own language", "".join(f"{DAY}{x}" for x in (HEAD, OTHER, ERROR))),
        case("an unknown logger", "".join(f"(odd) {x}" for x in (HEAD, OTHER, ERROR))),
        case("a program's log in a site directory", ERROR.replace("x1", "x1/logs/x.log")),
    ],
)
def test_leaves_alone_what_another_program_says(text: str) -> None:
    assert explain(text).trigger is None


# What is left of an error

DENIED_AT = f"Permission denied: '{SITE}'"
LIBRARY = "/usr/local/lib/python3.6"
EASY = "error: can't create or remove files in install directory\n"


@pytest.mark.parametrize(
    "text",
    [
        case("in a title", f"# pip install fails with [Errno 13] {DENIED_AT}\n"),
        case("behind the command", f"- `pip install x`: [Errno 13] {DENIED_AT}\n"),
        case("before the command", f"It says {DENIED_AT} when I pip install x.\n"),
        case("without its number", f"$ pip install x\nError: {DENIED_AT}\n"),
        case("a logger's own language", f"pip install x\n错误: [Errno 13] …: '{SITE}'\n"),
        case("pip's advice below it", f"…[Errno 13] {DENIED_AT}\n{HINT}\n"),
        case("the end of pip's traceback", f"{HEAD}{PIPS}{DENIED_AT}\n"),
        case("a web page", f"<p>ERROR: {OS}&#39;{SITE}&#39;</p>\n"),
        case("a Python's library", f"pip says: {DENIED_AT}".replace(SITE, LIBRARY) + "\n"),
        case("no colons", f"ERROR: {OS.replace(':', '')} '{SITE}'\n"),
    ],
)
def test_half_a_sentence_is_enough_where_the_place_is_pips(text: str) -> None:
    found = explain(text)
    assert found.trigger is TriggerName.PERMISSION_DENIED
    assert found.path in {SITE, LIBRARY}


@pytest.mark.parametrize(
    "text",
    [
        case("nobody speaks of pip", f"It fails with [Errno 13] {DENIED_AT}\n"),
        case("pip had done it", f"Successfully installed x-1\nError: {DENIED_AT}\n"),
        case("deep in a package", f"pip list\nError: {DENIED_AT[:-1]}/data/cache.db'\n"),
        case("in another's traceback", f"pip list\n{HEAD}{OTHER}odd: {DENIED_AT}\n"),
        case("another place", "pip list\nError: [Errno 13] Permission denied: '/var/lib/x'\n"),
        case("a shell", f"pip list\ncp: cannot create '{SITE}': Permission denied\n"),
        case("easy_install", f"no pip here\n{EASY}    [Errno 13] {DENIED_AT}\n"),
    ],
)
def test_half_a_sentence_is_not_enough(text: str) -> None:
    assert explain(text).trigger is None


NOTES = "Our service keeps its data beside its own code, where nobody may write.\n" * 4


@pytest.mark.parametrize(
    ("before", "path", "trigger"),
    [
        case("alone", "", SITE, TriggerName.PERMISSION_DENIED),
        case("in notes about something else", NOTES, SITE, None),
        case("in notes about pip", f"{NOTES}Or pip.\n", SITE, TriggerName.PERMISSION_DENIED),
        case("metadata", NOTES, f"{SITE}.dist-info/RECORD", TriggerName.PERMISSION_DENIED),
        case("what any program reads", "", f"{SITE}.egg-info", None),
        case("data beside a program's code", "Or pip.\n", f"{SITE[:-3]}/data/x.json", None),
    ],
)
def test_a_raised_error_is_pips_where_little_else_is_said(
    before: str, path: str, trigger: TriggerName | None
) -> None:
    found = explain(f"{before}PermissionError: [Errno 13] Permission denied: '{path}'\n")
    assert found.trigger is trigger


def test_a_setup_py_is_pips_by_the_command_that_pip_shows() -> None:
    command = (
        "ERROR: Command errored out with exit status 1:\n command: python setup.py develop {}\n"
    )
    inner = f"    Complete output (9 lines):\n    running develop\n    {EASY}\n"
    said = f"{command}{inner}        [Errno 13] {DENIED_AT}\n"
    assert explain(said.format("--no-deps --user --prefix=")).path == SITE
    assert explain(said.format("--no-deps")).trigger is TriggerName.PERMISSION_DENIED
    assert explain(said.format("")).trigger is None


@pytest.mark.parametrize("path", [SITE, LIBRARY])
def test_a_setup_py_that_make_had_pip_run_is_pips(path: str) -> None:
    could_not = f"error: could not create '{path}': Permission denied\n"
    command = "Command python -c ... --single-version-externally-managed failed\n"
    assert explain(f"$ make install\n{could_not}").trigger is None
    assert explain(f"$ make install\n{could_not}{command}").path == path


def test_a_program_that_was_denied_is_told_with_the_path() -> None:
    found = explain("[W] shim | error linking: [Errno 13] Permission denied: '/home/you/.local'\n")
    assert (found.failure, found.path) == ("not-pips", "/home/you/.local")


def test_a_setup_py_is_known_by_its_own_words() -> None:
    probe = SITE.rpartition("/")[0] + "/test-easy-install-7.write-test"
    found = explain(f"> {EASY}>     [Errno 13] Permission denied: '{probe}'\n")
    assert (found.happened, found.path) == (explanation.Happened.TOOL_FAILED, probe)
    assert found.tool == "setup.py"


def test_a_setup_py_that_pip_runs_is_pips() -> None:
    text = f"Obtaining file:///x\nInstalling collected packages: x\n  {EASY}ERROR: {OS}'{SITE}'\n"
    found = explain(text)
    assert (found.trigger, found.tool) == (TriggerName.PERMISSION_DENIED, None)


@pytest.mark.parametrize(
    "words",
    [
        "error: externally managed environment",
        "pip: error: externally-managed environment",
        "error externally-managed-environment",
        "╰─> To install Python packages system-wide, try brew install xyz",
        "note: If you believe this is a mistake, please contact your Python installation or OS",
        "hint: See PEP 668 for the detailed specification.",
    ],
)
def test_any_part_of_pips_refusal_to_change_a_managed_python_tells(words: str) -> None:
    assert explain(f"{words}\n").trigger is TriggerName.EXTERNALLY_MANAGED


def test_what_uv_quotes_of_a_managed_python_is_uvs() -> None:
    said = "error: The interpreter at /usr is externally managed, and indicates the following:\n\n"
    found = explain(f"{said}  To install Python packages system-wide, try apt install\n")
    assert (found.trigger, found.tool) == (None, "uv")


@pytest.mark.parametrize(
    ("log", "command"),
    [
        case(
            "get-pip.py", "$ python get-pip.py\nCollecting pip\n{}\n", "python3 get-pip.py --user"
        ),
        case("ensurepip", "$ python3 -m ensurepip\n{}\n", "python3 -m ensurepip --user"),
    ],
)
def test_an_install_of_pip_itself_is_called_so(log: str, command: str) -> None:
    found = explain(log.format(DENIED))
    assert (found.trigger, found.would_divert) == (TriggerName.PERMISSION_DENIED, False)
    assert found.why_not is WhyNot.OWN_PIP
    assert [advice.command for advice in found.advice] == ["python3 -m venv .venv", command, None]
    managed = explain(log.format("error: externally-managed-environment"))
    assert [advice.command for advice in managed.advice] == ["python3 -m venv .venv", None]


def test_a_pip_that_installs_something_is_no_install_of_pip() -> None:
    assert explain(f"RUN python get-pip.py && pip install x\n{DENIED}\n").would_divert
    assert explain(f"$ python get-pip.py\nCollecting six\n{DENIED}\n").would_divert


@pytest.mark.parametrize("number", [5, 32])
def test_a_pip_that_was_to_replace_itself_is_run_by_python(number: int) -> None:
    path = r"D:\\x\\venv\\Scripts\\pip3.exe"
    in_use = IN_USE.replace("WinError 5", f"WinError {number}").replace(r"D:\\x\\{}", path)
    found = explain(f"Collecting pip\nInstalling collected packages: pip\n{in_use}\n")
    assert (found.failure, found.path) == ("self-upgrade", r"D:\x\venv\Scripts\pip3.exe")
    assert [advice.command for advice in found.advice] == ["py -m pip install --upgrade pip"]


@pytest.mark.parametrize("between", ["", "\n"])
def test_an_open_quote_swallows_nothing(between: str) -> None:
    found = explain(f"ERROR: {OS}{between}'{SITE} \n\n2. Then run this:\n$ pip install six\n")
    assert found.path == SITE
    assert str(found.advice[1].command) == "safepip install six"


@pytest.mark.parametrize(
    "text",
    [
        case("a cache's name", f"mkdir ~/cache/pip\n{NOTES}PermissionError: {OS[42:]}'{SITE}'\n"),
        case(
            "a program's data", f"pip\nPermissionError: {OS[42:]}'/home/you/.local/share/ov/data'\n"
        ),
        case("conda's cache", f"pip\n{ERROR.replace('/site', '/pkgs/x-1-py3_0/site')}"),
        case("what pip reads", f"pip\n{ERROR.replace('x1', 'x.egg-info/PKG-INFO')}"),
    ],
)
def test_a_folder_of_that_name_is_not_pip(text: str) -> None:
    assert explain(text).trigger is None


def test_what_was_there_already_is_told_without_who_asked_for_it() -> None:
    there = "Requirement already satisfied: six==1.0 in /x/site-packages"
    found = explain(f"{there} (from -r /y/r.txt (line 1)) (1.0)\n")
    assert found.groups == ("six", "1.0", "/x/site-packages")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("`could not create 'build/lib/x': Permission denied` and more", "build/lib/x"),
        ("rg: /root: Permission denied (os error 13)", "/root"),
        ("error: failed to write `/opt/x/y`: Permission denied (os error 13)", "/opt/x/y"),
        ("E: Could not open lock file /var/x - open (13: Permission denied)", "/var/x"),
        ("Error: EACCES: permission denied, mkdir '/usr/local/lib/x'", "/usr/local/lib/x"),
        ("4: Read-only file system (os error 30)", None),
        ("lib/x: Permission denied", None),
    ],
)
def test_what_any_program_was_denied_is_told_whole_or_not(text: str, path: str | None) -> None:
    found = explain(f"{text}\n")
    assert (found.failure, found.path, found.tool) == ("not-pips", path, None)


def test_a_build_that_failed_is_found_in_one_line() -> None:
    log = "> pip install x --no-deps > Collecting x > error: subprocess-exited-with-error > pip …"
    found = explain(f"{log} > ╰─> [86 lines of output] > Collecting cmake>=3.26 > Using cached y\n")
    assert found.failure == "build"


def test_what_follows_a_file_in_use_is_not_its_path() -> None:
    said = "**ERROR: Could not install packages due to an OSError: [WinError 32] …process**\n"
    found = explain(f"{said}\nCalledProcessError\n\n  Command 'c:\\x\\python.exe -m pip'\n")
    assert (found.failure, found.path) == ("file-in-use", None)


def test_a_copy_that_pip_was_denied_is_pips_and_no_install() -> None:
    copied = "'/home/you/x/y', '/tmp/pip-req-build-1/y', \"[Errno 13] …: '/home/you/x/y'\""
    found = explain(f"{OS.partition('[')[0]}[({copied})]\n")
    assert (found.failure, found.path) == ("not-ours", "/home/you/x/y")


def test_a_clone_that_failed_is_no_build() -> None:
    url = "git+ssh://git@host/x.git"
    failed = "error: subprocess-exited-with-error\n\ngit clone x did not run successfully.\n"
    assert explain(f"$ pip install {url}\n{failed}").failure == "no-clone"


@pytest.mark.parametrize("named", ["git+https://host/x.git", "https://host/x.tar.gz", "."])
def test_what_has_no_name_has_no_ready_release(named: str) -> None:
    found = explain(f"$ pip install {named}\nerror: subprocess-exited-with-error\n")
    assert [advice.remedy for advice in found.advice] == [Remedy.READ_BUILD]


def test_a_build_that_was_denied_its_own_folder_lacks_no_compiler() -> None:
    output = (
        "  ╰─> [1 lines of output]\n      error: could not create 'x.egg-info': Permission denied\n"
    )
    found = explain(f"$ pip install .\nerror: subprocess-exited-with-error\n{output}")
    assert (found.failure, found.inside) == ("build", "x.egg-info")
    assert [advice.remedy for advice in found.advice] == [Remedy.CHECK_OWNER]


def test_nothing_is_said_about_a_text_in_which_pip_says_nothing() -> None:
    assert explain("it does not work\n").verdict is explanation.Verdict.UNKNOWN


# Program code that quotes pip

SAID = f"ERROR: {OS}'{SITE}'"


@pytest.mark.parametrize(
    "code",
    [
        'assert "{}" in out',
        'self.assertIn("{}", out)',
        'if "{}" in err:',
        'elif err == "{}":',
        'return "{}"',
        'raise OSError("pip said {}")',
        'print(f"{}")',
        'let denied = "{}";',
        'const denied: string = "{}";',
        'expect(out).toBe(x) || out.includes("{}")',
        'expect(tell("{}")).toBe(x)',
        'throw new Error("{}")',
        'if grep -q "{}" log; then',
        'denied = "{}"',
        'want := "{}"',
        'out = """\n{}\n"""',
        "told('''x\n{}\n''')",
        'echo "{}"',
        '@echo it says "{}"',
        'said = ("pip says: "\n    "{}")',
    ],
)
@pytest.mark.parametrize("said", [SAID, "error: externally-managed-environment"])
def test_a_string_in_program_code_denies_nothing(code: str, said: str) -> None:
    assert explain(f"    {code.format(said)}\n").trigger is None


@pytest.mark.parametrize(
    "log",
    [
        'stderr="{}"',
        '"msg": "{}",',
        "'Stderr: {}\\n'",
        'output = "{}"',
        'It returns this: "{}"',
        'let me see: "{}"',
        'If "{}" shows up',
        "RuntimeError('{}')",
        'Err("{}")',
        '+ echo "{}"',
        "pip : {}",
        "It says:\\r\\n{}\\r\\nOdd",
        "##teamcity[message text='{}' status='ERROR']",
    ],
)
def test_a_string_in_a_log_or_a_note_does(log: str) -> None:
    said = SAID
    if log.startswith("##"):
        said = re.sub(r"(['\[\]])", r"|\1", f"x\n{SAID}\nCheck").replace("\n", "|n")
    found = explain(log.format(said) + "\n")
    assert (found.trigger, found.path) == (TriggerName.PERMISSION_DENIED, SITE)


# Tools that run pip, and those that do not


@pytest.mark.parametrize(
    "ran",
    ["pip install .\n", "python3 -m pip install -e .\n", "Collecting x\n", "Processing ./x\n"],
)
def test_a_make_that_ran_pip_is_pips(ran: str) -> None:
    denied = f"error: could not create '{SITE}': Permission denied\n"
    assert explain(f"$ make install\n{ran}{denied}make: *** [install] Error 1\n").path == SITE


@pytest.mark.parametrize("words", ["Permission denied", "Read-only file system"])
@pytest.mark.parametrize("prefix", ["", "#9 24.7 ", "app  | [!] "])
def test_uvs_place_may_stand_in_the_line_before(prefix: str, words: str) -> None:
    lines = (f"Caused by: failed to create directory `{SITE}`", f"Caused by: {words} (os error 13)")
    found = explain("".join(f"{prefix}  {line}\n" for line in lines))
    assert (found.happened, found.tool) == (explanation.Happened.TOOL_FAILED, "uv")
    assert found.path == SITE


def test_uv_fails_without_pip() -> None:
    said = (
        "error: Failed to fetch: `x`\n  Caused by: HTTP status client error (403 Forbidden) for x\n"
    )
    found = explain(f"$ uv pip install x\n{said}")
    assert wording.tell(found).what.endswith("This is a log of uv, which runs no pip.")


def test_a_conda_environment_of_others_is_condas() -> None:
    for error in ("EnvironmentNotWritableError", "NotWritableError"):
        said = f"{error}: The current user does not have write permissions to it.\n"
        found = explain(f"$ conda install six\n{said}  environment location: /opt/conda\n")
        assert (found.happened, found.tool) == (explanation.Happened.TOOL_FAILED, "conda")


def test_an_error_of_another_kind_is_not_said_to_be_pips() -> None:
    error = "CacheError: [Errno 13] Permission denied: '/srv/x'\n"
    assert explain(f"pip list\n{error}").failure == "not-pips"
    assert explain(f"Collecting six\n{error}").failure == "not-ours"


# The table


@pytest.mark.parametrize(
    ("sign", "needle"),
    [
        (r".*\[Errno 28\]", b"[Errno 28]"),
        (r"Could not open (requirements|constraint)s? file: ", b"Could not open "),
        (r".*[Tt]he term '(\w+)' is not", b"he term '"),
        ("Invalid req(?:uirement)? ?file", b"Invalid req"),
    ],
)
def test_a_sign_tells_what_every_line_of_it_holds(sign: str, needle: bytes) -> None:
    assert needle_of(sign) == needle


def test_no_needle_hides_that_of_another_row() -> None:
    rows: dict[bytes, set[str]] = {}
    for failure in FAILURES:
        for needle in failure.needles:
            rows.setdefault(needle, set()).add(failure.name)
    hidden = {
        (outer, inner)
        for outer in rows
        for inner in rows
        if inner and inner in outer and not rows[inner] <= rows[outer]
    }
    denials = re.compile(rb"Err(?:no|or) (?:13|1|30|5)\\b")
    assert not any(denials.search(outer) for outer, _ in hidden)
    assert {outer for outer, _ in hidden if b"rror " not in outer and b"rrno " not in outer} == {
        *(b"sudo: command not found", b"sudo: not found", b"command not found: pip"),
        b"Cannot uninstall requirement ",
    }


# Set 12


@pytest.mark.parametrize(
    "before",
    [
        case("its first word", "running install\n"),
        case("setuptools' warning", "/x/cmd.py:66: OddWarning: setup.py install is deprecated.\n"),
    ],
)
def test_a_setup_py_that_make_runs_is_not_pips(before: str) -> None:
    found = explain(f"{before}error: could not create '{SITE}': Permission denied\n")
    assert (found.trigger, found.tool) == (None, "setup.py")


def test_a_path_that_a_quote_leaves_open_is_setup_pys() -> None:
    said = "[Errno 13] Permission denied: '/opt/x/test-easy-install-1.write-test`\n"
    assert explain(f"`{EASY}{said}").path == "/opt/x/test-easy-install-1.write-test"


@pytest.mark.parametrize(
    "head", ["> RUN poetry install --no-root", "1.1 Package operations: 1 install, 0 updates"]
)
def test_poetry_that_may_not_write_is_not_pip(head: str) -> None:
    found = explain(f"{head}\n1.2   PermissionError\n1.2   [Errno 13] {DENIED_AT}\n")
    assert (found.trigger, found.tool, found.path) == (None, "poetry", SITE)


def test_an_old_pip_indents_its_own_errors() -> None:
    frame = r'    File "C:\x\lib\shutil.py", line 3, in x'
    said = r"  PermissionError: [WinError 5] …: 'C:\\x\\pip-1-uninstall\\x\\scripts\\pip.exe'"
    text = f"Installing collected packages: pip\n\n  Exception:\n  {HEAD}{frame}\n{said}\n"
    assert explain(text).failure == "self-upgrade"


@pytest.mark.parametrize(
    "said",
    [
        "WARNING: Building wheel for x failed: [Errno 13] …: '{}'",
        "PermissionError: [Errno 13] Permission denied: '{}'",
    ],
)
def test_pips_own_cache_is_called_so(said: str) -> None:
    cache = "/Users/you/Library/Caches/pip/wheels/80"
    found = explain(f"{said.format(cache)}\nFailed to build x\n")
    assert (found.trigger, found.failure, found.path) == (None, "cache-denied", cache)


def test_an_argument_in_program_code_denies_nothing() -> None:
    assert explain(f"    call(\n        stderr=\"ERROR: {OS}'{SITE}'\",\n").trigger is None
    assert explain(f"stderr=\"ERROR: {OS}'{SITE}'\"\n").path == SITE


@pytest.mark.parametrize(
    ("text", "name"),
    [
        case("a placeholder of the distribution's", "    python3 -m pip install xyz", "NAME"),
        case("what follows in its line", "#8 [4/7] RUN pip3 install -q six #8 2.007", "-q six"),
        case("a prompt at the right", "\u276f pip3 install six          12:30:01", "six"),
        case("a bracket", "INFO[7] Running: [/bin/sh -c pip install -r r.txt]", "-r r.txt"),
        case("a verb", "That lets pip install use --user.", "NAME"),
    ],
)
def test_nothing_else_is_taken_for_a_name(text: str, name: str) -> None:
    found = explain(f"{text}\n{DENIED}\n")
    assert any(a.command == f"safepip install {name}" for a in found.advice)


def test_pip_was_writing_where_its_traceback_says_so() -> None:
    frame = '  File "/x/site-packages/pip/wheel.py", line 329, in clobber\n'
    error = "PermissionError: [Errno 1] Operation not permitted\n"
    assert explain(f"{HEAD}{frame}{error}").trigger is TriggerName.PERMISSION_DENIED
    assert explain(f"{HEAD}{PIPS}{error}").trigger is None


def test_what_cannot_be_imported_counts_more_than_a_list() -> None:
    installed = "$ pip install six\nCollecting six\nSuccessfully installed six-1\n"
    failed = "ModuleNotFoundError: No module named 'six'\n"
    found = explain(f"{installed}{failed}$ pip list\nsix 1\n")
    assert found.happened is explanation.Happened.NO_MODULE


def test_a_path_of_bytes_is_named() -> None:
    assert explain("PermissionError: [Errno 13] …: b'/root/.odd'\n").path == "/root/.odd"
