"""The door: tells safepip's own words from pip's, and turns every end into an exit status.

The fast path (any pip command that needs no watching) leaves from here by exec, with nothing
imported but ``userpip`` and, where the words have to be read, ``reading.arguments``.
"""

import os
import sys

from safepip import userpip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping, Sequence

    from safepip.userpip import PipTarget

OWN_OPTIONS = ("--strategy", "--report-json", "--safepip-version")
"""They stand before pip's command; all but the last take a value."""

VERBS = {
    "doctor": "words options env pip?",
    "explain": "words env",
    "guide": "words env",
    "history": "words options env",
    "init": "words options env",
    "path": "words options env pip?",
    "plan": "words options env pip",
    "run": "words options env pip?",
    "settings": "words options env",
    "undo": "words options env",
    "where": "words options env",
}
"""Each verb, a module of ``verbs``, and what its ``run`` takes; ``pip?`` may be None.

No pip knows them as commands; behind ``--`` they are pip's all the same.
"""
OWN_VERBS = tuple(VERBS)

PIPS_ALONE = frozenset(
    {"cache", "check", "completion", "config", "debug", "download", "freeze", "hash", "index"}
    | {"inspect", "list", "lock", "search", "wheel"}
)
"""Commands of pip's that nothing is done about, whatever stands behind them."""

_SIGINT = 2
"""As everywhere; the module ``signal`` would have to be loaded."""


def main(argv: "Sequence[str] | None" = None, *, as_module: bool = False) -> int:
    """Run safepip with *argv* (default: this process's) and return its exit status.

    For most commands this never returns: the process becomes pip.
    """
    status = _status(argv, as_module=as_module)
    if argv is None:
        _leave(status)
    return status


def _leave(status: int) -> None:
    """End the process, without Python's putting away all that was imported: it takes as long.

    Returns where what was printed cannot be written: Python has its own way to tell of that.
    """
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return
    os._exit(userpip.as_signed(status))


def _status(argv: "Sequence[str] | None", *, as_module: bool) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    env = os.environ
    _forget_pythonpath(env)
    if argv is None and not as_module and not env.get("SAFEPIP_AS"):
        name = _pips_name(sys.argv[0])
        if name:
            env["SAFEPIP_AS"] = name
    try:
        return _run(words, env, as_module=as_module)
    except BrokenPipeError:
        return 120  # as pip does
    except Exception as error:  # noqa: BLE001 - the one place that turns failures into statuses
        return _failed(error, env)
    except BaseException as error:
        # EndedError has a ``signum``; it is not imported for its name.
        signum = _SIGINT if isinstance(error, KeyboardInterrupt) else getattr(error, "signum", None)
        if not isinstance(signum, int):
            raise
        return _die_of(signum)


def _pips_name(program: str) -> str:
    """Return the name of pip's that *program* was started by (a link), empty for another one."""
    name = os.path.basename(program).removesuffix(".exe")
    minor = name.removeprefix("pip3.")
    return name if name in {"pip", "pip3"} or (minor != name and minor.isdigit()) else ""


def _run(words: list[str], env: "MutableMapping[str, str]", *, as_module: bool) -> int:
    # Completion re-runs the command itself, and what it prints becomes words of the shell. By
    # pip's own name, all words are pip's.
    plain = words in (["--version"], ["-V"]) or not PIPS_ALONE.isdisjoint(words[:1])
    if plain or "PIP_AUTO_COMPLETE" in env:
        userpip.hand_over(_find(env, as_module=as_module), words, env)
    if env.get("SAFEPIP_AS"):
        return _run_pip(words, {}, env, as_module=as_module)
    options, rest = _take_own_options(words)
    if "--safepip-version" in options:
        return _own_version()
    if rest and rest[0] in OWN_VERBS:
        return _own_verb(rest, options, env, as_module=as_module)
    _check(options)
    if rest[:1] == ["--"]:
        return _run_pip(rest[1:], options, env, as_module=as_module)
    if rest in ([], ["help"], ["--help"], ["-h"]):
        return _help(rest, env, as_module=as_module)
    if rest[0] == "help" and len(rest) == 2 and rest[1] in OWN_VERBS:
        return _verb_help(rest[1])
    hint: Sequence[str] = ()
    from safepip.reading import arguments

    if arguments.has_unknown_word(rest):
        from safepip.wording import help as help_texts

        hint = help_texts.did_you_mean(rest, OWN_VERBS, OWN_OPTIONS)
    return _run_pip(rest, options, env, as_module=as_module, hint=hint)


