"""Signing with a Sigstore identity and judging it, through the real client and a Sigstore on the loopback interface."""

from __future__ import annotations

import base64
import copy
import json
import shutil
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

pytest.importorskip("sigstore", reason="the sigstore extra is not installed")

from keyless_maker import ISSUER, ME, WHO, anchors, forbid_sockets, judge, signed, statement
from stack.logs import RekorV1
from stack.server import YEAR, Stack, stamp
from stack.timestamps import TimestampAuthority

from sbom.attestation import bundle as bundles
from sbom.attestation import keyless, keylessverify, trustedroot
from sbom.attestation.interface import SIGSTORE, Anchors, Identity, SigstoreIdentity
from sbom.errors import Error, MissingExtraError, UsageError
from sbom.signing.interface import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HOUR = timedelta(hours=1)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path)
    yield stack
    stack.close()


@pytest.mark.parametrize(("version", "timestamps"), [(1, True), (1, False), (2, True)])
def test_what_is_signed_verifies_without_a_socket(sigstore_stack, monkeypatch, version, timestamps):
    sigstore_stack.knobs.rekor, sigstore_stack.knobs.timestamps = version, timestamps
    raw = keyless.sign(
        statement(), token=sigstore_stack.token(WHO, ISSUER), trust_config=sigstore_stack.trust_config_path
    )
    bundle = bundles.read(raw, "x")
    assert bundle.media_type == bundles.MEDIA_TYPE
    assert bundle.envelope.payload == statement()
    forbid_sockets(monkeypatch)
    for trusted in (
        anchors(sigstore_stack),
        Anchors(sigstore=(ME,), trust_config=sigstore_stack.trust_config_path),
        anchors(sigstore_stack, SigstoreIdentity("other@example.com", ISSUER), ME),
    ):
        found = keyless.evaluate(bundle, trusted, "x")
        assert found.outcome is Outcome.VALID, found.sentence
        assert found.identity == Identity(SIGSTORE, WHO, ISSUER)
        assert (found.algorithm, found.where, len(found.spki)) == ("ES256", "x", 64)
        assert sorted({one.by for one in found.times}) == [
            *["timestamp authority"][: int(timestamps)],
            *["transparency log"][: int(version == 1)],
        ]
        assert all(one.time.utcoffset() == timedelta() for one in found.times)


@pytest.mark.parametrize("identity", ["a@example.com", "https://ci.example/job@refs/heads/main", "name without a form"])
def test_every_form_of_identity(sigstore_stack, identity):
    raw = keyless.sign(
        statement(), token=sigstore_stack.token(identity, ISSUER), trust_config=sigstore_stack.trust_config_path
    )
    found = judge(json.loads(raw), anchors(sigstore_stack, SigstoreIdentity(identity, ISSUER)))
    assert (found.outcome, found.identity) == (Outcome.VALID, Identity(SIGSTORE, identity, ISSUER))


@pytest.mark.parametrize(
    ("identity", "issuer"),
    [
        ("Release@example.com", ISSUER),
        ("release@example.com.evil", ISSUER),
        ("elease@example.com", ISSUER),
        ("*", ISSUER),
        (".*", ISSUER),
        ("*@example.com", ISSUER),
        ("", ISSUER),
        (f"{WHO} ", ISSUER),
        (WHO, f"{ISSUER}/"),
        (WHO, "https://issuer.exampl"),
        (WHO, "HTTPS://issuer.example"),
        (WHO, "*"),
        (WHO, ""),
        (ISSUER, WHO),
    ],
)
def test_identity_and_issuer_are_compared_exactly(sigstore_stack, identity, issuer):
    found = judge(signed(sigstore_stack), anchors(sigstore_stack, SigstoreIdentity(identity, issuer)))
    assert found.outcome is Outcome.NOT_TRUSTED
    assert WHO in found.sentence


def test_one_identity_with_the_issuer_of_another_is_nobody(sigstore_stack):
    trusted = anchors(
        sigstore_stack, SigstoreIdentity(WHO, "https://a.example"), SigstoreIdentity("b@example.com", ISSUER)
    )
    assert judge(signed(sigstore_stack), trusted).outcome is Outcome.NOT_TRUSTED


@pytest.mark.parametrize(
    ("knob", "value", "word"),
    [
        ("more_names", ("other@example.com",), "2 identities"),
        ("issuer_v1", "https://other.example", "2 OpenID Connect issuers"),
        ("issuer_extensions", (), "0 OpenID Connect issuers"),
    ],
)
def test_a_certificate_that_names_several_is_nobody(sigstore_stack, knob, value, word):
    setattr(sigstore_stack.knobs, knob, value)
    found = judge(signed(sigstore_stack), anchors(sigstore_stack))
    assert found.outcome is Outcome.INVALID
    assert word in found.sentence


