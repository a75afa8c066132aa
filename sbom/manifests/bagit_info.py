"""The metadata of a bag: ``bag-info.txt``, before 0.96 ``package-info.txt`` (RFC 8493, section 2.2.2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sbom.manifests import bagit_tags
from sbom.manifests.bagit_tags import RFC, Element

if TYPE_CHECKING:
    from sbom.manifests.reading import Reading

#: Reserved element → provenance field. The address, telephone and size of a bag are nobody's provenance.
_FIELDS = {
    "source-organization": "supplier",
    "external-description": "description",
    "bagging-date": "release-date",
    "packing-date": "release-date",
    "external-identifier": "identifier",
    "internal-sender-identifier": "identifier",
    "bag-software-agent": "tool",
    "bagit-profile-identifier": "schema",
}
#: Elements that 1.0 advises against repeating.
_ONCE = ("bagging-date", "bag-size", "bag-group-identifier", "bag-count")
_OXUM = re.compile(r"([0-9]{1,19})\.([0-9]{1,19})")


def read(text: str, name: str, version: tuple[int, int], reading: Reading) -> tuple[int, int] | None:
    """Say what the metadata says; reject the bag for what the specification forbids.

    :param name: of the file, for pointers.
    :return: Payload-Oxum: bytes and number of the payload files, if it is given.
    :raises ManifestError: when there are too many lines.
    """
    labelled: dict[str, list[Element]] = {}
    for found in bagit_tags.elements(text, version):
        if isinstance(found, Element):
            labelled.setdefault(found.label.lower(), []).append(found)
        else:
            line, message = found
            reading.reject(message, f"{name} L{line}")
    for label, field in _FIELDS.items():
        for one in labelled.get(label, ()):
            reading.say(field, one.value, f"{name} L{one.line}")
    if "external-description" not in labelled:
        for one in labelled.get("internal-sender-description", ()):
            reading.say("description", one.value, f"{name} L{one.line}")
    _contacts(labelled.get("contact-name", []), labelled.get("contact-email", []), name, reading)
    for label in _ONCE if version >= RFC else ():
        for one in labelled.get(label, ())[1:]:
            reading.problem(f"{one.label} should be there only once", f"{name} L{one.line}")
    return _oxum(labelled.get("payload-oxum", []), name, version, reading)


def _contacts(names: list[Element], mails: list[Element], name: str, reading: Reading) -> None:
    """Say who maintains it: the first name with the first address, and so on."""
    for index in range(max(len(names), len(mails))):
        person = names[index] if index < len(names) else None
        mail = mails[index] if index < len(mails) else None
        if person is not None and mail is not None and person.value and mail.value:
            reading.say("maintainer", f"{person.value} <{mail.value}>", f"{name} L{person.line}")
        elif (one := person if person is not None and person.value else mail) is not None:
            reading.say("maintainer", one.value, f"{name} L{one.line}")


def _oxum(found: list[Element], name: str, version: tuple[int, int], reading: Reading) -> tuple[int, int] | None:
    if not found:
        return None
    for one in found[1:]:
        report = reading.reject if version >= RFC else reading.problem
        report("Payload-Oxum is there more than once", f"{name} L{one.line}")
    match = _OXUM.fullmatch(found[0].value)
    if match is None:
        reading.reject("Payload-Oxum is not BYTES.FILES", f"{name} L{found[0].line}")
        return None
    return int(match[1]), int(match[2])
