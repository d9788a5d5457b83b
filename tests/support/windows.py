"""What the tests of Windows' facts stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

YOU = "C:\\Users\\You"


def put(folder: Path, *names: str, data: bytes = b"MZ") -> Path:
    """Put programs of *names* into *folder*, and give that."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(data)
        (folder / name).chmod(0o755)
    return folder
