"""pip's command line: which lines are installs, what they ask for, and how to change them."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepip.model import options
from safepip.model.requests import RequirementKind
from safepip.reading import arguments as reading_arguments
from safepip.reading import requests, secrets

if TYPE_CHECKING:
    from safepip.model.requests import PipCommand


def told(command: PipCommand) -> list[tuple[str, str | None]]:
    """Names and values of the options."""
    return [(option.name, option.value) for option in command.options]


# Where the command word is


@pytest.mark.parametrize(
    ("line", "index"),
    [
        pytest.param("list", 0, id="it is the first word"),
        pytest.param("-v list", 1, id="flags may come before it"),
        pytest.param("-qvv --no-input list", 2, id="bundled flags are one word"),
        pytest.param("--proxy list install x", 2, id="the value of a main option is not it"),
        pytest.param("--proxy=list install x", 1, id="a value behind = is no word of its own"),
        pytest.param("--prox p install x", 2, id="main options may be abbreviated"),
        pytest.param("--log install install", 2, id="a value may be spelled like a command"),
        pytest.param("--py venv install x", 2, id="--python is abbreviated before the command"),
        pytest.param("--unheard-of install x", 1, id="an option that no pip has is a flag"),
        pytest.param("-z install x", 1, id="so is a letter that no pip has"),
        pytest.param("-- install x", 1, id="-- ends the main options"),
        pytest.param("-v -- --log install", 2, id="what follows -- is it, even with dashes"),
        pytest.param("--proxy -- install", 2, id="-- can be a value"),
        pytest.param("- install", 0, id="a lone dash is a word"),
        pytest.param("install -r list", 0, id="nothing behind it matters"),
    ],
)
def test_finds_the_command(line: str, index: int) -> None:
    assert reading_arguments.command_index(line.split()) == index


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("", id="an empty line has none"),
        pytest.param("-V", id="options alone have none"),
        pytest.param("--", id="nothing follows --"),
        pytest.param("--proxy install", id="the only word is a value"),
        pytest.param("--proxy", id="the value is missing"),
    ],
)
def test_finds_no_command(line: str) -> None:
    assert reading_arguments.command_index(line.split()) is None


# Which installs are watched


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("install x", id="a name"),
        pytest.param("-q --proxy p install x", id="main options come first"),
        pytest.param("install -r req.txt", id="a requirements file"),
        pytest.param("install -rreq.txt", id="a requirements file, glued"),
        pytest.param("install -qUrreq.txt", id="a requirements file at the end of a bundle"),
        pytest.param("install --requirem=req.txt", id="a requirements file, abbreviated"),
        pytest.param("install -e .", id="an editable"),
        pytest.param("install --group dev", id="a dependency group"),
        pytest.param("install --requirements-from-script x.py", id="a script's requirements"),
        pytest.param("install .", id="a directory"),
        pytest.param("install --user x", id="--user: explained, if it fails"),
        pytest.param("install --target t x", id="--target: explained, if it fails"),
        pytest.param("install --prefix p x", id="--prefix: explained, if it fails"),
        pytest.param("install --root r x", id="--root: explained, if it fails"),
        pytest.param("install --break-system-packages x", id="--break-system-packages"),
        pytest.param("install -- --dry-run", id="--dry-run behind -- is a requirement"),
        pytest.param("install --log --dry-run x", id="--dry-run as a value"),
        pytest.param("install x --dr", id="a dry run, whose failure is explained"),
        pytest.param("install --proxy -h x", id="-h as a value"),
        pytest.param("-- install x", id="-- before the command"),
        pytest.param("install --no-such-option x", id="an option we do not know"),
        pytest.param("install -V x", id="--version behind the command: older pips ignore it"),
        pytest.param("install -qz x", id="a letter we do not know"),
        pytest.param("install -U pip", id="pip itself"),
        pytest.param("--python venv install x", id="another Python: a grandchild installs"),
        pytest.param("install --python venv x", id="another Python, where pip refuses it"),
        pytest.param("install download", id="a requirement spelled like a command"),
        pytest.param("--log f install install", id="a requirement spelled like this one"),
    ],
)
def test_watches(line: str) -> None:
    assert reading_arguments.is_install_to_watch(line.split())


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("", id="nothing at all"),
        pytest.param("list", id="another command"),
        pytest.param("download install", id="another command with that word"),
        pytest.param("--proxy install list", id="another command behind a value of that name"),
        pytest.param("help install", id="help about it"),
        pytest.param("uninstall x", id="uninstall"),
        pytest.param("wheel x", id="wheel"),
        pytest.param("Install x", id="not pip's spelling"),
        pytest.param("install", id="nothing to install"),
        pytest.param("install -U", id="only options"),
        pytest.param("install -c constraints.txt", id="a constraint is nothing to install"),
        pytest.param("install --proxy x", id="the only word is a value"),
        pytest.param("install x -h", id="help wanted at the end"),
        pytest.param("install -qh x", id="help wanted in a bundle"),
        pytest.param("install --he x", id="help wanted, abbreviated"),
        pytest.param("-h install x", id="help wanted first"),
        pytest.param("-V install x", id="version wanted first"),
        pytest.param("--vers install x", id="version wanted first, abbreviated"),
        pytest.param("install -d folder x", id="pip 9's download"),
        pytest.param("--unheard-of value install x", id="the command cannot be told"),
    ],
)
def test_leaves_alone(line: str) -> None:
    assert not reading_arguments.is_install_to_watch(line.split())


@pytest.mark.parametrize(
    ("line", "env"),
    [
        pytest.param("install", {"PIP_REQUIREMENT": "r.txt"}, id="a variable names the file"),
        pytest.param("install", {"PIP_EDITABLE": "."}, id="a variable names an editable"),
        pytest.param("install x", {"PIP_DRY_RUN": "0"}, id="the dry run is switched off"),
        pytest.param("install x", {"PIP_DRY_RUN": ""}, id="an empty variable is none"),
        pytest.param("install --isolated x", {"PIP_DRY_RUN": "1"}, id="variables are ignored"),
        pytest.param("install x", {"PIP_TARGET": "t"}, id="a variable names the place"),
        pytest.param("install x", {"PIP_HELP": "1"}, id="a variable that pip ignores"),
    ],
)
def test_watches_in_view_of_variables(line: str, env: dict[str, str]) -> None:
    assert reading_arguments.is_install_to_watch(line.split(), env)


@pytest.mark.parametrize(
    ("line", "env"),
    [
        pytest.param("install", {"PIP_PROXY": "p"}, id="no variable names a requirement"),
        pytest.param("install x", {"PIP_DRY_RUN": "Yes"}, id="a dry run"),
        pytest.param("install --isolated", {"PIP_REQUIREMENT": "r"}, id="ignored in isolation"),
        pytest.param("list", {"PIP_REQUIREMENT": "r"}, id="another command"),
    ],
)
def test_leaves_alone_in_view_of_variables(line: str, env: dict[str, str]) -> None:
    assert not reading_arguments.is_install_to_watch(line.split(), env)


# Options


@pytest.mark.parametrize(
    ("line", "options"),
    [
        pytest.param("--upgrade x", [("--upgrade", None)], id="a flag takes no word"),
        pytest.param("--target t", [("--target", "t")], id="a value is the next word"),
        pytest.param("--target=t", [("--target", "t")], id="or follows ="),
        pytest.param("--target=", [("--target", "")], id="where it may be empty"),
        pytest.param("--proxy=a=b", [("--proxy", "a=b")], id="and hold another ="),
        pytest.param("-tt", [("--target", "t")], id="or is glued to a letter"),
        pytest.param("-t=t", [("--target", "=t")], id="where = belongs to it"),
        pytest.param("-t -q", [("--target", "-q")], id="and may look like an option"),
        pytest.param("-t --", [("--target", "--")], id="or like the end of them"),
        pytest.param("-t", [("--target", None)], id="and may be missing"),
        pytest.param(
            "-qUtt",
            [("--quiet", None), ("--upgrade", None), ("--target", "t")],
            id="a bundle's last letter may have its value glued on",
        ),
        pytest.param(
            "-qt t", [("--quiet", None), ("--target", "t")], id="or in the word that follows"
        ),
        pytest.param("-qzt t", [("--quiet", None), ("-zt", None)], id="an unknown letter ends one"),
        pytest.param("--what=x", [("--what", "x")], id="an unknown option keeps its name"),
        pytest.param("--source s", [("--src", "s")], id="second names become first names"),
        pytest.param("--ta t", [("--target", "t")], id="--ta is --target"),
        pytest.param("--prefi p", [("--prefix", "p")], id="--prefi is --prefix"),
        pytest.param("--pref p", [("--prefix", "p")], id="--pref is --prefix, as for pip 9"),
        pytest.param("--us", [("--user", None)], id="--us is --user, as for pip 18"),
        pytest.param("--roo r", [("--root", "r")], id="--roo is --root, as before pip 22"),
        pytest.param("--b", [("--break-system-packages", None)], id="--b, as for pip 24"),
        pytest.param("--con c", [("--constraint", "c")], id="--con is --constraint"),
        pytest.param("--config-setting s", [("--config-settings", "s")], id="--config-setting"),
        pytest.param("--no-us", [("--no-user", None)], id="--no-us is --no-user"),
        pytest.param("--=x", [("--", "x")], id="nothing is abbreviated to nothing"),
        pytest.param("-- -q --user", [], id="behind -- there are none"),
    ],
)
def test_reads_options(line: str, options: list[tuple[str, str | None]]) -> None:
    assert told(requests.parse(["install", *line.split()])) == options


def test_spans_cover_option_and_value() -> None:
    argv = ["-v", "--proxy", "p", "install", "--target", "t", "x", "--root=r", "-Urf"]
    assert [(o.name, o.start, o.stop) for o in requests.parse(argv).options] == [
        ("--verbose", 0, 1),
        ("--proxy", 1, 3),
        ("--target", 4, 6),
        ("--root", 7, 8),
        ("--upgrade", 8, 9),
        ("--requirement", 8, 9),
    ]


def test_bundled_options_share_their_span() -> None:
    options = requests.parse(["install", "-qr", "f"]).options
    assert [(o.name, o.start, o.stop) for o in options] == [
        ("--quiet", 1, 3),
        ("--requirement", 1, 3),
    ]


@pytest.mark.parametrize(
    ("line", "option"),
    [
        pytest.param("install --us x", "--user", id="an abbreviation that may mean --user"),
        pytest.param("install -qtt x", "--target", id="--target in a bundle"),
        pytest.param("install x --prefix=p", "--prefix", id="--prefix at the end"),
        pytest.param("--python v install x", "--python", id="--python before the command"),
        pytest.param("--python v install -t t x", "--target", id="a place for another Python"),
        pytest.param("install --no-user x", None, id="--no-user names no place"),
        pytest.param("install --python-version 3 x", None, id="--python-version names none"),
        pytest.param("install --root-user-action a x", None, id="--root-user-action names none"),
        pytest.param("install --prefer-binary x", None, id="--prefer-binary names none"),
        pytest.param("install --use-pep517 x", None, id="--use-pep517 names none"),
        pytest.param("install --proxy --user x", None, id="--user as a value names none"),
        pytest.param("install -- --user", None, id="--user as a requirement names none"),
    ],
)
def test_sees_whether_the_line_names_a_place(line: str, option: str | None) -> None:
    assert requests.parse(line.split()).explicit_destination == option


def test_counts_quiet_in_every_spelling() -> None:
    assert requests.parse(["-q", "install", "-qq", "--quiet", "--qui", "x"]).quiet == 5


def test_other_commands_are_read_up_to_their_name() -> None:
    command = requests.parse(["-q", "--log", "l", "download", "--target", "t", "x"])
    assert (command.name, command.command_at) == ("download", 3)
    assert told(command) == [("--quiet", None), ("--log", "l")]
    assert command.requirements == ()


def test_drops_the_first_word_that_equals_the_command_as_pip_does() -> None:
    command = requests.parse(["--proxy", "install", "-q", "install", "x"])
    assert told(command) == [("--proxy", "-q")]
    assert [requirement.text for requirement in command.requirements] == ["install", "x"]
    # What is left reads the same to pip.
    assert requests.without(command, "--proxy") == ("install", "install", "x")


# Requirements


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        pytest.param("Django", "named", "django", id="names are normalized"),
        pytest.param("zope.Interface_x", "named", "zope-interface-x", id="dots and underscores"),
        pytest.param("x>=1,<2", "named", "x", id="specifier"),
        pytest.param("x [a,b] == 1", "named", "x", id="extras, white space"),
        pytest.param("x; python_version < '3'", "named", "x", id="marker"),
        pytest.param("lib", "named", "lib", id="a bare word is a name, even of a directory"),
        pytest.param("x=1", "named", None, id="not a requirement"),
        pytest.param("", "named", None, id="an empty word"),
        pytest.param("x @ https://h/y.zip", "url", "x", id="name @ url"),
        pytest.param("x[e]@https://h/y.zip; os_name=='nt'", "url", "x", id="the same with all"),
        pytest.param("x @ file:///y/z.whl", "url", "x", id="name @ file url"),
        pytest.param("https://h/d/x-1.tar.gz", "url", "x", id="url of a source archive"),
        pytest.param("https://h/X_y-1-py3-none-any.whl#sha256=0", "url", "x-y", id="of a wheel"),
        pytest.param("https://h/main.zip", "url", None, id="url that tells no name"),
        pytest.param("https://h/main.zip#egg=X.y[e]&subdirectory=s", "url", "x-y", id="egg"),
        pytest.param("git+https://h/r@v1", "url", None, id="version control"),
        pytest.param("git+ssh://git@h/r.git#egg=r", "url", "r", id="version control with egg"),
        pytest.param("HTTPS://h/x-1.zip", "url", "x", id="schemes in capitals"),
        pytest.param(".", "local-dir", None, id="this directory"),
        pytest.param("..", "local-dir", None, id="the one above"),
        pytest.param("./lib", "local-dir", None, id="a relative path"),
        pytest.param("lib/", "local-dir", None, id="a separator at the end"),
        pytest.param(".[dev]", "local-dir", None, id="a directory with extras"),
        pytest.param("./lib[dev] ; python_version>'3'", "local-dir", None, id="and a marker"),
        pytest.param("/srv/lib", "local-dir", None, id="an absolute path"),
        pytest.param(r".\lib", "local-dir", None, id="a Windows path"),
        pytest.param(r"C:\src\lib", "local-dir", None, id="a Windows path with a drive"),
        pytest.param("C:/src/lib", "local-dir", None, id="the same with slashes"),
        pytest.param("file:///srv/lib", "local-dir", None, id="file url of a directory"),
        pytest.param("file:./lib#egg=x", "local-dir", "x", id="file url with egg"),
        pytest.param("x-1-py3-none-any.whl", "local-file", "x", id="a wheel"),
        pytest.param("d/x-1-py3-none-any.whl[e]", "local-file", "x", id="a wheel with extras"),
        pytest.param(r"C:\d\x_y-1.tar.gz", "local-file", "x-y", id="an archive, Windows"),
        pytest.param("x-1.zip", "local-file", "x", id="zip"),
        pytest.param("x.tar", "local-file", None, id="tar"),
        pytest.param("X.TGZ", "local-file", None, id="tgz"),
        pytest.param("x.tar.bz2", "local-file", None, id="tar.bz2"),
        pytest.param("bad.whl", "local-file", None, id="a wheel with a wrong name"),
        pytest.param("file:///d/x-1.zip", "local-file", "x", id="file url of an archive"),
        pytest.param("FILE:///d/x-1.zip", "local-file", "x", id="a scheme in capitals"),
    ],
)
def test_tells_what_an_argument_is(text: str, kind: str, name: str | None) -> None:
    (requirement,) = requests.parse(["install", "-q", text]).requirements
    assert (requirement.text, requirement.kind.value, requirement.name) == (text, kind, name)


@pytest.mark.parametrize(
    ("words", "kind", "name"),
    [
        pytest.param(["-r", "r.txt"], "requirements-file", None, id="-r"),
        pytest.param(["-rhttps://h/r.txt"], "requirements-file", None, id="-r of a url"),
        pytest.param(["--group=dev"], "requirements-file", None, id="--group"),
        pytest.param(
            ["--requirements-from-script", "x.py"], "requirements-file", None, id="script"
        ),
        pytest.param(["-e", "."], "editable", None, id="-e of a directory"),
        pytest.param(["-e", "x"], "editable", None, id="-e of a directory without a separator"),
        pytest.param(["-e", "git+https://h/r#egg=X"], "editable", "x", id="-e of a repository"),
        pytest.param(["-e", "X @ git+https://h/r"], "editable", "x", id="-e of name @ url"),
    ],
)
def test_tells_what_an_option_brings(words: list[str], kind: str, name: str | None) -> None:
    (requirement,) = requests.parse(["install", *words]).requirements
    assert (requirement.kind.value, requirement.name) == (kind, name)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("-c constraints.txt", id="a constraint"),
        pytest.param("-t x", id="a target"),
        pytest.param("-r", id="a missing value"),
        pytest.param("--no-binary x", id="another option's value"),
        pytest.param("--", id="the end of options"),
    ],
)
def test_takes_for_no_requirement(line: str) -> None:
    assert requests.parse(["install", *line.split()]).requirements == ()


def test_keeps_the_order_of_requirements() -> None:
    argv = ["install", "b", "-r", "r.txt", "a", "--", "-e"]
    texts = [requirement.text for requirement in requests.parse(argv).requirements]
    assert texts == ["b", "r.txt", "a", "-e"]


def test_variables_add_requirements() -> None:
    env = {"PIP_REQUIREMENT": "a.txt b.txt", "PIP_EDITABLE": "./e", "PIP_GROUP": "my dir:dev"}
    command = requests.parse(["install", "x"], env)
    assert [(r.text, r.kind) for r in command.requirements] == [
        ("./e", RequirementKind.EDITABLE),
        ("my dir:dev", RequirementKind.FILE),
        ("a.txt", RequirementKind.FILE),
        ("b.txt", RequirementKind.FILE),
        ("x", RequirementKind.NAMED),
    ]
    assert command.options == ()


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("install x --isolated", id="in isolation"),
        pytest.param("download x", id="for another command"),
    ],
)
def test_variables_add_nothing(line: str) -> None:
    argv = line.split()
    env = {"PIP_REQUIREMENT": "a.txt"}
    assert requests.parse(argv, env).requirements == requests.parse(argv).requirements


# Changing a line


@pytest.mark.parametrize(
    ("line", "names", "left"),
    [
        pytest.param("install -qU x", ["--quiet"], "install -U x", id="out of a bundle"),
        pytest.param("install -qqU x", ["--quiet"], "install -U x", id="each time it is there"),
        pytest.param("install -qrf x", ["--quiet"], "install -rf x", id="the value stays glued"),
        pytest.param("install -qr f x", ["--quiet"], "install -r f x", id="or in its word"),
        pytest.param("install -qrf x", ["--requirement"], "install -q x", id="a glued value goes"),
        pytest.param("install -qr f x", ["--requirement"], "install -q x", id="its word goes too"),
        pytest.param("install -qzx y", ["--quiet"], "install -zx y", id="unknown letters stay"),
        pytest.param("install -qq x", ["--quiet"], "install x", id="a whole bundle"),
        pytest.param("install --targ t x", ["--target"], "install x", id="an abbreviation"),
        pytest.param("install --target=t x", ["--target"], "install x", id="with ="),
        pytest.param("-q install x -q", ["--quiet"], "install x", id="on both sides"),
        pytest.param("install -q --user x", ["--user", "--quiet"], "install x", id="several"),
        pytest.param("-q list -q", ["--quiet"], "list -q", id="before another command"),
    ],
)
def test_takes_out(line: str, names: list[str], left: str) -> None:
    assert requests.without(requests.parse(line.split()), *names) == tuple(left.split())


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("install -U x", id="an option that is not there"),
        pytest.param("install -- -q", id="an argument that looks like it"),
        pytest.param("install --log -q x", id="a value that looks like it"),
    ],
)
def test_takes_nothing_out(line: str) -> None:
    assert requests.without(requests.parse(line.split()), "--quiet") == tuple(line.split())


@pytest.mark.parametrize(
    ("line", "longer"),
    [
        pytest.param("install x", "install --user x", id="before the requirements"),
        pytest.param("-q install x", "-q install --user x", id="behind main options"),
        pytest.param("install -- x", "install --user -- x", id="before --"),
        pytest.param("-q -- install x", "install --user -q -- x", id="-- stood before the command"),
        pytest.param("--log -- install x", "install --user --log -- x", id="-- as a value"),
        pytest.param(
            "--log install -q install x",
            "install --user --log -q install x",
            id="a value that pip takes for the command",
        ),
    ],
)
def test_inserts_where_pip_reads_options(line: str, longer: str) -> None:
    command = requests.parse(line.split())
    words = requests.insert_after_command(command, ["--user"])
    assert words == tuple(longer.split())
    assert requests.parse(words).has("--user")


# Credentials


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("https://u:pw@h/x", "https://****@h/x", id="user and password"),
        pytest.param("https://u:@h/x", "https://****@h/x", id="an empty password"),
        pytest.param("https://:pw@h/x", "https://****@h/x", id="an empty user"),
        pytest.param("https://token@h/x", "https://****@h/x", id="a token without a colon"),
        pytest.param("https://u%40c:p%2Fw@h", "https://****@h", id="percent escapes"),
        pytest.param("https://u:p@w@h/x", "https://****@h/x", id="an @ in the password"),
        pytest.param("https://u:p/w@h/x", "https://****@h/x", id="a bare / in the password"),
        pytest.param("https://u:p#w@h/x", "https://****@h/x", id="a bare # in the password"),
        pytest.param("https://u:p w@h/x", "https://****@h/x", id="a blank in the password"),
        pytest.param("https://${U}:${P}@h", "https://****@h", id="pip's variables too"),
        pytest.param("HTTPS://u:p@h", "HTTPS://****@h", id="capitals"),
        pytest.param("https:/u:p@h", "https:/****@h", id="a slash forgotten"),
        pytest.param(
            "git+https://t@h/r@v1", "git+https://****@h/r@v1", id="a repository's tag stays"
        ),
        pytest.param("git+ssh://git:pw@h/r", "git+ssh://****@h/r", id="ssh with a password"),
        pytest.param("-ihttps://u:p@h", "-ihttps://****@h", id="glued to an option"),
        pytest.param("--index-url=https://u:p@h", "--index-url=https://****@h", id="behind ="),
        pytest.param("x @ https://u:p@h/y ; a", "x @ https://****@h/y ; a", id="name @ url"),
        pytest.param(
            "see https://a:b@c/, https://d:e@f/",
            "see https://****@c/, https://****@f/",
            id="several in one text",
        ),
        pytest.param('["https://u:p@h","x@y"]', '["https://****@h","x@y"]', id="within JSON"),
        pytest.param('https://u:p"w@h', "https://****@h", id="a quote in the password"),
        pytest.param("u:pw@proxy:3128", "****@proxy:3128", id="a proxy without a scheme"),
        pytest.param("--proxy=u:p/w@proxy:1", "--proxy=****@proxy:1", id="the same behind ="),
        pytest.param("https://h/s?token=abc&x=1", "https://h/s?token=****&x=1", id="query token"),
        pytest.param(
            "https://h/?X-Amz-Signature=a#b", "https://h/?X-Amz-Signature=****#b", id="sig"
        ),
    ],
)
def test_masks(text: str, shown: str) -> None:
    assert secrets.redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("https://h/x", id="a url without a user"),
        pytest.param("https://h:8080/x@1", id="a port, and an @ in the path"),
        pytest.param("see https://h:8080, and x@y", id="a port at the end of a sentence"),
        pytest.param("https://[::1]:8080/x@1", id="an address in brackets"),
        pytest.param("git+https://h/r.git@v1.0", id="a repository's tag"),
        pytest.param("git+ssh://git@h/r.git@v1", id="ssh's user"),
        pytest.param("ssh://git@h:22/r", id="ssh's user, with a port"),
        pytest.param("git+git@github.com:o/r.git", id="git's own notation"),
        pytest.param("x @ https://h/y.zip#sha256=0a", id="name @ url"),
        pytest.param("file:///srv/a@b/c", id="a file url"),
        pytest.param("file:lib@2", id="a relative file url"),
        pytest.param(r"C:\src@2\lib", id="a Windows path"),
        pytest.param("C:/src@2/lib", id="a Windows path with slashes"),
        pytest.param("./a@b", id="a path"),
        pytest.param("https://h/?q=1", id="a harmless query"),
        pytest.param('["https://h","https://h:80","x@y"]', id="JSON"),
        pytest.param("x[a]==1; python_version<'3'", id="a requirement"),
        pytest.param("", id="nothing"),
    ],
)
def test_masks_nothing_in(text: str) -> None:
    assert secrets.redact(text) == text


# Properties

OPTIONS = sorted(
    reading_arguments.MAIN_VALUE_OPTIONS
    | reading_arguments.MAIN_FLAGS
    | reading_arguments.INSTALL_VALUE_OPTIONS
    | reading_arguments.INSTALL_FLAGS
)
LETTERS = "".join(short[1] for short in reading_arguments.SHORT_OPTIONS) + "z="
abbreviations = st.sampled_from(OPTIONS).flatmap(
    lambda option: st.integers(2, len(option)).map(lambda length: option[:length])
)
words = st.one_of(
    st.sampled_from(["install", "--", "-", "x", "list", ""]),
    abbreviations,
    st.tuples(abbreviations, st.text(max_size=3)).map("=".join),
    st.text(LETTERS, min_size=1, max_size=4).map("-{}".format),
    st.text(max_size=8),
)
lines = st.lists(words, max_size=8)
installs = st.builds(lambda before, after: [*before, "install", *after], lines, lines)
names = st.lists(st.sampled_from(sorted(set(OPTIONS) - set(reading_arguments.ALIASES))), max_size=3)
variables = st.dictionaries(st.sampled_from(["PIP_REQUIREMENT", "PIP_EDITABLE"]), st.text())


@given(lines | installs, variables)
def test_reads_whatever_the_words_are(argv: list[str], env: dict[str, str]) -> None:
    command = requests.parse(argv, env)
    assert command.argv == tuple(argv)
    assert command.command_at == reading_arguments.command_index(argv)
    assert reading_arguments.is_install_to_watch(argv, env) in {True, False}
    for option in command.options:
        assert 0 <= option.start < option.stop <= len(argv)
        if option.value is not None:
            assert "".join(argv[option.start : option.stop]).endswith(option.value)


@given(installs)
def test_every_word_behind_the_command_is_read_once(behind: list[str]) -> None:
    command = requests.parse(["install", *behind])
    spans = {(option.start, option.stop) for option in command.options}
    covered = [position for start, stop in spans for position in range(start, stop)]
    arguments = [
        r for r in command.requirements if r.kind.value not in {"editable", "requirements-file"}
    ]
    assert len(covered) == len(set(covered))
    assert len(covered) + len(arguments) in {len(behind), len(behind) - 1}  # less a --


@given(lines | installs)
def test_without_nothing_is_the_line_itself(argv: list[str]) -> None:
    assert requests.without(requests.parse(argv)) == tuple(argv)


@given(lines | installs, names)
def test_without_leaves_none_of_the_names(argv: list[str], names: list[str]) -> None:
    left = requests.without(requests.parse(argv), *names)
    assert not requests.parse(left).has(*names)


@given(lines, names)
def test_without_changes_nothing_else(behind: list[str], names: list[str]) -> None:
    command = requests.parse(["install", *behind])
    left = requests.parse(requests.without(command, *names))
    assert told(left) == [one for one in told(command) if one[0] not in names]
    gone = set(names) & reading_arguments.REQUIREMENT_OPTIONS
    if not gone:
        assert left.requirements == command.requirements


@given(lines)
def test_inserting_changes_nothing_else(behind: list[str]) -> None:
    command = requests.parse(["install", *behind])
    longer = requests.parse(requests.insert_after_command(command, ["--user"]))
    assert told(longer) == [("--user", None), *told(command)]
    assert longer.requirements == command.requirements


@given(st.text(), st.from_regex(r"\A[a-z0-9$%:]{1,9}\Z"), st.from_regex(r"\A[a-z0-9$%:@]{1,9}\Z"))
def test_no_password_is_shown(before: str, user: str, password: str) -> None:
    secret = f"{user}:{password}"
    shown = secrets.redact(f"{before}https://{secret}@host.example/simple")
    assert shown.endswith("****@host.example/simple")
    assert secret not in shown.removeprefix(before)


@given(st.text() | st.text("htps:/@ab1?=&#[] ", max_size=40))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = secrets.redact(text)
    assert secrets.redact(once) == once


# The fast path


def test_importing_it_loads_nothing_else() -> None:
    script = "import sys; before = set(sys.modules); import safepip.reading.arguments as p; "
    script += "p.is_install_to_watch(['-q', 'install', '--targ', 't', 'x']); "
    script += "print(*sorted(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    # __future__ holds a dozen constants.
    assert set(done.stdout.split()) <= {
        "__future__",
        "safepip",
        "safepip.reading",
        "safepip.reading.arguments",
    }


def test_what_has_a_trait_is_an_option_of_pip_by_its_first_name() -> None:
    described = set(re.findall(r"^- ``([a-z_]+)``:", str(options.__doc__), re.MULTILINE))
    assert described == {trait for words in options.TRAITS.values() for trait in words.split()}
    for name, words in options.TRAITS.items():
        assert name in reading_arguments.INSTALL_OPTIONS, name
        assert name not in reading_arguments.ALIASES, name
        assert "file" not in words.split() or reading_arguments.INSTALL_OPTIONS[name], name
