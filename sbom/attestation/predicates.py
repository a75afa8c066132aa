"""Every predicate type that is accepted, each for one purpose, and what has to be in it (``docs/attestations.md``).

A release, an approval and a revocation speak of two subjects: the document, by the SHA-256 of its exact bytes, and the
dataset, by its Merkle root. A statement about another document never counts for this one, and one of another type never
counts for this purpose.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sbom.attestation import statement as statements
from sbom.attestation.statement import Statement, Subject
from sbom.cyclonedx.canonical import canonical
from sbom.errors import SignatureError, UsageError
from sbom.names import display

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: The document itself is the predicate (in-toto Attestation Framework, predicate "CycloneDX").
CYCLONEDX: Final = "https://cyclonedx.org/bom"
#: The document is named by its digest (predicate "Reference" 0.1), because it is too large.
REFERENCE: Final = "https://in-toto.io/attestation/reference/v0.1"
APPROVAL: Final = "urn:data-sbom:predicate:approval:1"
REVOCATION: Final = "urn:data-sbom:predicate:revocation:1"
REVOCATION_LIST: Final = "urn:data-sbom:predicate:revocation-list:1"
POLICY: Final = "urn:data-sbom:predicate:policy:1"
#: Those by which a release is signed.
RELEASE: Final = frozenset({CYCLONEDX, REFERENCE})
#: Those that speak of one document.
ABOUT_A_DOCUMENT: Final = RELEASE | {APPROVAL, REVOCATION}

#: The name of the subject that is the dataset.
ROOT: Final = "data-sbom:merkle-root"
#: The name of the subject of a revocation list, which is the list's own digest.
LIST: Final = "data-sbom:revocation-list"
#: The name of the subject that is what the files of a policy hold.
ANCHORS: Final = "data-sbom:policy-anchors"
MEDIA_TYPE: Final = "application/vnd.cyclonedx+json"
#: Bytes of a document that still is a predicate; the rest of the Statement has to fit as well.
MAX_EMBEDDED: Final = statements.MAX_SIZE - (64 << 10)
MAX_REASON: Final = 2_000
MAX_REVOKED: Final = 10_000

_ATTESTER: Final = "urn:data-sbom"
_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_ROLE: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_MAX_ROLE: Final = 64


class About(NamedTuple):
    """The document that a statement is to speak of.

    :param name: of its file, without a directory.
    :param sha256: of its exact bytes; ``root`` is the dataset's Merkle root. Both hex.
    :param tree: its JSON value.
    :param size: bytes; what is only verified needs none.
    """

    name: str
    sha256: str
    root: str
    tree: Mapping[str, Any]
    size: int = 0

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What a statement about it speaks of."""
        return Subject(self.name, self.sha256), Subject(ROOT, self.root)


class Approval(NamedTuple):
    """Somebody's word that a release may be used. ``created`` is the signer's own claim (RFC 3339)."""

    role: str
    reason: str
    created: str


class Revocation(NamedTuple):
    """Somebody's word that a release must not be used any more.

    :param sha256: of the exact bytes of its document; ``root`` is its Merkle root. Both hex. Either is enough: anybody
        can add white space or a signature to a document, whose bytes are then others.
    """

    sha256: str
    root: str
    reason: str
    created: str


class Revoked(NamedTuple):
    """An entry of a revocation list; see :class:`Revocation`."""

    sha256: str
    root: str
    reason: str


class RevocationList(NamedTuple):
    """Every release that somebody has revoked, as of a time."""

    created: str
    revoked: tuple[Revoked, ...]


def now() -> str:
    """Return the time as statements have it (RFC 3339, UTC, to the second)."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """Return the time that a checked text names."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def release(about: About) -> bytes:
    """Return the Statement by which a release is signed: with the document in it, or naming one that is too large."""
    if about.size <= MAX_EMBEDDED:
        embedded = statements.dump(Statement(about.subjects, CYCLONEDX, about.tree))
        if len(embedded) <= statements.MAX_SIZE:
            return embedded
    return statements.dump(Statement(about.subjects, REFERENCE, _reference(about)))


