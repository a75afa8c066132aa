"""What is known of a dataset and its document, fact by fact, and who says so.

A fact is a provenance field (:data:`sbom.provenance.FIELDS`) or one of :data:`DERIVED`. What only says that something
is *not* known ("unknown", "n/a", a template's "[More Information Needed]") is no fact.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from sbom import resolution
from sbom.model import SHA256
from sbom.profiles import standardfields
from sbom.provenance import BY_CONFIGURATION, BY_OPTION, MATCH, STATES, Provenance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sbom.model import Dataset
    from sbom.provenance import Assertion

#: Who says what stands in the document and comes from no manifest.
BY_DOCUMENT = "the document itself"

#: Facts that are no provenance fields: id → what it is, for people.
DERIVED: dict[str, str] = {
    # Of the dataset.
    "file-digests": "a digest of every file",
    "dataset-root": "a digest of the whole dataset",
    "file-count": "number of files",
    "size": "size in bytes",
    "media-types": "media types of the files",
    "row-counts": "rows of the tables",
    "component-type": "kind of component",
    "source-url": "URLs of the sources",
    "source-digest": "digests of the sources",
    "source-retrieval-time": "times of retrieval",
    "declared-hashes": "hashes that manifests declare and the data has",
    "dependency": "what it is derived from",
    # Of the document; its author is a provenance field.
    "document-time": "time of the document",
    "document-tool": "tool that made the document",
    "document-tool-version": "version of the tool",
    "document-identifier": "serial number of the document",
    "document-version": "version of the document",
    "format-name": "format of the document",
    "format-version": "version of the format",
    "lifecycle": "when in the life cycle the document was made",
    "completeness": "claim whether the inventory is complete",
    "known-unknowns": "what is said to be unknown",
    "signature": "signatures, which are not verified here",
}

_CALLER = frozenset({BY_OPTION, BY_CONFIGURATION})
_EMPTY_TYPE = "application/octet-stream"
_PLACEHOLDERS = frozenset(
    """
    unknown|unspecified|undefined|undetermined|unavailable|not specified|not known|not available|not provided|not stated
    |not applicable|not determined|n/a|n.a|n. a|na|nil|null|tba|tbd|todo|to do|fixme|to be added|to be announced
    |to be defined|to be determined|noassertion|no assertion|no information|more information needed|information needed
    |placeholder|xxx|lorem ipsum
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
#: Texts that say nothing in one field, while they do in others.
_PLACEHOLDERS_OF = {"license": frozenset({"other", "none"})}
#: Placeholders that answer the question of one field.
_MEANINGFUL_IN = {"availability": frozenset({"unavailable", "not available"})}
_MEANINGLESS = "\u0000\t\n\r !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~¡¿–—…„“”‚‘’«»·•"  # noqa: RUF001  # as people write them
#: Letters and marks that nobody sees; all other invisible characters are of a category of their own.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5" + "".join(map(chr, range(0xFE00, 0xFE10))))
_SPACE = re.compile(r"\s+")
_LONGEST_PLACEHOLDER = 100
#: Characters of a value that are looked at: one that starts with more of nothing than that says nothing.
_LOOKED_AT, _LOOKED_AT_CLOSELY = 20_000, 1_000


class Stated(NamedTuple):
    """One value of a fact.

    :param by: path of the manifest, :data:`sbom.provenance.BY_OPTION` and the like, or :data:`BY_DOCUMENT`.
    :param pointer: where there: a JSON Pointer (RFC 6901), a line (``L12``), or empty.
    """

    value: str
    by: str
    pointer: str = ""


class Fact(NamedTuple):
    """What is known of one thing.

    :param values: at least one.
    """

    id: str
    values: tuple[Stated, ...]


def meaningful(field: str, value: str) -> bool:
    """Tell whether a value says anything: it is not empty, and does not stand for a value that nobody gave.

    Spaces, punctuation around it, invisible characters and compatibility forms (Unicode, UAX #15) do not count.
    """
    text = value[:_LOOKED_AT].strip(_MEANINGLESS)
    if len(text) > _LONGEST_PLACEHOLDER and text.isascii() and text.isprintable() and ":" not in text:
        return True
    text = text[:_LOOKED_AT_CLOSELY]
    folded = unicodedata.normalize("NFKC", text).casefold()
    visible = "".join(filter(_seen, folded))
    bare = _SPACE.sub(" ", visible.replace("_", " ")).strip(_MEANINGLESS)
    if not bare or bare in _PLACEHOLDERS_OF.get(field, ()):
        return False
    if bare in _MEANINGFUL_IN.get(field, ()):
        return True
    # "unknown: nobody wrote it down" says no more than its first word.
    return bare not in _PLACEHOLDERS and bare.partition(":")[0].strip(_MEANINGLESS) not in _PLACEHOLDERS


def _seen(char: str) -> bool:
    return char.isspace() or (unicodedata.category(char)[0] != "C" and char not in _UNSEEN)


