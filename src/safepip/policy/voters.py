"""Who says that a wheel is an application, and who objects: one table of voters, each with signs.

Sending a library to pipx is the one error that cannot be made good, for then it can be imported
nowhere. So a voter speaks only for what its sign shows, and one objection silences it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from safepip.model.reasons import Reason, because
from safepip.policy import readmes
from safepip.policy import vocabulary as words
from safepip.policy.wheels import bare_url, plain
from safepip.reading.names import normalized

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from safepip.model.reasons import Why
    from safepip.policy.wheels import WheelFacts


class Shipped(NamedTuple):
    """What a distributor says of a program of that name."""

    home: str
    """Its pages, as ``bare_url`` gives them, with blanks between; "" if none is known."""
    by: str
    """The distributor's name."""

    @property
    def is_ours(self) -> bool:
        """Whether that is whoever keeps safepip's list, who has read of this very project."""
        return self.by == "safepip"


class Case(NamedTuple):
    """What the voters look at."""

    wheel: WheelFacts
    """With a command."""
    extras: Collection[str] = ()
    """Of the request: ``NAME[proxy]``."""
    shipped: Callable[[str], Shipped | None] = lambda _: None
    """Asked late, since the list is long."""
    is_module: Callable[[str], bool] = lambda _: False
    """Tells whether others need it, in Debian or on the index; asked late, likewise."""


class Voter(NamedTuple):
    """One row: what it says if it has a sign, and what silences it."""

    sign: Callable[[Case], Why | None]
    objections: tuple[Callable[[Case], Why | None], ...]


class Vote(NamedTuple):
    """The outcome: the sign of an application, and what is to be said against it."""

    sign: Why | None = None
    against: Why | None = None


def vote(case: Case) -> Vote:
    """Give the first sign that nothing is said against; else the first sign; else none."""
    silenced = Vote()
    for voter in VOTERS:
        sign = voter.sign(case)
        if sign is None:
            continue
        against = next(filter(None, (object_(case) for object_ in voter.objections)), None)
        if against is None:
            return Vote(sign)
        silenced = silenced if silenced.sign else Vote(sign, against)
    return silenced


# ---------------------------------------------------------------------------------------------
# Signs


def native_sign(case: Case) -> Why | None:
    """Give the sign that the wheel holds programs and nothing that could be imported."""
    wheel = case.wheel
    return because(Reason.NATIVE, commands=wheel.commands) if wheel.holds_only_programs else None


def readme_sign(case: Case) -> Why | None:
    """Give the maintainers' own word, in the README, that this is to be installed as a tool.

    With extras (``NAME[proxy]``) it only speaks of a request that has them too, for a library can
    have an extra that makes it an application.
    """
    said = readmes.find_install(case.wheel.description, case.wheel.name, case.extras)
    return because(Reason.README, words=said) if said else None


def hook_sign(case: Case) -> Why | None:
    """Give the sign that its README offers this very project as a hook of pre-commit.

    pre-commit gives each hook an environment of its own, as pipx does.
    """
    for repository in map(bare_url, readmes.hooks(case.wheel.description)):
        own_name = normalized(repository.rpartition("/")[2]) == case.wheel.name
        if own_name or case.wheel.names_page(repository):
            return because(Reason.HOOK, repository=repository)
    return None


def classifier_sign(case: Case) -> Why | None:
    """Give the classifier that shows a program for a terminal or a desktop.

    Such an Environment counts only beside no other Environment that a library would name, no
    Framework and no topic below Software Development: that is on what is imported, too (esptool).
    Console alone counts only where a command has the project's name (nibabel has four others).
    """
    wheel = case.wheel
    if any(classifier.startswith(words.LIBRARY_CLASSIFIERS) for classifier in wheel.classifiers):
        return None
    if words.TWO_THINGS.search(wheel.summary):
        return None
    for classifier in wheel.classifiers:
        if classifier == "Environment :: Console" and not wheel.has_own_command:
            continue
        if f"{classifier} ::".startswith(words.APPLICATION_CLASSIFIERS):
            return because(Reason.CLASSIFIER, commands=wheel.commands, classifier=classifier)
    return None


def summary_sign(case: Case) -> Why | None:
    """Give the project's own word that it is a program.

    A summary such as "a command-line tool for …", "linter", "language server" says so by itself;
    "tool" does where a command has the project's name and no classifier speaks of libraries.
    Its name can say so, too: "lab-cli", or the name of a command that git or a client of MCP runs.
    Whoever says "API and command line" is both. That a README runs the command of the project's
    own name is no sign: libraries that have a command show it, too.
    """
    wheel = case.wheel
    if any(map(words.TWO_THINGS.search, (wheel.summary, readmes.lead(wheel.description)))):
        return None
    said = words.PROGRAM.search(wheel.summary) or words.PROGRAM_NAME.search(wheel.name)
    if said is None and wheel.has_own_command:
        said = words.RUN_BY_OTHERS.search(wheel.name)
        if said is None and not wheel.is_classified_as_library:
            said = words.TOOL.search(wheel.summary) or words.TOOL_ITSELF.search(wheel.summary)
    return said and because(Reason.CALLS_ITSELF, commands=wheel.commands, said=said[0])


