"""An ``install`` that is pip's alone (``--dry-run``, ``--python``), and a report is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safepip import runner, settings, userpip
from safepip.flow import ending, reporting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safepip.userpip import PipTarget


def run(
    words: Sequence[str], options: Mapping[str, str], env: Mapping[str, str], target: PipTarget
) -> int:
    """Let pip do it, and report its status, which is returned.

    Raises:
        SafepipError: the report cannot be written, or pip cannot be started.
    """
    file = settings.merge(options, env).report_json or ""
    reporting.check_report_file(file)
    status = userpip.run(target, words, env)
    reporting.write_report(file, ending.as_given(status))
    return runner.exit_like(status)
