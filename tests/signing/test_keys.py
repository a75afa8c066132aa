from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, x25519
from signing_maker import key, public, weak_rsa

from sbom.errors import KeyFileError, OutputError, UsageError
from sbom.signing import keyfiles, keys

PKCS8 = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
SPKI = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    return keys.write_pair(tmp_path / "release-1.2", key("ed25519"), None)


@pytest.mark.parametrize("kind", keys.KEY_KINDS)
def test_a_generated_key_is_written_and_read_again(tmp_path: Path, kind: str) -> None:
    private = keys.generate(kind)
    key_path, pub_path = keys.write_pair(tmp_path / "k", private, None)
    assert keys.load_public(pub_path) == private.public
    assert keys.load_private(key_path) == private
    assert keys.load_public(pub_path).label == "k"
    assert keys.load_private(key_path).public.path == str(key_path)


def test_kinds_of_keys_that_are_generated() -> None:
    assert keys.KEY_KINDS == ("ed25519", "ecdsa-p256", "ecdsa-p384", "rsa-3072", "ml-dsa-65")
    assert keys.generate("rsa-3072").public.key.key_size == 3072
    with pytest.raises(UsageError, match="no such kind of key"):
        keys.generate("dsa")


def test_a_key_is_known_by_the_digest_of_its_public_half() -> None:
    der = public("p256").key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert public("p256").spki_sha256 == hashlib.sha256(der).hexdigest()
    assert keys.PublicKey.of(public("p256").key, "other name", "elsewhere") == public("p256")
    assert "object at" not in repr(key("p256"))


def test_openssl_reads_what_we_write(pair: tuple[Path, Path]) -> None:
    key_path, pub_path = pair
    done = subprocess.run(["openssl", "pkey", "-in", key_path, "-pubout"], capture_output=True, check=True)  # noqa: S607
    assert done.stdout == pub_path.read_bytes()


@pytest.mark.parametrize("kind", ["rsa", "p256", "p384", "p521", "ed25519", "ed448"])
def test_every_supported_kind_is_loaded(tmp_path: Path, kind: str) -> None:
    assert keys.load_public(write(tmp_path / "k.pub", keys.public_pem(public(kind)))) == public(kind)
    assert keys.load_private(write(tmp_path / "k.key", keys.private_pem(key(kind), None))) == key(kind)


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_traditional_formats_of_openssl_are_loaded(tmp_path: Path, kind: str) -> None:
    pem = key(kind).key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    assert keys.load_private(write(tmp_path / "k", b"a comment\r\n" + pem)) == key(kind)


# Modes, and what is there already


@pytest.mark.parametrize("umask", [0, 0o077, 0o777])
def test_modes_do_not_depend_on_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        key_path, pub_path = keys.write_pair(tmp_path / "k", key("ed25519"), None)
    finally:
        os.umask(before)
    assert stat.S_IMODE(key_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(pub_path.stat().st_mode) == 0o644


def test_a_name_with_dots_keeps_them(pair: tuple[Path, Path]) -> None:
    assert [path.name for path in pair] == ["release-1.2.key", "release-1.2.pub"]
    assert keys.load_public(pair[1]).label == "release-1.2"


@pytest.mark.parametrize("there", ["k.key", "k.pub"])
@pytest.mark.parametrize("how", ["file", "dangling link", "directory"])
def test_nothing_is_ever_overwritten(tmp_path: Path, there: str, how: str) -> None:
    old = tmp_path / there
    if how == "file":
        old.write_text("old")
    elif how == "directory":
        old.mkdir()
    else:
        old.symlink_to("nowhere")
    with pytest.raises(UsageError, match="exists already") as caught:
        keys.write_pair(tmp_path / "k", key("ed25519"), None)
    assert caught.value.path == str(old)
    assert "never overwritten" in str(caught.value.hint)
    assert list(tmp_path.iterdir()) == [old]
    assert how != "file" or old.read_text() == "old"


@pytest.mark.parametrize("prefix", ["", "sub/", ".", "..", "sub/..", "a\0b"])
def test_a_prefix_that_names_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"missing|NUL"):
        keys.write_pair(prefix, key("ed25519"), None)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        keys.write_pair(tmp_path / "no" / "k", key("ed25519"), None)
    write(tmp_path / "file", b"")
    with pytest.raises(UsageError, match="does not exist"):
        keys.write_pair(tmp_path / "file" / "k", key("ed25519"), None)


