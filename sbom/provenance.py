"""Where a dataset comes from: who asserted what, what manifests declare, and which sources there were.

Frozen value types without I/O. Imports nothing of ours. ``docs/provenance.md`` explains the fields to people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Field(NamedTuple):
    """A provenance field.

    :param id: what ``--set`` takes, and the end of the property's name in a document.
    :param single: there can be one value only: other manifests that say something else contradict it.
    :param title: for people.
    """

    id: str
    single: bool
    title: str


def _one(*titles: str) -> list[Field]:
    pairs = (title.split(": ", 1) for title in titles)
    return [Field(name, single=True, title=title) for name, title in pairs]


def _many(*titles: str) -> list[Field]:
    return [field._replace(single=False) for field in _one(*titles)]


#: Every provenance field, in the order in which people read them.
FIELDS: tuple[Field, ...] = (
    # What it is.
    *_one("name: name", "version: version", "description: description"),
    *_many("identifier: unique identifier (DOI, repository, …)"),
    *_one("supplier: supplier or publisher"),
    *_many("creator: creators", "contributor: contributors"),
    *_one("license: licence", "copyright: copyright notice"),
    *_many("citation: how to cite it"),
    *_one("built-date: built on", "release-date: released on", "modified-date: last modified on"),
    *_one("previous-release: previous release"),
    *_many("homepage: homepage", "keyword: keywords", "language: languages"),
    # Where it comes from. URLs, with digests and times, are :class:`Source`.
    *_many("origin: original sources", "origin-organization: original organisations"),
    *_many("geography: geographic origin"),
    # How it was made.
    *_many("generation-method: how it was collected or generated", "collection-period: collection period"),
    *_many("preprocessing: preprocessing steps", "annotation: annotation", "annotator: annotators"),
    *_many("tool: tools"),
    # What is in it.
    *_many("modality: modality", "task: tasks"),
    *_one("record-count: number of records"),
    *_many("split: splits", "schema: schema", "known-bias: known bias", "noise: noise and known defects"),
    # What it may be used for.
    *_many("intended-use: intended use", "restriction: restrictions"),
    *_one("classification: confidentiality"),
    *_many("personal-data: personal and sensitive data", "consent: consent"),
    *_many("anonymization: anonymisation", "region: regions where it may be used"),
    # How it is kept.
    *_many("availability: availability", "update-mechanism: updates", "maintainer: maintainers"),
    # Of the document.
    *_one("document-author: author of this document"),
)

FIELD_BY_ID: dict[str, Field] = {field.id: field for field in FIELDS}

# What became of a hash that a manifest declares: exactly one of these.
MATCH = "match"
MISMATCH = "mismatch"
LINE_ENDINGS = "match-after-line-endings"
ABSENT = "data-absent"
MALFORMED = "malformed"
NOT_DECLARED = "not-declared"
LIVE = "live"
#: State → what it means, in the order in which they are reported.
STATES: dict[str, str] = {
    MATCH: "match",
    MISMATCH: "mismatch",
    LINE_ENDINGS: "matches only after line-ending change",
    ABSENT: "declared, data absent",
    MALFORMED: "declaration malformed",
    NOT_DECLARED: "no hash declared",
    LIVE: "live dataset, none expected",
}

# Who asserts what no manifest says: options of the command line and the API, and ``[provenance]`` of a configuration.
BY_OPTION = "the caller"
BY_CONFIGURATION = "the configuration"


class Manifest(NamedTuple):
    """A manifest that was found and read.

    :param path: relative to the dataset's root; of one that lies outside, as the caller gave it.
    :param reader: which reader read it: ``dvc``, ``croissant``, …
    :param version: of its format, where it names one.
    :param scope: the directory that it speaks for, relative to the root; ``""`` is the whole dataset.
    :param sha256: of the bytes that were read (hex); ``None`` for one that is a directory layout and no file.
    :param inside: it lies inside the dataset, so that it is a file of the inventory.
    :param valid: what its own specification says of it and the data, where it has rules (BagIt); else ``None``.
    """

    path: str
    reader: str
    version: str | None = None
    scope: str = ""
    sha256: str | None = None
    inside: bool = True
    valid: bool | None = None


class Assertion(NamedTuple):
    """Somebody's word for one value of one field.

    :param field: the id of a :class:`Field`.
    :param value: as it was written; dates as RFC 3339, or as far as they are given.
    :param manifest: path of the manifest, :data:`BY_OPTION` or :data:`BY_CONFIGURATION`.
    :param pointer: where in the manifest: a JSON Pointer (RFC 6901) for trees, ``L12`` for lines, else empty.
    :param when: the manifest's own time of the assertion (RFC 3339); ``None``: when it was read.
    :param scope: the directory that it is about; ``""`` is the whole dataset.
    """

    field: str
    value: str
    manifest: str
    pointer: str = ""
    when: str | None = None
    scope: str = ""


class Declaration(NamedTuple):
    """What a manifest declares about one file's content, and what became of it.

    :param state: one of :data:`STATES`.
    :param algorithm: the CycloneDX name, or one of ours (``git-blob-SHA-1``, ``DVC-directory-MD5``, ``XXH64``);
        empty where none was declared.
    :param value: lower-case hex; the text as written for a malformed one.
    """

    state: str
    algorithm: str
    value: str
    manifest: str
    pointer: str = ""


class Source(NamedTuple):
    """A place that data was, or can be, downloaded from.

    :param url: as declared.
    :param path: the file that it became, relative to the root, where that is said.
    :param digests: ``(CycloneDX algorithm name, hex)`` of the bytes behind the URL.
    :param size: bytes.
    :param retrieved: when it was downloaded (RFC 3339).
    :param final_url: where redirects led.
    """

    url: str
    manifest: str
    pointer: str = ""
    path: str | None = None
    digests: tuple[tuple[str, str], ...] = ()
    size: int | None = None
    retrieved: str | None = None
    etag: str | None = None
    final_url: str | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """All that is known about where a dataset comes from.

    :param manifests: in order of precedence.
    :param assertions: in order of precedence: the first of a field is the one that counts.
    :param elsewhere: declarations about what is not a file of the inventory: absent files, directories.
    """

    manifests: tuple[Manifest, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    sources: tuple[Source, ...] = ()
    elsewhere: tuple[tuple[str, Declaration], ...] = ()

    def about(self, field: str) -> tuple[Assertion, ...]:
        """Return what is asserted about the whole dataset in one field, most trusted first."""
        return tuple(one for one in self.assertions if one.field == field and not one.scope)

    def unknown(self) -> tuple[str, ...]:
        """Name the fields that nobody says anything about."""
        known = {one.field for one in self.assertions if not one.scope}
        return tuple(field.id for field in FIELDS if field.id not in known)
