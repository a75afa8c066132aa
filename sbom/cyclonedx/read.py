"""CycloneDX document → model, and the rules of our profile that the official schema cannot state.

The document has passed the official schema, so the types of standard fields are right; everything else is hostile.
"""

from __future__ import annotations

import re
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sbom import names
from sbom.cyclonedx import read_lineage, read_provenance, spec
from sbom.cyclonedx.digests import read_digests
from sbom.cyclonedx.properties import single_valued
from sbom.cyclonedx.read_stubs import Stubs
from sbom.cyclonedx.refusal import refuse
from sbom.model import SHA256, Dataset, FileEntry, GitState, Selection, TableStats
from sbom.provenance import Provenance
from sbom.transformation import Lineage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sbom.provenance import Declaration

Json = dict[str, Any]
#: Properties that may be given more than once, of a dataset and of a file.
_RULES = frozenset({spec.INCLUDE, spec.EXCLUDE})
_OF_DATASET = _RULES | read_provenance.OF_DATASET
_OF_FILE = _RULES | read_provenance.OF_FILE
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def read(document: Json) -> Dataset:
    """Read the dataset that a schema-valid document describes.

    :raises DocumentError: when the document is not a data SBOM of a known format version, or contradicts itself.
    """
    if not spec.SERIAL.fullmatch(document.get("serialNumber", "")):
        refuse("the serial number is missing or not a lower-case urn:uuid")
    component = document.get("metadata", {}).get("component", {})
    if component.get("type") != "data" or component.get("bom-ref") != spec.DATASET_REF:
        refuse("it does not describe a dataset (metadata.component is not of type data)")
    if "components" in component:
        refuse("the dataset has nested components; the inventory is the top-level list only")
    values, collector = _properties(component)
    _identity(component, values)
    # In an older format, what looks like lineage means nothing.
    with_lineage = values[spec.FORMAT] == spec.FORMAT_VERSION
    stubs = Stubs(_RULES, with_lineage=with_lineage)
    files = _components(document.get("components", ()), collector, stubs)
    if not files:
        refuse("it lists no file: there is nothing to verify")
    dataset = Dataset(
        name=component["name"],
        version=component.get("version"),
        files=tuple(files),
        root=values[spec.ROOT],
        selection=_selection(document, component),
        previous=stubs.previous,
        git=_git(values),
        symlinks_followed=values[spec.SYMLINKS] == spec.FOLLOWED,
        provenance=Provenance() if collector is None else collector.finish(document, values, files),
        lineage=read_lineage.read(document, values, files, stubs.upstream) if with_lineage else Lineage(),
    )
    _counts(values, dataset)
    return dataset


def _properties(component: Json) -> tuple[dict[str, str], read_provenance.Collector | None]:
    """Read the dataset's properties that are given once; there is a collector for the rest if its format has one."""
    values = single_valued(component.get("properties", ()), _OF_DATASET)
    stated = values.get(spec.FORMAT)
    if stated not in spec.FORMAT_VERSIONS:
        refuse("it is not a data SBOM" if stated is None else f"its format version {stated[:20]!r} is unknown")
    if stated == spec.FORMAT_VERSION_1:
        # That version had no provenance: properties that it did not know mean nothing, and are given once.
        return single_valued(component.get("properties", ()), _RULES), None
    return values, read_provenance.Collector()


def _identity(component: Json, values: dict[str, str]) -> None:
    """Refuse a dataset that is not named, or has no root."""
    root = values.get(spec.ROOT, "")
    if len(root) != spec.DIGEST_LENGTHS[SHA256] or not spec.HEX.fullmatch(root):
        refuse("the Merkle root is missing or not a SHA-256")
    if values.get(spec.SYMLINKS) not in {spec.FOLLOWED, spec.RECORDED}:
        refuse("it does not say whether links were followed or recorded")
    for what in ("name", "version"):
        text = component.get(what, "unknown")
        if not text.strip() or names.text_refusal(text) is not None:
            refuse(f"the dataset's {what} is empty, not UTF-8 or holds control characters")


def _components(
    components: Iterable[Json], collector: read_provenance.Collector | None, stubs: Stubs
) -> list[FileEntry]:
    """Read the inventory and the stubs; the collector is told what is said of each file, if there is one."""
    files: list[FileEntry] = []
    for component in components:
        if "components" in component:
            refuse("it has nested components; the inventory is the top-level list only", component["name"])
        if component["type"] == "file":
            files.append(_file(component, collector))
        elif component["type"] == "data":
            stubs.add(component)
        else:
            refuse(f"a component of type {component['type']!r} is neither a file nor a dataset", component["name"])
    files.sort(key=itemgetter(0))
    for one, other in pairwise(files):
        if one[0] == other[0]:
            refuse("the file is listed twice", one[0])
    return files


def _file(component: Json, collector: read_provenance.Collector | None) -> FileEntry:
    path: str = component["name"]
    reason = names.refusal(path)
    if reason is not None:
        refuse(reason, path)
    properties = component.get("properties", ())
    values = single_valued(properties, _RULES if collector is None else _OF_FILE)
    size = values.get(spec.SIZE, "")
    if not spec.DECIMAL.fullmatch(size) or int(size) > spec.MAX_SAFE_INTEGER:
        refuse("the size is missing or not a number of bytes", path)
    link = stats = None
    if len(values) > 1:
        link = values.get(spec.LINK)
        if link is not None and (not link or names.text_refusal(link) is not None):
            refuse("the text of the link is empty, not UTF-8 or holds a control character", path)
        if spec.ROWS in values or spec.COLUMNS in values:
            stats = TableStats(_number(values.get(spec.ROWS)), _number(values.get(spec.COLUMNS)))
    declared: tuple[Declaration, ...] = ()
    # Without a property that may repeat, and without others', there is nothing to look for.
    if len(properties) != len(values) and collector is not None:
        declared = collector.file(path, properties)
    digests = read_digests(component.get("hashes", ()), path)
    return FileEntry(path, int(size), digests, link, component.get("mime-type"), stats, declared)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and spec.DECIMAL.fullmatch(text) else None


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
        refuse("there is not exactly one claim whether the inventory is complete")
    left_out = claims[0] == "incomplete"
    if left_out and not any(rules.values()):
        refuse("it claims to be incomplete without naming the rule that left something out")
    return Selection(tuple(rules[spec.INCLUDE]), tuple(rules[spec.EXCLUDE]), left_out)


def _git(values: dict[str, str]) -> GitState | None:
    """Read the state of the repository, where there was one."""
    commit, branch = values.get(spec.GIT_COMMIT), values.get(spec.GIT_BRANCH)
    if commit is None:
        return None
    if commit != spec.UNKNOWN and _COMMIT.fullmatch(commit) is None:
        refuse("the commit is neither unknown nor 40 or 64 lower-case hexadecimal digits")
    if branch is not None and names.text_refusal(branch) is not None:
        refuse("the branch is not UTF-8 or holds a control character")
    return GitState(None if commit == spec.UNKNOWN else commit, branch)


def _counts(values: dict[str, str], dataset: Dataset) -> None:
    if values.get(spec.FILE_COUNT) != str(len(dataset.files)):
        refuse("the stated number of files is not the number of files listed")
    if values.get(spec.TOTAL_SIZE) != str(dataset.total_size):
        refuse("the stated total size is not the sum of the sizes listed")
