# /etc/profile.d/safepip.sh: puts safepip where pip stood, for everybody who logs in here.
#
# For every POSIX shell (and bash, zsh). Says nothing, starts no process, and changes nothing where
# safepip is missing. Bare pip for once: SAFEPIP=off pip …, or command pip …
# To leave: unset -f pip pip3, in your own profile.

# Only a place that belongs to root, never PATH: this file also speaks for root.
__safepip_program=/usr/local/bin/safepip

# Where somebody types, the environment that an install went to is activated; the setting
# `activate = false` leaves that out.
case $- in *i*) __safepip_activate=1 ;; *) __safepip_activate= ;; esac

__safepip() {
    [ -z "${ZSH_VERSION-}" ] || setopt local_options no_warn_create_global no_warn_nested_var
    if [ "${SAFEPIP-}" = off ] || ! __safepip_runs; then
        command "$@"
        return
    fi
    __safepip_as=$1
    case $1 in
    python*) shift 3 ;;
    *) shift ;;
    esac
    case ${BASH_VERSION+b}${ZSH_VERSION+z}${KSH_VERSION+k} in
    b*) __safepip_shell=bash ;;
    z*) __safepip_shell=zsh ;;
    k*) __safepip_shell=ksh ;;
    *) __safepip_shell=sh ;;
    esac
    case ${PIP_AUTO_COMPLETE-}:$* in
    :*install*) ;;
    *)
        SAFEPIP_AS=$__safepip_as SAFEPIP_SHELL=$__safepip_shell "$__safepip_program" "$@"
        return
        ;;
    esac
    __safepip_pid=$$
    case ${KSH_VERSION-} in
    *93*) eval '[ "${.sh.subshell}" = 0 ]' || __safepip_pid= ;;
    esac
    # What is read-only no activation can change: nothing is to be promised then.
    (PATH=$PATH VIRTUAL_ENV=) 2>/dev/null || __safepip_pid=
    __safepip_words=$(__safepip_words 2>/dev/null) || :
    # A word of the environment holds 128 KiB at most, and a character may take four bytes.
    [ "${#__safepip_words}" -lt 32000 ] || __safepip_words=
    # A name alone: after Ctrl-C a shell may come back to nothing of what follows.
    __safepip_file=$(command mktemp -u 2>/dev/null) || __safepip_file=
    SAFEPIP_AS=$__safepip_as SAFEPIP_SHELL=$__safepip_shell SAFEPIP_SHELL_PID=$__safepip_pid \
        SAFEPIP_SHELL_FILE=$__safepip_file SAFEPIP_SHELL_WORDS=$__safepip_words \
        SAFEPIP_SHELL_ACTIVATE=${__safepip_activate-} \
        "$__safepip_program" "$@" && __safepip_status=0 || __safepip_status=$?
    if [ -n "$__safepip_file" ]; then
        if [ -s "$__safepip_file" ] && [ -O "$__safepip_file" ]; then
            . "$__safepip_file"
        fi
        command rm -f "$__safepip_file"
    fi
    return "$__safepip_status"
}
__safepip_runs() {
    case $- in *r*) return 1 ;; esac
    [ -z "${PYTHONHOME-}${PYTHONPLATLIBDIR-}${PYTHONEXECUTABLE-}" ] || return 1
    [ -f "$__safepip_program" ] && [ -x "$__safepip_program" ] || return 1
    [ -r "$__safepip_program" ] || return 0
    { IFS= read -r __safepip_line; IFS= read -r __safepip_next; } <"$__safepip_program" || :
    case $__safepip_line in
    '#'?/bin/sh)
        __safepip_line=${__safepip_next#"'''exec' "}
        [ "$__safepip_line" != "$__safepip_next" ] || return 0
        __safepip_line=${__safepip_line%' "$0" "$@"'}
        __safepip_line=${__safepip_line#[\"\']}
        __safepip_line=${__safepip_line%[\"\']}
        ;;
    '#'?/*)
        __safepip_line=${__safepip_line#??}
        __safepip_line=${__safepip_line%% *}
        ;;
    *) return 0 ;;
    esac
    [ -x "$__safepip_line" ]
}
__safepip_words() {
    case $__safepip_shell in
    bash)
        echo functions:
        compgen -A function || :
        echo builtins:
        compgen -A enabled || :
        compgen -A keyword || :
        shopt -q expand_aliases || return 0
        ;;
    zsh)
        eval 'print -rl -- functions: ${(k)functions:#_*} builtins: ${(k)builtins} ${(k)reswords}'
        echo aliases:
        alias -L
        return
        ;;
    ksh)
        echo functions:
        typeset +f
        ;;
    esac
    echo aliases:
    alias
}
__safepip_own() {
    [ -z "${ZSH_VERSION-}" ] || setopt local_options no_warn_create_global no_warn_nested_var
    if ! (unset -f safepip && command -v safepip) >/dev/null 2>&1 && __safepip_runs; then
        set -- "$__safepip_program" "$@"
    else
        set -- safepip "$@"
    fi
    case ${2-} in
    doctor) SAFEPIP_SHELL_HOLDS="$(__safepip_holds 2>/dev/null)" command "$@" ;;
    *) command "$@" ;;
    esac
}
__safepip_holds() {
    for __safepip_as in pip pip3 python python3; do
        echo "$__safepip_as:"
        command -V "$__safepip_as"
        typeset -f "$__safepip_as" || :
        echo
    done
}
alias safepip >/dev/null 2>&1 || eval 'safepip() { __safepip_own "$@"; }'

if [ -x "$__safepip_program" ]; then
    # An alias would be read in the place of the function's name.
    unalias pip 2>/dev/null || :
    unalias pip3 2>/dev/null || :
    eval 'pip() { __safepip pip "$@"; }'
    eval 'pip3() { __safepip pip3 "$@"; }'
    # ksh's other kind of function forgets `SAFEPIP=off pip` when the call is over.
    if [ -n "${KSH_VERSION-}" ]; then
        eval 'function pip { __safepip pip "$@"; }; function pip3 { __safepip pip3 "$@"; }'
    fi
fi
