"""The door: tells safepip's own words from pip's, and turns every end into an exit status.

The fast path (any pip command that needs no watching) leaves from here by exec, with nothing
imported but ``userpip`` and ``reading.arguments``.
"""

import os
import sys

from safepip import userpip
from safepip.reading import arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.userpip import PipTarget

OWN_OPTIONS = ("--strategy", "--report-json")
OWN_VERBS = ("explain", "init", "path", "plan", "settings")
"""Words that no pip knows as commands; behind ``--`` they are pip's all the same."""


def main(argv: "Sequence[str] | None" = None, *, as_module: bool = False) -> int:
    """Run safepip with *argv* (default: this process's) and return its exit status.

    For most commands this never returns: the process becomes pip.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    env = os.environ
    _forget_pythonpath(env)
    try:
        return _run(words, env, as_module=as_module)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 120  # as pip does
    except Exception as error:  # noqa: BLE001 - the one place that turns failures into statuses
        return _failed(error, env)


def _run(words: list[str], env: "Mapping[str, str]", *, as_module: bool) -> int:
    # Completion re-runs the command itself, and what it prints becomes words of the shell.
    if "PIP_AUTO_COMPLETE" in env:
        return _hand_over(words, env, as_module=as_module)
    options, rest = _take_own_options(words)
    if options:
        from safepip import settings as safepip_settings

        safepip_settings.check_options(options)
    if rest[:1] == ["--"]:
        del rest[0]
    elif rest == ["--help"] and not env.get("SAFEPIP_AS"):
        return _help(env, as_module=as_module)
    elif rest[:1] and rest[0] in OWN_VERBS and not env.get("SAFEPIP_AS"):
        return _own_verb(rest, options, env, as_module=as_module)
    if not arguments.is_install_to_watch(rest, env) or env.get("SAFEPIP") == "off":
        return _hand_over(rest, env, as_module=as_module)
    target = _find(env, as_module=as_module)
    from safepip.verbs import install

    return install.run(rest, options, env, target)


def _own_verb(
    rest: list[str], options: "Mapping[str, str]", env: "Mapping[str, str]", *, as_module: bool
) -> int:
    verb, words = rest[0], rest[1:]
    # Behind plan, all but the first word is pip's.
    if {"--help", "-h"} & set(words[:1] if verb == "plan" else words):
        from safepip import console as safepip_console
        from safepip.wording import help as help_texts

        safepip_console.show(help_texts.VERBS[verb].rstrip("\n"))
        return 0
    if verb == "settings":
        from safepip.verbs import settings as verbs_settings

        return verbs_settings.run(words, options, env)
    if verb == "explain":
        from safepip.verbs import explain

        return explain.run(words)
    if verb == "init":
        from safepip.verbs import init

        return init.run(words, options, env)
    if verb == "path":
        from safepip.verbs import path

        return path.run(words, options, env, userpip.find_pip(env, as_module=as_module))
    from safepip.verbs import plan

    return plan.run(words, options, env, _find(env, as_module=as_module))


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
        if name in OWN_OPTIONS:
            at += 1 if equals else 2
            if not equals:
                value = words[at - 1] if at <= len(words) else ""
            if not value:
                from safepip.model.errors import UsageError

                what = f"{name} needs a value"
                raise UsageError(what, do="safepip --help")
            options[name] = value
            continue
        if word == "--" or not word.startswith("-"):
            break
        # Whether the option takes the next word shows by what is left to be the command.
        length = 1 if arguments.command_index((word, "x")) == 1 else 2
        rest += words[at : at + length]
        at += length
    return options, rest + words[at:]


def _find(env: "Mapping[str, str]", *, as_module: bool) -> "PipTarget":
    target = userpip.find_pip(env, as_module=as_module)
    if target is None:
        from safepip.model.errors import UnavailableError

        alias = env.get("SAFEPIP_AS", "")
        what = f"no {alias or 'pip'} was found on PATH, nor a python3 to serve with safepip's own"
        raise UnavailableError(what, do="/path/to/python3 -m safepip <the same arguments>")
    return target


def _hand_over(words: "Sequence[str]", env: "Mapping[str, str]", *, as_module: bool) -> int:
    target = _find(env, as_module=as_module)
    try:
        userpip.hand_over(target, words, env)
    except OSError as error:
        from safepip.model.errors import UnavailableError

        what = f"{target.argv[0]} cannot be started"
        raise UnavailableError(what, why=error.strerror or str(error)) from error


def _help(env: "Mapping[str, str]", *, as_module: bool) -> int:
    """Show pip's help on stdout, as bare pip does, and then ours on stderr."""
    from safepip import runner
    from safepip.wording import help as help_texts

    target = _find(env, as_module=as_module)
    done = runner.run_inherited([*target.argv, "--help"], env=userpip.child_environment(env))
    if sys.stderr is not None:
        sys.stderr.write("\n" + help_texts.OWN)
        sys.stderr.flush()
    return runner.exit_like(done.returncode)


def _forget_pythonpath(env: "Mapping[str, str]") -> None:
    """Take PYTHONPATH's folders off our own sys.path: they are meant for the user's Python."""
    entries = env.get("PYTHONPATH", "")
    if entries and not sys.flags.ignore_environment:
        own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
        meant = {os.path.abspath(e) for e in entries.split(os.pathsep) if e} - {own}  # noqa: PTH100
        sys.path[:] = [entry for entry in sys.path if entry not in meant]


def _failed(error: Exception, env: "Mapping[str, str]") -> int:
    from safepip.console import Console
    from safepip.model.errors import ExitCode, SafepipError
    from safepip.wording import errors

    console = Console(env)
    if isinstance(error, SafepipError):
        console.complain(errors.error(error))
        return int(error.exit_code)
    log = _write_log(error)
    console.complain(errors.internal_error(type(error).__name__, log))
    return int(ExitCode.INTERNAL)


def _write_log(error: Exception) -> str | None:
    """Keep the traceback of a bug of ours in the state dir; the place, None if that failed."""
    import traceback

    from safepip import __version__
    from safepip import settings as safepip_settings
    from safepip.reading import secrets

    file = safepip_settings.state_dir() / "last-error.log"
    text = f"safepip {__version__}, Python {sys.version}\n" + "".join(
        traceback.format_exception(error)
    )
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.redact(text), encoding="utf-8", errors="backslashreplace")
    except OSError:
        return None
    return str(file)
