"""Logs as people paste them: pip's words behind, inside and between whatever else there is."""

from __future__ import annotations

import pytest

from safepip.logs import explanation
from safepip.logs.evidence import WhyNot
from safepip.logs.failures import FAILURES
from safepip.logs.reader import LogReader
from safepip.logs.remedies import Remedy
from safepip.logs.tools import TOOLS
from safepip.model.triggers import TriggerName
from safepip.wording import explanation as wording
from safepip.wording import failures as words_for_failures

SITE = "/usr/lib/python3/dist-packages/six.py"
OS = "Could not install packages due to an OSError: [Errno 13] Permission denied: "
HINT = "Consider using the `--user` option or check the permissions."
DENIED = f"ERROR: {OS}'{SITE}'"
MANAGED = "error: externally-managed-environment"
VIRTUALENV = "Could not find an activated virtualenv (required)"
USER = "Can not perform a '--user' install. User site-packages are not visible in this virtualenv."
WIN = "ERROR: Could not install packages due to an OSError: [WinError 5] Access is denied: "
UV = "error: Failed to install: x\n  Caused by: `/usr/lib`: Permission denied (os error 13)\n"
DEFAULT = "Defaulting to user installation because normal site-packages is not writeable"
PIP_EXE = "c:\\p\\scripts\\pip.exe"
PIP = "/usr/lib/python3/dist-packages/pip/_internal/commands/install.py"


def explain(text: str) -> explanation.Explanation:
    reader = LogReader()
    reader.feed(text.encode())
    return explanation.explain(reader.finish())


def case(name: str, *values: object) -> object:
    return pytest.param(*values, id=name)


@pytest.mark.parametrize(
    "line",
    [
        case("no level", f"{OS}'{SITE}'"),
        case("other capitals", f"error: {OS.lower()}'{SITE}'"),
        case("a heading", f"# {DENIED} Consider using"),
        case("a quotation", f"> {DENIED}"),
        case("a bullet", f"* {DENIED}"),
        case("in backticks", f"I get `{DENIED}` here"),
        case("behind three", f"```{DENIED}\n{HINT}```"),
        case("a code block", f"The error is here:\n\n    {DENIED}\n\nand I do not know"),
        case("another time stamp", f"2026-01-02 03:04:05.678 {DENIED}"),
        case("in brackets", f"[2026-01-02 03:04:05] │ {DENIED}"),
        case("seconds", f"10.88 {DENIED}"),
        case("docker", f"#8 2.007 {DENIED}"),
        case("compose", f"web_1  | {DENIED}"),
        case("kubernetes", f"2026-01-02T03:04:05.6Z stderr F {DENIED}"),
        case("vagrant", f"==> default: {DENIED}"),
        case("a logger", f"2026-01-02 03:04:05 ERROR (Worker_2) [x.y] No six: {DENIED}"),
        case("two loggers", f"web | 2026-01-02 03:04:05.6 ERROR (W) [x] No six: {DENIED}"),
        case(
            "distutils of Python 2",
            f"Installing collected packages: six\nerror: {SITE}: Permission denied",
        ),
        case("JSON", '{"rc": 1, "msg": "Collecting six\\n' + DENIED.replace('"', '\\"') + '\\n"}'),
        case("JSON in Ansible", 'fatal: [h]: FAILED! => {"stderr": "WARNING: x\\n' + DENIED + '"}'),
        case("flowed", f"Collecting six Installing collected packages: six {DENIED} {HINT}"),
        case("behind a progress bar", f"|████ | 1.7 MB 4.4 MB/s eta 0:00:02{DENIED}"),
        case("broken", DENIED.replace(" packages due", "\npackages due")),
        case("the path on the next line", DENIED.replace(": '/", ":\n\n'/")),
        case("broken in a comment", f"# {DENIED}".replace("an OS", "an \n# OS")),
        case("a quote is missing", f"I get `{DENIED[:-1]}`"),
        case("errored", f"Error: Command '['pip', 'install', 'six']' errored\n{DENIED}"),
    ],
)
def test_finds_pips_words_wherever_they_stand(line: str) -> None:
    found = explain(f"{line}\n")
    assert (found.trigger and found.trigger.value, found.path) == ("permission-denied", SITE)


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        case("no full stop", f"ERROR: {VIRTUALENV}\n", "virtualenv-required"),
        case("in quotes", f'> pip install x\n\n"ERROR: {VIRTUALENV}"\n', "virtualenv-required"),
        case("in prose", f"`pip install x` fails with `{VIRTUALENV}.`\n", "virtualenv-required"),
        case(
            "typed off",
            "I see `Can not perform a '-- user install, user site\n",
            "user-site-",
        ),
        case("--user in a sentence", f"I get `ERROR: {USER}`\n", "user-site-unavailable"),
        case("wrapped", f"ERROR: {USER}".replace("in this", "in\n this"), "user-site-unavailable"),
        case("PEP 668 in prose", f"The error was `{MANAGED}`\n", "externally-managed"),
        case(
            "its second line",
            "\u00d7 This environment is externally managed\n",
            "externally-managed",
        ),
        case("PEP 668 behind a menu", f"? Go on: [Yes]\n    {MANAGED}\n", "externally-managed"),
        case("a user install", f"x | {DEFAULT}\nx | Collecting y\n", "default-to-user"),
        case("only the hint", f"...\n{HINT}\n", "permission-denied"),
        case("without its number", "ERROR: Could not install packages due to an OSError\n", None),
        case("satisfied", f"{DEFAULT}\nRequirement already satisfied: y in /x (1)\n", None),
        case("a summary", f"Summary: {DEFAULT}\nCollecting y\n", None),
    ],
)
def test_reads_pips_sentences_in_every_form(text: str, trigger: str | None) -> None:
    found = explain(text).trigger
    assert (None if found is None else found.value[: len(trigger or "")]) == trigger


