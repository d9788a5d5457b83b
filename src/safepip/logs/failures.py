"""What else goes wrong with pip: the common failures that are no denied install.

Pure. ``FAILURES`` is the table; the first row that a log shows says most about it. ``clues.py``
looks for them in a log; ``wording/failures.py`` says what they mean.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from safepip.logs.remedies import Remedy

_R = Remedy


class Failure(NamedTuple):
    """One kind of failure: how it is recognised, what helps."""

    name: str
    needles: tuple[bytes, ...]
    """Every line that may show it holds one of these: others are never looked at."""
    pattern: re.Pattern[bytes]
    """Matches a line of pip's own at its beginning, without its ``ERROR: ``."""
    remedies: tuple[tuple[Remedy, str | None, bool], ...] = ()
    """What to do, the command, whether that mends it for good. Commands can hold ``{pip}``,
    ``{given}`` (the install's arguments), ``{name}`` and ``{venv}`` (make an environment and
    install into it)."""
    path: int | None = None
    """The group that is a path."""
    elsewhere: bool = True
    """Another place to install to surely would not have helped."""
    overcome: bool = False
    """What pip succeeds with afterwards shows that it was not in the way."""
    harmless: bool = False
    """pip goes on all the same."""
    of_pip: bool = False
    """Any program can say so: it counts where pip does."""
    of_any: bool = False
    """Any program said so: where pip succeeded it does not count."""
    after: bool = False
    """Not pip's failure: it shows after an install, when something is to be run or imported."""


def _pattern(text: str) -> re.Pattern[bytes]:
    return re.compile(text.encode(), re.DOTALL)


_ERRNO_PATH = r"(?:.*?['\"](.+?)(?:['\"]|\Z))?"
_NOT_PIP = r"(?!(?:pip[\d.]*|python[\d.]*|sudo)(?![\w-]))"