def facts(dataset: Dataset, document: Mapping[str, object]) -> dict[str, Fact]:
    """Collect what is known.

    :param document: the JSON values of the document that describes ``dataset``.
    :return: by id; what is not known is not in it.
    """
    collected: dict[str, list[Stated]] = {
        fact_id: [Stated(one.value, one.manifest, one.pointer) for one in values]
        for fact_id, values in _asserted(dataset.provenance).items()
    }
    for fact_id, stated in chain(_inventory(dataset), _sources(dataset), _release(dataset)):
        collected.setdefault(fact_id, []).append(stated)
    own = standardfields.read(document)
    for fact_id, pairs in own.items():
        # What the document calls the dataset counts; of everything else, its fields repeat what is known already.
        if fact_id in {"name", "version"} or fact_id not in collected:
            collected[fact_id] = [
                Stated(value, BY_DOCUMENT, pointer) for value, pointer in pairs if meaningful(fact_id, value)
            ]
    _derive(collected, own)
    return {fact_id: Fact(fact_id, tuple(values)) for fact_id, values in collected.items() if values}


def _asserted(provenance: Provenance) -> dict[str, tuple[Assertion, ...]]:
    """Return what counts of each field, leaving out what says nothing."""
    first: dict[str, Assertion] = {}
    for one in provenance.assertions:
        if not one.scope:
            first.setdefault(one.field, one)
    # The caller who says that something is unknown has the last word.
    withdrawn = {
        one.field for one in first.values() if one.manifest in _CALLER and not meaningful(one.field, one.value)
    }
    said = tuple(
        one for one in provenance.assertions if one.field not in withdrawn and meaningful(one.field, one.value)
    )
    resolved = resolution.resolve_all(Provenance(assertions=said))
    return {field: found.chosen for field, found in resolved.items() if found.chosen}


def _inventory(dataset: Dataset) -> Iterator[tuple[str, Stated]]:
    """Derive what the inventory tells."""
    number = len(dataset.files)
    if not number:
        return
    yield "dataset-root", Stated(f"Merkle root {dataset.root}", BY_DOCUMENT)
    yield "file-count", Stated(f"{number:,}", BY_DOCUMENT)
    yield "size", Stated(f"{dataset.total_size:,} bytes", BY_DOCUMENT)
    algorithms = Counter(name for entry in dataset.files for name, _ in entry.digests)
    complete = [name for name, count in algorithms.items() if count == number]
    if SHA256 in complete:
        yield (
            "file-digests",
            Stated(f"{', '.join(complete)} of {number:,} of {number:,} files", BY_DOCUMENT, "/components"),
        )
    types = Counter(entry.media_type for entry in dataset.files)
    known = [str(name) for name, _ in types.most_common() if name not in {None, _EMPTY_TYPE}]
    if known:
        yield "media-types", Stated(", ".join(known), BY_DOCUMENT, "/components")
    shapes = [entry.stats.rows for entry in dataset.files if entry.stats is not None]
    rows = [count for count in shapes if count is not None]
    if rows:
        yield "row-counts", Stated(f"{sum(rows):,} rows in {len(rows):,} of {len(shapes):,} tables", BY_DOCUMENT)
    elsewhere = (declaration for _, declaration in dataset.provenance.elsewhere)
    states = Counter(
        one.state for one in chain(chain.from_iterable(entry.declared for entry in dataset.files), elsewhere)
    )
    if states[MATCH]:
        counted = (f"{states[state]:,} {title}" for state, title in STATES.items() if states[state])
        yield "declared-hashes", Stated(", ".join(counted), BY_DOCUMENT)


def _sources(dataset: Dataset) -> Iterator[tuple[str, Stated]]:
    for source in dataset.provenance.sources:
        if not meaningful("source-url", source.url):
            continue
        yield "source-url", Stated(source.url, source.manifest, source.pointer)
        for name, value in source.digests:
            yield "source-digest", Stated(f"{name} {value}", source.manifest, source.pointer)
        if source.retrieved is not None and meaningful("source-retrieval-time", source.retrieved):
            yield "source-retrieval-time", Stated(source.retrieved, source.manifest, source.pointer)


def _release(dataset: Dataset) -> Iterator[tuple[str, Stated]]:
    link = dataset.previous
    if link is not None:
        release = "" if link.release is None else f" {link.release}"
        yield "previous-release", Stated(f"{link.name}{release}, sha256 {link.sha256}", BY_DOCUMENT)


def _derive(collected: dict[str, list[Stated]], own: Mapping[str, Iterable[tuple[str, str]]]) -> None:
    """Derive facts from other facts: sources and origins are what a dataset depends on; so is a previous release."""
    upstream = [stated for name in ("origin", "source-url", "previous-release") for stated in collected.get(name, ())]
    if upstream:
        collected["dependency"] = upstream
    unknown = own.get(standardfields.UNKNOWN, ())
    collected.pop(standardfields.UNKNOWN, None)
    if unknown:
        collected["known-unknowns"] = [Stated(value, BY_DOCUMENT, pointer) for value, pointer in unknown]
