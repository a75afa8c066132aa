"""Where files of the workspace were downloaded from: the caller's word, and records of ``data-sbom fetch``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sbom.errors import UsageError
from sbom.lineage.paths import is_url, resolve
from sbom.names import display
from sbom.provenance import BY_OPTION, Source
from sbom.sources import record, smallfile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sbom.lineage.digesting import Digests
    from sbom.transformation import Step


def sources(
    steps: Sequence[Step], workspace: str, said: Sequence[tuple[str, str]], digests: Digests
) -> tuple[Source, ...]:
    """Name the sources of what steps read and no step wrote.

    :param said: ``(name in the workspace, URL)``, as the caller says.
    :raises UsageError: when the caller names something that is not there, or no URL.
    """
    found = [_said(name, url, digests) for name, url in said]
    named = {source.path for source in found}
    written = {(edge.name, edge.sha256) for step in steps for edge in step.outputs}
    read = {
        edge.name: edge.sha256
        for step in steps
        for edge in step.inputs
        if edge.is_file and edge.name not in named and (edge.name, edge.sha256) not in written
    }
    retrieved: dict[str, dict[str, record.Retrieval]] = {}
    for name, sha256 in sorted(read.items()):
        for directory in _above(name):
            if directory not in retrieved:
                retrieved[directory] = _retrievals(workspace, directory)
            one = retrieved[directory].get(name)
            if one is not None and one.sha256 == sha256:
                found.append(_retrieved(name, directory, one))
                break
    return tuple(found)


def _said(name: str, url: str, digests: Digests) -> Source:
    path = resolve(name, "")
    known = None if path is None else digests.of(path)
    if path is None or known is None:
        raise UsageError(
            "is said to have a source, but is no file of the workspace",
            path=name,
            hint="--source takes NAME=URL, with a name relative to --workspace",
        )
    if not is_url(url) or resolve(url, "") is None:
        raise UsageError(f"{display(url)} is no URL", path=name, hint="--source takes NAME=URL")
    sha256, size = known
    return Source(url, BY_OPTION, path=path, digests=(("SHA-256", sha256),), size=size)


def _above(name: str) -> Iterator[str]:
    directory = os.path.dirname(name)
    while directory:
        yield directory
        directory = os.path.dirname(directory)
    yield ""


def _retrievals(workspace: str, directory: str) -> dict[str, record.Retrieval]:
    """Read the record of a directory, by names in the workspace; empty where there is none."""
    path = os.path.join(workspace, directory, record.FILE_NAME)
    try:
        data = smallfile.read(path, record.MAX_SIZE)
    except OSError:
        return {}
    found = None if data is None else record.parse(data)
    return {} if found is None else {os.path.join(directory, one.path): one for one in found}


def _retrieved(name: str, directory: str, one: record.Retrieval) -> Source:
    return Source(
        one.url,
        os.path.join(directory, record.FILE_NAME),
        path=name,
        digests=(("SHA-256", one.sha256),),
        size=one.size,
        retrieved=one.retrieved,
        etag=one.etag,
        final_url=one.final_url,
    )
