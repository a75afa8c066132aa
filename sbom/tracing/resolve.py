"""What the caller means by FILE: a file or directory of the dataset, else something that its steps know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.errors import UsageError
from sbom.names import display
from sbom.tracing.graph import item
from sbom.transformation import Edge, inside, under

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.model import Dataset, FileEntry
    from sbom.transformation import Lineage

_HERE: Final = "./"


class Meant(NamedTuple):
    """What is meant.

    :param items: with their names in the workspace.
    :param released: they are files of the dataset.
    :param note: what a person should know of the choice.
    """

    items: tuple[Edge, ...]
    released: bool = False
    note: str | None = None


def resolve(asked: str, dataset: Dataset) -> Meant:
    """Find what a name means.

    :param asked: a path of the dataset; else a name in the workspace, for which ``./`` may stand before it; a URL.
    :raises UsageError: when it is the name of nothing.
    """
    name = asked.removeprefix(_HERE)
    lineage = dataset.lineage
    if name and name == asked:
        found = tuple(_of_dataset(name, dataset.files, lineage.prefix))
        if found:
            other = under(lineage.prefix, name) != name and _of_lineage(name, lineage)
            note = f"the file of the dataset is meant; steps know another one by that name: {_HERE}{display(name)}"
            return Meant(found, released=True, note=note if other else None)
    if name.rstrip("/") == lineage.prefix and lineage.prefix:
        return Meant(tuple(item(under(lineage.prefix, entry.path), entry) for entry in dataset.files), released=True)
    path = inside(lineage.prefix, name) if name else None
    if path:
        found = tuple(_of_dataset(path, dataset.files, lineage.prefix))
        if found:
            return Meant(found, released=True)
    known = _of_lineage(name, lineage)
    if known is None:
        raise UsageError(
            "is no file of the dataset, and nothing that its steps read, write or run",
            path=asked,
            hint="data-sbom inspect shows what there is; names are those of the dataset or of the workspace",
        )
    return known


def _of_dataset(path: str, files: tuple[FileEntry, ...], prefix: str) -> Iterator[Edge]:
    """Yield the file of a path, or the files of a directory."""
    directory = path if path.endswith("/") else f"{path}/"
    for entry in files:
        if entry.path == path or entry.path.startswith(directory):
            yield item(under(prefix, entry.path), entry)


def _of_lineage(name: str, lineage: Lineage) -> Meant | None:
    """Find what steps wrote under a name, else read, else ran; else what was downloaded from it."""
    names = {name, f"{name}/"}
    written = {edge.sha256: edge for step in lineage.steps for edge in step.outputs if edge.name in names}
    read = {edge.sha256: edge for step in lineage.steps for edge in step.inputs if edge.name in names}
    found = written or read
    if found:
        last = [*found.values()][-1]
        note = None
        if len(found) > 1:
            how = "written" if written else "read"
            note = f"{display(name)} was {how} with {len(found):,} different contents: the last one is meant"
        return Meant((last._replace(words=()),), note=note)
    scripts = [script for step in lineage.steps for script in step.scripts if script.name == name]
    if scripts:
        return Meant((Edge(name, (), scripts[-1].sha256, scripts[-1].size),))
    if any(name in {source.url, source.path} for source in lineage.sources):
        one = next(source for source in lineage.sources if name in {source.url, source.path})
        sha256 = dict(one.digests).get("SHA-256") if one.path == name else None
        return Meant((Edge(name, (), sha256, one.size if sha256 else None),))
    return None
