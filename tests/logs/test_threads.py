"""Logs as threads hold them: program code, other languages, what somebody wrote around them."""

from __future__ import annotations

import pytest

from safepip.logs.explanation import Happened
from safepip.logs.failures import FAILURES, NO_HELP
from safepip.logs.remedies import Remedy
from safepip.model.triggers import TriggerName
from safepip.wording import explanation as wording
from tests.logs.test_signs import DENIED, HEAD, HINT, OS, SITE, case, explain

BREW = "Warning: The post-install step did not complete successfully\n"
PYTHON2 = "/System/Library/Frameworks/Python.framework/Versions/2.7/share/six"
WHEEL = "Installing collected packages: six\n"
PIP = "/usr/lib/python3/dist-packages/pip"
MAIN = f"{PIP}/req/req_set.py"


def commands(text: str) -> list[str | None]:
    return [advice.command for advice in explain(text).advice]


# Whose words they are


@pytest.mark.parametrize(
    "code",
    [
        case("a list", 'says = [\n    "{}",\n    "x",\n]'),
        case("a loop", "for text in [\n    '{}',\n    'x',\n]:"),
        case("an argument", 'expect(\n    "{}"\n)'),
        case("a vector", 'let said = vec![\n    "{}",\n];'),
        case("bytes", "tell(\n    b'{}'\n    b'x',\n)"),
    ],
)
@pytest.mark.parametrize(
    "said", [f'ERROR: {OS}\\"{SITE}\\"', "error: externally-managed-environment"]
)
def test_texts_below_one_another_are_a_programs(code: str, said: str) -> None:
    assert explain(f"{code.format(said)}\n").trigger is None


def test_what_follows_a_bracket_without_quotes_is_a_logs() -> None:
    assert explain(f"It said (\n{DENIED}\n)\n").path == SITE


@pytest.mark.parametrize("line", ["`{}`", "I run it: `{}`", "`{}", "{}`"])
def test_markdowns_quote_is_no_part_of_a_path(line: str) -> None:
    said = f"[Errno 13] Permission denied: {SITE}"
    assert explain(line.format(f"ERROR: {OS.partition('[')[0]}{said}") + "\n").path == SITE


def test_markdowns_quote_may_stand_for_pips() -> None:
    said = (
        f"I get `OSError: [Errno 13] Permission denied: '{SITE}`\n\nI run pip on a Mac, it's new\n"
    )
    assert explain(said).path == SITE


@pytest.mark.parametrize(
    ("said", "path"),
    [
        case("Spanish", "Error: [Errno 13] Permiso denegado: '/srv/tool.log'", "/srv/tool.log"),
        case("behind words", "[WARNING]: Not so: [Errno 13] Отказано: '/srv/x'", "/srv/x"),
        case(
            "npm", "{ [Error: EACCES, unlink '/usr/lib/node_modules/x']", "/usr/lib/node_modules/x"
        ),
        case("npm in its data", "Error: EACCES, unlink '/usr/x'\n{ code: 'EACCES',", "/usr/x"),
        case("npm without a path", "npm ERR! code EACCES", None),
        case("no path", "Error: [Errno 13] Keine Berechtigung: 'python'", None),
    ],
)
def test_what_any_program_was_denied_in_any_language(said: str, path: str | None) -> None:
    found = explain(f"{said}\n")
    assert (found.trigger, found.failure, found.path) == (None, "not-pips", path)


def test_a_program_that_could_not_be_started_is_no_place() -> None:
    denied = "[WinError 5] Отказано в доступе"
    ran = f"ERROR: Error {denied} while executing command python setup.py egg_info\n"
    message = f"ERROR: Could not install packages due to an OSError: {denied}\n{HINT}\n"
    found = explain(ran + message)
    assert (found.trigger, found.failure) == (None, "no-git")
    assert wording.tell(found).what == "pip could not start python, a program that it needs."
    assert explain(message).trigger is TriggerName.PERMISSION_DENIED


# Where it was to go


@pytest.mark.parametrize(
    "path", ["lib/python3.9/site-packages/six.py", "Lib\\site-packages\\six.py", "six.py"]
)
def test_a_path_that_begins_anywhere_is_judged_as_one(path: str) -> None:
    found = explain(f"{WHEEL}ERROR: {OS}'{path}'\n")
    assert (found.trigger, found.path) == (TriggerName.PERMISSION_DENIED, path)


