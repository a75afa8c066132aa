from __future__ import annotations

import base64
import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("securesystemslib", reason="install the extra hsm")

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from signing_maker import BOM, canonical, key

from sbom.errors import KeyFileError, MissingExtraError, UndecidedError, UsageError
from sbom.signing import algorithms, dsse, forms, jsf, keys
from sbom.signing.interface import Outcome
from sbom.signing.services import is_uri, load_signer
from sbom.signing.trust import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sbom.signing.interface import Signer

PIN, TOKEN = b"1234", "release"
FETCHED = Path(__file__).parents[2] / ".cache" / "softhsm"  # by tests/tools.sh
MODULES = (
    str(FETCHED / "usr/lib/softhsm/libsofthsm2.so"),
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
HOW = "run make test, or install SoftHSM, for the tests of tokens: apt install softhsm2, or brew install softhsm"


def signs(signer: Signer, public: keys.PublicKey) -> None:
    """Sign and verify in both forms."""
    document = jsf.add(BOM, signer, canonical).document
    (outcome,) = evaluate(forms.read(document, canonical), (public,))
    assert outcome.outcome is Outcome.VALID
    envelope = dsse.parse(dsse.sign(b"{}", "text/plain", signer))
    assert dsse.evaluate(envelope, (public,))[0].outcome is Outcome.VALID


# -- files --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["{}", "file:{}", "file://{}"])
def test_key_files(tmp_path, form):
    pair = keys.generate()
    path, _ = keys.write_pair(tmp_path / "release key", pair, b"secret")
    assert load_signer(form.format(path).replace(" ", "%20" if "//" in form else " "), b"secret") == pair
    asked = []

    def password() -> bytes:
        asked.append(1)
        return b"secret"

    assert load_signer(form.format(path).replace(" ", "%20" if "//" in form else " "), password) == pair
    assert asked == [1]


def test_what_is_a_uri():
    assert is_uri("hsm:")
    assert is_uri("awskms:alias/release")
    for path in ("release.key", "./hsm:2", "/hsm:", "HSM:2", "ftp:x", "C:x", ""):
        assert not is_uri(path)


# -- tokens -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A SoftHSM token called ``release``, with a P-256 key 2, a P-384 key 3, and an RSA key 4; its directory."""
    pytest.importorskip("pkcs11", reason="install the extra hsm")
    tool = shutil.which("softhsm2-util", path=f"{FETCHED / 'usr/bin'}:{os.environ.get('PATH', os.defpath)}")
    library = next((path for path in MODULES if Path(path).exists()), None)
    if tool is None or library is None:
        pytest.skip(HOW)
    home = tmp_path_factory.mktemp("softhsm")
    (home / "tokens").mkdir()
    config = home / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {home / 'tokens'}\nlog.level = ERROR\n")
    old = {name: os.environ.get(name) for name in ("SOFTHSM2_CONF", "PYKCS11LIB")}
    os.environ.update(SOFTHSM2_CONF=str(config), PYKCS11LIB=library)
    for label in ("release", "other"):
        arguments = [
            "--module",
            library,
            "--init-token",
            "--free",
            "--label",
            label,
            "--pin",
            PIN.decode(),
            "--so-pin",
            "5678",
        ]
        subprocess.run([tool, *arguments], check=True, capture_output=True)
    _fill(library)
    yield home
    for name, value in old.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def _fill(library: str) -> None:
    import pkcs11  # noqa: PLC0415  # an extra's
    from pkcs11.util.ec import encode_named_curve_parameters  # noqa: PLC0415  # an extra's

    with pkcs11.lib(library).get_token(token_label=TOKEN).open(user_pin=PIN.decode(), rw=True) as session:
        for number, curve in ((2, "secp256r1"), (3, "secp384r1"), (5, "secp521r1")):
            parameters = {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}
            domain = session.create_domain_parameters(pkcs11.KeyType.EC, parameters, local=True)
            domain.generate_keypair(store=True, id=bytes([number]))
        session.generate_keypair(pkcs11.KeyType.RSA, 2048, store=True, id=b"\x04")


@pytest.mark.parametrize(("uri", "algorithm"), [("hsm:2?label=release", "ES256"), ("hsm:3?label=release", "ES384")])
def test_a_token_signs(token, uri, algorithm):
    signer = load_signer(uri, PIN)
    assert signer.algorithms == (algorithm,)
    assert signer.certificates == ()
    signs(signer, signer.public)
    value = signer.sign(algorithm, b"message")
    octets = len(value) // 2
    curve = algorithms.CURVES["secp256r1" if algorithm == "ES256" else "secp384r1"]
    assert octets == curve.octets
    assert int.from_bytes(value[octets:]) <= curve.order // 2
    assert load_signer("hsm:?label=release", PIN).public == load_signer("hsm:2?label=release", PIN).public
    with pytest.raises(KeyFileError, match=f"this key signs with {algorithm}, and not with PS256"):
        signer.sign("PS256", b"message")


def test_the_pin_is_asked_once_and_only_for_signing(token):
    asked: list[int] = []

    def password() -> bytes:
        asked.append(1)
        return PIN

    signer = load_signer("hsm:2?label=release", password)
    assert asked == []
    signs(signer, signer.public)
    assert asked == [1]


@pytest.mark.parametrize(
    ("pin", "message"), [(b"9999", "does not accept the PIN"), (None, "none was given"), (b"", "none")]
)
def test_a_wrong_or_missing_pin(token, pin, message):
    signer = load_signer("hsm:2?label=release", pin)
    with pytest.raises(KeyFileError, match=message) as refused:
        signer.sign("ES256", b"message")
    assert "9999" not in str(refused.value)


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("hsm:9?label=release", "could not find ECDSA key"),
        ("hsm:4?label=release", "could not find ECDSA key"),
        ("hsm:2?label=nobody", "No PKCS#11 token found for label nobody"),
        ("hsm:2", "Multiple PKCS#11 tokens found"),
        ("hsm:5?label=release", "not a supported EC curve"),
    ],
)
def test_keys_that_are_not_there(token, uri, message):
    with pytest.raises(UndecidedError, match="the token does not sign") as undecided:
        load_signer(uri, PIN)
    assert message in undecided.value.message