@pytest.mark.parametrize(
    ("error", "raised"),
    [(OSError(28, "No space left on device"), OutputError), (KeyboardInterrupt(), KeyboardInterrupt)],
)
def test_a_failure_half_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, raised: type[BaseException]
) -> None:
    calls = []

    def fsync(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise error

    monkeypatch.setattr(keyfiles.os, "fsync", fsync)
    with pytest.raises(raised):
        keys.write_pair(tmp_path / "k", key("ed25519"), None)
    assert list(tmp_path.iterdir()) == []


def test_permissions_of_a_private_key(pair: tuple[Path, Path], tmp_path: Path) -> None:
    key_path, _ = pair
    assert keys.permissions_warning(key_path) is None
    for mode in (0o640, 0o604, 0o620):
        key_path.chmod(mode)
        assert f"mode {mode:04o}" in str(keys.permissions_warning(key_path))
    with pytest.raises(KeyFileError, match="cannot be read"):
        keys.permissions_warning(tmp_path / "nothing")


# Passphrases


@pytest.fixture
def encrypted(tmp_path: Path) -> Path:
    return keys.write_pair(tmp_path / "k", key("ed25519"), b"secret")[0]


def test_an_encrypted_key(encrypted: Path) -> None:
    assert encrypted.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert keys.load_private(encrypted, b"secret") == key("ed25519")
    assert keys.load_private(encrypted, lambda: b"secret") == key("ed25519")


@pytest.mark.parametrize("password", [None, b"", lambda: None, lambda: b""])
def test_no_passphrase_for_an_encrypted_key(encrypted: Path, password) -> None:
    with pytest.raises(KeyFileError, match="no passphrase was given") as caught:
        keys.load_private(encrypted, password)
    assert "--key-password-file" in str(caught.value.hint)
    assert caught.value.path == str(encrypted)


def test_the_wrong_passphrase(encrypted: Path) -> None:
    for password in (b"wrong", lambda: b"wrong"):
        with pytest.raises(KeyFileError, match="passphrase is wrong"):
            keys.load_private(encrypted, password)


def test_nobody_is_asked_when_the_key_is_not_encrypted(pair: tuple[Path, Path]) -> None:
    def ask() -> bytes:
        pytest.fail("asked for nothing")

    assert keys.load_private(pair[0], ask) == key("ed25519")
    assert keys.load_private(pair[0], b"from the environment") == key("ed25519")


def test_an_empty_passphrase_protects_nothing() -> None:
    with pytest.raises(UsageError, match="passphrase is empty"):
        keys.private_pem(key("ed25519"), b"")


# What is not a key


def test_a_private_key_is_not_taken_for_a_public_one(tmp_path: Path, pair: tuple[Path, Path], encrypted: Path) -> None:
    openssh = key("ed25519").key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    for path in (pair[0], encrypted, write(tmp_path / "ssh", openssh)):
        with pytest.raises(KeyFileError, match="never hand out a private key") as caught:
            keys.load_public(path)
        assert caught.value.exit_code == 2
        assert caught.value.path == str(path)
    with pytest.raises(KeyFileError, match="this is a public key"):
        keys.load_private(pair[1])


REFUSED = {
    "empty": (b"", "empty"),
    "white space": (b" \n\t", "empty"),
    "text": (b"not a key at all", "holds no key in PEM"),
    "certificate": (CERTIFICATE, "this is a certificate"),
    "trusted certificate": (CERTIFICATE.replace(b"CERT", b"TRUSTED CERT"), "this is a certificate"),
    "ssh": (b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me@here\n", "OpenSSH"),
    "ssh ecdsa": (b"ecdsa-sha2-nistp256 AAAA\n", "OpenSSH"),
    "der": (public("p256").key.public_bytes(serialization.Encoding.DER, SPKI[1]), "looks like a DER file"),
    "json": (b'{"kty": "EC"}', "this is JSON"),
    "pgp": (b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", "no key of a kind that can be used here: PGP"),
    "two keys": (keys.public_pem(public("p256")) * 2, "holds 2 PEM blocks"),
    "key and certificate": (keys.private_pem(key("p256"), None) + CERTIFICATE, "holds 2 PEM blocks"),
    "too large": (keys.public_pem(public("p256")) + b"\n" * 65536, "more than 64 KiB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_files_are_refused_by_what_they_are(tmp_path: Path, name: str) -> None:
    content, message = REFUSED[name]
    path = write(tmp_path / "file", content)
    for load in (keys.load_public, keys.load_private):
        with pytest.raises(KeyFileError, match=message) as caught:
            load(path)
        assert caught.value.path == str(path)
        assert caught.value.hint
        assert caught.value.exit_code == 2


def test_an_openssh_private_key_is_not_pkcs8(tmp_path: Path) -> None:
    pem = key("ed25519").key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    with pytest.raises(KeyFileError, match="OpenSSH's format, and PKCS#8 is wanted"):
        keys.load_private(write(tmp_path / "k", pem))


def test_damaged_keys(tmp_path: Path) -> None:
    for label, load in (("PUBLIC KEY", keys.load_public), ("PRIVATE KEY", keys.load_private)):
        for body in ("", "AAAA", "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE", "%%%%"):
            pem = f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"
            with pytest.raises(KeyFileError, match="cannot be read"):
                load(write(tmp_path / "k", pem.encode()))
    with pytest.raises(KeyFileError, match="cannot be read"):
        keys.load_public(write(tmp_path / "k", b"-----BEGIN PUBLIC KEY-----"))


@pytest.mark.parametrize("name", ["secp256k1", "p192", "x25519", "dsa", "brainpool"])
def test_kinds_that_are_not_supported(tmp_path: Path, name: str) -> None:
    private = {
        "secp256k1": lambda: ec.generate_private_key(ec.SECP256K1()),
        "p192": lambda: ec.generate_private_key(ec.SECP192R1()),
        "brainpool": lambda: ec.generate_private_key(ec.BrainpoolP256R1()),
        "x25519": x25519.X25519PrivateKey.generate,
        "dsa": lambda: dsa.generate_private_key(2048),
    }[name]()
    for load, pem in (
        (keys.load_private, private.private_bytes(*PKCS8)),
        (keys.load_public, private.public_key().public_bytes(*SPKI)),
    ):
        with pytest.raises(KeyFileError, match="kind of key") as caught:
            load(write(tmp_path / "k", pem))
        assert "can be used" in str(caught.value.hint)


def test_small_rsa_keys(tmp_path: Path) -> None:
    private = weak_rsa()
    for load, pem in (
        (keys.load_private, private.private_bytes(*PKCS8)),
        (keys.load_public, private.public_key().public_bytes(*SPKI)),
    ):
        with pytest.raises(KeyFileError, match="this is an RSA key of 1024 bits") as caught:
            load(write(tmp_path / "k", pem))
        assert "keygen" in str(caught.value.hint)


def test_what_is_not_a_file_is_neither_read_nor_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", tmp_path, Path("/dev/zero")):
        for load in (keys.load_public, keys.load_private):
            with pytest.raises(KeyFileError, match="not a regular file"):
                load(path)


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="No such file"):
        keys.load_public(tmp_path / "nothing")
    with pytest.raises(KeyFileError, match="not a file name"):
        keys.load_public("a\0b")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(KeyFileError, match="symbolic links"):
        keys.load_private(tmp_path / "loop")
