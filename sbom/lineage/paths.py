"""Names of files in a workspace, from what scripts and command lines call them."""

from __future__ import annotations

import posixpath
import re

from sbom import names
from sbom.transformation import TABLE

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_LOCAL = "file://"
#: Bytes of a path that a system opens, and of a URL that others write.
_MAX_LENGTH = 4096


def is_url(text: str) -> bool:
    """Tell whether a text is a URL (RFC 3986, section 3, with an authority)."""
    return _URL.match(text) is not None


def resolve(text: str, directory: str, *, is_directory: bool = False) -> str | None:
    """Return the name in the workspace of what a script calls by ``text``.

    :param directory: what relative paths are relative to, itself relative to the workspace.
    :param is_directory: it is read or written as a directory.
    :return: ``None`` for what is no name: empty, absolute, outside of the workspace, not printable, too long.
    """
    if len(text) > _MAX_LENGTH:
        return None
    if is_url(text) and text[:7].lower() == _LOCAL:
        text = text[7:]
    if is_url(text) or text.startswith(TABLE):
        spaced = any(character.isspace() for character in text) and is_url(text)
        return None if spaced or names.text_refusal(text) is not None else text
    if not text.strip() or text.startswith(("/", "~")) or _DRIVE.match(text):
        return None
    path = posixpath.normpath(posixpath.join(directory, text.replace("\\", "/")))
    if path == ".":
        return "./" if is_directory else None
    if path.startswith(("../", "/")) or path == ".." or names.refusal(path) is not None:
        return None
    return f"{path}/" if is_directory or text.endswith("/") else path