def lead_sign(case: Case) -> Why | None:
    """Give the README's first words that this is a program: "NAME is a command-line tool that".

    What it is for, works with or contains is not what it is; and one word of a library, a framework
    or two things silences it. Of 880 libraries at hand, most without a command, none has this sign
    and no objection.
    """
    lead = readmes.lead(case.wheel.description)
    if words.is_of_library(lead):
        return None
    said = words.OF_ITSELF.search(lead)
    if said is None and case.wheel.has_own_command and not case.wheel.is_classified_as_library:
        said = words.TOOL_ITSELF.search(lead)
    return said and because(Reason.CALLS_ITSELF, commands=case.wheel.commands, said=said["said"])


def usage_sign(case: Case) -> Why | None:
    """Give the sign that its README shows how to run it, and speaks of nothing to import.

    Libraries that have a command show it, too, but then they also show an import, or say of what
    they are in one of a library's words. So this has more against it than the other signs; of 900
    wheels at hand none of a library has it.
    """
    wheel = case.wheel
    lead = readmes.lead(wheel.description)
    if (
        wheel.is_classified_as_library
        or any(map(words.is_of_library, (wheel.summary, lead)))
        or words.FOR_CODE.search(wheel.description)
        or readmes.shows_module(wheel.description, wheel.modules)
        or not all(wheel.owns(group) for group in wheel.groups)
    ):
        return None
    # "wordcloud_cli" comes along with what "wordcloud" is.
    name, bare = plain(wheel.name), {c: plain(c.removesuffix(".py")) for c in wheel.commands}
    main = [c for c in wheel.commands if bare[c] == name or not bare[c].startswith(name)]
    shown = list(readmes.runs(wheel.description, main))
    if len(shown) > 1 or any(run.arguments for run in shown):
        return because(Reason.SHOWS_COMMAND, command=shown[0].command)
    return None


def program_sign(case: Case) -> Why | None:
    """Give the sign that a distributor ships this very project as a program.

    A name alone is no sign, for another project can have it: its own metadata has to name the
    same homepage or repository.
    """
    shipped = _shipped(case)
    if shipped is None or shipped.is_ours:
        return None
    if shipped.by == "pre-commit":
        return because(Reason.HOOK, repository=shipped.home)
    return because(Reason.SHIPPED, by=shipped.by, home=shipped.home)


def own_sign(case: Case) -> Why | None:
    """Give the sign that whoever keeps our list has read of this very project that it is a program.

    So a classifier of libraries, which programs carry as well, is no objection, nor is a name that
    begins as those of plugins do (django-upgrade, sphinx-lint).
    """
    return _well_known(_shipped(case))


def own_name_sign(case: Case) -> Why | None:
    """Give the sign that our list has its name, though not a page that its metadata names.

    An index has one project of a name; but a private one can have another, a library. What guards
    that is what is said against it, so there is more of it than where the page is the same.
    """
    return _well_known(case.shipped(case.wheel.name))


def _well_known(shipped: Shipped | None) -> Why | None:
    ours = shipped is not None and shipped.is_ours
    return because(Reason.WELL_KNOWN) if ours else None


def _shipped(case: Case) -> Shipped | None:
    """Who ships this very project: by its name, and by the page that its metadata names.

    Where that names none at all, a page in its README does.
    """
    shipped, wheel = case.shipped(case.wheel.name), case.wheel
    for home in shipped.home.split() if shipped else ():
        if wheel.names_page(home) if wheel.urls else readmes.shows_page(wheel.description, home):
            return shipped and shipped._replace(home=home)
    return None


# ---------------------------------------------------------------------------------------------
# Objections


def is_needed_by_others(case: Case) -> Why | None:
    """Object that others import it, in Debian or on the index."""
    return because(Reason.NEEDED) if case.is_module(case.wheel.name) else None


def is_offered_for_import(case: Case) -> Why | None:
    """Object that its name, its summary or an example in its README is a library's."""
    wheel, text = case.wheel, case.wheel.description
    told = f"{wheel.name}\n{wheel.summary}"
    if words.LIBRARY_NAME.search(wheel.name) or words.LIBRARY_WORDS.search(wheel.summary):
        return because(Reason.OFFERED)
    if words.MCP_SERVER.search(told) and readmes.find_install(text, wheel.name, case.extras):
        return None  # Whoever embeds one imports it; a client runs it.
    bare = wheel.name.rstrip("0123456789")
    names = {wheel.name, bare, wheel.name.partition("-")[0], wheel.name.removeprefix("py")}
    modules = {re.escape(name).replace("\\-", "[-_.]?") for name in names if name}
    modules |= {re.escape(module) for module in wheel.modules}
    own = "|".join(sorted(modules))
    example = (
        rf"(?:^(?:In \[\d*\]:)?[ \t>`$.*-]*|-c [\"'](?!.{{0,80}}__\w+__))"
        rf"(?:from (?:{own})\b[\w.]* import |import (?:[\w.]+, )?(?:{own})\b(?![-\w]))"
    )
    found = re.search(example, text, re.MULTILINE | re.IGNORECASE)
    said = words.AS_LIBRARY.search(text) or words.IS_LIBRARY.search(readmes.lead(text))
    return because(Reason.OFFERED) if found or said else None


