"""Tools that run pip, or stand in for it: whose words a log holds besides pip's.

Pure. ``TOOLS`` is the table; the first row that a log shows is named.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from safepip.logs.remedies import Remedy


class Tool(NamedTuple):
    """One tool: how its words are recognised, what helps there."""

    name: str
    """As people call it."""
    needles: tuple[bytes, ...]
    """Every line that may show it holds one of these."""
    pattern: re.Pattern[bytes]
    remedy: Remedy
    command: str | None = None
    """As in ``failures.Failure.remedies``."""
    denied: re.Pattern[bytes] | None = None
    """Its own words when it may not write, or will not: the error is its own, not pip's. The group
    is the place."""
    near: re.Pattern[bytes] | None = None
    """Where the place stands, if the line before says it."""
    for_user: str | None = None
    """It installs pip itself: the command that does so for the user alone."""


_SETUP_PY = re.compile(
    rb"(?:error: )?could not create '([^']+)': |error: can't create or remove files"
    rb"|\[Errno (?:13|1|30)\][^']*'([^'`]+\.(?:write-test|pth))\b"
    rb"|error: \[Errno (?:13|1|30)\][^']*'([^']+)"
)

BY_HAND = Tool(
    name="setup.py",
    needles=(b"setup.py", b"make ", b"install directory", b"easy-install"),
    pattern=re.compile(
        rb"(?P<probing>can't create or remove files in install directory|test-easy-install-?\d+\.)"
        rb"|(?:^|[$#%>] ?|\bpython[\d.]* )(?:sudo )?(?:python[\d.]* )?(?:\./)?"
        rb"setup\.py(?: (?:install|develop)\b|[`\"'])|^Adding \S+ \S+ to easy-install\.pth file"
        rb"|(?:^|[$#%>] ?)make (?:\w+ )*install\b"
    ),
    remedy=Remedy.PIP_INSTEAD_OF_SETUP_PY,
    command="safepip {here}",
    denied=_SETUP_PY,
)
"""A setup.py that is run without pip."""

TOOLS = (
    Tool(
        name="uv",
        needles=(
            *(b"uv ", b"'uv'", b"The interpreter at", b"to install: ", b"os error", b"ailed to "),
        ),
        pattern=re.compile(  # an "os error" alone is any Rust program's
            rb"\buv (?:pip|venv|sync|add|tool|run) |'uv', 'pip'|Failed to install: \S+\.whl"
            rb"|The interpreter at .+ is externally managed"
            rb"|(?:(?:site|dist)-packages|[/\\.]uv\b).*\(os error \d+\)"
            rb"|ailed to \w+ \w+ `[^`]*(?:(?:site|dist)-packages|[/\\.]uv\b)"
        ),
        remedy=Remedy.IN_UV,
        command="uv venv && uv pip {words}",
        denied=re.compile(
            rb".*The interpreter at (.+?) is externally managed"
            rb"|(?!.*\[Errno).*?(?:`([^`]+)`: )?(?:Permission denied|Access is denied\."
            rb"|Read-only file system) \(os error (?:13|5|30)\)(?: at path \"([^\"]+)\")?"
        ),
        near=re.compile(rb"ailed to \w+ \w+ `([^`]+)`$"),
    ),
    Tool(
        name="Homebrew",
        needles=(b"brew postinstall", b"post-install step"),
        pattern=re.compile(rb"brew postinstall|post-install step did not complete"),
        remedy=Remedy.CHECK_OWNER,
    ),
    BY_HAND,
    Tool(
        name="ensurepip",
        needles=(b"ensurepip",),
        pattern=re.compile(rb"ensurepip"),
        remedy=Remedy.OWN_PIP_IN_VENV,
        command="{python} -m venv .venv",
        for_user="{python} -m ensurepip --user",
    ),
    Tool(
        name="get-pip.py",
        needles=(b"get-pip.py", b"pip.zip"),
        pattern=re.compile(rb"get-pip\.py|pip\.zip[/\\]pip"),
        remedy=Remedy.OWN_PIP_IN_VENV,
        command="{python} -m venv .venv",
        for_user="{python} get-pip.py --user",
    ),
    Tool(
        name="poetry",
        needles=(b"nvCommandError", b"PoetryException", b"poetry", b"Package operations: "),
        pattern=re.compile(
            rb"[Ee]nvCommandErr|PoetryE|pypoetry[/\\]|\bpoetry (?:install|add) |Package operations:"
        ),
        remedy=Remedy.IN_POETRY,
        command="poetry config virtualenvs.create true",
        denied=re.compile(rb"^\[Errno (?:13|1|30)\] [^']*'([^']+)'$"),
    ),
    Tool(
        name="pipenv",
        needles=(b"pipenv", b"Pipfile.lock"),
        pattern=re.compile(rb"[/\\]pipenv[/\\]|pipenv (?:install|sync)|\bPipfile\.lock"),
        remedy=Remedy.IN_PIPENV,
        command="pipenv install",
    ),
    Tool(
        name="tox",
        needles=(b"tox", b"ould not install deps", b"InvocationError"),
        pattern=re.compile(
            rb"could not install deps|[/\\]\.tox[/\\]|^py\d+[\w-]*: (?:install|exit|commands|FAIL)"
            rb"|InvocationError for command"
        ),
        remedy=Remedy.IN_TOX,
        command="tox --recreate",
    ),
    Tool(
        name="conda",
        needles=(b"CondaEnvException", b"Pip subprocess", b"condaenv.", b"Writable"),
        pattern=re.compile(
            rb"CondaEnvException|Pip subprocess error|condaenv\.|Not?Writable\w*Error: "
        ),
        remedy=Remedy.IN_CONDA,
        command="conda create --prefix ./env python",
        denied=re.compile(rb"(?:Environment)?Not?Writable\w*Error: "),
    ),
    Tool(
        name="Ansible",
        needles=(b"FAILED! =>", b"TASK ["),
        pattern=re.compile(rb"FAILED! =>|TASK \["),
        remedy=Remedy.IN_ANSIBLE,
    ),
    Tool(
        name="docker build",
        needles=(b"failed to solve", b"non-zero code", b"executor failed", b"] RUN ", b": RUN "),
        pattern=re.compile(
            rb"failed to solve|returned a non-zero code|executor failed running"
            rb"|\[[^\]]*\d+/\d+\] RUN |Step \d+/\d+ : RUN "
        ),
        remedy=Remedy.IN_DOCKERFILE,
        command="RUN {python} -m venv /opt/venv && /opt/venv/bin/pip {words}",
    ),
)
"""What is most particular first: docker build can run any of the others."""
