"""Masks passwords and tokens in text."""

from __future__ import annotations

# Not imported from typing, which costs more than the whole hand-over; type checkers know the name.
TYPE_CHECKING = False


def redact(text: str) -> str:
    """Mask the credentials of every URL in *text*: ``https://****@host/x``.

    The plain user of an ssh address stays, as it does in pip (``git+ssh://git@host``). Also
    masked: ``user:password@host`` without a scheme (``--proxy``), and what looks like a secret
    in a query (``?token=…``). In doubt more is masked than needed.
    """
    import re

    def mask(match: re.Match[str]) -> str:
        scheme, user = match["scheme"], match["user"]
        plain = scheme.lower().endswith("ssh://") and ":" not in user
        return match[0] if plain else f"{scheme}****@"

    # The user part ends at the last @ before the path, as it does for urllib. The second kind is
    # a password with a bare / or # in it: wrong as a URL, and a secret all the same. It is told
    # from host:port by what follows the colon.
    text = re.sub(
        r"(?P<scheme>[a-z][a-z0-9+.-]{0,30}://|\bhttps?:/+)"
        r"(?P<user>[^/?#\s\"]+|(?!\[)[^/?#\s@:]*:(?!\d*(?:[/?#\s,;'\")\]>]|$))[^\n]*)@",
        mask,
        text,
        flags=re.IGNORECASE,
    )
    text = re.sub(r"(?:(?<=[\s='\"])|^)(?!file:)[^\s/\\:@='\"]+:(?![/\\])[^\s]*@", "****@", text)
    return re.sub(
        r"([?&][^=&#\s]{0,64}(?:token|secret|passw|key|sig|auth|credential)[^=&#\s]{0,64}=)[^&#\s\"]+",
        r"\1****",
        text,
        flags=re.IGNORECASE,
    )