@pytest.mark.parametrize("extensions", [("v1",), ("v2",)])
def test_either_form_of_the_issuer_will_do(sigstore_stack, extensions):
    sigstore_stack.knobs.issuer_extensions = extensions
    assert judge(signed(sigstore_stack), anchors(sigstore_stack)).outcome is Outcome.VALID


def test_another_instance_is_not_trusted(sigstore_stack, other):
    tree = signed(sigstore_stack)
    assert judge(tree, anchors(other)).outcome is Outcome.INVALID
    assert judge(tree, Anchors(sigstore=(ME,))).outcome is Outcome.INVALID  # the public good instance
    root = other.trusted_root()
    for part in ("tlogs", "certificateAuthorities", "ctlogs", "timestampAuthorities"):
        mixed = sigstore_stack.trusted_root() | {part: root[part]}
        found = judge(tree, Anchors(sigstore=(ME,), trusted_root=sigstore_stack.write("mixed.json", mixed)))
        assert found.outcome is Outcome.INVALID, part
        both = sigstore_stack.trusted_root()
        both[part] = root[part] + both[part]
        found = judge(tree, Anchors(sigstore=(ME,), trusted_root=sigstore_stack.write("both.json", both)))
        assert found.outcome is Outcome.VALID, (part, found.sentence)


@pytest.mark.parametrize("part", ["tlogs", "certificateAuthorities", "ctlogs", "timestampAuthorities"])
def test_what_was_retired_before_or_is_trusted_later_only_does_not_count(sigstore_stack, part):
    tree = signed(sigstore_stack)
    now = sigstore_stack.now
    for period, outcome in (
        ({"start": stamp(now - HOUR), "end": stamp(now + HOUR)}, Outcome.VALID),
        ({"start": stamp(now - YEAR), "end": stamp(now - HOUR)}, Outcome.INVALID),
        ({"start": stamp(now + HOUR)}, Outcome.INVALID),
    ):
        root = sigstore_stack.trusted_root()
        for one in root[part]:
            one.get("publicKey", one)["validFor"] = period
        found = judge(tree, Anchors(sigstore=(ME,), trusted_root=sigstore_stack.write("aged.json", root)))
        assert found.outcome is outcome, found.sentence


def test_a_log_without_a_period_does_not_count(sigstore_stack):
    root = sigstore_stack.trusted_root()
    for one in root["tlogs"]:
        del one["publicKey"]["validFor"]
    found = judge(signed(sigstore_stack), Anchors(sigstore=(ME,), trusted_root=sigstore_stack.write("r.json", root)))
    assert (found.outcome, "not to be trusted at that time" in found.sentence) == (Outcome.INVALID, True)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    "knobs",
    [
        {"timestamp_offset": HOUR, "log_offset": HOUR},  # after the certificate had expired
        {"timestamp_offset": -HOUR, "log_offset": -HOUR},  # before it was issued
        {"timestamp_offset": HOUR},
        {"certificate_offset": HOUR},
    ],
)
def test_a_time_outside_the_certificate_is_refused(sigstore_stack, version, knobs):
    sigstore_stack.knobs.rekor = version
    for name, value in knobs.items():
        setattr(sigstore_stack.knobs, name, value)
    found = judge(signed(sigstore_stack), anchors(sigstore_stack))
    assert (found.outcome, found.times) == (Outcome.INVALID, ()), found.sentence


def test_the_log_alone_may_be_late(sigstore_stack):
    sigstore_stack.knobs.log_offset = HOUR
    assert judge(signed(sigstore_stack), anchors(sigstore_stack)).outcome is Outcome.INVALID


def wrong_log_key(stack: Stack) -> None:
    stack.rekors[1].signing_key = ec.generate_private_key(ec.SECP256R1())


def wrong_log(stack: Stack) -> None:
    stack.rekors[1] = RekorV1()


def wrong_authority(stack: Stack) -> None:
    stack.tsa = TimestampAuthority(stack.born, stack.born + 5 * YEAR)


def wrong_timestamp_key(stack: Stack) -> None:
    stack.tsa.signing_key = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("wrong", [wrong_log_key, wrong_log, wrong_authority, wrong_timestamp_key])
def test_a_service_with_another_key_is_refused(sigstore_stack, wrong: Callable[[Stack], None]):
    trusted = anchors(sigstore_stack)
    wrong(sigstore_stack)
    assert judge(signed(sigstore_stack), trusted).outcome is Outcome.INVALID


