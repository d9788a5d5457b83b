"""The words of ``run``."""

from __future__ import annotations


def no_environment() -> tuple[str, ...]:
    """Nothing was installed into an environment here yet, so the command runs as it is."""
    return ("There is no environment here yet, so your command runs without one.",)
