"""in-toto Statements v1 (in-toto Attestation Framework, "Statement"): who is spoken of, by digest, and what is said.

Read strictly: exactly the four members, every subject with a name and exactly one digest, a SHA-256. The specification
allows other algorithms beside it; a digest that is there and cannot be checked would be one that need not hold.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sbom.cyclonedx import strict_json
from sbom.cyclonedx.canonical import canonical
from sbom.errors import Error, SignatureError
from sbom.names import display

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sbom.signing.dsse import Envelope

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
#: Bytes of a Statement that is read or written.
MAX_SIZE: Final = 16 << 20
#: Subjects of one Statement.
MAX_SUBJECTS: Final = 100

_MEMBERS: Final = frozenset({"_type", "subject", "predicateType", "predicate"})
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Subject(NamedTuple):
    """Something that a Statement speaks of; ``sha256`` is lower-case hex."""

    name: str
    sha256: str


class Statement(NamedTuple):
    """A Statement as read. It means nothing before its envelope is verified."""

    subjects: tuple[Subject, ...]
    predicate_type: str
    predicate: Mapping[str, Any]


def dump(statement: Statement) -> bytes:
    """Return a Statement as canonical JSON (RFC 8785)."""
    subject = [{"name": one.name, "digest": {"sha256": one.sha256}} for one in statement.subjects]
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": subject,
            "predicateType": statement.predicate_type,
            "predicate": statement.predicate,
        }
    )


def load(envelope: Envelope, path: str) -> Statement:
    """Read the Statement in an envelope whose signature was, or will be, verified by somebody else.

    :param path: of the bundle, for messages.
    :raises SignatureError: when the payload is of another type, or no Statement that means one thing.
    """
    if envelope.payload_type != PAYLOAD_TYPE:
        raise _refusal(f"holds {display(envelope.payload_type, 80)}, not {PAYLOAD_TYPE}", path)
    if len(envelope.payload) > MAX_SIZE:
        raise _refusal(f"holds a statement of more than {MAX_SIZE:,} bytes", path)
    try:
        document = strict_json.loads(envelope.payload, strict_json.Limits(size=MAX_SIZE), path=path)
    except Error as error:
        raise _refusal(f"holds a statement that {error.message}", path) from error
    if document.keys() != _MEMBERS:
        raise _refusal("holds a statement with other members than in-toto's", path)
    if document["_type"] != STATEMENT_TYPE:
        raise _refusal(f"holds a statement whose _type is not {STATEMENT_TYPE}", path)
    kind, predicate, subject = document["predicateType"], document["predicate"], document["subject"]
    if not isinstance(kind, str) or not isinstance(predicate, dict):
        raise _refusal("holds a statement without a predicate", path)
    if not isinstance(subject, list) or not 1 <= len(subject) <= MAX_SUBJECTS:
        raise _refusal(f"holds a statement without subjects, or with more than {MAX_SUBJECTS}", path)
    return Statement(_subjects(subject, path), kind, predicate)


def _subjects(subject: Sequence[object], path: str) -> tuple[Subject, ...]:
    found = []
    for one in subject:
        if not isinstance(one, dict) or one.keys() != {"name", "digest"} or not isinstance(one["name"], str):
            raise _refusal("holds a subject that is not a name and a digest", path)
        digest = one["digest"]
        if not isinstance(digest, dict) or digest.keys() != {"sha256"}:
            raise _refusal("holds a subject whose digest is not exactly one SHA-256", path)
        value = digest["sha256"]
        if not isinstance(value, str) or _SHA256.fullmatch(value) is None:
            raise _refusal("holds a subject whose SHA-256 is not 64 lower-case hexadecimal digits", path)
        found.append(Subject(one["name"], value))
    if len({one.name for one in found}) != len(found):
        raise _refusal("holds two subjects with one name", path)
    return tuple(found)


def _refusal(problem: str, path: str) -> SignatureError:
    return SignatureError(problem, path=path, hint="see docs/attestations.md for the statements that are accepted")