@pytest.mark.parametrize(
    ("knob", "value"), [("key_usage", ("key_agreement",)), ("extended_usage", ExtendedKeyUsageOID.EMAIL_PROTECTION)]
)
def test_a_certificate_for_another_use_is_refused(sigstore_stack, knob, value):
    setattr(sigstore_stack.knobs, knob, value)
    assert judge(signed(sigstore_stack), anchors(sigstore_stack)).outcome is Outcome.INVALID


def test_a_rejected_timestamp_is_refused(sigstore_stack):
    sigstore_stack.knobs.reject_timestamps = True
    found = judge(signed(sigstore_stack), anchors(sigstore_stack))
    assert found.outcome is Outcome.INVALID


# Everything that can be taken from one bundle and put into another.
PARTS = {
    "certificate": ("verificationMaterial", "certificate"),
    "signature": ("dsseEnvelope", "signatures"),
    "payload": ("dsseEnvelope", "payload"),
    "envelope": ("dsseEnvelope",),
    "entry": ("verificationMaterial", "tlogEntries"),
    "body": ("verificationMaterial", "tlogEntries", 0, "canonicalizedBody"),
    "proof": ("verificationMaterial", "tlogEntries", 0, "inclusionProof"),
    "root": ("verificationMaterial", "tlogEntries", 0, "inclusionProof", "rootHash"),
    "hashes": ("verificationMaterial", "tlogEntries", 0, "inclusionProof", "hashes"),
    "size": ("verificationMaterial", "tlogEntries", 0, "inclusionProof", "treeSize"),
    "position": ("verificationMaterial", "tlogEntries", 0, "inclusionProof", "logIndex"),
    "checkpoint": ("verificationMaterial", "tlogEntries", 0, "inclusionProof", "checkpoint"),
    "index": ("verificationMaterial", "tlogEntries", 0, "logIndex"),
    "timestamps": ("verificationMaterial", "timestampVerificationData"),
    "material": ("verificationMaterial",),
}
PARTS_V1 = {
    "promise": ("verificationMaterial", "tlogEntries", 0, "inclusionPromise"),
    "time": ("verificationMaterial", "tlogEntries", 0, "integratedTime"),
}


