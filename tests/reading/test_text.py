"""What is no text at all, by its beginning."""

from __future__ import annotations

import pytest

from safepip.reading.text import is_binary


@pytest.mark.parametrize(
    ("beginning", "binary"),
    [
        pytest.param(b"Collecting x\n", False, id="words"),
        pytest.param(b"\x1b[31mERROR\x1b[0m \x08\r\n", False, id="a terminal's"),
        pytest.param("Zugriff verweigert: ü".encode("latin-1"), False, id="in Latin-1"),
        pytest.param(b"\xff\xfeC\0o\0", False, id="UTF-16 with its mark"),
        pytest.param(b"\x01" + b"a" * 20, False, id="a control character"),
        pytest.param(b"\x01\x02" + b"a" * 8, True, id="many"),
        pytest.param(b"a\0b", True, id="a NUL"),
        pytest.param(b"PK\x03\x04wheel", True, id="a wheel"),
        pytest.param(b"", False, id="nothing"),
    ],
)
def test_a_log_is_told_from_other_files(beginning: bytes, binary: bool) -> None:
    assert is_binary(beginning) is binary
