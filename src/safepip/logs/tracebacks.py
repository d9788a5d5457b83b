"""Whose error it is: the tracebacks in somebody's log.

Pure. Errors that are raised while one another is handled make one chain. An error is pip's if code
of pip's stands in its chain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from safepip.reading.text import decode

_HEAD = b"Traceback (most recent call last)"
_CHAINED = re.compile(rb"During handling of the above|The above exception was the direct")
_FRAME = re.compile(
    rb"(?:^\W{0,3}File|\sFile(?=[^,]{0,300}, line \d)) \\?\"+([^\"]+?)\\?\"+"
    rb"(?:, line \d+, in (\w+))?"
)
_WRITING = frozenset(
    {
        *(b"clobber", b"move_wheel_files", b"install_wheel", b"_install_wheel"),
        *(b"_handle_target_dir", b"install", b"install_given_reqs", b"uninstall", b"renames"),
    }
)
"""Functions of pip's that write to the place that it installs to."""
_READING = frozenset({b"get_metadata", b"get_metadata_lines", b"read_text", b"from_location"})
"""Functions that look at what is installed."""
_PIPS_FRAME = re.compile(
    rb"[\\/](?:not)?pip[\\/]|[\\/]pip-\d|[\\/]pip[\d.]*(?:\.exe|\.zip|\.pyz)?(?:[\\/]|\Z)|get-pip\.py"
)
_COMMANDS_FRAME = re.compile(rb"[\\/]pip[\\/](?:_internal[\\/])?commands[\\/]([a-z]+)\.py\Z")
_LIBRARYS_FRAME = re.compile(
    rb"(?:^|[\\/])(?:lib|lib64)[\\/](?:python[\d.]+[\\/])?(?:[a-z_]+[\\/])?[a-z_]+\.py\Z"
    rb"|^<frozen|^(?:os|shutil)\.py\Z",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Chain:
    """A traceback, or several that were raised while one another was handled."""

    headed: bool
    """Its first line was seen."""
    is_pips: bool = False
    is_others: bool = False
    is_writing: bool = False
    """pip was writing to the place that it installs to."""
    is_reading: bool = False

    @property
    def is_foreign(self) -> bool:
        """Whether another program than pip raised it."""
        return not self.is_pips and (self.headed or self.is_others)


class Tracebacks:
    """Follows the tracebacks of one run of pip."""

    def __init__(self) -> None:
        self.command: str | None = None
        """The command of pip's whose code stands in one."""
        self.to_target = False
        """pip was to install to a ``--target``."""
        self._chain: Chain | None = None
        self._is_over = True
        self._announced = False
        """The last line was pip's ``Exception:``, which stands before its own tracebacks."""

    @property
    def open(self) -> Chain | None:
        """The chain whose error has not come yet."""
        return None if self._is_over else self._chain

    def end(self) -> None:
        """The error came: more code belongs to another chain, unless the log says otherwise."""
        self._is_over = True

    def is_done(self, chain: Chain) -> bool:
        """Whether nothing more can be learnt of *chain*."""
        return chain is not self._chain

    def take(self, text: bytes) -> bool:
        """Take a line of a traceback, and tell whether it was one."""
        announced, self._announced = self._announced, text.endswith(b"xception:")
        headed = text.startswith(_HEAD)
        if headed:
            self._begin(headed=True).is_pips |= announced
        elif _CHAINED.match(text):
            self._is_over = self._chain is None
            return True
        frames = list(_FRAME.finditer(text)) if b"File " in text else []
        for found in frames:  # more than one where the log was flowed into one line
            self._take_frame(found)
        return headed or bool(frames)

    def _take_frame(self, found: re.Match[bytes]) -> None:
        chain = self._begin(headed=False)
        chain.is_reading |= found[2] in _READING
        if _PIPS_FRAME.search(found[1]):
            chain.is_pips = True
            makes_target = found[2] == b"ensure_dir" and self.command == "install"
            chain.is_writing |= found[2] in _WRITING or makes_target
            self.to_target |= found[2] == b"_handle_target_dir"
            if (command := _COMMANDS_FRAME.search(found[1])) is not None:
                self.command = decode(command[1])
        elif not _LIBRARYS_FRAME.search(found[1]):
            chain.is_others = True

    def _begin(self, *, headed: bool) -> Chain:
        """The chain that is open, else a new one."""
        if self._chain is None or self._is_over:
            self._chain, self._is_over = Chain(headed=headed), False
        return self._chain
