"""What each kind of failure in a pip log means: a sentence for each row of ``logs/failures.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SAYS = {
    "disk-full": "The disk was full (errno 28); this is no permission problem.",
    "quota": "Your disk quota was used up (errno 122); this is no permission problem.",
    "file-in-use": "A file that pip needed was in use: what pip was to replace is still running "
    "or loaded, or a virus scanner is reading it. (WinError 5 may also mean: closed to you.)",
    "self-upgrade": "On Windows pip.exe cannot replace itself while it runs.",
    "requirements-file-missing": "The {1} file {2} is not there.",
    "requirements-file": "The {1} file {2} could not be read. The problem is this file, not the "
    "place that pip installs to.",
    "no-temporary-folder": "pip found no folder for its temporary files.",
    "hashes": "The hashes in your requirements file do not match what the index serves.",
    "no-clone": "git could not fetch the source: its own words say why.",
    "build": "A package could not be built from source: its own build failed.",
    "cache-denied": "pip was not allowed to write to {1}, its cache; no place that it installs to.",
    "conflict": "Your requirements contradict each other: no versions fit together.",
    "no-ssl": "This Python has no working ssl module, so pip cannot reach a package index.",
    "certificate": "The index's certificate was not trusted, often because a proxy presents its "
    "own.",
    "index-refused": "The package index answered with an error (HTTP {1}).",
    "network": "pip could not reach the package index: check the network, the proxy and the "
    "index's address.",
    "python-version": "What you asked for does not support this version of Python.",
    "no-match": "The index has nothing that fits {1}: the name or the version is wrong, there is "
    "none for this Python and system, or the index is hiding it from pip.",
    "no-such-option": "This pip does not know the option {1}: it is misspelled, or this pip is too "
    "old for it.",
    "nothing-named": "The command does not say what to install.",
    "bad-requirement": "pip does not understand the requirement '{1}'.",
    "not-installable": "The directory holds no Python project that pip can read.",
    "bad-wheel": "The wheel is damaged, or made for another Python or system.",
    "target-is-a-file": "The place that --target names is a file, not a directory.",
    "no-git": "pip could not start {1}, a program that it needs.",
    "settings-not-written": "pip may not write its settings file {1}; no install is involved.",
    "long-path": "A path was longer than this Windows allows.",
    "locked-script": "pip could not replace a program in a Scripts folder: it may not write there, "
    "or the program is running.",
    "not-ours": "pip was not allowed to read or write {1}, which does not look like a place that "
    "it installs to.",
    "not-pips": "A program was not allowed to read, write or run {1}; nothing in this log shows "
    "that it was pip.",
    "missing-file": "Not found: {1}.",
    "broken-pip": "The pip command does not fit the Python and the pip that are installed: it asks "
    "for what is not there.",
    "no-sudo": "sudo did not run the command: it is not there, or not for you.",
    "no-pip": "There is no pip to run: this Python comes without one, or pip is not on your PATH.",
    "cancelled": "pip was stopped before it had finished.",
    "not-installed": "There was nothing that pip could uninstall.",
    "no-record": "pip cannot replace the {1} that is there: it does not know which files belong to "
    "it, most likely because another tool installed it, such as the system's package manager.",
    "crash": "pip stopped with an error that it does not know itself (a traceback).",
    "other": "This log shows an error that safepip does not know.",
    "inconsistent": "What is installed now does not fit together in every version.",
    "logging": "The 'Logging error' means that pip's log file (--log, PIP_LOG) could not be "
    "written; the install itself is not affected.",
    "cache": "pip's cache folder belongs to another user, so pip works without it: harmless, only "
    "slower.",
    "off-path": "{1} was installed into {2}, which is not on PATH.",
    "leftovers": "pip could not delete an old copy that it had moved aside; the install itself is "
    "done.",
}


_LOOKS = ", which does not look like a place that it installs to"
_UNNAMED = "something whose full path the line below does not give"


def say(failure: str, groups: Sequence[str]) -> str:
    """What the row *failure* means, with the groups of its pattern."""
    told = [group for group in groups if group]
    sentence = SAYS[failure]
    if not told:
        sentence = sentence.replace(" (HTTP {1})", "").replace(_LOOKS, "")
    for number, group in enumerate(groups, start=1):
        known = group or (told[0] if told else _UNNAMED)
        sentence = sentence.replace(f"{{{number}}}", known)
    return sentence