def swap(into: dict[str, Any], source: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
    result = copy.deepcopy(into)
    there: Any = result
    here: Any = source
    for step in path[:-1]:
        there, here = there[step], here[step]
    assert there[path[-1]] != here[path[-1]]
    there[path[-1]] = here[path[-1]]
    return result


@pytest.mark.parametrize("version", [1, 2])
def test_every_part_of_two_good_bundles_that_is_swapped_is_missed(sigstore_stack, version):
    sigstore_stack.knobs.rekor = version
    one = signed(sigstore_stack)
    sigstore_stack.knobs.log_offset = timedelta(seconds=5)
    two = signed(sigstore_stack, digest="1" * 64)
    trusted = anchors(sigstore_stack)
    assert [judge(tree, trusted).outcome for tree in (one, two)] == [Outcome.VALID] * 2
    for name, path in (PARTS | (PARTS_V1 if version == 1 else {})).items():
        for into, source in ((one, two), (two, one)):
            found = judge(swap(into, source, path), trusted)
            assert found.outcome is Outcome.INVALID, name


def test_a_part_of_the_same_statement_signed_again_is_missed(sigstore_stack):
    one, two = signed(sigstore_stack), signed(sigstore_stack)
    for name in ("certificate", "signature", "entry", "body", "timestamps", "checkpoint"):
        assert judge(swap(one, two, PARTS[name]), anchors(sigstore_stack)).outcome is Outcome.INVALID, name


def test_a_promise_without_its_time_is_refused(sigstore_stack):
    """The client verifies the promise only where there is a time; another one would go unnoticed."""
    tree = signed(sigstore_stack)
    entry = tree["verificationMaterial"]["tlogEntries"][0]
    del entry["integratedTime"]
    entry["inclusionPromise"] = signed(sigstore_stack)["verificationMaterial"]["tlogEntries"][0]["inclusionPromise"]
    found = judge(tree, anchors(sigstore_stack))
    assert (found.outcome, "promise without the time" in found.sentence) == (Outcome.INVALID, True)


def test_a_time_without_a_promise_is_nobodys(sigstore_stack):
    sigstore_stack.knobs.timestamps = False
    tree = signed(sigstore_stack)
    del tree["verificationMaterial"]["tlogEntries"][0]["inclusionPromise"]
    assert judge(tree, anchors(sigstore_stack)).outcome is Outcome.INVALID


def test_one_good_timestamp_does_not_excuse_a_bad_one(sigstore_stack):
    one, two = signed(sigstore_stack), signed(sigstore_stack)
    stamps = one["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]
    stamps += two["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]
    assert judge(one, anchors(sigstore_stack)).outcome is Outcome.INVALID


def test_a_log_is_known_by_its_id_only(sigstore_stack):
    """The client tries every key for an id that it does not know."""
    tree = signed(sigstore_stack)
    entry = tree["verificationMaterial"]["tlogEntries"][0]
    del entry["inclusionPromise"], entry["integratedTime"]
    root = sigstore_stack.trusted_root()
    root["tlogs"][0]["logId"]["keyId"] = "AAAA" + root["tlogs"][0]["logId"]["keyId"][4:]
    found = judge(tree, Anchors(sigstore=(ME,), trusted_root=sigstore_stack.write("renamed.json", root)))
    assert (found.outcome, "not in the trusted root" in found.sentence) == (Outcome.INVALID, True)


@pytest.mark.parametrize("version", [1, 2])
def test_a_proof_for_a_tree_of_another_size_is_refused(sigstore_stack, version):
    """The client compares the roots only, and the path to a leaf may be the same in trees of several sizes."""
    sigstore_stack.knobs.rekor = version
    tree = signed(sigstore_stack)
    proof = tree["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]
    right = proof["treeSize"]
    for size in range(int(proof["logIndex"]) + 1, 40):
        proof["treeSize"] = str(size)
        assert (judge(tree, anchors(sigstore_stack)).outcome is Outcome.VALID) is (str(size) == right), size


def test_none_or_two_log_entries_are_refused(sigstore_stack):
    for count in (0, 2):
        tree = signed(sigstore_stack)
        tree["verificationMaterial"]["tlogEntries"] *= count
        assert judge(tree, anchors(sigstore_stack)).outcome is Outcome.INVALID


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], (*path, key))


# What may be left out and still leaves somebody to attest the time; what the client does not look at.
HARMLESS = {
    ("verificationMaterial", "timestampVerificationData"),
    ("verificationMaterial", "timestampVerificationData", "rfc3161Timestamps"),
    ("verificationMaterial", "timestampVerificationData", "rfc3161Timestamps", 0),
    ("verificationMaterial", "tlogEntries", 0, "inclusionPromise"),
}


@pytest.mark.parametrize("version", [1, 2])
def test_no_change_of_a_bundle_passes_or_escapes(sigstore_stack, monkeypatch, version):
    sigstore_stack.knobs.rekor = version
    good = signed(sigstore_stack)
    trusted = anchors(sigstore_stack)
    forbid_sockets(monkeypatch)
    values = (
        None,
        True,
        -1,
        1.5,
        2**70,
        "",
        "AAAA",
        "=",
        "9" * 5000,
        "99999999999999",
        "ä\n\x00",
        [],
        [[]],
        {},
        {"a": 1},
    )
    outcomes = set()
    for path in places(good):
        for value in (..., *values):
            tree = copy.deepcopy(good)
            parent: Any = tree
            for step in path[:-1]:
                parent = parent[step]
            if value is ...:
                del parent[path[-1]]
            else:
                parent[path[-1]] = value
            try:
                found = judge(tree, trusted)
            except Error:
                continue
            outcomes.add(found.outcome)
            assert found.outcome is not Outcome.VALID or path in HARMLESS, (path, value)
    assert Outcome.INVALID in outcomes


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP521R1()])
def test_another_curve_is_another_algorithm(sigstore_stack, monkeypatch, curve):
    """A policy that allows ES256 does not mean SHA-256 on whatever curve."""
    generate = ec.generate_private_key
    monkeypatch.setattr("sigstore.sign.ec.generate_private_key", lambda _: generate(curve))
    found = judge(signed(sigstore_stack), anchors(sigstore_stack))
    assert (found.outcome, found.algorithm) == (Outcome.VALID, f"ECDSA {curve.name} SHA-256")


def test_another_kind_of_key_is_refused(sigstore_stack):
    tree = signed(sigstore_stack)
    now = sigstore_stack.now
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    claims = {"sub": WHO, "iss": ISSUER}
    leaf = sigstore_stack.fulcio.issue(public, claims, now, now + HOUR, sigstore_stack.knobs)
    raw = base64.b64encode(leaf.public_bytes(Encoding.DER)).decode()
    tree["verificationMaterial"]["certificate"]["rawBytes"] = raw
    found = judge(tree, anchors(sigstore_stack))
    assert (found.outcome, "kind of key" in found.sentence) == (Outcome.INVALID, True)