@pytest.mark.parametrize(
    ("path", "diverts"),
    [
        ("/.local", True),
        ("/", True),
        ("/home/you", True),
        ("/home/you/.local/share/man/man1/x.1", True),
        ("/usr/local/etc/jupyter", True),
        ("/home/you/.pyenv/versions/3.10.1/etc/jupyter/nbconfig", True),
        ("/lib/python3.10", True),
        ("/Library/Python/3.8", True),
        ("/Library/Frameworks/Python.framework/Versions/3.8/lib", True),
        ("/srv/unknown/root", False),
        ("/usr/local/locale", True),
        ("RECORD", True),
    ],
)
def test_where_pip_says_that_it_could_not_install_the_path_is_a_place(
    path: str, diverts: object
) -> None:
    found = explain(f"ERROR: {OS}'{path}'\n{HINT}\n")
    assert found.path == path
    assert found.would_divert is diverts


@pytest.mark.parametrize(
    "path",
    [
        "/home/you/.cache/pip/wheels/2f",
        "/var/folders/x1/T/pip-build-9/six",
        "/tmp/pip-install-x1/six/setup.py",
        "/home/you/build/lib/six",
        "/var/log/pip.log",
        "/home/you/requirements-dev.txt",
        "/home/you/report.json",
        "/home/you/six-1.0-py3-none-any.whl",
        "/home/you/proj/six.egg-info",
        "requirements.txt",
    ],
)
def test_unless_it_looks_like_something_else(path: str) -> None:
    assert explain(f"ERROR: {OS}'{path}'\n").trigger is None


FRAME = '  File "{}", line 1, in main\n    pass\n'
HEAD = "Traceback (most recent call last):\n"
ERROR = f"PermissionError: [Errno 13] Permission denied: '{SITE}'\n"
CHAINED = "\nDuring handling of the above exception, another exception occurred:\n\n"
STDLIB = FRAME.format("/usr/lib/python3.9/shutil.py")
OTHERS = FRAME.format("/usr/lib/python3/dist-packages/celery/app.py")
PIPS = FRAME.format(PIP)


@pytest.mark.parametrize(
    ("text", "is_pips"),
    [
        case("pip's", HEAD + PIPS + STDLIB + ERROR, True),
        case("pip's, after another", HEAD + STDLIB + ERROR + CHAINED + HEAD + PIPS, True),
        case("its end alone", STDLIB + ERROR, True),
        case("its last line alone", ERROR, True),
        case("another program's", HEAD + OTHERS + STDLIB + ERROR, False),
        case("another's, without its head", OTHERS + ERROR, False),
        case("told by the second", HEAD + STDLIB + ERROR + CHAINED + HEAD + OTHERS, False),
        case("pytest's", f"E    {ERROR}", False),
        case("a download", HEAD + PIPS.replace("install.py", "download.py") + ERROR, True),
    ],
)
def test_another_programs_traceback_is_not_pips(text: str, is_pips: object) -> None:
    assert (explain(text).trigger is not None) is is_pips


