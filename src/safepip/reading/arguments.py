"""pip's command line, read without running pip.

This is on the way of every command, ``safepip list`` included, so importing this module loads
nothing: no ``re``, no ``typing``, no ``model``. ``requests`` makes values of the same line.

The tables are the union of what pip 9.0 to 26.3 take; no option changed between flag and value in
these versions. ``tests/integration/test_pip_grammar.py`` holds them against real pips.

How pip reads (``_internal/cli/main_parser.py``, ``optparse``): the main parser stops at the first
word that is no option; that word names the command. All words but this one, those before it
included, then go to the parser of the command, where options and arguments mix.
"""

# Not imported from typing, which costs more than the whole hand-over; type checkers know the name.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    _Token = tuple[str | None, str | None, int, int, str]


def _set_of(text: str) -> "frozenset[str]":
    """Read a table: names with white space between them."""
    return frozenset(text.split())


MAIN_VALUE_OPTIONS = _set_of(
    """
    --cache-dir --cert --client-cert --default-timeout --default-vcs --exists-action
    --keyring-provider --local-log --log --log-file --proxy --python --resume-retries --retries
    --skip-requirements-regex --timeout --trusted-host --use-deprecated --use-feature
    """
)
"""What takes a value and may stand before the command (and after it too)."""

MAIN_FLAGS = _set_of(
    """
    --debug --disable-pip-version-check --help --isolated --no-cache-dir --no-color --no-input
    --no-proxy-env --no-python-version-warning --quiet --require-venv --require-virtualenv
    --verbose --version
    """
)
"""What takes no value and may stand before the command (and after it too)."""

INSTALL_VALUE_OPTIONS = _set_of(
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
"""What takes a value and only stands after ``install``."""

INSTALL_FLAGS = _set_of(
    """
    --allow-all-external --break-system-packages --check-build-dependencies --compile --dry-run
    --egg --force-reinstall --ignore-installed --ignore-requires-python --no-allow-external
    --no-allow-insecure --no-build-isolation --no-clean --no-compile --no-dependencies --no-deps
    --no-index --no-require-hashes --no-use-pep517 --no-use-wheel --no-user --no-warn-conflicts
    --no-warn-script-location --only-dependencies --only-deps --pre --prefer-binary
    --process-dependency-links --require-hashes --upgrade --use-pep517 --use-wheel --user
    """
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

COMMANDS = _set_of(
    """
    cache check completion config debug download freeze hash help index inspect install list lock
    search show uninstall wheel
    """
)
"""The commands of pip 9.0 to 26.3; none of ours is among them."""

NOTHING_INSTALLED = frozenset({"--help", "--download"})
"""With one of these, ``install`` installs nothing (``--download``: pip 9 and older)."""

PREFERRED = """
    --user --prefix --root --break-system-packages --abi --all-releases --build-constraint
    --constraint --default-timeout --group --index-url --no-binary --no-compile
    --no-python-version-warning --no-user --only-binary --proxy --pypi-url --python-version
    --requirement --use-pep517 --verbose
"""
"""Which option an abbreviation means when several begin with it, the first one that does.

An abbreviation that is ambiguous over all pips can be clear to one of them, which has fewer
options: ``--pref`` is ``--prefix`` to pip 9, ``--us`` is ``--user`` to pip 18. The pips that find
it ambiguous refuse it themselves, so the reading only matters for those that do not; explicit
destinations come first.
"""

TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})
"""What pip takes for a flag that is set, in letters of any size. Source: ``strtobool``."""
FALSE = frozenset({"n", "no", "f", "false", "off", "0"})

MAIN_OPTIONS = dict.fromkeys(MAIN_VALUE_OPTIONS, True) | dict.fromkeys(MAIN_FLAGS, False)
INSTALL_OPTIONS = (
    MAIN_OPTIONS | dict.fromkeys(INSTALL_VALUE_OPTIONS, True) | dict.fromkeys(INSTALL_FLAGS, False)
)


def has_unknown_word(words: "Sequence[str]") -> bool:
    """Answer whether no pip knows the command of *words*, or an option that it stands with.

    Costs next to nothing: it is asked of every command. Options behind another command than
    ``install`` are not looked at.
    """
    index = command_index(words)
    if index is None:
        index = len(words)
    elif words[index] not in COMMANDS:
        return True
    is_install = list(words[index : index + 1]) == ["install"]
    table = INSTALL_OPTIONS if is_install else MAIN_OPTIONS
    positions = range(len(words) if is_install else index)
    return any(
        name is not None and name.startswith("--") and name not in table
        for name, _, _, _, _ in scan_words(words, positions, table)
    )


