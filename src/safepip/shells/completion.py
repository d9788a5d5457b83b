"""Completion of ``safepip`` itself: its own words, and pip's behind them.

pip completes by itself when ``PIP_AUTO_COMPLETE`` is set, from ``COMP_WORDS`` and ``COMP_CWORD``;
safepip hands such a call over.
Source: pip, ``_internal/cli/autocompletion.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip.shells.kinds import Shell

if TYPE_CHECKING:
    from collections.abc import Mapping

# The first word that is no option names the command; two options take the word behind them.
_BASH = """\
__safepip_complete() {{
    local i verb= own= word=${{COMP_WORDS[COMP_CWORD]}}
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${{COMP_WORDS[i]}} in
        --strategy | --report-json) ((i++)) ;;
        -*) ;;
        *) verb=${{COMP_WORDS[i]}}; break ;;
        esac
    done
    case $verb:${{COMP_WORDS[COMP_CWORD-1]}} in
    :--strategy) own='{strategies}' ;;
    :*) own='{first}' ;;
{verbs}    esac
    COMPREPLY=($(compgen -W "$own" -- "$word"))
    case " {names} " in
    *" $verb "*) ;;
    *) COMPREPLY+=($(COMP_WORDS="${{COMP_WORDS[*]}}" COMP_CWORD=$COMP_CWORD \\
        PIP_AUTO_COMPLETE=1 "$1" 2>/dev/null)) ;;
    esac
}}
complete -o default -F __safepip_complete safepip
"""
_BASH_VERB = "    {name}:*) own='{words}' ;;\n"

_ZSH = """\
__safepip_complete() {{
    local i verb= own=
    for ((i = 2; i < CURRENT; i++)); do
        case $words[i] in
        --strategy | --report-json) ((i++)) ;;
        -*) ;;
        *) verb=$words[i]; break ;;
        esac
    done
    case $verb:$words[CURRENT-1] in
    :--strategy) own='{strategies}' ;;
    :*) own='{first}' ;;
{verbs}    esac
    compadd -- ${{=own}}
    case " {names} " in
    *" $verb "*) _files ;;
    *) compadd -- $(COMP_WORDS="$words[*]" COMP_CWORD=$((CURRENT-1)) \\
        PIP_AUTO_COMPLETE=1 $words[1] 2>/dev/null) ;;
    esac
}}
if (( ${{+functions[compdef]}} )); then compdef __safepip_complete safepip; fi
"""

_FISH = """\
function __safepip_pip_words
    set -lx COMP_WORDS (commandline -opc) (commandline -ct)
    set -lx COMP_CWORD (math (count $COMP_WORDS) - 1)
    set -lx PIP_AUTO_COMPLETE 1
    set -l program $COMP_WORDS[1]
    set COMP_WORDS (string join ' ' -- $COMP_WORDS)
    $program 2>/dev/null | string split ' '
end
complete -c safepip -e
complete -c safepip -n 'not __fish_seen_subcommand_from {names}' -a '(__safepip_pip_words)'
complete -c safepip -n __fish_use_subcommand -f -a '{first}'
complete -c safepip -n __fish_use_subcommand -l strategy -x -a '{strategies}'
{verbs}"""
_FISH_VERB = "complete -c safepip -n '__fish_seen_subcommand_from {name}' -a '{words}'\n"

_TEXTS = {
    Shell.BASH: (_BASH, _BASH_VERB),
    Shell.ZSH: (_ZSH, _BASH_VERB),
    Shell.FISH: (_FISH, _FISH_VERB),
}


def completion(shell: Shell, words: Mapping[str, tuple[str, ...]]) -> str:
    """Write the text for *shell*; empty where safepip has none.

    *words*: what may stand behind each verb; behind ``""`` what stands before them, and behind
    ``--strategy`` its values. Plain words, without quotes or blanks.
    """
    if shell not in _TEXTS:
        return ""
    text, row = _TEXTS[shell]
    verbs = {name: told for name, told in words.items() if name not in {"", "--strategy"}}
    return text.format(
        strategies=" ".join(words["--strategy"]),
        first=" ".join([*verbs, *words[""]]),
        names=" ".join(verbs),
        verbs="".join(row.format(name=name, words=" ".join(told)) for name, told in verbs.items()),
    )