def test_a_module_that_is_not_there(token, monkeypatch):
    monkeypatch.setenv("PYKCS11LIB", str(token / "nothing.so"))
    with pytest.raises(UndecidedError, match="the token does not sign"):
        load_signer("hsm:2", PIN)
    monkeypatch.delenv("PYKCS11LIB")
    with pytest.raises(UndecidedError, match="PYKCS11LIB environment variable must be set"):
        load_signer("hsm:2", PIN)


def test_on_the_command_line(token, cli: Callable, release, monkeypatch):
    monkeypatch.setenv("DATA_SBOM_KEY_PASSWORD", PIN.decode())
    signer = load_signer("hsm:2?label=release", PIN)
    public = release.home / "token.pub"
    public.write_bytes(keys.public_pem(signer.public))
    ran = cli("sign", release.bom, "--key", "hsm:2?label=release")
    assert ran.code == 0
    assert PIN.decode() not in ran.text
    assert cli("verify", release.bom, release.data, "--public-key", public).code == 0
    monkeypatch.setenv("DATA_SBOM_KEY_PASSWORD", "9999")
    before = release.bom.read_bytes()
    assert cli("sign", release.bom, "--key", "hsm:3?label=release").code == 2
    assert release.bom.read_bytes() == before


# -- names --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("awskms:", "the name of the key is missing"),
        ("gcpkms:", "not the full name of a version"),
        ("gcpkms:projects/p/locations/l/keyRings/r/cryptoKeys/k", "not the full name of a version"),
        ("azurekms:", "this is no key of Azure"),
        ("azurekms://evil.example/keys/k", "this is no key of Azure"),
        ("azurekms://v.vault.azure.net.evil.example/keys/k", "this is no key of Azure"),
        ("hv:", "this is no name of a key of Vault"),
        ("hv:release/3", "this is no name of a key of Vault"),
        ("hv:../sys", "this is no name of a key of Vault"),
        ("hsm:two", "this is no key on a token"),
        ("hsm:2?label=a&label=b", "this is no key on a token"),
        ("hsm:2?module=/tmp/x.so", "this is no key on a token"),
        ("hsm:2#x", "this is no key on a token"),
        ("hsm://2", "this is no key on a token"),
        ("hsm:-1", "this is no key on a token"),
    ],
)
def test_malformed_names(uri, message):
    with pytest.raises(UsageError, match=message):
        load_signer(uri)


CLOUDS = {
    "awskms:alias/release": ("boto3", "awskms"),
    "gcpkms:projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1": ("google.cloud.kms", "gcpkms"),
    "azurekms://name.vault.azure.net/keys/release": ("azure.keyvault.keys", "azurekms"),
    "hv:release": ("hvac", "vault"),
}