@pytest.mark.parametrize(
    ("knob", "value"), [("scts", 0), ("scts", 2), ("ct_key", ec.generate_private_key(ec.SECP256R1()))]
)
def test_a_certificate_that_no_log_has_seen_is_refused(sigstore_stack, monkeypatch, knob, value):
    monkeypatch.setattr("sigstore.sign.verify_sct", lambda *_: None)  # somebody's own client, who does not look
    setattr(sigstore_stack.knobs, knob, value)
    assert judge(signed(sigstore_stack), anchors(sigstore_stack)).outcome is Outcome.INVALID


def test_a_signature_of_no_time_is_refused(sigstore_stack):
    sigstore_stack.knobs.timestamps = False
    opened = keylessverify.read(json.dumps(signed(sigstore_stack)).encode())
    root = trustedroot.load(sigstore_stack.trusted_root_path, None)
    assert len(keylessverify.verify(opened, root).times) == 1
    opened.bundle.log_entry._inner.inclusion_promise = None
    with pytest.raises(keylessverify.RejectedError, match="nobody attests the time"):
        keylessverify.verify(opened, root)


def test_the_policy_wants_exactly_one_identity(sigstore_stack):
    opened = keylessverify.read(json.dumps(signed(sigstore_stack)).encode())
    root = trustedroot.load(sigstore_stack.trusted_root_path, None)
    with pytest.raises(keylessverify.RejectedError, match="another identity"):
        keylessverify.verify(opened._replace(identity=SigstoreIdentity(WHO, "https://issuer.example/")), root)


@pytest.mark.parametrize("part", ["certificate", "timestamp"])
def test_a_certificate_that_libraries_warn_of_warns_nobody(sigstore_stack, part):
    """Here every warning is an error: a negative serial number is one."""
    tree = signed(sigstore_stack)
    material = tree["verificationMaterial"]
    stamps = material["timestampVerificationData"]["rfc3161Timestamps"]
    holder, name = (material["certificate"], "rawBytes") if part == "certificate" else (stamps[0], "signedTimestamp")
    der = base64.b64decode(holder[name])
    serial = der.index(b"\xa0\x03\x02\x01\x02\x02") + 6  # after the version of the certificate
    holder[name] = base64.b64encode(der[: serial + 1] + b"\xff\x7f" + der[serial + 3 :]).decode()
    assert judge(tree, anchors(sigstore_stack)).outcome is Outcome.INVALID


def test_two_statements_in_one_bundle_are_refused(sigstore_stack):
    """What the caller reads has to be what the client verified."""
    raw = json.dumps(signed(sigstore_stack)).encode()
    bundle = bundles.read(raw, "x")
    other = bundle._replace(envelope=bundle.envelope._replace(payload=statement("1" * 64)))
    found = keyless.evaluate(other, anchors(sigstore_stack), "x")
    assert (found.outcome, "two statements" in found.sentence) == (Outcome.INVALID, True)


def test_without_a_network_namespace(sigstore_stack, tmp_path):
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rn", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine does not let anybody make a network namespace")
    path = tmp_path / "x.sigstore.json"
    path.write_text(json.dumps(signed(sigstore_stack)), encoding="utf-8")
    code = (
        "import sys\n"
        "from sbom.attestation import bundle, keyless\n"
        "from sbom.attestation.interface import Anchors, SigstoreIdentity\n"
        "raw = bundle.read(open(sys.argv[1], 'rb').read(), 'x')\n"
        "trusted = Anchors(sigstore=(SigstoreIdentity(*sys.argv[3:]),), trusted_root=sys.argv[2])\n"
        "print(keyless.evaluate(raw, trusted, 'x').outcome)\n"
    )
    command = [unshare, "-rn", sys.executable, "-c", code, str(path), sigstore_stack.trusted_root_path, WHO, ISSUER]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert ran.stdout == "valid\n"


def test_the_extra_is_named_where_it_is_missing(sigstore_stack, monkeypatch):
    tree = signed(sigstore_stack)
    monkeypatch.setitem(sys.modules, "sigstore", None)
    with pytest.raises(MissingExtraError, match="sigstore extra"):
        judge(tree, anchors(sigstore_stack))
    with pytest.raises(MissingExtraError, match=r"data-sbom\[sigstore\]"):
        keyless.sign(statement(), token=None, trust_config=None)


def test_a_broken_root_is_the_callers_mistake(sigstore_stack, tmp_path):
    tree = signed(sigstore_stack)
    with pytest.raises(UsageError):
        judge(tree, Anchors(sigstore=(ME,), trusted_root=str(tmp_path / "absent.json")))
