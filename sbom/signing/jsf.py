"""JSON Signature Format (JSF) 0.82, the signature form of CycloneDX 1.x.

A ``signature`` member of the document is a bare signature (JSF section 4), or it holds ``signers`` (independent ones,
section 8) or a ``chain`` (each over the ones before, section 9). What is signed is the canonical document with
``signature`` present and the own ``value`` absent; of ``signers`` only the own entry is kept, of a ``chain`` the
earlier ones stay whole. All three are read; ``signers`` is what :func:`add` writes.

A signer with certificates embeds them (``certificatePath``), a key that JSF has no form for is named by its identity
(``keyId``), and every other key is embedded (``publicKey``).

``excludes`` and ``extensions`` are refused wherever they appear: a signature covers the whole document, or it is none.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from sbom.errors import KeyFileError, SignatureError, UsageError
from sbom.names import display
from sbom.signing import base64url
from sbom.signing.algorithms import ALGORITHMS, is_symmetric, verify
from sbom.signing.interface import Outcome, SignatureEntry
from sbom.signing.jwk import from_jwk, has_jwk, to_jwk
from sbom.signing.keys import PublicKey
from sbom.signing.trust import embedded_key, evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sbom.signing.interface import Canonical, Document, Signer

#: More signatures than any document needs; each one may cost a canonicalisation of the whole document.
MAX_ENTRIES: Final = 64
#: Certificates of one signature.
MAX_CERTIFICATES: Final = 10

_NAME: Final = "JSF"
_MEMBER: Final = "signature"
_LISTS: Final = ("signers", "chain")
_REQUIRED: Final = ("algorithm", "value")
_MEMBERS: Final = frozenset({"algorithm", "keyId", "publicKey", "certificatePath", "value"})
_AGAIN: Final = "the document was changed after it was signed: generate it again"


class Added(NamedTuple):
    """What :func:`add` returns: the document, and whether it is a new one."""

    document: dict[str, object]
    added: bool


class Jsf:
    """JSF as a :class:`~sbom.signing.interface.SignatureForm`."""

    name: Final = _NAME

    def detect(self, document: Document) -> bool:
        """Tell whether the document has a member ``signature``, whatever it holds."""
        return _MEMBER in document

    def read(self, document: Document, canonical: Canonical) -> tuple[SignatureEntry, ...]:
        """Return the signatures; see :func:`read`."""
        return read(document, canonical)


def read(document: Document, canonical: Canonical) -> tuple[SignatureEntry, ...]:
    """Return the signatures of a document that has the member ``signature``: at least one, none of them verified.

    The document is neither copied nor changed; an entry's message is computed when it is asked for.

    :raises SignatureError: naming what is malformed or forbidden: an HMAC or unknown algorithm, ``excludes``,
        ``extensions``, an empty list, more than :data:`MAX_ENTRIES`, any member or type that JSF does not have here, a
        key or certificate that is not one, or both of them, a value that is not canonical base64url.
    """
    signature = document.get(_MEMBER)
    if not isinstance(signature, dict):
        problem = f'"{_MEMBER}" is not a JSON object'
        raise SignatureError(problem)
    _refuse_options(signature, _MEMBER)
    lists = [name for name in _LISTS if name in signature]
    if not lists:
        bare = _core(signature, _MEMBER)
        return (_entry(bare, 0, _MEMBER, partial(_message, document, canonical, lambda: _without_value(bare))),)
    if len(signature) > 1:
        other = next(name for name in signature if name != lists[0])
        problem = f'"{_MEMBER}" has "{display(str(other), 40)}" beside "{lists[0]}"'
        raise SignatureError(problem)
    kind = lists[0]
    cores = _cores(signature[kind], kind)
    wrap = _only_own if kind == "signers" else _own_and_earlier
    return tuple(
        _entry(core, index, _where(kind, index), partial(_message, document, canonical, partial(wrap, cores, index)))
        for index, core in enumerate(cores)
    )


def add(document: Document, signer: Signer, canonical: Canonical) -> Added:
    """Return a shallow copy of ``document`` with a signature by ``signer`` appended to ``signature.signers``.

    A key that has a valid signature there already adds nothing. Signatures with an embedded key are verified with it
    first: whoever adds a second signature should not put it below a document that is broken already. That check is for
    the signer's convenience only, an embedded key proves nothing to anybody else.

    :raises UsageError: when the document has a bare or a chained signature, or no room for another one.
    :raises SignatureError: when the signatures that are there are malformed, or were made for another document.
    :raises KeyFileError: when no algorithm takes the key.
    :raises UndecidedError: when a key service does not sign.
    """
    signers: list[object] = []
    if _MEMBER in document:
        _refuse_promotion(document[_MEMBER])
        entries = read(document, canonical)
        if _is_among(entries, signer):
            return Added(dict(document), added=False)
        if len(entries) == MAX_ENTRIES:
            problem = f"the document has {MAX_ENTRIES} signatures already"
            raise UsageError(problem, hint="generate it again, and let fewer people sign it")
        signers += cast("dict[str, list[object]]", document[_MEMBER])["signers"]
    if not signer.algorithms:
        raise KeyFileError("no signature algorithm takes this key", hint="sign with another key")
    algorithm = signer.algorithms[0]
    own: dict[str, object] = {"algorithm": algorithm, **_hint(signer)}
    message = canonical({**document, _MEMBER: {"signers": [own]}})
    value = signer.sign(algorithm, message)
    if not verify(signer.public.key, algorithm, value, message):
        raise SignatureError("the signature that was just made does not verify: private and public key do not match")
    signers.append({**own, "value": base64url.encode(value)})
    return Added({**document, _MEMBER: {"signers": signers}}, added=True)


def _refuse_promotion(signature: object) -> None:
    if isinstance(signature, dict) and "signers" not in signature:
        form = "chained" if "chain" in signature else "bare"
        problem = f"the document has a {form} signature, which cannot be promoted: its signing input differs"
        raise UsageError(problem, hint='generate the document again and let everybody sign with "signers"')


def _hint(signer: Signer) -> dict[str, object]:
    """Return how a signature names its key."""
    if signer.certificates:
        return {"certificatePath": [base64url.encode(one) for one in signer.certificates]}
    if has_jwk(signer.public.key):
        return {"publicKey": to_jwk(signer.public.key)}
    return {"keyId": signer.public.spki_sha256}


def _is_among(entries: Sequence[SignatureEntry], signer: Signer) -> bool:
    """Tell whether the key has signed already, after checking the entries that can be checked."""
    outcomes = evaluate(entries, (signer.public,))
    for entry, outcome in zip(entries, outcomes, strict=True):
        embedded = embedded_key(entry)
        if outcome.outcome is Outcome.NOT_TRUSTED and embedded is not None and entry.value is not None:
            good = verify(embedded.key, entry.algorithm, entry.value, entry.message())
        else:
            good = outcome.outcome is not Outcome.INVALID
        if not good:
            problem = f"{_where('signers', entry.index)} does not verify by its own embedded key"
            raise SignatureError(problem, hint=_AGAIN)
    return any(outcome.outcome is Outcome.VALID for outcome in outcomes)


def _cores(entries: object, kind: str) -> list[dict[str, object]]:
    """Check the list of signatures and every entry's shape; return it."""
    where = f"{_MEMBER}.{kind}"
    if not isinstance(entries, list) or not entries:
        problem = f"{where} is not a list with at least one signature"
        raise SignatureError(problem)
    if len(entries) > MAX_ENTRIES:
        problem = f"{where} holds {len(entries)} signatures, more than {MAX_ENTRIES}"
        raise SignatureError(problem)
    return [_core(entry, _where(kind, index)) for index, entry in enumerate(entries)]