@pytest.mark.parametrize(
    "text",
    [
        case("nested", f"Collecting x\n      {DENIED}\n"),
        case("nested, the margin comes later", f"      {DENIED}\nCollecting x\n"),
        case("nested behind a logger", f"1.23 Collecting x\n1.30       {DENIED}\n"),
        case("setup.py by hand", f"$ ./setup.py install\nerror: could not create '{SITE}': x\n"),
        case("make", f"$ make install\nerror: could not create '{SITE}': Permission denied\n"),
        case("a file in use", f"ERROR: {OS}".replace("Errno 13", "WinError 32") + f"'{SITE}'\n"),
        case(
            "pip.exe",
            f"{WIN}{PIP_EXE!r}\n",
        ),
        case("a loaded library", WIN + r"'d:\\e\\x.pyd'"),
        case(
            "uv",
            "error: Failed to install: x\n  Caused by: `/usr/lib`: Permission denied (os error 13)",
        ),
        case("another program", "[Errno 13] Permission denied: '/usr/local/share/jupyter'\n"),
        case(
            "a requirements file", "ERROR: Could not open requirements file: [Errno 13] …: 'r.txt'"
        ),
    ],
)
def test_leaves_alone_what_is_not_pips_denied_install(text: str) -> None:
    assert explain(text).trigger is None


# What is no denial


@pytest.mark.parametrize(
    ("text", "says", "command"),
    [
        case(
            "off PATH",
            "WARNING: The script foo is installed in '/home/you/.local/bin' which is not on PATH.\n"
            "Successfully installed foo-1.0\n$ foo\nbash: foo: command not found\n",
            "foo is installed, but its folder /home/you/.local/bin is not on PATH",
            'export PATH="/home/you/.local/bin:$PATH"',
        ),
        case(
            "not found, zsh",
            "Successfully installed foo-1.0\nzsh: command not found: foo\n",
            "the shell does not find foo",
            "safepip where foo",
        ),
        case(
            "another Python",
            "Successfully installed numpy-1.0\nModuleNotFoundError: No module named 'numpy'\n",
            "numpy is installed for one Python",
            "python3 -m pip install numpy",
        ),
        case(
            "a module of another name",
            "ModuleNotFoundError: No module named 'cv2'\n",
            "has no module cv2",
            "python3 -m pip install opencv-python",
        ),
        case(
            "an upgrade that changed nothing",
            "$ pip install -U foo\nRequirement already satisfied: foo in /usr/lib/x (1.0)\n",
            "Nothing was upgraded: pip found foo 1.0 in /usr/lib/x",
            "python3 -m pip index versions foo",
        ),
        case(
            "already there",
            "$ pip install foo\nRequirement already satisfied: foo in /usr/lib/x (1.0)\n",
            "Already installed: foo 1.0 in /usr/lib/x",
            "python3 -m pip install --upgrade foo",
        ),
        case(
            "uv's own error",
            "$ uv pip install --system foo\nerror: The interpreter at /usr is externally managed\n",
            "This error is uv's, not pip's: it may not write to /usr",
            "uv venv && uv pip install foo",
        ),
        case(
            "setup.py's own error",
            f"$ python3 setup.py install\nerror: could not create '{SITE}': Permission denied\n",
            "This error is setup.py's, not pip's",
            "safepip install .",
        ),
    ],
)
def test_answers_what_is_no_denial(text: str, says: str, command: str) -> None:
    found = explain(text)
    assert found.trigger is None
    assert says in wording.tell(found).what
    assert command in [advice.command for advice in found.advice]


@pytest.mark.parametrize(
    ("log", "tool", "remedy"),
    [
        case(
            "docker",
            f" > [2/9] RUN pip install six:\n0.756 {DENIED}\n------\nfailed to solve: process\n",
            "docker build",
            Remedy.IN_DOCKERFILE,
        ),
        case(
            "conda",
            f"Pip subprocess error:\n{DENIED}\nCondaEnvException: x\n",
            "conda",
            Remedy.IN_CONDA,
        ),
        case("tox", f"{DENIED}\nERROR: could not install deps [six]\n", "tox", Remedy.IN_TOX),
        case("poetry", f"[VenvCommandError]\n{DENIED}\n", "poetry", Remedy.IN_POETRY),
        case("Ansible", f"TASK [x] ***\n{DENIED}\n", "Ansible", Remedy.IN_ANSIBLE),
        case(
            "ensurepip", f"$ python3 -m ensurepip\n{DENIED}\n", "ensurepip", Remedy.OWN_PIP_IN_VENV
        ),
    ],
)
def test_says_which_tool_ran_pip_and_what_helps_there(log: str, tool: str, remedy: Remedy) -> None:
    found = explain(log)
    assert found.tool == tool
    assert found.trigger is not None
    assert found.advice[0].remedy is remedy


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Unable to install package six==1.0: {}\n", "six==1.0"),
        ("Installing collected packages: dep, six\n{}\n", "six"),
        ("Requirement already satisfied: six in /x (1.0)\n{}\n", "six"),
        ("When I run `pip3 install six` I get:\n{}\n", "six"),
        ("`sudo pip3 install -r r.txt`\n\n{}\n", "-r r.txt"),
        ('Then **"python -m pip install --upgrade six"** says:\n{}\n', "--upgrade six"),
        ("Collecting dep\nInstalling collected packages: dep, six\n{}\n", "six"),
        ("Collecting six>=1\nInstalling collected packages: dep, six\n{}\n", "'six>=1'"),
    ],
)
def test_the_mend_has_the_name_that_the_log_shows(text: str, name: str) -> None:
    found = explain(text.format(DENIED))
    assert found.advice[1].command == f"safepip install {name}"


