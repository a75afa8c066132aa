"""Policies and facts to judge: who signed is made up here, because policies see evaluated signatures only."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sbom.attestation.interface import CERTIFICATE, KEY, SIGSTORE, Attested, Identity, Signed
from sbom.model import Dataset, FileEntry, ReleaseLink
from sbom.policy import read
from sbom.policy.decide import decide
from sbom.policy.facts import Answer, Approval, Decision, Entry, Facts, Revocation, RevocationList
from sbom.signing.interface import Outcome

if TYPE_CHECKING:
    from sbom.policy.model import Policy

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ISSUER = "https://token.actions.githubusercontent.com"
WORKFLOW = "https://github.com/acme/data/.github/workflows/release.yml@refs/heads/main"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


HEAD = """
id = "acme"
version = 2
name = "Data of Acme"
expires = 2027-01-01T00:00:00Z
"""
PEOPLE = f"""
[signers.ada]
name = "Ada"
fingerprints = ["{digest("ada")}", "{digest("ada-2")}"]
[signers.grace]
name = "Grace"
fingerprints = ["{digest("grace")}"]
[signers.joan]
name = "Joan"
fingerprints = ["{digest("joan")}"]
[[signers.joan.sigstore]]
identity = "joan@acme.example"
issuer = "https://accounts.acme.example"
[signers.workflow]
[[signers.workflow.sigstore]]
identity = "{WORKFLOW}"
issuer = "{ISSUER}"
[roles]
releaser = ["ada", "workflow"]
security = ["ada", "grace", "joan"]
legal = ["joan"]
"""
RELEASE = """
[release]
require = { releaser = 1 }
"""
MINIMAL = HEAD + PEOPLE + RELEASE
#: Every table that a policy may have besides.
FULL = """
[approvals]
require = { security = 1, legal = 1 }
[algorithms]
allowed = ["Ed25519", "ES256", "ML-DSA-65"]
required = ["Ed25519"]
[files]
extras = []
hashes = ["SHA-256"]
max-files = 10
max-file-size = 20
max-total-size = 30
complete = true
[provenance]
required = ["license", "source-digest"]
profiles = ["cisa"]
[lineage]
level = "observed"
signers = { clean = ["security"], "*" = ["releaser", "legal"] }
[dataset]
names = ["penguins"]
versions = ["1.0.0"]
roots = ["SHA"]
[predecessor]
required = true
descends-from = ["SHA"]
never-older = true
[revocation]
revokers = ["security"]
list-max-age-days = 7
[[exceptions]]
rule = "policy.files"
reason = "because"
expires = 2026-12-01T01:00:00+01:00
files = ["*.log"]
versions = ["1"]
""".replace('SHA"', "0" * 64 + '"')


def policy(
    *more: str, head: str = HEAD, people: str = PEOPLE, release: str = RELEASE, path: str = "policy.toml"
) -> Policy:
    """Read a policy: a good small one, and ``more`` tables."""
    return read.parse("\n".join((head, people, release, *more)).encode(), path)


def key(name: str) -> Identity:
    return Identity(KEY, digest(name))


def signed(who: str | Identity, outcome: Outcome = Outcome.VALID, algorithm: str = "Ed25519", **more: Any) -> Signed:
    """Return a signature by the key that is called so, or by an identity."""
    identity = key(who) if isinstance(who, str) else who
    return Signed(outcome, f"signature by {identity}", algorithm, identity, **more)


def keyless(identity: str = WORKFLOW, issuer: str = ISSUER, **more: Any) -> Signed:
    return signed(Identity(SIGSTORE, identity, issuer), algorithm="ES256", **more)


def certified(name: str, root: str, **more: Any) -> Signed:
    return signed(Identity(CERTIFICATE, name, root), algorithm="ES256", **more)


def stamped(who: str) -> Signed:
    return signed(who, times=(Attested(NOW, "timestamp authority"),))


def files(*paths: str) -> tuple[FileEntry, ...]:
    return tuple(FileEntry(path, 10, (("SHA-256", digest(path)),)) for path in paths)


def dataset(version: str | None = "1.0.0", previous: str | None = None, **more: Any) -> Dataset:
    link = None if previous is None else ReleaseLink("urn:uuid:0", 1, digest(previous), "penguins", None)
    given = {"name": "penguins", "files": files("a.csv", "b.csv"), "root": digest(f"root of {version}"), **more}
    return Dataset(version=version, previous=link, **given)


def facts(*by: str | Signed, document: str = "document", **more: Any) -> Facts:
    """Return facts about a release that is signed by ``by``."""
    given = {"dataset": dataset(), "now": NOW, "content": digest(f"content of {document}"), **more}
    signatures = tuple(signed(one) if isinstance(one, str) else one for one in by)
    return Facts(sha256=digest(document), signatures=signatures, **given)


def approval(who: str | Signed, role: str, **more: Any) -> Approval:
    one = signed(who) if isinstance(who, str) else who
    return Approval(one, role, more.get("sha256", digest("document")), more.get("root", dataset().root), "fine")


def revocation(who: str | Signed, document: str = "document", root: str = "") -> Revocation:
    one = signed(who) if isinstance(who, str) else who
    return Revocation(one, digest(document), root, "it is poisoned", "2026-05-01T00:00:00Z")


def revocations(who: str | Signed, *documents: str, age: timedelta = timedelta(days=1), **more: Any) -> RevocationList:
    one = signed(who) if isinstance(who, str) else who
    return RevocationList(one, more.get("issued", NOW - age), tuple(Entry(digest(name)) for name in documents))


def decision(of: Policy, about: Facts, check: str) -> Decision:
    return next(one for one in decide(of, about) if one.check == check)


def answer(of: Policy, about: Facts, check: str) -> Answer:
    return decision(of, about, check).answer
