"""What else goes wrong with pip: the common failures that are no denied install.

Pure. ``FAILURES`` is the table; the first row that a log shows says most about it. ``clues.py``
looks for them in a log; ``wording/failures.py`` says what they mean.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from safepip.logs.needles import needle_of
from safepip.logs.remedies import Remedy

_R = Remedy


class Failure(NamedTuple):
    """One kind of failure: how it is recognised, what helps."""

    name: str
    signs: tuple[str, ...]
    """Patterns of lines of pip's own at their beginning, without its ``ERROR: ``."""
    remedies: tuple[tuple[Remedy, str | None, bool], ...] = ()
    """What to do, the command (``advice.py`` fills it), whether that mends it for good."""
    path: int | None = None
    """The group that is a path."""
    overcome: bool = False
    """What pip succeeds with afterwards shows that it was not in the way."""
    harmless: bool = False
    """pip goes on all the same."""
    of_pip: bool = False
    """It counts only where pip says so."""
    of_any: bool = False
    """Any program said so: where pip succeeded it does not count."""
    after: bool = False
    """Not pip's failure: it shows after an install, when something is to be run or imported."""
    pattern: re.Pattern[bytes] = re.compile(b"")
    """All the signs."""
    needles: tuple[bytes, ...] = ()
    """Every line that may show it holds one of these: others are never looked at."""


def _anywhere(texts: str) -> tuple[str, ...]:
    return tuple(f".*{text}" for text in texts.split("|"))


def _errors(before: str, *kinds: str) -> tuple[str, ...]:
    """Signs of those errors behind *before*; shutil puts them into a list."""
    return tuple(rf"{before}(?:\[\(.*?['\"])?\[{kind}\]{_ERRNO_PATH}" for kind in kinds)


def _completed(row: Failure) -> Failure:
    whole = "|".join(row.signs)
    return row._replace(
        pattern=re.compile(f"(?:{whole})".encode(), re.DOTALL),
        needles=tuple(needle_of(sign) for sign in row.signs),
    )


_ERRNO_PATH = r"(?:.*?: [bu]?['\"](.+?)(?:['\"]|\Z))?"
_DENIED = ("Errno (?:13|1|30)", "WinError 5", "Error 5")
_NOT_ALLOWED = ("[Pp]ermission denied", "Operation not permitted", "[Rr]ead-only file system")
# An image of docker's is no place.
_QUOTED_PLACE = r"['\"`]((?![\w./-]+:[\w.-]+['\"`])[^'\"`]*[/\\.][^'\"`]*)['\"`]: "
_PLACE = rf"(?:{_QUOTED_PLACE}|(?<![\w.])(/[^'\":`]+?)(?: - open \(13)?: )?"
_AND_PATH = r"(?:(?::|, \w+) [bu]?['\"]+(/.+?)['\"])?"
_AND_ANY_PATH = r"(?:.*?: [bu]?['\"]([^'\"]*[/\\][^'\"]*))?"
_PROGRAM = r".*?['\"]([^'\"]+\.(?:exe|pyd|dll))['\"]"
_PIP_EXE = r".*['\"]([^'\"]+[\\/](?:[Ss]cripts|pip-uninstall-\w+)[\\/]+pip[\d.]*\.exe)['\"]"
_RAISED = r"(?:Could not install packages due to an? \w+: |\w+Error: )"
_NOT_PIP = r"(?!(?:pip[\d.]*|python[\d.]*|sudo)(?![\w-]))"

