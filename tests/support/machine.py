"""What the machine itself tells pip, uv and pipx, and how a lab does without it."""

from __future__ import annotations

import configparser
from pathlib import Path

SYSTEM_FILE = Path("/etc/pip.conf")
"""No variable tells pip to leave it out (`PIP_CONFIG_FILE` would take the user's file away, too).

Source: pip, ``_internal/utils/appdirs.py``, ``site_config_dirs``.
"""


def taken_back() -> str:
    """A file for a user's home which takes back what the machine's file says; often empty.

    pip heeds no empty value, and one in a later file counts.
    """
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read(SYSTEM_FILE, encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return ""
    lines = []
    for section in parser.sections():
        lines += [f"[{section}]", *(f"{key} =" for key in parser[section])]
    return "".join(f"{line}\n" for line in lines)