@pytest.mark.parametrize("place", ["/usr/local/LICENSE", "/usr/README.rst", PYTHON2])
def test_a_file_of_data_lies_in_the_prefix_itself(place: str) -> None:
    said = f"error: could not create '{place}': Permission denied\n"
    found = explain(f"Running setup.py install for six: started\n    running install\n{said}")
    assert (found.trigger, found.path) == (TriggerName.PERMISSION_DENIED, place)


@pytest.mark.parametrize(
    "before", ["Adding six 1.16 to easy-install.pth file\n", "I ran `python3 setup.py`:\n"]
)
def test_a_setup_py_shows_by_its_own_words_or_who_ran_it(before: str) -> None:
    said = f"error: could not create '{SITE}': Permission denied\n"
    found = explain(before + said)
    assert (found.trigger, found.tool, found.path) == (None, "setup.py", SITE)


# What is advised


def test_a_formula_of_homebrews_is_no_project_to_install() -> None:
    found = explain(f"{BREW}==> /opt/x/bin/python3 -m pip install\nPermissionError: {DENIED}\n")
    assert not [a for a in found.advice if a.command and a.command.endswith("install .")]


def test_a_file_system_that_is_read_only_has_no_other_owner() -> None:
    home = "/home/you/.local/lib/python3.9/site-packages/six.py"
    said = f"$ pip install six\nERROR: {OS}'{home}'\n"
    assert Remedy.OWNER_IF_YOURS in {advice.remedy for advice in explain(said).advice}
    only = explain(said.replace("[Errno 13] Permission denied", "[Errno 30] Read-only file system"))
    assert only.trigger is TriggerName.READ_ONLY
    assert Remedy.OWNER_IF_YOURS not in {advice.remedy for advice in only.advice}


@pytest.mark.parametrize(
    ("before", "command"),
    [
        case(
            "a file that asked",
            "Requirement already satisfied: idna in /x (from -r r.txt (line 2)) (3.4)",
            "safepip install -r r.txt",
        ),
        case(
            "a file that asked for another",
            "Requirement already satisfied: idna in /x (from requests->-r r.txt (line 2)) (3.4)",
            "safepip install NAME",
        ),
        case(
            "a word processor's dash",
            "$ pip install \u2013upgrade six",
            "safepip install --upgrade six",
        ),
        case("its option in front", "$ pip --upgrade install six", "safepip install --upgrade six"),
        case(
            "uv behind another",
            "RUN x && uv pip install --system -r r.txt",
            "safepip install -r r.txt",
        ),
        case(
            "a name before a build's",
            "I did pip install requests\nRunning setup.py install for idna",
            "safepip install requests",
        ),
    ],
)
def test_the_command_asks_for_what_was_asked_for(before: str, command: str) -> None:
    assert command in commands(f"{before}\n{DENIED}\n")


def test_a_command_behind_an_upgrade_of_pip_is_another_install() -> None:
    pips = f"ERROR: {OS}'/usr/lib/python3/dist-packages/pip-24.0.dist-info'\n"
    assert not [c for c in commands(f"{pips}\n$ pip install six\n") if c and "six" in c]


def test_a_pip_that_runs_while_it_is_removed_is_run_by_python() -> None:
    exe = r"C:\\Temp\\pip-uninstall-71pdwakp\\pip.exe"
    said = f"ERROR: Could not install packages due to an OSError: [WinError 5] …: '{exe}'\n"
    found = explain(f"Installing collected packages: pip\n{said}")
    assert (found.failure, found.advice[0].command) == (
        "self-upgrade",
        "py -m pip install --upgrade pip",
    )


# What is no denial


@pytest.mark.parametrize(
    "said",
    [
        "ERROR: Cannot uninstall six 1.16, RECORD file not found. Hint: installed by debian.",
        "ERROR: Cannot uninstall 'six'. It is a distutils installed project and thus we cannot",
        "error: uninstall-no-record-file\n\n\u00d7 Cannot uninstall six 1.16.0",
    ],
)
def test_what_another_tool_installed_is_not_replaced(said: str) -> None:
    found = explain(f"$ pip install --upgrade six\n{WHEEL}{said}\n")
    assert (found.trigger, found.failure, found.groups) == (None, "no-record", ("six",))
    assert found.advice[0].remedy is Remedy.VENV


