from __future__ import annotations

from typing import Any

import pki
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier
from pki import CODE, DAY, NOW, RELEASER, STAMPS, YEAR, Authority, authority
from signing_maker import key, weak_rsa

from sbom.errors import SignatureError
from sbom.signing import mldsa, paths
from sbom.signing.paths import SIGNING, TIMESTAMPING, check_path

ED = key("ed25519")
ROOT, MIDDLE = authority("root"), authority("middle", "root")


def leaf(issuer: Authority = MIDDLE, **options: Any) -> bytes:
    return issuer.leaf(ED.public.key, RELEASER, **options)


def check(*chain: bytes, roots: tuple[bytes, ...] = (ROOT.der,), at: Any = NOW, purpose: Any = SIGNING) -> paths.Holder:
    return check_path(paths.parse_all(chain), roots, at, purpose)


def refusal(*chain: bytes, **options: Any) -> str:
    with pytest.raises(SignatureError) as refused:
        check(*chain, **options)
    return refused.value.message


def test_good_paths():
    assert check(leaf(), MIDDLE.der).key == ED.public
    assert check(leaf(), MIDDLE.der, ROOT.der) == check(leaf(), MIDDLE.der)
    assert check(leaf(ROOT)).root == check(leaf(), MIDDLE.der).root
    assert check(leaf(), roots=(ROOT.der, MIDDLE.der)).key == ED.public  # an authority below a root can be given as one


# -- shape --------------------------------------------------------------------------------------------------------------


def test_the_root_has_to_be_given():
    stranger = authority("stranger")
    assert refusal(leaf(stranger), stranger.der) == "has a path that does not end in a given root"
    assert "given root" in refusal(leaf(), MIDDLE.der, roots=())
    assert "given root" in refusal(leaf(), MIDDLE.der, roots=(stranger.der,))


def test_a_root_of_the_same_name_is_another_root():
    twin = Authority("root")
    assert "given root" in refusal(leaf(), MIDDLE.der, roots=(twin.der,))
    assert check(leaf(), MIDDLE.der, roots=(twin.der, ROOT.der)).key == ED.public


def test_a_renewed_root_counts_where_the_old_one_has_expired():
    old = Authority("r", time=(NOW - 2 * YEAR, NOW - YEAR))
    new = Authority("r", key=old.key)
    assert "expired" in refusal(leaf(old), roots=(old.der,))
    assert check(leaf(old), roots=(old.der, new.der)).root == check(leaf(old), roots=(new.der,)).root


def test_the_order_is_not_repaired():
    lower = Authority("lower", MIDDLE)
    good = (leaf(lower), lower.der, MIDDLE.der)
    assert check(*good).key == ED.public
    message = refusal(good[0], good[2], good[1])
    assert message == 'has a path in which "CN=signer" was not issued by "CN=middle", which follows'
    assert "was not issued by" in refusal(good[1], good[0], good[2])


def test_a_hole_in_the_path():
    lower = Authority("lower", MIDDLE)
    assert "given root" in refusal(leaf(lower), lower.der)
    assert "was not issued by" in refusal(leaf(lower), lower.der, ROOT.der)


def test_nothing_hangs_behind_a_root():
    assert "was not issued by" in refusal(leaf(), MIDDLE.der, ROOT.der, leaf())


def test_a_swapped_intermediate_of_the_same_name():
    twin = Authority("middle", ROOT)
    assert "was not issued by" in refusal(leaf(), twin.der)


def test_a_long_path():
    chain = [ROOT]
    for depth in range(paths.MAX_PATH):
        chain.append(Authority(f"a{depth}", chain[-1]))
    whole = [leaf(chain[-1]), *(one.der for one in reversed(chain[1:]))]
    assert len(whole) == 11
    assert "more than 10" in refusal(*whole)
    with pytest.raises(SignatureError, match="more than 10"):
        check_path([paths.parse(one, "x") for one in whole], (ROOT.der,), NOW, SIGNING)
    assert check(leaf(chain[9]), *(one.der for one in reversed(chain[1:10]))).key == ED.public


