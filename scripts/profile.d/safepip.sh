# /etc/profile.d/safepip.sh: puts safepip where pip stood, for everybody who logs in here.
#
# For every POSIX shell (and bash, zsh). Says nothing, starts no process, and changes nothing where
# safepip is missing. Bare pip for once: SAFEPIP=off pip …, or command pip …
# To leave: unset -f pip pip3, in your own profile.

# Only a place that belongs to root, never PATH: this file also speaks for root.
__safepip_program=/usr/local/bin/safepip

__safepip() {
    if [ "${SAFEPIP-}" = off ] || [ ! -x "$__safepip_program" ]; then
        command "$@"
        return
    fi
    __safepip_as=$1
    shift
    case "${PIP_AUTO_COMPLETE-}: $* " in
    :*" install "*) ;;
    *)
        SAFEPIP_AS=$__safepip_as "$__safepip_program" "$@"
        return
        ;;
    esac
    # What the settings key `activate` needs: a private file that names what to activate here.
    __safepip_file=$(command mktemp 2>/dev/null) || __safepip_file=
    SAFEPIP_AS=$__safepip_as SAFEPIP_SHELL_PID=$$ SAFEPIP_SHELL_FILE=$__safepip_file \
        "$__safepip_program" "$@" && __safepip_status=0 || __safepip_status=$?
    if [ -n "$__safepip_file" ]; then
        if [ -s "$__safepip_file" ]; then
            . "$__safepip_file"
        fi
        command rm -f "$__safepip_file"
    fi
    return "$__safepip_status"
}

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
