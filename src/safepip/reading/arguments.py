"""pip's command line, read without running pip.

The upper half is on the way of every command, ``safepip list`` included, so importing this module
loads nothing: no ``re``, no ``typing``, no ``model``. ``parse`` and what follows it import what
they need when they are called.

The tables are the union of what pip 9.0 to 26.3 take; no option changed between flag and value in
these versions. ``tests/integration/test_pip_grammar.py`` holds them against real pips.

How pip reads (``_internal/cli/main_parser.py``, ``optparse``): the main parser stops at the first
word that is no option; that word names the command. All words but this one, those before it
included, then go to the parser of the command, where options and arguments mix.
"""

from __future__ import annotations

# Not imported from typing, which costs more than the whole hand-over; type checkers know the name.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from safepip.model.decisions import PipCommand, RequestedRequirement, RequirementKind

    _Token = tuple[str | None, str | None, int, int, str]


def _names(text: str) -> tuple[str, ...]:
    """Read a table: names with white space between them."""
    return tuple(text.split())


MAIN_VALUE_OPTIONS = frozenset(
    _names(
        """
    --cache-dir --cert --client-cert --default-timeout --default-vcs --exists-action
    --keyring-provider --local-log --log --log-file --proxy --python --resume-retries --retries
    --skip-requirements-regex --timeout --trusted-host --use-deprecated --use-feature
    """
    )
)
"""What takes a value and may stand before the command (and after it too)."""

MAIN_FLAGS = frozenset(
    _names(
        """
    --debug --disable-pip-version-check --help --isolated --no-cache-dir --no-color --no-input
    --no-proxy-env --no-python-version-warning --quiet --require-venv --require-virtualenv
    --verbose --version
    """
    )
)
"""What takes no value and may stand before the command (and after it too)."""

INSTALL_VALUE_OPTIONS = frozenset(
    _names(
        """
    --abi --all-releases --allow-external --allow-insecure --allow-unverified --build
    --build-constraint --build-dir --build-directory --config-settings --constraint --download
    --download-dir --download-directory --editable --extra-index-url --find-links --global-option
    --group --implementation --index-url --install-option --no-binary --only-binary --only-final
    --platform --prefix --progress-bar --pypi-url --python-version --refresh-package --report
    --requirement --requirements-from-script --root --root-user-action --source --source-dir
    --source-directory --src --target --upgrade-strategy --uploaded-prior-to
    """
    )
)
"""What takes a value and only stands after ``install``."""

INSTALL_FLAGS = frozenset(
    _names(
        """
    --allow-all-external --break-system-packages --check-build-dependencies --compile --dry-run
    --egg --force-reinstall --ignore-installed --ignore-requires-python --no-allow-external
    --no-allow-insecure --no-build-isolation --no-clean --no-compile --no-dependencies --no-deps
    --no-index --no-require-hashes --no-use-pep517 --no-use-wheel --no-user --no-warn-conflicts
    --no-warn-script-location --only-dependencies --only-deps --pre --prefer-binary
    --process-dependency-links --require-hashes --upgrade --use-pep517 --use-wheel --user
    """
    )
)
"""What takes no value and only stands after ``install``."""

ALIASES = {
    "--allow-insecure": "--allow-unverified",
    "--build-dir": "--build",
    "--build-directory": "--build",
    "--default-timeout": "--timeout",
    "--download-dir": "--download",
    "--download-directory": "--download",
    "--local-log": "--log",
    "--log-file": "--log",
    "--no-dependencies": "--no-deps",
    "--only-dependencies": "--only-deps",
    "--pypi-url": "--index-url",
    "--require-venv": "--require-virtualenv",
    "--source": "--src",
    "--source-dir": "--src",
    "--source-directory": "--src",
}
"""Second names of options, and the first name under which they are reported."""

SHORT_OPTIONS = {
    "-h": "--help",
    "-v": "--verbose",
    "-V": "--version",
    "-q": "--quiet",
    "-b": "--build",
    "-c": "--constraint",
    "-C": "--config-settings",
    "-d": "--download",
    "-e": "--editable",
    "-f": "--find-links",
    "-i": "--index-url",
    "-I": "--ignore-installed",
    "-r": "--requirement",
    "-t": "--target",
    "-U": "--upgrade",
}
"""One-letter options; of these, the main parser knows the ones that stand for main options."""

