"""What else goes wrong with pip: the common failures that no other place to install to would mend.

Pure. ``FAILURES`` is the table; the first row that a log shows says most about it. ``clues.py``
looks for them in a log.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Failure(NamedTuple):
    """One kind of failure: how it is recognised, what it is, what helps.

    Sentences and commands can hold ``{1}``, ``{2}``: the pattern's groups; commands also
    ``{pip}``, ``{words}`` (the install's arguments) and ``{venv}`` (make an environment and
    install into it).
    """

    name: str
    pattern: re.Pattern[bytes]
    """Matches a line of pip's own at its beginning, without its ``ERROR: ``."""
    says: str
    mend: tuple[tuple[str, str | None, bool], ...] = ()
    """What to do, the command, whether that mends it for good."""
    path: int | None = None
    """The group that is a path."""
    overcome: bool = False
    """What pip succeeds with afterwards shows that it was not in the way."""
    harmless: bool = False
    """pip goes on all the same."""


def _pattern(text: str) -> re.Pattern[bytes]:
    return re.compile(text.encode(), re.DOTALL)


_AGAIN = ("run the same command again afterwards", None, False)
_ERRNO_PATH = r"(?:.*?['\"](.+?)['\"])?"

FAILURES = (
    Failure(
        name="disk-full",
        pattern=_pattern(r".*(?:\[Errno 28\]|\[WinError 112\]|No space left on device)"),
        says="the disk was full (errno 28); permissions have no part in it",
        mend=(
            ("make room, for example by emptying pip's cache", "{pip} cache purge", False),
            ("let pip unpack on another disk: point the variable TMPDIR there", None, True),
        ),
    ),
    Failure(
        name="quota",
        pattern=_pattern(r".*(?:\[Errno 122\]|Disk quota exceeded)"),
        says="your disk quota was used up (errno 122); permissions have no part in it",
        mend=(
            ("make room, for example by emptying pip's cache", "{pip} cache purge", False),
            ("ask the administrator for a larger quota", None, True),
        ),
    ),
    Failure(
        name="file-in-use",
        pattern=_pattern(rf".*\[WinError (?:32|33)\]{_ERRNO_PATH}"),
        says="a file was in use by another program: the program that is to be replaced still "
        "runs, or a virus scanner reads it; no other place would help",
        mend=(("close the programs of that environment, then once more", "{pip} {words}", False),),
        path=1,
    ),
    Failure(
        name="self-upgrade",
        pattern=_pattern(r"To modify pip, please run the following command"),
        says="on Windows pip.exe cannot replace itself while it runs",
        mend=(("let Python run pip", "{pip} {words}", True),),
    ),
    Failure(
        name="requirements-file-missing",
        pattern=_pattern(
            rf"Could not open (requirements|constraint)s? file: \[Errno 2\]{_ERRNO_PATH}"
        ),
        says="the {1} file {2} is not there; pip had nothing to start from",
        mend=(("check its name and the directory that pip runs in", None, True),),
        path=2,
    ),
    Failure(
        name="requirements-file",
        pattern=_pattern(rf"Could not open (requirements|constraint)s? file: {_ERRNO_PATH}"),
        says="the {1} file {2} could not be read: that is about this file, not about where pip "
        "installs to",
        mend=(("make it readable for yourself, or ask its owner to", None, True),),
        path=2,
    ),
    Failure(
        name="no-temporary-folder",
        pattern=_pattern(r".*No usable temporary directory found in"),
        says="pip found no folder for its temporary files",
        mend=(("point the variable TMPDIR at a folder of yours", None, True),),
    ),
    Failure(
        name="hashes",
        pattern=_pattern(
            r"(?:THESE PACKAGES DO NOT MATCH THE HASHES|Hashes are required in --require-hashes"
            r"|In --require-hashes mode|Can't verify hashes)"
        ),
        says="the hashes in the requirements file do not fit what the index serves",
        mend=(
            (
                "find out why before you change them: the file may not be the one that was meant",
                None,
                True,
            ),
        ),
    ),
    Failure(
        name="build",
        pattern=_pattern(
            r"(?:subprocess-exited-with-error|This error originates from a subprocess"
            r"|.*Command errored out with exit status|Failed building wheel for (\S+)"
            r"|Failed to build (\S+)|failed-wheel-build-for-install"
            r"|Could not build wheels for (\S+)|metadata-generation-failed"
            r"|Command \".*\" failed with error code|legacy-install-failure"
            r"|Encountered error while)"
        ),
        says="a package could not be built from source: its own build failed, not pip's install",
        mend=(
            (
                "take a release that needs no build, if there is one",
                "{pip} {words} --only-binary :all:",
                False,
            ),
            (
                "read the build's own words: often a compiler or headers are missing",
                None,
                True,
            ),
        ),
        overcome=True,
    ),
    Failure(
        name="conflict",
        pattern=_pattern(
            r"(?:ResolutionImpossible|Cannot install .* because these package versions have"
            r"|Double requirement given)"
        ),
        says="the requirements contradict each other: no versions fit together",
        mend=(
            ("loosen one of the versions you ask for", None, True),
            (
                "or keep apart in environments of their own what need not be together",
                "{venv}",
                False,
            ),
        ),
    ),
    Failure(
        name="certificate",
        pattern=_pattern(r".*(?:CERTIFICATE_VERIFY_FAILED|SSLError|SSL: )"),
        says="the index's certificate was not trusted, often because a proxy puts its own there",
        mend=(
            (
                "name your company's certificates to pip",
                "{pip} config set global.cert PATH-TO-CA-BUNDLE.pem",
                True,
            ),
        ),
        overcome=True,
    ),
    Failure(
        name="index-refused",
        pattern=_pattern(
            r"(?:HTTP error (\d+)|.*\b(40[13]) Client Error|.*HTTP(?:Error| error):? (\d+)"
            r"|User for |.*(?:\b403\b.*Forbidden|\b401\b.*Unauthorized))"
        ),
        says="the package index answered with an error (HTTP {1}); that is a matter between pip "
        "and the server",
        mend=(("check the index's address and your access to it", "{pip} config list", True),),
        overcome=True,
    ),
    Failure(
        name="network",
        pattern=_pattern(
            r".*(?:Failed to establish a new connection|Temporary failure in name resolution"
            r"|getaddrinfo failed|nodename nor servname|Name or service not known"
            r"|ReadTimeoutError|ConnectTimeoutError|Max retries exceeded|NewConnectionError"
            r"|ProtocolError|Cannot connect to proxy|ProxyError|RemoteDisconnected"
            r"|Network is unreachable|Connection (?:refused|reset|aborted|broken|timed out)"
            r"|Read timed out|Retrying \(Retry)"
        ),
        says="pip could not reach the package index: a matter of the network, of a proxy or of "
        "the index's address",
        mend=(
            ("see which index and proxy pip is told to use", "{pip} config list", True),
            ("once the network is there, the same again", "{pip} {words}", False),
        ),
        overcome=True,
    ),
    Failure(
        name="python-version",
        pattern=_pattern(
            r"(?:.*requires a different Python|Ignored the following versions that require a "
            r"different python|.*requires Python '.*' but the running Python)"
        ),
        says="what was asked for is not made for this version of Python",
        mend=(
            ("use a Python that it supports, or a version of it that supports yours", None, True),
        ),
        overcome=True,
    ),
    Failure(
        name="no-match",
        pattern=_pattern(
            r"(?:No matching distribution found for|Could not find a version that satisfies the "
            r"requirement) ([^\s(]+)"
        ),
        says="the index has nothing that fits {1}: the name or version is wrong, there is none for "
        "this Python and system, or the index did not let pip see it",
        mend=(("see which versions there are", "{pip} index versions {name}", False),),
    ),
    Failure(
        name="no-such-option",
        pattern=_pattern(r"(?:no such option:|ambiguous option:) (\S+)"),
        says="this pip does not know the option {1}: it is misspelt, or this pip is too old for it",
        mend=(
            ("a virtual environment with a newer pip does not touch the old one", "{newer}", True),
        ),
    ),
    Failure(
        name="nothing-named",
        pattern=_pattern(r"You must give at least one requirement"),
        says="the command names nothing to install",
        mend=(("name it", "{pip} install NAME", False),),
    ),
    Failure(
        name="bad-requirement",
        pattern=_pattern(
            r"(?:Invalid requirement|Invalid req(?:uirement)? ?file)[:\s]+'?([^'\n]*)"
        ),
        says="pip does not understand the requirement '{1}'",
        mend=(("put it in quotes, as in", "{pip} install 'NAME>=1.0'", True),),
    ),
    Failure(
        name="not-installable",
        pattern=_pattern(
            r"(?:Directory '?(.+?)'? is not installable|File \"setup\.py\" or \"setup\.cfg\" not "
            r"found|.* does not appear to be a Python project)"
        ),
        says="the directory holds no Python project that pip can read",
        mend=(("check the path, and that you may read what is in it", None, True),),
        path=1,
    ),
    Failure(
        name="bad-wheel",
        pattern=_pattern(
            r"(?:Wheel '?.+?'? located at (\S+) is invalid|.*BadZipFile: |.*BadZipfile: "
            r"|(\S+) is not a supported wheel on this platform|Invalid wheel filename)"
        ),
        says="the wheel is damaged, or made for another Python or system",
        mend=(("fetch it anew", "{pip} {words} --no-cache-dir", False),),
    ),
    Failure(
        name="target-is-a-file",
        pattern=_pattern(r"Target path exists but is not a directory"),
        says="the place that --target names is a file, not a directory",
        mend=(("name a directory of yours", None, True),),
    ),
    Failure(
        name="no-git",
        pattern=_pattern(
            r"(?:Cannot find command '?(\w+)'?|Error \[Errno \d+\].*while executing command (\w+))"
        ),
        says="pip could not run a program that it needs to fetch the source, such as git",
        mend=(
            ("have that program installed, or install a release instead of the source", None, True),
        ),
    ),
    Failure(
        name="settings-not-written",
        pattern=_pattern(
            r".*ConfigurationError: An error occurred while writing to the configuration file"
            r" (\S+):"
        ),
        says="pip may not write its settings file {1}; no install has any part in it",
        mend=(("write your own settings instead", "{pip} config --user set KEY VALUE", True),),
        path=1,
    ),
    Failure(
        name="long-path",
        pattern=_pattern(r"HINT: This error might have occurred since this system does not have"),
        says="a path was longer than this Windows allows",
        mend=(
            ("install into an environment with a shorter path", "{venv}", False),
            ("have the administrator switch Windows' long paths on", None, True),
        ),
    ),
    Failure(
        name="locked-script",
        pattern=_pattern(r".*\[WinError 2\].*'(.+?)' -> '.+?\.deleteme'"),
        says="pip could not replace a program in a Scripts folder that it may not write to or "
        "that is in use",
        mend=(("a virtual environment has a Scripts folder of its own", "{venv}", False),),
        path=1,
    ),
    Failure(
        name="not-ours",
        pattern=_pattern(
            r"(?:Could not install packages due to an? \w+: "
            rf"|(?:Permission|OS|IO|Environment|Windows)Error: )"
            rf"\[(?:Errno (?:13|1|30)|WinError 5|Error 5)\]{_ERRNO_PATH}"
        ),
        says="pip was not allowed to read or write {1}, which is no place that it installs to",
        mend=(("check that path: who owns it, and which option names it", None, True),),
        path=1,
    ),
    Failure(
        name="missing-file",
        pattern=_pattern(
            rf"(?:Could not install packages due to an? \w+: |FileNotFoundError: )\[(?:Errno 2"
            rf"|WinError [23])\]{_ERRNO_PATH}"
        ),
        says="a file or directory is not there: {1}",
        path=1,
    ),
    Failure(
        name="no-pip",
        pattern=_pattern(
            r".*(?:No module named '?pip'?$|pip[\d.]*: (?:command )?not found"
            r"|command not found: pip|'pip[\d.]*' is not recognized"
            r"|The term 'pip[\d.]*' is not recognized)"
        ),
        says="there is no pip to run: this Python comes without one, or pip is not on PATH",
        mend=(("a virtual environment brings its own pip", "{venv}", True),),
    ),
    Failure(
        name="cancelled",
        pattern=_pattern(r"(?:Operation cancelled by user|KeyboardInterrupt$|Killed$|MemoryError)"),
        says="pip was ended before it was through",
        mend=(_AGAIN,),
    ),
    Failure(
        name="not-installed",
        pattern=_pattern(
            r"(?:Cannot uninstall requirement (\S+), not installed"
            r"|Can't uninstall '(\S+)'\. No files were found)"
        ),
        says="there was nothing that pip could uninstall",
        mend=(("see which copy lies where, and what installed it", "pip list -v", False),),
    ),
    Failure(
        name="crash",
        pattern=_pattern(r"Exception:$"),
        says="pip broke off with an error that it does not know itself (a traceback)",
        mend=(("a virtual environment with a newer pip may not have it", "{newer}", False),),
    ),
    Failure(
        name="other",
        # Only what stands behind ERROR: comes here.
        pattern=_pattern(r"(?!Internal Error)."),
        says="pip failed for a reason that has nothing to do with where it installs to",
    ),
    Failure(
        name="inconsistent",
        pattern=_pattern(r"pip's dependency resolver does not currently take into account"),
        says="what is installed there now does not fit together in every version",
        mend=(("keep apart in an environment of its own what does not fit", "{venv}", True),),
        harmless=True,
    ),
    Failure(
        name="logging",
        pattern=_pattern(r"--- Logging error ---"),
        says="the 'Logging error' means that pip's log file (--log, PIP_LOG) could not be written; "
        "the install itself does not suffer",
        mend=(("name a log file of yours, or none", None, True),),
        harmless=True,
    ),
    Failure(
        name="cache",
        pattern=_pattern(
            r"The directory '(.+?)' or its parent directory is not owned|.*[Tt]he cache has been "
            r"disabled"
        ),
        says="pip's cache folder belongs to somebody else, so pip does without; that is harmless, "
        "only slower",
        mend=(
            (
                "ask the administrator to make you its owner again, or name a folder of yours",
                "{pip} config set global.cache-dir FOLDER-OF-YOURS",
                True,
            ),
        ),
        path=1,
        harmless=True,
    ),
    Failure(
        name="leftovers",
        pattern=_pattern(
            r"(?:Failed to remove (?:contents in )?a temporary"
            r"|Ignoring (?:an )?in(?:valid|completely removed) distribution)"
        ),
        says="pip could not delete an old copy that it had moved aside; the install itself is done",
        harmless=True,
    ),
)
"""The more particular before the more general, causes before consequences."""