def test_a_self_signed_signer_is_not_its_own_root():
    alone = Authority("alone", key=ED.key, ca=False, usages=pki.SIGNS, eku=CODE)
    assert "is its own root" in refusal(alone.der, roots=(alone.der,))
    assert "given root" in refusal(alone.der)
    both = Authority("both", key=ED.key, usages=pki.usage("digital_signature", "key_cert_sign"))
    assert "is its own root" in refusal(both.der, roots=(both.der,))


# -- every element ------------------------------------------------------------------------------------------------------

OLD, LATER = (NOW - 2 * YEAR, NOW - DAY), (NOW + DAY, NOW + YEAR)


@pytest.mark.parametrize("time", [OLD, LATER])
@pytest.mark.parametrize("which", ["leaf", "middle", "root"])
def test_every_element_is_valid_at_the_time(which, time):
    root = Authority("r", **({"time": time} if which == "root" else {}))
    middle = Authority("m", root, **({"time": time} if which == "middle" else {}))
    signer = leaf(middle, **({"time": time} if which == "leaf" else {}))
    message = refusal(signer, middle.der, roots=(root.der,))
    assert "expired at 2026-05-31T12:00:00Z" in message if time is OLD else "is valid only from" in message
    assert {"leaf": "CN=", "middle": '"CN=m"', "root": '"CN=r"'}[which] in message or which == "leaf"
    inside = NOW - YEAR if time is OLD else NOW + 2 * DAY
    assert check(signer, middle.der, roots=(root.der,), at=inside).key == ED.public


def test_the_bounds_of_validity_belong_to_it():
    signer = leaf(time=(NOW, NOW + DAY))
    assert check(signer, MIDDLE.der, at=NOW).key == check(signer, MIDDLE.der, at=NOW + DAY).key
    second = DAY / 86400
    assert "only from" in refusal(signer, MIDDLE.der, at=NOW - second)
    assert "expired" in refusal(signer, MIDDLE.der, at=NOW + DAY + second)


UNKNOWN = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00")
CONSTRAINTS = x509.NameConstraints([x509.DNSName("acme.example")], None)


@pytest.mark.parametrize(
    ("extension", "critical", "message"),
    [
        (UNKNOWN, True, "has a critical extension that is not known (1.2.3.4)"),
        (UNKNOWN, False, None),
        (CONSTRAINTS, True, "has name constraints"),
        (CONSTRAINTS, False, "has name constraints"),
        (x509.PolicyConstraints(0, None), True, "critical extension that is not known (2.5.29.36)"),
        (x509.InhibitAnyPolicy(0), True, "critical extension that is not known"),
        (x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier("2.5.29.32.0"), None)]), True, None),
    ],
)
@pytest.mark.parametrize("which", ["leaf", "middle", "root"])
def test_extensions(which, extension, critical, message):
    more = {"more": ((extension, critical),)}
    root = Authority("r", **(more if which == "root" else {}))
    middle = Authority("m", root, **(more if which == "middle" else {}))
    signer = leaf(middle, **(more if which == "leaf" else {}))
    if message is None:
        assert check(signer, middle.der, roots=(root.der,)).key == ED.public
    else:
        assert message in refusal(signer, middle.der, roots=(root.der,))


def test_weak_hash_functions_below_the_root():
    own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    root = Authority("r", key=own, digest=hashes.SHA224())
    assert check(leaf(root), roots=(root.der,)).key == ED.public  # a root's own signature says nothing
    weak = refusal(leaf(root, digest=hashes.SHA224()), roots=(root.der,))
    assert weak == "is signed with the weak hash function sha224"
    middle = Authority("m", root, digest=hashes.SHA224())
    assert '"CN=m" is signed with the weak hash' in refusal(leaf(middle), middle.der, roots=(root.der,))


