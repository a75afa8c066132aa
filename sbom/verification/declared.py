"""The check ``manifest.declared``: what the document says of the hashes that the publisher's manifests declare.

It repeats what was recorded, under the signature, when the document was made: manifests are not read again. A mismatch
that the publisher released knowingly is told, and decides nothing (ADR 0012).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sbom.names import display
from sbom.provenance import MISMATCH, NOT_DECLARED, STATES
from sbom.verification.interface import skipped
from sbom.verification.report import CheckResult, Status

if TYPE_CHECKING:
    from sbom.model import Dataset

CHECK = "manifest.declared"
_SHOWN = 3


def check(dataset: Dataset) -> CheckResult:
    """Count the recorded states of declared hashes, and of manifests that are not valid."""
    counted = Counter(one.state for entry in dataset.files for one in entry.declared)
    counted.update(one.state for _, one in dataset.provenance.elsewhere)
    invalid = [manifest.path for manifest in dataset.provenance.manifests if manifest.valid is False]
    declared = sum(number for state, number in counted.items() if state != NOT_DECLARED)
    evidence: dict[str, object] = {state: counted[state] for state in STATES if counted[state]}
    if invalid:
        evidence["not-valid"] = invalid
    if not declared and not invalid:
        return skipped(CHECK, "the document records no hash that a manifest declares", required=False)
    if counted[MISMATCH] or invalid:
        what = [f"{counted[MISMATCH]:,} of {declared:,} declared hashes differ"] if counted[MISMATCH] else []
        what += [f"not valid: {display(', '.join(invalid[:_SHOWN]), 200)}"] if invalid else []
        sentence = f"not judged: {' and '.join(what)}; the publisher released that knowingly (data-sbom inspect)"
        return CheckResult(CHECK, Status.SKIPPED, sentence, required=False, evidence=evidence)
    sentence = f"none of {declared:,} hashes that manifests declare differed when the document was made"
    return CheckResult(CHECK, Status.PASS, sentence, required=False, evidence=evidence)


def notes(result: CheckResult) -> tuple[str, ...]:
    """Return what the verdict should not hide."""
    doubtful = result.status is not Status.PASS and bool(result.evidence)
    return (result.sentence.removeprefix("not judged: "),) if doubtful else ()
