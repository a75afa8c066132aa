"""References inside a document: every ``bom-ref`` is unique, and every reference points to one.

What citations (1.7) are about they say with JSON Pointers (RFC 6901), which have to lead somewhere, too. The official
schema checks none of it. BOM-Links (``urn:cdx:``) point to other documents and are not followed here.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Members that hold a reference where they hold a string, and references where they hold a list of strings. All of
#: CycloneDX 1.6 and 1.7; where a member of the same name means something else, it holds objects.
# fmt: off
_SINGLE = frozenset({
    "ref", "parent", "target", "requirement", "assessor", "asserter", "attributedTo", "process",
    "algorithmRef", "signatureAlgorithmRef", "subjectPublicKeyRef",
})
_LISTS = frozenset({
    "dependsOn", "provides", "assemblies", "dependencies", "vulnerabilities", "subjects", "tools", "evidence",
    "requirements", "claims", "counterClaims", "counterEvidence", "mitigationStrategies", "members", "patentRefs",
    "algorithms", "cryptoRefArray", "encr", "prf", "integ", "ke", "auth",
})
# fmt: on
#: Members that never hold anything with a bom-ref: half of all that there is in an inventory.
_LEAVES = frozenset({"hashes", "properties"})
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_SHOWN = 5
_TEXT = 80


def problems(document: dict[str, object]) -> list[str]:
    """Name the first few references of a schema-valid document that are ambiguous or lead nowhere."""
    defined: set[str] = set()
    used: dict[str, None] = {}
    found: list[str] = []
    for key, value in _references(document):
        if key != "bom-ref":
            used[value] = None
        elif value in defined:
            found.append(f"the bom-ref {value[:_TEXT]!r} is given to two things")
            if len(found) == _SHOWN:
                return found
        else:
            defined.add(value)
    found.extend(
        f"a reference to {value[:_TEXT]!r}, which the document does not define"
        for value in used
        if value not in defined and not value.startswith("urn:cdx:")
    )
    found.extend(islice(_lost_pointers(document), _SHOWN))
    return found[:_SHOWN]


def _lost_pointers(document: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the pointers of citations."""
    for citation in document.get("citations", ()):
        for pointer in citation.get("pointers", ()):
            if not _leads_somewhere(document, pointer):
                yield f"a citation of {pointer[:_TEXT]!r}, which the document does not have"


def _leads_somewhere(value: object, pointer: str) -> bool:
    """Evaluate a JSON Pointer (RFC 6901, section 4)."""
    head, *tokens = pointer.split("/")
    if head:
        return False
    for token in tokens:
        if isinstance(value, dict):
            key = token.replace("~1", "/").replace("~0", "~")
            if key not in value:
                return False
            value = value[key]
        elif isinstance(value, list):
            if _INDEX.fullmatch(token) is None or int(token) >= len(value):
                return False
            value = value[int(token)]
        else:
            return False
    return True


def _references(document: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Yield ``("bom-ref", name)`` for what is defined, and ``(member, name)`` for what is used."""
    waiting: list[object] = [document]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            for key, value in item.items():
                if isinstance(value, str):
                    if key == "bom-ref" or key in _SINGLE:
                        yield key, value
                elif isinstance(value, (dict, list)) and key not in _LEAVES:
                    if key in _LISTS and isinstance(value, list):
                        yield from ((key, part) for part in value if isinstance(part, str))
                    waiting.append(value)
        elif isinstance(item, list):
            waiting.extend(item)