def _check(options: "Mapping[str, str]") -> None:
    if options:
        from safepip import settings as safepip_settings

        safepip_settings.check_options(options)


def _run_pip(
    words: list[str],
    options: "Mapping[str, str]",
    env: "MutableMapping[str, str]",
    *,
    as_module: bool,
    hint: "Sequence[str]" = (),
) -> int:
    """Run pip with *words*; say the *hint* if it fails."""
    verb = ""
    if env.get("SAFEPIP") != "off":
        verb = _verb_for(words, options, env, as_module=as_module)
    if verb:
        status = _by_verb(verb, words, options, env, as_module=as_module)
    elif hint:
        status = userpip.run(_find(env, as_module=as_module), words, env)
    else:
        userpip.hand_over(_find(env, as_module=as_module), words, env)
    if hint and status > 0:
        from safepip.console import Console

        Console(env).complain(hint)
    if status < 0:
        from safepip import runner

        return runner.exit_like(status)
    return status


def _verb_for(
    words: list[str],
    options: "Mapping[str, str]",
    env: "MutableMapping[str, str]",
    *,
    as_module: bool,
) -> str:
    """Name the module of ``verbs`` that *words* are for; empty for what is pip's alone."""
    from safepip.reading import arguments

    if arguments.is_install_to_watch(words, env):
        return "install"
    index = arguments.command_index(words)
    command = "" if index is None else words[index]
    if command == "install" and arguments.report_asked(options, env):
        return "reported"
    if index is None or command not in {"show", "uninstall"}:
        return ""
    return "found_again" if _may_be_elsewhere(index, words, env, as_module=as_module) else ""


def _by_verb(
    verb: str,
    words: list[str],
    options: "Mapping[str, str]",
    env: "MutableMapping[str, str]",
    *,
    as_module: bool,
) -> int:
    """Run pip with *words* by what *verb* makes of it; bare, where that breaks before pip ran."""
    import gc

    # Nothing that is made on the way to pip's start is garbage, and little of it at the end.
    gc.disable()
    target = _find(env, as_module=as_module)
    try:
        from safepip import ahead

        try:
            if verb == "install":
                from safepip.flow import early

                if not early.begin(words, options, env, target):
                    from safepip.flow import guessing

                    guessing.guess(words, options, env, target)
            from importlib import import_module

            from safepip import runner

            run: Callable[..., int] = import_module(f"safepip.verbs.{verb}").run
            with runner.put_away_first():
                return run(words, options, env, target)
        finally:
            ahead.end()
            gc.freeze()
    except BrokenPipeError:
        raise
    except Exception as error:
        from safepip import bugs
        from safepip.model.errors import SafepipError

        ran = bugs.pip_may_have_run() or bugs.refuses(options, env)
        if ran or isinstance(error, SafepipError):
            raise
        bugs.tell(error, env, pip_goes_on=True)
        userpip.hand_over(target, words, env)


def _may_be_elsewhere(
    index: int, words: list[str], env: "MutableMapping[str, str]", *, as_module: bool
) -> bool:
    """Answer whether *words* show or remove what safepip put elsewhere, or what pip may not remove.

    That costs one look at one small file, and for ``uninstall`` one at the rights of pip's folder.
    """
    if env.get("PIP_PYTHON") or {"--help", "-h", "--python"} & set(words):
        return False
    from safepip import moved

    if moved.is_moved(words[:index] + words[index + 1 :], env):
        return True
    if words[index] == "show":
        return False
    target = userpip.find_pip(env, as_module=as_module)
    folder = "" if target is None else os.path.dirname(target.argv[0])
    return bool(folder) and not os.access(folder, os.W_OK)


def _own_version() -> int:
    from safepip import __version__
    from safepip import console as safepip_console

    here = os.path.dirname(os.path.abspath(__file__))
    python = ".".join(map(str, sys.version_info[:2]))
    safepip_console.show(f"safepip {__version__} from {here} (python {python})")
    return 0


def _verb_help(verb: str) -> int:
    from safepip import console as safepip_console
    from safepip.wording import help as help_texts

    safepip_console.show(help_texts.VERBS[verb].rstrip("\n"))
    return 0


