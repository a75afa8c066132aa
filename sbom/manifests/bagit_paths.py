"""Which file of a bag a path in its texts means, and which paths no bag may hold (RFC 8493, sections 5.1 and 6.1)."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from sbom.manifests import bagit_tags
from sbom.names import display

if TYPE_CHECKING:
    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading


class Paths:
    """The paths of one bag.

    :param version: of BagIt, which decides how they are encoded.
    """

    def __init__(self, given: Given, reading: Reading, version: tuple[int, int]) -> None:
        self._given = given
        self._reading = reading
        self._version = version
        self._normal: dict[str, str] | None = None
        self._told: set[str] = set()

    def locate(self, written: str, pointer: str) -> str | None:
        """Return the path (relative to the root) of the file that is meant, there or not.

        A path that leads elsewhere makes the bag invalid, and is ``None``.
        """
        name = written.lstrip("*")
        if name != written:
            self._once("has an asterisk before the path, as checksum tools write it", pointer)
        if name.startswith("./"):
            self._once("has ./ before the path", pointer)
        found = self._candidates(name)
        if not found:
            self._reading.reject(f"{display(written, 200)} is not a path inside the bag", pointer)
            return None
        for path in found:
            if self._given.exists(path):
                return path
        for path in found:
            other = self._otherwise(path)
            if other is not None:
                self._reading.problem(f"{display(written, 200)} is there in another Unicode normalisation", pointer)
                return other
        return found[0]

    def _once(self, message: str, pointer: str) -> None:
        """Report what a program that writes bags does in every line, in the first one."""
        if message not in self._told:
            self._told.add(message)
            self._reading.problem(message, pointer)

    def _candidates(self, name: str) -> list[str]:
        """Return the paths that a name may mean, the most likely first: encoded, with blanks at its end, or not."""
        spellings = bagit_tags.spellings(name, self._version) if "%" in name else (name,)
        found: dict[str, None] = {}
        for spelling in spellings:
            for text in (spelling, spelling.rstrip(" \t")):
                path = self._resolve(text)
                if path:
                    found[path] = None
        return list(found)

    def _resolve(self, name: str) -> str | None:
        """Resolve a path; ``None`` for what leads out of the bag on some system, or out of it and back."""
        if name.startswith("~") or name[1:2] == ":" or ".." in name.split("/"):
            return None
        return self._given.resolve(name)

    def _otherwise(self, path: str) -> str | None:
        """Return the file of the bag whose name differs in Unicode normalisation only (section 6.1.1.2)."""
        if self._normal is None:
            files = (one for one in self._given.below(self._given.directory) if not one.isascii())
            self._normal = {unicodedata.normalize("NFC", one): one for one in files}
        return self._normal.get(unicodedata.normalize("NFC", path)) if self._normal else None
