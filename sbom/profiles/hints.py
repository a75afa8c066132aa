"""What to write so that a fact is known: the option, or the field of a manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.provenance import FIELD_BY_ID

if TYPE_CHECKING:
    from sbom.profiles.evaluation import Result

#: Examples of what to write after ``--set FIELD=``, where that is not evident.
_EXAMPLES = {
    "built-date": "2026-01-31",
    "release-date": "2026-01-31",
    "license": "CC-BY-4.0",
    "identifier": "doi:…",
    "personal-data": "… (none: there is none)",
    "origin": "… (none: made from nothing else)",
}
#: Fact → the field that ``--set`` gives it by.
_SET_BY = {"dependency": "origin"}
#: Facts that ``--set`` cannot give → what to do.
_OTHERWISE = {
    "dataset-root": "describe at least one file",
    "declared-hashes": "put a checksum file such as SHA256SUMS beside the data",
    "document-tool": "use a document that data-sbom generate wrote",
    "file-digests": "describe at least one file",
    "media-types": "give the files names with a common suffix",
    "row-counts": "--stats full",
    "signature": "sign it: data-sbom sign BOM --key KEY",
    "source-digest": "download it with data-sbom fetch, or name the digest in a manifest",
    "source-retrieval-time": "download it with data-sbom fetch",
    "source-url": "name the URL in a manifest, or download it with data-sbom fetch",
}
_CROISSANT, _CARD, _CFF, _PACKAGE = "croissant.json", "README.md", "CITATION.cff", "datapackage.json"
#: Field → manifests and their members that say it, the usual ones; the documentation of the readers has all of them.
_MANIFESTS: dict[str, tuple[tuple[str, str], ...]] = {
    "built-date": ((_PACKAGE, "created"),),
    "citation": ((_CROISSANT, "citeAs"),),
    "creator": ((_CROISSANT, "creator"), (_CFF, "authors")),
    "description": ((_CROISSANT, "description"), (_PACKAGE, "description")),
    "generation-method": ((_CROISSANT, "rai:dataCollection"),),
    "identifier": ((_CFF, "doi"), (_PACKAGE, "id")),
    "intended-use": ((_CROISSANT, "rai:dataUseCases"),),
    "license": ((_CROISSANT, "license"), (_CARD, "license"), (_CFF, "license")),
    "origin": ((_CARD, "source_datasets"), (_PACKAGE, "sources")),
    "personal-data": ((_CROISSANT, "rai:personalSensitiveInformation"),),
    "release-date": ((_CROISSANT, "datePublished"), (_CFF, "date-released")),
    "supplier": ((_CROISSANT, "publisher"),),
    "version": ((_CROISSANT, "version"), (_CFF, "version")),
}


def hints(result: Result) -> tuple[str, ...]:
    """Return what to write for a missing element: each line would do; where it needs all its facts, each is needed."""
    return tuple(_hint(name) for name in result.lacking)


def option(result: Result) -> str:
    """Return the shortest thing to write for a missing element."""
    wanted = result.lacking if result.element.every else result.lacking[:1]
    return " ".join(f"--set {_SET_BY.get(name, name)}=…" if _settable(name) else _otherwise(name) for name in wanted)


def _settable(name: str) -> bool:
    return name in FIELD_BY_ID or name in _SET_BY


def _otherwise(name: str) -> str:
    return _OTHERWISE.get(name, "use a document that data-sbom generate wrote")


def _hint(name: str) -> str:
    if not _settable(name):
        return _otherwise(name)
    field = _SET_BY.get(name, name)
    said = ", ".join(f"{manifest} {member}" for manifest, member in _MANIFESTS.get(field, ()))
    return f"--set {field}={_EXAMPLES.get(field, '…')}" + (f", or in a manifest: {said}" if said else "")