def report_asked(options: "Mapping[str, str]", env: "Mapping[str, str]") -> str:
    """Name the file that a report is wanted in, by safepip's own option or variable; or none."""
    return options.get("--report-json") or env.get("SAFEPIP_REPORT_JSON", "")


def command_index(argv: "Sequence[str]") -> int | None:
    """Tell where in *argv* pip's command word stands; None if there is none.

    *argv* is without the program's name. ``--`` before the command ends the main options and the
    next word is the command, whatever it looks like. An option that no pip has counts as a flag.
    """
    for name, _, start, _, _ in scan_words(argv, range(len(argv)), MAIN_OPTIONS):
        if name is None:
            return start
    return None


def is_install_to_watch(argv: "Sequence[str]", env: "Mapping[str, str] | None" = None) -> bool:
    """Answer whether *argv* is an ``install`` that may change an environment under our eyes.

    False for every other command, for help, and for an ``install`` with nothing to install. An
    explicit destination and ``--dry-run`` are watched: they are never diverted, but their failure
    is explained. In doubt the answer is True, since a watched install runs like any other.

    *env* holds the user's variables: ``PIP_REQUIREMENT`` can be all there is to install,
    ``PIP_DRY_RUN`` counts like its option.
    """
    index = None
    for name, _, start, _, _ in scan_words(argv, range(len(argv)), MAIN_OPTIONS):
        if name is None:
            index = start
            break
        # Only here: behind the command, pips before 26.3 take --version and ignore it.
        if name in {"--help", "--version"}:
            return False
    if index is None or argv[index] != "install":
        return False
    variables = install_variables(argv, env)
    if variables.get("PIP_DRY_RUN", "").lower() in TRUE:
        return False
    something = any(variables.get(variable_of(name)) for name in REQUIREMENT_OPTIONS)
    for name, _, _, _, _ in scan_words(argv, install_positions(argv), INSTALL_OPTIONS):
        if name is None or name in REQUIREMENT_OPTIONS:
            something = True
        elif name in NOTHING_INSTALLED:
            return False
    return something


def variable_of(option: str) -> str:
    """Name the variable that sets *option*."""
    return "PIP_" + option[2:].upper().replace("-", "_")


def install_variables(
    argv: "Sequence[str]", env: "Mapping[str, str] | None"
) -> "Mapping[str, str]":
    """Give the variables that the parser of ``install`` heeds: none in isolated mode.

    pip looks for the bare word, even where it is no option.
    Source: pip, _internal/cli/main.py, ``isolated=("--isolated" in cmd_args)``.
    """
    return {} if env is None or "--isolated" in argv else env


def install_positions(argv: "Sequence[str]") -> list[int]:
    """List which words of *argv*, an ``install`` line, the parser of the command gets to see.

    pip takes out the first word that equals the command's name, which may be another one than the
    command: of ``--proxy install -q install x`` it leaves ``--proxy -q install x``.
    Source: pip, _internal/cli/main_parser.py, ``cmd_args.remove(cmd_name)``.
    """
    dropped = list(argv).index("install")
    return [position for position in range(len(argv)) if position != dropped]


def scan_words(
    argv: "Sequence[str]", positions: "Sequence[int]", table: "Mapping[str, bool]"
) -> "Iterator[_Token]":
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


def _read_long(word: str, table: "Mapping[str, bool]") -> list[tuple[str, str | None, str]]:
    """Read ``--option`` or ``--option=value``, abbreviated or not."""
    typed, equals, value = word.partition("=")
    return [(_spell_out(typed, table), value if equals else None, word)]


def _read_short(word: str, table: "Mapping[str, bool]") -> list[tuple[str, str | None, str]]:
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


def _spell_out(typed: str, table: "Mapping[str, bool]") -> str:
    """Give the first name of the option that *typed* names or abbreviates, else *typed*."""
    if typed not in table and len(typed) > 2:
        meant = [spelling for spelling in table if spelling.startswith(typed)]
        if meant:
            typed = next((option for option in PREFERRED.split() if option in meant), min(meant))
    return ALIASES.get(typed, typed)