def approval(about: About, role: str, reason: str) -> bytes:
    """Return the Statement that approves of a release.

    :raises UsageError: when role or reason cannot be.
    """
    _require_role(role)
    return _said(about, APPROVAL, {"role": role, "reason": _reason(reason), "created": now()})


def revocation(about: About, reason: str) -> bytes:
    """Return the Statement that revokes a release.

    :raises UsageError: when the reason cannot be.
    """
    return _said(about, REVOCATION, {"reason": _reason(reason), "created": now()})


def revocation_list(revoked: Iterable[Revoked]) -> bytes:
    """Return the Statement that lists every revoked release, each once.

    :raises UsageError: when there are too many, or a reason cannot be.
    """
    listed = sorted({(one.sha256, one.root): one for one in revoked}.values())
    if len(listed) > MAX_REVOKED:
        raise UsageError(f"a revocation list holds {MAX_REVOKED:,} releases at most")
    entries = [{**one._asdict(), "reason": _reason(one.reason)} for one in listed]
    predicate = {"created": now(), "revoked": entries}
    return statements.dump(Statement((Subject(LIST, _digest(predicate)),), REVOCATION_LIST, predicate))


def policy(name: str, sha256: str, anchors: str) -> bytes:
    """Return the Statement by which a policy is signed.

    :param name: of its file; ``sha256`` of its exact bytes (hex).
    :param anchors: SHA-256 (hex) of the keys and roots in the files that it names: it says nothing without them.
    """
    subjects = Subject(name, sha256), Subject(ANCHORS, anchors)
    return statements.dump(Statement(subjects, POLICY, {"created": now()}))


def refusal(statement: Statement, about: About) -> str | None:
    """Say why a statement does not speak of this document; ``None`` when it does.

    The document's name is not compared: a renamed file is the same document.
    """
    kind = statement.predicate_type
    if kind not in ABOUT_A_DOCUMENT:
        return f"holds a predicate of type {display(kind, 80)}, which is not about a release"
    digests = spoken_of(statement)
    if digests is None:
        return f"does not speak of exactly one document and its {ROOT}"
    same = digests[0] == about.sha256, digests[1] == about.root
    if not all(same) and not (kind == REVOCATION and any(same)):
        return "speaks of another dataset" if same[0] else "speaks of another document"
    wanted = {CYCLONEDX: about.tree, REFERENCE: _reference(about)}.get(kind)
    if wanted is not None and not _same(statement.predicate, wanted):
        return "holds, or refers to, another document than the one that it names"
    return None


def spoken_of(statement: Statement) -> tuple[str, str] | None:
    """Return the digest of the document and the root that a statement is about; ``None`` when it is not just these."""
    digests = {one.name == ROOT: one.sha256 for one in statement.subjects}
    if len(statement.subjects) != 2 or set(digests) != {True, False}:  # noqa: PLR2004  # a document and its root
        return None
    return digests[False], digests[True]


def read_approval(statement: Statement, path: str) -> Approval:
    """Read what an approval says.

    :raises SignatureError: when it is none.
    """
    said = _exactly(statement, APPROVAL, ("role", "reason", "created"), path)
    if _ROLE.fullmatch(said["role"]) is None or len(said["role"]) > _MAX_ROLE:
        raise SignatureError("holds an approval for what is no role", path=path)
    return Approval(said["role"], said["reason"], said["created"])


def read_revocation(statement: Statement, path: str) -> Revocation:
    """Read what a revocation says.

    :raises SignatureError: when it is none.
    """
    said = _exactly(statement, REVOCATION, ("reason", "created"), path)
    digests = spoken_of(statement)
    if digests is None:
        raise SignatureError("holds a revocation of something else than one release", path=path)
    return Revocation(*digests, said["reason"], said["created"])


