"""``-f json``: everything, in the form of ``schemas/trace-report.schema.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sbom.report.jsontext import dumps
from sbom.transformation import inside

if TYPE_CHECKING:
    from sbom.provenance import Source
    from sbom.tracing.interface import Document, Node, Row, Trace
    from sbom.transformation import Step

#: Names the form; the number changes when a reader of the old form would misread the new one.
FORMAT: Final = "data-sbom-trace/1"


def render(trace: Trace) -> str:
    """Return the trace as JSON."""
    return dumps(as_dict(trace))


def as_dict(trace: Trace) -> dict[str, object]:
    """Return everything as JSON values. Nodes and documents are named by their place in their list."""
    return {
        "format": FORMAT,
        "asked": trace.asked,
        "direction": trace.direction,
        "exit_code": trace.exit_code,
        "signatures_checked": trace.documents.checked,
        "documents": [_document(one) for one in trace.documents.every],
        "start": trace.start,
        "nodes": [_node(trace, node) for node in trace.nodes],
        "links": [one._asdict() for one in trace.links],
        "row": None if trace.row is None else _row(trace.row),
        "notes": trace.notes,
        "problems": trace.problems,
    }


def _document(one: Document) -> dict[str, object]:
    release = one.release
    return {
        "role": one.role,
        "path": release.path,
        "name": release.name,
        "version": release.version,
        "timestamp": release.timestamp or None,
        "root": release.root,
        "sha256": release.sha256,
        "serial_number": release.serial_number,
        "document_version": release.document_version,
        "signers": [
            {"key": signer.key, "label": signer.label, "algorithm": signer.algorithm, "status": signer.status}
            for signer in release.signers
        ],
    }


def _node(trace: Trace, node: Node) -> dict[str, object]:
    found: dict[str, object] = {"kind": node.kind, "document": node.document}
    if node.step is not None:
        return {**found, "step": _step(node.step), "signature": node.signature or None}
    if node.sources:
        return {**found, "sources": [_source(one) for one in node.sources]}
    prefix = trace.documents.every[node.document].dataset.lineage.prefix
    return {
        **found,
        "released": node.released,
        "why": node.why or None,
        "files": [
            {
                "name": one.name,
                "path": inside(prefix, one.name) if node.released else None,
                "sha256": one.sha256,
                "size": one.size,
                "words": [word._asdict() for word in one.words],
            }
            for one in node.items
        ],
    }


def _step(step: Step) -> dict[str, object]:
    said = step._asdict()
    for name in ("inputs", "outputs", "envelope"):
        del said[name]
    said["scripts"] = [one._asdict() for one in step.scripts]
    said["software"] = [one._asdict() for one in step.software]
    said["parameters"] = dict(step.parameters)
    said["revision"] = None if step.revision is None else step.revision._asdict()
    said["observation"] = None if step.observation is None else step.observation._asdict()
    return said


def _source(one: Source) -> dict[str, object]:
    return {
        "url": one.url,
        "said_by": one.manifest or None,
        "digests": [{"algorithm": algorithm, "value": value} for algorithm, value in one.digests],
        "size": one.size,
        "retrieved": one.retrieved,
        "final_url": one.final_url,
    }


def _row(row: Row) -> dict[str, object]:
    return {
        "table": row.table,
        "number": row.number,
        "digest": row.digest,
        "first": row.first,
        "certain": row.certain,
        "releases": [
            {
                "document": one.document,
                "known": one.known,
                "rows": one.rows,
                "elsewhere": [{"path": path, "row": number} for path, number in one.elsewhere],
            }
            for one in row.releases
        ],
        "hops": [one._asdict() for one in row.hops],
    }