@pytest.mark.parametrize(
    "text",
    [
        "$ sudo pip3 install --upgrade pip\n{}\n",
        "\u279c  x git:(main) \u2717 sudo pip3 install --upgrade pip\n{}\n",
        "Downloading/unpacking pip from https://host/pip-9.whl#md5=1\n{}\n",
        "Collecting pip\n{}\n",
    ],
)
def test_an_upgrade_of_pip_alone_is_seen_without_a_command(text: str) -> None:
    assert explain(text.format(DENIED)).why_not is WhyNot.PIP_ALONE


# No verdict on what is not known


def test_a_directory_is_never_told_to_do_without_a_build() -> None:
    failed = "error: subprocess-exited-with-error\n"
    assert Remedy.WITHOUT_BUILD not in [
        a.remedy for a in explain(f"$ pip install .\n{failed}").advice
    ]
    assert Remedy.WITHOUT_BUILD in [a.remedy for a in explain(f"$ pip install x\n{failed}").advice]


def test_a_folder_is_the_users_only_where_the_log_shows_it() -> None:
    denied = f"ERROR: {OS}'/home/svc/.local/lib'\n"
    assert explain(denied).advice[-1].remedy is Remedy.OWNER_IF_YOURS
    assert explain(f"{DEFAULT}\nCollecting x\n{denied}").advice[-1].remedy is Remedy.OWNER_AGAIN


@pytest.mark.parametrize("home", ["/.local", "/.local/lib", "/nonexistent", "/"])
def test_no_folder_of_the_system_is_to_be_given_away(home: str) -> None:
    denied = f"ERROR: {OS}'{home}'\n"
    for text in (denied, f"{DEFAULT}\nInstalling collected packages: x\n{denied}"):
        assert explain(text).advice[-1].remedy is Remedy.SET_HOME


def test_an_unknown_failure_is_not_judged() -> None:
    told = wording.tell(explain("ERROR: nobody has seen this before\n"))
    assert "would not have helped" not in told.verdict
    assert "to know more" in told.advice[0][0]


TRACEBACK = 'Traceback (most recent call last):\n  File "{}", line 3, in <module>\n'
CACHED = "OSError: [Errno 13] Permission denied: '/srv/tool/cache'\n"


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        case("another program's", TRACEBACK.format("/srv/tool.py") + CACHED, "not-pips"),
        case("no traceback at all", f"I get {CACHED}", "not-pips"),
        case("uv's build", "error: [Errno 1] Operation not permitted: '/srv/x'\n", "not-pips"),
        case("pip's own", TRACEBACK.format(PIP) + CACHED, "not-ours"),
        case("pip had begun", f"Collecting six\n{CACHED}", "not-ours"),
        case("pip's sentence", f"ERROR: {OS}'/srv/tool/cache'\n", "not-ours"),
        case("cut off", f"ERROR: {OS}'/srv/tool/cache", "not-ours"),
    ],
)
def test_an_error_is_called_pips_only_where_the_log_shows_it(text: str, failure: str) -> None:
    found = explain(text)
    assert (found.trigger, found.failure) == (None, failure)
    assert found.path in {"/srv/tool/cache", "/srv/x"}
    assert ("it was pip" in wording.tell(found).what) is (failure == "not-pips")


@pytest.mark.parametrize(
    "text",
    [
        case("a bare name", "Error: [Errno 13] Permission denied: 'python'\n"),
        case("in the line before", "mkdir: cannot create '/opt/x'\n: Permission denied\n"),
    ],
)
def test_no_path_is_said_to_be_missing_but_in_that_line(text: str) -> None:
    what = wording.tell(explain(text)).what
    assert "something whose full path the line below does not give" in what