def _core(core: object, where: str) -> dict[str, object]:
    """Check the members and types of one signature; return it."""
    if not isinstance(core, dict):
        problem = f"{where} is not a JSON object"
        raise SignatureError(problem)
    _refuse_options(core, where)
    for name in core:
        if name not in _MEMBERS:
            problem = f'{where} has the unknown member "{display(str(name), 40)}"'
            raise SignatureError(problem)
    for name in _REQUIRED:
        if name not in core:
            problem = f'{where} has no "{name}"'
            raise SignatureError(problem)
    for name in ("algorithm", "keyId", "value"):
        if not isinstance(core.get(name, ""), str):
            problem = f'"{name}" of {where} is not a string'
            raise SignatureError(problem)
    _check_path(core, where)
    return core


def _check_path(core: dict[str, object], where: str) -> None:
    path = core.get("certificatePath", [""])
    if not isinstance(path, list) or not path or not all(isinstance(item, str) for item in path):
        problem = f'"certificatePath" of {where} is not a list of strings'
        raise SignatureError(problem)
    if len(path) > MAX_CERTIFICATES:
        problem = f'"certificatePath" of {where} holds {len(path)} certificates, more than {MAX_CERTIFICATES}'
        raise SignatureError(problem)


def _entry(core: dict[str, object], index: int, where: str, message: Callable[[], bytes]) -> SignatureEntry:
    """Check the values of one signature and return it as an entry."""
    algorithm, key_id, jwk = str(core["algorithm"]), core.get("keyId"), None
    if is_symmetric(algorithm):
        problem = f"{where} uses {algorithm}: whoever can verify an HMAC can forge it"
        raise SignatureError(problem)
    if algorithm not in ALGORITHMS:
        problem = f'{where} uses an unknown algorithm: "{display(algorithm, 40)}"'
        raise SignatureError(problem)
    if "publicKey" in core:
        jwk = core["publicKey"]
        from_jwk(jwk, f'"publicKey" of {where}')
    return SignatureEntry(
        form=_NAME,
        index=index,
        algorithm=algorithm,
        key_id=None if key_id is None else str(key_id),
        jwk=jwk if isinstance(jwk, dict) else None,
        certificate_path=_certificates(core, where),
        value=base64url.decode(str(core["value"]), f'"value" of {where}'),
        message=message,
    )


