# shellcheck shell=sh
# Sourced by try and test. Sets $python to a Python 3.10 or newer, or ends with one sentence.
# A Python that can make environments by itself (ensurepip) is preferred to one that cannot.

# Must parse under any Python there ever was.
python_probe='
import sys
try:
    import venv
    from ensurepip import version
    kind = "full"
except Exception:
    kind = "bare"
if sys.version_info < (3, 10):
    kind = "old %d.%d" % sys.version_info[:2]
sys.stdout.write(kind)
'

# Sets $python and returns 0 if the candidate is what we want; remembers second bests.
consider_python() {
    case $("$1" -c "$python_probe" 2>/dev/null </dev/null) in
        full) python=$1 ;;
        bare) bare_python=${bare_python:-$1}; return 1 ;;
        old*) old_python=${old_python:-$1}; return 1 ;;
        *) return 1 ;;
    esac
}

find_python() {
    if [ -n "${SAFEPIP_DEV_PYTHON:-}" ]; then
        consider_python "$SAFEPIP_DEV_PYTHON"
        return
    fi
    for candidate in python3 python /usr/bin/python3 /usr/local/bin/python3; do
        consider_python "$candidate" && return
    done
    for minor in 16 15 14 13 12 11 10; do
        for candidate in "python3.$minor" "${PYENV_ROOT:-${HOME:-}/.pyenv}/versions/3.$minor"*/bin/python; do
            consider_python "$candidate" && return
        done
    done
    return 1
}

python='' bare_python='' old_python=''
find_python || python=$bare_python
if [ -z "$python" ]; then
    if [ -n "${SAFEPIP_DEV_PYTHON:-}" ]; then
        seen="SAFEPIP_DEV_PYTHON ($SAFEPIP_DEV_PYTHON) is none"
    elif [ -n "$old_python" ]; then
        seen="$("$old_python" -c 'import sys; sys.stdout.write("%s is Python %d.%d" % ((sys.executable,) + sys.version_info[:2]))'), and there is no newer one on PATH"
    else
        seen="there is none on PATH"
    fi
    echo "$0: Python 3.10 or newer is needed; $seen." >&2
    exit 1
fi