_ROWS = (
    Failure(
        "disk-full",
        (r".*\[Errno 28\]", r".*\[WinError 112\]", ".*No space left on device"),
        ((_R.EMPTY_CACHE, "{pip} cache purge", False), (_R.TEMPORARY_ELSEWHERE, None, True)),
    ),
    Failure(
        "quota",
        (r".*\[Errno 122\]", ".*Disk quota exceeded"),
        ((_R.EMPTY_CACHE, "{pip} cache purge", False), (_R.LARGER_QUOTA, None, True)),
    ),
    Failure(
        "self-upgrade",
        (
            *(rf".*\[WinError {number}\]{_PIP_EXE}" for number in (5, 32)),
            "To modify pip, please run the following command",
        ),
        ((_R.PYTHON_RUNS_PIP, "{pip} install --upgrade pip", True),),
        path=1,
    ),
    Failure(
        "file-in-use",
        (
            *_errors(".*", "WinError 32", "WinError 33"),
            *(rf".*\[WinError 5\]{_PROGRAM}", rf".*\[Error 5\]{_PROGRAM}"),
        ),
        ((_R.CLOSE_PROGRAMS, "{pip} {given}", False),),
        path=1,
    ),
    Failure(
        "requirements-file-missing",
        (rf"Could not open (requirements|constraint)s? file: \[Errno 2\]{_ERRNO_PATH}",),
        ((_R.CHECK_FILE, None, True),),
        path=2,
    ),
    Failure(
        "requirements-file",
        (rf"Could not open (requirements|constraint)s? file: {_ERRNO_PATH}",),
        ((_R.MAKE_READABLE, None, True),),
        path=2,
    ),
    Failure("no-temporary-folder", (".*No usable temp",), ((_R.TEMPORARY_FOLDER, None, True),)),
    Failure(
        "hashes",
        (
            *("THESE PACKAGES DO NOT MATCH THE HASHES", "Hashes are required in --require-hashes"),
            *("In --require-hashes mode", "Can't verify hashes"),
        ),
        ((_R.CHECK_HASHES, None, True),),
    ),
    Failure(
        "no-clone",
        ("git clone .* did not run succ", "Command .*git clone ", "Could not read from remote rep"),
    ),
    Failure(
        "cache-denied",
        (
            *_errors(r"Building wheel for \S+ failed: ", *_DENIED),
            rf"{_RAISED}\[Errno (?:13|30)\].*?: '([^']+[/\\](?:\.cache|Caches)[/\\]pip\b[^']*)",
        ),
        ((_R.OWN_CACHE, "{pip} config set global.cache-dir FOLDER-OF-YOURS", True),),
        path=1,
        overcome=True,
    ),
    Failure(
        "build",
        (
            *("subprocess-exited-with-error", "This error originates from a subprocess"),
            *(".*Command errored out with exit status", ".* did not run succ"),
            *(r"Failed building wheel for (\S+)", r"Failed to build (\S+)"),
            *("failed-wheel-build-for-install", r"Could not build wheels for (\S+)"),
            *("metadata-generation-failed", r"Command \".*\" failed with error code"),
            *("legacy-install-failure", "Encountered error while"),
            r"Running setup\.py \w+ for (\S+?)(?::| \.\.\.).* '?error'?$",
        ),
        (
            (_R.WITHOUT_BUILD, "{pip} {given} --only-binary :all:", False),
            (_R.READ_BUILD, None, True),
        ),
        overcome=True,
    ),
    Failure(
        "conflict",
        ("ResolutionImpossible", "Cannot install .* because these", "Double requirement given"),
        ((_R.LOOSEN, None, True), (_R.KEEP_APART, "{venv}", False)),
    ),
    Failure("no-ssl", (".*(?:SSL|ssl) module .*is not av",), ((_R.OTHER_BUILD, None, True),)),
    Failure(
        "certificate",
        (".*CERTIFICATE_VERIFY_FAILED", ".*SSLError", ".*SSL: "),
        ((_R.CERTIFICATES, "{pip} config set global.cert PATH-TO-CA-BUNDLE.pem", True),),
        overcome=True,
        of_pip=True,
    ),
    Failure(
        "index-refused",
        (
            *(r"HTTP error (\d+)", r".*\b(40[13]) Client Error", r".*HTTP(?:Error| error):? (\d+)"),
            *("User for ", r".*\b403\b.*Forbidden", r".*\b401\b.*Unauthorized"),
        ),
        ((_R.CHECK_INDEX, "{pip} config list", True),),
        overcome=True,
        of_pip=True,
    ),
    Failure(
        "network",
        _anywhere(
            "Failed to establish a new connection|Temporary failure in name resolution"
            "|getaddrinfo failed|nodename nor servname|Name or service not known|ReadTimeoutError"
            "|ConnectTimeoutError|Max retries exceeded|NewConnectionError|ProtocolError"
            "|Cannot connect to proxy|ProxyError|RemoteDisconnected|Network is unreachable"
            r"|Connection refused|Connection reset|Connection aborted|Connection broken"
            r"|Connection timed out|Read timed out|Retrying \(Retry|Could not fetch URL"
        ),
        ((_R.SEE_NETWORK, "{pip} config list", True), (_R.AGAIN, "{pip} {given}", False)),
        overcome=True,
        of_pip=True,
    ),
    Failure(
        "python-version",
        (
            ".*requires a different Python",
            "Ignored the following versions that require a different python",
            ".*requires Python '.*' but the running Python",
        ),
        ((_R.OTHER_PYTHON, None, True),),
        overcome=True,
    ),
    Failure(
        "no-match",
        (
            r"No (?:matching distribution|distributions at all) found for ([^\s(]+)",
            r"Could not find a version that satisfies the requirement ([^\s(]+)",
        ),
        ((_R.SEE_VERSIONS, "{pip} index versions {name}", False),),
    ),
    Failure(
        "no-such-option",
        (r".*(?:no such|ambiguous) option: (\S+)",),
        ((_R.NEWER_PIP, "{newer}", True),),
    ),
    Failure(
        "nothing-named",
        ("You must give at least one requirement",),
        ((_R.NAME_SOMETHING, "{pip} install NAME", False),),
    ),
    Failure(
        "bad-requirement",
        (r"Invalid req(?:uirement)?(?: ?file)?[:\s]+(?:u?')?([^'\n]*)",),
        ((_R.QUOTE, "{pip} install 'NAME>=1.0'", True),),
    ),
    Failure(
        "not-installable",
        (
            *("Directory '?(.+?)'? is not installable", ".* not appear to be a Python project"),
            r"File \"setup\.py\" or \"setup\.cfg\" not found",
        ),
        ((_R.CHECK_DIRECTORY, None, True),),
        path=1,
    ),
    Failure(
        "bad-wheel",
        (
            *(r"Wheel '?.+?'? located at (\S+) is invalid", ".*BadZip[Ff]ile: "),
            *(r"(\S+) is not a supported wheel on this platform", "Invalid wheel filename"),
        ),
        ((_R.FETCH_ANEW, "{pip} {given} --no-cache-dir", False),),
    ),
    Failure("target-is-a-file", ("Target path exists but",), ((_R.NAME_DIRECTORY, None, True),)),
    Failure(
        "no-git",
        (r"Cannot find command '?(\w+)'?", r"Error \[\w+ \d+\].*while executing command (\S+)"),
        ((_R.GET_PROGRAM, None, True),),
    ),
    Failure(
        "settings-not-written",
        (r".*Error: An error occurred while writing to the configuration file (\S+):",),
        ((_R.OWN_SETTINGS, "{pip} config --user set KEY VALUE", True),),
        path=1,
    ),
    Failure(
        "long-path",
        ("HINT: This error might have occurred since this system does not have",),
        ((_R.SHORTER_PATH, "{venv}", False), (_R.LONG_PATHS, None, True)),
    ),
    Failure(
        "locked-script",
        (r".*\[WinError 2\].*'(.+?)' -> '.+?\.deleteme'",),
        ((_R.OWN_SCRIPTS, "{venv}", False),),
        path=1,
    ),
    Failure(
        "not-ours",
        _errors(_RAISED, *_DENIED),
        ((_R.CHECK_OWNER, None, True),),
        path=1,
        of_pip=True,
    ),
    Failure(
        "missing-file",
        _errors(_RAISED, "Errno 2", "WinError 2", "WinError 3"),
        path=1,
        of_pip=True,
    ),
    Failure(
        "broken-pip",
        (
            *(r".*[/\\]pip[\d.]*: .*bad interpreter", "Fatal error in launcher: "),
            *(r".*cannot import name '?main\b", r".*No module named (?:'?pip\.[\w.]+'?|main$)"),
        ),
        ((_R.PYTHON_RUNS_PIP, "{pip} {given}", False), (_R.OWN_PIP_IN_VENV, "{venv}", True)),
    ),
    Failure(
        "no-sudo",
        _anywhere(r"sudo: command not found\s*$|sudo: not found\s*$|is not in the sudoers file"),
        ((_R.VENV, "{venv}", True),),
    ),
    Failure(
        "no-pip",
        _anywhere(
            r"No module named '?pip'?$|pip[\d.]*: command not found|pip[\d.]*: not found"
            r"|command not found: pip|'pip[\d.]*' is not recognized"
            r"|The term 'pip[\d.]*' is not recognized"
        ),
        ((_R.OWN_PIP_IN_VENV, "{venv}", True),),
    ),
    Failure(
        "cancelled",
        ("Operation cancelled by user", "KeyboardInterrupt$", "Killed$", "MemoryError"),
        ((_R.AGAIN, "{pip} {given}", False),),
    ),
    Failure(
        "not-installed",
        (r"Cannot uninstall requirement (\S+), not", r"Can't uninstall '(\S+)'\. No files were"),
        ((_R.SEE_COPIES, "pip list -v", False),),
    ),
    Failure(
        "no-record",
        (r"Cannot uninstall '?([^\s',]+)'?(?: \S+$|.* RECORD file|\. It is a distutils)",),
        ((_R.VENV, "{venv}", False),),
    ),
    Failure("crash", ("Exception:$",), ((_R.NEWER_PIP, "{newer}", False),)),
    Failure(
        "not-pips",
        (
            *_errors(f"(?:{_RAISED}|error: )?", *_DENIED),
            *(rf".*?(?:{_QUOTED_PLACE})?\[{kind}\]{_AND_ANY_PATH}" for kind in _DENIED),
            *(rf".*?{_PLACE}{words}\b{_AND_PATH}" for words in _NOT_ALLOWED),
            r".*?\bEACCES\b(?:[^'\"/]*['\"](/[^'\"]+))?",
        ),
        ((_R.CHECK_OWNER, None, True),),
        path=1,
        of_any=True,
    ),
    Failure("other", ("(?!Internal Error).",), ((_R.SEND_MORE, None, False),)),
    Failure(
        "no-command",
        (
            rf".*command not found: {_NOT_PIP}([\w.+-]+)",
            rf"(?:.*[: \"'`])?{_NOT_PIP}([\w.+-]+): command not found\b",
            rf"(?:.*[: ])?{_NOT_PIP}([\w.+-]+): not found\s*$",
            rf".*[Cc]ommand '{_NOT_PIP}([\w.+-]+)' not found\b",
            rf"No command '{_NOT_PIP}([\w.+-]+)' found, did you mean",
            rf"'{_NOT_PIP}([\w.+-]+)' is not recognized",
            rf".*[Tt]he (?:term|name) '{_NOT_PIP}([\w.+-]+)' (?:is|was) not recognized",
            rf".*Unknown command:? '?{_NOT_PIP}([\w.+-]+)",
        ),
        after=True,
    ),
    Failure("no-module", (r".*No module named '?(?!pip\b)(\w[\w.]*)'?",), after=True),
    Failure(
        "inconsistent",
        ("pip's dependency resolver does not currently take into account",),
        ((_R.KEEP_APART, "{venv}", True),),
        harmless=True,
    ),
    Failure("logging", ("--- Logging error ---",), ((_R.OWN_LOG, None, True),), harmless=True),
    Failure(
        "cache",
        (
            "The directory '(.+?)' or its parent directory is not owned",
            ".*[Tt]he cache has been disabled",
        ),
        ((_R.OWN_CACHE, "{pip} config set global.cache-dir FOLDER-OF-YOURS", True),),
        path=1,
        harmless=True,
    ),
    Failure(
        "off-path",
        (r"The scripts? ([^\s,]+).* (?:is|are) installed in '(.+?)' which is not on PATH",),
        harmless=True,
    ),
    Failure(
        "leftovers",
        (
            "Failed to remove (?:contents in )?a temporary",
            "Ignoring (?:an )?in(?:valid|completely removed) distribution",
        ),
        harmless=True,
    ),
)
"""The more particular before the more general, causes before consequences."""
NO_HELP = frozenset(
    {
        *("requirements-file-missing", "requirements-file", "no-temporary-folder", "hashes"),
        *("no-ssl", "certificate", "index-refused", "network", "no-such-option", "nothing-named"),
        *("bad-requirement", "not-installable", "bad-wheel", "target-is-a-file", "no-git"),
        *("settings-not-written", "not-installed"),
    }
)
"""Another place to install to surely would not have helped; of the others nobody knows."""
FAILURES = tuple(_completed(row) for row in _ROWS)