@pytest.mark.parametrize("uri", sorted(CLOUDS))
def test_a_service_whose_client_is_missing(uri):
    module, extra = CLOUDS[uri]
    try:
        importlib.import_module(module)
    except ImportError:
        with pytest.raises(MissingExtraError, match="needs a client that is not installed") as missing:
            load_signer(uri)
        assert missing.value.hint == f"install it: pip install 'data-sbom[{extra}]'"
    else:
        pytest.skip(f"{module} is installed")


def test_without_securesystemslib(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "securesystemslib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "securesystemslib", None)
    with pytest.raises(MissingExtraError, match="the token needs a client that is not installed") as missing:
        load_signer("hsm:2")
    assert "data-sbom[hsm]" in str(missing.value.hint)


def test_a_key_file_needs_no_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "securesystemslib", None)
    path, _ = keys.write_pair(tmp_path / "k", keys.generate(), None)
    assert load_signer(str(path)).public == keys.load_public(tmp_path / "k.pub")


# -- services: simulators of what the clients talk to, with real keys behind them ---------------------------------------


class BotoCoreError(Exception):
    """As in botocore."""


class ClientError(Exception):
    """As in botocore."""


class Kms:
    """AWS KMS with one key."""

    def __init__(self, own: Any, signing: list[str]) -> None:
        self.own, self.signing, self.refusal, self.calls = own, signing, None, []
        self.changed: bytes | None = None

    def client(self, name: str) -> Kms:
        assert name == "kms"
        return self

    def get_public_key(self, KeyId: str) -> dict[str, Any]:  # noqa: N803  # as boto3 writes it
        self.calls.append(KeyId)
        if self.refusal is not None:
            raise self.refusal
        spki = serialization.PublicFormat.SubjectPublicKeyInfo
        der = self.own.public_key().public_bytes(serialization.Encoding.DER, spki)
        return {"PublicKey": der, "SigningAlgorithms": self.signing}

    def sign(self, KeyId: str, Message: bytes, MessageType: str, SigningAlgorithm: str) -> dict[str, bytes]:  # noqa: N803
        assert (KeyId, MessageType) == ("alias/release", "DIGEST")
        if self.refusal is not None:
            raise self.refusal
        digest = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}[SigningAlgorithm[-3:]]()
        prehashed = utils.Prehashed(digest)
        if SigningAlgorithm.startswith("ECDSA"):
            value = self.own.sign(Message, ec.ECDSA(prehashed))
        elif "PSS" in SigningAlgorithm:
            value = self.own.sign(Message, padding.PSS(padding.MGF1(digest), digest.digest_size), prehashed)
        else:
            value = self.own.sign(Message, padding.PKCS1v15(), prehashed)
        return {"Signature": value if self.changed is None else self.changed}


@pytest.fixture
def kms(monkeypatch) -> Callable[[Any, list[str]], Kms]:
    from securesystemslib.signer import _aws_signer  # noqa: PLC0415  # private: where boto3 would be

    package, errors = ModuleType("botocore"), ModuleType("botocore.exceptions")
    errors.BotoCoreError, errors.ClientError = BotoCoreError, ClientError
    monkeypatch.setitem(sys.modules, "botocore", package)
    monkeypatch.setitem(sys.modules, "botocore.exceptions", errors)

    def install(own: Any, signing: list[str]) -> Kms:
        service = Kms(own, signing)
        for name, value in {
            "boto3": service, "BotoCoreError": BotoCoreError, "ClientError": ClientError,
            "serialization": serialization, "AWS_IMPORT_ERROR": None,
        }.items():  # fmt: skip
            monkeypatch.setattr(_aws_signer, name, value, raising=False)
        return service

    return install


@pytest.mark.parametrize(
    ("kind", "signing", "algorithm"),
    [
        ("p256", ["ECDSA_SHA_256"], "ES256"),
        ("p384", ["ECDSA_SHA_384"], "ES384"),
        ("rsa", ["RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PSS_SHA_256"], "PS256"),
        ("rsa", ["RSASSA_PKCS1_V1_5_SHA_256"], "RS256"),
    ],
)
def test_a_key_service_signs(kms, kind, signing, algorithm):
    service = kms(key(kind).key, signing)
    signer = load_signer("awskms:alias/release")
    assert signer.public == key(kind).public
    assert signer.algorithms == (algorithm,)
    assert service.calls == ["alias/release"]
    signs(signer, key(kind).public)


