"""What a document says, for a person or a program. Nothing of it is checked, and the output says so."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from heapq import nlargest
from typing import TYPE_CHECKING, Any, Final, cast

from sbom.cyclonedx import spec
from sbom.cyclonedx.canonical import canonical
from sbom.diff import total
from sbom.errors import RefusedError
from sbom.report import lineage as lineages
from sbom.report import provenance as provenances
from sbom.report.jsontext import dumps
from sbom.report.text import listed, plural, short, shown, size
from sbom.signing import forms
from sbom.signing.jwk import from_jwk
from sbom.signing.keys import PublicKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sbom.api import Bom
    from sbom.diff import Total
    from sbom.model import Dataset, FileEntry, ReleaseLink
    from sbom.signing.interface import SignatureEntry

#: Names the form of the JSON; the number changes when a reader of the old form would misread the new one.
FORMAT: Final = "data-sbom-description/1"
_LARGEST = 5
_LISTED = 5
_LABEL_WIDTH = 14
_UNVERIFIED = "not verified: this is what the document says; data-sbom verify checks it"
_NOT_SAID = "not said"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that the document carries.

    :param key: SHA-256 of the embedded key's SPKI (hex), else the key id that is written there.
    :param embedded: whether ``key`` is that of an embedded key.
    :param certificate: whether a certificate path is embedded.
    """

    algorithm: str
    key: str | None
    embedded: bool
    certificate: bool


@dataclass(frozen=True, slots=True)
class Description:
    """What a document says.

    :param tools: name and version of each program that made it.
    :param licenses: identifiers, names and expressions.
    :param provenance: ``unknown`` where the document says so; ``None`` where it says nothing.
    :param media_types: type → number of files; files without one are not in it.
    :param signature_problem: why the signatures cannot be read, ``None`` when they can.
    """

    path: str
    sha256: str | None
    serial_number: str
    document_version: int
    spec_version: str
    timestamp: str | None
    tools: tuple[str, ...]
    dataset: Dataset
    licenses: tuple[str, ...]
    sums: Total
    media_types: tuple[tuple[str, int], ...]
    largest: tuple[FileEntry, ...]
    provenance: str | None
    git_commit: str | None
    git_branch: str | None
    signatures: tuple[Signature, ...]
    signature_problem: str | None


def describe(bom: Bom, path: str) -> Description:
    """Collect what a document says.

    :param path: how the caller named it.
    """
    tree = cast("Mapping[str, Any]", bom.document)
    metadata = tree.get("metadata", {})
    component = metadata.get("component", {})
    said = {item.get("name"): item.get("value") for item in component.get("properties", ())}
    dataset = bom.dataset
    types = Counter(entry.media_type for entry in dataset.files if entry.media_type is not None)
    signatures, problem = _signatures(tree)
    return Description(
        path=path,
        sha256=bom.sha256,
        serial_number=str(tree.get("serialNumber", "")),
        document_version=int(tree.get("version", 1)),
        spec_version=str(tree.get("specVersion", "")),
        timestamp=metadata.get("timestamp"),
        tools=tuple(_tools(metadata.get("tools", ()))),
        dataset=dataset,
        licenses=tuple(_licenses(component.get("licenses", ()))),
        sums=total(dataset),
        media_types=tuple(sorted(types.items(), key=lambda item: (-item[1], item[0]))),
        largest=tuple(nlargest(_LARGEST, dataset.files, key=lambda entry: entry.size)),
        provenance=said.get(spec.PROVENANCE),
        git_commit=said.get(spec.GIT_COMMIT),
        git_branch=said.get(spec.GIT_BRANCH),
        signatures=signatures,
        signature_problem=problem,
    )


def render(description: Description, format_name: str) -> str:
    """Return a description as text that ends in one newline.

    :param format_name: ``table`` or ``json``.
    """
    return dumps(as_dict(description)) if format_name == "json" else _table(description)


def as_dict(description: Description) -> dict[str, object]:
    """Return everything as JSON values."""
    dataset, sums = description.dataset, description.sums
    return {
        "format": FORMAT,
        "verified": False,
        "document": {
            "path": description.path,
            "sha256": description.sha256,
            "serial_number": description.serial_number,
            "version": description.document_version,
            "spec_version": description.spec_version,
            "timestamp": description.timestamp,
            "tools": description.tools,
        },
        "dataset": {
            "name": dataset.name,
            "version": dataset.version,
            "root": dataset.root,
            "licenses": description.licenses,
            "files": sums.files,
            "bytes": sums.bytes,
            "tables": sums.tables,
            "rows": sums.rows,
            "symlinks": "followed" if dataset.symlinks_followed else "recorded",
            "provenance": description.provenance,
            "git": {"commit": description.git_commit, "branch": description.git_branch},
        },
        "provenance": provenances.as_dict(dataset),
        "lineage": lineages.as_dict(dataset),
        "completeness": {
            "complete": not dataset.selection.left_out,
            "include": dataset.selection.include,
            "exclude": dataset.selection.exclude,
        },
        "media_types": [{"media_type": name, "files": number} for name, number in description.media_types],
        "largest_files": [{"path": entry.path, "size": entry.size} for entry in description.largest],
        "predecessor": None if dataset.previous is None else dataset.previous._asdict(),
        "signatures": [asdict(signature) for signature in description.signatures],
        "signature_problem": description.signature_problem,
    }


def _signatures(tree: Mapping[str, Any]) -> tuple[tuple[Signature, ...], str | None]:
    """Read the signatures without verifying any; the second value says why they cannot be read."""
    try:
        return tuple(_signature(entry) for entry in forms.read(tree, canonical)), None
    except RefusedError as error:
        return (), error.message


