"""What a schema.org or DCAT dataset says of itself → provenance fields: shared by Croissant, RO-Crate and DCAT.

Vocabularies: schema.org Dataset and its parents, DCMI Metadata Terms, DCAT 3 (section 6), PROV-O. A property is looked
up by its own name: where two of these vocabularies use one name, it means the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sbom.manifests import texts, values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sbom.manifests.jsonld import Document
    from sbom.manifests.reading import Reading

#: Vocabularies whose names are looked up; the empty one is a name that no context explains.
VOCABULARIES = frozenset({"sc", "cr", "rai", "dct", "dcat", "foaf", "adms", "owl", "pav", ""})

#: Property → field, for values that only need to be put into words.
_WORDS: dict[str, str] = {
    "name": "name",
    "title": "name",
    "version": "version",
    "versionInfo": "version",
    "description": "description",
    "sameAs": "identifier",
    "citeAs": "citation",
    "citation": "citation",
    "bibliographicCitation": "citation",
    "copyrightNotice": "copyright",
    "url": "homepage",
    "landingPage": "homepage",
    "homepage": "homepage",
    "mainEntityOfPage": "homepage",
    "inLanguage": "language",
    "language": "language",
    "isBasedOn": "origin",
    "isBasedOnUrl": "origin",
    "sourceOrganization": "origin-organization",
    "spatialCoverage": "geography",
    "locationCreated": "geography",
    "contentLocation": "geography",
    "spatial": "geography",
    "measurementTechnique": "generation-method",
    "measurementMethod": "generation-method",
    "provenance": "generation-method",
    "conditionsOfAccess": "restriction",
    "rights": "restriction",
    "accessRights": "restriction",
    "accessLevel": "classification",
    "accrualPeriodicity": "update-mechanism",
    "previousVersion": "previous-release",
    "replaces": "previous-release",
}
_PEOPLE: dict[str, str] = {
    "creator": "creator",
    "author": "creator",
    "contributor": "contributor",
    "editor": "contributor",
    "publisher": "supplier",
    "maintainer": "maintainer",
    "contactPoint": "maintainer",
}
_DATES: dict[str, str] = {
    "datePublished": "release-date",
    "issued": "release-date",
    "dateCreated": "built-date",
    "created": "built-date",
    "dateModified": "modified-date",
    "modified": "modified-date",
}
_KEYWORDS = frozenset({"keywords", "keyword", "theme"})
_PERIODS = frozenset({"temporalCoverage", "temporal"})
_PROV_ORIGIN = frozenset({"wasDerivedFrom", "hadPrimarySource", "wasQuotedFrom"})
_ORCID = re.compile(r"(?i)(?:https?://)?(?:www\.)?orcid\.org/([0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X])/?")
_COMMA = re.compile(r"\s*[,;]\s*")
#: Variables, permissions and the like of one value that are named.
_MAX_PARTS = 100


class Description:
    """Says what one dataset says of itself.

    :param more: property → what says it, besides the tables of this module; it comes first.
    """

    def __init__(
        self, doc: Document, reading: Reading, more: Mapping[str, Callable[[object, str], None]] | None = None
    ) -> None:
        self._doc = doc
        self._reading = reading
        self._say: dict[str, Callable[[object, str], None]] = {
            **{name: self._worded(field) for name, field in _WORDS.items()},
            **{name: self._peopled(field) for name, field in _PEOPLE.items()},
            **{name: self._dated(field) for name, field in _DATES.items()},
            **dict.fromkeys(_KEYWORDS, self._keywords),
            **dict.fromkeys(_PERIODS, self._period),
            "license": self.license,
            "identifier": self._identifier,
            "usageInfo": self._usage,
            "hasPolicy": self._usage,
            "isAccessibleForFree": self._free,
            "variableMeasured": self._variables,
            **(more or {}),
        }

    def read(self, node: dict[str, object], pointer: str) -> None:
        """Say every property that is known, in the order in which it is written."""
        for meaning, value, raw in self._doc.fields(node):
            prefix, _, name = meaning.rpartition(":")
            where = f"{pointer}/{values.token(raw)}"
            if prefix == "prov":
                self.prov(name, value, where)
            elif prefix == "odrl" and name == "hasPolicy":
                self._usage(value, where)
            elif prefix in VOCABULARIES and (say := self._say.get(name)) is not None:
                say(value, where)

    def prov(self, name: str, value: object, pointer: str, *, prefix: str = "") -> None:
        """Say where something was derived from, what made it, and who answers for it (PROV-O, section 3.1).

        :param prefix: what it is, where it is not the whole dataset.
        """
        if name in _PROV_ORIGIN:
            self._doc.say(self._reading, "origin", value, pointer, prefix=prefix)
        elif name == "wasRevisionOf" and not prefix:
            self._doc.say(self._reading, "previous-release", value, pointer)
        elif name == "generatedAtTime" and not prefix:
            self._dated("built-date")(value, pointer)
        elif name == "wasGeneratedBy":
            for one, where in self._doc.some(value, pointer):
                words = self._activity(one)
                if words is not None:
                    self._reading.say("generation-method", prefix + words, where)
        elif name == "wasAttributedTo":
            for one, where in self._doc.some(value, pointer):
                software = "prov:SoftwareAgent" in self._doc.types(self._doc.node(one))
                who = person(self._doc, one)
                if who is not None:
                    self._reading.say("tool" if software else "contributor", prefix + who, where)

    def license(self, value: object, pointer: str) -> None:
        """Say licences: of a node, what SPDX certainly knows, else its name, else its address."""
        for one, where in self._doc.some(value, pointer):
            chosen = license_of(self._doc, one)
            if chosen is None:
                self._reading.problem("a licence without name and address", where)
            else:
                self._reading.say("license", chosen, where)

    def _identifier(self, value: object, pointer: str) -> None:
        """Say identifiers: of a node, what it holds, since its name is that of the kind (``DOI``)."""
        for one, where in self._doc.some(value, pointer):
            node = self._doc.node(one) if isinstance(one, dict) else {}
            held = self._doc.first(node, "sc:value", "value", "skos:notation", "sc:url", "url", "sc:identifier")
            if (words := held or self._doc.ident(one) or self._doc.text(one)) is not None:
                self._reading.say("identifier", words, where)
            else:
                self._reading.problem("an identifier without a value", where)

    def _worded(self, field: str) -> Callable[[object, str], None]:
        return lambda value, pointer: self._doc.say(self._reading, field, value, pointer)

    def _peopled(self, field: str) -> Callable[[object, str], None]:
        def say(value: object, pointer: str) -> None:
            for one, where in self._doc.some(value, pointer):
                who = person(self._doc, one)
                if who is not None:
                    self._reading.say(field, who, where)
                else:
                    self._reading.problem(f"a {field} without a name", where)

        return say

    def _dated(self, field: str) -> Callable[[object, str], None]:
        def say(value: object, pointer: str) -> None:
            for one, where in self._doc.some(value, pointer):
                day = self._doc.scalar(one)
                if texts.date(day) is not None:
                    self._reading.say(field, day, where)
                else:
                    self._reading.problem(f"{field} is not a date", where)

        return say

    def _keywords(self, value: object, pointer: str) -> None:
        """Say keywords; those in one text are separated by commas (schema.org, ``keywords``)."""
        for one, where in self._doc.some(value, pointer):
            words = self._doc.text(one)
            if words is None:
                self._reading.problem("a keyword without a name", where)
                continue
            for word in _COMMA.split(words):
                self._reading.say("keyword", word, where)

    def _period(self, value: object, pointer: str) -> None:
        """Say a period: a text, or an object with its beginning and end (DCAT, ``dct:PeriodOfTime``)."""
        for one, where in self._doc.some(value, pointer):
            node = self._doc.node(one) if isinstance(one, dict) else {}
            start = self._doc.first(node, "dcat:startDate", "sc:startDate", "startDate")
            end = self._doc.first(node, "dcat:endDate", "sc:endDate", "endDate")
            words = f"{start or '…'}/{end or '…'}" if start or end else self._doc.text(one)
            if words is None:
                self._reading.problem("collection-period is an object without a name", where)
            else:
                self._reading.say("collection-period", words, where)

    def _free(self, value: object, pointer: str) -> None:
        for one, where in self._doc.some(value, pointer):
            free = values.text(self._doc.scalar(one))
            if free is not None:
                known = {"true": "accessible for free", "false": "not accessible for free"}
                self._reading.say("availability", known.get(free.casefold(), free), where)

    def _variables(self, value: object, pointer: str) -> None:
        """Say which variables were measured: one value for all of them."""
        found = [words for one, _ in self._doc.some(value, pointer) if (words := self._doc.text(one)) is not None]
        if found:
            more = f" and {len(found) - _MAX_PARTS} more" if len(found) > _MAX_PARTS else ""
            self._reading.say("schema", "variables: " + ", ".join(found[:_MAX_PARTS]) + more, pointer)

    def _usage(self, value: object, pointer: str) -> None:
        """Say conditions of use: a text or term, or the permissions and constraints of an ODRL policy."""
        for one, where in self._doc.some(value, pointer):
            name = self._doc.text(one)
            node = self._doc.node(one)
            rules: list[str] = []
            for kind in ("permission", "prohibition", "obligation", "duty"):
                for rule, _ in self._doc.some(self._doc.get(node, f"odrl:{kind}", kind)[0], where):
                    parts = (
                        self._doc.get(self._doc.node(rule), f"odrl:{key}", key)[0] for key in ("action", "constraint")
                    )
                    words = [self._doc.text(part) for both in parts for part, _ in self._doc.some(both, where)]
                    rules.append(f"{kind}: " + ", ".join(word for word in words[:_MAX_PARTS] if word))
            text = "; ".join(part for part in (name, *rules[:_MAX_PARTS]) if part)
            if text:
                self._reading.say("restriction", text, where)
            else:
                self._reading.problem("restriction is an object without a name", where)

    def _activity(self, one: object) -> str | None:
        """Put an activity into words: its name, its description, who or what did it, and when."""
        node = self._doc.node(one) if isinstance(one, dict) else {}
        name = self._doc.text(one)
        about = self._doc.first(node, "sc:description", "description", "dct:description", "prov:description")
        agents = [
            who
            for agent, _ in self._doc.some(self._doc.get(node, "prov:wasAssociatedWith", "wasAssociatedWith")[0], "")
            if (who := person(self._doc, agent)) is not None
        ]
        start = self._doc.first(node, "prov:startedAtTime", "startedAtTime")
        end = self._doc.first(node, "prov:endedAtTime", "endedAtTime")
        times = " to ".join(part for part in (start, end) if part)
        by = f"by {', '.join(agents[:_MAX_PARTS])}" if agents else ""
        return (
            ": ".join(part for part in (name, about if about != name else None) if part)
            + (f" ({'; '.join(part for part in (by, times) if part)})" if by or times else "")
            or None
        )


def license_of(doc: Document, value: object) -> str | None:
    """Choose among the spellings of one licence: what SPDX certainly knows, else the name, else the address."""
    if not isinstance(value, dict) or "@value" in value:
        return doc.text(value)
    node = doc.node(value)
    spellings = [
        doc.text(node),
        *(doc.first(node, f"sc:{key}", key, f"dct:{key}") for key in ("identifier", "url", "name", "title")),
        doc.ident(value),
    ]
    chosen = texts.license_of((spelling, "") for spelling in spellings)
    return None if chosen is None else chosen[0]


def person(doc: Document, value: object) -> str | None:
    """Name a person or organisation: ``Name (affiliation; https://orcid.org/…)``."""
    if not isinstance(value, dict) or "@value" in value:
        return doc.text(value)
    node = doc.node(value)
    name = doc.text(node or value)
    parts = [doc.first(node, f"sc:{key}", key, f"foaf:{key}") for key in ("givenName", "familyName")]
    if any(parts) and (name is None or name == doc.ident(value)):
        name = " ".join(part for part in parts if part)
    if name is None:
        return doc.ident(value)
    places = [doc.ident(value)]
    for one, _ in doc.some(doc.get(node, "sc:identifier", "identifier", "sc:sameAs", "sameAs", "sc:url", "url")[0], ""):
        places.append(doc.text(one))
    orcid = next((found for place in places if place and (found := _ORCID.fullmatch(place))), None)
    belongs = doc.get(node, "sc:affiliation", "affiliation")[0]
    where = next((text for one, _ in doc.some(belongs, "") if (text := doc.text(one)) and "://" not in text), None)
    more = [where, f"https://orcid.org/{orcid[1].upper()}" if orcid else None]
    brackets = "; ".join(part for part in more if part)
    return name + (f" ({brackets})" if brackets and not _ORCID.fullmatch(name) else "")
