"""Policy files: what is read, and what is refused, with which words."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from policies import FULL, HEAD, MINIMAL, PEOPLE, RELEASE, WORKFLOW, digest, policy

from sbom.errors import UsageError
from sbom.policy import read, structure
from sbom.policy.errors import PolicyError
from sbom.policy.model import Exemption, Files, Revocation, Threshold
from sbom.signing import keys
from sbom.signing.algorithms import ALGORITHMS

ROOT = Path(__file__).resolve().parents[2]


def problems(text: str, path: str = "policy.toml") -> tuple[str, ...]:
    with pytest.raises(PolicyError) as refused:
        read.parse(text.encode(), path)
    assert refused.value.exit_code == 2
    assert refused.value.path == path
    return refused.value.problems


def test_a_small_policy():
    found = read.parse(MINIMAL.encode(), "policy.toml")
    assert (found.id, found.version, found.name) == ("acme", 2, "Data of Acme")
    assert found.expires == datetime(2027, 1, 1, tzinfo=UTC)
    assert found.release == (Threshold("releaser", 1),)
    assert found.separate
    assert not found.timestamp
    assert found.state is None
    assert found.paths == ("policy.toml",)
    assert found.signer("workflow").name == "workflow"
    assert found.signer("workflow").sigstore[0].identity == WORKFLOW


def test_every_table():
    found = policy(FULL)
    assert found.files == Files((), ("SHA-256",), 10, 20, 30, complete=True)
    assert found.lineage.signers == (("clean", ("security",)), ("*", ("releaser", "legal")))
    assert found.revocation == Revocation(("security",), ("security",), 7 * 86400)
    when = datetime(2026, 12, 1, tzinfo=UTC)
    assert found.exceptions == (Exemption("policy.files", "because", when, ("1",), (), ("*.log",)),)
    assert found.predecessor.descends_from == ("0" * 64,)
    assert found.algorithms.allowed is not None
    assert found.algorithms.allowed[:2] == ("Ed25519", "ES256")
    assert all(name in ALGORITHMS for name in found.algorithms.allowed)
    assert found.provenance.profiles == ("cisa",)


def test_the_schema_is_one_and_takes_what_is_read():
    schema = structure.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads((ROOT / "schemas" / "policy.schema.json").read_text()) == schema
    import tomllib  # noqa: PLC0415  # beside its only use

    tree = json.loads(json.dumps(tomllib.loads(MINIMAL + FULL), default=lambda time: time.isoformat()))
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(tree)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id = ", "is not TOML"),
        ("\ud800", "is not TOML"),
        (MINIMAL + "[files]\nmax-files = 1\n[files]\nmax-files = 2", "is not TOML: Cannot declare ('files',) twice"),
        (MINIMAL + "[signers.ada]\nname = 'x'", "is not TOML: Cannot declare ('signers', 'ada') twice"),
        (MINIMAL.replace("version = 2", "version = 2\nversion = 3"), "is not TOML: Cannot overwrite a value"),
        ("a." * 5000 + "a = 1", "a line has more than 1,000 dots"),
        ("a = " + "[" * 5000, "is not TOML"),
        ("x = 1\n" * 1, "the policy has the unknown key 'x': known are id, version,"),
        ("", "the policy: the key id is missing"),
        (MINIMAL + "[file]\nextras = []", "the policy has the unknown key 'file': did you mean files?"),
        (MINIMAL + "[files]\nextra = []", "files has the unknown key 'extra': did you mean extras?"),
        (MINIMAL + '[algorithms]\nexcludes = ["x"]', "a signature that leaves parts of the document uncovered is never"),
        (MINIMAL.replace("issuer =", "isuer ="), "signers.joan.sigstore[1] has the unknown key 'isuer': did you mean issuer?"),
        (MINIMAL.replace('issuer = "https://accounts.acme.example"', ""), "signers.joan.sigstore[1]: the key issuer is missing"),
        (MINIMAL.replace('"https://accounts', '"http://accounts'), "signers.joan.sigstore[1].issuer"),
        (MINIMAL.replace("version = 2", "version = 2.0"), "version is not a whole number"),
        (MINIMAL.replace("version = 2", "version = 0"), "version: "),
        (MINIMAL.replace("version = 2", "version = true"), 'version: the value is not of type "integer"'),
        (MINIMAL.replace("version = 2", f"version = {1 << 60}"), "version is too large"),
        (MINIMAL.replace('"acme"', '"Acme Corp"'), "id: is no name"),
        (MINIMAL.replace("releaser = 1", "releaser = 0"), "release.require.releaser: the value is less than the minimum of 1"),
        (MINIMAL.replace("releaser = 1", "releaser = -1"), "release.require.releaser"),
        (MINIMAL.replace("releaser = 1", "releaser = 1.5"), "release.require.releaser is not a whole number"),
        (MINIMAL.replace("releaser = 1", "releaser = nan"), "release.require.releaser is not a whole number"),
        (MINIMAL.replace("{ releaser = 1 }", "{}"), "release.require: "),
        (MINIMAL.replace("releaser = 1", "releaser = 3"), "release.require.releaser: 3 are needed, and 2 have the role"),
        (MINIMAL.replace("releaser = 1", "release = 1"), "there is no such role; did you mean releaser?"),
        (MINIMAL.replace('legal = ["joan"]', "legal = []"), "roles.legal: "),
        (MINIMAL.replace('legal = ["joan"]', 'legal = ["jon"]'), "roles.legal: there is no signer jon; did you mean joan?"),
        (MINIMAL.replace('legal = ["joan"]', 'legal = ["joan", "joan"]'), "roles.legal"),
        (MINIMAL.replace("2027-01-01T00:00:00Z", "2027-01-01"), "expires has no time of day with a zone"),
        (MINIMAL.replace("2027-01-01T00:00:00Z", "2027-01-01T00:00:00"), "expires has no time of day with a zone"),
        (MINIMAL.replace("2027-01-01T00:00:00Z", "00:00:00"), "expires has no time of day with a zone"),
        (MINIMAL.replace("2027-01-01T00:00:00Z", "nan"), "expires is not a whole number"),
        (MINIMAL.replace("2027-01-01T00:00:00Z", "inf"), "expires is not a whole number"),
        (MINIMAL.replace('name = "Data of Acme"', "name = 2027-01-01T00:00:00Z"), "name is a time, which only expires is"),
        (MINIMAL.replace('name = "Ada"', "name = 2027-01-01"), "signers.ada.name is a time, which only expires is"),
        (MINIMAL.replace("2027-01-01T00:00:00Z", '"2027-01-01T00:00:00Z"'), "expires is a text"),
        (MINIMAL.replace("2027-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"), "there is no such time in UTC"),
        (MINIMAL.replace("expires = 2027-01-01T00:00:00Z", ""), "the policy: the key expires is missing"),
        (MINIMAL.replace(WORKFLOW, "https://github.com/acme/*"), "looks like a pattern, and identities are compared exactly"),
        (MINIMAL.replace(WORKFLOW, "^https://github.com/acme"), "looks like a pattern"),
        (MINIMAL.replace(WORKFLOW, "https://github.com/acme/.*$"), "looks like a pattern"),
        (MINIMAL.replace(digest("grace"), digest("ada-2")), "ada and grace have the same key"),
        (MINIMAL.replace(digest("grace"), "ABC"), "is no SHA-256"),
        (MINIMAL.replace(f'fingerprints = ["{digest("grace")}"]', ""), "signers.grace has no credential"),
        (MINIMAL + '[algorithms]\nallowed = ["HS256"]', "HS256 is an HMAC, which can be forged by everybody who can verify it"),
        (MINIMAL + '[algorithms]\nallowed = ["ES255"]', "there is no signature algorithm ES255; did you mean ES256?"),
        (MINIMAL + '[algorithms]\nallowed = ["ES256"]\nrequired = ["Ed25519"]', "Ed25519 is required, and not allowed"),
        (MINIMAL + '[files]\nhashes = ["SHA-1"]', "files.hashes: there is no digest SHA-1"),
        (MINIMAL + '[files]\nextras = ["a//b"]', "files.extras: the pattern 'a//b'"),
        (MINIMAL + '[provenance]\nrequired = ["licence"]', "there is no field or fact licence; did you mean license?"),
        (MINIMAL + '[provenance]\nprofiles = ["cisb"]', "there is no profile cisb; did you mean cisa?"),
        (MINIMAL + '[lineage]\nlevel = "none"', "lineage.level: "),
        (MINIMAL + '[lineage.signers]\nclean = ["secure"]', "lineage.signers.clean: there is no role secure"),
        (MINIMAL + '[revocation]\nrevokers = ["nobody"]', "revocation.revokers: there is no role nobody"),
        (MINIMAL + "[revocation]\nlist-max-age-days = 7", "revocation: the key revokers is missing"),
        (MINIMAL + "[dataset]", "dataset: "),
        (MINIMAL + "[approvals]\nrequire = { legal = 1, security = 3 }", "nobody is left for security"),
        (MINIMAL + '[[exceptions]]\nrule = "policy.signers"\nreason = "x"\nexpires = 2027-01-01T00:00:00Z', "exceptions[1].rule"),
        (MINIMAL + '[[exceptions]]\nrule = "policy.files"\nreason = " "\nexpires = 2027-01-01T00:00:00Z', "exceptions[1].reason"),
        (MINIMAL + '[[exceptions]]\nrule = "policy.files"\nreason = "x"', "exceptions[1]: the key expires is missing"),
        (MINIMAL + '[[exceptions]]\nrule = "policy.files"\nreason = "x"\nexpires = 2027-01-01', "exceptions[1].expires has no time"),
        (MINIMAL + '[[exceptions]]\nrule = "policy.rollback"\nreason = "x"\nexpires = 2027-01-01T00:00:00Z', "has to name versions or roots"),
        (MINIMAL + '[[exceptions]]\nrule = "policy.lineage"\nreason = "x"\nexpires = 2027-01-01T00:00:00Z\nfiles = ["x"]', "files are for exceptions from policy.files only"),
        (MINIMAL + '[[exceptions]]\nrule = "policy.files"\nreason = "x"\nexpires = 2027-01-01T00:00:00Z\nnames = ["x"]', "takes files, not names"),
        (MINIMAL + '[[exceptions]]\nrule = "policy.files"\nreason = "x"\nexpires = 2027-01-01T00:00:00Z\nfiles = ["../x"]', "exceptions[1].files"),
        ("#" * (read.MAX_SIZE + 1), "is larger than 256 KiB"),
    ],
)  # fmt: skip
def test_refusals(text, words):
    data = text.encode("utf-8", "surrogatepass")
    with pytest.raises(PolicyError) as refused:
        read.parse(data, "policy.toml")
    assert words in "\n".join(refused.value.problems)


def test_every_problem_is_listed():
    found = problems(
        MINIMAL.replace(digest("grace"), digest("ada")).replace('["joan"]', '["jon"]') + '[files]\nextras = ["//"]'
    )
    assert len(found) == 3
    with pytest.raises(PolicyError, match=r"\(and 3 more\)"):
        read.parse(b"[files]\na = 1\nb = 1\nc = 1\nd = 1\n", "p")


def test_two_roles_of_one_person_need_a_word():
    one = "[approvals]\nrequire = { legal = 1 }\n[release]\nrequire = { legal = 1 }"
    assert "separate-duties = false" in problems(HEAD + PEOPLE + one)[0]
    assert policy(release=one, head=HEAD + "separate-duties = false").separate is False


# -- files -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path):
    pair = keys.generate()
    (tmp_path / "keys").mkdir()
    keys.write_pair(tmp_path / "keys" / "ada", pair, None)
    text = HEAD + '[signers.ada]\nkeys = ["keys/ada.pub"]\n[roles]\nreleaser = ["ada"]' + RELEASE
    (tmp_path / "policy.toml").write_text(text)
    return tmp_path, pair


def test_keys_are_relative_to_the_policy(home):
    directory, pair = home
    found = read.load(str(directory / "policy.toml"))
    assert found.signer("ada").fingerprints == (pair.public.spki_sha256,)
    assert found.signer("ada").keys == (pair.public,)
    assert found.paths == (str(directory / "policy.toml"), str(directory / "keys" / "ada.pub"))


def test_a_path_without_a_directory(home, monkeypatch):
    monkeypatch.chdir(home[0])
    assert read.load("policy.toml").paths == ("policy.toml", "keys/ada.pub")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("keys/ada.key", "private key"),
        ("keys/none.pub", "cannot be read"),
        ("policy.toml", "no key in PEM"),
        ("keys", "not a regular file"),
    ],
)
def test_a_key_that_is_none(home, name, words):
    path = home[0] / "policy.toml"
    path.write_text(path.read_text().replace("keys/ada.pub", name))
    assert words in problems(path.read_text(), str(path))[0]


def test_the_same_key_in_two_files_is_the_same_key(home):
    directory, pair = home
    (directory / "twin.pub").write_bytes(b"\n" + keys.public_pem(pair.public))
    path = directory / "policy.toml"
    path.write_text(path.read_text().replace("[roles]", '[signers.eve]\nkeys = ["twin.pub"]\n[roles]'))
    assert "ada and eve have the same key" in problems(path.read_text(), str(path))[0]
    both = path.read_text().replace(
        'keys = ["keys/ada.pub"]', f'keys = ["keys/ada.pub", "twin.pub"]\nfingerprints = ["{pair.public.spki_sha256}"]'
    )
    found = read.parse(both.replace('[signers.eve]\nkeys = ["twin.pub"]', "").encode(), str(path))
    assert found.signer("ada").fingerprints == (pair.public.spki_sha256,)


def certificate(name):
    pair = keys.generate("ecdsa-p256")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(pair.public.key)
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + timedelta(days=9))
    return builder.sign(pair.key, hashes.SHA256())


def test_certificates_and_roots(home):
    directory, _ = home
    roots = [certificate("one"), certificate("two")]
    (directory / "roots.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in roots))
    (directory / "root.json").write_text("{}")
    path = directory / "policy.toml"
    more = '[[signers.ada.certificates]]\nroots = ["roots.pem"]\nidentity = "ada@acme.example"\n[roles]'
    trust = '\n[trust]\ntimestamp-roots = ["roots.pem"]\nsigstore-root = "root.json"\n'
    path.write_text('state = "seen.json"\n' + path.read_text().replace("[roles]", more) + trust)
    found = read.load(str(path))
    (credential,) = found.signer("ada").certificates
    assert {der for _, der in credential.roots} == {one.public_bytes(Encoding.DER) for one in roots}
    assert {identity.issuer for identity in found.signer("ada").identities()} - {""} == {
        one.fingerprint(hashes.SHA256()).hex() for one in roots
    }
    assert len(found.timestamp_roots) == 2
    assert found.trusted_root == str(directory / "root.json")
    assert found.state == str(directory / "seen.json")
    assert found.paths == tuple(
        str(directory / name) for name in ("policy.toml", "keys/ada.pub", "roots.pem", "root.json")
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"none", "is not a PEM file with certificates"),
        (b"x" * (2 << 20), "is larger than 1024 KiB"),
        (None, "cannot be read"),
    ],
)
def test_roots_that_are_none(home, content, words):
    directory, _ = home
    if content is not None:
        (directory / "roots.pem").write_bytes(content)
    path = directory / "policy.toml"
    path.write_text(path.read_text() + '[trust]\ntimestamp-roots = ["roots.pem"]')
    assert words in problems(path.read_text(), str(path))[0]


def test_a_certificate_s_name_under_two_signers(home):
    directory, _ = home
    (directory / "roots.pem").write_bytes(certificate("one").public_bytes(Encoding.PEM))
    path = directory / "policy.toml"
    both = "".join(
        f'[[signers.{name}.certificates]]\nroots = ["roots.pem"]\nidentity = "x@acme.example"\n'
        for name in ("bob", "eve")
    )
    path.write_text(path.read_text().replace("[roles]", f"{both}[roles]"))
    assert "bob and eve have the same certificate" in problems(path.read_text(), str(path))[0]


def test_what_is_no_policy_file(tmp_path):
    (tmp_path / "large").write_bytes(b"#" * (read.MAX_SIZE + 1))
    os.mkfifo(tmp_path / "pipe")
    for name, words in (
        ("large", "larger than"),
        ("pipe", "not a regular file"),
        ("none", "cannot be read"),
        ("", "cannot be read"),
        ("a\0b", "not a path"),
    ):
        with pytest.raises(UsageError, match=words):
            read.load(f"{tmp_path}/{name}" if name else str(tmp_path))
