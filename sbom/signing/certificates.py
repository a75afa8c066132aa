"""Certificates of a caller's own authority: files, whom they name, and whom a caller trusts by them.

An identity is, exactly and case by case, a subjectAltName of the signer's certificate: a URI, e-mail address or DNS
name. Common names, wildcards and patterns mean nothing. What a path has to keep is in :mod:`sbom.signing.paths`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sbom.errors import KeyFileError, SignatureError, UsageError
from sbom.names import display
from sbom.signing import keyfiles, paths

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from sbom.signing.interface import Signer
    from sbom.signing.keys import PublicKey
    from sbom.signing.paths import Holder

#: Certificates of one file of roots.
MAX_ROOTS: Final = 1_000


class CertificateAnchor(NamedTuple):
    """Somebody whom a caller trusts: a name, vouched for by one of these roots.

    :param roots: DER certificates.
    :param identity: a URI, e-mail address or DNS name, compared exactly.
    """

    roots: tuple[bytes, ...]
    identity: str


class _Certificated(NamedTuple):
    """A signer with certificates."""

    signer: Signer
    certificates: tuple[bytes, ...]

    @property
    def public(self) -> PublicKey:
        return self.signer.public

    @property
    def algorithms(self) -> tuple[str, ...]:
        return self.signer.algorithms

    def sign(self, algorithm: str, message: bytes) -> bytes:
        return self.signer.sign(algorithm, message)


def load_chain(path: str | PathLike[str]) -> tuple[bytes, ...]:
    """Read a PEM file with the certificate of a signer, and then those above it.

    :raises KeyFileError: saying what the file holds instead.
    """
    return _load(str(path), paths.MAX_PATH)


def load_roots(path: str | PathLike[str]) -> tuple[bytes, ...]:
    """Read a PEM file with one or more root certificates.

    :raises KeyFileError: saying what the file holds instead, or that a certificate in it may not issue any.
    """
    found = _load(str(path), MAX_ROOTS)
    for der in found:
        reason = paths.issuer_refusal(paths.parse(der, "the file"), 0)
        if reason is not None:
            problem = f"holds a certificate that cannot be a root: it {reason}"
            raise KeyFileError(problem, path=str(path), hint="give the certificate of the authority, not the signer's")
    return found


def certify(signer: Signer, chain: Sequence[bytes], now: datetime | None = None) -> Signer:
    """Return a signer that puts certificates beside its signatures.

    :param chain: DER, that of the signer's key first; a root at its end is left out.
    :raises UsageError: when the first one is not the key's, cannot sign now, or the others do not follow.
    """
    at = now or datetime.now(UTC)
    hint = "give --certificate-chain with the certificate of the key first, and then each one's issuer"
    try:
        path = paths.parse_all(chain)
        reason = (
            paths.leaf_refusal(path[0], paths.SIGNING)
            or paths.validity_refusal(path[0], at)
            or paths.order_refusal(path)
        )
    except SignatureError as error:
        raise UsageError(error.message, hint=hint) from error
    if reason is not None:
        problem = f"these certificates cannot be signed with: {paths.name_of(path[0])} {reason}"
        raise UsageError(problem, hint=hint)
    if paths.leaf_key(chain[0], "the certificate") != signer.public:
        raise UsageError("the first certificate is not that of this key", hint=hint)
    kept = len(path) - 1 if len(path) > 1 and path[-1].subject == path[-1].issuer else len(path)
    return _Certificated(signer, tuple(chain[:kept]))


def evaluate_path(chain: Sequence[bytes], anchor: CertificateAnchor, at: datetime) -> Holder:
    """Return whom a path leads to, when it holds for ``anchor`` at that time.

    :param chain: DER, the signer's first.
    :param at: when the signature was there for certain: an attested time, else now. Aware.
    :raises SignatureError: saying why it does not hold.
    """
    path = paths.parse_all(chain)
    if anchor.identity not in names(path[0], anchor.identity):
        problem = f"is not for {display(anchor.identity, 80)}, but for {_names(path[0])}"
        raise SignatureError(problem)
    return paths.check_path(path, anchor.roots, at, paths.SIGNING)


def find(
    chain: Sequence[bytes], anchors: Sequence[CertificateAnchor], at: datetime
) -> tuple[CertificateAnchor, Holder]:
    """Return the first of the given identities that a path holds for, and whom it leads to.

    :raises SignatureError: saying why it holds for none: of one that is named in the certificate, where there is one.
    """
    named = [
        anchor for anchor in anchors if anchor.identity in names(paths.parse(chain[0], "the path"), anchor.identity)
    ]
    first: SignatureError | None = None
    for anchor in named or anchors[:1]:
        try:
            return anchor, evaluate_path(chain, anchor, at)
        except SignatureError as error:
            first = first or error
    raise first or SignatureError("is for nobody who was given")


def names(certificate: x509.Certificate, identity: str) -> list[str]:
    """Return the names in a certificate of the kind of ``identity``: a colon makes it a URI, an @ an e-mail address."""
    kind: type[x509.GeneralName] = x509.DNSName
    if ":" in identity:
        kind = x509.UniformResourceIdentifier
    elif "@" in identity:
        kind = x509.RFC822Name
    return [str(one.value) for one in _alternative_names(certificate) if isinstance(one, kind)]


def _load(path: str, most: int) -> tuple[bytes, ...]:
    pem = keyfiles.read_certificates(path)
    try:
        found = [one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(pem)]
        for der in found:
            paths.parse(der, "the file")
    except (ValueError, SignatureError) as error:
        hint = "give certificates in PEM, X.509 version 3"
        raise KeyFileError("holds a certificate that cannot be read", path=path, hint=hint) from error
    if len(found) > most:
        problem = f"holds more than {most} certificates"
        raise KeyFileError(problem, path=path, hint="give only those that are needed")
    return tuple(found)


def _alternative_names(certificate: x509.Certificate) -> list[x509.GeneralName]:
    found = paths.extension(certificate, x509.SubjectAlternativeName)
    return [] if found is None else [*found]


def _names(certificate: x509.Certificate) -> str:
    shown = [display(str(one.value), 80) for one in _alternative_names(certificate)][:3]
    return ", ".join(shown) or "nobody (it has no subjectAltName)"