def test_an_old_pip_says_otherwise_that_there_is_none() -> None:
    found = explain("Downloading/unpacking odd\nNo distributions at all found for odd\n")
    assert (found.failure, found.groups[0]) == ("no-match", "odd")


def test_the_last_script_of_several_has_no_comma() -> None:
    said = "  WARNING: The scripts pip, pip3 and pip3.8 are installed in '/x' which is not on PATH."
    assert "pip was installed into /x" in wording.tell(explain(f"{WHEEL}{said}\n")).what


def test_an_error_that_nobody_knows_is_not_said_to_be_pips() -> None:
    ran = "The command '/bin/sh -c apk add x' returned a non-zero code: 1"
    what = wording.tell(explain(f"ERROR: unsatisfiable constraints:\n{ran}\n")).what
    assert "docker build" in what
    assert "pip" not in what.replace("safepip", "")


def test_data_of_a_setup_py_is_pips_where_anything_speaks_of_pip() -> None:
    said = "creating /usr/share/odd\nerror: could not create '/usr/share/odd': Permission denied\n"
    assert explain(said).trigger is None
    assert explain(f"$ pip install odd\n{said}").trigger is TriggerName.PERMISSION_DENIED


@pytest.mark.parametrize(
    ("said", "path"),
    [
        case("macOS", "mkdir: /usr/bin/odd: Operation not permitted", "/usr/bin/odd"),
        case("Go", "mkdir /var/lib/odd: read-only file system", "/var/lib/odd"),
    ],
)
def test_programs_are_denied_in_words_of_their_own(said: str, path: str) -> None:
    found = explain(f"{said}\n")
    assert (found.trigger, found.failure, found.path) == (None, "not-pips", path)


def test_conda_may_have_no_folder_for_environments() -> None:
    what = wording.tell(explain("NoWritableEnvsDirError: No writeable envs.\n")).what
    assert what.startswith("This error is conda's")


# What came of it


@pytest.mark.parametrize("command", ["pip list", "python3 -m pip config set global.x true"])
@pytest.mark.parametrize("order", ["{0}\n{1}", "{1}\n{0}"])
def test_what_only_reads_was_not_denied(command: str, order: str) -> None:
    refused = "error: externally-managed-environment\n"
    assert explain(order.format(f"$ {command}", refused)).would_divert


def test_a_python_without_ssl_has_no_wrong_certificate() -> None:
    said = 'SSLError("Can\'t connect to HTTPS URL because the SSL module is not available.")'
    assert explain(f"Could not fetch URL https://x/simple/: {said}\n").failure == "no-ssl"


def test_a_text_of_python_2_has_a_letter_before_it() -> None:
    assert explain("ERROR: Invalid requirement: u'odd one'\n").groups == ("odd one",)


@pytest.mark.parametrize("indent", ["", "  "])
def test_a_folder_that_may_not_be_moved_aside_is_denied(indent: str) -> None:
    moved = f"Cannot move the non-empty directory '{SITE}/': Lacking write permission to '{SITE}/'."
    said = f"{indent}ERROR: Could not install packages due to an OSError: {moved}\n"
    assert explain(f"{WHEEL}{said}").trigger is TriggerName.PERMISSION_DENIED


# What is said of it, without a path or around one


def test_the_last_words_of_an_install_need_no_path() -> None:
    said = "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied\n"
    found = explain(f"Collecting six\n{said}")
    assert (found.trigger, found.path) == (TriggerName.PERMISSION_DENIED, None)


