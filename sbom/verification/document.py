"""The ``bom.*`` checks: whether it is a document, a valid one, a data SBOM, and the wanted one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sbom import names
from sbom.cyclonedx import document as documents
from sbom.cyclonedx import read, references, schema
from sbom.errors import RefusedError, UndecidedError
from sbom.verification.interface import errored, failed, passed, skipped

if TYPE_CHECKING:
    from sbom.cyclonedx.strict_json import Limits
    from sbom.model import Dataset
    from sbom.verification.interface import Expect
    from sbom.verification.report import CheckResult


class Examined(NamedTuple):
    """What is known of a document after its own checks.

    :param document: ``None`` when it could not be parsed.
    :param valid: it passed the official schema, so that its parts have the types they should have.
    :param dataset: ``None`` when it is not a data SBOM that can be trusted to mean one thing.
    """

    results: list[CheckResult]
    document: documents.Document | None = None
    valid: bool = False
    dataset: Dataset | None = None


def examine(raw: documents.Raw, limits: Limits) -> Examined:
    """Make the checks that need the document only, each building on the one before."""
    try:
        document = documents.parse(raw, limits)
    except RefusedError as error:
        return Examined([failed("bom.parse", f"the document {error.message}")])
    except UndecidedError as error:
        return Examined([errored("bom.parse", f"the document {error.message}")])
    results = [passed("bom.parse", "the document is strict JSON", sha256=document.sha256)]
    problems = schema.problems(document.tree)
    if problems:
        pointer, message = problems[0]
        sentence = f"the document is not valid CycloneDX: {names.display(pointer, 120)} {names.display(message)}"
        evidence = [{"pointer": pointer, "message": message} for pointer, message in problems]
        results.append(failed("bom.schema", sentence, problems=evidence))
        return Examined(results, document)
    version = document.text("specVersion")
    results.append(passed("bom.schema", f"the document is valid CycloneDX {version}"))
    dangling = references.problems(document.tree)
    if dangling:
        results.append(failed("bom.references", f"the document has {names.display(dangling[0])}", problems=dangling))
    else:
        results.append(passed("bom.references", "every reference leads to exactly one thing"))
    try:
        dataset = read.read(cast("dict[str, Any]", document.tree))
    except RefusedError as error:
        results.append(failed("bom.profile", f"the document is not a data SBOM to rely on: {error.message}"))
        return Examined(results, document, valid=True)
    results.append(passed("bom.profile", f"the document describes a dataset of {len(dataset.files):,} files"))
    return Examined(results, document, valid=True, dataset=dataset)


def expected(dataset: Dataset, expect: Expect) -> CheckResult:
    """Make the check ``bom.expected``: exact equality with what the caller asked for."""
    check = "bom.expected"
    if not expect.pinned:
        return skipped(check, "the caller did not say which dataset it wants", required=False)
    wanted = (("name", expect.name, dataset.name), ("version", expect.version, dataset.version))
    for what, asked, stated in (*wanted, ("root", expect.root, dataset.root)):
        if asked is not None and asked != stated:
            shown = "none" if stated is None else names.display(stated)
            return failed(check, f"the {what} is {shown}, not {names.display(asked)}", expected=asked, actual=stated)
    return passed(check, "it is the dataset that was asked for")