REQUIREMENT_OPTIONS = frozenset(
    {"--requirement", "--editable", "--group", "--requirements-from-script"}
)
"""Options whose value is something to install."""

NOTHING_INSTALLED = frozenset({"--help", "--dry-run", "--download"})
"""With one of these, ``install`` installs nothing (``--download``: pip 9 and older)."""

PREFERRED = _names(
    """
    --user --prefix --root --break-system-packages --abi --all-releases --build-constraint
    --constraint --default-timeout --group --index-url --no-binary --no-compile
    --no-python-version-warning --no-user --only-binary --proxy --pypi-url --python-version
    --requirement --use-pep517 --verbose
    """
)
"""Which option an abbreviation means when several begin with it, the first one that does.

An abbreviation that is ambiguous over all pips can be clear to one of them, which has fewer
options: ``--pref`` is ``--prefix`` to pip 9, ``--us`` is ``--user`` to pip 18. The pips that find
it ambiguous refuse it themselves, so the reading only matters for those that do not; explicit
destinations come first.
"""

_MAIN = dict.fromkeys(MAIN_VALUE_OPTIONS, True) | dict.fromkeys(MAIN_FLAGS, False)
_INSTALL = _MAIN | dict.fromkeys(INSTALL_VALUE_OPTIONS, True) | dict.fromkeys(INSTALL_FLAGS, False)


def command_index(argv: Sequence[str]) -> int | None:
    """Tell where in *argv* pip's command word stands; None if there is none.

    *argv* is without the program's name. ``--`` before the command ends the main options and the
    next word is the command, whatever it looks like. An option that no pip has counts as a flag.
    """
    for name, _, start, _, _ in _scan(argv, range(len(argv)), _MAIN):
        if name is None:
            return start
    return None


def is_install_to_watch(argv: Sequence[str], env: Mapping[str, str] | None = None) -> bool:
    """Answer whether *argv* is an ``install`` that may change an environment under our eyes.

    False for every other command; for help, ``--dry-run`` and an ``install`` with nothing to
    install; with ``--python`` too, since pip then works in a grandchild that we cannot stop. An
    explicit destination is watched: it is never diverted, but its failure is explained. In doubt
    the answer is True, since a watched install runs like any other.

    *env* holds the user's variables: ``PIP_REQUIREMENT`` can be all there is to install,
    ``PIP_PYTHON`` and ``PIP_DRY_RUN`` count like their options.
    """
    index = None
    for name, _, start, _, _ in _scan(argv, range(len(argv)), _MAIN):
        if name is None:
            index = start
            break
        # Only here: behind the command, pips before 26.3 take --version and ignore it.
        if name in {"--help", "--version", "--python"}:
            return False
    # Not subject to --isolated: the main parser reads variables in any case.
    if index is None or argv[index] != "install" or (env and env.get("PIP_PYTHON")):
        return False
    variables = _install_variables(argv, env)
    # Source: pip, _internal/utils/misc.py, strtobool.
    if variables.get("PIP_DRY_RUN", "").lower() in {"y", "yes", "t", "true", "on", "1"}:
        return False
    something = any(variables.get(_variable(name)) for name in REQUIREMENT_OPTIONS)
    for name, _, _, _, _ in _scan(argv, _install_positions(argv), _INSTALL):
        if name is None or name in REQUIREMENT_OPTIONS:
            something = True
        elif name in NOTHING_INSTALLED or name == "--python":
            return False
    return something


def _variable(option: str) -> str:
    """Name the variable that sets *option*."""
    return "PIP_" + option[2:].upper().replace("-", "_")


def _install_variables(argv: Sequence[str], env: Mapping[str, str] | None) -> Mapping[str, str]:
    """Give the variables that the parser of ``install`` heeds: none in isolated mode.

    pip looks for the bare word, even where it is no option.
    Source: pip, _internal/cli/main.py, ``isolated=("--isolated" in cmd_args)``.
    """
    return {} if env is None or "--isolated" in argv else env