@pytest.mark.parametrize(
    ("frame", "trigger"),
    [
        ("install.py", None),
        ("req_set.py", TriggerName.PERMISSION_DENIED),
        ("download.py", None),
    ],
)
def test_a_traceback_without_a_path_shows_what_pip_was_doing(
    frame: str, trigger: TriggerName | None
) -> None:
    function = {"install.py": "run", "req_set.py": "install", "download.py": "unpack_url"}[frame]
    head = 'Exception:\nTraceback (most recent call last):\n  File "/usr/lib/python2.7/'
    code = f'{head}dist-packages/pip/req/{frame}", line 784, in {function}\n    **kwargs\n'
    found = explain(f"{code}OSError: [Errno 13] Permission denied\n")
    assert found.trigger is trigger
    assert explain(f"# It says OSError: [Errno 13] Permission denied:\n{code}").trigger is trigger


def test_what_pip_moved_aside_is_pips_wherever_it_is_told() -> None:
    old = f"/var/folders/3z/T/pip-S0uXRS-uninstall{PYTHON2}"
    found = explain(
        f"('{PYTHON2}', '{old}',\n\"[Errno 1] Operation not permitted:\n'{old}'\"), (\n"
    )
    assert (found.trigger, found.path) == (TriggerName.PERMISSION_DENIED, PYTHON2)


def test_a_pip_that_lies_aside_already_only_runs() -> None:
    old = r"C:\\Temp\\pip-61og-uninstall\\program files\\python35\\scripts\\pip.exe"
    assert explain(f"{WHEEL}PermissionError: [WinError 5] Nein: '{old}'\n").trigger is None


def test_data_of_a_setup_py_may_go_anywhere() -> None:
    said = "error: could not create '{}': Permission denied\n"
    told = "I wanted to install odd with pip:\nrunning install\n"
    assert explain(told + said.format("/srv/odd/x")).path == "/srv/odd/x"
    assert explain(told + said.format("/srv/odd/build/x")).trigger is None
    assert explain(f"running install\n{said.format('/srv/odd/x')}").trigger is None
    built = f"Collecting odd\n  Building wheel for odd: started\n    {said.format('/srv/odd/x')}"
    assert explain(built).trigger is None


@pytest.mark.parametrize(
    "text",
    [
        case("a command", "$ pip install **six**"),
        case("a line", "**pip install six**"),
        case("a sentence", "I ran *pip install six*:"),
        case("another language", "\u8fd0\u884c\u5230 pip install six \u8fd9\u4e00\u6b65"),
        case("what it did", "pip install six gives"),
    ],
)
def test_a_name_ends_where_the_text_around_it_begins(text: str) -> None:
    assert "safepip install six" in commands(f"{text}\n{DENIED}\n")


def test_all_the_names_stand_before_another_language() -> None:
    assert "safepip install six idna" in commands(f"pip install six idna \u5931\u8d25\n{DENIED}\n")


@pytest.mark.parametrize(
    ("said", "failure", "path"),
    [
        case("conda's", "Collecting package metadata: done\n{}'/srv/x'", "not-pips", "/srv/x"),
        case("an image", "ERROR: failed: 'odd/x:1.2': permission denied", "not-pips", None),
        case("read", "can't open file '/root/x.py': [Errno 13] …", "not-pips", "/root/x.py"),
        case("after it", "ERROR: odd\n{}'/srv/x'", "not-pips", "/srv/x"),
        case(
            "an account",
            "Permission denied (publickey).\nfatal: Could not read from remote repository.",
            "no-clone",
            None,
        ),
        case(
            "what builds",
            "Obtaining file:///x\n    ERROR: Command errored out with exit status 1:\n",
            "build",
            None,
        ),
        case(
            "an archive",
            f"ERROR: {OS}u'/tmp/pip-unpack-x/six.tar.gz'",
            "not-ours",
            "/tmp/pip-unpack-x/six.tar.gz",
        ),
    ],
)
def test_a_denial_is_told_with_what_was_denied(said: str, failure: str, path: str | None) -> None:
    found = explain(said.format("PermissionError: [Errno 13] …: ") + "\n")
    assert (found.trigger, found.failure, found.path) == (None, failure, path)


