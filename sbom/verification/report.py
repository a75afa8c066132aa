"""The result of a verification: frozen values that every output format and the API read."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sbom.errors import VerificationFailedError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Status(StrEnum):
    """The outcome of one check."""

    PASS = "pass"  # noqa: S105  # an outcome, not a password
    FAIL = "fail"
    SKIPPED = "skipped"
    ERROR = "error"


class Verdict(StrEnum):
    """The outcome of a verification. Only the first two are success."""

    VERIFIED = "verified"
    SUBSET = "verified-subset"
    FAILED = "failed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem, mostly of one file.

    :param check: the check id that it belongs to.
    :param kind: one word for a person, upper case: ``MODIFIED``, ``MISSING``, ``EXTRA``, …
    :param path: the file, relative to the dataset's root; ``None`` where the problem has no file.
    :param message: what is wrong, one clause.
    :param algorithm: of ``expected`` and ``actual``, where those are digests.
    """

    check: str
    kind: str
    path: str | None
    message: str
    expected: str | None = None
    actual: str | None = None
    algorithm: str | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check id's outcome: one sentence, evidence (JSON values), and the findings behind it."""

    id: str
    status: Status
    sentence: str
    required: bool
    evidence: Mapping[str, object] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class SignerResult:
    """One signature of the document.

    :param key: SHA-256 of the signer's SPKI (hex) where known.
    :param label: the name of the caller's key file that it belongs to, ``None`` for a stranger.
    :param algorithm: as the document writes it.
    :param status: ``valid``, ``invalid`` or ``not-trusted``.
    :param identity: who signed, for one that is not known by a key: the name in a certificate.
    :param issuer: who vouched for that name: an OIDC issuer, or the SHA-256 (hex) of a root certificate.
    :param time: of the signature, as somebody else attests (RFC 3339).
    :param bundle: the file beside the document that it is in; ``None`` for one inside the document.
    """

    key: str | None
    label: str | None
    algorithm: str
    status: str
    identity: str | None = None
    issuer: str | None = None
    time: str | None = None
    bundle: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentIdentity:
    """Which document was read. Empty strings stand for what could not be read."""

    path: str
    sha256: str
    serial_number: str
    spec_version: str


@dataclass(frozen=True, slots=True)
class DatasetIdentity:
    """Which dataset the document speaks of; ``pinned`` is true when the caller said which one it wanted."""

    name: str
    version: str | None
    root: str
    pinned: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was checked: files and bytes of the inventory that were hashed, and files the inventory lists."""

    files_checked: int = 0
    bytes_checked: int = 0
    files_listed: int = 0
    files_allowed_extra: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """A verification's report.

    ``bool(report)`` raises: a report is not a truth value. Use :meth:`require`, or compare :attr:`verdict`.
    """

    checks: tuple[CheckResult, ...]
    document: DocumentIdentity
    dataset: DatasetIdentity | None
    signers: tuple[SignerResult, ...]
    counts: Counts
    data: str
    started: str
    finished: str
    tool_version: str
    allowed_extra: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Raise TypeError: ``if report`` would be read as "it verified"."""
        msg = "a Report has no truth value: call report.require(), or compare report.verdict"
        raise TypeError(msg)

    @property
    def verdict(self) -> Verdict:
        """Derived from the checks by explicit success: any fail, then any error or skipped requirement, then pass."""
        if any(check.status is Status.FAIL for check in self.checks):
            return Verdict.FAILED
        good = bool(self.checks) and all(
            check.status is Status.PASS or (check.status is Status.SKIPPED and not check.required)
            for check in self.checks
        )
        if not good:
            return Verdict.UNDECIDED
        return Verdict.SUBSET if self.only else Verdict.VERIFIED

    @property
    def exit_code(self) -> int:
        """0 when everything required was checked and held, 1 when something failed, 3 when it could not be decided."""
        match self.verdict:
            case Verdict.VERIFIED | Verdict.SUBSET:
                return 0
            case Verdict.FAILED:
                return 1
            case _:
                return 3

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every problem, in the order of the checks."""
        return tuple(finding for check in self.checks for finding in check.findings)

    def check(self, check_id: str) -> CheckResult:
        """Return the result of one check id.

        :raises KeyError: when this report has no such check.
        """
        for check in self.checks:
            if check.id == check_id:
                return check
        raise KeyError(check_id)

    def require(self) -> None:
        """Do nothing when everything held.

        :raises VerificationFailedError: otherwise, with this report.
        """
        if self.verdict not in {Verdict.VERIFIED, Verdict.SUBSET}:
            bad = [check for check in self.checks if check.status in {Status.FAIL, Status.ERROR}]
            first = bad[0].sentence if bad else "a required check was skipped"
            msg = f"{self.verdict}: {first}"
            raise VerificationFailedError(msg, report=self)
