"""What becomes of a mistake of safepip's own: a line, a private log, and pip runs all the same.

Nothing here may fail for its part: it is called where something unforeseen already has.
"""

from __future__ import annotations

import platform
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from safepip import __version__, moved
from safepip.reading import secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOG_CHARACTERS = 1 << 20


def tell(error: BaseException, env: Mapping[str, str], *, pip_goes_on: bool) -> None:
    """Say on stderr that *error* is a bug of ours, and where the details are."""
    log = write_log(error, env)
    with suppress(Exception):
        from safepip.console import Console
        from safepip.wording import errors

        kind = type(error).__name__
        Console(env).complain(errors.internal_error(kind, log, pip_goes_on=pip_goes_on))


def write_log(error: BaseException, env: Mapping[str, str]) -> str | None:
    """Keep the traceback of *error*, secrets masked; the place, None if there is no room for it."""
    with suppress(Exception):
        from safepip.state import make_folder, write_atomically

        file = Path(moved.state_dir(env), "last-error.log")
        told = "".join(traceback.format_exception(error))
        text = (
            f"safepip {__version__}, Python {sys.version}, {platform.platform()}\n"
            f"{told[:_LOG_CHARACTERS]}"
        )
        make_folder(file.parent, mode=0o700)
        # A new file each time: what stands there by that name may be a link, or a pipe.
        data = _without_values(secrets.redact(text), env).encode("utf-8", "backslashreplace")
        write_atomically(file, data)
        return str(file)
    return None


def _without_values(text: str, env: Mapping[str, str]) -> str:
    """*text* without the values of variables that are secret by their names."""
    for name, value in env.items():
        secret = any(word in name.upper() for word in ("TOKEN", "PASSW", "SECRET", "_KEY", "AUTH"))
        if secret and len(value) > 5:  # a shorter one would mask half of the text
            text = text.replace(value, "****")
    return text


def pip_may_have_run() -> bool:
    """Whether a program that the user sees was started: then it is not run once more."""
    runner = sys.modules.get("safepip.runner.programs")
    return runner is not None and bool(getattr(runner, "begun", True))


def refuses(options: Mapping[str, str], env: Mapping[str, str]) -> bool:
    """Whether the user asked to be refused rather than for pip on its own."""
    return (options.get("--strategy") or env.get("SAFEPIP_STRATEGY")) == "refuse"