def test_no_place_is_judged_where_none_is_told() -> None:
    head = (
        f'Traceback (most recent call last):\n  File "{PIP}/download.py", line 1, in unpack_url\n'
    )
    what = wording.tell(explain(f"{head}PermissionError: [Errno 13] Permission denied\n")).what
    assert "pip was not allowed to read or write something" in what
    assert "look like a place" not in what


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        case("quoted", "> Invalid requirement: 'odd one'", "bad-requirement"),
        case(
            "an old pip's, indented",
            "Collecting odd\n  No distributions at all found for six (from odd)",
            "no-match",
        ),
        case(
            "half of it",
            "Collecting odd\n  Running setup.py install for odd ... error\n    error: file is gone",
            "build",
        ),
    ],
)
def test_failures_stand_behind_a_mark_or_further_in(said: str, failure: str) -> None:
    assert explain(f"{said}\n").failure == failure


def test_a_program_that_a_build_may_not_run_is_no_place() -> None:
    build = "  Running setup.py install for odd: finished with status 'error'\n"
    found = explain(f"Collecting odd\n{build}    error: [Errno 13] Permission denied: 'git'\n")
    assert (found.failure, found.inside) == ("build", None)


def test_what_is_left_of_a_path_is_none() -> None:
    assert explain(f"{WHEEL}ERROR: {OS}'/u").path is None
    assert explain(f"{WHEEL}ERROR: {OS}'/usr/lib/python3/di").path == "/usr/lib/python3/di"


# What a logger, a mail or a hand makes of it


@pytest.mark.parametrize(
    "record",
    [
        case("docker", '{{"log":"{}\\n","stream":"stderr","time":"2024-05-06T12:13:14Z"}}'),
        case("a cloud", '{{"severity": "ERROR", "message": "{}"}}'),
        case("logrus", 'time="2024-05-06T12:13:14Z" level=error msg="{}"'),
        case("Airflow", "[2024-05-06 12:13:14,123] {{subprocess.py:93}} INFO - {}"),
        case("a page", "<pre>{}</pre>"),
    ],
)
def test_a_record_holds_one_line(record: str) -> None:
    lines = [
        f'  File \\"{MAIN}\\", line 1, in install',
        f"OSError: {DENIED.partition('OSError: ')[2]}",
    ]
    if "<pre>" in record:
        lines[0] = lines[0].replace('\\"', "&quot;")
    text = "".join(record.format(line) + "\n" for line in lines)
    assert explain(text).path == SITE
    others = text.replace("/pip/", "/odd/")
    assert explain(f"Installing collected packages: odd\n{others}").trigger is None


def test_the_next_key_of_a_record_is_no_path() -> None:
    record = (
        '{"log":"It said \\"PermissionError: [Errno 13] Permission denied\\"\\n", "stream": "x"}'
    )
    assert explain(f"$ pip install x\n{WHEEL}{record}\n").path is None


@pytest.mark.parametrize(
    "said",
    [
        f"Could not install packages due to an OSError: Errno 13 Permission denied: {SITE}",
        f"Could not install packages due to an OSError: [Errno13] Permission denied: '{SITE}'",
        f"Could not install packages due to an OS Error : [Errno 13] nope : ' {SITE} '",
        f"Could not install packages due to an \n OSError: [Errno 13] Permission denied: '{SITE}'",
        f"Could not install packages due to an OSError:\n[Errno 13] Permission denied: '{SITE}'",
        f"x \"ERROR: Could not install packages due to an OSError: [Errno 1\n3] no: '{SITE}'",
    ],
)
def test_pips_last_words_are_known_as_somebody_wrote_them_down(said: str) -> None:
    assert explain(f"{said}\n").path == SITE


def test_an_error_of_pythons_in_its_own_brackets_has_no_path() -> None:
    said = "Could not install packages due to an OSError: (13, 'Permission denied')\n"
    assert (explain(said).trigger, explain(said).path) == (TriggerName.PERMISSION_DENIED, None)


@pytest.mark.parametrize("words", ["Read-only file\nsystem", "Read-\nonly file system"])
def test_the_words_of_a_setup_py_may_be_broken(words: str) -> None:
    said = f"{WHEEL}error: could not create\n'{SITE}': {words}\n"
    assert explain(said).trigger is TriggerName.READ_ONLY


def test_an_indented_headline_is_no_host_of_vagrants() -> None:
    said = f'    Exception:\n    {HEAD}      File "/usr/lib/python3.5/shutil.py", line 1, in move\n'
    assert explain(f"{said}    PermissionError: [Errno 13] …: '{SITE}'\n").path == SITE