def _signature(entry: SignatureEntry) -> Signature:
    if entry.jwk is None:
        return Signature(entry.algorithm, entry.key_id, embedded=False, certificate=bool(entry.certificate_path))
    key = PublicKey.of(from_jwk(entry.jwk)).spki_sha256
    return Signature(entry.algorithm, key, embedded=True, certificate=bool(entry.certificate_path))


def _tools(tools: Any) -> Iterable[str]:  # noqa: ANN401  # CycloneDX has two forms of it
    """Name the programs: an object with components and services, or the older plain list."""
    found = tools
    if isinstance(tools, dict):
        found = (*tools.get("components", ()), *tools.get("services", ()))
    for tool in found:
        yield " ".join(str(tool[part]) for part in ("name", "version") if part in tool)


def _licenses(licenses: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for item in licenses:
        one = item.get("license", {})
        yield str(item.get("expression") or one.get("id") or one.get("name") or "unnamed")


def _table(description: Description) -> str:
    dataset = description.dataset
    version = "" if dataset.version is None else f" {shown(dataset.version)}"
    rows = [
        ("dataset", f"{shown(dataset.name)}{version}"),
        ("root", dataset.root),
        ("files", f"{description.sums.files:,}, {size(description.sums.bytes)}"),
        ("media types", _media_types(description)),
        ("rows", _rows(description.sums)),
        ("largest files", _largest(description)),
        *_completeness(dataset),
        ("symlinks", "followed, even out of the dataset" if dataset.symlinks_followed else "recorded as links"),
        ("licence", _some(description.licenses)),
        ("provenance", _provenance(description)),
        ("git commit", _git(description)),
        ("predecessor", "none: it calls itself the first release"),
        ("signatures", "none: anybody can have written this document"),
        ("made by", _some(description.tools)),
        ("made at", _said(description.timestamp)),
        ("document", f"{shown(description.path)} · CycloneDX {shown(description.spec_version)}"),
        ("", f"{shown(description.serial_number)}, version {description.document_version}"),
    ]
    if description.sha256 is not None:
        rows.append(("", f"sha256 {description.sha256}"))
    instead = {"predecessor": _predecessor(dataset.previous), "signatures": _signed(description)}
    lines: list[str] = []
    for label, text in rows:
        lines += _labelled(label, instead.get(label) or [text])
    for label, texts in (*lineages.blocks(dataset), *provenances.blocks(dataset)):
        lines += ["", *_labelled(label, texts)]
    return "\n".join([*lines, "", _UNVERIFIED]) + "\n"


def _labelled(label: str, texts: list[str]) -> list[str]:
    return [f"{name:<{_LABEL_WIDTH}}{text}" for name, text in zip((label, *[""] * len(texts)), texts, strict=False)]


def _provenance(description: Description) -> str:
    """Say in one line what is known of where the data comes from."""
    if provenances.known(description.dataset):
        return provenances.headline(description.dataset)
    return _said(description.provenance)


def _said(text: str | None) -> str:
    return _NOT_SAID if text is None else shown(text)


def _some(texts: Iterable[str]) -> str:
    return listed([shown(text) for text in texts], _LISTED) or _NOT_SAID


def _media_types(description: Description) -> str:
    pairs = [f"{shown(name)} {number:,}" for name, number in description.media_types]
    rest = description.sums.files - sum(number for _, number in description.media_types)
    return "; ".join(text for text in (listed(pairs, _LISTED), f"no type {rest:,}" if rest else "") if text)


def _rows(sums: Total) -> str:
    if not sums.tables:
        return "no tables were counted"
    rows = "unknown" if sums.rows is None else f"{sums.rows:,}"
    return f"{rows}, in {plural(sums.tables, 'table')}"


def _largest(description: Description) -> str:
    return listed([f"{shown(entry.path)} {size(entry.size)}" for entry in description.largest], _LARGEST)


def _completeness(dataset: Dataset) -> list[tuple[str, str]]:
    selection = dataset.selection
    rules = (("include", selection.include), ("exclude", selection.exclude))
    given = [(name, listed([shown(rule) for rule in texts], _LISTED)) for name, texts in rules if texts]
    if selection.left_out:
        claim = "incomplete on purpose: rules left files out"
    else:
        claim = "complete: it claims that nothing was left out" + (", the rules applied to nothing" if given else "")
    return [("completeness", claim), *given]


def _git(description: Description) -> str:
    if description.git_commit is None:
        return _NOT_SAID
    branch = "" if description.git_branch is None else f" on {shown(description.git_branch)}"
    return shown(description.git_commit) + branch


def _predecessor(link: ReleaseLink | None) -> list[str]:
    if link is None:
        return []
    release = "" if link.release is None else f" {shown(link.release)}"
    return [
        f"{shown(link.name)}{release}",
        f"sha256 {link.sha256}",
        f"{shown(link.serial_number)}, version {link.version}",
    ]


def _signed(description: Description) -> list[str]:
    if description.signature_problem is not None:
        return [f"not readable: {shown(description.signature_problem)}"]
    return [_signer(signature) for signature in description.signatures]


def _signer(signature: Signature) -> str:
    if signature.key is None:
        key = "no key named"
    else:
        key = f"key {short(signature.key, 16)}" if signature.embedded else f"key id {short(signature.key, 16)}"
    certificate = ", with a certificate path" if signature.certificate else ""
    return f"{shown(signature.algorithm)}, {key}{certificate} – claimed, not checked"  # noqa: RUF001  # a dash is meant