OLD = "Installing collected packages: six\nException:\nTraceback (most recent call last):\n"
SHUTIL = '  File "/usr/lib/python3.6/shutil.py", line 538, in move\n    os.rename(src, real_dst)\n'


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        case("the first line alone", f"{DEFAULT}\n", TriggerName.DEFAULT_TO_USER),
        case("quoted in a sentence", f'It says "  {DEFAULT}"\n', TriggerName.DEFAULT_TO_USER),
        case(
            "frames left out",
            f"{OLD}{SHUTIL}PermissionError: [Errno 13] Permission denied: '{SITE}'\n",
            TriggerName.PERMISSION_DENIED,
        ),
        case(
            "the path left out",
            f'{OLD}  File "{PIP}", line 1, in run\nOSError: [Errno 13] Permission denied:\n',
            TriggerName.PERMISSION_DENIED,
        ),
        case("it failed otherwise", f"{DEFAULT}\nERROR: x\n", None),
        case("all was there", f"{DEFAULT}\nRequirement already satisfied: six in /x\n", None),
    ],
)
def test_what_a_log_has_kept_is_enough(text: str, trigger: TriggerName | None) -> None:
    assert explain(text).trigger is trigger


def test_a_denial_in_anybodys_words_is_not_passed_over() -> None:
    denied = "install: cannot create regular file '/usr/local/bin/six': Permission denied\n"
    found = explain(denied)
    assert (found.failure, found.path) == ("not-pips", "/usr/local/bin/six")
    done = explain(f"Collecting six\n{denied}Successfully installed six-1.0\n")
    assert done.happened is explanation.Happened.SUCCEEDED


def test_what_is_missing_after_an_install_is_looked_for_by_its_name() -> None:
    found = explain("`pip install six --user`\n\n$ six\nsix: command not found\n")
    assert found.happened is explanation.Happened.NO_COMMAND
    installed = "Successfully installed click-8 six-1 zipp-3\n"
    found = explain(f"{installed}/usr/bin/python3: No module named six\n")
    assert found.groups == ("six", "six")


def test_what_has_no_name_is_called_so() -> None:
    assert "?" not in wording.tell(explain("PermissionError: [Errno 13] Permission denied\n")).what


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("sh: 1: sudo: not found\n", "no-sudo"),
        ("bash: sudo: command not found\n", "no-sudo"),
        ("you is not in the sudoers file.  This incident will be reported.\n", "no-sudo"),
        ("-bash: /x/.venv/bin/pip: /y/bin/python: bad interpreter: No such file\n", "broken-pip"),
        ("Fatal error in launcher: Unable to create process using x\n", "broken-pip"),
        ("sudo: pip: command not found\n", "no-pip"),
        ("ImportError: cannot import name 'main' from 'pip' (/usr/x)\n", "broken-pip"),
        ("ModuleNotFoundError: No module named 'pip._internal'\n", "broken-pip"),
    ],
)
def test_a_pip_that_never_ran_is_told(text: str, failure: str) -> None:
    assert explain(f"$ pip install six\n{text}").failure == failure


def test_scripts_off_the_path_are_told_how_to_be_run() -> None:
    where = "installed in '/home/you/.local/bin' which is not on PATH."
    found = explain(f"WARNING: The script six is {where}\n")
    assert [a.remedy for a in found.advice] == [Remedy.ADD_TO_PATH, Remedy.SEE_PATH]


def test_the_advice_reads_as_one_list() -> None:
    lines = wording.as_lines(explain(f"$ pip install six\n{DENIED}\n"))
    assert lines[2:] == (
        "For now: install into a virtual environment of your own:",
        "    python3 -m venv .venv && .venv/bin/python -m pip install six",
        "Or let safepip choose the place:",
        "    safepip install six",
        "For good: let safepip stand in for pip in your shell:",
        "    safepip init bash --install",
    )


# The tables

SHORTER = {explanation.Happened.NO_COMMAND, explanation.Happened.NO_MODULE}
"""They have two groups."""


def test_there_are_words_for_every_row() -> None:
    assert set(words_for_failures.SAYS) == {f.name for f in FAILURES if not f.after}
    assert set(wording.ADVICE) == set(Remedy)
    assert set(wording.KINDS) == set(explanation.Place)
    assert set(wording.WHY_NOT) == {*WhyNot, None}
    for happened in explanation.Happened:
        for verdict in explanation.Verdict:
            said = explanation.Explanation(
                happened=happened, verdict=verdict, failure="crash", groups=("x", "y", "z")[:3]
            )
            assert happened in SHORTER or wording.tell(said).verdict.endswith(".")
    used = {r for f in FAILURES for r, _, _ in f.remedies} | {tool.remedy for tool in TOOLS}
    assert used <= set(Remedy)
