"""Reports to render."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sbom.verification.report import (
    CheckResult,
    Counts,
    DatasetIdentity,
    DocumentIdentity,
    Finding,
    Report,
    SignerResult,
    Status,
)

KEY = "9f2c" + "0" * 60
ROOT = "06c04e" + "1" * 58
IDS = (
    "bom.parse",
    "signature.present",
    "signature.algorithm",
    "signature.valid",
    "signature.threshold",
    "files.modified",
    "files.missing",
    "files.extra",
)

GOOD = Report(
    checks=tuple(CheckResult(name, Status.PASS, "It holds.", required=True) for name in IDS),
    document=DocumentIdentity("penguins.cdx.json", "a" * 64, "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "1.7"),
    dataset=DatasetIdentity("penguins", "1.2.0", ROOT, pinned=True),
    signers=(SignerResult(KEY, "release", "Ed25519", "valid"),),
    counts=Counts(files_checked=128, bytes_checked=1_234_567, files_listed=128),
    data="data",
    started="2026-01-01T00:00:00Z",
    finished="2026-01-01T00:00:02.5Z",
    tool_version="0.1.0",
)


class Samples:
    """Makes reports that differ from a good one."""

    good = GOOD
    finding = Finding

    @staticmethod
    def check(check_id, status, *findings, sentence="It does not hold.", required=True, evidence=None):
        return CheckResult(check_id, Status(status), sentence, required, evidence or {}, tuple(findings))

    @staticmethod
    def report(*checks, **changes):
        """Return the good report with some checks replaced or added, and other fields changed."""
        by_id = {check.id: check for check in (*GOOD.checks, *checks)}
        return replace(GOOD, **{"checks": tuple(by_id.values())} | changes)

    @classmethod
    def missing(cls, count):
        """Return a report of ``count`` missing files."""
        found = [Finding("files.missing", "MISSING", f"train/{n:04}.parquet", "it is missing") for n in range(count)]
        return cls.report(cls.check("files.missing", "fail", *found))

    @classmethod
    def tampered(cls):
        """Return the report of the contract's example."""
        modified = Finding(
            "files.modified",
            "MODIFIED",
            "train/0007.parquet",
            "the content differs",
            "aade78" + "2" * 58,
            "06c04e" + "3" * 58,
            "SHA-256",
        )
        return cls.report(
            cls.check("files.modified", "fail", modified),
            cls.check("files.missing", "fail", Finding("files.missing", "MISSING", "train/0011.parquet", "no file")),
            cls.check("files.extra", "fail", Finding("files.extra", "EXTRA", ".cache/evil.py", "not listed")),
        )

    @classmethod
    def hostile(cls, name):
        """Return a report with ``name`` wherever a name or text of others can stand."""
        finding = Finding("files.extra", name, name, name, name, name, name)
        return cls.report(
            cls.check("files.extra", "fail", finding, sentence=name, evidence={name: [name, {name: (name,)}]}),
            cls.check("signature.valid", "fail", Finding("signature.valid", name, None, name), sentence=name),
            cls.check("files.type", "error", sentence=name),
            cls.check(f"odd.{name}", "skipped", sentence=name),
            document=DocumentIdentity(name, "a" * 64, name, name),
            dataset=DatasetIdentity(name, name, name, pinned=False),
            signers=(SignerResult(KEY, name, name, "invalid"), SignerResult(None, None, name, "not-trusted")),
            data=name,
            allowed_extra=(name,),
            only=(name,),
            notes=(name,),
        )


@pytest.fixture(scope="session")
def samples():
    return Samples
