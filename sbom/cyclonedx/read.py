"""CycloneDX document → model, and the rules of our profile that the official schema cannot state.

The document has passed the official schema, so the types of standard fields are right; everything else is hostile.
"""

from __future__ import annotations

import re
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NoReturn

from sbom import names
from sbom.cyclonedx import spec
from sbom.errors import DocumentError
from sbom.model import SHA256, Dataset, FileEntry, ReleaseLink, Selection, TableStats

if TYPE_CHECKING:
    from collections.abc import Iterable

Json = dict[str, Any]
_RULES = frozenset({spec.INCLUDE, spec.EXCLUDE})
_DIGESTS = {name: re.compile(f"[0-9a-f]{{{length}}}").fullmatch for name, length in spec.DIGEST_LENGTHS.items()}


def _refuse(message: str, where: str | None = None) -> NoReturn:
    text = message if where is None else f"{names.display(where, 200)}: {message}"
    raise DocumentError(text, hint="use a document that data-sbom generate wrote")


def read(document: Json) -> Dataset:
    """Read the dataset that a schema-valid document describes.

    :raises DocumentError: when the document is not a data SBOM of a known format version, or contradicts itself.
    """
    if not spec.SERIAL.fullmatch(document.get("serialNumber", "")):
        _refuse("the serial number is missing or not a lower-case urn:uuid")
    component = document.get("metadata", {}).get("component", {})
    if component.get("type") != "data" or component.get("bom-ref") != spec.DATASET_REF:
        _refuse("it does not describe a dataset (metadata.component is not of type data)")
    if "components" in component:
        _refuse("the dataset has nested components; the inventory is the top-level list only")
    values = _single_valued(component.get("properties", ()))
    if values.get(spec.FORMAT) != spec.FORMAT_VERSION:
        stated = values.get(spec.FORMAT)
        _refuse("it is not a data SBOM" if stated is None else f"its format version {stated[:20]!r} is unknown")
    root = values.get(spec.ROOT, "")
    if len(root) != spec.DIGEST_LENGTHS[SHA256] or not spec.HEX.fullmatch(root):
        _refuse("the Merkle root is missing or not a SHA-256")
    if values.get(spec.SYMLINKS) not in {spec.FOLLOWED, spec.RECORDED}:
        _refuse("it does not say whether links were followed or recorded")
    for what in ("name", "version"):
        text = component.get(what, "unknown")
        if not text.strip() or names.text_refusal(text) is not None:
            _refuse(f"the dataset's {what} is empty, not UTF-8 or holds control characters")
    files, previous = _components(document.get("components", ()))
    if not files:
        _refuse("it lists no file: there is nothing to verify")
    dataset = Dataset(
        name=component["name"],
        version=component.get("version"),
        files=tuple(files),
        root=root,
        selection=_selection(document, component),
        previous=previous,
        symlinks_followed=values[spec.SYMLINKS] == spec.FOLLOWED,
    )
    _counts(values, dataset)
    return dataset


def _single_valued(properties: Iterable[Json]) -> dict[str, str]:
    """Collect our properties, refusing one that is given twice (rules may repeat)."""
    values: dict[str, str] = {}
    for item in properties:
        name = item["name"]
        if not name.startswith(spec.PREFIX) or name in _RULES:
            continue
        if name in values:
            _refuse(f"the property {name[:80]} is given twice")
        values[name] = item.get("value", "")
    return values


def _components(components: Iterable[Json]) -> tuple[list[FileEntry], ReleaseLink | None]:
    files: list[FileEntry] = []
    previous: ReleaseLink | None = None
    for component in components:
        if "components" in component:
            _refuse("it has nested components; the inventory is the top-level list only", component["name"])
        if component["type"] == "file":
            files.append(_file(component))
        elif component["type"] == "data":
            link = _release(component)
            if link is not None:
                if previous is not None:
                    _refuse("it names two predecessors")
                previous = link
        else:
            _refuse(f"a component of type {component['type']!r} is neither a file nor a dataset", component["name"])
    files.sort(key=itemgetter(0))
    for one, other in pairwise(files):
        if one[0] == other[0]:
            _refuse("the file is listed twice", one[0])
    return files, previous