FAILURES = (
    Failure(
        name="disk-full",
        needles=(b"rrno 28", b"WinError 112", b"No space left"),
        pattern=_pattern(r".*(?:\[Errno 28\]|\[WinError 112\]|No space left on device)"),
        remedies=(
            (_R.EMPTY_CACHE, "{pip} cache purge", False),
            (_R.TEMPORARY_ELSEWHERE, None, True),
        ),
        elsewhere=False,
    ),
    Failure(
        name="quota",
        needles=(b"rrno 122", b"quota exceeded"),
        pattern=_pattern(r".*(?:\[Errno 122\]|Disk quota exceeded)"),
        remedies=((_R.EMPTY_CACHE, "{pip} cache purge", False), (_R.LARGER_QUOTA, None, True)),
        elsewhere=False,
    ),
    Failure(
        name="file-in-use",
        needles=(b"WinError 32", b"WinError 33", b"Error 5]"),
        pattern=_pattern(
            rf".*\[WinError (?:32|33)\]{_ERRNO_PATH}"
            r"|.*Error 5\].*?['\"]([^'\"]+\.(?:exe|pyd|dll))['\"]"
        ),
        remedies=((_R.CLOSE_PROGRAMS, "{pip} {given}", False),),
        path=1,
        elsewhere=False,
    ),
    Failure(
        name="self-upgrade",
        needles=(b"To modify pip",),
        pattern=_pattern(r"To modify pip, please run the following command"),
        remedies=((_R.PYTHON_RUNS_PIP, "{pip} {given}", True),),
    ),
    Failure(
        name="requirements-file-missing",
        needles=(b"ould not open ",),
        pattern=_pattern(
            rf"Could not open (requirements|constraint)s? file: \[Errno 2\]{_ERRNO_PATH}"
        ),
        remedies=((_R.CHECK_FILE, None, True),),
        path=2,
    ),
    Failure(
        name="requirements-file",
        needles=(b"ould not open ",),
        pattern=_pattern(rf"Could not open (requirements|constraint)s? file: {_ERRNO_PATH}"),
        remedies=((_R.MAKE_READABLE, None, True),),
        path=2,
    ),
    Failure(
        name="no-temporary-folder",
        needles=(b"No usable temporary",),
        pattern=_pattern(r".*No usable temporary directory found in"),
        remedies=((_R.TEMPORARY_FOLDER, None, True),),
    ),
    Failure(
        name="hashes",
        needles=(b"THE HASHES", b"Hashes are", b"require-hashes mode", b"verify hashes"),
        pattern=_pattern(
            r"(?:THESE PACKAGES DO NOT MATCH THE HASHES|Hashes are required in --require-hashes"
            r"|In --require-hashes mode|Can't verify hashes)"
        ),
        remedies=((_R.CHECK_HASHES, None, True),),
    ),
    Failure(
        name="build",
        needles=(
            *(b"subprocess-exited", b"originates from a", b"errored out with", b"ailed building"),
            *(b"ailed to build", b"failed-wheel-build", b"ould not build", b"metadata-generation"),
            *(b"failed with error", b"legacy-install", b"Encountered error"),
        ),
        pattern=_pattern(
            r"(?:subprocess-exited-with-error|This error originates from a subprocess"
            r"|.*Command errored out with exit status|Failed building wheel for (\S+)"
            r"|Failed to build (\S+)|failed-wheel-build-for-install"
            r"|Could not build wheels for (\S+)|metadata-generation-failed"
            r"|Command \".*\" failed with error code|legacy-install-failure"
            r"|Encountered error while)"
        ),
        remedies=(
            (_R.WITHOUT_BUILD, "{pip} {given} --only-binary :all:", False),
            (_R.READ_BUILD, None, True),
        ),
        elsewhere=False,
        overcome=True,
    ),
    Failure(
        name="conflict",
        needles=(b"ResolutionImpossible", b"annot install ", b"Double requirement"),
        pattern=_pattern(
            r"(?:ResolutionImpossible|Cannot install .* because these package versions have"
            r"|Double requirement given)"
        ),
        remedies=((_R.LOOSEN, None, True), (_R.KEEP_APART, "{venv}", False)),
        elsewhere=False,
    ),
    Failure(
        name="certificate",
        needles=(b"CERTIFICATE_VERIFY", b"SSLError", b"SSL: "),
        pattern=_pattern(r".*(?:CERTIFICATE_VERIFY_FAILED|SSLError|SSL: )"),
        remedies=((_R.CERTIFICATES, "{pip} config set global.cert PATH-TO-CA-BUNDLE.pem", True),),
        overcome=True,
        of_pip=True,
    ),
    Failure(
        name="index-refused",
        needles=(b"HTTP", b"Client Error", b"User for ", b"Forbidden", b"Unauthorized"),
        pattern=_pattern(
            r"(?:HTTP error (\d+)|.*\b(40[13]) Client Error|.*HTTP(?:Error| error):? (\d+)"
            r"|User for |.*(?:\b403\b.*Forbidden|\b401\b.*Unauthorized))"
        ),
        remedies=((_R.CHECK_INDEX, "{pip} config list", True),),
        overcome=True,
        of_pip=True,
    ),
    Failure(
        name="network",
        needles=(
            *(b"new connection", b"Temporary failure", b"getaddrinfo", b"nodename nor"),
            *(b"Name or service", b"TimeoutError", b"Max retries", b"NewConnectionError"),
            *(b"ProtocolError", b"to proxy", b"ProxyError", b"RemoteDisconnected"),
            *(b"Network is unr", b"Connection ", b"Read timed out", b"Retrying (Retry"),
        ),
        pattern=_pattern(
            r".*(?:Failed to establish a new connection|Temporary failure in name resolution"
            r"|getaddrinfo failed|nodename nor servname|Name or service not known"
            r"|ReadTimeoutError|ConnectTimeoutError|Max retries exceeded|NewConnectionError"
            r"|ProtocolError|Cannot connect to proxy|ProxyError|RemoteDisconnected"
            r"|Network is unreachable|Connection (?:refused|reset|aborted|broken|timed out)"
            r"|Read timed out|Retrying \(Retry)"
        ),
        remedies=((_R.SEE_NETWORK, "{pip} config list", True), (_R.AGAIN, "{pip} {given}", False)),
        overcome=True,
        of_pip=True,
    ),
    Failure(
        name="python-version",
        needles=(b"a different Python", b"different python", b"requires Python"),
        pattern=_pattern(
            r"(?:.*requires a different Python|Ignored the following versions that require a "
            r"different python|.*requires Python '.*' but the running Python)"
        ),
        remedies=((_R.OTHER_PYTHON, None, True),),
        elsewhere=False,
        overcome=True,
    ),
    Failure(
        name="no-match",
        needles=(b"No matching dist", b"ould not find a version"),
        pattern=_pattern(
            r"(?:No matching distribution found for|Could not find a version that satisfies the "
            r"requirement) ([^\s(]+)"
        ),
        remedies=((_R.SEE_VERSIONS, "{pip} index versions {name}", False),),
        elsewhere=False,
    ),
    Failure(
        name="no-such-option",
        needles=(b"no such option:", b"ambiguous option:"),
        pattern=_pattern(r"(?:.*no such option:|.*ambiguous option:) (\S+)"),
        remedies=((_R.NEWER_PIP, "{newer}", True),),
    ),
    Failure(
        name="nothing-named",
        needles=(b"ou must give at least",),
        pattern=_pattern(r"You must give at least one requirement"),
        remedies=((_R.NAME_SOMETHING, "{pip} install NAME", False),),
    ),
    Failure(
        name="bad-requirement",
        needles=(b"nvalid req",),
        pattern=_pattern(
            r"(?:Invalid requirement|Invalid req(?:uirement)? ?file)[:\s]+'?([^'\n]*)"
        ),
        remedies=((_R.QUOTE, "{pip} install 'NAME>=1.0'", True),),
    ),
    Failure(
        name="not-installable",
        needles=(b"is not installable", b'File "setup.py"', b"to be a Python project"),
        pattern=_pattern(
            r"(?:Directory '?(.+?)'? is not installable|File \"setup\.py\" or \"setup\.cfg\" not "
            r"found|.* does not appear to be a Python project)"
        ),
        remedies=((_R.CHECK_DIRECTORY, None, True),),
        path=1,
    ),
    Failure(
        name="bad-wheel",
        needles=(b" is invalid", b"BadZip", b"not a supported wheel", b"nvalid wheel"),
        pattern=_pattern(
            r"(?:Wheel '?.+?'? located at (\S+) is invalid|.*BadZipFile: |.*BadZipfile: "
            r"|(\S+) is not a supported wheel on this platform|Invalid wheel filename)"
        ),
        remedies=((_R.FETCH_ANEW, "{pip} {given} --no-cache-dir", False),),
    ),
    Failure(
        name="target-is-a-file",
        needles=(b"Target path exists",),
        pattern=_pattern(r"Target path exists but is not a directory"),
        remedies=((_R.NAME_DIRECTORY, None, True),),
    ),
    Failure(
        name="no-git",
        needles=(b"annot find command", b"while executing command"),
        pattern=_pattern(
            r"(?:Cannot find command '?(\w+)'?|Error \[Errno \d+\].*while executing command (\w+))"
        ),
        remedies=((_R.GET_PROGRAM, None, True),),
    ),
    Failure(
        name="settings-not-written",
        needles=(b"ConfigurationError",),
        pattern=_pattern(
            r".*ConfigurationError: An error occurred while writing to the configuration file"
            r" (\S+):"
        ),
        remedies=((_R.OWN_SETTINGS, "{pip} config --user set KEY VALUE", True),),
        path=1,
    ),
    Failure(
        name="long-path",
        needles=(b"HINT: This error",),
        pattern=_pattern(r"HINT: This error might have occurred since this system does not have"),
        remedies=((_R.SHORTER_PATH, "{venv}", False), (_R.LONG_PATHS, None, True)),
        elsewhere=False,
    ),
    Failure(
        name="locked-script",
        needles=(b"WinError 2]",),
        pattern=_pattern(r".*\[WinError 2\].*'(.+?)' -> '.+?\.deleteme'"),
        remedies=((_R.OWN_SCRIPTS, "{venv}", False),),
        path=1,
        elsewhere=False,
    ),
    Failure(
        name="not-ours",
        needles=(b"rrno 1", b"rrno 30", b"Error 5]"),
        pattern=_pattern(
            r"(?:Could not install packages due to an? \w+: "
            rf"|(?:Permission|OS|IO|Environment|Windows)Error: )"
            rf"\[(?:Errno (?:13|1|30)|WinError 5|Error 5)\]{_ERRNO_PATH}"
        ),
        remedies=((_R.CHECK_OWNER, None, True),),
        path=1,
        elsewhere=False,
        of_pip=True,
    ),
    Failure(
        name="missing-file",
        needles=(b"rrno 2]", b"WinError 2]", b"WinError 3]"),
        pattern=_pattern(
            rf"(?:Could not install packages due to an? \w+: |FileNotFoundError: )\[(?:Errno 2"
            rf"|WinError [23])\]{_ERRNO_PATH}"
        ),
        path=1,
        elsewhere=False,
        of_pip=True,
    ),
    Failure(
        name="broken-pip",
        needles=(b"cannot import name", b"o module named"),
        pattern=_pattern(
            r".*(?:cannot import name '?main\b|No module named (?:'?pip\.[\w.]+'?|main$))"
        ),
        remedies=(
            (_R.PYTHON_RUNS_PIP, "{pip} {given}", False),
            (_R.OWN_PIP_IN_VENV, "{venv}", True),
        ),
        elsewhere=False,
    ),
    Failure(
        name="no-sudo",
        needles=(b"sudo: ",),
        pattern=_pattern(r"(?:.*: )?sudo: (?:command )?not found\s*$"),
        remedies=((_R.VENV, "{venv}", True),),
        elsewhere=False,
    ),
    Failure(
        name="no-pip",
        needles=(b"o module named", b"not found", b"not recognized"),
        pattern=_pattern(
            r".*(?:No module named '?pip'?$|pip[\d.]*: (?:command )?not found"
            r"|command not found: pip|'pip[\d.]*' is not recognized"
            r"|The term 'pip[\d.]*' is not recognized)"
        ),
        remedies=((_R.OWN_PIP_IN_VENV, "{venv}", True),),
        elsewhere=False,
    ),
    Failure(
        name="cancelled",
        needles=(b"cancelled by user", b"KeyboardInterrupt", b"Killed", b"MemoryError"),
        pattern=_pattern(r"(?:Operation cancelled by user|KeyboardInterrupt$|Killed$|MemoryError)"),
        remedies=((_R.AGAIN, "{pip} {given}", False),),
        elsewhere=False,
    ),
    Failure(
        name="not-installed",
        needles=(b"not installed", b"an't uninstall"),
        pattern=_pattern(
            r"(?:Cannot uninstall requirement (\S+), not installed"
            r"|Can't uninstall '(\S+)'\. No files were found)"
        ),
        remedies=((_R.SEE_COPIES, "pip list -v", False),),
    ),
    Failure(
        name="crash",
        needles=(b"Exception:",),
        pattern=_pattern(r"Exception:$"),
        remedies=((_R.NEWER_PIP, "{newer}", False),),
        elsewhere=False,
    ),
    Failure(
        name="other",
        needles=(b"ERROR: ",),
        # Only what stands behind ERROR: comes here.
        pattern=_pattern(r"(?!Internal Error)."),
        remedies=((_R.SEND_MORE, None, False),),
        elsewhere=False,
    ),
    Failure(
        name="no-command",
        needles=(b"not found", b"not recognized", b"nknown command"),
        pattern=_pattern(
            rf"(?:.*command not found: {_NOT_PIP}([\w.+-]+)"
            rf"|(?:.*[: ])?{_NOT_PIP}([\w.+-]+): (?:command not found\b|not found\s*$)"
            rf"|'{_NOT_PIP}([\w.+-]+)' is not recognized"
            rf"|.*[Tt]he (?:term|name) '{_NOT_PIP}([\w.+-]+)' (?:is|was) not recognized"
            rf"|.*Unknown command:? '?{_NOT_PIP}([\w.+-]+))"
        ),
        remedies=(),
        after=True,
    ),
    Failure(
        name="no-module",
        needles=(b"o module named",),
        pattern=_pattern(r".*No module named '?(?!pip\b)(\w[\w.]*)'?"),
        remedies=(),
        after=True,
    ),
    Failure(
        name="inconsistent",
        needles=(b"pip's dependency resolver",),
        pattern=_pattern(r"pip's dependency resolver does not currently take into account"),
        remedies=((_R.KEEP_APART, "{venv}", True),),
        harmless=True,
    ),
    Failure(
        name="logging",
        needles=(b"--- Logging error",),
        pattern=_pattern(r"--- Logging error ---"),
        remedies=((_R.OWN_LOG, None, True),),
        harmless=True,
    ),
    Failure(
        name="cache",
        needles=(b"he directory '", b"he cache has been", b"Building wheel for"),
        pattern=_pattern(
            r"The directory '(.+?)' or its parent directory is not owned|.*[Tt]he cache has been "
            r"disabled|Building wheel for \S+ failed: \[Errno (?:13|1|30)\]"
        ),
        remedies=((_R.OWN_CACHE, "{pip} config set global.cache-dir FOLDER-OF-YOURS", True),),
        path=1,
        harmless=True,
    ),
    Failure(
        name="off-path",
        needles=(b"is not on PATH",),
        pattern=_pattern(
            r"The scripts? (\S+).* (?:is|are) installed in '(.+?)' which is not on PATH"
        ),
        remedies=(),
        harmless=True,
    ),
    Failure(
        name="leftovers",
        needles=(b"ailed to remove ", b"gnoring "),
        pattern=_pattern(
            r"(?:Failed to remove (?:contents in )?a temporary"
            r"|Ignoring (?:an )?in(?:valid|completely removed) distribution)"
        ),
        harmless=True,
    ),
    Failure(
        name="not-pips",
        needles=(b"rrno 1", b"rrno 30", b"Error 5]", b"ermission denied"),
        pattern=_pattern(
            r"(?:(?:Permission|OS|IO|Environment|Windows)Error: |error: )?"
            rf"\[(?:Errno (?:13|1|30)|WinError 5|Error 5)\]{_ERRNO_PATH}"
            r"|.*?(?:['\"]?(/[^'\":]+)['\"]?: )?[Pp]ermission denied\b"
        ),
        remedies=((_R.CHECK_OWNER, None, True),),
        path=1,
        elsewhere=False,
        of_any=True,
    ),
)
"""The more particular before the more general, causes before consequences."""
