"""Shows text from outside so that it cannot act on a terminal or change the order of what is read.

Names, paths, settings and pip's words may hold anything: an escape sequence paints over lines or
sets the title, a bidirectional mark turns a path around, a line end begins a line of its own.
"""

from __future__ import annotations

# Not imported from typing, which costs more than the whole hand-over; type checkers know the name.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

# C0, DEL, C1; bidirectional marks, embeddings, overrides and isolates; the line and paragraph
# separators; bytes that are no text (PEP 383); the invisible tags (Unicode TR 36, TR 51).
_ACTING = (
    "\\x00-\\x1f\\x7f-\\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)


def escape(text: str, keep: str = "") -> str:
    r"""*text* with what would act on a terminal shown as Python writes it: ``\x1b``, ``\u202e``.

    *keep*: control characters that are the writer's own, as ``"\n"`` in a text of several lines.
    Escaping twice changes nothing more. The forms above ``\x1f`` are JSON's, too.
    """
    import re

    def shown(match: re.Match[str]) -> str:
        character = match[0]
        number = ord(character)
        if character in keep:
            return character
        if 0xDC80 <= number <= 0xDCFF:
            return f"\\x{number - 0xDC00:02x}"
        if number < 0x20:
            return f"\\x{number:02x}"
        return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"

    return re.sub(f"[{_ACTING}]", shown, text)


def acts(text: str) -> bool:
    """Whether *text* holds anything that ``escape`` would show otherwise."""
    import re

    return re.search(f"[{_ACTING}]", text) is not None
