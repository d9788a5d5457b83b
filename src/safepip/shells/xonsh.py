"""xonsh."""

from __future__ import annotations

from safepip.reading import printable
from safepip.shells.kinds import Family, Integration, Shell
from safepip.shells.parts import OPEN_FILE, SMALL_SH, SMALL_SH_PYTHON, head
from safepip.shells.quoting import is_plain

_XONSH = """\
def __safepip_load():
    import os, secrets, tempfile
    from xonsh.built_ins import XSH
    from xonsh.events import events

    file = os.path.join(tempfile.gettempdir(), "safepip-" + secrets.token_hex(16))
    calls = []
    small_sh = {open} + {small_sh}
    for name in {pips}:
        call = ["env", "SAFEPIP_SHELL_WORDS=", "SAFEPIP_AS=" + name, "SAFEPIP_SHELL=xonsh",
                "SAFEPIP_SHELL_FILE=" + file,
                "SAFEPIP_SHELL_PID=" + str(os.getpid()),{activate}
                "sh", "-c", small_sh, {program}]
        calls.append(call)
        XSH.aliases[name] = call
    for name in {pythons}:
        XSH.aliases[name] = ["env", "SAFEPIP_AS=" + name, "SAFEPIP_SHELL=xonsh",
                             "sh", "-c", {small_sh_python}, {program}]

    def __safepip_before(cmd, **_):
        if "install" not in cmd:
            return
        lines = ["SAFEPIP_SHELL_WORDS=aliases:"]
        for name in XSH.aliases:
            try:
                value = XSH.aliases[name]
            except Exception:
                continue
            first = value[0] if isinstance(value, list) and value else ""
            lines.append(name + "=" + str(first))
        words = "\\n".join(lines)
        for call in calls:
            call[1] = words if len(words) < 32000 else lines[0]

    def __safepip_after(**_):
        if os.path.isfile(file):
            with open(file) as stream:
                todo = stream.read()
            os.remove(file)
            if todo:
                XSH.builtins.execx(todo, "exec", XSH.ctx)

    for event, old in getattr(XSH, "safepip_handlers", ()):
        event.discard(old)
    XSH.safepip_handlers = (
        (events.on_precommand, __safepip_before), (events.on_postcommand, __safepip_after)
    )
    for event, new in XSH.safepip_handlers:
        event(new)


__safepip_load()
del __safepip_load
"""

# What the postcommand event runs in the user's names: it leaves none there. Its `deactivate` gives
# back what was there before, also an alias of that name.
_ACTIVATION = """\
def __safepip_activate():
    from xonsh.built_ins import XSH

    env, aliases = XSH.env, XSH.aliases
    leave = getattr(XSH, "safepip_deactivate", None)
    if leave is not None:
        leave()
    old = {{
        name: list(env[name]) if name == "PATH" else env[name]
        for name in ("PATH", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME")
        if name in env
    }}
    old_alias = aliases.get("deactivate") if "deactivate" in aliases else None

    def deactivate(args=None):
        for name in ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME"):
            if name in env:
                del env[name]
        env.update(old)
        del aliases["deactivate"]
        if old_alias is not None:
            aliases["deactivate"] = old_alias
        XSH.safepip_deactivate = None

    for name in ("VIRTUAL_ENV_PROMPT", "PYTHONHOME"):
        if name in env:
            del env[name]
    env["VIRTUAL_ENV"] = {text!r}
    env["PATH"].insert(0, {text!r} + "/bin")
    aliases["deactivate"] = deactivate
    XSH.safepip_deactivate = deactivate


__safepip_activate()
del __safepip_activate
"""


def _quote(_shell: Shell, word: str) -> str:
    if printable.acts(word):
        return f"@({word!a})"
    # In a plain string $HOME is expanded, and one that comes first is no command.
    return word if is_plain(word) else f"@({word!r})"


def _integration(shell: Shell, what: Integration) -> str:
    return head("# ", shell, bare="env pip") + _XONSH.format(
        open=repr(OPEN_FILE),
        small_sh=repr(SMALL_SH),
        small_sh_python=repr(SMALL_SH_PYTHON),
        pips=repr(list(what.pips)),
        pythons=repr(list(what.pythons)),
        program=repr(str(what.program)),
        activate=' "SAFEPIP_SHELL_ACTIVATE=1",' if what.activate else "",
    )


FAMILY = Family(
    quote=_quote,
    # It would have to start a bash to read venv's script.
    activate="$VIRTUAL_ENV = {text!a}; {prepend_path}",
    prepend_path="$PATH.insert(0, {text!a})",
    path_line="{text!a} in $PATH or {prepend_path}",
    set_variable="${name} = {text!r}",
    user="$USER",
    new_home="$HOME = $(mktemp -d).strip()",
    unset="del ${name}",
    profile=".config/xonsh/rc.xsh",
    integration=_integration,
    ending="xsh",
    source_line="if __import__('os').path.isfile({text!r}): exec(open({text!r}).read())",
    load_command="exec($({command}))",
    activation=_ACTIVATION,
)
