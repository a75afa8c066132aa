"""What several formats need: what is known of a dataset, times, URLs, licences, JSON."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import orjson

from sbom import resolution, spdx
from sbom.provenance import FIELDS, LIVE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sbom.model import Dataset
    from sbom.provenance import Source

# RFC 3986: a scheme, a colon, and characters that may stand in a URI; a percent sign only before two hexadecimal
# digits. Other alphabets are allowed too (RFC 3987).
_IRI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2}|[^\x00-\xa0\u1680\u3000\ud800-\udfff\u2000-\u206f\ufff0-\uffff])+"
)
_WEB = re.compile(r"(?:https?|ftps?|s3|gs)://[^/]", re.IGNORECASE)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SINGLE = re.compile(r"[A-Za-z0-9.-]+")
#: Up to this many files an export is indented; larger ones are read by programs only.
_INDENT_UP_TO = 5_000


class Licence(NamedTuple):
    """A licence: as somebody wrote it, and its SPDX expression where that is certain."""

    raw: str
    expression: str | None

    @property
    def identifier(self) -> str | None:
        """The SPDX identifier, when the expression is a single one."""
        text = self.expression
        return text if text is not None and _SINGLE.fullmatch(text) and not text.startswith("LicenseRef-") else None

    @property
    def url(self) -> str | None:
        """The licence's page in SPDX's list, or the URL that somebody gave instead of a name."""
        if self.identifier is not None:
            return f"https://spdx.org/licenses/{self.identifier}"
        return self.raw if self.expression is None and web(self.raw) else None


class Known:
    """What is known of a dataset, field by field; what was used is remembered, so that nothing is lost.

    Taken is what counts (:mod:`sbom.resolution`) and is about the whole dataset.
    """

    def __init__(self, dataset: Dataset) -> None:
        resolved = resolution.resolve_all(dataset.provenance)
        self._values = {field: tuple(text(one.value) for one in found.chosen) for field, found in resolved.items()}
        self._conflicts = [field for field, found in resolved.items() if found.conflicting]
        self._scoped = sum(1 for one in dataset.provenance.assertions if one.scope)
        # How many values of a field were used. The document itself says name and version.
        self._used = {"name": len(self._values["name"]), "version": len(self._values["version"])}

    def all(self, field: str) -> tuple[str, ...]:
        """Return the values of a field, most trusted first."""
        self._used[field] = len(self._values[field])
        return self._values[field]

    def first(self, field: str, accept: Callable[[str], str | None] | None = None) -> str | None:
        """Return the first value of a field; the others stay in :meth:`rest`.

        :param accept: makes something else of it; ``None`` when it cannot, and the value stays in :meth:`rest`, too.
        """
        values = self._values[field]
        found = values[0] if values else None
        if found is not None and accept is not None:
            found = accept(found)
        if found is not None:
            self._used[field] = 1
        return found

    def joined(self, field: str) -> str | None:
        """Return the values of a field as one text, a paragraph each."""
        return "\n\n".join(self.all(field)) or None

    def rest(self) -> list[tuple[str, str]]:
        """Return ``(field, value)`` of everything that was not used."""
        return [
            (field.id, value) for field in FIELDS for value in self._values[field.id][self._used.get(field.id, 0) :]
        ]

    def notes(self) -> list[str]:
        """Say what an export leaves out for everybody: contradictions, and what is about a part of the dataset."""
        found = [
            f"the manifests contradict each other about {field!r}; the export has the value that counts"
            for field in self._conflicts
        ]
        if self._scoped:
            found.append(
                f"left out: {self._scoped} statements about directories; the export is about the whole dataset"
            )
        return found


class Sources(NamedTuple):
    """Where a dataset was, or can be, downloaded from.

    :param whole: sources of the dataset, not of one file.
    :param by_path: those of single files.
    """

    whole: tuple[Source, ...]
    by_path: dict[str, list[Source]]

    @classmethod
    def of(cls, dataset: Dataset) -> Sources:
        """Sort the sources of a dataset; each URL is named once per file."""
        by_path: dict[str, list[Source]] = {}
        whole: list[Source] = []
        seen: set[tuple[str | None, str]] = set()
        for source in dataset.provenance.sources:
            if (source.path, source.url) not in seen:
                seen.add((source.path, source.url))
                (whole if source.path is None else by_path.setdefault(source.path, [])).append(source)
        return cls(tuple(whole), by_path)


def told(source: Source) -> str:
    """Say in one sentence what is known of a download: time, where redirects led, ETag, size, digests."""
    parts = [
        source.retrieved and f"retrieved {source.retrieved}",
        source.final_url and f"from {source.final_url}",
        source.etag and f"ETag {source.etag}",
        None if source.size is None else f"{source.size} bytes",
        *(f"{algorithm} {value}" for algorithm, value in source.digests),
    ]
    return text("; ".join(part for part in parts if part))


def licence(known: Known) -> Licence | None:
    """Return the dataset's licence."""
    raw = known.first("license")
    return None if raw is None else Licence(raw, spdx.expression(raw))


def live(dataset: Dataset) -> bool:
    """Tell whether a manifest says that the dataset is live: its files change, no hash is expected."""
    return any(one.state == LIVE for entry in dataset.files for one in entry.declared) or any(
        one.state == LIVE for _, one in dataset.provenance.elsewhere
    )


def text(value: str) -> str:
    """Replace lone surrogates, which no UTF-8 file can hold."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def iri(value: str) -> str | None:
    """Return an absolute IRI as it is; ``None`` for any other text."""
    return value if _IRI.fullmatch(value) else None


def web(value: str) -> str | None:
    """Return a URL that something can be downloaded from as it is; ``None`` for any other text."""
    return value if _WEB.match(value) is not None and iri(value) is not None else None


def relative_url(path: str) -> str:
    """Return the path as a relative URL reference (RFC 3986, section 4.2), all but unreserved characters encoded."""
    return quote(path, safe="/")


def moment(value: str | None) -> str | None:
    """Return a time as RFC 3339 in UTC with whole seconds; a day becomes its midnight, anything vaguer ``None``."""
    if value is None or not _DAY.match(value):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        return None
    # Not strftime: it does not fill years before 1000 with zeros on every system.
    return found.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def day(value: str | None) -> str | None:
    """Return a day as it is, a time as :func:`moment` writes it, anything vaguer as ``None``."""
    found = moment(value)
    return value if found is not None and value is not None and _DAY.fullmatch(value) else found


def serialize(value: object, files: int) -> bytes:
    """Write JSON, indented unless there are many files."""
    option = orjson.OPT_APPEND_NEWLINE if files > _INDENT_UP_TO else orjson.OPT_APPEND_NEWLINE | orjson.OPT_INDENT_2
    return orjson.dumps(value, option=option)


def filled(items: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Return the pairs that have a value: neither ``None`` nor an empty list, tuple or text."""
    return {key: value for key, value in items if value is not None and value not in ((), [], "")}