def _install_positions(argv: Sequence[str]) -> list[int]:
    """List which words of *argv*, an ``install`` line, the parser of the command gets to see.

    pip takes out the first word that equals the command's name, which may be another one than the
    command: of ``--proxy install -q install x`` it leaves ``--proxy -q install x``.
    Source: pip, _internal/cli/main_parser.py, ``cmd_args.remove(cmd_name)``.
    """
    dropped = list(argv).index("install")
    return [position for position in range(len(argv)) if position != dropped]


def _scan(
    argv: Sequence[str], positions: Sequence[int], table: Mapping[str, bool]
) -> Iterator[_Token]:
    """Read the words of *argv* at *positions* as optparse does, with the options of *table*.

    Yields name (None for an argument), value, start, stop, and how the option is spelled within
    a bundle; the bundle's options share start and stop. The words between start and stop that
    are not at *positions* do not belong to the option.
    """
    at = 0
    ended = False
    while at < len(positions):
        start = positions[at]
        word = argv[start]
        at += 1
        if ended or word[:1] != "-" or word == "-":
            yield None, word, start, start + 1, word
            continue
        if word == "--":
            ended = True
            continue
        found = _read_long(word, table) if word[:2] == "--" else _read_short(word, table)
        name, value, spelled = found[-1]
        stop = start + 1
        if value is None and table.get(name) and at < len(positions):
            value = argv[positions[at]]
            stop = positions[at] + 1
            at += 1
        found[-1] = (name, value, spelled)
        for name, value, spelled in found:
            yield name, value, start, stop, spelled


def _read_long(word: str, table: Mapping[str, bool]) -> list[tuple[str, str | None, str]]:
    """Read ``--option`` or ``--option=value``, abbreviated or not."""
    typed, equals, value = word.partition("=")
    return [(_spell_out(typed, table), value if equals else None, word)]


def _read_short(word: str, table: Mapping[str, bool]) -> list[tuple[str, str | None, str]]:
    """Read one-letter options glued together, ``-qqU``, the last maybe with its value, ``-rFILE``.

    What follows a letter that no pip knows stays with it: it may be its value.
    """
    found: list[tuple[str, str | None, str]] = []
    for at in range(1, len(word)):
        name = SHORT_OPTIONS.get("-" + word[at])
        rest = word[at:]
        if name is None or name not in table:
            found.append(("-" + rest, None, rest))
            break
        if table[name]:
            found.append((name, rest[1:] or None, rest))
            break
        found.append((name, None, word[at]))
    return found


def _spell_out(typed: str, table: Mapping[str, bool]) -> str:
    """Give the first name of the option that *typed* names or abbreviates, else *typed*."""
    if typed not in table and len(typed) > 2:
        meant = [spelling for spelling in table if spelling.startswith(typed)]
        if meant:
            typed = next((option for option in PREFERRED if option in meant), min(meant))
    return ALIASES.get(typed, typed)


# What follows is not on the fast path.

