"""What ends a command early: exit statuses and the one family of exceptions.

Exceptions carry facts; ``wording`` words them and ``cli.main`` turns them into a status.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from safepip.model.problems import Problem


class ExitCode(IntEnum):
    """safepip's own exit statuses; every other status is that of the tool that ran.

    They start at 64 since pip itself uses 0 to 4, 23 and 120.
    Source: BSD ``sysexits.h``; pip, ``_internal/cli/status_codes.py``.
    """

    OK = 0
    USAGE = 64
    UNAVAILABLE = 69
    INTERNAL = 70
    CANNOT_CREATE = 73
    REFUSED = 77
    CONFIG = 78
    INTERRUPTED = 130


class SafepipError(Exception):
    """This command cannot go on; *problem* says why, by the *facts* that its words need."""

    exit_code = ExitCode.INTERNAL

    def __init__(self, problem: Problem, **facts: object) -> None:
        super().__init__(problem.value, facts)
        self.problem = problem
        self.facts = facts


class UsageError(SafepipError):
    """safepip's own options are wrong."""

    exit_code = ExitCode.USAGE


class UnavailableError(SafepipError):
    """There is no pip, pipx or python to run."""

    exit_code = ExitCode.UNAVAILABLE


class CannotCreateError(SafepipError):
    """An environment or a file could not be made, or is there and broken."""

    exit_code = ExitCode.CANNOT_CREATE


class BrokenOffError(SafepipError):
    """The user interrupted what comes before the install itself."""

    exit_code = ExitCode.INTERRUPTED


class RefusedError(SafepipError):
    """Nothing was changed, since that would not have been right."""

    exit_code = ExitCode.REFUSED


class ConfigError(SafepipError):
    """Settings cannot be read or hold a bad value."""

    exit_code = ExitCode.CONFIG
