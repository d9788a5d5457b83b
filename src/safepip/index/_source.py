"""Reads what a small source distribution says of itself, where there is no wheel.

For ``_helper.py``: *candidate* and *session* are pip's. Nothing of it is run: setuptools leaves
what a wheel would say beside the code, in ``NAME.egg-info``.
"""

from __future__ import annotations

import contextlib
import io
import tarfile
import zlib
from typing import TYPE_CHECKING, Any

from safepip.index._wheel import TEXT_BYTES, WHOLE_BYTES, UnreadableError, get_whole
from safepip.machine import paths
from safepip.policy.wheels import read_wheel
from safepip.reading.names import normalized

if TYPE_CHECKING:
    from collections.abc import Iterator

UNPACKED_BYTES = 32 * 1024 * 1024
"""What is unpacked of it at most."""


def read_source(candidate: Any, session: Any) -> dict[str, object]:
    """The facts of *candidate*, as of its wheel; only where it tells its commands.

    Scripts that are files are named nowhere but in setup.py, so one without a command may have one.
    """
    texts = dict(_texts(_content(candidate.link, session), normalized(candidate.name)))
    points, metadata = texts.get("entry_points.txt"), texts.get("PKG-INFO")
    if points is not None and metadata is not None:
        modules = texts.get("top_level.txt", "").split()
        files = [f"{module}/__init__.py" for module in modules]
        needs, *_ = f"\n{texts.get('requires.txt', '')}".split("\n[")
        metadata = "".join(f"Requires-Dist: {need}\n" for need in needs.split("\n")) + metadata
        facts = read_wheel(metadata=metadata, entry_points=points, files=files)
        if facts.commands:
            return facts._asdict()
    raise UnreadableError(problem="ONLY_SOURCE", version=str(candidate.version))


def _content(link: Any, session: Any) -> bytes:
    """Source: PEP 625, ``.tar.gz``; what is packed otherwise, or too long, is taken for empty."""
    if not link.filename.endswith((".tar.gz", ".tgz")):
        return b""
    if link.is_file:
        return paths.beginning(link.file_path, WHOLE_BYTES)
    return get_whole(session, link.url_without_fragment)


def _texts(packed: bytes, project: str) -> Iterator[tuple[str, str]]:
    """Give the texts that tell what the wheel of *project* would, by their file's name."""
    # A broken archive, or the end of what is unpacked of it: what came before counts.
    with contextlib.suppress(tarfile.TarError, zlib.error):
        unpacked = zlib.decompressobj(wbits=31).decompress(packed, UNPACKED_BYTES)
        with tarfile.open(fileobj=io.BytesIO(unpacked), mode="r:") as archive:
            for member in archive:
                *_, folder, name = "", *member.name.split("/")
                own = folder.endswith(".egg-info") and normalized(folder[:-9]) == project
                if own and name in _TEXTS and (file := archive.extractfile(member)) is not None:
                    yield name, file.read(TEXT_BYTES).decode("utf-8", errors="replace")


_TEXTS = frozenset({"PKG-INFO", "entry_points.txt", "requires.txt", "top_level.txt"})
