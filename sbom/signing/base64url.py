"""Base64url without padding (RFC 4648 section 5, RFC 7515 section 2), in exactly one spelling per value."""

from __future__ import annotations

import base64
import re

from sbom.errors import SignatureError

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*")


def encode(data: bytes) -> str:
    """Return ``data`` as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str, what: str) -> bytes:
    """Return the bytes that ``text`` stands for.

    Padding, white space, the characters ``+`` and ``/``, and bits behind the last byte are refused: two spellings of
    one signature would be two documents that both verify.

    :param what: what ``text`` is, for the error.
    :raises SignatureError: when ``text`` is not the canonical encoding of anything.
    """
    if _ALPHABET.fullmatch(text) is not None and len(text) % 4 != 1:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if encode(data) == text:
            return data
    message = f"{what} is not canonical base64url without padding (RFC 4648 section 5)"
    raise SignatureError(message)