def _own_verb(
    rest: list[str],
    options: "Mapping[str, str]",
    env: "MutableMapping[str, str]",
    *,
    as_module: bool,
) -> int:
    verb, words = rest[0], rest[1:]
    # Behind plan and run, all but the first word is another program's.
    if {"--help", "-h"} & set(words[:1] if verb in {"plan", "run"} else words):
        return _verb_help(verb)
    from importlib import import_module

    try:
        if verb == "plan":
            more, words = _take_own_options(words)
            options = {**options, **more}
        _check(options)
        takes: dict[str, object] = {"words": words, "options": options, "env": env}
        if "pip?" in VERBS[verb]:
            takes["pip?"] = userpip.find_pip(env, as_module=as_module)
        elif "pip" in VERBS[verb]:
            takes["pip"] = _find(env, as_module=as_module)
        run: Callable[..., int] = import_module(f"safepip.verbs.{verb}").run
        from safepip import runner

        with runner.put_away_first():
            return run(*map(takes.__getitem__, VERBS[verb].split()))
    except Exception as error:
        if "--json" in words:
            from safepip import console as safepip_console

            safepip_console.answer_failed(verb, error)
        raise


def _take_own_options(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Split *words* into safepip's own options and pip's words.

    Own options stand before pip's command; pip's main options may stand around them.
    """
    options: dict[str, str] = {}
    rest: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        name, equals, value = word.partition("=")
        if word == "--safepip-version":
            options[word] = ""
            at += 1
            continue
        if name in OWN_OPTIONS:
            at += 1 if equals else 2
            if not equals:
                value = words[at - 1] if at <= len(words) else ""
            if not value:
                from safepip.model.errors import UsageError
                from safepip.model.problems import Problem

                raise UsageError(Problem.OPTION_NEEDS_VALUE, option=name)
            options[name] = value
            continue
        if word == "--" or not word.startswith("-"):
            break
        from safepip.reading import arguments

        # Whether the option takes the next word shows by what is left to be the command.
        length = 1 if arguments.command_index((word, "x")) == 1 else 2
        rest += words[at : at + length]
        at += length
    return options, rest + words[at:]


def _find(env: "MutableMapping[str, str]", *, as_module: bool) -> "PipTarget":
    target = userpip.find_pip(env, as_module=as_module)
    if target is not None and not userpip.goes_in_a_circle(target, env):
        return target
    from safepip.model.errors import UnavailableError
    from safepip.model.problems import Problem

    if target is None:
        raise UnavailableError(Problem.NO_PIP, name=env.get("SAFEPIP_AS") or "pip")
    raise UnavailableError(Problem.CIRCLE, program=target.argv[0])


def _help(words: "Sequence[str]", env: "MutableMapping[str, str]", *, as_module: bool) -> int:
    """Show pip's help as pip does when asked by *words*, and then ours, both on stdout."""
    from safepip import console as safepip_console
    from safepip import runner
    from safepip.wording import help as help_texts

    status = userpip.run(_find(env, as_module=as_module), words, env)
    safepip_console.show("\n" + help_texts.OWN.rstrip("\n"))
    return runner.exit_like(status)


def _forget_pythonpath(env: "Mapping[str, str]") -> None:
    """Take PYTHONPATH's folders off our own sys.path: they are meant for the user's Python."""
    entries = env.get("PYTHONPATH", "")
    if entries and not sys.flags.ignore_environment:
        own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        meant = {os.path.abspath(e) for e in entries.split(os.pathsep) if e} - {own}
        sys.path[:] = [entry for entry in sys.path if entry not in meant]


def _die_of(signum: int) -> int:
    """Die of the signal, as bare pip would have: a loop in a script ends only by a real SIGINT."""
    from safepip import runner

    return runner.exit_like(-signum)


def _failed(error: Exception, env: "Mapping[str, str]") -> int:
    from safepip.model.errors import ExitCode, SafepipError

    if isinstance(error, SafepipError):
        from safepip.console import Console
        from safepip.wording import errors

        Console(env).complain(errors.error(error))
        if error.exit_code is ExitCode.INTERRUPTED:
            return _die_of(_SIGINT)
        return int(error.exit_code)
    from safepip import bugs

    bugs.tell(error, env, pip_goes_on=False)
    return int(ExitCode.INTERNAL)
