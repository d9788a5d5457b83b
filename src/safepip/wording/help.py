"""What ``safepip --help`` and ``safepip VERB --help`` print, and what stands near a wrong word."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from safepip.wording.lines import INDENT, near

if TYPE_CHECKING:
    from collections.abc import Sequence

OWN = """\
safepip's own part, before pip's command:

  safepip [--strategy S] [--report-json FILE] <anything pip takes>

  --strategy S        what to do when pip cannot write where it wants to:
                        auto    (default) the first place that fits: the active environment, the
                                project's .venv, pipx for an application, --user, or your
                                personal environment
                        venv    only virtual environments
                        user    only --user
                        pipx    only pipx
                        ask     offer the choices on a terminal; auto without one
                        refuse  stop before anything is written, exit 77
                        off     only watch and report
                      (variable: SAFEPIP_STRATEGY)
  --report-json FILE  write what happened, where and why as JSON (variable: SAFEPIP_REPORT_JSON)
  --safepip-version   show safepip's own version; --version is pip's
  --                  everything after it goes to pip

safepip's own commands; each has a --help:

  plan install NAME   what would happen here, and why; changes nothing
  explain [FILE|-]    read captured pip output: what went wrong, how to mend it
  init [SHELL]        the functions that put safepip where pip stood; --install keeps them
  path                are the scripts dirs on PATH, now and after the next login; --install
  settings            every setting, its value and where that came from
  where [NAME]        every copy of a package, and which one this shell uses
  doctor              what is wrong with pip and Python here, and how to fix it
  history             the installs that were taken elsewhere
  undo [ID]           take one of them back

Everything else is pip's, unchanged: `safepip help install` is pip's help on install.
Exit status: pip's own; else 64 usage, 69 no pip to run, 70 bug, 73 cannot create, 77 refused,
78 settings, 130 interrupted.
"""
"""What stands below pip's own help."""

VERBS = {
    "plan": """\
usage: safepip plan <anything pip takes> [--json]

What would happen here, and why: your pip is run unseen, up to the point where it would begin
to install. Nothing is changed.

  --json   as JSON: action, rule, reason, why the earlier rules did not hold, the commands

  safepip plan install django
  safepip --strategy venv plan install -r requirements.txt
""",
    "explain": """\
usage: safepip explain [FILE|-] [--command "pip …"] [--json]

Reads captured pip output, from any machine: what went wrong, and how to mend it for good.
Without FILE it reads standard input.

  --command "pip …"   the command that was run, where the log does not show it
  --json              as JSON

  safepip explain build.log
  pip install django 2>&1 | safepip explain
Exit status: 0 once the log is read, whatever it shows; 64 if there is no text to read.
""",
    "init": """\
usage: safepip init [SHELL] [--activate] [--python-m-pip]
                    [--install | --uninstall] [--dry-run]

Prints the functions that put safepip where pip, pip3 and pip3.N stood, for bash, zsh, fish,
sh, dash, ksh, tcsh, csh, pwsh, xonsh or nu; without SHELL for the one you type into.

  --install        keep them: one line in your shell's profile (and again: to renew them)
  --uninstall      take that line out again, byte for byte
  --dry-run        show what either would change, as a diff
  --activate       activate, in your shell, the environment that an install was taken to
  --python-m-pip   cover `python -m pip`, too

  safepip init --install
  eval "$(safepip init bash)"     # in this shell only
For one command without safepip: SAFEPIP=off pip …
""",
    "path": """\
usage: safepip path [--install | --uninstall] [--dry-run] [--json]

Are the directories that commands are installed into on PATH: now, and after the next login?

  --install     put the missing ones into your shell's profile (on Windows: the user's PATH)
  --uninstall   take that out again, byte for byte
  --dry-run     show what would be changed, as a diff
  --json        as JSON
""",
    "doctor": """\
usage: safepip doctor [--json]

Looks at your pip, your Pythons, PATH, the owners of files, settings, caches, virtual environments,
pipx and uv, and says what is wrong, why it matters, and the commands that fix it. It changes
nothing, and runs none of them.

  --json   as JSON

Exit status: 1 if something needs action.
""",
    "history": """\
usage: safepip history [--json]

The installs that safepip took elsewhere, the newest last: what was typed, where it went, what
landed there and what it replaced. The setting history = false keeps none.
""",
    "undo": """\
usage: safepip undo [ID] [--yes] [--json]

Takes back an install that safepip took elsewhere: the one with that ID, else the last. It removes
what came with it unless something else there needs it, and puts back the versions that were there
before. What you changed, and what others put there, stays. An environment that safepip made goes,
too, once it holds nothing else. You are asked first.

  --yes, -y   do not ask

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
    "settings": """\
usage: safepip settings [--json]

Every setting, its value, and the file, variable or option that it came from; locked ones are
the administrator's. The last lines name the files.
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