def test_sha_1_is_not_even_verified():
    own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    root = Authority("r", key=own)

    def sign(message: bytes) -> bytes:
        return own.sign(message, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303  # to be refused

    weak = pki.remade(leaf(root), sign, signature={"algorithm": "sha1_rsa"})
    assert "given root" in refusal(weak, roots=(root.der,))


def test_weak_keys_anywhere():
    small = weak_rsa()
    signer = MIDDLE.leaf(small.public_key(), RELEASER)
    assert "has an RSA key of 1024 bits" in refusal(signer, MIDDLE.der)
    weak = Authority("weak", ROOT, key=small)
    assert "has an RSA key of 1024 bits" in refusal(leaf(weak), weak.der)
    root = Authority("weak root", key=small)
    assert "has an RSA key of 1024 bits" in refusal(leaf(root), roots=(root.der,))


def test_authorities_with_other_kinds_of_keys():
    for own in (ed25519.Ed25519PrivateKey.generate(), key("p384").key, key("rsa").key):
        root = Authority("r", key=own)
        assert check(leaf(root), roots=(root.der,)).key == ED.public


def test_a_post_quantum_path():
    pytest.importorskip("cryptography", minversion="50", reason="older ones make no such certificates")
    own = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.mldsa")
    root = Authority("r", key=mldsa.generate())
    mine = own.MLDSA65PrivateKey.generate().public_key()
    assert check(root.leaf(mine, RELEASER), roots=(root.der,)).key.key == mine


# -- authorities --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ca": False}, '"CN=m" may not issue certificates (basicConstraints)'),
        ({"ca": None}, '"CN=m" may not issue certificates (basicConstraints)'),
        ({"usages": pki.usage("digital_signature", "crl_sign")}, '"CN=m" may not sign certificates (keyUsage)'),
        ({"eku": STAMPS}, '"CN=m" is for another usage (extendedKeyUsage)'),
        ({"eku": (ExtendedKeyUsageOID.SERVER_AUTH,)}, '"CN=m" is for another usage'),
    ],
)
def test_who_may_issue(options, message):
    middle = Authority("m", ROOT, **options)
    assert message in refusal(leaf(middle), middle.der)


def test_an_authority_that_says_nothing_of_its_usage_may_issue():
    """As ``openssl req -x509`` makes them (RFC 5280 section 6.1.4 (n))."""
    root = Authority("r", usages=None)
    middle = Authority("m", root, usages=None)
    assert check(leaf(middle), middle.der, roots=(root.der,))


@pytest.mark.parametrize("options", [{"ca": False}, {"ca": None}, {"usages": pki.usage("digital_signature")}])
def test_a_root_has_to_be_an_authority_too(options):
    root = Authority("r", **options)
    assert '"CN=r" may not' in refusal(leaf(root), roots=(root.der,))


def test_a_signer_issues_nothing():
    """The classic: a leaf certificate used as an authority."""
    own = Authority("own", MIDDLE, key=ED.key, ca=False, usages=pki.SIGNS)
    assert "may not issue" in refusal(leaf(own), own.der, MIDDLE.der)


def test_path_lengths():
    none = Authority("none", ROOT, length=0)
    assert check(leaf(none), none.der).key == ED.public
    lower = Authority("lower", none)
    message = refusal(leaf(lower), lower.der, none.der)
    assert message == 'has a path in which "CN=none" allows 0 authorities below it, and there are 1'
    root = Authority("r", length=1)
    first, second = Authority("1", root), None
    second = Authority("2", first)
    assert check(leaf(first), first.der, roots=(root.der,)).key == ED.public
    assert "allows 1 authorities below it, and there are 2" in refusal(
        leaf(second), second.der, first.der, roots=(root.der,)
    )


def test_self_issued_authorities_count():
    """RFC 5280 does not count them, and so lets whoever holds a constrained key make its path longer."""
    one = Authority("one", ROOT, length=0)
    again = Authority("one", one)
    assert "allows 0 authorities" in refusal(leaf(again), again.der, one.der)


# -- the signer ---------------------------------------------------------------------------------------------------------

