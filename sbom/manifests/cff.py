"""``CITATION.cff``: how to cite what it lies next to.

Specification: Citation File Format 1.0 to 1.2. Of what it speaks, ``type`` says (since 1.2):

- ``dataset``: everything in it is about the dataset.
- ``software``: its name, version, licence, authors and dates are a program's. Only how to cite it is taken.
- nothing: the specification means software, people leave it out for datasets, too. Everything is taken, with a problem
  that says so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sbom.manifests import texts, values
from sbom.manifests.errors import ManifestError
from sbom.manifests.interface import FileReader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

_VERSION = re.compile(r"1\.[0-2](?:\.[0-9]{1,3})?")
_DOI = re.compile(r"(?i)(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.[0-9]{4,9}/\S{1,300})")
_ORCID = re.compile(r"(?i)(?:https?://orcid\.org/)?([0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X])")
_DATA_TYPES = frozenset({"data", "database", "dataset"})
#: Authors that are named in a citation; more are "et al.".
_MAX_AUTHORS = 20


class CitationFile(FileReader):
    """Reads authors, identifiers, version, licence and citation."""

    name = "cff"
    patterns = ("citation.cff",)

    def read(self, given: Given, reading: Reading) -> None:
        """Read a citation file.

        :raises ManifestError: when it is no YAML mapping.
        """
        tree = given.yaml()
        if not isinstance(tree, dict):
            raise ManifestError(f"is {values.kind(tree)}, not an object")
        cff = values.mapping(tree)
        reading.version = values.text(cff.get("cff-version"))
        if reading.version is None:
            reading.problem("has no cff-version", "/cff-version")
        elif _VERSION.fullmatch(reading.version) is None:
            shown = reading.version = reading.version[:40]
            reading.problem(f"version {shown} is not known; read as far as it is understood", "/cff-version")
        kind = values.text(cff.get("type"))
        if kind is None:
            reading.problem(
                "does not say whether it is about data or software (type); taken to be about the data", "/type"
            )
        elif kind.lower() != "dataset":
            reading.problem(f"is about {kind[:40]}, not about data (type); only how to cite it is taken", "/type")
        _cite(cff, reading)
        if kind is None or kind.lower() == "dataset":
            _describe(cff, reading)
            _identify(cff, reading)
            _license(cff, reading)


READER = CitationFile()


def _describe(cff: dict[str, object], reading: Reading) -> None:
    for key, field in (("title", "name"), ("version", "version"), ("abstract", "description"), ("keywords", "keyword")):
        reading.say(field, cff.get(key), f"/{key}")
    released = cff.get("date-released")
    if texts.date(released) is not None:
        reading.say("release-date", released, "/date-released")
    elif released is not None:
        reading.problem("date-released is not a date", "/date-released")
    for key, field in (("authors", "creator"), ("contact", "maintainer"), ("contributors", "contributor")):
        for one, where in values.pointed(cff.get(key), f"/{key}"):
            who = _name(one)
            if who is None:
                reading.problem("nobody is named", where)
            else:
                reading.say(field, who + _contact(values.mapping(one), email=field == "maintainer"), where)
    for one, where in values.pointed(cff.get("references"), "/references"):
        reference = values.mapping(one)
        if values.text(reference.get("type")) in _DATA_TYPES:
            reading.say("origin", _citation(reference), where)
            if (url := values.url(reference.get("url"))) is not None:
                reading.source(url, f"{where}/url")


def _identify(cff: dict[str, object], reading: Reading) -> None:
    seen: set[str] = set()
    candidates = [(cff.get("doi"), "doi", "/doi"), (cff.get("commit"), "commit", "/commit")]
    for one, where in values.pointed(cff.get("identifiers"), "/identifiers"):
        entry = values.mapping(one)
        candidates.append((entry.get("value"), values.text(entry.get("type")) or "", f"{where}/value"))
    for value, kind, where in candidates:
        text = values.text(value)
        if text is None:
            if value is not None:
                reading.problem(f"an identifier is {values.kind(value)}, not a text", where)
            continue
        if kind == "doi":
            address = _doi(text)
            if address is None:
                reading.problem("is not a DOI", where)
                continue
            text = address
        if text not in seen:
            seen.add(text)
            reading.say("identifier", text, where)
    for key in ("url", "repository", "repository-code"):
        reading.say("homepage", cff.get(key), f"/{key}")
    artifact = cff.get("repository-artifact")
    if artifact is not None:
        reading.source(artifact, "/repository-artifact")


def _license(cff: dict[str, object], reading: Reading) -> None:
    """Say the licence; of several, one may be chosen ("license": "their relationship is OR, not AND")."""
    found = cff.get("license")
    if isinstance(found, list) and len(found) > 1 and all(isinstance(one, str) and one.strip() for one in found):
        reading.say("license", " OR ".join(str(one).strip() for one in found), "/license")
    elif found:
        reading.say("license", found, "/license")
    else:
        reading.say("license", cff.get("license-url"), "/license-url")


def _cite(cff: dict[str, object], reading: Reading) -> None:
    """Say the citation that the authors prefer, else the one of the work itself."""
    preferred = cff.get("preferred-citation")
    if isinstance(preferred, dict):
        reading.say("citation", _citation(values.mapping(preferred)), "/preferred-citation")
        return
    if preferred is not None:
        reading.problem(f"preferred-citation is {values.kind(preferred)}, not an object", "/preferred-citation")
    reading.say("citation", _citation(cff))


def _citation(work: dict[str, object]) -> str | None:
    """Write a reference: authors (year). Title, version. Journal. Address."""
    title = values.text(work.get("title"))
    if title is None:
        return None
    names = [name for one in values.items(work.get("authors")) if (name := _name(one)) is not None]
    authors = ", ".join(names[:_MAX_AUTHORS]) + (" et al." if len(names) > _MAX_AUTHORS else "")
    year = next(
        (text[:4] for key in ("year", "date-published", "date-released") if (text := texts.date(work.get(key)))), None
    )
    version = values.text(work.get("version"))
    head = " ".join(part for part in (authors, f"({year})." if year else "") if part)
    head = head if not head or head.endswith(".") else f"{head}."
    place = _joined(
        (values.text(work.get(key)) for key in ("journal", "collection-title", "database")),
        values.text(values.mapping(work.get("publisher")).get("name")),
    )
    doi = _doi(values.text(work.get("doi")) or "")
    address = doi or values.url(work.get("url")) or values.url(work.get("repository")) or ""
    parts = (head, f"{title}, version {version}." if version else f"{title}.", f"{place}." if place else "", address)
    return " ".join(part for part in parts if part)


def _joined(texts_: Iterable[str | None], last: str | None) -> str:
    return ", ".join(part for part in (*texts_, last) if part)


def _name(one: object) -> str | None:
    """Name a person or an entity."""
    if not isinstance(one, dict):
        return values.text(one)
    person = values.mapping(one)
    keys = ("given-names", "name-particle", "family-names", "name-suffix")
    parts = [part for key in keys if (part := values.text(person.get(key)))]
    return values.text(person.get("name")) or " ".join(parts) or values.text(person.get("alias"))


def _contact(person: dict[str, object], *, email: bool) -> str:
    """Write what identifies a person further: ``<email> (affiliation; https://orcid.org/…)``."""
    address = values.text(person.get("email")) if email else None
    orcid = _ORCID.fullmatch(values.text(person.get("orcid")) or "")
    more = [values.text(person.get("affiliation")), f"https://orcid.org/{orcid[1].upper()}" if orcid else None]
    brackets = "; ".join(part for part in more if part)
    return (f" <{address}>" if address else "") + (f" ({brackets})" if brackets else "")


def _doi(text: str) -> str | None:
    found = _DOI.fullmatch(text)
    return f"https://doi.org/{found[1]}" if found else None
