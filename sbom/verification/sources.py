"""The check ``sources.online``: whether the sources still give everybody the bytes that were recorded (split view)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sbom.errors import Error
from sbom.names import display
from sbom.sources import addresses, compare
from sbom.sources.client import Client, Policy
from sbom.verification.interface import errored, failed, passed, skipped
from sbom.verification.report import Finding

if TYPE_CHECKING:
    from sbom.model import Dataset
    from sbom.sources.compare import Compared, Recorded, Selected
    from sbom.verification.interface import Options, Progress
    from sbom.verification.report import CheckResult

CHECK = "sources.online"
_URL_SHOWN = 200
#: A document may name many sources that are gone: patience is for those who fetch.
_RETRIES = 2
_TIMEOUT = 30.0


class _Outcome(NamedTuple):
    """What became of one source: nothing but its evidence when it held."""

    evidence: dict[str, object]
    findings: tuple[Finding, ...] = ()
    error: Finding | None = None


def check(dataset: Dataset, options: Options, progress: Progress, client: Client | None = None) -> CheckResult:
    """Fetch every source with a digest again, and compare.

    :param dataset: of a document whose signatures hold: a stranger's document must not choose what is connected to.
    :param progress: called with the bytes that came, and those of the files and the sources together.
    """
    named = {source.path for source in dataset.provenance.sources if source.path is not None}
    contents = {entry.path: entry.sha256 for entry in dataset.files if entry.path in named}
    selected = compare.select(dataset.provenance.sources, contents)
    if not selected.recorded:
        return skipped(CHECK, f"there is nothing to fetch again: {_left(selected)}", required=True)
    http = client or Client(Policy(allow_private=options.allow_private, retries=_RETRIES, timeout=_TIMEOUT))
    advance = _counting(progress, dataset.total_size, sum(max(one.sizes, default=0) for one in selected.recorded))
    outcomes = [_compare(one, http, advance) for one in selected.recorded]
    evidence = {
        "sources": [outcome.evidence for outcome in outcomes],
        "without_digest": [addresses.public(url) for url in selected.unrecorded],
        "other_schemes": list(selected.other),
    }
    differing = [finding for outcome in outcomes for finding in outcome.findings]
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    number = len(outcomes)
    of_all = f"{number:,} sources" if number > 1 else "1 source"
    if differing:
        count = sum(bool(outcome.findings) for outcome in outcomes)
        sentence = f"{count:,} of {of_all} with a digest no longer give what was recorded (split view)"
        return failed(CHECK, sentence, (*differing, *errors), **evidence)
    if errors:
        sentence = f"{len(errors):,} of {of_all} with a digest could not be fetched again"
        return errored(CHECK, sentence, errors, **evidence)
    verb = "give" if number > 1 else "gives"
    sentence = f"{of_all} with a digest {verb} the recorded bytes"
    left = "" if not (selected.unrecorded or selected.other) else f"; {_left(selected)}"
    return passed(CHECK, sentence + left, **evidence)


def _counting(progress: Progress, before: int, expected: int) -> Progress:
    """Return how sources report their bytes: behind those of the files, of a total that grows when more come."""
    received = 0

    def advance(done: int, _total: int) -> None:
        nonlocal received
        received += done
        progress(done, before + max(expected, received))

    return advance


def _left(selected: Selected) -> str:
    """Say what was not fetched again."""
    parts = []
    if selected.unrecorded:
        parts.append(f"{len(selected.unrecorded):,} without a digest to compare with")
    if selected.other:
        parts.append(f"{len(selected.other):,} that are not http or https")
    return "not fetched again: " + ", ".join(parts) if parts else "the document names no source"


def _compare(one: Recorded, http: Client, progress: Progress) -> _Outcome:
    source = one.source
    url = addresses.public(source.url)
    about: dict[str, object] = {"url": url, "recorded": dict(one.digests), "recorded_etag": source.etag}
    try:
        compared = compare.compare(one, http, progress)
    except Error as error:
        message = display(error.message)
        finding = Finding(CHECK, "UNREACHED", source.path, f"{_shown(url)}: {message}")
        return _Outcome({**about, "status": "error", "message": message}, error=finding)
    about |= {"final_url": compared.final_url, "size": compared.size, "etag": compared.etag}
    if not compared.differs:
        return _Outcome({**about, "status": "same"})
    changed = _etags(source.etag, compared)
    digests = [one for one in compared.differs if one[0] != "size"]
    findings = tuple(
        Finding(CHECK, "SPLIT-VIEW", source.path, f"{_shown(url)}: gives other bytes{changed}", expected, actual, what)
        for what, expected, actual in digests
    ) or tuple(
        Finding(CHECK, "SPLIT-VIEW", source.path, f"{_shown(url)}: gives another size{changed}", expected, actual)
        for _, expected, actual in compared.differs
    )
    found = [{"what": what, "recorded": old, "found": new} for what, old, new in compared.differs]
    return _Outcome({**about, "status": "differs", "differs": found}, findings)


def _shown(url: str) -> str:
    return display(url, _URL_SHOWN)


def _etags(before: str | None, compared: Compared) -> str:
    """Say what the server itself says of the change."""
    if before is None or compared.etag is None:
        return ""
    if before == compared.etag:
        return ", although its ETag is the same"
    return f", and its ETag went from {display(before, 80)} to {display(compared.etag, 80)}"
