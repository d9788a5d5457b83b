"""What ``safepip --help`` and ``safepip VERB --help`` print, and what stands near a wrong word."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from safepip.shells.texts import SHELLS
from safepip.wording.lines import INDENT, near

if TYPE_CHECKING:
    from collections.abc import Sequence

OWN = """\
safepip's own part. Put these before pip's command, for example
`safepip --strategy venv install django`:

  --strategy S        where to install when pip cannot write where it wants to:
                        auto    (default) the first place that fits: the active environment, the
                                project's .venv, pipx for a program, --user, or your personal
                                environment
                        venv    virtual environments only
                        user    --user only
                        pipx    pipx only
                        ask     let me choose on a terminal; auto without one
                        refuse  stop before anything is written, with status 77
                        off     do not intervene; report only
                      (variable: SAFEPIP_STRATEGY)
  --report-json FILE  write a report as JSON (variable: SAFEPIP_REPORT_JSON)
  --safepip-version   show safepip's own version; --version is pip's
  --                  everything after it goes to pip

safepip's own commands. Each has a --help:

  plan install NAME   show what would happen here, and why; change nothing
  explain [FILE|-]    explain a pip log, and how to fix what went wrong
  doctor              look for what is wrong with pip, Python and PATH here, and how to fix it
  where [NAME]        show every copy of a package, and which one this shell uses
  history             list the installs that went elsewhere
  undo [ID]           take one of them back
  run COMMAND         run a command with the environment that an install here goes to
  init [SHELL]        make plain pip use safepip in your shell; --install
  path                check that installed commands are on your PATH; --install
  settings            show every setting, or change one
  guide [CHAPTER]     read the guide

Everything else goes to pip. `safepip help install` is pip's help on install.
Exit status: pip's own. Otherwise 64 usage, 69 no pip to run, 70 bug, 73 cannot create,
77 refused, 78 settings, 130 interrupted.
"""
"""What stands below pip's own help."""

_SHELLS = " or ".join(", ".join(shell.value for shell in SHELLS).rsplit(", ", 1))

VERBS = {
    "plan": """\
usage: safepip plan <anything pip takes> [--json]

Shows what would happen here, and why. Your pip runs unseen, up to the point where it would
start to install. Nothing is changed.

  --json   as JSON: action, rule, reason, why earlier rules did not match, the commands

  safepip plan install django
  safepip --strategy venv plan install -r requirements.txt
""",
    "explain": """\
usage: safepip explain [FILE|-] [--command "pip …"] [--json]

Explains a pip log from any machine: what went wrong, and how to fix it for good.
Without FILE it reads standard input; on a terminal, what you paste, up to Ctrl-D.
What a logger, a CI job, JSON or a mail has put around pip's words does not matter.

  --command "pip …"   the command that was run, if the log does not show it
  --json              as JSON

  safepip explain build.log
  pip install django 2>&1 | safepip explain

Exit status: 0 once the log is read; 64 if there is no text to read.
""",
    "init": f"""\
usage: safepip init [SHELL] [--activate | --no-activate] [--python-m-pip]
                    [--install | --uninstall] [--dry-run]

Makes plain pip, pip3 and pip3.N use safepip in your shell:
{_SHELLS}.
Without SHELL it is the one you type into. Without --install it prints the functions.

  --install        add one line to your shell's profile; run it again to refresh
  --uninstall      restore your profile exactly
  --dry-run        show what either would change
  --no-activate    do not activate, in your shell, the environment that an install went to
  --activate       activate it in scripts, too
  --python-m-pip   cover `python -m pip`, too

  safepip init --install
  eval "$(safepip init bash)"     # in this shell only
For one command without safepip: SAFEPIP=off pip …
""",
    "path": """\
usage: safepip path [--install | --uninstall] [--dry-run] [--json]

Shows whether the directories of installed commands are on your PATH, now and after a login.

  --install     add the missing ones to your shell's profile (on Windows: your PATH)
  --uninstall   restore your profile exactly
  --dry-run     show what would change
  --json        as JSON
""",
    "doctor": """\
usage: safepip doctor [--json]

Looks at your pip, your Pythons, PATH, settings, caches, environments, pipx and uv. It says what
is wrong, why that matters, and which commands fix it. It runs none of them and changes nothing.

  --json   as JSON

Exit status: 1 if something needs action.
""",
    "history": """\
usage: safepip history [--json]

Lists the installs that went elsewhere, the newest last: what you typed, where it went, what
landed there, and what it replaced. With the setting history = false, none is kept.

  --json   as JSON
""",
    "undo": """\
usage: safepip undo [ID] [--yes] [--json]

Takes back an install that safepip took elsewhere: the one with that ID, else the last. It removes
what came with it unless something else there needs it, and puts back the versions that were there
before. What you changed, and what others put there, stays. An environment that safepip made goes,
too, once it holds nothing else. You are asked first.

  --yes, -y   do not ask
  --json      as JSON; without a terminal to ask you on, it needs --yes

  safepip undo
  safepip undo 3 --yes
Exit status: 77 if nothing was undone, else that of the tool that did it.
""",
    "where": """\
usage: safepip where [NAME…] [--json]

Every copy of a package that safepip knows of: system, user site, virtual environments, pipx, uv
tools. It shows which copy the `python` of this shell imports, and what its commands run. Without
NAME it counts the packages of every place.

  --json   as JSON

  safepip where
  safepip where requests
Exit status: 1 if no NAME is anywhere.
""",
    "guide": """\
usage: safepip guide [CHAPTER]

The chapters of the guide, in the terminal. Without CHAPTER it lists them.

  safepip guide
  safepip guide places
""",
    "run": """\
usage: safepip run COMMAND…

Runs one command with the environment on its PATH that an install here goes to. It never makes
an environment.

  safepip run python app.py
  safepip run pytest -q
""",
    "settings": """\
usage: safepip settings [KEY [VALUE…]] [--unset KEY] [--json]

Every setting, its value, and the file, variable or option that it came from.

  --unset KEY   take KEY out of your file
  --json        as JSON

  safepip settings strategy            # one of them
  safepip settings strategy venv       # set it in your own file
  safepip settings libraries flask rich
""",
}
"""By verb; all that safepip has."""


def did_you_mean(
    words: Sequence[str], verbs: Sequence[str], options: Sequence[str]
) -> tuple[str, ...]:
    """The line below pip's error about *words*, if one of them is near a word of ours.

    *words* hold none of *verbs* as a command, and none of *options* in its right place.
    """
    for at, word in enumerate(words):
        if word == "--":
            break
        if word.startswith("--"):
            typed, equals, value = word.partition("=")
            meant = near(typed, options)
            if meant:
                taken = 1 if equals or meant == "--safepip-version" else 2
                own = [meant + equals + value, *words[at + 1 : at + taken]]
                line = shlex.join(["safepip", *own, *words[:at], *words[at + taken :]])
                if typed == meant:
                    return (f"{meant} goes before pip's command:", INDENT + line)
                return (f"did you mean {meant}?", INDENT + line)
    verb = next((near(word, verbs) for word in words if not word.startswith("-")), "")
    return (f"did you mean safepip {verb}?",) if verb else ()