def _certificates(core: dict[str, object], where: str) -> tuple[bytes, ...]:
    if "certificatePath" not in core:
        return ()
    from sbom.signing import paths  # noqa: PLC0415  # takes time to load, and few signatures have any

    what = f'"certificatePath" of {where}'
    found = tuple(base64url.decode(text, what) for text in cast("list[str]", core["certificatePath"]))
    for der in found:
        paths.parse(der, what)
    leaf = paths.leaf_key(found[0], what)
    if "publicKey" in core and PublicKey.of(from_jwk(core["publicKey"])) != leaf:
        problem = f"{where} has a key, and a certificate for another key"
        raise SignatureError(problem)
    return found


def _refuse_options(holder: dict[str, object], where: str) -> None:
    for name, why in (("excludes", "it leaves members uncovered"), ("extensions", "no extension is known here")):
        if name in holder:
            problem = f'{where} has "{name}": {why}'
            raise SignatureError(problem, hint="ask the publisher for a document whose signature covers all of it")


def _message(document: Document, canonical: Canonical, signature: Callable[[], object]) -> bytes:
    return canonical({**document, _MEMBER: signature()})


def _only_own(cores: Sequence[dict[str, object]], index: int) -> object:
    return {"signers": [_without_value(cores[index])]}


def _own_and_earlier(cores: Sequence[dict[str, object]], index: int) -> object:
    return {"chain": [*cores[:index], _without_value(cores[index])]}


def _without_value(core: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in core.items() if name != "value"}


def _where(kind: str, index: int) -> str:
    return f"{_MEMBER}.{kind}[{index}]"