def is_plugin(case: Case) -> Why | None:
    """Object that it has to be beside another program: it has its name, or registers there."""
    host = case.wheel.name.partition("-")[0]
    has_its_name = host in _HOST_NAMES and host != case.wheel.name
    return because(Reason.PLUGIN, host=host) if has_its_name else registers_elsewhere(case)


def registers_elsewhere(case: Case) -> Why | None:
    """Object that it registers in another program."""
    wheel = case.wheel
    groups = [g for g in wheel.groups if g in _BUILDERS or not wheel.has_own_command]
    hosts = [_HOSTS[group] for group in groups if group in _HOSTS]
    return because(Reason.PLUGIN, host=hosts[0]) if hosts else None


def is_for_what_it_needs(case: Case) -> Why | None:
    """Object that it is for something that it requires: "a migration tool for SQLAlchemy"."""
    about = re.findall(r"\bfor (?:the |your )?([A-Z][\w-]*)", case.wheel.summary)
    needed = {normalized(name) for name in about} & set(case.wheel.needs)
    return because(Reason.BESIDE_CODE) if needed else None


def belongs_beside_code(case: Case) -> Why | None:
    """Object that it works on the code beside it, as its own words or examples tell.

    It names an object there ("daphne project.asgi:app"), has to be in the same environment, shows
    itself in a notebook, or is an extension.
    """
    text = case.wheel.description
    if not _NOTEBOOK.isdisjoint(case.wheel.needs):
        return because(Reason.BESIDE_CODE)
    if any(run.names_object for run in readmes.runs(text, case.wheel.commands)):
        return because(Reason.BESIDE_CODE)
    return says_beside(case) or is_run_as_module(case)


def says_beside(case: Case) -> Why | None:
    """Object that its own words place it beside other things, or call it an extension of one."""
    text = f"{case.wheel.summary}\n{case.wheel.description}"
    return because(Reason.BESIDE_CODE) if words.BESIDE.search(text) else None


def is_run_as_module(case: Case) -> Why | None:
    """Object that its README runs it as ``python -m NAME`` only, which pipx makes impossible."""
    text, commands = case.wheel.description, case.wheel.commands
    if not readmes.shows_module(text, case.wheel.modules) or any(readmes.runs(text, commands)):
        return None
    # Whoever has "uvx NAME" in the settings of a client runs the command of that name.
    said = readmes.find_install(text, case.wheel.name, case.extras) or ""
    return None if said.startswith("uvx ") else because(Reason.BESIDE_CODE)


def calls_itself_framework(case: Case) -> Why | None:
    """Object that its summary calls it a framework: of what one writes, or of what one runs."""
    return because(Reason.OFFERED) if words.FRAMEWORK.search(case.wheel.summary) else None


def calls_itself_library(case: Case) -> Why | None:
    """Object that it is offered to import, or has the topic of libraries.

    Applications show an import, too, now and then; but whoever imports what pipx keeps apart finds
    nothing, and whoever has an application in an environment can still run it.
    """
    if case.wheel.is_classified_as_library:
        return because(Reason.OFFERED)
    return is_offered_for_import(case)


_LIBRARIES = (is_plugin, is_offered_for_import, calls_itself_framework, is_needed_by_others)
_BESIDE = (belongs_beside_code, *_LIBRARIES)

VOTERS = (
    Voter(native_sign, ()),
    Voter(readme_sign, (is_run_as_module, says_beside, *_LIBRARIES)),
    Voter(hook_sign, _LIBRARIES),
    Voter(classifier_sign, (is_for_what_it_needs, *_BESIDE)),
    Voter(summary_sign, _BESIDE),
    Voter(lead_sign, _BESIDE),
    Voter(usage_sign, _BESIDE),
    Voter(program_sign, (is_plugin, calls_itself_library)),
    Voter(own_sign, (registers_elsewhere, is_needed_by_others)),
    Voter(
        own_name_sign,
        (is_plugin, calls_itself_library, calls_itself_framework, is_needed_by_others),
    ),
)
"""In the order in which they are asked; the longest list last."""


# ---------------------------------------------------------------------------------------------
# Groups and names

# By the group of entry points in which their plugins register.
_BUILDERS = ("distutils.commands",)
_HOSTS = {
    "distutils.commands": "setuptools",
    "flake8.extension": "flake8",
    "pytest11": "pytest",
    "mkdocs.plugins": "mkdocs",
    "sphinx.html_themes": "sphinx",
}
_NOTEBOOK = frozenset({"ipykernel", "ipython", "ipywidgets", "nglview"})
_HOST_NAMES = frozenset({*_HOSTS.values(), "django", "flask", "pylint"})