ARCHIVES = _names(".whl .zip .tar .tar.gz .tgz .tar.bz2 .tbz .tar.xz .txz .tlz .tar.lz .tar.lzma")
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
    from safepip.model.decisions import PipCommand, PipOption, RequestedRequirement, RequirementKind

    words = tuple(argv)
    index = command_index(words)
    options = []
    requirements = list(_requirements_of_variables(words, env)) if _is_install(words, index) else []
    for name, value, start, stop, _ in _tokens(words, index):
        if name is None:
            requirements.append(_read_requirement(words[start]))
            continue
        options.append(PipOption(name=name, value=value, start=start, stop=stop))
        if name in REQUIREMENT_OPTIONS and value is not None:
            requirements.append(
                _read_editable(value)
                if name == "--editable"
                else RequestedRequirement(text=value, kind=RequirementKind.FILE)
            )
    return PipCommand(
        argv=words,
        name=None if index is None else words[index],
        index=index,
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
    """Give the words of *command* with *words*, options, right behind the command word.

    Raises:
        ValueError: There is no command word.
    """
    if command.index is None:
        message = "no command to insert behind"
        raise ValueError(message)
    argv = _straightened(command)
    behind = (command_index(argv) or 0) + 1
    return (*argv[:behind], *words, *argv[behind:])


def _straightened(command: PipCommand) -> tuple[str, ...]:
    """Give the words of *command*, the command word first if some before it could be misread.

    These are ``--``, which turns all options behind it into arguments, and a value that equals
    the command word, which pip drops in its stead. pip reads the outcome as it read *command*.
    """
    argv, name = command.argv, command.name
    before = argv[: command.index]
    if name is None or not {"--", name} & set(before):
        return argv
    dropped = argv.index(name)
    return (name, *argv[:dropped], *argv[dropped + 1 :])


def redact(text: str) -> str:
    """Mask the credentials of every URL in *text*: ``https://****@host/x``.

    The plain user of an ssh address stays, as it does in pip (``git+ssh://git@host``). Also
    masked: ``user:password@host`` without a scheme (``--proxy``), and what looks like a secret
    in a query (``?token=…``). In doubt more is masked than needed.
    """
    import re

    def mask(match: re.Match[str]) -> str:
        scheme, user = match["scheme"], match["user"]
        plain = scheme.lower().endswith("ssh://") and ":" not in user
        return match[0] if plain else f"{scheme}****@"

    # The user part ends at the last @ before the path, as it does for urllib. The second kind is
    # a password with a bare / or # in it: wrong as a URL, and a secret all the same. It is told
    # from host:port by what follows the colon.
    text = re.sub(
        r"(?P<scheme>[a-z][a-z0-9+.-]{0,30}://|\bhttps?:/+)"
        r"(?P<user>[^/?#\s\"]+|(?!\[)[^/?#\s@:]*:(?!\d*(?:[/?#\s,;'\")\]>]|$))[^\n]*)@",
        mask,
        text,
        flags=re.IGNORECASE,
    )
    text = re.sub(r"(?:(?<=[\s='\"])|^)(?!file:)[^\s/\\:@='\"]+:(?![/\\])[^\s]*@", "****@", text)
    return re.sub(
        r"([?&][^=&#\s]{0,64}(?:token|secret|passw|key|sig|auth|credential)[^=&#\s]{0,64}=)[^&#\s\"]+",
        r"\1****",
        text,
        flags=re.IGNORECASE,
    )


def _is_install(argv: tuple[str, ...], index: int | None) -> bool:
    """Answer whether the command word at *index* is ``install``."""
    return index is not None and argv[index] == "install"


def _tokens(argv: tuple[str, ...], index: int | None) -> Iterator[_Token]:
    """Read what ``parse`` reads: all of an install, otherwise only what precedes the command."""
    if _is_install(argv, index):
        return _scan(argv, _install_positions(argv), _INSTALL)
    return _scan(argv, range(len(argv) if index is None else index), _MAIN)


def _requirements_of_variables(
    argv: tuple[str, ...], env: Mapping[str, str] | None
) -> Iterator[RequestedRequirement]:
    """Read the requirements that variables add to the command line.

    Source: pip, _internal/cli/parser.py, ``_update_defaults``: lists are split at white space.
    """
    from safepip.model.decisions import RequestedRequirement, RequirementKind

    variables = _install_variables(argv, env)
    for option in sorted(REQUIREMENT_OPTIONS):
        value = variables.get(_variable(option), "")
        # --group is not one of pip's lists, and a group's name may follow a path with spaces.
        for text in [value] if value and option == "--group" else value.split():
            yield (
                _read_editable(text)
                if option == "--editable"
                else RequestedRequirement(text=text, kind=RequirementKind.FILE)
            )


def _read_requirement(text: str) -> RequestedRequirement:
    """Tell what an argument of ``install`` is, by its looks alone.

    Source: pip, _internal/req/constructors.py, ``parse_req_from_line``. pip also asks whether a
    directory is there before it takes a word for one.
    """
    from safepip.model.decisions import RequestedRequirement

    kind, name = _read_kind(text)
    return RequestedRequirement(text=text, kind=kind, name=name)


def _read_kind(text: str) -> tuple[RequirementKind, str | None]:
    """Tell kind and name of an argument of ``install``."""
    from safepip.model.decisions import RequirementKind

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


def _read_editable(text: str) -> RequestedRequirement:
    """Read the value of ``-e``: a directory, a version control address, or ``name @ url``."""
    from safepip.model.decisions import RequestedRequirement, RequirementKind

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
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return None, None
    return canonicalize_name(requirement.name), requirement.url


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