def read_revocation_list(statement: Statement, path: str) -> RevocationList:
    """Read a revocation list.

    :raises SignatureError: when it is none, or not the one that its subject names.
    """
    entries = statement.predicate.get("revoked")
    said = _exactly(statement, REVOCATION_LIST, ("created",), path, other="revoked")
    if not isinstance(entries, list) or len(entries) > MAX_REVOKED:
        raise SignatureError("holds no list of revoked releases", path=path)
    if statement.subjects != (Subject(LIST, _digest(statement.predicate)),):
        raise SignatureError("holds another revocation list than the one that it names", path=path)
    revoked = []
    for one in entries:
        if not isinstance(one, dict) or one.keys() != set(Revoked._fields) or not all(map(_is_text, one.values())):
            raise SignatureError("holds a revoked release that is not two digests and a reason", path=path)
        entry = Revoked(**one)
        if _SHA256.fullmatch(entry.sha256) is None or _SHA256.fullmatch(entry.root) is None:
            raise SignatureError("holds a revoked release that is not two digests and a reason", path=path)
        revoked.append(entry)
    return RevocationList(said["created"], tuple(revoked))


def policy_refusal(statement: Statement, sha256: str, anchors: str) -> str | None:
    """Say why a statement does not sign the policy with these bytes and anchors; ``None`` when it does."""
    if statement.predicate_type != POLICY:
        return f"holds a predicate of type {display(statement.predicate_type, 80)}, which does not sign a policy"
    if [(one.name == ANCHORS, one.sha256) for one in statement.subjects] != [(False, sha256), (True, anchors)]:
        return "speaks of another policy, or of other keys and roots"
    return None


def _said(about: About, kind: str, predicate: Mapping[str, Any]) -> bytes:
    return statements.dump(Statement(about.subjects, kind, predicate))


def _reference(about: About) -> dict[str, Any]:
    serial = str(about.tree.get("serialNumber", "")).removeprefix("urn:uuid:")
    reference = {
        "downloadLocation": f"urn:cdx:{serial}/{about.tree.get('version', 1)}",  # where it is, nobody knows: who it is
        "digest": {"sha256": about.sha256},
        "mediaType": MEDIA_TYPE,
    }
    return {"attester": {"id": _ATTESTER}, "references": [reference]}


def _same(one: object, other: object) -> bool:
    """Compare JSON values by their canonical form: Python takes ``1``, ``1.0`` and ``true`` for equal."""
    return canonical(one) == canonical(other)


def _digest(value: object) -> str:
    from hashlib import sha256  # noqa: PLC0415  # only for lists

    return sha256(canonical(value)).hexdigest()


def _exactly(statement: Statement, kind: str, names: tuple[str, ...], path: str, other: str = "") -> dict[str, str]:
    """Return the texts of a predicate that has these members, and ``other``, only."""
    said = statement.predicate
    if statement.predicate_type != kind:
        problem = f"holds a predicate of type {display(statement.predicate_type, 80)}, not {kind}"
        raise SignatureError(problem, path=path)
    if said.keys() != {*names, *([other] if other else [])} or not all(isinstance(said[name], str) for name in names):
        raise SignatureError("holds a predicate with other members than its type has", path=path)
    texts = {name: said[name] for name in names}
    if not _is_time(texts["created"]) or len(texts.get("reason", "-")) > MAX_REASON:
        raise SignatureError("holds a predicate with a time that is none, or a reason that is too long", path=path)
    return texts


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_time(text: str) -> bool:
    if _TIME.fullmatch(text) is None or not text.isascii():
        return False
    try:
        moment(text)
    except ValueError:
        return False
    return True


def _require_role(role: str) -> None:
    if _ROLE.fullmatch(role) is None or len(role) > _MAX_ROLE:
        raise UsageError(
            f"{display(role, 80)} is no name of a role", hint="use lower-case words: security, data-engineer"
        )


def _reason(reason: str) -> str:
    text = reason.strip()
    if not text or len(text) > MAX_REASON:
        raise UsageError(f"a reason of 1 to {MAX_REASON:,} characters is needed", hint="give --reason TEXT")
    return text
