"""Reads the requirements and options of one pip command into values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.reading import names
from safepip.reading.arguments import (
    INSTALL_OPTIONS,
    MAIN_OPTIONS,
    REQUIREMENT_OPTIONS,
    command_index,
    install_positions,
    install_variables,
    scan_words,
    variable_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from safepip.model.requests import PipCommand, RequestedRequirement, RequirementKind

    _Token = tuple[str | None, str | None, int, int, str]

ARCHIVES = (
    ".whl", ".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tlz",
    ".tar.lz", ".tar.lzma",
)  # fmt: skip
"""Ends of names that pip takes for a file to install.

Source: pip, _internal/utils/filetypes.py.
"""


def parse(argv: Sequence[str], env: Mapping[str, str] | None = None) -> PipCommand:
    """Read pip's command line; never fails, since a wrong line is pip's to refuse.

    Of an ``install`` all options and requirements are read; of other commands only the options
    before the command word. One-letter options that are glued together (``-qqU``) have the same
    span, that of their word and of the last one's value; use ``without`` to take some out.

    Requirements that *env* adds (``PIP_REQUIREMENT``, …) come first; they have no option.
    """
    from safepip.model.requests import PipCommand, PipOption

    words = tuple(argv)
    index = command_index(words)
    options = []
    requirements = list(_requirements_of_variables(words, env)) if _is_install(words, index) else []
    for name, value, start, stop, _ in _tokens(words, index):
        if name is None:
            requirements.append(read_requirement(words[start]))
            continue
        options.append(PipOption(name=name, value=value, start=start, stop=stop))
        if name in REQUIREMENT_OPTIONS and value is not None:
            requirements.append(read_option(name, value))
    return PipCommand(
        argv=words,
        name=None if index is None else words[index],
        command_at=index,
        options=tuple(options),
        requirements=tuple(requirements),
    )


def without(command: PipCommand, *names: str) -> tuple[str, ...]:
    """Give the words of *command* without the options called *names* (long form) and their values.

    They are taken out of bundles as well: ``-qU`` without ``--quiet`` is ``-U``.
    """
    if not command.has(*names):
        return command.argv
    argv = _straightened(command)
    index = command_index(argv)
    words: list[str | None] = list(argv)
    bundles: dict[tuple[int, int], list[tuple[bool, str]]] = {}
    for name, _, start, stop, spelled in _tokens(argv, index):
        if name is not None:
            bundles.setdefault((start, stop), []).append((name not in names, spelled))
    for (start, stop), bundle in bundles.items():
        kept = [spelled for keep, spelled in bundle if keep]
        if len(kept) < len(bundle):
            words[start] = "-" + "".join(kept) if kept else None
        # Only a bundle's last option can have a value; the command word is never it.
        if not bundle[-1][0]:
            for position in range(start + 1, stop):
                words[position] = argv[position] if position == index else None
    return tuple(word for word in words if word is not None)


def insert_after_command(command: PipCommand, words: Iterable[str]) -> tuple[str, ...]:
    """Give the words of *command*, which has one, with *words*, options, right behind its word."""
    argv = _straightened(command)
    behind = (command_index(argv) or 0) + 1
    return (*argv[:behind], *words, *argv[behind:])


def _straightened(command: PipCommand) -> tuple[str, ...]:
    """Give the words of *command*, the command word first if some before it could be misread.

    These are ``--``, which turns all options behind it into arguments, and a value that equals
    the command word, which pip drops in its stead. pip reads the outcome as it read *command*.
    """
    argv, name = command.argv, command.name
    before = argv[: command.command_at]
    if name is None or not {"--", name} & set(before):
        return argv
    dropped = argv.index(name)
    return (name, *argv[:dropped], *argv[dropped + 1 :])


def _is_install(argv: tuple[str, ...], index: int | None) -> bool:
    """Answer whether the command word at *index* is ``install``."""
    return index is not None and argv[index] == "install"


def _tokens(argv: tuple[str, ...], index: int | None) -> Iterator[_Token]:
    """Read what ``parse`` reads: all of an install, otherwise only what precedes the command."""
    if _is_install(argv, index):
        return scan_words(argv, install_positions(argv), INSTALL_OPTIONS)
    return scan_words(argv, range(len(argv) if index is None else index), MAIN_OPTIONS)


def _requirements_of_variables(
    argv: tuple[str, ...], env: Mapping[str, str] | None
) -> Iterator[RequestedRequirement]:
    """Read the requirements that variables add to the command line.

    Source: pip, _internal/cli/parser.py, ``_update_defaults``: lists are split at white space.
    """
    variables = install_variables(argv, env)
    for option in sorted(REQUIREMENT_OPTIONS):
        value = variables.get(variable_of(option), "")
        # --group is not one of pip's lists, and a group's name may follow a path with spaces.
        for text in [value] if value and option == "--group" else value.split():
            yield read_option(option, text)


def read_requirement(text: str) -> RequestedRequirement:
    """Tell what an argument of ``install`` is, by its looks alone.

    Source: pip, _internal/req/constructors.py, ``parse_req_from_line``. pip also asks whether a
    directory is there before it takes a word for one.
    """
    from safepip.model.requests import RequestedRequirement

    kind, name = _read_kind(text)
    return RequestedRequirement(text=text, kind=kind, name=name)


def _read_kind(text: str) -> tuple[RequirementKind, str | None]:
    """Tell kind and name of an argument of ``install``."""
    from safepip.model.requests import RequirementKind

    if _is_url(text):
        address = text.partition("; ")[0].strip()
        place = address.partition("#")[0].partition("?")[0]
        name = _name_of_fragment(address) or _name_of_file(place)
        if place[:5].lower() != "file:":
            return RequirementKind.URL, name
        return (
            RequirementKind.LOCAL_FILE if _is_archive(place) else RequirementKind.LOCAL_DIR
        ), name
    path = text.partition(";")[0].strip()
    name, url = _read_pep508(path)
    if url:
        return RequirementKind.URL, name
    if path.endswith("]"):
        path = path.rpartition("[")[0]
    if _is_archive(path):
        return RequirementKind.LOCAL_FILE, _name_of_file(path)
    if path.startswith(".") or "/" in path or "\\" in path:
        return RequirementKind.LOCAL_DIR, None
    return RequirementKind.NAMED, name


def read_option(option: str, text: str) -> RequestedRequirement:
    """Read the value of an option that asks for something to be installed.

    That of ``-e`` is a directory, a version control address, or ``name @ url``.
    """
    from safepip.model.requests import RequestedRequirement, RequirementKind

    if option != "--editable":
        return RequestedRequirement(text=text, kind=RequirementKind.FILE)
    name, url = _read_pep508(text)
    if not url:
        name = _name_of_fragment(text) if _is_url(text) else None
    return RequestedRequirement(text=text, kind=RequirementKind.EDITABLE, name=name)


def _is_url(text: str) -> bool:
    """Answer whether *text* begins with a scheme; a Windows drive (``C:``) is none."""
    scheme, colon, rest = text.partition(":")
    scheme = scheme.lower()
    if scheme.startswith(("git+", "hg+", "svn+", "bzr+")):
        return True
    if not colon or len(scheme) < 2 or not scheme.replace("+", "").isalnum():
        return False
    return rest.startswith("//") or scheme in {"http", "https", "file", "ftp"}


def _is_archive(path: str) -> bool:
    """Answer whether *path* ends like a file that pip installs."""
    return path.lower().endswith(ARCHIVES)


def _read_pep508(text: str) -> tuple[str | None, str | None]:
    """Give normalized name and URL of a PEP 508 requirement; None, None if it is none."""
    if names.is_plain(text):
        return names.normalized(text), None
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return None, None
    return names.normalized(requirement.name), requirement.url


def _name_of_fragment(url: str) -> str | None:
    """Give the name that ``#egg=`` tells."""
    for field in url.partition("#")[2].split("&"):
        key, _, value = field.partition("=")
        if key == "egg":
            return _read_pep508(value)[0]
    return None


def _name_of_file(path: str) -> str | None:
    """Give the name that the file name of a wheel or source archive tells.

    *path* is a path of any system, or a URL without query and fragment.
    """
    from urllib.parse import unquote

    from packaging.utils import (
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )

    file_name = unquote(path.replace("\\", "/").rpartition("/")[2])
    try:
        if file_name.endswith(".whl"):
            return parse_wheel_filename(file_name)[0]
        return parse_sdist_filename(file_name)[0]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