def test_pips_record_shows_who_ran_a_setup_py() -> None:
    ran = "Command python -c x install --record /tmp/pip-x-record/install-record.txt --single-ver\n"
    said = f"running install_lib\nerror: could not create '{SITE}': Permission denied\n"
    assert explain(said).trigger is None
    assert explain(f"{said}{ran}").path == SITE


def test_what_fails_after_pip_succeeded_is_another_programs() -> None:
    done = f"$ pip install odd\n{WHEEL}Successfully installed six-1\n$ odd init\n"
    found = explain(f"{done}PermissionError: [Errno 13] Permission denied: '{SITE}'\n")
    assert (found.trigger, found.happened) == (None, Happened.SUCCEEDED)


@pytest.mark.parametrize(
    "after",
    [
        "$ python3 setup.py install\nrunning install\nerror: could not create '{}': no",
        "$ odd\nerror: [Errno 13] Permission denied: '{}'",
    ],
)
def test_a_setup_py_after_pip_succeeded_is_not_pips(after: str) -> None:
    done = f"{WHEEL}Successfully installed six-1\n"
    assert explain(f"$ pip install -r r.txt\n{done}{after.format(SITE)}\n").trigger is None
    again = f"Collecting idna\nInstalling collected packages: idna\n{DENIED}\n"
    assert explain(f"{done}{again}").path == SITE


def test_what_surely_helps_nothing_is_a_failure() -> None:
    assert {failure.name for failure in FAILURES} >= NO_HELP


def test_a_title_may_tell_another_programs_error() -> None:
    said = f"# OSError: [Errno 13] Permission denied: '{SITE}'\n\nI did pip install odd, then:\n"
    assert explain(said).trigger is TriggerName.PERMISSION_DENIED
    assert explain(f'{said}{HEAD}  File "/x/odd/app.py", line 1, in run\n').trigger is None


def test_the_way_around_an_error_is_not_what_was_run() -> None:
    assert explain(f"It says `{DENIED}`\n\nI used `pip install --user six` then\n").would_divert


def test_a_word_before_an_error_is_no_path() -> None:
    said = "Error in step 'run': [Errno 30] Read-only file system: '/x/odd/cache'\n"
    assert explain(said).path == "/x/odd/cache"


@pytest.mark.parametrize("mark", ["> ", "# ", '"'])
def test_a_log_file_that_is_denied_may_be_quoted(mark: str) -> None:
    said = f"{WHEEL}--- Logging error ---\n{HEAD}{{}}Arguments: ()\n"
    said = said.format(f"  File \"{MAIN}\", line 1, in install\nOSError: [Errno 13] no: '{SITE}'\n")
    lines = said.splitlines(keepends=True)
    assert explain(mark + mark.join(lines)).trigger is None
    assert explain(mark + mark.join([*lines, f"{DENIED}\n"])).path == SITE


def test_what_pip_renamed_is_only_in_use() -> None:
    said = "ERROR: Could not install packages due to an OSError: [WinError 5] Access is denied: "
    place = r"C:\\Program Files\\Python39\\Lib\\site-packages\\{}\\x.pyd"
    assert explain(f"{said}'{place.format('~umpy')}'\n").failure == "file-in-use"
    assert explain(f"{said}'{place.format('numpy')}'\n").trigger is TriggerName.PERMISSION_DENIED


def test_a_command_of_pips_shows_who_ran_a_setup_py() -> None:
    said = f"error: could not delete '{SITE}': Permission denied\n"
    assert "safepip install odd" in commands(f"# {said}\npip install odd\nrunning install\n{said}")


@pytest.mark.parametrize(
    ("text", "is_pips"),
    [
        ("I have pip. When I run sudo python setup.py install I get:\n{}", False),
        ("$ pip install odd\n{}\nYou could do python3 setup.py install instead.\n", True),
        ("I wanted to install it through pip:\n{}", True),
    ],
)
def test_a_sentence_tells_who_ran_a_setup_py(text: str, is_pips: bool) -> None:
    said = f"running install\nerror: could not create '{SITE}': Permission denied\n"
    assert (explain(text.format(said)).trigger is not None) is is_pips
