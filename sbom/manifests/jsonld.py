"""JSON-LD as publishers of datasets write it: what the readers of Croissant, RO-Crate and DCAT share.

JSON-LD 1.1 (W3C Recommendation, 16 July 2020), as far as these formats need it: terms and prefixes of an embedded
``@context`` (section 4.1), aliases of keywords (4.1.6), ``@value``, ``@list`` and ``@set`` (4.3), language maps
(4.6.2), and references by ``@id``. A context that is only named by its address is never fetched: the usual terms are
known. Nothing here follows more than one reference, so that cycles cannot be walked; depth is walked without recursion.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, cast

from sbom.manifests import values
from sbom.manifests.reading import MAX_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.manifests.reading import Reading

#: Addresses of vocabularies → the prefix that is used for them here. The longer come first.
_NAMESPACES = (
    ("http://mlcommons.org/croissant/RAI/", "rai"),
    ("http://mlcommons.org/croissant/", "cr"),
    ("http://mlcommons.org/schema/", "cr"),  # Croissant 0.8
    ("http://schema.org/", "sc"),
    ("http://www.w3.org/ns/prov#", "prov"),
    ("http://purl.org/dc/terms/", "dct"),
    ("http://purl.org/dc/elements/1.1/", "dct"),
    ("http://www.w3.org/ns/dcat#", "dcat"),
    ("http://spdx.org/rdf/terms#", "spdx"),
    ("http://xmlns.com/foaf/0.1/", "foaf"),
    ("http://www.w3.org/2006/vcard/ns#", "vcard"),
    ("http://www.w3.org/ns/adms#", "adms"),
    ("http://www.w3.org/ns/odrl/2/", "odrl"),
    ("http://www.w3.org/2000/01/rdf-schema#", "rdfs"),
    ("http://www.w3.org/2002/07/owl#", "owl"),
    ("http://purl.org/pav/", "pav"),
    ("http://www.w3.org/2004/02/skos/core#", "skos"),
    ("http://www.wikidata.org/entity/", "wd"),
    ("http://www.wikidata.org/wiki/", "wd"),
)
#: Prefixes that mean what they usually mean, where the context does not say otherwise.
_USUAL = {prefix: address for address, prefix in reversed(_NAMESPACES)} | {
    "ml": "http://mlcommons.org/schema/",
    "schema": "http://schema.org/",
    "dc": "http://purl.org/dc/terms/",
    "dcterms": "http://purl.org/dc/terms/",
}
_KEYWORDS = {"id": "@id", "type": "@type"}
_NAMES = (
    *("sc:name", "name", "foaf:name", "vcard:fn", "fn", "rdfs:label", "prov:label", "label", "dct:title", "title"),
    *("skos:prefLabel", "prefLabel", "vcard:hasName"),
)
#: Two letters: three are more often a key (``url``) than a language.
_LANGUAGE = re.compile(r"(?!(?:fn|id)\Z)[A-Za-z]{2}(?:-[A-Za-z0-9]{2,8})*|@none")
_HTTPS = re.compile(r"https://(?=(?:www\.)?(?:mlcommons|schema|w3|purl|spdx|xmlns|wikidata)\.)")
#: Steps from a term to its address.
_MAX_STEPS = 8
#: Contexts, prefixes and terms that are remembered.
_MAX_TERMS = 10_000
#: Nodes among which references are looked up.
MAX_NODES = 2_000_000
_MAX_LANGUAGES = 200
#: Lists within lists.
_MAX_NESTING = 4


class Document:
    """One JSON-LD document: what its keys mean, and which node an ``@id`` refers to.

    :param tree: as parsed. Pointers are JSON Pointers into it.
    """

    def __init__(self, tree: object) -> None:
        self._tree = tree
        self._terms: dict[str, str] = {}
        self._vocabulary: str | None = None
        self._language: str | None = None
        self._known: dict[str, str] = {}
        self._index: dict[str, tuple[dict[str, object], str]] | None = None
        self._last: dict[str, object] = {}
        self._keys: dict[str, str] = {}
        for one in values.items(tree)[:100]:
            self._read_context(values.mapping(one).get("@context"))
        #: What a name without a prefix gets: ``sc:`` where the vocabulary is schema.org's.
        self._prefix = _short(self._vocabulary or "")
        aliases = (term for term in ("id", *self._terms) if self.key(term) == "@id")
        self._id_keys = ("@id", *dict.fromkeys(aliases))

    def _read_context(self, context: object) -> None:
        """Remember terms, prefixes and the vocabulary; what a later context says counts."""
        for one in values.items(context)[:100]:
            for term, meaning in values.mapping(one).items():
                address = values.mapping(meaning).get("@id", term) if isinstance(meaning, dict) else meaning
                if term == "@vocab" and (meaning is None or isinstance(meaning, str)):
                    self._vocabulary = meaning
                elif term == "@language" and isinstance(meaning, str):
                    self._language = meaning
                elif isinstance(address, str) and address != term and len(self._terms) < _MAX_TERMS:
                    self._terms[term] = address

    def key(self, raw: str) -> str:
        """Return what a key or type means: ``sc:name`` for schema.org's; ``name`` where no vocabulary is known."""
        known = self._known.get(raw)
        if known is None:
            known = self._meaning(raw)
            if len(self._known) < _MAX_TERMS:
                self._known[raw] = known
        return known

    def _meaning(self, raw: str) -> str:
        name = raw
        for _ in range(_MAX_STEPS):
            if name.startswith("@"):
                return name
            if (address := self._terms.get(name)) is not None:
                name = address
                continue
            prefix, colon, local = name.partition(":")
            if not colon:
                if name in _KEYWORDS:
                    return _KEYWORDS[name]
                return self._prefix + name
            if local.startswith("//") or (base := self._terms.get(prefix) or _USUAL.get(prefix)) is None:
                break
            name = base + local
        return _short(name)

    def fields(self, node: dict[str, object]) -> Iterator[tuple[str, object, str]]:
        """Yield what each key of a node means, its value, and the key itself."""
        for raw, value in node.items():
            yield self.key(raw), value, raw

    def get(self, node: dict[str, object], *wanted: str) -> tuple[object, str]:
        """Return the value of the first of these keys that a node has, and the key as written; else nothing."""
        if node is not self._last:  # several properties of one node are asked for in a row
            self._last, self._keys = node, {}
            for raw, value in node.items():
                if value is not None:
                    self._keys.setdefault(self.key(raw), raw)
        found = self._keys
        for name in wanted:
            if name in found:
                return node[found[name]], found[name]
        return None, ""

    def types(self, node: dict[str, object]) -> frozenset[str]:
        """Return what a node is: without the vocabulary's prefix, as far as it is schema.org's."""
        kinds = self.get(node, "@type")[0]
        return frozenset(self.key(kind).removeprefix("sc:") for kind in values.items(kinds) if isinstance(kind, str))

    def ident(self, value: object) -> str | None:
        """Return the ``@id`` of a node or reference."""
        if not isinstance(value, dict):
            return None
        for key in self._id_keys:
            if isinstance(found := value.get(key), str):
                return found
        return None

    def nodes(self) -> Iterator[tuple[dict[str, object], str]]:
        """Yield the nodes that stand on top, or in the ``@graph``, with their pointers."""
        for one, pointer in values.pointed(self._tree, ""):
            node = values.mapping(one)
            graph, key = self.get(node, "@graph")
            if graph is None:
                if node:
                    yield node, pointer
                continue
            for inner, where in values.pointed(graph, f"{pointer}/{values.token(key)}"):
                if isinstance(inner, dict):
                    yield values.mapping(inner), where

    def node(self, value: object) -> dict[str, object]:
        """Return the node that a value is or refers to; an empty one where there is none."""
        return self.locate(value, "")[0]

    def locate(self, value: object, pointer: str) -> tuple[dict[str, object], str]:
        """Return the node that a value is or refers to, and its pointer.

        :param pointer: of the value.
        """
        node = values.mapping(value)
        if isinstance(value, str) or (len(node) == 1 and self.ident(node) is not None):
            ident = value if isinstance(value, str) else self.ident(node)
            return self._all().get(str(ident), (node, pointer))
        return node, pointer

    def _all(self) -> dict[str, tuple[dict[str, object], str]]:
        """Index every node by its ``@id``, once; the first that is more than a reference counts."""
        if self._index is not None:
            return self._index
        self._index = {}
        waiting: list[tuple[object, str]] = [(self._tree, "")]
        for _ in range(MAX_NODES):
            if not waiting:
                break
            one, pointer = waiting.pop()
            inside: list[tuple[object, str]]
            if isinstance(one, dict):
                ident = self.ident(one)
                if ident is not None and len(one) > 1:
                    self._index.setdefault(ident, (cast("dict[str, object]", one), pointer))
                inside = [
                    (inner, f"{pointer}/{values.token(key)}")
                    for key, inner in one.items()
                    if isinstance(inner, (dict, list)) and key != "@context"
                ]
            else:
                inside = [
                    (inner, f"{pointer}/{index}")
                    for index, inner in enumerate(cast("list[object]", one))
                    if isinstance(inner, (dict, list))
                ]
            waiting.extend(reversed(inside))
        return self._index

    def items(self, value: object, pointer: str) -> Iterator[tuple[object, str]]:
        """Yield single values with their pointers: lists, ``@list`` and ``@set`` are opened, language maps decided."""
        waiting = [(value, pointer, 0)]
        while waiting:
            one, where, depth = waiting.pop()
            if isinstance(one, list):
                if depth < _MAX_NESTING:
                    chosen = self._spoken(one)
                    waiting.extend((one[index], f"{where}/{index}", depth + 1) for index in reversed(chosen))
            elif isinstance(one, dict) and ("@list" in one or "@set" in one):
                key = "@list" if "@list" in one else "@set"
                if depth < _MAX_NESTING:
                    waiting.append((one[key], f"{where}/{key}", depth + 1))
            elif isinstance(one, dict) and (language := self._language_of(one)) is not None:
                if depth < _MAX_NESTING:
                    waiting.append((one[language], f"{where}/{values.token(language)}", depth + 1))
            elif one is not None:
                yield one, where

    def some(self, value: object, pointer: str) -> Iterator[tuple[object, str]]:
        """Yield as many items as one field may have, and one more, so that this is noticed."""
        return islice(self.items(value, pointer), MAX_VALUES + 1)

    def _spoken(self, alternatives: list[object]) -> list[int]:
        """Choose among values: when they differ by ``@language``, those of one language only."""
        tags = [one.get("@language") if isinstance(one, dict) and "@value" in one else None for one in alternatives]
        if not any(isinstance(tag, str) for tag in tags):
            return list(range(len(alternatives)))
        best = self._best(tag if isinstance(tag, str) else "@none" for tag in tags)
        return [index for index, tag in enumerate(tags) if (tag if isinstance(tag, str) else "@none") == best]

    def _language_of(self, value: dict[str, object]) -> str | None:
        """Return the key to take of a language map; ``None`` when it is none."""
        if not value or len(value) > _MAX_LANGUAGES:
            return None
        for key, inner in value.items():
            if not isinstance(inner, (str, list)) or not _LANGUAGE.fullmatch(key):
                return None
        return self._best(value)

    def _best(self, tags: Iterator[str] | dict[str, object]) -> str:
        """Choose a language: the document's own, English, whatever comes first."""
        found = list(tags)
        for wanted in (self._language, "en", "@none"):
            for tag in found:
                if wanted and tag.lower().startswith(wanted.lower()):
                    return tag
        return found[0]

    def scalar(self, value: object) -> object:
        """Return the text, number or truth value that a value is or holds; ``None`` for nodes."""
        if isinstance(value, dict):
            value = value.get("@value")
        return None if isinstance(value, (dict, list)) else value

    def text(self, value: object) -> str | None:
        """Put one value into words: itself, or the name, else the address, of the node that it is or refers to."""
        if not isinstance(value, dict):
            return values.text(value)
        if "@value" in value:
            return values.text(value["@value"])
        node = self.node(value)
        for inner, _ in self.items(self.get(node, *_NAMES)[0], ""):
            if (name := values.text(self.scalar(inner))) is not None:
                return name
        return values.text(self.ident(value)) or self.first(
            node, "sc:url", "url", "sc:value", "value", "dct:identifier"
        )

    def first(self, node: dict[str, object], *wanted: str) -> str | None:
        """Return the first text of a property of a node; of a reference its ``@id``."""
        for one, _ in self.items(self.get(node, *wanted)[0], ""):
            found = values.text(self.scalar(one)) or values.text(self.ident(one))
            if found is not None:
                return found
        return None

    def say(self, reading: Reading, field: str, value: object, pointer: str, *, prefix: str = "") -> None:
        """Assert a field by each single value; what has no words is a problem."""
        for one, where in self.some(value, pointer):
            words = self.text(one)
            if words is not None:
                reading.say(field, prefix + words, where)
            elif isinstance(one, dict):
                reading.problem(f"{field} is an object without a name", where)


def _short(address: str) -> str:
    """Write an address with one of our prefixes."""
    if "://" not in address:
        return address
    plain = _HTTPS.sub("http://", address, count=1)
    if plain.startswith("http://www.schema.org/"):
        plain = plain.replace("www.", "", 1)
    for start, prefix in _NAMESPACES:
        if plain.startswith(start):
            return f"{prefix}:{plain[len(start) :]}"
    return address


def local(meaning: str) -> str:
    """Return a name without its vocabulary: what is behind the last ``#``, ``/`` or ``:``."""
    return re.split(r"[#/:]", meaning)[-1]
