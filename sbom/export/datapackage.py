"""Data Package v2 (datapackage.org/standard): ``datapackage.json``.

The standard forbids some paths: hidden ones, and what looks like a URL or a variable to its programs. One such path
makes them refuse the whole package, so these files are listed beside the resources, in a property of ours, and the
notes say so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sbom.errors import DataError
from sbom.export.interface import Facts, Rendered
from sbom.export.shared import Known, Licence, Sources, filled, licence, moment, serialize, text, told, web

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sbom.model import Dataset, FileEntry
    from sbom.provenance import Source

_SCHEMA: Final = "https://datapackage.org/profiles/2.0/datapackage.json"
#: Our own property, which holds what the standard has no place for.
_OURS: Final = "data-sbom"
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9._-]+")
_NOT_IN_LICENCES: Final = re.compile(r"[^A-Za-z0-9._-]+")
_FORMAT: Final = re.compile(r"[a-z0-9]{1,16}")
# The pattern of "path" in the official profile, the prose of "Data Resource, path" (hidden folders), and what the
# reference implementation takes for a URL, a variable or a pattern.
_REFUSED: Final = re.compile(
    r"\A[.~$]|\A[A-Za-z][A-Za-z0-9+.-]*:|://|\.\./|\A%.+%|\$[\w{]|/\.[^/]*/|[*?\[\]]",
)
_ROLES: Final = {
    "creator": "creator",
    "supplier": "publisher",
    "contributor": "contributor",
    "maintainer": "maintainer",
}


def render(dataset: Dataset, facts: Facts) -> Rendered:
    """Return ``datapackage.json``.

    :raises DataError: when no file has a name that a data package may hold.
    """
    known = Known(dataset)
    sources = Sources.of(dataset)
    names = _Names()
    resources: list[dict[str, object]] = []
    unlisted: list[dict[str, object]] = []
    for entry in dataset.files:
        if _REFUSED.search(entry.path):
            unlisted.append({"path": entry.path, **_content(entry)})
        else:
            resources.append(_resource(entry, names.unique(entry.path), sources.by_path.get(entry.path, ())))
    if not resources:
        raise DataError(
            "no file has a name that a data package may hold",
            hint="export it in another format: the standard forbids hidden files and names that look like URLs",
        )
    body = {**_about(dataset, known, sources), "created": moment(facts.timestamp)}
    ours = {
        "comment": facts.sentence,
        "document": facts.serial_number,
        "documentSha256": facts.sha256,
        "merkleRoot": dataset.root,
        "previousRelease": _previous(dataset),
        "provenance": [{"field": field, "value": value} for field, value in known.rest()],
        "unlisted": unlisted,
    }
    package = {
        "$schema": _SCHEMA,
        "name": slug(dataset.name, "dataset"),
        **filled(body.items()),
        _OURS: filled(ours.items()),
        "resources": resources,
    }
    notes = known.notes()
    if unlisted:
        notes.append(
            f"{len(unlisted)} files are no resources, because the standard forbids their names (hidden, or like a URL, "
            f"a pattern or a variable); they are listed in {_OURS!r}, which other programs do not check"
        )
    return Rendered(serialize(package, len(dataset.files)), tuple(notes))


def _previous(dataset: Dataset) -> dict[str, object] | None:
    """Name the data SBOM of the previous release."""
    link = dataset.previous
    if link is None:
        return None
    found = {"name": link.name, "version": link.release, "document": link.serial_number, "documentSha256": link.sha256}
    return filled(found.items())


class _Names:
    """Gives every resource a name of its own, in time proportional to their number."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def unique(self, path: str) -> str:
        base = name = slug(path, "file")
        # A name is a candidate of one base only, so that no name is passed over twice.
        while name in self._taken:
            number = self._next.get(base, 2)
            self._next[base] = number + 1
            name = f"{base}-{number}"
        self._taken.add(name)
        return name


def slug(name: str, otherwise: str) -> str:
    """Return a name as the standard recommends it: lower case, "url-usable"; of version 1 it is the rule."""
    return _NOT_IN_NAMES.sub("-", name.lower()).strip("-.") or otherwise


def _content(entry: FileEntry) -> dict[str, object]:
    return {"bytes": entry.size, "hash": f"sha256:{entry.sha256}"}


def _resource(entry: FileEntry, name: str, sources: Iterable[Source]) -> dict[str, object]:
    stem, dot, suffix = entry.path.rpartition("/")[2].rpartition(".")
    form = suffix.lower()
    return filled(
        (
            ("name", name),
            ("path", entry.path),
            ("format", form if stem and dot and _FORMAT.fullmatch(form) else None),
            ("mediatype", entry.media_type),
            *_content(entry).items(),
            ("description", None if entry.link is None else text(f"A symbolic link to {entry.link}.")),
            ("sources", [_source(source) for source in sources]),
        )
    )


def _about(dataset: Dataset, known: Known, sources: Sources) -> dict[str, object]:
    licensed = licence(known)
    listed = [_source(source) for source in sources.whole]
    urls = {source.url for source in sources.whole}
    origins = [_origin(value) for value in known.all("origin") if value not in urls]
    identifiers = known.all("identifier")
    return {
        "id": identifiers[0] if identifiers else None,
        "identifiers": list(identifiers[1:]),
        "title": text(dataset.name),
        "description": known.first("description"),
        "homepage": known.first("homepage", web),
        "version": None if dataset.version is None else text(dataset.version),
        "licenses": [] if licensed is None else [_license(licensed)],
        "contributors": [
            {"title": value, "roles": [role]} for field, role in _ROLES.items() for value in known.all(field)
        ],
        "sources": [*listed, *origins],
        "keywords": list(known.all("keyword")),
    }


def _license(licensed: Licence) -> dict[str, object]:
    """Name a licence; one without a single identifier gets a name made of its text, which is then the title."""
    shown = licensed.expression or licensed.raw
    if licensed.identifier is not None:
        return {"name": licensed.identifier, "path": licensed.url}
    name = _NOT_IN_LICENCES.sub("-", shown).strip("-")[:80]
    return filled((("name", None if licensed.url else name or "other"), ("path", licensed.url), ("title", shown)))


def _origin(value: str) -> dict[str, object]:
    return filled((("title", value), ("path", _path(value))))


def _path(url: str) -> str | None:
    """Return a URL of the kinds that the standard allows."""
    return url if url.startswith(("http://", "https://", "ftp://", "ftps://")) and web(url) else None


def _source(source: Source) -> dict[str, object]:
    url = text(source.url)
    digest = next((value for algorithm, value in source.digests if algorithm == "SHA-256"), None)
    return filled(
        (
            ("title", url),
            ("path", _path(url)),
            ("description", told(source)),
            ("bytes", source.size),
            ("hash", None if digest is None else f"sha256:{digest}"),
        )
    )