def _file(component: Json) -> FileEntry:
    path: str = component["name"]
    reason = names.refusal(path)
    if reason is not None:
        _refuse(reason, path)
    values = _single_valued(component.get("properties", ()))
    size = values.get(spec.SIZE, "")
    if not spec.DECIMAL.fullmatch(size) or int(size) > spec.MAX_SAFE_INTEGER:
        _refuse("the size is missing or not a number of bytes", path)
    link = stats = None
    if len(values) > 1:
        link = values.get(spec.LINK)
        if link is not None and (not link or names.text_refusal(link) is not None):
            _refuse("the text of the link is empty, not UTF-8 or holds a control character", path)
        if spec.ROWS in values or spec.COLUMNS in values:
            stats = TableStats(_number(values.get(spec.ROWS)), _number(values.get(spec.COLUMNS)))
    return FileEntry(
        path, int(size), _digests(component.get("hashes", ()), path), link, component.get("mime-type"), stats
    )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and spec.DECIMAL.fullmatch(text) else None


def _digests(hashes: Iterable[Json], path: str) -> tuple[tuple[str, str], ...]:
    """Read the digests of a file: known algorithms, full length, lower case, each once, SHA-256 among them."""
    found: dict[str, str] = {}
    for item in hashes:
        name, value = item["alg"], item["content"]
        valid = _DIGESTS.get(name)
        if valid is None:
            _refuse(f"digests of algorithm {name} cannot be checked", path)
        if valid(value) is None:
            _refuse(f"the {name} digest is not {spec.DIGEST_LENGTHS[name]} lower-case hexadecimal digits", path)
        if name in found:
            _refuse(f"there are two {name} digests", path)
        found[name] = value
    if SHA256 not in found:
        _refuse("there is no SHA-256 digest; weaker or other ones alone are not enough", path)
    return tuple(found.items())


def _release(component: Json) -> ReleaseLink | None:
    """Read the stub of the predecessor; ``None`` for a stub of something else."""
    name = component["name"]
    if _single_valued(component.get("properties", ())).get(spec.RELATION) != spec.PREVIOUS:
        return None
    links = [reference for reference in component.get("externalReferences", ()) if reference.get("type") == "bom"]
    if len(links) != 1:
        _refuse("the predecessor needs exactly one BOM-Link", name)
    match = spec.BOM_LINK.fullmatch(links[0].get("url", ""))
    digests = dict(_digests(links[0].get("hashes", ()), name))
    if match is None:
        _refuse("the predecessor's BOM-Link is not urn:cdx:UUID/VERSION", name)
    return ReleaseLink(f"urn:uuid:{match[1]}", int(match[2]), digests[SHA256], name, component.get("version"))


def _selection(document: Json, component: Json) -> Selection:
    """Read the rules, and the completeness claim, which must exist once and fit them."""
    rules = {spec.INCLUDE: [], spec.EXCLUDE: []}  # type: dict[str, list[str]]
    for item in component.get("properties", ()):
        if item.get("name") in rules:
            rules[item["name"]].append(item.get("value", ""))
    claims = [
        claim["aggregate"]
        for claim in document.get("compositions", ())
        if spec.DATASET_REF in claim.get("assemblies", ())
    ]
    if len(claims) != 1 or claims[0] not in {"complete", "incomplete"}:
        _refuse("there is not exactly one claim whether the inventory is complete")
    left_out = claims[0] == "incomplete"
    if left_out and not any(rules.values()):
        _refuse("it claims to be incomplete without naming the rule that left something out")
    return Selection(tuple(rules[spec.INCLUDE]), tuple(rules[spec.EXCLUDE]), left_out)


def _counts(values: dict[str, str], dataset: Dataset) -> None:
    if values.get(spec.FILE_COUNT) != str(len(dataset.files)):
        _refuse("the stated number of files is not the number of files listed")
    if values.get(spec.TOTAL_SIZE) != str(dataset.total_size):
        _refuse("the stated total size is not the sum of the sizes listed")