def test_rsa_keys_with_longer_digests_sign_documents_only(kms):
    kms(key("rsa").key, ["RSASSA_PSS_SHA_512"])
    signer = load_signer("awskms:alias/release")
    document = jsf.add(BOM, signer, canonical).document
    assert evaluate(forms.read(document, canonical), (key("rsa").public,))[0].outcome is Outcome.VALID
    with pytest.raises(KeyFileError, match="no signature algorithm of DSSE takes this key"):
        dsse.sign(b"{}", "text/plain", signer)


@pytest.mark.parametrize(
    "error", [ClientError("AccessDenied \x1b[31m"), BotoCoreError("no region"), ValueError("x"), OSError(5, "x")]
)
def test_what_a_service_raises_is_undecided(kms, error, capfd):
    service = kms(key("p256").key, ["ECDSA_SHA_256"])
    signer = load_signer("awskms:alias/release")
    service.refusal = error
    for call in (lambda: load_signer("awskms:alias/release"), lambda: signer.sign("ES256", b"x")):
        with pytest.raises(UndecidedError, match=f"AWS KMS does not sign: {type(error).__name__}") as undecided:
            call()
        assert "\x1b" not in undecided.value.message
    assert capfd.readouterr().err == ""


def test_what_a_service_gives_is_verified(kms):
    service = kms(key("p256").key, ["ECDSA_SHA_256"])
    signer = load_signer("awskms:alias/release")
    service.changed = b"no signature"
    with pytest.raises(UndecidedError, match="AWS KMS gave something that is no signature"):
        signer.sign("ES256", b"x")
    service.changed = key("p256", 1).key.sign(b"x", ec.ECDSA(hashes.SHA256()))
    with pytest.raises(Exception, match="does not verify"):
        jsf.add(BOM, signer, canonical)


def test_a_service_without_an_algorithm_of_ours(kms):
    kms(key("p521").key, ["ECDSA_SHA_512"])
    with pytest.raises(UndecidedError, match="AWS KMS does not sign: UnsupportedAlgorithmError"):
        load_signer("awskms:alias/release")


@pytest.mark.parametrize("kind", ["weak", "mldsa", "curve"])
def test_keys_that_cannot_be_used(kms, kind, monkeypatch):
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415  # for this
    from securesystemslib.signer import AWSSigner, SSlibKey  # noqa: PLC0415  # for this

    if kind == "weak":
        kms(rsa.generate_private_key(public_exponent=65537, key_size=1024), ["RSASSA_PSS_SHA_256"])  # noqa: S505
    else:
        kms(key("p256").key, ["ECDSA_SHA_256"])
        public = keys.public_pem(key("p256").public).decode()
        scheme = "ml-dsa-65/1" if kind == "mldsa" else "ecdsa-sha2-nistp384"
        theirs = SSlibKey("id", "ecdsa", scheme, {"public": public})
        monkeypatch.setattr(AWSSigner, "import_", lambda _: ("awskms:alias/release", theirs))
        monkeypatch.setattr(AWSSigner, "from_priv_key_uri", lambda *_: None)
    with pytest.raises(KeyFileError, match="cannot be used"):
        load_signer("awskms:alias/release")


class Transit:
    """Vault's transit engine with one Ed25519 key of two versions."""

    def __init__(self) -> None:
        self.keys = {"1": key("ed25519", 3).key, "2": key("ed25519").key}
        self.secrets = SimpleNamespace(transit=self)

    def read_key(self, name: str) -> dict[str, Any]:
        raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
        public = {
            version: {"public_key": base64.b64encode(own.public_key().public_bytes(*raw)).decode()}
            for version, own in self.keys.items()
        }
        return {"data": {"name": name, "keys": public}}

    def sign_data(self, name: str, hash_input: str, key_version: int) -> dict[str, Any]:
        value = self.keys[str(key_version)].sign(base64.b64decode(hash_input))
        return {"data": {"name": name, "signature": f"vault:v{key_version}:{base64.b64encode(value).decode()}"}}


def test_vault_signs_with_its_newest_key(monkeypatch):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415  # for this
    from securesystemslib.signer import _vault_signer  # noqa: PLC0415  # private: where hvac would be

    monkeypatch.setattr(_vault_signer, "hvac", SimpleNamespace(Client=Transit), raising=False)
    monkeypatch.setattr(_vault_signer, "Ed25519PublicKey", Ed25519PublicKey, raising=False)
    monkeypatch.setattr(_vault_signer, "VAULT_IMPORT_ERROR", None)
    signer = load_signer("hv:release")
    assert signer.public == key("ed25519").public
    signs(signer, key("ed25519").public)


def test_loading_the_module_loads_no_client():
    code = "import sys, sbom.signing.services; print('securesystemslib' in sys.modules, 'pkcs11' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