DOCUMENTS = (ObjectIdentifier("1.3.6.1.5.5.7.3.36"),)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"usages": None}, "may not sign (keyUsage has no digitalSignature)"),
        ({"usages": pki.usage("content_commitment", "key_encipherment")}, "may not sign (keyUsage has no"),
        ({"usages": pki.usage("key_cert_sign")}, "may not sign (keyUsage has no"),
        ({"ca": True}, "is that of an authority, not of a signer"),
        ({"ca": True, "usages": pki.usage("digital_signature", "key_cert_sign")}, "is that of an authority"),
        ({"eku": (ExtendedKeyUsageOID.SERVER_AUTH,)}, "is for another usage (extendedKeyUsage)"),
        ({"eku": (ExtendedKeyUsageOID.EMAIL_PROTECTION,)}, "is for another usage"),
        ({"eku": STAMPS}, "is for another usage"),
        ({"eku": ()}, None),
        ({"eku": CODE}, None),
        ({"eku": DOCUMENTS}, None),
        ({"eku": (ExtendedKeyUsageOID.SERVER_AUTH, *CODE)}, None),
        ({"eku": (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)}, None),
        ({"ca": None}, None),
    ],
)
def test_who_may_sign(options, message):
    signer = leaf(**options)
    if message is None:
        assert check(signer, MIDDLE.der).key == ED.public
    else:
        assert message in refusal(signer, MIDDLE.der)


@pytest.mark.parametrize(
    ("eku", "critical", "message"),
    [
        (STAMPS, True, None),
        (STAMPS, False, "is not for this usage only"),
        ((), False, "is not for this usage only"),
        ((*STAMPS, *CODE), True, "is not for this usage only"),
        (CODE, True, "is for another usage"),
    ],
)
def test_who_may_stamp(eku, critical, message):
    signer = leaf(eku=eku, critical=critical)
    if message is None:
        assert check(signer, MIDDLE.der, purpose=TIMESTAMPING).key == ED.public
    else:
        assert message in refusal(signer, MIDDLE.der, purpose=TIMESTAMPING)


# -- parsing ------------------------------------------------------------------------------------------------------------


def test_bytes_that_are_no_certificate():
    good = leaf()
    for broken in (b"", b"\x30\x00", good[:-1], good + b"\x00", b"\x30\x80" + good[2:], pki.pem(good)):
        with pytest.raises(SignatureError, match="not a readable"):
            paths.parse(broken, "it")
    with pytest.raises(SignatureError, match="more than 64 KiB"):
        paths.parse(good + b"\x00" * paths.MAX_CERTIFICATE, "it")


@pytest.mark.parametrize("serial", [0, -5])
def test_serial_numbers_are_positive(serial):
    strange = pki.remade(
        leaf(), lambda message: MIDDLE.key.sign(message, ec.ECDSA(hashes.SHA256())), serial_number=serial
    )
    with pytest.raises(SignatureError, match=r"not (an|a readable) X\.509 certificate"):
        paths.parse(strange, "it")


@pytest.mark.parametrize("version", ["v1", 7])
def test_versions(version):
    old = pki.remade(leaf(), lambda message: MIDDLE.key.sign(message, ec.ECDSA(hashes.SHA256())), version=version)
    with pytest.raises(SignatureError, match=r"not (an|a readable) X\.509 certificate"):
        paths.parse(old, "it")


def test_an_extension_twice():
    asn1 = pytest.importorskip("asn1crypto.x509")
    twice = asn1.Certificate.load(leaf())["tbs_certificate"]["extensions"]
    twice.append(twice[0])
    strange = pki.remade(
        leaf(), lambda message: MIDDLE.key.sign(message, ec.ECDSA(hashes.SHA256())), extensions=twice.copy()
    )
    with pytest.raises(SignatureError, match="not a readable"):
        paths.parse(strange, "it")


def test_a_flipped_bit_anywhere_is_refused():
    """Whatever a bit of the signer's certificate says, the authority has signed another one."""
    good = leaf()
    for position in range(0, len(good), 7):
        broken = bytearray(good)
        broken[position] ^= 0x10
        with pytest.raises(SignatureError):
            check(bytes(broken), MIDDLE.der)


def test_an_order_is_found_for_timestamps():
    lower = Authority("lower", MIDDLE)
    chain = paths.parse_all((leaf(lower), lower.der, MIDDLE.der, ROOT.der))
    assert paths.order(chain[0], reversed(chain)) == chain
    assert paths.order(chain[0], [chain[2], chain[0]]) == chain[:1]
    loop = paths.parse_all((Authority("a", key=ED.key).der,))
    assert paths.order(loop[0], loop * 3) == loop
